-- SPDX-License-Identifier: MIT
-- netcat.lua: connects standard input and output to a TCP server, both ways at once.
-- Shows: descriptors that are no sockets under a Poller, half-closing, a name that has several addresses.
--
--   lua5.1 netcat.lua localhost http        names or numbers
--   lua5.1 netcat.lua ::1 9000 <request >answer
--
-- The end of standard input is passed on, and what the server still sends is written: it ends when both
-- have ended. The exit status is 0 then; 1 when there was an error; 2: the command line is wrong.
-- To try it: socat TCP-LISTEN:9000,bind=127.0.0.1 - and, beside it, lua5.1 netcat.lua 127.0.0.1 9000

local llnet = require "llnet"

local SIZE = 65536      -- bytes that are read at once
-- Of a pipe or a terminal. Somebody else has them, too, so they stay blocking; where poll(2) says that there
-- is room, a pipe takes so many (PIPE_BUF).
local PIECE = 4096

local poller = assert(llnet.Poller())
local status = 0

local function fail(code, message)
  io.stderr:write("netcat: ", message, "\n")
  os.exit(code)
end

local function complain(what, problem)
  io.stderr:write(("netcat: %s: %s (%s)\n"):format(what, llnet.error_text(llnet.error_number(problem)), problem))
  status = 1
end

-- ---- ends: what can be read or written ---------------------------------------------------------

-- Of each: object, a Socket; name; events, what it is watched for; wanted, what it is to be watched for in
-- this turn; ready, whether something came; file, it cannot be watched.
local ends = {}

local function new_end(name, object)
  local this = { name = name, object = object, events = 0, wanted = 0, ready = false, file = false }
  ends[#ends + 1] = this
  return this
end

-- Who wants nothing is not watched at all: that the other side hung up would end each wait at once.
local function watch(this)
  local ok, problem = true, nil
  if this.file or this.wanted == this.events then
    return
  elseif this.wanted == 0 then
    poller:remove(this.object)
  elseif this.events == 0 then
    ok, problem = poller:add(this.object, this.wanted, this)
  else
    ok, problem = poller:modify(this.object, this.wanted)
  end
  if problem == "EPERM" then
    this.file = true -- epoll(7) takes no regular files, nor /dev/null: they are always ready
  elseif not ok then
    fail(1, ("cannot watch %s: %s"):format(this.name, problem))
  end
  this.events = this.wanted
end

-- ---- flows: from one end to another --------------------------------------------------------------

-- Of each: from, to; data, what was read and is still to be written; ended, there is no more to read; finish,
-- what to do when all was written; piece, how much to write at once; back, the flow in the other direction,
-- which ends with this one where reading fails; done.
local Flow = {}
Flow.__index = Flow

function Flow:want()
  if self.done then return end
  if self.data ~= "" then
    self.to.wanted = self.to.wanted + llnet.POLLOUT
  else
    self.from.wanted = self.from.wanted + llnet.POLLIN
  end
end

local function again(problem) return problem == "EAGAIN" or problem == "EINTR" end

function Flow:read()
  local data, problem = self.from.object:read(SIZE)
  if data then
    self.data = data
  elseif not again(problem) then
    self.ended = true
    if problem ~= "CLOSED" then
      complain(self.from.name, problem)
      if self.back then self.back.done = true end
    end
  end
end

-- What nobody takes is lost; the other flow goes on.
function Flow:write()
  local piece = self.piece and self.data:sub(1, self.piece) or self.data
  local count, problem = self.to.object:write(piece)
  if count then
    self.data = self.data:sub(count + 1)
  elseif not again(problem) then
    complain(self.to.name, problem)
    self.data, self.ended = "", true
  end
end

-- Read and written is what was waited for; a socket that has nothing, or no room, says so.
function Flow:move()
  if self.done then return end
  if self.data ~= "" then
    if self.to.ready then self:write() end
  elseif self.from.ready then
    self:read()
  end
  if self.ended and self.data == "" then
    self.done = true
    self.finish()
  end
end

-- ---- the loop -------------------------------------------------------------------------------------

local found = {}

local function turn(flows)
  for _, this in ipairs(ends) do this.wanted, this.ready = 0, false end
  for _, flow in ipairs(flows) do flow:want() end
  local timeout
  for _, this in ipairs(ends) do
    watch(this)
    if this.file and this.wanted ~= 0 then timeout, this.ready = 0, true end
  end
  local count, problem = poller:wait(found, timeout)
  assert(count or problem == "EINTR", problem)
  for i = 1, 2 * (count or 0), 2 do found[i].ready = true end
  for _, flow in ipairs(flows) do flow:move() end
end

-- The first address of the name that answers.
local function connect(host, port)
  local answers, problem, number = llnet.AddrInfo.full(host, port, llnet.AF_UNSPEC, llnet.SOCK_STREAM)
  if not answers then fail(1, ("cannot find %s, %s: %s (%s)"):format(host, port, llnet.error_text(number), problem)) end
  local addr, socket, ok
  for _, answer in ipairs(answers:all()) do
    addr = answer.addr
    socket, problem, number = llnet.Socket(addr:get_family(), "stream")
    if socket then ok, problem, number = socket:connect(addr) end
    if ok then break end
    if socket then socket:close() end
  end
  if not ok then fail(1, ("cannot connect to %s: %s (%s)"):format(addr:format(), llnet.error_text(number), problem)) end
  assert(socket:set_nonblock(true))
  return socket
end

local function run(host, port)
  assert(llnet.ignore_sigpipe()) -- write is one system call then
  local socket = connect(host, port)
  local input = new_end("standard input", llnet.Socket.borrow(0))
  local output = new_end("standard output", llnet.Socket.borrow(1))
  local server = new_end("the server", socket)
  local up = { from = input, to = server, finish = function() socket:shutdown("write") end }
  local down = { from = server, to = output, piece = PIECE, finish = function() end }
  down.back = up -- a connection that was reset takes nothing any more
  local flows = { up, down }
  for _, flow in ipairs(flows) do
    flow.data, flow.ended, flow.done = "", false, false
    setmetatable(flow, Flow)
  end
  while not (up.done and down.done) do turn(flows) end
  socket:close()
end

-- ---- command line ---------------------------------------------------------------------------------

local function help() -- the comment at the top of this file
  for line in io.lines(arg[0]) do
    if line == "" then os.exit(0) end
    if not line:find("SPDX") then print((line:gsub("^%-%- ?", ""))) end
  end
end

for _, word in ipairs(arg) do
  if word == "--help" then help() end
  if word:find("^%-") then fail(2, "unknown option '" .. word .. "'; --help lists what there is") end
end
if #arg ~= 2 then fail(2, "a host and a port are wanted; --help tells more") end
local port = tonumber(arg[2]:match("^%d+$"))
if port and (port < 1 or port > 65535) then fail(2, "there is no port " .. arg[2]) end
run(arg[1], arg[2])
os.exit(status)
