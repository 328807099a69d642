/* SPDX-License-Identifier: MIT */
/* internal_luasocket.h: what llnet.luasocket needs below Lua: sockets under metatables of its
 * own, as LuaSocket's objects change their class while they live, and their descriptor. They
 * stay Sockets to every function of the module, which looks at the box alone. */

#include <arpa/inet.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

static int ll_lua_gc(lua_State *L); /* setup.h */

/* adopt_class(metatable): gives it what ends a Socket */
static int ll_lua_luasocket_adopt_class(lua_State *L) {
    static const char *const events[] = {"__gc", "__close"};
    size_t i;

    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    lua_pushlightuserdata(L, (void *)&ll_class_socket);
    lua_rawget(L, LUA_REGISTRYINDEX);
    for (i = 0; i < sizeof events / sizeof events[0]; i++) {
        lua_getfield(L, 2, events[i]);
        lua_setfield(L, 1, events[i]);
    }
    return 0;
}

/* set_class(socket, metatable), which adopt_class prepared: returns the socket */
static int ll_lua_luasocket_set_class(lua_State *L) {
    ll_lua_check(L, 1, &ll_class_socket);
    luaL_checktype(L, 2, LUA_TTABLE);
    lua_settop(L, 2);
    lua_pushliteral(L, "__gc");
    lua_rawget(L, 2); /* the collector looks there alone */
    luaL_argcheck(L, lua_tocfunction(L, -1) == ll_lua_gc, 2, "adopt_class comes first");
    lua_pop(L, 1);
    lua_setmetatable(L, 1);
    return 1;
}

/* closed(): a Socket that is not open */
static int ll_lua_luasocket_closed(lua_State *L) {
    llnet_socket_init((llnet_socket *)ll_lua_new(L, &ll_class_socket));
    return 1;
}

/* set_fd(socket, fd): the descriptor changes, and nothing else; the one before is the
 * caller's to close. */
static int ll_lua_luasocket_set_fd(lua_State *L) {
    llnet_socket *self = (llnet_socket *)ll_lua_check(L, 1, &ll_class_socket);
    int fd = ll_lua_int(L, 2);

    llnet_socket_detach(self);
    if (fd >= 0)
        llnet_socket_adopt(self, fd);
    return 0;
}

/* move(socket, other): closes what the socket has, and gives it what the other has: one call, since
 * between two a debug hook may do anything to either. */
static int ll_lua_luasocket_move(lua_State *L) {
    llnet_socket *self = (llnet_socket *)ll_lua_check(L, 1, &ll_class_socket);
    llnet_socket *other = (llnet_socket *)ll_lua_check(L, 2, &ll_class_socket);
    llnet_count fd;

    luaL_argcheck(L, self != other, 2, "another Socket expected");
    fd = llnet_socket_detach(other);
    llnet_socket_close(self);
    if (fd >= 0)
        llnet_socket_adopt(self, (intptr_t)fd);
    return 0;
}

/* describe(socket, name): "tcp{client}: 0x..." */
static int ll_lua_luasocket_describe(lua_State *L) {
    lua_pushfstring(L, "%s: %p", luaL_checkstring(L, 2), ll_lua_check(L, 1, &ll_class_socket));
    return 1;
}

/* descriptor_limit(): no descriptor of this process can be as large, or larger */
static int ll_lua_luasocket_descriptor_limit(lua_State *L) {
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_max > INT_MAX)
        limit.rlim_max = INT_MAX;
    lua_pushinteger(L, (lua_Integer)limit.rlim_max);
    return 1;
}

/* time_of_day(): seconds since 1970: clock_gettime(2) */
static int ll_lua_luasocket_time_of_day(lua_State *L) {
    struct timespec now = {0, 0};

    clock_gettime(CLOCK_REALTIME, &now);
    lua_pushnumber(L, (lua_Number)now.tv_sec + (lua_Number)now.tv_nsec / 1e9);
    return 1;
}

/* gethostname(): this machine's name, or nil, name and number of an error */
static int ll_lua_luasocket_gethostname(lua_State *L) {
    char name[257];

    if (gethostname(name, sizeof name) < 0)
        return ll_lua_error(L, -errno);
    name[sizeof name - 1] = '\0'; /* one that was cut need not end */
    lua_pushstring(L, name);
    return 1;
}

/* ipv4(text): the address that inet_aton(3) finds there, as four numbers with dots; nil: none */
static int ll_lua_luasocket_ipv4(lua_State *L) {
    struct in_addr addr;
    char text[INET_ADDRSTRLEN];

    if (inet_aton(luaL_checkstring(L, 1), &addr) != 0)
        lua_pushstring(L, inet_ntop(AF_INET, &addr, text, sizeof text));
    else
        lua_pushnil(L);
    return 1;
}

static const luaL_Reg ll_lua_luasocket_natives[] = {
    {"adopt_class", ll_lua_luasocket_adopt_class},
    {"set_class", ll_lua_luasocket_set_class},
    {"closed", ll_lua_luasocket_closed},
    {"set_fd", ll_lua_luasocket_set_fd},
    {"move", ll_lua_luasocket_move},
    {"describe", ll_lua_luasocket_describe},
    {"receive_rest", ll_lua_luasocket_receive_rest},
    {"next_line", ll_lua_luasocket_next_line},
    {"in_front", ll_lua_luasocket_in_front},
    {"take", ll_lua_luasocket_take},
    {"left", ll_lua_luasocket_left},
    {"receive", ll_lua_luasocket_receive},
    {"time_of_day", ll_lua_luasocket_time_of_day},
    {"descriptor_limit", ll_lua_luasocket_descriptor_limit},
    {"ipv4", ll_lua_luasocket_ipv4},
    {"gethostname", ll_lua_luasocket_gethostname},
    {NULL, NULL},
};
