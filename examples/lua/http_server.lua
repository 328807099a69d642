-- SPDX-License-Identifier: MIT
-- http_server.lua: an HTTP/1.1 server on llnet's Poller, one thread, no other module.
-- Shows: pipelining, partial reads and writes, back-pressure, limits, graceful stop.
--
--   lua5.1 http_server.lua                            http://127.0.0.1:8080/
--   lua5.1 http_server.lua --port 0                   a free port; the first line of output says which
--   lua5.1 http_server.lua --listen '[::1]:8080'      IPv6; unix:/path is possible, too
--
-- Options: --host IP and --port N, or --listen ADDRESS;
--   --backlog N        connections that may wait to be accepted (4096)
--   --idle SECONDS     close a connection that makes no progress for so long (60)
--   --max-requests N   stop after N requests
--   --allow-quit       stop on GET /quit from this machine
--   --stop-on-eof      stop when standard input ends
-- A stop is graceful: what was asked is answered first. Then statistics are printed.
-- Resources: /, /big?bytes=N (that many bytes), /body (POST, PUT: counts the bytes sent).

local llnet = require "llnet"

local options = {
  host = "127.0.0.1", port = 8080, listen = "", backlog = 4096, idle = 60,
  ["max-requests"] = math.huge, ["allow-quit"] = false, ["stop-on-eof"] = false,
}

local HEAD_MAX, BODY_MAX, BIG_MAX = 8192, 1048576, 1099511627776 -- bytes
local READ_SIZE = 8192
local ANSWERS_MAX = 65536                   -- bytes of answers that are put together before they are sent
local ACCEPTS_A_TURN, SENDS_A_TURN = 256, 16 -- then it is the others' turn
local FILLER = ("0123456789abcdef"):rep(4096) -- what /big is made of, and so sends without a copy
local NEWLINE = 13                          -- "\r", the first byte of an empty line

local REASONS = {
  [200] = "200 OK", [400] = "400 Bad Request", [403] = "403 Forbidden", [404] = "404 Not Found",
  [405] = "405 Method Not Allowed", [411] = "411 Length Required", [413] = "413 Content Too Large",
  [417] = "417 Expectation Failed", [431] = "431 Request Header Fields Too Large",
  [501] = "501 Not Implemented", [505] = "505 HTTP Version Not Supported",
}

local poller = assert(llnet.Poller())
local listener                -- has the listening socket
local connections = {}        -- set of open ones
local now, date = 0, ""       -- of this turn: seconds, and the header line
local stopping = false
local stats = { requests = 0, connections = 0, open = 0, most = 0, refused = 0, errors = 0 }

-- ---- resources: path, method -> status, text, how many bytes of FILLER follow ---------

local function hello() return 200, "Hello from llnet!\n" end
local function count_body(request) return 200, request.length .. " bytes came\n" end

local function big(request)
  local bytes = tonumber(request.query:match("^bytes=(%d+)$") or request.query == "" and BODY_MAX)
  if not bytes or bytes > BIG_MAX then return 400, "bytes=N is wanted\n" end
  return 200, "", bytes
end

local function quit(_, connection)
  local peer = options["allow-quit"] and connection.socket:get_peername()
  if not peer or not (peer:is_loopback() or peer:get_family() == llnet.AF_UNIX) then return 403, "no\n" end
  stopping = true
  return 200, "bye\n"
end

local RESOURCES = {
  ["/"] = { GET = hello, "GET, HEAD" },
  ["/big"] = { GET = big, "GET, HEAD" },
  ["/body"] = { POST = count_body, PUT = count_body, "POST, PUT" },
  ["/quit"] = { GET = quit, "GET, HEAD" },
}

-- ---- requests (RFC 9112) -------------------------------------------------------------

-- What is understood of the headers: each returns a status where the request is to be refused.
local read_header = {}

read_header["content-length"] = function(request, value)
  local length = tonumber(value:match("^%d+$"))
  if not length or request.length and request.length ~= length then return 400 end
  request.length = length
  if length > BODY_MAX then return 413 end
end

read_header["transfer-encoding"] = function(request, value)
  request.chunked = true
  return value:lower() == "chunked" and 411 or 501
end

read_header["connection"] = function(request, value)
  for token in value:lower():gmatch("[^%s,]+") do
    if token == "close" then request.close = true elseif token == "keep-alive" then request.keep = true end
  end
end

read_header["expect"] = function(request, value)
  if value:lower() ~= "100-continue" then return 417 end
  request.expect = request.minor == "1"
end

read_header["host"] = function(request)
  if request.host then return 400 end
  request.host = true
end

local HEADER = "^([%w!#$%%&'*+%-.^_`|~]+):[ \t]*([^%z\1-\8\10-\31\127]*)\r\n()"

-- The request of a head, which ends with the empty line's first half. With a second result,
-- a status, it is to be refused.
local function parse_head(head)
  local method, target, minor, at = head:match("^([%w-]+) ([^%c ]+) HTTP/1%.([01])\r\n()")
  if not method then return {}, head:find("^[%w-]+ [^%c ]+ HTTP/%d%.%d\r\n") and 505 or 400 end
  local request = { method = method, minor = minor, keep = minor == "1" }
  local refusal, name, value
  while at <= #head do
    name, value, at = head:match(HEADER, at)
    if not name then return request, 400 end
    local read = read_header[name:lower()]
    if read then refusal = read(request, value:match("^(.-)[ \t]*$")) or refusal end
  end
  if minor == "1" and not request.host or request.chunked and request.length then refusal = 400 end
  request.path, request.query = target:gsub("^[Hh][Tt][Tt][Pp]://[^/?]*", ""):match("^([^?]*)%??(.*)$")
  if request.path == "" then request.path = "/" end
  request.length = request.length or 0
  return request, refusal
end

-- ---- connections ----------------------------------------------------------------------

-- Of each: socket; events, what it waits for; input from the position at on, not yet
-- understood; request, whose body_left bytes are still to come; output, sent bytes of which
-- have gone, then filler bytes of FILLER; closing, after the output; lingering, output ended.
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
  for _ = 1, SENDS_A_TURN do
    local sent, problem = self.socket:send(self.output, 0, self.sent)
    if not sent then
      if problem == "EAGAIN" or problem == "EINTR" then break end
      self:close(problem)
      return false
    end
    self.since, self.sent = now, self.sent + sent
    if self.sent == #self.output then
      local count = math.min(self.filler, #FILLER)
      self.output = count > 0 and (count == #FILLER and FILLER or FILLER:sub(1, count)) or nil
      self.filler, self.sent = self.filler - count, 0
      if not self.output then return true end
    end
  end
  self:watch(llnet.POLLOUT)
  return false
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

function Connection:answer_request()
  local request = self.request
  stats.requests = stats.requests + 1
  if stats.requests >= options["max-requests"] then stopping = true end
  local resource = RESOURCES[request.path]
  if not resource then return self:answer(404, "There is no such resource here.\n") end
  local respond = resource[request.method == "HEAD" and "GET" or request.method]
  if not respond then return self:answer(405, "", 0, "\r\nAllow: " .. resource[1]) end
  return self:answer(respond(request, self))
end

-- Takes a head from the input into self.request. False: more must come; a text: the answer
-- that is due at once.
function Connection:take_head()
  local input, at = self.input, self.at
  while input:byte(at) == NEWLINE and input:byte(at + 1) == 10 do at = at + 2 end -- RFC 9112, 2.2
  self.at = at
  local last = input:find("\r\n\r\n", at, true)
  if (last or #input) - at > HEAD_MAX then return self:refuse(431) end
  if not last then return input:find("[^\r]\n", at) and self:refuse(400) or false end
  local refusal
  self.request, refusal = parse_head(input:sub(at, last + 1))
  self.at = last + 4
  if refusal then return self:refuse(refusal) end
  self.body_left = self.request.length
  if self.request.expect and self.body_left > #input - self.at + 1 then return "HTTP/1.1 100 Continue\r\n\r\n" end
end

-- The text to send next, or nothing while the input doesn't hold a whole request.
function Connection:next_answer()
  if not self.request then
    local text = self:take_head()
    if text ~= nil then return text or nil end
  end
  local taken = math.min(self.body_left, #self.input - self.at + 1)
  self.at, self.body_left = self.at + taken, self.body_left - taken
  if self.body_left > 0 then return nil end
  local text = self:answer_request()
  self.request = nil
  return text
end

local answers = {} -- used by one connection at a time

-- Whether there is something to send now: the answers to all requests that have come, in
-- their order, as far as ANSWERS_MAX allows.
function Connection:answer_input()
  local count, size = 0, 0
  repeat
    local text = self:next_answer()
    if not text then break end
    count, size = count + 1, size + #text
    answers[count] = text
  until self.closing or self.filler > 0 or size > ANSWERS_MAX
  if self.at > #self.input then self.input, self.at = "", 1 end
  if count == 0 then return false end
  self.output, self.sent = count == 1 and answers[1] or table.concat(answers, "", 1, count), 0
  return true
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
    if problem ~= "EAGAIN" and problem ~= "EINTR" then self:close(problem) end
  elseif self.lingering then
    self.body_left = self.body_left - #data
    if self.body_left < 0 then self:close() end
  else
    self.input = self.input == "" and data or self.input:sub(self.at) .. data
    self.at = 1
    self:run()
  end
end

-- ---- listening ------------------------------------------------------------------------

local Listener = {}
Listener.__index = Listener

function Listener:on_event()
  for _ = 1, ACCEPTS_A_TURN do
    local socket, problem = self.socket:accept(nil, llnet.SOCK_NONBLOCK)
    if socket then
      local connection = setmetatable({ socket = socket, events = llnet.POLLIN, input = "", at = 1,
        filler = 0, since = now }, Connection)
      assert(poller:add(socket, llnet.POLLIN, connection))
      connections[connection] = true
      stats.connections, stats.open = stats.connections + 1, stats.open + 1
      if stats.open > stats.most then stats.most = stats.open end
    elseif problem == "EAGAIN" then
      return
    elseif problem ~= "ECONNABORTED" and problem ~= "EINTR" then
      -- EMFILE and the like: the listener stays readable and would keep the loop
      -- spinning; so it is left alone until a descriptor is free
      poller:remove(self.socket)
      self.paused = true
      return
    end
  end
end

function Listener:resume()
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
  if not ok then return nil, problem, number end
  listener = setmetatable({ socket = socket }, Listener)
  assert(poller:add(socket, llnet.POLLIN, listener))
  return socket:get_sockname()
end

-- ---- the loop -------------------------------------------------------------------------

local ready = {}

local function turn()
  local count, problem = poller:wait(ready, 1000)
  if not count then
    assert(problem == "EINTR", problem)
    count = 0
  end
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
  for i = 1, 2 * count, 2 do
    if not ready[i].closed then ready[i]:on_event(ready[i + 1]) end
  end
end

-- Ends accepting, answers what has been asked, closes.
local function stop()
  if not listener.paused then poller:remove(listener.socket) end
  listener.socket:close()
  options.idle = math.min(options.idle, 10)
  for connection in pairs(connections) do
    if not connection.output and not connection.lingering then connection:on_event() end
    if not connection.closed and not connection.output and not connection.lingering then connection:close() end
  end
  while next(connections) do turn() end
end

local standard_input = { on_event = function() stopping = stopping or io.read(1) == nil end }

-- ---- command line ---------------------------------------------------------------------

local function fail(status, message)
  io.stderr:write("http_server: ", message, "\n")
  os.exit(status)
end

local function help() -- the comment at the top of this file
  for line in io.lines(arg[0]) do
    if not line:find("^%-%-") then break end
    if not line:find("SPDX") then print((line:gsub("^%-%- ?", ""))) end
  end
  os.exit(0)
end

local function read_options()
  local i = 1
  while arg[i] do
    local name, value = arg[i]:match("^%-%-(.+)$"), arg[i + 1]
    if name == "help" then help() end
    local default = options[name or ""]
    if default == nil then fail(2, "unknown option '" .. arg[i] .. "'; --help lists them") end
    if type(default) == "number" then value = tonumber(value and value:match("^%d+$")) end
    if default == false then value, i = true, i - 1 end
    if not value then fail(2, "--" .. name .. " wants a " .. type(default)) end
    options[name], i = value, i + 2
  end
  local addr = options.listen ~= "" and llnet.Addr.parse(options.listen)
    or options.listen == "" and llnet.Addr.ip(options.host, options.port)
  return addr or fail(2, "not an address: " .. (options.listen ~= "" and options.listen
    or options.host .. ", port " .. options.port))
end

local wanted = read_options()
local addr, problem, number = listen(wanted)
if not addr then
  fail(1, ("cannot listen on %s: %s (%s)"):format(wanted:format(), llnet.error_text(number), problem))
end
if options["stop-on-eof"] then
  io.stdin:setvbuf("no")
  local watched, reason = poller:add(0, llnet.POLLIN, standard_input)
  if not watched then fail(1, "standard input cannot be watched: " .. reason) end
end
local unix = addr:get_family() == llnet.AF_UNIX
print("listening on " .. (unix and addr:format() or "http://" .. addr:format() .. "/"))
io.stdout:flush()
repeat turn() until stopping
stop()
if unix then os.remove(addr:get_unix()) end
print(("%d requests, %d refused, %d connections (at most %d at a time), %d connection errors"):format(
  stats.requests, stats.refused, stats.connections, stats.most, stats.errors))
