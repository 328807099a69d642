-- SPDX-License-Identifier: MIT
-- llnet.luasocket.stream: send and receive of connected streams. What came and was not asked
-- for is kept in the object's state (rest) for as long as there is any.

local core = require "llnet.core"
local object = require "llnet.luasocket.object"
local timeout = require "llnet.luasocket.timeout"

local states, fail, check_class = object.states, object.fail, object.check_class
local check_number, check_string, failure = object.check_number, object.check_string, object.failure
local socket_send, accept = core.Socket.send, core.Socket.accept
local NONBLOCK = require "llnet".SOCK_NONBLOCK
local start_of, deadline_of, left, wait = timeout.start, timeout.deadline, timeout.left, timeout.wait
local POLLIN, POLLOUT = object.POLLIN, object.POLLOUT
local sub, concat, floor, clock_now = string.sub, table.concat, math.floor, core.clock_now
local receive, receive_rest = core.luasocket.receive, core.luasocket.receive_rest
local next_line, take, left_in = core.luasocket.next_line, core.luasocket.take, core.luasocket.left

-- A count beyond this is received in one go.
local LITTLE = 16384

local stream = {}

-- Receives once into the state's rest: gives it, or nil, why, and the error's name. In a call that begins with
-- nothing at hand, on a connection where the last such call had to wait, asking poll(2) first
-- saves a receive that would find nothing.
local function fetch(self, state, start, first)
  local patience = first and state.waits and state.block ~= 0 and left(state, start) or nil
  while true do
    local rest, name, number = receive_rest(self, patience)
    if rest then
      state.rest, state.received = rest, (state.received or 0) + name
      return rest
    elseif name == "EAGAIN" then
      if state.block == 0 then return nil, "timeout" end
      patience, state.waits = left(state, start), true
    elseif name ~= "EINTR" then
      local _, word = failure(self, name, number)
      return nil, word, name
    elseif patience then
      patience = left(state, start)
    end
  end
end

-- A line after the prefix, which stays as it is.
local function receive_line(self, state, start, prefix)
  local rest, first, pieces = state.rest, state.rest == nil, nil
  while true do
    if not rest then
      local word
      rest, word = fetch(self, state, start, first)
      if not rest then return nil, word, pieces and concat(pieces) or prefix end
      first = false
    end
    local line, more = next_line(rest)
    if not more then state.rest, rest = nil, nil end
    if more ~= nil then
      if not pieces then return prefix == "" and line or prefix .. line end
      pieces[#pieces + 1] = line
      return concat(pieces)
    end
    pieces = pieces or { prefix }
    pieces[#pieces + 1] = line
  end
end

-- Whether one moment ends all waits of a call: beside a total timeout the block one is for each.
local function has_one_end(state)
  return not (state.block and state.total)
end

-- Goes on after what was taken, until so many bytes more are there (nil: until the end): all
-- that there is, why it is not all, and the error's name.
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
    return data, word, name
  end
  return data
end

-- Counts what the prefix has, too.
local function receive_count(self, state, start, prefix, size)
  local wanted = size - #prefix
  if wanted <= 0 and prefix ~= "" then return prefix end
  local rest, first, pieces, count = state.rest, state.rest == nil, { prefix }, 1
  repeat
    local word
    if not rest and wanted > LITTLE and has_one_end(state) then
      local data
      data, word = receive_much(self, state, start, concat(pieces), wanted)
      if word then return nil, word, data end
      return data
    elseif not rest then
      rest, word = fetch(self, state, start, first)
      if not rest then return nil, word, concat(pieces) end
      first = false
    end
    local piece, more = take(rest, wanted)
    if not more then state.rest, rest = nil, nil end
    count, wanted = count + 1, wanted - #piece
    pieces[count] = piece
  until wanted <= 0
  return concat(pieces)
end

-- The end of the stream is success where something came before it. A connection that was reset has
-- no end, though both are "closed": what came may be a part of what was sent.
local function receive_all(self, state, start, prefix)
  local rest, first, pieces, count = state.rest, state.rest == nil, { prefix }, 1
  -- what is kept, what is there, and what may be the end already; all, where each wait has its end
  local most = has_one_end(state) and 4 or math.huge
  local word, name
  while not word and count < most do
    if not rest then rest, word, name = fetch(self, state, start, first) end
    if rest then
      count, first = count + 1, false
      pieces[count] = take(rest)
      state.rest, rest = nil, nil
    end
  end
  local data = concat(pieces)
  if not word then data, word, name = receive_much(self, state, start, data) end
  if name == "CLOSED" and #data > #prefix then return data end
  return nil, word, data
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
-- connected objects, in front of whose receive and send stand those in C. With module._DEBUG
-- the seconds that a call took are a fourth result.
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

  -- With the error of a try that is already done.
  function methods.send(self, data, first, last, name, number)
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
      local count
      if not name then count, name, number = socket_send(self, data, 0, offset, last - offset) end
      if count then
        offset = offset + count
      elseif name == "EAGAIN" then
        local _
        _, word = wait(self, state, POLLOUT, start)
      elseif name ~= "EINTR" then
        local _
        _, word = failure(self, name, number)
      end
      name = nil
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
    local kept = state.rest and left_in(state.rest) or 0
    return (state.received or 0) - kept + 0.0, (state.sent or 0) + 0.0, (clock_now() - state.born) / 1e9
  end

  function methods.setstats(self, received, sent, age)
    local state = check_class(self, class)
    local kept = state.rest and left_in(state.rest) or 0
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

  return methods, function(connected)
    class = connected
    local index = class.metatable.__index
    for _, name in ipairs { "receive", "send" } do
      index[name] = core.luasocket.in_front(name, methods[name], class.metatable, states, module)
      object.fronts[index[name]] = true
      object.name_functions({ [name] = index[name] }, true)
    end
  end
end

return stream
