/* SPDX-License-Identifier: MIT */
/* check_message_call.c: segments, addresses and the two calls: what goes, what comes, and
 * what either says of itself. */
#include "check_message.h"

#include <unistd.h>

/* ---- segments --------------------------------------------------------------------- */

START_TEST(segments_are_gathered_and_scattered_in_order) {
    llnet_socket a, b;
    llnet_message *out, *in;
    llnet_buffer *from, *into;
    char first[2], last[4] = "....";

    open_unix(&a, &b, SOCK_DGRAM);
    assert_ok(llnet_buffer_new(&from, 0));
    assert_ok(llnet_buffer_set_data(from, "0123456789", 10));
    assert_ok(llnet_buffer_new(&into, 6));
    out = new_letter("ab", NULL);
    assert_ok(llnet_message_add_buffer(out, from, 3, 4));
    assert_ok(llnet_message_add_data(out, NULL, 0));
    assert_ok(llnet_message_add_buffer(out, from, 8, LLNET_ALL));
    assert_ok(llnet_message_add_data(out, "xyz", 3));
    ck_assert_uint_eq(llnet_message_get_segment_count(out), 5);
    ck_assert_int_eq(llnet_socket_send_message(&a, out, 0), 11);
    assert_ok(llnet_message_new(&in, 0));
    assert_ok(llnet_message_add_space(in, first, 2));
    assert_ok(llnet_message_add_buffer(in, into, 1, LLNET_ALL));
    assert_ok(llnet_message_add_space(in, last, 4));
    ck_assert_int_eq(llnet_socket_recv_message(&b, in, 0), 11);
    ck_assert_mem_eq(first, "ab", 2);
    ck_assert_uint_eq(llnet_buffer_get_size(into), 6);
    ck_assert_mem_eq(llnet_buffer_const_data(into),
                     "\0"
                     "34568",
                     6);
    ck_assert_mem_eq(last, "9xyz", 4);
    llnet_message_free(in);
    llnet_message_free(out);
    llnet_buffer_free(from);
    llnet_buffer_free(into);
    close_two(&a, &b);
}
END_TEST

START_TEST(a_receive_sets_the_sizes_of_its_buffers_to_what_came) {
    llnet_socket a, b;
    llnet_message *in;
    llnet_buffer *one, *two;

    open_unix(&a, &b, SOCK_DGRAM);
    assert_ok(llnet_buffer_new(&one, 4));
    assert_ok(llnet_buffer_new(&two, 4));
    assert_ok(llnet_buffer_set_data(one, "old", 3));
    assert_ok(llnet_buffer_set_data(two, "old", 3));
    assert_ok(llnet_message_new(&in, 0));
    assert_ok(llnet_message_add_buffer(in, one, 0, 4));
    assert_ok(llnet_message_add_buffer(in, two, 0, LLNET_ALL));
    ck_assert_int_eq(llnet_socket_send(&a, "123456", 6, 0), 6);
    ck_assert_int_eq(llnet_socket_recv_message(&b, in, 0), 6);
    ck_assert_uint_eq(llnet_buffer_get_size(one), 4);
    ck_assert_uint_eq(llnet_buffer_get_size(two), 2);
    ck_assert_int_eq(llnet_socket_send(&a, "7", 1, 0), 1);
    ck_assert_int_eq(llnet_socket_recv_message(&b, in, 0), 1);
    ck_assert_uint_eq(llnet_buffer_get_size(one), 1);
    ck_assert_uint_eq(llnet_buffer_get_size(two), 0);
    assert_error(llnet_socket_recv_message(&b, in, MSG_DONTWAIT), EAGAIN);
    ck_assert_uint_eq(llnet_buffer_get_size(one), 1);
    llnet_message_free(in);
    llnet_buffer_free(one);
    llnet_buffer_free(two);
    close_two(&a, &b);
}
END_TEST

START_TEST(a_buffer_is_looked_at_when_the_call_is_made) {
    llnet_socket a, b;
    llnet_message *out;
    llnet_buffer *buffer;
    char bytes[32];

    open_unix(&a, &b, SOCK_DGRAM);
    assert_ok(llnet_buffer_new(&buffer, 0));
    assert_ok(llnet_message_new(&out, 0));
    assert_ok(llnet_message_add_buffer(out, buffer, 0, LLNET_ALL));
    ck_assert_int_eq(llnet_socket_send_message(&a, out, 0), 0);
    ck_assert_int_eq(llnet_socket_recv(&b, bytes, sizeof bytes, 0), 0);
    assert_ok(llnet_buffer_set_data(buffer, "grown since it was added", 24));
    llnet_buffer_free(buffer); /* the message holds it */
    ck_assert_int_eq(llnet_socket_send_message(&a, out, 0), 24);
    ck_assert_int_eq(llnet_socket_recv(&b, bytes, sizeof bytes, 0), 24);
    ck_assert_mem_eq(bytes, "grown since it was added", 24);
    llnet_message_free(out);
    close_two(&a, &b);
}
END_TEST

START_TEST(a_range_that_is_not_there_is_out_of_bounds) {
    static const struct {
        size_t offset, count;
        bool send, recv;
    } ranges[] = {
        {0, 11, true, true},  {11, LLNET_ALL, true, true},   {11, 0, true, true},  {1, 10, true, true},
        {4, 3, true, false},  {7, LLNET_ALL, true, false},   {0, 6, false, false}, {6, LLNET_ALL, false, false},
        {10, 0, true, false}, {SIZE_MAX - 1, 4, true, true},
    };
    llnet_socket a, b;
    llnet_message *self;
    llnet_buffer *buffer;
    llnet_count sent, received;

    open_unix(&a, &b, SOCK_DGRAM);
    assert_ok(llnet_buffer_new(&buffer, 10));
    assert_ok(llnet_buffer_set_data(buffer, "012345", 6));
    assert_ok(llnet_message_new(&self, 0));
    assert_ok(llnet_message_add_buffer(self, buffer, ranges[_i].offset, ranges[_i].count));
    sent = llnet_socket_send_message(&a, self, 0);
    ck_assert_int_eq(sent == -LLNET_EBOUNDS, ranges[_i].send);
    received = llnet_socket_recv_message(&b, self, MSG_DONTWAIT);
    ck_assert_int_eq(received == -LLNET_EBOUNDS, ranges[_i].recv);
    llnet_message_free(self);
    llnet_buffer_free(buffer);
    close_two(&a, &b);
}
END_TEST

START_TEST(what_was_added_to_be_sent_is_not_written_to) {
    llnet_socket a, b;
    llnet_message *self = new_letter("const", NULL);

    open_unix(&a, &b, SOCK_DGRAM);
    ck_assert_int_eq(llnet_socket_send(&a, "x", 1, 0), 1);
    assert_error(llnet_socket_recv_message(&b, self, 0), EFAULT);
    llnet_message_free(self);
    close_two(&a, &b);
}
END_TEST

START_TEST(more_segments_than_iov_max_are_emsgsize) {
    long most = sysconf(_SC_IOV_MAX), i;
    llnet_socket a, b;
    llnet_message *self;
    static char bytes[4096];

    ck_assert_int_gt(most, 0);
    ck_assert_int_lt(most, (long)sizeof bytes);
    open_unix(&a, &b, SOCK_DGRAM);
    assert_ok(llnet_message_new(&self, 0));
    for (i = 0; i < most; i++)
        assert_ok(llnet_message_add_data(self, &"0123456789"[i % 10], 1));
    ck_assert_int_eq(llnet_socket_send_message(&a, self, 0), most);
    ck_assert_int_eq(llnet_socket_recv(&b, bytes, sizeof bytes, 0), most);
    for (i = 0; i < most; i++)
        ck_assert_int_eq(bytes[i], '0' + (int)(i % 10));
    assert_ok(llnet_message_add_data(self, "x", 1));
    assert_error(llnet_socket_send_message(&a, self, 0), EMSGSIZE);
    llnet_message_free(self);
    close_two(&a, &b);
}
END_TEST

/* ---- calls -------------------------------------------------------------------------- */

START_TEST(a_reply_needs_no_address) {
    const char *hosts[] = {"127.0.0.1", "::1"};
    llnet_socket a, b;
    llnet_addr a_addr, b_addr, addr;
    struct inbox inbox;
    llnet_message *letter;
    char bytes[8];

    if (_i == 1 && !have_ipv6())
        skip("no IPv6 on loopback");
    open_udp_at(&a, &a_addr, hosts[_i]);
    open_udp_at(&b, &b_addr, hosts[_i]);
    open_inbox(&inbox, LLNET_MESSAGE_CONTROL);
    letter = new_letter("question", &b_addr);
    ck_assert_int_eq(llnet_socket_send_message(&a, letter, 0), 8);
    ck_assert_int_eq(llnet_socket_recv_message(&b, inbox.message, 0), 8);
    ck_assert_uint_eq(llnet_message_get_size(inbox.message), 8);
    ck_assert_mem_eq(inbox.bytes, "questionz", 9);
    assert_ok(llnet_message_get_address(inbox.message, &addr));
    ck_assert(llnet_addr_equal(&addr, &a_addr));
    llnet_message_clear_data(inbox.message);
    assert_ok(llnet_message_add_data(inbox.message, "answer", 6));
    ck_assert_int_eq(llnet_socket_send_message(&b, inbox.message, 0), 6);
    ck_assert_int_eq(llnet_socket_recv(&a, bytes, sizeof bytes, 0), 6);
    ck_assert_mem_eq(bytes, "answer", 6);
    llnet_message_set_address(inbox.message, NULL);
    assert_error(llnet_message_get_address(inbox.message, &addr), ENOENT);
    llnet_message_free(letter);
    close_inbox(&inbox);
    close_two(&a, &b);
}
END_TEST

START_TEST(an_unnamed_sender_has_no_address) {
    llnet_socket a, b;
    llnet_addr addr;
    struct inbox inbox;

    open_inbox(&inbox, 0);
    open_unix(&a, &b, _i == 0 ? SOCK_DGRAM : SOCK_STREAM);
    llnet_addr_init(&addr);
    assert_ok(llnet_addr_set_ip(&addr, "127.0.0.1", 9));
    llnet_message_set_address(inbox.message, &addr);
    ck_assert_int_eq(llnet_socket_send(&a, "x", 1, 0), 1);
    ck_assert_int_eq(llnet_socket_recv_message(&b, inbox.message, 0), 1);
    assert_error(llnet_message_get_address(inbox.message, &addr), ENOENT);
    close_inbox(&inbox);
    close_two(&a, &b);
}
END_TEST

START_TEST(a_failed_receive_leaves_the_address_and_nothing_else) {
    llnet_socket a, b;
    llnet_addr a_addr, b_addr, addr;
    struct inbox inbox;

    open_inbox(&inbox, LLNET_MESSAGE_CONTROL);
    open_udp_pair(&a, &a_addr, &b, &b_addr);
    ck_assert_int_eq(llnet_socket_sendto(&a, "long datagram", 13, &b_addr, 0), 13);
    llnet_message_clear_data(inbox.message);
    assert_ok(llnet_message_add_space(inbox.message, inbox.bytes, 4));
    ck_assert_int_eq(llnet_socket_recv_message(&b, inbox.message, 0), 4);
    ck_assert_int_eq(llnet_message_get_flags(inbox.message), MSG_TRUNC);
    assert_ok(llnet_message_set_ttl(inbox.message, 3));
    ck_assert_uint_gt(llnet_message_get_control_count(inbox.message), 0);
    assert_error(llnet_socket_recv_message(&b, inbox.message, MSG_DONTWAIT), EAGAIN);
    ck_assert_uint_eq(llnet_message_get_size(inbox.message), 0);
    ck_assert_int_eq(llnet_message_get_flags(inbox.message), 0);
    ck_assert_uint_eq(llnet_message_get_control_count(inbox.message), 0);
    assert_ok(llnet_message_get_address(inbox.message, &addr));
    ck_assert(llnet_addr_equal(&addr, &a_addr));
    close_two(&a, &b);
    assert_error(llnet_socket_recv_message(&b, inbox.message, 0), EBADF);
    assert_error(llnet_socket_send_message(&b, inbox.message, 0), EBADF);
    close_inbox(&inbox);
}
END_TEST

START_TEST(a_datagram_that_is_longer_is_truncated_and_says_so) {
    llnet_socket a, b;
    llnet_addr a_addr, b_addr;
    struct inbox inbox;

    open_inbox(&inbox, 0);
    llnet_message_clear_data(inbox.message);
    assert_ok(llnet_message_add_space(inbox.message, inbox.bytes, 3));
    assert_ok(llnet_message_add_space(inbox.message, inbox.bytes + 8, 2));
    open_udp_pair(&a, &a_addr, &b, &b_addr);
    ck_assert_int_eq(llnet_socket_sendto(&a, "0123456789", 10, &b_addr, 0), 10);
    ck_assert_int_eq(llnet_socket_sendto(&a, "0123456789", 10, &b_addr, 0), 10);
    ck_assert_int_eq(llnet_socket_sendto(&a, "abcde", 5, &b_addr, 0), 5);
    ck_assert_int_eq(llnet_socket_recv_message(&b, inbox.message, 0), 5);
    ck_assert(llnet_message_is_truncated(inbox.message));
    ck_assert(!llnet_message_is_control_truncated(inbox.message));
    ck_assert_mem_eq(inbox.bytes, "012zzzzz34zz", 12);
    ck_assert_int_eq(llnet_socket_recv_message(&b, inbox.message, MSG_TRUNC), 10);
    ck_assert_uint_eq(llnet_message_get_size(inbox.message), 10);
    ck_assert(llnet_message_is_truncated(inbox.message));
    ck_assert_int_eq(llnet_socket_recv_message(&b, inbox.message, 0), 5);
    ck_assert(!llnet_message_is_truncated(inbox.message));
    ck_assert_int_eq(llnet_message_get_flags(inbox.message), 0);
    close_inbox(&inbox);
    close_two(&a, &b);
}
END_TEST

START_TEST(the_end_of_a_record_is_msg_eor) {
    llnet_socket a, b;
    struct inbox inbox;

    open_inbox(&inbox, 0);
    open_unix(&a, &b, SOCK_SEQPACKET);
    ck_assert_int_eq(llnet_socket_send(&a, "record", 6, 0), 6);
    ck_assert_int_eq(llnet_socket_recv_message(&b, inbox.message, 0), 6);
    ck_assert_int_eq(llnet_message_get_flags(inbox.message) & MSG_CTRUNC, 0);
    ck_assert_int_eq(llnet_socket_close(&a), 0);
    assert_error(llnet_socket_recv_message(&b, inbox.message, 0), LLNET_ECLOSED);
    close_inbox(&inbox);
    ck_assert_int_eq(llnet_socket_close(&b), 0);
}
END_TEST

START_TEST(the_end_of_a_stream_is_closed_and_an_empty_datagram_is_0) {
    llnet_socket a, b;
    llnet_addr a_addr, b_addr;
    struct inbox inbox;

    open_inbox(&inbox, 0);
    open_tcp_pair(&a, &b);
    ck_assert_int_eq(llnet_socket_send(&a, "last", 4, 0), 4);
    ck_assert_int_eq(llnet_socket_close(&a), 0);
    ck_assert_int_eq(llnet_socket_recv_message(&b, inbox.message, 0), 4);
    assert_error(llnet_socket_recv_message(&b, inbox.message, 0), LLNET_ECLOSED);
    ck_assert_uint_eq(llnet_message_get_size(inbox.message), 0);
    llnet_message_clear_data(inbox.message);
    ck_assert_int_eq(llnet_socket_recv_message(&b, inbox.message, 0), 0);
    ck_assert_int_eq(llnet_socket_close(&b), 0);
    open_udp_pair(&a, &a_addr, &b, &b_addr);
    ck_assert_int_eq(llnet_socket_sendto(&a, "", 0, &b_addr, 0), 0);
    assert_ok(llnet_message_add_space(inbox.message, inbox.bytes, 4));
    ck_assert_int_eq(llnet_socket_recv_message(&b, inbox.message, 0), 0);
    close_inbox(&inbox);
    close_two(&a, &b);
}
END_TEST

START_TEST(a_send_to_a_stream_that_ended_is_epipe_without_a_signal) {
    llnet_socket a, b;
    llnet_message *self = new_letter("x", NULL);

    open_unix(&a, &b, SOCK_STREAM);
    ck_assert_int_eq(llnet_socket_close(&b), 0);
    assert_error(llnet_socket_send_message(&a, self, 0), EPIPE);
    ck_assert_uint_eq(llnet_message_get_size(self), 0);
    llnet_message_free(self);
    ck_assert_int_eq(llnet_socket_close(&a), 0);
}
END_TEST

void add_call_cases(Suite *suite) {
    TCase *tcase = add_case(suite, "calls");

    tcase_add_test(tcase, segments_are_gathered_and_scattered_in_order);
    tcase_add_test(tcase, a_receive_sets_the_sizes_of_its_buffers_to_what_came);
    tcase_add_test(tcase, a_buffer_is_looked_at_when_the_call_is_made);
    tcase_add_loop_test(tcase, a_range_that_is_not_there_is_out_of_bounds, 0, 10);
    tcase_add_test(tcase, what_was_added_to_be_sent_is_not_written_to);
    tcase_add_test(tcase, more_segments_than_iov_max_are_emsgsize);
    tcase_add_loop_test(tcase, a_reply_needs_no_address, 0, 2);
    tcase_add_loop_test(tcase, an_unnamed_sender_has_no_address, 0, 2);
    tcase_add_test(tcase, a_failed_receive_leaves_the_address_and_nothing_else);
    tcase_add_test(tcase, a_datagram_that_is_longer_is_truncated_and_says_so);
    tcase_add_test(tcase, the_end_of_a_record_is_msg_eor);
    tcase_add_test(tcase, the_end_of_a_stream_is_closed_and_an_empty_datagram_is_0);
    tcase_add_test(tcase, a_send_to_a_stream_that_ended_is_epipe_without_a_signal);
}
