# shellcheck shell=sh
# SPDX-License-Identifier: MIT
# tap.sh: what the tests in shell share: TAP lines and their plan, the functions of
# the headers, the programs of README. Sourced with srcdir set.
: "${srcdir:?}"
count=0

result() { # result STATUS NAME
    count=$((count + 1))
    if [ "$1" -eq 0 ]; then echo "ok $count - $2"; else echo "not ok $count - $2"; fi
}

skip() { # skip NAME WHY
    count=$((count + 1))
    echo "ok $count - $1 # SKIP $2"
}

plan() { # the last line
    echo "1..$count"
}

# The public functions that headers declare, one a line, sorted.
functions_of() { # functions_of HEADER...
    cat "$@" | sed 's:/\*.*\*/::' | tr '\n' ' ' | grep -oE 'LLNET_API [^;]*;' | grep -oE 'llnet_[a-z0-9_]+\(' |
        tr -d '(' | sort -u
}

# The first indented block after a title of README, without the line that begins with
# END and what follows it.
readme_block() { # readme_block TITLE END
    sed -n "/^$1\$/,\$p" "$srcdir/README" | sed -n '3,$p' | sed '1{/^$/d;}' | sed -n '/^    /,/^[^ ]/p' |
        sed '/^[^ ]/,$d' | sed 's/^    //' | sed "/^$2/,\$d"
}
