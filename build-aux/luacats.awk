# SPDX-License-Identifier: MIT
# Makes the LuaCATS annotations of the functions that SWIG wraps, from the public headers:
# their comments, and the parameters as swig/lua/typemaps.i takes them by name. Arguments:
# swig/llnet.i, whose %ignore lines are left out; lua/library/llnet.lua, whose functions,
# written by hand, take the place of these; swig/lua/constants.list; then the headers.

# ---- types ----------------------------------------------------------------------

function object_of(type) {
    if (type !~ /llnet_[a-z]+ ?\*/ || type ~ /llnet_option/) return ""
    sub(/.*llnet_/, "", type)
    sub(/[^a-z].*/, "", type)
    return "llnet." classes[type]
}

function lua_type(type) {
    if (object_of(type) != "") return object_of(type)
    if (type ~ /char ?\*|llnet_option/) return "string"
    if (type ~ /void ?\*/) return "string"
    if (type ~ /^bool/) return "boolean"
    if (type ~ /^double/) return "number"
    return "integer"
}

# ---- parameters of one function ----------------------------------------------------

function parameter(name, type, optional) {
    lua_names[++lua_count] = name
    lua_types[lua_count] = type
    lua_optional[lua_count] = optional
}

function result(name, type) {
    result_names[++result_count] = name
    result_types[result_count] = type
}

# The names of the C parameters from i on, as far as they go, to be matched with a pattern.
function ahead(i,    text) {
    for (text = ""; i <= c_count; i++) text = text " " c_names[i]
    return text " "
}

# Takes the C parameters from i on that are one argument or result; gives the next i.
function take(i,    rest, name, type) {
    rest = ahead(i)
    name = c_names[i]
    type = c_types[i]
    if (rest ~ /^ out other /) {
        result("first", object_of(type)); result("second", object_of(type))
        return i + 2
    }
    if (name == "out") {
        if (object_of(type) == "llnet.Addr") parameter("addr", "llnet.Addr", 1)
        result("made", object_of(type))
        return i + 1
    }
    if (rest ~ /^ data len / && type ~ /const/) {
        parameter(fname == "recv_until" ? "delimiter" : "data", "string", previous == "ethertype")
        if (rest ~ /^ data len flags /) { parameter("flags", "integer", 1); i++ }
        else if (rest ~ /^ data len to flags /) {
            parameter("to", "llnet.Addr", 1); parameter("flags", "integer", 1); i += 2
        } else return i + 2
        parameter("offset", "integer", 1); parameter("count", "integer", 1)
        return i + 2
    }
    if (rest ~ /^ data len /) { parameter("size", "integer", 0); result("data", "string"); return i + 2 }
    if (rest ~ /^ (bytes|text) size /) { result(name, "string"); return i + 2 }
    if (rest ~ /^ host host_size /) { result("host", "string"); result("service", "string"); return i + 4 }
    if (rest ~ /^ name_text /) {
        result("name", "string"); result("port", "integer"); result("protocol", "string")
        return i + 5
    }
    if (name == "from") {
        parameter("flags", "integer", 1); parameter("from", "llnet.Addr", 1)
        sender = 1
        return i + 2
    }
    if (name == "timestamp") { result("seconds", "integer"); result("nanoseconds", "integer"); return i + 1 }
    if (rest ~ /^ width order value /) {
        parameter("width", "integer", 0); parameter("order", "\"big\"|\"little\"", 1)
        result("number", lua_type(c_types[i + 2]))
        return i + 3
    }
    if (rest ~ /^ offset count out /) {
        parameter("offset", "integer", 1); parameter("count", "integer", 1); result("slice", object_of(c_types[i + 2]))
        return i + 3
    }
    if (type ~ /^(int|uint32_t|int64_t|size_t|bool|double) ?\*/) { result(name, lua_type(type)); return i + 1 }
    if (name == "order") { parameter(name, "\"big\"|\"little\"", 1); return i + 1 }
    if (name ~ /^(domain|type)$/) { parameter(name, "integer|string", 0); return i + 1 }
    if (name ~ /^(family|socktype|protocol)$/ && type ~ /^int/) { parameter(name, "integer|string", 1); return i + 1 }
    if (name == "how") {
        parameter("how", "integer|\"read\"|\"write\"|\"both\"|boolean", 1); parameter("write", "boolean", 1)
        return i + 1
    }
    if (name == "service") { parameter(name, "string|integer", 1); return i + 1 }
    if (name == "count" && owner == "llnet.Buffer" && i == 2) { parameter(name, "integer", 0); return i + 1 }
    if (name ~ /^(flags|timeout_ms|deadline|offset|count|limit|first|ifindex|host|protocol|backend|peer|to)$/) {
        parameter(name == "peer" ? "addr" : name, name ~ /^(timeout_ms|deadline)$/ ? "number" : lua_type(type), 1)
        return i + 1
    }
    parameter(name, name == "on" ? "any" : lua_type(type), 0)
    return i + 1
}

# Splits "const void *data, size_t len" into c_types and c_names.
function split_parameters(text,    parts, i, n) {
    c_count = 0
    if (text == "void") return
    n = split(text, parts, / *, */)
    for (i = 1; i <= n; i++) {
        match(parts[i], /[a-z0-9_]+$/)
        c_names[++c_count] = substr(parts[i], RSTART)
        c_types[c_count] = substr(parts[i], 1, RSTART - 1)
    }
}

# ---- one function ---------------------------------------------------------------------

# The class or table that a function belongs to, by its prefix, as swig/lua/setup.h has it.
function family_of(name,    word) {
    for (word in classes)
        if (index(name, "llnet_" word "_") == 1) return word
    return index(name, "llnet_option_") == 1 ? "option" : ""
}

function print_results(type,    i, fails, name, kind) {
    fails = type ~ /^llnet_(status|count)/
    if (result_count == 0 && type ~ /^llnet_status/) result("ok", "true")
    if (result_count == 0 && type ~ /^llnet_count/) result("count", "integer")
    if (fname ~ /segments/ && type ~ /^llnet_count/ && result_names[1] == "segment_size") {
        result_names[2] = "segment_size"; result_types[2] = "integer"
        result_names[1] = "count"; result_types[1] = "integer"
        result_count = 2
    }
    if (!fails) {
        print "---@return " (type ~ /^void *$/ ? "true" : lua_type(type) (type ~ /\*/ ? "?" : ""))
        return
    }
    if (sender) result("from", "llnet.Addr")
    for (i = 1; i <= result_count || i <= 3; i++) {
        name = i <= result_count ? result_names[i] : i == 2 ? "error" : "number"
        kind = i <= result_count ? result_types[i] : i == 2 ? "string" : "integer"
        # where there are more results, those of a failure come in their place
        if (i == 2 && kind != "string") kind = kind "|string"
        if (i == 3 && kind != "integer") kind = kind "|integer"
        print "---@return " (kind ~ /\|/ ? "(" kind ")" : kind) "? " name
    }
}

# Optional parameters are marked; one with a required one behind it may be nil instead.
function print_function(scope, type,    i, names, last, mark) {
    for (i = 1; i <= lua_count; i++)
        if (!lua_optional[i]) last = i
    for (i = 1; i <= lua_count; i++) {
        mark = !lua_optional[i] ? "" : last < i ? "?" : "|nil"
        print "---@param " lua_names[i] (mark == "?" ? mark : "") " " lua_types[i] (mark == "|nil" ? mark : "")
        names = names (i > 1 ? ", " : "") lua_names[i]
    }
    print_results(type)
    printf "function %s%s(%s) end\n", scope, fname, names
}

function declare(text,    type, name, word, scope, i) {
    sub(/LLNET_API */, "", text)
    match(text, /llnet_[a-z0-9_]+\(/)
    type = substr(text, 1, RSTART - 1)
    name = substr(text, RSTART, RLENGTH - 1)
    text = substr(text, RSTART + RLENGTH)
    sub(/\) *;.*/, "", text)
    if (name in ignored) return
    split_parameters(text)
    word = family_of(name)
    fname = word == "" ? substr(name, 7) : substr(name, 8 + length(word))
    lua_count = result_count = sender = 0
    owner = word == "" || word == "option" ? "" : "llnet." classes[word]
    i = 1
    if (owner != "" && c_names[1] == "self") { scope = classes[word] ":"; i = 2 }
    else if (owner != "") scope = classes[word] "Class."
    else scope = word == "option" ? "option." : "llnet."
    if ((scope fname) in by_hand) return
    if (word == "option" && c_names[1] == "self") { parameter("name", "string", 0); i = 2 }
    previous = ""
    while (i <= c_count) { name = c_names[i]; i = take(i); previous = name }
    print ""
    for (word = 1; word <= comment_count; word++) print "---" comment[word]
    print_function(scope, type)
}

# ---- files ----------------------------------------------------------------------------

BEGIN {
    split("socket Socket addr Addr addrinfo AddrInfo buffer Buffer poller Poller message Message batch Batch " \
          "interfaces Interfaces limits Limits", words, " ")
    for (i = 1; i in words; i += 2) classes[words[i]] = words[i + 1]
    print "---@meta _\n-- Made from the headers of llnet by luacats.awk: do not edit.\n"
    print "---@class llnet\nlocal llnet = {}\n---@class llnet.option\nlocal option = {}"
    for (i = 1; i in words; i += 2) {
        printf "---@class llnet.%s\nlocal %s = {}\n", words[i + 1], words[i + 1]
        printf "---@class llnet.%sClass\nlocal %sClass = {}\n", words[i + 1], words[i + 1]
    }
}
FILENAME ~ /\.i$/ { if (/^%ignore/) { sub(/;.*/, "", $2); ignored[$2] = 1 } next }
FILENAME ~ /\.lua$/ {
    if (/^function /) { sub(/^function /, ""); sub(/\(.*/, ""); by_hand[$0] = 1 }
    next
}
FILENAME ~ /\.list$/ { if (/^[A-Z]/) constants[++constant_count] = $1; next }
/^enum \{|^ +LLNET_[A-Z0-9_]+ = / {
    line = $0
    while (match(line, /LLNET_[A-Z0-9_]+ = /)) {
        constants[++constant_count] = substr(line, RSTART + 6, RLENGTH - 9)
        line = substr(line, RSTART + RLENGTH)
    }
}
/^#define LLNET_[A-Z0-9_]+ +[0-9]/ { constants[++constant_count] = substr($2, 7) }
/^ *$/ { comment_count = 0; next }
/^\/\*/ { comment_count = 0; in_comment = 1 }
in_comment {
    line = $0
    if (line ~ /\*\/$/) in_comment = 0
    sub(/^ *\/?\*+ ?/, "", line)
    sub(/ *\*\/$/, "", line)
    if (line != "") comment[++comment_count] = " " line
    next
}
/^LLNET_API/ { declaration = "" ; in_declaration = 1 }
in_declaration {
    line = $0
    sub(/^ +/, " ", line)
    declaration = declaration line
    if (line ~ /;/) { in_declaration = 0; declare(declaration) }
}
END {
    print "\n-- The constants that the system has; others are nil.\n---@class llnet"
    for (i = 1; i <= constant_count; i++) print "---@field " constants[i] " integer"
}
