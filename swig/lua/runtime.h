/* SPDX-License-Identifier: MIT */
/* runtime.h: the object model of the Lua module: boxes, and how they are told. Included into
 * the generated file; SWIG's own object code is not used. */

#include <string.h>

/* ---- Lua 5.1 to 5.4 ------------------------------------------------------ */

#if LUA_VERSION_NUM < 502
#define ll_lua_rawlen          lua_objlen
#define ll_lua_setfields       lua_setfenv
#define ll_lua_getfields       lua_getfenv
#define ll_lua_is_fields(L, i) (lua_istable(L, i) && !lua_rawequal(L, i, LUA_ENVIRONINDEX))
#else
#define ll_lua_rawlen          lua_rawlen
#define ll_lua_setfields       lua_setuservalue
#define ll_lua_getfields       lua_getuservalue
#define ll_lua_is_fields(L, i) lua_istable(L, i)
#endif

/* What every call does is part of each; what raises is out of its way. */
#define LL_LUA_ALWAYS inline __attribute__((always_inline))
#define LL_LUA_SELDOM __attribute__((noinline, cold))

/* ---- objects ------------------------------------------------------------ */

/* An object is one userdata: the box, then the C struct itself (Socket, Addr) or
 * a pointer to the library's object. The address of the class is the tag that
 * proves what a userdata is, so no metatable that a script sets can fool the check.
 *
 * What a pointer leads to lives as long as the userdata: a script's finalizer may
 * run in any call that allocates, so nothing but the collector frees it. Closing
 * (by __close, too) gives resources back and leaves an object that answers. */
typedef struct ll_lua_class {
    const char *name;
    size_t size;
    void (*close)(void *payload);   /* NULL: owns nothing */
    void (*destroy)(void *payload); /* the collector's */
    bool has_table;                 /* for what it keeps alive, from the start */
} ll_lua_class;

typedef struct ll_lua_box {
    const ll_lua_class *cls; /* NULL once collected */
    uint64_t align;
} ll_lua_box;

static void ll_lua_close_socket(void *payload) {
    llnet_socket_close((llnet_socket *)payload);
}

static void ll_lua_close_buffer(void *payload) {
    llnet_buffer_set_capacity(*(llnet_buffer **)payload, 0);
}

static void ll_lua_destroy_buffer(void *payload) {
    llnet_buffer_free(*(llnet_buffer **)payload);
}

static void ll_lua_close_addrinfo(void *payload) {
    (void)payload;
}

static void ll_lua_destroy_addrinfo(void *payload) {
    llnet_addrinfo_free(*(llnet_addrinfo **)payload);
}

static void ll_lua_close_poller(void *payload) {
    llnet_poller_close(*(llnet_poller **)payload);
}

static void ll_lua_destroy_poller(void *payload) {
    llnet_poller_free(*(llnet_poller **)payload);
}

static void ll_lua_close_message(void *payload) {
    llnet_message_reset(*(llnet_message **)payload);
}

static void ll_lua_destroy_message(void *payload) {
    llnet_message_free(*(llnet_message **)payload);
}

/* What came in it and was not taken; the batch itself goes on. */
static void ll_lua_close_batch(void *payload) {
    llnet_batch *batch = *(llnet_batch **)payload;
    llnet_message *message;
    size_t i;

    for (i = 0; llnet_batch_get_message(batch, i, &message) == 0; i++) {
        llnet_message_clear_control(message);
        llnet_message_free(message);
    }
}

static void ll_lua_destroy_batch(void *payload) {
    llnet_batch_free(*(llnet_batch **)payload);
}

/* A snapshot has nothing to give back before it is collected. */
static void ll_lua_close_snapshot(void *payload) {
    (void)payload;
}

static void ll_lua_destroy_interfaces(void *payload) {
    llnet_interfaces_free(*(llnet_interfaces **)payload);
}

static void ll_lua_destroy_limits(void *payload) {
    llnet_limits_free(*(llnet_limits **)payload);
}

static const ll_lua_class ll_class_socket = {"Socket", sizeof(llnet_socket), ll_lua_close_socket,
                                             ll_lua_close_socket, false};
static const ll_lua_class ll_class_addr = {"Addr", sizeof(llnet_addr), NULL, NULL, false};
static const ll_lua_class ll_class_buffer = {"Buffer", sizeof(llnet_buffer *), ll_lua_close_buffer,
                                             ll_lua_destroy_buffer, false};
static const ll_lua_class ll_class_addrinfo = {"AddrInfo", sizeof(llnet_addrinfo *), ll_lua_close_addrinfo,
                                               ll_lua_destroy_addrinfo, false};
static const ll_lua_class ll_class_poller = {"Poller", sizeof(llnet_poller *), ll_lua_close_poller,
                                             ll_lua_destroy_poller, true};
static const ll_lua_class ll_class_message = {"Message", sizeof(llnet_message *), ll_lua_close_message,
                                              ll_lua_destroy_message, true};
static const ll_lua_class ll_class_batch = {"Batch", sizeof(llnet_batch *), ll_lua_close_batch,
                                            ll_lua_destroy_batch, true};
static const ll_lua_class ll_class_interfaces = {"Interfaces", sizeof(llnet_interfaces *), ll_lua_close_snapshot,
                                                 ll_lua_destroy_interfaces, false};
static const ll_lua_class ll_class_limits = {"Limits", sizeof(llnet_limits *), ll_lua_close_snapshot,
                                             ll_lua_destroy_limits, false};

/* The payload of the object at index i, NULL where it is none of this class.
 * Light userdata pass lua_touserdata, but their length is 0. */
static LL_LUA_ALWAYS void *ll_lua_test(lua_State *L, int i, const ll_lua_class *cls) {
    ll_lua_box *box = (ll_lua_box *)lua_touserdata(L, i);

    return box != NULL && ll_lua_rawlen(L, i) == sizeof *box + cls->size && box->cls == cls ? box + 1 : NULL;
}

/* What a value is, for a message: the name of its metatable, which Lua 5.3 keeps in
 * it and every Lua in the registry; else that of its type. */
static const char *ll_lua_describe(lua_State *L, int i) {
    if (lua_type(L, i) == LUA_TLIGHTUSERDATA)
        return "light userdata";
    if (luaL_getmetafield(L, i, "__name") != 0) {
        if (lua_type(L, -1) == LUA_TSTRING)
            return lua_tostring(L, -1);
        lua_pop(L, 1);
    }
    if (lua_type(L, i) == LUA_TUSERDATA && lua_getmetatable(L, i) != 0) {
        lua_pushnil(L);
        while (lua_next(L, LUA_REGISTRYINDEX) != 0) {
            if (lua_type(L, -2) == LUA_TSTRING && lua_rawequal(L, -1, -3))
                return lua_tostring(L, -2);
            lua_pop(L, 1);
        }
        lua_pop(L, 1);
    }
    return luaL_typename(L, i);
}

/* Whether it is an object of ours that the collector has ended. */
static bool ll_lua_is_released(lua_State *L, int i, const char *name) {
    const ll_lua_box *box = (const ll_lua_box *)lua_touserdata(L, i);

    return lua_type(L, i) == LUA_TUSERDATA && ll_lua_rawlen(L, i) >= sizeof *box && box->cls == NULL &&
           strcmp(ll_lua_describe(L, i), name) == 0;
}

/* "Buffer expected, got FILE*" */
static int LL_LUA_SELDOM ll_lua_type_error(lua_State *L, int i, const char *expected) {
    if (ll_lua_is_released(L, i, expected))
        return luaL_argerror(L, i, lua_pushfstring(L, "%s is already released", expected));
    return luaL_argerror(L, i, lua_pushfstring(L, "%s expected, got %s", expected, ll_lua_describe(L, i)));
}

static LL_LUA_ALWAYS void *ll_lua_check(lua_State *L, int i, const ll_lua_class *cls) {
    void *payload = ll_lua_test(L, i, cls);

    if (payload == NULL)
        ll_lua_type_error(L, i, cls->name);
    return payload;
}

/* The same for a class whose payload is a pointer. */
static LL_LUA_ALWAYS void *ll_lua_check_pointer(lua_State *L, int i, const ll_lua_class *cls) {
    return *(void **)ll_lua_check(L, i, cls);
}

/* The pointer in a payload that ll_lua_check gave for the object at index i: a finalizer may
 * have ended that since. */
static LL_LUA_ALWAYS void *ll_lua_fetch(lua_State *L, int i, const void *payload, const ll_lua_class *cls) {
    if (((const ll_lua_box *)payload - 1)->cls != cls)
        ll_lua_type_error(L, i, cls->name);
    return *(void *const *)payload;
}

/* Pushes a new object, all zero: a closed socket, an unspecified address, no
 * pointer. Made before the system call that fills it, so that no descriptor is
 * lost when Lua has no memory. */
static void *ll_lua_new(lua_State *L, const ll_lua_class *cls) {
    ll_lua_box *box = (ll_lua_box *)lua_newuserdata(L, sizeof *box + cls->size);

    memset(box, 0, sizeof *box + cls->size);
    lua_pushlightuserdata(L, (void *)cls);
    lua_rawget(L, LUA_REGISTRYINDEX);
    lua_setmetatable(L, -2);
    box->cls = cls;
    return box + 1;
}
