/* SPDX-License-Identifier: MIT */
/* check_socket_buffer.c: sending from buffers and receiving into them: which
 * bytes, and what is out of bounds. */
#include "check_socket.h"

#include <sys/socket.h>

/* The buffer holds the 8 bytes "01234567" and has room for 12. */
static llnet_buffer *new_buffer(void) {
    llnet_buffer *buffer;

    assert_ok(llnet_buffer_new(&buffer, 12));
    assert_ok(llnet_buffer_set_data(buffer, "01234567", 8));
    ck_assert_uint_eq(llnet_buffer_get_capacity(buffer), 12);
    return buffer;
}

static const struct {
    size_t offset, count;
    llnet_count result;
    const char *bytes;
} sends[] = {
    {0, LLNET_ALL, 8, "01234567"},
    {0, 8, 8, "01234567"},
    {0, 3, 3, "012"},
    {5, LLNET_ALL, 3, "567"},
    {5, 3, 3, "567"},
    {7, 1, 1, "7"},
    {0, 0, 0, ""},
    {8, 0, 0, ""},
    {8, LLNET_ALL, 0, ""},
    {0, 9, -LLNET_EBOUNDS, ""}, /* within the capacity is not enough */
    {5, 4, -LLNET_EBOUNDS, ""},
    {8, 1, -LLNET_EBOUNDS, ""},
    {9, 0, -LLNET_EBOUNDS, ""},
    {9, LLNET_ALL, -LLNET_EBOUNDS, ""},
    {SIZE_MAX, LLNET_ALL, -LLNET_EBOUNDS, ""},
    {SIZE_MAX, 1, -LLNET_EBOUNDS, ""},
    {1, SIZE_MAX - 1, -LLNET_EBOUNDS, ""},
    {2, SIZE_MAX - 1, -LLNET_EBOUNDS, ""},
};
enum { SENDS = sizeof sends / sizeof *sends };

START_TEST(just_the_bytes_asked_for_are_sent) {
    llnet_socket a, b;
    llnet_addr a_addr, b_addr;
    llnet_buffer *buffer = new_buffer();
    llnet_count result = sends[_i].result;
    char bytes[16];

    open_udp_pair(&a, &a_addr, &b, &b_addr);
    ck_assert_int_eq(llnet_socket_sendto_buffer(&a, buffer, sends[_i].offset, sends[_i].count, &b_addr, 0), result);
    assert_ok(llnet_socket_connect(&a, &b_addr));
    ck_assert_int_eq(llnet_socket_send_buffer(&a, buffer, sends[_i].offset, sends[_i].count, 0), result);
    ck_assert_int_eq(llnet_socket_sendto_buffer(&a, buffer, sends[_i].offset, sends[_i].count, NULL, 0), result);
    for (int i = 0; i < 3 && result >= 0; i++) {
        ck_assert_int_eq(llnet_socket_recv(&b, bytes, sizeof bytes, 0), result);
        ck_assert_mem_eq(bytes, sends[_i].bytes, (size_t)result);
    }
    assert_error(llnet_socket_recv(&b, bytes, sizeof bytes, MSG_DONTWAIT), EAGAIN);
    ck_assert_uint_eq(llnet_buffer_get_size(buffer), 8);
    llnet_buffer_free(buffer);
    close_both(&a, &b);
}
END_TEST

static const struct {
    size_t offset, count;
    llnet_count result;
    const char *after; /* all 12 bytes */
} recvs[] = {
    {0, LLNET_ALL, 12, "abcdefghijkl"},
    {0, 12, 12, "abcdefghijkl"},
    {0, 13, 12, "abcdefghijkl"},
    {0, 4, 4, "abcd4567...."},
    {8, LLNET_ALL, 4, "01234567abcd"},
    {8, 2, 2, "01234567ab.."},
    {8, 100, 4, "01234567abcd"},
    {10, LLNET_ALL, 2, "01234567..ab"}, /* beyond the size there is room too */
    {11, SIZE_MAX - 1, 1, "01234567...a"},
    {0, 0, 0, "01234567...."},
    {12, 0, 0, "01234567...."},
    {12, 1, -ENOBUFS, "01234567...."},
    {12, LLNET_ALL, -ENOBUFS, "01234567...."},
    {13, 0, -LLNET_EBOUNDS, "01234567...."},
    {13, LLNET_ALL, -LLNET_EBOUNDS, "01234567...."},
    {SIZE_MAX, LLNET_ALL, -LLNET_EBOUNDS, "01234567...."},
    {SIZE_MAX, 1, -LLNET_EBOUNDS, "01234567...."},
};
enum { RECVS = sizeof recvs / sizeof *recvs };

static void assert_holds(const llnet_buffer *buffer, const char *wanted) {
    const char *bytes = llnet_buffer_const_data(buffer);

    ck_assert_uint_eq(llnet_buffer_get_size(buffer), 8);
    ck_assert_uint_eq(llnet_buffer_get_capacity(buffer), 12);
    for (size_t i = 0; i < 12; i++)
        ck_assert_int_eq(bytes[i], wanted[i] == '.' ? '\0' : wanted[i]);
}

START_TEST(received_bytes_go_just_where_they_were_asked_to) {
    llnet_socket a, b;
    llnet_addr from = marked_addr();
    llnet_buffer *buffer = new_buffer(), *other = new_buffer();
    llnet_count result = recvs[_i].result;

    open_unix_pair(&a, &b, SOCK_STREAM);
    ck_assert_int_eq(llnet_socket_send(&a, "abcdefghijklmnopqrst", 20, 0), 20);
    ck_assert_int_eq(llnet_socket_recv_buffer(&b, buffer, recvs[_i].offset, recvs[_i].count, MSG_PEEK), result);
    assert_holds(buffer, recvs[_i].after);
    ck_assert_int_eq(llnet_socket_recvfrom_buffer(&b, other, recvs[_i].offset, recvs[_i].count, &from, 0), result);
    assert_holds(other, recvs[_i].after);
    ck_assert_int_eq(is_marked(&from), result < 0);
    ck_assert_int_eq(llnet_socket_get_queued_in(&b), 20 - (result > 0 ? result : 0));
    llnet_buffer_free(buffer);
    llnet_buffer_free(other);
    close_both(&a, &b);
}
END_TEST

START_TEST(a_buffer_without_memory_has_no_room) {
    llnet_socket a, b;
    llnet_buffer *buffer;

    assert_ok(llnet_buffer_new(&buffer, 0));
    open_unix_pair(&a, &b, SOCK_STREAM);
    ck_assert_int_eq(llnet_socket_send(&a, "x", 1, 0), 1);
    assert_error(llnet_socket_recv_buffer(&b, buffer, 0, LLNET_ALL, 0), ENOBUFS);
    assert_error(llnet_socket_recvfrom_buffer(&b, buffer, 0, 1, NULL, 0), ENOBUFS);
    ck_assert_int_eq(llnet_socket_recv_buffer(&b, buffer, 0, 0, 0), 0);
    assert_error(llnet_socket_recv_buffer(&b, buffer, 1, 0, 0), LLNET_EBOUNDS);
    ck_assert_int_eq(llnet_socket_send_buffer(&a, buffer, 0, LLNET_ALL, 0), 0);
    ck_assert_uint_eq(llnet_buffer_get_capacity(buffer), 0);
    llnet_buffer_free(buffer);
    close_both(&a, &b);
}
END_TEST

START_TEST(the_ends_and_errors_of_recv_are_those_of_recv_buffer) {
    llnet_socket a, b;
    llnet_addr from = marked_addr();
    llnet_buffer *buffer = new_buffer();

    open_unix_pair(&a, &b, SOCK_STREAM);
    assert_error(llnet_socket_recv_buffer(&b, buffer, 0, LLNET_ALL, MSG_DONTWAIT), EAGAIN);
    ck_assert_int_eq(llnet_socket_close(&a), 0);
    assert_error(llnet_socket_recv_buffer(&b, buffer, 0, LLNET_ALL, 0), LLNET_ECLOSED);
    assert_error(llnet_socket_recvfrom_buffer(&b, buffer, 0, LLNET_ALL, &from, 0), LLNET_ECLOSED);
    ck_assert(is_marked(&from));
    assert_holds(buffer, "01234567....");
    llnet_buffer_free(buffer);
    ck_assert_int_eq(llnet_socket_close(&b), 0);
}
END_TEST

START_TEST(a_datagram_into_a_buffer_may_be_longer_than_its_room) {
    llnet_socket a, b;
    llnet_addr a_addr, b_addr, from = marked_addr();
    llnet_buffer *buffer = new_buffer();

    open_udp_pair(&a, &a_addr, &b, &b_addr);
    ck_assert_int_eq(llnet_socket_sendto(&a, "abcdefghijklmnopqrst", 20, &b_addr, 0), 20);
    ck_assert_int_eq(llnet_socket_recvfrom_buffer(&b, buffer, 10, LLNET_ALL, &from, MSG_TRUNC), 20);
    assert_holds(buffer, "01234567..ab");
    ck_assert(llnet_addr_equal(&from, &a_addr));
    llnet_buffer_free(buffer);
    close_both(&a, &b);
}
END_TEST

void add_buffer_cases(Suite *suite) {
    TCase *tcase = add_case(suite, "buffer");

    tcase_add_loop_test(tcase, just_the_bytes_asked_for_are_sent, 0, SENDS);
    tcase_add_loop_test(tcase, received_bytes_go_just_where_they_were_asked_to, 0, RECVS);
    tcase_add_test(tcase, a_buffer_without_memory_has_no_room);
    tcase_add_test(tcase, the_ends_and_errors_of_recv_are_those_of_recv_buffer);
    tcase_add_test(tcase, a_datagram_into_a_buffer_may_be_longer_than_its_room);
}
