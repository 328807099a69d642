/* SPDX-License-Identifier: MIT */
/* llnet/pool.h: buffers of one capacity that are used again instead of being freed.
 * A pool belongs to one thread at a time. Scripts have a pool of their own objects
 * instead: llnet.Pool. */
#ifndef LLNET_POOL_H
#define LLNET_POOL_H

#include <llnet/base.h>
#include <llnet/buffer.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct llnet_pool llnet_pool;

/* Makes an empty pool of buffers with this capacity, which keeps at most limit of
 * them. ENOMEM: *out is NULL. */
LLNET_API llnet_status llnet_pool_new(llnet_pool **out, size_t capacity, size_t limit);

/* Frees it and the buffers in it; those that were taken stay their takers'. NULL is
 * allowed. */
LLNET_API void llnet_pool_free(llnet_pool *self);

/* Takes an empty buffer, or makes one: it is the caller's. ENOMEM. */
LLNET_API llnet_status llnet_pool_take(llnet_pool *self, llnet_buffer **out);

/* Gives a buffer back, which the caller must not use any more. One whose capacity was
 * changed, that somebody else still holds (a message, a slice), or that the pool has
 * no place for, is freed. NULL is allowed. */
LLNET_API void llnet_pool_give(llnet_pool *self, llnet_buffer *buffer);

/* How many buffers lie ready. */
LLNET_API size_t llnet_pool_get_count(const llnet_pool *self);

#ifdef __cplusplus
}
#endif
#endif
