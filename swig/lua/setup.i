/* SPDX-License-Identifier: MIT */
/* setup.i: what happens at require: each function that SWIG wrapped goes where
 * its name says, llnet_socket_send to class Socket as send; then the classes'
 * metatables and the constants. It reads only constant tables, so that many
 * threads may load the module at once. */
%insert("initbeforefunc") %{
#include "setup.h"

SWIGEXPORT int luaopen_llnet_core(lua_State *L) {
    lua_settop(L, 0);
    lua_newtable(L);
    ll_lua_setup(L, &swig_SwigModule);
    lua_settop(L, 1);
    return 1;
}
%}
