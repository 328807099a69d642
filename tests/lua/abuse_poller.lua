-- SPDX-License-Identifier: MIT
-- abuse_poller: fileno methods that a poller calls and that fail, lie, or release it, and what is
-- released while it is watched.

local t = require "harness"
local llnet = t.llnet
local abuse = require "harness.abuse"
local make, finalize, judge = abuse.make, abuse.finalize, abuse.judge

t.case("an error inside of fileno passes through, and nothing is watched", function()
  local poller = make.Poller()
  local object = { fileno = function() error("no descriptor today", 0) end }
  for _, name in ipairs { "add", "modify", "remove" } do
    local ok, message = pcall(poller[name], poller, object, llnet.POLLIN)
    t.equal(ok, false)
    t.equal(message, "no descriptor today")
  end
  t.results({ poller:wait({}, 0) }, 0)
end)

t.case("what fileno gives is checked", function()
  local poller = make.Poller()
  for _, result in ipairs { "x", {}, true, 1.5, 2 ^ 53, 0 / 0, -2 ^ 31, io.stdout } do
    local object = { fileno = function() return result end }
    judge("add", "add", pcall(poller.add, poller, object, llnet.POLLIN))
  end
  t.fails("EBADF", poller:add({ fileno = function() return -1 end }, llnet.POLLIN))
  t.fails("EBADF", poller:add({ fileno = function() end }, llnet.POLLIN))
  t.fails("EBADF", poller:add(999999999, llnet.POLLIN))
  t.fails("EBADF", poller:add({ getfd = function() return 999999999 end }, llnet.POLLIN))
  t.raises("Socket expected, got table", poller.add, poller, {}, llnet.POLLIN)
  t.equal(pcall(poller.add, poller, { fileno = 5 }, llnet.POLLIN), false)
  local strange = setmetatable({}, { __index = function() error("strange", 0) end })
  t.raises("strange", poller.add, poller, strange, llnet.POLLIN)
end)

t.case("a poller that is closed, released or collected by the fileno it calls", function()
  for _, name in ipairs { "add", "modify", "remove" } do
    for _, finish in ipairs { "close", "__gc", "drop" } do
      local sock = make.Socket()
      local holder = { make.Poller() }
      local object = { fileno = function()
        if finish == "close" then
          holder[1]:close()
        elseif finish == "__gc" then
          finalize(holder[1])
        end
        holder[1] = nil
        collectgarbage()
        collectgarbage()
        return sock:fileno()
      end }
      local method = holder[1][name]
      local ok, result, error_name = pcall(method, holder[1], object, llnet.POLLIN)
      if finish == "close" then
        t.equal(ok, true)
        t.equal(result, nil)
        t.equal(error_name, "EBADF")
      elseif finish == "__gc" then
        t.equal(ok, false)
      else
        judge(name, name, ok, result, error_name, 1)
      end
    end
  end
end)

t.case("a fileno that puts something else in the caller's place", function()
  local sock = make.Socket()
  for _, other in ipairs { 12345678, "text", true, sock, make.Poller(), make.Message() } do
    for place = 1, 4 do
      local object = { fileno = function()
        debug.setlocal(2, place, other)
        return sock:fileno()
      end }
      for _, name in ipairs { "add", "modify", "remove" } do
        local poller = make.Poller()
        judge(name, name, pcall(poller[name], poller, object, llnet.POLLIN, "value"))
        judge("wait", "wait", pcall(poller.wait, poller, {}, 0))
      end
      local message = make.Message()
      judge("add_descriptor", "add_descriptor", pcall(message.add_descriptor, message, object))
    end
  end
end)

t.case("objects that are closed and collected while they are watched", function()
  local poller, ready = make.Poller(), {}
  for _ = 1, 50 do
    local one, two = t.unix_pair()
    assert(poller:add(one, llnet.POLLIN + llnet.POLLOUT))
    two:send("x")
    assert(assert(poller:wait(ready, 0)) >= 1)
    if two:fileno() % 2 == 0 then finalize(one) else one:close() end
    judge("wait", "wait", pcall(poller.wait, poller, ready, 0))
    two:close()
    ready = {}
    collectgarbage("step", 50)
  end
  poller:close()
end)

t.case("nested calls of one poller from a fileno method", function()
  local poller, sock = make.Poller(), make.Socket()
  local object = { fileno = function()
    poller:add(sock, llnet.POLLOUT)
    poller:wait({}, 0)
    return sock:fileno()
  end }
  t.fails("EEXIST", poller:add(object, llnet.POLLIN))
  t.results({ poller:wait({}, 0) }, 1)
end)

t.done()
