-- SPDX-License-Identifier: MIT
-- smtp.lua PORT: LuaSocket's smtp delivers messages; the server tells what came.

local smtp = require "socket.smtp"
local mime = require "mime"
local ltn12 = require "ltn12"

local function send(message)
  message.server, message.port = "127.0.0.1", arg[1]
  return smtp.send(message)
end

print("plain", send {
  from = "<sender@example.org>",
  rcpt = { "<one@example.org>", "<two@example.org>" },
  source = smtp.message { headers = { subject = "a subject", date = "today" }, body = "hello\r\n.leading dot\r\n" },
})
print("parts", send {
  from = "<sender@example.org>",
  rcpt = "<one@example.org>",
  source = smtp.message {
    headers = { subject = "parts", date = "today", ["content-type"] = 'multipart/mixed; boundary="edge"' },
    body = {
      { headers = { ["content-type"] = "text/plain" }, body = mime.eol(0, "first part") },
      {
        headers = { ["content-type"] = "application/octet-stream", ["content-transfer-encoding"] = "BASE64" },
        body = ltn12.source.chain(ltn12.source.string(("\0\1\2\3"):rep(1000)),
          ltn12.filter.chain(mime.encode "base64", mime.wrap())),
      },
    },
  },
})
print("refused recipient", send {
  from = "<sender@example.org>",
  rcpt = "<nobody@refused.example>",
  source = smtp.message { headers = { subject = "x" }, body = "x" },
})
print("refused connection", smtp.send {
  from = "<a>", rcpt = "<b>", source = ltn12.source.empty(), server = "127.0.0.1", port = 1,
})
