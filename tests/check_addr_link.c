/* SPDX-License-Identifier: MIT */
/* check_addr_link.c: netlink, packet and vsock addresses: their bytes by the kernel's
 * headers, their text, and what the kernel itself gives for bound sockets and for a
 * datagram that was seen on the way. */
#include "addr_fixture.h"

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/netlink.h>
#include <linux/vm_sockets.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <poll.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <unistd.h>

static const unsigned char hardware[40] = {0x02, 0x42, 0xac, 0x11, 0, 2, 7, 8, 9};

static llnet_addr netlink(uint32_t port_id, uint32_t groups) {
    llnet_addr addr = {0};
    assert_ok(llnet_addr_set_netlink(&addr, port_id, groups));
    return addr;
}

static llnet_addr packet(uint32_t ifindex, int ethertype, size_t len) {
    llnet_addr addr = {0};
    assert_ok(llnet_addr_set_packet(&addr, ifindex, ethertype, hardware, len));
    return addr;
}

static llnet_addr vsock(uint32_t cid, uint32_t port) {
    llnet_addr addr = {0};
    assert_ok(llnet_addr_set_vsock(&addr, cid, port));
    return addr;
}

/* ---- parts and bytes ---------------------------------------------------------------- */

START_TEST(netlink_has_the_bytes_of_sockaddr_nl) {
    llnet_addr addr = netlink(0x12345678, 0x80000001);
    uint32_t port_id = 0, groups = 0;
    struct sockaddr_nl nl;

    ck_assert_int_eq(llnet_addr_get_bytes(&addr, &nl, sizeof nl), sizeof nl);
    ck_assert_int_eq(nl.nl_family, AF_NETLINK);
    ck_assert_int_eq(nl.nl_pad, 0);
    ck_assert_uint_eq(nl.nl_pid, 0x12345678);
    ck_assert_uint_eq(nl.nl_groups, 0x80000001);
    assert_ok(llnet_addr_get_netlink(&addr, &port_id, &groups));
    ck_assert_uint_eq(port_id, 0x12345678);
    ck_assert_uint_eq(groups, 0x80000001);
}
END_TEST

START_TEST(packet_has_the_bytes_of_sockaddr_ll) {
    llnet_addr addr = packet(7, 0x88cc, 6);
    uint32_t ifindex = 0;
    int ethertype = 0, packet_type = -1, hardware_type = -1;
    unsigned char bytes[8];
    struct sockaddr_ll ll;

    ck_assert_int_eq(llnet_addr_get_bytes(&addr, &ll, sizeof ll), sizeof ll);
    ck_assert_int_eq(ll.sll_family, AF_PACKET);
    ck_assert_int_eq(ll.sll_ifindex, 7);
    ck_assert_uint_eq(ntohs(ll.sll_protocol), 0x88cc);
    ck_assert_int_eq(ll.sll_halen, 6);
    ck_assert_mem_eq(ll.sll_addr, "\x02\x42\xac\x11\0\x02\0\0", 8);
    ck_assert_int_eq(ll.sll_pkttype, 0);
    ck_assert_int_eq(ll.sll_hatype, 0);
    assert_ok(llnet_addr_get_packet(&addr, &ifindex, &ethertype, &packet_type, &hardware_type));
    ck_assert_uint_eq(ifindex, 7);
    ck_assert_int_eq(ethertype, 0x88cc);
    ck_assert_int_eq(packet_type, 0);
    ck_assert_int_eq(hardware_type, 0);
    ck_assert_int_eq(llnet_addr_get_packet_hardware(&addr, bytes, 6), 6);
    ck_assert_mem_eq(bytes, hardware, 6);
    assert_error(llnet_addr_get_packet_hardware(&addr, bytes, 5), ENOBUFS);
}
END_TEST

START_TEST(vsock_has_the_bytes_of_sockaddr_vm) {
    llnet_addr addr = vsock(VMADDR_CID_HOST, 1024);
    uint32_t cid = 0, port = 0;
    struct sockaddr_vm vm, expected;

    memset(&expected, 0, sizeof expected);
    expected.svm_family = AF_VSOCK;
    expected.svm_cid = VMADDR_CID_HOST;
    expected.svm_port = 1024;
    ck_assert_int_eq(llnet_addr_get_bytes(&addr, &vm, sizeof vm), sizeof vm);
    ck_assert_mem_eq(&vm, &expected, sizeof vm);
    assert_ok(llnet_addr_get_vsock(&addr, &cid, &port));
    ck_assert_uint_eq(cid, VMADDR_CID_HOST);
    ck_assert_uint_eq(port, 1024);
}
END_TEST

START_TEST(hardware_addresses_have_0_to_32_bytes_and_ethertypes_16_bits) {
    unsigned char bytes[32];
    llnet_addr addr = packet(1, 0, 0), before;

    ck_assert_int_eq(llnet_addr_get_packet_hardware(&addr, NULL, 0), 0);
    ck_assert_uint_eq(llnet_addr_get_size(&addr), sizeof(struct sockaddr_ll));
    addr = packet(1, 65535, 32);
    ck_assert_uint_eq(llnet_addr_get_size(&addr), offsetof(struct sockaddr_ll, sll_addr) + 32);
    ck_assert_int_eq(llnet_addr_get_packet_hardware(&addr, bytes, sizeof bytes), 32);
    ck_assert_mem_eq(bytes, hardware, 32);
    before = addr;
    assert_error(llnet_addr_set_packet(&addr, 1, 0, hardware, 33), EINVAL);
    assert_error(llnet_addr_set_packet(&addr, 1, 0, hardware, SIZE_MAX), EINVAL);
    assert_error(llnet_addr_set_packet(&addr, 1, -1, hardware, 0), EINVAL);
    assert_error(llnet_addr_set_packet(&addr, 1, 65536, hardware, 0), EINVAL);
    ck_assert_mem_eq(&addr, &before, sizeof addr);
    /* of its own bytes */
    assert_ok(llnet_addr_set_packet(&addr, 2, 3, (const char *)llnet_addr_const_data(&before) + 12, 6));
    assert_ok(
        llnet_addr_set_packet(&addr, 2, 3, (const char *)llnet_addr_data(&addr) + 12, 6)); /* what stood there */
    assert_text(&addr, "packet:2:0x0003:02:42:ac:11:00:02");
}
END_TEST

START_TEST(of_another_family_or_too_short_is_eafnosupport) {
    llnet_addr addrs[] = {ip("127.0.0.1", 1), {0}, netlink(1, 1), packet(1, 1, 6), vsock(1, 1)};
    uint32_t first = 77, second = 77;
    int a = 77, b = 77, c = 77;

    for (int i = 0; i < 5; i++) {
        ck_assert_int_eq(llnet_addr_get_netlink(&addrs[i], &first, &second), i == 2 ? 0 : -EAFNOSUPPORT);
        ck_assert_int_eq(llnet_addr_get_packet(&addrs[i], &first, &a, &b, &c), i == 3 ? 0 : -EAFNOSUPPORT);
        ck_assert_int_eq(llnet_addr_get_packet_hardware(&addrs[i], NULL, 0), i == 3 ? -ENOBUFS : -EAFNOSUPPORT);
        ck_assert_int_eq(llnet_addr_get_vsock(&addrs[i], &first, &second), i == 4 ? 0 : -EAFNOSUPPORT);
    }
    first = second = 77;
    for (int i = 2; i < 5; i++)
        assert_ok(llnet_addr_set_size(&addrs[i], 11));
    assert_error(llnet_addr_get_netlink(&addrs[2], &first, &second), EAFNOSUPPORT);
    assert_error(llnet_addr_get_packet(&addrs[3], &first, &a, &b, &c), EAFNOSUPPORT);
    assert_error(llnet_addr_get_vsock(&addrs[4], &first, &second), EAFNOSUPPORT);
    ck_assert_uint_eq(first, 77);
    ck_assert_uint_eq(second, 77);
    assert_ok(llnet_addr_set_size(&addrs[3], 17)); /* less than its 6 hardware bytes */
    assert_error(llnet_addr_get_packet_hardware(&addrs[3], NULL, 0), EAFNOSUPPORT);
    assert_ok(llnet_addr_set_size(&addrs[3], 18));
    assert_error(llnet_addr_get_packet_hardware(&addrs[3], NULL, 0), ENOBUFS);
}
END_TEST

/* ---- text --------------------------------------------------------------------------- */

static const struct {
    const char *text;
    const char *canonical; /* NULL: the same */
} good_texts[] = {
    {"netlink:0:0x0", NULL},
    {"netlink:4294967295:0xffffffff", NULL},
    {"netlink:0x10:17", "netlink:16:0x11"},
    {"family:16:000000000000000000000000", "netlink:0:0x0"},
    {"family:16:0100000000000000", NULL},
    {"packet:2:0x0800:aa:bb:cc:dd:ee:ff", NULL},
    {"packet:0:0x0000:", NULL},
    {"packet:1:3:", "packet:1:0x0003:"},
    {"packet:1:0x3:00", "packet:1:0x0003:00"},
    {"packet:1:0x0003:00:00:00", NULL},
    {"packet:1:0x0800:AA?type=4&hardware=772", "packet:1:0x0800:aa?type=4&hardware=772"},
    {"packet:1:0x0800:?type=255&hardware=65535", NULL},
    {"packet:1:0x0800:?type=0&hardware=0", "packet:1:0x0800:"},
    {"packet:2147483648:0x0800:", NULL},
    {"packet:1:0x0003:00:01:02:03:04:05:06:07:08:09:0a:0b:0c:0d:0e:0f:10:11:12:13", NULL},
    {"vsock:2:1024", NULL},
    {"vsock:any:any", NULL},
    {"vsock:4294967295:0x400", "vsock:any:1024"},
    {"family:40:0100", NULL},
};

START_TEST(every_text_form_is_read_and_written) {
    for (size_t i = 0; i < sizeof good_texts / sizeof *good_texts; i++) {
        const char *text = good_texts[i].text;
        llnet_addr addr = {0};

        ck_assert_msg(llnet_addr_parse(&addr, text) == 0, "cannot parse %s", text);
        assert_text(&addr, good_texts[i].canonical != NULL ? good_texts[i].canonical : text);
        assert_round_trip(&addr);
    }
}
END_TEST

/* clang-format off */
static const char *const bad_texts[] = {
    "netlink", "netlink:", "netlink:1", "netlink:1:", "netlink::1", "netlink:4294967296:0", "netlink:1:0x100000000",
    "netlink:1:1 ", "netlink:1:1:1", "netlink:-1:0", "netlink:any:0", "netlink:1:0xg", "netlink:1:0x",
    "packet", "packet:", "packet:1", "packet:1:1", "packet::1:", "packet:1::", "packet:1:0x10000:", "packet:1:65536:",
    "packet:4294967296:1:", "packet:1:1:a", "packet:1:1:aa:", "packet:1:1::aa", "packet:1:1:aabb", "packet:1:1:aa-bb",
    "packet:1:1:aa bb", "packet:1:1:gg", "packet:1:1:?", "packet:1:1:?type=1", "packet:1:1:?type=1&",
    "packet:1:1:?type=256&hardware=1", "packet:1:1:?type=1&hardware=65536", "packet:1:1:?type=1&hardware=1 ",
    "packet:1:1:?hardware=1&type=1", "packet:1:1:aa:?type=1&hardware=1",
    "packet:1:1:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00",
    "vsock", "vsock:", "vsock:1", "vsock:1:", "vsock:any", "vsock:anyone:1", "vsock:any1", "vsock:any:any:",
    "vsock:any:anything", "vsock:1:1:", "vsock:-1:1", "vsock:1:4294967296", "Netlink:0:0", "vsock:any ",
};
/* clang-format on */

START_TEST(bad_text_is_einval_and_leaves_the_address) {
    llnet_addr addr = ip("fe80::1", 9), before = addr;

    for (size_t i = 0; i < sizeof bad_texts / sizeof *bad_texts; i++) {
        ck_assert_msg(llnet_addr_parse(&addr, bad_texts[i]) == -EINVAL, "%s is not EINVAL", bad_texts[i]);
        ck_assert_mem_eq(&addr, &before, sizeof addr);
    }
}
END_TEST

START_TEST(bytes_that_no_form_holds_are_given_as_bytes) {
    llnet_addr addr = netlink(1, 2);
    char text[LLNET_ADDR_TEXT_MAX];
    unsigned char *inside = llnet_addr_data(&addr);

    inside[2] = 9; /* nl_pad */
    ck_assert_int_gt(llnet_addr_format(&addr, text, sizeof text), 0);
    ck_assert_int_eq(strncmp(text, "family:16:09", 12), 0);
    assert_round_trip(&addr);
    addr = vsock(1, 2);
    assert_ok(llnet_addr_set_size(&addr, 17));
    assert_text(&addr, "vsock:1:2");
    ((unsigned char *)llnet_addr_data(&addr))[16] = 1;
    assert_round_trip(&addr);
    addr = packet(1, 2, 6);
    ((unsigned char *)llnet_addr_data(&addr))[11] = 200; /* sll_halen */
    assert_round_trip(&addr);
}
END_TEST

START_TEST(zero_bytes_at_the_end_do_not_count) {
    llnet_addr a = packet(1, 3, 6), b = a, c = packet(1, 3, 7), d = packet(1, 4, 6);

    assert_ok(llnet_addr_set_size(&b, 18)); /* as getsockname(2) has it */
    assert_same(&a, &b);
    ck_assert(!llnet_addr_equal(&a, &c));
    assert_before(&a, &d);
    b = packet(1, 3, 0);
    ck_assert(!llnet_addr_equal(&a, &b));
    a = netlink(5, 0);
    b = a;
    assert_ok(llnet_addr_set_size(&b, 16));
    assert_same(&a, &b);
    assert_ok(llnet_addr_set_size(&b, 11)); /* not whole, so another */
    ck_assert(!llnet_addr_equal(&a, &b));
}
END_TEST

/* ---- the kernel --------------------------------------------------------------------- */

START_TEST(the_kernel_names_a_bound_netlink_socket_so) {
    llnet_addr wanted = netlink(0, 1), name;
    uint32_t port_id = 0, groups = 0;
    struct sockaddr_nl nl = {0};
    socklen_t len = sizeof nl;
    llnet_socket sock;

    assert_ok(llnet_socket_open(&sock, AF_NETLINK, SOCK_RAW, NETLINK_ROUTE, 0));
    assert_ok(llnet_socket_bind(&sock, &wanted));
    assert_ok(llnet_socket_get_sockname(&sock, &name));
    ck_assert_int_eq(getsockname((int)llnet_socket_fileno(&sock), (struct sockaddr *)&nl, &len), 0);
    assert_ok(llnet_addr_get_netlink(&name, &port_id, &groups));
    ck_assert_uint_eq(port_id, nl.nl_pid);
    ck_assert_uint_eq(groups, 1);
    ck_assert_uint_ne(port_id, 0);
    wanted = netlink(port_id, 1);
    assert_same(&name, &wanted);
    assert_ok(llnet_socket_close(&sock));
}
END_TEST

START_TEST(the_kernel_names_a_bound_vsock_socket_so) {
    llnet_addr wanted = vsock(VMADDR_CID_ANY, VMADDR_PORT_ANY), name;
    uint32_t cid = 0, port = VMADDR_PORT_ANY;
    struct sockaddr_vm vm = {0};
    socklen_t len = sizeof vm;
    llnet_socket sock;

    if (llnet_socket_open(&sock, AF_VSOCK, SOCK_STREAM, 0, 0) < 0)
        skip("no AF_VSOCK");
    assert_ok(llnet_socket_bind(&sock, &wanted));
    assert_ok(llnet_socket_get_sockname(&sock, &name));
    ck_assert_int_eq(getsockname((int)llnet_socket_fileno(&sock), (struct sockaddr *)&vm, &len), 0);
    assert_ok(llnet_addr_get_vsock(&name, &cid, &port));
    ck_assert_uint_eq(cid, vm.svm_cid);
    ck_assert_uint_eq(cid, UINT32_MAX);
    ck_assert_uint_eq(port, vm.svm_port);
    ck_assert_uint_ne(port, UINT32_MAX);
    wanted = vsock(cid, port);
    assert_same(&name, &wanted);
    assert_ok(llnet_socket_close(&sock));
}
END_TEST

/* A network of this process's own, with lo up; false: not allowed. */
static bool enter_network(void) {
    struct ifreq request;
    int fd, result;

    if (unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0)
        return false;
    fd = socket(AF_INET, SOCK_DGRAM, 0);
    memset(&request, 0, sizeof request);
    snprintf(request.ifr_name, sizeof request.ifr_name, "lo");
    request.ifr_flags = IFF_UP;
    result = ioctl(fd, SIOCSIFFLAGS, &request);
    close(fd);
    return result == 0;
}

START_TEST(a_datagram_on_lo_is_seen_with_its_interface_and_direction) {
    llnet_addr wanted = packet(1, ETH_P_ALL, 0), name, from, addrs[2];
    uint32_t ifindex = 0;
    int ethertype = 0, types[2] = {-1, -1}, hardware_type = 0;
    unsigned char data[64], bytes[8];
    llnet_socket watch, socks[2];

    if (!enter_network() || llnet_socket_open(&watch, AF_PACKET, SOCK_DGRAM, 0, 0) < 0)
        skip("no network namespace of one's own");
    assert_ok(llnet_socket_bind(&watch, &wanted));
    assert_ok(llnet_socket_get_sockname(&watch, &name));
    ck_assert_uint_eq(llnet_addr_get_size(&name), 18);
    assert_text(&name, "packet:1:0x0003:00:00:00:00:00:00?type=0&hardware=772");
    open_udp_pair(&socks[0], &addrs[0], &socks[1], &addrs[1]);
    ck_assert_int_eq(llnet_socket_sendto(&socks[0], "seen", 4, &addrs[1], 0), 4);
    for (int i = 0; i < 2; i++) {
        /* IP and UDP headers have 28 bytes */
        ck_assert_int_eq(llnet_socket_poll(&watch, POLLIN, -1), POLLIN);
        ck_assert_int_eq(llnet_socket_recvfrom(&watch, data, sizeof data, &from, 0), 28 + 4);
        ck_assert_mem_eq(data + 28, "seen", 4);
        assert_ok(llnet_addr_get_packet(&from, &ifindex, &ethertype, &types[i], &hardware_type));
        ck_assert_uint_eq(ifindex, 1);
        ck_assert_int_eq(ethertype, ETH_P_IP);
        ck_assert_int_eq(hardware_type, ARPHRD_LOOPBACK);
        ck_assert_int_eq(llnet_addr_get_packet_hardware(&from, bytes, sizeof bytes), 6);
        ck_assert_mem_eq(bytes, "\0\0\0\0\0", 6);
        assert_round_trip(&from);
    }
    ck_assert_int_eq(types[0], PACKET_OUTGOING);
    ck_assert_int_eq(types[1], PACKET_HOST);
    assert_text(&from, "packet:1:0x0800:00:00:00:00:00:00?type=0&hardware=772");
    assert_ok(llnet_socket_close(&watch));
    assert_ok(llnet_socket_close(&socks[0]));
    assert_ok(llnet_socket_close(&socks[1]));
}
END_TEST

int main(void) {
    Suite *suite = suite_create("addr_link");
    TCase *parts = add_case(suite, "parts"), *text = add_case(suite, "text"), *kernel = add_case(suite, "kernel");

    tcase_add_test(parts, netlink_has_the_bytes_of_sockaddr_nl);
    tcase_add_test(parts, packet_has_the_bytes_of_sockaddr_ll);
    tcase_add_test(parts, vsock_has_the_bytes_of_sockaddr_vm);
    tcase_add_test(parts, hardware_addresses_have_0_to_32_bytes_and_ethertypes_16_bits);
    tcase_add_test(parts, of_another_family_or_too_short_is_eafnosupport);
    tcase_add_test(text, every_text_form_is_read_and_written);
    tcase_add_test(text, bad_text_is_einval_and_leaves_the_address);
    tcase_add_test(text, bytes_that_no_form_holds_are_given_as_bytes);
    tcase_add_test(text, zero_bytes_at_the_end_do_not_count);
    tcase_add_test(kernel, the_kernel_names_a_bound_netlink_socket_so);
    tcase_add_test(kernel, the_kernel_names_a_bound_vsock_socket_so);
    tcase_add_test(kernel, a_datagram_on_lo_is_seen_with_its_interface_and_direction);
    return run_suite(suite);
}
