/* SPDX-License-Identifier: MIT */
/* poller_timer.h: the timers of a poller: a heap by deadline, and a hash table from
 * tokens to places in it. All zero is an empty one. */
#ifndef LL_POLLER_TIMER_H
#define LL_POLLER_TIMER_H

#include "internal.h"

struct ll_timer {
    int64_t deadline;
    uint64_t order; /* when it was set: of two with one deadline the older comes first */
    uint64_t token;
    size_t slot; /* its place in the hash table */
};

struct ll_timers {
    struct ll_timer *items; /* the heap; behind it those that were reported last */
    size_t count, reported, size;
    size_t *slots; /* an item's place + 1; 0: free */
    size_t slot_count;
    uint64_t key[2]; /* of the hash */
    uint64_t order;
};

/* Whether there is one to look after, set or reported. */
static inline bool ll_timers_any(const struct ll_timers *self) {
    return self->count + self->reported != 0;
}

/* Sets a timer, or moves the one of this token; one that was reported is set anew. */
llnet_status ll_timers_set(struct ll_timers *self, uint64_t token, int64_t deadline);

/* ENOENT: none is set; a report of it is forgotten all the same. */
llnet_status ll_timers_remove(struct ll_timers *self, uint64_t token);

/* The earliest deadline; false: no timer is set. */
static inline bool ll_timers_get_next(const struct ll_timers *self, int64_t *deadline) {
    if (self->count == 0)
        return false;
    *deadline = self->items[0].deadline;
    return true;
}

/* Takes the timer with the earliest deadline, where that is now or past, out of the heap
 * and reports it; false: there is none. */
bool ll_timers_report(struct ll_timers *self, int64_t now, uint64_t *token);

/* Whether this token's timer was reported, and neither set anew nor removed since. */
bool ll_timers_is_reported(const struct ll_timers *self, uint64_t token);

/* Forgets what was reported. */
void ll_timers_forget_reported(struct ll_timers *self);

/* Gives the memory back; there are no timers then. */
void ll_timers_clear(struct ll_timers *self);

#endif
