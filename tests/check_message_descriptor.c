/* SPDX-License-Identifier: MIT */
/* check_message_descriptor.c: descriptors and credentials that messages carry, between
 * sockets and between processes; none is lost, and none is closed twice. */
#include "check_message.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* A letter with this many new descriptors, all of one pipe's end, which it closes: only the
 * copies on their way stay. */
static void send_descriptors(llnet_socket *socket, int count) {
    llnet_message *letter;
    int fds[2], i;

    assert_ok(llnet_message_new(&letter, 2048));
    assert_ok(llnet_message_add_data(letter, "d", 1));
    ck_assert_int_eq(pipe(fds), 0);
    for (i = 0; i < count; i++)
        assert_ok(llnet_message_add_descriptor(letter, fds[0]));
    ck_assert_int_eq(llnet_socket_send_message(socket, letter, 0), 1);
    close(fds[0]);
    close(fds[1]);
    llnet_message_free(letter);
}

static bool same_file(int a, int b) {
    struct stat one, other;

    ck_assert_int_eq(fstat(a, &one), 0);
    ck_assert_int_eq(fstat(b, &other), 0);
    return one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}

START_TEST(descriptors_come_in_the_order_sent_close_on_exec_and_are_the_takers) {
    const int types[] = {SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET};
    llnet_socket a, b, taken;
    struct inbox inbox;
    llnet_message *letter = new_letter("d", NULL);
    int files[3], i;

    open_inbox(&inbox, LLNET_MESSAGE_CONTROL);
    open_unix(&a, &b, types[_i]);
    for (i = 0; i < 3; i++) {
        FILE *file = tmpfile();
        ck_assert_ptr_nonnull(file);
        files[i] = dup(fileno(file));
        fclose(file);
        assert_ok(llnet_message_add_descriptor(letter, files[i]));
    }
    ck_assert_int_eq(llnet_socket_send_message(&a, letter, 0), 1);
    ck_assert_int_eq(llnet_socket_recv_message(&b, inbox.message, 0), 1);
    for (i = 0; i < 3; i++) {
        ck_assert_uint_eq(llnet_message_get_descriptor_count(inbox.message), 3 - (size_t)i);
        assert_ok(llnet_message_take_descriptor(inbox.message, &taken));
        ck_assert(same_file((int)llnet_socket_fileno(&taken), files[i]));
        ck_assert_int_eq(fcntl((int)llnet_socket_fileno(&taken), F_GETFD), FD_CLOEXEC);
        ck_assert_int_eq(llnet_socket_close(&taken), 0);
        close(files[i]);
    }
    assert_error(llnet_message_take_descriptor(inbox.message, &taken), ENOENT);
    ck_assert(!llnet_socket_is_open(&taken));
    llnet_message_free(letter);
    close_inbox(&inbox);
    close_two(&a, &b);
}
END_TEST

START_TEST(descriptors_that_nobody_takes_are_closed) {
    llnet_socket a, b, taken;
    struct inbox inbox;
    int before;

    open_inbox(&inbox, LLNET_MESSAGE_CONTROL);
    open_unix(&a, &b, SOCK_DGRAM);
    before = count_descriptors();
    send_descriptors(&a, 4);
    ck_assert_int_eq(llnet_socket_recv_message(&b, inbox.message, 0), 1);
    ck_assert_int_eq(count_descriptors(), before + 4);
    if (_i == 0) {
        llnet_message_clear_control(inbox.message);
    } else if (_i == 1) {
        llnet_message_reset(inbox.message);
    } else if (_i == 2) {
        assert_error(llnet_socket_recv_message(&b, inbox.message, MSG_DONTWAIT), EAGAIN);
    } else if (_i == 3) {
        assert_ok(llnet_message_take_descriptor(inbox.message, &taken));
        assert_ok(llnet_message_set_ttl(inbox.message, 5));
        ck_assert_int_eq(llnet_socket_close(&taken), 0);
    } else {
        close_inbox(&inbox);
        open_inbox(&inbox, 0);
    }
    ck_assert_int_eq(count_descriptors(), before);
    ck_assert_uint_eq(llnet_message_get_descriptor_count(inbox.message), 0);
    close_inbox(&inbox);
    close_two(&a, &b);
}
END_TEST

START_TEST(one_that_was_taken_is_not_closed_by_the_message) {
    llnet_socket a, b, first, last;
    struct inbox inbox;

    open_inbox(&inbox, LLNET_MESSAGE_CONTROL);
    open_unix(&a, &b, SOCK_STREAM);
    send_descriptors(&a, 3);
    ck_assert_int_eq(llnet_socket_recv_message(&b, inbox.message, 0), 1);
    assert_ok(llnet_message_take_descriptor(inbox.message, &first));
    assert_ok(llnet_message_take_descriptor(inbox.message, &last));
    llnet_message_reset(inbox.message);
    ck_assert_int_eq(fcntl((int)llnet_socket_fileno(&first), F_GETFD), FD_CLOEXEC);
    ck_assert_int_eq(fcntl((int)llnet_socket_fileno(&last), F_GETFD), FD_CLOEXEC);
    close_inbox(&inbox);
    close_two(&first, &last);
    close_two(&a, &b);
}
END_TEST

START_TEST(without_room_for_all_the_rest_is_lost_and_nothing_leaks) {
    /* room for none, for the header alone, one, two, and three of four */
    const size_t rooms[] = {0, CMSG_LEN(0), CMSG_LEN(4), CMSG_LEN(8), CMSG_LEN(12)};
    llnet_socket a, b;
    struct inbox inbox;
    int before, came;

    open_inbox(&inbox, rooms[_i]);
    open_unix(&a, &b, SOCK_DGRAM);
    before = count_descriptors();
    send_descriptors(&a, 4);
    ck_assert_int_eq(llnet_socket_recv_message(&b, inbox.message, 0), 1);
    ck_assert(llnet_message_is_control_truncated(inbox.message));
    came = (int)llnet_message_get_descriptor_count(inbox.message);
    ck_assert_int_eq(count_descriptors(), before + came);
    ck_assert_int_le(came, _i == 0 ? 0 : _i - 1);
    llnet_message_reset(inbox.message);
    ck_assert_int_eq(count_descriptors(), before);
    close_inbox(&inbox);
    close_two(&a, &b);
}
END_TEST

START_TEST(as_many_as_the_system_passes_and_no_more) {
    llnet_socket a, b;
    struct inbox inbox;
    llnet_message *letter;
    int i, before;
#ifdef __GLIBC__
    enum { MOST = LLNET_MESSAGE_DESCRIPTORS_MAX };
#else
    enum { MOST = LLNET_MESSAGE_DESCRIPTORS_MAX - 1 }; /* musl sends 1024 bytes of control data */
#endif

    open_inbox(&inbox, 2048);
    open_unix(&a, &b, SOCK_DGRAM);
    before = count_descriptors();
    send_descriptors(&a, MOST);
    ck_assert_int_eq(llnet_socket_recv_message(&b, inbox.message, 0), 1);
    ck_assert_uint_eq(llnet_message_get_descriptor_count(inbox.message), MOST);
    ck_assert_int_eq(count_descriptors(), before + MOST);
    llnet_message_reset(inbox.message);
    ck_assert_int_eq(count_descriptors(), before);
    assert_ok(llnet_message_new(&letter, 2048));
    for (i = 0; i < LLNET_MESSAGE_DESCRIPTORS_MAX; i++)
        assert_ok(llnet_message_add_descriptor(letter, i));
    assert_error(llnet_message_add_descriptor(letter, 1), E2BIG);
    llnet_message_free(letter);
    close_inbox(&inbox);
    close_two(&a, &b);
}
END_TEST

START_TEST(beside_more_than_a_message_may_have_none_is_added) {
    int many[LLNET_MESSAGE_DESCRIPTORS_MAX + 1] = {0};
    llnet_message *letter;

    assert_ok(llnet_message_new(&letter, 2048));
    assert_ok(llnet_message_add_control(letter, SOL_SOCKET, SCM_RIGHTS, many, sizeof many));
    assert_error(llnet_message_add_descriptor(letter, 0), E2BIG);
    ck_assert_uint_eq(llnet_message_get_control_count(letter), 1);
    llnet_message_free(letter);
}
END_TEST

START_TEST(what_cannot_be_a_descriptor_or_is_closed_is_ebadf) {
    llnet_socket a, b;
    llnet_message *letter = new_letter("x", NULL);
    int closed = dup(0);

    open_unix(&a, &b, SOCK_DGRAM);
    close(closed);
    assert_error(llnet_message_add_descriptor(letter, -1), EBADF);
#if INTPTR_MAX > INT32_MAX
    assert_error(llnet_message_add_descriptor(letter, (intptr_t)INT32_MAX + 1), EBADF);
#endif
    ck_assert_uint_eq(llnet_message_get_control_count(letter), 0);
    assert_ok(llnet_message_add_descriptor(letter, closed + 100));
    assert_error(llnet_socket_send_message(&a, letter, 0), EBADF);
    llnet_message_free(letter);
    close_two(&a, &b);
}
END_TEST

START_TEST(too_little_room_to_add_is_enobufs_and_changes_nothing) {
    llnet_message *self;

    assert_ok(llnet_message_new(&self, CMSG_SPACE(8) + CMSG_SPACE(4)));
    assert_ok(llnet_message_add_descriptor(self, 0));
    assert_ok(llnet_message_add_descriptor(self, 1));
    assert_ok(llnet_message_add_control(self, SOL_SOCKET, 77, "abc", 3));
    assert_error(llnet_message_add_descriptor(self, 2), ENOBUFS);
    assert_error(llnet_message_set_ttl(self, 2), ENOBUFS);
    assert_error(llnet_message_add_control(self, 1, 2, "", 0), ENOBUFS);
    assert_error(llnet_message_add_control(self, 1, 2, "", SIZE_MAX), ENOBUFS);
    assert_error(llnet_message_add_control(self, 1, 2, "", SIZE_MAX - 8), ENOBUFS);
    ck_assert_uint_eq(llnet_message_get_control_count(self), 2);
    ck_assert_uint_eq(llnet_message_get_descriptor_count(self), 0); /* none came */
    llnet_message_free(self);
}
END_TEST

START_TEST(what_is_sent_with_a_stream_comes_with_its_first_part) {
    llnet_socket a, b;
    struct inbox inbox;
    int before;

    open_inbox(&inbox, LLNET_MESSAGE_CONTROL);
    llnet_message_clear_data(inbox.message);
    assert_ok(llnet_message_add_space(inbox.message, inbox.bytes, 1));
    open_unix(&a, &b, SOCK_STREAM);
    before = count_descriptors();
    ck_assert_int_eq(llnet_socket_send(&a, "ab", 2, 0), 2);
    send_descriptors(&a, 2);
    ck_assert_int_eq(llnet_socket_send(&a, "z", 1, 0), 1);
    for (int i = 0; i < 4; i++) {
        ck_assert_int_eq(llnet_socket_recv_message(&b, inbox.message, 0), 1);
        ck_assert_int_eq(inbox.bytes[0], "abdz"[i]);
        ck_assert_uint_eq(llnet_message_get_descriptor_count(inbox.message), i == 2 ? 2 : 0);
    }
    ck_assert_int_eq(count_descriptors(), before);
    close_inbox(&inbox);
    close_two(&a, &b);
}
END_TEST

/* ---- another process ------------------------------------------------------------- */

/* Waits for the child and asserts that it ended with 0. */
static void assert_child(pid_t child) {
    int status = -1;

    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_int_eq(status, 0);
}

START_TEST(a_descriptor_works_in_the_process_that_got_it) {
    llnet_socket a, b, taken;
    struct inbox inbox;
    llnet_message *letter = new_letter("d", NULL);
    char text[8];
    pid_t child;
    int fds[2];

    open_unix(&a, &b, SOCK_STREAM);
    child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        if (pipe(fds) != 0 || write(fds[1], "hello", 5) != 5 || llnet_message_add_descriptor(letter, fds[0]) != 0)
            _exit(1);
        _exit(llnet_socket_send_message(&a, letter, 0) == 1 ? 0 : 2);
    }
    open_inbox(&inbox, LLNET_MESSAGE_CONTROL);
    ck_assert_int_eq(llnet_socket_recv_message(&b, inbox.message, 0), 1);
    assert_ok(llnet_message_take_descriptor(inbox.message, &taken));
    ck_assert_int_eq(read((int)llnet_socket_fileno(&taken), text, sizeof text), 5);
    ck_assert_mem_eq(text, "hello", 5);
    ck_assert_int_eq(llnet_socket_close(&taken), 0);
    assert_child(child);
    llnet_message_free(letter);
    close_inbox(&inbox);
    close_two(&a, &b);
}
END_TEST

#ifdef __linux__
START_TEST(the_kernel_vouches_for_who_sent_it) {
    llnet_socket a, b;
    struct inbox inbox;
    int64_t pid = -1, uid = -1, gid = -1;
    pid_t child;

    open_unix(&a, &b, SOCK_DGRAM);
    ck_assert(set_int(&b, SOL_SOCKET, SO_PASSCRED, 1));
    child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0)
        _exit(send((int)llnet_socket_fileno(&a), "x", 1, 0) == 1 ? 0 : 1);
    open_inbox(&inbox, LLNET_MESSAGE_CONTROL);
    ck_assert_int_eq(llnet_socket_recv_message(&b, inbox.message, 0), 1);
    assert_ok(llnet_message_get_credentials(inbox.message, &pid, &uid, &gid));
    ck_assert_int_eq(pid, child);
    ck_assert_int_eq(uid, (int64_t)getuid());
    ck_assert_int_eq(gid, (int64_t)getgid());
    assert_child(child);
    close_inbox(&inbox);
    close_two(&a, &b);
}
END_TEST

START_TEST(credentials_are_sent_as_said_where_they_are_true) {
    llnet_socket a, b;
    llnet_message *letter = new_letter("x", NULL);
    struct {
        int32_t pid;
        uint32_t uid, gid;
    } got;

    open_unix(&a, &b, SOCK_DGRAM);
    ck_assert(set_int(&b, SOL_SOCKET, SO_PASSCRED, 1));
    assert_ok(llnet_message_set_credentials(letter, 999, 0, 0)); /* replaced */
    assert_ok(llnet_message_set_credentials(letter, getpid(), getuid(), getgid()));
    ck_assert_uint_eq(llnet_message_get_control_count(letter), 1);
    ck_assert_int_eq(llnet_socket_send_message(&a, letter, 0), 1);
    ck_assert_int_eq(raw_recv_control(&b, SOL_SOCKET, SCM_CREDENTIALS, &got, sizeof got), sizeof got);
    ck_assert_int_eq(got.pid, getpid());
    ck_assert_uint_eq(got.uid, getuid());
    ck_assert_uint_eq(got.gid, getgid());
    assert_error(llnet_message_set_credentials(letter, (int64_t)INT32_MAX + 1, 0, 0), ERANGE);
    assert_error(llnet_message_set_credentials(letter, -1, 0, 0), ERANGE);
    assert_error(llnet_message_set_credentials(letter, 1, -1, 0), ERANGE);
    assert_error(llnet_message_set_credentials(letter, 1, 0, (int64_t)UINT32_MAX + 1), ERANGE);
    llnet_message_free(letter);
    close_two(&a, &b);
}
END_TEST

START_TEST(a_pidfd_stands_for_the_sender_and_is_no_descriptor_that_was_passed) {
    enum { PASSPIDFD = 76 }; /* newer than some headers */
    llnet_socket a, b, taken;
    struct inbox inbox;
    char path[64], line[128] = "", wanted[64];
    FILE *info;
    int before;

    open_unix(&a, &b, SOCK_DGRAM);
    if (!set_int(&b, SOL_SOCKET, PASSPIDFD, 1)) {
        close_two(&a, &b);
        skip("no SO_PASSPIDFD");
    }
    open_inbox(&inbox, LLNET_MESSAGE_CONTROL);
    before = count_descriptors();
    for (int i = 0; i < 2; i++) { /* the second is nobody's */
        ck_assert_int_eq(llnet_socket_send(&a, "x", 1, 0), 1);
        ck_assert_int_eq(llnet_socket_recv_message(&b, inbox.message, 0), 1);
        ck_assert_uint_eq(llnet_message_get_descriptor_count(inbox.message), 0);
        assert_error(llnet_message_take_descriptor(inbox.message, &taken), ENOENT);
        if (i == 0)
            assert_ok(llnet_message_take_pidfd(inbox.message, &taken));
        else
            ck_assert_int_eq(count_descriptors(), before + 1);
        if (i == 0) {
            snprintf(path, sizeof path, "/proc/self/fdinfo/%d", (int)llnet_socket_fileno(&taken));
            snprintf(wanted, sizeof wanted, "Pid:\t%d\n", (int)getpid());
            info = fopen(path, "r");
            ck_assert_ptr_nonnull(info);
            while (strcmp(line, wanted) != 0)
                ck_assert_ptr_nonnull(fgets(line, sizeof line, info));
            fclose(info);
            ck_assert_int_eq(llnet_socket_close(&taken), 0);
            assert_error(llnet_message_take_pidfd(inbox.message, &taken), ENOENT);
        }
    }
    close_inbox(&inbox);
    ck_assert_int_eq(count_descriptors(), before);
    close_two(&a, &b);
}
END_TEST
#endif

void add_descriptor_cases(Suite *suite) {
    TCase *tcase = add_case(suite, "descriptors");

    tcase_add_loop_test(tcase, descriptors_come_in_the_order_sent_close_on_exec_and_are_the_takers, 0, 3);
    tcase_add_loop_test(tcase, descriptors_that_nobody_takes_are_closed, 0, 5);
    tcase_add_test(tcase, one_that_was_taken_is_not_closed_by_the_message);
    tcase_add_loop_test(tcase, without_room_for_all_the_rest_is_lost_and_nothing_leaks, 0, 5);
    tcase_add_test(tcase, as_many_as_the_system_passes_and_no_more);
    tcase_add_test(tcase, beside_more_than_a_message_may_have_none_is_added);
    tcase_add_test(tcase, what_cannot_be_a_descriptor_or_is_closed_is_ebadf);
    tcase_add_test(tcase, too_little_room_to_add_is_enobufs_and_changes_nothing);
    tcase_add_test(tcase, what_is_sent_with_a_stream_comes_with_its_first_part);
    tcase_add_test(tcase, a_descriptor_works_in_the_process_that_got_it);
#ifdef __linux__
    tcase_add_test(tcase, the_kernel_vouches_for_who_sent_it);
    tcase_add_test(tcase, credentials_are_sent_as_said_where_they_are_true);
    tcase_add_test(tcase, a_pidfd_stands_for_the_sender_and_is_no_descriptor_that_was_passed);
#endif
}
