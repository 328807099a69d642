-- SPDX-License-Identifier: MIT
-- poller_timer: a poller's timers and its waits of nanoseconds, over every backend.

local t = require "harness"
local llnet = t.llnet
local POLLIN, POLLOUT, POLL_TIMER = llnet.POLLIN, llnet.POLLOUT, llnet.POLL_TIMER

local HOUR = 3600e9

-- One case for each backend; body gets a new poller.
local function each(name, body)
  for _, backend in ipairs(llnet.Poller.backends()) do
    t.case(backend .. ": " .. name, function()
      local poller = assert(llnet.Poller(backend))
      body(poller)
      t.equal(poller:close(), true)
    end)
  end
end

local function collect()
  for _ = 1, 3 do collectgarbage() end
end

-- LuaJIT's compiled code keeps what it was compiled for alive
if rawget(_G, "jit") then require("jit").off() end

-- ---- values ------------------------------------------------------------------------------

each("a value of any kind is reported once, as POLL_TIMER", function(poller)
  local sock = llnet.Socket("inet", "stream")
  local ready = {}
  for _, value in ipairs { "text", "", 7, -1, 0, 2 ^ 40, 0.5, 1 / 0, {}, print, coroutine.create(function() end),
    true, false,
    sock, poller, io.stdout } do
    t.equal(poller:set_timer(value, 0), true)
    t.integer(poller:get_timer_count(), 1)
    t.integer(poller:wait(ready), 1)
    t.equal(ready[1], value)
    t.integer(ready[2], POLL_TIMER)
    t.equal(ready[3], nil)
    t.integer(poller:get_timer_count(), 0)
    t.integer(poller:wait(ready, 0), 0)
  end
  sock:close()
end)

each("a timer is not early", function(poller)
  local ready = {}
  for _, delay in ipairs { 1, 1000, 500000, 1000000, 2500000 } do
    local deadline = llnet.clock_now() + delay
    poller:set_timer("now", deadline)
    t.integer(poller:wait(ready), 1)
    t.equal(llnet.clock_now() >= deadline, true)
  end
end)

each("values come in the order of their deadlines, behind the descriptors", function(poller)
  local a, b = t.unix_pair()
  poller:add(a, POLLOUT)
  poller:set_timer("c", 30)
  poller:set_timer("a", 10)
  poller:set_timer("d", 40)
  poller:set_timer("b", 20)
  poller:set_timer(a, 50) -- an object that is watched, too
  poller:set_timer("later", llnet.clock_now() + HOUR)
  local ready = {}
  t.integer(poller:wait(ready), 6)
  t.results(ready, a, POLLOUT, "a", POLL_TIMER, "b", POLL_TIMER, "c", POLL_TIMER, "d", POLL_TIMER, a, POLL_TIMER)
  t.integer(poller:get_timer_count(), 1)
  a:close()
  b:close()
end)

each("a value has one timer, which moves", function(poller)
  local ready, value = {}, {}
  poller:set_timer(value, 0)
  poller:set_timer(value, llnet.clock_now() + HOUR)
  t.integer(poller:get_timer_count(), 1)
  t.integer(poller:wait(ready, 0), 0)
  poller:set_timer(value, 0)
  poller:set_timer({}, llnet.clock_now() + HOUR) -- an equal table is another one
  t.integer(poller:wait(ready, 0), 1)
  t.equal(ready[1], value)
end)

each("a timer that is removed does not come", function(poller)
  local ready = {}
  t.fails("ENOENT", poller:remove_timer("a"))
  poller:set_timer("a", 0)
  poller:set_timer("b", 0)
  t.fails("ENOENT", poller:remove_timer("c"))
  t.equal(poller:remove_timer("a"), true)
  t.fails("ENOENT", poller:remove_timer("a"))
  t.integer(poller:wait(ready, 0), 1)
  t.equal(ready[1], "b")
  t.fails("ENOENT", poller:remove_timer("b"))
end)

each("wrong arguments raise and set nothing", function(poller)
  t.raises("bad argument #1 to 'set_timer' (value expected, got nil)", function() poller:set_timer(nil, 0) end)
  t.raises("value expected, got no value", poller.set_timer, poller)
  t.raises("value is NaN", poller.set_timer, poller, 0 / 0, 0)
  t.raises("number expected, got no value", poller.set_timer, poller, "x")
  t.raises("number expected, got string", poller.set_timer, poller, "x", "y")
  t.raises("number out of range", poller.set_timer, poller, "x", -1 / 0)
  t.raises("number out of range", poller.set_timer, poller, "x", 0 / 0)
  t.raises("value expected, got nil", poller.remove_timer, poller, nil)
  t.raises("value is NaN", poller.remove_timer, poller, 0 / 0)
  t.raises("Poller expected, got table", poller.set_timer, {}, "x", 0)
  t.integer(poller:get_timer_count(), 0)
  t.integer(poller:wait({}, 0), 0)
end)

each("a closed poller has no timers", function(poller)
  poller:set_timer("x", 0)
  poller:close()
  t.integer(poller:get_timer_count(), 0)
  t.fails("EBADF", poller:set_timer("x", 0))
  t.fails("EBADF", poller:set_timer("y", 0))
  t.fails("EBADF", poller:remove_timer("x"))
  t.fails("EBADF", poller:remove_timer("z"))
  t.fails("EBADF", poller:wait_ns({}, 0))
end)

-- ---- how long values live ----------------------------------------------------------------

each("a value lives while its timer is set, and is forgotten when it is reported", function(poller)
  local weak = setmetatable({}, { __mode = "k" })
  local function set(deadline)
    local value = coroutine.create(function() end)
    weak[value] = true
    poller:set_timer(value, deadline)
  end
  set(0)
  collect()
  assert(next(weak), "the timer keeps its value")
  local ready = {}
  t.integer(poller:wait(ready, 0), 1)
  t.equal(type(ready[1]), "thread")
  ready[1] = nil
  collect()
  t.equal(next(weak), nil)
  set(llnet.clock_now() + HOUR)
  collect()
  t.equal(poller:remove_timer((next(weak))), true)
  collect()
  t.equal(next(weak), nil, "remove_timer forgets")
  set(llnet.clock_now() + HOUR)
  poller:close()
  collect()
  t.equal(next(weak), nil, "close forgets")
end)

each("what a closed poller refused is not kept", function(poller)
  local weak = setmetatable({}, { __mode = "k" })
  poller:close()
  local function set()
    local value = {}
    weak[value] = true
    t.fails("EBADF", poller:set_timer(value, 0))
  end
  set()
  collect()
  t.equal(next(weak), nil)
end)

each("the same timers over and over take no more memory", function(poller)
  local values, ready = {}, {}
  for i = 1, 50 do values[i] = {} end
  local function turn()
    for i = 1, 50 do poller:set_timer(values[i], i) end
    t.equal(poller:wait(ready, 0), 50)
    for i = 1, 50 do t.equal(ready[2 * i - 1], values[i]) end
  end
  for _ = 1, 20 do turn() end
  collect()
  local before = collectgarbage("count")
  for _ = 1, 300 do turn() end
  collect()
  t.equal(collectgarbage("count") - before < 16, true, "KiB that stay")
end)

each("more than a wait reports come with the next ones, each once", function(poller)
  local ready, seen, count = {}, {}, 0
  for i = 1, 3000 do poller:set_timer(i, i) end
  for i = 1, 3000, 3 do t.equal(poller:remove_timer(i), true) end
  while poller:get_timer_count() > 0 do
    local n = poller:wait(ready)
    t.equal(n > 0 and n <= 1024, true)
    for i = 1, 2 * n, 2 do
      t.equal(seen[ready[i]], nil)
      seen[ready[i]] = true
      count = count + 1
    end
  end
  t.equal(count, 2000)
end)

each("a turn may set, move and remove timers as it likes", function(poller)
  local ready, log = {}, {}
  poller:set_timer("first", 1)
  poller:set_timer("second", 2)
  while poller:get_timer_count() > 0 do
    for i = 1, 2 * poller:wait(ready), 2 do
      log[#log + 1] = ready[i]
      if ready[i] == "first" then
        -- it is in this turn's table already, and comes again
        poller:set_timer("second", 3)
        poller:set_timer("third", 4)
        poller:set_timer("fourth", 5)
        t.equal(poller:remove_timer("fourth"), true)
      end
    end
  end
  t.equal(table.concat(log, " "), "first second second third")
end)

each("a finalizer sets and removes timers", function(poller)
  local calls = 0
  local function spawn()
    local function act()
      calls = calls + 1
      poller:set_timer(calls % 5, 0)
      poller:remove_timer(calls % 7)
      poller:wait({}, 0)
    end
    if newproxy then
      getmetatable(newproxy(true)).__gc = act
    else
      setmetatable({}, { __gc = act })
    end
  end
  local ready = {}
  for i = 1, 500 do
    spawn()
    poller:set_timer({ i }, i % 3 == 0 and llnet.clock_now() + HOUR or 0)
    poller:wait(ready, 0)
    if i % 50 == 0 then collect() end
  end
  collect()
  t.equal(calls > 100, true)
end)

each("fields of the program's own do not meet the timers", function(poller)
  poller.name, poller[1], poller[2] = "main", "one", "two"
  poller:set_timer("name", 0)
  poller:set_timer(1, 0)
  t.integer(poller:wait({}, 0), 2)
  t.equal(poller.name, "main")
  t.equal(poller[1], "one")
  t.equal(poller[2], "two")
end)

-- ---- waits -------------------------------------------------------------------------------

each("wait_ns waits for nanoseconds", function(poller)
  local a, b = t.unix_pair()
  local ready = { "old" }
  poller:add(a, POLLIN)
  for _, timeout in ipairs { 0, 1, 999, 500000, 1000000, 1500001 } do
    local before = llnet.clock_now()
    t.integer(poller:wait_ns(ready, timeout), 0)
    t.equal(llnet.clock_now() - before >= timeout, true)
    t.equal(ready[1], nil)
  end
  b:send("x")
  for _, timeout in ipairs { -1, -2 ^ 62, 2 ^ 62, 1 } do
    t.integer(poller:wait_ns(ready, timeout), 1)
    t.equal(ready[1], a)
  end
  t.integer(poller:wait_ns(ready), 1)
  t.integer(poller:wait_ns(ready, nil), 1)
  t.raises("table expected, got nil", poller.wait_ns, poller, nil, 0)
  t.raises("number out of range", poller.wait_ns, poller, ready, 0 / 0)
  t.raises("number expected, got string", poller.wait_ns, poller, ready, "x")
  a:close()
  b:close()
end)

each("a wait ends for a descriptor, a wake, or the caller's time before a timer", function(poller)
  local a, b = t.unix_pair()
  local ready = {}
  poller:add(a, POLLIN)
  poller:set_timer("later", llnet.clock_now() + HOUR)
  t.integer(poller:wait(ready, 0), 0)
  t.integer(poller:wait_ns(ready, 100), 0)
  poller:wake()
  t.integer(poller:wait(ready), 0)
  b:send("x")
  t.integer(poller:wait(ready), 1)
  t.equal(ready[1], a)
  t.integer(poller:get_timer_count(), 1)
  a:close()
  b:close()
end)

t.done()
