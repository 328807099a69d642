/* SPDX-License-Identifier: MIT */
/* harness_sample.c: tests that pass, fail, crash and skip; harness.test looks at
 * what is printed of them. */
#include "harness.h"

#include <signal.h>

START_TEST(passes) {
    assert_ok(0);
}
END_TEST

START_TEST(gives_another_error) {
    assert_error(-EPERM, EIO);
}
END_TEST

START_TEST(fails_in_two_lines) {
    ck_assert_msg(0, "one\nok 9 - two");
}
END_TEST

START_TEST(crashes) {
    raise(SIGKILL);
}
END_TEST

START_TEST(skips) {
    skip("a reason: this one");
}
END_TEST

START_TEST(skips_all_rounds_but_the_second) {
    if (_i != 1)
        skip("the round");
}
END_TEST

int main(void) {
    Suite *suite = suite_create("sample");
    TCase *tcase = add_case(suite, "case");

    tcase_add_test(tcase, passes);
    tcase_add_test(tcase, gives_another_error);
    tcase_add_test(tcase, fails_in_two_lines);
    tcase_add_test(tcase, crashes);
    tcase_add_test(tcase, skips);
    tcase_add_loop_test(tcase, skips_all_rounds_but_the_second, 0, 3);
    return run_suite(suite);
}
