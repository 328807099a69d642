-- SPDX-License-Identifier: MIT
-- interface: what llnet tells of interfaces is what ip(8) tells, in a namespace of the
-- test's own: the file runs itself again in one.

local t = require "harness"
local llnet = t.llnet

local function quote(text) return "'" .. text:gsub("'", "'\\''") .. "'" end

local function succeeds(command)
  local first, _, status = os.execute(command .. " >/dev/null 2>&1")
  return first == 0 or (first == true and status == 0)
end

local inside = os.getenv("LLNET_TEST_NAMESPACE")

-- What this Lua was called as: the runner's command line ends with it and this file.
local function interpreter()
  local lowest = 0
  while arg[lowest - 1] do lowest = lowest - 1 end
  return arg[lowest]
end

-- ---- in the namespace ---------------------------------------------------------------

-- A line for each interface and address, as interfaces.py writes them.
local function describe(interfaces)
  local lines = {}
  for _, it in ipairs(interfaces) do
    lines[#lines + 1] = ("%d %s 0x%x %d %s"):format(it.index, it.name, it.flags, it.mtu, it.hardware_address or "-")
    if it.name == "lo" then
      local c = it.counters
      lines[#lines + 1] = (" %d %d %d %d %d %d %d %d %d %d"):format(c.rx_packets, c.tx_packets, c.rx_bytes, c.tx_bytes,
        c.rx_errors, c.tx_errors, c.rx_dropped, c.tx_dropped, c.multicast, c.collisions)
    end
    for _, a in ipairs(it.addresses) do
      lines[#lines + 1] = (" %s/%d %s %s"):format(a.address:get_ip(), a.prefix_length,
        a.broadcast and a.broadcast:get_ip() or "-", a.peer and a.peer:get_ip() or "-")
    end
  end
  return table.concat(lines, "\n")
end

local function ask_ip()
  local script = os.getenv("srcdir") .. "/tests/interfaces.py"
  local pipe = io.popen("env -u LD_PRELOAD -u LD_LIBRARY_PATH python3 " .. quote(script) .. " counters 2>/dev/null")
  local text = pipe:read("*a")
  pipe:close()
  if text == "" then t.skip("no ip and python3") end
  return (text:gsub("\n$", ""))
end

local function by_name(interfaces)
  local names = {}
  for _, it in ipairs(interfaces) do names[it.name] = it end
  return names
end

local function run_inside()
  t.case("lo alone, down", function()
    local interfaces = assert(llnet.interfaces())
    t.equal(#interfaces, 1)
    local lo = interfaces[1]
    t.equal(lo.name, "lo")
    t.integer(lo.index, 1)
    t.integer(lo.flags, llnet.IFF_LOOPBACK)
    t.equal(lo.up, false)
    t.equal(lo.running, false)
    t.equal(lo.loopback, true)
    t.integer(lo.mtu, 65536)
    t.equal(lo.hardware_address, "00:00:00:00:00:00")
    t.equal(#lo.addresses, 0)
    t.integer(lo.counters.rx_bytes, 0)
  end)

  t.case("interfaces, addresses and counters are those that ip tells", function()
    if not succeeds([[ip link set lo up &&
        ip link add v0 type veth peer name v1 && ip link set v0 address 02:42:ac:11:00:02 mtu 1400 up &&
        ip addr add 192.0.2.1/24 broadcast 192.0.2.255 dev v0 && ip addr add 10.9.0.1 peer 10.9.0.2/32 dev v0 &&
        ip addr add 2001:db8::1/64 dev v0 nodad && ip addr add fe80::5/64 dev v0 nodad]]) then
      t.skip("no veth interfaces here")
    end
    local tun = succeeds("ip tuntap add t0 mode tun && ip addr add 10.7.0.1 peer 10.7.0.2/32 dev t0")
    local a, b, _, b_addr = t.udp_pair()
    t.equal(a:sendto("12345", b_addr), 5)
    a:close()
    b:close()
    local interfaces = assert(llnet.interfaces())
    t.equal(describe(interfaces), ask_ip())
    local names = by_name(interfaces)
    t.integer(names.lo.counters.tx_packets, 1)
    t.equal(names.v0.up, true)
    t.equal(names.v0.running, false, "v1 is down")
    t.equal(names.v0.loopback, false)
    t.equal(names.v0.hardware_address, "02:42:ac:11:00:02")
    t.equal(names.v0.addresses[1].address, llnet.Addr("192.0.2.1", 0))
    t.equal(names.v0.addresses[1].broadcast, llnet.Addr("192.0.2.255", 0))
    t.equal(names.v0.addresses[1].peer, nil)
    t.equal(names.v0.addresses[2].peer, llnet.Addr("10.9.0.2", 0))
    if tun then
      t.equal(names.t0.point_to_point, true)
      t.equal(names.t0.hardware_address, nil)
    end
  end)

  t.case("names become indexes, indexes names", function()
    t.integer(llnet.interface_name_to_index("lo"), 1)
    t.equal(llnet.interface_index_to_name(1), "lo")
    t.fails("ENODEV", llnet.interface_name_to_index("nosuch"))
    t.fails("ENODEV", llnet.interface_name_to_index(("x"):rep(1000)))
    t.fails("ENXIO", llnet.interface_index_to_name(0))
    t.fails("ENXIO", llnet.interface_index_to_name(2 ^ 31))
    t.raises("NUL", llnet.interface_name_to_index, "lo\0")
    t.raises("out of range", llnet.interface_index_to_name, -1)
    t.raises("out of range", llnet.interface_index_to_name, 2 ^ 32)
  end)

  t.case("two hundred interfaces", function()
    if not succeeds([[i=0; while [ $i -lt 100 ]; do echo link add a$i type veth peer name b$i; i=$((i + 1)); done |
        ip -batch -]]) then
      t.skip("no veth interfaces here")
    end
    local interfaces = assert(llnet.interfaces())
    t.equal(describe(interfaces), ask_ip())
    t.equal(#interfaces >= 201, true)
  end)
end

if inside then
  run_inside()
  return t.done()
end

-- ---- the class, anywhere ------------------------------------------------------------------

t.case("a list is a snapshot, and counts from 0", function()
  local list = assert(llnet.Interfaces())
  t.equal(getmetatable(list), "Interfaces")
  t.integer(list:get_count(), #assert(llnet.interfaces()))
  t.integer(list:get_ifindex(0))
  t.equal(type(list:get_name(0)), "string")
  t.equal(list:get_name(list:get_count()), nil)
  t.raises("Out of bounds", list.get_ifindex, list, list:get_count())
  t.raises("Out of bounds", list.get_flags, list, list:get_count())
  t.raises("Out of bounds", list.get_address, list, 0, list:get_address_count(0))
  t.raises("out of range", list.get_flags, list, -1)
  t.fails("ENOENT", list:get_counter(0, "nosuch"))
  t.raises("Interfaces expected, got Addr", list.get_count, llnet.Addr())
end)

t.case("an address is made, or the one that is given is filled", function()
  local list = assert(llnet.Interfaces())
  for i = 0, list:get_count() - 1 do
    for j = 0, list:get_address_count(i) - 1 do
      local addr = llnet.Addr("192.0.2.77", 5)
      t.equal(list:get_address(i, j, addr), true)
      t.equal(list:get_address(i, j), addr)
      t.equal(addr:get_port(), 0)
    end
  end
end)

t.case("the counters have names", function()
  local names = {}
  for i = 0, 9 do names[#names + 1] = llnet.Interfaces.counter_at(i) end
  t.equal(table.concat(names, " "),
    "rx_packets tx_packets rx_bytes tx_bytes rx_errors tx_errors rx_dropped tx_dropped multicast collisions")
  t.equal(llnet.Interfaces.counter_at(10), nil)
end)

t.case("IFF_ constants are those of netdevice(7)", function()
  t.equal(llnet.IFF_UP, 1)
  t.equal(llnet.IFF_LOOPBACK, 8)
  t.equal(llnet.IFF_RUNNING, 64)
end)

-- ---- the same file again ----------------------------------------------------------------

do
  local command = ("LLNET_TEST_NAMESPACE=1 unshare -rn %s %s"):format(quote(interpreter()), quote(arg[0]))
  local can = succeeds("unshare -rn ip link show")
  local cases = 0
  if can then
    local pipe = io.popen(command .. " 2>&1")
    for line in pipe:lines() do
      local result, name = line:match("^(n?o?t? ?ok) %d+ %- (.*)")
      if result then
        cases = cases + 1
        local why = name:match(" # SKIP (.*)")
        t.case("namespace: " .. name:gsub(" # SKIP.*", ""), function()
          if why then t.skip(why) end
          t.equal(result, "ok")
        end)
      else
        print("# " .. line)
      end
    end
    pipe:close()
  end
  t.case("the cases of the namespace ran", function()
    if not can then t.skip("no namespace with ip(8)") end
    t.equal(cases, 4)
  end)
end

t.done()
