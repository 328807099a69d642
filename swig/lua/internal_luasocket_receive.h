/* SPDX-License-Identifier: MIT */
/* internal_luasocket_receive.h: how llnet.luasocket receives: what came and is not read yet
 * stands in a rest, a userdata without a metatable from which lines and bytes are taken; what
 * takes many calls is received in one go. */

#include <stdlib.h>

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

/* Bytes that came, of which those before at are taken. Lua collects it like a string. */
typedef struct ll_lua_rest {
    const char *tag; /* of ll_lua_rest_tag, which proves what it is */
    size_t at, size;
    char bytes[];
} ll_lua_rest;

static const char ll_lua_rest_tag = 0;

/* NULL where it is none. */
static ll_lua_rest *ll_lua_test_rest(lua_State *L, int i) {
    ll_lua_rest *rest = (ll_lua_rest *)lua_touserdata(L, i);

    return rest != NULL && ll_lua_rawlen(L, i) >= sizeof *rest && rest->tag == &ll_lua_rest_tag ? rest : NULL;
}

static ll_lua_rest *ll_lua_check_rest(lua_State *L, int i) {
    ll_lua_rest *rest = ll_lua_test_rest(L, i);

    if (rest == NULL)
        ll_lua_type_error(L, i, "rest");
    return rest;
}

/* The most that one call receives. */
enum { LL_LUA_REST = 16384 };

/* Receives once what there is; before that waits so long, where it isn't NULL. The count, or an
 * error: ETIMEDOUT where nothing came. */
static llnet_count ll_lua_receive_once(llnet_socket *socket, char bytes[LL_LUA_REST], const int *timeout_ms) {
    llnet_count n = timeout_ms == NULL ? 1 : llnet_socket_poll(socket, POLLIN, *timeout_ms);

    if (n > 0)
        n = llnet_socket_recv(socket, bytes, LL_LUA_REST, 0);
    return n == 0 ? -ETIMEDOUT : n;
}

/* Pushes a rest of these bytes. */
static void ll_lua_push_rest(lua_State *L, const char *bytes, size_t size) {
    ll_lua_rest *rest = (ll_lua_rest *)lua_newuserdata(L, sizeof *rest + size);

    *rest = (ll_lua_rest){&ll_lua_rest_tag, 0, size};
    memcpy(rest->bytes, bytes, size);
}

/* receive_rest(socket, timeout_ms): receives once; nil does not wait before. Gives the rest and
 * its count, or nil, name and number of an error. */
static int ll_lua_luasocket_receive_rest(lua_State *L) {
    llnet_socket *socket = (llnet_socket *)ll_lua_check(L, 1, &ll_class_socket);
    bool waits = !lua_isnoneornil(L, 2);
    int timeout_ms = waits ? ll_lua_int(L, 2) : 0;
    char bytes[LL_LUA_REST];
    llnet_count n = ll_lua_receive_once(socket, bytes, waits ? &timeout_ms : NULL);

    if (n < 0)
        return ll_lua_error(L, n);
    ll_lua_push_rest(L, bytes, (size_t)n);
    lua_pushinteger(L, (lua_Integer)n);
    return 2;
}

/* Where the first line ends, NULL where none does. */
static const char *ll_lua_find_line(const ll_lua_rest *rest) {
    return (const char *)memchr(rest->bytes + rest->at, '\n', rest->size - rest->at);
}

/* next_line(rest): takes the first line, and gives it without carriage returns, and whether
 * there is more; or all that there is, alone, where no line ends. */
static int ll_lua_luasocket_next_line(lua_State *L) {
    ll_lua_rest *rest = ll_lua_check_rest(L, 1);
    const char *begin = rest->bytes + rest->at, *end = ll_lua_find_line(rest);

    rest->at = end != NULL ? (size_t)(end + 1 - rest->bytes) : rest->size;
    ll_lua_push_without_returns(L, begin, end != NULL ? end : rest->bytes + rest->size);
    if (end == NULL)
        return 1;
    lua_pushboolean(L, rest->at < rest->size);
    return 2;
}

/* A count of bytes, which may be more than there can ever be: then, and where it is nil, it is the
 * most that there can be. */
static size_t ll_lua_opt_bytes(lua_State *L, int i) {
    lua_Number most = (lua_Number)(SIZE_MAX / 2), n = luaL_optnumber(L, i, most);

    if (n >= most)
        return SIZE_MAX / 2;
    return n > 0 ? (size_t)n : 0;
}

/* take(rest, count): takes so many bytes, or all that there are where they are fewer or count is
 * nil, and gives them, and whether there are more. */
static int ll_lua_luasocket_take(lua_State *L) {
    ll_lua_rest *rest = ll_lua_check_rest(L, 1);
    size_t count = ll_lua_opt_bytes(L, 2), at = rest->at;

    if (count > rest->size - at)
        count = rest->size - at;
    rest->at = at + count;
    lua_pushlstring(L, rest->bytes + at, count);
    lua_pushboolean(L, rest->at < rest->size);
    return 2;
}

/* left(rest): how many bytes there are */
static int ll_lua_luasocket_left(lua_State *L) {
    const ll_lua_rest *rest = ll_lua_check_rest(L, 1);

    lua_pushinteger(L, (lua_Integer)(rest->size - rest->at));
    return 1;
}

/* Bytes that were received, and are nobody's but C's. */
typedef struct ll_lua_received {
    char *bytes;
    size_t size, capacity;
} ll_lua_received;

/* Receives to their end until there are goal bytes. As in LuaSocket the deadline ends a wait, not a
 * call that finds something each time. No Lua is called, so nobody can raise. */
static llnet_status ll_lua_receive_to(llnet_socket *socket, ll_lua_received *self, size_t goal, int64_t deadline) {
    llnet_status status = 0;
    size_t progress, capacity;
    char *bytes;

    while (status == 0 && self->size < goal) {
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
        if (status == -ETIMEDOUT && progress > 0)
            status = 0;
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
    size_t size, wanted = ll_lua_opt_bytes(L, 3), goal;
    int64_t deadline = ll_lua_opt_deadline(L, 4);
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
