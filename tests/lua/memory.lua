-- SPDX-License-Identifier: MIT
-- memory: each allocation fails once, in each class and layer: what comes is Lua's error or ENOMEM,
-- nothing crashes or leaks, and the same calls work afterwards. Counted from after require. First
-- Lua's allocations; then the file runs itself again, where all of the process's fail (malloc).
local t = require "harness"
local llnet = t.llnet

local path = ("%s/tests/lua%s/.libs/memory.so"):format(os.getenv("builddir") or ".", os.getenv("LLNET_LUA") or "")
local open = package.loadlib(path, "luaopen_memory")
if not open then
  print("1..0 # SKIP no tests/lua_memory.c for this Lua")
  os.exit(0)
end
local try = open()
-- LuaJIT's compiler has memory of its own, and gives up what it compiles when there is none
if rawget(_G, "jit") then jit.off() end -- luacheck: ignore

local preloaded = os.getenv("LLNET_MEMORY_PRELOADED") ~= nil

local MOST = 3000      -- allocations that a scenario may make
local FOR_EVER = 2 ^ 30

-- The second is what lua_checkstack's failure becomes; those of the third line come of malloc alone.
local function is_shortage(problem)
  return problem:find("not enough memory", 1, true) or problem:find("stack overflow (", 1, true)
    or preloaded and (problem:find("MEM", 1, true) or problem:find("annot allocate memory", 1, true)
    or problem:find("emory allocation failure", 1, true))
end

-- Runs it with the n-th allocation failing, n = 1, 2, ..., until it gets through. Alone: Lua 5.2
-- and later ask a second time after they have collected. For ever: all after it fail, too.
local function sweep(scenario)
  assert(scenario() == nil)
  for _, most in ipairs { 1, 2, FOR_EVER } do
    local n, failed = 0
    repeat
      n = n + 1
      local ok, problem
      ok, problem, failed = try(scenario, n, most, preloaded)
      if not ok and not is_shortage(tostring(problem)) then
        error(("allocation %d: %s"):format(n, tostring(problem)), 0)
      end
      if ok and most > 2 and failed > 0 and not preloaded then
        error(("allocation %d failed, and nobody noticed"):format(n), 0)
      end
      if n % 32 == 0 then
        collectgarbage()
        scenario()
      end
    until failed == 0 or n == MOST
    t.equal(failed, 0, "it never gets through")
    t.equal(n > 1 or preloaded, true, "it takes memory")
    scenario()
  end
end

local function case(name, scenario)
  t.case(name, function() sweep(scenario) end)
end

-- ---- what the scenarios are made of --------------------------------------------------------------

local Socket, Addr, Buffer, Message, Batch = llnet.Socket, llnet.Addr, llnet.Buffer, llnet.Message, llnet.Batch
local loopback = Addr("127.0.0.1", 0)

-- ---- classes ---------------------------------------------------------------------------------------

case("addresses", function()
  local a = assert(Addr("192.0.2.1", 80))
  assert(a:format() == "192.0.2.1:80")
  assert(tostring(Addr.parse("[2001:db8::1]:80")) ~= "")
  assert(Addr.unix("/tmp/x"):get_unix() == "/tmp/x")
  assert(a == Addr("192.0.2.1", 80))
end)

case("buffers", function()
  local b = assert(Buffer("abc"))
  assert(b:append(("x"):rep(100)))
  assert(b:get_data(0, 3) == "abc")
  assert(#tostring(assert(b:slice(1, 5))) == 5)
  b.own = "field"
  assert(b.own == "field")
end)

case("sockets are opened, connected, accepted and closed", function()
  local listener = assert(Socket("inet", "stream"))
  assert(listener:bind(loopback))
  assert(listener:listen(4))
  local client = assert(Socket("inet", "stream"))
  assert(client:connect(assert(listener:get_sockname())))
  local peer = Addr()
  local server = assert(listener:accept(peer))
  assert(client:send("hello") == 5)
  assert(server:recv(100) == "hello")
  local copy = assert(server:dup())
  assert(client:get_peername():get_port() > 0)
  for _, s in ipairs { listener, client, server, copy } do s:close() end
end)

case("sockets that nobody closes are collected", function()
  local a, b = assert(Socket.pair("unix", "dgram"))
  assert(a:send("x"))
  local data, from = b:recvfrom(10)
  assert(data == "x" and from)
  local r, w = assert(Socket.open_pipe())
  assert(w:write("pipe") == 4 and r:read(100000) == "pipe")
end)

case("options", function()
  local s = assert(Socket("inet", "stream"))
  assert(s:set_option("SO_LINGER", { on = true, seconds = 5 }))
  assert(s:get_option("SO_LINGER").seconds == 5)
  assert(s:get_option("TCP_INFO").state)
  assert(s:get_option("TCP_CONGESTION") ~= "")
  assert(llnet.Options.SO_LINGER)
  s:close()
end)

case("errors as values, and as misuse", function()
  local s = assert(Socket("inet", "stream"))
  local ok, name, number = s:get_peername()
  assert(ok == nil and name == "ENOTCONN" and number)
  assert(llnet.error_text(number) ~= "")
  local fine, problem = pcall(s.connect, s, {})
  assert(not fine)
  if tostring(problem):find("not enough memory", 1, true) then error(problem, 0) end
  s:close()
end)

case("messages with descriptors", function()
  local a, b = assert(Socket.pair("unix", "stream"))
  local message = assert(Message(256))
  assert(message:set_data("one", assert(Buffer("two"))))
  assert(message:add_descriptor(a))
  assert(message:add_descriptor(b))
  assert(a:send_message(message) == 6)
  local into = assert(Message(256))
  local buffer = assert(Buffer(16))
  assert(into:set_data(buffer))
  assert(b:recv_message(into) == 6)
  assert(into:get_descriptor_count() == 2)
  local first = assert(into:take_descriptor())
  assert(first:send("x")) -- the second one is the message's to close
  a:close()
  b:close()
end)

case("batches", function()
  local a = assert(Socket("inet", "dgram"))
  assert(a:bind(loopback))
  local batch = assert(Batch(3, 16, 64))
  for i = 0, 2 do
    assert(batch:set_data(i, "data"))
    assert(batch:set_address(i, a:get_sockname()))
  end
  assert(a:send_batch(batch) == 3)
  local into = assert(Batch(3, 16, 64))
  assert(a:recv_batch(into) == 3)
  assert(into:get_data(1) == "data")
  assert(into:get_address(1):get_port() > 0)
  assert(into:get_message(0):get_size() == 4)
  a:close()
end)

case("a poller reports what is ready, and timers", function()
  local poller = assert(llnet.Poller())
  local a, b = assert(Socket.pair("unix", "stream"))
  assert(poller:add(a, llnet.POLLIN, { "a" }))
  assert(poller:add(b, llnet.POLLIN))
  assert(b:send("x"))
  assert(poller:set_timer("timer", 1))
  local ready = {}
  assert(poller:wait(ready, 1000) == 2)
  assert(ready[1][1] == "a" and ready[3] == "timer")
  assert(poller:modify(a, llnet.POLLOUT, "again"))
  assert(poller:remove(a))
  assert(poller:close())
  a:close()
  b:close()
end)

case("poll without a poller", function()
  local a, b = assert(Socket.pair("unix", "stream"))
  assert(b:send("x"))
  assert(a:poll(llnet.POLLIN, 1000) == llnet.POLLIN)
  a:close()
  b:close()
end)

case("names and services", function()
  local answers = assert(llnet.AddrInfo("127.0.0.1", "80", "inet", "stream", 0, llnet.AI_NUMERICHOST))
  assert(answers:get_addr():get_port() == 80)
  assert(llnet.Protocols.tcp == 6)
  assert(llnet.Errors.EPIPE)
end)

case("interfaces", function()
  assert(#assert(llnet.interfaces()) >= 1)
end)

case("limits", function()
  assert(#assert(llnet.tuning { connections = 10 }) > 10)
end)

case("features", function()
  assert(llnet.features())
end)

case("files, pipes and whole transfers", function()
  local a, b = assert(Socket.pair("unix", "stream"))
  local deadline = llnet.clock_now() + 1e9
  assert(a:send_all("line\r\nrest", deadline))
  local buffer = assert(Buffer(0))
  assert(assert(b:recv_until(buffer, "\r\n", 100, deadline)) == 6)
  local file = assert(io.open("/proc/self/exe", "rb"))
  assert(a:sendfile(file, 0, 10) == 10)
  file:close()
  assert(b:recv_exact(10, deadline))
  a:close()
  b:close()
end)

-- ---- layers ----------------------------------------------------------------------------------------

case("the pool", function()
  local pool = llnet.Pool(64, 2)
  local buffer = assert(pool:take())
  assert(pool:give(buffer))
  assert(pool:take() == buffer)
end)

local socket = require "llnet.luasocket"

case("LuaSocket's streams", function()
  local server = assert(socket.bind("127.0.0.1", 0))
  local host, port = server:getsockname()
  local client = assert(socket.connect(host, port))
  local other = assert(server:accept())
  other:settimeout(5)
  assert(client:send("a line\nand 5 more"))
  assert(other:receive("*l") == "a line")
  assert(other:receive(5) == "and 5")
  client:close()
  local rest = other:receive("*a")
  assert(rest == " more")
  other:close()
  server:close()
end)

case("LuaSocket's datagrams, select and filters", function()
  local a, b = assert(socket.udp()), assert(socket.udp())
  assert(a:setsockname("127.0.0.1", 0))
  local host, port = a:getsockname()
  assert(b:sendto("datagram", host, port))
  local readable = socket.select({ a }, { b }, 5)
  assert(readable[1] == a)
  assert(a:receivefrom() == "datagram")
  a:close()
  b:close()
end)

local epoll = require "llnet.epoll"

case("lua-epoll's interface", function()
  local a, b = assert(Socket.pair("unix", "stream"))
  local poller = assert(epoll.new(10))
  assert(poller:add(a:fileno(), epoll.EPOLLIN, 7))
  b:send("x")
  local list = {}
  assert(poller:wait(list, 1000) == 1)
  assert(list[1] == 7)
  poller:close()
  a:close()
  b:close()
end)

case("the predecessor's shapes", function()
  local a, b = assert(llnet.LSocket.pair("unix", "stream"))
  local buffer = assert(llnet.LIOBuffer(64))
  assert(a:send("x"))
  assert(b:recv_buffer(buffer, 0, 64) == 1)
  a:close()
  b:close()
end)

-- ---- malloc ----------------------------------------------------------------------------------------

local function quote(text) return "'" .. text:gsub("'", "'\\''") .. "'" end

local function run_preloaded()
  local lowest = 0
  while arg[lowest - 1] do lowest = lowest - 1 end
  local command = ("env LLNET_MEMORY_PRELOADED=1 LD_PRELOAD=%s %s %s 2>&1"):format(quote(path),
    quote(arg[lowest]), quote(arg[0]))
  local pipe = io.popen(command)
  local count = 0
  for line in pipe:lines() do
    local result, name = line:match("^(%l*) ?ok %d+ %- (.*)$")
    if name then
      count = count + 1
      t.case("malloc: " .. name, function() t.equal(result, "") end)
    elseif not line:find("^1%.%.") then
      print("# " .. line)
    end
  end
  pipe:close()
  t.case("malloc: all of them ran", function() t.equal(count, 20) end)
end

if not preloaded and (os.getenv("sanitizers") or "no") == "no" then run_preloaded() end
t.done()
