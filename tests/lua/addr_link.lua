-- SPDX-License-Identifier: MIT
-- addr_link: netlink, packet and vsock addresses, by Python's socket module and by the
-- kernel; all of it Linux's.

local t = require "harness"
local llnet = t.llnet
local Addr = llnet.Addr

-- the results of a call as a list; skips where the system has no such family
local function made(call, ...)
  local addr, name, number = call(...)
  if not addr and name == "ENOTSUP" then t.skip("no such family here") end
  return assert(addr, name, number)
end

t.case("netlink: parts, text, bytes", function()
  local addr = made(Addr.netlink, 4711, llnet.RTMGRP_LINK)
  t.integer(addr:get_family(), llnet.AF_NETLINK)
  t.results({ addr:get_netlink() }, 4711, 1)
  t.integer((addr:get_netlink()))
  t.integer((select(2, addr:get_netlink())))
  t.equal(addr:format(), "netlink:4711:0x1")
  t.equal(tostring(addr), "netlink:4711:0x1")
  t.equal(Addr.parse(addr:format()), addr)
  t.equal(Addr.bytes(addr:get_bytes()), addr)
  t.results({ Addr.netlink():get_netlink() }, 0, 0)
  t.equal(addr:set_netlink(4294967295, 4294967295), true)
  t.results({ addr:get_netlink() }, 4294967295, 4294967295)
  t.raises("number out of range", Addr.netlink, -1)
  t.raises("number out of range", Addr.netlink, 1, 2 ^ 32)
  t.raises("number expected, got string", Addr.netlink, "route")
  t.raises("number expected, got no value", addr.set_netlink, addr, 1)
  t.fails("EAFNOSUPPORT", Addr("127.0.0.1", 1):get_netlink())
  t.fails("EAFNOSUPPORT", addr:get_vsock())
end)

t.case("packet: parts, text, bytes", function()
  local addr = made(Addr.packet, 2, llnet.ETH_P_IP, "\2\66\172\17\0\2")
  t.integer(addr:get_family(), llnet.AF_PACKET)
  t.results({ addr:get_packet() }, 2, 0x0800, llnet.PACKET_HOST, 0)
  t.equal(addr:get_packet_hardware(), "\2\66\172\17\0\2")
  t.equal(addr:format(), "packet:2:0x0800:02:42:ac:11:00:02")
  t.equal(Addr.parse(addr:format()), addr)
  t.equal(Addr.packet(1, llnet.ETH_P_ALL):get_packet_hardware(), "")
  t.equal(#Addr.packet(1, 3, ("h"):rep(32)):get_packet_hardware(), 32)
  t.equal(addr:set_packet(1, 3), true)
  t.equal(addr:format(), "packet:1:0x0003:")
  t.equal(addr:set_packet(1, 3, "a"), true)
  t.equal(addr:format(), "packet:1:0x0003:61")
  t.fails("EINVAL", addr:set_packet(1, 3, ("h"):rep(33)))
  t.fails("EINVAL", Addr.packet(1, 65536))
  t.fails("EINVAL", Addr.packet(1, -1))
  t.raises("number out of range", Addr.packet, -1, 3)
  t.raises("string expected, got table", Addr.packet, 1, 3, {})
  t.raises("string expected, got table", addr.set_packet, addr, 1, 3, {})
  t.raises("number expected, got no value", Addr.packet, 1)
  t.equal(addr:format(), "packet:1:0x0003:61")
  t.fails("EAFNOSUPPORT", Addr("127.0.0.1", 1):get_packet())
  t.fails("EAFNOSUPPORT", Addr("127.0.0.1", 1):get_packet_hardware())
end)

t.case("vsock: parts, text, bytes", function()
  local addr = made(Addr.vsock, llnet.VMADDR_CID_HOST, 1024)
  t.integer(addr:get_family(), llnet.AF_VSOCK)
  t.results({ addr:get_vsock() }, 2, 1024)
  t.equal(addr:format(), "vsock:2:1024")
  t.equal(addr:set_vsock(llnet.VMADDR_CID_ANY, llnet.VMADDR_PORT_ANY), true)
  t.results({ addr:get_vsock() }, 4294967295, 4294967295)
  t.equal(addr:format(), "vsock:any:any")
  t.equal(Addr.parse("vsock:any:any"), addr)
  t.raises("number expected, got no value", Addr.vsock, 1)
  t.fails("EAFNOSUPPORT", Addr("127.0.0.1", 1):get_vsock())
end)

t.case("any other family is its bytes", function()
  local addr = assert(Addr.bytes("\38\0" .. "type bytes of an algorithm"))
  t.equal(#addr:get_bytes(), 28)
  t.equal(Addr.parse(addr:format()), addr)
  t.equal(addr:get_bytes():sub(3), "type bytes of an algorithm")
  t.fails("EAFNOSUPPORT", addr:get_netlink())
end)

-- The socket's address as Python's socket module has it, which inherits it.
local function python_name(sock)
  sock:set_cloexec(false)
  local output = t.python("import socket\ns = socket.socket(fileno=" .. sock:fileno() .. ")\nprint(s.getsockname())")
  sock:set_cloexec(true)
  return output
end

t.case("a bound netlink socket has the name that Python reads", function()
  local sock = assert(llnet.Socket("netlink", "raw", llnet.NETLINK_ROUTE))
  assert(sock:bind(Addr.netlink(0, llnet.RTMGRP_LINK + llnet.RTMGRP_IPV4_IFADDR)))
  local port_id, groups = sock:get_sockname():get_netlink()
  t.equal(groups, 0x11)
  t.equal(python_name(sock), ("(%d, %d)"):format(port_id, groups))
  sock:close()
end)

t.case("a bound vsock socket has the name that Python reads", function()
  local sock = llnet.Socket("vsock", "stream")
  if not sock then t.skip("no vsock here") end
  assert(sock:bind(Addr.vsock(llnet.VMADDR_CID_ANY, llnet.VMADDR_PORT_ANY)))
  local cid, port = sock:get_sockname():get_vsock()
  t.equal(cid, llnet.VMADDR_CID_ANY)
  t.equal(python_name(sock), ("(%d, %d)"):format(cid, port))
  sock:close()
end)

t.case("a bound packet socket has the name that Python reads", function()
  local sock = llnet.Socket("packet", "dgram")
  if not sock then t.skip("may not open packet sockets") end
  local index = tonumber(t.python("import socket\nprint(socket.if_nametoindex('lo'))"))
  assert(sock:bind(Addr.packet(index, llnet.ETH_P_ARP))) -- of which lo has none
  local name = sock:get_sockname()
  local ifindex, ethertype, packet_type, hardware_type = name:get_packet()
  t.equal(ifindex, index)
  t.equal(hardware_type, llnet.ARPHRD_LOOPBACK)
  t.equal(python_name(sock), ("('lo', %d, %d, %d, b'%s')"):format(ethertype, packet_type, hardware_type,
    (name:get_packet_hardware():gsub(".", function(c) return ("\\x%02x"):format(c:byte()) end))))
  t.equal(name:format(), "packet:" .. index .. ":0x0806:00:00:00:00:00:00?type=0&hardware=772")
  sock:close()
end)

t.case("constants are those of Python's socket module", function()
  local names = { "NETLINK_ROUTE", "PACKET_HOST", "PACKET_BROADCAST", "PACKET_OUTGOING", "PACKET_OTHERHOST",
    "VMADDR_CID_ANY", "VMADDR_CID_HOST", "VMADDR_PORT_ANY", "AF_NETLINK", "AF_PACKET", "AF_VSOCK" }
  local output = t.python([[
import socket
for name in "]] .. table.concat(names, " ") .. [[".split():
    if hasattr(socket, name): print(name, getattr(socket, name) & 0xffffffff)
]])
  local seen = 0
  for name, number in output:gmatch("(%S+) (%d+)") do
    t.integer(llnet[name], tonumber(number))
    seen = seen + 1
  end
  t.equal(seen > 5, true)
  t.integer(llnet.ETH_P_ALL, 3)
  t.integer(llnet.ETH_P_IPV6, 0x86dd)
  t.integer(llnet.RTMGRP_IPV6_ROUTE, 0x400)
end)

t.done()
