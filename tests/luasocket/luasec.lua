-- SPDX-License-Identifier: MIT
-- luasec.lua URL CERTIFICATE PORT: LuaSec over the sockets: ssl.https, and ssl.wrap of a client
-- that speaks to a TLS server which sends lines back.

local https = require "ssl.https"
local socket = require "socket"
local ssl = require "ssl"

local address, certificate, port = arg[1], arg[2], arg[3]

local parameters = { mode = "client", protocol = "any", verify = "peer", options = "all", cafile = certificate }

local function show(name, body, code, _, status) print(name, body, code, status) end
show("https", https.request(address .. "/hello"))

local received = {}
local ok, code = https.request {
  url = address .. "/large", protocol = "any", verify = "peer", options = "all", cafile = certificate,
  sink = require "ltn12".sink.table(received),
}
print("large", ok, code, #table.concat(received))

local connection = assert(socket.connect("127.0.0.1", port))
connection:settimeout(5)
local secure = assert(ssl.wrap(connection, parameters))
print("handshake", secure:dohandshake(), connection:getfd())
print("send", secure:send("a line\nanother\n"))
print("receive", secure:receive())
print("receive", secure:receive("*l"))
print("big", secure:send(("y"):rep(100000) .. "\n"))
print("big", #secure:receive())
secure:settimeout(0)
print("nothing", (select(2, secure:receive())))
print("dirty", secure:dirty())
print("select", #socket.select({ secure }, nil, 0))
secure:settimeout(5)
print("end", secure:send("quit\n"), secure:receive())
secure:close()

-- without trust in the certificate
connection = assert(socket.connect("127.0.0.1", port))
secure = assert(ssl.wrap(connection, { mode = "client", protocol = "any", verify = "peer", options = "all" }))
print("distrust", secure:dohandshake())
secure:close()
