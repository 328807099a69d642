# SPDX-License-Identifier: MIT
# manual_blocks.awk: writes the literal blocks of a manual page's EXAMPLES to files STEM.N.c, STEM.N.lua
# and, where "It prints:" stands before one, what the program before it prints: STEM.N.out.
# Called with -v stem=STEM.
/^\.Sh / { examples = $2 == "EXAMPLES"; next }
!examples { next }
/^\.Bd / { inside = 1; file = ""; next }
/^\.Ed/ {
    inside = 0
    if (file != "") close(file)
    before = ""
    next
}
inside {
    gsub(/\\e/, "\\")
    gsub(/\\&/, "")
    gsub(/\\\(dq/, "\"")
    gsub(/\\-/, "-")
    if (file == "") {
        if (before ~ /^It prints:$/) kind = "out"
        else if (/^#include /) kind = "c"
        else if (/^(local |--)/) kind = "lua"
        else kind = "unknown"
        if (kind != "out") n++
        file = stem "." n "." kind
    }
    print > file
    next
}
!/^\.Pp/ { before = $0 }
