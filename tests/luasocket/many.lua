-- SPDX-License-Identifier: MIT
-- many.lua COUNT: so many connected sockets in one select, each of which has something to read.

local socket = require "socket"
local COUNT = tonumber(arg[1])

local server = assert(socket.bind("127.0.0.1", 0, 1024))
local host, port = server:getsockname()
local all, senders = {}, {}
for _ = 1, COUNT / 2 do
  local client = assert(socket.connect(host, port))
  local other = assert(server:accept())
  all[#all + 1], all[#all + 2] = client, other
  senders[#senders + 1] = client
end
print("sockets", #all)
local ok, readable, _, problem = pcall(socket.select, all, nil, 0)
if not ok then
  print("select", (tostring(readable):match "%((.*)%)"))
  os.exit(0)
end
print("select", #readable, problem)
for _, client in ipairs(senders) do client:send("x\n") end
socket.select({ all[#all] }, nil, 5)
local writable
readable, writable, problem = socket.select(all, all, 5)
print("ready", #readable, #writable, problem)
for _, one in ipairs(readable) do assert(one:receive() == "x" and readable[readable[one]] == one) end
readable, _, problem = socket.select(all, nil, 0)
print("after", #readable, problem)
