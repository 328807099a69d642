-- SPDX-License-Identifier: MIT
-- option_program: classic BPF programs as lists of instructions: filters, and the choice
-- among sockets that share a port.

local t = require "harness"
local llnet = t.llnet

if not llnet.option.is_defined("SO_ATTACH_FILTER") then
  t.case("classic BPF programs", function() t.skip("this system has none") end)
  return t.done()
end

local LD_LEN = llnet.BPF_LD + llnet.BPF_W + llnet.BPF_LEN
local LD_BYTE = llnet.BPF_LD + llnet.BPF_B + llnet.BPF_ABS
local LD_WORD = llnet.BPF_LD + llnet.BPF_W + llnet.BPF_ABS
local JEQ = llnet.BPF_JMP + llnet.BPF_JEQ + llnet.BPF_K
local MOD = llnet.BPF_ALU + llnet.BPF_MOD + llnet.BPF_K
local RET_K, RET_A = llnet.BPF_RET + llnet.BPF_K, llnet.BPF_RET + llnet.BPF_A

-- To a UDP socket's filter a datagram begins with the header's 8 bytes.
local function only_of_length(n)
  return {
    { LD_LEN },
    { JEQ, 0, 1, 8 + n },
    { RET_K, k = 65535 },
    { code = RET_K },
  }
end

t.case("the instructions are numbered as in the kernel's headers", function()
  t.integer(LD_LEN, 0x80)
  t.integer(LD_BYTE, 0x30)
  t.integer(JEQ, 0x15)
  t.integer(MOD, 0x94)
  t.integer(RET_K, 0x06)
  t.integer(RET_A, 0x16)
  t.integer(llnet.SKF_AD_OFF, -0x1000)
  t.integer(llnet.SKF_AD_CPU, 36)
  t.equal(llnet.option.get_type_name("SO_ATTACH_FILTER"), "program")
  t.integer(llnet.option.get_type("SO_GET_FILTER"), llnet.OPTION_PROGRAM)
end)

t.case("a filter lets datagrams of one length through", function()
  local a, b, _, addr = t.udp_pair()
  t.equal(b:set_option("SO_ATTACH_FILTER", only_of_length(5)), true)
  for n = 0, 20 do
    t.equal(a:sendto(("x"):rep(n), addr), n)
  end
  a:sendto("LAST!", addr) -- behind all that might still be on the way
  t.equal(b:recv(100), "xxxxx")
  t.equal(b:recv(100), "LAST!")
  t.equal(b:set_option("SO_DETACH_FILTER", 0), true)
  a:sendto("of any length", addr)
  t.equal(b:recv(100), "of any length")
  a:close()
  b:close()
end)

t.case("a filter is read back as a list that can be set again", function()
  local a, b = t.udp_pair()
  t.equal(#a:get_option("SO_GET_FILTER"), 0)
  t.equal(a:set_option("SO_ATTACH_FILTER", only_of_length(9)), true)
  local program = a:get_option("SO_GET_FILTER")
  local shown = {}
  for i, instruction in ipairs(program) do
    shown[i] = ("%d %d %d %d"):format(t.integer(instruction.code), t.integer(instruction.jt),
      t.integer(instruction.jf), t.integer(instruction.k))
  end
  t.equal(table.concat(shown, ", "), "128 0 0 0, 21 0 1 17, 6 0 0 65535, 6 0 0 0")
  t.equal(b:set_option("SO_ATTACH_FILTER", program), true)
  t.equal(b:get_option_data("SO_GET_FILTER"), a:get_option_data("SO_GET_FILTER"))
  t.equal(#a:get_option_data("SO_GET_FILTER"), 32)
  -- the same as bytes
  t.equal(b:set_option("SO_ATTACH_FILTER", a:get_option_data("SO_GET_FILTER")), true)
  t.equal(#b:get_option("SO_GET_FILTER"), 4)
  a:close()
  b:close()
end)

t.case("the longest program goes both ways", function()
  local a, b = t.udp_pair()
  local program = {}
  for i = 1, 4096 do program[i] = { i < 4096 and llnet.BPF_LD + llnet.BPF_IMM or RET_K, k = i } end
  t.equal(a:set_option("SO_ATTACH_FILTER", program), true)
  local read = a:get_option("SO_GET_FILTER")
  t.equal(#read, 4096)
  for i = 1, 4096 do t.equal(read[i].k, i) end
  program[4097] = { RET_K }
  t.fails("EINVAL", a:set_option("SO_ATTACH_FILTER", program))
  a:close()
  b:close()
end)

t.case("a filter that Python has attached is read", function()
  local a, b = t.udp_pair()
  a:set_cloexec(false)
  t.python(([[
import ctypes, socket, struct
s = socket.socket(fileno=%d)
code = ctypes.create_string_buffer(struct.pack("=HBBI", 0x30, 0, 0, 0xfffff024) + struct.pack("=HBBI", 0x16, 1, 2, 3))
s.setsockopt(socket.SOL_SOCKET, 26, struct.pack("HP", 2, ctypes.addressof(code)))
print("attached")]]):format(a:fileno()))
  local program = a:get_option("SO_GET_FILTER")
  t.equal(#program, 2)
  t.results({ program[1].code, program[1].jt, program[1].jf, program[1].k }, LD_BYTE, 0, 0,
    2 ^ 32 + llnet.SKF_AD_OFF + llnet.SKF_AD_CPU)
  t.results({ program[2].code, program[2].jt, program[2].jf, program[2].k }, RET_A, 1, 2, 3)
  a:close()
  b:close()
end)

t.case("a locked filter stays: EPERM", function()
  local a, b = t.udp_pair()
  t.equal(a:set_option("SO_ATTACH_FILTER", only_of_length(1)), true)
  t.equal(a:set_option("SO_LOCK_FILTER", true), true)
  t.fails("EPERM", a:set_option("SO_ATTACH_FILTER", only_of_length(2)))
  t.fails("EPERM", a:set_option("SO_DETACH_FILTER", 0))
  t.fails("EPERM", a:set_option("SO_LOCK_FILTER", false))
  t.equal(#a:get_option("SO_GET_FILTER"), 4)
  a:close()
  b:close()
end)

-- Sockets that share a port, in the order in which the program counts them.
local function share_a_port(n)
  local sockets, addr = {}, llnet.Addr("127.0.0.1", 0)
  for i = 1, n do
    sockets[i] = assert(llnet.Socket("inet", "dgram"))
    assert(sockets[i]:set_option("SO_REUSEPORT", true))
    assert(sockets[i]:set_option("SO_RCVTIMEO", 10))
    assert(sockets[i]:bind(addr))
    addr = sockets[i]:get_sockname()
  end
  return sockets, addr
end

t.case("a program chooses by a byte among sockets that share a port", function()
  local sockets, addr = share_a_port(4)
  -- here a datagram begins with its own first byte
  t.equal(sockets[1]:set_option("SO_ATTACH_REUSEPORT_CBPF", { { LD_BYTE, k = 0 }, { MOD, k = 4 }, { RET_A } }), true)
  local sender = assert(llnet.Socket("inet", "dgram"))
  for byte = 0, 255 do
    t.equal(sender:sendto(string.char(byte), addr), 1)
  end
  for i, socket in ipairs(sockets) do
    for round = 0, 63 do t.equal(socket:recv(10):byte(), 4 * round + i - 1) end
  end
  for _, socket in ipairs(sockets) do
    t.fails("EAGAIN", socket:recv(10, llnet.MSG_DONTWAIT))
    socket:close()
  end
  sender:close()
end)

t.case("a program may choose by the CPU, and another takes its place", function()
  local sockets, addr = share_a_port(4)
  t.equal(sockets[1]:set_option("SO_ATTACH_REUSEPORT_CBPF",
    { { LD_WORD, k = llnet.SKF_AD_OFF + llnet.SKF_AD_CPU }, { MOD, k = 4 }, { RET_A } }), true)
  t.equal(sockets[2]:set_option("SO_ATTACH_REUSEPORT_CBPF", { { RET_K, k = 2 } }), true)
  local sender = assert(llnet.Socket("inet", "dgram"))
  for _ = 1, 10 do sender:sendto("x", addr) end
  for _ = 1, 10 do t.equal(sockets[3]:recv(10), "x") end
  for _, socket in ipairs(sockets) do socket:close() end
  sender:close()
end)

t.case("what is no program raises, and says which instruction", function()
  local a, b = t.udp_pair()
  local function raises(text, program)
    t.raises("SO_ATTACH_FILTER" .. text, function() a:set_option("SO_ATTACH_FILTER", program) end)
  end
  raises(" wants a list of instructions or a string, got nil", nil)
  raises(" wants a list of instructions or a string, got number", 5)
  raises(": instruction 1: table expected, got number", { 6, 0, 0, 0 })
  raises(": instruction 2: table expected, got string", { { RET_K }, "ret" })
  raises(": instruction 1: it has no 'code'", { {} })
  raises(": instruction 2: it has no 'code'", { { RET_K }, { k = 1 } })
  raises(": instruction 1: 'code' wants an integer from 0 to 65535, got 65536", { { 65536 } })
  raises(": instruction 1: 'code' wants an integer from 0 to 65535, got -1", { { code = -1 } })
  raises(": instruction 1: 'code' wants an integer from 0 to 65535, got string", { { "6" } })
  raises(": instruction 3: 'jt' wants an integer from 0 to 255, got 256", { { RET_K }, { RET_K }, { RET_K, 256 } })
  raises(": instruction 1: 'jf' wants an integer from 0 to 255, got 1.5", { { RET_K, 0, 1.5 } })
  raises(": instruction 1: 'k' wants an integer from -2147483648 to 4294967295, got boolean",
    { { RET_K, 0, 0, true } })
  raises(": instruction 1: 'k' wants", { { RET_K, k = 2 ^ 32 } })
  raises(": instruction 1: 'k' wants", { { RET_K, k = -2 ^ 31 - 1 } })
  raises(": instruction 1: no field 'K'", { { RET_K, K = 1 } })
  raises(": instruction 1: no field '5'", { { RET_K, 0, 0, 0, 0 } })
  raises(": instruction 1: no field 'boolean'", { { RET_K, [true] = 0 } })
  t.fails("EINVAL", a:set_option("SO_ATTACH_FILTER", {}))
  t.fails("EINVAL", a:set_option("SO_ATTACH_FILTER", { { LD_LEN } })) -- it has no end
  t.fails("EINVAL", a:set_option("SO_ATTACH_FILTER", "seven b"))
  t.fails("EACCES", a:set_option("SO_GET_FILTER", {}))
  t.fails("EACCES", a:get_option("SO_ATTACH_FILTER"))
  t.equal(#a:get_option("SO_GET_FILTER"), 0)
  a:close()
  t.fails("EBADF", a:get_option("SO_GET_FILTER"))
  t.fails("EBADF", a:set_option("SO_ATTACH_FILTER", only_of_length(1)))
  b:close()
end)

t.done()
