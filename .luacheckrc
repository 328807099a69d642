-- SPDX-License-Identifier: MIT
-- What luacheck looks for. Code must run on Lua 5.1 to 5.4 and LuaJIT, so the globals of
-- each of them are known.
std = "max"
codes = true
color = false
-- what a fuzz harness gives its script
files["tests/fuzz"] = { read_globals = { "SOURCE" } }
