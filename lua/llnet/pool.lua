-- SPDX-License-Identifier: MIT
-- llnet.pool: Buffers of one capacity that are used again instead of being collected.
--
--     local pool = llnet.Pool(4096, 100)
--     local buffer = pool:take()
--     ...
--     pool:give(buffer)

local core = require "llnet.core"
local get_capacity, reset = core.Buffer.get_capacity, core.Buffer.reset

local Pool = {}
local meta = { __index = Pool, __name = "Pool", __metatable = "Pool" }

function meta:__tostring() return ("Pool: %d of %s bytes"):format(self.count, self.capacity) end

-- Buffers that are made for a pool, and whether one lies ready in one. (Not in which: before
-- Lua 5.2 that would keep the pool, and the pool the Buffer, for ever.)
local home = setmetatable({}, { __mode = "k" })

-- All pools there are: what else is given for one is told by a look-up, which is no call.
local pools = setmetatable({}, { __mode = "k" })

local function no_pool(name, value)
  error(("bad argument #1 to '%s' (Pool expected, got %s)"):format(name, type(value)), 3)
end

local function is_count(value)
  return type(value) == "number" and value >= 0 and value <= 2 ^ 53 and value % 1 == 0
end

-- Takes an empty Buffer, or makes one.
function Pool:take()
  if not pools[self] then no_pool("take", self) end
  while self.count > 0 do
    local count = self.count
    local buffer = self[count]
    self[count] = false
    self.count = count - 1
    home[buffer] = false
    -- whoever gave it may have changed it since
    if get_capacity(buffer) == self.capacity then
      reset(buffer)
      return buffer
    end
  end
  local buffer, problem, number = self.new_buffer(self.capacity)
  if not buffer then return nil, problem, number end
  home[buffer] = false
  return buffer
end

-- Gives a Buffer back that a pool made. It is kept, empty, unless its capacity was changed
-- or the pool has as many as it may; the result tells. Nobody may use it any more: what a
-- slice of it or a Message still does to it the next taker sees.
function Pool:give(buffer)
  if not pools[self] then no_pool("give", self) end
  local place = home[buffer]
  if place == nil then error("bad argument #1 to 'give' (a Buffer of a pool expected)", 2) end
  if place then error("bad argument #1 to 'give' (the Buffer lies in a pool already)", 2) end
  if get_capacity(buffer) ~= self.capacity or self.count >= self.limit then return false end
  reset(buffer)
  self.count = self.count + 1
  self[self.count] = buffer
  home[buffer] = true
  return true
end

-- How many Buffers lie ready.
function Pool:get_count()
  if not pools[self] then no_pool("get_count", self) end
  return self.count
end

-- The function that makes a pool of Buffers that new_buffer makes.
return function(new_buffer)
  return core.front(function(capacity, limit)
    if not is_count(capacity) then error("bad argument #1 to 'Pool' (a capacity expected)", 0) end
    if limit ~= nil and not is_count(limit) then error("bad argument #2 to 'Pool' (a limit expected)", 0) end
    local pool = { capacity = capacity, limit = limit or math.huge, count = 0, new_buffer = new_buffer }
    pools[pool] = true
    return setmetatable(pool, meta)
  end)
end
