/* SPDX-License-Identifier: MIT */
/* check_socket_life.c: how sockets begin and end, who owns the descriptor, and
 * what a child process inherits. */
#include "check_socket.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static bool has_cloexec(intptr_t fd) {
    int flags = fcntl((int)fd, F_GETFD);
    ck_assert_int_ge(flags, 0);
    return (flags & FD_CLOEXEC) != 0;
}

static bool has_nonblock(intptr_t fd) {
    int flags = fcntl((int)fd, F_GETFL);
    ck_assert_int_ge(flags, 0);
    return (flags & O_NONBLOCK) != 0;
}

static bool is_descriptor(intptr_t fd) {
    return fcntl((int)fd, F_GETFD) >= 0;
}

/* Bytes that no call has written. */
static llnet_socket junk(void) {
    llnet_socket self;
    memset(&self, 0xff, sizeof self);
    return self;
}

static int type_of(intptr_t fd) {
    int type = -1;
    socklen_t len = sizeof type;
    ck_assert_int_eq(getsockopt((int)fd, SOL_SOCKET, SO_TYPE, &type, &len), 0);
    return type;
}

START_TEST(the_size_is_that_of_the_struct) {
    ck_assert_uint_eq(llnet_socket_size(), sizeof(llnet_socket));
    ck_assert_uint_eq(llnet_socket_size(), sizeof(intptr_t) + 8);
}
END_TEST

START_TEST(all_zero_bytes_are_a_closed_socket) {
    llnet_socket self;

    memset(&self, 0, sizeof self);
    assert_closed(&self);
    self = junk();
    llnet_socket_init(&self);
    assert_closed(&self);
}
END_TEST

START_TEST(every_call_on_a_socket_that_was_closed_gives_ebadf) {
    llnet_socket self;

    assert_ok(llnet_socket_open(&self, AF_INET, SOCK_STREAM, 0, 0));
    ck_assert(llnet_socket_is_open(&self));
    ck_assert_int_eq(llnet_socket_close(&self), 0);
    assert_closed(&self);
}
END_TEST

START_TEST(closing_twice_does_not_close_the_next_descriptor) {
    llnet_socket self, next;
    intptr_t fd;

    assert_ok(llnet_socket_open(&self, AF_INET, SOCK_STREAM, 0, 0));
    fd = llnet_socket_fileno(&self);
    ck_assert_int_eq(llnet_socket_close(&self), 0);
    assert_ok(llnet_socket_open(&next, AF_INET, SOCK_STREAM, 0, 0));
    ck_assert_int_eq(llnet_socket_fileno(&next), fd);
    ck_assert_int_eq(llnet_socket_close(&self), 0);
    ck_assert(is_descriptor(fd));
    ck_assert_int_eq(llnet_socket_close(&next), 0);
}
END_TEST

static const struct {
    int type_flags, flags;
    bool nonblock;
} flag_sets[] = {
    {0, 0, false},
    {0, SOCK_NONBLOCK, true},
    {0, SOCK_CLOEXEC, false},
    {0, SOCK_NONBLOCK | SOCK_CLOEXEC, true},
    {SOCK_NONBLOCK, 0, true},
    {SOCK_CLOEXEC, 0, false},
    {SOCK_NONBLOCK, SOCK_NONBLOCK, true},
    {SOCK_CLOEXEC, SOCK_NONBLOCK, true},
};
enum { FLAG_SETS = sizeof flag_sets / sizeof *flag_sets };

START_TEST(open_takes_flags_in_either_place_and_always_sets_close_on_exec) {
    llnet_socket self = junk();

    assert_ok(llnet_socket_open(&self, AF_INET, SOCK_DGRAM | flag_sets[_i].type_flags, 0, flag_sets[_i].flags));
    ck_assert(has_cloexec(llnet_socket_fileno(&self)));
    ck_assert_int_eq(has_nonblock(llnet_socket_fileno(&self)), flag_sets[_i].nonblock);
    ck_assert_int_eq(type_of(llnet_socket_fileno(&self)), SOCK_DGRAM);
    ck_assert_int_eq(llnet_socket_close(&self), 0);
}
END_TEST

START_TEST(pair_takes_the_same_flags_for_both_ends) {
    llnet_socket a = junk(), b = junk();

    assert_ok(llnet_socket_pair(&a, &b, AF_UNIX, SOCK_STREAM | flag_sets[_i].type_flags, 0, flag_sets[_i].flags));
    ck_assert(has_cloexec(llnet_socket_fileno(&a)));
    ck_assert(has_cloexec(llnet_socket_fileno(&b)));
    ck_assert_int_eq(has_nonblock(llnet_socket_fileno(&a)), flag_sets[_i].nonblock);
    ck_assert_int_eq(has_nonblock(llnet_socket_fileno(&b)), flag_sets[_i].nonblock);
    close_both(&a, &b);
}
END_TEST

START_TEST(open_and_pair_refuse_other_flags) {
    const int wrong[] = {1, SOCK_NONBLOCK | 2, -1, INT32_MIN, 0x40000000};
    llnet_socket a, b;

    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        a = b = junk();
        assert_error(llnet_socket_open(&a, AF_INET, SOCK_STREAM, 0, wrong[i]), EINVAL);
        assert_closed(&a);
        a = junk();
        assert_error(llnet_socket_pair(&a, &b, AF_UNIX, SOCK_STREAM, 0, wrong[i]), EINVAL);
        assert_closed(&a);
        assert_closed(&b);
    }
}
END_TEST

START_TEST(what_the_kernel_says_of_a_bad_domain_type_or_protocol_is_returned) {
    llnet_socket a = junk(), b = junk();

    assert_error(llnet_socket_open(&a, 9999, SOCK_STREAM, 0, 0), EAFNOSUPPORT);
    assert_closed(&a);
    a = junk();
    assert_error(llnet_socket_open(&a, AF_INET, SOCK_STREAM, IPPROTO_UDP, 0), EPROTONOSUPPORT);
    assert_closed(&a);
    assert_error(llnet_socket_open(&a, AF_INET, SOCK_SEQPACKET + 0x100, 0, 0), EINVAL);
    assert_error(llnet_socket_open(&a, -1, -1, -1, 0), EINVAL);
    a = junk();
    assert_error(llnet_socket_pair(&a, &b, AF_INET, SOCK_STREAM, 0, 0), EOPNOTSUPP);
    assert_closed(&a);
    assert_closed(&b);
}
END_TEST

/* Makes all descriptors below the limit used up. */
static struct rlimit exhaust_descriptors(void) {
    struct rlimit before, now;
    int lowest = dup(STDOUT_FILENO);

    ck_assert_int_ge(lowest, 0);
    close(lowest);
    ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &before), 0);
    now = before;
    now.rlim_cur = (rlim_t)lowest;
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &now), 0);
    return before;
}

START_TEST(without_a_free_descriptor_open_pair_and_dup_give_emfile) {
    llnet_socket self, a = junk(), b = junk();
    struct rlimit before;

    assert_ok(llnet_socket_open(&self, AF_INET, SOCK_STREAM, 0, 0));
    before = exhaust_descriptors();
    assert_error(llnet_socket_open(&a, AF_INET, SOCK_STREAM, 0, 0), EMFILE);
    assert_closed(&a);
    a = junk();
    assert_error(llnet_socket_pair(&a, &b, AF_UNIX, SOCK_STREAM, 0, 0), EMFILE);
    assert_closed(&a);
    assert_closed(&b);
    a = junk();
    assert_error(llnet_socket_dup(&self, &a), EMFILE); /* fcntl(2) */
    assert_closed(&a);
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &before), 0);
    ck_assert_int_eq(llnet_socket_close(&self), 0);
}
END_TEST

START_TEST(accept_without_a_free_descriptor_leaves_the_connection_queued) {
    llnet_socket listener, client, server = junk();
    llnet_addr addr, peer = marked_addr();
    struct rlimit before;
    char byte;

    open_listener(&listener, &addr);
    assert_ok(llnet_socket_open(&client, AF_INET, SOCK_STREAM, 0, 0));
    assert_ok(llnet_socket_connect(&client, &addr));
    before = exhaust_descriptors();
    for (int i = 0; i < 2; i++) {
        server = junk();
        assert_error(llnet_socket_accept(&listener, &server, &peer, 0), EMFILE);
        ck_assert(!llnet_socket_is_open(&server));
        ck_assert(is_marked(&peer));
    }
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &before), 0);
    assert_ok(llnet_socket_accept(&listener, &server, NULL, 0));
    ck_assert_int_eq(llnet_socket_send(&client, "y", 1, 0), 1);
    ck_assert_int_eq(llnet_socket_recv(&server, &byte, 1, 0), 1);
    ck_assert_int_eq(byte, 'y');
    close_both(&client, &server);
    ck_assert_int_eq(llnet_socket_close(&listener), 0);
}
END_TEST

START_TEST(adopt_closes_and_borrow_does_not) {
    llnet_socket self = junk();
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    assert_ok(llnet_socket_borrow(&self, fd));
    ck_assert(llnet_socket_is_open(&self));
    ck_assert_int_eq(llnet_socket_fileno(&self), fd);
    ck_assert_int_eq(llnet_socket_close(&self), 0);
    assert_closed(&self);
    ck_assert(is_descriptor(fd));
    self = junk();
    assert_ok(llnet_socket_adopt(&self, fd));
    ck_assert_int_eq(llnet_socket_fileno(&self), fd);
    ck_assert_int_eq(llnet_socket_close(&self), 0);
    assert_closed(&self);
    ck_assert(!is_descriptor(fd));
}
END_TEST

START_TEST(adopt_and_borrow_leave_the_descriptors_flags_as_they_are) {
    llnet_socket self;
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    assert_ok(llnet_socket_borrow(&self, fd));
    ck_assert(!has_cloexec(fd));
    ck_assert(!has_nonblock(fd));
    assert_ok(llnet_socket_adopt(&self, fd));
    ck_assert(!has_cloexec(fd));
    ck_assert(!has_nonblock(fd));
    ck_assert_int_eq(llnet_socket_close(&self), 0);
}
END_TEST

START_TEST(no_number_outside_of_descriptors_is_adopted_or_borrowed) {
    const intptr_t wrong[] = {
        -1,
        -2,
        INTPTR_MIN,
#if INTPTR_MAX > INT32_MAX
        INTPTR_MAX,
        (intptr_t)INT32_MAX + 1,
        (intptr_t)UINT32_MAX + 1,
#endif
    };
    llnet_socket self;

    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        self = junk();
        assert_error(llnet_socket_adopt(&self, wrong[i]), EBADF);
        assert_closed(&self);
        self = junk();
        assert_error(llnet_socket_borrow(&self, wrong[i]), EBADF);
        assert_closed(&self);
    }
}
END_TEST

START_TEST(an_adopted_number_that_is_not_open_is_told_by_the_first_call) {
    llnet_socket self;
    char byte;

    assert_ok(llnet_socket_adopt(&self, INT32_MAX));
    ck_assert(llnet_socket_is_open(&self));
    assert_error(llnet_socket_recv(&self, &byte, 1, 0), EBADF);
    assert_error(llnet_socket_close(&self), EBADF);
    assert_closed(&self);
}
END_TEST

START_TEST(detach_gives_the_descriptor_away) {
    llnet_socket self, other;
    intptr_t fd;

    assert_ok(llnet_socket_open(&self, AF_INET, SOCK_STREAM, 0, 0));
    fd = llnet_socket_fileno(&self);
    ck_assert_int_eq(llnet_socket_detach(&self), fd);
    assert_closed(&self);
    ck_assert(is_descriptor(fd));
    assert_ok(llnet_socket_borrow(&other, fd));
    ck_assert_int_eq(llnet_socket_detach(&other), fd);
    assert_closed(&other);
    ck_assert_int_eq(close((int)fd), 0);
}
END_TEST

START_TEST(a_dup_shares_mode_and_data_and_outlives_the_first) {
    llnet_socket a, b, second = junk();
    char bytes[4];

    open_unix_pair(&a, &b, SOCK_STREAM);
    assert_ok(llnet_socket_dup(&a, &second));
    ck_assert_int_ne(llnet_socket_fileno(&second), llnet_socket_fileno(&a));
    ck_assert(has_cloexec(llnet_socket_fileno(&second)));
    assert_ok(llnet_socket_set_nonblock(&second, true));
    ck_assert(has_nonblock(llnet_socket_fileno(&a)));
    ck_assert_int_eq(llnet_socket_close(&a), 0);
    ck_assert_int_eq(llnet_socket_send(&b, "dup", 3, 0), 3);
    ck_assert_int_eq(llnet_socket_recv(&second, bytes, sizeof bytes, 0), 3);
    ck_assert_mem_eq(bytes, "dup", 3);
    ck_assert_int_eq(llnet_socket_close(&b), 0);
    assert_error(llnet_socket_recv(&second, bytes, sizeof bytes, 0), LLNET_ECLOSED);
    ck_assert_int_eq(llnet_socket_close(&second), 0);
}
END_TEST

START_TEST(a_dup_of_a_borrowed_socket_owns_its_descriptor) {
    llnet_socket self, second;
    intptr_t copy;
    int fd = socket(AF_INET, SOCK_DGRAM, 0);

    assert_ok(llnet_socket_borrow(&self, fd));
    assert_ok(llnet_socket_dup(&self, &second));
    copy = llnet_socket_fileno(&second);
    ck_assert_int_eq(llnet_socket_close(&second), 0);
    ck_assert(!is_descriptor(copy));
    ck_assert_int_eq(llnet_socket_close(&self), 0);
    ck_assert_int_eq(close(fd), 0);
}
END_TEST

#ifdef SYS_close_range
START_TEST(a_close_that_fails_says_so_and_closes_all_the_same) {
    const int errors[] = {EIO, EINTR};
    llnet_socket self;
    intptr_t fd;

    assert_ok(llnet_socket_open(&self, AF_INET, SOCK_STREAM, 0, 0));
    fd = llnet_socket_fileno(&self);
    if (!break_system_call(SYS_close, (int)fd, errors[_i])) {
        ck_assert_int_eq(llnet_socket_close(&self), 0);
        skip("no seccomp");
    }
    if (close((int)fd) == 0) { /* still the filter's answer */
        ck_assert_int_eq(llnet_socket_close(&self), 0);
        ck_assert_int_eq(syscall(SYS_close_range, (unsigned)fd, (unsigned)fd, 0), 0);
        skip("libc takes an interrupted close(2) for a success");
    }
    assert_error(llnet_socket_close(&self), errors[_i]);
    assert_closed(&self);
    /* the filter kept the descriptor, for which the fixture would blame us */
    ck_assert_int_eq(syscall(SYS_close_range, (unsigned)fd, (unsigned)fd, 0), 0);
}
END_TEST
#endif

/* Whether a program that this process starts finds the descriptor open. */
static bool survives_exec(intptr_t fd) {
    char command[64];
    int status;

    snprintf(command, sizeof command, "test -e /proc/self/fd/%d", (int)fd);
    status = system(command);
    ck_assert(WIFEXITED(status) && WEXITSTATUS(status) <= 1);
    return WEXITSTATUS(status) == 0;
}

START_TEST(no_descriptor_made_here_survives_an_exec) {
    llnet_socket a, b, client, server, copy;

    if (access("/proc/self/fd", X_OK) != 0)
        skip("no /proc");
    open_unix_pair(&a, &b, SOCK_STREAM);
    open_tcp_pair(&client, &server);
    assert_ok(llnet_socket_dup(&a, &copy));
    ck_assert(!survives_exec(llnet_socket_fileno(&a)));
    ck_assert(!survives_exec(llnet_socket_fileno(&b)));
    ck_assert(!survives_exec(llnet_socket_fileno(&client)));
    ck_assert(!survives_exec(llnet_socket_fileno(&server)));
    ck_assert(!survives_exec(llnet_socket_fileno(&copy)));
    close_both(&a, &b);
    close_both(&client, &server);
    ck_assert_int_eq(llnet_socket_close(&copy), 0);
}
END_TEST

START_TEST(without_close_on_exec_a_descriptor_survives_until_it_is_set_again) {
    llnet_socket self;
    bool value = false;

    if (access("/proc/self/fd", X_OK) != 0)
        skip("no /proc");
    assert_ok(llnet_socket_open(&self, AF_INET, SOCK_STREAM, 0, 0));
    assert_ok(llnet_socket_get_cloexec(&self, &value));
    ck_assert(value);
    assert_ok(llnet_socket_set_cloexec(&self, false));
    assert_ok(llnet_socket_get_cloexec(&self, &value));
    ck_assert(!value);
    ck_assert(!has_cloexec(llnet_socket_fileno(&self)));
    ck_assert(survives_exec(llnet_socket_fileno(&self)));
    assert_ok(llnet_socket_set_cloexec(&self, true));
    ck_assert(has_cloexec(llnet_socket_fileno(&self)));
    ck_assert(!survives_exec(llnet_socket_fileno(&self)));
    ck_assert_int_eq(llnet_socket_close(&self), 0);
}
END_TEST

void add_life_cases(Suite *suite) {
    TCase *tcase = add_case(suite, "life");

    tcase_add_test(tcase, the_size_is_that_of_the_struct);
    tcase_add_test(tcase, all_zero_bytes_are_a_closed_socket);
    tcase_add_test(tcase, every_call_on_a_socket_that_was_closed_gives_ebadf);
    tcase_add_test(tcase, closing_twice_does_not_close_the_next_descriptor);
    tcase_add_loop_test(tcase, open_takes_flags_in_either_place_and_always_sets_close_on_exec, 0, FLAG_SETS);
    tcase_add_loop_test(tcase, pair_takes_the_same_flags_for_both_ends, 0, FLAG_SETS);
    tcase_add_test(tcase, open_and_pair_refuse_other_flags);
    tcase_add_test(tcase, what_the_kernel_says_of_a_bad_domain_type_or_protocol_is_returned);
    tcase_add_test(tcase, without_a_free_descriptor_open_pair_and_dup_give_emfile);
    tcase_add_test(tcase, accept_without_a_free_descriptor_leaves_the_connection_queued);
    tcase_add_test(tcase, adopt_closes_and_borrow_does_not);
    tcase_add_test(tcase, adopt_and_borrow_leave_the_descriptors_flags_as_they_are);
    tcase_add_test(tcase, no_number_outside_of_descriptors_is_adopted_or_borrowed);
    tcase_add_test(tcase, an_adopted_number_that_is_not_open_is_told_by_the_first_call);
    tcase_add_test(tcase, detach_gives_the_descriptor_away);
    tcase_add_test(tcase, a_dup_shares_mode_and_data_and_outlives_the_first);
    tcase_add_test(tcase, a_dup_of_a_borrowed_socket_owns_its_descriptor);
#ifdef SYS_close_range
    tcase_add_loop_test(tcase, a_close_that_fails_says_so_and_closes_all_the_same, 0, 2);
#endif
    tcase_add_test(tcase, no_descriptor_made_here_survives_an_exec);
    tcase_add_test(tcase, without_close_on_exec_a_descriptor_survives_until_it_is_set_again);
}
