-- SPDX-License-Identifier: MIT
-- cqueues_server.lua: what bench/raw_server.c does, on cqueues: a coroutine for each connection.

local cqueues = require "cqueues"
local socket = require "cqueues.socket"
local serving = require "serving"

local mode, address = arg[1], arg[2]
local on_data = serving.modes[mode]
local loop = cqueues.new()

local function serve(connection)
  local rest
  connection:setmode("bn", "bn") -- binary, and sent at once
  connection:onerror(function(_, _, problem) return problem end)
  while true do
    local data = connection:read(-8192)
    if not data then break end
    local answers, over
    rest, answers, over = on_data(rest, data)
    if answers and not connection:write(answers) or over then break end
  end
  connection:close()
end

local listener
if address:find "^/" then
  listener = assert(socket.listen { path = address, mode = "0600" })
else
  listener = assert(socket.listen { host = "127.0.0.1", port = tonumber(address), reuseaddr = true, reuseport = true,
    nodelay = true })
end
assert(listener:listen())
if not address:find "^/" then address = select(3, listener:localname()) end
serving.listening(address)

loop:wrap(function()
  while true do
    local connection = listener:accept()
    if connection then
      if mode == "accept" then connection:close() else loop:wrap(serve, connection) end
    end
  end
end)
assert(loop:loop())
