/* SPDX-License-Identifier: MIT */
/* internal_epoll.h: methods of llnet.epoll's objects, tables with a Poller in the field poller: the
 * Poller's own, called in the same frame, so that misuse blames the program by their names. */

/* epoll's modes, of which the Poller's are others. */
enum { LL_LUA_EPOLLONESHOT = 1 << 30 };

/* Puts the Poller in the place of its table, the first argument. */
static void ll_lua_epoll_begin(lua_State *L) {
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_getfield(L, 1, "poller");
    lua_replace(L, 1);
}

/* Puts the Poller's events in the place of epoll's at index 3, which may be those of an int or of
 * a number without a sign. */
static void ll_lua_epoll_events(lua_State *L) {
    uint32_t epoll = (uint32_t)ll_lua_range(L, 3, INT_MIN, UINT32_MAX);
    uint32_t events = epoll & (LL_LUA_EPOLLONESHOT - 1);

    if (epoll > INT_MAX) /* EPOLLET is the highest bit */
        events |= LLNET_POLL_EDGE;
    if ((epoll & LL_LUA_EPOLLONESHOT) != 0)
        events |= LLNET_POLL_ONESHOT;
    lua_pushinteger(L, (lua_Integer)events);
    lua_replace(L, 3);
}

/* add(fd, events, id) */
static int ll_lua_epoll_add(lua_State *L) {
    ll_lua_epoll_begin(L);
    ll_lua_epoll_events(L);
    return ll_lua_poller_add(L);
}

/* mod(fd, events, id) */
static int ll_lua_epoll_mod(lua_State *L) {
    ll_lua_epoll_begin(L);
    ll_lua_epoll_events(L);
    return ll_lua_poller_modify(L);
}

/* del(fd) */
static int ll_lua_epoll_del(lua_State *L) {
    ll_lua_epoll_begin(L);
    return ll_lua_poller_remove(L);
}

/* wait(events, timeout_ms) */
static int ll_lua_epoll_wait(lua_State *L) {
    ll_lua_epoll_begin(L);
    return ll_lua_poller_wait(L);
}

/* close() */
static int ll_lua_epoll_close(lua_State *L) {
    ll_lua_epoll_begin(L);
    return ll_lua_poller_close(L);
}

static const luaL_Reg ll_lua_epoll_natives[] = {
    {"add", ll_lua_epoll_add},   {"mod", ll_lua_epoll_mod},     {"del", ll_lua_epoll_del},
    {"wait", ll_lua_epoll_wait}, {"close", ll_lua_epoll_close}, {NULL, NULL},
};
