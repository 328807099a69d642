/* SPDX-License-Identifier: MIT */
/* harness.c: what the C tests share, see harness.h. */
#include "harness.h"

#include <dirent.h>
#include <netinet/in.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

/* ---- TAP -------------------------------------------------------------------------
 * Check cannot skip. A test that is skipped tells so in memory that it shares with the
 * runner, and the lines that Check has written are printed with what is there. */

enum { SKIPS_MAX = 512, LINE_MAX_BYTES = 4096 };

struct skip_record {
    char test[240]; /* as in a line of Check's: ":test: " */
    char reason[120];
    int round;
};

static struct {
    int count;
    struct skip_record records[SKIPS_MAX];
} * skips; /* NULL where tests don't run in processes of their own */

void skip_test(const char *function, int round, const char *reason) {
    static const char suffix[] = "_fn"; /* Check's, since 0.13 */
    size_t len = strlen(function);
    struct skip_record *record;

    if (len > strlen(suffix) && strcmp(function + len - strlen(suffix), suffix) == 0)
        len -= strlen(suffix);
    if (skips == NULL) {
        printf("# SKIP %.*s: %s\n", (int)len, function, reason);
        return;
    }
    ck_assert_msg(skips->count < SKIPS_MAX, "too many tests are skipped");
    record = &skips->records[skips->count++];
    snprintf(record->test, sizeof record->test, ":%.*s: ", (int)len, function);
    snprintf(record->reason, sizeof record->reason, "%s", reason);
    record->round = round;
}

/* The record of a line of Check's, NULL if its test was not skipped. */
static const struct skip_record *find_skip(const char *line, int round) {
    int i;

    for (i = 0; skips != NULL && i < skips->count; i++)
        if (skips->records[i].round == round && strstr(line, skips->records[i].test) != NULL)
            return &skips->records[i];
    return NULL;
}

/* Prints a line of Check's, "ok 1 - /path/file.c:case:test: Passed", without the path and
 * what is known. */
static void print_line(const char *line, int round) {
    const char *dash = strstr(line, " - "), *colon = dash != NULL ? strchr(dash, ':') : NULL;
    const char *name = colon != NULL ? colon + 1 : "", *passed = strstr(name, ": Passed");
    const struct skip_record *skipped;

    if (strncmp(line, "1..", 3) == 0)
        printf("%s\n", line);
    else if ((strncmp(line, "ok ", 3) != 0 && strncmp(line, "not ok ", 7) != 0) || colon == NULL)
        printf("# %s\n", line); /* a message goes on */
    else if (passed == NULL || line[0] != 'o')
        printf("%.*s - %s\n", (int)(dash - line), line, name);
    else if ((skipped = find_skip(line, round)) != NULL)
        printf("%.*s - %.*s # SKIP %s\n", (int)(dash - line), line, (int)(passed - name), name, skipped->reason);
    else
        printf("%.*s - %.*s\n", (int)(dash - line), line, (int)(passed - name), name);
}

/* Whether both lines are those of one test, which then runs in a loop and has a line for
 * each round, in order. Check's lines begin "ok 1 - /path/file.c:case:test: ". */
static bool same_test(const char *a, const char *b) {
    const char *in_a = strstr(a, " - "), *in_b = strstr(b, " - ");
    const char *name_a = in_a != NULL ? strchr(in_a, ':') : NULL, *name_b = in_b != NULL ? strchr(in_b, ':') : NULL;
    const char *end = name_a != NULL ? strstr(name_a, ": ") : NULL;

    return end != NULL && name_b != NULL && strncmp(name_a, name_b, (size_t)(end - name_a) + 2) == 0;
}

static void print_tap(FILE *tap) {
    static char line[LINE_MAX_BYTES], before[LINE_MAX_BYTES];
    int round = 0;

    while (fgets(line, sizeof line, tap) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        round = same_test(before, line) ? round + 1 : 0;
        print_line(line, round);
        memcpy(before, line, sizeof line);
    }
}

/* A new file's name. */
static void name_file(char *path, size_t size) {
    const char *directory = getenv("TMPDIR");
    int fd;

    snprintf(path, size, "%s/llnet-tap-XXXXXX", directory != NULL ? directory : "/tmp");
    fd = mkstemp(path);
    if (fd < 0) {
        perror(path);
        exit(99); /* to Automake: the tests cannot run */
    }
    close(fd);
}

static void share_skips(void) {
    void *shared = mmap(NULL, sizeof *skips, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    if (shared == MAP_FAILED) {
        perror("mmap");
        exit(99);
    }
    skips = shared;
}

int run_suite(Suite *suite) {
    SRunner *runner = srunner_create(suite);
    char path[1024];
    FILE *tap;
    int failed;

    setvbuf(stdout, NULL, _IOLBF, 0); /* or forked tests would print buffered lines again */
    if (srunner_fork_status(runner) == CK_NOFORK) {
        srunner_set_tap(runner, "-");
    } else {
        share_skips();
        name_file(path, sizeof path);
        srunner_set_tap(runner, path);
    }
    srunner_run_all(runner, CK_SILENT);
    if (skips != NULL) {
        tap = fopen(path, "r");
        if (tap != NULL)
            print_tap(tap);
        if (tap == NULL || fclose(tap) != 0 || unlink(path) != 0)
            exit(99);
    }
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

int count_descriptors(void) {
    DIR *dir = opendir("/proc/self/fd");
    int count = 0;

    if (dir == NULL)
        return -1;
    while (readdir(dir) != NULL)
        count++;
    closedir(dir);
    return count;
}

static int descriptors_before;

static void remember_descriptors(void) {
    descriptors_before = count_descriptors();
}

static void compare_descriptors(void) {
    int now = count_descriptors();
    ck_assert_msg(now == descriptors_before, "the test leaked %d descriptors", now - descriptors_before);
}

TCase *add_case(Suite *suite, const char *name) {
    TCase *tcase = tcase_create(name);

    tcase_add_checked_fixture(tcase, remember_descriptors, compare_descriptors);
    suite_add_tcase(suite, tcase);
    return tcase;
}

static const char *describe(long result) {
    const char *name = llnet_error_name((int)result);
    return result >= 0 ? "success" : name != NULL ? name : "an error without a name";
}

void assert_ok_at(const char *file, int line, const char *call, long result) {
    if (result < 0)
        ck_abort_msg("%s:%d: %s gave %ld (%s)", file, line, call, result, describe(result));
}

void assert_error_at(const char *file, int line, const char *call, long result, int error) {
    if (result != -(long)error)
        ck_abort_msg("%s:%d: %s gave %ld (%s), not %s", file, line, call, result, describe(result),
                     describe(-(long)error));
}

void open_listener(llnet_socket *listener, llnet_addr *addr) {
    llnet_addr_init(addr);
    assert_ok(llnet_addr_set_ip(addr, "127.0.0.1", 0));
    assert_ok(llnet_socket_open(listener, AF_INET, SOCK_STREAM, 0, 0));
    assert_ok(llnet_socket_bind(listener, addr));
    assert_ok(llnet_socket_listen(listener, 16));
    assert_ok(llnet_socket_get_sockname(listener, addr));
}

void open_tcp_pair(llnet_socket *client, llnet_socket *server) {
    llnet_socket listener;
    llnet_addr addr;

    open_listener(&listener, &addr);
    assert_ok(llnet_socket_open(client, AF_INET, SOCK_STREAM, 0, 0));
    assert_ok(llnet_socket_connect(client, &addr));
    assert_ok(llnet_socket_accept(&listener, server, NULL, 0));
    assert_ok(llnet_socket_close(&listener));
}

static void open_udp(llnet_socket *self, llnet_addr *addr) {
    llnet_addr_init(addr);
    assert_ok(llnet_addr_set_ip(addr, "127.0.0.1", 0));
    assert_ok(llnet_socket_open(self, AF_INET, SOCK_DGRAM, 0, 0));
    assert_ok(llnet_socket_bind(self, addr));
    assert_ok(llnet_socket_get_sockname(self, addr));
}

void open_udp_pair(llnet_socket *a, llnet_addr *a_addr, llnet_socket *b, llnet_addr *b_addr) {
    open_udp(a, a_addr);
    open_udp(b, b_addr);
}

bool have_ipv6(void) {
    struct sockaddr_in6 any;
    int fd = socket(AF_INET6, SOCK_STREAM, 0);
    bool have;

    if (fd < 0)
        return false;
    memset(&any, 0, sizeof any);
    any.sin6_family = AF_INET6;
    any.sin6_addr.s6_addr[15] = 1;
    have = bind(fd, (struct sockaddr *)&any, sizeof any) == 0;
    close(fd);
    return have;
}
