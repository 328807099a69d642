-- SPDX-License-Identifier: MIT
-- llnet_server.lua: what bench/raw_server.c does, on llnet: for modes and arguments see there.

local llnet = require "llnet"
local serving = require "serving"

local mode, address = arg[1], arg[2]
local poller, ready = assert(llnet.Poller()), {}
local rests = {} -- by socket: what has come of a request that is not whole
local listener

local function close(socket) -- which ends the watching, too
  if rests[socket] then rests[socket] = nil end -- a key that is not there costs, even for nil
  socket:close()
end

local function keep_rest(socket, rest)
  if #rest > 8192 then close(socket) else rests[socket] = rest end
end

-- What has come, behind what was left before.
local function join(socket, data)
  data, rests[socket] = rests[socket] .. data, nil
  return data
end

local answer, answer_size, head_end = serving.ANSWER, #serving.ANSWER, "\r\n\r\n"
local find, sub = string.find, string.sub
local modes = {}

function modes.http(socket, data)
  if rests[socket] then data = join(socket, data) end
  local at, size = 1, #data
  repeat
    local _, last = find(data, head_end, at, true)
    if not last then return keep_rest(socket, sub(data, at)) end
    if socket:send(answer) ~= answer_size then return close(socket) end
    at = last + 1
  until at > size
end

function modes.close(socket, data)
  if rests[socket] then data = join(socket, data) end
  if not find(data, head_end, 1, true) then return keep_rest(socket, data) end
  socket:send(answer)
  close(socket)
end

function modes.echo(socket, data)
  if rests[socket] then data = join(socket, data) end
  local size = #data
  local over = size % 64
  if over > 0 then
    keep_rest(socket, sub(data, -over))
    size = size - over
    if size == 0 then return end
    data = sub(data, 1, size)
  end
  if socket:send(data) ~= size then close(socket) end
end

local function accept()
  while true do
    local socket, problem = listener:accept(nil, llnet.SOCK_NONBLOCK)
    if not socket then
      if problem == "EAGAIN" or problem == "EINTR" then return end
      if problem ~= "ECONNABORTED" then error(problem) end
    elseif mode == "accept" then
      socket:close()
    else
      assert(poller:add(socket, llnet.POLLIN))
    end
  end
end

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
assert(listener:listen(4096))
assert(poller:add(listener, llnet.POLLIN, accept)) -- so that wait gives this in the listener's place
serving.listening(address)

local on_data = modes[mode]
while true do
  local count = poller:wait(ready)
  for i = 1, 2 * (count or 0), 2 do
    local socket = ready[i]
    if socket == accept then
      accept()
    else
      local data, problem = socket:recv(8192)
      if data then
        on_data(socket, data)
      elseif problem ~= "EAGAIN" and problem ~= "EINTR" then
        close(socket)
      end
    end
  end
end
