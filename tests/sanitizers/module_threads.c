/* SPDX-License-Identifier: MIT */
/* module_threads.c: many threads, each with a Lua state of its own, load llnet at the same
 * moment, use it and end, over and over: for ThreadSanitizer (make check-tsan), in a program for
 * each Lua. Speaks TAP. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>

enum { THREADS = 8, ROUNDS = 5 };

/* What the threads could meet in: tables that are made at first use, names, objects, errors. */
static const char program[] =
    "local llnet = require 'llnet'\n"
    "local a, b = assert(llnet.Socket.pair('unix', 'stream'))\n"
    "assert(a:send('hello') == 5 and b:recv(10) == 'hello')\n"
    "assert(a:get_option('SO_TYPE') == llnet.SOCK_STREAM)\n"
    "assert(llnet.Addr.parse('[::1]:80'):format() == '[::1]:80')\n"
    "assert(select(2, a:recv(1, llnet.MSG_DONTWAIT)) == 'EAGAIN')\n"
    "assert(llnet.Errors.ECONNREFUSED and llnet.Options.SO_REUSEADDR and llnet.Protocols)\n"
    "local poller, ready = assert(llnet.Poller()), {}\n"
    "assert(poller:add(b, llnet.POLLIN) and a:send('x') == 1 and poller:wait(ready, 1000) == 1)\n"
    "local buffer = llnet.Buffer(100)\n"
    "assert(buffer:append('text') and #assert(llnet.interfaces()) > 0)\n"
    "require 'llnet.luasocket'\n";

static pthread_barrier_t barrier;

/* dlopen(3) runs constructors under a lock of the system's, of which ThreadSanitizer does not know:
 * Lua's calls come here, and have one that it knows. */
void *dlopen(const char *name, int flags) {
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    void *(*real)(const char *, int);
    void *result;

    *(void **)&real = dlsym(RTLD_NEXT, "dlopen");
    pthread_mutex_lock(&lock);
    result = real(name, flags);
    pthread_mutex_unlock(&lock);
    return result;
}

static void *use_module(void *failure) {
    for (int round = 0; round < ROUNDS; round++) {
        lua_State *L = luaL_newstate();

        luaL_openlibs(L);
        pthread_barrier_wait(&barrier);
        if (luaL_loadstring(L, program) != 0 || lua_pcall(L, 0, 0, 0) != 0)
            snprintf(failure, 200, "%s", lua_tostring(L, -1));
        lua_close(L);
    }
    return NULL;
}

int main(void) {
    pthread_t threads[THREADS];
    char failures[THREADS][200] = {""};
    int status = EXIT_SUCCESS;

    pthread_barrier_init(&barrier, NULL, THREADS);
    for (int i = 0; i < THREADS; i++)
        if (pthread_create(&threads[i], NULL, use_module, failures[i]) != 0)
            abort();
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        if (failures[i][0] != '\0') {
            printf("# %s\n", failures[i]);
            status = EXIT_FAILURE;
        }
    }
    printf("%s 1 - %d threads load the module %d times at once (%s)\n1..1\n",
           status == EXIT_SUCCESS ? "ok" : "not ok", THREADS, ROUNDS, LUA_VERSION);
    return status;
}
