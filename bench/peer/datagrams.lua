-- SPDX-License-Identifier: MIT
-- datagrams: what the programs of bench/peer that move datagrams have in common with
-- bench/raw_datagrams.c.

local datagrams = { SIZE = 1200, BATCH = 64, RUN = 54 }

-- The n-th datagram of a window begins with the byte n.
function datagrams.make(index) return string.char(index) .. ("\0"):rep(datagrams.SIZE - 1) end

function datagrams.fail(index, size, first)
  error(("datagram %d has %s bytes and begins with %s"):format(index, tostring(size), tostring(first)))
end

-- A mode is a function of how many datagrams are to be sent at least: it sends a window of them
-- and receives it, again and again, until they are, or until a second passes without any. It
-- gives how many were sent and received; or nothing where that cannot be had. For one with functions
-- that send a window, and that receive one and give how many came:
function datagrams.in_turns(count, window, send, receive)
  local sent, received = 0, 0
  repeat
    send()
    sent = sent + window
    local came = receive()
    received = received + came
  until came < window or sent >= count
  return sent, received
end

return datagrams
