/* SPDX-License-Identifier: MIT */
/* native_batch.h: the batch as Lua sees it: the objects of its messages and buffers are
 * made once and kept in a table in its fields, message i under i + 1 and its buffer under
 * -1 - i; each holds what it stands for, so that the collector may end them in any order. */

static llnet_batch *ll_lua_check_batch(lua_State *L, int i) {
    return (llnet_batch *)ll_lua_check_pointer(L, i, &ll_class_batch);
}

/* Batch(capacity [, data_size [, control_size]]) */
static int ll_lua_batch_new(lua_State *L) {
    size_t capacity = ll_lua_size(L, 1);
    size_t data_size = ll_lua_opt_size(L, 2, 2048), control_size = ll_lua_opt_size(L, 3, 0);
    llnet_batch **out;
    llnet_status status;

    lua_settop(L, 3);
    out = (llnet_batch **)ll_lua_new(L, &ll_class_batch);
    ll_lua_give_table(L);
    status = llnet_batch_new(out, capacity, data_size, control_size);
    return status < 0 ? ll_lua_error(L, status) : 1;
}

/* The index at 2, which the batch has. */
static size_t ll_lua_check_index(lua_State *L, const llnet_batch *self) {
    size_t index = ll_lua_size(L, 2);

    if (index >= llnet_batch_get_capacity(self))
        luaL_argerror(L, 2, "the batch has no message of this index");
    return index;
}

/* get_message(index): the same object each time */
static int ll_lua_batch_get_message(lua_State *L) {
    size_t index = ll_lua_check_index(L, ll_lua_check_batch(L, 1));
    llnet_message **made;
    int kept = ll_lua_push_kept(L, 1);
    llnet_status status;

    lua_rawgeti(L, kept, (int)index + 1);
    if (ll_lua_test(L, -1, &ll_class_message) != NULL)
        return 1;
    lua_pop(L, 1);
    made = ll_lua_new_message(L);
    status = llnet_batch_get_message(ll_lua_check_batch(L, 1), index, made);
    if (status < 0)
        return ll_lua_error(L, status);
    lua_pushvalue(L, -1);
    lua_rawseti(L, kept, (int)index + 1);
    return 1;
}

/* get_buffer(index): the same object each time */
static int ll_lua_batch_get_buffer(lua_State *L) {
    size_t index = ll_lua_check_index(L, ll_lua_check_batch(L, 1));
    llnet_buffer **made;
    int kept = ll_lua_push_kept(L, 1);
    llnet_status status;

    lua_rawgeti(L, kept, -1 - (int)index);
    if (ll_lua_test(L, -1, &ll_class_buffer) != NULL)
        return 1;
    lua_pop(L, 1);
    made = (llnet_buffer **)ll_lua_new(L, &ll_class_buffer);
    status = llnet_batch_get_buffer(ll_lua_check_batch(L, 1), index, made);
    if (status < 0)
        return ll_lua_error(L, status);
    lua_pushvalue(L, -1);
    lua_rawseti(L, kept, -1 - (int)index);
    return 1;
}

/* get_data(index): the bytes in the message's buffer */
static int ll_lua_batch_get_data(lua_State *L) {
    size_t index = ll_lua_check_index(L, ll_lua_check_batch(L, 1)), size;
    llnet_buffer *buffer;
    llnet_status status = llnet_batch_get_buffer(ll_lua_check_batch(L, 1), index, &buffer);
    void *block;

    if (status < 0)
        return ll_lua_error(L, status);
    size = llnet_buffer_get_size(buffer);
    llnet_buffer_free(buffer); /* the batch holds it, as long as it is not ended */
    lua_settop(L, 1);
    block = ll_lua_take_scratch(L, size > 0 ? size : 1);
    status = llnet_batch_get_buffer(ll_lua_check_batch(L, 1), index, &buffer);
    if (status < 0)
        return ll_lua_error(L, status);
    if (llnet_buffer_get_size(buffer) < size)
        size = llnet_buffer_get_size(buffer);
    llnet_buffer_get_data(buffer, 0, size, block, size);
    llnet_buffer_free(buffer);
    ll_lua_push_block(L, 2, block, size);
    return 1;
}

/* Strings may be collected while the kernel still reads them: no message of the batch at
 * index i may have one. Only those that Lua has seen can. */
static void ll_lua_refuse_batch_strings(lua_State *L, int i) {
    int capacity = (int)llnet_batch_get_capacity(ll_lua_check_batch(L, i)), kept = ll_lua_push_kept(L, i), index;

    for (index = 0; index < capacity; index++) {
        lua_rawgeti(L, kept, index + 1);
        if (ll_lua_test(L, -1, &ll_class_message) != NULL)
            ll_lua_refuse_strings(L, lua_gettop(L));
        lua_settop(L, kept);
    }
    lua_pop(L, 1);
}

static const luaL_Reg ll_lua_batch_natives[] = {
    {"new", ll_lua_batch_new},
    {"get_message", ll_lua_batch_get_message},
    {"get_buffer", ll_lua_batch_get_buffer},
    {"get_data", ll_lua_batch_get_data},
    {NULL, NULL},
};
