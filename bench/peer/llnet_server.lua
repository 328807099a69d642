-- SPDX-License-Identifier: MIT
-- llnet_server.lua: what bench/raw_server.c does, on llnet: for modes and arguments see there.
-- Answers to several requests that come at once are sent at once.

local llnet = require "llnet"
local serving = require "serving"

local mode, address = arg[1], arg[2]
local poller = assert(llnet.Poller())
local listener

if address:find "^/" then
  listener = assert(llnet.Socket("unix", "stream", 0, llnet.SOCK_NONBLOCK))
  assert(listener:bind(llnet.Addr.unix(address)))
else
  listener = assert(llnet.Socket("inet", "stream", 0, llnet.SOCK_NONBLOCK))
  assert(listener:set_option("SO_REUSEADDR", true))
  assert(listener:set_option("SO_REUSEPORT", true))
  assert(listener:set_option("TCP_NODELAY", true)) -- accepted ones inherit it
  assert(listener:bind(llnet.Addr("127.0.0.1", tonumber(address))))
  address = listener:get_sockname():get_port()
end
assert(listener:listen(serving.BACKLOG))

-- The methods, looked up once.
local close, accept_one, add = listener.close, listener.accept, poller.add
local NONBLOCK, POLLIN = llnet.SOCK_NONBLOCK, llnet.POLLIN

-- Whether one that could not be accepted was the last for now.
local function is_last(problem)
  if problem == "EAGAIN" or problem == "EINTR" then return true end
  if problem ~= "ECONNABORTED" then error(problem) end
end

local function accept()
  while true do
    local socket, problem = accept_one(listener, nil, NONBLOCK)
    if socket then
      if not add(poller, socket, POLLIN) then error "the poller does not take it" end
    elseif is_last(problem) then
      return
    end
  end
end

-- By socket: what has come of a request that is not whole; and how many have such a rest, which
-- costs less to ask than the table.
local rests, waiting = {}, 0

local function set_rest(socket, rest)
  if (rests[socket] == nil) ~= (rest == nil) then waiting = waiting + (rest and 1 or -1) end
  rests[socket] = rest
end

local function drop(socket) -- closing ends the watching, too
  set_rest(socket, nil)
  close(socket)
end

-- Nothing has come, or nothing will.
local function pause(socket, problem)
  if problem ~= "EAGAIN" and problem ~= "EINTR" then drop(socket) end
end

-- What has come is not one request, or may be the end of one.
local on_data = serving.modes[mode]
local function take_part(socket, data)
  local rest, answers, over = on_data(rests[socket], data)
  set_rest(socket, rest)
  if answers and socket:send(answers) ~= #answers or over or rest and #rest > 8192 then drop(socket) end
end

local find = string.find
local answer, answer_size, head_end, echo_size = serving.ANSWER, #serving.ANSWER, "\r\n\r\n", serving.ECHO

-- A mode handles all that is ready, so that a request, which nearly always comes whole and alone,
-- costs no call of a Lua function nor the search for a method.
local modes = {}

function modes.http(ready, count)
  local recv, send = listener.recv, listener.send
  for i = 1, 2 * count, 2 do
    local socket = ready[i]
    if socket == "listener" then
      accept()
    else
      local data, problem = recv(socket, 8192)
      if data then
        local _, last = find(data, head_end, 1, true)
        if last ~= #data or waiting > 0 then
          take_part(socket, data)
        elseif send(socket, answer) ~= answer_size then
          close(socket)
        end
      else
        pause(socket, problem)
      end
    end
  end
end

function modes.close(ready, count)
  local recv, send = listener.recv, listener.send
  for i = 1, 2 * count, 2 do
    local socket = ready[i]
    if socket == "listener" then
      accept()
    else
      local data, problem = recv(socket, 8192)
      if data then
        if waiting == 0 and find(data, head_end, 1, true) then
          send(socket, answer)
          close(socket)
        else
          take_part(socket, data)
        end
      else
        pause(socket, problem)
      end
    end
  end
end

function modes.echo(ready, count)
  local recv, send = listener.recv, listener.send
  for i = 1, 2 * count, 2 do
    local socket = ready[i]
    if socket == "listener" then
      accept()
    else
      local data, problem = recv(socket, 8192)
      if data then
        if #data ~= echo_size or waiting > 0 then
          take_part(socket, data)
        elseif send(socket, data) ~= echo_size then
          close(socket)
        end
      else
        pause(socket, problem)
      end
    end
  end
end

function modes.accept(_, count)
  if count == 0 then return end
  while true do
    local socket, problem = accept_one(listener, nil, NONBLOCK)
    if socket then
      close(socket)
    elseif is_last(problem) then
      return
    end
  end
end

assert(poller:add(listener, POLLIN, "listener")) -- what wait gives in its place
serving.listening(address)

local handle, ready = modes[mode], {}
while true do
  handle(ready, poller:wait(ready) or 0)
end
