/* SPDX-License-Identifier: MIT */
/* check_socket_connect.c: binding, connecting, listening, accepting, shutting
 * down, and the names of both ends. */
#include "check_socket.h"
#include "directory.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

/* Whether the address is the one that getsockname(2) or getpeername(2) tells. */
static bool is_name_of(const llnet_addr *addr, const llnet_socket *self,
                       int (*ask)(int, struct sockaddr *, socklen_t *)) {
    unsigned char bytes[LLNET_ADDR_BYTES_MAX];
    socklen_t len = sizeof bytes;

    ck_assert_int_eq(ask((int)llnet_socket_fileno(self), (struct sockaddr *)(void *)bytes, &len), 0);
    if (len > sizeof(struct sockaddr_un))
        len = sizeof(struct sockaddr_un); /* unix(7): may count a NUL that is not there, see BUGS */
    return llnet_addr_get_size(addr) == len && memcmp(llnet_addr_const_data(addr), bytes, len) == 0;
}

static void assert_names(const llnet_socket *self, const llnet_addr *own, const llnet_addr *peer) {
    llnet_addr name = marked_addr();

    assert_ok(llnet_socket_get_sockname(self, &name));
    ck_assert(is_name_of(&name, self, getsockname));
    ck_assert(llnet_addr_equal(&name, own));
    assert_ok(llnet_socket_get_peername(self, &name));
    ck_assert(is_name_of(&name, self, getpeername));
    ck_assert(llnet_addr_equal(&name, peer));
}

/* A stream over this address, which is bound and gets its port: what both ends
 * say of each other. */
static void connect_over(llnet_addr *addr) {
    llnet_socket listener, client, server;
    llnet_addr own, peer = marked_addr();
    int family = llnet_addr_get_family(addr);
    char bytes[8];

    assert_ok(llnet_socket_open(&listener, family, SOCK_STREAM, 0, 0));
    assert_ok(llnet_socket_bind(&listener, addr));
    assert_ok(llnet_socket_listen(&listener, 4));
    assert_ok(llnet_socket_get_sockname(&listener, addr));
    ck_assert(is_name_of(addr, &listener, getsockname));
    assert_ok(llnet_socket_open(&client, family, SOCK_STREAM, 0, 0));
    assert_ok(llnet_socket_connect(&client, addr));
    assert_ok(llnet_socket_accept(&listener, &server, &peer, 0));
    assert_ok(llnet_socket_get_sockname(&client, &own));
    ck_assert(llnet_addr_equal(&peer, &own));
    assert_names(&client, &own, addr);
    assert_names(&server, addr, &own);
    ck_assert_int_eq(llnet_socket_send(&client, "hello", 5, 0), 5);
    ck_assert_int_eq(llnet_socket_recv(&server, bytes, sizeof bytes, 0), 5);
    ck_assert_mem_eq(bytes, "hello", 5);
    close_both(&client, &server);
    ck_assert_int_eq(llnet_socket_close(&listener), 0);
}

START_TEST(a_stream_over_ipv4_knows_both_ends) {
    llnet_addr addr;

    llnet_addr_init(&addr);
    assert_ok(llnet_addr_set_ip(&addr, "127.0.0.1", 0));
    connect_over(&addr);
    ck_assert_int_gt(llnet_addr_get_port(&addr), 0);
}
END_TEST

START_TEST(a_stream_over_ipv6_knows_both_ends) {
    llnet_addr addr;

    if (!have_ipv6())
        skip("no IPv6 on loopback");
    llnet_addr_init(&addr);
    assert_ok(llnet_addr_set_ip(&addr, "::1", 0));
    connect_over(&addr);
    ck_assert_uint_eq(llnet_addr_get_size(&addr), sizeof(struct sockaddr_in6));
}
END_TEST

START_TEST(a_stream_over_a_unix_path_of_full_length_loses_nothing_of_it) {
    char path[sizeof((struct sockaddr_un *)0)->sun_path + 1], name[LLNET_ADDR_BYTES_MAX];
    const size_t full = sizeof path - 1;
    llnet_addr addr;

    memset(path, 'x', sizeof path);
    path[full] = '\0';
    llnet_addr_init(&addr);
    assert_ok(llnet_addr_set_unix(&addr, path, full));
    connect_over(&addr);
    ck_assert_int_eq(llnet_addr_get_unix(&addr, name, sizeof name), (llnet_count)full);
    ck_assert_mem_eq(name, path, full);
    ck_assert_int_eq(unlink(path), 0);
}
END_TEST

#ifdef __linux__
START_TEST(a_stream_over_an_abstract_name_keeps_its_nul_bytes) {
    char name[32], got[LLNET_ADDR_BYTES_MAX];
    llnet_addr addr;
    int len = snprintf(name, sizeof name, "%cllnet%c%ld", '\0', '\0', (long)getpid());

    llnet_addr_init(&addr);
    assert_ok(llnet_addr_set_unix(&addr, name, (size_t)len));
    connect_over(&addr);
    ck_assert_int_eq(llnet_addr_get_unix(&addr, got, sizeof got), len);
    ck_assert_mem_eq(got, name, (size_t)len);
}
END_TEST

START_TEST(a_unix_socket_bound_without_a_name_gets_one) {
    llnet_socket self;
    llnet_addr addr;
    char name[LLNET_ADDR_BYTES_MAX];

    llnet_addr_init(&addr);
    assert_ok(llnet_addr_set_unix(&addr, NULL, 0));
    assert_ok(llnet_socket_open(&self, AF_UNIX, SOCK_DGRAM, 0, 0));
    assert_ok(llnet_socket_bind(&self, &addr));
    assert_ok(llnet_socket_get_sockname(&self, &addr));
    ck_assert_int_eq(llnet_addr_get_unix(&addr, name, sizeof name), 6); /* unix(7): autobind */
    ck_assert_int_eq(name[0], '\0');
    ck_assert_int_eq(llnet_socket_close(&self), 0);
}
END_TEST
#endif

START_TEST(bind_tells_a_port_in_use_and_a_foreign_address) {
    llnet_socket listener, self;
    llnet_addr addr;

    open_listener(&listener, &addr);
    assert_ok(llnet_socket_open(&self, AF_INET, SOCK_STREAM, 0, 0));
    assert_error(llnet_socket_bind(&self, &addr), EADDRINUSE);
    assert_ok(llnet_addr_set_ip(&addr, "192.0.2.1", 0));
    assert_error(llnet_socket_bind(&self, &addr), EADDRNOTAVAIL);
    assert_ok(llnet_addr_set_ip(&addr, "::1", 0));
    assert_error(llnet_socket_bind(&self, &addr), EAFNOSUPPORT);
    ck_assert_int_eq(llnet_socket_close(&self), 0);
    ck_assert_int_eq(llnet_socket_close(&listener), 0);
}
END_TEST

START_TEST(listen_on_a_datagram_socket_is_not_supported) {
    llnet_socket self, out;

    assert_ok(llnet_socket_open(&self, AF_INET, SOCK_DGRAM, 0, 0));
    assert_error(llnet_socket_listen(&self, 1), EOPNOTSUPP);
    memset(&out, 0xff, sizeof out);
    assert_error(llnet_socket_accept(&self, &out, NULL, 0), EOPNOTSUPP);
    ck_assert(!llnet_socket_is_open(&out));
    ck_assert_int_eq(llnet_socket_close(&self), 0);
}
END_TEST

START_TEST(a_backlog_of_any_size_is_taken) {
    const int backlogs[] = {0, 1, INT32_MAX, -1};
    llnet_socket self;
    llnet_addr addr;

    open_listener(&self, &addr);
    for (size_t i = 0; i < sizeof backlogs / sizeof *backlogs; i++)
        assert_ok(llnet_socket_listen(&self, backlogs[i]));
    ck_assert_int_eq(llnet_socket_close(&self), 0);
}
END_TEST

START_TEST(get_backlog_tells_what_the_kernel_gave_and_how_many_wait) {
    llnet_socket listener, clients[3], out;
    llnet_addr addr;
    uint32_t limit = 7, waiting = 7;
    int64_t deadline;

    open_listener(&listener, &addr);
    assert_ok(llnet_socket_listen(&listener, 100));
    for (size_t i = 0; i < 3; i++) {
        assert_ok(llnet_socket_open(&clients[i], AF_INET, SOCK_STREAM, 0, 0));
        assert_error(llnet_socket_get_backlog(&clients[i], &limit, &waiting), EINVAL);
        assert_ok(llnet_socket_connect(&clients[i], &addr));
        assert_error(llnet_socket_get_backlog(&clients[i], &limit, &waiting), EINVAL);
    }
    ck_assert_uint_eq(limit, 7);
    ck_assert_uint_eq(waiting, 7);
    deadline = llnet_clock_now() + INT64_C(5000000000);
    do /* the last one may be on its way */
        assert_ok(llnet_socket_get_backlog(&listener, &limit, &waiting));
    while (waiting < 3 && llnet_clock_now() < deadline);
    ck_assert_uint_eq(limit, 100);
    ck_assert_uint_eq(waiting, 3);
    assert_ok(llnet_socket_accept(&listener, &out, NULL, 0));
    assert_ok(llnet_socket_listen(&listener, 10));
    assert_ok(llnet_socket_get_backlog(&listener, &limit, &waiting));
    ck_assert_uint_eq(limit, 10);
    ck_assert_uint_eq(waiting, 2);
    for (size_t i = 0; i < 3; i++)
        ck_assert_int_eq(llnet_socket_close(&clients[i]), 0);
    close_both(&listener, &out);
    assert_error(llnet_socket_get_backlog(&listener, &limit, &waiting), EBADF);
    assert_ok(llnet_socket_open(&out, AF_INET, SOCK_DGRAM, 0, 0));
    assert_error(llnet_socket_get_backlog(&out, &limit, &waiting), ENOTSUP);
    ck_assert_int_eq(llnet_socket_close(&out), 0);
    assert_ok(llnet_socket_open(&out, AF_UNIX, SOCK_STREAM, 0, 0));
    assert_error(llnet_socket_get_backlog(&out, &limit, &waiting), ENOTSUP);
    ck_assert_int_eq(llnet_socket_close(&out), 0);
}
END_TEST

/* ---- connect ---- */

START_TEST(a_blocking_connect_to_a_deaf_port_is_refused) {
    llnet_socket deaf, self;
    llnet_addr addr;

    open_deaf(&deaf, &addr);
    assert_ok(llnet_socket_open(&self, AF_INET, SOCK_STREAM, 0, 0));
    assert_error(llnet_socket_connect(&self, &addr), ECONNREFUSED);
    ck_assert_int_eq(llnet_socket_take_error(&self), 0); /* connect(2) has told it */
    close_both(&self, &deaf);
}
END_TEST

START_TEST(a_connect_under_way_ends_in_pollout_and_no_error) {
    llnet_socket listener, self;
    llnet_addr addr;

    open_listener(&listener, &addr);
    assert_ok(llnet_socket_open(&self, AF_INET, SOCK_STREAM, 0, SOCK_NONBLOCK));
    assert_error(llnet_socket_connect(&self, &addr), EINPROGRESS);
    ck_assert_int_eq(llnet_socket_poll(&self, POLLOUT, 5000), POLLOUT);
    ck_assert_int_eq(llnet_socket_take_error(&self), 0);
    assert_ok(llnet_socket_connect(&self, &addr)); /* so Linux answers the first time after */
    assert_error(llnet_socket_connect(&self, &addr), EISCONN);
    close_both(&self, &listener);
}
END_TEST

START_TEST(a_connect_under_way_that_is_refused_leaves_the_error_to_be_taken_once) {
    llnet_socket deaf, self;
    llnet_addr addr;
    llnet_count events;

    open_deaf(&deaf, &addr);
    assert_ok(llnet_socket_open(&self, AF_INET, SOCK_STREAM, 0, SOCK_NONBLOCK));
    assert_error(llnet_socket_connect(&self, &addr), EINPROGRESS);
    events = llnet_socket_poll(&self, POLLOUT, 5000);
    ck_assert_int_eq(events & (POLLOUT | POLLERR), POLLOUT | POLLERR);
    ck_assert_int_eq(llnet_socket_take_error(&self), -ECONNREFUSED);
    ck_assert_int_eq(llnet_socket_take_error(&self), 0);
    close_both(&self, &deaf);
}
END_TEST

START_TEST(a_connect_to_a_unix_listener_whose_queue_is_full_gives_eagain) {
    llnet_socket listener, clients[8], out;
    llnet_addr addr;
    int count = 0;
    llnet_status status = 0;

    llnet_addr_init(&addr);
    assert_ok(llnet_addr_set_unix(&addr, NULL, 0));
    assert_ok(llnet_socket_open(&listener, AF_UNIX, SOCK_STREAM, 0, 0));
    assert_ok(llnet_socket_bind(&listener, &addr)); /* a name of the kernel's choice */
    assert_ok(llnet_socket_listen(&listener, 1));
    assert_ok(llnet_socket_get_sockname(&listener, &addr));
    while (status == 0 && count < 8) {
        assert_ok(llnet_socket_open(&clients[count], AF_UNIX, SOCK_STREAM, 0, SOCK_NONBLOCK));
        status = llnet_socket_connect(&clients[count++], &addr);
    }
    assert_error(status, EAGAIN);
    assert_ok(llnet_socket_accept(&listener, &out, NULL, 0));
    assert_ok(llnet_socket_connect(&clients[count - 1], &addr));
    while (count > 0)
        ck_assert_int_eq(llnet_socket_close(&clients[--count]), 0);
    close_both(&out, &listener);
}
END_TEST

START_TEST(connecting_a_datagram_socket_to_unspecified_dissolves_its_association) {
    llnet_socket a, b;
    llnet_addr a_addr, b_addr, unspecified, name = marked_addr();

    open_udp_pair(&a, &a_addr, &b, &b_addr);
    assert_ok(llnet_socket_connect(&a, &b_addr));
    ck_assert_int_eq(llnet_socket_send(&a, "x", 1, 0), 1);
    llnet_addr_init(&unspecified);
    assert_ok(llnet_socket_connect(&a, &unspecified));
    assert_error(llnet_socket_get_peername(&a, &name), ENOTCONN);
    assert_error(llnet_socket_send(&a, "x", 1, 0), EDESTADDRREQ);
    assert_ok(llnet_socket_connect(&a, &b_addr));
    memset(&unspecified, 0, sizeof unspecified); /* all zero is unspecified too */
    assert_ok(llnet_socket_connect(&a, &unspecified));
    assert_error(llnet_socket_get_peername(&a, &name), ENOTCONN);
    ck_assert(is_marked(&name));
    close_both(&a, &b);
}
END_TEST

/* ---- accept ---- */

static const struct {
    int flags;
    bool nonblock;
} accept_flags[] = {{0, false}, {SOCK_NONBLOCK, true}, {SOCK_CLOEXEC, false}, {SOCK_NONBLOCK | SOCK_CLOEXEC, true}};

START_TEST(accept_takes_flags_and_always_sets_close_on_exec) {
    llnet_socket listener, client, server;
    llnet_addr addr;

    open_listener(&listener, &addr);
    assert_ok(llnet_socket_set_nonblock(&listener, true));
    assert_ok(llnet_socket_open(&client, AF_INET, SOCK_STREAM, 0, 0));
    assert_ok(llnet_socket_connect(&client, &addr));
    ck_assert_int_eq(llnet_socket_poll(&listener, POLLIN, 5000), POLLIN);
    memset(&server, 0xff, sizeof server);
    assert_ok(llnet_socket_accept(&listener, &server, NULL, accept_flags[_i].flags));
    ck_assert_int_ne(fcntl((int)llnet_socket_fileno(&server), F_GETFD) & FD_CLOEXEC, 0);
    ck_assert_int_eq((fcntl((int)llnet_socket_fileno(&server), F_GETFL) & O_NONBLOCK) != 0,
                     accept_flags[_i].nonblock);
    close_both(&client, &server);
    ck_assert_int_eq(llnet_socket_close(&listener), 0);
}
END_TEST

START_TEST(an_accept_that_fails_closes_out_and_leaves_peer_alone) {
    llnet_socket listener, unbound, out;
    llnet_addr addr, peer = marked_addr();

    open_listener(&listener, &addr);
    assert_ok(llnet_socket_set_nonblock(&listener, true));
    memset(&out, 0xff, sizeof out);
    assert_error(llnet_socket_accept(&listener, &out, &peer, 0), EAGAIN);
    assert_closed(&out);
    memset(&out, 0xff, sizeof out);
    assert_error(llnet_socket_accept(&listener, &out, &peer, 1), EINVAL);
    assert_closed(&out);
    assert_ok(llnet_socket_open(&unbound, AF_INET, SOCK_STREAM, 0, 0));
    memset(&out, 0xff, sizeof out);
    assert_error(llnet_socket_accept(&unbound, &out, &peer, 0), EINVAL);
    assert_closed(&out);
    ck_assert(is_marked(&peer));
    close_both(&listener, &unbound);
}
END_TEST

#if defined SYS_accept4 && defined HAVE_ACCEPT4
START_TEST(a_peer_that_left_before_is_told_by_econnaborted) {
    llnet_socket listener, out;
    llnet_addr addr, peer = marked_addr();

    /* Linux gives such connections out, and this error for other protocols only */
    open_listener(&listener, &addr);
    memset(&out, 0xff, sizeof out);
    if (!break_system_call(SYS_accept4, (int)llnet_socket_fileno(&listener), ECONNABORTED)) {
        ck_assert_int_eq(llnet_socket_close(&listener), 0);
        skip("no seccomp");
    }
    assert_error(llnet_socket_accept(&listener, &out, &peer, 0), ECONNABORTED);
    assert_closed(&out);
    ck_assert(is_marked(&peer));
    ck_assert_int_eq(llnet_socket_close(&listener), 0);
}
END_TEST
#endif

START_TEST(a_peer_that_reset_before_accept_is_told_by_recv) {
    struct linger now = {1, 0};
    llnet_socket listener, client, server;
    llnet_addr addr;
    char byte;

    open_listener(&listener, &addr);
    assert_ok(llnet_socket_open(&client, AF_INET, SOCK_STREAM, 0, 0));
    assert_ok(llnet_socket_connect(&client, &addr));
    ck_assert_int_eq(setsockopt((int)llnet_socket_fileno(&client), SOL_SOCKET, SO_LINGER, &now, sizeof now), 0);
    ck_assert_int_eq(llnet_socket_close(&client), 0);
    assert_ok(llnet_socket_accept(&listener, &server, NULL, 0));
    assert_error(llnet_socket_recv(&server, &byte, 1, 0), ECONNRESET);
    close_both(&server, &listener);
}
END_TEST

START_TEST(a_connection_from_an_adopted_listener_knows_its_end) {
    llnet_socket listener, adopted, client, server;
    llnet_addr addr;
    char byte;

    open_listener(&listener, &addr);
    assert_ok(llnet_socket_adopt(&adopted, llnet_socket_detach(&listener)));
    assert_ok(llnet_socket_open(&client, AF_INET, SOCK_STREAM, 0, 0));
    assert_ok(llnet_socket_connect(&client, &addr));
    assert_ok(llnet_socket_accept(&adopted, &server, NULL, 0));
    ck_assert_int_eq(llnet_socket_close(&client), 0);
#ifdef SYS_getsockopt
    break_system_call(SYS_getsockopt, (int)llnet_socket_fileno(&server), EIO); /* it need not ask */
#endif
    assert_error(llnet_socket_recv(&server, &byte, 1, 0), LLNET_ECLOSED);
    close_both(&server, &adopted);
}
END_TEST

/* ---- shutdown ---- */

START_TEST(shutdown_of_writing_half_closes) {
    llnet_socket a, b;
    char bytes[8];

    open_tcp_pair(&a, &b);
    ck_assert_int_eq(llnet_socket_send(&a, "last", 4, 0), 4);
    assert_ok(llnet_socket_shutdown(&a, SHUT_WR));
    assert_error(llnet_socket_send(&a, "x", 1, 0), EPIPE);
    ck_assert_int_eq(llnet_socket_recv(&b, bytes, sizeof bytes, 0), 4);
    assert_error(llnet_socket_recv(&b, bytes, sizeof bytes, 0), LLNET_ECLOSED);
    ck_assert_int_eq(llnet_socket_send(&b, "answer", 6, 0), 6);
    ck_assert_int_eq(llnet_socket_recv(&a, bytes, sizeof bytes, 0), 6);
    ck_assert_mem_eq(bytes, "answer", 6);
    close_both(&a, &b);
}
END_TEST

START_TEST(shutdown_of_reading_ends_the_stream_here_and_writing_goes_on) {
    llnet_socket a, b;
    char bytes[8];

    open_unix_pair(&a, &b, SOCK_STREAM);
    assert_ok(llnet_socket_shutdown(&a, SHUT_RD));
    assert_error(llnet_socket_recv(&a, bytes, sizeof bytes, 0), LLNET_ECLOSED);
    assert_error(llnet_socket_send(&b, "x", 1, 0), EPIPE); /* unix(7) tells the peer */
    ck_assert_int_eq(llnet_socket_send(&a, "on", 2, 0), 2);
    ck_assert_int_eq(llnet_socket_recv(&b, bytes, sizeof bytes, 0), 2);
    close_both(&a, &b);
}
END_TEST

START_TEST(shutdown_of_both_ends_both_and_counts_for_dups) {
    llnet_socket a, b, copy;
    char byte;

    open_tcp_pair(&a, &b);
    assert_ok(llnet_socket_dup(&a, &copy));
    assert_ok(llnet_socket_shutdown(&copy, SHUT_RDWR));
    assert_error(llnet_socket_recv(&a, &byte, 1, 0), LLNET_ECLOSED);
    assert_error(llnet_socket_send(&a, "x", 1, 0), EPIPE);
    assert_error(llnet_socket_recv(&b, &byte, 1, 0), LLNET_ECLOSED);
    ck_assert(llnet_socket_is_open(&a));
    close_both(&a, &b);
    ck_assert_int_eq(llnet_socket_close(&copy), 0);
}
END_TEST

START_TEST(shutdown_refuses_what_is_not_connected_and_what_is_no_direction) {
    llnet_socket self, a, b;

    assert_ok(llnet_socket_open(&self, AF_INET, SOCK_STREAM, 0, 0));
    assert_error(llnet_socket_shutdown(&self, SHUT_RDWR), ENOTCONN);
    open_unix_pair(&a, &b, SOCK_STREAM);
    assert_error(llnet_socket_shutdown(&a, 3), EINVAL);
    assert_error(llnet_socket_shutdown(&a, -1), EINVAL);
    close_both(&a, &b);
    ck_assert_int_eq(llnet_socket_close(&self), 0);
}
END_TEST

START_TEST(names_of_a_socket_without_any) {
    llnet_socket self, a, b;
    llnet_addr name = marked_addr();

    assert_ok(llnet_socket_open(&self, AF_INET, SOCK_STREAM, 0, 0));
    assert_error(llnet_socket_get_peername(&self, &name), ENOTCONN);
    ck_assert(is_marked(&name));
    assert_ok(llnet_socket_get_sockname(&self, &name));
    ck_assert(llnet_addr_is_any(&name));
    ck_assert_int_eq(llnet_addr_get_port(&name), 0);
    open_unix_pair(&a, &b, SOCK_STREAM);
    assert_ok(llnet_socket_get_peername(&a, &name));
    ck_assert_int_eq(llnet_addr_get_family(&name), AF_UNIX);
    ck_assert_int_eq(llnet_addr_get_unix(&name, NULL, 0), 0);
    close_both(&a, &b);
    ck_assert_int_eq(llnet_socket_close(&self), 0);
}
END_TEST

void add_connect_cases(Suite *suite) {
    TCase *tcase = add_case(suite, "connect");

    use_directory(tcase);
    tcase_add_test(tcase, a_stream_over_ipv4_knows_both_ends);
    tcase_add_test(tcase, a_stream_over_ipv6_knows_both_ends);
    tcase_add_test(tcase, a_stream_over_a_unix_path_of_full_length_loses_nothing_of_it);
#ifdef __linux__
    tcase_add_test(tcase, a_stream_over_an_abstract_name_keeps_its_nul_bytes);
    tcase_add_test(tcase, a_unix_socket_bound_without_a_name_gets_one);
#endif
    tcase_add_test(tcase, bind_tells_a_port_in_use_and_a_foreign_address);
    tcase_add_test(tcase, listen_on_a_datagram_socket_is_not_supported);
    tcase_add_test(tcase, a_backlog_of_any_size_is_taken);
    tcase_add_test(tcase, get_backlog_tells_what_the_kernel_gave_and_how_many_wait);
    tcase_add_test(tcase, a_blocking_connect_to_a_deaf_port_is_refused);
    tcase_add_test(tcase, a_connect_under_way_ends_in_pollout_and_no_error);
    tcase_add_test(tcase, a_connect_under_way_that_is_refused_leaves_the_error_to_be_taken_once);
    tcase_add_test(tcase, a_connect_to_a_unix_listener_whose_queue_is_full_gives_eagain);
    tcase_add_test(tcase, connecting_a_datagram_socket_to_unspecified_dissolves_its_association);
    tcase_add_loop_test(tcase, accept_takes_flags_and_always_sets_close_on_exec, 0, 4);
    tcase_add_test(tcase, an_accept_that_fails_closes_out_and_leaves_peer_alone);
#if defined SYS_accept4 && defined HAVE_ACCEPT4
    tcase_add_test(tcase, a_peer_that_left_before_is_told_by_econnaborted);
#endif
    tcase_add_test(tcase, a_peer_that_reset_before_accept_is_told_by_recv);
    tcase_add_test(tcase, a_connection_from_an_adopted_listener_knows_its_end);
    tcase_add_test(tcase, shutdown_of_writing_half_closes);
    tcase_add_test(tcase, shutdown_of_reading_ends_the_stream_here_and_writing_goes_on);
    tcase_add_test(tcase, shutdown_of_both_ends_both_and_counts_for_dups);
    tcase_add_test(tcase, shutdown_refuses_what_is_not_connected_and_what_is_no_direction);
    tcase_add_test(tcase, names_of_a_socket_without_any);
}
