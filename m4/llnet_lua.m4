# SPDX-License-Identifier: MIT
# LLNET_LUA(NN, VERSION, NEXT-VERSION, PKG-CONFIG-NAMES)
# One Lua version: --with-luaNN=auto|yes|no, its headers by pkg-config
# (LUANN_CFLAGS), its interpreter for make check (LUANN), and the conditional
# WITH_LUANN. The interpreter is not needed for the build. Where no name has a
# version in it, plain "lua" will do if that is the one.
AC_DEFUN([LLNET_LUA], [
AC_ARG_WITH([lua$1],
  [AS_HELP_STRING([--with-lua$1], [build the module for Lua $2 (default: if its headers are found)])],
  [], [with_lua$1=auto])
AC_ARG_VAR([LUA$1_CFLAGS], [C compiler flags for Lua $2, overriding pkg-config])
AC_ARG_VAR([LUA$1], [Lua $2 interpreter, for make check])
AS_IF([test "$with_lua$1" != no], [
  llnet_wanted=$with_lua$1
  with_lua$1=no
  AC_MSG_CHECKING([for Lua $2])
  AS_IF([test -n "$LUA$1_CFLAGS"], [with_lua$1=yes], [test -n "$PKG_CONFIG"], [
    for llnet_name in $4 lua; do
      AS_IF([test "$with_lua$1" = no && $PKG_CONFIG --exists "$llnet_name >= $2 $llnet_name < $3" 2>/dev/null],
        [LUA$1_CFLAGS=`$PKG_CONFIG --cflags "$llnet_name"`; with_lua$1=yes
         AS_VAR_APPEND([AM_DISTCHECK_CONFIGURE_FLAGS], [" --with-lua$1"])])
    done])
  AC_MSG_RESULT([$with_lua$1])
  AS_IF([test "$llnet_wanted$with_lua$1" = yesno],
    [AC_MSG_ERROR([--with-lua$1: no headers of Lua $2 were found by pkg-config ($4 lua).
  LUA$1_CFLAGS tells where they are: LUA$1_CFLAGS=-I/usr/include/lua$2])])
])
AS_IF([test "$with_lua$1" = yes], [
  AC_PATH_PROGS([LUA$1], [lua$2 lua-$2 lua$1])
  AS_IF([test -z "$LUA$1"], [
    AC_MSG_CHECKING([whether lua is Lua $2])
    AS_CASE([`lua -v 2>&1`],
      ["Lua $2"*], [LUA$1=lua; AC_MSG_RESULT([yes])],
      [AC_MSG_RESULT([no])])
  ])
])
AM_CONDITIONAL([WITH_LUA$1], [test "$with_lua$1" = yes])
])

# LLNET_SWIG(VERSION)
# Empties SWIG where it is older: what it writes would not compile.
AC_DEFUN([LLNET_SWIG], [
AS_IF([test -n "$SWIG"], [
  AC_MSG_CHECKING([whether $SWIG is $1 or later])
  llnet_swig=`$SWIG -version 2>/dev/null | sed -n 's/^SWIG Version //p'`
  AS_VERSION_COMPARE([${llnet_swig:-0}], [$1], [SWIG=])
  AS_IF([test -n "$SWIG"], [AC_MSG_RESULT([yes])], [AC_MSG_RESULT([no, ${llnet_swig:-it tells no version}])])
])
])
