-- SPDX-License-Identifier: MIT
-- The annotations for editors (lua/library, and llnet_core.lua that is made from the headers)
-- have what the module has: every function, method and constant, and no other.

local t = require "harness"
local llnet = t.llnet
local core = require "llnet.core"

-- ---- reading -----------------------------------------------------------------------

-- Functions by what stands before their name: functions["Socket:"].send = its parameters, each
-- with its name, and whether it may be left out; and the names after ---@field in a class.
local function read(path, functions, fields)
  local parameters, class = {}, nil
  for line in assert(io.lines(path)) do
    local name, mark, kind = line:match("^%-%-%-@param ([%w_%.]+)(%??) (%S+)")
    local scope, called, list = line:match("^function ([%w_]+[.:])([%w_]+)%(([^)]*)%) end$")
    if name then
      local optional = mark == "?" or name == "..." or kind:find("|nil$") ~= nil
      parameters[#parameters + 1] = { name = name, optional = optional }
    elseif scope then
      functions[scope] = functions[scope] or {}
      assert(not functions[scope][called], "twice: " .. scope .. called)
      functions[scope][called] = { parameters = parameters, list = list }
      parameters = {}
    else
      class = line:match("^%-%-%-@class ([%w_.]+)") or class
      local field = line:match("^%-%-%-@field ([%w_]+)")
      if field then
        fields[class] = fields[class] or {}
        fields[class][field] = true
      end
      if not line:find("^%-%-%-") then parameters = {} end
    end
  end
  return functions, fields
end

local source, build = assert(os.getenv("srcdir")) .. "/lua/library/", assert(os.getenv("builddir")) .. "/lua/library/"
local functions, fields = read(source .. "llnet.lua", read(build .. "llnet_core.lua", {}, {}))

local function keys(of, wanted)
  local found = {}
  for key, value in pairs(of or {}) do
    if wanted == nil or wanted(key, value) then found[#found + 1] = tostring(key) end
  end
  table.sort(found)
  return table.concat(found, " ")
end

local function is_function(_, value) return type(value) == "function" end

-- ---- names --------------------------------------------------------------------------

local classes = { "Socket", "Addr", "AddrInfo", "Buffer", "Message", "Batch", "Poller", "Interfaces", "Limits" }

for _, class in ipairs(classes) do
  t.case("class " .. class .. " has the methods and functions that are annotated", function()
    t.equal(keys(functions[class .. ":"]), keys(core[class]))
    t.equal(keys(functions[class .. "Class."]), keys(llnet[class]))
  end)
end

t.case("the module has the functions and fields that are annotated", function()
  t.equal(keys(functions["llnet."]), keys(llnet, is_function))
  t.equal(keys(functions["option."]), keys(llnet.option))
  for _, name in ipairs { "Errors", "EAI_Errors", "Protocols", "Services", "Options" } do
    t.equal(type(llnet[name]), "table", name)
  end
  for name, value in pairs(llnet) do
    if type(value) == "table" then t.equal(fields.llnet[name], true, name) end
  end
end)

t.case("the module's constants are annotated, and the annotated ones are its own", function()
  for name, value in pairs(llnet) do
    if type(value) == "number" then t.equal(fields.llnet[name], true, name) end
  end
  local listed = {}
  for line in assert(io.lines(os.getenv("srcdir") .. "/swig/lua/constants.list")) do
    listed[line:match("^[%w_]+") or ""] = true
  end
  for name in pairs(fields.llnet) do
    -- this system may lack a listed one
    if llnet[name] == nil and not listed[name] then error(name .. " is in no list", 0) end
  end
end)

t.case("a pool, epoll, LuaSocket's interface and the FFI have what is annotated", function()
  t.equal(keys(functions["Pool:"]), keys(debug.getmetatable(llnet.Pool(1)).__index, is_function))
  local epoll = require "llnet.epoll"
  local of, have = read(source .. "llnet/epoll.lua", {}, {})
  t.equal(keys(of["epoll."]), keys(epoll, is_function))
  t.equal(keys(have["llnet.epoll"]), keys(epoll, function(_, value) return type(value) == "number" end))
  local poller = epoll.new()
  t.equal(keys(of["Epoller:"]), keys(getmetatable(poller), function(name, value)
    return type(value) == "function" and not name:find("^__")
  end))
  poller:close()
  if rawget(_G, "jit") then
    t.equal(keys(read(source .. "llnet/ffi.lua", {}, {})["ffi."]), keys(require "llnet.ffi"))
  end
end)

t.case("LuaSocket's interface has what is annotated", function()
  local socket = require "llnet.luasocket"
  local of, have = read(source .. "llnet/luasocket.lua", {}, {})
  t.equal(keys(of["socket."]), keys(socket, is_function))
  t.equal(keys(have["llnet.luasocket"]), keys(socket, function(_, value) return type(value) ~= "function" end))
  t.equal(keys(of["dns."]), keys(socket.dns))
  t.equal(keys(of["unix."]), keys(socket.unix))
  local function methods(object, ...)
    local all = {}
    for _, class in ipairs { ... } do
      for name in pairs(of[class .. ":"] or {}) do all[name] = true end
      for name in pairs(have["llnet.luasocket." .. class] or {}) do all[name] = true end
    end
    t.equal(keys(all), keys(getmetatable(object).__index), object.class)
    object:close()
  end
  methods(socket.tcp(), "Object", "Stream", "Tcp")
  methods(socket.udp(), "Object", "Datagram", "Udp")
  methods(socket.unix.stream(), "Object", "Stream", "UnixStream")
  methods(socket.unix.dgram(), "Object", "Datagram", "UnixDatagram")
end)

-- ---- parameters -----------------------------------------------------------------------

t.case("each annotated parameter is one of its function's, in their order", function()
  for scope, list in pairs(functions) do
    for name, one in pairs(list) do
      local names = {}
      for i, parameter in ipairs(one.parameters) do names[i] = parameter.name end
      t.equal(table.concat(names, ", "), one.list, scope .. name)
    end
  end
end)

-- Whether a call without arguments raises, as it must where one is required.
local function compare(scope, name, f, ...)
  local required = false
  for _, parameter in ipairs(functions[scope][name].parameters) do
    required = required or not parameter.optional
  end
  local ok, message = pcall(f, ...)
  if ok == required then
    error(("%s%s: a parameter is %srequired, but a call without gives: %s"):format(scope, name,
      required and "" or "not ", tostring(message)), 0)
  end
end

t.case("what is required is annotated so", function()
  -- closed or empty objects, on which no method does harm; nil where there can be none
  local objects = {
    Socket = function()
      local socket = assert(llnet.Socket("unix", "stream"))
      socket:close()
      return socket
    end,
    Poller = function()
      local poller = assert(llnet.Poller())
      poller:close()
      return poller
    end,
    Addr = function() return (llnet.Addr()) end,
    AddrInfo = function() return (llnet.AddrInfo("127.0.0.1", 1)) end,
    Buffer = function() return llnet.Buffer("12345678") end,
    Message = function() return llnet.Message() end,
    Batch = function() return llnet.Batch(1) end,
    Interfaces = function() return llnet.Interfaces() end,
    Limits = function() return llnet.Limits() end,
  }
  for _, class in ipairs(classes) do
    for name in pairs(functions[class .. ":"]) do
      compare(class .. ":", name, core[class][name], assert(objects[class]()))
    end
    for name in pairs(functions[class .. "Class."]) do
      compare(class .. "Class.", name, llnet[class][name])
    end
  end
  for name in pairs(functions["llnet."]) do compare("llnet.", name, llnet[name]) end
  for name in pairs(functions["option."]) do compare("option.", name, llnet.option[name]) end
end)

t.done()
