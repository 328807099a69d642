/* SPDX-License-Identifier: MIT */
/* poller/epoll.c: the backend over epoll(7). The kernel keeps the descriptors
 * and their keys; here is only room for what one epoll_wait reports. */
#include "internal.h"
#include "backend.h"

#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <unistd.h>

/* in the kernel since 4.5, in headers later */
#ifndef EPOLLEXCLUSIVE
#define EPOLLEXCLUSIVE (1u << 28)
#endif

/* By the time that a program comes to the last of many, what was looked up for it has left the
 * processor's cache: with 1024 a request beside 1,000 connections took a seventh more CPU time in
 * user space. */
enum { ROOM = 64 };

struct state {
    int fd;
    bool no_nanoseconds; /* the kernel was asked, and has no epoll_pwait2 */
    struct epoll_event ready[ROOM];
};

static int open_epoll(void **out) {
    struct state *self = malloc(sizeof *self);
    int error;

    if (self == NULL)
        return -ENOMEM;
    self->no_nanoseconds = false;
    self->fd = epoll_create1(EPOLL_CLOEXEC);
    if (self->fd < 0) {
        error = errno;
        free(self);
        return -error;
    }
    *out = self;
    return 0;
}

static void close_epoll(void *state) {
    struct state *self = state;

    close(self->fd);
    free(self);
}

static int fileno_epoll(const void *state) {
    const struct state *self = state;
    return self->fd;
}

/* Bit by bit, because POLLRDHUP and EPOLLRDHUP differ on some processors;
 * elsewhere compilers make one mask of it. */
static uint32_t to_epoll(int events) {
    return ((events & POLLIN) != 0 ? (uint32_t)EPOLLIN : 0) | ((events & POLLOUT) != 0 ? (uint32_t)EPOLLOUT : 0) |
           ((events & POLLPRI) != 0 ? (uint32_t)EPOLLPRI : 0) |
           ((events & POLLRDHUP) != 0 ? (uint32_t)EPOLLRDHUP : 0) |
           ((events & LLNET_POLL_EDGE) != 0 ? (uint32_t)EPOLLET : 0) |
           ((events & LLNET_POLL_ONESHOT) != 0 ? (uint32_t)EPOLLONESHOT : 0) |
           ((events & LLNET_POLL_EXCLUSIVE) != 0 ? (uint32_t)EPOLLEXCLUSIVE : 0);
}

static int from_epoll(uint32_t events) {
    return ((events & EPOLLIN) != 0 ? POLLIN : 0) | ((events & EPOLLOUT) != 0 ? POLLOUT : 0) |
           ((events & EPOLLPRI) != 0 ? POLLPRI : 0) | ((events & EPOLLRDHUP) != 0 ? POLLRDHUP : 0) |
           ((events & EPOLLERR) != 0 ? POLLERR : 0) | ((events & EPOLLHUP) != 0 ? POLLHUP : 0);
}

static int control(void *state, int operation, int fd, int events, uint64_t key) {
    struct state *self = state;
    struct epoll_event event = {.events = to_epoll(events), .data = {.u64 = key}};

    return epoll_ctl(self->fd, operation, fd, &event) < 0 ? -errno : 0;
}

static int add(void *state, int fd, int events, uint64_t key) {
    return control(state, EPOLL_CTL_ADD, fd, events, key);
}

static int modify(void *state, int fd, int events, uint64_t key) {
    return control(state, EPOLL_CTL_MOD, fd, events, key);
}

static int remove_fd(void *state, int fd) {
    return control(state, EPOLL_CTL_DEL, fd, 0, 0);
}

/* epoll_pwait2, in the kernel since 5.11, in C libraries later. -ENOSYS: there is none. */
static int wait_nanoseconds(struct state *self, int most, int64_t timeout) {
#ifdef SYS_epoll_pwait2
    const struct {
        int64_t seconds, nanoseconds; /* the kernel's own timespec, the same everywhere */
    } time = {timeout / 1000000000, timeout % 1000000000};
    int n = (int)syscall(SYS_epoll_pwait2, self->fd, self->ready, most, &time, NULL, (size_t)0);

    if (n >= 0)
        return n;
    /* EPERM: how older sandboxes refuse what they don't know */
    return errno == EPERM ? -ENOSYS : -errno;
#else
    (void)self, (void)most, (void)timeout;
    return -ENOSYS;
#endif
}

static int wait_milliseconds(struct state *self, int most, int64_t timeout) {
    int n = epoll_wait(self->fd, self->ready, most, ll_poller_to_milliseconds(timeout));
    return n < 0 ? -errno : n;
}

static int wait_epoll(void *state, struct ll_poller_event *out, int most, int64_t timeout) {
    struct state *self = state;
    int i, n = -ENOSYS;

    if (!self->no_nanoseconds && !ll_poller_is_milliseconds(timeout)) {
        n = wait_nanoseconds(self, most, timeout);
        self->no_nanoseconds = n == -ENOSYS;
    }
    if (n == -ENOSYS)
        n = wait_milliseconds(self, most, timeout);

    for (i = 0; i < n; i++) {
        out[i].key = self->ready[i].data.u64;
        out[i].events = from_epoll(self->ready[i].events);
    }
    return n;
}

const struct ll_poller_backend ll_poller_epoll = {
    .name = "epoll",
    .room = ROOM,
    .modes = LLNET_POLL_EDGE | LLNET_POLL_ONESHOT | LLNET_POLL_EXCLUSIVE,
    .open = open_epoll,
    .close = close_epoll,
    .fileno = fileno_epoll,
    .add = add,
    .modify = modify,
    .remove = remove_fd,
    .wait = wait_epoll,
};
