/* SPDX-License-Identifier: MIT */
/* check_faults_signal.c: a signal ends each call that waits with EINTR, and the call can be made
 * again; transfers of which each system call moves a byte alone are whole all the same. */
#include "directory.h"
#include "faults.h"
#include "harness.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <unistd.h>

/* ---- a stage on which everything waits ----------------------------------------------------- */

static llnet_socket listener, client, server, udp, udp_peer, pipe_in, pipe_out, pipe_full, pipe_rest;
static llnet_addr addr, udp_addr, peer_addr;
static llnet_socket unix_full, unix_a, unix_b, unix_new; /* a listener whose queue is full, and who fills it */
static llnet_addr unix_addr;
static llnet_poller *poller;
static llnet_buffer *buffer;
static llnet_message *message;
static llnet_batch *batch;
static int file;
static char bytes[65536];

/* Fills what can be sent, so that more waits. */
static void fill(const llnet_socket *self) {
    int fd = (int)llnet_socket_fileno(self), flags = fcntl(fd, F_GETFL);

    must(fcntl(fd, F_SETFL, flags | O_NONBLOCK) == 0);
    while (write(fd, bytes, sizeof bytes) > 0 || write(fd, bytes, 1) > 0) {
    }
    must(fcntl(fd, F_SETFL, flags) == 0);
}

static void open_unix_queue(void) {
    llnet_addr_init(&unix_addr);
    assert_ok(llnet_addr_set_unix(&unix_addr, "queue", 5));
    unlink("queue"); /* of a test that failed */
    assert_ok(llnet_socket_open(&unix_full, AF_UNIX, SOCK_STREAM, 0, 0));
    assert_ok(llnet_socket_bind(&unix_full, &unix_addr));
    assert_ok(llnet_socket_listen(&unix_full, 0));
    assert_ok(llnet_socket_open(&unix_a, AF_UNIX, SOCK_STREAM, 0, 0));
    assert_ok(llnet_socket_connect(&unix_a, &unix_addr)); /* one has room */
    assert_ok(llnet_socket_open(&unix_new, AF_UNIX, SOCK_STREAM, 0, 0));
    assert_ok(llnet_socket_open(&unix_b, AF_UNIX, SOCK_STREAM, 0, SOCK_NONBLOCK));
    assert_error(llnet_socket_connect(&unix_b, &unix_addr), EAGAIN);
}

static void on_alarm(int number) {
    (void)number;
}

/* A signal each millisecond: one that came before the call began to wait is followed by
 * another. Without SA_RESTART. */
static void start_signals(void) {
    const struct sigaction action = {.sa_handler = on_alarm};
    const struct itimerval each = {{0, 1000}, {0, 1000}};

    must(sigaction(SIGALRM, &action, NULL) == 0);
    must(setitimer(ITIMER_REAL, &each, NULL) == 0);
}

static void stop_signals(void) {
    const struct itimerval never = {{0, 0}, {0, 0}};

    must(setitimer(ITIMER_REAL, &never, NULL) == 0);
}

static void open_all(void) {
    open_listener(&listener, &addr);
    open_tcp_pair(&client, &server);
    open_udp_pair(&udp, &udp_addr, &udp_peer, &peer_addr);
    assert_ok(llnet_socket_open_pipe(&pipe_in, &pipe_out, 0));
    assert_ok(llnet_socket_open_pipe(&pipe_rest, &pipe_full, 0));
    open_unix_queue();
    assert_ok(llnet_poller_new(&poller, NULL));
    assert_ok(llnet_buffer_new(&buffer, sizeof bytes));
    assert_ok(llnet_buffer_set_size(buffer, sizeof bytes));
    assert_ok(llnet_message_new(&message, 64));
    assert_ok(llnet_message_add_space(message, bytes, sizeof bytes));
    assert_ok(llnet_batch_new(&batch, 2, 4, 0));
    file = open("file", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    must(write(file, bytes, sizeof bytes) == (ssize_t)sizeof bytes);
    fill(&client);
    fill(&pipe_full);
}

static void close_all(void) {
    llnet_socket *const all[] = {&listener,  &client,    &server,    &udp,    &udp_peer, &pipe_in, &pipe_out,
                                 &pipe_full, &pipe_rest, &unix_full, &unix_a, &unix_b,   &unix_new};

    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        assert_ok(llnet_socket_close(all[i]));
    llnet_poller_free(poller);
    llnet_buffer_free(buffer);
    llnet_message_free(message);
    llnet_batch_free(batch);
    close(file);
    unlink("queue");
}

/* ---- what waits ------------------------------------------------------------------------------ */

static long wait_accept(void) {
    llnet_socket out;
    llnet_addr peer = addr;
    long result = llnet_socket_accept(&listener, &out, &peer, 0);

    must(!llnet_socket_is_open(&out) && llnet_addr_equal(&peer, &addr));
    return result;
}

static long wait_connect(void) {
    return llnet_socket_connect(&unix_new, &unix_addr);
}

static long wait_connect_until(void) {
    long result = llnet_socket_connect_until(&unix_new, &unix_addr, LLNET_NEVER);
    bool nonblock = true;

    assert_ok(llnet_socket_get_nonblock(&unix_new, &nonblock));
    must(!nonblock);
    return result;
}

static long wait_recv(void) {
    return llnet_socket_recv(&client, bytes, 1, 0);
}

static long wait_recvfrom(void) {
    llnet_addr from = addr;
    long result = llnet_socket_recvfrom(&udp, bytes, 1, &from, 0);

    must(llnet_addr_equal(&from, &addr));
    return result;
}

static long wait_recv_buffer(void) {
    return llnet_socket_recv_buffer(&client, buffer, 0, LLNET_ALL, 0);
}

static long wait_recvfrom_buffer(void) {
    return llnet_socket_recvfrom_buffer(&udp, buffer, 0, LLNET_ALL, NULL, 0);
}

static long wait_recvv(void) {
    const struct iovec piece = {bytes, 1};
    return llnet_socket_recvv(&client, &piece, 1, 0);
}

static long wait_recv_message(void) {
    return llnet_socket_recv_message(&client, message, 0);
}

static long wait_recv_batch(void) {
    return llnet_socket_recv_batch(&udp, batch, LLNET_ALL, 0);
}

static long wait_recv_segments(void) {
    size_t size;
    return llnet_socket_recv_segments(&udp, bytes, 64, &size, NULL, 0);
}

static long wait_send(void) {
    return llnet_socket_send(&client, bytes, sizeof bytes, 0);
}

static long wait_send_buffer(void) {
    return llnet_socket_send_buffer(&client, buffer, 0, LLNET_ALL, 0);
}

static long wait_sendv(void) {
    const struct iovec piece = {bytes, sizeof bytes};
    return llnet_socket_sendv(&client, &piece, 1, 0);
}

static long wait_send_message(void) {
    return llnet_socket_send_message(&client, message, 0);
}

static long wait_sendfile(void) {
    return llnet_socket_sendfile(&client, file, 0, sizeof bytes);
}

static long wait_splice(void) {
    return llnet_socket_splice(&pipe_in, &client, 1, 0);
}

static long wait_tee(void) {
    return llnet_socket_tee(&pipe_in, &pipe_full, 1, 0);
}

static long wait_read(void) {
    return llnet_socket_read(&pipe_in, bytes, 1);
}

static long wait_read_socket(void) {
    return llnet_socket_read(&client, bytes, 1);
}

static long wait_write(void) {
    return llnet_socket_write(&pipe_full, bytes, sizeof bytes);
}

static long wait_write_socket(void) {
    return llnet_socket_write(&client, bytes, sizeof bytes);
}

static long wait_poll(void) {
    return llnet_socket_poll(&client, POLLIN, -1);
}

static long wait_poller(void) {
    return llnet_poller_wait(poller, -1);
}

static long wait_poller_ns(void) {
    return llnet_poller_wait_ns(poller, INT64_C(3600000000001));
}

static long wait_poll_ns(void) {
    struct pollfd entry = {(int)llnet_socket_fileno(&client), POLLIN, 0};
    return llnet_poll_ns(&entry, 1, INT64_C(3600000000001));
}

static long wait_send_all(void) {
    size_t progress = 1;
    long result = llnet_socket_send_all(&client, bytes, sizeof bytes, LLNET_NEVER, &progress);

    return progress > 0 ? (long)progress : result; /* as wait_send's */
}

static long wait_recv_exact(void) {
    size_t progress = 1;
    long result = llnet_socket_recv_exact(&client, bytes, 1, LLNET_NEVER, &progress);

    must(progress == 0);
    return result;
}

static long wait_recv_until(void) {
    llnet_buffer_reset(buffer);
    return llnet_socket_recv_until(&client, buffer, "x", 1, 64, LLNET_NEVER);
}

static long (*const waits[])(void) = {
    wait_accept,
    wait_connect,
    wait_connect_until,
    wait_recv,
    wait_recvfrom,
    wait_recv_buffer,
    wait_recvfrom_buffer,
    wait_recvv,
    wait_recv_message,
    wait_recv_batch,
    wait_recv_segments,
    wait_send,
    wait_send_buffer,
    wait_sendv,
    wait_send_message,
    wait_sendfile,
    wait_splice,
    wait_tee,
    wait_read,
    wait_read_socket,
    wait_write,
    wait_write_socket,
    wait_poll,
    wait_poller,
    wait_poller_ns,
    wait_poll_ns,
    wait_send_all,
    wait_recv_exact,
    wait_recv_until,
};
enum { WAITS = sizeof waits / sizeof waits[0] };

/* Twice: the first one left nothing behind that would make the second one go on. A blocking
 * send may have moved what the kernel found room for while the buffers settled. */
START_TEST(a_signal_ends_a_wait_with_eintr) {
    int before;

    open_all();
    before = count_descriptors();
    start_signals();
    for (int round = 0; round < 2; round++) {
        long result;

        do
            result = waits[_i]();
        while (result > 0);
        assert_error(result, EINTR);
    }
    stop_signals();
    ck_assert_int_eq(count_descriptors(), before);
    close_all();
}
END_TEST

/* The peer of a call that was interrupted: what it was waiting for is not lost. */
START_TEST(what_was_interrupted_can_be_waited_for_again) {
    llnet_socket out, other;
    char byte = 0;

    open_all();
    start_signals();
    assert_error(wait_accept(), EINTR);
    assert_error(wait_recv(), EINTR);
    assert_error(wait_recv_batch(), EINTR);
    stop_signals();
    assert_ok(llnet_socket_open(&other, AF_INET, SOCK_STREAM, 0, 0));
    assert_ok(llnet_socket_connect(&other, &addr));
    assert_ok(llnet_socket_accept(&listener, &out, NULL, 0));
    ck_assert_int_eq(llnet_socket_send(&server, "y", 1, 0), 1);
    ck_assert_int_eq(llnet_socket_recv(&client, &byte, 1, 0), 1);
    ck_assert_int_eq(byte, 'y');
    ck_assert_int_eq(llnet_socket_sendto(&udp_peer, "z", 1, &udp_addr, 0), 1);
    ck_assert_int_eq(llnet_socket_poll(&udp, POLLIN, 5000), POLLIN);
    ck_assert_int_eq(llnet_socket_recv_batch(&udp, batch, LLNET_ALL, MSG_DONTWAIT), 1);
    assert_ok(llnet_socket_close(&out));
    assert_ok(llnet_socket_close(&other));
    close_all();
}
END_TEST

/* ---- byte by byte ---------------------------------------------------------------------------- */

enum { RECORD = 150 }; /* each byte takes a socket buffer of its own */

static void open_short(char *pattern) {
    assert_ok(llnet_socket_pair(&client, &server, AF_UNIX, SOCK_STREAM, 0, 0));
    for (int i = 0; i < RECORD; i++)
        pattern[i] = (char)(i % 100 + 1);
    assert_ok(llnet_buffer_new(&buffer, RECORD));
    faults_forget();
    faults_limit(1);
    faults_begin();
}

static int count_calls(const char *name) {
    size_t i = 0;

    while (strcmp(faults_call_at(i), name) != 0)
        i++;
    return faults_count_at(i);
}

static void close_short(void) {
    faults_end();
    faults_limit(0);
    llnet_buffer_free(buffer);
    assert_ok(llnet_socket_close(&client));
    assert_ok(llnet_socket_close(&server));
}

START_TEST(transfers_by_single_bytes_are_whole) {
    char pattern[RECORD], got[RECORD];
    size_t progress = 0;

    open_short(pattern);
    assert_ok(llnet_socket_send_all(&client, pattern, RECORD, LLNET_NEVER, &progress));
    ck_assert_uint_eq(progress, RECORD);
    ck_assert_int_eq(count_calls("send"), RECORD);
    assert_ok(llnet_socket_recv_exact(&server, got, RECORD, LLNET_NEVER, &progress));
    ck_assert_uint_eq(progress, RECORD);
    ck_assert_int_eq(count_calls("recv"), RECORD);
    ck_assert_mem_eq(got, pattern, RECORD);
    assert_ok(llnet_buffer_set_data(buffer, pattern, RECORD));
    assert_ok(llnet_socket_send_all_buffer(&client, buffer, 0, LLNET_ALL, LLNET_NEVER, &progress));
    ck_assert_uint_eq(progress, RECORD);
    llnet_buffer_reset(buffer);
    assert_ok(llnet_socket_recv_exact_buffer(&server, buffer, 0, LLNET_ALL, LLNET_NEVER, &progress));
    ck_assert_uint_eq(llnet_buffer_get_size(buffer), RECORD);
    ck_assert_mem_eq(llnet_buffer_const_data(buffer), pattern, RECORD);
    ck_assert_int_eq(count_calls("send") + count_calls("recv"), 4 * RECORD);
    close_short();
}
END_TEST

START_TEST(a_record_that_comes_by_single_bytes_is_found) {
    char pattern[RECORD];
    size_t progress = 0;

    open_short(pattern);
    llnet_buffer_reset(buffer);
    assert_ok(llnet_socket_send_all(&client, "abc\r\r\n\r\nrest", 12, LLNET_NEVER, &progress));
    ck_assert_int_eq(llnet_socket_recv_until(&server, buffer, "\r\n\r\n", 4, RECORD, LLNET_NEVER), 8);
    ck_assert_uint_eq(llnet_buffer_get_size(buffer), 8); /* no byte more was taken */
    assert_ok(llnet_socket_shutdown(&client, SHUT_WR));
    assert_ok(llnet_buffer_consume(buffer, 8));
    assert_error(llnet_socket_recv_until(&server, buffer, "\r\n", 2, RECORD, LLNET_NEVER), LLNET_ECLOSED);
    ck_assert_uint_eq(llnet_buffer_get_size(buffer), 4);
    ck_assert_mem_eq(llnet_buffer_const_data(buffer), "rest", 4);
    close_short();
}
END_TEST

/* An error in the middle: how far it was is told. */
START_TEST(a_fault_in_the_middle_tells_how_much_moved) {
    char pattern[RECORD], got[RECORD];
    size_t progress = 0;

    open_short(pattern);
    faults_arm("send", 100, ECONNRESET);
    assert_error(llnet_socket_send_all(&client, pattern, RECORD, LLNET_NEVER, &progress), ECONNRESET);
    ck_assert_uint_eq(progress, 99);
    faults_arm("recv", 50, EINTR);
    assert_error(llnet_socket_recv_exact(&server, got, 99, LLNET_NEVER, &progress), EINTR);
    ck_assert_uint_eq(progress, 49);
    assert_ok(llnet_socket_recv_exact(&server, got + 49, 50, LLNET_NEVER, &progress));
    ck_assert_mem_eq(got, pattern, 99);
    close_short();
}
END_TEST

int main(void) {
    Suite *suite = suite_create("faults_signal");
    TCase *signals = add_case(suite, "signals"), *bytewise = add_case(suite, "bytewise");

    use_directory(signals);
    tcase_add_loop_test(signals, a_signal_ends_a_wait_with_eintr, 0, WAITS);
    tcase_add_test(signals, what_was_interrupted_can_be_waited_for_again);
    tcase_add_test(bytewise, transfers_by_single_bytes_are_whole);
    tcase_add_test(bytewise, a_record_that_comes_by_single_bytes_is_found);
    tcase_add_test(bytewise, a_fault_in_the_middle_tells_how_much_moved);
    return run_suite(suite);
}
