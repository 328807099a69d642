-- SPDX-License-Identifier: MIT
-- socket: opening, connecting, data and state of sockets.

local t = require "harness"
local llnet = t.llnet
local Socket, Addr = llnet.Socket, llnet.Addr

local function close_all(...)
  for i = 1, select("#", ...) do
    t.equal((select(i, ...)):close(), true)
  end
end

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

-- ---- opening and closing -----------------------------------------------------

t.case("names and numbers open the same socket", function()
  local a = assert(Socket("inet", "stream"))
  local b = assert(Socket(llnet.AF_INET, llnet.SOCK_STREAM, 0, 0))
  local c = assert(Socket.new("INET", "Stream", "tcp", nil))
  local d = assert(Socket.open("inet", "dgram", "udp"))
  for _, s in ipairs { a, b, c } do
    t.equal(s:get_option("SO_TYPE"), llnet.SOCK_STREAM)
    t.equal(s:get_option("SO_DOMAIN"), llnet.AF_INET)
    t.equal(s:get_option("SO_PROTOCOL"), llnet.IPPROTO_TCP)
    t.equal(s:is_open(), true)
    t.integer(s:fileno())
    assert(s:fileno() >= 0)
  end
  t.equal(d:get_option("SO_PROTOCOL"), 17)
  close_all(a, b, c, d)
end)

t.case("what cannot be opened is nil, name, number", function()
  t.fails("EAFNOSUPPORT", Socket(45, "stream"))
  t.fails("EPROTONOSUPPORT", Socket("inet", "stream", "udp"))
  t.fails("EINVAL", Socket("inet", 99))
  t.fails("EINVAL", Socket("inet", "stream", 0, 1))
  t.fails("ENOTSUP", Socket("system", "stream"))
  t.raises("unknown address family 'nosuch'", Socket, "nosuch", "stream")
  t.raises("unknown socket type 'nosuch'", Socket, "inet", "nosuch")
  t.raises("unknown protocol 'nosuch'", Socket, "inet", "stream", "nosuch")
  t.raises("unknown address family ''", Socket, "", "stream")
  t.raises("number expected, got table", Socket, {}, "stream")
  t.raises("number out of range", Socket, 2 ^ 31, "stream")
end)

t.case("flags make it non-blocking; close-on-exec is on by default and switchable", function()
  local s = assert(Socket("inet", "stream", 0, llnet.SOCK_NONBLOCK))
  t.equal(s:get_nonblock(), true)
  t.equal(s:get_cloexec(), true)
  t.equal(s:set_nonblock(false), true)
  t.equal(s:get_nonblock(), false)
  t.equal(s:set_nonblock(1), true)
  t.equal(s:get_nonblock(), true)
  t.equal(s:set_nonblock(0), true)
  t.equal(s:get_nonblock(), false)
  t.equal(s:set_cloexec(false), true)
  t.equal(s:get_cloexec(), false)
  t.equal(s:set_cloexec(true), true)
  t.equal(s:get_cloexec(), true)
  t.raises("boolean expected, got string", s.set_nonblock, s, "yes")
  t.raises("number out of range", s.set_nonblock, s, 2)
  close_all(s)
  s = assert(Socket("inet", llnet.SOCK_STREAM + llnet.SOCK_NONBLOCK))
  t.equal(s:get_nonblock(), true)
  close_all(s)
end)

t.case("close is idempotent, and every call on a closed socket is EBADF", function()
  local s, addr, buffer = Socket("inet", "stream"), Addr("127.0.0.1", 1), llnet.Buffer("x")
  t.equal(s:close(), true)
  t.equal(s:close(), true)
  t.equal(s:is_open(), false)
  t.integer(s:fileno(), -1)
  for name, arguments in pairs {
    bind = { addr }, connect = { addr }, listen = { 1 }, accept = {}, shutdown = { "both" }, get_sockname = {},
    get_peername = {}, send = { "x" }, recv = { 1 }, sendto = { "x", addr }, recvfrom = { 1 },
    send_buffer = { buffer }, sendto_buffer = { buffer, 0, 1, addr }, recv_buffer = { buffer },
    recvfrom_buffer = { buffer }, poll = { 1, 0 }, take_error = {}, set_nonblock = { true }, get_nonblock = {},
    set_cloexec = { true }, get_cloexec = {}, get_queued_in = {}, get_queued_out = {}, at_mark = {}, detach = {},
    dup = {}, get_option = { "SO_TYPE" }, set_option = { "SO_REUSEADDR", true },
    get_option_raw = { 1, 3 }, set_option_raw = { 1, 2, 1 }, get_option_int = { "SO_TYPE" },
    set_option_int = { "SO_REUSEADDR", 1 }, get_option_data = { "TCP_CONGESTION" },
    set_option_data = { "TCP_CONGESTION", "reno" },
  } do
    local results = { s[name](s, (unpack or table.unpack)(arguments)) }
    t.equal(results[1], nil, name)
    t.equal(results[2], "EBADF", name)
    t.integer(results[3], 9)
  end
end)

t.case("adopt owns a descriptor, borrow does not, detach gives it away", function()
  local s = assert(Socket("inet", "stream"))
  local fd = t.integer(s:detach())
  t.equal(s:is_open(), false)
  t.fails("EBADF", s:detach())
  local borrowed = assert(Socket.borrow(fd))
  t.equal(borrowed:fileno(), fd)
  t.equal(borrowed:close(), true)
  local adopted = assert(Socket.adopt(fd))
  t.equal(adopted:get_option("SO_TYPE"), llnet.SOCK_STREAM)
  t.equal(adopted:close(), true)
  local late = assert(Socket.fd(fd))
  t.fails("EBADF", late:get_option("SO_TYPE"))
  late:detach()
  t.fails("EBADF", Socket.adopt(-1))
  t.fails("EBADF", Socket.borrow(-1))
  t.fails("EBADF", Socket.adopt(2 ^ 40))
  t.raises("number expected, got string", Socket.adopt, "x")
end)

t.case("the collector does not close what is borrowed or detached", function()
  local s = assert(Socket("inet", "stream"))
  local fd = s:fileno()
  assert(Socket.borrow(fd))
  collectgarbage()
  collectgarbage()
  t.equal(s:get_option("SO_TYPE"), llnet.SOCK_STREAM)
  t.equal(Socket.adopt(s:detach()):close(), true)
end)

t.case("dup is a second descriptor of the same socket", function()
  local a, b = t.unix_pair()
  local c = assert(a:dup())
  t.equal(c:fileno() ~= a:fileno(), true)
  t.equal(c:get_cloexec(), true)
  a:set_nonblock(true)
  t.equal(c:get_nonblock(), true)
  close_all(a)
  t.equal(c:send("x"), 1)
  t.equal(b:recv(1), "x")
  close_all(b, c)
end)

t.case("a pair talks both ways", function()
  local a, b = assert(Socket.pair("unix", "stream", 0, llnet.SOCK_NONBLOCK))
  t.equal(a:get_nonblock(), true)
  t.equal(b:get_nonblock(), true)
  t.integer(a:send("ab"), 2)
  t.equal(b:recv(10), "ab")
  t.integer(b:send("c"), 1)
  t.equal(a:recv(10), "c")
  close_all(a, b)
  t.fails("ENOTSUP", Socket.pair("inet", "stream"))
  a, b = llnet.socketpair("dgram")
  t.equal(a:get_option("SO_TYPE"), llnet.SOCK_DGRAM)
  close_all(a, b)
  t.results({ llnet.socketpair(99) }, nil, nil, "EINVAL", 22)
end)

-- ---- connecting ------------------------------------------------------------------

t.case("get_sockname and get_peername make an address or fill one", function()
  local client, server = t.tcp_pair()
  local own = client:get_sockname()
  t.equal(getmetatable(own), "Addr")
  local given = Addr()
  t.equal(client:get_sockname(given), true)
  t.equal(given, own)
  t.equal(client:get_sockname(nil), own)
  t.equal(server:get_peername(), own)
  t.equal(server:get_peername(given), true)
  t.equal(given, own)
  t.equal(server:get_sockname(), client:get_peername())
  t.raises("Addr expected, got string", client.get_sockname, client, "x")
  close_all(client, server)
  local s = Socket("inet", "stream")
  t.fails("ENOTCONN", s:get_peername())
  t.fails("ENOTCONN", s:get_peername(given))
  t.equal(given, own)
  t.equal(tostring(s:get_sockname()), "0.0.0.0:0")
  close_all(s)
end)

t.case("bind to an address in use is EADDRINUSE", function()
  local listener, addr = t.listener()
  local s = Socket("inet", "stream")
  t.fails("EADDRINUSE", s:bind(addr))
  t.fails("EADDRNOTAVAIL", s:bind(Addr("192.0.2.1", 0)))
  t.fails("EAFNOSUPPORT", s:bind(Addr("::1", 0)))
  t.raises("Addr expected, got string", s.bind, s, "127.0.0.1:80")
  close_all(s, listener)
end)

t.case("connect to a port that nobody listens on is ECONNREFUSED", function()
  local listener, addr = t.listener()
  close_all(listener)
  local s = Socket("inet", "stream")
  t.fails("ECONNREFUSED", s:connect(addr))
  close_all(s)
end)

t.case("a non-blocking connect is EINPROGRESS, and take_error has its end", function()
  local listener, addr = t.listener()
  local s = Socket("inet", "stream", 0, llnet.SOCK_NONBLOCK)
  local ok, name = s:connect(addr)
  if not ok then
    t.equal(name, "EINPROGRESS")
    t.integer(s:poll(llnet.POLLOUT, 5000), llnet.POLLOUT)
  end
  t.equal(s:take_error(), true)
  close_all(listener, s)
  s = Socket("inet", "stream", 0, llnet.SOCK_NONBLOCK)
  ok, name = s:connect(addr)
  if not ok and name == "EINPROGRESS" then
    local events = t.integer(s:poll(llnet.POLLOUT, 5000))
    assert(events >= llnet.POLLERR)
    t.fails("ECONNREFUSED", s:take_error())
  end
  t.equal(s:take_error(), true)
  close_all(s)
end)

t.case("accept takes a peer or nil, and flags", function()
  local listener, addr = t.listener()
  local peer = Addr()
  for i = 1, 4 do
    local client = Socket("inet", "stream")
    assert(client:connect(addr))
    local server
    if i == 1 then server = assert(listener:accept())
    elseif i == 2 then server = assert(listener:accept(peer))
    elseif i == 3 then server = assert(listener:accept(nil, llnet.SOCK_NONBLOCK))
    else server = assert(listener:accept(peer, llnet.SOCK_NONBLOCK)) end
    t.equal(server:get_nonblock(), i >= 3)
    t.equal(server:get_cloexec(), true)
    if i % 2 == 0 then t.equal(peer, client:get_sockname()) end
    close_all(client, server)
  end
  listener:set_nonblock(true)
  local before = tostring(peer)
  t.fails("EAGAIN", listener:accept(peer))
  t.equal(tostring(peer), before)
  t.fails("EINVAL", listener:accept(nil, 1))
  t.raises("Addr expected, got number", listener.accept, listener, 5)
  close_all(listener)
end)

t.case("accept on a socket that does not listen is EINVAL", function()
  local s = Socket("inet", "stream")
  t.fails("EINVAL", s:accept())
  close_all(s)
end)

t.case("Unix sockets by path and by abstract name", function()
  local path = t.temporary_path()
  for _, addr in ipairs { (Addr.unix(path)), (Addr.unix("\0llnet" .. path)) } do
    local listener, client = Socket("unix", "stream"), Socket("unix", "stream")
    t.equal(listener:bind(addr), true)
    t.equal(listener:listen(1), true)
    t.equal(listener:get_sockname(), addr)
    t.equal(client:connect(addr), true)
    t.equal(client:get_peername(), addr)
    local peer = Addr("127.0.0.1", 1)
    local server = assert(listener:accept(peer))
    t.equal(peer:format(), "unix:")
    client:send("x")
    t.equal(server:recv(1), "x")
    close_all(listener, client, server)
  end
  os.remove(path)
end)

-- ---- shutdown ------------------------------------------------------------------------

t.case("shutdown by name, by number and by the predecessor's booleans", function()
  for _, how in ipairs { { "write" }, { llnet.SHUT_WR }, { false, true }, { nil, true }, { "both" }, { true, true } } do
    local a, b = t.unix_pair()
    t.equal(a:shutdown(how[1], how[2]), true)
    t.fails("CLOSED", b:recv(1))
    t.fails("EPIPE", a:send("x"))
    close_all(a, b)
  end
  for _, how in ipairs { { "read" }, { llnet.SHUT_RD }, { true }, { true, false }, { "both" }, { 2 } } do
    local a, b = t.unix_pair()
    t.equal(a:shutdown(how[1], how[2]), true)
    t.fails("CLOSED", a:recv(1))
    t.fails("EPIPE", b:send("x"))
    close_all(a, b)
  end
  local a, b = t.unix_pair()
  t.fails("EINVAL", a:shutdown())
  t.fails("EINVAL", a:shutdown(false, false))
  t.fails("EINVAL", a:shutdown(9))
  t.raises("invalid option 'all'", a.shutdown, a, "all")
  t.raises("boolean expected, got table", a.shutdown, a, {})
  close_all(a, b)
  local s = Socket("inet", "stream")
  t.fails("ENOTCONN", s:shutdown("both"))
  close_all(s)
end)

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

-- ---- state -----------------------------------------------------------------------------

t.case("poll gives the events that are ready, 0 when the time is up", function()
  local a, b = t.unix_pair()
  t.integer(a:poll(llnet.POLLIN, 0), 0)
  t.integer(a:poll(llnet.POLLIN + llnet.POLLOUT, 0), llnet.POLLOUT)
  b:send("x")
  t.integer(a:poll(llnet.POLLIN), llnet.POLLIN)
  t.integer(a:poll(llnet.POLLIN, nil), llnet.POLLIN)
  t.integer(a:poll(llnet.POLLIN, -1), llnet.POLLIN)
  t.fails("EINVAL", a:poll(0x4000, 0))
  t.raises("number has no integer representation", a.poll, a, llnet.POLLIN, 0.5)
  a:recv(1)
  close_all(b)
  t.integer(a:poll(llnet.POLLIN, 0), llnet.POLLIN + llnet.POLLHUP)
  t.integer(a:poll(0, 0), llnet.POLLHUP)
  close_all(a)
end)

t.case("bytes queued in and out are counted", function()
  local client, server = t.tcp_pair()
  t.integer(server:get_queued_in(), 0)
  client:send("12345")
  t.integer(server:poll(llnet.POLLIN, 5000), llnet.POLLIN)
  t.integer(server:get_queued_in(), 5)
  t.integer(client:get_queued_out())
  server:recv(2)
  t.integer(server:get_queued_in(), 3)
  close_all(client, server)
  local listener = t.listener()
  t.fails("EINVAL", listener:get_queued_in())
  t.fails("EINVAL", listener:get_queued_out())
  close_all(listener)
end)

t.case("at_mark tells where urgent data are", function()
  local client, server = t.tcp_pair()
  t.equal(server:at_mark(), false)
  client:send("a")
  client:send("b", llnet.MSG_OOB)
  t.integer(server:poll(llnet.POLLPRI, 5000), llnet.POLLPRI)
  t.equal(server:at_mark(), false)
  t.equal(server:recv(10), "a")
  t.equal(server:at_mark(), true)
  t.equal(server:recv(1, llnet.MSG_OOB), "b")
  close_all(client, server)
end)

t.case("listen wants a backlog", function()
  local s = Socket("inet", "stream")
  t.raises("number expected, got no value", s.listen, s)
  t.equal(s:listen(llnet.SOMAXCONN), true)
  close_all(s)
  s = Socket("inet", "dgram")
  t.fails("ENOTSUP", s:listen(1))
  close_all(s)
end)

t.case("a socket wants a family and a type", function()
  t.raises("address family expected, got no value", llnet.Socket)
  t.raises("address family expected, got nil", llnet.Socket, llnet.AF_INTE, "stream")
  t.raises("socket type expected", llnet.Socket, "inet")
  t.raises("socket type expected", llnet.socketpair)
  t.fails("EAFNOSUPPORT", llnet.Socket(-95, "stream"))
end)

t.case("what switches a mode wants to be told", function()
  local s = llnet.Socket("inet", "dgram")
  t.raises("value expected", s.set_nonblock, s)
  t.equal(s:set_nonblock(true), true)
  t.equal(s:set_nonblock(nil), true)
  t.equal(s:get_nonblock(), false)
  s:close()
end)

t.case("one large receive does not keep its memory", function()
  local a, b = t.unix_pair()
  a:send("x")
  t.equal(b:recv(1), "x")
  collectgarbage()
  collectgarbage()
  local before = collectgarbage("count")
  a:send("y")
  t.equal(b:recv(16777216), "y")
  collectgarbage()
  collectgarbage()
  t.equal(collectgarbage("count") - before < 2048, true, "KiB that stay")
  a:close()
  b:close()
end)

t.done()
