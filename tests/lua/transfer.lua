-- SPDX-License-Identifier: MIT
-- transfer: files and lists in one call, splicing, and transfers up to a deadline.

local t = require "harness"
local llnet = t.llnet

local function close_all(...)
  for i = 1, select("#", ...) do
    t.equal((select(i, ...)):close(), true)
  end
end

-- A moment that is so many milliseconds away.
local function soon(milliseconds) return llnet.clock_now() + milliseconds * 1000000 end

local function file_of(text)
  local path = os.tmpname()
  local file = assert(io.open(path, "w+b"))
  file:write(text)
  file:flush()
  return file, path
end

-- ---- inside the kernel -----------------------------------------------------------------

t.case("a part of a Lua file is sent, as Python sees it", function()
  local text = {}
  for i = 1, 20000 do text[i] = ("line %d\n"):format(i) end
  text = table.concat(text)
  local file, path = file_of(text)
  local listener, addr = t.listener()
  local pipe, stop = t.start_python(([[
import socket, hashlib
s = socket.create_connection(("127.0.0.1", %d))
data = b""
while chunk := s.recv(65536): data += chunk
print(len(data), hashlib.sha256(data).hexdigest() == hashlib.sha256(open(%q, "rb").read()[100:]).hexdigest())
]]):format(addr:get_port(), path))
  local peer = assert(listener:accept())
  local offset = 100
  while true do
    local n, problem = peer:sendfile(file, offset, 50000)
    if not n then
      t.equal(problem, "CLOSED")
      break
    end
    offset = offset + n
  end
  t.equal(offset, #text)
  close_all(peer, listener)
  t.equal(pipe:read("*l"), ("%d True"):format(#text - 100))
  stop()
  file:close()
  os.remove(path)
end)

t.case("sendfile takes files, numbers and objects, and says what is wrong", function()
  local a, b = t.unix_pair("stream")
  local file, path = file_of("0123456789")
  t.integer(a:sendfile(file, 2, 3), 3)
  t.equal(b:recv(100), "234")
  t.integer(a:sendfile(file, 8), 2) -- the rest
  t.equal(b:recv(100), "89")
  t.fails("CLOSED", a:sendfile(file, 10, 5))
  t.integer(a:sendfile(file, 0, 0), 0)
  t.raises("a file wants an offset", a.sendfile, a, file, nil, 5)
  t.raises("out of range", a.sendfile, a, file, -1, 5)
  t.raises("Socket expected, got string", a.sendfile, a, "file", 0, 5)
  t.fails("EBADF", a:sendfile(999999, 0, 5))
  t.fails("ESPIPE", a:sendfile(b, 0, 5)) -- a socket is no file
  file:close()
  t.fails("EBADF", a:sendfile(file, 0, 5))
  close_all(a, b)
  os.remove(path)
end)

t.case("bytes go from socket to socket by way of a pipe", function()
  local a, b = t.unix_pair("stream")
  local c, d = t.unix_pair("stream")
  local reader, writer = assert(llnet.Socket.open_pipe())
  local copied, copy = assert(llnet.Socket.open_pipe(llnet.SOCK_NONBLOCK))
  t.equal(reader:get_cloexec(), true)
  t.equal(writer:get_nonblock(), false)
  t.equal(copied:get_nonblock(), true)
  a:send("through the pipe")
  t.integer(b:splice(writer, 100), 16)
  t.integer(reader:tee(copy, 100), 16)
  t.integer(reader:splice(c, 7, llnet.SPLICE_F_MOVE), 7)
  t.equal(d:recv(100), "through")
  t.integer(copied:splice(c, 100), 16)
  t.equal(d:recv(100), "through the pipe")
  t.fails("EAGAIN", copied:splice(c, 100))
  t.fails("EINVAL", a:splice(c, 100))
  t.fails("ENOTSOCK", reader:recv(1))
  writer:close()
  t.integer(reader:splice(c, 100), 9)
  t.fails("CLOSED", reader:splice(c, 100))
  t.fails("EBADF", writer:splice(c, 1))
  close_all(a, b, c, d, reader, copied, copy)
  t.fails("EINVAL", llnet.Socket.open_pipe(1))
end)

t.case("a peer that has gone is EPIPE, not a signal", function()
  local file, path = file_of("x")
  for _ = 1, 3 do
    local a, b = t.unix_pair("stream")
    b:close()
    t.fails("EPIPE", a:sendfile(file, 0, 1))
    local reader, writer = llnet.Socket.open_pipe()
    reader:close()
    local c, d = t.unix_pair("stream")
    c:send("x")
    t.fails("EPIPE", d:splice(writer, 1))
    close_all(a, writer, c, d)
  end
  file:close()
  os.remove(path)
end)

-- ---- lists -------------------------------------------------------------------------------------

t.case("strings and Buffers go as one, and what is left without another list", function()
  local a, b = t.unix_pair("stream")
  local list = { "abc", llnet.Buffer("def"), "", "ghi" }
  t.integer(a:sendv(list), 9)
  t.equal(b:recv(100), "abcdefghi")
  for skip = 0, 9 do
    t.integer(a:sendv(list, 0, skip), 9 - skip)
    if skip < 9 then t.equal(b:recv(100), ("abcdefghi"):sub(skip + 1)) end
  end
  t.integer(a:sendv(list, 0, 100), 0)
  t.integer(a:sendv {}, 0)
  t.raises("element 2: string or Buffer expected, got number", a.sendv, a, { "x", 5 })
  t.raises("table expected", a.sendv, a, "x")
  t.raises("MSG_ZEROCOPY wants Buffers", a.sendv, a, list, llnet.MSG_ZEROCOPY)
  local many = {}
  for i = 1, 1024 do many[i] = "x" end
  t.integer(a:sendv(many), 1024)
  t.integer(#b:recv(2000), 1024)
  many[1025] = "x"
  t.fails("EMSGSIZE", a:sendv(many))
  close_all(a, b)
end)

t.case("a long list goes over a socket that takes only a part", function()
  local a, b = t.unix_pair("stream")
  a:set_nonblock(true)
  local list, total = {}, 0
  for i = 1, 100 do
    list[i] = (string.char(33 + i % 90)):rep(10000)
    total = total + 10000
  end
  local sent, received = 0, {}
  while sent < total do
    local n, problem = a:sendv(list, 0, sent)
    if n then
      sent = sent + n
    else
      t.equal(problem, "EAGAIN")
      received[#received + 1] = b:recv(1000000)
    end
  end
  a:close()
  repeat
    local part = b:recv(1000000)
    received[#received + 1] = part
  until not part
  t.equal(table.concat(received) == table.concat(list), true)
  b:close()
end)

t.case("Buffers of a list are filled in order and sized", function()
  local a, b = t.unix_pair("stream")
  local one, two, three = llnet.Buffer(4), llnet.Buffer(10), llnet.Buffer("was here")
  a:send("1234567")
  t.integer(b:recvv { one, two, three }, 7)
  t.equal(one:get_data(), "1234")
  t.equal(two:get_data(), "567")
  t.equal(three:get_data(), "")
  t.raises("element 1: Buffer expected, got string", b.recvv, b, { "x" })
  t.fails("EAGAIN", b:recvv({ one }, llnet.MSG_DONTWAIT))
  a:close()
  t.fails("CLOSED", b:recvv { one })
  t.integer(b:recvv {}, 0)
  b:close()
end)

t.case("lists cost no memory", function()
  local a, b = t.unix_pair("stream")
  local list, room = { "head", llnet.Buffer("body") }, { llnet.Buffer(3), llnet.Buffer(100) }
  t.allocates_nothing(function()
    a:sendv(list)
    b:recvv(room)
  end)
  close_all(a, b)
end)

-- ---- whole transfers ---------------------------------------------------------------------------

t.case("all is sent and exactly so much received, or it is said how far it came", function()
  local a, b = t.unix_pair("stream")
  t.integer(a:send_all("0123456789"), 10)
  t.equal(b:recv_exact(4), "0123")
  t.equal(b:recv_exact(0), "")
  local buffer = llnet.Buffer(10)
  t.integer(b:recv_exact_buffer(buffer, 2, 6), 6)
  t.equal(buffer:get_data(2), "456789")
  t.integer(a:send_all_buffer(buffer, 3, 4), 4)
  t.results({ b:recv_exact(10, soon(20)) }, nil, "ETIMEDOUT", llnet.error_number("ETIMEDOUT"), "5678")
  local _, name, number, progress = a:send_all(("x"):rep(20000000), soon(20))
  t.equal(name, "ETIMEDOUT")
  t.integer(number, llnet.error_number("ETIMEDOUT"))
  t.integer(progress)
  t.equal(progress > 0 and progress < 20000000, true)
  a:close()
  local got = b:recv_exact(progress)
  t.equal(#got, progress)
  t.results({ b:recv_exact(5) }, nil, "CLOSED", 65536, "")
  t.raises("Out of bounds", b.recv_exact_buffer, b, buffer, 5, 6)
  b:close()
  t.results({ b:recv_exact(5) }, nil, "EBADF", 9, "")
  t.results({ b:send_all("x") }, nil, "EBADF", 9, 0)
end)

t.case("a deadline holds on blocking and non-blocking sockets, and one that is past makes a try", function()
  for _, nonblock in ipairs { true, false } do
    local a, b = t.unix_pair("stream")
    b:set_nonblock(nonblock)
    local before = llnet.clock_now()
    t.fails("ETIMEDOUT", b:recv_exact(1, soon(30)))
    t.equal(llnet.clock_now() - before >= 30000000, true)
    t.equal(b:get_nonblock(), nonblock)
    a:send("there")
    t.equal(b:recv_exact(5, 0), "there")
    close_all(a, b)
  end
end)

t.case("records up to a delimiter, however they come", function()
  local a, b = t.unix_pair("stream")
  local buffer = llnet.Buffer(0)
  local function record(delimiter, limit, deadline)
    local n, name, number = b:recv_until(buffer, delimiter, limit, deadline)
    if not n then return nil, name, number end
    local text = buffer:get_data(0, n)
    buffer:consume(n)
    return text
  end
  a:send("one\ntwo\nthr")
  t.equal(record("\n"), "one\n")
  t.equal(record("\n"), "two\n")
  t.fails("ETIMEDOUT", record("\n", nil, soon(5)))
  t.equal(buffer:get_data(), "thr")
  a:send("ee\r\n\r")
  t.fails("ETIMEDOUT", record("\r\n\r\n", nil, soon(5)))
  a:send("\nrest")
  t.equal(record("\r\n\r\n"), "three\r\n\r\n")
  t.fails("ENOBUFS", record("\n", 4))
  t.fails("ENOBUFS", record("\n", 2))
  a:send(("long"):rep(20000) .. "\n")
  a:close()
  t.equal(#record("\n"), 4 + 80000 + 1)
  t.fails("CLOSED", record("\n"))
  t.fails("EINVAL", record(""))
  b:close()
end)

t.case("a connection is made up to a deadline, and the mode is as it was", function()
  local listener, addr = t.listener()
  for _, nonblock in ipairs { true, false } do
    local sock = assert(llnet.Socket("inet", "stream"))
    sock:set_nonblock(nonblock)
    t.equal(sock:connect_until(addr, soon(5000)), true)
    t.equal(sock:get_nonblock(), nonblock)
    t.equal(sock:get_peername(), addr)
    sock:close()
  end
  listener:close()
  local sock = assert(llnet.Socket("inet", "stream"))
  t.fails("ECONNREFUSED", sock:connect_until(addr, soon(5000)))
  t.equal(sock:get_nonblock(), false)
  sock:close()
  t.fails("EBADF", sock:connect_until(addr))
end)

t.case("a full queue ends at the deadline", function()
  local path = t.temporary_path()
  local listener = assert(llnet.Socket("unix", "stream"))
  assert(listener:bind(llnet.Addr.unix(path)))
  assert(listener:listen(0))
  local first, second = llnet.Socket("unix", "stream"), llnet.Socket("unix", "stream")
  t.equal(first:connect_until(llnet.Addr.unix(path)), true)
  t.fails("ETIMEDOUT", second:connect_until(llnet.Addr.unix(path), soon(20)))
  close_all(listener:accept(), first)
  t.equal(second:connect_until(llnet.Addr.unix(path), soon(5000)), true)
  close_all(second, listener)
  os.remove(path)
end)

t.case("what was not sent yet, and the process at the other end", function()
  local a, b = t.tcp_pair()
  t.integer(a:get_queued_unsent(), 0)
  close_all(a, b)
  local c, d = t.unix_pair("stream")
  local process, name = c:get_peer_pidfd()
  if process then
    t.equal(process:poll(llnet.POLLIN, 0), 0) -- we live
    t.equal(process:get_cloexec(), true)
    process:close()
  else
    t.equal(name, "ENOPROTOOPT")
  end
  close_all(c, d)
end)

t.done()
