-- SPDX-License-Identifier: MIT
-- luv_relay.lua: what bench/raw_relay.c does, on luv: reading stops while a piece waits to go.

local luv = require "luv"

local listener, source = luv.new_tcp(), nil

local function relay(sink)
  local function on_data(problem, data)
    assert(not problem, problem)
    if not data then
      source:close()
      sink:close()
      source = nil
      return
    end
    local sent = sink:try_write(data) or 0
    if sent < #data then
      source:read_stop()
      sink:write(data:sub(sent + 1), function() source:read_start(on_data) end)
    end
  end
  source:read_start(on_data)
end

assert(listener:bind("127.0.0.1", tonumber(arg[2])))
assert(listener:listen(2, function()
  local connection = luv.new_tcp()
  assert(listener:accept(connection))
  if source then relay(connection) else source = connection end
end))
require "serving".listening(listener:getsockname().port)
luv.run()
