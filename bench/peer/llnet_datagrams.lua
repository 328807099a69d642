-- SPDX-License-Identifier: MIT
-- llnet_datagrams.lua: what bench/raw_datagrams.c does, on llnet.

local datagrams = require "datagrams"
local SIZE, BATCH, RUN, datagram, fail = datagrams.SIZE, datagrams.BATCH, datagrams.RUN, datagrams.make, datagrams.fail
local llnet = require "llnet"
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

function modes.single()
  local sender, receiver = open()
  local payload, room = of_bytes(BATCH), of_room(SIZE + 1)
  return BATCH, function()
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
  end
end

function modes.batch()
  local sender, receiver = open()
  local payload, batch, rooms = llnet.Batch(BATCH, SIZE), llnet.Batch(BATCH, SIZE + 1), {}
  for i = 0, BATCH - 1 do
    assert(payload:set_data(i, datagram(i)))
    rooms[i] = assert(batch:get_buffer(i))
  end
  local get_size, get_byte = batch.get_size, rooms[0].get_byte
  return BATCH, function()
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
  end
end

-- The two modes differ in what they look at, and each says it in its own loop, since a call of a
-- Lua function for each receive would cost as much as the receive's own call.
local function open_offload()
  local sender, receiver = open()
  if not receiver:set_option("UDP_GRO", true) then return end
  local payload, room, whole = of_bytes(RUN), of_room(65535), RUN * SIZE
  local send, recv, from = sender.send_segments_buffer, receiver.recv_segments_buffer, (llnet.Addr())
  return function()
    if send(sender, payload, 0, whole, SIZE) ~= whole then error("send") end
  end, receiver, recv, room, from
end

-- The first and the last datagram of each call.
function modes.offload()
  local send, receiver, recv, room, from = open_offload()
  if not send then return end
  local get_byte = room.get_byte
  return RUN, send, function()
    local received = 0
    repeat
      local length, size = recv(receiver, room, 0, 65535, from)
      if not length then return size == "EAGAIN" and received or error(size) end
      local count, first = length / size, get_byte(room, 0)
      if size ~= SIZE or first ~= received or get_byte(room, length - size) ~= received + count - 1 then
        fail(received, length, first)
      end
      received = received + count
    until received >= RUN
    return received
  end
end

-- Each datagram.
modes["offload-each"] = function()
  local send, receiver, recv, room, from = open_offload()
  if not send then return end
  local get_byte = room.get_byte
  return RUN, send, function()
    local received = 0
    repeat
      local length, size = recv(receiver, room, 0, 65535, from)
      if not length then return size == "EAGAIN" and received or error(size) end
      if size ~= SIZE then fail(received, size) end
      for offset = 0, length - 1, SIZE do
        local first = get_byte(room, offset)
        if first ~= received then fail(received, size, first) end
        received = received + 1
      end
    until received >= RUN
    return received
  end
end

datagrams.run(modes)
