/* SPDX-License-Identifier: MIT */
/* feature.c: the table of features, and how each is tried: by opening a socket, by
 * reading an option, by a trial of its own, or by a call that the system has. */
#include "internal.h"

#include <stdlib.h>
#include <string.h>

#include <netinet/in.h>

#include "feature.h"
#include "option.h"

/* A family that this platform does not number; its protocols go with it. */
enum { NONE = -1 };

#ifndef AF_ALG
#define AF_ALG NONE
#endif
#ifndef AF_CAN
#define AF_CAN NONE
#endif
#ifndef AF_NETLINK
#define AF_NETLINK NONE
#endif
#ifndef AF_PACKET
#define AF_PACKET NONE
#endif
#ifndef AF_TIPC
#define AF_TIPC NONE
#endif
#ifndef AF_VSOCK
#define AF_VSOCK NONE
#endif
#ifndef AF_XDP
#define AF_XDP NONE
#endif
#ifdef SOCK_DCCP
#define DCCP AF_INET, SOCK_DCCP, IPPROTO_DCCP
#else
#define DCCP NONE, 0, 0
#endif
#ifdef IPPROTO_UDPLITE
#define UDPLITE AF_INET, SOCK_DGRAM, IPPROTO_UDPLITE
#else
#define UDPLITE NONE, 0, 0
#endif
/* newer than some headers, and the same on all of Linux */
#if defined __linux__ && !defined IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif
#ifdef IPPROTO_MPTCP
#define MPTCP AF_INET, SOCK_STREAM, IPPROTO_MPTCP
#else
#define MPTCP NONE, 0, 0
#endif

typedef struct {
    const char *name, *text;
    llnet_status (*trial)(void);
    const char *option;
    int domain, type, protocol; /* where there is neither; all 0: the system tries it by name */
} feature;

#define SOCKET(...)  NULL, NULL, __VA_ARGS__
#define OPTION(name) NULL, name, 0, 0, 0
#define TRIAL(name)  ll_feature_##name, NULL, 0, 0, 0
#define SYSTEM_TRIAL NULL, NULL, 0, 0, 0

/* clang-format off */
static const feature features[] = {
    {"accept4", "accepting with the new socket's flags, accept4(2)", SYSTEM_TRIAL},
    {"alg", "the kernel's ciphers by sockets, AF_ALG", SOCKET(AF_ALG, SOCK_SEQPACKET, 0)},
    {"attach_filter", "a classic BPF filter on a socket", TRIAL(attach_filter)},
    {"bindtodevice", "binding a socket to an interface by its name", TRIAL(bindtodevice)},
    {"bpf", "loading eBPF programs, bpf(2)", SYSTEM_TRIAL},
    {"busy_poll", "polling the network device while waiting", TRIAL(busy_poll)},
    {"can", "the CAN bus, AF_CAN", SOCKET(AF_CAN, SOCK_RAW, 1)},
    {"cookie", "a number for each socket, SO_COOKIE", OPTION("SO_COOKIE")},
    {"dccp", "datagrams with congestion control, DCCP", SOCKET(DCCP)},
    {"epoll", "readiness of many descriptors, epoll(7)", SYSTEM_TRIAL},
    {"epoll_exclusive", "waking one of several waiting pollers, EPOLLEXCLUSIVE", SYSTEM_TRIAL},
    {"epoll_pwait2", "waiting with nanoseconds, epoll_pwait2(2)", SYSTEM_TRIAL},
    {"eventfd", "a counter to wait for, eventfd(2)", SYSTEM_TRIAL},
    {"freebind", "binding to an address that is not there yet", TRIAL(freebind)},
    {"incoming_cpu", "the CPU that receives for a socket", OPTION("SO_INCOMING_CPU")},
    {"io_uring", "queues of system calls, io_uring(7)", SYSTEM_TRIAL},
    {"ipv4", "IPv4 on the loopback interface", TRIAL(ipv4)},
    {"ipv6", "IPv6 on the loopback interface", TRIAL(ipv6)},
    {"mark", "a mark on all that a socket sends", TRIAL(mark)},
    {"max_pacing_rate", "a limit to a socket's rate", OPTION("SO_MAX_PACING_RATE")},
    {"meminfo", "a socket's memory in figures, SO_MEMINFO", OPTION("SO_MEMINFO")},
    {"mptcp", "TCP over several paths, MPTCP", SOCKET(MPTCP)},
    {"msg_trunc", "the true length of a datagram that is cut, MSG_TRUNC", TRIAL(msg_trunc)},
    {"netlink", "talking to the kernel, netlink(7)", SOCKET(AF_NETLINK, SOCK_RAW, 0)},
    {"packet", "link-layer packets, packet(7)", SOCKET(AF_PACKET, SOCK_DGRAM, 0)},
    {"passpidfd", "a descriptor of the sender's process with a message", OPTION("SO_PASSPIDFD")},
    {"peercred", "who is at the other end of a Unix socket", OPTION("SO_PEERCRED")},
    {"peerpidfd", "a descriptor of the process at the other end", SYSTEM_TRIAL},
    {"ping", "ICMP echo without a privilege", SOCKET(AF_INET, SOCK_DGRAM, IPPROTO_ICMP)},
    {"pktinfo", "a datagram's destination and interface, IP_PKTINFO", OPTION("IP_PKTINFO")},
    {"raw", "raw IP sockets", SOCKET(AF_INET, SOCK_RAW, IPPROTO_ICMP)},
    {"recverr", "a queue of ICMP errors, IP_RECVERR", OPTION("IP_RECVERR")},
    {"recvmmsg", "receiving many messages by one call, recvmmsg(2)", SYSTEM_TRIAL},
    {"reuseport", "several sockets on one port", OPTION("SO_REUSEPORT")},
    {"reuseport_cbpf", "choosing among them by a classic BPF program", TRIAL(reuseport_cbpf)},
    {"rxq_ovfl", "how many datagrams were dropped, SO_RXQ_OVFL", OPTION("SO_RXQ_OVFL")},
    {"sctp", "messages in several streams, SCTP", SOCKET(AF_INET, SOCK_STREAM, IPPROTO_SCTP)},
    {"sendfile", "sending from a file without copying, sendfile(2)", SYSTEM_TRIAL},
    {"sendmmsg", "sending many messages by one call, sendmmsg(2)", SYSTEM_TRIAL},
    {"splice", "moving bytes through a pipe without copying, splice(2)", SYSTEM_TRIAL},
    {"tcp_fastopen", "data in TCP's first packet", OPTION("TCP_FASTOPEN")},
    {"tcp_info", "a TCP connection in figures", OPTION("TCP_INFO")},
    {"tcp_user_timeout", "how long TCP may wait for an answer", OPTION("TCP_USER_TIMEOUT")},
    {"timerfd", "a timer to wait for, timerfd_create(2)", SYSTEM_TRIAL},
    {"timestamping", "when a datagram came, by the kernel, SO_TIMESTAMPING", SYSTEM_TRIAL},
    {"tipc", "messages in a cluster, AF_TIPC", SOCKET(AF_TIPC, SOCK_STREAM, 0)},
    {"tls_ulp", "TLS records by the kernel", TRIAL(tls_ulp)},
    {"transparent", "binding to addresses of others, IP_TRANSPARENT", TRIAL(transparent)},
    {"txtime", "when a datagram shall go, SO_TXTIME", TRIAL(txtime)},
    {"udp_gro", "receiving many datagrams as one, UDP_GRO", TRIAL(udp_gro)},
    {"udp_segment", "sending many datagrams as one, UDP_SEGMENT", TRIAL(udp_segment)},
    {"udplite", "datagrams with a partial checksum, UDP-Lite", SOCKET(UDPLITE)},
    {"unix", "Unix sockets", TRIAL(unix)},
    {"unix_abstract", "Unix addresses outside of the file system", TRIAL(unix_abstract)},
    {"unix_seqpacket", "Unix sockets that keep message boundaries and order", TRIAL(unix_seqpacket)},
    {"vsock", "virtual machines and their host, vsock(7)", SOCKET(AF_VSOCK, SOCK_STREAM, 0)},
    {"xdp", "packets before the network stack, AF_XDP", SOCKET(AF_XDP, SOCK_RAW, 0)},
    {"zerocopy", "sending without copying, MSG_ZEROCOPY", SYSTEM_TRIAL},
};
/* clang-format on */

enum { FEATURE_COUNT = sizeof features / sizeof features[0] };

static int compare_name(const void *name, const void *entry) {
    return strcmp(name, ((const feature *)entry)->name);
}

static const feature *find(const char *name) {
    if (name == NULL)
        return NULL;
    return bsearch(name, features, FEATURE_COUNT, sizeof features[0], compare_name);
}

const char *llnet_feature_at(size_t index) {
    return index < FEATURE_COUNT ? features[index].name : NULL;
}

const char *llnet_feature_text(const char *name) {
    const feature *found = find(name);

    return found != NULL ? found->text : NULL;
}

static llnet_status try_socket(const feature *tried) {
    llnet_socket sock;
    llnet_status status;

    if (tried->domain == NONE)
        return -ENOTSUP;
    status = llnet_socket_open(&sock, tried->domain, tried->type, tried->protocol, 0);
    llnet_socket_close(&sock);
    return status;
}

/* Reads an option. llnet_option_probe asks whether the kernel knows it, so that a
 * sandbox's EPERM is a yes; here it must work. */
static llnet_status try_option(const llnet_option *option) {
    char value[LLNET_OPTION_RECORD_MAX];
    llnet_socket sock;
    llnet_count result;

    if (!option->defined)
        return -ENOTSUP;
    result = llnet_socket_open(&sock, option->domain, option->socktype, option->protocol, 0);
    if (result == 0)
        result = ll_option_get(ll_socket_fd(&sock), option->level, option->number, value, sizeof value);
    llnet_socket_close(&sock);
    return result < 0 ? (llnet_status)result : 0;
}

llnet_status llnet_feature_probe(const char *name) {
    const feature *found = find(name);

    if (found == NULL)
        return -ENOENT;
    if (found->trial != NULL)
        return found->trial();
    if (found->option != NULL)
        return try_option(llnet_option_find(found->option));
    return found->domain != 0 ? try_socket(found) : ll_feature_try_system(name);
}
