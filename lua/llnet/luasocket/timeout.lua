-- SPDX-License-Identifier: MIT
-- llnet.luasocket.timeout: LuaSocket's two timeouts of an object. block: alone it bounds a whole
-- call too, counted from its start, as it does in LuaSocket; beside a total it bounds
-- each wait. total: bounds a whole call. The clock is the monotonic one.

local core = require "llnet.core"
local words = require "llnet.luasocket.words"
local clock_now, poll, ceil = core.clock_now, core.Socket.poll, math.ceil

local timeout = {}

local LONGEST = 2 ^ 31 - 1 -- milliseconds that poll(2) takes

-- The moment a call begins, nil where no timeout asks for it.
function timeout.start(state)
  if (state.block and state.block ~= 0) or state.total then return clock_now() end
end

-- Seconds since then; never less than none.
local function since(start)
  return (clock_now() - start) / 1e9
end

-- Milliseconds that the next wait may last, rounded up; -1 is for ever.
local function left(state, start)
  local block, total = state.block or -1, state.total or -1
  local seconds
  if total >= 0 then
    seconds = total - since(start)
    if seconds < 0 then seconds = 0 end
    if block >= 0 and block < seconds then seconds = block end
  elseif block >= 0 then
    seconds = block - since(start)
    if seconds < 0 then seconds = 0 end
  else
    return -1
  end
  local milliseconds = seconds * 1000
  if milliseconds > LONGEST then milliseconds = LONGEST end
  if milliseconds ~= milliseconds then milliseconds = 0 end -- not a number
  return ceil(milliseconds)
end
timeout.left = left

-- The moment when a call that began at start has to end: nil for never. For one timeout alone:
-- beside a total one, block is for each wait.
function timeout.deadline(state, start)
  if state.block == 0 then return clock_now() end
  local seconds = state.total
  if not seconds or seconds < 0 then seconds = state.block end
  if not seconds or seconds < 0 or seconds > 1e9 then return nil end
  return start + ceil(seconds * 1e9)
end

-- Waits for events on the object's socket: the events that came, or nil and LuaSocket's word.
function timeout.wait(self, state, events, start)
  if state.block == 0 then return nil, "timeout" end
  while true do
    local ready, name, number = poll(self, events, left(state, start))
    if ready then
      if ready ~= 0 then return ready end
      return nil, "timeout"
    elseif name ~= "EINTR" then
      return nil, words.of(name, number)
    end
  end
end

return timeout
