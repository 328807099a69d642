/* SPDX-License-Identifier: MIT */
/* option_record_linux.c: the layout of the records of Linux's own options, except
 * TCP_INFO's, and of those to which Linux adds. */
#include "internal.h"

#include <limits.h>
#include <linux/if_packet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "option_layout.h"

/* struct ucred, whose definition libcs hide behind _GNU_SOURCE */
static const ll_field ucred_fields[] = {
    AT("pid", SIGNED, struct ucred, pid),
    AT("uid", UNSIGNED, struct ucred, uid),
    AT("gid", UNSIGNED, struct ucred, gid),
};
const ll_record ll_record_ucred = {sizeof(struct ucred), COUNT(ucred_fields), false, 0, false, ucred_fields};

static const ll_field ip_mreqn_fields[] = {
    AT("group", IN_ADDR, struct ip_mreqn, imr_multiaddr),
    AT("address", IN_ADDR, struct ip_mreqn, imr_address),
    AT("index", SIGNED, struct ip_mreqn, imr_ifindex),
};
const ll_record ll_record_ip_mreqn = {sizeof(struct ip_mreqn), COUNT(ip_mreqn_fields), false, 0, false,
                                      ip_mreqn_fields};

static const ll_field ip_msfilter_fields[] = {
    AT("group", IN_ADDR, struct ip_msfilter, imsf_multiaddr),
    AT("address", IN_ADDR, struct ip_msfilter, imsf_interface),
    AT("mode", UNSIGNED, struct ip_msfilter, imsf_fmode),
    ELEMENT("sources", IN_ADDR, struct ip_msfilter, imsf_slist, sizeof(struct in_addr)),
};
const ll_record ll_record_ip_msfilter = {offsetof(struct ip_msfilter, imsf_slist),
                                         COUNT(ip_msfilter_fields),
                                         true,
                                         offsetof(struct ip_msfilter, imsf_numsrc),
                                         false,
                                         ip_msfilter_fields};

static const ll_field group_filter_fields[] = {
    AT("index", UNSIGNED, struct group_filter, gf_interface),
    AT("group", SOCKADDR, struct group_filter, gf_group),
    AT("mode", UNSIGNED, struct group_filter, gf_fmode),
    ELEMENT("sources", SOCKADDR, struct group_filter, gf_slist, sizeof(struct sockaddr_storage)),
};
const ll_record ll_record_group_filter = {offsetof(struct group_filter, gf_slist),
                                          COUNT(group_filter_fields),
                                          true,
                                          offsetof(struct group_filter, gf_numsrc),
                                          true,
                                          group_filter_fields};

llnet_count ll_option_interface(void *bytes, size_t size, int64_t index) {
    struct ip_mreqn request;

    if (index < 0 || index > INT_MAX)
        return -ERANGE;
    if (size < sizeof request)
        return -ENOBUFS;
    memset(&request, 0, sizeof request);
    request.imr_ifindex = (int)index;
    memcpy(bytes, &request, sizeof request);
    return sizeof request;
}

/* What follows is laid out in headers of the kernel's (linux/sock_diag.h,
 * linux/net_tstamp.h, linux/tcp.h) that don't mix with the C library's, or are
 * newer than it; each is part of the kernel's binary interface. */
#define WORD(index, name, kind) \
    { name, 4 * (index), LL_FIELD_##kind, 4, 0, 0 }

static const ll_field meminfo_fields[] = {
    WORD(0, "rmem_alloc", UNSIGNED), WORD(1, "rcvbuf", UNSIGNED),  WORD(2, "wmem_alloc", UNSIGNED),
    WORD(3, "sndbuf", UNSIGNED),     WORD(4, "fwd_alloc", SIGNED), WORD(5, "wmem_queued", UNSIGNED),
    WORD(6, "optmem", UNSIGNED),     WORD(7, "backlog", UNSIGNED), WORD(8, "drops", UNSIGNED),
};
const ll_record ll_record_meminfo = {36, COUNT(meminfo_fields), false, 0, false, meminfo_fields};

static const ll_field sock_txtime_fields[] = {
    WORD(0, "clockid", SIGNED),
    WORD(1, "flags", UNSIGNED),
};
const ll_record ll_record_sock_txtime = {8, COUNT(sock_txtime_fields), false, 0, false, sock_txtime_fields};

static const ll_field tcp_repair_window_fields[] = {
    WORD(0, "snd_wl1", UNSIGNED), WORD(1, "snd_wnd", UNSIGNED), WORD(2, "max_window", UNSIGNED),
    WORD(3, "rcv_wnd", UNSIGNED), WORD(4, "rcv_wup", UNSIGNED),
};
const ll_record ll_record_tcp_repair_window = {20,    COUNT(tcp_repair_window_fields), false, 0,
                                               false, tcp_repair_window_fields};

/* struct packet_mreq with the room for the longest address, which the kernel takes, too. */
enum { HARDWARE_MAX = 32 };

static const ll_field packet_mreq_fields[] = {
    AT("index", SIGNED, struct packet_mreq, mr_ifindex),
    AT("type", UNSIGNED, struct packet_mreq, mr_type),
    ELEMENT("address", HARDWARE, struct packet_mreq, mr_address, 0),
};
const ll_record ll_record_packet_mreq = {offsetof(struct packet_mreq, mr_address) + HARDWARE_MAX,
                                         COUNT(packet_mreq_fields),
                                         false,
                                         0,
                                         false,
                                         packet_mreq_fields};

static const ll_field tpacket_stats_fields[] = {
    WORD(0, "packets", UNSIGNED), WORD(1, "drops", UNSIGNED),
    WORD(2, "freeze_q_cnt", UNSIGNED), /* with PACKET_VERSION at TPACKET_V3 */
};
const ll_record ll_record_tpacket_stats = {12, COUNT(tpacket_stats_fields), false, 0, false, tpacket_stats_fields};

static const ll_field tpacket_rollover_stats_fields[] = {
    {"all", 0, LL_FIELD_UNSIGNED, 8, 0, 0},
    {"huge", 8, LL_FIELD_UNSIGNED, 8, 0, 0},
    {"failed", 16, LL_FIELD_UNSIGNED, 8, 0, 0},
};
const ll_record ll_record_tpacket_rollover_stats = {24,    COUNT(tpacket_rollover_stats_fields), false, 0,
                                                    false, tpacket_rollover_stats_fields};
