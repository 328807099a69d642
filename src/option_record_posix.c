/* SPDX-License-Identifier: MIT */
/* option_record_posix.c: the layout of the records of options where only POSIX,
 * RFC 3493 and RFC 3542 can be relied upon. The others have no fields: they go
 * as bytes. */
#include "internal.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include "option.h"

#define COUNT(fields)      (uint8_t)(sizeof(fields) / sizeof((fields)[0]))
#define SIZE(type, member) sizeof(((type *)0)->member)
#define AT(name, kind, type, member) \
    { name, offsetof(type, member), LL_FIELD_##kind, SIZE(type, member), 0, 0 }
#define NO_FIELDS \
    { 0, 0, false, 0, false, NULL }

static const ll_field linger_fields[] = {
    AT("on", FLAG, struct linger, l_onoff),
    AT("seconds", SIGNED, struct linger, l_linger),
};
const ll_record ll_record_linger = {sizeof(struct linger), COUNT(linger_fields), false, 0, false, linger_fields};

/* struct ip_mreq: not every system has the longer form with an index. */
static const ll_field ip_mreq_fields[] = {
    AT("group", IN_ADDR, struct ip_mreq, imr_multiaddr),
    AT("address", IN_ADDR, struct ip_mreq, imr_interface),
};
const ll_record ll_record_ip_mreqn = {sizeof(struct ip_mreq), COUNT(ip_mreq_fields), false, 0, false,
                                      ip_mreq_fields};

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

const ll_record ll_record_meminfo = NO_FIELDS;
const ll_record ll_record_ucred = NO_FIELDS;
const ll_record ll_record_sock_txtime = NO_FIELDS;
const ll_record ll_record_ip_mreq_source = NO_FIELDS;
const ll_record ll_record_ip_msfilter = NO_FIELDS;
const ll_record ll_record_ip6_mtuinfo = NO_FIELDS;
const ll_record ll_record_group_req = NO_FIELDS;
const ll_record ll_record_group_source_req = NO_FIELDS;
const ll_record ll_record_group_filter = NO_FIELDS;
const ll_record ll_record_tcp_info = NO_FIELDS;
const ll_record ll_record_tcp_repair_window = NO_FIELDS;
