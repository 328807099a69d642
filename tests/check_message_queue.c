/* SPDX-License-Identifier: MIT */
/* check_message_queue.c: what the error queue brings: errors of the network and of this
 * machine, transmit timestamps, and sends whose memory is free again. Linux. */
#include "check_message.h"

#include <time.h> /* errqueue.h needs it, and does not say so */

#include <linux/errqueue.h>
#include <linux/net_tstamp.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

static llnet_count receive_error(llnet_socket *socket, struct inbox *inbox) {
    ck_assert_int_eq(llnet_socket_poll(socket, 0, 5000), POLLERR);
    return llnet_socket_recv_message(socket, inbox->message, MSG_ERRQUEUE | MSG_DONTWAIT);
}

/* ---- errors ------------------------------------------------------------------------ */

START_TEST(a_closed_port_is_reported_with_who_said_so) {
    static const struct {
        const char *host;
        int level, option, origin, type, code;
    } families[] = {{"127.0.0.1", IPPROTO_IP, IP_RECVERR, SO_EE_ORIGIN_ICMP, 3, 3},
                    {"::1", IPPROTO_IPV6, IPV6_RECVERR, SO_EE_ORIGIN_ICMP6, 1, 4}};
    llnet_socket a, deaf;
    llnet_addr a_addr, to, addr, expected;
    struct inbox inbox;
    llnet_message *letter;
    int error = 0, origin = 0, type = 0, code = 0;
    uint32_t info = 77, number;
    bool copied;

    if (_i == 1 && !have_ipv6())
        skip("no IPv6 on loopback");
    open_udp_at(&a, &a_addr, families[_i].host);
    open_udp_at(&deaf, &to, families[_i].host);
    assert_ok(llnet_socket_connect(&deaf, &to)); /* holds the port, and takes nothing from others */
    open_inbox(&inbox, LLNET_MESSAGE_CONTROL);
    ck_assert(set_int(&a, families[_i].level, families[_i].option, 1));
    letter = new_letter("nobody there", &to);
    ck_assert_int_eq(llnet_socket_send_message(&a, letter, 0), 12);
    ck_assert_int_eq(receive_error(&a, &inbox), 12);
    ck_assert_mem_eq(inbox.bytes, "nobody there", 12);
    ck_assert_int_eq(llnet_message_get_flags(inbox.message), MSG_ERRQUEUE);
    assert_ok(llnet_message_get_address(inbox.message, &addr));
    ck_assert(llnet_addr_equal(&addr, &to));
    assert_ok(llnet_message_get_error(inbox.message, &error, &origin, &type, &code, &info));
    ck_assert_int_eq(error, ECONNREFUSED);
    ck_assert_int_eq(origin, families[_i].origin);
    ck_assert_int_eq(type, families[_i].type);
    ck_assert_int_eq(code, families[_i].code);
    ck_assert_uint_eq(info, 0);
    assert_ok(llnet_message_get_error_offender(inbox.message, &addr));
    llnet_addr_init(&expected);
    assert_ok(llnet_addr_set_ip(&expected, families[_i].host, 0));
    ck_assert(llnet_addr_equal(&addr, &expected));
    assert_error(llnet_message_get_zerocopy(inbox.message, &number, &number, &copied), ENOENT);
    assert_error(llnet_message_get_timestamp_key(inbox.message, &type, &number), ENOENT);
    assert_error(llnet_socket_recv_message(&a, inbox.message, MSG_ERRQUEUE), EAGAIN);
    llnet_message_free(letter);
    close_inbox(&inbox);
    close_two(&a, &deaf);
}
END_TEST

/* Brings up a new namespace's loopback, with an MTU of 1500 bytes. */
static bool bring_up_loopback(void) {
    struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP};
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    bool up;

    if (fd < 0)
        return false;
    up = ioctl(fd, SIOCSIFFLAGS, &request) == 0;
    request.ifr_mtu = 1500;
    up = up && ioctl(fd, SIOCSIFMTU, &request) == 0;
    close(fd);
    return up;
}

/* A datagram that is too long for a loopback of 1500 bytes; the exit code of the child. */
static int send_too_long(void) {
    static char text[2001];
    llnet_socket a;
    llnet_addr addr, offender;
    struct inbox inbox;
    llnet_message *letter;
    int error, origin, type, code;
    uint32_t info;

    if (unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0 || !bring_up_loopback())
        return 77;
    open_udp_at(&a, &addr, "127.0.0.1");
    memset(text, 'l', 2000);
    letter = new_letter(text, &addr);
    if (!set_int(&a, IPPROTO_IP, IP_RECVERR, 1) || !set_int(&a, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DO))
        return 2;
    if (llnet_socket_send_message(&a, letter, 0) != -EMSGSIZE)
        return 3;
    open_inbox(&inbox, LLNET_MESSAGE_CONTROL);
    if (receive_error(&a, &inbox) < 0)
        return 4;
    if (llnet_message_get_error(inbox.message, &error, &origin, &type, &code, &info) != 0)
        return 5;
    if (llnet_message_get_error_offender(inbox.message, &offender) != -ENOENT)
        return 6;
    return error == EMSGSIZE && origin == SO_EE_ORIGIN_LOCAL && info == 1500 ? 0 : 7;
}

START_TEST(a_datagram_too_long_is_reported_by_this_machine_with_the_mtu) {
    pid_t child = fork();
    int status = -1;

    ck_assert_int_ge(child, 0);
    if (child == 0)
        _exit(send_too_long());
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFEXITED(status));
    if (WEXITSTATUS(status) == 77)
        skip("no network namespace of its own");
    ck_assert_int_eq(WEXITSTATUS(status), 0);
}
END_TEST

/* ---- transmit timestamps --------------------------------------------------------------- */

static int64_t now(void) {
    struct timespec time;

    ck_assert_int_eq(clock_gettime(CLOCK_REALTIME, &time), 0);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

START_TEST(the_time_of_sending_comes_with_its_key) {
    const int stamps = SOF_TIMESTAMPING_TX_SOFTWARE | SOF_TIMESTAMPING_SOFTWARE | SOF_TIMESTAMPING_OPT_ID |
                       SOF_TIMESTAMPING_OPT_TSONLY;
    llnet_socket a, b;
    llnet_addr a_addr, b_addr;
    struct inbox inbox;
    llnet_message *letter;
    int64_t before, stamp = 0;
    uint32_t key = 77;
    int kind = -1;

    open_udp_pair(&a, &a_addr, &b, &b_addr);
    if (!set_int(&a, SOL_SOCKET, SO_TIMESTAMPING, stamps)) {
        close_two(&a, &b);
        skip("no transmit timestamps");
    }
    open_inbox(&inbox, LLNET_MESSAGE_CONTROL);
    letter = new_letter("x", &b_addr);
    for (uint32_t i = 0; i < 3; i++) {
        before = now();
        ck_assert_int_eq(llnet_socket_send_message(&a, letter, 0), 1);
        ck_assert_int_eq(receive_error(&a, &inbox), 0);
        assert_ok(llnet_message_get_timestamp(inbox.message, &stamp));
        ck_assert_int_ge(stamp, before);
        ck_assert_int_le(stamp, now());
        assert_ok(llnet_message_get_timestamp_key(inbox.message, &kind, &key));
        ck_assert_int_eq(kind, SCM_TSTAMP_SND);
        ck_assert_uint_eq(key, i);
    }
    llnet_message_free(letter);
    close_inbox(&inbox);
    close_two(&a, &b);
}
END_TEST

START_TEST(one_message_alone_asks_for_its_timestamp) {
    const int stamps = SOF_TIMESTAMPING_SOFTWARE | SOF_TIMESTAMPING_OPT_TSONLY;
    llnet_socket a, b;
    llnet_addr a_addr, b_addr;
    struct inbox inbox;
    llnet_message *letter;
    int64_t stamp = 0;

    open_udp_pair(&a, &a_addr, &b, &b_addr);
    if (!set_int(&a, SOL_SOCKET, SO_TIMESTAMPING, stamps)) {
        close_two(&a, &b);
        skip("no transmit timestamps");
    }
    open_inbox(&inbox, LLNET_MESSAGE_CONTROL);
    letter = new_letter("x", &b_addr);
    ck_assert_int_eq(llnet_socket_send_message(&a, letter, 0), 1);
    assert_error(llnet_socket_recv_message(&a, inbox.message, MSG_ERRQUEUE), EAGAIN);
    assert_ok(llnet_message_set_timestamping(letter, SOF_TIMESTAMPING_TX_SOFTWARE));
    ck_assert_int_eq(llnet_socket_send_message(&a, letter, 0), 1);
    ck_assert_int_eq(receive_error(&a, &inbox), 0);
    assert_ok(llnet_message_get_timestamp(inbox.message, &stamp));
    llnet_message_free(letter);
    close_inbox(&inbox);
    close_two(&a, &b);
}
END_TEST

START_TEST(a_time_to_leave_is_sent_where_the_socket_asked_for_it) {
    const struct {
        int32_t clock;
        uint32_t flags;
    } txtime = {CLOCK_MONOTONIC, 0};
    llnet_socket a, b;
    llnet_addr a_addr, b_addr;
    llnet_message *letter;
    struct timespec time;
    char byte;

    open_udp_pair(&a, &a_addr, &b, &b_addr);
    letter = new_letter("x", &b_addr);
    ck_assert_int_eq(clock_gettime(CLOCK_MONOTONIC, &time), 0);
    assert_ok(llnet_message_set_txtime(letter, (int64_t)time.tv_sec * 1000000000 + time.tv_nsec));
    assert_error(llnet_socket_send_message(&a, letter, 0), EINVAL); /* without SO_TXTIME */
    if (setsockopt((int)llnet_socket_fileno(&a), SOL_SOCKET, 61, &txtime, sizeof txtime) != 0) {
        llnet_message_free(letter);
        close_two(&a, &b);
        skip("no SO_TXTIME");
    }
    ck_assert_int_eq(llnet_socket_send_message(&a, letter, 0), 1);
    ck_assert_int_eq(llnet_socket_recv(&b, &byte, 1, 0), 1);
    llnet_message_free(letter);
    close_two(&a, &b);
}
END_TEST

/* ---- zero copy ------------------------------------------------------------------------------ */

START_TEST(sends_without_a_copy_are_reported_done_as_ranges) {
    llnet_socket a, b;
    llnet_addr a_addr, b_addr;
    struct inbox inbox;
    llnet_message *letter;
    uint32_t first = 77, last = 77, expected = 0, number;
    int error, origin, type, code;
    bool copied = false;
    char bytes[4];

    if (_i == 0)
        open_tcp_pair(&a, &b);
    else
        open_udp_pair(&a, &a_addr, &b, &b_addr);
    if (!set_int(&a, SOL_SOCKET, SO_ZEROCOPY, 1)) {
        close_two(&a, &b);
        skip("no MSG_ZEROCOPY");
    }
    open_inbox(&inbox, LLNET_MESSAGE_CONTROL);
    letter = new_letter("zero", _i == 0 ? NULL : &b_addr);
    for (int i = 0; i < 4; i++) {
        ck_assert_int_eq(llnet_socket_send_message(&a, letter, MSG_ZEROCOPY), 4);
        ck_assert_int_eq(llnet_socket_recv(&b, bytes, 4, MSG_WAITALL), 4);
        ck_assert_mem_eq(bytes, "zero", 4);
    }
    while (expected < 4) {
        ck_assert_int_eq(receive_error(&a, &inbox), 0);
        assert_ok(llnet_message_get_zerocopy(inbox.message, &first, &last, &copied));
        ck_assert_uint_eq(first, expected);
        ck_assert_uint_ge(last, first);
        expected = last + 1;
        assert_ok(llnet_message_get_error(inbox.message, &error, &origin, &type, &code, &number));
        ck_assert_int_eq(error, 0);
        ck_assert_int_eq(origin, SO_EE_ORIGIN_ZEROCOPY);
        ck_assert_int_eq(copied, (code & SO_EE_CODE_ZEROCOPY_COPIED) != 0);
        ck_assert(copied); /* loopback has to */
    }
    ck_assert_uint_eq(last, 3);
    llnet_message_free(letter);
    close_inbox(&inbox);
    close_two(&a, &b);
}
END_TEST

void add_queue_cases(Suite *suite) {
    TCase *tcase = add_case(suite, "queue");

    tcase_add_loop_test(tcase, a_closed_port_is_reported_with_who_said_so, 0, 2);
    tcase_add_test(tcase, a_datagram_too_long_is_reported_by_this_machine_with_the_mtu);
    tcase_add_test(tcase, the_time_of_sending_comes_with_its_key);
    tcase_add_test(tcase, one_message_alone_asks_for_its_timestamp);
    tcase_add_test(tcase, a_time_to_leave_is_sent_where_the_socket_asked_for_it);
    tcase_add_loop_test(tcase, sends_without_a_copy_are_reported_done_as_ranges, 0, 2);
}
