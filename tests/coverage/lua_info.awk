# SPDX-License-Identifier: MIT
# Makes an lcov tracefile of the lines that ran (lines.lua) and those that luac -l lists:
#   awk -f lua_info.awk ran.txt listing.txt ... ; a listing's first line is "source PATH"
BEGIN { FS = "\t" }
$1 ~ /^source / { path = substr($1, 8); listed[path] = 1; next }
NF == 2 && path == "" { ran[$1, $2 + 0] = 1; next }
# "	1	[20]	GETUPVAL ..."; what ends a function stands at its "end", and is no line of its own
NF >= 4 && match($3, /^\[[0-9]+\]$/) && $4 !~ /^(RETURN|RETURN0|VARARGPREP)/ { lines[path, substr($3, 2, length($3) - 2) + 0] = 1 }
END {
    for (path in listed) {
        print "TN:\nSF:" path
        for (key in lines) {
            split(key, part, SUBSEP)
            if (part[1] == path) print "DA:" part[2] "," (key in ran ? 1 : 0)
        }
        print "end_of_record"
    }
}
