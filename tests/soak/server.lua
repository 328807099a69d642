-- SPDX-License-Identifier: MIT
-- server.lua PROGRAM REPORT [ARGUMENT...]: runs an example as it stands, and writes once a second how
-- many KiB its Lua holds after a full collection: the server asks for the date so often.

local program, report = arg[1], assert(io.open(arg[2], "w"))
report:setvbuf "no"

local date = os.date
os.date = function(...) -- luacheck: ignore
  collectgarbage()
  collectgarbage() -- what the finalizers of the first let go
  report:write(("%.1f\n"):format(collectgarbage "count"))
  return date(...)
end

local arguments = { [0] = program }
for i = 3, #arg do arguments[i - 2] = arg[i] end
arg = arguments -- luacheck: ignore
dofile(program)
