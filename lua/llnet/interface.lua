-- SPDX-License-Identifier: MIT
-- llnet.interface: llnet.interfaces(), the snapshot of the interfaces as plain tables.

local llnet = require "llnet"
local Interfaces, has = llnet.Interfaces, llnet.has

local function counters_of(list, index)
  local counters, i = {}, 0
  local name = Interfaces.counter_at(0)
  while name do
    counters[name] = list:get_counter(index, name)
    i = i + 1
    name = Interfaces.counter_at(i)
  end
  return counters
end

local function addresses_of(list, index)
  local addresses = {}
  for i = 0, list:get_address_count(index) - 1 do
    addresses[i + 1] = {
      address = list:get_address(index, i),
      prefix_length = list:get_prefix_length(index, i),
      broadcast = list:get_broadcast(index, i) or nil,
      peer = list:get_peer(index, i) or nil,
    }
  end
  return addresses
end

-- All interfaces as an array of tables, by their index in the system: see llnet(3lua).
return function()
  local list, problem, number = Interfaces.new()
  if not list then return nil, problem, number end
  local interfaces = {}
  for i = 0, list:get_count() - 1 do
    local flags, hardware = list:get_flags(i), list:get_hardware_address(i)
    interfaces[i + 1] = {
      name = list:get_name(i),
      index = list:get_ifindex(i),
      flags = flags,
      up = has(flags, llnet.IFF_UP),
      running = has(flags, llnet.IFF_RUNNING),
      loopback = has(flags, llnet.IFF_LOOPBACK),
      point_to_point = has(flags, llnet.IFF_POINTOPOINT),
      multicast = has(flags, llnet.IFF_MULTICAST),
      mtu = list:get_mtu(i) or nil,
      hardware_address = hardware and hardware:gsub(".", function(byte)
        return (":%02x"):format(byte:byte())
      end):sub(2) or nil,
      addresses = addresses_of(list, i),
      counters = counters_of(list, i),
    }
  end
  return interfaces
end
