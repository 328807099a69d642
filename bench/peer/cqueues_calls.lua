-- SPDX-License-Identifier: MIT
-- cqueues_calls.lua: what bench/raw_calls.c does, on cqueues: send and recv are its calls that
-- do not wait, unbuffered for what is sent.

local a, b = assert(require "cqueues.socket".pair())
a:setmode("bn", "bn")
b:setmode("bn", "bn")
local message, size = ("x"):rep(64), 64

require "driven" {
  fileno = function(count)
    for _ = 1, count do a:pollfd() end
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
      a:send(message, 1, size)
      if b:recv(size) then done = done + 1 end
    end
    return count, done
  end,
}
