-- SPDX-License-Identifier: MIT
-- resolve: names to addresses and back. Only what needs no name server.

local t = require "harness"
local llnet = t.llnet
local AddrInfo = llnet.AddrInfo

t.case("a numeric host and port", function()
  local info = assert(AddrInfo("127.0.0.1", 80))
  t.integer(info:get_count(), 1)
  t.equal(tostring(info:get_addr()), "127.0.0.1:80")
  t.integer(info:get_family(), llnet.AF_INET)
  t.integer(info:get_socktype(), llnet.SOCK_STREAM)
  t.integer(info:get_protocol(), llnet.IPPROTO_TCP)
  t.equal(info:get_canonname(), nil)
  t.equal(tostring(assert(AddrInfo("::1", "80")):get_addr()), "[::1]:80")
  t.equal(tostring(assert(AddrInfo("127.0.0.1")):get_addr()), "127.0.0.1:0")
end)

t.case("every answer is walked, and again after first", function()
  local info = assert(AddrInfo.full("127.0.0.1", "80", nil, nil, nil, llnet.AI_NUMERICHOST))
  local count = t.integer(info:get_count())
  assert(count >= 2, count) -- stream, dgram, raw
  for _ = 1, 2 do
    local seen = 0
    local more = info:first()
    while more do
      seen = seen + 1
      t.equal(tostring(info:get_addr()), "127.0.0.1:80")
      more = info:next()
    end
    t.equal(seen, count)
    t.equal(info:next(), false)
    t.fails("ENOENT", info:get_addr())
    t.integer(info:get_family(), -1)
    t.integer(info:get_socktype(), -1)
    t.integer(info:get_protocol(), -1)
  end
  t.equal(info:first(), true)
  t.integer(info:get_family(), llnet.AF_INET)
end)

t.case("all gives an array of the answers and goes back to the first", function()
  local info = assert(AddrInfo.full("127.0.0.1", 80, "inet", nil, nil, 0))
  local all = info:all()
  t.equal(#all, info:get_count())
  for _, answer in ipairs(all) do
    t.equal(tostring(answer.addr), "127.0.0.1:80")
    t.integer(answer.family, llnet.AF_INET)
    t.integer(answer.socktype)
    t.integer(answer.protocol)
  end
  t.integer(all[1].socktype, llnet.SOCK_STREAM)
  t.integer(all[1].protocol, llnet.IPPROTO_TCP)
  t.integer(all[2].socktype, llnet.SOCK_DGRAM)
  t.integer(all[2].protocol, llnet.IPPROTO_UDP)
  t.equal(info:get_socktype(), llnet.SOCK_STREAM)
end)

t.case("the answers are those of Python's getaddrinfo", function()
  local output = t.python([[
import socket
for family, kind, protocol, canonical, address in socket.getaddrinfo("localhost", 80):
    print(int(family), int(kind), protocol, address[0], address[1])
]])
  local all, i = assert(AddrInfo.full("localhost", 80)):all(), 0
  for family, socktype, protocol, ip, port in output:gmatch("(%d+) (%d+) (%d+) (%S+) (%d+)") do
    i = i + 1
    t.equal(all[i].family, tonumber(family))
    t.equal(all[i].socktype, tonumber(socktype))
    t.equal(all[i].protocol, tonumber(protocol))
    t.equal(all[i].addr:get_ip(), ip)
    t.equal(all[i].addr:get_port(), tonumber(port))
  end
  t.equal(#all, i)
end)

t.case("hints by name and by number", function()
  local info = assert(AddrInfo.full("127.0.0.1", "80", "inet", "dgram", "udp", llnet.AI_NUMERICHOST))
  t.integer(info:get_count(), 1)
  t.integer(info:get_socktype(), llnet.SOCK_DGRAM)
  t.integer(info:get_protocol(), llnet.IPPROTO_UDP)
  info = assert(AddrInfo.full("127.0.0.1", "80", llnet.AF_INET, llnet.SOCK_STREAM, 6, 0))
  t.integer(info:get_protocol(), 6)
  t.raises("unknown address family 'nosuch'", AddrInfo.full, "127.0.0.1", 80, "nosuch")
  t.raises("unknown socket type 'nosuch'", AddrInfo.full, "127.0.0.1", 80, nil, "nosuch")
  t.raises("unknown protocol 'nosuch'", AddrInfo.full, "127.0.0.1", 80, nil, nil, "nosuch")
end)

t.case("ipv4 and ipv6 ask for one family", function()
  t.equal(tostring(assert(AddrInfo.ipv4("127.0.0.1", 1)):get_addr()), "127.0.0.1:1")
  t.equal(tostring(assert(AddrInfo.ipv6("::1", 1)):get_addr()), "[::1]:1")
  local info, name = AddrInfo.ipv4("::1", 1)
  t.equal(info, nil)
  t.equal(name == "EAI_ADDRFAMILY" or name == "EAI_NONAME", true, name)
end)

t.case("no host is the wildcard with AI_PASSIVE, loopback without", function()
  local info = assert(AddrInfo.full(nil, 80, "inet", "stream", nil, llnet.AI_PASSIVE))
  t.equal(tostring(info:get_addr()), "0.0.0.0:80")
  info = assert(AddrInfo.full(nil, 80, "inet", "stream"))
  t.equal(tostring(info:get_addr()), "127.0.0.1:80")
  t.fails("EAI_NONAME", AddrInfo.full(nil, nil))
end)

t.case("the canonical name comes with AI_CANONNAME", function()
  local info = assert(AddrInfo.full("127.0.0.1", nil, "inet", "stream", 0, llnet.AI_CANONNAME))
  t.equal(info:get_canonname(), "127.0.0.1")
end)

t.case("errors come by resolver name and number", function()
  t.fails("EAI_NONAME", AddrInfo.full("no.such.host", 80, nil, nil, nil, llnet.AI_NUMERICHOST))
  t.fails("EAI_NONAME", AddrInfo.full("127.0.0.1", "http", nil, nil, nil, llnet.AI_NUMERICSERV))
  t.fails("EAI_FAMILY", AddrInfo.full("127.0.0.1", 80, 99))
  t.fails("EAI_SOCKTYPE", AddrInfo.full("127.0.0.1", 80, "inet", 99))
  t.fails("EAI_BADFLAGS", AddrInfo.full("127.0.0.1", 80, nil, nil, nil, 2 ^ 30))
  t.fails("EAI_SERVICE", AddrInfo.full("127.0.0.1", "no such service", "inet", "stream"))
end)

t.case("get_addr fills a given address as the predecessor did", function()
  local info, addr = assert(AddrInfo("127.0.0.1", 80)), llnet.Addr()
  t.integer(info:get_addr(addr), 0)
  t.equal(tostring(addr), "127.0.0.1:80")
  info:next()
  t.results({ info:get_addr(addr) }, -1, "ENOENT", 2)
  t.equal(tostring(addr), "127.0.0.1:80")
  t.raises("Addr expected, got string", info.get_addr, info, "x")
end)

t.case("an address outlives its list", function()
  local addr = assert(AddrInfo("127.0.0.1", 80)):get_addr()
  collectgarbage()
  collectgarbage()
  t.equal(tostring(addr), "127.0.0.1:80")
end)

t.case("lookup_full fills the address with the first answer", function()
  local addr = llnet.Addr()
  t.equal(addr:lookup_full("127.0.0.1", 80), true)
  t.equal(tostring(addr), "127.0.0.1:80")
  t.equal(addr:lookup_full("::1", "81", "inet6", "stream", 0, llnet.AI_NUMERICHOST), true)
  t.equal(tostring(addr), "[::1]:81")
  t.equal(addr:lookup_full(nil, 80, "inet", nil, nil, llnet.AI_PASSIVE), true)
  t.equal(tostring(addr), "0.0.0.0:80")
  t.fails("EAI_NONAME", addr:lookup_full("no.such.host", 80, nil, nil, nil, llnet.AI_NUMERICHOST))
  t.equal(tostring(addr), "0.0.0.0:80")
end)

t.case("get_nameinfo gives names or numbers, and is what Python gives", function()
  local addr = llnet.Addr("127.0.0.1", 80)
  t.results({ addr:get_nameinfo(llnet.NI_NUMERICHOST + llnet.NI_NUMERICSERV) }, "127.0.0.1", "80")
  local output = t.python("import socket\nprint(*socket.getnameinfo(('127.0.0.1', 80), 0))")
  local host, service = output:match("(%S+) (%S+)")
  t.results({ addr:get_nameinfo() }, host, service)
  t.results({ addr:get_nameinfo(nil) }, host, service)
  t.results({ addr:get_nameinfo(llnet.NI_NUMERICHOST + llnet.NI_DGRAM) }, "127.0.0.1",
    llnet.service_by_port(80, "udp") or "80")
  t.fails("EAI_FAMILY", llnet.Addr():get_nameinfo())
  t.fails("EAI_BADFLAGS", addr:get_nameinfo(2 ^ 30))
end)

t.case("wrong arguments raise", function()
  t.raises("string expected, got table", AddrInfo, {})
  t.raises("string expected, got boolean", AddrInfo, "x", true)
  t.raises("NUL", AddrInfo, "127.0.0.1\0", 80)
  t.raises("NUL", AddrInfo, "127.0.0.1", "80\0")
  t.raises("number has no integer representation", AddrInfo.full, "127.0.0.1", 80, 0, 0, 0, 0.5)
  local info = AddrInfo("127.0.0.1", 80)
  t.raises("AddrInfo expected, got Addr", info.first, llnet.Addr())
end)

t.case("AddrInfo takes the hints of full, and stream sockets by default", function()
  local info = assert(llnet.AddrInfo("::1", 80, "inet6", nil, nil, llnet.AI_NUMERICHOST))
  t.equal(info:get_family(), llnet.AF_INET6)
  t.equal(info:get_socktype(), llnet.SOCK_STREAM)
  info = assert(llnet.AddrInfo("127.0.0.1", 80, nil, "dgram", nil, llnet.AI_NUMERICHOST))
  t.equal(info:get_socktype(), llnet.SOCK_DGRAM)
end)

t.done()
