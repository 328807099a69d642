# SPDX-License-Identifier: MIT
# LLNET_LUA(NN, VERSION, PKG-CONFIG-NAMES)
# One Lua version: --with-luaNN=auto|yes|no, its headers by pkg-config
# (LUANN_CFLAGS), its interpreter for make check (LUANN), and the conditional
# WITH_LUANN. The interpreter is not needed for the build.
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
  AS_IF([test -n "$LUA$1_CFLAGS"], [with_lua$1=yes], [
    for llnet_name in $3; do
      AS_IF([test "$with_lua$1" = no && $PKG_CONFIG --exists "$llnet_name" 2>/dev/null],
        [LUA$1_CFLAGS=`$PKG_CONFIG --cflags "$llnet_name"`; with_lua$1=yes
         AS_VAR_APPEND([AM_DISTCHECK_CONFIGURE_FLAGS], [" --with-lua$1"])])
    done])
  AC_MSG_RESULT([$with_lua$1])
  AS_IF([test "$llnet_wanted$with_lua$1" = yesno],
    [AC_MSG_ERROR([--with-lua$1: no headers of Lua $2 were found by pkg-config ($3)])])
])
AS_IF([test "$with_lua$1" = yes], [AC_PATH_PROGS([LUA$1], [lua$2 lua-$2 lua$1])])
AM_CONDITIONAL([WITH_LUA$1], [test "$with_lua$1" = yes])
])
