-- SPDX-License-Identifier: MIT
-- llnet.tuning: llnet.tuning(load), the snapshot of the limits, judged, as plain tables.

local llnet = require "llnet"
local Limits = llnet.Limits

local verdicts = {
  [llnet.VERDICT_NONE] = "none",
  [llnet.VERDICT_OK] = "ok",
  [llnet.VERDICT_SHORT] = "short",
  [llnet.VERDICT_ABSENT] = "absent",
}

-- What falls short, in one line; nil where nothing does.
local function summary_of(limits, role, connections, rate, datagrams)
  local short = {}
  for _, limit in ipairs(limits) do
    if limit.verdict == "short" then
      short[#short + 1] = ("%s is %s, wanted %s"):format(limit.name, limit.now, limit.wanted)
    end
  end
  if #short == 0 then return nil end
  local advice = "%s: see llnet-tune --role %s --connections %.0f --rate %.0f --datagrams %.0f"
  return advice:format(table.concat(short, "; "), role, connections, rate, datagrams)
end

local function expected(what, value)
  error(("bad argument #1 to 'tuning' (%s expected, got %s)"):format(what, type(value)), 0)
end

-- A field of the load that is a number, or its default.
local function number_of(load, name, default)
  local value = load[name]
  if value == nil then return default end
  local number = tonumber(value)
  if not number then expected(("number in field '%s'"):format(name), value) end
  if number % 1 ~= 0 or number < -2 ^ 53 or number > 2 ^ 53 then
    error(("bad argument #1 to 'tuning' (field '%s' is no whole number)"):format(name), 0)
  end
  return number
end

-- The machine's limits, judged for a load { role =, connections =, rate =, datagrams = }, as an
-- array of tables, with ready and summary: see llnet(3lua).
return function(load)
  if load == nil then load = {} elseif type(load) ~= "table" then expected("table", load) end
  local role = load.role == nil and "server" or load.role
  if type(role) ~= "string" then expected("string in field 'role'", role) end
  if role:find("\0", 1, true) then error("bad argument #1 to 'tuning' (field 'role' contains a NUL byte)", 0) end
  local connections, datagrams = number_of(load, "connections", 1000), number_of(load, "datagrams", 0)
  local rate = number_of(load, "rate", math.ceil(connections / 10))
  local list, problem, number = Limits.new()
  if not list then return nil, problem, number end
  local judged, name, code = list:judge(role, connections, rate, datagrams)
  if not judged then return nil, name, code end
  local limits = { ready = list:get_shortfalls() == 0, shortfalls = list:get_shortfalls() }
  for i = 0, list:get_count() - 1 do
    limits[i + 1] = {
      name = list:get_name(i),
      meaning = list:get_meaning(i),
      unit = list:get_unit(i),
      place = list:get_place(i),
      per_netns = list:is_per_netns(i),
      now = list:get_text(i),
      wanted = list:get_wanted(i),
      verdict = verdicts[list:get_verdict(i)],
      reason = list:get_reason(i),
      setting = list:get_setting(i),
      remedy = list:get_remedy(i),
    }
  end
  limits.summary = summary_of(limits, role, connections, rate, datagrams)
  return limits
end
