/* SPDX-License-Identifier: MIT */
/* object.i: brings the object model into the generated file, and makes whatever
 * SWIG would convert by itself a clean error. */
%begin %{
#include "config.h" /* first: it asks the system for all it has */
%}
%{
#include "runtime.h"
#include "result.h"
#include "argument.h"
#include "constants.h"

/* luaopen_llnet_core is ours (setup.i); SWIG's initialisation is never run. */
#undef SWIG_init
#define SWIG_init ll_lua_unused_swig_init

/* A type without a typemap of ours must not be converted at all. */
#undef SWIG_ConvertPtr
#define SWIG_ConvertPtr(L, i, pp, type, flags) ((void)(pp), SWIG_TypeError)
#undef SWIG_MustGetPtr
#define SWIG_MustGetPtr(L, i, type, flags, argument, function) \
    (ll_lua_type_error(L, i, "object"), (void *)NULL)
#undef SWIG_isptrtype
#define SWIG_isptrtype(L, i) 1
#undef SWIG_fail_arg
#define SWIG_fail_arg(function, i, type) return ll_lua_type_error(L, i, type)
#undef SWIG_fail_ptr
#define SWIG_fail_ptr(function, i, type) return ll_lua_type_error(L, i, (type)->name)
/* every typemap reports a missing argument itself */
#undef SWIG_check_num_args
#define SWIG_check_num_args(function, least, most)
%}
