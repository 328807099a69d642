-- SPDX-License-Identifier: MIT
-- llnet.predecessor: the names and call shapes of Neopallium's lua-llnet, so that
-- programs written for it run unchanged. The classes are the same ones under
-- other names; what is here gives them the forms that differ.

-- ---- addresses ----------------------------------------------------------------

-- 0, or -1 with the error behind it: the form of the predecessor's setters
local function zero_or_minus_one(ok, name, number)
  if ok then return 0 end
  return -1, name, number
end

local function add_address_forms(methods)
  local set_ip, set_unix = methods.set_ip, methods.set_unix
  local set_port, get_port = methods.set_port, methods.get_port
  local get_unix, get_ip = methods.get_unix, methods.get_ip

  function methods:set_ip_port(ip, port) return zero_or_minus_one(set_ip(self, ip, port)) end
  function methods:set_unix(name) return zero_or_minus_one(set_unix(self, name)) end
  function methods:set_port(port) return zero_or_minus_one(set_port(self, port)) end

  function methods:get_port()
    local port, name, number = get_port(self)
    if port then return port end
    return -1, name, number
  end

  -- the IP address or the Unix path as text
  function methods:get_address()
    return get_ip(self) or get_unix(self) or tostring(self)
  end

  methods.todata = methods.get_bytes
  methods.sockaddr_len = methods.get_size
  methods.resize = methods.set_size
end

-- ---- lookups --------------------------------------------------------------------

local function add_lookup_forms(llnet, addr_methods, methods)
  local lookup, get_addr = llnet.AddrInfo.full, methods.get_addr
  local AddrInfo = llnet.AddrInfo

  -- as full, but for stream sockets where nothing else is said
  function AddrInfo.new(host, port, family, socktype, protocol, flags)
    return lookup(host, port, family, socktype or llnet.SOCK_STREAM, protocol, flags)
  end
  function AddrInfo.ipv4(host, port) return lookup(host, port, llnet.AF_INET, llnet.SOCK_STREAM) end
  function AddrInfo.ipv6(host, port) return lookup(host, port, llnet.AF_INET6, llnet.SOCK_STREAM) end

  -- get_addr(addr) fills that one and gives 0 or -1; get_addr() makes one
  function methods:get_addr(addr)
    if addr == nil then return get_addr(self) end
    return zero_or_minus_one(get_addr(self, addr))
  end

  -- the first answer; without port, and with a number as port, too
  local get_family = addr_methods.get_family
  function addr_methods:lookup_full(...)
    get_family(self) -- what is no address raises before the look-up, which takes its time
    local info, name, number = lookup(...)
    if not info then return nil, name, number end
    return get_addr(info, self)
  end
end

-- ---- sockets, buffers -------------------------------------------------------------

local function add_socket_forms(llnet)
  local pair = llnet.Socket.pair

  -- a failure stands in the third place
  function llnet.socketpair(socktype, flags)
    local first, second, number = pair(llnet.AF_UNIX, socktype, 0, flags)
    if first then return first, second end
    return nil, nil, second, number
  end
end

local function add_buffer_forms(methods)
  methods.size = methods.get_size
  methods.capacity = methods.get_capacity
end

-- ---- tables -------------------------------------------------------------------------

-- Names and numbers both ways, and description(name or number).
local function error_table(llnet, wanted, to_number)
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
    description = function(self, which)
      if type(which) ~= "string" and type(which) ~= "number" then
        error("bad argument #1 to 'description' (name or number expected, got " .. type(which) .. ")", 2)
      end
      local error_name = type(which) == "number" and rawget(self, which) or which
      if rawget(self, error_name) == nil or type(error_name) ~= "string" then return nil, "UNKNOWN ERROR" end
      return llnet.error_text(llnet.error_number(error_name))
    end,
  } })
end

-- Looks a name or number up on demand, keeps the answer, raises on an unknown one.
local function lookup_table(what, by_name, by_number)
  return setmetatable({}, { __index = function(self, key)
    local value
    if type(key) == "string" then
      value = by_name(key)
    elseif type(key) == "number" then
      value = by_number(key)
    end
    if value == nil then error(("unknown %s '%s'"):format(what, tostring(key)), 2) end
    rawset(self, key, value)
    return value
  end })
end

local function services_table(llnet)
  local services = lookup_table("service", function(name)
    local _, port = llnet.service_by_name(name)
    return tonumber(port)
  end, function(port)
    local name, found = llnet.service_by_port(port)
    return type(found) == "number" and name or nil
  end)
  local function found_or_error(what, key, name, port, protocol)
    if not name then error(("unknown service %s '%s'"):format(what, tostring(key)), 3) end
    return name, port, protocol
  end
  rawset(services, "byname", function(name, protocol)
    return found_or_error("name", name, llnet.service_by_name(name, protocol or "tcp"))
  end)
  rawset(services, "byport", function(port, protocol)
    return found_or_error("port", port, llnet.service_by_port(port, protocol or "tcp"))
  end)
  return services
end

-- Options: names to numbers and back (numbers of different levels collide; the first
-- name in the order of the alphabet stays); Get and Set: one function for each option,
-- where this platform has it and the direction. Flags are 0 and 1 there. Of options that
-- go one way the predecessor had both functions for these; the other one fails.
local one_way = { IP_MTU = true, SO_SNDBUFFORCE = true, SO_RCVBUFFORCE = true }

local function add_option_tables(llnet, socket_methods)
  local option = llnet.option
  local Options, Get, Set = {}, {}, {}
  local get_option, set_option = socket_methods.get_option, socket_methods.set_option

  local function getter(name)
    return function(socket)
      local value, error_name, number = get_option(socket, name)
      if value == true then return 1 elseif value == false then return 0 end
      return value, error_name, number
    end
  end
  local function setter(name)
    local is_flag = option.get_type_name(name) == "flag"
    return function(socket, value)
      -- the predecessor gave the kernel any number; all but 0 switch on
      if is_flag and type(value) == "number" then value = value ~= 0 end
      return set_option(socket, name, value)
    end
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

return function(llnet, core)
  add_address_forms(core.Addr)
  add_lookup_forms(llnet, core.Addr, core.AddrInfo)
  add_socket_forms(llnet)
  add_buffer_forms(core.Buffer)

  llnet.LSocket, llnet.LSockAddr = llnet.Socket, llnet.Addr
  llnet.LAddrInfo, llnet.LIOBuffer = llnet.AddrInfo, llnet.Buffer

  -- The tables are made when a program first asks for one: most never do, and they are
  -- most of what require would cost. Until then pairs(llnet) does not show them.
  local function add_options() add_option_tables(llnet, core.Socket) end
  local add = {
    Errors = function()
      llnet.Errors = error_table(llnet, function(name) return name:find("^E") and not name:find("^EAI_") end,
        function(number) return number end)
    end,
    EAI_Errors = function()
      llnet.EAI_Errors = error_table(llnet, function(name) return name:find("^EAI_") end, llnet.error_to_eai)
    end,
    Protocols = function()
      llnet.Protocols = lookup_table("protocol", llnet.protocol_get_number, llnet.protocol_get_name)
    end,
    Services = function() llnet.Services = services_table(llnet) end,
    Options = add_options, GetSocketOption = add_options, SetSocketOption = add_options,
  }
  setmetatable(llnet, { __index = function(self, name)
    if not add[name] then return nil end
    add[name]()
    return rawget(self, name)
  end })
end
