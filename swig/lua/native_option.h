/* SPDX-License-Identifier: MIT */
/* native_option.h: socket options as Lua values: booleans, integers, seconds,
 * strings, addresses, tables of named fields, programs and lists of numbers, as the
 * catalogue says. */

/* The catalogue's entry for the name at index 2. */
static const llnet_option *ll_lua_check_option(lua_State *L) {
    const llnet_option *option = llnet_option_find(ll_lua_text(L, 2));

    if (option == NULL)
        luaL_argerror(L, 2, lua_pushfstring(L, "unknown option '%s'", lua_tostring(L, 2)));
    return option;
}

/* "number", but "1.5" where the number is not a whole one */
static const char *ll_lua_describe_value(lua_State *L, int i) {
    int64_t value;

    return lua_type(L, i) == LUA_TNUMBER && !ll_lua_to_int64(L, i, &value) ? lua_tostring(L, i)
                                                                           : ll_lua_describe(L, i);
}

/* "SO_LINGER wants a table, got number" */
static int ll_lua_option_type_error(lua_State *L, const char *name, const char *wanted) {
    return luaL_argerror(L, 3,
                         lua_pushfstring(L, "%s wants %s, got %s", name, wanted, ll_lua_describe_value(L, 3)));
}

/* The type of a field; all elements of a list, whose indexes go on past the last
 * field, have that one's. */
static int ll_lua_field_type(const llnet_option *option, size_t field) {
    size_t last = llnet_option_get_field_count(option) - 1;

    return llnet_option_get_field_type(option, llnet_option_is_repeating(option) && field > last ? last : field);
}

/* ---- reading ---- */

static void ll_lua_push_field(lua_State *L, const llnet_option *option, size_t field, const void *record,
                              size_t len) {
    int type = ll_lua_field_type(option, field);
    int64_t value = 0;

    if (type == LLNET_OPTION_ADDRESS) {
        llnet_addr *addr = (llnet_addr *)ll_lua_new(L, &ll_class_addr);
        if (llnet_option_get_field_addr(option, field, record, len, addr) < 0)
            lua_pushnil(L);
    } else if (llnet_option_get_field_int(option, field, record, len, &value) < 0) {
        lua_pushnil(L); /* an older kernel does not tell it */
    } else if (type == LLNET_OPTION_FLAG) {
        lua_pushboolean(L, value != 0);
    } else {
        lua_pushinteger(L, (lua_Integer)value);
    }
}

/* { on = true, seconds = 5 }; the last field of a repeating record is an array. */
static void ll_lua_push_record(lua_State *L, const llnet_option *option, const void *record, size_t len) {
    size_t field, count = llnet_option_get_field_count(option);

    lua_newtable(L);
    if (llnet_option_is_repeating(option)) {
        lua_Integer element = 0;
        count--;
        lua_newtable(L);
        for (field = count;; field++) {
            ll_lua_push_field(L, option, field, record, len);
            if (lua_isnil(L, -1))
                break;
            lua_rawseti(L, -2, (int)++element);
        }
        lua_settop(L, 4);
        lua_setfield(L, 3, llnet_option_get_field_name(option, count));
    }
    for (field = 0; field < count; field++) {
        ll_lua_push_field(L, option, field, record, len);
        lua_setfield(L, 3, llnet_option_get_field_name(option, field));
        lua_settop(L, 3);
    }
}

static int ll_lua_get_number(lua_State *L, const llnet_socket *self, const llnet_option *option, int type) {
    int64_t value = 0;
    llnet_status status = llnet_socket_get_option_int(self, llnet_option_get_name(option), &value);

    if (status < 0)
        return ll_lua_error(L, status);
    if (type == LLNET_OPTION_FLAG)
        lua_pushboolean(L, value != 0);
    else if (type == LLNET_OPTION_TIME)
        lua_pushnumber(L, (lua_Number)value / 1e6);
    else
        lua_pushinteger(L, (lua_Integer)value);
    return 1;
}

static int ll_lua_get_address(lua_State *L, const llnet_socket *self, const llnet_option *option) {
    llnet_addr *addr = (llnet_addr *)ll_lua_new(L, &ll_class_addr);
    llnet_status status = llnet_socket_get_option_addr(self, llnet_option_get_name(option), addr);

    return status < 0 ? ll_lua_error(L, status) : 1;
}

/* The longest list: the groups that a process may be in. */
enum { LL_LUA_LIST_MAX = 65536 };

static int ll_lua_get_list(lua_State *L, const llnet_socket *self, const char *option) {
    uint32_t room[LL_LUA_STACK / sizeof(uint32_t)], *numbers = room;
    llnet_count len = llnet_socket_get_option_data(self, option, room, sizeof room), i;

    if (len == -ENOBUFS) {
        size_t size = LL_LUA_LIST_MAX * sizeof *numbers;

        numbers = (uint32_t *)lua_newuserdata(L, size);
        len = llnet_socket_get_option_data(self, option, numbers, size);
    }
    if (len < 0)
        return ll_lua_error(L, len);
    lua_newtable(L);
    for (i = 0; i < len / (llnet_count)sizeof *numbers; i++) {
        lua_pushinteger(L, (lua_Integer)numbers[i]);
        lua_rawseti(L, -2, (int)i + 1);
    }
    return 1;
}

/* get_option(name) */
static int ll_lua_get_option(lua_State *L) {
    const llnet_socket *self = (const llnet_socket *)ll_lua_check(L, 1, &ll_class_socket);
    const llnet_option *option = ll_lua_check_option(L);
    int type = llnet_option_get_type(option);
    uint64_t aligned[LL_LUA_STACK / sizeof(uint64_t)];
    llnet_count len;

    lua_settop(L, 2);
    if (type == LLNET_OPTION_ADDRESS)
        return ll_lua_get_address(L, self, option);
    if (type == LLNET_OPTION_PROGRAM)
        return ll_lua_get_program(L, self, llnet_option_get_name(option));
    if (type == LLNET_OPTION_LIST)
        return ll_lua_get_list(L, self, llnet_option_get_name(option));
    if (type != LLNET_OPTION_STRING && type != LLNET_OPTION_BYTES && type != LLNET_OPTION_RECORD)
        return ll_lua_get_number(L, self, option, type);
    len = llnet_socket_get_option_data(self, llnet_option_get_name(option), aligned, sizeof aligned);
    if (len < 0)
        return ll_lua_error(L, len);
    if (type == LLNET_OPTION_RECORD)
        ll_lua_push_record(L, option, aligned, (size_t)len);
    else
        lua_pushlstring(L, (const char *)aligned, (size_t)len);
    return 1;
}

/* The longest value by number; packet filters' tables are the only large ones. */
enum { LL_LUA_OPTION_MAX = 1 << 24 };

/* get_option_raw(level, number [, size]): an integer, or as many bytes as the
 * kernel gives of size. The kernel reads the bytes, too, for some options: they
 * start as zero. */
static int ll_lua_get_option_raw(lua_State *L) {
    const llnet_socket *self = (const llnet_socket *)ll_lua_check(L, 1, &ll_class_socket);
    int level = ll_lua_int(L, 2), number = ll_lua_int(L, 3), value = 0;
    size_t size = ll_lua_opt_size(L, 4, 0);
    llnet_count len;
    void *data;

    if (lua_isnoneornil(L, 4)) {
        len = llnet_socket_get_option_raw(self, level, number, &value, sizeof value);
        if (len < 0)
            return ll_lua_error(L, len);
        lua_pushinteger(L, value);
        return 1;
    }
    if (size > LL_LUA_OPTION_MAX)
        return luaL_argerror(L, 4, "number out of range");
    data = memset(lua_newuserdata(L, size + 1), 0, size + 1);
    len = llnet_socket_get_option_raw(self, level, number, data, size);
    if (len < 0)
        return ll_lua_error(L, len);
    lua_pushlstring(L, (const char *)data, (size_t)len);
    return 1;
}

/* ---- writing ---- */

/* Stores the value on top of the stack in a field, or raises. */
static void ll_lua_store_field(lua_State *L, const llnet_option *option, size_t field, void *record, size_t len,
                               const char *name) {
    int type = ll_lua_field_type(option, field), top = lua_gettop(L);
    const char *wanted = type == LLNET_OPTION_ADDRESS ? "an Addr"
                         : type == LLNET_OPTION_FLAG  ? "a boolean"
                                                      : "an integer";
    llnet_status status = -LLNET_ETYPE;
    int64_t value;

    if (type == LLNET_OPTION_ADDRESS && ll_lua_test(L, top, &ll_class_addr) != NULL)
        status = llnet_option_set_field_addr(option, field, record, len,
                                             (const llnet_addr *)ll_lua_test(L, top, &ll_class_addr));
    else if (type == LLNET_OPTION_FLAG && lua_isboolean(L, top))
        status = llnet_option_set_field_int(option, field, record, len, lua_toboolean(L, top));
    else if (type != LLNET_OPTION_ADDRESS && lua_type(L, top) == LUA_TNUMBER && ll_lua_to_int64(L, top, &value))
        status = llnet_option_set_field_int(option, field, record, len, value);
    if (status == -LLNET_ETYPE)
        luaL_error(L, "%s: field '%s' wants %s, got %s", llnet_option_get_name(option), name, wanted,
                   ll_lua_describe_value(L, top));
    if (status < 0)
        luaL_error(L, "%s: field '%s': %s", llnet_option_get_name(option), name, llnet_error_text(status));
}

/* The index of the field that the key on the stack names, or raises. */
static size_t ll_lua_field_index(lua_State *L, const llnet_option *option, int key) {
    size_t field, count = llnet_option_get_field_count(option);

    if (lua_type(L, key) != LUA_TSTRING)
        luaL_error(L, "%s: field names are strings", llnet_option_get_name(option));
    for (field = 0; field < count; field++)
        if (strcmp(llnet_option_get_field_name(option, field), lua_tostring(L, key)) == 0)
            return field;
    return (size_t)luaL_error(L, "%s has no field '%s'", llnet_option_get_name(option), lua_tostring(L, key));
}

/* Stores the array at the top of the stack in the last, repeating field. */
static void ll_lua_store_list(lua_State *L, const llnet_option *option, size_t field, void *record, size_t len,
                              const char *name) {
    size_t i, count;

    if (lua_type(L, -1) != LUA_TTABLE)
        luaL_error(L, "%s: field '%s' wants a table, got %s", llnet_option_get_name(option), name,
                   ll_lua_describe(L, lua_gettop(L)));
    count = ll_lua_rawlen(L, -1);
    for (i = 0; i < count; i++) {
        lua_rawgeti(L, -1, (int)i + 1);
        ll_lua_store_field(L, option, field + i, record, len, name);
        lua_pop(L, 1);
    }
}

/* How many bytes the record takes that the table at index 3 describes. */
static size_t ll_lua_record_size(lua_State *L, const llnet_option *option) {
    size_t size = llnet_option_get_record_size(option);

    if (llnet_option_is_repeating(option)) {
        lua_getfield(L, 3, llnet_option_get_field_name(option, llnet_option_get_field_count(option) - 1));
        if (lua_type(L, -1) == LUA_TTABLE)
            size += ll_lua_rawlen(L, -1) * LLNET_ADDR_BYTES_MAX;
        lua_pop(L, 1);
    }
    return size;
}

static llnet_status ll_lua_set_record(lua_State *L, llnet_socket *self, const llnet_option *option) {
    size_t size = ll_lua_record_size(L, option), field;
    bool repeating = llnet_option_is_repeating(option);
    void *record = memset(lua_newuserdata(L, size), 0, size);

    lua_pushnil(L);
    while (lua_next(L, 3) != 0) {
        field = ll_lua_field_index(L, option, -2);
        if (repeating && field + 1 == llnet_option_get_field_count(option))
            ll_lua_store_list(L, option, field, record, size, lua_tostring(L, -2));
        else
            ll_lua_store_field(L, option, field, record, size, lua_tostring(L, -2));
        lua_pop(L, 1);
    }
    return llnet_socket_set_option_data(self, llnet_option_get_name(option), record, size);
}

/* Seconds, to the microsecond: to the nearest, but never 0 for what is not. */
static int64_t ll_lua_microseconds(lua_State *L, const char *name) {
    lua_Number seconds;

    if (lua_type(L, 3) != LUA_TNUMBER)
        ll_lua_option_type_error(L, name, "a number of seconds");
    seconds = lua_tonumber(L, 3);
    if (!(seconds >= 0 && seconds <= 9e12))
        luaL_argerror(L, 3, lua_pushfstring(L, "%s wants a number of seconds from 0 on", name));
    return seconds > 0 && seconds < 1e-6 ? 1 : (int64_t)(seconds * 1e6 + 0.5);
}

static llnet_status ll_lua_set_number(lua_State *L, llnet_socket *self, const char *name, int type) {
    int64_t value = 0;

    if (type == LLNET_OPTION_TIME)
        return llnet_socket_set_option_int(self, name, ll_lua_microseconds(L, name));
    if (type == LLNET_OPTION_FLAG && lua_isboolean(L, 3))
        return llnet_socket_set_option_int(self, name, lua_toboolean(L, 3));
    if (lua_type(L, 3) != LUA_TNUMBER || !ll_lua_to_int64(L, 3, &value))
        ll_lua_option_type_error(L, name, type == LLNET_OPTION_FLAG ? "a boolean, 0 or 1" : "an integer");
    return llnet_socket_set_option_int(self, name, value);
}

static llnet_status ll_lua_set_address(lua_State *L, llnet_socket *self, const char *name) {
    const llnet_addr *addr = (const llnet_addr *)ll_lua_test(L, 3, &ll_class_addr);
    llnet_status status;
    int64_t index = 0;

    if (addr != NULL)
        return llnet_socket_set_option_addr(self, name, addr);
    if (lua_type(L, 3) != LUA_TNUMBER || !ll_lua_to_int64(L, 3, &index))
        ll_lua_option_type_error(L, name, "an Addr");
    status = llnet_socket_set_option_int(self, name, index);
    if (status == -LLNET_ETYPE)
        ll_lua_option_type_error(L, name, "an Addr");
    return status;
}

/* set_option(name, value) */
static int ll_lua_set_option(lua_State *L) {
    llnet_socket *self = (llnet_socket *)ll_lua_check(L, 1, &ll_class_socket);
    const llnet_option *option = ll_lua_check_option(L);
    const char *name = llnet_option_get_name(option), *data;
    int type = llnet_option_get_type(option);
    llnet_status status;
    size_t len;

    lua_settop(L, 3);
    switch (type) {
    case LLNET_OPTION_ADDRESS:
        status = ll_lua_set_address(L, self, name);
        break;
    case LLNET_OPTION_RECORD:
        if (lua_type(L, 3) != LUA_TTABLE)
            return ll_lua_option_type_error(L, name, "a table");
        status = ll_lua_set_record(L, self, option);
        break;
    case LLNET_OPTION_PROGRAM:
        if (lua_type(L, 3) != LUA_TTABLE && lua_type(L, 3) != LUA_TSTRING)
            return ll_lua_option_type_error(L, name, "a list of instructions or a string");
        status = ll_lua_set_program(L, self, name);
        break;
    case LLNET_OPTION_LIST:
        if (lua_type(L, 3) != LUA_TTABLE)
            return ll_lua_option_type_error(L, name, "a list of numbers");
        status = llnet_socket_set_option_data(self, name, NULL, 0); /* EACCES: none is written */
        break;
    case LLNET_OPTION_STRING:
    case LLNET_OPTION_BYTES:
        if (lua_type(L, 3) != LUA_TSTRING)
            return ll_lua_option_type_error(L, name, "a string");
        data = lua_tolstring(L, 3, &len);
        status = llnet_socket_set_option_data(self, name, data, len);
        break;
    default:
        status = ll_lua_set_number(L, self, name, type);
    }
    if (status < 0)
        return ll_lua_error(L, status);
    return ll_lua_true(L);
}

/* set_option_raw(level, number, value): an integer is passed as a C int, a string
 * as a copy of its bytes, since for some options the kernel writes there. */
static int ll_lua_set_option_raw(lua_State *L) {
    llnet_socket *self = (llnet_socket *)ll_lua_check(L, 1, &ll_class_socket);
    int level = ll_lua_int(L, 2), number = ll_lua_int(L, 3), value;
    llnet_status status;
    const char *data;
    size_t len;

    if (lua_type(L, 4) == LUA_TNUMBER) {
        value = ll_lua_int(L, 4);
        status = llnet_socket_set_option_raw(self, level, number, &value, sizeof value);
    } else {
        data = luaL_checklstring(L, 4, &len);
        status =
            llnet_socket_set_option_raw(self, level, number, memcpy(lua_newuserdata(L, len + 1), data, len), len);
    }
    if (status < 0)
        return ll_lua_error(L, status);
    return ll_lua_true(L);
}
