/* SPDX-License-Identifier: MIT */
/* runtime.h: the object model of the Lua module: boxes, checked arguments,
 * results. Included into the generated file; SWIG's own object code is not used. */

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <string.h>
#include <sys/socket.h>

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

/* ---- results -------------------------------------------------------------- */

/* A fault of the program that C finds: raises with the name of the function. */
static int LL_LUA_SELDOM ll_lua_raise(lua_State *L, int error) {
    lua_Debug call;

    if (lua_getstack(L, 0, &call) != 0 && lua_getinfo(L, "n", &call) != 0 && call.name != NULL)
        return luaL_error(L, "bad argument to '%s' (%s)", call.name, llnet_error_text(error));
    return luaL_error(L, "bad argument (%s)", llnet_error_text(error));
}

/* Pushes the name of an error. By far the most frequent is not looked for. */
static void ll_lua_push_error_name(lua_State *L, int error) {
    const char *name;

    if (error == EAGAIN) {
        lua_pushliteral(L, "EAGAIN");
        return;
    }
    name = llnet_error_name(error);
    if (name != NULL)
        lua_pushstring(L, name);
    else
        lua_pushfstring(L, "E%d", error);
}

/* Pushes nil, "ECONNREFUSED", 111. A fault of the program raises instead. */
static int ll_lua_error(lua_State *L, llnet_count result) {
    int error = (int)-result;

    if (error == LLNET_EBOUNDS || error == LLNET_ETYPE)
        return ll_lua_raise(L, error);
    lua_pushnil(L);
    ll_lua_push_error_name(L, error);
    lua_pushinteger(L, error);
    return 3;
}

/* The result of what has none. */
static inline int ll_lua_true(lua_State *L) {
    lua_pushboolean(L, 1);
    return 1;
}

/* Where lua_Integer may be 32 bits wide, Lua's numbers are doubles. */
static inline void ll_lua_push_int64(lua_State *L, int64_t value) {
#if LUA_VERSION_NUM >= 503
    lua_pushinteger(L, (lua_Integer)value);
#else
    lua_pushnumber(L, (lua_Number)value);
#endif
}

/* Pushes a number of 64 bits that must not be rounded. False: this Lua's numbers cannot
 * hold it. Lua 5.3 and later have its bits as an integer. */
static inline bool ll_lua_push_exact(lua_State *L, int64_t value) {
    ll_lua_push_int64(L, value);
#if LUA_VERSION_NUM < 503
    /* 2^63 itself, to which the largest are rounded, would not go back */
    return lua_tonumber(L, -1) < 9223372036854775808.0 && (int64_t)lua_tonumber(L, -1) == value;
#else
    return true;
#endif
}

static inline bool ll_lua_push_exact_unsigned(lua_State *L, uint64_t value) {
#if LUA_VERSION_NUM < 503
    lua_Number number = (lua_Number)value;

    lua_pushnumber(L, number);
    return number < 18446744073709551616.0 && (uint64_t)number == value;
#else
    lua_pushinteger(L, (lua_Integer)value);
    return true;
#endif
}

/* ---- arguments ------------------------------------------------------------ */

/* Whether the value at i is a whole number, or text of one, whatever the Lua
 * version; value gets it. */
static inline bool ll_lua_to_int64(lua_State *L, int i, int64_t *value) {
#if LUA_VERSION_NUM >= 503
    int whole;

    *value = lua_tointegerx(L, i, &whole);
    return whole != 0;
#else
    lua_Number number = lua_tonumber(L, i);
    /* the largest doubles below 2^63; NaN fails both */
    bool fits = number >= -9223372036854775808.0 && number < 9223372036854775808.0;

    *value = fits ? (int64_t)number : 0;
    return fits && (lua_Number)*value == number && (number != 0 || lua_isnumber(L, i));
#endif
}

/* Raises where it is not. */
static inline int64_t ll_lua_int64(lua_State *L, int i) {
    int64_t value;

    if (!ll_lua_to_int64(L, i, &value)) {
        luaL_checknumber(L, i);
        luaL_argerror(L, i, "number has no integer representation");
    }
    return value;
}

/* As many bits without a sign: on Lua 5.3 and later its integers' bits, before that a whole
 * number below 2^64. */
static inline uint64_t ll_lua_uint64(lua_State *L, int i) {
#if LUA_VERSION_NUM < 503
    lua_Number number = lua_tonumber(L, i);

    if (number >= 9223372036854775808.0 && number < 18446744073709551616.0)
        return (uint64_t)number;
    if (number < 0)
        luaL_argerror(L, i, "number out of range");
#endif
    return (uint64_t)ll_lua_int64(L, i);
}

static int64_t ll_lua_range(lua_State *L, int i, int64_t min, int64_t max) {
    int64_t value = ll_lua_int64(L, i);

    if (value < min || value > max)
        luaL_argerror(L, i, "number out of range");
    return value;
}

/* Whether the value at i is a whole number that fits an int, as most are: it is had for one call
 * of Lua's, zero for two. */
static LL_LUA_ALWAYS bool ll_lua_to_int(lua_State *L, int i, int *value) {
#if LUA_VERSION_NUM >= 503
    int whole;
    lua_Integer number = lua_tointegerx(L, i, &whole);

    *value = (int)number;
    return whole != 0 && number >= INT_MIN && number <= INT_MAX;
#else
    lua_Number number = lua_tonumber(L, i);

    if (!(number >= INT_MIN && number <= INT_MAX))
        return false;
    *value = (int)number;
    return (lua_Number)*value == number && (number != 0 || lua_type(L, i) == LUA_TNUMBER);
#endif
}

static inline int ll_lua_int(lua_State *L, int i) {
    int value;

    return ll_lua_to_int(L, i, &value) ? value : (int)ll_lua_range(L, i, INT_MIN, INT_MAX);
}

/* Whether an argument is missing, or nil. Most that may be missing are. */
static LL_LUA_ALWAYS bool ll_lua_is_absent(lua_State *L, int i) {
    return lua_gettop(L) < i || lua_isnil(L, i);
}

static inline int ll_lua_opt_int(lua_State *L, int i, int value) {
    return ll_lua_is_absent(L, i) ? value : ll_lua_int(L, i);
}

/* A time. Part of a unit is all of it, so that no wait ends early; math.huge is for ever. */
static int64_t LL_LUA_SELDOM ll_lua_round_time(lua_State *L, int i, int64_t most, int64_t forever) {
    lua_Number number = luaL_checknumber(L, i);
    int64_t value;

    if (number == HUGE_VAL)
        return forever;
    if (!(number >= -(lua_Number)most && number <= (lua_Number)most))
        luaL_argerror(L, i, "number out of range");
    value = (int64_t)number;
    return (lua_Number)value < number ? value + 1 : value;
}

/* Milliseconds; missing or nil: for ever. */
static inline int ll_lua_opt_timeout(lua_State *L, int i) {
    int value;

    if (ll_lua_is_absent(L, i))
        return -1;
    return ll_lua_to_int(L, i, &value) ? value : (int)ll_lua_round_time(L, i, INT_MAX, -1);
}

/* Nanoseconds */
static inline int64_t ll_lua_time(lua_State *L, int i, int64_t forever) {
    int64_t value;

    return ll_lua_to_int64(L, i, &value) ? value : ll_lua_round_time(L, i, INT64_MAX / 2, forever);
}

static int64_t ll_lua_opt_time(lua_State *L, int i, int64_t forever) {
    return lua_isnoneornil(L, i) ? forever : ll_lua_time(L, i, forever);
}

static int64_t ll_lua_opt_deadline(lua_State *L, int i) {
    return ll_lua_opt_time(L, i, LLNET_NEVER);
}

/* Most sizes are small, too. */
static LL_LUA_ALWAYS bool ll_lua_to_small_size(lua_State *L, int i, size_t *size) {
    int value;

    if (!ll_lua_to_int(L, i, &value) || value < 0)
        return false;
    *size = (size_t)value;
    return true;
}

static LL_LUA_ALWAYS size_t ll_lua_small_size(lua_State *L, int i) {
    size_t size;

    return ll_lua_to_small_size(L, i, &size) ? size : (size_t)ll_lua_range(L, i, 0, PTRDIFF_MAX);
}

static size_t ll_lua_size(lua_State *L, int i) {
    return ll_lua_small_size(L, i);
}

static inline size_t ll_lua_opt_size(lua_State *L, int i, size_t value) {
    size_t size;

    if (lua_gettop(L) < i)
        return value;
    if (ll_lua_to_small_size(L, i, &size))
        return size;
    return lua_isnil(L, i) ? value : ll_lua_size(L, i);
}

/* true, false, nil (false), 1, 0 */
static bool ll_lua_bool(lua_State *L, int i) {
    if (lua_type(L, i) == LUA_TNUMBER)
        return ll_lua_range(L, i, 0, 1) != 0;
    if (!lua_isnoneornil(L, i))
        luaL_checktype(L, i, LUA_TBOOLEAN);
    return lua_toboolean(L, i) != 0;
}

#ifndef MSG_ZEROCOPY
#define MSG_ZEROCOPY 0
#endif

/* The flags at index i of a send whose bytes are the string at another, which may be collected
 * while the kernel still reads it. */
static int ll_lua_string_flags(lua_State *L, int i, int string) {
    int flags = ll_lua_opt_int(L, i, 0);

    if ((flags & MSG_ZEROCOPY) != 0)
        luaL_argerror(L, string, "MSG_ZEROCOPY wants a Buffer, not a string");
    return flags;
}

/* A float: named, so that the gate on the generated file sees SWIG's own. */
static inline double ll_lua_number(lua_State *L, int i) {
    return luaL_checknumber(L, i);
}

static inline void ll_lua_push_number(lua_State *L, double value) {
    lua_pushnumber(L, value);
}

/* The order of bytes: "big" (also where there is none), "little", or its constant. */
static int ll_lua_opt_order(lua_State *L, int i) {
    static const char *const names[] = {"big", "little", NULL};

    if (lua_type(L, i) == LUA_TNUMBER)
        return (int)ll_lua_range(L, i, LLNET_BIG_ENDIAN, LLNET_LITTLE_ENDIAN);
    return luaL_checkoption(L, i, "big", names);
}

/* Text for C, which would stop at a NUL without a word. */
static const char *ll_lua_text(lua_State *L, int i) {
    size_t len;
    const char *text = luaL_checklstring(L, i, &len);

    if (strlen(text) != len)
        luaL_argerror(L, i, "string contains a NUL byte");
    return text;
}

static const char *ll_lua_opt_text(lua_State *L, int i) {
    return lua_isnoneornil(L, i) ? NULL : ll_lua_text(L, i);
}

/* A service's name, or its port as text or as a number, which to Lua 5.3 may be a
 * float: 80.0 is "80". */
static const char *ll_lua_opt_service(lua_State *L, int i) {
    if (lua_type(L, i) == LUA_TNUMBER) {
        lua_pushinteger(L, (lua_Integer)ll_lua_int64(L, i));
        lua_replace(L, i);
    }
    return ll_lua_opt_text(L, i);
}

/* ---- memory to receive into --------------------------------------------- */

enum { LL_LUA_STACK = 8192 };

static const char ll_lua_scratch_key = 0;

/* The sizes of the block that a state keeps. */
enum { LL_LUA_SCRATCH_LEAST = 65536, LL_LUA_SCRATCH_MOST = 1 << 20 };

/* Pushes a block with room for size bytes, more than the stack should hold: one
 * for each state, kept in the registry; beyond 1 MiB one for the collector. */
static void *ll_lua_take_scratch(lua_State *L, size_t size) {
    if (size > LL_LUA_SCRATCH_MOST)
        return lua_newuserdata(L, size);
    lua_pushlightuserdata(L, (void *)&ll_lua_scratch_key);
    lua_rawget(L, LUA_REGISTRYINDEX);
    if (lua_touserdata(L, -1) == NULL || ll_lua_rawlen(L, -1) < size) {
        lua_pop(L, 1);
        lua_newuserdata(L, size < LL_LUA_SCRATCH_LEAST ? LL_LUA_SCRATCH_LEAST : size);
        lua_pushlightuserdata(L, (void *)&ll_lua_scratch_key);
        lua_pushvalue(L, -2);
        lua_rawset(L, LUA_REGISTRYINDEX);
    }
    return lua_touserdata(L, -1);
}

/* Of the kept block, out of reach meanwhile: a finalizer may receive before Lua copies. */
static void ll_lua_push_kept_block(lua_State *L, int i, const void *data, size_t len) {
    lua_pushlightuserdata(L, (void *)&ll_lua_scratch_key);
    lua_pushboolean(L, 0);
    lua_rawset(L, LUA_REGISTRYINDEX);
    lua_pushlstring(L, (const char *)data, len);
    lua_pushlightuserdata(L, (void *)&ll_lua_scratch_key);
    lua_pushvalue(L, i);
    lua_rawset(L, LUA_REGISTRYINDEX);
}

/* Pushes bytes that stand in the block at index i (0: on the stack). */
static LL_LUA_ALWAYS void ll_lua_push_block(lua_State *L, int i, const void *data, size_t len) {
    if (i != 0 && ll_lua_rawlen(L, i) <= LL_LUA_SCRATCH_MOST)
        ll_lua_push_kept_block(L, i, data, len);
    else
        lua_pushlstring(L, (const char *)data, len);
}

/* Pushes what was received. With MSG_TRUNC the count says how long the datagram
 * was, and a stream has written nothing: so the bytes are zeroed before such a
 * call, only those there is room for are pushed, then the true count. */
static LL_LUA_ALWAYS int ll_lua_push_received(lua_State *L, int i, const void *data, size_t len, llnet_count count,
                                              int flags) {
    ll_lua_push_block(L, i, data, (size_t)count < len ? (size_t)count : len);
    if ((flags & MSG_TRUNC) == 0)
        return 1;
    lua_pushinteger(L, (lua_Integer)count);
    return 2;
}

/* The bytes of the string, or number, at index i. */
static LL_LUA_ALWAYS const char *ll_lua_string(lua_State *L, int i, size_t *len) {
    const char *data = lua_tolstring(L, i, len);

    return data != NULL ? data : luaL_checklstring(L, i, len);
}

/* The bytes of the string at index i, or the part of it that the offset and count
 * at the two indexes from part on say (nil: from the start; all). */
static const char *ll_lua_part(lua_State *L, int i, int part, size_t *len) {
    const char *data = luaL_checklstring(L, i, len);
    size_t offset, count;

    if (lua_gettop(L) < part)
        return data;
    offset = ll_lua_opt_size(L, part, 0);
    count = ll_lua_opt_size(L, part + 1, offset <= *len ? *len - offset : 0);
    if (offset > *len)
        luaL_argerror(L, part, "offset out of bounds");
    if (count > *len - offset)
        luaL_argerror(L, part + 1, "count out of bounds");
    *len = count;
    return data + offset;
}

/* The address and the flags from index i on, in either order, each of which may
 * be missing. */
static llnet_addr *ll_lua_from(lua_State *L, int i, int *flags) {
    int type = lua_type(L, i);

    if (type != LUA_TNUMBER && type != LUA_TNIL && type != LUA_TNONE) {
        *flags = ll_lua_opt_int(L, i + 1, 0);
        return (llnet_addr *)ll_lua_check(L, i, &ll_class_addr);
    }
    *flags = type == LUA_TNUMBER ? ll_lua_int(L, i) : 0;
    return ll_lua_is_absent(L, i + 1) ? NULL : (llnet_addr *)ll_lua_check(L, i + 1, &ll_class_addr);
}
