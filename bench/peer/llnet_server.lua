-- SPDX-License-Identifier: MIT
-- llnet_server.lua: what bench/raw_server.c does, on llnet: for modes and arguments see there.

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

local function accept()
  local accept_one, add, NONBLOCK, POLLIN = listener.accept, poller.add, llnet.SOCK_NONBLOCK, llnet.POLLIN
  while true do
    local socket, problem = accept_one(listener, nil, NONBLOCK)
    if not socket then
      if problem == "EAGAIN" or problem == "EINTR" then return end
      if problem ~= "ECONNABORTED" then error(problem) end
    elseif mode == "accept" then
      socket:close()
    elseif not add(poller, socket, POLLIN) then
      error "the poller does not take it"
    end
  end
end

-- By socket: what has come of a request that is not whole; and how many have such a rest, which
-- costs less to ask than the table.
local rests, waiting = {}, 0

local function close(socket) -- which ends the watching, too
  if waiting > 0 and rests[socket] then rests[socket], waiting = nil, waiting - 1 end
  socket:close()
end

local function keep_rest(socket, rest)
  if #rest > 8192 then return close(socket) end
  if not rests[socket] then waiting = waiting + 1 end
  rests[socket] = rest
end

-- What has come, behind what was left before.
local function join(socket, data)
  local rest = rests[socket]
  if not rest then return data end
  rests[socket], waiting = nil, waiting - 1
  return rest .. data
end

-- Nothing has come, or nothing will.
local function pause(socket, problem)
  if problem ~= "EAGAIN" and problem ~= "EINTR" then close(socket) end
end

local find, sub = string.find, string.sub
local answer, answer_size, head_end = serving.ANSWER, #serving.ANSWER, "\r\n\r\n"

-- A mode handles all that is ready, so that no request costs a call of a Lua function nor the
-- search for a method.
local modes = {}

function modes.http(ready, count)
  local recv, send = listener.recv, listener.send
  for i = 1, 2 * count, 2 do
    local socket = ready[i]
    if socket == accept then
      accept()
    else
      local data, problem = recv(socket, 8192)
      if data then
        if waiting > 0 then data = join(socket, data) end
        local at, size = 1, #data
        repeat
          local _, last = find(data, head_end, at, true)
          if not last then
            keep_rest(socket, sub(data, at))
            break
          end
          if send(socket, answer) ~= answer_size then
            close(socket)
            break
          end
          at = last + 1
        until at > size
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
    if socket == accept then
      accept()
    else
      local data, problem = recv(socket, 8192)
      if data then
        if waiting > 0 then data = join(socket, data) end
        if find(data, head_end, 1, true) then
          send(socket, answer)
          close(socket)
        else
          keep_rest(socket, data)
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
    if socket == accept then
      accept()
    else
      local data, problem = recv(socket, 8192)
      if data then
        if waiting > 0 then data = join(socket, data) end
        local size = #data
        local over = size % 64
        if over > 0 then
          keep_rest(socket, sub(data, -over))
          size = size - over
          data = sub(data, 1, size)
        end
        if size > 0 and send(socket, data) ~= size then close(socket) end
      else
        pause(socket, problem)
      end
    end
  end
end

function modes.accept(_, count)
  if count > 0 then accept() end
end

assert(poller:add(listener, llnet.POLLIN, accept)) -- so that wait gives this in the listener's place
serving.listening(address)

local handle, ready = modes[mode], {}
while true do
  handle(ready, poller:wait(ready) or 0)
end
