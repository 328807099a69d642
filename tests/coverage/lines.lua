-- SPDX-License-Identifier: MIT
-- lines.lua: counts the lines of lua/ that a Lua 5.4 program runs, in all of its coroutines,
-- and appends them at its end to the file that LLNET_LINES names: path, a tab, the line. It
-- is loaded by LUA_INIT_5_4.
-- luacheck: ignore 122 (what it wraps are fields of the libraries)
local output = os.getenv "LLNET_LINES"
if not output then return end
local sethook, getinfo, source = debug.sethook, debug.getinfo, os.getenv "LLNET_LUA_SOURCE"
local ran = {} -- by path: lines

local function count(_, line)
  local path = getinfo(2, "S").source
  local lines = ran[path]
  if lines == nil then
    lines = path:sub(1, #source + 1) == "@" .. source and {} or false
    ran[path] = lines
  end
  if lines then lines[line] = true end
end

local create = coroutine.create
function coroutine.create(f)
  local co = create(f)
  sethook(co, count, "l")
  return co
end

local wrap = coroutine.wrap
function coroutine.wrap(f)
  return wrap(function(...)
    sethook(count, "l")
    return f(...)
  end)
end

local function write()
  local file = assert(io.open(output, "a"))
  for path, lines in pairs(ran) do
    for line in pairs(lines or {}) do file:write(path:sub(2), "\t", line, "\n") end
  end
  file:close()
  ran = {}
end

-- at the end of the state, or of the process where it does not close the state
local at_end <const> = setmetatable({}, { __gc = write })
local exit = os.exit
function os.exit(...)
  write()
  exit(...)
end
debug.getregistry()[at_end] = true
sethook(count, "l")
