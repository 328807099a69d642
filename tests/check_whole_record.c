/* SPDX-License-Identifier: MIT */
/* check_whole_record.c: recv_until: records that end with a delimiter, one by one out of a stream. */
#include "check_whole.h"

#include <pthread.h>
#include <sys/socket.h>

static llnet_count next_record(const char *delimiter, size_t limit, int64_t deadline) {
    return llnet_socket_recv_until(&pair[1], buffer, delimiter, strlen(delimiter), limit, deadline);
}

static void assert_begins(const char *expected) {
    ck_assert_uint_ge(llnet_buffer_get_size(buffer), strlen(expected));
    ck_assert(memcmp(llnet_buffer_const_data(buffer), expected, strlen(expected)) == 0);
}

static void assert_contents(const char *expected) {
    ck_assert_uint_eq(llnet_buffer_get_size(buffer), strlen(expected));
    assert_begins(expected);
}

static void send_text(const char *text) {
    ck_assert_int_eq(send(fd_of(&pair[0]), text, strlen(text), 0), (ssize_t)strlen(text));
}

static void open_records(bool nonblock) {
    open_pair_nonblock(nonblock);
    assert_ok(llnet_buffer_new(&buffer, 0));
}

static void close_records(void) {
    close_pair();
    llnet_buffer_free(buffer);
}

START_TEST(several_records_of_one_receive_come_one_by_one) {
    open_records(_i == 1);
    send_text("one\ntwo\n\nrest");
    ck_assert_int_eq(next_record("\n", LLNET_ALL, LLNET_NEVER), 4);
    assert_contents("one\ntwo\n\nrest");
    ck_assert_int_eq(next_record("\n", LLNET_ALL, LLNET_NEVER), 4);
    assert_ok(llnet_buffer_consume(buffer, 4));
    ck_assert_int_eq(next_record("\n", LLNET_ALL, 0), 4);
    assert_ok(llnet_buffer_consume(buffer, 4));
    ck_assert_int_eq(next_record("\n", LLNET_ALL, 0), 1);
    assert_ok(llnet_buffer_consume(buffer, 1));
    assert_error(next_record("\n", LLNET_ALL, 0), ETIMEDOUT);
    assert_contents("rest");
    send_text(" of it\n");
    ck_assert_int_eq(next_record("\n", LLNET_ALL, 0), 11);
    close_records();
}
END_TEST

START_TEST(a_delimiter_that_comes_in_parts_is_found) {
    char text[] = "head\r\r\n\r\nbody";
    pthread_t thread;

    open_records(_i == 1);
    ck_assert_int_eq(pthread_create(&thread, NULL, send_bytes, text), 0);
    ck_assert_int_eq(next_record("\r\n\r\n", LLNET_ALL, LLNET_NEVER), 9);
    assert_begins("head\r\r\n\r\n"); /* some of what follows may have come with it */
    ck_assert_int_eq(next_record("body", LLNET_ALL, LLNET_NEVER), 13);
    ck_assert_int_eq(pthread_join(thread, NULL), 0);
    assert_contents("head\r\r\n\r\nbody");
    close_records();
}
END_TEST

START_TEST(a_record_beyond_the_limit_is_enobufs) {
    open_records(false);
    send_text("0123456789\n");
    assert_error(next_record("\n", 8, LLNET_NEVER), ENOBUFS);
    assert_contents("01234567");
    assert_error(next_record("\n", 8, LLNET_NEVER), ENOBUFS);
    assert_error(next_record("\n", 0, LLNET_NEVER), ENOBUFS);
    ck_assert_int_eq(next_record("\n", 11, LLNET_NEVER), 11);
    close_records();
}
END_TEST

START_TEST(a_buffer_grows_to_a_record_of_megabytes_and_no_further_than_the_limit) {
    char *bytes = make_bytes();
    llnet_count n;
    size_t i;

    open_records(true);
    for (i = 0; i < BIG; i++)
        if (bytes[i] == '\n')
            bytes[i] = ' ';
    bytes[BIG - 1] = '\n';
    for (i = 0, n = -EAGAIN; i < BIG || n < 0;) {
        ssize_t sent = i < BIG ? send(fd_of(&pair[0]), bytes + i, BIG - i, 0) : 0;
        i += sent > 0 ? (size_t)sent : 0;
        n = next_record("\n", BIG, 0);
        if (n < 0)
            assert_error(n, ETIMEDOUT);
    }
    ck_assert_int_eq(n, BIG);
    ck_assert(memcmp(llnet_buffer_const_data(buffer), bytes, BIG) == 0);
    ck_assert_uint_le(llnet_buffer_get_capacity(buffer), BIG);
    close_records();
    free(bytes);
}
END_TEST

START_TEST(a_stream_that_ends_in_a_record_is_closed_and_the_rest_is_there) {
    open_records(_i == 1);
    send_text("one\nrest");
    assert_ok(llnet_socket_shutdown(&pair[0], SHUT_WR));
    ck_assert_int_eq(next_record("\n", LLNET_ALL, LLNET_NEVER), 4);
    assert_ok(llnet_buffer_consume(buffer, 4));
    assert_error(next_record("\n", LLNET_ALL, LLNET_NEVER), LLNET_ECLOSED);
    assert_contents("rest");
    close_records();
}
END_TEST

START_TEST(a_record_waits_until_the_deadline_or_a_signal) {
    int64_t deadline;

    open_records(_i == 1);
    send_text("part");
    deadline = in_ms(30);
    assert_error(next_record("\n", LLNET_ALL, deadline), ETIMEDOUT);
    ck_assert_int_ge(llnet_clock_now(), deadline);
    assert_contents("part");
    set_alarms(true);
    assert_error(next_record("\n", LLNET_ALL, LLNET_NEVER), EINTR);
    set_alarms(false);
    assert_contents("part");
    assert_error(next_record("", LLNET_ALL, 0), EINVAL);
    close_records();
}
END_TEST

/* A Unix one that is shut down would be readable for ever, and have nothing. */
/* Of either a receive with too little room would lose bytes. */
static void assert_no_stream(llnet_socket *self) {
    llnet_buffer *record;
    size_t progress;
    char bytes[4];

    assert_ok(llnet_buffer_new(&record, 10));
    assert_error(llnet_socket_recv_exact(self, bytes, 4, LLNET_NEVER, &progress), EOPNOTSUPP);
    assert_error(llnet_socket_recv_exact_buffer(self, record, 0, 4, LLNET_NEVER, &progress), EOPNOTSUPP);
    assert_error(llnet_socket_recv_until(self, record, "\n", 1, 10, LLNET_NEVER), EOPNOTSUPP);
    llnet_buffer_free(record);
}

START_TEST(datagrams_are_no_stream) {
    llnet_socket a, b, wrapped;

    assert_ok(llnet_socket_pair(&a, &b, AF_UNIX, _i == 0 ? SOCK_DGRAM : SOCK_SEQPACKET, 0, 0));
    ck_assert_int_eq(llnet_socket_send(&a, "a\nb", 3, 0), 3);
    assert_no_stream(&b);
    assert_ok(llnet_socket_borrow(&wrapped, llnet_socket_fileno(&b)));
    assert_no_stream(&wrapped);
    assert_ok(llnet_socket_shutdown(&b, SHUT_RD));
    assert_no_stream(&b);
    assert_ok(llnet_socket_close(&a));
    assert_ok(llnet_socket_close(&b));
}
END_TEST

START_TEST(what_a_seqpacket_listener_accepts_is_no_stream) {
    llnet_socket listener, out, in;
    llnet_addr addr;
    char byte;

    assert_ok(llnet_socket_open(&listener, AF_UNIX, SOCK_SEQPACKET, 0, 0));
    assert_ok(llnet_socket_open(&out, AF_UNIX, SOCK_SEQPACKET, 0, 0));
    assert_ok(llnet_addr_set_family(&addr, AF_UNIX)); /* Linux gives it a name */
    assert_ok(llnet_socket_bind(&listener, &addr));
    assert_ok(llnet_socket_listen(&listener, 1));
    assert_ok(llnet_socket_get_sockname(&listener, &addr));
    assert_ok(llnet_socket_connect(&out, &addr));
    assert_ok(llnet_socket_accept(&listener, &in, NULL, 0));
    ck_assert_int_eq(llnet_socket_send(&out, "a\nb", 3, 0), 3);
    assert_no_stream(&in);
    assert_ok(llnet_socket_close(&out));
    ck_assert_int_eq(llnet_socket_recv(&in, &byte, 1, 0), 1);
    assert_error(llnet_socket_recv(&in, &byte, 1, 0), LLNET_ECLOSED);
    assert_ok(llnet_socket_close(&in));
    assert_ok(llnet_socket_close(&listener));
}
END_TEST

START_TEST(closed_sockets_are_ebadf) {
    llnet_socket closed;
    llnet_addr addr;
    size_t progress = 99;
    char byte = 'x';

    llnet_socket_init(&closed);
    assert_ok(llnet_buffer_new(&buffer, 8));
    assert_ok(llnet_buffer_set_data(buffer, "a\n", 2));
    assert_ok(llnet_addr_set_ip(&addr, "127.0.0.1", 80));
    assert_error(llnet_socket_send_all(&closed, &byte, 1, LLNET_NEVER, &progress), EBADF);
    ck_assert_uint_eq(progress, 0);
    assert_error(llnet_socket_send_all(&closed, NULL, 0, LLNET_NEVER, &progress), EBADF);
    assert_error(llnet_socket_send_all_buffer(&closed, buffer, 0, LLNET_ALL, LLNET_NEVER, &progress), EBADF);
    assert_error(llnet_socket_recv_exact(&closed, &byte, 1, LLNET_NEVER, &progress), EBADF);
    assert_error(llnet_socket_recv_exact_buffer(&closed, buffer, 0, LLNET_ALL, LLNET_NEVER, &progress), EBADF);
    assert_error(llnet_socket_recv_until(&closed, buffer, "\n", 1, LLNET_ALL, LLNET_NEVER), EBADF);
    assert_error(llnet_socket_connect_until(&closed, &addr, LLNET_NEVER), EBADF);
    ck_assert_uint_eq(llnet_buffer_get_size(buffer), 2);
    llnet_buffer_free(buffer);
}
END_TEST

void add_record_cases(Suite *suite) {
    TCase *records = add_case(suite, "records");

    tcase_add_loop_test(records, several_records_of_one_receive_come_one_by_one, 0, 2);
    tcase_add_loop_test(records, a_delimiter_that_comes_in_parts_is_found, 0, 2);
    tcase_add_test(records, a_record_beyond_the_limit_is_enobufs);
    tcase_add_test(records, a_buffer_grows_to_a_record_of_megabytes_and_no_further_than_the_limit);
    tcase_add_loop_test(records, a_stream_that_ends_in_a_record_is_closed_and_the_rest_is_there, 0, 2);
    tcase_add_loop_test(records, a_record_waits_until_the_deadline_or_a_signal, 0, 2);
    tcase_add_loop_test(records, datagrams_are_no_stream, 0, 2);
    tcase_add_test(records, what_a_seqpacket_listener_accepts_is_no_stream);
    tcase_add_test(records, closed_sockets_are_ebadf);
}
