-- SPDX-License-Identifier: MIT
-- llnet.predecessor_tables: the tables of Neopallium's lua-llnet: for each name a function that
-- puts it into the module.

local front = require "llnet.core".front
local llnet = require "llnet"

-- Names and numbers both ways, and description(name or number).
local function error_table(wanted, to_number)
  local names, index = {}, 0
  local name = llnet.error_name_at(index)
  while name do
    local number = wanted(name) and to_number(llnet.error_number(name))
    if number then names[name] = number end
    index = index + 1
    name = llnet.error_name_at(index)
  end
  local numbers = {}
  for error_name, number in pairs(names) do
    -- of two names for one number the usual one
    local code = llnet.error_number(error_name)
    numbers[number] = llnet.error_name(code)
    -- resolver errors also by the number that calls return
    numbers[code] = numbers[number]
  end
  for number, error_name in pairs(numbers) do names[number] = error_name end
  return setmetatable(names, { __index = {
    -- of a number the system's text, as in the predecessor: of one without a name, too
    description = front(function(self, which)
      if type(which) ~= "string" and type(which) ~= "number" then
        error("bad argument #2 to 'description' (name or number expected, got " .. type(which) .. ")", 0)
      end
      local error_name = type(which) == "number" and rawget(self, which) or which
      if rawget(self, error_name) ~= nil and type(error_name) == "string" then return llnet.error_text(error_name) end
      if which == 0 then return "Success" end
      if type(which) == "number" then return ("Unknown error %.14g"):format(which) end
      return nil, "UNKNOWN ERROR"
    end),
  } })
end

-- Looks a name or number up on demand, keeps the answer, raises on an unknown one.
local function lookup_table(what, by_name, by_number)
  return setmetatable({}, { __index = function(self, key)
    local look_up = type(key) == "string" and by_name or type(key) == "number" and by_number
    local known, value
    if look_up then known, value = pcall(look_up, key) end
    if look_up and not known then
      -- what can be no name, or number, is unknown as well
      if not value:find("bad argument", 1, true) then error(value, 0) end
      value = nil
    end
    if value == nil then error(("unknown %s '%s'"):format(what, tostring(key)), 2) end
    rawset(self, key, value)
    return value
  end })
end

local function services_table()
  local services = lookup_table("service", function(name)
    local _, port = llnet.service_by_name(name)
    return tonumber(port)
  end, function(port)
    local name, found = llnet.service_by_port(port)
    return type(found) == "number" and name or nil
  end)
  local function found_or_error(what, key, name, port, protocol)
    if not name then error(("unknown service %s '%s'"):format(what, tostring(key))) end
    return name, port, protocol
  end
  rawset(services, "byname", front(function(name, protocol)
    return found_or_error("name", name, llnet.service_by_name(name, protocol or "tcp"))
  end))
  rawset(services, "byport", front(function(port, protocol)
    return found_or_error("port", port, llnet.service_by_port(port, protocol or "tcp"))
  end))
  return services
end

-- Options: names to numbers and back (numbers of different levels collide; the first
-- name in the order of the alphabet stays); Get and Set: one function for each option,
-- where this platform has it and the direction. Flags are 0 and 1 there. Of options that
-- go one way the predecessor had both functions for these; the other one fails.
local one_way = { IP_MTU = true, SO_SNDBUFFORCE = true, SO_RCVBUFFORCE = true }

local function add_option_tables(socket_methods)
  local option = llnet.option
  local Options, Get, Set = {}, {}, {}
  local get_option, set_option = socket_methods.get_option, socket_methods.set_option

  local function getter(name)
    return front(function(socket)
      local value, error_name, number = get_option(socket, name)
      if value == true then return 1 elseif value == false then return 0 end
      return value, error_name, number
    end)
  end
  local function setter(name)
    local kind = option.get_type_name(name)
    local is_flag, is_text = kind == "flag", kind == "string" or kind == "bytes" or kind == "program"
    return front(function(socket, value)
      -- numbers were text, too, as Lua takes them elsewhere
      if not is_text then value = tonumber(value) or value end
      -- the predecessor gave the kernel any number; all but 0 switch on
      if is_flag and type(value) == "number" then value = value ~= 0 end
      local ok, error_name, number = set_option(socket, name, value)
      return ok, error_name, number
    end, { [3] = 2 })
  end

  local index = 0
  local name = option.at(index)
  while name do
    if option.is_defined(name) then
      local number = option.get_number(name)
      Options[name] = number
      Options[number] = Options[number] or name
      local both = one_way[name]
      if both or option.is_readable(name) then Get[name] = getter(name) end
      if both or option.is_writable(name) then Set[name] = setter(name) end
    end
    index = index + 1
    name = option.at(index)
  end
  for _, level in ipairs { "SOL_SOCKET", "SOL_IP", "SOL_IPV6", "SOL_ICMPV6", "SOL_TCP", "SOL_UDP", "SOL_UNIX" } do
    local number = llnet[level]
    if number then
      Options[level] = number
      Options[number] = Options[number] or level
    end
  end
  llnet.Options, llnet.GetSocketOption, llnet.SetSocketOption = Options, Get, Set
end

local function add_options(core) add_option_tables(core.Socket) end

return {
  Errors = function()
    llnet.Errors = error_table(function(name) return name:find("^E") and not name:find("^EAI_") end,
      function(number) return number end)
  end,
  EAI_Errors = function()
    llnet.EAI_Errors = error_table(function(name) return name:find("^EAI_") end, llnet.error_to_eai)
  end,
  Protocols = function()
    llnet.Protocols = lookup_table("protocol", llnet.protocol_get_number, llnet.protocol_get_name)
  end,
  Services = function() llnet.Services = services_table() end,
  Options = add_options, GetSocketOption = add_options, SetSocketOption = add_options,
}
