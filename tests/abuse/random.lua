-- SPDX-License-Identifier: MIT
-- random: Lehmer's generator (Park and Miller): the same numbers on every Lua, for each
-- product is exact in a double. A batch of calls starts it anew, so that one batch alone
-- repeats; finalizers, which run when the collector likes, have states of their own.

local random = { state = 1 }

local LIMIT = 2147483647

function random.start(seed, batch)
  random.state = (seed % LIMIT * 7919 + batch * 104729) % (LIMIT - 1) + 1
  for _ = 1, 8 do random.below(2) end -- neighbours part
end

-- From 1 to n.
function random.below(n)
  local state = random.state * 16807 % LIMIT
  random.state = state
  return state % n + 1
end
local below = random.below

function random.pick(list) return list[below(#list)] end

-- True once in n times.
function random.chance(n) return below(n) == 1 end

-- Runs f with a state of its own: what it takes is not missing where it was called.
function random.aside(state, f)
  local saved = random.state
  random.state = state
  f()
  random.state = saved
end

return random
