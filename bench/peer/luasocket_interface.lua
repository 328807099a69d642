-- SPDX-License-Identifier: MIT
-- luasocket_interface.lua: moves data through LuaSocket's interface: for each line "MODE COUNT PORT" connects to
-- the port, does what the mode says that often, and answers "done". Which library it is
-- decides who starts it: lua [-l llnet.luasocket.preload] luasocket_interface.lua

local socket = require "socket"

local LINE, MUCH = ("x"):rep(63), 8 * 1024 * 1024
local payload = ("0123456789abcdef"):rep(MUCH / 16)
local modes = {}

-- A line comes, and goes back.
function modes.echo(connection, count)
  for _ = 1, count do
    local line = connection:receive()
    if line ~= LINE then error("wrong line") end
    connection:send(line .. "\n")
  end
end

-- Many lines come at once.
function modes.lines(connection, count)
  for _ = 1, count do
    if connection:receive() ~= LINE then error("wrong line") end
  end
end

modes["receive 8 MB"] = function(connection, count)
  for _ = 1, count do
    if #assert(connection:receive(MUCH)) ~= MUCH then error("wrong length") end
  end
end

modes["receive all"] = function(connection, count)
  local data = assert(connection:receive "*a")
  if #data ~= count * MUCH then error("wrong length") end
end

modes["send 8 MB"] = function(connection, count)
  for _ = 1, count do
    if assert(connection:send(payload)) ~= MUCH then error("send") end
  end
end

for line in io.lines() do
  local mode, count, port = line:match "^(.-) (%d+) (%d+)$"
  local connection = assert(socket.connect("127.0.0.1", port))
  connection:setoption("tcp-nodelay", true)
  modes[mode](connection, tonumber(count))
  connection:close()
  collectgarbage()
  print "done"
  io.stdout:flush()
end
