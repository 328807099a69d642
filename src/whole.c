/* SPDX-License-Identifier: MIT */
/* whole.c: transfers of several calls that end when all is done or a deadline passes. They
 * never block in a call but in poll(2), so that they are the same on every socket. */
#include "internal.h"
#include "sys.h"

#include <fcntl.h>
#include <limits.h>

enum { UNIX_RETRY_MS = 5, ERROR_RETRY_MS = 1, RECORD_ROOM = 4096 };

/* ---- waiting ------------------------------------------------------------------ */

static bool is_past(int64_t deadline) {
    return deadline != LLNET_NEVER && llnet_clock_now() >= deadline;
}

/* Milliseconds to the deadline, rounded up; -1: there is none. */
static int timeout_to(int64_t deadline) {
    int64_t now = llnet_clock_now(), rest;

    if (deadline == LLNET_NEVER)
        return -1;
    if (deadline <= now)
        return 0;
    rest = (deadline - now - 1) / 1000000 + 1;
    return rest > INT_MAX ? INT_MAX : (int)rest;
}

/* After POLLERR alone: the socket's error queue has something (MSG_ERRQUEUE), which is the
 * caller's, and poll(2) says so for as long; so it cannot wait, and time must be looked at
 * here. */
static llnet_status wait_beside_errors(int64_t deadline) {
    if (is_past(deadline))
        return -ETIMEDOUT;
    return poll(NULL, 0, ERROR_RETRY_MS) < 0 ? -errno : 0;
}

/* Waits for the descriptor, or without one for the time alone. */
static llnet_status wait_for(int fd, short events, int64_t deadline, int most_ms) {
    struct pollfd watched = {fd, events, 0};
    int timeout, n;

    for (;;) {
        timeout = timeout_to(deadline);
        if (most_ms >= 0 && (timeout < 0 || timeout > most_ms))
            timeout = most_ms;
        n = poll(&watched, fd < 0 ? 0 : 1, timeout);
        if (n < 0)
            return -errno;
        if (n > 0 && watched.revents == POLLERR)
            return wait_beside_errors(deadline);
        if (n > 0)
            return (watched.revents & POLLNVAL) != 0 ? -EBADF : 0;
        if (is_past(deadline))
            return -ETIMEDOUT;
        if (fd < 0)
            return 0;
    }
}

static bool would_block(llnet_count result) {
    return result == -EAGAIN || result == -EWOULDBLOCK;
}

/* ---- sending, receiving ------------------------------------------------------------ */

llnet_status llnet_socket_send_all(llnet_socket *self, const void *data, size_t len, int64_t deadline,
                                   size_t *progress) {
    llnet_status status = 0;
    llnet_count n;

    *progress = 0;
    if (ll_socket_fd(self) < 0)
        return -EBADF;
    while (*progress < len && status == 0) {
        n = llnet_socket_send(self, (const char *)data + *progress, len - *progress, MSG_DONTWAIT);
        if (n >= 0)
            *progress += (size_t)n;
        if (would_block(n))
            status = is_past(deadline) ? -ETIMEDOUT : wait_for(ll_socket_fd(self), POLLOUT, deadline, -1);
        else if (n < 0)
            status = (llnet_status)n;
        else if (*progress < len && is_past(deadline))
            status = -ETIMEDOUT;
    }
    return status;
}

llnet_status llnet_socket_send_all_buffer(llnet_socket *self, const llnet_buffer *buffer, size_t offset,
                                          size_t count, int64_t deadline, size_t *progress) {
    const void *data;
    llnet_status status = ll_buffer_outgoing(self, buffer, offset, &count, &data, 0);

    *progress = 0;
    return status < 0 ? status : llnet_socket_send_all(self, data, count, deadline, progress);
}

llnet_status llnet_socket_recv_exact(llnet_socket *self, void *data, size_t len, int64_t deadline,
                                     size_t *progress) {
    llnet_status status = 0;
    llnet_count n;

    *progress = 0;
    if (ll_socket_fd(self) < 0)
        return -EBADF;
    if (ll_socket_has_datagrams(self)) /* one that is shut down is readable, and gives EAGAIN */
        return -EOPNOTSUPP;
    while (*progress < len && status == 0) {
        n = llnet_socket_recv(self, (char *)data + *progress, len - *progress, MSG_DONTWAIT);
        if (n >= 0)
            *progress += (size_t)n;
        if (would_block(n))
            status = is_past(deadline) ? -ETIMEDOUT : wait_for(ll_socket_fd(self), POLLIN, deadline, -1);
        else if (n < 0)
            status = (llnet_status)n;
        else if (*progress < len && is_past(deadline))
            status = -ETIMEDOUT;
    }
    return status;
}

llnet_status llnet_socket_recv_exact_buffer(llnet_socket *self, llnet_buffer *buffer, size_t offset, size_t count,
                                            int64_t deadline, size_t *progress) {
    size_t capacity = llnet_buffer_get_capacity(buffer);
    llnet_status status = 0;

    *progress = 0;
    if (ll_socket_fd(self) < 0)
        return -EBADF;
    if (offset > capacity || (count != LLNET_ALL && count > capacity - offset))
        return -LLNET_EBOUNDS;
    if (count == LLNET_ALL)
        count = capacity - offset;
    if (count > 0)
        status = llnet_socket_recv_exact(self, (char *)ll_buffer_room(buffer) + offset, count, deadline, progress);
    if (status == 0 || *progress > 0)
        llnet_buffer_set_size(buffer, offset + *progress);
    return status;
}

/* ---- records --------------------------------------------------------------------- */

/* Makes room at the end of the buffer, within the limit. */
static llnet_status make_room(llnet_buffer *buffer, size_t limit) {
    size_t size = llnet_buffer_get_size(buffer), capacity = llnet_buffer_get_capacity(buffer), wanted;

    if (size >= limit)
        return -ENOBUFS;
    if (size < capacity)
        return 0;
    wanted = capacity < RECORD_ROOM ? RECORD_ROOM : capacity + capacity / 2;
    return llnet_buffer_set_capacity(buffer, wanted > limit ? limit : wanted);
}

/* Receives once, at the end of the buffer; waits where nothing is there. */
static llnet_status receive_more(llnet_socket *self, llnet_buffer *buffer, size_t limit, int64_t deadline) {
    size_t size = llnet_buffer_get_size(buffer);
    llnet_status status = make_room(buffer, limit);
    llnet_count n;

    if (status < 0)
        return status;
    n = llnet_socket_recv_buffer(self, buffer, size, limit - size, MSG_DONTWAIT);
    if (would_block(n))
        return wait_for(ll_socket_fd(self), POLLIN, deadline, -1);
    if (n < 0)
        return (llnet_status)n;
    llnet_buffer_set_size(buffer, size + (size_t)n);
    return 0;
}

llnet_count llnet_socket_recv_until(llnet_socket *self, llnet_buffer *buffer, const void *data, size_t len,
                                    size_t limit, int64_t deadline) {
    llnet_status status = 0;
    llnet_count place;
    size_t searched = 0, size;

    if (ll_socket_fd(self) < 0)
        return -EBADF;
    if (len == 0)
        return -EINVAL;
    if (ll_socket_has_datagrams(self))
        return -EOPNOTSUPP;
    for (;;) {
        place = llnet_buffer_find(buffer, data, len, searched);
        if (place >= 0)
            return place + (llnet_count)len;
        if (status < 0)
            return status;
        /* a delimiter may have come in part */
        size = llnet_buffer_get_size(buffer);
        searched = size >= len ? size - len + 1 : 0;
        status = receive_more(self, buffer, limit, deadline);
        if (status < 0)
            return status;
        if (is_past(deadline))
            status = -ETIMEDOUT; /* unless the record is there now */
    }
}

/* ---- connecting --------------------------------------------------------------------- */

/* Asks until the kernel has begun, or said no: the queue of a Unix listener that is full
 * can only be asked again. */
static llnet_status begin_connect(llnet_socket *self, const llnet_addr *addr, int64_t deadline) {
    llnet_status status;

    for (;;) {
        status = llnet_socket_connect(self, addr);
        if (status != -EAGAIN || llnet_addr_get_family(addr) != AF_UNIX)
            return status;
        status = wait_for(-1, 0, deadline, UNIX_RETRY_MS);
        if (status < 0)
            return status;
    }
}

llnet_status llnet_socket_connect_until(llnet_socket *self, const llnet_addr *addr, int64_t deadline) {
    llnet_status status, restored;
    bool nonblock = false;

    status = llnet_socket_get_nonblock(self, &nonblock);
    if (status == 0 && !nonblock)
        status = llnet_socket_set_nonblock(self, true);
    if (status < 0)
        return status;
    status = begin_connect(self, addr, deadline);
    /* EALREADY: a former call was interrupted, or its deadline passed */
    if (status == -EINPROGRESS || status == -EALREADY) {
        status = wait_for(ll_socket_fd(self), POLLOUT, deadline, -1);
        if (status == 0)
            status = llnet_socket_take_error(self);
    }
    if (!nonblock) {
        restored = llnet_socket_set_nonblock(self, false);
        if (status == 0)
            status = restored;
    }
    return status;
}
