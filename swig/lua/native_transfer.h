/* SPDX-License-Identifier: MIT */
/* native_transfer.h: transfers as Lua sees them: Lua's own files, lists of strings and
 * Buffers, and how far a whole transfer came as a fourth result. */

#include <stdio.h>
#include <sys/uio.h>

/* ---- arguments -------------------------------------------------------------- */

/* The descriptor of a Lua file, or of what has one; a negative result is an error code.
 * In every Lua a file's userdata begins with its FILE *, which is NULL (5.1, LuaJIT) or
 * followed by NULL (5.2 and later) once it is closed. */
static intptr_t ll_lua_file(lua_State *L, int i) {
    void *file = lua_touserdata(L, i);
    bool is_file = false;

    if (file != NULL && ll_lua_rawlen(L, i) >= sizeof(FILE *) && lua_getmetatable(L, i) != 0) {
        lua_getfield(L, LUA_REGISTRYINDEX, "FILE*");
        is_file = lua_rawequal(L, -1, -2) != 0;
        lua_pop(L, 2);
    }
    if (!is_file)
        return ll_lua_descriptor(L, i);
#if LUA_VERSION_NUM >= 502
    if (((luaL_Stream *)file)->closef == NULL)
        return -EBADF;
#endif
    if (*(FILE **)file == NULL)
        return -EBADF;
    return fileno(*(FILE **)file);
}

/* sendfile(file, offset, count): file is a Lua file, a Socket, a descriptor's number. A Lua
 * file wants an offset: where it stands the descriptor knows only to the next buffer. */
static int ll_lua_sendfile(lua_State *L) {
    int64_t offset = lua_isnoneornil(L, 3) ? -1 : ll_lua_range(L, 3, 0, INT64_MAX);
    size_t count = ll_lua_opt_size(L, 4, LLNET_ALL);
    intptr_t file;
    llnet_count n;

    ll_lua_check(L, 1, &ll_class_socket);
    lua_settop(L, 2);
    file = ll_lua_file(L, 2);
    if (offset < 0 && lua_type(L, 2) == LUA_TUSERDATA && ll_lua_test(L, 2, &ll_class_socket) == NULL)
        return luaL_argerror(L, 3, "a file wants an offset");
    if (file < 0)
        return ll_lua_error(L, file);
    n = llnet_socket_sendfile((llnet_socket *)ll_lua_check(L, 1, &ll_class_socket), file, offset, count);
    if (n < 0)
        return ll_lua_error(L, n);
    lua_pushinteger(L, (lua_Integer)n);
    return 1;
}

/* ---- lists ---------------------------------------------------------------------- */

/* As many pieces as the kernel takes (Linux's IOV_MAX); one more it refuses itself. */
enum { LL_LUA_PIECES = 1024 };

/* Raises where an element of the list at index i is not to be used. A number is not: its
 * string would be nobody's, and the list alone keeps what pieces point to. */
static int ll_lua_check_list(lua_State *L, int i, bool strings) {
    int count, key;

    luaL_checktype(L, i, LUA_TTABLE);
    count = (int)ll_lua_rawlen(L, i);
    for (key = 1; key <= count; key++) {
        lua_rawgeti(L, i, key);
        if (ll_lua_test(L, -1, &ll_class_buffer) == NULL && !(strings && lua_type(L, -1) == LUA_TSTRING))
            luaL_argerror(L, i,
                          lua_pushfstring(L, "element %d: %s expected, got %s", key,
                                          strings ? "string or Buffer" : "Buffer", ll_lua_describe(L, -1)));
        lua_pop(L, 1);
    }
    return count;
}

/* The memory of the element on top, and takes it off: the list keeps it. False: by the
 * debug library it is none of these any more. */
static bool ll_lua_piece(lua_State *L, struct iovec *out, bool whole) {
    llnet_buffer **box = (llnet_buffer **)ll_lua_test(L, -1, &ll_class_buffer);
    size_t len = 0;

    out->iov_base = NULL;
    if (box != NULL) {
        len = whole ? llnet_buffer_get_capacity(*box) : llnet_buffer_get_size(*box);
        out->iov_base = llnet_buffer_data(*box);
    } else if (lua_type(L, -1) == LUA_TSTRING && !whole) {
        out->iov_base = (void *)(uintptr_t)lua_tolstring(L, -1, &len);
    }
    out->iov_len = len;
    lua_pop(L, 1);
    return box != NULL || out->iov_base != NULL;
}

/* Leaves out the first skip bytes. The result is how many pieces are left, from *first on. */
static int ll_lua_skip(struct iovec *pieces, int count, size_t skip, int *first) {
    int i = 0;

    for (; i < count && skip >= pieces[i].iov_len; i++)
        skip -= pieces[i].iov_len;
    if (i < count) {
        pieces[i].iov_base = (char *)pieces[i].iov_base + skip;
        pieces[i].iov_len -= skip;
    }
    *first = i;
    return count - i;
}

/* sendv(list [, flags [, skip]]): strings and Buffers as one run of bytes, without the
 * first skip ones */
static int ll_lua_sendv(lua_State *L) {
    llnet_socket *self = (llnet_socket *)ll_lua_check(L, 1, &ll_class_socket);
    int count = ll_lua_check_list(L, 2, true), flags = ll_lua_opt_int(L, 3, 0), i, first;
    size_t skip = ll_lua_opt_size(L, 4, 0);
    struct iovec pieces[LL_LUA_PIECES];
    llnet_count n;

    if (count > LL_LUA_PIECES)
        return ll_lua_error(L, -EMSGSIZE);
    lua_settop(L, 2);
    for (i = 0; i < count; i++) {
        lua_rawgeti(L, 2, i + 1);
        if ((flags & MSG_ZEROCOPY) != 0 && lua_type(L, -1) == LUA_TSTRING)
            luaL_argerror(L, 2, "MSG_ZEROCOPY wants Buffers, not strings");
        ll_lua_piece(L, &pieces[i], false);
    }
    count = ll_lua_skip(pieces, count, skip, &first);
    n = llnet_socket_sendv(self, pieces + first, (size_t)count, flags);
    if (n < 0)
        return ll_lua_error(L, n);
    lua_pushinteger(L, (lua_Integer)n);
    return 1;
}

/* recvv(list [, flags]): into Buffers, each to its capacity before the next; their sizes
 * become what came */
static int ll_lua_recvv(lua_State *L) {
    llnet_socket *self = (llnet_socket *)ll_lua_check(L, 1, &ll_class_socket);
    int count = ll_lua_check_list(L, 2, false), flags = ll_lua_opt_int(L, 3, 0), i;
    struct iovec pieces[LL_LUA_PIECES];
    llnet_buffer **box;
    size_t rest, share;
    llnet_count n;

    if (count > LL_LUA_PIECES)
        return ll_lua_error(L, -EMSGSIZE);
    lua_settop(L, 2);
    for (i = 0; i < count; i++) {
        lua_rawgeti(L, 2, i + 1);
        ll_lua_piece(L, &pieces[i], true);
    }
    n = llnet_socket_recvv(self, pieces, (size_t)count, flags);
    if (n < 0)
        return ll_lua_error(L, n);
    for (i = 0, rest = (size_t)n; i < count; i++, rest -= share) {
        share = rest < pieces[i].iov_len ? rest : pieces[i].iov_len;
        lua_rawgeti(L, 2, i + 1);
        box = (llnet_buffer **)ll_lua_test(L, -1, &ll_class_buffer);
        if (box != NULL)
            llnet_buffer_set_size(*box, share);
        lua_pop(L, 1);
    }
    lua_pushinteger(L, (lua_Integer)n);
    return 1;
}

/* ---- whole transfers --------------------------------------------------------------- */

/* The results of one: how many bytes, or an error and how many before it. */
static int ll_lua_whole(lua_State *L, llnet_status status, size_t progress) {
    int count = 0;

    if (status < 0)
        count = ll_lua_error(L, status);
    lua_pushinteger(L, (lua_Integer)progress);
    return count + 1;
}

/* send_all(data [, deadline]) */
static int ll_lua_send_all(lua_State *L) {
    llnet_socket *self = (llnet_socket *)ll_lua_check(L, 1, &ll_class_socket);
    size_t len, progress;
    const char *data = luaL_checklstring(L, 2, &len);
    int64_t deadline = ll_lua_opt_deadline(L, 3);
    llnet_status status = llnet_socket_send_all(self, data, len, deadline, &progress);

    return ll_lua_whole(L, status, progress);
}

/* send_all_buffer(buffer [, offset [, count [, deadline]]]) */
static int ll_lua_send_all_buffer(lua_State *L) {
    llnet_socket *self = (llnet_socket *)ll_lua_check(L, 1, &ll_class_socket);
    size_t offset = ll_lua_opt_size(L, 3, 0), count = ll_lua_opt_size(L, 4, LLNET_ALL), progress;
    int64_t deadline = ll_lua_opt_deadline(L, 5);
    llnet_buffer *buffer = (llnet_buffer *)ll_lua_check_pointer(L, 2, &ll_class_buffer);
    llnet_status status = llnet_socket_send_all_buffer(self, buffer, offset, count, deadline, &progress);

    return ll_lua_whole(L, status, progress);
}

/* recv_exact(len [, deadline]): the bytes; what came before an error is a fourth result */
static int ll_lua_recv_exact(lua_State *L) {
    llnet_socket *self = (llnet_socket *)ll_lua_check(L, 1, &ll_class_socket);
    size_t len = ll_lua_size(L, 2), progress;
    int64_t deadline = ll_lua_opt_deadline(L, 3);
    int count = 0;
    llnet_status status;
    void *data = lua_newuserdata(L, len > 0 ? len : 1); /* stays on the stack until it is copied */

    status = llnet_socket_recv_exact(self, data, len, deadline, &progress);
    if (status < 0)
        count = ll_lua_error(L, status);
    lua_pushlstring(L, (const char *)data, progress);
    return count + 1;
}

/* recv_exact_buffer(buffer [, offset [, count [, deadline]]]) */
static int ll_lua_recv_exact_buffer(lua_State *L) {
    llnet_socket *self = (llnet_socket *)ll_lua_check(L, 1, &ll_class_socket);
    size_t offset = ll_lua_opt_size(L, 3, 0), count = ll_lua_opt_size(L, 4, LLNET_ALL), progress;
    int64_t deadline = ll_lua_opt_deadline(L, 5);
    llnet_buffer *buffer = (llnet_buffer *)ll_lua_check_pointer(L, 2, &ll_class_buffer);
    llnet_status status = llnet_socket_recv_exact_buffer(self, buffer, offset, count, deadline, &progress);

    return ll_lua_whole(L, status, progress);
}
