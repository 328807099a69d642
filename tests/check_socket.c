/* SPDX-License-Identifier: MIT */
/* check_socket.c: runs the tests of sockets, and has what they share. */
#include "check_socket.h"

#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>
#ifdef __linux__
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#endif

static void assert_data_calls_closed(llnet_socket *self) {
    llnet_addr addr = marked_addr();
    llnet_buffer *buffer;
    char byte = 'x';

    assert_ok(llnet_buffer_new(&buffer, 8));
    assert_error(llnet_socket_send(self, &byte, 1, 0), EBADF);
    assert_error(llnet_socket_send(self, NULL, 0, 0), EBADF);
    assert_error(llnet_socket_recv(self, &byte, 1, 0), EBADF);
    assert_error(llnet_socket_recv(self, NULL, 0, 0), EBADF);
    assert_error(llnet_socket_sendto(self, &byte, 1, &addr, 0), EBADF);
    assert_error(llnet_socket_sendto(self, &byte, 1, NULL, 0), EBADF);
    assert_error(llnet_socket_recvfrom(self, &byte, 1, &addr, 0), EBADF);
    assert_error(llnet_socket_recvfrom(self, &byte, 1, NULL, 0), EBADF);
    assert_error(llnet_socket_send_buffer(self, buffer, 0, LLNET_ALL, 0), EBADF);
    assert_error(llnet_socket_send_buffer(self, buffer, 9, 1, 0), EBADF);
    assert_error(llnet_socket_sendto_buffer(self, buffer, 0, LLNET_ALL, &addr, 0), EBADF);
    assert_error(llnet_socket_recv_buffer(self, buffer, 0, LLNET_ALL, 0), EBADF);
    assert_error(llnet_socket_recv_buffer(self, buffer, 8, LLNET_ALL, 0), EBADF);
    assert_error(llnet_socket_recv_buffer(self, buffer, 9, LLNET_ALL, 0), EBADF);
    assert_error(llnet_socket_recvfrom_buffer(self, buffer, 0, LLNET_ALL, &addr, 0), EBADF);
    ck_assert(is_marked(&addr));
    ck_assert_int_eq(byte, 'x');
    llnet_buffer_free(buffer);
}

static void assert_state_calls_closed(llnet_socket *self) {
    bool value = true;

    assert_error(llnet_socket_poll(self, POLLIN, 0), EBADF);
    assert_error(llnet_socket_poll(self, POLLIN, -1), EBADF);
    assert_error(llnet_socket_poll(self, 0x40000000, 0), EBADF);
    assert_error(llnet_socket_take_error(self), EBADF);
    assert_error(llnet_socket_set_nonblock(self, true), EBADF);
    assert_error(llnet_socket_set_nonblock(self, false), EBADF);
    assert_error(llnet_socket_get_nonblock(self, &value), EBADF);
    assert_error(llnet_socket_set_cloexec(self, true), EBADF);
    assert_error(llnet_socket_set_cloexec(self, false), EBADF);
    assert_error(llnet_socket_get_cloexec(self, &value), EBADF);
    assert_error(llnet_socket_get_queued_in(self), EBADF);
    assert_error(llnet_socket_get_queued_out(self), EBADF);
    assert_error(llnet_socket_at_mark(self, &value), EBADF);
    ck_assert(value);
}

void assert_closed(llnet_socket *self) {
    llnet_addr addr = marked_addr();
    llnet_socket out;

    ck_assert(!llnet_socket_is_open(self));
    ck_assert_int_eq(llnet_socket_fileno(self), -1);
    assert_error(llnet_socket_bind(self, &addr), EBADF);
    assert_error(llnet_socket_connect(self, &addr), EBADF);
    assert_error(llnet_socket_listen(self, 1), EBADF);
    memset(&out, 0xff, sizeof out);
    assert_error(llnet_socket_accept(self, &out, &addr, 0), EBADF);
    ck_assert(!llnet_socket_is_open(&out));
    assert_error(llnet_socket_accept(self, &out, NULL, -1), EBADF);
    assert_error(llnet_socket_shutdown(self, SHUT_RDWR), EBADF);
    assert_error(llnet_socket_shutdown(self, 99), EBADF);
    assert_error(llnet_socket_get_sockname(self, &addr), EBADF);
    assert_error(llnet_socket_get_peername(self, &addr), EBADF);
    ck_assert(is_marked(&addr));
    memset(&out, 0xff, sizeof out);
    assert_error(llnet_socket_dup(self, &out), EBADF);
    ck_assert(!llnet_socket_is_open(&out));
    assert_error(llnet_socket_detach(self), EBADF);
    assert_data_calls_closed(self);
    assert_state_calls_closed(self);
    ck_assert_int_eq(llnet_socket_close(self), 0);
}

void open_unix_pair(llnet_socket *a, llnet_socket *b, int type) {
    assert_ok(llnet_socket_pair(a, b, AF_UNIX, type, 0, 0));
}

void close_both(llnet_socket *a, llnet_socket *b) {
    ck_assert_int_eq(llnet_socket_close(a), 0);
    ck_assert_int_eq(llnet_socket_close(b), 0);
}

void open_deaf(llnet_socket *deaf, llnet_addr *addr) {
    llnet_addr_init(addr);
    assert_ok(llnet_addr_set_ip(addr, "127.0.0.1", 0));
    assert_ok(llnet_socket_open(deaf, AF_INET, SOCK_STREAM, 0, 0));
    assert_ok(llnet_socket_bind(deaf, addr));
    assert_ok(llnet_socket_get_sockname(deaf, addr));
}

llnet_addr marked_addr(void) {
    llnet_addr addr;

    llnet_addr_init(&addr);
    assert_ok(llnet_addr_set_ip(&addr, "192.0.2.77", 7777));
    return addr;
}

bool is_marked(const llnet_addr *self) {
    llnet_addr marked = marked_addr();
    return llnet_addr_equal(self, &marked);
}

static void ignore_alarm(int number) {
    (void)number;
}

static void set_alarms(suseconds_t interval) {
    struct itimerval timer = {{0, interval}, {0, interval}};
    ck_assert_int_eq(setitimer(ITIMER_REAL, &timer, NULL), 0);
}

void start_alarms(void) {
    struct sigaction action;

    memset(&action, 0, sizeof action);
    action.sa_handler = ignore_alarm; /* no SA_RESTART */
    ck_assert_int_eq(sigaction(SIGALRM, &action, NULL), 0);
    set_alarms(10000);
}

void stop_alarms(void) {
    set_alarms(0);
}

#ifdef __linux__
bool break_system_call(int number, int fd, int error) {
    /* the low half of the first argument lies first on little-endian machines */
    const uint32_t low = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? 0 : 4;
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)number, 0, 3),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)offsetof(struct seccomp_data, args) + low),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)fd, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (uint32_t)error),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {sizeof code / sizeof *code, code};

#ifdef SYS_socketcall /* whose arguments lie in memory, where no filter sees the descriptor */
    if (number != SYS_close)
        return false;
#endif
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}
#else
bool break_system_call(int number, int fd, int error) {
    (void)number, (void)fd, (void)error;
    return false;
}
#endif

int main(void) {
    Suite *suite = suite_create("socket");

    add_life_cases(suite);
    add_connect_cases(suite);
#ifdef __linux__
    add_mode_cases(suite);
#endif
    add_state_cases(suite);
    add_data_cases(suite);
    add_buffer_cases(suite);
    return run_suite(suite);
}
