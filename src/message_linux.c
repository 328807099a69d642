/* SPDX-License-Identifier: MIT */
/* message_linux.c: the control messages that Linux has: credentials, packet info,
 * timestamps, the error queue, segmentation. Layouts are the kernel's own (uapi). */
#include "message.h"

#include <linux/errqueue.h>
#include <linux/if_packet.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

/* newer than some headers */
#ifndef SCM_PIDFD
#define SCM_PIDFD 0x04
#endif
#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif
#ifndef UDP_GRO
#define UDP_GRO 104
#endif
#ifndef SCM_TXTIME
#define SCM_TXTIME 61
#endif
#ifndef SO_EE_ORIGIN_ZEROCOPY
#define SO_EE_ORIGIN_ZEROCOPY 5
#endif
#ifndef SO_EE_CODE_ZEROCOPY_COPIED
#define SO_EE_CODE_ZEROCOPY_COPIED 1
#endif

/* The types of timestamps. The old ones are two longs, whatever the C library's struct
 * timeval and timespec are; the new ones 64 bits each. */
enum {
#ifdef SO_TIMESTAMP_NEW
    TIMESTAMP_OLD = SO_TIMESTAMP_OLD,
    TIMESTAMPNS_OLD = SO_TIMESTAMPNS_OLD,
    TIMESTAMPING_OLD = SO_TIMESTAMPING_OLD,
    TIMESTAMP_NEW = SO_TIMESTAMP_NEW,
    TIMESTAMPNS_NEW = SO_TIMESTAMPNS_NEW,
    TIMESTAMPING_NEW = SO_TIMESTAMPING_NEW
#else /* older headers: asm-generic's */
    TIMESTAMP_OLD = 29,
    TIMESTAMPNS_OLD = 35,
    TIMESTAMPING_OLD = 37,
    TIMESTAMP_NEW = 63,
    TIMESTAMPNS_NEW = 64,
    TIMESTAMPING_NEW = 65
#endif
};

struct time_old {
    long seconds, fraction;
};
struct time_new {
    int64_t seconds, fraction;
};

bool ll_control_is_pidfd(const struct ll_control *control) {
    return control->level == SOL_SOCKET && control->type == SCM_PIDFD;
}

/* ---- credentials -------------------------------------------------------------- */

llnet_status llnet_message_set_credentials(llnet_message *self, int64_t pid, int64_t uid, int64_t gid) {
    struct ucred credentials;

    if (pid < 0 || pid > INT32_MAX || uid < 0 || uid > UINT32_MAX || gid < 0 || gid > UINT32_MAX)
        return -ERANGE;
    credentials.pid = (pid_t)pid;
    credentials.uid = (uid_t)uid;
    credentials.gid = (gid_t)gid;
    return ll_control_put(self, SOL_SOCKET, SCM_CREDENTIALS, &credentials, sizeof credentials);
}

llnet_status llnet_message_get_credentials(const llnet_message *self, int64_t *pid, int64_t *uid, int64_t *gid) {
    struct ucred credentials;

    if (!ll_control_find(self, SOL_SOCKET, SCM_CREDENTIALS, sizeof credentials, &credentials))
        return -ENOENT;
    *pid = credentials.pid;
    *uid = credentials.uid;
    *gid = credentials.gid;
    return 0;
}

/* ---- packet info ---------------------------------------------------------------- */

llnet_status llnet_message_set_source(llnet_message *self, const llnet_addr *addr, uint32_t ifindex) {
    struct in_pktinfo info4;
    struct in6_pktinfo info6;
    llnet_status status;
    llnet_count len;

    if (ifindex > INT32_MAX)
        return -ENODEV;
    if (llnet_addr_get_family(addr) == AF_INET) {
        memset(&info4, 0, sizeof info4);
        llnet_addr_get_ip_bytes(addr, &info4.ipi_spec_dst, sizeof info4.ipi_spec_dst);
        info4.ipi_ifindex = (int)ifindex;
        status = ll_control_put(self, IPPROTO_IP, IP_PKTINFO, &info4, sizeof info4);
        if (status == 0)
            ll_control_remove(self, IPPROTO_IPV6, IPV6_PKTINFO);
        return status;
    }
    memset(&info6, 0, sizeof info6);
    len = llnet_addr_get_ip_bytes(addr, &info6.ipi6_addr, sizeof info6.ipi6_addr);
    if (len < 0)
        return (llnet_status)len;
    info6.ipi6_ifindex = ifindex;
    status = ll_control_put(self, IPPROTO_IPV6, IPV6_PKTINFO, &info6, sizeof info6);
    if (status == 0)
        ll_control_remove(self, IPPROTO_IP, IP_PKTINFO);
    return status;
}

llnet_status llnet_message_get_destination(const llnet_message *self, llnet_addr *out) {
    struct in_pktinfo info4;
    struct in6_pktinfo info6;
    llnet_status status;

    if (ll_control_find(self, IPPROTO_IP, IP_PKTINFO, sizeof info4, &info4))
        return llnet_addr_set_ip_bytes(out, &info4.ipi_addr, sizeof info4.ipi_addr, 0);
    if (!ll_control_find(self, IPPROTO_IPV6, IPV6_PKTINFO, sizeof info6, &info6))
        return -ENOENT;
    status = llnet_addr_set_ip_bytes(out, &info6.ipi6_addr, sizeof info6.ipi6_addr, 0);
    if (status == 0 && llnet_addr_is_link_local(out) && !llnet_addr_is_v4_mapped(out))
        status = llnet_addr_set_scope_id(out, info6.ipi6_ifindex);
    return status;
}

llnet_status llnet_message_get_interface(const llnet_message *self, uint32_t *value) {
    struct in_pktinfo info4;
    struct in6_pktinfo info6;

    if (ll_control_find(self, IPPROTO_IP, IP_PKTINFO, sizeof info4, &info4))
        *value = (uint32_t)info4.ipi_ifindex;
    else if (ll_control_find(self, IPPROTO_IPV6, IPV6_PKTINFO, sizeof info6, &info6))
        *value = info6.ipi6_ifindex;
    else
        return -ENOENT;
    return 0;
}

llnet_status llnet_message_get_original_destination(const llnet_message *self, llnet_addr *out) {
    struct sockaddr_in in4;
    struct sockaddr_in6 in6;

    if (ll_control_find(self, IPPROTO_IP, IP_ORIGDSTADDR, sizeof in4, &in4))
        return llnet_addr_set_bytes(out, &in4, sizeof in4);
    if (ll_control_find(self, IPPROTO_IPV6, IPV6_ORIGDSTADDR, sizeof in6, &in6))
        return llnet_addr_set_bytes(out, &in6, sizeof in6);
    return -ENOENT;
}

/* ---- time --------------------------------------------------------------------------- */

/* Nanoseconds of seconds and a fraction that counts so many nanoseconds; -1 for what no
 * clock says. */
static int64_t nanoseconds(int64_t seconds, int64_t fraction, int64_t unit) {
    if (seconds < 0 || seconds > INT64_MAX / 1000000000 - 1 || fraction < 0 || fraction >= 1000000000 / unit)
        return -1;
    return seconds * 1000000000 + fraction * unit;
}

/* The index-th of a list of timespecs, in either layout; 0 where it is not set. */
static bool find_timestamp(const llnet_message *self, int old_type, int new_type, size_t index, int64_t *value) {
    struct time_old old[3];
    struct time_new now[3];

    if (ll_control_find(self, SOL_SOCKET, old_type, (index + 1) * sizeof old[0], old))
        *value = nanoseconds(old[index].seconds, old[index].fraction, 1);
    else if (ll_control_find(self, SOL_SOCKET, new_type, (index + 1) * sizeof now[0], now))
        *value = nanoseconds(now[index].seconds, now[index].fraction, 1);
    else
        return false;
    return *value > 0;
}

static bool find_microseconds(const llnet_message *self, int64_t *value) {
    struct time_old old;
    struct time_new now;

    if (ll_control_find(self, SOL_SOCKET, TIMESTAMP_OLD, sizeof old, &old))
        *value = nanoseconds(old.seconds, old.fraction, 1000);
    else if (ll_control_find(self, SOL_SOCKET, TIMESTAMP_NEW, sizeof now, &now))
        *value = nanoseconds(now.seconds, now.fraction, 1000);
    else
        return false;
    return *value > 0;
}

llnet_status llnet_message_get_timestamp(const llnet_message *self, int64_t *value) {
    if (find_timestamp(self, TIMESTAMPNS_OLD, TIMESTAMPNS_NEW, 0, value) ||
        find_timestamp(self, TIMESTAMPING_OLD, TIMESTAMPING_NEW, 0, value) || find_microseconds(self, value))
        return 0;
    return -ENOENT;
}

llnet_status llnet_message_get_hardware_timestamp(const llnet_message *self, int64_t *value) {
    return find_timestamp(self, TIMESTAMPING_OLD, TIMESTAMPING_NEW, 2, value) ? 0 : -ENOENT;
}

llnet_status llnet_message_set_timestamping(llnet_message *self, uint32_t timestamping) {
    return ll_control_put(self, SOL_SOCKET, TIMESTAMPING_OLD, &timestamping, sizeof timestamping);
}

llnet_status llnet_message_set_txtime(llnet_message *self, int64_t txtime) {
    return ll_control_put(self, SOL_SOCKET, SCM_TXTIME, &txtime, sizeof txtime);
}

/* ---- segments, drops ------------------------------------------------------------------ */

llnet_status llnet_message_set_segment_size(llnet_message *self, size_t segment_size) {
    uint16_t value = (uint16_t)segment_size;

    if (segment_size < 1 || segment_size > UINT16_MAX)
        return -EINVAL;
    return ll_control_put(self, IPPROTO_UDP, UDP_SEGMENT, &value, sizeof value);
}

llnet_status llnet_message_get_segment_size(const llnet_message *self, uint32_t *value) {
    int size;

    if (!ll_control_find(self, IPPROTO_UDP, UDP_GRO, sizeof size, &size) || size < 1)
        return -ENOENT;
    *value = (uint32_t)size;
    return 0;
}

llnet_status llnet_message_get_drop_count(const llnet_message *self, uint32_t *value) {
    return ll_control_find(self, SOL_SOCKET, SO_RXQ_OVFL, sizeof *value, value) ? 0 : -ENOENT;
}

/* ---- the error queue --------------------------------------------------------------------- */

/* The error, which is followed by the offender's address. */
static bool find_error(const llnet_message *self, void *bytes, size_t len) {
    return ll_control_find(self, IPPROTO_IP, IP_RECVERR, len, bytes) ||
           ll_control_find(self, IPPROTO_IPV6, IPV6_RECVERR, len, bytes) ||
           ll_control_find(self, SOL_PACKET, PACKET_TX_TIMESTAMP, len, bytes);
}

llnet_status llnet_message_get_error(const llnet_message *self, int *error, int *origin, int *type, int *code,
                                     uint32_t *info) {
    struct sock_extended_err extended;

    if (!find_error(self, &extended, sizeof extended))
        return -ENOENT;
    *error = (int)(extended.ee_errno & INT32_MAX);
    *origin = extended.ee_origin;
    *type = extended.ee_type;
    *code = extended.ee_code;
    *info = extended.ee_info;
    return 0;
}

llnet_status llnet_message_get_error_offender(const llnet_message *self, llnet_addr *out) {
    struct {
        struct sock_extended_err error;
        struct sockaddr_in6 offender;
    } six;
    struct {
        struct sock_extended_err error;
        struct sockaddr_in offender;
    } four;

    if (find_error(self, &six, sizeof six) && six.offender.sin6_family == AF_INET6)
        return llnet_addr_set_bytes(out, &six.offender, sizeof six.offender);
    if (find_error(self, &four, sizeof four) && four.offender.sin_family == AF_INET)
        return llnet_addr_set_bytes(out, &four.offender, sizeof four.offender);
    return -ENOENT;
}

llnet_status llnet_message_get_zerocopy(const llnet_message *self, uint32_t *first, uint32_t *last, bool *copied) {
    struct sock_extended_err extended;

    if (!find_error(self, &extended, sizeof extended) || extended.ee_origin != SO_EE_ORIGIN_ZEROCOPY)
        return -ENOENT;
    *first = extended.ee_info;
    *last = extended.ee_data;
    *copied = (extended.ee_code & SO_EE_CODE_ZEROCOPY_COPIED) != 0;
    return 0;
}

llnet_status llnet_message_get_timestamp_key(const llnet_message *self, int *kind, uint32_t *key) {
    struct sock_extended_err extended;

    if (!find_error(self, &extended, sizeof extended) || extended.ee_origin != SO_EE_ORIGIN_TIMESTAMPING)
        return -ENOENT;
    *kind = (int)extended.ee_info;
    *key = extended.ee_data;
    return 0;
}
