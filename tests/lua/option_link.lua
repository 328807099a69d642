-- SPDX-License-Identifier: MIT
-- option_link: the options of netlink and packet sockets, by Python's socket module and by
-- what other sockets and programs see; all of it Linux's.

local t = require "harness"
local llnet = t.llnet
local Socket, Addr, option = llnet.Socket, llnet.Addr, llnet.option

if not option.is_defined("NETLINK_ADD_MEMBERSHIP") then
  t.case("netlink and packet sockets", function() t.skip("no such sockets here") end)
  t.done()
  return
end

-- What a Python program prints that inherits the socket as s.
local function python(s, program)
  s:set_cloexec(false)
  local output = t.python("import socket, struct\ns = socket.socket(fileno=" .. s:fileno() .. ")\n" .. program)
  s:set_cloexec(true)
  return output
end

-- ---- netlink -----------------------------------------------------------------------

local function netlink(protocol)
  local s = assert(Socket("netlink", "raw", protocol))
  assert(s:bind(Addr.netlink()))
  return s
end

t.case("netlink's flags are what Python reads", function()
  local s = netlink(llnet.NETLINK_ROUTE)
  for name, number in pairs { NETLINK_PKTINFO = 3, NETLINK_BROADCAST_ERROR = 4, NETLINK_NO_ENOBUFS = 5,
    NETLINK_CAP_ACK = 10, NETLINK_EXT_ACK = 11, NETLINK_GET_STRICT_CHK = 12 } do
    t.integer(option.get_number(name), number)
    t.integer(option.get_level(name), llnet.SOL_NETLINK)
    t.equal(s:get_option(name), false)
    t.equal(s:set_option(name, true), true)
    t.equal(s:get_option(name), true)
    t.equal(python(s, ("print(s.getsockopt(270, %d))"):format(number)), "1")
  end
  s:close()
end)

t.case("netlink's memberships are a list of groups, as Python's bits", function()
  local s = netlink(llnet.NETLINK_ROUTE)
  t.equal(#s:get_option("NETLINK_LIST_MEMBERSHIPS"), 0)
  for _, group in ipairs { llnet.RTNLGRP_NEXTHOP, llnet.RTNLGRP_LINK, llnet.RTNLGRP_IPV4_IFADDR } do
    t.equal(s:set_option("NETLINK_ADD_MEMBERSHIP", group), true)
  end
  local groups = s:get_option("NETLINK_LIST_MEMBERSHIPS")
  for _, group in ipairs(groups) do t.integer(group) end
  t.equal(table.concat(groups, " "), "1 5 32")
  t.equal(python(s, [[
words = struct.unpack("=2I", s.getsockopt(270, 9, 8))
print(*(i + 1 for i in range(64) if words[i // 32] >> i % 32 & 1))]]), "1 5 32")
  t.equal(s:set_option("NETLINK_DROP_MEMBERSHIP", llnet.RTNLGRP_IPV4_IFADDR), true)
  t.equal(table.concat(s:get_option("NETLINK_LIST_MEMBERSHIPS"), " "), "1 32")
  t.fails("EINVAL", s:set_option("NETLINK_ADD_MEMBERSHIP", 0))
  t.fails("ERANGE", s:set_option("NETLINK_ADD_MEMBERSHIP", -1))
  t.fails("EACCES", s:get_option("NETLINK_ADD_MEMBERSHIP"))
  t.fails("EACCES", s:set_option("NETLINK_LIST_MEMBERSHIPS", { 1 }))
  t.raises("NETLINK_LIST_MEMBERSHIPS wants a list of numbers, got number", s.set_option, s,
    "NETLINK_LIST_MEMBERSHIPS", 1)
  s:close()
end)

-- Whether this message is among those that wait.
local function came(s, message)
  local got = s:recv(1000, llnet.MSG_DONTWAIT)
  while got and got ~= message do got = s:recv(1000, llnet.MSG_DONTWAIT) end
  return got == message
end

t.case("a member of a group receives what another socket sends to it", function()
  local member, other, sender = netlink(llnet.NETLINK_USERSOCK), netlink(llnet.NETLINK_USERSOCK),
    netlink(llnet.NETLINK_USERSOCK)
  -- tests on other Luas may send to the same group meanwhile
  local message = ("%s of %d"):format(tostring(sender), (sender:get_sockname():get_netlink()))
  t.equal(member:set_option("NETLINK_ADD_MEMBERSHIP", 31), true)
  -- to the group, and to the kernel, which refuses it
  t.fails("ECONNREFUSED", sender:sendto(message, Addr.netlink(0, 2 ^ 30)))
  t.equal(came(member, message), true)
  t.equal(came(other, message), false)
  t.equal(member:set_option("NETLINK_DROP_MEMBERSHIP", 31), true)
  t.fails("ECONNREFUSED", sender:sendto(message, Addr.netlink(0, 2 ^ 30)))
  t.equal(came(member, message), false)
  member:close()
  other:close()
  sender:close()
end)

-- ---- packet ------------------------------------------------------------------------

local function packet(socktype)
  local s, name = Socket("packet", socktype)
  if not s then t.skip("may not open packet sockets: " .. name) end
  return s
end

t.case("numbers of a packet socket are what Python reads", function()
  local s = packet("raw")
  for name, pair in pairs { PACKET_AUXDATA = { 8, true }, PACKET_ORIGDEV = { 9, true }, PACKET_LOSS = { 14, true },
    PACKET_VNET_HDR = { 15, true }, PACKET_TX_HAS_OFF = { 19, true }, PACKET_QDISC_BYPASS = { 20, true },
    PACKET_IGNORE_OUTGOING = { 23, true }, PACKET_VERSION = { 10, llnet.TPACKET_V2 }, PACKET_RESERVE = { 12, 64 },
    PACKET_TIMESTAMP = { 17, llnet.SOF_TIMESTAMPING_RAW_HARDWARE } } do
    local number, value = pair[1], pair[2]
    t.integer(option.get_number(name), number)
    t.integer(option.get_level(name), llnet.SOL_PACKET)
    t.equal(s:get_option(name) == value, false)
    t.equal(s:set_option(name, value), true)
    t.equal(s:get_option(name), value)
    t.equal(python(s, ("print(s.getsockopt(263, %d))"):format(number)), tostring(value == true and 1 or value))
  end
  s:close()
end)

local function maddr()
  local pipe = io.popen("ip maddr show dev lo 2>/dev/null")
  local output = pipe:read("*a")
  pipe:close()
  if output == "" then t.skip("no ip here") end
  return output
end

t.case("a membership of a link-layer group is what ip shows", function()
  local s = packet("dgram")
  -- tests on other Luas may be in groups meanwhile
  local own = python(s, "import os\nprint('%08x' % os.getppid())"):gsub("%x%x", ":%1"):sub(-9)
  local shown = "33:33:ee" .. own
  local hardware = shown:gsub("(%x%x):?", function(hex) return string.char(tonumber(hex, 16)) end)
  local request = { index = 1, type = llnet.PACKET_MR_MULTICAST, address = Addr.packet(1, 0, hardware) }
  t.equal(maddr():find(shown, 1, true), nil)
  t.equal(s:set_option("PACKET_ADD_MEMBERSHIP", request), true)
  t.equal(maddr():find(shown, 1, true) ~= nil, true)
  t.equal(s:set_option("PACKET_DROP_MEMBERSHIP", request), true)
  t.equal(maddr():find(shown, 1, true), nil)
  t.fails("EACCES", s:get_option("PACKET_ADD_MEMBERSHIP"))
  t.raises("PACKET_ADD_MEMBERSHIP: field 'address' wants an Addr, got string", s.set_option, s,
    "PACKET_ADD_MEMBERSHIP", { address = hardware })
  t.raises("PACKET_ADD_MEMBERSHIP: field 'address': ", s.set_option, s, "PACKET_ADD_MEMBERSHIP",
    { address = Addr("127.0.0.1", 0) })
  s:close()
end)

t.case("statistics are what Python reads, and start anew", function()
  local s = packet("dgram")
  assert(s:bind(Addr.packet(1, llnet.ETH_P_IP)))
  local a, b, addr = t.udp_pair()
  for _ = 1, 3 do a:sendto("datagram", addr) end
  -- others may send over lo, too
  local first = s:get_option("PACKET_STATISTICS")
  t.equal(t.integer(first.packets) >= 3, true)
  t.integer(first.drops)
  t.equal(first.freeze_q_cnt, nil)
  for _ = 1, 3 do a:sendto("datagram", addr) end
  local packets = python(s, "print(*struct.unpack('=2I', s.getsockopt(263, 6, 8)))"):match("^(%d+) %d+$")
  t.equal(tonumber(packets) >= 3, true)
  t.equal(s:set_option("PACKET_VERSION", llnet.TPACKET_V3), true)
  t.integer(s:get_option("PACKET_STATISTICS").freeze_q_cnt, 0)
  t.fails("EACCES", s:set_option("PACKET_STATISTICS", {}))
  for _, socket in ipairs { s, a, b } do socket:close() end
end)

t.case("auxiliary data come with a message, as with Python's recvmsg", function()
  local s = packet("raw")
  assert(s:bind(Addr.packet(1, llnet.ETH_P_IP)))
  t.equal(s:set_option("PACKET_AUXDATA", true), true)
  local a, b, addr = t.udp_pair()
  local message, buffer = llnet.Message(256), llnet.Buffer(2000)
  assert(message:add_buffer(buffer))
  for _ = 1, 2 do a:sendto("datagram", addr) end
  -- others may send over lo, too
  local count = assert(s:recv_message(message))
  t.integer(message:get_control_count(), 1)
  t.results({ message:get_control_type(0) }, llnet.SOL_PACKET, option.get_number("PACKET_AUXDATA"))
  local bytes = message:get_control_data(0)
  local hex = bytes:gsub(".", function(c) return ("%02x"):format(c:byte()) end)
  t.equal(python(s, ([[
kind = s.recvmsg(2000, 256)[1]
print(*struct.unpack("=3I4H", bytes.fromhex("%s"))[1:3], [(one[0], one[1], len(one[2])) for one in kind])]])
    :format(hex)), ("%d %d [(263, 8, %d)]"):format(count, count, #bytes))
  for _, socket in ipairs { s, a, b } do socket:close() end
end)

t.case("a fanout has the number that Python reads, its top bit included", function()
  local s = packet("dgram")
  assert(s:bind(Addr.packet(1, llnet.ETH_P_ARP))) -- of which lo has none
  t.integer(s:get_option("PACKET_FANOUT"), 0)
  -- with an id that nobody else has
  local kind = llnet.PACKET_FANOUT_HASH + llnet.PACKET_FANOUT_FLAG_UNIQUEID + llnet.PACKET_FANOUT_FLAG_DEFRAG
  t.equal(s:set_option("PACKET_FANOUT", kind * 2 ^ 16), true)
  local got = t.integer(s:get_option("PACKET_FANOUT"))
  t.equal(math.floor(got / 2 ^ 16), llnet.PACKET_FANOUT_FLAG_DEFRAG)
  t.equal(python(s, "print(s.getsockopt(263, 18) & 0xffffffff)"), ("%.0f"):format(got))
  s:close()
end)

t.case("constants are those of the kernel's headers", function()
  for name, value in pairs { PACKET_MR_MULTICAST = 0, PACKET_MR_PROMISC = 1, PACKET_MR_ALLMULTI = 2,
    PACKET_MR_UNICAST = 3, PACKET_FANOUT_HASH = 0, PACKET_FANOUT_EBPF = 7, PACKET_FANOUT_FLAG_DEFRAG = 0x8000,
    TPACKET_V1 = 0, TPACKET_V3 = 2, TP_STATUS_CSUMNOTREADY = 8, RTNLGRP_LINK = 1, RTNLGRP_NEXTHOP = 32 } do
    t.integer(llnet[name], value)
  end
end)

t.done()
