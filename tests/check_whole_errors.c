/* SPDX-License-Identifier: MIT */
/* check_whole_errors.c: whole transfers on a socket whose error queue is not empty, for which
 * poll(2) does not wait: they end at the deadline all the same, and go on when they can. */
#include "harness.h"

#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>

enum { PAIR = 2, BIG = 16 * 1024 * 1024, MS = 1000000 };

static llnet_socket pair[PAIR];

/* Two connected sockets, the first with a completion of MSG_ZEROCOPY that nobody took. */
static bool open_with_errors(void) {
    static const char bytes[100];
    char got[sizeof bytes];
    int on = 1, fd, small = 65536;

    open_tcp_pair(&pair[0], &pair[1]);
    fd = (int)llnet_socket_fileno(&pair[0]);
    if (setsockopt(fd, SOL_SOCKET, SO_ZEROCOPY, &on, sizeof on) < 0)
        return false;
    ck_assert_int_eq(setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &small, sizeof small), 0);
    ck_assert_int_eq(send(fd, bytes, sizeof bytes, MSG_ZEROCOPY), (ssize_t)sizeof bytes);
    ck_assert_int_eq(recv((int)llnet_socket_fileno(&pair[1]), got, sizeof got, MSG_WAITALL), (ssize_t)sizeof got);
    ck_assert_int_eq(llnet_socket_poll(&pair[0], POLLIN, -1), POLLERR);
    return true;
}

static void close_pair(void) {
    assert_ok(llnet_socket_close(&pair[0]));
    assert_ok(llnet_socket_close(&pair[1]));
}

START_TEST(the_deadline_ends_them) {
    char *bytes = calloc(1, BIG), got[8];
    llnet_buffer *buffer;
    size_t progress = 99;
    int64_t deadline;

    if (!open_with_errors()) {
        close_pair();
        free(bytes);
        skip("no SO_ZEROCOPY");
    }
    assert_ok(llnet_buffer_new(&buffer, 0));
    deadline = llnet_clock_now() + 20 * MS;
    assert_error(llnet_socket_recv_exact(&pair[0], got, sizeof got, deadline, &progress), ETIMEDOUT);
    ck_assert_int_ge(llnet_clock_now(), deadline);
    ck_assert_uint_eq(progress, 0);
    deadline = llnet_clock_now() + 20 * MS;
    assert_error(llnet_socket_recv_until(&pair[0], buffer, "x", 1, LLNET_ALL, deadline), ETIMEDOUT);
    ck_assert_int_ge(llnet_clock_now(), deadline);
    deadline = llnet_clock_now() + 20 * MS;
    assert_error(llnet_socket_send_all(&pair[0], bytes, BIG, deadline, &progress), ETIMEDOUT);
    ck_assert_int_ge(llnet_clock_now(), deadline);
    ck_assert_uint_gt(progress, 0);
    ck_assert_uint_lt(progress, BIG);
    llnet_buffer_free(buffer);
    close_pair();
    free(bytes);
}
END_TEST

/* Answers when all has come. */
static void *read_all(void *context) {
    static char bytes[65536];
    size_t came = 0;
    llnet_count n;

    while (came < BIG && (n = llnet_socket_recv(&pair[1], bytes, sizeof bytes, 0)) > 0)
        came += (size_t)n;
    return llnet_socket_send(&pair[1], "answer", 6, 0) == 6 && came == BIG ? context : NULL;
}

START_TEST(they_go_on_when_they_can) {
    char *bytes = calloc(1, BIG), got[8] = "";
    size_t progress = 0;
    pthread_t thread;
    void *result;

    if (!open_with_errors()) {
        close_pair();
        free(bytes);
        skip("no SO_ZEROCOPY");
    }
    ck_assert_int_eq(pthread_create(&thread, NULL, read_all, &pair), 0);
    assert_ok(llnet_socket_send_all(&pair[0], bytes, BIG, LLNET_NEVER, &progress));
    assert_ok(llnet_socket_recv_exact(&pair[0], got, 6, LLNET_NEVER, &progress));
    ck_assert_str_eq(got, "answer");
    ck_assert_int_eq(pthread_join(thread, &result), 0);
    ck_assert_ptr_nonnull(result);
    close_pair();
    free(bytes);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("whole_errors");
    TCase *tcase = add_case(suite, "errors");

    tcase_add_test(tcase, the_deadline_ends_them);
    tcase_add_test(tcase, they_go_on_when_they_can);
    return run_suite(suite);
}
