/* SPDX-License-Identifier: MIT */
/* sys/linux.c: what Linux alone has: the poller's alarm is an eventfd, the send
 * queue's length has a name of its own, and a process its secret. */
#include "internal.h"
#include "sys.h"

#include <linux/sockios.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <unistd.h>

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

/* The kernel gives each process 16 random bytes when it begins. */
void ll_sys_secret(uint64_t key[2]) {
    const void *bytes = (const void *)(uintptr_t)getauxval(AT_RANDOM);

    key[0] = key[1] = (uintptr_t)key;
    if (bytes != NULL)
        memcpy(key, bytes, 2 * sizeof *key);
}
