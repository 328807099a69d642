/* SPDX-License-Identifier: MIT */
/* sys.h: the seam to the operating system. The Makefile picks who defines the
 * names: sys/atomic.c or sys/posix.c how descriptors are made, transfer_linux.c or
 * transfer_posix.c how bytes move inside of the kernel, and SIGPIPE is kept off, sys/linux.c
 * or sys/generic.c the rest. All results are as in base.h: a number >= 0, or -errno. */
#ifndef LL_SYS_H
#define LL_SYS_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/socket.h>

/* Flags that ask for nothing where they are missing. Without MSG_NOSIGNAL the
 * sockets made by sys/posix.c have SO_NOSIGPIPE. */
#ifndef MSG_NOSIGNAL
#define MSG_NOSIGNAL 0
#endif
/* Without MSG_CMSG_CLOEXEC what a receive brought is set so afterwards. A test does without. */
#if defined MSG_CMSG_CLOEXEC && !defined LL_WITHOUT_CMSG_CLOEXEC
enum { LL_CMSG_CLOEXEC = MSG_CMSG_CLOEXEC };
#else
enum { LL_CMSG_CLOEXEC = 0 };
#endif
#ifndef POLLRDHUP
#define POLLRDHUP 0
#endif
#ifndef MSG_MORE
#define MSG_MORE 0
#endif

/* A new close-on-exec socket; flags: 0, SOCK_NONBLOCK, SOCK_CLOEXEC. */
int ll_sys_socket(int domain, int type, int protocol, int flags);

/* Two connected ones. */
int ll_sys_socketpair(int domain, int type, int protocol, int flags, int fds[2]);

/* The permissions of the path that a Unix socket will be bound to. */
int ll_sys_set_mode(int fd, int mode);

/* Accepts a connection, close-on-exec; addr and len as for accept(2). */
int ll_sys_accept(int fd, struct sockaddr *addr, socklen_t *len, int flags);

/* The two ends of a pipe, close-on-exec: fds[0] to read. */
int ll_sys_pipe(int fds[2], bool nonblock);

/* What moves between descriptors inside the kernel, without a SIGPIPE; file_offset -1 is
 * the file's position. 0 at the end. */
llnet_count ll_sys_sendfile(int to, int file, int64_t file_offset, size_t count);
llnet_count ll_sys_splice(int from, int to, size_t count, int flags);
llnet_count ll_sys_tee(int from, int to, size_t count, int flags);

/* write(2) without a SIGPIPE. */
llnet_count ll_sys_write(int to, const void *data, size_t len);

/* Bytes that were not sent even once. */
int ll_sys_queued_unsent(int fd);

/* The limit of a listener's queue, and how many wait in it. */
int ll_sys_backlog(int fd, uint32_t *limit, uint32_t *waiting);

/* A descriptor for the process at the other end. */
int ll_sys_peer_pidfd(int fd);

/* Bytes that wait in the send queue. */
int ll_sys_queued_out(int fd);

/* One of several messages: struct mmsghdr where there is one. */
struct ll_sys_message {
    struct msghdr header;
    unsigned len; /* bytes that went or came */
};

/* How many of count messages went or came; a negative result is the first one's error.
 * What ended a receive after the first one is the next call's result, where the system
 * has several in one call; else it is lost. */
int ll_sys_sendmmsg(int fd, struct ll_sys_message *messages, unsigned count, int flags);
int ll_sys_recvmmsg(int fd, struct ll_sys_message *messages, unsigned count, int flags);

/* Whether the system cuts and joins the datagrams of this socket: UDP_SEGMENT, UDP_GRO. */
bool ll_sys_has_segments(int fd);

/* Tells where to cut, in the message's control data, which has room for LL_SYS_SEGMENT_ROOM
 * bytes; and the size of the datagrams that were joined, 0 where nothing says so. */
enum { LL_SYS_SEGMENT_ROOM = 64 };
void ll_sys_put_segment_size(struct msghdr *message, size_t segment_size);
size_t ll_sys_get_segment_size(struct msghdr *message);

/* The two ends of a poller's alarm: fds[0] to watch, fds[1] to write to. They
 * may be the same descriptor. */
int ll_sys_waker_open(int fds[2]);
int ll_sys_waker_wake(int fd); /* async-signal-safe */
void ll_sys_waker_clear(int fd);

/* A key for hash tables, which nobody outside of the process can guess. */
void ll_sys_secret(uint64_t key[2]);

#endif
