-- SPDX-License-Identifier: MIT
-- message_field: control data of datagrams, sent and received: ttl, traffic class, source and
-- destination, against Python's socket module; which family's fields a socket of both has; and
-- control data as it is.

local t = require "harness"
local shared = require "harness.message"
local llnet, close_all = t.llnet, t.close_all
local Message, Addr = llnet.Message, llnet.Addr
local linux, inbox, letter, with_python = shared.linux, shared.inbox, shared.letter, shared.with_python

-- ---- with Python --------------------------------------------------------------------

-- What Python's recvmsg sees of a datagram that we send to it, and what we see of one that
-- it sends. The two talk over UDP; the ports go over the Unix socket.
local function with_python_udp(family, host, program, body)
  local udp = assert(llnet.Socket(family, "dgram"))
  assert(udp:bind(Addr(host, 0)))
  local output = with_python(([[
udp = socket.socket(socket.%s, socket.SOCK_DGRAM)
udp.settimeout(20)
udp.bind((%q, 0))
to = (%q, int(peer.recv(20)))
peer.send(b"%%d" %% udp.getsockname()[1])
peer.recv(1)
]]):format(family == "inet" and "AF_INET" or "AF_INET6", host, host) .. program, function(sock)
    sock:send(tostring(udp:get_sockname():get_port()))
    local to = Addr(host, tonumber(sock:recv(20)))
    sock:send("k")
    body(udp, to, sock)
  end)
  udp:close()
  return output
end

local families = {
  { "inet", "127.0.0.1", "IP", "IP_RECVTTL", "IP_RECVTOS", "IP_PKTINFO", ttl = "IP_TTL", class = "IP_TOS" },
  { "inet6", "::1", "IPV6", "IPV6_RECVHOPLIMIT", "IPV6_RECVTCLASS", "IPV6_RECVPKTINFO", ttl = "IPV6_HOPLIMIT",
    class = "IPV6_TCLASS" },
}

for _, family in ipairs(families) do
  t.case("Python sees the ttl and traffic class that we set over " .. family[1], function()
    if not linux then t.skip("Linux alone") end
    local output = with_python_udp(family[1], family[2], ([[
level = socket.IPPROTO_%s
numbers = {"IP_RECVTTL": 12, "IP_RECVTOS": 13}
for name in ("%s", "%s"):
    udp.setsockopt(level, numbers.get(name) or getattr(socket, name), 1)
peer.send(b"r")
data, control, flags, addr = udp.recvmsg(100, 1000)
print(data.decode(), sorted((kind, int.from_bytes(value, sys.byteorder)) for lev, kind, value in control))
]]):format(family[3], family[4], family[5]), function(udp, to, sock)
      t.equal(sock:recv(1), "r")
      local message = letter("fields")
      t.equal(message:set_ttl(37), true)
      t.equal(message:set_traffic_class(0xb8 + llnet.IPTOS_ECN_ECT0), true)
      message:set_address(to)
      t.integer(udp:send_message(message), 6)
    end)
    -- IP_TOS 1, IP_TTL 2; IPV6_HOPLIMIT 52, IPV6_TCLASS 67
    t.equal(output, family[1] == "inet" and "fields [(1, 186), (2, 37)]" or "fields [(52, 37), (67, 186)]")
  end)

  t.case("we see the ttl, traffic class and destination of Python's over " .. family[1], function()
    if not linux then t.skip("Linux alone") end
    with_python_udp(family[1], family[2], ([[
level = socket.IPPROTO_%s
ttl, tclass = %s
peer.recv(1)
udp.sendmsg([b"from ", b"Python"], [(level, ttl, struct.pack("i", 41)), (level, tclass, struct.pack("i", 0x2b))], 0, to)
peer.recv(1)
]]):format(family[3], family[1] == "inet" and "2, 1" or "52, 67"), function(udp, _, sock)
      for i = 4, 6 do assert(udp:set_option(family[i], true)) end
      sock:send("r")
      local message, buffer = inbox()
      t.equal(udp:poll(llnet.POLLIN, 20000), llnet.POLLIN)
      t.integer(udp:recv_message(message), 11)
      t.equal(tostring(buffer), "from Python")
      t.integer(message:get_ttl(), 41)
      t.integer(message:get_traffic_class(), 0x2b)
      t.integer(message:get_ecn(), llnet.IPTOS_ECN_CE)
      t.equal(message:get_destination(), Addr(family[2], 0))
      local addr = Addr()
      t.equal(message:get_destination(addr), true)
      t.equal(addr, Addr(family[2], 0))
      t.equal(message:get_interface() > 0, true)
      t.integer(message:get_control_count(), 3)
      sock:send("x")
    end)
  end)
end

t.case("the source is chosen, and Python sees it", function()
  if not linux then t.skip("Linux alone") end
  local output = with_python_udp("inet", "127.0.0.1", [[
peer.send(b"r")
print(udp.recvfrom(10)[1][0])
]], function(_, to, sock)
    sock:recv(1)
    local any = assert(llnet.Socket("inet", "dgram"))
    local message = letter("x")
    t.equal(message:set_source(Addr("127.0.0.2", 0)), true)
    message:set_address(to)
    t.integer(any:send_message(message), 1)
    any:close()
  end)
  t.equal(output, "127.0.0.2")
  t.fails("EAFNOSUPPORT", Message():set_source(Addr()))
  t.raises("Addr expected", Message().set_source, Message(), nil)
end)

-- ---- sources, and both families' fields ---------------------------------------------

-- A UDP socket that gets all there is, on loopback.
local function open_informed(family)
  local sock = assert(llnet.Socket(family, "dgram"))
  local ipv6 = family == "inet6"
  if not sock:bind(Addr(ipv6 and "::1" or "127.0.0.1", 0)) then t.skip("no IPv6 on loopback") end
  local options = ipv6 and { "IPV6_RECVPKTINFO", "IPV6_RECVHOPLIMIT", "IPV6_RECVTCLASS" }
    or { "IP_PKTINFO", "IP_RECVTTL", "IP_RECVTOS" }
  for _, option in ipairs(options) do assert(sock:set_option(option, true)) end
  return sock, assert(sock:get_sockname())
end

t.case("the source address is chosen", function()
  local sock, addr = open_informed("inet")
  local sender = assert(llnet.Socket("inet", "dgram"))
  local message = Message()
  message:set_data("from")
  message:set_address(addr)
  t.equal(message:set_source(Addr("127.0.0.2", 99), 1), true)
  t.integer(sender:send_message(message), 4)
  local incoming = inbox()
  sock:recv_message(incoming)
  t.equal(incoming:get_address():get_ip(), "127.0.0.2")
  t.fails("EAFNOSUPPORT", message:set_source(Addr.unix("/x")))
  -- an answer from the address that was asked: the wildcard's socket would choose another
  local server = assert(llnet.Socket("inet", "dgram"))
  assert(server:bind(Addr("0.0.0.0", 0)))
  assert(server:set_option("IP_PKTINFO", true))
  sock:sendto("ask", Addr("127.0.0.9", server:get_sockname():get_port()))
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
  if not sock:set_option("IPV6_V6ONLY", false) or not sock:bind(Addr("::", 0)) then t.skip("no IPv6 here") end
  for _, option in ipairs { "IP_RECVTTL", "IP_PKTINFO", "IPV6_RECVHOPLIMIT", "IPV6_RECVPKTINFO" } do
    assert(sock:set_option(option, true))
  end
  local port = sock:get_sockname():get_port()
  local sender, message, incoming = assert(llnet.Socket("inet", "dgram")), Message(), inbox()
  message:set_data("4")
  message:set_ttl(9)
  message:set_address(Addr("127.0.0.1", port))
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

-- ---- values -------------------------------------------------------------------------

t.case("wrong fields are EINVAL, without room ENOBUFS, absent ENOENT", function()
  local message = Message()
  t.fails("EINVAL", message:set_ttl(0))
  t.fails("EINVAL", message:set_ttl(256))
  t.fails("EINVAL", message:set_traffic_class(256))
  t.fails("ENOBUFS", Message(16):set_ttl(1))
  t.fails("ENOBUFS", Message(0):add_descriptor(0))
  t.fails("ENOBUFS", Message(0):add_control(1, 2, ""))
  if linux then
    t.fails("EINVAL", message:set_segment_size(0))
    t.fails("EINVAL", message:set_segment_size(65536))
    for _, name in ipairs {
      "get_ttl", "get_traffic_class", "get_ecn", "get_destination", "get_interface", "get_original_destination",
      "get_timestamp", "get_hardware_timestamp", "get_timestamp_key", "get_segment_size", "get_drop_count",
      "get_error", "get_error_offender", "get_zerocopy", "get_credentials", "take_descriptor", "take_pidfd",
    } do
      t.fails("ENOENT", message[name](message))
    end
  end
  t.raises("Out of bounds", message.get_control_type, message, 0)
  t.raises("Out of bounds", message.get_control_data, message, 0)
end)

t.case("control data as it is", function()
  local message = Message()
  t.equal(message:add_control(7, 8, "a\0b"), true)
  t.equal(message:add_control(9, 10, ""), true)
  t.integer(message:get_control_count(), 2)
  t.results({ message:get_control_type(0) }, 7, 8)
  t.equal(message:get_control_data(0), "a\0b")
  t.results({ message:get_control_type(1) }, 9, 10)
  t.equal(message:get_control_data(1), "")
end)

t.done()
