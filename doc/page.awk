# SPDX-License-Identifier: MIT
# page.awk: what mandoc makes of a manual page, as a page of the reference: with a frame around it, and each
# function's name leading to where it is declared (C) or told (Lua).
# Called with -v page=FILE -v title=T -v description=D -v names=FILE -v frame=FILE; names has lines
# "function page", frame the list of pages.
BEGIN {
    while ((getline line <names) > 0) {
        split(line, field, " ")
        if (field[2] == page) own[field[1]] = 1
        # the modules that stand in for others have methods of the same names: theirs are for their own pages
        else if (field[2] !~ /luasocket|epoll/ && !(field[1] in home)) home[field[1]] = field[2]
    }
    in_c = page ~ /\.3$/
    while ((getline line <frame) > 0) {
        gsub(/@TITLE@/, title, line)
        gsub("href=\"" page ".html\"", "& aria-current=\"page\"", line)
        print line
    }
    print "<main class=\"manual\">"
    print "<h1>" title "</h1>"
    print "<p class=\"Nd\">" description "</p>"
}

# Where a function's name leads.
function target(name) {
    if (name in own) return "#" name
    return name in home ? home[name] ".html#" name : ""
}

# A function's name. Prototypes carry the anchors of C's functions, list items those of Lua's.
function name_of(name, has_anchor, anchor, to) {
    to = target(name)
    anchor = ""
    if (in_c ? in_synopsis && name in own && !(name in anchored) : has_anchor && name in own) {
        anchor = " id=\"" name "\""
        anchored[name] = 1
    }
    if (to == "") return "<code class=\"Fn\">" name "</code>"
    return "<a class=\"function\" href=\"" to "\"><code class=\"Fn\"" anchor ">" name "</code></a>"
}

# The line with all such names linked, and mandoc's own links to them taken away.
function linked(line, done, before, code, name) {
    done = ""
    while (match(line, /<code class="Fn"[^>]*>[^<]*<\/code>/)) {
        before = substr(line, 1, RSTART - 1)
        code = substr(line, RSTART, RLENGTH)
        line = substr(line, RSTART + RLENGTH)
        if (sub(/<a class="permalink" href="#[^"]*">$/, "", before)) sub(/^<\/a>/, "", line)
        name = code
        gsub(/<[^>]*>/, "", name)
        done = done before name_of(name, code ~ / id=/)
    }
    return done line
}

/^<table class="(head|foot)">/ { in_table = 1 }
in_table {
    if (/class="foot-date"/) { gsub(/<[^>]*>|^ +/, ""); date = $0 }
    if (/^<\/table>/) in_table = 0
    next
}
/^<section class="Sh">$/ { held = $0; next }
/<h1 class="Sh"/ {
    in_name = /id="NAME"/
    in_synopsis = /id="SYNOPSIS"/
    if (!in_name) print held
}
in_name {
    if (/<\/section>/) in_name = 0
    next
}
# an item's name alone, without text of its own
/^ *<dd style="width: auto;">&#x00A0;<\/dd>$/ { next }
{
    gsub(/<h2 /, "<h3 "); gsub(/<\/h2>/, "</h3>")
    gsub(/<h1 /, "<h2 "); gsub(/<\/h1>/, "</h2>")
    gsub(/ id="llnet_[a-z0-9_]*"/, "") # of C's functions: the prototypes carry them
    print linked($0)
}
END {
    print "</main>\n<footer>" date "</footer>\n</div>\n</body>\n</html>"
}
