/* SPDX-License-Identifier: MIT */
/* check_socket_data.c: bytes and datagrams through send, recv, sendto and
 * recvfrom, and how a stream's end differs from nothing. */
#include "check_socket.h"
#include "directory.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#ifdef __linux__
#include <linux/errqueue.h>
#include <linux/net_tstamp.h>
#endif

START_TEST(the_end_of_a_stream_is_closed_and_stays_it) {
    const int types[] = {SOCK_STREAM, SOCK_SEQPACKET};
    llnet_socket a, b;
    llnet_addr from = marked_addr();
    char bytes[8];

    open_unix_pair(&a, &b, types[_i]);
    ck_assert_int_eq(llnet_socket_send(&a, "xyz", 3, 0), 3);
    ck_assert_int_eq(llnet_socket_close(&a), 0);
    ck_assert_int_eq(llnet_socket_recv(&b, bytes, sizeof bytes, 0), 3);
    ck_assert_mem_eq(bytes, "xyz", 3);
    assert_error(llnet_socket_recv(&b, bytes, sizeof bytes, 0), LLNET_ECLOSED);
    assert_error(llnet_socket_recv(&b, bytes, sizeof bytes, MSG_PEEK), LLNET_ECLOSED);
    assert_error(llnet_socket_recvfrom(&b, bytes, sizeof bytes, &from, 0), LLNET_ECLOSED);
    assert_error(llnet_socket_recvfrom(&b, bytes, sizeof bytes, NULL, 0), LLNET_ECLOSED);
    ck_assert(is_marked(&from));
    ck_assert_int_eq(llnet_socket_recv(&b, bytes, 0, 0), 0);
    ck_assert_int_eq(llnet_socket_recv(&b, NULL, 0, 0), 0);
    ck_assert_int_eq(llnet_socket_close(&b), 0);
}
END_TEST

START_TEST(a_datagram_of_0_bytes_is_0) {
    llnet_socket a, b;
    llnet_addr a_addr, b_addr, from = marked_addr();
    char bytes[8];

    open_udp_pair(&a, &a_addr, &b, &b_addr);
    ck_assert_int_eq(llnet_socket_sendto(&a, NULL, 0, &b_addr, 0), 0);
    ck_assert_int_eq(llnet_socket_sendto(&a, "", 0, &b_addr, 0), 0);
    ck_assert_int_eq(llnet_socket_recv(&b, bytes, sizeof bytes, 0), 0);
    ck_assert_int_eq(llnet_socket_recvfrom(&b, bytes, sizeof bytes, &from, 0), 0);
    ck_assert(llnet_addr_equal(&from, &a_addr));
    close_both(&a, &b);
}
END_TEST

START_TEST(a_request_for_0_bytes_is_0_while_data_wait) {
    llnet_socket a, b;
    char bytes[4];

    open_tcp_pair(&a, &b);
    ck_assert_int_eq(llnet_socket_send(&a, "data", 4, 0), 4);
    ck_assert_int_eq(llnet_socket_poll(&b, POLLIN, 5000), POLLIN);
    ck_assert_int_eq(llnet_socket_recv(&b, bytes, 0, 0), 0);
    ck_assert_int_eq(llnet_socket_recv(&b, NULL, 0, 0), 0);
    ck_assert_int_eq(llnet_socket_recv(&b, bytes, 4, 0), 4);
    ck_assert_int_eq(llnet_socket_send(&b, NULL, 0, 0), 0);
    close_both(&a, &b);
}
END_TEST

START_TEST(an_adopted_socket_learns_whether_0_is_an_end) {
    static const struct {
        int type;
        llnet_count end;
    } kinds[] = {{SOCK_STREAM, -LLNET_ECLOSED}, {SOCK_SEQPACKET, -LLNET_ECLOSED}, {SOCK_DGRAM, 0}};
    llnet_socket self, copy;
    char byte;
    int fds[2];

    ck_assert_int_eq(socketpair(AF_UNIX, kinds[_i].type, 0, fds), 0);
    assert_ok(llnet_socket_borrow(&self, fds[0]));
    if (kinds[_i].type == SOCK_DGRAM)
        ck_assert_int_eq(send(fds[1], "", 0, 0) + send(fds[1], "", 0, 0) + send(fds[1], "", 0, 0), 0);
    else
        close(fds[1]);
    ck_assert_int_eq(llnet_socket_recv(&self, &byte, 1, 0), kinds[_i].end);
    ck_assert_int_eq(llnet_socket_recv(&self, &byte, 1, 0), kinds[_i].end);
    assert_ok(llnet_socket_dup(&self, &copy));
    ck_assert_int_eq(llnet_socket_recv(&copy, &byte, 1, 0), kinds[_i].end);
    ck_assert_int_eq(llnet_socket_close(&copy), 0);
    close(fds[0]);
    if (kinds[_i].type == SOCK_DGRAM)
        close(fds[1]);
}
END_TEST

START_TEST(an_adopted_pipe_is_not_a_socket) {
    llnet_socket self;
    llnet_addr addr = marked_addr();
    char byte;
    int fds[2];

    ck_assert_int_eq(pipe(fds), 0);
    close(fds[1]);
    assert_ok(llnet_socket_adopt(&self, fds[0]));
    assert_error(llnet_socket_recv(&self, &byte, 1, 0), ENOTSOCK);
    assert_error(llnet_socket_recvfrom(&self, &byte, 1, &addr, 0), ENOTSOCK);
    assert_error(llnet_socket_send(&self, "x", 1, 0), ENOTSOCK);
    assert_error(llnet_socket_sendto(&self, "x", 1, &addr, 0), ENOTSOCK);
    ck_assert(is_marked(&addr));
    ck_assert_int_eq(llnet_socket_close(&self), 0);
}
END_TEST

START_TEST(a_send_to_a_stream_that_ended_gives_epipe_and_raises_nothing) {
    llnet_socket a, b;
    llnet_buffer *buffer;

    ck_assert(signal(SIGPIPE, SIG_DFL) != SIG_ERR); /* which would end this process */
    assert_ok(llnet_buffer_new(&buffer, 0));
    assert_ok(llnet_buffer_set_data(buffer, "data", 4));
    open_unix_pair(&a, &b, SOCK_STREAM);
    ck_assert_int_eq(llnet_socket_close(&b), 0);
    assert_error(llnet_socket_send(&a, "x", 1, 0), EPIPE);
    assert_error(llnet_socket_sendto(&a, "x", 1, NULL, 0), EPIPE);
    assert_error(llnet_socket_send_buffer(&a, buffer, 0, LLNET_ALL, 0), EPIPE);
    assert_error(llnet_socket_sendto_buffer(&a, buffer, 0, LLNET_ALL, NULL, 0), EPIPE);
    ck_assert_int_eq(llnet_socket_close(&a), 0);
    open_tcp_pair(&a, &b);
    assert_ok(llnet_socket_shutdown(&a, SHUT_WR));
    assert_error(llnet_socket_sendto(&a, "x", 1, &(llnet_addr){0}, 0), EPIPE);
    close_both(&a, &b);
    llnet_buffer_free(buffer);
}
END_TEST

START_TEST(a_signal_ends_a_blocking_call_with_eintr) {
    llnet_socket a, b, listener, out;
    llnet_addr addr, from = marked_addr();
    char byte;

    open_unix_pair(&a, &b, SOCK_STREAM);
    open_listener(&listener, &addr);
    start_alarms();
    assert_error(llnet_socket_recv(&a, &byte, 1, 0), EINTR);
    assert_error(llnet_socket_recvfrom(&a, &byte, 1, &from, 0), EINTR);
    assert_error(llnet_socket_accept(&listener, &out, &from, 0), EINTR);
    stop_alarms();
    ck_assert(is_marked(&from));
    ck_assert(!llnet_socket_is_open(&out));
    close_both(&a, &b);
    ck_assert_int_eq(llnet_socket_close(&listener), 0);
}
END_TEST

START_TEST(nothing_to_read_and_no_room_to_send_are_eagain) {
    static char bytes[65536];
    llnet_socket a, b;
    llnet_count sent, total = 0, got;

    open_tcp_pair(&a, &b);
    assert_error(llnet_socket_recv(&a, bytes, 1, MSG_DONTWAIT), EAGAIN);
    memset(bytes, 'f', sizeof bytes);
    while ((sent = llnet_socket_send(&a, bytes, sizeof bytes, MSG_DONTWAIT)) > 0)
        total += sent;
    assert_error(sent, EAGAIN);
    ck_assert_int_gt(total, 0);
    assert_ok(llnet_socket_shutdown(&a, SHUT_WR));
    while ((got = llnet_socket_recv(&b, bytes, sizeof bytes, 0)) > 0)
        total -= got;
    assert_error(got, LLNET_ECLOSED);
    ck_assert_int_eq(total, 0);
    close_both(&a, &b);
}
END_TEST

START_TEST(a_peek_takes_nothing) {
    llnet_socket a, b;
    char bytes[8] = "";

    open_unix_pair(&a, &b, SOCK_STREAM);
    ck_assert_int_eq(llnet_socket_send(&a, "peek", 4, 0), 4);
    ck_assert_int_eq(llnet_socket_recv(&b, bytes, 2, MSG_PEEK), 2);
    ck_assert_int_eq(llnet_socket_recv(&b, bytes, sizeof bytes, 0), 4);
    ck_assert_mem_eq(bytes, "peek", 4);
    close_both(&a, &b);
}
END_TEST

START_TEST(a_datagram_longer_than_len_is_cut_and_msg_trunc_tells_its_length) {
    llnet_socket a, b;
    llnet_addr a_addr, b_addr, from = marked_addr();
    char bytes[8] = "zzzzzzz";

    open_udp_pair(&a, &a_addr, &b, &b_addr);
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(llnet_socket_sendto(&a, "0123456789", 10, &b_addr, 0), 10);
    ck_assert_int_eq(llnet_socket_recv(&b, bytes, 4, 0), 4);
    ck_assert_mem_eq(bytes, "0123zzzz", 7);
    ck_assert_int_eq(llnet_socket_recv(&b, bytes, 4, MSG_TRUNC), 10);
    ck_assert_mem_eq(bytes, "0123zzzz", 7);
    ck_assert_int_eq(llnet_socket_recvfrom(&b, bytes, 0, &from, MSG_TRUNC), 10);
    ck_assert(llnet_addr_equal(&from, &a_addr));
    close_both(&a, &b);
}
END_TEST

#ifdef __linux__
START_TEST(msg_trunc_on_a_tcp_stream_discards) {
    llnet_socket a, b;
    char bytes[8] = "zzzzzzz";

    open_tcp_pair(&a, &b);
    ck_assert_int_eq(llnet_socket_send(&a, "0123456789", 10, 0), 10);
    ck_assert_int_eq(llnet_socket_recv(&b, bytes, 4, MSG_TRUNC | MSG_WAITALL), 4);
    ck_assert_mem_eq(bytes, "zzzzzzz", 7);
    ck_assert_int_eq(llnet_socket_recv(&b, bytes, 6, MSG_WAITALL), 6);
    ck_assert_mem_eq(bytes, "456789z", 7);
    close_both(&a, &b);
}
END_TEST

START_TEST(a_0_from_the_error_queue_is_not_the_end) {
    const int stamps = SOF_TIMESTAMPING_TX_ACK | SOF_TIMESTAMPING_SOFTWARE | SOF_TIMESTAMPING_OPT_TSONLY;
    llnet_socket a, b;
    char bytes[64];

    open_tcp_pair(&a, &b);
    assert_error(llnet_socket_recv(&a, bytes, sizeof bytes, MSG_ERRQUEUE), EAGAIN);
    if (setsockopt((int)llnet_socket_fileno(&a), SOL_SOCKET, SO_TIMESTAMPING, &stamps, sizeof stamps) < 0) {
        close_both(&a, &b);
        skip("no transmit timestamps");
    }
    ck_assert_int_eq(llnet_socket_send(&a, "x", 1, 0), 1);
    ck_assert_int_eq(llnet_socket_poll(&a, 0, 5000), POLLERR);
    ck_assert_int_eq(llnet_socket_recv(&a, bytes, sizeof bytes, MSG_ERRQUEUE), 0);
    close_both(&a, &b);
}
END_TEST
#endif

/* ---- addresses ---- */

/* Sends a datagram from one address to the other and an answer to where it came from. */
static void exchange(llnet_addr *a_addr, llnet_addr *b_addr) {
    llnet_socket a, b;
    llnet_addr from = marked_addr();
    char bytes[16];

    assert_ok(llnet_socket_open(&a, llnet_addr_get_family(a_addr), SOCK_DGRAM, 0, 0));
    assert_ok(llnet_socket_open(&b, llnet_addr_get_family(b_addr), SOCK_DGRAM, 0, 0));
    assert_ok(llnet_socket_bind(&a, a_addr));
    assert_ok(llnet_socket_bind(&b, b_addr));
    assert_ok(llnet_socket_get_sockname(&a, a_addr));
    assert_ok(llnet_socket_get_sockname(&b, b_addr));
    ck_assert_int_eq(llnet_socket_sendto(&a, "question", 8, b_addr, 0), 8);
    ck_assert_int_eq(llnet_socket_recvfrom(&b, bytes, sizeof bytes, &from, 0), 8);
    ck_assert_mem_eq(bytes, "question", 8);
    ck_assert(llnet_addr_equal(&from, a_addr));
    ck_assert_uint_eq(llnet_addr_get_size(&from), llnet_addr_get_size(a_addr));
    ck_assert_int_eq(llnet_socket_sendto(&b, "answer", 6, &from, 0), 6);
    ck_assert_int_eq(llnet_socket_recvfrom(&a, bytes, sizeof bytes, NULL, 0), 6);
    ck_assert_mem_eq(bytes, "answer", 6);
    assert_error(llnet_socket_sendto(&a, "x", 1, NULL, 0),
                 llnet_addr_get_family(a_addr) == AF_UNIX ? ENOTCONN : EDESTADDRREQ);
    from = marked_addr();
    assert_error(llnet_socket_recvfrom(&a, bytes, sizeof bytes, &from, MSG_DONTWAIT), EAGAIN);
    ck_assert(is_marked(&from));
    close_both(&a, &b);
}

START_TEST(datagrams_over_ip_tell_where_they_come_from) {
    const char *hosts[] = {"127.0.0.1", "::1"};
    llnet_addr a_addr, b_addr;

    if (_i == 1 && !have_ipv6())
        skip("no IPv6 on loopback");
    assert_ok(llnet_addr_set_ip(&a_addr, hosts[_i], 0));
    assert_ok(llnet_addr_set_ip(&b_addr, hosts[_i], 0));
    exchange(&a_addr, &b_addr);
}
END_TEST

START_TEST(datagrams_over_unix_paths_tell_where_they_come_from) {
    llnet_addr a_addr, b_addr;

    assert_ok(llnet_addr_set_unix(&a_addr, "a", 1));
    assert_ok(llnet_addr_set_unix(&b_addr, "b", 1));
    exchange(&a_addr, &b_addr);
    ck_assert_int_eq(unlink("a"), 0);
    ck_assert_int_eq(unlink("b"), 0);
}
END_TEST

#ifdef __linux__
START_TEST(datagrams_over_abstract_names_tell_where_they_come_from) {
    llnet_addr a_addr, b_addr;

    assert_ok(llnet_addr_set_unix(&a_addr, NULL, 0)); /* bind(2) gives an abstract name */
    assert_ok(llnet_addr_set_unix(&b_addr, NULL, 0));
    exchange(&a_addr, &b_addr);
    ck_assert_int_eq(llnet_addr_compare(&a_addr, &b_addr) != 0, true);
}
END_TEST
#endif

START_TEST(where_the_system_gives_no_address_it_is_unspecified) {
    llnet_socket a, b;
    llnet_addr from = marked_addr();
    char bytes[8];

    open_tcp_pair(&a, &b);
    ck_assert_int_eq(llnet_socket_send(&a, "tcp", 3, 0), 3);
    ck_assert_int_eq(llnet_socket_recvfrom(&b, bytes, sizeof bytes, &from, 0), 3);
    ck_assert_int_eq(llnet_addr_get_family(&from), AF_UNSPEC);
    close_both(&a, &b);
    from = marked_addr();
    open_unix_pair(&a, &b, SOCK_DGRAM);
    ck_assert_int_eq(llnet_socket_send(&a, "unix", 4, 0), 4);
    ck_assert_int_eq(llnet_socket_recvfrom(&b, bytes, sizeof bytes, &from, 0), 4);
    ck_assert_int_eq(llnet_addr_get_family(&from), AF_UNSPEC);
    close_both(&a, &b);
}
END_TEST

START_TEST(a_datagram_too_long_is_refused_whole) {
    static char bytes[70000];
    llnet_socket a, b;
    llnet_addr a_addr, b_addr;

    open_udp_pair(&a, &a_addr, &b, &b_addr);
    assert_error(llnet_socket_sendto(&a, bytes, sizeof bytes, &b_addr, 0), EMSGSIZE);
    assert_error(llnet_socket_recv(&b, bytes, sizeof bytes, MSG_DONTWAIT), EAGAIN);
    close_both(&a, &b);
}
END_TEST

/* ---- threads ---- */

static void *send_many(void *argument) {
    llnet_socket *self = argument;
    llnet_count sent = 0;

    for (int i = 0; i < 10000 && sent >= 0; i++)
        sent = llnet_socket_send(self, "x", 1, 0);
    return sent < 0 ? self : NULL;
}

START_TEST(sends_and_receives_on_one_adopted_socket_run_in_two_threads) {
    llnet_socket a, b, self;
    pthread_t thread;
    void *failed = &a;
    char byte;

    open_unix_pair(&a, &b, SOCK_STREAM);
    assert_ok(llnet_socket_adopt(&self, llnet_socket_detach(&a)));
    ck_assert_int_eq(llnet_socket_send(&b, "y", 1, 0), 1);
    assert_ok(llnet_socket_shutdown(&b, SHUT_WR));
    ck_assert_int_eq(pthread_create(&thread, NULL, send_many, &self), 0);
    ck_assert_int_eq(llnet_socket_recv(&self, &byte, 1, 0), 1);
    for (int i = 0; i < 1000; i++) /* the first one learns the type */
        assert_error(llnet_socket_recv(&self, &byte, 1, 0), LLNET_ECLOSED);
    for (int i = 0; i < 10000; i++)
        ck_assert_int_eq(llnet_socket_recv(&b, &byte, 1, 0), 1);
    ck_assert_int_eq(pthread_join(thread, &failed), 0);
    ck_assert_ptr_null(failed);
    close_both(&self, &b);
}
END_TEST

void add_data_cases(Suite *suite) {
    TCase *tcase = add_case(suite, "data");

    use_directory(tcase);
    tcase_add_loop_test(tcase, the_end_of_a_stream_is_closed_and_stays_it, 0, 2);
    tcase_add_test(tcase, a_datagram_of_0_bytes_is_0);
    tcase_add_test(tcase, a_request_for_0_bytes_is_0_while_data_wait);
    tcase_add_loop_test(tcase, an_adopted_socket_learns_whether_0_is_an_end, 0, 3);
    tcase_add_test(tcase, an_adopted_pipe_is_not_a_socket);
    tcase_add_test(tcase, a_send_to_a_stream_that_ended_gives_epipe_and_raises_nothing);
    tcase_add_test(tcase, a_signal_ends_a_blocking_call_with_eintr);
    tcase_add_test(tcase, nothing_to_read_and_no_room_to_send_are_eagain);
    tcase_add_test(tcase, a_peek_takes_nothing);
    tcase_add_test(tcase, a_datagram_longer_than_len_is_cut_and_msg_trunc_tells_its_length);
#ifdef __linux__
    tcase_add_test(tcase, msg_trunc_on_a_tcp_stream_discards);
    tcase_add_test(tcase, a_0_from_the_error_queue_is_not_the_end);
    tcase_add_test(tcase, datagrams_over_abstract_names_tell_where_they_come_from);
#endif
    tcase_add_loop_test(tcase, datagrams_over_ip_tell_where_they_come_from, 0, 2);
    tcase_add_test(tcase, datagrams_over_unix_paths_tell_where_they_come_from);
    tcase_add_test(tcase, where_the_system_gives_no_address_it_is_unspecified);
    tcase_add_test(tcase, a_datagram_too_long_is_refused_whole);
    tcase_add_test(tcase, sends_and_receives_on_one_adopted_socket_run_in_two_threads);
}
