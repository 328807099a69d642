-- SPDX-License-Identifier: MIT
-- message_queue: what the kernel reports with messages: times, errors, completions, joined and
-- dropped datagrams.

local t = require "harness"
local shared = require "harness.message"
local llnet, close_all = t.llnet, t.close_all
local Message, Buffer, Addr = llnet.Message, llnet.Buffer, llnet.Addr
local linux, inbox, letter = shared.linux, shared.inbox, shared.letter

-- ---- time ---------------------------------------------------------------------------

t.case("the time of receipt is seconds and nanoseconds", function()
  if not linux then t.skip("Linux alone") end
  local a, b, _, to = t.udp_pair()
  assert(b:set_option("SO_TIMESTAMPNS", true))
  local message = inbox()
  local before = os.time()
  a:sendto("x", to)
  b:recv_message(message)
  local seconds, nanoseconds = message:get_timestamp()
  t.integer(seconds)
  t.integer(nanoseconds)
  t.equal(seconds >= before and seconds <= os.time() + 1, true) -- time(2) lags by a tick
  t.equal(nanoseconds >= 0 and nanoseconds < 1e9, true)
  close_all(a, b)
end)

t.case("a sent datagram's time comes with its key", function()
  if not linux then t.skip("Linux alone") end
  local a, b, _, to = t.udp_pair()
  local wanted = llnet.SOF_TIMESTAMPING_TX_SOFTWARE + llnet.SOF_TIMESTAMPING_SOFTWARE
    + llnet.SOF_TIMESTAMPING_OPT_ID + llnet.SOF_TIMESTAMPING_OPT_TSONLY
  assert(a:set_option_raw(llnet.SOL_SOCKET, llnet.SCM_TIMESTAMPING, wanted))
  local message = inbox()
  for key = 0, 2 do
    a:sendto("x", to)
    t.equal(a:poll(0, 5000), llnet.POLLERR)
    t.integer(a:recv_message(message, llnet.MSG_ERRQUEUE), 0)
    t.results({ message:get_timestamp_key() }, llnet.SCM_TSTAMP_SND, key)
    t.equal((message:get_timestamp()) >= os.time() - 100, true)
    t.equal(message:get_error().origin, "timestamping")
  end
  close_all(a, b)
end)

local function realtime()
  return tonumber(t.python("import time; print(time.time_ns() // 1000000)"))
end

t.case("receive timestamps are the wall clock's, by each of three options", function()
  local software = llnet.SOF_TIMESTAMPING_RX_SOFTWARE + llnet.SOF_TIMESTAMPING_SOFTWARE
  for option, value in pairs { SO_TIMESTAMP = true, SO_TIMESTAMPNS = true, SO_TIMESTAMPING = software } do
    local a, b, _, to = t.udp_pair()
    assert(b:set_option(option, value))
    local before = realtime()
    local message = inbox()
    local seconds, nanoseconds
    t.wait_for(function() -- the kernel begins to stamp some time after it was asked to
      a:sendto("now", to)
      t.integer(b:recv_message(message), 3)
      seconds, nanoseconds = message:get_timestamp()
      return seconds
    end)
    local after = realtime()
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
  local message = Message()
  message:set_data("stamp")
  message:set_address(to)
  t.equal(message:set_timestamping(llnet.SOF_TIMESTAMPING_TX_SOFTWARE), true)
  for key = 0, 2 do
    t.integer(a:send_message(message), 5)
    t.integer(a:poll(0, 5000), llnet.POLLERR)
    local incoming = inbox()
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

-- ---- the error queue ----------------------------------------------------------------

t.case("a closed port is reported with who said so", function()
  if not linux then t.skip("Linux alone") end
  local a, b, _, to = t.udp_pair()
  assert(b:connect(to)) -- to itself: the port is nobody else's, and for the others as good as closed
  assert(a:set_option("IP_RECVERR", true))
  local message, buffer = inbox()
  a:sendto("nobody there", to)
  t.equal(a:poll(0, 5000), llnet.POLLERR)
  t.integer(a:recv_message(message, llnet.MSG_ERRQUEUE), 12)
  t.equal(tostring(buffer), "nobody there")
  t.equal(message:get_address(), to)
  local problem = message:get_error()
  t.equal(problem.error, "ECONNREFUSED")
  t.integer(problem.number, llnet.error_number("ECONNREFUSED"))
  t.equal(problem.origin, "icmp")
  t.integer(problem.type, 3)
  t.integer(problem.code, 3)
  t.integer(problem.info, 0)
  t.equal(problem.offender, Addr("127.0.0.1", 0))
  t.equal(message:get_error_offender(), Addr("127.0.0.1", 0))
  t.integer(message:get_flags(), llnet.MSG_ERRQUEUE)
  close_all(a, b)
end)

t.case("an ICMP error tells what, who and where", function()
  for family, host in pairs { inet = "127.0.0.1", inet6 = "::1" } do
    local deaf = assert(llnet.Socket(family, "dgram"))
    if deaf:bind(Addr(host, 0)) then
      local to = deaf:get_sockname()
      assert(deaf:connect(to)) -- to itself alone
      local sock = assert(llnet.Socket(family, "dgram"))
      assert(sock:set_option(family == "inet" and "IP_RECVERR" or "IPV6_RECVERR", true))
      sock:sendto("nobody", to)
      local message, buffer = inbox()
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
    end
    deaf:close()
  end
end)

t.case("a datagram larger than the path's MTU is a local error that names it", function()
  local sock = assert(llnet.Socket("inet", "dgram"))
  assert(sock:set_option("IP_RECVERR", true))
  assert(sock:set_option("IP_MTU_DISCOVER", llnet.IP_PMTUDISC_DO))
  assert(sock:connect(Addr("127.0.0.1", 9)))
  t.fails("EMSGSIZE", sock:send(("x"):rep(65535)))
  local message = inbox()
  if sock:recv_message(message, llnet.MSG_ERRQUEUE) then
    local problem = message:get_error()
    t.equal(problem.error, "EMSGSIZE")
    t.equal(problem.origin, "local")
    t.integer(problem.info)
  end
  sock:close()
end)

-- ---- sends without a copy -----------------------------------------------------------

t.case("MSG_ZEROCOPY wants Buffers", function()
  if not llnet.MSG_ZEROCOPY then t.skip("no MSG_ZEROCOPY") end
  local a, b, _, to = t.udp_pair()
  local message = letter(Buffer("x"), "string")
  message:set_address(to)
  t.raises("MSG_ZEROCOPY wants Buffers", a.send_message, a, message, llnet.MSG_ZEROCOPY)
  message:set_data(Buffer("x"))
  message:add_data("string")
  t.raises("MSG_ZEROCOPY wants Buffers", a.send_message, a, message, llnet.MSG_ZEROCOPY)
  message:set_data(Buffer("zero"), Buffer("copy"))
  if not a:set_option_raw(llnet.SOL_SOCKET, 60, 1) then
    close_all(a, b)
    t.skip("no SO_ZEROCOPY")
  end
  t.integer(a:send_message(message, llnet.MSG_ZEROCOPY), 8)
  t.equal(b:recv(100), "zerocopy")
  t.integer(a:send_message(message, llnet.MSG_ZEROCOPY), 8)
  t.equal(b:recv(100), "zerocopy")
  local report, seen = Message(), 0
  while seen < 2 do
    t.equal(a:poll(0, 5000), llnet.POLLERR)
    t.integer(a:recv_message(report, llnet.MSG_ERRQUEUE), 0)
    local first, last, copied = report:get_zerocopy()
    t.integer(first, seen)
    t.equal(copied, true) -- loopback has to
    t.equal(report:get_error().origin, "zerocopy")
    seen = t.integer(last) + 1
  end
  t.fails("ENOENT", Message():get_zerocopy())
  close_all(a, b)
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
      local buffer, message, incoming = Buffer(("z"):rep(20000)), Message(), inbox()
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

-- ---- joined and dropped datagrams ---------------------------------------------------

t.case("a message is cut into datagrams and joined again", function()
  if not linux then t.skip("Linux alone") end
  local a, b, _, to = t.udp_pair()
  if not b:set_option("UDP_GRO", true) then
    close_all(a, b)
    t.skip("no UDP_GRO")
  end
  local message, buffer = inbox()
  local out = letter(("1"):rep(100), ("2"):rep(100), "3")
  t.equal(out:set_segment_size(100), true)
  out:set_address(to)
  t.integer(a:send_message(out), 201)
  t.integer(b:recv_message(message), 201)
  t.equal(tostring(buffer), ("1"):rep(100) .. ("2"):rep(100) .. "3")
  t.integer(message:get_segment_size(), 100)
  close_all(a, b)
end)

t.case("joined datagrams tell their size, and dropped ones their number", function()
  local a, b, _, to = t.udp_pair()
  local message = Message()
  message:set_data(("s"):rep(2500))
  message:set_address(to)
  t.equal(message:set_segment_size(1000), true)
  local gro = b:set_option("UDP_GRO", true)
  local sent, name = a:send_message(message)
  if not sent or not gro then t.skip("no UDP_SEGMENT here: " .. tostring(name)) end
  local incoming, buffer = inbox(nil, 65535)
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
