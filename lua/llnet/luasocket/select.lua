-- SPDX-License-Identifier: MIT
-- llnet.luasocket.select: select of any number of objects, at the cost of one poll(2). An object
-- is what has getfd, and perhaps dirty: ours, or anybody's.

local core = require "llnet.core"
local llnet = require "llnet"
local object = require "llnet.luasocket.object"

local states, fileno, clock_now, poll_ns = object.states, core.Socket.fileno, core.clock_now, core.poll_ns
local floor, min = math.floor, math.min
local POLLIN, POLLOUT, POLLHUP, POLLERR, POLLNVAL =
  llnet.POLLIN, llnet.POLLOUT, llnet.POLLHUP, llnet.POLLERR, llnet.POLLNVAL

-- What select(2) counts as readable and as writable.
local READABLE = { [POLLIN] = true, [POLLHUP] = true, [POLLERR] = true }
local WRITABLE = { [POLLOUT] = true, [POLLHUP] = true, [POLLERR] = true }

-- Whether a number of events, all of the lowest six bits, holds one of a set: looked up, since
-- Lua 5.1 has no bit operators.
local function holding(set)
  local found = {}
  for events = 0, 63 do
    found[events] = false
    local bit = 1
    while bit <= 32 do
      if events % (2 * bit) >= bit and set[bit] then found[events] = true end
      bit = bit * 2
    end
  end
  return found
end

local is_readable, is_writable = holding(READABLE), holding(WRITABLE)
local is_invalid = holding { [POLLNVAL] = true }

-- As large as no descriptor is: what is said to be larger counts as this.
local NO_DESCRIPTOR = 2 ^ 31 - 1

-- The descriptor of an object: -1 where it has none. A fraction is cut off, as in C.
local function getfd(one)
  if states[one] then return fileno(one) end
  local method = one.getfd
  local fd = method and tonumber((method(one)))
  return fd and fd >= 0 and floor(min(fd, NO_DESCRIPTOR)) or -1
end

local function is_dirty(one)
  local state = states[one]
  if state then return state.rest ~= nil end
  local method = one.dirty
  return method and method(one) and true or false
end

-- Adds an object to a list of results, once; it is a key there too, of its place.
local function put(ready, one)
  if ready[one] then return end
  local place = #ready + 1
  ready[place] = one
  ready[one] = place + 0.0
end

-- The tables of a call, which the next one uses again: fds and events as poll_ns takes them,
-- places: where a descriptor stands there. A call inside of a call (getfd is anybody's code)
-- makes its own.
local spare

local function take_tables()
  local tables = spare or { fds = {}, events = {}, revents = {}, places = {} }
  spare = nil
  return tables
end

local function give_tables(tables, count)
  for i = 1, count do
    tables.places[tables.fds[i]] = nil
    tables.fds[i] = nil
  end
  spare = tables
end

-- Adds the objects of a list to the tables, for an event; gives their count, and those that
-- have something to read already where dirty is a table.
local function collect(list, tables, count, event, dirty)
  local fds, events, places = tables.fds, tables.events, tables.places
  local index, one = 1, list[1]
  while one ~= nil do
    local fd = getfd(one)
    if fd ~= -1 then
      if dirty and is_dirty(one) then
        put(dirty, one)
      else
        local place = places[fd]
        if not place then
          count = count + 1
          fds[count], events[count], places[fd] = fd, event, count
        elseif events[place] ~= event then
          events[place] = POLLIN + POLLOUT
        end
      end
    end
    index = index + 1
    one = list[index]
  end
  return count
end

-- Adds to ready the objects of a list whose events are among those that count.
local function gather(list, tables, counts, ready)
  local places, revents = tables.places, tables.revents
  local index, one = 1, list[1]
  while one ~= nil do
    local fd = getfd(one)
    local place = fd ~= -1 and places[fd]
    if place and counts[revents[place]] then put(ready, one) end
    index = index + 1
    one = list[index]
  end
  return ready
end

local function wait(tables, timeout)
  local start = timeout and timeout > 0 and clock_now()
  local left = timeout and timeout * 1e9 or -1
  while true do
    if left > 9e18 or left ~= left then left = -1 end
    local ready, name = poll_ns(tables.fds, tables.events, tables.revents, math.ceil(left))
    if ready then return ready end
    if name ~= "EINTR" then error("select failed", 3) end
    if start then
      left = timeout * 1e9 - (clock_now() - start)
      if left < 0 then left = 0 end
    end
  end
end

return function(recvt, sendt, timeout)
  if recvt ~= nil then object.check_table(1, recvt) end
  if sendt ~= nil then object.check_table(2, sendt) end
  timeout = object.check_number(3, timeout, -1)
  recvt, sendt = recvt or {}, sendt or {}
  if timeout < 0 then timeout = nil elseif timeout ~= timeout then timeout = 0 end
  local tables, readable, writable = take_tables(), {}, {}
  local count = collect(recvt, tables, 0, POLLIN, readable)
  count = collect(sendt, tables, count, POLLOUT)
  local dirty = #readable
  local ready = wait(tables, dirty > 0 and 0 or timeout)
  for i = 1, count do
    if is_invalid[tables.revents[i]] then error("select failed", 2) end
  end
  if ready > 0 then
    gather(recvt, tables, is_readable, readable)
    gather(sendt, tables, is_writable, writable)
  end
  give_tables(tables, count)
  if ready == 0 and dirty == 0 then return readable, writable, "timeout" end
  return readable, writable
end
