-- SPDX-License-Identifier: MIT
-- option: socket options by name, as Lua values, and by number.

local t = require "harness"
local llnet = t.llnet
local Socket, Addr, option = llnet.Socket, llnet.Addr, llnet.option
local unpack = unpack or table.unpack

local function with(domain, socktype, body)
  local s = assert(Socket(domain, socktype))
  body(s)
  s:close()
end

-- What a Python program prints that inherits the socket as s.
local function python_getsockopt(s, program)
  s:set_cloexec(false)
  local output = t.python("import socket, struct\ns = socket.socket(fileno=" .. s:fileno() .. ")\n" .. program)
  s:set_cloexec(true)
  return output
end

-- ---- the catalogue -------------------------------------------------------------

t.case("at and find walk the catalogue, sorted by name", function()
  local index, last = 0, ""
  local name = option.at(0)
  while name do
    assert(last < name, name)
    t.equal(option.find(name), name)
    t.equal(option.get_name(name), name)
    t.integer(option.get_type(name))
    t.equal(option.is_defined(name), option.get_level(name) ~= -1)
    if option.is_defined(name) then t.integer(option.get_number(name)) end
    t.equal(option.is_readable(name) or option.is_writable(name), true, name)
    last, index = name, index + 1
    name = option.at(index)
  end
  assert(index > 200, index)
  t.equal(option.find("SO_NOSUCH"), nil)
  t.equal(option.find(""), nil)
end)

t.case("levels and numbers are those of Python's socket module", function()
  local output = t.python([[
import socket
for name in dir(socket):
    if name.startswith(("SO_", "TCP_", "IP_", "IPV6_")) and isinstance(getattr(socket, name), int):
        print(name, getattr(socket, name))
]])
  local seen = 0
  for name, number in output:gmatch("(%S+) (%d+)") do
    if option.find(name) and option.is_defined(name) then
      t.integer(option.get_number(name), tonumber(number))
      seen = seen + 1
    end
  end
  assert(seen > 60, seen)
  t.integer(option.get_level("SO_REUSEADDR"), llnet.SOL_SOCKET)
  t.integer(option.get_level("TCP_NODELAY"), llnet.IPPROTO_TCP)
  t.integer(option.get_level("IP_TTL"), llnet.IPPROTO_IP)
  t.integer(option.get_level("IPV6_V6ONLY"), llnet.IPPROTO_IPV6)
end)

t.case("types, directions and fields are told", function()
  for name, expected in pairs {
    SO_REUSEADDR = "flag", SO_RCVBUF = "integer", SO_RCVTIMEO = "time", TCP_CONGESTION = "string",
    SO_PEERGROUPS = "list", IP_OPTIONS = "bytes", IP_MULTICAST_IF = "address", SO_LINGER = "record",
  } do
    t.equal(option.get_type_name(name), expected)
  end
  t.equal(option.is_readable("SO_ERROR"), true)
  t.equal(option.is_writable("SO_ERROR"), false)
  t.equal(option.is_readable("IP_ADD_MEMBERSHIP"), false)
  t.integer(option.get_field_count("SO_LINGER"), 2)
  t.equal(option.get_field_name("SO_LINGER", 0), "on")
  t.equal(option.get_field_name("SO_LINGER", 1), "seconds")
  t.equal(option.get_field_name("SO_LINGER", 2), nil)
  t.integer(option.get_field_type("SO_LINGER", 0), llnet.OPTION_FLAG)
  t.integer(option.get_field_type("SO_LINGER", 2), -1)
  t.integer(option.get_field_count("SO_RCVBUF"), 0)
  t.integer(option.get_record_size("SO_LINGER"), 8)
  t.equal(option.is_repeating("SO_LINGER"), false)
  t.equal(option.is_repeating("IP_MSFILTER"), true)
  t.raises("unknown option 'SO_NOSUCH'", option.get_type, "SO_NOSUCH")
  t.raises("string expected, got nil", option.get_type, nil)
  t.raises("NUL", option.find, "SO_TYPE\0")
end)

t.case("probe asks the kernel", function()
  t.equal(option.probe("SO_REUSEADDR"), true)
  t.equal(option.probe("TCP_NODELAY"), true)
  t.fails("ENOTSUP", option.probe("IPV6_BINDANY"))
end)

-- ---- flags and integers ------------------------------------------------------------

t.case("a flag is a boolean, and 0 or 1 to set", function()
  with("inet", "stream", function(s)
    t.equal(s:get_option("SO_REUSEADDR"), false)
    for value, expected in pairs { [true] = true, [false] = false, [1] = true, [0] = false } do
      t.equal(s:set_option("SO_REUSEADDR", value), true)
      t.equal(s:get_option("SO_REUSEADDR"), expected)
    end
    t.raises("SO_REUSEADDR wants a boolean, 0 or 1, got string", s.set_option, s, "SO_REUSEADDR", "1")
    t.raises("SO_REUSEADDR wants a boolean, 0 or 1, got nil", s.set_option, s, "SO_REUSEADDR", nil)
    t.raises("SO_REUSEADDR wants a boolean, 0 or 1, got nil", s.set_option, s, "SO_REUSEADDR")
    t.raises("SO_REUSEADDR wants a boolean, 0 or 1, got 0.5", s.set_option, s, "SO_REUSEADDR", 0.5)
    t.fails("ERANGE", s:set_option("SO_REUSEADDR", 2))
  end)
end)

t.case("an integer is an integer, and what Python reads", function()
  with("inet", "stream", function(s)
    t.equal(s:set_option("IP_TTL", 42), true)
    t.integer(s:get_option("IP_TTL"), 42)
    t.equal(s:set_option("SO_RCVBUF", 20000), true)
    t.integer(s:get_option("SO_RCVBUF"), 40000) -- socket(7): the kernel doubles it
    t.equal(s:set_option("TCP_KEEPIDLE", 77), true)
    t.equal(python_getsockopt(s, [[
print(s.getsockopt(0, socket.IP_TTL), s.getsockopt(6, socket.TCP_KEEPIDLE),
      s.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF))]]), "42 77 40000")
    t.fails("EINVAL", s:set_option("IP_TTL", 256))
    t.fails("ERANGE", s:set_option("SO_RCVBUF", 2 ^ 40))
    t.raises("SO_RCVBUF wants an integer, got 1.5", s.set_option, s, "SO_RCVBUF", 1.5)
    t.raises("SO_RCVBUF wants an integer, got boolean", s.set_option, s, "SO_RCVBUF", true)
    t.raises("SO_RCVBUF wants an integer, got string", s.set_option, s, "SO_RCVBUF", "1")
    t.raises("SO_RCVBUF wants an integer, got Addr", s.set_option, s, "SO_RCVBUF", Addr())
    t.raises("SO_RCVBUF wants an integer", s.set_option, s, "SO_RCVBUF", 0 / 0)
  end)
end)

t.case("an option of one direction answers EACCES in the other", function()
  with("inet", "stream", function(s)
    t.fails("EACCES", s:set_option("SO_TYPE", 1))
    t.fails("EACCES", s:get_option("IP_ADD_MEMBERSHIP"))
    t.integer(s:get_option("SO_TYPE"), llnet.SOCK_STREAM)
    t.integer(s:get_option("SO_ERROR"), 0)
  end)
end)

t.case("an unknown name raises, one that this platform lacks is ENOTSUP", function()
  with("inet6", "stream", function(s)
    t.raises("unknown option 'SO_NOSUCH'", s.get_option, s, "SO_NOSUCH")
    t.raises("unknown option 'SO_NOSUCH'", s.set_option, s, "SO_NOSUCH", 1)
    t.raises("unknown option 'so_type'", s.get_option, s, "so_type")
    t.raises("string expected, got no value", s.get_option, s)
    t.raises("NUL", s.get_option, s, "SO_TYPE\0")
    t.fails("ENOTSUP", s:get_option("IPV6_BINDANY"))
    t.fails("ENOTSUP", s:set_option("IPV6_BINDANY", 1))
  end)
end)

t.case("an option of another protocol is the kernel's error", function()
  with("inet", "dgram", function(s)
    t.fails("ENOPROTOOPT", s:set_option("TCP_NODELAY", true))
    t.fails("ENOTSUP", s:get_option("TCP_INFO")) -- the kernel's EOPNOTSUPP
    t.equal(s:set_option("SO_BROADCAST", true), true)
    t.equal(s:get_option("SO_BROADCAST"), true)
  end)
end)

-- ---- times -----------------------------------------------------------------------------

t.case("a time is in seconds, with a fraction", function()
  with("inet", "stream", function(s)
    t.equal(s:get_option("SO_RCVTIMEO"), 0)
    t.equal(s:set_option("SO_RCVTIMEO", 1.5), true)
    t.equal(s:get_option("SO_RCVTIMEO"), 1.5)
    t.equal(python_getsockopt(s, [[
print(*struct.unpack("@ll", s.getsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, 16)))]]), "1 500000")
    t.equal(s:set_option("SO_SNDTIMEO", 3), true)
    t.equal(s:get_option("SO_SNDTIMEO"), 3)
    -- not 0, which would wait for ever
    t.equal(s:set_option("SO_RCVTIMEO", 1e-9), true)
    assert(s:get_option("SO_RCVTIMEO") > 0)
    t.equal(s:set_option("SO_RCVTIMEO", 0), true)
    t.equal(s:get_option("SO_RCVTIMEO"), 0)
    for _, bad in ipairs { -1, 0 / 0, 1 / 0, 1e13 } do
      t.raises("SO_RCVTIMEO wants a number of seconds", s.set_option, s, "SO_RCVTIMEO", bad)
    end
    t.raises("SO_RCVTIMEO wants a number of seconds, got string", s.set_option, s, "SO_RCVTIMEO", "1")
  end)
end)

t.case("a receive timeout ends a receive with EAGAIN", function()
  local a, b = t.unix_pair()
  t.equal(b:set_option("SO_RCVTIMEO", 0.01), true)
  t.fails("EAGAIN", b:recv(1))
  a:close()
  b:close()
end)

-- ---- strings and bytes -------------------------------------------------------------------

t.case("a string goes both ways", function()
  with("inet", "stream", function(s)
    local name = s:get_option("TCP_CONGESTION")
    assert(type(name) == "string" and #name > 0 and not name:find("%z"), name)
    t.equal(s:set_option("TCP_CONGESTION", "reno"), true)
    t.equal(s:get_option("TCP_CONGESTION"), "reno")
    t.equal(s:get_option_data("TCP_CONGESTION"), "reno")
    t.fails("ENOENT", s:set_option("TCP_CONGESTION", "nosuch"))
    t.fails("ENAMETOOLONG", s:set_option("TCP_CONGESTION", ("x"):rep(16)))
    t.fails("EINVAL", s:set_option("TCP_CONGESTION", "re\0no"))
    t.raises("TCP_CONGESTION wants a string, got number", s.set_option, s, "TCP_CONGESTION", 1)
    t.raises("TCP_CONGESTION wants a string, got table", s.set_option, s, "TCP_CONGESTION", {})
    t.equal(s:get_option("TCP_CONGESTION"), "reno")
  end)
end)

t.case("bytes go both ways", function()
  with("inet", "dgram", function(s)
    t.equal(s:get_option("IP_OPTIONS"), "")
    t.equal(s:set_option("IP_OPTIONS", "\1\1\1\0"), true) -- RFC 791: no operation, three times, end
    t.equal(s:get_option("IP_OPTIONS"), "\1\1\1\0")
    t.raises("IP_OPTIONS wants a string, got boolean", s.set_option, s, "IP_OPTIONS", true)
  end)
end)

-- ---- records -----------------------------------------------------------------------------

t.case("SO_LINGER is a table with on and seconds", function()
  with("inet", "stream", function(s)
    local linger = s:get_option("SO_LINGER")
    t.equal(linger.on, false)
    t.integer(linger.seconds, 0)
    t.equal(s:set_option("SO_LINGER", { on = true, seconds = 5 }), true)
    linger = s:get_option("SO_LINGER")
    t.equal(linger.on, true)
    t.integer(linger.seconds, 5)
    t.equal(python_getsockopt(s, [[
print(*struct.unpack("@ii", s.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER, 8)))]]), "1 5")
    t.equal(s:get_option_data("SO_LINGER"), s:get_option_raw(llnet.SOL_SOCKET, option.get_number("SO_LINGER"), 8))
    t.equal(s:set_option("SO_LINGER", {}), true)
    t.equal(s:get_option("SO_LINGER").on, false)
  end)
end)

t.case("a wrong field says which and what it wants", function()
  with("inet", "stream", function(s)
    local function raises(text, value) t.raises(text, s.set_option, s, "SO_LINGER", value) end
    raises("SO_LINGER wants a table, got number", 5)
    raises("SO_LINGER wants a table, got nil", nil)
    raises("SO_LINGER wants a table, got Socket", s)
    raises("SO_LINGER has no field 'off'", { off = true })
    raises("SO_LINGER: field names are strings", { true, 5 })
    raises("SO_LINGER: field 'on' wants a boolean, got 0.5", { on = 0.5 })
    raises("SO_LINGER: field 'on' wants a boolean, got string", { on = "yes" })
    raises("SO_LINGER: field 'seconds' wants an integer, got 1.5", { seconds = 1.5 })
    raises("SO_LINGER: field 'seconds' wants an integer, got string", { seconds = "5" })
    raises("SO_LINGER: field 'seconds' wants an integer, got boolean", { seconds = true })
    raises("SO_LINGER: field 'seconds': ", { seconds = 2 ^ 40 })
    t.equal(s:get_option("SO_LINGER").on, false)
  end)
end)

t.case("TCP_INFO has named fields, as Python unpacks them", function()
  local client, server = t.tcp_pair()
  client:send("12345")
  server:recv(5)
  local info = client:get_option("TCP_INFO")
  t.integer(info.state, llnet.TCP_ESTABLISHED)
  t.integer(info.rtt_us)
  t.integer(info.snd_mss)
  t.integer(info.bytes_sent, 5)
  t.equal(type(info.delivery_rate_app_limited), "boolean")
  local output = python_getsockopt(client, [[
raw = s.getsockopt(6, socket.TCP_INFO, 104)
v = struct.unpack("8B24I", raw)
print(v[0], v[8], v[10], v[11], v[17], v[21], v[22], v[26], v[27], v[28])]])
  local expected = {}
  for number in output:gmatch("%d+") do expected[#expected + 1] = tonumber(number) end
  local names = { "state", "rto_us", "snd_mss", "rcv_mss", "last_data_sent_ms", "pmtu", "rcv_ssthresh", "snd_cwnd",
    "advmss", "reordering" }
  t.equal(#expected, #names)
  for i, name in ipairs(names) do
    -- time goes on meanwhile
    if name ~= "last_data_sent_ms" then t.integer(info[name], expected[i]) end
  end
  t.integer(server:get_option("TCP_INFO").bytes_received, 5)
  t.fails("EACCES", client:set_option("TCP_INFO", {}))
  client:close()
  server:close()
  with("inet", "stream", function(s) t.integer(s:get_option("TCP_INFO").state, llnet.TCP_CLOSE) end)
end)

t.case("MPTCP_INFO has named fields, as Python unpacks them", function()
  if option.probe("MPTCP_INFO") ~= true then t.skip("no MPTCP here") end
  local listener = assert(Socket("inet", "stream", "mptcp"))
  assert(listener:bind(Addr("127.0.0.1", 0)))
  assert(listener:listen(1))
  local client = assert(Socket("inet", "stream", "mptcp"))
  assert(client:connect(listener:get_sockname()))
  local server = assert(listener:accept())
  client:send("12345")
  t.equal(server:recv(5), "12345")
  local info = server:get_option("MPTCP_INFO")
  t.integer(info.subflows, 0)
  t.integer(info.flags, llnet.MPTCP_INFO_FLAG_REMOTE_KEY_RECEIVED)
  t.equal(type(info.csum_enabled), "boolean")
  local output = python_getsockopt(server, [[
raw = s.getsockopt(284, 1, 96)
print(*struct.unpack("=6B2x2I", raw[:16]), *(struct.unpack("=Q", raw[64:72]) if len(raw) >= 72 else []))]])
  local names = { "subflows", "add_addr_signal", "add_addr_accepted", "subflows_max", "add_addr_signal_max",
    "add_addr_accepted_max", "flags", "token", "bytes_received" }
  local index = 0
  for number in output:gmatch("%d+") do
    index = index + 1
    t.integer(info[names[index]], tonumber(number))
  end
  assert(index >= 8, output)
  t.equal(info.bytes_received == nil or info.bytes_received == 5, true)
  t.fails("EACCES", server:set_option("MPTCP_INFO", {}))
  for _, s in ipairs { listener, client, server } do s:close() end
end)

t.case("SO_PEERCRED tells who is at the other end", function()
  local a, b = t.unix_pair()
  local cred = a:get_option("SO_PEERCRED")
  local output = python_getsockopt(a, [[
print(*struct.unpack("3i", s.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)))]])
  t.equal(("%d %d %d"):format(t.integer(cred.pid), t.integer(cred.uid), t.integer(cred.gid)), output)
  a:close()
  b:close()
end)

t.case("SO_PEERGROUPS is the list of the peer's groups", function()
  local path = os.tmpname()
  os.remove(path)
  local listener = assert(Socket("unix", "stream"))
  assert(listener:bind(Addr.unix(path)))
  assert(listener:listen(1))
  local output = t.python(([[
import os, socket
try: os.setgroups([7, 5, 4294967294])
except PermissionError: pass
socket.socket(socket.AF_UNIX).connect(%q)
print("groups", *sorted(os.getgroups()))]]):format(path))
  os.remove(path)
  local peer = assert(listener:accept())
  local groups = peer:get_option("SO_PEERGROUPS")
  for _, group in ipairs(groups) do t.integer(group) end
  t.equal(table.concat({ "groups", unpack(groups) }, " "), output)
  t.raises("SO_PEERGROUPS wants a list of numbers, got string", peer.set_option, peer, "SO_PEERGROUPS", "5")
  t.fails("EACCES", peer:set_option("SO_PEERGROUPS", { 5 }))
  peer:close()
  listener:close()
end)

-- What ss(8) tells of the UDP socket at this port.
local function ss(port)
  local pipe = io.popen("env -u LD_PRELOAD -u LD_LIBRARY_PATH ss -Hunaem 'sport = :" .. port .. "' 2>/dev/null")
  local output = pipe:read("*a")
  pipe:close()
  if not output:find("skmem:") then t.skip("no ss here that tells of memory") end
  return output
end

t.case("SO_COOKIE is the number that ss shows", function()
  local a, b, addr = t.udp_pair()
  local cookie = t.integer(a:get_option("SO_COOKIE"))
  t.equal(ss(addr:get_port()):match(" sk:(%x+)"), ("%x"):format(cookie))
  t.equal(b:get_option("SO_COOKIE") ~= cookie, true)
  t.fails("EACCES", a:set_option("SO_COOKIE", 1))
  a:close()
  b:close()
end)

t.case("SO_MEMINFO has the figures that ss shows", function()
  local a, b, addr = t.udp_pair()
  a:set_option("SO_RCVBUF", 20000)
  a:set_option("SO_SNDBUF", 30000)
  b:sendto("unread", addr)
  t.equal(a:poll(llnet.POLLIN, 5000), llnet.POLLIN)
  local shown, info = ss(addr:get_port()), a:get_option("SO_MEMINFO")
  for letter, field in pairs { r = "rmem_alloc", rb = "rcvbuf", t = "wmem_alloc", tb = "sndbuf", f = "fwd_alloc",
    w = "wmem_queued", o = "optmem", bl = "backlog", d = "drops" } do
    t.integer(info[field], tonumber(shown:match("[(,]" .. letter .. "(%d+)")))
  end
  t.equal(info.rcvbuf, 40000)
  t.equal(info.rmem_alloc > 0, true)
  a:close()
  b:close()
end)

t.case("SO_PEERPIDFD, of which each reading makes a descriptor, is no option", function()
  t.equal(option.find("SO_PEERPIDFD"), nil)
end)

-- ---- multicast ------------------------------------------------------------------------------

t.case("IP_MULTICAST_IF is set by index and by address", function()
  with("inet", "dgram", function(s)
    t.equal(tostring(s:get_option("IP_MULTICAST_IF")), "0.0.0.0:0")
    t.equal(s:set_option("IP_MULTICAST_IF", Addr("127.0.0.1", 0)), true)
    t.equal(s:get_option("IP_MULTICAST_IF"), Addr("127.0.0.1", 0))
    t.equal(s:set_option("IP_MULTICAST_IF", Addr("0.0.0.0", 0)), true)
    t.equal(s:set_option("IP_MULTICAST_IF", 1), true)
    t.fails("EADDRNOTAVAIL", s:set_option("IP_MULTICAST_IF", 999999))
    t.fails("EAFNOSUPPORT", s:set_option("IP_MULTICAST_IF", Addr("::1", 0)))
    t.raises("IP_MULTICAST_IF wants an Addr, got string", s.set_option, s, "IP_MULTICAST_IF", "127.0.0.1")
    t.raises("IP_MULTICAST_IF wants an Addr, got 1.5", s.set_option, s, "IP_MULTICAST_IF", 1.5)
    t.raises("IP_MULTICAST_IF wants an Addr, got nil", s.set_option, s, "IP_MULTICAST_IF", nil)
  end)
end)

t.case("groups are joined by address and by index, and left", function()
  local group = Addr("239.1.2.3", 0)
  for _, via in ipairs { { address = Addr("127.0.0.1", 0) }, { index = 1 } } do
    with("inet", "dgram", function(s)
      via.group = group
      t.equal(s:set_option("IP_ADD_MEMBERSHIP", via), true)
      t.fails("EADDRINUSE", s:set_option("IP_ADD_MEMBERSHIP", via))
      t.equal(s:set_option("IP_DROP_MEMBERSHIP", via), true)
      t.fails("EADDRNOTAVAIL", s:set_option("IP_DROP_MEMBERSHIP", via))
    end)
  end
  with("inet", "dgram", function(s)
    t.fails("EINVAL", s:set_option("IP_ADD_MEMBERSHIP", { group = Addr("10.0.0.1", 0), index = 1 }))
    t.raises("IP_ADD_MEMBERSHIP: field 'group' wants an Addr, got string", s.set_option, s, "IP_ADD_MEMBERSHIP",
      { group = "239.1.2.3" })
    t.raises("IP_ADD_MEMBERSHIP: field 'group': ", s.set_option, s, "IP_ADD_MEMBERSHIP", { group = Addr("ff02::1", 0) })
  end)
end)

t.case("IPv6 groups by index, source groups and filters", function()
  with("inet6", "dgram", function(s)
    local request = { group = Addr("ff01::1234", 0), index = 1 }
    t.equal(s:set_option("IPV6_JOIN_GROUP", request), true)
    t.fails("EADDRINUSE", s:set_option("IPV6_JOIN_GROUP", request))
    t.equal(s:set_option("IPV6_LEAVE_GROUP", request), true)
    t.equal(s:set_option("IPV6_MULTICAST_IF", 1), true)
    t.integer(s:get_option("IPV6_MULTICAST_IF"), 1)
  end)
  with("inet", "dgram", function(s)
    local lo, group = Addr("127.0.0.1", 0), Addr("232.1.2.3", 0)
    local request = { group = group, address = lo, source = Addr("127.0.0.2", 0) }
    t.equal(s:set_option("IP_ADD_SOURCE_MEMBERSHIP", request), true)
    t.equal(s:set_option("IP_DROP_SOURCE_MEMBERSHIP", request), true)
    t.equal(s:set_option("MCAST_JOIN_GROUP", { index = 1, group = group }), true)
    t.equal(s:set_option("MCAST_LEAVE_GROUP", { index = 1, group = group }), true)
    -- a filter: the list grows with its elements
    t.equal(s:set_option("IP_ADD_MEMBERSHIP", { group = group, address = lo }), true)
    local sources = {}
    for i = 1, 8 do sources[i] = (Addr("127.0.0." .. i + 1, 0)) end
    t.equal(s:set_option("IP_MSFILTER",
      { group = group, address = lo, mode = llnet.MCAST_EXCLUDE, sources = sources }), true)
    t.equal(s:set_option("IP_MSFILTER", { group = group, address = lo, mode = llnet.MCAST_EXCLUDE, sources = {} }),
      true)
    t.raises("IP_MSFILTER: field 'sources' wants a table, got Addr", s.set_option, s, "IP_MSFILTER",
      { group = group, sources = lo })
    t.raises("IP_MSFILTER: field 'sources' wants an Addr, got number", s.set_option, s, "IP_MSFILTER",
      { group = group, sources = { lo, 5 } })
  end)
end)

-- ---- by number ---------------------------------------------------------------------------------

t.case("raw access by level and number", function()
  with("inet", "stream", function(s)
    local level, reuse, linger = llnet.SOL_SOCKET, option.get_number("SO_REUSEADDR"), option.get_number("SO_LINGER")
    t.integer(s:get_option_raw(level, reuse), 0)
    t.equal(s:set_option_raw(level, reuse, 1), true)
    t.integer(s:get_option_raw(level, reuse), 1)
    t.equal(s:get_option("SO_REUSEADDR"), true)
    t.equal(#s:get_option_raw(level, reuse, 4), 4)
    t.equal(#s:get_option_raw(level, reuse, 100), 4)
    t.equal(s:set_option_raw(level, linger, s:get_option_raw(level, linger, 8)), true)
    t.equal(s:set_option_raw(6, option.get_number("TCP_CONGESTION"), "reno"), true)
    t.equal(s:get_option_raw(6, option.get_number("TCP_CONGESTION"), 16), "reno" .. ("\0"):rep(12))
    t.equal(s:get_option_raw(level, reuse, 0), "")
    t.fails("ENOPROTOOPT", s:get_option_raw(level, 9999))
    t.fails("ENOPROTOOPT", s:set_option_raw(level, 9999, 1))
    t.fails("EINVAL", s:set_option_raw(level, linger, "x"))
    t.raises("number out of range", s.get_option_raw, s, level, reuse, 2 ^ 31)
    t.raises("number out of range", s.get_option_raw, s, level, reuse, -1)
    t.raises("number out of range", s.set_option_raw, s, level, reuse, 2 ^ 31)
    t.raises("string expected, got nil", s.set_option_raw, s, level, reuse, nil)
    t.raises("string expected, got boolean", s.set_option_raw, s, level, reuse, true)
  end)
end)

t.case("typed access by name", function()
  with("inet", "stream", function(s)
    t.equal(s:set_option_int("SO_REUSEADDR", 1), true)
    t.integer(s:get_option_int("SO_REUSEADDR"), 1)
    t.equal(s:set_option_int("SO_RCVTIMEO", 1500000), true)
    t.integer(s:get_option_int("SO_RCVTIMEO"), 1500000)
    t.equal(s:set_option_data("TCP_CONGESTION", "reno"), true)
    t.raises("another type", s.get_option_int, s, "TCP_CONGESTION")
    t.fails("ENOENT", s:get_option_int("SO_NOSUCH"))
  end)
  with("inet", "dgram", function(s)
    t.equal(s:set_option_addr("IP_MULTICAST_IF", Addr("127.0.0.1", 0)), true)
    t.equal(s:get_option_addr("IP_MULTICAST_IF"), Addr("127.0.0.1", 0))
    local addr = Addr()
    t.equal(s:get_option_addr("IP_MULTICAST_IF", addr), true)
    t.equal(addr, Addr("127.0.0.1", 0))
  end)
end)

t.case("every option of the catalogue can be read, or says why not", function()
  for _, kind in ipairs { { "inet", "stream" }, { "inet6", "dgram" }, { "unix", "stream" }, { "inet", "dgram" } } do
    with(kind[1], kind[2], function(s)
      local index = 0
      local name = option.at(0)
      while name do
        local value, error_name, number = s:get_option(name)
        if value == nil then
          t.equal(type(error_name), "string", name)
          t.integer(number)
        else
          local expected = ({ flag = "boolean", integer = "number", time = "number", string = "string",
            bytes = "string", address = "userdata", record = "table",
            program = "table", list = "table" })[option.get_type_name(name)]
          t.equal(type(value), expected, name)
          if expected == "number" and option.get_type_name(name) == "integer" then t.integer(value) end
        end
        -- a wrong type never gets as far as the kernel
        t.equal(pcall(s.set_option, s, name, print), false, name)
        index = index + 1
        name = option.at(index)
      end
    end)
  end
end)

t.case("the predecessor's tables are there", function()
  with("inet", "stream", function(s)
    t.equal(llnet.SetSocketOption.SO_REUSEADDR(s, 1), true)
    t.integer(llnet.GetSocketOption.SO_REUSEADDR(s), 1)
    t.integer(llnet.Options.SO_REUSEADDR, option.get_number("SO_REUSEADDR"))
    t.equal(llnet.Options[llnet.Options.SOL_SOCKET] ~= nil, true)
    t.equal(llnet.GetSocketOption.IP_ADD_MEMBERSHIP, nil)
    t.equal(llnet.SetSocketOption.SO_TYPE, nil)
    t.equal(llnet.SetSocketOption.IPV6_BINDANY, nil)
  end)
end)

t.done()
