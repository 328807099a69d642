/* SPDX-License-Identifier: MIT */
/* poller/backend.h: what a poller's backend is to poller.c: a const struct of
 * operations that watch descriptors under keys. Tokens, stale events and the
 * waker's meaning are poller.c's business, not a backend's. */
#ifndef LL_POLLER_BACKEND_H
#define LL_POLLER_BACKEND_H

#include "sys.h"

enum { LL_POLLER_MODES = LLNET_POLL_EDGE | LLNET_POLL_ONESHOT | LLNET_POLL_EXCLUSIVE };

/* What a wait reports: the key that the descriptor was added or last modified
 * with, and POLL... events. */
struct ll_poller_event {
    uint64_t key;
    int events;
};

/* All operations give 0 or more, or -errno. They see open states, modes that
 * they said to support, and known events only. add, modify and remove answer
 * as epoll_ctl(2) does. */
struct ll_poller_backend {
    const char *name;
    int modes;
    int room; /* the most that one wait reports */
    int (*open)(void **state);
    void (*close)(void *state);
    int (*fileno)(const void *state);
    int (*add)(void *state, int fd, int events, uint64_t key);
    int (*modify)(void *state, int fd, int events, uint64_t key);
    int (*remove)(void *state, int fd);
    /* One system call; writes and returns at most `most` events, which are no more than
     * the room. timeout: nanoseconds, -1 for ever. */
    int (*wait)(void *state, struct ll_poller_event *out, int most, int64_t timeout);
};

/* Best first; ends with NULL. */
extern const struct ll_poller_backend *const ll_poller_backends[];

extern const struct ll_poller_backend ll_poller_epoll;
extern const struct ll_poller_backend ll_poller_poll;

/* Whether a timeout is one that the oldest calls can express: for ever, or so many whole
 * milliseconds; and how many it is, rounded up, so that nobody wakes before the time. */
static inline bool ll_poller_is_milliseconds(int64_t timeout) {
    return timeout <= 0 || (timeout % 1000000 == 0 && timeout / 1000000 <= INT32_MAX);
}

static inline int ll_poller_to_milliseconds(int64_t timeout) {
    int64_t whole;

    if (timeout <= 0)
        return timeout < 0 ? -1 : 0;
    whole = timeout / 1000000 + (timeout % 1000000 > 0);
    return whole > INT32_MAX ? INT32_MAX : (int)whole;
}

/* The array, moved so that it holds `wanted` items at least; new ones are zero.
 * NULL: no memory, and all is as it was. */
void *ll_poller_grow(void *array, size_t *count, size_t wanted, size_t item_size);

#endif
