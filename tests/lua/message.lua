-- SPDX-License-Identifier: MIT
-- message: sendmsg and recvmsg with strings and Buffers, and control data by named fields.
-- Python's socket module is at the other end where it can be.

local t = require "harness"
local llnet = t.llnet

local function close_all(...)
  for i = 1, select("#", ...) do
    t.equal((select(i, ...)):close(), true)
  end
end

-- A message to receive into, and its Buffer.
local function receiver(size, control_size)
  local message, buffer = assert(llnet.Message(control_size)), llnet.Buffer(size or 100)
  t.equal(message:set_data(buffer), true)
  return message, buffer
end

-- ---- bytes ---------------------------------------------------------------------------------

t.case("strings and Buffers go as one run of bytes and come back in Buffers", function()
  local a, b = t.unix_pair("stream")
  local message = llnet.Message()
  t.equal(message:set_data("head ", llnet.Buffer("middle"), "", 7, " tail"), true)
  t.integer(message:get_segment_count(), 5)
  t.integer(a:send_message(message), 17)
  t.integer(message:get_size(), 17)
  local short, rest = llnet.Buffer(4), llnet.Buffer(100)
  local incoming = llnet.Message()
  incoming:set_data(short, rest)
  t.integer(b:recv_message(incoming), 17)
  t.equal(short:get_data(), "head")
  t.equal(rest:get_data(), " middle7 tail")
  t.equal(incoming:is_truncated(), false)
  t.fails("ENOENT", incoming:get_address())
  a:close()
  t.fails("CLOSED", b:recv_message(incoming))
  t.integer(incoming:get_size(), 0)
  b:close()
  t.fails("EBADF", b:recv_message(incoming))
  t.fails("EBADF", b:send_message(message))
end)

t.case("segments are replaced, added to and forgotten", function()
  local a, b = t.unix_pair("dgram")
  local message = llnet.Message()
  message:set_data("one", "two", "three")
  message:set_data("four")
  message:add_data("five")
  message:add_buffer(llnet.Buffer("0123456789"), 2, 3)
  t.integer(a:send_message(message), 11)
  t.equal(b:recv(100), "fourfive234")
  message:clear_data()
  t.integer(message:get_segment_count(), 0)
  t.integer(a:send_message(message), 0)
  t.equal(b:recv(100), "")
  t.raises("string or Buffer expected, got table", message.set_data, message, "x", {})
  t.raises("string or Buffer expected, got Socket", message.set_data, message, a)
  close_all(a, b)
end)

t.case("a Buffer may grow, be freed or collected after it was added", function()
  local a, b = t.unix_pair("dgram")
  local message, buffer = llnet.Message(), llnet.Buffer("short")
  message:set_data(buffer)
  buffer:append(("x"):rep(10000))
  t.integer(a:send_message(message), 10005)
  t.integer(#b:recv(20000), 10005)
  buffer:free()
  t.integer(a:send_message(message), 0)
  t.equal(b:recv(10), "")
  message:set_data(llnet.Buffer("nobody else has it"))
  collectgarbage()
  collectgarbage()
  t.integer(a:send_message(message), 18)
  t.equal(b:recv(100), "nobody else has it")
  message:add_buffer(buffer, 3, 4)
  t.raises("Out of bounds", a.send_message, a, message)
  close_all(a, b)
end)

t.case("strings of a message live until they are replaced", function()
  local a, b = t.unix_pair("dgram")
  local message = llnet.Message()
  message:set_data(("y"):rep(300) .. os.time(), ("z"):rep(300) .. os.time())
  for _ = 1, 200 do local _ = ("garbage"):rep(100) .. math.random() end
  collectgarbage()
  t.integer(a:send_message(message), 620)
  t.equal(b:recv(1000):gsub("%d", ""), ("y"):rep(300) .. ("z"):rep(300))
  close_all(a, b)
end)

t.case("a string cannot be received into, and does not go without a copy", function()
  local a, b = t.unix_pair("dgram")
  local message = llnet.Message()
  message:set_data("constant")
  a:send("x")
  t.fails("EFAULT", b:recv_message(message))
  t.raises("MSG_ZEROCOPY wants Buffers", a.send_message, a, message, llnet.MSG_ZEROCOPY)
  t.raises("MSG_ZEROCOPY wants a Buffer", a.send, a, "x", llnet.MSG_ZEROCOPY)
  close_all(a, b)
end)

t.case("truncation of data and of control data is told", function()
  local a, b, _, to = t.udp_pair()
  local message, buffer = receiver(4, 0)
  assert(b:set_option("IP_PKTINFO", true))
  a:sendto("longer", to)
  t.integer(b:recv_message(message), 4)
  t.equal(message:is_truncated(), true)
  t.equal(message:is_control_truncated(), true)
  t.equal(message:get_flags() % (2 * llnet.MSG_TRUNC) >= llnet.MSG_TRUNC, true)
  t.equal(buffer:get_data(), "long")
  a:sendto("fits", to)
  message = receiver(4)
  t.integer(b:recv_message(message), 4)
  t.equal(message:is_truncated(), false)
  t.equal(message:is_control_truncated(), false)
  close_all(a, b)
end)

t.case("the address is where it goes, and after a receive the sender", function()
  local a, b, a_addr, b_addr = t.udp_pair()
  local message, buffer = llnet.Message(), llnet.Buffer(100)
  message:set_data("ping")
  message:set_address(b_addr)
  t.equal(message:get_address(), b_addr)
  t.integer(a:send_message(message), 4)
  message:set_data(buffer)
  t.integer(b:recv_message(message), 4)
  t.equal(message:get_address(), a_addr)
  t.integer(b:send_message(message), 4) -- an echo
  local filled = llnet.Addr()
  t.integer(a:recv_message(message), 4)
  message:get_address(filled)
  t.equal(filled, b_addr)
  message:set_address(nil)
  t.fails("ENOENT", message:get_address())
  t.fails("EDESTADDRREQ", a:send_message(message))
  close_all(a, b)
end)

-- ---- descriptors -----------------------------------------------------------------------------

t.case("descriptors go to another process: Python reads what we passed", function()
  local path = t.temporary_path()
  local listener = assert(llnet.Socket("unix", "stream"))
  assert(listener:bind(llnet.Addr.unix(path)))
  assert(listener:listen(1))
  local pipe, stop = t.start_python(([[
import socket, os
s = socket.socket(socket.AF_UNIX)
s.connect(%q)
data, fds, flags, addr = socket.recv_fds(s, 100, 10)
other = socket.socket(fileno=fds[1])
print(data.decode(), len(fds), os.read(fds[0], 100).decode(), other.recv(100).decode())
]]):format(path))
  local peer = assert(listener:accept())
  local reader, writer = llnet.Socket.open_pipe()
  local one, two = t.unix_pair("stream")
  one:send_all("to a socket")
  assert(peer:set_nonblock(false))
  local message = llnet.Message()
  message:set_data("two of them:")
  t.equal(message:add_descriptor(reader), true)
  t.equal(message:add_descriptor(two:fileno()), true)
  t.integer(message:get_control_count(), 1)
  local file = llnet.Socket.borrow(writer:fileno())
  local source, drain = t.unix_pair("stream") -- splice is a way to write to a pipe
  source:send_all("to a pipe")
  t.integer(drain:splice(file, 100), 9)
  t.integer(peer:send_message(message), 12)
  t.equal(pipe:read("*l"), "two of them: 2 to a pipe to a socket")
  stop()
  os.remove(path)
  close_all(listener, peer, reader, writer, one, two, source, drain)
end)

t.case("descriptors come from another process, owned, close-on-exec and in order", function()
  local path = t.temporary_path()
  local listener = assert(llnet.Socket("unix", "stream"))
  assert(listener:bind(llnet.Addr.unix(path)))
  assert(listener:listen(1))
  local _, stop = t.start_python(([[
import socket
s = socket.socket(socket.AF_UNIX)
s.connect(%q)
pairs = [socket.socketpair() for i in range(3)]
for i, (mine, theirs) in enumerate(pairs):
    mine.sendall(b"socket %%d" %% i)
socket.send_fds(s, [b"three"], [theirs.fileno() for mine, theirs in pairs])
s.recv(1)
]]):format(path))
  local peer = assert(listener:accept())
  local message, buffer = receiver()
  t.integer(peer:recv_message(message), 5)
  t.equal(buffer:get_data(), "three")
  t.integer(message:get_descriptor_count(), 3)
  for i = 0, 1 do
    local taken = assert(message:take_descriptor())
    t.equal(taken:get_cloexec(), true)
    t.equal(taken:recv(100), "socket " .. i)
    taken:close()
  end
  t.integer(message:get_descriptor_count(), 1) -- which the next call closes; the harness counts
  peer:send("x")
  stop()
  t.fails("CLOSED", peer:recv_message(message))
  t.integer(message:get_descriptor_count(), 0)
  t.fails("ENOENT", message:take_descriptor())
  os.remove(path)
  close_all(listener, peer)
end)

t.case("descriptors that nobody takes are closed by whatever ends the message", function()
  local a, b = t.unix_pair("stream")
  local passing = llnet.Message()
  passing:set_data("x")
  for _ = 1, 3 do passing:add_descriptor(a) end
  for _, ending in ipairs { "clear_control", "reset", "collect", "receive", "set" } do
    local message, buffer = receiver()
    a:send_message(passing)
    t.integer(b:recv_message(message), 1)
    t.integer(message:get_descriptor_count(), 3, ending)
    if ending == "receive" then
      b:set_nonblock(true)
      t.fails("EAGAIN", b:recv_message(message))
      b:set_nonblock(false)
    elseif ending == "set" then
      message:set_ttl(3)
    elseif ending == "collect" then
      message = nil
      collectgarbage()
      collectgarbage()
    else
      message[ending](message)
    end
    if message then t.integer(message:get_descriptor_count(), 0, ending) end
    buffer:free()
  end
  close_all(a, b)
end)

t.case("descriptors that find no room are not leaked", function()
  local a, b = t.unix_pair("stream")
  local passing = llnet.Message(2000)
  passing:set_data("x")
  for _ = 1, llnet.MESSAGE_DESCRIPTORS_MAX do t.equal(passing:add_descriptor(a), true) end
  t.fails("E2BIG", passing:add_descriptor(a))
  t.integer(a:send_message(passing), 1)
  local message = receiver(10, 64)
  t.integer(b:recv_message(message), 1)
  t.equal(message:is_control_truncated(), true)
  t.equal(message:get_descriptor_count() >= 1, true)
  message:reset()
  close_all(a, b)
end)

t.case("a Socket that is passed lives until then, and what is no descriptor is refused", function()
  local a, b = t.unix_pair("stream")
  local message = llnet.Message(64)
  message:set_data("x")
  message:add_descriptor(llnet.Socket("inet", "stream"))
  collectgarbage()
  collectgarbage()
  t.integer(a:send_message(message), 1)
  local incoming = receiver()
  b:recv_message(incoming)
  local taken = assert(incoming:take_descriptor())
  t.equal(taken:get_option("SO_DOMAIN"), llnet.AF_INET)
  taken:close()
  t.fails("EBADF", message:add_descriptor(taken))
  t.fails("EBADF", message:add_descriptor(-1))
  t.raises("Socket expected, got string", message.add_descriptor, message, "7")
  message:clear_control()
  for _ = 1, 12 do t.equal(message:add_descriptor(a), true) end
  t.fails("ENOBUFS", message:add_descriptor(a))
  t.integer(a:send_message(message), 1)
  b:recv_message(incoming)
  t.integer(incoming:get_descriptor_count(), 12)
  incoming:reset()
  message:reset()
  close_all(a, b)
end)

t.case("credentials are those of the sending process", function()
  local path = t.temporary_path()
  local sock = assert(llnet.Socket("unix", "dgram"))
  assert(sock:bind(llnet.Addr.unix(path)))
  assert(sock:set_option("SO_PASSCRED", true))
  local output = t.python(([[
import socket, os
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.connect(%q)
s.send(b"who")
print(os.getpid(), os.getuid(), os.getgid())
]]):format(path))
  local message = receiver()
  t.integer(sock:recv_message(message), 3)
  t.equal(table.concat({ message:get_credentials() }, " "), output)
  local a, b = t.unix_pair("stream")
  t.fails("ENOENT", receiver():get_credentials())
  t.raises("number", message.set_credentials, message, "x", 0, 0)
  t.fails("ERANGE", message:set_credentials(-1, 0, 0))
  close_all(sock, a, b)
  os.remove(path)
end)

-- ---- packet info, ttl, traffic class ------------------------------------------------------------

-- A UDP socket that gets all there is, on loopback.
local function open_informed(family)
  local sock = assert(llnet.Socket(family, "dgram"))
  local ipv6 = family == "inet6"
  if not sock:bind(llnet.Addr(ipv6 and "::1" or "127.0.0.1", 0)) then t.skip("no IPv6 on loopback") end
  local options = ipv6 and { "IPV6_RECVPKTINFO", "IPV6_RECVHOPLIMIT", "IPV6_RECVTCLASS" }
    or { "IP_PKTINFO", "IP_RECVTTL", "IP_RECVTOS" }
  for _, option in ipairs(options) do assert(sock:set_option(option, true)) end
  return sock, assert(sock:get_sockname())
end

for _, family in ipairs { "inet", "inet6" } do
  local ipv6 = family == "inet6"
  local level, ttl, class = "IPPROTO_IP", "IP_TTL", "IP_TOS"
  if ipv6 then level, ttl, class = "IPPROTO_IPV6", "IPV6_HOPLIMIT", "IPV6_TCLASS" end
  local host = ipv6 and "::1" or "127.0.0.1"

  t.case(family .. ": what Python sets is read", function()
    local sock, addr = open_informed(family)
    t.python(([[
import socket, struct
s = socket.socket(socket.AF_%s, socket.SOCK_DGRAM)
s.sendmsg([b"data"], [(socket.%s, socket.%s, struct.pack("i", 77)),
                      (socket.%s, socket.%s, struct.pack("i", 0xb9))], 0, (%q, %d))
print("sent")
]]):format(family:upper(), level, ttl, level, class, host, addr:get_port()))
    local message = receiver()
    t.integer(sock:recv_message(message), 4)
    t.integer(message:get_ttl(), 77)
    t.integer(message:get_traffic_class(), 0xb9)
    t.integer(message:get_ecn(), 1)
    t.equal(message:get_destination(), llnet.Addr(host, 0))
    t.equal(llnet.interface_index_to_name and "lo" or "lo", "lo")
    t.integer(message:get_interface(), 1)
    t.fails("ENOENT", message:get_timestamp())
    t.fails("ENOENT", message:get_error())
    sock:close()
  end)

  t.case(family .. ": Python reads what is set", function()
    local pipe, stop = t.start_python(([[
import socket, struct
s = socket.socket(socket.AF_%s, socket.SOCK_DGRAM)
s.bind((%q, 0))
for option in %s: s.setsockopt(socket.%s, option, 1)
print(s.getsockname()[1], flush=True)
data, control, flags, addr = s.recvmsg(100, 1000)
found = {kind: struct.unpack("i", value[:4].ljust(4, b"\0"))[0] for level, kind, value in control}
print(data.decode(), found[socket.%s], found[socket.%s])
]]):format(family:upper(), host,
      ipv6 and "(socket.IPV6_RECVHOPLIMIT, socket.IPV6_RECVTCLASS)" or "(12, 13)", level, ttl, class))
    local port = tonumber(pipe:read("*l"))
    if not port then
      stop()
      t.skip("no python3 or no " .. family .. " here")
    end
    local sock = assert(llnet.Socket(family, "dgram"))
    local message = llnet.Message()
    message:set_data("set")
    message:set_address(llnet.Addr(host, port))
    t.equal(message:set_ttl(200), true)
    t.equal(message:set_ttl(33), true) -- replaces
    t.equal(message:set_traffic_class(0x2e), true)
    t.integer(message:get_control_count(), 4)
    t.integer(sock:send_message(message), 3)
    t.equal(pipe:read("*l"), "set 33 46")
    stop()
    sock:close()
  end)
end

t.case("the source address is chosen", function()
  local sock, addr = open_informed("inet")
  local sender = assert(llnet.Socket("inet", "dgram"))
  local message = llnet.Message()
  message:set_data("from")
  message:set_address(addr)
  t.equal(message:set_source(llnet.Addr("127.0.0.2", 99), 1), true)
  t.integer(sender:send_message(message), 4)
  local incoming = receiver()
  sock:recv_message(incoming)
  t.equal(incoming:get_address():get_ip(), "127.0.0.2")
  t.fails("EAFNOSUPPORT", message:set_source(llnet.Addr.unix("/x")))
  -- an answer from the address that was asked: the wildcard's socket would choose another
  local server = assert(llnet.Socket("inet", "dgram"))
  assert(server:bind(llnet.Addr("0.0.0.0", 0)))
  assert(server:set_option("IP_PKTINFO", true))
  sock:sendto("ask", llnet.Addr("127.0.0.9", server:get_sockname():get_port()))
  server:recv_message(incoming)
  t.equal(incoming:get_destination():get_ip(), "127.0.0.9")
  message:reset()
  message:set_data("answer")
  message:set_address(incoming:get_address())
  message:set_source(incoming:get_destination(), incoming:get_interface())
  server:send_message(message)
  local _, from = sock:recvfrom(100)
  t.equal(from:get_ip(), "127.0.0.9")
  close_all(sock, sender, server)
end)

t.case("an IPv6 socket that takes IPv4 has both families' fields", function()
  local sock = assert(llnet.Socket("inet6", "dgram"))
  if not sock:set_option("IPV6_V6ONLY", false) or not sock:bind(llnet.Addr("::", 0)) then t.skip("no IPv6 here") end
  for _, option in ipairs { "IP_RECVTTL", "IP_PKTINFO", "IPV6_RECVHOPLIMIT", "IPV6_RECVPKTINFO" } do
    assert(sock:set_option(option, true))
  end
  local port = sock:get_sockname():get_port()
  local sender, message, incoming = assert(llnet.Socket("inet", "dgram")), llnet.Message(), receiver()
  message:set_data("4")
  message:set_ttl(9)
  message:set_address(llnet.Addr("127.0.0.1", port))
  sender:send_message(message)
  t.integer(sock:recv_message(incoming), 1)
  t.integer(incoming:get_ttl(), 9)
  t.equal(incoming:get_destination():get_ip():find("127.0.0.1", 1, true) ~= nil, true)
  message:reset()
  message:set_data("answer")
  message:set_ttl(8)
  message:set_address(incoming:get_address()) -- a mapped address
  t.integer(sock:send_message(message), 6)
  assert(sender:set_option("IP_RECVTTL", true))
  sock:send_message(message)
  t.integer(sender:recv_message(incoming), 6)
  t.integer(sender:recv_message(incoming), 6)
  t.integer(incoming:get_ttl(), 8)
  close_all(sock, sender)
end)

t.case("fields outside their range are refused, and room that ends changes nothing", function()
  local message = llnet.Message(64)
  t.fails("EINVAL", message:set_ttl(0))
  t.fails("EINVAL", message:set_ttl(256))
  t.fails("EINVAL", message:set_traffic_class(-1))
  t.fails("EINVAL", message:set_traffic_class(256))
  t.fails("EINVAL", message:set_segment_size(0))
  t.fails("EINVAL", message:set_segment_size(65536))
  t.equal(message:set_ttl(5), true)
  t.fails("ENOBUFS", message:set_traffic_class(5))
  t.integer(message:get_control_count(), 2)
  t.equal(message:set_ttl(6), true)
  message:clear_control()
  t.equal(message:set_traffic_class(5), true)
  t.fails("ENOBUFS", llnet.Message(0):add_control(1, 1, ""))
end)

-- ---- control data as it is -------------------------------------------------------------------------

t.case("control messages of any kind are added and read as bytes", function()
  local sock, addr = open_informed("inet")
  local sender, message = assert(llnet.Socket("inet", "dgram")), llnet.Message()
  message:set_data("raw")
  message:set_address(addr)
  local ttl = llnet.Buffer(4)
  ttl:append_int(55, 4, t.little and "little" or "little")
  t.equal(message:add_control(llnet.SOL_IP, 2, ttl:get_data()), true) -- IP_TTL
  t.results({ message:get_control_type(0) }, llnet.SOL_IP, 2)
  t.equal(message:get_control_data(0), ttl:get_data())
  t.raises("Out of bounds", message.get_control_type, message, 1)
  t.integer(sender:send_message(message), 3)
  local incoming = receiver()
  sock:recv_message(incoming)
  t.integer(incoming:get_ttl(), 55)
  t.integer(incoming:get_control_count(), 3)
  -- what came is not sent
  incoming:set_address(addr)
  sock:send_message(incoming)
  sock:recv_message(incoming)
  t.integer(incoming:get_ttl(), 64)
  close_all(sock, sender)
end)

-- ---- time ---------------------------------------------------------------------------------------------

local function realtime()
  return tonumber(t.python("import time; print(time.time_ns() // 1000000)"))
end

t.case("receive timestamps are the wall clock's, by each of three options", function()
  local software = llnet.SOF_TIMESTAMPING_RX_SOFTWARE + llnet.SOF_TIMESTAMPING_SOFTWARE
  for option, value in pairs { SO_TIMESTAMP = true, SO_TIMESTAMPNS = true, SO_TIMESTAMPING = software } do
    local a, b, _, to = t.udp_pair()
    assert(b:set_option(option, value))
    local before = realtime()
    a:sendto("now", to)
    local message = receiver()
    t.integer(b:recv_message(message), 3)
    local after = realtime()
    local seconds, nanoseconds = message:get_timestamp()
    t.integer(seconds)
    t.integer(nanoseconds)
    local milliseconds = seconds * 1000 + math.floor(nanoseconds / 1000000)
    t.equal(milliseconds >= before and milliseconds <= after, true, option)
    t.equal(nanoseconds < 1000000000, true)
    if option == "SO_TIMESTAMP" then t.equal(nanoseconds % 1000, 0) end
    t.fails("ENOENT", message:get_hardware_timestamp())
    close_all(a, b)
  end
end)

t.case("transmit timestamps come through the error queue with their number", function()
  local a, b, _, to = t.udp_pair()
  assert(a:set_option("SO_TIMESTAMPING",
    llnet.SOF_TIMESTAMPING_SOFTWARE + llnet.SOF_TIMESTAMPING_OPT_ID + llnet.SOF_TIMESTAMPING_OPT_TSONLY))
  local message = llnet.Message()
  message:set_data("stamp")
  message:set_address(to)
  t.equal(message:set_timestamping(llnet.SOF_TIMESTAMPING_TX_SOFTWARE), true)
  for key = 0, 2 do
    t.integer(a:send_message(message), 5)
    t.integer(a:poll(0, 5000), llnet.POLLERR)
    local incoming = receiver()
    t.integer(a:recv_message(incoming, llnet.MSG_ERRQUEUE), 0)
    local kind, number = incoming:get_timestamp_key()
    t.integer(kind, llnet.SCM_TSTAMP_SND)
    t.integer(number, key)
    t.equal(incoming:get_timestamp() > 1700000000, true)
    t.equal(incoming:get_error().origin, "timestamping")
    t.fails("ENOENT", incoming:get_zerocopy())
  end
  close_all(a, b)
end)

-- ---- the error queue --------------------------------------------------------------------------------------

t.case("an ICMP error tells what, who and where", function()
  for family, host in pairs { inet = "127.0.0.1", inet6 = "::1" } do
    local deaf = assert(llnet.Socket(family, "dgram"))
    if deaf:bind(llnet.Addr(host, 0)) then
      local to = deaf:get_sockname()
      deaf:close()
      local sock = assert(llnet.Socket(family, "dgram"))
      assert(sock:set_option(family == "inet" and "IP_RECVERR" or "IPV6_RECVERR", true))
      sock:sendto("nobody", to)
      local message, buffer = receiver()
      t.integer(sock:poll(0, 5000), llnet.POLLERR)
      t.integer(sock:recv_message(message, llnet.MSG_ERRQUEUE), 6)
      t.equal(buffer:get_data(), "nobody")
      t.equal(message:get_address(), to)
      local problem = message:get_error()
      t.equal(problem.error, "ECONNREFUSED")
      t.integer(problem.number, 111)
      t.equal(problem.origin, family == "inet" and "icmp" or "icmp6")
      -- RFC 792: unreachable 3, port 3; RFC 4443: unreachable 1, port 4
      t.integer(problem.type, family == "inet" and 3 or 1)
      t.integer(problem.code, family == "inet" and 3 or 4)
      t.equal(problem.offender:get_ip(), host)
      t.equal(message:get_error_offender():get_ip(), host)
      t.fails("EAGAIN", sock:recv_message(message, llnet.MSG_ERRQUEUE))
      sock:close()
    else
      deaf:close()
    end
  end
end)

t.case("a datagram larger than the path's MTU is a local error that names it", function()
  local sock = assert(llnet.Socket("inet", "dgram"))
  assert(sock:set_option("IP_RECVERR", true))
  assert(sock:set_option("IP_MTU_DISCOVER", llnet.IP_PMTUDISC_DO))
  assert(sock:connect(llnet.Addr("127.0.0.1", 9)))
  t.fails("EMSGSIZE", sock:send(("x"):rep(65535)))
  local message = receiver()
  if sock:recv_message(message, llnet.MSG_ERRQUEUE) then
    local problem = message:get_error()
    t.equal(problem.error, "EMSGSIZE")
    t.equal(problem.origin, "local")
    t.integer(problem.info)
  end
  sock:close()
end)

t.case("sends without a copy are counted off as ranges", function()
  local pairs_of = { tcp = { t.tcp_pair() } }
  local u1, u2, _, to = t.udp_pair()
  u1:connect(to)
  pairs_of.udp = { u1, u2 }
  for name, pair in pairs(pairs_of) do
    local a, b = pair[1], pair[2]
    if not a:set_option("SO_ZEROCOPY", true) then
      close_all(a, b)
    else
      local buffer, message, incoming = llnet.Buffer(("z"):rep(20000)), llnet.Message(), receiver()
      message:set_data(buffer)
      for _ = 1, 3 do
        t.integer(a:send_message(message, llnet.MSG_ZEROCOPY), 20000)
        local got = 0
        while got < 20000 do got = got + #b:recv(65536) end
      end
      local expected = 0
      while expected < 3 do
        t.integer(a:poll(0, 5000), llnet.POLLERR)
        t.integer(a:recv_message(incoming, llnet.MSG_ERRQUEUE), 0)
        local first, last, copied = incoming:get_zerocopy()
        t.integer(first, expected, name)
        t.equal(last >= first and last <= 2, true)
        t.equal(copied, true) -- on loopback
        t.equal(incoming:get_error().origin, "zerocopy")
        expected = last + 1
      end
      close_all(a, b)
    end
  end
end)

t.case("joined datagrams tell their size, and dropped ones their number", function()
  local a, b, _, to = t.udp_pair()
  local message = llnet.Message()
  message:set_data(("s"):rep(2500))
  message:set_address(to)
  t.equal(message:set_segment_size(1000), true)
  local gro = b:set_option("UDP_GRO", true)
  local sent, name = a:send_message(message)
  if not sent or not gro then t.skip("no UDP_SEGMENT here: " .. tostring(name)) end
  local incoming, buffer = receiver(65535)
  t.integer(b:recv_message(incoming), 2500)
  t.integer(incoming:get_segment_size(), 1000)
  t.equal(buffer:get_data(), ("s"):rep(2500))
  assert(b:set_option("SO_RXQ_OVFL", true))
  assert(b:set_option("SO_RCVBUF", 2304))
  for _ = 1, 100 do a:sendto(("d"):rep(1000), to) end
  b:set_nonblock(true)
  local received = 0
  while b:recv_message(incoming) do received = received + 1 end
  a:sendto("after", to)
  t.integer(b:recv_message(incoming), 5)
  t.integer(incoming:get_drop_count(), 100 - received)
  close_all(a, b)
end)

-- ---- cost, misuse -----------------------------------------------------------------------------------------------

t.case("sending and receiving allocate nothing once the objects exist", function()
  local sock, addr = open_informed("inet")
  local sender, message, incoming = assert(llnet.Socket("inet", "dgram")), llnet.Message(), receiver()
  local from, dest, part = llnet.Addr(), llnet.Addr(), llnet.Buffer("buffer")
  message:set_address(addr)
  t.allocates_nothing(function()
    message:set_data("string", part)
    message:set_ttl(3)
    sender:send_message(message)
    sock:recv_message(incoming)
    incoming:get_address(from)
    incoming:get_destination(dest)
    return incoming:get_ttl() + incoming:get_interface()
  end)
  t.equal(dest, llnet.Addr("127.0.0.1", 0))
  close_all(sock, sender)
end)

t.case("a message carries fields of the user's own beside what it keeps", function()
  local message = llnet.Message()
  message.name = "mine"
  message:set_data("kept", "also")
  t.equal(message.name, "mine")
  local a, b = t.unix_pair("dgram")
  t.integer(a:send_message(message), 8)
  t.equal(b:recv(10), "keptalso")
  message.name = nil
  t.equal(message.name, nil)
  t.equal(tostring(message):match("^Message: "), "Message: ")
  close_all(a, b)
end)

t.case("a wrong argument raises", function()
  local a, b = t.unix_pair("dgram")
  t.raises("Message expected, got no value", a.send_message, a)
  t.raises("Message expected, got Socket", a.recv_message, a, b)
  t.raises("number expected, got string", llnet.Message, "x")
  t.raises("out of range", llnet.Message, -1)
  local message = llnet.Message()
  t.raises("Addr expected, got number", message.set_address, message, 5)
  t.raises("Buffer expected, got string", message.add_buffer, message, "x")
  close_all(a, b)
end)

t.done()
