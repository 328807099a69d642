/* SPDX-License-Identifier: MIT */
/* native_poll.h: poll_ns over tables: what to watch, for which events, what came. */

#include <poll.h>

/* The descriptor of element key of the list at index 1: a Socket or a number, so that no
 * method of a script's runs in between. Negative: an error code. */
static intptr_t ll_lua_listed_descriptor(lua_State *L, int key) {
    const llnet_socket *socket;
    int64_t number = -1;

    lua_rawgeti(L, 1, key);
    socket = (const llnet_socket *)ll_lua_test(L, -1, &ll_class_socket);
    if (socket != NULL)
        number = llnet_socket_fileno(socket);
    else if (lua_type(L, -1) != LUA_TNUMBER || !ll_lua_to_int64(L, -1, &number) || number > INT_MAX)
        luaL_argerror(
            L, 1,
            lua_pushfstring(L, "element %d: Socket or descriptor expected, got %s", key, ll_lua_describe(L, -1)));
    lua_pop(L, 1);
    return number < 0 ? -EBADF : (intptr_t)number;
}

/* The events at index 2: one number for all, or a table of one for each element. */
static int ll_lua_listed_events(lua_State *L, int key) {
    int64_t events = 0;

    if (lua_type(L, 2) == LUA_TNUMBER)
        return (int)ll_lua_range(L, 2, 0, SHRT_MAX);
    lua_rawgeti(L, 2, key);
    if (lua_type(L, -1) != LUA_TNUMBER || !ll_lua_to_int64(L, -1, &events) || events < 0 || events > SHRT_MAX)
        luaL_argerror(L, 2, lua_pushfstring(L, "element %d: events expected", key));
    lua_pop(L, 1);
    return (int)events;
}

/* poll_ns(list, events, revents [, timeout_ns]): fills revents, as long as the list. Its
 * keys are made before the block is taken, and nothing takes memory after that. */
static int ll_lua_poll_ns(lua_State *L) {
    int64_t timeout = ll_lua_opt_time(L, 4, -1);
    int count, key;
    struct pollfd *entries;
    llnet_count ready;
    intptr_t fd;

    luaL_checktype(L, 1, LUA_TTABLE);
    if (lua_type(L, 2) != LUA_TNUMBER)
        luaL_checktype(L, 2, LUA_TTABLE);
    luaL_checktype(L, 3, LUA_TTABLE);
    lua_settop(L, 3);
    count = (int)ll_lua_rawlen(L, 1);
    for (key = 1; key <= count; key++)
        ll_lua_reserve(L, 3, key);
    entries = (struct pollfd *)ll_lua_take_scratch(L, (size_t)(count > 0 ? count : 1) * sizeof *entries);
    for (key = 1; key <= count; key++) {
        fd = ll_lua_listed_descriptor(L, key);
        if (fd < 0)
            return ll_lua_error(L, (llnet_status)fd);
        entries[key - 1].fd = (int)fd;
        entries[key - 1].events = (short)ll_lua_listed_events(L, key);
        entries[key - 1].revents = 0;
    }
    ready = llnet_poll_ns(entries, (size_t)count, timeout);
    if (ready < 0)
        return ll_lua_error(L, ready);
    for (key = 1; key <= count; key++) {
        lua_pushinteger(L, entries[key - 1].revents);
        lua_rawseti(L, 3, key);
    }
    lua_pushinteger(L, (lua_Integer)ready);
    return 1;
}
