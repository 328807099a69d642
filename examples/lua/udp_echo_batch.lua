-- SPDX-License-Identifier: MIT
-- udp_echo_batch.lua: sends datagrams back, many of them with one system call, and from the very address that
-- they were sent to: a client of a machine with several addresses expects the answer from the one it asked.
-- Shows: batches that are received, edited and sent in place; packet info; choosing the source.
--
--   lua5.1 udp_echo_batch.lua                    0.0.0.0:7000: all addresses of IPv4
--   lua5.1 udp_echo_batch.lua '[::]:0'           a free port; the first line of output says which
--
--   --batch N    datagrams in a call at most (64)
--   --count N    stop after N datagrams, and print statistics

local llnet = require "llnet"

local SIZE = 65507 -- the largest datagram
local options = { batch = 64, count = math.huge }
local LIMITS = { batch = 1024, count = 2147483647 }
local stats = { datagrams = 0, receives = 0, sends = 0, errors = 0 }

local function fail(status, message)
  io.stderr:write("udp_echo_batch: ", message, "\n")
  os.exit(status)
end

-- A datagram that was received is its own answer: its address is the sender's, its buffer has the bytes. What is
-- missing is where it comes from. A group's address can't be that; the kernel chooses then. The interface
-- counts for link-local addresses alone.
local function address(message)
  local addr = message:get_destination()
  if not addr or addr:is_multicast() then return message:clear_control() end
  assert(message:set_source(addr, addr:is_link_local() and message:get_interface() or 0))
end

-- What can't be sent is lost, as datagrams are, and the others go on.
local function send(socket, batch, count)
  local sent = 0
  while sent < count do
    local n, problem = socket:send_batch(batch, sent, count - sent)
    stats.sends = stats.sends + 1
    if not n and problem ~= "EINTR" then stats.errors, n = stats.errors + 1, 1 end
    sent = sent + (n or 0)
  end
end

local function serve(socket)
  local batch, messages = llnet.Batch(options.batch, SIZE, llnet.MESSAGE_CONTROL), {}
  for i = 0, options.batch - 1 do messages[i] = assert(batch:get_message(i)) end
  while stats.datagrams < options.count do
    -- waits for the first, and takes what else is there
    local count, problem = socket:recv_batch(batch, options.batch, llnet.MSG_WAITFORONE)
    if count then
      stats.datagrams, stats.receives = stats.datagrams + count, stats.receives + 1
      for i = 0, count - 1 do address(messages[i]) end
      send(socket, batch, count)
    elseif problem ~= "EINTR" then
      fail(1, "cannot receive: " .. problem)
    end
  end
end

local function help() -- the comment at the top of this file
  for line in io.lines(arg[0]) do
    if line == "" then os.exit(0) end
    if not line:find("SPDX") then print((line:gsub("^%-%- ?", ""))) end
  end
end

local function read_options()
  local text = "0.0.0.0:7000"
  local i = 1
  while arg[i] do
    local name = arg[i]:match("^%-%-(%l+)$")
    if name == "help" then help() end
    if options[name or ""] then
      i = i + 1
      options[name] = tonumber(arg[i] and arg[i]:match("^%d+$")) or 0
      if options[name] < 1 or options[name] > LIMITS[name] then
        fail(2, ("--%s wants a number from 1 to %d"):format(name, LIMITS[name]))
      end
    elseif arg[i]:find("^%-") then
      fail(2, "unknown option '" .. arg[i] .. "'; --help lists them")
    else
      text = arg[i]
    end
    i = i + 1
  end
  local addr = llnet.Addr.parse(text)
  if not addr or addr:get_family() == llnet.AF_UNIX then fail(2, "bad address '" .. text .. "'") end
  return addr
end

local addr = read_options()
local socket = assert(llnet.Socket(addr:get_family(), "dgram"))
local ok, problem, number = socket:bind(addr)
if not ok then fail(1, ("cannot bind %s: %s (%s)"):format(addr:format(), llnet.error_text(number), problem)) end
-- an IPv6 socket of all addresses gets IPv4's datagrams too, with mapped addresses
assert(socket:set_option(addr:get_family() == llnet.AF_INET and "IP_PKTINFO" or "IPV6_RECVPKTINFO", true))
print("listening on " .. socket:get_sockname():format())
io.stdout:flush()
serve(socket)
print(("%d datagrams, %d calls to receive, %d to send, %d errors"):format(stats.datagrams, stats.receives,
  stats.sends, stats.errors))
