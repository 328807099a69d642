-- SPDX-License-Identifier: MIT
-- abuse_finalizer: finalizers that call methods, and change or release what the call that they
-- interrupt is using.

local t = require "harness"
local llnet = t.llnet
local core = require "llnet.core"
local abuse = require "harness.abuse"
local unpack = unpack or table.unpack
local make, classes, finalize, finalized = abuse.make, abuse.classes, abuse.finalize, abuse.finalized
local each_method, judge, hasty = abuse.each_method, abuse.judge, abuse.hasty

t.case("methods called by another object's finalizer", function()
  each_method(function(class, name, method)
    local calls, object = 0, make[class]()
    for _ = 1, 3 do
      finalized(function()
        calls = calls + 1
        judge(name, name, pcall(method, unpack(hasty(name, { object, {} }), 1, 3)))
      end)
    end
    collectgarbage()
    collectgarbage()
    t.equal(calls, 3)
  end)
end)

t.case("objects that a dead group holds are used by its finalizers", function()
  for _, class in ipairs(classes) do
    for name, method in pairs(core[class]) do
      local group = { object = make[class]() }
      group.last = finalized(function()
        judge(name, name, pcall(method, unpack(hasty(name, { group.object }), 1, 3)))
      end)
      -- live again, and perhaps released
      group.again = finalized(function() _ = group end)
    end
  end
  collectgarbage()
  collectgarbage()
end)

-- Runs body with finalizers in nearly every allocation.
local function collecting_often(act, body)
  local pause, multiplier = collectgarbage("setpause", 1), collectgarbage("setstepmul", 10000)
  local live = true
  local function spawn()
    finalized(function()
      if live then
        act()
        spawn()
      end
    end)
  end
  for _ = 1, 20 do spawn() end
  local ok, problem = pcall(body)
  live = false
  collectgarbage("setpause", pause)
  collectgarbage("setstepmul", multiplier)
  if not ok then error(problem, 0) end
end

t.case("a finalizer that receives does not change what the call it interrupts received", function()
  local one, two = t.unix_pair("dgram")
  local three, four = t.unix_pair("dgram")
  for _, sock in ipairs { one, two, three, four } do sock:set_nonblock(true) end
  local inner = ("i"):rep(60000)
  local interrupted = 0
  collecting_often(function()
    three:send(inner)
    if four:recv(100000) == inner then interrupted = interrupted + 1 end
  end, function()
    for i = 1, 60 do
      local outer = ("o"):rep(60000) .. i
      one:send(outer)
      t.equal(two:recv(100000) == outer, true)
      local buffer = llnet.Buffer(outer)
      t.equal(buffer:get_data() == outer, true)
    end
  end)
  t.equal(interrupted > 0, true)
end)

t.case("a finalizer that empties, closes and releases what a call is using", function()
  local victims = {}
  collecting_often(function()
    for _, victim in pairs(victims) do
      if victim.free then
        pcall(victim.reset, victim)
        pcall(victim.free, victim)
      elseif victim.close then
        pcall(victim.close, victim)
      end
      finalize(victim)
    end
  end, function()
    for i = 1, 25 do
      local sock = make.Socket()
      local buffer, info, poller = llnet.Buffer(("x"):rep(20000)), make.AddrInfo(), make.Poller()
      local list = make.Interfaces()
      victims = { sock, buffer, info, poller, list }
      local text = i + 0.5 -- made a string by the call
      judge("append", "append", pcall(buffer.append, buffer, text))
      judge("find", "find", pcall(buffer.find, buffer, text))
      judge("slice", "slice", pcall(buffer.slice, buffer, 0, 10))
      judge("get_data", "get_data", pcall(buffer.get_data, buffer))
      judge("get_addr", "get_addr", pcall(info.get_addr, info))
      judge("get_address", "get_address", pcall(list.get_address, list, 0, 0))
      judge("add", "add", pcall(poller.add, poller, sock, llnet.POLLIN))
      judge("wait", "wait", pcall(poller.wait, poller, {}, 0))
      judge("recvfrom", "recvfrom", pcall(sock.recvfrom_buffer, sock, buffer))
      judge("recv", "recv", pcall(sock.recv, sock, 100000))
      judge("TCP_INFO", "TCP_INFO", pcall(sock.get_option, sock, "SO_PEERCRED"))
      judge("sockname", "sockname", pcall(sock.get_sockname, sock))
      victims = {}
    end
  end)
end)

t.case("a finalizer that releases a Buffer while its slice is made", function()
  local victim
  local slice, released = core.Buffer.slice, 0
  collecting_often(function()
    if victim then
      finalize(victim)
      victim, released = nil, released + 1
    end
  end, function()
    local i = 0
    while released < 20 and i < 5000 do
      i = i + 1
      -- of many sizes: the collector is to come at many places
      local buffer = llnet.Buffer(("x"):rep(100) .. ("y"):rep(i % 97))
      victim = buffer
      for _ = 1, 20 do
        local ok, part = pcall(slice, buffer, i % 90, 10)
        if ok then t.equal(part:get_data(), ("x"):rep(10)) end
      end
      victim = nil
    end
  end)
  t.equal(released > 0, true)
end)

t.case("a finalizer that resets, refills and releases the messages that are in use", function()
  local one, two = t.unix_pair("dgram")
  one:set_nonblock(true)
  two:set_nonblock(true)
  local message, into, pick_one
  local function disturb()
    pcall(message.set_data, message, ("other "):rep(20), llnet.Buffer("x"))
    pcall(message.reset, into)
    pcall(two.recv_message, two, into)
    pcall(finalize, pick_one and into or message)
  end
  for round = 1, 300 do
    message, into = make.Message(), llnet.Message()
    pick_one = round % 2 == 0
    message:add_descriptor(one)
    one:send_message(message)
    into:set_data(llnet.Buffer(20))
    two:recv_message(into)
    finalized(disturb)
    collectgarbage("step", round % 7)
    judge("set_data", "set_data", pcall(message.set_data, message, ("s"):rep(round), 12, llnet.Buffer(3)))
    judge("add_data", "add_data", pcall(message.add_data, message, round))
    judge("add_descriptor", "add_descriptor", pcall(message.add_descriptor, message, {
      fileno = function()
        if round % 3 == 0 then disturb() end
        collectgarbage()
        return 0
      end,
    }))
    judge("send", "send", pcall(one.send_message, one, message))
    judge("recv", "recv", pcall(two.recv_message, two, into))
    local ok, taken = pcall(into.take_descriptor, into)
    if ok and taken then taken:close() end
    judge("get_error", "get_error", pcall(into.get_error, into))
    judge("get_address", "get_address", pcall(into.get_address, into))
  end
  one:close()
  two:close()
end)

t.done()
