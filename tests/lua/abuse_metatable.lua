-- SPDX-License-Identifier: MIT
-- abuse_metatable: metamethods that are called with anything, metatables and fields that the
-- debug library moves, and classes that are called.

local t = require "harness"
local llnet = t.llnet
local core = require "llnet.core"
local abuse = require "harness.abuse"
local unpack = unpack or table.unpack
local make, classes, wrong_values = abuse.make, abuse.classes, abuse.wrong_values
local judge, hasty = abuse.judge, abuse.hasty

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
  local bare = class == "Socket" and abuse.must(llnet.Socket, "inet", "stream") or plain()
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
        local object = class == "Socket" and abuse.must(llnet.Socket, "inet", "stream") or make[class]()
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

t.done()
