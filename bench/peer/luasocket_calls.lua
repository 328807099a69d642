-- SPDX-License-Identifier: MIT
-- luasocket_calls.lua: what bench/raw_calls.c does, on LuaSocket, whose Unix sockets need a path.

local path = arg[1]
local listener = assert(require "socket.unix"())
assert(listener:bind(path))
assert(listener:listen(1))
local a = assert(require "socket.unix"())
assert(a:connect(path))
local b = assert(listener:accept())
listener:close()
os.remove(path)
a:settimeout(0)
b:settimeout(0)
local message, size = ("x"):rep(64), 64

require "driven" {
  fileno = function(count)
    for _ = 1, count do a:getfd() end
    return count, count
  end,
  block = function(count)
    local done = 0
    for _ = 1, count do
      if not a:receive(size) then done = done + 1 end
    end
    return count, done
  end,
  transfer = function(count)
    local done = 0
    for _ = 1, count do
      a:send(message)
      if b:receive(size) then done = done + 1 end
    end
    return count, done
  end,
}
