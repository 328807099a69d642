/* SPDX-License-Identifier: MIT */
/* check_option_link.c: the options of netlink and packet sockets, by what the kernel then
 * does and tells elsewhere: /proc, ip(8), ss(8), in network namespaces of the tests' own.
 * Numbers are those of the kernel's headers. */
#include "harness.h"
#include "netns.h"

#include <linux/if_packet.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <poll.h>
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

        if (status == -EPERM || status == -EINVAL) /* for the privileged; for SOCK_RAW alone */
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

int main(void) {
    Suite *suite = suite_create("option_link");
    TCase *netlink = add_case(suite, "netlink");

    tcase_add_test(netlink, netlink_flags_are_what_the_kernel_holds);
    tcase_add_test(netlink, groups_are_joined_listed_and_left);
    tcase_add_test(netlink, what_ip_changes_is_told_to_a_member_alone);
    return run_suite(suite);
}
