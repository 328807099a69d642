-- SPDX-License-Identifier: MIT
-- poller_value: what is reported in an object's place, once sockets are closed.

local t = require "harness"
local llnet = t.llnet
local POLLOUT = llnet.POLLOUT

-- One case for each backend; body gets a new poller.
local function each(name, body)
  for _, backend in ipairs(llnet.Poller.backends()) do
    t.case(backend .. ": " .. name, function()
      local poller = assert(llnet.Poller(backend))
      body(poller, {})
      t.equal(poller:close(), true)
    end)
  end
end

each("a socket that is a value is reported when it is closed, too", function(poller, ready)
  local a, b = t.unix_pair()
  t.equal(poller:add(a, POLLOUT, b), true)
  b:close()
  t.integer(poller:wait(ready, 0), 1)
  t.equal(ready[1], b)
  t.fails("EBADF", poller:remove(b)) -- which is watched by nobody
  t.integer(poller:wait(ready, 0), 1)
  t.equal(poller:remove(a), true)
  a:close()
end)

each("a socket that was closed is not reported by its value, though a dup is ready", function(poller, ready)
  local a, b = t.unix_pair()
  t.equal(poller:add(a, POLLOUT, "value"), true)
  local dup = assert(a:dup())
  a:close()
  t.integer(poller:wait(ready, 0), 0)
  t.equal(ready[1], nil)
  dup:close()
  b:close()
end)

each("remove finds a closed socket that had a value, and forgets both", function(poller, ready)
  local a, b = t.unix_pair()
  local fd = a:fileno()
  t.equal(poller:add(a, POLLOUT, "value"), true)
  a:close()
  t.fails("EBADF", poller:remove(a))
  local c, d = t.unix_pair()
  t.equal(c:fileno(), fd)
  t.equal(poller:add(c, POLLOUT), true)
  t.integer(poller:wait(ready, 0), 1)
  t.equal(ready[1], c)
  for _, socket in ipairs { b, c, d } do socket:close() end
end)

each("modify gives a value, keeps it, and takes another object under it", function(poller, ready)
  local a, b = t.unix_pair()
  t.equal(poller:add(a:fileno(), POLLOUT), true)
  t.equal(poller:modify(a, POLLOUT, "value"), true)
  t.equal(poller:modify(a, POLLOUT), true)
  t.integer(poller:wait(ready, 0), 1)
  t.equal(ready[1], "value")
  a:close()
  t.integer(poller:wait(ready, 0), 0)
  b:close()
end)
t.done()
