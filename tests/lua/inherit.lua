-- SPDX-License-Identifier: MIT
-- inherit: listeners that a service manager passed: Python plays the manager, and
-- systemd-socket-activate is one. The service is another process of this Lua.

local t = require "harness"
local llnet = t.llnet

local lua = arg[0]
for i = -1, -20, -1 do lua = arg[i] or lua end

-- what t.python and systemd-socket-activate take from the environment
local passed = {}
for _, name in ipairs { "LD_LIBRARY_PATH", "LD_PRELOAD", "LUA_PATH", "LUA_CPATH", "ASAN_OPTIONS", "UBSAN_OPTIONS" } do
  if os.getenv(name) then passed[#passed + 1] = name end
end

local function write_script(text)
  local path = os.tmpname()
  local file = assert(io.open(path, "w"))
  file:write(text)
  file:close()
  return path
end

t.case("a process that nobody passed anything inherits nothing", function()
  t.integer(llnet.inherit_count(), 0)
  t.equal(#llnet.inherited(), 0)
  t.raises("Out of bounds", llnet.inherit_socket, 0)
  t.raises("Out of bounds", llnet.inherit_name, 0)
  t.raises("number out of range", llnet.inherit_socket, -1)
  t.raises("number expected, got no value", llnet.inherit_socket)
  t.equal(llnet.inherit_clear(), true)
end)

-- What the script prints that Python starts with these variables; ports of two real
-- listeners come first.
local function serve(script, variables, listeners)
  local path = write_script(script)
  local restored = {}
  for _, name in ipairs(passed) do restored[#restored + 1] = ("%q: %q"):format(name, os.getenv(name)) end
  local output = t.python(([[
import fcntl, os, socket, sys
listeners = [socket.create_server(("127.0.0.1", 0)) for _ in range(%d)]
print(*[l.getsockname()[1] for l in listeners], flush=True)
child = os.fork()
if child == 0:
    high = [fcntl.fcntl(l.fileno(), fcntl.F_DUPFD, 60) for l in listeners]
    for place, fd in enumerate(high):
        os.dup2(fd, 3 + place)
        os.close(fd)
    environment = dict(os.environ, LISTEN_PID=str(os.getpid()), %s)
    environment.update({%s})
    os.execve("/usr/bin/env", ["env", %q, %q], environment)
os.waitpid(child, 0)
]]):format(listeners, variables, table.concat(restored, ", "), lua, path))
  os.remove(path)
  return output
end

t.case("inherited gives sockets and their names", function()
  local output = serve([[
local llnet = require "llnet"
assert(llnet.inherit_count() == 2)
local list = assert(llnet.inherited())
for _, entry in ipairs(list) do
  print(entry.socket:fileno(), entry.name, entry.socket:get_sockname():get_port(), entry.socket:get_cloexec(),
    entry.socket:get_option("SO_ACCEPTCONN"))
end
print(llnet.inherit_name(1), llnet.inherit_clear(), llnet.inherit_count(), #llnet.inherited())
os.exit(0)
]], "LISTEN_FDS='2', LISTEN_FDNAMES='http:https'", 2)
  local first, second, rest = output:match("^(%d+) (%d+)\n(.*)$")
  t.equal(rest, ("3\thttp\t%d\ttrue\ttrue\n4\thttps\t%d\ttrue\ttrue\nhttps\ttrue\t0\t0"):format(first, second))
end)

t.case("sockets without names have empty ones; a malformed number is EINVAL", function()
  local program = [[
local llnet = require "llnet"
local list, name, number = llnet.inherited()
print(list and #list, list and list[1].name == "", name, number)
os.exit(0)
]]
  t.equal(serve(program, "LISTEN_FDS='1'", 1):match("\n(.*)$"), "1\ttrue\tnil\tnil")
  t.equal(serve(program, "LISTEN_FDS='one'", 1):match("\n(.*)$"), "nil\tnil\tEINVAL\t22")
end)

t.case("where one cannot be taken, none is", function()
  local output = serve([[
local llnet = require "llnet"
print(llnet.inherited())
collectgarbage()
print(llnet.inherit_socket(0) ~= nil)
os.exit(0)
]], "LISTEN_FDS='40'", 1)
  t.equal(output:match("\n(.*)$"), "nil\tEBADF\t9\ntrue")
end)

t.case("systemd-socket-activate passes a listener", function()
  local probe = io.popen("systemd-socket-activate --version 2>/dev/null")
  local version = probe:read("*a")
  probe:close()
  if not version:find("systemd") then t.skip("no systemd-socket-activate here") end
  local script = write_script([[
local llnet = require "llnet"
local entry = assert(llnet.inherited())[1]
llnet.inherit_clear()
local client = assert(entry.socket:accept())
assert(client:send(entry.name .. " " .. entry.socket:fileno()))
client:close()
os.exit(0)
]])
  local path, options = t.temporary_path(), {}
  for _, name in ipairs(passed) do options[#options + 1] = "-E " .. name end
  local pipe = io.popen(("exec systemd-socket-activate %s --fdname=web -l %s -- %s %s 2>&1"):format(
    table.concat(options, " "), path, lua, script))
  local line = pipe:read("*l")
  t.equal(line and line:match("^Listening on (.*) as 3%.$"), path)
  local client = assert(llnet.Socket("unix", "stream"))
  assert(client:connect(llnet.Addr.unix(path)))
  t.equal(client:recv(100), "web 3")
  t.fails("CLOSED", client:recv(100))
  client:close()
  pipe:close()
  os.remove(path)
  os.remove(script)
end)

t.done()
