/* SPDX-License-Identifier: MIT */
/* check_whole.c: transfers of several calls: send_all, recv_exact and recv_until
 * end when all is done, at the deadline, by a signal, by the peer. */
#include "harness.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum { PAIR = 2, BIG = 4 * 1024 * 1024, MS = 1000000 };

static llnet_socket pair[PAIR];
static llnet_buffer *buffer;

static int fd_of(const llnet_socket *self) {
    return (int)llnet_socket_fileno(self);
}

static void open_pair_nonblock(bool nonblock) {
    assert_ok(llnet_socket_pair(&pair[0], &pair[1], AF_UNIX, SOCK_STREAM, 0, nonblock ? SOCK_NONBLOCK : 0));
}

static void close_pair(void) {
    assert_ok(llnet_socket_close(&pair[0]));
    assert_ok(llnet_socket_close(&pair[1]));
}

static int64_t in_ms(int ms) {
    return llnet_clock_now() + (int64_t)ms * MS;
}

static char *make_bytes(void) {
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

/* Every 10 ms, so that one comes during the call however late that begins. */
static void set_alarms(bool on) {
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

/* Sends its text a byte at a time, each when the one before it was read. */
static void *send_bytes(void *context) {
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

/* ---- recv_until ------------------------------------------------------------------------ */

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

int main(void) {
    Suite *suite = suite_create("whole");
    TCase *sending = add_case(suite, "sending"), *receiving = add_case(suite, "receiving");
    TCase *records = add_case(suite, "records");

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
    tcase_add_loop_test(records, several_records_of_one_receive_come_one_by_one, 0, 2);
    tcase_add_loop_test(records, a_delimiter_that_comes_in_parts_is_found, 0, 2);
    tcase_add_test(records, a_record_beyond_the_limit_is_enobufs);
    tcase_add_test(records, a_buffer_grows_to_a_record_of_megabytes_and_no_further_than_the_limit);
    tcase_add_loop_test(records, a_stream_that_ends_in_a_record_is_closed_and_the_rest_is_there, 0, 2);
    tcase_add_loop_test(records, a_record_waits_until_the_deadline_or_a_signal, 0, 2);
    tcase_add_loop_test(records, datagrams_are_no_stream, 0, 2);
    tcase_add_test(records, what_a_seqpacket_listener_accepts_is_no_stream);
    tcase_add_test(records, closed_sockets_are_ebadf);
    return run_suite(suite);
}
