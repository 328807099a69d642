/* SPDX-License-Identifier: MIT */
/* cross/check.h: in the place of the check library where it cannot be had: on machines that
 * are only compiled for. What the tests here use of it, with its names and its output. */
#ifndef CHECK_H
#define CHECK_H

#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct check_test {
    const char *name, *file;
    void (*run)(int round);
};

typedef struct check_case TCase;
typedef struct check_suite Suite, SRunner;
enum fork_status { CK_FORK, CK_NOFORK };
enum print_output { CK_SILENT };

#define START_TEST(test) \
    static void test##_fn(int _i); \
    static const struct check_test test = {#test, __FILE__, test##_fn}; \
    static void test##_fn(int _i __attribute__((unused)))
#define END_TEST

Suite *suite_create(const char *name);
TCase *tcase_create(const char *name);
void suite_add_tcase(Suite *suite, TCase *tcase);
void tcase_set_timeout(TCase *tcase, double seconds);
void tcase_add_checked_fixture(TCase *tcase, void (*setup)(void), void (*teardown)(void));
void tcase_add_unchecked_fixture(TCase *tcase, void (*setup)(void), void (*teardown)(void));
void check_add(TCase *tcase, const struct check_test *test, int first, int end);
#define tcase_add_test(tcase, test)                  check_add((tcase), &(test), 0, 1)
#define tcase_add_loop_test(tcase, test, first, end) check_add((tcase), &(test), (first), (end))

SRunner *srunner_create(Suite *suite);
enum fork_status srunner_fork_status(SRunner *runner);
void srunner_set_tap(SRunner *runner, const char *path);
void srunner_run_all(SRunner *runner, enum print_output output);
int srunner_ntests_failed(SRunner *runner);
void srunner_free(SRunner *runner);

/* Ends the test: it has failed. */
void check_fail(const char *file, int line, const char *format, ...)
    __attribute__((noreturn, format(printf, 3, 4)));

#define ck_abort_msg(...) check_fail(__FILE__, __LINE__, __VA_ARGS__)
#define ck_assert(condition) \
    ((condition) ? (void)0 : check_fail(__FILE__, __LINE__, "Assertion '%s' failed", #condition))
#define ck_assert_msg(condition, ...) ((condition) ? (void)0 : check_fail(__FILE__, __LINE__, __VA_ARGS__))

#define CHECK_NUMBERS(type, format, x, sign, y) \
    do { \
        type check_x = (x), check_y = (y); \
        if (!(check_x sign check_y)) \
            check_fail(__FILE__, __LINE__, "Assertion '%s' failed: %s == %" format ", %s == %" format, \
                       #x " " #sign " " #y, #x, check_x, #y, check_y); \
    } while (0)
#define ck_assert_int_eq(x, y)  CHECK_NUMBERS(intmax_t, PRIdMAX, x, ==, y)
#define ck_assert_int_ne(x, y)  CHECK_NUMBERS(intmax_t, PRIdMAX, x, !=, y)
#define ck_assert_int_lt(x, y)  CHECK_NUMBERS(intmax_t, PRIdMAX, x, <, y)
#define ck_assert_int_le(x, y)  CHECK_NUMBERS(intmax_t, PRIdMAX, x, <=, y)
#define ck_assert_int_gt(x, y)  CHECK_NUMBERS(intmax_t, PRIdMAX, x, >, y)
#define ck_assert_int_ge(x, y)  CHECK_NUMBERS(intmax_t, PRIdMAX, x, >=, y)
#define ck_assert_uint_eq(x, y) CHECK_NUMBERS(uintmax_t, PRIuMAX, x, ==, y)
#define ck_assert_uint_ne(x, y) CHECK_NUMBERS(uintmax_t, PRIuMAX, x, !=, y)
#define ck_assert_uint_lt(x, y) CHECK_NUMBERS(uintmax_t, PRIuMAX, x, <, y)
#define ck_assert_uint_le(x, y) CHECK_NUMBERS(uintmax_t, PRIuMAX, x, <=, y)
#define ck_assert_uint_gt(x, y) CHECK_NUMBERS(uintmax_t, PRIuMAX, x, >, y)
#define ck_assert_uint_ge(x, y) CHECK_NUMBERS(uintmax_t, PRIuMAX, x, >=, y)

#define CHECK_POINTERS(x, sign, y) \
    do { \
        const void *check_x = (x), *check_y = (y); \
        if (!(check_x sign check_y)) \
            check_fail(__FILE__, __LINE__, "Assertion '%s' failed: %p, %p", #x " " #sign " " #y, check_x, \
                       check_y); \
    } while (0)
#define ck_assert_ptr_eq(x, y)   CHECK_POINTERS(x, ==, y)
#define ck_assert_ptr_null(x)    CHECK_POINTERS(x, ==, NULL)
#define ck_assert_ptr_nonnull(x) CHECK_POINTERS(x, !=, NULL)

/* NULL is no text, and equal to none but itself where that is asked. */
#define CHECK_TEXTS(x, sign, y, nulls) \
    do { \
        const char *check_x = (x), *check_y = (y); \
        bool check_both = check_x != NULL && check_y != NULL; \
        if (!(check_both ? strcmp(check_x, check_y) sign 0 : (nulls) && check_x == check_y)) \
            check_fail(__FILE__, __LINE__, "Assertion '%s' failed: \"%s\", \"%s\"", #x " " #sign " " #y, \
                       check_x != NULL ? check_x : "(null)", check_y != NULL ? check_y : "(null)"); \
    } while (0)
#define ck_assert_str_eq(x, y)  CHECK_TEXTS(x, ==, y, false)
#define ck_assert_str_ne(x, y)  CHECK_TEXTS(x, !=, y, false)
#define ck_assert_str_lt(x, y)  CHECK_TEXTS(x, <, y, false)
#define ck_assert_str_gt(x, y)  CHECK_TEXTS(x, >, y, false)
#define ck_assert_pstr_eq(x, y) CHECK_TEXTS(x, ==, y, true)

#define ck_assert_mem_eq(x, y, len) \
    do { \
        const void *check_x = (x), *check_y = (y); \
        if (memcmp(check_x, check_y, (len)) != 0) \
            check_fail(__FILE__, __LINE__, "Assertion '%s' failed", #x " == " #y); \
    } while (0)

#endif
