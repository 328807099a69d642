/* SPDX-License-Identifier: MIT */
/* setup.h: builds the module table llnet.core: see setup.i. The Lua layer makes
 * the module llnet of it. */

/* The functions of a class: the prefix of the generated ones, and its natives. */
typedef struct ll_lua_family {
    const char *prefix;
    const ll_lua_class *cls; /* NULL: a plain table of functions */
    const char *table;
    const luaL_Reg *natives;
} ll_lua_family;

/* llnet_addrinfo_ before llnet_addr_, which would take it. */
static const ll_lua_family ll_lua_families[] = {
    {"llnet_socket_", &ll_class_socket, "Socket", ll_lua_socket_natives},
    {"llnet_addrinfo_", &ll_class_addrinfo, "AddrInfo", NULL},
    {"llnet_addr_", &ll_class_addr, "Addr", ll_lua_addr_natives},
    {"llnet_buffer_", &ll_class_buffer, "Buffer", ll_lua_buffer_natives},
    {"llnet_poller_", &ll_class_poller, "Poller", ll_lua_poller_natives},
    {"llnet_message_", &ll_class_message, "Message", ll_lua_message_natives},
    {"llnet_batch_", &ll_class_batch, "Batch", ll_lua_batch_natives},
    {"llnet_interfaces_", &ll_class_interfaces, "Interfaces", NULL},
    {"llnet_limits_", &ll_class_limits, "Limits", NULL},
    {"llnet_option_", NULL, "option", NULL},
    {"(no prefix)", NULL, "Addr_class", ll_lua_addr_constructors},
    {"(no prefix)", NULL, "epoll", ll_lua_epoll_natives},
    {"(no prefix)", NULL, "luasocket", ll_lua_luasocket_natives},
    {"llnet_", NULL, NULL, ll_lua_module_natives}, /* the module itself */
};
enum {
    LL_LUA_FAMILIES = sizeof ll_lua_families / sizeof ll_lua_families[0],
    LL_LUA_METHODS = 32 /* room for so many at first */
};

/* ---- the collector ------------------------------------------------------ */

/* __gc: only what is really of the class, and only once. Upvalue: the class. */
static int ll_lua_gc(lua_State *L) {
    const ll_lua_class *cls = (const ll_lua_class *)lua_touserdata(L, lua_upvalueindex(1));
    void *payload = ll_lua_test(L, 1, cls);

    if (payload != NULL) {
        ((ll_lua_box *)lua_touserdata(L, 1))->cls = NULL;
        cls->destroy(payload);
    }
    return 0;
}

/* __close: the end of local socket <close> */
static int ll_lua_close(lua_State *L) {
    const ll_lua_class *cls = (const ll_lua_class *)lua_touserdata(L, lua_upvalueindex(1));
    void *payload = ll_lua_test(L, 1, cls);

    if (payload != NULL)
        cls->close(payload);
    return 0;
}

/* "AddrInfo: 0x..." */
static int ll_lua_tostring(lua_State *L) {
    const ll_lua_class *cls = (const ll_lua_class *)lua_touserdata(L, lua_upvalueindex(1));

    lua_pushfstring(L, "%s: %p", cls->name, ll_lua_check(L, 1, cls));
    return 1;
}

/* ---- fields of the user's own --------------------------------------------- */

/* An object starts with a metatable whose __index is the plain table of methods,
 * which costs no call. The first field that a script sets gives it a table for
 * its fields, and the metatable that looks there too. */

/* Pushes the fields of the object at index 1, which may be released: a finalizer still
 * wants to know what the program called it. The debug library can call the events below
 * with something else, and can take the table away: then Lua 5.1 gives the environment
 * that every userdata starts with. */
static void ll_lua_push_fields(lua_State *L) {
    const ll_lua_class *cls = (const ll_lua_class *)lua_touserdata(L, lua_upvalueindex(1));
    const ll_lua_box *box = (const ll_lua_box *)lua_touserdata(L, 1);

    if (box == NULL || ll_lua_rawlen(L, 1) != sizeof *box + cls->size || (box->cls != NULL && box->cls != cls))
        ll_lua_type_error(L, 1, cls->name);
    ll_lua_getfields(L, 1);
    if (!ll_lua_is_fields(L, -1))
        luaL_error(L, "the %s has lost its fields", cls->name);
}

/* A field hides a method of its name. Upvalues: class, methods. */
static int ll_lua_field_index_event(lua_State *L) {
    lua_settop(L, 2);
    ll_lua_push_fields(L);
    lua_pushvalue(L, 2);
    lua_rawget(L, 3);
    if (!lua_isnil(L, -1))
        return 1;
    lua_pushvalue(L, 2);
    lua_rawget(L, lua_upvalueindex(2));
    return 1;
}

/* upvalue: class */
static int ll_lua_field_newindex_event(lua_State *L) {
    luaL_checkany(L, 3);
    if (lua_isnil(L, 2))
        return luaL_error(L, "a field's name cannot be nil");
    lua_settop(L, 3);
    ll_lua_push_fields(L);
    lua_insert(L, 2);
    lua_rawset(L, 2);
    return 0;
}

/* upvalues: class, the metatable for objects with fields */
static int ll_lua_first_field_event(lua_State *L) {
    const ll_lua_class *cls = (const ll_lua_class *)lua_touserdata(L, lua_upvalueindex(1));

    ll_lua_check(L, 1, cls);
    luaL_checkany(L, 3);
    lua_settop(L, 3);
    if (!cls->has_table) {
        lua_newtable(L);
        ll_lua_setfields(L, 1);
    }
    lua_pushvalue(L, lua_upvalueindex(2));
    lua_setmetatable(L, 1);
    return ll_lua_field_newindex_event(L);
}

/* ---- classes -------------------------------------------------------------- */

static void ll_lua_set_class_function(lua_State *L, lua_CFunction function, const ll_lua_class *cls,
                                      const char *name) {
    lua_pushlightuserdata(L, (void *)cls);
    lua_pushcclosure(L, function, 1);
    lua_setfield(L, -2, name);
}

/* Pushes a metatable for the class whose methods stand at the given index. */
static void ll_lua_push_metatable(lua_State *L, const ll_lua_family *family, int methods) {
    const luaL_Reg *native;

    lua_newtable(L);
    ll_lua_set_class_function(L, ll_lua_tostring, family->cls, "__tostring");
    if (family->cls->destroy != NULL) {
        ll_lua_set_class_function(L, ll_lua_gc, family->cls, "__gc");
        ll_lua_set_class_function(L, ll_lua_close, family->cls, "__close");
    }
    for (native = family->natives; native != NULL && native->name != NULL; native++) {
        if (strncmp(native->name, "__", 2) == 0) {
            lua_pushcfunction(L, native->func);
            lua_setfield(L, -2, native->name);
        }
    }
    lua_pushvalue(L, methods);
    lua_setfield(L, -2, "__index");
    lua_pushstring(L, family->cls->name);
    lua_pushvalue(L, -1);
    lua_setfield(L, -3, "__name");
    lua_setfield(L, -2, "__metatable"); /* getmetatable(o) == "Socket"; the table is out of reach */
}

/* Pushes a copy of the table on top. */
static void ll_lua_push_copy(lua_State *L) {
    int from = lua_gettop(L), to = from + 1;

    lua_newtable(L);
    lua_pushnil(L);
    while (lua_next(L, from) != 0) {
        lua_pushvalue(L, -2);
        lua_insert(L, -2);
        lua_rawset(L, to);
    }
}

/* registry[class] = the metatable of new objects; methods are on top. That of
 * objects with fields has the very same functions: Lua 5.1 compares two objects by
 * __eq only where it is one function in both. */
static void ll_lua_register_class(lua_State *L, const ll_lua_family *family) {
    int methods = lua_gettop(L);

    lua_pushlightuserdata(L, (void *)family->cls);
    ll_lua_push_metatable(L, family, methods);
    ll_lua_push_copy(L);
    lua_pushlightuserdata(L, (void *)family->cls);
    lua_insert(L, -2);
    lua_pushlightuserdata(L, (void *)family->cls);
    lua_pushvalue(L, methods);
    lua_pushcclosure(L, ll_lua_field_index_event, 2);
    lua_setfield(L, -2, "__index");
    ll_lua_set_class_function(L, ll_lua_field_newindex_event, family->cls, "__newindex");
    lua_pushcclosure(L, ll_lua_first_field_event, 2);
    lua_setfield(L, -2, "__newindex");
    lua_rawset(L, LUA_REGISTRYINDEX);
}

/* ---- calling a class ------------------------------------------------------- */

/* The __call of a class table: drops the table and calls the function that makes
 * an object (upvalue), without a frame of its own, so that a wrong argument is
 * reported where the program called. */
static int ll_lua_call_class(lua_State *L) {
    lua_CFunction function = lua_tocfunction(L, lua_upvalueindex(1));

    luaL_checkany(L, 1);
    lua_remove(L, 1);
    return function(L);
}

/* The same for a function in Lua. */
static int ll_lua_call_lua_class(lua_State *L) {
    luaL_checkany(L, 1);
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_replace(L, 1);
    lua_call(L, lua_gettop(L) - 1, LUA_MULTRET);
    return lua_gettop(L);
}

/* Whether it is one of this module's, which need no upvalues and no environment. */
static bool ll_lua_is_own(lua_CFunction function, const swig_lua_method *methods) {
    const luaL_Reg *native;
    size_t i;

    for (; methods->name != NULL; methods++)
        if (methods->func == function)
            return true;
    for (i = 0; i < LL_LUA_FAMILIES; i++)
        for (native = ll_lua_families[i].natives; native != NULL && native->name != NULL; native++)
            if (native->func == function)
                return true;
    return false;
}

/* class_call(function): the __call of a class whose objects function makes */
static int ll_lua_class_call(lua_State *L) {
    lua_CFunction function = lua_tocfunction(L, 1);

    luaL_checktype(L, 1, LUA_TFUNCTION);
    lua_settop(L, 1);
    if (function == ll_lua_front) {
        lua_getupvalue(L, 1, LL_LUA_FRONT_FUNCTION);
        lua_getupvalue(L, 1, LL_LUA_FRONT_NUMBERS);
        lua_pushcclosure(L, ll_lua_front_of_class, LL_LUA_FRONT_KNOWN);
    } else if (function != NULL && ll_lua_is_own(function, swig_SwigModule.ns_methods)) {
        lua_pushcclosure(L, ll_lua_call_class, 1);
    } else {
        lua_pushcclosure(L, ll_lua_call_lua_class, 1);
    }
    return 1;
}

/* ---- the module ----------------------------------------------------------- */

static size_t ll_lua_family_of(const char *function) {
    size_t i = 0;

    while (i + 1 < LL_LUA_FAMILIES &&
           strncmp(function, ll_lua_families[i].prefix, strlen(ll_lua_families[i].prefix)) != 0)
        i++;
    return i;
}

/* Functions that C has none for stand beside the generated ones. */
static void ll_lua_setup_natives(lua_State *L, const luaL_Reg *native) {
    for (; native != NULL && native->name != NULL; native++) {
        if (strncmp(native->name, "__", 2) != 0) {
            lua_pushcfunction(L, native->func);
            lua_setfield(L, -2, native->name);
        }
    }
}

/* Every generated function goes into the table of its family; those are on the stack from 2 on,
 * the module itself in the place of a family without one. */
static void ll_lua_setup_functions(lua_State *L, const swig_lua_method *methods) {
    size_t i;

    for (i = 0; i < LL_LUA_FAMILIES; i++) {
        if (ll_lua_families[i].table != NULL)
            lua_createtable(L, 0, LL_LUA_METHODS);
        else
            lua_pushvalue(L, 1);
    }
    for (; methods->name != NULL; methods++) {
        i = ll_lua_family_of(methods->name);
        lua_pushcfunction(L, methods->func);
        lua_setfield(L, (int)i + 2, methods->name + strlen(ll_lua_families[i].prefix));
    }
}

/* The family on top of the stack, in full. */
static void ll_lua_setup_family(lua_State *L, const ll_lua_family *family) {
    ll_lua_setup_natives(L, family->natives);
    if (family->cls != NULL)
        ll_lua_register_class(L, family);
    if (family->table != NULL)
        lua_setfield(L, 1, family->table);
    else
        lua_pop(L, 1);
}

/* constants = { AF_INET = 2, POLL_EDGE = 65536, ... }: the system's from the list,
 * and the headers' own without their LLNET_ */
static void ll_lua_setup_constants(lua_State *L, const swig_lua_const_info *own) {
    const size_t prefix = sizeof "LLNET_" - 1;
    const ll_lua_constant *constant;

    lua_createtable(L, 0, 1024); /* the module's functions come here, too: llnet.lua */
    for (; own->name != NULL; own++) {
        if (own->type == SWIG_LUA_INT) {
            lua_pushinteger(L, (lua_Integer)own->lvalue);
            lua_setfield(L, -2, own->name + prefix);
        }
    }
    for (constant = ll_lua_constants; constant->name != NULL; constant++) {
        if (constant->present) {
            lua_pushinteger(L, (lua_Integer)constant->value);
            lua_setfield(L, -2, constant->name);
        }
    }
    lua_setfield(L, 1, "constants");
}

static void ll_lua_setup(lua_State *L, const swig_lua_namespace *module) {
    size_t i;

    luaL_checkstack(L, LL_LUA_FAMILIES + LUA_MINSTACK, "the module's tables");
    ll_lua_setup_functions(L, module->ns_methods);
    for (i = LL_LUA_FAMILIES; i > 0; i--)
        ll_lua_setup_family(L, &ll_lua_families[i - 1]);
    ll_lua_setup_constants(L, module->ns_constants);
    lua_pushcfunction(L, ll_lua_class_call);
    lua_setfield(L, 1, "class_call");
    lua_pushcfunction(L, ll_lua_make_front);
    lua_setfield(L, 1, "front");
}
