/* SPDX-License-Identifier: MIT */
/* option_record_rfc.c: the layout of the records that POSIX and RFC 3493, 3542 and
 * 3678 describe, for all platforms; those of the last two may be missing. */
#include "internal.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include "option_layout.h"

static const ll_field linger_fields[] = {
    AT("on", FLAG, struct linger, l_onoff),
    AT("seconds", SIGNED, struct linger, l_linger),
};
const ll_record ll_record_linger = {sizeof(struct linger), COUNT(linger_fields), false, 0, false, linger_fields};

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

#ifdef IPV6_PATHMTU
static const ll_field ip6_mtuinfo_fields[] = {
    AT("address", SOCKADDR, struct ip6_mtuinfo, ip6m_addr),
    AT("mtu", UNSIGNED, struct ip6_mtuinfo, ip6m_mtu),
};
const ll_record ll_record_ip6_mtuinfo = {sizeof(struct ip6_mtuinfo), COUNT(ip6_mtuinfo_fields), false, 0, false,
                                         ip6_mtuinfo_fields};
#else
const ll_record ll_record_ip6_mtuinfo = NO_FIELDS;
#endif

#ifdef IP_ADD_SOURCE_MEMBERSHIP
static const ll_field ip_mreq_source_fields[] = {
    AT("group", IN_ADDR, struct ip_mreq_source, imr_multiaddr),
    AT("address", IN_ADDR, struct ip_mreq_source, imr_interface),
    AT("source", IN_ADDR, struct ip_mreq_source, imr_sourceaddr),
};
const ll_record ll_record_ip_mreq_source = {
    sizeof(struct ip_mreq_source), COUNT(ip_mreq_source_fields), false, 0, false, ip_mreq_source_fields};
#else
const ll_record ll_record_ip_mreq_source = NO_FIELDS;
#endif

#ifdef MCAST_JOIN_GROUP
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
#else
const ll_record ll_record_group_req = NO_FIELDS;
const ll_record ll_record_group_source_req = NO_FIELDS;
#endif
