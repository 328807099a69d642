/* SPDX-License-Identifier: MIT */
/* internal_luasocket.h: what llnet.luasocket needs below Lua: sockets under metatables of its
 * own, as LuaSocket's objects change their class while they live, and their descriptor. They
 * stay Sockets to every function of the module, which looks at the box alone. */

#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

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

/* Adds bytes to the buffer, without the carriage returns among them. */
static void ll_lua_add_without_returns(luaL_Buffer *buffer, const char *bytes, const char *end) {
    const char *found;

    for (; (found = (const char *)memchr(bytes, '\r', (size_t)(end - bytes))) != NULL; bytes = found + 1)
        luaL_addlstring(buffer, bytes, (size_t)(found - bytes));
    luaL_addlstring(buffer, bytes, (size_t)(end - bytes));
}

/* Pushes the bytes without the carriage returns among them. */
static void ll_lua_push_without_returns(lua_State *L, const char *bytes, const char *end) {
    luaL_Buffer buffer;

    if (memchr(bytes, '\r', (size_t)(end - bytes)) == NULL) {
        lua_pushlstring(L, bytes, (size_t)(end - bytes));
        return;
    }
    luaL_buffinit(L, &buffer);
    ll_lua_add_without_returns(&buffer, bytes, end);
    luaL_pushresult(&buffer);
}

/* cut_line(text, at): the line that begins at this index, without its carriage returns, and
 * the index where the next one begins; nothing where no line ends. */
static int ll_lua_luasocket_cut_line(lua_State *L) {
    size_t len;
    const char *text = luaL_checklstring(L, 1, &len), *begin, *end;
    lua_Integer at = lua_tointeger(L, 2);

    luaL_argcheck(L, at >= 1 && (size_t)at <= len + 1, 2, "index out of bounds");
    begin = text + at - 1;
    end = (const char *)memchr(begin, '\n', len - (size_t)(at - 1));
    if (end == NULL)
        return 0;
    ll_lua_push_without_returns(L, begin, end);
    lua_pushinteger(L, (lua_Integer)(end - text) + 2);
    return 2;
}

/* poll(2) where the caller says so, then recv(2) of at most len bytes. */
static llnet_count ll_lua_wait_and_recv(lua_State *L, void *data, size_t len) {
    llnet_socket *socket = (llnet_socket *)ll_lua_check(L, 1, &ll_class_socket);
    llnet_count ready = 1;

    if (!lua_isnoneornil(L, 2))
        ready = llnet_socket_poll(socket, POLLIN, ll_lua_int(L, 2));
    if (ready <= 0)
        return ready < 0 ? ready : -ETIMEDOUT;
    return llnet_socket_recv(socket, data, len, 0);
}

/* receive_line(socket, timeout_ms): receives once what there is, up to 8 KiB; before that waits
 * so long, where it isn't nil. Gives the first line of it without carriage returns, how many
 * bytes came, and those after the line, if any; or false, how many came, and all of
 * them, where no line ends there; or nil, name and number of an error. */
static int ll_lua_luasocket_receive_line(lua_State *L) {
    char bytes[LL_LUA_STACK];
    llnet_count n = ll_lua_wait_and_recv(L, bytes, sizeof bytes);
    const char *end = n > 0 ? (const char *)memchr(bytes, '\n', (size_t)n) : NULL,
               *rest = end != NULL ? end + 1 : bytes;

    if (n < 0)
        return ll_lua_error(L, n);
    if (end != NULL)
        ll_lua_push_without_returns(L, bytes, end);
    else
        lua_pushboolean(L, 0);
    lua_pushinteger(L, (lua_Integer)n);
    if (rest == bytes + n)
        return 2;
    lua_pushlstring(L, rest, (size_t)(bytes + n - rest));
    return 3;
}

/* Bytes that were received, and are nobody's but C's. */
typedef struct ll_lua_received {
    char *bytes;
    size_t size, capacity;
} ll_lua_received;

/* Receives to their end until there are goal bytes; where the moment is past already, all that
 * is there, and so the end of the stream, too. No Lua is called, so nobody can raise. */
static llnet_status ll_lua_receive_to(llnet_socket *socket, ll_lua_received *self, size_t goal, int64_t deadline) {
    llnet_status status = 0;
    size_t progress = 0, capacity;
    bool at_once = deadline != LLNET_NEVER && llnet_clock_now() >= deadline;
    char *bytes;

    while ((status == 0 || (at_once && status == -ETIMEDOUT && progress > 0)) && self->size < goal) {
        if (self->size == self->capacity) {
            capacity = self->capacity < goal / 2 ? 2 * self->capacity : goal;
            bytes = (char *)realloc(self->bytes, capacity);
            if (bytes == NULL)
                return -ENOMEM;
            self->bytes = bytes;
            self->capacity = capacity;
        }
        status = llnet_socket_recv_exact(socket, self->bytes + self->size, self->capacity - self->size, deadline,
                                         &progress);
        self->size += progress;
    }
    return status;
}

/* Protected, since there may be no memory for the string: then the bytes must be freed. */
static int ll_lua_push_received_bytes(lua_State *L) {
    const ll_lua_received *received = (const ll_lua_received *)lua_touserdata(L, 1);

    lua_pushlstring(L, received->bytes, received->size);
    return 1;
}

/* The block that bytes are received into at first; it doubles, which moves no byte once the
 * system's allocator gives it pages of its own. */
enum { LL_LUA_FIRST_BLOCK = 1 << 18 };

/* receive(socket, taken, wanted, deadline): waits until so many bytes more are there (nil: until
 * the end), or the deadline (nil: never) is past. Gives taken and what came as one string,
 * and the name and number of the error that came first. */
static int ll_lua_luasocket_receive(lua_State *L) {
    size_t size, wanted = ll_lua_opt_size(L, 3, SIZE_MAX / 2), goal;
    int64_t deadline = lua_isnoneornil(L, 4) ? LLNET_NEVER : ll_lua_int64(L, 4);
    const char *taken = luaL_checklstring(L, 2, &size);
    ll_lua_received received = {NULL, size, 0};
    llnet_status status;
    int failed;

    ll_lua_check(L, 1, &ll_class_socket);
    lua_settop(L, 2);
    goal = wanted < SIZE_MAX / 2 - size ? size + wanted : SIZE_MAX / 2;
    received.capacity = goal - size < LL_LUA_FIRST_BLOCK ? goal : size + LL_LUA_FIRST_BLOCK;
    lua_pushcfunction(L, ll_lua_push_received_bytes);
    lua_pushlightuserdata(L, &received);
    received.bytes = (char *)malloc(received.capacity + 1);
    if (received.bytes == NULL)
        return luaL_error(L, "not enough memory");
    memcpy(received.bytes, taken, size);
    status = ll_lua_receive_to((llnet_socket *)ll_lua_check(L, 1, &ll_class_socket), &received, goal, deadline);
    failed = lua_pcall(L, 1, 1, 0);
    free(received.bytes);
    if (failed != 0)
        return lua_error(L);
    if (status == 0)
        return 1;
    lua_pushstring(L, llnet_error_name(-status));
    lua_pushinteger(L, -status);
    return 3;
}

/* time_of_day(): seconds since 1970: clock_gettime(2) */
static int ll_lua_luasocket_time_of_day(lua_State *L) {
    struct timespec now = {0, 0};

    clock_gettime(CLOCK_REALTIME, &now);
    lua_pushnumber(L, (lua_Number)now.tv_sec + (lua_Number)now.tv_nsec / 1e9);
    return 1;
}

static const luaL_Reg ll_lua_luasocket_natives[] = {
    {"adopt_class", ll_lua_luasocket_adopt_class},
    {"set_class", ll_lua_luasocket_set_class},
    {"closed", ll_lua_luasocket_closed},
    {"set_fd", ll_lua_luasocket_set_fd},
    {"move", ll_lua_luasocket_move},
    {"describe", ll_lua_luasocket_describe},
    {"cut_line", ll_lua_luasocket_cut_line},
    {"receive_line", ll_lua_luasocket_receive_line},
    {"receive", ll_lua_luasocket_receive},
    {"time_of_day", ll_lua_luasocket_time_of_day},
    {"descriptor_limit", ll_lua_luasocket_descriptor_limit},
    {NULL, NULL},
};
