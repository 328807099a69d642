/* SPDX-License-Identifier: MIT */
/* native_poller.h: the poller as Lua sees it: objects instead of tokens. The
 * token is the descriptor; a table in the poller's fields holds the object under it
 * and, where the script gave one, the value to report instead under -1 - descriptor.
 * It keeps both alive. */

static const char ll_lua_watched_key = 0;

static llnet_poller *ll_lua_check_poller(lua_State *L, int i) {
    return (llnet_poller *)ll_lua_check_pointer(L, i, &ll_class_poller);
}

/* Poller([backend]) */
static int ll_lua_poller_new(lua_State *L) {
    const char *backend = ll_lua_opt_text(L, 1);
    llnet_poller **out;
    llnet_status status;

    lua_settop(L, 1);
    out = (llnet_poller **)ll_lua_new(L, &ll_class_poller);
    lua_newtable(L);
    lua_pushlightuserdata(L, (void *)&ll_lua_watched_key);
    lua_newtable(L);
    lua_rawset(L, 3);
    ll_lua_setfields(L, 2);
    status = llnet_poller_new(out, backend);
    return status < 0 ? ll_lua_error(L, status) : 1;
}

/* Pushes the table of what the poller at index 1 watches. The debug library can
 * take it away. */
static void ll_lua_push_watched(lua_State *L) {
    ll_lua_getfields(L, 1);
    if (!ll_lua_is_fields(L, -1))
        luaL_error(L, "the Poller has lost its table");
    lua_pushlightuserdata(L, (void *)&ll_lua_watched_key);
    lua_rawget(L, -2);
    lua_remove(L, -2);
    if (!lua_istable(L, -1))
        luaL_error(L, "the Poller has lost its table");
}

/* close(): lets go of what it watched, too */
static int ll_lua_poller_close(lua_State *L) {
    llnet_status status = llnet_poller_close(ll_lua_check_poller(L, 1));

    lua_settop(L, 1);
    ll_lua_getfields(L, 1);
    if (ll_lua_is_fields(L, -1)) {
        lua_pushlightuserdata(L, (void *)&ll_lua_watched_key);
        lua_newtable(L);
        lua_rawset(L, -3);
    }
    if (status < 0)
        return ll_lua_error(L, status);
    lua_pushboolean(L, 1);
    return 1;
}

/* The descriptor of what may be watched: a Socket, a Poller, a number, or an
 * object of any kind with a method fileno, or getfd as LuaSocket's have. A
 * negative result is an error code: it is closed, or has no descriptor. */
static intptr_t ll_lua_descriptor(lua_State *L, int i) {
    const llnet_socket *socket = (const llnet_socket *)ll_lua_test(L, i, &ll_class_socket);
    int64_t number = -1;
    intptr_t fd;

    if (socket != NULL)
        fd = llnet_socket_fileno(socket);
    else if (ll_lua_test(L, i, &ll_class_poller) != NULL)
        return (intptr_t)llnet_poller_fileno(ll_lua_check_poller(L, i));
    else if (lua_type(L, i) == LUA_TNUMBER)
        fd = (intptr_t)ll_lua_range(L, i, INT_MIN, INT_MAX);
    else {
        if (lua_type(L, i) != LUA_TTABLE && luaL_getmetafield(L, i, "__index") == 0)
            return ll_lua_type_error(L, i, "Socket");
        lua_getfield(L, i, "fileno");
        if (lua_isnil(L, -1))
            lua_getfield(L, i, "getfd");
        if (lua_isnil(L, -1))
            return ll_lua_type_error(L, i, "Socket");
        lua_pushvalue(L, i);
        lua_call(L, 1, 1);
        if (!lua_isnil(L, -1) && (!ll_lua_to_int64(L, -1, &number) || number < INT_MIN || number > INT_MAX))
            return luaL_argerror(L, i, "its fileno is not a descriptor");
        fd = lua_isnil(L, -1) ? -1 : (intptr_t)number;
    }
    return fd < 0 ? -EBADF : fd;
}

/* Makes sure that the table at the given index has the key, so that storing there
 * later takes no memory. Whether it was there. */
static bool ll_lua_reserve(lua_State *L, int table, int key) {
    bool there;

    lua_rawgeti(L, table, key);
    there = !lua_isnil(L, -1);
    lua_pop(L, 1);
    if (!there) {
        lua_pushboolean(L, 0);
        lua_rawseti(L, table, key);
    }
    return there;
}

/* table[key] = the value at an index, where the key is reserved */
static void ll_lua_store(lua_State *L, int table, int key, int value) {
    lua_pushvalue(L, value);
    lua_rawseti(L, table, key);
}

/* table[key] = nil. Only where there is something: up to Lua 5.3 storing nil under a new
 * key may take memory. */
static void ll_lua_clear(lua_State *L, int table, int key) {
    lua_rawgeti(L, table, key);
    if (!lua_isnil(L, -1)) {
        lua_pushnil(L);
        lua_rawseti(L, table, key);
    }
    lua_pop(L, 1);
}

static int ll_lua_poller_change(lua_State *L, llnet_status (*change)(llnet_poller *, intptr_t, int, uint64_t)) {
    enum { OBJECT = 2, VALUE = 4, WATCHED = 5 };
    bool object_there, value_there = true, has_value = !lua_isnoneornil(L, VALUE);
    llnet_poller *self;
    int events, fd;
    llnet_status status;

    ll_lua_check_poller(L, 1);
    lua_settop(L, VALUE);
    events = ll_lua_int(L, 3);
    fd = (int)ll_lua_descriptor(L, OBJECT);
    if (fd < 0)
        return ll_lua_error(L, fd);
    lua_settop(L, VALUE);
    ll_lua_push_watched(L);
    object_there = ll_lua_reserve(L, WATCHED, fd);
    if (has_value)
        value_there = ll_lua_reserve(L, WATCHED, -1 - fd);
    self = ll_lua_check_poller(L, 1); /* only now: the object's method may have ended it */
    status = change(self, fd, events, (uint64_t)fd);
    if (status < 0) {
        if (!object_there)
            ll_lua_clear(L, WATCHED, fd);
        if (!value_there)
            ll_lua_clear(L, WATCHED, -1 - fd);
        return ll_lua_error(L, status);
    }
    ll_lua_store(L, WATCHED, fd, OBJECT);
    if (has_value)
        ll_lua_store(L, WATCHED, -1 - fd, VALUE);
    else if (change == llnet_poller_add)
        ll_lua_clear(L, WATCHED, -1 - fd); /* of one that was closed and forgotten */
    lua_pushboolean(L, 1);
    return 1;
}

/* add(object, events [, value]): value is what wait reports, instead of the object */
static int ll_lua_poller_add(lua_State *L) {
    return ll_lua_poller_change(L, llnet_poller_add);
}

/* modify(object, events [, value]): without a value the old one stays */
static int ll_lua_poller_modify(lua_State *L) {
    return ll_lua_poller_change(L, llnet_poller_modify);
}

/* Forgets a descriptor in the table at the given index. */
static void ll_lua_forget(lua_State *L, int watched, int fd) {
    ll_lua_clear(L, watched, fd);
    ll_lua_clear(L, watched, -1 - fd);
}

/* The descriptor under which the object at index 2 is watched, now that it has none
 * itself: it was closed before. -EBADF where it is not watched. */
static int ll_lua_find_watched(lua_State *L, int watched) {
    int fd = -EBADF;

    lua_pushnil(L);
    while (fd < 0 && lua_next(L, watched) != 0) {
        if (lua_rawequal(L, -1, 2) && lua_tonumber(L, -2) >= 0)
            fd = (int)lua_tonumber(L, -2);
        lua_pop(L, 1);
    }
    lua_settop(L, watched);
    return fd;
}

/* remove(object). One that was closed before is forgotten, and gives EBADF. */
static int ll_lua_poller_remove(lua_State *L) {
    enum { WATCHED = 3 };
    llnet_poller *self;
    int fd;
    llnet_status status;

    ll_lua_check_poller(L, 1);
    lua_settop(L, 2);
    fd = (int)ll_lua_descriptor(L, 2);
    lua_settop(L, 2);
    ll_lua_push_watched(L);
    self = ll_lua_check_poller(L, 1);
    if (fd >= 0) {
        status = llnet_poller_remove(self, fd);
    } else {
        status = fd;
        fd = ll_lua_find_watched(L, WATCHED);
        if (fd >= 0)
            llnet_poller_remove(self, fd);
    }
    if (fd >= 0)
        ll_lua_forget(L, WATCHED, fd);
    if (status < 0)
        return ll_lua_error(L, status);
    lua_pushboolean(L, 1);
    return 1;
}

/* Pushes what the descriptor stands for. False where a Socket stands for it that was
 * closed since, without being removed: then the poller still watches the number, for
 * somebody else's file or through a dup, and is told to stop. */
static bool ll_lua_push_ready(lua_State *L, int watched, llnet_poller *self, int fd) {
    const llnet_socket *socket;

    lua_rawgeti(L, watched, fd);
    socket = (const llnet_socket *)ll_lua_test(L, -1, &ll_class_socket);
    if (lua_isnil(L, -1) || (socket != NULL && llnet_socket_fileno(socket) != fd)) {
        lua_pop(L, 1);
        llnet_poller_remove(self, fd);
        ll_lua_forget(L, watched, fd);
        return false;
    }
    lua_rawgeti(L, watched, -1 - fd);
    if (lua_isnil(L, -1))
        lua_pop(L, 1);
    else
        lua_replace(L, -2);
    return true;
}

/* wait(ready [, timeout_ms]): fills ready with object, events, object, events, ...
 * and returns how many pairs; the entry after the last one is nil. */
static int ll_lua_poller_wait(lua_State *L) {
    llnet_poller *self = ll_lua_check_poller(L, 1);
    int timeout_ms = ll_lua_opt_int(L, 3, -1), filled = 0, events;
    llnet_count i, count;
    uint64_t token;

    luaL_checktype(L, 2, LUA_TTABLE);
    lua_settop(L, 2);
    ll_lua_push_watched(L);
    count = llnet_poller_wait(self, timeout_ms);
    if (count < 0)
        return ll_lua_error(L, count);
    for (i = 0; i < count; i++) {
        if (llnet_poller_get_event(self, (size_t)i, &token, &events) < 0)
            continue;
        if (!ll_lua_push_ready(L, 3, self, (int)token))
            continue;
        lua_rawseti(L, 2, ++filled);
        lua_pushinteger(L, events);
        lua_rawseti(L, 2, ++filled);
    }
    lua_pushnil(L);
    lua_rawseti(L, 2, filled + 1);
    lua_pushinteger(L, filled / 2);
    return 1;
}

static const luaL_Reg ll_lua_poller_natives[] = {
    {"new", ll_lua_poller_new},
    {"close", ll_lua_poller_close},
    {"add", ll_lua_poller_add},
    {"modify", ll_lua_poller_modify},
    {"remove", ll_lua_poller_remove},
    {"wait", ll_lua_poller_wait},
    {NULL, NULL},
};
