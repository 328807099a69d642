-- SPDX-License-Identifier: MIT
-- luasocket_random: calls every function and method of llnet.luasocket, and what it has below
-- Lua, with random arguments of every type, objects of other kinds and closed ones: each call
-- gives results or raises a Lua error; what else may happen is for the sanitizers to see.
-- LLNET_SEED repeats a run, LLNET_ROUNDS scales it.
local t = require "harness"
local llnet = t.llnet
local core = require "llnet.core"
local socket = require "llnet.luasocket"
local unpack = unpack or table.unpack

local seed = tonumber(os.getenv "LLNET_SEED" or "") or 20261124
local rounds = tonumber(os.getenv "LLNET_ROUNDS" or "") or 1000
print(("# LLNET_SEED=%d LLNET_ROUNDS=%d"):format(seed, rounds))

-- Lehmer's generator: the same numbers on every Lua
local state = math.max(1, math.floor(seed) % 2147483647)
local function random(n)
  state = state * 16807 % 2147483647
  return state % n + 1
end
local function pick(list) return list[random(#list)] end

-- ---- values ----------------------------------------------------------------------------

local path = os.tmpname()
os.remove(path)

local function tcp_pair()
  local server = assert(socket.bind("127.0.0.1", 0))
  local host, port = server:getsockname()
  local client, other = assert(socket.connect(host, port)), assert(server:accept())
  other:send(pick { "line\r\nrest", ("x"):rep(20000), "\n\n\n", "" })
  for _, one in ipairs { server, client, other } do one:settimeout(0) end
  return client, other, server
end

local others = {} -- luacheck: ignore
local makers = {
  function()
    local client, other, server = tcp_pair()
    others[random(8)] = other
    return random(3) == 1 and server or client
  end,
  socket.tcp, socket.tcp4, socket.tcp6, socket.udp, socket.udp4, socket.udp6,
  socket.unix.stream, socket.unix.dgram,
  function()
    local one = assert(socket.udp4())
    one:setsockname("127.0.0.1", 0)
    one:sendto("datagram", one:getsockname())
    return one
  end,
}

local function object()
  local one = pick(makers)()
  one:settimeout(0)
  if random(6) == 1 then one:close() end
  return one
end

local numbers = { 0, 1, -1, 2, 0.5, 8192, 16384, 100000, -2147483649, 2 ^ 31, 2 ^ 53, 1e300, 1 / 0, -1 / 0, 0 / 0 }
local words = { "*l", "*a", "*l\0", "b", "t", "r", "send", "receive", "both", "127.0.0.1", "::1", "*", "localhost", "0",
  "80", "", "\n", "\r", ("y"):rep(30000), "inet", "linger", "keepalive", "reuseaddr", "error", "ip-add-membership",
  "ip-multicast-if", "recv-buffer-size", "bindtodevice", "ipv6-add-membership", "tcp-fastopen" }

local value
local kinds = {
  function() return nil end,
  function() return random(2) == 1 end,
  function() return pick(numbers) end,
  function() return pick(words) end,
  function() return path end,
  function() return object() end,
  function() return { object(), object() } end,
  function() return { on = value(), timeout = value(), multiaddr = value(), interface = value() } end,
  function() return { getfd = value(), dirty = value() } end,
  function() return function(...) return ... end end,
  function() return llnet.Socket("inet", "stream") end,
  function() return llnet.Buffer(10) end,
  function() return io.stdout end,
  function() return coroutine.create(function() end) end,
  function() return setmetatable({}, { __index = function() return value() end }) end,
}
function value() return pick(kinds)() end

-- ---- calls --------------------------------------------------------------------------------

-- The arguments of one call; times to wait are none.
local function arguments()
  local list, n = {}, random(5) - 1
  for i = 1, n do list[i] = value() end
  return list, n
end

local function call(f, ...)
  local results = { pcall(f, ...) }
  if not results[1] and type(results[2]) ~= "string" and type(results[2]) ~= "table" and results[2] ~= nil then
    error("raised a " .. type(results[2]))
  end
end

-- Words are no hosts: nobody's name servers are asked.
local hosts = { "127.0.0.1", "::1", "*", "127.1", "fe80::1%lo", {}, false }
local takes_host = { bind = true, connect = true, setsockname = true, setpeername = true, sendto = true }
local function without_names(list)
  for i = 1, 5 do
    if type(list[i]) == "string" then list[i] = pick(hosts) end
  end
end

local function methods_of(class_maker)
  local names = {}
  for name, method in pairs(getmetatable(class_maker()).__index) do
    if type(method) == "function" then names[#names + 1] = name end
  end
  table.sort(names)
  return names
end

local count = math.max(1, math.floor(rounds / 10))

for index, maker in ipairs(makers) do
  t.case("methods of kind " .. index .. " take anything", function()
    for _, name in ipairs(methods_of(maker)) do
      for _ = 1, count do
        local self = random(10) == 1 and value() or maker()
        if type(self) == "userdata" and getmetatable(self) and type(getmetatable(self)) == "table" then
          pcall(self.settimeout, self, 0)
          pcall(self.settimeout, self, nil, "t")
        end
        local method = getmetatable(maker()).__index[name]
        local list, n = arguments()
        -- a descriptor of anybody's would be closed behind its back
        if name == "setfd" then list[1] = pick { 0 / 0, 1e300, "x", {}, false } end
        if takes_host[name] then without_names(list) end
        call(method, self, unpack(list, 1, n))
        os.remove(path)
      end
      others = {}
      collectgarbage "step"
    end
  end)
end

t.case("functions take anything", function()
  for _, name in ipairs { "tcp", "tcp4", "tcp6", "udp", "udp4", "udp6", "newtry", "skip", "sink", "source", "try",
    "choose", "protect", "__unload" } do
    for _ = 1, count do
      local list, n = arguments()
      call(socket[name], unpack(list, 1, n))
    end
  end
  for _ = 1, count do
    local list = arguments()
    call(socket.select, list[1], list[2], 0)
    without_names(list)
    call(socket.sleep, pick { 0, -1, 0 / 0, "x", {} })
    call(socket.connect, pick { "127.0.0.1", "::1", {}, false }, pick { 1, "1", 0, -1, 1e300, 0 / 0, {} },
      list[1], list[2], list[3])
    call(socket.bind, pick { "127.0.0.1", "::1", "*", {} }, pick { 0, "0", -1, 70000, {} }, list[1])
    call(socket.dns.getnameinfo, pick { "127.0.0.1", {}, false }, pick { 80, "http", -1, {} })
    call(socket.dns.toip, pick { "127.0.0.1", {}, false })
  end
  others = {}
end)

-- What a socket of any kind has to read, where it has any.
local function rest()
  return core.luasocket.receive_rest(object()) or nil
end

t.case("what is below Lua takes anything", function()
  for name, f in pairs(core.luasocket) do
    for _ = 1, count do
      local list, n = arguments()
      if random(2) == 1 then list[1], n = object(), math.max(n, 1) end
      if name == "set_fd" then list[2] = pick { 0 / 0, 1e300, "x", {}, false } end
      if name == "receive" or name == "receive_rest" then
        list[1], list[2], n = object(), name == "receive" and "taken" or 0, math.max(n, 4)
        list[4] = 0 -- the moment is past
      elseif name == "next_line" or name == "take" or name == "left" then
        if random(3) > 1 then list[1], n = rest(), math.max(n, 1) end
      end
      if not (name == "adopt_class" or name == "set_class") or type(list[1]) ~= "table" then
        call(f, unpack(list, 1, n))
      end
    end
    collectgarbage "step"
  end
  others = {}
end)

t.case("objects end in any order", function()
  for _ = 1, count do
    local client, other = tcp_pair()
    local mt = getmetatable(client)
    if random(2) == 1 then mt.__gc(client) end -- by hand
    call(client.receive, client)
    call(client.send, client, "x")
    call(client.getstats, client)
    call(socket.select, { client, other }, { client }, 0)
    call(client.close, client)
    call(tostring, client)
    others[random(8)] = other
  end
  others = {}
end)

t.done()
