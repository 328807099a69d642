/* SPDX-License-Identifier: MIT */
/* check_option_record.c: the fields of records, checked against the structures of
 * the system's headers, and the options that are records: linger,
 * credentials, multicast. */
#include "harness.h"

#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>
#ifdef __linux__
#include <linux/if_packet.h>
#endif

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const llnet_option *find(const char *name) {
    const llnet_option *option = llnet_option_find(name);
    ck_assert_ptr_nonnull(option);
    return option;
}

static size_t field(const llnet_option *option, const char *name) {
    const char *at;
    size_t i;

    for (i = 0; (at = llnet_option_get_field_name(option, i)) != NULL; i++)
        if (strcmp(at, name) == 0)
            return i;
    ck_abort_msg("%s has no field %s", llnet_option_get_name(option), name);
}

static int64_t get_field(const llnet_option *option, const char *name, const void *record, size_t len) {
    int64_t value = -99;
    assert_ok(llnet_option_get_field_int(option, field(option, name), record, len, &value));
    return value;
}

static void set_field(const llnet_option *option, const char *name, void *record, size_t len, int64_t value) {
    assert_ok(llnet_option_set_field_int(option, field(option, name), record, len, value));
}

static void set_field_ip(const llnet_option *option, const char *name, void *record, size_t len, const char *ip) {
    llnet_addr addr;

    assert_ok(llnet_addr_set_ip(&addr, ip, 0));
    assert_ok(llnet_option_set_field_addr(option, field(option, name), record, len, &addr));
}

static void assert_field_ip(const llnet_option *option, size_t index, const void *record, size_t len,
                            const char *ip) {
    llnet_addr got, want;

    assert_ok(llnet_addr_set_ip(&want, ip, 0));
    assert_ok(llnet_option_get_field_addr(option, index, record, len, &got));
    ck_assert(llnet_addr_equal(&got, &want));
}

/* ---- the fields ------------------------------------------------------------------- */

START_TEST(every_field_goes_both_ways_and_stays_within_the_record) {
    const llnet_option *option;
    size_t i, index, size;
    int64_t value;
    char *record;

    for (i = 0; (option = llnet_option_at(i)) != NULL; i++) {
        size = llnet_option_get_record_size(option);
        record = calloc(1, size != 0 ? size : 1); /* the sanitizer sees the end */
        ck_assert_ptr_nonnull(record);
        for (index = 0; index < llnet_option_get_field_count(option); index++) {
            if (llnet_option_get_field_type(option, index) == LLNET_OPTION_ADDRESS)
                continue;
            assert_ok(llnet_option_set_field_int(option, index, record, size, 1));
            assert_ok(llnet_option_get_field_int(option, index, record, size, &value));
            ck_assert_int_eq(value, 1);
            assert_ok(llnet_option_set_field_int(option, index, record, size, 0));
            assert_error(llnet_option_get_field_int(option, index, record, 0, &value), ENODATA);
            assert_error(llnet_option_set_field_int(option, index, record, 0, 1), ENODATA);
            ck_assert_int_eq(value, 1);
        }
        free(record);
    }
}
END_TEST

START_TEST(there_is_nothing_past_the_end_of_the_fields) {
    static const char *const names[] = {"SO_LINGER", "TCP_INFO", "IP_MSFILTER", "SO_REUSEADDR"};
    const llnet_option *option;
    char record[LLNET_OPTION_RECORD_MAX] = {0};
    int64_t value;
    size_t i, end;

    for (i = 0; i < COUNT(names); i++) {
        option = find(names[i]);
        end = llnet_option_get_field_count(option);
        ck_assert_ptr_null(llnet_option_get_field_name(option, end));
        ck_assert_int_eq(llnet_option_get_field_type(option, end), -1);
        ck_assert_ptr_null(llnet_option_get_field_name(option, SIZE_MAX));
        ck_assert_int_eq(llnet_option_get_field_type(option, SIZE_MAX), -1);
        if (llnet_option_is_repeating(option))
            continue;
        assert_error(llnet_option_get_field_int(option, end, record, sizeof record, &value), LLNET_EBOUNDS);
        assert_error(llnet_option_set_field_int(option, SIZE_MAX, record, sizeof record, 0), LLNET_EBOUNDS);
    }
    ck_assert_uint_eq(llnet_option_get_field_count(find("SO_REUSEADDR")), 0);
    ck_assert_uint_eq(llnet_option_get_record_size(find("SO_REUSEADDR")), 0);
    ck_assert(!llnet_option_is_repeating(find("SO_REUSEADDR")));
    ck_assert(!llnet_option_is_repeating(find("TCP_INFO")));
    ck_assert(llnet_option_is_repeating(find("IP_MSFILTER")));
}
END_TEST

START_TEST(a_field_of_another_type_is_refused) {
    const llnet_option *option = find("IP_ADD_MEMBERSHIP");
    struct ip_mreqn request;
    llnet_addr addr;
    int64_t value;

    memset(&request, 0, sizeof request);
    assert_ok(llnet_addr_set_ip(&addr, "::1", 0));
    assert_error(llnet_option_set_field_int(option, 0, &request, sizeof request, 1), LLNET_ETYPE);
    assert_error(llnet_option_get_field_int(option, 0, &request, sizeof request, &value), LLNET_ETYPE);
    assert_error(llnet_option_set_field_addr(option, 2, &request, sizeof request, &addr), LLNET_ETYPE);
    assert_error(llnet_option_get_field_addr(option, 2, &request, sizeof request, &addr), LLNET_ETYPE);
    assert_error(llnet_option_set_field_addr(option, 0, &request, sizeof request, &addr), EAFNOSUPPORT);
    assert_error(llnet_option_set_field_addr(option, 3, &request, sizeof request, &addr), LLNET_EBOUNDS);
    assert_error(llnet_option_get_field_addr(option, 3, &request, sizeof request, &addr), LLNET_EBOUNDS);
    assert_error(llnet_option_set_field_int(option, 2, &request, sizeof request, INT64_C(0x80000000)), ERANGE);
    assert_ok(llnet_addr_set_ip(&addr, "127.0.0.1", 0));
    assert_error(llnet_option_set_field_addr(find("IPV6_JOIN_GROUP"), 0, &request, sizeof(struct ipv6_mreq), &addr),
                 EAFNOSUPPORT);
}
END_TEST

START_TEST(signs_are_kept_where_the_kernel_has_them) {
    struct linger linger = {0, -3};
    uint32_t words[9] = {0};
    int64_t value;

    ck_assert_int_eq(get_field(find("SO_LINGER"), "seconds", &linger, sizeof linger), -3);
    set_field(find("SO_LINGER"), "seconds", &linger, sizeof linger, INT32_MIN);
    ck_assert_int_eq(linger.l_linger, INT32_MIN);
    assert_error(llnet_option_set_field_int(find("SO_LINGER"), 1, &linger, sizeof linger, (int64_t)INT32_MIN - 1),
                 ERANGE);
    linger.l_onoff = 4; /* on is on */
    ck_assert_int_eq(get_field(find("SO_LINGER"), "on", &linger, sizeof linger), 1);
    words[0] = words[4] = UINT32_MAX;
    ck_assert_int_eq(get_field(find("SO_MEMINFO"), "rmem_alloc", words, sizeof words), UINT32_MAX);
    ck_assert_int_eq(get_field(find("SO_MEMINFO"), "fwd_alloc", words, sizeof words), -1);
    assert_error(llnet_option_get_field_int(find("SO_MEMINFO"), 8, words, 35, &value), ENODATA);
}
END_TEST

/* ---- linger, credentials ------------------------------------------------------------ */

START_TEST(linger_goes_both_ways) {
    const llnet_option *option = find("SO_LINGER");
    struct linger linger = {0, 0}, raw = {0, 0};
    llnet_socket sock;
    socklen_t len = sizeof raw;

    ck_assert_uint_eq(llnet_option_get_record_size(option), sizeof linger);
    set_field(option, "on", &linger, sizeof linger, 1);
    set_field(option, "seconds", &linger, sizeof linger, 5);
    ck_assert_int_eq(linger.l_onoff, 1);
    ck_assert_int_eq(linger.l_linger, 5);
    assert_error(llnet_option_set_field_int(option, field(option, "on"), &linger, sizeof linger, 2), ERANGE);
    assert_ok(llnet_socket_open(&sock, AF_INET, SOCK_STREAM, 0, 0));
    assert_ok(llnet_socket_set_option_data(&sock, "SO_LINGER", &linger, sizeof linger));
    ck_assert_int_eq(getsockopt((int)llnet_socket_fileno(&sock), SOL_SOCKET, SO_LINGER, &raw, &len), 0);
    ck_assert_mem_eq(&raw, &linger, sizeof raw);
    memset(&linger, 0, sizeof linger);
    ck_assert_int_eq(llnet_socket_get_option_data(&sock, "SO_LINGER", &linger, sizeof linger), sizeof linger);
    ck_assert_int_eq(get_field(option, "on", &linger, sizeof linger), 1);
    ck_assert_int_eq(get_field(option, "seconds", &linger, sizeof linger), 5);
    assert_error(llnet_socket_set_option_data(&sock, "SO_LINGER", &linger, 4), EINVAL);
    assert_ok(llnet_socket_close(&sock));
}
END_TEST

START_TEST(the_peers_credentials_are_our_own) {
    const llnet_option *option = find("SO_PEERCRED");
    llnet_socket a, b;
    char record[64];
    llnet_count len;

    assert_ok(llnet_socket_pair(&a, &b, AF_UNIX, SOCK_STREAM, 0, 0));
    len = llnet_socket_get_option_data(&a, "SO_PEERCRED", record, sizeof record);
    ck_assert_int_eq(len, (llnet_count)llnet_option_get_record_size(option));
    ck_assert_int_eq(get_field(option, "pid", record, (size_t)len), getpid());
    ck_assert_int_eq(get_field(option, "uid", record, (size_t)len), getuid());
    ck_assert_int_eq(get_field(option, "gid", record, (size_t)len), getgid());
    assert_ok(llnet_socket_close(&a));
    assert_ok(llnet_socket_close(&b));
}
END_TEST

START_TEST(memory_figures_agree_with_the_buffer_sizes) {
    const llnet_option *option = find("SO_MEMINFO");
    llnet_socket sock;
    char record[64];
    llnet_count len;
    int64_t size;

    assert_ok(llnet_socket_open(&sock, AF_INET, SOCK_DGRAM, 0, 0));
    len = llnet_socket_get_option_data(&sock, "SO_MEMINFO", record, sizeof record);
    assert_ok(len);
    assert_ok(llnet_socket_get_option_int(&sock, "SO_RCVBUF", &size));
    ck_assert_int_eq(get_field(option, "rcvbuf", record, (size_t)len), size);
    assert_ok(llnet_socket_get_option_int(&sock, "SO_SNDBUF", &size));
    ck_assert_int_eq(get_field(option, "sndbuf", record, (size_t)len), size);
    ck_assert_int_eq(get_field(option, "drops", record, (size_t)len), 0);
    assert_ok(llnet_socket_close(&sock));
}
END_TEST

/* ---- multicast ------------------------------------------------------------------------ */

/* Whether /proc/net/igmp or igmp6 has this group on lo, under the name that it
 * has there. */
static bool is_member(const char *file, const char *group) {
    char line[256], device[32] = "", word[64];
    bool found = false;
    FILE *stream = fopen(file, "r");

    ck_assert_ptr_nonnull(stream);
    while (fgets(line, sizeof line, stream) != NULL) {
        if (line[0] != '\t' && sscanf(line, "%*d %31s %63s", device, word) == 2 && strcmp(word, group) == 0)
            found = found || strcmp(device, "lo") == 0; /* igmp6 */
        if (line[0] == '\t' && sscanf(line, "%63s", word) == 1 && strcmp(word, group) == 0)
            found = found || strcmp(device, "lo") == 0; /* igmp */
    }
    fclose(stream);
    return found;
}

/* Joins and leaves with the same record. */
static void join_and_leave(int domain, const char *join, const char *leave, const void *record, size_t len,
                           const char *file, const char *group) {
    llnet_socket sock;

    assert_ok(llnet_socket_open(&sock, domain, SOCK_DGRAM, 0, 0));
    ck_assert(!is_member(file, group));
    assert_ok(llnet_socket_set_option_data(&sock, join, record, len));
    ck_assert(is_member(file, group));
    assert_error(llnet_socket_set_option_data(&sock, join, record, len), EADDRINUSE);
    assert_ok(llnet_socket_set_option_data(&sock, leave, record, len));
    ck_assert(!is_member(file, group));
    assert_error(llnet_socket_set_option_data(&sock, leave, record, len), EADDRNOTAVAIL);
    assert_ok(llnet_socket_close(&sock));
}

/* The groups differ between tests, which may run at once. */
static void hex_group(char *text, size_t size, const char *ip) {
    struct in_addr group;
    llnet_addr addr;

    assert_ok(llnet_addr_set_ip(&addr, ip, 0));
    ck_assert_int_eq(llnet_addr_get_ip_bytes(&addr, &group, sizeof group), sizeof group);
    snprintf(text, size, "%08X", group.s_addr);
}

#define IGMP  "/proc/net/igmp"
#define IGMP6 "/proc/net/igmp6"

START_TEST(an_ipv4_group_is_joined_by_address_and_by_index) {
    const llnet_option *option = find("IP_ADD_MEMBERSHIP");
    struct ip_mreqn request;
    char group[16];

    if (access(IGMP, R_OK) != 0)
        skip("no " IGMP);
    ck_assert_uint_eq(llnet_option_get_record_size(option), sizeof request);
    memset(&request, 0, sizeof request);
    set_field_ip(option, "group", &request, sizeof request, "239.255.71.1");
    set_field_ip(option, "address", &request, sizeof request, "127.0.0.1");
    hex_group(group, sizeof group, "239.255.71.1");
    join_and_leave(AF_INET, "IP_ADD_MEMBERSHIP", "IP_DROP_MEMBERSHIP", &request, sizeof request, IGMP, group);
    memset(&request, 0, sizeof request);
    set_field_ip(option, "group", &request, sizeof request, "239.255.71.2");
    set_field(option, "index", &request, sizeof request, if_nametoindex("lo"));
    hex_group(group, sizeof group, "239.255.71.2");
    join_and_leave(AF_INET, "IP_ADD_MEMBERSHIP", "IP_DROP_MEMBERSHIP", &request, sizeof request, IGMP, group);
    ck_assert_uint_eq(request.imr_multiaddr.s_addr, htonl(0xefff4702));
}
END_TEST

START_TEST(a_group_request_is_for_either_ip_version) {
    const llnet_option *option = find("MCAST_JOIN_GROUP");
    struct group_req request;
    char group[16];

    if (access(IGMP, R_OK) != 0)
        skip("no " IGMP);
    memset(&request, 0, sizeof request);
    set_field_ip(option, "group", &request, sizeof request, "239.255.71.3");
    set_field(option, "index", &request, sizeof request, if_nametoindex("lo"));
    hex_group(group, sizeof group, "239.255.71.3");
    join_and_leave(AF_INET, "MCAST_JOIN_GROUP", "MCAST_LEAVE_GROUP", &request, sizeof request, IGMP, group);
    if (!have_ipv6())
        skip("no IPv6");
    set_field_ip(option, "group", &request, sizeof request, "ff12::7103");
    join_and_leave(AF_INET6, "MCAST_JOIN_GROUP", "MCAST_LEAVE_GROUP", &request, sizeof request, IGMP6,
                   "ff120000000000000000000000007103");
}
END_TEST

START_TEST(an_ipv6_group_is_joined_by_index) {
    const llnet_option *option = find("IPV6_JOIN_GROUP");
    struct ipv6_mreq request;

    if (!have_ipv6() || access(IGMP6, R_OK) != 0)
        skip("no IPv6");
    memset(&request, 0, sizeof request);
    set_field_ip(option, "group", &request, sizeof request, "ff12::7101");
    set_field(option, "index", &request, sizeof request, if_nametoindex("lo"));
    ck_assert_uint_eq(request.ipv6mr_interface, if_nametoindex("lo"));
    join_and_leave(AF_INET6, "IPV6_JOIN_GROUP", "IPV6_LEAVE_GROUP", &request, sizeof request, IGMP6,
                   "ff120000000000000000000000007101");
    join_and_leave(AF_INET6, "IPV6_ADD_MEMBERSHIP", "IPV6_DROP_MEMBERSHIP", &request, sizeof request, IGMP6,
                   "ff120000000000000000000000007101");
}
END_TEST

static void prepare_filter(struct ip_msfilter *filter, const char *group) {
    memset(filter, 0, sizeof *filter);
    set_field_ip(find("IP_MSFILTER"), "group", filter, sizeof *filter, group);
    set_field_ip(find("IP_MSFILTER"), "address", filter, sizeof *filter, "127.0.0.1");
    filter->imsf_numsrc = 1;
}

START_TEST(a_source_is_joined_and_left) {
    const llnet_option *option = find("IP_ADD_SOURCE_MEMBERSHIP");
    struct ip_mreq_source request;
    struct ip_msfilter filter;
    llnet_socket sock;

    assert_ok(llnet_socket_open(&sock, AF_INET, SOCK_DGRAM, 0, 0));
    memset(&request, 0, sizeof request);
    set_field_ip(option, "group", &request, sizeof request, "232.1.71.1");
    set_field_ip(option, "address", &request, sizeof request, "127.0.0.1");
    set_field_ip(option, "source", &request, sizeof request, "192.0.2.9");
    assert_ok(llnet_socket_set_option_data(&sock, "IP_ADD_SOURCE_MEMBERSHIP", &request, sizeof request));
    prepare_filter(&filter, "232.1.71.1");
    assert_ok(llnet_socket_get_option_raw(&sock, IPPROTO_IP, IP_MSFILTER, &filter, sizeof filter));
    ck_assert_uint_eq(filter.imsf_numsrc, 1);
    ck_assert_uint_eq(filter.imsf_fmode, MCAST_INCLUDE);
    assert_field_ip(find("IP_MSFILTER"), 3, &filter, sizeof filter, "192.0.2.9");
    assert_ok(llnet_socket_set_option_data(&sock, "IP_DROP_SOURCE_MEMBERSHIP", &request, sizeof request));
    prepare_filter(&filter, "232.1.71.1");
    assert_error(llnet_socket_get_option_raw(&sock, IPPROTO_IP, IP_MSFILTER, &filter, sizeof filter),
                 EADDRNOTAVAIL);
    assert_ok(llnet_socket_close(&sock));
}
END_TEST

/* ---- link-layer addresses ---------------------------------------------------------------- */

#ifdef __linux__
static void set_hardware(llnet_addr *addr, size_t len) {
    static const unsigned char bytes[64] = "\1\2\3\4\5\6\7\10\11\12\13\14\15\16\17\20";

    assert_ok(llnet_addr_set_packet(addr, 1, 3, bytes, len));
}

START_TEST(a_link_layer_address_is_where_the_kernels_structure_has_it) {
    const llnet_option *option = find("PACKET_ADD_MEMBERSHIP");
    struct packet_mreq request;
    unsigned char bytes[8];
    llnet_addr addr;

    memset(&request, 0xff, sizeof request);
    set_field(option, "index", &request, sizeof request, 77);
    set_field(option, "type", &request, sizeof request, PACKET_MR_UNICAST);
    set_hardware(&addr, 6);
    assert_ok(llnet_option_set_field_addr(option, field(option, "address"), &request, sizeof request, &addr));
    ck_assert_int_eq(request.mr_ifindex, 77);
    ck_assert_uint_eq(request.mr_type, PACKET_MR_UNICAST);
    ck_assert_uint_eq(request.mr_alen, 6);
    ck_assert_mem_eq(request.mr_address, "\1\2\3\4\5\6\0", 8);
    request.mr_alen = 8;
    request.mr_address[7] = 0xee;
    llnet_addr_init(&addr);
    assert_ok(llnet_option_get_field_addr(option, 2, &request, sizeof request, &addr));
    ck_assert_int_eq(llnet_addr_get_packet_hardware(&addr, bytes, sizeof bytes), 8);
    ck_assert_mem_eq(bytes, "\1\2\3\4\5\6\0\xee", 8);
    assert_error(llnet_option_get_field_int(option, 2, &request, sizeof request, &(int64_t){0}), LLNET_ETYPE);
    assert_ok(llnet_addr_set_ip(&addr, "127.0.0.1", 0));
    assert_error(llnet_option_set_field_addr(option, 2, &request, sizeof request, &addr), EAFNOSUPPORT);
    ck_assert_uint_eq(request.mr_alen, 8);
}
END_TEST

START_TEST(a_link_layer_address_of_any_length_stays_within_the_record) {
    const llnet_option *option = find("PACKET_DROP_MEMBERSHIP");
    size_t size = llnet_option_get_record_size(option), len, alen;
    unsigned char *record, before[LLNET_OPTION_RECORD_MAX], bytes[64];
    llnet_addr addr, got;
    llnet_status want;
    uint16_t lies;

    ck_assert_uint_eq(size, 8 + 32);
    for (len = 0; len <= size + 9; len++) {
        record = malloc(len != 0 ? len : 1); /* the sanitizer sees the end */
        ck_assert_ptr_nonnull(record);
        for (alen = 0; alen <= 32; alen++) {
            memset(record, '#', len);
            memcpy(before, record, len);
            set_hardware(&addr, alen);
            want = 8 + alen <= len ? 0 : -ENODATA;
            ck_assert_int_eq(llnet_option_set_field_addr(option, 2, record, len, &addr), want);
            if (want != 0) {
                ck_assert_mem_eq(record, before, len);
                continue;
            }
            ck_assert_mem_eq(record, before, 6);
            if (len > size)
                ck_assert_mem_eq(record + size, before + size, len - size);
            assert_ok(llnet_option_get_field_addr(option, 2, record, len, &got));
            ck_assert_int_eq(llnet_addr_get_packet_hardware(&got, bytes, sizeof bytes), (llnet_count)alen);
        }
        for (alen = 0; alen <= UINT16_MAX; alen += alen < 300 ? 1 : 0xff) {
            lies = (uint16_t)alen;
            if (len >= 8)
                memcpy(record + 6, &lies, sizeof lies);
            want = len >= 8 && 8 + alen <= (len < size ? len : size) ? 0 : -ENODATA;
            ck_assert_int_eq(llnet_option_get_field_addr(option, 2, record, len, &got), want);
        }
        free(record);
    }
}
END_TEST
#endif

/* ---- lists ---------------------------------------------------------------------------- */

START_TEST(a_list_grows_by_an_element_at_a_time) {
    const llnet_option *option = find("IP_MSFILTER");
    unsigned char record[16 + 2 * 4];
    struct ip_msfilter view;
    llnet_addr addr, got;

    memset(record, 0, sizeof record);
    ck_assert_uint_eq(llnet_option_get_record_size(option), 16);
    ck_assert_uint_eq(llnet_option_get_field_count(option), 4);
    ck_assert_str_eq(llnet_option_get_field_name(option, 3), "sources");
    assert_ok(llnet_addr_set_ip(&addr, "192.0.2.1", 0));
    assert_error(llnet_option_get_field_addr(option, 3, record, sizeof record, &got), LLNET_EBOUNDS);
    assert_error(llnet_option_set_field_addr(option, 4, record, sizeof record, &addr), LLNET_EBOUNDS);
    assert_error(llnet_option_set_field_addr(option, 3, record, 16, &addr), ENODATA);
    assert_error(llnet_option_set_field_addr(option, 3, record, 15, &addr), ENODATA);
    assert_error(llnet_option_set_field_int(option, 3, record, sizeof record, 1), LLNET_ETYPE);
    assert_ok(llnet_option_set_field_addr(option, 3, record, sizeof record, &addr));
    assert_ok(llnet_addr_set_ip(&addr, "192.0.2.2", 0));
    assert_ok(llnet_option_set_field_addr(option, 4, record, sizeof record, &addr));
    assert_error(llnet_option_set_field_addr(option, 5, record, sizeof record, &addr), ENODATA);
    assert_ok(llnet_option_set_field_addr(option, 3, record, sizeof record, &addr)); /* again: not counted */
    memcpy(&view, record, sizeof view);
    ck_assert_uint_eq(view.imsf_numsrc, 2);
    ck_assert_uint_eq(view.imsf_slist[0].s_addr, htonl(0xc0000202));
    assert_field_ip(option, 4, record, sizeof record, "192.0.2.2");
    assert_error(llnet_option_get_field_addr(option, 5, record, sizeof record, &got), LLNET_EBOUNDS);
    assert_error(llnet_option_get_field_addr(option, SIZE_MAX, record, sizeof record, &got), LLNET_EBOUNDS);
    memset(record + 12, 0xff, 4); /* a count that lies */
    assert_error(llnet_option_get_field_addr(option, 5, record, sizeof record, &got), ENODATA);
    assert_error(llnet_option_get_field_addr(option, 4, record, 20, &got), ENODATA);
}
END_TEST

START_TEST(a_source_filter_is_set_by_its_record) {
    const llnet_option *option = find("IP_MSFILTER");
    unsigned char record[16 + 3 * 4], canary[4] = {'#', '#', '#', '#'};
    llnet_socket sock;
    llnet_addr source;
    int i;

    assert_ok(llnet_socket_open(&sock, AF_INET, SOCK_DGRAM, 0, 0));
    memset(record, 0, sizeof record);
    set_field_ip(option, "group", record, sizeof record, "232.1.71.2");
    set_field_ip(option, "address", record, sizeof record, "127.0.0.1");
    set_field(option, "mode", record, sizeof record, MCAST_INCLUDE);
    for (i = 0; i < 2; i++) {
        assert_ok(llnet_addr_set_ip(&source, i == 0 ? "192.0.2.1" : "192.0.2.2", 0));
        assert_ok(llnet_option_set_field_addr(option, 3 + (size_t)i, record, sizeof record, &source));
    }
    /* the kernel wants to be a member first */
    assert_ok(llnet_socket_set_option_data(
        &sock, "IP_ADD_SOURCE_MEMBERSHIP",
        (uint32_t[3]){htonl(0xe8014702), htonl(INADDR_LOOPBACK), htonl(0xc0000203)}, 12));
    assert_ok(llnet_socket_set_option_data(&sock, "IP_MSFILTER", record, 24));
    /* as many as there is room for, whatever the record says */
    memset(record + 16, '#', 12);
    memset(record + 12, 0xff, 4);
    assert_ok(llnet_socket_get_option_raw(&sock, IPPROTO_IP, IP_MSFILTER, record, 20));
    ck_assert_mem_eq(record + 20, canary, 4);
    memset(record + 12, 0xff, 4);
    ck_assert_int_eq(llnet_socket_get_option_raw(&sock, IPPROTO_IP, IP_MSFILTER, record, sizeof record), 24);
    ck_assert_int_eq(get_field(option, "mode", record, sizeof record), MCAST_INCLUDE);
    assert_field_ip(option, 3, record, sizeof record, "192.0.2.1");
    assert_field_ip(option, 4, record, sizeof record, "192.0.2.2");
    assert_error(llnet_option_get_field_addr(option, 5, record, sizeof record, &source), LLNET_EBOUNDS);
    assert_ok(llnet_socket_close(&sock));
}
END_TEST

START_TEST(a_list_of_socket_addresses_works_alike) {
    const llnet_option *option = find("MCAST_MSFILTER");
    size_t start = llnet_option_get_record_size(option), element = sizeof(struct sockaddr_storage), i;
    struct group_source_req request;
    unsigned char record[1024] = {0};
    llnet_socket sock;
    llnet_addr source;

    ck_assert_uint_eq(start, GROUP_FILTER_SIZE(0));
    memset(&request, 0, sizeof request);
    assert_ok(llnet_socket_open(&sock, AF_INET, SOCK_DGRAM, 0, 0));
    set_field(find("MCAST_JOIN_SOURCE_GROUP"), "index", &request, sizeof request, if_nametoindex("lo"));
    set_field_ip(find("MCAST_JOIN_SOURCE_GROUP"), "group", &request, sizeof request, "232.1.71.3");
    set_field_ip(find("MCAST_JOIN_SOURCE_GROUP"), "source", &request, sizeof request, "192.0.2.3");
    assert_ok(llnet_socket_set_option_data(&sock, "MCAST_JOIN_SOURCE_GROUP", &request, sizeof request));
    set_field(option, "index", record, sizeof record, if_nametoindex("lo"));
    set_field_ip(option, "group", record, sizeof record, "232.1.71.3");
    set_field(option, "mode", record, sizeof record, MCAST_INCLUDE);
    for (i = 0; i < 2; i++) {
        assert_ok(llnet_addr_set_ip(&source, i == 0 ? "192.0.2.1" : "192.0.2.2", 0));
        assert_ok(llnet_option_set_field_addr(option, 3 + i, record, sizeof record, &source));
    }
    assert_ok(llnet_socket_set_option_data(&sock, "MCAST_MSFILTER", record, start + 2 * element));
    memset(record + start, '#', sizeof record - start);
    memset(record + offsetof(struct group_filter, gf_numsrc), 0xff, 4);
    assert_ok(llnet_socket_get_option_raw(&sock, IPPROTO_IP, MCAST_MSFILTER, record, start + element));
    assert_field_ip(option, 3, record, sizeof record, "192.0.2.1");
    for (i = start + element; i < sizeof record; i++)
        ck_assert_uint_eq(record[i], '#');
    assert_ok(llnet_socket_close(&sock));
}
END_TEST

int main(void) {
    Suite *suite = suite_create("option_record");
    TCase *fields = add_case(suite, "fields");
    TCase *multicast = add_case(suite, "multicast");
#ifdef __linux__
    TCase *link = add_case(suite, "link");
#endif

    tcase_add_test(fields, every_field_goes_both_ways_and_stays_within_the_record);
    tcase_add_test(fields, there_is_nothing_past_the_end_of_the_fields);
    tcase_add_test(fields, a_field_of_another_type_is_refused);
    tcase_add_test(fields, signs_are_kept_where_the_kernel_has_them);
    tcase_add_test(fields, linger_goes_both_ways);
    tcase_add_test(fields, the_peers_credentials_are_our_own);
    tcase_add_test(fields, memory_figures_agree_with_the_buffer_sizes);
    tcase_add_test(multicast, an_ipv4_group_is_joined_by_address_and_by_index);
    tcase_add_test(multicast, a_group_request_is_for_either_ip_version);
    tcase_add_test(multicast, an_ipv6_group_is_joined_by_index);
    tcase_add_test(multicast, a_source_is_joined_and_left);
    tcase_add_test(multicast, a_list_grows_by_an_element_at_a_time);
    tcase_add_test(multicast, a_source_filter_is_set_by_its_record);
    tcase_add_test(multicast, a_list_of_socket_addresses_works_alike);
#ifdef __linux__
    tcase_add_test(link, a_link_layer_address_is_where_the_kernels_structure_has_it);
    tcase_add_test(link, a_link_layer_address_of_any_length_stays_within_the_record);
#endif
    return run_suite(suite);
}
