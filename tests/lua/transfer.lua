-- SPDX-License-Identifier: MIT
-- transfer: sendfile from Lua's own files, splice, reading and writing what is no socket, lists of
-- pieces. Python's socket module is at the other end where it can be. whole.lua has what goes on to a
-- deadline.

local t = require "harness"
local llnet, close_all = t.llnet, t.close_all

local transfer = require "harness.transfer"
local make_bytes, with_file = transfer.make_bytes, transfer.with_file
local python_reader, python_digest = transfer.python_reader, transfer.python_digest

-- ---- sendfile ----------------------------------------------------------------------------

t.case("Python reads a Lua file that sendfile sent, byte for byte", function()
  with_file(make_bytes(2000000), function(path)
    local sock, ended = python_reader()
    local file = assert(io.open(path, "rb"))
    local offset = 0
    while offset < 2000000 do offset = offset + assert(sock:sendfile(file, offset)) end
    t.fails("CLOSED", sock:sendfile(file, offset))
    t.equal(file:read(8), "0000001\n") -- its position is where it was
    file:close()
    t.equal(ended(), python_digest(path))
  end)
end)

t.case("sendfile takes a part of a Lua file, of a descriptor, of an object with fileno", function()
  with_file("0123456789", function(path)
    local a, b = t.unix_pair()
    local file = assert(io.open(path, "rb"))
    t.integer(a:sendfile(file, 3, 4), 4)
    t.equal(b:recv(100), "3456")
    t.integer(a:sendfile(file, 8), 2)
    t.equal(b:recv(100), "89")
    t.fails("CLOSED", a:sendfile(file, 10))
    t.integer(a:sendfile(file, 0, 0), 0)
    t.raises("a file wants an offset", a.sendfile, a, file)
    t.raises("a file wants an offset", a.sendfile, a, file, nil, 3)
    t.raises("bad argument", a.sendfile, a, file, -1, 3)
    t.raises("bad argument", a.sendfile, a, {}, 0, 3)
    t.raises("bad argument", a.sendfile, a)
    file:close()
    t.fails("EBADF", a:sendfile(file, 0, 3))
    t.fails("EINVAL", a:sendfile(b, nil, 3)) -- not a file
    t.fails("EBADF", a:sendfile(999999999, 0, 3))
    close_all(a, b)
    t.fails("EBADF", a:sendfile(0, 0, 3))
  end)
end)

t.case("sendfile without an offset goes on at the descriptor's position", function()
  with_file("0123456789", function(path)
    local a, b = t.unix_pair()
    -- nothing in Lua tells a file's descriptor, but it is the lowest that is free
    local lowest = assert(llnet.Socket("inet", "stream"))
    local number = lowest:fileno()
    lowest:close()
    local file = assert(io.open(path, "rb"))
    t.integer(a:sendfile(number, 4, 1), 1)
    t.equal(b:recv(100), "4")
    t.integer(a:sendfile(number, nil, 4), 4)
    t.integer(a:sendfile({ fileno = function() return number end }, nil, 100), 6)
    t.fails("CLOSED", a:sendfile(number, nil, 1))
    t.equal(b:recv(100), "0123456789")
    file:close()
    close_all(a, b)
  end)
end)

t.case("sendfile to a full socket sends a part, then EAGAIN, and raises no SIGPIPE", function()
  with_file(make_bytes(4000000), function(path)
    local a, b = t.unix_pair()
    local file = assert(io.open(path, "rb"))
    a:set_nonblock(true)
    local offset = 0
    repeat
      local n = a:sendfile(file, offset)
      offset = offset + (n or 0)
    until not n
    t.fails("EAGAIN", a:sendfile(file, offset))
    t.equal(offset > 0 and offset < 4000000, true)
    t.equal(#assert(b:recv_exact(offset, 0)), offset)
    b:close()
    t.fails("EPIPE", a:sendfile(file, 0)) -- Lua has SIGPIPE's default, which would end it
    file:close()
    a:close()
  end)
end)

-- ---- pipes -------------------------------------------------------------------------------

t.case("splices by way of a pipe relay to Python, tee keeps a copy", function()
  with_file(make_bytes(1000000), function(path)
    local sock, ended = python_reader()
    local from, to = t.unix_pair()
    local read_end, write_end = assert(llnet.Socket.open_pipe())
    local file = assert(io.open(path, "rb"))
    local offset = 0
    while offset < 1000000 do
      offset = offset + assert(to:sendfile(file, offset, 32768))
      local waiting = from:get_queued_in()
      while waiting > 0 do
        local n = assert(from:splice(write_end, waiting))
        waiting = waiting - n
        while n > 0 do n = n - assert(read_end:splice(sock, n, llnet.SPLICE_F_MORE)) end
      end
    end
    file:close()
    to:close()
    t.fails("CLOSED", from:splice(write_end, 10))
    t.equal(ended(), python_digest(path))
    close_all(from, read_end, write_end)
  end)
end)

t.case("tee copies between pipes", function()
  local a, b = t.unix_pair()
  local r1, w1 = assert(llnet.Socket.open_pipe(llnet.SOCK_NONBLOCK))
  local r2, w2 = assert(llnet.Socket.open_pipe(llnet.SOCK_NONBLOCK))
  t.equal(r1:get_nonblock(), true)
  t.equal(r1:get_cloexec(), true)
  t.equal(w1:get_cloexec(), true)
  a:send("abcdef")
  t.integer(b:splice(w1, 100), 6)
  t.integer(r1:tee(w2, 100), 6)
  t.integer(r1:splice(a, 100), 6)
  t.integer(r2:splice(a, 100), 6)
  t.equal(b:recv(100), "abcdefabcdef")
  t.fails("EAGAIN", r1:tee(w2, 100))
  t.fails("EAGAIN", r1:splice(a, 100))
  t.fails("EINVAL", a:splice(b, 1))
  t.fails("ENOTSOCK", r1:recv(1))
  t.fails("EINVAL", llnet.Socket.open_pipe(1))
  close_all(w1, w2)
  t.fails("CLOSED", r1:splice(a, 1))
  t.fails("CLOSED", r2:splice(a, 1))
  t.fails("EBADF", r1:tee(w2, 1))
  t.fails("EBADF", w1:splice(a, 1))
  t.raises("Socket expected", r1.splice, r1, 1, 1)
  close_all(r1, r2, a, b)
end)

-- ---- what is no socket -------------------------------------------------------------------

t.case("a pipe is read to its end, and written until it is full", function()
  local r, w = assert(llnet.Socket.open_pipe(llnet.SOCK_NONBLOCK))
  t.fails("EAGAIN", r:read(10))
  t.integer(w:write("abc\0def"), 7)
  t.equal(r:read(0), "")
  t.equal(r:read(4), "abc\0")
  t.equal(r:read(100), "def")
  t.integer(w:write(""), 0)
  t.integer(w:write(12), 2) -- a number is text
  t.equal(r:read(100), "12")
  local bytes, went, parts = make_bytes(200000), 0, {}
  repeat
    local n, name = w:write(bytes:sub(went + 1))
    if n then went = went + t.integer(n) else t.equal(name, "EAGAIN") end
  until not n
  t.equal(went > 0 and went < #bytes, true)
  t.fails("EBADF", w:read(1))
  t.fails("EBADF", r:write("x"))
  w:close()
  repeat
    parts[#parts + 1] = r:read(30000) -- more than fits the C stack
  until #table.concat(parts) == went
  t.equal(table.concat(parts), bytes:sub(1, went))
  t.fails("CLOSED", r:read(1))
  t.equal(r:read(0), "")
  r:close()
  t.fails("EBADF", r:read(1))
  t.fails("EBADF", w:write("x"))
  t.raises("bad argument", r.read, r)
  t.raises("bad argument", r.read, r, -1)
  t.raises("bad argument", r.write, r)
  t.raises("bad argument", r.write, r, {})
end)

t.case("a pipe that nobody reads is EPIPE", function()
  local r, w = assert(llnet.Socket.open_pipe())
  r:close()
  t.fails("EPIPE", w:write("x"))
  w:close()
end)

t.case("a socket is read and written, too, and 0 bytes are its end or a datagram", function()
  local a, b = t.unix_pair()
  t.integer(a:write("abc"), 3)
  t.equal(b:read(2), "ab")
  t.equal(b:recv(2), "c")
  a:close()
  t.fails("CLOSED", b:read(1))
  b:close()
  a, b = assert(llnet.Socket.pair("unix", "dgram"))
  t.integer(a:write(""), 0)
  t.integer(a:write("datagram"), 8)
  local borrowed = assert(llnet.Socket.borrow(b:fileno()))
  t.equal(borrowed:read(4), "")
  t.equal(borrowed:read(4), "data")
  close_all(borrowed, a, b)
end)

t.case("a program's standard input and output are borrowed, polled, read and written", function()
  local lowest = 0
  while arg[lowest - 1] do lowest = lowest - 1 end
  local path = t.temporary_path()
  local file = assert(io.open(path, "w"))
  file:write [[
    local llnet = require "llnet"
    local input, output = llnet.Socket.borrow(0), llnet.Socket.borrow(1)
    local poller, ready, data, problem = assert(llnet.Poller()), {}
    assert(poller:add(input, llnet.POLLIN))
    repeat
      assert(poller:wait(ready) == 1 and ready[1] == input)
      data, problem = input:read(4)
      if data then assert(output:write("<" .. data .. ">") == #data + 2) end
    until not data
    output:write(problem)
  ]]
  file:close()
  local pipe = assert(io.popen(("printf 'one two' | '%s' %s"):format(arg[lowest], path)))
  local text = pipe:read("*a"):gsub("><", "")
  t.equal(text, "<one two>CLOSED")
  pipe:close()
  os.remove(path)
end)

-- ---- pieces ------------------------------------------------------------------------------

t.case("sendv sends strings and Buffers as one run of bytes, recvv fills Buffers in order", function()
  local a, b = t.unix_pair()
  t.integer(a:sendv { "head ", llnet.Buffer("middle"), "", " tail" }, 16)
  local one, two, three = llnet.Buffer(7), llnet.Buffer(100), llnet.Buffer("old")
  t.integer(b:recvv { one, two, three }, 16)
  t.equal(one:get_data(), "head mi")
  t.equal(two:get_data(), "ddle tail")
  t.equal(three:get_size(), 0)
  t.integer(a:sendv {}, 0)
  t.integer(a:sendv({ "abc", "def" }, 0, 4), 2)
  t.integer(a:sendv({ "abc", "def" }, 0, 3), 3)
  t.integer(a:sendv({ "abc", "def" }, 0, 6), 0)
  t.integer(a:sendv({ "abc", "def" }, 0, 7), 0)
  t.equal(b:recv(100), "efdef")
  b:set_nonblock(true)
  t.fails("EAGAIN", b:recvv { one })
  t.equal(one:get_data(), "head mi")
  a:close()
  t.fails("CLOSED", b:recvv { one })
  t.fails("EPIPE", b:sendv { "x" })
  b:close()
  t.fails("EBADF", b:sendv { "x" })
  t.fails("EBADF", b:recvv { one })
end)

t.case("lists of other things are refused", function()
  local a, b = t.unix_pair()
  t.raises("element 2: string or Buffer expected", a.sendv, a, { "x", {} })
  t.raises("element 1: string or Buffer expected", a.sendv, a, { 7 })
  t.raises("element 1: Buffer expected", a.recvv, a, { "x" })
  t.raises("table expected", a.sendv, a, "x")
  t.raises("table expected", a.recvv, a)
  close_all(a, b)
end)

t.case("MSG_ZEROCOPY is for Buffers, not for strings", function()
  if not llnet.MSG_ZEROCOPY or llnet.MSG_ZEROCOPY == 0 then t.skip("no MSG_ZEROCOPY") end
  local a, b = t.tcp_pair()
  t.raises("MSG_ZEROCOPY wants", a.sendv, a, { llnet.Buffer("x"), "y" }, llnet.MSG_ZEROCOPY)
  t.raises("MSG_ZEROCOPY wants", a.send, a, "y", llnet.MSG_ZEROCOPY)
  t.integer(a:sendv({ llnet.Buffer("x") }, llnet.MSG_ZEROCOPY), 1) -- without SO_ZEROCOPY: a copy
  t.equal(b:recv(10), "x")
  close_all(a, b)
end)

t.case("1,024 pieces go and 1,025 are EMSGSIZE", function()
  local a, b = t.unix_pair()
  local pieces, buffers = {}, {}
  for i = 1, 1024 do
    pieces[i] = ("%04d"):format(i)
    buffers[i] = llnet.Buffer(4)
  end
  t.integer(a:sendv(pieces), 4096)
  t.integer(b:recvv(buffers), 4096)
  for i = 1, 1024 do t.equal(buffers[i]:get_data(), pieces[i]) end
  pieces[1025], buffers[1025] = "x", llnet.Buffer(4)
  t.fails("EMSGSIZE", a:sendv(pieces))
  t.fails("EMSGSIZE", b:recvv(buffers))
  close_all(a, b)
end)

t.case("a loop of sendv with skip sends all through a socket that takes parts", function()
  local sock, ended = python_reader()
  local bytes = make_bytes(3000000)
  with_file(bytes, function(path)
    local pieces = {}
    for i = 1, 30 do
      local piece = bytes:sub((i - 1) * 100000 + 1, i * 100000)
      pieces[i] = i % 2 == 0 and llnet.Buffer(piece) or piece
    end
    sock:set_nonblock(true)
    local sent, parts = 0, 0
    while sent < #bytes do
      local n, name = sock:sendv(pieces, 0, sent)
      if n then
        sent, parts = sent + n, parts + 1
      else
        t.equal(name, "EAGAIN")
        assert(sock:poll(llnet.POLLOUT))
      end
    end
    t.equal(sent, 3000000)
    t.equal(ended(), python_digest(path))
  end)
end)

t.case("sendv and recvv take no memory of Lua's", function()
  local a, b = t.unix_pair()
  local pieces, buffers = { "abc", llnet.Buffer("def") }, { llnet.Buffer(2), llnet.Buffer(10) }
  t.allocates_nothing(function()
    a:sendv(pieces)
    b:recvv(buffers)
  end)
  close_all(a, b)
end)

-- ---- states ------------------------------------------------------------------------------

t.case("queued_unsent is what ss calls notsent", function()
  local a, b = t.tcp_pair()
  t.integer(a:get_queued_unsent(), 0)
  a:set_nonblock(true)
  local bytes = ("x"):rep(65536)
  while a:send(bytes) do end
  local unsent
  local addr = assert(a:get_sockname())
  for _ = 1, 100 do -- until nothing moved while ss looked
    unsent = t.integer(a:get_queued_unsent())
    local ss = "env -u LD_PRELOAD -u LD_LIBRARY_PATH ss -tniH 'sport = :%d' 2>/dev/null"
    local pipe = io.popen(ss:format(addr:get_port()))
    local said = pipe and pipe:read("*a") or ""
    if pipe then pipe:close() end
    if said == "" then
      close_all(a, b)
      t.skip("no ss here")
    end
    local notsent = tonumber(said:match("notsent:(%d+)") or "0")
    if a:get_queued_unsent() == unsent then
      t.equal(notsent, unsent)
      t.equal(unsent > 0, true)
      close_all(a, b)
      t.fails("EBADF", a:get_queued_unsent())
      return
    end
  end
  error("the queue never stood still")
end)

t.case("get_peer_pidfd becomes readable when Python ends", function()
  local path = t.temporary_path()
  local listener = assert(llnet.Socket("unix", "stream"))
  t.equal(listener:bind(llnet.Addr.unix(path)), true)
  t.equal(listener:listen(1), true)
  local _, stop = t.start_python(([[
import socket
stream = socket.socket(socket.AF_UNIX)
stream.connect(%q)
stream.recv(1)
]]):format(path))
  if listener:poll(llnet.POLLIN, 20000) == 0 then
    stop()
    listener:close()
    os.remove(path)
    t.skip("no python3 here")
  end
  local sock = assert(listener:accept())
  local process, name = sock:get_peer_pidfd()
  if process then
    t.equal(process:get_cloexec(), true)
    t.equal(process:poll(llnet.POLLIN, 0), 0)
  end
  sock:send("x")
  if process then
    local events = process:poll(llnet.POLLIN, 30000)
    -- with POLLHUP once it is waited for, too
    t.equal(events == llnet.POLLIN or events == llnet.POLLIN + llnet.POLLHUP, true, tostring(events))
    process:close()
  end
  stop()
  close_all(sock, listener)
  os.remove(path)
  t.fails("EBADF", sock:get_peer_pidfd())
  if not process then
    t.equal(name, "ENOPROTOOPT")
    t.skip("no SO_PEERPIDFD")
  end
end)

-- What a program, which SIGPIPE is to end, says when it has written to a pipe that nobody reads.
local function after_a_broken_pipe(program)
  local lowest = 0
  while arg[lowest - 1] do lowest = lowest - 1 end
  local path = t.temporary_path()
  local file = assert(io.open(path, "w"))
  file:write(program, [[
    io.stdout:setvbuf "no"
    repeat local ok, problem = io.stdout:write("a line\n") until not ok
    io.stderr:write("alive: ", problem)
  ]])
  file:close()
  local pipe = assert(io.popen(("{ env --default-signal=PIPE '%s' %s 2>&3 | true; } 3>&1"):format(arg[lowest], path)))
  local text = pipe:read("*a")
  pipe:close()
  os.remove(path)
  return text
end

t.case("a program that SIGPIPE would end lives on after ignore_sigpipe", function()
  local text = after_a_broken_pipe ""
  if text:find "option" then t.skip("env(1) has no --default-signal") end
  t.equal(text, "")
  text = after_a_broken_pipe 'require("llnet").ignore_sigpipe()\n'
  t.equal(text:match "^alive: " or text, "alive: ")
end)

-- The last one, since it stays so.
t.case("ignore_sigpipe is for the whole process; a peer that has gone is an error as before", function()
  local function is_ignored()
    local file = assert(io.open("/proc/self/status"))
    local signals = file:read("*a"):match "SigIgn:%s*(%x+)"
    file:close()
    return tonumber(signals:sub(-4), 16) % 0x2000 >= 0x1000 -- SIGPIPE is 13
  end
  t.equal(llnet.ignore_sigpipe(), true)
  t.equal(is_ignored(), true)
  with_file("0123456789", function(path)
    local a, b = t.unix_pair()
    local file = assert(io.open(path, "rb"))
    t.integer(a:sendfile(file, 0), 10)
    b:close()
    t.fails("EPIPE", a:sendfile(file, 0))
    file:close()
    a:close()
  end)
end)

t.done()
