-- SPDX-License-Identifier: MIT
-- luasocket_datagrams.lua: what bench/raw_datagrams.c does, on LuaSocket: single datagrams.

local datagrams = require "datagrams"
local SIZE, BATCH, datagram, fail = datagrams.SIZE, datagrams.BATCH, datagrams.make, datagrams.fail
local socket = require "socket"
local modes = {}

function modes.single(count)
  local sender, receiver = assert(socket.udp4()), assert(socket.udp4())
  assert(receiver:setsockname("127.0.0.1", 0))
  assert(sender:setpeername(receiver:getsockname()))
  receiver:settimeout(1)
  local payload = {}
  for i = 0, BATCH - 1 do payload[i] = datagram(i) end
  local byte = string.byte
  return datagrams.in_turns(count, BATCH, function()
    for i = 0, BATCH - 1 do
      if sender:send(payload[i]) ~= SIZE then error("send") end
    end
  end, function()
    for i = 0, BATCH - 1 do
      local data = receiver:receive()
      if not data then return i end
      local first = byte(data)
      if #data ~= SIZE or first ~= i then fail(i, #data, first) end
    end
    return BATCH
  end)
end

require "driven"(modes)
