-- SPDX-License-Identifier: MIT
-- http_client.lua: a load client for HTTP/1.1 on llnet's Poller, one thread.
-- Shows: non-blocking connects, many connections in one loop, time measured.
--
--   lua5.1 http_client.lua -c 100 -n 100000 -k http://127.0.0.1:8080/
--   lua5.1 http_client.lua --hold -c 15000 http://127.0.0.1:8080/
--
--   -c N       connections at a time (10)
--   -n N       requests in all (1000; with --hold as many as connections)
--   -k         keep connections alive; without it each request has its own
--   --hold     open all connections first, then send on all of them at once
--   --stall N  give up when nothing has happened for N seconds (30)
--   --check    warn where the machine's limits fall short of this load
-- The URL: http://host[:port]/path, http://[::1]/, or http://unix:/run/x.sock:/path
--
-- Succeeded: status 2xx and a body of the length that Content-Length announced. Failed:
-- another answer. Errored: none, because of the network. Latency is the time from the
-- request to the end of its answer. The exit status is 0 when all succeeded, 1 when not,
-- 2 when the command line is wrong. Progress goes to stderr.

local llnet = require "llnet"

local CONNECTS_MAX = 500 -- under way at a time, lest the server's backlog overflows
local READ_SIZE = 8192
local HEAD_MAX = 65536
local HINTS = {
  EMFILE = "no descriptor was free: ulimit -n, or a smaller -c",
  EADDRNOTAVAIL = "no local port was free: -k, or net.ipv4.ip_local_port_range",
}

local options = { c = 10, n = 0, k = false, hold = false, stall = 30, check = false }
local LIMITS = { c = 1000000, n = 2147483647, stall = 2000000 } -- a wait takes milliseconds in 32 bits

local poller = assert(llnet.Poller())
local addr                          -- of the server
local request_keep, request_close   -- texts
local total                         -- requests to make
local issued, done = 0, 0           -- requests begun, ended
local succeeded, failed, received = 0, 0, 0
local opened, connecting, open = 0, 0, 0 -- connections ever, in the making, made
local takers = 0                    -- connections that will take another request
local holding                       -- connections are opened, nothing is sent yet
local problems = {}                 -- how many requests failed or errored, by the reason
local latencies = {}                -- how many requests took so many microseconds
local started, tenth = 0, 1
local connections = {}              -- set of open ones

local function fail(status, message)
  io.stderr:write("http_client: ", message, "\n")
  os.exit(status)
end

-- ---- results --------------------------------------------------------------------------

local function elapsed() return (llnet.clock_now() - started) / 1e9 end

-- Three digits are kept, so that the table stays small however many requests there are.
local function record_latency(nanoseconds)
  local microseconds = math.floor(nanoseconds / 1000)
  local unit = 1
  while microseconds >= 1000 * unit do unit = unit * 10 end
  microseconds = microseconds - microseconds % unit
  latencies[microseconds] = (latencies[microseconds] or 0) + 1
end

-- One request has ended; problem says why it failed or errored.
local function count(result, problem)
  done = done + 1
  if problem then problems[problem] = (problems[problem] or 0) + 1 end
  if result == "succeeded" then succeeded = succeeded + 1 elseif result == "failed" then failed = failed + 1 end
  if done >= total * tenth / 10 then
    tenth = math.floor(done * 10 / total) + 1
    io.stderr:write(("%d of %d requests, %d failed, %d errored, %.2f s\n"):format(done, total, failed,
      done - succeeded - failed, elapsed()))
  end
end

local function percentile(sorted, percent)
  local before = 0
  for _, microseconds in ipairs(sorted) do
    before = before + latencies[microseconds]
    if before >= succeeded * percent / 100 then return microseconds / 1000 end
  end
  return 0
end

local function report()
  local time, sorted = elapsed(), {}
  for microseconds in pairs(latencies) do sorted[#sorted + 1] = microseconds end
  table.sort(sorted)
  print(("%d requests in %.2f s, %.0f a second, %.1f MB received"):format(done, time, done / time,
    received / 1e6))
  print(("%d succeeded, %d failed, %d errored, %d connections"):format(succeeded, failed,
    done - succeeded - failed, opened))
  print(("latency in ms: 50 %% %.2f, 90 %% %.2f, 99 %% %.2f, most %.2f"):format(
    percentile(sorted, 50), percentile(sorted, 90), percentile(sorted, 99), percentile(sorted, 100)))
  for problem, times in pairs(problems) do
    local number = llnet.error_number(problem)
    local text = number ~= 0 and ": " .. (HINTS[problem] or llnet.error_text(number)) or ""
    print(("%d times %s%s"):format(times, problem, text))
  end
end

-- ---- connections ------------------------------------------------------------------------

local function again(problem) return problem == "EAGAIN" or problem == "EINTR" end

-- Of each: socket; events, what it waits for; connected; busy, a request is under way, since
-- when; output, what is left of it to send; head, what came of the answer's; left, bytes of its body
-- that are to come; last, the server closes after this answer.
local Connection = {}
Connection.__index = Connection

function Connection:watch(events)
  if self.events == events then return end
  self.events = events
  assert(poller:modify(self.socket, events, self))
end

function Connection:set_last()
  if not self.last then self.last, takers = true, takers - 1 end
end

function Connection:close()
  poller:remove(self.socket)
  self.socket:close()
  self.closed = true
  connections[self] = nil
  if self.connected then open = open - 1 else connecting = connecting - 1 end
  self:set_last()
end

-- Counts the request that was under way, or the one that would have been. After the
-- answer there is none.
function Connection:errored(problem)
  if not self.busy and (holding or not self.connected) then issued, self.busy = issued + 1, true end
  if self.busy then count("errored", problem) end
  self:close()
end

-- False: not now, the queue of a Unix listener is full.
local function connect()
  local ok
  local socket, problem = llnet.Socket(addr:get_family(), "stream", 0, llnet.SOCK_NONBLOCK)
  if socket then ok, problem = socket:connect(addr) end
  if not ok and problem ~= "EINPROGRESS" then
    if socket then socket:close() end
    if problem == "EAGAIN" then return false end
    issued = issued + 1
    count("errored", problem)
    return true
  end
  local connection = setmetatable({ socket = socket, events = llnet.POLLOUT }, Connection)
  assert(poller:add(socket, llnet.POLLOUT, connection))
  connections[connection] = true
  connecting, opened, takers = connecting + 1, opened + 1, takers + 1
  return true
end

function Connection:send()
  local sent, problem = self.socket:send(self.output)
  if not sent and not again(problem) then return self:errored(problem) end
  self.output = self.output:sub((sent or 0) + 1)
  self:watch(self.output ~= "" and llnet.POLLOUT or llnet.POLLIN)
end

-- Each connection asks for the server's close with its last request: so the server has
-- the closed connection's wait, not the client, whose ports would run out.
function Connection:next_request()
  if issued >= total then return self:close() end
  issued = issued + 1
  if not options.k or issued > total - options.c then self:set_last() end
  self.output = self.last and request_close or request_keep
  self.busy, self.head, self.left = true, "", nil
  self.since = llnet.clock_now()
  self:send()
end

-- Reads an answer's head: the length of its body in self.left. Gives the part of the body
-- that came with it, nil while the head is incomplete, false where it can't be understood.
function Connection:read_head(data)
  self.head = self.head .. data
  local first, last = self.head:find("\r\n\r\n", 1, true)
  if not first then return #self.head > HEAD_MAX and false or nil end
  local head = self.head:sub(1, first + 1):lower()
  self.left = tonumber(head:match("\r\ncontent%-length:[ \t]*(%d+)[ \t]*\r\n"))
  self.status = head:match("^http/1%.[01] (%d%d%d)[ \r]")
  local says = head:match("\r\nconnection:[ \t]*([^\r]*)") or ""
  if says:find("close") or head:find("^http/1%.0") and not says:find("keep%-alive") then self:set_last() end
  return self.left and self.status and self.head:sub(last + 1) or false
end

-- The answer has ended, well or with a problem.
function Connection:answered(problem)
  self.busy = false
  count(problem and "failed" or "succeeded", problem)
  if problem then return self:close() end
  record_latency(llnet.clock_now() - self.since)
  if not self.last then return self:next_request() end
end

function Connection:receive()
  local data, problem = self.socket:recv(READ_SIZE)
  if not data then
    if again(problem) then return end
    if problem == "CLOSED" and self.busy and self.left then return self:answered("the body is too short") end
    return self:errored(problem)
  end
  received = received + #data
  if not self.busy then return self:close() end -- more than was asked for
  if not self.left then
    data = self:read_head(data)
    if data == nil then return end
    if not data then return self:answered("not an answer with status and Content-Length") end
  end
  self.left = self.left - #data
  if self.left > 0 then return end
  if self.left < 0 then return self:answered("the body is too long") end
  self:answered(not self.status:find("^2") and "status " .. self.status or nil)
end

function Connection:on_event()
  if self.connected then
    if self.events == llnet.POLLOUT then return self:send() else return self:receive() end
  end
  local ok, problem = self.socket:take_error()
  if not ok then return self:errored(problem) end
  self.connected = true
  connecting, open = connecting - 1, open + 1
  if holding then self:watch(llnet.POLLIN) else self:next_request() end
end

-- ---- the loop -----------------------------------------------------------------------------

local function send_on_all()
  holding = false
  io.stderr:write(("%d connections are open after %.2f s; now sending on all of them\n"):format(open, elapsed()))
  started = llnet.clock_now()
  for connection in pairs(connections) do connection:next_request() end
end

local ready = {}
local function turn()
  local all_there = true -- as many connections as may be and as there are requests for
  while all_there and connecting < CONNECTS_MAX and connecting + open < options.c and takers < total - issued do
    all_there = connect()
  end
  if holding and connecting == 0 and open >= math.min(options.c, total - issued) then send_on_all() end
  if all_there and open + connecting == 0 then return end
  local events, problem = poller:wait(ready, all_there and options.stall * 1000 or 10)
  if not events then return assert(problem == "EINTR", problem) end
  if events == 0 and all_there then
    for connection in pairs(connections) do connection:errored("ETIMEDOUT") end
  end
  for i = 1, 2 * events, 2 do
    if not ready[i].closed then ready[i]:on_event() end
  end
end

-- ---- command line -------------------------------------------------------------------------

local function help() -- the comment at the top of this file
  for line in io.lines(arg[0]) do
    if line == "" then os.exit(0) end
    if not line:find("SPDX") then print((line:gsub("^%-%- ?", ""))) end
  end
end

local function read_options()
  local i, url = 1
  while arg[i] do
    local name = arg[i]:match("^%-%-?(%l+)$")
    if name == "help" then help() end
    if options[name or ""] == false then
      options[name] = true
    elseif options[name or ""] then
      i = i + 1
      local value = tonumber(arg[i] and arg[i]:match("^%d+$")) or 0
      if value < 1 or value > LIMITS[name] then fail(2, name .. " wants a number from 1 to " .. LIMITS[name]) end
      options[name] = value
    elseif arg[i]:find("^%-") or url then
      fail(2, ("unknown %s '%s'; --help lists what there is"):format(url and "argument" or "option", arg[i]))
    else
      url = arg[i]
    end
    i = i + 1
  end
  if options.n == 0 then options.n = options.hold and options.c or 1000 end
  return url or fail(2, "a URL is wanted; --help tells more")
end

-- The addresses of the URL's host, the host as a header has it, and the path.
local function parse_url(url)
  local authority, path = url:match("^http://(unix:[^%s:]+):(/[^%s#]*)$")
  if authority then
    local unix, problem = llnet.Addr.parse(authority)
    return unix and { { addr = unix } } or fail(2, ("bad URL '%s': %s"):format(url, problem)), "localhost", path
  end
  authority, path = url:match("^http://([^%s/?#@]+)([^%s#]*)$")
  local host, port = (authority or ""):match("^%[([%x:.%%%w]+)%]:?(%d*)$")
  if not host then host, port = (authority or ""):match("^([^%[%]:]+):?(%d*)$") end
  if not host or authority:find(":$") or (tonumber(port) or 80) > 65535 then
    fail(2, ("bad URL '%s': http://host[:port]/path is wanted"):format(url))
  end
  local found, problem, number = llnet.AddrInfo.full(host, port ~= "" and port or "80", llnet.AF_UNSPEC,
    llnet.SOCK_STREAM)
  if not found then fail(1, ("cannot find %s: %s (%s)"):format(host, llnet.error_text(number), problem)) end
  return found:all(), authority, path:find("^/") and path or "/" .. path
end

-- The first address that answers. One connection is made for this, and closed.
local function probe(found)
  local ok, problem, number
  for _, info in ipairs(found) do
    local socket = assert(llnet.Socket(info.addr:get_family(), "stream"))
    ok, problem, number = socket:connect(info.addr)
    socket:close()
    if ok then return info.addr end
  end
  fail(1, ("cannot connect to %s: %s (%s)"):format(found[#found].addr:format(), llnet.error_text(number), problem))
end

local found, host, path = parse_url(read_options())
if options.check then -- a connection that ended holds its port for a minute
  local rate = options.k and 0 or math.ceil(options.n / 60)
  local limits = assert(llnet.tuning { role = "client", connections = options.c, rate = rate })
  if not limits.ready then io.stderr:write("http_client: check: ", limits.summary, "\n") end
end
addr = probe(found)
local head = ("GET %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: llnet\r\n"):format(path, host)
request_keep, request_close = head .. "\r\n", head .. "Connection: close\r\n\r\n"
total, holding = options.n, options.hold
options.c = math.min(options.c, total)
started = llnet.clock_now()
repeat turn() until done >= total and open + connecting == 0
report()
os.exit(succeeded == total and 0 or 1)
