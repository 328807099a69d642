/* SPDX-License-Identifier: MIT */
/* check_poller_timer.c: a poller's timers beside its descriptors, and waits of
 * nanoseconds. Nothing here is late; what must not be early is measured. */
#include "check_poller.h"

#include <poll.h>
#include <signal.h>
#include <sys/time.h>
#include <unistd.h>

#ifdef __linux__
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#endif

static const int64_t hour = INT64_C(3600) * 1000000000;

static void assert_gone(const llnet_poller *poller, size_t index) {
    uint64_t token = 77;
    int events = 78;

    assert_error(llnet_poller_get_event(poller, index, &token, &events), ENOENT);
    ck_assert_uint_eq(token, 77);
    ck_assert_int_eq(events, 78);
}

/* ---- one timer ------------------------------------------------------------------ */

START_TEST(a_timer_is_reported_once_and_not_before_its_deadline) {
    llnet_poller *poller = open_poller(_i);
    const int64_t delays[] = {0, 1, 1000, 999999, 1000000, 2500000};
    size_t i;

    for (i = 0; i < 6; i++) {
        int64_t deadline = llnet_clock_now() + delays[i];

        assert_ok(llnet_poller_set_timer(poller, UINT64_MAX - i, deadline));
        ck_assert_uint_eq(llnet_poller_get_timer_count(poller), 1);
        ck_assert_int_eq(llnet_poller_wait(poller, -1), 1);
        ck_assert_int_ge(llnet_clock_now(), deadline);
        assert_event(poller, 0, UINT64_MAX - i, LLNET_POLL_TIMER);
        ck_assert_uint_eq(llnet_poller_get_timer_count(poller), 0);
        assert_nothing(poller);
    }
    llnet_poller_free(poller);
}
END_TEST

START_TEST(a_deadline_that_is_past_comes_with_the_next_wait) {
    llnet_poller *poller = open_poller(_i);
    const int64_t past[] = {INT64_MIN, -1, 0, 1};
    size_t i;

    for (i = 0; i < 4; i++) {
        assert_ok(llnet_poller_set_timer(poller, i, past[i]));
        assert_one(poller, i, LLNET_POLL_TIMER);
    }
    llnet_poller_free(poller);
}
END_TEST

START_TEST(a_deadline_that_is_far_away_does_not_come) {
    llnet_poller *poller = open_poller(_i);
    int64_t begin;

    assert_ok(llnet_poller_set_timer(poller, 1, llnet_clock_now() + hour));
    assert_ok(llnet_poller_set_timer(poller, 2, INT64_MAX));
    assert_nothing(poller);
    begin = llnet_clock_now();
    ck_assert_int_eq(llnet_poller_wait(poller, 20), 0); /* the caller's time is the shorter one */
    ck_assert_int_ge(llnet_clock_now() - begin, 20000000);
    ck_assert_uint_eq(llnet_poller_get_timer_count(poller), 2);
    llnet_poller_free(poller);
}
END_TEST

START_TEST(a_timer_that_is_set_again_moves) {
    llnet_poller *poller = open_poller(_i);

    assert_ok(llnet_poller_set_timer(poller, 5, 0));
    assert_ok(llnet_poller_set_timer(poller, 5, INT64_MAX));
    ck_assert_uint_eq(llnet_poller_get_timer_count(poller), 1);
    assert_nothing(poller);
    assert_ok(llnet_poller_set_timer(poller, 5, 0));
    assert_one(poller, 5, LLNET_POLL_TIMER);
    assert_nothing(poller);
    llnet_poller_free(poller);
}
END_TEST

START_TEST(a_timer_that_is_removed_does_not_come) {
    llnet_poller *poller = open_poller(_i);

    assert_error(llnet_poller_remove_timer(poller, 5), ENOENT);
    assert_ok(llnet_poller_set_timer(poller, 5, 0));
    assert_ok(llnet_poller_set_timer(poller, 6, 0));
    assert_error(llnet_poller_remove_timer(poller, 7), ENOENT);
    assert_ok(llnet_poller_remove_timer(poller, 5));
    assert_error(llnet_poller_remove_timer(poller, 5), ENOENT);
    assert_one(poller, 6, LLNET_POLL_TIMER);
    llnet_poller_free(poller);
}
END_TEST

START_TEST(a_closed_poller_has_no_timers_and_gives_ebadf) {
    llnet_poller *poller = open_poller(_i);
    uint64_t token;
    int events;

    assert_ok(llnet_poller_set_timer(poller, 1, 0));
    assert_one(poller, 1, LLNET_POLL_TIMER);
    assert_ok(llnet_poller_set_timer(poller, 2, 0));
    assert_ok(llnet_poller_close(poller));
    ck_assert_uint_eq(llnet_poller_get_timer_count(poller), 0);
    assert_error(llnet_poller_set_timer(poller, 1, 0), EBADF);
    assert_error(llnet_poller_remove_timer(poller, 2), EBADF);
    assert_error(llnet_poller_wait_ns(poller, 0), EBADF);
    assert_error(llnet_poller_get_event(poller, 0, &token, &events), EBADF);
    llnet_poller_free(poller);
}
END_TEST

/* ---- reported, not fetched ---------------------------------------------------------- */

START_TEST(a_report_is_dropped_where_its_timer_is_removed) {
    llnet_poller *poller = open_poller(_i);

    assert_ok(llnet_poller_set_timer(poller, 1, 1));
    assert_ok(llnet_poller_set_timer(poller, 2, 2));
    assert_ok(llnet_poller_set_timer(poller, 3, 3));
    ck_assert_int_eq(llnet_poller_wait(poller, 0), 3);
    assert_error(llnet_poller_remove_timer(poller, 2), ENOENT);
    assert_event(poller, 0, 1, LLNET_POLL_TIMER);
    assert_gone(poller, 1);
    assert_event(poller, 2, 3, LLNET_POLL_TIMER);
    assert_nothing(poller);
    llnet_poller_free(poller);
}
END_TEST

START_TEST(a_report_is_dropped_where_its_timer_is_set_anew) {
    llnet_poller *poller = open_poller(_i);

    assert_ok(llnet_poller_set_timer(poller, 1, 1));
    assert_ok(llnet_poller_set_timer(poller, 2, 2));
    ck_assert_int_eq(llnet_poller_wait(poller, 0), 2);
    assert_ok(llnet_poller_set_timer(poller, 1, 0));
    ck_assert_uint_eq(llnet_poller_get_timer_count(poller), 1);
    assert_gone(poller, 0);
    assert_event(poller, 1, 2, LLNET_POLL_TIMER);
    assert_one(poller, 1, LLNET_POLL_TIMER);
    assert_error(llnet_poller_remove_timer(poller, 1), ENOENT);
    assert_gone(poller, 0);
    assert_nothing(poller);
    llnet_poller_free(poller);
}
END_TEST

/* ---- beside descriptors -------------------------------------------------------------- */

START_TEST(timers_come_behind_descriptors_in_the_order_of_their_deadlines) {
    llnet_poller *poller = open_poller(_i);
    uint64_t i;
    int fds[2];

    open_sockets(fds);
    assert_ok(llnet_poller_add(poller, fds[0], POLLOUT, 3));
    for (i = 0; i < 7; i++)
        assert_ok(llnet_poller_set_timer(poller, i, 1000 + (int64_t)(i * 3 % 7)));
    ck_assert_int_eq(llnet_poller_wait(poller, -1), 8);
    assert_event(poller, 0, 3, POLLOUT);
    for (i = 0; i < 7; i++) /* 5 is the inverse of 3 modulo 7 */
        assert_event(poller, 1 + (size_t)i, i * 5 % 7, LLNET_POLL_TIMER);
    assert_one(poller, 3, POLLOUT);
    close_both(fds);
    llnet_poller_free(poller);
}
END_TEST

START_TEST(tokens_of_timers_and_of_descriptors_are_apart) {
    llnet_poller *poller = open_poller(_i);
    int fds[2];

    open_sockets(fds);
    assert_ok(llnet_poller_add(poller, fds[0], POLLOUT, 9));
    assert_ok(llnet_poller_set_timer(poller, 9, 0));
    ck_assert_int_eq(llnet_poller_wait(poller, 0), 2);
    assert_error(llnet_poller_remove_timer(poller, 9), ENOENT);
    assert_event(poller, 0, 9, POLLOUT);
    assert_gone(poller, 1);
    assert_ok(llnet_poller_set_timer(poller, 9, 0));
    assert_ok(llnet_poller_remove(poller, fds[0]));
    assert_one(poller, 9, LLNET_POLL_TIMER);
    assert_error(llnet_poller_add(poller, fds[1], LLNET_POLL_TIMER, 9), EINVAL);
    close_both(fds);
    llnet_poller_free(poller);
}
END_TEST

START_TEST(a_descriptor_ends_a_wait_before_the_deadline) {
    llnet_poller *poller = open_poller(_i);
    int64_t deadline = llnet_clock_now() + hour;
    int fds[2];

    open_sockets(fds);
    assert_ok(llnet_poller_add(poller, fds[0], POLLIN, 1));
    assert_ok(llnet_poller_set_timer(poller, 2, deadline));
    put(fds[1]);
    ck_assert_int_eq(llnet_poller_wait(poller, -1), 1);
    assert_event(poller, 0, 1, POLLIN);
    assert_ok(llnet_poller_wake(poller));
    take(fds[0]);
    ck_assert_int_eq(llnet_poller_wait(poller, -1), 0);
    ck_assert_int_lt(llnet_clock_now(), deadline);
    close_both(fds);
    llnet_poller_free(poller);
}
END_TEST

/* ---- many ------------------------------------------------------------------------ */

START_TEST(more_timers_than_fit_come_with_the_next_waits) {
    enum { MANY = 3000 };
    llnet_poller *poller = open_poller(_i);
    uint64_t expected = 0, i;

    for (i = 0; i < MANY; i++)
        assert_ok(llnet_poller_set_timer(poller, i * 7 % MANY, (int64_t)(i * 7 % MANY)));
    ck_assert_uint_eq(llnet_poller_get_timer_count(poller), MANY);
    while (expected < MANY) {
        uint64_t left = MANY - expected, room = (uint64_t)room_of(poller), n = left < room ? left : room;

        ck_assert_int_eq(llnet_poller_wait(poller, -1), (llnet_count)n);
        for (i = 0; i < n; i++)
            assert_event(poller, (size_t)i, expected++, LLNET_POLL_TIMER);
        ck_assert_uint_eq(llnet_poller_get_timer_count(poller), MANY - expected);
    }
    assert_nothing(poller);
    llnet_poller_free(poller);
}
END_TEST

/* The reading end of a pipe, more often than a wait can report. */
static int open_crowd(llnet_poller *poller, int fds[], int most) {
    int count = 0, limit = raise_limit(most + 64) - 64, pipe_fds[2];

    open_pipe(pipe_fds);
    put(pipe_fds[1]);
    close(pipe_fds[1]);
    for (count = 0; count < most && count < limit; count++) {
        fds[count] = count == 0 ? pipe_fds[0] : dup(pipe_fds[0]);
        ck_assert_int_ge(fds[count], 0);
        assert_ok(llnet_poller_add(poller, fds[count], POLLIN, 0));
    }
    return count;
}

/* How many of the n reports are timers; the descriptors come first. */
static int count_timers(const llnet_poller *poller, llnet_count n) {
    int timers = 0, events;
    llnet_count i;
    uint64_t token;

    for (i = 0; i < n; i++) {
        assert_ok(llnet_poller_get_event(poller, (size_t)i, &token, &events));
        ck_assert(timers == 0 || events == LLNET_POLL_TIMER);
        timers += events == LLNET_POLL_TIMER;
    }
    return timers;
}

START_TEST(neither_timers_nor_descriptors_starve_behind_many_of_the_others) {
    enum { CROWD = 1500, MANY = 2000 };
    static int fds[CROWD];
    llnet_poller *poller = open_poller(_i);
    int count = open_crowd(poller, fds, CROWD), wait;
    uint64_t i;

    for (i = 0; i < MANY; i++)
        assert_ok(llnet_poller_set_timer(poller, i, 0));
    for (wait = 0; wait < 3 && count == CROWD; wait++) { /* a half each */
        ck_assert_int_eq(llnet_poller_wait(poller, -1), room_of(poller));
        ck_assert_int_eq(count_timers(poller, room_of(poller)), room_of(poller) / 2);
    }
    while (count > 0) {
        assert_ok(llnet_poller_remove(poller, fds[--count]));
        close(fds[count]);
    }
    for (i = 0; i < MANY; i++)
        assert_ok(llnet_poller_set_timer(poller, i, 0));
    /* what descriptors leave free is the timers' */
    ck_assert_int_eq(llnet_poller_wait(poller, -1), room_of(poller));
    ck_assert_int_eq(count_timers(poller, room_of(poller)), room_of(poller));
    llnet_poller_free(poller);
}
END_TEST

START_TEST(a_timer_that_is_always_due_does_not_hide_a_descriptor) {
    llnet_poller *poller = open_poller(_i);
    int fds[2], i;

    open_sockets(fds);
    assert_ok(llnet_poller_add(poller, fds[0], POLLIN, 1));
    for (i = 0; i < 10; i++) {
        assert_ok(llnet_poller_set_timer(poller, 2, 0));
        assert_one(poller, 2, LLNET_POLL_TIMER);
    }
    put(fds[1]);
    assert_ok(llnet_poller_set_timer(poller, 2, 0));
    ck_assert_int_eq(llnet_poller_wait(poller, -1), 2);
    assert_event(poller, 0, 1, POLLIN);
    close_both(fds);
    llnet_poller_free(poller);
}
END_TEST

/* ---- nanoseconds ------------------------------------------------------------------- */

static void assert_waits(llnet_poller *poller, int64_t timeout) {
    int64_t begin = llnet_clock_now();

    ck_assert_int_eq(llnet_poller_wait_ns(poller, timeout), 0);
    ck_assert_int_ge(llnet_clock_now() - begin, timeout);
}

static void assert_waits_of_all_sizes(llnet_poller *poller) {
    const int64_t timeouts[] = {0, 1, 999, 1000, 700000, 1000000, 1000001, 2999999};
    size_t i;

    for (i = 0; i < sizeof timeouts / sizeof timeouts[0]; i++)
        assert_waits(poller, timeouts[i]);
}

START_TEST(a_wait_of_nanoseconds_is_never_shorter) {
    llnet_poller *poller = open_poller(_i);

    assert_waits_of_all_sizes(poller);
    llnet_poller_free(poller);
}
END_TEST

START_TEST(any_time_that_there_is_can_be_waited_for) {
    llnet_poller *poller = open_poller(_i);
    const int64_t timeouts[] = {-1, INT64_MIN, -1000000, INT64_MAX, INT64_MAX - 1, INT64_C(3000000000) * 1000000,
                                1};
    size_t i;
    int fds[2];

    open_sockets(fds);
    assert_ok(llnet_poller_add(poller, fds[0], POLLOUT, 4));
    for (i = 0; i < sizeof timeouts / sizeof timeouts[0]; i++) {
        ck_assert_int_eq(llnet_poller_wait_ns(poller, timeouts[i]), 1);
        assert_event(poller, 0, 4, POLLOUT);
    }
    close_both(fds);
    llnet_poller_free(poller);
}
END_TEST

static void do_nothing(int number) {
    (void)number;
}

START_TEST(a_signal_ends_the_wait_and_leaves_the_timers) {
    llnet_poller *poller = open_poller(_i);
    const struct itimerval each = {{0, 5000}, {0, 5000}}, never = {{0, 0}, {0, 0}};
    struct sigaction action;

    memset(&action, 0, sizeof action);
    action.sa_handler = do_nothing;
    ck_assert_int_eq(sigaction(SIGALRM, &action, NULL), 0);
    assert_ok(llnet_poller_set_timer(poller, 1, llnet_clock_now() + hour));
    ck_assert_int_eq(setitimer(ITIMER_REAL, &each, NULL), 0);
    assert_error(llnet_poller_wait_ns(poller, hour + 1), EINTR);
    ck_assert_int_eq(setitimer(ITIMER_REAL, &never, NULL), 0);
    ck_assert_uint_eq(llnet_poller_get_timer_count(poller), 1);
    assert_ok(llnet_poller_set_timer(poller, 1, 0));
    assert_one(poller, 1, LLNET_POLL_TIMER);
    llnet_poller_free(poller);
}
END_TEST

/* From now on the kernel has no epoll_pwait2 for this process, and says so by `error`. */
static bool forbid_pwait2(int error) {
#if defined __linux__ && defined SYS_epoll_pwait2
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_epoll_pwait2, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (uint32_t)error),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    const struct sock_fprog program = {.len = 4, .filter = code};

    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0)
        return false;
    return syscall(SYS_epoll_pwait2, -1, NULL, 0, NULL, NULL, (size_t)0) == -1 && errno == error;
#else
    (void)error;
    return false;
#endif
}

START_TEST(where_the_kernel_has_no_nanoseconds_the_wait_is_rounded_up) {
    llnet_poller *poller = open_poller(_i / 2);

    if (!forbid_pwait2(_i % 2 == 0 ? ENOSYS : EPERM)) {
        llnet_poller_free(poller);
        skip("no seccomp(2) here");
    }
    assert_waits_of_all_sizes(poller);
    assert_waits_of_all_sizes(poller);
    llnet_poller_free(poller);
}
END_TEST

/* ---- nesting ----------------------------------------------------------------------- */

START_TEST(a_timer_of_a_nested_poller_does_not_make_it_readable) {
    llnet_poller *outer = open_poller(_i), *inner;

    assert_ok(llnet_poller_new(&inner, llnet_poller_backend_at(0)));
    if (is_poll(inner)) {
        llnet_poller_free(inner);
        llnet_poller_free(outer);
        skip("no backend here has a descriptor");
    }
    assert_ok(llnet_poller_add(outer, llnet_poller_fileno(inner), POLLIN, 1));
    assert_ok(llnet_poller_set_timer(inner, 2, 0));
    assert_nothing(outer);
    assert_ok(llnet_poller_set_timer(outer, 3, 0));
    assert_one(outer, 3, LLNET_POLL_TIMER);
    assert_one(inner, 2, LLNET_POLL_TIMER);
    llnet_poller_free(inner);
    llnet_poller_free(outer);
}
END_TEST

void add_timer_cases(Suite *suite, int n) {
    TCase *one = add_case(suite, "timers");
    TCase *many = add_case(suite, "timers beside descriptors");
    TCase *fine = add_case(suite, "nanoseconds");

    tcase_set_timeout(many, 30);
    tcase_add_loop_test(one, a_timer_is_reported_once_and_not_before_its_deadline, 0, n);
    tcase_add_loop_test(one, a_deadline_that_is_past_comes_with_the_next_wait, 0, n);
    tcase_add_loop_test(one, a_deadline_that_is_far_away_does_not_come, 0, n);
    tcase_add_loop_test(one, a_timer_that_is_set_again_moves, 0, n);
    tcase_add_loop_test(one, a_timer_that_is_removed_does_not_come, 0, n);
    tcase_add_loop_test(one, a_closed_poller_has_no_timers_and_gives_ebadf, 0, n);
    tcase_add_loop_test(one, a_report_is_dropped_where_its_timer_is_removed, 0, n);
    tcase_add_loop_test(one, a_report_is_dropped_where_its_timer_is_set_anew, 0, n);
    tcase_add_loop_test(many, timers_come_behind_descriptors_in_the_order_of_their_deadlines, 0, n);
    tcase_add_loop_test(many, tokens_of_timers_and_of_descriptors_are_apart, 0, n);
    tcase_add_loop_test(many, a_descriptor_ends_a_wait_before_the_deadline, 0, n);
    tcase_add_loop_test(many, more_timers_than_fit_come_with_the_next_waits, 0, n);
    tcase_add_loop_test(many, neither_timers_nor_descriptors_starve_behind_many_of_the_others, 0, n);
    tcase_add_loop_test(many, a_timer_that_is_always_due_does_not_hide_a_descriptor, 0, n);
    tcase_add_loop_test(fine, a_wait_of_nanoseconds_is_never_shorter, 0, n);
    tcase_add_loop_test(fine, any_time_that_there_is_can_be_waited_for, 0, n);
    tcase_add_loop_test(fine, a_signal_ends_the_wait_and_leaves_the_timers, 0, n);
    tcase_add_loop_test(fine, where_the_kernel_has_no_nanoseconds_the_wait_is_rounded_up, 0, 2 * n);
    tcase_add_loop_test(fine, a_timer_of_a_nested_poller_does_not_make_it_readable, 0, n);
}
