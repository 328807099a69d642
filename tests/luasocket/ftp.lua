-- SPDX-License-Identifier: MIT
-- ftp.lua PORT: LuaSocket's ftp against a server, with passive and active connections.

local ftp = require "socket.ftp"
local ltn12 = require "ltn12"

local base = ("ftp://user:secret@127.0.0.1:%s/"):format(arg[1])
local content = ("a line of text\n"):rep(20000)

print("put", ftp.put(base .. "file.bin;type=i", content))
local got, problem = ftp.get(base .. "file.bin;type=i")
print("get", got == content, problem)
print("no such file", ftp.get(base .. "nothing;type=i"))
print("wrong password", ftp.get(("ftp://user:wrong@127.0.0.1:%s/file.bin;type=i"):format(arg[1])))

local names = {}
print("list", ftp.get {
  host = "127.0.0.1", port = arg[1], user = "user", password = "secret",
  command = "nlst", argument = "", sink = ltn12.sink.table(names),
})
print("names", (table.concat(names):gsub("\r\n", " ")))
