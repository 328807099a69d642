-- SPDX-License-Identifier: MIT
-- main.lua SEED CALLS RECORD [BATCH]: so many calls with random arguments, in batches that each
-- begin with objects of their own, from everywhere that a script may call from; or one batch,
-- once more. Each call gives results, nil with an error's name and number, or raises an
-- error; a batch leaves no descriptor behind. What else may happen, who runs this sees.

package.path = arg[0]:gsub("[^/]*$", "") .. "?.lua;" .. package.path
local seed, wanted, only = tonumber(arg[1]), tonumber(arg[2]), tonumber(arg[4])
assert(os.getenv "LLNET_ABUSE" == "alone", "for a network namespace of its own: abuse.test makes one")

local llnet = require "llnet"
local objects = require "objects"
local random = require "random"
local record = require "record"
local values = require "values"
random.start(1, 1)
objects.start()
local targets = require "targets"
local arguments_for = require "shapes"
local restrain = require "restrain"

local unpack = unpack or table.unpack -- luacheck: ignore
local below, pick, chance = random.below, random.pick, random.chance

local BATCH = 5000     -- calls
local DEPTH = 3        -- calls within calls
local calls, failure = 0, nil
local answered = {}    -- by target: how many calls gave a result, not an error
local made = {}        -- by place: how many calls

-- ---- one call -----------------------------------------------------------------------------------

local known = {} -- functions that have restraints of their own, and so are no results to call
for _, target in ipairs(targets) do known[target.call] = true end

local function fail(target, arguments, n, what)
  failure = failure or ("%s %s (%s)"):format(target.name, what, record.arguments(arguments, n))
end

-- Whose results have forms of their own: LuaSocket's, and layers in Lua, which take tables of anybody's.
local loose = { luasocket = true, returned = true, below = true, ffi = true, epoll = true, Pool = true }

-- What a call gave is looked at, and what it gave away is taken back.
local function judge(target, arguments, n, ok, first, second, third)
  local name, family = target.name, target.family
  if not ok then
    local kind = type(first)
    if kind ~= "string" and (not loose[family] or kind == "userdata") then
      fail(target, arguments, n, "raised " .. kind)
    end
  elseif first == nil and second ~= nil and not loose[family] and name ~= "socketpair" then
    if type(second) ~= "string" or type(third) ~= "number" and second ~= "UNKNOWN ERROR" then
      fail(target, arguments, n, ("gave nil, %s, %s"):format(type(second), type(third)))
    end
  else
    answered[target] = (answered[target] or 0) + 1
    if name == "Socket:detach" and first then llnet.Socket.adopt(first):close() end
    if first ~= nil and not known[first] then objects.recycle(first) end
    objects.recycle(second)
  end
  -- nobody has it, or who borrowed it will not close it
  if arguments.given and (not ok or first == nil and second ~= nil or name == "Socket.borrow") then
    llnet.Socket.adopt(arguments.given):close()
  end
end

local depth = 0
local over = true -- finalizers of a batch that has ended call nothing
-- Makes a random call by means of run, which is pcall or something like it.
local function call(where, run, held, wanted_target)
  local target = wanted_target or pick(targets.weighed)
  if target.name == "features" and not chance(50) then target = pick(targets.weighed) end -- takes milliseconds
  local arguments, n = arguments_for(target, wanted_target)
  if held ~= nil then
    arguments[below(2)] = held
    if n == 0 then n = 1 end
  end
  n = restrain(target, arguments, n)
  record.call(where, target.name, arguments, n)
  calls, made[where] = calls + 1, (made[where] or 0) + 1
  local outer = values.in_use
  values.in_use = arguments
  judge(target, arguments, n, run(target.call, unpack(arguments, 1, n)))
  values.in_use = outer
end

function values.nested(where, held)
  if over or depth >= DEPTH then return end
  depth = depth + 1
  call(where, pcall, held)
  depth = depth - 1
end

-- ---- where from -----------------------------------------------------------------------------------

-- In a coroutine, whose callbacks may yield in the middle; meanwhile others call.
local function in_coroutine(target)
  local thread
  call("coroutine", function(f, ...)
    thread = coroutine.create(function(...) return f(...) end) -- Lua 5.1 wants one in Lua
    local ok, first, second, third = coroutine.resume(thread, ...)
    for _ = 1, 3 do
      if coroutine.status(thread) ~= "suspended" then break end
      values.nested "while suspended"
      ok, first, second, third = coroutine.resume(thread, values.any())
    end
    -- left where it is, it is garbage
    if coroutine.status(thread) == "suspended" then return true end
    return ok, first, second, third
  end, nil, target)
end

-- What asks its arguments back: for a descriptor, a field, or just so.
local asking = {}
for _, target in ipairs(targets) do
  for _, name in ipairs { "Poller:add", "Poller:modify", "Poller:remove", "Epoller:add", "Epoller:mod", "Epoller:del",
    "Epoller:wait_callback", "Socket:sendfile", "Socket:set_option", "socket.select", "returned function" } do
    if target.name == name then asking[#asking + 1] = target end
  end
end
local function with_callback()
  local target = pick(asking)
  if chance(2) then return in_coroutine(target) end
  call("script", pcall, nil, target)
end

-- With a hook that calls, too: after some instructions of Lua, and at calls.
local function under_hook()
  local count = below(20)
  call("hooked", function(...)
    debug.sethook(function()
      count = count - 1
      if count > 0 then return end
      debug.sethook()
      values.nested "hook"
    end, chance(2) and "c" or "r", below(10))
    local ok, first, second, third = pcall(...)
    debug.sethook()
    return ok, first, second, third
  end)
end

-- While what a wait gave is gone through: what it names is closed, collected, watched elsewhere.
local function after_wait()
  local poller, ready = objects.make.Poller(), values.table()
  local sock = objects.live "Socket"
  poller:add(sock, llnet.POLLIN + llnet.POLLOUT, chance(2) and values.any() or nil)
  poller:add(objects.live "Poller", llnet.POLLIN)
  poller:set_timer(poller, 0)
  record.call("wait", "Poller:wait", {}, 0)
  for _ = 1, 2 do
    local count = poller:wait(ready, 0)
    for i = 1, 2 * (count or 0), 2 do
      local one = ready[i]
      local kind = below(4)
      if kind == 1 then objects.finish(one) end
      if kind == 2 then pcall(poller.remove, poller, one) end
      values.nested("during a wait", one)
      if kind == 3 then ready[i] = values.any() end
    end
    if chance(4) then sock:close() end
    if chance(6) then poller:close() end
  end
end

-- In the callback of a wait, which waits once more: on the same poller, or another.
local function in_wait_callback()
  local epoller = objects.live "Epoller"
  epoller:add(objects.live "Socket", llnet.POLLIN + llnet.POLLOUT, values.any())
  record.call("wait", "Epoller:wait_callback", {}, 0)
  pcall(epoller.wait_callback, epoller, function(id)
    values.nested("wait callback", id)
    if chance(3) then pcall(epoller.wait_callback, epoller, function() values.nested "inner wait callback" end, 0) end
    if chance(6) then epoller:close() end
    if chance(6) then coroutine.yield() end
  end, 0)
end

local function plainly() call("script", pcall) end

-- These two use objects that are being ended under their hands.
local function wait_and_go_on() pcall(after_wait) end
local function wait_with_callback() pcall(in_wait_callback) end

-- Twenty places, by weight.
local places = {
  plainly, plainly, plainly, plainly, plainly, plainly, plainly, plainly, plainly, plainly, with_callback,
  with_callback, in_coroutine, in_coroutine, in_coroutine, under_hook, wait_and_go_on, wait_with_callback,
  values.litter, values.litter,
}

-- ---- batches -------------------------------------------------------------------------------------

local function descriptors()
  local n = 0
  for fd = 0, 511 do
    local file = io.open("/proc/self/fdinfo/" .. fd, "r")
    if file then
      file:close()
      n = n + 1
    end
  end
  return n
end

local modes = { function() collectgarbage("setpause", 200) end, function() collectgarbage("setpause", 110) end }
if _VERSION == "Lua 5.4" then
  modes[1] = function() collectgarbage "incremental" end
  modes[3] = function() collectgarbage "generational" end
end

local function run_batch(number, size)
  random.start(seed, number)
  record.start(number)
  pick(modes)()
  objects.start()
  values.start()
  over = false
  local before = calls
  while calls - before < size and not failure do
    depth, values.in_use = 0, nil
    pick(places)()
  end
  over = true
  objects.forget()
  values.start()
  record.finish()
end

local expected_places = { "script", "coroutine", "while suspended", "hooked", "hook", "__gc", "callback", "__index",
  "during a wait", "wait callback", "inner wait callback" }

local function finish(batches)
  local silent, unused, places_made = {}, {}, {}
  for _, target in ipairs(targets) do
    -- LuaSocket's classes have each other's methods, which always refuse them
    if not answered[target] and target.family ~= "luasocket" then silent[#silent + 1] = target.name end
  end
  for _, place in ipairs(expected_places) do
    if not made[place] then unused[#unused + 1] = place end
  end
  for place, times in pairs(made) do places_made[#places_made + 1] = ("%s %d"):format(place, times) end
  table.sort(places_made)
  print("never answered: " .. table.concat(silent, " "))
  print("calls from: " .. table.concat(places_made, ", "))
  print(("%d calls of %d functions in %d batches"):format(calls, #targets, batches))
  -- a generator whose calls all fail would prove nothing
  if not failure and not only and wanted >= 100000 then
    if #silent > #targets / 20 then failure = "too many functions never answered" end
    if #unused > 0 then failure = "no calls from: " .. table.concat(unused, ", ") end
  end
  if failure then
    io.stderr:write(failure, "\n")
    os.exit(1)
  end
end

-- An object that another holds in its fields is found by a later collection than that one.
local function descriptors_left(expected)
  local open
  for _ = 1, 20 do
    collectgarbage()
    open = descriptors()
    if open <= expected then break end
  end
  return open
end

-- The first batch is there for what modules keep for good.
record.open(arg[3])
run_batch(0, BATCH / 5)
calls = 0
local baseline = descriptors_left(0)
local batch = only and only - 1 or 0
while not failure and (only and batch < only or not only and calls < wanted) do
  batch = batch + 1
  run_batch(batch, BATCH)
  local open = descriptors_left(baseline)
  if open > baseline then
    failure = failure or ("batch %d left %d descriptors behind"):format(batch, open - baseline)
  end
end
finish(batch)
os.exit(0)
