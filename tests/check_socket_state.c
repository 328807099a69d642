/* SPDX-License-Identifier: MIT */
/* check_socket_state.c: poll of one socket, its pending error, non-blocking mode,
 * what is queued, and the urgent mark. */
#include "check_socket.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#ifdef __linux__
#include <linux/sockios.h>
#else
#define SIOCOUTQ TIOCOUTQ
#endif

#ifdef POLLRDHUP
#define RDHUP POLLRDHUP
#else
#define RDHUP 0
#endif

static long now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

START_TEST(poll_tells_what_is_ready_of_what_was_asked) {
    llnet_socket a, b;

    open_tcp_pair(&a, &b);
    ck_assert_int_eq(llnet_socket_poll(&a, POLLIN, 0), 0);
    ck_assert_int_eq(llnet_socket_poll(&a, POLLOUT, 0), POLLOUT);
    ck_assert_int_eq(llnet_socket_poll(&a, POLLIN | POLLOUT | POLLPRI | RDHUP, 0), POLLOUT);
    ck_assert_int_eq(llnet_socket_poll(&a, 0, 0), 0);
    ck_assert_int_eq(llnet_socket_send(&b, "x", 1, 0), 1);
    ck_assert_int_eq(llnet_socket_poll(&a, POLLIN, 5000), POLLIN);
    ck_assert_int_eq(llnet_socket_poll(&a, POLLIN | POLLOUT, -1), POLLIN | POLLOUT);
    close_both(&a, &b);
}
END_TEST

START_TEST(poll_tells_a_half_close_from_a_hang_up) {
    llnet_socket a, b;

    open_tcp_pair(&a, &b);
    assert_ok(llnet_socket_shutdown(&b, SHUT_WR));
    ck_assert_int_eq(llnet_socket_poll(&a, POLLIN | RDHUP, 5000), POLLIN | RDHUP);
    assert_ok(llnet_socket_shutdown(&a, SHUT_WR));
    ck_assert_int_eq(llnet_socket_poll(&a, 0, 5000), POLLHUP);
    ck_assert_int_eq(llnet_socket_poll(&a, POLLIN | RDHUP, 0), POLLIN | RDHUP | POLLHUP);
    close_both(&a, &b);
}
END_TEST

START_TEST(poll_gives_0_when_the_time_is_up) {
    llnet_socket a, b;
    long before, passed;

    open_unix_pair(&a, &b, SOCK_STREAM);
    before = now_ms();
    ck_assert_int_eq(llnet_socket_poll(&a, POLLIN, 60), 0);
    passed = now_ms() - before;
    ck_assert_msg(passed >= 59, "60 ms took %ld", passed);
    close_both(&a, &b);
}
END_TEST

START_TEST(any_negative_timeout_waits_for_ever) {
    llnet_socket a, b;

    open_unix_pair(&a, &b, SOCK_STREAM);
    start_alarms(); /* the only thing that ends it */
    assert_error(llnet_socket_poll(&a, POLLIN, -1), EINTR);
    assert_error(llnet_socket_poll(&a, POLLIN, INT32_MIN), EINTR);
    stop_alarms();
    close_both(&a, &b);
}
END_TEST

START_TEST(poll_refuses_other_events) {
    const int wrong[] = {POLLERR, POLLHUP, POLLNVAL, POLLIN | POLLERR, 0x10000, 0x10000 | POLLIN, -1, INT32_MIN};
    llnet_socket a, b;

    open_unix_pair(&a, &b, SOCK_STREAM);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_error(llnet_socket_poll(&a, wrong[i], 0), EINVAL);
    close_both(&a, &b);
}
END_TEST

START_TEST(a_descriptor_closed_behind_the_sockets_back_is_told_by_every_call) {
    llnet_socket self;
    bool value = true;
    char byte;

    assert_ok(llnet_socket_open(&self, AF_INET, SOCK_STREAM, 0, 0));
    ck_assert_int_eq(close((int)llnet_socket_fileno(&self)), 0);
    assert_error(llnet_socket_poll(&self, POLLIN, 0), EBADF);
    assert_error(llnet_socket_poll(&self, 0, -1), EBADF);
    assert_error(llnet_socket_take_error(&self), EBADF);
    assert_error(llnet_socket_set_nonblock(&self, true), EBADF);
    assert_error(llnet_socket_get_cloexec(&self, &value), EBADF);
    assert_error(llnet_socket_at_mark(&self, &value), EBADF);
    assert_error(llnet_socket_get_queued_in(&self), EBADF);
    assert_error(llnet_socket_get_queued_out(&self), EBADF);
    assert_error(llnet_socket_recv(&self, &byte, 1, 0), EBADF);
    assert_error(llnet_socket_send(&self, "x", 1, 0), EBADF);
    ck_assert(value);
    assert_error(llnet_socket_close(&self), EBADF);
    ck_assert_int_eq(llnet_socket_close(&self), 0);
}
END_TEST

START_TEST(take_error_takes_the_error_of_a_datagram_that_was_refused) {
    llnet_socket a, b;
    llnet_addr a_addr, b_addr;

    open_udp_pair(&a, &a_addr, &b, &b_addr);
    assert_ok(llnet_socket_connect(&a, &b_addr));
    assert_ok(llnet_socket_connect(&b, &b_addr)); /* holds the port, and takes nothing from others */
    ck_assert_int_eq(llnet_socket_take_error(&a), 0);
    ck_assert_int_eq(llnet_socket_send(&a, "x", 1, 0), 1);
    ck_assert_int_eq(llnet_socket_poll(&a, 0, 5000), POLLERR);
    ck_assert_int_eq(llnet_socket_take_error(&a), -ECONNREFUSED);
    ck_assert_int_eq(llnet_socket_take_error(&a), 0);
    close_both(&a, &b);
}
END_TEST

START_TEST(non_blocking_mode_is_that_of_the_descriptor) {
    llnet_socket a, b;
    int flags;
    bool value = true;
    char byte;

    open_unix_pair(&a, &b, SOCK_STREAM);
    flags = fcntl((int)llnet_socket_fileno(&a), F_GETFL);
    assert_ok(llnet_socket_get_nonblock(&a, &value));
    ck_assert(!value);
    for (int i = 0; i < 2; i++) { /* the second time there is nothing to change */
        assert_ok(llnet_socket_set_nonblock(&a, true));
        ck_assert_int_eq(fcntl((int)llnet_socket_fileno(&a), F_GETFL), flags | O_NONBLOCK);
    }
    assert_ok(llnet_socket_get_nonblock(&a, &value));
    ck_assert(value);
    assert_error(llnet_socket_recv(&a, &byte, 1, 0), EAGAIN);
    for (int i = 0; i < 2; i++) {
        assert_ok(llnet_socket_set_nonblock(&a, false));
        ck_assert_int_eq(fcntl((int)llnet_socket_fileno(&a), F_GETFL), flags);
    }
    assert_ok(llnet_socket_get_nonblock(&b, &value));
    ck_assert(!value);
    close_both(&a, &b);
}
END_TEST

START_TEST(queued_in_counts_a_streams_bytes_and_the_next_datagrams) {
    llnet_socket a, b;
    llnet_addr a_addr, b_addr;
    int asked = -1;

    open_tcp_pair(&a, &b);
    ck_assert_int_eq(llnet_socket_get_queued_in(&b), 0);
    ck_assert_int_eq(llnet_socket_send(&a, "0123456789", 10, 0), 10);
    ck_assert_int_eq(llnet_socket_poll(&b, POLLIN, 5000), POLLIN);
    ck_assert_int_eq(ioctl((int)llnet_socket_fileno(&b), FIONREAD, &asked), 0);
    ck_assert_int_eq(asked, 10);
    ck_assert_int_eq(llnet_socket_get_queued_in(&b), 10);
    close_both(&a, &b);
    open_udp_pair(&a, &a_addr, &b, &b_addr);
    ck_assert_int_eq(llnet_socket_sendto(&a, "123", 3, &b_addr, 0), 3);
    ck_assert_int_eq(llnet_socket_sendto(&a, "12345", 5, &b_addr, 0), 5);
    ck_assert_int_eq(llnet_socket_poll(&b, POLLIN, 5000), POLLIN);
    ck_assert_int_eq(llnet_socket_get_queued_in(&b), 3);
    close_both(&a, &b);
}
END_TEST

START_TEST(queued_out_counts_what_the_peer_has_not_taken) {
    static char bytes[65536];
    llnet_socket a, b;
    llnet_count sent, queued;
    int asked = -1, again = -1;

    open_tcp_pair(&a, &b);
    ck_assert_int_eq(llnet_socket_get_queued_out(&a), 0);
    assert_ok(llnet_socket_set_nonblock(&a, true));
    do
        sent = llnet_socket_send(&a, bytes, sizeof bytes, 0);
    while (sent > 0); /* now the receiver's window is full too */
    assert_error(sent, EAGAIN);
    do { /* an acknowledgement may come in between */
        ck_assert_int_eq(ioctl((int)llnet_socket_fileno(&a), SIOCOUTQ, &asked), 0);
        queued = llnet_socket_get_queued_out(&a);
        ck_assert_int_eq(ioctl((int)llnet_socket_fileno(&a), SIOCOUTQ, &again), 0);
    } while (again != asked);
    ck_assert_int_gt(asked, 0);
    ck_assert_int_eq(queued, asked);
    close_both(&a, &b);
    open_unix_pair(&a, &b, SOCK_DGRAM);
    ck_assert_int_eq(llnet_socket_send(&a, bytes, 100, 0), 100);
    ck_assert_int_eq(ioctl((int)llnet_socket_fileno(&a), SIOCOUTQ, &asked), 0);
    ck_assert_int_ge(asked, 100);
    ck_assert_int_eq(llnet_socket_get_queued_out(&a), asked);
    close_both(&a, &b);
}
END_TEST

START_TEST(a_listener_has_no_queues_to_count) {
    llnet_socket listener;
    llnet_addr addr;

    open_listener(&listener, &addr);
    assert_error(llnet_socket_get_queued_in(&listener), EINVAL);
    assert_error(llnet_socket_get_queued_out(&listener), EINVAL);
    ck_assert_int_eq(llnet_socket_close(&listener), 0);
}
END_TEST

START_TEST(a_unix_listener_has_no_queue_in_and_nothing_to_send) {
    llnet_socket listener;
    llnet_addr addr;

    llnet_addr_init(&addr);
    assert_ok(llnet_addr_set_unix(&addr, NULL, 0));
    assert_ok(llnet_socket_open(&listener, AF_UNIX, SOCK_STREAM, 0, 0));
    assert_ok(llnet_socket_bind(&listener, &addr));
    assert_ok(llnet_socket_listen(&listener, 1));
    assert_error(llnet_socket_get_queued_in(&listener), EINVAL);
    ck_assert_int_eq(llnet_socket_get_queued_out(&listener), 0);
    ck_assert_int_eq(llnet_socket_close(&listener), 0);
}
END_TEST

START_TEST(the_urgent_byte_is_marked_and_comes_out_of_band) {
    llnet_socket a, b;
    bool value = true;
    char bytes[8];

    open_tcp_pair(&a, &b);
    assert_ok(llnet_socket_at_mark(&b, &value));
    ck_assert(!value);
    ck_assert_int_eq(llnet_socket_send(&a, "ab", 2, 0), 2);
    ck_assert_int_eq(llnet_socket_send(&a, "!", 1, MSG_OOB), 1);
    ck_assert_int_eq(llnet_socket_send(&a, "cd", 2, 0), 2);
    ck_assert_int_eq(llnet_socket_poll(&b, POLLPRI, 5000), POLLPRI);
    ck_assert_int_eq(llnet_socket_recv(&b, bytes, sizeof bytes, 0), 2); /* stops at the mark */
    ck_assert_mem_eq(bytes, "ab", 2);
    assert_ok(llnet_socket_at_mark(&b, &value));
    ck_assert(value);
    ck_assert_int_eq(llnet_socket_recv(&b, bytes, sizeof bytes, MSG_OOB), 1);
    ck_assert_int_eq(bytes[0], '!');
    assert_error(llnet_socket_recv(&b, bytes, sizeof bytes, MSG_OOB), EINVAL); /* it came already */
    ck_assert_int_eq(llnet_socket_recv(&b, bytes, 2, MSG_WAITALL), 2);
    ck_assert_mem_eq(bytes, "cd", 2);
    assert_ok(llnet_socket_at_mark(&b, &value));
    ck_assert(!value);
    close_both(&a, &b);
}
END_TEST

START_TEST(state_calls_on_what_is_no_socket_say_so) {
    llnet_socket self;
    bool value = true;
    int fds[2];

    ck_assert_int_eq(pipe(fds), 0);
    assert_ok(llnet_socket_borrow(&self, fds[0]));
    assert_error(llnet_socket_take_error(&self), ENOTSOCK);
    assert_error(llnet_socket_at_mark(&self, &value), ENOTTY);
    ck_assert(value);
    ck_assert_int_eq(llnet_socket_poll(&self, POLLIN, 0), 0); /* poll(2) takes any file */
    assert_ok(llnet_socket_set_nonblock(&self, true));
    close(fds[0]);
    close(fds[1]);
}
END_TEST

void add_state_cases(Suite *suite) {
    TCase *tcase = add_case(suite, "state");

    tcase_add_test(tcase, poll_tells_what_is_ready_of_what_was_asked);
    tcase_add_test(tcase, poll_tells_a_half_close_from_a_hang_up);
    tcase_add_test(tcase, poll_gives_0_when_the_time_is_up);
    tcase_add_test(tcase, any_negative_timeout_waits_for_ever);
    tcase_add_test(tcase, poll_refuses_other_events);
    tcase_add_test(tcase, a_descriptor_closed_behind_the_sockets_back_is_told_by_every_call);
    tcase_add_test(tcase, take_error_takes_the_error_of_a_datagram_that_was_refused);
    tcase_add_test(tcase, non_blocking_mode_is_that_of_the_descriptor);
    tcase_add_test(tcase, queued_in_counts_a_streams_bytes_and_the_next_datagrams);
    tcase_add_test(tcase, queued_out_counts_what_the_peer_has_not_taken);
    tcase_add_test(tcase, a_listener_has_no_queues_to_count);
    tcase_add_test(tcase, a_unix_listener_has_no_queue_in_and_nothing_to_send);
    tcase_add_test(tcase, the_urgent_byte_is_marked_and_comes_out_of_band);
    tcase_add_test(tcase, state_calls_on_what_is_no_socket_say_so);
}
