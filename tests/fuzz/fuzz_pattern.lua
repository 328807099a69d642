-- SPDX-License-Identifier: MIT
-- fuzz_pattern: receive of llnet.luasocket, of any patterns, with and without a prefix, on bytes
-- that come in any pieces, beside a model that has them all in one string. An input is steps
-- of a byte and its argument; the bytes that are sent are its own, over and over.

local core = require "llnet.core"
local llnet = require "llnet"
local object = require "llnet.luasocket.object"
local stream = require "llnet.luasocket.stream"

-- What tcp and unix make theirs, on any Socket.
local methods, set_class = stream.methods {}
local class = object.new_class("fuzz", "client", methods)
set_class(class)

local MOST_SENT = 150000 -- what a pair of Unix sockets holds at least

-- ---- the model: what LuaSocket's manual says, of what has come and not been read -----------

local model = {}
model.__index = model

function model:take(count)
  local taken = self.bytes:sub(1, count)
  self.bytes = self.bytes:sub(count + 1)
  return taken
end

function model:word() return self.ended and "closed" or "timeout" end

function model:line(prefix)
  local last = self.bytes:find("\n", 1, true)
  local text = (self:take(last or #self.bytes):gsub("[\r\n]", ""))
  if last then return prefix .. text end
  return nil, self:word(), prefix .. text
end

-- Even of no bytes it waits until there is one.
function model:count(size, prefix)
  local wanted = size - #prefix
  if wanted <= 0 and prefix ~= "" then return prefix end
  if #self.bytes >= math.max(wanted, 1) then return prefix .. self:take(wanted) end
  return nil, self:word(), prefix .. self:take(wanted)
end

function model:all(prefix)
  local came = #self.bytes > 0
  local text = prefix .. self:take(#self.bytes)
  if self.ended and came then return text end
  return nil, self:word(), text
end

-- ---- an input ----------------------------------------------------------------------------------

local function same(step, got, expected)
  for i = 1, 3 do
    if got[i] ~= expected[i] then
      error(("%s: result %d is %q, not %q"):format(step, i, tostring(got[i]), tostring(expected[i])))
    end
  end
end

local sizes = { 0, 1, 2, 3, 7, 100, 8191, 8192, 8193, 16383, 16384, 16385, 20000, 40000 }

-- Each takes the run and an argument of 0 to 255.
local steps = {
  function(run, argument) -- some of the input's own bytes come, perhaps many times
    if run.ended then return end
    local size = argument < 240 and argument or sizes[argument % #sizes + 1]
    local text = run.text:rep(math.ceil(size / #run.text)):sub(1, size)
    if #run.bytes + size > MOST_SENT then return end
    local sent = size > 0 and assert(run.writer:send(text)) or 0
    run.bytes = run.bytes .. text:sub(1, sent)
  end,
  function(run) -- a line end comes
    if run.ended or #run.bytes > MOST_SENT then return end
    assert(run.writer:send "\r\n" == 2)
    run.bytes = run.bytes .. "\r\n"
  end,
  function(run) same("*l", { run.reader:receive "*l" }, { run:line "" }) end,
  function(run) same("no pattern", { run.reader:receive() }, { run:line "" }) end,
  function(run, argument)
    local prefix = run.text:sub(1, argument % 8)
    same("*l after " .. prefix, { run.reader:receive("*l", prefix) }, { run:line(prefix) })
  end,
  function(run, argument)
    same(argument, { run.reader:receive(argument) }, { run:count(argument, "") })
  end,
  function(run, argument)
    local size, prefix = sizes[argument % #sizes + 1], run.text:sub(1, math.floor(argument / 16))
    same(size .. " after " .. prefix, { run.reader:receive(size, prefix) }, { run:count(size, prefix) })
  end,
  function(run, argument)
    local prefix = run.text:sub(1, argument % 8)
    same("*a after " .. prefix, { run.reader:receive("*a", prefix) }, { run:all(prefix) })
  end,
  function(run) -- the other end goes
    if run.ended then return end
    run.writer:shutdown(llnet.SHUT_WR)
    run.ended = true
  end,
  function(run) -- what was counted is what was given
    local received = run.reader:getstats()
    assert(received >= 0 and received == math.floor(received))
  end,
}

return function(input)
  local count = math.floor(#input / 2) * 2
  if count == 0 then return end
  local writer, socket = assert(llnet.Socket.pair("unix", "stream", 0, llnet.SOCK_NONBLOCK))
  local reader = stream.begin(class, socket)
  object.states[reader].block = 0
  local run = setmetatable({ bytes = "", text = input, writer = writer, reader = reader }, model)
  for i = 1, math.min(count, 200), 2 do
    steps[input:byte(i) % #steps + 1](run, input:byte(i + 1))
  end
  same("the rest", { reader:receive "*a" }, { run:all "" })
  writer:close()
  core.Socket.close(reader)
end
