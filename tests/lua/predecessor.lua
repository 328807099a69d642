-- SPDX-License-Identifier: MIT
-- predecessor: every call shape of lua-llnet, with what it promised; and the right
-- answer wherever lua-llnet was seen to give a wrong one. Whole programs in its style
-- are in predecessor_programs.lua, its options in
-- predecessor_options.lua.

local t = require "harness"
local llnet = t.llnet
local unpack = unpack or table.unpack

local LSocket, LSockAddr = llnet.LSocket, llnet.LSockAddr
local LAddrInfo, LIOBuffer = llnet.LAddrInfo, llnet.LIOBuffer
local Get, Set = llnet.GetSocketOption, llnet.SetSocketOption

local function words(text)
  local list = {}
  for word in text:gmatch("%S+") do list[#list + 1] = word end
  return list
end

-- no results at all, or true
local function quiet(...)
  if select("#", ...) > 0 then t.equal((...), true) end
end

-- ---- the module -----------------------------------------------------------------

t.case("the classes are callable tables that hold constructors and no methods", function()
  for class, constructors in pairs {
    [LSocket] = "new fd", [LSockAddr] = "new ip_port unix family",
    [LAddrInfo] = "new ipv4 ipv6 full", [LIOBuffer] = "new",
  } do
    t.equal(type(class), "table")
    t.equal(type(getmetatable(class).__call), "function")
    for _, name in ipairs(words(constructors)) do t.equal(type(class[name]), "function", name) end
    for _, name in ipairs(words "send get_port first get_byte close free") do
      t.equal(class[name], nil, name)
    end
  end
end)

t.case("the predecessor's class names are the classes", function()
  t.equal(LSocket, llnet.Socket)
  t.equal(LSockAddr, llnet.Addr)
  t.equal(LAddrInfo, llnet.AddrInfo)
  t.equal(LIOBuffer, llnet.Buffer)
end)

t.case("socketpair gives two connected sockets, flags or'ed into the type", function()
  local one, two, problem = llnet.socketpair(llnet.SOCK_STREAM)
  t.equal(problem, nil)
  t.results({ one:send("ping") }, 4)
  t.results({ two:recv(10) }, "ping")
  t.equal(Get.SO_TYPE(one), llnet.SOCK_STREAM)
  t.equal(Get.SO_DOMAIN(one), llnet.AF_UNIX)
  one:close()
  two:close()
  one, two = llnet.socketpair(llnet.SOCK_DGRAM, llnet.SOCK_NONBLOCK)
  t.equal(Get.SO_TYPE(two), llnet.SOCK_DGRAM)
  t.fails("EAGAIN", two:recv(1))
  one:close()
  two:close()
end)

t.case("a failure of socketpair stands in the third place", function()
  local one, two, name = llnet.socketpair(99)
  t.equal(one, nil)
  t.equal(two, nil)
  t.equal(type(llnet.Errors[name]), "number")
end)

t.case("LSocket(domain, type, protocol, flags) makes a socket or nil and a name", function()
  local sock = LSocket(llnet.AF_INET, llnet.SOCK_STREAM)
  t.equal(tostring(sock), "LSocket: fd=" .. sock:fileno())
  sock:close()
  sock = LSocket.new(llnet.AF_INET, llnet.SOCK_DGRAM, 0, llnet.SOCK_NONBLOCK)
  t.fails("EAGAIN", sock:recv(1))
  sock:close()
  sock = LSocket(llnet.AF_INET, llnet.SOCK_STREAM + llnet.SOCK_NONBLOCK, 6)
  t.equal(Get.SO_PROTOCOL(sock), 6)
  sock:close()
  t.fails("EAFNOSUPPORT", LSocket(llnet.AF_UNSPEC, llnet.SOCK_STREAM))
end)

t.case("LSocket.fd takes a descriptor over", function()
  local one, two = llnet.socketpair(llnet.SOCK_STREAM)
  local number = one:detach()
  local owner = LSocket.fd(number)
  t.equal(owner:fileno(), number)
  owner:close()
  t.fails("CLOSED", two:recv(1))
  two:close()
end)

-- ---- LSockAddr ---------------------------------------------------------------------

t.case("LSockAddr() is unspecified, and says 0", function()
  for _, make in ipairs { LSockAddr, LSockAddr.new } do
    local addr, rc = make()
    t.equal(rc, 0)
    t.equal(addr:get_family(), llnet.AF_UNSPEC)
    t.equal(addr:get_port(), -1)
  end
end)

t.case("ip_port takes numeric IPv4 and IPv6", function()
  local addr, zero, rc = LSockAddr.ip_port("127.0.0.1", 80)
  t.equal(zero, 0)
  t.equal(rc, 0)
  t.equal(addr:get_family(), llnet.AF_INET)
  t.equal(addr:get_port(), 80)
  t.equal(addr:get_address(), "127.0.0.1")
  t.equal(addr:tostring(), "127.0.0.1:80")
  t.equal(tostring(addr), "127.0.0.1:80")
  addr, zero, rc = LSockAddr.ip_port("2001:db8::1", 65535)
  t.equal(zero, 0)
  t.equal(rc, 0)
  t.equal(addr:get_family(), llnet.AF_INET6)
  t.equal(addr:get_address(), "2001:db8::1")
  t.equal(tostring(addr), "[2001:db8::1]:65535")
end)

t.case("ip_port of what is no address gives an unspecified one and -1", function()
  for _, ip in ipairs { "no.such", "", "127.0.0.256", "::1::", "127.0.0.1:80" } do
    local addr, zero, rc = LSockAddr.ip_port(ip, 80)
    t.equal(zero, 0, ip)
    t.equal(rc, -1, ip)
    t.equal(addr:get_family(), llnet.AF_UNSPEC, ip)
  end
end)

t.case("LSockAddr.unix and .family make addresses of those families", function()
  local addr, zero, rc = LSockAddr.unix("/tmp/some.sock")
  t.equal(zero, 0)
  t.equal(rc, 0)
  t.equal(addr:get_family(), llnet.AF_UNIX)
  t.equal(addr:get_address(), "/tmp/some.sock")
  t.equal(tostring(addr), "/tmp/some.sock")
  t.equal(addr:get_port(), -1)
  addr, zero, rc = LSockAddr.family(llnet.AF_INET6)
  t.equal(zero, 0)
  t.equal(rc, 0)
  t.equal(addr:get_family(), llnet.AF_INET6)
end)

t.case("the setters of an address answer 0 or -1", function()
  local addr = LSockAddr()
  t.results({ addr:set_ip_port("10.1.2.3", 99) }, 0)
  t.equal(tostring(addr), "10.1.2.3:99")
  t.equal((addr:set_ip_port("nonsense", 1)), -1)
  t.equal(tostring(addr), "10.1.2.3:99", "after a failure")
  t.results({ addr:set_unix("/run/x") }, 0)
  t.equal(addr:get_address(), "/run/x")
  t.equal((addr:set_port(1)), -1)
end)

t.case("todata, sockaddr_len, resize and sockaddr show the struct sockaddr", function()
  local addr = LSockAddr.ip_port("1.2.3.4", 0x1F90)
  local data = addr:todata()
  t.equal(#data, 16)
  t.equal(addr:sockaddr_len(), 16)
  t.equal(data:sub(3, 8), "\31\144\1\2\3\4")
  t.equal(data:sub(9), ("\0"):rep(8))
  quiet(addr:resize(8))
  t.equal(addr:sockaddr_len(), 8)
  t.equal(addr:todata(), data:sub(1, 8))
  local kind = type(addr:sockaddr())
  t.equal(kind == "userdata" or kind == "cdata", true)
end)

t.case("lookup_full takes the first answer, errors by EAI name", function()
  local addr = LSockAddr()
  t.results({ addr:lookup_full("127.0.0.1") }, true)
  t.equal(tostring(addr), "127.0.0.1:0")
  t.results({ addr:lookup_full("127.0.0.1", 80) }, true)
  t.equal(tostring(addr), "127.0.0.1:80")
  t.results({ addr:lookup_full("::1", "443", llnet.AF_INET6, llnet.SOCK_STREAM, 6, llnet.AI_NUMERICHOST) }, true)
  t.equal(tostring(addr), "[::1]:443")
  t.fails("EAI_NONAME", addr:lookup_full("no address", "80", 0, llnet.SOCK_STREAM, 0, llnet.AI_NUMERICHOST))
  t.equal(tostring(addr), "[::1]:443", "after a failure")
end)

t.case("a port may be any whole number, a float too", function()
  local addr = LSockAddr()
  t.results({ addr:lookup_full("127.0.0.1", 160 / 2) }, true)
  t.equal(addr:get_port(), 80)
  local info = assert(LAddrInfo("127.0.0.1", 160 / 2))
  t.equal(info:get_addr(addr), 0)
  t.equal(tostring(addr), "127.0.0.1:80")
  t.fails("EAI_SERVICE", LAddrInfo("127.0.0.1", 70000))
end)

-- ---- LAddrInfo ---------------------------------------------------------------------

t.case("LAddrInfo walks its answers by first and next", function()
  for _, make in ipairs { LAddrInfo, LAddrInfo.new, LAddrInfo.ipv4 } do
    local info = assert(make("127.0.0.1", "8080"))
    local addr, n = LSockAddr(), 0
    t.equal(info:first(), true)
    repeat
      t.equal(info:get_addr(addr), 0)
      t.equal(tostring(addr), "127.0.0.1:8080")
      t.equal(info:get_family(), llnet.AF_INET)
      t.equal(info:get_socktype(), llnet.SOCK_STREAM)
      t.equal(info:get_protocol(), llnet.IPPROTO_TCP)
      n = n + 1
    until not info:next()
    t.equal(n, 1)
    t.equal(info:next(), false)
    t.equal(info:get_family(), -1)
    t.equal(info:get_socktype(), -1)
    t.equal(info:get_protocol(), -1)
    t.equal((info:get_addr(addr)), -1)
    t.equal(info:first(), true)
    t.equal(info:get_family(), llnet.AF_INET)
    t.equal(info:get_canonname(), nil)
  end
end)

t.case("LAddrInfo has constructors for one family and for every hint", function()
  local addr = LSockAddr()
  local info = assert(LAddrInfo.ipv6("::1", 81))
  t.equal(info:get_addr(addr), 0)
  t.equal(tostring(addr), "[::1]:81")
  t.fails("EAI_ADDRFAMILY", LAddrInfo.ipv4("::1", 81))
  info = assert(LAddrInfo.full("127.0.0.1", nil, llnet.AF_INET, llnet.SOCK_DGRAM, 17, llnet.AI_CANONNAME))
  t.equal(info:get_canonname(), "127.0.0.1")
  t.equal(info:get_socktype(), llnet.SOCK_DGRAM)
  t.equal(info:get_protocol(), 17)
  -- every socket type
  info = assert(LAddrInfo.full("127.0.0.1"))
  local n, more = 0, info:first()
  while more do n, more = n + 1, info:next() end
  t.equal(n > 1, true)
  t.fails("EAI_NONAME", LAddrInfo.full("no address", nil, 0, 0, 0, llnet.AI_NUMERICHOST))
end)

-- ---- LSocket ------------------------------------------------------------------------

-- what connects to what: the predecessor's own way
local function listener()
  local server = assert(LSocket(llnet.AF_INET, llnet.SOCK_STREAM))
  t.results({ Set.SO_REUSEADDR(server, 1) }, true)
  t.results({ server:bind((LSockAddr.ip_port("127.0.0.1", 0))) }, true)
  t.results({ server:listen(256) }, true)
  local addr = LSockAddr()
  t.results({ server:get_sockname(addr) }, true)
  return server, addr
end

t.case("bind, listen, connect, accept, names, shutdown: true, or nil and a name", function()
  local server, addr = listener()
  t.equal(addr:get_address(), "127.0.0.1")
  local client = assert(LSocket(llnet.AF_INET, llnet.SOCK_STREAM))
  t.fails("ENOTCONN", client:shutdown(true, true))
  t.results({ client:connect(addr) }, true)
  local peer = LSockAddr()
  local sock, problem = server:accept(peer, llnet.SOCK_NONBLOCK)
  t.equal(problem, nil)
  local own, other = LSockAddr(), LSockAddr()
  t.results({ client:get_sockname(own) }, true)
  t.results({ client:get_peername(other) }, true)
  t.equal(tostring(own), tostring(peer))
  t.equal(tostring(other), tostring(addr))
  t.fails("EAGAIN", sock:recv(1))
  t.results({ client:shutdown(false, true) }, true)
  t.results({ sock:set_nonblock(false) }, true)
  t.fails("CLOSED", sock:recv(1))
  client:close()
  sock:close()
  -- without an address; with nil in its place
  for _, arguments in ipairs { {}, { nil, llnet.SOCK_NONBLOCK + llnet.SOCK_CLOEXEC } } do
    client = assert(LSocket(llnet.AF_INET, llnet.SOCK_STREAM))
    assert(client:connect(addr))
    sock = assert(server:accept(unpack(arguments, 1, 2)))
    t.equal(sock:get_nonblock(), arguments[2] ~= nil)
    sock:close()
    client:close()
  end
  t.results({ server:set_nonblock(true) }, true)
  t.fails("EAGAIN", server:accept())
  server:close()
  server, addr = t.deaf()
  client = assert(LSocket(llnet.AF_INET, llnet.SOCK_STREAM))
  t.fails("ECONNREFUSED", client:connect(addr))
  client:close()
  server:close()
end)

t.case("set_nonblock and a connection under way: EINPROGRESS", function()
  local server, addr = listener()
  local client = assert(LSocket(llnet.AF_INET, llnet.SOCK_STREAM))
  t.results({ client:set_nonblock(true) }, true)
  t.fails("EINPROGRESS", client:connect(addr))
  t.equal(client:poll(llnet.POLLOUT, 5000), llnet.POLLOUT)
  t.equal(Get.SO_ERROR(client), 0)
  client:close()
  server:close()
end)

t.case("send, recv, recvfrom give counts and strings", function()
  local one, two = llnet.socketpair(llnet.SOCK_STREAM)
  t.results({ one:send("a\0b") }, 3)
  t.results({ one:send("c", 0) }, 1)
  t.results({ two:recv(2) }, "a\0")
  t.results({ two:recv(100, llnet.MSG_PEEK) }, "bc")
  t.results({ two:recv(100, nil) }, "bc")
  one:close()
  t.fails("CLOSED", two:recv(1))
  t.fails("EPIPE", two:send("x"))
  two:close()
  local here, there, here_addr = t.udp_pair()
  assert(there:sendto("hello", here_addr))
  local from = LSockAddr()
  t.results({ here:recvfrom(100, nil, from) }, "hello")
  t.equal(from, there:get_sockname())
  assert(there:sendto("again", here_addr))
  from = LSockAddr()
  t.results({ here:recvfrom(100, llnet.MSG_DONTWAIT, from) }, "again")
  t.equal(from, there:get_sockname())
  t.fails("EAGAIN", here:recvfrom(100, llnet.MSG_DONTWAIT, from))
  here:close()
  there:close()
end)

t.case("send_buffer: offset 0, the rest, flags 0 by default; bounds raise", function()
  local one, two = llnet.socketpair(llnet.SOCK_STREAM)
  local buf = LIOBuffer("0123456789")
  t.results({ one:send_buffer(buf) }, 10)
  t.results({ two:recv(100) }, "0123456789")
  t.results({ one:send_buffer(buf, 4) }, 6)
  t.results({ two:recv(100) }, "456789")
  t.results({ one:send_buffer(buf, 4, 3) }, 3)
  t.results({ two:recv(100) }, "456")
  t.results({ one:send_buffer(buf, 4, 0, 0) }, 6)
  t.results({ two:recv(100) }, "456789")
  t.equal(pcall(one.send_buffer, one, buf, 11), false)
  t.equal(pcall(one.send_buffer, one, buf, 4, 7), false)
  t.equal(pcall(one.send_buffer, one, buf, -1), false)
  two:close()
  t.fails("EPIPE", one:send_buffer(buf))
  one:close()
end)

t.case("recv_buffer: bound by the capacity, 4096 by default, size unchanged", function()
  local one, two = llnet.socketpair(llnet.SOCK_STREAM)
  local buf = LIOBuffer(16)
  one:send("0123456789")
  t.results({ two:recv_buffer(buf) }, 10)
  t.equal(buf:size(), 0)
  t.equal(buf:set_size(10), true)
  t.equal(tostring(buf), "0123456789")
  one:send("abcdefghij")
  t.results({ two:recv_buffer(buf, 10) }, 6)
  t.results({ two:recv_buffer(buf, 2, 3, 0) }, 3)
  buf:set_size(16)
  t.equal(tostring(buf), "01ghi56789abcdef")
  t.fails("ENOBUFS", two:recv_buffer(buf, 16))
  t.equal(pcall(two.recv_buffer, two, buf, 17), false)
  t.results({ two:recv_buffer(buf, 0, 4096, llnet.MSG_DONTWAIT) }, 1)
  t.fails("EAGAIN", two:recv_buffer(buf, 0, 4096, llnet.MSG_DONTWAIT))
  buf:set_capacity(8192)
  one:send(("x"):rep(5000))
  t.results({ two:recv_buffer(buf) }, 4096)
  one:close()
  t.results({ two:recv_buffer(buf) }, 904)
  t.fails("CLOSED", two:recv_buffer(buf))
  two:close()
end)

t.case("a closed socket answers EBADF, and closing twice is nothing", function()
  local one, two = llnet.socketpair(llnet.SOCK_STREAM)
  quiet(one:close())
  quiet(one:close())
  t.equal(tostring(one), "LSocket: fd=-1")
  t.equal(one:fileno(), -1)
  t.fails("EBADF", one:send("x"))
  t.fails("EBADF", one:recv(1))
  t.fails("EBADF", Get.SO_TYPE(one))
  t.fails("EBADF", Set.SO_KEEPALIVE(one, 1))
  two:close()
end)

t.case("arguments of a wrong type raise", function()
  local sock = LSocket(llnet.AF_INET, llnet.SOCK_STREAM)
  for _, call in ipairs {
    { "connect" }, { "connect", "127.0.0.1" }, { "bind", 5 }, { "listen" }, { "listen", {} },
    { "send" }, { "send", {} }, { "recv" }, { "recv", "x" }, { "send_buffer", "text" }, { "recv_buffer" },
    { "get_sockname", 1 },
  } do
    local ok, message = pcall(sock[call[1]], sock, call[2])
    t.equal(ok, false, call[1])
    t.equal(type(message), "string")
  end
  sock:close()
end)

-- ---- LIOBuffer -----------------------------------------------------------------------

t.case("a number makes an empty buffer of that capacity, a string a copy", function()
  for _, make in ipairs { LIOBuffer, LIOBuffer.new } do
    local empty, full = make(32), make("con\0tents")
    t.equal(empty:size(), 0)
    t.equal(#empty, 0)
    t.equal(empty:capacity(), 32)
    t.equal(tostring(empty), "")
    t.equal(full:size(), 9)
    t.equal(#full, 9)
    t.equal(full:capacity() >= 9, true)
    t.equal(full:tostring(), "con\0tents")
    t.equal(tostring(full), "con\0tents")
  end
end)

t.case("bytes by offset from 0; out of bounds raises", function()
  local buf = LIOBuffer("ABCDEF")
  t.equal(buf:get_byte(0), 65)
  t.equal(buf:get_byte(5), 70)
  quiet(buf:set_byte(1, 255))
  t.equal(buf:get_byte(1), 255)
  t.results({ buf:get_bytes() }, 65, 255, 67, 68, 69, 70)
  t.results({ buf:get_bytes(2) }, 67, 68, 69, 70)
  t.results({ buf:get_bytes(2, 0) }, 67, 68, 69, 70)
  t.results({ buf:get_bytes(2, 2) }, 67, 68)
  t.equal(buf:get_data(), "A\255CDEF")
  t.equal(buf:get_data(2), "CDEF")
  t.equal(buf:get_data(2, 0), "CDEF")
  t.equal(buf:get_data(2, 2), "CD")
  for _, call in ipairs {
    { "get_byte", 6 }, { "get_byte", -1 }, { "set_byte", 6, 0 }, { "set_byte", 0, 256 },
    { "get_bytes", 7 }, { "get_bytes", 2, 5 }, { "get_data", 7 }, { "get_data", 2, 5 }, { "get_data", -1 },
  } do
    t.equal(pcall(buf[call[1]], buf, call[2], call[3]), false, call[1] .. " " .. call[2])
  end
  t.equal(buf:get_data(6), "", "at the end")
end)

t.case("contents are replaced, copied, emptied", function()
  local buf, other = LIOBuffer(4), LIOBuffer("0123456789")
  quiet(buf:set_data("longer than four"))
  t.equal(tostring(buf), "longer than four")
  quiet(buf:copy_buffer(other))
  t.equal(tostring(buf), "0123456789")
  quiet(buf:copy_buffer(other, 3))
  t.equal(tostring(buf), "3456789")
  quiet(buf:copy_buffer(other, 3, 0))
  t.equal(tostring(buf), "3456789")
  quiet(buf:copy_buffer(other, 3, 2))
  t.equal(tostring(buf), "34")
  local capacity = buf:capacity()
  quiet(buf:reset())
  t.equal(buf:size(), 0)
  t.equal(buf:capacity(), capacity)
end)

t.case("set_size and set_capacity answer true; a size beyond the capacity is had at once", function()
  local buf = LIOBuffer("abcdef")
  t.equal(buf:set_size(3), true)
  t.equal(tostring(buf), "abc")
  t.equal(buf:set_capacity(2), true)
  t.equal(buf:capacity(), 2)
  t.equal(tostring(buf), "ab")
  t.equal(buf:set_size(5), true)
  t.equal(tostring(buf), "ab\0\0\0")
end)

t.case("free gives the memory back, and the buffer answers on", function()
  local buf = LIOBuffer("abc")
  quiet(buf:free())
  quiet(buf:free())
  t.equal(buf:size(), 0)
  t.equal(tostring(buf), "")
  t.equal(pcall(buf.get_byte, buf, 0), false)
end)

-- ---- tables ------------------------------------------------------------------------------

t.case("Errors goes both ways and describes", function()
  local Errors = llnet.Errors
  t.equal(Errors[Errors.ECONNREFUSED], "ECONNREFUSED")
  t.equal(Errors[Errors.EAGAIN], "EAGAIN")
  t.equal(Errors.EWOULDBLOCK, Errors.EAGAIN)
  t.equal(Errors[Errors.EDEADLK], "EDEADLK")
  t.equal(Errors.ENOENT, 2)
  t.equal(Errors.EAI_NONAME, nil)
  t.equal(Errors.no_such, nil)
  t.equal(Errors:description("ENOENT"), "No such file or directory")
  t.equal(Errors:description(2), "No such file or directory")
  t.results({ Errors:description("ENONSENSE") }, nil, "UNKNOWN ERROR")
  for _, wrong in ipairs { true, {}, print } do
    t.raises("name or number expected", Errors.description, Errors, wrong)
  end
  t.raises("name or number expected", Errors.description, Errors, nil)
end)

t.case("EAI_Errors goes both ways and describes", function()
  local EAI_Errors = llnet.EAI_Errors
  for _, name in ipairs(words [[EAI_AGAIN EAI_BADFLAGS EAI_FAIL EAI_FAMILY EAI_MEMORY EAI_NONAME EAI_SERVICE
    EAI_SOCKTYPE EAI_SYSTEM]]) do
    t.equal(EAI_Errors[EAI_Errors[name]], name)
  end
  t.equal(EAI_Errors:description("EAI_NONAME"), EAI_Errors:description(EAI_Errors.EAI_NONAME))
  t.equal(type(EAI_Errors:description("EAI_FAMILY")), "string")
  -- and by the number that calls return
  local _, name, number = LAddrInfo.full("no address", nil, 0, 0, 0, llnet.AI_NUMERICHOST)
  t.equal(EAI_Errors[number], name)
end)

t.case("Protocols and Services look up both ways, keep the answer, and raise on the unknown", function()
  local Protocols, Services = llnet.Protocols, llnet.Services
  if not pcall(function() return Protocols.tcp end) then t.skip("no /etc/protocols here") end
  t.equal(Protocols.tcp, 6)
  t.equal(Protocols[6], "tcp")
  t.equal(Protocols[17], "udp")
  t.equal(rawget(Protocols, "tcp"), 6)
  t.equal(rawget(Protocols, 17), "udp")
  if not pcall(function() return Services.http end) then t.skip("no /etc/services here") end
  t.equal(Services.http, 80)
  t.equal(Services[80], "http")
  t.equal(rawget(Services, "http"), 80)
  t.results({ Services.byname("http") }, "http", 80, "tcp")
  t.results({ Services.byname("domain", "udp") }, "domain", 53, "udp")
  t.results({ Services.byport(80) }, "http", 80, "tcp")
  t.results({ Services.byport(53, "udp") }, "domain", 53, "udp")
  t.raises("no-such", function() return Services["no-such"] end)
  t.raises("no-such", Services.byname, "no-such")
  t.raises("http", Services.byname, "http", "no-such-protocol")
  t.raises("1", function() return Services[1.5] end)
  t.raises("65536", Services.byport, 65536)
end)

t.case("the constants are there, as integers", function()
  for _, name in ipairs(words [[AF_UNSPEC AF_UNIX AF_INET AF_INET6 AF_IPX AF_NETLINK AF_PACKET SOCK_STREAM SOCK_DGRAM
    SOCK_SEQPACKET SOCK_RAW SOCK_RDM SOCK_NONBLOCK SOCK_CLOEXEC IP_PMTUDISC_DONT IP_PMTUDISC_WANT IP_PMTUDISC_DO
    IP_PMTUDISC_PROBE IPV6_PMTUDISC_DONT IPV6_PMTUDISC_WANT IPV6_PMTUDISC_DO IPV6_PMTUDISC_PROBE IPV6_RTHDR_LOOSE
    IPV6_RTHDR_STRICT IPV6_RTHDR_TYPE_0]]) do
    t.equal(type(llnet[name]), "number", name)
    if math.type then t.equal(math.type(llnet[name]), "integer", name) end
  end
end)

t.done()
