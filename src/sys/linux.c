/* SPDX-License-Identifier: MIT */
/* sys/linux.c: what Linux alone has: the poller's alarm is an eventfd, the send
 * queue's length has a name of its own, several messages go in one call, the kernel
 * cuts and joins datagrams, and a process has its secret. */
#include "internal.h"
#include "sys.h"

#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif
#ifndef UDP_GRO
#define UDP_GRO 104
#endif

int ll_sys_queued_out(int fd) {
    int value = 0;
    return ioctl(fd, SIOCOUTQ, &value) < 0 ? -errno : value;
}

/* bind(2) gives the path the mode of the socket's own inode: unix_bind_bsd() in the kernel's
 * net/unix/af_unix.c. */
int ll_sys_set_mode(int fd, int mode) {
    return fchmod(fd, (mode_t)mode) < 0 ? -errno : 0;
}

LL_STATIC_ASSERT(sizeof(struct ll_sys_message) == sizeof(struct mmsghdr) &&
                     offsetof(struct ll_sys_message, len) == offsetof(struct mmsghdr, msg_len),
                 "a message is a struct mmsghdr");

int ll_sys_sendmmsg(int fd, struct ll_sys_message *messages, unsigned count, int flags) {
    int n = sendmmsg(fd, (struct mmsghdr *)(void *)messages, count, flags);
    return n < 0 ? ll_data_error() : n;
}

int ll_sys_recvmmsg(int fd, struct ll_sys_message *messages, unsigned count, int flags) {
    int n = recvmmsg(fd, (struct mmsghdr *)(void *)messages, count, flags, NULL);
    return n < 0 ? ll_data_error() : n;
}

#ifndef SO_PEERPIDFD
#define SO_PEERPIDFD 77
#endif

int ll_sys_queued_unsent(int fd) {
    int value = 0;
    return ioctl(fd, SIOCOUTQNSD, &value) < 0 ? -errno : value;
}

/* Of a listener, TCP_INFO has other things in two fields: tcp_get_info() in the kernel's
 * net/ipv4/tcp.c. */
int ll_sys_backlog(int fd, uint32_t *limit, uint32_t *waiting) {
    struct tcp_info info;
    socklen_t len = sizeof info;

    memset(&info, 0, sizeof info);
    if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) < 0)
        return errno == EOPNOTSUPP || errno == ENOPROTOOPT ? -ENOTSUP : -errno;
    if (info.tcpi_state != TCP_LISTEN)
        return -EINVAL;
    *limit = info.tcpi_sacked;
    *waiting = info.tcpi_unacked;
    return 0;
}

int ll_sys_peer_pidfd(int fd) {
    int pidfd = -1;
    socklen_t len = sizeof pidfd;
    return getsockopt(fd, SOL_SOCKET, SO_PEERPIDFD, &pidfd, &len) < 0 ? -errno : pidfd;
}

/* Sockets that are not UDP's and older kernels don't know the option; such sockets would
 * leave the size aside and send all the bytes as one. */
bool ll_sys_has_segments(int fd) {
    int value;
    socklen_t len = sizeof value;

    return getsockopt(fd, IPPROTO_UDP, UDP_SEGMENT, &value, &len) == 0;
}

LL_STATIC_ASSERT(CMSG_SPACE(sizeof(uint16_t)) <= LL_SYS_SEGMENT_ROOM, "a segment size has room");

void ll_sys_put_segment_size(struct msghdr *message, size_t segment_size) {
    uint16_t value = (uint16_t)segment_size;
    struct cmsghdr *header = message->msg_control;

    memset(header, 0, CMSG_SPACE(sizeof value));
    message->msg_controllen = CMSG_SPACE(sizeof value);
    header->cmsg_level = IPPROTO_UDP;
    header->cmsg_type = UDP_SEGMENT;
    header->cmsg_len = CMSG_LEN(sizeof value);
    memcpy(CMSG_DATA(header), &value, sizeof value);
}

size_t ll_sys_get_segment_size(struct msghdr *message) {
    struct cmsghdr *header;
    int value = 0;

    for (header = CMSG_FIRSTHDR(message); header != NULL; header = CMSG_NXTHDR(message, header))
        if (header->cmsg_level == IPPROTO_UDP && header->cmsg_type == UDP_GRO &&
            header->cmsg_len >= CMSG_LEN(sizeof value))
            memcpy(&value, CMSG_DATA(header), sizeof value);
    return value > 0 ? (size_t)value : 0;
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
