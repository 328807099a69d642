-- SPDX-License-Identifier: MIT
-- misuse: a wrong argument of a function that is written in Lua blames who called, as it does
-- where the function is in C: the line, the name that was called and the argument's number.

local t = require "harness"
local llnet = t.llnet
local epoll = require "llnet.epoll"

local here = debug.getinfo(1, "S").short_src

-- misuse(call, text): the error that call raises is of this file's line, and then the text.
local function misuse(call, text)
  local line = debug.getinfo(call, "S").linedefined
  local ok, message = pcall(call)
  t.equal(ok, false, text)
  t.equal(message, ("%s:%d: %s"):format(here, line, text))
end

-- A call that stands last in a function, on LuaJIT without a line and a name.
local function tail_call(call, text)
  local ok, message = pcall(call)
  t.equal(ok, false, text)
  if not rawget(_G, "jit") then t.equal(message:sub(1, #here), here) end
  assert(not message:find("predecessor", 1, true), message)
end

local function bad(number, name, reason)
  return ("bad argument #%d to '%s' (%s)"):format(number, name, reason)
end

t.case("addresses", function()
  local addr = (llnet.Addr("127.0.0.1", 1))
  misuse(function() addr:set_port("x") end, bad(1, "set_port", "number expected, got string"))
  misuse(function() addr.set_port(addr, "x") end, bad(2, "set_port", "number expected, got string"))
  misuse(function() addr.set_port({}, 1) end, bad(1, "set_port", "Addr expected, got table"))
  misuse(function() addr.get_port() end, bad(1, "get_port", "Addr expected, got nil"))
  misuse(function() addr.get_address(5) end, bad(1, "get_address", "Addr expected, got number"))
  misuse(function() addr:set_unix({}) end, bad(1, "set_unix", "string expected, got table"))
  misuse(function() addr:set_ip_port({}, 1) end, bad(1, "set_ip_port", "string expected, got table"))
  misuse(function() addr:set_ip_port("::1", "x") end, bad(2, "set_ip_port", "number expected, got string"))
  tail_call(function() return addr:set_port("x") end)
  t.equal(addr:get_port(), 1)
end)

t.case("look-ups", function()
  local addr, info = (llnet.Addr()), assert(llnet.AddrInfo("127.0.0.1", 1))
  misuse(function() llnet.AddrInfo({}) end, bad(1, "AddrInfo", "string expected, got table"))
  misuse(function() llnet.LAddrInfo("::1", {}) end, bad(2, "LAddrInfo", "string expected, got table"))
  misuse(function() llnet.AddrInfo.new("::1", 1, 2, {}) end, bad(4, "new", "number expected, got table"))
  misuse(function() llnet.AddrInfo.ipv4({}) end, bad(1, "ipv4", "string expected, got table"))
  misuse(function() llnet.AddrInfo.ipv6("::1", 1.5) end, bad(2, "ipv6", "number has no integer representation"))
  misuse(function() info.all(5) end, bad(1, "all", "AddrInfo expected, got number"))
  misuse(function() info:get_addr(5) end, bad(1, "get_addr", "Addr expected, got number"))
  misuse(function() info.get_addr(5) end, bad(1, "get_addr", "AddrInfo expected, got number"))
  misuse(function() addr:lookup_full({}) end, bad(1, "lookup_full", "string expected, got table"))
  misuse(function() addr:lookup_full("::1", 1, 2, 1, 0, "x") end,
    bad(6, "lookup_full", "number expected, got string"))
  misuse(function() addr.lookup_full({}, "::1") end, bad(1, "lookup_full", "Addr expected, got table"))
end)

t.case("socketpair", function()
  misuse(function() llnet.socketpair({}) end, bad(1, "socketpair", "number expected, got table"))
  misuse(function() llnet.socketpair("stream", {}) end, bad(2, "socketpair", "number expected, got table"))
end)

t.case("the predecessor's tables", function()
  local sock = assert(llnet.Socket("inet", "stream"))
  local Get, Set, Errors, Services = llnet.GetSocketOption, llnet.SetSocketOption, llnet.Errors, llnet.Services
  misuse(function() Set.SO_SNDBUF(sock, "x") end,
    bad(2, "SO_SNDBUF", "SO_SNDBUF wants an integer, got string"))
  misuse(function() Set.SO_SNDBUF({}, 1) end, bad(1, "SO_SNDBUF", "Socket expected, got table"))
  misuse(function() Set.SO_LINGER(sock, { x = 1 }) end, "SO_LINGER has no field 'x'")
  misuse(function() Get.SO_SNDBUF() end, bad(1, "SO_SNDBUF", "Socket expected, got nil"))
  misuse(function() Errors:description({}) end, bad(1, "description", "name or number expected, got table"))
  misuse(function() llnet.EAI_Errors.description(5, 1) end, bad(1, "description", "table expected, got number"))
  misuse(function() Services.byname({}) end, bad(1, "byname", "string expected, got table"))
  misuse(function() Services.byname("no such", {}) end, bad(2, "byname", "string expected, got table"))
  misuse(function() Services.byname("no such") end, "unknown service name 'no such'")
  misuse(function() Services.byport("x") end, bad(1, "byport", "number expected, got string"))
  misuse(function() Services.byport(1, {}) end, bad(2, "byport", "string expected, got table"))
  misuse(function() assert(llnet.Protocols[1e300]) end, "unknown protocol '1e+300'")
  misuse(function() assert(Services[{ 1 } and 0.5]) end, "unknown service '0.5'")
  sock:close()
end)

t.case("the limits", function()
  misuse(function() llnet.tuning(5) end, bad(1, "tuning", "table expected, got number"))
  misuse(function() llnet.tuning { role = 5 } end, bad(1, "tuning", "string in field 'role' expected, got number"))
  misuse(function() llnet.tuning { role = "a\0" } end, bad(1, "tuning", "field 'role' contains a NUL byte"))
  misuse(function() llnet.tuning { connections = "x" } end,
    bad(1, "tuning", "number in field 'connections' expected, got string"))
  misuse(function() llnet.tuning { rate = 0.5 } end, bad(1, "tuning", "field 'rate' is no whole number"))
  misuse(function() llnet.tuning { datagrams = 0 / 0 } end,
    bad(1, "tuning", "field 'datagrams' is no whole number"))
  t.fails("EINVAL", llnet.tuning { connections = -1 })
end)

t.case("pools", function()
  local pool = llnet.Pool(10)
  misuse(function() llnet.Pool({}) end, bad(1, "Pool", "a capacity expected"))
  misuse(function() llnet.Pool(1, "x") end, bad(2, "Pool", "a limit expected"))
  misuse(function() pool.take() end, bad(1, "take", "Pool expected, got nil"))
  misuse(function() pool.give({}) end, bad(1, "give", "Pool expected, got table"))
  misuse(function() pool:give("x") end, bad(1, "give", "a Buffer of a pool expected"))
  misuse(function() pool.get_count(5) end, bad(1, "get_count", "Pool expected, got number"))
end)

t.case("llnet.epoll", function()
  local poller, a, b = assert(epoll.new()), t.unix_pair()
  misuse(function() poller:add(a, {}) end, bad(2, "add", "number expected, got table"))
  misuse(function() poller:add({}, 1) end,
    bad(1, "add", "Socket expected, got table"))
  misuse(function() poller:add(a, 2 ^ 32) end, bad(2, "add", "number out of range"))
  misuse(function() poller:mod(a) end, bad(2, "mod", "number expected, got no value"))
  misuse(function() poller.mod(5, a, 1) end, bad(1, "mod", "table expected, got number"))
  misuse(function() poller.mod({}, a, 1) end, bad(1, "mod", "Poller expected, got nil"))
  misuse(function() poller:del("x") end, bad(1, "del", "Socket expected, got string"))
  misuse(function() poller:wait(5) end, bad(1, "wait", "table expected, got number"))
  misuse(function() poller:wait({}, "x") end, bad(2, "wait", "number expected, got string"))
  misuse(function() poller.close() end, bad(1, "close", "table expected, got no value"))
  misuse(function() poller:wait_callback(5) end, bad(1, "wait_callback", "function expected, got number"))
  misuse(function() poller:wait_callback(print, {}) end, bad(2, "wait_callback", "number expected, got table"))
  misuse(function() poller:wait_callback(print, 0 / 0) end, bad(2, "wait_callback", "number out of range"))
  misuse(function() poller:wait_callback(print, 2 ^ 31) end, bad(2, "wait_callback", "number out of range"))
  misuse(function() poller.wait_callback({}, print) end, bad(1, "wait_callback", "epoll expected, got table"))
  -- what the callback raises is as it raised it, and what can be called is called
  assert(poller:add(a, epoll.EPOLLOUT, "a"))
  local function failing() error("bad argument #1 to 'own' (it)", 0) end
  t.results({ pcall(poller.wait_callback, poller, failing, 0) }, false, "bad argument #1 to 'own' (it)")
  local got
  t.equal(poller:wait_callback(setmetatable({}, { __call = function(_, id) got = id end }), 0), 1)
  t.equal(got, "a")
  t.equal(poller:close(), true)
  t.close_all(a, b)
end)

-- as LuaSocket 3.1 says it; tests/luasocket/same.lua compares more of them
t.case("llnet.luasocket", function()
  local socket = require "llnet.luasocket"
  local server = assert(socket.bind("127.0.0.1", 0))
  local host, port = server:getsockname()
  local sock, udp = assert(socket.connect(host, port)), assert(socket.udp4())
  misuse(function() sock:receive("x") end, bad(1, "receive", "invalid receive pattern"))
  misuse(function() sock.receive(sock, "x") end, bad(2, "receive", "invalid receive pattern"))
  misuse(function() sock:send(nil) end, bad(1, "send", "string expected, got nil"))
  misuse(function() sock:send() end, bad(1, "send", "string expected, got no value"))
  misuse(function() sock:listen() end, "calling 'listen' on bad self (tcp{master} expected)")
  misuse(function() sock.close(5) end, bad(1, "close", "tcp{any} expected"))
  misuse(function() udp:sendto("x", {}) end, bad(2, "sendto", "string expected, got table"))
  misuse(function() sock:setoption("linger", {}) end, bad(2, "setoption", "boolean 'on' field expected"))
  misuse(function() socket.bind("127.0.0.1", {}) end, bad(2, "bind", "string expected, got table"))
  misuse(function() socket.bind("127.0.0.1", 0, {}) end, bad(3, "bind", "number expected, got table"))
  misuse(function() socket.connect6({}) end, bad(1, "connect6", "string expected, got table"))
  misuse(function() socket.skip({}) end, bad(1, "skip", "number expected, got table"))
  misuse(function() socket.unix.stream():bind({}) end, bad(1, "bind", "string expected, got table"))
  tail_call(function() return sock:receive("x") end)
  -- a method in Lua is gone when it stands last, but its name is known
  for _, call in ipairs {
    function() return sock:getoption("x") end, function() return sock:listen("x") end,
    function() return socket.sleep("x") end, function() return sock:bind({}) end,
  } do
    local _, message = pcall(call)
    if not rawget(_G, "jit") then assert(not message:find("?", 1, true), message) end
    assert(not message:find("luasocket", 1, true), message)
  end
  t.equal(select(2, pcall(sock.listen, sock)), bad(1, "listen", "tcp{master} expected"))
  for _, one in ipairs { server, sock, udp } do one:close() end
end)

t.case("in llnet.luasocket, connect4 and connect6 say of which family the own end is alone", function()
  local socket = require "llnet.luasocket"
  local server = assert(socket.bind("127.0.0.1", 0))
  local host, port = server:getsockname()
  local sock = assert(socket.connect6(host, port))
  t.equal(sock:getfamily(), "inet4")
  sock:close()
  t.results({ socket.connect6(host, port, "127.0.0.1", 0) }, nil, "Address family for hostname not supported")
  t.results({ socket.connect6(host, port, "::1", 0) }, nil, "Address family for hostname not supported")
  sock = assert(socket.connect4(host, port, "127.0.0.1", 0))
  t.equal(sock:getfamily(), "inet4")
  sock:close()
  server:close()
end)

t.case("in llnet.ffi", function()
  if not rawget(_G, "jit") then t.skip("LuaJIT alone has it") end
  local ffi = require "llnet.ffi"
  misuse(function() ffi.bytes({}) end, bad(1, "bytes", "Buffer expected, got table"))
end)

t.case("what is raised behind a function in Lua and only looks like misuse goes through as it is", function()
  local info, original = assert(llnet.AddrInfo("127.0.0.1", 1)), type
  for _, text in ipairs { "bad argument #1 to 'x' (", "bad argument #1 to 'x' (y", "bad argument #1 to 'x'",
    "bad argument #", "", "' (", "bad" } do
    local function fail() error(text, 0) end
    rawset(_G, "type", fail)
    local ok, message = pcall(llnet.Errors.description, llnet.Errors, 1)
    rawset(_G, "type", original)
    t.equal(ok, false)
    t.equal(message, text)
    function info.next() fail() end -- the module's own functions are called, not these
    t.integer(#info:all(), 1)
  end
end)

t.done()
