-- SPDX-License-Identifier: MIT
-- llnet: low-level sockets. Classes Socket, Addr, AddrInfo, Buffer, Message, Batch, Poller,
-- Interfaces, Limits; the system's constants (llnet.AF_INET); tables Errors, EAI_Errors, Options and what
-- else the predecessor had. See llnet(3lua).
--
-- The functions are those of the C library, made by SWIG in llnet.core; here they
-- are put where programs look for them.

local core = require "llnet.core"
local class = require "llnet.class"

local llnet = {}

-- functions of the library itself, and the constants
for name, value in pairs(core) do
  if type(value) == "function" then llnet[name] = value end
end
llnet.class_call = nil -- for llnet.class alone
for name, value in pairs(core.constants) do llnet[name] = value end
llnet.option = core.option

local Socket = class.make(core.Socket, { "open", "pair", "adopt", "borrow", "open_pipe" })
Socket.new = Socket.open
Socket.fd = Socket.adopt
llnet.Socket = Socket

local Buffer = class.make(core.Buffer, { "new" })
llnet.Buffer = Buffer
llnet.Pool = require "llnet.pool"(Buffer.new)

local AddrInfo = class.make(core.AddrInfo, { "new" })
-- the predecessor's name for all the hints
AddrInfo.full = AddrInfo.new
llnet.AddrInfo = AddrInfo

local Poller = class.make(core.Poller, { "new", "backend_at" })
llnet.Poller = Poller

-- The names of the poller's backends here, best first.
function Poller.backends()
  local names = {}
  repeat
    local name = Poller.backend_at(#names)
    names[#names + 1] = name
  until not name
  return names
end

-- All answers as an array of { addr =, family =, socktype =, protocol = }.
function core.AddrInfo:all()
  local answers = {}
  local more = self:first()
  while more do
    answers[#answers + 1] = {
      addr = self:get_addr(),
      family = self:get_family(),
      socktype = self:get_socktype(),
      protocol = self:get_protocol(),
    }
    more = self:next()
  end
  self:first()
  return answers
end

local Message = class.make(core.Message, { "new" })
llnet.Message = Message

local Batch = class.make(core.Batch, { "new" })
llnet.Batch = Batch

local Interfaces = class.make(core.Interfaces, { "new", "counter_at" })
llnet.Interfaces = Interfaces

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
function llnet.interfaces()
  local list, problem, number = Interfaces.new()
  if not list then return nil, problem, number end
  local interfaces = {}
  for i = 0, list:get_count() - 1 do
    local flags, hardware = list:get_flags(i), list:get_hardware_address(i)
    local function has(flag) return flags % (2 * flag) >= flag end
    interfaces[i + 1] = {
      name = list:get_name(i),
      index = list:get_ifindex(i),
      flags = flags,
      up = has(core.constants.IFF_UP),
      running = has(core.constants.IFF_RUNNING),
      loopback = has(core.constants.IFF_LOOPBACK),
      point_to_point = has(core.constants.IFF_POINTOPOINT),
      multicast = has(core.constants.IFF_MULTICAST),
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

local Limits = class.make(core.Limits, { "new" })
llnet.Limits = Limits

local verdicts = {
  [core.constants.VERDICT_NONE] = "none",
  [core.constants.VERDICT_OK] = "ok",
  [core.constants.VERDICT_SHORT] = "short",
  [core.constants.VERDICT_ABSENT] = "absent",
}

-- What falls short, in one line; nil where nothing does.
local function summary_of(limits, role, connections, rate, datagrams)
  local short = {}
  for _, limit in ipairs(limits) do
    if limit.verdict == "short" then
      short[#short + 1] = ("%s is %s, wanted %s"):format(limit.name, limit.now, limit.wanted)
    end
  end
  if #short == 0 then return nil end
  local advice = "%s: see llnet-tune --role %s --connections %.0f --rate %.0f --datagrams %.0f"
  return advice:format(table.concat(short, "; "), role, connections, rate, datagrams)
end

-- The machine's limits, judged for a load { role =, connections =, rate =, datagrams = }, as an
-- array of tables, with ready and summary: see llnet(3lua).
function llnet.tuning(load)
  load = load or {}
  local role, connections, datagrams = load.role or "server", load.connections or 1000, load.datagrams or 0
  local rate = load.rate or math.ceil(connections / 10)
  local list, problem, number = Limits.new()
  if not list then return nil, problem, number end
  local judged, name, code = list:judge(role, connections, rate, datagrams)
  if not judged then return nil, name, code end
  local limits = { ready = list:get_shortfalls() == 0, shortfalls = list:get_shortfalls() }
  for i = 0, list:get_count() - 1 do
    limits[i + 1] = {
      name = list:get_name(i),
      meaning = list:get_meaning(i),
      unit = list:get_unit(i),
      place = list:get_place(i),
      per_netns = list:is_per_netns(i),
      now = list:get_text(i),
      wanted = list:get_wanted(i),
      verdict = verdicts[list:get_verdict(i)],
      reason = list:get_reason(i),
      setting = list:get_setting(i),
      remedy = list:get_remedy(i),
    }
  end
  limits.summary = summary_of(limits, role, connections, rate, datagrams)
  return limits
end

local Addr = class.make(core.Addr_class, { "new", "ip", "ip_bytes", "parse", "bytes", "unix", "family", "netlink",
  "packet", "vsock", "ip_port" })
llnet.Addr = Addr

-- All sockets that a service manager passed, as an array of { socket =, name = }. None is
-- taken where one cannot be.
function llnet.inherited()
  local count, name, number = llnet.inherit_count()
  if not count then return nil, name, number end
  local list = {}
  for i = 0, count - 1 do
    local socket, problem, code = llnet.inherit_socket(i)
    if not socket then
      for _, taken in ipairs(list) do taken.socket:detach() end
      return nil, problem, code
    end
    list[i + 1] = { socket = socket, name = llnet.inherit_name(i) }
  end
  return list
end

-- What works here, found by trying: a table from each feature's name to true or false.
function llnet.features()
  local found, index = {}, 0
  local name = llnet.feature_at(0)
  while name do
    found[name] = llnet.feature_probe(name) == true
    index = index + 1
    name = llnet.feature_at(index)
  end
  return found
end

require "llnet.predecessor"(llnet, core)

for _, complete_class in ipairs { Socket, Addr, AddrInfo, Buffer, Message, Batch, Poller, Interfaces,
  Limits } do
  class.seal(complete_class)
end

return llnet
