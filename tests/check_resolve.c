/* SPDX-License-Identifier: MIT */
/* check_resolve.c: answers against those of libc's own getaddrinfo(3), and against
 * what the numeric forms mean. No name server is asked. The way back is in
 * check_nameinfo.c. */
#include "harness.h"

#include <netdb.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

enum { NUMERIC = AI_NUMERICHOST | AI_NUMERICSERV };

/* The positive code of a resolver error. */
static int eai(int code) {
    return LLNET_EAI_BASE + abs(code);
}

static llnet_addrinfo *look_up(const char *host, const char *service, int family, int socktype, int flags) {
    llnet_addrinfo *info = NULL;

    assert_ok(llnet_addrinfo_new(&info, host, service, family, socktype, 0, flags));
    ck_assert_ptr_nonnull(info);
    return info;
}

/* Asserts that the lookup fails so, and leaves no list behind. */
static void refuse(const char *host, const char *service, int family, int socktype, int protocol, int flags,
                   int error) {
    static int place;
    llnet_addrinfo *info = (llnet_addrinfo *)(void *)&place;

    assert_error(llnet_addrinfo_new(&info, host, service, family, socktype, protocol, flags), error);
    ck_assert_ptr_null(info);
}

/* Asserts that a lookup gives what libc gives: the same answers in the same
 * order, or the same error. */
static void compare(const char *host, const char *service, int family, int socktype, int protocol, int flags) {
    struct addrinfo hints, *list = NULL, *theirs;
    llnet_addrinfo *info;
    llnet_addr addr;
    int code;

    memset(&hints, 0, sizeof hints);
    hints.ai_family = family;
    hints.ai_socktype = socktype;
    hints.ai_protocol = protocol;
    hints.ai_flags = flags;
    code = getaddrinfo(host, service, &hints, &list);
    if (code != 0) {
        refuse(host, service, family, socktype, protocol, flags, eai(code));
        return;
    }
    assert_ok(llnet_addrinfo_new(&info, host, service, family, socktype, protocol, flags));
    for (theirs = list; theirs != NULL; theirs = theirs->ai_next) {
        assert_ok(llnet_addrinfo_get_addr(info, &addr));
        ck_assert_uint_eq(llnet_addr_get_size(&addr), theirs->ai_addrlen);
        ck_assert_mem_eq(llnet_addr_const_data(&addr), theirs->ai_addr, theirs->ai_addrlen);
        ck_assert_int_eq(llnet_addrinfo_get_family(info), theirs->ai_family);
        ck_assert_int_eq(llnet_addrinfo_get_socktype(info), theirs->ai_socktype);
        ck_assert_int_eq(llnet_addrinfo_get_protocol(info), theirs->ai_protocol);
        ck_assert(llnet_addrinfo_next(info) == (theirs->ai_next != NULL));
    }
    ck_assert_ptr_nonnull(list);
    ck_assert_pstr_eq(llnet_addrinfo_get_canonname(info), (flags & AI_CANONNAME) != 0 ? list->ai_canonname : NULL);
    llnet_addrinfo_free(info);
    freeaddrinfo(list);
}

/* ---- lookups ------------------------------------------------------------------- */

START_TEST(a_numeric_ipv4_host_and_port_become_that_address) {
    llnet_addrinfo *info = look_up("192.0.2.7", "8080", AF_UNSPEC, SOCK_STREAM, NUMERIC);
    struct sockaddr_in in;
    llnet_addr addr;

    memset(&in, 0, sizeof in);
    ck_assert_uint_eq(llnet_addrinfo_get_count(info), 1);
    assert_ok(llnet_addrinfo_get_addr(info, &addr));
    ck_assert_uint_eq(llnet_addr_get_size(&addr), sizeof in);
    memcpy(&in, llnet_addr_const_data(&addr), sizeof in);
    ck_assert_int_eq(in.sin_family, AF_INET);
    ck_assert_uint_eq(ntohl(in.sin_addr.s_addr), 0xc0000207);
    ck_assert_uint_eq(ntohs(in.sin_port), 8080);
    ck_assert_int_eq(llnet_addrinfo_get_family(info), AF_INET);
    ck_assert_int_eq(llnet_addrinfo_get_socktype(info), SOCK_STREAM);
    ck_assert_int_eq(llnet_addrinfo_get_protocol(info), IPPROTO_TCP);
    ck_assert_ptr_null(llnet_addrinfo_get_canonname(info));
    llnet_addrinfo_free(info);
}
END_TEST

START_TEST(a_numeric_ipv6_host_and_port_become_that_address) {
    static const unsigned char bytes[16] = {0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
    llnet_addrinfo *info = look_up("2001:db8::1", "53", AF_INET6, SOCK_DGRAM, NUMERIC);
    struct sockaddr_in6 in6;
    llnet_addr addr;

    memset(&in6, 0, sizeof in6);
    ck_assert_uint_eq(llnet_addrinfo_get_count(info), 1);
    assert_ok(llnet_addrinfo_get_addr(info, &addr));
    ck_assert_uint_eq(llnet_addr_get_size(&addr), sizeof in6);
    memcpy(&in6, llnet_addr_const_data(&addr), sizeof in6);
    ck_assert_int_eq(in6.sin6_family, AF_INET6);
    ck_assert_mem_eq(in6.sin6_addr.s6_addr, bytes, sizeof bytes);
    ck_assert_uint_eq(ntohs(in6.sin6_port), 53);
    ck_assert_uint_eq(in6.sin6_scope_id, 0);
    ck_assert_int_eq(llnet_addrinfo_get_family(info), AF_INET6);
    ck_assert_int_eq(llnet_addrinfo_get_socktype(info), SOCK_DGRAM);
    ck_assert_int_eq(llnet_addrinfo_get_protocol(info), IPPROTO_UDP);
    llnet_addrinfo_free(info);
}
END_TEST

START_TEST(a_scope_by_name_becomes_its_interface_index) {
    const unsigned index = if_nametoindex("lo");
    llnet_addrinfo *info;
    llnet_addr addr;
    uint32_t scope = 0;

    if (index == 0)
        skip("no interface is called lo");
    info = look_up("fe80::1%lo", "80", AF_UNSPEC, SOCK_STREAM, NUMERIC);
    assert_ok(llnet_addrinfo_get_addr(info, &addr));
    assert_ok(llnet_addr_get_scope_id(&addr, &scope));
    ck_assert_uint_eq(scope, index);
    llnet_addrinfo_free(info);
}
END_TEST

START_TEST(no_host_is_the_loopback_address) {
    llnet_addrinfo *info = look_up(NULL, "80", AF_INET, SOCK_STREAM, AI_NUMERICSERV);
    llnet_addr addr, expected = {0};

    assert_ok(llnet_addr_set_ip(&expected, "127.0.0.1", 80));
    assert_ok(llnet_addrinfo_get_addr(info, &addr));
    ck_assert(llnet_addr_equal(&addr, &expected));
    ck_assert_uint_eq(llnet_addrinfo_get_count(info), 1);
    llnet_addrinfo_free(info);
}
END_TEST

START_TEST(no_host_is_the_wildcard_address_when_passive) {
    llnet_addrinfo *info = look_up(NULL, "80", AF_INET, SOCK_STREAM, AI_PASSIVE | AI_NUMERICSERV);
    llnet_addr addr, expected = {0};

    assert_ok(llnet_addr_set_ip(&expected, "0.0.0.0", 80));
    assert_ok(llnet_addrinfo_get_addr(info, &addr));
    ck_assert(llnet_addr_equal(&addr, &expected));
    llnet_addrinfo_free(info);

    info = look_up(NULL, "80", AF_INET6, SOCK_STREAM, AI_PASSIVE | AI_NUMERICSERV);
    assert_ok(llnet_addr_set_ip(&expected, "::", 80));
    assert_ok(llnet_addrinfo_get_addr(info, &addr));
    ck_assert(llnet_addr_equal(&addr, &expected));
    llnet_addrinfo_free(info);
}
END_TEST

START_TEST(no_service_is_port_0) {
    llnet_addrinfo *info = look_up("127.0.0.1", NULL, AF_UNSPEC, SOCK_STREAM, AI_NUMERICHOST);
    llnet_addr addr;

    assert_ok(llnet_addrinfo_get_addr(info, &addr));
    ck_assert_int_eq(llnet_addr_get_port(&addr), 0);
    llnet_addrinfo_free(info);
}
END_TEST

START_TEST(localhost_is_on_loopback) {
    llnet_addrinfo *info;
    llnet_addr addr;

    if (access("/etc/hosts", R_OK) != 0)
        skip("this machine has no /etc/hosts");
    info = look_up("localhost", "80", AF_UNSPEC, SOCK_STREAM, AI_NUMERICSERV);
    do {
        assert_ok(llnet_addrinfo_get_addr(info, &addr));
        ck_assert(llnet_addr_is_loopback(&addr));
        ck_assert_int_eq(llnet_addr_get_port(&addr), 80);
    } while (llnet_addrinfo_next(info));
    llnet_addrinfo_free(info);
}
END_TEST

START_TEST(services_have_names_too) {
    llnet_addrinfo *info;
    llnet_addr addr;

    if (access("/etc/services", R_OK) != 0)
        skip("this machine has no /etc/services");
    info = look_up("127.0.0.1", "domain", AF_UNSPEC, SOCK_DGRAM, AI_NUMERICHOST);
    assert_ok(llnet_addrinfo_get_addr(info, &addr));
    ck_assert_int_eq(llnet_addr_get_port(&addr), 53);
    llnet_addrinfo_free(info);
}
END_TEST

START_TEST(every_hint_and_flag_reaches_libc) {
    static const int flags[] = {0,         AI_PASSIVE,    AI_CANONNAME,   AI_V4MAPPED,
                                AI_ALL,    AI_ADDRCONFIG, AI_NUMERICSERV, AI_V4MAPPED | AI_ALL,
                                0x40000000};
    static const int families[] = {AF_UNSPEC, AF_INET, AF_INET6, AF_UNIX, -1, 12345};
    static const int types[] = {0, SOCK_STREAM, SOCK_DGRAM, SOCK_RAW, -1, 12345};
    static const int protos[] = {0, IPPROTO_TCP, IPPROTO_UDP, -1};
    static const char *const hosts[] = {NULL, "127.0.0.1", "::1"};
    size_t a, b, c, d, e;

    for (a = 0; a < sizeof flags / sizeof flags[0]; a++)
        for (b = 0; b < sizeof families / sizeof families[0]; b++)
            for (c = 0; c < sizeof types / sizeof types[0]; c++)
                for (d = 0; d < sizeof protos / sizeof protos[0]; d++)
                    for (e = 0; e < sizeof hosts / sizeof hosts[0]; e++) {
                        const int all = flags[a] | (hosts[e] != NULL ? AI_NUMERICHOST : 0);
                        compare(hosts[e], "80", families[b], types[c], protos[d], all);
                        compare(hosts[e], NULL, families[b], types[c], protos[d], all);
                    }
}
END_TEST

START_TEST(the_canonical_name_stays_while_the_cursor_moves) {
    llnet_addrinfo *info = look_up("127.0.0.1", "80", AF_UNSPEC, 0, NUMERIC | AI_CANONNAME);

    do
        ck_assert_str_eq(llnet_addrinfo_get_canonname(info), "127.0.0.1");
    while (llnet_addrinfo_next(info));
    ck_assert_str_eq(llnet_addrinfo_get_canonname(info), "127.0.0.1");
    llnet_addrinfo_free(info);
}
END_TEST

/* ---- the cursor ---------------------------------------------------------------- */

START_TEST(the_cursor_walks_all_answers_and_returns) {
    llnet_addrinfo *info = look_up("127.0.0.1", "80", AF_UNSPEC, 0, NUMERIC);
    const size_t count = llnet_addrinfo_get_count(info);
    size_t seen, round;

    ck_assert_uint_ge(count, 2); /* stream and datagram at least */
    for (round = 0; round < 2; round++) {
        ck_assert(llnet_addrinfo_first(info));
        for (seen = 1; llnet_addrinfo_next(info); seen++)
            ck_assert_int_eq(llnet_addrinfo_get_family(info), AF_INET);
        ck_assert_uint_eq(seen, count);
        ck_assert_uint_eq(llnet_addrinfo_get_count(info), count);
    }
    llnet_addrinfo_free(info);
}
END_TEST

START_TEST(past_the_last_answer_there_is_nothing) {
    llnet_addrinfo *info = look_up("127.0.0.1", "80", AF_UNSPEC, SOCK_STREAM, NUMERIC);
    llnet_addr addr = {0}, before;

    assert_ok(llnet_addr_set_ip(&addr, "192.0.2.1", 1));
    before = addr;
    ck_assert(!llnet_addrinfo_next(info));
    ck_assert(!llnet_addrinfo_next(info));
    assert_error(llnet_addrinfo_get_addr(info, &addr), ENOENT);
    ck_assert_mem_eq(&addr, &before, sizeof addr);
    ck_assert_int_eq(llnet_addrinfo_get_family(info), -1);
    ck_assert_int_eq(llnet_addrinfo_get_socktype(info), -1);
    ck_assert_int_eq(llnet_addrinfo_get_protocol(info), -1);
    ck_assert(llnet_addrinfo_first(info));
    assert_ok(llnet_addrinfo_get_addr(info, &addr));
    llnet_addrinfo_free(info);
}
END_TEST

START_TEST(freeing_nothing_is_allowed) {
    llnet_addrinfo_free(NULL);
}
END_TEST

/* ---- failures ------------------------------------------------------------------ */

START_TEST(neither_host_nor_service_is_an_error) {
    refuse(NULL, NULL, AF_UNSPEC, 0, 0, 0, eai(EAI_NONAME));
    refuse(NULL, NULL, AF_UNSPEC, SOCK_STREAM, 0, AI_PASSIVE, eai(EAI_NONAME));
}
END_TEST

START_TEST(a_host_that_is_not_numeric_is_not_known) {
    refuse("localhost", "80", AF_UNSPEC, SOCK_STREAM, 0, NUMERIC, eai(EAI_NONAME));
    refuse("256.0.0.1", "80", AF_UNSPEC, SOCK_STREAM, 0, NUMERIC, eai(EAI_NONAME));
    refuse("", "80", AF_UNSPEC, SOCK_STREAM, 0, NUMERIC, eai(EAI_NONAME));
    refuse("1::2::3", "80", AF_INET6, SOCK_STREAM, 0, NUMERIC, eai(EAI_NONAME));
}
END_TEST

START_TEST(a_service_that_is_not_numeric_is_not_known) {
    refuse("127.0.0.1", "http", AF_UNSPEC, SOCK_STREAM, 0, NUMERIC, eai(EAI_NONAME));
    refuse("127.0.0.1", "80x", AF_UNSPEC, SOCK_STREAM, 0, NUMERIC, eai(EAI_NONAME));
}
END_TEST

START_TEST(an_unknown_service_is_an_error) {
    refuse("127.0.0.1", "no-such-service", AF_UNSPEC, SOCK_STREAM, 0, AI_NUMERICHOST, eai(EAI_SERVICE));
    refuse(NULL, "no-such-service", AF_UNSPEC, SOCK_DGRAM, 0, 0, eai(EAI_SERVICE));
}
END_TEST

START_TEST(a_port_is_never_cut_to_16_bits) {
    llnet_addrinfo *info = look_up("127.0.0.1", "65535", AF_UNSPEC, SOCK_STREAM, NUMERIC);
    llnet_addr addr;

    assert_ok(llnet_addrinfo_get_addr(info, &addr));
    ck_assert_int_eq(llnet_addr_get_port(&addr), 65535);
    llnet_addrinfo_free(info);
    refuse("127.0.0.1", "65536", AF_UNSPEC, SOCK_STREAM, 0, NUMERIC, eai(EAI_SERVICE));
    refuse("127.0.0.1", "65616", AF_UNSPEC, SOCK_STREAM, 0, AI_NUMERICHOST, eai(EAI_SERVICE));
    refuse("127.0.0.1", "4294967376", AF_UNSPEC, SOCK_STREAM, 0, NUMERIC, eai(EAI_SERVICE));
    refuse("127.0.0.1", "18446744073709551696", AF_UNSPEC, SOCK_STREAM, 0, NUMERIC, eai(EAI_SERVICE));
    refuse("127.0.0.1", "-1", AF_UNSPEC, SOCK_STREAM, 0, AI_NUMERICHOST, eai(EAI_SERVICE));
}
END_TEST

START_TEST(hints_that_do_not_exist_are_errors) {
    /* socket types: every_hint_and_flag_reaches_libc, for libc's do not agree */
    refuse("127.0.0.1", "80", 12345, SOCK_STREAM, 0, NUMERIC, eai(EAI_FAMILY));
    refuse("127.0.0.1", "80", AF_UNSPEC, SOCK_STREAM, 0, 0x40000000, eai(EAI_BADFLAGS));
}
END_TEST

static void add_lookups(Suite *suite) {
    TCase *tcase = add_case(suite, "lookups");

    tcase_add_test(tcase, a_numeric_ipv4_host_and_port_become_that_address);
    tcase_add_test(tcase, a_numeric_ipv6_host_and_port_become_that_address);
    tcase_add_test(tcase, a_scope_by_name_becomes_its_interface_index);
    tcase_add_test(tcase, no_host_is_the_loopback_address);
    tcase_add_test(tcase, no_host_is_the_wildcard_address_when_passive);
    tcase_add_test(tcase, no_service_is_port_0);
    tcase_add_test(tcase, localhost_is_on_loopback);
    tcase_add_test(tcase, services_have_names_too);
    tcase_add_test(tcase, every_hint_and_flag_reaches_libc);
    tcase_add_test(tcase, the_canonical_name_stays_while_the_cursor_moves);
    tcase = add_case(suite, "cursor");
    tcase_add_test(tcase, the_cursor_walks_all_answers_and_returns);
    tcase_add_test(tcase, past_the_last_answer_there_is_nothing);
    tcase_add_test(tcase, freeing_nothing_is_allowed);
    tcase = add_case(suite, "failures");
    tcase_add_test(tcase, neither_host_nor_service_is_an_error);
    tcase_add_test(tcase, a_host_that_is_not_numeric_is_not_known);
    tcase_add_test(tcase, a_service_that_is_not_numeric_is_not_known);
    tcase_add_test(tcase, an_unknown_service_is_an_error);
    tcase_add_test(tcase, a_port_is_never_cut_to_16_bits);
    tcase_add_test(tcase, hints_that_do_not_exist_are_errors);
}

int main(void) {
    Suite *suite = suite_create("resolve");

    add_lookups(suite);
    return run_suite(suite);
}
