-- SPDX-License-Identifier: MIT
-- predecessor_programs: whole programs as they were written for lua-llnet, on nothing but
-- its API; where they used lua-epoll, a module of that shape on llnet.Poller.

local t = require "harness"
local llnet = t.llnet

-- ---- the module epoll that those programs needed -----------------------------------

local epoll = {
  EPOLLIN = llnet.POLLIN, EPOLLOUT = llnet.POLLOUT, EPOLLPRI = llnet.POLLPRI, EPOLLERR = llnet.POLLERR,
  EPOLLRDHUP = llnet.POLLRDHUP, EPOLLET = llnet.POLL_EDGE, EPOLLONESHOT = llnet.POLL_ONESHOT,
}

local epoll_methods = {}
local epoll_class = { __index = epoll_methods }

function epoll.new()
  return setmetatable({ poller = assert(llnet.Poller("epoll")), ready = {} }, epoll_class)
end

function epoll_methods:add(fd, events, id) return self.poller:add(fd, events, id) end
function epoll_methods:mod(fd, events, id) return self.poller:modify(fd, events, id) end
function epoll_methods:del(fd) return self.poller:remove(fd) end
function epoll_methods:close() return self.poller:close() end

function epoll_methods:wait_callback(callback, timeout_ms)
  local ready = self.ready
  local n, name, number = self.poller:wait(ready, timeout_ms)
  if not n then return nil, name, number end
  for i = 1, 2 * n, 2 do callback(ready[i], ready[i + 1]) end
  return n
end

-- ---- programs ------------------------------------------------------------------------

t.case("ping and pong over a socketpair", function()
  local ping, pong = assert(llnet.socketpair(llnet.SOCK_STREAM))
  local buf = llnet.LIOBuffer.new(64)
  for i = 1, 100 do
    local message = "ping " .. i
    assert(ping:send(message))
    local len = assert(pong:recv_buffer(buf, 0, 64))
    buf:set_size(len)
    assert(tostring(buf) == message)
    buf:set_data("pong " .. i)
    assert(pong:send_buffer(buf, 0, buf:size()))
    assert(ping:recv(64) == "pong " .. i)
  end
  ping:close()
  local data, err = pong:recv(64)
  assert(data == nil and err == "CLOSED")
  pong:close()
end)

-- An echo server: a table of sockets by descriptor, handlers called with the events.
local function echo_server(poll, handlers)
  local server = assert(llnet.LSocket(llnet.AF_INET, llnet.SOCK_STREAM, 0, llnet.SOCK_NONBLOCK))
  assert(llnet.SetSocketOption.SO_REUSEADDR(server, 1))
  assert(server:bind((llnet.LSockAddr.ip_port("127.0.0.1", 0))))
  assert(server:listen(256))
  local peer, buf = llnet.LSockAddr(), llnet.LIOBuffer(8192)
  local counts = { accepted = 0, closed = 0 }

  local function read(sock, fd)
    local len, err = sock:recv_buffer(buf, 0, 8192)
    if not len then
      if err == "EAGAIN" then return end
      assert(err == "CLOSED", err)
      assert(poll:del(fd))
      handlers[fd] = nil
      sock:close()
      counts.closed = counts.closed + 1
      return
    end
    buf:set_size(len)
    assert(sock:send_buffer(buf, 0, len) == len)
    buf:set_size(0)
  end

  local server_fd = server:fileno()
  handlers[server_fd] = function()
    while true do
      local sock, err = server:accept(peer, llnet.SOCK_NONBLOCK + llnet.SOCK_CLOEXEC)
      if not sock then
        assert(err == "EAGAIN", err)
        return
      end
      assert(peer:get_address() == "127.0.0.1" and peer:get_port() > 0)
      assert(llnet.SetSocketOption.TCP_NODELAY(sock, 1))
      local fd = sock:fileno()
      handlers[fd] = function() return read(sock, fd) end
      assert(poll:add(fd, epoll.EPOLLIN + epoll.EPOLLRDHUP, fd))
      counts.accepted = counts.accepted + 1
    end
  end
  assert(poll:add(server_fd, epoll.EPOLLIN, server_fd))
  return server, counts
end

t.case("an echo server and its clients on one epoll loop", function()
  local poll, handlers = epoll.new(), {}
  local server, counts = echo_server(poll, handlers)
  local addr = llnet.LSockAddr()
  assert(server:get_sockname(addr))
  local clients, rounds, done = 20, 10, 0

  for i = 1, clients do
    local sock = assert(llnet.LSocket(llnet.AF_INET, llnet.SOCK_STREAM))
    assert(sock:set_nonblock(true))
    local rc, err = sock:connect(addr)
    assert(rc or err == "EINPROGRESS", err)
    local fd, n, sent = sock:fileno(), 0, nil
    handlers[fd] = function(events)
      if events % (2 * epoll.EPOLLOUT) >= epoll.EPOLLOUT then
        assert(llnet.GetSocketOption.SO_ERROR(sock) == 0)
        assert(poll:mod(fd, epoll.EPOLLIN, fd))
      else
        assert(assert(sock:recv(100)) == sent)
        n = n + 1
      end
      if n == rounds then
        assert(poll:del(fd))
        handlers[fd] = nil
        assert(sock:shutdown(true, true))
        sock:close()
        done = done + 1
        return
      end
      sent = ("client %d round %d"):format(i, n)
      assert(sock:send(sent) == #sent)
    end
    assert(poll:add(fd, epoll.EPOLLOUT, fd))
  end

  local function dispatch(fd, events)
    -- closed by what came before it in the same wait
    if handlers[fd] then handlers[fd](events) end
  end
  while done < clients or counts.closed < clients do
    assert(assert(poll:wait_callback(dispatch, 5000)) > 0)
  end
  t.equal(counts.accepted, clients)
  t.equal(next(handlers, next(handlers)), nil)
  server:close()
  poll:close()
  t.fails("EBADF", poll:wait_callback(dispatch, 0))
end)

t.case("a resolver that prints what it finds", function()
  local lines = {}
  local function print(...)
    local words = { ... }
    for i = 1, select("#", ...) do words[i] = tostring(words[i]) end
    lines[#lines + 1] = table.concat(words, "\t")
  end
  local function dump(info, err)
    if not info then
      print("error:", err, (llnet.EAI_Errors:description(err)))
      return
    end
    local addr = llnet.LSockAddr()
    local more = info:first()
    while more do
      assert(info:get_addr(addr) == 0)
      print(addr, info:get_family(), info:get_socktype(), llnet.Protocols[info:get_protocol()])
      more = info:next()
    end
    print("name:", info:get_canonname())
  end
  dump(llnet.LAddrInfo("127.0.0.1", "80"))
  dump(llnet.LAddrInfo.ipv6("::1", 443))
  dump(llnet.LAddrInfo.full("127.0.0.1", 53, llnet.AF_INET, llnet.SOCK_DGRAM, 0,
    llnet.AI_CANONNAME + llnet.AI_NUMERICHOST))
  dump(llnet.LAddrInfo.full("not numeric", 53, 0, 0, 0, llnet.AI_NUMERICHOST))
  if not pcall(function() return llnet.Protocols.tcp end) then t.skip("no /etc/protocols here") end
  t.equal(table.concat(lines, "\n"), table.concat({
    "127.0.0.1:80\t" .. llnet.AF_INET .. "\t" .. llnet.SOCK_STREAM .. "\ttcp",
    "name:\tnil",
    "[::1]:443\t" .. llnet.AF_INET6 .. "\t" .. llnet.SOCK_STREAM .. "\ttcp",
    "name:\tnil",
    "127.0.0.1:53\t" .. llnet.AF_INET .. "\t" .. llnet.SOCK_DGRAM .. "\tudp",
    "name:\t127.0.0.1",
    "error:\tEAI_NONAME\tName or service not known",
  }, "\n"))
end)

t.case("one address object for many look-ups", function()
  local addr = llnet.LSockAddr()
  for _, case in ipairs {
    { "127.0.0.1", "21", "127.0.0.1:21" },
    { "::1", 22, "[::1]:22" },
    { "10.20.30.40", nil, "10.20.30.40:0" },
  } do
    local rc, err = addr:lookup_full(case[1], case[2], llnet.AF_UNSPEC, llnet.SOCK_STREAM)
    assert(rc, err)
    t.equal(addr:tostring(), case[3])
    t.equal(#addr:todata(), addr:sockaddr_len())
  end
end)

t.case("a buffer's program, its faults caught by pcall", function()
  local buf = llnet.LIOBuffer("hello world")
  local copy = llnet.LIOBuffer(4)
  copy:copy_buffer(buf, 6, 5)
  t.equal(tostring(copy), "world")
  for i = 0, buf:size() - 1 do buf:set_byte(i, buf:get_byte(i)) end
  t.equal(buf:tostring(), "hello world")
  t.equal(string.char(buf:get_bytes(0, 5)), "hello")
  for name, call in pairs {
    get = function() return buf:get_byte(buf:size()) end,
    set = function() return buf:set_byte(-1, 0) end,
    range = function() return buf:get_data(5, 100) end,
    bytes = function() return buf:get_bytes(100) end,
    copy = function() return copy:copy_buffer(buf, 12) end,
    new = function() return llnet.LIOBuffer() end,
    foreign = function() return copy:copy_buffer("text") end,
  } do
    local status, err = pcall(call)
    t.equal(status, false, name)
    t.equal(type(err), "string", name)
  end
  t.equal(tostring(copy), "world")
end)

-- The wrappers that let one program run on several socket libraries: names in, the
-- library's own numbers looked up in its tables.
t.case("wrappers that find families, types, levels and options by name", function()
  local families = { inet = llnet.AF_INET, inet6 = llnet.AF_INET6, unix = llnet.AF_UNIX }
  local types = { stream = llnet.SOCK_STREAM, dgram = llnet.SOCK_DGRAM }
  local levels = { socket = "SO_", ip = "IP_", tcp = "TCP_" }
  local wrapper = {}
  wrapper.__index = wrapper

  local function wrap(sock, err)
    if not sock then return nil, err end
    return setmetatable({ sock = sock, addr = llnet.LSockAddr() }, wrapper)
  end
  local function new(family, kind)
    return wrap(llnet.LSocket(assert(families[family]), assert(types[kind])))
  end
  function wrapper:setopt(level, name, value)
    name = levels[level] .. name:upper()
    assert(llnet.Options[name], "unknown option")
    return llnet.SetSocketOption[name](self.sock, value)
  end
  function wrapper:getopt(level, name) return llnet.GetSocketOption[levels[level] .. name:upper()](self.sock) end
  function wrapper:bind(host, port)
    self.addr:set_ip_port(host, port)
    return self.sock:bind(self.addr)
  end
  function wrapper:connect(host, port)
    local rc, err = self.addr:lookup_full(host, port)
    if not rc then return nil, err end
    return self.sock:connect(self.addr)
  end
  function wrapper:port()
    assert(self.sock:get_sockname(self.addr))
    return self.addr:get_port()
  end
  function wrapper:accept() return wrap(self.sock:accept(self.addr)) end
  function wrapper:close() return self.sock:close() end

  local server = assert(new("inet", "stream"))
  assert(server:setopt("socket", "reuseaddr", 1))
  t.equal(server:getopt("socket", "reuseaddr"), 1)
  assert(server:bind("127.0.0.1", 0))
  assert(server.sock:listen(5))
  local client = assert(new("inet", "stream"))
  assert(client:setopt("tcp", "nodelay", true))
  t.equal(client:getopt("tcp", "nodelay"), 1)
  assert(client:setopt("ip", "ttl", 33))
  t.equal(client:getopt("ip", "ttl"), 33)
  assert(client:connect("127.0.0.1", server:port()))
  local accepted = assert(server:accept())
  t.equal(accepted.sock:get_peername(accepted.addr), true)
  t.equal(accepted.addr:get_port(), client:port())
  t.equal(llnet.Options[llnet.Options.SOL_SOCKET] ~= nil, true)
  accepted:close()
  client:close()
  server:close()
end)

-- programs keep their own data on a socket
t.case("a socket carries fields of the program's own", function()
  local one, two = llnet.socketpair(llnet.SOCK_STREAM)
  one.on_io_event = function(sock, events) return sock:fileno() + events end
  one.name = "one"
  t.equal(one.name, "one")
  t.equal(one:on_io_event(1), one:fileno() + 1)
  t.equal(two.name, nil)
  one:close()
  two:close()
end)

t.done()
