-- SPDX-License-Identifier: MIT
-- llnet.luasocket: what cannot be seen beside LuaSocket: any mix of patterns gives just the bytes
-- that were sent, whatever pieces they come in; lines and transfers of any size; timeouts; what
-- _DEBUG adds; the module by itself. luasocket.test compares the rest with LuaSocket.
local t = require "harness"
local llnet = t.llnet
local core = require "llnet.core"
local socket = require "llnet.luasocket"
local unpack = unpack or table.unpack

local function connect(server)
  local host, port = server:getsockname()
  return assert(socket.connect(host, port))
end

local function pair()
  local server = assert(socket.bind("127.0.0.1", 0))
  local client = connect(server)
  local other = assert(server:accept())
  server:close()
  return client, other
end

local function unix_pair()
  local path = t.temporary_path()
  local server, client = socket.unix.stream(), socket.unix.stream()
  assert(server:bind(path) and server:listen(1) and client:connect(path))
  local other = assert(server:accept())
  os.remove(path)
  server:close()
  return client, other
end

local function close(...)
  for _, one in ipairs { ... } do one:close() end
end

-- Whether the peer's end has come, and so all before it; waits a little for it.
local function has_ended(one) return core.Socket.poll(one, llnet.POLLRDHUP, 20) ~= 0 end

-- ---- patterns ------------------------------------------------------------------------

-- Random text of lines, some with carriage returns in all places.
local function random_text(size)
  local pieces, alphabet = {}, { "a", "b", "\r", "\n", "\r\n", ("x"):rep(100), ("y"):rep(9000), "" }
  local length = 0
  while length < size do
    local piece = alphabet[math.random(#alphabet)]
    pieces[#pieces + 1] = piece
    length = length + #piece
  end
  return table.concat(pieces)
end

-- What a pattern gives of text from a place on: the result, and the place after it; nil where the
-- text has not so much.
local function expected(text, at, pattern)
  if type(pattern) == "number" then
    if #text - at + 1 < pattern then return nil end
    return text:sub(at, at + pattern - 1), at + pattern
  end
  local stop = text:find("\n", at, true)
  if not stop then return nil end
  return (text:sub(at, stop - 1):gsub("\r", "")), stop + 1
end

t.case("any mix of patterns gives what was sent, in pieces of any size", function()
  for seed = 1, 30 do
    math.randomseed(seed)
    local client, other = pair()
    local text, sent, at = random_text(50000), 0, 1
    other:settimeout(0)
    local pattern, prefix = "*l", nil
    while true do
      local give = math.min(math.random(4) == 1 and math.random(20000) or math.random(200), #text - sent)
      if give > 0 then sent = assert(client:send(text, sent + 1, sent + give)) end
      if sent == #text then client:shutdown "send" end
      socket.select({ other }, nil, 1)
      local data, problem, partial
      repeat
        data, problem, partial = other:receive(pattern, prefix)
        if data then
          local right, next_at = expected(text, at, pattern)
          t.equal(data, right, "seed " .. seed)
          at, prefix = next_at, nil
          pattern = math.random(2) == 1 and "*l" or math.random(5) == 1 and math.random(30000) or math.random(1, 50)
        end
      until not data
      prefix = partial
      if problem == "closed" then break end
      t.equal(problem, "timeout")
    end
    -- what no pattern took is the partial result
    local rest = text:sub(at)
    if pattern == "*l" then rest = rest:gsub("\r", "") end
    t.equal(prefix, rest, "seed " .. seed)
    close(client, other)
  end
end)

t.case("a transfer of any size comes whole, by count and to the end", function()
  for _, size in ipairs { 0, 1, 8191, 8192, 16383, 16384, 16385, 65536, 262143, 262144, 262145, 3000000 } do
    local text = ("0123456789abcde"):rep(math.floor(size / 15) + 1):sub(1, size)
    for _, pattern in ipairs { size, "*a" } do
      for _, prefix in ipairs { "", "before" } do
        local client, other = pair()
        client:settimeout(0)
        other:settimeout(5)
        -- both ends are here: what does not fit goes on in between
        local sent, received, problem = 0, nil, nil
        local partial = prefix
        if type(pattern) == "number" then pattern = size + #prefix end
        repeat
          local last, why, progress = client:send(text, sent + 1)
          sent = last or (why == "timeout" and progress) or error(why)
          if sent == size and size > 0 or size == 0 then client:shutdown "send" end
          other:settimeout(sent == size and 5 or 0)
          if size > 0 or pattern == "*a" then
            received, problem, partial = other:receive(pattern, partial)
          end
        until sent == size and (received or problem)  or size == 0
        if size == 0 and pattern == "*a" then
          t.results({ received, problem, partial }, nil, "closed", prefix)
        elseif size > 0 then
          t.equal(problem, nil)
          t.equal(#received, #prefix + size)
          t.equal(received == prefix .. text, true)
          t.results({ (other:getstats()) }, size)
        end
        close(client, other)
      end
    end
  end
end)

t.case("without waiting the end of a stream is seen behind bytes of any number", function()
  for _, size in ipairs { 100, 20000, 100000 } do
    for _, pattern in ipairs { 200000, "*l", "*a" } do
      local client, other = unix_pair()
      local text = ("x"):rep(size)
      t.equal(client:send(text), size)
      client:close()
      other:settimeout(0)
      if pattern == "*a" then
        t.results({ other:receive(pattern) }, text)
      else
        t.results({ other:receive(pattern) }, nil, "closed", text)
      end
      t.results({ other:receive(pattern) }, nil, "closed", "")
      close(other)
    end
  end
end)

-- The peer leaves while there is something for it: the kernel resets the connection.
t.case("to the end of a connection that was reset there is only a partial result", function()
  for _, size in ipairs { 0, 3, 20000, 100000 } do
    for _, kept in ipairs { 0, 2 } do
      local client, other = unix_pair()
      other:send "never read"
      t.equal(client:send(("x"):rep(size + kept)), size + kept)
      client:close()
      if kept > 0 then t.equal(other:receive(kept, "x"), ("x"):rep(kept)) end
      t.results({ other:receive("*a", "before") }, nil, "closed", "before" .. ("x"):rep(size + (kept > 0 and 1 or 0)))
      t.results({ other:receive "*a" }, nil, "closed", "")
      close(other)
    end
  end
end)

t.case("a line of megabytes comes whole", function()
  local client, other = pair()
  local line = ("long line "):rep(300000)
  client:settimeout(0)
  other:settimeout(0)
  local sent, partial, received = 0, nil
  repeat
    local last, _, progress = client:send(line .. "\r\nnext\n", sent + 1)
    sent = last or progress
    local _
    received, _, partial = other:receive("*l", partial)
  until received
  t.equal(received == line, true)
  other:settimeout(5)
  t.equal(other:receive(), "next")
  t.equal(other:dirty(), false)
  close(client, other)
end)

-- ---- time ---------------------------------------------------------------------------

t.case("timeouts end a call, and say so in each function", function()
  local client, other = pair()
  for _, mode in ipairs { "b", "t" } do
    other:settimeout(0.05, mode)
    local before = llnet.clock_now()
    t.results({ other:receive() }, nil, "timeout", "")
    t.results({ other:receive(10, "some") }, nil, "timeout", "some")
    t.results({ other:receive(100000) }, nil, "timeout", "")
    t.results({ other:receive "*a" }, nil, "timeout", "")
    t.equal((llnet.clock_now() - before) / 1e9 >= 0.2, true)
    other:settimeout(nil, mode)
  end
  client:settimeout(0.05)
  local sent, problem, last = client:send(("x"):rep(50000000))
  t.equal(sent, nil)
  t.equal(problem, "timeout")
  t.equal(last > 0 and last < 50000000, true)
  local server = assert(socket.bind("127.0.0.1", 0))
  server:settimeout(0.02)
  t.results({ server:accept() }, nil, "timeout")
  local udp = socket.udp4()
  udp:settimeout(0.02)
  t.results({ udp:receive() }, nil, "timeout")
  t.results({ udp:receivefrom() }, nil, "timeout")
  local readable, writable, why = socket.select({ udp }, nil, 0.02)
  t.results({ #readable, #writable, why }, 0, 0, "timeout")
  close(client, other, server, udp)
end)

t.case("beside a total timeout the block one is for each wait, however much came before", function()
  for _, size in ipairs { 10, 20000, 40000, 60000, 100000 } do
    for _, pattern in ipairs { "*a", 200000, "*l" } do
      local client, other = unix_pair()
      t.equal(client:send(("x"):rep(size)), size)
      other:settimeout(0.02, "b")
      other:settimeout(30, "t")
      local before = llnet.clock_now()
      t.results({ other:receive(pattern) }, nil, "timeout", ("x"):rep(size))
      t.equal((llnet.clock_now() - before) / 1e9 < 15, true)
      close(client, other)
    end
  end
end)

t.case("a connection that had to wait and then must not still gives what is there", function()
  local client, other = pair()
  other:settimeout(0.02)
  t.results({ other:receive() }, nil, "timeout", "") -- it waits for the first time
  client:send "one\n"
  t.equal(other:receive(), "one")
  other:settimeout(0)
  for _, pattern in ipairs { "*l", 4 } do
    client:send "two\n"
    t.equal(#socket.select({ other }, nil, 5), 1)
    t.equal(#assert(other:receive(pattern)) >= 3, true)
  end
  t.results({ other:receive() }, nil, "timeout", "")
  client:send "end"
  client:close()
  t.equal(t.wait_for(function() return has_ended(other) end), true)
  t.equal(other:receive "*a", "end")
  close(other)
end)

t.case("without a timeout lines come one by one, and what is sent comes whole", function()
  local client, other = pair()
  other:settimeout(0.02)
  t.results({ other:receive() }, nil, "timeout", "") -- from now on it asks before it receives
  other:settimeout(nil)
  for i = 1, 100 do
    local line = ("x"):rep(i * 300)
    t.results({ client:send(line .. "\r\n") }, i * 300 + 2)
    t.results({ other:receive(i % 2 == 0 and "*l" or nil) }, line)
    t.equal(other:dirty(), false)
  end
  t.results({ (client:getstats()) }, 0)
  t.equal(select(2, client:getstats()), 300 * 5050 + 200)
  t.equal((other:getstats()), 300 * 5050 + 200)
  client:send "a\nb\nc"
  t.results({ other:receive() }, "a")
  t.equal(other:dirty(), true)
  t.equal((other:getstats()), 300 * 5050 + 202)
  t.results({ other:receive() }, "b")
  client:shutdown "send"
  t.results({ other:receive() }, nil, "closed", "c")
  t.raises("tcp{client} expected", other.receive, socket.tcp())
  t.raises("tcp{client} expected", other.send, socket.tcp(), "x")
  t.raises("bad argument #2 to", other.send, other, {})
  close(client, other)
end)

t.case("without time to wait, a call takes all that is there, and sees the end behind it", function()
  local text = ("0123456789"):rep(4000) -- the kernel takes all of it at once, and the end
  for pattern, right in pairs { ["*a"] = { text }, [#text] = { text }, [#text + 1] = { nil, "closed", text } } do
    for _, taken in ipairs { 0, 10, 20000 } do
      local client, other = pair()
      other:settimeout(5)
      t.equal(client:send(text), #text)
      client:close()
      local before = taken > 0 and other:receive(taken) or ""
      t.equal(t.wait_for(function() return has_ended(other) end), true)
      other:settimeout(0)
      local data, problem, partial = other:receive(pattern, before)
      t.results({ data, problem, partial }, unpack(right, 1, 3))
      close(other)
    end
  end
end)

t.case("a negative timeout is none, beside another and alone", function()
  local client, other = pair()
  other:settimeout(-5, "t")
  for _, block in ipairs { -5, 5 } do
    other:settimeout(block)
    client:send(("x"):rep(40000))
    t.equal(#assert(other:receive(40000)), 40000)
  end
  other:settimeout(0.03)
  t.results({ other:receive(40000) }, nil, "timeout", "")
  close(client, other)
end)

t.case("a timeout that is no number of seconds does no harm", function()
  local client, other = pair()
  for _, seconds in ipairs { 0 / 0, 1e300, -math.huge } do
    client:send "line\n"
    other:settimeout(seconds)
    t.equal(other:receive(), "line")
  end
  client:send "x"
  other:settimeout(math.huge)
  t.equal(#socket.select({ other }, nil, math.huge), 1)
  t.equal(other:receive(1), "x")
  close(client, other)
end)

t.case("with _DEBUG the seconds that a call took come fourth", function()
  local client, other = pair()
  socket._DEBUG = true
  local results = { client:send "line\nrest" }
  t.equal(type(results[4]), "number")
  results = { other:receive() }
  t.equal(results[1], "line")
  t.equal(results[4] >= 0 and results[4] < 60, true)
  other:settimeout(0.03)
  results = { other:receive() }
  t.equal(results[2], "timeout")
  t.equal(results[3], "rest")
  t.equal(results[4] >= 0.03, true)
  socket._DEBUG = nil
  t.equal(#{ client:send "x" }, 1)
  close(client, other)
end)

-- ---- the module ------------------------------------------------------------------------

t.case("install makes it LuaSocket's for require, and nothing else does", function()
  local saved = {}
  for _, name in ipairs { "socket", "socket.core", "socket.unix" } do
    saved[name] = { package.loaded[name], package.preload[name] }
    package.loaded[name] = nil
  end
  t.equal(socket.install(), socket)
  t.equal(require "socket", socket)
  t.equal(require "socket.core", socket)
  t.equal(require "socket.unix", socket.unix)
  for name, was in pairs(saved) do package.loaded[name], package.preload[name] = was[1], was[2] end
end)

t.case("its objects are Sockets of this module, too", function()
  local client, other = pair()
  local poller, ready = assert(llnet.Poller()), {}
  assert(poller:add(other, llnet.POLLIN))
  client:send "x"
  t.equal(poller:wait(ready, 1000), 1)
  t.equal(ready[1], other)
  t.equal(poller:remove(other), true)
  t.equal(type(other), "userdata")
  t.equal(getmetatable(other).__index.class, "tcp{client}")
  close(client, other, poller)
end)

t.case("what nobody holds is closed", function()
  local server = assert(socket.bind("127.0.0.1", 0))
  local client = connect(server)
  do
    local lost = assert(server:accept())
    lost:send "x"
  end
  collectgarbage()
  collectgarbage()
  client:settimeout(5)
  t.equal(client:receive "*a", "x")
  close(server, client)
end)

t.case("select takes more than 1024 descriptors where the system has them", function()
  local all, problem = {}, nil
  for i = 1, 1500 do
    all[i], problem = socket.udp4()
    if not all[i] then break end
  end
  local enough = #all == 1500
  if enough then
    t.equal(all[1500]:getfd() > 1024, true)
    t.equal(all[1500]:setsockname("127.0.0.1", 0), 1)
    all[1]:sendto("x", all[1500]:getsockname())
    local readable = socket.select(all, nil, 5)
    t.results(readable, all[1500])
    t.equal(#select(2, socket.select(nil, all, 0)), 1500)
  end
  for _, one in ipairs(all) do one:close() end
  t.equal(socket._SETSIZE >= #all, true)
  if not enough then t.skip("no 1,500 descriptors: " .. problem) end
end)

t.case("select in getfd of select is a select of its own", function()
  local client, other = pair()
  local deep = 0
  local recursive = {
    getfd = function()
      deep = deep + 1
      if deep < 5 then socket.select({ other }, { client }, 0) end
      return client:getfd()
    end,
  }
  local _, writable = socket.select({ recursive }, { recursive, other }, 0)
  t.results(writable, recursive, other)
  close(client, other)
end)

t.case("a getfd that raises leaves select as it was", function()
  local client, other = pair()
  t.raises("no such thing", socket.select, { client, { getfd = function() error "no such thing" end } }, nil, 0)
  t.equal(#select(2, socket.select(nil, { client, other }, 0)), 2)
  t.raises("select failed", socket.select, { { getfd = function() return 999999 end } }, nil, 0)
  t.equal(#select(2, socket.select(nil, { client, other }, 0)), 2)
  close(client, other)
end)

t.case("an object of another library is refused by name", function()
  local client, other = pair()
  t.raises("tcp{client} expected", client.receive, llnet.Socket("inet", "stream"))
  t.raises("udp{any} expected", socket.udp4().close, client)
  t.raises("tcp{any} expected", client.close, setmetatable({}, getmetatable(client)))
  close(client, other)
end)

t.done()
