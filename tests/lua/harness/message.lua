-- SPDX-License-Identifier: MIT
-- harness.message: what the files message*.lua share: messages to send and to receive, and
-- Python at the other end of a Unix socket.

local t = require "harness"
local llnet = t.llnet

local shared = { linux = llnet.SO_PASSCRED ~= nil or io.open("/proc/self/stat") ~= nil }

-- A message to receive up to size (256) bytes with, and its Buffer.
function shared.inbox(control_size, size)
  local made, buffer = assert(llnet.Message(control_size)), llnet.Buffer(size or 256)
  t.equal(made:set_data(buffer), true)
  return made, buffer
end

-- A message that sends these strings and Buffers.
function shared.letter(...)
  local made = assert(llnet.Message())
  t.equal(made:set_data(...), true)
  return made
end

-- In as many rounds as what a message keeps, and what that keeps, may need.
function shared.collect()
  for _ = 1, 4 do collectgarbage() end
end

-- Starts Python with a Unix stream socket `peer` that is connected to the one returned.
function shared.with_python(program, body)
  t.python("print(1)") -- or skip
  local name = t.temporary_path()
  local listener = assert(llnet.Socket("unix", "stream"))
  assert(listener:bind((llnet.Addr.unix(name))))
  assert(listener:listen(1))
  local path = os.tmpname()
  local file = assert(io.open(path, "w"))
  file:write("import array, os, socket, struct, sys\npeer = socket.socket(socket.AF_UNIX)\npeer.settimeout(20)\n",
    ("peer.connect(%q)\n"):format(name), program)
  file:close()
  local pipe = assert(io.popen("env -u LD_PRELOAD -u LD_LIBRARY_PATH timeout 30 python3 " .. path .. " 2>&1", "r"))
  local ok, problem
  if listener:poll(llnet.POLLIN, 20000) == llnet.POLLIN then
    local sock = assert(listener:accept())
    ok, problem = pcall(body, sock)
    sock:close()
  else
    ok, problem = false, "python3 did not connect"
  end
  listener:close()
  local output = pipe:read("*a")
  pipe:close()
  os.remove(name)
  os.remove(path)
  if not ok then error(tostring(problem) .. "\n" .. output, 0) end
  return (output:gsub("\n$", ""))
end

return shared
