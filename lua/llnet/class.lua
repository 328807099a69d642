-- SPDX-License-Identifier: MIT
-- llnet.class: makes the class tables that programs see (llnet.Socket) of the
-- function tables of llnet.core. A class table is callable and holds what makes
-- objects; the methods stay in the table that the objects' metatable looks into.

local class_call = require "llnet.core".class_call

local class = {}

-- Moves the named functions from methods to a new class table.
function class.make(methods, constructors)
  local new_class = {}
  for _, name in ipairs(constructors) do
    new_class[name] = assert(methods[name], name)
    methods[name] = nil
  end
  return setmetatable(new_class, {})
end

-- From now on calling the class calls its function "new".
function class.seal(complete_class)
  getmetatable(complete_class).__call = class_call(complete_class.new)
end

return class
