/* SPDX-License-Identifier: MIT */
/* sys/posix.c: the operating system's seam where only POSIX is known: flags are
 * set by fcntl after the descriptor is made. */
#include "config.h"
#include "sys.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* Sets the flags on a new descriptor, or closes it again. */
static int set_flags(int fd, int nonblock) {
    int error;

    if (fcntl(fd, F_SETFD, FD_CLOEXEC) == 0) {
        int mode = fcntl(fd, F_GETFL);
        int wanted = nonblock ? mode | O_NONBLOCK : mode & ~O_NONBLOCK;
        if (mode >= 0 && (mode == wanted || fcntl(fd, F_SETFL, wanted) == 0))
            return fd;
    }
    error = errno;
    close(fd);
    return -error;
}

/* What SOCK_NONBLOCK is worth, where there is none it cannot be asked for. */
static int wants_nonblock(int flags) {
#ifdef SOCK_NONBLOCK
    return (flags & SOCK_NONBLOCK) != 0;
#else
    (void)flags;
    return 0;
#endif
}

int ll_sys_socket(int domain, int type, int protocol, int flags) {
    int fd = socket(domain, type, protocol);
    return fd < 0 ? -errno : set_flags(fd, wants_nonblock(flags));
}

int ll_sys_socketpair(int domain, int type, int protocol, int flags, int fds[2]) {
    int first, second;

    if (socketpair(domain, type, protocol, fds) < 0)
        return -errno;
    first = set_flags(fds[0], wants_nonblock(flags));
    second = set_flags(fds[1], wants_nonblock(flags));
    if (first >= 0 && second >= 0)
        return 0;
    if (first >= 0)
        close(first);
    if (second >= 0)
        close(second);
    return first < 0 ? first : second;
}

int ll_sys_accept(int fd, struct sockaddr *addr, socklen_t *len, int flags) {
    int accepted = accept(fd, addr, len);
    return accepted < 0 ? -errno : set_flags(accepted, wants_nonblock(flags));
}

int ll_sys_queued_out(int fd) {
#ifdef TIOCOUTQ
    int value = 0;
    return ioctl(fd, TIOCOUTQ, &value) < 0 ? -errno : value;
#else
    (void)fd;
    return -ENOTSUP;
#endif
}

int ll_sys_waker_open(int fds[2]) {
    int first, second;

    if (pipe(fds) < 0)
        return -errno;
    first = set_flags(fds[0], 1);
    second = set_flags(fds[1], 1);
    if (first >= 0 && second >= 0)
        return 0;
    if (first >= 0)
        close(first);
    if (second >= 0)
        close(second);
    return first < 0 ? first : second;
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
