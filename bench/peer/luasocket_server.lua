-- SPDX-License-Identifier: MIT
-- luasocket_server.lua: what bench/raw_server.c does, on LuaSocket: its select, which has no
-- more than 1,024 descriptors.

local socket = require "socket"
local serving = require "serving"

local mode, address = arg[1], arg[2]
local on_data, rests = serving.modes[mode], {}
local watched, places, listener = {}, {}, nil -- the set for select, and each one's place in it

local function watch(connection)
  watched[#watched + 1] = connection
  places[connection] = #watched
end

local function close(connection)
  local place, last = places[connection], watched[#watched]
  watched[place], places[last] = last, place
  watched[#watched], places[connection] = nil, nil
  if rests[connection] then rests[connection] = nil end
  connection:close()
end

local function accept()
  while true do
    local connection, problem = listener:accept()
    if not connection then return problem end
    if mode == "accept" then
      connection:close()
    else
      connection:settimeout(0)
      watch(connection)
    end
  end
end

local function on_event(connection)
  local data, problem, part = connection:receive(8192)
  data = data or part
  if data and #data > 0 then
    local before = rests[connection]
    local rest, answers, over = on_data(before, data)
    if rest ~= before then rests[connection] = rest end
    if answers and connection:send(answers) ~= #answers or over then return close(connection) end
  end
  if problem == "closed" then close(connection) end
end

if address:find "^/" then
  listener = assert(require "socket.unix"())
  assert(listener:bind(address))
else
  listener = assert(socket.tcp4())
  assert(listener:setoption("reuseaddr", true))
  assert(listener:setoption("reuseport", true))
  assert(listener:setoption("tcp-nodelay", true)) -- accepted ones inherit it
  assert(listener:bind("127.0.0.1", tonumber(address)))
  address = select(2, listener:getsockname())
end
assert(listener:listen(serving.BACKLOG))
listener:settimeout(0)
watch(listener)
serving.listening(address)

while true do
  local ready = socket.select(watched)
  for i = 1, #ready do
    local connection = ready[i]
    if connection == listener then accept() else on_event(connection) end
  end
end
