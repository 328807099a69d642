/* SPDX-License-Identifier: MIT */
/* internal_front.h: what stands in front of functions in Lua that programs call, so that misuse
 * blames the program as it does where the function is in C: the program's line, the name that it
 * called, and the number that the argument has there. */

/* What a front knows: the function; the numbers of its own arguments by those of the functions
 * that it passes them to, where these are others. */
enum { LL_LUA_FRONT_FUNCTION = 1, LL_LUA_FRONT_NUMBERS, LL_LUA_FRONT_KNOWN = LL_LUA_FRONT_NUMBERS };

/* The text without "file.lua:12: ", where it begins so with the function's own file. */
static const char *ll_lua_without_place(lua_State *L, const char *text) {
    lua_Debug function;
    const char *rest;

    if (!lua_isfunction(L, lua_upvalueindex(LL_LUA_FRONT_FUNCTION))) /* debug.setupvalue */
        return text;
    lua_pushvalue(L, lua_upvalueindex(LL_LUA_FRONT_FUNCTION));
    lua_getinfo(L, ">S", &function);
    if (strncmp(text, function.short_src, strlen(function.short_src)) != 0)
        return text;
    rest = text + strlen(function.short_src);
    rest += strspn(rest, ":0123456789");
    return rest[0] == ' ' ? rest + 1 : text;
}

/* Raises for "bad argument #2 to 'set_ip' (Addr expected)" with the number that the front's
 * table has for 2, by the name that was called. Returns where it is another text. */
static void ll_lua_raise_argument(lua_State *L, const char *text) {
    static const char begin[] = "bad argument #";
    const char *reason = strstr(text, "' (");
    size_t len;
    int number;

    if (strncmp(text, begin, sizeof begin - 1) != 0 || reason == NULL ||
        !lua_istable(L, lua_upvalueindex(LL_LUA_FRONT_NUMBERS)))
        return;
    reason += 3;
    len = strlen(reason);
    if (len == 0 || reason[len - 1] != ')')
        return;
    number = (int)strtol(text + sizeof begin - 1, NULL, 10);
    lua_rawgeti(L, lua_upvalueindex(LL_LUA_FRONT_NUMBERS), number);
    if (lua_isnumber(L, -1) != 0)
        number = (int)lua_tointeger(L, -1);
    lua_pushlstring(L, reason, len - 1);
    luaL_argerror(L, number, lua_tostring(L, -1));
}

/* Raises what the function has raised, which is on top of the stack. */
static int LL_LUA_SELDOM ll_lua_blame_program(lua_State *L) {
    const char *text, *rest;

    if (lua_type(L, -1) != LUA_TSTRING)
        return lua_error(L);
    text = lua_tostring(L, -1);
    rest = ll_lua_without_place(L, text);
    ll_lua_raise_argument(L, rest);
    return rest != text ? luaL_error(L, "%s", rest) : lua_error(L);
}

static int ll_lua_front(lua_State *L) {
    lua_pushvalue(L, lua_upvalueindex(LL_LUA_FRONT_FUNCTION));
    lua_insert(L, 1);
    if (lua_pcall(L, lua_gettop(L) - 1, LUA_MULTRET, 0) != 0)
        return ll_lua_blame_program(L);
    return lua_gettop(L);
}

/* The same as the __call of a class table. */
static int ll_lua_front_of_class(lua_State *L) {
    luaL_checkany(L, 1);
    lua_remove(L, 1);
    return ll_lua_front(L);
}

/* front(function [, numbers]): what programs call. It must not yield, and call nothing of the
 * program's: what that raises might be taken for its own. */
static int ll_lua_make_front(lua_State *L) {
    luaL_checktype(L, 1, LUA_TFUNCTION);
    if (lua_isnoneornil(L, 2)) {
        lua_settop(L, 1);
        lua_newtable(L);
    }
    luaL_checktype(L, 2, LUA_TTABLE);
    lua_settop(L, 2);
    lua_pushcclosure(L, ll_lua_front, LL_LUA_FRONT_KNOWN);
    return 1;
}
