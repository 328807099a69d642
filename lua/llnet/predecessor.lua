-- SPDX-License-Identifier: MIT
-- llnet.predecessor: the names and call shapes of Neopallium's lua-llnet, so that
-- programs written for it run unchanged. The classes are the same ones under
-- other names; what is here gives them the forms that differ.

local front = require "llnet.core".front

-- ---- addresses ----------------------------------------------------------------

-- 0, or -1 with the error behind it: the form of the predecessor's setters
local function zero_or_minus_one(ok, name, number)
  if ok then return 0 end
  return -1, name, number
end

local function add_address_forms(methods)
  local set_ip, set_unix = methods.set_ip, methods.set_unix
  local set_port, get_port = methods.set_port, methods.get_port
  local get_unix, get_ip = methods.get_unix, methods.get_ip

  methods.set_ip_port = front(function(self, ip, port) return zero_or_minus_one(set_ip(self, ip, port)) end)
  methods.set_unix = front(function(self, name) return zero_or_minus_one(set_unix(self, name)) end)
  methods.set_port = front(function(self, port) return zero_or_minus_one(set_port(self, port)) end)

  methods.get_port = front(function(self)
    local port, name, number = get_port(self)
    if port then return port end
    return -1, name, number
  end)

  -- the IP address or the Unix path as text
  methods.get_address = front(function(self)
    return get_ip(self) or get_unix(self) or tostring(self)
  end)

  methods.todata = methods.get_bytes
  methods.sockaddr_len = methods.get_size
  methods.resize = methods.set_size
end

-- ---- lookups --------------------------------------------------------------------

local function add_lookup_forms(llnet, addr_methods, methods)
  local lookup, get_addr = llnet.AddrInfo.full, methods.get_addr
  local AddrInfo = llnet.AddrInfo

  -- as full, but for stream sockets where nothing else is said
  AddrInfo.new = front(function(host, port, family, socktype, protocol, flags)
    return lookup(host, port, family, socktype or llnet.SOCK_STREAM, protocol, flags)
  end)
  AddrInfo.ipv4 = front(function(host, port) return lookup(host, port, llnet.AF_INET, llnet.SOCK_STREAM) end)
  AddrInfo.ipv6 = front(function(host, port) return lookup(host, port, llnet.AF_INET6, llnet.SOCK_STREAM) end)

  -- get_addr(addr) fills that one and gives 0 or -1; get_addr() makes one
  methods.get_addr = front(function(self, addr)
    if addr == nil then return get_addr(self) end
    return zero_or_minus_one(get_addr(self, addr))
  end)

  -- the first answer; without port, and with a number as port, too
  local get_family, lookup_behind = addr_methods.get_family, front(lookup, { 2, 3, 4, 5, 6, 7 })
  addr_methods.lookup_full = front(function(self, ...)
    get_family(self) -- what is no address raises before the look-up, which takes its time
    local info, name, number = lookup_behind(...)
    if not info then return nil, name, number end
    return get_addr(info, self)
  end)
end

-- ---- sockets, buffers -------------------------------------------------------------

local function add_socket_forms(llnet)
  local pair = llnet.Socket.pair

  -- a failure stands in the third place
  llnet.socketpair = front(function(socktype, flags)
    local first, second, number = pair(llnet.AF_UNIX, socktype, 0, flags)
    if first then return first, second end
    return nil, nil, second, number
  end, { [2] = 1, [4] = 2 })
end

local function add_buffer_forms(methods)
  methods.size = methods.get_size
  methods.capacity = methods.get_capacity
end

return function(llnet, core)
  add_address_forms(core.Addr)
  add_lookup_forms(llnet, core.Addr, core.AddrInfo)
  add_socket_forms(llnet)
  add_buffer_forms(core.Buffer)

  llnet.LSocket, llnet.LSockAddr = llnet.Socket, llnet.Addr
  llnet.LAddrInfo, llnet.LIOBuffer = llnet.AddrInfo, llnet.Buffer

  -- The tables are made when a program first asks for one: most never do, and they are
  -- most of what require would cost. Until then pairs(llnet) does not show them.
  local tables = { Errors = true, EAI_Errors = true, Protocols = true, Services = true, Options = true,
    GetSocketOption = true, SetSocketOption = true }
  setmetatable(llnet, { __index = function(self, name)
    if not tables[name] then return nil end
    require "llnet.predecessor_tables"[name](core)
    return rawget(self, name)
  end })
end
