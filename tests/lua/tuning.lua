-- SPDX-License-Identifier: MIT
-- tuning: the machine's limits and the judgement over them. What they must be is judged in
-- check_tuning.c; the program and the kernel are in tune.py.
local t = require "harness"
local llnet = t.llnet

t.case("tuning() gives every limit as a table, judged", function()
  local limits = assert(llnet.tuning { role = "both", connections = 1000, rate = 100, datagrams = 100 })
  t.equal(type(limits.ready), "boolean")
  t.equal(#limits >= 25, true)
  local short, names = 0, {}
  for _, limit in ipairs(limits) do
    for _, field in ipairs { "name", "meaning", "unit", "place", "reason" } do
      t.equal(type(limit[field]), "string", limit.name .. "." .. field)
    end
    t.equal(type(limit.per_netns), "boolean")
    t.equal(names[limit.name], nil, limit.name)
    names[limit.name] = limit
    t.equal(({ none = true, ok = true, short = true, absent = true })[limit.verdict], true, limit.name)
    t.equal(limit.now == nil, limit.verdict == "absent", limit.name)
    t.equal(limit.remedy ~= nil, limit.verdict == "short", limit.name)
    if limit.verdict == "short" then short = short + 1 end
  end
  t.integer(limits.shortfalls, short)
  t.equal(limits.ready, short == 0)
  t.equal(names["net.core.somaxconn"].per_netns, true)
end)

t.case("tuning() says what the kernel's files say", function()
  local seen = 0
  for _, limit in ipairs(assert(llnet.tuning())) do
    local file = limit.place:find("^/proc/") and io.open(limit.place)
    if file and limit.name ~= "net.netfilter.nf_conntrack_count" then
      local text = file:read("*a"):gsub("%s+", " "):gsub(" $", "")
      t.equal(limit.now, text, limit.name)
      seen = seen + 1
    end
    if file then file:close() end
  end
  if seen == 0 then t.skip("no /proc/sys here") end
  t.equal(seen >= 10, true)
end)

t.case("a load that no machine carries falls short, and no load does not", function()
  local limits = assert(llnet.tuning { connections = 1e12, rate = 0 })
  t.equal(limits.ready, false)
  t.equal(limits.shortfalls >= 1, true)
  local limit = limits[#limits - 2]
  t.equal(limit.name, "RLIMIT_NOFILE soft")
  if limit.now ~= "max" then
    t.equal(limit.verdict, "short")
    t.equal(limit.wanted, "1000000000064")
    t.equal(limit.setting, nil)
    t.equal(limits.summary:find("RLIMIT_NOFILE soft is %d+, wanted 1000000000064; ") ~= nil, true)
    t.equal(limits.summary:find("llnet-tune --role server --connections 1000000000000 --rate 0", 1, true) ~= nil, true)
    t.equal(limit.remedy:find("ulimit -n 1000000000064", 1, true) ~= nil, true)
  end
  local none = assert(llnet.tuning { role = "client", connections = 0, rate = 0 })
  t.equal(none.ready, true)
  t.equal(none.summary, nil)
end)

t.case("a wrong load is EINVAL, or raises", function()
  t.fails("EINVAL", llnet.tuning { role = "waiter" })
  t.fails("EINVAL", llnet.tuning { connections = -1 })
  t.fails("EINVAL", llnet.tuning { rate = -1 })
  t.equal(pcall(llnet.tuning, { connections = "many" }), false)
  t.equal(pcall(llnet.tuning, { connections = 1.5 }), false)
  t.equal(pcall(llnet.tuning, { role = {} }), false)
  t.equal(pcall(llnet.tuning, 7), false)
end)

t.case("class Limits has the list itself", function()
  local limits = assert(llnet.Limits())
  local index = t.integer(limits:find("net.ipv4.tcp_rmem"))
  t.equal(limits:get_name(index), "net.ipv4.tcp_rmem")
  t.fails("ENOENT", limits:find("nothing"))
  t.equal(limits:get_verdict(index), limits:get_text(index) and llnet.VERDICT_NONE or llnet.VERDICT_ABSENT)
  t.equal(limits:get_reason(index), nil)
  if limits:get_text(index) then
    local least, first, most = limits:get_text(index):match("^(%d+) (%d+) (%d+)$")
    t.integer(limits:get_number(index, 0), tonumber(least))
    t.integer(limits:get_number(index, 1), tonumber(first))
    t.integer(limits:get_number(index, 2), tonumber(most))
    t.fails("ENOENT", limits:get_number(index, 3))
  end
  t.equal(pcall(limits.get_number, limits, limits:get_count(), 0), false)
  t.equal(limits:get_name(limits:get_count()), nil)
  t.equal(limits:judge("server", 1, 1, 1), true)
  t.equal(type(limits:get_reason(index)), "string")
  t.equal(pcall(limits.get_name, llnet.Buffer(1), 0), false)
end)

t.done()
