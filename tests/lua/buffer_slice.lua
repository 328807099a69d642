-- SPDX-License-Identifier: MIT
-- buffer_slice: Buffers that are parts of others, and LuaJIT's way to their memory.

local t = require "harness"
local llnet = t.llnet

local function collect()
  collectgarbage()
  collectgarbage()
end

t.case("a slice is a part of its parent's memory", function()
  local parent = llnet.Buffer("hello world")
  local slice = parent:slice(6)
  t.equal(slice:get_data(), "world")
  t.integer(slice:get_capacity(), 5)
  t.equal(slice:write(0, "W"), true)
  t.equal(parent:get_data(), "hello World")
  parent:write(6, "earth")
  t.equal(slice:get_data(), "earth")
  t.equal(parent:slice(2, 3):get_data(), "llo")
  t.equal(parent:slice():get_data(), parent:get_data())
  t.equal(parent:slice(11):get_data(), "")
  t.raises("Out of bounds", parent.slice, parent, 12)
  t.raises("Out of bounds", parent.slice, parent, 6, 6)
end)

t.case("its size is what the parent has in it, and it cannot grow", function()
  local parent = llnet.Buffer(20)
  parent:set_data("0123456789")
  local slice = parent:slice(8, 6)
  t.integer(slice:get_size(), 2)
  t.equal(slice:append("ab"), true)
  t.equal(slice:get_data(), "89ab")
  t.integer(parent:get_size(), 10) -- its own affair
  t.fails("ENOBUFS", slice:append("too long"))
  t.fails("ENOBUFS", slice:set_size(7))
  t.fails("ENOBUFS", slice:set_data("1234567"))
  t.fails("ENOBUFS", slice:set_capacity(7))
  t.equal(slice:get_data(), "89ab")
  t.equal(slice:set_capacity(3), true)
  t.equal(slice:get_data(), "89a")
  t.fails("ENOBUFS", slice:set_capacity(4))
end)

t.case("slices keep the parent's memory alive, slices of slices too", function()
  local parent = llnet.Buffer(("x"):rep(1000) .. "the end")
  local slice = parent:slice(1000)
  local part = slice:slice(4, 3)
  parent = nil -- luacheck: ignore
  collect()
  t.equal(slice:get_data(), "the end")
  slice = nil -- luacheck: ignore
  collect()
  for _ = 1, 100 do llnet.Buffer(("y"):rep(1007)) end
  t.equal(part:get_data(), "end")
end)

t.case("a parent that moves, grows and shrinks takes its slices with it", function()
  local parent = llnet.Buffer("0123456789")
  local slice = parent:slice(4, 4)
  for _ = 1, 20 do parent:append(("g"):rep(100000)) end
  t.equal(slice:get_data(), "4567")
  parent:set_capacity(6)
  t.equal(slice:get_data(), "45")
  t.integer(slice:get_capacity(), 2)
  t.fails("ENOBUFS", slice:append("6"))
  parent:set_capacity(2)
  t.equal(slice:get_data(), "")
  t.integer(slice:get_size(), 0)
  t.raises("Out of bounds", slice.get_byte, slice, 0)
  parent:free()
  t.equal(slice:get_data(), "")
  t.equal(slice:slice(0):get_data(), "")
end)

t.case("a slice that is freed lets go and is a Buffer of its own", function()
  local parent = llnet.Buffer("parent")
  local slice = parent:slice(0, 3)
  slice:free()
  t.equal(slice:get_data(), "")
  t.equal(slice:set_data("something much longer"), true)
  t.equal(slice:get_data(), "something much longer")
  t.equal(parent:get_data(), "parent")
  local late = parent:slice(3)
  late:free()
  late:set_data("0123456789")
  t.equal(late:slice(0):get_data(), "0123456789")
  t.equal(late:slice(4, 2):get_data(), "45")
end)

t.case("slices of one parent may overlap", function()
  local parent = llnet.Buffer("abcdefgh--------")
  local left, right = parent:slice(0, 8), parent:slice(4, 12)
  right:set_size(0)
  t.equal(right:append_buffer(left), true) -- abcdefgh over efgh
  t.equal(parent:get_data(), "abcdabcdefgh----")
  t.equal(left:copy_buffer(right, 2, 6), true)
  t.equal(parent:get_data():sub(1, 6), "cdefgh")
  t.equal(left:equal(parent:slice(0, 6)), true)
  t.integer(parent:slice(2):find("gh"), 2)
  t.equal(parent:slice(0, 4):consume(2), true)
  t.equal(parent:get_data():sub(1, 4), "efef")
end)

t.case("a parent that grows by its own slice", function()
  local parent = llnet.Buffer("seed")
  local slice = parent:slice(1, 3)
  for _ = 1, 10 do t.equal(parent:append_buffer(slice), true) end
  t.equal(parent:get_data(), "seed" .. ("eed"):rep(10))
end)

t.case("sockets send and receive slices", function()
  local a, b = t.unix_pair("stream")
  local parent = llnet.Buffer(16)
  parent:set_data("0123456789abcdef")
  t.integer(a:send_buffer(parent:slice(4, 6)), 6)
  t.integer(a:sendv { parent:slice(0, 2), "--", parent:slice(14) }, 6)
  t.equal(b:recv(100), "456789" .. "01--ef")
  a:send("NEW!")
  local slice = parent:slice(8, 4)
  t.integer(b:recv_buffer(slice), 4)
  t.equal(parent:get_data(), "01234567NEW!cdef")
  a:send("12345")
  local one, other = parent:slice(12, 4), parent:slice(0, 3)
  t.integer(b:recvv { one, other }, 5)
  t.equal(parent:get_data(), "51234567NEW!1234")
  t.equal(other:get_data(), "5")
  t.fails("ENOBUFS", b:recv_buffer(parent:slice(16)))
  a:close()
  b:close()
end)

t.case("random work on slices is as on plain strings", function()
  local seed = 20261124
  local function random(n)
    seed = seed * 16807 % 2147483647
    return seed % n
  end
  local parent, model = llnet.Buffer(("."):rep(64)), ("."):rep(64)
  for round = 1, 2000 do
    local offset = random(65)
    local count = random(65 - offset)
    local slice = parent:slice(offset, count)
    t.equal(slice:get_data(), model:sub(offset + 1, offset + count))
    local at = random(count + 1)
    local text = (string.char(97 + round % 26)):rep(random(count - at + 1))
    t.equal(slice:slice(at):write(0, text), true)
    model = model:sub(1, offset + at) .. text .. model:sub(offset + at + #text + 1)
    t.equal(parent:get_data(), model)
    if round % 100 == 0 then
      parent:set_capacity(64 + random(1000))
      parent:set_size(64)
    end
  end
end)

-- ---- LuaJIT's FFI --------------------------------------------------------------------------------

t.case("FFI reads and writes a Buffer in place, and is for LuaJIT alone", function()
  if not rawget(_G, "jit") then
    t.raises("llnet.ffi needs LuaJIT", require, "llnet.ffi")
    t.equal(type(llnet.Buffer(1):get_pointer()), "userdata")
    return
  end
  local bytes = require("llnet.ffi").bytes
  local buffer = llnet.Buffer(4096)
  buffer:set_size(4096)
  local pointer, capacity = bytes(buffer)
  t.equal(capacity, 4096)
  local expected = {}
  for i = 0, capacity - 1 do
    pointer[i] = i % 251
    expected[i + 1] = string.char(i % 251)
  end
  t.equal(buffer:get_data(), table.concat(expected))
  local part, length = bytes(buffer:slice(100, 10))
  t.equal(length, 10)
  t.equal(part[0], 100)
  t.equal(bytes(llnet.Buffer(0)), nil)
end)

t.done()
