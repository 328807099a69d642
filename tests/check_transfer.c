/* SPDX-License-Identifier: MIT */
/* check_transfer.c: sendfile, pipes, splice and tee: what arrives and where it ends; pieces;
 * queued_unsent, peer_pidfd. Reading and writing what is no socket is in check_transfer_read.c, SIGPIPE
 * in check_transfer_sigpipe.c. */
#include "check_transfer.h"
#include "directory.h"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef SPLICE_F_NONBLOCK
#define SPLICE_F_NONBLOCK 2
#endif

/* ---- what the tests share ------------------------------------------------------ */

enum { FILE_SIZE = 4 * 1024 * 1024 };

/* No two runs of 4 bytes in it are the same at a near distance. */
static void fill(unsigned char *bytes, size_t size) {
    uint32_t state = 12345;
    size_t i;

    for (i = 0; i < size; i++) {
        state = state * 1664525u + 1013904223u;
        bytes[i] = (unsigned char)(state >> 24);
    }
}

static unsigned char *make_bytes(size_t size) {
    unsigned char *bytes = malloc(size);

    ck_assert_ptr_nonnull(bytes);
    fill(bytes, size);
    return bytes;
}

int make_file(const void *bytes, size_t size) {
    int fd = open("file", O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, bytes, size), (ssize_t)size);
    ck_assert_int_eq(lseek(fd, 0, SEEK_SET), 0);
    return fd;
}

static void open_stream_pair(llnet_socket pair[PAIR]) {
    assert_ok(llnet_socket_pair(&pair[0], &pair[1], AF_UNIX, SOCK_STREAM, 0, 0));
}

void close_pair(llnet_socket pair[PAIR]) {
    assert_ok(llnet_socket_close(&pair[0]));
    assert_ok(llnet_socket_close(&pair[1]));
}

int fd_of(const llnet_socket *self) {
    return (int)llnet_socket_fileno(self);
}

/* What comes out of a descriptor until it ends. */
struct reader {
    pthread_t thread;
    int fd;
    unsigned char *bytes;
    size_t size, capacity;
};

static void *read_all(void *context) {
    struct reader *self = context;
    ssize_t n;

    while ((n = read(self->fd, self->bytes + self->size, self->capacity - self->size)) > 0)
        self->size += (size_t)n;
    return NULL;
}

static void start_reader(struct reader *self, int fd, size_t capacity) {
    self->fd = fd;
    self->size = 0;
    self->capacity = capacity + 1;
    self->bytes = malloc(self->capacity);
    ck_assert_ptr_nonnull(self->bytes);
    ck_assert_int_eq(pthread_create(&self->thread, NULL, read_all, self), 0);
}

static void end_reader(struct reader *self, const void *expected, size_t size) {
    ck_assert_int_eq(pthread_join(self->thread, NULL), 0);
    ck_assert_uint_eq(self->size, size);
    ck_assert(memcmp(self->bytes, expected, size) == 0);
    free(self->bytes);
}

/* ---- sendfile -------------------------------------------------------------------- */

START_TEST(a_file_arrives_byte_for_byte) {
    unsigned char *bytes = make_bytes(FILE_SIZE);
    int file = make_file(bytes, FILE_SIZE);
    llnet_socket pair[PAIR];
    struct reader reader;
    llnet_count n;
    int64_t offset;

    open_tcp_pair(&pair[0], &pair[1]);
    start_reader(&reader, fd_of(&pair[1]), FILE_SIZE);
    for (offset = 0; (n = llnet_socket_sendfile(&pair[0], file, offset, LLNET_ALL)) >= 0; offset += n) {
    }
    assert_error(n, LLNET_ECLOSED);
    ck_assert_int_eq(offset, FILE_SIZE);
    assert_ok(llnet_socket_shutdown(&pair[0], SHUT_WR));
    end_reader(&reader, bytes, FILE_SIZE);
    ck_assert_int_eq(lseek(file, 0, SEEK_CUR), 0);
    close_pair(pair);
    close(file);
    free(bytes);
}
END_TEST

START_TEST(an_offset_leaves_the_position_and_none_moves_it) {
    int file = make_file("0123456789", 10);
    llnet_socket pair[PAIR];
    char got[32];

    open_stream_pair(pair);
    ck_assert_int_eq(llnet_socket_sendfile(&pair[0], file, 7, 2), 2);
    ck_assert_int_eq(lseek(file, 0, SEEK_CUR), 0);
    ck_assert_int_eq(llnet_socket_sendfile(&pair[0], file, -1, 3), 3);
    ck_assert_int_eq(lseek(file, 0, SEEK_CUR), 3);
    ck_assert_int_eq(llnet_socket_sendfile(&pair[0], file, -1, LLNET_ALL), 7);
    assert_error(llnet_socket_sendfile(&pair[0], file, -1, 1), LLNET_ECLOSED);
    ck_assert_int_eq(llnet_socket_sendfile(&pair[0], file, -1, 0), 0);
    ck_assert_int_eq(llnet_socket_sendfile(&pair[0], file, 8, 100), 2);
    assert_error(llnet_socket_sendfile(&pair[0], file, 10, 1), LLNET_ECLOSED);
    assert_error(llnet_socket_sendfile(&pair[0], file, 1 << 20, 1), LLNET_ECLOSED);
    ck_assert_int_eq(recv(fd_of(&pair[1]), got, sizeof got, 0), 14);
    ck_assert_mem_eq(got, "78012345678989", 14);
    close_pair(pair);
    close(file);
}
END_TEST

START_TEST(a_full_socket_takes_a_part_then_nothing) {
    unsigned char *bytes = make_bytes(FILE_SIZE), *got = malloc(FILE_SIZE);
    int file = make_file(bytes, FILE_SIZE);
    llnet_socket pair[PAIR];
    llnet_count n;
    size_t sent = 0, came = 0;

    ck_assert_ptr_nonnull(got);
    open_stream_pair(pair);
    assert_ok(llnet_socket_set_nonblock(&pair[0], true));
    n = llnet_socket_sendfile(&pair[0], file, 0, FILE_SIZE);
    ck_assert_int_gt(n, 0);
    ck_assert_int_lt(n, FILE_SIZE);
    for (; n >= 0; n = llnet_socket_sendfile(&pair[0], file, (int64_t)sent, FILE_SIZE - sent))
        sent += (size_t)n;
    assert_error(n, EAGAIN);
    ck_assert_uint_lt(sent, FILE_SIZE);
    assert_ok(llnet_socket_shutdown(&pair[0], SHUT_WR));
    while ((n = recv(fd_of(&pair[1]), got + came, FILE_SIZE - came, 0)) > 0)
        came += (size_t)n;
    ck_assert_uint_eq(came, sent);
    ck_assert(memcmp(got, bytes, came) == 0);
    close_pair(pair);
    close(file);
    free(bytes);
    free(got);
}
END_TEST

START_TEST(sendfile_refuses_what_is_no_file_or_not_open) {
    int file = make_file("0123456789", 10);
    llnet_socket pair[PAIR], closed;

    llnet_socket_init(&closed);
    open_stream_pair(pair);
    assert_error(llnet_socket_sendfile(&closed, file, 0, 1), EBADF);
    assert_error(llnet_socket_sendfile(&pair[0], -1, 0, 1), EBADF);
    assert_error(llnet_socket_sendfile(&pair[0], 999999999, 0, 1), EBADF);
    assert_error(llnet_socket_sendfile(&pair[0], fd_of(&pair[1]), -1, 1), EINVAL);
    assert_error(llnet_socket_sendfile(&pair[0], file, -2, 1), EINVAL);
    assert_error(llnet_socket_sendfile(&pair[0], file, INT64_MIN, 1), EINVAL);
    assert_error(llnet_socket_sendfile(&pair[0], file, INT64_MAX, 1), EOVERFLOW);
    assert_error(llnet_socket_sendfile(&pair[0], file, INT64_MAX, SIZE_MAX), EOVERFLOW);
    close(file);
    assert_error(llnet_socket_sendfile(&pair[0], file, 0, 1), EBADF);
    close_pair(pair);
}
END_TEST

/* ---- pipes ----------------------------------------------------------------------- */

START_TEST(a_pipe_has_the_flags_asked_for) {
    const int flags[] = {0, SOCK_CLOEXEC, SOCK_NONBLOCK, SOCK_NONBLOCK | SOCK_CLOEXEC};
    llnet_socket ends[PAIR];
    char byte = 0;
    int i;

    assert_ok(llnet_socket_open_pipe(&ends[0], &ends[1], flags[_i]));
    for (i = 0; i < PAIR; i++) {
        ck_assert_int_eq(fcntl(fd_of(&ends[i]), F_GETFD), FD_CLOEXEC);
        ck_assert_int_eq((fcntl(fd_of(&ends[i]), F_GETFL) & O_NONBLOCK) != 0, (flags[_i] & SOCK_NONBLOCK) != 0);
    }
    ck_assert_int_eq(llnet_socket_poll(&ends[1], POLLOUT, 0), POLLOUT);
    ck_assert_int_eq(llnet_socket_poll(&ends[0], POLLIN, 0), 0);
    ck_assert_int_eq(write(fd_of(&ends[1]), "x", 1), 1);
    ck_assert_int_eq(llnet_socket_poll(&ends[0], POLLIN, 0), POLLIN);
    ck_assert_int_eq(read(fd_of(&ends[0]), &byte, 1), 1);
    ck_assert_int_eq(byte, 'x');
    assert_error(llnet_socket_send(&ends[1], "x", 1, 0), ENOTSOCK);
    assert_error(llnet_socket_recv(&ends[0], &byte, 1, 0), ENOTSOCK);
    close_pair(ends);
}
END_TEST

START_TEST(a_pipe_that_is_refused_is_two_closed_ends) {
    llnet_socket ends[PAIR];

    memset(ends, 0xff, sizeof ends);
    assert_error(llnet_socket_open_pipe(&ends[0], &ends[1], ~(SOCK_NONBLOCK | SOCK_CLOEXEC)), EINVAL);
    ck_assert(!llnet_socket_is_open(&ends[0]));
    ck_assert(!llnet_socket_is_open(&ends[1]));
}
END_TEST

/* Writes what the thread is given, then shuts its socket. */
struct writer {
    pthread_t thread;
    llnet_socket *socket;
    const unsigned char *bytes;
    size_t size;
};

static void *write_all(void *context) {
    struct writer *self = context;
    size_t sent = 0;
    llnet_count n;

    while (sent < self->size && (n = llnet_socket_send(self->socket, self->bytes + sent, self->size - sent, 0)) > 0)
        sent += (size_t)n;
    llnet_socket_shutdown(self->socket, SHUT_WR);
    return NULL;
}

START_TEST(a_relay_of_splices_moves_every_byte) {
    unsigned char *bytes = make_bytes(FILE_SIZE);
    llnet_socket from[PAIR], to[PAIR], ends[PAIR];
    struct writer writer = {.socket = &from[0], .bytes = bytes, .size = FILE_SIZE};
    struct reader reader;
    llnet_count in, out;

    open_tcp_pair(&from[0], &from[1]);
    open_tcp_pair(&to[0], &to[1]);
    assert_ok(llnet_socket_open_pipe(&ends[0], &ends[1], 0));
    start_reader(&reader, fd_of(&to[1]), FILE_SIZE);
    ck_assert_int_eq(pthread_create(&writer.thread, NULL, write_all, &writer), 0);
    while ((in = llnet_socket_splice(&from[1], &ends[1], LLNET_ALL, 0)) > 0)
        for (; in > 0; in -= out) {
            out = llnet_socket_splice(&ends[0], &to[0], (size_t)in, 0);
            ck_assert_int_gt(out, 0);
        }
    assert_error(in, LLNET_ECLOSED);
    assert_ok(llnet_socket_shutdown(&to[0], SHUT_WR));
    ck_assert_int_eq(pthread_join(writer.thread, NULL), 0);
    end_reader(&reader, bytes, FILE_SIZE);
    close_pair(from);
    close_pair(to);
    close_pair(ends);
    free(bytes);
}
END_TEST

START_TEST(a_tee_copies_and_leaves_the_bytes) {
    llnet_socket a[PAIR], b[PAIR];
    char got[16];

    assert_ok(llnet_socket_open_pipe(&a[0], &a[1], 0));
    assert_ok(llnet_socket_open_pipe(&b[0], &b[1], 0));
    ck_assert_int_eq(write(fd_of(&a[1]), "abcdef", 6), 6);
    ck_assert_int_eq(llnet_socket_tee(&a[0], &b[1], 4, 0), 4);
    ck_assert_int_eq(read(fd_of(&b[0]), got, sizeof got), 4);
    ck_assert_mem_eq(got, "abcd", 4);
    ck_assert_int_eq(llnet_socket_tee(&a[0], &b[1], LLNET_ALL, 0), 6);
    ck_assert_int_eq(read(fd_of(&a[0]), got, sizeof got), 6);
    ck_assert_mem_eq(got, "abcdef", 6);
    ck_assert_int_eq(llnet_socket_tee(&a[0], &b[1], 0, 0), 0);
    assert_error(llnet_socket_tee(&a[0], &b[1], 1, SPLICE_F_NONBLOCK), EAGAIN);
    assert_ok(llnet_socket_close(&a[1]));
    assert_error(llnet_socket_tee(&a[0], &b[1], 1, 0), LLNET_ECLOSED);
    assert_ok(llnet_socket_close(&a[0]));
    close_pair(b);
}
END_TEST

START_TEST(splice_and_tee_refuse_what_they_cannot_move) {
    llnet_socket pair[PAIR], ends[PAIR], closed;

    llnet_socket_init(&closed);
    open_stream_pair(pair);
    assert_ok(llnet_socket_open_pipe(&ends[0], &ends[1], 0));
    assert_error(llnet_socket_splice(&pair[0], &pair[1], 1, 0), EINVAL);
    assert_error(llnet_socket_tee(&pair[0], &ends[1], 1, 0), EINVAL);
    assert_error(llnet_socket_splice(&ends[0], &pair[0], 1, SPLICE_F_NONBLOCK), EAGAIN);
    assert_error(llnet_socket_splice(&ends[0], &pair[0], 1, ~0), EINVAL);
    assert_error(llnet_socket_splice(&closed, &ends[1], 1, 0), EBADF);
    assert_error(llnet_socket_splice(&ends[0], &closed, 1, 0), EBADF);
    assert_error(llnet_socket_tee(&closed, &ends[1], 1, 0), EBADF);
    assert_error(llnet_socket_tee(&ends[0], &closed, 1, 0), EBADF);
    assert_ok(llnet_socket_close(&ends[1]));
    assert_error(llnet_socket_splice(&ends[0], &pair[0], 1, 0), LLNET_ECLOSED);
    assert_ok(llnet_socket_close(&ends[0]));
    close_pair(pair);
}
END_TEST

/* ---- pieces ------------------------------------------------------------------------- */

START_TEST(pieces_are_one_run_of_bytes) {
    char one[3], two[4];
    const struct iovec out[] = {{(void *)(uintptr_t) "ab", 2}, {NULL, 0}, {(void *)(uintptr_t) "cdefg", 5}};
    const struct iovec in[] = {{one, sizeof one}, {NULL, 0}, {two, sizeof two}}, none = {NULL, 0};
    llnet_socket pair[PAIR];

    open_stream_pair(pair);
    ck_assert_int_eq(llnet_socket_sendv(&pair[0], out, 3, 0), 7);
    ck_assert_int_eq(llnet_socket_sendv(&pair[0], NULL, 0, 0), 0);
    ck_assert_int_eq(llnet_socket_recvv(&pair[1], &none, 1, MSG_DONTWAIT), 0);
    ck_assert_int_eq(llnet_socket_recvv(&pair[1], in, 3, 0), 7);
    ck_assert_mem_eq(one, "abc", 3);
    ck_assert_mem_eq(two, "defg", 4);
    assert_error(llnet_socket_recvv(&pair[1], in, 3, MSG_DONTWAIT), EAGAIN);
    assert_ok(llnet_socket_close(&pair[0]));
    assert_error(llnet_socket_recvv(&pair[1], in, 3, 0), LLNET_ECLOSED);
    ck_assert_int_eq(llnet_socket_recvv(&pair[1], &none, 1, 0), 0);
    ck_assert(signal(SIGPIPE, SIG_DFL) != SIG_ERR);
    assert_error(llnet_socket_sendv(&pair[1], out, 3, 0), EPIPE);
    assert_ok(llnet_socket_close(&pair[1]));
    assert_error(llnet_socket_sendv(&pair[1], out, 3, 0), EBADF);
    assert_error(llnet_socket_recvv(&pair[1], in, 3, 0), EBADF);
}
END_TEST

START_TEST(as_many_pieces_as_iov_max_go_and_one_more_does_not) {
    enum { MOST = 1024 };
    struct iovec pieces[MOST + 1];
    char got[MOST + 1] = {0}, bytes[MOST + 1];
    llnet_socket pair[PAIR];
    int i;

    ck_assert_int_eq(sysconf(_SC_IOV_MAX), MOST);
    for (i = 0; i <= MOST; i++) {
        bytes[i] = (char)i;
        pieces[i].iov_base = &bytes[i];
        pieces[i].iov_len = 1;
    }
    open_stream_pair(pair);
    assert_error(llnet_socket_sendv(&pair[0], pieces, MOST + 1, 0), EMSGSIZE);
    /* 1 where the number of pieces is an int */
    assert_error(llnet_socket_sendv(&pair[0], pieces, SIZE_MAX / 2 + 2, 0), EMSGSIZE);
    assert_error(llnet_socket_recvv(&pair[1], pieces, SIZE_MAX / 2 + 2, 0), EMSGSIZE);
    ck_assert_int_eq(llnet_socket_sendv(&pair[0], pieces, MOST, 0), MOST);
    for (i = 0; i <= MOST; i++)
        pieces[i].iov_base = &got[i];
    assert_error(llnet_socket_recvv(&pair[1], pieces, MOST + 1, 0), EMSGSIZE);
    ck_assert_int_eq(llnet_socket_recvv(&pair[1], pieces, MOST, 0), MOST);
    ck_assert_mem_eq(got, bytes, MOST);
    close_pair(pair);
}
END_TEST

START_TEST(an_empty_datagram_into_pieces_is_0) {
    llnet_socket pair[PAIR];
    char bytes[4];
    const struct iovec in = {bytes, sizeof bytes};

    assert_ok(llnet_socket_pair(&pair[0], &pair[1], AF_UNIX, SOCK_DGRAM, 0, 0));
    ck_assert_int_eq(llnet_socket_sendv(&pair[0], NULL, 0, 0), 0);
    ck_assert_int_eq(llnet_socket_recvv(&pair[1], &in, 1, 0), 0);
    close_pair(pair);
}
END_TEST

/* ---- states -------------------------------------------------------------------------- */

/* The peer's window is full and acknowledged: what is left was never sent. */
START_TEST(what_a_full_peer_has_no_room_for_is_queued_unsent) {
    static char bytes[65536];
    llnet_socket pair[PAIR], pipe[PAIR];
    llnet_count n, sent = 0, unsent, came = 0;

    open_tcp_pair(&pair[0], &pair[1]);
    ck_assert_int_eq(llnet_socket_get_queued_unsent(&pair[0]), 0);
    assert_ok(llnet_socket_set_nonblock(&pair[0], true));
    while ((n = llnet_socket_send(&pair[0], bytes, sizeof bytes, 0)) > 0)
        sent += n;
    assert_error(n, EAGAIN);
    unsent = llnet_socket_get_queued_unsent(&pair[0]);
    ck_assert_int_gt(unsent, 0);
    ck_assert_int_le(unsent, llnet_socket_get_queued_out(&pair[0]));
    while (came < sent) {
        n = recv(fd_of(&pair[1]), bytes, sizeof bytes, 0);
        ck_assert_int_gt(n, 0);
        came += n;
    }
    ck_assert_int_eq(llnet_socket_get_queued_unsent(&pair[0]), 0);
    close_pair(pair);
    assert_error(llnet_socket_get_queued_unsent(&pair[0]), EBADF);
    assert_ok(llnet_socket_open_pipe(&pipe[0], &pipe[1], 0));
    ck_assert_int_lt(llnet_socket_get_queued_unsent(&pipe[0]), 0);
    close_pair(pipe);
}
END_TEST

START_TEST(a_peers_process_is_readable_when_it_has_ended) {
    llnet_socket listener, client, server, process;
    llnet_addr addr, closed_addr;
    llnet_status status;
    pid_t child;
    char byte = 0;
    int ended;

    assert_ok(llnet_addr_set_unix(&addr, "listener", 8));
    assert_ok(llnet_socket_open(&listener, AF_UNIX, SOCK_STREAM, 0, 0));
    assert_ok(llnet_socket_bind(&listener, &addr));
    assert_ok(llnet_socket_listen(&listener, 1));
    fflush(NULL);
    child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        assert_ok(llnet_socket_open(&client, AF_UNIX, SOCK_STREAM, 0, 0));
        assert_ok(llnet_socket_connect(&client, &addr));
        _exit(llnet_socket_recv(&client, &byte, 1, 0) == 1 ? 0 : 1);
    }
    assert_ok(llnet_socket_accept(&listener, &server, &closed_addr, 0));
    status = llnet_socket_get_peer_pidfd(&server, &process);
    if (status == 0) {
        ck_assert_int_eq(fcntl(fd_of(&process), F_GETFD), FD_CLOEXEC);
        ck_assert_int_eq(llnet_socket_poll(&process, POLLIN, 0), 0);
    }
    ck_assert_int_eq(llnet_socket_send(&server, "x", 1, 0), 1);
    if (status == 0) {
        ck_assert_int_eq(llnet_socket_poll(&process, POLLIN, -1), POLLIN);
        assert_ok(llnet_socket_close(&process));
    }
    ck_assert_int_eq(waitpid(child, &ended, 0), child);
    ck_assert_int_eq(ended, 0);
    assert_ok(llnet_socket_close(&server));
    memset(&process, 0xff, sizeof process);
    assert_error(llnet_socket_get_peer_pidfd(&server, &process), EBADF);
    ck_assert(!llnet_socket_is_open(&process));
    assert_ok(llnet_socket_close(&listener));
    if (status != 0) {
        assert_error(status, ENOPROTOOPT);
        skip("no SO_PEERPIDFD");
    }
}
END_TEST

int main(void) {
    Suite *suite = suite_create("transfer");
    TCase *tcase = add_case(suite, "transfer");

    use_directory(tcase);
    tcase_add_test(tcase, a_file_arrives_byte_for_byte);
    tcase_add_test(tcase, an_offset_leaves_the_position_and_none_moves_it);
    tcase_add_test(tcase, a_full_socket_takes_a_part_then_nothing);
    tcase_add_test(tcase, sendfile_refuses_what_is_no_file_or_not_open);
    tcase_add_loop_test(tcase, a_pipe_has_the_flags_asked_for, 0, 4);
    tcase_add_test(tcase, a_pipe_that_is_refused_is_two_closed_ends);
    tcase_add_test(tcase, a_relay_of_splices_moves_every_byte);
    tcase_add_test(tcase, a_tee_copies_and_leaves_the_bytes);
    tcase_add_test(tcase, splice_and_tee_refuse_what_they_cannot_move);
    tcase_add_test(tcase, pieces_are_one_run_of_bytes);
    tcase_add_test(tcase, as_many_pieces_as_iov_max_go_and_one_more_does_not);
    tcase_add_test(tcase, an_empty_datagram_into_pieces_is_0);
    tcase_add_test(tcase, what_a_full_peer_has_no_room_for_is_queued_unsent);
    tcase_add_test(tcase, a_peers_process_is_readable_when_it_has_ended);
    add_read_cases(suite);
    return run_suite(suite);
}
