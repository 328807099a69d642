# SPDX-License-Identifier: MIT
# LLNET_COMPILER_FLAGS
# Collects the flags that the compiler knows in WARN_CFLAGS, for code written by
# hand, and MODULE_WARN_CFLAGS, for what SWIG writes; both hide symbols by
# default, and call other libraries without the detour over a table of jumps. The
# user's CFLAGS stay the user's.
AC_DEFUN([LLNET_COMPILER_FLAGS], [
LLNET_KNOWN_FLAGS([MODULE_WARN_CFLAGS], [-std=gnu99 -fvisibility=hidden -fno-plt -Wall -Wextra -Wno-unused-function])
LLNET_KNOWN_FLAGS([WARN_CFLAGS], [-std=c99 -fvisibility=hidden -fno-plt -Wall -Wextra -Wpedantic -Wshadow -Wpointer-arith dnl
-Wstrict-prototypes -Wmissing-prototypes -Wwrite-strings -Wconversion])
])

# LLNET_KNOWN_FLAGS(VARIABLE, FLAGS): those of the flags that the compiler takes
AC_DEFUN([LLNET_KNOWN_FLAGS], [
$1=
for llnet_flag in $2; do
  llnet_saved_cflags=$CFLAGS
  CFLAGS="$CFLAGS -Werror $llnet_flag"
  AC_MSG_CHECKING([whether $CC takes $llnet_flag])
  AC_COMPILE_IFELSE([AC_LANG_PROGRAM([], [])],
    [AC_MSG_RESULT([yes]); $1="$$1 $llnet_flag"],
    [AC_MSG_RESULT([no])])
  CFLAGS=$llnet_saved_cflags
done
AC_SUBST([$1])
])

# LLNET_VERSION_SCRIPT
# Conditionals HAVE_VERSION_SCRIPT, HAVE_Z_DEFS and HAVE_Z_NODELETE: what the linker takes.
AC_DEFUN([LLNET_VERSION_SCRIPT], [
echo 'LLNET_TEST { global: main; local: *; };' >conftest.map
LLNET_LINKER_FLAG([HAVE_VERSION_SCRIPT], [llnet_version_script], [-Wl,--version-script=conftest.map])
rm -f conftest.map
LLNET_LINKER_FLAG([HAVE_Z_DEFS], [llnet_z_defs], [-Wl,-z,defs])
LLNET_LINKER_FLAG([HAVE_Z_NODELETE], [llnet_z_nodelete], [-Wl,-z,nodelete])
])

# LLNET_LINKER_FLAG(CONDITIONAL, VARIABLE, FLAG)
AC_DEFUN([LLNET_LINKER_FLAG], [
AC_MSG_CHECKING([whether the linker takes $3])
llnet_saved_ldflags=$LDFLAGS
LDFLAGS="$LDFLAGS $3"
AC_LINK_IFELSE([AC_LANG_PROGRAM([], [])], [$2=yes], [$2=no])
LDFLAGS=$llnet_saved_ldflags
AC_MSG_RESULT([$$2])
AM_CONDITIONAL([$1], [test "$$2" = yes])
])
