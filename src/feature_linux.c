/* SPDX-License-Identifier: MIT */
/* feature_linux.c: trials of the calls that Linux has; each on descriptors of its own,
 * which it closes. Numbers that the C library's headers lack give ENOTSUP. */
#include "internal.h"

#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <linux/bpf.h>
#include <linux/io_uring.h>
#include <linux/net_tstamp.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>

#include "feature.h"
#include "sys.h"

#ifndef SO_ZEROCOPY
#define SO_ZEROCOPY 60
#endif
#ifndef MSG_ZEROCOPY
#define MSG_ZEROCOPY 0x4000000
#endif
#ifndef EPOLLEXCLUSIVE
#define EPOLLEXCLUSIVE (1u << 28)
#endif

/* Datagrams, a millisecond apart, of which one must come with its time. */
enum { TIME_ROUNDS = 500 };

/* What a call gave that gives a number. */
static llnet_status expect(long result, long expected) {
    if (result < 0)
        return -errno;
    return result == expected ? 0 : -EIO;
}

/* What a call gave that gives a descriptor, which is not kept. */
static llnet_status expect_descriptor(long fd) {
    if (fd < 0)
        return -errno;
    close((int)fd);
    return 0;
}

/* ---- on two connected Unix sockets -------------------------------------------------- */

static llnet_status with_pair(int type, llnet_status (*trial)(const int fds[2])) {
    int fds[2];
    llnet_status status = ll_sys_socketpair(AF_UNIX, type, 0, SOCK_NONBLOCK, fds);

    if (status < 0)
        return status;
    status = trial(fds);
    close(fds[0]);
    close(fds[1]);
    return status;
}

/* Sends two datagrams by one call, and receives them by one or two. */
static llnet_status send_two(const int fds[2], bool receive_both) {
    char bytes[2] = "ab";
    struct iovec parts[2] = {{bytes, 1}, {bytes + 1, 1}};
    struct mmsghdr messages[2];
    llnet_status status;

    memset(messages, 0, sizeof messages);
    for (int i = 0; i < 2; i++) {
        messages[i].msg_hdr.msg_iov = &parts[i];
        messages[i].msg_hdr.msg_iovlen = 1;
    }
    if (!receive_both)
        return expect(sendmmsg(fds[0], messages, 2, MSG_NOSIGNAL), 2);
    status = expect(send(fds[0], "a", 1, MSG_NOSIGNAL), 1);
    if (status == 0)
        status = expect(send(fds[0], "b", 1, MSG_NOSIGNAL), 1);
    return status == 0 ? expect(recvmmsg(fds[1], messages, 2, 0, NULL), 2) : status;
}

static llnet_status try_sendmmsg(const int fds[2]) {
    return send_two(fds, false);
}

static llnet_status try_recvmmsg(const int fds[2]) {
    return send_two(fds, true);
}

static llnet_status try_sendfile(const int fds[2]) {
    int file = memfd_create("llnet", MFD_CLOEXEC);
    off_t offset = 0;
    llnet_status status;

    if (file < 0)
        return -errno;
    status = expect(write(file, "x", 1), 1);
    if (status == 0)
        status = expect(sendfile(fds[0], file, &offset, 1), 1);
    close(file);
    return status;
}

static llnet_status try_splice(const int fds[2]) {
    int ends[2];
    llnet_status status = ll_sys_pipe(ends, true);

    if (status < 0)
        return status;
    status = expect(write(ends[1], "x", 1), 1);
    if (status == 0)
        status = expect(splice(ends[0], NULL, fds[0], NULL, 1, SPLICE_F_NONBLOCK), 1);
    close(ends[0]);
    close(ends[1]);
    return status;
}

static llnet_status try_peerpidfd(const int fds[2]) {
#ifdef SO_PEERPIDFD
    int number = SO_PEERPIDFD;
#elif defined __hppa__ || defined __sparc__
    int number = -1; /* they have a number of their own */
#else
    int number = 77;
#endif
    int pidfd = -1;
    socklen_t len = sizeof pidfd;

    if (number < 0)
        return -ENOTSUP;
    if (getsockopt(fds[0], SOL_SOCKET, number, &pidfd, &len) < 0)
        return -errno;
    return expect_descriptor(pidfd);
}

static llnet_status call_sendmmsg(void) {
    return with_pair(SOCK_DGRAM, try_sendmmsg);
}

static llnet_status call_recvmmsg(void) {
    return with_pair(SOCK_DGRAM, try_recvmmsg);
}

static llnet_status call_sendfile(void) {
    return with_pair(SOCK_STREAM, try_sendfile);
}

static llnet_status call_splice(void) {
    return with_pair(SOCK_STREAM, try_splice);
}

static llnet_status call_peerpidfd(void) {
    return with_pair(SOCK_STREAM, try_peerpidfd);
}

/* ---- on sockets on loopback ---------------------------------------------------------- */

/* Nobody connects: EAGAIN is its answer. */
static llnet_status call_accept4(void) {
    int fd = ll_sys_socket(AF_INET, SOCK_STREAM, 0, SOCK_NONBLOCK), accepted;
    llnet_status status;

    if (fd < 0)
        return fd;
    status = expect(listen(fd, 1), 0);
    if (status == 0) {
        accepted = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
        status = accepted < 0 && errno == EAGAIN ? 0 : expect_descriptor(accepted);
    }
    close(fd);
    return status;
}

static llnet_status call_zerocopy(void) {
    static const char byte = 'x'; /* the kernel may read it when this is over */
    const int on = 1;
    llnet_socket one, two;
    llnet_status status = ll_feature_open_tcp(&one, &two);

    if (status == 0)
        status = expect(setsockopt(ll_socket_fd(&one), SOL_SOCKET, SO_ZEROCOPY, &on, sizeof on), 0);
    if (status == 0)
        status = expect(send(ll_socket_fd(&one), &byte, 1, MSG_ZEROCOPY | MSG_NOSIGNAL), 1);
    llnet_socket_close(&one);
    llnet_socket_close(&two);
    return status;
}

/* Whether a datagram comes with the time of its arrival. */
static llnet_status receive_time(int fd) {
    char byte;
    struct iovec part = {&byte, 1};
    union {
        struct cmsghdr align;
        char bytes[256];
    } control;
    struct msghdr message;
    struct cmsghdr *header;

    memset(&message, 0, sizeof message);
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control.bytes;
    message.msg_controllen = sizeof control.bytes;
    if (recvmsg(fd, &message, 0) < 0)
        return -errno;
    for (header = CMSG_FIRSTHDR(&message); header != NULL; header = CMSG_NXTHDR(&message, header))
        if (header->cmsg_level == SOL_SOCKET && header->cmsg_type == SO_TIMESTAMPING)
            return 0;
    return -ENOPROTOOPT;
}

/* The kernel begins to take times some while after it was asked to first. */
static llnet_status wait_for_time(int fd) {
    llnet_status status = -ENOPROTOOPT;

    for (int i = 0; i < TIME_ROUNDS && status == -ENOPROTOOPT; i++) {
        if (i > 0)
            (void)poll(NULL, 0, 1);
        status = expect(send(fd, "x", 1, MSG_NOSIGNAL), 1);
        if (status == 0)
            status = receive_time(fd);
    }
    return status;
}

static llnet_status call_timestamping(void) {
    const int flags = SOF_TIMESTAMPING_RX_SOFTWARE | SOF_TIMESTAMPING_SOFTWARE;
    llnet_socket sock;
    llnet_status status = ll_feature_open_udp(&sock);
    int fd = ll_socket_fd(&sock);

    if (status == 0)
        status = expect(setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPING, &flags, sizeof flags), 0);
    if (status == 0)
        status = wait_for_time(fd);
    llnet_socket_close(&sock);
    return status;
}

/* ---- waiting --------------------------------------------------------------------------- */

static llnet_status call_epoll(void) {
    return expect_descriptor(epoll_create1(EPOLL_CLOEXEC));
}

static llnet_status call_epoll_exclusive(void) {
    struct epoll_event event = {.events = EPOLLIN | EPOLLEXCLUSIVE};
    int watched = eventfd(0, EFD_CLOEXEC), fd;
    llnet_status status;

    if (watched < 0)
        return -errno;
    fd = epoll_create1(EPOLL_CLOEXEC);
    status = fd < 0 ? -errno : expect(epoll_ctl(fd, EPOLL_CTL_ADD, watched, &event), 0);
    close(watched);
    if (fd >= 0)
        close(fd);
    return status;
}

static llnet_status call_epoll_pwait2(void) {
#ifdef SYS_epoll_pwait2
    const int64_t at_once[2] = {0, 0}; /* struct __kernel_timespec */
    struct epoll_event event;
    int fd = epoll_create1(EPOLL_CLOEXEC);
    llnet_status status;

    if (fd < 0)
        return -errno;
    status = expect(syscall(SYS_epoll_pwait2, fd, &event, 1, at_once, NULL, (size_t)0), 0);
    close(fd);
    return status;
#else
    return -ENOTSUP;
#endif
}

static llnet_status call_eventfd(void) {
    return expect_descriptor(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
}

static llnet_status call_timerfd(void) {
    return expect_descriptor(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK));
}

static llnet_status call_io_uring(void) {
#ifdef SYS_io_uring_setup
    struct io_uring_params parameters;

    memset(&parameters, 0, sizeof parameters);
    return expect_descriptor(syscall(SYS_io_uring_setup, 1, &parameters));
#else
    return -ENOTSUP;
#endif
}

/* A program for sockets that returns 0. */
static llnet_status call_bpf(void) {
    static const struct bpf_insn program[2] = {{.code = BPF_ALU64 | BPF_MOV | BPF_K}, {.code = BPF_JMP | BPF_EXIT}};
    union bpf_attr attributes;

    memset(&attributes, 0, sizeof attributes);
    attributes.prog_type = BPF_PROG_TYPE_SOCKET_FILTER;
    attributes.insns = (uintptr_t)program;
    attributes.insn_cnt = 2;
    attributes.license = (uintptr_t) "MIT";
    return expect_descriptor(syscall(SYS_bpf, BPF_PROG_LOAD, &attributes, sizeof attributes));
}

/* ---- by name ------------------------------------------------------------------------------ */

static const struct {
    const char *name;
    llnet_status (*trial)(void);
} calls[] = {
    {"accept4", call_accept4},
    {"bpf", call_bpf},
    {"epoll", call_epoll},
    {"epoll_exclusive", call_epoll_exclusive},
    {"epoll_pwait2", call_epoll_pwait2},
    {"eventfd", call_eventfd},
    {"io_uring", call_io_uring},
    {"peerpidfd", call_peerpidfd},
    {"recvmmsg", call_recvmmsg},
    {"sendfile", call_sendfile},
    {"sendmmsg", call_sendmmsg},
    {"splice", call_splice},
    {"timerfd", call_timerfd},
    {"timestamping", call_timestamping},
    {"zerocopy", call_zerocopy},
};

llnet_status ll_feature_try_system(const char *name) {
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++)
        if (strcmp(calls[i].name, name) == 0)
            return calls[i].trial();
    return -ENOTSUP;
}
