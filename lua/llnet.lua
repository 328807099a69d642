-- SPDX-License-Identifier: MIT
-- llnet: low-level sockets. Classes Socket, Addr, AddrInfo, Buffer, Message, Batch, Poller,
-- Interfaces, Limits; the system's constants (llnet.AF_INET); tables Errors, EAI_Errors, Options and what
-- else the predecessor had. See llnet(3lua).
--
-- The functions are those of the C library, made by SWIG in llnet.core; here they
-- are put where programs look for them.

local core = require "llnet.core"
local class = require "llnet.class"

-- The constants' table becomes the module: some hundreds need no copy then.
local llnet = core.constants

-- functions of the library itself
for name, value in pairs(core) do
  if type(value) == "function" then llnet[name] = value end
end
llnet.class_call, llnet.front = nil, nil -- for the module's own files
local front = core.front
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
-- (The object's own fields are not asked: they may be the program's functions.)
local first, next_answer, get_addr = core.AddrInfo.first, core.AddrInfo.next, core.AddrInfo.get_addr
local get_family, get_socktype = core.AddrInfo.get_family, core.AddrInfo.get_socktype
local get_protocol = core.AddrInfo.get_protocol
core.AddrInfo.all = front(function(self)
  local answers = {}
  local more = first(self)
  while more do
    answers[#answers + 1] = {
      addr = get_addr(self),
      family = get_family(self),
      socktype = get_socktype(self),
      protocol = get_protocol(self),
    }
    more = next_answer(self)
  end
  first(self)
  return answers
end)

local Message = class.make(core.Message, { "new" })
llnet.Message = Message

local Batch = class.make(core.Batch, { "new" })
llnet.Batch = Batch

local Interfaces = class.make(core.Interfaces, { "new", "counter_at" })
llnet.Interfaces = Interfaces

-- All interfaces as an array of tables. It is read when it is first asked for, as are others
-- below: to read it is much of what require would cost.
function llnet.interfaces() return require "llnet.interface"() end

local Limits = class.make(core.Limits, { "new" })
llnet.Limits = Limits

-- The machine's limits, judged for a load.
llnet.tuning = front(function(load) return require "llnet.tuning"(load) end)

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
