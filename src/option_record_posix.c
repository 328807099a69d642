/* SPDX-License-Identifier: MIT */
/* option_record_posix.c: the records that option_record_rfc.c lacks, on systems
 * other than Linux. */
#include "internal.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include "option_layout.h"

/* struct ip_mreq: not every system has the longer form with an index. */
static const ll_field ip_mreq_fields[] = {
    AT("group", IN_ADDR, struct ip_mreq, imr_multiaddr),
    AT("address", IN_ADDR, struct ip_mreq, imr_interface),
};
const ll_record ll_record_ip_mreqn = {sizeof(struct ip_mreq), COUNT(ip_mreq_fields), false, 0, false,
                                      ip_mreq_fields};

llnet_count ll_option_interface(void *bytes, size_t size, int64_t index) {
    (void)bytes, (void)size, (void)index;
    return -ENOTSUP;
}

const ll_record ll_record_meminfo = NO_FIELDS;
const ll_record ll_record_ucred = NO_FIELDS;
const ll_record ll_record_sock_txtime = NO_FIELDS;
const ll_record ll_record_ip_msfilter = NO_FIELDS;
const ll_record ll_record_group_filter = NO_FIELDS;
const ll_record ll_record_tcp_info = NO_FIELDS;
const ll_record ll_record_tcp_repair_window = NO_FIELDS;
const ll_record ll_record_mptcp_info = NO_FIELDS;
const ll_record ll_record_packet_mreq = NO_FIELDS;
const ll_record ll_record_tpacket_stats = NO_FIELDS;
const ll_record ll_record_tpacket_rollover_stats = NO_FIELDS;
