/* SPDX-License-Identifier: MIT */
/* pool.c: buffers of one capacity that are used again. */
#include "internal.h"

#include <stdlib.h>

struct llnet_pool {
    size_t capacity, limit;
    llnet_buffer **ready;
    size_t count, room;
};

llnet_status llnet_pool_new(llnet_pool **out, size_t capacity, size_t limit) {
    llnet_pool *self;

    *out = NULL;
    if (capacity > PTRDIFF_MAX)
        return -ENOMEM;
    self = calloc(1, sizeof *self);
    if (self == NULL)
        return -ENOMEM;
    self->capacity = capacity;
    self->limit = limit;
    *out = self;
    return 0;
}

void llnet_pool_free(llnet_pool *self) {
    if (self == NULL)
        return;
    while (self->count > 0)
        llnet_buffer_free(self->ready[--self->count]);
    free(self->ready);
    free(self);
}

llnet_status llnet_pool_take(llnet_pool *self, llnet_buffer **out) {
    if (self->count == 0)
        return llnet_buffer_new(out, self->capacity);
    *out = self->ready[--self->count];
    return 0;
}

/* Whether there is a place for one more. */
static bool has_place(llnet_pool *self) {
    size_t room = self->room == 0 ? 16 : self->room * 2;
    llnet_buffer **grown;

    if (self->count >= self->limit)
        return false;
    if (self->count < self->room)
        return true;
    /* NOLINTNEXTLINE(bugprone-sizeof-expression): pointers are what it holds */
    grown = room > SIZE_MAX / sizeof *grown ? NULL : realloc(self->ready, room * sizeof *grown);
    if (grown == NULL)
        return false;
    self->ready = grown;
    self->room = room;
    return true;
}

void llnet_pool_give(llnet_pool *self, llnet_buffer *buffer) {
    if (buffer == NULL)
        return;
    if (!ll_buffer_is_sole(buffer) || llnet_buffer_get_capacity(buffer) != self->capacity || !has_place(self)) {
        llnet_buffer_free(buffer);
        return;
    }
    llnet_buffer_reset(buffer);
    self->ready[self->count++] = buffer;
}

size_t llnet_pool_get_count(const llnet_pool *self) {
    return self->count;
}
