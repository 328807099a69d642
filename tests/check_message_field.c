/* SPDX-License-Identifier: MIT */
/* check_message_field.c: the named fields of datagrams over IP: what is sent arrives as
 * recvmsg(2) itself sees it, and what sendmsg(2) itself sends is read. Linux. */
#include "check_message.h"

#include <net/if.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <poll.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* What differs between the families: from 0 on, _i of the loops. */
static const struct {
    const char *host, *any;
    int level, recv_ttl, ttl, recv_class, class, recv_info, info, recv_original, original;
} families[] = {
    {"127.0.0.1", "0.0.0.0", IPPROTO_IP, IP_RECVTTL, IP_TTL, IP_RECVTOS, IP_TOS, IP_PKTINFO, IP_PKTINFO,
     IP_RECVORIGDSTADDR, IP_ORIGDSTADDR},
    {"::1", "::", IPPROTO_IPV6, IPV6_RECVHOPLIMIT, IPV6_HOPLIMIT, IPV6_RECVTCLASS, IPV6_TCLASS, IPV6_RECVPKTINFO,
     IPV6_PKTINFO, IPV6_RECVORIGDSTADDR, IPV6_ORIGDSTADDR},
};

#define skip_without_ipv6() \
    if (_i == 1 && !have_ipv6()) \
    skip("no IPv6 on loopback")

/* ---- ttl and traffic class ---------------------------------------------------------- */

START_TEST(ttl_and_traffic_class_are_sent) {
    llnet_socket a, b;
    llnet_addr a_addr, b_addr;
    llnet_message *letter;
    int ttl = 0, class = 0;

    skip_without_ipv6();
    open_udp_at(&a, &a_addr, families[_i].host);
    open_udp_at(&b, &b_addr, families[_i].host);
    letter = new_letter("x", &b_addr);
    ck_assert(set_int(&b, families[_i].level, families[_i].recv_ttl, 1));
    assert_ok(llnet_message_set_ttl(letter, 9));
    assert_ok(llnet_message_set_traffic_class(letter, 0xb9));
    assert_ok(llnet_message_set_ttl(letter, 33)); /* in the place of 9 */
    ck_assert_uint_eq(llnet_message_get_control_count(letter), 4);
    ck_assert_int_eq(llnet_socket_send_message(&a, letter, 0), 1);
    ck_assert_int_eq(raw_recv_control(&b, families[_i].level, families[_i].ttl, &ttl, sizeof ttl), sizeof ttl);
    ck_assert_int_eq(ttl, 33);
    ck_assert(set_int(&b, families[_i].level, families[_i].recv_ttl, 0));
    ck_assert(set_int(&b, families[_i].level, families[_i].recv_class, 1));
    ck_assert_int_eq(llnet_socket_send_message(&a, letter, 0), 1);
    ck_assert_int_ge(raw_recv_control(&b, families[_i].level, families[_i].class, &class, sizeof class), 1);
    ck_assert_int_eq(class, 0xb9);
    llnet_message_free(letter);
    close_two(&a, &b);
}
END_TEST

START_TEST(ttl_and_traffic_class_that_came_are_read) {
    llnet_socket a, b;
    llnet_addr a_addr, b_addr;
    struct inbox inbox;
    int value = 77;

    skip_without_ipv6();
    open_udp_at(&a, &a_addr, families[_i].host);
    open_udp_at(&b, &b_addr, families[_i].host);
    open_inbox(&inbox, LLNET_MESSAGE_CONTROL);
    ck_assert(set_int(&b, families[_i].level, families[_i].recv_ttl, 1));
    ck_assert(set_int(&b, families[_i].level, families[_i].recv_class, 1));
    raw_send_control(&a, &b_addr, families[_i].level, families[_i].ttl, &value, sizeof value);
    receive_from(&b, &inbox);
    value = 0;
    assert_ok(llnet_message_get_ttl(inbox.message, &value));
    ck_assert_int_eq(value, 77);
    assert_ok(llnet_message_get_traffic_class(inbox.message, &value));
    ck_assert_int_eq(value, 0);
    value = 0xb8 + IPTOS_ECN_CE;
    raw_send_control(&a, &b_addr, families[_i].level, families[_i].class, &value, sizeof value);
    receive_from(&b, &inbox);
    value = 0;
    assert_ok(llnet_message_get_traffic_class(inbox.message, &value));
    ck_assert_int_eq(value, 0xbb);
    assert_ok(llnet_message_get_ecn(inbox.message, &value));
    ck_assert_int_eq(value, 3);
    close_inbox(&inbox);
    close_two(&a, &b);
}
END_TEST

START_TEST(values_outside_their_range_are_einval) {
    llnet_message *self = new_letter("x", NULL);

    assert_error(llnet_message_set_ttl(self, 0), EINVAL);
    assert_error(llnet_message_set_ttl(self, 256), EINVAL);
    assert_error(llnet_message_set_ttl(self, -1), EINVAL);
    assert_error(llnet_message_set_traffic_class(self, -1), EINVAL);
    assert_error(llnet_message_set_traffic_class(self, 256), EINVAL);
    assert_error(llnet_message_set_segment_size(self, 0), EINVAL);
    assert_error(llnet_message_set_segment_size(self, 65536), EINVAL);
    ck_assert_uint_eq(llnet_message_get_control_count(self), 0);
    assert_ok(llnet_message_set_ttl(self, 1));
    assert_ok(llnet_message_set_ttl(self, 255));
    assert_ok(llnet_message_set_traffic_class(self, 0));
    assert_ok(llnet_message_set_traffic_class(self, 255));
    llnet_message_free(self);
}
END_TEST

START_TEST(both_families_fields_are_set_or_none) {
    llnet_message *self;
    const char byte = 5;

    assert_ok(llnet_message_new(&self, CMSG_SPACE(4) + CMSG_SPACE(1)));
    assert_ok(llnet_message_add_control(self, IPPROTO_IP, IP_TTL, &byte, 1));
    assert_error(llnet_message_set_ttl(self, 7), ENOBUFS);
    ck_assert_uint_eq(llnet_message_get_control_count(self), 1);
    assert_error(llnet_message_set_traffic_class(self, 7), ENOBUFS);
    ck_assert_uint_eq(llnet_message_get_control_count(self), 1);
    llnet_message_clear_control(self);
    assert_ok(llnet_message_set_ttl(self, 7));
    ck_assert_uint_eq(llnet_message_get_control_count(self), 2);
    llnet_message_free(self);
    assert_ok(llnet_message_new(&self, LLNET_MESSAGE_CONTROL));
    assert_ok(llnet_message_add_control(self, IPPROTO_IP, IP_TTL, &byte, 1));
    assert_ok(llnet_message_set_ttl(self, 7)); /* in the place of what add_control put there */
    ck_assert_uint_eq(llnet_message_get_control_count(self), 2);
    llnet_message_free(self);
}
END_TEST

/* ---- packet info ---------------------------------------------------------------------- */

START_TEST(the_destination_and_the_interface_are_told) {
    llnet_socket a, b;
    llnet_addr a_addr, b_addr, expected, addr;
    struct inbox inbox;
    uint32_t ifindex = 0;

    skip_without_ipv6();
    open_udp_at(&a, &a_addr, families[_i].host);
    open_udp_at(&b, &b_addr, families[_i].any);
    open_inbox(&inbox, LLNET_MESSAGE_CONTROL);
    llnet_addr_init(&expected);
    assert_ok(llnet_addr_set_ip(&expected, _i == 0 ? "127.0.0.3" : "::1", (int)llnet_addr_get_port(&b_addr)));
    ck_assert(set_int(&b, families[_i].level, families[_i].recv_info, 1));
    ck_assert(set_int(&b, families[_i].level, families[_i].recv_original, 1));
    ck_assert_int_eq(llnet_socket_sendto(&a, "x", 1, &expected, 0), 1);
    receive_from(&b, &inbox);
    assert_ok(llnet_message_get_original_destination(inbox.message, &addr));
    ck_assert(llnet_addr_equal(&addr, &expected));
    assert_ok(llnet_message_get_destination(inbox.message, &addr));
    assert_ok(llnet_addr_set_ip(&expected, _i == 0 ? "127.0.0.3" : "::1", 0));
    ck_assert(llnet_addr_equal(&addr, &expected));
    assert_ok(llnet_message_get_interface(inbox.message, &ifindex));
    ck_assert_uint_eq(ifindex, if_nametoindex("lo"));
    close_inbox(&inbox);
    close_two(&a, &b);
}
END_TEST

START_TEST(the_source_is_chosen) {
    llnet_socket a, b;
    llnet_addr b_addr, source, expected, from;
    llnet_message *letter;
    char byte;

    skip_without_ipv6();
    open_udp_at(&a, &from, families[_i].any);
    open_udp_at(&b, &b_addr, families[_i].host);
    letter = new_letter("x", &b_addr);
    llnet_addr_init(&source);
    assert_ok(llnet_addr_set_ip(&source, _i == 0 ? "::1" : "127.0.0.9", 0));
    assert_ok(llnet_message_set_source(letter, &source, 0)); /* replaced, family and all */
    assert_ok(llnet_addr_set_ip(&source, _i == 0 ? "127.0.0.2" : "::1", 7777));
    assert_ok(llnet_message_set_source(letter, &source, _i == 0 ? 0 : if_nametoindex("lo")));
    ck_assert_uint_eq(llnet_message_get_control_count(letter), 1);
    ck_assert_int_eq(llnet_socket_send_message(&a, letter, 0), 1);
    expected = source;
    llnet_addr_set_port(&expected, (int)llnet_addr_get_port(&from));
    ck_assert_int_eq(llnet_socket_recvfrom(&b, &byte, 1, &from, 0), 1);
    ck_assert(llnet_addr_equal(&from, &expected));
    assert_ok(llnet_addr_set_ip(&source, families[_i].any, 0)); /* the kernel's choice */
    assert_ok(llnet_message_set_source(letter, &source, 0));
    ck_assert_int_eq(llnet_socket_send_message(&a, letter, 0), 1);
    ck_assert_int_eq(llnet_socket_recvfrom(&b, &byte, 1, &from, 0), 1);
    llnet_addr_set_port(&from, 0);
    assert_ok(llnet_addr_set_ip(&expected, families[_i].host, 0));
    ck_assert(llnet_addr_equal(&from, &expected));
    llnet_message_free(letter);
    close_two(&a, &b);
}
END_TEST

START_TEST(a_source_must_be_an_ip_address_and_an_interface) {
    llnet_message *self = new_letter("x", NULL);
    llnet_addr addr;

    llnet_addr_init(&addr);
    assert_error(llnet_message_set_source(self, &addr, 0), EAFNOSUPPORT);
    assert_ok(llnet_addr_set_unix(&addr, "name", 4));
    assert_error(llnet_message_set_source(self, &addr, 0), EAFNOSUPPORT);
    assert_ok(llnet_addr_set_ip(&addr, "127.0.0.1", 0));
    assert_error(llnet_message_set_source(self, &addr, (uint32_t)INT32_MAX + 1), ENODEV);
    ck_assert_uint_eq(llnet_message_get_control_count(self), 0);
    llnet_message_free(self);
}
END_TEST

START_TEST(v4_mapped_datagrams_have_their_fields_on_a_socket_of_inet6) {
    llnet_socket a, b;
    llnet_addr a_addr, b_addr, to, addr, expected;
    struct inbox inbox;
    llnet_message *letter;
    char byte;
    int ttl = 0;

    if (!have_ipv6())
        skip("no IPv6 on loopback");
    open_udp_at(&a, &a_addr, "127.0.0.1");
    assert_ok(llnet_socket_open(&b, AF_INET6, SOCK_DGRAM, 0, 0));
    ck_assert(set_int(&b, IPPROTO_IPV6, IPV6_V6ONLY, 0));
    llnet_addr_init(&b_addr);
    assert_ok(llnet_addr_set_ip(&b_addr, "::", 0));
    assert_ok(llnet_socket_bind(&b, &b_addr));
    assert_ok(llnet_socket_get_sockname(&b, &b_addr));
    ck_assert(set_int(&b, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1));
    ck_assert(set_int(&b, IPPROTO_IP, IP_RECVTTL, 1));
    open_inbox(&inbox, LLNET_MESSAGE_CONTROL);
    llnet_addr_init(&to);
    assert_ok(llnet_addr_set_ip(&to, "127.0.0.4", (int)llnet_addr_get_port(&b_addr)));
    letter = new_letter("x", &to);
    assert_ok(llnet_message_set_ttl(letter, 44));
    ck_assert_int_eq(llnet_socket_send_message(&a, letter, 0), 1);
    receive_from(&b, &inbox);
    llnet_addr_init(&expected);
    assert_ok(llnet_addr_set_ip(&expected, "::ffff:127.0.0.4", 0));
    assert_ok(llnet_message_get_destination(inbox.message, &addr));
    ck_assert(llnet_addr_equal(&addr, &expected));
    assert_ok(llnet_message_get_ttl(inbox.message, &ttl));
    ck_assert_int_eq(ttl, 44);
    /* the reply leaves by the address that it was sent to, of either form */
    for (int i = 0; i < 2; i++) {
        assert_ok(llnet_addr_set_ip(&addr, i == 0 ? "::ffff:127.0.0.4" : "127.0.0.4", 0));
        assert_ok(llnet_message_set_source(inbox.message, &addr, 0));
        ck_assert_int_eq(llnet_socket_send_message(&b, inbox.message, 0), sizeof inbox.bytes);
        ck_assert_int_eq(llnet_socket_recvfrom(&a, &byte, 1, &addr, 0), 1);
        ck_assert(llnet_addr_equal(&addr, &to));
    }
    llnet_message_free(letter);
    close_inbox(&inbox);
    close_two(&a, &b);
}
END_TEST

START_TEST(control_data_without_room_is_truncated_and_read_as_absent) {
    llnet_socket a, b;
    llnet_addr a_addr, b_addr, addr;
    struct inbox inbox;
    uint32_t ifindex;

    open_udp_at(&a, &a_addr, "127.0.0.1");
    open_udp_at(&b, &b_addr, "127.0.0.1");
    ck_assert(set_int(&b, IPPROTO_IP, IP_PKTINFO, 1));
    /* for nothing, the header alone, a part of the data */
    open_inbox(&inbox, (const size_t[]){0, CMSG_LEN(0), CMSG_LEN(8)}[_i]);
    ck_assert_int_eq(llnet_socket_sendto(&a, "x", 1, &b_addr, 0), 1);
    receive_from(&b, &inbox);
    ck_assert(llnet_message_is_control_truncated(inbox.message));
    ck_assert_int_eq(llnet_message_get_flags(inbox.message), MSG_CTRUNC);
    assert_error(llnet_message_get_destination(inbox.message, &addr), ENOENT);
    assert_error(llnet_message_get_interface(inbox.message, &ifindex), ENOENT);
    close_inbox(&inbox);
    close_two(&a, &b);
}
END_TEST

/* ---- an own network namespace ------------------------------------------------------------ */

/* Sets up loopback and joins a group there; the exit code of the child: 77 may not. */
static int receive_multicast(void) {
    struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP};
    struct ip_mreqn group = {.imr_ifindex = 1};
    llnet_socket a, b;
    llnet_addr any, to, addr;
    struct inbox inbox;
    uint32_t ifindex = 0;
    char text[64] = "";
    bool up;
    int fd;

    if (unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0)
        return 77;
    fd = socket(AF_INET, SOCK_DGRAM, 0);
    up = fd >= 0 && ioctl(fd, SIOCSIFFLAGS, &request) == 0;
    if (fd >= 0)
        close(fd);
    if (!up)
        return 77;
    open_udp_at(&a, &any, "127.0.0.1");
    open_udp_at(&b, &any, "0.0.0.0");
    llnet_addr_init(&to);
    assert_ok(llnet_addr_set_ip(&to, "239.1.2.3", (int)llnet_addr_get_port(&any)));
    assert_ok(llnet_addr_get_ip_bytes(&to, &group.imr_multiaddr, sizeof group.imr_multiaddr));
    if (setsockopt((int)llnet_socket_fileno(&b), IPPROTO_IP, IP_ADD_MEMBERSHIP, &group, sizeof group) != 0 ||
        setsockopt((int)llnet_socket_fileno(&a), IPPROTO_IP, IP_MULTICAST_IF, &group, sizeof group) != 0)
        return 2;
    if (!set_int(&b, IPPROTO_IP, IP_PKTINFO, 1) || llnet_socket_sendto(&a, "group", 5, &to, 0) != 5)
        return 3;
    open_inbox(&inbox, LLNET_MESSAGE_CONTROL);
    if (llnet_socket_poll(&b, POLLIN, 5000) != POLLIN || llnet_socket_recv_message(&b, inbox.message, 0) != 5)
        return 4;
    assert_ok(llnet_message_get_destination(inbox.message, &addr));
    assert_ok(llnet_addr_format(&addr, text, sizeof text));
    assert_ok(llnet_message_get_interface(inbox.message, &ifindex));
    return strcmp(text, "239.1.2.3:0") == 0 && ifindex == 1 ? 0 : 5;
}

START_TEST(a_group_is_told_as_the_destination) {
    pid_t child = fork();
    int status = -1;

    ck_assert_int_ge(child, 0);
    if (child == 0)
        _exit(receive_multicast());
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFEXITED(status));
    if (WEXITSTATUS(status) == 77)
        skip("no network namespace of its own");
    ck_assert_int_eq(WEXITSTATUS(status), 0);
}
END_TEST

/* ---- as it is ------------------------------------------------------------------------------------ */

START_TEST(control_data_as_it_is_goes_and_comes) {
    llnet_socket a, b;
    llnet_addr a_addr, b_addr;
    struct inbox inbox;
    llnet_message *letter;
    int ttl = 21, got = 0, level = -1, type = -1;
    char small[2];

    open_udp_pair(&a, &a_addr, &b, &b_addr);
    open_inbox(&inbox, LLNET_MESSAGE_CONTROL);
    letter = new_letter("x", &b_addr);
    ck_assert(set_int(&b, IPPROTO_IP, IP_RECVTTL, 1));
    assert_ok(llnet_message_add_control(letter, IPPROTO_IP, IP_TTL, &ttl, sizeof ttl));
    ck_assert_int_eq(llnet_socket_send_message(&a, letter, 0), 1);
    receive_from(&b, &inbox);
    ck_assert_uint_eq(llnet_message_get_control_count(inbox.message), 1);
    assert_ok(llnet_message_get_control_type(inbox.message, 0, &level, &type));
    ck_assert_int_eq(level, IPPROTO_IP);
    ck_assert_int_eq(type, IP_TTL);
    ck_assert_int_eq(llnet_message_get_control_data(inbox.message, 0, &got, sizeof got), sizeof got);
    ck_assert_int_eq(got, 21);
    assert_error(llnet_message_get_control_data(inbox.message, 0, small, sizeof small), ENOBUFS);
    assert_error(llnet_message_get_control_data(inbox.message, 1, &got, sizeof got), LLNET_EBOUNDS);
    assert_error(llnet_message_get_control_type(inbox.message, SIZE_MAX, &level, &type), LLNET_EBOUNDS);
    /* what came is not sent */
    ck_assert_int_eq(llnet_socket_send_message(&b, inbox.message, 0), sizeof inbox.bytes);
    llnet_message_free(letter);
    close_inbox(&inbox);
    close_two(&a, &b);
}
END_TEST

START_TEST(a_message_that_brought_nothing_has_no_field) {
    llnet_socket a, b;
    llnet_addr addr;
    struct inbox inbox;
    int64_t time, pid;
    uint32_t number;
    int value, other;
    bool copied;

    open_inbox(&inbox, LLNET_MESSAGE_CONTROL);
    open_unix(&a, &b, SOCK_DGRAM);
    if (_i == 1) {
        ck_assert_int_eq(llnet_socket_send(&a, "x", 1, 0), 1);
        receive_from(&b, &inbox);
    } else if (_i == 2) { /* what is to be sent did not come */
        assert_ok(llnet_message_set_ttl(inbox.message, 5));
        assert_ok(llnet_message_set_traffic_class(inbox.message, 5));
        assert_ok(llnet_message_set_credentials(inbox.message, 1, 1, 1));
        assert_ok(llnet_message_add_descriptor(inbox.message, 0));
    }
    assert_error(llnet_message_get_credentials(inbox.message, &pid, &pid, &pid), ENOENT);
    assert_error(llnet_message_get_destination(inbox.message, &addr), ENOENT);
    assert_error(llnet_message_get_interface(inbox.message, &number), ENOENT);
    assert_error(llnet_message_get_original_destination(inbox.message, &addr), ENOENT);
    assert_error(llnet_message_get_ttl(inbox.message, &value), ENOENT);
    assert_error(llnet_message_get_traffic_class(inbox.message, &value), ENOENT);
    assert_error(llnet_message_get_ecn(inbox.message, &value), ENOENT);
    assert_error(llnet_message_get_timestamp(inbox.message, &time), ENOENT);
    assert_error(llnet_message_get_hardware_timestamp(inbox.message, &time), ENOENT);
    assert_error(llnet_message_get_timestamp_key(inbox.message, &value, &number), ENOENT);
    assert_error(llnet_message_get_segment_size(inbox.message, &number), ENOENT);
    assert_error(llnet_message_get_drop_count(inbox.message, &number), ENOENT);
    assert_error(llnet_message_get_error(inbox.message, &value, &other, &other, &other, &number), ENOENT);
    assert_error(llnet_message_get_error_offender(inbox.message, &addr), ENOENT);
    assert_error(llnet_message_get_zerocopy(inbox.message, &number, &number, &copied), ENOENT);
    close_inbox(&inbox);
    close_two(&a, &b);
}
END_TEST

void add_field_cases(Suite *suite) {
    TCase *tcase = add_case(suite, "fields");

    tcase_add_loop_test(tcase, ttl_and_traffic_class_are_sent, 0, 2);
    tcase_add_loop_test(tcase, ttl_and_traffic_class_that_came_are_read, 0, 2);
    tcase_add_test(tcase, values_outside_their_range_are_einval);
    tcase_add_test(tcase, both_families_fields_are_set_or_none);
    tcase_add_loop_test(tcase, the_destination_and_the_interface_are_told, 0, 2);
    tcase_add_loop_test(tcase, the_source_is_chosen, 0, 2);
    tcase_add_test(tcase, a_source_must_be_an_ip_address_and_an_interface);
    tcase_add_test(tcase, v4_mapped_datagrams_have_their_fields_on_a_socket_of_inet6);
    tcase_add_loop_test(tcase, control_data_without_room_is_truncated_and_read_as_absent, 0, 3);
    tcase_add_test(tcase, a_group_is_told_as_the_destination);
    tcase_add_test(tcase, control_data_as_it_is_goes_and_comes);
    tcase_add_loop_test(tcase, a_message_that_brought_nothing_has_no_field, 0, 3);
}
