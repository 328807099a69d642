-- SPDX-License-Identifier: MIT
-- time: deadlines and timeouts that a script has computed: parts of a unit, and math.huge.

local t = require "harness"
local llnet = t.llnet
local POLLIN = llnet.POLLIN

local PART = 1 / 3

-- Calls with a deadline; each is over at once.
local function with_deadline(a, b, deadline)
  local buffer = llnet.Buffer(10)
  t.integer(a:send_all("0123456789x\nyzyz", deadline), 16)
  t.equal(b:recv_exact(10, deadline), "0123456789")
  t.integer(b:recv_until(buffer, "\n", nil, deadline), 2)
  t.equal(buffer:consume(2), true)
  t.equal(b:recv_exact(16 - 10 - 2 - #buffer, deadline), ("yzyz"):sub(#buffer + 1))
  t.integer(a:send_all_buffer(buffer, 0, 2, deadline), 2)
  t.integer(b:recv_exact_buffer(buffer, 0, 2, deadline), 2)
end

t.case("a deadline may have a part of a nanosecond, or be math.huge", function()
  local a, b = t.unix_pair()
  with_deadline(a, b, math.huge)
  -- beyond 2^52 ns after the machine's start there are no parts
  with_deadline(a, b, llnet.clock_now() + 60e9 + PART)
  with_deadline(a, b, PART)
  with_deadline(a, b, -PART)
  t.fails("ETIMEDOUT", b:recv_exact(1, PART))
  for _, wrong in ipairs { 0 / 0, -math.huge, 2 ^ 63 } do
    t.raises("number out of range", b.recv_exact, b, 1, wrong)
  end
  t.raises("number expected, got string", b.recv_exact, b, 1, "x")
  a:close()
  b:close()
end)

t.case("a part of a unit is waited for as all of it", function()
  local a, b = t.unix_pair()
  local poller = assert(llnet.Poller())
  poller:add(a, POLLIN)
  local function waits(expected, wait, ...)
    local before = llnet.clock_now()
    t.integer(wait(...), 0)
    local waited = llnet.clock_now() - before
    assert(waited >= expected, waited)
  end
  -- less than all of it: epoll's clock and ours differ in grain
  waits(20e6, poller.wait, poller, {}, 20 + PART)
  waits(20e6, a.poll, a, POLLIN, 20 + PART)
  waits(20e6, poller.wait_ns, poller, {}, 20e6 + PART)
  waits(20e6, llnet.poll_ns, { a }, { POLLIN }, {}, 20e6 + PART)
  -- a time that was computed and is past: negative whole numbers alone are for ever
  for _, past in ipairs { -PART, -1 - PART, -1e6 - PART } do
    waits(0, poller.wait, poller, {}, past)
    waits(0, a.poll, a, POLLIN, past)
    waits(0, poller.wait_ns, poller, {}, past)
    waits(0, llnet.poll_ns, { a }, { POLLIN }, {}, past)
  end
  poller:close()
  a:close()
  b:close()
end)

t.case("math.huge waits for ever", function()
  local a, b = t.unix_pair()
  local poller, revents = assert(llnet.Poller()), {}
  poller:add(a, POLLIN)
  t.equal(poller:set_timer("never", math.huge), true)
  b:send("x")
  t.integer(poller:wait({}, math.huge), 1)
  t.integer(poller:wait_ns({}, math.huge), 1)
  t.integer(a:poll(POLLIN, math.huge), POLLIN)
  t.integer(llnet.poll_ns({ a }, { POLLIN }, revents, math.huge), 1)
  a:recv(1)
  t.integer(poller:wait({}, 0), 0)
  t.integer(poller:get_timer_count(), 1)
  t.equal(poller:set_timer("soon", llnet.clock_now() + PART), true)
  local ready = {}
  t.integer(poller:wait(ready, 10000), 1)
  t.equal(ready[1], "soon")
  poller:close()
  a:close()
  b:close()
end)

t.done()
