-- SPDX-License-Identifier: MIT
-- values: random arguments of every type, and those that call back: fileno, getfd and dirty,
-- metamethods, callbacks, finalizers. These make calls of their own (values.nested), close what
-- is in use, raise, yield.

local llnet = require "llnet"
local core = require "llnet.core"
local objects = require "objects"
local random = require "random"

local below, pick, chance = random.below, random.pick, random.chance
local newproxy = rawget(_G, "newproxy")

local values = { nested = function() end }

-- ---- numbers and text ---------------------------------------------------------------------------

local numbers = {
  0, 1, -1, 2, 3, 4, 5, 6, 7, 8, 10, 16, 17, 41, 63, 64, 127, 128, 255, 256, 1000, 4095, 4096, 8191, 8192, 8193, 65535,
  65536, 100000, 1048576, 2 ^ 31 - 1, 2 ^ 31, -2 ^ 31, -2 ^ 31 - 1, 2 ^ 32 - 1, 2 ^ 32, 2 ^ 53, -2 ^ 53, 2 ^ 62, 2 ^ 63,
  -2 ^ 63, 2 ^ 64, 1e300, -1e300, 1 / 0, -1 / 0, 0 / 0, 1.5, -0.5, 1e-300,
}
if math.tointeger then
  for i = 1, #numbers do numbers[i] = math.tointeger(numbers[i]) or numbers[i] end
end
numbers[#numbers + 1] = math.maxinteger or 2 ^ 63 - 1024
numbers[#numbers + 1] = math.mininteger or -2 ^ 63 + 1024
for name, value in pairs(llnet) do
  if type(value) == "number" and name:find "^MSG_" then numbers[#numbers + 1] = value end
end
table.sort(numbers, function(a, b) return a == a and (b ~= b or a < b) end) -- pairs has no order
values.numbers = numbers

local strings = {
  "", "\0", "a\0b", "x", "text", ("long"):rep(300), ("x"):rep(10000), "127.0.0.1", "::1", "127.0.0.1:80", "[::1]:80",
  "[fe80::1%1]:443", "netlink:1:0x1", "packet:1:0x0800:aa:bb?type=4&hardware=1", "vsock:any:1",
  "[::1]:80?flowinfo=0x1", "unix:@name", "unspec", "family:16:00", "\127\0\0\1", ("\0"):rep(15) .. "\1",
  "80", "http", "tcp", "udp", "inet", "inet6", "unix", "stream", "dgram", "read", "write", "both", "epoll", "poll",
  "EINVAL", "EAI_NONAME", "CLOSED", "0x10", "7", "1.5", "%s%n%s", "\255\254\253", "big", "little", "server", "client",
  "*", "*l", "*a", "*l\0", "b", "t", "r", "send", "receive", "linger", "keepalive", "reuseaddr", "error", "localhost",
  "ip-add-membership", "ip-multicast-if", "recv-buffer-size", "bindtodevice", "ipv6-add-membership", "tcp-fastopen",
  "\n", "\r", "close-when-done", "keep-open", "by-length", "until-closed", "here1", "here2",
}
values.strings = strings

local option_names = {}
do
  local name = llnet.option.at(0)
  while name do
    option_names[#option_names + 1] = name
    name = llnet.option.at(#option_names)
  end
end
local common_options = { "SO_REUSEADDR", "SO_RCVBUF", "SO_KEEPALIVE", "SO_ERROR", "SO_TYPE", "IP_TTL", "TCP_NODELAY",
  "IP_MULTICAST_IF", "SO_LINGER", "SO_RCVTIMEO", "TCP_CONGESTION", "SO_BINDTODEVICE" }

function values.option_name() return pick(chance(2) and option_names or common_options) end

-- ---- what calls back -------------------------------------------------------------------------

-- The end of a callback: a descriptor, an object, nothing, an error, a yield.
local function answer()
  local kind = below(10)
  if kind <= 5 then return objects.live "Socket":fileno() end
  if kind == 6 then return pick(numbers) end
  if kind == 7 then error("raised in a callback", 0) end
  if kind == 8 then return coroutine.yield() end
  if kind == 9 then return values.any() end
end

local function call_back()
  values.nested "callback"
  -- what the outer call works with ends in the middle of it
  local in_use = values.in_use
  if in_use and chance(4) then pcall(objects.finish, in_use[below(3)]) end
  return answer()
end

-- Closing waits for so long where these are a linger's.
local function is_time(key) return key == "seconds" or key == "timeout" end
local function field(key)
  local value = values.any()
  if is_time(key) and (tonumber(value) or type(value) == "table") then return below(2) - 1 end
  return value
end

local events = {
  __index = function(_, key)
    values.nested "__index"
    return field(key)
  end,
  __newindex = function() values.nested "__newindex" end,
  __len = function()
    values.nested "__len"
    return pick(numbers)
  end,
  __call = call_back,
  __tostring = function()
    values.nested "__tostring"
    return "text"
  end,
  __eq = call_back, __lt = call_back, __le = call_back, __concat = call_back, __unm = call_back,
}

-- Calls on_collected when the collector finds the result.
local function finalized(on_collected)
  if newproxy then
    local proxy = newproxy(true)
    getmetatable(proxy).__gc = on_collected
    return proxy
  end
  return setmetatable({}, { __gc = on_collected })
end

-- Garbage that makes a call when it is found, inside whatever call allocates then.
function values.litter()
  local state = random.below(2147483646)
  local held = chance(4) and objects.live(pick(objects.classes)) or nil
  finalized(function()
    random.aside(state, function() pcall(values.nested, "__gc", held) end)
  end)
end

-- What a poller or select takes: an object that is asked for its descriptor, or a Socket.
function values.watchable()
  local kind = below(4)
  if kind == 1 then return { fileno = call_back } end
  if kind == 2 then return { getfd = call_back, dirty = call_back } end
  return objects.live(kind == 3 and "Socket" or "luasocket")
end

-- A record that answers for any field, by a call.
function values.record() return setmetatable({ on = true, seconds = 0, timeout = 0 }, events) end

values.call_back = call_back

-- ---- tables --------------------------------------------------------------------------------

local field_names = { "on", "seconds", "address", "interface", "group", "source", "pid", "uid", "sources", "mode",
  "index", "ifindex", "timeout", "multiaddr", "getfd", "fileno", "dirty", "role", "connections", "rate", "datagrams",
  "x", 1, true }

local function record()
  local made = {}
  for _ = 1, below(4) - 1 do
    local name = pick(field_names)
    made[name] = field(name)
  end
  return made
end

local pieces = {
  function() return pick(strings) end,
  function() return objects.live "Buffer" end,
  function() return objects.live "Socket" end,
  function() return below(100) - 1 end,
  values.watchable, values.watchable,
  function() return values.any() end,
}
local function list()
  local made, piece = {}, pick(pieces)
  for i = 1, below(4) - 1 do made[i] = (chance(8) and pick(pieces) or piece)() end
  return made
end
values.list = list

-- Tables that were used as ready, results and the like before, so that what they hold is reused.
local tables
function values.table() return pick(tables) end

function values.start() tables = { {}, {}, {} } end

-- ---- any ------------------------------------------------------------------------------------

local generators = {
  function() return nil end,
  function() return chance(2) end,
  function() return pick(numbers) end,
  function() return pick(numbers) end,
  function() return below(100) - 1 end,
  function() return pick(strings) end,
  function() return pick(strings) end,
  values.option_name,
  function() return "x" .. ("\1y\0"):rep(below(60)) end,
  function() return objects.live(pick(objects.classes)) end,
  function() return objects.live(pick(objects.classes)) end,
  function() return objects.live "Addr" end,
  function() return objects.live "Buffer" end,
  function() return objects.live "Socket" end,
  function() return objects.live "luasocket" end,
  function() return objects.returned() end,
  function() return objects.released() end,
  function() return objects.closed() end,
  function() return objects.foreign() end,
  record, list, list, values.table,
  values.watchable, values.record,
  function() return setmetatable({}, events) end,
  function() return call_back end,
  function() return function(...) return ... end end,
  function() return tostring end,
  function() return coroutine.create(function() end) end,
  function() return objects.live "Addr":sockaddr() end,
  function() return newproxy and newproxy(true) or {} end,
  function() return setmetatable({}, getmetatable(llnet.Socket)) end,
  function() -- not the class itself, which others use
    return setmetatable({}, { __index = llnet[pick { "Socket", "Addr", "Buffer", "Poller" }] })
  end,
  function() -- a metatable that set_class takes
    local prepared = { __index = core.Socket }
    core.luasocket.adopt_class(prepared)
    return prepared
  end,
}

function values.any() return pick(generators)() end

-- ---- what an option of a type wants -----------------------------------------------------------

local function program()
  local made = {}
  for i = 1, below(5) - 1 do
    made[i] = chance(9) and values.any() or { pick(numbers), below(255), jf = below(255), k = pick(numbers) }
  end
  return made
end

function values.of_option(kind, name)
  if kind == llnet.OPTION_FLAG then return chance(2) end
  if kind == llnet.OPTION_INTEGER then return pick(numbers) end
  if kind == llnet.OPTION_TIME then return pick { 0, 0.5, 1, 1e-9, 1e12, -1, 0 / 0 } end
  if kind == llnet.OPTION_ADDRESS then return objects.live "Addr" end
  if kind == llnet.OPTION_PROGRAM and chance(2) then return program() end
  if kind ~= llnet.OPTION_RECORD then return pick(strings) end
  local made, count = {}, llnet.option.get_field_count(name)
  for i = 0, count - 1 do
    local key = llnet.option.get_field_name(name, i)
    made[key] = values.of_option(llnet.option.get_field_type(name, i), name)
    if i == count - 1 and llnet.option.is_repeating(name) then
      made[key] = chance(4) and made[key] or { made[key], objects.live "Addr" }
    end
    if chance(8) then made[key] = field(key) end
    if is_time(key) and tonumber(made[key]) then made[key] = 0 end
  end
  return made
end

return values
