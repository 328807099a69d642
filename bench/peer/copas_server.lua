-- SPDX-License-Identifier: MIT
-- copas_server.lua: what bench/raw_server.c does over TCP, on copas: a coroutine for each
-- connection, over LuaSocket and its select.

local socket = require "socket"
local copas = require "copas"
local serving = require "serving"

local mode, address = arg[1], arg[2]
local on_data = serving.modes[mode]

local function serve(connection)
  local rest
  while true do
    local data, problem, part = copas.receivePartial(connection, 8192)
    data = data or part
    if not data or #data == 0 then break end
    local answers, over
    rest, answers, over = on_data(rest, data)
    if answers and not copas.send(connection, answers) or over or problem == "closed" then break end
  end
  connection:close()
end

local listener = assert(socket.tcp4())
assert(listener:setoption("reuseaddr", true))
assert(listener:setoption("tcp-nodelay", true)) -- accepted ones inherit it
assert(listener:bind("127.0.0.1", tonumber(address)))
assert(listener:listen(serving.BACKLOG))
serving.listening((select(2, listener:getsockname())))
copas.addserver(listener, mode == "accept" and function(connection) connection:close() end or serve, 0)
copas.loop()
