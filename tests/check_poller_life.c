/* SPDX-License-Identifier: MIT */
/* check_poller_life.c: how a poller is made and closed, how it waits, how it is
 * woken and nested. */
#include "check_poller.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

/* ---- making and closing ----------------------------------------------------- */

START_TEST(backends_are_listed_best_first) {
    int n = count_backends();

#ifdef __linux__
    ck_assert_int_eq(n, 2);
    ck_assert_str_eq(llnet_poller_backend_at(0), "epoll");
#endif
    ck_assert_int_ge(n, 1);
    ck_assert_str_eq(llnet_poller_backend_at((size_t)n - 1), "poll");
    ck_assert_ptr_null(llnet_poller_backend_at((size_t)n));
    ck_assert_ptr_null(llnet_poller_backend_at(SIZE_MAX));
}
END_TEST

START_TEST(the_argument_chooses_the_backend) {
    llnet_poller *poller;
    const char *name = llnet_poller_backend_at((size_t)_i);

    ck_assert_int_eq(setenv("LLNET_POLLER", "no such", 1), 0); /* not asked */
    assert_ok(llnet_poller_new(&poller, name));
    ck_assert_str_eq(llnet_poller_get_backend(poller), name);
    llnet_poller_free(poller);
}
END_TEST

START_TEST(the_environment_chooses_where_no_argument_does) {
    llnet_poller *poller;
    const char *name = llnet_poller_backend_at((size_t)_i);

    ck_assert_int_eq(setenv("LLNET_POLLER", name, 1), 0);
    assert_ok(llnet_poller_new(&poller, NULL));
    ck_assert_str_eq(llnet_poller_get_backend(poller), name);
    llnet_poller_free(poller);
}
END_TEST

START_TEST(the_best_is_taken_where_nobody_chooses) {
    llnet_poller *poller;
    int round;

    ck_assert_int_eq(unsetenv("LLNET_POLLER"), 0);
    for (round = 0; round < 2; round++) {
        assert_ok(llnet_poller_new(&poller, NULL));
        ck_assert_str_eq(llnet_poller_get_backend(poller), llnet_poller_backend_at(0));
        llnet_poller_free(poller);
        ck_assert_int_eq(setenv("LLNET_POLLER", "", 1), 0);
    }
}
END_TEST

START_TEST(an_unknown_backend_gives_enotsup) {
    const char *names[] = {"kqueue?", "", "POLL", "epol", "poll "};
    llnet_poller *poller;
    size_t i;

    for (i = 0; i < sizeof names / sizeof names[0]; i++) {
        poller = (llnet_poller *)&poller;
        assert_error(llnet_poller_new(&poller, names[i]), ENOTSUP);
        ck_assert_ptr_null(poller);
    }
    ck_assert_int_eq(setenv("LLNET_POLLER", "no such", 1), 0);
    assert_error(llnet_poller_new(&poller, NULL), ENOTSUP);
    ck_assert_ptr_null(poller);
}
END_TEST

START_TEST(a_closed_poller_gives_ebadf) {
    llnet_poller *poller = open_poller(_i);
    uint64_t token;
    int fds[2], events;

    open_sockets(fds);
    assert_ok(llnet_poller_add(poller, fds[0], POLLOUT, 1));
    assert_one(poller, 1, POLLOUT);
    assert_ok(llnet_poller_close(poller));
    assert_error(llnet_poller_add(poller, fds[1], POLLOUT, 1), EBADF);
    assert_error(llnet_poller_add(poller, fds[1], -1, 1), EBADF);
    assert_error(llnet_poller_modify(poller, fds[0], POLLOUT, 1), EBADF);
    assert_error(llnet_poller_remove(poller, fds[0]), EBADF);
    assert_error(llnet_poller_remove(poller, -1), EBADF);
    assert_error(llnet_poller_wait(poller, -1), EBADF);
    assert_error(llnet_poller_get_event(poller, 0, &token, &events), EBADF);
    assert_error(llnet_poller_wake(poller), EBADF);
    assert_error(llnet_poller_fileno(poller), EBADF);
    ck_assert_str_eq(llnet_poller_get_backend(poller), llnet_poller_backend_at((size_t)_i));
    assert_ok(llnet_poller_close(poller)); /* idempotent */
    llnet_poller_free(poller);
    llnet_poller_free(NULL);
    close_both(fds);
}
END_TEST

START_TEST(its_descriptors_are_close_on_exec_and_close_gives_them_back) {
    bool open_before[256];
    llnet_poller *poller;
    int fd, found = 0;

    for (fd = 0; fd < 256; fd++)
        open_before[fd] = fcntl(fd, F_GETFD) >= 0;
    poller = open_poller(_i);
    for (fd = 0; fd < 256; fd++) {
        int flags = fcntl(fd, F_GETFD);
        if (open_before[fd] || flags < 0)
            continue;
        found++;
        ck_assert_int_eq(flags, FD_CLOEXEC);
    }
    ck_assert_int_ge(found, 1);
    assert_ok(llnet_poller_close(poller));
    for (fd = 0; fd < 256; fd++)
        ck_assert_int_eq(fcntl(fd, F_GETFD) >= 0, open_before[fd]);
    llnet_poller_free(poller);
}
END_TEST

START_TEST(without_free_descriptors_a_poller_gives_emfile_and_leaks_none) {
    struct rlimit old, limit;
    llnet_poller *poller = (llnet_poller *)&poller;
    int before = count_descriptors(), lowest = dup(0), allowed;
    llnet_status status = 0;

    ck_assert_int_ge(lowest, 0);
    close(lowest);
    ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &old), 0);
    for (allowed = 0; allowed < 8; allowed++) {
        limit = old;
        limit.rlim_cur = (rlim_t)lowest + (rlim_t)allowed;
        ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
        status = llnet_poller_new(&poller, llnet_poller_backend_at((size_t)_i));
        ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &old), 0);
        if (status == 0)
            break;
        assert_error(status, EMFILE);
        ck_assert_ptr_null(poller);
        ck_assert_int_eq(count_descriptors(), before);
    }
    assert_ok(status);
    ck_assert_int_ge(allowed, 1);
    llnet_poller_free(poller);
}
END_TEST

/* ---- waiting ---------------------------------------------------------------- */

static int64_t now_ns(void) {
    struct timespec now;

    ck_assert_int_eq(clock_gettime(CLOCK_MONOTONIC, &now), 0);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

START_TEST(a_wait_without_events_lasts_as_long_as_asked) {
    llnet_poller *poller = open_poller(_i);
    const int timeouts[] = {0, 1, 30};
    size_t i;

    for (i = 0; i < 3; i++) {
        int64_t begin = now_ns();
        ck_assert_int_eq(llnet_poller_wait(poller, timeouts[i]), 0);
        ck_assert_int_ge(now_ns() - begin, (int64_t)timeouts[i] * 1000000);
    }
    llnet_poller_free(poller);
}
END_TEST

START_TEST(a_descriptor_closed_without_remove_ends_one_wait_at_most) {
    llnet_poller *poller = open_poller(_i);
    int64_t begin;
    int fds[2];

    open_sockets(fds);
    assert_ok(llnet_poller_add(poller, fds[0], POLLOUT, 1));
    close_both(fds);
    assert_nothing(poller);
    begin = now_ns();
    ck_assert_int_eq(llnet_poller_wait(poller, 20), 0);
    ck_assert_int_ge(now_ns() - begin, 20000000);
    llnet_poller_free(poller);
}
END_TEST

START_TEST(any_negative_timeout_waits_for_an_event) {
    llnet_poller *poller = open_poller(_i);
    int fds[2];

    open_sockets(fds);
    assert_ok(llnet_poller_add(poller, fds[0], POLLOUT, 1));
    ck_assert_int_eq(llnet_poller_wait(poller, -1), 1);
    ck_assert_int_eq(llnet_poller_wait(poller, -1000), 1);
    ck_assert_int_eq(llnet_poller_wait(poller, INT32_MIN), 1);
    ck_assert_int_eq(llnet_poller_wait(poller, INT32_MAX), 1);
    close_both(fds);
    llnet_poller_free(poller);
}
END_TEST

static llnet_poller *signalled;

static void do_nothing(int number) {
    (void)number;
}

static void wake_signalled(int number) {
    (void)number;
    llnet_poller_wake(signalled);
}

static void handle(int number, void (*handler)(int)) {
    struct sigaction action;

    memset(&action, 0, sizeof action);
    action.sa_handler = handler;
    action.sa_flags = SA_RESTART; /* which does not restart epoll_wait and poll */
    ck_assert_int_eq(sigaction(number, &action, NULL), 0);
}

/* SIGALRM every 5 ms: one at least falls into the wait. */
static void start_alarms(void) {
    const struct itimerval each = {{0, 5000}, {0, 5000}};
    ck_assert_int_eq(setitimer(ITIMER_REAL, &each, NULL), 0);
}

static void stop_alarms(void) {
    const struct itimerval never = {{0, 0}, {0, 0}};
    ck_assert_int_eq(setitimer(ITIMER_REAL, &never, NULL), 0);
}

START_TEST(a_signal_ends_the_wait_with_eintr) {
    llnet_poller *poller = open_poller(_i);
    uint64_t token;
    int events;

    handle(SIGALRM, do_nothing);
    start_alarms();
    assert_error(llnet_poller_wait(poller, -1), EINTR);
    stop_alarms();
    assert_error(llnet_poller_get_event(poller, 0, &token, &events), LLNET_EBOUNDS);
    llnet_poller_free(poller);
}
END_TEST

/* ---- being woken ------------------------------------------------------------ */

START_TEST(wakes_before_a_wait_count_as_one) {
    llnet_poller *poller = open_poller(_i);
    int64_t begin;

    assert_ok(llnet_poller_wake(poller));
    assert_ok(llnet_poller_wake(poller));
    assert_ok(llnet_poller_wake(poller));
    ck_assert_int_eq(llnet_poller_wait(poller, -1), 0);
    begin = now_ns();
    ck_assert_int_eq(llnet_poller_wait(poller, 20), 0);
    ck_assert_int_ge(now_ns() - begin, 20000000);
    assert_ok(llnet_poller_wake(poller));
    ck_assert_int_eq(llnet_poller_wait(poller, -1), 0);
    llnet_poller_free(poller);
}
END_TEST

START_TEST(a_wake_is_not_among_the_events) {
    llnet_poller *poller = open_poller(_i);
    uint64_t token;
    int fds[2], events;

    open_sockets(fds);
    assert_ok(llnet_poller_add(poller, fds[0], POLLOUT, UINT64_MAX));
    assert_ok(llnet_poller_add(poller, fds[1], POLLIN, 0));
    assert_ok(llnet_poller_wake(poller));
    assert_one(poller, UINT64_MAX, POLLOUT);
    assert_error(llnet_poller_get_event(poller, 1, &token, &events), LLNET_EBOUNDS);
    close_both(fds);
    llnet_poller_free(poller);
}
END_TEST

static void *wake_later(void *poller) {
    assert_ok(llnet_poller_wake(poller));
    return NULL;
}

START_TEST(another_thread_wakes_the_wait) {
    llnet_poller *poller = open_poller(_i);
    pthread_t thread;
    int round;

    for (round = 0; round < 50; round++) { /* before, in and beside the wait */
        ck_assert_int_eq(pthread_create(&thread, NULL, wake_later, poller), 0);
        ck_assert_int_eq(llnet_poller_wait(poller, -1), 0);
        ck_assert_int_eq(pthread_join(thread, NULL), 0);
    }
    llnet_poller_free(poller);
}
END_TEST

START_TEST(a_signal_handler_wakes_the_wait) {
    llnet_poller *poller = signalled = open_poller(_i);
    llnet_count result;

    handle(SIGALRM, wake_signalled);
    ck_assert_int_eq(raise(SIGALRM), 0);
    ck_assert_int_eq(llnet_poller_wait(poller, -1), 0);
    start_alarms();
    result = llnet_poller_wait(poller, -1);
    stop_alarms();
    ck_assert(result == -EINTR || result == 0);
    if (result == -EINTR) /* the wake is for the next one then */
        ck_assert_int_eq(llnet_poller_wait(poller, -1), 0);
    llnet_poller_free(poller);
}
END_TEST

START_TEST(a_wake_leaves_errno_alone) {
    llnet_poller *poller = open_poller(_i);

    errno = 77;
    assert_ok(llnet_poller_wake(poller));
    ck_assert_int_eq(errno, 77);
    assert_ok(llnet_poller_close(poller));
    errno = 78;
    assert_error(llnet_poller_wake(poller), EBADF);
    ck_assert_int_eq(errno, 78);
    llnet_poller_free(poller);
}
END_TEST

START_TEST(nobody_takes_the_alarm_away_by_its_number) {
    llnet_poller *poller = open_poller(_i);
    int fd;

    for (fd = 0; fd < 64; fd++) {
        llnet_status modified = llnet_poller_modify(poller, fd, POLLOUT, 1);
        llnet_status removed = llnet_poller_remove(poller, fd);
        ck_assert(modified < 0);
        ck_assert(removed < 0);
    }
    assert_ok(llnet_poller_wake(poller));
    ck_assert_int_eq(llnet_poller_wait(poller, -1), 0);
    llnet_poller_free(poller);
}
END_TEST

/* ---- nesting ---------------------------------------------------------------- */

START_TEST(a_poller_nests_in_another_one) {
    llnet_poller *outer = open_poller(_i), *inner;
    llnet_count fd;
    int fds[2];

    assert_ok(llnet_poller_new(&inner, llnet_poller_backend_at(0)));
    fd = llnet_poller_fileno(inner);
    if (is_poll(inner)) {
        assert_error(fd, ENOTSUP);
        llnet_poller_free(inner);
        llnet_poller_free(outer);
        skip("no backend here has a descriptor");
    }
    open_sockets(fds);
    assert_ok(llnet_poller_add(outer, fd, POLLIN, 1));
    assert_nothing(outer);
    assert_ok(llnet_poller_add(inner, fds[0], POLLOUT, 2));
    assert_one(outer, 1, POLLIN);
    assert_one(inner, 2, POLLOUT);
    assert_ok(llnet_poller_remove(inner, fds[0]));
    assert_nothing(outer);
    assert_ok(llnet_poller_wake(inner));
    assert_one(outer, 1, POLLIN);
    assert_nothing(inner);
    assert_nothing(outer);
    close_both(fds);
    llnet_poller_free(inner);
    llnet_poller_free(outer);
}
END_TEST

START_TEST(poll_has_no_descriptor_and_epoll_does_not_watch_itself) {
    llnet_poller *poller = open_poller(_i);
    llnet_count fd = llnet_poller_fileno(poller);

    if (is_poll(poller)) {
        assert_error(fd, ENOTSUP);
    } else {
        assert_ok(fd);
        assert_error(llnet_poller_add(poller, fd, POLLIN, 1), EINVAL);
    }
    llnet_poller_free(poller);
}
END_TEST

static void add_making(Suite *suite, int n) {
    TCase *making = add_case(suite, "making and closing");

    tcase_add_test(making, backends_are_listed_best_first);
    tcase_add_loop_test(making, the_argument_chooses_the_backend, 0, n);
    tcase_add_loop_test(making, the_environment_chooses_where_no_argument_does, 0, n);
    tcase_add_test(making, the_best_is_taken_where_nobody_chooses);
    tcase_add_test(making, an_unknown_backend_gives_enotsup);
    tcase_add_loop_test(making, a_closed_poller_gives_ebadf, 0, n);
    tcase_add_loop_test(making, its_descriptors_are_close_on_exec_and_close_gives_them_back, 0, n);
    tcase_add_loop_test(making, without_free_descriptors_a_poller_gives_emfile_and_leaks_none, 0, n);
}

void add_life_cases(Suite *suite, int n) {
    TCase *waiting = add_case(suite, "waiting and being woken");
    TCase *nesting = add_case(suite, "nesting");

    add_making(suite, n);
    tcase_add_loop_test(waiting, a_wait_without_events_lasts_as_long_as_asked, 0, n);
    tcase_add_loop_test(waiting, a_descriptor_closed_without_remove_ends_one_wait_at_most, 0, n);
    tcase_add_loop_test(waiting, any_negative_timeout_waits_for_an_event, 0, n);
    tcase_add_loop_test(waiting, a_signal_ends_the_wait_with_eintr, 0, n);
    tcase_add_loop_test(waiting, wakes_before_a_wait_count_as_one, 0, n);
    tcase_add_loop_test(waiting, a_wake_is_not_among_the_events, 0, n);
    tcase_add_loop_test(waiting, another_thread_wakes_the_wait, 0, n);
    tcase_add_loop_test(waiting, a_signal_handler_wakes_the_wait, 0, n);
    tcase_add_loop_test(waiting, a_wake_leaves_errno_alone, 0, n);
    tcase_add_loop_test(waiting, nobody_takes_the_alarm_away_by_its_number, 0, n);
    tcase_add_loop_test(nesting, a_poller_nests_in_another_one, 0, n);
    tcase_add_loop_test(nesting, poll_has_no_descriptor_and_epoll_does_not_watch_itself, 0, n);
}
