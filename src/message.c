/* SPDX-License-Identifier: MIT */
/* message.c: a message's life, its segments and address, and sendmsg(2) and
 * recvmsg(2) with it. The control data is message_control.c's. */
#include "message.h"
#include "sys.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* ---- life ------------------------------------------------------------------- */

llnet_status llnet_message_new(llnet_message **out, size_t control_size) {
    llnet_message *self;

    *out = NULL;
    if (control_size > INT_MAX)
        return -ENOMEM;
    self = calloc(1, sizeof *self);
    if (self == NULL)
        return -ENOMEM;
    self->holds = 1;
    if (control_size > 0) {
        self->control = calloc(1, control_size); /* aligned for any type */
        if (self->control == NULL) {
            free(self);
            return -ENOMEM;
        }
        self->control_size = control_size;
    }
    *out = self;
    return 0;
}

llnet_message *ll_message_hold(llnet_message *self) {
    self->holds++;
    return self;
}

void llnet_message_free(llnet_message *self) {
    if (self == NULL || --self->holds > 0)
        return;
    llnet_message_reset(self);
    free(self->segments);
    free(self->vector);
    free(self->control);
    free(self);
}

void llnet_message_reset(llnet_message *self) {
    ll_message_drop_control(self);
    llnet_message_clear_data(self);
    self->has_address = false;
    self->flags = 0;
    self->size = 0;
}

/* ---- segments ----------------------------------------------------------------- */

/* The place of one more segment, NULL where there is no memory. */
static struct ll_segment *next_segment(llnet_message *self) {
    size_t room = self->segment_room == 0 ? 4 : self->segment_room * 2;
    struct ll_segment *segments;
    struct iovec *vector;

    if (self->segment_count == self->segment_room) {
        segments = realloc(self->segments, room * sizeof *segments);
        if (segments == NULL)
            return NULL;
        self->segments = segments;
        vector = realloc(self->vector, room * sizeof *vector);
        if (vector == NULL)
            return NULL;
        self->vector = vector;
        self->segment_room = room;
    }
    return &self->segments[self->segment_count];
}

static llnet_status add_segment(llnet_message *self, struct ll_segment segment) {
    struct ll_segment *place = next_segment(self);

    if (place == NULL)
        return -ENOMEM;
    *place = segment;
    self->segment_count++;
    return 0;
}

llnet_status llnet_message_add_data(llnet_message *self, const void *data, size_t len) {
    return add_segment(self, (struct ll_segment){.data = (void *)(uintptr_t)data, .count = len, .constant = true});
}

llnet_status llnet_message_add_space(llnet_message *self, void *data, size_t len) {
    return add_segment(self, (struct ll_segment){.data = data, .count = len});
}

llnet_status llnet_message_add_buffer(llnet_message *self, llnet_buffer *buffer, size_t offset, size_t count) {
    llnet_status status =
        add_segment(self, (struct ll_segment){.buffer = buffer, .offset = offset, .count = count});

    if (status == 0)
        ll_buffer_hold(buffer);
    return status;
}

void llnet_message_clear_data(llnet_message *self) {
    size_t i;

    for (i = 0; i < self->segment_count; i++)
        llnet_buffer_free(self->segments[i].buffer);
    self->segment_count = 0;
}

size_t llnet_message_get_segment_count(const llnet_message *self) {
    return self->segment_count;
}

/* ---- address -------------------------------------------------------------------- */

void llnet_message_set_address(llnet_message *self, const llnet_addr *to) {
    self->has_address = to != NULL;
    if (to != NULL)
        self->address = *to;
}

llnet_status llnet_message_get_address(const llnet_message *self, llnet_addr *out) {
    if (!self->has_address)
        return -ENOENT;
    *out = self->address;
    return 0;
}

size_t llnet_message_get_size(const llnet_message *self) {
    return self->size;
}

int llnet_message_get_flags(const llnet_message *self) {
    return self->flags;
}

bool llnet_message_is_truncated(const llnet_message *self) {
    return (self->flags & MSG_TRUNC) != 0;
}

bool llnet_message_is_control_truncated(const llnet_message *self) {
    return (self->flags & MSG_CTRUNC) != 0;
}

/* ---- calls ---------------------------------------------------------------------- */

/* Where a segment's bytes are now: of a buffer those up to end. */
static llnet_status locate(const struct ll_segment *segment, size_t end, struct iovec *out) {
    size_t count = segment->count;

    if (segment->buffer == NULL) {
        out->iov_base = segment->data;
        out->iov_len = count;
        return 0;
    }
    if (segment->offset > end || (count != LLNET_ALL && count > end - segment->offset))
        return -LLNET_EBOUNDS;
    out->iov_len = count == LLNET_ALL ? end - segment->offset : count;
    out->iov_base = out->iov_len == 0 ? NULL : (char *)ll_buffer_room(segment->buffer) + segment->offset;
    return 0;
}

llnet_status ll_message_prepare_send(llnet_message *self, struct msghdr *header) {
    llnet_status status;
    size_t i;

    for (i = 0; i < self->segment_count; i++) {
        const llnet_buffer *buffer = self->segments[i].buffer;

        status = locate(&self->segments[i], buffer == NULL ? 0 : llnet_buffer_get_size(buffer), &self->vector[i]);
        if (status < 0)
            return status;
    }
    memset(header, 0, sizeof *header);
    header->msg_iov = self->vector;
    header->msg_iovlen = self->segment_count;
    if (self->has_address) {
        header->msg_name = self->address.data.bytes;
        header->msg_namelen = ll_addr_len(&self->address);
    }
    if (!self->received && self->control_len > 0) {
        header->msg_control = self->control;
        header->msg_controllen = self->control_len;
    }
    return 0;
}

llnet_status ll_message_prepare_recv(llnet_message *self, struct msghdr *header) {
    llnet_status status;
    size_t i;

    for (i = 0; i < self->segment_count; i++) {
        const llnet_buffer *buffer = self->segments[i].buffer;

        if (self->segments[i].constant)
            return -EFAULT;
        status =
            locate(&self->segments[i], buffer == NULL ? 0 : llnet_buffer_get_capacity(buffer), &self->vector[i]);
        if (status < 0)
            return status;
    }
    ll_message_drop_control(self);
    memset(header, 0, sizeof *header);
    header->msg_iov = self->vector;
    header->msg_iovlen = self->segment_count;
    header->msg_name = self->address.data.bytes;
    header->msg_namelen = sizeof self->address.data.bytes;
    header->msg_control = self->control;
    header->msg_controllen = self->control_size;
    return 0;
}

void ll_message_finish_recv(llnet_message *self, const struct msghdr *header, size_t count) {
    size_t i, rest = count;

    self->received = true;
    self->size = count;
    self->flags = header == NULL ? 0 : header->msg_flags & ~LL_CMSG_CLOEXEC; /* Linux gives it back */
    self->control_len = header == NULL ? 0 : header->msg_controllen;
    self->has_address = header != NULL && header->msg_namelen > 0;
    if (self->has_address) {
        ll_addr_received(&self->address, header->msg_namelen);
        self->has_address = llnet_addr_get_family(&self->address) != AF_UNSPEC;
    }
    if (LL_CMSG_CLOEXEC == 0)
        ll_message_close_on_exec(self);
    for (i = 0; i < self->segment_count; i++) {
        size_t share = rest < self->vector[i].iov_len ? rest : self->vector[i].iov_len;

        if (self->segments[i].buffer != NULL)
            llnet_buffer_set_size(self->segments[i].buffer, self->segments[i].offset + share);
        rest -= share;
    }
}

llnet_count llnet_socket_send_message(llnet_socket *self, llnet_message *message, int flags) {
    struct msghdr header;
    llnet_status status;
    ssize_t n;

    message->size = 0;
    message->flags = 0;
    if (ll_socket_fd(self) < 0)
        return -EBADF;
    status = ll_message_prepare_send(message, &header);
    if (status < 0)
        return status;
    n = sendmsg(ll_socket_fd(self), &header, flags | MSG_NOSIGNAL);
    if (n < 0)
        return ll_data_error();
    message->size = (size_t)n;
    return n;
}

bool ll_message_has_room(const struct msghdr *header) {
    size_t i;

    for (i = 0; i < header->msg_iovlen; i++)
        if (header->msg_iov[i].iov_len > 0)
            return true;
    return false;
}

int ll_message_recv_flags(const llnet_socket *self, int flags) {
    return (ll_socket_flags(self) & LL_SOCKET_NO_CLOEXEC) != 0 ? flags : flags | LL_CMSG_CLOEXEC;
}

bool ll_message_refuses_cloexec(llnet_socket *self, llnet_count error) {
#if defined AF_PACKET && defined SO_DOMAIN
    int domain = 0;
    socklen_t len = sizeof domain;

    if (error != -EINVAL || (ll_socket_flags(self) & LL_SOCKET_NO_CLOEXEC) != 0)
        return false;
    if (getsockopt(ll_socket_fd(self), SOL_SOCKET, SO_DOMAIN, &domain, &len) < 0 || domain != AF_PACKET)
        return false;
    __atomic_fetch_or(&self->flags, LL_SOCKET_NO_CLOEXEC, __ATOMIC_RELAXED);
    return true;
#else
    (void)self, (void)error;
    return false;
#endif
}

/* A receive's error as ll_data_error has it. */
static llnet_count receive(int fd, struct msghdr *header, int flags) {
    ssize_t n = recvmsg(fd, header, flags);

    return n < 0 ? ll_data_error() : n;
}

/* The end of a stream is an error, which leaves no control data: not the credentials of
 * nobody that Linux gives with it. */
static void finish_at_end(llnet_message *self, const struct msghdr *header) {
    bool has_address = self->has_address;

    ll_message_finish_recv(self, header, 0);
    ll_message_drop_control(self);
    self->has_address = has_address;
    self->flags = 0;
}

llnet_count llnet_socket_recv_message(llnet_socket *self, llnet_message *into, int flags) {
    struct msghdr header;
    llnet_count end = 0;
    llnet_status status;
    llnet_count n;

    ll_message_drop_control(into);
    into->size = 0;
    into->flags = 0;
    if (ll_socket_fd(self) < 0)
        return -EBADF;
    status = ll_message_prepare_recv(into, &header);
    if (status < 0)
        return status;
    n = receive(ll_socket_fd(self), &header, ll_message_recv_flags(self, flags));
    if (n < 0 && ll_message_refuses_cloexec(self, n))
        n = receive(ll_socket_fd(self), &header, flags);
    if (n < 0)
        return n;
    if (n == 0)
        end = ll_socket_end_or_empty(self, ll_message_has_room(&header), flags);
    if (end < 0)
        finish_at_end(into, &header);
    else
        ll_message_finish_recv(into, &header, (size_t)n);
    return end < 0 ? end : n;
}
