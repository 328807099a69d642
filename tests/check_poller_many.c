/* SPDX-License-Identifier: MIT */
/* check_poller_many.c: a poller of thousands of descriptors, more than one wait
 * can report. */
#include "check_poller.h"

#include <poll.h>
#include <unistd.h>

/* ---- very many -------------------------------------------------------------- */

enum { MANY = 3000, WAITS = MANY / 64 + 2 /* more than it takes */ };

struct crowd {
    int pipe[2];
    int fds[MANY]; /* the reading end, many times */
    int count;
    int seen[MANY];
};

/* As many readable descriptors as there may be; false: too few to overflow. */
static bool open_crowd(struct crowd *self, const llnet_poller *poller) {
    int limit = raise_limit(MANY + 64) - 64;

    memset(self, 0, sizeof *self);
    open_pipe(self->pipe);
    put(self->pipe[1]);
    while (self->count < MANY && self->count < limit) {
        int fd = dup(self->pipe[0]);
        ck_assert_int_ge(fd, 0);
        self->fds[self->count++] = fd;
    }
    return self->count > room_of(poller);
}

static void watch_crowd(struct crowd *self, llnet_poller *poller, int events) {
    int i;

    for (i = 0; i < self->count; i++)
        assert_ok(llnet_poller_add(poller, self->fds[i], events, (uint64_t)i));
}

static void close_crowd(struct crowd *self) {
    while (self->count > 0)
        close(self->fds[--self->count]);
    close_both(self->pipe);
}

/* Waits until as many were reported as there are; returns how often. */
static int count_seen(struct crowd *self, llnet_poller *poller, bool remove) {
    int left = self->count, waits = 0, room = room_of(poller);

    while (left > 0 && waits++ < WAITS) {
        llnet_count i, n = llnet_poller_wait(poller, 0);
        ck_assert_int_eq(n, left < room ? left : room);
        for (i = 0; i < n; i++) {
            uint64_t token = UINT64_MAX;
            int events = 0;
            assert_ok(llnet_poller_get_event(poller, (size_t)i, &token, &events));
            ck_assert_uint_lt(token, (uint64_t)self->count);
            ck_assert_int_eq(events, POLLIN);
            self->seen[token]++;
            if (remove)
                assert_ok(llnet_poller_remove(poller, self->fds[token]));
        }
        left -= (int)n;
    }
    return waits;
}

static void assert_each_seen_once(const struct crowd *self) {
    int i;

    for (i = 0; i < self->count; i++)
        ck_assert_int_eq(self->seen[i], 1);
}

START_TEST(of_thousands_each_one_shot_is_reported_exactly_once) {
    llnet_poller *poller = open_poller(_i);
    struct crowd crowd;
    bool enough;

    enough = open_crowd(&crowd, poller);
    if (enough) {
        watch_crowd(&crowd, poller, POLLIN | LLNET_POLL_ONESHOT);
        ck_assert_int_eq(count_seen(&crowd, poller, false), (crowd.count + room_of(poller) - 1) / room_of(poller));
        assert_each_seen_once(&crowd);
        assert_nothing(poller);
    }
    close_crowd(&crowd);
    llnet_poller_free(poller);
    if (!enough)
        skip("the limit on descriptors is too low");
}
END_TEST

START_TEST(of_thousands_each_that_is_removed_when_reported_is_reported_once) {
    llnet_poller *poller = open_poller(_i);
    struct crowd crowd;
    bool enough;

    enough = open_crowd(&crowd, poller);
    if (enough) {
        watch_crowd(&crowd, poller, POLLIN);
        count_seen(&crowd, poller, true);
        assert_each_seen_once(&crowd);
        assert_nothing(poller);
    }
    close_crowd(&crowd);
    llnet_poller_free(poller);
    if (!enough)
        skip("the limit on descriptors is too low");
}
END_TEST

START_TEST(thousands_that_stay_ready_take_turns) {
    llnet_poller *poller = open_poller(_i);
    struct crowd crowd;
    bool enough;
    int wait, waits;
    uint64_t token;
    int events, i;

    enough = open_crowd(&crowd, poller);
    if (enough) {
        watch_crowd(&crowd, poller, POLLIN);
        waits = (crowd.count + room_of(poller) - 1) / room_of(poller);
        for (wait = 0; wait < waits * 5; wait++) {
            ck_assert_int_eq(llnet_poller_wait(poller, -1), room_of(poller));
            for (i = 0; i < room_of(poller); i++) {
                assert_ok(llnet_poller_get_event(poller, (size_t)i, &token, &events));
                crowd.seen[token]++;
            }
        }
        for (i = 0; i < crowd.count; i++)
            ck_assert_int_ge(crowd.seen[i], 5);
    }
    close_crowd(&crowd);
    llnet_poller_free(poller);
    if (!enough)
        skip("the limit on descriptors is too low");
}
END_TEST

START_TEST(a_wake_is_heard_among_thousands) {
    llnet_poller *poller = open_poller(_i);
    struct crowd crowd;
    bool enough;
    int waits = 0;

    enough = open_crowd(&crowd, poller);
    if (enough) {
        watch_crowd(&crowd, poller, POLLIN);
        assert_ok(llnet_poller_wake(poller));
        while (llnet_poller_wait(poller, -1) == room_of(poller)) /* one fewer where the alarm is */
            ck_assert_int_lt(waits++, WAITS);
        ck_assert_int_eq(llnet_poller_wait(poller, -1), room_of(poller));
    }
    close_crowd(&crowd);
    llnet_poller_free(poller);
    if (!enough)
        skip("the limit on descriptors is too low");
}
END_TEST

void add_many_cases(Suite *suite, int n) {
    TCase *many = add_case(suite, "very many");

    tcase_set_timeout(many, 30);
    tcase_add_loop_test(many, of_thousands_each_one_shot_is_reported_exactly_once, 0, n);
    tcase_add_loop_test(many, of_thousands_each_that_is_removed_when_reported_is_reported_once, 0, n);
    tcase_add_loop_test(many, thousands_that_stay_ready_take_turns, 0, n);
    tcase_add_loop_test(many, a_wake_is_heard_among_thousands, 0, n);
}
