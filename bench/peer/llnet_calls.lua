-- SPDX-License-Identifier: MIT
-- llnet_calls.lua: what bench/raw_calls.c does, on llnet.

local llnet = require "llnet"

local a, b = assert(llnet.Socket.pair("unix", "stream", 0, llnet.SOCK_NONBLOCK))
local message, size = ("x"):rep(64), 64

require "driven" {
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
