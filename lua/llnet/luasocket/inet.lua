-- SPDX-License-Identifier: MIT
-- llnet.luasocket.inet: what tcp and udp share: names of ends, and connecting and binding to
-- the addresses of a host, one after the other until one works.

local core = require "llnet.core"
local llnet = require "llnet"
local object = require "llnet.luasocket.object"
local timeout = require "llnet.luasocket.timeout"
local words = require "llnet.luasocket.words"

local Socket = core.Socket
local NUMERIC = llnet.NI_NUMERICHOST + llnet.NI_NUMERICSERV
local PASSIVE = llnet.AI_PASSIVE
local EVENTS = llnet.POLLOUT

local inet = {}

local family_names = { [llnet.AF_INET] = "inet", [llnet.AF_INET6] = "inet6" }

-- ip, port (an integer), "inet" or "inet6"
function inet.name_of(addr, family)
  local host, service = addr:get_nameinfo(NUMERIC)
  if not host then return nil, words.of(service) end
  return host, math.floor(tonumber(service)), family_names[family] or "unspec"
end

-- Opens a socket as LuaSocket has them: not blocking; one of IPv6 takes no IPv4.
function inet.open(family, socktype)
  local socket, name, number = llnet.Socket(family, socktype, 0, llnet.SOCK_NONBLOCK)
  if not socket then return nil, words.of(name, number) end
  if family == llnet.AF_INET6 then socket:set_option("IPV6_V6ONLY", true) end
  return socket
end

-- The answers for a host and service, or nil and LuaSocket's word.
function inet.resolve(host, service, family, socktype, flags)
  local info, name, number = llnet.AddrInfo(host, service, family, socktype, 0, flags)
  if not info then return nil, words.of(name, number) end
  return info:all()
end

-- Calls try(answer) with a descriptor of the answer's family in the object, until it is true
-- or says stop; gives its word. The family is the object's from then on, unless all failed.
local function each(self, state, answers, socktype, try)
  local word = "host or service not provided, or not known"
  local family = state.family
  for _, answer in ipairs(answers) do
    local ready = true
    if state.family ~= answer.family or not Socket.is_open(self) then
      local socket
      socket, word = inet.open(answer.family, socktype)
      ready = socket ~= nil
      if ready then
        object.take_descriptor(self, socket)
        state.family = answer.family
      end
    end
    if ready then
      local done, problem, stop = try(answer)
      if done then return true end
      word = problem
      if stop then return nil, word end
    end
  end
  state.family = family
  return nil, word
end

-- Where the queue of a Unix listener is full, nothing is under way: asks again until it isn't.
local function connect_to_full(self, state, addr, start)
  if state.block == 0 then return nil, "timeout" end
  local milliseconds = timeout.left(state, start)
  local deadline = milliseconds >= 0 and core.clock_now() + milliseconds * 1000000 or nil
  local done, name, number
  repeat
    done, name, number = Socket.connect_until(self, addr, deadline)
  until done or name ~= "EINTR"
  if done then return true end
  return object.failure(self, name, number)
end

-- connect(2), and the wait for what comes of it.
local function connect(self, state, addr)
  local start = timeout.start(state)
  local done, name, number
  repeat
    done, name, number = Socket.connect(self, addr)
  until done or name ~= "EINTR"
  if done then return true end
  if name == "EAGAIN" then return connect_to_full(self, state, addr, start) end
  if name ~= "EINPROGRESS" then return object.failure(self, name, number) end
  local ready, word = timeout.wait(self, state, EVENTS, start)
  if not ready then return nil, word end
  done, name, number = Socket.take_error(self)
  if not done then return nil, words.of(name, number) end
  return true
end
inet.connect_addr = connect

-- Connects to the first address that answers. Without time to wait the first try stays.
function inet.connect(self, state, host, service, socktype)
  local wanted = state.family or llnet.AF_UNSPEC
  local answers, problem = inet.resolve(host, service, wanted, socktype, 0)
  if not answers then return nil, problem end
  return each(self, state, answers, socktype, function(answer)
    local done, word = connect(self, state, answer.addr)
    return done, word, state.block == 0
  end)
end

-- Binds to the first address that works; "*" is any.
function inet.bind(self, state, host, service, socktype)
  if host == "*" then host = nil end
  local wanted = state.family or llnet.AF_UNSPEC
  local answers, problem = inet.resolve(host, service, wanted, socktype, PASSIVE)
  if not answers then return nil, problem end
  return each(self, state, answers, socktype, function(answer)
    local done, name, number = Socket.bind(self, answer.addr)
    if done then return true end
    return nil, words.of(name, number)
  end)
end

-- getsockname, getpeername, getfamily of a kind. In LuaSocket getsockname's port is a string.
function inet.methods(kind)
  local methods = {}

  function methods.getfamily(self)
    return object.check_kind(self, kind).family == llnet.AF_INET6 and "inet6" or "inet4"
  end

  function methods.getsockname(self)
    local state = object.check_kind(self, kind)
    local addr, name, number = Socket.get_sockname(self)
    if not addr then return nil, words.of(name, number) end
    local host, port, family = inet.name_of(addr, state.family)
    return host, host and ("%d"):format(port) or port, family
  end

  function methods.getpeername(self)
    local state = object.check_kind(self, kind)
    local addr, name, number = Socket.get_peername(self)
    if not addr then return nil, words.of(name, number) end
    return inet.name_of(addr, state.family)
  end

  return methods
end

return inet
