-- SPDX-License-Identifier: MIT
-- llnet_relay.lua: what bench/raw_relay.c does, on llnet: over a Buffer, or by splice.

local llnet = require "llnet"

local PIECE = 65536
local buffer = llnet.Buffer(PIECE)
assert(buffer:set_size(PIECE))
local relays = {}

function relays.copy(source, sink)
  local problem, length
  while true do
    length, problem = source:recv_buffer(buffer, 0, PIECE)
    if not length then break end
    local sent = 0
    repeat sent = sent + assert(sink:send_buffer(buffer, sent, length - sent)) until sent == length
  end
  assert(problem == "CLOSED", problem)
end

function relays.splice(source, sink)
  local outlet, inlet = assert(llnet.Socket.open_pipe())
  assert(llnet.ignore_sigpipe()) -- C's has no care of it either
  local length, problem
  while true do
    length, problem = source:splice(inlet, PIECE)
    if not length then break end
    repeat length = length - assert(outlet:splice(sink, length)) until length == 0
  end
  assert(problem == "CLOSED", problem)
  outlet:close()
  inlet:close()
end

local listener = assert(llnet.Socket("inet", "stream"))
listener:set_option("TCP_CONGESTION", "reno") -- bbr would pace
assert(listener:bind(llnet.Addr("127.0.0.1", tonumber(arg[2]))))
assert(listener:listen(2))
require "serving".listening(listener:get_sockname():get_port())
while true do
  local source, sink = assert(listener:accept()), assert(listener:accept())
  relays[arg[1]](source, sink)
  sink:close()
  source:close()
end
