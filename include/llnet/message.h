/* SPDX-License-Identifier: MIT */
/* llnet/message.h: one sendmsg(2) or recvmsg(2): where the bytes are, whose
 * address, and the control messages (cmsg(3)) by named fields.
 *
 * A message is made once and serves call after call. Only new, and the adding
 * of more segments than it ever had, allocate.
 *
 * The bytes are a list of segments: the caller's memory, or ranges of buffers,
 * in order. Nothing is copied: the caller's memory must stay until the call; a
 * buffer is held by the message, and looked at when the call is made, so that
 * it may grow or be freed meanwhile.
 *
 * The address is the one to send to, and after a receive the sender's: so a
 * reply needs no set_address. Control data is either to be sent (set_ and add_
 * functions) or what the last receive brought (get_ and take_); what was
 * received is never sent, and the first set_ or add_ after a receive begins
 * anew. Where a field does not depend on the family (ttl, traffic class) both
 * families' messages are given, of which the kernel takes its own.
 *
 * Descriptors that came are close-on-exec and belong to the message until one
 * is taken; the next receive, clear_control, reset and free close the rest.
 *
 * All get_ and take_ functions give ENOENT where the message has nothing of the
 * kind: what the kernel attaches is chosen by socket options, named at each.
 * ENOTSUP: this platform has no such control message. A message belongs to one
 * thread at a time. */
#ifndef LLNET_MESSAGE_H
#define LLNET_MESSAGE_H

#include <llnet/addr.h>
#include <llnet/base.h>
#include <llnet/buffer.h>
#include <llnet/socket.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
    /* Room for control data that suits most: all the named fields at once, or
     * some 100 descriptors. */
    LLNET_MESSAGE_CONTROL = 512,
    /* The most descriptors that Linux passes in one message: SCM_MAX_FD. */
    LLNET_MESSAGE_DESCRIPTORS_MAX = 253
};

typedef struct llnet_message llnet_message;

/* Makes a message without segments and address, with room for control_size bytes
 * of control data; 0 is none at all. ENOMEM: *out is NULL. */
LLNET_API llnet_status llnet_message_new(llnet_message **out, size_t control_size);

/* Frees it (one of a batch: gives back the hold on it); NULL is allowed. */
LLNET_API void llnet_message_free(llnet_message *self);

/* No segments, no address, no control data; the room for them stays. */
LLNET_API void llnet_message_reset(llnet_message *self);

/* ---- the bytes -------------------------------------------------------- */

/* Adds bytes to be sent. ENOMEM. */
LLNET_API llnet_status llnet_message_add_data(llnet_message *self, const void *data, size_t len);

/* Adds memory to receive into, which may be sent too. ENOMEM. */
LLNET_API llnet_status llnet_message_add_space(llnet_message *self, void *data, size_t len);

/* Adds a range of a buffer: count bytes from offset on. LLNET_ALL: up to its
 * size when sending, up to its capacity when receiving. A range that is not
 * there when the call is made gives LLNET_EBOUNDS from it. A receive sets the
 * buffer's size to what came: offset + its share; of an empty share too.
 * ENOMEM. */
LLNET_API llnet_status llnet_message_add_buffer(llnet_message *self, llnet_buffer *buffer, size_t offset,
                                                size_t count);

/* Forgets all segments. */
LLNET_API void llnet_message_clear_data(llnet_message *self);

/* How many segments there are. */
LLNET_API size_t llnet_message_get_segment_count(const llnet_message *self);

/* ---- the address ------------------------------------------------------ */

/* Where to send it; NULL: nowhere, the socket is connected. */
LLNET_API void llnet_message_set_address(llnet_message *self, const llnet_addr *to);

/* Where it goes, or who sent it. ENOENT: none, or an unnamed sender. */
LLNET_API llnet_status llnet_message_get_address(const llnet_message *self, llnet_addr *out);

/* ---- the calls -------------------------------------------------------- */

/* Sends: sendmsg(2) with MSG_NOSIGNAL. Returns how many bytes went, which may be
 * fewer than all on a stream; control data has then gone with the first part,
 * so clear it before the rest. EMSGSIZE: too long, or more segments than the
 * system takes (IOV_MAX); LLNET_EBOUNDS: a segment's range. */
LLNET_API llnet_count llnet_socket_send_message(llnet_socket *self, llnet_message *message, int flags);

/* Receives: recvmsg(2) with MSG_CMSG_CLOEXEC (the first one of a packet socket once
 * more without it, which that refuses). Returns how many bytes came; the
 * end of a stream is LLNET_ECLOSED, as in llnet_socket_recv. On error the
 * address stays and the message has no control data. EFAULT: a segment was
 * added by add_data. MSG_TRUNC as in llnet_socket_recv: on a stream nothing is
 * written, though Buffers get the size of what was discarded. With MSG_ERRQUEUE the
 * bytes are those of the datagram that
 * failed and the address is where it went: see get_error. */
LLNET_API llnet_count llnet_socket_recv_message(llnet_socket *self, llnet_message *into, int flags);

/* How many bytes the last call moved, 0 before the first and after an error. */
LLNET_API size_t llnet_message_get_size(const llnet_message *self);

/* What the last receive said of itself: MSG_TRUNC, MSG_CTRUNC, MSG_EOR, MSG_OOB,
 * MSG_ERRQUEUE; 0 after a send. */
LLNET_API int llnet_message_get_flags(const llnet_message *self);

/* Whether a datagram was longer than the segments: MSG_TRUNC. */
LLNET_API bool llnet_message_is_truncated(const llnet_message *self);

/* Whether control data did not fit, and descriptors among it were lost:
 * MSG_CTRUNC. */
LLNET_API bool llnet_message_is_control_truncated(const llnet_message *self);

/* ---- control data to send: ENOBUFS where the room does not suffice; a field
 * that was set before is replaced ---------------------------------------- */

/* Forgets all control data; closes descriptors that came and were not taken. */
LLNET_API void llnet_message_clear_control(llnet_message *self);

/* Passes a descriptor to the receiver: SCM_RIGHTS (unix(7)). It stays the
 * caller's and must be open when the message is sent; with a byte of data at
 * least. EBADF: no descriptor can have this number; E2BIG: more than
 * LLNET_MESSAGE_DESCRIPTORS_MAX; EINVAL: add_control put half a descriptor there. */
LLNET_API llnet_status llnet_message_add_descriptor(llnet_message *self, intptr_t fd);

/* Says who sends: SCM_CREDENTIALS (unix(7)); the kernel checks it. ERANGE: a
 * number that the platform's pid_t, uid_t or gid_t cannot hold. */
LLNET_API llnet_status llnet_message_set_credentials(llnet_message *self, int64_t pid, int64_t uid, int64_t gid);

/* Chooses the source address and the interface that a datagram leaves by:
 * IP_PKTINFO (ip(7)), IPV6_PKTINFO (RFC 3542). A wildcard address leaves it to
 * the kernel, ifindex 0 the interface. The port does not count. EAFNOSUPPORT:
 * not an IP address; ENODEV: no interface can have this index. */
LLNET_API llnet_status llnet_message_set_source(llnet_message *self, const llnet_addr *addr, uint32_t ifindex);

/* Time to live, hop limit: IP_TTL, IPV6_HOPLIMIT. EINVAL: outside 1..255. */
LLNET_API llnet_status llnet_message_set_ttl(llnet_message *self, int ttl);

/* The byte of DSCP and ECN (RFC 2474, 3168): IP_TOS, IPV6_TCLASS. EINVAL: outside
 * 0..255. */
LLNET_API llnet_status llnet_message_set_traffic_class(llnet_message *self, int traffic_class);

/* Cuts the bytes into datagrams of this many, the last one may be shorter:
 * UDP_SEGMENT (udp(7)). EINVAL: 0, or more than 65535. See batch.h for a call
 * that falls back where the kernel refuses. */
LLNET_API llnet_status llnet_message_set_segment_size(llnet_message *self, size_t segment_size);

/* Asks for transmit timestamps of this message alone: SO_TIMESTAMPING's
 * SOF_TIMESTAMPING_TX_SOFTWARE, ... They come through the error queue. */
LLNET_API llnet_status llnet_message_set_timestamping(llnet_message *self, uint32_t timestamping);

/* When to let it leave, in nanoseconds of the clock that SO_TXTIME named:
 * SCM_TXTIME. */
LLNET_API llnet_status llnet_message_set_txtime(llnet_message *self, int64_t txtime);

/* Adds a control message of any kind: its level, type and bytes (cmsg(3)). */
LLNET_API llnet_status llnet_message_add_control(llnet_message *self, int level, int control_type, const void *data,
                                                 size_t len);

/* ---- control data that came ------------------------------------------- */

/* How many descriptors came and were not yet taken. */
LLNET_API size_t llnet_message_get_descriptor_count(const llnet_message *self);

/* Takes the next one, in the order sent; it is then the caller's. It need not be
 * a socket: llnet_socket_detach gives the number. ENOENT: none is left. */
LLNET_API llnet_status llnet_message_take_descriptor(llnet_message *self, llnet_socket *out);

/* Takes the descriptor that stands for the sending process (pidfd_open(2)).
 * Asked for by SO_PASSPIDFD. */
LLNET_API llnet_status llnet_message_take_pidfd(llnet_message *self, llnet_socket *out);

/* Who sent it, as the kernel vouches: SO_PASSCRED. */
LLNET_API llnet_status llnet_message_get_credentials(const llnet_message *self, int64_t *pid, int64_t *uid,
                                                     int64_t *gid);

/* The address that it was sent to (port 0), and the interface it came by:
 * IP_PKTINFO, IPV6_RECVPKTINFO. */
LLNET_API llnet_status llnet_message_get_destination(const llnet_message *self, llnet_addr *out);
LLNET_API llnet_status llnet_message_get_interface(const llnet_message *self, uint32_t *value);

/* Address and port that it was sent to before it was redirected here:
 * IP_RECVORIGDSTADDR, IPV6_RECVORIGDSTADDR. */
LLNET_API llnet_status llnet_message_get_original_destination(const llnet_message *self, llnet_addr *out);

/* Time to live, hop limit: IP_RECVTTL, IPV6_RECVHOPLIMIT. */
LLNET_API llnet_status llnet_message_get_ttl(const llnet_message *self, int *value);

/* The byte of DSCP and ECN: IP_RECVTOS, IPV6_RECVTCLASS; and its two bits of ECN
 * alone (RFC 3168). */
LLNET_API llnet_status llnet_message_get_traffic_class(const llnet_message *self, int *value);
LLNET_API llnet_status llnet_message_get_ecn(const llnet_message *self, int *value);

/* When the kernel received it, or (from the error queue) sent it, in nanoseconds
 * since the Epoch: SO_TIMESTAMP (to the microsecond), SO_TIMESTAMPNS,
 * SO_TIMESTAMPING; and the network card's clock: SO_TIMESTAMPING. */
LLNET_API llnet_status llnet_message_get_timestamp(const llnet_message *self, int64_t *timestamp);
LLNET_API llnet_status llnet_message_get_hardware_timestamp(const llnet_message *self, int64_t *timestamp);

/* Of a transmit timestamp: at what point it was taken (SCM_TSTAMP_SND, _SCHED,
 * _ACK), and the number of the datagram or byte, where
 * SOF_TIMESTAMPING_OPT_ID asked for it. */
LLNET_API llnet_status llnet_message_get_timestamp_key(const llnet_message *self, int *kind, uint32_t *key);

/* The size of the datagrams that the kernel joined into this one: UDP_GRO. The
 * last may be shorter. */
LLNET_API llnet_status llnet_message_get_segment_size(const llnet_message *self, uint32_t *value);

/* How many datagrams the socket has dropped so far: SO_RXQ_OVFL. */
LLNET_API llnet_status llnet_message_get_drop_count(const llnet_message *self, uint32_t *value);

/* Of a message from the error queue (MSG_ERRQUEUE; IP_RECVERR, IPV6_RECVERR):
 * what happened (ECONNREFUSED, as a positive number), who says so
 * (SO_EE_ORIGIN_LOCAL, _ICMP, _ICMP6, ...), ICMP type and code, and what else
 * it says: EMSGSIZE has the path's MTU in info. */
LLNET_API llnet_status llnet_message_get_error(const llnet_message *self, int *error, int *origin, int *type,
                                               int *code, uint32_t *info);

/* The router or host that reported the error. */
LLNET_API llnet_status llnet_message_get_error_offender(const llnet_message *self, llnet_addr *out);

/* Of a message from the error queue: the sends with MSG_ZEROCOPY, counted from 0
 * for each socket, first to last, that are done, and whether the kernel copied
 * the bytes after all. Their memory is free again. SO_ZEROCOPY. */
LLNET_API llnet_status llnet_message_get_zerocopy(const llnet_message *self, uint32_t *first, uint32_t *last,
                                                  bool *copied);

/* Control data as it is: how many messages came or are to be sent, and of the
 * index-th its level and type, and its bytes, whose number is the result.
 * LLNET_EBOUNDS: there is no such; ENOBUFS. Descriptors stay the message's. */
LLNET_API size_t llnet_message_get_control_count(const llnet_message *self);
LLNET_API llnet_status llnet_message_get_control_type(const llnet_message *self, size_t index, int *level,
                                                      int *control_type);
LLNET_API llnet_count llnet_message_get_control_data(const llnet_message *self, size_t index, void *bytes,
                                                     size_t size);

#ifdef __cplusplus
}
#endif
#endif
