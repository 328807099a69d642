-- SPDX-License-Identifier: MIT
-- send_descriptor.lua: a parent accepts connections and hands each to a worker process, which serves it.
-- Shows: passing descriptors in a Message, a socket that a child process inherits, whose connection it is.
--
--   lua5.1 send_descriptor.lua                   127.0.0.1:9001
--   lua5.1 send_descriptor.lua '[::1]:0'         a free port; the first line of output says which
--
--   --workers N   worker processes (2); connections go to them in turn
--   --count N     stop after N connections, when they have been served
-- A worker says who it is and sends back what comes; one connection at a time.
-- To try it: nc 127.0.0.1 9001

local llnet = require "llnet"

local LIMIT = 100000         -- of both numbers
local SIZE = 4096            -- bytes that a worker reads at once
-- What accept gives where the machine has no room: the connection waits in the queue.
local FULL = { EMFILE = true, ENFILE = true, ENOBUFS = true, ENOMEM = true }
local options = { workers = 2, count = math.huge }

local function fail(status, message)
  io.stderr:write("send_descriptor: ", message, "\n")
  os.exit(status)
end

-- ---- the worker -----------------------------------------------------------------------------

local function send_all(socket, data)
  local sent = 0
  while sent < #data do
    local count, problem = socket:send(data, 0, sent)
    if not count then return nil, problem end
    sent = sent + count
  end
  return true
end

local function serve(connection, greeting)
  local data = greeting
  while data and send_all(connection, data) do data = connection:recv(SIZE) end
  connection:close()
end

-- The parent's socket is the descriptor that this process was started with; the bytes of each message say
-- who has connected, and the connection itself comes beside them.
local function work(fd, number)
  local parent = assert(llnet.Socket.adopt(fd))
  assert(parent:set_cloexec(true))
  local text, message = llnet.Buffer(SIZE), llnet.Message()
  message:add_buffer(text)
  while parent:recv_message(message) do
    local connection, problem = message:take_descriptor()
    if connection then
      serve(connection, ("worker %s serves %s\n"):format(number, text:get_data()))
    else
      io.stderr:write(("worker %s got none: %s\n"):format(number, problem)) -- no descriptor was free here
    end
  end -- the parent has closed its end, or is gone
end

-- ---- the parent -----------------------------------------------------------------------------

local function quote(text) return "'" .. text:gsub("'", "'\\''") .. "'" end

-- This script once more, with one end of a socket pair. Sockets are close-on-exec; that end alone is not, so
-- that no worker has the others' ends or connections that it was not given.
local function start_worker(number)
  local ours, theirs = assert(llnet.Socket.pair("unix", "seqpacket"))
  assert(theirs:set_cloexec(false))
  local lua = 0
  while arg[lua - 1] do lua = lua - 1 end
  local command = ("exec %s %s --worker %d %d"):format(quote(arg[lua]), quote(arg[0]), theirs:fileno(), number)
  local process = assert(io.popen(command))
  theirs:close()
  return { socket = ours, process = process, number = number }
end

local function hand_over(worker, connection, peer)
  local message = worker.message or llnet.Message()
  worker.message = message
  message:clear_control()
  message:set_data(peer:format())
  message:add_descriptor(connection)
  return worker.socket:send_message(message)
end

local function run(listener)
  local workers, peer = {}, llnet.Addr()
  for number = 1, options.workers do workers[number] = start_worker(number) end
  print("listening on " .. listener:get_sockname():format())
  io.stdout:flush()
  local accepted = 0
  while accepted < options.count do
    local connection, problem = listener:accept(peer)
    if connection then
      local worker = workers[accepted % #workers + 1]
      local ok, why = hand_over(worker, connection, peer)
      connection:close() -- the worker has its own descriptor of it
      if not ok then fail(1, ("worker %d takes nothing: %s"):format(worker.number, why)) end
      accepted = accepted + 1
    elseif FULL[problem] then
      listener:poll(0, 1000) -- for nothing, so that the loop does not spin
    elseif problem ~= "EINTR" and problem ~= "ECONNABORTED" then
      fail(1, "cannot accept: " .. problem)
    end
  end
  for _, worker in ipairs(workers) do worker.socket:close() end
  for _, worker in ipairs(workers) do worker.process:close() end -- waits for it
  print(accepted .. " connections")
end

-- ---- command line ---------------------------------------------------------------------------

local function help() -- the comment at the top of this file
  for line in io.lines(arg[0]) do
    if line == "" then os.exit(0) end
    if not line:find("SPDX") then print((line:gsub("^%-%- ?", ""))) end
  end
end

local function read_options()
  local address = "127.0.0.1:9001"
  local i = 1
  while arg[i] do
    local name = arg[i]:match("^%-%-(%l+)$")
    if name == "help" then help() end
    if options[name or ""] then
      i = i + 1
      options[name] = tonumber(arg[i] and arg[i]:match("^%d+$")) or 0
      if options[name] < 1 or options[name] > LIMIT then
        fail(2, ("--%s wants a number from 1 to %d"):format(name, LIMIT))
      end
    elseif arg[i]:find("^%-") then
      fail(2, "unknown option '" .. arg[i] .. "'; --help lists them")
    else
      address = arg[i]
    end
    i = i + 1
  end
  return llnet.Addr.parse(address) or fail(2, "bad address '" .. address .. "'")
end

if arg[1] == "--worker" then return work(assert(tonumber(arg[2])), arg[3]) end
local addr = read_options()
local listener = assert(llnet.Socket(addr:get_family(), "stream"))
if addr:get_family() ~= llnet.AF_UNIX then assert(listener:set_option("SO_REUSEADDR", true)) end
local ok, problem, number = listener:bind(addr)
if ok then ok, problem, number = listener:listen(4096) end
if not ok then fail(1, ("cannot listen on %s: %s (%s)"):format(addr:format(), llnet.error_text(number), problem)) end
run(listener)
