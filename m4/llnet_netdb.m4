# SPDX-License-Identifier: MIT
# LLNET_NETDB_R
# HAVE_GETPROTOBYNAME_R and HAVE_GETSERVBYNAME_R: whether these functions are there
# with glibc's arguments; other systems have them with others.
AC_DEFUN([LLNET_NETDB_R], [
LLNET_TRY_R([getprotobyname_r], [struct protoent], [HAVE_GETPROTOBYNAME_R],
  [getprotobyname_r("tcp", &entry, bytes, sizeof bytes, &found)])
LLNET_TRY_R([getservbyname_r], [struct servent], [HAVE_GETSERVBYNAME_R],
  [getservbyname_r("http", "tcp", &entry, bytes, sizeof bytes, &found)])
])

# LLNET_TRY_R(FUNCTION, STRUCT, MACRO, CALL)
AC_DEFUN([LLNET_TRY_R], [
AC_MSG_CHECKING([for glibc's $1])
AC_LINK_IFELSE([AC_LANG_PROGRAM([[#include <netdb.h>]],
  [[$2 entry, *found; char bytes[1024]; return $4 == 0 && found != 0;]])],
  [AC_MSG_RESULT([yes])
   AC_DEFINE([$3], [1], [Define to 1 if $1 is there with glibc's arguments.])],
  [AC_MSG_RESULT([no])])
])
