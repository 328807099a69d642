-- SPDX-License-Identifier: MIT
-- llnet_server.lua: what bench/raw_server.c does, on llnet: for modes and arguments see there.

local llnet = require "llnet"
local serving = require "serving"

local mode, address = arg[1], arg[2]
local poller, ready = assert(llnet.Poller()), {}
local rests = {} -- by socket: what has come of a request that is not whole
local listener

local function close(socket) -- which ends the watching, too
  rests[socket] = nil
  socket:close()
end

-- What has come, with what was left before; nothing where there is none.
local function receive(socket)
  local data, problem = socket:recv(8192)
  if data then
    local rest = rests[socket]
    if not rest then return data end
    rests[socket] = nil
    return rest .. data
  elseif problem ~= "EAGAIN" and problem ~= "EINTR" then
    close(socket)
  end
end

local function keep_rest(socket, rest)
  if #rest > 8192 then close(socket) else rests[socket] = rest end
end

local answer, head_end = serving.ANSWER, "\r\n\r\n"
local find, sub = string.find, string.sub
local modes = {}

function modes.http(socket)
  local data = receive(socket)
  if not data then return end
  local at, size = 1, #data
  repeat
    local _, last = find(data, head_end, at, true)
    if not last then return keep_rest(socket, sub(data, at)) end
    if socket:send(answer) ~= #answer then return close(socket) end
    at = last + 1
  until at > size
end

function modes.close(socket)
  local data = receive(socket)
  if not data then return end
  if not find(data, head_end, 1, true) then return keep_rest(socket, data) end
  socket:send(answer)
  close(socket)
end

function modes.echo(socket)
  local data = receive(socket)
  if not data then return end
  local whole = #data - #data % 64
  if whole > 0 and socket:send(data, 0, 0, whole) ~= whole then return close(socket) end
  if whole < #data then keep_rest(socket, sub(data, whole + 1)) end
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
assert(poller:add(listener, llnet.POLLIN))
serving.listening(address)

local on_event = modes[mode]
while true do
  local count = poller:wait(ready)
  for i = 1, 2 * (count or 0), 2 do
    local socket = ready[i]
    if socket == listener then accept() else on_event(socket) end
  end
end
