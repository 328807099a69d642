---@meta llnet.ffi
-- SPDX-License-Identifier: MIT
-- luacheck: ignore
-- Annotations for editors (LuaCATS): a Buffer's memory for LuaJIT's FFI.

---@class llnet.ffi
local ffi = {}

--- The memory as uint8_t *, and its capacity. Both hold until the capacity changes or the
--- buffer is collected.
---@param buffer llnet.Buffer
---@return ffi.cdata*? bytes
---@return integer capacity
function ffi.bytes(buffer) end

return ffi
