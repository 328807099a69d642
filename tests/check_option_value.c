/* SPDX-License-Identifier: MIT */
/* check_option_value.c: option values by name, set and read back: numbers, times,
 * strings, bytes, addresses. Expected values come from getsockopt(2) on the
 * same descriptor. */
#include "harness.h"

#include <limits.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>
#ifdef __linux__
#include <grp.h>
#endif

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* ---- numbers ------------------------------------------------------------------------- */

enum {
    V4S = 1,
    V4D = 2,
    V6S = 4,
    V6D = 8,
    UNIX = 16,
    STREAM = V4S | V6S,
    DGRAM = V4D | V6D,
    INET = STREAM | DGRAM
};

static const struct {
    int domain, type;
} kinds[] = {{AF_INET, SOCK_STREAM},
             {AF_INET, SOCK_DGRAM},
             {AF_INET6, SOCK_STREAM},
             {AF_INET6, SOCK_DGRAM},
             {AF_UNIX, SOCK_STREAM}};

/* What is read after setting value is times it: socket(7) doubles buffer sizes. */
static const struct {
    const char *name;
    int value, times, on;
} settable[] = {
    {"SO_REUSEADDR", 1, 1, INET | UNIX},
    {"SO_REUSEPORT", 1, 1, INET},
    {"SO_KEEPALIVE", 1, 1, STREAM},
    {"SO_BROADCAST", 1, 1, DGRAM},
    {"SO_OOBINLINE", 1, 1, STREAM},
    {"SO_DONTROUTE", 1, 1, INET},
    {"SO_TIMESTAMP", 1, 1, DGRAM},
    {"SO_TIMESTAMPNS", 1, 1, DGRAM},
    {"SO_TIMESTAMPING", 16, 1, DGRAM},
    {"SO_PASSCRED", 1, 1, UNIX},
    {"SO_SNDBUF", 20000, 2, INET | UNIX},
    {"SO_RCVBUF", 20000, 2, INET | UNIX},
    {"SO_RCVLOWAT", 3, 1, STREAM},
    {"SO_PRIORITY", 4, 1, INET},
    {"SO_INCOMING_CPU", 0, 1, INET},
    {"SO_ZEROCOPY", 1, 1, STREAM},
    {"SO_RXQ_OVFL", 1, 1, DGRAM},
    {"SO_MAX_PACING_RATE", 1000000, 1, STREAM},
    {"IP_TOS", 0x10, 1, V4S | V4D},
    {"IP_TTL", 33, 1, V4S | V4D},
    {"IP_MINTTL", 7, 1, V4S | V4D},
    {"IP_FREEBIND", 1, 1, V4S | V4D},
    {"IP_BIND_ADDRESS_NO_PORT", 1, 1, V4S | V4D},
    {"IP_MTU_DISCOVER", IP_PMTUDISC_DO, 1, V4S | V4D},
    {"IP_MULTICAST_TTL", 255, 1, V4D},
    {"IP_MULTICAST_LOOP", 0, 1, V4D},
    {"IP_MULTICAST_ALL", 0, 1, V4D},
    {"IP_PKTINFO", 1, 1, V4D},
    {"IP_RECVERR", 1, 1, V4D},
    {"IP_RECVTTL", 1, 1, V4D},
    {"IP_RECVTOS", 1, 1, V4D},
    {"IP_RECVOPTS", 1, 1, V4D},
    {"IP_RECVORIGDSTADDR", 1, 1, V4D},
    {"IP_UNICAST_IF", 1, 1, V4D},
    {"IPV6_V6ONLY", 1, 1, V6S | V6D},
    {"IPV6_UNICAST_HOPS", 9, 1, V6S | V6D},
    {"IPV6_MULTICAST_HOPS", 9, 1, V6D},
    {"IPV6_MULTICAST_LOOP", 0, 1, V6D},
    {"IPV6_MULTICAST_IF", 1, 1, V6D},
    {"IPV6_UNICAST_IF", 1, 1, V6D},
    {"IPV6_TCLASS", 0x20, 1, V6S | V6D},
    {"IPV6_RECVPKTINFO", 1, 1, V6D},
    {"IPV6_RECVHOPLIMIT", 1, 1, V6D},
    {"IPV6_RECVTCLASS", 1, 1, V6D},
    {"IPV6_RECVERR", 1, 1, V6D},
    {"IPV6_DONTFRAG", 1, 1, V6D},
    {"TCP_NODELAY", 1, 1, STREAM},
    {"TCP_CORK", 1, 1, STREAM},
    {"TCP_QUICKACK", 0, 1, STREAM},
    {"TCP_KEEPIDLE", 77, 1, STREAM},
    {"TCP_KEEPINTVL", 7, 1, STREAM},
    {"TCP_KEEPCNT", 5, 1, STREAM},
    {"TCP_SYNCNT", 3, 1, STREAM},
    {"TCP_LINGER2", 9, 1, STREAM},
    {"TCP_USER_TIMEOUT", 1234, 1, STREAM},
    {"TCP_NOTSENT_LOWAT", 16384, 1, STREAM},
    {"TCP_FASTOPEN_CONNECT", 1, 1, STREAM},
    {"TCP_SAVE_SYN", 1, 1, STREAM},
    {"UDP_SEGMENT", 1200, 1, DGRAM},
    {"UDP_GRO", 1, 1, DGRAM},
};

/* The same number as the kernel has it. */
static int64_t raw_number(const llnet_socket *sock, const llnet_option *option) {
    unsigned char bytes[8] = {0};
    socklen_t len = strcmp(llnet_option_get_name(option), "SO_MAX_PACING_RATE") == 0 ? sizeof(long) : sizeof(int);
    int number;
    long wide;

    ck_assert_int_eq(getsockopt((int)llnet_socket_fileno(sock), llnet_option_get_level(option),
                                llnet_option_get_number(option), bytes, &len),
                     0);
    memcpy(&number, bytes, sizeof number);
    memcpy(&wide, bytes, sizeof wide);
    return len == sizeof wide ? wide : number;
}

static void set_and_get(const char *name, int value, int want, int domain, int type) {
    const llnet_option *option = llnet_option_find(name);
    bool swapped = strstr(name, "UNICAST_IF") != NULL; /* in network order, says ip(7) */
    llnet_socket sock;
    int64_t got = -99;

    ck_assert_ptr_nonnull(option);
    if (llnet_option_probe(option) == -ENOPROTOOPT)
        return;
    assert_ok(llnet_socket_open(&sock, domain, type, 0, 0));
    assert_ok(llnet_socket_set_option_int(&sock, name, value));
    assert_ok(llnet_socket_get_option_int(&sock, name, &got));
    ck_assert_msg(got == want, "%s: set %d, got %lld, not %d", name, value, (long long)got, want);
    ck_assert_int_eq(raw_number(&sock, option), swapped ? (int)htonl((uint32_t)want) : want);
    assert_ok(llnet_socket_close(&sock));
}

START_TEST(a_number_that_was_set_is_what_the_kernel_holds) {
    size_t i, kind;

    for (i = 0; i < COUNT(settable); i++)
        for (kind = 0; kind < COUNT(kinds); kind++)
            if ((settable[i].on & 1 << kind) != 0 && (kinds[kind].domain != AF_INET6 || have_ipv6()))
                set_and_get(settable[i].name, settable[i].value, settable[i].value * settable[i].times,
                            kinds[kind].domain, kinds[kind].type);
}
END_TEST

static void open_inet(llnet_socket *sock, int type) {
    assert_ok(llnet_socket_open(sock, AF_INET, type, 0, 0));
}

static int64_t get_int(const llnet_socket *sock, const char *name) {
    int64_t value = -99;
    assert_ok(llnet_socket_get_option_int(sock, name, &value));
    return value;
}

START_TEST(read_only_numbers_describe_the_socket) {
    llnet_socket sock, listener;
    llnet_addr addr;

    open_inet(&sock, SOCK_DGRAM);
    ck_assert_int_eq(get_int(&sock, "SO_TYPE"), SOCK_DGRAM);
    ck_assert_int_eq(get_int(&sock, "SO_DOMAIN"), AF_INET);
    ck_assert_int_eq(get_int(&sock, "SO_PROTOCOL"), IPPROTO_UDP);
    ck_assert_int_eq(get_int(&sock, "SO_ERROR"), 0);
    open_listener(&listener, &addr);
    ck_assert_int_eq(get_int(&listener, "SO_ACCEPTCONN"), 1);
    ck_assert_int_eq(get_int(&sock, "SO_ACCEPTCONN"), 0);
    assert_ok(llnet_socket_close(&listener));
    assert_ok(llnet_socket_close(&sock));
}
END_TEST

START_TEST(wide_numbers_keep_all_their_bits) {
    llnet_socket sock;
    uint64_t cookie = 0;
    socklen_t len = sizeof cookie;

    open_inet(&sock, SOCK_STREAM);
    ck_assert_int_eq(getsockopt((int)llnet_socket_fileno(&sock), SOL_SOCKET, SO_COOKIE, &cookie, &len), 0);
    ck_assert_int_eq(get_int(&sock, "SO_COOKIE"), (int64_t)cookie);
    ck_assert_int_eq(get_int(&sock, "SO_MAX_PACING_RATE"), -1); /* unlimited: all bits */
    if (sizeof(long) == 8) {
        assert_ok(llnet_socket_set_option_int(&sock, "SO_MAX_PACING_RATE", INT64_C(5000000000)));
        ck_assert_int_eq(get_int(&sock, "SO_MAX_PACING_RATE"), INT64_C(5000000000));
    }
    assert_ok(llnet_socket_set_option_int(&sock, "SO_MAX_PACING_RATE", -1));
    ck_assert_int_eq(get_int(&sock, "SO_MAX_PACING_RATE"), -1);
    assert_ok(llnet_socket_set_option_int(&sock, "TCP_NOTSENT_LOWAT", UINT32_MAX));
    ck_assert_int_eq(get_int(&sock, "TCP_NOTSENT_LOWAT"), UINT32_MAX);
    assert_ok(llnet_socket_close(&sock));
}
END_TEST

START_TEST(sixty_four_bits_are_set_whole) {
    uint64_t got = 0;
    llnet_socket sock;

    if (llnet_option_probe(llnet_option_find("SO_VM_SOCKETS_BUFFER_MAX_SIZE")) != 0)
        skip("no vsock");
    assert_ok(llnet_socket_open(&sock, AF_VSOCK, SOCK_STREAM, 0, 0));
    assert_ok(llnet_socket_set_option_int(&sock, "SO_VM_SOCKETS_BUFFER_MAX_SIZE", INT64_C(0x123456789)));
    ck_assert_int_eq(llnet_socket_get_option_raw(&sock, AF_VSOCK, 2, &got, sizeof got), sizeof got);
    ck_assert_uint_eq(got, UINT64_C(0x123456789));
    ck_assert_int_eq(get_int(&sock, "SO_VM_SOCKETS_BUFFER_MAX_SIZE"), INT64_C(0x123456789));
    assert_ok(llnet_socket_close(&sock));
}
END_TEST

START_TEST(numbers_out_of_range_are_refused_and_change_nothing) {
    llnet_socket sock;

    open_inet(&sock, SOCK_STREAM);
    assert_error(llnet_socket_set_option_int(&sock, "SO_REUSEADDR", 2), ERANGE);
    assert_error(llnet_socket_set_option_int(&sock, "SO_REUSEADDR", -1), ERANGE);
    ck_assert_int_eq(get_int(&sock, "SO_REUSEADDR"), 0);
    assert_error(llnet_socket_set_option_int(&sock, "SO_PRIORITY", (int64_t)INT_MAX + 1), ERANGE);
    assert_error(llnet_socket_set_option_int(&sock, "SO_PRIORITY", (int64_t)INT_MIN - 1), ERANGE);
    assert_error(llnet_socket_set_option_int(&sock, "SO_PRIORITY", INT64_C(0x100000001)), ERANGE);
    ck_assert_int_eq(get_int(&sock, "SO_PRIORITY"), 0);
    assert_error(llnet_socket_set_option_int(&sock, "TCP_NOTSENT_LOWAT", -1), ERANGE);
    assert_error(llnet_socket_set_option_int(&sock, "TCP_NOTSENT_LOWAT", (int64_t)UINT32_MAX + 1), ERANGE);
    assert_error(llnet_socket_set_option_int(&sock, "IP_MULTICAST_IF", -1), ERANGE);
    assert_error(llnet_socket_set_option_int(&sock, "IP_MULTICAST_IF", (int64_t)INT_MAX + 1), ERANGE);
    assert_error(llnet_socket_set_option_int(&sock, "IP_TTL", 256), EINVAL); /* the kernel's own limit */
    assert_ok(llnet_socket_close(&sock));
}
END_TEST

START_TEST(times_are_microseconds) {
    static const char *const names[] = {"SO_RCVTIMEO", "SO_SNDTIMEO"};
    static const int numbers[] = {SO_RCVTIMEO, SO_SNDTIMEO};
    struct timeval time;
    llnet_socket sock;
    socklen_t len;
    size_t i;
    char byte;

    open_inet(&sock, SOCK_DGRAM);
    for (i = 0; i < COUNT(names); i++) {
        ck_assert_int_eq(get_int(&sock, names[i]), 0);
        assert_ok(llnet_socket_set_option_int(&sock, names[i], 1500000));
        len = sizeof time;
        ck_assert_int_eq(getsockopt((int)llnet_socket_fileno(&sock), SOL_SOCKET, numbers[i], &time, &len), 0);
        ck_assert_int_eq(time.tv_sec, 1);
        ck_assert_int_eq(time.tv_usec, 500000);
        ck_assert_int_eq(get_int(&sock, names[i]), 1500000);
        /* up to a tick of the kernel, the slowest of which is 100 Hz */
        assert_ok(llnet_socket_set_option_int(&sock, names[i], 1));
        ck_assert_int_ge(get_int(&sock, names[i]), 1);
        ck_assert_int_le(get_int(&sock, names[i]), 10000);
        assert_error(llnet_socket_set_option_int(&sock, names[i], -1), ERANGE);
    }
    assert_error(llnet_socket_recv(&sock, &byte, 1, 0), EAGAIN);
    assert_ok(llnet_socket_close(&sock));
}
END_TEST

/* ---- strings and bytes ------------------------------------------------------------------ */

START_TEST(a_string_comes_without_its_nul_and_is_never_cut) {
    llnet_socket sock;
    char text[64];

    open_inet(&sock, SOCK_STREAM);
    assert_ok(llnet_socket_set_option_data(&sock, "TCP_CONGESTION", "reno", 4));
    memset(text, '#', sizeof text);
    ck_assert_int_eq(llnet_socket_get_option_data(&sock, "TCP_CONGESTION", text, sizeof text), 4);
    ck_assert_mem_eq(text, "reno#", 5);
    ck_assert_int_eq(llnet_socket_get_option_data(&sock, "TCP_CONGESTION", text, 4), 4);
    memset(text, '#', sizeof text);
    assert_error(llnet_socket_get_option_data(&sock, "TCP_CONGESTION", text, 3), ENOBUFS);
    ck_assert_mem_eq(text, "####", 4);
    assert_error(llnet_socket_set_option_data(&sock, "TCP_CONGESTION", "nonesuch", 8), ENOENT);
    assert_error(llnet_socket_set_option_data(&sock, "TCP_CONGESTION", "re\0o", 4), EINVAL);
    assert_error(llnet_socket_set_option_data(&sock, "TCP_CONGESTION", "renorenorenoreno", 16), ENAMETOOLONG);
    ck_assert_int_eq(llnet_socket_get_option_data(&sock, "TCP_CONGESTION", text, sizeof text), 4);
    assert_ok(llnet_socket_close(&sock));
}
END_TEST

START_TEST(a_device_name_goes_both_ways) {
    llnet_socket sock;
    char text[IFNAMSIZ];
    llnet_status status;

    open_inet(&sock, SOCK_DGRAM);
    ck_assert_int_eq(llnet_socket_get_option_data(&sock, "SO_BINDTODEVICE", text, sizeof text), 0);
    status = llnet_socket_set_option_data(&sock, "SO_BINDTODEVICE", "lo", 2);
    if (status == 0) { /* older kernels ask for a privilege */
        ck_assert_int_eq(llnet_socket_get_option_data(&sock, "SO_BINDTODEVICE", text, 2), 2);
        ck_assert_mem_eq(text, "lo", 2);
        ck_assert_int_eq(get_int(&sock, "SO_BINDTOIFINDEX"), if_nametoindex("lo"));
    } else {
        assert_error(status, EPERM);
    }
    assert_error(llnet_socket_set_option_data(&sock, "SO_BINDTODEVICE", "lolololololololo", 16), ENAMETOOLONG);
    assert_ok(llnet_socket_close(&sock));
}
END_TEST

START_TEST(ip_options_go_both_ways_as_bytes) {
    static const unsigned char none[4] = {1, 1, 1, 0}; /* no-operations and the end, RFC 791 */
    unsigned char bytes[44];
    llnet_socket sock;

    open_inet(&sock, SOCK_DGRAM);
    ck_assert_int_eq(llnet_socket_get_option_data(&sock, "IP_OPTIONS", bytes, sizeof bytes), 0);
    assert_ok(llnet_socket_set_option_data(&sock, "IP_OPTIONS", none, sizeof none));
    ck_assert_int_eq(llnet_socket_get_option_data(&sock, "IP_OPTIONS", bytes, sizeof bytes), sizeof none);
    ck_assert_mem_eq(bytes, none, sizeof none);
    assert_ok(llnet_socket_close(&sock));
}
END_TEST

/* BPF_RET | BPF_K with 0: no byte of any packet; twice */
static const struct {
    uint16_t code;
    uint8_t jt, jf;
    uint32_t k;
} drop_all[2] = {{6, 0, 0, 0}, {6, 0, 0, 0}};

START_TEST(a_socket_filter_is_its_instructions) {
    unsigned char bytes[24] = {0}, canary[24];
    llnet_socket a, b;
    llnet_addr a_addr, b_addr;

    open_udp_pair(&a, &a_addr, &b, &b_addr);
    assert_ok(llnet_socket_set_option_data(&b, "SO_ATTACH_FILTER", drop_all, sizeof drop_all));
    ck_assert_int_eq(llnet_socket_sendto(&a, "x", 1, &b_addr, 0), 1);
    assert_error(llnet_socket_recv(&b, bytes, 1, MSG_DONTWAIT), EAGAIN);
    ck_assert_int_eq(llnet_socket_get_option_data(&b, "SO_GET_FILTER", bytes, sizeof bytes), sizeof drop_all);
    ck_assert(memcmp(bytes, drop_all, sizeof drop_all) == 0);
    memset(bytes, '#', sizeof bytes);
    memset(canary, '#', sizeof canary);
    assert_error(llnet_socket_get_option_raw(&b, SOL_SOCKET, SO_GET_FILTER, bytes, 15), EINVAL);
    assert_error(llnet_socket_get_option_raw(&b, SOL_SOCKET, SO_GET_FILTER, bytes, 0), EINVAL);
    ck_assert_mem_eq(bytes, canary, sizeof canary); /* the kernel's lengths are instructions */
    assert_error(llnet_socket_set_option_data(&b, "SO_ATTACH_FILTER", drop_all, 7), EINVAL);
    assert_ok(llnet_socket_set_option_int(&b, "SO_DETACH_FILTER", 0));
    assert_error(llnet_socket_set_option_int(&b, "SO_DETACH_FILTER", 0), ENOENT);
    assert_ok(llnet_socket_close(&a));
    assert_ok(llnet_socket_close(&b));
}
END_TEST

#ifdef SO_PEERGROUPS
START_TEST(the_peers_groups_are_a_list_that_is_never_cut) {
    static const gid_t some[] = {5, 7, 65533, 0x80000001u, 0xfffffffeu};
    gid_t mine[65536], before[65536];
    uint32_t groups[65536], one = 7;
    llnet_socket a, b;
    int i, count, count_before = getgroups((int)COUNT(before), before);
    bool may = setgroups(COUNT(some), some) == 0;

    count = getgroups((int)COUNT(mine), mine);
    ck_assert_int_ge(count, may ? (int)COUNT(some) : 0);
    assert_ok(llnet_socket_pair(&a, &b, AF_UNIX, SOCK_STREAM, 0, 0));
    ck_assert_int_eq(llnet_socket_get_option_data(&a, "SO_PEERGROUPS", groups, sizeof groups), count * 4);
    for (i = 0; i < count; i++)
        ck_assert_uint_eq(groups[i], mine[i]);
    if (count > 1) {
        assert_error(llnet_socket_get_option_data(&a, "SO_PEERGROUPS", &one, sizeof one), ENOBUFS);
        ck_assert_uint_eq(one, 7);
        assert_error(llnet_socket_get_option_data(&a, "SO_PEERGROUPS", NULL, 0), ENOBUFS);
    }
    assert_error(llnet_socket_set_option_data(&a, "SO_PEERGROUPS", groups, sizeof *groups), EACCES);
    assert_error(llnet_socket_get_option_int(&a, "SO_PEERGROUPS", &(int64_t){0}), LLNET_ETYPE);
    assert_ok(llnet_socket_close(&a));
    assert_ok(llnet_socket_close(&b));
    if (may)
        ck_assert_int_eq(setgroups((size_t)count_before, before), 0);
}
END_TEST
#endif

/* ---- addresses ------------------------------------------------------------------------------ */

START_TEST(an_interface_address_goes_both_ways) {
    llnet_addr addr, got;
    llnet_socket sock;
    struct in_addr raw;
    socklen_t len = sizeof raw;

    open_inet(&sock, SOCK_DGRAM);
    assert_ok(llnet_addr_set_ip(&addr, "127.0.0.1", 0));
    assert_ok(llnet_socket_set_option_addr(&sock, "IP_MULTICAST_IF", &addr));
    ck_assert_int_eq(getsockopt((int)llnet_socket_fileno(&sock), IPPROTO_IP, IP_MULTICAST_IF, &raw, &len), 0);
    ck_assert_uint_eq(raw.s_addr, htonl(INADDR_LOOPBACK));
    assert_ok(llnet_socket_get_option_addr(&sock, "IP_MULTICAST_IF", &got));
    ck_assert(llnet_addr_equal(&got, &addr));
    /* by index there is no address any more */
    assert_ok(llnet_socket_set_option_int(&sock, "IP_MULTICAST_IF", if_nametoindex("lo")));
    assert_ok(llnet_socket_get_option_addr(&sock, "IP_MULTICAST_IF", &got));
    ck_assert(llnet_addr_is_any(&got));
    assert_error(llnet_socket_set_option_int(&sock, "IP_MULTICAST_IF", INT_MAX), EADDRNOTAVAIL);
    assert_ok(llnet_addr_set_ip(&addr, "::1", 0));
    assert_error(llnet_socket_set_option_addr(&sock, "IP_MULTICAST_IF", &addr), EAFNOSUPPORT);
    assert_error(llnet_socket_set_option_addr(&sock, "IPV6_NEXTHOP", &got), EAFNOSUPPORT);
    assert_ok(llnet_socket_close(&sock));
}
END_TEST

START_TEST(a_next_hop_goes_to_the_kernel_as_it_is) {
    struct sockaddr_in6 raw;
    llnet_socket sock;
    llnet_addr addr;
    int result;

    if (!have_ipv6())
        skip("no IPv6");
    assert_ok(llnet_socket_open(&sock, AF_INET6, SOCK_DGRAM, 0, 0));
    assert_ok(llnet_addr_set_ip(&addr, "::1", 0));
    ck_assert_int_eq(llnet_addr_get_bytes(&addr, &raw, sizeof raw), sizeof raw);
    result = setsockopt((int)llnet_socket_fileno(&sock), IPPROTO_IPV6, IPV6_NEXTHOP, &raw, sizeof raw);
    result = result < 0 ? -errno : 0;
    ck_assert_int_eq(llnet_socket_set_option_addr(&sock, "IPV6_NEXTHOP", &addr), result);
    assert_ok(llnet_socket_close(&sock));
}
END_TEST

START_TEST(a_connection_that_was_not_redirected_has_no_original_address) {
    llnet_socket client, server;
    llnet_addr got, before;
    llnet_status status;

    open_tcp_pair(&client, &server);
    assert_ok(llnet_addr_set_ip(&before, "192.0.2.1", 7));
    got = before;
    status = llnet_socket_get_option_addr(&server, "SO_ORIGINAL_DST", &got);
    /* the second one without connection tracking in the kernel */
    ck_assert(status == -ENOENT || status == -ENOPROTOOPT);
    ck_assert(llnet_addr_equal(&got, &before));
    assert_ok(llnet_socket_close(&client));
    assert_ok(llnet_socket_close(&server));
}
END_TEST

int main(void) {
    Suite *suite = suite_create("option_value");
    TCase *numbers = add_case(suite, "numbers");
    TCase *bytes = add_case(suite, "bytes");
    TCase *addresses = add_case(suite, "addresses");

    tcase_add_test(numbers, a_number_that_was_set_is_what_the_kernel_holds);
    tcase_add_test(numbers, read_only_numbers_describe_the_socket);
    tcase_add_test(numbers, wide_numbers_keep_all_their_bits);
    tcase_add_test(numbers, sixty_four_bits_are_set_whole);
    tcase_add_test(numbers, numbers_out_of_range_are_refused_and_change_nothing);
    tcase_add_test(numbers, times_are_microseconds);
    tcase_add_test(bytes, a_string_comes_without_its_nul_and_is_never_cut);
    tcase_add_test(bytes, a_device_name_goes_both_ways);
    tcase_add_test(bytes, ip_options_go_both_ways_as_bytes);
    tcase_add_test(bytes, a_socket_filter_is_its_instructions);
#ifdef SO_PEERGROUPS
    tcase_add_test(bytes, the_peers_groups_are_a_list_that_is_never_cut);
#endif
    tcase_add_test(addresses, an_interface_address_goes_both_ways);
    tcase_add_test(addresses, a_next_hop_goes_to_the_kernel_as_it_is);
    tcase_add_test(addresses, a_connection_that_was_not_redirected_has_no_original_address);
    return run_suite(suite);
}
