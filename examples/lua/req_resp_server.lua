-- SPDX-License-Identifier: MIT
-- req_resp_server.lua: answers each request of a fixed size with the same bytes, over TCP,
-- Unix streams or UDP. Shows: one loop for three transports, Buffers instead of strings.
--
--   lua5.1 req_resp_server.lua                        tcp:127.0.0.1:7000
--   lua5.1 req_resp_server.lua -s 1000 udp:[::1]:0    a free port; the first line says which
--   lua5.1 req_resp_server.lua unix:/tmp/echo.sock
--
--   -s N   bytes in a request (64)
--   -n N   stop after N requests, and print statistics
-- req_resp_client.lua is the other side.

local llnet = require "llnet"

local options = { s = 64, n = math.huge }
local LIMITS = { s = 16777216, n = 2147483647 }
local TURNS = 64 -- accepts or datagrams before the others' turn comes

local poller = assert(llnet.Poller())
local server -- what listens
local stats = { requests = 0, connections = 0, errors = 0 }

local function fail(status, message)
  io.stderr:write("req_resp_server: ", message, "\n")
  os.exit(status)
end

local function again(problem) return problem == "EAGAIN" or problem == "EINTR" end

-- ---- streams ----------------------------------------------------------------------------

-- Of each: socket; buffer, exactly one request; filled bytes of it have come, sent bytes gone.
local Connection = {}
Connection.__index = Connection

function Connection:close(problem)
  if problem ~= "CLOSED" then stats.errors = stats.errors + 1 end
  poller:remove(self.socket)
  self.socket:close()
  server:resume()
end

function Connection:receive()
  local count, problem = self.socket:recv_buffer(self.buffer, self.filled, options.s - self.filled)
  if not count then return not again(problem) and self:close(problem) end
  self.filled = self.filled + count
  if self.filled < options.s then return end
  self.sent = 0
  self:send()
end

-- While the answer can't be sent nothing is read.
function Connection:send()
  local count, problem = self.socket:send_buffer(self.buffer, self.sent)
  if not count and not again(problem) then return self:close(problem) end
  self.sent = self.sent + (count or 0)
  local finished = self.sent == options.s
  if finished then
    self.filled, self.sent = 0, nil
    stats.requests = stats.requests + 1
  end
  if finished == self.waiting then
    self.waiting = not finished
    assert(poller:modify(self.socket, self.waiting and llnet.POLLOUT or llnet.POLLIN, self))
  end
end

function Connection:on_event()
  if self.sent then self:send() else self:receive() end
end

local Listener = {}
Listener.__index = Listener

function Listener:on_event()
  for _ = 1, TURNS do
    local socket, problem = self.socket:accept(nil, llnet.SOCK_NONBLOCK)
    if socket then
      local buffer = llnet.Buffer(options.s)
      buffer:set_size(options.s)
      local connection = setmetatable({ socket = socket, buffer = buffer, filled = 0, waiting = false }, Connection)
      stats.connections = stats.connections + 1
      -- where the kernel has no room to watch it, it is closed
      if not poller:add(socket, llnet.POLLIN, connection) then connection:close("ENOSPC") end
    elseif again(problem) then
      return
    elseif problem ~= "ECONNABORTED" then
      -- EMFILE and the like: the listener stays readable and the loop would spin
      poller:remove(self.socket)
      self.paused = true
      return
    end
  end
end

-- Called when a descriptor may be free again.
function Listener:resume()
  if not self.paused then return end
  self.paused = false
  assert(poller:add(self.socket, llnet.POLLIN, self))
end

-- ---- datagrams ----------------------------------------------------------------------------

local Datagrams = {}
Datagrams.__index = Datagrams

function Datagrams.resume() end

-- A datagram of another size is no request; one that can't be sent now is lost, as datagrams are.
function Datagrams:on_event()
  for _ = 1, TURNS do
    local count, problem = self.socket:recvfrom_buffer(self.buffer, 0, options.s + 1, self.from)
    if count == options.s then
      stats.requests = stats.requests + 1
      count = self.socket:sendto_buffer(self.buffer, 0, options.s, self.from)
    elseif again(problem) then
      return
    end
    if count ~= options.s then stats.errors = stats.errors + 1 end
  end
end

-- ---- command line ---------------------------------------------------------------------------

local function help() -- the comment at the top of this file
  for line in io.lines(arg[0]) do
    if line == "" then os.exit(0) end
    if not line:find("SPDX") then print((line:gsub("^%-%- ?", ""))) end
  end
end

local function read_options()
  local address = "tcp:127.0.0.1:7000"
  local i = 1
  while arg[i] do
    local name = arg[i]:match("^%-%-?(%l+)$")
    if name == "help" then help() end
    if options[name or ""] then
      i = i + 1
      options[name] = tonumber(arg[i] and arg[i]:match("^%d+$")) or 0
      if options[name] < 1 or options[name] > LIMITS[name] then
        fail(2, ("-%s wants a number from 1 to %d"):format(name, LIMITS[name]))
      end
    elseif arg[i]:find("^%-") then
      fail(2, "unknown option '" .. arg[i] .. "'; --help lists them")
    else
      address = arg[i]
    end
    i = i + 1
  end
  local kind, rest = address:match("^(%l+):(.*)$")
  local known = kind == "tcp" or kind == "udp" or kind == "unix"
  local addr = known and llnet.Addr.parse(kind == "unix" and address or rest)
  return addr or fail(2, ("bad address '%s': tcp:IP:PORT, udp:IP:PORT or unix:PATH is wanted"):format(address)), kind
end

local function open(addr, kind)
  local socktype = kind == "udp" and "dgram" or "stream"
  local socket = assert(llnet.Socket(addr:get_family(), socktype, 0, llnet.SOCK_NONBLOCK))
  if kind == "tcp" then
    assert(socket:set_option("SO_REUSEADDR", true))
    assert(socket:set_option("TCP_NODELAY", true)) -- accepted ones inherit it
  end
  local ok, problem, number = socket:bind(addr)
  if ok and kind ~= "udp" then ok, problem, number = socket:listen(4096) end
  if not ok then
    fail(1, ("cannot listen on %s: %s (%s)"):format(addr:format(), llnet.error_text(number), problem))
  end
  if kind ~= "udp" then return setmetatable({ socket = socket }, Listener) end
  local buffer = llnet.Buffer(options.s + 1)
  buffer:set_size(options.s + 1)
  return setmetatable({ socket = socket, buffer = buffer, from = llnet.Addr() }, Datagrams)
end

local wanted, kind = read_options()
server = open(wanted, kind)
assert(poller:add(server.socket, llnet.POLLIN, server))
local addr = server.socket:get_sockname()
print("listening on " .. (kind == "unix" and "" or kind .. ":") .. addr:format())
io.stdout:flush()

local ready = {}
repeat
  local count, problem = poller:wait(ready, 1000)
  assert(count or problem == "EINTR", problem)
  for i = 1, 2 * (count or 0), 2 do ready[i]:on_event() end
  if count == 0 then server:resume() end
until stats.requests >= options.n
if kind == "unix" then os.remove(addr:get_unix()) end
print(("%d requests, %d connections, %d errors"):format(stats.requests, stats.connections, stats.errors))
