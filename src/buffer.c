/* SPDX-License-Identifier: MIT */
/* buffer.c: a mutable byte buffer, and slices of one. Every byte up to the capacity is zero
 * or was put there by the program: what grows is zeroed at once. What is consumed stays in
 * front of the contents until the room is needed or is half of what is used. */
#include "internal.h"

#include <stdlib.h>
#include <string.h>

/* Large memory begins at a cache line: 16 bytes beyond one, where malloc has it, the kernel
 * takes a tenth longer to copy 64 KiB. aligned_alloc would have to touch all of it to zero
 * it, and could not grow. */
enum { LINE = 64, LARGE = 4096 };

struct llnet_buffer {
    unsigned char *bytes; /* the contents; NULL where the capacity is 0, and of a slice */
    unsigned char *block; /* what is allocated; the room begins in its first LINE */
    size_t size, capacity;
    size_t dropped;       /* how far into the room the contents begin; 0 of a slice and its parent */
    bool seen;            /* somebody has a pointer to the room: the contents begin there */
    unsigned holds;       /* who must free it before it is gone */
    llnet_buffer *parent; /* of a slice, held: a buffer with memory of its own */
    size_t start;         /* of a slice, in the parent */
};

/* A slice is what is left of it: its parent's memory may have moved or been cut since. */
static size_t capacity_of(const llnet_buffer *self) {
    size_t left;

    if (self->parent == NULL)
        return self->capacity;
    left = self->parent->capacity > self->start ? self->parent->capacity - self->start : 0;
    return self->capacity < left ? self->capacity : left;
}

static size_t size_of(const llnet_buffer *self) {
    size_t capacity = capacity_of(self);

    return self->size < capacity ? self->size : capacity;
}

static unsigned char *bytes_of(const llnet_buffer *self) {
    if (self->parent == NULL)
        return self->bytes;
    return capacity_of(self) == 0 ? NULL : self->parent->bytes + self->start;
}

/* The contents are to be replaced, or moved. */
static void drop_nothing(llnet_buffer *self) {
    if (self->dropped > 0)
        self->bytes -= self->dropped;
    self->dropped = 0;
}

/* Moves the contents to the front, so that all the capacity follows their beginning. */
static void settle(llnet_buffer *self) {
    unsigned char *contents = self->bytes;

    if (self->dropped == 0)
        return;
    drop_nothing(self);
    memmove(self->bytes, contents, self->size);
}

/* A slice can only be cut; cut to nothing it lets its parent go. */
static llnet_status cut(llnet_buffer *self, size_t capacity) {
    if (capacity > capacity_of(self))
        return -ENOBUFS;
    self->size = size_of(self) < capacity ? size_of(self) : capacity;
    self->capacity = capacity;
    if (capacity == 0) {
        llnet_buffer_free(self->parent);
        self->parent = NULL;
        self->start = 0;
    }
    return 0;
}

static size_t to_line(const unsigned char *block) {
    return (LINE - (uintptr_t)block % LINE) % LINE;
}

/* Moves the bytes to a block of their new capacity, which is not 0. */
static llnet_status move(llnet_buffer *self, size_t capacity) {
    size_t before = self->block != NULL ? (size_t)(self->bytes - self->block) : 0, after = 0;
    size_t kept = capacity < self->capacity ? capacity : self->capacity;
    bool large = capacity >= LARGE || before > 0;
    unsigned char *block = realloc(self->block, large ? capacity + LINE : capacity);

    if (block == NULL)
        return -ENOMEM;
    if (large)
        after = to_line(block);
    if (after != before)
        memmove(block + after, block + before, kept);
    self->block = block;
    self->bytes = block + after;
    memset(self->bytes + kept, 0, capacity - kept);
    return 0;
}

/* Reallocates to exactly this capacity; sizes stay within what an llnet_count
 * can say. */
static llnet_status reallocate(llnet_buffer *self, size_t capacity) {
    llnet_status status = capacity <= PTRDIFF_MAX ? 0 : -ENOMEM;

    if (self->parent != NULL)
        return cut(self, capacity);
    settle(self);
    if (capacity == 0) {
        free(self->block);
        self->block = self->bytes = NULL;
    } else if (status == 0) {
        status = move(self, capacity);
    }
    if (status < 0)
        return status;
    self->seen = self->seen && capacity == self->capacity;
    self->capacity = capacity;
    if (self->size > capacity)
        self->size = capacity;
    return 0;
}

/* Makes room for that many bytes. */
static llnet_status reserve(llnet_buffer *self, size_t capacity) {
    return capacity > capacity_of(self) ? reallocate(self, capacity) : 0;
}

/* Makes room for a size that does not fit behind what is dropped. */
static llnet_status make_room(llnet_buffer *self, size_t size) {
    size_t capacity = capacity_of(self);
    size_t ample = capacity + capacity / 2; /* both at most PTRDIFF_MAX */

    if (size > capacity)
        return reallocate(self, size > ample || ample > PTRDIFF_MAX ? size : ample);
    settle(self);
    return 0;
}

/* Makes room for len bytes after the size; growth is at least by half. */
static llnet_status reserve_more(llnet_buffer *self, size_t len) {
    size_t size = size_of(self);

    if (len > PTRDIFF_MAX - size)
        return self->parent != NULL ? -ENOBUFS : -ENOMEM;
    return size + len <= capacity_of(self) - self->dropped ? 0 : make_room(self, size + len);
}

/* How many bytes a range of the contents has. */
static llnet_count count_range(const llnet_buffer *self, size_t offset, size_t count) {
    size_t rest;

    if (offset > size_of(self))
        return -LLNET_EBOUNDS;
    rest = size_of(self) - offset;
    if (count == LLNET_ALL)
        return (llnet_count)rest;
    return count <= rest ? (llnet_count)count : -LLNET_EBOUNDS;
}

llnet_status llnet_buffer_new(llnet_buffer **out, size_t capacity) {
    llnet_buffer *self;

    *out = NULL;
    if (capacity > PTRDIFF_MAX)
        return -ENOMEM;
    self = calloc(1, sizeof *self);
    if (self == NULL)
        return -ENOMEM;
    self->holds = 1;
    if (capacity > 0) {
        self->block = calloc(1, capacity < LARGE ? capacity : capacity + LINE);
        if (self->block == NULL) {
            free(self);
            return -ENOMEM;
        }
        self->bytes = self->block + (capacity < LARGE ? 0 : to_line(self->block));
        self->capacity = capacity;
    }
    *out = self;
    return 0;
}

void ll_buffer_hold(llnet_buffer *self) {
    self->holds++;
}

bool ll_buffer_is_sole(const llnet_buffer *self) {
    return self->holds == 1 && self->parent == NULL;
}

/* NOLINTNEXTLINE(misc-no-recursion): a parent has none itself, so it goes one level deep */
void llnet_buffer_free(llnet_buffer *self) {
    if (self == NULL || --self->holds > 0)
        return;
    llnet_buffer_free(self->parent);
    free(self->block);
    free(self);
}

llnet_status llnet_buffer_slice(llnet_buffer *self, size_t offset, size_t count, llnet_buffer **out) {
    size_t capacity = capacity_of(self), size = size_of(self);
    llnet_buffer *slice;

    *out = NULL;
    if (offset > capacity || (count != LLNET_ALL && count > capacity - offset))
        return -LLNET_EBOUNDS;
    slice = calloc(1, sizeof *slice);
    if (slice == NULL)
        return -ENOMEM;
    slice->holds = 1;
    slice->capacity = count == LLNET_ALL ? capacity - offset : count;
    slice->size = size <= offset ? 0 : size - offset;
    if (slice->size > slice->capacity)
        slice->size = slice->capacity;
    slice->start = self->start + offset;
    slice->parent = self->parent != NULL ? self->parent : self;
    settle(slice->parent);
    ll_buffer_hold(slice->parent);
    *out = slice;
    return 0;
}

size_t llnet_buffer_get_size(const llnet_buffer *self) {
    return size_of(self);
}

size_t llnet_buffer_get_capacity(const llnet_buffer *self) {
    return capacity_of(self);
}

llnet_status llnet_buffer_set_size(llnet_buffer *self, size_t size) {
    llnet_status status = reserve(self, size);

    if (status < 0)
        return status;
    if (size > size_of(self))
        settle(self);
    self->size = size;
    return 0;
}

llnet_status llnet_buffer_set_capacity(llnet_buffer *self, size_t capacity) {
    return reallocate(self, capacity);
}

void llnet_buffer_reset(llnet_buffer *self) {
    settle(self);
    self->size = 0;
}

void *ll_buffer_room(llnet_buffer *self) {
    settle(self);
    return bytes_of(self);
}

const void *ll_buffer_contents(const llnet_buffer *self) {
    return bytes_of(self);
}

void *llnet_buffer_data(llnet_buffer *self) {
    self->seen = true;
    if (self->parent != NULL)
        self->parent->seen = true; /* the pointer may outlive the slice */
    return ll_buffer_room(self);
}

const void *llnet_buffer_const_data(const llnet_buffer *self) {
    return llnet_buffer_data((llnet_buffer *)(uintptr_t)self); /* no buffer is const; its contents don't change */
}

llnet_count llnet_buffer_get_byte(const llnet_buffer *self, size_t offset) {
    return offset < size_of(self) ? bytes_of(self)[offset] : -LLNET_EBOUNDS;
}

llnet_status llnet_buffer_set_byte(llnet_buffer *self, size_t offset, int value) {
    if (offset >= size_of(self) || value < 0 || value > 255)
        return -LLNET_EBOUNDS;
    bytes_of(self)[offset] = (unsigned char)value;
    return 0;
}

llnet_count llnet_buffer_get_data(const llnet_buffer *self, size_t offset, size_t count, void *bytes, size_t size) {
    llnet_count len = count_range(self, offset, count);

    if (len <= 0)
        return len;
    if ((size_t)len > size)
        return -ENOBUFS;
    memcpy(bytes, bytes_of(self) + offset, (size_t)len);
    return len;
}

llnet_status llnet_buffer_set_data(llnet_buffer *self, const void *data, size_t len) {
    llnet_status status = reserve(self, len);

    if (status < 0)
        return status;
    drop_nothing(self);
    if (len > 0)
        memcpy(bytes_of(self), data, len);
    self->size = len;
    return 0;
}

llnet_status llnet_buffer_write(llnet_buffer *self, size_t offset, const void *data, size_t len) {
    if (offset > size_of(self) || len > size_of(self) - offset)
        return -LLNET_EBOUNDS;
    if (len > 0)
        memcpy(bytes_of(self) + offset, data, len);
    return 0;
}

llnet_status llnet_buffer_append(llnet_buffer *self, const void *data, size_t len) {
    llnet_status status = reserve_more(self, len);

    if (status < 0)
        return status;
    if (len > 0)
        memcpy(bytes_of(self) + size_of(self), data, len);
    self->size = size_of(self) + len;
    return 0;
}

llnet_status llnet_buffer_copy_buffer(llnet_buffer *self, const llnet_buffer *source, size_t offset, size_t count) {
    const unsigned char *from;
    llnet_count len = count_range(source, offset, count);
    llnet_status status;

    if (len < 0)
        return (llnet_status)len;
    status = reserve(self, (size_t)len);
    if (status < 0)
        return status;
    from = bytes_of(source);
    drop_nothing(self);
    if (len > 0)
        memmove(bytes_of(self), from + offset, (size_t)len); /* they may share it */
    self->size = (size_t)len;
    return 0;
}

llnet_status llnet_buffer_append_buffer(llnet_buffer *self, const llnet_buffer *source, size_t offset,
                                        size_t count) {
    llnet_count len = count_range(source, offset, count);
    llnet_status status;

    if (len < 0)
        return (llnet_status)len;
    status = reserve_more(self, (size_t)len);
    if (status < 0)
        return status;
    /* source may be self, or share its memory, which may just have moved */
    if (len > 0)
        memmove(bytes_of(self) + size_of(self), bytes_of(source) + offset, (size_t)len);
    self->size = size_of(self) + (size_t)len;
    return 0;
}

llnet_status llnet_buffer_consume(llnet_buffer *self, size_t count) {
    if (count > size_of(self))
        return -LLNET_EBOUNDS;
    self->size = size_of(self) - count;
    if (self->parent != NULL) {
        if (count > 0 && self->size > 0)
            memmove(bytes_of(self), bytes_of(self) + count, self->size);
        return 0;
    }
    /* These moves together are no longer than all that is consumed, unless somebody looks on
     * through a pointer or a slice, which is one more hold. */
    if (count > 0)
        self->bytes += count;
    self->dropped += count;
    if (self->seen || self->holds > 1 || self->dropped >= self->size)
        settle(self);
    return 0;
}

llnet_count llnet_buffer_find(const llnet_buffer *self, const void *data, size_t len, size_t offset) {
    const unsigned char *from, *last;

    if (offset > size_of(self))
        return -LLNET_EBOUNDS;
    if (len == 0)
        return (llnet_count)offset;
    if (len > size_of(self) - offset)
        return -ENOENT;
    from = bytes_of(self) + offset;
    last = bytes_of(self) + size_of(self) - len; /* where it can stand at the latest */
    while (from <= last) {
        from = memchr(from, *(const unsigned char *)data, (size_t)(last - from) + 1);
        if (from == NULL)
            break;
        if (memcmp(from, data, len) == 0)
            return from - bytes_of(self);
        from++;
    }
    return -ENOENT;
}

llnet_count llnet_buffer_find_byte(const llnet_buffer *self, int byte, size_t offset) {
    const unsigned char *place;

    if (offset > size_of(self) || byte < 0 || byte > 255)
        return -LLNET_EBOUNDS;
    if (offset == size_of(self))
        return -ENOENT;
    place = memchr(bytes_of(self) + offset, byte, size_of(self) - offset);
    return place == NULL ? -ENOENT : place - bytes_of(self);
}

bool llnet_buffer_equal(const llnet_buffer *self, const llnet_buffer *other) {
    return size_of(self) == size_of(other) &&
           (size_of(self) == 0 || memcmp(bytes_of(self), bytes_of(other), size_of(self)) == 0);
}
