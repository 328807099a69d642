/* SPDX-License-Identifier: MIT */
/* check_batch_send.c: batches that are sent: whole, in part, and where a message or the queue
 * stops them. */
#include "check_batch.h"

START_TEST(a_batch_goes_in_order_with_its_bytes_to_its_address) {
    llnet_socket a, b;
    llnet_addr a_addr, b_addr;
    llnet_batch *batch = new_batch(COUNT, COUNT, 0);

    if (_i % 2 == 1 && !have_ipv6()) {
        llnet_batch_free(batch);
        skip("no IPv6 on loopback");
    }
    open_pair(&a, &a_addr, &b, &b_addr, hosts[_i % 2]);
    fill_batch(batch, _i < 2 ? &b_addr : NULL);
    if (_i >= 2)
        assert_ok(llnet_socket_connect(&a, &b_addr));
    ck_assert_int_eq(llnet_socket_send_batch(&a, batch, 0, LLNET_ALL, 0), COUNT);
    for (int i = 0; i < COUNT; i++)
        ck_assert_int_eq(llnet_batch_get_size(batch, (size_t)i), i);
    assert_datagrams(&b, 0, COUNT - 1, &a_addr);
    ck_assert_int_eq(llnet_socket_send_batch(&a, batch, 10, 5, 0), 5); /* once more, a part */
    assert_datagrams(&b, 10, 14, &a_addr);
    ck_assert_int_eq(llnet_socket_send_batch(&a, batch, 60, 100, 0), 4);
    assert_datagrams(&b, 60, 63, &a_addr);
    llnet_batch_free(batch);
    close_both(&a, &b);
}
END_TEST

START_TEST(each_message_has_an_address_of_its_own) {
    llnet_socket a, b;
    llnet_addr a_addr, b_addr;
    llnet_batch *batch = new_batch(COUNT, COUNT, 0);

    open_udp_pair(&a, &a_addr, &b, &b_addr);
    fill_batch(batch, &b_addr);
    assert_ok(llnet_batch_set_address(batch, 7, &a_addr));
    ck_assert_int_eq(llnet_socket_send_batch(&a, batch, 5, 4, 0), 4);
    assert_datagrams(&a, 7, 7, &a_addr);
    char byte;
    for (int expected = 5; expected <= 8; expected += expected == 6 ? 2 : 1)
        ck_assert_int_eq(recv(fd_of(&b), &byte, 1, MSG_TRUNC), expected);
    llnet_batch_free(batch);
    close_both(&a, &b);
}
END_TEST

START_TEST(a_range_of_nothing_sends_nothing_and_one_beyond_is_out_of_bounds) {
    llnet_socket a, b;
    llnet_addr a_addr, b_addr;
    llnet_batch *batch = new_batch(2, 8, 0);

    open_udp_pair(&a, &a_addr, &b, &b_addr);
    fill_batch(batch, &b_addr);
    ck_assert_int_eq(llnet_socket_send_batch(&a, batch, 0, 0, 0), 0);
    ck_assert_int_eq(llnet_socket_send_batch(&a, batch, 2, LLNET_ALL, 0), 0);
    assert_error(llnet_socket_send_batch(&a, batch, 3, 1, 0), LLNET_EBOUNDS);
    assert_error(llnet_socket_send_batch(&a, batch, SIZE_MAX, LLNET_ALL, 0), LLNET_EBOUNDS);
    ck_assert_int_eq(llnet_socket_recv_batch(&b, batch, 0, 0), 0);
    llnet_message_clear_data(message_at(batch, 1));
    assert_ok(llnet_message_add_buffer(message_at(batch, 1), buffer_at(batch, 1), 0, 9));
    assert_error(llnet_socket_send_batch(&a, batch, 0, LLNET_ALL, 0), LLNET_EBOUNDS);
    assert_error(llnet_socket_recv(&b, &a_addr, 1, MSG_DONTWAIT), EAGAIN);
    close_both(&a, &b);
    assert_error(llnet_socket_send_batch(&a, batch, 3, 0, 0), EBADF);
    assert_error(llnet_socket_send_batch(&a, batch, 0, 0, 0), EBADF);
    llnet_batch_free(batch);
}
END_TEST

START_TEST(the_error_of_a_later_message_is_that_of_the_next_call) {
    llnet_socket a, b;
    llnet_addr a_addr, b_addr;
    llnet_batch *batch = new_batch(3, 65508, 0);

    open_udp_pair(&a, &a_addr, &b, &b_addr);
    fill_batch(batch, &b_addr);
    assert_ok(llnet_buffer_set_size(buffer_at(batch, 1), 65508));
    ck_assert_int_eq(llnet_socket_send_batch(&a, batch, 0, LLNET_ALL, 0), 1);
    ck_assert_int_eq(llnet_batch_get_size(batch, 1), 0);
    assert_error(llnet_socket_send_batch(&a, batch, 1, LLNET_ALL, 0), EMSGSIZE);
    ck_assert_int_eq(llnet_socket_send_batch(&a, batch, 2, LLNET_ALL, 0), 1);
    ck_assert_int_eq(llnet_batch_get_size(batch, 2), 2);
    char bytes[4];
    ck_assert_int_eq(recv(fd_of(&b), bytes, sizeof bytes, 0), 0);
    ck_assert_int_eq(recv(fd_of(&b), bytes, sizeof bytes, 0), 2);
    llnet_batch_free(batch);
    close_both(&a, &b);
}
END_TEST

START_TEST(what_a_full_queue_has_no_room_for_is_sent_by_the_next_call) {
    llnet_batch *batch = new_batch(LLNET_BATCH_MAX, 64, 0);
    llnet_socket a, b;
    llnet_count n, more, taken = 0;
    unsigned char byte;

    assert_ok(llnet_socket_pair(&a, &b, AF_UNIX, SOCK_DGRAM, 0, SOCK_NONBLOCK));
    for (size_t i = 0; i < LLNET_BATCH_MAX; i++)
        assert_ok(llnet_batch_set_data(batch, i, &(unsigned char){(unsigned char)i}, 1));
    n = llnet_socket_send_batch(&a, batch, 0, LLNET_ALL, 0);
    assert_ok(n);
    ck_assert_int_gt(n, 0);
    ck_assert_int_lt(n, LLNET_BATCH_MAX);
    ck_assert_int_eq(llnet_batch_get_size(batch, (size_t)n - 1), 1);
    ck_assert_int_eq(llnet_batch_get_size(batch, (size_t)n), 0);
    assert_error(llnet_socket_send_batch(&a, batch, (size_t)n, LLNET_ALL, 0), EAGAIN);
    for (; taken < n; taken++) {
        ck_assert_int_eq(recv(fd_of(&b), &byte, 1, 0), 1);
        ck_assert_uint_eq(byte, (unsigned char)taken);
    }
    ck_assert_int_eq(recv(fd_of(&b), &byte, 1, 0), -1);
    more = llnet_socket_send_batch(&a, batch, (size_t)n, 1, 0);
    ck_assert_int_eq(more, 1);
    ck_assert_int_eq(recv(fd_of(&b), &byte, 1, 0), 1);
    ck_assert_uint_eq(byte, (unsigned char)n);
    llnet_batch_free(batch);
    close_both(&a, &b);
}
END_TEST

void add_send_cases(Suite *suite) {
    TCase *tcase = add_case(suite, "sends");

    tcase_add_loop_test(tcase, a_batch_goes_in_order_with_its_bytes_to_its_address, 0, 4);
    tcase_add_test(tcase, each_message_has_an_address_of_its_own);
    tcase_add_test(tcase, a_range_of_nothing_sends_nothing_and_one_beyond_is_out_of_bounds);
    tcase_add_test(tcase, the_error_of_a_later_message_is_that_of_the_next_call);
    tcase_add_test(tcase, what_a_full_queue_has_no_room_for_is_sent_by_the_next_call);
}
