-- SPDX-License-Identifier: MIT
-- manual: the pages for Lua have every function and method that this Lua finds in the module,
-- and none that it does not.
local t = require "harness"
local llnet, core = t.llnet, require "llnet.core"

-- The names after .Fn in a page's list items, and after .Fn anywhere.
local function read_page(title)
  local file = assert(io.open(os.getenv("srcdir") .. "/man/" .. title .. ".3lua"))
  local page = { title = title, items = {}, mentions = {} }
  for line in file:lines() do
    for name in line:gmatch("%f[%w]Fn ([%w_.:]+)") do
      page.mentions[name] = true
      if line:find("^%.It ") then page.items[name] = true end
    end
  end
  file:close()
  return page
end

local function sorted(set)
  local list = {}
  for name in pairs(set) do list[#list + 1] = name end
  table.sort(list)
  return table.concat(list, " ")
end

local predecessor = read_page "llnet.predecessor"

-- Functions of a table, each under its name in the manual: "sock:" and "send".
local function add_functions(found, prefix, functions)
  local count = 0
  for name, value in pairs(functions) do
    if type(value) == "function" and name:sub(1, 4) ~= "__gc" then
      found[prefix .. name] = true
      count = count + 1
    end
  end
  assert(count > 0, prefix)
end

local function check_page(page, found)
  local missing, stale = {}, {}
  for name in pairs(found) do
    if not page.items[name] and not predecessor.items[name] then missing[name] = true end
  end
  for name in pairs(page.items) do
    if not found[name] and not name:find("^llnet%.") then stale[name] = true end
  end
  t.equal(sorted(missing), "")
  t.equal(sorted(stale), "")
end

-- What the pages call an object of each class.
local objects = { Socket = "sock", Addr = "addr", AddrInfo = "info", Buffer = "buffer", Message = "message",
  Batch = "batch", Poller = "poller", Interfaces = "list", Limits = "limits" }
local classes = {}
for class in pairs(objects) do classes[#classes + 1] = class end
table.sort(classes)
local all_items = {}

for _, class in ipairs(classes) do
  local object = objects[class]
  t.case("llnet." .. class .. "(3lua) has every method and constructor", function()
    local page = read_page("llnet." .. class)
    for name in pairs(page.items) do all_items[name] = true end
    local found = {}
    add_functions(found, object .. ":", core[class])
    local constructors = {}
    add_functions(constructors, class .. ".", llnet[class])
    for name in pairs(constructors) do
      if page.mentions[name] then found[name] = page.items[name] end -- may stand in the text
      assert(page.mentions[name] or predecessor.items[name], name)
    end
    check_page(page, found)
    assert(page.items["llnet." .. class])
  end)
end

t.case("llnet(3lua) and the pages of classes have every function of the module", function()
  for _, title in ipairs { "llnet", "llnet.Pool", "llnet.predecessor" } do
    for name in pairs(read_page(title).items) do all_items[name] = true end
  end
  local found, stale, missing = {}, {}, {}
  add_functions(found, "llnet.", llnet)
  add_functions(found, "llnet.Services.", llnet.Services)
  found["llnet.Errors:description"] = llnet.Errors.description ~= nil
  for name in pairs(found) do
    if not all_items[name] then missing[name] = true end
  end
  for name in pairs(all_items) do
    if name:find("^llnet%.") and not found[name] and not objects[name:match("%w+$")] then stale[name] = true end
  end
  t.equal(sorted(missing), "")
  t.equal(sorted(stale), "")
end)

t.case("llnet.option(3lua) has every function of the catalogue", function()
  local found = {}
  add_functions(found, "option.", llnet.option)
  check_page(read_page "llnet.option", found)
end)

t.case("llnet.Pool(3lua) has every method", function()
  local found = {}
  add_functions(found, "pool:", debug.getmetatable(llnet.Pool(1)).__index)
  check_page(read_page "llnet.Pool", found)
end)

t.case("llnet.epoll(3lua) has every function and method", function()
  local epoll, found = require "llnet.epoll", {}
  add_functions(found, "epoll.", epoll)
  local poller = epoll.new()
  add_functions(found, "poller:", getmetatable(poller).__index)
  poller:close()
  check_page(read_page "llnet.epoll", found)
end)

t.case("llnet.luasocket(3lua) has every function and method", function()
  local socket, found = require "llnet.luasocket", {}
  add_functions(found, "socket.", socket)
  add_functions(found, "socket.dns.", socket.dns)
  add_functions(found, "socket.unix.", socket.unix)
  for _, object in ipairs { socket.tcp(), socket.udp(), socket.unix.stream(), socket.unix.dgram() } do
    add_functions(found, "sock:", getmetatable(object).__index)
    object:close()
  end
  check_page(read_page "llnet.luasocket", found)
end)

t.case("llnet.ffi(3lua) has every function", function()
  if not pcall(require, "ffi") then t.skip "LuaJIT alone has the FFI" end
  local found = {}
  add_functions(found, "ffi.", require "llnet.ffi")
  check_page(read_page "llnet.ffi", found)
end)

t.done()
