/* SPDX-License-Identifier: MIT */
/* option.h: what the option sources share: an entry of the catalogue, how the
 * kernel holds values, and the layout of records. */
#ifndef LL_OPTION_H
#define LL_OPTION_H

#include "internal.h"

enum { LL_OPTION_R = 1, LL_OPTION_W = 2, LL_OPTION_RW = 3 };

/* How the kernel holds a value. */
enum {
    LL_FORM_INT = 1,   /* int */
    LL_FORM_U32,       /* 32 bits without a sign */
    LL_FORM_NET32,     /* the same in network order */
    LL_FORM_ULONG,     /* unsigned long */
    LL_FORM_U64,       /* 64 bits without a sign */
    LL_FORM_TIMEVAL,   /* struct timeval */
    LL_FORM_NAME,      /* char[16] to set, a C string to get */
    LL_FORM_BYTES,     /* as the caller has it */
    LL_FORM_NUMBERS,   /* uint32_t[]; never set */
    LL_FORM_BITS,      /* the same as uint32_t[] of bits, of which the lowest stands for 1; never set */
    LL_FORM_FILTER,    /* struct sock_fprog to set, struct sock_filter[] to get */
    LL_FORM_IN_ADDR,   /* struct in_addr */
    LL_FORM_SOCKADDR,  /* struct sockaddr of any family; never set */
    LL_FORM_SOCKADDR6, /* struct sockaddr_in6 */
    LL_FORM_RECORD
};

/* How a record holds a field. */
enum {
    LL_FIELD_FLAG = 1,
    LL_FIELD_SIGNED,
    LL_FIELD_UNSIGNED,
    LL_FIELD_IN_ADDR,
    LL_FIELD_IN6_ADDR,
    LL_FIELD_HARDWARE, /* a link-layer address, from its first byte on; its length is the uint16_t in front */
    LL_FIELD_SOCKADDR  /* struct sockaddr_storage, or the one of a single family where size is less */
};

typedef struct {
    const char *name;
    uint16_t offset;
    uint8_t kind;
    uint8_t size;
    uint8_t shift, bits; /* of a bit-field; bits is 0 for others */
} ll_field;

typedef struct {
    uint16_t size; /* without elements */
    uint8_t count; /* of fields; the last one is element 0 of a list, if there is one */
    bool repeating;
    uint16_t counter;    /* the offset of the list's uint32_t count */
    bool level_of_group; /* the level is that of the family of field 1, "group" */
    const ll_field *fields;
} ll_record;

struct llnet_option {
    const char *name;
    int level, number;
    uint8_t type, form, direction;
    bool defined;
    const ll_record *record;
    int domain, socktype, protocol; /* of the socket to try it on */
};

/* option_record_rfc.c; option_record_linux.c with option_tcp_info.c, or
 * option_record_posix.c */
extern const ll_record ll_record_linger;
extern const ll_record ll_record_meminfo;
extern const ll_record ll_record_ucred;
extern const ll_record ll_record_sock_txtime;
extern const ll_record ll_record_ip_mreqn;
extern const ll_record ll_record_ip_mreq_source;
extern const ll_record ll_record_ip_msfilter;
extern const ll_record ll_record_ipv6_mreq;
extern const ll_record ll_record_in6_pktinfo;
extern const ll_record ll_record_ip6_mtuinfo;
extern const ll_record ll_record_group_req;
extern const ll_record ll_record_group_source_req;
extern const ll_record ll_record_group_filter;
extern const ll_record ll_record_tcp_info;
extern const ll_record ll_record_tcp_repair_window;
extern const ll_record ll_record_mptcp_info;
extern const ll_record ll_record_packet_mreq;
extern const ll_record ll_record_tpacket_stats;
extern const ll_record ll_record_tpacket_rollover_stats;

/* Writes the record by which IP_MULTICAST_IF takes an interface's index, and
 * returns its length. ENOTSUP: it takes addresses alone here. */
llnet_count ll_option_interface(void *bytes, size_t size, int64_t index);

/* The list record that this option is, whatever its direction; NULL for others. */
const ll_record *ll_option_list(int level, int number);

/* setsockopt(2) and getsockopt(2), made safe where the kernel's notion of a
 * length is not that of bytes. */
llnet_status ll_option_set(int fd, int level, int number, const void *data, size_t len);
llnet_count ll_option_get(int fd, int level, int number, void *data, size_t len);

#endif
