/* SPDX-License-Identifier: MIT */
/* fuzz_lua.c: a harness that is written in Lua: runs tests/fuzz/fuzz_SCRIPT.lua in a Lua that has
 * llnet linked in, and calls the function that it gives for each input; an error
 * is a finding. Lua's own code is not instrumented: which lines of Lua follow one another
 * is told to libFuzzer instead. */
#include "fuzz.h"

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);
int luaopen_llnet_core(lua_State *L);

static lua_State *lua;

/* ---- coverage ---------------------------------------------------------------------------- */

enum { COUNTERS = 1 << 14 };
__attribute__((used, section("__libfuzzer_extra_counters"))) static uint8_t counters[COUNTERS];

static void count_line(lua_State *L, lua_Debug *debug) {
    static uint32_t before;
    uint32_t now = 2166136261U; /* FNV-1a of the file's name and the line */

    if (lua_getinfo(L, "S", debug) == 0)
        return;
    for (const char *c = debug->short_src; *c != '\0'; c++)
        now = (now ^ (unsigned char)*c) * 16777619U;
    now = (now ^ (uint32_t)debug->currentline) * 16777619U;
    counters[(now ^ before >> 1) % COUNTERS]++;
    before = now;
}

/* ---- Lua ----------------------------------------------------------------------------------- */

static void must_run(int status) {
    if (status == 0)
        return;
    fprintf(stderr, "%s\n", lua_tostring(lua, -1));
    abort();
}

/* An error with where it came from. */
static int explain(lua_State *L) {
    lua_getglobal(L, "debug");
    lua_getfield(L, -1, "traceback");
    lua_pushvalue(L, 1);
    lua_pushinteger(L, 2);
    lua_call(L, 2, 1);
    return 1;
}

/* The stack has from then on: explain, and the function of the script. */
int LLVMFuzzerInitialize(int *argc, char ***argv) {
    (void)argc, (void)argv;
    lua = luaL_newstate();
    must(lua != NULL);
    luaL_openlibs(lua);
    lua_getglobal(lua, "package");
    lua_pushstring(lua, SOURCE "/lua/?.lua");
    lua_setfield(lua, -2, "path");
    lua_getfield(lua, -1, "preload");
    lua_pushcfunction(lua, luaopen_llnet_core);
    lua_setfield(lua, -2, "llnet.core");
    lua_settop(lua, 0);
    lua_pushstring(lua, SOURCE);
    lua_setglobal(lua, "SOURCE");
    lua_pushcfunction(lua, explain);
    must_run(luaL_loadfile(lua, SOURCE "/tests/fuzz/fuzz_" SCRIPT ".lua"));
    must_run(lua_pcall(lua, 0, 1, 1));
    must(lua_isfunction(lua, 2));
    lua_sethook(lua, count_line, LUA_MASKLINE, 0);
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    lua_pushvalue(lua, 2);
    lua_pushlstring(lua, (const char *)data, size);
    must_run(lua_pcall(lua, 1, 0, 1));
    return 0;
}
