/* SPDX-License-Identifier: MIT */
/* faults_memory.c: malloc, calloc and realloc as calls that can fail (faults.h), and what was
 * not freed. Other C libraries than glibc have no second name for them, the sanitizers have their
 * own: there nothing fails. */
#include "config.h"

#include "faults.h"

#include <stdlib.h>

#include <llnet/base.h>

#if defined __GLIBC__ && defined COUNT_ALLOCATIONS
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *memory, size_t size);
void __libc_free(void *memory);

/* What was given between faults_begin and faults_end, and not freed anywhere since. */
enum { TAKEN_MAX = 4096 };
static void *taken[TAKEN_MAX];
static long count;

static void *take(void *memory) {
    if (memory != NULL && faults_is_inside()) {
        if (count == TAKEN_MAX)
            abort();
        taken[count++] = memory;
    }
    return memory;
}

static void forget(const void *memory) {
    for (long i = count; memory != NULL && i > 0; i--)
        if (taken[i - 1] == memory) {
            taken[i - 1] = taken[--count];
            return;
        }
}

LLNET_API void *malloc(size_t size) {
    return faults_is_due("malloc") ? NULL : take(__libc_malloc(size));
}

LLNET_API void *calloc(size_t members, size_t size) {
    return faults_is_due("calloc") ? NULL : take(__libc_calloc(members, size));
}

LLNET_API void *realloc(void *memory, size_t size) {
    void *moved;

    if (faults_is_due("realloc"))
        return NULL;
    moved = __libc_realloc(memory, size);
    if (moved != NULL || size == 0)
        forget(memory);
    return take(moved);
}

LLNET_API void free(void *memory) {
    forget(memory);
    __libc_free(memory);
}

long faults_live_memory(void) {
    return count;
}

void faults_forget_memory(void) {
    count = 0;
}
#else
long faults_live_memory(void) {
    return -1;
}

void faults_forget_memory(void) {
}
#endif
