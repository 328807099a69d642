/* SPDX-License-Identifier: MIT */
/* native_buffer.h: what Lua buffers have that C has no function for: bytes as
 * strings and as numbers, operators. */

/* Buffer(16): empty, with that capacity; Buffer("text"): a copy. */
static int ll_lua_buffer_new(lua_State *L) {
    llnet_buffer **out;
    const char *data = NULL;
    size_t len = 0, capacity = 0;
    llnet_status status;

    if (lua_type(L, 1) == LUA_TSTRING)
        data = lua_tolstring(L, 1, &len);
    else
        capacity = ll_lua_size(L, 1);
    out = (llnet_buffer **)ll_lua_new(L, &ll_class_buffer);
    status = llnet_buffer_new(out, capacity);
    if (status == 0 && data != NULL)
        status = llnet_buffer_set_data(*out, data, len);
    return status < 0 ? ll_lua_error(L, status) : 1;
}

static llnet_buffer *ll_lua_check_buffer(lua_State *L, int i) {
    return (llnet_buffer *)ll_lua_check_pointer(L, i, &ll_class_buffer);
}

/* Offset and count at indexes 2 and 3, within the buffer's size; a count of 0 or
 * none means the rest. */
static size_t ll_lua_buffer_range(lua_State *L, const llnet_buffer *self, size_t *offset) {
    size_t size = llnet_buffer_get_size(self), count;

    *offset = ll_lua_opt_size(L, 2, 0);
    count = ll_lua_opt_size(L, 3, 0);
    if (*offset > size)
        luaL_argerror(L, 2, "offset out of bounds");
    if (count > size - *offset)
        luaL_argerror(L, 3, "count out of bounds");
    return count == 0 ? size - *offset : count;
}

/* get_data([offset [, count]]). The bytes are copied before Lua may run a
 * finalizer that changes the buffer. */
static int ll_lua_buffer_get_data(lua_State *L) {
    const llnet_buffer *self = ll_lua_check_buffer(L, 1);
    size_t offset, count = ll_lua_buffer_range(L, self, &offset);
    char room[LL_LUA_STACK];
    void *data = room;
    int block = 0;

    if (count > sizeof room) {
        data = ll_lua_take_scratch(L, count);
        block = lua_gettop(L);
        self = ll_lua_check_buffer(L, 1);
    }
    if (llnet_buffer_get_data(self, offset, count, data, count) < 0)
        return luaL_error(L, "the buffer was changed by a finalizer");
    ll_lua_push_block(L, block, data, count);
    return 1;
}

static int ll_lua_buffer_tostring(lua_State *L) {
    lua_settop(L, 1);
    return ll_lua_buffer_get_data(L);
}

/* get_bytes([offset [, count]]): numbers */
static int ll_lua_buffer_get_bytes(lua_State *L) {
    const llnet_buffer *self = ll_lua_check_buffer(L, 1);
    size_t i, offset, count = ll_lua_buffer_range(L, self, &offset);

    if (count > INT_MAX || !lua_checkstack(L, (int)count))
        return luaL_error(L, "too many bytes for the Lua stack");
    for (i = 0; i < count; i++)
        lua_pushinteger(L, (lua_Integer)llnet_buffer_get_byte(self, offset + i));
    return (int)count;
}

/* get_byte(offset): a loop over bytes calls nothing else, so self is looked at once; no
 * finalizer runs while the offset is read. */
static int ll_lua_buffer_get_byte(lua_State *L) {
    const llnet_buffer *self = ll_lua_check_buffer(L, 1);
    llnet_count byte = llnet_buffer_get_byte(self, lua_isnoneornil(L, 2) ? 0 : ll_lua_small_size(L, 2));

    if (byte < 0)
        return ll_lua_error(L, byte);
    lua_pushinteger(L, (lua_Integer)byte);
    return 1;
}

static int ll_lua_buffer_len(lua_State *L) {
    lua_pushinteger(L, (lua_Integer)llnet_buffer_get_size(ll_lua_check_buffer(L, 1)));
    return 1;
}

/* get_pointer(): the memory as light userdata, for LuaJIT's FFI alone: see llnet/ffi.lua.
 * LuaJIT raises by itself where its light userdata cannot hold the pointer. */
static int ll_lua_buffer_get_pointer(lua_State *L) {
    lua_pushlightuserdata(L, llnet_buffer_data(ll_lua_check_buffer(L, 1)));
    return 1;
}

/* Gives the memory back at once; the buffer stays, empty. */
static int ll_lua_buffer_free(lua_State *L) {
    llnet_buffer_set_capacity(ll_lua_check_buffer(L, 1), 0);
    return ll_lua_true(L);
}

static const luaL_Reg ll_lua_buffer_natives[] = {
    {"new", ll_lua_buffer_new},
    {"free", ll_lua_buffer_free},
    {"get_data", ll_lua_buffer_get_data},
    {"get_byte", ll_lua_buffer_get_byte},
    {"get_bytes", ll_lua_buffer_get_bytes},
    {"get_pointer", ll_lua_buffer_get_pointer},
    {"tostring", ll_lua_buffer_tostring},
    {"__tostring", ll_lua_buffer_tostring},
    {"__len", ll_lua_buffer_len},
    {NULL, NULL},
};
