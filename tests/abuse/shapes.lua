-- SPDX-License-Identifier: MIT
-- shapes: what functions want after self, a letter for each argument, so that half of the calls
-- get past the first check. Functions that are not here get random arguments alone.

local llnet = require "llnet"
local core = require "llnet.core"
local objects = require "objects"
local random = require "random"
local values = require "values"

local below, pick, chance = random.below, random.pick, random.chance
local live = objects.live

local letters = {
  i = function() return chance(3) and 0 or below(20) - 1 end,
  j = function() return below(2) - 1 end,
  n = function() return chance(2) and below(100) - 1 or pick(values.numbers) end,
  d = function() return pick(values.strings) end,
  o = values.option_name,
  a = function() return live "Addr" end,
  b = function() return live "Buffer" end,
  s = function() return live "Socket" end,
  c = function() return live "Batch" end,
  m = function() return live "Message" end,
  P = function() return live "Poller" end,
  L = function() return live "luasocket" end,
  q = function()
    local ok, rest = pcall(core.luasocket.receive_rest, live "luasocket") -- it may be released
    return ok and rest or nil
  end,
  g = function() return pick { 0, 0, llnet.MSG_PEEK, llnet.MSG_TRUNC, llnet.MSG_WAITALL, llnet.MSG_OOB } end,
  e = function() return below(4) * llnet.POLLIN end,
  t = values.table,
  l = values.list,
  f = function() return pick { "inet", "inet6", "unix", llnet.AF_INET, 1, 16 } end,
  k = function() return pick { "stream", "dgram", "seqpacket", llnet.SOCK_STREAM } end,
  h = function() return pick { "127.0.0.1", "::1", "10.0.0.1", "fe80::1%1", "*", "localhost" } end,
  p = function() return pick { 0, 1, "1", 9, "http" } end,
  w = function() return pick { 1, 2, 3, 4, 8 } end,
  r = function() return pick { "big", "little" } end,
  v = values.any,
  z = function() return 0 end,
  F = function() return llnet.feature_at(below(60) - 1) end,
  C = function() return values.call_back end,
  S = values.watchable,
  V = function() return chance(2) and values.any() or values.record() end,
  T = function() return pick { 0, -1, 1000, "x" } end,
  U = function() return pick { "here1", "here2", "here3" } end,
  I = function() return chance(3) and values.watchable() or objects.foreign() end,
  W = function(arguments)
    return type(arguments[1]) == "userdata" and not chance(3) and arguments[1].watched or values.watchable()
  end,
  Y = function(arguments) return chance(2) and "timer" or arguments[1] end,
  G = function(arguments) return type(arguments[1]) == "table" and arguments[1].lent or live "Buffer" end,
  K = function() return llnet.Interfaces.counter_at(below(8) - 1) end,
  N = function() return llnet.Limits():get_name(below(20) - 1) end,
  R = function() return pick { "server", "client" } end,
  D = function() return pick { "lo", "tcp", "udp", "http" } end,
  M = function() return pick { "*l", "*a", 0, 1, 10, 100000 } end,
}

local shapes = {
  ["Socket.open"] = "fkzz", ["Socket.new"] = "fkzz", ["Socket.pair"] = "fkzz", ["Socket()"] = "fkzz",
  ["LSocket()"] = "fkzz", socketpair = "kz", ["Socket.open_pipe"] = "z",
  ["Socket.adopt"] = "i", ["Socket.borrow"] = "i", ["Socket.fd"] = "i",
  ["Socket:set_option"] = "oV", ["Socket:set_option_int"] = "on", ["Socket:set_option_data"] = "od",
  ["Socket:set_option_addr"] = "oa", ["Socket:set_option_raw"] = "iiv", ["Socket:get_option"] = "o",
  ["Socket:get_option_int"] = "o", ["Socket:get_option_data"] = "o", ["Socket:get_option_addr"] = "o",
  ["Socket:get_option_raw"] = "iin", ["Socket:SetSocketOption"] = "j", ["Socket:set_nonblock"] = "v",
  ["Socket:set_cloexec"] = "v", ["Socket:take_error"] = "",
  ["Socket:bind"] = "a", ["Socket:connect"] = "a", ["Socket:listen"] = "n", ["Socket:accept"] = "ag",
  ["Socket:connect_until"] = "a", ["Socket:shutdown"] = "i", ["Socket:send"] = "dg", ["Socket:recv"] = "ng",
  ["Socket:sendto"] = "dag", ["Socket:recvfrom"] = "nga", ["Socket:send_buffer"] = "biig",
  ["Socket:recv_buffer"] = "biig", ["Socket:sendto_buffer"] = "biiag", ["Socket:recvfrom_buffer"] = "biiag",
  ["Socket:poll"] = "ei", ["Socket:sendv"] = "lg", ["Socket:recvv"] = "lg", ["Socket:sendfile"] = "Iii",
  ["Socket:splice"] = "sii", ["Socket:tee"] = "sii", ["Socket:read"] = "n", ["Socket:write"] = "d",
  ["Socket:send_all"] = "d", ["Socket:recv_exact"] = "i",
  ["Socket:send_all_buffer"] = "bii", ["Socket:recv_exact_buffer"] = "bii", ["Socket:recv_until"] = "bdn",
  ["Addr.ip"] = "hi", ["Addr.ip_port"] = "hi", ["Addr.ip_bytes"] = "di", ["Addr:set_ip"] = "hi", ["Addr()"] = "hi",
  ["Addr.new"] = "hi", ["LSockAddr()"] = "hi", ["Addr:set_ip_port"] = "hi", ["Addr.parse"] = "d", ["Addr:parse"] = "d",
  ["Addr:set_ip_bytes"] = "di", ["Addr:set_bytes"] = "d", ["Addr.bytes"] = "d", ["Addr:set_unix"] = "d",
  ["Addr.unix"] = "U", ["Addr.family"] = "f", ["Addr:set_family"] = "f", ["Addr:set_port"] = "i",
  ["Addr:set_scope_id"] = "n", ["Addr:set_flowinfo"] = "n", ["Addr:resize"] = "n", ["Addr:set_size"] = "n",
  ["Addr.netlink"] = "ii", ["Addr.packet"] = "iid", ["Addr.vsock"] = "ii", ["Addr:set_netlink"] = "ii",
  ["Addr:set_packet"] = "iid", ["Addr:set_vsock"] = "ii",
  ["Addr:compare"] = "a", ["Addr:equal"] = "a", ["Addr:__lt"] = "a", ["Addr:__le"] = "a", ["Addr:__eq"] = "a",
  ["Addr:get_nameinfo"] = "i", ["Addr:lookup_full"] = "hifkzz", ["AddrInfo.full"] = "hifkzz",
  ["AddrInfo.new"] = "hifkzz", ["AddrInfo()"] = "hp", ["LAddrInfo()"] = "hp", ["AddrInfo.ipv4"] = "hp",
  ["AddrInfo.ipv6"] = "hp", ["AddrInfo:get_addr"] = "a",
  ["Buffer:get_byte"] = "i", ["Buffer:set_byte"] = "in", ["Buffer:get_data"] = "ii", ["Buffer:get_bytes"] = "ii",
  ["Buffer:set_data"] = "d", ["Buffer:write"] = "id", ["Buffer:append"] = "d", ["Buffer:copy_buffer"] = "bii",
  ["Buffer:append_buffer"] = "bii", ["Buffer:consume"] = "i", ["Buffer:find"] = "di", ["Buffer:find_byte"] = "ii",
  ["Buffer:equal"] = "b", ["Buffer:set_size"] = "n", ["Buffer:set_capacity"] = "n", ["Buffer.new"] = "n",
  ["Buffer()"] = "n", ["LIOBuffer()"] = "n", ["Buffer:slice"] = "ii", ["Buffer:get_int"] = "iwr",
  ["Buffer:get_uint"] = "iwr", ["Buffer:set_int"] = "iwnr", ["Buffer:set_uint"] = "iwnr", ["Buffer:append_int"] = "wnr",
  ["Buffer:append_uint"] = "wnr", ["Buffer:get_float"] = "iwr", ["Buffer:set_float"] = "iwnr",
  ["Buffer:append_float"] = "wnr",
  ["Poller:add"] = "Se", ["Poller:modify"] = "We", ["Poller:remove"] = "W", ["Poller:wait"] = "ti",
  ["Poller:wait_ns"] = "ti", ["Poller:set_timer"] = "Yn", ["Poller:remove_timer"] = "Y",
  ["Poller.backend_at"] = "i", ["Poller.new"] = "", ["Poller()"] = "", ["poll_ns"] = "let", has = "ee",
  ["Interfaces.counter_at"] = "i", ["Interfaces:get_name"] = "j", ["Interfaces:get_ifindex"] = "j",
  ["Interfaces:get_flags"] = "j", ["Interfaces:get_mtu"] = "j", ["Interfaces:get_hardware_address"] = "j",
  ["Interfaces:get_counter"] = "jK", ["Interfaces:get_address_count"] = "j", ["Interfaces:get_address"] = "jja",
  ["Interfaces:get_prefix_length"] = "jj", ["Interfaces:get_broadcast"] = "jj", ["Interfaces:get_peer"] = "jj",
  interface_name_to_index = "D", interface_index_to_name = "i",
  ["Limits:find"] = "N", ["Limits:get_ports"] = "", ["Limits:judge"] = "Riii", ["tuning"] = "v",
  ["Batch.new"] = "nii", ["Batch()"] = "nii", ["Batch:get_message"] = "i", ["Batch:get_buffer"] = "i",
  ["Batch:get_data"] = "i", ["Batch:get_size"] = "i", ["Batch:set_data"] = "id", ["Batch:set_address"] = "ia",
  ["Batch:get_address"] = "ia", ["Socket:send_batch"] = "ciig", ["Socket:recv_batch"] = "cig",
  ["Socket:send_segments"] = "dnag", ["Socket:send_segments_buffer"] = "biinag", ["Socket:recv_segments"] = "nga",
  ["Socket:recv_segments_buffer"] = "biiag",
  ["Message.new"] = "n", ["Message()"] = "n", ["Socket:send_message"] = "mg", ["Socket:recv_message"] = "mg",
  ["Message:set_data"] = "dbdb", ["Message:add_data"] = "d", ["Message:add_buffer"] = "bii",
  ["Message:set_address"] = "a", ["Message:get_address"] = "a", ["Message:add_descriptor"] = "s",
  ["Message:take_descriptor"] = "j", ["Message:set_credentials"] = "nnn", ["Message:set_source"] = "ai",
  ["Message:set_ttl"] = "i", ["Message:set_traffic_class"] = "i", ["Message:set_segment_size"] = "n",
  ["Message:set_timestamping"] = "n", ["Message:set_txtime"] = "n", ["Message:add_control"] = "iid",
  ["Message:get_control_type"] = "i", ["Message:get_control_data"] = "i", ["Message:get_destination"] = "a",
  error_name = "n", error_text = "n", error_number = "d", error_from_eai = "n", error_to_eai = "n", error_at = "n",
  error_name_at = "i", protocol_get_number = "D", protocol_get_name = "i", service_by_name = "DD",
  service_by_port = "nd", class_call = "C", front = "Ct", ["Services.byname"] = "D", ["Services.byport"] = "nd",
  ["Errors.description"] = "n", ["EAI_Errors.description"] = "n", ["Errors[]"] = "v", ["Protocols[]"] = "d",
  ["Services[]"] = "D", ["option.get_field_name"] = "oi", ["option.get_field_type"] = "oi", ["option.at"] = "n",
  inherit_socket = "n", inherit_name = "n", feature_at = "i", feature_text = "F", feature_probe = "F",
  Pool = "ii", ["Pool:give"] = "G", ["epoll.new"] = "i", ["Epoller:add"] = "Sev", ["Epoller:mod"] = "sev",
  ["Epoller:del"] = "S", ["Epoller:wait"] = "ti", ["Epoller:wait_callback"] = "Ci", ["ffi.bytes"] = "b",
  ["socket.select"] = "ll", ["socket.sleep"] = "z", ["socket.connect"] = "hp", ["socket.connect4"] = "hp",
  ["socket.connect6"] = "hp", ["socket.bind"] = "hp", ["socket.skip"] = "iv", ["socket.newtry"] = "C",
  ["socket.try"] = "vv", ["socket.protect"] = "C", ["socket.choose"] = "t", ["socket.sink"] = "dL",
  ["socket.source"] = "dLi", ["socket.sinkt.default"] = "L", ["socket.sinkt.keep-open"] = "L",
  ["socket.sinkt.close-when-done"] = "L", ["socket.sourcet.default"] = "L", ["socket.sourcet.until-closed"] = "L",
  ["socket.sourcet.by-length"] = "Li", ["socket.dns.toip"] = "h", ["socket.dns.tohostname"] = "h",
  ["socket.dns.getaddrinfo"] = "h", ["socket.dns.getnameinfo"] = "hp",
  ["below.set_class"] = "Lv", ["below.adopt_class"] = "t", ["below.set_fd"] = "si", ["below.describe"] = "Ld",
  ["below.receive_rest"] = "Lz", ["below.receive"] = "Ldi", ["below.next_line"] = "q", ["below.take"] = "qi",
  ["below.left"] = "q", ["below.in_front"] = "dCttt",
}
for name, call in pairs(llnet.option) do
  if type(call) == "function" and not shapes["option." .. name] then shapes["option." .. name] = "o" end
end

-- Methods of LuaSocket's classes, by the method's name alone.
local luasocket_shapes = {
  settimeout = "Td", setoption = "dv", getoption = "d", receive = "Md", receivefrom = "n", send = "dii", sendto = "dhp",
  bind = "hp", connect = "hp", setsockname = "hp", setpeername = "hp", listen = "i", shutdown = "d", setstats = "nnn",
  setfd = "i", __index = "d",
}

local function shape_of(target)
  local method = target.family == "luasocket" and target.class and target.name:match ":([^:]+)$"
  if method and luasocket_shapes[method] then
    if target.name:find "^unix" and luasocket_shapes[method]:find "^hp" then return "U" end
    if target.name:find "^unix" and method == "sendto" then return "dU" end
    return luasocket_shapes[method]
  end
  return shapes[target.name] or (target.name:find "^Limits:[gi]" and "i") or ""
end

-- Random arguments for a target: the list, and how many; shaped for certain, or as often as not.
return function(target, shaped)
  local arguments, n = {}, 0
  if shaped or chance(2) then
    local wanted = target.shape
    if not wanted then
      wanted = {}
      for letter in shape_of(target):gmatch "." do wanted[#wanted + 1] = letters[letter] end
      target.shape = wanted
    end
    if target.class then
      arguments[1] = live(target.class)
      n = 1
    end
    for i = 1, #wanted do arguments[n + i] = wanted[i](arguments) end
    if #wanted > 0 and chance(4) then arguments[n + below(#wanted)] = values.any() end
    return arguments, n + #wanted
  end
  n = below(7) - 1
  for i = 1, n do arguments[i] = values.any() end
  if target.class and not chance(10) then
    arguments[1] = live(target.class)
    if n == 0 then n = 1 end
  end
  return arguments, n
end
