/* SPDX-License-Identifier: MIT */
/* sys/generic.c: what linux.c does, on other systems: the poller's alarm is a pipe. */
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

int ll_sys_waker_open(int fds[2]) {
    return ll_sys_pipe(fds);
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
