-- SPDX-License-Identifier: MIT
-- luasocket_failing: calls that cannot succeed, where LuaSocket itself is no measure: it is wrong,
-- or what the C compiler makes of it is chance. luasocket.test compares the others with it.
local t = require "harness"
local llnet = t.llnet
local socket = require "llnet.luasocket"
local unpack = unpack or table.unpack

-- ---- a Unix listener's queue ----------------------------------------------------------

-- A listener whose queue is full, and its path.
local function full_listener()
  local path = t.temporary_path()
  local server, waiting = assert(socket.unix.stream()), {}
  assert(server:bind(path) and server:listen(0))
  for i = 1, 100 do
    local one, addr = assert(llnet.Socket("unix", "stream")), llnet.Addr.unix(path)
    assert(one:set_nonblock(true))
    waiting[i] = one
    local done, problem = one:connect(addr)
    if not done then
      t.equal(problem, "EAGAIN")
      return server, path, waiting
    end
  end
  t.close_all(server, unpack(waiting))
  t.skip "a queue that is never full"
end

-- What connect gives under timeouts, and the seconds that it took.
local function try(path, timeouts)
  local one = assert(socket.unix.stream())
  for mode, seconds in pairs(timeouts) do one:settimeout(seconds, mode) end
  local before = llnet.clock_now()
  local done, problem = one:connect(path)
  local class = one.class
  one:close()
  return done, problem, (llnet.clock_now() - before) / 1e9, class
end

t.case("connect to a Unix listener whose queue is full is a timeout, and no client", function()
  local server, path, waiting = full_listener()
  local done, problem, _, class = try(path, { b = 0 })
  t.results({ done, problem, class }, nil, "timeout", "unixstream{master}")
  done, problem = try(path, { b = 0, t = 30 })
  t.results({ done, problem }, nil, "timeout")
  for _, timeouts in ipairs { { b = 0.05 }, { t = 0.05 }, { b = 0.05, t = 30 }, { b = 30, t = 0.05 } } do
    local seconds
    done, problem, seconds, class = try(path, timeouts)
    t.results({ done, problem, class }, nil, "timeout", "unixstream{master}")
    t.equal(seconds >= 0.05 and seconds < 15, true)
  end
  for _, one in ipairs(waiting) do one:close() end
  server:close()
  os.remove(path)
end)

-- The listener accepts a while after its queue is full.
local accepting = [[
import socket, sys, time
server = socket.socket(socket.AF_UNIX)
server.bind(%q)
server.listen(0)
waiting = []
try:
    for _ in range(100):
        one = socket.socket(socket.AF_UNIX)
        one.setblocking(False)
        waiting.append(one)
        one.connect(%q)
except BlockingIOError:
    pass
print("full", flush=True)
time.sleep(0.2)
for _ in waiting:
    accepted = server.accept()[0]
    accepted.sendall(b"welcome\n")
]]

t.case("connect waits for a place in a Unix listener's full queue", function()
  for _, timeouts in ipairs { {}, { b = 30 }, { t = 30 } } do
    local path = t.temporary_path()
    local pipe, stop = t.start_python(accepting:format(path, path))
    if not pipe:read "*l" then
      stop()
      t.skip "no python3 here"
    end
    local client = assert(socket.unix.stream())
    for mode, seconds in pairs(timeouts) do client:settimeout(seconds, mode) end
    t.results({ client:connect(path) }, 1)
    t.equal(client.class, "unixstream{client}")
    t.results({ client:receive() }, "welcome")
    client:close()
    stop()
    os.remove(path)
  end
end)

-- ---- counts and descriptors that nothing has ----------------------------------------------

local function pair()
  local server = assert(socket.bind("127.0.0.1", 0))
  local host, port = server:getsockname()
  local client = assert(socket.connect(host, port))
  local other = assert(server:accept())
  server:close()
  return client, other
end

t.case("more bytes than can ever come are waited for until the end", function()
  for _, count in ipairs { 1e10, 2 ^ 53, 2 ^ 63, 2 ^ 64, 1e300, math.huge } do
    for _, total in ipairs { -1, 30 } do
      local client, other = pair()
      client:send "some"
      other:settimeout(0.02)
      other:settimeout(total, "t")
      t.results({ other:receive(1) }, "s")
      t.results({ other:receive(count, "pre") }, nil, "timeout", "preome")
      client:send "more"
      client:close()
      t.results({ other:receive(count) }, nil, "closed", "more")
      other:close()
    end
  end
  local client, other = pair()
  for _, count in ipairs { -math.huge, -1, 0 / 0 } do
    t.raises("invalid receive pattern", other.receive, other, count)
  end
  client:close()
  other:close()
end)

t.case("a descriptor that none can be fails select at the caller's place", function()
  local client, other = pair()
  for _, fd in ipairs { 2 ^ 31 - 1, 2 ^ 31, 2 ^ 32, 1e10, 1e300, math.huge } do
    local foreign = { getfd = function() return fd end }
    for list = 1, 2 do
      local lists = list == 1 and { { foreign, client } } or { nil, { client, foreign } }
      local line = debug.getinfo(1, "l").currentline + 1
      local _, problem = pcall(function() return (socket.select(lists[1], lists[2], 0)) end)
      t.equal(problem:match "[^/]*$", ("luasocket_failing.lua:%d: select failed"):format(line))
      t.equal(#select(2, socket.select(nil, { client, other }, 0)), 2)
    end
  end
  for _, fd in ipairs { -1, -1e10, -math.huge, 0 / 0 } do
    t.equal(select(3, socket.select({ { getfd = function() return fd end } }, nil, 0)), "timeout")
  end
  client:close()
  other:close()
end)

-- ---- names ---------------------------------------------------------------------------------

t.case("the machine's name needs no descriptor and no file", function()
  local name = t.python "import socket; print(socket.gethostname())"
  t.results({ socket.dns.gethostname() }, name)
  local open, getenv = io.open, os.getenv
  io.open = function() return nil, "Too many open files", 24 end -- luacheck: ignore 122
  os.getenv = function() end -- luacheck: ignore 122
  local results = { socket.dns.gethostname() }
  io.open, os.getenv = open, getenv -- luacheck: ignore 122
  t.results(results, name)
end)

t.done()
