-- SPDX-License-Identifier: MIT
-- redis.lua PORT: lua-redis against redis-server.

-- lua-redis has the name of this file
package.path = package.path:gsub("^%./%?%.lua;", "")
local redis = require "redis"

local client = redis.connect("127.0.0.1", tonumber(arg[1]))
print("ping", client:ping())
print("flush", client:flushdb())
print("set", client:set("key", "value"), client:get("key"))
print("binary", client:set("bytes", "\0\r\n\255"), client:get("bytes") == "\0\r\n\255")
local large = ("0123456789"):rep(100000)
print("large", client:set("large", large), client:get("large") == large)
for i = 1, 200 do client:rpush("list", i) end
print("list", client:llen("list"), table.concat(client:lrange("list", 0, 9), " "))
if _VERSION == "Lua 5.1" then -- lua-redis' pipelines know no later one
  local replies = client:pipeline(function(pipeline)
    for i = 1, 500 do pipeline:incrby("counter", i) end
  end)
  assert(#replies == 500 and replies[500] == 125250)
end
print("missing", client:get("nothing"))
print("error", pcall(client.incr, client, "key"))
print("hash", client:hset("hash", "field", 1), client:hget("hash", "field"))
print("quit", client:quit())
