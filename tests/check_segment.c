/* SPDX-License-Identifier: MIT */
/* check_segment.c: runs of bytes that are cut into datagrams and joined of them: by the
 * kernel, by the loop where the kernel refuses, and (a program of its own) by the library as
 * it is on systems that cannot do it. */
#include "allocations.h"
#include "harness.h"
#include "udp_counters.h"

#include <netinet/in.h>
#include <netinet/udp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#ifndef UDP_GRO
#define UDP_GRO 104
#endif
#ifndef IPPROTO_UDPLITE
#define IPPROTO_UDPLITE 136
#endif

static unsigned char run[70000], room[70000];

/* ---- what the tests share --------------------------------------------------------- */

static int fd_of(const llnet_socket *self) {
    return (int)llnet_socket_fileno(self);
}

static void close_both(llnet_socket *a, llnet_socket *b) {
    assert_ok(llnet_socket_close(a));
    assert_ok(llnet_socket_close(b));
}

static void fill_run(void) {
    for (size_t i = 0; i < sizeof run; i++)
        run[i] = (unsigned char)(i / 7 + i);
}

/* Two bound sockets and their addresses; false where there is no such protocol. */
static bool open_pair(llnet_socket *a, llnet_socket *b, llnet_addr *a_addr, llnet_addr *b_addr, const char *host,
                      int protocol) {
    assert_ok(llnet_addr_set_ip(a_addr, host, 0));
    *b_addr = *a_addr;
    if (llnet_socket_open(a, llnet_addr_get_family(a_addr), SOCK_DGRAM, protocol, 0) < 0)
        return false;
    assert_ok(llnet_socket_open(b, llnet_addr_get_family(b_addr), SOCK_DGRAM, protocol, 0));
    assert_ok(llnet_socket_bind(a, a_addr));
    assert_ok(llnet_socket_bind(b, b_addr));
    assert_ok(llnet_socket_get_sockname(a, a_addr));
    assert_ok(llnet_socket_get_sockname(b, b_addr));
    fill_run();
    return true;
}

/* Asserts that len bytes of the run wait at a socket, in datagrams of a size. */
static void assert_cut(const llnet_socket *self, size_t len, size_t size) {
    for (size_t done = 0; done < len; done += size) {
        size_t part = len - done < size ? len - done : size;
        ck_assert_int_eq(llnet_socket_poll(self, POLLIN, 5000), POLLIN);
        ck_assert_int_eq(recv(fd_of(self), room, sizeof room, MSG_DONTWAIT), (int)part);
        ck_assert(memcmp(room, run + done, part) == 0);
    }
    ck_assert_int_eq(recv(fd_of(self), room, sizeof room, MSG_DONTWAIT), -1);
}

/* ---- sending ------------------------------------------------------------------------ */

START_TEST(a_run_is_cut_into_datagrams_of_the_size_and_a_shorter_last) {
    static const struct {
        size_t len, size;
    } runs[] = {{9500, 1000}, {9000, 1000}, {1, 1000},         {1000, 1000},
                {1001, 1000}, {64, 1},      {64 * 1000, 1000}, {65507, 1200}};
    llnet_addr a_addr, b_addr;
    llnet_socket a, b;

    if (_i % 2 == 1 && !have_ipv6())
        skip("no IPv6 on loopback");
    open_pair(&a, &b, &a_addr, &b_addr, _i % 2 == 1 ? "::1" : "127.0.0.1", 0);
    if (_i >= 2)
        assert_ok(llnet_socket_connect(&a, &b_addr));
    for (size_t i = 0; i < sizeof runs / sizeof runs[0]; i++) {
        ck_assert_int_eq(
            llnet_socket_send_segments(&a, run, runs[i].len, runs[i].size, _i >= 2 ? NULL : &b_addr, 0),
            (int)runs[i].len);
        assert_cut(&b, runs[i].len, runs[i].size);
    }
    ck_assert_int_eq(llnet_socket_send_segments(&a, NULL, 0, 1000, &b_addr, 0), 0);
    ck_assert_int_eq(recv(fd_of(&b), room, sizeof room, 0), 0);
    close_both(&a, &b);
}
END_TEST

START_TEST(more_than_64_datagrams_or_65507_bytes_are_named_an_error) {
    llnet_addr a_addr, b_addr;
    llnet_socket a, b;

    open_pair(&a, &b, &a_addr, &b_addr, "127.0.0.1", 0);
    assert_error(llnet_socket_send_segments(&a, run, 65, 1, &b_addr, 0), LLNET_ESEGMENTS);
    assert_error(llnet_socket_send_segments(&a, run, 64 * 1000 + 1, 1000, &b_addr, 0), LLNET_ESEGMENTS);
    assert_error(llnet_socket_send_segments(&a, run, 65508, 1200, &b_addr, 0), LLNET_ESEGMENTS);
    assert_error(llnet_socket_send_segments(&a, run, 65508, 65508, &b_addr, 0), LLNET_ESEGMENTS);
    ck_assert_str_eq(llnet_error_name(LLNET_ESEGMENTS), "SEGMENTS");
    ck_assert_ptr_nonnull(strstr(llnet_error_text(LLNET_ESEGMENTS), "64"));
    ck_assert_ptr_nonnull(strstr(llnet_error_text(LLNET_ESEGMENTS), "65507"));
    ck_assert_int_eq(recv(fd_of(&b), room, sizeof room, MSG_DONTWAIT), -1);
    close_both(&a, &b);
}
END_TEST

START_TEST(what_makes_no_sense_is_refused_before_anything_goes) {
    llnet_addr a_addr, b_addr;
    llnet_socket a, b;

    open_pair(&a, &b, &a_addr, &b_addr, "127.0.0.1", 0);
    assert_error(llnet_socket_send_segments(&a, run, 100, 0, &b_addr, 0), EINVAL);
#ifdef MSG_MORE
    assert_error(llnet_socket_send_segments(&a, run, 100, 10, &b_addr, MSG_MORE), EINVAL);
#endif
    assert_error(llnet_socket_send_segments(&a, run, 100, 10, NULL, 0), EDESTADDRREQ);
    ck_assert_int_eq(recv(fd_of(&b), room, sizeof room, MSG_DONTWAIT), -1);
    close_both(&a, &b);
    assert_error(llnet_socket_send_segments(&a, run, 100, 0, &b_addr, 0), EBADF);
    open_tcp_pair(&a, &b);
    assert_error(llnet_socket_send_segments(&a, run, 100, 10, NULL, 0), EOPNOTSUPP);
    close_both(&a, &b);
}
END_TEST

START_TEST(a_buffer_is_cut_from_an_offset_on) {
    llnet_addr a_addr, b_addr;
    llnet_buffer *buffer;
    llnet_socket a, b;

    open_pair(&a, &b, &a_addr, &b_addr, "127.0.0.1", 0);
    assert_ok(llnet_buffer_new(&buffer, 0));
    assert_ok(llnet_buffer_append(buffer, "before", 6));
    assert_ok(llnet_buffer_append(buffer, run, 2500));
    ck_assert_int_eq(llnet_socket_send_segments_buffer(&a, buffer, 6, LLNET_ALL, 1000, &b_addr, 0), 2500);
    assert_cut(&b, 2500, 1000);
    ck_assert_int_eq(llnet_socket_send_segments_buffer(&a, buffer, 6, 1500, 1000, &b_addr, 0), 1500);
    assert_cut(&b, 1500, 1000);
    assert_error(llnet_socket_send_segments_buffer(&a, buffer, 2507, LLNET_ALL, 1000, &b_addr, 0), LLNET_EBOUNDS);
    assert_error(llnet_socket_send_segments_buffer(&a, buffer, 6, 2501, 1000, &b_addr, 0), LLNET_EBOUNDS);
    llnet_buffer_free(buffer);
    close_both(&a, &b);
}
END_TEST

/* ---- where the kernel does not cut ----------------------------------------------------- */

START_TEST(where_the_kernel_refuses_a_loop_sends_the_same_datagrams) {
    llnet_addr a_addr, b_addr;
    llnet_socket a, b;
    int on = 1;

    /* EIO: not over UDP-Lite. EINVAL (before Linux 6.12 EIO): not without checksums */
    if (!open_pair(&a, &b, &a_addr, &b_addr, "127.0.0.1", _i == 0 ? IPPROTO_UDPLITE : 0))
        skip("no UDP-Lite here");
#ifdef SO_NO_CHECK
    if (_i == 1)
        ck_assert_int_eq(setsockopt(fd_of(&a), SOL_SOCKET, SO_NO_CHECK, &on, sizeof on), 0);
#endif
    ck_assert_int_eq(llnet_socket_send_segments(&a, run, 9500, 1000, &b_addr, 0), 9500);
    assert_cut(&b, 9500, 1000);
    assert_ok(llnet_socket_connect(&a, &b_addr));
    ck_assert_int_eq(llnet_socket_send_segments(&a, run, 64000, 1000, NULL, 0), 64000);
    assert_cut(&b, 64000, 1000);
    close_both(&a, &b);
}
END_TEST

START_TEST(other_datagrams_than_udps_are_cut_by_the_loop_which_tells_how_far_it_came) {
    llnet_socket a, b;
    llnet_count n;

    fill_run();
    assert_ok(llnet_socket_pair(&a, &b, AF_UNIX, SOCK_DGRAM, 0, SOCK_NONBLOCK));
    ck_assert_int_eq(llnet_socket_send_segments(&a, run, 250, 100, NULL, 0), 250);
    assert_cut(&b, 250, 100);
    while ((n = llnet_socket_send(&a, run, 1, 0)) == 1) { /* fill the queue, */
    }
    assert_error(n, EAGAIN);
    ck_assert_int_eq(recv(fd_of(&b), room, sizeof room, 0), 1); /* take two: */
    ck_assert_int_eq(recv(fd_of(&b), room, sizeof room, 0), 1);
    n = llnet_socket_send_segments(&a, run, 950, 100, NULL, 0);
    ck_assert_int_eq(n, 200); /* there is room for two */
    assert_error(llnet_socket_send_segments(&a, run + n, 750, 100, NULL, 0), EAGAIN);
    close_both(&a, &b);
}
END_TEST

/* ---- receiving --------------------------------------------------------------------------- */

START_TEST(a_run_that_the_kernel_joined_comes_with_the_size_of_its_datagrams) {
#ifdef NO_OFFLOAD
    skip("the library as other systems have it");
#else
    llnet_addr a_addr, b_addr, from;
    size_t size = 99;
    llnet_socket a, b;
    int on = 1;

    if (_i == 1 && !have_ipv6())
        skip("no IPv6 on loopback");
    open_pair(&a, &b, &a_addr, &b_addr, _i == 1 ? "::1" : "127.0.0.1", 0);
    if (setsockopt(fd_of(&b), IPPROTO_UDP, UDP_GRO, &on, sizeof on) < 0) {
        close_both(&a, &b);
        skip("no UDP_GRO here");
    }
    ck_assert_int_eq(llnet_socket_send_segments(&a, run, 9500, 1000, &b_addr, 0), 9500);
    ck_assert_int_eq(llnet_socket_recv_segments(&b, room, sizeof room, &size, &from, 0), 9500);
    ck_assert_uint_eq(size, 1000);
    ck_assert(memcmp(room, run, 9500) == 0);
    ck_assert(llnet_addr_equal(&from, &a_addr));
    ck_assert_int_eq(llnet_socket_sendto(&a, run, 700, &b_addr, 0), 700);
    ck_assert_int_eq(llnet_socket_recv_segments(&b, room, sizeof room, &size, NULL, 0), 700);
    ck_assert_uint_eq(size, 700);
    ck_assert_int_eq(llnet_socket_send_segments(&a, run, 64000, 1000, &b_addr, 0), 64000);
    ck_assert_int_eq(llnet_socket_recv_segments(&b, room, sizeof room, &size, NULL, 0), 64000);
    ck_assert_uint_eq(size, 1000);
    ck_assert(memcmp(room, run, 64000) == 0);
    close_both(&a, &b);
#endif
}
END_TEST

START_TEST(a_single_datagram_is_a_run_of_its_own_size) {
    llnet_addr a_addr, b_addr, from;
    size_t size = 99;
    llnet_socket a, b;

    open_pair(&a, &b, &a_addr, &b_addr, "127.0.0.1", 0);
    ck_assert_int_eq(llnet_socket_sendto(&a, run, 700, &b_addr, 0), 700);
    ck_assert_int_eq(llnet_socket_sendto(&a, run, 0, &b_addr, 0), 0);
    ck_assert_int_eq(llnet_socket_recv_segments(&b, room, 700, &size, &from, 0), 700);
    ck_assert_uint_eq(size, 700);
    ck_assert(memcmp(room, run, 700) == 0);
    ck_assert(llnet_addr_equal(&from, &a_addr));
    ck_assert_int_eq(llnet_socket_recv_segments(&b, room, 700, &size, NULL, 0), 0);
    ck_assert_uint_eq(size, 0);
    assert_error(llnet_socket_recv_segments(&b, room, 700, &size, NULL, MSG_DONTWAIT), EAGAIN);
    close_both(&a, &b);
    assert_error(llnet_socket_recv_segments(&b, room, 700, &size, NULL, 0), EBADF);
}
END_TEST

START_TEST(what_has_no_room_is_an_error_or_with_msg_trunc_its_length) {
    llnet_addr a_addr, b_addr;
    size_t size = 99;
    llnet_socket a, b;

    open_pair(&a, &b, &a_addr, &b_addr, "127.0.0.1", 0);
    for (int i = 0; i < 2; i++)
        ck_assert_int_eq(llnet_socket_sendto(&a, run, 700, &b_addr, 0), 700);
    assert_error(llnet_socket_recv_segments(&b, room, 699, &size, NULL, 0), ENOBUFS);
    ck_assert_uint_eq(size, 99);
    ck_assert_int_eq(llnet_socket_recv_segments(&b, room, 100, &size, NULL, MSG_TRUNC), 700);
    ck_assert_uint_eq(size, 700);
    close_both(&a, &b);
}
END_TEST

START_TEST(a_buffer_receives_at_an_offset_what_it_has_room_for) {
    llnet_addr a_addr, b_addr, from;
    llnet_buffer *buffer;
    size_t size = 99;
    llnet_socket a, b;

    open_pair(&a, &b, &a_addr, &b_addr, "127.0.0.1", 0);
    assert_ok(llnet_buffer_new(&buffer, 800));
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(llnet_socket_sendto(&a, run, 700, &b_addr, 0), 700);
    ck_assert_int_eq(llnet_socket_recv_segments_buffer(&b, buffer, 100, LLNET_ALL, &size, &from, 0), 700);
    ck_assert_uint_eq(size, 700);
    ck_assert(llnet_addr_equal(&from, &a_addr));
    ck_assert_uint_eq(llnet_buffer_get_size(buffer), 0);
    ck_assert(memcmp((char *)llnet_buffer_data(buffer) + 100, run, 700) == 0);
    assert_error(llnet_socket_recv_segments_buffer(&b, buffer, 101, LLNET_ALL, &size, NULL, 0), ENOBUFS);
    assert_error(llnet_socket_recv_segments_buffer(&b, buffer, 0, 699, &size, NULL, 0), ENOBUFS);
    assert_error(llnet_socket_recv_segments_buffer(&b, buffer, 800, LLNET_ALL, &size, NULL, 0), ENOBUFS);
    assert_error(llnet_socket_recv_segments_buffer(&b, buffer, 801, LLNET_ALL, &size, NULL, 0), LLNET_EBOUNDS);
    llnet_buffer_free(buffer);
    close_both(&a, &b);
}
END_TEST

START_TEST(the_end_of_a_stream_is_closed) {
    size_t size = 99;
    llnet_socket a, b;

    open_tcp_pair(&a, &b);
    ck_assert_int_eq(llnet_socket_send(&a, "xyz", 3, 0), 3);
    assert_ok(llnet_socket_shutdown(&a, SHUT_WR));
    ck_assert_int_eq(llnet_socket_recv_segments(&b, room, sizeof room, &size, NULL, 0), 3);
    ck_assert_uint_eq(size, 3);
    assert_error(llnet_socket_recv_segments(&b, room, sizeof room, &size, NULL, 0), LLNET_ECLOSED);
    close_both(&a, &b);
}
END_TEST

/* ---- the kernel's counters, and memory -------------------------------------------------------- */

static void exchange_counted(void) {
    long in = udp_counter("InDatagrams"), errors = udp_counter("InErrors");
    llnet_addr a_addr, b_addr;
    llnet_socket a, b;

    open_pair(&a, &b, &a_addr, &b_addr, "127.0.0.1", 0);
    ck_assert_int_eq(llnet_socket_send_segments(&a, run, 9500, 1000, &b_addr, 0), 9500);
    assert_cut(&b, 9500, 1000);
    ck_assert_int_eq(udp_counter("InDatagrams"), in + 10);
    ck_assert_int_eq(udp_counter("InErrors"), errors);
    close_both(&a, &b);
}

START_TEST(the_kernel_counts_each_datagram_that_came) {
    if (!run_in_namespace(exchange_counted))
        skip("no network namespace may be made");
}
END_TEST

START_TEST(calls_take_no_memory) {
    llnet_addr a_addr, b_addr, from;
    int failed = 0, on = 1;
    llnet_socket a, b;
    size_t size = 0;
    long before, after;

    open_pair(&a, &b, &a_addr, &b_addr, "127.0.0.1", 0);
    setsockopt(fd_of(&b), IPPROTO_UDP, UDP_GRO, &on, sizeof on);
    before = count_allocations();
    for (int i = 0; i < 50000; i++) { /* of each */
        failed |= llnet_socket_send_segments(&a, run, 200, 100, &b_addr, 0) != 200;
        failed |= llnet_socket_recv_segments(&b, room, sizeof room, &size, &from, 0) < 100;
        while (llnet_socket_recv(&b, room, sizeof room, MSG_DONTWAIT) > 0) {
        }
    }
    after = count_allocations(); /* an assertion takes memory itself */
    ck_assert_int_eq(failed, 0);
    ck_assert_int_eq(after, before);
    close_both(&a, &b);
    if (before < 0)
        skip("allocations cannot be counted here");
}
END_TEST

int main(void) {
    Suite *suite = suite_create("segment");
    TCase *sends = add_case(suite, "sends"), *receives = add_case(suite, "receives"),
          *more = add_case(suite, "more");

    tcase_add_loop_test(sends, a_run_is_cut_into_datagrams_of_the_size_and_a_shorter_last, 0, 4);
    tcase_add_test(sends, more_than_64_datagrams_or_65507_bytes_are_named_an_error);
    tcase_add_test(sends, what_makes_no_sense_is_refused_before_anything_goes);
    tcase_add_test(sends, a_buffer_is_cut_from_an_offset_on);
    tcase_add_loop_test(sends, where_the_kernel_refuses_a_loop_sends_the_same_datagrams, 0, 2);
    tcase_add_test(sends, other_datagrams_than_udps_are_cut_by_the_loop_which_tells_how_far_it_came);
    tcase_add_loop_test(receives, a_run_that_the_kernel_joined_comes_with_the_size_of_its_datagrams, 0, 2);
    tcase_add_test(receives, a_single_datagram_is_a_run_of_its_own_size);
    tcase_add_test(receives, what_has_no_room_is_an_error_or_with_msg_trunc_its_length);
    tcase_add_test(receives, a_buffer_receives_at_an_offset_what_it_has_room_for);
    tcase_add_test(receives, the_end_of_a_stream_is_closed);
    tcase_add_test(more, the_kernel_counts_each_datagram_that_came);
    tcase_add_test(more, calls_take_no_memory);
    tcase_set_timeout(more, 60);
    return run_suite(suite);
}
