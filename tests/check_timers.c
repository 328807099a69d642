/* SPDX-License-Identifier: MIT */
/* check_timers.c: a poller's heap of timers by itself: it does what a plain list would,
 * and no choice of tokens makes it slow. */
#include "harness.h"
#include "poller_timer.h"
#include "sys.h"

static uint32_t random_state = 20261123;

static uint32_t next_random(uint32_t n) {
    random_state = (uint32_t)((uint64_t)random_state * 48271 % 2147483647);
    return random_state % n;
}

/* ---- against a plain list -------------------------------------------------------- */

enum { TOKENS = 300, STEPS = 300000 };

enum { ABSENT, SET, REPORTED };

/* By token. */
static struct {
    int state;
    int64_t deadline;
    uint64_t order;
} model[TOKENS];
static uint64_t model_order;

/* Tokens are not small numbers. */
static uint64_t token_of(uint32_t i) {
    return (uint64_t)i << 40 | (uint64_t)i * 7;
}

/* The one that is to be reported next; TOKENS: none is due. */
static uint32_t model_next(int64_t now) {
    uint32_t i, best = TOKENS;

    for (i = 0; i < TOKENS; i++) {
        if (model[i].state != SET || model[i].deadline > now)
            continue;
        if (best == TOKENS || model[i].deadline < model[best].deadline ||
            (model[i].deadline == model[best].deadline && model[i].order < model[best].order))
            best = i;
    }
    return best;
}

static void step_set(struct ll_timers *timers, uint32_t i) {
    model[i].state = SET;
    model[i].deadline = (int64_t)next_random(1000) - 500;
    model[i].order = ++model_order;
    assert_ok(ll_timers_set(timers, token_of(i), model[i].deadline));
}

static void step_remove(struct ll_timers *timers, uint32_t i) {
    llnet_status status = ll_timers_remove(timers, token_of(i));

    if (model[i].state == SET)
        assert_ok(status);
    else
        assert_error(status, ENOENT);
    model[i].state = ABSENT;
}

static void step_report(struct ll_timers *timers) {
    int64_t now = (int64_t)next_random(1000) - 500;
    uint32_t next = model_next(now);
    uint64_t token = 0;

    ck_assert_int_eq(ll_timers_report(timers, now, &token), next != TOKENS);
    if (next == TOKENS)
        return;
    ck_assert_uint_eq(token, token_of(next));
    model[next].state = REPORTED;
}

static void step_forget(struct ll_timers *timers) {
    uint32_t i;

    ll_timers_forget_reported(timers);
    for (i = 0; i < TOKENS; i++)
        if (model[i].state == REPORTED)
            model[i].state = ABSENT;
}

static void assert_same(const struct ll_timers *timers) {
    uint32_t i;
    size_t set = 0, reported = 0, place;

    for (i = 0; i < TOKENS; i++) {
        set += model[i].state == SET;
        reported += model[i].state == REPORTED;
        ck_assert_int_eq(ll_timers_is_reported(timers, token_of(i)), model[i].state == REPORTED);
    }
    ck_assert_uint_eq(timers->count, set);
    ck_assert_uint_eq(timers->reported, reported);
    for (place = 0; place < set + reported; place++)
        ck_assert_uint_eq(timers->slots[timers->items[place].slot], place + 1);
}

START_TEST(any_sequence_of_calls_does_what_a_plain_list_would) {
    struct ll_timers timers = {0};
    const char *sanitizers = getenv("sanitizers");
    /* a tenth where each step takes ten times as long */
    int i, steps = sanitizers == NULL || strcmp(sanitizers, "no") == 0 ? STEPS : STEPS / 10;

    for (i = 0; i < steps; i++) {
        uint32_t what = next_random(100), which = next_random(TOKENS);

        if (what < 45)
            step_set(&timers, which);
        else if (what < 70)
            step_remove(&timers, which);
        else if (what < 98)
            step_report(&timers);
        else
            step_forget(&timers);
        if (i % 100 == 0)
            assert_same(&timers);
    }
    ll_timers_clear(&timers);
    ck_assert(!ll_timers_any(&timers));
}
END_TEST

START_TEST(of_one_deadline_the_first_that_was_set_comes_first) {
    struct ll_timers timers = {0};
    uint64_t token, i;

    for (i = 0; i < 1000; i++)
        assert_ok(ll_timers_set(&timers, i * 31 % 1000, 5));
    assert_ok(ll_timers_set(&timers, 0, 5)); /* moved: now the last one */
    for (i = 1; i <= 1000; i++) {
        ck_assert(ll_timers_report(&timers, 5, &token));
        ck_assert_uint_eq(token, i * 31 % 1000);
    }
    ck_assert(!ll_timers_report(&timers, 5, &token));
    ll_timers_clear(&timers);
}
END_TEST

START_TEST(the_ends_of_time_are_deadlines_like_others) {
    const int64_t deadlines[] = {INT64_MAX, 0, INT64_MIN, INT64_MAX - 1, -1, INT64_MIN + 1};
    const uint64_t order[] = {2, 5, 4, 1, 3, 0};
    struct ll_timers timers = {0};
    uint64_t token, i;

    for (i = 0; i < 6; i++)
        assert_ok(ll_timers_set(&timers, i, deadlines[i]));
    for (i = 0; i < 6; i++) {
        ck_assert(ll_timers_report(&timers, INT64_MAX, &token));
        ck_assert_uint_eq(token, order[i]);
    }
    ll_timers_clear(&timers);
}
END_TEST

START_TEST(no_timers_answer_too) {
    struct ll_timers timers = {0};
    uint64_t token;

    ck_assert(!ll_timers_any(&timers));
    ck_assert(!ll_timers_is_reported(&timers, 0));
    ck_assert(!ll_timers_report(&timers, INT64_MAX, &token));
    assert_error(ll_timers_remove(&timers, 0), ENOENT);
    ll_timers_forget_reported(&timers);
    ll_timers_clear(&timers);
}
END_TEST

/* ---- cost ------------------------------------------------------------------------ */

START_TEST(as_many_timers_as_before_take_no_memory) {
    struct ll_timers timers = {0};
    const struct ll_timer *items;
    const size_t *slots;
    uint64_t i, token;

    for (i = 0; i < 100; i++)
        assert_ok(ll_timers_set(&timers, i, (int64_t)i));
    items = timers.items;
    slots = timers.slots;
    for (i = 0; i < 100000; i++) {
        ck_assert(ll_timers_report(&timers, INT64_MAX, &token));
        if (i % 20 == 0)
            ll_timers_forget_reported(&timers);
        if (timers.count + timers.reported < 100)
            assert_ok(ll_timers_set(&timers, 1000 + i, (int64_t)i));
        if (timers.count == 0)
            assert_ok(ll_timers_set(&timers, token, (int64_t)i));
    }
    ck_assert_ptr_eq(timers.items, items);
    ck_assert_ptr_eq(timers.slots, slots);
    ll_timers_clear(&timers);
}
END_TEST

static size_t longest_run(const struct ll_timers *timers) {
    size_t slot, run = 0, longest = 0;

    for (slot = 0; slot < timers->slot_count; slot++) {
        run = timers->slots[slot] != 0 ? run + 1 : 0;
        longest = run > longest ? run : longest;
    }
    return longest;
}

/* A search is no longer than a run of slots that are taken, and those of a hash that
 * cannot be foreseen are short: for 60000 of 131072 slots longer ones than 400 come about
 * once in 10^20 tables. */
START_TEST(tokens_of_any_pattern_are_spread) {
    struct ll_timers timers = {0};
    uint64_t i, token;

    for (i = 0; i < 60000; i++) {
        switch (_i) {
        case 0:
            token = i;
            break;
        case 1:
            token = i << 48;
            break;
        case 2:
            token = i << 32 | 0x55aa;
            break;
        case 3:
            token = i * 131072; /* a table's size */
            break;
        case 4:
            token = UINT64_MAX - i * 64;
            break;
        default:
            token = i * 0x9e3779b97f4a7c15; /* the golden ratio's multiples */
            break;
        }
        assert_ok(ll_timers_set(&timers, token, (int64_t)next_random(1000000)));
    }
    ck_assert_uint_eq(timers.slot_count, 131072);
    ck_assert_uint_lt(longest_run(&timers), 400);
    ll_timers_clear(&timers);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("timers");
    TCase *list = add_case(suite, "against a plain list");
    TCase *cost = add_case(suite, "cost");

    tcase_set_timeout(list, 60);
    tcase_add_test(list, any_sequence_of_calls_does_what_a_plain_list_would);
    tcase_add_test(list, of_one_deadline_the_first_that_was_set_comes_first);
    tcase_add_test(list, the_ends_of_time_are_deadlines_like_others);
    tcase_add_test(list, no_timers_answer_too);
    tcase_add_test(cost, as_many_timers_as_before_take_no_memory);
    tcase_add_loop_test(cost, tokens_of_any_pattern_are_spread, 0, 6);
    return run_suite(suite);
}
