-- SPDX-License-Identifier: MIT
-- llnet.luasocket.object: what all of LuaSocket's objects are: a Socket under a metatable of
-- this layer, which changes while the object lives (tcp{master} becomes tcp{client}), and a
-- state, which is all that the layer remembers of it. Also how arguments are checked.

local core = require "llnet.core"
local llnet = require "llnet"
local words = require "llnet.luasocket.words"
local internal = core.luasocket
local Socket = core.Socket

local object = {}

-- The state of each object: class, and where they were set: block, total (seconds), rest (what
-- was received and not read yet), received, sent, born, waits, family.
local states = setmetatable({}, { __mode = "k" })
object.states = states

-- What LuaSocket pushes as a number is a float from Lua 5.3 on.
object.ONE = 1.0

-- Methods in C that stand in front of those in Lua.
object.fronts = {}

-- ---- arguments ------------------------------------------------------------------

-- The names of functions, for those that stand last in the caller's, where Lua forgets the
-- name that was called; and which of them are methods.
local names, are_methods = {}, {}

-- Of two names of one function the shorter: bind, not setsockname.
function object.name_functions(functions, methods)
  for name, one in pairs(functions) do
    if type(one) == "function" then
      if not names[one] or #name < #names[one] then names[one] = name end
      are_methods[one] = methods
    end
  end
end

-- Where this layer is, and what is asked of a frame: Lua 5.1 tells of a tail call by a frame.
local source = debug and debug.getinfo(1, "S").source
local place = source and source:match("^(.*)[/\\]object%.lua$")
local ASKED = _VERSION == "Lua 5.1" and "nSf" or "nSft"

local function is_own(frame)
  if object.fronts[frame.func] or frame.source == source then return true end
  return place and frame.source:sub(1, #place) == place and frame.source:find("^[/\\.]", #place + 1) ~= nil
end

-- Raises as LuaSocket's functions in C do: of a method the object is no argument.
local function raise(position, name, is_method, message, level)
  if is_method then position = position - 1 end
  if position == 0 then error(("calling '%s' on bad self (%s)"):format(name, message), level + 1) end
  error(("bad argument #%d to '%s' (%s)"):format(position, name, message), level + 1)
end

-- Blames who called this layer, wherever in it the fault was found: the function of its own
-- that is farthest out was called. The position counts the object.
local function fail(position, message)
  if not debug then raise(position, "?", false, message, -1) end
  local level, called, where = 2, nil, 1
  local frame = debug.getinfo(level, ASKED)
  while frame and (is_own(frame) or frame.what == "tail") do
    if frame.what ~= "tail" then called, where = frame, level end
    level = level + 1
    frame = debug.getinfo(level, ASKED)
  end
  local name, is_method = called.name, called.namewhat == "method"
  if called.istailcall or level > where + 1 then -- whoever called is gone
    raise(position, names[called.func] or "?", are_methods[called.func], message, -1)
  end
  raise(position, name or names[called.func] or "?", is_method, message, where + 1)
end
object.fail = fail

local function expected(position, kind, value)
  fail(position, ("%s expected, got %s"):format(kind, value == nil and "no value" or type(value)))
end

function object.check_string(position, value)
  if type(value) == "number" then return tostring(value) end
  if type(value) ~= "string" then expected(position, "string", value) end
  return value
end

function object.check_number(position, value, default)
  if value == nil and default then return default end
  local number = tonumber(value)
  if not number then expected(position, "number", value) end
  return number
end

function object.check_boolean(position, value)
  if type(value) ~= "boolean" then expected(position, "boolean", value) end
  return value
end

function object.check_table(position, value)
  if type(value) ~= "table" then expected(position, "table", value) end
  return value
end

-- A port or a service's name; a whole number that a float holds is written as an integer, others
-- as they are: they are no service.
function object.check_service(position, value)
  if type(value) == "number" and value % 1 == 0 and math.abs(value) < 2 ^ 53 then return ("%d"):format(value) end
  return object.check_string(position, value)
end

-- The state of an object of this very class.
function object.check_class(self, class)
  local state = states[self]
  if not state or state.class ~= class then fail(1, class.name .. " expected") end
  return state
end

-- The state of an object of any class of the kind: "tcp", "udp", ...
function object.check_kind(self, kind)
  local state = states[self]
  if not state or state.class.kind ~= kind then fail(1, kind .. "{any} expected") end
  return state
end

-- ---- classes ----------------------------------------------------------------------

-- Makes the class "kind{name}" with a table of methods of its own, as callers walk it.
function object.new_class(kind, name, methods)
  local class = { kind = kind, name = ("%s{%s}"):format(kind, name) }
  local index = { class = class.name }
  for method_name, method in pairs(methods) do index[method_name] = method end
  object.name_functions(methods, true)
  class.metatable = {
    __index = index,
    __name = class.name,
    __tostring = function(self) return internal.describe(self, class.name) end,
    [kind .. "{any}"] = true,
  }
  internal.adopt_class(class.metatable)
  return class
end

-- A new object, of a Socket that is open or of none.
function object.make(class, socket, family)
  socket = internal.set_class(socket or internal.closed(), class.metatable)
  states[socket] = { class = class, family = family }
  return socket
end

function object.become(self, class)
  states[self].class = class
  internal.set_class(self, class.metatable)
end

-- Closes what the object has, and gives it the descriptor of another Socket.
function object.take_descriptor(self, socket)
  internal.move(self, socket)
end

-- A failed call's results for LuaSocket's callers. A socket that was closed by its own
-- method is "closed" to what moves data, and a bad descriptor elsewhere.
function object.failure(self, name, number)
  if name == "EBADF" and not Socket.is_open(self) then return nil, "closed" end
  return nil, words.of(name, number)
end

-- ---- methods of all ------------------------------------------------------------------

-- Those that every kind has, checked for the kind.
function object.common_methods(kind)
  local check_kind = object.check_kind
  local methods = {}

  function methods.close(self)
    local state = check_kind(self, kind)
    state.rest = nil
    Socket.close(self)
    return object.ONE
  end

  function methods.getfd(self)
    check_kind(self, kind)
    return Socket.fileno(self) + 0.0
  end

  function methods.setfd(self, fd)
    check_kind(self, kind)
    internal.set_fd(self, object.check_number(2, fd))
  end

  function methods.dirty(self)
    return check_kind(self, kind).rest ~= nil
  end

  function methods.settimeout(self, value, mode)
    local state = check_kind(self, kind)
    value = object.check_number(2, value, -1)
    mode = mode == nil and "b" or object.check_string(3, mode)
    local first = mode:sub(1, 1)
    if first == "b" then
      state.block = value ~= -1 and value or nil
    elseif first == "r" or first == "t" then
      state.total = value ~= -1 and value or nil
    else
      fail(3, "invalid timeout mode")
    end
    return object.ONE
  end

  function methods.gettimeout(self)
    local state = check_kind(self, kind)
    return (state.block or -1) + 0.0, (state.total or -1) + 0.0
  end

  return methods
end

object.POLLIN, object.POLLOUT = llnet.POLLIN, llnet.POLLOUT

return object
