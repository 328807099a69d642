/* SPDX-License-Identifier: MIT */
/* check_poller.c: what must hold of the descriptors that a poller watches:
 * levels, modes, events. Each test runs over all backends. */
#include "harness.h"
#include "check_poller.h"

#include <poll.h>
#include <pthread.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

/* ---- what all files use ---------------------------------------------------- */

int count_backends(void) {
    int count = 0;

    while (llnet_poller_backend_at((size_t)count) != NULL)
        count++;
    return count;
}

llnet_poller *open_poller(int backend_index) {
    llnet_poller *poller;

    assert_ok(llnet_poller_new(&poller, llnet_poller_backend_at((size_t)backend_index)));
    return poller;
}

bool is_poll(const llnet_poller *poller) {
    return strcmp(llnet_poller_get_backend(poller), "poll") == 0;
}

int room_of(const llnet_poller *poller) {
    return is_poll(poller) ? 1024 : 64;
}

void open_pipe(int fds[2]) {
    ck_assert_int_eq(pipe(fds), 0);
}

void open_sockets(int fds[2]) {
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
}

void close_both(const int fds[2]) {
    close(fds[0]);
    close(fds[1]);
}

void put(int fd) {
    ck_assert_int_eq(write(fd, "x", 1), 1);
}

void take(int fd) {
    char byte;
    ck_assert_int_eq(read(fd, &byte, 1), 1);
}

int raise_limit(int wanted) {
    struct rlimit limit;

    ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
    if (limit.rlim_cur < (rlim_t)wanted) {
        limit.rlim_cur = limit.rlim_max < (rlim_t)wanted ? limit.rlim_max : (rlim_t)wanted;
        ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
    }
    return limit.rlim_cur < (rlim_t)wanted ? (int)limit.rlim_cur : wanted;
}

void assert_nothing(llnet_poller *poller) {
    ck_assert_int_eq(llnet_poller_wait(poller, 0), 0);
}

void assert_event(const llnet_poller *poller, size_t index, uint64_t token, int events) {
    uint64_t found_token = ~token;
    int found_events = ~events;

    assert_ok(llnet_poller_get_event(poller, index, &found_token, &found_events));
    ck_assert_uint_eq(found_token, token);
    ck_assert_int_eq(found_events, events);
}

void assert_one(llnet_poller *poller, uint64_t token, int events) {
    ck_assert_int_eq(llnet_poller_wait(poller, 0), 1);
    assert_event(poller, 0, token, events);
}

/* ---- levels, events, tokens ------------------------------------------------- */

START_TEST(readiness_is_reported_at_each_wait_while_it_lasts) {
    llnet_poller *poller = open_poller(_i);
    int fds[2];

    open_pipe(fds);
    assert_ok(llnet_poller_add(poller, fds[0], POLLIN, UINT64_MAX));
    assert_nothing(poller);
    put(fds[1]);
    assert_one(poller, UINT64_MAX, POLLIN);
    assert_one(poller, UINT64_MAX, POLLIN);
    take(fds[0]);
    assert_nothing(poller);
    close_both(fds);
    llnet_poller_free(poller);
}
END_TEST

START_TEST(only_the_events_asked_for_are_reported) {
    llnet_poller *poller = open_poller(_i);
    int fds[2];

    open_sockets(fds);
    put(fds[1]);
    assert_ok(llnet_poller_add(poller, fds[0], POLLOUT, 0));
    assert_one(poller, 0, POLLOUT);
    assert_ok(llnet_poller_modify(poller, fds[0], POLLIN, 0));
    assert_one(poller, 0, POLLIN);
    assert_ok(llnet_poller_modify(poller, fds[0], POLLIN | POLLOUT | POLLPRI | POLLRDHUP, 0));
    assert_one(poller, 0, POLLIN | POLLOUT);
    assert_ok(llnet_poller_modify(poller, fds[0], POLLERR | POLLHUP, 0));
    assert_nothing(poller);
    close_both(fds);
    llnet_poller_free(poller);
}
END_TEST

START_TEST(modify_changes_events_and_token) {
    llnet_poller *poller = open_poller(_i);
    uint64_t token;
    int fds[2], events;

    open_sockets(fds);
    assert_ok(llnet_poller_add(poller, fds[0], POLLIN, 1));
    assert_nothing(poller);
    assert_ok(llnet_poller_modify(poller, fds[0], POLLOUT, 2));
    assert_one(poller, 2, POLLOUT);
    assert_ok(llnet_poller_modify(poller, fds[0], POLLIN, 3)); /* an event that waits has the token of now */
    assert_ok(llnet_poller_get_event(poller, 0, &token, &events));
    ck_assert_uint_eq(token, 3);
    ck_assert_int_eq(events, POLLOUT);
    close_both(fds);
    llnet_poller_free(poller);
}
END_TEST

START_TEST(remove_ends_watching) {
    llnet_poller *poller = open_poller(_i);
    int fds[2];

    open_sockets(fds);
    assert_error(llnet_poller_remove(poller, fds[0]), ENOENT);
    assert_error(llnet_poller_modify(poller, fds[0], POLLOUT, 0), ENOENT);
    assert_ok(llnet_poller_add(poller, fds[0], POLLOUT, 7));
    assert_ok(llnet_poller_remove(poller, fds[0]));
    assert_nothing(poller);
    assert_error(llnet_poller_remove(poller, fds[0]), ENOENT);
    assert_error(llnet_poller_modify(poller, fds[0], POLLOUT, 0), ENOENT);
    assert_ok(llnet_poller_add(poller, fds[0], POLLOUT, 8));
    assert_one(poller, 8, POLLOUT);
    close_both(fds);
    llnet_poller_free(poller);
}
END_TEST

START_TEST(a_second_add_is_refused_and_changes_nothing) {
    llnet_poller *poller = open_poller(_i);
    int fds[2];

    open_sockets(fds);
    assert_ok(llnet_poller_add(poller, fds[0], POLLOUT, 1));
    assert_error(llnet_poller_add(poller, fds[0], POLLIN, 2), EEXIST);
    assert_one(poller, 1, POLLOUT);
    close_both(fds);
    llnet_poller_free(poller);
}
END_TEST

START_TEST(numbers_that_are_no_descriptors_give_ebadf) {
    llnet_poller *poller = open_poller(_i);
    intptr_t numbers[] = {-1, INT32_MIN, INTPTR_MIN, INT32_MAX, INTPTR_MAX, 0};
    size_t i;
    int fds[2];

    open_pipe(fds);
    close_both(fds);
    numbers[5] = fds[1];
    for (i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        assert_error(llnet_poller_add(poller, numbers[i], POLLIN, 0), EBADF);
        assert_error(llnet_poller_modify(poller, numbers[i], POLLIN, 0), EBADF);
        assert_error(llnet_poller_remove(poller, numbers[i]), EBADF);
    }
    llnet_poller_free(poller);
}
END_TEST

START_TEST(events_that_there_are_not_give_einval) {
    llnet_poller *poller = open_poller(_i);
    const int wrong[] = {POLLNVAL, 0x80000, -1, INT32_MIN, 0x8000, POLLIN | 0x1000000};
    const int clashing[] = {POLLPRI, POLLRDHUP, LLNET_POLL_ONESHOT};
    size_t i;
    int fds[2];

    open_sockets(fds);
    for (i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_error(llnet_poller_add(poller, fds[0], wrong[i], 0), EINVAL);
    for (i = 0; i < sizeof clashing / sizeof clashing[0]; i++)
        assert_error(llnet_poller_add(poller, fds[0], POLLIN | LLNET_POLL_EXCLUSIVE | clashing[i], 0), EINVAL);
    assert_ok(llnet_poller_add(poller, fds[0], POLLOUT, 1));
    for (i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_error(llnet_poller_modify(poller, fds[0], wrong[i], 0), EINVAL);
    assert_one(poller, 1, POLLOUT);
    close_both(fds);
    llnet_poller_free(poller);
}
END_TEST

START_TEST(modes_that_poll_lacks_give_enotsup) {
    llnet_poller *poller = open_poller(_i);
    int fds[2];

    open_sockets(fds);
    if (is_poll(poller)) {
        assert_error(llnet_poller_add(poller, fds[0], POLLIN | LLNET_POLL_EDGE, 0), ENOTSUP);
        assert_error(llnet_poller_add(poller, fds[0], POLLIN | LLNET_POLL_EXCLUSIVE, 0), ENOTSUP);
        assert_ok(llnet_poller_add(poller, fds[0], POLLOUT, 1));
        assert_error(llnet_poller_modify(poller, fds[0], POLLIN | LLNET_POLL_EDGE, 0), ENOTSUP);
        assert_one(poller, 1, POLLOUT);
    } else {
        assert_ok(llnet_poller_add(poller, fds[0], POLLIN | LLNET_POLL_EDGE | LLNET_POLL_EXCLUSIVE, 0));
    }
    close_both(fds);
    llnet_poller_free(poller);
}
END_TEST

START_TEST(a_regular_file_is_eperm_to_epoll_and_always_ready_to_poll) {
    llnet_poller *poller = open_poller(_i);
    FILE *file = tmpfile();

    ck_assert_ptr_nonnull(file);
    if (is_poll(poller)) {
        assert_ok(llnet_poller_add(poller, fileno(file), POLLIN, 4));
        assert_one(poller, 4, POLLIN);
    } else {
        assert_error(llnet_poller_add(poller, fileno(file), POLLIN, 4), EPERM);
    }
    fclose(file);
    llnet_poller_free(poller);
}
END_TEST

START_TEST(the_table_grows_with_the_largest_descriptor) {
    llnet_poller *poller = open_poller(_i);
    int fds[2], high = raise_limit(20000) - 1;

    open_sockets(fds);
    ck_assert_int_eq(dup2(fds[0], high), high);
    assert_ok(llnet_poller_add(poller, fds[0], POLLIN, 1));
    assert_ok(llnet_poller_add(poller, high, POLLOUT, 2));
    assert_one(poller, 2, POLLOUT);
    assert_ok(llnet_poller_modify(poller, fds[0], POLLOUT, 1));
    assert_ok(llnet_poller_remove(poller, high));
    assert_one(poller, 1, POLLOUT);
    close(high);
    close_both(fds);
    llnet_poller_free(poller);
}
END_TEST

/* ---- modes ------------------------------------------------------------------ */

START_TEST(one_shot_reports_once_until_modify) {
    llnet_poller *poller = open_poller(_i);
    int fds[2];

    open_sockets(fds);
    assert_ok(llnet_poller_add(poller, fds[0], POLLIN | LLNET_POLL_ONESHOT, 1));
    put(fds[1]);
    assert_one(poller, 1, POLLIN);
    put(fds[1]);
    assert_nothing(poller);
    assert_error(llnet_poller_add(poller, fds[0], POLLIN, 3), EEXIST); /* it is watched still */
    assert_ok(llnet_poller_modify(poller, fds[0], POLLIN | LLNET_POLL_ONESHOT, 2));
    assert_one(poller, 2, POLLIN);
    assert_nothing(poller);
    assert_ok(llnet_poller_modify(poller, fds[0], POLLIN, 3));
    assert_one(poller, 3, POLLIN);
    assert_one(poller, 3, POLLIN);
    close_both(fds);
    llnet_poller_free(poller);
}
END_TEST

START_TEST(a_spent_one_shot_does_not_even_report_a_hangup) {
    llnet_poller *poller = open_poller(_i);
    int fds[2];

    open_sockets(fds);
    assert_ok(llnet_poller_add(poller, fds[0], POLLOUT | LLNET_POLL_ONESHOT, 1));
    assert_one(poller, 1, POLLOUT);
    close(fds[1]);
    assert_nothing(poller);
    assert_ok(llnet_poller_modify(poller, fds[0], LLNET_POLL_ONESHOT, 2));
    assert_one(poller, 2, POLLHUP);
    assert_nothing(poller);
    assert_ok(llnet_poller_remove(poller, fds[0]));
    close(fds[0]);
    llnet_poller_free(poller);
}
END_TEST

START_TEST(an_edge_is_reported_once_for_each_arrival) {
    llnet_poller *poller = open_poller(_i);
    int fds[2];

    if (is_poll(poller)) {
        llnet_poller_free(poller);
        skip("poll(2) has no edges");
    }
    open_sockets(fds);
    put(fds[1]);
    assert_ok(llnet_poller_add(poller, fds[0], POLLIN | LLNET_POLL_EDGE, 1));
    assert_one(poller, 1, POLLIN); /* what was there before counts */
    assert_nothing(poller);
    put(fds[1]);
    assert_one(poller, 1, POLLIN);
    assert_nothing(poller);
    assert_ok(llnet_poller_modify(poller, fds[0], POLLIN | LLNET_POLL_EDGE, 2));
    assert_one(poller, 2, POLLIN);
    assert_nothing(poller);
    close_both(fds);
    llnet_poller_free(poller);
}
END_TEST

struct exclusive_waiter {
    llnet_poller *poller;
    pthread_t thread;
    llnet_count result;
    int report; /* a byte comes here when the wait is over */
};

static void *wait_for_listener(void *argument) {
    struct exclusive_waiter *self = argument;
    char byte = 0;

    self->result = llnet_poller_wait(self->poller, -1);
    if (write(self->report, &byte, 1) != 1)
        self->result = -EIO;
    return NULL;
}

START_TEST(a_connection_wakes_at_least_one_exclusive_poller) {
    struct exclusive_waiter waiters[2];
    llnet_socket listener, client;
    llnet_addr addr;
    int report[2], i;

    open_pipe(report);
    open_listener(&listener, &addr);
    for (i = 0; i < 2; i++) {
        waiters[i].poller = open_poller(_i);
        waiters[i].report = report[1];
        if (is_poll(waiters[i].poller)) {
            llnet_poller_free(waiters[i].poller);
            llnet_socket_close(&listener);
            close_both(report);
            skip("poll(2) has no exclusive mode");
        }
        assert_ok(llnet_poller_add(waiters[i].poller, llnet_socket_fileno(&listener), POLLIN | LLNET_POLL_EXCLUSIVE,
                                   (uint64_t)i));
        assert_error(llnet_poller_modify(waiters[i].poller, llnet_socket_fileno(&listener), POLLIN, 0), EINVAL);
        ck_assert_int_eq(pthread_create(&waiters[i].thread, NULL, wait_for_listener, &waiters[i]), 0);
    }
    assert_ok(llnet_socket_open(&client, AF_INET, SOCK_STREAM, 0, 0));
    assert_ok(llnet_socket_connect(&client, &addr));
    take(report[0]); /* one of them has it */
    for (i = 0; i < 2; i++)
        assert_ok(llnet_poller_wake(waiters[i].poller));
    for (i = 0; i < 2; i++)
        ck_assert_int_eq(pthread_join(waiters[i].thread, NULL), 0);
    ck_assert_int_ge(waiters[0].result, 0);
    ck_assert_int_ge(waiters[1].result, 0);
    ck_assert_int_ge(waiters[0].result + waiters[1].result, 1);
    for (i = 0; i < 2; i++)
        llnet_poller_free(waiters[i].poller);
    assert_ok(llnet_socket_close(&client));
    assert_ok(llnet_socket_close(&listener));
    close_both(report);
}
END_TEST

/* ---- ends and errors -------------------------------------------------------- */

START_TEST(a_half_close_is_rdhup_where_it_was_asked_for) {
    llnet_poller *poller = open_poller(_i);
    llnet_socket client, server;
    intptr_t fd;

    open_tcp_pair(&client, &server);
    fd = llnet_socket_fileno(&server);
    assert_ok(llnet_poller_add(poller, fd, POLLIN | POLLRDHUP, 5));
    assert_nothing(poller);
    assert_ok(llnet_socket_shutdown(&client, SHUT_WR));
    ck_assert_int_eq(llnet_poller_wait(poller, -1), 1);
    assert_event(poller, 0, 5, POLLIN | POLLRDHUP);
    assert_ok(llnet_poller_modify(poller, fd, POLLRDHUP, 5));
    assert_one(poller, 5, POLLRDHUP);
    assert_ok(llnet_poller_modify(poller, fd, POLLIN, 5));
    assert_one(poller, 5, POLLIN);
    assert_ok(llnet_socket_close(&client));
    assert_ok(llnet_socket_close(&server));
    llnet_poller_free(poller);
}
END_TEST

START_TEST(hangup_and_error_are_reported_unasked) {
    llnet_poller *poller = open_poller(_i);
    int fds[2];

    open_pipe(fds);
    assert_ok(llnet_poller_add(poller, fds[0], 0, 1));
    assert_nothing(poller);
    close(fds[1]);
    assert_one(poller, 1, POLLHUP);
    assert_ok(llnet_poller_remove(poller, fds[0]));
    close(fds[0]);
    open_pipe(fds);
    assert_ok(llnet_poller_add(poller, fds[1], 0, 2));
    assert_nothing(poller);
    close(fds[0]);
    assert_one(poller, 2, POLLERR);
    assert_ok(llnet_poller_modify(poller, fds[1], POLLOUT, 3));
    assert_one(poller, 3, POLLOUT | POLLERR);
    assert_ok(llnet_poller_remove(poller, fds[1]));
    close(fds[1]);
    llnet_poller_free(poller);
}
END_TEST

START_TEST(urgent_data_is_pollpri) {
    llnet_poller *poller = open_poller(_i);
    llnet_socket client, server;

    open_tcp_pair(&client, &server);
    assert_ok(llnet_poller_add(poller, llnet_socket_fileno(&server), POLLPRI, 6));
    ck_assert_int_eq(llnet_socket_send(&client, "!", 1, MSG_OOB), 1);
    ck_assert_int_eq(llnet_poller_wait(poller, -1), 1);
    assert_event(poller, 0, 6, POLLPRI);
    assert_ok(llnet_socket_close(&client));
    assert_ok(llnet_socket_close(&server));
    llnet_poller_free(poller);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("poller");
    TCase *levels = add_case(suite, "levels, events, tokens");
    TCase *modes = add_case(suite, "modes");
    TCase *ends = add_case(suite, "ends and errors");
    int n = count_backends();

    tcase_add_loop_test(levels, readiness_is_reported_at_each_wait_while_it_lasts, 0, n);
    tcase_add_loop_test(levels, only_the_events_asked_for_are_reported, 0, n);
    tcase_add_loop_test(levels, modify_changes_events_and_token, 0, n);
    tcase_add_loop_test(levels, remove_ends_watching, 0, n);
    tcase_add_loop_test(levels, a_second_add_is_refused_and_changes_nothing, 0, n);
    tcase_add_loop_test(levels, numbers_that_are_no_descriptors_give_ebadf, 0, n);
    tcase_add_loop_test(levels, events_that_there_are_not_give_einval, 0, n);
    tcase_add_loop_test(levels, modes_that_poll_lacks_give_enotsup, 0, n);
    tcase_add_loop_test(levels, a_regular_file_is_eperm_to_epoll_and_always_ready_to_poll, 0, n);
    tcase_add_loop_test(levels, the_table_grows_with_the_largest_descriptor, 0, n);
    tcase_add_loop_test(modes, one_shot_reports_once_until_modify, 0, n);
    tcase_add_loop_test(modes, a_spent_one_shot_does_not_even_report_a_hangup, 0, n);
    tcase_add_loop_test(modes, an_edge_is_reported_once_for_each_arrival, 0, n);
    tcase_add_loop_test(modes, a_connection_wakes_at_least_one_exclusive_poller, 0, n);
    tcase_add_loop_test(ends, a_half_close_is_rdhup_where_it_was_asked_for, 0, n);
    tcase_add_loop_test(ends, hangup_and_error_are_reported_unasked, 0, n);
    tcase_add_loop_test(ends, urgent_data_is_pollpri, 0, n);
    add_stale_cases(suite, n);
    add_life_cases(suite, n);
    add_many_cases(suite, n);
    add_timer_cases(suite, n);
    return run_suite(suite);
}
