-- SPDX-License-Identifier: MIT
-- http_server.lua: an HTTP/1.1 server on llnet's Poller, one thread, no other module.
-- Shows: pipelining, partial reads and writes, back-pressure, limits, graceful stop.
--
--   lua5.1 http_server.lua                            http://127.0.0.1:8080/
--   lua5.1 http_server.lua --port 0                   a free port; the first line of output says which
--   lua5.1 http_server.lua --listen '[::1]:8080'      another address; unix:/path is possible, too
--
-- Options: --port N, or --listen ADDRESS;
--   --backlog N        connections that may wait to be accepted (4096)
--   --check            warn where the machine's limits fall short of so many in a second
--   --idle SECONDS     close a connection without progress for so long (60); progress is a head's first
--                      byte, its end, each KiB of a body, and output that is taken
--   --max-requests N   stop after N requests
--   --stop-on-eof      stop when standard input ends
-- Ctrl-C stops it, too. A stop is graceful: what was asked is answered; then statistics are printed.
-- Resources: /, /big?bytes=N (that many bytes), /body (POST, PUT: counts the bytes sent).

local llnet = require "llnet"

local options = { port = 8080, listen = "", backlog = 4096, idle = 60, ["max-requests"] = math.huge,
  ["stop-on-eof"] = false, check = false }
local OPTION_MAX = 2147483647

local HEAD_MAX, BODY_MAX, BIG_MAX = 8192, 1048576, 1099511627776 -- bytes
local READ_SIZE, PROGRESS = 8192, 1024
local ANSWERS_MAX = 16384     -- bytes of answers that are put together before they are sent
local ACCEPTS_A_TURN = 256    -- then it is the others' turn
local FILLER = ("0123456789abcdef"):rep(4096) -- what /big is made of

local REASONS = {
  [200] = "200 OK", [400] = "400 Bad Request", [404] = "404 Not Found", [405] = "405 Method Not Allowed",
  [411] = "411 Length Required", [413] = "413 Content Too Large", [501] = "501 Not Implemented",
  [431] = "431 Request Header Fields Too Large", [505] = "505 HTTP Version Not Supported",
}

local poller = assert(llnet.Poller())
local listener = {}           -- socket; paused, while no descriptor is free
local connections = {}        -- set of open ones
local now, date = 0, ""       -- of this turn: seconds, and the header line
local stopping = false
local stats = { requests = 0, connections = 0, open = 0, most = 0, refused = 0, errors = 0 }

local function fail(status, message)
  io.stderr:write("http_server: ", message, "\n")
  os.exit(status)
end

-- ---- resources: path, method -> status, text, how many bytes of FILLER follow ---------

local function hello() return 200, "Hello from llnet!\n" end
local function count_body(request) return 200, request.length .. " bytes came\n" end
local function big(request)
  local bytes = tonumber(request.query:match("^bytes=(%d+)$") or request.query == "" and BODY_MAX)
  if not bytes or bytes > BIG_MAX then return 400, "bytes=N is wanted\n" end
  return 200, "", bytes
end

local RESOURCES = {
  ["/"] = { GET = hello, "GET, HEAD" },
  ["/big"] = { GET = big, "GET, HEAD" },
  ["/body"] = { POST = count_body, PUT = count_body, "POST, PUT" },
}

-- ---- requests (RFC 9112) -------------------------------------------------------------

-- What is understood of the headers: each returns a status where the request is to be refused.
local read_header = {
  ["content-length"] = function(request, value)
    local length = tonumber(value:match("^%d+$"))
    if not length or request.length and request.length ~= length then return 400 end
    request.length = length
    return length > BODY_MAX and 413
  end,
  ["transfer-encoding"] = function(request, value)
    request.chunked = true
    return value:lower() == "chunked" and 411 or 501
  end,
  connection = function(request, value)
    for token in value:lower():gmatch("[^%s,]+") do
      if token == "close" then request.close = true elseif token == "keep-alive" then request.keep = true end
    end
  end,
  expect = function(request, value)
    request.expect = request.minor ~= "0" and value:lower() == "100-continue"
  end,
  host = function(request)
    if request.host then return 400 end
    request.host = true
  end,
}

-- Time must be linear whatever comes: no pattern here can backtrack over one repetition within another.
local TOKEN = "^([%w!#$%%&'*+%-.^_`|~]+)" -- RFC 9110, 5.6.2
local REQUEST_LINE = TOKEN .. " ([^%c ]+) HTTP/(%d)%.(%d)\r\n()"
local HEADER = TOKEN .. ":([^%z\1-\8\10-\31\127]*)\r\n()"

local function trim(value) return value:sub(value:find("[^ \t]") or 1):match("^.*[^ \t]") or "" end

-- The request of a head, which ends with the empty line's first half. With a second result,
-- a status, it is to be refused.
local function parse_head(head)
  local method, target, major, minor, at = head:match(REQUEST_LINE)
  if major ~= "1" then return {}, major and 505 or 400 end
  local request = { method = method, minor = minor, keep = minor ~= "0" }
  local refusal, name, value
  while at <= #head do
    name, value, at = head:match(HEADER, at)
    if not name then return request, 400 end
    local read = read_header[name:lower()]
    if read then refusal = read(request, trim(value)) or refusal end
  end
  local rest = target:match("^[Hh][Tt][Tt][Pp]://[^/?]+(.*)$")
  if rest then target = rest:find("^/") and rest or "/" .. rest end
  if not target:find("^/") and target ~= "*" and not target:find("^%a[%w+%-.]*://[^/?]")
    or minor ~= "0" and not request.host or request.chunked and request.length then refusal = 400 end
  request.path, request.query = target:match("^([^?]*)%??(.*)$")
  request.length = request.length or 0
  return request, refusal
end

-- ---- connections ----------------------------------------------------------------------

local function again(problem) return problem == "EAGAIN" or problem == "EINTR" end

-- Of each: socket; events, what it waits for; since, its last progress; input from the position
-- at on, not yet understood; searched bytes of it hold no end of a head (nil before a head's first);
-- request, whose body_left bytes are still to come; output, sent bytes of which have gone, then
-- filler bytes of FILLER; closing, after the output; lingering, output ended.
local Connection = {}
Connection.__index = Connection

function Connection:watch(events)
  if self.events == events then return end
  self.events = events
  assert(poller:modify(self.socket, events, self))
end

function Connection:close(problem)
  if problem and problem ~= "CLOSED" then stats.errors = stats.errors + 1 end
  poller:remove(self.socket)
  self.socket:close()
  self.closed = true
  connections[self] = nil
  stats.open = stats.open - 1
  listener:resume()
end

-- Sends what is pending; true when all has gone, else it waits until more can go, or is closed.
function Connection:flush()
  local sent, problem = self.socket:send(self.output, 0, self.sent)
  if not sent and not again(problem) then return self:close(problem) end
  if sent then self.since, self.sent = now, self.sent + sent end
  if self.sent == #self.output then
    local count = math.min(self.filler, #FILLER)
    self.output = count > 0 and FILLER:sub(1, count) or nil
    self.filler, self.sent = self.filler - count, 0
    if not self.output then return true end
  end
  self:watch(llnet.POLLOUT)
end

-- The text of an answer.
function Connection:answer(status, text, filler, extra)
  local request = self.request
  local keep = request.keep and not request.close and not stopping
  self.closing, self.filler = not keep, request.method ~= "HEAD" and filler or 0
  return "HTTP/1.1 " .. REASONS[status] .. date .. #text + (filler or 0) .. (extra or "")
    .. (keep and "\r\nConnection: keep-alive\r\n\r\n" or "\r\nConnection: close\r\n\r\n")
    .. (request.method == "HEAD" and "" or text)
end

-- The answer to what can't be understood or will not be read, after which nothing can be.
function Connection:refuse(status)
  stats.refused = stats.refused + 1
  self.request = self.request or {}
  self.request.close, self.unread = true, true
  return self:answer(status, REASONS[status] .. "\n")
end

function Connection:respond(request)
  stats.requests = stats.requests + 1
  stopping = stopping or stats.requests >= options["max-requests"]
  local resource = RESOURCES[request.path]
  if not resource then return self:answer(404, "There is no such resource here.\n") end
  local respond = resource[request.method == "HEAD" and "GET" or request.method]
  if not respond then return self:answer(405, "", 0, "\r\nAllow: " .. resource[1]) end
  return self:answer(respond(request))
end

-- Takes a head from the input into self.request, if all of it is there. Gives the answer that
-- is due at once, if any.
function Connection:take_head()
  local input, at = self.input, self.at
  while input:find("^\r\n", at) do at = at + 2 end -- RFC 9112, 2.2
  self.at = at
  if not self.searched then
    if at > #input then return end
    self.searched, self.since = 0, now
  end
  local from = at + self.searched
  local last = input:find("\r\n\r\n", from, true)
  if (last or #input) - at > HEAD_MAX then return self:refuse(431) end
  if not last then
    self.searched = math.max(#input - at - 2, 0)
    return input:find("[^\r]\n", from) and self:refuse(400)
  end
  local refusal
  self.request, refusal = parse_head(input:sub(at, last + 1))
  self.at, self.searched, self.since = last + 4, nil, now
  if refusal then return self:refuse(refusal) end
  self.body_left = self.request.length
  if self.request.expect and self.body_left > #input - self.at + 1 then return "HTTP/1.1 100 Continue\r\n\r\n" end
end

-- The text to send next, or nothing while the input doesn't hold a whole request.
function Connection:next_answer()
  if not self.request then
    local text = self:take_head()
    if text or not self.request then return text end
  end
  local left = self.body_left - math.min(self.body_left, #self.input - self.at + 1)
  if math.floor(left / PROGRESS) < math.floor(self.body_left / PROGRESS) then self.since = now end
  self.at, self.body_left = self.at + self.body_left - left, left
  if left > 0 then return nil end
  local text = self:respond(self.request)
  self.request = nil
  return text
end

-- Whether there is something to send now: the answers to all requests that have come, in
-- their order, as far as ANSWERS_MAX allows.
function Connection:answer_input()
  local output, text = ""
  repeat
    text = self:next_answer()
    output = output .. (text or "")
  until not text or self.closing or self.filler > 0 or #output > ANSWERS_MAX
  if self.at > #self.input then self.input, self.at = "", 1 end
  self.output, self.sent = output ~= "" and output or nil, 0
  return self.output
end

-- Closes. Where the peer may still be sending, a close would make the kernel reset the
-- connection and the answer be lost: so first only the output ends, and the rest is read.
function Connection:finish()
  if not self.unread then return self:close() end
  self.lingering, self.body_left = true, BODY_MAX
  self.socket:shutdown(llnet.SHUT_WR)
  self:watch(llnet.POLLIN)
end

function Connection:run()
  repeat
    if self.output and not self:flush() then return end
    if self.closing then return self:finish() end
  until not self:answer_input()
  if stopping then return self:close() end
  self:watch(llnet.POLLIN)
end

-- Nothing is read while an answer waits to be sent: that is the back-pressure.
function Connection:on_event()
  if self.output then return self:run() end
  local data, problem = self.socket:recv(READ_SIZE)
  if not data then
    if stopping or not again(problem) then self:close(not again(problem) and problem) end
  elseif self.lingering then
    self.body_left = self.body_left - #data
    if self.body_left < 0 then self:close() end
  else
    self.input, self.at = self.input:sub(self.at) .. data, 1
    self:run()
  end
end

-- ---- listening ------------------------------------------------------------------------

function listener:on_event()
  for _ = 1, ACCEPTS_A_TURN do
    local socket, problem = self.socket:accept(nil, llnet.SOCK_NONBLOCK)
    if socket then
      local connection = setmetatable({ socket = socket, events = llnet.POLLIN, input = "", at = 1,
        filler = 0, since = now }, Connection)
      if not poller:add(socket, llnet.POLLIN, connection) then return socket:close() end -- no room to watch it
      connections[connection] = true
      stats.connections, stats.open = stats.connections + 1, stats.open + 1
      stats.most = math.max(stats.most, stats.open)
    elseif problem ~= "ECONNABORTED" then
      if again(problem) then return end
      -- EMFILE and the like: the listener stays readable and would keep the loop
      -- spinning; so it is left alone until a descriptor is free
      self.paused = true
      return poller:remove(self.socket)
    end
  end
end

function listener:resume()
  if not self.paused or stopping then return end
  self.paused = false
  assert(poller:add(self.socket, llnet.POLLIN, self))
end

local function listen(addr)
  local socket = assert(llnet.Socket(addr:get_family(), "stream", 0, llnet.SOCK_NONBLOCK))
  if addr:get_family() ~= llnet.AF_UNIX then
    assert(socket:set_option("SO_REUSEADDR", true))
    assert(socket:set_option("TCP_NODELAY", true)) -- accepted ones inherit it
  end
  local ok, problem, number = socket:bind(addr)
  if ok then ok, problem, number = socket:listen(options.backlog) end
  if not ok then
    fail(1, ("cannot listen on %s: %s (%s)"):format(addr:format(), llnet.error_text(number), problem))
  end
  listener.socket = socket
  assert(poller:add(socket, llnet.POLLIN, listener))
  return socket:get_sockname()
end

-- ---- the loop -------------------------------------------------------------------------

local ready = {}
local function turn()
  local count, problem = poller:wait(ready, 1000)
  assert(count or problem == "EINTR", problem)
  local second = math.floor(llnet.clock_now() / 1e9)
  if second ~= now then
    now = second
    date = os.date("!\r\nServer: llnet\r\nDate: %a, %d %b %Y %H:%M:%S GMT\r\n")
      .. "Content-Type: text/plain\r\nContent-Length: "
    for connection in pairs(connections) do
      if now - connection.since > options.idle then connection:close() end
    end
    listener:resume()
  end
  for i = 1, 2 * (count or 0), 2 do
    if not ready[i].closed then ready[i]:on_event() end
  end
end

-- Ends accepting, answers what has been asked, closes.
local function stop()
  if not listener.paused then poller:remove(listener.socket) end
  listener.socket:close()
  options.idle = math.min(options.idle, 10)
  for connection in pairs(connections) do
    if not connection.output and not connection.lingering then connection:on_event() end
  end
  while next(connections) do turn() end
end

-- ---- command line ---------------------------------------------------------------------

local function help() -- the comment at the top of this file
  for line in io.lines(arg[0]) do
    if line == "" then os.exit(0) end
    if not line:find("SPDX") then print((line:gsub("^%-%- ?", ""))) end
  end
end

local function read_options()
  local i = 1
  while arg[i] do
    local name, value = arg[i]:match("^%-%-(.+)$"), arg[i + 1]
    if name == "help" then help() end
    local kind = type(options[name or ""])
    if kind == "nil" then fail(2, "unknown option '" .. arg[i] .. "'; --help lists them") end
    if kind == "boolean" then value, i = true, i - 1 end
    if kind == "number" then
      value = tonumber(value and value:match("^%d+$")) or math.huge
      if value > OPTION_MAX then fail(2, ("--%s wants a number up to %d"):format(name, OPTION_MAX)) end
    end
    options[name], i = value or fail(2, "--" .. name .. " wants an address"), i + 2
  end
  local address = options.listen ~= "" and options.listen or "127.0.0.1:" .. options.port
  return llnet.Addr.parse(address) or fail(2, "not an address: " .. address)
end

local addr = listen(read_options())
local limits = options.check and assert(llnet.tuning { connections = options.backlog, rate = options.backlog })
if limits and not limits.ready then io.stderr:write("http_server: check: ", limits.summary, "\n") end
if options["stop-on-eof"] then
  io.stdin:setvbuf("no")
  local ok, reason = poller:add(0, llnet.POLLIN, { on_event = function() stopping = stopping or not io.read(1) end })
  if not ok then fail(1, "standard input cannot be watched: " .. reason) end
end
local unix = addr:get_family() == llnet.AF_UNIX
print("listening on " .. (unix and addr:format() or "http://" .. addr:format() .. "/"))
io.stdout:flush()
repeat
  local ok, problem = pcall(turn)
  -- what the interpreter makes of Ctrl-C
  stopping = stopping or not ok and problem:find("interrupted!", 1, true) ~= nil
  if not ok and not stopping then error(problem, 0) end
until stopping
stop()
if unix then os.remove(addr:get_unix()) end
print(("%d requests, %d refused, %d connections (at most %d at a time), %d connection errors"):format(
  stats.requests, stats.refused, stats.connections, stats.most, stats.errors))
