-- SPDX-License-Identifier: MIT
-- llnet.luasocket.preload: lua -l llnet.luasocket.preload program.lua runs a program that
-- requires "socket" on llnet, without a change to it.

return require "llnet.luasocket".install()
