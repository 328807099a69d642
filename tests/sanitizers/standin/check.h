/* SPDX-License-Identifier: MIT */
/* check.h: stands in for the check library where all code must be compiled by one compiler
 * (MemorySanitizer: make check-msan): what the tests use of it, and no more. Each test
 * runs in a process of its own, in which a failure ends it. */
#ifndef STANDIN_CHECK_H
#define STANDIN_CHECK_H

#include <inttypes.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { CK_FORK, CK_NOFORK, CK_SILENT };
enum { STANDIN_TESTS = 256, STANDIN_CASES = 32, STANDIN_SECONDS = 60 };

typedef struct {
    const char *name;
    void (*function)(int);
    const char *file;
} TTest;

struct standin_test {
    const TTest *test;
    int first, end;
};

typedef struct {
    const char *name;
    unsigned seconds;
    void (*before_all)(void), (*after_all)(void);
    void (*before[4])(void), (*after[4])(void);
    size_t fixtures, count;
    struct standin_test tests[STANDIN_TESTS];
} TCase;

typedef struct {
    size_t count;
    TCase *cases[STANDIN_CASES];
} Suite;

typedef struct {
    Suite *suite;
    const char *path;
    int number, failed;
} SRunner;

/* ---- tests -------------------------------------------------------------------------- */

#define START_TEST(test_name) \
    static void test_name##_fn(int _i); \
    static const TTest test_name##_test = {#test_name, test_name##_fn, __FILE__}; \
    static const TTest *const test_name = &test_name##_test; \
    static void test_name##_fn(int _i __attribute__((unused)))
#define END_TEST

static inline Suite *suite_create(const char *name) {
    (void)name;
    return calloc(1, sizeof(Suite));
}

static inline TCase *tcase_create(const char *name) {
    TCase *self = calloc(1, sizeof *self);

    self->name = name;
    self->seconds = STANDIN_SECONDS;
    return self;
}

static inline void suite_add_tcase(Suite *suite, TCase *tcase) {
    if (suite->count == STANDIN_CASES)
        abort();
    suite->cases[suite->count++] = tcase;
}

static inline void tcase_set_timeout(TCase *self, double seconds) {
    if (seconds > STANDIN_SECONDS)
        self->seconds = (unsigned)seconds;
}

static inline void tcase_add_loop_test(TCase *self, const TTest *test, int first, int end) {
    if (self->count == STANDIN_TESTS)
        abort();
    self->tests[self->count++] = (struct standin_test){test, first, end};
}

static inline void tcase_add_test(TCase *self, const TTest *test) {
    tcase_add_loop_test(self, test, 0, 1);
}

static inline void tcase_add_checked_fixture(TCase *self, void (*before)(void), void (*after)(void)) {
    if (self->fixtures == 4)
        abort();
    self->before[self->fixtures] = before;
    self->after[self->fixtures++] = after;
}

static inline void tcase_add_unchecked_fixture(TCase *self, void (*before)(void), void (*after)(void)) {
    self->before_all = before;
    self->after_all = after;
}

/* ---- running them ---------------------------------------------------------------------- */

static inline SRunner *srunner_create(Suite *suite) {
    SRunner *self = calloc(1, sizeof *self);

    self->suite = suite;
    return self;
}

static inline int srunner_fork_status(const SRunner *self) {
    (void)self;
    return CK_FORK;
}

static inline void srunner_set_tap(SRunner *self, const char *path) {
    self->path = path;
}

/* Ends this process when its time is up. By a timer that no test sets: theirs is setitimer's,
 * which is alarm's, too. */
static inline void standin_limit_time(unsigned seconds) {
    struct sigevent event;
    const struct itimerspec once = {{0, 0}, {(time_t)seconds, 0}};
    timer_t timer = NULL;

    memset(&event, 0, sizeof event);
    event.sigev_notify = SIGEV_SIGNAL;
    event.sigev_signo = SIGKILL;
    if (timer_create(CLOCK_MONOTONIC, &event, &timer) != 0 || timer_settime(timer, 0, &once, NULL) != 0)
        abort();
}

/* In the test's own process. The fixtures of the first pair are the outermost. */
static inline void standin_run_test(const TCase *tcase, const TTest *test, int round) {
    size_t i;

    standin_limit_time(tcase->seconds);
    for (i = 0; i < tcase->fixtures; i++)
        if (tcase->before[i] != NULL)
            tcase->before[i]();
    test->function(round);
    while (i-- > 0)
        if (tcase->after[i] != NULL)
            tcase->after[i]();
    exit(EXIT_SUCCESS);
}

static inline void standin_run_round(SRunner *self, FILE *tap, const TCase *tcase, const TTest *test, int round) {
    int status = 0;
    pid_t process;

    fflush(NULL);
    process = fork();
    if (process == 0)
        standin_run_test(tcase, test, round);
    if (process < 0 || waitpid(process, &status, 0) != process)
        abort();
    self->failed += status != 0;
    fprintf(tap, "%s %d - %s:%s:%s: ", status == 0 ? "ok" : "not ok", ++self->number, test->file, tcase->name,
            test->name);
    if (status == 0)
        fprintf(tap, "Passed\n");
    else if (WIFSIGNALED(status))
        fprintf(tap, "ended by signal %d\n", WTERMSIG(status));
    else
        fprintf(tap, "ended with status %d\n", WEXITSTATUS(status));
}

static inline void srunner_run_all(SRunner *self, int mode) {
    FILE *tap = fopen(self->path, "we");

    (void)mode;
    if (tap == NULL)
        abort();
    for (size_t i = 0; i < self->suite->count; i++) {
        TCase *tcase = self->suite->cases[i];

        if (tcase->before_all != NULL)
            tcase->before_all();
        for (size_t k = 0; k < tcase->count; k++)
            for (int round = tcase->tests[k].first; round < tcase->tests[k].end; round++)
                standin_run_round(self, tap, tcase, tcase->tests[k].test, round);
        if (tcase->after_all != NULL)
            tcase->after_all();
    }
    fprintf(tap, "1..%d\n", self->number);
    fclose(tap);
}

static inline int srunner_ntests_failed(const SRunner *self) {
    return self->failed;
}

static inline void srunner_free(SRunner *self) {
    for (size_t i = 0; i < self->suite->count; i++)
        free(self->suite->cases[i]);
    free(self->suite);
    free(self);
}

/* ---- assertions ---------------------------------------------------------------------------- */

#define ck_abort_msg(...) \
    (fprintf(stderr, "%s:%d: ", __FILE__, __LINE__), fprintf(stderr, __VA_ARGS__), fputc('\n', stderr), \
     exit(EXIT_FAILURE))
#define ck_assert_msg(condition, ...) ((condition) ? (void)0 : ck_abort_msg(__VA_ARGS__))
#define ck_assert(condition)          ck_assert_msg(condition, "%s", #condition)

#define STANDIN_NUMBERS(type, format, a, relation, b) \
    do { \
        type a_ = (a), b_ = (b); \
        ck_assert_msg(a_ relation b_, "%s " #relation " %s: %" format ", %" format, #a, #b, a_, b_); \
    } while (0)
#define ck_assert_int_eq(a, b)  STANDIN_NUMBERS(intmax_t, PRIdMAX, a, ==, b)
#define ck_assert_int_ne(a, b)  STANDIN_NUMBERS(intmax_t, PRIdMAX, a, !=, b)
#define ck_assert_int_lt(a, b)  STANDIN_NUMBERS(intmax_t, PRIdMAX, a, <, b)
#define ck_assert_int_le(a, b)  STANDIN_NUMBERS(intmax_t, PRIdMAX, a, <=, b)
#define ck_assert_int_gt(a, b)  STANDIN_NUMBERS(intmax_t, PRIdMAX, a, >, b)
#define ck_assert_int_ge(a, b)  STANDIN_NUMBERS(intmax_t, PRIdMAX, a, >=, b)
#define ck_assert_uint_eq(a, b) STANDIN_NUMBERS(uintmax_t, PRIuMAX, a, ==, b)
#define ck_assert_uint_ne(a, b) STANDIN_NUMBERS(uintmax_t, PRIuMAX, a, !=, b)
#define ck_assert_uint_lt(a, b) STANDIN_NUMBERS(uintmax_t, PRIuMAX, a, <, b)
#define ck_assert_uint_le(a, b) STANDIN_NUMBERS(uintmax_t, PRIuMAX, a, <=, b)
#define ck_assert_uint_gt(a, b) STANDIN_NUMBERS(uintmax_t, PRIuMAX, a, >, b)
#define ck_assert_uint_ge(a, b) STANDIN_NUMBERS(uintmax_t, PRIuMAX, a, >=, b)

#define STANDIN_STRINGS(a, relation, b) \
    do { \
        const char *a_ = (a), *b_ = (b); \
        ck_assert_msg(a_ != NULL && b_ != NULL && strcmp(a_, b_) relation 0, \
                      "%s " #relation " %s: \"%s\", \"%s\"", #a, #b, a_ != NULL ? a_ : "(null)", \
                      b_ != NULL ? b_ : "(null)"); \
    } while (0)
#define ck_assert_str_eq(a, b) STANDIN_STRINGS(a, ==, b)
#define ck_assert_str_ne(a, b) STANDIN_STRINGS(a, !=, b)
#define ck_assert_str_lt(a, b) STANDIN_STRINGS(a, <, b)
#define ck_assert_str_gt(a, b) STANDIN_STRINGS(a, >, b)
#define ck_assert_pstr_eq(a, b) \
    do { \
        const char *one_ = (a), *other_ = (b); \
        ck_assert(one_ == other_ || (one_ != NULL && other_ != NULL && strcmp(one_, other_) == 0)); \
    } while (0)
#define ck_assert_mem_eq(a, b, size) ck_assert(memcmp(a, b, size) == 0)
#define ck_assert_ptr_eq(a, b)       ck_assert((const void *)(a) == (const void *)(b))
#define ck_assert_ptr_ne(a, b)       ck_assert((const void *)(a) != (const void *)(b))
#define ck_assert_ptr_null(a)        ck_assert((a) == NULL)
#define ck_assert_ptr_nonnull(a)     ck_assert((a) != NULL)

#endif
