-- SPDX-License-Identifier: MIT
-- llnet.luasocket.words: what LuaSocket calls an error: programs compare these texts.

local core = require "llnet.core"

local words = {}

local own = {
  CLOSED = "closed",
  EPIPE = "closed",
  ECONNRESET = "closed",
  ECONNABORTED = "closed",
  ETIMEDOUT = "timeout",
  EADDRINUSE = "address already in use",
  EISCONN = "already connected",
  EACCES = "permission denied",
  ECONNREFUSED = "connection refused",
  EAI_AGAIN = "temporary failure in name resolution",
  EAI_BADFLAGS = "invalid value for ai_flags",
  EAI_FAIL = "non-recoverable failure in name resolution",
  EAI_FAMILY = "ai_family not supported",
  EAI_MEMORY = "memory allocation failure",
  EAI_NONAME = "host or service not provided, or not known",
  EAI_OVERFLOW = "argument buffer overflow",
  EAI_SERVICE = "service not supported for socket type",
  EAI_SOCKTYPE = "ai_socktype not supported",
}

-- Of an error's name and number; what has no word of its own is strerror(3)'s text.
function words.of(name, number)
  return own[name] or core.error_text(number)
end

return words
