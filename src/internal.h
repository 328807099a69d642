/* SPDX-License-Identifier: MIT */
/* internal.h: what every source file includes first, and the few things that
 * the concerns share inside of the library. Never installed. */
#ifndef LL_INTERNAL_H
#define LL_INTERNAL_H

#include "config.h"

#include <errno.h>
#include <sys/types.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <llnet.h>

/* Also where a function runs before main (error.c): both are GNU C. */
#ifndef __ATOMIC_RELAXED
#error "llnet needs a compiler with GNU C's __atomic built-ins: gcc 4.7 or later, or clang"
#endif

/* A condition that must hold for this compiler and system, and what it means. C11's
 * _Static_assert is not in C99. */
#define LL_STATIC_ASSERT(condition, meaning) extern const char ll_static_assert[(condition) ? 1 : -1]

/* The bits of llnet_socket.flags. */
enum {
    LL_SOCKET_OPEN = 1,        /* fd is valid; so that all-zero bytes are a closed socket */
    LL_SOCKET_BORROWED = 2,    /* close forgets fd and leaves it open */
    LL_SOCKET_END = 4,         /* a 0 from recv is the end, not an empty datagram */
    LL_SOCKET_RECORDS = 8,     /* a receive takes one of what was sent, and drops its rest */
    LL_SOCKET_OFFLOAD = 16,    /* the kernel cuts and joins its datagrams */
    LL_SOCKET_NO_OFFLOAD = 32, /* it does not; neither: not known yet */
    LL_SOCKET_NO_CLOEXEC = 64, /* its receives refuse MSG_CMSG_CLOEXEC */
    LL_SOCKET_KIND = LL_SOCKET_END | LL_SOCKET_RECORDS /* neither: not known yet */
};

/* Whether this is one of the kernel's own numbers for a call to be begun again, which
 * recvmmsg(2) leaves as the socket's error where a signal ended it (seen on Linux 6.18). */
static inline bool ll_is_restart(int error) {
    return error >= 512 && error <= 516;
}

/* -errno of a call that moves data, which gives the socket's error. */
static inline int ll_data_error(void) {
    return ll_is_restart(errno) ? -EINTR : -errno;
}

/* Whether llnet_ignore_sigpipe was called: nothing has to see to SIGPIPE then. */
bool ll_sigpipe_is_ignored(void);

/* The kind of a socket of this type. */
static inline uint32_t ll_socket_kind(int type) {
    if (type == SOCK_STREAM)
        return LL_SOCKET_END;
    return type == SOCK_SEQPACKET ? LL_SOCKET_KIND : LL_SOCKET_RECORDS;
}

/* The flags are read by every call, and a receive that learns the socket's type
 * writes them, which may run beside a send: so both are atomic. */
static inline uint32_t ll_socket_flags(const llnet_socket *self) {
    return __atomic_load_n(&self->flags, __ATOMIC_RELAXED);
}

/* The descriptor of a socket for a system call, which answers EBADF itself
 * where it is closed. */
static inline int ll_socket_fd(const llnet_socket *self) {
    return (ll_socket_flags(self) & LL_SOCKET_OPEN) != 0 ? (int)self->fd : -1;
}

/* The kind of a socket, 0 where it is none. Asks the kernel once where somebody else opened it. */
uint32_t ll_socket_learn_kind(llnet_socket *self);

/* What a receive of 0 bytes means where some were asked for: -LLNET_ECLOSED at the
 * end of a stream, else 0. */
llnet_count ll_socket_end_or_empty(llnet_socket *self, bool asked, int flags);

/* The kernel reads the memory after such a send: nothing may move it. */
#if defined(MSG_ZEROCOPY)
enum { LL_ZEROCOPY = MSG_ZEROCOPY };
#elif defined(__linux__)
enum { LL_ZEROCOPY = 0x4000000 };
#else
enum { LL_ZEROCOPY = 0 };
#endif

/* The bytes of a buffer that a socket is to send, and the room of one that it may receive
 * into: *count of them at *data, LLNET_ALL made a number. -EBADF where the socket is
 * closed, -LLNET_EBOUNDS, -ENOBUFS. */
llnet_status ll_buffer_outgoing(const llnet_socket *self, const llnet_buffer *buffer, size_t offset, size_t *count,
                                const void **data, int flags);
llnet_status ll_buffer_incoming(const llnet_socket *self, llnet_buffer *buffer, size_t offset, size_t *count,
                                void **data);

/* One more who must free the buffer before it is gone. */
void ll_buffer_hold(llnet_buffer *self);

/* Whether only the caller holds it, and it is no slice. */
bool ll_buffer_is_sole(const llnet_buffer *self);

/* For one call at once: the memory, as many bytes as the capacity; and as many as the size,
 * which may move even where the buffer is only looked at. */
void *ll_buffer_room(llnet_buffer *self);
const void *ll_buffer_contents(const llnet_buffer *self);

/* Where an address's own bytes begin: after the family field, before which BSD
 * has a length. No address is shorter. */
enum { LL_ADDR_HEAD = offsetof(struct sockaddr, sa_data) };

/* Where a Unix address's name begins, and the longest that it has room for. */
enum {
    LL_UNIX_HEAD = offsetof(struct sockaddr_un, sun_path),
    LL_UNIX_NAME_MAX = sizeof(struct sockaddr_un) - LL_UNIX_HEAD
};

/* What system calls take of an address. An all-zero one counts as unspecified,
 * whose family field the kernel wants to see. */
static inline const struct sockaddr *ll_addr_sockaddr(const llnet_addr *self) {
    return (const struct sockaddr *)(const void *)self->data.bytes;
}

static inline socklen_t ll_addr_len(const llnet_addr *self) {
    return self->len > LL_ADDR_HEAD ? (socklen_t)self->len : (socklen_t)LL_ADDR_HEAD;
}

/* Makes *self of what a system call wrote to bytes and said of its length. */
void ll_addr_assign(llnet_addr *self, const void *bytes, socklen_t len);

/* The same where the system call wrote it into *self. */
void ll_addr_received(llnet_addr *self, socklen_t len);

/* How many bytes an address of this family has at least, whose layout the system
 * alone knows (addr_link_linux.c, addr_link_posix.c); 0: not such a family. */
size_t ll_addr_link_len(int family);

/* What llnet_addr_set_packet leaves 0: how and by what it came. */
llnet_status ll_addr_set_packet_types(llnet_addr *self, int packet_type, int hardware_type);

/* The catalogue's and the poller's way from a caller's descriptor to the
 * system's: -EBADF where no descriptor can have this number. */
static inline int ll_descriptor(intptr_t fd) {
    return fd < 0 || fd > INT32_MAX ? -EBADF : (int)fd;
}

#endif
