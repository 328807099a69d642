-- SPDX-License-Identifier: MIT
-- luv_server.lua: what llnet_server.lua does, on luv: libuv's loop and callbacks. try_write
-- sends at once, as the others do.

local luv = require "luv"
local serving = require "serving"

local mode, address = arg[1], arg[2]
local unix = address:find "^/"
local listener = unix and luv.new_pipe(false) or luv.new_tcp()

local find = string.find
local try_write, close = listener.try_write, listener.close -- the methods, looked up once
local accept_one, read_start = listener.accept, listener.read_start
local answer, answer_size, head_end, echo_size = serving.ANSWER, #serving.ANSWER, "\r\n\r\n", serving.ECHO

-- What has come is not one request, or may be the end of one: the new rest of one.
local on_data = serving.modes[mode]
local function take_part(connection, rest, data)
  if not data then return close(connection) end
  local answers, over
  rest, answers, over = on_data(rest, data)
  if answers and try_write(connection, answers) ~= #answers or over or rest and #rest > 8192 then
    close(connection)
  end
  return rest
end

-- A mode makes a connection's callback, which gets what has come: nearly always a request, whole
-- and alone. rest: of one that is not whole.
local modes = {}

function modes.http(connection)
  local rest
  return function(_, data)
    if data and not rest then
      local _, last = find(data, head_end, 1, true)
      if last == #data then
        if try_write(connection, answer) ~= answer_size then close(connection) end
        return
      end
    end
    rest = take_part(connection, rest, data)
  end
end

function modes.close(connection)
  local rest
  return function(_, data)
    if data and not rest and find(data, head_end, 1, true) then
      try_write(connection, answer)
      close(connection)
    else
      rest = take_part(connection, rest, data)
    end
  end
end

function modes.echo(connection)
  local rest
  return function(_, data)
    if data and not rest and #data == echo_size then
      if try_write(connection, data) ~= echo_size then close(connection) end
    else
      rest = take_part(connection, rest, data)
    end
  end
end

local handler = modes[mode]

local function accept(problem)
  assert(not problem, problem)
  local connection = unix and luv.new_pipe(false) or luv.new_tcp()
  accept_one(listener, connection)
  if mode == "accept" then return close(connection) end
  read_start(connection, handler(connection))
end

if unix then
  assert(listener:bind(address))
else
  assert(listener:bind("127.0.0.1", tonumber(address)))
  assert(listener:nodelay(true)) -- accepted ones inherit it
  address = listener:getsockname().port
end
assert(listener:listen(serving.BACKLOG, accept))
serving.listening(address)
luv.run()
