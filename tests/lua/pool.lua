-- SPDX-License-Identifier: MIT
-- pool: pools of Buffers.

local t = require "harness"
local llnet = t.llnet

local function collect()
  collectgarbage()
  collectgarbage()
end

t.case("a pool gives Buffers again, empty", function()
  local pool = llnet.Pool(100, 2)
  local one, two, three = pool:take(), pool:take(), pool:take()
  t.integer(one:get_capacity(), 100)
  one:set_data("used")
  t.equal(pool:give(one), true)
  t.equal(pool:give(two), true)
  t.equal(pool:give(three), false) -- it has two
  t.equal(pool:get_count(), 2)
  t.equal(pool:take(), two)
  t.equal(pool:take(), one)
  t.integer(one:get_size(), 0)
  t.equal(pool:get_count(), 0)
  one:append(("x"):rep(101))
  t.equal(pool:give(one), false)
  t.raises("lies in a pool already", function()
    pool:give(two)
    pool:give(two)
  end)
  t.raises("a Buffer of a pool expected", pool.give, pool, llnet.Buffer(100))
  t.raises("a Buffer of a pool expected", pool.give, pool, two:slice(0))
  t.raises("capacity expected", llnet.Pool, "x")
  t.raises("capacity expected", llnet.Pool, -1)
  t.raises("capacity expected", llnet.Pool, 2 ^ 63)
  t.raises("limit expected", llnet.Pool, 1, 0.5)
end)

t.case("a pool says what it is, and keeps its metatable", function()
  local pool = llnet.Pool(100)
  pool:give(pool:take())
  t.equal(tostring(pool), "Pool: 1 of 100 bytes")
  t.equal(getmetatable(pool), "Pool")
  t.fails("ENOMEM", llnet.Pool(2 ^ 53):take())
end)

t.case("a Buffer that was changed in the pool is not given again", function()
  local pool = llnet.Pool(100)
  local one, two = pool:take(), pool:take()
  pool:give(one)
  pool:give(two)
  two:set_data("written since")
  one:free()
  t.equal(pool:take(), two)
  t.integer(two:get_size(), 0)
  local three = pool:take()
  t.equal(three ~= one, true)
  t.integer(three:get_capacity(), 100)
end)

t.case("a pool that nobody has any more is collected with its Buffers", function()
  local seen = setmetatable({}, { __mode = "v" })
  local pool = llnet.Pool(100)
  seen.pool, seen.buffer = pool, pool:take()
  pool:give(seen.buffer)
  pool = nil -- luacheck: ignore
  for _ = 1, 4 do collect() end
  t.equal(seen.pool, nil)
  t.equal(seen.buffer, nil)
end)

t.case("a pool that is warm takes no memory", function()
  local pool = llnet.Pool(100)
  t.allocates_nothing(function()
    local one, two = pool:take(), pool:take()
    pool:give(one)
    pool:give(two)
  end)
end)

t.done()
