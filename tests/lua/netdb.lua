-- SPDX-License-Identifier: MIT
-- netdb: protocols and services, both ways.

local t = require "harness"
local llnet = t.llnet

t.case("protocols both ways, as Python has them", function()
  local output = t.python([[
import socket
for name in ("ip", "icmp", "tcp", "udp", "ipv6", "ipv6-icmp"):
    try: print(name, socket.getprotobyname(name))
    except OSError: pass
print("end", 0)
]])
  for name, number in output:gmatch("(%S+) (%d+)") do
    if name ~= "end" then
      t.integer(llnet.protocol_get_number(name), tonumber(number))
      t.equal(llnet.protocol_get_name(tonumber(number)), name)
    end
  end
end)

t.case("tcp is 6 and udp 17", function()
  if not llnet.protocol_get_number("tcp") then t.skip("no /etc/protocols here") end
  t.integer(llnet.protocol_get_number("tcp"), 6)
  t.equal(llnet.protocol_get_name(17), "udp")
  t.integer(llnet.Protocols.tcp, 6)
  t.equal(llnet.Protocols[17], "udp")
end)

t.case("an alias is a name too", function()
  if not llnet.protocol_get_number("tcp") then t.skip("no /etc/protocols here") end
  t.integer(llnet.protocol_get_number("TCP"), 6)
end)

t.case("an unknown protocol is ENOENT", function()
  t.fails("ENOENT", llnet.protocol_get_number("no such protocol"))
  t.fails("ENOENT", llnet.protocol_get_number(""))
  t.fails("ENOENT", llnet.protocol_get_name(250))
  t.fails("ENOENT", llnet.protocol_get_name(-1))
  t.fails("ENOENT", llnet.protocol_get_name(2147483647))
end)

t.case("services by name and by port, as Python has them", function()
  local output = t.python([[
import socket
for name, protocol in (("http", "tcp"), ("domain", "udp"), ("ssh", "tcp"), ("smtp", "tcp")):
    try: print(name, protocol, socket.getservbyname(name, protocol))
    except OSError: pass
print("end")
]])
  for name, protocol, port in output:gmatch("(%S+) (%S+) (%d+)") do
    port = tonumber(port)
    local results = { llnet.service_by_name(name, protocol) }
    t.results(results, name, port, protocol)
    t.integer(results[2])
    t.results({ llnet.service_by_port(port, protocol) }, name, port, protocol)
  end
end)

t.case("without a protocol any will do", function()
  local name, port, protocol = llnet.service_by_name("http")
  if not name then t.skip("no /etc/services here") end
  t.equal(name, "http")
  t.integer(port, 80)
  t.equal(protocol, "tcp")
  t.results({ llnet.service_by_name("http", nil) }, "http", 80, "tcp")
  t.results({ llnet.service_by_port(80) }, "http", 80, "tcp")
end)

t.case("an unknown service is ENOENT, a port that is none EINVAL", function()
  t.fails("ENOENT", llnet.service_by_name("no such service"))
  t.fails("ENOENT", llnet.service_by_name("http", "no such protocol"))
  t.fails("ENOENT", llnet.service_by_port(1, "no such protocol"))
  t.fails("EINVAL", llnet.service_by_port(65536))
  t.fails("EINVAL", llnet.service_by_port(-1))
end)

t.case("Protocols and Services keep what they found and raise on the unknown", function()
  if not llnet.protocol_get_number("tcp") then t.skip("no /etc/protocols here") end
  t.equal(rawget(llnet.Protocols, "udp"), nil)
  t.integer(llnet.Protocols.udp, 17)
  t.equal(rawget(llnet.Protocols, "udp"), 17)
  t.raises("unknown protocol 'nothing'", function() return llnet.Protocols.nothing end)
  t.raises("unknown protocol '250'", function() return llnet.Protocols[250] end)
  t.raises("unknown protocol 'true'", function() return llnet.Protocols[true] end)
  t.raises("unknown service 'nothing'", function() return llnet.Services.nothing end)
  t.raises("unknown service '65536'", function() return llnet.Services[65536] end)
  if llnet.service_by_name("http") then
    t.integer(llnet.Services.http, 80)
    t.equal(llnet.Services[80], "http")
    t.results({ llnet.Services.byname("http") }, "http", 80, "tcp")
    t.results({ llnet.Services.byport(53, "udp") }, "domain", 53, "udp")
  end
  t.raises("unknown service name 'nothing'", llnet.Services.byname, "nothing")
  t.raises("unknown service port '1'", llnet.Services.byport, 1, "no such")
end)

t.case("wrong arguments raise", function()
  t.raises("string expected, got nil", llnet.protocol_get_number, nil)
  t.raises("number expected, got string", llnet.protocol_get_name, "tcp")
  t.raises("string expected, got table", llnet.service_by_name, {})
  t.raises("string expected, got table", llnet.service_by_name, "http", {})
  t.raises("NUL", llnet.service_by_name, "http\0")
  t.raises("NUL", llnet.service_by_name, "http", "tcp\0")
  t.raises("number out of range", llnet.service_by_port, 2 ^ 40)
end)

t.done()
