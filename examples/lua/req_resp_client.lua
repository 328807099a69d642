-- SPDX-License-Identifier: MIT
-- req_resp_client.lua: sends requests of a fixed size to req_resp_server.lua, checks that each
-- comes back byte for byte, and measures. Shows: Buffers, partial sends, lost datagrams.
--
--   lua5.1 req_resp_client.lua -c 10 -n 100000 tcp:127.0.0.1:7000
--   lua5.1 req_resp_client.lua -s 1000 udp:[::1]:7000      or unix:/tmp/echo.sock
--
--   -c N   sockets, each with one request under way (10)
--   -n N   requests in all (10000)
--   -s N   bytes in a request (64), the same as the server's
--   -t N   milliseconds after which an answer counts as lost (1000)
-- The exit status is 0 when every request was answered, 1 when not, 2 when the command line
-- is wrong.

local llnet = require "llnet"

local options = { c = 10, n = 10000, s = 64, t = 1000 }
local LIMITS = { c = 1000000, n = 2147483647, s = 16777216, t = 2147483647 }

local poller = assert(llnet.Poller())
local issued, answered, wrong, lost, late, errored = 0, 0, 0, 0, 0, 0
local peers, open = {}, 0 -- array of all, how many are open
local is_stream

local function fail(status, message)
  io.stderr:write("req_resp_client: ", message, "\n")
  os.exit(status)
end

local function again(problem) return problem == "EAGAIN" or problem == "EINTR" end

-- ---- peers --------------------------------------------------------------------------------

-- Of each: socket; request and reply, Buffers; sent bytes of the one are gone, filled bytes of
-- the other have come; since, when the request began.
local Peer = {}
Peer.__index = Peer

-- A request starts with its number, or the last digits of it; filler follows.
local NUMBER_SIZE = 8
local function filler(size) return ("abcdefghijklmnopqrstuvwxyz"):rep(math.ceil(size / 26)):sub(1, size) end

function Peer:close()
  poller:remove(self.socket)
  self.socket:close()
  self.closed = true
  open = open - 1
end

function Peer:failed()
  errored = errored + 1
  self:close()
end

function Peer:next_request()
  if issued >= options.n then return self:close() end
  issued = issued + 1
  self.request:write(0, ("%08d"):format(issued % 100000000):sub(-math.min(NUMBER_SIZE, options.s)))
  self.sent, self.filled, self.since = 0, 0, llnet.clock_now()
  self:send()
end

function Peer:send()
  local count, problem = self.socket:send_buffer(self.request, self.sent)
  if not count and not again(problem) then return self:failed() end
  self.sent = self.sent + (count or 0)
  local events = self.sent < options.s and llnet.POLLOUT or llnet.POLLIN
  if self.events ~= events then
    self.events = events
    assert(poller:modify(self.socket, events, self))
  end
end

-- A datagram that was given up may still come: another number, the same filler.
function Peer:is_late()
  return not is_stream and self.filled == options.s and options.s > NUMBER_SIZE
    and self.reply:get_data(NUMBER_SIZE) == self.request:get_data(NUMBER_SIZE)
end

function Peer:receive()
  local wanted = is_stream and options.s - self.filled or options.s + 1 -- shows a datagram that is too long
  local count, problem = self.socket:recv_buffer(self.reply, self.filled, wanted)
  if not count then
    if not again(problem) then self:failed() end
    return
  end
  self.filled = self.filled + count
  if is_stream and self.filled < options.s then return end
  if self.filled == options.s and self.reply:equal(self.request) then
    answered = answered + 1
  elseif self:is_late() then
    late, self.filled = late + 1, 0
    return
  else
    wrong = wrong + 1
  end
  self:next_request()
end

function Peer:on_event()
  if self.closed then return end
  if self.sent < options.s then self:send() else self:receive() end
end

local function new_peer(addr)
  local socket, problem, number = llnet.Socket(addr:get_family(), is_stream and "stream" or "dgram")
  local ok
  if socket then ok, problem, number = socket:connect(addr) end
  if not ok then
    fail(1, ("cannot connect to %s: %s (%s)"):format(addr:format(), llnet.error_text(number), problem))
  end
  assert(socket:set_nonblock(true))
  local reply = llnet.Buffer(options.s + 1)
  reply:set_size(options.s) -- what is compared
  open = open + 1
  local peer = setmetatable({ socket = socket, request = llnet.Buffer(filler(options.s)), reply = reply,
    events = llnet.POLLIN }, Peer)
  assert(poller:add(socket, llnet.POLLIN, peer))
  return peer
end

local function give_up_lost()
  local now = llnet.clock_now()
  for _, peer in ipairs(peers) do
    if not peer.closed and now - peer.since > options.t * 1e6 then
      lost = lost + 1
      if is_stream then peer:close() else peer:next_request() end
    end
  end
end

-- ---- command line -----------------------------------------------------------------------------

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

local addr, kind = read_options()
is_stream = kind ~= "udp"
for i = 1, options.c do peers[i] = new_peer(addr) end
local started = llnet.clock_now()
local looked = started
for _, peer in ipairs(peers) do peer:next_request() end
local ready = {}
while open > 0 do
  local count, problem = poller:wait(ready, math.min(options.t, 100))
  assert(count or problem == "EINTR", problem)
  for i = 1, 2 * (count or 0), 2 do ready[i]:on_event() end
  if llnet.clock_now() - looked > options.t * 1e5 then -- a tenth of the time that answers have
    give_up_lost()
    looked = llnet.clock_now()
  end
end
local elapsed = (llnet.clock_now() - started) / 1e9
print(("%d requests in %.2f s, %.0f a second, %.1f MB each way"):format(issued, elapsed, issued / elapsed,
  answered * options.s / 1e6))
print(("%d answered, %d wrong, %d lost, %d errored, %d late"):format(answered, wrong, lost, errored, late))
os.exit(answered == options.n and 0 or 1)
