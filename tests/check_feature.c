/* SPDX-License-Identifier: MIT */
/* check_feature.c: what works here. Judged by the same question put to the kernel by
 * hand, and by a sandbox that takes a call away. */
#include "harness.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef __linux__
#include <linux/filter.h>
#include <linux/net.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#endif

/* ---- names --------------------------------------------------------------------------- */

START_TEST(names_are_sorted_and_each_has_a_line_of_text) {
    const char *name, *last = "";
    size_t index = 0;

    for (; (name = llnet_feature_at(index)) != NULL; index++) {
        const char *text = llnet_feature_text(name);

        ck_assert_str_gt(name, last);
        ck_assert_ptr_nonnull(text);
        ck_assert_uint_gt(strlen(text), 5);
        ck_assert_ptr_null(strchr(text, '\n'));
        last = name;
    }
    ck_assert_uint_gt(index, 50);
    ck_assert_ptr_null(llnet_feature_at(SIZE_MAX));
}
END_TEST

START_TEST(an_unknown_name_is_enoent) {
    static const char *const unknown[] = {"", "epol", "epolls", "EPOLL", " epoll", "zzz", "\xff", NULL};

    for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++) {
        assert_error(llnet_feature_probe(unknown[i]), ENOENT);
        ck_assert_ptr_null(llnet_feature_text(unknown[i]));
    }
}
END_TEST

/* ---- by hand --------------------------------------------------------------------------- */

static int by_socket(int domain, int type, int protocol) {
    int fd = socket(domain, type, protocol), error = errno;

    if (fd < 0)
        return -error;
    close(fd);
    return 0;
}

#define assert_probe(name, expected) \
    ck_assert_msg(llnet_feature_probe(name) == (expected), "%s: %d, expected %d", name, \
                  (int)llnet_feature_probe(name), (expected))

#ifdef __linux__
/* families and protocols by number, as in the kernel's headers */
static const struct {
    const char *name;
    int domain, type, protocol;
} sockets[] = {
    {"alg", 38, SOCK_SEQPACKET, 0},
    {"can", 29, SOCK_RAW, 1},
    {"dccp", AF_INET, 6, 33},
    {"mptcp", AF_INET, SOCK_STREAM, 262},
    {"netlink", 16, SOCK_RAW, 0},
    {"packet", 17, SOCK_DGRAM, 0},
    {"ping", AF_INET, SOCK_DGRAM, 1},
    {"raw", AF_INET, SOCK_RAW, 1},
    {"sctp", AF_INET, SOCK_STREAM, 132},
    {"tipc", 30, SOCK_STREAM, 0},
    {"udplite", AF_INET, SOCK_DGRAM, 136},
    {"vsock", 40, SOCK_STREAM, 0},
    {"xdp", 44, SOCK_RAW, 0},
};

START_TEST(socket_kinds_are_those_that_socket_opens) {
    assert_probe(sockets[_i].name, by_socket(sockets[_i].domain, sockets[_i].type, sockets[_i].protocol));
}
END_TEST

static const struct {
    const char *name;
    int type, level, number, value; /* value: to set; -1: to get */
} options[] = {
    {"cookie", SOCK_STREAM, SOL_SOCKET, SO_COOKIE, -1},
    {"incoming_cpu", SOCK_STREAM, SOL_SOCKET, SO_INCOMING_CPU, -1},
    {"max_pacing_rate", SOCK_STREAM, SOL_SOCKET, SO_MAX_PACING_RATE, -1},
    {"meminfo", SOCK_STREAM, SOL_SOCKET, SO_MEMINFO, -1},
    {"pktinfo", SOCK_DGRAM, IPPROTO_IP, IP_PKTINFO, -1},
    {"recverr", SOCK_DGRAM, IPPROTO_IP, IP_RECVERR, -1},
    {"reuseport", SOCK_STREAM, SOL_SOCKET, SO_REUSEPORT, -1},
    {"rxq_ovfl", SOCK_DGRAM, SOL_SOCKET, SO_RXQ_OVFL, -1},
    {"tcp_fastopen", SOCK_STREAM, IPPROTO_TCP, TCP_FASTOPEN, -1},
    {"tcp_info", SOCK_STREAM, IPPROTO_TCP, TCP_INFO, -1},
    {"tcp_user_timeout", SOCK_STREAM, IPPROTO_TCP, TCP_USER_TIMEOUT, -1},
    {"udp_gro", SOCK_DGRAM, IPPROTO_UDP, 104, 1},
    {"busy_poll", SOCK_DGRAM, SOL_SOCKET, SO_BUSY_POLL, 1},
    {"freebind", SOCK_DGRAM, IPPROTO_IP, IP_FREEBIND, 1},
    {"mark", SOCK_DGRAM, SOL_SOCKET, SO_MARK, 1},
    {"transparent", SOCK_DGRAM, IPPROTO_IP, IP_TRANSPARENT, 1},
};

static int by_option(int type, int level, int number, int value) {
    char bytes[256];
    socklen_t len = sizeof bytes;
    int fd = socket(AF_INET, type, 0), result;

    result = value < 0 ? getsockopt(fd, level, number, bytes, &len)
                       : setsockopt(fd, level, number, &value, sizeof value);
    result = result < 0 ? -errno : 0;
    close(fd);
    return result;
}

START_TEST(options_are_those_that_the_kernel_knows) {
    assert_probe(options[_i].name,
                 by_option(options[_i].type, options[_i].level, options[_i].number, options[_i].value));
}
END_TEST

/* Without a privilege, in a child that gives all of them up. */
START_TEST(a_privilege_that_is_gone_counts) {
    static const char *const names[] = {"packet", "raw", "transparent", "mark"};
    pid_t child;
    int status = -1;

    if (geteuid() != 0)
        skip("not root");
    child = fork();
    if (child == 0) {
        int wrong = 0;

        if (setgid(65534) != 0 || setuid(65534) != 0)
            _exit(77);
        for (size_t i = 0; i < sizeof names / sizeof *names; i++)
            wrong += llnet_feature_probe(names[i]) != -EPERM;
        _exit(wrong);
    }
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
        skip("nobody else to be");
    ck_assert_int_eq(status, 0);
}
END_TEST

/* ---- a sandbox --------------------------------------------------------------------------- */

static const struct {
    const char *name;
    int call;
} calls[] = {
    {"accept4", SYS_accept4},
    {"attach_filter", SYS_setsockopt},
    {"bindtodevice", SYS_setsockopt},
    {"bpf", SYS_bpf},
    {"epoll", SYS_epoll_create1},
    {"epoll_exclusive", SYS_epoll_ctl},
#ifdef SYS_epoll_pwait2
    {"epoll_pwait2", SYS_epoll_pwait2},
#endif
    {"eventfd", SYS_eventfd2},
#ifdef SYS_io_uring_setup
    {"io_uring", SYS_io_uring_setup},
#endif
    {"ipv4", SYS_bind},
    {"ipv6", SYS_bind},
    {"msg_trunc", SYS_recvfrom},
    {"passpidfd", SYS_getsockopt},
    {"peercred", SYS_getsockopt},
    {"peerpidfd", SYS_getsockopt},
    {"tcp_info", SYS_getsockopt},
#ifdef SYS_recvmmsg_time64
    {"recvmmsg", SYS_recvmmsg_time64},
#else
    {"recvmmsg", SYS_recvmmsg},
#endif
    {"reuseport_cbpf", SYS_setsockopt},
#ifdef SYS_sendfile64
    {"sendfile", SYS_sendfile64},
#else
    {"sendfile", SYS_sendfile},
#endif
#ifdef __GLIBC__ /* musl's sendmmsg(3) is a loop of sendmsg(2) */
    {"sendmmsg", SYS_sendmmsg},
#endif
    {"splice", SYS_splice},
    {"timerfd", SYS_timerfd_create},
    {"timestamping", SYS_recvmsg},
    {"txtime", SYS_setsockopt},
    {"udp_segment", SYS_sendto},
    {"unix", SYS_socketpair},
    {"unix_abstract", SYS_bind},
    {"unix_seqpacket", SYS_socketpair},
    {"zerocopy", SYS_sendto},
};

/* Old processors' libcs do the calls of sockets by one call, whose first argument tells which:
 * that number (of recv and send, which the library calls); 0 elsewhere, which none of them has. */
static unsigned in_socketcall(int call) {
#ifdef SYS_socketcall
    static const int numbers[][2] = {
        {SYS_accept4, SYS_ACCEPT4},       {SYS_setsockopt, SYS_SETSOCKOPT},
        {SYS_getsockopt, SYS_GETSOCKOPT}, {SYS_bind, SYS_BIND},
        {SYS_recvfrom, SYS_RECV},         {SYS_sendto, SYS_SEND},
        {SYS_recvmsg, SYS_RECVMSG},       {SYS_recvmmsg, SYS_RECVMMSG},
        {SYS_sendmmsg, SYS_SENDMMSG},     {SYS_socketpair, SYS_SOCKETPAIR},
    };

    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (numbers[i][0] == call)
            return (unsigned)numbers[i][1];
#endif
    (void)call;
    return 0;
}

#ifndef SYS_socketcall
enum { SYS_socketcall = -1 };
#endif

/* From now on the call answers EXDEV, which nothing here does by itself. */
static bool forbid(int call) {
    const uint32_t low = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? 0 : 4;
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)call, 3, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)SYS_socketcall, 0, 3),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)offsetof(struct seccomp_data, args) + low),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, in_socketcall(call), 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EXDEV),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {sizeof code / sizeof *code, code};

    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

START_TEST(a_call_that_a_sandbox_refuses_is_tried_and_its_error_told) {
    const char *name = calls[_i].name;
    int status = -1, before = llnet_feature_probe(name);
    pid_t child;

    /* an older kernel, or one that was made without */
    if (before != 0)
        skip("it does not work here at all");
    child = fork();
    if (child == 0)
        _exit(!forbid(calls[_i].call) ? 77 : llnet_feature_probe(name) == -EXDEV ? 0 : 1);
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
        skip("no seccomp");
    ck_assert_msg(status == 0, "%s", name);
    assert_ok(llnet_feature_probe(name)); /* and again, out of the sandbox */
}
END_TEST
#endif

/* ---- descriptors ------------------------------------------------------------------------------ */

START_TEST(no_probe_leaves_a_descriptor_open_however_few_there_are) {
    struct rlimit limit, old;
    int before = count_descriptors();
    const char *name;

    ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &old), 0);
    for (int allowed = 0; allowed < 6; allowed++) {
        int lowest = dup(0);

        close(lowest);
        limit = old;
        limit.rlim_cur = (rlim_t)lowest + (rlim_t)allowed;
        ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
        for (size_t i = 0; (name = llnet_feature_at(i)) != NULL; i++) {
            int status = llnet_feature_probe(name);
            if (status > 0 || (allowed == 0 && status == 0))
                ck_abort_msg("%s: %d", name, status);
        }
        ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &old), 0);
        ck_assert_int_eq(count_descriptors(), before);
    }
}
END_TEST

int main(void) {
    Suite *suite = suite_create("feature");
    TCase *names = add_case(suite, "names"), *trials = add_case(suite, "trials");

    tcase_set_timeout(trials, 60); /* the kernel looks for modules */
    tcase_add_test(names, names_are_sorted_and_each_has_a_line_of_text);
    tcase_add_test(names, an_unknown_name_is_enoent);
#ifdef __linux__
    tcase_add_loop_test(trials, socket_kinds_are_those_that_socket_opens, 0, sizeof sockets / sizeof *sockets);
    tcase_add_loop_test(trials, options_are_those_that_the_kernel_knows, 0, sizeof options / sizeof *options);
    tcase_add_test(trials, a_privilege_that_is_gone_counts);
    tcase_add_loop_test(trials, a_call_that_a_sandbox_refuses_is_tried_and_its_error_told, 0,
                        sizeof calls / sizeof *calls);
#endif
    tcase_add_test(trials, no_probe_leaves_a_descriptor_open_however_few_there_are);
    return run_suite(suite);
}
