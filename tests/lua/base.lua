-- SPDX-License-Identifier: MIT
-- base: the module itself: version, constants, classes, and what all objects
-- have in common: fields of the user's own, tostring, the collector.

local t = require "harness"
local llnet = t.llnet
local unpack = unpack or table.unpack

local function make_all()
  local buffer = llnet.Buffer(4)
  return {
    Socket = llnet.Socket("inet", "stream"),
    Addr = llnet.Addr("127.0.0.1", 80),
    AddrInfo = llnet.AddrInfo("127.0.0.1", 80),
    Buffer = buffer,
    Poller = llnet.Poller(),
    Batch = llnet.Batch(1),
    Message = llnet.Message(),
  }
end

t.case("the version is text and a number that agree", function()
  local version = llnet.version()
  local major, minor, patch = version:match("^(%d+)%.(%d+)%.(%d+)$")
  t.integer(llnet.version_number(), major * 10000 + minor * 100 + patch)
  t.equal(("%d.%d.%d"):format(llnet.VERSION_MAJOR, llnet.VERSION_MINOR, llnet.VERSION_PATCH), version)
end)

t.case("require gives the same table twice and writes no global", function()
  t.equal(require "llnet", llnet)
  t.equal(rawget(_G, "llnet"), nil)
  t.equal(rawget(_G, "swig_type"), nil)
  t.equal(rawget(_G, "swig_equals"), nil)
  t.equal(llnet.class_call, nil)
end)

t.case("the clock counts nanoseconds and never goes back", function()
  local last = t.integer(llnet.clock_now())
  for _ = 1, 1000 do
    local now = llnet.clock_now()
    assert(now >= last)
    last = now
  end
  -- it is CLOCK_MONOTONIC, which all processes share
  local before = llnet.clock_now()
  local theirs = tonumber((t.python("import time\nprint(time.clock_gettime_ns(time.CLOCK_MONOTONIC))")))
  assert(before <= theirs and theirs <= llnet.clock_now())
end)

t.case("constants have the values that Python has", function()
  local names = {
    "AF_UNSPEC", "AF_UNIX", "AF_INET", "AF_INET6", "AF_NETLINK", "AF_PACKET",
    "SOCK_STREAM", "SOCK_DGRAM", "SOCK_RAW", "SOCK_RDM", "SOCK_SEQPACKET", "SOCK_NONBLOCK", "SOCK_CLOEXEC",
    "MSG_OOB", "MSG_PEEK", "MSG_TRUNC", "MSG_DONTWAIT", "MSG_WAITALL", "MSG_NOSIGNAL",
    "SHUT_RD", "SHUT_WR", "SHUT_RDWR", "SOMAXCONN", "SOL_SOCKET",
    "AI_PASSIVE", "AI_CANONNAME", "AI_NUMERICHOST", "AI_NUMERICSERV",
    "NI_NUMERICHOST", "NI_NUMERICSERV", "NI_NAMEREQD", "NI_DGRAM", "NI_NOFQDN",
    "IPPROTO_IP", "IPPROTO_TCP", "IPPROTO_UDP", "IPPROTO_IPV6", "IPPROTO_ICMP", "IPPROTO_ICMPV6", "IPPROTO_RAW",
  }
  local output = t.python([[
import socket
for name in "]] .. table.concat(names, " ") .. [[".split():
    print(name, int(getattr(socket, name, -12345)))
]])
  local seen = 0
  for name, value in output:gmatch("(%S+) (%-?%d+)") do
    if value ~= "-12345" then t.integer(llnet[name], tonumber(value)) end
    seen = seen + 1
  end
  t.equal(seen, #names)
end)

t.case("constants of the predecessor and of the poller are there", function()
  for _, name in ipairs {
    "AF_IPX", "IP_PMTUDISC_DONT", "IP_PMTUDISC_WANT", "IP_PMTUDISC_DO", "IP_PMTUDISC_PROBE",
    "IPV6_PMTUDISC_DONT", "IPV6_PMTUDISC_WANT", "IPV6_PMTUDISC_DO", "IPV6_PMTUDISC_PROBE",
    "POLLIN", "POLLOUT", "POLLPRI", "POLLERR", "POLLHUP", "POLLRDHUP",
  } do
    t.integer(llnet[name])
  end
  t.integer(llnet.POLL_EDGE, 0x10000)
  t.integer(llnet.POLL_ONESHOT, 0x20000)
  t.integer(llnet.POLL_EXCLUSIVE, 0x40000)
  t.integer(llnet.ECLOSED, 0x10000)
  t.integer(llnet.EAI_BASE, 0x20000)
end)

t.case("a class table is callable and holds constructors, not methods", function()
  for _, name in ipairs { "Socket", "Addr", "AddrInfo", "Buffer", "Poller", "Batch", "Message" } do
    t.equal(type(llnet[name]), "table", name)
    t.equal(type(llnet[name].new), "function", name)
    t.equal(llnet[name].close, nil, name)
    t.equal(llnet[name].get_size, nil, name)
  end
  t.equal(llnet.LSocket, llnet.Socket)
  t.equal(llnet.LSockAddr, llnet.Addr)
  t.equal(llnet.LAddrInfo, llnet.AddrInfo)
  t.equal(llnet.LIOBuffer, llnet.Buffer)
end)

t.case("what frees memory that a script may still use is not a method", function()
  local objects = make_all()
  t.equal(objects.AddrInfo.free, nil)
  t.equal(objects.Poller.free, nil)
  t.equal(objects.Batch.free, nil)
  t.equal(objects.Message.free, nil)
  t.equal(objects.Buffer:free(), true)
  t.equal(#objects.Buffer, 0)
end)

t.case("an object's metatable is out of reach and names the class", function()
  for name, object in pairs(make_all()) do
    t.equal(type(object), "userdata", name)
    t.equal(getmetatable(object), name)
  end
end)

t.case("tostring says what every object is", function()
  local objects = make_all()
  t.equal(tostring(objects.Socket), "LSocket: fd=" .. objects.Socket:fileno())
  objects.Socket:close()
  t.equal(tostring(objects.Socket), "LSocket: fd=-1")
  t.equal(tostring(objects.Addr), "127.0.0.1:80")
  t.equal(tostring(llnet.Buffer("a\0b")), "a\0b")
  for _, name in ipairs { "AddrInfo", "Poller", "Batch", "Message" } do
    assert(tostring(objects[name]):match("^" .. name .. ": %S+$"), tostring(objects[name]))
  end
end)

t.case("an object carries fields of any key and value, and lets them be nil again", function()
  for name, object in pairs(make_all()) do
    local key = {}
    t.equal(object.on_io_event, nil, name)
    object.on_io_event = print
    object[1], object[key], object[true], object[1.5] = "one", object, false, 7
    t.equal(object.on_io_event, print)
    t.equal(object[1], "one")
    t.equal(object[key], object)
    t.equal(object[true], false)
    t.equal(object[1.5], 7)
    object.on_io_event, object[1] = nil, nil
    t.equal(object.on_io_event, nil)
    t.equal(object[1], nil)
    t.equal(object[key], object)
    t.equal(getmetatable(object), name)
    t.raises("a field's name cannot be nil", function() object[nil] = 1 end)
    t.raises("NaN", function() object[0 / 0] = 1 end)
    t.equal(object[nil], nil)
  end
end)

t.case("setting a first field to nil leaves the object as it was", function()
  for _, object in pairs(make_all()) do
    object.field = nil
    t.equal(object.field, nil)
    object.field = 1
    t.equal(object.field, 1)
  end
end)

t.case("fields of two objects are apart", function()
  local a, b = llnet.Addr(), llnet.Addr()
  a.x = 1
  t.equal(b.x, nil)
  b.x = 2
  t.equal(a.x, 1)
end)

t.case("a field hides the method of its name until it is nil", function()
  for _, object in pairs(make_all()) do
    local method = object.get_family or object.close or object.get_size
    local name = object.get_family and "get_family" or object.close and "close" or "get_size"
    object[name] = 5
    t.equal(object[name], 5)
    object[name] = nil
    t.equal(object[name], method)
  end
end)

t.case("objects with fields still work as self and as arguments", function()
  local o = make_all()
  for _, object in pairs(o) do object.x = 1 end
  o.Addr:set_port(0)
  t.equal(o.Socket:bind(o.Addr), true)
  t.equal(o.Socket:listen(1), true)
  t.equal(o.Socket:get_sockname(o.Addr), true)
  t.equal(o.Poller:add(o.Socket, llnet.POLLIN), true)
  local client, ready = llnet.Socket("inet", "stream"), {}
  t.equal(client:connect(o.Addr), true)
  t.equal(o.Poller:wait(ready, 5000), 1)
  t.equal(ready[1], o.Socket)
  t.equal(ready[1].x, 1)
  local server = assert(o.Socket:accept())
  t.integer(client:send("abcd"), 4)
  t.integer(server:recv_buffer(o.Buffer), 4)
  t.equal(o.AddrInfo:get_addr(o.Addr), 0)
  t.equal(tostring(o.Addr), "127.0.0.1:80")
  for _, s in ipairs { client, server, o.Socket } do t.equal(s:close(), true) end
end)

t.case("a method on something else says what it got", function()
  local o = make_all()
  local send_buffer = o.Socket.send_buffer
  t.raises("Buffer expected, got FILE*", send_buffer, o.Socket, io.stdout)
  t.raises("Buffer expected, got Socket", send_buffer, o.Socket, o.Socket)
  t.raises("Buffer expected, got no value", send_buffer, o.Socket)
  t.raises("Buffer expected, got nil", send_buffer, o.Socket, nil)
  t.raises("Buffer expected, got table", send_buffer, o.Socket, {})
  t.raises("Buffer expected, got light userdata", send_buffer, o.Socket, o.Addr:sockaddr())
  t.raises("Socket expected, got string", send_buffer, "x")
  t.raises("Socket expected, got Addr", send_buffer, o.Addr)
  local message = t.raises("bad argument #1 to 'send_buffer'", function() o.Socket:send_buffer(1) end)
  assert(message:find("(Buffer expected, got number)", 1, true), message)
  t.raises("calling 'fileno' on bad self", function()
    local fake = setmetatable({}, { __index = { fileno = o.Socket.fileno } })
    local number = fake:fileno() -- no tail call, which would hide the name
    return number
  end)
end)

t.case("metamethods that the debug library reaches take nothing foreign", function()
  for name, object in pairs(make_all()) do
    for with_fields = 0, 1 do
      if with_fields == 1 then object.x = 1 end
      local mt = debug.getmetatable(object)
      for event, f in pairs(mt) do
        if type(f) == "function" then
          local thread = coroutine.create(function() end)
          for _, foreign in ipairs { io.stdout, 5, "x", {}, llnet.Addr():sockaddr(), thread } do
            local ok, message = pcall(f, foreign, "x", 1)
            if event == "__gc" or event == "__close" or event == "__eq" then
              assert(ok, message)
            elseif event == "__tostring" or event == "__index" or event == "__newindex" or event == "__len" then
              t.equal(ok, false, name .. "." .. event)
              assert(message:find(name .. " expected", 1, true), message)
            end
          end
          local ok = pcall(f)
          t.equal(ok, event == "__gc" or event == "__close" or event == "__eq", name .. "." .. event)
        end
      end
    end
  end
end)

t.case("a collected object is an error, twice collecting it nothing", function()
  for name, object in pairs(make_all()) do
    local mt = debug.getmetatable(object)
    if mt.__gc then
      local method = object.fileno or object.get_size or object.get_count
      mt.__gc(object)
      mt.__gc(object)
      t.raises(name .. " is already released", method, object)
      t.raises(name .. " is already released", function() object.x = 1 end)
      if mt.__close then mt.__close(object) end
    else
      t.equal(name, "Addr")
    end
  end
end)

t.case("a metatable that is put on something else fools no method", function()
  local s = llnet.Socket("inet", "dgram")
  local file = assert(io.tmpfile())
  local original = debug.getmetatable(file)
  debug.setmetatable(file, debug.getmetatable(s))
  t.raises("Socket expected", s.fileno, file)
  debug.setmetatable(file, original)
  file:close()
end)

t.case("the collector closes sockets and pollers", function()
  -- the harness counts descriptors after this case
  for _ = 1, 200 do
    local a, b = t.unix_pair()
    a.other, b.other = b, a
    assert(llnet.Poller()):add(a, llnet.POLLIN)
  end
end)

t.case("a finalizer that uses other objects of ours does no harm", function()
  local uses = 0
  local proxy = newproxy -- Lua 5.1: tables have no __gc
  for _ = 1, 50 do
    local a, b = t.unix_pair("dgram")
    local buffer, poller, info = llnet.Buffer("x"), llnet.Poller(), llnet.AddrInfo("127.0.0.1", 1)
    local function finalize()
      uses = uses + 1
      pcall(a.send, a, ("y"):rep(20000))
      pcall(b.recv, b, 70000)
      pcall(buffer.append, buffer, "z")
      pcall(buffer.get_data, buffer)
      pcall(poller.add, poller, a, llnet.POLLIN)
      pcall(poller.wait, poller, {}, 0)
      pcall(info.all, info)
      pcall(tostring, a)
      pcall(function() a.x = 1; return a.x, poller.y end)
      pcall(a.close, a)
    end
    if proxy then
      local p = proxy(true)
      getmetatable(p).__gc = finalize
    else
      setmetatable({}, { __gc = finalize })
    end
  end
  collectgarbage()
  collectgarbage()
  t.equal(uses, 50)
end)

t.case("a finalizer that receives does not spoil what is being received", function()
  local a, b = t.unix_pair("dgram")
  local c, d = t.unix_pair("dgram")
  local function litter()
    local finalize = function()
      if c:send(("!"):rep(20000)) then d:recv(20000) end
    end
    if newproxy then
      getmetatable(newproxy(true)).__gc = finalize
    else
      setmetatable({}, { __gc = finalize })
    end
  end
  collectgarbage("setpause", 100)
  for i = 1, 200 do
    litter()
    local text = string.char(65 + i % 26):rep(30000)
    assert(a:send(text))
    local got = b:recv(40000)
    if got ~= text then error("round " .. i .. " got other bytes") end
  end
  collectgarbage("setpause", 200)
  for _, s in ipairs { a, b, c, d } do s:close() end
end)

t.case("to-be-closed variables close on Lua 5.4", function()
  if _VERSION ~= "Lua 5.4" then t.skip("not Lua 5.4") end
  local run = assert(load [[
    local llnet = ...
    local kept, kept_poller, kept_buffer
    do
      local s <close> = llnet.Socket("inet", "stream")
      local p <close> = llnet.Poller()
      local b <close> = llnet.Buffer("abc")
      local i <close> = llnet.AddrInfo("127.0.0.1", 1)
      kept, kept_poller, kept_buffer = s, p, b
      assert(s:is_open())
    end
    return kept, kept_poller, kept_buffer
  ]])
  local s, p, b = run(llnet)
  t.equal(s:is_open(), false)
  t.fails("EBADF", p:wait({}, 0))
  t.equal(#b, 0)
end)

t.case("objects of ours work from a coroutine", function()
  local a, b = t.unix_pair()
  local co = coroutine.wrap(function()
    a:send("x")
    coroutine.yield(b:recv(10))
    a.field = 1
    coroutine.yield(a.field)
  end)
  t.equal(co(), "x")
  t.equal(co(), 1)
  a:close()
  b:close()
end)

t.case("too many arguments are ignored", function()
  local many = {}
  for i = 1, 150 do many[i] = i end
  local s = llnet.Socket("inet", "stream", 0, 0, unpack(many))
  t.equal(s:is_open(unpack(many)), true)
  t.equal(s:get_nonblock(unpack(many)), false)
  s:close(unpack(many))
  t.equal(s:fileno(), -1)
end)

t.done()
