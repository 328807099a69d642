-- SPDX-License-Identifier: MIT
-- llnet_datagrams.lua: what bench/raw_datagrams.c does, on llnet.

local datagrams = require "datagrams"
local SIZE, BATCH, RUN, datagram, fail = datagrams.SIZE, datagrams.BATCH, datagrams.RUN, datagrams.make, datagrams.fail
local llnet = require "llnet"
local has_ffi, ffi = pcall(require, "llnet.ffi")
local modes = {}

local function open()
  local sender, receiver = assert(llnet.Socket("inet", "dgram")), assert(llnet.Socket("inet", "dgram"))
  assert(receiver:bind(llnet.Addr("127.0.0.1", 0)))
  assert(sender:connect(receiver:get_sockname()))
  assert(receiver:set_option("SO_RCVTIMEO", 1))
  return sender, receiver
end

local function of_bytes(count) -- a Buffer with count datagrams
  local buffer, parts = llnet.Buffer(count * SIZE), {}
  for i = 1, count do parts[i] = datagram(i - 1) end
  assert(buffer:set_data(table.concat(parts)))
  return buffer
end

local function of_room(size)
  local buffer = llnet.Buffer(size)
  assert(buffer:set_size(size))
  return buffer
end

function modes.single(total)
  local sender, receiver = open()
  local payload, room = of_bytes(BATCH), of_room(SIZE + 1)
  return datagrams.in_turns(total, BATCH, function()
    for i = 0, BATCH - 1 do
      if sender:send_buffer(payload, i * SIZE, SIZE) ~= SIZE then error("send") end
    end
  end, function()
    for i = 0, BATCH - 1 do
      local size, problem = receiver:recv_buffer(room, 0, SIZE + 1)
      if not size then return problem == "EAGAIN" and i or error(problem) end
      local first = room:get_byte(0)
      if size ~= SIZE or first ~= i then fail(i, size, first) end
    end
    return BATCH
  end)
end

function modes.batch(total)
  local sender, receiver = open()
  local payload, batch, rooms = llnet.Batch(BATCH, SIZE), llnet.Batch(BATCH, SIZE + 1), {}
  for i = 0, BATCH - 1 do
    assert(payload:set_data(i, datagram(i)))
    rooms[i] = assert(batch:get_buffer(i))
  end
  local get_size, get_byte = batch.get_size, rooms[0].get_byte
  return datagrams.in_turns(total, BATCH, function()
    local sent = 0
    repeat sent = sent + assert(sender:send_batch(payload, sent)) until sent == BATCH
  end, function()
    local received = 0
    repeat
      local count, problem = receiver:recv_batch(batch, BATCH - received)
      if not count then return problem == "EAGAIN" and received or error(problem) end
      for i = 0, count - 1 do
        local size, first = get_size(batch, i), get_byte(rooms[i], 0)
        if size ~= SIZE or first ~= received + i then fail(received + i, size, first) end
      end
      received = received + count
    until received == BATCH
    return received
  end)
end

-- With offload a call is for a whole window: so these modes send and receive in one loop, without
-- functions of Lua's, and their loops differ in what they look at.
local function open_offload()
  local sender, receiver = open()
  if not receiver:set_option("UDP_GRO", true) then return end
  return sender, receiver, of_bytes(RUN), of_room(65535), (llnet.Addr())
end

-- Nothing came for a second.
local function stop(problem, sent, received)
  if problem ~= "EAGAIN" then error(problem) end
  return sent, received
end

-- The first and the last datagram of each call.
function modes.offload(total)
  local sender, receiver, payload, room, from = open_offload()
  if not sender then return end
  local send, recv, get_byte = sender.send_segments_buffer, receiver.recv_segments_buffer, room.get_byte
  local sent, received, whole = 0, 0, RUN * SIZE
  repeat
    if send(sender, payload, 0, whole, SIZE) ~= whole then error("send") end
    sent = sent + RUN
    repeat
      local length, size = recv(receiver, room, 0, 65535, from)
      if not length then return stop(size, sent, received) end
      local index, count, first = received % RUN, length / size, get_byte(room, 0)
      if size ~= SIZE or first ~= index or get_byte(room, length - size) ~= index + count - 1 then
        fail(index, length, first)
      end
      received = received + count
    until received >= sent
  until sent >= total
  return sent, received
end

-- A function that looks at each datagram of a length in the room, the first of which has an index,
-- and gives the next one's index. LuaJIT reads memory itself.
local function looking(room)
  if has_ffi then
    local bytes = ffi.bytes(room)
    return function(length, index)
      for offset = 0, length - 1, SIZE do
        if bytes[offset] ~= index then fail(index, SIZE, bytes[offset]) end
        index = index + 1
      end
      return index
    end
  end
  local get_byte = room.get_byte
  return function(length, index)
    for offset = 0, length - 1, SIZE do
      local first = get_byte(room, offset)
      if first ~= index then fail(index, SIZE, first) end
      index = index + 1
    end
    return index
  end
end

-- Each datagram.
modes["offload-each"] = function(total)
  local sender, receiver, payload, room, from = open_offload()
  if not sender then return end
  local send, recv, look = sender.send_segments_buffer, receiver.recv_segments_buffer, looking(room)
  local sent, received, whole = 0, 0, RUN * SIZE
  repeat
    if send(sender, payload, 0, whole, SIZE) ~= whole then error("send") end
    local index = 0
    repeat
      local length, size = recv(receiver, room, 0, 65535, from)
      if not length then return stop(size, sent + RUN, received + index) end
      if size ~= SIZE then fail(index, size) end
      index = look(length, index)
    until index >= RUN
    sent, received = sent + RUN, received + index
  until sent >= total
  return sent, received
end

require "driven"(modes)
