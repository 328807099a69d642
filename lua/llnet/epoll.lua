-- SPDX-License-Identifier: MIT
-- llnet.epoll: the module epoll of lua-epoll, which the predecessor's examples use, over the
-- Poller. package.preload.epoll = function() return require "llnet.epoll" end points a
-- program at it.

local core = require "llnet.core"
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

local poller_wait = core.Poller.wait

-- In C: add(fd, events, id) watches a descriptor, and id is what a wait reports; mod(fd, events,
-- id); del(fd); wait(events, timeout_ms) fills events with id, events, id, events, ... and
-- returns how many pairs; close().
local Epoller = core.epoll
Epoller.__index = Epoller

-- All there are: what else is given for one is told by a look-up, which is no call.
local known = setmetatable({}, { __mode = "k" })

-- size, which once was a hint to the kernel, means nothing.
function epoll.new(_size)
  local poller, problem, number = llnet.Poller()
  if not poller then return nil, problem, number end
  local self = setmetatable({ poller = poller, ready = {} }, Epoller)
  known[self] = true
  return self
end

-- Blames who called wait_callback; a method's first argument is self.
local function expected(position, what, value)
  error(("bad argument #%d to 'wait_callback' (%s expected, got %s)"):format(position, what, type(value)), 4)
end

-- What is no function may be called still.
local function is_callable(value)
  local metatable = debug and debug.getmetatable(value) or getmetatable(value)
  return type(metatable) == "table" and metatable.__call ~= nil
end

-- What a callback raises is its own, so arguments are looked at before, if they are others than
-- those of the last call.
local function check(self, callback, timeout_ms)
  if not known[self] then expected(1, "epoll", self) end
  if type(callback) ~= "function" and not is_callable(callback) then expected(1, "function", callback) end
  if timeout_ms ~= nil then
    local number = tonumber(timeout_ms)
    if not number then expected(2, "number", timeout_ms) end
    if number ~= number or number ~= math.huge and math.abs(number) >= 2 ^ 31 then
      error("bad argument #2 to 'wait_callback' (number out of range)", 3)
    end
  end
  self.callback, self.timeout_ms = callback, timeout_ms
end

-- Calls callback(id, events) for each that is ready, and returns how many were.
function Epoller:wait_callback(callback, timeout_ms)
  if not known[self] or callback ~= self.callback or timeout_ms ~= self.timeout_ms then
    check(self, callback, timeout_ms)
  end
  local ready = self.ready or {}
  self.ready = nil -- a wait in the callback takes a table of its own
  local count, problem, number = poller_wait(self.poller, ready, timeout_ms)
  if not count then
    self.ready = ready
    return nil, problem, number
  end
  for i = 1, 2 * count, 2 do callback(ready[i], ready[i + 1]) end
  self.ready = ready
  return count
end

Epoller.__gc = Epoller.close

return epoll
