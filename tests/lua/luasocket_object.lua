-- SPDX-License-Identifier: MIT
-- luasocket_object: what is below LuaSocket's objects loses no descriptor, whoever comes
-- between two of its steps. Found by tests/abuse.

local t = require "harness"
local core = require "llnet.core"
local socket = require "llnet.luasocket"

-- LuaJIT's compiled code calls no hooks
if rawget(_G, "jit") then require("jit").off() end

t.case("a metatable without a finalizer of its own is no class", function()
  local one = assert(socket.udp4())
  for _, metatable in ipairs { {}, { __gc = tostring }, setmetatable({}, { __index = { __gc = tostring } }) } do
    t.raises("adopt_class comes first", core.luasocket.set_class, one, metatable)
  end
  local prepared = {}
  core.luasocket.adopt_class(prepared)
  t.equal(core.luasocket.set_class(one, prepared), one)
  t.equal(debug.getmetatable(one), prepared)
end)

-- An object without a descriptor gets one when it first sends. At each instruction of that a hook
-- sends with the same object, which gets one then.
t.case("a hook in the middle of an object's getting a descriptor costs none", function()
  local receiver = assert(socket.udp4())
  assert(receiver:setsockname("127.0.0.1", 0))
  local host, port = receiver:getsockname()
  for instruction = 1, 200 do
    local one = assert(socket.udp())
    local left = instruction
    debug.sethook(function()
      left = left - 1
      if left > 0 then return end
      debug.sethook()
      one:sendto("hook", host, port)
    end, "", 1)
    local sent = one:sendto("x", host, port)
    debug.sethook()
    t.equal(sent, 1)
    one:close()
  end
end)

t.case("move gives one socket's descriptor to another, and closes what that had", function()
  local one, two = assert(socket.udp4()), assert(socket.udp4())
  local descriptor = two:getfd()
  core.luasocket.move(one, two)
  t.equal(one:getfd(), descriptor)
  t.equal(two:getfd(), -1)
  core.luasocket.move(one, two)
  t.equal(one:getfd(), -1)
  t.raises("another Socket expected", core.luasocket.move, one, one)
  t.raises("Socket expected", core.luasocket.move, one)
end)

t.done()
