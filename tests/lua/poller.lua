-- SPDX-License-Identifier: MIT
-- poller: readiness, over every backend there is.

local t = require "harness"
local llnet, close_all = t.llnet, t.close_all
local Poller, POLLIN, POLLOUT, POLLHUP = llnet.Poller, llnet.POLLIN, llnet.POLLOUT, llnet.POLLHUP

local backends = Poller.backends()

-- One case for each backend; body gets a new poller, and the name.
local function each(name, body)
  for _, backend in ipairs(backends) do
    t.case(backend .. ": " .. name, function()
      local poller = assert(Poller(backend))
      body(poller, backend)
      t.equal(poller:close(), true)
    end)
  end
end

-- ---- making ------------------------------------------------------------------------

t.case("backends lists names, best first, and each makes a poller", function()
  assert(#backends >= 1)
  t.equal(backends[#backends], "poll")
  for i, name in ipairs(backends) do
    t.equal(Poller.backend_at(i - 1), name)
    t.equal(Poller(name):get_backend(), name)
    t.equal(Poller.new(name):get_backend(), name)
  end
  t.equal(Poller.backend_at(#backends), nil)
  t.fails("ENOTSUP", Poller("nosuch"))
  t.fails("ENOTSUP", Poller(""))
  if not os.getenv("LLNET_POLLER") then
    t.equal(Poller():get_backend(), backends[1])
    t.equal(Poller(nil):get_backend(), backends[1])
  end
  t.raises("string expected, got table", Poller, {})
  t.raises("NUL", Poller, "epoll\0")
  t.raises("number out of range", Poller.backend_at, -1)
end)

-- ---- ready ----------------------------------------------------------------------------

each("wait gives objects and their events", function(poller)
  local a, b = t.unix_pair()
  local ready = {}
  t.equal(poller:add(a, POLLIN), true)
  t.equal(poller:add(b, POLLIN + POLLOUT), true)
  t.integer(poller:wait(ready, 0), 1)
  t.equal(ready[1], b)
  t.integer(ready[2], POLLOUT)
  t.equal(ready[3], nil)
  b:send("x")
  t.integer(poller:wait(ready, 5000), 2)
  local seen = { [ready[1]] = ready[2], [ready[3]] = ready[4] }
  t.equal(seen[a], POLLIN)
  t.equal(seen[b], POLLOUT)
  t.equal(ready[5], nil)
  close_all(a, b)
end)

each("the table is used again, and the entry after the last is nil", function(poller)
  local pairs_of_sockets, ready = {}, { "old", "old", "old", "old", "old", key = "kept" }
  for i = 1, 5 do
    local a, b = t.unix_pair()
    pairs_of_sockets[i] = { a, b }
    poller:add(a, POLLIN)
    b:send("x")
  end
  t.integer(poller:wait(ready, 0), 5)
  t.equal(ready[11], nil)
  t.equal(#ready, 10)
  for i = 1, 3 do pairs_of_sockets[i][1]:recv(1) end
  t.integer(poller:wait(ready, 0), 2)
  t.equal(ready[5], nil)
  for i = 4, 5 do pairs_of_sockets[i][1]:recv(1) end
  t.integer(poller:wait(ready, 0), 0)
  t.equal(ready[1], nil)
  t.equal(ready.key, "kept")
  for i = 1, 5 do close_all(pairs_of_sockets[i][1], pairs_of_sockets[i][2]) end
end)

each("what was closed without remove is let go by remove", function(poller)
  local seen = setmetatable({}, { __mode = "k" })
  local function add_close_remove()
    local a, b = t.unix_pair()
    seen[a] = true
    t.equal(poller:add(a, POLLIN, { a }), true)
    close_all(a, b)
    t.fails("EBADF", poller:remove(a))
    t.fails("EBADF", poller:remove(a))
  end
  add_close_remove()
  for _ = 1, 3 do collectgarbage() end
  t.equal(next(seen), nil)
end)

each("what could not be added leaves nothing behind", function(poller)
  local a, b = t.unix_pair()
  t.equal(poller:add(a, POLLIN, "first"), true)
  t.fails("EEXIST", poller:add(a, POLLIN, "second"))
  b:send("x")
  local ready = {}
  t.integer(poller:wait(ready, 0), 1)
  t.equal(ready[1], "first")
  local function add_closed()
    for fd = 100000, 130000 do t.fails("EBADF", poller:add(fd, POLLIN, ready)) end
    collectgarbage()
    return collectgarbage("count")
  end
  add_closed()
  local before = add_closed()
  t.equal(add_closed() - before < 64, true, "KiB that stay")
  close_all(a, b)
end)

each("a value of the program's own stands for the object", function(poller)
  local a, b = t.unix_pair()
  local ready = {}
  for _, value in ipairs { "text", 7, { "table" }, print, true, false } do
    t.equal(poller:add(a, POLLOUT, value), true)
    t.integer(poller:wait(ready, 0), 1)
    t.equal(ready[1], value)
    t.equal(poller:remove(a), true)
  end
  t.equal(poller:add(a, POLLOUT, "first"), true)
  t.equal(poller:modify(a, POLLOUT, "second"), true)
  poller:wait(ready, 0)
  t.equal(ready[1], "second")
  t.equal(poller:modify(a, POLLOUT), true)
  poller:wait(ready, 0)
  t.equal(ready[1], "second", "modify without a value keeps it")
  t.equal(poller:modify(a, POLLOUT, a), true)
  poller:wait(ready, 0)
  t.equal(ready[1], a)
  -- another Socket is a value like any other
  t.equal(poller:modify(a, POLLOUT, b), true)
  t.integer(poller:wait(ready, 0), 1)
  t.equal(ready[1], b)
  close_all(a, b)
end)

each("numbers and objects with fileno or getfd are watched", function(poller)
  local a, b = t.unix_pair()
  local ready = {}
  local fd = a:fileno()
  local function watch(object)
    t.equal(poller:add(object, POLLOUT), true)
    t.integer(poller:wait(ready, 0), 1)
    t.equal(ready[1], object)
    t.equal(poller:remove(object), true)
    t.integer(poller:wait(ready, 0), 0)
  end
  watch(fd)
  watch({ fileno = function() return fd end })
  watch({ getfd = function(self) t.equal(type(self), "table"); return fd end })
  watch(setmetatable({}, { __index = { fileno = function() return fd end } }))
  if newproxy then
    local proxy = newproxy(true)
    getmetatable(proxy).__index = { getfd = function() return fd end }
    watch(proxy)
  end
  t.fails("EBADF", poller:add(-1, POLLIN))
  t.fails("EBADF", poller:add({ fileno = function() return -1 end }, POLLIN))
  t.fails("EBADF", poller:add({ getfd = function() return nil end }, POLLIN))
  t.raises("its fileno is not a descriptor", poller.add, poller, { fileno = function() return "x" end }, POLLIN)
  t.raises("its fileno is not a descriptor", poller.add, poller, { fileno = function() return 2 ^ 40 end }, POLLIN)
  t.raises("its fileno is not a descriptor", poller.add, poller, { fileno = function() return {} end }, POLLIN)
  t.raises("oh", poller.add, poller, { fileno = function() error("oh") end }, POLLIN)
  t.raises("call", poller.add, poller, { fileno = 5 }, POLLIN)
  t.raises("Socket expected, got table", poller.add, poller, {}, POLLIN)
  t.raises("Socket expected, got string", poller.add, poller, "x", POLLIN)
  t.raises("Socket expected, got nil", poller.add, poller, nil, POLLIN)
  t.raises("Socket expected, got Addr", poller.add, poller, llnet.Addr(), POLLIN)
  t.raises("Socket expected, got FILE*", poller.add, poller, io.stdout, POLLIN)
  t.raises("Socket expected, got boolean", poller.add, poller, true, POLLIN)
  t.raises("number out of range", poller.add, poller, 2 ^ 40, POLLIN)
  t.raises("number has no integer representation", poller.add, poller, 0.5, POLLIN)
  close_all(a, b)
end)

each("a fileno that closes the poller is answered with EBADF", function()
  local poller = assert(Poller())
  t.fails("EBADF", poller:add({ fileno = function() poller:close(); return 0 end }, POLLIN))
end)

-- ---- add, modify, remove --------------------------------------------------------------

each("add twice is EEXIST, modify and remove of the unknown ENOENT", function(poller)
  local a, b = t.unix_pair()
  local ready = {}
  t.fails("ENOENT", poller:modify(a, POLLIN))
  t.fails("ENOENT", poller:remove(a))
  t.equal(poller:add(a, POLLOUT, "kept"), true)
  t.fails("EEXIST", poller:add(a, POLLIN, "lost"))
  t.integer(poller:wait(ready, 0), 1)
  t.equal(ready[1], "kept")
  t.integer(ready[2], POLLOUT)
  t.equal(poller:modify(a, POLLIN), true)
  t.integer(poller:wait(ready, 0), 0)
  t.equal(poller:remove(a), true)
  t.fails("ENOENT", poller:remove(a))
  b:send("x")
  t.integer(poller:wait(ready, 0), 0)
  t.equal(poller:add(a, POLLIN), true)
  t.integer(poller:wait(ready, 0), 1)
  t.fails("EINVAL", poller:modify(a, 0x4000))
  t.raises("number expected, got nil", poller.add, poller, b, nil)
  t.raises("number expected, got nil", poller.add, poller, b)
  t.raises("number out of range", poller.add, poller, b, 2 ^ 31)
  close_all(a, b)
  t.fails("EBADF", poller:add(a, POLLIN))
  t.fails("EBADF", poller:modify(a, POLLIN))
  t.fails("EBADF", poller:remove(a))
end)

each("a failed add leaves nothing behind", function(poller)
  local a, b = t.unix_pair()
  t.fails("EINVAL", poller:add(a, 0x4000, "bad"))
  t.integer(poller:wait({}, 0), 0)
  t.equal(poller:add(a, POLLOUT), true)
  local ready = {}
  t.integer(poller:wait(ready, 0), 1)
  t.equal(ready[1], a)
  close_all(a, b)
end)

each("a socket closed without remove is not reported, its number may be added anew", function(poller)
  local a, b = t.unix_pair()
  local ready = {}
  poller:add(a, POLLIN + POLLOUT)
  poller:add(b, POLLIN + POLLOUT)
  local fd = a:fileno()
  close_all(a)
  t.integer(poller:wait(ready, 0), 1)
  t.equal(ready[1], b)
  close_all(b)
  t.integer(poller:wait(ready, 0), 0)
  local c, d = t.unix_pair()
  t.equal(c:fileno(), fd)
  t.equal(poller:add(c, POLLOUT), true)
  t.integer(poller:wait(ready, 0), 1)
  t.equal(ready[1], c)
  close_all(c, d)
end)

each("a number that was reused, not added, is not reported for the old socket", function(poller)
  local a, b = t.unix_pair()
  local ready = {}
  poller:add(a, POLLIN + POLLOUT)
  local fd = a:fileno()
  close_all(a)
  local c, d = t.unix_pair()
  t.equal(c:fileno(), fd)
  t.integer(poller:wait(ready, 0), 0)
  t.equal(poller:add(c, POLLOUT), true)
  t.integer(poller:wait(ready, 0), 1)
  t.equal(ready[1], c)
  close_all(b, c, d)
end)

each("a value does not let go of the object that it stands for", function(poller)
  local function watch()
    local a, b = t.unix_pair()
    poller:add(a, POLLIN, "value")
    return a:fileno(), b
  end
  local fd, b = watch()
  for _ = 1, 3 do collectgarbage() end
  b:send("x")
  local ready = {}
  t.integer(poller:wait(ready, 0), 1)
  t.equal(ready[1], "value")
  t.equal(poller:remove(fd), true)
  b:close()
end)

each("the poller keeps what it watches alive, until remove or close", function(poller)
  local weak = setmetatable({}, { __mode = "k" })
  local function watch()
    local a, b = t.unix_pair()
    weak[a] = true
    poller:add(a, POLLOUT)
    return a:fileno(), b
  end
  local fd, b = watch()
  collectgarbage()
  collectgarbage()
  assert(next(weak))
  t.equal(poller:remove(fd), true)
  collectgarbage()
  collectgarbage()
  t.equal(next(weak), nil)
  t.equal(b:poll(POLLIN, 0), POLLIN + POLLHUP)
  local _, c = watch()
  t.equal(poller:close(), true)
  collectgarbage()
  collectgarbage()
  t.equal(next(weak), nil)
  close_all(b, c)
end)

-- ---- modes ------------------------------------------------------------------------------

each("level: reported for as long as it is ready", function(poller)
  local a, b = t.unix_pair()
  local ready = {}
  poller:add(a, POLLIN)
  b:send("xy")
  for _ = 1, 3 do t.integer(poller:wait(ready, 0), 1) end
  a:recv(2)
  t.integer(poller:wait(ready, 0), 0)
  close_all(a, b)
end)

each("one-shot: once, then nothing until modify", function(poller)
  local a, b = t.unix_pair()
  local ready = {}
  t.equal(poller:add(a, POLLIN + llnet.POLL_ONESHOT), true)
  b:send("x")
  t.integer(poller:wait(ready, 5000), 1)
  t.integer(ready[2], POLLIN)
  t.integer(poller:wait(ready, 0), 0)
  b:send("x")
  t.integer(poller:wait(ready, 0), 0)
  t.fails("EEXIST", poller:add(a, POLLIN))
  t.equal(poller:modify(a, POLLIN + llnet.POLL_ONESHOT), true)
  t.integer(poller:wait(ready, 0), 1)
  t.integer(poller:wait(ready, 0), 0)
  close_all(a, b)
end)

each("edge: once for each readiness, or ENOTSUP", function(poller, backend)
  local a, b = t.unix_pair()
  local ready = {}
  if backend == "poll" then
    t.fails("ENOTSUP", poller:add(a, POLLIN + llnet.POLL_EDGE))
  else
    t.equal(poller:add(a, POLLIN + llnet.POLL_EDGE), true)
    b:send("x")
    t.integer(poller:wait(ready, 5000), 1)
    t.integer(poller:wait(ready, 0), 0)
    b:send("x")
    t.integer(poller:wait(ready, 5000), 1)
    t.integer(poller:wait(ready, 0), 0)
  end
  close_all(a, b)
end)

each("exclusive: with POLLIN only, or ENOTSUP", function(poller, backend)
  local a, b = t.unix_pair()
  if backend == "poll" then
    t.fails("ENOTSUP", poller:add(a, POLLIN + llnet.POLL_EXCLUSIVE))
  else
    t.fails("EINVAL", poller:add(a, POLLIN + llnet.POLLPRI + llnet.POLL_EXCLUSIVE))
    t.equal(poller:add(a, POLLIN + llnet.POLL_EXCLUSIVE), true)
    t.fails("EINVAL", poller:modify(a, POLLIN))
  end
  close_all(a, b)
end)

each("the peer's end is POLLHUP, unasked", function(poller)
  local a, b = t.unix_pair()
  local ready = {}
  poller:add(a, 0)
  t.integer(poller:wait(ready, 0), 0)
  close_all(b)
  t.integer(poller:wait(ready, 5000), 1)
  t.integer(ready[2], POLLHUP)
  poller:modify(a, POLLIN + llnet.POLLRDHUP)
  t.integer(poller:wait(ready, 0), 1)
  t.integer(ready[2], POLLIN + POLLHUP + llnet.POLLRDHUP)
  close_all(a)
end)

-- ---- waiting -----------------------------------------------------------------------------

each("a timeout is waited for, in milliseconds", function(poller)
  local a, b = t.unix_pair()
  local ready = { "old" }
  poller:add(a, POLLIN)
  local before = llnet.clock_now()
  t.integer(poller:wait(ready, 60), 0)
  t.equal(ready[1], nil)
  local waited = llnet.clock_now() - before
  assert(waited >= 59e6, waited) -- nanoseconds; epoll rounds up, clocks differ in grain
  t.raises("table expected, got nil", poller.wait, poller, nil, 0)
  t.raises("table expected, got no value", poller.wait, poller)
  t.raises("number out of range", poller.wait, poller, ready, 2 ^ 31)
  t.raises("number out of range", poller.wait, poller, ready, 2 ^ 31 + 0.5)
  t.raises("number out of range", poller.wait, poller, ready, -1 / 0)
  t.raises("number out of range", poller.wait, poller, ready, 0 / 0)
  t.raises("number expected, got string", poller.wait, poller, ready, "x")
  close_all(a, b)
end)

each("no timeout, nil and a negative one wait for an event", function(poller)
  local a, b = t.unix_pair()
  local ready = {}
  poller:add(a, POLLIN)
  b:send("x")
  t.integer(poller:wait(ready), 1)
  t.integer(poller:wait(ready, nil), 1)
  t.integer(poller:wait(ready, -1), 1)
  t.integer(poller:wait(ready, -5), 1)
  close_all(a, b)
end)

each("wake makes the next wait return, once", function(poller)
  local a, b = t.unix_pair()
  local ready = { "old" }
  poller:add(a, POLLIN)
  t.equal(poller:wake(), true)
  t.equal(poller:wake(), true)
  t.integer(poller:wait(ready), 0)
  t.equal(ready[1], nil)
  t.integer(poller:wait(ready, 0), 0)
  poller:wake()
  b:send("x")
  t.integer(poller:wait(ready, 5000), 1)
  t.equal(ready[1], a)
  close_all(a, b)
end)

each("many are reported, a part at once, each one time", function(poller, backend)
  local sockets = {}
  for i = 1, 200 do
    local a, b = t.unix_pair()
    sockets[2 * i - 1], sockets[2 * i] = a, b
    t.equal(poller:add(a, POLLOUT), true)
    t.equal(poller:add(b, POLLOUT), true)
  end
  local ready, seen, left, room = {}, {}, 400, backend == "epoll" and 64 or 1024
  while left > 0 do
    local n = poller:wait(ready, 0)
    t.integer(n, math.min(left, room))
    for i = 1, 2 * n, 2 do
      t.equal(seen[ready[i]], nil)
      seen[ready[i]] = true
      t.integer(ready[i + 1], POLLOUT)
      t.equal(poller:modify(ready[i], 0), true)
    end
    left = left - n
  end
  for _, s in ipairs(sockets) do
    t.equal(seen[s], true)
    t.equal(poller:remove(s), true)
    t.equal(s:close(), true)
  end
  t.integer(poller:wait(ready, 0), 0)
end)

-- ---- nesting, fields, ending -----------------------------------------------------------------

each("a poller is watched by another one where it has a descriptor", function(poller, backend)
  local outer = assert(Poller())
  if backend == "poll" then
    t.fails("ENOTSUP", poller:fileno())
    t.fails("ENOTSUP", outer:add(poller, POLLIN))
  else
    local a, b = t.unix_pair()
    local ready = {}
    t.integer(poller:fileno())
    poller:add(a, POLLIN)
    t.equal(outer:add(poller, POLLIN), true)
    t.integer(outer:wait(ready, 0), 0)
    b:send("x")
    t.integer(outer:wait(ready, 5000), 1)
    t.equal(ready[1], poller)
    t.integer(poller:wait(ready, 0), 1)
    t.equal(ready[1], a)
    close_all(a, b)
    -- a loop is refused by the kernel
    t.fails("EINVAL", poller:add(poller, POLLIN))
  end
  close_all(outer)
end)

each("a poller and its sockets carry fields, which wait does not touch", function(poller)
  local a, b = t.unix_pair()
  local ready, called = {}, false
  poller.name = "main"
  a.on_io_event = function() called = true end
  poller:add(a, POLLOUT)
  poller[a:fileno()] = "mine"
  t.integer(poller:wait(ready, 0), 1)
  ready[1].on_io_event()
  t.equal(called, true)
  t.equal(poller.name, "main")
  t.equal(poller[a:fileno()], "mine")
  poller.name = nil
  t.equal(poller.name, nil)
  t.equal(poller:remove(a), true)
  close_all(a, b)
end)

each("close is idempotent, and every call after it is EBADF", function(poller, backend)
  local a, b = t.unix_pair()
  poller:add(a, POLLIN)
  t.equal(poller:close(), true)
  t.equal(poller:close(), true)
  t.fails("EBADF", poller:add(b, POLLIN))
  t.fails("EBADF", poller:modify(a, POLLIN))
  t.fails("EBADF", poller:remove(a))
  t.fails("EBADF", poller:wait({}, 0))
  t.fails("EBADF", poller:wake())
  t.fails("EBADF", poller:fileno())
  t.equal(poller:get_backend(), backend)
  close_all(a, b)
end)

each("what happens to a poller in its own loop does no harm", function(poller)
  local a, b = t.unix_pair()
  local ready = {}
  poller:add(a, POLLOUT)
  poller:add(b, POLLOUT)
  t.integer(poller:wait(ready, 0), 2)
  for i = 1, 3, 2 do
    poller:remove(ready[i])
    ready[i]:close()
  end
  t.integer(poller:wait(ready, 0), 0)
end)

each("a poller that lost its table to the debug library is an error", function(poller)
  local set = debug.setuservalue
  if not set then t.skip("a table is always there") end
  local a, b = t.unix_pair()
  set(poller, nil)
  t.raises("lost its table", poller.add, poller, a, POLLIN)
  t.raises("lost its table", poller.wait, poller, {}, 0)
  set(poller, {})
  t.raises("lost its table", poller.remove, poller, a)
  close_all(a, b)
end)

t.case("wrong objects raise", function()
  local poller = Poller()
  t.raises("Poller expected, got Socket", poller.wait, llnet.Socket("inet", "stream"), {})
  t.raises("Poller expected, got table", poller.add, {}, 0, POLLIN)
  t.raises("Poller expected, got no value", poller.close)
  t.raises("Poller expected, got string", poller.wake, "x")
end)

t.case("has tells whether all bits of a flag are in events", function()
  local has = llnet.has
  local least = -2147483648
  for _, one in ipairs {
    { 0, 1, false }, { 1, 1, true }, { 5, 4, true }, { 5, 2, false }, { 5, 5, true }, { 5, 7, false }, { 4, 5, false },
    { 0, 0, true }, { 7, 0, true }, { -1, 2147483647, true }, { least, least, true }, { 2147483647, least, false },
    { llnet.POLLIN + llnet.POLL_EDGE, llnet.POLL_EDGE, true }, { llnet.POLLIN, llnet.POLLOUT, false },
    { "5", 4.0, true },
  } do
    t.equal(has(one[1], one[2]), one[3], ("%s has %s"):format(one[1], one[2]))
  end
end)

t.case("has raises for what is no C int", function()
  local has = llnet.has
  t.raises("bad argument #2 to 'has' (number expected, got nil)", function() has(1, llnet.POLLMISSPELT) end)
  t.raises("number expected, got no value", has, 1)
  t.raises("number expected, got table", has, {}, 1)
  t.raises("number has no integer representation", has, 1.5, 1)
  t.raises("number has no integer representation", has, 1, 0 / 0)
  t.raises("number out of range", has, 2147483648, 1)
  t.raises("number out of range", has, 1, -2147483649)
end)

t.done()
