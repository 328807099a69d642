-- SPDX-License-Identifier: MIT
-- secrets: what a program sends or is given never stands in the text of an error. Every function and
-- method is called with a secret in the place of each argument; neither what it raises nor what it
-- returns as an error may have it in it.
local t = require "harness"
local llnet = t.llnet

local SECRET = "hunter2-Passw0rd"

-- A misspelt name of a constant or option stands in its place in the call, and is no data.
local function without(problem, what)
  local text = tostring(problem):gsub("unknown [%l ]+ '[^']*'", ""):gsub("invalid option '[^']*'", "")
  if text:find(SECRET, 1, true) then error(what .. " tells: " .. text, 0) end
end

-- The secret in each form in which data come.
local function forms()
  return { SECRET, { SECRET }, { [SECRET] = SECRET }, (llnet.Buffer(SECRET)), function() return SECRET end }
end

local calls = 0

-- Calls f with `first` arguments before the secret's place, and something else behind it.
local function probe(name, f, object)
  for place = 1, 4 do
    for _, form in ipairs(forms()) do
      for _, other in ipairs { 1, "x", SECRET, false } do
        local arguments = {}
        for i = 1, 5 do arguments[i] = i == place and form or other end
        local results
        if object ~= nil then
          results = { pcall(f, object(), (unpack or table.unpack)(arguments)) }
        else
          results = { pcall(f, (unpack or table.unpack)(arguments)) }
        end
        calls = calls + 1
        if not results[1] then without(results[2], name .. " raises, and") end
        if results[1] and results[2] == nil then without(results[3], name .. " fails, and") end
      end
    end
  end
end

-- What waits, or ends the process or the test.
local SKIP = {
  wait = true, poll = true, connect_until = true, send_all = true, recv_exact = true, recv_until = true,
  wait_ns = true, AddrInfo = true, get_nameinfo = true, tuning = true, features = true, feature_probe = true,
  inherit_socket = true, adopt = true, borrow = true, detach = true, fd = true, accept = true, recv = true,
  recvfrom = true, send_all_buffer = true, recv_exact_buffer = true, recv_buffer = true, recvfrom_buffer = true,
  recv_message = true, recv_batch = true, recv_segments = true, recv_segments_buffer = true, poll_ns = true,
  LSocket = true,
}

local function closed_socket()
  local s = assert(llnet.Socket("unix", "dgram"))
  s:close()
  return s
end

local function nonblocking_socket()
  return assert(llnet.Socket("unix", "dgram", 0, llnet.SOCK_NONBLOCK))
end

local objects = {
  Socket = nonblocking_socket,
  ["closed Socket"] = closed_socket,
  Addr = function() return llnet.Addr("127.0.0.1", 1) end,
  Buffer = function() return llnet.Buffer("data") end,
  Message = function() return assert(llnet.Message(64)) end,
  Batch = function() return assert(llnet.Batch(2, 16)) end,
  Poller = function() return assert(llnet.Poller()) end,
}

for name, make in pairs(objects) do
  t.case(name .. ": no method's error has the data in it", function()
    local methods, seen = debug.getmetatable(make()).__index, 0
    for method, f in pairs(methods) do
      if type(f) == "function" and type(method) == "string" and not SKIP[method] and not method:find("^__") then
        seen = seen + 1
        probe(name .. ":" .. method, f, make)
      end
    end
    t.equal(seen > 5, true, "methods")
    for _ = 1, 2 do collectgarbage() end
  end)
end

t.case("no function's error has the data in it", function()
  for name, f in pairs(llnet) do
    if type(f) == "function" and not SKIP[name] then probe(name, f) end
    if type(f) == "table" and name:find("^%u") and type(rawget(f, "new")) == "function" then
      for inner, g in pairs(f) do
        if type(g) == "function" and not SKIP[inner] then probe(name .. "." .. inner, g) end
      end
    end
  end
  t.equal(calls > 1000, true, "calls")
end)

t.case("LuaSocket's errors don't have the data in them", function()
  local socket = require "llnet.luasocket"
  local client, server = assert(socket.udp()), assert(socket.bind("127.0.0.1", 0))
  local tcp = assert(socket.tcp())
  local _, port = server:getsockname()
  assert(tcp:connect("127.0.0.1", port))
  assert(server:accept()):close()
  tcp:settimeout(0)
  without(select(2, pcall(client.send, client, SECRET)), "send without a peer")
  without(select(2, client:sendto(SECRET, "256.256.256.256", 1)), "sendto")
  for _ = 1, 3 do without(select(2, tcp:send(SECRET)), "send") end
  tcp:close()
  without(select(2, tcp:send(SECRET)), "send on a closed one")
  without(select(2, pcall(tcp.send, SECRET, SECRET)), "send with a wrong object")
  without(select(2, pcall(tcp.send, tcp, { SECRET })), "send of a table")
  without(select(2, pcall(tcp.receive, tcp, SECRET)), "receive with a wrong pattern")
  client:close()
  server:close()
end)

t.done()
