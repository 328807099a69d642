-- SPDX-License-Identifier: MIT
-- llnet.luasocket.ltn12: sinks that send to a socket and sources that receive from one, in the
-- form that LTN 12 pumps; other modules add theirs to the tables sinkt and sourcet.

local ltn12 = {}

-- A function by its name in a table; without a name, the one called "default".
function ltn12.choose(functions)
  return function(name, first, second)
    if type(name) ~= "string" then name, first, second = "default", name, first end
    local make = functions[name]
    if not make then error(("unknown key (%s)"):format(name), 3) end
    return make(first, second)
  end
end

-- What can be called, and stands for its socket in select.
local function around(sock, call)
  return setmetatable({
    getfd = function() return sock:getfd() end,
    dirty = function() return sock:dirty() end,
  }, { __call = function(_, ...) return call(...) end })
end

-- Adds sink, sinkt, source, sourcet, choose and BLOCKSIZE to the module.
function ltn12.add(module)
  local sinks, sources = {}, {}
  module.BLOCKSIZE = 2048
  module.choose = ltn12.choose

  sinks["close-when-done"] = function(sock)
    return around(sock, function(chunk)
      if chunk then return sock:send(chunk) end
      sock:close()
      return 1
    end)
  end

  sinks["keep-open"] = function(sock)
    return around(sock, function(chunk)
      if chunk then return sock:send(chunk) end
      return 1
    end)
  end
  sinks.default = sinks["keep-open"]

  sources["by-length"] = function(sock, length)
    return around(sock, function()
      if length <= 0 then return nil end
      local chunk, problem = sock:receive(math.min(module.BLOCKSIZE, length))
      if problem then return nil, problem end
      length = length - #chunk
      return chunk
    end)
  end

  sources["until-closed"] = function(sock)
    local done
    return around(sock, function()
      if done then return nil end
      local chunk, problem, partial = sock:receive(module.BLOCKSIZE)
      if not problem then return chunk end
      if problem ~= "closed" then return nil, problem end
      sock:close()
      done = true
      return partial
    end)
  end
  sources.default = sources["until-closed"]

  module.sinkt, module.sourcet = sinks, sources
  module.sink, module.source = ltn12.choose(sinks), ltn12.choose(sources)
end

return ltn12
