-- SPDX-License-Identifier: MIT
-- memory.lua COUNT: bytes of memory that one idle connected socket costs: Lua's own count, and the
-- process's private memory; half of the sockets connected, half were accepted.

local socket = require "socket"
local COUNT = tonumber(arg[1])

local function private_bytes()
  for text in io.lines "/proc/self/status" do
    local kilobytes = text:match "^RssAnon:%s+(%d+)"
    if kilobytes then return tonumber(kilobytes) * 1024 end
  end
end

local function pair(server, host, port)
  return assert(socket.connect(host, port)), assert(server:accept())
end

local server = assert(socket.bind("127.0.0.1", 0, 1024))
local host, port = server:getsockname()
local all = {}
for i = 1, COUNT do all[i] = false end
pair(server, host, port)
collectgarbage()
collectgarbage()
local lua_before, private_before = collectgarbage "count" * 1024, private_bytes()
for i = 1, COUNT, 2 do all[i], all[i + 1] = pair(server, host, port) end
collectgarbage()
collectgarbage()
local lua_each = (collectgarbage "count" * 1024 - lua_before) / COUNT
print(("%.0f %.0f"):format(lua_each, (private_bytes() - private_before) / COUNT))
assert(#all == COUNT)
