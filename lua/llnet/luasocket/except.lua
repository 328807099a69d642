-- SPDX-License-Identifier: MIT
-- llnet.luasocket.except: newtry, protect and skip. An exception is a table of this module's
-- own metatable around the error; protect turns it into nil, error, and nothing else.

local object = require "llnet.luasocket.object"

local except = {}

-- __metatable false, as LuaSocket's
local exception = { __metatable = false }

-- getmetatable gives what __metatable says, so exceptions are known by their identity.
local raised = setmetatable({}, { __mode = "k" })

-- The finalizer is called before the exception leaves.
function except.newtry(finalizer)
  return function(...)
    if (...) then return ... end
    if finalizer then finalizer() end
    local thrown = setmetatable({ (select(2, ...)) }, exception)
    raised[thrown] = true
    error(thrown, 0)
  end
end

local function finish(ok, ...)
  if ok then return ... end
  local thrown = ...
  if type(thrown) == "table" and raised[thrown] then return nil, thrown[1] end
  error(thrown, 0)
end

-- On Lua 5.2 and later, and on LuaJIT, what is protected may yield.
function except.protect(f)
  return function(...) return finish(pcall(f, ...)) end
end

-- All but the first count results; of less than none the count is one, too, as in LuaSocket.
function except.skip(count, ...)
  local number = object.check_number(1, count)
  if number % 1 ~= 0 then
    if math.type or number ~= number then object.fail(1, "number has no integer representation") end
    number = math.floor(number)
  end
  if number < 0 then return count, ... end
  return select(math.min(number, select("#", ...)) + 1, ...)
end

return except
