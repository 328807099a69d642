-- SPDX-License-Identifier: MIT
-- same.lua: what LuaSocket's interface answers to a great many calls, one line each, for a
-- comparison of two libraries that offer it. Addresses, ports and times are left out; so
-- is the order of select's results, which nobody promises.
--
--   [lua -l llnet.luasocket.preload] same.lua

local socket = require "socket"
local unix = require "socket.unix"

local ports = {}

local function show(value)
  if type(value) == "table" then
    local keys = {}
    for key, item in pairs(value) do
      keys[#keys + 1] = ("%s=%s"):format(type(key) == "userdata" and tostring(key) or key, show(item))
    end
    table.sort(keys)
    return "{" .. table.concat(keys, " ") .. "}"
  end
  if type(value) == "string" then
    return #value > 60 and ("<%d bytes>"):format(#value) or ("%q"):format(value)
  end
  return tostring(value)
end

local function clean(text)
  text = text:gsub("0x%x+", "0x"):gsub("^.-:%d+: ", "")
  return (text:gsub("%f[%w]%d%d%d%d%d?%f[^%w]", function(number) return ports[number] and "PORT" end))
end

local function line(name, ...)
  local shown = {}
  for i = 1, select("#", ...) do shown[i] = clean(show((select(i, ...)))) end
  print(("%-34s %s"):format(name, table.concat(shown, "  ")))
end

-- A call that may raise.
local function try(name, f, ...)
  local results = { n = select("#", pcall(f, ...)), pcall(f, ...) }
  line(name, unpack and unpack(results, 1, results.n) or table.unpack(results, 1, results.n))
end

-- A call that raises is made once only.
local function raises(name, f, ...)
  local ok, problem = pcall(f, ...)
  line(name, ok, tostring(problem):gsub("to '[^']*'", "to '?'"), nil)
end

local function note_port(port)
  ports[tostring(port)] = true
  return port
end

-- A misuse as programs write it: the name, the number and the line that are blamed.
local function misuse(name, f)
  local ok, problem = pcall(f)
  local place = problem:match("^(.-):%d+: ")
  line(name, ok, place == debug.getinfo(1, "S").short_src, problem)
end

-- A server and two connected ends.
local function pair()
  local server = assert(socket.bind("127.0.0.1", 0))
  local host, port = server:getsockname()
  note_port(port)
  local client = assert(socket.connect(host, port))
  local other = assert(server:accept())
  note_port((select(2, client:getsockname())))
  return client, other, server
end

-- A port of 127.0.0.1 that refuses, as nobody listens there, and that nobody else is given: it is bound.
local function deaf_port()
  local holder = socket.tcp4()
  assert(holder:bind("127.0.0.1", 0))
  return note_port((select(2, holder:getsockname()))), holder
end

-- What is said of an unknown host: DNS may fail for a moment, and for one of the two libraries alone.
local temporary = { ["temporary failure in name resolution"] = true, ["Host name lookup failure"] = true }
local function settled(unknown, value, problem, ...)
  return value, temporary[problem] and unknown or problem, ...
end

-- ---- the module --------------------------------------------------------------------------

local functions = {}
for name, value in pairs(socket) do
  if type(value) == "function" and name ~= "install" then functions[#functions + 1] = name end
end
table.sort(functions)
line("functions", table.concat(functions, " "):sub(1, 59), table.concat(functions, " "):sub(60, 118),
  table.concat(functions, " "):sub(119))
line("values", socket.BLOCKSIZE, socket._DATAGRAMSIZE, socket._SOCKETINVALID, socket._DEBUG)
line("types", type(socket.dns), type(socket.sinkt), type(socket.sourcet), type(socket._VERSION))
line("skip", socket.skip(2, "a", "b", "c", nil))
line("skip none", socket.skip(0))
try("sleep", socket.sleep, 0)
try("sleep back", socket.sleep, -1)
raises("sleep of what", socket.sleep, "x")
line("gettime", math.abs(socket.gettime() - os.time()) < 2)

-- ---- classes -------------------------------------------------------------------------------

local makers = { "tcp", "tcp4", "tcp6", "udp", "udp4", "udp6" }
for _, name in ipairs(makers) do
  local one = assert(socket[name]())
  local methods = {}
  for method in pairs(getmetatable(one).__index) do methods[#methods + 1] = method end
  table.sort(methods)
  line(name, tostring(one), type(one), one.class, one:getfamily(), one:getfd() == -1, one:dirty(), one:gettimeout())
  local all = table.concat(methods, " ")
  for i = 1, #all, 55 do line(name .. " methods", all:sub(i, i + 54)) end
  line(name .. " close", one:close())
  line(name .. " close again", one:close())
  line(name .. " getfd", one:getfd())
  line(name .. " names", one:getsockname())
  one = nil -- luacheck: ignore 311 (the collector takes it here)
  collectgarbage()
end

-- ---- tcp -------------------------------------------------------------------------------------

do
  local client, other, server = pair()
  line("classes", tostring(client), tostring(other), tostring(server))
  line("client names", client:getsockname())
  line("peer", client:getpeername())
  line("families", client:getfamily(), other:getfamily(), server:getfamily())
  line("send", client:send("line 1\r\nline 2\nrest"))
  line("receive", other:receive())
  line("dirty", other:dirty())
  line("receive *l", other:receive("*l"))
  other:settimeout(0)
  line("partial", other:receive())
  line("not dirty", other:dirty())
  line("timeout", other:receive())
  line("with prefix", other:receive("*l", "pre"))
  client:send("\ntail\n")
  line("prefix and line", other:receive("*l", "a\r"))
  line("tail", other:receive("*line"))
  client:send("abcdefghij")
  line("count", other:receive(3))
  line("count with prefix", other:receive(5, "12"))
  line("count below prefix", other:receive(2, "12345"))
  line("count as text", other:receive("1"))
  line("fraction", other:receive(1.9))
  line("rest", other:receive(10))
  line("none", other:receive(0))
  client:send("x")
  socket.select({ other }, nil, 1)
  line("none, some there", other:receive(0))
  line("dirty after none", other:dirty())
  line("then", other:receive(1))
  line("send part", client:send("0123456789", 3, 5))
  line("send from the end", client:send("0123456789", -2))
  line("send nothing", client:send("", 1))
  line("send backwards", client:send("0123456789", 5, 2))
  line("send beyond", client:send("0123", 3, 99))
  line("send number", client:send(42))
  socket.select({ other }, nil, 1)
  line("all of it", other:receive(9))
  line("stats", (function(received, sent) return received, sent end)(other:getstats()))
  line("setstats", other:setstats(5, 6, 7))
  line("stats", (function(received, sent, age) return received, sent, age >= 7 end)(other:getstats()))
  other:settimeout(nil)
  client:send("all\r\n\r\nof")
  client:shutdown("send")
  line("*a", other:receive("*a"))
  line("*a again", other:receive("*a"))
  line("*a with prefix", other:receive("*a", "pre"))
  line("closed", other:receive())
  line("closed count", other:receive(3))
  line("send the other way", other:send("back"))
  line("arrives", client:receive(4))
  client:close()
  line("to the closed, once", other:send("x"))
  socket.select({ other }, nil, 0.05)
  line("receive from the reset", other:receive())
  other:send("y")
  line("to the closed", other:send("x"))
  line("own close", other:close())
  line("send after close", other:send("x"))
  line("receive after close", other:receive())
  line("settimeout after close", other:settimeout(1))
  line("accept in vain", server:settimeout(0), server:accept())
  server:close()
  line("accept after close", server:accept())
end

for _, part in ipairs { "nothing", "a part" } do -- a connection that is reset has no end
  local client, other, server = pair()
  client:send("half of")
  if part == "a part" then line("read before", other:receive(1)) end
  line("linger", client:setoption("linger", { on = true, timeout = 0 }))
  client:close()
  socket.select({ other }, nil, 1)
  line("*a of the reset", other:receive("*a"))
  line("*a again", other:receive("*a"))
  other:close()
  server:close()
end

do -- two timeouts: one for each wait, and one for all of the call
  local client, other, server = pair()
  client:send(("x"):rep(60000))
  for _, pattern in ipairs { "*a", 100000, "*l" } do
    other:settimeout(0.1, "b")
    other:settimeout(20, "t")
    local start = socket.gettime()
    line("silence ends " .. pattern, select("#", other:receive(pattern)), socket.gettime() - start < 10)
  end
  for _, one in ipairs { client, other, server } do one:close() end
end

do -- wrong classes and arguments
  local client, other, server = pair()
  local master = socket.tcp()
  raises("accept of a client", client.accept, client)
  raises("send of a server", server.send, server, "x")
  raises("receive of a master", master.receive, master)
  raises("listen of a client", client.listen, client)
  raises("bind of a client", client.bind, client, "*", 0)
  raises("getpeername of a server", server.getpeername, server)
  raises("shutdown of a server", server.shutdown, server)
  raises("foreign self", client.receive, io.stdout)
  raises("no self", client.receive)
  raises("udp's self", client.close, socket.udp4())
  misuse("receive what", function() client:receive("x") end)
  misuse("receive by a field", function() client.receive(client, -1) end)
  misuse("receive after what", function() client:receive(1, {}) end)
  misuse("receive of it", function() master:receive() end)
  misuse("receive of what", function() client.receive() end)
  misuse("send nil", function() client:send(nil) end)
  misuse("send none", function() client:send() end)
  misuse("send from where", function() client:send("x", {}) end)
  misuse("send of it", function() server:send(nil) end)
  misuse("listen of it", function() client:listen() end)
  misuse("listen what", function() master:listen("x") end)
  misuse("bind where", function() master:bind("x", {}) end)
  misuse("connect where", function() master:connect("x", {}) end)
  misuse("settimeout mode", function() client:settimeout(1, "x") end)
  misuse("setoption what", function() client:setoption("x", 1) end)
  misuse("setoption type", function() client:setoption("keepalive", 1) end)
  misuse("setoption linger", function() client:setoption("linger", {}) end)
  misuse("getoption what", function() client:getoption("x") end)
  misuse("shutdown what", function() client:shutdown("x") end)
  misuse("setfd what", function() client:setfd("x") end)
  misuse("setstats what", function() client:setstats("x") end)
  misuse("getsockname of what", function() client.getsockname(5) end)
  misuse("connect whom", function() socket.connect() end)
  misuse("connect how", function() socket.connect("127.0.0.1", 1, nil, nil, "x") end)
  misuse("select where", function() socket.select(nil, 5) end)
  misuse("sleep what", function() socket.sleep({}) end)
  misuse("toip what", function() socket.dns.toip({}) end)
  misuse("skip what", function() socket.skip("x", 1) end)
  line("skip back", socket.skip(-1, "a", "b"))
  if not rawget(_G, "jit") then
    misuse("receive at the end", function() return client:receive("x") end)
    misuse("send at the end", function() return client:send(nil) end)
  end
  raises("pattern", client.receive, client, "*x")
  raises("old pattern", client.receive, client, "l")
  raises("negative count", client.receive, client, -1)
  raises("prefix", client.receive, client, 1, {})
  raises("send what", client.send, client)
  raises("send table", client.send, client, {})
  raises("send where", client.send, client, "x", {})
  raises("timeout", client.settimeout, client, "x")
  raises("timeout mode", client.settimeout, client, 1, "x")
  raises("shutdown how", client.shutdown, client, "x")
  raises("option", client.setoption, client, "x", true)
  raises("option get", client.getoption, client, "x")
  raises("option type", client.setoption, client, "keepalive", 1)
  raises("option none", client.setoption, client, "keepalive")
  raises("linger what", client.setoption, client, "linger", 1)
  raises("linger on", client.setoption, client, "linger", {})
  raises("linger timeout", client.setoption, client, "linger", { on = true })
  raises("connect whom", master.connect, master)
  raises("connect where", master.connect, master, "localhost")
  raises("select what", socket.select, 1)
  raises("select whom", socket.select, nil, 1)
  raises("select when", socket.select, nil, nil, {})
  line("timeouts", client:settimeout(1.5), client:settimeout(2, "t"), client:gettimeout())
  line("timeouts", client:settimeout(-3), client:settimeout(nil, "r"), client:gettimeout())
  for _, one in ipairs { client, other, server } do one:close() end
end

do -- failing connections
  local server = assert(socket.bind("127.0.0.1", 0))
  local _, port = server:getsockname()
  note_port(port)
  line("in use", socket.bind("127.0.0.1", port))
  server:close()
  local holder
  port, holder = deaf_port()
  line("refused", socket.connect("127.0.0.1", port))
  local master = socket.tcp()
  line("refused", master:connect("127.0.0.1", port))
  line("is a client", tostring(master))
  line("again", master:connect("127.0.0.1", port))
  master:close()
  holder:close()
  local unknown = "host or service not provided, or not known"
  line("unknown host", settled(unknown, socket.connect("nowhere.invalid", 80)))
  line("unknown service", socket.connect("127.0.0.1", "nothing-at-all"))
  for _, service in ipairs { 1.5, -1, 1e100, 1 / 0, "1.5" } do
    line("no service", socket.tcp4():connect("127.0.0.1", service))
  end
  line("bind to no service", socket.tcp4():bind("127.0.0.1", 1.5))
  line("server of no service", socket.bind("127.0.0.1", 1.5))
  line("client of no service", socket.connect("127.0.0.1", 1.5))
  raises("service", master.connect, master, "127.0.0.1", {})
  line("bind unknown", settled(unknown, socket.tcp():bind("nowhere.invalid", 0)))
  line("listen unbound", tostring(socket.tcp4():listen()))
  line("listen without", socket.tcp():listen())
  master = socket.tcp4()
  master:close()
  line("listen after close", master:listen())
  line("bind elsewhere", socket.tcp():bind("203.0.113.1", 0))
  line("other family", socket.tcp6():connect("127.0.0.1", port))
end

do -- non-blocking connect
  local server = assert(socket.bind("127.0.0.1", 0))
  local host, port = server:getsockname()
  note_port(port)
  local client = socket.tcp()
  client:settimeout(0)
  line("connect at once", client:connect(host, port))
  socket.select(nil, { client }, 1)
  line("connected", client:connect(host, port))
  line("and once more", client:connect(host, port))
  line("error", client:getoption("error"))
  client:settimeout(nil)
  line("peer", client:getpeername())
  client:close()
  server:close()
  local holder
  port, holder = deaf_port()
  client = socket.tcp()
  client:settimeout(0)
  line("connect to nobody", client:connect(host, port))
  socket.select(nil, { client }, 1)
  line("its error", client:getoption("error"))
  client:close()
  holder:close()
end

do -- options
  local client, other, server = pair()
  for _, name in ipairs { "keepalive", "reuseaddr", "tcp-nodelay" } do
    line(name, client:getoption(name), client:setoption(name, true), client:getoption(name))
  end
  for _, name in ipairs { "tcp-keepidle", "tcp-keepcnt", "tcp-keepintvl" } do
    line(name, client:setoption(name, 11), client:getoption(name))
  end
  line("linger", client:getoption("linger"), client:setoption("linger", { on = true, timeout = 3 }))
  line("linger", client:getoption("linger"))
  line("linger fraction", client:setoption("linger", { on = false, timeout = "2.7" }), client:getoption("linger"))
  line("error", client:getoption("error"))
  line("v6only", client:setoption("ipv6-v6only", true))
  line("shutdowns", client:shutdown("receive"), client:shutdown("both"), client:shutdown())
  line("setoption of none", socket.tcp():setoption("keepalive", true))
  line("getoption of none", socket.tcp():getoption("keepalive"))
  for _, one in ipairs { client, other, server } do one:close() end
end

do -- the descriptor
  local client, other, server = pair()
  local fd = client:getfd()
  line("setfd", client:setfd(-1))
  line("send without", client:send("x"))
  client:setfd(fd)
  line("send with", client:send("x\n"))
  line("receive", other:receive())
  raises("setfd what", client.setfd, client, "x")
  for _, one in ipairs { client, other, server } do one:close() end
end

-- ---- udp ---------------------------------------------------------------------------------------

do
  local one, two = assert(socket.udp4()), assert(socket.udp())
  line("setsockname", one:setsockname("127.0.0.1", 0))
  local host, port = one:getsockname()
  note_port(port)
  line("sendto", two:sendto("datagram", host, port))
  line("made", two:getfd() >= 0, tostring(two))
  note_port((select(2, two:getsockname())))
  line("receivefrom", one:receivefrom())
  line("empty", two:sendto("", host, port), one:receivefrom())
  line("cut", two:sendto("0123456789", host, port), one:receive(4))
  line("setpeername", two:setpeername(host, port))
  line("connected", tostring(two), two:getpeername())
  line("send", two:send("to the peer"))
  line("receive", one:receive())
  misuse("sendto what", function() one:sendto({}) end)
  misuse("sendto whom", function() one:sendto("x", {}) end)
  misuse("sendto which", function() one:sendto("x", "127.0.0.1", {}) end)
  misuse("sendto of it", function() two:sendto("x", host, port) end)
  misuse("receive how much", function() one:receive("x") end)
  misuse("setpeername whom", function() one:setpeername() end)
  raises("sendto of the connected", two.sendto, two, "x", host, port)
  raises("receivefrom of the connected", two.receivefrom, two)
  raises("send of the unconnected", one.send, one, "x")
  raises("getpeername", one.getpeername, one)
  line("disconnect", two:setpeername("*"), tostring(two))
  line("sendto again", two:sendto("again", host, port), one:receive())
  line("no numbers", two:sendto("x", "localhost", port))
  line("no port, a fraction", two:sendto("x", host, 1.5))
  line("peer without a port", socket.udp4():setpeername(host, 1.5))
  line("name without a port", socket.udp4():setsockname(host, 1.5))
  line("no port", two:sendto("x", host, "http"))
  raises("sendto where", two.sendto, two, "x")
  raises("sendto port", two.sendto, two, "x", host)
  one:settimeout(0)
  line("timeout", one:receive())
  line("timeout", one:receivefrom())
  line("dirty", one:dirty())
  local big = ("x"):rep(9000)
  line("large", two:sendto(big, host, port))
  line("8192 of it", one:receive())
  two:sendto(big, host, port)
  line("all of it", one:receive(9500))
  line("too large", two:sendto(("x"):rep(70000), host, port))
  for _, name in ipairs { "broadcast", "dontroute", "reuseaddr", "ip-multicast-loop" } do
    line(name, one:getoption(name), one:setoption(name, true), one:getoption(name))
  end
  line("multicast interface", one:setoption("ip-multicast-if", "127.0.0.1"), one:getoption("ip-multicast-if"))
  line("any interface", one:setoption("ip-multicast-if", "*"), one:getoption("ip-multicast-if"))
  local forms = { 0, "0", "127.1", "0x7f000001", 2130706433, "2130706433", "0177.0.0.1", "127.0.0.1 and more" }
  for _, text in ipairs(forms) do
    line("interface as a number", one:setoption("ip-multicast-if", text), one:getoption("ip-multicast-if"))
    one:setoption("ip-multicast-if", "*")
  end
  line("interface of nobody", one:setoption("ip-multicast-if", "1.2.3"))
  for _, text in ipairs { "", " 127.0.0.1", "::1", "256.1", "4294967296", "08", "1.2.3.4.5" } do
    raises("interface", one.setoption, one, "ip-multicast-if", text)
  end
  line("join by numbers", one:setoption("ip-add-membership", { multiaddr = "239.66051", interface = "127.1" }))
  line("leave by numbers", one:setoption("ip-drop-membership", { multiaddr = "239.1.2.3", interface = "0x7f000001" }))
  raises("interface", one.setoption, one, "ip-multicast-if", "x")
  line("ttl", one:setoption("ip-multicast-ttl", 3))
  line("join", one:setoption("ip-add-membership", { multiaddr = "239.1.2.3", interface = "127.0.0.1" }))
  line("leave", one:setoption("ip-drop-membership", { multiaddr = "239.1.2.3", interface = "127.0.0.1" }))
  line("leave again", one:setoption("ip-drop-membership", { multiaddr = "239.1.2.3", interface = "127.0.0.1" }))
  raises("join what", one.setoption, one, "ip-add-membership", {})
  raises("join whom", one.setoption, one, "ip-add-membership", { multiaddr = "x", interface = "*" })
  line("hops", socket.udp6():setoption("ipv6-unicast-hops", 5))
  line("setpeername again", two:setpeername(host, port))
  raises("setsockname of the connected", two.setsockname, two, "*", 0)
  line("send after close", two:close(), two:send("x"))
  one:setpeername(host, port) -- it is its own peer: the port is nobody else's, and for the others as good as closed
  local refused = socket.udp()
  line("peer nobody", refused:setpeername(host, port))
  line("send", refused:send("x"))
  refused:settimeout(1)
  line("refused", refused:receive())
  refused:close()
  one:close()
end

-- ---- select --------------------------------------------------------------------------------------

do
  local client, other, server = pair()
  local function ready(name, readable, writable, problem)
    local r, w = {}, {}
    for i, one in ipairs(readable) do r[i] = one == client and "client" or one == other and "other" or "else" end
    for i, one in ipairs(writable) do w[i] = one == client and "client" or one == other and "other" or "else" end
    table.sort(r)
    table.sort(w)
    for _, list in ipairs { readable, writable } do
      for i, one in ipairs(list) do assert(list[one] and list[list[one]] == one, i) end
    end
    line(name, table.concat(r, " "), table.concat(w, " "), problem)
  end
  ready("select nothing", socket.select(nil, nil, 0))
  ready("select empty", socket.select({}, {}, 0))
  ready("nothing to read", socket.select({ client, other, server }, nil, 0))
  ready("writable", socket.select(nil, { client, other }, 0))
  client:send("two\nlines\n")
  socket.select({ other }, nil, 5)
  ready("readable", socket.select({ client, other }, { client }, 1))
  other:receive()
  ready("dirty", socket.select({ client, other }, nil, 5))
  ready("dirty and writable", socket.select({ client, other }, { client, other }, 5))
  other:receive()
  ready("clean", socket.select({ client, other }, nil, 0))
  ready("the same twice", socket.select(nil, { client, client }, 0))
  ready("unopened", socket.select({ socket.tcp() }, { socket.tcp() }, 0))
  local foreign = { getfd = function() return client:getfd() end }
  ready("foreign", socket.select(nil, { foreign }, 0))
  ready("foreign, a fraction", socket.select(nil, { { getfd = function() return client:getfd() + 0.9 end } }, 0))
  ready("foreign dirty", socket.select({ { getfd = foreign.getfd, dirty = function() return true end } }, nil, 5))
  ready("foreign without", socket.select({ {}, { getfd = function() return -1 end } }, nil, 0))
  ready("foreign, no number", socket.select({ { getfd = function() return "x" end } }, nil, 0))
  other:close()
  socket.select({ client }, nil, 5)
  ready("closed peer", socket.select({ client }, { client }, 1))
  client:close()
  ready("closed itself", socket.select({ client }, nil, 0))
  server:close()
end

-- ---- exceptions -------------------------------------------------------------------------------------

do
  local finalized = 0
  local attempt = socket.newtry(function() finalized = finalized + 1 end)
  line("passes", attempt(1, nil, 3))
  line("protect", socket.protect(function(...) return ... end)(1, nil))
  line("exception", socket.protect(function() attempt(nil, "problem", 3) end)())
  line("finalized", finalized)
  line("false", socket.protect(function() attempt(false, { "a table" }) end)())
  line("default", socket.protect(function() socket.try(nil, "why") end)())
  raises("others pass", socket.protect(function() error("other", 0) end))
  raises("tables pass", socket.protect(function() error({}, 0) end))
  line("nested", socket.protect(function()
    return "outer", socket.protect(function() socket.try(nil, "inner") end)()
  end)())
  line("bad finalizer", socket.protect(function() socket.newtry(function() return 1 end)(nil, "x") end)())
end

-- ---- sinks and sources ---------------------------------------------------------------------------------

do
  local client, other, server = pair()
  local sink = socket.sink("close-when-done", client)
  line("sink", sink("some data\n"))
  line("sink fd", sink:getfd() == client:getfd(), sink:dirty())
  local source = socket.source("by-length", other, 4)
  line("source", source())
  line("source end", source())
  line("source", socket.source(other) ~= nil)
  local rest = socket.source("until-closed", other)
  line("sink end", sink(nil))
  line("rest", rest())
  line("rest end", rest())
  raises("unknown", socket.sink, "unknown", client)
  line("tables", type(socket.sinkt["keep-open"]), type(socket.sourcet["default"]))
  server:close()
  other:close()
end

-- ---- names -------------------------------------------------------------------------------------------------

line("toip", (socket.dns.toip("127.0.0.1")))
line("unknown", settled("host not found", socket.dns.toip("nowhere.invalid")))
line("unknown", settled("host not found", socket.dns.tohostname("nowhere.invalid")))
line("unknown", settled("host or service not provided, or not known", socket.dns.getaddrinfo("nowhere.invalid")))
line("getaddrinfo", socket.dns.getaddrinfo("127.0.0.1"))
line("getaddrinfo", socket.dns.getaddrinfo("::1"))
line("service", select(2, socket.dns.getnameinfo("127.0.0.1", 80)))
line("service of no number", socket.dns.getnameinfo("127.0.0.1", 1.5))
raises("neither", socket.dns.getnameinfo)
raises("toip what", socket.dns.toip)
line("gethostname", socket.dns.gethostname())

-- ---- unix ------------------------------------------------------------------------------------------------------

do
  local path = os.tmpname()
  os.remove(path)
  local server = assert(unix.stream())
  line("stream", tostring(server))
  line("bind", server:bind(path), server:getsockname() == path)
  line("listen", server:listen(), tostring(server))
  local client = assert(unix.tcp())
  line("connect", client:connect(path), tostring(client))
  local other = server:accept()
  line("accept", tostring(other))
  line("send", client:send("hello\n"))
  line("receive", other:receive())
  line("stats", (function(received, sent) return received, sent end)(other:getstats()))
  line("options", client:setoption("keepalive", true), client:setoption("linger", { on = false, timeout = 0 }))
  misuse("bind what", function() unix.stream():bind({}) end)
  misuse("accept of it", function() client:accept() end)
  raises("tcp's option", client.setoption, client, "tcp-nodelay", true)
  raises("tcp's method", socket.tcp().close, client)
  client:close()
  line("closed", other:receive())
  other:close()
  server:close()
  line("bind again", unix.stream():bind(path))
  os.remove(path)
  -- one end leaves while there is something for it, which resets the other
  server = unix.stream()
  line("long", server:bind(path), server:listen())
  client = unix.stream()
  client:connect(path)
  other = server:accept()
  line("unread", other:send("unread"), client:send(("x"):rep(100000)))
  client:close()
  line("all of the reset", other:receive("*a"))
  line("all of it again", other:receive("*a"))
  other:close()
  server:close()
  os.remove(path)
  line("connect to nobody", unix.stream():connect(path))
  client = unix.stream()
  client:close()
  line("connect after close", client:connect(path))
  line("long path", unix.stream():bind(("x"):rep(200)))
  line("called", pcall(unix) == true)

  local one, two = assert(unix.dgram()), assert(unix.udp())
  line("dgram", tostring(one))
  line("bind", one:bind(path))
  line("sendto", two:sendto("one", path))
  line("receivefrom", one:receivefrom())
  line("connect", two:connect(path), tostring(two))
  line("send", two:send("two"))
  line("receive", one:receive())
  one:settimeout(0)
  line("timeout", one:receive())
  raises("sendto of the connected", two.sendto, two, "x", path)
  one:close()
  line("to nobody", two:send("x"))
  two:close()
  os.remove(path)
end
