-- SPDX-License-Identifier: MIT
-- leak.lua: loses an object's finalizer, so that what it has is never freed: a leak that the
-- sanitizers must tell of. See leaks.test.
local buffer = require "llnet".Buffer(100)
debug.setmetatable(buffer, nil)
