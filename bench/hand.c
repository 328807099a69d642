/* SPDX-License-Identifier: MIT */
/* hand.c: the yardstick for what a binding costs: a Lua binding of a few socket calls as
 * one writes it by hand with the Lua API alone, with the quickest usual check of
 * self (its metatable is an upvalue) and a plain table as __index. */
#include "config.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <lauxlib.h>
#include <lua.h>

typedef struct hand_socket {
    int fd;
} hand_socket;

static hand_socket *check(lua_State *L) {
    hand_socket *self = (hand_socket *)lua_touserdata(L, 1);

    if (self == NULL || !lua_getmetatable(L, 1) || !lua_rawequal(L, -1, lua_upvalueindex(1)))
        luaL_argerror(L, 1, "socket expected");
    lua_pop(L, 1);
    return self;
}

static int failed(lua_State *L) {
    int error = errno;

    lua_pushnil(L);
    lua_pushstring(L, error == EAGAIN ? "EAGAIN" : strerror(error));
    lua_pushinteger(L, error);
    return 3;
}

/* What the interpreter's own call of a C function costs. */
static int hand_nothing(lua_State *L) {
    (void)L;
    return 0;
}

static int hand_fileno(lua_State *L) {
    lua_pushinteger(L, check(L)->fd);
    return 1;
}

static int hand_send(lua_State *L) {
    hand_socket *self = check(L);
    size_t len;
    const char *data = luaL_checklstring(L, 2, &len);
    int flags = (int)luaL_optinteger(L, 3, 0);
    ssize_t n = send(self->fd, data, len, flags | MSG_NOSIGNAL);

    if (n < 0)
        return failed(L);
    lua_pushinteger(L, (lua_Integer)n);
    return 1;
}

static int hand_recv(lua_State *L) {
    hand_socket *self = check(L);
    lua_Integer len = luaL_checkinteger(L, 2);
    int flags = (int)luaL_optinteger(L, 3, 0);
    char data[8192];
    ssize_t n;

    luaL_argcheck(L, len >= 0 && len <= (lua_Integer)sizeof data, 2, "out of range");
    n = recv(self->fd, data, (size_t)len, flags);
    if (n < 0)
        return failed(L);
    lua_pushlstring(L, data, (size_t)n);
    return 1;
}

static int hand_gc(lua_State *L) {
    hand_socket *self = check(L);

    if (self->fd >= 0)
        close(self->fd);
    self->fd = -1;
    return 0;
}

static void push_socket(lua_State *L, int fd) {
    ((hand_socket *)lua_newuserdata(L, sizeof(hand_socket)))->fd = fd;
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_setmetatable(L, -2);
}

static int hand_pair(lua_State *L) {
    int fds[2];

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds) < 0)
        return failed(L);
    push_socket(L, fds[0]);
    push_socket(L, fds[1]);
    return 2;
}

/* Sets a function with the metatable at index 1 as upvalue in the table on top. */
static void set_function(lua_State *L, const char *name, lua_CFunction function) {
    lua_pushvalue(L, 1);
    lua_pushcclosure(L, function, 1);
    lua_setfield(L, -2, name);
}

__attribute__((visibility("default"))) int luaopen_hand(lua_State *L);

int luaopen_hand(lua_State *L) {
    lua_settop(L, 0);
    lua_newtable(L);
    set_function(L, "__gc", hand_gc);
    lua_newtable(L);
    set_function(L, "nothing", hand_nothing);
    set_function(L, "fileno", hand_fileno);
    set_function(L, "send", hand_send);
    set_function(L, "recv", hand_recv);
    lua_setfield(L, 1, "__index");
    lua_newtable(L);
    set_function(L, "pair", hand_pair);
    return 1;
}
