/* SPDX-License-Identifier: MIT */
/* check_whole.c: transfers of several calls: send_all and recv_exact end when all is done, at the
 * deadline, by a signal, by the peer. recv_until is in check_whole_record.c. */
#include "check_whole.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

llnet_socket pair[PAIR];
llnet_buffer *buffer;

int fd_of(const llnet_socket *self) {
    return (int)llnet_socket_fileno(self);
}

void open_pair_nonblock(bool nonblock) {
    assert_ok(llnet_socket_pair(&pair[0], &pair[1], AF_UNIX, SOCK_STREAM, 0, nonblock ? SOCK_NONBLOCK : 0));
}

void close_pair(void) {
    assert_ok(llnet_socket_close(&pair[0]));
    assert_ok(llnet_socket_close(&pair[1]));
}

int64_t in_ms(int ms) {
    return llnet_clock_now() + (int64_t)ms * MS;
}

char *make_bytes(void) {
    char *bytes = malloc(BIG);
    size_t i;

    ck_assert_ptr_nonnull(bytes);
    for (i = 0; i < BIG; i++)
        bytes[i] = (char)(i * 2654435761u >> 13);
    return bytes;
}

/* How many bytes wait in a socket whose peer sends no more; they are read. */
static size_t drain(int fd, char *into) {
    size_t came = 0;
    ssize_t n;

    while ((n = recv(fd, into + came, BIG - came, MSG_DONTWAIT)) > 0)
        came += (size_t)n;
    return came;
}

static void ignore_alarm(int number) {
    (void)number;
}

void set_alarms(bool on) {
    struct itimerval timer = {{0, on ? 10000 : 0}, {0, on ? 10000 : 0}};
    struct sigaction action;

    memset(&action, 0, sizeof action);
    action.sa_handler = ignore_alarm;
    ck_assert_int_eq(sigaction(SIGALRM, &action, NULL), 0);
    ck_assert_int_eq(setitimer(ITIMER_REAL, &timer, NULL), 0);
}

/* ---- send_all ------------------------------------------------------------------------ */

static void *read_until_end(void *context) {
    return (void *)(uintptr_t)recv(fd_of(&pair[1]), context, BIG, MSG_WAITALL);
}

START_TEST(all_is_sent_though_it_takes_many_calls) {
    char *bytes = make_bytes(), *got = malloc(BIG);
    size_t progress = 99;
    pthread_t thread;
    void *came;

    ck_assert_ptr_nonnull(got);
    open_pair_nonblock(false);
    assert_ok(llnet_socket_set_nonblock(&pair[0], _i == 1));
    ck_assert_int_eq(pthread_create(&thread, NULL, read_until_end, got), 0);
    assert_ok(llnet_socket_send_all(&pair[0], bytes, BIG, LLNET_NEVER, &progress));
    ck_assert_uint_eq(progress, BIG);
    ck_assert_int_eq(pthread_join(thread, &came), 0);
    ck_assert_uint_eq((uintptr_t)came, BIG);
    ck_assert(memcmp(got, bytes, BIG) == 0);
    ck_assert_int_eq((fcntl(fd_of(&pair[0]), F_GETFL) & O_NONBLOCK) != 0, _i == 1);
    close_pair();
    free(bytes);
    free(got);
}
END_TEST

START_TEST(a_peer_that_never_reads_is_etimedout_and_progress_tells_what_went) {
    char *bytes = make_bytes(), *got = malloc(BIG);
    size_t progress = 99;
    int64_t deadline;

    ck_assert_ptr_nonnull(got);
    open_pair_nonblock(_i == 1);
    deadline = in_ms(30);
    assert_error(llnet_socket_send_all(&pair[0], bytes, BIG, deadline, &progress), ETIMEDOUT);
    ck_assert_int_ge(llnet_clock_now(), deadline);
    ck_assert_uint_gt(progress, 0);
    ck_assert_uint_eq(drain(fd_of(&pair[1]), got), progress);
    ck_assert(memcmp(got, bytes, progress) == 0);
    close_pair();
    free(bytes);
    free(got);
}
END_TEST

START_TEST(a_deadline_that_is_past_makes_one_try) {
    const int64_t past[] = {INT64_MIN, 0, 1};
    size_t progress = 99;
    char got[8];

    open_pair_nonblock(false);
    assert_ok(llnet_socket_send_all(&pair[0], "data", 4, past[_i], &progress));
    ck_assert_uint_eq(progress, 4);
    assert_ok(llnet_socket_recv_exact(&pair[1], got, 4, past[_i], &progress));
    ck_assert_uint_eq(progress, 4);
    ck_assert_mem_eq(got, "data", 4);
    assert_error(llnet_socket_recv_exact(&pair[1], got, 4, past[_i], &progress), ETIMEDOUT);
    ck_assert_uint_eq(progress, 0);
    ck_assert_int_eq(send(fd_of(&pair[0]), "xyz", 3, 0), 3);
    assert_error(llnet_socket_recv_exact(&pair[1], got, 4, past[_i], &progress), ETIMEDOUT);
    ck_assert_uint_eq(progress, 3);
    close_pair();
}
END_TEST

START_TEST(a_signal_ends_a_send_and_it_can_go_on) {
    char *bytes = make_bytes(), *got = malloc(BIG);
    size_t progress = 0, sent, came;

    ck_assert_ptr_nonnull(got);
    open_pair_nonblock(false);
    set_alarms(true);
    assert_error(llnet_socket_send_all(&pair[0], bytes, BIG, LLNET_NEVER, &progress), EINTR);
    set_alarms(false);
    sent = progress;
    ck_assert_uint_gt(sent, 0);
    came = drain(fd_of(&pair[1]), got);
    ck_assert_uint_eq(came, sent);
    assert_ok(llnet_socket_send_all(&pair[0], bytes + sent, 1000, LLNET_NEVER, &progress));
    ck_assert_uint_eq(progress, 1000);
    ck_assert_int_eq(recv(fd_of(&pair[1]), got + came, 1000, MSG_WAITALL), 1000);
    ck_assert(memcmp(got, bytes, sent + 1000) == 0);
    close_pair();
    free(bytes);
    free(got);
}
END_TEST

static void *read_a_byte(void *context) {
    char byte;
    ssize_t n = recv(fd_of(&pair[1]), &byte, 1, 0);

    (void)context;
    llnet_socket_close(&pair[1]);
    return (void *)(intptr_t)n;
}

START_TEST(a_peer_that_goes_midway_is_epipe_without_a_signal) {
    char *bytes = make_bytes();
    size_t progress = 0;
    pthread_t thread;

    ck_assert(signal(SIGPIPE, SIG_DFL) != SIG_ERR);
    open_pair_nonblock(false);
    ck_assert_int_eq(pthread_create(&thread, NULL, read_a_byte, NULL), 0);
    assert_error(llnet_socket_send_all(&pair[0], bytes, BIG, LLNET_NEVER, &progress), EPIPE);
    ck_assert_uint_gt(progress, 0);
    ck_assert_uint_lt(progress, BIG);
    ck_assert_int_eq(pthread_join(thread, NULL), 0);
    assert_ok(llnet_socket_close(&pair[0]));
    free(bytes);
}
END_TEST

START_TEST(a_part_of_a_buffer_is_sent) {
    size_t progress = 99;
    char got[16];

    open_pair_nonblock(false);
    assert_ok(llnet_buffer_new(&buffer, 0));
    assert_ok(llnet_buffer_set_data(buffer, "0123456789", 10));
    assert_ok(llnet_socket_send_all_buffer(&pair[0], buffer, 2, 3, LLNET_NEVER, &progress));
    ck_assert_uint_eq(progress, 3);
    assert_ok(llnet_socket_send_all_buffer(&pair[0], buffer, 8, LLNET_ALL, LLNET_NEVER, &progress));
    ck_assert_uint_eq(progress, 2);
    assert_ok(llnet_socket_send_all_buffer(&pair[0], buffer, 10, LLNET_ALL, 0, &progress));
    ck_assert_uint_eq(progress, 0);
    ck_assert_int_eq(recv(fd_of(&pair[1]), got, sizeof got, 0), 5);
    ck_assert_mem_eq(got, "23489", 5);
    progress = 99;
    assert_error(llnet_socket_send_all_buffer(&pair[0], buffer, 11, LLNET_ALL, 0, &progress), LLNET_EBOUNDS);
    ck_assert_uint_eq(progress, 0);
    assert_error(llnet_socket_send_all_buffer(&pair[0], buffer, 5, 6, 0, &progress), LLNET_EBOUNDS);
    close_pair();
    llnet_buffer_free(buffer);
}
END_TEST

/* ---- recv_exact ---------------------------------------------------------------------- */

void *send_bytes(void *context) {
    const char *text = context;
    int queued;

    for (; *text != '\0'; text++) {
        if (llnet_socket_send(&pair[0], text, 1, 0) != 1)
            return NULL;
        do
            queued = (int)llnet_socket_get_queued_in(&pair[1]);
        while (queued > 0);
    }
    return context;
}

START_TEST(exactly_as_many_bytes_come_however_they_were_sent) {
    char text[] = "0123456789", got[16] = "";
    size_t progress = 99;
    pthread_t thread;

    open_pair_nonblock(_i == 1);
    ck_assert_int_eq(pthread_create(&thread, NULL, send_bytes, text), 0);
    assert_ok(llnet_socket_recv_exact(&pair[1], got, 10, LLNET_NEVER, &progress));
    ck_assert_int_eq(pthread_join(thread, NULL), 0);
    ck_assert_uint_eq(progress, 10);
    ck_assert_str_eq(got, "0123456789");
    ck_assert_int_eq(llnet_socket_send(&pair[0], "abcdef", 6, 0), 6);
    assert_ok(llnet_socket_recv_exact(&pair[1], got, 4, LLNET_NEVER, &progress));
    ck_assert_mem_eq(got, "abcd45", 6);
    ck_assert_int_eq(llnet_socket_get_queued_in(&pair[1]), 2);
    close_pair();
}
END_TEST

START_TEST(a_peer_that_never_sends_is_etimedout_with_what_came) {
    size_t progress = 99;
    int64_t deadline;
    char got[8];

    open_pair_nonblock(_i == 1);
    ck_assert_int_eq(llnet_socket_send(&pair[0], "abc", 3, 0), 3);
    deadline = in_ms(30);
    assert_error(llnet_socket_recv_exact(&pair[1], got, 8, deadline, &progress), ETIMEDOUT);
    ck_assert_int_ge(llnet_clock_now(), deadline);
    ck_assert_uint_eq(progress, 3);
    ck_assert_mem_eq(got, "abc", 3);
    close_pair();
}
END_TEST

START_TEST(a_signal_ends_a_receive_and_it_can_go_on) {
    size_t progress = 99;
    char got[8];

    open_pair_nonblock(false);
    ck_assert_int_eq(llnet_socket_send(&pair[0], "abc", 3, 0), 3);
    set_alarms(true);
    assert_error(llnet_socket_recv_exact(&pair[1], got, 8, LLNET_NEVER, &progress), EINTR);
    set_alarms(false);
    ck_assert_uint_eq(progress, 3);
    ck_assert_int_eq(llnet_socket_send(&pair[0], "defgh", 5, 0), 5);
    assert_ok(llnet_socket_recv_exact(&pair[1], got + 3, 5, LLNET_NEVER, &progress));
    ck_assert_mem_eq(got, "abcdefgh", 8);
    close_pair();
}
END_TEST

START_TEST(a_stream_that_ends_before_is_closed_with_what_came) {
    size_t progress = 99;
    char got[8];

    open_pair_nonblock(_i == 1);
    ck_assert_int_eq(llnet_socket_send(&pair[0], "abc", 3, 0), 3);
    assert_ok(llnet_socket_close(&pair[0]));
    assert_error(llnet_socket_recv_exact(&pair[1], got, 8, LLNET_NEVER, &progress), LLNET_ECLOSED);
    ck_assert_uint_eq(progress, 3);
    ck_assert_mem_eq(got, "abc", 3);
    assert_ok(llnet_socket_recv_exact(&pair[1], got, 0, LLNET_NEVER, &progress));
    ck_assert_uint_eq(progress, 0);
    assert_ok(llnet_socket_close(&pair[1]));
}
END_TEST

START_TEST(a_buffers_size_follows_what_came) {
    size_t progress = 99;

    open_pair_nonblock(false);
    assert_ok(llnet_buffer_new(&buffer, 10));
    ck_assert_int_eq(llnet_socket_send(&pair[0], "0123456789abc", 13, 0), 13);
    assert_ok(llnet_socket_recv_exact_buffer(&pair[1], buffer, 0, 4, LLNET_NEVER, &progress));
    ck_assert_uint_eq(llnet_buffer_get_size(buffer), 4);
    assert_ok(llnet_socket_recv_exact_buffer(&pair[1], buffer, 4, LLNET_ALL, LLNET_NEVER, &progress));
    ck_assert_uint_eq(progress, 6);
    ck_assert_uint_eq(llnet_buffer_get_size(buffer), 10);
    ck_assert_mem_eq(llnet_buffer_const_data(buffer), "0123456789", 10);
    assert_error(llnet_socket_recv_exact_buffer(&pair[1], buffer, 2, 4, 0, &progress), ETIMEDOUT);
    ck_assert_uint_eq(progress, 3);
    ck_assert_uint_eq(llnet_buffer_get_size(buffer), 5);
    assert_error(llnet_socket_recv_exact_buffer(&pair[1], buffer, 0, 4, 0, &progress), ETIMEDOUT);
    ck_assert_uint_eq(llnet_buffer_get_size(buffer), 5);
    assert_ok(llnet_socket_recv_exact_buffer(&pair[1], buffer, 2, 0, 0, &progress));
    ck_assert_uint_eq(llnet_buffer_get_size(buffer), 2);
    ck_assert_mem_eq(llnet_buffer_const_data(buffer), "01", 2);
    assert_error(llnet_socket_recv_exact_buffer(&pair[1], buffer, 11, 0, 0, &progress), LLNET_EBOUNDS);
    assert_error(llnet_socket_recv_exact_buffer(&pair[1], buffer, 8, 3, 0, &progress), LLNET_EBOUNDS);
    ck_assert_uint_eq(llnet_buffer_get_size(buffer), 2);
    close_pair();
    llnet_buffer_free(buffer);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("whole");
    TCase *sending = add_case(suite, "sending"), *receiving = add_case(suite, "receiving");

    tcase_add_loop_test(sending, all_is_sent_though_it_takes_many_calls, 0, 2);
    tcase_add_loop_test(sending, a_peer_that_never_reads_is_etimedout_and_progress_tells_what_went, 0, 2);
    tcase_add_loop_test(sending, a_deadline_that_is_past_makes_one_try, 0, 3);
    tcase_add_test(sending, a_signal_ends_a_send_and_it_can_go_on);
    tcase_add_test(sending, a_peer_that_goes_midway_is_epipe_without_a_signal);
    tcase_add_test(sending, a_part_of_a_buffer_is_sent);
    tcase_add_loop_test(receiving, exactly_as_many_bytes_come_however_they_were_sent, 0, 2);
    tcase_add_loop_test(receiving, a_peer_that_never_sends_is_etimedout_with_what_came, 0, 2);
    tcase_add_test(receiving, a_signal_ends_a_receive_and_it_can_go_on);
    tcase_add_loop_test(receiving, a_stream_that_ends_before_is_closed_with_what_came, 0, 2);
    tcase_add_test(receiving, a_buffers_size_follows_what_came);
    add_record_cases(suite);
    return run_suite(suite);
}
