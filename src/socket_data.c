/* SPDX-License-Identifier: MIT */
/* socket_data.c: sending and receiving bytes, from memory and from buffers. */
#include "internal.h"
#include "sys.h"

#include <limits.h>
#include <string.h>

bool ll_socket_is_stream(llnet_socket *self) {
    uint32_t kind = ll_socket_flags(self) & LL_SOCKET_KIND;
    int type = SOCK_DGRAM;
    socklen_t len = sizeof type;

    if (kind == 0) {
        if (getsockopt(ll_socket_fd(self), SOL_SOCKET, SO_TYPE, &type, &len) < 0)
            return false; /* not a socket: recv has failed before, read has not */
        kind = ll_socket_kind(type);
        __atomic_fetch_or(&self->flags, kind, __ATOMIC_RELAXED);
    }
    return kind == LL_SOCKET_STREAM;
}

bool ll_socket_has_datagrams(llnet_socket *self) {
    return !ll_socket_is_stream(self) && (ll_socket_flags(self) & LL_SOCKET_DATAGRAM) != 0;
}

llnet_count ll_socket_end_or_empty(llnet_socket *self, bool asked, int flags) {
#ifdef MSG_ERRQUEUE
    if ((flags & MSG_ERRQUEUE) != 0)
        return 0;
#else
    (void)flags;
#endif
    return asked && ll_socket_is_stream(self) ? -LLNET_ECLOSED : 0;
}

llnet_count llnet_socket_send(llnet_socket *self, const void *data, size_t len, int flags) {
    ssize_t n = send(ll_socket_fd(self), data, len, flags | MSG_NOSIGNAL);

    return n < 0 ? ll_data_error() : n;
}

llnet_count llnet_socket_recv(llnet_socket *self, void *data, size_t len, int flags) {
    ssize_t n = recv(ll_socket_fd(self), data, len, flags);

    if (n > 0)
        return n;
    return n < 0 ? ll_data_error() : ll_socket_end_or_empty(self, len > 0, flags);
}

llnet_count llnet_socket_sendto(llnet_socket *self, const void *data, size_t len, const llnet_addr *to, int flags) {
    ssize_t n;

    if (to == NULL)
        return llnet_socket_send(self, data, len, flags);
    n = sendto(ll_socket_fd(self), data, len, flags | MSG_NOSIGNAL, ll_addr_sockaddr(to), ll_addr_len(to));
    return n < 0 ? ll_data_error() : n;
}

llnet_count llnet_socket_recvfrom(llnet_socket *self, void *data, size_t len, llnet_addr *from, int flags) {
    llnet_addr addr;
    socklen_t addr_len = sizeof addr.data.bytes;
    ssize_t n;

    if (from == NULL)
        return llnet_socket_recv(self, data, len, flags);
    n = recvfrom(ll_socket_fd(self), data, len, flags, (struct sockaddr *)(void *)addr.data.bytes, &addr_len);
    if (n < 0)
        return ll_data_error();
    if (n == 0) {
        llnet_count end = ll_socket_end_or_empty(self, len > 0, flags);
        if (end < 0)
            return end;
    }
    ll_addr_assign(from, addr.data.bytes, addr_len);
    return n;
}

/* ---- several pieces ---- */

/* POSIX has the number of pieces as an int, and some systems do, too: they would cut it. */
static llnet_status set_pieces(struct msghdr *message, const struct iovec *pieces, size_t count) {
    memset(message, 0, sizeof *message);
    if (count > INT_MAX)
        return -EMSGSIZE;
    message->msg_iov = (struct iovec *)(uintptr_t)pieces;
    message->msg_iovlen = count;
    return 0;
}

llnet_count llnet_socket_sendv(llnet_socket *self, const struct iovec *pieces, size_t count, int flags) {
    struct msghdr message;
    llnet_status status = set_pieces(&message, pieces, count);
    ssize_t n;

    if (status < 0)
        return status;
    n = sendmsg(ll_socket_fd(self), &message, flags | MSG_NOSIGNAL);
    return n < 0 ? ll_data_error() : n;
}

llnet_count llnet_socket_recvv(llnet_socket *self, const struct iovec *pieces, size_t count, int flags) {
    struct msghdr message;
    llnet_status status = set_pieces(&message, pieces, count);
    bool asked = false;
    ssize_t n;
    size_t i;

    if (status < 0)
        return status;
    n = recvmsg(ll_socket_fd(self), &message, flags);
    if (n > 0)
        return n;
    for (i = 0; i < count && !asked; i++)
        asked = pieces[i].iov_len > 0;
    return n < 0 ? ll_data_error() : ll_socket_end_or_empty(self, asked, flags);
}

/* ---- buffers ---- */

llnet_status ll_buffer_outgoing(const llnet_socket *self, const llnet_buffer *buffer, size_t offset, size_t *count,
                                const void **data, int flags) {
    size_t size = llnet_buffer_get_size(buffer);

    if (ll_socket_fd(self) < 0)
        return -EBADF;
    if (offset > size || (*count != LLNET_ALL && *count > size - offset))
        return -LLNET_EBOUNDS;
    if (*count == LLNET_ALL)
        *count = size - offset;
    if (*count == 0)
        *data = "";
    else if ((flags & LL_ZEROCOPY) != 0)
        *data = (const char *)llnet_buffer_const_data(buffer) + offset;
    else
        *data = (const char *)ll_buffer_contents(buffer) + offset;
    return 0;
}

llnet_status ll_buffer_incoming(const llnet_socket *self, llnet_buffer *buffer, size_t offset, size_t *count,
                                void **data) {
    size_t capacity = llnet_buffer_get_capacity(buffer);

    *data = NULL;
    if (ll_socket_fd(self) < 0)
        return -EBADF;
    if (offset > capacity)
        return -LLNET_EBOUNDS;
    if (*count == 0)
        return 0; /* as recv: 0 bytes were asked for */
    if (offset == capacity)
        return -ENOBUFS;
    if (*count > capacity - offset)
        *count = capacity - offset;
    *data = (char *)ll_buffer_room(buffer) + offset;
    return 0;
}

llnet_count llnet_socket_send_buffer(llnet_socket *self, const llnet_buffer *buffer, size_t offset, size_t count,
                                     int flags) {
    const void *data;
    llnet_status status = ll_buffer_outgoing(self, buffer, offset, &count, &data, flags);

    return status < 0 ? status : llnet_socket_send(self, data, count, flags);
}

llnet_count llnet_socket_sendto_buffer(llnet_socket *self, const llnet_buffer *buffer, size_t offset, size_t count,
                                       const llnet_addr *to, int flags) {
    const void *data;
    llnet_status status = ll_buffer_outgoing(self, buffer, offset, &count, &data, flags);

    return status < 0 ? status : llnet_socket_sendto(self, data, count, to, flags);
}

llnet_count llnet_socket_recv_buffer(llnet_socket *self, llnet_buffer *buffer, size_t offset, size_t count,
                                     int flags) {
    void *data;
    llnet_status status = ll_buffer_incoming(self, buffer, offset, &count, &data);

    return status < 0 ? status : llnet_socket_recv(self, data, count, flags);
}

llnet_count llnet_socket_recvfrom_buffer(llnet_socket *self, llnet_buffer *buffer, size_t offset, size_t count,
                                         llnet_addr *from, int flags) {
    void *data;
    llnet_status status = ll_buffer_incoming(self, buffer, offset, &count, &data);

    return status < 0 ? status : llnet_socket_recvfrom(self, data, count, from, flags);
}
