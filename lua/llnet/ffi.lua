-- SPDX-License-Identifier: MIT
-- llnet.ffi: a Buffer's memory for LuaJIT's FFI, so that loops over bytes cross no C API.
-- What is done through the pointer is not checked: that is FFI's way, not llnet's.

local found, ffi = pcall(require, "ffi")
if not found then error("llnet.ffi needs LuaJIT", 0) end

local bytes_pointer = ffi.typeof("uint8_t *")
local M = {}

-- The memory as uint8_t *, and how many bytes there are: the capacity. Both hold until the
-- capacity changes or the buffer is collected (of a slice: its parent's, too), so keep it.
-- nil, 0 where the capacity is 0.
function M.bytes(buffer)
  if getmetatable(buffer) ~= "Buffer" then
    error(("bad argument #1 to 'bytes' (Buffer expected, got %s)"):format(type(buffer)), 2)
  end
  local capacity = buffer:get_capacity()
  if capacity == 0 then return nil, 0 end
  return ffi.cast(bytes_pointer, buffer:get_pointer()), capacity
end

return M
