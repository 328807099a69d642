/* SPDX-License-Identifier: MIT */
/* native_poller.h: the poller as Lua sees it: objects instead of tokens. The
 * token is the descriptor; a table in the poller's fields holds under it what is to be
 * reported: the object, or the value that the script gave, and then the object under
 * -1 - descriptor. It keeps both alive. A timer's token is a reference (luaL_ref) to its value, in two
 * more tables: values to tokens, and tokens to values. */

static const char ll_lua_watched_key = 0;
static const char ll_lua_timer_tokens_key = 0;
static const char ll_lua_timer_values_key = 0;

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

/* Pushes the poller's fields, the poller being at index 1, and behind them, on top, the table of
 * what it watches. The debug library can take either away. */
static void ll_lua_push_watched(lua_State *L) {
    ll_lua_getfields(L, 1);
    if (lua_istable(L, -1)) {
        lua_pushlightuserdata(L, (void *)&ll_lua_watched_key);
        lua_rawget(L, -2);
        if (lua_istable(L, -1))
            return;
    }
    luaL_error(L, "the Poller has lost its table");
}

static void ll_lua_set_field(lua_State *L, int fields, const char *key, int value) {
    lua_pushlightuserdata(L, (void *)key);
    lua_pushvalue(L, value);
    lua_rawset(L, fields);
}

/* close(): lets go of what it watched, too, and of its timers */
static int ll_lua_poller_close(lua_State *L) {
    llnet_status status = llnet_poller_close(ll_lua_check_poller(L, 1));

    lua_settop(L, 1);
    ll_lua_getfields(L, 1);
    if (ll_lua_is_fields(L, 2)) {
        lua_newtable(L);
        ll_lua_set_field(L, 2, &ll_lua_watched_key, 3);
        lua_pushnil(L);
        ll_lua_set_field(L, 2, &ll_lua_timer_tokens_key, 4);
        ll_lua_set_field(L, 2, &ll_lua_timer_values_key, 4);
    }
    if (status < 0)
        return ll_lua_error(L, status);
    return ll_lua_true(L);
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

/* table[key] = the value at an index; takes no memory where the key is reserved */
static void ll_lua_store(lua_State *L, int table, int key, int value) {
    lua_pushvalue(L, value);
    lua_rawseti(L, table, key);
}

/* Stores the value at an index under the key of a table that has nothing there. False: it has. */
static bool ll_lua_store_new(lua_State *L, int table, int key, int value) {
    bool there;

    lua_rawgeti(L, table, key);
    there = !lua_isnil(L, -1);
    lua_pop(L, 1);
    if (!there)
        ll_lua_store(L, table, key, value);
    return !there;
}

/* Makes sure that the table at the given index has the key, so that storing there
 * later takes no memory. Whether it was there. */
static bool ll_lua_reserve(lua_State *L, int table, int key) {
    bool there;

    lua_pushboolean(L, 0);
    there = !ll_lua_store_new(L, table, key, lua_gettop(L));
    lua_pop(L, 1);
    return there;
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

/* Whether a value is reported for the descriptor, and not its object. */
static bool ll_lua_has_value(lua_State *L, int watched, int fd) {
    bool has_value;

    lua_rawgeti(L, watched, -1 - fd);
    has_value = !lua_isnil(L, -1);
    lua_pop(L, 1);
    return has_value;
}

static int ll_lua_poller_change(lua_State *L, llnet_status (*change)(llnet_poller *, intptr_t, int, uint64_t)) {
    enum { OBJECT = 2, VALUE = 4, WATCHED = 6 };
    llnet_poller *self = ll_lua_check_poller(L, 1);
    bool has_value, new_entry, new_object = false;
    int events, fd, entry;
    llnet_status status;

    lua_settop(L, VALUE);
    has_value = !lua_isnil(L, VALUE);
    entry = has_value ? VALUE : OBJECT;
    events = ll_lua_int(L, 3);
    fd = (int)ll_lua_descriptor(L, OBJECT);
    if (lua_gettop(L) != VALUE) { /* it asked a method of the object's, which may have ended the poller */
        lua_settop(L, VALUE);
        self = ll_lua_check_poller(L, 1);
    }
    if (fd < 0)
        return ll_lua_error(L, fd);
    ll_lua_push_watched(L);
    /* where memory ends between the two, what is kept for nothing is let go with the poller */
    new_entry = ll_lua_store_new(L, WATCHED, fd, entry);
    if (has_value)
        new_object = ll_lua_store_new(L, WATCHED, -1 - fd, OBJECT);
    status = change(self, fd, events, (uint64_t)fd);
    if (status < 0) {
        if (new_entry)
            ll_lua_clear(L, WATCHED, fd);
        if (new_object)
            ll_lua_clear(L, WATCHED, -1 - fd);
        return ll_lua_error(L, status);
    }
    if (!has_value && change == llnet_poller_modify && ll_lua_has_value(L, WATCHED, fd)) {
        ll_lua_store(L, WATCHED, -1 - fd, OBJECT);
    } else {
        if (!new_entry)
            ll_lua_store(L, WATCHED, fd, entry);
        if (has_value)
            ll_lua_store(L, WATCHED, -1 - fd, OBJECT);
        else if (!new_entry)
            ll_lua_clear(L, WATCHED, -1 - fd); /* of one that was closed and not removed */
    }
    return ll_lua_true(L);
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
    int fd = -EBADF, key;

    lua_pushnil(L);
    while (fd < 0 && lua_next(L, watched) != 0) {
        key = (int)lua_tonumber(L, -2);
        if (lua_rawequal(L, -1, 2) && (key < 0 || !ll_lua_has_value(L, watched, key)))
            fd = key < 0 ? -1 - key : key;
        lua_pop(L, 1);
    }
    lua_settop(L, watched);
    return fd;
}

/* remove(object). One that was closed before is forgotten, and gives EBADF. */
static int ll_lua_poller_remove(lua_State *L) {
    enum { WATCHED = 4 };
    llnet_poller *self;
    int fd;
    llnet_status status;

    ll_lua_check_poller(L, 1);
    lua_settop(L, 2);
    fd = (int)ll_lua_descriptor(L, 2);
    lua_settop(L, 2);
    self = ll_lua_check_poller(L, 1);
    ll_lua_push_watched(L);
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
    return ll_lua_true(L);
}

/* Pushes what is to be reported for the descriptor. False where a Socket stands for it that
 * was closed since, without being removed: then the poller still watches the number, for
 * somebody else's file or through a dup, and is told to stop. */
static bool ll_lua_push_ready(lua_State *L, int watched, llnet_poller *self, int fd) {
    const llnet_socket *socket;

    lua_rawgeti(L, watched, fd);
    socket = (const llnet_socket *)ll_lua_test(L, -1, &ll_class_socket);
    if (socket != NULL && llnet_socket_fileno(socket) == fd)
        return true; /* nearly always */
    lua_rawgeti(L, watched, -1 - fd);
    if (!lua_isnil(L, -1))
        socket = (const llnet_socket *)ll_lua_test(L, -1, &ll_class_socket);
    lua_pop(L, 1);
    if (!lua_isnil(L, -1) && (socket == NULL || llnet_socket_fileno(socket) == fd))
        return true;
    lua_pop(L, 1);
    llnet_poller_remove(self, fd);
    ll_lua_forget(L, watched, fd);
    return false;
}

/* ---- timers --------------------------------------------------------------------- */

/* Pushes the two tables of the poller at index 1: values to tokens, tokens to values.
 * False, and nothing is pushed: it has none, or lost them. Takes no memory. */
static bool ll_lua_push_timers(lua_State *L) {
    int top = lua_gettop(L);

    ll_lua_getfields(L, 1);
    if (ll_lua_is_fields(L, -1)) {
        lua_pushlightuserdata(L, (void *)&ll_lua_timer_tokens_key);
        lua_rawget(L, top + 1);
        lua_pushlightuserdata(L, (void *)&ll_lua_timer_values_key);
        lua_rawget(L, top + 1);
        lua_remove(L, top + 1);
        if (lua_istable(L, -1) && lua_istable(L, -2))
            return true;
    }
    lua_settop(L, top);
    return false;
}

/* Makes the tables, and pushes them. The first reference that is given back makes the
 * list of free ones: later nothing that gives one back takes memory. */
static void ll_lua_make_timers(lua_State *L) {
    int top = lua_gettop(L);

    ll_lua_getfields(L, 1);
    if (!ll_lua_is_fields(L, -1))
        luaL_error(L, "the Poller has lost its table");
    lua_newtable(L);
    lua_newtable(L);
    lua_pushboolean(L, 1);
    luaL_unref(L, top + 3, luaL_ref(L, top + 3));
    ll_lua_set_field(L, top + 1, &ll_lua_timer_tokens_key, top + 2);
    ll_lua_set_field(L, top + 1, &ll_lua_timer_values_key, top + 3);
    lua_remove(L, top + 1);
}

/* Pushes the token of the value at index 2; nil: it has no timer. The tables are at 3, 4. */
static void ll_lua_push_timer_token(lua_State *L) {
    lua_pushvalue(L, 2);
    lua_rawget(L, 3);
}

/* Forgets the value at an index and its token, which are in the two tables. */
static void ll_lua_forget_timer(lua_State *L, int tokens, int value, int token) {
    luaL_unref(L, tokens + 1, token);
    lua_pushvalue(L, value);
    lua_pushnil(L);
    lua_rawset(L, tokens);
}

/* What a timer may report: whatever can be a key. */
static void ll_lua_check_timer_value(lua_State *L, int i) {
    if (lua_isnoneornil(L, i))
        ll_lua_type_error(L, i, "value");
    luaL_argcheck(L, lua_rawequal(L, i, i), i, "value is NaN");
}

/* set_timer(value, deadline): value is what wait reports; its timer moves if it has one */
static int ll_lua_poller_set_timer(lua_State *L) {
    enum { VALUE = 2, TOKENS = 3, VALUES = 4 };
    int64_t deadline;
    bool there;
    int token;
    llnet_status status;

    ll_lua_check_poller(L, 1);
    ll_lua_check_timer_value(L, VALUE);
    deadline = ll_lua_time(L, 3, LLNET_NEVER);
    lua_settop(L, VALUE);
    if (!ll_lua_push_timers(L))
        ll_lua_make_timers(L);
    ll_lua_push_timer_token(L);
    there = lua_type(L, -1) == LUA_TNUMBER;
    token = there ? (int)lua_tointeger(L, -1) : 0;
    lua_settop(L, VALUES);
    if (!there) {
        /* the key first: to store a token there then takes no memory */
        lua_pushvalue(L, VALUE);
        lua_pushboolean(L, 0);
        lua_rawset(L, TOKENS);
        lua_pushvalue(L, VALUE);
        token = luaL_ref(L, VALUES);
        lua_pushvalue(L, VALUE);
        lua_pushinteger(L, token);
        lua_rawset(L, TOKENS);
    }
    status = llnet_poller_set_timer(ll_lua_check_poller(L, 1), (uint64_t)token, deadline);
    if (status < 0) {
        if (!there)
            ll_lua_forget_timer(L, TOKENS, VALUE, token);
        return ll_lua_error(L, status);
    }
    return ll_lua_true(L);
}

/* remove_timer(value) */
static int ll_lua_poller_remove_timer(lua_State *L) {
    enum { VALUE = 2, TOKENS = 3 };
    llnet_poller *self = ll_lua_check_poller(L, 1);
    llnet_status status;
    int token;

    ll_lua_check_timer_value(L, VALUE);
    lua_settop(L, VALUE);
    if (ll_lua_push_timers(L))
        ll_lua_push_timer_token(L);
    if (lua_type(L, -1) != LUA_TNUMBER || lua_gettop(L) == VALUE)
        return ll_lua_error(L, llnet_poller_remove_timer(self, UINT64_MAX)); /* no token: EBADF or ENOENT */
    token = (int)lua_tointeger(L, -1);
    status = llnet_poller_remove_timer(self, (uint64_t)token);
    ll_lua_forget_timer(L, TOKENS, VALUE, token);
    if (status < 0)
        return ll_lua_error(L, status);
    return ll_lua_true(L);
}

/* Pushes the value of a timer that was reported, and forgets it. The tables are pushed
 * before the first one, at index 5. False: they are gone. */
static bool ll_lua_push_expired(lua_State *L, int token) {
    enum { WATCHED = 4, TOKENS = 5, VALUES = 6 };

    if (lua_gettop(L) == WATCHED && !ll_lua_push_timers(L))
        return false;
    lua_rawgeti(L, VALUES, token);
    if (lua_isnil(L, -1)) {
        lua_pop(L, 1);
        return false;
    }
    ll_lua_forget_timer(L, TOKENS, VALUES + 1, token);
    return true;
}

/* ---- waiting -------------------------------------------------------------------- */

static int ll_lua_poller_wait_for(lua_State *L, llnet_poller *self, int64_t timeout) {
    enum { READY = 2, WATCHED = 4 };
    int filled = 0, events;
    llnet_count i, count;
    uint64_t token;

    luaL_checktype(L, READY, LUA_TTABLE);
    lua_settop(L, READY);
    ll_lua_push_watched(L);
    count = llnet_poller_wait_ns(self, timeout);
    if (count < 0)
        return ll_lua_error(L, count);
    for (i = 0; i < count; i++) {
        if (llnet_poller_get_event(self, (size_t)i, &token, &events) < 0)
            continue;
        if (!(events == LLNET_POLL_TIMER ? ll_lua_push_expired(L, (int)token)
                                         : ll_lua_push_ready(L, WATCHED, self, (int)token)))
            continue;
        lua_rawseti(L, READY, ++filled);
        lua_pushinteger(L, events);
        lua_rawseti(L, READY, ++filled);
    }
    lua_pushnil(L);
    lua_rawseti(L, READY, filled + 1);
    lua_pushinteger(L, filled / 2);
    return 1;
}

/* wait(ready [, timeout_ms]): fills ready with object, events, object, events, ...
 * and returns how many pairs; the entry after the last one is nil. */
static int ll_lua_poller_wait(lua_State *L) {
    llnet_poller *self = ll_lua_check_poller(L, 1);

    return ll_lua_poller_wait_for(L, self, (int64_t)ll_lua_opt_timeout(L, 3) * 1000000);
}

/* wait_ns(ready [, timeout_ns]) */
static int ll_lua_poller_wait_ns(lua_State *L) {
    llnet_poller *self = ll_lua_check_poller(L, 1);

    return ll_lua_poller_wait_for(L, self, ll_lua_opt_time(L, 3, -1));
}

static const luaL_Reg ll_lua_poller_natives[] = {
    {"new", ll_lua_poller_new},
    {"close", ll_lua_poller_close},
    {"add", ll_lua_poller_add},
    {"modify", ll_lua_poller_modify},
    {"remove", ll_lua_poller_remove},
    {"set_timer", ll_lua_poller_set_timer},
    {"remove_timer", ll_lua_poller_remove_timer},
    {"wait", ll_lua_poller_wait},
    {"wait_ns", ll_lua_poller_wait_ns},
    {NULL, NULL},
};
