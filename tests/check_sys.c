/* SPDX-License-Identifier: MIT */
/* check_sys.c: the seam to the operating system as other systems than Linux have
 * it: src/sys/generic.c with posix.c, and with atomic.c (two programs). They must
 * do what the library's own seam does on Linux. */
#include "harness.h"
#include "feature.h"
#include "sys.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

#ifndef SOCK_NONBLOCK
#error "the seam is tested where SOCK_NONBLOCK is known"
#endif

/* ---- what the tests share --------------------------------------------------- */

static void assert_flags(int fd, bool nonblock) {
    int mode = fcntl(fd, F_GETFL);

    ck_assert_int_eq(fcntl(fd, F_GETFD), FD_CLOEXEC);
    ck_assert_int_ge(mode, 0);
    ck_assert_int_eq((mode & O_NONBLOCK) != 0, nonblock);
}

static bool becomes_readable(int fd, int timeout_ms) {
    struct pollfd one = {.fd = fd, .events = POLLIN};
    return poll(&one, 1, timeout_ms) == 1 && one.revents == POLLIN;
}

static bool is_readable(int fd) {
    return becomes_readable(fd, 0);
}

/* Lets this process have `allowed` descriptors more, until restore_limit. */
static struct rlimit old_limit;

static void restrict_to(int allowed) {
    struct rlimit limit;
    int lowest = dup(0);

    ck_assert_int_ge(lowest, 0);
    close(lowest);
    ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &old_limit), 0);
    limit = old_limit;
    limit.rlim_cur = (rlim_t)lowest + (rlim_t)allowed;
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
}

static void restore_limit(void) {
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &old_limit), 0);
}

static int listen_on_loopback(struct sockaddr_in *addr) {
    socklen_t len = sizeof *addr;
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    memset(addr, 0, sizeof *addr);
    addr->sin_family = AF_INET;
    addr->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(bind(fd, (struct sockaddr *)addr, sizeof *addr), 0);
    ck_assert_int_eq(listen(fd, 8), 0);
    ck_assert_int_eq(getsockname(fd, (struct sockaddr *)addr, &len), 0);
    return fd;
}

static int connect_to(const struct sockaddr_in *addr) {
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(connect(fd, (const struct sockaddr *)addr, sizeof *addr), 0);
    return fd;
}

/* ---- sockets ---------------------------------------------------------------- */

static const int flag_sets[] = {0, SOCK_CLOEXEC, SOCK_NONBLOCK, SOCK_NONBLOCK | SOCK_CLOEXEC};

START_TEST(a_socket_is_close_on_exec_and_nonblocking_as_asked) {
    int fd = ll_sys_socket(AF_INET, SOCK_STREAM, 0, flag_sets[_i]), type = 0;
    socklen_t len = sizeof type;

    assert_ok(fd);
    assert_flags(fd, (flag_sets[_i] & SOCK_NONBLOCK) != 0);
    ck_assert_int_eq(getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len), 0);
    ck_assert_int_eq(type, SOCK_STREAM);
    close(fd);
}
END_TEST

START_TEST(both_ends_of_a_pair_have_the_flags_and_are_connected) {
    int fds[2];
    char byte = 0;

    assert_ok(ll_sys_socketpair(AF_UNIX, SOCK_STREAM, 0, flag_sets[_i], fds));
    assert_flags(fds[0], (flag_sets[_i] & SOCK_NONBLOCK) != 0);
    assert_flags(fds[1], (flag_sets[_i] & SOCK_NONBLOCK) != 0);
    ck_assert_int_eq(send(fds[0], "x", 1, 0), 1);
    ck_assert_int_eq(recv(fds[1], &byte, 1, 0), 1);
    ck_assert_int_eq(byte, 'x');
    close(fds[0]);
    close(fds[1]);
}
END_TEST

START_TEST(an_accepted_socket_has_the_flags_asked_for_and_not_the_listeners) {
    struct sockaddr_in addr, peer = {0}, expected = {0};
    socklen_t peer_len = sizeof peer, expected_len = sizeof expected;
    int listener = listen_on_loopback(&addr), client, fd;

    ck_assert_int_eq(fcntl(listener, F_SETFL, O_NONBLOCK), 0);
    client = connect_to(&addr);
    ck_assert(becomes_readable(listener, 5000));
    fd = ll_sys_accept(listener, (struct sockaddr *)&peer, &peer_len, flag_sets[_i]);
    assert_ok(fd);
    assert_flags(fd, (flag_sets[_i] & SOCK_NONBLOCK) != 0);
    ck_assert_int_eq(getsockname(client, (struct sockaddr *)&expected, &expected_len), 0);
    ck_assert_uint_eq(peer_len, expected_len);
    ck_assert_uint_eq(peer.sin_port, expected.sin_port);
    ck_assert_uint_eq(peer.sin_addr.s_addr, htonl(INADDR_LOOPBACK));
    assert_error(ll_sys_accept(listener, NULL, NULL, 0), EAGAIN);
    close(fd);
    close(client);
    close(listener);
}
END_TEST

#ifdef SO_NOSIGPIPE
static void assert_silent(int fd) {
    int on = 0;
    socklen_t len = sizeof on;

    ck_assert_int_eq(getsockopt(fd, SOL_SOCKET, SO_NOSIGPIPE, &on, &len), 0);
    ck_assert_int_ne(on, 0);
    close(fd);
}

START_TEST(every_new_socket_has_the_switch_that_stands_in_for_msg_nosignal) {
    struct sockaddr_in addr;
    int listener = listen_on_loopback(&addr), client = connect_to(&addr), fds[2];

    assert_silent(ll_sys_socket(AF_INET, SOCK_STREAM, 0, 0));
    assert_silent(ll_sys_accept(listener, NULL, NULL, 0));
    assert_ok(ll_sys_socketpair(AF_UNIX, SOCK_STREAM, 0, 0, fds));
    assert_silent(fds[0]);
    assert_silent(fds[1]);
    close(client);
    close(listener);
}
END_TEST
#endif

START_TEST(what_the_system_refuses_comes_back_as_its_error) {
    int fds[2];

    assert_error(ll_sys_socket(9999, SOCK_STREAM, 0, 0), EAFNOSUPPORT);
    assert_error(ll_sys_socket(AF_INET, SOCK_STREAM, IPPROTO_UDP, 0), EPROTONOSUPPORT);
    assert_error(ll_sys_socketpair(AF_INET, SOCK_STREAM, 0, 0, fds), EOPNOTSUPP);
    assert_error(ll_sys_accept(-1, NULL, NULL, 0), EBADF);
    assert_ok(ll_sys_socketpair(AF_UNIX, SOCK_STREAM, 0, 0, fds));
    assert_error(ll_sys_accept(fds[0], NULL, NULL, 0), EINVAL);
    close(fds[0]);
    close(fds[1]);
}
END_TEST

START_TEST(without_free_descriptors_nothing_stays_open) {
    struct sockaddr_in addr;
    int listener = listen_on_loopback(&addr), client = connect_to(&addr);
    int fds[2], before = count_descriptors(), result, pair, waker;

    restrict_to(0);
    result = ll_sys_socket(AF_INET, SOCK_STREAM, 0, 0);
    pair = ll_sys_accept(listener, NULL, NULL, 0);
    restore_limit();
    assert_error(result, EMFILE);
    assert_error(pair, EMFILE);
    restrict_to(1); /* a half of what these two need */
    pair = ll_sys_socketpair(AF_UNIX, SOCK_STREAM, 0, 0, fds);
    waker = ll_sys_waker_open(fds);
    restore_limit();
    assert_error(pair, EMFILE);
    assert_error(waker, EMFILE);
    ck_assert_int_eq(count_descriptors(), before);
    result = ll_sys_accept(listener, NULL, NULL, 0); /* the connection waited */
    assert_ok(result);
    close(result);
    close(client);
    close(listener);
}
END_TEST

START_TEST(bytes_queued_out_are_those_that_the_peer_has_not_got) {
    int fds[2];
    char byte;

    assert_ok(ll_sys_socketpair(AF_UNIX, SOCK_STREAM, 0, 0, fds));
    ck_assert_int_eq(ll_sys_queued_out(fds[0]), 0);
    ck_assert_int_eq(send(fds[0], "x", 1, 0), 1);
    ck_assert_int_ge(ll_sys_queued_out(fds[0]), 1); /* Unix sockets count their overhead too */
    ck_assert_int_eq(recv(fds[1], &byte, 1, 0), 1);
    ck_assert_int_eq(ll_sys_queued_out(fds[0]), 0);
    close(fds[0]);
    close(fds[1]);
    assert_error(ll_sys_queued_out(fds[0]), EBADF);
}
END_TEST

START_TEST(both_ends_of_a_pipe_have_the_flags_and_bytes_go_through) {
    int fds[2];
    char byte = 0;

    assert_ok(ll_sys_pipe(fds, true));
    assert_flags(fds[0], true);
    assert_flags(fds[1], true);
    ck_assert_int_eq(write(fds[1], "x", 1), 1);
    ck_assert_int_eq(read(fds[0], &byte, 1), 1);
    ck_assert_int_eq(byte, 'x');
    close(fds[0]);
    close(fds[1]);
}
END_TEST

static bool is_ignored; /* what the library's transfer.c would say */

bool ll_sigpipe_is_ignored(void) {
    return is_ignored;
}

static volatile sig_atomic_t sigpipes;

static void count_sigpipe(int number) {
    (void)number;
    sigpipes++;
}

static bool is_sigpipe_in(int (*get)(sigset_t *)) {
    sigset_t set;

    ck_assert_int_eq(get(&set), 0);
    return sigismember(&set, SIGPIPE) == 1;
}

static int get_mask(sigset_t *set) {
    return pthread_sigmask(SIG_BLOCK, NULL, set);
}

START_TEST(a_write_that_nobody_reads_raises_no_sigpipe) {
    int fds[2];
    char bytes[4] = "";

    ck_assert(signal(SIGPIPE, count_sigpipe) != SIG_ERR);
    is_ignored = false;
    sigpipes = 0;
    assert_ok(ll_sys_pipe(fds, true));
    ck_assert_int_eq(ll_sys_write(fds[1], "abc", 3), 3);
    ck_assert_int_eq(read(fds[0], bytes, sizeof bytes), 3);
    ck_assert_str_eq(bytes, "abc");
    close(fds[0]);
    assert_error(ll_sys_write(fds[1], "abc", 3), EPIPE);
    ck_assert(!is_sigpipe_in(sigpending) && !is_sigpipe_in(get_mask));
    ck_assert_int_eq(sigpipes, 0);
    is_ignored = true; /* then nobody looks */
    assert_error(ll_sys_write(fds[1], "abc", 3), EPIPE);
    ck_assert_int_eq(sigpipes, 1);
    close(fds[1]);
    assert_error(ll_sys_write(fds[1], "abc", 3), EBADF);
    is_ignored = false;
    assert_error(ll_sys_write(fds[1], "abc", 3), EBADF);
}
END_TEST

START_TEST(a_sigpipe_of_the_programs_own_stays_pending_behind_a_write) {
    sigset_t only;
    int fds[2];

    ck_assert(signal(SIGPIPE, count_sigpipe) != SIG_ERR);
    is_ignored = false;
    sigpipes = 0;
    sigemptyset(&only);
    sigaddset(&only, SIGPIPE);
    ck_assert_int_eq(pthread_sigmask(SIG_BLOCK, &only, NULL), 0);
    assert_ok(ll_sys_pipe(fds, true));
    close(fds[0]);
    assert_error(ll_sys_write(fds[1], "abc", 3), EPIPE);
    ck_assert(!is_sigpipe_in(sigpending) && is_sigpipe_in(get_mask));
    ck_assert_int_eq(raise(SIGPIPE), 0);
    assert_error(ll_sys_write(fds[1], "abc", 3), EPIPE);
    ck_assert(is_sigpipe_in(sigpending) && is_sigpipe_in(get_mask));
    ck_assert_int_eq(pthread_sigmask(SIG_UNBLOCK, &only, NULL), 0);
    ck_assert_int_eq(sigpipes, 1);
    close(fds[1]);
}
END_TEST

/* ---- several messages ------------------------------------------------------- */

/* Messages of one byte each. */
static void fill_messages(struct ll_sys_message *messages, struct iovec *places, char *bytes, unsigned count) {
    memset(messages, 0, count * sizeof *messages);
    for (unsigned i = 0; i < count; i++) {
        places[i] = (struct iovec){&bytes[i], 1};
        messages[i].header.msg_iov = &places[i];
        messages[i].header.msg_iovlen = 1;
    }
}

START_TEST(several_messages_go_and_come_in_order_until_there_are_no_more) {
    char sent[] = "abcdef", received[6] = "";
    struct ll_sys_message messages[6];
    struct iovec places[6];
    int fds[2];

    assert_ok(ll_sys_socketpair(AF_UNIX, SOCK_DGRAM, 0, 0, fds));
    fill_messages(messages, places, sent, 6);
    ck_assert_int_eq(ll_sys_sendmmsg(fds[0], messages, 6, 0), 6);
    for (int i = 0; i < 6; i++)
        ck_assert_uint_eq(messages[i].len, 1);
    ck_assert_int_eq(ll_sys_sendmmsg(fds[0], messages, 0, 0), 0);
    fill_messages(messages, places, received, 6);
    ck_assert_int_eq(ll_sys_recvmmsg(fds[1], messages, 4, 0), 4);
    ck_assert_int_eq(ll_sys_recvmmsg(fds[1], messages + 4, 2, MSG_DONTWAIT), 2);
    ck_assert_mem_eq(received, "abcdef", 6);
    assert_error(ll_sys_recvmmsg(fds[1], messages, 6, MSG_DONTWAIT), EAGAIN);
    ck_assert_int_eq(ll_sys_sendmmsg(fds[0], messages, 2, 0), 2);
    ck_assert_int_eq(ll_sys_recvmmsg(fds[1], messages, 6, MSG_WAITFORONE), 2); /* on a socket that blocks */
    close(fds[0]);
    close(fds[1]);
}
END_TEST

START_TEST(the_error_of_a_later_message_is_that_of_the_next_call) {
    struct sockaddr_un nobody = {.sun_family = AF_UNIX, .sun_path = "/nowhere/nobody"};
    struct ll_sys_message messages[3];
    char bytes[] = "abc";
    struct iovec places[3];
    int fds[2];

    assert_ok(ll_sys_socketpair(AF_UNIX, SOCK_DGRAM, 0, 0, fds));
    fill_messages(messages, places, bytes, 3);
    messages[1].header.msg_name = &nobody;
    messages[1].header.msg_namelen = sizeof nobody;
    ck_assert_int_eq(ll_sys_sendmmsg(fds[0], messages, 3, 0), 1);
    assert_error(ll_sys_sendmmsg(fds[0], messages + 1, 2, 0), ENOENT);
    ck_assert_int_eq(ll_sys_sendmmsg(fds[0], messages + 2, 1, 0), 1);
    assert_error(ll_sys_sendmmsg(-1, messages, 3, 0), EBADF);
    assert_error(ll_sys_recvmmsg(-1, messages, 3, 0), EBADF);
    close(fds[0]);
    close(fds[1]);
}
END_TEST

START_TEST(nobody_cuts_and_joins_datagrams) {
    char room[LL_SYS_SEGMENT_ROOM];
    struct msghdr message = {.msg_control = room, .msg_controllen = sizeof room};
    int fd = ll_sys_socket(AF_INET, SOCK_DGRAM, 0, 0);

    assert_ok(fd);
    ck_assert(!ll_sys_has_segments(fd));
    ll_sys_put_segment_size(&message, 1000);
    ck_assert_uint_eq(message.msg_controllen, 0);
    ck_assert_uint_eq(ll_sys_get_segment_size(&message), 0);
    close(fd);
}
END_TEST

/* ---- the waker -------------------------------------------------------------- */

static void close_waker(const int fds[2]) {
    close(fds[0]);
    if (fds[1] != fds[0])
        close(fds[1]);
}

START_TEST(a_waker_is_close_on_exec_and_nonblocking) {
    int fds[2];

    assert_ok(ll_sys_waker_open(fds));
    assert_flags(fds[0], true);
    assert_flags(fds[1], true);
    ck_assert(!is_readable(fds[0]));
    close_waker(fds);
}
END_TEST

START_TEST(wakes_count_as_one_until_they_are_cleared) {
    int fds[2], round, i;

    assert_ok(ll_sys_waker_open(fds));
    ll_sys_waker_clear(fds[0]); /* nothing to clear does not block */
    for (round = 0; round < 3; round++) {
        /* 128: reads of whole blocks end with one of nothing */
        const int counts[] = {1, 128, 129};
        for (i = 0; i < counts[round]; i++)
            assert_ok(ll_sys_waker_wake(fds[1]));
        ck_assert(is_readable(fds[0]));
        ll_sys_waker_clear(fds[0]);
        ck_assert(!is_readable(fds[0]));
    }
    close_waker(fds);
}
END_TEST

START_TEST(a_waker_that_is_full_goes_on_ringing) {
    int fds[2], i, failed = 0;

    assert_ok(ll_sys_waker_open(fds));
    errno = 77;
    for (i = 0; i < 200000; i++) /* a pipe holds 65536 bytes */
        failed += ll_sys_waker_wake(fds[1]) != 0;
    ck_assert_int_eq(errno, 77);
    ck_assert_int_eq(failed, 0);
    ck_assert(is_readable(fds[0]));
    ll_sys_waker_clear(fds[0]);
    ck_assert(!is_readable(fds[0]));
    close_waker(fds);
}
END_TEST

START_TEST(a_wake_leaves_errno_alone) {
    int fds[2];

    assert_ok(ll_sys_waker_open(fds));
    errno = 78;
    assert_ok(ll_sys_waker_wake(fds[1]));
    ck_assert_int_eq(errno, 78);
    close_waker(fds);
    errno = 79;
    assert_error(ll_sys_waker_wake(fds[1]), EBADF);
    assert_error(ll_sys_waker_wake(-1), EBADF);
    ck_assert_int_eq(errno, 79);
}
END_TEST

/* ---- what other systems lack ------------------------------------------------------ */

START_TEST(families_of_linux_alone_are_not_supported_elsewhere) {
    llnet_addr addr = {0}, before;
    uint32_t first, second;
    int a, b, c;

    assert_ok(llnet_addr_set_ip(&addr, "127.0.0.1", 80));
    before = addr;
    assert_error(llnet_addr_set_netlink(&addr, 1, 1), ENOTSUP);
    assert_error(llnet_addr_set_packet(&addr, 1, 1, "", 0), ENOTSUP);
    assert_error(llnet_addr_set_vsock(&addr, 1, 1), ENOTSUP);
    ck_assert_mem_eq(&addr, &before, sizeof addr);
    assert_ok(llnet_addr_set_family(&addr, 16));
    assert_error(llnet_addr_get_netlink(&addr, &first, &second), EAFNOSUPPORT);
    assert_error(llnet_addr_get_packet(&addr, &first, &a, &b, &c), EAFNOSUPPORT);
    assert_error(llnet_addr_get_packet_hardware(&addr, NULL, 0), EAFNOSUPPORT);
    assert_error(llnet_addr_get_vsock(&addr, &first, &second), EAFNOSUPPORT);
}
END_TEST

START_TEST(a_call_that_the_system_lacks_is_enotsup) {
    assert_error(ll_feature_try_system("epoll"), ENOTSUP);
    assert_error(ll_feature_try_system(""), ENOTSUP);
}
END_TEST

START_TEST(transfers_inside_of_the_kernel_are_not_supported_elsewhere) {
    int fds[2];

    assert_ok(ll_sys_pipe(fds, true));
    assert_error(ll_sys_sendfile(fds[1], fds[0], 0, 1), ENOTSUP);
    assert_error(ll_sys_splice(fds[0], fds[1], 1, 0), ENOTSUP);
    assert_error(ll_sys_tee(fds[0], fds[1], 1, 0), ENOTSUP);
    assert_error(ll_sys_queued_unsent(fds[0]), ENOTSUP);
    assert_error(ll_sys_backlog(fds[0], NULL, NULL), ENOTSUP);
    assert_error(ll_sys_set_mode(fds[0], 0600), ENOTSUP);
    assert_error(ll_sys_peer_pidfd(fds[0]), ENOTSUP);
    close(fds[0]);
    close(fds[1]);
}
END_TEST

/* ---- secrets ---------------------------------------------------------------- */

START_TEST(a_secret_is_not_the_same_twice) {
    uint64_t a[2] = {0, 0}, b[2] = {0, 0};
    int64_t begin = llnet_clock_now();

    ll_sys_secret(a);
    while (llnet_clock_now() == begin) {
    }
    ll_sys_secret(b);
    ck_assert(a[0] != b[0] || a[1] != b[1]);
    ck_assert_uint_ne(a[0], 0);
    ck_assert_uint_ne(a[1], 0);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("sys");
    TCase *sockets = add_case(suite, "sockets");
    TCase *waker = add_case(suite, "waker"), *missing = add_case(suite, "missing");

    tcase_add_loop_test(sockets, a_socket_is_close_on_exec_and_nonblocking_as_asked, 0, 4);
    tcase_add_loop_test(sockets, both_ends_of_a_pair_have_the_flags_and_are_connected, 0, 4);
    tcase_add_loop_test(sockets, an_accepted_socket_has_the_flags_asked_for_and_not_the_listeners, 0, 4);
#ifdef SO_NOSIGPIPE
    tcase_add_test(sockets, every_new_socket_has_the_switch_that_stands_in_for_msg_nosignal);
#endif
    tcase_add_test(sockets, what_the_system_refuses_comes_back_as_its_error);
    tcase_add_test(sockets, without_free_descriptors_nothing_stays_open);
    tcase_add_test(sockets, bytes_queued_out_are_those_that_the_peer_has_not_got);
    tcase_add_test(sockets, both_ends_of_a_pipe_have_the_flags_and_bytes_go_through);
    tcase_add_test(sockets, a_write_that_nobody_reads_raises_no_sigpipe);
    tcase_add_test(sockets, a_sigpipe_of_the_programs_own_stays_pending_behind_a_write);
    tcase_add_test(sockets, several_messages_go_and_come_in_order_until_there_are_no_more);
    tcase_add_test(sockets, the_error_of_a_later_message_is_that_of_the_next_call);
    tcase_add_test(sockets, nobody_cuts_and_joins_datagrams);
    tcase_add_test(waker, a_waker_is_close_on_exec_and_nonblocking);
    tcase_add_test(waker, wakes_count_as_one_until_they_are_cleared);
    tcase_add_test(waker, a_waker_that_is_full_goes_on_ringing);
    tcase_add_test(waker, a_wake_leaves_errno_alone);
    tcase_add_test(missing, families_of_linux_alone_are_not_supported_elsewhere);
    tcase_add_test(missing, a_call_that_the_system_lacks_is_enotsup);
    tcase_add_test(missing, transfers_inside_of_the_kernel_are_not_supported_elsewhere);
    tcase_add_test(add_case(suite, "secrets"), a_secret_is_not_the_same_twice);
    return run_suite(suite);
}
