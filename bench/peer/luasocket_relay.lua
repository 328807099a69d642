-- SPDX-License-Identifier: MIT
-- luasocket_relay.lua: what bench/raw_relay.c does, on LuaSocket, in strings.

local socket = require "socket"

local PIECE = 65536
local listener = assert(socket.bind("127.0.0.1", tonumber(arg[2]), 2))
require "serving".listening((select(2, listener:getsockname())))
while true do
  local source, sink = assert(listener:accept()), assert(listener:accept())
  repeat
    local data, problem, part = source:receive(PIECE)
    assert(sink:send(data or part))
  until problem
  sink:close()
  source:close()
end
