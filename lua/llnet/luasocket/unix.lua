-- SPDX-License-Identifier: MIT
-- llnet.luasocket.unix: the module socket.unix: stream and datagram sockets whose names are
-- paths.

local core = require "llnet.core"
local llnet = require "llnet"
local datagram = require "llnet.luasocket.datagram"
local inet = require "llnet.luasocket.inet"
local object = require "llnet.luasocket.object"
local option = require "llnet.luasocket.option"
local stream = require "llnet.luasocket.stream"
local words = require "llnet.luasocket.words"

local Socket, ONE = core.Socket, object.ONE

-- The address of a path; LuaSocket's paths end at a NUL.
local function address(position, path)
  path = object.check_string(position, path)
  local addr = llnet.Addr.unix(path)
  if not addr then return nil, "path too long" end
  return addr
end

-- The path of an address, "" for one without.
local function path_of(addr)
  return addr:get_unix() or ""
end

local function failed(name, number)
  return nil, words.of(name, number)
end

-- What streams and datagram sockets do alike.
local function methods_of(kind)
  local methods = object.common_methods(kind)
  for name, method in pairs(option.methods(kind)) do methods[name] = method end

  function methods.getsockname(self)
    object.check_kind(self, kind)
    local addr, name, number = Socket.get_sockname(self)
    if not addr then return failed(name, number) end
    return path_of(addr)
  end

  return methods
end

-- LuaSocket closes what cannot be bound or connected.
local function bind(self, position, path)
  local addr, problem = address(position, path)
  if not addr then return nil, problem end
  local done, name, number = Socket.bind(self, addr)
  if done then return ONE end
  Socket.close(self)
  return failed(name, number)
end

local function connect(self, state, position, path)
  local addr, problem = address(position, path)
  if not addr then return nil, problem end
  local done, word = inet.connect_addr(self, state, addr)
  if done then return ONE end
  Socket.close(self)
  return nil, word
end

-- ---- streams --------------------------------------------------------------------------

local function add_stream(module, settings)
  local master, client, server
  local methods = methods_of "unixstream"
  local stream_methods, set_class = stream.methods(settings)
  for name, method in pairs(stream_methods) do methods[name] = method end

  function module.stream()
    local socket, problem = inet.open(llnet.AF_UNIX, llnet.SOCK_STREAM)
    if not socket then return nil, problem end
    return stream.begin(master, socket)
  end

  function methods.bind(self, path)
    object.check_class(self, master)
    local done, word = bind(self, 2, path)
    if not done then return nil, word end
    return ONE
  end
  methods.setsockname = methods.bind

  function methods.connect(self, path)
    local state = object.check_class(self, master)
    local done, word = connect(self, state, 2, path)
    if not done then return nil, word end
    object.become(self, client)
    return ONE
  end
  methods.setpeername = methods.connect

  function methods.listen(self, backlog)
    object.check_class(self, master)
    local done, name, number = Socket.listen(self, math.floor(object.check_number(2, backlog, 32)))
    if not done then return failed(name, number) end
    object.become(self, server)
    return ONE
  end

  function methods.accept(self)
    local state = object.check_class(self, server)
    return stream.accept(self, state, client)
  end

  master = object.new_class("unixstream", "master", methods)
  client = object.new_class("unixstream", "client", methods)
  server = object.new_class("unixstream", "server", methods)
  set_class(client)
end

-- ---- datagrams ----------------------------------------------------------------------------

local function add_datagram(module)
  local unconnected, connected
  local methods = methods_of "unixdgram"
  methods.dirty = function(self)
    object.check_kind(self, "unixdgram")
    return false
  end

  function module.dgram()
    local socket, problem = inet.open(llnet.AF_UNIX, llnet.SOCK_DGRAM)
    if not socket then return nil, problem end
    return object.make(unconnected, socket)
  end

  function methods.bind(self, path)
    object.check_class(self, unconnected)
    local done, word = bind(self, 2, path)
    if not done then return nil, word end
    return ONE
  end
  methods.setsockname = methods.bind

  function methods.connect(self, path)
    local state = object.check_kind(self, "unixdgram")
    local done, word = connect(self, state, 2, path)
    if not done then return nil, word end
    object.become(self, connected)
    return ONE
  end
  methods.setpeername = methods.connect

  function methods.send(self, data)
    local state = object.check_class(self, connected)
    return datagram.send(self, state, object.check_string(2, data))
  end

  function methods.sendto(self, data, path)
    local state = object.check_class(self, unconnected)
    data = object.check_string(2, data)
    local addr, problem = address(3, path)
    if not addr then return nil, problem end
    return datagram.send(self, state, data, addr)
  end

  function methods.receive(self, size)
    local state = object.check_kind(self, "unixdgram")
    return datagram.receive(self, state, datagram.check_size(2, size))
  end

  function methods.receivefrom(self, size)
    local state = object.check_class(self, unconnected)
    local addr = llnet.Addr()
    local data, word = datagram.receive(self, state, datagram.check_size(2, size), addr)
    if not data then return nil, word end
    return data, path_of(addr)
  end

  unconnected = object.new_class("unixdgram", "unconnected", methods)
  connected = object.new_class("unixdgram", "connected", methods)
end

-- The module socket.unix; it can be called, as its first versions were, for a stream.
return function(settings)
  local module = {}
  add_stream(module, settings)
  add_datagram(module)
  module.tcp, module.udp = module.stream, module.dgram
  return setmetatable(module, { __call = function() return module.stream() end })
end
