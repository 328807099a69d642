-- SPDX-License-Identifier: MIT
-- llnet.luasocket.datagram: sending and receiving datagrams, in LuaSocket's words.

local core = require "llnet.core"
local object = require "llnet.luasocket.object"
local timeout = require "llnet.luasocket.timeout"
local words = require "llnet.luasocket.words"

local Socket = core.Socket
local start_of, wait = timeout.start, timeout.wait
local POLLIN, POLLOUT = object.POLLIN, object.POLLOUT

local datagram = {}

-- The largest that is received where nobody says a size.
datagram.SIZE = 8192

-- LuaSocket says refused where a stream says closed.
local function failure(self, name, number)
  if name == "EPIPE" or (name == "EBADF" and not Socket.is_open(self)) then return nil, "refused" end
  return nil, words.of(name, number)
end

-- Sends to an address, or to the peer.
function datagram.send(self, state, data, addr)
  local start = start_of(state)
  while true do
    local count, name, number
    if addr then count, name, number = Socket.sendto(self, data, addr)
    else count, name, number = Socket.send(self, data) end
    if count then return count + 0.0 end
    if name == "EAGAIN" then
      local ready, word = wait(self, state, POLLOUT, start)
      if not ready then return nil, word end
    elseif name ~= "EINTR" then
      return failure(self, name, number)
    end
  end
end

-- Receives at most size bytes, and into addr from whom.
function datagram.receive(self, state, size, addr)
  local start = start_of(state)
  while true do
    local data, name, number
    if addr then data, name, number = Socket.recvfrom(self, size, 0, addr)
    else data, name, number = Socket.recv(self, size) end
    if data then return data end
    if name == "EAGAIN" then
      local ready, word = wait(self, state, POLLIN, start)
      if not ready then return nil, word end
    elseif name ~= "EINTR" then
      if name == "EBADF" and not Socket.is_open(self) then return nil, "closed" end
      return failure(self, name, number)
    end
  end
end

-- The size that a caller asks for.
function datagram.check_size(position, value)
  local size = object.check_number(position, value, datagram.SIZE)
  if size < 0 or size ~= size then size = 0 end
  return math.min(math.floor(size), 2 ^ 31 - 1)
end

return datagram
