/* SPDX-License-Identifier: MIT */
/* harness.c: what the C tests share, see harness.h. */
#include "harness.h"

#include <dirent.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

int run_suite(Suite *suite) {
    SRunner *runner = srunner_create(suite);
    int failed;

    setvbuf(stdout, NULL, _IOLBF, 0); /* or forked tests would print buffered lines again */
    srunner_set_tap(runner, "-");
    srunner_run_all(runner, CK_SILENT);
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
    ck_assert_msg(result >= 0, "%s:%d: %s gave %ld (%s)", file, line, call, result, describe(result));
}

void assert_error_at(const char *file, int line, const char *call, long result, int error) {
    ck_assert_msg(result == -(long)error, "%s:%d: %s gave %ld (%s), not %s", file, line, call, result,
                  describe(result), describe(-(long)error));
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
