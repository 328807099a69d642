-- SPDX-License-Identifier: MIT
-- llnet.luasocket.stream: send and receive of connected streams. What came and was not asked
-- for is kept in the object's state (rest, from the index at on) for as long as there is any.

local core = require "llnet.core"
local object = require "llnet.luasocket.object"
local timeout = require "llnet.luasocket.timeout"

local states, fail, check_class = object.states, object.fail, object.check_class
local check_number, check_string, failure = object.check_number, object.check_string, object.failure
local socket_recv, socket_send, accept = core.Socket.recv, core.Socket.send, core.Socket.accept
local NONBLOCK = require "llnet".SOCK_NONBLOCK
local start_of, deadline_of, wait, clock_now = timeout.start, timeout.deadline, timeout.wait, core.clock_now
local POLLIN, POLLOUT = object.POLLIN, object.POLLOUT
local sub, gsub, concat, floor = string.sub, string.gsub, table.concat, math.floor
local cut_line, receive = core.luasocket.cut_line, core.luasocket.receive
local receive_line_once = core.luasocket.receive_line

-- What one call asks the system for, where the caller wants less or does not know.
local LITTLE = 16384

local stream = {}

-- Bytes from the system, at most `most`: or nil and why. In a call that begins with nothing at
-- hand, on a connection where the last such call had to wait, asking poll(2) first saves
-- a receive that would find nothing.
local function fetch(self, state, start, most, first)
  if first and state.waits then
    local ready, word = wait(self, state, POLLIN, start)
    if not ready then return nil, word end
  end
  while true do
    local data, name, number = socket_recv(self, most)
    if data then
      state.received = (state.received or 0) + #data
      return data
    elseif name == "EAGAIN" then
      local ready, word = wait(self, state, POLLIN, start)
      if not ready then return nil, word end
      state.waits = true
    elseif name ~= "EINTR" then
      local _, word = failure(self, name, number)
      return nil, word
    end
  end
end

-- Keeps what of data is left from an index on.
local function keep(state, data, at)
  if at > #data then
    state.rest, state.at = nil, nil
  else
    state.rest, state.at = data, at
  end
end

-- The pieces after the prefix are without carriage returns; the prefix stays as it is.
local function line_of(prefix, pieces)
  return prefix .. (gsub(concat(pieces), "\r", ""))
end

local function receive_line(self, state, start, prefix)
  local data, at = state.rest, state.at
  local first, pieces, count = data == nil, nil, 0
  while true do
    if data == nil then
      local word
      data, word = fetch(self, state, start, LITTLE, first)
      if not data then return nil, word, pieces and line_of(prefix, pieces) or prefix end
      first, at = false, 1
    end
    local line, next_at = cut_line(data, at)
    if line then
      keep(state, data, next_at)
      if pieces then
        pieces[count + 1] = line
        return line_of(prefix, pieces)
      end
      return prefix == "" and line or prefix .. line
    end
    pieces, count = pieces or {}, count + 1
    pieces[count] = at == 1 and data or sub(data, at)
    state.rest, state.at, data = nil, nil, nil
  end
end

-- A line, where it takes no more than what is kept, or one call; nil where the long way is the
-- one to go, which then finds the same state, or has the error come again.
local function receive_next_line(self, state)
  local rest = state.rest
  if rest then
    local line, at = cut_line(rest, state.at)
    if line then
      if at <= #rest then state.at = at else state.rest, state.at = nil, nil end
      return line
    end
  elseif state.waits and not state.block and not state.total then
    local line, count, more = receive_line_once(self, -1)
    if line == nil then return nil end
    state.received = (state.received or 0) + count
    if more then state.rest, state.at = more, 1 end
    return line or nil
  end
end

-- Goes on after what was taken, until so many bytes more are there (nil: until the end): all
-- that there is, and why it is not all.
local function receive_much(self, state, start, taken, wanted)
  local goal, before = wanted and #taken + wanted, #taken
  local deadline = deadline_of(state, start)
  local data, name, number = taken, "EINTR", nil
  while name == "EINTR" do
    data, name, number = receive(self, data, goal and goal - #data, deadline)
  end
  state.received = (state.received or 0) + #data - before
  if name then
    local _, word = failure(self, name, number)
    return data, word
  end
  return data
end

-- Takes what is kept, "" where nothing is.
local function take_rest(state)
  local data, at = state.rest, state.at
  if not data then return "" end
  state.rest, state.at = nil, nil
  return at == 1 and data or sub(data, at)
end

-- Counts what the prefix has, too.
local function receive_count(self, state, start, prefix, size)
  local wanted = size - #prefix
  if wanted <= 0 and prefix ~= "" then return prefix end
  local data, at = state.rest, state.at
  if data and #data - at + 1 >= wanted then
    keep(state, data, at + wanted)
    return prefix .. sub(data, at, at + wanted - 1)
  end
  local first, taken = data == nil, prefix .. take_rest(state)
  local word
  wanted = size - #taken
  if wanted > LITTLE and not (state.block and state.total) then
    data, word = receive_much(self, state, start, taken, wanted)
    if word then return nil, word, data end
    return data
  end
  local pieces, count = { taken }, 1
  repeat
    data, word = fetch(self, state, start, LITTLE, first)
    if not data then return nil, word, concat(pieces) end
    first, count = false, count + 1
    if #data > wanted then
      keep(state, data, wanted + 1)
      data = sub(data, 1, wanted)
    end
    pieces[count] = data
    wanted = wanted - #data
  until wanted <= 0
  return concat(pieces)
end

local function receive_all(self, state, start, prefix)
  local first = state.rest == nil
  local taken, came = prefix .. take_rest(state), not first
  local data, word = fetch(self, state, start, LITTLE, first)
  if data then
    taken, came = taken .. data, true
    if #data < LITTLE then -- the end may come now
      data, word = fetch(self, state, start, LITTLE)
      if data then taken = taken .. data end
    end
    if not word then taken, word = receive_much(self, state, start, taken) end
  end
  if word == "closed" and came then return taken end
  return nil, word, taken
end

-- A new object of the class; its age counts from now.
function stream.begin(class, socket, family)
  local self = object.make(class, socket, family)
  states[self].born = clock_now()
  return self
end

-- An object of the class for a connection of a listener, or nil and why.
function stream.accept(self, state, class)
  local start = start_of(state)
  while true do
    local socket, name, number = accept(self, nil, NONBLOCK)
    if socket then return stream.begin(class, socket, state.family) end
    if name == "EAGAIN" or name == "ECONNABORTED" then
      local ready, word = wait(self, state, POLLIN, start)
      if not ready then return nil, word end
    elseif name ~= "EINTR" then
      return failure(self, name, number)
    end
  end
end

-- The methods of one kind of stream, and a function that tells them the class of its
-- connected objects. With module._DEBUG the seconds that a call took are a fourth result.
function stream.methods(module)
  local methods, class = {}, nil

  local function elapsed(began)
    return (clock_now() - began) / 1e9
  end

  function methods.receive(self, pattern, prefix)
    local state = states[self]
    if state == nil or state.class ~= class then check_class(self, class) end
    local began = module._DEBUG and clock_now()
    local data, word, partial
    if pattern == nil and prefix == nil and not began then -- the way of most calls, without a detour
      data = receive_next_line(self, state)
      if data then return data, nil, nil end
    end
    local start = (state.block or state.total) and start_of(state)
    prefix = prefix == nil and "" or check_string(3, prefix)
    if pattern == nil then
      data, word, partial = receive_line(self, state, start, prefix)
    elseif tonumber(pattern) then
      local size = floor(tonumber(pattern))
      if size < 0 or size ~= size then fail(2, "invalid receive pattern") end
      data, word, partial = receive_count(self, state, start, prefix, size)
    else
      local form = sub(check_string(2, pattern), 1, 2)
      if form == "*l" then
        data, word, partial = receive_line(self, state, start, prefix)
      elseif form == "*a" then
        data, word, partial = receive_all(self, state, start, prefix)
      else
        fail(2, "invalid receive pattern")
      end
    end
    if began then return data, word, partial, elapsed(began) end
    return data, word, partial
  end

  function methods.send(self, data, first, last)
    local state = states[self]
    if state == nil or state.class ~= class then check_class(self, class) end
    local began = module._DEBUG and clock_now()
    local start = (state.block or state.total) and start_of(state)
    if type(data) ~= "string" then data = check_string(2, data) end
    local size, word = #data, nil
    if first == nil and last == nil then
      first, last = 1, size
    else
      first, last = floor(check_number(3, first, 1)), floor(check_number(4, last, -1))
      if first < 0 then first = size + first + 1 end
      if last < 0 then last = size + last + 1 end
      if first < 1 then first = 1 end
      if last > size then last = size end
    end
    local offset = first - 1
    while offset < last and not word do
      local count, name, number = socket_send(self, data, 0, offset, last - offset)
      if count then
        offset = offset + count
      elseif name == "EAGAIN" then
        local _
        _, word = wait(self, state, POLLOUT, start)
      elseif name ~= "EINTR" then
        local _
        _, word = failure(self, name, number)
      end
    end
    state.sent = (state.sent or 0) + offset - (first - 1)
    if word then
      if began then return nil, word, offset + 0.0, elapsed(began) end
      return nil, word, offset + 0.0
    end
    if began then return offset + 0.0, nil, nil, elapsed(began) end
    return offset + 0.0, nil, nil
  end

  -- Bytes that were given to the caller, bytes sent, the seconds that the object exists.
  function methods.getstats(self)
    local state = check_class(self, class)
    local kept = state.rest and #state.rest - state.at + 1 or 0
    return (state.received or 0) - kept + 0.0, (state.sent or 0) + 0.0, (clock_now() - state.born) / 1e9
  end

  function methods.setstats(self, received, sent, age)
    local state = check_class(self, class)
    local kept = state.rest and #state.rest - state.at + 1 or 0
    if received ~= nil then state.received = floor(check_number(2, received)) + kept end
    if sent ~= nil then state.sent = floor(check_number(3, sent)) end
    if age ~= nil then state.born = clock_now() - floor(check_number(4, age) * 1e9) end
    return object.ONE
  end

  local directions = { receive = "read", send = "write", both = "both" }

  function methods.shutdown(self, how)
    check_class(self, class)
    local direction = directions[how == nil and "both" or check_string(2, how)]
    if not direction then fail(2, ("invalid option '%s'"):format(how)) end
    core.Socket.shutdown(self, direction)
    return object.ONE
  end

  return methods, function(connected) class = connected end
end

return stream
