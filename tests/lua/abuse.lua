-- SPDX-License-Identifier: MIT
-- abuse: objects and methods held wrong in every way that a script can: each gives a
-- Lua error, or nil, name, number. A crash ends the process, which the runner reports. Here:
-- what calls are given, and when they come; abuse_* have metatables, finalizers and pollers.

local t = require "harness"
local llnet = t.llnet
local core = require "llnet.core"
local abuse = require "harness.abuse"
local unpack = unpack or table.unpack
local make, classes, finalize, wrong_values = abuse.make, abuse.classes, abuse.finalize, abuse.wrong_values
local each_method, judge, waits, hasty = abuse.each_method, abuse.judge, abuse.waits, abuse.hasty

-- ---- self ---------------------------------------------------------------------------

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

-- ---- sizes --------------------------------------------------------------------------

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

-- ---- after the end ------------------------------------------------------------------

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

-- ---- coroutines ---------------------------------------------------------------------

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

t.done()
