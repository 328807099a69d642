/* SPDX-License-Identifier: MIT */
/* check_socket_mode.c: Unix paths that are made with a mode. */
#include "check_socket.h"
#include "directory.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static const int types[] = {SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET};
enum { TYPES = sizeof types / sizeof types[0] };

static unsigned mode_of(const char *path) {
    struct stat file;

    ck_assert_int_eq(stat(path, &file), 0);
    ck_assert(S_ISSOCK(file.st_mode));
    return file.st_mode & 07777;
}

/* Binds with this mode where the umask is that; what the path then has. */
static unsigned bind_with(int mode, mode_t mask) {
    mode_t before = umask(mask);
    llnet_socket self;
    llnet_addr addr;
    unsigned got;

    llnet_addr_init(&addr);
    assert_ok(llnet_addr_set_unix(&addr, "path", 4));
    for (int i = 0; i < TYPES; i++) {
        assert_ok(llnet_socket_open(&self, AF_UNIX, types[i], 0, 0));
        assert_ok(llnet_socket_bind_mode(&self, &addr, mode));
        got = mode_of("path");
        assert_ok(llnet_socket_close(&self));
        ck_assert_int_eq(unlink("path"), 0);
        ck_assert_uint_eq(got, (unsigned)mode & ~(unsigned)mask);
    }
    umask(before);
    return got;
}

START_TEST(a_path_has_the_mode_that_bind_was_given) {
    for (int mode = 0; mode <= 0777; mode++)
        bind_with(mode, 0);
    ck_assert_uint_eq(bind_with(0600, 022), 0600);
    ck_assert_uint_eq(bind_with(0666, 022), 0644); /* as of open(2) */
}
END_TEST

START_TEST(a_path_that_was_bound_with_a_mode_is_a_listener_like_others) {
    llnet_socket listener, client, server;
    llnet_addr addr;

    llnet_addr_init(&addr);
    assert_ok(llnet_addr_set_unix(&addr, "path", 4));
    assert_ok(llnet_socket_open(&listener, AF_UNIX, SOCK_STREAM, 0, 0));
    assert_ok(llnet_socket_bind_mode(&listener, &addr, 0600));
    assert_ok(llnet_socket_listen(&listener, 1));
    assert_ok(llnet_socket_open(&client, AF_UNIX, SOCK_STREAM, 0, 0));
    assert_ok(llnet_socket_connect(&client, &addr));
    assert_ok(llnet_socket_accept(&listener, &server, NULL, 0));
    close_both(&client, &server);
    assert_ok(llnet_socket_close(&listener));
    ck_assert_int_eq(unlink("path"), 0);
}
END_TEST

START_TEST(a_mode_is_for_unix_paths_alone) {
    llnet_addr path, address, abstract, unnamed;
    llnet_socket self, inet;

    llnet_addr_init(&path);
    llnet_addr_init(&address);
    llnet_addr_init(&abstract);
    llnet_addr_init(&unnamed);
    assert_ok(llnet_addr_set_unix(&path, "path", 4));
    assert_ok(llnet_addr_set_unix(&abstract, "\0llnet-mode", 11));
    assert_ok(llnet_addr_set_unix(&unnamed, NULL, 0));
    assert_ok(llnet_addr_set_ip(&address, "127.0.0.1", 0));
    llnet_socket_init(&self);
    assert_error(llnet_socket_bind_mode(&self, &address, 01000), EBADF);
    assert_ok(llnet_socket_open(&self, AF_UNIX, SOCK_STREAM, 0, 0));
    assert_error(llnet_socket_bind_mode(&self, &address, 0600), EAFNOSUPPORT);
    assert_error(llnet_socket_bind_mode(&self, &abstract, 0600), EINVAL);
    assert_error(llnet_socket_bind_mode(&self, &unnamed, 0600), EINVAL);
    assert_error(llnet_socket_bind_mode(&self, &path, 01600), EINVAL);
    assert_error(llnet_socket_bind_mode(&self, &path, -1), EINVAL);
    ck_assert_int_ne(access("path", F_OK), 0);
    assert_ok(llnet_socket_open(&inet, AF_INET, SOCK_STREAM, 0, 0));
    assert_ok(llnet_socket_bind_mode(&self, &path, 0600));
    ck_assert_int_lt(llnet_socket_bind_mode(&self, &path, 0600), 0);
    close_both(&self, &inet);
    ck_assert_int_eq(unlink("path"), 0);
}
END_TEST

void add_mode_cases(Suite *suite) {
    TCase *tcase = add_case(suite, "mode");

    use_directory(tcase);
    tcase_add_test(tcase, a_path_has_the_mode_that_bind_was_given);
    tcase_add_test(tcase, a_path_that_was_bound_with_a_mode_is_a_listener_like_others);
    tcase_add_test(tcase, a_mode_is_for_unix_paths_alone);
}
