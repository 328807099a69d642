-- SPDX-License-Identifier: MIT
-- message_descriptor: what Unix sockets pass beside the bytes: descriptors and credentials,
-- against Python's socket module.

local t = require "harness"
local shared = require "harness.message"
local llnet, close_all = t.llnet, t.close_all
local Message = llnet.Message
local inbox, letter, collect, with_python = shared.inbox, shared.letter, shared.collect, shared.with_python

-- ---- descriptors --------------------------------------------------------------------

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
  local before = t.descriptors()
  if not before then t.skip("descriptors cannot be counted") end
  for _, finish in ipairs {
    function(message) message:clear_control() end, function(message) message:reset() end,
    function(message) t.fails("EAGAIN", b:recv_message(message, llnet.MSG_DONTWAIT)) end,
    function(message) message:set_ttl(5) end, function() end,
  } do
    local message = inbox()
    a:send_message(out)
    b:recv_message(message)
    t.equal(t.descriptors(), before + 5)
    finish(message)
    message = nil -- luacheck: ignore
    collect()
    t.equal(t.descriptors(), before)
  end
  close_all(a, b)
end)

t.case("descriptors that find no room are not leaked", function()
  local a, b = t.unix_pair("stream")
  local passing = Message(2000)
  passing:set_data("x")
  for _ = 1, llnet.MESSAGE_DESCRIPTORS_MAX do t.equal(passing:add_descriptor(a), true) end
  t.fails("E2BIG", passing:add_descriptor(a))
  t.integer(a:send_message(passing), 1)
  local message = inbox(64, 10)
  t.integer(b:recv_message(message), 1)
  t.equal(message:is_control_truncated(), true)
  t.equal(message:get_descriptor_count() >= 1, true)
  message:reset()
  close_all(a, b)
end)

-- ---- with Python --------------------------------------------------------------------

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

t.done()
