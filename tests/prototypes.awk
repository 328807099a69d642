# SPDX-License-Identifier: MIT
# prototypes.awk: the functions that a header declares, or that the SYNOPSIS of a manual page
# shows, one a line and in one form, so that the two can be compared.
function say(prototype) {
    gsub(/[ \t]+/, " ", prototype)
    gsub(/\* /, "*", prototype)
    sub(/^ /, "", prototype)
    print prototype
}

# The arguments of a macro, "with quotes" or bare, joined by commas.
function arguments(line, all, word) {
    all = ""
    while (match(line, /"[^"]*"|[^ "]+/)) {
        word = substr(line, RSTART, RLENGTH)
        line = substr(line, RSTART + RLENGTH)
        gsub(/"/, "", word)
        all = all (all == "" ? "" : ", ") word
    }
    return all
}

FILENAME ~ /\.h$/ {
    gsub(/\/\*.*\*\//, "")
    if (/^LLNET_API /) text = " "
    if (text == "") next
    text = text $0 " "
    if (!/;/) next
    sub(/LLNET_API/, "", text)
    sub(/;.*/, "", text)
    gsub(/\( +/, "(", text)
    say(text)
    text = ""
    next
}

/^\.Sh DESCRIPTION/ { exit }
/^\.Ft / { type = arguments(substr($0, 5)) }
/^\.Fn / {
    line = substr($0, length($1) + length($2) + 3)
    name = $2
    gsub(/"/, "", name)
    say(type " " name "(" arguments(line) ")")
}
/^\.Fo / { name = $2; list = "" }
/^\.Fa / { list = list (list == "" ? "" : ", ") arguments(substr($0, 5)) }
/^\.Fc/ { say(type " " name "(" list ")") }
