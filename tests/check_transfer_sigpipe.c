/* SPDX-License-Identifier: MIT */
/* check_transfer_sigpipe.c: transfers inside of the kernel, and writes, to a peer that has gone:
 * SIGPIPE is neither raised, nor left pending, nor taken from the program. */
#include "harness.h"
#include "directory.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { FILE_SIZE = 4 * 1024 * 1024, PAIR = 2 };

/* A file that has these bytes, open for reading at its beginning. */
static int make_file(const void *bytes, size_t size) {
    int fd = open("file", O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, bytes, size), (ssize_t)size);
    ck_assert_int_eq(lseek(fd, 0, SEEK_SET), 0);
    return fd;
}

static void open_stream_pair(llnet_socket pair[PAIR]) {
    assert_ok(llnet_socket_pair(&pair[0], &pair[1], AF_UNIX, SOCK_STREAM, 0, 0));
}

static int fd_of(const llnet_socket *self) {
    return (int)llnet_socket_fileno(self);
}

/* Each of the calls to a peer that has gone. */
static void transfer_to_nobody(void) {
    int file = make_file("0123456789", 10);
    llnet_socket pair[PAIR], a[PAIR], b[PAIR];

    open_stream_pair(pair);
    assert_ok(llnet_socket_open_pipe(&a[0], &a[1], 0));
    assert_ok(llnet_socket_open_pipe(&b[0], &b[1], 0));
    ck_assert_int_eq(write(fd_of(&a[1]), "abcdef", 6), 6);
    assert_ok(llnet_socket_close(&pair[1]));
    assert_ok(llnet_socket_close(&b[0]));
    assert_error(llnet_socket_sendfile(&pair[0], file, 0, 10), EPIPE);
    assert_error(llnet_socket_splice(&a[0], &pair[0], 6, 0), EPIPE);
    assert_error(llnet_socket_splice(&a[0], &b[1], 6, 0), EPIPE);
    assert_error(llnet_socket_tee(&a[0], &b[1], 6, 0), EPIPE);
    assert_error(llnet_socket_write(&b[1], "abc", 3), EPIPE);
    assert_error(llnet_socket_write(&pair[0], "abc", 3), EPIPE);
    assert_ok(llnet_socket_close(&pair[0]));
    assert_ok(llnet_socket_close(&b[1]));
    assert_ok(llnet_socket_close(&a[0]));
    assert_ok(llnet_socket_close(&a[1]));
    close(file);
}

static bool is_sigpipe_pending(void) {
    sigset_t set;

    ck_assert_int_eq(sigpending(&set), 0);
    return sigismember(&set, SIGPIPE) == 1;
}

static bool is_sigpipe_blocked(void) {
    sigset_t set;

    ck_assert_int_eq(pthread_sigmask(SIG_BLOCK, NULL, &set), 0);
    return sigismember(&set, SIGPIPE) == 1;
}

static void block_sigpipe(int how) {
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGPIPE);
    ck_assert_int_eq(pthread_sigmask(how, &set, NULL), 0);
}

/* In the place of the C library's, which the library calls: counts. */
static int masks_set;

__attribute__((visibility("default"))) int sigprocmask(int how, const sigset_t *set, sigset_t *old) {
    masks_set++;
    errno = pthread_sigmask(how, set, old);
    return errno == 0 ? 0 : -1;
}

/* In the place of the C library's, too: fails with this unless it is 0. */
static int sigaction_error;

__attribute__((visibility("default"))) int sigaction(int number, const struct sigaction *restrict action,
                                                     struct sigaction *restrict old) {
    int (*next)(int, const struct sigaction *, struct sigaction *);

    if (sigaction_error != 0) {
        errno = sigaction_error;
        return -1;
    }
    *(void **)&next = dlsym(RTLD_NEXT, "sigaction");
    return next(number, action, old);
}

static volatile sig_atomic_t sigpipes;

static void count_sigpipe(int number) {
    (void)number;
    sigpipes++;
}

START_TEST(a_program_that_sigpipe_would_end_lives_on) {
    pid_t child;
    int status;

    fflush(NULL);
    child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        signal(SIGPIPE, SIG_DFL);
        transfer_to_nobody();
        _exit(is_sigpipe_pending() || is_sigpipe_blocked() ? 1 : 42);
    }
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 42, "status %#x", (unsigned)status);
}
END_TEST

START_TEST(a_handler_of_sigpipe_is_not_called) {
    ck_assert(signal(SIGPIPE, count_sigpipe) != SIG_ERR);
    transfer_to_nobody();
    ck_assert_int_gt(masks_set, 0);
    ck_assert_int_eq(sigpipes, 0);
    ck_assert(!is_sigpipe_blocked());
    ck_assert_int_eq(raise(SIGPIPE), 0);
    ck_assert_int_eq(sigpipes, 1);
}
END_TEST

START_TEST(a_sigpipe_that_is_blocked_stays_so_and_none_is_left_pending) {
    ck_assert(signal(SIGPIPE, _i == 0 ? SIG_DFL : SIG_IGN) != SIG_ERR);
    block_sigpipe(SIG_BLOCK);
    transfer_to_nobody();
    ck_assert(is_sigpipe_blocked());
    ck_assert(!is_sigpipe_pending());
}
END_TEST

START_TEST(a_sigpipe_of_the_programs_own_stays_pending) {
    ck_assert(signal(SIGPIPE, count_sigpipe) != SIG_ERR);
    block_sigpipe(SIG_BLOCK);
    ck_assert_int_eq(_i == 0 ? raise(SIGPIPE) : kill(getpid(), SIGPIPE), 0);
    transfer_to_nobody();
    ck_assert(is_sigpipe_pending());
    ck_assert_int_eq(sigpipes, 0);
    block_sigpipe(SIG_UNBLOCK);
    /* the process's and the thread's are two, and which one is whose cannot be told */
    ck_assert_int_ge(sigpipes, 1);
    ck_assert_int_le(sigpipes, 1 + _i);
}
END_TEST

START_TEST(where_it_cannot_be_ignored_it_is_masked_as_before) {
    llnet_status status;

    ck_assert(signal(SIGPIPE, count_sigpipe) != SIG_ERR);
    sigpipes = 0;
    masks_set = 0;
    sigaction_error = EINVAL;
    status = llnet_ignore_sigpipe();
    sigaction_error = 0;
    assert_error(status, EINVAL);
    transfer_to_nobody();
    ck_assert_int_gt(masks_set, 0);
    ck_assert_int_eq(sigpipes, 0);
}
END_TEST

START_TEST(a_program_that_ignores_it_is_not_told_and_no_mask_is_set) {
    struct sigaction action = {.sa_handler = SIG_DFL};

    ck_assert(signal(SIGPIPE, count_sigpipe) != SIG_ERR);
    sigpipes = 0;
    masks_set = 0;
    assert_ok(llnet_ignore_sigpipe());
    ck_assert_int_eq(sigaction(SIGPIPE, NULL, &action), 0);
    ck_assert(action.sa_handler == SIG_IGN);
    transfer_to_nobody();
    ck_assert_int_eq(masks_set, 0);
    ck_assert_int_eq(sigpipes, 0);
    ck_assert(!is_sigpipe_blocked());
    ck_assert(!is_sigpipe_pending());
}
END_TEST

/* Takes one byte, then ends the stream in the midst of what comes: the peer goes, or the
 * sender's own side is shut. */
static void *end_midway(void *context) {
    llnet_socket *pair = context;
    bool own = llnet_socket_get_queued_unsent(&pair[0]) >= 0; /* TCP */
    char byte;
    ssize_t n = recv(fd_of(&pair[1]), &byte, 1, 0);

    if (own)
        llnet_socket_shutdown(&pair[0], SHUT_WR);
    else
        llnet_socket_close(&pair[1]);
    return (void *)(intptr_t)n;
}

START_TEST(a_stream_that_ends_midway_raises_nothing_though_a_part_went) {
    const int small = 65536;
    void *bytes = calloc(1, FILE_SIZE);
    int file = make_file(bytes, FILE_SIZE);
    llnet_socket pair[PAIR];
    pthread_t thread;
    llnet_count n;

    ck_assert(signal(SIGPIPE, count_sigpipe) != SIG_ERR);
    if (_i == 0)
        open_stream_pair(pair);
    else
        open_tcp_pair(&pair[0], &pair[1]);
    ck_assert_int_eq(setsockopt(fd_of(&pair[0]), SOL_SOCKET, SO_SNDBUF, &small, sizeof small), 0);
    ck_assert_int_eq(pthread_create(&thread, NULL, end_midway, pair), 0);
    n = llnet_socket_sendfile(&pair[0], file, 0, FILE_SIZE);
    ck_assert_int_gt(n, 0);
    ck_assert_int_lt(n, FILE_SIZE);
    ck_assert_int_eq(pthread_join(thread, NULL), 0);
    ck_assert_int_eq(sigpipes, 0);
    ck_assert(!is_sigpipe_pending());
    ck_assert(!is_sigpipe_blocked());
    assert_ok(llnet_socket_close(&pair[0]));
    if (_i != 0)
        assert_ok(llnet_socket_close(&pair[1]));
    close(file);
    free(bytes);
}
END_TEST

/* Takes one byte of the pipe, then closes it. */
static void *leave_pipe(void *context) {
    llnet_socket *self = context;
    char byte;
    llnet_count n = llnet_socket_read(self, &byte, 1);

    llnet_socket_close(self);
    return (void *)(intptr_t)n;
}

START_TEST(a_write_whose_reader_leaves_midway_raises_nothing_though_a_part_went) {
    void *bytes = calloc(1, FILE_SIZE);
    llnet_socket ends[PAIR];
    pthread_t thread;
    void *taken = NULL;
    llnet_count n;

    ck_assert_ptr_nonnull(bytes);
    ck_assert(signal(SIGPIPE, count_sigpipe) != SIG_ERR);
    assert_ok(llnet_socket_open_pipe(&ends[0], &ends[1], 0));
    ck_assert_int_eq(pthread_create(&thread, NULL, leave_pipe, &ends[0]), 0);
    n = llnet_socket_write(&ends[1], bytes, FILE_SIZE);
    ck_assert_int_gt(n, 0);
    ck_assert_int_lt(n, FILE_SIZE);
    ck_assert_int_eq(pthread_join(thread, &taken), 0);
    ck_assert_int_eq((intptr_t)taken, 1);
    ck_assert_int_eq(sigpipes, 0);
    ck_assert(!is_sigpipe_pending());
    ck_assert(!is_sigpipe_blocked());
    assert_ok(llnet_socket_close(&ends[1]));
    free(bytes);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("transfer_sigpipe");
    TCase *tcase = add_case(suite, "sigpipe");

    use_directory(tcase);
    tcase_add_test(tcase, a_program_that_sigpipe_would_end_lives_on);
    tcase_add_test(tcase, a_handler_of_sigpipe_is_not_called);
    tcase_add_loop_test(tcase, a_sigpipe_that_is_blocked_stays_so_and_none_is_left_pending, 0, 2);
    tcase_add_loop_test(tcase, a_sigpipe_of_the_programs_own_stays_pending, 0, 2);
    tcase_add_loop_test(tcase, a_stream_that_ends_midway_raises_nothing_though_a_part_went, 0, 2);
    tcase_add_test(tcase, a_write_whose_reader_leaves_midway_raises_nothing_though_a_part_went);
    tcase_add_test(tcase, where_it_cannot_be_ignored_it_is_masked_as_before);
    /* the last one: it stays so where all run in one process */
    tcase_add_test(tcase, a_program_that_ignores_it_is_not_told_and_no_mask_is_set);
    return run_suite(suite);
}
