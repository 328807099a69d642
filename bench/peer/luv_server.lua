-- SPDX-License-Identifier: MIT
-- luv_server.lua: what bench/raw_server.c does, on luv: libuv's loop and callbacks. try_write
-- sends at once, as the others do.

local luv = require "luv"
local serving = require "serving"

local mode, address = arg[1], arg[2]
local unix = address:find "^/"
local listener = unix and luv.new_pipe(false) or luv.new_tcp()

local find, sub = string.find, string.sub
local try_write, close = listener.try_write, listener.close -- the methods, looked up once
local accept_one, read_start = listener.accept, listener.read_start
local answer, answer_size, head_end = serving.ANSWER, #serving.ANSWER, "\r\n\r\n"

-- A mode makes a connection's callback, which gets what has come; rest: of a request that is not whole.
local modes = {}

function modes.http(connection)
  local rest
  return function(_, data)
    if not data then return close(connection) end
    if rest then data, rest = rest .. data, nil end
    local at, size = 1, #data
    repeat
      local _, last = find(data, head_end, at, true)
      if not last then
        rest = sub(data, at)
        if #rest > 8192 then close(connection) end
        return
      end
      if try_write(connection, answer) ~= answer_size then return close(connection) end
      at = last + 1
    until at > size
  end
end

function modes.close(connection)
  local rest
  return function(_, data)
    if not data then return close(connection) end
    if rest then data = rest .. data end
    rest = data
    if find(data, head_end, 1, true) then
      try_write(connection, answer)
      close(connection)
    elseif #rest > 8192 then
      close(connection)
    end
  end
end

function modes.echo(connection)
  local rest
  return function(_, data)
    if not data then return close(connection) end
    if rest then data, rest = rest .. data, nil end
    local size = #data
    local over = size % 64
    if over > 0 then
      rest, size = sub(data, -over), size - over
      data = sub(data, 1, size)
    end
    if size > 0 and try_write(connection, data) ~= size then close(connection) end
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
