-- SPDX-License-Identifier: MIT
-- batch: batches of messages, and runs of bytes that are cut into datagrams, with Python's
-- socket module at the other end.

local t = require "harness"
local llnet, close_all = t.llnet, t.close_all

local MSG_DONTWAIT = llnet.MSG_DONTWAIT

-- Starts a Python program, which prints the port of its socket first; then a function that
-- gives the rest of what it prints.
local function start_python(program)
  local path = os.tmpname()
  local file = assert(io.open(path, "w"))
  file:write("import socket, struct, sys\n", program)
  file:close()
  local pipe = io.popen("exec env -u LD_PRELOAD -u LD_LIBRARY_PATH timeout 20 python3 -u " .. path .. " 2>&1", "r")
  local port = pipe and tonumber(pipe:read("*l") or "")
  local function finish()
    local output = pipe:read("*a")
    pipe:close()
    return output
  end
  os.remove(path)
  if not port then
    if pipe then finish() end
    t.skip("no python3 here")
  end
  return port, finish
end

local function bound(host)
  local sock = assert(llnet.Socket(host == "::1" and "inet6" or "inet", "dgram"))
  local ok = sock:bind(llnet.Addr(host or "127.0.0.1", 0))
  if not ok then
    sock:close()
    t.skip("no IPv6 on loopback")
  end
  return sock, sock:get_sockname()
end

-- ---- the batch -----------------------------------------------------------------------------

t.case("a batch has 1 to 1024 messages, by default of 2048 bytes and without control data", function()
  local batch = assert(llnet.Batch(3))
  t.integer(batch:get_capacity(), 3)
  t.equal(batch:get_buffer(2):get_capacity(), 2048)
  t.equal(batch:get_message(2):get_segment_count(), 1)
  t.fails("ENOBUFS", batch:get_message(2):set_ttl(5))
  t.equal(assert(llnet.Batch(1, 10, 64)):get_message(0):set_ttl(5), true)
  t.equal(llnet.Batch(llnet.BATCH_MAX):get_capacity(), 1024)
  t.fails("EINVAL", llnet.Batch(0))
  t.fails("EINVAL", llnet.Batch(1025))
  t.raises("number", llnet.Batch)
  t.raises("out of range", llnet.Batch, -1)
  local bare = llnet.Batch(1, 0)
  t.fails("ENOENT", bare:get_buffer(0))
  t.fails("ENOENT", bare:get_data(0))
  t.fails("ENOENT", bare:set_data(0, "x"))
  t.equal(bare:get_message(0):get_segment_count(), 0)
end)

t.case("messages and buffers are the same objects each time, and outlive the batch", function()
  local batch = llnet.Batch(2, 16)
  local message, buffer = batch:get_message(1), batch:get_buffer(1)
  t.equal(rawequal(message, batch:get_message(1)), true)
  t.equal(rawequal(buffer, batch:get_buffer(1)), true)
  t.equal(rawequal(message, batch:get_message(0)), false)
  message.mine = "field"
  t.equal(batch:get_message(1).mine, "field")
  t.equal(batch:set_data(1, "kept"), true)
  batch = nil -- luacheck: ignore
  for _ = 1, 3 do collectgarbage() end
  t.equal(message:get_segment_count(), 1)
  t.equal(buffer:get_data(), "kept")
end)

t.case("an index beyond the capacity raises", function()
  local batch = llnet.Batch(2, 16)
  for _, name in ipairs { "get_message", "get_buffer", "get_data" } do
    t.raises("the batch has no message of this index", batch[name], batch, 2)
  end
  t.raises("Out of bounds", batch.get_size, batch, 2)
  t.raises("Out of bounds", batch.get_address, batch, 2)
  t.raises("Out of bounds", batch.set_address, batch, 2, llnet.Addr())
  t.raises("Out of bounds", batch.set_data, batch, 2, "x")
  t.raises("out of range", batch.get_data, batch, -1)
end)

t.case("data are what was set, up to the buffer's capacity", function()
  local batch = llnet.Batch(2, 20000)
  local text = ("0123456789"):rep(2000)
  for _, data in ipairs { "", "a\0b", text:sub(1, 8192), text:sub(1, 8193), text } do
    t.equal(batch:set_data(1, data), true)
    t.equal(batch:get_data(1), data)
    t.equal(batch:get_buffer(1):get_data(), data)
  end
  t.raises("Out of bounds", batch.set_data, batch, 1, text .. "x")
  t.equal(batch:get_data(1), text)
  t.equal(batch:get_data(0), "")
  t.integer(batch:get_size(1), 0) -- nothing has gone or come
end)

t.case("an address is set, forgotten, and read into a given object", function()
  local batch, addr, other = llnet.Batch(1), llnet.Addr("192.0.2.1", 9), llnet.Addr()
  t.fails("ENOENT", batch:get_address(0))
  t.equal(batch:set_address(0, addr), true)
  t.equal(batch:get_address(0), addr)
  t.equal(batch:get_address(0, other), true)
  t.equal(other, addr)
  t.equal(batch:get_message(0):get_address(), addr)
  t.equal(batch:set_address(0, nil), true)
  t.fails("ENOENT", batch:get_address(0, other))
  t.equal(other, addr)
end)

-- ---- to Python ------------------------------------------------------------------------------

-- prints for each datagram its length, a byte of it, the sender's port and IP_TOS
local RECEIVER = [[
family = socket.AF_INET6 if host == "::1" else socket.AF_INET
s = socket.socket(family, socket.SOCK_DGRAM)
s.bind((host, 0))
if family == socket.AF_INET: s.setsockopt(socket.IPPROTO_IP, socket.IP_RECVTOS, 1)
else: s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_RECVTCLASS, 1)
print(s.getsockname()[1])
for i in range(count):
    data, control, flags, sender = s.recvmsg(65535, 256)
    same = data == data[:1] * len(data)
    print(len(data), data[:1].decode() if same else "?", sender[1], control[0][2][0])
]]

for _, host in ipairs { "127.0.0.1", "::1" } do
  t.case("Python gets a batch over " .. host .. ": order, bytes, sender, traffic class of each", function()
    local sock, own = bound(host)
    local port, finish = start_python(("host, count = %q, 8\n"):format(host) .. RECEIVER)
    local batch, expected = llnet.Batch(8, 100, 128), {}
    for i = 0, 7 do
      assert(batch:set_data(i, tostring(i):rep(10 + i)))
      assert(batch:set_address(i, llnet.Addr(host, port)))
      assert(batch:get_message(i):set_traffic_class(64 + i))
      expected[#expected + 1] = ("%d %d %d %d\n"):format(10 + i, i, own:get_port(), 64 + i)
    end
    t.integer(sock:send_batch(batch, 0, 3), 3)
    t.integer(sock:send_batch(batch, 3), 5)
    for i = 0, 7 do t.integer(batch:get_size(i), 10 + i) end
    t.equal(finish(), table.concat(expected))
    close_all(sock)
  end)
end

t.case("Python gets a batch of strings and buffers from a connected socket", function()
  local sock, own = bound()
  local port, finish = start_python('host, count = "127.0.0.1", 2\n' .. RECEIVER)
  assert(sock:connect(llnet.Addr("127.0.0.1", port)))
  local batch = llnet.Batch(2, 0)
  assert(batch:get_message(0):set_data("x" .. "xx", llnet.Buffer("xxxx")))
  assert(batch:get_message(1):set_data(llnet.Buffer("y"), ("y"):rep(9)))
  collectgarbage()
  t.integer(sock:send_batch(batch), 2)
  t.equal(finish(), ("7 x %d 0\n10 y %d 0\n"):format(own:get_port(), own:get_port()))
  close_all(sock)
end)

for _, how in ipairs { "a string", "a Buffer", "a Buffer, connected" } do
  t.case("Python gets a run from " .. how .. " as datagrams of its size", function()
    local sock, own = bound()
    local port, finish = start_python('host, count = "127.0.0.1", 10\n' .. RECEIVER)
    local to, run = llnet.Addr("127.0.0.1", port), {}
    for i = 0, 9 do run[#run + 1] = tostring(i):rep(i < 9 and 1000 or 500) end
    run = table.concat(run)
    if how == "a string" then
      t.integer(sock:send_segments(run, 1000, to), 9500)
    elseif how == "a Buffer" then
      t.integer(sock:send_segments_buffer(llnet.Buffer("before" .. run .. "after"), 6, 9500, 1000, to), 9500)
    else
      assert(sock:connect(to))
      t.integer(sock:send_segments_buffer(llnet.Buffer(run), nil, nil, 1000), 9500)
    end
    local expected = {}
    for i = 0, 9 do
      expected[#expected + 1] = ("%d %d %d 0\n"):format(i < 9 and 1000 or 500, i, own:get_port())
    end
    t.equal(finish(), table.concat(expected))
    close_all(sock)
  end)
end

-- ---- from Python ------------------------------------------------------------------------------

t.case("a batch gets what Python sends: order, bytes, senders, ECN, and what was cut", function()
  local sock, own = bound()
  assert(sock:set_option("IP_RECVTOS", true))
  local ports = t.python(([[
import socket
pair = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for i in range(2)]
for s in pair: s.bind(("127.0.0.1", 0))
for i in range(6):
    pair[i %% 2].setsockopt(socket.IPPROTO_IP, socket.IP_TOS, 32 + i %% 4)
    pair[i %% 2].sendto(bytes([48 + i]) * (20 * i), ("127.0.0.1", %d))
print(pair[0].getsockname()[1], pair[1].getsockname()[1])
]]):format(own:get_port()))
  local senders = {}
  for port in ports:gmatch("%d+") do senders[#senders + 1] = llnet.Addr("127.0.0.1", tonumber(port)) end
  local batch, from = llnet.Batch(8, 64, 128), llnet.Addr()
  t.integer(sock:recv_batch(batch, nil, llnet.MSG_WAITFORONE), 6)
  for i = 0, 5 do
    local size = math.min(20 * i, 64)
    t.integer(batch:get_size(i), size)
    t.equal(batch:get_data(i), tostring(i):rep(size))
    t.equal(batch:get_address(i, from), true)
    t.equal(from, senders[i % 2 + 1])
    t.equal(batch:get_message(i):get_ecn(), i % 4)
    t.equal(batch:get_message(i):is_truncated(), 20 * i > 64)
  end
  t.integer(batch:get_size(6), 0)
  t.equal(batch:get_data(6), "")
  t.fails("ENOENT", batch:get_address(6))
  t.fails("EAGAIN", sock:recv_batch(batch, nil, MSG_DONTWAIT))
  t.equal(batch:get_data(3), "")
  close_all(sock)
end)

t.case("a run that Python has the kernel cut comes joined, with the size of its datagrams", function()
  local sock, own = bound()
  if not sock:set_option("UDP_GRO", true) then
    close_all(sock)
    t.skip("no UDP_GRO here")
  end
  local port = t.python(([[
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("127.0.0.1", 0))
for i in range(4):
    s.setsockopt(socket.IPPROTO_UDP, 103, 1000)
    s.sendto(bytes(range(250)) * 38, ("127.0.0.1", %d))
    s.setsockopt(socket.IPPROTO_UDP, 103, 0)
    s.sendto(b"single", ("127.0.0.1", %d))
print(s.getsockname()[1])
]]):format(own:get_port(), own:get_port()))
  local expected, sender = {}, llnet.Addr("127.0.0.1", tonumber(port))
  for i = 0, 249 do expected[#expected + 1] = string.char(i) end
  expected = table.concat(expected):rep(38)
  local data, size, addr, more = sock:recv_segments(65535)
  t.equal(data, expected)
  t.integer(size, 1000)
  t.equal(addr, sender)
  t.equal(more, nil)
  t.results({ sock:recv_segments(65535, 0, addr) }, "single", 6)
  local buffer = llnet.Buffer(65535 + 5)
  t.results({ sock:recv_segments_buffer(buffer, 5) }, 9500, 1000, sender)
  t.equal(buffer:set_size(9505), true)
  t.equal(buffer:get_data(5), expected)
  t.results({ sock:recv_segments_buffer(buffer, 5, nil, addr, MSG_DONTWAIT) }, 6, 6)
  t.fails("ENOBUFS", sock:recv_segments(9499))
  t.fails("ENOBUFS", sock:recv_segments(5))
  data, size, addr, more = sock:recv_segments(10, llnet.MSG_TRUNC)
  t.equal(data, expected:sub(1, 10))
  t.equal(size, 1000)
  t.equal(addr, sender)
  t.integer(more, 9500)
  t.results({ sock:recv_segments(10, llnet.MSG_TRUNC, addr) }, "single", 6, 6)
  t.fails("EAGAIN", sock:recv_segments(10, MSG_DONTWAIT))
  -- and in a batch
  local batch = llnet.Batch(4, 65535, 64)
  t.integer(sock:send_segments(expected, 1000, own), 9500)
  t.integer(sock:sendto("single", own), 6)
  t.integer(sock:recv_batch(batch, 4, MSG_DONTWAIT), 2)
  t.equal(batch:get_data(0), expected)
  t.integer(batch:get_message(0):get_segment_size(), 1000)
  t.equal(batch:get_data(1), "single")
  close_all(sock)
end)

-- ---- errors -------------------------------------------------------------------------------------

t.case("more than 64 datagrams or 65507 bytes are SEGMENTS", function()
  local sock, own = bound()
  t.fails("SEGMENTS", sock:send_segments(("x"):rep(65), 1, own))
  t.fails("SEGMENTS", sock:send_segments(("x"):rep(65508), 2000, own))
  t.fails("SEGMENTS", sock:send_segments_buffer(llnet.Buffer(("x"):rep(65)), 0, 0, 1, own))
  t.integer(sock:send_segments(("x"):rep(64), 1, own), 64)
  t.fails("EINVAL", sock:send_segments("x", 0, own))
  t.raises("Out of bounds", sock.send_segments_buffer, sock, llnet.Buffer("x"), 2, 1, 1, own)
  t.raises("number", sock.send_segments, sock, "x")
  t.raises("Addr expected", sock.send_segments, sock, "x", 1, "127.0.0.1")
  close_all(sock)
  t.fails("EBADF", sock:send_segments("x", 1, own))
  t.fails("EBADF", sock:recv_segments(10))
  t.fails("EBADF", sock:send_batch(llnet.Batch(1)))
  t.fails("EBADF", sock:recv_batch(llnet.Batch(1)))
end)

t.case("what the kernel still reads after the call must be in a Buffer", function()
  if not llnet.MSG_ZEROCOPY then t.skip("no MSG_ZEROCOPY here") end
  local sock, own = bound()
  t.raises("bad argument #1 to 'send_segments' (MSG_ZEROCOPY wants a Buffer", function()
    sock:send_segments("x", 1, own, llnet.MSG_ZEROCOPY)
  end)
  local batch = llnet.Batch(4, 16)
  for i = 0, 3 do
    assert(batch:set_data(i, "x"))
    assert(batch:set_address(i, own))
  end
  assert(batch:get_message(2):set_data("string"))
  t.raises("bad argument #1 to 'send_batch' (MSG_ZEROCOPY wants Buffers", function()
    sock:send_batch(batch, 0, 4, llnet.MSG_ZEROCOPY)
  end)
  assert(batch:get_message(2):set_data(llnet.Buffer("buffer")))
  t.integer(sock:send_batch(batch, 0, 4, llnet.MSG_ZEROCOPY), 4)
  t.equal(sock:recv(10), "x")
  close_all(sock)
end)

t.case("a batch goes as far as there is room, and on from there", function()
  local a, b = t.unix_pair("dgram")
  a:set_nonblock(true)
  b:set_nonblock(true)
  local batch, received = llnet.Batch(1024, 8), {}
  for i = 0, 1023 do assert(batch:set_data(i, tostring(i))) end
  local sent = t.integer(a:send_batch(batch))
  t.equal(sent > 0 and sent < 1024, true)
  t.fails("EAGAIN", a:send_batch(batch, sent))
  repeat
    local data = b:recv(10)
    received[#received + 1] = data
    if data and sent < 1024 then sent = sent + (a:send_batch(batch, sent) or 0) end
  until not data
  t.equal(#received, 1024)
  for i = 0, 1023 do t.equal(received[i + 1], tostring(i)) end
  t.integer(a:send_batch(batch, 1024), 0)
  t.raises("Out of bounds", a.send_batch, a, batch, 1025)
  t.integer(a:send_batch(batch, 0, 0), 0)
  close_all(a, b)
end)

t.case("the wrong objects are refused", function()
  local sock = bound()
  t.raises("Batch expected, got Message", sock.send_batch, sock, llnet.Message())
  t.raises("Batch expected, got no value", sock.recv_batch, sock)
  t.raises("Buffer expected", sock.recv_segments_buffer, sock, "x")
  t.raises("Batch expected, got Buffer", llnet.Batch(1).get_size, llnet.Buffer(1), 0)
  close_all(sock)
end)

-- ---- the collector ----------------------------------------------------------------------------

t.case("strings of a message stay as long as the batch may send them", function()
  local sock, own = bound()
  local batch = llnet.Batch(16, 0)
  for i = 0, 15 do
    assert(batch:get_message(i):set_data(("text %d "):format(i):rep(20)))
    assert(batch:set_address(i, own))
  end
  for _ = 1, 3 do collectgarbage() end
  local garbage = {}
  for i = 1, 1000 do garbage[i] = ("junk %d "):format(i):rep(20) end
  t.equal(#garbage, 1000)
  t.integer(sock:send_batch(batch), 16)
  for i = 0, 15 do t.equal(sock:recv(1000), ("text %d "):format(i):rep(20)) end
  close_all(sock)
end)

t.case("a batch, its messages and buffers are ended in any order", function()
  local function finalize(object) debug.getmetatable(object).__gc(object) end
  for order = 1, 6 do
    local batch = llnet.Batch(2, 16)
    local objects = { batch, batch:get_message(0), batch:get_buffer(0) }
    assert(batch:set_data(0, "data"))
    assert(objects[2]:set_data(("s"):rep(100), objects[3]))
    local first = (order - 1) % 3 + 1
    finalize(table.remove(objects, first))
    finalize(table.remove(objects, order > 3 and 1 or 2))
    finalize(objects[1])
    t.raises("already released", batch.get_message, batch, 0)
    t.raises("already released", batch.get_data, batch, 0)
  end
  local batch = llnet.Batch(1)
  finalize(batch:get_message(0))
  t.raises("the batch's Message is already released", batch.get_message, batch, 0)
  finalize(batch:get_buffer(0))
  t.raises("the batch's Buffer is already released", batch.get_buffer, batch, 0)
  t.equal(batch:get_data(0), "")
end)

-- Runs the body often enough to count what it takes.
local function takes_nothing(what, body)
  collectgarbage()
  collectgarbage("stop")
  body(100) -- the collector shrinks Lua's stack, too
  local before = collectgarbage("count")
  body(t.rounds(100000))
  local after = collectgarbage("count")
  collectgarbage("restart")
  t.equal(after - before, 0, what .. ": KiB")
end

t.case("100,000 calls take no memory of Lua's", function()
  if rawget(_G, "jit") then require("jit").off() end
  local sock, own = bound()
  assert(sock:connect(own))
  local out, into = llnet.Batch(2, 16, 64), llnet.Batch(2, 16, 64)
  local from, buffer = llnet.Addr(), llnet.Buffer("0123456789")
  for i = 0, 1 do assert(out:set_data(i, "data")) end
  takes_nothing("batches", function(n)
    for i = 1, n do
      out:set_data(i % 2, "data")
      out:set_address(1, own)
      out:get_message(0):set_ttl(i % 255 + 1)
      if sock:send_batch(out) ~= 2 or sock:recv_batch(into) ~= 2 then error("lost") end
      if into:get_size(i % 2) ~= 4 or into:get_data(i % 2) ~= "data" then error("other data") end
      into:get_address(0, from)
      into:get_buffer(1):get_byte(0)
    end
  end)
  takes_nothing("segments", function(n)
    for _ = 1, n do
      sock:send_segments("0123456789", 10)
      sock:recv_segments(20, from)
      sock:send_segments_buffer(buffer, 0, 10, 10, own)
      sock:recv_segments_buffer(buffer, 0, 10, from)
    end
  end)
  close_all(sock)
  if rawget(_G, "jit") then require("jit").on() end
end)

t.case("a batch lets go of what its messages passed once it receives", function()
  local here, there = t.unix_pair("dgram")
  local weak = setmetatable({}, { __mode = "v" })
  local batch = llnet.Batch(3, 16, 200)
  for i = 0, 2 do
    weak[i] = assert(llnet.Socket("inet", "dgram"))
    t.equal(batch:get_message(i):add_descriptor(weak[i]), true)
  end
  here:send("x")
  here:send("y")
  t.integer(there:recv_batch(batch, 2), 2)
  for _ = 1, 2 do collectgarbage() end
  t.equal(weak[0], nil)
  t.equal(weak[1], nil)
  assert(weak[2])
  t.fails("EAGAIN", there:recv_batch(batch, nil, MSG_DONTWAIT))
  for _ = 1, 2 do collectgarbage() end
  t.equal(weak[2], nil)
  close_all(here, there)
end)

t.done()
