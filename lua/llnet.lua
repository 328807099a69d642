-- SPDX-License-Identifier: MIT
-- llnet: low-level sockets. Classes Socket, Addr, AddrInfo, Buffer, Poller,
-- Message, Batch; the system's constants (llnet.AF_INET); tables Errors, EAI_Errors, Options and what
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

local Socket = class.make(core.Socket, { "open", "pair", "adopt", "borrow" })
Socket.new = Socket.open
Socket.fd = Socket.adopt
llnet.Socket = Socket

local Buffer = class.make(core.Buffer, { "new" })
llnet.Buffer = Buffer

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

local Addr = class.make(core.Addr_class, { "new", "ip", "ip_bytes", "parse", "bytes", "unix", "family", "ip_port" })
llnet.Addr = Addr

require "llnet.predecessor"(llnet, core)

for _, complete_class in ipairs { Socket, Addr, AddrInfo, Buffer, Poller, Message, Batch } do
  class.seal(complete_class)
end

return llnet
