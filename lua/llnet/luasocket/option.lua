-- SPDX-License-Identifier: MIT
-- llnet.luasocket.option: LuaSocket's names of socket options, over the library's catalogue.

local core = require "llnet.core"
local llnet = require "llnet"
local object = require "llnet.luasocket.object"
local words = require "llnet.luasocket.words"

local fail, ONE = object.fail, object.ONE
local get_option, set_option = core.Socket.get_option, core.Socket.set_option

local option = {}

-- ---- values ---------------------------------------------------------------------
-- A kind of value has get (of the library's value) and set (of the caller's), which checks;
-- or read (of the object).

local flag = {
  get = function(value) return value end,
  set = function(value) return object.check_boolean(3, value) end,
}

local number = {
  get = function(value) return value + 0.0 end,
  set = function(value) return math.floor(tonumber(value) or 0) end, -- LuaSocket checks nothing
}

-- A flag to the catalogue, a number in LuaSocket.
local number_flag = {
  set = function(value) return (tonumber(value) or 0) ~= 0 end,
}

local text = {
  get = function(value) return value end,
  set = function(value) return object.check_string(3, value) end,
}

local linger = {
  get = function(value) return { on = value.on, timeout = value.seconds } end,
  set = function(value)
    object.check_table(3, value)
    if type(value.on) ~= "boolean" then fail(3, "boolean 'on' field expected") end
    local seconds = tonumber(value.timeout)
    if not seconds then fail(3, "number 'timeout' field expected") end
    return { on = value.on, seconds = math.floor(seconds) % 65536 }
  end,
}

-- "127.1" and "0" are addresses, too.
local function ipv4(value)
  local numbers = core.luasocket.ipv4(value)
  return numbers and llnet.Addr.ip(numbers, 0)
end

local interface = {
  get = function(value) return (value:get_address()) end,
  set = function(value)
    value = object.check_string(3, value)
    local addr = ipv4(value == "*" and "0.0.0.0" or value)
    if not addr then fail(3, "ip expected") end
    return addr
  end,
}

local membership = {
  set = function(value)
    object.check_table(3, value)
    if type(value.multiaddr) ~= "string" then fail(3, "string 'multiaddr' field expected") end
    local group = ipv4(value.multiaddr)
    if not group then fail(3, "invalid 'multiaddr' ip address") end
    if type(value.interface) ~= "string" then fail(3, "string 'interface' field expected") end
    local own = ipv4(value.interface == "*" and "0.0.0.0" or value.interface)
    if not own then fail(3, "invalid 'interface' ip address") end
    return { group = group, address = own }
  end,
}

local membership6 = {
  set = function(value)
    object.check_table(3, value)
    if type(value.multiaddr) ~= "string" then fail(3, "string 'multiaddr' field expected") end
    local group = llnet.Addr.ip(value.multiaddr, 0)
    if not group or group:get_family() ~= llnet.AF_INET6 then fail(3, "invalid 'multiaddr' ip address") end
    local index = value.interface == nil and 0 or tonumber(value.interface)
    if not index then fail(3, "number 'interface' field expected") end
    return { group = group, index = index }
  end,
}

-- The pending error, as LuaSocket's word; nothing where there is none.
local error_word = {
  read = function(self)
    local none, name, code = core.Socket.take_error(self)
    if none then return nil end
    if name == "EBADF" then return nil, "getsockopt failed" end
    return words.of(name, code)
  end,
}

-- ---- names ----------------------------------------------------------------------------
-- { the catalogue's name, kind of value, whether it may be got, and set }

local GET, SET, BOTH = { get = true }, { set = true }, { get = true, set = true }

local common = {
  keepalive = { "SO_KEEPALIVE", flag, BOTH },
  reuseaddr = { "SO_REUSEADDR", flag, BOTH },
  reuseport = { "SO_REUSEPORT", flag, BOTH },
  linger = { "SO_LINGER", linger, BOTH },
  bindtodevice = { "SO_BINDTODEVICE", text, BOTH },
  dontroute = { "SO_DONTROUTE", flag, BOTH },
  broadcast = { "SO_BROADCAST", flag, BOTH },
  error = { "SO_ERROR", error_word, GET },
  ["recv-buffer-size"] = { "SO_RCVBUF", number, BOTH },
  ["send-buffer-size"] = { "SO_SNDBUF", number, BOTH },
  ["tcp-nodelay"] = { "TCP_NODELAY", flag, BOTH },
  ["tcp-keepidle"] = { "TCP_KEEPIDLE", number, BOTH },
  ["tcp-keepcnt"] = { "TCP_KEEPCNT", number, BOTH },
  ["tcp-keepintvl"] = { "TCP_KEEPINTVL", number, BOTH },
  ["tcp-defer-accept"] = { "TCP_DEFER_ACCEPT", number, SET },
  ["tcp-fastopen"] = { "TCP_FASTOPEN", number, SET },
  ["tcp-fastopen-connect"] = { "TCP_FASTOPEN_CONNECT", number_flag, SET },
  ["ip-multicast-if"] = { "IP_MULTICAST_IF", interface, BOTH },
  ["ip-multicast-ttl"] = { "IP_MULTICAST_TTL", number, SET },
  ["ip-multicast-loop"] = { "IP_MULTICAST_LOOP", flag, BOTH },
  ["ip-add-membership"] = { "IP_ADD_MEMBERSHIP", membership, SET },
  ["ip-drop-membership"] = { "IP_DROP_MEMBERSHIP", membership, SET },
  ["ipv6-v6only"] = { "IPV6_V6ONLY", flag, BOTH },
  ["ipv6-unicast-hops"] = { "IPV6_UNICAST_HOPS", number, BOTH },
  ["ipv6-multicast-hops"] = { "IPV6_MULTICAST_HOPS", number, BOTH },
  ["ipv6-multicast-loop"] = { "IPV6_MULTICAST_LOOP", flag, BOTH },
  ["ipv6-add-membership"] = { "IPV6_ADD_MEMBERSHIP", membership6, SET },
  ["ipv6-drop-membership"] = { "IPV6_DROP_MEMBERSHIP", membership6, SET },
}

-- What each kind of object lets through.
local names = {
  tcp = { "keepalive", "reuseaddr", "reuseport", "linger", "bindtodevice", "error", "recv-buffer-size",
    "send-buffer-size", "tcp-nodelay", "tcp-keepidle", "tcp-keepcnt", "tcp-keepintvl", "tcp-defer-accept",
    "tcp-fastopen", "tcp-fastopen-connect", "ipv6-v6only" },
  udp = { "dontroute", "broadcast", "reuseaddr", "reuseport", "bindtodevice", "error", "recv-buffer-size",
    "send-buffer-size", "ip-multicast-if", "ip-multicast-ttl", "ip-multicast-loop", "ip-add-membership",
    "ip-drop-membership", "ipv6-v6only", "ipv6-unicast-hops", "ipv6-multicast-hops", "ipv6-multicast-loop",
    "ipv6-add-membership", "ipv6-drop-membership" },
  unixstream = { "keepalive", "reuseaddr", "linger", "recv-buffer-size", "send-buffer-size", "error" },
  unixdgram = { "reuseaddr", "recv-buffer-size", "send-buffer-size", "error" },
}

-- getoption and setoption for a kind of object.
function option.methods(kind)
  local known, methods = {}, {}
  for _, name in ipairs(names[kind]) do known[name] = common[name] end

  function methods.setoption(self, name, value)
    object.check_kind(self, kind)
    local entry = known[object.check_string(2, name)]
    if not entry or not entry[3].set then fail(2, ("unsupported option `%.35s'"):format(name)) end
    if not set_option(self, entry[1], entry[2].set(value)) then return nil, "setsockopt failed" end
    return ONE
  end

  function methods.getoption(self, name)
    object.check_kind(self, kind)
    local entry = known[object.check_string(2, name)]
    if not entry or not entry[3].get then fail(2, ("unsupported option `%.35s'"):format(name)) end
    if entry[2].read then return entry[2].read(self) end
    local value = get_option(self, entry[1])
    if value == nil then return nil, "getsockopt failed" end
    return entry[2].get(value)
  end

  return methods
end

return option
