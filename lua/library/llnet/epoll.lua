---@meta llnet.epoll
-- SPDX-License-Identifier: MIT
-- luacheck: ignore
-- Annotations for editors (LuaCATS): lua-epoll's module over the Poller.

---@class llnet.epoll
---@field EPOLLIN integer
---@field EPOLLOUT integer
---@field EPOLLPRI integer
---@field EPOLLERR integer
---@field EPOLLHUP integer
---@field EPOLLRDHUP integer
---@field EPOLLONESHOT integer
---@field EPOLLET integer
local epoll = {}

---@class llnet.Epoller
local Epoller = {}

---@param size? integer means nothing
---@return llnet.Epoller? made
---@return string? error
---@return integer? number
function epoll.new(size) end

---@param fd llnet.Descriptor
---@param events integer
---@param id any what a wait reports
---@return true? ok
---@return string? error
---@return integer? number
function Epoller:add(fd, events, id) end

---@param fd llnet.Descriptor
---@param events integer
---@param id any
---@return true? ok
---@return string? error
---@return integer? number
function Epoller:mod(fd, events, id) end

---@param fd llnet.Descriptor
---@return true? ok
---@return string? error
---@return integer? number
function Epoller:del(fd) end

--- Fills events with id, events, id, events, ... and tells how many pairs.
---@param events table
---@param timeout_ms? integer
---@return integer? count
---@return string? error
---@return integer? number
function Epoller:wait(events, timeout_ms) end

---@param callback fun(id: any, events: integer)
---@param timeout_ms? integer
---@return integer? count
---@return string? error
---@return integer? number
function Epoller:wait_callback(callback, timeout_ms) end

---@return true? ok
---@return string? error
---@return integer? number
function Epoller:close() end

return epoll
