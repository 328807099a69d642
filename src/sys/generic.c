/* SPDX-License-Identifier: MIT */
/* sys/generic.c: what linux.c does, on other systems: the poller's alarm is a pipe,
 * several messages take several calls, and nobody cuts and joins datagrams. */
#include "internal.h"
#include "sys.h"

#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

int ll_sys_queued_out(int fd) {
#ifdef TIOCOUTQ
    int value = 0;
    return ioctl(fd, TIOCOUTQ, &value) < 0 ? -errno : value;
#else
    (void)fd;
    return -ENOTSUP;
#endif
}

int ll_sys_set_mode(int fd, int mode) {
    (void)fd;
    (void)mode;
    return -ENOTSUP;
}

/* Without the flag MSG_WAITFORONE only a socket that does not block ends a receive early. */
#ifndef MSG_WAITFORONE
#define MSG_WAITFORONE 0
#endif

int ll_sys_sendmmsg(int fd, struct ll_sys_message *messages, unsigned count, int flags) {
    unsigned i;
    ssize_t n;

    for (i = 0; i < count; i++) {
        n = sendmsg(fd, &messages[i].header, flags);
        if (n < 0)
            return i > 0 ? (int)i : -errno;
        messages[i].len = (unsigned)n;
    }
    return (int)count;
}

int ll_sys_recvmmsg(int fd, struct ll_sys_message *messages, unsigned count, int flags) {
    bool for_one = (flags & MSG_WAITFORONE) != 0;
    unsigned i;
    ssize_t n;

    flags &= ~MSG_WAITFORONE;
    for (i = 0; i < count; i++) {
        n = recvmsg(fd, &messages[i].header, i > 0 && for_one ? flags | MSG_DONTWAIT : flags);
        if (n < 0)
            return i > 0 ? (int)i : -errno;
        messages[i].len = (unsigned)n;
    }
    return (int)count;
}

int ll_sys_queued_unsent(int fd) {
    (void)fd;
    return -ENOTSUP;
}

int ll_sys_backlog(int fd, uint32_t *limit, uint32_t *waiting) {
#if defined SO_LISTENQLIMIT && defined SO_LISTENQLEN && defined SO_ACCEPTCONN
    int listens = 0, room = 0, queued = 0;
    socklen_t len = sizeof listens;

    if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &len) < 0)
        return -errno;
    if (!listens)
        return -EINVAL;
    len = sizeof room;
    if (getsockopt(fd, SOL_SOCKET, SO_LISTENQLIMIT, &room, &len) < 0)
        return -errno;
    len = sizeof queued;
    if (getsockopt(fd, SOL_SOCKET, SO_LISTENQLEN, &queued, &len) < 0)
        return -errno;
    *limit = (uint32_t)room;
    *waiting = (uint32_t)queued;
    return 0;
#else
    (void)fd;
    (void)limit;
    (void)waiting;
    return -ENOTSUP;
#endif
}

int ll_sys_peer_pidfd(int fd) {
    (void)fd;
    return -ENOTSUP;
}

bool ll_sys_has_segments(int fd) {
    (void)fd;
    return false;
}

void ll_sys_put_segment_size(struct msghdr *message, size_t segment_size) {
    (void)segment_size;
    message->msg_controllen = 0;
}

size_t ll_sys_get_segment_size(struct msghdr *message) {
    (void)message;
    return 0;
}

int ll_sys_waker_open(int fds[2]) {
    return ll_sys_pipe(fds, true);
}

int ll_sys_waker_wake(int fd) {
    int saved = errno, result = 0;

    /* EAGAIN: the pipe is full, so the alarm rings already */
    if (write(fd, "", 1) < 0 && errno != EAGAIN)
        result = -errno;
    errno = saved; /* a signal handler must leave it alone */
    return result;
}

void ll_sys_waker_clear(int fd) {
    char bytes[64];

    while (read(fd, bytes, sizeof bytes) == (ssize_t)sizeof bytes) {
    }
}

/* Of what differs between processes, and is not told to others: addresses, time. */
void ll_sys_secret(uint64_t key[2]) {
    struct timespec now = {0, 0};

    clock_gettime(CLOCK_MONOTONIC, &now);
    key[0] = ((uint64_t)now.tv_nsec << 32) ^ (uintptr_t)key;
    key[1] = ((uint64_t)getpid() << 40) ^ ((uint64_t)now.tv_sec << 24) ^ (uintptr_t)&ll_sys_secret;
}
