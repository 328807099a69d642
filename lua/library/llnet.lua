---@meta llnet
-- SPDX-License-Identifier: MIT
-- luacheck: ignore
-- Annotations for editors (LuaCATS): the module, its classes, and the functions that are
-- written by hand. Those made of C functions come from the headers, into llnet_core.lua.

---@class llnet
---@field Socket llnet.SocketClass
---@field Addr llnet.AddrClass
---@field AddrInfo llnet.AddrInfoClass
---@field Buffer llnet.BufferClass
---@field Message llnet.MessageClass
---@field Batch llnet.BatchClass
---@field Poller llnet.PollerClass
---@field Interfaces llnet.InterfacesClass
---@field Limits llnet.LimitsClass
---@field LSocket llnet.SocketClass the predecessor's name
---@field LSockAddr llnet.AddrClass the predecessor's name
---@field LAddrInfo llnet.AddrInfoClass the predecessor's name
---@field LIOBuffer llnet.BufferClass the predecessor's name
---@field option llnet.option the catalogue of socket options
---@field Errors table<string|integer, integer|string> names to numbers and back
---@field EAI_Errors table<string|integer, integer|string> the resolver's
---@field Protocols table<string|integer, integer|string> looked up on demand; an unknown one raises
---@field Services table<string|integer, integer|string> looked up on demand; an unknown one raises
---@field Options table<string|integer, integer|string> the predecessor's: names to numbers and back
---@field GetSocketOption table<string, fun(socket: llnet.Socket): any> the predecessor's
---@field SetSocketOption table<string, fun(socket: llnet.Socket, value: any): any> the predecessor's
local llnet = {}

--- What has a descriptor: a Socket, a Poller, its number, or any object with fileno or getfd.
---@alias llnet.Descriptor llnet.Socket|llnet.Poller|integer|{ fileno: fun(self): integer }|{ getfd: fun(self): integer }

--- A value of a socket option, as llnet_option(3) types it.
---@alias llnet.OptionValue boolean|integer|number|string|llnet.Addr|table

---@class llnet.option
local option = {}

-- ---- Socket -----------------------------------------------------------------------

--- An open socket. On failure methods give nil, the name of the error and its number.
---@class llnet.Socket
local Socket = {}

---@class llnet.SocketClass
---@overload fun(domain: integer|string, type: integer|string, protocol?: integer|string, flags?: integer): llnet.Socket?, string?, integer?
local SocketClass = {}

--- Opens a socket, as calling the class does.
---@param domain integer|string
---@param type integer|string
---@param protocol? integer|string
---@param flags? integer
---@return llnet.Socket? made
---@return string? error
---@return integer? number
function SocketClass.new(domain, type, protocol, flags) end

--- The predecessor's name of adopt.
---@param fd integer
---@return llnet.Socket? made
---@return string? error
---@return integer? number
function SocketClass.fd(fd) end

--- Reads an option, typed as the catalogue says: sock:get_option("TCP_INFO").rtt_us
---@param name string
---@return llnet.OptionValue? value
---@return string? error
---@return integer? number
function Socket:get_option(name) end

--- Sets an option: sock:set_option("SO_LINGER", { on = true, seconds = 5 })
---@param name string
---@param value llnet.OptionValue
---@return true? ok
---@return string? error
---@return integer? number
function Socket:set_option(name, value) end

--- Reads an option by number: an integer, or as many bytes as the kernel gives of size.
---@param level integer
---@param number integer
---@param size? integer
---@return (integer|string)? value
---@return string? error
---@return integer? number
function Socket:get_option_raw(level, number, size) end

--- Sets an option by number: an integer is passed as a C int, a string as its bytes.
---@param level integer
---@param number integer
---@param value integer|string
---@return true? ok
---@return string? error
---@return integer? number
function Socket:set_option_raw(level, number, value) end

--- Sends a file: sendfile(2). A file of Lua's wants an offset; without one it is sent from
--- where its descriptor stands.
---@param file file*|llnet.Descriptor
---@param offset? integer
---@param count? integer
---@return integer? count
---@return string? error
---@return integer? number
function Socket:sendfile(file, offset, count) end

--- Sends strings and Buffers as one run of bytes, without the first skip ones.
---@param list (string|llnet.Buffer)[]
---@param flags? integer
---@param skip? integer
---@return integer? count
---@return string? error
---@return integer? number
function Socket:sendv(list, flags, skip) end

--- Receives into Buffers, each to its capacity, and sets their sizes.
---@param list llnet.Buffer[]
---@param flags? integer
---@return integer? count
---@return string? error
---@return integer? number
function Socket:recvv(list, flags) end

--- Sends all of a string: many calls, up to a moment of llnet.clock_now().
---@param data string
---@param deadline? number
---@return integer? count
---@return string? error
---@return integer? number
---@return integer? progress how many bytes went before the error
function Socket:send_all(data, deadline) end

--- Sends all of a part of a Buffer.
---@param buffer llnet.Buffer
---@param offset? integer
---@param count? integer
---@param deadline? number
---@return integer? count
---@return string? error
---@return integer? number
---@return integer? progress how many bytes went before the error
function Socket:send_all_buffer(buffer, offset, count, deadline) end

--- Receives exactly so many bytes: many calls, up to a moment of llnet.clock_now().
---@param size integer
---@param deadline? number
---@return string? data
---@return string? error
---@return integer? number
---@return string? part what came before the error
function Socket:recv_exact(size, deadline) end

--- Receives exactly so many bytes into a Buffer.
---@param buffer llnet.Buffer
---@param offset? integer
---@param count? integer
---@param deadline? number
---@return integer? count
---@return string? error
---@return integer? number
---@return integer? progress how many bytes came before the error
function Socket:recv_exact_buffer(buffer, offset, count, deadline) end

-- ---- Addr --------------------------------------------------------------------------

--- The address of a socket. Addresses compare with == and <.
---@class llnet.Addr
---@operator len: integer
local Addr = {}

---@class llnet.AddrClass
---@overload fun(ip?: string, port?: integer): llnet.Addr?, string?, integer?
local AddrClass = {}

--- An IP address from numeric text; without arguments an unspecified one.
---@param ip? string
---@param port? integer
---@return llnet.Addr? made
---@return string? error
---@return integer? number
function AddrClass.new(ip, port) end

--- An IP address from numeric text.
---@param ip string
---@param port integer
---@return llnet.Addr? made
---@return string? error
---@return integer? number
function AddrClass.ip(ip, port) end

--- An IP address from its 4 or 16 bytes.
---@param bytes string
---@param port integer
---@return llnet.Addr? made
---@return string? error
---@return integer? number
function AddrClass.ip_bytes(bytes, port) end

--- An address from "192.0.2.1:80", "[::1]:80", "unix:/path" and the other forms of llnet_addr(3).
---@param text string
---@return llnet.Addr? made
---@return string? error
---@return integer? number
function AddrClass.parse(text) end

--- An address of any family from the bytes of its struct sockaddr.
---@param sockaddr string
---@return llnet.Addr? made
---@return string? error
---@return integer? number
function AddrClass.bytes(sockaddr) end

--- A Unix socket's: a path, or "\0name" for an abstract one.
---@param name string
---@return llnet.Addr? made
---@return (string|integer)? error
---@return integer? number
function AddrClass.unix(name) end

--- An empty address of a family.
---@param family? integer|string
---@return llnet.Addr? made
---@return (string|integer)? error
---@return integer? number
function AddrClass.family(family) end

---@param port_id? integer
---@param groups? integer
---@return llnet.Addr? made
---@return string? error
---@return integer? number
function AddrClass.netlink(port_id, groups) end

--- A link layer address; ethertype in host order.
---@param ifindex integer
---@param ethertype integer
---@param hardware? string
---@return llnet.Addr? made
---@return string? error
---@return integer? number
function AddrClass.packet(ifindex, ethertype, hardware) end

---@param cid integer
---@param port integer
---@return llnet.Addr? made
---@return string? error
---@return integer? number
function AddrClass.vsock(cid, port) end

--- The predecessor's: bad text gives an unspecified address and -1.
---@param ip string
---@param port integer
---@return llnet.Addr made
---@return integer
---@return integer status 0, or -1
function AddrClass.ip_port(ip, port) end

--- The text of format, but a Unix path bare.
---@return string
function Addr:tostring() end

--- The struct sockaddr as light userdata, for other C modules.
---@return lightuserdata
function Addr:sockaddr() end

--- The predecessor's form: 0, or -1 and then the error.
---@param ip string
---@param port integer
---@return integer status
---@return string? error
---@return integer? number
function Addr:set_ip_port(ip, port) end

--- The predecessor's form: 0, or -1 and then the error.
---@param name string
---@return integer status
---@return string? error
---@return integer? number
function Addr:set_unix(name) end

--- The predecessor's form: 0, or -1 and then the error. In host order.
---@param port integer
---@return integer status
---@return string? error
---@return integer? number
function Addr:set_port(port) end

--- The port in host order, or -1 and then the error where there is none.
---@return integer port
---@return string? error
---@return integer? number
function Addr:get_port() end

--- The predecessor's: the IP address or the Unix path.
---@return string
function Addr:get_address() end

--- The predecessor's name of get_bytes.
---@return string? bytes
---@return string? error
---@return integer? number
function Addr:todata() end

--- The predecessor's name of get_size.
---@return integer
function Addr:sockaddr_len() end

--- The predecessor's name of set_size.
---@param size integer
---@return true? ok
---@return string? error
---@return integer? number
function Addr:resize(size) end

--- The predecessor's: looks a name up and becomes the first answer. It blocks.
---@param host? string
---@param port? string|integer
---@param family? integer|string
---@param socktype? integer|string
---@param protocol? integer|string
---@param flags? integer
---@return integer? status
---@return string? error
---@return integer? number
function Addr:lookup_full(host, port, family, socktype, protocol, flags) end

-- ---- AddrInfo -----------------------------------------------------------------------

--- The answers of a look-up.
---@class llnet.AddrInfo
local AddrInfo = {}

---@class llnet.AddrInfoClass
---@overload fun(host?: string, port?: string|integer, family?: integer|string, socktype?: integer|string, protocol?: integer|string, flags?: integer): llnet.AddrInfo?, string?, integer?
local AddrInfoClass = {}

---@class llnet.Answer
---@field addr llnet.Addr
---@field family integer
---@field socktype integer
---@field protocol integer

--- Looks addresses up, of stream sockets where no type is said. It blocks.
---@param host? string
---@param port? string|integer
---@param family? integer|string
---@param socktype? integer|string
---@param protocol? integer|string
---@param flags? integer
---@return llnet.AddrInfo? made
---@return string? error
---@return integer? number
function AddrInfoClass.new(host, port, family, socktype, protocol, flags) end

--- Looks all addresses up, whatever their type. It blocks.
---@param host? string
---@param port? string|integer
---@param family? integer|string
---@param socktype? integer|string
---@param protocol? integer|string
---@param flags? integer
---@return llnet.AddrInfo? made
---@return string? error
---@return integer? number
function AddrInfoClass.full(host, port, family, socktype, protocol, flags) end

---@param host? string
---@param port? string|integer
---@return llnet.AddrInfo? made
---@return string? error
---@return integer? number
function AddrInfoClass.ipv4(host, port) end

---@param host? string
---@param port? string|integer
---@return llnet.AddrInfo? made
---@return string? error
---@return integer? number
function AddrInfoClass.ipv6(host, port) end

--- All answers.
---@return llnet.Answer[]
function AddrInfo:all() end

--- The answer's address; one that is given is filled, and gives 0, or -1 and then the error.
---@param addr? llnet.Addr
---@return (llnet.Addr|integer)? made
---@return string? error
---@return integer? number
function AddrInfo:get_addr(addr) end

-- ---- Buffer -------------------------------------------------------------------------

--- Bytes that change in place. Offsets count from 0.
---@class llnet.Buffer
---@operator len: integer
local Buffer = {}

---@class llnet.BufferClass
---@overload fun(content: integer|string): llnet.Buffer?, string?, integer?
local BufferClass = {}

--- An empty one of a capacity, or one that holds a copy of a string.
---@param content integer|string
---@return llnet.Buffer? made
---@return string? error
---@return integer? number
function BufferClass.new(content) end

--- Gives the memory back, and leaves the buffer empty.
---@return true
function Buffer:free() end

---@param offset? integer
---@param count? integer
---@return string? data
---@return string? error
---@return integer? number
function Buffer:get_data(offset, count) end

--- The bytes as numbers.
---@param offset? integer
---@param count? integer
---@return integer ...
function Buffer:get_bytes(offset, count) end

--- The memory, for LuaJIT's FFI: see llnet.ffi.
---@return lightuserdata
function Buffer:get_pointer() end

---@return string
function Buffer:tostring() end

--- The predecessor's name of get_size.
---@return integer
function Buffer:size() end

--- The predecessor's name of get_capacity.
---@return integer
function Buffer:capacity() end

-- ---- Message ------------------------------------------------------------------------

--- What sendmsg(2) and recvmsg(2) take: segments, an address, control data.
---@class llnet.Message
local Message = {}

---@class llnet.MessageClass
---@overload fun(control_size?: integer): llnet.Message?, string?, integer?
local MessageClass = {}

---@class llnet.MessageError
---@field error? string its name; none where all is well
---@field number integer
---@field origin string|integer "none", "local", "icmp", "icmp6", "timestamping", "zerocopy", "txtime"
---@field type integer of the ICMP message
---@field code integer
---@field info integer
---@field offender? llnet.Addr who reported it

---@param control_size? integer
---@return llnet.Message? made
---@return string? error
---@return integer? number
function MessageClass.new(control_size) end

--- Forgets segments, control data and address.
---@return true
function Message:reset() end

--- The segments become the arguments: strings to be sent, Buffers.
---@param ... string|llnet.Buffer
---@return true? ok
---@return string? error
---@return integer? number
function Message:set_data(...) end

--- One more segment, to be sent.
---@param data string
---@return true? ok
---@return string? error
---@return integer? number
function Message:add_data(data) end

function Message:clear_data() end

--- Passes a descriptor. The message keeps the object until it forgets it.
---@param object llnet.Descriptor
---@return true? ok
---@return string? error
---@return integer? number
function Message:add_descriptor(object) end

function Message:clear_control() end

--- What the error queue has.
---@return llnet.MessageError? report
---@return string? error
---@return integer? number
function Message:get_error() end

-- ---- Batch ---------------------------------------------------------------------------

--- Messages and a Buffer for each, that one call sends or receives. Indexes count from 0.
---@class llnet.Batch
local Batch = {}

---@class llnet.BatchClass
---@overload fun(capacity: integer, data_size?: integer, control_size?: integer): llnet.Batch?, string?, integer?
local BatchClass = {}

---@param capacity integer
---@param data_size? integer 2048
---@param control_size? integer 0
---@return llnet.Batch? made
---@return string? error
---@return integer? number
function BatchClass.new(capacity, data_size, control_size) end

---@param index integer
---@return llnet.Message? message the same object each time
---@return string? error
---@return integer? number
function Batch:get_message(index) end

---@param index integer
---@return llnet.Buffer? buffer the same object each time
---@return string? error
---@return integer? number
function Batch:get_buffer(index) end

---@param index integer
---@return string? data
---@return string? error
---@return integer? number
function Batch:get_data(index) end

-- ---- Poller ---------------------------------------------------------------------------

--- Readiness of many descriptors, and timers.
---@class llnet.Poller
local Poller = {}

---@class llnet.PollerClass
---@overload fun(backend?: string): llnet.Poller?, string?, integer?
local PollerClass = {}

---@param backend? string
---@return llnet.Poller? made
---@return string? error
---@return integer? number
function PollerClass.new(backend) end

--- The names of the backends here, best first.
---@return string[]
function PollerClass.backends() end

---@return true? ok
---@return string? error
---@return integer? number
function Poller:close() end

--- Watches an object; value is what wait reports instead of it.
---@param object llnet.Descriptor
---@param events integer
---@param value? any
---@return true? ok
---@return string? error
---@return integer? number
function Poller:add(object, events, value) end

--- Changes events; without a value the old one stays.
---@param object llnet.Descriptor
---@param events integer
---@param value? any
---@return true? ok
---@return string? error
---@return integer? number
function Poller:modify(object, events, value) end

--- Ends watching: before the object is closed.
---@param object llnet.Descriptor
---@return true? ok
---@return string? error
---@return integer? number
function Poller:remove(object) end

--- Fills ready with object, events, object, events, ... and tells how many pairs.
---@param ready table
---@param timeout_ms? number
---@return integer? count
---@return string? error
---@return integer? number
function Poller:wait(ready, timeout_ms) end

---@param ready table
---@param timeout_ns? number
---@return integer? count
---@return string? error
---@return integer? number
function Poller:wait_ns(ready, timeout_ns) end

--- wait reports value with llnet.POLL_TIMER once llnet.clock_now() has reached deadline.
---@param value any
---@param deadline number
---@return true? ok
---@return string? error
---@return integer? number
function Poller:set_timer(value, deadline) end

---@param value any
---@return true? ok
---@return string? error
---@return integer? number
function Poller:remove_timer(value) end

-- ---- Interfaces, limits, pools ------------------------------------------------------------

---@class llnet.InterfacesClass
---@overload fun(): llnet.Interfaces?, string?, integer?
local InterfacesClass = {}

---@class llnet.InterfaceAddress
---@field address llnet.Addr
---@field prefix_length integer
---@field broadcast? llnet.Addr
---@field peer? llnet.Addr

---@class llnet.Interface
---@field name string
---@field index integer
---@field flags integer
---@field up boolean
---@field running boolean
---@field loopback boolean
---@field point_to_point boolean
---@field multicast boolean
---@field mtu? integer
---@field hardware_address? string "02:42:ac:11:00:02"
---@field addresses llnet.InterfaceAddress[]
---@field counters table<string, integer>

--- All network interfaces.
---@return llnet.Interface[]? interfaces
---@return string? error
---@return integer? number
function llnet.interfaces() end

---@class llnet.LimitsClass
---@overload fun(): llnet.Limits?, string?, integer?
local LimitsClass = {}

---@class llnet.Load
---@field role? "server"|"client"|"both" server
---@field connections? integer at a time: 1000
---@field rate? integer new connections a second: a tenth of these
---@field datagrams? integer a second: 0

---@class llnet.Limit
---@field name string
---@field meaning string
---@field unit string
---@field place string
---@field per_netns boolean
---@field now? string nil where it is absent
---@field wanted? string
---@field verdict "none"|"ok"|"short"|"absent"
---@field reason? string
---@field setting? string
---@field remedy? string

---@class llnet.Judgement: { [integer]: llnet.Limit }
---@field ready boolean
---@field shortfalls integer
---@field summary? string one line, where something falls short

--- The machine's limits, judged for a load.
---@param load? llnet.Load
---@return llnet.Judgement? limits
---@return string? error
---@return integer? number
function llnet.tuning(load) end

--- Buffers of one capacity that are used again.
---@class llnet.Pool
local Pool = {}

---@param capacity integer
---@param limit? integer
---@return llnet.Pool
function llnet.Pool(capacity, limit) end

--- An empty Buffer.
---@return llnet.Buffer? buffer
---@return string? error
---@return integer? number
function Pool:take() end

--- Whether it was kept.
---@param buffer llnet.Buffer
---@return boolean
function Pool:give(buffer) end

---@return integer
function Pool:get_count() end

-- ---- the rest --------------------------------------------------------------------------

--- Whether all bits of flag are in events, or in other flags: Lua 5.1 has no bit operators.
---@param events integer
---@param flag integer
---@return boolean
function llnet.has(events, flag) end

--- One line of English on what an error means, by its number or its name; "Unknown error" where
--- there is none.
---@param error integer|string
---@return string
function llnet.error_text(error) end

--- poll(2) of a list, without a poller. revents gets what came for each.
---@param list (llnet.Socket|integer)[]
---@param events integer|integer[]
---@param revents integer[]
---@param timeout_ns? number
---@return integer? count
---@return string? error
---@return integer? number
function llnet.poll_ns(list, events, revents, timeout_ns) end

--- What works here, found by trying.
---@return table<string, boolean>
function llnet.features() end

---@class llnet.InheritedSocket
---@field socket llnet.Socket
---@field name string

--- The sockets that a service manager passed. Call it once.
---@return llnet.InheritedSocket[]? sockets
---@return string? error
---@return integer? number
function llnet.inherited() end

--- The predecessor's: the error stands in the third place.
---@param type integer|string
---@param flags? integer
---@return llnet.Socket? first
---@return llnet.Socket? second
---@return string? error
---@return integer? number
function llnet.socketpair(type, flags) end

return llnet
