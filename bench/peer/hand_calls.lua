-- SPDX-License-Identifier: MIT
-- hand_calls.lua: what bench/raw_calls.c does, through the binding written by hand (bench/hand.c).

local hand = assert(package.loadlib(arg[1], "luaopen_hand"))()

local a, b = hand.pair()
local message, size = ("x"):rep(64), 64

require "driven" {
  nothing = function(count)
    for _ = 1, count do a:nothing() end
    return count, count
  end,
  fileno = function(count)
    for _ = 1, count do a:fileno() end
    return count, count
  end,
  block = function(count)
    local done = 0
    for _ = 1, count do
      if not a:recv(size) then done = done + 1 end
    end
    return count, done
  end,
  transfer = function(count)
    local done = 0
    for _ = 1, count do
      a:send(message)
      if b:recv(size) then done = done + 1 end
    end
    return count, done
  end,
}
