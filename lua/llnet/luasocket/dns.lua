-- SPDX-License-Identifier: MIT
-- llnet.luasocket.dns: names and addresses, over getaddrinfo(3) and getnameinfo(3).

local gethostname = require("llnet.core").luasocket.gethostname
local llnet = require "llnet"
local inet = require "llnet.luasocket.inet"
local object = require "llnet.luasocket.object"
local words = require "llnet.luasocket.words"

local STREAM, INET = llnet.SOCK_STREAM, llnet.AF_INET

local dns = {}

local family_names = { [llnet.AF_INET] = "inet", [llnet.AF_INET6] = "inet6" }

-- What LuaSocket says where a name has no answer.
local function no_host(name, number)
  if name == "EAI_NONAME" or name == "EAI_NODATA" then return nil, "host not found" end
  return nil, words.of(name, number)
end

-- The official name of an IPv4 address.
local function name_of(addr)
  local name, problem, number = addr:get_nameinfo(llnet.NI_NAMEREQD)
  if not name then return no_host(problem, number) end
  return name
end

-- IPv4 addresses and the official name of a host or address: the name, and the table that
-- LuaSocket makes of it. There are no aliases: getaddrinfo(3) doesn't tell them.
local function host_of(host)
  local info, problem, number = llnet.AddrInfo(host, nil, INET, STREAM, 0, llnet.AI_CANONNAME)
  if not info then return no_host(problem, number) end
  local name = info:get_canonname() or host
  local numeric = llnet.Addr.ip(host, 0)
  if numeric and numeric:get_family() == INET then
    name, problem = name_of(numeric)
    if not name then return nil, problem end
  end
  local resolved = { name = name, ip = {}, alias = {} }
  for i, answer in ipairs(info:all()) do resolved.ip[i] = (answer.addr:get_address()) end
  return name, resolved
end

function dns.toip(host)
  local name, resolved = host_of(object.check_string(1, host))
  if not name then return nil, resolved end
  return resolved.ip[1], resolved
end

function dns.tohostname(host)
  return host_of(object.check_string(1, host))
end

-- All addresses of a host, in the order of preference.
function dns.getaddrinfo(host)
  local answers, problem = inet.resolve(object.check_string(1, host), nil, llnet.AF_UNSPEC, STREAM, 0)
  if not answers then return nil, problem end
  local addresses = {}
  for i, answer in ipairs(answers) do
    addresses[i] = { family = family_names[answer.family] or "unspec", addr = (inet.name_of(answer.addr)) }
  end
  return addresses
end

-- The names of a host's addresses, and that of a service.
function dns.getnameinfo(host, service)
  if host == nil and service == nil then error("host and serv cannot be both nil", 2) end
  host = host ~= nil and object.check_string(1, host) or nil
  service = service ~= nil and object.check_service(2, service) or nil
  local answers, problem = inet.resolve(host, service, llnet.AF_UNSPEC, STREAM, 0)
  if not answers then return nil, problem end
  local names, service_name = {}, nil
  for i, answer in ipairs(answers) do
    local name, number
    name, service_name, number = answer.addr:get_nameinfo(0)
    if not name then return nil, words.of(service_name, number) end
    if host then names[i] = name end
  end
  if not service then return names end
  return names, service_name
end

function dns.gethostname()
  local name, problem, number = gethostname()
  if not name then return nil, words.of(problem, number) end
  return name
end

return dns
