/* SPDX-License-Identifier: MIT */
/* native_module.h: functions of the module itself that are written by hand, gathered from their
 * concerns. */

/* error_text(error): of a number, or of a name that a call gave. What is no name has no text
 * of its own, as a number that has none. */
static int ll_lua_error_text(lua_State *L) {
    int error = INT_MAX;

    if (lua_isnumber(L, 1) != 0)
        error = ll_lua_int(L, 1);
    else if (lua_type(L, 1) != LUA_TSTRING)
        return ll_lua_type_error(L, 1, "name or number");
    else if (llnet_error_number(ll_lua_text(L, 1)) != 0)
        error = llnet_error_number(lua_tostring(L, 1));
    lua_pushstring(L, llnet_error_text(error));
    return 1;
}

/* has(events, flag): whether all bits of flag are in events. Lua 5.1 has no bit operators. */
static int ll_lua_has(lua_State *L) {
    int events = ll_lua_int(L, 1), flag = ll_lua_int(L, 2);

    lua_pushboolean(L, (events & flag) == flag);
    return 1;
}

static const luaL_Reg ll_lua_module_natives[] = {
    {"error_text", ll_lua_error_text},
    {"has", ll_lua_has},
    {"poll_ns", ll_lua_poll_ns},
    {NULL, NULL},
};
