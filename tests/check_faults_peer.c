/* SPDX-License-Identifier: MIT */
/* check_faults_peer.c: connections that end otherwise than by agreement: aborted by the kernel
 * (SOCK_DESTROY), reset, closed half way, cut in the middle of a transfer, without a word. */
#include "harness.h"
#include "netns.h"

#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef SOCK_DESTROY
#define SOCK_DESTROY 21
#endif

enum { BIG = 8 << 20 };

/* ---- a network of the test's own -------------------------------------------------------------- */

static bool switch_loopback(bool up) {
    int fd = socket(AF_INET, SOCK_DGRAM, 0), result;
    struct ifreq request;

    memset(&request, 0, sizeof request);
    strcpy(request.ifr_name, "lo");
    request.ifr_flags = up ? IFF_UP : 0;
    result = ioctl(fd, SIOCSIFFLAGS, &request);
    close(fd);
    return result == 0;
}

static bool enter(void) {
    return enter_netns() && switch_loopback(true);
}

/* The kernel's socket of an IPv4 connection or listener, by its two addresses. */
static void identify(const llnet_socket *self, struct inet_diag_req_v2 *out) {
    struct sockaddr_in own, peer;
    socklen_t len = sizeof own;
    int fd = (int)llnet_socket_fileno(self);

    memset(&peer, 0, sizeof peer);
    must(getsockname(fd, (struct sockaddr *)&own, &len) == 0);
    len = sizeof peer;
    (void)getpeername(fd, (struct sockaddr *)&peer, &len); /* a listener has none */
    memset(out, 0, sizeof *out);
    out->sdiag_family = AF_INET;
    out->sdiag_protocol = IPPROTO_TCP;
    out->idiag_states = ~0U;
    out->id.idiag_sport = own.sin_port;
    out->id.idiag_dport = peer.sin_port;
    out->id.idiag_src[0] = own.sin_addr.s_addr;
    out->id.idiag_dst[0] = peer.sin_addr.s_addr;
    out->id.idiag_cookie[0] = out->id.idiag_cookie[1] = INET_DIAG_NOCOOKIE;
}

/* Aborts it: sock_diag(7), what `ss -K` does. 0 or an errno. */
static int destroy(const llnet_socket *self) {
    struct {
        struct nlmsghdr head;
        struct inet_diag_req_v2 body;
    } question;
    struct {
        struct nlmsghdr head;
        struct nlmsgerr body;
    } answer;
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);

    memset(&question, 0, sizeof question);
    memset(&answer, 0, sizeof answer);
    question.head.nlmsg_len = sizeof question;
    question.head.nlmsg_type = SOCK_DESTROY;
    question.head.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
    identify(self, &question.body);
    must(fd >= 0);
    must(send(fd, &question, sizeof question, 0) == (ssize_t)sizeof question);
    must(recv(fd, &answer, sizeof answer, MSG_TRUNC) >= (ssize_t)sizeof answer.head);
    close(fd);
    return -answer.body.error;
}

/* ---- every call on a connection that is over ---------------------------------------------------- */

static llnet_socket client, server, pipe_in, pipe_out;
static llnet_buffer *buffer;
static llnet_message *message;
static llnet_batch *batch;
static int file;
static char bytes[64];

static void open_all(void) {
    open_tcp_pair(&client, &server);
    assert_ok(llnet_socket_open_pipe(&pipe_in, &pipe_out, SOCK_NONBLOCK));
    must(write((int)llnet_socket_fileno(&pipe_out), "x", 1) == 1);
    assert_ok(llnet_buffer_new(&buffer, sizeof bytes));
    assert_ok(llnet_buffer_set_size(buffer, 4));
    assert_ok(llnet_message_new(&message, 64));
    assert_ok(llnet_message_add_space(message, bytes, 4));
    assert_ok(llnet_batch_new(&batch, 1, 4, 0));
    assert_ok(llnet_batch_set_data(batch, 0, "abcd", 4));
    file = memfd_create("file", MFD_CLOEXEC);
    must(write(file, "abcd", 4) == 4);
}

static void close_all(void) {
    assert_ok(llnet_socket_close(&client));
    assert_ok(llnet_socket_close(&server));
    assert_ok(llnet_socket_close(&pipe_in));
    assert_ok(llnet_socket_close(&pipe_out));
    llnet_buffer_free(buffer);
    llnet_message_free(message);
    llnet_batch_free(batch);
    close(file);
}

static long do_send(void) {
    return llnet_socket_send(&client, "x", 1, 0);
}

static long do_send_buffer(void) {
    return llnet_socket_send_buffer(&client, buffer, 0, LLNET_ALL, 0);
}

static long do_sendv(void) {
    const struct iovec piece = {bytes, 4};
    return llnet_socket_sendv(&client, &piece, 1, 0);
}

static long do_send_message(void) {
    return llnet_socket_send_message(&client, message, 0);
}

static long do_send_batch(void) {
    return llnet_socket_send_batch(&client, batch, 0, 1, 0);
}

static long do_sendfile(void) {
    return llnet_socket_sendfile(&client, file, 0, 4);
}

static long do_splice_to(void) {
    return llnet_socket_splice(&pipe_in, &client, 1, 0);
}

static long do_write(void) {
    return llnet_socket_write(&client, "x", 1);
}

static long do_read(void) {
    return llnet_socket_read(&client, bytes, 1);
}

static long do_send_all(void) {
    size_t progress = 1;
    long result = llnet_socket_send_all(&client, bytes, 4, LLNET_NEVER, &progress);

    must(progress == 0);
    return result;
}

static long do_recv(void) {
    return llnet_socket_recv(&client, bytes, 1, 0);
}

static long do_recvfrom(void) {
    return llnet_socket_recvfrom(&client, bytes, 1, NULL, 0);
}

static long do_recv_buffer(void) {
    return llnet_socket_recv_buffer(&client, buffer, 0, LLNET_ALL, 0);
}

static long do_recvv(void) {
    const struct iovec piece = {bytes, 4};
    return llnet_socket_recvv(&client, &piece, 1, 0);
}

static long do_recv_message(void) {
    return llnet_socket_recv_message(&client, message, 0);
}

static long do_recv_batch(void) {
    return llnet_socket_recv_batch(&client, batch, 1, 0);
}

static long do_splice_from(void) {
    return llnet_socket_splice(&client, &pipe_out, 1, 0);
}

static long do_take_error(void) {
    return llnet_socket_take_error(&client);
}

static long do_recv_exact(void) {
    size_t progress = 1;
    long result = llnet_socket_recv_exact(&client, bytes, 4, LLNET_NEVER, &progress);

    must(progress == 0);
    return result;
}

static long do_recv_until(void) {
    llnet_buffer_reset(buffer);
    return llnet_socket_recv_until(&client, buffer, "x", 1, 64, LLNET_NEVER);
}

static long (*const calls[])(void) = {
    do_send,         do_send_buffer, do_sendv,       do_send_message, do_send_batch, do_sendfile,    do_splice_to,
    do_send_all,     do_write,       do_read,        do_recv,         do_recvfrom,   do_recv_buffer, do_recvv,
    do_recv_message, do_recv_batch,  do_splice_from, do_take_error,   do_recv_exact, do_recv_until,
};
enum { CALLS = sizeof calls / sizeof calls[0], SENDS = 9 };

/* Once the error was taken, sends find the stream shut, and receives its end. */
static void assert_over(void) {
    assert_error(llnet_socket_send(&client, "x", 1, 0), EPIPE);
    assert_error(llnet_socket_recv(&client, bytes, 1, 0), LLNET_ECLOSED);
    assert_ok(llnet_socket_take_error(&client));
}

START_TEST(a_connection_that_the_kernel_aborts_gives_econnaborted_once) {
    int problem;

    if (!enter())
        skip("no network namespace of its own");
    open_all();
    problem = destroy(&client);
    if (problem == EOPNOTSUPP || problem == EPERM) {
        close_all();
        skip("this kernel has no SOCK_DESTROY");
    }
    ck_assert_int_eq(problem, 0);
    ck_assert_int_eq(llnet_socket_poll(&client, POLLIN | POLLOUT, -1), POLLIN | POLLOUT | POLLERR | POLLHUP);
    assert_error(calls[_i](), ECONNABORTED);
    assert_over();
    assert_error(llnet_socket_recv(&server, bytes, 1, 0), ECONNRESET); /* the peer was told */
    close_all();
}
END_TEST

/* Destroys the client while somebody waits for it, or just before. */
static void *destroy_client(void *unused) {
    (void)unused;
    must(destroy(&client) == 0);
    return NULL;
}

START_TEST(an_abort_ends_a_receive_that_waits) {
    pthread_t thread;
    int problem;

    if (!enter())
        skip("no network namespace of its own");
    open_all();
    problem = destroy(&server);
    if (problem != 0) {
        close_all();
        skip("this kernel has no SOCK_DESTROY");
    }
    close_all();
    open_all();
    must(pthread_create(&thread, NULL, destroy_client, NULL) == 0);
    assert_error(calls[_i](), ECONNABORTED);
    must(pthread_join(thread, NULL) == 0);
    close_all();
}
END_TEST

START_TEST(a_listener_that_is_aborted_accepts_nothing_more) {
    llnet_socket listener, out;
    llnet_addr addr;
    int problem;

    if (!enter())
        skip("no network namespace of its own");
    open_listener(&listener, &addr);
    problem = destroy(&listener);
    if (problem != 0) {
        assert_ok(llnet_socket_close(&listener));
        skip("this kernel has no SOCK_DESTROY");
    }
    assert_error(llnet_socket_accept(&listener, &out, NULL, 0), EINVAL);
    assert_error(llnet_socket_take_error(&listener), ECONNABORTED);
    assert_ok(llnet_socket_listen(&listener, 1));
    assert_ok(llnet_socket_close(&listener));
}
END_TEST

/* ---- resets ---------------------------------------------------------------------------------------- */

static void reset(llnet_socket *self) {
    const struct linger at_once = {1, 0};

    must(setsockopt((int)llnet_socket_fileno(self), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once) == 0);
    assert_ok(llnet_socket_close(self));
}

START_TEST(a_reset_by_the_peer_gives_econnreset_once) {
    open_all();
    reset(&server);
    must((llnet_socket_poll(&client, POLLIN, -1) & POLLERR) != 0);
    assert_error(calls[_i](), ECONNRESET);
    assert_over();
    close_all();
}
END_TEST

START_TEST(what_came_before_a_reset_is_not_lost) {
    open_all();
    ck_assert_int_eq(llnet_socket_send(&server, "last words", 10, 0), 10);
    reset(&server);
    must((llnet_socket_poll(&client, POLLIN, -1) & POLLIN) != 0);
    while ((llnet_socket_poll(&client, POLLIN, -1) & POLLERR) == 0) {
    }
    ck_assert_int_eq(llnet_socket_recv(&client, bytes, sizeof bytes, 0), 10);
    ck_assert_mem_eq(bytes, "last words", 10);
    assert_error(llnet_socket_recv(&client, bytes, 1, 0), ECONNRESET);
    close_all();
}
END_TEST

/* ---- half way ---------------------------------------------------------------------------------------- */

START_TEST(after_a_half_close_the_other_direction_goes_on) {
    open_all();
    ck_assert_int_eq(llnet_socket_send(&server, "bye", 3, 0), 3);
    assert_ok(llnet_socket_shutdown(&server, SHUT_WR));
    ck_assert_int_eq(llnet_socket_recv(&client, bytes, sizeof bytes, MSG_WAITALL), 3);
    assert_error(llnet_socket_recv(&client, bytes, 1, 0), LLNET_ECLOSED);
    assert_error(llnet_socket_recv(&client, bytes, 1, 0), LLNET_ECLOSED);
    ck_assert_int_eq(do_send() + do_send_buffer() + do_sendv() + do_send_message() + do_sendfile(),
                     1 + 4 + 4 + 4 + 4);
    ck_assert_int_eq(do_splice_to(), 1);
    ck_assert_int_eq(llnet_socket_recv(&server, bytes, 18, MSG_WAITALL), 18);
    close_all();
}
END_TEST

/* cppcheck-suppress constParameter; pthread_create(3) wants it so */
static void *read_some_and_close(void *how) {
    char *got = malloc(BIG);

    must(llnet_socket_recv(&server, got, 100000, MSG_WAITALL) == 100000);
    free(got);
    if (how != NULL)
        reset(&server);
    else
        assert_ok(llnet_socket_close(&server)); /* with bytes unread: a reset, too */
    return NULL;
}

START_TEST(a_peer_that_leaves_in_the_middle_of_a_send_tells_how_much_went) {
    char *big = calloc(1, BIG);
    size_t progress = 0;
    const int small = 65536; /* all of it would not fit into the kernel's buffers */
    pthread_t thread;
    llnet_status status;

    open_all();
    must(setsockopt((int)llnet_socket_fileno(&client), SOL_SOCKET, SO_SNDBUF, &small, sizeof small) == 0);
    must(setsockopt((int)llnet_socket_fileno(&server), SOL_SOCKET, SO_RCVBUF, &small, sizeof small) == 0);
    must(pthread_create(&thread, NULL, read_some_and_close, _i == 0 ? NULL : bytes) == 0);
    status = llnet_socket_send_all(&client, big, BIG, LLNET_NEVER, &progress);
    must(pthread_join(thread, NULL) == 0);
    ck_assert_msg(status == -ECONNRESET || status == -EPIPE, "%d", status);
    ck_assert_uint_ge(progress, 100000);
    ck_assert_uint_lt(progress, BIG);
    free(big);
    close_all();
}
END_TEST

/* A process that dies says nothing itself; its kernel does. */
START_TEST(a_peer_that_is_killed_in_the_middle_of_a_receive_tells_how_much_came) {
    char got[8];
    size_t progress = 0;
    pid_t child;

    open_all();
    child = fork();
    must(child >= 0);
    if (child == 0) {
        (void)send((int)llnet_socket_fileno(&server), "half", 4, MSG_NOSIGNAL);
        raise(SIGKILL);
    }
    assert_ok(llnet_socket_close(&server));
    assert_error(llnet_socket_recv_exact(&client, got, sizeof got, LLNET_NEVER, &progress), LLNET_ECLOSED);
    ck_assert_uint_eq(progress, 4);
    ck_assert_mem_eq(got, "half", 4);
    must(waitpid(child, NULL, 0) == child);
    close_all();
}
END_TEST

/* The network is gone: nobody says so but the clock. */
START_TEST(a_peer_that_vanishes_without_a_word_is_given_up_by_the_kernel) {
    size_t progress = 0;
    llnet_status status;

    if (!enter())
        skip("no network namespace of its own");
    open_all();
    assert_ok(llnet_socket_set_option_int(&client, "TCP_USER_TIMEOUT", 50));
    ck_assert(switch_loopback(false));
    ck_assert_int_eq(do_send(), 1);
    status = llnet_socket_recv_exact(&client, bytes, 1, LLNET_NEVER, &progress);
    ck_assert_msg(status == -ETIMEDOUT || status == -EHOSTUNREACH || status == -ENETUNREACH, "%d", status);
    ck_assert_uint_eq(progress, 0);
    assert_over();
    close_all();
}
END_TEST

int main(void) {
    Suite *suite = suite_create("faults_peer");
    TCase *aborts = add_case(suite, "aborts"), *resets = add_case(suite, "resets"), *half = add_case(suite, "half");

    tcase_add_loop_test(aborts, a_connection_that_the_kernel_aborts_gives_econnaborted_once, 0, CALLS);
    tcase_add_loop_test(aborts, an_abort_ends_a_receive_that_waits, SENDS, CALLS - 3); /* that wait */
    tcase_add_loop_test(aborts, an_abort_ends_a_receive_that_waits, CALLS - 2, CALLS);
    tcase_add_test(aborts, a_listener_that_is_aborted_accepts_nothing_more);
    tcase_add_loop_test(resets, a_reset_by_the_peer_gives_econnreset_once, 0, CALLS);
    tcase_add_test(resets, what_came_before_a_reset_is_not_lost);
    tcase_add_test(half, after_a_half_close_the_other_direction_goes_on);
    tcase_add_loop_test(half, a_peer_that_leaves_in_the_middle_of_a_send_tells_how_much_went, 0, 2);
    tcase_add_test(half, a_peer_that_is_killed_in_the_middle_of_a_receive_tells_how_much_came);
    tcase_add_test(half, a_peer_that_vanishes_without_a_word_is_given_up_by_the_kernel);
    return run_suite(suite);
}
