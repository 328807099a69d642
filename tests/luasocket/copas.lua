-- SPDX-License-Identifier: MIT
-- copas.lua: a server and hundreds of simultaneous clients in one process, on copas.

local copas = require "copas"
local socket = require "socket"

local CLIENTS, LINES = 300, 5

local server = assert(socket.bind("127.0.0.1", 0, 512))
local host, port = server:getsockname()
local most, open, answered, finished = 0, 0, 0, 0
local clients = {}

-- Nobody is answered before all are there: the last to come greets them all.
local waiting = {}
copas.addserver(server, function(connection)
  open = open + 1
  most = math.max(most, open)
  connection = copas.wrap(connection)
  waiting[#waiting + 1] = connection
  if #waiting == CLIENTS then
    for _, one in ipairs(waiting) do one:send "welcome\n" end
  end
  while true do
    local line = connection:receive "*l"
    if not line then break end
    connection:send(line:upper() .. "\n")
  end
  open = open - 1
end)

for i = 1, CLIENTS do
  copas.addthread(function()
    local client = socket.tcp()
    client:settimeout(0)
    assert(copas.connect(client, host, port))
    local connection = copas.wrap(client)
    assert(connection:receive "*l" == "welcome")
    for n = 1, LINES do
      local line = ("client %d line %d "):format(i, n) .. ("x"):rep(i % 50)
      connection:send(line .. "\n")
      if connection:receive "*l" == line:upper() then answered = answered + 1 end
    end
    finished = finished + 1
    clients[i] = client
  end)
end

local deadline = socket.gettime() + 30
while finished < CLIENTS and socket.gettime() < deadline do copas.step(1) end
print("answered", answered, "of", CLIENTS * LINES, "at once", most)
for _, client in pairs(clients) do client:close() end
while open > 0 and socket.gettime() < deadline do copas.step(1) end
print("left", open)
