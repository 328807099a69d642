-- SPDX-License-Identifier: MIT
-- random: calls every function and method with a thousand random argument lists. Each
-- call gives a value, nil with an error's name and number, or raises a Lua error; what
-- else may happen is for the sanitizers to see. LLNET_SEED repeats a run, LLNET_ROUNDS
-- scales it.

local t = require "harness"
local llnet = t.llnet
local core = require "llnet.core"
local unpack = unpack or table.unpack
local newproxy = rawget(_G, "newproxy")

local seed = tonumber(os.getenv("LLNET_SEED") or "") or 20261123
local rounds = tonumber(os.getenv("LLNET_ROUNDS") or "") or 1000
print(("# LLNET_SEED=%d LLNET_ROUNDS=%d"):format(seed, rounds))

-- Lehmer's generator (Park and Miller): the same numbers on every Lua, for each product
-- is exact in a double
local state = math.max(1, math.floor(seed) % 2147483647)
local function random(n)
  state = state * 16807 % 2147483647
  return state % n + 1
end

local function pick(list) return list[random(#list)] end
local function chance(n) return random(n) == 1 end

-- LuaJIT's compiled code keeps what it was compiled for alive
if rawget(_G, "jit") then require("jit").off() end

-- ---- objects -------------------------------------------------------------------------------

local function finalize(object) debug.getmetatable(object).__gc(object) end

local function nonblocking(...)
  for _, made in ipairs { ... } do
    if getmetatable(made) == "Socket" then made:set_nonblock(true) end
  end
  return ...
end

-- Sockets of every kind, none of which blocks. The other ends live in a short queue.
local others = {} -- luacheck: ignore
local function keep(other)
  others[random(16)] = other
end

local function make_socket()
  local kind = random(6)
  if kind == 1 then
    local sock = llnet.Socket(pick { "inet", "inet6", "unix" }, pick { "stream", "dgram" })
    return sock and nonblocking(sock) or llnet.Socket.borrow(999999999)
  elseif kind <= 3 then
    local one, two = nonblocking(t.unix_pair(pick { "stream", "dgram", "seqpacket" }))
    two:send(("data"):rep(random(5)))
    keep(two)
    return one
  elseif kind == 4 then
    local one, two, addr = nonblocking(t.udp_pair())
    two:sendto("datagram", addr)
    two:sendto("", addr)
    keep(two)
    return one
  elseif kind == 5 then
    local listener, addr = t.listener()
    nonblocking(listener)
    local client = nonblocking(llnet.Socket("inet", "stream"))
    client:connect(addr)
    keep(client)
    return listener
  end
  local one, two = nonblocking(t.tcp_pair())
  two:send("stream")
  keep(two)
  return one
end

local make = {
  Socket = make_socket,
  Addr = function()
    return pick {
      llnet.Addr, function() return llnet.Addr("127.0.0.1", random(65535)) end,
      function() return llnet.Addr("::1", random(65535)) end,
      function() return llnet.Addr.unix("\0llnet random " .. random(100)) end,
      function() return (llnet.Addr.family(pick { 0, 1, 2, 10, 16, 17, 40 })) end,
      function() return llnet.Addr.netlink(random(100), random(100)) or llnet.Addr() end,
      function() return llnet.Addr.packet(random(3), 0x0800, ("h"):rep(random(32))) or llnet.Addr() end,
      function() return llnet.Addr.vsock(random(3), random(65535)) or llnet.Addr() end,
    }()
  end,
  Buffer = function()
    return pick {
      function() return llnet.Buffer(random(100) - 1) end,
      function() return llnet.Buffer(("0123456789"):rep(random(20))) end,
      function() return llnet.Buffer(("x"):rep(20000)) end,
    }()
  end,
  AddrInfo = function() return assert(llnet.AddrInfo.full(pick { "127.0.0.1", "::1" }, "80")) end,
  Poller = function()
    local poller = assert(llnet.Poller(pick(llnet.Poller.backends())))
    local sock = make_socket()
    poller:add(sock, llnet.POLLIN + llnet.POLLOUT)
    keep(sock)
    return poller
  end,
  Interfaces = function() return assert(llnet.Interfaces()) end,
  -- one to send with, one that brought descriptors, one to receive with
  Message = function()
    local message, kind = assert(llnet.Message(pick { 0, 24, 100, 512 })), random(3)
    if kind == 1 then
      message:set_data("text", llnet.Buffer("bytes"))
      message:add_descriptor(0)
      message:set_ttl(random(255))
    else
      message:set_data(llnet.Buffer(10), llnet.Buffer(100))
    end
    if kind == 2 then
      local one, two = nonblocking(t.unix_pair("dgram"))
      local out = assert(llnet.Message())
      out:set_data("d")
      for _ = 1, random(4) do out:add_descriptor(one) end
      one:send_message(out)
      two:recv_message(message)
    end
    return message
  end,
  Batch = function()
    local batch = assert(llnet.Batch(random(5), pick { 0, 1, 100, 2048 }, pick { 0, 64, 512 }))
    if chance(2) then batch:get_message(0):set_data("string", llnet.Buffer(10)) end
    return batch
  end,
}
local classes = { "Socket", "Addr", "Buffer", "AddrInfo", "Poller", "Interfaces", "Message", "Batch" }

local live = {}
local function object(class)
  local pool = live[class]
  local place = random(4)
  if pool[place] == nil or chance(20) then pool[place] = make[class]() end
  return pool[place]
end
for _, class in ipairs(classes) do live[class] = {} end

local closed, released = llnet.Socket("inet", "stream"), {}
closed:close()
for _, class in ipairs { "Socket", "Buffer", "AddrInfo", "Poller", "Interfaces", "Message", "Batch" } do
  local ended = make[class]()
  finalize(ended)
  released[#released + 1] = ended
end

-- ---- values -----------------------------------------------------------------------------------

local numbers = {
  0, 1, -1, 2, 3, 4, 5, 6, 7, 8, 10, 16, 17, 41, 63, 64, 127, 128, 255, 256, 1000, 4095, 4096, 8191, 8192, 8193, 65535,
  65536, 100000, 1048576, 2 ^ 31 - 1, 2 ^ 31, -2 ^ 31, -2 ^ 31 - 1, 2 ^ 32 - 1, 2 ^ 32, 2 ^ 53, -2 ^ 53, 2 ^ 62, 2 ^ 63,
  -2 ^ 63, 2 ^ 64, 1e300, -1e300, 1 / 0, -1 / 0, 0 / 0, 1.5, -0.5, 1e-300,
}
if math.tointeger then
  for i = 1, #numbers do numbers[i] = math.tointeger(numbers[i]) or numbers[i] end
end
numbers[#numbers + 1] = math.maxinteger or 2 ^ 63 - 1024
numbers[#numbers + 1] = math.mininteger or -2 ^ 63 + 1024
for name, value in pairs(llnet) do
  if type(value) == "number" and name:find("^MSG_") then numbers[#numbers + 1] = value end
end
table.sort(numbers, function(a, b) return a == a and (b ~= b or a < b) end) -- pairs has no order

local strings = {
  "", "\0", "a\0b", "x", "text", ("long"):rep(300), ("x"):rep(10000), "127.0.0.1", "::1", "127.0.0.1:80", "[::1]:80",
  "[fe80::1%1]:443", "netlink:1:0x1", "packet:1:0x0800:aa:bb?type=4&hardware=1", "vsock:any:1",
  "[::1]:80?flowinfo=0x1", "unix:@name", "unspec", "family:16:00", "\127\0\0\1",
  ("\0"):rep(15) .. "\1",
  "80", "http", "tcp", "udp", "inet", "inet6", "unix", "stream", "dgram", "read", "write", "both", "epoll", "poll",
  "EINVAL", "EAI_NONAME", "CLOSED", "0x10", "7", "1.5", "%s%n%s", "\255\254\253",
}
local option_names = {}
do
  local index, name = 0, llnet.option.at(0)
  while name do
    option_names[#option_names + 1] = name
    index = index + 1
    name = llnet.option.at(index)
  end
end
local field_names = { "on", "seconds", "address", "interface", "group", "source", "pid", "uid", "sources", "mode",
  "index", "ifindex", "x", 1, true }

local value
local generators = {
  function() return nil end,
  function() return chance(2) end,
  function() return pick(numbers) end,
  function() return pick(numbers) end,
  function() return random(100) - 1 end,
  function() return pick(strings) end,
  function() return pick(strings) end,
  function() return pick(option_names) end,
  function() return "x" .. ("\1y\0"):rep(random(60)) end,
  function() return object(pick(classes)) end,
  function() return object(pick(classes)) end,
  function() return object("Addr") end,
  function() return object("Buffer") end,
  function() return pick(released) end,
  function() return closed end,
  function()
    local record = {}
    for _ = 1, random(4) - 1 do record[pick(field_names)] = value() end
    -- closing waits for so long
    if tonumber(record.seconds) then record.seconds = random(2) - 1 end
    return record
  end,
  function() return { object("Addr"), object("Addr") } end,
  function()
    local result = pick { 5, -1, false, "x", 2 ^ 40 }
    return { fileno = function() return result end }
  end,
  function() return print end,
  function() return coroutine.create(function() end) end,
  function() return io.stdout end,
  function() return object("Addr"):sockaddr() end,
  function() return newproxy and newproxy(true) or {} end,
  function() return setmetatable({}, getmetatable(llnet.Socket)) end,
}

function value() return pick(generators)() end

-- What functions want after self, a letter for each argument, so that half of the calls get
-- past the first check; one of their arguments may be random all the same.
local letters = {
  i = function() return random(20) - 1 end,
  j = function() return random(2) - 1 end,
  n = function() return pick(numbers) end,
  d = function() return pick(strings) end,
  o = function() return pick(option_names) end,
  a = function() return object("Addr") end,
  b = function() return object("Buffer") end,
  s = function() return object("Socket") end,
  c = function() return object("Batch") end,
  m = function() return object("Message") end,
  g = function() return pick { 0, 0, llnet.MSG_PEEK, llnet.MSG_TRUNC, llnet.MSG_WAITALL, llnet.MSG_OOB } end,
  e = function() return random(4) * llnet.POLLIN end,
  t = function() return {} end,
  f = function() return pick { "inet", "inet6", "unix", llnet.AF_INET, 1, 16 } end,
  k = function() return pick { "stream", "dgram", "seqpacket", llnet.SOCK_STREAM } end,
  h = function() return pick { "127.0.0.1", "::1", "10.0.0.1", "fe80::1%1" } end,
  v = function() return value() end,
  z = function() return 0 end,
  p = function() return llnet.feature_at(random(60) - 1) end,
}
local shapes = {
  ["Socket.open"] = "fkzz", ["Socket.new"] = "fkzz", ["Socket.pair"] = "fkzz", socketpair = "kz",
  ["Socket.adopt"] = "i", ["Socket.borrow"] = "i", ["Socket.fd"] = "i",
  ["Socket:set_option"] = "ov", ["Socket:set_option_int"] = "on", ["Socket:set_option_data"] = "od",
  ["Socket:set_option_addr"] = "oa", ["Socket:set_option_raw"] = "iiv", ["Socket:get_option"] = "o",
  ["Socket:get_option_int"] = "o", ["Socket:get_option_data"] = "o", ["Socket:get_option_addr"] = "o",
  ["Socket:get_option_raw"] = "iin", ["Socket:SetSocketOption"] = "v",
  ["Socket:bind"] = "a", ["Socket:connect"] = "a", ["Socket:listen"] = "n", ["Socket:accept"] = "ag",
  ["Socket:shutdown"] = "i", ["Socket:send"] = "dg", ["Socket:recv"] = "ng", ["Socket:sendto"] = "dag",
  ["Socket:recvfrom"] = "nga", ["Socket:send_buffer"] = "biig", ["Socket:recv_buffer"] = "biig",
  ["Socket:sendto_buffer"] = "biiag", ["Socket:recvfrom_buffer"] = "biiag", ["Socket:poll"] = "ei",
  ["Addr.ip"] = "hi", ["Addr.ip_port"] = "hi", ["Addr.ip_bytes"] = "di", ["Addr:set_ip"] = "hi",
  ["Addr:set_ip_bytes"] = "di", ["Addr:set_bytes"] = "d", ["Addr.bytes"] = "d", ["Addr:set_unix"] = "d",
  ["Addr:set_scope_id"] = "n", ["Addr:set_flowinfo"] = "n", ["Addr:resize"] = "n", ["Addr:set_size"] = "n",
  ["Addr.netlink"] = "ii", ["Addr.packet"] = "iid", ["Addr.vsock"] = "ii", ["Addr:set_netlink"] = "ii",
  ["Addr:set_packet"] = "iid", ["Addr:set_vsock"] = "ii",
  ["Addr:compare"] = "a", ["Addr:equal"] = "a", ["Addr:__lt"] = "a", ["Addr:__eq"] = "a", ["Addr:get_nameinfo"] = "i",
  ["Addr:lookup_full"] = "hifkzz", ["AddrInfo.full"] = "hifkzz", ["AddrInfo:get_addr"] = "a",
  ["Buffer:get_byte"] = "i", ["Buffer:set_byte"] = "in", ["Buffer:get_data"] = "ii", ["Buffer:get_bytes"] = "ii",
  ["Buffer:set_data"] = "d", ["Buffer:write"] = "id", ["Buffer:append"] = "d", ["Buffer:copy_buffer"] = "bii",
  ["Buffer:append_buffer"] = "bii", ["Buffer:consume"] = "i", ["Buffer:find"] = "di", ["Buffer:equal"] = "b",
  ["Buffer:set_size"] = "n", ["Buffer:set_capacity"] = "n", ["Buffer.new"] = "n",
  ["Poller:add"] = "se", ["Poller:modify"] = "se", ["Poller:remove"] = "s", ["Poller:wait"] = "ti",
  ["Poller:wait_ns"] = "ti", ["Poller:set_timer"] = "vn", ["Poller:remove_timer"] = "v",
  ["Poller.backend_at"] = "i",
  ["Interfaces.counter_at"] = "i", ["Interfaces:get_name"] = "i", ["Interfaces:get_ifindex"] = "i",
  ["Interfaces:get_flags"] = "i", ["Interfaces:get_mtu"] = "i", ["Interfaces:get_hardware_address"] = "i",
  ["Interfaces:get_counter"] = "id", ["Interfaces:get_address_count"] = "i", ["Interfaces:get_address"] = "jja",
  ["Interfaces:get_prefix_length"] = "jj", ["Interfaces:get_broadcast"] = "jj", ["Interfaces:get_peer"] = "jj",
  interface_name_to_index = "d", interface_index_to_name = "i",
  ["Batch.new"] = "nii", ["Batch:get_message"] = "i", ["Batch:get_buffer"] = "i", ["Batch:get_data"] = "i",
  ["Batch:get_size"] = "i", ["Batch:set_data"] = "id", ["Batch:set_address"] = "ia", ["Batch:get_address"] = "ia",
  ["Socket:send_batch"] = "ciig", ["Socket:recv_batch"] = "cig", ["Socket:send_segments"] = "dnag",
  ["Socket:send_segments_buffer"] = "biinag", ["Socket:recv_segments"] = "nga",
  ["Socket:recv_segments_buffer"] = "biiag",
  ["Message.new"] = "n", ["Socket:send_message"] = "mg", ["Socket:recv_message"] = "mg",
  ["Message:set_data"] = "dbdb", ["Message:add_data"] = "d", ["Message:add_buffer"] = "bii",
  ["Message:set_address"] = "a", ["Message:get_address"] = "a", ["Message:add_descriptor"] = "s",
  ["Message:set_credentials"] = "nnn", ["Message:set_source"] = "ai", ["Message:set_ttl"] = "i",
  ["Message:set_traffic_class"] = "i", ["Message:set_segment_size"] = "n", ["Message:set_timestamping"] = "n",
  ["Message:set_txtime"] = "n", ["Message:add_control"] = "iid", ["Message:get_control_type"] = "i",
  ["Message:get_control_data"] = "i", ["Message:get_destination"] = "a",
  error_name = "n", error_text = "n", error_number = "d", error_from_eai = "nn", error_to_eai = "n", error_at = "n",
  protocol_get_number = "d", protocol_get_name = "i", service_by_name = "dd", service_by_port = "nd",
  ["Services.byname"] = "dd", ["Services.byport"] = "nd",
  ["option.get_field_name"] = "oi", ["option.get_field_type"] = "oi", ["option.at"] = "n",
  inherit_socket = "n", inherit_name = "n", feature_at = "i", feature_text = "p", feature_probe = "p",
}
for name, call in pairs(llnet.option) do
  if type(call) == "function" and not shapes["option." .. name] then shapes["option." .. name] = "o" end
end

local function shape(name, class)
  local arguments, first = {}, class and 1 or 0
  if class then arguments[1] = object(class) end
  local wanted = shapes[name] or ""
  for i = 1, #wanted do arguments[first + i] = letters[wanted:sub(i, i)]() end
  if #wanted > 0 and chance(4) then arguments[first + random(#wanted)] = value() end
  return arguments, first + #wanted
end

-- ---- what must not be called quite so at random -----------------------------------------------

-- descriptors that are the test's own to give away
local function own_descriptor() return llnet.Socket("inet", "dgram"):detach() end

-- waits are short
local function short(arguments)
  local timeout = arguments[3]
  if timeout == nil or tonumber(timeout) then arguments[3] = random(2) - 1 end
end

-- and so is what goes on until a deadline, the argument at this place
local deadlines = {
  ["Socket:connect_until"] = 3, ["Socket:send_all"] = 3, ["Socket:recv_exact"] = 3, ["Socket:send_all_buffer"] = 5,
  ["Socket:recv_exact_buffer"] = 5, ["Socket:recv_until"] = 5,
}
local function soon(arguments, place)
  local deadline = arguments[place]
  if deadline == nil or tonumber(deadline) then arguments[place] = llnet.clock_now() + random(100000) end
end

-- either memory that there is, or more than there can be
local function sizes(arguments)
  for i = 1, 8 do
    local size = tonumber(arguments[i])
    if size and size > 1048576 and size < 2 ^ 46 then arguments[i] = random(1048576) end
  end
end

-- a thousand messages of as much would be too much
local function batch_sizes(arguments)
  for i = 2, 3 do
    local size = tonumber(arguments[i])
    if size and size > 4096 and size < 2 ^ 46 then arguments[i] = random(4096) end
  end
end

-- no host name that somebody would have to be asked for
local function numeric_host(place)
  return function(arguments)
    local host = arguments[place]
    if type(host) == "number" then
      arguments[place] = random(255)
    elseif type(host) == "string" and not host:find("%z") then
      arguments[place] = pick { "127.0.0.1", "::1", "fe80::1%1", "[::1]", ("9"):rep(10000) }
    end
  end
end

-- no file is made
local function no_path(arguments)
  local addr = arguments[2]
  if getmetatable(addr) == "Addr" and (addr:get_unix() or ""):find("^%Z") then arguments[2] = llnet.Addr() end
end

local function descriptor(arguments)
  if tonumber(arguments[1]) and (tonumber(arguments[1]) < 1e6 or arguments[1] ~= arguments[1]) then
    arguments[1] = own_descriptor()
  end
end

local restrain = {
  ["Socket:poll"] = short, ["Poller:wait"] = short, ["Poller:wait_ns"] = short,
  ["Socket:recv"] = sizes, ["Socket:recv_exact"] = sizes, ["Socket:recvfrom"] = sizes, ["Socket:recv_segments"] = sizes,
  ["Batch.new"] = batch_sizes,
  ["Socket:get_option_raw"] = sizes,
  ["Socket:bind"] = no_path,
  ["Socket.adopt"] = descriptor, ["Socket.fd"] = descriptor, ["Socket.borrow"] = descriptor,
  ["AddrInfo.new"] = numeric_host(1), ["AddrInfo.ipv4"] = numeric_host(1), ["AddrInfo.ipv6"] = numeric_host(1),
  ["AddrInfo.full"] = numeric_host(1), ["Addr:lookup_full"] = numeric_host(2),
  ["Addr:get_nameinfo"] = function(arguments)
    if arguments[2] == nil or tonumber(arguments[2]) then
      arguments[2] = llnet.NI_NUMERICHOST + llnet.NI_NUMERICSERV
    end
  end,
}

-- what takes milliseconds is called less often
local costly = { features = 50 }

-- ---- calls ------------------------------------------------------------------------------------

local show_types

local function judge(name, arguments, ok, first, second, third)
  if not ok then
    if type(first) ~= "string" then error(name .. " raised " .. tostring(first) .. show_types(arguments), 0) end
  elseif first == nil and second ~= nil and name ~= "socketpair" then
    if type(second) ~= "string" or (type(third) ~= "number" and second ~= "UNKNOWN ERROR") then
      error(("%s gave nil, %s, %s%s"):format(name, tostring(second), tostring(third), show_types(arguments)), 0)
    end
  elseif name == "Socket:detach" and first then
    llnet.Socket.adopt(first):close()
  end
  if name == "Socket:set_nonblock" and getmetatable(arguments[1]) == "Socket" then
    pcall(arguments[1].set_nonblock, arguments[1], true)
  elseif name == "Socket.borrow" and ok and first then
    llnet.Socket.adopt(first:fileno()):close()
  elseif name == "Socket.borrow" and type(arguments[1]) == "number" and arguments[1] > 2 and arguments[1] < 1e6 then
    llnet.Socket.adopt(arguments[1]):close()
  end
end

function show_types(arguments)
  local shown = {}
  for i = 1, 8 do shown[i] = tostring(arguments[i]):sub(1, 40) end
  return " (" .. table.concat(shown, ", ") .. ")"
end

local function call_at_random(name, call, class)
  local arguments, n = {}, random(7) - 1
  if chance(2) then
    arguments, n = shape(name, class)
  else
    for i = 1, n do arguments[i] = value() end
    if class and not chance(10) then
      arguments[1] = object(class)
      n = math.max(n, 1)
    end
  end
  if restrain[name] then restrain[name](arguments) end
  if class == "Buffer" or name:find("^Buffer%.") or name:find("^Message%.") then sizes(arguments) end
  if deadlines[name] then soon(arguments, deadlines[name]) end
  n = math.max(n, #arguments, restrain[name] == short and 3 or 0, deadlines[name] or 0)
  judge(name, arguments, pcall(call, unpack(arguments, 1, n)))
end

local function functions_of(list, prefix, class, add)
  for name, call in pairs(list) do
    if type(name) == "string" and type(call) == "function" then add(prefix .. name, call, class) end
  end
end

local calls = {}
local function add(name, call, class) calls[#calls + 1] = { name = name, call = call, class = class } end
functions_of(llnet, "", nil, add)
functions_of(llnet.option, "option.", nil, add)
for _, class in ipairs(classes) do
  functions_of(llnet[class], class .. ".", nil, add)
  functions_of(core[class], class .. ":", class, add)
  for name, call in pairs(debug.getmetatable(make[class]())) do
    if type(call) == "function" and name ~= "__gc" then add(class .. ":" .. name, call, class) end
  end
end
add("Errors.description", function(...) return llnet.Errors.description(llnet.Errors, ...) end)
add("EAI_Errors.description", function(...) return llnet.EAI_Errors.description(llnet.EAI_Errors, ...) end)
add("Services.byname", llnet.Services.byname)
add("Services.byport", llnet.Services.byport)
for _, name in ipairs { "Errors", "EAI_Errors", "Protocols", "Services", "Options" } do
  add(name .. "[]", function(key) return llnet[name][key] end)
end
add("Socket:GetSocketOption", function(sock, ...)
  local name = pick(option_names)
  if llnet.GetSocketOption[name] then return llnet.GetSocketOption[name](sock, ...) end
end, "Socket")
add("Socket:SetSocketOption", function(sock, ...)
  local name = pick(option_names)
  if llnet.SetSocketOption[name] then return llnet.SetSocketOption[name](sock, ...) end
end, "Socket")
-- What an option of this type wants.
local function option_value(kind, name)
  if kind == llnet.OPTION_FLAG then return chance(2) end
  if kind == llnet.OPTION_INTEGER then return pick(numbers) end
  if kind == llnet.OPTION_TIME then return pick { 0, 0.5, 1, 1e-9, 1e12, -1, 0 / 0 } end
  if kind == llnet.OPTION_ADDRESS then return object("Addr") end
  if kind == llnet.OPTION_PROGRAM and chance(2) then
    local program = {}
    for i = 1, random(5) - 1 do
      program[i] = chance(9) and value() or { pick(numbers), random(255), jf = random(255), k = pick(numbers) }
    end
    return program
  end
  if kind ~= llnet.OPTION_RECORD then return pick(strings) end
  local record, count = {}, llnet.option.get_field_count(name)
  for i = 0, count - 1 do
    local field = llnet.option.get_field_name(name, i)
    record[field] = option_value(llnet.option.get_field_type(name, i), name)
    if i == count - 1 and llnet.option.is_repeating(name) then
      record[field] = chance(4) and record[field] or { record[field], object("Addr") }
    end
    if chance(8) then record[field] = value() end
    -- closing waits for SO_LINGER's
    if field == "seconds" and tonumber(record[field]) then record[field] = 0 end
  end
  return record
end
add("Socket:set_option by type", function(sock)
  local name = pick(option_names)
  return sock:set_option(name, option_value(llnet.option.get_type(name), name))
end, "Socket")
add("Socket:get_option by name", function(sock) return sock:get_option(pick(option_names)) end, "Socket")
table.sort(calls, function(a, b) return a.name < b.name end)

-- a method's name and class in the order of the letters; one case for each family, so that
-- a failure says where to look
local families, order = {}, {}
for _, entry in ipairs(calls) do
  local family = entry.name:match("^(%u%a*)[.:]") or "the module"
  if not families[family] then
    families[family] = {}
    order[#order + 1] = family
  end
  table.insert(families[family], entry)
end
t.equal(#calls > 150, true, "functions found")

local function forget()
  for _, class in ipairs(classes) do live[class] = {} end
  others = {}
  -- objects hold others in their fields
  for _ = 1, 5 do collectgarbage() end
end

forget()
for _, family in ipairs(order) do
  t.case(family .. ": random arguments are answered or refused", function()
    for _, entry in ipairs(families[family]) do
      for _ = 1, rounds / (costly[entry.name] or 1) do call_at_random(entry.name, entry.call, entry.class) end
      forget()
    end
  end)
end

t.case("random calls in any order on the same objects", function()
  for i = 1, 20 * rounds do
    local entry = pick(calls)
    call_at_random(entry.name, entry.call, entry.class)
    if i % 1000 == 0 then forget() end
  end
  forget()
end)

t.done()
