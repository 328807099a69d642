-- SPDX-License-Identifier: MIT
-- message_queue: what the kernel attaches to messages: times, errors, completions, drops,
-- and which family's fields a socket of both has.

local t = require "harness"
local llnet, close_all = t.llnet, t.close_all

-- A message to receive into, and its Buffer.
local function receiver(size, control_size)
  local message, buffer = assert(llnet.Message(control_size)), llnet.Buffer(size or 100)
  t.equal(message:set_data(buffer), true)
  return message, buffer
end

t.case("descriptors that find no room are not leaked", function()
  local a, b = t.unix_pair("stream")
  local passing = llnet.Message(2000)
  passing:set_data("x")
  for _ = 1, llnet.MESSAGE_DESCRIPTORS_MAX do t.equal(passing:add_descriptor(a), true) end
  t.fails("E2BIG", passing:add_descriptor(a))
  t.integer(a:send_message(passing), 1)
  local message = receiver(10, 64)
  t.integer(b:recv_message(message), 1)
  t.equal(message:is_control_truncated(), true)
  t.equal(message:get_descriptor_count() >= 1, true)
  message:reset()
  close_all(a, b)
end)

-- A UDP socket that gets all there is, on loopback.
local function open_informed(family)
  local sock = assert(llnet.Socket(family, "dgram"))
  local ipv6 = family == "inet6"
  if not sock:bind(llnet.Addr(ipv6 and "::1" or "127.0.0.1", 0)) then t.skip("no IPv6 on loopback") end
  local options = ipv6 and { "IPV6_RECVPKTINFO", "IPV6_RECVHOPLIMIT", "IPV6_RECVTCLASS" }
    or { "IP_PKTINFO", "IP_RECVTTL", "IP_RECVTOS" }
  for _, option in ipairs(options) do assert(sock:set_option(option, true)) end
  return sock, assert(sock:get_sockname())
end

t.case("the source address is chosen", function()
  local sock, addr = open_informed("inet")
  local sender = assert(llnet.Socket("inet", "dgram"))
  local message = llnet.Message()
  message:set_data("from")
  message:set_address(addr)
  t.equal(message:set_source(llnet.Addr("127.0.0.2", 99), 1), true)
  t.integer(sender:send_message(message), 4)
  local incoming = receiver()
  sock:recv_message(incoming)
  t.equal(incoming:get_address():get_ip(), "127.0.0.2")
  t.fails("EAFNOSUPPORT", message:set_source(llnet.Addr.unix("/x")))
  -- an answer from the address that was asked: the wildcard's socket would choose another
  local server = assert(llnet.Socket("inet", "dgram"))
  assert(server:bind(llnet.Addr("0.0.0.0", 0)))
  assert(server:set_option("IP_PKTINFO", true))
  sock:sendto("ask", llnet.Addr("127.0.0.9", server:get_sockname():get_port()))
  server:recv_message(incoming)
  t.equal(incoming:get_destination():get_ip(), "127.0.0.9")
  message:reset()
  message:set_data("answer")
  message:set_address(incoming:get_address())
  message:set_source(incoming:get_destination(), incoming:get_interface())
  server:send_message(message)
  local _, from = sock:recvfrom(100)
  t.equal(from:get_ip(), "127.0.0.9")
  close_all(sock, sender, server)
end)

t.case("an IPv6 socket that takes IPv4 has both families' fields", function()
  local sock = assert(llnet.Socket("inet6", "dgram"))
  if not sock:set_option("IPV6_V6ONLY", false) or not sock:bind(llnet.Addr("::", 0)) then t.skip("no IPv6 here") end
  for _, option in ipairs { "IP_RECVTTL", "IP_PKTINFO", "IPV6_RECVHOPLIMIT", "IPV6_RECVPKTINFO" } do
    assert(sock:set_option(option, true))
  end
  local port = sock:get_sockname():get_port()
  local sender, message, incoming = assert(llnet.Socket("inet", "dgram")), llnet.Message(), receiver()
  message:set_data("4")
  message:set_ttl(9)
  message:set_address(llnet.Addr("127.0.0.1", port))
  sender:send_message(message)
  t.integer(sock:recv_message(incoming), 1)
  t.integer(incoming:get_ttl(), 9)
  t.equal(incoming:get_destination():get_ip():find("127.0.0.1", 1, true) ~= nil, true)
  message:reset()
  message:set_data("answer")
  message:set_ttl(8)
  message:set_address(incoming:get_address()) -- a mapped address
  t.integer(sock:send_message(message), 6)
  assert(sender:set_option("IP_RECVTTL", true))
  sock:send_message(message)
  t.integer(sender:recv_message(incoming), 6)
  t.integer(sender:recv_message(incoming), 6)
  t.integer(incoming:get_ttl(), 8)
  close_all(sock, sender)
end)

-- ---- time ---------------------------------------------------------------------------------------------

local function realtime()
  return tonumber(t.python("import time; print(time.time_ns() // 1000000)"))
end

t.case("receive timestamps are the wall clock's, by each of three options", function()
  local software = llnet.SOF_TIMESTAMPING_RX_SOFTWARE + llnet.SOF_TIMESTAMPING_SOFTWARE
  for option, value in pairs { SO_TIMESTAMP = true, SO_TIMESTAMPNS = true, SO_TIMESTAMPING = software } do
    local a, b, _, to = t.udp_pair()
    assert(b:set_option(option, value))
    local before = realtime()
    a:sendto("now", to)
    local message = receiver()
    t.integer(b:recv_message(message), 3)
    local after = realtime()
    local seconds, nanoseconds = message:get_timestamp()
    t.integer(seconds)
    t.integer(nanoseconds)
    local milliseconds = seconds * 1000 + math.floor(nanoseconds / 1000000)
    t.equal(milliseconds >= before and milliseconds <= after, true, option)
    t.equal(nanoseconds < 1000000000, true)
    if option == "SO_TIMESTAMP" then t.equal(nanoseconds % 1000, 0) end
    t.fails("ENOENT", message:get_hardware_timestamp())
    close_all(a, b)
  end
end)

t.case("transmit timestamps come through the error queue with their number", function()
  local a, b, _, to = t.udp_pair()
  assert(a:set_option("SO_TIMESTAMPING",
    llnet.SOF_TIMESTAMPING_SOFTWARE + llnet.SOF_TIMESTAMPING_OPT_ID + llnet.SOF_TIMESTAMPING_OPT_TSONLY))
  local message = llnet.Message()
  message:set_data("stamp")
  message:set_address(to)
  t.equal(message:set_timestamping(llnet.SOF_TIMESTAMPING_TX_SOFTWARE), true)
  for key = 0, 2 do
    t.integer(a:send_message(message), 5)
    t.integer(a:poll(0, 5000), llnet.POLLERR)
    local incoming = receiver()
    t.integer(a:recv_message(incoming, llnet.MSG_ERRQUEUE), 0)
    local kind, number = incoming:get_timestamp_key()
    t.integer(kind, llnet.SCM_TSTAMP_SND)
    t.integer(number, key)
    t.equal(incoming:get_timestamp() > 1700000000, true)
    t.equal(incoming:get_error().origin, "timestamping")
    t.fails("ENOENT", incoming:get_zerocopy())
  end
  close_all(a, b)
end)

-- ---- the error queue --------------------------------------------------------------------------------------

t.case("an ICMP error tells what, who and where", function()
  for family, host in pairs { inet = "127.0.0.1", inet6 = "::1" } do
    local deaf = assert(llnet.Socket(family, "dgram"))
    if deaf:bind(llnet.Addr(host, 0)) then
      local to = deaf:get_sockname()
      deaf:close()
      local sock = assert(llnet.Socket(family, "dgram"))
      assert(sock:set_option(family == "inet" and "IP_RECVERR" or "IPV6_RECVERR", true))
      sock:sendto("nobody", to)
      local message, buffer = receiver()
      t.integer(sock:poll(0, 5000), llnet.POLLERR)
      t.integer(sock:recv_message(message, llnet.MSG_ERRQUEUE), 6)
      t.equal(buffer:get_data(), "nobody")
      t.equal(message:get_address(), to)
      local problem = message:get_error()
      t.equal(problem.error, "ECONNREFUSED")
      t.integer(problem.number, 111)
      t.equal(problem.origin, family == "inet" and "icmp" or "icmp6")
      -- RFC 792: unreachable 3, port 3; RFC 4443: unreachable 1, port 4
      t.integer(problem.type, family == "inet" and 3 or 1)
      t.integer(problem.code, family == "inet" and 3 or 4)
      t.equal(problem.offender:get_ip(), host)
      t.equal(message:get_error_offender():get_ip(), host)
      t.fails("EAGAIN", sock:recv_message(message, llnet.MSG_ERRQUEUE))
      sock:close()
    else
      deaf:close()
    end
  end
end)

t.case("a datagram larger than the path's MTU is a local error that names it", function()
  local sock = assert(llnet.Socket("inet", "dgram"))
  assert(sock:set_option("IP_RECVERR", true))
  assert(sock:set_option("IP_MTU_DISCOVER", llnet.IP_PMTUDISC_DO))
  assert(sock:connect(llnet.Addr("127.0.0.1", 9)))
  t.fails("EMSGSIZE", sock:send(("x"):rep(65535)))
  local message = receiver()
  if sock:recv_message(message, llnet.MSG_ERRQUEUE) then
    local problem = message:get_error()
    t.equal(problem.error, "EMSGSIZE")
    t.equal(problem.origin, "local")
    t.integer(problem.info)
  end
  sock:close()
end)

t.case("sends without a copy are counted off as ranges", function()
  local pairs_of = { tcp = { t.tcp_pair() } }
  local u1, u2, _, to = t.udp_pair()
  u1:connect(to)
  pairs_of.udp = { u1, u2 }
  for name, pair in pairs(pairs_of) do
    local a, b = pair[1], pair[2]
    if not a:set_option("SO_ZEROCOPY", true) then
      close_all(a, b)
    else
      local buffer, message, incoming = llnet.Buffer(("z"):rep(20000)), llnet.Message(), receiver()
      message:set_data(buffer)
      for _ = 1, 3 do
        t.integer(a:send_message(message, llnet.MSG_ZEROCOPY), 20000)
        local got = 0
        while got < 20000 do got = got + #b:recv(65536) end
      end
      local expected = 0
      while expected < 3 do
        t.integer(a:poll(0, 5000), llnet.POLLERR)
        t.integer(a:recv_message(incoming, llnet.MSG_ERRQUEUE), 0)
        local first, last, copied = incoming:get_zerocopy()
        t.integer(first, expected, name)
        t.equal(last >= first and last <= 2, true)
        t.equal(copied, true) -- on loopback
        t.equal(incoming:get_error().origin, "zerocopy")
        expected = last + 1
      end
      close_all(a, b)
    end
  end
end)

t.case("joined datagrams tell their size, and dropped ones their number", function()
  local a, b, _, to = t.udp_pair()
  local message = llnet.Message()
  message:set_data(("s"):rep(2500))
  message:set_address(to)
  t.equal(message:set_segment_size(1000), true)
  local gro = b:set_option("UDP_GRO", true)
  local sent, name = a:send_message(message)
  if not sent or not gro then t.skip("no UDP_SEGMENT here: " .. tostring(name)) end
  local incoming, buffer = receiver(65535)
  t.integer(b:recv_message(incoming), 2500)
  t.integer(incoming:get_segment_size(), 1000)
  t.equal(buffer:get_data(), ("s"):rep(2500))
  assert(b:set_option("SO_RXQ_OVFL", true))
  assert(b:set_option("SO_RCVBUF", 2304))
  for _ = 1, 100 do a:sendto(("d"):rep(1000), to) end
  b:set_nonblock(true)
  local received = 0
  while b:recv_message(incoming) do received = received + 1 end
  a:sendto("after", to)
  t.integer(b:recv_message(incoming), 5)
  t.integer(incoming:get_drop_count(), 100 - received)
  close_all(a, b)
end)

t.done()
