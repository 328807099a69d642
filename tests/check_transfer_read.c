/* SPDX-License-Identifier: MIT */
/* check_transfer_read.c: reading and writing what is no socket: pipes, files, terminals, eventfds. */
#include "check_transfer.h"
#include "directory.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

START_TEST(a_pipe_is_read_to_its_end_and_written_until_it_is_full) {
    static char bytes[65536];
    llnet_socket ends[PAIR];
    llnet_count n, went = 0, came = 0;
    char got[8];

    assert_ok(llnet_socket_open_pipe(&ends[0], &ends[1], SOCK_NONBLOCK));
    assert_error(llnet_socket_read(&ends[0], got, sizeof got), EAGAIN);
    ck_assert_int_eq(llnet_socket_write(&ends[1], "abcdef", 6), 6);
    ck_assert_int_eq(llnet_socket_write(&ends[1], "", 0), 0);
    ck_assert_int_eq(llnet_socket_read(&ends[0], got, 0), 0);
    ck_assert_int_eq(llnet_socket_read(&ends[0], got, 4), 4);
    ck_assert_mem_eq(got, "abcd", 4);
    ck_assert_int_eq(llnet_socket_read(&ends[0], got, sizeof got), 2);
    ck_assert_mem_eq(got, "ef", 2);
    while ((n = llnet_socket_write(&ends[1], bytes, sizeof bytes)) > 0)
        went += n;
    assert_error(n, EAGAIN);
    ck_assert_int_eq(went, fcntl(fd_of(&ends[1]), F_GETPIPE_SZ));
    assert_error(llnet_socket_read(&ends[1], got, 1), EBADF);
    assert_error(llnet_socket_write(&ends[0], "x", 1), EBADF);
    assert_ok(llnet_socket_close(&ends[1]));
    while ((n = llnet_socket_read(&ends[0], bytes, 1000)) > 0)
        came += n;
    assert_error(n, LLNET_ECLOSED);
    ck_assert_int_eq(came, went);
    assert_error(llnet_socket_read(&ends[0], got, 1), LLNET_ECLOSED);
    ck_assert_int_eq(llnet_socket_read(&ends[0], got, 0), 0);
    assert_ok(llnet_socket_close(&ends[0]));
    assert_error(llnet_socket_read(&ends[0], got, 1), EBADF);
    assert_error(llnet_socket_read(&ends[0], got, 0), EBADF);
    assert_error(llnet_socket_write(&ends[1], "x", 1), EBADF);
    assert_error(llnet_socket_write(&ends[1], "", 0), EBADF);
}
END_TEST

/* A 0 is what recv makes of it: an end of streams, a datagram that is empty; also where the
 * socket's type is not known yet. */
START_TEST(a_socket_is_read_and_written_like_any_descriptor) {
    const int types[] = {SOCK_STREAM, SOCK_SEQPACKET, SOCK_DGRAM};
    int type = types[_i % 3], i;
    llnet_socket pair[PAIR], self;
    char got[8];

    assert_ok(llnet_socket_pair(&pair[0], &pair[1], AF_UNIX, type, 0, SOCK_NONBLOCK));
    if (_i < 3)
        self = pair[1];
    else
        assert_ok(llnet_socket_borrow(&self, llnet_socket_fileno(&pair[1])));
    assert_error(llnet_socket_read(&self, got, sizeof got), EAGAIN);
    ck_assert_int_eq(llnet_socket_write(&pair[0], "abcdef", 6), 6);
    ck_assert_int_eq(llnet_socket_read(&self, got, 0), 0); /* takes nothing */
    ck_assert_int_eq(llnet_socket_read(&self, got, 4), 4);
    ck_assert_mem_eq(got, "abcd", 4);
    if (type == SOCK_STREAM)
        ck_assert_int_eq(llnet_socket_read(&self, got, 4), 2);
    if (type == SOCK_DGRAM) {
        ck_assert_int_eq(llnet_socket_write(&pair[0], "", 0), 0);
        for (i = 0; i < 2; i++)
            ck_assert_int_eq(llnet_socket_send(&pair[0], "", 0, 0), 0);
        for (i = 0; i < 3; i++)
            ck_assert_int_eq(llnet_socket_read(&self, got, 4), 0);
    }
    assert_error(llnet_socket_read(&self, got, sizeof got), EAGAIN);
    assert_ok(llnet_socket_shutdown(&pair[0], SHUT_WR));
    if (type != SOCK_DGRAM) {
        assert_error(llnet_socket_read(&self, got, 1), LLNET_ECLOSED);
        assert_error(llnet_socket_recv(&self, got, 1, 0), LLNET_ECLOSED);
        ck_assert_int_eq(llnet_socket_read(&self, got, 0), 0);
    }
    ck_assert_int_eq(llnet_socket_write(&self, "back", 4), 4);
    ck_assert_int_eq(llnet_socket_read(&pair[0], got, sizeof got), 4);
    ck_assert_mem_eq(got, "back", 4);
    close_pair(pair);
}
END_TEST

START_TEST(files_are_read_and_written_at_their_position) {
    int file = make_file("0123456789", 10), directory = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    llnet_socket self;
    char got[16];

    assert_ok(llnet_socket_borrow(&self, file));
    ck_assert_int_eq(llnet_socket_read(&self, got, 4), 4);
    ck_assert_mem_eq(got, "0123", 4);
    ck_assert_int_eq(llnet_socket_write(&self, "xy", 2), 2);
    ck_assert_int_eq(llnet_socket_read(&self, got, sizeof got), 4);
    ck_assert_mem_eq(got, "6789", 4);
    assert_error(llnet_socket_read(&self, got, sizeof got), LLNET_ECLOSED);
    ck_assert_int_eq(pread(file, got, sizeof got, 0), 10);
    ck_assert_mem_eq(got, "0123xy6789", 10);
    assert_ok(llnet_socket_close(&self));
    assert_ok(llnet_socket_borrow(&self, directory));
    assert_error(llnet_socket_read(&self, got, sizeof got), EISDIR);
    assert_error(llnet_socket_write(&self, "x", 1), EBADF);
    close(directory);
    close(file);
    directory = open("/dev/full", O_RDWR | O_CLOEXEC);
    if (directory < 0)
        skip("no /dev/full");
    assert_ok(llnet_socket_adopt(&self, directory));
    assert_error(llnet_socket_write(&self, "x", 1), ENOSPC);
    assert_ok(llnet_socket_close(&self));
}
END_TEST

START_TEST(an_eventfd_counts_and_a_signalfd_tells_the_signal) {
    struct signalfd_siginfo info;
    const uint64_t three = 3;
    llnet_socket self;
    uint64_t value = 0;
    sigset_t set;

    assert_ok(llnet_socket_adopt(&self, eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)));
    assert_error(llnet_socket_read(&self, &value, sizeof value), EAGAIN);
    ck_assert_int_eq(llnet_socket_write(&self, &three, sizeof three), 8);
    ck_assert_int_eq(llnet_socket_write(&self, &three, sizeof three), 8);
    assert_error(llnet_socket_write(&self, &three, 7), EINVAL);
    assert_error(llnet_socket_read(&self, &value, 7), EINVAL);
    ck_assert_int_eq(llnet_socket_read(&self, &value, sizeof value), 8);
    ck_assert_uint_eq(value, 6);
    assert_ok(llnet_socket_close(&self));
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    ck_assert_int_eq(pthread_sigmask(SIG_BLOCK, &set, NULL), 0);
    assert_ok(llnet_socket_adopt(&self, signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK)));
    ck_assert_int_eq(raise(SIGUSR1), 0);
    ck_assert_int_eq(llnet_socket_read(&self, &info, sizeof info), (llnet_count)sizeof info);
    ck_assert_uint_eq(info.ssi_signo, SIGUSR1);
    assert_error(llnet_socket_read(&self, &info, sizeof info), EAGAIN);
    assert_ok(llnet_socket_close(&self));
    ck_assert_int_eq(pthread_sigmask(SIG_UNBLOCK, &set, NULL), 0);
}
END_TEST

START_TEST(a_terminal_gives_lines_and_its_end) {
    int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC), slave;
    struct termios settings;
    llnet_socket here, there;
    char got[16];

    if (master < 0 || grantpt(master) != 0 || unlockpt(master) != 0 ||
        (slave = open(ptsname(master), O_RDWR | O_NOCTTY | O_CLOEXEC)) < 0)
        skip("no terminals here");
    assert_ok(llnet_socket_adopt(&here, slave));
    assert_ok(llnet_socket_adopt(&there, master));
    ck_assert_int_eq(llnet_socket_write(&there, "one\ntwo\n\4rest", 13), 13);
    ck_assert_int_eq(llnet_socket_read(&here, got, sizeof got), 4);
    ck_assert_mem_eq(got, "one\n", 4);
    ck_assert_int_eq(llnet_socket_read(&here, got, sizeof got), 4);
    assert_error(llnet_socket_read(&here, got, sizeof got), LLNET_ECLOSED);
    /* one that is set to give up */
    ck_assert_int_eq(tcgetattr(slave, &settings), 0);
    settings.c_lflag &= ~(tcflag_t)ICANON;
    settings.c_cc[VMIN] = settings.c_cc[VTIME] = 0;
    ck_assert_int_eq(tcsetattr(slave, TCSANOW, &settings), 0);
    ck_assert_int_eq(llnet_socket_read(&here, got, sizeof got), 4);
    ck_assert_mem_eq(got, "rest", 4);
    assert_error(llnet_socket_read(&here, got, sizeof got), LLNET_ECLOSED);
    assert_ok(llnet_socket_close(&there));
    assert_error(llnet_socket_write(&here, "x", 1), EIO);
    assert_ok(llnet_socket_close(&here));
}
END_TEST

void add_read_cases(Suite *suite) {
    TCase *tcase = add_case(suite, "read");

    use_directory(tcase);
    tcase_add_test(tcase, a_pipe_is_read_to_its_end_and_written_until_it_is_full);
    tcase_add_loop_test(tcase, a_socket_is_read_and_written_like_any_descriptor, 0, 6);
    tcase_add_test(tcase, files_are_read_and_written_at_their_position);
    tcase_add_test(tcase, an_eventfd_counts_and_a_signalfd_tells_the_signal);
    tcase_add_test(tcase, a_terminal_gives_lines_and_its_end);
}
