-- SPDX-License-Identifier: MIT
-- feature: what works here, by name; compared with what Python finds when it tries.

local t = require "harness"
local llnet = t.llnet

-- What a table of features says otherwise than a probe of the same names, one by one.
local function differences(found)
  local names = {}
  for name, works in pairs(found) do
    if works ~= (llnet.feature_probe(name) == true) then names[#names + 1] = name end
  end
  return table.concat(names, " ")
end

t.case("features gives every name true or false", function()
  local found, count = llnet.features(), 0
  for name, works in pairs(found) do
    t.equal(type(works), "boolean", name)
    t.equal(type(llnet.feature_text(name)), "string", name)
    count = count + 1
  end
  -- memory of the kernel's (bpf's) may be short for a moment, when other tests try the same
  local different = differences(found)
  for _ = 1, 20 do
    if different == "" then break end
    different = differences(llnet.features())
  end
  t.equal(different, "")
  for i = 0, count - 1 do t.equal(type(found[llnet.feature_at(i)]), "boolean") end
  t.equal(llnet.feature_at(count), nil)
  t.equal(count > 50, true)
  t.equal(found.ipv4, true)
  t.equal(found.unix, true)
end)

t.case("all that one may ask for has a name", function()
  local found = llnet.features()
  for name in ([[ipv4 ipv6 unix unix_abstract unix_seqpacket netlink packet vsock raw ping udplite mptcp sctp dccp can
    alg tipc xdp accept4 sendmmsg recvmmsg sendfile splice udp_segment udp_gro zerocopy msg_trunc tcp_fastopen
    tcp_user_timeout tcp_info reuseport reuseport_cbpf attach_filter incoming_cpu busy_poll max_pacing_rate txtime
    timestamping rxq_ovfl recverr pktinfo peercred peerpidfd passpidfd meminfo cookie transparent freebind epoll
    epoll_exclusive epoll_pwait2 eventfd timerfd io_uring tls_ulp bpf bindtodevice mark]]):gmatch("%S+") do
    t.equal(type(found[name]), "boolean", name)
  end
end)

t.case("what Python can open works, and what it cannot fails alike", function()
  local output = t.python([[
import os, select, socket
def opening(*args): return lambda: socket.socket(*args).close()
tries = {
    "vsock": opening(40, socket.SOCK_STREAM), "can": opening(29, socket.SOCK_RAW, 1),
    "alg": opening(38, socket.SOCK_SEQPACKET), "tipc": opening(30, socket.SOCK_STREAM),
    "packet": opening(17, socket.SOCK_DGRAM), "netlink": opening(16, socket.SOCK_RAW, 0),
    "udplite": opening(socket.AF_INET, socket.SOCK_DGRAM, 136),
    "mptcp": opening(socket.AF_INET, socket.SOCK_STREAM, 262),
    "sctp": opening(socket.AF_INET, socket.SOCK_STREAM, 132), "ping": opening(socket.AF_INET, socket.SOCK_DGRAM, 1),
    "raw": opening(socket.AF_INET, socket.SOCK_RAW, 1), "xdp": opening(44, socket.SOCK_RAW),
    "epoll": lambda: select.epoll().close(),
    "unix_seqpacket": lambda: [s.close() for s in socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)],
}
def bound(family, address):
    s = socket.socket(family, socket.SOCK_DGRAM)
    s.bind(address)
    s.close()
tries["ipv4"] = lambda: bound(socket.AF_INET, ("127.0.0.1", 0))
tries["ipv6"] = lambda: bound(socket.AF_INET6, ("::1", 0))
tries["unix_abstract"] = lambda: bound(socket.AF_UNIX, "")
for name, call in tries.items():
    try:
        call()
        print(name, 0)
    except OSError as e:
        print(name, e.errno)
]])
  local seen = 0
  for name, errno in output:gmatch("(%S+) (%d+)") do
    local works, error_name, number = llnet.feature_probe(name)
    if tonumber(errno) == 0 then
      t.equal(works, true, name .. " " .. tostring(error_name))
    else
      t.equal(works, nil, name)
      if error_name ~= "ENOTSUP" then t.integer(number, tonumber(errno)) end
    end
    seen = seen + 1
  end
  t.equal(seen, 17)
end)

t.case("an unknown name is ENOENT", function()
  t.fails("ENOENT", llnet.feature_probe("epol"))
  t.fails("ENOENT", llnet.feature_probe(""))
  t.equal(llnet.feature_text("epol"), nil)
  t.raises("string expected, got no value", llnet.feature_probe)
  t.raises("NUL", llnet.feature_probe, "epoll\0")
  t.raises("number out of range", llnet.feature_at, -1)
end)

t.done()
