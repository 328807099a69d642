/* SPDX-License-Identifier: MIT */
/* check_tuning_judge.c: what a load needs of each limit, on machines that are made up; and
 * what the rules rest on. */
#include "check_tuning.h"

#include <sys/socket.h>

/* ---- the rules --------------------------------------------------------------------------------- */

/* With this in its file, and in that of another limit, the limit is short of the load. With
 * `enough` it is not; NULL: the setting that it names is enough. */
static const struct {
    const char *name, *value, *enough, *other, *other_value;
    const char *role;
    int64_t connections, rate, datagrams;
} cases[] = {
    {"net.core.somaxconn", "4999", "5000", NULL, NULL, "server", 0, 5000, 0},
    {"net.core.somaxconn", "1", NULL, NULL, NULL, "both", 0, INT64_MAX, 0},
    {"net.ipv4.tcp_max_syn_backlog", "1333", "1334", "net.ipv4.tcp_syncookies", "0", "server", 0, 1000, 0},
    {"net.ipv4.tcp_syncookies", "0", "1", NULL, NULL, "server", 0, 0, 0},
    {"net.ipv4.tcp_syncookies", "2", NULL, NULL, NULL, "server", 0, 0, 0},
    {"net.ipv4.tcp_abort_on_overflow", "1", "0", NULL, NULL, "server", 0, 0, 0},
    {"net.core.netdev_max_backlog", "1079", "1080", NULL, NULL, "server", 0, 1000, 100000},
    {"net.ipv4.ip_local_port_range", "40000 40098", "40000 40099", NULL, NULL, "client", 100, 0, 0},
    {"net.ipv4.ip_local_port_range", "40000 40099", NULL, NULL, NULL, "client", 101, 0, 0},
    {"net.ipv4.ip_local_port_range", "40000 40099", "40000 40109", "net.ipv4.ip_local_reserved_ports",
     "1-40004,40010,40020-40023,60000", "client", 100, 0, 0},
    {"net.ipv4.ip_local_port_range", "32768 60999", NULL, NULL, NULL, "client", 1000, 1000, 0},
    {"net.ipv4.ip_local_port_range", "40000 40099", "40000 40100", "net.ipv4.tcp_tw_reuse", "1", "client", 1, 100,
     0},
    {"net.ipv4.tcp_tw_reuse", "2", "1", NULL, NULL, "client", 0, 2000, 0},
    {"net.ipv4.tcp_tw_reuse", "0", NULL, NULL, NULL, "both", 60000, 100, 0},
    {"net.ipv4.tcp_tw_recycle", "1", "0", NULL, NULL, "client", 0, 0, 0},
    {"net.ipv4.tcp_max_tw_buckets", "59999", "60000", NULL, NULL, "server", 0, 1000, 0},
    {"net.ipv4.tcp_max_orphans", "999", "1000", NULL, NULL, "server", 0, 1000, 0},
    {"net.ipv4.tcp_mem", "1 2 1999", "1 2 2000", NULL, NULL, "client", 1000, 0, 0},
    {"net.ipv4.tcp_mem", "1 2 3", NULL, NULL, NULL, "client", 1000, 0, 0},
    {"net.core.rmem_max", "1151999", "1152000", NULL, NULL, "server", 0, 0, 10000},
    {"net.ipv4.udp_mem", "1 2 5", NULL, NULL, NULL, "server", 0, 0, 10000},
    {"net.netfilter.nf_conntrack_max", "120999", "121000", "net.netfilter.nf_conntrack_count", "1", "server", 1000,
     1000, 0},
    {"fs.nr_open", "1063", "1064", NULL, NULL, "client", 1000, 0, 0},
    {"fs.file-max", "1063", "1064", NULL, NULL, "client", 1000, 0, 0},
};

static llnet_limits *judge_case(size_t i) {
    llnet_limits *limits = read_machine();

    assert_ok(llnet_limits_judge(limits, cases[i].role, cases[i].connections, cases[i].rate, cases[i].datagrams));
    return limits;
}

START_TEST(a_limit_falls_short_below_what_is_wanted_and_no_further) {
    const char *name = cases[_i].name;
    char setting[64];
    llnet_limits *limits;
    size_t index;

    if (cases[_i].other != NULL)
        put_limit(cases[_i].other, cases[_i].other_value);
    put_limit(name, cases[_i].value);
    limits = judge_case((size_t)_i);
    index = index_of(limits, name);
    ck_assert_msg(verdict_of(limits, name) == LLNET_VERDICT_SHORT, "%s=%s is not short", name, cases[_i].value);
    ck_assert_ptr_nonnull(llnet_limits_get_wanted(limits, index));
    ck_assert_ptr_nonnull(strstr(llnet_limits_get_remedy(limits, index), name));
    ck_assert_ptr_nonnull(strstr(llnet_limits_get_remedy(limits, index), llnet_limits_get_setting(limits, index)));
    snprintf(setting, sizeof setting, "%s\n", llnet_limits_get_setting(limits, index));
    llnet_limits_free(limits);
    /* what it names is enough, and so is the least that the table has */
    for (size_t i = 0; i < 2; i++) {
        put_limit(name, i == 0 || cases[_i].enough == NULL ? setting : cases[_i].enough);
        limits = judge_case((size_t)_i);
        ck_assert_msg(verdict_of(limits, name) == LLNET_VERDICT_OK, "%s=%s is not enough", name,
                      llnet_limits_get_text(limits, index));
        ck_assert_ptr_null(llnet_limits_get_setting(limits, index));
        llnet_limits_free(limits);
    }
}
END_TEST

START_TEST(no_range_of_ports_suffices_for_everything) {
    llnet_limits *limits;
    size_t index;

    put_limit("net.ipv4.ip_local_port_range", "1024 65535");
    limits = read_machine();
    index = index_of(limits, "net.ipv4.ip_local_port_range");
    assert_ok(llnet_limits_judge(limits, "client", 64512, 0, 0));
    ck_assert_int_eq(verdict_of(limits, "net.ipv4.ip_local_port_range"), LLNET_VERDICT_OK);
    assert_ok(llnet_limits_judge(limits, "client", 64513, 0, 0));
    ck_assert_int_eq(verdict_of(limits, "net.ipv4.ip_local_port_range"), LLNET_VERDICT_SHORT);
    ck_assert_ptr_null(llnet_limits_get_setting(limits, index));
    ck_assert_ptr_nonnull(strstr(llnet_limits_get_remedy(limits, index), "addresses"));
    llnet_limits_free(limits);
}
END_TEST

START_TEST(reserved_ports_are_not_counted) {
    const struct {
        const char *reserved;
        llnet_count ports;
    } lists[] = {{"", 100},      {"1-39999", 100}, {"40000", 99}, {"39000-40009,40050,40099-50000", 88},
                 {"1-65535", 0}, {"x", 100}};
    llnet_limits *limits = read_machine();

    assert_error(llnet_limits_get_ports(limits), ENOENT);
    llnet_limits_free(limits);
    put_limit("net.ipv4.ip_local_port_range", "40000 40099");
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        put_limit("net.ipv4.ip_local_reserved_ports", lists[i].reserved);
        limits = read_machine();
        ck_assert_int_eq(llnet_limits_get_ports(limits), lists[i].ports);
        llnet_limits_free(limits);
    }
    put_limit("net.ipv4.ip_local_port_range", "50000 40000");
    limits = read_machine();
    ck_assert_int_eq(llnet_limits_get_ports(limits), 0);
    llnet_limits_free(limits);
}
END_TEST

START_TEST(no_number_of_a_file_is_too_absurd_to_be_judged) {
    llnet_limits *limits;

    put_limit("net.ipv4.ip_local_port_range", "-9223372036854775808 9223372036854775807");
    put_limit("net.ipv4.ip_local_reserved_ports", "-9223372036854775808-5,65530-9223372036854775807");
    put_limit("net.ipv4.tcp_rmem", "4096 -5072 6291456"); /* its REASON: no overflow (sanitizer) */
    limits = read_machine();
    ck_assert_int_eq(llnet_limits_get_ports(limits), 65536 - 6 - 6);
    assert_ok(llnet_limits_judge(limits, "both", INT64_MAX / 2, INT64_MAX / 2, 1));
    ck_assert_int_eq(verdict_of(limits, "net.ipv4.ip_local_port_range"), LLNET_VERDICT_SHORT);
    ck_assert_str_eq(llnet_limits_get_reason(limits, index_of(limits, "net.ipv4.ip_local_reserved_ports")),
                     "12 ports of ip_local_port_range are not given out");
    llnet_limits_free(limits);
}
END_TEST

/* The longest list that the kernel can give. */
START_TEST(every_other_port_may_be_reserved) {
    static char text[200000];
    llnet_limits *limits;
    int len = 0;

    for (int port = 1; port < 65536; port += 2)
        len += snprintf(text + len, sizeof text - (size_t)len, "%s%d", port == 1 ? "" : ",", port);
    put_limit("net.ipv4.ip_local_port_range", "1024 65535");
    put_limit("net.ipv4.ip_local_reserved_ports", text);
    limits = read_machine();
    ck_assert_int_eq(llnet_limits_get_ports(limits), 32256);
    llnet_limits_free(limits);
}
END_TEST

START_TEST(what_does_not_concern_the_load_is_not_judged) {
    const char *const of_clients[] = {"net.ipv4.ip_local_port_range", "net.ipv4.tcp_tw_reuse"};
    const char *const of_servers[] = {"net.core.somaxconn", "net.ipv4.tcp_syncookies", "net.ipv4.tcp_max_orphans"};
    llnet_limits *limits;

    put_limit("net.ipv4.ip_local_port_range", "40000 40001");
    put_limit("net.ipv4.tcp_tw_reuse", "0");
    put_limit("net.core.somaxconn", "1");
    put_limit("net.ipv4.tcp_syncookies", "0");
    put_limit("net.ipv4.tcp_max_orphans", "1");
    put_limit("net.netfilter.nf_conntrack_max", "1");
    put_limit("net.netfilter.nf_conntrack_count", "0");
    limits = read_machine();
    assert_ok(llnet_limits_judge(limits, "server", 1000, 5000, 0));
    for (size_t i = 0; i < sizeof of_clients / sizeof *of_clients; i++)
        ck_assert_int_eq(verdict_of(limits, of_clients[i]), LLNET_VERDICT_NONE);
    ck_assert_int_eq(verdict_of(limits, "net.netfilter.nf_conntrack_max"), LLNET_VERDICT_NONE); /* tracks nothing */
    assert_ok(llnet_limits_judge(limits, "client", 1000, 5000, 0));
    for (size_t i = 0; i < sizeof of_servers / sizeof *of_servers; i++)
        ck_assert_int_eq(verdict_of(limits, of_servers[i]), LLNET_VERDICT_NONE);
    llnet_limits_free(limits);
}
END_TEST

START_TEST(the_memory_of_the_cgroup_and_of_the_machine_both_count) {
    llnet_limits *limits;

    put_file("/proc/self/cgroup", "0::/\n");
    put_file("/sys/fs/cgroup/memory.max", "max\n");
    put_file("/proc/meminfo", "MemTotal:       12 kB\n");
    limits = read_machine();
    assert_ok(llnet_limits_judge(limits, "server", 0, 0, 0));
    ck_assert_int_eq(verdict_of(limits, "memory.max"), LLNET_VERDICT_OK);
    assert_ok(llnet_limits_judge(limits, "server", 1000, 0, 0));
    ck_assert_int_eq(verdict_of(limits, "memory.max"), LLNET_VERDICT_SHORT);
    llnet_limits_free(limits);
    put_file("/proc/meminfo", "MemTotal:       64000000 kB\n");
    limits = read_machine();
    assert_ok(llnet_limits_judge(limits, "server", 1000, 0, 0));
    ck_assert_int_eq(verdict_of(limits, "memory.max"), LLNET_VERDICT_OK);
    llnet_limits_free(limits);
    put_file("/sys/fs/cgroup/memory.max", "1000000\n");
    limits = read_machine();
    assert_ok(llnet_limits_judge(limits, "server", 1000, 0, 0));
    ck_assert_int_eq(verdict_of(limits, "memory.max"), LLNET_VERDICT_SHORT);
    llnet_limits_free(limits);
}
END_TEST

/* What the rule for datagrams rests on: a datagram counts as at most 2304 bytes. */
START_TEST(a_datagram_counts_as_no_more_than_the_rule_says) {
    const int sizes[] = {1, 512, 1472};
    const int bytes_of_datagram = 2304, sent = 2000;
    static char data[1472];
    int room = 200000, got;
    socklen_t len = sizeof room;
    llnet_socket a, b;
    llnet_addr a_addr, b_addr;

    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        open_udp_pair(&a, &a_addr, &b, &b_addr);
        ck_assert_int_eq(setsockopt((int)llnet_socket_fileno(&b), SOL_SOCKET, SO_RCVBUF, &room, sizeof room), 0);
        ck_assert_int_eq(getsockopt((int)llnet_socket_fileno(&b), SOL_SOCKET, SO_RCVBUF, &room, &len), 0);
        for (int n = 0; n < sent; n++)
            ck_assert_int_eq(llnet_socket_sendto(&a, data, (size_t)sizes[i], &b_addr, 0), sizes[i]);
        for (got = 0; llnet_socket_recv(&b, data, sizeof data, MSG_DONTWAIT) > 0;)
            got++;
        ck_assert_int_ge(got, room / bytes_of_datagram);
        room /= 2;
        llnet_socket_close(&a);
        llnet_socket_close(&b);
    }
}
END_TEST

void add_rules(Suite *suite) {
    TCase *made_up = add_case(suite, "rules"), *measured = add_case(suite, "measured");

    tcase_add_checked_fixture(made_up, make_root, remove_root);
    tcase_add_loop_test(made_up, a_limit_falls_short_below_what_is_wanted_and_no_further, 0,
                        (int)(sizeof cases / sizeof *cases));
    tcase_add_test(made_up, no_range_of_ports_suffices_for_everything);
    tcase_add_test(made_up, reserved_ports_are_not_counted);
    tcase_add_test(made_up, no_number_of_a_file_is_too_absurd_to_be_judged);
    tcase_add_test(made_up, every_other_port_may_be_reserved);
    tcase_add_test(made_up, what_does_not_concern_the_load_is_not_judged);
    tcase_add_test(made_up, the_memory_of_the_cgroup_and_of_the_machine_both_count);
    tcase_add_test(measured, a_datagram_counts_as_no_more_than_the_rule_says);
}
