-- SPDX-License-Identifier: MIT
-- addr: addresses from parts, text and bytes, and back; comparing, classifying.

local t = require "harness"
local llnet = t.llnet
local Addr = llnet.Addr

local function bytes_of(hex)
  return (hex:gsub("%x%x", function(pair) return string.char(tonumber(pair, 16)) end))
end

local function hex_of(bytes)
  return (bytes:gsub(".", function(c) return ("%02x"):format(c:byte()) end))
end

t.case("a new address is unspecified", function()
  local addr, zero = Addr()
  t.integer(zero, 0)
  t.integer(addr:get_family(), llnet.AF_UNSPEC)
  t.equal(addr:format(), "unspec")
  t.integer(addr:get_size(), 2)
  t.equal(addr:get_bytes(), "\0\0")
  t.equal(Addr.new(), addr)
  t.raises("bad argument #1", Addr, {})
  t.fails("EAFNOSUPPORT", addr:get_ip())
  t.fails("EAFNOSUPPORT", addr:get_ip_bytes())
  t.fails("EAFNOSUPPORT", addr:get_unix())
  t.fails("EAFNOSUPPORT", addr:get_scope_id())
  t.fails("EAFNOSUPPORT", addr:set_scope_id(1))
  t.fails("EAFNOSUPPORT", addr:get_flowinfo())
  t.fails("EAFNOSUPPORT", addr:set_flowinfo(1))
end)

t.case("an IPv4 address from its parts", function()
  local addr = Addr("192.0.2.1", 8080)
  t.integer(addr:get_family(), llnet.AF_INET)
  t.equal(addr:get_ip(), "192.0.2.1")
  t.integer(addr:get_port(), 8080)
  t.equal(addr:get_ip_bytes(), "\192\0\2\1")
  t.equal(tostring(addr), "192.0.2.1:8080")
  t.equal(addr:format(), "192.0.2.1:8080")
  t.equal(addr:get_address(), "192.0.2.1")
  t.integer(addr:get_size(), 16)
  t.equal(addr:get_bytes():sub(3), "\31\144\192\0\2\1" .. ("\0"):rep(8))
end)

t.case("the bytes of IP addresses are those of Python's inet_pton", function()
  local texts = { "127.0.0.1", "255.255.255.255", "0.0.0.0", "::", "::1", "2001:db8::ff00:42:8329",
    "::ffff:192.0.2.128", "fe80::1", "ff02::1", "1:2:3:4:5:6:7:8", "64:ff9b::1.2.3.4" }
  local output = t.python([[
import socket
for text in "]] .. table.concat(texts, " ") .. [[".split():
    family = socket.AF_INET6 if ":" in text else socket.AF_INET
    raw = socket.inet_pton(family, text)
    print(text, raw.hex(), socket.inet_ntop(family, raw))
]])
  local seen = 0
  for text, hex, back in output:gmatch("(%S+) (%S+) (%S+)") do
    local addr = assert(Addr(text, 1))
    t.equal(hex_of(addr:get_ip_bytes()), hex)
    t.equal(addr:get_ip(), back)
    t.equal(Addr.ip_bytes(bytes_of(hex), 1), addr)
    seen = seen + 1
  end
  t.equal(seen, #texts)
end)

t.case("text that is no IP address is EINVAL, and leaves the address as it was", function()
  local addr = Addr("192.0.2.1", 7)
  for _, text in ipairs { "", "localhost", "256.1.1.1", "1.2.3", "1.2.3.4.5", " 1.2.3.4", "1.2.3.4 ", ":::",
    "1::2::3", "12345::", "fe80::1%", "::1%99999999999", "1.2.3.4%lo" } do
    local results = { addr:set_ip(text, 9) }
    t.equal(results[1], nil, text)
    t.equal(results[2] == "EINVAL" or results[2] == "ENODEV", true, text)
    t.equal(tostring(addr), "192.0.2.1:7")
    t.equal(Addr.ip(text, 9), nil)
    t.equal(Addr(text, 9), nil)
  end
  t.fails("EINVAL", addr:set_ip("1.2.3.4", 65536))
  t.fails("EINVAL", addr:set_ip("1.2.3.4", -1))
  t.fails("EINVAL", Addr.ip_bytes("12345", 1))
  t.fails("EINVAL", Addr.ip_bytes("", 1))
  t.fails("EINVAL", addr:set_ip_bytes("1234", 65536))
  t.equal(tostring(addr), "192.0.2.1:7")
end)

t.case("ports are in host order, from 0 to 65535", function()
  local addr = Addr("192.0.2.1", 0)
  t.integer(addr:get_port(), 0)
  t.integer(addr:set_port(65535), 0)
  t.integer(addr:get_port(), 65535)
  t.results({ addr:set_port(65536) }, -1, "EINVAL", 22)
  t.results({ addr:set_port(-1) }, -1, "EINVAL", 22)
  t.integer(addr:get_port(), 65535)
  t.results({ Addr():set_port(1) }, -1, "EAFNOSUPPORT", 97)
  t.results({ Addr():get_port() }, -1, "EAFNOSUPPORT", 97)
end)

t.case("IPv6 has a scope and flow information", function()
  local addr = Addr("fe80::1", 80)
  t.integer(addr:get_scope_id(), 0)
  t.equal(addr:set_scope_id(1), true)
  t.integer(addr:get_scope_id(), 1)
  t.equal(addr:set_scope_id(4294967295), true)
  t.integer(addr:get_scope_id(), 4294967295)
  t.equal(addr:format(), "[fe80::1%4294967295]:80")
  t.equal(addr:set_flowinfo(0x12345), true)
  t.integer(addr:get_flowinfo(), 0x12345)
  t.equal(addr:format(), "[fe80::1%4294967295]:80?flowinfo=0x12345")
  t.equal(Addr.parse(addr:format()), addr)
  t.raises("number out of range", addr.set_scope_id, addr, 4294967296)
  t.raises("number out of range", addr.set_flowinfo, addr, -1)
  t.fails("EAFNOSUPPORT", Addr("127.0.0.1", 1):get_scope_id())
  t.fails("EAFNOSUPPORT", Addr("127.0.0.1", 1):set_flowinfo(1))
end)

t.case("a scope by interface name is its index", function()
  local index = t.python("import socket\nprint(socket.if_nametoindex('lo'))")
  local addr = assert(Addr("fe80::1%lo", 80))
  t.integer(addr:get_scope_id(), tonumber(index))
  t.equal(addr:get_ip(), "fe80::1%lo")
  t.equal(addr:format(), "[fe80::1%lo]:80")
  t.fails("ENODEV", Addr("fe80::1%nosuch0", 80))
end)

t.case("Unix paths, abstract and unnamed addresses", function()
  local addr = Addr.unix("/run/x.sock")
  t.integer(addr:get_family(), llnet.AF_UNIX)
  t.equal(addr:get_unix(), "/run/x.sock")
  t.equal(addr:format(), "unix:/run/x.sock")
  t.equal(tostring(addr), "/run/x.sock")
  t.equal(addr:get_address(), "/run/x.sock")
  addr = Addr.unix("\0a\0b")
  t.equal(addr:get_unix(), "\0a\0b")
  t.integer(addr:get_size(), 6)
  t.equal(addr:format(), "unix:@a%00b")
  t.equal(tostring(addr), "unix:@a%00b")
  addr = Addr.unix("")
  t.equal(addr:get_unix(), "")
  t.integer(addr:get_size(), 2)
  t.equal(addr:format(), "unix:")
end)

t.case("a Unix path may be 108 bytes, more is ENAMETOOLONG", function()
  local path = "/" .. ("p"):rep(107)
  local addr = assert(Addr.unix(path))
  t.equal(addr:get_unix(), path)
  t.equal(Addr.parse(addr:format()), addr)
  t.fails("ENAMETOOLONG", Addr.unix(path .. "p"))
  t.results({ addr:set_unix(path .. "p") }, -1, "ENAMETOOLONG", 36)
  t.equal(addr:get_unix(), path)
  t.fails("EINVAL", Addr.unix("/a\0b"))
end)

t.case("parse reads every text form, and format gives it back", function()
  for _, text in ipairs { "127.0.0.1:80", "0.0.0.0:0", "[::1]:65535", "[::ffff:1.2.3.4]:5",
    "[2001:db8::1]:80?flowinfo=0x12345", "unix:/run/x.sock", "unix:@name", "unix:", "unix:%40x", "unix:a%20b",
    "unspec", "unix:/%25/%7f%01" } do
    local addr = assert(Addr.parse(text))
    t.equal(addr:format(), text)
    t.equal(Addr.parse(addr:format()), addr)
    t.equal(Addr.bytes(addr:get_bytes()), addr)
  end
end)

t.case("bad text is EINVAL and leaves the address as it was", function()
  local addr = Addr("192.0.2.1", 7)
  for _, text in ipairs { "", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1:+1",
    "127.0.0.1: 1", "127.0.0.1:1x", "[::1]", "[::1:80", "::1:80", "[::1]80", "localhost:80", "unix", "unix:%4",
    "unix:%zz", "unspecified", "family:", "family:x:00" } do
    t.fails("EINVAL", addr:parse(text))
    t.fails("EINVAL", Addr.parse(text))
    t.equal(addr:format(), "192.0.2.1:7", text)
  end
  t.fails("ENAMETOOLONG", Addr.parse("unix:" .. ("x"):rep(109)))
  t.fails("ENODEV", Addr.parse("[fe80::1%nosuch0]:80"))
  t.raises("NUL", Addr.parse, "127.0.0.1:80\0")
end)

t.case("bytes in and out, with EINVAL for what cannot be an address", function()
  local addr = Addr("192.0.2.1", 7)
  local copy = Addr()
  t.equal(copy:set_bytes(addr:get_bytes()), true)
  t.equal(copy, addr)
  t.equal(addr:todata(), addr:get_bytes())
  t.integer(addr:sockaddr_len(), 16)
  t.fails("EINVAL", copy:set_bytes(""))
  t.fails("EINVAL", copy:set_bytes("\2"))
  t.fails("EINVAL", copy:set_bytes(addr:get_bytes():sub(1, 15)))
  t.fails("EINVAL", copy:set_bytes(addr:get_bytes() .. ("\0"):rep(113)))
  t.fails("EINVAL", Addr.bytes("x"))
  t.equal(copy, addr)
end)

t.case("a family of any number is an address", function()
  local addr = Addr.family(llnet.AF_INET)
  t.equal(addr:format(), "0.0.0.0:0")
  t.equal(Addr.family("inet6"):format(), "[::]:0")
  t.equal(addr:set_family("unix"), true)
  t.equal(addr:format(), "unix:")
  local netlink = Addr.family("netlink")
  t.integer(netlink:get_family(), 16)
  t.equal(netlink:get_bytes():sub(3), ("\0"):rep(14))
  t.equal(Addr.parse(netlink:format()), netlink)
  t.fails("EAFNOSUPPORT", addr:set_family(65536))
  t.fails("EAFNOSUPPORT", Addr.family(-1))
  t.raises("unknown address family 'nosuch'", addr.set_family, addr, "nosuch")
  t.equal(addr:format(), "unix:")
end)

t.case("the size is bounds-checked", function()
  local addr = Addr("192.0.2.1", 7)
  t.equal(addr:set_size(128), true)
  t.integer(addr:get_size(), 128)
  t.equal(#addr:get_bytes(), 128)
  t.raises("Out of bounds", addr.set_size, addr, 129)
  t.raises("Out of bounds", addr.set_size, addr, 1)
  t.raises("Out of bounds", addr.resize, addr, 1000)
  t.raises("number out of range", addr.set_size, addr, -1)
  t.integer(addr:get_size(), 128)
  t.equal(addr:set_size(16), true)
  t.equal(addr:format(), "192.0.2.1:7")
end)

t.case("sockaddr is light userdata, always the same", function()
  local addr = Addr("192.0.2.1", 7)
  t.equal(type(addr:sockaddr()), "userdata")
  t.equal(addr:sockaddr(), addr:sockaddr())
  t.equal(addr:sockaddr() == Addr():sockaddr(), false)
end)

t.case("init makes an address unspecified again", function()
  local addr = Addr("192.0.2.1", 7)
  t.equal(addr:init(), true)
  t.equal(addr, Addr())
end)

t.case("equal compares values, and nothing else is equal", function()
  local a, b = Addr("192.0.2.1", 7), Addr("192.0.2.1", 7)
  t.equal(a == b, true)
  t.equal(rawequal(a, b), false)
  t.equal(a:equal(b), true)
  t.integer(a:compare(b), 0)
  t.equal(a == Addr("192.0.2.1", 8), false)
  t.equal(a == Addr("192.0.2.2", 7), false)
  t.equal(a == Addr("::ffff:192.0.2.1", 7), false)
  t.equal(a == "192.0.2.1:7", false)
  t.equal(a == io.stdout, false)
  t.equal(a == llnet.Buffer(1), false)
  t.raises("Addr expected, got string", a.equal, a, "192.0.2.1:7")
end)

t.case("addresses with fields compare as those without", function()
  local a, b, c = Addr("192.0.2.1", 7), Addr("192.0.2.1", 7), Addr("192.0.2.1", 8)
  a.x = 1
  t.equal(a == b, true)
  t.equal(b == a, true)
  t.equal(a < c, true)
  t.equal(c < a, false)
  t.equal(a <= b, true)
  c.x = 1
  t.equal(a == c, false)
  t.equal(a < c, true)
end)

t.case("the order is by family, address, port", function()
  local sorted = { Addr(), Addr.unix("a"), Addr.unix("b"), Addr("1.2.3.4", 5), Addr("1.2.3.4", 80), Addr("1.2.3.5", 1),
    Addr("10.0.0.0", 0), Addr("::1", 1), Addr("::2", 0) }
  for i, a in ipairs(sorted) do
    for j, b in ipairs(sorted) do
      t.equal(a < b, i < j, i .. " < " .. j)
      t.equal(a <= b, i <= j, i .. " <= " .. j)
      t.equal(a == b, i == j, i .. " == " .. j)
      t.equal(a > b, i > j)
      local sign = t.integer(a:compare(b))
      t.equal(sign < 0, i < j)
      t.equal(sign > 0, i > j)
    end
  end
  local ok = pcall(function() return sorted[1] < 5 end)
  t.equal(ok, false)
  ok = pcall(function() return sorted[1] < io.stdout end)
  t.equal(ok, false)
end)

t.case("equal addresses have one hash", function()
  t.integer(Addr("1.2.3.4", 5):hash())
  t.equal(Addr("1.2.3.4", 5):hash(), Addr.parse("1.2.3.4:5"):hash())
  local seen, distinct = {}, 0
  for port = 1, 1000 do
    local hash = Addr("1.2.3.4", port):hash()
    if not seen[hash] then distinct = distinct + 1 end
    seen[hash] = true
  end
  assert(distinct > 990, distinct)
end)

t.case("addresses are classified as Python's ipaddress does", function()
  local texts = { "0.0.0.0", "127.0.0.1", "127.255.255.255", "128.0.0.0", "224.0.0.1", "239.255.255.255",
    "240.0.0.0", "169.254.1.1", "169.253.1.1", "::", "::1", "::2", "ff02::1", "fe80::1", "febf::1", "fec0::1",
    "::ffff:127.0.0.1", "2001:db8::1" }
  local output = t.python([[
import ipaddress
for text in "]] .. table.concat(texts, " ") .. [[".split():
    a = ipaddress.ip_address(text)
    m = getattr(a, "ipv4_mapped", None)
    j = m or a
    print(text, *[int(bool(x)) for x in
        (j.is_unspecified, j.is_loopback, j.is_multicast, j.is_link_local, m is not None)])
]])
  local seen = 0
  for text, flags in output:gmatch("(%S+) ([01 ]+)") do
    local addr, got = Addr(text, 0), {}
    for i, name in ipairs { "is_any", "is_loopback", "is_multicast", "is_link_local", "is_v4_mapped" } do
      t.equal(type(addr[name](addr)), "boolean")
      got[i] = addr[name](addr) and "1" or "0"
    end
    t.equal(table.concat(got, " "), (flags:gsub("%s+$", "")), text)
    seen = seen + 1
  end
  t.equal(seen, #texts)
end)

t.case("private addresses are those of RFC 1918 and RFC 4193", function()
  for text, private in pairs {
    ["10.0.0.0"] = true, ["10.255.255.255"] = true, ["9.255.255.255"] = false, ["11.0.0.0"] = false,
    ["172.16.0.0"] = true, ["172.31.255.255"] = true, ["172.15.255.255"] = false, ["172.32.0.0"] = false,
    ["192.168.0.0"] = true, ["192.169.0.0"] = false, ["fc00::"] = true, ["fdff::1"] = true, ["fe00::"] = false,
    ["fbff::1"] = false, ["::ffff:10.1.2.3"] = true, ["8.8.8.8"] = false,
  } do
    t.equal(Addr(text, 0):is_private(), private, text)
  end
  t.equal(Addr.unix("/10.0.0.1"):is_private(), false)
  t.equal(Addr():is_any(), false)
end)

t.case("get_nameinfo gives host and service", function()
  local host, service = Addr("127.0.0.1", 80):get_nameinfo(llnet.NI_NUMERICHOST + llnet.NI_NUMERICSERV)
  t.equal(host, "127.0.0.1")
  t.equal(service, "80")
  t.fails("EAI_FAMILY", Addr():get_nameinfo(0))
end)

t.case("wrong arguments raise", function()
  local addr = Addr()
  t.raises("string expected, got nil", addr.set_ip, addr, nil, 1)
  t.raises("number expected, got no value", addr.set_ip, addr, "1.2.3.4")
  t.raises("number expected, got string", addr.set_ip, addr, "1.2.3.4", "http")
  t.raises("number has no integer representation", addr.set_ip, addr, "1.2.3.4", 1.5)
  t.raises("NUL", addr.set_ip, addr, "1.2.3.4\0", 1)
  t.raises("string expected, got table", addr.set_unix, addr, {})
  t.raises("string expected, got no value", addr.set_bytes, addr)
  t.raises("Addr expected, got Buffer", addr.get_family, llnet.Buffer(1))
end)

t.done()
