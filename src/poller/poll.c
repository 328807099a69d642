/* SPDX-License-Identifier: MIT */
/* poller/poll.c: the backend over poll(2). It keeps a dense array of struct
 * pollfd and finds a descriptor's place in it by number, so that add, modify
 * and remove cost the same however many are watched. */
#include "internal.h"
#include "backend.h"

#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

/* What belongs to the pollfd at the same place. poll(2) knows descriptors by
 * number only; the file's identity tells whether a number was reused. Files
 * that share an inode (two eventfds, a path opened twice) look the same. */
struct watch {
    uint64_t key;
    dev_t dev;
    ino_t ino;
    bool oneshot;
};

struct state {
    struct pollfd *fds; /* fd is ~fd, which poll(2) ignores, where a one-shot has fired */
    struct watch *watches;
    size_t count;
    size_t fds_size, watches_size;
    uint32_t *places; /* by descriptor: its place + 1, or 0 */
    size_t places_size;
    size_t start; /* where a scan begins, so that nobody starves behind many ready ones */
};

static int open_poll(void **out) {
    *out = calloc(1, sizeof(struct state));
    return *out != NULL ? 0 : -ENOMEM;
}

static void close_poll(void *state) {
    struct state *self = state;

    free(self->fds);
    free(self->watches);
    free(self->places);
    free(self);
}

static int fileno_poll(const void *state) {
    (void)state;
    return -ENOTSUP;
}

static int fd_at(const struct state *self, size_t place) {
    int fd = self->fds[place].fd;
    return fd < 0 ? ~fd : fd;
}

/* Takes one out; the last one moves to its place. */
static void forget(struct state *self, size_t place) {
    size_t last = self->count - 1;

    self->places[fd_at(self, place)] = 0;
    if (place != last) {
        self->fds[place] = self->fds[last];
        self->watches[place] = self->watches[last];
        self->places[fd_at(self, place)] = (uint32_t)place + 1;
    }
    self->count = last;
}

/* The place of a descriptor, whose identity goes to *file; NOWHERE: it has none. One that was
 * closed since it was added (EBADF), or is another file now, is forgotten. */
enum { NOWHERE = INT_MIN };
static ptrdiff_t find(struct state *self, int fd, struct stat *file) {
    size_t place = (size_t)fd < self->places_size ? self->places[fd] : 0;
    int error = fstat(fd, file) < 0 ? errno : 0;

    if (place == 0)
        return error != 0 ? -error : NOWHERE;
    place--;
    if (error == 0 && self->watches[place].dev == file->st_dev && self->watches[place].ino == file->st_ino)
        return (ptrdiff_t)place;
    forget(self, place);
    return error != 0 ? -error : NOWHERE;
}

static void set(struct state *self, size_t place, int fd, int events, uint64_t key) {
    self->fds[place].fd = fd;
    self->fds[place].events = (short)(events & ~LL_POLLER_MODES);
    self->watches[place].key = key;
    self->watches[place].oneshot = (events & LLNET_POLL_ONESHOT) != 0;
}

/* Makes room for one more, of this number. */
static bool reserve(struct state *self, int fd) {
    size_t count = self->count + 1;
    uint32_t *places = ll_poller_grow(self->places, &self->places_size, (size_t)fd + 1, sizeof *places);
    struct pollfd *fds = ll_poller_grow(self->fds, &self->fds_size, count, sizeof *fds);
    struct watch *watches = ll_poller_grow(self->watches, &self->watches_size, count, sizeof *watches);

    self->places = places != NULL ? places : self->places;
    self->fds = fds != NULL ? fds : self->fds;
    self->watches = watches != NULL ? watches : self->watches;
    return places != NULL && fds != NULL && watches != NULL;
}

static int add(void *state, int fd, int events, uint64_t key) {
    struct state *self = state;
    struct stat file;
    ptrdiff_t found = find(self, fd, &file);
    size_t place;

    if (found != NOWHERE)
        return found >= 0 ? -EEXIST : (int)found;
    place = self->count;
    if (!reserve(self, fd))
        return -ENOMEM;
    set(self, place, fd, events, key);
    self->watches[place].dev = file.st_dev;
    self->watches[place].ino = file.st_ino;
    self->places[fd] = (uint32_t)place + 1;
    self->count++;
    return 0;
}

static int modify(void *state, int fd, int events, uint64_t key) {
    struct stat file;
    ptrdiff_t place = find(state, fd, &file);

    if (place < 0)
        return place == NOWHERE ? -ENOENT : (int)place;
    set(state, (size_t)place, fd, events, key);
    return 0;
}

static int remove_fd(void *state, int fd) {
    struct stat file;
    ptrdiff_t place = find(state, fd, &file);

    if (place < 0)
        return place == NOWHERE ? -ENOENT : (int)place;
    forget(state, (size_t)place);
    return 0;
}

/* Forgets what was closed without being removed. From the end, so that what
 * moves into a gap has been looked at. */
static void forget_closed(struct state *self) {
    size_t place;

    for (place = self->count; place > 0; place--)
        if ((self->fds[place - 1].revents & POLLNVAL) != 0)
            forget(self, place - 1);
}

/* Collects the `ready` ones that poll(2) marked, from self->start round. Where
 * there are more than fit, the next scan starts with the first that did not. */
static int collect(struct state *self, int ready, struct ll_poller_event *out, int most) {
    size_t place = self->start < self->count ? self->start : 0;
    bool closed = false, full = false;
    int n = 0;

    for (; ready > 0; place = place + 1 < self->count ? place + 1 : 0) {
        struct pollfd *fd = &self->fds[place];

        if (fd->revents == 0)
            continue;
        ready--;
        if ((fd->revents & POLLNVAL) != 0) {
            closed = true;
        } else if (n < most) {
            out[n].key = self->watches[place].key;
            out[n++].events = fd->revents;
            if (self->watches[place].oneshot)
                fd->fd = ~fd->fd;
        } else if (!full) {
            full = true;
            self->start = place;
        }
    }
    if (closed)
        forget_closed(self);
    return n;
}

llnet_count llnet_poll_ns(struct pollfd *entries, size_t count, int64_t timeout_ns) {
    int ready;

#ifdef HAVE_PPOLL
    if (!ll_poller_is_milliseconds(timeout_ns)) {
        const struct timespec time = {(time_t)(timeout_ns / 1000000000), (long)(timeout_ns % 1000000000)};
        ready = ppoll(entries, (nfds_t)count, &time, NULL);
        return ready < 0 ? -errno : ready;
    }
#endif
    ready = poll(entries, (nfds_t)count, ll_poller_to_milliseconds(timeout_ns));
    return ready < 0 ? -errno : ready;
}

static int wait_poll(void *state, struct ll_poller_event *out, int most, int64_t timeout) {
    struct state *self = state;
    int ready = (int)llnet_poll_ns(self->fds, (size_t)self->count, timeout);

    return ready < 0 ? ready : collect(self, ready, out, most);
}

const struct ll_poller_backend ll_poller_poll = {
    .name = "poll",
    .room = 1024, /* each wait looks at all that is watched: so as few of them as may be */
    .modes = LLNET_POLL_ONESHOT,
    .open = open_poll,
    .close = close_poll,
    .fileno = fileno_poll,
    .add = add,
    .modify = modify,
    .remove = remove_fd,
    .wait = wait_poll,
};
