-- SPDX-License-Identifier: MIT
-- error: names, numbers and texts of errors, both ways, and the form in which
-- calls report them.

local t = require "harness"
local llnet = t.llnet

t.case("a failed call gives nil, the name and the number", function()
  local s = llnet.Socket("inet", "stream")
  s:close()
  local results = { s:send("x") }
  t.results(results, nil, "EBADF", 9)
  t.equal(#results == 3 or select("#", s:send("x")) == 3, true)
  t.integer(results[3], 9)
end)

t.case("error_number and error_name agree with Python's errno", function()
  local output = t.python([[
import errno
for number, name in errno.errorcode.items():
    print(name, number)
]])
  local seen = 0
  for name, number in output:gmatch("(%S+) (%d+)") do
    number = tonumber(number)
    t.integer(llnet.error_number(name), number)
    local ours = llnet.error_name(number)
    t.equal(llnet.error_number(ours), number)
    seen = seen + 1
  end
  assert(seen > 100, seen)
end)

t.case("error_text is the C library's", function()
  local output = t.python([[
import os
for number in (1, 2, 9, 11, 13, 22, 98, 104, 110, 111, 115):
    print(number, os.strerror(number))
]])
  for number, text in output:gmatch("(%d+) ([^\n]+)") do
    t.equal(llnet.error_text(tonumber(number)), text)
  end
end)

t.case("error_text takes a name, too: any that a call gives", function()
  t.equal(llnet.error_text("ECONNREFUSED"), "Connection refused")
  t.equal(llnet.error_text("EWOULDBLOCK"), "Resource temporarily unavailable")
  t.equal(llnet.error_text("EAI_NONAME"), "Name or service not known")
  t.equal(llnet.error_text("CLOSED"), llnet.error_text(llnet.ECLOSED))
  t.equal(llnet.error_text("111"), "Connection refused") -- a number as text is one still
  for _, name in ipairs { "", "ENOSUCHNAME", "E99999", "econnrefused" } do
    t.equal(llnet.error_text(name), "Unknown error", name)
  end
  t.raises("bad argument #1 to 'error_text' (name or number expected, got table)", function() llnet.error_text({}) end)
  t.raises("NUL", llnet.error_text, "EAGAIN\0")
  t.raises("number out of range", llnet.error_text, 2147483648)
end)

t.case("codes are taken with either sign", function()
  t.equal(llnet.error_name(111), "ECONNREFUSED")
  t.equal(llnet.error_name(-111), "ECONNREFUSED")
  t.equal(llnet.error_text(-111), llnet.error_text(111))
end)

t.case("of two names for a number the usual one is given, and both are known", function()
  t.equal(llnet.error_name(11), "EAGAIN")
  t.equal(llnet.error_number("EWOULDBLOCK"), 11)
  t.equal(llnet.error_name(35), "EDEADLK")
  t.equal(llnet.error_number("EDEADLOCK"), 35)
end)

t.case("the library's own codes have names", function()
  t.equal(llnet.error_name(llnet.ECLOSED), "CLOSED")
  t.equal(llnet.error_name(llnet.EBOUNDS), "BOUNDS")
  t.equal(llnet.error_name(llnet.ETYPE), "TYPE")
  t.integer(llnet.error_number("CLOSED"), 0x10000)
end)

t.case("what has no name gives nil, 0 and Unknown error", function()
  t.equal(llnet.error_name(0), nil)
  t.equal(llnet.error_name(99999), nil)
  t.equal(llnet.error_name(-2147483648), nil)
  t.equal(llnet.error_name(2147483647), nil)
  t.equal(llnet.error_text(99999), "Unknown error")
  t.integer(llnet.error_number("ENOSUCHNAME"), 0)
  t.integer(llnet.error_number(""), 0)
end)

t.case("resolver codes cross both ways", function()
  local noname = llnet.error_number("EAI_NONAME")
  local eai = llnet.error_to_eai(noname)
  local output = t.python("import socket\nprint(socket.EAI_NONAME, socket.EAI_AGAIN, socket.EAI_FAMILY)")
  local python = {}
  for number in output:gmatch("%-?%d+") do python[#python + 1] = tonumber(number) end
  t.integer(eai, python[1])
  t.integer(llnet.error_to_eai(llnet.error_number("EAI_AGAIN")), python[2])
  t.integer(llnet.error_to_eai(llnet.error_number("EAI_FAMILY")), python[3])
  t.integer(llnet.error_to_eai(111), 0)
  t.fails("EAI_NONAME", llnet.error_from_eai(eai, 0))
  t.equal(llnet.error_from_eai(0, 5), true)
  t.fails("EMFILE", llnet.error_from_eai(llnet.EAI_Errors.EAI_SYSTEM or -11, 24))
end)

t.case("error_at and error_name_at walk all the same errors", function()
  local index, seen = 0, {}
  while llnet.error_at(index) ~= 0 do
    local name = llnet.error_name_at(index)
    t.integer(llnet.error_at(index), llnet.error_number(name))
    t.equal(seen[name], nil, name)
    seen[name] = true
    index = index + 1
  end
  t.equal(llnet.error_name_at(index), nil)
  for _, name in ipairs { "EAGAIN", "EWOULDBLOCK", "EAI_NONAME", "CLOSED" } do t.equal(seen[name], true, name) end
end)

t.case("Errors goes both ways and has descriptions", function()
  local Errors = llnet.Errors
  t.integer(Errors.ECONNREFUSED, 111)
  t.equal(Errors[111], "ECONNREFUSED")
  t.equal(Errors[11], "EAGAIN")
  t.integer(Errors.EWOULDBLOCK, 11)
  t.equal(Errors[35], "EDEADLK")
  t.equal(Errors:description("ECONNREFUSED"), "Connection refused")
  t.equal(Errors:description(111), "Connection refused")
  t.results({ Errors:description("ENOSUCH") }, nil, "UNKNOWN ERROR")
  -- a number's is the system's, one without a name's, too
  t.results({ Errors:description(999) }, "Unknown error 999")
  t.results({ Errors:description(-5) }, "Unknown error -5")
  t.results({ Errors:description(0) }, "Success")
  t.results({ Errors:description("description") }, nil, "UNKNOWN ERROR")
  t.raises("name or number expected, got nil", Errors.description, Errors, nil)
  t.raises("name or number expected, got table", Errors.description, Errors, {})
  t.equal(Errors.EAI_NONAME, nil)
  t.equal(Errors.nothing, nil)
end)

t.case("EAI_Errors has the resolver's own numbers", function()
  local E = llnet.EAI_Errors
  local output = t.python("import socket\nprint(socket.EAI_NONAME)")
  t.integer(E.EAI_NONAME, tonumber(output))
  t.equal(E[E.EAI_NONAME], "EAI_NONAME")
  t.equal(E[llnet.error_number("EAI_NONAME")], "EAI_NONAME")
  t.equal(E:description("EAI_NONAME"), llnet.error_text(llnet.error_number("EAI_NONAME")))
  t.equal(E:description(E.EAI_NONAME), "Name or service not known")
  t.equal(E.ECONNREFUSED, nil)
end)

t.case("wrong arguments raise", function()
  t.raises("number expected, got nil", llnet.error_name, nil)
  t.raises("number expected, got no value", llnet.error_text)
  t.raises("number has no integer representation", llnet.error_name, 1.5)
  t.raises("number has no integer representation", llnet.error_name, 0 / 0)
  t.raises("number out of range", llnet.error_name, 2147483648)
  t.raises("number out of range", llnet.error_at, -1)
  t.raises("NUL", llnet.error_number, "EAGAIN\0")
  t.raises("string expected, got table", llnet.error_number, {})
end)

t.done()
