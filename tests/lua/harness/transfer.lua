-- SPDX-License-Identifier: MIT
-- harness.transfer: what the files on transfers share: bytes, files, a reader in Python.

local t = require "harness"
local llnet = t.llnet

local transfer = {}

local MS = 1000000

-- A deadline so many milliseconds from now.
function transfer.in_ms(n) return llnet.clock_now() + n * MS end

-- Bytes without a short period, so that none can be missed or come twice.
function transfer.make_bytes(count)
  local parts = {}
  for i = 1, math.floor(count / 8) do parts[i] = ("%07d\n"):format(i) end
  return table.concat(parts)
end

-- body(path) with a file that has these bytes
function transfer.with_file(bytes, body)
  local path = t.temporary_path()
  local file = assert(io.open(path, "wb"))
  file:write(bytes)
  file:close()
  local ok, message = pcall(body, path)
  os.remove(path)
  if not ok then error(message, 0) end
end

-- A Python process that reads a stream to its end; say() gives "length sha256".
function transfer.python_reader()
  local pipe, stop = t.start_python [[
import socket, hashlib
listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
stream, _ = listener.accept()
hasher, size = hashlib.sha256(), 0
while True:
    data = stream.recv(65536)
    if not data: break
    hasher.update(data)
    size += len(data)
print(size, hasher.hexdigest(), flush=True)
]]
  local port = tonumber(pipe:read("*l") or "")
  if not port then
    stop()
    t.skip("no python3 here")
  end
  local sock = assert(llnet.Socket("inet", "stream"))
  t.equal(sock:connect_until(llnet.Addr("127.0.0.1", port), transfer.in_ms(30000)), true)
  return sock, function()
    t.equal(sock:shutdown("write"), true)
    local said = pipe:read("*l")
    stop()
    t.equal(sock:close(), true)
    return said
  end
end

-- What python_reader says of the bytes of a file.
function transfer.python_digest(path)
  return t.python(([[
import hashlib
data = open(%q, "rb").read()
print(len(data), hashlib.sha256(data).hexdigest())]]):format(path))
end

return transfer
