/* SPDX-License-Identifier: MIT */
/* check_option_link.c: the options of netlink and packet sockets, by what the kernel then
 * does and tells elsewhere: /proc, ip(8), ss(8), in network namespaces of the tests' own.
 * Numbers are those of the kernel's headers. */
#include "harness.h"
#include "netns.h"

#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/socket.h>
#include <sys/stat.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static int64_t get_int(const llnet_socket *sock, const char *name) {
    int64_t value = -99;
    assert_ok(llnet_socket_get_option_int(sock, name, &value));
    return value;
}

/* By getsockopt(2): -1 where it fails. */
static int raw_int(const llnet_socket *sock, int level, int number) {
    int value = -99;
    socklen_t len = sizeof value;

    return getsockopt((int)llnet_socket_fileno(sock), level, number, &value, &len) < 0 ? -1 : value;
}

/* Sets a flag and takes it back, as far as the kernel knows it. */
static void flag_goes_both_ways(llnet_socket *sock, const char *name, int level, int number) {
    const llnet_option *option = llnet_option_find(name);
    int value;

    ck_assert_ptr_nonnull(option);
    ck_assert_int_eq(llnet_option_get_level(option), level);
    ck_assert_int_eq(llnet_option_get_number(option), number);
    if (raw_int(sock, level, number) < 0)
        return; /* an older kernel */
    for (value = 1; value >= 0; value--) {
        llnet_status status = llnet_socket_set_option_int(sock, name, value);

        if (status == -EPERM) /* NETLINK_LISTEN_ALL_NSID is for the privileged */
            return;
        assert_ok(status);
        ck_assert_msg(get_int(sock, name) == value, "%s", name);
        ck_assert_msg(raw_int(sock, level, number) == value, "%s", name);
    }
}

/* ---- netlink ---------------------------------------------------------------------- */

/* Bound: the kernel tells no group to a socket that has no port id. */
static void open_netlink(llnet_socket *sock) {
    llnet_addr addr;

    assert_ok(llnet_addr_set_netlink(&addr, 0, 0));
    assert_ok(llnet_socket_open(sock, AF_NETLINK, SOCK_RAW, NETLINK_ROUTE, 0));
    assert_ok(llnet_socket_bind(sock, &addr));
}

static const struct {
    const char *name;
    int number;
} netlink_flags[] = {
    {"NETLINK_PKTINFO", NETLINK_PKTINFO},
    {"NETLINK_BROADCAST_ERROR", NETLINK_BROADCAST_ERROR},
    {"NETLINK_NO_ENOBUFS", NETLINK_NO_ENOBUFS},
    {"NETLINK_LISTEN_ALL_NSID", 8},
    {"NETLINK_CAP_ACK", 10},
    {"NETLINK_EXT_ACK", 11},
    {"NETLINK_GET_STRICT_CHK", 12},
};

START_TEST(netlink_flags_are_what_the_kernel_holds) {
    llnet_socket sock;
    size_t i;

    open_netlink(&sock);
    for (i = 0; i < COUNT(netlink_flags); i++)
        flag_goes_both_ways(&sock, netlink_flags[i].name, 270, netlink_flags[i].number);
    assert_ok(llnet_socket_close(&sock));
}
END_TEST

static void assert_groups(const llnet_socket *sock, const uint32_t *want, size_t count) {
    uint32_t groups[64];
    llnet_count len = llnet_socket_get_option_data(sock, "NETLINK_LIST_MEMBERSHIPS", groups, sizeof groups);

    ck_assert_int_eq(len, (llnet_count)(count * sizeof *groups));
    ck_assert(memcmp(groups, want, count * sizeof *groups) == 0);
}

/* The first 32 groups as /proc/net/netlink has them, by the socket's inode. */
static int64_t shown_groups(const llnet_socket *sock) {
    char line[256];
    struct stat status;
    unsigned long inode;
    unsigned groups;
    int64_t found = -1;
    FILE *stream = fopen("/proc/net/netlink", "r");

    ck_assert_int_eq(fstat((int)llnet_socket_fileno(sock), &status), 0);
    if (stream == NULL)
        return -1;
    while (fgets(line, sizeof line, stream) != NULL)
        if (sscanf(line, "%*s %*s %*s %x %*s %*s %*s %*s %*s %lu", &groups, &inode) == 2 &&
            inode == (unsigned long)status.st_ino)
            found = groups;
    fclose(stream);
    return found;
}

START_TEST(groups_are_joined_listed_and_left) {
    static const uint32_t joined[] = {1, 5, 32, 33}, left[] = {5, 33};
    uint32_t groups[4] = {0}, none[4] = {0};
    llnet_socket sock;
    size_t i;

    open_netlink(&sock);
    assert_groups(&sock, joined, 0);
    for (i = 0; i < COUNT(joined); i++)
        assert_ok(llnet_socket_set_option_int(&sock, "NETLINK_ADD_MEMBERSHIP", joined[COUNT(joined) - 1 - i]));
    assert_groups(&sock, joined, COUNT(joined));
    if (shown_groups(&sock) != -1)
        ck_assert_int_eq(shown_groups(&sock), INT64_C(0x80000011));
    /* never cut: what there is room for, or nothing */
    ck_assert_int_eq(llnet_socket_get_option_data(&sock, "NETLINK_LIST_MEMBERSHIPS", groups, 19), 16);
    ck_assert_mem_eq(groups, joined, sizeof joined);
    for (i = 0; i < sizeof groups; i++)
        assert_error(llnet_socket_get_option_data(&sock, "NETLINK_LIST_MEMBERSHIPS", none, i), ENOBUFS);
    assert_ok(llnet_socket_set_option_int(&sock, "NETLINK_DROP_MEMBERSHIP", 1));
    assert_ok(llnet_socket_set_option_int(&sock, "NETLINK_DROP_MEMBERSHIP", 32));
    assert_groups(&sock, left, COUNT(left));
    assert_error(llnet_socket_set_option_int(&sock, "NETLINK_ADD_MEMBERSHIP", 0), EINVAL);
    assert_error(llnet_socket_set_option_int(&sock, "NETLINK_ADD_MEMBERSHIP", UINT32_MAX), EINVAL);
    assert_error(llnet_socket_set_option_int(&sock, "NETLINK_ADD_MEMBERSHIP", -1), ERANGE);
    assert_error(llnet_socket_set_option_data(&sock, "NETLINK_LIST_MEMBERSHIPS", left, sizeof left), EACCES);
    assert_error(llnet_socket_get_option_int(&sock, "NETLINK_ADD_MEMBERSHIP", &(int64_t){0}), EACCES);
    assert_ok(llnet_socket_close(&sock));
}
END_TEST

/* The index of the interface that the next message is about; 0 where none comes. */
static int next_change(llnet_socket *sock) {
    union {
        struct nlmsghdr head;
        char bytes[8192];
    } message;
    struct ifinfomsg info;
    llnet_count len = llnet_socket_recv(sock, &message, sizeof message, MSG_DONTWAIT);

    if (len == -EAGAIN)
        return 0;
    ck_assert_int_ge(len, (llnet_count)NLMSG_LENGTH(sizeof info));
    ck_assert_int_eq(message.head.nlmsg_type, RTM_NEWLINK);
    memcpy(&info, NLMSG_DATA(&message.head), sizeof info);
    return info.ifi_index;
}

START_TEST(what_ip_changes_is_told_to_a_member_alone) {
    llnet_socket member, other;

    if (!enter_netns())
        skip("no network namespace of its own");
    if (!run_command("ip link set lo down"))
        skip("no ip here");
    open_netlink(&member);
    open_netlink(&other);
    assert_ok(llnet_socket_set_option_int(&member, "NETLINK_ADD_MEMBERSHIP", RTNLGRP_LINK));
    ck_assert(run_command("ip link set lo up"));
    ck_assert_int_eq(next_change(&member), (int)if_nametoindex("lo"));
    ck_assert_int_eq(next_change(&other), 0);
    while (next_change(&member) != 0)
        ;
    assert_ok(llnet_socket_set_option_int(&member, "NETLINK_DROP_MEMBERSHIP", RTNLGRP_LINK));
    ck_assert(run_command("ip link set lo down"));
    ck_assert_int_eq(next_change(&member), 0);
    assert_ok(llnet_socket_close(&member));
    assert_ok(llnet_socket_close(&other));
}
END_TEST

/* ---- packet ------------------------------------------------------------------------ */

/* A packet socket that sees the IPv4 that comes in over lo. Not ETH_P_ALL: what goes out over lo comes
 * in again, and would be there twice. */
static void open_bound(llnet_socket *sock) {
    llnet_addr addr;

    assert_ok(llnet_addr_set_packet(&addr, if_nametoindex("lo"), ETH_P_IP, NULL, 0));
    assert_ok(llnet_socket_open(sock, AF_PACKET, SOCK_RAW, 0, 0));
    assert_ok(llnet_socket_bind(sock, &addr));
}

/* The same in a namespace of the test's own where lo is up; else why there is none. */
static const char *open_packet(llnet_socket *sock) {
    if (!enter_netns() || !run_command("ip link set lo up"))
        return "no network namespace of its own, or no ip";
    if (llnet_feature_probe("packet") == -EAFNOSUPPORT)
        return "no packet sockets";
    open_bound(sock);
    return NULL;
}

static const struct {
    const char *name;
    int number;
} packet_flags[] = {
    {"PACKET_AUXDATA", 8},          {"PACKET_ORIGDEV", 9},     {"PACKET_LOSS", 14},
    {"PACKET_VNET_HDR", 15},        {"PACKET_TX_HAS_OFF", 19}, {"PACKET_QDISC_BYPASS", 20},
    {"PACKET_IGNORE_OUTGOING", 23},
};

static const struct {
    const char *name;
    int number, value;
} packet_numbers[] = {
    {"PACKET_COPY_THRESH", 7, 100}, {"PACKET_VERSION", 10, 1},      {"PACKET_VERSION", 10, 2},
    {"PACKET_RESERVE", 12, 64},     {"PACKET_TIMESTAMP", 17, 0x40}, {"PACKET_VNET_HDR_SZ", 24, 12},
};

static void number_goes_both_ways(llnet_socket *sock, const char *name, int number, int value) {
    const llnet_option *option = llnet_option_find(name);

    ck_assert_ptr_nonnull(option);
    ck_assert_int_eq(llnet_option_get_level(option), 263);
    ck_assert_int_eq(llnet_option_get_number(option), number);
    if (raw_int(sock, 263, number) < 0)
        return; /* an older kernel */
    assert_ok(llnet_socket_set_option_int(sock, name, value));
    ck_assert_int_eq(raw_int(sock, 263, number), value);
    ck_assert_int_eq(get_int(sock, name), value);
}

START_TEST(numbers_of_a_packet_socket_are_what_the_kernel_holds) {
    llnet_socket sock = {0};
    const char *reason = open_packet(&sock);
    size_t i;

    if (reason != NULL)
        skip(reason);
    for (i = 0; i < COUNT(packet_flags); i++)
        flag_goes_both_ways(&sock, packet_flags[i].name, 263, packet_flags[i].number);
    for (i = 0; i < COUNT(packet_numbers); i++)
        number_goes_both_ways(&sock, packet_numbers[i].name, packet_numbers[i].number, packet_numbers[i].value);
    assert_error(llnet_socket_set_option_int(&sock, "PACKET_VERSION", 7), EINVAL);
    assert_error(llnet_socket_set_option_int(&sock, "PACKET_RESERVE", -1), ERANGE);
    assert_ok(llnet_socket_close(&sock));
}
END_TEST

/* Whether ss(8) tells this of the namespace's packet sockets. */
static bool ss_shows(const char *text) {
    char output[4096];

    return read_command("ss -0Hne 2>/dev/null", output, sizeof output) > 0 && strstr(output, text) != NULL;
}

START_TEST(ss_shows_what_a_packet_socket_was_told) {
    llnet_socket sock = {0};
    const char *reason = open_packet(&sock);

    if (reason != NULL)
        skip(reason);
    if (!ss_shows("flags( running )"))
        skip("no ss that tells of packet sockets");
    ck_assert(ss_shows("ver:0 "));
    assert_ok(llnet_socket_set_option_int(&sock, "PACKET_AUXDATA", 1));
    ck_assert(ss_shows("flags( running auxdata )"));
    assert_ok(llnet_socket_set_option_int(&sock, "PACKET_ORIGDEV", 1));
    ck_assert(ss_shows("flags( running auxdata origdev )"));
    assert_ok(llnet_socket_set_option_int(&sock, "PACKET_AUXDATA", 0));
    assert_ok(llnet_socket_set_option_int(&sock, "PACKET_LOSS", 1));
    assert_ok(llnet_socket_set_option_int(&sock, "PACKET_VNET_HDR", 1));
    ck_assert(ss_shows("flags( running origdev vnethdr loss )"));
    assert_ok(llnet_socket_set_option_int(&sock, "PACKET_VERSION", 2));
    assert_ok(llnet_socket_set_option_int(&sock, "PACKET_COPY_THRESH", 100));
    ck_assert(ss_shows("ver:2 cpy_thresh:100 "));
    assert_ok(llnet_socket_set_option_int(&sock, "PACKET_FANOUT", 7 | PACKET_FANOUT_CPU << 16));
    ck_assert(ss_shows("fanout(id:7,type:cpu)"));
    assert_ok(llnet_socket_close(&sock));
    ck_assert(!ss_shows("ver:"));
}
END_TEST

/* Joins or leaves by the fields of a record. */
static llnet_status change_membership(llnet_socket *sock, const char *name, int type, const void *hardware,
                                      size_t len) {
    const llnet_option *option = llnet_option_find(name);
    char record[LLNET_OPTION_RECORD_MAX] = {0};
    size_t size = llnet_option_get_record_size(option);
    llnet_addr addr;

    assert_ok(llnet_addr_set_packet(&addr, 0, 0, hardware, len));
    ck_assert_str_eq(llnet_option_get_field_name(option, 0), "index");
    ck_assert_str_eq(llnet_option_get_field_name(option, 1), "type");
    ck_assert_str_eq(llnet_option_get_field_name(option, 2), "address");
    assert_ok(llnet_option_set_field_int(option, 0, record, size, if_nametoindex("lo")));
    assert_ok(llnet_option_set_field_int(option, 1, record, size, type));
    assert_ok(llnet_option_set_field_addr(option, 2, record, size, &addr));
    return llnet_socket_set_option_data(sock, name, record, size);
}

static bool ip_shows(const char *command, const char *text) {
    char output[4096];

    ck_assert_uint_gt(read_command(command, output, sizeof output), 0);
    return strstr(output, text) != NULL;
}

#define GROUPS "ip maddr show dev lo", "link  01:00:5e:01:02:03"

START_TEST(a_membership_is_what_ip_shows) {
    static const unsigned char group[] = {1, 0, 0x5e, 1, 2, 3};
    static const unsigned char long_one[20] = {1};
    llnet_socket sock = {0};
    const char *reason = open_packet(&sock);

    if (reason != NULL)
        skip(reason);
    ck_assert(!ip_shows(GROUPS));
    assert_ok(change_membership(&sock, "PACKET_ADD_MEMBERSHIP", PACKET_MR_MULTICAST, group, sizeof group));
    ck_assert(ip_shows(GROUPS));
    assert_ok(change_membership(&sock, "PACKET_DROP_MEMBERSHIP", PACKET_MR_MULTICAST, group, sizeof group));
    ck_assert(!ip_shows(GROUPS));
    /* as long as those of lo are */
    assert_error(change_membership(&sock, "PACKET_ADD_MEMBERSHIP", PACKET_MR_MULTICAST, long_one, sizeof long_one),
                 EINVAL);
    assert_ok(change_membership(&sock, "PACKET_ADD_MEMBERSHIP", PACKET_MR_PROMISC, NULL, 0));
    ck_assert(ip_shows("ip -d link show lo", "promiscuity 1 "));
    assert_ok(change_membership(&sock, "PACKET_DROP_MEMBERSHIP", PACKET_MR_PROMISC, NULL, 0));
    ck_assert(ip_shows("ip -d link show lo", "promiscuity 0 "));
    assert_error(llnet_socket_get_option_data(&sock, "PACKET_ADD_MEMBERSHIP", (char[40]){0}, 40), EACCES);
    assert_ok(llnet_socket_close(&sock));
}
END_TEST

/* Sends datagrams over lo. */
static void send_over_lo(int count) {
    llnet_socket a, b;
    llnet_addr a_addr, b_addr;

    open_udp_pair(&a, &a_addr, &b, &b_addr);
    while (count-- > 0)
        ck_assert_int_eq(llnet_socket_sendto(&a, "datagram", 8, &b_addr, 0), 8);
    assert_ok(llnet_socket_close(&a));
    assert_ok(llnet_socket_close(&b));
}

/* How many datagrams wait in a socket. */
static int drain(llnet_socket *sock) {
    char bytes[256];
    int count = 0;

    while (llnet_socket_recv(sock, bytes, sizeof bytes, MSG_DONTWAIT) > 0)
        count++;
    return count;
}

/* A field of the statistics; -ENODATA where the kernel does not give it. */
static int64_t statistic(const void *record, llnet_count len, size_t index) {
    int64_t value = -99;
    llnet_status status =
        llnet_option_get_field_int(llnet_option_find("PACKET_STATISTICS"), index, record, (size_t)len, &value);
    return status < 0 ? status : value;
}

static void assert_statistics(const llnet_socket *sock, llnet_count size, int64_t packets, int64_t drops,
                              int64_t freezes) {
    char record[LLNET_OPTION_RECORD_MAX];
    llnet_count len = llnet_socket_get_option_data(sock, "PACKET_STATISTICS", record, sizeof record);

    ck_assert_int_eq(len, size);
    ck_assert_int_eq(statistic(record, len, 0), packets);
    ck_assert_int_eq(statistic(record, len, 1), drops);
    ck_assert_int_eq(statistic(record, len, 2), freezes);
}

START_TEST(statistics_count_what_was_sent_and_what_was_lost) {
    llnet_socket sock = {0};
    const char *reason = open_packet(&sock);
    char record[64];
    int64_t packets;
    llnet_count len;
    int kept;

    if (reason != NULL)
        skip(reason);
    send_over_lo(3);
    ck_assert_int_eq(drain(&sock), 3);
    assert_statistics(&sock, 8, 3, 0, -ENODATA);
    assert_statistics(&sock, 8, 0, 0, -ENODATA); /* reading resets */
    assert_ok(llnet_socket_set_option_int(&sock, "SO_RCVBUF", 1));
    send_over_lo(100);
    kept = drain(&sock);
    ck_assert_int_lt(kept, 100);
    len = llnet_socket_get_option_data(&sock, "PACKET_STATISTICS", record, sizeof record);
    ck_assert_int_eq(statistic(record, len, 0), 100);
    ck_assert_int_eq(statistic(record, len, 1), 100 - kept);
    /* cut to the room that there is */
    send_over_lo(1);
    len = llnet_socket_get_option_data(&sock, "PACKET_STATISTICS", record, 4);
    ck_assert_int_eq(len, 4);
    packets = statistic(record, len, 0);
    ck_assert_int_eq(packets, 1);
    ck_assert_int_eq(statistic(record, len, 1), -ENODATA);
    assert_ok(llnet_socket_set_option_int(&sock, "PACKET_VERSION", TPACKET_V3));
    assert_statistics(&sock, 12, 0, 0, 0);
    assert_error(llnet_socket_get_option_data(&sock, "PACKET_ROLLOVER_STATS", record, sizeof record), EINVAL);
    assert_ok(llnet_socket_close(&sock));
}
END_TEST

START_TEST(auxiliary_data_come_with_what_they_tell_of) {
    struct tpacket_auxdata auxiliary = {0};
    int level = 0, type = 0;
    llnet_message *message;
    llnet_socket sock = {0};
    const char *reason = open_packet(&sock);
    char bytes[256] = {0};

    if (reason != NULL)
        skip(reason);
    assert_ok(llnet_message_new(&message, 256));
    assert_ok(llnet_message_add_space(message, bytes, 20));
    assert_ok(llnet_socket_set_option_int(&sock, "PACKET_AUXDATA", 1));
    send_over_lo(1);
    ck_assert_int_eq(llnet_socket_recv_message(&sock, message, 0), 20);
    ck_assert_uint_eq(llnet_message_get_control_count(message), 1);
    assert_ok(llnet_message_get_control_type(message, 0, &level, &type));
    ck_assert_int_eq(level, 263);
    ck_assert_int_eq(type, PACKET_AUXDATA);
    ck_assert_int_eq(llnet_message_get_control_data(message, 0, &auxiliary, sizeof auxiliary), sizeof auxiliary);
    ck_assert_uint_eq(auxiliary.tp_len, 14 + 20 + 8 + 8); /* Ethernet's, IP's and UDP's header, the datagram */
    ck_assert_uint_eq(auxiliary.tp_snaplen, 14 + 20 + 8 + 8);
    llnet_message_free(message);
    assert_ok(llnet_socket_close(&sock));
}
END_TEST

START_TEST(a_batch_takes_what_a_packet_socket_has) {
    llnet_socket sock = {0};
    const char *reason = open_packet(&sock);
    llnet_batch *batch;
    int i;

    if (reason != NULL)
        skip(reason);
    assert_ok(llnet_batch_new(&batch, 8, 256, 64));
    assert_error(llnet_socket_recv_batch(&sock, batch, LLNET_ALL, MSG_DONTWAIT), EAGAIN);
    assert_ok(llnet_socket_set_option_int(&sock, "PACKET_AUXDATA", 1));
    send_over_lo(3);
    ck_assert_int_eq(llnet_socket_recv_batch(&sock, batch, LLNET_ALL, MSG_WAITFORONE), 3);
    for (i = 0; i < 3; i++) {
        llnet_message *message;

        ck_assert_int_eq(llnet_batch_get_size(batch, (size_t)i), 14 + 20 + 8 + 8);
        assert_ok(llnet_batch_get_message(batch, (size_t)i, &message));
        ck_assert_uint_eq(llnet_message_get_control_count(message), 1);
        llnet_message_free(message);
    }
    /* an error of this kind that has another reason stays one */
    assert_error(llnet_socket_recv_batch(&sock, batch, LLNET_ALL, MSG_OOB), EINVAL);
    llnet_batch_free(batch);
    assert_ok(llnet_socket_close(&sock));
}
END_TEST

START_TEST(a_fanout_spreads_over_its_sockets) {
    enum { GROUP = 0xfffe, LB = GROUP | PACKET_FANOUT_LB << 16 };
    const int64_t defrag = 9 | (int64_t)(PACKET_FANOUT_HASH | PACKET_FANOUT_FLAG_DEFRAG) << 16;
    llnet_socket a = {0}, b = {0};
    const char *reason = open_packet(&a);

    if (reason != NULL)
        skip(reason);
    ck_assert_int_eq(get_int(&a, "PACKET_FANOUT"), 0);
    open_bound(&b);
    assert_ok(llnet_socket_set_option_int(&a, "PACKET_FANOUT", LB));
    assert_ok(llnet_socket_set_option_int(&b, "PACKET_FANOUT", LB));
    ck_assert_int_eq(get_int(&a, "PACKET_FANOUT"), LB);
    send_over_lo(4);
    ck_assert_int_eq(drain(&a), 2);
    ck_assert_int_eq(drain(&b), 2);
    assert_ok(llnet_socket_close(&b));
    open_bound(&b);
    assert_ok(llnet_socket_set_option_int(&b, "PACKET_FANOUT", defrag)); /* its top bit */
    ck_assert_int_eq((uint32_t)raw_int(&b, 263, 18), defrag);
    ck_assert_int_eq(get_int(&b, "PACKET_FANOUT"), defrag);
    assert_ok(llnet_socket_close(&b));
    assert_ok(llnet_socket_close(&a));
}
END_TEST

START_TEST(a_program_chooses_among_the_sockets_of_a_fanout) {
    static const struct {
        uint16_t code;
        uint8_t jt, jf;
        uint32_t k;
    } second = {6, 0, 0, 1}; /* BPF_RET | BPF_K */
    llnet_socket a = {0}, b = {0};
    const char *reason = open_packet(&a);

    if (reason != NULL)
        skip(reason);
    open_bound(&b);
    assert_error(llnet_socket_set_option_data(&a, "PACKET_FANOUT_DATA", &second, sizeof second), EINVAL);
    assert_ok(llnet_socket_set_option_int(&a, "PACKET_FANOUT", 3 | PACKET_FANOUT_CBPF << 16));
    assert_ok(llnet_socket_set_option_int(&b, "PACKET_FANOUT", 3 | PACKET_FANOUT_CBPF << 16));
    assert_ok(llnet_socket_set_option_data(&a, "PACKET_FANOUT_DATA", &second, sizeof second));
    send_over_lo(5);
    ck_assert_int_eq(drain(&a), 0);
    ck_assert_int_eq(drain(&b), 5);
    assert_ok(llnet_socket_close(&a));
    assert_ok(llnet_socket_close(&b));
}
END_TEST

START_TEST(a_rollover_is_counted) {
    const llnet_option *option = llnet_option_find("PACKET_ROLLOVER_STATS");
    enum { LB = 5 | (PACKET_FANOUT_LB | PACKET_FANOUT_FLAG_ROLLOVER) << 16 };
    uint64_t record[3] = {0};
    llnet_socket a = {0}, b = {0};
    const char *reason = open_packet(&a);
    int64_t all = -1;

    if (reason != NULL)
        skip(reason);
    open_bound(&b);
    assert_ok(llnet_socket_set_option_int(&a, "SO_RCVBUF", 1));
    assert_ok(llnet_socket_set_option_int(&a, "PACKET_FANOUT", LB));
    assert_ok(llnet_socket_set_option_int(&b, "PACKET_FANOUT", LB));
    send_over_lo(100);
    /* what does not fit into the one goes to the other */
    ck_assert_int_gt(drain(&b), 50);
    ck_assert_uint_eq(llnet_option_get_record_size(option), sizeof record);
    ck_assert_int_eq(llnet_socket_get_option_data(&a, "PACKET_ROLLOVER_STATS", record, sizeof record),
                     sizeof record);
    assert_ok(llnet_option_get_field_int(option, 0, record, sizeof record, &all));
    ck_assert_str_eq(llnet_option_get_field_name(option, 0), "all");
    ck_assert_int_gt(all, 0);
    ck_assert_uint_eq(record[0], (uint64_t)all);
    assert_ok(llnet_socket_close(&a));
    assert_ok(llnet_socket_close(&b));
}
END_TEST

int main(void) {
    Suite *suite = suite_create("option_link");
    TCase *netlink = add_case(suite, "netlink");
    TCase *packet = add_case(suite, "packet");

    tcase_add_test(netlink, netlink_flags_are_what_the_kernel_holds);
    tcase_add_test(netlink, groups_are_joined_listed_and_left);
    tcase_add_test(netlink, what_ip_changes_is_told_to_a_member_alone);
    tcase_add_test(packet, numbers_of_a_packet_socket_are_what_the_kernel_holds);
    tcase_add_test(packet, ss_shows_what_a_packet_socket_was_told);
    tcase_add_test(packet, a_membership_is_what_ip_shows);
    tcase_add_test(packet, statistics_count_what_was_sent_and_what_was_lost);
    tcase_add_test(packet, auxiliary_data_come_with_what_they_tell_of);
    tcase_add_test(packet, a_batch_takes_what_a_packet_socket_has);
    tcase_add_test(packet, a_fanout_spreads_over_its_sockets);
    tcase_add_test(packet, a_program_chooses_among_the_sockets_of_a_fanout);
    tcase_add_test(packet, a_rollover_is_counted);
    return run_suite(suite);
}
