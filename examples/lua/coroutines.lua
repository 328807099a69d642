-- SPDX-License-Identifier: MIT
-- coroutines.lua: an echo server and its clients in one process, each connection a coroutine.
-- Shows: code that reads as if it blocked, over one Poller. What wait reports is the coroutine
-- itself, because it is the value that add and set_timer were given; the loop resumes it.
--
--   lua5.1 coroutines.lua                   100 clients, 5 messages each
--   lua5.1 coroutines.lua -c 1000 -n 10     so many clients, so many messages of each
--
-- The exit status is 0 when every message came back, else 1; 2: the command line is wrong.

local llnet = require "llnet"

local poller = assert(llnet.Poller())
local tasks = 0 -- that have not ended

-- ---- the scheduler: four functions and a loop ----------------------------------------------

local function resume(task, ...)
  local ok, problem = coroutine.resume(task, ...)
  if not ok then error(debug.traceback(task, problem), 0) end
  if coroutine.status(task) == "dead" then tasks = tasks - 1 end
end

local function spawn(body, ...)
  tasks = tasks + 1
  resume(coroutine.create(body), ...)
end

-- Each suspends the task that calls it. One-shot: what is not waited for is not reported, and
-- modify arms it again.
local function wait_events(sock, events)
  local task = coroutine.running()
  events = events + llnet.POLL_ONESHOT
  local ok, problem = poller:modify(sock, events, task)
  if problem == "ENOENT" then ok, problem = poller:add(sock, events, task) end
  assert(ok, problem)
  return coroutine.yield()
end

local function wait_readable(sock) return wait_events(sock, llnet.POLLIN) end
local function wait_writable(sock) return wait_events(sock, llnet.POLLOUT) end

local function sleep(nanoseconds)
  assert(poller:set_timer(coroutine.running(), llnet.clock_now() + nanoseconds))
  return coroutine.yield()
end

local function run()
  local ready = {}
  while tasks > 0 do
    local count, problem = poller:wait(ready)
    assert(count or problem == "EINTR", problem)
    for i = 1, 2 * (count or 0), 2 do resume(ready[i], ready[i + 1]) end
  end
end

-- ---- sockets that seem to block ------------------------------------------------------------

local function again(problem) return problem == "EAGAIN" or problem == "EINTR" end

-- sock:recv or sock:accept, which do what they can at once
local function receive(sock, method, ...)
  local result, problem = sock[method](sock, ...)
  while not result and again(problem) do
    wait_readable(sock)
    result, problem = sock[method](sock, ...)
  end
  return result, problem
end

local function send_all(sock, data)
  local sent = 0
  while sent < #data do
    local count, problem = sock:send(data, 0, sent)
    if not count and not again(problem) then return nil, problem end
    sent = sent + (count or 0)
    if sent < #data then wait_writable(sock) end
  end
  return true
end

local function close(sock)
  poller:remove(sock) -- ENOENT where nobody has waited for it
  sock:close()
end

-- ---- the program ---------------------------------------------------------------------------

local counts = { accepted = 0, echoed = 0, answered = 0, slept = 0 }

local function echo(sock)
  local data = receive(sock, "recv", 4096)
  while data and send_all(sock, data) do
    counts.echoed = counts.echoed + #data
    data = receive(sock, "recv", 4096)
  end
  close(sock)
end

-- What accept gives where the machine has no room: the connection waits in the queue.
local FULL = { EMFILE = true, ENFILE = true, ENOBUFS = true, ENOMEM = true }

local function serve(listener, clients)
  while counts.accepted < clients do
    local sock, problem = receive(listener, "accept", nil, llnet.SOCK_NONBLOCK)
    if sock then
      counts.accepted = counts.accepted + 1
      spawn(echo, sock)
    elseif FULL[problem] then
      sleep(1e7) -- until a descriptor is free; the listener stays readable meanwhile
    else
      assert(problem == "ECONNABORTED", problem)
    end
  end
  close(listener)
end

local function client(addr, number, messages)
  local sock = assert(llnet.Socket("inet", "stream", 0, llnet.SOCK_NONBLOCK))
  local ok, problem = sock:connect(addr)
  if problem == "EINPROGRESS" then
    wait_writable(sock)
    ok, problem = sock:take_error()
  end
  for i = 1, ok and messages or 0 do
    local message, answer = ("client %d, message %d\n"):format(number, i), ""
    ok, problem = send_all(sock, message)
    while ok and #answer < #message do
      local data
      data, problem = receive(sock, "recv", #message - #answer)
      if not data then break end
      answer = answer .. data
    end
    if answer == message then counts.answered = counts.answered + 1 end
    sleep(number % 10 * 1e5) -- up to a millisecond
    counts.slept = counts.slept + 1
  end
  if problem then io.stderr:write(("coroutines: client %d: %s\n"):format(number, problem)) end
  close(sock)
end

local function fail(message)
  io.stderr:write("coroutines: ", message, "\n")
  os.exit(2)
end

local function help() -- the comment at the top of this file
  for line in io.lines(arg[0]) do
    if line == "" then os.exit(0) end
    if not line:find("SPDX") then print((line:gsub("^%-%- ?", ""))) end
  end
end

local options = { ["-c"] = 100, ["-n"] = 5 }
for i = 1, #arg, 2 do
  if arg[i] == "--help" then help() end
  if not options[arg[i]] then fail("unknown option '" .. arg[i] .. "'; --help lists them") end
  options[arg[i]] = tonumber((arg[i + 1] or ""):match("^%d+$")) or 0
  if options[arg[i]] < 1 or options[arg[i]] > 1e6 then fail(arg[i] .. " wants a number from 1 to 1000000") end
end
local clients, messages = options["-c"], options["-n"]

local listener = assert(llnet.Socket("inet", "stream", 0, llnet.SOCK_NONBLOCK))
assert(listener:bind(llnet.Addr("127.0.0.1", 0)))
assert(listener:listen(4096))
local addr = assert(listener:get_sockname())
spawn(serve, listener, clients)
for number = 1, clients do spawn(client, addr, number, messages) end
run()
print(("%d connections, %d messages answered, %d bytes echoed, %d sleeps"):format(counts.accepted, counts.answered,
  counts.echoed, counts.slept))
os.exit(counts.answered == clients * messages and 0 or 1)
