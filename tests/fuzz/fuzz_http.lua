-- SPDX-License-Identifier: MIT
-- fuzz_http: the example HTTP server, whole, with a connection that brings any bytes in any pieces,
-- and takes answers in any. It never raises; what it answers is HTTP, and the same
-- however the bytes come; what it takes for a request is one by the RFC's rules.

-- luacheck: globals SOURCE
local llnet = require "llnet"
local file = SOURCE .. "/examples/lua/http_server.lua"

local TAKEN = 200000 -- so many bytes of answers are taken, then the peer is gone
local CONTINUE = "HTTP/1.1 100 Continue\r\n\r\n"

-- ---- what stands in for the network ----------------------------------------------------------

-- The connection; pieces gives the size of the next piece, or nil for none just now.
local function connection(input, pieces)
  local peer = { at = 1, taken = {}, size = 0 }
  function peer.recv(_, most)
    if peer.at > #input then return nil, "CLOSED" end
    local size = pieces()
    if not size then return nil, "EAGAIN" end
    local data = input:sub(peer.at, peer.at + math.min(size, most) - 1)
    peer.at = peer.at + #data
    return data
  end
  function peer.send(_, data, _, offset)
    local size = pieces()
    if not size then return nil, "EINTR" end
    if peer.size >= TAKEN then return nil, "EPIPE" end
    data = data:sub(offset + 1, offset + math.min(size, TAKEN - peer.size))
    peer.taken[#peer.taken + 1], peer.size = data, peer.size + #data
    return #data
  end
  function peer.shutdown() peer.ended = true end
  function peer.close()
    assert(not peer.closed, "closed twice")
    peer.closed = true
  end
  return peer
end

-- The poller: says that what it watches is ready, until the connection is closed; then Ctrl-C.
local function poller_of(peer)
  local watched, poller = {}, {}
  function poller.add(_, socket, events, object)
    assert(not watched[socket] and events ~= 0)
    watched[socket] = object
    return true
  end
  function poller.modify(_, socket, events, object)
    assert(watched[socket] == object and events ~= 0 and not socket.closed)
    return true
  end
  function poller.remove(_, socket)
    assert(watched[socket], "removed, and was not there")
    watched[socket] = nil
    return true
  end
  function poller.wait(_, ready)
    if peer.closed then error "interrupted!" end
    local count = 0
    for socket, object in pairs(watched) do
      if not socket.accept or not peer.accepted then
        ready[2 * count + 1], ready[2 * count + 2], count = object, llnet.POLLIN, count + 1
      end
    end
    return count
  end
  return poller
end

local function listener_of(peer)
  local function done() return true end
  local listener = { set_option = done, bind = done, listen = done, close = done }
  function listener.get_sockname() return llnet.Addr("127.0.0.1", 80) end
  function listener.accept()
    if peer.accepted then return nil, "EAGAIN" end
    peer.accepted = true
    return peer
  end
  return listener
end

-- The server's program, and its globals, which each run has anew.
local env = setmetatable({
  arg = { "--port", "0" },
  print = function() end,
  os = { date = function(form) return (form:gsub("^!", ""):gsub("%%[aHMSdbY]", "x")) end, exit = os.exit },
}, { __index = _G })
local server = assert(loadfile(file, "t", env))
if setfenv then setfenv(server, env) end

-- All that the server answers to these bytes.
local function serve(input, pieces)
  local peer = connection(input, pieces)
  local fake = setmetatable({
    Poller = function() return poller_of(peer) end,
    Socket = function() return listener_of(peer) end,
    clock_now = function() return 1e9 end,
  }, { __index = llnet })
  function env.require() return fake end
  server()
  assert(peer.closed, "the connection is still open")
  return table.concat(peer.taken)
end

-- ---- what must hold of answers and requests ----------------------------------------------------

local statuses = { ["200"] = 1, ["400"] = 1, ["404"] = 1, ["405"] = 1, ["411"] = 1, ["413"] = 1, ["431"] = 1,
  ["501"] = 1, ["505"] = 1 }

-- The statuses of a row of answers, each whole; the last one may be cut where the peer left.
local function check_answers(output)
  local at, list, closing = 1, {}, false
  while at <= #output do
    assert(not closing, "an answer after Connection: close")
    local status, head, body = output:match("^HTTP/1%.1 (%d%d%d) [%a%- ]+\r\n(.-\r\n)\r\n()", at)
    if not status and #output >= TAKEN then break end
    assert(status and statuses[status], ("no status line at %d of %q"):format(at, output))
    assert(head:find "Date: x, x x x x:x:x GMT\r\n" and head:find "Content%-Type: text/plain\r\n", "headers")
    local length = tonumber(head:match "Content%-Length: (%d+)\r\n")
    local ends = head:match "Connection: ([%a-]+)\r\n"
    assert(length and (ends == "close" or ends == "keep-alive"), "headers")
    closing, list[#list + 1] = ends == "close", status
    -- the answer to HEAD has no body, and no body here begins as an answer does
    if body > #output or output:find("^HTTP/1%.1 ", body) then length = 0 end
    at = body + length
    assert(at <= #output + 1 or #output >= TAKEN, "a body too short")
  end
  return list
end

-- RFC 9112, byte for byte, of the first head: no more is asked than what a refusal is owed.
local function check_request(input)
  local head = input:gsub("^[\r\n]+", ""):match "^(.-\r\n)\r\n"
  assert(head and #head <= 8192 + 2, "no head")
  local hosts, lengths, chunked = 0, nil, false
  local first, rest = head:match "^([^\r\n]*)\r\n(.*)$"
  local version = first:match "^[^%c%s()<>@,;:\\\"/%[%]?={}]+ [^%c ]+ HTTP/1%.(%d)$"
  assert(version, "the request line")
  for line in rest:gmatch "(.-)\r\n" do
    local name, value = line:match "^([^%c%s()<>@,;:\\\"/%[%]?={}]+):(.*)$"
    assert(name and not value:gsub("\t", ""):find "%c", "a header")
    name = name:lower()
    if name == "host" then hosts = hosts + 1 end
    if name == "transfer-encoding" then chunked = true end
    if name == "content-length" then
      value = tonumber(value:match "^[ \t]*(%d+)[ \t]*$")
      assert(value and (not lengths or lengths == value), "the length")
      lengths = value
    end
  end
  assert(not chunked and hosts <= 1 and (hosts == 1 or version == "0"), "host, transfer-encoding")
end

-- ---- an input: a byte that says how it comes, then what comes --------------------------------

return function(input)
  local state, bytes = (input:byte(1) or 0) + 1, input:sub(2)
  local whole = serve(bytes, function() return 1e9 end)
  local cut = serve(bytes, function()
    state = state * 16807 % 2147483647
    if state % 8 == 0 then return nil end
    return state % 3 == 0 and 1 or state % 5 == 0 and state % 20000 + 1 or state % 300 + 1
  end)
  local list = check_answers((whole:gsub(CONTINUE, "")))
  local pieces = check_answers((cut:gsub(CONTINUE, "")))
  local text, other = table.concat(list, " "), table.concat(pieces, " ")
  -- of several faults of a head it depends on the pieces which is seen first
  text, other = text:gsub("505$", "400"), other:gsub("505$", "400")
  if #bytes > 8192 then text, other = text:gsub("431$", "400"), other:gsub("431$", "400") end
  assert(text == other, ("whole: %s, in pieces: %s"):format(text, other))
  if #whole < TAKEN and #cut < TAKEN and not text:find "400" then
    assert(whole:gsub(CONTINUE, "") == cut:gsub(CONTINUE, ""), "the answers differ")
  end
  if list[1] == "200" or list[1] == "404" or list[1] == "405" then check_request(bytes) end
end
