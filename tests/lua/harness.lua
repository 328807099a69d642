-- SPDX-License-Identifier: MIT
-- harness: what the Lua tests share: named cases that print TAP, exact assertions,
-- the check that a case leaked no descriptor, and connected sockets on loopback.
--
--     local t = require "harness"
--     t.case("a closed socket answers EBADF", function() ... end)
--     t.done()

local llnet = require "llnet"

local t = { llnet = llnet }
local count, failed = 0, 0

-- unique value with which a case ends itself: t.skip("no IPv6 here")
local skipped = {}
local reason

function t.skip(why)
  reason = why
  error(skipped, 0)
end

-- Open descriptors; nil where they cannot be counted. Without a pipe to ls, whose
-- other end may or may not be closed when ls looks; a file of fdinfo is not there
-- yet for the descriptor that it gets itself. None is beyond the table's size.
function t.descriptors()
  local status = io.open("/proc/self/status", "r")
  if not status then return nil end
  local size = tonumber(status:read("*a"):match("FDSize:%s*(%d+)")) or 1024
  status:close()
  local n = 0
  for fd = 0, math.min(size, 1024) - 1 do
    local file = io.open("/proc/self/fdinfo/" .. fd, "r")
    if file then
      file:close()
      n = n + 1
    end
  end
  return n
end

local function collect()
  for _ = 1, 3 do collectgarbage() end
end

local countable = t.descriptors() ~= nil

function t.case(name, body)
  count = count + 1
  collect()
  local before = countable and t.descriptors()
  local ok, message = xpcall(body, function(problem)
    if problem == skipped then return problem end
    return debug.traceback(tostring(problem), 2)
  end)
  collect()
  if ok and countable then
    local leaked = t.descriptors() - before
    if leaked ~= 0 then
      ok, message = false, ("the case leaked %d descriptors"):format(leaked)
    end
  end
  name = name:gsub("#", "number")
  if ok then
    print(("ok %d - %s"):format(count, name))
  elseif message == skipped then
    print(("ok %d - %s # SKIP %s"):format(count, name, reason))
  else
    failed = failed + 1
    print(("not ok %d - %s"):format(count, name))
    print("# " .. tostring(message):gsub("\n", "\n# "))
  end
  io.stdout:flush()
end

-- The file's last call. Where all is well the interpreter ends by itself: it frees all that
-- it has, so that what is left then is a leak, of which the sanitizers tell.
function t.done()
  print("1.." .. count)
  io.stdout:flush()
  if failed > 0 then os.exit(1) end
end

-- ---- assertions ------------------------------------------------------------------

local function show(value)
  return type(value) == "string" and ("%q"):format(value) or tostring(value)
end

function t.equal(got, expected, what)
  if got ~= expected then
    error(("%sgot %s, expected %s"):format(what and what .. ": " or "", show(got), show(expected)), 2)
  end
end

-- t.results({ call() }, ...): the results are exactly these, trailing nils aside
function t.results(got, ...)
  local expected, n = { ... }, select("#", ...)
  local most = n
  for i in pairs(got) do
    if type(i) == "number" and i > most then most = i end
  end
  for i = 1, most do
    if got[i] ~= expected[i] then
      error(("result %d: got %s, expected %s"):format(i, show(got[i]), show(expected[i])), 2)
    end
  end
end

-- t.fails("ECONNREFUSED", sock:connect(addr)): the call gave nil, name, number
function t.fails(name, ...)
  local value, got, number = ...
  if value ~= nil or got ~= name then
    error(("got %s, %s; expected nil, %q"):format(show(value), show(got), name), 2)
  end
  local expected = llnet.error_number(name)
  if number ~= expected then
    error(("%s came with number %s, expected %s"):format(name, show(number), show(expected)), 2)
  end
end

-- t.raises("Buffer expected", f, ...): f raises a message that has the text in it
function t.raises(text, f, ...)
  local ok, message = pcall(f, ...)
  if ok then error(("no error was raised, expected %q"):format(text), 2) end
  if not tostring(message):find(text, 1, true) then
    error(("raised %s, expected %q in it"):format(show(tostring(message)), text), 2)
  end
  return message
end

-- So many calls where what they add up to is looked at, in memory or otherwise: a fiftieth of them
-- under sanitizers, where each takes so much longer and has shown itself by then.
local sanitized = (os.getenv("sanitizers") or "no") ~= "no"
function t.rounds(plain)
  return sanitized and math.ceil(plain / 50) or plain
end

-- t.allocates_nothing(f, ...): a hundred thousand calls of f leave no garbage behind once
-- it has run a few times. LuaJIT's compiler takes memory of its own, so it is off.
function t.allocates_nothing(f, ...)
  local rounds = t.rounds(100000)
  local jit = rawget(_G, "jit")
  if jit then jit.off() end
  for _ = 1, 10 do f(...) end
  collect()
  collectgarbage("stop")
  local before = collectgarbage("count")
  for _ = 1, rounds do f(...) end
  local taken = (collectgarbage("count") - before) * 1024
  collectgarbage("restart")
  if jit then jit.on() end
  -- the count itself, and what a Lua does with its stack meanwhile, but nothing for each call
  if taken > 1024 then error(("%d bytes were taken"):format(taken), 2) end
end

-- On Lua 5.3 and later a whole number must be an integer, not a float.
function t.integer(value, expected)
  t.equal(type(value), "number")
  if math.type then t.equal(math.type(value), "integer") end
  if expected ~= nil then t.equal(value, expected) end
  return value
end

-- Starts a Python program and gives the pipe of what it prints, and a function that ends
-- both; the program ends by itself after 60 seconds at the latest.
function t.start_python(program)
  local path = os.tmpname()
  local file = assert(io.open(path, "w"))
  file:write("import signal; signal.alarm(60)\n" .. program)
  file:close()
  -- without what run-lua preloads for us
  local pipe = io.popen("env -u LD_PRELOAD -u LD_LIBRARY_PATH python3 " .. path .. " 2>/dev/null", "r")
  if not pipe then
    os.remove(path)
    t.skip("no python3 here")
  end
  return pipe, function()
    pipe:close()
    os.remove(path)
  end
end

-- What a Python program prints, without the last newline: an independent witness.
function t.python(program)
  local path = os.tmpname()
  local file = assert(io.open(path, "w"))
  file:write(program)
  file:close()
  local pipe = io.popen("env -u LD_PRELOAD -u LD_LIBRARY_PATH python3 " .. path .. " 2>/dev/null", "r")
  local output = pipe and pipe:read("*a") or ""
  if pipe then pipe:close() end
  os.remove(path)
  if output == "" then t.skip("no python3 here") end
  return (output:gsub("\n$", ""))
end

-- Until the condition holds, for what nothing tells of; its results, after 20 seconds whatever they are.
function t.wait_for(condition)
  local deadline = llnet.clock_now() + 20e9
  local results
  repeat
    results = { condition() }
  until results[1] or llnet.clock_now() >= deadline
  return (unpack or table.unpack)(results)
end

-- ---- sockets ------------------------------------------------------------------------

function t.listener()
  local listener = assert(llnet.Socket("inet", "stream"))
  assert(listener:bind(llnet.Addr("127.0.0.1", 0)))
  assert(listener:listen(16))
  return listener, assert(listener:get_sockname())
end

-- Keeps an address that refuses connections: it is bound, so that nobody else is given the port, and
-- does not listen.
function t.deaf()
  local deaf = assert(llnet.Socket("inet", "stream"))
  assert(deaf:bind(llnet.Addr("127.0.0.1", 0)))
  return deaf, assert(deaf:get_sockname())
end

function t.tcp_pair()
  local listener, addr = t.listener()
  local client = assert(llnet.Socket("inet", "stream"))
  assert(client:connect(addr))
  local server = assert(listener:accept())
  listener:close()
  return client, server
end

function t.unix_pair(socktype)
  return assert(llnet.Socket.pair("unix", socktype or "stream"))
end

function t.udp_pair()
  local sockets, addrs = {}, {}
  for i = 1, 2 do
    sockets[i] = assert(llnet.Socket("inet", "dgram"))
    assert(sockets[i]:bind(llnet.Addr("127.0.0.1", 0)))
    addrs[i] = assert(sockets[i]:get_sockname())
  end
  return sockets[1], sockets[2], addrs[1], addrs[2]
end

-- Each is open: to close it succeeds.
function t.close_all(...)
  for i = 1, select("#", ...) do t.equal((select(i, ...)):close(), true) end
end

-- A path that nothing has yet, for Unix sockets and files; the case removes it.
function t.temporary_path()
  local path = os.tmpname()
  os.remove(path)
  return path
end

return t
