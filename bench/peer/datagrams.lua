-- SPDX-License-Identifier: MIT
-- datagrams: what the programs of bench/peer that move datagrams have in common with
-- bench/raw_datagrams.c.

local datagrams = { SIZE = 1200, BATCH = 64, RUN = 54 }

-- The n-th datagram of a window begins with the byte n.
function datagrams.make(index) return string.char(index) .. ("\0"):rep(datagrams.SIZE - 1) end

function datagrams.fail(index, size, first)
  error(("datagram %d has %s bytes and begins with %s"):format(index, tostring(size), tostring(first)))
end

-- A mode makes its objects once and gives: the window, a function that sends one, and a
-- function that receives one and gives how many datagrams came before a second passed
-- without any; or nothing where it cannot be had.
function datagrams.run(modes)
  local driven = {}
  for name, make in pairs(modes) do
    driven[name] = function(count)
      local window, send, receive = make()
      if not window then return end
      local sent, received = 0, 0
      repeat
        send()
        sent = sent + window
        local came = receive()
        received = received + came
      until came < window or sent >= count
      return sent, received
    end
  end
  require "driven"(driven)
end

return datagrams
