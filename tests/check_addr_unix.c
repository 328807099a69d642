/* SPDX-License-Identifier: MIT */
/* check_addr_unix.c: the names of Unix addresses, against what bind(2) and
 * getsockname(2) make of them. */
#include "addr_fixture.h"
#include "directory.h"

#include <sys/stat.h>
#include <unistd.h>

/* Binds the name; what the kernel says of it is the same. */
static void assert_kernel_agrees(const llnet_addr *addr) {
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    llnet_addr bound = {0}, again;
    socklen_t len = LLNET_ADDR_BYTES_MAX;
    char name[LLNET_ADDR_BYTES_MAX] = {0};
    llnet_count name_len = llnet_addr_get_unix(addr, name, sizeof name - 1);

    ck_assert_int_ge(fd, 0);
    ck_assert_msg(bind(fd, llnet_addr_const_data(addr), (socklen_t)llnet_addr_get_size(addr)) == 0, "bind: %s",
                  strerror(errno));
    ck_assert_int_eq(getsockname(fd, llnet_addr_data(&bound), &len), 0);
    assert_ok(llnet_addr_set_size(&bound, len));
    assert_same(addr, &bound);
    assert_ok(llnet_addr_set_bytes(&again, llnet_addr_const_data(&bound), len));
    assert_same(addr, &again);
    assert_round_trip(&bound);
    if (name_len > 0 && name[0] != '\0') {
        struct stat info;
        ck_assert_msg(stat(name, &info) == 0 && S_ISSOCK(info.st_mode), "%s is not the socket", name);
        ck_assert_int_eq(unlink(name), 0);
    }
    close(fd);
}

START_TEST(paths_up_to_the_full_length_are_bound_by_the_kernel) {
    static const size_t lens[] = {1, 2, 50, 106, 107, 108};
    size_t room = UNIX_ROOM;
    char path[128], back[128];
    llnet_addr addr = {0};

    memset(path, 'p', sizeof path);
    for (size_t i = 0; i < sizeof lens / sizeof *lens && lens[i] <= room; i++) {
        assert_ok(llnet_addr_set_unix(&addr, path, lens[i]));
        ck_assert_uint_eq(llnet_addr_get_size(&addr), UNIX_HEAD + (lens[i] < room ? lens[i] + 1 : room));
        ck_assert_int_eq(llnet_addr_get_unix(&addr, back, sizeof back), (int)lens[i]);
        ck_assert_mem_eq(back, path, lens[i]);
        assert_error(llnet_addr_get_unix(&addr, back, lens[i] - 1), ENOBUFS);
        assert_kernel_agrees(&addr);
    }
}
END_TEST

START_TEST(too_long_a_name_is_refused_and_not_cut) {
    size_t room = UNIX_ROOM;
    char path[300], text[400];
    llnet_addr addr = ip("1.2.3.4", 5), before = addr;

    memset(path, 'p', sizeof path);
    for (size_t len = room + 1; len < sizeof path; len++) {
        assert_error(llnet_addr_set_unix(&addr, path, len), ENAMETOOLONG);
        snprintf(text, sizeof text, "unix:%.*s", (int)len, path);
        assert_error(llnet_addr_parse(&addr, text), ENAMETOOLONG);
        snprintf(text, sizeof text, "unix:@%.*s", (int)len - 1, path);
        assert_error(llnet_addr_parse(&addr, text), ENAMETOOLONG);
    }
    assert_error(llnet_addr_set_unix(&addr, path, SIZE_MAX), ENAMETOOLONG);
    assert_error(llnet_addr_set_unix(&addr, "a\0b", 3), EINVAL);
    assert_error(llnet_addr_set_unix(&addr, "a", 2), EINVAL);
    ck_assert_mem_eq(&addr, &before, sizeof addr);
}
END_TEST

#ifdef __linux__
START_TEST(abstract_names_may_hold_nul_bytes_and_fill_the_room) {
    char name[109], back[108];
    llnet_addr addr, shorter;

    memset(name, 0, sizeof name);
    snprintf(name + 1, sizeof name - 1, "llnet-check-%ld", (long)getpid());
    addr = unix_named(name, 40);
    ck_assert_uint_eq(llnet_addr_get_size(&addr), UNIX_HEAD + (40));
    ck_assert_int_eq(llnet_addr_get_unix(&addr, back, sizeof back), 40);
    ck_assert_mem_eq(back, name, 40);
    assert_kernel_agrees(&addr);
    shorter = unix_named(name, 39); /* NUL bytes at the end count */
    assert_before(&shorter, &addr);
    addr = unix_named(name, 108);
    assert_kernel_agrees(&addr);
    assert_error(llnet_addr_set_unix(&addr, name, 109), ENAMETOOLONG);
    name[30] = '\xff';
    name[31] = '%';
    addr = unix_named(name, 32);
    assert_kernel_agrees(&addr);
}
END_TEST
#endif

START_TEST(unnamed_sockets_have_the_empty_name) {
    llnet_addr addr = {0}, made = unix_named(NULL, 0), family = {0};
    socklen_t len = LLNET_ADDR_BYTES_MAX;
    int fds[2];

    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    ck_assert_int_eq(getsockname(fds[0], llnet_addr_data(&addr), &len), 0);
    assert_ok(llnet_addr_set_size(&addr, len));
    close(fds[0]);
    close(fds[1]);
    assert_same(&addr, &made);
    assert_ok(llnet_addr_set_family(&family, AF_UNIX));
    assert_same(&addr, &family);
    ck_assert_int_eq(llnet_addr_get_unix(&addr, NULL, 0), 0);
    assert_text(&addr, "unix:");
}
END_TEST

START_TEST(what_follows_a_paths_nul_does_not_count) {
    struct sockaddr_un un;
    llnet_addr made = unix_named("/run/x", 6), other;

    memset(&un, 'J', sizeof un);
    un.sun_family = AF_UNIX;
    memcpy(un.sun_path, "/run/x", 7);
    for (size_t len = UNIX_HEAD + (6); len <= sizeof un; len++) {
        assert_ok(llnet_addr_set_bytes(&other, &un, len));
        assert_same(&made, &other);
        assert_text(&other, "unix:/run/x");
        ck_assert_int_eq(llnet_addr_get_unix(&other, NULL, 0), -ENOBUFS);
    }
}
END_TEST

int main(void) {
    Suite *suite = suite_create("addr unix");
    TCase *tcase = add_case(suite, "names");

    use_directory(tcase);
    tcase_add_test(tcase, paths_up_to_the_full_length_are_bound_by_the_kernel);
    tcase_add_test(tcase, too_long_a_name_is_refused_and_not_cut);
#ifdef __linux__
    tcase_add_test(tcase, abstract_names_may_hold_nul_bytes_and_fill_the_room);
#endif
    tcase_add_test(tcase, unnamed_sockets_have_the_empty_name);
    tcase_add_test(tcase, what_follows_a_paths_nul_does_not_count);
    return run_suite(suite);
}
