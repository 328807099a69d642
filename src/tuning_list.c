/* SPDX-License-Identifier: MIT */
/* tuning_list.c: the table of limits: name, place, unit, meaning, and the rule that judges
 * it. llnet_tuning(3) has them in the same order. */
#include "tuning.h"

const char ll_limit_place_rlimit[] = "setrlimit(2)";

#define CORE(name)  "net.core." name, "/proc/sys/net/core/" name
#define IPV4(name)  "net.ipv4." name, "/proc/sys/net/ipv4/" name
#define TRACK(name) "net.netfilter." name, "/proc/sys/net/netfilter/" name
#define FILES(name) "fs." name, "/proc/sys/fs/" name

/* clang-format off */
const struct ll_limit_kind ll_limit_kinds[] = {
    {CORE("somaxconn"), "connections", true, 1, ll_judge_somaxconn,
     "the longest queue of connections that a listener may ask for, waiting to be accepted"},
    {IPV4("tcp_max_syn_backlog"), "connections", true, 1, ll_judge_syn_backlog,
     "handshakes under way in one listener without SYN cookies"},
    {IPV4("tcp_syncookies"), "switch", true, 1, ll_judge_syncookies,
     "whether a listener whose queue of handshakes is full answers on with cookies"},
    {IPV4("tcp_abort_on_overflow"), "switch", true, 1, ll_judge_abort_on_overflow,
     "whether a full listener resets the connections that it cannot take"},
    {CORE("netdev_max_backlog"), "packets", false, 1, ll_judge_packets,
     "packets that one processor queues between a device and the protocols"},
    {IPV4("ip_local_port_range"), "ports", true, 2, ll_judge_ports,
     "the ports that connecting sockets get, first and last"},
    {IPV4("ip_local_reserved_ports"), "name", true, 0, ll_judge_reserved_ports,
     "ports of that range that are not given out"},
    {IPV4("tcp_tw_reuse"), "switch", true, 1, ll_judge_tw_reuse,
     "whether connecting may take a port in TIME-WAIT after a second: 0 no, 1 yes, 2 on loopback alone"},
    {IPV4("tcp_tw_recycle"), "switch", true, 1, ll_judge_tw_recycle,
     "gone since Linux 4.12: it broke clients behind address translation"},
    {IPV4("tcp_fin_timeout"), "seconds", true, 1, ll_judge_fin_timeout,
     "how long a closed connection waits for its peer to close, too (FIN-WAIT-2; TIME-WAIT is always 60 s)"},
    {IPV4("tcp_max_tw_buckets"), "connections", true, 1, ll_judge_tw_buckets,
     "connections in TIME-WAIT; further ones are ended at once"},
    {IPV4("tcp_max_orphans"), "connections", false, 1, ll_judge_orphans,
     "closed connections that still have something to send; further ones are reset"},
    {IPV4("tcp_mem"), "pages", false, 3, ll_judge_tcp_memory,
     "memory of all TCP sockets: at ease, under pressure, at most"},
    {IPV4("tcp_rmem"), "bytes", true, 3, ll_judge_tcp_buffer,
     "receive buffer of a TCP socket: least, first, largest"},
    {IPV4("tcp_wmem"), "bytes", true, 3, ll_judge_tcp_buffer,
     "send buffer of a TCP socket: least, first, largest"},
    {IPV4("tcp_notsent_lowat"), "bytes", true, 1, ll_judge_none,
     "unsent bytes from which on a socket is not writable; 4294967295 is no limit"},
    {IPV4("tcp_fastopen"), "switch", true, 1, ll_judge_none,
     "data in the first packet: 1 for clients, 2 for servers, 3 for both"},
    {IPV4("tcp_congestion_control"), "name", true, 0, ll_judge_none,
     "the algorithm that new connections send by"},
    {CORE("rmem_max"), "bytes", true, 1, ll_judge_receive_buffer,
     "the largest receive buffer that a socket may ask for (SO_RCVBUF)"},
    {CORE("wmem_max"), "bytes", true, 1, ll_judge_none,
     "the largest send buffer that a socket may ask for (SO_SNDBUF)"},
    {CORE("optmem_max"), "bytes", true, 1, ll_judge_none,
     "control data and filters of one socket, and MSG_ZEROCOPY's notes"},
    {IPV4("udp_mem"), "pages", false, 3, ll_judge_udp_memory,
     "memory of all UDP sockets: at ease, under pressure, at most"},
    {TRACK("nf_conntrack_max"), "entries", false, 1, ll_judge_tracked,
     "connections that the firewall tracks; packets of further ones are dropped"},
    {TRACK("nf_conntrack_buckets"), "entries", false, 1, ll_judge_tracked_buckets,
     "the size of the table of tracked connections"},
    {TRACK("nf_conntrack_count"), "entries", true, 1, ll_judge_none,
     "connections that are tracked now"},
    {FILES("nr_open"), "files", false, 1, ll_judge_nr_open,
     "the highest RLIMIT_NOFILE that a process may set"},
    {FILES("file-max"), "files", false, 1, ll_judge_file_max,
     "open files of the whole system"},
    {"RLIMIT_NOFILE soft", ll_limit_place_rlimit, "files", false, 1, ll_judge_files,
     "open files of this process"},
    {"RLIMIT_NOFILE hard", ll_limit_place_rlimit, "files", false, 1, ll_judge_files,
     "how far this process may raise that by itself"},
    {"memory.max", "/sys/fs/cgroup", "bytes", false, 1, ll_judge_memory,
     "memory of this process's cgroup, which the kernel's of its sockets counts in"},
};
/* clang-format on */

const size_t ll_limit_kinds_count = sizeof ll_limit_kinds / sizeof *ll_limit_kinds;
