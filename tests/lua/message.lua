-- SPDX-License-Identifier: MIT
-- message: sendmsg and recvmsg from Lua: strings and Buffers in one call, descriptors,
-- credentials and the other control data, against Python's socket module.

local t = require "harness"
local llnet, close_all = t.llnet, t.close_all
local Message, Buffer, Addr = llnet.Message, llnet.Buffer, llnet.Addr

local linux = llnet.SO_PASSCRED ~= nil or io.open("/proc/self/stat") ~= nil

-- A message to receive up to 256 bytes with, and its Buffer.
local function inbox(control_size)
  local message, buffer = assert(Message(control_size)), Buffer(256)
  t.equal(message:set_data(buffer), true)
  return message, buffer
end

local function letter(...)
  local message = assert(Message())
  t.equal(message:set_data(...), true)
  return message
end

local function descriptor_count()
  local n = 0
  for fd = 0, 1023 do
    local file = io.open("/proc/self/fdinfo/" .. fd, "r")
    if file then
      file:close()
      n = n + 1
    end
  end
  return n
end

local function collect()
  for _ = 1, 4 do collectgarbage() end
end

-- ---- segments ------------------------------------------------------------------------------

t.case("strings and Buffers go in one call, and come into several", function()
  local a, b = t.unix_pair("dgram")
  local message = letter("ab", Buffer("cde"), "", 12, Buffer("f"))
  t.integer(message:get_segment_count(), 5)
  t.integer(a:send_message(message), 8)
  t.integer(message:get_size(), 8)
  local one, two, three = Buffer(3), Buffer(4), Buffer(4)
  local into = letter(one, two, three)
  t.integer(b:recv_message(into), 8)
  t.equal(tostring(one), "abc")
  t.equal(tostring(two), "de12")
  t.equal(tostring(three), "f")
  t.integer(into:get_flags(), 0)
  t.equal(into:is_truncated(), false)
  t.integer(a:send("x"), 1)
  t.integer(b:recv_message(into, 0), 1)
  t.equal(tostring(one) .. "," .. tostring(two) .. "," .. tostring(three), "x,,")
  close_all(a, b)
end)

t.case("data is added, replaced and cleared", function()
  local a, b = t.unix_pair("dgram")
  local message = letter("1", "2", "3")
  t.equal(message:add_data("4"), true)
  t.equal(message:add_buffer(Buffer("0123456789"), 5, 2), true)
  t.equal(message:add_buffer(Buffer("0123456789"), 8), true)
  t.equal(message:add_data("end"), true)
  t.integer(a:send_message(message), 11)
  t.equal(b:recv(100), "12345689end")
  t.equal(message:set_data("only"), true)
  t.integer(message:get_segment_count(), 1)
  a:send_message(message)
  t.equal(b:recv(100), "only")
  t.results({ message:clear_data() })
  t.integer(message:get_segment_count(), 0)
  t.integer(a:send_message(message), 0)
  t.equal(b:recv(100), "")
  t.equal(message:set_data(), true)
  t.integer(message:get_segment_count(), 0)
  message:add_buffer(Buffer("first"))
  message:add_data("second")
  a:send_message(message)
  t.equal(b:recv(100), "firstsecond")
  close_all(a, b)
end)

t.case("strings and Buffers live as long as the message needs them", function()
  local a, b = t.unix_pair("dgram")
  local message = Message()
  for i = 1, 50 do
    message:set_data(("s"):rep(100) .. i, Buffer(("b"):rep(100) .. i), ("t"):rep(100) .. i)
    message:add_data(("u"):rep(100) .. i)
    collect()
    t.integer(a:send_message(message), 400 + 4 * #tostring(i))
    local text = ""
    for letters in ("sbtu"):gmatch(".") do text = text .. letters:rep(100) .. i end
    t.equal(b:recv(1000), text)
  end
  close_all(a, b)
end)

t.case("what is kept is let go when it is replaced, cleared or reset", function()
  local weak = setmetatable({}, { __mode = "v" })
  local message = Message()
  local function fill(n)
    for i = 1, n do
      local sock = assert(llnet.Socket("inet", "dgram"))
      weak[#weak + 1] = sock
      t.equal(message:add_descriptor(sock), true, i)
    end
    collect()
    local alive = 0
    for _ in pairs(weak) do alive = alive + 1 end
    t.equal(alive, n)
  end
  local function none(what)
    collect()
    t.equal(next(weak), nil, what)
  end
  fill(3)
  message:clear_control()
  none("clear_control")
  fill(2)
  message:reset()
  none("reset")
  fill(4)
  local a, b = t.unix_pair("dgram")
  a:send("x")
  message:set_data(Buffer(1))
  t.integer(b:recv_message(message), 1)
  none("a receive")
  fill(1)
  message = nil -- luacheck: ignore
  none("the end")
  close_all(a, b)
end)

t.case("wrong segments are refused, and change nothing", function()
  local message = letter("as", "it", "was")
  t.raises("string or Buffer expected, got table", message.set_data, message, "x", {})
  t.raises("string or Buffer expected, got nil", message.set_data, message, "x", nil)
  t.raises("string or Buffer expected, got Socket", function()
    local sock = assert(llnet.Socket("inet", "dgram"))
    local ok, problem = pcall(message.set_data, message, sock)
    sock:close()
    error(ok and "set" or problem:gsub("got LSocket", "got Socket"), 0)
  end)
  t.raises("string expected", message.add_data, message, {})
  t.raises("Buffer expected, got string", message.add_buffer, message, "x")
  t.raises("Message expected, got no value", message.set_data)
  t.integer(message:get_segment_count(), 3)
  local a, b = t.unix_pair("dgram")
  t.fails("EFAULT", b:recv_message(message))
  message:set_data(Buffer("0123"))
  message:add_buffer(Buffer("0123"), 2, 3)
  t.raises("Out of bounds", a.send_message, a, message)
  t.raises("Message expected, got string", a.send_message, a, "x")
  t.raises("Message expected, got no value", a.recv_message, a)
  t.raises("number out of range", Message, -1)
  t.fails("ENOMEM", Message(2 ^ 31))
  close_all(a, b)
  t.fails("EBADF", a:send_message(letter("x")))
  t.fails("EBADF", b:recv_message((inbox())))
end)

t.case("MSG_ZEROCOPY wants Buffers", function()
  if not llnet.MSG_ZEROCOPY then t.skip("no MSG_ZEROCOPY") end
  local a, b, _, to = t.udp_pair()
  local message = letter(Buffer("x"), "string")
  message:set_address(to)
  t.raises("MSG_ZEROCOPY wants Buffers", a.send_message, a, message, llnet.MSG_ZEROCOPY)
  message:set_data(Buffer("x"))
  message:add_data("string")
  t.raises("MSG_ZEROCOPY wants Buffers", a.send_message, a, message, llnet.MSG_ZEROCOPY)
  message:set_data(Buffer("zero"), Buffer("copy"))
  if not a:set_option_raw(llnet.SOL_SOCKET, 60, 1) then
    close_all(a, b)
    t.skip("no SO_ZEROCOPY")
  end
  t.integer(a:send_message(message, llnet.MSG_ZEROCOPY), 8)
  t.equal(b:recv(100), "zerocopy")
  t.integer(a:send_message(message, llnet.MSG_ZEROCOPY), 8)
  t.equal(b:recv(100), "zerocopy")
  local report, seen = Message(), 0
  while seen < 2 do
    t.equal(a:poll(llnet.POLLERR, 5000) ~= 0, true)
    t.integer(a:recv_message(report, llnet.MSG_ERRQUEUE), 0)
    local first, last, copied = report:get_zerocopy()
    t.integer(first, seen)
    t.equal(copied, true) -- loopback has to
    t.equal(report:get_error().origin, "zerocopy")
    seen = t.integer(last) + 1
  end
  t.fails("ENOENT", Message():get_zerocopy())
  close_all(a, b)
end)

-- ---- addresses, ends, truncation ------------------------------------------------------------

t.case("a reply needs no address", function()
  local a, b, from, to = t.udp_pair()
  local message, buffer = inbox()
  local question = letter("question")
  question:set_address(to)
  t.equal(question:get_address(), to)
  t.integer(a:send_message(question), 8)
  t.integer(b:recv_message(message), 8)
  t.equal(tostring(buffer), "question")
  t.equal(message:get_address(), from)
  local addr = Addr()
  t.equal(message:get_address(addr), true)
  t.equal(addr, from)
  message:set_data("answer")
  t.integer(b:send_message(message), 6)
  t.equal(a:recv(100), "answer")
  message:set_address(nil)
  t.fails("ENOENT", message:get_address())
  t.fails("EDESTADDRREQ", b:send_message(message))
  t.raises("Addr expected, got string", message.set_address, message, "127.0.0.1")
  close_all(a, b)
end)

t.case("the end of a stream is CLOSED, an empty datagram 0, nothing there EAGAIN", function()
  local a, b = t.tcp_pair()
  local message = inbox()
  t.fails("EAGAIN", b:recv_message(message, llnet.MSG_DONTWAIT))
  a:send("last")
  a:close()
  t.integer(b:recv_message(message), 4)
  t.fails("CLOSED", b:recv_message(message))
  b:close()
  local sender, receiver, _, to = t.udp_pair()
  sender:sendto("", to)
  t.integer(receiver:recv_message(message), 0)
  close_all(sender, receiver)
end)

t.case("truncation of data and of control data is told", function()
  local a, b, _, to = t.udp_pair()
  local message = Message(0)
  message:set_data(Buffer(2))
  a:sendto("long", to)
  t.integer(b:recv_message(message), 2)
  t.equal(message:is_truncated(), true)
  t.integer(message:get_flags(), llnet.MSG_TRUNC)
  close_all(a, b)
  a, b = t.unix_pair()
  local out = letter("d")
  out:add_descriptor(0)
  local before = descriptor_count()
  a:send_message(out)
  b:recv_message(message)
  t.equal(message:is_control_truncated(), true)
  t.equal(message:is_truncated(), false)
  t.integer(message:get_descriptor_count(), 0)
  t.equal(descriptor_count(), before)
  close_all(a, b)
end)

-- ---- descriptors -------------------------------------------------------------------------------

t.case("descriptors of Sockets, numbers, and what has fileno are passed", function()
  local a, b = t.unix_pair()
  local message, out = inbox(), letter("d")
  t.equal(out:add_descriptor((assert(llnet.Socket("inet", "dgram")))), true) -- kept until it is sent
  t.equal(out:add_descriptor(0), true)
  t.equal(out:add_descriptor({ fileno = function() return 1 end }), true)
  collect()
  t.integer(a:send_message(out), 1)
  t.integer(b:recv_message(message), 1)
  t.integer(message:get_descriptor_count(), 3)
  t.integer(message:get_control_count(), 1)
  local level, kind = message:get_control_type(0)
  t.integer(level, llnet.SOL_SOCKET)
  t.integer(kind, llnet.SCM_RIGHTS)
  t.equal(#message:get_control_data(0), 12)
  local sock = assert(message:take_descriptor())
  t.integer(sock:get_option_raw(llnet.SOL_SOCKET, 3), llnet.SOCK_DGRAM) -- SO_TYPE
  t.equal(sock:get_cloexec(), true)
  t.integer(message:get_descriptor_count(), 2)
  sock:close()
  assert(message:take_descriptor()):close()
  assert(message:take_descriptor()):close()
  t.fails("ENOENT", message:take_descriptor())
  t.fails("ENOENT", message:take_pidfd())
  t.fails("EBADF", out:add_descriptor(-1))
  t.fails("EBADF", out:add_descriptor(sock))
  t.raises("Socket expected, got string", out.add_descriptor, out, "x")
  t.raises("Socket expected, got boolean", out.add_descriptor, out, true)
  close_all(a, b)
end)

t.case("descriptors that nobody takes are closed, by each way a message ends", function()
  local a, b = t.unix_pair()
  local out = letter("d")
  for _ = 1, 5 do out:add_descriptor(0) end
  local before = descriptor_count()
  for _, finish in ipairs {
    function(message) message:clear_control() end, function(message) message:reset() end,
    function(message) t.fails("EAGAIN", b:recv_message(message, llnet.MSG_DONTWAIT)) end,
    function(message) message:set_ttl(5) end, function() end,
  } do
    local message = inbox()
    a:send_message(out)
    b:recv_message(message)
    t.equal(descriptor_count(), before + 5)
    finish(message)
    message = nil -- luacheck: ignore
    collect()
    t.equal(descriptor_count(), before)
  end
  close_all(a, b)
end)

-- Starts Python with a Unix stream socket `peer` that is connected to the one returned.
local function with_python(program, body)
  t.python("print(1)") -- or skip
  local name = t.temporary_path()
  local listener = assert(llnet.Socket("unix", "stream"))
  assert(listener:bind((Addr.unix(name))))
  assert(listener:listen(1))
  local path = os.tmpname()
  local file = assert(io.open(path, "w"))
  file:write("import array, os, socket, struct, sys\npeer = socket.socket(socket.AF_UNIX)\npeer.settimeout(20)\n",
    ("peer.connect(%q)\n"):format(name), program)
  file:close()
  local pipe = assert(io.popen("env -u LD_PRELOAD -u LD_LIBRARY_PATH timeout 30 python3 " .. path .. " 2>&1", "r"))
  local ok, problem
  if listener:poll(llnet.POLLIN, 20000) == llnet.POLLIN then
    local sock = assert(listener:accept())
    ok, problem = pcall(body, sock)
    sock:close()
  else
    ok, problem = false, "python3 did not connect"
  end
  listener:close()
  local output = pipe:read("*a")
  pipe:close()
  os.remove(name)
  os.remove(path)
  if not ok then error(tostring(problem) .. "\n" .. output, 0) end
  return (output:gsub("\n$", ""))
end

t.case("Python passes descriptors to us", function()
  with_python([[
pipes = [os.pipe() for _ in range(3)]
for i, (r, w) in enumerate(pipes):
    os.write(w, b"pipe %d" % i)
socket.send_fds(peer, [b"three"], [r for r, w in pipes])
peer.recv(1)
]], function(sock)
    local message, buffer = inbox()
    t.integer(sock:recv_message(message), 5)
    t.equal(tostring(buffer), "three")
    t.integer(message:get_descriptor_count(), 3)
    for i = 0, 2 do
      local taken = assert(message:take_descriptor())
      t.equal(taken:get_cloexec(), true)
      local file = io.open("/proc/self/fd/" .. taken:fileno(), "r")
      if file then
        t.equal(file:read(6), "pipe " .. i)
        file:close()
      end
      taken:close()
    end
    sock:send("x")
  end)
end)

t.case("we pass descriptors to Python", function()
  local one, two = t.unix_pair()
  local output = with_python([[
data, fds, flags, addr = socket.recv_fds(peer, 100, 10)
print(data.decode(), len(fds))
for fd in fds:
    sock = socket.socket(fileno=fd)
    print(sock.family.name, sock.type.name)
    sock.send(b"from Python")
]], function(sock)
    local message = letter("here", " they are")
    message:add_descriptor(one)
    message:add_descriptor(one)
    t.integer(sock:send_message(message), 13)
    t.equal(two:recv(22, llnet.MSG_WAITALL), ("from Python"):rep(2))
  end)
  t.equal(output, "here they are 2\nAF_UNIX SOCK_STREAM\nAF_UNIX SOCK_STREAM")
  close_all(one, two)
end)

t.case("Python's credentials are the kernel's word, and ours are told to it", function()
  if not llnet.SCM_CREDENTIALS then t.skip("no SCM_CREDENTIALS") end
  local pid, uid, gid
  local output = with_python([[
peer.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
peer.recv(1)
peer.send(b"x")
print(os.getpid(), os.getuid(), os.getgid())
data, control, flags, addr = peer.recvmsg(10, 100)
for level, kind, value in control:
    if kind == socket.SCM_CREDENTIALS:
        print(*struct.unpack("iII", value[:12]))
]], function(sock)
    assert(sock:set_option("SO_PASSCRED", true))
    sock:send("x")
    local message = inbox()
    t.integer(sock:recv_message(message), 1)
    pid, uid, gid = message:get_credentials()
    t.integer(pid)
    t.integer(uid)
    t.integer(gid)
    local stat = assert(io.open("/proc/self/stat", "r"))
    local self = tonumber(stat:read("*a"):match("^%d+"))
    stat:close()
    local out = letter("y")
    t.equal(out:set_credentials(self, uid, gid), true)
    t.integer(sock:send_message(out), 1)
    pid = pid .. " " .. uid .. " " .. gid .. "\n" .. self .. " " .. uid .. " " .. gid
  end)
  t.equal(output, pid)
  t.fails("ERANGE", Message():set_credentials(2 ^ 31, 0, 0))
  t.fails("ENOENT", Message():get_credentials())
end)

-- ---- fields of datagrams -------------------------------------------------------------------------

-- What Python's recvmsg sees of a datagram that we send to it, and what we see of one that
-- it sends. The two talk over UDP; the ports go over the Unix socket.
local function with_python_udp(family, host, program, body)
  local udp = assert(llnet.Socket(family, "dgram"))
  assert(udp:bind(Addr(host, 0)))
  local output = with_python(([[
udp = socket.socket(socket.%s, socket.SOCK_DGRAM)
udp.settimeout(20)
udp.bind((%q, 0))
to = (%q, int(peer.recv(20)))
peer.send(b"%%d" %% udp.getsockname()[1])
peer.recv(1)
]]):format(family == "inet" and "AF_INET" or "AF_INET6", host, host) .. program, function(sock)
    sock:send(tostring(udp:get_sockname():get_port()))
    local to = Addr(host, tonumber(sock:recv(20)))
    sock:send("k")
    body(udp, to, sock)
  end)
  udp:close()
  return output
end

local families = {
  { "inet", "127.0.0.1", "IP", "IP_RECVTTL", "IP_RECVTOS", "IP_PKTINFO", ttl = "IP_TTL", class = "IP_TOS" },
  { "inet6", "::1", "IPV6", "IPV6_RECVHOPLIMIT", "IPV6_RECVTCLASS", "IPV6_RECVPKTINFO", ttl = "IPV6_HOPLIMIT",
    class = "IPV6_TCLASS" },
}

for _, family in ipairs(families) do
  t.case("Python sees the ttl and traffic class that we set over " .. family[1], function()
    if not linux then t.skip("Linux alone") end
    local output = with_python_udp(family[1], family[2], ([[
level = socket.IPPROTO_%s
numbers = {"IP_RECVTTL": 12, "IP_RECVTOS": 13}
for name in ("%s", "%s"):
    udp.setsockopt(level, numbers.get(name) or getattr(socket, name), 1)
peer.send(b"r")
data, control, flags, addr = udp.recvmsg(100, 1000)
print(data.decode(), sorted((kind, int.from_bytes(value, sys.byteorder)) for lev, kind, value in control))
]]):format(family[3], family[4], family[5]), function(udp, to, sock)
      t.equal(sock:recv(1), "r")
      local message = letter("fields")
      t.equal(message:set_ttl(37), true)
      t.equal(message:set_traffic_class(0xb8 + llnet.IPTOS_ECN_ECT0), true)
      message:set_address(to)
      t.integer(udp:send_message(message), 6)
    end)
    -- IP_TOS 1, IP_TTL 2; IPV6_HOPLIMIT 52, IPV6_TCLASS 67
    t.equal(output, family[1] == "inet" and "fields [(1, 186), (2, 37)]" or "fields [(52, 37), (67, 186)]")
  end)

  t.case("we see the ttl, traffic class and destination of Python's over " .. family[1], function()
    if not linux then t.skip("Linux alone") end
    with_python_udp(family[1], family[2], ([[
level = socket.IPPROTO_%s
ttl, tclass = %s
peer.recv(1)
udp.sendmsg([b"from ", b"Python"], [(level, ttl, struct.pack("i", 41)), (level, tclass, struct.pack("i", 0x2b))], 0, to)
peer.recv(1)
]]):format(family[3], family[1] == "inet" and "2, 1" or "52, 67"), function(udp, _, sock)
      for i = 4, 6 do assert(udp:set_option(family[i], true)) end
      sock:send("r")
      local message, buffer = inbox()
      t.equal(udp:poll(llnet.POLLIN, 20000), llnet.POLLIN)
      t.integer(udp:recv_message(message), 11)
      t.equal(tostring(buffer), "from Python")
      t.integer(message:get_ttl(), 41)
      t.integer(message:get_traffic_class(), 0x2b)
      t.integer(message:get_ecn(), llnet.IPTOS_ECN_CE)
      t.equal(message:get_destination(), Addr(family[2], 0))
      local addr = Addr()
      t.equal(message:get_destination(addr), true)
      t.equal(addr, Addr(family[2], 0))
      t.equal(message:get_interface() > 0, true)
      t.integer(message:get_control_count(), 3)
      sock:send("x")
    end)
  end)
end

t.case("the source is chosen, and Python sees it", function()
  if not linux then t.skip("Linux alone") end
  local output = with_python_udp("inet", "127.0.0.1", [[
peer.send(b"r")
print(udp.recvfrom(10)[1][0])
]], function(_, to, sock)
    sock:recv(1)
    local any = assert(llnet.Socket("inet", "dgram"))
    local message = letter("x")
    t.equal(message:set_source(Addr("127.0.0.2", 0)), true)
    message:set_address(to)
    t.integer(any:send_message(message), 1)
    any:close()
  end)
  t.equal(output, "127.0.0.2")
  t.fails("EAFNOSUPPORT", Message():set_source(Addr()))
  t.raises("Addr expected", Message().set_source, Message(), nil)
end)

t.case("wrong fields are EINVAL, without room ENOBUFS, absent ENOENT", function()
  local message = Message()
  t.fails("EINVAL", message:set_ttl(0))
  t.fails("EINVAL", message:set_ttl(256))
  t.fails("EINVAL", message:set_traffic_class(256))
  t.fails("ENOBUFS", Message(16):set_ttl(1))
  t.fails("ENOBUFS", Message(0):add_descriptor(0))
  t.fails("ENOBUFS", Message(0):add_control(1, 2, ""))
  if linux then
    t.fails("EINVAL", message:set_segment_size(0))
    t.fails("EINVAL", message:set_segment_size(65536))
    for _, name in ipairs {
      "get_ttl", "get_traffic_class", "get_ecn", "get_destination", "get_interface", "get_original_destination",
      "get_timestamp", "get_hardware_timestamp", "get_timestamp_key", "get_segment_size", "get_drop_count",
      "get_error", "get_error_offender", "get_zerocopy", "get_credentials", "take_descriptor", "take_pidfd",
    } do
      t.fails("ENOENT", message[name](message))
    end
  end
  t.raises("Out of bounds", message.get_control_type, message, 0)
  t.raises("Out of bounds", message.get_control_data, message, 0)
end)

t.case("control data as it is", function()
  local message = Message()
  t.equal(message:add_control(7, 8, "a\0b"), true)
  t.equal(message:add_control(9, 10, ""), true)
  t.integer(message:get_control_count(), 2)
  t.results({ message:get_control_type(0) }, 7, 8)
  t.equal(message:get_control_data(0), "a\0b")
  t.results({ message:get_control_type(1) }, 9, 10)
  t.equal(message:get_control_data(1), "")
end)

-- ---- time and the error queue ---------------------------------------------------------------------

t.case("the time of receipt is seconds and nanoseconds", function()
  if not linux then t.skip("Linux alone") end
  local a, b, _, to = t.udp_pair()
  assert(b:set_option("SO_TIMESTAMPNS", true))
  local message = inbox()
  local before = os.time()
  a:sendto("x", to)
  b:recv_message(message)
  local seconds, nanoseconds = message:get_timestamp()
  t.integer(seconds)
  t.integer(nanoseconds)
  t.equal(seconds >= before and seconds <= os.time() + 1, true) -- time(2) lags by a tick
  t.equal(nanoseconds >= 0 and nanoseconds < 1e9, true)
  close_all(a, b)
end)

t.case("a sent datagram's time comes with its key", function()
  if not linux then t.skip("Linux alone") end
  local a, b, _, to = t.udp_pair()
  local wanted = llnet.SOF_TIMESTAMPING_TX_SOFTWARE + llnet.SOF_TIMESTAMPING_SOFTWARE
    + llnet.SOF_TIMESTAMPING_OPT_ID + llnet.SOF_TIMESTAMPING_OPT_TSONLY
  assert(a:set_option_raw(llnet.SOL_SOCKET, llnet.SCM_TIMESTAMPING, wanted))
  local message = inbox()
  for key = 0, 2 do
    a:sendto("x", to)
    t.equal(a:poll(0, 5000), llnet.POLLERR)
    t.integer(a:recv_message(message, llnet.MSG_ERRQUEUE), 0)
    t.results({ message:get_timestamp_key() }, llnet.SCM_TSTAMP_SND, key)
    t.equal((message:get_timestamp()) >= os.time() - 100, true)
    t.equal(message:get_error().origin, "timestamping")
  end
  close_all(a, b)
end)

t.case("a closed port is reported with who said so", function()
  if not linux then t.skip("Linux alone") end
  local a, b, _, to = t.udp_pair()
  b:close()
  assert(a:set_option("IP_RECVERR", true))
  local message, buffer = inbox()
  a:sendto("nobody there", to)
  t.equal(a:poll(0, 5000), llnet.POLLERR)
  t.integer(a:recv_message(message, llnet.MSG_ERRQUEUE), 12)
  t.equal(tostring(buffer), "nobody there")
  t.equal(message:get_address(), to)
  local problem = message:get_error()
  t.equal(problem.error, "ECONNREFUSED")
  t.integer(problem.number, llnet.error_number("ECONNREFUSED"))
  t.equal(problem.origin, "icmp")
  t.integer(problem.type, 3)
  t.integer(problem.code, 3)
  t.integer(problem.info, 0)
  t.equal(problem.offender, Addr("127.0.0.1", 0))
  t.equal(message:get_error_offender(), Addr("127.0.0.1", 0))
  t.integer(message:get_flags(), llnet.MSG_ERRQUEUE)
  close_all(a)
end)

t.case("a message is cut into datagrams and joined again", function()
  if not linux then t.skip("Linux alone") end
  local a, b, _, to = t.udp_pair()
  if not b:set_option("UDP_GRO", true) then
    close_all(a, b)
    t.skip("no UDP_GRO")
  end
  local message, buffer = inbox()
  local out = letter(("1"):rep(100), ("2"):rep(100), "3")
  t.equal(out:set_segment_size(100), true)
  out:set_address(to)
  t.integer(a:send_message(out), 201)
  t.integer(b:recv_message(message), 201)
  t.equal(tostring(buffer), ("1"):rep(100) .. ("2"):rep(100) .. "3")
  t.integer(message:get_segment_size(), 100)
  close_all(a, b)
end)

-- ---- the object ---------------------------------------------------------------------------------------

t.case("a message has fields of the program's own, beside what it keeps", function()
  local a, b = t.unix_pair("dgram")
  local message = letter("kept")
  message.name = "mine"
  message[1] = "one"
  t.equal(message.name, "mine")
  collect()
  t.integer(a:send_message(message), 4)
  t.equal(b:recv(10), "kept")
  t.equal(message[1], "one")
  message:reset()
  t.equal(message[1], "one")
  t.equal(getmetatable(message), "Message")
  t.equal(tostring(message):match("^Message: ") ~= nil, true)
  close_all(a, b)
end)

t.case("a message that is used again takes no memory", function()
  local a, b, _, to = t.udp_pair()
  if linux then
    assert(b:set_option("IP_PKTINFO", true))
    assert(b:set_option("IP_RECVTTL", true))
  end
  local message, out, addr = inbox(), Message(), Addr()
  local part = Buffer("part")
  out:set_address(to)
  local function exchange()
    out:set_data("head", part, "tail")
    out:add_data("more")
    out:set_ttl(7)
    a:send_message(out)
    local n = b:recv_message(message)
    if n ~= 16 or not message:get_address(addr) then error("the exchange failed") end
    if linux and (message:get_ttl() ~= 7 or not message:get_destination(addr) or not message:get_interface()) then
      error("the fields are missing")
    end
  end
  -- LuaJIT allocates for the traces that it compiles
  if rawget(_G, "jit") then require("jit").off() end
  collect()
  collectgarbage("stop")
  -- both rounds run at one depth of Lua's stack, which grows when it is first reached
  local before, after
  for round = 1, 2 do
    before = collectgarbage("count")
    for _ = 1, round == 1 and 10 or t.rounds(100000) do exchange() end
    after = collectgarbage("count")
  end
  collectgarbage("restart")
  t.equal(after, before)
  close_all(a, b)
end)

t.done()
