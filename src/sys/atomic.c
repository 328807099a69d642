/* SPDX-License-Identifier: MIT */
/* sys/atomic.c: making descriptors where the call that makes one also takes its
 * flags (accept4, pipe2): no fork sees it without them. */
#include "internal.h"
#include "sys.h"

#include <fcntl.h>
#include <unistd.h>

int ll_sys_socket(int domain, int type, int protocol, int flags) {
    int fd = socket(domain, type | flags | SOCK_CLOEXEC, protocol);
    if (fd < 0)
        return -errno;
    return fd;
}

int ll_sys_socketpair(int domain, int type, int protocol, int flags, int fds[2]) {
    return socketpair(domain, type | flags | SOCK_CLOEXEC, protocol, fds) < 0 ? -errno : 0;
}

int ll_sys_accept(int fd, struct sockaddr *addr, socklen_t *len, int flags) {
    int accepted = accept4(fd, addr, len, flags | SOCK_CLOEXEC);
    return accepted < 0 ? -errno : accepted;
}

int ll_sys_pipe(int fds[2], bool nonblock) {
    return pipe2(fds, O_CLOEXEC | (nonblock ? O_NONBLOCK : 0)) < 0 ? -errno : 0;
}
