-- SPDX-License-Identifier: MIT
-- message: sendmsg and recvmsg from Lua: strings and Buffers in one call, addresses, ends and
-- truncation, and the object itself. message_descriptor has what Unix sockets pass,
-- message_field what comes with datagrams, message_queue what the kernel reports.

local t = require "harness"
local shared = require "harness.message"
local llnet, close_all = t.llnet, t.close_all
local Message, Buffer, Addr = llnet.Message, llnet.Buffer, llnet.Addr
local linux, inbox, letter, collect = shared.linux, shared.inbox, shared.letter, shared.collect

-- ---- segments -----------------------------------------------------------------------

t.case("strings and Buffers go in one call, and come into several", function()
  local a, b = t.unix_pair("dgram")
  local message = letter("ab", Buffer("cde"), "", 12, Buffer("f"))
  t.integer(message:get_segment_count(), 5)
  t.integer(a:send_message(message), 8)
  t.integer(message:get_size(), 8)
  local one, two, three = Buffer(3), Buffer(4), Buffer(4)
  local into = letter(one, two, three)
  t.integer(b:recv_message(into), 8)
  t.equal(tostring(one), "abc")
  t.equal(tostring(two), "de12")
  t.equal(tostring(three), "f")
  t.integer(into:get_flags(), 0)
  t.equal(into:is_truncated(), false)
  t.integer(a:send("x"), 1)
  t.integer(b:recv_message(into, 0), 1)
  t.equal(tostring(one) .. "," .. tostring(two) .. "," .. tostring(three), "x,,")
  close_all(a, b)
end)

t.case("data is added, replaced and cleared", function()
  local a, b = t.unix_pair("dgram")
  local message = letter("1", "2", "3")
  t.equal(message:add_data("4"), true)
  t.equal(message:add_buffer(Buffer("0123456789"), 5, 2), true)
  t.equal(message:add_buffer(Buffer("0123456789"), 8), true)
  t.equal(message:add_data("end"), true)
  t.integer(a:send_message(message), 11)
  t.equal(b:recv(100), "12345689end")
  t.equal(message:set_data("only"), true)
  t.integer(message:get_segment_count(), 1)
  a:send_message(message)
  t.equal(b:recv(100), "only")
  t.equal(message:clear_data(), true)
  t.integer(message:get_segment_count(), 0)
  t.integer(a:send_message(message), 0)
  t.equal(b:recv(100), "")
  t.equal(message:set_data(), true)
  t.integer(message:get_segment_count(), 0)
  message:add_buffer(Buffer("first"))
  message:add_data("second")
  a:send_message(message)
  t.equal(b:recv(100), "firstsecond")
  close_all(a, b)
end)

t.case("strings and Buffers live as long as the message needs them", function()
  local a, b = t.unix_pair("dgram")
  local message = Message()
  for i = 1, 50 do
    message:set_data(("s"):rep(100) .. i, Buffer(("b"):rep(100) .. i), ("t"):rep(100) .. i)
    message:add_data(("u"):rep(100) .. i)
    collect()
    t.integer(a:send_message(message), 400 + 4 * #tostring(i))
    local text = ""
    for letters in ("sbtu"):gmatch(".") do text = text .. letters:rep(100) .. i end
    t.equal(b:recv(1000), text)
  end
  close_all(a, b)
end)

t.case("what is kept is let go when it is replaced, cleared or reset", function()
  local weak = setmetatable({}, { __mode = "v" })
  local message = Message()
  local function fill(n)
    for i = 1, n do
      local sock = assert(llnet.Socket("inet", "dgram"))
      weak[#weak + 1] = sock
      t.equal(message:add_descriptor(sock), true, i)
    end
    collect()
    local alive = 0
    for _ in pairs(weak) do alive = alive + 1 end
    t.equal(alive, n)
  end
  local function none(what)
    collect()
    t.equal(next(weak), nil, what)
  end
  fill(3)
  t.equal(message:clear_control(), true)
  none("clear_control")
  fill(2)
  t.equal(message:reset(), true)
  none("reset")
  fill(4)
  local a, b = t.unix_pair("dgram")
  a:send("x")
  message:set_data(Buffer(1))
  t.integer(b:recv_message(message), 1)
  none("a receive")
  fill(1)
  message = nil -- luacheck: ignore
  none("the end")
  close_all(a, b)
end)

t.case("wrong segments are refused, and change nothing", function()
  local message = letter("as", "it", "was")
  t.raises("string or Buffer expected, got table", message.set_data, message, "x", {})
  t.raises("string or Buffer expected, got nil", message.set_data, message, "x", nil)
  t.raises("string or Buffer expected, got Socket", function()
    local sock = assert(llnet.Socket("inet", "dgram"))
    local ok, problem = pcall(message.set_data, message, sock)
    sock:close()
    error(ok and "set" or problem:gsub("got LSocket", "got Socket"), 0)
  end)
  t.raises("string expected", message.add_data, message, {})
  t.raises("Buffer expected, got string", message.add_buffer, message, "x")
  t.raises("Message expected, got no value", message.set_data)
  t.integer(message:get_segment_count(), 3)
  local a, b = t.unix_pair("dgram")
  t.fails("EFAULT", b:recv_message(message))
  message:set_data(Buffer("0123"))
  message:add_buffer(Buffer("0123"), 2, 3)
  t.raises("Out of bounds", a.send_message, a, message)
  t.raises("Message expected, got string", a.send_message, a, "x")
  t.raises("Message expected, got no value", a.recv_message, a)
  t.raises("number out of range", Message, -1)
  t.fails("ENOMEM", Message(2 ^ 31))
  close_all(a, b)
  t.fails("EBADF", a:send_message(letter("x")))
  t.fails("EBADF", b:recv_message((inbox())))
end)

-- ---- addresses, ends, truncation ----------------------------------------------------

t.case("a reply needs no address", function()
  local a, b, from, to = t.udp_pair()
  local message, buffer = inbox()
  local question = letter("question")
  t.equal(question:set_address(to), true)
  t.equal(question:get_address(), to)
  t.integer(a:send_message(question), 8)
  t.integer(b:recv_message(message), 8)
  t.equal(tostring(buffer), "question")
  t.equal(message:get_address(), from)
  local addr = Addr()
  t.equal(message:get_address(addr), true)
  t.equal(addr, from)
  message:set_data("answer")
  t.integer(b:send_message(message), 6)
  t.equal(a:recv(100), "answer")
  message:set_address(nil)
  t.fails("ENOENT", message:get_address())
  t.fails("EDESTADDRREQ", b:send_message(message))
  t.raises("Addr expected, got string", message.set_address, message, "127.0.0.1")
  close_all(a, b)
end)

t.case("the end of a stream is CLOSED, an empty datagram 0, nothing there EAGAIN", function()
  local a, b = t.tcp_pair()
  local message = inbox()
  t.fails("EAGAIN", b:recv_message(message, llnet.MSG_DONTWAIT))
  a:send("last")
  a:close()
  t.integer(b:recv_message(message), 4)
  t.fails("CLOSED", b:recv_message(message))
  b:close()
  local sender, receiver, _, to = t.udp_pair()
  sender:sendto("", to)
  t.integer(receiver:recv_message(message), 0)
  close_all(sender, receiver)
end)

t.case("truncation of data and of control data is told", function()
  local a, b, _, to = t.udp_pair()
  local message = Message(0)
  message:set_data(Buffer(2))
  a:sendto("long", to)
  t.integer(b:recv_message(message), 2)
  t.equal(message:is_truncated(), true)
  t.integer(message:get_flags(), llnet.MSG_TRUNC)
  close_all(a, b)
  a, b = t.unix_pair()
  local out = letter("d")
  out:add_descriptor(0)
  local before = t.descriptors()
  a:send_message(out)
  b:recv_message(message)
  t.equal(message:is_control_truncated(), true)
  t.equal(message:is_truncated(), false)
  t.integer(message:get_descriptor_count(), 0)
  t.equal(t.descriptors(), before)
  close_all(a, b)
end)

-- ---- the object ---------------------------------------------------------------------

t.case("a message has fields of the program's own, beside what it keeps", function()
  local a, b = t.unix_pair("dgram")
  local message = letter("kept")
  message.name = "mine"
  message[1] = "one"
  t.equal(message.name, "mine")
  collect()
  t.integer(a:send_message(message), 4)
  t.equal(b:recv(10), "kept")
  t.equal(message[1], "one")
  message:reset()
  t.equal(message[1], "one")
  t.equal(getmetatable(message), "Message")
  t.equal(tostring(message):match("^Message: ") ~= nil, true)
  close_all(a, b)
end)

t.case("a message that is used again takes no memory", function()
  local a, b, _, to = t.udp_pair()
  if linux then
    assert(b:set_option("IP_PKTINFO", true))
    assert(b:set_option("IP_RECVTTL", true))
  end
  local message, out, addr = inbox(), Message(), Addr()
  local part = Buffer("part")
  out:set_address(to)
  local function exchange()
    out:set_data("head", part, "tail")
    out:add_data("more")
    out:set_ttl(7)
    a:send_message(out)
    local n = b:recv_message(message)
    if n ~= 16 or not message:get_address(addr) then error("the exchange failed") end
    if linux and (message:get_ttl() ~= 7 or not message:get_destination(addr) or not message:get_interface()) then
      error("the fields are missing")
    end
  end
  -- LuaJIT allocates for the traces that it compiles
  if rawget(_G, "jit") then require("jit").off() end
  collect()
  collectgarbage("stop")
  -- both rounds run at one depth of Lua's stack, which grows when it is first reached
  local before, after
  for round = 1, 2 do
    before = collectgarbage("count")
    for _ = 1, round == 1 and 10 or t.rounds(100000) do exchange() end
    after = collectgarbage("count")
  end
  collectgarbage("restart")
  t.equal(after, before)
  close_all(a, b)
end)

t.done()
