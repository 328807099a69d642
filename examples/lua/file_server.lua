-- SPDX-License-Identifier: MIT
-- file_server.lua: serves the files below a directory over HTTP/1.0: the kernel moves them to the socket.
-- Shows: sendfile, whole transfers with a deadline, listening sockets inherited from a service manager.
--
--   lua5.1 file_server.lua /srv/www                       http://127.0.0.1:8081/
--   lua5.1 file_server.lua --listen '[::1]:0' /srv/www    a free port; the first line of output says which
--   systemd-socket-activate -l 8081 lua5.1 file_server.lua /srv/www
--
--   --listen ADDRESS   where, if no listening socket is inherited (LISTEN_FDS, LISTEN_PID)
--   --seconds N        what a connection may take (30)
--   --count N          stop after N connections
-- One connection after the other: start it several times on one inherited socket to serve several at once.

local llnet = require "llnet"

local SECOND = 1e9 -- nanoseconds
local HEAD_MAX = 8192
local LIMIT = 2147483647
-- What accept gives where the machine has no room: the connection waits in the queue.
local FULL = { EMFILE = true, ENFILE = true, ENOBUFS = true, ENOMEM = true }
local options = { seconds = 30, count = math.huge, listen = "127.0.0.1:8081" }

local function fail(status, message)
  io.stderr:write("file_server: ", message, "\n")
  os.exit(status)
end

-- The file and its size, or the status to answer with.
local function open(root, target)
  local path = target:match("^(/[^?#]*)")
  if not path then return nil, "400 Bad Request" end
  path = path:gsub("%%(%x%x)", function(digits) return string.char(tonumber(digits, 16)) end)
  if path:find("%z") or (path .. "/"):find("/../", 1, true) then return nil, "403 Forbidden" end
  local file, _, number = io.open(root .. path, "rb")
  if not file then return nil, number == llnet.Errors.EACCES and "403 Forbidden" or "404 Not Found" end
  local _, problem = file:read(0)
  if problem then return nil, "404 Not Found" end -- a directory can be opened, not read
  return file, file:seek("end")
end

-- The socket doesn't block, so that a client that reads nothing can't outlast the deadline.
local function send_file(client, file, size, deadline)
  local offset = 0
  while offset < size do
    local count, problem = client:sendfile(file, offset, size - offset)
    if count then
      offset = offset + count
    elseif problem == "EAGAIN" then
      local left = math.ceil((deadline - llnet.clock_now()) / 1e6)
      if left <= 0 or client:poll(llnet.POLLOUT, left) == 0 then return nil, "ETIMEDOUT" end
    elseif problem ~= "EINTR" then
      return nil, problem -- CLOSED: the file has become shorter
    end
  end
  return true
end

local function serve(client, head, root)
  local deadline = llnet.clock_now() + options.seconds * SECOND
  local length, problem = client:recv_until(head, "\r\n\r\n", HEAD_MAX, deadline)
  if not length then return nil, problem end
  local method, target = head:get_data(0, length):match("^(%u+) ([^ \r\n]+) HTTP/1%.[01]\r\n")
  local file, size
  if not method then
    size = "400 Bad Request"
  elseif method ~= "GET" and method ~= "HEAD" then
    size = "501 Not Implemented"
  else
    file, size = open(root, target)
  end
  local status, body = "200 OK", ""
  if not file then status, body, size = size, size .. "\n", #size + 1 end
  local answer = ("HTTP/1.0 %s\r\nContent-Length: %.0f\r\nConnection: close\r\n\r\n%s"):format(status, size, body)
  local ok
  ok, problem = client:send_all(answer, deadline)
  if ok and file and method == "GET" then ok, problem = send_file(client, file, size, deadline) end
  if file then file:close() end
  return ok, problem
end

local function run(listener, root)
  local head, peer = llnet.Buffer(HEAD_MAX), llnet.Addr()
  local served, failed = 0, 0
  while served + failed < options.count do
    local client, problem = listener:accept(peer, llnet.SOCK_NONBLOCK)
    if client then
      local ok, why = serve(client, head, root)
      if ok then
        served = served + 1
      else
        failed = failed + 1
        io.stderr:write(("file_server: %s: %s\n"):format(peer:format(), why))
      end
      head:reset()
      client:close()
    elseif problem == "EAGAIN" then
      listener:poll(llnet.POLLIN) -- an inherited socket may be non-blocking
    elseif FULL[problem] then
      listener:poll(0, 1000) -- for nothing, so that the loop does not spin
    elseif problem ~= "EINTR" and problem ~= "ECONNABORTED" then
      fail(1, "cannot accept: " .. problem)
    end
  end
  print(("%d served, %d failed"):format(served, failed))
end

-- ---- command line ---------------------------------------------------------------------------

local function help() -- the comment at the top of this file
  for line in io.lines(arg[0]) do
    if line == "" then os.exit(0) end
    if not line:find("SPDX") then print((line:gsub("^%-%- ?", ""))) end
  end
end

local function read_options()
  local root
  local i = 1
  while arg[i] do
    local name = arg[i]:match("^%-%-(%l+)$")
    if name == "help" then
      help()
    elseif name == "listen" then
      i = i + 1
      options.listen = arg[i] or ""
    elseif options[name or ""] then
      i = i + 1
      options[name] = tonumber(arg[i] and arg[i]:match("^%d+$")) or 0
      if options[name] < 1 or options[name] > LIMIT then
        fail(2, ("--%s wants a number from 1 to %d"):format(name, LIMIT))
      end
    elseif arg[i]:find("^%-") then
      fail(2, "unknown option '" .. arg[i] .. "'; --help lists them")
    else
      root = arg[i]
    end
    i = i + 1
  end
  return root or fail(2, "a directory is wanted; --help tells more")
end

local function listen(address)
  local addr = llnet.Addr.parse(address) or fail(2, "bad address '" .. address .. "'")
  local listener = assert(llnet.Socket(addr:get_family(), "stream"))
  if addr:get_family() ~= llnet.AF_UNIX then assert(listener:set_option("SO_REUSEADDR", true)) end
  local ok, problem, number = listener:bind(addr)
  if ok then ok, problem, number = listener:listen(4096) end
  if not ok then fail(1, ("cannot listen on %s: %s (%s)"):format(address, llnet.error_text(number), problem)) end
  return listener
end

local root = read_options()
local inherited, problem = llnet.inherited()
if not inherited then fail(1, "LISTEN_FDS: " .. problem) end
local listener = inherited[1] and inherited[1].socket or listen(options.listen)
print("listening on http://" .. listener:get_sockname():format() .. "/")
io.stdout:flush()
run(listener, root)
