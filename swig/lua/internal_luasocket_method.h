/* SPDX-License-Identifier: MIT */
/* internal_luasocket_method.h: receive and send of connected streams, for the calls that most
 * calls are: a line, or all of a string, on a socket without a timeout. All else is up to the
 * methods in Lua, in front of which these stand. */

/* What they know: the method in Lua; the metatable that is theirs; the states of all objects; the
 * module, for _DEBUG; and names of fields, which Lua 5.1 would hash in each call. */
enum {
    LL_LUA_METHOD = 1,
    LL_LUA_METATABLE,
    LL_LUA_STATES,
    LL_LUA_MODULE,
    LL_LUA_DEBUG,
    LL_LUA_REST_FIELD,
    LL_LUA_KNOWN = LL_LUA_REST_FIELD
};

/* Pushes the state of the object at index 1. False: it is none of the metatable, or module._DEBUG
 * asks for the seconds of each call. */
static bool ll_lua_push_stream_state(lua_State *L) {
    if (lua_getmetatable(L, 1) == 0 || !lua_rawequal(L, -1, lua_upvalueindex(LL_LUA_METATABLE)))
        return false;
    lua_pushvalue(L, lua_upvalueindex(LL_LUA_DEBUG));
    lua_rawget(L, lua_upvalueindex(LL_LUA_MODULE));
    if (lua_toboolean(L, -1) != 0)
        return false;
    lua_pushvalue(L, 1);
    lua_rawget(L, lua_upvalueindex(LL_LUA_STATES));
    return lua_istable(L, -1);
}

/* Calls the method in Lua with what stands at the indexes up to n. */
static int ll_lua_call_method(lua_State *L, int n) {
    lua_settop(L, n);
    lua_pushvalue(L, lua_upvalueindex(LL_LUA_METHOD));
    lua_insert(L, 1);
    lua_call(L, n, LUA_MULTRET);
    return lua_gettop(L);
}

static bool ll_lua_has_field(lua_State *L, int i, const char *name) {
    bool has;

    lua_getfield(L, i, name);
    has = lua_toboolean(L, -1) != 0;
    lua_pop(L, 1);
    return has;
}

/* Adds to a count of bytes in the state at index i. */
static void ll_lua_add_to_field(lua_State *L, int i, const char *name, llnet_count n) {
    lua_getfield(L, i, name);
    lua_pushnumber(L, lua_tonumber(L, -1) + (lua_Number)n);
    lua_setfield(L, i, name);
    lua_pop(L, 1);
}

/* Sets the rest of the state at index i to what stands on top. */
static void ll_lua_set_rest(lua_State *L, int i) {
    lua_pushvalue(L, lua_upvalueindex(LL_LUA_REST_FIELD));
    lua_insert(L, -2);
    lua_rawset(L, i);
}

/* Receives, where the last call had to wait, too, and this one may for ever. True: what came is one
 * line, which is pushed. False: it is the rest of the state at index i now, if anything came. */
static bool ll_lua_receive_now(lua_State *L, int i) {
    static const int forever = -1;
    char bytes[LL_LUA_REST];
    llnet_count n;

    if (!ll_lua_has_field(L, i, "waits") || ll_lua_has_field(L, i, "block") || ll_lua_has_field(L, i, "total"))
        return false;
    n = ll_lua_receive_once((llnet_socket *)ll_lua_check(L, 1, &ll_class_socket), bytes, &forever);
    if (n < 0)
        return false;
    ll_lua_add_to_field(L, i, "received", n);
    if (memchr(bytes, '\n', (size_t)n) == bytes + n - 1) {
        ll_lua_push_without_returns(L, bytes, bytes + n - 1);
        return true;
    }
    ll_lua_push_rest(L, bytes, (size_t)n);
    ll_lua_set_rest(L, i);
    return false;
}

/* Takes the first line off the rest of the state at index i, and pushes it. False: none ends there. */
static bool ll_lua_take_line(lua_State *L, int i) {
    ll_lua_rest *rest;
    const char *begin, *end;

    lua_pushvalue(L, lua_upvalueindex(LL_LUA_REST_FIELD));
    lua_rawget(L, i);
    rest = ll_lua_test_rest(L, -1);
    end = rest != NULL ? ll_lua_find_line(rest) : NULL;
    if (end == NULL)
        return lua_isnil(L, -1) && ll_lua_receive_now(L, i);
    begin = rest->bytes + rest->at;
    rest->at = (size_t)(end + 1 - rest->bytes);
    if (rest->at == rest->size) {
        lua_pushnil(L);
        ll_lua_set_rest(L, i);
    }
    ll_lua_push_without_returns(L, begin, end);
    return true;
}

/* Whether the two arguments at index 2 ask for a line alone. */
static bool ll_lua_asks_for_line(lua_State *L) {
    bool line = lua_isnil(L, 2) || (lua_type(L, 2) == LUA_TSTRING && strncmp(lua_tostring(L, 2), "*l", 2) == 0);

    return line && lua_isnil(L, 3);
}

static int ll_lua_luasocket_receive_line(lua_State *L) {
    lua_settop(L, 3);
    if (!ll_lua_asks_for_line(L) || !ll_lua_push_stream_state(L) || !ll_lua_take_line(L, lua_gettop(L)))
        return ll_lua_call_method(L, 3);
    lua_pushnil(L);
    lua_pushnil(L);
    return 3;
}

/* Calls the method in Lua, to which nil is as if nothing stood there. */
static int ll_lua_send_by_method(lua_State *L, int type) {
    lua_settop(L, 4);
    if (type == LUA_TNIL && ll_lua_push_stream_state(L))
        return luaL_argerror(L, 2, "string expected, got nil");
    return ll_lua_call_method(L, 4);
}

/* What was not sent is for Lua, with the error that came if nothing was. */
static int ll_lua_luasocket_send_string(lua_State *L) {
    const char *data;
    size_t len;
    llnet_count n;
    int type = lua_type(L, 2);

    lua_settop(L, 4);
    if (type != LUA_TSTRING || !lua_isnil(L, 3) || !lua_isnil(L, 4) || !ll_lua_push_stream_state(L))
        return ll_lua_send_by_method(L, type);
    data = lua_tolstring(L, 2, &len);
    n = len == 0 ? 0 : llnet_socket_send((llnet_socket *)ll_lua_check(L, 1, &ll_class_socket), data, len, 0);
    if (n < 0) {
        lua_settop(L, 4);
        lua_pushstring(L, llnet_error_name((int)-n));
        lua_pushinteger(L, (lua_Integer)-n);
        return ll_lua_call_method(L, 6);
    }
    ll_lua_add_to_field(L, lua_gettop(L), "sent", n);
    if ((size_t)n < len) {
        lua_settop(L, 2);
        lua_pushinteger(L, (lua_Integer)n + 1);
        return ll_lua_call_method(L, 3);
    }
    lua_pushnumber(L, (lua_Number)n);
    lua_pushnil(L);
    lua_pushnil(L);
    return 3;
}

/* in_front(name, method, metatable, states, module): the method of this name as objects of the
 * metatable have it */
static int ll_lua_luasocket_in_front(lua_State *L) {
    static const char *const names[] = {"receive", "send", NULL};
    static const lua_CFunction methods[] = {ll_lua_luasocket_receive_line, ll_lua_luasocket_send_string};
    int i = luaL_checkoption(L, 1, NULL, names);

    lua_settop(L, 5);
    luaL_checktype(L, 2, LUA_TFUNCTION);
    luaL_checktype(L, 4, LUA_TTABLE);
    luaL_checktype(L, 5, LUA_TTABLE);
    lua_pushliteral(L, "_DEBUG");
    lua_pushliteral(L, "rest");
    lua_pushcclosure(L, methods[i], LL_LUA_KNOWN);
    return 1;
}
