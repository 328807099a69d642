/* SPDX-License-Identifier: MIT */
/* option_linux.h: numbers of Linux socket options that the C library's headers
 * lack, or that are newer than they are. Only those which are the same on all
 * architectures: SO_ options of SOL_SOCKET are not but where the end says so. */
#ifndef LL_OPTION_LINUX_H
#define LL_OPTION_LINUX_H

#include <linux/if_packet.h>
#include <linux/netlink.h>

#ifndef SOL_RAW
#define SOL_RAW 255
#endif
#ifndef SOL_PACKET
#define SOL_PACKET 263
#endif
#ifndef SOL_NETLINK
#define SOL_NETLINK 270
#endif
#ifndef SOL_MPTCP
#define SOL_MPTCP 284
#endif
#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif
#ifndef SOL_CAN_RAW
#define SOL_CAN_RAW 101
#endif
#ifndef SOL_CAN_J1939
#define SOL_CAN_J1939 107
#endif

#ifndef ICMP_FILTER
#define ICMP_FILTER 1
#endif
#ifndef IP_LOCAL_PORT_RANGE
#define IP_LOCAL_PORT_RANGE 51
#endif
#ifndef IP_PROTOCOL
#define IP_PROTOCOL 52
#endif
#ifndef SO_ORIGINAL_DST
#define SO_ORIGINAL_DST 80
#endif

#ifndef IPV6_FLOWINFO
#define IPV6_FLOWINFO 11
#endif
#ifndef IPV6_FLOWINFO_SEND
#define IPV6_FLOWINFO_SEND 33
#endif
#ifndef IP6T_SO_ORIGINAL_DST
#define IP6T_SO_ORIGINAL_DST 80
#endif

#ifndef TCP_AO_ADD_KEY
#define TCP_AO_ADD_KEY 38
#endif
#ifndef TCP_AO_DEL_KEY
#define TCP_AO_DEL_KEY 39
#endif
#ifndef TCP_IS_MPTCP
#define TCP_IS_MPTCP 43
#endif
#ifndef TCP_RTO_MAX_MS
#define TCP_RTO_MAX_MS 44
#endif
#ifndef TCP_RTO_MIN_US
#define TCP_RTO_MIN_US 45
#endif
#ifndef TCP_DELACK_MAX_US
#define TCP_DELACK_MAX_US 46
#endif

/* linux/mptcp.h, which is not for every C library */
#ifndef MPTCP_INFO
#define MPTCP_INFO 1
#endif

#ifndef UDPLITE_SEND_CSCOV
#define UDPLITE_SEND_CSCOV 10
#endif
#ifndef UDPLITE_RECV_CSCOV
#define UDPLITE_RECV_CSCOV 11
#endif

#ifndef NETLINK_LISTEN_ALL_NSID
#define NETLINK_LISTEN_ALL_NSID 8
#endif
#ifndef NETLINK_LIST_MEMBERSHIPS
#define NETLINK_LIST_MEMBERSHIPS 9
#endif
#ifndef NETLINK_CAP_ACK
#define NETLINK_CAP_ACK 10
#endif
#ifndef NETLINK_EXT_ACK
#define NETLINK_EXT_ACK 11
#endif
#ifndef NETLINK_GET_STRICT_CHK
#define NETLINK_GET_STRICT_CHK 12
#endif

#ifndef PACKET_ROLLOVER_STATS
#define PACKET_ROLLOVER_STATS 21
#endif
#ifndef PACKET_FANOUT_DATA
#define PACKET_FANOUT_DATA 22
#endif
#ifndef PACKET_IGNORE_OUTGOING
#define PACKET_IGNORE_OUTGOING 23
#endif
#ifndef PACKET_VNET_HDR_SZ
#define PACKET_VNET_HDR_SZ 24
#endif

/* linux/can/ has these as enumerators, which no #ifdef sees. */
#define CAN_RAW_FILTER        1
#define CAN_RAW_ERR_FILTER    2
#define CAN_RAW_LOOPBACK      3
#define CAN_RAW_RECV_OWN_MSGS 4
#define CAN_RAW_FD_FRAMES     5
#define CAN_RAW_JOIN_FILTERS  6
#define SO_J1939_FILTER       1
#define SO_J1939_PROMISC      2
#define SO_J1939_SEND_PRIO    3
#define SO_J1939_ERRQUEUE     4

/* linux/tipc.h, linux/if_alg.h, linux/dccp.h */
#ifndef TIPC_IMPORTANCE
#define TIPC_IMPORTANCE     127
#define TIPC_SRC_DROPPABLE  128
#define TIPC_DEST_DROPPABLE 129
#define TIPC_CONN_TIMEOUT   130
#endif
#ifndef ALG_SET_KEY
#define ALG_SET_KEY           1
#define ALG_SET_AEAD_AUTHSIZE 5
#endif
#ifndef DCCP_SOCKOPT_SERVICE
#define DCCP_SOCKOPT_SERVICE         2
#define DCCP_SOCKOPT_GET_CUR_MPS     5
#define DCCP_SOCKOPT_SERVER_TIMEWAIT 6
#define DCCP_SOCKOPT_SEND_CSCOV      10
#define DCCP_SOCKOPT_RECV_CSCOV      11
#define DCCP_SOCKOPT_AVAILABLE_CCIDS 12
#define DCCP_SOCKOPT_CCID            13
#define DCCP_SOCKOPT_TX_CCID         14
#define DCCP_SOCKOPT_RX_CCID         15
#define DCCP_SOCKOPT_QPOLICY_TXQLEN  17
#endif

/* PA-RISC and SPARC have numbers of their own. */
#if !defined SO_PASSPIDFD && !defined __hppa__ && !defined __sparc__
#define SO_PASSPIDFD 76
#endif

/* The timeout's number for a 64-bit time where time_t is not a long. */
#define SO_VM_SOCKETS_BUFFER_SIZE     0
#define SO_VM_SOCKETS_BUFFER_MIN_SIZE 1
#define SO_VM_SOCKETS_BUFFER_MAX_SIZE 2
#define SO_VM_SOCKETS_CONNECT_TIMEOUT (sizeof(time_t) == sizeof(long) ? 6 : 8)

#endif
