/* SPDX-License-Identifier: MIT */
/* llnet/transfer.h: bytes that move between descriptors inside the kernel, reading
 * and writing what is no socket, and transfers of several calls that end when all is
 * done or a deadline passes.
 *
 * sendfile, splice, tee and write are one system call for the transfer. The kernel has no
 * MSG_NOSIGNAL for them, so SIGPIPE is blocked in the calling thread meanwhile, and
 * taken off where the call raised it: sigprocmask(2) twice, sigtimedwait(2) after EPIPE
 * or where less moved than was asked for; but not where the program itself had one
 * pending. A program that ignores SIGPIPE by llnet_ignore_sigpipe is spared that.
 *
 * The whole transfers (send_all, recv_exact, recv_until, connect_until) are more
 * than one system call: they wait by poll(2) and go on until all is done,
 * whether the socket is blocking or not. A deadline is a moment of
 * llnet_clock_now, in nanoseconds; LLNET_NEVER is none; one that is past still
 * makes one try. They end with ETIMEDOUT at the deadline, EINTR when a signal
 * came, and any error of the socket; *progress then tells how many bytes had
 * moved, so that a caller can go on.
 * While the socket's error queue (MSG_ERRQUEUE) has something, they ask every ms. */
#ifndef LLNET_TRANSFER_H
#define LLNET_TRANSFER_H

#include <llnet/addr.h>
#include <llnet/base.h>
#include <llnet/buffer.h>
#include <llnet/socket.h>

#ifdef __cplusplus
extern "C" {
#endif

/* As a deadline: none. */
#define LLNET_NEVER INT64_MAX

/* ---- inside the kernel ------------------------------------------------ */

/* Ignores SIGPIPE in the whole process: sigaction(2). From then on sendfile, splice, tee
 * and write are one system call each, and nothing else. Programs that are executed inherit
 * it; one that gives SIGPIPE another action afterwards gets those calls' signals. */
LLNET_API llnet_status llnet_ignore_sigpipe(void);

/* Sends a part of a file: sendfile(2). file is a descriptor; file_offset where to
 * begin, or -1: at the file's position, which moves. Returns how many bytes
 * went, fewer than count when the file ends or the socket is full;
 * LLNET_ECLOSED: the file has nothing there. EINVAL: not a file that can be
 * mapped; ENOTSUP: the platform has no such call. */
LLNET_API llnet_count llnet_socket_sendfile(llnet_socket *self, intptr_t file, int64_t file_offset, size_t count);

/* Makes a pipe: pipe2(2), close-on-exec; out is the end to read, other the end to
 * write. flags: SOCK_NONBLOCK, SOCK_CLOEXEC. They are closed, polled, spliced
 * like sockets, read and written as below; other calls answer ENOTSOCK. */
LLNET_API llnet_status llnet_socket_open_pipe(llnet_socket *out, llnet_socket *other, int flags);

/* Moves bytes from self to another descriptor, of which one is a pipe: splice(2).
 * flags: SPLICE_F_MOVE, SPLICE_F_NONBLOCK, SPLICE_F_MORE. Returns how many moved;
 * LLNET_ECLOSED: self is at its end. EINVAL: neither is a pipe; ENOTSUP. */
LLNET_API llnet_count llnet_socket_splice(llnet_socket *self, llnet_socket *target, size_t count, int flags);

/* Copies bytes of the pipe self into the pipe target, where they can be read too:
 * tee(2). Otherwise as splice. */
LLNET_API llnet_count llnet_socket_tee(llnet_socket *self, llnet_socket *target, size_t count, int flags);

/* ---- what is no socket ------------------------------------------------ */

/* Reads at most len bytes of a pipe, a terminal, a file, an eventfd, or any other
 * descriptor that was adopted or borrowed, a socket, too: read(2). Returns how many came;
 * 0 where 0 were asked for, which takes nothing. The end is LLNET_ECLOSED, never 0, but for
 * a socket of datagrams, where 0 is an empty one: the first 0 costs a getsockopt(2) to
 * learn that. A terminal that is set to give up (VMIN 0) has no end, and gives
 * LLNET_ECLOSED when its time is up. EAGAIN, EINTR as recv. EINVAL: len is too small for
 * what comes in pieces of a size (8 bytes of an eventfd or a timerfd); EISDIR: a
 * directory; EIO: a terminal that hung up; EBADF: also what is open for writing only. */
LLNET_API llnet_count llnet_socket_read(llnet_socket *self, void *data, size_t len);

/* Writes: write(2), without a SIGPIPE, as told above. Returns how many bytes went, which
 * may be fewer than len. EPIPE: nobody reads the pipe any more; EAGAIN, EINTR as send.
 * EINVAL: len is not what it takes (8 bytes of an eventfd); EFBIG, ENOSPC, EDQUOT, EIO: a
 * file that has no room or fails; EDESTADDRREQ: a socket of datagrams without a peer;
 * EBADF: also what is open for reading only. */
LLNET_API llnet_count llnet_socket_write(llnet_socket *self, const void *data, size_t len);

/* ---- whole transfers -------------------------------------------------- */

/* Connects: connect(2), poll(2) and take_error; on a blocking socket also
 * fcntl(2) to make it non-blocking meanwhile. A Unix listener whose queue is full is
 * asked again every 5 ms. ETIMEDOUT, EINTR: the attempt goes on in the
 * kernel; call again to go on waiting, or close the socket. */
LLNET_API llnet_status llnet_socket_connect_until(llnet_socket *self, const llnet_addr *addr, int64_t deadline);

/* Sends all len bytes: send(2) as often as it takes. */
LLNET_API llnet_status llnet_socket_send_all(llnet_socket *self, const void *data, size_t len, int64_t deadline,
                                             size_t *progress);

/* The same from a buffer: count bytes from offset on, or LLNET_ALL. LLNET_EBOUNDS. */
LLNET_API llnet_status llnet_socket_send_all_buffer(llnet_socket *self, const llnet_buffer *buffer, size_t offset,
                                                    size_t count, int64_t deadline, size_t *progress);

/* Receives exactly len bytes of a stream: recv(2) as often as it takes.
 * LLNET_ECLOSED: it ended before; EOPNOTSUPP: no stream: datagrams or SOCK_SEQPACKET. */
LLNET_API llnet_status llnet_socket_recv_exact(llnet_socket *self, void *data, size_t len, int64_t deadline,
                                               size_t *progress);

/* The same into a buffer at offset: count bytes, for which it must have room, or
 * LLNET_ALL to its capacity; its size becomes offset + *progress, and stays as
 * it was where an error came first. LLNET_EBOUNDS: no such room. */
LLNET_API llnet_status llnet_socket_recv_exact_buffer(llnet_socket *self, llnet_buffer *buffer, size_t offset,
                                                      size_t count, int64_t deadline, size_t *progress);

/* Receives from a stream, at the end of the buffer, until the bytes of a delimiter
 * stand in it: recv(2) as often as it takes, none where they do already. Returns
 * how many bytes the record has, the delimiter included; what came after it
 * stays in the buffer for the next call: take the record with get_data and
 * llnet_buffer_consume. The buffer grows, up to limit bytes. ENOBUFS: it holds
 * that many and no delimiter; LLNET_ECLOSED: the stream ended before one came,
 * the rest is in the buffer; EINVAL: an empty delimiter; EOPNOTSUPP: no stream:
 * datagrams or SOCK_SEQPACKET; ENOMEM. */
LLNET_API llnet_count llnet_socket_recv_until(llnet_socket *self, llnet_buffer *buffer, const void *data,
                                              size_t len, size_t limit, int64_t deadline);

#ifdef __cplusplus
}
#endif
#endif
