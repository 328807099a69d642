---@meta llnet.luasocket
-- SPDX-License-Identifier: MIT
-- luacheck: ignore
-- Annotations for editors (LuaCATS): LuaSocket's interface on llnet. Failures are nil and a
-- word ("timeout", "closed", ...); numbers are those of LuaSocket.

---@class llnet.luasocket
---@field _VERSION string
---@field _SETSIZE integer how many objects select takes
---@field _DATAGRAMSIZE integer
---@field _SOCKETINVALID integer
---@field BLOCKSIZE integer
---@field dns llnet.luasocket.dns
---@field unix llnet.luasocket.unix the module socket.unix
---@field sinkt table<string, function>
---@field sourcet table<string, function>
local socket = {}

-- ---- objects ----------------------------------------------------------------------

--- What all objects have.
---@class llnet.luasocket.Object
---@field class string "tcp{master}", "tcp{client}", "tcp{server}", "udp{connected}", ...
local Object = {}

---@return number? one
---@return string? error
function Object:close() end
--- Whether something lies in the object's own buffer.
---@return boolean
function Object:dirty() end
---@return integer fd
function Object:getfd() end
---@param fd integer
function Object:setfd(fd) end
---@param name string
---@return any value
---@return string? error
function Object:getoption(name) end
---@param name string
---@param value? any
---@return number? one
---@return string? error
function Object:setoption(name, value) end
---@return string? address
---@return string? port
---@return string? family
function Object:getsockname() end
---@param address string
---@param port? integer|string
---@return number? one
---@return string? error
function Object:setsockname(address, port) end
---@param address string
---@param port? integer|string
---@return number? one
---@return string? error
function Object:setpeername(address, port) end
---@return number? block
---@return number? total
function Object:gettimeout() end
---@param seconds? number
---@param mode? "b"|"t"
---@return number one
function Object:settimeout(seconds, mode) end

---@class llnet.luasocket.Stream: llnet.luasocket.Object
local Stream = {}

---@return llnet.luasocket.Stream? client
---@return string? error
function Stream:accept() end
---@param address string
---@param port? integer|string
---@return number? one
---@return string? error
function Stream:bind(address, port) end
---@param address string
---@param port? integer|string
---@return number? one
---@return string? error
function Stream:connect(address, port) end
---@param backlog? integer
---@return number? one
---@return string? error
function Stream:listen(backlog) end
---@param pattern? "*l"|"*a"|integer
---@param prefix? string
---@return string? data
---@return string? error
---@return string? partial
function Stream:receive(pattern, prefix) end
---@param data string
---@param first? integer
---@param last? integer
---@return number? last
---@return string? error
---@return number? last_sent
function Stream:send(data, first, last) end
---@return number received
---@return number sent
---@return number age
function Stream:getstats() end
---@param received? number
---@param sent? number
---@param age? number
---@return number one
function Stream:setstats(received, sent, age) end
---@param how? "both"|"send"|"receive"
---@return number? one
---@return string? error
function Stream:shutdown(how) end

---@class llnet.luasocket.Tcp: llnet.luasocket.Stream
local Tcp = {}

---@return string? family "inet4", "inet6"
function Tcp:getfamily() end
---@return string? address
---@return integer|string port
---@return string? family
function Tcp:getpeername() end

---@class llnet.luasocket.UnixStream: llnet.luasocket.Stream
local UnixStream = {}

---@class llnet.luasocket.Datagram: llnet.luasocket.Object
local Datagram = {}

---@param size? integer
---@return string? data
---@return string? error
function Datagram:receive(size) end
---@param size? integer
---@return string? data
---@return string? address
---@return integer? port
function Datagram:receivefrom(size) end
---@param data string
---@return number? sent
---@return string? error
function Datagram:send(data) end
---@param data string
---@param address string
---@param port? integer|string
---@return number? sent
---@return string? error
function Datagram:sendto(data, address, port) end

---@class llnet.luasocket.Udp: llnet.luasocket.Datagram
local Udp = {}

---@return string? family
function Udp:getfamily() end
---@return string? address
---@return integer|string port
---@return string? family
function Udp:getpeername() end

---@class llnet.luasocket.UnixDatagram: llnet.luasocket.Datagram
local UnixDatagram = {}

---@param path string
---@return number? one
---@return string? error
function UnixDatagram:bind(path) end
---@param path string
---@return number? one
---@return string? error
function UnixDatagram:connect(path) end

-- ---- functions ----------------------------------------------------------------------

--- From now on require gives this module for LuaSocket's names.
---@return llnet.luasocket
function socket.install() end
---@return llnet.luasocket.Tcp? master
---@return string? error
function socket.tcp() end
---@return llnet.luasocket.Tcp? master
---@return string? error
function socket.tcp4() end
---@return llnet.luasocket.Tcp? master
---@return string? error
function socket.tcp6() end
---@return llnet.luasocket.Udp? unconnected
---@return string? error
function socket.udp() end
---@return llnet.luasocket.Udp? unconnected
---@return string? error
function socket.udp4() end
---@return llnet.luasocket.Udp? unconnected
---@return string? error
function socket.udp6() end
---@param host string
---@param port integer|string
---@param own_host? string
---@param own_port? integer|string
---@param family? "inet"|"inet6"|"unspec"
---@return llnet.luasocket.Tcp? client
---@return string? error
function socket.connect(host, port, own_host, own_port, family) end
---@param host string
---@param port integer|string
---@param own_host? string
---@param own_port? integer|string
---@return llnet.luasocket.Tcp? client
---@return string? error
function socket.connect4(host, port, own_host, own_port) end
---@param host string
---@param port integer|string
---@param own_host? string
---@param own_port? integer|string
---@return llnet.luasocket.Tcp? client
---@return string? error
function socket.connect6(host, port, own_host, own_port) end
---@param host string "*" for any
---@param port integer|string
---@param backlog? integer
---@return llnet.luasocket.Tcp? server
---@return string? error
function socket.bind(host, port, backlog) end
---@param readers? table
---@param writers? table
---@param timeout? number
---@return table readable
---@return table writable
---@return string? error
function socket.select(readers, writers, timeout) end
---@param seconds number
function socket.sleep(seconds) end
--- Seconds since 1970.
---@return number
function socket.gettime() end
---@param finalizer? function
---@return function try
function socket.newtry(finalizer) end
---@param f function
---@return function
function socket.protect(f) end
---@param count integer
---@param ... any
---@return any ...
function socket.skip(count, ...) end
---@param ... any
---@return any ...
function socket.try(...) end
---@param list table
---@return function
function socket.choose(list) end
---@param mode string
---@param client llnet.luasocket.Stream
---@return function sink
function socket.sink(mode, client) end
---@param mode string
---@param client llnet.luasocket.Stream
---@param length? integer
---@return function source
function socket.source(mode, client, length) end
function socket.__unload() end

---@class llnet.luasocket.dns
local dns = {}

---@param host string
---@return { family: string, addr: string }[]? answers
---@return string? error
function dns.getaddrinfo(host) end
---@param address string
---@param service? string
---@return string[]? names
---@return string? error
function dns.getnameinfo(address, service) end
---@return string
function dns.gethostname() end
---@param address string
---@return string? name
---@return table|string resolved
function dns.tohostname(address) end
---@param name string
---@return string? address
---@return table|string resolved
function dns.toip(name) end

---@class llnet.luasocket.unix
---@overload fun(): llnet.luasocket.UnixStream?, string?
local unix = {}

---@return llnet.luasocket.UnixStream? master
---@return string? error
function unix.stream() end
---@return llnet.luasocket.UnixDatagram? unconnected
---@return string? error
function unix.dgram() end
---@return llnet.luasocket.UnixStream? master
---@return string? error
function unix.tcp() end
---@return llnet.luasocket.UnixDatagram? unconnected
---@return string? error
function unix.udp() end

return socket
