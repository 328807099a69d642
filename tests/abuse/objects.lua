-- SPDX-License-Identifier: MIT
-- objects: live objects of every class, of LuaSocket's interface, closed and released ones,
-- and those of other modules. None of them blocks. A batch shares a few of each.

local llnet = require "llnet"
local core = require "llnet.core"
local socket = require "llnet.luasocket"
local epoll = require "llnet.epoll"
local random = require "random"

local below, pick, chance = random.below, random.pick, random.chance
local set_nonblock = core.Socket.set_nonblock

local objects = {}

-- The makers run out of descriptors now and then, as the collector knows nothing of them.
local function must(make, ...)
  local one, two = make(...)
  if one then return one, two end
  for _ = 1, 3 do collectgarbage() end
  return assert(make(...))
end

-- The other ends of pairs, for a while.
local others = {} -- luacheck: ignore
local function keep(other) others[below(16)] = other end

-- ---- sockets ------------------------------------------------------------------------------

local function pair(domain, kind)
  local one, two = must(llnet.Socket.pair, domain, kind)
  one:set_nonblock(true)
  two:set_nonblock(true)
  return one, two
end

local function open(family, kind)
  local sock = must(llnet.Socket, family, kind)
  sock:set_nonblock(true)
  return sock
end

local function bound(kind)
  local sock = open("inet", kind)
  sock:bind(llnet.Addr("127.0.0.1", 0))
  if kind == "stream" then sock:listen(4) end
  return sock, sock:get_sockname() or llnet.Addr("127.0.0.1", 1)
end

local makers = {
  function() return open(pick { "inet", "inet6", "unix" }, pick { "stream", "dgram" }) end,
  function()
    local one, two = pair("unix", pick { "stream", "dgram", "seqpacket" })
    two:send(("data"):rep(below(5)))
    keep(two)
    return one
  end,
  function()
    local one, addr = bound "dgram"
    local two = open("inet", "dgram")
    two:sendto("datagram", addr)
    two:sendto("", addr)
    keep(two)
    return one
  end,
  function() -- one that listens, with one that waits to be accepted
    local listener, addr = bound "stream"
    local client = open("inet", "stream")
    client:connect(addr)
    keep(client)
    return listener
  end,
  function()
    local listener, addr = bound "stream"
    local client = open("inet", "stream")
    client:connect(addr)
    local server = listener:accept(nil, llnet.SOCK_NONBLOCK)
    listener:close()
    if server then
      server:send "stream"
      keep(server)
    end
    return client
  end,
  function()
    local one, two = must(llnet.Socket.open_pipe, llnet.SOCK_NONBLOCK)
    if chance(2) then one, two = two, one end
    keep(two)
    return one
  end,
}

-- ---- the other classes --------------------------------------------------------------------

local make = { Socket = function() return pick(makers)() end }

local addresses = {
  llnet.Addr, function() return llnet.Addr("127.0.0.1", below(65535)) end,
  function() return llnet.Addr("::1", below(65535)) end,
  function() return llnet.Addr.unix("\0llnet abuse " .. below(100)) end,
  function() return llnet.Addr.unix("here" .. below(5)) end,
  function() return (llnet.Addr.family(pick { 0, 1, 2, 10, 16, 17, 40 })) end,
  function() return llnet.Addr.netlink(below(100), below(100)) or llnet.Addr() end,
  function() return llnet.Addr.packet(below(3), 0x0800, ("h"):rep(below(32))) or llnet.Addr() end,
  function() return llnet.Addr.vsock(below(3), below(65535)) or llnet.Addr() end,
}
function make.Addr() return pick(addresses)() end

function make.Buffer()
  local kind = below(4)
  if kind == 1 then return llnet.Buffer(below(100) - 1) end
  if kind == 2 then return llnet.Buffer(("0123456789"):rep(below(20))) end
  if kind == 3 then return llnet.Buffer(("x"):rep(20000)) end
  return (llnet.Buffer(("0123456789"):rep(10)):slice(below(10), below(80)))
end

function make.AddrInfo() return must(llnet.AddrInfo.full, pick { "127.0.0.1", "::1" }, "80") end

function make.Poller()
  local poller, sock = must(llnet.Poller, pick(llnet.Poller.backends())), make.Socket()
  poller:add(sock, llnet.POLLIN + llnet.POLLOUT)
  if chance(3) then poller:set_timer("timer", 0) end
  poller.watched = sock
  return poller
end

function make.Interfaces() return must(llnet.Interfaces) end
function make.Limits() return must(llnet.Limits) end

-- A datagram that comes with all that the kernel tells about one.
local told = { "IP_PKTINFO", "IP_RECVTTL", "IP_RECVTOS", "IP_RECVORIGDSTADDR", "SO_TIMESTAMPNS", "SO_RXQ_OVFL" }
local function received_message()
  local message, sock, addr = assert(llnet.Message(512)), bound "dgram"
  for _, option in ipairs(told) do sock:set_option(option, true) end
  message:set_data(llnet.Buffer(100))
  open("inet", "dgram"):sendto("told", addr)
  sock:recv_message(message)
  return message
end

-- One to send with, one that brought descriptors, one to receive with.
function make.Message()
  local kind = below(4)
  if kind == 4 then return received_message() end
  local message = assert(llnet.Message(pick { 0, 24, 100, 512 }))
  if kind == 1 then
    message:set_data("text", llnet.Buffer "bytes")
    message:add_descriptor(0)
    message:set_ttl(below(255))
  else
    message:set_data(llnet.Buffer(10), llnet.Buffer(100))
  end
  if kind == 2 then
    local one, two = pair("unix", "dgram")
    local out = assert(llnet.Message())
    out:set_data "d"
    for _ = 1, below(4) do out:add_descriptor(one) end
    one:send_message(out)
    two:recv_message(message)
  end
  return message
end

function make.Batch()
  local batch = assert(llnet.Batch(below(5), pick { 0, 1, 100, 2048 }, pick { 0, 64, 512 }))
  if chance(2) then batch:get_message(0):set_data("string", llnet.Buffer(10)) end
  return batch
end

-- ---- the layers' own ------------------------------------------------------------------------

function make.Pool()
  local pool = llnet.Pool(pick { 0, 16, 4096 }, pick { 0, 1, 10 })
  local buffer = pool:take()
  if buffer and chance(2) then pool:give(buffer) else pool.lent = buffer end
  return pool
end

function make.Epoller()
  local poller, sock = must(epoll.new), make.Socket()
  poller:add(sock:fileno(), epoll.EPOLLIN + epoll.EPOLLOUT, pick { "id", 7, sock })
  keep(sock)
  return poller
end

-- LuaSocket's timeouts make a call wait: none of these does.
function objects.hasten(one)
  local metatable = debug.getmetatable(one)
  local index = metatable and rawget(metatable, "__index")
  local settimeout = type(index) == "table" and rawget(index, "settimeout")
  if type(settimeout) == "function" then
    pcall(settimeout, one, 0)
    pcall(settimeout, one, nil, "t")
  end
  return one
end

local function connected()
  local server = must(socket.bind, "127.0.0.1", 0)
  local host, port = server:getsockname()
  local client = must(socket.connect, host, port)
  local other = objects.hasten(server):accept()
  if other then
    other:send(pick { "line\r\nrest", ("x"):rep(20000), "\n\n\n", "" })
    keep(objects.hasten(other))
  end
  keep(server)
  return client, server
end

-- By the class of LuaSocket that they are of; a call may make them another's.
local luasocket_makers = {
  ["tcp{client}"] = connected,
  ["tcp{server}"] = function()
    local _, server = connected()
    return server
  end,
  ["tcp{master}"] = function() return must(pick { socket.tcp, socket.tcp4, socket.tcp6 }) end,
  ["udp{unconnected}"] = function()
    local one = must(pick { socket.udp, socket.udp4, socket.udp6 })
    if chance(2) then
      one:setsockname("127.0.0.1", 0)
      local host, port = one:getsockname()
      if host then one:sendto("datagram", host, port) end
    end
    return one
  end,
  ["udp{connected}"] = function()
    local one = must(socket.udp4)
    one:setpeername("127.0.0.1", 30000 + below(20))
    return one
  end,
  ["unixstream{master}"] = function() return must(socket.unix.stream) end,
  ["unixdgram{unconnected}"] = function() return must(socket.unix.dgram) end,
}
local function unix(kind, listens)
  return function()
    local path = "there" .. below(1000000)
    local one, two = must(socket.unix[kind]), must(socket.unix[kind])
    one:bind(path)
    if kind == "stream" then one:listen(2) end
    objects.hasten(two):connect(path)
    os.remove(path)
    keep(listens and two or objects.hasten(one))
    return listens and one or two
  end
end
luasocket_makers["unixstream{client}"] = unix("stream")
luasocket_makers["unixstream{server}"] = unix("stream", true)
luasocket_makers["unixdgram{connected}"] = unix("dgram")

objects.luasocket_classes = {}
for class, maker in pairs(luasocket_makers) do
  table.insert(objects.luasocket_classes, class)
  make[class] = function()
    local one = objects.hasten(maker())
    if chance(12) then one:close() end
    return one
  end
end
table.sort(objects.luasocket_classes)
function make.luasocket() return make[pick(objects.luasocket_classes)]() end

-- ---- those that a batch shares -----------------------------------------------------------------

objects.make = make
objects.classes = { "Socket", "Addr", "Buffer", "AddrInfo", "Poller", "Interfaces", "Limits", "Message", "Batch",
  "Pool", "Epoller", "luasocket" }

local live, returned, functions = {}, {}, {}

function objects.live(class)
  local pool = live[class]
  local place = below(4)
  local one = pool[place]
  if one == nil or chance(50) then
    one = make[class]()
    if llnet[class] and chance(4) then one.field = class end -- another metatable
    pool[place] = one
  end
  return one
end

-- A result, which later calls get as an argument.
function objects.recycle(value)
  local kind = type(value)
  if kind == "userdata" then
    pcall(set_nonblock, value, true)
    objects.hasten(value)
    returned[below(16)] = value
  elseif kind == "function" then
    functions[below(4)] = value
  end
end
function objects.returned() return returned[below(16)] end
function objects.returned_function() return functions[below(4)] end

function objects.finalize(object)
  local finalizer = (debug.getmetatable(object) or {}).__gc
  if finalizer then finalizer(object) end
end

-- Ends one of this module's objects as a collection would, or by its own method; of others nothing.
local end_socket = debug.getmetatable(llnet.Socket.borrow(999999999)).__gc
function objects.finish(one)
  local metatable = type(one) == "userdata" and debug.getmetatable(one)
  if not metatable or not core[metatable.__name] and rawget(metatable, "__gc") ~= end_socket then return end
  local close = chance(2) and (one.close or one.free)
  if close then close(one) else objects.finalize(one) end
end

local released, closed
function objects.released() return pick(released) end
function objects.closed() return pick(closed) end

-- Those of other modules; the same for every batch, and never closed.
local foreign = { io.stdout }
function objects.foreign() return pick(foreign) end

local function add_foreign()
  local newproxy = rawget(_G, "newproxy")
  if newproxy then foreign[#foreign + 1] = newproxy(true) end
  local file = assert(io.tmpfile())
  file:write(("file"):rep(1000))
  file:seek "set"
  foreign[#foreign + 1] = file
  local gone = assert(io.tmpfile())
  gone:close()
  foreign[#foreign + 1] = gone
  local found, ffi = pcall(require, "ffi")
  if found then
    foreign[#foreign + 1] = ffi.new "int64_t[8]"
    foreign[#foreign + 1] = ffi.new("int64_t", 5)
    foreign[#foreign + 1] = ffi.cast("void *", 8)
  end
  -- LuaSocket's own, where it is installed: tcp{master}, udp{unconnected}, one closed
  local installed, original = pcall(require, "socket.core")
  if installed and original.tcp and original ~= socket then
    local over = original.udp()
    over:close()
    for _, one in ipairs { original.tcp(), original.udp(), over } do foreign[#foreign + 1] = one end
    objects.has_luasocket = true
  end
end
add_foreign()

function objects.start()
  for class in pairs(make) do live[class] = {} end
  released, closed = {}, {}
  for _, class in ipairs { "Socket", "Buffer", "AddrInfo", "Poller", "Interfaces", "Limits", "Message", "Batch",
    "luasocket" } do
    local ended = make[class]()
    objects.finalize(ended)
    released[#released + 1] = ended
    ended = make[class]()
    local close = ended.close or ended.free
    if close then
      close(ended)
      closed[#closed + 1] = ended
    end
  end
end

-- Lets go of all of them.
function objects.forget()
  live, others, returned, functions, released, closed = {}, {}, {}, {}, nil, nil
  if rawget(_G, "jit") then require "jit".flush() end -- compiled code keeps what it was compiled for
end

return objects
