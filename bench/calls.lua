-- SPDX-License-Identifier: MIT
-- calls: what a call costs through llnet's SWIG-made binding, beside one written by
-- hand (hand.c). Both run in turn in this process, A B A B; the figures are CPU
-- nanoseconds a call, the median of the rounds and their spread, and the ratio
-- is the median of the rounds' ratios: below 1 llnet costs less.
--
--   calls.lua hand.so [rounds [calls]]

local hand = assert(package.loadlib(arg[1], "luaopen_hand"))()
local rounds, calls = tonumber(arg[2] or 9), tonumber(arg[3] or 2000000)
local llnet = require "llnet"

local function quartiles(values)
  table.sort(values)
  local n = #values
  return values[math.floor((n + 1) / 2)], values[1], values[n]
end

local function nanoseconds(body, n)
  local start = os.clock()
  body(n)
  return (os.clock() - start) / n * 1e9
end

local message = ("x"):rep(64)

-- one workload for both: a function of n, made over a pair of sockets
local workloads = {
  { "fileno", 1, function(a)
    return function(n) for _ = 1, n do a:fileno() end end
  end },
  { "recv that would block", 0.2, function(a)
    return function(n) for _ = 1, n do a:recv(64) end end
  end },
  { "send + recv of 64 bytes", 0.1, function(a, b)
    return function(n) for _ = 1, n do a:send(message); b:recv(64) end end
  end },
}

local runtime = jit and jit.version or _VERSION
for _, workload in ipairs(workloads) do
  local name, share, make = workload[1], workload[2], workload[3]
  local n = math.floor(calls * share)
  local ours = make(llnet.Socket.pair("unix", "stream", 0, llnet.SOCK_NONBLOCK))
  local theirs = make(hand.pair())
  ours(n / 10)
  theirs(n / 10)
  local a, b, ratios = {}, {}, {}
  for round = 1, rounds do
    a[round] = nanoseconds(ours, n)
    b[round] = nanoseconds(theirs, n)
    ratios[round] = a[round] / b[round]
  end
  local ours_median, ours_least, ours_most = quartiles(a)
  local hand_median, hand_least, hand_most = quartiles(b)
  local ratio, least, most = quartiles(ratios)
  print(("%-22s %-24s llnet %7.1f ns (%.1f to %.1f)   by hand %7.1f ns (%.1f to %.1f)   ratio %.2f (%.2f to %.2f)")
    :format(runtime, name, ours_median, ours_least, ours_most, hand_median, hand_least, hand_most, ratio, least, most))
end
