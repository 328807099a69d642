/* SPDX-License-Identifier: MIT */
/* llnet/batch.h: many datagrams in one system call: a batch of messages
 * (sendmmsg(2), recvmmsg(2)), and one buffer that the kernel cuts into datagrams
 * or joins of them (UDP_SEGMENT, UDP_GRO; udp(7)).
 *
 * A batch is made once, with all its memory, and used for call after call
 * without allocation. It belongs to one thread at a time. */
#ifndef LLNET_BATCH_H
#define LLNET_BATCH_H

#include <llnet/message.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
    /* The most messages that the kernel takes in one call. */
    LLNET_BATCH_MAX = 1024,
    /* The most datagrams that every kernel with UDP_SEGMENT cuts of one send. */
    LLNET_SEGMENTS_MAX = 64
};

typedef struct llnet_batch llnet_batch;

/* Makes a batch of capacity messages, each with a buffer of data_size bytes as its
 * only segment (0: none) and control_size bytes of room for control data. EINVAL:
 * capacity is 0 or more than LLNET_BATCH_MAX; ENOMEM. On error *out is NULL. */
LLNET_API llnet_status llnet_batch_new(llnet_batch **out, size_t capacity, size_t data_size, size_t control_size);

/* Frees it; NULL is allowed. Messages and buffers that somebody else holds stay. */
LLNET_API void llnet_batch_free(llnet_batch *self);

/* How many messages it has. */
LLNET_API size_t llnet_batch_get_capacity(const llnet_batch *self);

/* The message at an index, counted from 0, and its buffer: a further hold on it,
 * which the caller frees. What is set there holds for the calls below.
 * LLNET_EBOUNDS; ENOENT: the batch was made with a data_size of 0. */
LLNET_API llnet_status llnet_batch_get_message(llnet_batch *self, size_t index, llnet_message **out);
LLNET_API llnet_status llnet_batch_get_buffer(llnet_batch *self, size_t index, llnet_buffer **out);

/* Short for what is most often done with a message and its buffer; LLNET_EBOUNDS: no
 * message has this index. */

/* Replaces the bytes in the buffer. LLNET_EBOUNDS also where they are more than its
 * capacity, data_size at first: nothing is allocated. ENOENT: there is no buffer. */
LLNET_API llnet_status llnet_batch_set_data(llnet_batch *self, size_t index, const void *data, size_t len);

/* How many bytes came with this message, or went. */
LLNET_API llnet_count llnet_batch_get_size(const llnet_batch *self, size_t index);

/* Where the message goes (NULL: nowhere, the socket is connected), or who sent it
 * (ENOENT: nobody is known). */
LLNET_API llnet_status llnet_batch_set_address(llnet_batch *self, size_t index, const llnet_addr *to);
LLNET_API llnet_status llnet_batch_get_address(const llnet_batch *self, size_t index, llnet_addr *out);

/* Sends at most limit messages (LLNET_ALL: all there are) from index first on:
 * sendmmsg(2) with MSG_NOSIGNAL; where that is missing, sendmsg(2) for each.
 * Returns how many went, which may be fewer: go on at first + result. An error
 * is that of the first message alone. LLNET_EBOUNDS: first is beyond the
 * capacity, or a segment's range. */
LLNET_API llnet_count llnet_socket_send_batch(llnet_socket *self, llnet_batch *batch, size_t first, size_t limit,
                                              int flags);

/* Receives at most limit messages (LLNET_ALL: as many as there are) into the batch
 * from index 0 on: recvmmsg(2) with MSG_CMSG_CLOEXEC, as llnet_socket_recv_message;
 * where that call is missing, recvmsg(2) for each. Returns how many came. A blocking
 * socket waits until all have come; with MSG_WAITFORONE only for the first. The
 * messages asked for that did not come, on error all, have size 0, no address, no
 * control data and, where the system was asked, empty buffers. LLNET_EBOUNDS, EFAULT: a segment, as in
 * llnet_socket_recv_message. The end of a stream, which has no datagrams, is
 * LLNET_ECLOSED where nothing else came. */
LLNET_API llnet_count llnet_socket_recv_batch(llnet_socket *self, llnet_batch *batch, size_t limit, int flags);

/* ---- segmentation offload --------------------------------------------- */

/* Sends len bytes as datagrams of segment_size bytes, the last one may be shorter:
 * sendmsg(2) with UDP_SEGMENT, one call. Returns how many bytes went, whole
 * datagrams always. LLNET_ESEGMENTS: more than LLNET_SEGMENTS_MAX datagrams, or
 * more than 65507 bytes (the largest that fits a UDP datagram over IPv4), in one call;
 * EINVAL: a segment_size of 0, or MSG_MORE; EOPNOTSUPP: a stream. Where the platform
 * has no UDP_SEGMENT, the socket is not UDP, or the kernel refuses it for this socket
 * or route (EINVAL, EIO, EMSGSIZE, EOPNOTSUPP), a loop of sendto(2), one for each
 * datagram: then an error after the first gives the bytes that went; but with
 * MSG_ZEROCOPY, whose notifications count calls, that error (EOPNOTSUPP where there is
 * no UDP_SEGMENT). What is one datagram goes by sendto(2), which the socket's own option
 * UDP_SEGMENT cuts where a program set it. 0 bytes are one empty datagram. to NULL: the
 * socket is connected. The first call on a socket costs a
 * getsockopt(2) to learn whether it has UDP_SEGMENT, and one for the type of a socket
 * that was adopted or borrowed. */
LLNET_API llnet_count llnet_socket_send_segments(llnet_socket *self, const void *data, size_t len,
                                                 size_t segment_size, const llnet_addr *to, int flags);

/* The same from a buffer: count bytes from offset on, or LLNET_ALL. LLNET_EBOUNDS. */
LLNET_API llnet_count llnet_socket_send_segments_buffer(llnet_socket *self, const llnet_buffer *buffer,
                                                        size_t offset, size_t count, size_t segment_size,
                                                        const llnet_addr *to, int flags);

/* Receives one datagram, or where the option UDP_GRO is on a run of them that the
 * kernel joined: recvmsg(2), one call. Returns how many bytes came in all;
 * segment_size gets the size of the datagrams they are (the last may be shorter),
 * which for a single one is the result itself (0: an empty one). Give it 65535 bytes of room: what
 * has none is lost, and ENOBUFS is returned in its place (unless flags has
 * MSG_TRUNC: then the result is the whole length). from may be NULL. The first call on
 * a socket costs a getsockopt(2) as above. */
LLNET_API llnet_count llnet_socket_recv_segments(llnet_socket *self, void *data, size_t len, size_t *segment_size,
                                                 llnet_addr *from, int flags);

/* The same into a buffer at offset, at most count bytes (LLNET_ALL: all the room);
 * its size does not change. */
LLNET_API llnet_count llnet_socket_recv_segments_buffer(llnet_socket *self, llnet_buffer *buffer, size_t offset,
                                                        size_t count, size_t *segment_size, llnet_addr *from,
                                                        int flags);

#ifdef __cplusplus
}
#endif
#endif
