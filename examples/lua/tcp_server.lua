-- SPDX-License-Identifier: MIT
-- tcp_server.lua: reads and discards whatever is sent to it, and counts.
-- Shows: the smallest server loop, one Buffer for all connections, a timer by the wait's timeout.
--
--   lua5.1 tcp_server.lua                   127.0.0.1:9000
--   lua5.1 tcp_server.lua '[::1]:0'         a free port; the first line of output says which
--   lua5.1 tcp_server.lua unix:/tmp/discard.sock
--
--   --seconds N   stop after N seconds
-- Each second it prints a line: connections open and in all, bytes in this second and in all.
-- To try it: head -c 1G /dev/zero | nc -N 127.0.0.1 9000

local llnet = require "llnet"

local SECOND = 1e9               -- nanoseconds
local ACCEPTS, READS = 64, 16    -- in a turn
local SIZE = 262144
local SECONDS_MAX = 2147483647

local poller = assert(llnet.Poller())
local buffer = llnet.Buffer(SIZE)
local stats = { open = 0, connections = 0, bytes = 0, before = 0, errors = 0 }

local function fail(status, message)
  io.stderr:write("tcp_server: ", message, "\n")
  os.exit(status)
end

local function discard(socket)
  for _ = 1, READS do
    local count, problem = socket:recv_buffer(buffer, 0, SIZE)
    if not count then
      if problem == "EAGAIN" or problem == "EINTR" then return end
      if problem ~= "CLOSED" then stats.errors = stats.errors + 1 end
      poller:remove(socket)
      socket:close()
      stats.open = stats.open - 1
      return
    end
    stats.bytes = stats.bytes + count
  end
end

-- False when it cannot accept now: no descriptor is free.
local function accept_all(listener)
  for _ = 1, ACCEPTS do
    local socket, problem = listener:accept(nil, llnet.SOCK_NONBLOCK)
    if socket and poller:add(socket, llnet.POLLIN) then
      stats.open, stats.connections = stats.open + 1, stats.connections + 1
    elseif socket then
      socket:close() -- the kernel has no room to watch it
    elseif problem ~= "ECONNABORTED" then
      return problem == "EAGAIN" or problem == "EINTR"
    end
  end
  return true
end

local function print_line()
  print(("%d connections (%d open, %d errors), %.1f MB/s, %.1f MB in all"):format(stats.connections, stats.open,
    stats.errors, (stats.bytes - stats.before) / 1e6, stats.bytes / 1e6))
  io.stdout:flush()
  stats.before = stats.bytes
end

local function serve(listener, deadline)
  local ready, accepting = {}, true
  local tick = llnet.clock_now() + SECOND
  while tick <= deadline do
    local rest = math.max(0, math.ceil((tick - llnet.clock_now()) / 1e6))
    local count, problem = poller:wait(ready, rest)
    assert(count or problem == "EINTR", problem)
    for i = 1, 2 * (count or 0), 2 do
      if ready[i] ~= listener then
        discard(ready[i])
      elseif not accept_all(listener) then
        -- it stays readable, and the loop would spin: look again in the next second
        poller:remove(listener)
        accepting = false
      end
    end
    if llnet.clock_now() >= tick then
      print_line()
      tick = tick + SECOND
      if not accepting then accepting = assert(poller:add(listener, llnet.POLLIN)) end
    end
  end
end

local function help() -- the comment at the top of this file
  for line in io.lines(arg[0]) do
    if line == "" then os.exit(0) end
    if not line:find("SPDX") then print((line:gsub("^%-%- ?", ""))) end
  end
end

local function read_options()
  local address, seconds = "127.0.0.1:9000", math.huge
  local i = 1
  while arg[i] do
    if arg[i] == "--help" then
      help()
    elseif arg[i] == "--seconds" then
      i = i + 1
      seconds = tonumber(arg[i] and arg[i]:match("^%d+$")) or math.huge
      if seconds > SECONDS_MAX then fail(2, "--seconds wants a number up to " .. SECONDS_MAX) end
    elseif arg[i]:find("^%-") then
      fail(2, "unknown option '" .. arg[i] .. "'; --help lists them")
    else
      address = arg[i]
    end
    i = i + 1
  end
  return llnet.Addr.parse(address) or fail(2, "bad address '" .. address .. "'"), seconds
end

local addr, seconds = read_options()
local listener = assert(llnet.Socket(addr:get_family(), "stream", 0, llnet.SOCK_NONBLOCK))
if addr:get_family() ~= llnet.AF_UNIX then assert(listener:set_option("SO_REUSEADDR", true)) end
local ok, problem, number = listener:bind(addr)
if ok then ok, problem, number = listener:listen(4096) end
if not ok then fail(1, ("cannot listen on %s: %s (%s)"):format(addr:format(), llnet.error_text(number), problem)) end
assert(poller:add(listener, llnet.POLLIN))
print("listening on " .. listener:get_sockname():format())
io.stdout:flush()
serve(listener, llnet.clock_now() + seconds * SECOND + SECOND / 2)
if addr:get_family() == llnet.AF_UNIX then os.remove(addr:get_unix()) end
