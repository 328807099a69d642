# SPDX-License-Identifier: MIT
# Turns a list of names into C that the compiler guards, one entry a line:
#
#     ECONNREFUSED "Connection refused"
#
# becomes PRESENT("ECONNREFUSED", ECONNREFUSED, "Connection refused") where the
# platform's headers define the macro, and ABSENT("ECONNREFUSED", "Connection refused")
# where they don't; the file that includes the result defines these two.
# Empty lines and lines that begin with # are comments.
BEGIN { print "/* Made by name-list.awk: do not edit. */" }
/^[ \t]*(#|$)/ { next }
{
    name = $1
    rest = $0
    sub(/^[ \t]*[A-Za-z0-9_]+[ \t]*/, "", rest)
    if (rest != "") rest = ", " rest
    printf "#ifdef %s\nPRESENT(\"%s\", %s%s)\n#else\nABSENT(\"%s\"%s)\n#endif\n", name, name, name, rest, name, rest
}
