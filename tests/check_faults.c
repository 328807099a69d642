/* SPDX-License-Identifier: MIT */
/* check_faults.c: every public function that makes a system call, with each errno that the
 * manuals name, at the first, second and third time that it makes the call, and each allocation:
 * what comes is that errno, nothing leaks, the objects are as they were and work. */
#include "check_faults.h"
#include "directory.h"
#include "netns.h"

#include <ctype.h>
#include <netdb.h>

enum { ERRORS_MAX = 160, TIMES = 3, ROUNDS_MAX = 8 };

const char *subject_argument;

/* ---- the errors -------------------------------------------------------------------- */

/* Beside the manuals': what the calls give as well. */
static const int always[] = {EIO,      EINTR,  ENOMEM,       ENOBUFS,     ECONNRESET,   EPERM,
                             ENOSYS,   EDQUOT, EHOSTUNREACH, ENETUNREACH, ECONNREFUSED, ETIMEDOUT,
                             ENETDOWN, EFAULT, ENOTCONN,     EISCONN};

static int errors[ERRORS_MAX], codes[ERRORS_MAX]; /* errnos; the resolver's */
static size_t error_count, code_count;

static void add(int *list, size_t *count, int error) {
    for (size_t i = 0; i < *count; i++)
        if (list[i] == error)
            return;
    must(*count < ERRORS_MAX);
    list[(*count)++] = error;
}

/* A trial of a feature is many calls, some of which wait: its own manual's are enough. */
static const int of_features[] = {EAFNOSUPPORT, EPROTONOSUPPORT, ENOPROTOOPT, ENOENT, EPERM, EACCES, EMFILE};

/* The names of errors in a manual: words of an .Er or .Dv that begin with an E. */
static void read_line(char *line) {
    char *rest = line, *word;
    int number;

    if (strstr(line, ".Er") == NULL && strstr(line, ".Dv") == NULL && strstr(line, "Er ") == NULL &&
        strstr(line, "Dv ") == NULL)
        return;
    while ((word = strtok_r(rest, " ,.\n", &rest)) != NULL) {
        if (word[0] != 'E' || !(isupper((unsigned char)word[1]) || isdigit((unsigned char)word[1])))
            continue;
        number = llnet_error_number(word);
        if (number >= LLNET_EAI_BASE)
            add(codes, &code_count, llnet_error_to_eai(-number));
        else if (number > 0)
            add(errors, &error_count, number);
    }
}

static void read_manuals(void) {
    static char text[1 << 20];
    const char *srcdir = getenv("srcdir");
    char command[512], *rest = text, *line;

    for (size_t i = 0; i < sizeof always / sizeof always[0]; i++)
        add(errors, &error_count, always[i]);
    snprintf(command, sizeof command, "cat '%s'/man/llnet_*.3", srcdir != NULL ? srcdir : "..");
    must(read_command(command, text, sizeof text) > 0);
    while ((line = strtok_r(rest, "\n", &rest)) != NULL)
        read_line(line);
}

START_TEST(the_manuals_errors_are_found) {
    const int known[] = {EMFILE, ENFILE, EAGAIN, EPIPE, ECONNABORTED, ENOSPC, ELOOP, EADDRINUSE, ENODEV, ENXIO};

    read_manuals();
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        size_t at = 0;

        while (at < error_count && errors[at] != known[i])
            at++;
        ck_assert_msg(at < error_count, "%s is not among them", llnet_error_name(-known[i]));
    }
    ck_assert_uint_ge(error_count, 45);
    ck_assert_uint_ge(code_count, 10);
}
END_TEST

/* ---- one fault --------------------------------------------------------------------- */

static bool is_for(const char *pattern, const char *name) {
    return pattern == NULL || strcmp(pattern, name) == 0;
}

static bool is_resolver(const char *call) {
    return strcmp(call, "getaddrinfo") == 0 || strcmp(call, "getnameinfo") == 0;
}

static bool is_memory(const char *call) {
    return strcmp(call, "malloc") == 0 || strcmp(call, "calloc") == 0 || strcmp(call, "realloc") == 0;
}

/* What must come of it. */
static long expected(const struct subject *subject, const char *call, int error) {
    const struct exception *one = exceptions;

    for (; one->function != NULL || one->call != NULL; one++)
        if (is_for(one->function, subject->function) && is_for(one->call, call) &&
            (one->error == 0 || one->error == error))
            return one->result == ERRNO ? -error : one->result;
    if (is_memory(call))
        return strncmp(subject->function, "addrinfo", 8) == 0 ? llnet_error_from_eai(EAI_MEMORY, 0) : -ENOMEM;
    return is_resolver(call) ? llnet_error_from_eai(error, error) : -error;
}

static void inject(const struct subject *subject, const char *call, int error, int at, long usual) {
    long result = usual, wanted = expected(subject, call, error);

    faults_arm(call, at, error);
    for (int round = 0; round < ROUNDS_MAX && !faults_fired(); round++) {
        if (round > 0)
            ck_assert_msg(result == usual, "%s: %ld before the fault", subject->function, result);
        result = subject->run();
    }
    ck_assert_msg(faults_fired(), "%s: %s number %d never came", subject->function, call, at);
    faults_arm(NULL, 0, 0);
    if (wanted == PASSES)
        wanted = usual;
    ck_assert_msg(result == wanted || wanted == ANY, "%s (%s): %s number %d gave %s: %ld, not %ld",
                  subject->function, subject_argument != NULL ? subject_argument : "", call, at,
                  llnet_error_name(-error), result, wanted);
    result = subject->run();
    ck_assert_msg(result == usual, "%s: %ld after a fault of %s", subject->function, result, call);
}

static void inject_all(const struct subject *subject, const char *call, int calls, long usual) {
    const int *list = is_resolver(call) ? codes : errors;
    size_t count = is_resolver(call) ? code_count : error_count;

    if (strcmp(subject->function, "feature_probe") == 0) {
        list = of_features;
        count = sizeof of_features / sizeof of_features[0];
    }
    if (is_memory(call)) { /* each of them */
        for (int at = 1; at <= calls; at++)
            inject(subject, call, ENOMEM, at, usual);
        return;
    }
    for (size_t i = 0; i < count; i++)
        for (int at = 1; at <= TIMES || (at <= calls && at <= 2 * TIMES); at++)
            inject(subject, call, list[i], at, usual);
}

/* ---- a subject ----------------------------------------------------------------------- */

/* Whether it could: this machine may lack what the subject asks for. */
static bool examine(const struct subject *subject) {
    int counts[128], made = 0;
    long usual;

    usual = subject->run(); /* a first one, for what is learned once */
    faults_forget();
    faults_arm(NULL, 0, 0);
    ck_assert_int_eq(subject->run(), usual);
    if (usual < 0)
        return false;
    for (size_t i = 0; faults_call_at(i) != NULL; i++) {
        counts[i] = faults_count_at(i);
        made += counts[i];
    }
    ck_assert_msg(made > 0 || faults_live_memory() < 0, "%s called nothing", subject->function);
    for (size_t i = 0; faults_call_at(i) != NULL; i++)
        if (counts[i] > 0)
            inject_all(subject, faults_call_at(i), counts[i], usual);
    return true;
}

static const struct subject *subject_at(int index) {
    const struct subject *const tables[] = {socket_subjects, data_subjects, other_subjects, memory_subjects};

    for (size_t i = 0; i < 4; i++)
        for (const struct subject *one = tables[i]; one->function != NULL; one++)
            if (index-- == 0)
                return one;
    return NULL;
}

static int count_subjects(void) {
    int count = 0;

    while (subject_at(count) != NULL)
        count++;
    return count;
}

START_TEST(a_fault_is_told_and_leaves_all_as_it_was) {
    const struct subject *subject = subject_at(_i);
    bool examined = true;

    read_manuals();
    stage_open();
    subject_argument = subject->argument;
    if (strcmp(subject->function, "feature_probe") != 0)
        examined = examine(subject);
    for (size_t i = 0; strcmp(subject->function, "feature_probe") == 0 && llnet_feature_at(i) != NULL; i++) {
        subject_argument = llnet_feature_at(i);
        (void)examine(subject);
    }
    stage_close();
    if (!examined)
        skip("this machine lacks what it asks for");
}
END_TEST

/* ---- nothing is left out ------------------------------------------------------------ */

/* Of the C library, but no system calls: in memory; or such as cannot fail when they are
 * called rightly (clock_gettime, getpid, sigprocmask). */
static const char *const harmless[] = {
    "_ITM_deregisterTMCloneTable",
    "_ITM_registerTMCloneTable",
    "__cxa_finalize",
    "__errno_location",
    "__gmon_start__",
    "__isoc99_sscanf",
    "__isoc23_sscanf",
    "__isoc23_strtoll",
    "__isoc23_strtoul",
    "__stack_chk_fail",
    "calloc",
    "clock_gettime",
    "free",
    "freeaddrinfo",
    "getprotobyname",
    "getprotobynumber",
    "getauxval",
    "getenv",
    "getpid",
    "inet_ntop",
    "inet_pton",
    "malloc",
    "memchr",
    "memcmp",
    "memcpy",
    "memmove",
    "memset",
    "pthread_mutex_lock",
    "pthread_mutex_unlock",
    "qsort",
    "bsearch",
    "realloc",
    "sigaddset",
    "sigemptyset",
    "sigismember",
    "sigpending",
    "sigprocmask",
    "sigtimedwait",
    "snprintf",
    "strchr",
    "strcmp",
    "strcpy",
    "strcspn",
    "strdup",
    "strlen",
    "strncmp",
    "strnlen",
    "strrchr",
    "strspn",
    "strstr",
    "strtok_r",
    "strtoll",
    "strtoul",
    "sysconf",
    "unsetenv",
    "vsnprintf",
};

static bool is_harmless(const char *name) {
    for (size_t i = 0; i < sizeof harmless / sizeof harmless[0]; i++)
        if (strcmp(harmless[i], name) == 0)
            return true;
    return strstr(name, "_chk") != NULL; /* of _FORTIFY_SOURCE */
}

static bool is_interposed(const char *name) {
    for (size_t i = 0; faults_call_at(i) != NULL; i++)
        if (strncmp(faults_call_at(i), name, strlen(faults_call_at(i))) == 0 &&
            (name[strlen(faults_call_at(i))] == '\0' || strcmp(name + strlen(faults_call_at(i)), "64") == 0))
            return true; /* 64: for large files on 32 bits */
    return false;
}

START_TEST(the_library_calls_nothing_that_cannot_fail_here) {
    const char *builddir = getenv("builddir"), *sanitizers = getenv("sanitizers");
    static char text[1 << 16];
    char command[1024], *rest = text, *name;

    if (sanitizers != NULL && strcmp(sanitizers, "no") != 0)
        skip("a sanitizer's library calls the sanitizer, too");
    snprintf(command, sizeof command, "nm -D --undefined-only '%s'/src/.libs/libllnet.so | awk '{print $2}'",
             builddir != NULL ? builddir : ".");
    if (read_command(command, text, sizeof text) == 0)
        skip("no shared library, or no nm");
    while ((name = strtok_r(rest, "\n", &rest)) != NULL) {
        name[strcspn(name, "@")] = '\0';
        ck_assert_msg(is_interposed(name) || is_harmless(name), "%s is not in tests/faults.c", name);
    }
}
END_TEST

START_TEST(each_call_is_made_by_some_subject) {
    stage_open();
    faults_arm(NULL, 0, 0);
    for (int i = 0; subject_at(i) != NULL; i++) {
        subject_argument = subject_at(i)->argument;
        for (size_t k = 0; strcmp(subject_at(i)->function, "feature_probe") == 0 && llnet_feature_at(k) != NULL;
             k++) {
            subject_argument = llnet_feature_at(k);
            (void)subject_at(i)->run();
        }
        if (strcmp(subject_at(i)->function, "feature_probe") != 0)
            (void)subject_at(i)->run();
    }
    for (size_t i = 0; faults_call_at(i) != NULL; i++)
        ck_assert_msg(faults_count_at(i) > 0 || (is_memory(faults_call_at(i)) && faults_live_memory() < 0),
                      "nobody calls %s", faults_call_at(i));
    faults_forget(); /* with what the resolver keeps for ever */
    stage_close();
}
END_TEST

/* What makes no system call, by the beginning of its name, and what begins so and does. */
static const char *const silent[] = {
    "addr_",
    "addrinfo_",
    "batch_",
    "buffer_",
    "clock_now",
    "error_",
    "feature_at",
    "feature_text",
    "inherit_clear",
    "inherit_count",
    "inherit_name",
    "interfaces_",
    "limits_",
    "message_",
    "option_",
    "poller_backend_at",
    "poller_fileno",
    "poller_get_",
    "poller_remove_timer",
    "poller_set_timer",
    "pool_",
    "socket_adopt",
    "socket_borrow",
    "socket_detach",
    "socket_fileno",
    "socket_init",
    "socket_is_open",
    "socket_size",
    "version",
};

static bool is_silent(const char *function) {
    for (size_t i = 0; i < sizeof silent / sizeof silent[0]; i++)
        if (strncmp(function, silent[i], strlen(silent[i])) == 0)
            return true;
    return false;
}

START_TEST(each_public_function_that_makes_a_system_call_is_a_subject) {
    const char *srcdir = getenv("srcdir");
    static char text[1 << 16];
    char command[512], *rest = text, *name;
    int found;

    snprintf(command, sizeof command, "sed -n 's/^    llnet_\\(.*\\);/\\1/p' '%s'/src/libllnet.map",
             srcdir != NULL ? srcdir : "..");
    ck_assert_uint_gt(read_command(command, text, sizeof text), 1000);
    while ((name = strtok_r(rest, "\n", &rest)) != NULL) {
        found = 0;
        while (subject_at(found) != NULL && strcmp(subject_at(found)->function, name) != 0)
            found++;
        ck_assert_msg(subject_at(found) != NULL || is_silent(name), "llnet_%s is no subject", name);
    }
}
END_TEST

int main(void) {
    Suite *suite = suite_create("faults");
    TCase *tcase = add_case(suite, "manuals");

    use_directory(tcase);
    tcase_add_test(tcase, the_manuals_errors_are_found);
    tcase_add_test(tcase, the_library_calls_nothing_that_cannot_fail_here);
    tcase_add_test(tcase, each_call_is_made_by_some_subject);
    tcase_add_test(tcase, each_public_function_that_makes_a_system_call_is_a_subject);
    for (int i = 0; i < count_subjects(); i++) {
        tcase = add_case(suite, subject_at(i)->function);
        use_directory(tcase);
        tcase_set_timeout(tcase, 120);
        tcase_add_loop_test(tcase, a_fault_is_told_and_leaves_all_as_it_was, i, i + 1);
    }
    return run_suite(suite);
}
