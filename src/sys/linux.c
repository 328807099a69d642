/* SPDX-License-Identifier: MIT */
/* sys/linux.c: what Linux alone has: the poller's alarm is an eventfd, the send
 * queue's length has a name of its own, several messages go in one call. */
#include "internal.h"
#include "sys.h"

#include <linux/sockios.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <unistd.h>

int ll_sys_queued_out(int fd) {
    int value = 0;
    return ioctl(fd, SIOCOUTQ, &value) < 0 ? -errno : value;
}

_Static_assert(sizeof(struct ll_sys_message) == sizeof(struct mmsghdr) &&
                   offsetof(struct ll_sys_message, len) == offsetof(struct mmsghdr, msg_len),
               "a message is a struct mmsghdr");

int ll_sys_sendmmsg(int fd, struct ll_sys_message *messages, unsigned count, int flags) {
    int n = sendmmsg(fd, (struct mmsghdr *)(void *)messages, count, flags);
    return n < 0 ? -errno : n;
}

int ll_sys_recvmmsg(int fd, struct ll_sys_message *messages, unsigned count, int flags) {
    int n = recvmmsg(fd, (struct mmsghdr *)(void *)messages, count, flags, NULL);
    return n < 0 ? -errno : n;
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
