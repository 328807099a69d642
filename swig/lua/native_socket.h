/* SPDX-License-Identifier: MIT */
/* native_socket.h: the methods of sockets that are written by hand, gathered from their
 * concerns, and how a socket is printed. */

/* The predecessor's form, which scripts print. */
static int ll_lua_socket_tostring(lua_State *L) {
    const llnet_socket *self = (const llnet_socket *)ll_lua_check(L, 1, &ll_class_socket);

    lua_pushfstring(L, "LSocket: fd=%d", (int)llnet_socket_fileno(self));
    return 1;
}

static const luaL_Reg ll_lua_socket_natives[] = {
    {"get_option", ll_lua_get_option},
    {"set_option", ll_lua_set_option},
    {"get_option_raw", ll_lua_get_option_raw},
    {"set_option_raw", ll_lua_set_option_raw},
    {"sendfile", ll_lua_sendfile},
    {"sendv", ll_lua_sendv},
    {"recvv", ll_lua_recvv},
    {"send_all", ll_lua_send_all},
    {"send_all_buffer", ll_lua_send_all_buffer},
    {"recv_exact", ll_lua_recv_exact},
    {"recv_exact_buffer", ll_lua_recv_exact_buffer},
    {"__tostring", ll_lua_socket_tostring},
    {NULL, NULL},
};
