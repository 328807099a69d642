/* SPDX-License-Identifier: MIT */
/* option_tcp_info.c: the fields of Linux's TCP_INFO and MPTCP_INFO. Offsets instead of
 * a header: the kernel's records only grow at their ends, and each C library's
 * header stops somewhere else. What the last 4 bytes of TCP_INFO hold has changed
 * since Linux 6.18, and is left out. */
#include "internal.h"

#include "option.h"

/* Bits that C's bit-fields count from one end of the byte or the other. */
#define LITTLE_ENDIAN_BITS (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__)
#define BITS(at, name, kind, first, bits) \
    { name, at, LL_FIELD_##kind, 1, LITTLE_ENDIAN_BITS ? (first) : 8 - (first) - (bits), bits }
#define U8(at, name) \
    { name, at, LL_FIELD_UNSIGNED, 1, 0, 0 }
#define U16(at, name) \
    { name, at, LL_FIELD_UNSIGNED, 2, 0, 0 }
#define U32(at, name) \
    { name, at, LL_FIELD_UNSIGNED, 4, 0, 0 }
#define U64(at, name) \
    { name, at, LL_FIELD_UNSIGNED, 8, 0, 0 }

/* clang-format off */
static const ll_field tcp_info_fields[] = {
    U8(0, "state"),                     /* TCP_ESTABLISHED, ... */
    U8(1, "ca_state"),                  /* TCP_CA_Open, ... */
    U8(2, "retransmits"),
    U8(3, "probes"),
    U8(4, "backoff"),
    U8(5, "options"),                   /* TCPI_OPT_... */
    BITS(6, "snd_wscale", UNSIGNED, 0, 4),
    BITS(6, "rcv_wscale", UNSIGNED, 4, 4),
    BITS(7, "delivery_rate_app_limited", FLAG, 0, 1),
    BITS(7, "fastopen_client_fail", UNSIGNED, 1, 2),
    U32(8, "rto_us"),
    U32(12, "ato_us"),
    U32(16, "snd_mss"),
    U32(20, "rcv_mss"),
    U32(24, "unacked"),                 /* segments; of a listener: connections that wait */
    U32(28, "sacked"),                  /* segments; of a listener: its backlog */
    U32(32, "lost"),
    U32(36, "retrans"),
    U32(40, "fackets"),
    U32(44, "last_data_sent_ms"),
    U32(48, "last_ack_sent_ms"),
    U32(52, "last_data_recv_ms"),
    U32(56, "last_ack_recv_ms"),
    U32(60, "pmtu"),
    U32(64, "rcv_ssthresh"),
    U32(68, "rtt_us"),
    U32(72, "rttvar_us"),
    U32(76, "snd_ssthresh"),
    U32(80, "snd_cwnd"),
    U32(84, "advmss"),
    U32(88, "reordering"),
    U32(92, "rcv_rtt_us"),
    U32(96, "rcv_space"),
    U32(100, "total_retrans"),
    U64(104, "pacing_rate"),            /* bytes a second, here and below; -1: unlimited */
    U64(112, "max_pacing_rate"),
    U64(120, "bytes_acked"),
    U64(128, "bytes_received"),
    U32(136, "segs_out"),
    U32(140, "segs_in"),
    U32(144, "notsent_bytes"),
    U32(148, "min_rtt_us"),
    U32(152, "data_segs_in"),
    U32(156, "data_segs_out"),
    U64(160, "delivery_rate"),
    U64(168, "busy_time_us"),
    U64(176, "rwnd_limited_us"),
    U64(184, "sndbuf_limited_us"),
    U32(192, "delivered"),
    U32(196, "delivered_ce"),
    U64(200, "bytes_sent"),
    U64(208, "bytes_retrans"),
    U32(216, "dsack_dups"),
    U32(220, "reord_seen"),
    U32(224, "rcv_ooopack"),
    U32(228, "snd_wnd"),
    U32(232, "rcv_wnd"),                /* Linux 6.2 */
    U32(236, "rehash"),
    U16(240, "total_rto"),              /* 6.7 */
    U16(242, "total_rto_recoveries"),
    U32(244, "total_rto_time_ms"),
    U32(248, "received_ce"),            /* 6.18 */
    U32(252, "delivered_e1_bytes"),
    U32(256, "delivered_e0_bytes"),
    U32(260, "delivered_ce_bytes"),
    U32(264, "received_e1_bytes"),
    U32(268, "received_e0_bytes"),
    U32(272, "received_ce_bytes"),
};

static const ll_field mptcp_info_fields[] = {
    U8(0, "subflows"),                  /* beside the first one */
    U8(1, "add_addr_signal"),
    U8(2, "add_addr_accepted"),
    U8(3, "subflows_max"),
    U8(4, "add_addr_signal_max"),
    U8(5, "add_addr_accepted_max"),
    U32(8, "flags"),                    /* MPTCP_INFO_FLAG_... */
    U32(12, "token"),
    U64(16, "write_seq"),
    U64(24, "snd_una"),
    U64(32, "rcv_nxt"),
    U8(40, "local_addr_used"),          /* Linux 5.12 */
    U8(41, "local_addr_max"),
    {"csum_enabled", 42, LL_FIELD_FLAG, 1, 0, 0}, /* 5.14 */
    U32(44, "retransmits"),             /* 6.5 */
    U64(48, "bytes_retrans"),
    U64(56, "bytes_sent"),
    U64(64, "bytes_received"),
    U64(72, "bytes_acked"),
    U8(80, "subflows_total"),           /* 6.8 */
    U8(81, "endp_laminar_max"),         /* 6.18, 0 before */
    U8(82, "endp_fullmesh_max"),
    U32(84, "last_data_sent_ms"),       /* 6.10 */
    U32(88, "last_data_recv_ms"),
    U32(92, "last_ack_recv_ms"),
};
/* clang-format on */

const ll_record ll_record_tcp_info = {
    280, sizeof(tcp_info_fields) / sizeof(tcp_info_fields[0]), false, 0, false, tcp_info_fields};

const ll_record ll_record_mptcp_info = {
    96, sizeof(mptcp_info_fields) / sizeof(mptcp_info_fields[0]), false, 0, false, mptcp_info_fields};
