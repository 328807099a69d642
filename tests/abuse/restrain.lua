-- SPDX-License-Identifier: MIT
-- restrain: what must not be called quite so at random: waits and deadlines are short, sizes are
-- such as there are or absurd, descriptors are the generator's own to give away, closing
-- doesn't linger, blocking is for sockets that nobody else has.

local llnet = require "llnet"
local core = require "llnet.core"
local objects = require "objects"
local random = require "random"

local below = random.below

-- descriptors that may be given away, and don't block
local function own_descriptor()
  local sock = llnet.Socket("inet", "dgram", 0, llnet.SOCK_NONBLOCK)
  return sock and sock:detach() or 999999999
end

-- Up to so much at a place, where it is a number or nothing; text that is a number is one.
local function at_most(place, limit)
  return function(arguments)
    local value = arguments[place]
    if value == nil or tonumber(value) then arguments[place] = below(limit + 1) - 1 end
    return place
  end
end

-- The same for a moment.
local function soon(place)
  return function(arguments)
    local value = arguments[place]
    if value == nil or tonumber(value) then arguments[place] = llnet.clock_now() + below(50000) end
    return place
  end
end

local waits = {
  ["Socket:poll"] = at_most(3, 1), ["Poller:wait"] = at_most(3, 1), ["Poller:wait_ns"] = at_most(3, 50000),
  ["Epoller:wait"] = at_most(3, 1), ["Epoller:wait_callback"] = at_most(3, 0), poll_ns = at_most(4, 50000),
  ["socket.select"] = at_most(3, 0), ["socket.sleep"] = at_most(1, 0), ["below.receive_rest"] = at_most(2, 1),
  ["below.receive"] = soon(4), ["Socket:connect_until"] = soon(3), ["Socket:send_all"] = soon(3),
  ["Socket:recv_exact"] = soon(3), ["Socket:send_all_buffer"] = soon(5), ["Socket:recv_exact_buffer"] = soon(5),
  ["Socket:recv_until"] = soon(5),
}

-- either memory that there is, or more than there can be
local function sizes(first, last, limit)
  return function(arguments)
    for i = first, last do
      local size = tonumber(arguments[i])
      if size and size > limit and size < 2 ^ 46 then arguments[i] = below(limit) end
    end
  end
end
local megabyte, kilobytes, some = sizes(1, 8, 1048576), sizes(2, 3, 4096), sizes(1, 6, 1000)

local function descriptor(place)
  return function(arguments)
    local number = tonumber(arguments[place])
    if number and (number < 1e6 or number ~= number) then
      arguments.given = own_descriptor()
      arguments[place] = arguments.given
    end
  end
end

-- The descriptor that a setter replaces is the caller's to close.
local function replace_descriptor(arguments)
  descriptor(2)(arguments)
  local ok, is_open = pcall(core.Socket.is_open, arguments[1])
  if ok and is_open and tonumber(arguments[2]) then core.Socket.close(arguments[1]) end
end

-- Closing waits for as long as SO_LINGER says, also on a socket that doesn't block.
local function no_linger(arguments)
  if arguments[2] == "SO_LINGER" then arguments[2] = "SO_KEEPALIVE" end
end
local function no_raw_linger(arguments)
  if tonumber(arguments[2]) == 1 and tonumber(arguments[3]) == 13 then arguments[3] = 9 end
end

-- What blocks may, if nobody else can call it.
local function alone(maker)
  return function(arguments)
    local ok, kind = pcall(debug.getmetatable, arguments[1])
    if ok and kind then arguments[1] = maker() end
  end
end

local rules = {
  ["Socket:recv"] = megabyte, ["Socket:recv_exact"] = megabyte, ["Socket:recvfrom"] = megabyte,
  ["Socket:read"] = megabyte,
  ["Socket:recv_segments"] = megabyte, ["Socket:get_option_raw"] = megabyte, ["below.receive"] = megabyte,
  ["Batch.new"] = kilobytes, ["Batch()"] = kilobytes, Pool = some,
  ["Socket.adopt"] = descriptor(1), ["Socket.fd"] = descriptor(1), ["Socket.borrow"] = descriptor(1),
  ["below.set_fd"] = replace_descriptor,
  ["Socket:set_option"] = function(arguments)
    -- records of it have seconds that are bounded; a string or number is none
    if arguments[2] == "SO_LINGER" and type(arguments[3]) ~= "table" then no_linger(arguments) end
  end,
  ["Socket:set_option_data"] = no_linger, ["Socket:set_option_int"] = no_linger,
  ["Socket:set_option_raw"] = no_raw_linger,
  ["Socket:set_nonblock"] = alone(function() return llnet.Socket("inet", "stream") or objects.closed() end),
}

local luasocket_rules = {
  setfd = replace_descriptor,
  settimeout = alone(objects.make.luasocket),
  receive = megabyte, receivefrom = megabyte,
}

-- Changes the arguments; gives how many there are then.
return function(target, arguments, n)
  local rule = target.rule
  if rule == nil then
    local name, family = target.name, target.family
    rule = rules[name] or family == "luasocket" and target.class and luasocket_rules[name:match ":([^:]+)$"]
      or (family == "Buffer" or name:find "^Message[%.%(]" or name == "LIOBuffer()") and megabyte or false
    target.rule, target.wait = rule, waits[name] or false
  end
  if rule then rule(arguments) end
  local wait = target.wait
  if wait then
    local place = wait(arguments)
    if place > n then return place end
  end
  return n
end
