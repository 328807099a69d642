-- SPDX-License-Identifier: MIT
-- llnet.luasocket.udp: udp{unconnected} and udp{connected}.

local core = require "llnet.core"
local llnet = require "llnet"
local datagram = require "llnet.luasocket.datagram"
local inet = require "llnet.luasocket.inet"
local object = require "llnet.luasocket.object"
local option = require "llnet.luasocket.option"

local Socket, ONE = core.Socket, object.ONE
local DGRAM = llnet.SOCK_DGRAM
local NUMERIC = llnet.AI_NUMERICHOST + llnet.AI_NUMERICSERV

-- Adds udp, udp4 and udp6 to the module.
return function(module)
  local unconnected, connected
  local methods = object.common_methods "udp"
  methods.dirty = function(self)
    object.check_kind(self, "udp")
    return false
  end
  for name, method in pairs(option.methods "udp") do methods[name] = method end
  for name, method in pairs(inet.methods "udp") do methods[name] = method end

  local getpeername = methods.getpeername
  function methods.getpeername(self)
    object.check_class(self, connected)
    return getpeername(self)
  end

  local function create(family)
    if not family then return object.make(unconnected) end
    local socket, problem = inet.open(family, DGRAM)
    if not socket then return nil, problem end
    return object.make(unconnected, socket, family)
  end

  function module.udp() return create() end
  function module.udp4() return create(llnet.AF_INET) end
  function module.udp6() return create(llnet.AF_INET6) end
  module._DATAGRAMSIZE = datagram.SIZE

  function methods.setsockname(self, host, port)
    local state = object.check_class(self, unconnected)
    local done, word = inet.bind(self, state, object.check_string(2, host), object.check_service(3, port), DGRAM)
    if not done then return nil, word end
    return ONE
  end

  -- "*" is no peer any more.
  function methods.setpeername(self, host, port)
    local state = object.check_kind(self, "udp")
    if object.check_string(2, host) == "*" then
      if Socket.is_open(self) then Socket.connect(self, llnet.Addr()) end
      object.become(self, unconnected)
      return ONE
    end
    local done, word = inet.connect(self, state, host, object.check_service(3, port), DGRAM)
    if not done then return nil, word end
    object.become(self, connected)
    return ONE
  end

  function methods.send(self, data)
    local state = object.check_class(self, connected)
    return datagram.send(self, state, object.check_string(2, data))
  end

  -- The address of the last target, which is asked for again most often.
  local function target(state, host, port)
    if state.host ~= host or state.port ~= port then
      local info, _, number = llnet.AddrInfo(host, port, state.family or llnet.AF_UNSPEC, DGRAM, 0, NUMERIC)
      if not info then return nil, core.error_text(number) end -- the system's words, here alone
      state.host, state.port, state.target = host, port, info:get_addr()
    end
    return state.target
  end

  function methods.sendto(self, data, host, port)
    local state = object.check_class(self, unconnected)
    data, host = object.check_string(2, data), object.check_string(3, host)
    port = object.check_service(4, port)
    local addr, problem = target(state, host, port)
    if not addr then return nil, problem end
    if not state.family then
      local family = addr:get_family()
      local socket
      socket, problem = inet.open(family, DGRAM)
      if not socket then return nil, problem end
      object.take_descriptor(self, socket)
      state.family = family
    end
    return datagram.send(self, state, data, addr)
  end

  function methods.receive(self, size)
    local state = object.check_kind(self, "udp")
    return datagram.receive(self, state, datagram.check_size(2, size))
  end

  function methods.receivefrom(self, size)
    local state = object.check_class(self, unconnected)
    local addr = llnet.Addr()
    local data, word = datagram.receive(self, state, datagram.check_size(2, size), addr)
    if not data then return nil, word end
    local host, port = inet.name_of(addr)
    if not host then return nil, port end
    return data, host, port
  end

  unconnected = object.new_class("udp", "unconnected", methods)
  connected = object.new_class("udp", "connected", methods)
end
