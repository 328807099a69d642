-- SPDX-License-Identifier: MIT
-- http.lua URL: LuaSocket's http, url and ltn12 against a server; prints what they gave.

local http = require "socket.http"
local ltn12 = require "ltn12"
local url = require "socket.url"

local base = arg[1]

-- The headers that the server's machine does not decide.
local function show(name, body, code, headers, status)
  print(name, body, code, headers and headers["content-type"], status)
end

show("get", http.request(base .. "/hello"))
show("not found", http.request(base .. "/nothing"))
show("redirect", http.request(base .. "/redirect"))
show("post", http.request(base .. "/echo", "name=value&other=" .. url.escape "a b/c"))
local chunked = http.request(base .. "/chunked")
print("chunked", #chunked, chunked:find "[^c]")
show("empty", http.request(base .. "/empty"))

local received = {}
print("put", http.request {
  url = base .. "/echo",
  method = "PUT",
  source = ltn12.source.string(("0123456789"):rep(5000)),
  headers = { ["content-length"] = 50000, ["x-test"] = "yes" },
  sink = ltn12.sink.table(received),
} == 1, #table.concat(received), table.concat(received) == ("0123456789"):rep(5000))

local _, code, headers = http.request { url = base .. "/hello", method = "HEAD" }
print("head", code, headers["content-length"])

local body = http.request(base .. "/large")
print("large", #body, body == ("0123456789abcdef"):rep(#body / 16))

local chain = {}
print("chain", http.request {
  url = base .. "/chunked",
  sink = ltn12.sink.chain(function(chunk) return chunk and chunk:upper() end, (ltn12.sink.table(chain))),
} == 1, #table.concat(chain), table.concat(chain):find "[^C]")

print("refused", http.request("http://127.0.0.1:1/"))
-- DNS may fail for a moment, and for one of the two libraries alone
local host, problem = http.request("http://nowhere.invalid/")
local temporary = problem == "temporary failure in name resolution"
print("no such host", host, temporary and "host or service not provided, or not known" or problem)
http.TIMEOUT = 0.2
print("timeout", http.request(base .. "/slow"))
