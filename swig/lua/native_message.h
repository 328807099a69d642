/* SPDX-License-Identifier: MIT */
/* native_message.h: the message as Lua sees it: its segments are strings and Buffers,
 * its errors tables. C holds the Buffers; a table in the message's fields keeps the
 * strings, segment n under n, and the objects whose descriptors are to be passed, the
 * n-th under -n. */

#include <netinet/in.h>

static const char ll_lua_kept_key = 0;

static llnet_message *ll_lua_check_message(lua_State *L, int i) {
    return (llnet_message *)ll_lua_check_pointer(L, i, &ll_class_message);
}

/* Gives the new object on top the table of what it keeps. */
static void ll_lua_give_table(lua_State *L) {
    lua_newtable(L);
    lua_pushlightuserdata(L, (void *)&ll_lua_kept_key);
    lua_newtable(L);
    lua_rawset(L, -3);
    ll_lua_setfields(L, -2);
}

/* Pushes a Message that has its table but no message yet. */
static llnet_message **ll_lua_new_message(lua_State *L) {
    llnet_message **out = (llnet_message **)ll_lua_new(L, &ll_class_message);

    ll_lua_give_table(L);
    return out;
}

/* Message([control_size]) */
static int ll_lua_message_new(lua_State *L) {
    size_t control_size = ll_lua_opt_size(L, 1, LLNET_MESSAGE_CONTROL);
    llnet_status status;

    lua_settop(L, 1);
    status = llnet_message_new(ll_lua_new_message(L), control_size);
    return status < 0 ? ll_lua_error(L, status) : 1;
}

/* Pushes the table of what the object at index i keeps. The debug library can take it
 * away. */
static int ll_lua_push_kept(lua_State *L, int i) {
    ll_lua_getfields(L, i);
    if (!ll_lua_is_fields(L, -1))
        luaL_error(L, "the object has lost its table");
    lua_pushlightuserdata(L, (void *)&ll_lua_kept_key);
    lua_rawget(L, -2);
    lua_remove(L, -2);
    if (!lua_istable(L, -1))
        luaL_error(L, "the object has lost its table");
    return lua_gettop(L);
}

/* Lets go of what is kept under from, from + step, ...; the keys stay, so that keeping
 * something there again takes no memory. */
static void ll_lua_drop_kept(lua_State *L, int kept, int from, int step) {
    for (;; from += step) {
        lua_rawgeti(L, kept, from);
        if (lua_isnil(L, -1))
            break;
        lua_pop(L, 1);
        lua_pushboolean(L, 0);
        lua_rawseti(L, kept, from);
    }
    lua_pop(L, 1);
}

/* ---- segments -------------------------------------------------------------- */

/* A segment is a Buffer, or a string (a number becomes one). */
static bool ll_lua_is_buffer(lua_State *L, int i) {
    if (ll_lua_test(L, i, &ll_class_buffer) != NULL)
        return true;
    if (ll_lua_is_released(L, i, ll_class_buffer.name))
        ll_lua_type_error(L, i, ll_class_buffer.name);
    if (lua_isstring(L, i) == 0)
        ll_lua_type_error(L, i, "string or Buffer");
    lua_tostring(L, i);
    return false;
}

/* Adds the value at index i as the next segment; its key is reserved. No Lua memory is
 * taken here, so nothing comes between what is kept and what the message has. */
static llnet_status ll_lua_add_segment(lua_State *L, llnet_message *self, int kept, int i) {
    int key = (int)llnet_message_get_segment_count(self) + 1;
    const char *data;
    size_t len;

    if (ll_lua_test(L, i, &ll_class_buffer) != NULL) {
        lua_pushboolean(L, 0);
        lua_rawseti(L, kept, key);
        return llnet_message_add_buffer(self, (llnet_buffer *)ll_lua_check_pointer(L, i, &ll_class_buffer), 0,
                                        LLNET_ALL);
    }
    data = lua_tolstring(L, i, &len);
    ll_lua_store(L, kept, key, i);
    return llnet_message_add_data(self, data, len);
}

/* set_data(...): the segments are the arguments, strings and Buffers */
static int ll_lua_message_set_data(lua_State *L) {
    int count = lua_gettop(L) - 1, kept, i;
    llnet_status status = 0;
    llnet_message *self;

    ll_lua_check_message(L, 1);
    luaL_checkstack(L, 8, "too many segments");
    for (i = 2; i <= count + 1; i++)
        ll_lua_is_buffer(L, i);
    kept = ll_lua_push_kept(L, 1);
    for (i = 1; i <= count; i++)
        ll_lua_reserve(L, kept, i);
    self = ll_lua_check_message(L, 1);
    llnet_message_clear_data(self);
    for (i = 2; i <= count + 1 && status == 0; i++)
        status = ll_lua_add_segment(L, self, kept, i);
    ll_lua_drop_kept(L, kept, count + 1, 1);
    if (status < 0) {
        llnet_message_clear_data(self);
        return ll_lua_error(L, status);
    }
    return ll_lua_true(L);
}

/* Makes sure of all keys up to this one: the Buffers that add_buffer adds have none. */
static void ll_lua_reserve_all(lua_State *L, int kept, int count) {
    for (; count > 0 && !ll_lua_reserve(L, kept, count); count--) {
    }
}

/* add_data(string): one more segment */
static int ll_lua_message_add_data(lua_State *L) {
    llnet_message *self;
    llnet_status status;
    int kept;

    ll_lua_check_message(L, 1);
    luaL_checkstring(L, 2);
    lua_settop(L, 2);
    kept = ll_lua_push_kept(L, 1);
    self = ll_lua_check_message(L, 1); /* only now: to make a string may have ended it */
    ll_lua_reserve_all(L, kept, (int)llnet_message_get_segment_count(self) + 1);
    status = ll_lua_add_segment(L, ll_lua_check_message(L, 1), kept, 2);
    if (status < 0)
        return ll_lua_error(L, status);
    return ll_lua_true(L);
}

/* clear_data() */
static int ll_lua_message_clear_data(lua_State *L) {
    llnet_message_clear_data(ll_lua_check_message(L, 1));
    ll_lua_drop_kept(L, ll_lua_push_kept(L, 1), 1, 1);
    return ll_lua_true(L);
}

/* Without its table the strings of the message at index i may be gone: raises. */
static void ll_lua_require_kept(lua_State *L, int i) {
    ll_lua_push_kept(L, i);
    lua_pop(L, 1);
}

/* Strings may be collected while the kernel still reads them: the message at index i must
 * have none, or the argument is refused. */
static void ll_lua_refuse_strings(lua_State *L, int i, int argument) {
    llnet_message *self = ll_lua_check_message(L, i);
    int kept = ll_lua_push_kept(L, i), key;

    for (key = 1; key <= (int)llnet_message_get_segment_count(self); key++) {
        lua_rawgeti(L, kept, key);
        if (lua_type(L, -1) == LUA_TSTRING)
            luaL_argerror(L, argument, "MSG_ZEROCOPY wants Buffers, not strings");
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
}

/* ---- control data ------------------------------------------------------------- */

/* How many descriptors are to be passed, or came and are there still or were taken. */
static int ll_lua_count_passed(const llnet_message *self) {
    int fds[LLNET_MESSAGE_DESCRIPTORS_MAX], level, type;
    llnet_count len;
    size_t i;

    for (i = 0; llnet_message_get_control_type(self, i, &level, &type) == 0; i++) {
        if (level != SOL_SOCKET || type != SCM_RIGHTS)
            continue;
        len = llnet_message_get_control_data(self, i, fds, sizeof fds);
        return len < 0 ? 0 : (int)((size_t)len / sizeof fds[0]);
    }
    return 0;
}

/* add_descriptor(object): a Socket, a number, or what has fileno or getfd */
static int ll_lua_message_add_descriptor(lua_State *L) {
    enum { OBJECT = 2, KEPT = 3 };
    llnet_message *self;
    llnet_status status;
    intptr_t fd;

    ll_lua_check_message(L, 1);
    luaL_checkany(L, OBJECT);
    lua_settop(L, OBJECT);
    fd = ll_lua_descriptor(L, OBJECT);
    if (fd < 0)
        return ll_lua_error(L, fd);
    lua_settop(L, OBJECT);
    self = ll_lua_check_message(L, 1); /* only now: the object's method may have ended it */
    ll_lua_push_kept(L, 1);
    /* after a receive it is the first one */
    ll_lua_reserve(L, KEPT, -1);
    ll_lua_reserve(L, KEPT, -1 - ll_lua_count_passed(self));
    self = ll_lua_check_message(L, 1);
    status = llnet_message_add_descriptor(self, fd);
    if (status < 0)
        return ll_lua_error(L, status);
    ll_lua_store(L, KEPT, -ll_lua_count_passed(self), OBJECT);
    ll_lua_drop_kept(L, KEPT, -1 - ll_lua_count_passed(self), -1); /* of those before a receive */
    return ll_lua_true(L);
}

/* What the message at index i kept to be passed is over once it receives. */
static void ll_lua_forget_passed(lua_State *L, int i) {
    const llnet_message *self = ll_lua_check_message(L, i);

    if (llnet_message_get_control_count(self) == 0 || ll_lua_count_passed(self) == 0)
        return;
    ll_lua_drop_kept(L, ll_lua_push_kept(L, i), -1, -1);
    lua_pop(L, 1);
}

/* clear_control() */
static int ll_lua_message_clear_control(lua_State *L) {
    llnet_message_clear_control(ll_lua_check_message(L, 1));
    ll_lua_drop_kept(L, ll_lua_push_kept(L, 1), -1, -1);
    return ll_lua_true(L);
}

/* reset() */
static int ll_lua_message_reset(lua_State *L) {
    int kept;

    llnet_message_reset(ll_lua_check_message(L, 1));
    kept = ll_lua_push_kept(L, 1);
    ll_lua_drop_kept(L, kept, 1, 1);
    ll_lua_drop_kept(L, kept, -1, -1);
    return ll_lua_true(L);
}

static const char *const ll_lua_origins[] = {"none",         "local",    "icmp",  "icmp6",
                                             "timestamping", "zerocopy", "txtime"};

static void ll_lua_set_number_field(lua_State *L, const char *name, int64_t value) {
    ll_lua_push_int64(L, value);
    lua_setfield(L, -2, name);
}

/* get_error(): { error = "ECONNREFUSED", number = 111, origin = "icmp", type =, code =,
 * info =, offender = Addr } */
static int ll_lua_message_get_error(lua_State *L) {
    llnet_message *self;
    int error, origin, type, code;
    llnet_addr *offender;
    llnet_status status;
    uint32_t info;

    (void)ll_lua_check_message(L, 1);
    lua_settop(L, 1);
    lua_newtable(L);
    offender = (llnet_addr *)ll_lua_new(L, &ll_class_addr);
    self = ll_lua_check_message(L, 1);
    status = llnet_message_get_error(self, &error, &origin, &type, &code, &info);
    if (status < 0)
        return ll_lua_error(L, status);
    if (llnet_message_get_error_offender(self, offender) == 0)
        lua_setfield(L, 2, "offender");
    lua_settop(L, 2);
    if (llnet_error_name(error) != NULL && error != 0) {
        lua_pushstring(L, llnet_error_name(error));
        lua_setfield(L, 2, "error");
    }
    if (origin >= 0 && origin < (int)(sizeof ll_lua_origins / sizeof ll_lua_origins[0])) {
        lua_pushstring(L, ll_lua_origins[origin]);
        lua_setfield(L, 2, "origin");
    } else {
        ll_lua_set_number_field(L, "origin", origin);
    }
    ll_lua_set_number_field(L, "number", error);
    ll_lua_set_number_field(L, "type", type);
    ll_lua_set_number_field(L, "code", code);
    ll_lua_set_number_field(L, "info", info);
    return 1;
}

static const luaL_Reg ll_lua_message_natives[] = {
    {"new", ll_lua_message_new},
    {"reset", ll_lua_message_reset},
    {"set_data", ll_lua_message_set_data},
    {"add_data", ll_lua_message_add_data},
    {"clear_data", ll_lua_message_clear_data},
    {"add_descriptor", ll_lua_message_add_descriptor},
    {"clear_control", ll_lua_message_clear_control},
    {"get_error", ll_lua_message_get_error},
    {NULL, NULL},
};
