-- SPDX-License-Identifier: MIT
-- serving: what the servers of bench/peer have in common with bench/raw_server.c.

local serving = {}

serving.ANSWER = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 18\r\n\r\nHello from bench!\n"
serving.ECHO = 64
serving.BACKLOG = 4096

-- Says where it listens.
function serving.listening(address)
  print(address)
  io.stdout:flush()
  collectgarbage()
end

-- A mode as a function of what has come on a connection, whatever that is: (rest, data) -> the
-- new rest or nil, what is to be sent or nil, whether to close then.
local find = string.find

local modes = {}

function modes.http(rest, data)
  if rest then data = rest .. data end
  local at, size, answers = 1, #data, nil
  repeat
    local _, last = find(data, "\r\n\r\n", at, true)
    if not last then return data:sub(at), answers end
    answers = answers and answers .. serving.ANSWER or serving.ANSWER
    at = last + 1
  until at > size
  return nil, answers
end

function modes.close(rest, data)
  if rest then data = rest .. data end
  if not find(data, "\r\n\r\n", 1, true) then return data end
  return nil, serving.ANSWER, true
end

function modes.echo(rest, data)
  if rest then data = rest .. data end
  local over = #data % serving.ECHO
  if over == 0 then return nil, data end
  return data:sub(-over), #data > over and data:sub(1, -over - 1) or nil
end

serving.modes = modes
return serving
