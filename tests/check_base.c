/* SPDX-License-Identifier: MIT */
/* check_base.c: the version is the same wherever it is told; the clock is the
 * kernel's monotonic one. */
#include "harness.h"

#include <poll.h>
#include <time.h>

START_TEST(version_is_that_of_configure) {
    ck_assert_str_eq(llnet_version(), PACKAGE_VERSION);
}
END_TEST

START_TEST(header_macros_agree_with_the_version) {
    char text[64];

    snprintf(text, sizeof text, "%d.%d.%d", LLNET_VERSION_MAJOR, LLNET_VERSION_MINOR, LLNET_VERSION_PATCH);
    ck_assert_str_eq(text, PACKAGE_VERSION);
    ck_assert_int_eq(llnet_version_number(),
                     LLNET_VERSION_MAJOR * 10000 + LLNET_VERSION_MINOR * 100 + LLNET_VERSION_PATCH);
}
END_TEST

static int64_t monotonic(void) {
    struct timespec now;

    ck_assert_int_eq(clock_gettime(CLOCK_MONOTONIC, &now), 0);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

START_TEST(clock_lies_between_two_readings_of_the_monotonic_clock) {
    int64_t before = monotonic(), now = llnet_clock_now(), after = monotonic();

    ck_assert_int_le(before, now);
    ck_assert_int_le(now, after);
}
END_TEST

START_TEST(clock_counts_nanoseconds_and_never_goes_back) {
    int64_t last = llnet_clock_now(), start = last;
    int i;

    for (i = 0; i < 10000; i++) {
        int64_t now = llnet_clock_now();

        ck_assert_int_ge(now, last);
        last = now;
    }
    ck_assert_int_gt(last, start);
    ck_assert_int_eq(poll(NULL, 0, 20), 0);
    ck_assert_int_ge(llnet_clock_now() - last, 20 * 1000000);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("base");
    TCase *version = add_case(suite, "version");
    TCase *clock = add_case(suite, "clock");

    tcase_add_test(version, version_is_that_of_configure);
    tcase_add_test(version, header_macros_agree_with_the_version);
    tcase_add_test(clock, clock_lies_between_two_readings_of_the_monotonic_clock);
    tcase_add_test(clock, clock_counts_nanoseconds_and_never_goes_back);
    return run_suite(suite);
}
