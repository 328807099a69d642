/* SPDX-License-Identifier: MIT */
/* llnet/socket.h: an open socket, and the calls on it.
 *
 * An llnet_socket lives in the caller's memory: open, pair, accept, adopt,
 * borrow and dup fill it, close ends it. Its layout is frozen, its fields are
 * not API. All zero bytes are a closed socket. Functions overwrite what they
 * fill (out, other), which must not be an open socket; on any error it is
 * closed.
 *
 * Every function is one system call unless it says otherwise; EINTR and EAGAIN
 * are returned, not swallowed; blocking is the descriptor's business. All
 * descriptors made here are close-on-exec. No call raises SIGPIPE: EPIPE is
 * returned (where the system has no MSG_NOSIGNAL: on sockets made here only).
 * On a closed socket every call gives EBADF, whatever its other arguments are;
 * only close, is_open and fileno don't.
 *
 * Different threads may use different sockets; sends and receives on one
 * socket may run in two threads, close may not run beside anything. */
#ifndef LLNET_SOCKET_H
#define LLNET_SOCKET_H

#include <llnet/addr.h>
#include <llnet/base.h>
#include <llnet/buffer.h>

#include <sys/uio.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct llnet_socket {
    intptr_t fd;
    uint32_t flags, reserved;
} llnet_socket;

/* sizeof(llnet_socket), for languages that cannot ask the compiler. */
LLNET_API size_t llnet_socket_size(void);

/* ---- making and ending ------------------------------------------------ */

/* Makes a closed socket of uninitialised memory: all zero bytes. The functions
 * that fill a socket don't need it; closing one that was never opened does. */
LLNET_API void llnet_socket_init(llnet_socket *self);

/* Opens a socket: socket(2). flags: SOCK_NONBLOCK and SOCK_CLOEXEC, here or
 * or'ed into type as the kernel has it. Close-on-exec is set in any case, see
 * llnet_socket_set_cloexec. EINVAL: another flag. Where the platform's
 * socket() takes no flags, fcntl(2) sets them afterwards (a fork between the
 * two sees the descriptor without them). */
LLNET_API llnet_status llnet_socket_open(llnet_socket *out, int domain, int type, int protocol, int flags);

/* Opens two connected sockets: socketpair(2). flags as for open. */
LLNET_API llnet_status llnet_socket_pair(llnet_socket *out, llnet_socket *other, int domain, int type, int protocol,
                                         int flags);

/* Takes a descriptor over: closing the socket closes it. No system call; the
 * descriptor's own flags stay as they are. EBADF: fd is negative, or larger
 * than a descriptor can be. */
LLNET_API llnet_status llnet_socket_adopt(llnet_socket *out, intptr_t fd);

/* Uses a descriptor that stays somebody else's: closing the socket forgets it
 * and does not close it. EBADF as for adopt. */
LLNET_API llnet_status llnet_socket_borrow(llnet_socket *out, intptr_t fd);

/* Gives the descriptor away, a borrowed one too: returns it, and leaves the
 * socket closed. EBADF: it was closed already. No system call. */
LLNET_API llnet_count llnet_socket_detach(llnet_socket *self);

/* A second descriptor for the same socket, close-on-exec: fcntl(2)
 * F_DUPFD_CLOEXEC. Both share non-blocking mode and options. The new one owns
 * its descriptor, also where self borrows. */
LLNET_API llnet_status llnet_socket_dup(const llnet_socket *self, llnet_socket *out);

/* Closes: close(2). Idempotent: closing a closed socket does nothing and
 * succeeds. The descriptor is gone even when an error (EIO, EINTR) is
 * returned; never close again. */
LLNET_API llnet_status llnet_socket_close(llnet_socket *self);

/* Whether it is open. */
LLNET_API bool llnet_socket_is_open(const llnet_socket *self);

/* The descriptor, -1 when closed. It stays the socket's. */
LLNET_API intptr_t llnet_socket_fileno(const llnet_socket *self);

/* ---- connecting ------------------------------------------------------- */

/* bind(2). EADDRINUSE, EADDRNOTAVAIL, EACCES (port below 1024). */
LLNET_API llnet_status llnet_socket_bind(llnet_socket *self, const llnet_addr *addr);

/* Binds a Unix socket to a path that is made with this mode: fchmod(2), bind(2). The
 * permissions are 0 to 0777, less what umask(2) takes off, as for open(2), and the path
 * never has others: to connect takes the right to write. EINVAL: another mode, or a name
 * that is no path; EAFNOSUPPORT: not a Unix address; ENOTSUP: not Linux. */
LLNET_API llnet_status llnet_socket_bind_mode(llnet_socket *self, const llnet_addr *addr, int mode);

/* connect(2). EINPROGRESS on a non-blocking socket: wait for POLLOUT, then
 * ask llnet_socket_take_error. After EINTR the connection goes on likewise.
 * EAGAIN from a Unix socket: the listener's queue is full and nothing is under
 * way; call again later. */
LLNET_API llnet_status llnet_socket_connect(llnet_socket *self, const llnet_addr *addr);

/* listen(2). The kernel silently cuts the backlog to its limit
 * (net.core.somaxconn on Linux): llnet_socket_get_backlog. */
LLNET_API llnet_status llnet_socket_listen(llnet_socket *self, int backlog);

/* Accepts a connection: accept4(2), or accept(2) and fcntl(2) where that is
 * missing; the first one of a listener that was adopted or borrowed also getsockopt(2),
 * which learns its type. peer gets the peer's address; NULL where it is not wanted. flags:
 * SOCK_NONBLOCK, SOCK_CLOEXEC (which is set in any case). ECONNABORTED: the
 * peer left before; go on. EMFILE: no descriptor is free and the connection
 * stays queued: stop asking until one is. On error peer is as it was. */
LLNET_API llnet_status llnet_socket_accept(llnet_socket *self, llnet_socket *out, llnet_addr *peer, int flags);

/* Ends sending, receiving or both, for all who share the socket: shutdown(2)
 * with SHUT_RD, SHUT_WR or SHUT_RDWR. ENOTCONN. */
LLNET_API llnet_status llnet_socket_shutdown(llnet_socket *self, int how);

/* The socket's own address: getsockname(2). */
LLNET_API llnet_status llnet_socket_get_sockname(const llnet_socket *self, llnet_addr *out);

/* The address of the peer: getpeername(2). ENOTCONN. */
LLNET_API llnet_status llnet_socket_get_peername(const llnet_socket *self, llnet_addr *out);

/* ---- data ------------------------------------------------------------- */

/* Sends: send(2) with MSG_NOSIGNAL. Returns how many bytes went, which may be
 * fewer than len on a stream. */
LLNET_API llnet_count llnet_socket_send(llnet_socket *self, const void *data, size_t len, int flags);

/* Receives at most len bytes: recv(2). Returns how many came. The end of a
 * stream is LLNET_ECLOSED, never 0; a datagram of 0 bytes is 0; so are a request
 * for 0 bytes and a 0 with MSG_ERRQUEUE. A 0 from SOCK_SEQPACKET counts as its
 * end. On a socket that was adopted or borrowed the first 0 costs a
 * getsockopt(2) to learn its type.
 *
 * What a datagram has beyond len is lost without a sign, unless flags has
 * MSG_TRUNC: then the result is its full length, which may exceed len (on a
 * stream MSG_TRUNC discards: nothing is written to data). */
LLNET_API llnet_count llnet_socket_recv(llnet_socket *self, void *data, size_t len, int flags);

/* Sends to an address: sendto(2) with MSG_NOSIGNAL. to NULL: as send. */
LLNET_API llnet_count llnet_socket_sendto(llnet_socket *self, const void *data, size_t len, const llnet_addr *to,
                                          int flags);

/* Receives and tells from whom: recvfrom(2); otherwise as recv. Where the
 * system gives no address, as on a connected stream, from becomes unspecified.
 * On error from is as it was; it may be NULL. */
LLNET_API llnet_count llnet_socket_recvfrom(llnet_socket *self, void *data, size_t len, llnet_addr *from,
                                            int flags);

/* As send and sendto, from a buffer: count bytes from offset on, or LLNET_ALL up
 * to its size. LLNET_EBOUNDS: they are not all there. */
LLNET_API llnet_count llnet_socket_send_buffer(llnet_socket *self, const llnet_buffer *buffer, size_t offset,
                                               size_t count, int flags);
LLNET_API llnet_count llnet_socket_sendto_buffer(llnet_socket *self, const llnet_buffer *buffer, size_t offset,
                                                 size_t count, const llnet_addr *to, int flags);

/* As recv and recvfrom, into a buffer at offset: at most count bytes, and no
 * more than the capacity has room for (LLNET_ALL: all the room). The buffer's
 * capacity does not change, nor its size: llnet_buffer_set_size. ENOBUFS:
 * there is no room; LLNET_EBOUNDS: offset lies beyond the capacity. */
LLNET_API llnet_count llnet_socket_recv_buffer(llnet_socket *self, llnet_buffer *buffer, size_t offset,
                                               size_t count, int flags);
LLNET_API llnet_count llnet_socket_recvfrom_buffer(llnet_socket *self, llnet_buffer *buffer, size_t offset,
                                                   size_t count, llnet_addr *from, int flags);

/* Sends and receives pieces of memory as one run of bytes, as writev(2) and readv(2)
 * do: sendmsg(2) with MSG_NOSIGNAL, recvmsg(2). Otherwise as send and recv; for
 * buffers, addresses and control data see llnet/message.h. EMSGSIZE: more pieces
 * than the system takes (IOV_MAX, 1024 on Linux). */
LLNET_API llnet_count llnet_socket_sendv(llnet_socket *self, const struct iovec *pieces, size_t count, int flags);
LLNET_API llnet_count llnet_socket_recvv(llnet_socket *self, const struct iovec *pieces, size_t count, int flags);

/* ---- state ------------------------------------------------------------ */

/* Waits for events on this one socket: poll(2). events and the result are
 * POLLIN, POLLOUT, POLLPRI, POLLRDHUP and, in the result only, POLLERR and
 * POLLHUP. timeout_ms in milliseconds; a negative one waits for ever. Returns
 * 0 when the time is up. EINVAL: other events; EBADF also where the descriptor
 * was closed behind the socket's back (POLLNVAL). */
LLNET_API llnet_count llnet_socket_poll(const llnet_socket *self, int events, int timeout_ms);

/* Reads and clears the pending error: getsockopt(2) SO_ERROR. The result is
 * that error itself (-ECONNREFUSED after a failed connect), 0 for none. */
LLNET_API llnet_status llnet_socket_take_error(llnet_socket *self);

/* Switches non-blocking mode: fcntl(2) F_GETFL, and F_SETFL where it changes.
 * The mode belongs to the open socket, so dups share it. */
LLNET_API llnet_status llnet_socket_set_nonblock(llnet_socket *self, bool on);
LLNET_API llnet_status llnet_socket_get_nonblock(const llnet_socket *self, bool *value);

/* Switches close-on-exec, which is on by default: fcntl(2) F_GETFD, F_SETFD. */
LLNET_API llnet_status llnet_socket_set_cloexec(llnet_socket *self, bool on);
LLNET_API llnet_status llnet_socket_get_cloexec(const llnet_socket *self, bool *value);

/* Bytes that wait to be received (a datagram socket: of the next datagram):
 * ioctl(2) SIOCINQ/FIONREAD. EINVAL: it listens. */
LLNET_API llnet_count llnet_socket_get_queued_in(const llnet_socket *self);

/* Bytes queued to be sent: TCP: not yet acknowledged by the peer; others on
 * Linux: kernel memory held by what has not gone yet, overhead included.
 * ioctl(2) SIOCOUTQ/TIOCOUTQ. EINVAL: it listens (a Unix listener: 0); ENOTSUP
 * where the platform has no such call. */
LLNET_API llnet_count llnet_socket_get_queued_out(const llnet_socket *self);

/* Of those, the bytes that were not sent even once: ioctl(2) SIOCOUTQNSD, TCP on
 * Linux. ENOTSUP elsewhere; EINVAL, ENOTTY: not a TCP connection. */
LLNET_API llnet_count llnet_socket_get_queued_unsent(const llnet_socket *self);

/* The backlog that the kernel gave a listening TCP socket, and how many connections
 * wait in it to be accepted: getsockopt(2) TCP_INFO on Linux, SO_LISTENQLIMIT and
 * SO_LISTENQLEN where they are. The queue is full when more wait than the limit: Linux
 * takes one more. EINVAL: it does not listen; ENOTSUP: not TCP, or the system does not
 * tell. On error both are as they were. */
LLNET_API llnet_status llnet_socket_get_backlog(const llnet_socket *self, uint32_t *limit, uint32_t *waiting);

/* The process at the other end of a Unix socket, as a descriptor (pidfd_open(2)) that
 * poll(2) finds readable when it ends: getsockopt(2) SO_PEERPIDFD. It becomes
 * close-on-exec (the kernel makes it so). ENOPROTOOPT: Linux before 6.5; ENODATA,
 * EINVAL, ESRCH: there is no such process; ENOTSUP: not Linux. */
LLNET_API llnet_status llnet_socket_get_peer_pidfd(const llnet_socket *self, llnet_socket *out);

/* Whether the next byte to read is the urgent mark: sockatmark(3). */
LLNET_API llnet_status llnet_socket_at_mark(const llnet_socket *self, bool *value);

#ifdef __cplusplus
}
#endif
#endif
