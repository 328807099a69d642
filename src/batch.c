/* SPDX-License-Identifier: MIT */
/* batch.c: many messages in one system call. The headers that the kernel reads are made
 * anew for each call from the messages, whose segments may have moved meanwhile. */
#include "message.h"
#include "sys.h"

#include <stdlib.h>
#include <string.h>

struct llnet_batch {
    size_t capacity;
    size_t data_size;
    llnet_message **messages; /* held */
    llnet_buffer **buffers;   /* held; NULL where data_size is 0 */
    struct ll_sys_message *headers;
};

/* ---- life ------------------------------------------------------------------- */

/* Makes the index-th message and its buffer. */
static llnet_status fill_slot(llnet_batch *self, size_t index, size_t control_size) {
    llnet_status status = llnet_message_new(&self->messages[index], control_size);

    if (status < 0 || self->buffers == NULL)
        return status;
    status = llnet_buffer_new(&self->buffers[index], self->data_size);
    if (status < 0)
        return status;
    return llnet_message_add_buffer(self->messages[index], self->buffers[index], 0, LLNET_ALL);
}

static llnet_status fill(llnet_batch *self, size_t control_size) {
    llnet_status status = 0;
    size_t i;

    self->messages = calloc(self->capacity, sizeof(llnet_message *));
    self->headers = calloc(self->capacity, sizeof *self->headers);
    if (self->data_size > 0)
        self->buffers = calloc(self->capacity, sizeof(llnet_buffer *));
    if (self->messages == NULL || self->headers == NULL || (self->data_size > 0 && self->buffers == NULL))
        return -ENOMEM;
    for (i = 0; i < self->capacity && status == 0; i++)
        status = fill_slot(self, i, control_size);
    return status;
}

llnet_status llnet_batch_new(llnet_batch **out, size_t capacity, size_t data_size, size_t control_size) {
    llnet_batch *self;
    llnet_status status;

    *out = NULL;
    if (capacity < 1 || capacity > LLNET_BATCH_MAX)
        return -EINVAL;
    self = calloc(1, sizeof *self);
    if (self == NULL)
        return -ENOMEM;
    self->capacity = capacity;
    self->data_size = data_size;
    status = fill(self, control_size);
    if (status < 0)
        llnet_batch_free(self);
    else
        *out = self;
    return status;
}

void llnet_batch_free(llnet_batch *self) {
    size_t i;

    if (self == NULL)
        return;
    for (i = 0; self->messages != NULL && i < self->capacity; i++)
        llnet_message_free(self->messages[i]);
    for (i = 0; self->buffers != NULL && i < self->capacity; i++)
        llnet_buffer_free(self->buffers[i]);
    free(self->messages);
    free(self->buffers);
    free(self->headers);
    free(self);
}

/* ---- what is in it ------------------------------------------------------------- */

size_t llnet_batch_get_capacity(const llnet_batch *self) {
    return self->capacity;
}

llnet_status llnet_batch_get_message(llnet_batch *self, size_t index, llnet_message **out) {
    *out = NULL;
    if (index >= self->capacity)
        return -LLNET_EBOUNDS;
    *out = ll_message_hold(self->messages[index]);
    return 0;
}

llnet_status llnet_batch_get_buffer(llnet_batch *self, size_t index, llnet_buffer **out) {
    *out = NULL;
    if (index >= self->capacity)
        return -LLNET_EBOUNDS;
    if (self->buffers == NULL)
        return -ENOENT;
    ll_buffer_hold(self->buffers[index]);
    *out = self->buffers[index];
    return 0;
}

llnet_status llnet_batch_set_data(llnet_batch *self, size_t index, const void *data, size_t len) {
    if (index >= self->capacity)
        return -LLNET_EBOUNDS;
    if (self->buffers == NULL)
        return -ENOENT;
    if (len > llnet_buffer_get_capacity(self->buffers[index]))
        return -LLNET_EBOUNDS;
    return llnet_buffer_set_data(self->buffers[index], data, len);
}

llnet_count llnet_batch_get_size(const llnet_batch *self, size_t index) {
    return index < self->capacity ? (llnet_count)self->messages[index]->size : -LLNET_EBOUNDS;
}

llnet_status llnet_batch_set_address(llnet_batch *self, size_t index, const llnet_addr *to) {
    if (index >= self->capacity)
        return -LLNET_EBOUNDS;
    llnet_message_set_address(self->messages[index], to);
    return 0;
}

llnet_status llnet_batch_get_address(const llnet_batch *self, size_t index, llnet_addr *out) {
    if (index >= self->capacity)
        return -LLNET_EBOUNDS;
    return llnet_message_get_address(self->messages[index], out);
}

/* What the last call said. */
static void clear_result(llnet_message *message) {
    message->size = 0;
    message->flags = 0;
}

/* ---- the calls --------------------------------------------------------------------- */

llnet_count llnet_socket_send_batch(llnet_socket *self, llnet_batch *batch, size_t first, size_t limit, int flags) {
    llnet_status status = 0;
    size_t i, count;
    int n;

    if (first > batch->capacity)
        return ll_socket_fd(self) < 0 ? -EBADF : -LLNET_EBOUNDS;
    count = batch->capacity - first < limit ? batch->capacity - first : limit;
    for (i = 0; i < count; i++)
        clear_result(batch->messages[first + i]);
    if (ll_socket_fd(self) < 0)
        return -EBADF;
    for (i = 0; i < count && status == 0; i++)
        status = ll_message_prepare_send(batch->messages[first + i], &batch->headers[i].header);
    if (status < 0)
        return status;
    n = ll_sys_sendmmsg(ll_socket_fd(self), batch->headers, (unsigned)count, flags | MSG_NOSIGNAL);
    if (n < 0)
        return n;
    for (i = 0; i < (size_t)n; i++)
        batch->messages[first + i]->size = batch->headers[i].len;
    return n;
}

/* Whether all that came is empty. */
static bool is_empty(const llnet_batch *self, size_t count) {
    size_t i;

    for (i = 0; i < count; i++)
        if (self->headers[i].len > 0)
            return false;
    return true;
}

/* Fills the headers of the first count messages for a receive. */
static llnet_status prepare_recv(llnet_batch *self, size_t count) {
    llnet_status status = 0;
    size_t i;

    for (i = 0; i < count && status == 0; i++)
        status = ll_message_prepare_recv(self->messages[i], &self->headers[i].header);
    return status;
}

/* What a message is before anything came, its segments aside. */
static void forget(llnet_message *message) {
    ll_message_drop_control(message);
    message->has_address = false;
    clear_result(message);
}

llnet_count llnet_socket_recv_batch(llnet_socket *self, llnet_batch *batch, size_t limit, int flags) {
    size_t i, count = limit < batch->capacity ? limit : batch->capacity;
    llnet_count end = 0;
    llnet_status status = ll_socket_fd(self) < 0 ? -EBADF : prepare_recv(batch, count);
    int n;

    if (status < 0) {
        for (i = 0; i < count; i++)
            forget(batch->messages[i]);
        return status;
    }
    n = ll_sys_recvmmsg(ll_socket_fd(self), batch->headers, (unsigned)count, ll_message_recv_flags(self, flags));
    if (n < 0 && ll_message_refuses_cloexec(self, n))
        n = ll_sys_recvmmsg(ll_socket_fd(self), batch->headers, (unsigned)count, flags);
    for (i = 0; i < (size_t)(n < 0 ? 0 : n); i++)
        ll_message_finish_recv(batch->messages[i], &batch->headers[i].header, batch->headers[i].len);
    for (; i < count; i++)
        ll_message_finish_recv(batch->messages[i], NULL, 0);
    if (n > 0 && is_empty(batch, (size_t)n))
        end = ll_socket_end_or_empty(self, ll_message_has_room(&batch->headers[0].header), flags);
    for (i = 0; i < count && end < 0; i++)
        forget(batch->messages[i]);
    return end < 0 ? end : n;
}
