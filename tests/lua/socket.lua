-- SPDX-License-Identifier: MIT
-- socket: opening, connecting and state of sockets; socket_data has the data.

local t = require "harness"
local llnet = t.llnet
local Socket, Addr = llnet.Socket, llnet.Addr

local function close_all(...)
  for i = 1, select("#", ...) do
    t.equal((select(i, ...)):close(), true)
  end
end

-- Sends all of a long string to a stream while its other end is read.

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

t.case("get_backlog is what ss says of a listener", function()
  local listener = t.listener()
  assert(listener:listen(5000))
  local addr = assert(listener:get_sockname())
  local clients = {}
  for i = 1, 5 do
    clients[i] = assert(llnet.Socket("inet", "stream"))
    assert(clients[i]:connect(addr))
  end
  local limit, waiting = listener:get_backlog()
  t.integer(limit)
  t.integer(waiting, 5)
  local ss = "env -u LD_PRELOAD -u LD_LIBRARY_PATH ss -tlnH 'sport = :%d' 2>/dev/null"
  local pipe = io.popen(ss:format(addr:get_port()))
  local said = pipe and pipe:read("*a") or ""
  if pipe then pipe:close() end
  t.fails("EINVAL", clients[1]:get_backlog())
  for _, client in ipairs(clients) do client:close() end
  listener:close()
  t.fails("EBADF", listener:get_backlog())
  if said == "" then t.skip("no ss here") end
  local recv_q, send_q = said:match("LISTEN%s+(%d+)%s+(%d+)")
  t.equal(tonumber(recv_q), waiting)
  t.equal(tonumber(send_q), limit)
end)

t.done()
