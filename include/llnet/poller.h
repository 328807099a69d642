/* SPDX-License-Identifier: MIT */
/* llnet/poller.h: readiness of many descriptors.
 *
 * A poller watches descriptors and tells which are ready. Each descriptor is
 * added once, with a token of the caller's that comes back with its events.
 * Backends (epoll(7), poll(2)) are chosen when it is made; there is no limit
 * on the number of descriptors but the system's own.
 *
 * Remove a descriptor before you close it. One that was closed all the same is
 * forgotten without a report, by epoll at once (unless a dup is left), by poll
 * at the next wait, which that ends early; its number may be added anew. But
 * where the number is reused by another file that was not added, poll reports
 * that file's events under the old token.
 *
 * Timers: each has a token of its own, and is reported once, as LLNET_POLL_TIMER, by
 * a wait at or after its deadline. They are the library's own, kept in a heap: to set,
 * move or remove one is no system call and takes O(log n). While there is one, a wait
 * reads the clock (clock_gettime(2)) twice, or once where it does not have to wait.
 * Timers do not make llnet_poller_fileno readable: who nests a poller sets its timers
 * in the outermost one.
 *
 * A poller belongs to one thread at a time; llnet_poller_wake alone may be
 * called from other threads and from signal handlers, though not beside close
 * or free. After fork(2) use it in one of the two processes only: they share
 * what it watches. */
#ifndef LLNET_POLLER_H
#define LLNET_POLLER_H

#include <llnet/base.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct llnet_poller llnet_poller;

/* Modes, or'ed into the events that are asked for. Events themselves are the
 * platform's POLLIN, POLLOUT, POLLPRI and POLLRDHUP; POLLERR and POLLHUP are
 * reported unasked. Without a mode a descriptor is level-triggered: reported
 * at each wait for as long as it is ready. */
enum {
    /* Report a readiness once, when it comes up; ENOTSUP from poll(2). */
    LLNET_POLL_EDGE = 0x10000,
    /* Report once, then nothing more until modify. */
    LLNET_POLL_ONESHOT = 0x20000,
    /* Of several pollers that wait for one listener wake at least one, but
     * usually not all. Goes with POLLIN, POLLOUT and EDGE only, else EINVAL;
     * ENOTSUP from poll(2). */
    LLNET_POLL_EXCLUSIVE = 0x40000,
    /* Reported alone: a timer's moment has come. */
    LLNET_POLL_TIMER = 0x80000
};

/* Makes a poller: epoll_create1(2) and eventfd(2), or pipe(2). backend:
 * "epoll", "poll", or NULL for the one that the environment variable
 * LLNET_POLLER names, else (and where it is empty) the best. ENOTSUP: no such
 * backend here; EMFILE, ENOMEM. On error *out is NULL. */
LLNET_API llnet_status llnet_poller_new(llnet_poller **out, const char *backend);

/* Closes and frees; NULL is allowed. */
LLNET_API void llnet_poller_free(llnet_poller *self);

/* Gives the kernel objects back; later calls give EBADF. Idempotent. */
LLNET_API llnet_status llnet_poller_close(llnet_poller *self);

/* The name of the backend in use. */
LLNET_API const char *llnet_poller_get_backend(const llnet_poller *self);

/* The name of the backend at this index, best first; NULL past the end. */
LLNET_API const char *llnet_poller_backend_at(size_t index);

/* A descriptor that is readable when a wait would return events, to watch this
 * poller by another one or by select(2). ENOTSUP: poll(2) has none. */
LLNET_API llnet_count llnet_poller_fileno(const llnet_poller *self);

/* Begins to watch a descriptor: epoll_ctl(2); for poll an fstat(2), as for
 * modify and remove. The poller's table grows with the largest descriptor.
 * EEXIST: it is watched already; EBADF; EPERM: a file that is always ready
 * (epoll only); EINVAL: an unknown event, or modes that do not go together;
 * ENOTSUP: a mode that is not to be had; ENOMEM. */
LLNET_API llnet_status llnet_poller_add(llnet_poller *self, intptr_t fd, int events, uint64_t token);

/* Changes events and token, and rearms one-shot. ENOENT: not watched. An
 * exclusive descriptor cannot be modified: EINVAL. */
LLNET_API llnet_status llnet_poller_modify(llnet_poller *self, intptr_t fd, int events, uint64_t token);

/* Ends watching. An event of it that the last wait reported is dropped. ENOENT:
 * not watched; EBADF: closed before, and so forgotten. */
LLNET_API llnet_status llnet_poller_remove(llnet_poller *self, intptr_t fd);

/* Waits until something is ready, at most timeout_ms milliseconds (0: only
 * looks; negative: for ever): epoll_wait(2) or poll(2), once; with timers as
 * llnet_poller_wait_ns. Returns how many are ready: 0 when the time is up, or when
 * nothing came but a wake or the end of a descriptor that was closed without remove;
 * more than the poller holds at a time (64 with epoll, 1024 with poll, where a wait
 * looks at all that is watched) come at the next wait. Timers come
 * after the descriptors, in the order of their deadlines; where both are many, each
 * kind has half of the room at least. EINTR: a signal came. */
LLNET_API llnet_count llnet_poller_wait(llnet_poller *self, int timeout_ms);

/* The same with nanoseconds: epoll_pwait2(2) or ppoll(2), once, unless they are whole
 * milliseconds; where the system has neither, milliseconds, rounded up (where only
 * the running kernel has not, the first such wait of a poller is two calls). */
LLNET_API llnet_count llnet_poller_wait_ns(llnet_poller *self, int64_t timeout_ns);

/* Sets a timer: token is reported once llnet_clock_now reaches deadline (one that
 * is past: by the next wait). A timer of this token that is set already moves; one
 * that the last wait reported is set anew, and that report is dropped. Tokens of
 * timers and of descriptors are apart. Takes memory only where there are more timers
 * than ever before. ENOMEM, EBADF. */
LLNET_API llnet_status llnet_poller_set_timer(llnet_poller *self, uint64_t token, int64_t deadline);

/* Removes a timer; a report of it that the last wait made is dropped. ENOENT: none is
 * set under this token, or it was reported; EBADF. */
LLNET_API llnet_status llnet_poller_remove_timer(llnet_poller *self, uint64_t token);

/* How many timers are set. One that was reported is not. */
LLNET_API size_t llnet_poller_get_timer_count(const llnet_poller *self);

/* The events (POLLIN, ..., or LLNET_POLL_TIMER) and token of the index-th descriptor or
 * timer that the last wait reported. LLNET_EBOUNDS: there were fewer; ENOENT: it was
 * removed since, or the timer was set anew; EBADF: the poller is closed. */
LLNET_API llnet_status llnet_poller_get_event(const llnet_poller *self, size_t index, uint64_t *token, int *events);

/* Makes the wait that runs, or else the next one, return at once: write(2) to
 * the poller's own eventfd or pipe, and read(2) by the wait that it woke.
 * Several wakes before a wait count as one. errno is left alone. */
LLNET_API llnet_status llnet_poller_wake(llnet_poller *self);

/* ---- without a poller ---------------------------------------------------- */

struct pollfd;

/* Waits for the descriptors of an array, of which nothing is kept: ppoll(2), or poll(2)
 * where timeout_ns (negative: for ever) is whole milliseconds or the system has no other;
 * then it is rounded up. Fills revents, and returns how many are not 0. An entry with a
 * negative fd is skipped. EINVAL: more than the process may have open. */
LLNET_API llnet_count llnet_poll_ns(struct pollfd *entries, size_t count, int64_t timeout_ns);

#ifdef __cplusplus
}
#endif
#endif
