/* SPDX-License-Identifier: MIT */
/* allocations.c: stands before the C library's malloc, calloc and realloc, and counts, the
 * shared library's calls too. */
#include "config.h"

#include "allocations.h"

#include <stdlib.h>

#include <llnet/base.h>

#if defined __GLIBC__ && defined COUNT_ALLOCATIONS
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *memory, size_t size);

static long count;

LLNET_API void *malloc(size_t size) {
    __atomic_fetch_add(&count, 1, __ATOMIC_RELAXED);
    return __libc_malloc(size);
}

LLNET_API void *calloc(size_t members, size_t size) {
    __atomic_fetch_add(&count, 1, __ATOMIC_RELAXED);
    return __libc_calloc(members, size);
}

LLNET_API void *realloc(void *memory, size_t size) {
    __atomic_fetch_add(&count, 1, __ATOMIC_RELAXED);
    return __libc_realloc(memory, size);
}

long count_allocations(void) {
    return __atomic_load_n(&count, __ATOMIC_RELAXED);
}
#else
long count_allocations(void) {
    return -1;
}
#endif
