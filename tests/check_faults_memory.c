/* SPDX-License-Identifier: MIT */
/* check_faults_memory.c: the functions that take memory and make no system call: how
 * check_faults calls them. Each grows something, so that it asks for memory each time; what it
 * made is given back. */
#include "check_faults.h"

#include <poll.h>
#include <unistd.h>

static char big[8192];

/* ---- buffers ---------------------------------------------------------------------------- */

/* A buffer of 4 bytes, with no room for more. */
static llnet_buffer *small(void) {
    llnet_buffer *self;

    assert_ok(llnet_buffer_new(&self, 4));
    assert_ok(llnet_buffer_set_data(self, "abcd", 4));
    return self;
}

/* What failed left the bytes alone. */
static long done(llnet_buffer *self, long result) {
    if (result < 0)
        must(llnet_buffer_get_size(self) == 4 && memcmp(llnet_buffer_const_data(self), "abcd", 4) == 0);
    llnet_buffer_free(self);
    return result;
}

static long run_buffer_new(void) {
    llnet_buffer *self = stage_buffer;
    long result = TRY(llnet_buffer_new(&self, (size_t)atol(subject_argument)));

    must((result < 0) == (self == NULL));
    llnet_buffer_free(self);
    return result;
}

static long run_buffer_set_size(void) {
    llnet_buffer *self = small();
    return done(self, TRY(llnet_buffer_set_size(self, sizeof big)));
}

static long run_buffer_set_capacity(void) {
    llnet_buffer *self = small();
    return done(self, TRY(llnet_buffer_set_capacity(self, (size_t)atol(subject_argument))));
}

static long run_buffer_set_data(void) {
    llnet_buffer *self = small();
    return done(self, TRY(llnet_buffer_set_data(self, big, sizeof big)));
}

static long run_buffer_append(void) {
    llnet_buffer *self = small();
    return done(self, TRY(llnet_buffer_append(self, big, sizeof big)));
}

static long run_buffer_append_self(void) {
    llnet_buffer *self = small();
    return done(self, TRY(llnet_buffer_append_buffer(self, self, 0, LLNET_ALL)));
}

static long run_buffer_copy_buffer(void) {
    llnet_buffer *self = small(), *source;
    long result;

    assert_ok(llnet_buffer_new(&source, 0));
    assert_ok(llnet_buffer_set_data(source, big, sizeof big));
    result = done(self, TRY(llnet_buffer_copy_buffer(self, source, 0, LLNET_ALL)));
    llnet_buffer_free(source);
    return result;
}

static long run_buffer_append_int(void) {
    llnet_buffer *self = small();
    return done(self, TRY(llnet_buffer_append_int(self, -1, 8, 0)));
}

static long run_buffer_append_uint(void) {
    llnet_buffer *self = small();
    return done(self, TRY(llnet_buffer_append_uint(self, 1, 8, 0)));
}

static long run_buffer_append_float(void) {
    llnet_buffer *self = small();
    return done(self, TRY(llnet_buffer_append_float(self, 1.0, 8, 0)));
}

static long run_buffer_slice(void) {
    llnet_buffer *self = small(), *slice = NULL;
    long result = TRY(llnet_buffer_slice(self, 1, 2, &slice));

    must((result < 0) == (slice == NULL));
    llnet_buffer_free(slice);
    return done(self, result);
}

/* The records of a stream make their buffer grow. */
static long run_recv_until(void) {
    llnet_buffer *self;
    long result;

    assert_ok(llnet_buffer_new(&self, 0));
    stage_feed(&stage->client, &stage->server);
    result = TRY(llnet_socket_recv_until(&stage->server, self, "x", 1, 64, LLNET_NEVER));
    must(llnet_buffer_get_size(self) == (result < 0 ? 0 : 1));
    llnet_buffer_free(self);
    stage_drain(&stage->server);
    return result;
}

/* ---- messages, batches, pools ------------------------------------------------------------- */

static long run_message_new(void) {
    llnet_message *self = stage_message;
    long result = TRY(llnet_message_new(&self, 64));

    must((result < 0) == (self == NULL));
    llnet_message_free(self);
    return result;
}

/* As many segments as there must be for a call to ask for memory, by each of the three. */
static long run_message_add(void) {
    llnet_message *self;
    llnet_buffer *buffer = small();
    long result = 0;
    size_t count = 0;

    assert_ok(llnet_message_new(&self, 0));
    for (int i = 0; i < 9 && result == 0; i++) {
        if (subject_argument[0] == 'd')
            result = TRY(llnet_message_add_data(self, big, 1));
        else if (subject_argument[0] == 's')
            result = TRY(llnet_message_add_space(self, big, 1));
        else
            result = TRY(llnet_message_add_buffer(self, buffer, 0, 1));
        count += result == 0;
        must(llnet_message_get_segment_count(self) == count);
    }
    must(count == 0 || llnet_socket_send_message(&stage->client, self, 0) == (long)count);
    stage_drain(&stage->server);
    llnet_message_free(self);
    return done(buffer, result);
}

static long run_batch_new(void) {
    llnet_batch *self = stage_batch;
    long result = TRY(llnet_batch_new(&self, 3, 16, 16));

    must((result < 0) == (self == NULL));
    llnet_batch_free(self);
    return result;
}

static long run_pool_new(void) {
    llnet_pool *self = NULL;
    long result = TRY(llnet_pool_new(&self, 16, 4));

    must((result < 0) == (self == NULL));
    llnet_pool_free(self);
    return result;
}

static long run_pool_take(void) {
    llnet_buffer *buffer = NULL;
    llnet_pool *self;
    long result;

    assert_ok(llnet_pool_new(&self, 16, 4));
    result = TRY(llnet_pool_take(self, &buffer));
    must((result < 0) == (buffer == NULL));
    llnet_buffer_free(buffer);
    llnet_pool_free(self);
    return result;
}

/* It cannot fail: without memory for its place the buffer is freed. */
static long run_pool_give(void) {
    llnet_buffer *buffer;
    llnet_pool *self;

    assert_ok(llnet_pool_new(&self, 16, 4));
    assert_ok(llnet_pool_take(self, &buffer));
    faults_begin();
    llnet_pool_give(self, buffer);
    faults_end();
    must(llnet_pool_get_count(self) == (faults_fired() ? 0 : 1));
    llnet_pool_free(self);
    return 0;
}

/* ---- pollers ------------------------------------------------------------------------------- */

static long run_poller_set_timer(void) {
    llnet_poller *self;
    uint64_t token = 0;
    long result = 0;
    size_t count = 0;
    int events = 0;

    assert_ok(llnet_poller_new(&self, NULL));
    for (uint64_t i = 1; i <= 40 && result == 0; i++) {
        result = TRY(llnet_poller_set_timer(self, i, (int64_t)i));
        count += result == 0;
        must(llnet_poller_get_timer_count(self) == count);
    }
    must(llnet_poller_wait(self, 0) == (long)count);
    for (size_t i = 0; i < count; i++) {
        assert_ok(llnet_poller_get_event(self, i, &token, &events));
        must(token == i + 1);
    }
    llnet_poller_free(self);
    return result;
}

/* The table of a poller grows with the number of a descriptor; one that found no place is not
 * watched. */
static long run_poller_add_high(void) {
    llnet_poller *self;
    int high = 200;
    long result;

    assert_ok(llnet_poller_new(&self, subject_argument));
    must(dup2((int)llnet_socket_fileno(&stage->client), high) == high);
    result = TRY(llnet_poller_add(self, high, POLLOUT, 9));
    must(llnet_poller_wait(self, 0) == (result < 0 ? 0 : 1));
    llnet_poller_free(self);
    must(close(high) == 0);
    return result;
}

const struct subject memory_subjects[] = {
    {"buffer_new", run_buffer_new, "0"},
    {"buffer_new", run_buffer_new, "100"},
    {"buffer_new", run_buffer_new, "1000000"},
    {"buffer_set_size", run_buffer_set_size, NULL},
    {"buffer_set_capacity", run_buffer_set_capacity, "100"},
    {"buffer_set_capacity", run_buffer_set_capacity, "1000000"},
    {"buffer_set_data", run_buffer_set_data, NULL},
    {"buffer_append", run_buffer_append, NULL},
    {"buffer_append_buffer", run_buffer_append_self, NULL},
    {"buffer_copy_buffer", run_buffer_copy_buffer, NULL},
    {"buffer_append_int", run_buffer_append_int, NULL},
    {"buffer_append_uint", run_buffer_append_uint, NULL},
    {"buffer_append_float", run_buffer_append_float, NULL},
    {"buffer_slice", run_buffer_slice, NULL},
    {"socket_recv_until", run_recv_until, NULL},
    {"message_new", run_message_new, NULL},
    {"message_add_data", run_message_add, "data"},
    {"message_add_space", run_message_add, "space"},
    {"message_add_buffer", run_message_add, "buffer"},
    {"batch_new", run_batch_new, NULL},
    {"pool_new", run_pool_new, NULL},
    {"pool_take", run_pool_take, NULL},
    {"pool_give", run_pool_give, NULL},
    {"poller_set_timer", run_poller_set_timer, NULL},
    {"poller_add", run_poller_add_high, "epoll"},
    {"poller_add", run_poller_add_high, "poll"},
    {NULL, NULL, NULL},
};
