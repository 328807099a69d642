/* SPDX-License-Identifier: MIT */
/* check_message_end.c: what messages and batches say where a call ended in another way than
 * with data: the end of a stream, a signal, an error before and after a good call. */
#include "harness.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

static int fd_of(const llnet_socket *self) {
    return (int)llnet_socket_fileno(self);
}

static void set_int(const llnet_socket *self, int level, int option, int value) {
    ck_assert_int_eq(setsockopt(fd_of(self), level, option, &value, sizeof value), 0);
}

/* ---- the end --------------------------------------------------------------------- */

START_TEST(the_end_of_a_stream_brings_nobodys_credentials) {
    llnet_socket a, b;
    llnet_message *message;
    llnet_addr addr;
    unsigned char bytes[8];
    int64_t pid, uid, gid;

    assert_ok(llnet_socket_pair(&a, &b, AF_UNIX, SOCK_STREAM, 0, 0));
    set_int(&b, SOL_SOCKET, SO_PASSCRED, 1);
    assert_ok(llnet_message_new(&message, LLNET_MESSAGE_CONTROL));
    assert_ok(llnet_message_add_space(message, bytes, sizeof bytes));
    ck_assert_int_eq(llnet_socket_send(&a, "x", 1, 0), 1);
    ck_assert_int_eq(llnet_socket_recv_message(&b, message, 0), 1);
    assert_ok(llnet_message_get_credentials(message, &pid, &uid, &gid));
    ck_assert_int_eq(pid, getpid());
    assert_ok(llnet_addr_set_ip(&addr, "127.0.0.1", 7));
    llnet_message_set_address(message, &addr);
    assert_ok(llnet_socket_close(&a));
    assert_error(llnet_socket_recv_message(&b, message, 0), LLNET_ECLOSED);
    assert_error(llnet_message_get_credentials(message, &pid, &uid, &gid), ENOENT);
    ck_assert_uint_eq(llnet_message_get_control_count(message), 0);
    ck_assert_uint_eq(llnet_message_get_size(message), 0);
    assert_ok(llnet_message_get_address(message, &addr)); /* an error leaves it */
    ck_assert_int_eq(llnet_addr_get_port(&addr), 7);
    llnet_message_free(message);
    assert_ok(llnet_socket_close(&b));
}
END_TEST

START_TEST(a_batch_whose_first_record_is_empty_is_no_end_where_more_came) {
    llnet_socket a, b;
    llnet_batch *batch;
    llnet_message *message;
    int64_t pid, uid, gid;

    assert_ok(llnet_socket_pair(&a, &b, AF_UNIX, SOCK_SEQPACKET, 0, 0));
    assert_ok(llnet_batch_new(&batch, 4, 64, LLNET_MESSAGE_CONTROL));
    ck_assert_int_eq(send(fd_of(&a), "", 0, 0), 0);
    ck_assert_int_eq(llnet_socket_send(&a, "DATA", 4, 0), 4);
    ck_assert_int_eq(llnet_socket_recv_batch(&b, batch, LLNET_ALL, MSG_DONTWAIT), 2);
    ck_assert_int_eq(llnet_batch_get_size(batch, 0), 0);
    ck_assert_int_eq(llnet_batch_get_size(batch, 1), 4);
    set_int(&b, SOL_SOCKET, SO_PASSCRED, 1);
    assert_ok(llnet_socket_close(&a));
    assert_error(llnet_socket_recv_batch(&b, batch, LLNET_ALL, MSG_DONTWAIT), LLNET_ECLOSED);
    assert_ok(llnet_batch_get_message(batch, 0, &message));
    assert_error(llnet_message_get_credentials(message, &pid, &uid, &gid), ENOENT);
    llnet_message_free(message);
    llnet_batch_free(batch);
    assert_ok(llnet_socket_close(&b));
}
END_TEST

/* ---- a signal -------------------------------------------------------------------- */

static volatile sig_atomic_t alarms;

static void on_alarm(int number) {
    (void)number;
    alarms++;
}

/* Linux 6.18 leaves its own number for "begin again" as the socket's error. */
START_TEST(a_signal_in_a_batch_leaves_no_error_without_a_name) {
    struct sigaction action = {.sa_handler = on_alarm}, before;
    const struct itimerval each = {{0, 20000}, {0, 20000}}, never = {{0, 0}, {0, 0}};
    llnet_socket a, b;
    llnet_addr a_addr, b_addr;
    llnet_batch *batch;
    llnet_count n;

    open_udp_pair(&a, &a_addr, &b, &b_addr);
    assert_ok(llnet_batch_new(&batch, 2, 64, 0));
    ck_assert_int_eq(llnet_socket_sendto(&a, "one", 3, &b_addr, 0), 3);
    ck_assert_int_eq(llnet_socket_poll(&b, POLLIN, 5000), POLLIN);
    ck_assert_int_eq(sigaction(SIGALRM, &action, &before), 0);
    ck_assert_int_eq(setitimer(ITIMER_REAL, &each, NULL), 0);              /* one comes during the call */
    ck_assert_int_eq(llnet_socket_recv_batch(&b, batch, LLNET_ALL, 0), 1); /* waits for two */
    ck_assert_int_eq(setitimer(ITIMER_REAL, &never, NULL), 0);
    ck_assert_int_ge(alarms, 1);
    ck_assert_int_eq(sigaction(SIGALRM, &before, NULL), 0);
    if (_i == 0)
        n = llnet_socket_recv_batch(&b, batch, LLNET_ALL, MSG_DONTWAIT);
    else if (_i == 1)
        n = llnet_socket_take_error(&b) == -EINTR ? -EINTR : -EAGAIN;
    else
        n = llnet_socket_recv(&b, &n, sizeof n, MSG_DONTWAIT);
    ck_assert_msg(n == -EINTR || n == -EAGAIN, "%ld", (long)n);
    llnet_batch_free(batch);
    assert_ok(llnet_socket_close(&a));
    assert_ok(llnet_socket_close(&b));
}
END_TEST

/* ---- an error -------------------------------------------------------------------- */

START_TEST(a_batch_that_is_refused_says_nothing_of_the_last_one) {
    llnet_socket a, b;
    llnet_addr a_addr, b_addr;
    llnet_batch *batch;
    llnet_buffer *buffer;
    llnet_message *message;
    size_t i;

    open_udp_pair(&a, &a_addr, &b, &b_addr);
    assert_ok(llnet_batch_new(&batch, 4, 64, 0));
    for (i = 0; i < 4; i++) {
        assert_ok(llnet_batch_set_data(batch, i, "abc", 3));
        assert_ok(llnet_batch_set_address(batch, i, &b_addr));
    }
    ck_assert_int_eq(llnet_socket_send_batch(&a, batch, 0, LLNET_ALL, 0), 4);
    assert_ok(llnet_batch_get_message(batch, 1, &message));
    assert_ok(llnet_batch_get_buffer(batch, 1, &buffer));
    assert_ok(llnet_message_add_buffer(message, buffer, 10, 10)); /* there are 3 */
    assert_error(llnet_socket_send_batch(&a, batch, 0, LLNET_ALL, 0), LLNET_EBOUNDS);
    for (i = 0; i < 4; i++)
        ck_assert_int_eq(llnet_batch_get_size(batch, i), 0);
    llnet_message_clear_data(message);
    assert_ok(llnet_message_add_buffer(message, buffer, 0, LLNET_ALL));
    ck_assert_int_eq(llnet_socket_send_batch(&a, batch, 0, LLNET_ALL, 0), 4);
    assert_ok(llnet_socket_close(&a));
    assert_error(llnet_socket_send_batch(&a, batch, 0, LLNET_ALL, 0), EBADF);
    for (i = 0; i < 4; i++)
        ck_assert_int_eq(llnet_batch_get_size(batch, i), 0);
    llnet_buffer_free(buffer);
    llnet_message_free(message);
    llnet_batch_free(batch);
    assert_ok(llnet_socket_close(&b));
}
END_TEST

/* A notification counts sends: so a run that the kernel refuses does not become several. */
START_TEST(a_run_without_copying_is_one_send_or_none) {
#if defined MSG_ZEROCOPY && defined SO_ZEROCOPY && defined SO_NO_CHECK
    static unsigned char run[3000];
    llnet_socket a, b;
    llnet_addr a_addr, b_addr;

    open_udp_pair(&a, &a_addr, &b, &b_addr);
    set_int(&a, SOL_SOCKET, SO_ZEROCOPY, 1);
    set_int(&a, SOL_SOCKET, SO_NO_CHECK, 1); /* the kernel cuts nothing then */
    ck_assert_int_lt(llnet_socket_send_segments(&a, run, sizeof run, 1000, &b_addr, MSG_ZEROCOPY), 0);
    ck_assert_int_eq(recv(fd_of(&b), run, sizeof run, MSG_DONTWAIT), -1);
    ck_assert_int_eq(errno, EAGAIN);
    ck_assert_int_eq(llnet_socket_send_segments(&a, run, sizeof run, 1000, &b_addr, 0), (int)sizeof run);
    assert_ok(llnet_socket_close(&a));
    assert_ok(llnet_socket_close(&b));
#else
    skip("no MSG_ZEROCOPY here");
#endif
}
END_TEST

START_TEST(descriptors_are_not_added_to_half_a_descriptor) {
    llnet_message *message;

    assert_ok(llnet_message_new(&message, LLNET_MESSAGE_CONTROL));
    assert_ok(llnet_message_add_control(message, SOL_SOCKET, SCM_RIGHTS, "12345", 5));
    assert_error(llnet_message_add_descriptor(message, 0), EINVAL);
    llnet_message_free(message);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("message_end");
    TCase *ends = add_case(suite, "ends");

    tcase_add_test(ends, the_end_of_a_stream_brings_nobodys_credentials);
    tcase_add_test(ends, a_batch_whose_first_record_is_empty_is_no_end_where_more_came);
    tcase_add_loop_test(ends, a_signal_in_a_batch_leaves_no_error_without_a_name, 0, 3);
    tcase_add_test(ends, a_batch_that_is_refused_says_nothing_of_the_last_one);
    tcase_add_test(ends, a_run_without_copying_is_one_send_or_none);
    tcase_add_test(ends, descriptors_are_not_added_to_half_a_descriptor);
    return run_suite(suite);
}
