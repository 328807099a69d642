-- SPDX-License-Identifier: MIT
-- llnet.luasocket.tcp: tcp{master}, tcp{client} and tcp{server}.

local core = require "llnet.core"
local llnet = require "llnet"
local inet = require "llnet.luasocket.inet"
local object = require "llnet.luasocket.object"
local option = require "llnet.luasocket.option"
local stream = require "llnet.luasocket.stream"
local words = require "llnet.luasocket.words"

local Socket, ONE, begin = core.Socket, object.ONE, stream.begin
local STREAM = llnet.SOCK_STREAM

-- Adds tcp, tcp4, tcp6 and connect to the module.
return function(module)
  local master, client, server
  local methods = object.common_methods "tcp"

  local function add(more)
    for name, method in pairs(more) do methods[name] = method end
  end

  local stream_methods, set_class = stream.methods(module)
  add(stream_methods)
  add(option.methods "tcp")
  add(inet.methods "tcp")

  local function create(family)
    if not family then return begin(master) end
    local socket, problem = inet.open(family, STREAM)
    if not socket then return nil, problem end
    return begin(master, socket, family)
  end

  function module.tcp() return create() end
  function module.tcp4() return create(llnet.AF_INET) end
  function module.tcp6() return create(llnet.AF_INET6) end

  function methods.bind(self, host, port)
    local state = object.check_class(self, master)
    local done, word = inet.bind(self, state, object.check_string(2, host), object.check_service(3, port), STREAM)
    if not done then return nil, word end
    return ONE
  end
  methods.setsockname = methods.bind

  -- A client from now on, also while the connection is not there yet.
  function methods.connect(self, host, port)
    local state = object.check_kind(self, "tcp")
    host, port = object.check_string(2, host), object.check_service(3, port)
    local done, word = inet.connect(self, state, host, port, STREAM)
    object.become(self, client)
    if not done then return nil, word end
    return ONE
  end
  methods.setpeername = methods.connect

  function methods.listen(self, backlog)
    object.check_class(self, master)
    local done, name, number = Socket.listen(self, math.floor(object.check_number(2, backlog, 32)))
    if not done then return nil, words.of(name, number) end
    object.become(self, server)
    return ONE
  end

  function methods.accept(self)
    local state = object.check_class(self, server)
    return stream.accept(self, state, client)
  end

  master = object.new_class("tcp", "master", methods)
  client = object.new_class("tcp", "client", methods)
  server = object.new_class("tcp", "server", methods)
  set_class(client)

  local families = { unspec = false, inet = llnet.AF_INET, inet6 = llnet.AF_INET6 }

  function module.connect(host, port, own_host, own_port, family)
    host, port = object.check_string(1, host), object.check_service(2, port)
    family = family == nil and "unspec" or object.check_string(5, family)
    if families[family] == nil then object.fail(5, ("invalid option '%s'"):format(family)) end
    -- as in LuaSocket it is the own end's, and that of the connection only where there is one
    local self = begin(master, nil, own_host ~= nil and families[family] or nil)
    local state = object.states[self]
    if own_host ~= nil then
      local bound, problem = inet.bind(self, state, object.check_string(3, own_host),
        own_port == nil and "0" or object.check_service(4, own_port), STREAM)
      if not bound then return nil, problem end
    end
    local done, word = inet.connect(self, state, host, port, STREAM)
    if not done then
      Socket.close(self)
      return nil, word
    end
    object.become(self, client)
    return self
  end
end
