/* SPDX-License-Identifier: MIT */
/* check_whole_connect.c: connect_until connects, is refused, waits for full listeners until
 * the deadline or a signal, and leaves the socket's mode as it was. */
#include "harness.h"
#include "directory.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum { MS = 1000000 };

static int fd_of(const llnet_socket *self) {
    return (int)llnet_socket_fileno(self);
}

static int64_t in_ms(int ms) {
    return llnet_clock_now() + (int64_t)ms * MS;
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

static bool is_nonblock(const llnet_socket *self) {
    return (fcntl(fd_of(self), F_GETFL) & O_NONBLOCK) != 0;
}

START_TEST(a_listener_is_connected_to_and_the_mode_is_as_before) {
    llnet_socket listener, client, server;
    llnet_addr addr;
    char byte = 0;

    open_listener(&listener, &addr);
    assert_ok(llnet_socket_open(&client, AF_INET, SOCK_STREAM, 0, _i == 1 ? SOCK_NONBLOCK : 0));
    assert_ok(llnet_socket_connect_until(&client, &addr, in_ms(60000)));
    ck_assert_int_eq(is_nonblock(&client), _i == 1);
    assert_ok(llnet_socket_accept(&listener, &server, NULL, 0));
    ck_assert_int_eq(send(fd_of(&client), "x", 1, 0), 1);
    ck_assert_int_eq(recv(fd_of(&server), &byte, 1, 0), 1);
    assert_ok(llnet_socket_close(&client));
    assert_ok(llnet_socket_close(&server));
    assert_ok(llnet_socket_close(&listener));
}
END_TEST

START_TEST(a_port_where_nobody_listens_is_econnrefused) {
    llnet_socket deaf, client;
    llnet_addr addr;

    llnet_addr_init(&addr);
    assert_ok(llnet_addr_set_ip(&addr, "127.0.0.1", 0));
    assert_ok(llnet_socket_open(&deaf, AF_INET, SOCK_STREAM, 0, 0));
    assert_ok(llnet_socket_bind(&deaf, &addr)); /* holds the port */
    assert_ok(llnet_socket_get_sockname(&deaf, &addr));
    assert_ok(llnet_socket_open(&client, AF_INET, SOCK_STREAM, 0, _i == 1 ? SOCK_NONBLOCK : 0));
    assert_error(llnet_socket_connect_until(&client, &addr, LLNET_NEVER), ECONNREFUSED);
    ck_assert_int_eq(is_nonblock(&client), _i == 1);
    assert_ok(llnet_socket_close(&client));
    assert_ok(llnet_socket_close(&deaf));
}
END_TEST

/* A TCP listener drops what comes when its queue is full. */
START_TEST(a_full_backlog_is_etimedout_and_the_attempt_goes_on) {
    enum { MOST = 8 };
    llnet_socket listener, clients[MOST], server;
    llnet_addr addr;
    llnet_status status = 0;
    int count, i;

    open_listener(&listener, &addr);
    assert_ok(llnet_socket_listen(&listener, 0));
    for (count = 0; count < MOST && status == 0; count++) {
        assert_ok(llnet_socket_open(&clients[count], AF_INET, SOCK_STREAM, 0, _i == 1 ? SOCK_NONBLOCK : 0));
        status = llnet_socket_connect_until(&clients[count], &addr, in_ms(100));
        ck_assert_int_eq(is_nonblock(&clients[count]), _i == 1);
    }
    assert_error(status, ETIMEDOUT);
    set_alarms(true);
    assert_error(llnet_socket_connect_until(&clients[count - 1], &addr, LLNET_NEVER), EINTR);
    set_alarms(false);
    for (i = 0; i < count - 1; i++) {
        assert_ok(llnet_socket_accept(&listener, &server, NULL, 0));
        assert_ok(llnet_socket_close(&server));
    }
    /* the kernel asks again after a second */
    assert_ok(llnet_socket_connect_until(&clients[count - 1], &addr, LLNET_NEVER));
    ck_assert_int_eq(is_nonblock(&clients[count - 1]), _i == 1);
    for (i = 0; i < count; i++)
        assert_ok(llnet_socket_close(&clients[i]));
    assert_ok(llnet_socket_close(&listener));
}
END_TEST

static void *accept_one(void *context) {
    llnet_socket server;

    if (llnet_socket_accept(context, &server, NULL, 0) < 0)
        return NULL;
    llnet_socket_close(&server);
    return context;
}

START_TEST(a_full_unix_listener_is_asked_until_there_is_room) {
    llnet_socket listener, first, second;
    llnet_addr addr;
    pthread_t thread;
    void *result;

    assert_ok(llnet_addr_set_unix(&addr, "listener", 8));
    assert_ok(llnet_socket_open(&listener, AF_UNIX, SOCK_STREAM, 0, 0));
    assert_ok(llnet_socket_bind(&listener, &addr));
    assert_ok(llnet_socket_listen(&listener, 0));
    assert_ok(llnet_socket_open(&first, AF_UNIX, SOCK_STREAM, 0, 0));
    assert_ok(llnet_socket_connect_until(&first, &addr, 0));
    assert_ok(llnet_socket_open(&second, AF_UNIX, SOCK_STREAM, 0, _i == 1 ? SOCK_NONBLOCK : 0));
    assert_error(llnet_socket_connect_until(&second, &addr, 0), ETIMEDOUT);
    assert_error(llnet_socket_connect_until(&second, &addr, in_ms(12)), ETIMEDOUT);
    ck_assert_int_eq(is_nonblock(&second), _i == 1);
    set_alarms(true);
    assert_error(llnet_socket_connect_until(&second, &addr, LLNET_NEVER), EINTR);
    set_alarms(false);
    ck_assert_int_eq(is_nonblock(&second), _i == 1);
    ck_assert_int_eq(pthread_create(&thread, NULL, accept_one, &listener), 0);
    assert_ok(llnet_socket_connect_until(&second, &addr, LLNET_NEVER));
    ck_assert_int_eq(is_nonblock(&second), _i == 1);
    ck_assert_int_eq(pthread_join(thread, &result), 0);
    ck_assert_ptr_nonnull(result);
    assert_ok(llnet_socket_close(&first));
    assert_ok(llnet_socket_close(&second));
    assert_ok(llnet_socket_close(&listener));
    ck_assert_int_eq(unlink("listener"), 0);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("whole_connect");
    TCase *connecting = add_case(suite, "connecting");

    use_directory(connecting);
    tcase_add_loop_test(connecting, a_listener_is_connected_to_and_the_mode_is_as_before, 0, 2);
    tcase_add_loop_test(connecting, a_port_where_nobody_listens_is_econnrefused, 0, 2);
    tcase_add_loop_test(connecting, a_full_backlog_is_etimedout_and_the_attempt_goes_on, 0, 2);
    tcase_add_loop_test(connecting, a_full_unix_listener_is_asked_until_there_is_room, 0, 2);
    return run_suite(suite);
}
