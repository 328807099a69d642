/* SPDX-License-Identifier: MIT */
/* check_batch.c: runs the tests of batches of messages: what goes and comes is seen by plain
 * system calls at the other end and by the kernel's counters. Has what they share, and the
 * tests of what a batch holds. */
#include "check_batch.h"

#include <poll.h>

/* ---- what the tests share --------------------------------------------------------- */

const char *const hosts[2] = {"127.0.0.1", "::1"};

void open_pair(llnet_socket *a, llnet_addr *a_addr, llnet_socket *b, llnet_addr *b_addr, const char *host) {
    assert_ok(llnet_addr_set_ip(a_addr, host, 0));
    *b_addr = *a_addr;
    assert_ok(llnet_socket_open(a, llnet_addr_get_family(a_addr), SOCK_DGRAM, 0, 0));
    assert_ok(llnet_socket_open(b, llnet_addr_get_family(b_addr), SOCK_DGRAM, 0, 0));
    assert_ok(llnet_socket_bind(a, a_addr));
    assert_ok(llnet_socket_bind(b, b_addr));
    assert_ok(llnet_socket_get_sockname(a, a_addr));
    assert_ok(llnet_socket_get_sockname(b, b_addr));
}

void close_both(llnet_socket *a, llnet_socket *b) {
    assert_ok(llnet_socket_close(a));
    assert_ok(llnet_socket_close(b));
}

llnet_batch *new_batch(size_t capacity, size_t data_size, size_t control_size) {
    llnet_batch *batch;

    assert_ok(llnet_batch_new(&batch, capacity, data_size, control_size));
    return batch;
}

size_t make_datagram(unsigned char *bytes, size_t index) {
    memset(bytes, (int)('0' + index), index);
    return index;
}

void fill_batch(llnet_batch *batch, const llnet_addr *to) {
    unsigned char bytes[COUNT];

    for (size_t i = 0; i < llnet_batch_get_capacity(batch); i++) {
        assert_ok(llnet_batch_set_data(batch, i, bytes, make_datagram(bytes, i % COUNT)));
        assert_ok(llnet_batch_set_address(batch, i, to));
    }
}

llnet_message *message_at(llnet_batch *batch, size_t index) {
    llnet_message *message;

    assert_ok(llnet_batch_get_message(batch, index, &message));
    llnet_message_free(message);
    return message;
}

llnet_buffer *buffer_at(llnet_batch *batch, size_t index) {
    llnet_buffer *buffer;

    assert_ok(llnet_batch_get_buffer(batch, index, &buffer));
    llnet_buffer_free(buffer);
    return buffer;
}

int fd_of(const llnet_socket *self) {
    return (int)llnet_socket_fileno(self);
}

void assert_datagrams(const llnet_socket *self, size_t first, size_t last, const llnet_addr *from) {
    unsigned char bytes[COUNT + 1], expected[COUNT];
    struct sockaddr_storage sender;

    for (size_t i = first; i <= last; i++) {
        socklen_t len = sizeof sender;
        ck_assert_int_eq(llnet_socket_poll(self, POLLIN, 5000), POLLIN);
        ck_assert_int_eq(recvfrom(fd_of(self), bytes, sizeof bytes, MSG_DONTWAIT, (struct sockaddr *)&sender, &len),
                         (int)make_datagram(expected, i));
        ck_assert(memcmp(bytes, expected, i) == 0);
        ck_assert_uint_eq(len, llnet_addr_get_size(from));
        ck_assert(memcmp(&sender, llnet_addr_const_data(from), len) == 0);
    }
    ck_assert_int_eq(recv(fd_of(self), bytes, sizeof bytes, MSG_DONTWAIT), -1);
}

/* ---- what a batch holds ----------------------------------------------------------- */

START_TEST(a_batch_has_1_to_1024_messages) {
    llnet_batch *batch = (llnet_batch *)&batch;

    assert_error(llnet_batch_new(&batch, 0, 10, 0), EINVAL);
    ck_assert_ptr_null(batch);
    assert_error(llnet_batch_new(&batch, LLNET_BATCH_MAX + 1, 10, 0), EINVAL);
    ck_assert_ptr_null(batch);
    assert_error(llnet_batch_new(&batch, 2, SIZE_MAX, 0), ENOMEM);
    ck_assert_ptr_null(batch);
    assert_error(llnet_batch_new(&batch, 2, 1, SIZE_MAX), ENOMEM);
    ck_assert_ptr_null(batch);
    assert_ok(llnet_batch_new(&batch, LLNET_BATCH_MAX, 1, 0));
    ck_assert_uint_eq(llnet_batch_get_capacity(batch), 1024);
    llnet_batch_free(batch);
    llnet_batch_free(NULL);
}
END_TEST

START_TEST(messages_and_buffers_outlive_the_batch_where_somebody_holds_them) {
    llnet_batch *batch = new_batch(2, 16, 0);
    llnet_message *message, *same;
    llnet_buffer *buffer;

    assert_ok(llnet_batch_get_message(batch, 1, &message));
    assert_ok(llnet_batch_get_message(batch, 1, &same));
    ck_assert_ptr_eq(same, message);
    assert_ok(llnet_batch_get_buffer(batch, 1, &buffer));
    assert_ok(llnet_batch_set_data(batch, 1, "held", 4));
    llnet_message_free(same);
    llnet_batch_free(batch);
    ck_assert_uint_eq(llnet_message_get_segment_count(message), 1);
    llnet_message_free(message);
    ck_assert_uint_eq(llnet_buffer_get_size(buffer), 4);
    ck_assert_mem_eq(llnet_buffer_data(buffer), "held", 4);
    llnet_buffer_free(buffer);
}
END_TEST

START_TEST(an_index_beyond_the_capacity_is_out_of_bounds) {
    llnet_batch *batch = new_batch(2, 16, 0);
    llnet_message *message = (llnet_message *)&batch;
    llnet_buffer *buffer = (llnet_buffer *)&batch;
    llnet_addr addr;

    llnet_addr_init(&addr);
    assert_error(llnet_batch_get_message(batch, 2, &message), LLNET_EBOUNDS);
    ck_assert_ptr_null(message);
    assert_error(llnet_batch_get_buffer(batch, 2, &buffer), LLNET_EBOUNDS);
    ck_assert_ptr_null(buffer);
    assert_error(llnet_batch_set_data(batch, 2, "x", 1), LLNET_EBOUNDS);
    assert_error(llnet_batch_get_size(batch, SIZE_MAX), LLNET_EBOUNDS);
    assert_error(llnet_batch_set_address(batch, 2, &addr), LLNET_EBOUNDS);
    assert_error(llnet_batch_get_address(batch, 2, &addr), LLNET_EBOUNDS);
    llnet_batch_free(batch);
}
END_TEST

START_TEST(data_that_exceed_the_buffer_are_refused_whole) {
    llnet_batch *batch = new_batch(1, 4, 0);

    assert_ok(llnet_batch_set_data(batch, 0, "four", 4));
    assert_error(llnet_batch_set_data(batch, 0, "fives", 5), LLNET_EBOUNDS);
    ck_assert_uint_eq(llnet_buffer_get_size(buffer_at(batch, 0)), 4);
    ck_assert_mem_eq(llnet_buffer_data(buffer_at(batch, 0)), "four", 4);
    assert_ok(llnet_batch_set_data(batch, 0, NULL, 0));
    ck_assert_uint_eq(llnet_buffer_get_size(buffer_at(batch, 0)), 0);
    llnet_batch_free(batch);
}
END_TEST

START_TEST(without_a_data_size_there_are_no_buffers_and_no_segments) {
    llnet_batch *batch = new_batch(1, 0, 0);
    llnet_buffer *buffer = (llnet_buffer *)&batch;

    assert_error(llnet_batch_get_buffer(batch, 0, &buffer), ENOENT);
    ck_assert_ptr_null(buffer);
    assert_error(llnet_batch_set_data(batch, 0, "x", 1), ENOENT);
    ck_assert_uint_eq(llnet_message_get_segment_count(message_at(batch, 0)), 0);
    llnet_batch_free(batch);
}
END_TEST

static void add_hold_cases(Suite *suite) {
    TCase *tcase = add_case(suite, "holds");

    tcase_add_test(tcase, a_batch_has_1_to_1024_messages);
    tcase_add_test(tcase, messages_and_buffers_outlive_the_batch_where_somebody_holds_them);
    tcase_add_test(tcase, an_index_beyond_the_capacity_is_out_of_bounds);
    tcase_add_test(tcase, data_that_exceed_the_buffer_are_refused_whole);
    tcase_add_test(tcase, without_a_data_size_there_are_no_buffers_and_no_segments);
}

int main(void) {
    Suite *suite = suite_create("batch");

    add_hold_cases(suite);
    add_send_cases(suite);
    add_recv_cases(suite);
    add_control_cases(suite);
    add_count_cases(suite);
    return run_suite(suite);
}
