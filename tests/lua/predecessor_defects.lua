-- SPDX-License-Identifier: MIT
-- predecessor_defects: what the predecessor did wrong, by the numbers in its description, is
-- right here.

local t = require "harness"
local llnet = t.llnet

local LSocket, LSockAddr = llnet.LSocket, llnet.LSockAddr
local LAddrInfo, LIOBuffer = llnet.LAddrInfo, llnet.LIOBuffer
local Get, Set = llnet.GetSocketOption, llnet.SetSocketOption

-- ---- the predecessor's defects, by their numbers in its description ----------------------

t.case("1: an unknown protocol number raises", function()
  t.raises("unknown protocol '255000'", function() return llnet.Protocols[255000] end)
  t.raises("unknown protocol 'no-such'", function() return llnet.Protocols["no-such"] end)
  t.equal(pcall(function() return llnet.Protocols[-1] end), false)
  t.equal(pcall(function() return llnet.Protocols[{}] end), false)
end)

t.case("2: LIOBuffer of neither number nor string raises", function()
  for _, make in ipairs { LIOBuffer, LIOBuffer.new } do
    t.equal(pcall(make), false)
    for _, wrong in ipairs { true, {}, print, io.stdout, -1, 1.5 } do t.equal(pcall(make, wrong), false) end
  end
end)

t.case("3: set_port takes host order", function()
  local addr = LSockAddr.ip_port("127.0.0.1", 80)
  t.results({ addr:set_port(81) }, 0)
  t.equal(addr:get_port(), 81)
  t.equal(tostring(addr), "127.0.0.1:81")
  t.equal((addr:set_port(65536)), -1)
  t.equal(addr:get_port(), 81)
end)

t.case("4: shutdown(true, true) shuts both sides", function()
  local one, two = llnet.socketpair(llnet.SOCK_STREAM)
  t.results({ one:shutdown(true, true) }, true)
  t.fails("CLOSED", one:recv(1))
  t.fails("EPIPE", one:send("x"))
  t.fails("CLOSED", two:recv(1))
  t.fails("EPIPE", two:send("x"))
  one:close()
  two:close()
  one, two = llnet.socketpair(llnet.SOCK_STREAM)
  t.results({ one:shutdown(true, false) }, true)
  t.fails("CLOSED", one:recv(1))
  t.results({ one:send("x") }, 1)
  t.fails("EPIPE", two:send("x"))
  one:close()
  two:close()
end)

t.case("5: string options and IPV6_NEXTHOP are read, or say why not", function()
  if not Get.TCP_CONGESTION then t.skip("no TCP_CONGESTION here") end
  local sock = LSocket(llnet.AF_INET, llnet.SOCK_STREAM)
  local name, problem = Get.TCP_CONGESTION(sock)
  t.equal(problem, nil)
  t.equal(#name > 0 and not name:find("%z"), true)
  t.results({ Set.TCP_CONGESTION(sock, name) }, true)
  t.equal(Get.TCP_CONGESTION(sock), name)
  t.equal(Get.SO_BINDTODEVICE(sock), "")
  t.equal(Get.IP_OPTIONS(sock), "")
  sock:close()
  local six = LSocket(llnet.AF_INET6, llnet.SOCK_DGRAM)
  if six then
    local value, error_name, number = Get.IPV6_NEXTHOP(six)
    if value == nil then t.equal(llnet.Errors[error_name], number) else t.equal(getmetatable(value), "Addr") end
    six:close()
  end
end)

t.case("6: Unix names are whole, abstract, or an error", function()
  t.fails("ENAMETOOLONG", LSockAddr.unix("/" .. ("x"):rep(200)))
  local path = "/" .. ("x"):rep(106)
  t.equal(LSockAddr.unix(path):get_address(), path)
  local addr = LSockAddr()
  t.equal((addr:set_unix(("y"):rep(200))), -1)
  t.equal(addr:get_family(), llnet.AF_UNSPEC)
  local abstract = LSockAddr.unix("\0some\0name")
  if abstract then t.equal(abstract:get_unix(), "\0some\0name") end
end)

t.case("7: a datagram of 0 bytes is the empty string, not the end", function()
  local here, there, here_addr = t.udp_pair()
  assert(there:sendto("", here_addr))
  t.results({ here:recv(10) }, "")
  assert(there:sendto("", here_addr))
  t.results({ here:recvfrom(10, nil, LSockAddr()) }, "")
  assert(there:sendto("", here_addr))
  t.results({ here:recv_buffer(LIOBuffer(10)) }, 0)
  here:close()
  there:close()
end)

t.case("8: LSockAddr.family leaves no byte uninitialised", function()
  for _, family in ipairs { llnet.AF_INET, llnet.AF_INET6, llnet.AF_UNIX, llnet.AF_PACKET or llnet.AF_INET } do
    -- something to be left over
    for _ = 1, 20 do LSockAddr.ip_port("255.255.255.255", 65535) end
    collectgarbage()
    local data = LSockAddr.family(family):todata()
    t.equal(data:sub(3), ("\0"):rep(#data - 2))
  end
end)

t.case("9: lookup_full without a host; the scope is kept", function()
  local addr = LSockAddr()
  t.results({ addr:lookup_full(nil, "80", llnet.AF_INET, llnet.SOCK_STREAM, 0, llnet.AI_PASSIVE) }, true)
  t.equal(tostring(addr), "0.0.0.0:80")
  t.results({ addr:lookup_full(nil, 81, llnet.AF_INET) }, true)
  t.equal(tostring(addr), "127.0.0.1:81")
  local info = assert(LAddrInfo.full(nil, 82, llnet.AF_INET, llnet.SOCK_STREAM, 0, llnet.AI_PASSIVE))
  info:get_addr(addr)
  t.equal(tostring(addr), "0.0.0.0:82")
  addr = LSockAddr.ip_port("fe80::1%1", 80)
  t.equal(addr:get_scope_id(), 1)
  t.equal(addr:get_address():find("^fe80::1%%") ~= nil, true)
end)

t.case("10, 11: accepted sockets have the flags that were asked for, and are close-on-exec", function()
  local server, addr = t.listener()
  for _, asked in ipairs { 0, llnet.SOCK_CLOEXEC, llnet.SOCK_NONBLOCK, llnet.SOCK_CLOEXEC + llnet.SOCK_NONBLOCK } do
    local client = assert(LSocket(llnet.AF_INET, llnet.SOCK_STREAM))
    assert(client:connect(addr))
    local sock = assert(server:accept(nil, asked))
    t.equal(sock:get_cloexec(), true)
    t.equal(sock:get_nonblock(), asked >= llnet.SOCK_NONBLOCK and asked ~= llnet.SOCK_CLOEXEC)
    sock:close()
    client:close()
  end
  server:close()
end)

t.done()
