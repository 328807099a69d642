/* SPDX-License-Identifier: MIT */
/* option_record_linux.c: the layout of the records of Linux's options, except
 * TCP_INFO's. */
#include "internal.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include "option.h"

#define COUNT(fields)      (uint8_t)(sizeof(fields) / sizeof((fields)[0]))
#define SIZE(type, member) sizeof(((type *)0)->member)
#define AT(name, kind, type, member) \
    { name, offsetof(type, member), LL_FIELD_##kind, SIZE(type, member), 0, 0 }
#define ELEMENT(name, kind, type, member, size) \
    { name, offsetof(type, member), LL_FIELD_##kind, size, 0, 0 }

static const ll_field linger_fields[] = {
    AT("on", FLAG, struct linger, l_onoff),
    AT("seconds", SIGNED, struct linger, l_linger),
};
const ll_record ll_record_linger = {sizeof(struct linger), COUNT(linger_fields), false, 0, false, linger_fields};

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

static const ll_field ip_mreq_source_fields[] = {
    AT("group", IN_ADDR, struct ip_mreq_source, imr_multiaddr),
    AT("address", IN_ADDR, struct ip_mreq_source, imr_interface),
    AT("source", IN_ADDR, struct ip_mreq_source, imr_sourceaddr),
};
const ll_record ll_record_ip_mreq_source = {
    sizeof(struct ip_mreq_source), COUNT(ip_mreq_source_fields), false, 0, false, ip_mreq_source_fields};

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

static const ll_field ipv6_mreq_fields[] = {
    AT("group", IN6_ADDR, struct ipv6_mreq, ipv6mr_multiaddr),
    AT("index", UNSIGNED, struct ipv6_mreq, ipv6mr_interface),
};
const ll_record ll_record_ipv6_mreq = {sizeof(struct ipv6_mreq), COUNT(ipv6_mreq_fields), false, 0, false,
                                       ipv6_mreq_fields};

static const ll_field in6_pktinfo_fields[] = {
    AT("address", IN6_ADDR, struct in6_pktinfo, ipi6_addr),
    AT("index", UNSIGNED, struct in6_pktinfo, ipi6_ifindex),
};
const ll_record ll_record_in6_pktinfo = {sizeof(struct in6_pktinfo), COUNT(in6_pktinfo_fields), false, 0, false,
                                         in6_pktinfo_fields};

static const ll_field ip6_mtuinfo_fields[] = {
    AT("address", SOCKADDR, struct ip6_mtuinfo, ip6m_addr),
    AT("mtu", UNSIGNED, struct ip6_mtuinfo, ip6m_mtu),
};
const ll_record ll_record_ip6_mtuinfo = {sizeof(struct ip6_mtuinfo), COUNT(ip6_mtuinfo_fields), false, 0, false,
                                         ip6_mtuinfo_fields};

static const ll_field group_req_fields[] = {
    AT("index", UNSIGNED, struct group_req, gr_interface),
    AT("group", SOCKADDR, struct group_req, gr_group),
};
const ll_record ll_record_group_req = {sizeof(struct group_req), COUNT(group_req_fields), false, 0, true,
                                       group_req_fields};

static const ll_field group_source_req_fields[] = {
    AT("index", UNSIGNED, struct group_source_req, gsr_interface),
    AT("group", SOCKADDR, struct group_source_req, gsr_group),
    AT("source", SOCKADDR, struct group_source_req, gsr_source),
};
const ll_record ll_record_group_source_req = {
    sizeof(struct group_source_req), COUNT(group_source_req_fields), false, 0, true, group_source_req_fields};

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
