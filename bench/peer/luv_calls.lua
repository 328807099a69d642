-- SPDX-License-Identifier: MIT
-- luv_calls.lua: what bench/raw_calls.c does, on luv, which receives in a callback of its loop: a
-- receive is a turn of it. One that would block is no call there.

local luv = require "luv"

local fds = assert(luv.socketpair("stream", nil, { nonblock = true }, { nonblock = true }))
local a, b = luv.new_pipe(false), luv.new_pipe(false)
assert(a:open(fds[1]))
assert(b:open(fds[2]))
local message, came = ("x"):rep(64), 0
b:read_start(function(_, data)
  if data then came = came + 1 end
end)

require "driven" {
  fileno = function(count)
    for _ = 1, count do a:fileno() end
    return count, count
  end,
  transfer = function(count)
    came = 0
    for _ = 1, count do
      a:try_write(message)
      luv.run "nowait"
    end
    return count, came
  end,
}
