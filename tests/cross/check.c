/* SPDX-License-Identifier: MIT */
/* cross/check.c: runs each test in a process of its own, with a time limit, and writes TAP
 * as the check library does: see check.h. */
#include "config.h"

#include "check.h"

#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { CASES_MAX = 32, TESTS_MAX = 128, FIXTURES_MAX = 4, MESSAGE_MAX = 2048 };

struct fixture {
    void (*setup)(void), (*teardown)(void);
};

struct check_case {
    const char *name;
    double seconds;
    struct {
        const struct check_test *test;
        int first, end;
    } tests[TESTS_MAX];
    struct fixture checked[FIXTURES_MAX], unchecked[FIXTURES_MAX];
    int tests_count, checked_count, unchecked_count;
};

struct check_suite {
    TCase *cases[CASES_MAX];
    int count, number, failed;
    const char *path;
};

static int reports[2]; /* what a failing test says, up to the NUL */

static void *must_have(void *memory) {
    if (memory == NULL)
        abort();
    return memory;
}

Suite *suite_create(const char *name) {
    (void)name;
    return must_have(calloc(1, sizeof(Suite)));
}

TCase *tcase_create(const char *name) {
    TCase *tcase = must_have(calloc(1, sizeof *tcase));

    tcase->name = name;
    tcase->seconds = 4;
    return tcase;
}

void suite_add_tcase(Suite *suite, TCase *tcase) {
    if (suite->count == CASES_MAX)
        abort();
    suite->cases[suite->count++] = tcase;
}

void tcase_set_timeout(TCase *tcase, double seconds) {
    tcase->seconds = seconds;
}

static void add_fixture(struct fixture *fixtures, int *count, void (*setup)(void), void (*teardown)(void)) {
    if (*count == FIXTURES_MAX)
        abort();
    fixtures[*count].setup = setup;
    fixtures[(*count)++].teardown = teardown;
}

void tcase_add_checked_fixture(TCase *tcase, void (*setup)(void), void (*teardown)(void)) {
    add_fixture(tcase->checked, &tcase->checked_count, setup, teardown);
}

void tcase_add_unchecked_fixture(TCase *tcase, void (*setup)(void), void (*teardown)(void)) {
    add_fixture(tcase->unchecked, &tcase->unchecked_count, setup, teardown);
}

void check_add(TCase *tcase, const struct check_test *test, int first, int end) {
    if (tcase->tests_count == TESTS_MAX)
        abort();
    tcase->tests[tcase->tests_count].test = test;
    tcase->tests[tcase->tests_count].first = first;
    tcase->tests[tcase->tests_count++].end = end;
}

SRunner *srunner_create(Suite *suite) {
    return suite;
}

enum fork_status srunner_fork_status(SRunner *runner) {
    (void)runner;
    return CK_FORK;
}

void srunner_set_tap(SRunner *runner, const char *path) {
    runner->path = path;
}

int srunner_ntests_failed(SRunner *runner) {
    return runner->failed;
}

void srunner_free(SRunner *runner) {
    while (runner->count > 0)
        free(runner->cases[--runner->count]);
    free(runner);
}

/* Also in a process that the test has started, which ends the same way. */
void check_fail(const char *file, int line, const char *format, ...) {
    char message[MESSAGE_MAX];
    va_list arguments;
    int len;

    va_start(arguments, format);
    len = vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    if (len < 0 || len >= (int)sizeof message)
        len = (int)sizeof message - 1;
    message[len++] = '\0';
    if (write(reports[1], message, (size_t)len) != len)
        fprintf(stderr, "%s:%d: %s\n", file, line, message);
    fflush(NULL);
    _exit(1);
}

/* Of harness.c: the running test counts as skipped. */
void skip_test(const char *function, int round, const char *reason);

/* Why the test cannot run on this machine, from the file that CHECK_SKIPS names: the test,
 * a space, the reason. */
static bool find_skip(const char *test, char *reason, int size) {
    const char *path = getenv("CHECK_SKIPS");
    FILE *file = path != NULL ? fopen(path, "r") : NULL;
    size_t len = strlen(test);
    bool found = false;

    while (!found && file != NULL && fgets(reason, size, file) != NULL)
        found = strncmp(reason, test, len) == 0 && reason[len] == ' ';
    if (found) {
        reason[strcspn(reason, "\n")] = '\0';
        memmove(reason, reason + len + 1, strlen(reason + len));
    }
    if (file != NULL)
        fclose(file);
    return found;
}

static void run_one(const TCase *tcase, const struct check_test *test, int round) {
    char reason[MESSAGE_MAX];

    if (find_skip(test->name, reason, sizeof reason)) {
        skip_test(test->name, round, reason);
        exit(0);
    }
    for (int i = 0; i < tcase->checked_count; i++)
        if (tcase->checked[i].setup != NULL)
            tcase->checked[i].setup();
    test->run(round);
    for (int i = tcase->checked_count; i-- > 0;)
        if (tcase->checked[i].teardown != NULL)
            tcase->checked[i].teardown();
    exit(0);
}

/* Waits for the process; false where it took too long and was ended with all it started. */
static bool wait_for(pid_t child, double seconds, int *status) {
    const char *factor = getenv("CK_TIMEOUT_MULTIPLIER");
    struct timespec start, now;

    seconds *= factor != NULL ? strtod(factor, NULL) : 1;
    clock_gettime(CLOCK_MONOTONIC, &start);
    while (waitpid(child, status, WNOHANG) == 0) {
        clock_gettime(CLOCK_MONOTONIC, &now);
        if ((double)(now.tv_sec - start.tv_sec) > seconds) {
            kill(-child, SIGKILL);
            waitpid(child, status, 0);
            return false;
        }
        poll(NULL, 0, 2);
    }
    kill(-child, SIGKILL); /* what it left behind */
    return true;
}

/* What the test said of its failure; a process that it started may have said more. */
static void read_report(char *message) {
    struct pollfd ready = {.fd = reports[0], .events = POLLIN};
    char rest[MESSAGE_MAX] = "";
    bool first = true;
    ssize_t n;

    message[0] = '\0';
    while (poll(&ready, 1, 0) == 1) {
        /* cppcheck-suppress legacyUninitvar; it is written to */
        n = read(reports[0], first ? message : rest, MESSAGE_MAX - 1);
        if (n <= 0)
            break;
        if (first)
            message[n] = '\0';
        first = false;
    }
}

static void run_apart(Suite *suite, const TCase *tcase, const struct check_test *test, int round, FILE *tap) {
    char message[MESSAGE_MAX];
    bool in_time, passed;
    pid_t child;
    int status = 0;

    fflush(NULL);
    child = fork();
    if (child < 0)
        abort();
    if (child == 0) {
        setpgid(0, 0);
        run_one(tcase, test, round);
    }
    setpgid(child, child);
    in_time = wait_for(child, tcase->seconds, &status);
    read_report(message);
    if (!in_time)
        snprintf(message, sizeof message, "Test timeout expired");
    else if (WIFSIGNALED(status))
        snprintf(message, sizeof message, "Received signal %d (%s)", WTERMSIG(status), strsignal(WTERMSIG(status)));
    else if (WEXITSTATUS(status) != 0 && message[0] == '\0')
        snprintf(message, sizeof message, "Early exit with return value %d", WEXITSTATUS(status));
    passed = message[0] == '\0';
    suite->failed += !passed;
    fprintf(tap, "%s %d - %s:%s:%s: %s\n", passed ? "ok" : "not ok", ++suite->number, test->file, tcase->name,
            test->name, passed ? "Passed" : message);
}

static void run_case(Suite *suite, TCase *tcase, FILE *tap) {
    for (int i = 0; i < tcase->unchecked_count; i++)
        if (tcase->unchecked[i].setup != NULL)
            tcase->unchecked[i].setup();
    for (int i = 0; i < tcase->tests_count; i++)
        for (int round = tcase->tests[i].first; round < tcase->tests[i].end; round++)
            run_apart(suite, tcase, tcase->tests[i].test, round, tap);
    for (int i = tcase->unchecked_count; i-- > 0;)
        if (tcase->unchecked[i].teardown != NULL)
            tcase->unchecked[i].teardown();
}

void srunner_run_all(SRunner *runner, enum print_output output) {
    FILE *tap = fopen(runner->path, "w");

    (void)output;
    if (tap == NULL || pipe(reports) != 0)
        abort();
    for (int i = 0; i < runner->count; i++)
        run_case(runner, runner->cases[i], tap);
    fprintf(tap, "1..%d\n", runner->number);
    if (fclose(tap) != 0)
        abort();
}
