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

/* Looks in the table at index kept for the object under a key: pushes it and is true where
 * there is one. Otherwise the key is there afterwards, so that storing takes no memory. */
static bool ll_lua_find_kept(lua_State *L, int kept, int key, const ll_lua_class *cls) {
    lua_rawgeti(L, kept, key);
    if (lua_type(L, -1) == LUA_TUSERDATA) {
        if (ll_lua_test(L, -1, cls) == NULL) /* its table keeps the strings still, so it stays */
            luaL_error(L, "the batch's %s is already released", cls->name);
        return true;
    }
    lua_pop(L, 1);
    ll_lua_reserve(L, kept, key);
    return false;
}

/* Whether a finalizer was faster, now that the new object at index made is there: then its
 * object is pushed. */
static bool ll_lua_was_kept(lua_State *L, int kept, int key) {
    lua_rawgeti(L, kept, key);
    if (lua_type(L, -1) == LUA_TUSERDATA)
        return true;
    lua_pop(L, 1);
    return false;
}

/* get_message(index): the same object each time */
static int ll_lua_batch_get_message(lua_State *L) {
    size_t index = ll_lua_check_index(L, ll_lua_check_batch(L, 1));
    int kept = ll_lua_push_kept(L, 1), key = (int)index + 1;
    llnet_message **made;
    llnet_status status;

    if (ll_lua_find_kept(L, kept, key, &ll_class_message))
        return 1;
    made = ll_lua_new_message(L);
    if (ll_lua_was_kept(L, kept, key))
        return 1;
    status = llnet_batch_get_message(ll_lua_check_batch(L, 1), index, made);
    if (status < 0)
        return ll_lua_error(L, status);
    ll_lua_store(L, kept, key, kept + 1);
    return 1;
}

/* get_buffer(index): the same object each time */
static int ll_lua_batch_get_buffer(lua_State *L) {
    size_t index = ll_lua_check_index(L, ll_lua_check_batch(L, 1));
    int kept = ll_lua_push_kept(L, 1), key = -1 - (int)index;
    llnet_buffer **made;
    llnet_status status;

    if (ll_lua_find_kept(L, kept, key, &ll_class_buffer))
        return 1;
    made = (llnet_buffer **)ll_lua_new(L, &ll_class_buffer);
    if (ll_lua_was_kept(L, kept, key))
        return 1;
    status = llnet_batch_get_buffer(ll_lua_check_batch(L, 1), index, made);
    if (status < 0)
        return ll_lua_error(L, status);
    ll_lua_store(L, kept, key, kept + 1);
    return 1;
}

/* The bytes in a message's buffer, copied to data, which has room for *size of them.
 * -ENOBUFS: *size becomes what they need. */
static llnet_count ll_lua_copy_batch_data(lua_State *L, size_t index, void *data, size_t *size) {
    llnet_buffer *buffer;
    llnet_count count = llnet_batch_get_buffer(ll_lua_check_batch(L, 1), index, &buffer);

    if (count < 0)
        return count;
    count = llnet_buffer_get_data(buffer, 0, LLNET_ALL, data, *size);
    if (count == -ENOBUFS)
        *size = llnet_buffer_get_size(buffer);
    llnet_buffer_free(buffer); /* the batch holds it still */
    return count;
}

/* get_data(index): the bytes in the message's buffer. They are copied before Lua may run a
 * finalizer that changes it. */
static int ll_lua_batch_get_data(lua_State *L) {
    size_t index = ll_lua_check_index(L, ll_lua_check_batch(L, 1)), size = LL_LUA_STACK;
    char room[LL_LUA_STACK];
    void *data = room;
    llnet_count count;
    int block = 0;

    lua_settop(L, 2);
    while ((count = ll_lua_copy_batch_data(L, index, data, &size)) == -ENOBUFS) {
        lua_settop(L, 2);
        data = ll_lua_take_scratch(L, size);
        block = lua_gettop(L);
    }
    if (count < 0)
        return ll_lua_error(L, count);
    ll_lua_push_block(L, block, data, (size_t)count);
    return 1;
}

/* Strings may be collected while the kernel still reads them: no message of the batch at
 * index i may have one. Only those that Lua has seen can. */
static void ll_lua_refuse_batch_strings(lua_State *L, int i) {
    int capacity = (int)llnet_batch_get_capacity(ll_lua_check_batch(L, i)), kept = ll_lua_push_kept(L, i), index;

    for (index = 0; index < capacity; index++) {
        lua_rawgeti(L, kept, index + 1);
        if (ll_lua_test(L, -1, &ll_class_message) != NULL)
            ll_lua_refuse_strings(L, lua_gettop(L), i);
        lua_settop(L, kept);
    }
    lua_pop(L, 1);
}

/* What the first messages of the batch at index i, as many as limit, kept to be passed is over
 * once it receives. Only those that Lua has seen kept something. */
static void ll_lua_forget_batch_passed(lua_State *L, int i, llnet_batch *self, size_t limit) {
    llnet_message *message;
    size_t index;
    int kept;

    for (index = 0; index < limit && llnet_batch_get_message(self, index, &message) == 0; index++) {
        bool controls = llnet_message_get_control_count(message) > 0;

        llnet_message_free(message); /* the batch has it still */
        if (!controls)
            continue;
        kept = ll_lua_push_kept(L, i);
        lua_rawgeti(L, kept, (int)index + 1);
        if (ll_lua_test(L, -1, &ll_class_message) != NULL)
            ll_lua_forget_passed(L, kept + 1);
        lua_settop(L, kept - 1);
    }
}

static const luaL_Reg ll_lua_batch_natives[] = {
    {"new", ll_lua_batch_new},
    {"get_message", ll_lua_batch_get_message},
    {"get_buffer", ll_lua_batch_get_buffer},
    {"get_data", ll_lua_batch_get_data},
    {NULL, NULL},
};
