-- SPDX-License-Identifier: MIT
-- harness.abuse: what the files abuse*.lua share: a live object of each class, what is none,
-- every method, and whether a call's results are such as a script may see.

local t = require "harness"
local llnet = t.llnet
local core = require "llnet.core"
local newproxy = rawget(_G, "newproxy")
local has_ffi, ffi = pcall(require, "ffi")

-- What holds a descriptor. The collector knows nothing of those, so it is told when there are no more;
-- thrice, as what finalizers let go is found by the next round.
local function must(maker, ...)
  local one, two = maker(...)
  if one then return one, two end
  for _ = 1, 3 do collectgarbage() end
  return assert(maker(...))
end

-- A live object of each class. What it needs beside it is collected with it.
local make = {
  Socket = function()
    local one, two = must(llnet.Socket.pair, "unix", "stream")
    one:set_nonblock(true)
    one.peer = two
    return one
  end,
  Addr = function() return llnet.Addr("127.0.0.1", 80) end,
  Buffer = function() return llnet.Buffer("0123456789") end,
  AddrInfo = function() return must(llnet.AddrInfo, "127.0.0.1", "80") end,
  Poller = function() return must(llnet.Poller) end,
  Interfaces = function() return must(llnet.Interfaces) end,
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

local abuse = { make = make, classes = classes, must = must }

-- What the collector does to an object, while it lives.
function abuse.finalize(object) debug.getmetatable(object).__gc(object) end

-- LuaJIT's compiled code keeps what it was compiled for alive: from here on there is none
if rawget(_G, "jit") then require("jit").off() end

-- Calls on_collected when the collector finds the result.
function abuse.finalized(on_collected)
  if newproxy then
    local proxy = newproxy(true)
    getmetatable(proxy).__gc = on_collected
    return proxy
  end
  return setmetatable({}, { __gc = on_collected })
end

-- Everything that is no object of the class; no name or address that DNS is asked for.
function abuse.wrong_values(class)
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

-- Calls body with each class's name, the name of each of its methods, and the method.
function abuse.each_method(body)
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
function abuse.judge(what, name, ok, ...)
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
abuse.waits = waits

function abuse.hasty(name, arguments)
  local place = waits[name]
  if place and (arguments[place] == nil or type(arguments[place]) == "number") then
    arguments[place] = 0
  end
  return arguments
end

return abuse
