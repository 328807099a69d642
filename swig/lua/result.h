/* SPDX-License-Identifier: MIT */
/* result.h: what calls give to Lua: errors, numbers of 64 bits. */

#include <errno.h>

/* A fault of the program that C finds: raises with the name of the function. */
static int LL_LUA_SELDOM ll_lua_raise(lua_State *L, int error) {
    lua_Debug call;

    if (lua_getstack(L, 0, &call) != 0 && lua_getinfo(L, "n", &call) != 0 && call.name != NULL)
        return luaL_error(L, "bad argument to '%s' (%s)", call.name, llnet_error_text(error));
    return luaL_error(L, "bad argument (%s)", llnet_error_text(error));
}

/* Pushes the name of an error. By far the most frequent is not looked for. */
static void ll_lua_push_error_name(lua_State *L, int error) {
    const char *name;

    if (error == EAGAIN) {
        lua_pushliteral(L, "EAGAIN");
        return;
    }
    name = llnet_error_name(error);
    if (name != NULL)
        lua_pushstring(L, name);
    else
        lua_pushfstring(L, "E%d", error);
}

/* Pushes nil, "ECONNREFUSED", 111. A fault of the program raises instead. */
static int ll_lua_error(lua_State *L, llnet_count result) {
    int error = (int)-result;

    if (error == LLNET_EBOUNDS || error == LLNET_ETYPE)
        return ll_lua_raise(L, error);
    lua_pushnil(L);
    ll_lua_push_error_name(L, error);
    lua_pushinteger(L, error);
    return 3;
}

/* The result of what has none. */
static inline int ll_lua_true(lua_State *L) {
    lua_pushboolean(L, 1);
    return 1;
}

/* Where lua_Integer may be 32 bits wide, Lua's numbers are doubles. */
static inline void ll_lua_push_int64(lua_State *L, int64_t value) {
#if LUA_VERSION_NUM >= 503
    lua_pushinteger(L, (lua_Integer)value);
#else
    lua_pushnumber(L, (lua_Number)value);
#endif
}

/* Pushes a number of 64 bits that must not be rounded. False: this Lua's numbers cannot
 * hold it. Lua 5.3 and later have its bits as an integer. */
static inline bool ll_lua_push_exact(lua_State *L, int64_t value) {
    ll_lua_push_int64(L, value);
#if LUA_VERSION_NUM < 503
    /* 2^63 itself, to which the largest are rounded, would not go back */
    return lua_tonumber(L, -1) < 9223372036854775808.0 && (int64_t)lua_tonumber(L, -1) == value;
#else
    return true;
#endif
}

static inline bool ll_lua_push_exact_unsigned(lua_State *L, uint64_t value) {
#if LUA_VERSION_NUM < 503
    lua_Number number = (lua_Number)value;

    lua_pushnumber(L, number);
    return number < 18446744073709551616.0 && (uint64_t)number == value;
#else
    lua_pushinteger(L, (lua_Integer)value);
    return true;
#endif
}
