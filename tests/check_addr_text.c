/* SPDX-License-Identifier: MIT */
/* check_addr_text.c: addresses from text and back, by the grammar of
 * llnet/addr.h, and random ones. IP text is judged by libc's inet_pton and
 * inet_ntop. */
#include "addr_fixture.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <unistd.h>

static const struct {
    const char *text;
    const char *canonical; /* NULL: the same */
} good_texts[] = {
    {"127.0.0.1:80", NULL},
    {"0.0.0.0:0", NULL},
    {"255.255.255.255:65535", NULL},
    {"1.2.3.4:00080", "1.2.3.4:80"},
    {"[::1]:80", NULL},
    {"[::]:0", NULL},
    {"[2001:DB8:0:0:0:0:0:1]:443", "[2001:db8::1]:443"},
    {"[1:0:0:2:0:0:0:3]:1", "[1:0:0:2::3]:1"},
    {"[1:0:2:3:4:5:6:7]:1", "[1:0:2:3:4:5:6:7]:1"},
    {"[::ffff:1.2.3.4]:5", NULL},
    {"[::ffff:102:304]:5", "[::ffff:1.2.3.4]:5"},
    {"[fe80::1%4000000000]:1", NULL},
    {"[fe80::1%0]:1", "[fe80::1]:1"},
    {"[fe80::1%0000900001]:1", "[fe80::1%900001]:1"},
    {"[2001:db8::1]:80?flowinfo=0x12345", NULL},
    {"[2001:db8::1]:80?flowinfo=0x0", "[2001:db8::1]:80"},
    {"[::1%900001]:80?flowinfo=0xFFFFFFFF", "[::1%900001]:80?flowinfo=0xffffffff"},
    {"unix:/run/x.sock", NULL},
    {"unix:relative", NULL},
    {"unix:", NULL},
    {"unix:%40name", NULL},
    {"unix:a@b", NULL},
    {"unix:%25%0a%7f%20%01", NULL},
    {"unix:my%2Fsocket", "unix:my/socket"},
    {"unix:/tmp/my sock", "unix:/tmp/my%20sock"},
    {"unix:\xc3\xa9\xff", NULL},
    {"unspec", NULL},
    {"family:200:000000000000000000000000", NULL},
    {"family:16:", NULL},
    {"family:00016:aBcD", "family:16:abcd"},
    {"family:2:0050c0000201", "family:2:0050c0000201"},
    {"family:2:", NULL},
    {"family:10:00", NULL},
    {"family:0:", "unspec"},
    {"family:0:ffff", "unspec"},
#ifdef __linux__
    {"unix:@name", NULL},
    {"unix:@", NULL},
    {"unix:@@%00@x", "unix:@@%00@x"},
    {"unix:%00abc", "unix:@abc"},
    {"family:2:0050c00002010000000000000000", "192.0.2.1:80"},
    {"family:65535:01", NULL},
#endif
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
    "", " ", ":", ":80", "127.0.0.1", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:-1", "127.0.0.1:+1",
    "127.0.0.1: 1", "127.0.0.1:65536", "127.0.0.1:99999", "127.0.0.1:000080", "127.0.0.1:80 ", " 127.0.0.1:80",
    "127.0.0.1:80:80", "127.0.0.1:4294967376", "127.0.0.1:0x50", "127.0.0.1:80?flowinfo=0x1", "127.0.0.01:80",
    "127.1:80", "1.2.3:80", "localhost:80", "::1", "::1:80", "[", "[]", "[]:80", "[::1", "[::1]", "[::1]80",
    "[::1]:", "[::1]:65536", "[::1]:80 ", "[::1]:80?", "[::1]:80?flowinfo", "[::1]:80?flowinfo=",
    "[::1]:80?flowinfo=0x", "[::1]:80?flowinfo=1", "[::1]:80?flowinfo=0x123456789",
    "[::1]:80?flowinfo=0x012345678", "[::1]:80?flowinfo=0xg",
    "[::1]:80?flowinfo=0x1 ", "[::1]:80?flowinfo=0x1&x", "[::1]:80?scope=1", "[::1%]:80", "[::1%4294967296]:80",
    "[127.0.0.1]:80", "[::1]]:80", "[[::1]]:80", "[::1 ]:80", "unix", "Unix:x", "unix:%", "unix:%4", "unix:%4g",
    "unix:%g4", "unix:a%00", "unix:a%00b", "Unspec", "unspec ", "unspec:", "family", "family:", "family:16",
    "family::00", "family:16:0", "family:16:0g", "family:16:000", "family:16:00 ", "family:65536:00",
    "family:-1:00", "family:000016:00", "family:x:00", "family:99999:"};
/* clang-format on */

START_TEST(bad_text_is_einval_and_leaves_the_address) {
    llnet_addr addr = ip("fe80::1", 9), before = addr;
    char text[300];

    for (size_t i = 0; i < sizeof bad_texts / sizeof *bad_texts; i++) {
        ck_assert_msg(llnet_addr_parse(&addr, bad_texts[i]) == -EINVAL, "%s is not EINVAL", bad_texts[i]);
        ck_assert_mem_eq(&addr, &before, sizeof addr);
    }
    snprintf(text, sizeof text, "family:16:%0*d", 2 * (LLNET_ADDR_BYTES_MAX - HEAD + 1), 0);
    assert_error(llnet_addr_parse(&addr, text), EINVAL);
    assert_error(llnet_addr_parse(&addr, NULL), EINVAL);
    assert_error(llnet_addr_parse(&addr, "[0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0001]:80"),
                 EINVAL);
    assert_error(llnet_addr_parse(&addr, "[::1%no-such-if]:80"), ENODEV);
    assert_error(llnet_addr_parse(&addr, "[::1%a-name-longer-than-any-interface-of-any-system-has]:80"), ENODEV);
    ck_assert_mem_eq(&addr, &before, sizeof addr);
}
END_TEST

START_TEST(scope_is_an_interface_name_where_there_is_one) {
    char name[IF_NAMESIZE], text[64], expected[80];
    unsigned index = 1;
    llnet_addr addr;
    uint32_t value;

    while (index < 100 && if_indextoname(index, name) == NULL)
        index++;
    if (index == 100)
        skip("no interface");
    snprintf(text, sizeof text, "fe80::1%%%s", name);
    addr = ip(text, 80);
    assert_ok(llnet_addr_get_scope_id(&addr, &value));
    ck_assert_uint_eq(value, index);
    ck_assert_int_eq(llnet_addr_get_ip(&addr, expected, sizeof expected), (int)strlen(text));
    ck_assert_str_eq(expected, text);
    assert_error(llnet_addr_get_ip(&addr, expected, strlen(text)), ENOBUFS);
    ck_assert_int_eq(llnet_addr_get_ip(&addr, expected, strlen(text) + 1), (int)strlen(text));
    snprintf(expected, sizeof expected, "[%s]:80", text);
    assert_text(&addr, expected);
    assert_round_trip(&addr);
    snprintf(text, sizeof text, "[fe80::1%%%u]:80", index);
    addr = parsed(text);
    assert_text(&addr, expected);
}
END_TEST

/* Names the only interface of a new network namespace. */
static bool rename_loopback(const char *old, const char *new) {
#ifdef __linux__
    struct ifreq request;
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    int result;

    memset(&request, 0, sizeof request);
    snprintf(request.ifr_name, sizeof request.ifr_name, "%s", old);
    snprintf(request.ifr_newname, sizeof request.ifr_newname, "%s", new);
    result = ioctl(fd, SIOCSIFNAME, &request);
    close(fd);
    return result == 0;
#else
    (void)old, (void)new;
    return false;
#endif
}

START_TEST(interface_names_that_text_cannot_hold_are_given_as_numbers) {
    static const char *const names[] = {"7", "a]b", "a?b", "a[b", "\xc3\xa9", "a\x7f", "ok-1", NULL};
    const char *old = "lo";
    llnet_addr addr = ip("fe80::1", 80);

#ifdef CLONE_NEWNET
    if (unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0 || !rename_loopback(old, names[0]))
#endif
        skip("no network namespace of one's own");
    assert_ok(llnet_addr_set_scope_id(&addr, 1));
    for (const char *const *name = names; *name != NULL; old = *name++) {
        if (name != names && !rename_loopback(old, *name))
            ck_abort_msg("cannot name an interface %s", *name);
        assert_text(&addr, strcmp(*name, "ok-1") == 0 ? "[fe80::1%ok-1]:80" : "[fe80::1%1]:80");
        assert_round_trip(&addr);
    }
}
END_TEST

/* Any text that inet_pton takes we take, with the same bytes, and no other. */
START_TEST(ip_text_is_that_of_inet_pton_and_inet_ntop) {
    static const char alphabet[] = "0123456789abcdefF::::....xg %";
    char text[64], expected[64];
    unsigned char bytes[16], ours[16];
    unsigned taken = 0;

    for (int i = 0; i < 50000; i++) {
        int family = random_below(2) ? AF_INET : AF_INET6;
        llnet_addr addr = {0};
        bool good;

        random_bytes(bytes, sizeof bytes);
        ck_assert_ptr_nonnull(inet_ntop(family, bytes, text, sizeof text));
        assert_ok(llnet_addr_set_ip_bytes(&addr, bytes, family == AF_INET ? 4 : 16, 1));
        ck_assert_int_eq(llnet_addr_get_ip(&addr, expected, sizeof expected), (int)strlen(text));
        ck_assert_str_eq(expected, text);
        for (uint32_t changes = random_below(3); changes > 0; changes--)
            text[random_below((uint32_t)strlen(text))] = alphabet[random_below(sizeof alphabet - 1)];
        if (strchr(text, '%') != NULL)
            continue;
        family = inet_pton(AF_INET, text, bytes) == 1 ? AF_INET : AF_INET6;
        good = family == AF_INET || inet_pton(AF_INET6, text, bytes) == 1;
        ck_assert_msg(llnet_addr_set_ip(&addr, text, 1) == (good ? 0 : -EINVAL), "%s", text);
        if (!good)
            continue;
        taken++;
        ck_assert_int_eq(llnet_addr_get_family(&addr), family);
        ck_assert_int_eq(llnet_addr_get_ip_bytes(&addr, ours, 16), family == AF_INET ? 4 : 16);
        ck_assert_mem_eq(ours, bytes, family == AF_INET ? 4 : 16);
    }
    ck_assert_uint_gt(taken, 10000);
}
END_TEST

START_TEST(any_address_is_read_back_from_its_text) {
    for (int i = 0; i < 100000; i++) {
        llnet_addr addr = random_addr();
        assert_round_trip(&addr);
    }
}
END_TEST

START_TEST(the_longest_texts_fit) {
    unsigned char bytes[LLNET_ADDR_BYTES_MAX];
    sa_family_t family = AF_UNIX;
    size_t room = sizeof(struct sockaddr_un) - UNIX_HEAD;
    char text[LLNET_ADDR_TEXT_MAX];
    llnet_addr addr;

    memset(bytes, 1, sizeof bytes);
    addr = unix_named(bytes, room);
    ck_assert_int_eq(llnet_addr_format(&addr, text, sizeof text), (int)(5 + 3 * room));
    assert_round_trip(&addr);
    memcpy(bytes + offsetof(struct sockaddr, sa_family), &family, sizeof family);
    addr = from_bytes(bytes, sizeof bytes); /* no name that set_unix takes */
    ck_assert_int_eq(llnet_addr_format(&addr, text, sizeof text), (int)(9 + 2 * (sizeof bytes - HEAD)));
    assert_round_trip(&addr);
    ck_assert_int_eq(llnet_addr_get_unix(&addr, bytes, sizeof bytes), LLNET_ADDR_BYTES_MAX - UNIX_HEAD);
}
END_TEST

START_TEST(random_text_is_refused_or_read_and_written_alike) {
    static const char *const seeds[] = {"127.0.0.1:80",
                                        "[fe80::1%77777]:80?flowinfo=0x12345",
                                        "unix:%40a/b%25c",
                                        "unix:@abc%00d",
                                        "family:16:0011223344556677",
                                        "unspec",
                                        "netlink:4711:0x1f",
                                        "packet:3:0x88cc:01:23:ff?type=4&hardware=1",
                                        "vsock:any:99"};
    static const char alphabet[] = "0123456789abcfinuxy:%[]@?.=&\x01\xff";
    char text[64] = ""; /* a changed NUL brings in what stood there before */

    for (int i = 0; i < 50000; i++) {
        llnet_addr addr = ip("fe80::1", 9), before = addr;

        snprintf(text, sizeof text, "%s", seeds[random_below(sizeof seeds / sizeof *seeds)]);
        for (uint32_t changes = random_below(4); changes > 0; changes--)
            text[random_below((uint32_t)strlen(text) + 1)] = alphabet[random_below(sizeof alphabet - 1)];
        text[sizeof text - 1] = '\0';
        if (llnet_addr_parse(&addr, text) == 0)
            assert_round_trip(&addr);
        /* NOLINTNEXTLINE(bugprone-suspicious-memory-comparison,cert-exp42-c,cert-flp37-c): not a byte is written */
        else if (memcmp(&addr, &before, sizeof addr) != 0)
            ck_abort_msg("%s changed the address", text);
    }
}
END_TEST

START_TEST(order_is_total) {
    for (int i = 0; i < 10000; i++) {
        llnet_addr a = random_addr(), b = random_addr(), c = random_addr();
        int ab = llnet_addr_compare(&a, &b), bc = llnet_addr_compare(&b, &c), ac = llnet_addr_compare(&a, &c);

        ck_assert_int_eq(llnet_addr_compare(&b, &a), -ab);
        ck_assert_int_eq(llnet_addr_equal(&a, &b), ab == 0);
        if (ab <= 0 && bc <= 0)
            ck_assert_int_le(ac, 0);
        if (ab >= 0 && bc >= 0)
            ck_assert_int_ge(ac, 0);
        if (ab == 0)
            ck_assert_uint_eq(llnet_addr_hash(&a), llnet_addr_hash(&b));
    }
}
END_TEST

int main(void) {
    Suite *suite = suite_create("addr_text");
    TCase *text = add_case(suite, "text"), *random = add_case(suite, "random");

    tcase_add_test(text, every_text_form_is_read_and_written);
    tcase_add_test(text, bad_text_is_einval_and_leaves_the_address);
    tcase_add_test(text, scope_is_an_interface_name_where_there_is_one);
    tcase_add_test(text, interface_names_that_text_cannot_hold_are_given_as_numbers);
    tcase_add_test(text, the_longest_texts_fit);
    tcase_set_timeout(random, 120); /* under valgrind or qemu too */
    tcase_add_test(random, ip_text_is_that_of_inet_pton_and_inet_ntop);
    tcase_add_test(random, any_address_is_read_back_from_its_text);
    tcase_add_test(random, random_text_is_refused_or_read_and_written_alike);
    tcase_add_test(random, order_is_total);
    return run_suite(suite);
}
