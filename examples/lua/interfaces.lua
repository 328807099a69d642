-- SPDX-License-Identifier: MIT
-- interfaces.lua: prints the machine's network interfaces and their addresses, a small `ip addr`.
-- Shows: the list of interfaces, flags, addresses with their networks, counters.
--
--   lua5.1 interfaces.lua            all
--   lua5.1 interfaces.lua eth0 lo    these

local llnet = require "llnet"

local function fail(status, message)
  io.stderr:write("interfaces: ", message, "\n")
  os.exit(status)
end

local function help() -- the comment at the top of this file
  for line in io.lines(arg[0]) do
    if line == "" then os.exit(0) end
    if not line:find("SPDX") then print((line:gsub("^%-%- ?", ""))) end
  end
end

-- The names of the flags that are set, in the order of their values: IFF_UP is 1.
local function names_of(flags)
  local known, names = {}, {}
  for name, value in pairs(llnet) do
    if type(name) == "string" and name:find("^IFF_") then known[#known + 1] = { name = name:sub(5), value = value } end
  end
  table.sort(known, function(a, b) return a.value < b.value end)
  for _, flag in ipairs(known) do
    if llnet.has(flags, flag.value) then names[#names + 1] = flag.name end
  end
  return table.concat(names, ",")
end

local function print_address(entry)
  local addr = entry.address
  local line = ("    %s %s/%d"):format(addr:get_family() == llnet.AF_INET and "inet" or "inet6", addr:get_ip(),
    entry.prefix_length)
  if entry.broadcast then line = line .. " broadcast " .. entry.broadcast:get_ip() end
  if entry.peer then line = line .. " peer " .. entry.peer:get_ip() end
  print(line)
end

local function print_interface(interface)
  print(("%d: %s: <%s> mtu %d"):format(interface.index, interface.name, names_of(interface.flags), interface.mtu))
  if interface.hardware_address then print("    link " .. interface.hardware_address) end
  for _, entry in ipairs(interface.addresses) do print_address(entry) end
  for _, way in ipairs { "rx", "tx" } do
    local function counter(name) return interface.counters[way .. "_" .. name] or 0 end
    print(("    %s %.0f packets, %.0f bytes, %.0f errors, %.0f dropped"):format(way, counter("packets"),
      counter("bytes"), counter("errors"), counter("dropped")))
  end
end

local wanted
for _, argument in ipairs(arg) do
  if argument == "--help" then help() end
  if argument:find("^%-") then fail(2, "unknown option '" .. argument .. "'; --help lists them") end
  wanted = wanted or {}
  wanted[argument] = true
end
local interfaces, problem = llnet.interfaces()
if not interfaces then fail(1, "cannot list them: " .. problem) end
for _, interface in ipairs(interfaces) do
  if not wanted or wanted[interface.name] then print_interface(interface) end
  if wanted then wanted[interface.name] = nil end
end
for name in pairs(wanted or {}) do fail(1, "no interface '" .. name .. "'") end
