-- SPDX-License-Identifier: MIT
-- record: each call is in a file before it is made, written through, so that the last lines
-- of the file are the calls under way when the process died. A batch starts the file anew.

local record = {}

local path, file, batch

function record.open(name) path = name end

function record.start(number)
  batch = number
  if file then file:close() end
  file = assert(io.open(path, "w"))
  file:setvbuf "no"
end

function record.finish()
  if file then file:close() end
  file = nil
end

-- ("%q") leaves control characters as they are on some Luas
local function quote(text)
  local shown = text:sub(1, 24):gsub("[%c\128-\255\"\\]", function(c) return ("\\%03d"):format(c:byte()) end)
  return ("\"%s\"%s"):format(shown, #text > 24 and ("[%d]"):format(#text) or "")
end

local function address(value)
  -- a __tostring would be the program's own code
  local metatable = debug.getmetatable(value)
  local name = metatable and rawget(metatable, "__name")
  return type(name) == "string" and name or type(value)
end

local show = {
  string = quote,
  number = function(value) return value % 1 == 0 and ("%.0f"):format(value) or tostring(value) end,
  ["nil"] = tostring, boolean = tostring, userdata = address, table = address,
}

function record.arguments(arguments, n)
  local shown = {}
  for i = 1, n do
    local value = arguments[i]
    local kind = type(value)
    shown[i] = show[kind] and show[kind](value) or kind
  end
  return table.concat(shown, ", ")
end

function record.call(where, name, arguments, n)
  -- one string: each is a system call
  file:write(("%d %s: %s(%s)\n"):format(batch, where, name, record.arguments(arguments, n)))
end

return record
