-- SPDX-License-Identifier: MIT
-- abuse: objects and methods held wrong in every way that a script can: each gives a
-- Lua error, or nil, name, number. A crash ends the process, which the runner reports.

local t = require "harness"
local llnet = t.llnet
local core = require "llnet.core"
local unpack = unpack or table.unpack
local newproxy = rawget(_G, "newproxy")
local has_ffi, ffi = pcall(require, "ffi")

-- ---- objects to abuse ---------------------------------------------------------------

-- A live object of each class. What it needs beside it is collected with it.
local make = {
  Socket = function()
    local one, two = t.unix_pair()
    one:set_nonblock(true)
    one.peer = two
    return one
  end,
  Addr = function() return llnet.Addr("127.0.0.1", 80) end,
  Buffer = function() return llnet.Buffer("0123456789") end,
  AddrInfo = function() return assert(llnet.AddrInfo("127.0.0.1", "80")) end,
  Poller = function() return assert(llnet.Poller()) end,
  Interfaces = function() return assert(llnet.Interfaces()) end,
  Message = function()
    local message = assert(llnet.Message(64))
    message:set_data("string", llnet.Buffer(10))
    return message
  end,
  Batch = function()
    local batch = assert(llnet.Batch(2, 16, 64))
    assert(batch:get_message(0):set_data("string"))
    return batch
  end,
}
local classes = { "Socket", "Addr", "Buffer", "AddrInfo", "Poller", "Interfaces", "Message", "Batch" }

local function finalize(object) debug.getmetatable(object).__gc(object) end

-- LuaJIT's compiled code keeps what it was compiled for alive
if rawget(_G, "jit") then require("jit").off() end

-- Calls on_collected when the collector finds the result.
local function finalized(on_collected)
  if newproxy then
    local proxy = newproxy(true)
    getmetatable(proxy).__gc = on_collected
    return proxy
  end
  return setmetatable({}, { __gc = on_collected })
end

-- Everything that is no object of the class; no name or address that DNS is asked for.
local function wrong_values(class)
  local values = {
    { "a file", io.stdout },
    { "light userdata", llnet.Addr("::1", 1):sockaddr() },
    { "true", true },
    { "a number", 12345678 },
    { "a fraction", 1.5 },
    { "a string", "127.0.0.1" },
    { "a table", {} },
    { "a class", llnet[class] },
    { "a function", print },
    { "a coroutine", coroutine.create(function() end) },
    { "a named table", setmetatable({}, { __name = class }) },
  }
  local function add(what, value) values[#values + 1] = { what, value } end
  if newproxy then
    add("a proxy", newproxy(true))
    local named = newproxy(true)
    getmetatable(named).__name = class
    add("a named proxy", named)
  end
  if has_ffi then
    add("cdata", ffi.new("int64_t[8]"))
    add("a cdata number", ffi.new("int64_t", 5))
    add("a cdata pointer", ffi.cast("void *", 8))
  end
  for _, other in ipairs(classes) do
    if other ~= class then add("a " .. other, make[other]()) end
  end
  return values
end

local function each_method(body)
  for _, class in ipairs(classes) do
    local names = {}
    for name in pairs(core[class]) do names[#names + 1] = name end
    table.sort(names)
    t.equal(#names > 5, true, class)
    for _, name in ipairs(names) do
      body(class, name, core[class][name])
      if class == "Socket" then collectgarbage() end -- or their descriptors are too many
    end
  end
end

-- Whether the results are an error or what a call may give; closes what was detached.
local function judge(what, name, ok, ...)
  local first, second, third = ...
  if not ok then
    t.equal(type(first), "string", what)
  elseif first == nil and second ~= nil then
    t.equal(type(second), "string", what)
    t.equal(type(third), "number", what)
  end
  if ok and name == "detach" and first then llnet.Socket.adopt(first):close() end
end

-- What waits does not wait for long, whatever else is wrong with the call.
-- The place of the time: a timeout of 0, or a deadline that is past.
local waits = { poll = 3, wait = 3, wait_ns = 3, connect_until = 3, send_all = 3, recv_exact = 3,
  send_all_buffer = 5, recv_exact_buffer = 5, recv_until = 5 }
local function hasty(name, arguments)
  local place = waits[name]
  if place and (arguments[place] == nil or type(arguments[place]) == "number") then
    arguments[place] = 0
  end
  return arguments
end

-- ---- self -----------------------------------------------------------------------------

t.case("every method refuses every wrong self", function()
  local values = {}
  for _, class in ipairs(classes) do values[class] = wrong_values(class) end
  each_method(function(class, name, method)
    for _, value in ipairs(values[class]) do
      local ok, message = pcall(method, value[2], 0, 0)
      t.equal(ok, false, ("%s.%s of %s"):format(class, name, value[1]))
      t.equal(type(message), "string", name)
    end
    t.equal(pcall(method), false, name)
    t.equal(pcall(method, nil), false, name)
    t.equal(pcall(method, nil, nil, nil), false, name)
  end)
end)

t.case("the message names what was wanted and what came", function()
  local sock = make.Socket()
  t.raises("bad argument #1 to 'send_buffer' (Buffer expected, got FILE*)",
    function() sock:send_buffer(io.stdout) end)
  t.raises("Socket expected, got FILE*", core.Socket.fileno, io.stdout)
  t.raises("Socket expected, got light userdata", core.Socket.fileno, llnet.Addr():sockaddr())
  t.raises("Socket expected, got Addr", core.Socket.fileno, llnet.Addr())
  t.raises("Socket expected, got table", core.Socket.fileno, {})
  t.raises("Buffer expected, got no value", core.Buffer.reset)
  t.raises("Addr expected, got nil", core.Addr.get_family, nil)
  local buffer = make.Buffer()
  finalize(buffer)
  t.raises("Buffer is already released", core.Buffer.reset, buffer)
end)

-- ---- arguments ----------------------------------------------------------------------

t.case("every method takes every wrong value at every place", function()
  each_method(function(class, name, method)
    for place = 2, 6 do
      for _, value in ipairs(wrong_values("Socket")) do
        local arguments = { make[class](), 1, 1, 1, 1, 1 }
        -- what stands before it is right for some methods in one of these forms
        for _, right in ipairs { 1, "SO_LINGER", llnet.Addr("127.0.0.1", 1), llnet.Buffer("abc") } do
          for i = 2, place - 1 do arguments[i] = right end
          arguments[place] = value[2]
          hasty(name, arguments)
          judge(class .. "." .. name, name, pcall(method, unpack(arguments, 1, 6)))
          if place == 2 then break end
          arguments[1] = make[class]()
        end
      end
      -- nil and none
      local arguments = hasty(name, { make[class](), 1, 1, 1, 1, 1 })
      if not (waits[name] and place <= 3) then
        arguments[place] = nil
        judge(class .. "." .. name, name, pcall(method, unpack(arguments, 1, 6)))
        judge(class .. "." .. name, name, pcall(method, unpack(arguments, 1, place - 1)))
      end
    end
    collectgarbage("step", 100)
  end)
end)

t.case("constructors and functions take every wrong value at every place", function()
  local functions = {}
  for _, class in ipairs(classes) do
    for name, constructor in pairs(llnet[class]) do functions[class .. "." .. name] = constructor end
  end
  for name, value in pairs(llnet) do
    if type(value) == "function" then functions[name] = value end
  end
  for name, value in pairs(llnet.option) do functions["option." .. name] = value end
  for name, call in pairs(functions) do
    for place = 1, 6 do
      for _, value in ipairs(wrong_values("Socket")) do
        -- a number here would be a descriptor of somebody's
        local arguments = { "127.0.0.1", "1", 0, 0, 0, 0 }
        arguments[place] = value[2]
        judge(name, name, pcall(call, unpack(arguments, 1, 6)))
      end
      judge(name, name, pcall(call, unpack({ 999999999, 0, 0, 0, 0, 0 }, 1, place)))
    end
  end
end)

t.case("hundreds of arguments are no harm", function()
  local many = {}
  for i = 1, 200 do many[i] = i end
  each_method(function(class, name, method)
    local object = make[class]()
    many[1], many[2], many[3] = object, 1, 0
    judge(name, name, pcall(method, unpack(many)))
  end)
end)

-- ---- after the end --------------------------------------------------------------------

t.case("use after close is an answer or an error", function()
  each_method(function(class, name, method)
    local object = make[class]()
    local close = object.close or object.free
    if close then
      close(object)
      close(object)
    end
    judge(name, name, pcall(method, unpack(hasty(name, { object }), 1, 3)))
    for _, value in ipairs { 0, "x", llnet.Addr("127.0.0.1", 1), llnet.Buffer("abc"), {} } do
      judge(name, name, pcall(method, unpack(hasty(name, { object, value }), 1, 4)))
    end
  end)
end)

t.case("use after __gc is an error, and __gc twice is nothing", function()
  each_method(function(class, _, method)
    if class ~= "Addr" then
      local object = make[class]()
      finalize(object)
      finalize(object)
      t.raises("already released", method, object)
      t.raises("already released", method, object, 0, 0)
      t.raises("already released", tostring, object)
      finalize(object)
    end
  end)
end)

t.case("a released object is refused as an argument", function()
  local sock, buffer, poller = make.Socket(), make.Buffer(), make.Poller()
  local victim = make.Socket()
  finalize(buffer)
  finalize(victim)
  t.raises("already released", sock.send_buffer, sock, buffer)
  t.raises("already released", sock.recv_buffer, sock, buffer)
  t.raises("already released", sock.recvfrom_buffer, sock, buffer)
  local message = make.Message()
  t.raises("already released", message.set_data, message, buffer)
  t.raises("already released", message.add_buffer, message, buffer)
  t.raises("already released", message.add_descriptor, message, victim)
  finalize(message)
  t.raises("already released", sock.send_message, sock, message)
  t.raises("already released", sock.recv_message, sock, message)
  t.raises("already released", make.Buffer().copy_buffer, make.Buffer(), buffer)
  t.equal(pcall(poller.add, poller, victim, llnet.POLLIN), false)
end)

t.case("an object that __close ended answers", function()
  for _, class in ipairs(classes) do
    local object = make[class]()
    local close = debug.getmetatable(object).__close
    if close then
      close(object)
      close(object, "error")
      t.equal(type(tostring(object)), "string")
    end
  end
  local sock = make.Socket()
  debug.getmetatable(sock).__close(sock)
  t.fails("EBADF", sock:send("x"))
end)

-- ---- metatables -----------------------------------------------------------------------

t.case("getmetatable gives the class's name, and nothing to change", function()
  for _, class in ipairs(classes) do
    local object = make[class]()
    t.equal(getmetatable(object), class)
    t.equal(pcall(setmetatable, object, {}), false)
  end
end)

-- the metatable of objects, and of those that carry fields
local function metatables(class)
  local plain = make[class]
  local bare = class == "Socket" and llnet.Socket("inet", "stream") or plain()
  local first = debug.getmetatable(bare)
  bare.field = 1
  return { first, debug.getmetatable(bare) }
end

t.case("every metamethod takes every wrong value", function()
  for _, class in ipairs(classes) do
    for _, metatable in ipairs(metatables(class)) do
      for event, metamethod in pairs(metatable) do
        if type(metamethod) == "function" then
          local values = wrong_values(class)
          for _, value in ipairs(values) do
            judge(event, event, pcall(metamethod, value[2], value[2], value[2]))
            judge(event, event, pcall(metamethod, value[2], "field", 1))
            judge(event, event, pcall(metamethod, value[2], "fileno"))
            judge(event, event, pcall(metamethod, value[2]))
            if event ~= "__gc" and event ~= "__close" then
              judge(event, event, pcall(metamethod, make[class](), value[2]))
              judge(event, event, pcall(metamethod, make[class](), value[2], value[2]))
            end
          end
          judge(event, event, pcall(metamethod))
          judge(event, event, pcall(metamethod, nil, nil, nil))
        end
      end
    end
  end
end)

t.case("a file with an object's metatable is refused by its methods", function()
  for _, class in ipairs(classes) do
    for _, metatable in ipairs(metatables(class)) do
      local file = assert(io.open("/dev/null"))
      local own = debug.getmetatable(file)
      debug.setmetatable(file, metatable)
      for name, method in pairs(core[class]) do
        t.equal(pcall(method, file), false, name)
      end
      judge("field", "field", pcall(function() return file.field end))
      judge("field", "field", pcall(function() file.field = 1 end))
      judge("tostring", "tostring", pcall(tostring, file))
      judge("length", "length", pcall(function() return #file end))
      judge("equal", "equal", pcall(function() return file == make[class]() end))
      debug.setmetatable(file, own)
      file:close()
    end
  end
end)

t.case("objects with each other's metatables are refused or right", function()
  for _, class in ipairs(classes) do
    for _, other in ipairs(classes) do
      for _, metatable in ipairs(metatables(other)) do
        local object = class == "Socket" and llnet.Socket("inet", "stream") or make[class]()
        local own = debug.getmetatable(object)
        debug.setmetatable(object, metatable)
        judge(class, class, pcall(function() return object.field end))
        judge(class, class, pcall(function() object.field = 1 end))
        judge(class, class, pcall(function() return object.field end))
        judge(class, class, pcall(tostring, object))
        for _, method in pairs(core[other]) do
          if class ~= other then t.equal(pcall(method, object), false, class .. " as " .. other) end
        end
        debug.setmetatable(object, own)
      end
    end
  end
end)

local set_fields = debug.setuservalue or debug.setfenv

t.case("an object whose fields the debug library took is an error", function()
  for _, class in ipairs(classes) do
    for _, stolen in ipairs { {}, setmetatable({}, { __index = error }) } do
      local object = make[class]()
      object.field = 1
      set_fields(object, stolen)
      judge(class, class, pcall(function() return object.field end))
      judge(class, class, pcall(function() object.field = 1 end))
      for name, method in pairs(core[class]) do
        judge(name, name, pcall(method, unpack(hasty(name, { object, {} }), 1, 3)))
      end
    end
    if debug.setuservalue then
      local object = make[class]()
      object.field = 1
      pcall(set_fields, object, nil)
      t.equal(pcall(function() return object.field end), false)
      t.equal(pcall(function() object.field = 1 end), false)
    end
  end
  local poller = make.Poller()
  set_fields(poller, {})
  t.raises("lost its table", poller.add, poller, make.Socket(), llnet.POLLIN)
  t.raises("lost its table", poller.wait, poller, {}, 0)
  local message, one = make.Message(), t.unix_pair("dgram")
  message:set_data("a string that nothing else " .. "keeps " .. os.time())
  message:add_descriptor(one)
  set_fields(message, {})
  for _ = 1, 3 do collectgarbage() end
  t.raises("lost its table", one.send_message, one, message)
  t.raises("lost its table", one.recv_message, one, message, llnet.MSG_DONTWAIT)
  t.raises("lost its table", message.set_data, message, "x")
  t.raises("lost its table", message.reset, message)
  one:close()
end)

t.case("fields of every kind of name and value", function()
  local object = llnet.Socket("inet", "stream")
  t.raises("name cannot be nil", function() object[nil] = 1 end)
  t.equal(pcall(function() object[0 / 0] = 1 end), false)
  object.field = nil
  object[1], object[true], object[object] = 1, 2, 3
  t.equal(object[1], 1)
  t.equal(object[true], 2)
  t.equal(object[object], 3)
  t.equal(object[nil], nil)
  t.equal(object[0 / 0], nil)
end)

t.case("a class is called with itself gone, missing or wrong", function()
  for _, class in ipairs(classes) do
    local call = getmetatable(llnet[class]).__call
    judge(class, class, pcall(call))
    judge(class, class, pcall(call, nil))
    for _, value in ipairs(wrong_values("Socket")) do
      judge(class, class, pcall(call, value[2]))
      judge(class, class, pcall(call, llnet[class], value[2], 1))
    end
  end
  t.raises("bad argument #1", llnet.Buffer)
  t.raises("bad argument #1", llnet.Buffer, {})
end)

t.case("what calls a class may be made of any function", function()
  local lines = io.lines("/dev/null")
  for _, call in ipairs { print, io.write, lines, string.gmatch("a", "a"), coroutine.wrap(function() end),
    function(...) return ... end, llnet.Buffer.new, debug.getmetatable(llnet.Buffer(1)).__gc } do
    local made = core.class_call(call)
    if call ~= io.write and call ~= print then judge("call", "call", pcall(made, {}, 1)) end
    judge("call", "call", pcall(made))
  end
  t.results({ core.class_call(function(...) return ... end)({}, 1, 2) }, 1, 2)
  t.equal(pcall(core.class_call, 5), false)
  t.equal(pcall(core.class_call), false)
end)

t.case("comparison with anything is unequal or an error, never more", function()
  for _, class in ipairs(classes) do
    local object = make[class]()
    for _, value in ipairs(wrong_values(class)) do
      local ok, equal = pcall(function() return object == value[2] end)
      if ok then t.equal(equal, false, value[1]) end
      judge(class, class, pcall(function() return object < value[2] end))
      judge(class, class, pcall(function() return value[2] <= object end))
      judge(class, class, pcall(function() return object .. value[2] end))
      judge(class, class, pcall(function() return #object end))
    end
  end
end)

-- ---- coroutines, finalizers -----------------------------------------------------------

t.case("require and every method work in a coroutine", function()
  t.equal(coroutine.wrap(function() return require "llnet" end)(), llnet)
  package.loaded["llnet.core"], package.loaded["llnet"] = nil, nil
  local again = coroutine.wrap(function() return require "llnet" end)()
  package.loaded["llnet.core"], package.loaded["llnet"] = core, llnet
  -- what the second load makes is of the same classes
  local addr = again.Addr("127.0.0.1", 5)
  t.equal(core.Addr.get_port(addr), 5)
  each_method(function(class, name, method)
    local object = make[class]()
    local function call(...) return method(...) end -- 5.1 makes coroutines of Lua functions alone
    judge(name, name, coroutine.resume(coroutine.create(call), object, unpack(hasty(name, { 0, 0, 0 }), 1, 3)))
    judge(name, name, coroutine.resume(coroutine.create(call)))
  end)
end)

t.case("methods called by another object's finalizer", function()
  each_method(function(class, name, method)
    local calls, object = 0, make[class]()
    for _ = 1, 3 do
      finalized(function()
        calls = calls + 1
        judge(name, name, pcall(method, unpack(hasty(name, { object, {} }), 1, 3)))
      end)
    end
    collectgarbage()
    collectgarbage()
    t.equal(calls, 3)
  end)
end)

t.case("objects that a dead group holds are used by its finalizers", function()
  for _, class in ipairs(classes) do
    for name, method in pairs(core[class]) do
      local group = { object = make[class]() }
      group.last = finalized(function()
        judge(name, name, pcall(method, unpack(hasty(name, { group.object }), 1, 3)))
      end)
      -- live again, and perhaps released
      group.again = finalized(function() _ = group end)
    end
  end
  collectgarbage()
  collectgarbage()
end)

-- Runs body with finalizers in nearly every allocation.
local function collecting_often(act, body)
  local pause, multiplier = collectgarbage("setpause", 1), collectgarbage("setstepmul", 10000)
  local live = true
  local function spawn()
    finalized(function()
      if live then
        act()
        spawn()
      end
    end)
  end
  for _ = 1, 20 do spawn() end
  local ok, problem = pcall(body)
  live = false
  collectgarbage("setpause", pause)
  collectgarbage("setstepmul", multiplier)
  if not ok then error(problem, 0) end
end

t.case("a finalizer that receives does not change what the call it interrupts received", function()
  local one, two = t.unix_pair("dgram")
  local three, four = t.unix_pair("dgram")
  for _, sock in ipairs { one, two, three, four } do sock:set_nonblock(true) end
  local inner = ("i"):rep(60000)
  local interrupted = 0
  collecting_often(function()
    three:send(inner)
    if four:recv(100000) == inner then interrupted = interrupted + 1 end
  end, function()
    for i = 1, 60 do
      local outer = ("o"):rep(60000) .. i
      one:send(outer)
      t.equal(two:recv(100000) == outer, true)
      local buffer = llnet.Buffer(outer)
      t.equal(buffer:get_data() == outer, true)
    end
  end)
  t.equal(interrupted > 0, true)
end)

t.case("a finalizer that empties, closes and releases what a call is using", function()
  local victims = {}
  collecting_often(function()
    for _, victim in pairs(victims) do
      if victim.free then
        pcall(victim.reset, victim)
        pcall(victim.free, victim)
      elseif victim.close then
        pcall(victim.close, victim)
      end
      finalize(victim)
    end
  end, function()
    for i = 1, 25 do
      local sock = make.Socket()
      local buffer, info, poller = llnet.Buffer(("x"):rep(20000)), make.AddrInfo(), make.Poller()
      local list = make.Interfaces()
      victims = { sock, buffer, info, poller, list }
      local text = i + 0.5 -- made a string by the call
      judge("append", "append", pcall(buffer.append, buffer, text))
      judge("find", "find", pcall(buffer.find, buffer, text))
      judge("get_data", "get_data", pcall(buffer.get_data, buffer))
      judge("get_addr", "get_addr", pcall(info.get_addr, info))
      judge("get_address", "get_address", pcall(list.get_address, list, 0, 0))
      judge("add", "add", pcall(poller.add, poller, sock, llnet.POLLIN))
      judge("wait", "wait", pcall(poller.wait, poller, {}, 0))
      judge("recvfrom", "recvfrom", pcall(sock.recvfrom_buffer, sock, buffer))
      judge("recv", "recv", pcall(sock.recv, sock, 100000))
      judge("TCP_INFO", "TCP_INFO", pcall(sock.get_option, sock, "SO_PEERCRED"))
      judge("sockname", "sockname", pcall(sock.get_sockname, sock))
      victims = {}
    end
  end)
end)

-- ---- the poller's own callbacks ---------------------------------------------------------

t.case("a finalizer that resets, refills and releases the messages that are in use", function()
  local one, two = t.unix_pair("dgram")
  one:set_nonblock(true)
  two:set_nonblock(true)
  local message, into, pick_one
  local function disturb()
    pcall(message.set_data, message, ("other "):rep(20), llnet.Buffer("x"))
    pcall(message.reset, into)
    pcall(two.recv_message, two, into)
    pcall(finalize, pick_one and into or message)
  end
  for round = 1, 300 do
    message, into = make.Message(), llnet.Message()
    pick_one = round % 2 == 0
    message:add_descriptor(one)
    one:send_message(message)
    into:set_data(llnet.Buffer(20))
    two:recv_message(into)
    finalized(disturb)
    collectgarbage("step", round % 7)
    judge("set_data", "set_data", pcall(message.set_data, message, ("s"):rep(round), 12, llnet.Buffer(3)))
    judge("add_data", "add_data", pcall(message.add_data, message, round))
    judge("add_descriptor", "add_descriptor", pcall(message.add_descriptor, message, {
      fileno = function()
        if round % 3 == 0 then disturb() end
        collectgarbage()
        return 0
      end,
    }))
    judge("send", "send", pcall(one.send_message, one, message))
    judge("recv", "recv", pcall(two.recv_message, two, into))
    local ok, taken = pcall(into.take_descriptor, into)
    if ok and taken then taken:close() end
    judge("get_error", "get_error", pcall(into.get_error, into))
    judge("get_address", "get_address", pcall(into.get_address, into))
  end
  one:close()
  two:close()
end)

t.case("an error inside of fileno passes through, and nothing is watched", function()
  local poller = make.Poller()
  local object = { fileno = function() error("no descriptor today", 0) end }
  for _, name in ipairs { "add", "modify", "remove" } do
    local ok, message = pcall(poller[name], poller, object, llnet.POLLIN)
    t.equal(ok, false)
    t.equal(message, "no descriptor today")
  end
  t.results({ poller:wait({}, 0) }, 0)
end)

t.case("what fileno gives is checked", function()
  local poller = make.Poller()
  for _, result in ipairs { "x", {}, true, 1.5, 2 ^ 53, 0 / 0, -2 ^ 31, io.stdout } do
    local object = { fileno = function() return result end }
    judge("add", "add", pcall(poller.add, poller, object, llnet.POLLIN))
  end
  t.fails("EBADF", poller:add({ fileno = function() return -1 end }, llnet.POLLIN))
  t.fails("EBADF", poller:add({ fileno = function() end }, llnet.POLLIN))
  t.fails("EBADF", poller:add(999999999, llnet.POLLIN))
  t.fails("EBADF", poller:add({ getfd = function() return 999999999 end }, llnet.POLLIN))
  t.raises("Socket expected, got table", poller.add, poller, {}, llnet.POLLIN)
  t.equal(pcall(poller.add, poller, { fileno = 5 }, llnet.POLLIN), false)
  local strange = setmetatable({}, { __index = function() error("strange", 0) end })
  t.raises("strange", poller.add, poller, strange, llnet.POLLIN)
end)

t.case("a poller that is closed, released or collected by the fileno it calls", function()
  for _, name in ipairs { "add", "modify", "remove" } do
    for _, finish in ipairs { "close", "__gc", "drop" } do
      local sock = make.Socket()
      local holder = { make.Poller() }
      local object = { fileno = function()
        if finish == "close" then
          holder[1]:close()
        elseif finish == "__gc" then
          finalize(holder[1])
        end
        holder[1] = nil
        collectgarbage()
        collectgarbage()
        return sock:fileno()
      end }
      local method = holder[1][name]
      local ok, result, error_name = pcall(method, holder[1], object, llnet.POLLIN)
      if finish == "close" then
        t.equal(ok, true)
        t.equal(result, nil)
        t.equal(error_name, "EBADF")
      elseif finish == "__gc" then
        t.equal(ok, false)
      else
        judge(name, name, ok, result, error_name, 1)
      end
    end
  end
end)

t.case("objects that are closed and collected while they are watched", function()
  local poller, ready = make.Poller(), {}
  for _ = 1, 50 do
    local one, two = t.unix_pair()
    assert(poller:add(one, llnet.POLLIN + llnet.POLLOUT))
    two:send("x")
    assert(assert(poller:wait(ready, 0)) >= 1)
    if two:fileno() % 2 == 0 then finalize(one) else one:close() end
    judge("wait", "wait", pcall(poller.wait, poller, ready, 0))
    two:close()
    ready = {}
    collectgarbage("step", 50)
  end
  poller:close()
end)

t.case("nested calls of one poller from a fileno method", function()
  local poller, sock = make.Poller(), make.Socket()
  local object = { fileno = function()
    poller:add(sock, llnet.POLLOUT)
    poller:wait({}, 0)
    return sock:fileno()
  end }
  t.fails("EEXIST", poller:add(object, llnet.POLLIN))
  t.results({ poller:wait({}, 0) }, 1)
end)

-- ---- sizes ---------------------------------------------------------------------------------

t.case("absurd sizes and offsets are errors", function()
  local sock, buffer = make.Socket(), make.Buffer()
  for _, size in ipairs { 2 ^ 46, 2 ^ 53, 2 ^ 62, 2 ^ 63, 2 ^ 64, 1e300, 1 / 0, -1, -2 ^ 63, 0 / 0, 1.5 } do
    t.equal((pcall(sock.recv, sock, size)), false, "recv " .. size)
    t.equal((pcall(buffer.get_data, buffer, size)), false, "offset " .. size)
    t.equal((pcall(buffer.get_data, buffer, 0, size)), false, "count " .. size)
    for _, call in ipairs {
      { llnet.Buffer, size }, { buffer.set_capacity, buffer, size }, { buffer.set_size, buffer, size },
      { sock.recv_buffer, sock, buffer, size }, { sock.recv_buffer, sock, buffer, 0, size },
      { sock.send_buffer, sock, buffer, size }, { sock.send, sock, "abc", 0, size },
      { sock.get_option_raw, sock, 1, 3, size }, { buffer.consume, buffer, size },
      { sock.listen, sock, size }, { llnet.Socket.adopt, size }, { llnet.Socket, size, size, size, size },
    } do
      judge("size " .. size, "size", pcall(unpack(call)))
    end
    t.equal(tostring(buffer), "0123456789")
  end
end)

t.case("consume takes 0, and no less than a number", function()
  local buffer = make.Buffer()
  t.equal(buffer:consume(0), true)
  t.equal(tostring(buffer), "0123456789")
  t.equal(buffer:consume(9), true)
  t.equal(tostring(buffer), "9")
  t.equal(pcall(buffer.consume, buffer), false)
  t.equal(pcall(buffer.consume, buffer, 2), false)
end)

t.case("as many bytes as the Lua stack cannot hold raise", function()
  local buffer = llnet.Buffer(4 * 1024 * 1024)
  buffer:set_size(4 * 1024 * 1024)
  t.raises("too many bytes", buffer.get_bytes, buffer)
  local some = { buffer:get_bytes(0, 1000) }
  t.equal(#some, 1000)
end)

t.done()
