/* SPDX-License-Identifier: MIT */
/* check_inherit.c: sockets that a service manager passed. The test is the manager: it
 * forks, moves listeners to descriptors 3 and up, sets the variables and executes this
 * program again, which tells on its standard output what it inherited. */
#include "harness.h"

#include <fcntl.h>
#include <stdarg.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LISTENERS = 3, ABOVE_ALL = 40 };

/* ---- the program that inherits -------------------------------------------------- */

/* "0", or the error's name */
static const char *result_of(llnet_count result) {
    return result < 0 ? llnet_error_name((int)-result) : "0";
}

static void tell_socket(size_t index) {
    char name[64] = "";
    llnet_count len = llnet_inherit_name(index, name, sizeof name);
    llnet_socket sock;
    llnet_status status = llnet_inherit_socket(index, &sock);
    bool cloexec = false;
    llnet_addr addr;

    if (status < 0 || len < 0) {
        printf("%s %s\n", result_of(status), result_of(len));
        return;
    }
    llnet_socket_get_cloexec(&sock, &cloexec);
    llnet_socket_get_sockname(&sock, &addr);
    printf("fd %d cloexec %d port %d name %d '%s'\n", (int)llnet_socket_fileno(&sock), cloexec,
           (int)llnet_addr_get_port(&addr), (int)len, name);
}

static int inherit(void) {
    llnet_count count = llnet_inherit_count();
    llnet_socket sock;

    if (count < 0) {
        printf("%s %s %s\n", result_of(count), result_of(llnet_inherit_socket(0, &sock)),
               result_of(llnet_inherit_name(0, NULL, 0)));
        return 0;
    }
    printf("%d\n", (int)count);
    for (size_t i = 0; i < (size_t)count && i < 9; i++)
        tell_socket(i);
    printf("beyond %s %s\n", result_of(llnet_inherit_socket((size_t)count, &sock)),
           result_of(llnet_inherit_name((size_t)count, NULL, 0)));
    printf("cleared %s, ", result_of(llnet_inherit_clear()));
    printf("then %d, %s %s %s\n", (int)llnet_inherit_count(), getenv("LISTEN_PID") ? "pid" : "-",
           getenv("LISTEN_FDS") ? "fds" : "-", getenv("LISTEN_FDNAMES") ? "names" : "-");
    return 0;
}

/* ---- the manager ------------------------------------------------------------------ */

static llnet_socket listeners[LISTENERS];
static int ports[LISTENERS];

static void open_listeners(void) {
    for (int i = 0; i < LISTENERS; i++) {
        llnet_addr addr;

        open_listener(&listeners[i], &addr);
        ports[i] = (int)llnet_addr_get_port(&addr);
    }
}

static void close_listeners(void) {
    for (int i = 0; i < LISTENERS; i++)
        assert_ok(llnet_socket_close(&listeners[i]));
}

/* pid: NULL is that of the process itself; a variable that is NULL is not set */
static void become_service(const char *pid, const char *fds, const char *names, int passed) {
    char own[16];
    int moved[LISTENERS];

    for (int i = 0; i < passed; i++)
        moved[i] = fcntl((int)llnet_socket_fileno(&listeners[i]), F_DUPFD, ABOVE_ALL);
    for (int i = 0; i < passed; i++)
        dup2(moved[i], 3 + i);
    for (int fd = 3 + passed; fd < ABOVE_ALL + LISTENERS; fd++)
        close(fd);
    snprintf(own, sizeof own, "%d", (int)getpid());
    setenv("LISTEN_PID", pid != NULL ? pid : own, 1);
    unsetenv("LISTEN_FDS");
    unsetenv("LISTEN_FDNAMES");
    if (fds != NULL)
        setenv("LISTEN_FDS", fds, 1);
    if (names != NULL)
        setenv("LISTEN_FDNAMES", names, 1);
    execl("/proc/self/exe", "check_inherit", "--inherit", (char *)NULL);
    _exit(127);
}

/* What a service tells that was started so. */
static char told[2048];

static void start_service(const char *pid, const char *fds, const char *names, int passed) {
    int pipe_fds[2], status = -1;
    size_t used = 0;
    ssize_t n;
    pid_t child;

    ck_assert_int_eq(pipe(pipe_fds), 0);
    child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        dup2(pipe_fds[1], 1);
        become_service(pid, fds, names, passed);
    }
    close(pipe_fds[1]);
    while ((n = read(pipe_fds[0], told + used, sizeof told - 1 - used)) > 0)
        used += (size_t)n;
    told[used] = '\0';
    close(pipe_fds[0]);
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_int_eq(status, 0);
}

static void assert_told(const char *format, ...) __attribute__((format(printf, 1, 2)));

static void assert_told(const char *format, ...) {
    char expected[sizeof told];
    va_list args;

    va_start(args, format);
    vsnprintf(expected, sizeof expected, format, args);
    va_end(args);
    ck_assert_str_eq(told, expected);
}

#define CLEARED "cleared 0, then 0, - - -\n"
#define BEYOND  "beyond BOUNDS BOUNDS\n"

START_TEST(listeners_are_inherited_with_their_names_and_close_on_exec) {
    open_listeners();
    start_service(NULL, "3", "http:https:admin-1", 3);
    assert_told("3\nfd 3 cloexec 1 port %d name 4 'http'\nfd 4 cloexec 1 port %d name 5 'https'\n"
                "fd 5 cloexec 1 port %d name 7 'admin-1'\n" BEYOND CLEARED,
                ports[0], ports[1], ports[2]);
    close_listeners();
}
END_TEST

START_TEST(names_that_are_missing_or_too_many_are_no_harm) {
    static const struct {
        const char *names, *first, *second;
    } cases[] = {{NULL, "", ""},  {"", "", ""},   {"a", "a", ""},        {"a:", "a", ""},
                 {":b", "", "b"}, {"::", "", ""}, {"a:b:c:d", "a", "b"}, {"a b:%", "a b", "%"}};

    open_listeners();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        start_service(NULL, "2", cases[i].names, 2);
        assert_told("2\nfd 3 cloexec 1 port %d name %d '%s'\nfd 4 cloexec 1 port %d name %d '%s'\n" BEYOND CLEARED,
                    ports[0], (int)strlen(cases[i].first), cases[i].first, ports[1], (int)strlen(cases[i].second),
                    cases[i].second);
    }
    close_listeners();
}
END_TEST

START_TEST(what_is_for_another_process_or_not_there_counts_0) {
    static const struct {
        const char *pid, *fds;
    } cases[] = {{"1", "2"}, {"0", "2"}, {"2147483647", "x"}, {NULL, NULL}, {NULL, "0"}};

    open_listeners();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        start_service(cases[i].pid, cases[i].fds, "a:b", 2);
        assert_told("0\n" BEYOND CLEARED);
    }
    close_listeners();
}
END_TEST

START_TEST(variables_that_are_no_numbers_are_einval) {
    static const char *const bad[] = {"",   " ",   "x",   "-1",         "+1",
                                      "1 ", " 1",  "0x1", "1.5",        "2147483648",
                                      "1a", "1e1", "\t",  "4294967298", "18446744073709551617"};

    open_listeners();
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        start_service(NULL, bad[i], NULL, 1);
        assert_told("EINVAL EINVAL EINVAL\n");
        start_service(bad[i], "1", NULL, 1);
        assert_told("EINVAL EINVAL EINVAL\n");
    }
    start_service(NULL, "2147483645", NULL, 1); /* 3 + that is no descriptor */
    assert_told("EINVAL EINVAL EINVAL\n");
    close_listeners();
}
END_TEST

START_TEST(a_descriptor_that_was_not_passed_is_ebadf) {
    open_listeners();
    start_service(NULL, "3", "a:b:c", 1);
    assert_told("3\nfd 3 cloexec 1 port %d name 1 'a'\nEBADF 0\nEBADF 0\n" BEYOND CLEARED, ports[0]);
    close_listeners();
}
END_TEST

START_TEST(a_name_needs_room_for_its_nul) {
    char own[16], text[8] = "#######";

    snprintf(own, sizeof own, "%d", (int)getpid());
    setenv("LISTEN_PID", own, 1);
    setenv("LISTEN_FDS", "1", 1);
    setenv("LISTEN_FDNAMES", "four", 1);
    assert_error(llnet_inherit_name(0, text, 4), ENOBUFS);
    assert_error(llnet_inherit_name(0, text, 0), ENOBUFS);
    ck_assert_str_eq(text, "#######");
    ck_assert_int_eq(llnet_inherit_name(0, text, 5), 4);
    ck_assert_str_eq(text, "four");
    assert_error(llnet_inherit_name(SIZE_MAX, text, sizeof text), LLNET_EBOUNDS);
    assert_ok(llnet_inherit_clear());
    ck_assert_int_eq(llnet_inherit_count(), 0);
}
END_TEST

int main(int argc, char **argv) {
    Suite *suite;
    TCase *service;

    if (argc > 1 && strcmp(argv[1], "--inherit") == 0)
        return inherit();
    suite = suite_create("inherit");
    service = add_case(suite, "service");
    tcase_set_timeout(service, 60); /* each round executes a program */
    tcase_add_test(service, listeners_are_inherited_with_their_names_and_close_on_exec);
    tcase_add_test(service, names_that_are_missing_or_too_many_are_no_harm);
    tcase_add_test(service, what_is_for_another_process_or_not_there_counts_0);
    tcase_add_test(service, variables_that_are_no_numbers_are_einval);
    tcase_add_test(service, a_descriptor_that_was_not_passed_is_ebadf);
    tcase_add_test(service, a_name_needs_room_for_its_nul);
    return run_suite(suite);
}
