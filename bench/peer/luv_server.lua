-- SPDX-License-Identifier: MIT
-- luv_server.lua: what bench/raw_server.c does, on luv: libuv's loop and callbacks. try_write
-- sends at once, as the others do.

local luv = require "luv"
local serving = require "serving"

local mode, address = arg[1], arg[2]
local on_data, unix = serving.modes[mode], address:find "^/"
local listener = unix and luv.new_pipe(false) or luv.new_tcp()

local function serve(connection)
  local rest
  connection:read_start(function(_, data)
    if not data then return connection:close() end
    local answers, over
    rest, answers, over = on_data(rest, data)
    if answers and connection:try_write(answers) ~= #answers or over then connection:close() end
  end)
end

local function accept(problem)
  assert(not problem, problem)
  local connection = unix and luv.new_pipe(false) or luv.new_tcp()
  listener:accept(connection)
  if mode == "accept" then return connection:close() end
  if not unix then connection:nodelay(true) end
  serve(connection)
end

if unix then
  assert(listener:bind(address))
else
  assert(listener:bind("127.0.0.1", tonumber(address)))
  address = listener:getsockname().port
end
assert(listener:listen(serving.BACKLOG, accept))
serving.listening(address)
luv.run()
