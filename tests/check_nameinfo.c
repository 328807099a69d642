/* SPDX-License-Identifier: MIT */
/* check_nameinfo.c: the names of addresses against those of libc's own
 * getnameinfo(3), and against what the numeric forms mean. No name server is
 * asked. */
#include "harness.h"

#include <netdb.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { NI_NUMERIC = NI_NUMERICHOST | NI_NUMERICSERV };

/* The positive code of a resolver error. */
static int eai(int code) {
    return LLNET_EAI_BASE + abs(code);
}

static llnet_addr ip(const char *text, int port) {
    llnet_addr addr = {0};

    assert_ok(llnet_addr_set_ip(&addr, text, port));
    return addr;
}

static void expect_names(const llnet_addr *addr, const char *host, const char *service, int flags) {
    char host_text[LLNET_HOST_MAX], service_text[LLNET_SERVICE_MAX];

    assert_ok(llnet_addr_get_nameinfo(addr, host_text, sizeof host_text, service_text, sizeof service_text, flags));
    ck_assert_str_eq(host_text, host);
    ck_assert_str_eq(service_text, service);
}

START_TEST(numeric_names_of_ip_addresses_are_their_numbers) {
    llnet_addr addr = ip("192.0.2.7", 8080);

    expect_names(&addr, "192.0.2.7", "8080", NI_NUMERIC);
    addr = ip("255.255.255.255", 65535);
    expect_names(&addr, "255.255.255.255", "65535", NI_NUMERIC);
    addr = ip("0.0.0.0", 0);
    expect_names(&addr, "0.0.0.0", "0", NI_NUMERIC);
    addr = ip("2001:db8::1", 53);
    expect_names(&addr, "2001:db8::1", "53", NI_NUMERIC | NI_DGRAM);
}
END_TEST

START_TEST(a_scope_is_part_of_the_hosts_name) {
    llnet_addr addr = ip("fe80::1", 80);
    const unsigned index = if_nametoindex("lo");

    if (index == 0)
        skip("no interface is called lo");
    assert_ok(llnet_addr_set_scope_id(&addr, index));
    expect_names(&addr, "fe80::1%lo", "80", NI_NUMERIC);
}
END_TEST

START_TEST(a_service_has_its_name_by_protocol) {
    llnet_addr addr = ip("127.0.0.1", 514);

    if (access("/etc/services", R_OK) != 0)
        skip("this machine has no /etc/services");
    expect_names(&addr, "127.0.0.1", "shell", NI_NUMERICHOST);
    expect_names(&addr, "127.0.0.1", "syslog", NI_NUMERICHOST | NI_DGRAM);
}
END_TEST

START_TEST(one_of_the_names_may_be_left_out) {
    llnet_addr addr = ip("192.0.2.7", 8080);
    char text[LLNET_HOST_MAX] = "untouched";

    assert_ok(llnet_addr_get_nameinfo(&addr, text, sizeof text, NULL, 0, NI_NUMERIC));
    ck_assert_str_eq(text, "192.0.2.7");
    assert_ok(llnet_addr_get_nameinfo(&addr, NULL, 0, text, sizeof text, NI_NUMERIC));
    ck_assert_str_eq(text, "8080");
    assert_ok(llnet_addr_get_nameinfo(&addr, NULL, sizeof text, text, sizeof text, NI_NUMERIC));
    ck_assert_str_eq(text, "8080");
}
END_TEST

START_TEST(names_are_never_cut) {
    llnet_addr addr = ip("192.0.2.7", 8080);
    char host[LLNET_HOST_MAX], service[LLNET_SERVICE_MAX];

    assert_error(llnet_addr_get_nameinfo(&addr, host, 9, service, sizeof service, NI_NUMERIC), eai(EAI_OVERFLOW));
    assert_error(llnet_addr_get_nameinfo(&addr, host, 1, NULL, 0, NI_NUMERIC), eai(EAI_OVERFLOW));
    assert_error(llnet_addr_get_nameinfo(&addr, host, sizeof host, service, 4, NI_NUMERIC), eai(EAI_OVERFLOW));
    assert_ok(llnet_addr_get_nameinfo(&addr, host, 10, service, 5, NI_NUMERIC));
    ck_assert_str_eq(host, "192.0.2.7");
    ck_assert_str_eq(service, "8080");
    assert_ok(llnet_addr_get_nameinfo(&addr, host, SIZE_MAX, service, SIZE_MAX, NI_NUMERIC));
    ck_assert_str_eq(host, "192.0.2.7");
    ck_assert_str_eq(service, "8080");
}
END_TEST

START_TEST(addresses_without_names_are_errors) {
    char host[LLNET_HOST_MAX], service[LLNET_SERVICE_MAX];
    llnet_addr addr;

    memset(&addr, 0, sizeof addr);
    assert_error(llnet_addr_get_nameinfo(&addr, host, sizeof host, service, sizeof service, NI_NUMERIC),
                 eai(EAI_FAMILY));
    llnet_addr_init(&addr);
    assert_error(llnet_addr_get_nameinfo(&addr, host, sizeof host, service, sizeof service, NI_NUMERIC),
                 eai(EAI_FAMILY));
    addr = ip("127.0.0.1", 80);
    assert_ok(llnet_addr_set_size(&addr, 4));
    assert_error(llnet_addr_get_nameinfo(&addr, host, sizeof host, service, sizeof service, NI_NUMERIC),
                 eai(EAI_FAMILY));
}
END_TEST

START_TEST(flags_reach_libc) {
    static const int flags[] = {0x40000000, NI_NUMERIC, NI_NUMERIC | NI_DGRAM, NI_NUMERIC | NI_NOFQDN,
                                NI_NUMERIC | NI_NAMEREQD};
    char host[LLNET_HOST_MAX], service[LLNET_SERVICE_MAX], their_host[NI_MAXHOST], their_service[NI_MAXSERV];
    llnet_addr addr = ip("127.0.0.1", 80);
    llnet_status status;
    size_t i;
    int code;

    for (i = 0; i < sizeof flags / sizeof flags[0]; i++) {
        code = getnameinfo(llnet_addr_const_data(&addr), (socklen_t)llnet_addr_get_size(&addr), their_host,
                           sizeof their_host, their_service, sizeof their_service, flags[i]);
        status = llnet_addr_get_nameinfo(&addr, host, sizeof host, service, sizeof service, flags[i]);
        ck_assert_int_eq(status, code == 0 ? 0 : -eai(code));
        if (code == 0) {
            ck_assert_str_eq(host, their_host);
            ck_assert_str_eq(service, their_service);
        }
    }
}
END_TEST

/* ---- Unix addresses: the path is the service, where libc knows them at all --------- */

static bool libc_names_unix(void) {
    char text[NI_MAXHOST];
    struct sockaddr_un un;

    memset(&un, 0, sizeof un);
    un.sun_family = AF_UNIX;
    strcpy(un.sun_path, "/run/x");
    return getnameinfo((const struct sockaddr *)&un, sizeof un, NULL, 0, text, sizeof text, NI_NUMERIC) == 0 &&
           strcmp(text, "/run/x") == 0;
}

static void expect_path(const llnet_addr *addr, const char *path) {
    char host[LLNET_HOST_MAX], service[LLNET_SERVICE_MAX];

    memset(service, 'z', sizeof service);
    assert_ok(llnet_addr_get_nameinfo(addr, host, sizeof host, service, sizeof service, NI_NUMERIC));
    ck_assert_str_eq(service, path);
}

START_TEST(the_service_of_a_unix_address_is_its_path) {
    const size_t room = sizeof((struct sockaddr_un *)NULL)->sun_path;
    char path[sizeof(struct sockaddr_un)];
    llnet_addr addr = {0};

    if (!libc_names_unix())
        skip("this libc has no names for Unix addresses");
    assert_ok(llnet_addr_set_unix(&addr, "/run/x.sock", 11));
    expect_path(&addr, "/run/x.sock");
    memset(path, 'p', sizeof path);
    path[room] = 0;
    assert_ok(llnet_addr_set_unix(&addr, path, room)); /* no NUL follows in sun_path */
    expect_path(&addr, path);
}
END_TEST

START_TEST(bytes_beyond_an_addresss_size_are_not_part_of_its_path) {
    llnet_addr addr = {0};

    if (!libc_names_unix())
        skip("this libc has no names for Unix addresses");
    assert_ok(llnet_addr_set_unix(&addr, "/run/x.sock", 11));
    assert_ok(llnet_addr_set_size(&addr, offsetof(struct sockaddr_un, sun_path) + 6));
    expect_path(&addr, "/run/x");
}
END_TEST

START_TEST(a_path_that_fills_the_whole_address_is_read_no_further) {
    char text[LLNET_HOST_MAX], path[LLNET_ADDR_BYTES_MAX];
    const size_t head = offsetof(struct sockaddr_un, sun_path);
    llnet_addr addr = {0};

    if (!libc_names_unix())
        skip("this libc has no names for Unix addresses");
    assert_ok(llnet_addr_set_family(&addr, AF_UNIX));
    memset((char *)llnet_addr_data(&addr) + head, 'p', LLNET_ADDR_BYTES_MAX - head);
    assert_ok(llnet_addr_set_size(&addr, LLNET_ADDR_BYTES_MAX));
    memset(path, 'p', sizeof path);
    path[LLNET_ADDR_BYTES_MAX - head] = 0;
    assert_ok(llnet_addr_get_nameinfo(&addr, NULL, 0, text, sizeof text, NI_NUMERIC));
    ck_assert_str_eq(text, path);
}
END_TEST

START_TEST(a_unix_path_is_never_cut) {
    char service[LLNET_SERVICE_MAX];
    llnet_addr addr = {0};

    if (!libc_names_unix())
        skip("this libc has no names for Unix addresses");
    assert_ok(llnet_addr_set_unix(&addr, "/run/x.sock", 11));
    assert_error(llnet_addr_get_nameinfo(&addr, NULL, 0, service, 11, NI_NUMERIC), eai(EAI_OVERFLOW));
    assert_ok(llnet_addr_get_nameinfo(&addr, NULL, 0, service, 12, NI_NUMERIC));
    ck_assert_str_eq(service, "/run/x.sock");
}
END_TEST

int main(void) {
    Suite *suite = suite_create("nameinfo");
    TCase *tcase = add_case(suite, "names");

    tcase_add_test(tcase, numeric_names_of_ip_addresses_are_their_numbers);
    tcase_add_test(tcase, a_scope_is_part_of_the_hosts_name);
    tcase_add_test(tcase, a_service_has_its_name_by_protocol);
    tcase_add_test(tcase, one_of_the_names_may_be_left_out);
    tcase_add_test(tcase, names_are_never_cut);
    tcase_add_test(tcase, addresses_without_names_are_errors);
    tcase_add_test(tcase, flags_reach_libc);
    tcase = add_case(suite, "unix");
    tcase_add_test(tcase, the_service_of_a_unix_address_is_its_path);
    tcase_add_test(tcase, bytes_beyond_an_addresss_size_are_not_part_of_its_path);
    tcase_add_test(tcase, a_path_that_fills_the_whole_address_is_read_no_further);
    tcase_add_test(tcase, a_unix_path_is_never_cut);
    return run_suite(suite);
}
