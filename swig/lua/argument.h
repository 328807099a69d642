/* SPDX-License-Identifier: MIT */
/* argument.h: what calls take from Lua: numbers, times, text, parts of strings; and the memory into
 * which they receive. */

#include <limits.h>
#include <math.h>
#include <sys/socket.h>

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

/* A time. Part of a unit is all of it, so that no wait ends early; math.huge is for ever. What is
 * past and no whole number was computed, and means no wait: whole ones are for ever, as in poll(2). */
static int64_t LL_LUA_SELDOM ll_lua_round_time(lua_State *L, int i, int64_t most, int64_t forever) {
    lua_Number number = luaL_checknumber(L, i);
    int64_t value;

    if (number == HUGE_VAL)
        return forever;
    if (!(number >= -(lua_Number)most && number <= (lua_Number)most))
        luaL_argerror(L, i, "number out of range");
    if (number < 0)
        return 0;
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
