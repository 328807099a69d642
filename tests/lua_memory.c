/* SPDX-License-Identifier: MIT */
/* lua_memory.c: a Lua module that lets the interpreter's own allocator fail while a function
 * runs; tests/lua/memory.lua has the functions. */
#include <lauxlib.h>
#include <lua.h>

/* Lua's allocator, and which of its allocations fail. */
static struct {
    lua_Alloc allocate;
    void *ud;
    int armed; /* in try */
    int left;  /* until the first one that fails */
    int most;  /* how many fail then: Lua 5.2 and later collect and ask once more */
    int failed;
} plan;

/* A block that shrinks or is freed never fails; of a new one old_size is no size. */
static void *allocate(void *ud, void *block, size_t old_size, size_t size) {
    int grows = size > 0 && (block == NULL || size > old_size);

    (void)ud;
    if (plan.armed && grows) {
        if (plan.left > 0)
            plan.left--;
        if (plan.left == 0 && plan.failed < plan.most) {
            plan.failed++;
            return NULL;
        }
    }
    return plan.allocate(plan.ud, block, old_size, size);
}

/* try(function, n, most): calls the function while the n-th allocation and up to most - 1 after
 * it fail. Whether it returned, what it raised, how many failed. */
static int try(lua_State *L) {
    int status;

    luaL_checktype(L, 1, LUA_TFUNCTION);
    plan.left = (int)luaL_checkinteger(L, 2);
    plan.most = (int)luaL_checkinteger(L, 3);
    plan.failed = 0;
    lua_settop(L, 1);
    lua_checkstack(L, 20);
    plan.armed = 1;
    status = lua_pcall(L, 0, 1, 0);
    plan.armed = 0;
    lua_pushboolean(L, status == 0);
    lua_insert(L, 1);
    lua_pushinteger(L, plan.failed);
    return 3;
}

__attribute__((visibility("default"))) int luaopen_memory(lua_State *L);
int luaopen_memory(lua_State *L) {
    if (plan.allocate == NULL) {
        plan.allocate = lua_getallocf(L, &plan.ud);
        lua_setallocf(L, allocate, NULL);
    }
    lua_pushcfunction(L, try);
    return 1;
}
