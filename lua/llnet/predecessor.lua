-- SPDX-License-Identifier: MIT
-- llnet.predecessor: the names and call shapes of Neopallium's lua-llnet, so that
-- programs written for it run unchanged. The classes are the same ones under
-- other names; what is here gives them the forms that differ.

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

  function methods:set_ip_port(ip, port) return zero_or_minus_one(set_ip(self, ip, port)) end
  function methods:set_unix(name) return zero_or_minus_one(set_unix(self, name)) end
  function methods:set_port(port) return zero_or_minus_one(set_port(self, port)) end

  function methods:get_port()
    local port, name, number = get_port(self)
    if port then return port end
    return -1, name, number
  end

  -- the IP address or the Unix path as text
  function methods:get_address()
    return get_ip(self) or get_unix(self) or tostring(self)
  end

  methods.todata = methods.get_bytes
  methods.sockaddr_len = methods.get_size
  methods.resize = methods.set_size
end

-- ---- lookups --------------------------------------------------------------------

local function add_lookup_forms(llnet, addr_methods, methods)
  local lookup, get_addr = llnet.AddrInfo.full, methods.get_addr
  local AddrInfo = llnet.AddrInfo

  -- as full, but for stream sockets where nothing else is said
  function AddrInfo.new(host, port, family, socktype, protocol, flags)
    return lookup(host, port, family, socktype or llnet.SOCK_STREAM, protocol, flags)
  end
  function AddrInfo.ipv4(host, port) return lookup(host, port, llnet.AF_INET, llnet.SOCK_STREAM) end
  function AddrInfo.ipv6(host, port) return lookup(host, port, llnet.AF_INET6, llnet.SOCK_STREAM) end

  -- get_addr(addr) fills that one and gives 0 or -1; get_addr() makes one
  function methods:get_addr(addr)
    if addr == nil then return get_addr(self) end
    return zero_or_minus_one(get_addr(self, addr))
  end

  -- the first answer; without port, and with a number as port, too
  local get_family = addr_methods.get_family
  function addr_methods:lookup_full(...)
    get_family(self) -- what is no address raises before the look-up, which takes its time
    local info, name, number = lookup(...)
    if not info then return nil, name, number end
    return get_addr(info, self)
  end
end

-- ---- sockets, buffers -------------------------------------------------------------

local function add_socket_forms(llnet)
  local pair = llnet.Socket.pair

  -- a failure stands in the third place
  function llnet.socketpair(socktype, flags)
    local first, second, number = pair(llnet.AF_UNIX, socktype, 0, flags)
    if first then return first, second end
    return nil, nil, second, number
  end
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
