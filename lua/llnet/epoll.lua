-- SPDX-License-Identifier: MIT
-- llnet.epoll: the module epoll of lua-epoll, which the predecessor's examples use, over the
-- Poller. package.preload.epoll = function() return require "llnet.epoll" end points a
-- program at it.

local llnet = require "llnet"

local epoll = {
  EPOLLIN = llnet.POLLIN,
  EPOLLOUT = llnet.POLLOUT,
  EPOLLPRI = llnet.POLLPRI,
  EPOLLERR = llnet.POLLERR,
  EPOLLHUP = llnet.POLLHUP,
  EPOLLRDHUP = llnet.POLLRDHUP,
  EPOLLONESHOT = 0x40000000,
  EPOLLET = 0x80000000,
}

local Epoller = {}
Epoller.__index = Epoller

-- epoll's two modes are the Poller's, by other numbers.
local function to_poller(events)
  local modes = 0
  events = events % 2 ^ 32 -- a sign that came from an int
  if events >= epoll.EPOLLET then
    events, modes = events - epoll.EPOLLET, modes + llnet.POLL_EDGE
  end
  if events >= epoll.EPOLLONESHOT then
    events, modes = events - epoll.EPOLLONESHOT, modes + llnet.POLL_ONESHOT
  end
  return events + modes
end

-- size, which once was a hint to the kernel, means nothing.
function epoll.new(_size)
  local poller, problem, number = llnet.Poller()
  if not poller then return nil, problem, number end
  return setmetatable({ poller = poller, ready = {} }, Epoller)
end

-- Watches a descriptor; id is what a wait reports.
function Epoller:add(fd, events, id)
  return self.poller:add(fd, to_poller(events), id)
end

function Epoller:mod(fd, events, id)
  return self.poller:modify(fd, to_poller(events), id)
end

function Epoller:del(fd)
  return self.poller:remove(fd)
end

-- Fills events with id, events, id, events, ... and returns how many pairs.
function Epoller:wait(events, timeout_ms)
  return self.poller:wait(events, timeout_ms)
end

-- Calls callback(id, events) for each that is ready, and returns how many were.
function Epoller:wait_callback(callback, timeout_ms)
  local ready = self.ready or {}
  self.ready = nil -- a wait in the callback takes a table of its own
  local count, problem, number = self.poller:wait(ready, timeout_ms)
  if not count then
    self.ready = ready
    return nil, problem, number
  end
  for i = 1, 2 * count, 2 do callback(ready[i], ready[i + 1]) end
  self.ready = ready
  return count
end

function Epoller:close()
  return self.poller:close()
end
Epoller.__gc = Epoller.close

return epoll
