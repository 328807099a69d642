-- SPDX-License-Identifier: MIT
-- predecessor_options: lua-llnet's tables of socket options: every option that it had or
-- named is there, readable and writable as it was, with a value or an error that has a name.

local t = require "harness"
local llnet = t.llnet

local LSocket, LSockAddr = llnet.LSocket, llnet.LSockAddr
local Options, Get, Set = llnet.Options, llnet.GetSocketOption, llnet.SetSocketOption

local function words(text)
  local list = {}
  for word in text:gmatch("%S+") do list[#list + 1] = word end
  return list
end

-- name: how it is reached. r: get only, w: set only.
local flags = words [[SO_DEBUG SO_REUSEADDR SO_DONTROUTE SO_BROADCAST SO_KEEPALIVE SO_OOBINLINE SO_NO_CHECK
  SO_BSDCOMPAT SO_PASSCRED SO_TIMESTAMP SO_TIMESTAMPNS IP_HDRINCL IP_RECVOPTS IP_RECVRETOPTS IP_MULTICAST_LOOP
  IP_ROUTER_ALERT
  IP_PKTINFO IP_RECVERR IP_RECVTTL IP_RECVTOS IP_FREEBIND IP_RECVORIGDSTADDR IPV6_MULTICAST_LOOP IPV6_RECVERR
  IPV6_V6ONLY IPV6_RECVPKTINFO IPV6_RECVHOPLIMIT IPV6_RECVHOPOPTS IPV6_RECVRTHDR IPV6_RECVDSTOPTS IPV6_RECVTCLASS
  TCP_NODELAY TCP_CORK TCP_QUICKACK]]
local integers = words [[SO_SNDBUF SO_RCVBUF SO_SNDBUFFORCE SO_RCVBUFFORCE SO_PRIORITY SO_RCVLOWAT SO_SNDLOWAT
  SO_TIMESTAMPING SO_MARK IP_TOS IP_TTL IP_MULTICAST_TTL IP_MTU_DISCOVER IP_MTU IP_MINTTL IPV6_CHECKSUM
  IPV6_UNICAST_HOPS IPV6_MULTICAST_IF IPV6_MULTICAST_HOPS IPV6_MTU_DISCOVER IPV6_MTU IPV6_TCLASS TCP_MAXSEG
  TCP_KEEPIDLE TCP_KEEPINTVL TCP_KEEPCNT TCP_SYNCNT TCP_LINGER2 TCP_DEFER_ACCEPT TCP_WINDOW_CLAMP]]
local read_only = words "SO_ACCEPTCONN SO_TYPE SO_ERROR SO_PROTOCOL SO_DOMAIN"
local write_only = words "IPV6_ADDRFORM"
local never_built = words [[SO_LINGER SO_PEERCRED SO_RCVTIMEO SO_SNDTIMEO IP_MULTICAST_IF IP_ADD_MEMBERSHIP
  IP_DROP_MEMBERSHIP IP_BLOCK_SOURCE IP_UNBLOCK_SOURCE IP_ADD_SOURCE_MEMBERSHIP IP_DROP_SOURCE_MEMBERSHIP IP_MSFILTER
  IP_PKTOPTIONS IPV6_JOIN_GROUP IPV6_LEAVE_GROUP IPV6_JOIN_ANYCAST IPV6_LEAVE_ANYCAST IPV6_PKTINFO IPV6_HOPOPTS
  IPV6_RTHDRDSTOPTS IPV6_RTHDR IPV6_DSTOPTS TCP_INFO IPV6_ADD_MEMBERSHIP IPV6_DROP_MEMBERSHIP IPV6_RXHOPOPTS
  IPV6_RXDSTOPTS]]
local others = words [[SO_BINDTODEVICE IP_OPTIONS IP_RETOPTS TCP_CONGESTION IPV6_NEXTHOP IPV6_ROUTER_ALERT
  IPV6_HOPLIMIT]]

-- a socket that an option is for, by the option's name
local function socket_for(name)
  if name == "SO_PASSCRED" then return LSocket(llnet.AF_UNIX, llnet.SOCK_STREAM) end
  if name:find("^TCP_") then return LSocket(llnet.AF_INET, llnet.SOCK_STREAM) end
  return LSocket(name:find("^IPV6_") and llnet.AF_INET6 or llnet.AF_INET, llnet.SOCK_DGRAM)
end

local function each_defined(names, body)
  for _, name in ipairs(names) do
    if Options[name] then
      local sock = socket_for(name)
      if sock then
        body(name, sock)
        sock:close()
      end
    end
  end
end

-- true, or nil and an error that has a name
local function accepted(name, value, problem, number)
  if value == nil then
    t.equal(llnet.Errors[problem], number, name .. ": " .. tostring(problem))
  else
    t.equal(value, true, name)
  end
end

t.case("Options has levels and names both ways", function()
  for name, level in pairs { SOL_IP = 0, SOL_IPV6 = 41, SOL_ICMPV6 = 58, SOL_TCP = 6, SOL_UDP = 17 } do
    t.equal(Options[name], level, name)
    t.equal(llnet[name], level, name)
  end
  t.equal(Options.SOL_SOCKET, llnet.SOL_SOCKET)
  for name, value in pairs(Options) do
    if type(name) == "string" then
      t.equal(type(value), "number", name)
      if math.type then t.equal(math.type(value), "integer", name) end
      t.equal(type(Options[value]), "string", name)
      t.equal(Options[Options[value]], value, name)
    end
  end
end)

t.case("every option of the predecessor is in Options, and Get and Set as its direction is", function()
  if not Options.SO_DOMAIN then t.skip("not every option is defined here") end
  for _, list in ipairs { flags, integers, others, never_built } do
    for _, name in ipairs(list) do t.equal(type(Options[name]), "number", name) end
  end
  for _, list in ipairs { flags, integers } do
    for _, name in ipairs(list) do
      t.equal(type(Get[name]), "function", "get " .. name)
      t.equal(type(Set[name]), "function", "set " .. name)
    end
  end
  for _, name in ipairs(read_only) do
    t.equal(type(Get[name]), "function", name)
    t.equal(Set[name], nil, name)
  end
  for _, name in ipairs(write_only) do t.equal(type(Set[name]), "function", name) end
end)

t.case("flags are read as 0 or 1 and set by 0, 1, false and true", function()
  each_defined(flags, function(name, sock)
    for _, value in ipairs { 1, 0, true, false } do
      local ok, problem, number = Set[name](sock, value)
      accepted(name, ok, problem, number)
      local got, get_problem, get_number = Get[name](sock)
      if got == nil then
        t.equal(llnet.Errors[get_problem], get_number, name)
      else
        t.equal(got == 0 or got == 1, true, name)
        -- what the kernel takes and keeps
        if ok and name ~= "TCP_QUICKACK" and name ~= "SO_BSDCOMPAT" and name ~= "SO_TIMESTAMP" then
          t.equal(got, (value == 1 or value == true) and 1 or 0, name)
        end
      end
    end
  end)
end)

t.case("integers are read as integers, and accepted or refused by name", function()
  each_defined(integers, function(name, sock)
    local value, problem, number = Get[name](sock)
    if value == nil then
      t.equal(llnet.Errors[problem], number, name)
      value = 1
    else
      t.equal(type(value), "number", name)
      if math.type then t.equal(math.type(value), "integer", name) end
    end
    accepted(name, Set[name](sock, value))
    accepted(name, Set[name](sock, 1))
    t.equal(pcall(Set[name], sock, {}), false, name)
    t.equal(pcall(Set[name], sock), false, name)
  end)
end)

t.case("what can only be read is right", function()
  local server = t.listener()
  t.equal(Get.SO_ACCEPTCONN(server), 1)
  t.equal(Get.SO_TYPE(server), llnet.SOCK_STREAM)
  t.equal(Get.SO_ERROR(server), 0)
  if Get.SO_DOMAIN then
    t.equal(Get.SO_DOMAIN(server), llnet.AF_INET)
    t.equal(Get.SO_PROTOCOL(server), llnet.IPPROTO_TCP)
  end
  server:close()
end)

t.case("the options that were never built are here", function()
  local sock = LSocket(llnet.AF_INET, llnet.SOCK_STREAM)
  t.results({ Set.SO_LINGER(sock, { on = true, seconds = 5 }) }, true)
  t.equal(Get.SO_LINGER(sock).seconds, 5)
  t.equal(Get.SO_LINGER(sock).on, true)
  t.results({ Set.SO_RCVTIMEO(sock, 1.5) }, true)
  t.equal(Get.SO_RCVTIMEO(sock), 1.5)
  sock:close()
  each_defined(never_built, function(name, socket)
    if Get[name] then
      local value, problem, number = Get[name](socket)
      if value == nil then t.equal(llnet.Errors[problem], number, name) end
    end
    if Set[name] then
      local ok, value, problem, number = pcall(Set[name], socket, 1)
      if ok then accepted(name, value, problem, number) end
    end
  end)
end)

t.case("any number but 0 switches a flag on", function()
  local sock = LSocket(llnet.AF_INET, llnet.SOCK_STREAM)
  t.results({ Set.SO_KEEPALIVE(sock, 5) }, true)
  t.equal(Get.SO_KEEPALIVE(sock), 1)
  t.results({ Set.SO_KEEPALIVE(sock, 0) }, true)
  t.equal(Get.SO_KEEPALIVE(sock), 0)
  sock:close()
end)

t.case("options want a socket", function()
  for _, wrong in ipairs { 5, "x", {}, io.stdout, LSockAddr() } do
    t.raises("Socket expected", Get.SO_TYPE, wrong)
    t.raises("Socket expected", Set.SO_KEEPALIVE, wrong, 1)
  end
end)

t.case("a setter takes a number as text, as other calls do", function()
  local sock = assert(llnet.Socket("inet", "stream"))
  t.equal(Set.SO_SNDBUF(sock, "8192"), true)
  t.integer(Get.SO_SNDBUF(sock), 16384) -- socket(7): the kernel doubles it
  t.equal(Set.SO_REUSEADDR(sock, "1"), true)
  t.integer(Get.SO_REUSEADDR(sock), 1)
  t.equal(Set.SO_REUSEADDR(sock, "0"), true)
  t.integer(Get.SO_REUSEADDR(sock), 0)
  t.raises("SO_SNDBUF wants an integer, got 1.5", Set.SO_SNDBUF, sock, "1.5")
  t.raises("SO_REUSEADDR wants a boolean, 0 or 1, got string", Set.SO_REUSEADDR, sock, "yes")
  -- text stays text
  if Set.TCP_CONGESTION then t.fails("ENOENT", Set.TCP_CONGESTION(sock, "10")) end
  sock:close()
end)

t.done()
