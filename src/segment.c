/* SPDX-License-Identifier: MIT */
/* segment.c: many datagrams of one size as one run of bytes, which the kernel cuts and
 * joins (UDP_SEGMENT, UDP_GRO), and the loop that does it where the kernel won't. */
#include "internal.h"
#include "sys.h"

#include <string.h>
#include <sys/uio.h>

enum { BYTES_MAX = 65507 };

/* Whether the kernel cuts and joins this socket's datagrams; asks it once. */
static bool has_offload(llnet_socket *self) {
    uint32_t known = ll_socket_flags(self) & (LL_SOCKET_OFFLOAD | LL_SOCKET_NO_OFFLOAD);

    if (known == 0) {
        known = ll_sys_has_segments(ll_socket_fd(self)) ? LL_SOCKET_OFFLOAD : LL_SOCKET_NO_OFFLOAD;
        __atomic_fetch_or(&self->flags, known, __ATOMIC_RELAXED);
    }
    return known == LL_SOCKET_OFFLOAD;
}

/* ---- sending ----------------------------------------------------------------- */

static llnet_count send_at_once(llnet_socket *self, const void *data, size_t len, size_t segment_size,
                                const llnet_addr *to, int flags) {
    struct iovec bytes = {(void *)(uintptr_t)data, len};
    union {
        struct cmsghdr header; /* aligns it */
        char bytes[LL_SYS_SEGMENT_ROOM];
    } room;
    struct msghdr message;
    ssize_t n;

    memset(&message, 0, sizeof message);
    message.msg_iov = &bytes;
    message.msg_iovlen = 1;
    if (to != NULL) {
        message.msg_name = (void *)(uintptr_t)to->data.bytes;
        message.msg_namelen = ll_addr_len(to);
    }
    message.msg_control = &room;
    ll_sys_put_segment_size(&message, segment_size);
    n = sendmsg(ll_socket_fd(self), &message, flags | MSG_NOSIGNAL);
    return n < 0 ? ll_data_error() : n;
}

static llnet_count send_one_by_one(llnet_socket *self, const void *data, size_t len, size_t segment_size,
                                   const llnet_addr *to, int flags) {
    llnet_count n = 0;
    size_t done, part;

    for (done = 0; done < len; done += part) {
        part = len - done < segment_size ? len - done : segment_size;
        n = llnet_socket_sendto(self, (const char *)data + done, part, to, flags);
        if (n < 0)
            return done > 0 ? (llnet_count)done : n;
    }
    return (llnet_count)len;
}

/* Whether this is the kernel's way of saying that it does not cut here: the device cannot,
 * checksums are off, it does not fit the path. */
static bool is_refusal(llnet_count result) {
    return result == -EINVAL || result == -EIO || result == -EMSGSIZE || result == -EOPNOTSUPP;
}

llnet_count llnet_socket_send_segments(llnet_socket *self, const void *data, size_t len, size_t segment_size,
                                       const llnet_addr *to, int flags) {
    llnet_count n;

    if (ll_socket_fd(self) < 0)
        return -EBADF;
    if (segment_size == 0 || (flags & MSG_MORE) != 0)
        return -EINVAL; /* the loop would make one datagram of all */
    if (len > BYTES_MAX || (len > 0 && (len - 1) / segment_size >= LLNET_SEGMENTS_MAX))
        return -LLNET_ESEGMENTS;
    if ((ll_socket_learn_kind(self) & LL_SOCKET_END) != 0)
        return -EOPNOTSUPP;
    if (len <= segment_size)
        return llnet_socket_sendto(self, data, len, to, flags);
    if (!has_offload(self)) /* the kernel counts each send without copying: one must not become several */
        return (flags & LL_ZEROCOPY) != 0 ? -EOPNOTSUPP : send_one_by_one(self, data, len, segment_size, to, flags);
    n = send_at_once(self, data, len, segment_size, to, flags);
    return is_refusal(n) && (flags & LL_ZEROCOPY) == 0 ? send_one_by_one(self, data, len, segment_size, to, flags)
                                                       : n;
}

llnet_count llnet_socket_send_segments_buffer(llnet_socket *self, const llnet_buffer *buffer, size_t offset,
                                              size_t count, size_t segment_size, const llnet_addr *to, int flags) {
    const void *data;
    llnet_status status = ll_buffer_outgoing(self, buffer, offset, &count, &data, flags);

    return status < 0 ? status : llnet_socket_send_segments(self, data, count, segment_size, to, flags);
}

/* ---- receiving ------------------------------------------------------------------ */

llnet_count llnet_socket_recv_segments(llnet_socket *self, void *data, size_t len, size_t *segment_size,
                                       llnet_addr *from, int flags) {
    /* other control messages may come too, where their options are on */
    union {
        struct cmsghdr header;
        char bytes[512];
    } room;
    struct iovec bytes = {data, len};
    struct msghdr message;
    llnet_addr addr;
    ssize_t n;

    if (ll_socket_fd(self) < 0)
        return -EBADF;
    memset(&message, 0, sizeof message);
    message.msg_iov = &bytes;
    message.msg_iovlen = 1;
    message.msg_name = addr.data.bytes;
    message.msg_namelen = from == NULL ? 0 : sizeof addr.data.bytes;
    if (has_offload(self)) { /* a Unix socket would give descriptors, too, which nobody takes */
        message.msg_control = room.bytes;
        message.msg_controllen = sizeof room.bytes;
    }
    n = recvmsg(ll_socket_fd(self), &message, flags);
    if (n < 0)
        return ll_data_error();
    if (n == 0 && ll_socket_end_or_empty(self, len > 0, flags) < 0)
        return -LLNET_ECLOSED;
    if ((message.msg_flags & MSG_TRUNC) != 0 && (flags & MSG_TRUNC) == 0)
        return -ENOBUFS;
    *segment_size = ll_sys_get_segment_size(&message);
    if (*segment_size == 0 || *segment_size > (size_t)n)
        *segment_size = (size_t)n;
    if (from != NULL)
        ll_addr_assign(from, addr.data.bytes, message.msg_namelen);
    return n;
}

llnet_count llnet_socket_recv_segments_buffer(llnet_socket *self, llnet_buffer *buffer, size_t offset, size_t count,
                                              size_t *segment_size, llnet_addr *from, int flags) {
    void *data;
    llnet_status status = ll_buffer_incoming(self, buffer, offset, &count, &data);

    return status < 0 ? status : llnet_socket_recv_segments(self, data, count, segment_size, from, flags);
}
