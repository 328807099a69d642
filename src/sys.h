/* SPDX-License-Identifier: MIT */
/* sys.h: the seam to the operating system. sys/linux.c and sys/posix.c define
 * the same names, the Makefile picks one. All results are as in base.h: a
 * number >= 0, or -errno. */
#ifndef LL_SYS_H
#define LL_SYS_H

#include <sys/types.h>
#include <sys/socket.h>

/* A new close-on-exec socket; flags: 0, SOCK_NONBLOCK, SOCK_CLOEXEC. */
int ll_sys_socket(int domain, int type, int protocol, int flags);

/* Two connected ones. */
int ll_sys_socketpair(int domain, int type, int protocol, int flags, int fds[2]);

/* Accepts a connection, close-on-exec; addr and len as for accept(2). */
int ll_sys_accept(int fd, struct sockaddr *addr, socklen_t *len, int flags);

/* Bytes that wait in the send queue. */
int ll_sys_queued_out(int fd);

/* The two ends of a poller's alarm: fds[0] to watch, fds[1] to write to. They
 * may be the same descriptor. */
int ll_sys_waker_open(int fds[2]);
int ll_sys_waker_wake(int fd); /* async-signal-safe */
void ll_sys_waker_clear(int fd);

#endif
