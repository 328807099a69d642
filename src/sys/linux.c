/* SPDX-License-Identifier: MIT */
/* sys/linux.c: the operating system's seam on Linux, where descriptors get
 * their flags in the same call that makes them. */
#include "config.h"
#include "sys.h"

#include <errno.h>
#include <linux/sockios.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <unistd.h>

int ll_sys_socket(int domain, int type, int protocol, int flags) {
    int fd = socket(domain, type | flags | SOCK_CLOEXEC, protocol);
    return fd < 0 ? -errno : fd;
}

int ll_sys_socketpair(int domain, int type, int protocol, int flags, int fds[2]) {
    return socketpair(domain, type | flags | SOCK_CLOEXEC, protocol, fds) < 0 ? -errno : 0;
}

int ll_sys_accept(int fd, struct sockaddr *addr, socklen_t *len, int flags) {
    int accepted = accept4(fd, addr, len, flags | SOCK_CLOEXEC);
    return accepted < 0 ? -errno : accepted;
}

int ll_sys_queued_out(int fd) {
    int value = 0;
    return ioctl(fd, SIOCOUTQ, &value) < 0 ? -errno : value;
}

int ll_sys_waker_open(int fds[2]) {
    fds[0] = fds[1] = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    return fds[0] < 0 ? -errno : 0;
}

int ll_sys_waker_wake(int fd) {
    const uint64_t one = 1;
    int saved = errno, result = 0;

    /* EAGAIN: the counter is full, so the alarm rings already */
    if (write(fd, &one, sizeof one) < 0 && errno != EAGAIN)
        result = -errno;
    errno = saved; /* a signal handler must leave it alone */
    return result;
}

void ll_sys_waker_clear(int fd) {
    uint64_t value;
    ssize_t n = read(fd, &value, sizeof value); /* EAGAIN: somebody was faster */
    (void)n;
}
