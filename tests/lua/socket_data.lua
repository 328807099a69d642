-- SPDX-License-Identifier: MIT
-- socket_data: sending and receiving through Sockets, strings and Buffers.

local t = require "harness"
local llnet, close_all = t.llnet, t.close_all
local Addr = llnet.Addr

-- Sends all of a long string to a stream while its other end is read.
local function pump(from, to, text)
  local sent, parts = 0, {}
  local received = 0
  from:set_nonblock(true)
  while received < #text do
    if sent < #text then
      local n, name = from:send(text, 0, sent)
      if not n then t.equal(name, "EAGAIN") else sent = sent + n end
    end
    local part = assert(to:recv(#text))
    parts[#parts + 1] = part
    received = received + #part
  end
  return table.concat(parts)
end

-- ---- data: strings ---------------------------------------------------------------------

t.case("the end of a stream is CLOSED, a datagram of 0 bytes is empty text", function()
  local a, b = t.unix_pair("stream")
  close_all(a)
  t.fails("CLOSED", b:recv(10))
  t.integer((select(3, b:recv(10))), 65536)
  t.fails("CLOSED", b:recvfrom(10))
  t.equal(b:recv(0), "")
  close_all(b)
  local sender, receiver, _, to = t.udp_pair()
  t.integer(sender:sendto("", to), 0)
  t.equal(receiver:recv(10), "")
  t.integer(sender:sendto("", to), 0)
  local text, from = receiver:recvfrom(10)
  t.equal(text, "")
  t.equal(from, sender:get_sockname())
  t.integer(sender:sendto("", to), 0)
  t.integer(receiver:recv_buffer(llnet.Buffer(4)), 0)
  close_all(sender, receiver)
  a, b = t.unix_pair("dgram")
  t.integer(a:send(""), 0)
  t.equal(b:recv(10), "")
  close_all(a, b)
end)

t.case("send takes flags, offset and count", function()
  local a, b = t.unix_pair("dgram")
  local text = "0123456789"
  for _, case in ipairs {
    { {}, text }, { { 0 }, text }, { { nil, nil, nil }, text }, { { 0, 0 }, text }, { { nil, 3 }, "3456789" },
    { { 0, 3, 4 }, "3456" }, { { nil, nil, 2 }, "01" }, { { 0, 10 }, "" }, { { 0, 10, 0 }, "" }, { { 0, 3, 0 }, "" },
  } do
    local arguments = case[1]
    t.integer(a:send(text, arguments[1], arguments[2], arguments[3]), #case[2])
    t.equal(b:recv(100), case[2])
  end
  t.integer(a:send("a\0b"), 3)
  t.equal(b:recv(100), "a\0b")
  t.integer(a:send(12), 2)
  t.equal(b:recv(100), "12")
  t.raises("offset out of bounds", a.send, a, text, 0, 11)
  t.raises("count out of bounds", a.send, a, text, 0, 3, 8)
  t.raises("count out of bounds", a.send, a, text, 0, 10, 1)
  t.raises("number out of range", a.send, a, text, 0, -1)
  t.raises("string expected, got nil", a.send, a, nil)
  t.raises("string expected, got Buffer", function()
    local ok, message = pcall(a.send, a, llnet.Buffer("x"))
    error(ok and "sent" or message:gsub("got userdata", "got Buffer"), 0)
  end)
  t.raises("number expected, got string", a.send, a, text, "flags")
  close_all(a, b)
end)

t.case("no SIGPIPE: a send to nobody is EPIPE", function()
  local a, b = t.unix_pair()
  close_all(b)
  t.fails("EPIPE", a:send("x"))
  t.fails("EPIPE", a:send_buffer(llnet.Buffer("x")))
  close_all(a)
end)

t.case("sendto takes an address or none, flags, offset and count", function()
  local sender, receiver, from, to = t.udp_pair()
  for _, case in ipairs { { {}, "0123" }, { { 0 }, "0123" }, { { nil, 1 }, "123" }, { { 0, 1, 2 }, "12" } } do
    local arguments = case[1]
    t.integer(sender:sendto("0123", to, arguments[1], arguments[2], arguments[3]), #case[2])
    local text, peer = receiver:recvfrom(100)
    t.equal(text, case[2])
    t.equal(peer, from)
  end
  t.fails("EDESTADDRREQ", sender:sendto("x"))
  t.fails("EDESTADDRREQ", sender:sendto("x", nil, 0))
  t.fails("EDESTADDRREQ", sender:send("x"))
  t.equal(sender:connect(to), true)
  t.integer(sender:sendto("x"), 1)
  t.equal(receiver:recv(1), "x")
  t.raises("Addr expected, got string", sender.sendto, sender, "x", "127.0.0.1")
  t.raises("offset out of bounds", sender.sendto, sender, "x", nil, 0, 2)
  close_all(sender, receiver)
end)

t.case("recvfrom takes flags and address in either order", function()
  local sender, receiver, from, to = t.udp_pair()
  local peer = Addr()
  for _, arguments in ipairs { { nil, peer }, { 0, peer }, { peer }, { peer, nil }, { peer, 0 } } do
    peer:init()
    sender:sendto("abc", to)
    local results = { receiver:recvfrom(100, arguments[1], arguments[2]) }
    t.results(results, "abc")
    t.equal(peer, from)
  end
  for _, arguments in ipairs { {}, { 0 }, { nil, nil }, { 0, nil } } do
    sender:sendto("abc", to)
    local text, made = receiver:recvfrom(100, arguments[1], arguments[2])
    t.equal(text, "abc")
    t.equal(made, from)
  end
  local text, addr, count
  sender:sendto("abcdef", to)
  text, addr, count = receiver:recvfrom(2, llnet.MSG_TRUNC + llnet.MSG_PEEK)
  t.equal(text, "ab")
  t.equal(addr, from)
  t.integer(count, 6)
  text, count = receiver:recvfrom(2, llnet.MSG_TRUNC, peer)
  t.equal(text, "ab")
  t.integer(count, 6)
  t.raises("Addr expected, got string", receiver.recvfrom, receiver, 1, "x")
  t.raises("Addr expected, got number", receiver.recvfrom, receiver, 1, 0, 0)
  t.raises("number expected, got Addr", function()
    local ok, message = pcall(receiver.recvfrom, receiver, 1, peer, peer)
    error(ok and "received" or message:gsub("got userdata", "got Addr"), 0)
  end)
  receiver:set_nonblock(true)
  peer:init()
  t.fails("EAGAIN", receiver:recvfrom(1, 0, peer))
  t.equal(peer, Addr())
  t.fails("EAGAIN", receiver:recvfrom(100000))
  close_all(sender, receiver)
end)

t.case("recvfrom on a connected stream gives an unspecified address", function()
  local client, server = t.tcp_pair()
  client:send("x")
  local text, from = server:recvfrom(10)
  t.equal(text, "x")
  t.equal(from, Addr())
  close_all(client, server)
end)

t.case("MSG_PEEK leaves, MSG_TRUNC tells the length that was cut", function()
  local a, b = t.unix_pair("dgram")
  a:send("abcdef")
  t.equal(b:recv(3, llnet.MSG_PEEK), "abc")
  t.results({ b:recv(3, llnet.MSG_PEEK + llnet.MSG_TRUNC) }, "abc", 6)
  t.results({ b:recv(100, llnet.MSG_PEEK + llnet.MSG_TRUNC) }, "abcdef", 6)
  t.results({ b:recv(0, llnet.MSG_TRUNC) }, "", 6)
  a:send(("x"):rep(20000))
  local text, count = b:recv(10000, llnet.MSG_TRUNC)
  t.equal(text, ("x"):rep(10000))
  t.integer(count, 20000)
  close_all(a, b)
end)

t.case("MSG_TRUNC on a stream discards and shows no memory", function()
  local client, server = t.tcp_pair()
  for _, size in ipairs { 100, 20000, 2000000 } do
    client:send(("y"):rep(50))
    t.integer(server:poll(llnet.POLLIN, 5000), llnet.POLLIN)
    local text, count = server:recv(size, llnet.MSG_TRUNC)
    t.integer(count)
    t.equal(text, ("\0"):rep(count))
  end
  close_all(client, server)
end)

t.case("recv of any size gives all the bytes", function()
  local a, b = t.unix_pair()
  for _, size in ipairs { 1, 8191, 8192, 8193, 65536, 65537, 1048576, 1048577, 3000000 } do
    local text = ("0123456789abcde"):rep(math.floor(size / 15) + 1):sub(1, size)
    if pump(a, b, text) ~= text then error("other bytes of " .. size) end
  end
  close_all(a, b)
end)

t.case("a small answer to a large request is only as long as itself", function()
  local a, b = t.unix_pair()
  for _, size in ipairs { 10, 8192, 8193, 65536, 100000, 1048576, 1048577, 10000000 } do
    a:send("tiny")
    t.equal(b:recv(size), "tiny")
  end
  t.raises("number out of range", b.recv, b, -1)
  t.raises("number expected, got no value", b.recv, b)
  t.raises("number expected, got nil", b.recv, b, nil)
  t.raises("number has no integer representation", b.recv, b, 1.5)
  t.equal(pcall(b.recv, b, 2 ^ 52), false) -- no memory
  close_all(a, b)
end)

t.case("MSG_DONTWAIT with nothing there is EAGAIN", function()
  local a, b = t.unix_pair()
  t.fails("EAGAIN", b:recv(1, llnet.MSG_DONTWAIT))
  t.fails("EAGAIN", b:recv(100000, llnet.MSG_DONTWAIT))
  t.fails("EAGAIN", b:recv(5000000, llnet.MSG_DONTWAIT))
  close_all(a, b)
end)

-- ---- data: buffers ---------------------------------------------------------------------

t.case("send_buffer takes offset, count and flags", function()
  local a, b = t.unix_pair("dgram")
  local buffer = llnet.Buffer("0123456789")
  for _, case in ipairs {
    { {}, "0123456789" }, { { 3 }, "3456789" }, { { 3, 4 }, "3456" }, { { 3, 0 }, "3456789" }, { { nil, 2 }, "01" },
    { { 0, nil, 0 }, "0123456789" }, { { 10 }, "" },
  } do
    local arguments = case[1]
    t.integer(a:send_buffer(buffer, arguments[1], arguments[2], arguments[3]), #case[2])
    t.equal(b:recv(100), case[2])
  end
  t.raises("Out of bounds", a.send_buffer, a, buffer, 11)
  t.raises("Out of bounds", a.send_buffer, a, buffer, 3, 8)
  t.raises("number out of range", a.send_buffer, a, buffer, -1)
  t.raises("Buffer expected, got string", a.send_buffer, a, "x")
  close_all(a, b)
end)

t.case("recv_buffer takes offset, count (4096) and flags, and leaves the size", function()
  local a, b = t.unix_pair()
  local buffer = llnet.Buffer(10)
  a:send("abcdefghijklmno")
  t.integer(b:recv_buffer(buffer, 0, 3), 3)
  t.integer(#buffer, 0)
  t.integer(b:recv_buffer(buffer, 3, 2, 0), 2)
  t.integer(b:recv_buffer(buffer, 5), 5)
  buffer:set_size(10)
  t.equal(tostring(buffer), "abcdefghij")
  t.integer(b:recv_buffer(buffer, 8, 0), 2)
  t.equal(tostring(buffer), "abcdefghkl")
  t.integer(b:recv_buffer(buffer, nil, nil, llnet.MSG_PEEK), 3)
  t.integer(b:recv_buffer(buffer), 3)
  t.equal(tostring(buffer), "mnodefghkl")
  t.fails("ENOBUFS", b:recv_buffer(buffer, 10))
  t.fails("ENOBUFS", b:recv_buffer(llnet.Buffer(0)))
  t.raises("Out of bounds", b.recv_buffer, b, buffer, 11)
  t.fails("EAGAIN", b:recv_buffer(buffer, 0, 0, llnet.MSG_DONTWAIT))
  local big = llnet.Buffer(10000)
  a:send(("z"):rep(5000))
  t.integer(b:recv_buffer(big), 4096)
  t.integer(b:recv_buffer(big, 0, 0), 904)
  close_all(a)
  t.fails("CLOSED", b:recv_buffer(buffer))
  t.raises("Buffer expected, got no value", b.recv_buffer, b)
  close_all(b)
end)

t.case("sendto_buffer and recvfrom_buffer", function()
  local sender, receiver, from, to = t.udp_pair()
  local out, into, peer = llnet.Buffer("0123456789"), llnet.Buffer(100), Addr()
  t.integer(sender:sendto_buffer(out, 2, 3, to), 3)
  t.results({ receiver:recvfrom_buffer(into, 0, 100, 0, peer) }, 3)
  t.equal(peer, from)
  into:set_size(3)
  t.equal(tostring(into), "234")
  t.integer(sender:sendto_buffer(out, nil, nil, to, 0), 10)
  local count, made = receiver:recvfrom_buffer(into)
  t.integer(count, 10)
  t.equal(made, from)
  t.integer(sender:sendto_buffer(out, 9, 0, to), 1)
  peer:init()
  t.results({ receiver:recvfrom_buffer(into, 0, 0, peer) }, 1)
  t.equal(peer, from)
  t.fails("EDESTADDRREQ", sender:sendto_buffer(out))
  t.raises("Out of bounds", sender.sendto_buffer, sender, out, 0, 11, to)
  t.raises("Out of bounds", receiver.recvfrom_buffer, receiver, into, 101)
  t.fails("ENOBUFS", receiver:recvfrom_buffer(into, 100))
  t.fails("EAGAIN", receiver:recvfrom_buffer(into, 0, 1, llnet.MSG_DONTWAIT))
  close_all(sender, receiver)
end)

t.done()
