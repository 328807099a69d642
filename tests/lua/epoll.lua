-- SPDX-License-Identifier: MIT
-- llnet.epoll: lua-epoll's interface, as the predecessor's examples use it.
local t = require "harness"
local llnet = t.llnet
local epoll = require "llnet.epoll"

local function events_of(poller, timeout)
  local came = {}
  local count = assert(poller:wait_callback(function(id, events) came[id] = events end, timeout))
  return came, count
end

t.case("the numbers are the system's", function()
  t.results({ epoll.EPOLLIN, epoll.EPOLLPRI, epoll.EPOLLOUT, epoll.EPOLLERR }, 1, 2, 4, 8)
  t.results({ epoll.EPOLLRDHUP, epoll.EPOLLONESHOT, epoll.EPOLLET }, 0x2000, 0x40000000, 0x80000000)
end)

t.case("ids come back with the events of their descriptors", function()
  local a, b = llnet.Socket.pair("unix", "stream")
  local poller = epoll.new(100)
  t.equal(poller:add(a:fileno(), epoll.EPOLLIN, 7), true)
  t.equal(poller:add(b:fileno(), epoll.EPOLLIN + epoll.EPOLLOUT, 8), true)
  local came, count = events_of(poller, 0)
  t.results({ count, came[7], came[8] }, 1, nil, epoll.EPOLLOUT)
  b:send "x"
  came, count = events_of(poller, 1000)
  t.results({ count, came[7], came[8] }, 2, epoll.EPOLLIN, epoll.EPOLLOUT)
  t.equal(poller:mod(b:fileno(), epoll.EPOLLIN, 9), true)
  came, count = events_of(poller, 0)
  t.results({ count, came[7], came[9] }, 1, epoll.EPOLLIN)
  local list = {}
  t.equal(poller:wait(list, 0), 1)
  t.results(list, 7, epoll.EPOLLIN)
  t.equal(poller:del(a:fileno()), true)
  t.equal(select(2, events_of(poller, 0)), 0)
  t.fails("ENOENT", poller:del(a:fileno()))
  t.fails("ENOENT", poller:mod(a:fileno(), epoll.EPOLLIN, 7))
  t.fails("EEXIST", poller:add(b:fileno(), epoll.EPOLLIN, 7))
  t.equal(poller:close(), true)
  t.fails("EBADF", poller:wait_callback(print, 0))
  a:close()
  b:close()
end)

t.case("edge and one-shot report once", function()
  local a, b = llnet.Socket.pair("unix", "stream")
  local poller = epoll.new()
  b:send "x"
  assert(poller:add(a:fileno(), epoll.EPOLLIN + epoll.EPOLLET, 1))
  t.equal(select(2, events_of(poller, 0)), 1)
  t.equal(select(2, events_of(poller, 0)), 0)
  b:send "x"
  t.equal(select(2, events_of(poller, 0)), 1)
  assert(poller:mod(a:fileno(), epoll.EPOLLIN + epoll.EPOLLONESHOT, 2))
  t.equal(select(2, events_of(poller, 0)), 1)
  t.equal(select(2, events_of(poller, 0)), 0)
  -- a sign, as of a C int
  assert(poller:mod(a:fileno(), epoll.EPOLLIN + epoll.EPOLLET - 2 ^ 32, 3))
  t.equal(select(2, events_of(poller, 0)), 1)
  t.equal(select(2, events_of(poller, 0)), 0)
  poller:close()
  a:close()
  b:close()
end)

t.case("a callback may wait, remove and raise", function()
  local a, b = llnet.Socket.pair("unix", "stream")
  local poller = epoll.new()
  assert(poller:add(a:fileno(), epoll.EPOLLOUT, 1))
  assert(poller:add(b:fileno(), epoll.EPOLLOUT, 2))
  local calls, inner = 0, 0
  t.equal(poller:wait_callback(function()
    calls = calls + 1
    inner = inner + select(2, events_of(poller, 0))
  end, 0), 2)
  t.results({ calls, inner }, 2, 4)
  t.raises("stop", poller.wait_callback, poller, function() error "stop" end, 0)
  t.equal(poller:wait_callback(function() poller:del(a:fileno()) end, 0), 2)
  t.equal(select(2, events_of(poller, 0)), 1)
  poller:close()
  a:close()
  b:close()
end)

t.done()
