/* SPDX-License-Identifier: MIT */
/* check_batch_recv.c: batches that are received, by how many wait and what ends them. */
#include "check_batch.h"

#include <poll.h>

static void send_plain(const llnet_socket *self, const llnet_addr *to, size_t first, size_t last) {
    unsigned char bytes[COUNT];

    for (size_t i = first; i <= last; i++) {
        size_t len = make_datagram(bytes, i);
        ck_assert_int_eq(
            sendto(fd_of(self), bytes, len, 0, llnet_addr_const_data(to), (socklen_t)llnet_addr_get_size(to)),
            (int)len);
    }
}

/* Asserts that a message is as if nothing had ever come. */
static void assert_empty(llnet_batch *batch, size_t index) {
    llnet_addr addr;

    ck_assert_int_eq(llnet_batch_get_size(batch, index), 0);
    assert_error(llnet_batch_get_address(batch, index, &addr), ENOENT);
    ck_assert_int_eq(llnet_message_get_flags(message_at(batch, index)), 0);
    ck_assert_uint_eq(llnet_message_get_control_count(message_at(batch, index)), 0);
}

START_TEST(datagrams_come_in_order_with_their_bytes_and_senders) {
    llnet_socket a, b;
    llnet_addr a_addr, b_addr, from;
    llnet_batch *batch = new_batch(COUNT, COUNT, 0);
    unsigned char expected[COUNT];

    if (_i == 1 && !have_ipv6()) {
        llnet_batch_free(batch);
        skip("no IPv6 on loopback");
    }
    open_pair(&a, &a_addr, &b, &b_addr, hosts[_i]);
    send_plain(&a, &b_addr, 0, 30);
    send_plain(&b, &b_addr, 31, 31); /* another sender among them */
    send_plain(&a, &b_addr, 32, COUNT - 1);
    ck_assert_int_eq(llnet_socket_recv_batch(&b, batch, LLNET_ALL, 0), COUNT);
    for (size_t i = 0; i < COUNT; i++) {
        size_t len = make_datagram(expected, i);
        ck_assert_int_eq(llnet_batch_get_size(batch, i), (int)len);
        ck_assert_uint_eq(llnet_buffer_get_size(buffer_at(batch, i)), len);
        ck_assert(memcmp(llnet_buffer_data(buffer_at(batch, i)), expected, len) == 0);
        assert_ok(llnet_batch_get_address(batch, i, &from));
        ck_assert(llnet_addr_equal(&from, i == 31 ? &b_addr : &a_addr));
    }
    /* what came goes back as it is */
    ck_assert_int_eq(llnet_socket_send_batch(&b, batch, 32, LLNET_ALL, 0), 32);
    assert_datagrams(&a, 32, 63, &b_addr);
    llnet_batch_free(batch);
    close_both(&a, &b);
}
END_TEST

START_TEST(fewer_than_asked_come_where_no_more_wait) {
    llnet_socket a, b;
    llnet_addr a_addr, b_addr;
    llnet_batch *batch = new_batch(8, COUNT, 64);

    open_udp_pair(&a, &a_addr, &b, &b_addr);
    for (size_t i = 0; i < 8; i++) /* what was there before is no longer */
        assert_ok(llnet_batch_set_data(batch, i, "old", 3));
    send_plain(&a, &b_addr, 1, 3);
    ck_assert_int_eq(llnet_socket_recv_batch(&b, batch, 2, MSG_WAITFORONE), 2);
    ck_assert_int_eq(llnet_socket_poll(&b, POLLIN, 5000), POLLIN);
    ck_assert_int_eq(llnet_socket_recv_batch(&b, batch, LLNET_ALL, _i == 0 ? MSG_WAITFORONE : MSG_DONTWAIT), 1);
    ck_assert_int_eq(llnet_batch_get_size(batch, 0), 3);
    for (size_t i = 1; i < 8; i++) {
        assert_empty(batch, i);
        ck_assert_uint_eq(llnet_buffer_get_size(buffer_at(batch, i)), 0);
    }
    assert_error(llnet_socket_recv_batch(&b, batch, LLNET_ALL, MSG_DONTWAIT), EAGAIN);
    assert_empty(batch, 0);
    ck_assert_uint_eq(llnet_buffer_get_size(buffer_at(batch, 0)), 0);
    llnet_batch_free(batch);
    close_both(&a, &b);
}
END_TEST

START_TEST(a_datagram_that_is_cut_says_so_and_the_others_do_not) {
    llnet_socket a, b;
    llnet_addr a_addr, b_addr;
    llnet_batch *batch = new_batch(3, 5, 0);

    open_udp_pair(&a, &a_addr, &b, &b_addr);
    send_plain(&a, &b_addr, 5, 7);
    ck_assert_int_eq(llnet_socket_recv_batch(&b, batch, LLNET_ALL, 0), 3);
    for (size_t i = 0; i < 3; i++) {
        ck_assert_int_eq(llnet_batch_get_size(batch, i), 5);
        ck_assert_int_eq(llnet_message_is_truncated(message_at(batch, i)), i > 0);
        ck_assert(!llnet_message_is_control_truncated(message_at(batch, i)));
    }
    llnet_batch_free(batch);
    close_both(&a, &b);
}
END_TEST

START_TEST(a_receive_that_a_segment_forbids_leaves_nothing_of_the_last_one) {
    llnet_socket a, b;
    llnet_addr a_addr, b_addr;
    llnet_batch *batch = new_batch(3, COUNT, 0);

    open_udp_pair(&a, &a_addr, &b, &b_addr);
    send_plain(&a, &b_addr, 1, 4);
    ck_assert_int_eq(llnet_socket_recv_batch(&b, batch, LLNET_ALL, 0), 3);
    assert_ok(llnet_message_add_data(message_at(batch, 1), "constant", 8));
    assert_error(llnet_socket_recv_batch(&b, batch, LLNET_ALL, 0), EFAULT);
    for (size_t i = 0; i < 3; i++)
        assert_empty(batch, i);
    llnet_message_clear_data(message_at(batch, 1));
    assert_ok(llnet_message_add_buffer(message_at(batch, 1), buffer_at(batch, 1), SIZE_MAX / 2, LLNET_ALL));
    assert_error(llnet_socket_recv_batch(&b, batch, LLNET_ALL, 0), LLNET_EBOUNDS);
    ck_assert_int_eq(llnet_socket_recv_batch(&b, batch, 1, 0), 1); /* the datagram waited */
    ck_assert_int_eq(llnet_batch_get_size(batch, 0), 4);
    close_both(&a, &b);
    assert_error(llnet_socket_recv_batch(&b, batch, LLNET_ALL, 0), EBADF);
    assert_empty(batch, 0);
    llnet_batch_free(batch);
}
END_TEST

START_TEST(the_end_of_a_stream_is_closed_where_it_comes_first) {
    const int types[] = {SOCK_STREAM, SOCK_SEQPACKET};
    llnet_batch *batch = new_batch(4, 8, 0);
    llnet_socket a, b;

    assert_ok(llnet_socket_pair(&a, &b, AF_UNIX, types[_i], 0, 0));
    ck_assert_int_eq(llnet_socket_send(&a, "xyz", 3, 0), 3);
    assert_ok(llnet_socket_close(&a));
    ck_assert_int_ge(llnet_socket_recv_batch(&b, batch, LLNET_ALL, 0), 1);
    ck_assert_int_eq(llnet_batch_get_size(batch, 0), 3);
    ck_assert_int_eq(llnet_batch_get_size(batch, 1), 0);
    assert_error(llnet_socket_recv_batch(&b, batch, LLNET_ALL, 0), LLNET_ECLOSED);
    assert_error(llnet_socket_recv_batch(&b, batch, 1, 0), LLNET_ECLOSED);
    assert_ok(llnet_buffer_set_capacity(buffer_at(batch, 0), 0)); /* then no byte was asked for */
    ck_assert_int_eq(llnet_socket_recv_batch(&b, batch, 1, 0), 1);
    llnet_batch_free(batch);
    assert_ok(llnet_socket_close(&b));
}
END_TEST

START_TEST(as_many_as_1024_go_and_come_in_one_call) {
    llnet_batch *batch = new_batch(LLNET_BATCH_MAX, 64, 0);
    int room = 2 << 20, got = 0;
    llnet_addr a_addr, b_addr;
    socklen_t len = sizeof got;
    llnet_socket a, b;

    open_udp_pair(&a, &a_addr, &b, &b_addr);
    ck_assert_int_eq(setsockopt(fd_of(&b), SOL_SOCKET, SO_RCVBUF, &room, sizeof room), 0);
    ck_assert_int_eq(getsockopt(fd_of(&b), SOL_SOCKET, SO_RCVBUF, &got, &len), 0);
    fill_batch(batch, &b_addr);
    if (got >= room) {
        ck_assert_int_eq(llnet_socket_send_batch(&a, batch, 0, LLNET_ALL, 0), 1024);
        ck_assert_int_eq(llnet_socket_sendto(&a, "x", 1, &a_addr, 0), 1); /* comes behind the others */
        ck_assert_int_eq(llnet_socket_poll(&a, POLLIN, 5000), POLLIN);
        ck_assert_int_eq(llnet_socket_recv_batch(&b, batch, LLNET_ALL, MSG_DONTWAIT), 1024);
        for (int i = 0; i < 1024; i++)
            ck_assert_int_eq(llnet_batch_get_size(batch, (size_t)i), i % COUNT);
    }
    llnet_batch_free(batch);
    close_both(&a, &b);
    if (got < room)
        skip("the receive buffer may not be as large as that");
}
END_TEST

void add_recv_cases(Suite *suite) {
    TCase *tcase = add_case(suite, "receives");

    tcase_add_loop_test(tcase, datagrams_come_in_order_with_their_bytes_and_senders, 0, 2);
    tcase_add_loop_test(tcase, fewer_than_asked_come_where_no_more_wait, 0, 2);
    tcase_add_test(tcase, a_datagram_that_is_cut_says_so_and_the_others_do_not);
    tcase_add_test(tcase, a_receive_that_a_segment_forbids_leaves_nothing_of_the_last_one);
    tcase_add_loop_test(tcase, the_end_of_a_stream_is_closed_where_it_comes_first, 0, 2);
    tcase_add_test(tcase, as_many_as_1024_go_and_come_in_one_call);
}
