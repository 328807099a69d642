-- SPDX-License-Identifier: MIT
-- targets: every function and method that there is, as the modules have them at run time: of
-- llnet, its classes and metatables, the predecessor's tables, the layers, and what they have
-- below Lua. Each: name, call, class (of its first argument), family.

local llnet = require "llnet"
local core = require "llnet.core"
local epoll = require "llnet.epoll"
local socket = require "llnet.luasocket"
local objects = require "objects"
local random = require "random"
local values = require "values"

local pick = random.pick

local targets = {}

local function add(family, name, call, class)
  targets[#targets + 1] = { family = family, name = name, call = call, class = class }
end

local function add_functions(family, list, prefix, class)
  for name, call in pairs(list) do
    if type(name) == "string" and type(call) == "function" and name ~= "__gc" then
      add(family, prefix .. name, call, class)
    end
  end
end

-- ---- the module and its classes ---------------------------------------------------------------

add_functions("module", llnet, "")
add("module", "class_call", core.class_call)
add("module", "front", core.front)
add_functions("option", llnet.option, "option.")
for _, class in ipairs(objects.classes) do
  if core[class] and llnet[class] then
    add_functions(class, llnet[class], class .. ".")
    add_functions(class, core[class], class .. ":", class)
    local object = objects.make[class]()
    add_functions(class, debug.getmetatable(object), class .. ":", class)
    -- the metatable of objects that carry fields
    object.field = 1
    add(class, class .. ":fields.__index", debug.getmetatable(object).__index, class)
    add(class, class .. ":fields.__newindex", debug.getmetatable(object).__newindex, class)
    add(class, class .. "()", function(...) return llnet[class](...) end)
  end
end
for _, name in ipairs { "LSocket", "LSockAddr", "LAddrInfo", "LIOBuffer" } do
  add("predecessor", name .. "()", function(...) return llnet[name](...) end)
end

-- ---- the predecessor's tables -------------------------------------------------------------------

for _, name in ipairs { "Errors", "EAI_Errors" } do
  add("predecessor", name .. ".description", function(...) return llnet[name].description(llnet[name], ...) end)
end
add_functions("predecessor", llnet.Services, "Services.")
for _, name in ipairs { "Errors", "EAI_Errors", "Protocols", "Services", "Options" } do
  add("predecessor", name .. "[]", function(key) return llnet[name][key] end)
end

local function sorted_names(list)
  local names = {}
  for name in pairs(list) do names[#names + 1] = name end
  table.sort(names)
  return names
end
local get_names, set_names = sorted_names(llnet.GetSocketOption), sorted_names(llnet.SetSocketOption)
add("predecessor", "Socket:GetSocketOption", function(...)
  return llnet.GetSocketOption[pick(get_names)](...)
end, "Socket")
add("predecessor", "Socket:SetSocketOption", function(sock, value)
  local name = pick(set_names)
  if name == "SO_LINGER" then value = { on = true, seconds = 0 } end -- closing waits for so long
  return llnet.SetSocketOption[name](sock, value)
end, "Socket")
add("Socket", "Socket:set_option by type", function(sock)
  local name = values.option_name()
  return sock:set_option(name, values.of_option(llnet.option.get_type(name), name))
end, "Socket")

-- ---- layers -----------------------------------------------------------------------------------

add("Pool", "Pool", function(...) return llnet.Pool(...) end)
add_functions("Pool", debug.getmetatable(llnet.Pool(1)), "Pool:", "Pool")
add_functions("epoll", epoll, "epoll.")
add_functions("epoll", debug.getmetatable(assert(epoll.new())).__index, "Epoller:", "Epoller")
if rawget(_G, "jit") then add_functions("ffi", require "llnet.ffi", "ffi.") end

for _, part in ipairs { "dns", "unix", "sinkt", "sourcet" } do
  add_functions("luasocket", socket[part], "socket." .. part .. ".")
end
add_functions("luasocket", socket, "socket.")
for _, class in ipairs(objects.luasocket_classes) do
  local metatable
  repeat metatable = debug.getmetatable(objects.make[class]()) until metatable.__name == class
  add_functions("luasocket", metatable.__index, class .. ":", class)
  add_functions("luasocket", metatable, class .. ":", class)
end
add_functions("below", core.luasocket, "below.")

add("returned", "returned function", function(...)
  local call = objects.returned_function()
  if call then return call(...) end
end)

table.sort(targets, function(a, b) return a.name < b.name end) -- pairs has no order

-- The same, some of them several times: LuaSocket's many classes have the same methods.
local weights = { Socket = 6, Addr = 3, Buffer = 3, Poller = 8, Message = 4, Batch = 4, epoll = 6, below = 6,
  returned = 10 }
targets.weighed = {}
for _, target in ipairs(targets) do
  for _ = 1, weights[target.family] or 1 do
    table.insert(targets.weighed, target)
  end
end

return targets
