/* SPDX-License-Identifier: MIT */
/* lua_memory.c: a Lua module that lets memory be refused while a function runs: the interpreter's
 * own by its allocator, or, where the module is in LD_PRELOAD, the whole process's, libllnet's
 * too. tests/lua/memory.lua has the functions. */
#include <errno.h>
#include <stdlib.h>

#include <lauxlib.h>
#include <lua.h>

#define PUBLIC __attribute__((visibility("default")))

/* Which requests fail: none, or after `left` more of them so many as `most`. */
static struct {
    int armed, left, most, failed;
    int whole_process;
    lua_Alloc allocate; /* Lua's */
    void *ud;
} plan;

static int is_refused(int whole_process) {
    if (!plan.armed || plan.whole_process != whole_process)
        return 0;
    if (plan.left > 0)
        plan.left--;
    if (plan.left > 0 || plan.failed >= plan.most)
        return 0;
    plan.failed++;
    errno = ENOMEM;
    return 1;
}

/* A block that shrinks or is freed never fails; of a new one old_size is no size. */
static void *allocate(void *ud, void *block, size_t old_size, size_t size) {
    (void)ud;
    if (size > 0 && (block == NULL || size > old_size) && is_refused(0))
        return NULL;
    return plan.allocate(plan.ud, block, old_size, size);
}

#ifdef __GLIBC__
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *memory, size_t size);

PUBLIC void *malloc(size_t size) {
    return is_refused(1) ? NULL : __libc_malloc(size);
}

PUBLIC void *calloc(size_t count, size_t size) {
    return is_refused(1) ? NULL : __libc_calloc(count, size);
}

/* Lua takes it that a block can shrink: nobody knows here whether it does. */
PUBLIC void *realloc(void *memory, size_t size) {
    return memory == NULL && is_refused(1) ? NULL : __libc_realloc(memory, size);
}
#endif

/* try(function, n, most, whole_process): calls the function while the n-th request and up to
 * most - 1 after it fail. Whether it returned, what it raised, how many failed. */
static int try(lua_State *L) {
    int status;

    luaL_checktype(L, 1, LUA_TFUNCTION);
    plan.left = (int)luaL_checkinteger(L, 2);
    plan.most = (int)luaL_checkinteger(L, 3);
    plan.whole_process = lua_toboolean(L, 4);
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

PUBLIC int luaopen_memory(lua_State *L);
int luaopen_memory(lua_State *L) {
    if (plan.allocate == NULL) {
        plan.allocate = lua_getallocf(L, &plan.ud);
        lua_setallocf(L, allocate, NULL);
    }
    lua_pushcfunction(L, try);
    return 1;
}
