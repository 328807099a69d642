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

t.done()
