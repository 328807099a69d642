-- SPDX-License-Identifier: MIT
-- buffer_number: integers and floats in Buffers, against Python's struct module.

local t = require "harness"
local llnet = t.llnet

local function hex(buffer)
  return (buffer:get_data():gsub(".", function(byte) return ("%02x"):format(byte:byte()) end))
end

local function unhex(text)
  return (text:gsub("..", function(digits) return string.char(tonumber(digits, 16)) end))
end

t.case("integers of every width are as Python has them, in both orders", function()
  local output = t.python([[
import random
random.seed(20261124)
for width in range(1, 9):
    for i in range(20):
        bits = random.getrandbits(min(8 * width, 53) - 1) if i > 3 else [0, 1, 127, 255][i]
        if bits >= 2 ** (8 * width): continue
        signed = bits if bits < 2 ** (8 * width - 1) else bits - 2 ** (8 * width)
        print(width, bits, bits.to_bytes(width, "big").hex(), bits.to_bytes(width, "little").hex(),
              -(bits // 2), (-(bits // 2)).to_bytes(width, "big", signed=True).hex())
]])
  local lines = 0
  for width, bits, big, little, negative, negative_big in
    output:gmatch("(%d+) (%d+) (%x+) (%x+) (%-?%d+) (%x+)") do
    width, bits, negative = tonumber(width), tonumber(bits), tonumber(negative)
    local buffer = llnet.Buffer(0)
    t.equal(buffer:append_uint(bits, width), true)
    t.equal(hex(buffer), big)
    t.integer(buffer:get_uint(0, width), bits)
    t.equal(buffer:set_uint(0, bits, width, "little"), true)
    t.equal(hex(buffer), little)
    t.integer(buffer:get_uint(0, width, "little"), bits)
    t.integer(buffer:get_uint(0, width, llnet.LITTLE_ENDIAN), bits)
    buffer:reset()
    t.equal(buffer:append_int(negative, width, "big"), true)
    t.equal(hex(buffer), negative_big)
    t.integer(buffer:get_int(0, width, llnet.BIG_ENDIAN), negative)
    t.equal(buffer:set_int(0, negative, width, "little"), true)
    t.integer(buffer:get_int(0, width, "little"), negative)
    lines = lines + 1
  end
  t.equal(lines > 140, true)
end)

t.case("the extremes of every width fit, and one more does not", function()
  local buffer = llnet.Buffer(("\0"):rep(8))
  for width = 1, 6 do
    local most = 2 ^ (8 * width)
    t.equal(buffer:set_uint(0, most - 1, width), true)
    t.equal(hex(buffer):sub(1, 2 * width), ("ff"):rep(width))
    t.equal(buffer:get_uint(0, width), most - 1)
    t.equal(buffer:get_int(0, width), -1)
    t.raises("Out of bounds", buffer.set_uint, buffer, 0, most, width)
    t.equal(buffer:set_int(0, most / 2 - 1, width), true)
    t.equal(buffer:set_int(0, -most / 2, width), true)
    t.equal(hex(buffer):sub(1, 2 * width), "80" .. ("00"):rep(width - 1))
    t.equal(buffer:get_int(0, width), -most / 2)
    t.raises("Out of bounds", buffer.set_int, buffer, 0, most / 2, width)
    t.raises("Out of bounds", buffer.set_int, buffer, 0, -most / 2 - 1, width)
  end
end)

t.case("numbers of 64 bits are exact or refused", function()
  local buffer = llnet.Buffer(unhex("ffffffffffffffff8000000000000000002000000000000100200000000000007fffffffffffffff"))
  if math.type then
    t.integer(buffer:get_uint(0, 8), -1)
    t.integer(buffer:get_int(8, 8), math.mininteger)
    t.integer(buffer:get_uint(16, 8), 9007199254740993)
    t.integer(buffer:get_int(32, 8), math.maxinteger)
    t.equal(buffer:set_uint(0, -1, 8), true)
    t.equal(buffer:set_int(8, math.mininteger, 8), true)
    t.equal(hex(buffer):sub(1, 32), "ffffffffffffffff8000000000000000")
  else
    t.fails("ERANGE", buffer:get_uint(0, 8))
    t.equal(buffer:get_int(0, 8), -1)
    t.equal(buffer:get_int(8, 8), -2 ^ 63)
    t.equal(buffer:get_uint(8, 8), 2 ^ 63)
    t.fails("ERANGE", buffer:get_uint(16, 8))
    t.fails("ERANGE", buffer:get_int(16, 8))
    t.fails("ERANGE", buffer:get_int(32, 8))
    t.equal(buffer:set_uint(0, 2 ^ 63 + 2048, 8), true)
    t.equal(hex(buffer):sub(1, 16), "8000000000000800")
    t.raises("out of range", buffer.set_uint, buffer, 0, -1, 8)
    t.raises("number has no integer", buffer.set_uint, buffer, 0, 2 ^ 64, 8)
    t.raises("number has no integer", buffer.set_int, buffer, 0, 2 ^ 63, 8)
  end
  t.equal(buffer:get_uint(24, 8), 2 ^ 53)
end)

t.case("floats are IEEE 754's, as Python packs them", function()
  local output = t.python([[
import struct
for text in "0.0 -0.0 1.5 -2.25 0.1 1e-45 1e-40 5e-324 3.4028234663852886e+38 1.7976931348623157e+308 inf -inf".split():
    value = float(text)
    try: four = struct.pack(">f", value).hex()
    except OverflowError: four = "7f800000"
    print(text, four, struct.pack(">d", value).hex(), struct.pack("<d", value).hex())
]])
  local lines = 0
  for text, four, eight, eight_little in output:gmatch("(%S+) (%x+) (%x+) (%x+)") do
    local value = text == "inf" and 1 / 0 or text == "-inf" and -1 / 0 or tonumber(text)
    if text == "-0.0" then value = -1 / (1 / 0) end
    local buffer = llnet.Buffer(0)
    buffer:append_float(value, 4)
    buffer:append_float(value, 8)
    buffer:append_float(value, 8, "little")
    t.equal(hex(buffer), four .. eight .. eight_little, text)
    t.equal(buffer:get_float(4, 8), value)
    t.equal(1 / buffer:get_float(12, 8, "little"), 1 / value)
    buffer:set_float(4, 0, 8)
    t.equal(buffer:set_float(4, value, 8), true)
    t.equal(buffer:get_float(4, 8), value)
    lines = lines + 1
  end
  t.equal(lines, 12)
  local buffer = llnet.Buffer(0)
  buffer:append_float(0 / 0, 8)
  buffer:append_float(0 / 0, 4)
  local one, other = buffer:get_float(0, 8), buffer:get_float(8, 4)
  t.equal(one ~= one and other ~= other, true)
end)

t.case("what lies outside raises", function()
  local buffer = llnet.Buffer("12345678")
  for _, width in ipairs { 0, 9, 100 } do
    t.raises("Out of bounds", buffer.get_uint, buffer, 0, width)
    t.raises("Out of bounds", buffer.append_uint, buffer, 0, width)
    t.raises("Out of bounds", buffer.set_int, buffer, 0, 0, width)
  end
  for _, width in ipairs { 1, 2, 3, 5, 7 } do t.raises("Out of bounds", buffer.get_float, buffer, 0, width) end
  t.raises("Out of bounds", buffer.get_uint, buffer, 8, 1)
  t.raises("Out of bounds", buffer.get_uint, buffer, 5, 4)
  t.raises("Out of bounds", buffer.set_uint, buffer, 5, 0, 4)
  t.raises("invalid option", buffer.get_uint, buffer, 0, 4, "middle")
  t.raises("out of range", buffer.get_uint, buffer, 0, 4, 2)
  t.raises("number expected", buffer.set_float, buffer, 0, "x", 4)
  t.raises("number has no integer", buffer.set_uint, buffer, 0, 1.5, 4)
  t.equal(buffer:get_data(), "12345678")
end)

t.case("a byte is found", function()
  local buffer = llnet.Buffer("a\0b\255a")
  t.integer(buffer:find_byte(97), 0)
  t.integer(buffer:find_byte(97, 1), 4)
  t.integer(buffer:find_byte(0), 1)
  t.integer(buffer:find_byte(255), 3)
  t.fails("ENOENT", buffer:find_byte(98, 3))
  t.fails("ENOENT", buffer:find_byte(97, 5))
  t.raises("Out of bounds", buffer.find_byte, buffer, 97, 6)
  t.raises("Out of bounds", buffer.find_byte, buffer, 256)
  t.raises("Out of bounds", buffer.find_byte, buffer, -1)
  t.fails("ENOENT", llnet.Buffer(10):find_byte(0))
end)

t.case("numbers cost no memory", function()
  local buffer = llnet.Buffer(("x"):rep(64))
  t.allocates_nothing(function()
    buffer:set_uint(8, 123456, 4)
    buffer:set_float(16, 0.5, 8)
    return buffer:get_uint(8, 4) + buffer:get_int(0, 3, "little") + buffer:get_float(16, 8)
  end)
end)

t.done()
