-- SPDX-License-Identifier: MIT
-- driven: a program that does what lines of standard input say: "MODE COUNT" is that many times
-- the mode, answered by "ASKED DONE"; a mode that is not there by "unsupported".

-- modes: name -> function(count) -> asked, done; or nothing where it cannot be had here.
return function(modes)
  for line in io.lines() do
    local mode, count = line:match "^(%S+) (%d+)$"
    local asked, done
    if modes[mode] then asked, done = modes[mode](tonumber(count)) end
    print(asked and ("%d %d"):format(asked, done) or "unsupported")
    io.stdout:flush()
    collectgarbage()
  end
end
