/* SPDX-License-Identifier: MIT */
/* poller_timer.c: the timers of a poller. A binary heap by deadline; its items know
 * their slots in a hash table by token, and the slots the items. Neither takes memory
 * but to grow. */
#include "poller_timer.h"
#include "sys.h"

#include <stdlib.h>
#include <string.h>

static const size_t nowhere = SIZE_MAX;

/* ---- the hash table ------------------------------------------------------------- */

static uint64_t rotate(uint64_t x, int bits) {
    return x << bits | x >> (64 - bits);
}

static void sip_round(uint64_t v[4]) {
    v[0] += v[1];
    v[1] = rotate(v[1], 13) ^ v[0];
    v[0] = rotate(v[0], 32);
    v[2] += v[3];
    v[3] = rotate(v[3], 16) ^ v[2];
    v[0] += v[3];
    v[3] = rotate(v[3], 21) ^ v[0];
    v[2] += v[1];
    v[1] = rotate(v[1], 17) ^ v[2];
    v[2] = rotate(v[2], 32);
}

/* SipHash-1-3 of 8 bytes, with a key of the poller's own: whoever chooses tokens cannot
 * choose which of them collide. */
static uint64_t hash(const struct ll_timers *self, uint64_t token) {
    uint64_t v[4] = {self->key[0] ^ 0x736f6d6570736575, self->key[1] ^ 0x646f72616e646f6d,
                     self->key[0] ^ 0x6c7967656e657261, self->key[1] ^ 0x7465646279746573};
    const uint64_t words[2] = {token, (uint64_t)8 << 56}; /* the second one: the length */
    int i;

    for (i = 0; i < 2; i++) {
        v[3] ^= words[i];
        sip_round(v);
        v[0] ^= words[i];
    }
    v[2] ^= 0xff;
    for (i = 0; i < 3; i++)
        sip_round(v);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}

/* The slot where a search for this token begins. slot_count is a power of two. */
static size_t home_of(const struct ll_timers *self, uint64_t token) {
    return (size_t)hash(self, token) & (self->slot_count - 1);
}

static size_t next_slot(const struct ll_timers *self, size_t slot) {
    return (slot + 1) & (self->slot_count - 1);
}

/* The item of this token, or nowhere. Half of the slots are free. */
static size_t find(const struct ll_timers *self, uint64_t token) {
    size_t slot;

    if (self->slot_count == 0)
        return nowhere;
    for (slot = home_of(self, token); self->slots[slot] != 0; slot = next_slot(self, slot))
        if (self->items[self->slots[slot] - 1].token == token)
            return self->slots[slot] - 1;
    return nowhere;
}

/* Gives the item at this place, whose token has none, a slot. */
static void take_slot(struct ll_timers *self, size_t place) {
    size_t slot = home_of(self, self->items[place].token);

    while (self->slots[slot] != 0)
        slot = next_slot(self, slot);
    self->slots[slot] = place + 1;
    self->items[place].slot = slot;
}

/* Frees a slot. Those behind it move up, as far as they may: a search ends at the first
 * free slot. */
static void free_slot(struct ll_timers *self, size_t hole) {
    const size_t mask = self->slot_count - 1;
    size_t slot = hole;

    for (;;) {
        struct ll_timer *item;

        slot = next_slot(self, slot);
        if (self->slots[slot] == 0)
            break;
        item = &self->items[self->slots[slot] - 1];
        /* not where its search begins behind the hole */
        if (((slot - home_of(self, item->token)) & mask) < ((slot - hole) & mask))
            continue;
        self->slots[hole] = self->slots[slot];
        item->slot = hole;
        hole = slot;
    }
    self->slots[hole] = 0;
}

/* Makes room for one item more, and twice as many slots as items. */
static llnet_status reserve(struct ll_timers *self) {
    size_t used = self->count + self->reported, i;
    size_t size = self->size == 0 ? 32 : self->size * 2;
    struct ll_timer *items;
    size_t *slots;

    if (used < self->size)
        return 0;
    if (size > SIZE_MAX / 2 / sizeof *items)
        return -ENOMEM;
    slots = calloc(size * 2, sizeof *slots);
    items = slots != NULL ? realloc(self->items, size * sizeof *items) : NULL;
    if (items == NULL) {
        free(slots);
        return -ENOMEM;
    }
    if (self->size == 0)
        ll_sys_secret(self->key);
    free(self->slots);
    self->slots = slots;
    self->slot_count = size * 2;
    self->items = items;
    self->size = size;
    for (i = 0; i < used; i++)
        take_slot(self, i);
    return 0;
}

/* ---- the heap ------------------------------------------------------------------- */

static void put(struct ll_timers *self, size_t place, const struct ll_timer *item) {
    self->items[place] = *item;
    self->slots[item->slot] = place + 1;
}

static void swap(struct ll_timers *self, size_t a, size_t b) {
    struct ll_timer item = self->items[a];

    if (a == b)
        return;
    put(self, a, &self->items[b]);
    put(self, b, &item);
}

static bool is_before(const struct ll_timer *a, const struct ll_timer *b) {
    return a->deadline != b->deadline ? a->deadline < b->deadline : a->order < b->order;
}

/* Moves the item up or down to where it belongs. */
static void sift(struct ll_timers *self, size_t place) {
    struct ll_timer item = self->items[place];

    while (place > 0 && is_before(&item, &self->items[(place - 1) / 2])) {
        put(self, place, &self->items[(place - 1) / 2]);
        place = (place - 1) / 2;
    }
    for (;;) {
        size_t child = 2 * place + 1;

        if (child + 1 < self->count && is_before(&self->items[child + 1], &self->items[child]))
            child++;
        if (child >= self->count || !is_before(&self->items[child], &item))
            break;
        put(self, place, &self->items[child]);
        place = child;
    }
    put(self, place, &item);
}

/* Takes an item out of the heap: it is then the first one behind it. */
static void take_out(struct ll_timers *self, size_t place) {
    self->count--;
    swap(self, place, self->count);
    if (place < self->count)
        sift(self, place);
}

/* ---- for the poller ------------------------------------------------------------- */

llnet_status ll_timers_set(struct ll_timers *self, uint64_t token, int64_t deadline) {
    size_t place = find(self, token);

    if (place == nowhere) {
        llnet_status status = reserve(self);

        if (status < 0)
            return status;
        place = self->count + self->reported++;
        self->items[place].token = token;
        take_slot(self, place);
    }
    if (place >= self->count) {
        /* the first place behind the heap joins it */
        swap(self, place, self->count);
        place = self->count++;
        self->reported--;
    }
    self->items[place].deadline = deadline;
    self->items[place].order = ++self->order;
    sift(self, place);
    return 0;
}

llnet_status ll_timers_remove(struct ll_timers *self, uint64_t token) {
    size_t place = find(self, token), last;
    bool was_set = place != nowhere && place < self->count;

    if (place == nowhere)
        return -ENOENT;
    if (was_set) {
        take_out(self, place);
        place = self->count;
        self->reported++;
    }
    last = self->count + --self->reported;
    swap(self, place, last);
    free_slot(self, self->items[last].slot);
    return was_set ? 0 : -ENOENT;
}

bool ll_timers_report(struct ll_timers *self, int64_t now, uint64_t *token) {
    if (self->count == 0 || self->items[0].deadline > now)
        return false;
    *token = self->items[0].token;
    take_out(self, 0);
    self->reported++;
    return true;
}

bool ll_timers_is_reported(const struct ll_timers *self, uint64_t token) {
    size_t place = find(self, token);

    return place != nowhere && place >= self->count;
}

void ll_timers_forget_reported(struct ll_timers *self) {
    while (self->reported > 0)
        free_slot(self, self->items[self->count + --self->reported].slot);
}

void ll_timers_clear(struct ll_timers *self) {
    free(self->items);
    free(self->slots);
    memset(self, 0, sizeof *self);
}
