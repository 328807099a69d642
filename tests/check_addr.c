/* SPDX-License-Identifier: MIT */
/* check_addr.c: addresses from parts and bytes and back, order, hash and classes.
 * Expected values come from the RFCs. Unix names are in check_addr_unix.c. */
#include "addr_fixture.h"

#include <arpa/inet.h>

/* ---- making ------------------------------------------------------------------------- */

START_TEST(layout_is_the_frozen_one) {
    ck_assert_uint_eq(llnet_addr_size(), 136);
    ck_assert_uint_eq(sizeof(llnet_addr), 136);
    ck_assert_uint_eq(offsetof(llnet_addr, data), 8);
    ck_assert_uint_ge(LLNET_ADDR_BYTES_MAX, sizeof(struct sockaddr_storage));
}
END_TEST

START_TEST(zero_bytes_and_init_are_the_same_unspecified_address) {
    llnet_addr zero, made;
    unsigned char bytes[HEAD], expected[HEAD] = {0};

    memset(&zero, 0, sizeof zero);
    memset(&made, 0xff, sizeof made);
    llnet_addr_init(&made);
    assert_same(&zero, &made);
    for (const llnet_addr *addr = &zero; addr != NULL; addr = addr == &zero ? &made : NULL) {
        ck_assert_int_eq(llnet_addr_get_family(addr), AF_UNSPEC);
        ck_assert_uint_eq(llnet_addr_get_size(addr), HEAD);
        ck_assert_int_eq(llnet_addr_get_bytes(addr, bytes, sizeof bytes), HEAD);
        assert_text(addr, "unspec");
        assert_error(llnet_addr_get_port(addr), EAFNOSUPPORT);
        assert_error(llnet_addr_get_unix(addr, NULL, 0), EAFNOSUPPORT);
    }
#ifdef HAVE_STRUCT_SOCKADDR_SA_LEN
    expected[0] = HEAD;
#endif
    ck_assert_mem_eq(bytes, expected, HEAD);
}
END_TEST

START_TEST(ipv4_has_the_bytes_of_sockaddr_in) {
    llnet_addr addr = ip("192.0.2.1", 8080);
    struct sockaddr_in in;

    memset(&in, 0, sizeof in);
    ck_assert_int_eq(llnet_addr_get_bytes(&addr, &in, sizeof in), sizeof in);
    ck_assert_int_eq(in.sin_family, AF_INET);
    ck_assert_uint_eq(ntohs(in.sin_port), 8080);
    ck_assert_uint_eq(ntohl(in.sin_addr.s_addr), 0xc0000201);
    ck_assert_int_eq(llnet_addr_get_port(&addr), 8080);
    ck_assert_int_eq(llnet_addr_get_family(&addr), AF_INET);
}
END_TEST

START_TEST(ipv6_has_the_bytes_of_sockaddr_in6) {
    llnet_addr addr = ip("2001:db8::a", 65535);
    static const unsigned char expected[16] = {0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 10};
    struct sockaddr_in6 in6;

    assert_ok(llnet_addr_set_scope_id(&addr, 7));
    assert_ok(llnet_addr_set_flowinfo(&addr, 0x12345));
    memset(&in6, 0, sizeof in6);
    ck_assert_int_eq(llnet_addr_get_bytes(&addr, &in6, sizeof in6), sizeof in6);
    ck_assert_int_eq(in6.sin6_family, AF_INET6);
    ck_assert_uint_eq(ntohs(in6.sin6_port), 65535);
    ck_assert_uint_eq(in6.sin6_scope_id, 7);
    ck_assert_uint_eq(ntohl(in6.sin6_flowinfo), 0x12345);
    ck_assert_mem_eq(&in6.sin6_addr, expected, 16);
}
END_TEST

/* clang-format off */
static const char *const bad_ips[] = {
    "", " ", "1", "1.2.3", "1.2.3.", "1.2.3.4.", "1.2.3.4.5", ".1.2.3.4", "01.2.3.4", "1.2.3.04", "1.2.3.256",
    "1.2.3.-4", "1.2.3.4 ", " 1.2.3.4", "1.2.3.4\n", "0x7f.0.0.1", "1.2.3.0004", "1..2.3", "localhost", "127.1",
    "1.2.3.4:80", "1.2.3.4%lo", ":", ":::", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1::2::3", "12345::", "::g",
    "[::1]", "::1%", "::1 ", "::1.2.3", "::1.2.3.256", "::1%4294967296", "::1%99999999999",
    "1:2:3:4:5:6:7:1.2.3.4",
    "0000000000000000000000000000000000000000000000000000000000000000000000000000000001"};
/* clang-format on */

START_TEST(bad_ip_is_einval_and_leaves_the_address) {
    llnet_addr addr = ip("fe80::1", 9), before = addr;
    int ports[] = {-1, 65536, INT32_MAX, INT32_MIN};

    for (size_t i = 0; i < sizeof bad_ips / sizeof *bad_ips; i++) {
        assert_error(llnet_addr_set_ip(&addr, bad_ips[i], 80), EINVAL);
        ck_assert_mem_eq(&addr, &before, sizeof addr);
    }
    for (size_t i = 0; i < sizeof ports / sizeof *ports; i++) {
        assert_error(llnet_addr_set_ip(&addr, "::1", ports[i]), EINVAL);
        assert_error(llnet_addr_set_ip(&addr, "127.0.0.1", ports[i]), EINVAL);
        assert_error(llnet_addr_set_ip_bytes(&addr, "abcd", 4, ports[i]), EINVAL);
        assert_error(llnet_addr_set_port(&addr, ports[i]), EINVAL);
    }
    for (size_t len = 0; len <= 20; len++)
        if (len != 4 && len != 16)
            assert_error(llnet_addr_set_ip_bytes(&addr, "abcdefghijklmnopqrst", len, 1), EINVAL);
    assert_error(llnet_addr_set_ip(&addr, NULL, 1), EINVAL);
    assert_error(llnet_addr_set_ip(&addr, "::1%no-such-if", 1), ENODEV);
    assert_error(llnet_addr_set_ip(&addr, "::1%a-name-longer-than-any-interface-has", 1), ENODEV);
    ck_assert_mem_eq(&addr, &before, sizeof addr);
}
END_TEST

START_TEST(bytes_of_an_earlier_address_do_not_stay) {
    llnet_addr addr, expected = {0};
    unsigned char *bytes = llnet_addr_data(&addr);
    char path[100];

    memset(path, 'x', sizeof path);
    for (int way = 0; way < 6; way++) {
        assert_ok(llnet_addr_set_unix(&addr, path, sizeof path));
        if (way == 0)
            llnet_addr_init(&addr);
        else if (way == 1)
            assert_ok(llnet_addr_set_ip(&addr, "1.2.3.4", 5));
        else if (way == 2)
            assert_ok(llnet_addr_set_ip_bytes(&addr, "\1\2\3\4", 4, 5));
        else if (way == 3)
            assert_ok(llnet_addr_set_unix(&addr, "y", 1));
        else if (way == 4)
            assert_ok(llnet_addr_set_bytes(&addr, llnet_addr_data(&addr), 10));
        else
            assert_ok(llnet_addr_set_family(&addr, AF_UNIX));
        ck_assert_mem_eq(bytes + llnet_addr_get_size(&addr), &expected.data.bytes,
                         LLNET_ADDR_BYTES_MAX - llnet_addr_get_size(&addr));
    }
}
END_TEST

START_TEST(setters_of_parts_refuse_other_families) {
    const char *texts[] = {"unspec", "unix:x", "family:100:00", "family:2:00", "family:10:00"};
    llnet_addr addr;
    uint32_t value = 77;
    char room[64];

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        addr = parsed(texts[i]);
        assert_error(llnet_addr_get_port(&addr), EAFNOSUPPORT);
        assert_error(llnet_addr_set_port(&addr, 1), EAFNOSUPPORT);
        assert_error(llnet_addr_get_ip(&addr, room, sizeof room), EAFNOSUPPORT);
        assert_error(llnet_addr_get_ip_bytes(&addr, room, sizeof room), EAFNOSUPPORT);
    }
    for (size_t i = 0; i <= sizeof texts / sizeof *texts; i++) {
        addr = i == 0 ? ip("1.2.3.4", 5) : parsed(texts[i - 1]);
        assert_error(llnet_addr_get_scope_id(&addr, &value), EAFNOSUPPORT);
        assert_error(llnet_addr_set_scope_id(&addr, 1), EAFNOSUPPORT);
        assert_error(llnet_addr_get_flowinfo(&addr, &value), EAFNOSUPPORT);
        assert_error(llnet_addr_set_flowinfo(&addr, 1), EAFNOSUPPORT);
    }
    ck_assert_uint_eq(value, 77);
    addr = ip("1.2.3.4", 5);
    assert_error(llnet_addr_get_unix(&addr, room, sizeof room), EAFNOSUPPORT);
}
END_TEST

START_TEST(parts_are_returned_as_they_were_set) {
    llnet_addr addr = ip("::", 0);
    uint32_t value;
    unsigned char bytes[16];

    for (int port = 0; port <= 65535; port++) {
        assert_ok(llnet_addr_set_port(&addr, port));
        ck_assert_int_eq(llnet_addr_get_port(&addr), port);
    }
    assert_ok(llnet_addr_set_scope_id(&addr, UINT32_MAX));
    assert_ok(llnet_addr_get_scope_id(&addr, &value));
    ck_assert_uint_eq(value, UINT32_MAX);
    assert_ok(llnet_addr_set_flowinfo(&addr, 0x01020304));
    assert_ok(llnet_addr_get_flowinfo(&addr, &value));
    ck_assert_uint_eq(value, 0x01020304);
    assert_ok(llnet_addr_set_ip_bytes(&addr, "0123456789abcdef", 16, 1));
    ck_assert_int_eq(llnet_addr_get_ip_bytes(&addr, bytes, 16), 16);
    ck_assert_mem_eq(bytes, "0123456789abcdef", 16);
    assert_ok(llnet_addr_get_flowinfo(&addr, &value));
    ck_assert_uint_eq(value, 0);
    assert_error(llnet_addr_get_ip_bytes(&addr, bytes, 15), ENOBUFS);
    assert_ok(llnet_addr_set_ip_bytes(&addr, "\177\0\0\1", 4, 1));
    assert_error(llnet_addr_get_ip_bytes(&addr, bytes, 3), ENOBUFS);
    ck_assert_int_eq(llnet_addr_get_ip_bytes(&addr, bytes, 4), 4);
    ck_assert_mem_eq(bytes, "\177\0\0\1", 4);
    /* from the address's own memory */
    assert_ok(llnet_addr_set_ip_bytes(&addr, (char *)llnet_addr_data(&addr) + 4, 4, 2));
    assert_text(&addr, "127.0.0.1:2");
}
END_TEST

START_TEST(set_bytes_takes_any_whole_sockaddr) {
    unsigned char bytes[LLNET_ADDR_BYTES_MAX + 1] = {0}, back[LLNET_ADDR_BYTES_MAX];
    struct sockaddr_in6 in6;
    llnet_addr addr = ip("1.2.3.4", 5), before = addr, made, expected;
    sa_family_t families[] = {AF_INET, AF_INET6};
    size_t least[] = {sizeof(struct sockaddr_in), sizeof(struct sockaddr_in6)};

    for (size_t len = 0; len < HEAD; len++)
        assert_error(llnet_addr_set_bytes(&addr, bytes, len), EINVAL);
    assert_error(llnet_addr_set_bytes(&addr, bytes, sizeof bytes), EINVAL);
    for (int i = 0; i < 2; i++) {
        memcpy(bytes + offsetof(struct sockaddr, sa_family), &families[i], sizeof families[i]);
        assert_error(llnet_addr_set_bytes(&addr, bytes, least[i] - 1), EINVAL);
        ck_assert_mem_eq(&addr, &before, sizeof addr);
        assert_ok(llnet_addr_set_bytes(&made, bytes, least[i]));
        ck_assert_int_eq(llnet_addr_get_family(&made), families[i]);
    }
    memset(&in6, 0, sizeof in6);
    in6.sin6_family = AF_INET6;
    in6.sin6_port = htons(443);
    in6.sin6_scope_id = 900001;
    ck_assert_int_eq(inet_pton(AF_INET6, "fe80::1", &in6.sin6_addr), 1);
    assert_ok(llnet_addr_set_bytes(&addr, &in6, sizeof in6));
    assert_text(&addr, "[fe80::1%900001]:443");
    ck_assert_int_eq(llnet_addr_get_bytes(&addr, back, sizeof in6), sizeof in6);
    assert_error(llnet_addr_get_bytes(&addr, back, sizeof in6 - 1), ENOBUFS);
    /* of AF_UNSPEC no byte counts */
    memset(bytes, 0, HEAD);
    memset(bytes + HEAD, 0xff, sizeof bytes - HEAD);
    assert_ok(llnet_addr_set_bytes(&addr, bytes, LLNET_ADDR_BYTES_MAX));
    llnet_addr_init(&expected);
    ck_assert_mem_eq(&addr, &expected, sizeof addr);
}
END_TEST

START_TEST(set_family_makes_the_wildcard_or_an_empty_address) {
    llnet_addr addr = ip("1.2.3.4", 5), before = addr;

    assert_error(llnet_addr_set_family(&addr, -1), EAFNOSUPPORT);
    assert_error(llnet_addr_set_family(&addr, 65536), EAFNOSUPPORT);
    assert_error(llnet_addr_set_family(&addr, INT32_MIN), EAFNOSUPPORT);
    ck_assert_mem_eq(&addr, &before, sizeof addr);
    assert_ok(llnet_addr_set_family(&addr, AF_INET));
    assert_text(&addr, "0.0.0.0:0");
    assert_ok(llnet_addr_set_family(&addr, AF_INET6));
    assert_text(&addr, "[::]:0");
    assert_ok(llnet_addr_set_family(&addr, AF_UNIX));
    assert_text(&addr, "unix:");
    assert_ok(llnet_addr_set_family(&addr, AF_UNSPEC));
    assert_text(&addr, "unspec");
    ck_assert_uint_eq(llnet_addr_get_size(&addr), HEAD);
    assert_ok(llnet_addr_set_family(&addr, 200));
    ck_assert_uint_eq(llnet_addr_get_size(&addr), sizeof(struct sockaddr));
    ck_assert_int_eq(llnet_addr_get_family(&addr), 200);
    assert_text(&addr, "family:200:0000000000000000000000000000");
}
END_TEST

START_TEST(set_size_stays_in_bounds) {
    llnet_addr addr = ip("1.2.3.4", 5);

    assert_error(llnet_addr_set_size(&addr, HEAD - 1), LLNET_EBOUNDS);
    assert_error(llnet_addr_set_size(&addr, LLNET_ADDR_BYTES_MAX + 1), LLNET_EBOUNDS);
    assert_error(llnet_addr_set_size(&addr, SIZE_MAX), LLNET_EBOUNDS);
    ck_assert_uint_eq(llnet_addr_get_size(&addr), sizeof(struct sockaddr_in));
    assert_ok(llnet_addr_set_size(&addr, LLNET_ADDR_BYTES_MAX));
    assert_text(&addr, "1.2.3.4:5");
    assert_ok(llnet_addr_set_size(&addr, HEAD));
    assert_text(&addr, "family:2:");
    assert_ok(llnet_addr_set_size(&addr, sizeof(struct sockaddr_in)));
    assert_text(&addr, "1.2.3.4:5");
    ck_assert_ptr_eq(llnet_addr_data(&addr), llnet_addr_const_data(&addr));
}
END_TEST

/* ---- order and hash ------------------------------------------------------------------------- */

START_TEST(order_is_by_family_address_scope_flowinfo_port) {
    /* clang-format off */
    static const char *const sorted[] = {
        "unspec", "unix:",
#ifdef __linux__
        "unix:@", "unix:@a", "unix:@a%00", "unix:@b",
#endif
        "unix:%01", "unix:a", "unix:aa", "unix:b", "unix:\xff", "0.0.0.0:65535", "1.2.3.4:1", "1.2.3.4:255",
        "1.2.3.4:256", "1.2.3.5:0", "2.0.0.0:0", "255.255.255.255:0", "[::]:1", "[::1]:9", "[::1]:10",
        "[::1]:1?flowinfo=0xff", "[::1]:1?flowinfo=0x100", "[::1%90255]:1", "[::1%90256]:0?flowinfo=0x1",
        "[::1%4000000000]:0", "[::2]:0", "[ffff::]:0", "family:100:", "family:100:00", "family:100:0000",
        "family:100:01", "family:200:", "family:255:"};
    /* clang-format on */
    size_t count = sizeof sorted / sizeof *sorted;

    for (size_t i = 0; i < count; i++) {
        llnet_addr a = parsed(sorted[i]);
        assert_same(&a, &a);
        for (size_t j = i + 1; j < count; j++) {
            llnet_addr b = parsed(sorted[j]);
            assert_before(&a, &b);
        }
    }
}
END_TEST

START_TEST(padding_does_not_count) {
    struct sockaddr_in in;
    unsigned char longer[40];
    llnet_addr a = ip("192.0.2.1", 80), b, unspec = {0}, wide;

    memset(&in, 0xee, sizeof in);
    ck_assert_int_eq(llnet_addr_get_bytes(&a, longer, sizeof longer), sizeof in);
    in.sin_family = AF_INET;
    in.sin_port = htons(80);
    in.sin_addr.s_addr = htonl(0xc0000201);
    assert_ok(llnet_addr_set_bytes(&b, &in, sizeof in));
    assert_same(&a, &b);
    memset(longer + sizeof in, 0xee, sizeof longer - sizeof in);
    assert_ok(llnet_addr_set_bytes(&b, longer, sizeof longer));
    assert_same(&a, &b);
    assert_text(&b, "192.0.2.1:80");
    memset(longer, 0, HEAD);
    wide = from_bytes(longer, sizeof longer);
    assert_same(&unspec, &wide);
    /* but an address that lacks bytes is another, whatever bytes it has */
    b = parsed("family:2:c00002010050");
    ck_assert(!llnet_addr_equal(&a, &b));
}
END_TEST

START_TEST(hash_spreads_neighbouring_addresses) {
    static unsigned char seen[3][65536];
    unsigned used[3] = {0, 0, 0};

    for (uint32_t i = 0; i < 65536; i++) {
        unsigned char bytes[4] = {10, 0, (unsigned char)(i >> 8), (unsigned char)i};
        llnet_addr by_port = ip("127.0.0.1", (int)i), by_host = {0};
        uint32_t hashes[3];

        assert_ok(llnet_addr_set_ip_bytes(&by_host, bytes, 4, 80));
        hashes[0] = llnet_addr_hash(&by_port) & 0xffff;
        hashes[1] = llnet_addr_hash(&by_host) & 0xffff;
        hashes[2] = llnet_addr_hash(&by_host) >> 16;
        for (int j = 0; j < 3; j++) {
            used[j] += seen[j][hashes[j]] == 0;
            seen[j][hashes[j]] = 1;
        }
    }
    /* n random values fall on n * (1 - 1/e) places: 41427 here, give or take 79 */
    for (int j = 0; j < 3; j++)
        ck_assert_uint_gt(used[j], 40800);
}
END_TEST

/* ---- classes ---------------------------------------------------------------------------------- */

enum { ANY = 1, LOOPBACK = 2, MULTICAST = 4, LINK_LOCAL = 8, PRIVATE = 16, MAPPED = 32 };

/* RFC 1122, 1918, 3927, 4193, 4291, 5771; ::127.0.0.1 is compatible, not mapped */
/* clang-format off */
static const struct {
    const char *ip;
    int classes;
} classified[] = {
    {"0.0.0.0", ANY}, {"0.0.0.1", 0}, {"1.0.0.0", 0}, {"9.255.255.255", 0}, {"10.0.0.0", PRIVATE},
    {"10.255.255.255", PRIVATE}, {"11.0.0.0", 0}, {"126.255.255.255", 0}, {"127.0.0.0", LOOPBACK},
    {"127.0.0.1", LOOPBACK}, {"127.255.255.255", LOOPBACK}, {"128.0.0.0", 0}, {"169.253.255.255", 0},
    {"169.254.0.0", LINK_LOCAL}, {"169.254.255.255", LINK_LOCAL}, {"169.255.0.0", 0}, {"172.15.255.255", 0},
    {"172.16.0.0", PRIVATE}, {"172.31.255.255", PRIVATE}, {"172.32.0.0", 0}, {"192.167.255.255", 0},
    {"192.168.0.0", PRIVATE}, {"192.168.255.255", PRIVATE}, {"192.169.0.0", 0}, {"100.64.0.1", 0},
    {"223.255.255.255", 0}, {"224.0.0.0", MULTICAST}, {"239.255.255.255", MULTICAST}, {"240.0.0.0", 0},
    {"255.255.255.255", 0}, {"::", ANY}, {"::1", LOOPBACK}, {"::2", 0}, {"::127.0.0.1", 0}, {"1::", 0},
    {"1::1", 0}, {"2001:db8::1", 0}, {"fbff:ffff::1", 0}, {"fc00::", PRIVATE}, {"fd00::1", PRIVATE},
    {"fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", PRIVATE}, {"fe00::1", 0}, {"fe7f:ffff::1", 0},
    {"fe80::", LINK_LOCAL}, {"febf:ffff::1", LINK_LOCAL}, {"fec0::1", 0}, {"feff::1", 0}, {"ff00::", MULTICAST},
    {"ff02::1", MULTICAST}, {"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", MULTICAST},
    {"::ffff:0.0.0.0", MAPPED | ANY}, {"::ffff:127.1.2.3", MAPPED | LOOPBACK},
    {"::ffff:224.0.0.1", MAPPED | MULTICAST}, {"::ffff:169.254.1.1", MAPPED | LINK_LOCAL},
    {"::ffff:172.16.0.1", MAPPED | PRIVATE}, {"::ffff:172.32.0.1", MAPPED}, {"::fffe:127.0.0.1", 0},
    {"::1:ffff:127.0.0.1", 0}, {"64:ff9b::127.0.0.1", 0}};
/* clang-format on */

static int classes_of(const llnet_addr *addr) {
    return (llnet_addr_is_any(addr) ? ANY : 0) | (llnet_addr_is_loopback(addr) ? LOOPBACK : 0) |
           (llnet_addr_is_multicast(addr) ? MULTICAST : 0) | (llnet_addr_is_link_local(addr) ? LINK_LOCAL : 0) |
           (llnet_addr_is_private(addr) ? PRIVATE : 0) | (llnet_addr_is_v4_mapped(addr) ? MAPPED : 0);
}

START_TEST(classes_are_those_of_the_rfcs) {
    for (size_t i = 0; i < sizeof classified / sizeof *classified; i++) {
        llnet_addr addr = ip(classified[i].ip, 80);
        ck_assert_msg(classes_of(&addr) == classified[i].classes, "%s has classes %d, not %d", classified[i].ip,
                      classes_of(&addr), classified[i].classes);
    }
}
END_TEST

START_TEST(what_is_not_ip_has_no_class) {
    static const char *const texts[] = {"unspec",    "unix:",        "unix:127.0.0.1",
                                        "family:2:", "family:10:00", "family:100:000000000000000000000000"};

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        llnet_addr addr = parsed(texts[i]);
        ck_assert_int_eq(classes_of(&addr), 0);
    }
}
END_TEST

int main(void) {
    Suite *suite = suite_create("addr");
    TCase *making = add_case(suite, "making");
    TCase *order = add_case(suite, "order"), *classes = add_case(suite, "classes");

    tcase_add_test(making, layout_is_the_frozen_one);
    tcase_add_test(making, zero_bytes_and_init_are_the_same_unspecified_address);
    tcase_add_test(making, ipv4_has_the_bytes_of_sockaddr_in);
    tcase_add_test(making, ipv6_has_the_bytes_of_sockaddr_in6);
    tcase_add_test(making, bad_ip_is_einval_and_leaves_the_address);
    tcase_add_test(making, bytes_of_an_earlier_address_do_not_stay);
    tcase_add_test(making, setters_of_parts_refuse_other_families);
    tcase_add_test(making, parts_are_returned_as_they_were_set);
    tcase_add_test(making, set_bytes_takes_any_whole_sockaddr);
    tcase_add_test(making, set_family_makes_the_wildcard_or_an_empty_address);
    tcase_add_test(making, set_size_stays_in_bounds);
    tcase_add_test(order, order_is_by_family_address_scope_flowinfo_port);
    tcase_add_test(order, padding_does_not_count);
    tcase_add_test(order, hash_spreads_neighbouring_addresses);
    tcase_add_test(classes, classes_are_those_of_the_rfcs);
    tcase_add_test(classes, what_is_not_ip_has_no_class);
    return run_suite(suite);
}
