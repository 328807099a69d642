/* SPDX-License-Identifier: MIT */
/* check_poller_stale.c: descriptors that were closed or whose number is another
 * file's now, and events of what was removed since. */
#include "check_poller.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

/* ---- closed, reused, stale -------------------------------------------------- */

START_TEST(a_descriptor_closed_without_remove_is_forgotten_silently) {
    llnet_poller *poller = open_poller(_i);
    int fds[2], others[2];

    open_sockets(fds);
    open_sockets(others);
    assert_ok(llnet_poller_add(poller, fds[0], POLLOUT, 1));
    assert_ok(llnet_poller_add(poller, others[0], POLLOUT, 2));
    assert_ok(llnet_poller_add(poller, fds[1], POLLOUT, 3));
    close_both(fds);
    assert_one(poller, 2, POLLOUT);
    assert_one(poller, 2, POLLOUT);
    assert_error(llnet_poller_modify(poller, fds[0], POLLOUT, 1), EBADF);
    assert_error(llnet_poller_remove(poller, fds[1]), EBADF);
    close_both(others);
    assert_error(llnet_poller_remove(poller, others[0]), EBADF); /* without a wait between, too */
    assert_nothing(poller);
    llnet_poller_free(poller);
}
END_TEST

START_TEST(a_reused_number_is_added_anew) {
    llnet_poller *poller = open_poller(_i);
    int fds[2], reused[2], round;

    for (round = 0; round < 8; round++) { /* one-shot, waits before and after close, in all combinations */
        open_sockets(fds);
        assert_ok(llnet_poller_add(poller, fds[0], (round & 1) != 0 ? POLLOUT | LLNET_POLL_ONESHOT : POLLOUT, 1));
        if ((round & 2) != 0)
            assert_one(poller, 1, POLLOUT);
        close_both(fds);
        if ((round & 4) != 0)
            assert_nothing(poller);
        open_sockets(reused);
        ck_assert_int_eq(reused[0], fds[0]);
        assert_ok(llnet_poller_add(poller, reused[0], POLLIN, 2));
        assert_nothing(poller);
        put(reused[1]);
        assert_one(poller, 2, POLLIN);
        assert_ok(llnet_poller_remove(poller, reused[0]));
        close_both(reused);
    }
    llnet_poller_free(poller);
}
END_TEST

START_TEST(a_reused_number_that_was_not_added_is_not_watched) {
    llnet_poller *poller = open_poller(_i);
    int fds[2], reused[2];

    open_sockets(fds);
    assert_ok(llnet_poller_add(poller, fds[0], POLLOUT, 1));
    assert_ok(llnet_poller_add(poller, fds[1], POLLOUT, 2));
    close_both(fds);
    open_sockets(reused);
    ck_assert_int_eq(reused[0], fds[0]);
    assert_error(llnet_poller_modify(poller, reused[0], POLLOUT, 3), ENOENT);
    assert_error(llnet_poller_remove(poller, reused[1]), ENOENT);
    assert_nothing(poller);
    close_both(reused);
    llnet_poller_free(poller);
}
END_TEST

START_TEST(what_a_dup_keeps_open_never_speaks_for_the_reused_number) {
    llnet_poller *poller = open_poller(_i);
    int fds[2], reused[2], kept;

    open_sockets(fds);
    assert_ok(llnet_poller_add(poller, fds[0], POLLOUT, 1));
    kept = dup(fds[0]);
    ck_assert_int_ge(kept, 0);
    close(fds[0]);
    open_pipe(reused);
    ck_assert_int_eq(reused[0], fds[0]);
    assert_ok(llnet_poller_add(poller, reused[0], POLLIN, 2));
    assert_nothing(poller);
    put(reused[1]);
    assert_one(poller, 2, POLLIN);
    close(kept);
    close(fds[1]);
    close_both(reused);
    llnet_poller_free(poller);
}
END_TEST

START_TEST(an_event_of_what_was_removed_since_is_dropped) {
    llnet_poller *poller = open_poller(_i);
    uint64_t token = 99;
    int fds[2], events = 99, first;

    open_sockets(fds);
    assert_ok(llnet_poller_add(poller, fds[0], POLLOUT, (uint64_t)fds[0]));
    assert_ok(llnet_poller_add(poller, fds[1], POLLOUT, (uint64_t)fds[1]));
    ck_assert_int_eq(llnet_poller_wait(poller, 0), 2);
    assert_ok(llnet_poller_get_event(poller, 0, &token, &events));
    first = (int)token;
    token = 99;
    events = 99;
    assert_ok(llnet_poller_remove(poller, first));
    assert_error(llnet_poller_get_event(poller, 0, &token, &events), ENOENT);
    assert_ok(llnet_poller_add(poller, first, POLLOUT, 5));
    assert_error(llnet_poller_get_event(poller, 0, &token, &events), ENOENT);
    ck_assert_uint_eq(token, 99);
    ck_assert_int_eq(events, 99);
    assert_event(poller, 1, (uint64_t)(fds[0] + fds[1] - first), POLLOUT);
    assert_ok(llnet_poller_remove(poller, fds[0] + fds[1] - first));
    assert_one(poller, 5, POLLOUT);
    close_both(fds);
    llnet_poller_free(poller);
}
END_TEST

START_TEST(an_event_of_a_number_closed_and_added_anew_is_dropped) {
    llnet_poller *poller = open_poller(_i);
    uint64_t token;
    int fds[2], reused[2], events;

    open_sockets(fds);
    assert_ok(llnet_poller_add(poller, fds[0], POLLOUT, 1));
    assert_one(poller, 1, POLLOUT);
    close_both(fds);
    assert_event(poller, 0, 1, POLLOUT); /* not removed, so it is told still */
    open_sockets(reused);
    ck_assert_int_eq(reused[0], fds[0]);
    assert_ok(llnet_poller_add(poller, reused[0], POLLOUT, 2));
    assert_error(llnet_poller_get_event(poller, 0, &token, &events), ENOENT);
    assert_one(poller, 2, POLLOUT);
    close_both(reused);
    llnet_poller_free(poller);
}
END_TEST

START_TEST(an_index_past_the_last_event_is_out_of_bounds) {
    llnet_poller *poller = open_poller(_i);
    uint64_t token;
    int fds[2], events;

    open_sockets(fds);
    assert_error(llnet_poller_get_event(poller, 0, &token, &events), LLNET_EBOUNDS);
    assert_ok(llnet_poller_add(poller, fds[0], POLLOUT, 1));
    assert_one(poller, 1, POLLOUT);
    assert_error(llnet_poller_get_event(poller, 1, &token, &events), LLNET_EBOUNDS);
    assert_error(llnet_poller_get_event(poller, SIZE_MAX, &token, &events), LLNET_EBOUNDS);
    assert_event(poller, 0, 1, POLLOUT);
    assert_ok(llnet_poller_modify(poller, fds[0], POLLIN, 1));
    assert_nothing(poller);
    assert_error(llnet_poller_get_event(poller, 0, &token, &events), LLNET_EBOUNDS);
    close_both(fds);
    llnet_poller_free(poller);
}
END_TEST

/* Random work beside poll(2) on the same descriptors, which must agree. */
enum { PAIRS = 40, STEPS = 4000 };

static void assert_agrees(llnet_poller *poller, struct pollfd *model) {
    int expected = poll(model, PAIRS, 0), i;
    int found[PAIRS] = {0};
    llnet_count n = llnet_poller_wait(poller, 0);

    ck_assert_int_eq(n, expected);
    for (i = 0; i < n; i++) {
        uint64_t token;
        int events;
        assert_ok(llnet_poller_get_event(poller, (size_t)i, &token, &events));
        ck_assert_uint_lt(token, PAIRS);
        found[token] = events;
    }
    for (i = 0; i < PAIRS; i++)
        ck_assert_int_eq(found[i], model[i].revents);
}

/* One step of work on a pair, and of the model of it. */
static void work(llnet_poller *poller, int pair[2], struct pollfd *model, uint64_t token, uint32_t random) {
    short events = (short)((random >> 24 & 1 ? POLLIN : 0) | (random >> 25 & 1 ? POLLOUT : 0));
    char byte;

    switch (random >> 29) {
    case 0:
        put(pair[1]);
        break;
    case 1:
        (void)!recv(pair[0], &byte, 1, MSG_DONTWAIT);
        break;
    case 2: /* closed without remove, and made anew */
        close_both(pair);
        model->fd = -1;
        if ((random >> 26 & 1) != 0)
            assert_ok(llnet_poller_wait(poller, 0));
        open_sockets(pair);
        break;
    case 3:
        assert_error(llnet_poller_remove(poller, pair[0]), model->fd < 0 ? ENOENT : 0);
        model->fd = -1;
        break;
    default:
        if (model->fd < 0)
            assert_ok(llnet_poller_add(poller, pair[0], events, token));
        else
            assert_ok(llnet_poller_modify(poller, pair[0], events, token));
        *model = (struct pollfd){.fd = pair[0], .events = events};
    }
    if (model->fd < 0) /* so that poll does not meet the file that has the number now */
        assert_error(llnet_poller_remove(poller, pair[0]), ENOENT);
}

START_TEST(random_work_agrees_with_poll) {
    llnet_poller *poller = open_poller(_i);
    struct pollfd model[PAIRS];
    int pairs[PAIRS][2], step, i;
    uint32_t random = 20261123;

    for (i = 0; i < PAIRS; i++) {
        open_sockets(pairs[i]);
        model[i] = (struct pollfd){.fd = -1};
    }
    for (step = 0; step < STEPS; step++) {
        random = random * 1664525 + 1013904223;
        i = (int)(random >> 8) % PAIRS;
        work(poller, pairs[i], &model[i], (uint64_t)i, random);
        assert_agrees(poller, model);
    }
    for (i = 0; i < PAIRS; i++)
        close_both(pairs[i]);
    llnet_poller_free(poller);
}
END_TEST

void add_stale_cases(Suite *suite, int n) {
    TCase *closed = add_case(suite, "closed, reused, stale");

    tcase_add_loop_test(closed, a_descriptor_closed_without_remove_is_forgotten_silently, 0, n);
    tcase_add_loop_test(closed, a_reused_number_is_added_anew, 0, n);
    tcase_add_loop_test(closed, a_reused_number_that_was_not_added_is_not_watched, 0, n);
    tcase_add_loop_test(closed, what_a_dup_keeps_open_never_speaks_for_the_reused_number, 0, n);
    tcase_add_loop_test(closed, an_event_of_what_was_removed_since_is_dropped, 0, n);
    tcase_add_loop_test(closed, an_event_of_a_number_closed_and_added_anew_is_dropped, 0, n);
    tcase_add_loop_test(closed, an_index_past_the_last_event_is_out_of_bounds, 0, n);
    tcase_add_loop_test(closed, random_work_agrees_with_poll, 0, n);
}
