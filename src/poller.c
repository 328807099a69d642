/* SPDX-License-Identifier: MIT */
/* poller.c: readiness of many descriptors. What all backends share: which one
 * is taken, what callers may ask for, tokens, stale events, the waker, and when
 * timers are looked at. */
#include "internal.h"
#include "poller/backend.h"
#include "poller_timer.h"
#include "sys.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    EVENTS = POLLIN | POLLOUT | POLLPRI | POLLRDHUP | POLLERR | POLLHUP,
    EXCLUSIVE_EVENTS = POLLIN | POLLOUT | POLLERR | POLLHUP | LLNET_POLL_EDGE | LLNET_POLL_EXCLUSIVE
};

/* The waker's key; no descriptor has so high a number. */
static const uint64_t waker_key = UINT64_MAX;

/* What is known of a descriptor. Its generation changes when it is added and
 * when it is removed: a key of another generation belongs to the past. */
struct entry {
    uint64_t token;
    uint32_t generation;
};

struct llnet_poller {
    const struct ll_poller_backend *backend;
    void *state; /* the backend's; NULL: closed */
    int waker[2];
    struct entry *entries; /* by descriptor */
    size_t entries_size;
    struct ll_timers timers;
    size_t pending_count;
    struct ll_poller_event pending[]; /* the backend's room; a timer's key is its token */
};

void *ll_poller_grow(void *array, size_t *count, size_t wanted, size_t item_size) {
    size_t new_count = *count < 32 ? 64 : *count * 2;
    char *grown;

    if (wanted <= *count)
        return array;
    if (new_count < wanted)
        new_count = wanted;
    if (new_count > SIZE_MAX / item_size)
        return NULL;
    grown = realloc(array, new_count * item_size);
    if (grown == NULL)
        return NULL;
    memset(grown + *count * item_size, 0, (new_count - *count) * item_size);
    *count = new_count;
    return grown;
}

static uint64_t make_key(int fd, uint32_t generation) {
    return (uint64_t)generation << 32 | (uint32_t)fd;
}

/* The entry that an event is for; NULL: that was removed since, or is another
 * file's by now. */
static struct entry *find_entry(const llnet_poller *self, uint64_t key) {
    size_t fd = (uint32_t)key;
    return fd < self->entries_size && self->entries[fd].generation == key >> 32 ? &self->entries[fd] : NULL;
}

static uint32_t generation_of(const llnet_poller *self, int fd) {
    return (size_t)fd < self->entries_size ? self->entries[fd].generation : 0;
}

static void forget(llnet_poller *self, int fd) {
    if ((size_t)fd < self->entries_size)
        self->entries[fd].generation++;
}

/* ---- life ------------------------------------------------------------------- */

const char *llnet_poller_backend_at(size_t index) {
    size_t i;

    for (i = 0; ll_poller_backends[i] != NULL; i++)
        if (i == index)
            return ll_poller_backends[i]->name;
    return NULL;
}

static const struct ll_poller_backend *choose_backend(const char *name) {
    size_t i;

    if (name == NULL) {
        name = getenv("LLNET_POLLER"); /* NOLINT(concurrency-mt-unsafe): the header says that it is read */
        if (name == NULL || name[0] == '\0')
            return ll_poller_backends[0];
    }
    for (i = 0; ll_poller_backends[i] != NULL; i++)
        if (strcmp(ll_poller_backends[i]->name, name) == 0)
            return ll_poller_backends[i];
    return NULL;
}

/* Makes the kernel objects; on error some may be there, for close. */
static llnet_status open_all(llnet_poller *self) {
    llnet_status status = ll_sys_waker_open(self->waker);

    if (status < 0) {
        self->waker[0] = self->waker[1] = -1;
        return status;
    }
    status = self->backend->open(&self->state);
    if (status < 0) {
        self->state = NULL;
        return status;
    }
    return self->backend->add(self->state, self->waker[0], POLLIN, waker_key);
}

llnet_status llnet_poller_new(llnet_poller **out, const char *backend) {
    const struct ll_poller_backend *chosen = choose_backend(backend);
    llnet_poller *self;
    llnet_status status;

    *out = NULL;
    if (chosen == NULL)
        return -ENOTSUP;
    self = calloc(1, sizeof *self + (size_t)chosen->room * sizeof self->pending[0]);
    if (self == NULL)
        return -ENOMEM;
    self->backend = chosen;
    status = open_all(self);
    if (status < 0) {
        llnet_poller_free(self);
        return status;
    }
    *out = self;
    return 0;
}

llnet_status llnet_poller_close(llnet_poller *self) {
    if (self->state != NULL)
        self->backend->close(self->state);
    if (self->waker[0] >= 0)
        close(self->waker[0]);
    if (self->waker[1] >= 0 && self->waker[1] != self->waker[0])
        close(self->waker[1]);
    free(self->entries);
    ll_timers_clear(&self->timers);
    self->state = NULL;
    self->waker[0] = self->waker[1] = -1;
    self->entries = NULL;
    self->entries_size = 0;
    self->pending_count = 0;
    return 0;
}

void llnet_poller_free(llnet_poller *self) {
    if (self == NULL)
        return;
    llnet_poller_close(self);
    free(self);
}

const char *llnet_poller_get_backend(const llnet_poller *self) {
    return self->backend->name;
}

llnet_count llnet_poller_fileno(const llnet_poller *self) {
    return self->state == NULL ? -EBADF : self->backend->fileno(self->state);
}

/* ---- what is watched -------------------------------------------------------- */

static llnet_status check_events(const llnet_poller *self, int events) {
    if ((events & ~(EVENTS | LL_POLLER_MODES)) != 0)
        return -EINVAL;
    if ((events & LLNET_POLL_EXCLUSIVE) != 0 && (events & ~EXCLUSIVE_EVENTS) != 0)
        return -EINVAL;
    return (events & LL_POLLER_MODES & ~self->backend->modes) != 0 ? -ENOTSUP : 0;
}

/* The system's descriptor for a caller's, or an error. Nobody but this file
 * touches the waker: `if_waker` is the answer for its number. */
static int check_fd(const llnet_poller *self, intptr_t fd, int if_waker) {
    if (self->state == NULL)
        return -EBADF;
    return fd == self->waker[0] ? if_waker : ll_descriptor(fd);
}

llnet_status llnet_poller_add(llnet_poller *self, intptr_t fd, int events, uint64_t token) {
    int number = check_fd(self, fd, -EEXIST);
    llnet_status status = number < 0 ? number : check_events(self, events);
    struct entry *entries;
    uint32_t generation;

    if (status < 0)
        return status;
    generation = generation_of(self, number) + 1;
    /* before the table grows: a number that the backend takes is a descriptor's,
     * and so within the system's limit */
    status = self->backend->add(self->state, number, events, make_key(number, generation));
    if (status < 0)
        return status;
    entries = ll_poller_grow(self->entries, &self->entries_size, (size_t)number + 1, sizeof *entries);
    if (entries == NULL) {
        self->backend->remove(self->state, number);
        return -ENOMEM;
    }
    self->entries = entries;
    entries[number].token = token;
    entries[number].generation = generation;
    return 0;
}

llnet_status llnet_poller_modify(llnet_poller *self, intptr_t fd, int events, uint64_t token) {
    int number = check_fd(self, fd, -ENOENT);
    llnet_status status = number < 0 ? number : check_events(self, events);

    if (status < 0)
        return status;
    status = self->backend->modify(self->state, number, events, make_key(number, generation_of(self, number)));
    if (status == -EBADF || status == -ENOENT)
        forget(self, number);
    /* a program may have put another epoll under our number, which knows what our table doesn't */
    if (status == 0 && (size_t)number < self->entries_size)
        self->entries[number].token = token;
    return status;
}

llnet_status llnet_poller_remove(llnet_poller *self, intptr_t fd) {
    int number = check_fd(self, fd, -ENOENT);
    llnet_status status;

    if (number < 0)
        return number;
    status = self->backend->remove(self->state, number);
    /* on error too: it was closed before, and its token may be gone */
    forget(self, number);
    return status;
}

/* ---- timers ----------------------------------------------------------------- */

llnet_status llnet_poller_set_timer(llnet_poller *self, uint64_t token, int64_t deadline) {
    return self->state == NULL ? -EBADF : ll_timers_set(&self->timers, token, deadline);
}

llnet_status llnet_poller_remove_timer(llnet_poller *self, uint64_t token) {
    return self->state == NULL ? -EBADF : ll_timers_remove(&self->timers, token);
}

size_t llnet_poller_get_timer_count(const llnet_poller *self) {
    return self->timers.count;
}

/* ---- what is ready ---------------------------------------------------------- */

/* Waits for descriptors; how many of those that came are still watched. The others and
 * the alarm are dropped. */
static llnet_count wait_for_descriptors(llnet_poller *self, int most, int64_t timeout) {
    int i, n = self->backend->wait(self->state, self->pending, most, timeout);
    size_t kept = 0;

    if (n < 0)
        return n;
    for (i = 0; i < n; i++) {
        struct ll_poller_event event = self->pending[i];

        if (event.key == waker_key)
            ll_sys_waker_clear(self->waker[0]);
        else if (find_entry(self, event.key) != NULL)
            self->pending[kept++] = event;
    }
    self->pending_count = kept;
    return (llnet_count)kept;
}

/* Reports the timers that are due, as far as there is room. */
static void report_timers(llnet_poller *self, int64_t now) {
    while (self->pending_count < (size_t)self->backend->room &&
           ll_timers_report(&self->timers, now, &self->pending[self->pending_count].key))
        self->pending[self->pending_count++].events = LLNET_POLL_TIMER;
}

static llnet_count wait_with_timers(llnet_poller *self, int64_t timeout) {
    int64_t now = llnet_clock_now(), deadline;
    int most = self->backend->room;
    llnet_count n;

    ll_timers_forget_reported(&self->timers);
    if (ll_timers_get_next(&self->timers, &deadline)) {
        if (deadline <= now) {
            /* half of the room is the timers', that they come however many descriptors are ready */
            timeout = 0;
            most /= 2;
        } else if (timeout < 0 || deadline - now < timeout) {
            timeout = deadline - now;
        }
    }
    n = wait_for_descriptors(self, most, timeout);
    if (n < 0)
        return n;
    report_timers(self, timeout == 0 ? now : llnet_clock_now());
    return (llnet_count)self->pending_count;
}

llnet_count llnet_poller_wait_ns(llnet_poller *self, int64_t timeout_ns) {
    if (self->state == NULL)
        return -EBADF;
    self->pending_count = 0;
    if (ll_timers_any(&self->timers))
        return wait_with_timers(self, timeout_ns < 0 ? -1 : timeout_ns);
    return wait_for_descriptors(self, self->backend->room, timeout_ns < 0 ? -1 : timeout_ns);
}

llnet_count llnet_poller_wait(llnet_poller *self, int timeout_ms) {
    return llnet_poller_wait_ns(self, (int64_t)timeout_ms * 1000000);
}

static llnet_status get_timer_event(const llnet_poller *self, size_t index, uint64_t *token, int *events) {
    if (!ll_timers_is_reported(&self->timers, self->pending[index].key))
        return -ENOENT;
    *token = self->pending[index].key;
    *events = LLNET_POLL_TIMER;
    return 0;
}

llnet_status llnet_poller_get_event(const llnet_poller *self, size_t index, uint64_t *token, int *events) {
    const struct entry *entry;

    if (index >= self->pending_count)
        return self->state == NULL ? -EBADF : -LLNET_EBOUNDS;
    if (self->pending[index].events == LLNET_POLL_TIMER)
        return get_timer_event(self, index, token, events);
    entry = find_entry(self, self->pending[index].key);
    if (entry == NULL)
        return -ENOENT;
    *token = entry->token;
    *events = self->pending[index].events;
    return 0;
}

llnet_status llnet_poller_wake(llnet_poller *self) {
    return ll_sys_waker_wake(self->waker[1]); /* -1 after close, for which write(2) has the answer */
}
