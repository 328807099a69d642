-- SPDX-License-Identifier: MIT
-- llnet.luasocket: LuaSocket's interface on llnet: what socket.core and socket.lua give
-- together. See llnet.luasocket(3lua).

local core = require "llnet.core"
local except = require "llnet.luasocket.except"
local object = require "llnet.luasocket.object"

local socket = {
  _VERSION = "LuaSocket 3.1.0 (llnet " .. core.version() .. ")",
  _SETSIZE = core.luasocket.descriptor_limit(),
  _SOCKETINVALID = -1,
  newtry = except.newtry,
  protect = except.protect,
  skip = except.skip,
  select = require "llnet.luasocket.select",
  dns = require "llnet.luasocket.dns",
}

require "llnet.luasocket.tcp"(socket)
require "llnet.luasocket.udp"(socket)
require "llnet.luasocket.ltn12".add(socket)
socket.try = except.newtry()

-- Seconds since 1970, with fractions: the time of day, which may jump.
socket.gettime = core.luasocket.time_of_day

-- Waits; less than nothing is nothing.
function socket.sleep(seconds)
  seconds = object.check_number(1, seconds)
  if seconds > 0 then socket.select(nil, nil, seconds) end
end

-- LuaSocket's way to end the use of the library: there is nothing to end.
function socket.__unload()
  return 0.0
end

-- As in LuaSocket the family is that of the own end, where one is said.
function socket.connect4(host, port, own_host, own_port)
  local sock, problem = socket.connect(host, port, own_host, own_port, "inet")
  if not sock then return nil, problem end
  return sock
end

function socket.connect6(host, port, own_host, own_port)
  local sock, problem = socket.connect(host, port, own_host, own_port, "inet6")
  if not sock then return nil, problem end
  return sock
end

-- A server on the first address of the host that can be had; "*" is any of IPv4.
function socket.bind(host, port, backlog)
  host, port = object.check_string(1, host), object.check_service(2, port)
  backlog = object.check_number(3, backlog, 32)
  if host == "*" then host = "0.0.0.0" end
  local addresses, problem = socket.dns.getaddrinfo(host)
  if not addresses then return nil, problem end
  for _, address in ipairs(addresses) do
    local make = address.family == "inet6" and socket.tcp6 or socket.tcp4
    local server, done
    server, problem = make()
    if not server then return nil, problem end
    server:setoption("reuseaddr", true)
    done, problem = server:bind(address.addr, port)
    if done then
      done, problem = server:listen(backlog)
      if done then return server end
    end
    server:close()
  end
  return nil, problem or "no info on address"
end

-- The module socket.unix.
socket.unix = require "llnet.luasocket.unix"(socket)

for _, functions in ipairs { socket, socket.dns, socket.unix } do object.name_functions(functions) end

-- From now on require gives this module for LuaSocket's names. Returns it.
function socket.install()
  for name, module in pairs { ["socket"] = socket, ["socket.core"] = socket, ["socket.unix"] = socket.unix } do
    package.loaded[name] = module
    package.preload[name] = function() return module end
  end
  return socket
end

return socket
