-- SPDX-License-Identifier: MIT
-- collisions: require "llnet" leaves the rest of the Lua state alone: no global is written,
-- and nothing of SWIG's, which other SWIG modules in the same state share by name.

local registry = debug.getregistry()

-- what another SWIG module with a class Socket leaves behind
local foreign = { Socket = { [".fn"] = {} }, llnet_socket = {} }
local foreign_equals, foreign_type = function() end, function() end
registry.SWIG = foreign
rawset(_G, "swig_equals", foreign_equals)
rawset(_G, "swig_type", foreign_type)

local before, written = {}, {}
for name, value in pairs(_G) do before[name] = value end
local strict = { __newindex = function(globals, name, value)
  written[#written + 1] = tostring(name)
  rawset(globals, name, value)
end }
local own = getmetatable(_G)
setmetatable(_G, strict)
local llnet = require "llnet"
setmetatable(_G, own)

local t = require "harness"

t.case("require writes no global", function()
  t.equal(table.concat(written, " "), "")
  for name, value in pairs(before) do t.equal(rawget(_G, name), value, name) end
  for name in pairs(_G) do t.equal(before[name] ~= nil, true, name) end
end)

t.case("what other SWIG modules keep in the registry is untouched", function()
  t.equal(registry.SWIG, foreign)
  t.equal(next(foreign.Socket[".fn"]), nil)
  t.equal(next(foreign.llnet_socket), nil)
  t.equal(next(foreign, next(foreign, next(foreign))), nil)
  t.equal(rawget(_G, "swig_equals"), foreign_equals)
  t.equal(rawget(_G, "swig_type"), foreign_type)
end)

t.case("objects have our methods, whatever those other modules registered", function()
  for _, change in ipairs { function() end, function() registry.SWIG = nil end, function() registry.SWIG = 5 end } do
    change()
    local sock = assert(llnet.Socket("inet", "stream"))
    t.equal(sock:fileno() >= 0, true)
    t.equal(getmetatable(sock), "Socket")
    sock:close()
    t.equal(llnet.Addr("127.0.0.1", 80):get_port(), 80)
  end
end)

t.case("no string key of the registry is ours", function()
  for name, value in pairs(registry) do
    -- Lua 5.1 keeps the paths of C modules there
    if type(name) == "string" and not name:find("^_") and not name:find("^LOADLIB: ") then
      t.equal(value ~= llnet and not name:find("llnet"), true, name)
    end
  end
end)

t.case("a second copy of the module and the first one share their objects", function()
  local loaded = {}
  for name, module in pairs(package.loaded) do
    if type(name) == "string" and name:find("^llnet") then loaded[name] = module end
  end
  for name in pairs(loaded) do package.loaded[name] = nil end
  local second = require "llnet"
  for name, module in pairs(loaded) do package.loaded[name] = module end
  t.equal(second ~= llnet, true)
  local one, two = second.Socket.pair("unix", "stream")
  t.equal(one:send_buffer(llnet.Buffer("text")), 4)
  t.equal(two:recv(10), "text")
  one:close()
  two:close()
end)

t.done()
