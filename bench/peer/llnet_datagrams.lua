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

-- A look at the first and the last datagram of each call, or at each.
local function look_at_ends(room, length, index)
  local get_byte = room.get_byte
  local first, last = get_byte(room, 0), get_byte(room, length - SIZE)
  if first ~= index or last ~= index + length / SIZE - 1 then fail(index, length, first) end
end

local function look_at_each(room, length, index)
  local get_byte = room.get_byte
  for offset = 0, length - SIZE, SIZE do
    local first = get_byte(room, offset)
    if first ~= index then fail(index, SIZE, first) end
    index = index + 1
  end
end

local function offload(look)
  local sender, receiver = open()
  if not receiver:set_option("UDP_GRO", true) then return end
  local payload, room, from, whole = of_bytes(RUN), of_room(65535), (llnet.Addr()), RUN * SIZE
  return RUN, function()
    if sender:send_segments_buffer(payload, 0, whole, SIZE) ~= whole then error("send") end
  end, function()
    local received = 0 -- bytes
    repeat
      local length, size = receiver:recv_segments_buffer(room, 0, 65535, 0, from)
      if not length then return size == "EAGAIN" and received / SIZE or error(size) end
      if size ~= SIZE then fail(received / SIZE, size) end
      look(room, length, received / SIZE)
      received = received + length
    until received >= whole
    return received / SIZE
  end
end

function modes.offload() return offload(look_at_ends) end
modes["offload-each"] = function() return offload(look_at_each) end

datagrams.run(modes)
