/* SPDX-License-Identifier: MIT */
/* check_option.c: the option catalogue, access by number, and errors. The
 * expected numbers come from the system's headers. Values are in
 * check_option_value.c, records in check_option_record.c. */
#include "harness.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <sys/socket.h>
#include <unistd.h>
#ifdef __linux__
#include <linux/if_alg.h>
#include <linux/tipc.h>
#endif

/* ---- the catalogue ---------------------------------------------------------------- */

enum { READ = 1, WRITE = 2, BOTH = 3 };

typedef struct {
    const char *name;
    int level, number, type, direction;
} entry;

#define SOCKET(type, direction, name) \
    { #name, SOL_SOCKET, name, LLNET_OPTION_##type, direction }
#define IP(type, direction, name) \
    { #name, IPPROTO_IP, name, LLNET_OPTION_##type, direction }
#define IPV6(type, direction, name) \
    { #name, IPPROTO_IPV6, name, LLNET_OPTION_##type, direction }
#define TCP(type, direction, name) \
    { #name, IPPROTO_TCP, name, LLNET_OPTION_##type, direction }
#define UDP(type, direction, name) \
    { #name, IPPROTO_UDP, name, LLNET_OPTION_##type, direction }

/* by number: newer kernels have no DCCP, and their headers need not name it */
#define DCCP(type, direction, name, number) \
    { #name, SOL_DCCP, number, LLNET_OPTION_##type, direction }

/* likewise, by the number */
#define NETLINK(type, direction, name, number) \
    { #name, SOL_NETLINK, number, LLNET_OPTION_##type, direction }

#define PACKET(type, direction, name, number) \
    { #name, SOL_PACKET, number, LLNET_OPTION_##type, direction }

/* What the predecessor had or named, and what was asked for beyond. */
static const entry wanted[] = {
    SOCKET(FLAG, BOTH, SO_DEBUG),
    SOCKET(FLAG, BOTH, SO_REUSEADDR),
    SOCKET(FLAG, BOTH, SO_DONTROUTE),
    SOCKET(FLAG, BOTH, SO_BROADCAST),
    SOCKET(FLAG, BOTH, SO_KEEPALIVE),
    SOCKET(FLAG, BOTH, SO_OOBINLINE),
    SOCKET(FLAG, BOTH, SO_NO_CHECK),
    SOCKET(FLAG, BOTH, SO_BSDCOMPAT),
    SOCKET(FLAG, BOTH, SO_PASSCRED),
    SOCKET(FLAG, READ, SO_ACCEPTCONN),
    SOCKET(FLAG, BOTH, SO_TIMESTAMP),
    SOCKET(FLAG, BOTH, SO_TIMESTAMPNS),
    SOCKET(FLAG, BOTH, SO_REUSEPORT),
    SOCKET(FLAG, BOTH, SO_PREFER_BUSY_POLL),
    SOCKET(FLAG, BOTH, SO_ZEROCOPY),
    SOCKET(INTEGER, READ, SO_TYPE),
    SOCKET(INTEGER, READ, SO_ERROR),
    SOCKET(INTEGER, BOTH, SO_SNDBUF),
    SOCKET(INTEGER, BOTH, SO_RCVBUF),
    SOCKET(INTEGER, WRITE, SO_SNDBUFFORCE),
    SOCKET(INTEGER, WRITE, SO_RCVBUFFORCE),
    SOCKET(INTEGER, BOTH, SO_PRIORITY),
    SOCKET(INTEGER, BOTH, SO_RCVLOWAT),
    SOCKET(INTEGER, BOTH, SO_SNDLOWAT),
    SOCKET(INTEGER, BOTH, SO_TIMESTAMPING),
    SOCKET(INTEGER, BOTH, SO_MARK),
    SOCKET(INTEGER, READ, SO_PROTOCOL),
    SOCKET(INTEGER, READ, SO_DOMAIN),
    SOCKET(INTEGER, BOTH, SO_INCOMING_CPU),
    SOCKET(INTEGER, BOTH, SO_BUSY_POLL),
    SOCKET(INTEGER, BOTH, SO_MAX_PACING_RATE),
    SOCKET(STRING, BOTH, SO_BINDTODEVICE),
    SOCKET(RECORD, BOTH, SO_LINGER),
    SOCKET(RECORD, READ, SO_PEERCRED),
    SOCKET(TIME, BOTH, SO_RCVTIMEO),
    SOCKET(TIME, BOTH, SO_SNDTIMEO),
    IP(FLAG, BOTH, IP_HDRINCL),
    IP(FLAG, BOTH, IP_RECVOPTS),
    IP(FLAG, BOTH, IP_RECVRETOPTS),
    IP(FLAG, BOTH, IP_MULTICAST_LOOP),
    IP(FLAG, BOTH, IP_ROUTER_ALERT),
    IP(FLAG, BOTH, IP_PKTINFO),
    IP(FLAG, BOTH, IP_RECVERR),
    IP(FLAG, BOTH, IP_RECVTTL),
    IP(FLAG, BOTH, IP_RECVTOS),
    IP(FLAG, BOTH, IP_FREEBIND),
    IP(FLAG, BOTH, IP_RECVORIGDSTADDR),
    IP(FLAG, BOTH, IP_TRANSPARENT),
    IP(FLAG, BOTH, IP_BIND_ADDRESS_NO_PORT),
    IP(INTEGER, BOTH, IP_TOS),
    IP(INTEGER, BOTH, IP_TTL),
    IP(INTEGER, BOTH, IP_MULTICAST_TTL),
    IP(INTEGER, BOTH, IP_MTU_DISCOVER),
    IP(INTEGER, READ, IP_MTU),
    IP(INTEGER, BOTH, IP_MINTTL),
    IP(BYTES, BOTH, IP_OPTIONS),
    IP(BYTES, BOTH, IP_RETOPTS),
    IP(ADDRESS, BOTH, IP_MULTICAST_IF),
    IP(RECORD, WRITE, IP_ADD_MEMBERSHIP),
    IP(RECORD, WRITE, IP_DROP_MEMBERSHIP),
    IP(RECORD, WRITE, IP_BLOCK_SOURCE),
    IP(RECORD, WRITE, IP_UNBLOCK_SOURCE),
    IP(RECORD, WRITE, IP_ADD_SOURCE_MEMBERSHIP),
    IP(RECORD, WRITE, IP_DROP_SOURCE_MEMBERSHIP),
    IP(RECORD, WRITE, IP_MSFILTER),
    IP(BYTES, READ, IP_PKTOPTIONS),
    IPV6(FLAG, BOTH, IPV6_MULTICAST_LOOP),
    IPV6(FLAG, BOTH, IPV6_RECVERR),
    IPV6(FLAG, BOTH, IPV6_V6ONLY),
    IPV6(FLAG, BOTH, IPV6_RECVPKTINFO),
    IPV6(FLAG, BOTH, IPV6_RECVHOPLIMIT),
    IPV6(FLAG, BOTH, IPV6_RECVHOPOPTS),
    IPV6(FLAG, BOTH, IPV6_RECVRTHDR),
    IPV6(FLAG, BOTH, IPV6_RECVDSTOPTS),
    IPV6(FLAG, BOTH, IPV6_RECVTCLASS),
    IPV6(INTEGER, BOTH, IPV6_ADDRFORM),
    IPV6(INTEGER, BOTH, IPV6_CHECKSUM),
    IPV6(INTEGER, BOTH, IPV6_UNICAST_HOPS),
    IPV6(INTEGER, BOTH, IPV6_MULTICAST_IF),
    IPV6(INTEGER, BOTH, IPV6_MULTICAST_HOPS),
    IPV6(INTEGER, BOTH, IPV6_ROUTER_ALERT),
    IPV6(INTEGER, BOTH, IPV6_MTU_DISCOVER),
    IPV6(INTEGER, BOTH, IPV6_MTU),
    IPV6(INTEGER, BOTH, IPV6_HOPLIMIT),
    IPV6(INTEGER, BOTH, IPV6_TCLASS),
    IPV6(ADDRESS, BOTH, IPV6_NEXTHOP),
    IPV6(RECORD, WRITE, IPV6_JOIN_GROUP),
    IPV6(RECORD, WRITE, IPV6_LEAVE_GROUP),
    IPV6(RECORD, WRITE, IPV6_ADD_MEMBERSHIP),
    IPV6(RECORD, WRITE, IPV6_DROP_MEMBERSHIP),
    IPV6(RECORD, WRITE, IPV6_JOIN_ANYCAST),
    IPV6(RECORD, WRITE, IPV6_LEAVE_ANYCAST),
    IPV6(RECORD, BOTH, IPV6_PKTINFO),
    IPV6(BYTES, BOTH, IPV6_HOPOPTS),
    IPV6(BYTES, BOTH, IPV6_RTHDRDSTOPTS),
    IPV6(BYTES, BOTH, IPV6_RTHDR),
    IPV6(BYTES, BOTH, IPV6_DSTOPTS),
    IPV6(BYTES, BOTH, IPV6_RXHOPOPTS),
    IPV6(BYTES, BOTH, IPV6_RXDSTOPTS),
    TCP(FLAG, BOTH, TCP_NODELAY),
    TCP(FLAG, BOTH, TCP_CORK),
    TCP(FLAG, BOTH, TCP_QUICKACK),
    TCP(FLAG, BOTH, TCP_FASTOPEN_CONNECT),
    TCP(INTEGER, BOTH, TCP_MAXSEG),
    TCP(INTEGER, BOTH, TCP_KEEPIDLE),
    TCP(INTEGER, BOTH, TCP_KEEPINTVL),
    TCP(INTEGER, BOTH, TCP_KEEPCNT),
    TCP(INTEGER, BOTH, TCP_SYNCNT),
    TCP(INTEGER, BOTH, TCP_LINGER2),
    TCP(INTEGER, BOTH, TCP_DEFER_ACCEPT),
    TCP(INTEGER, BOTH, TCP_WINDOW_CLAMP),
    TCP(INTEGER, BOTH, TCP_FASTOPEN),
    TCP(INTEGER, BOTH, TCP_USER_TIMEOUT),
    TCP(INTEGER, BOTH, TCP_NOTSENT_LOWAT),
    TCP(STRING, BOTH, TCP_CONGESTION),
    TCP(RECORD, READ, TCP_INFO),
    UDP(INTEGER, BOTH, UDP_SEGMENT),
    UDP(FLAG, BOTH, UDP_GRO),
    {"ALG_SET_AEAD_AUTHSIZE", SOL_ALG, ALG_SET_AEAD_AUTHSIZE, LLNET_OPTION_BYTES, WRITE},
    {"ALG_SET_KEY", SOL_ALG, ALG_SET_KEY, LLNET_OPTION_BYTES, WRITE},
    {"TIPC_CONN_TIMEOUT", SOL_TIPC, TIPC_CONN_TIMEOUT, LLNET_OPTION_INTEGER, BOTH},
    {"TIPC_DEST_DROPPABLE", SOL_TIPC, TIPC_DEST_DROPPABLE, LLNET_OPTION_FLAG, BOTH},
    {"TIPC_IMPORTANCE", SOL_TIPC, TIPC_IMPORTANCE, LLNET_OPTION_INTEGER, BOTH},
    {"TIPC_SRC_DROPPABLE", SOL_TIPC, TIPC_SRC_DROPPABLE, LLNET_OPTION_FLAG, BOTH},
    NETLINK(INTEGER, WRITE, NETLINK_ADD_MEMBERSHIP, 1),
    NETLINK(INTEGER, WRITE, NETLINK_DROP_MEMBERSHIP, 2),
    NETLINK(FLAG, BOTH, NETLINK_PKTINFO, 3),
    NETLINK(FLAG, BOTH, NETLINK_BROADCAST_ERROR, 4),
    NETLINK(FLAG, BOTH, NETLINK_NO_ENOBUFS, 5),
    NETLINK(FLAG, BOTH, NETLINK_LISTEN_ALL_NSID, 8),
    NETLINK(LIST, READ, NETLINK_LIST_MEMBERSHIPS, 9),
    NETLINK(FLAG, BOTH, NETLINK_CAP_ACK, 10),
    NETLINK(FLAG, BOTH, NETLINK_EXT_ACK, 11),
    NETLINK(FLAG, BOTH, NETLINK_GET_STRICT_CHK, 12),
    PACKET(RECORD, WRITE, PACKET_ADD_MEMBERSHIP, 1),
    PACKET(RECORD, WRITE, PACKET_DROP_MEMBERSHIP, 2),
    PACKET(RECORD, READ, PACKET_STATISTICS, 6),
    PACKET(INTEGER, BOTH, PACKET_COPY_THRESH, 7),
    PACKET(FLAG, BOTH, PACKET_AUXDATA, 8),
    PACKET(FLAG, BOTH, PACKET_ORIGDEV, 9),
    PACKET(INTEGER, BOTH, PACKET_VERSION, 10),
    PACKET(INTEGER, BOTH, PACKET_RESERVE, 12),
    PACKET(FLAG, BOTH, PACKET_LOSS, 14),
    PACKET(FLAG, BOTH, PACKET_VNET_HDR, 15),
    PACKET(INTEGER, BOTH, PACKET_TIMESTAMP, 17),
    PACKET(INTEGER, BOTH, PACKET_FANOUT, 18),
    PACKET(FLAG, BOTH, PACKET_TX_HAS_OFF, 19),
    PACKET(FLAG, BOTH, PACKET_QDISC_BYPASS, 20),
    PACKET(RECORD, READ, PACKET_ROLLOVER_STATS, 21),
    PACKET(PROGRAM, WRITE, PACKET_FANOUT_DATA, 22),
    PACKET(FLAG, BOTH, PACKET_IGNORE_OUTGOING, 23),
    PACKET(INTEGER, BOTH, PACKET_VNET_HDR_SZ, 24),
    {"MPTCP_INFO", 284, 1, LLNET_OPTION_RECORD, READ},
    DCCP(BYTES, READ, DCCP_SOCKOPT_AVAILABLE_CCIDS, 12),
    DCCP(BYTES, WRITE, DCCP_SOCKOPT_CCID, 13),
    DCCP(INTEGER, READ, DCCP_SOCKOPT_GET_CUR_MPS, 5),
    DCCP(INTEGER, BOTH, DCCP_SOCKOPT_QPOLICY_TXQLEN, 17),
    DCCP(INTEGER, BOTH, DCCP_SOCKOPT_RECV_CSCOV, 11),
    DCCP(INTEGER, READ, DCCP_SOCKOPT_RX_CCID, 15),
    DCCP(INTEGER, BOTH, DCCP_SOCKOPT_SEND_CSCOV, 10),
    DCCP(FLAG, BOTH, DCCP_SOCKOPT_SERVER_TIMEWAIT, 6),
    DCCP(INTEGER, BOTH, DCCP_SOCKOPT_SERVICE, 2),
    DCCP(INTEGER, READ, DCCP_SOCKOPT_TX_CCID, 14),
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

START_TEST(every_option_asked_for_is_there_with_the_systems_level_and_number) {
    const llnet_option *option;
    size_t i;

    for (i = 0; i < COUNT(wanted); i++) {
        option = llnet_option_find(wanted[i].name);
        ck_assert_msg(option != NULL, "%s is missing", wanted[i].name);
        ck_assert_str_eq(llnet_option_get_name(option), wanted[i].name);
        ck_assert_msg(llnet_option_is_defined(option), "%s", wanted[i].name);
        ck_assert_msg(llnet_option_get_level(option) == wanted[i].level, "%s", wanted[i].name);
        ck_assert_msg(llnet_option_get_number(option) == wanted[i].number, "%s", wanted[i].name);
        ck_assert_msg(llnet_option_get_type(option) == wanted[i].type, "%s", wanted[i].name);
        ck_assert_msg(llnet_option_is_readable(option) == ((wanted[i].direction & READ) != 0), "%s",
                      wanted[i].name);
        ck_assert_msg(llnet_option_is_writable(option) == ((wanted[i].direction & WRITE) != 0), "%s",
                      wanted[i].name);
    }
}
END_TEST

START_TEST(entries_are_sorted_and_each_is_found_by_its_name) {
    static const char *const types[] = {"?",     "flag",    "integer", "time",    "string",
                                        "bytes", "address", "record",  "program", "list"};
    const llnet_option *option;
    const char *last = "";
    size_t i;
    int type;

    for (i = 0; (option = llnet_option_at(i)) != NULL; i++) {
        ck_assert_str_lt(last, llnet_option_get_name(option));
        last = llnet_option_get_name(option);
        ck_assert_ptr_eq(llnet_option_find(last), option);
        type = llnet_option_get_type(option);
        ck_assert(type >= LLNET_OPTION_FLAG && type <= LLNET_OPTION_LIST);
        ck_assert_str_eq(llnet_option_get_type_name(option), types[type]);
        ck_assert(llnet_option_is_readable(option) || llnet_option_is_writable(option));
        ck_assert_msg((type == LLNET_OPTION_RECORD) == (llnet_option_get_field_count(option) > 0), "%s", last);
        ck_assert(llnet_option_get_record_size(option) <= LLNET_OPTION_RECORD_MAX);
    }
    ck_assert_uint_gt(i, COUNT(wanted));
    ck_assert_ptr_null(llnet_option_at(i));
    ck_assert_ptr_null(llnet_option_at(SIZE_MAX));
}
END_TEST

START_TEST(names_that_are_not_options_are_not_found) {
    static const char *const names[] = {"", "SO", "SO_REUSEADD", "SO_REUSEADDRX", "so_reuseaddr", "A", "~"};
    size_t i;

    for (i = 0; i < COUNT(names); i++)
        ck_assert_ptr_null(llnet_option_find(names[i]));
    ck_assert_ptr_null(llnet_option_find(NULL));
}
END_TEST

/* ---- against Python's list ---------------------------------------------------------------------- */

/* Names of its socket module that look like options and are none. */
static const char *const no_options[] = {
    "ALG_SET_AEAD_ASSOCLEN",     /* goes by sendmsg(2), as a control message */
    "ALG_SET_IV",                /* likewise */
    "ALG_SET_OP",                /* likewise */
    "ALG_SET_PUBKEY",            /* no kernel that was released has it */
    "IPV6_RTHDR_TYPE_0",         /* a type of routing header */
    "IP_DEFAULT_MULTICAST_LOOP", /* what IP_MULTICAST_LOOP is at first */
    "IP_DEFAULT_MULTICAST_TTL",  /* what IP_MULTICAST_TTL is at first */
    "IP_MAX_MEMBERSHIPS",        /* how many groups a socket may be in */
    "TCP_ZEROCOPY_RECEIVE",      /* writes through pointers: by number alone */
    "TIPC_ADDR_ID",              /* a kind of address */
    "TIPC_ADDR_NAME",            /* likewise */
    "TIPC_ADDR_NAMESEQ",         /* likewise */
    "TIPC_CFG_SRV",              /* the address of a service */
    "TIPC_CLUSTER_SCOPE",        /* how far a name is known */
    "TIPC_CRITICAL_IMPORTANCE",  /* a value of TIPC_IMPORTANCE */
    "TIPC_HIGH_IMPORTANCE",      /* likewise */
    "TIPC_LOW_IMPORTANCE",       /* likewise */
    "TIPC_MEDIUM_IMPORTANCE",    /* likewise */
    "TIPC_NODE_SCOPE",           /* how far a name is known */
    "TIPC_PUBLISHED",            /* an event of a subscription */
    "TIPC_SUBSCR_TIMEOUT",       /* likewise */
    "TIPC_SUB_CANCEL",           /* a flag of a subscription */
    "TIPC_SUB_PORTS",            /* likewise */
    "TIPC_SUB_SERVICE",          /* likewise */
    "TIPC_TOP_SRV",              /* the address of a service */
    "TIPC_WAIT_FOREVER",         /* a time of a subscription */
    "TIPC_WITHDRAWN",            /* an event of a subscription */
    "TIPC_ZONE_SCOPE",           /* how far a name is known */
};

static bool is_no_option(const char *name) {
    size_t i;

    for (i = 0; i < COUNT(no_options); i++)
        if (strcmp(no_options[i], name) == 0)
            return true;
    return false;
}

START_TEST(every_option_that_python_names_is_in_the_catalogue_with_its_number) {
    FILE *python = popen("python3 -c 'import socket\n"
                         "for n in dir(socket):\n"
                         " if n.startswith((\"SO_\", \"IP_\", \"IPV6_\", \"TCP_\", \"UDP\", \"TIPC_\", "
                         "\"ALG_SET_\")): print(n, getattr(socket, n))' 2>/dev/null",
                         "r");
    const llnet_option *option;
    char name[64];
    int number, count = 0;

    ck_assert_ptr_nonnull(python);
    while (fscanf(python, "%63s %d", name, &number) == 2) {
        count++;
        if (is_no_option(name))
            continue;
        option = llnet_option_find(name);
        ck_assert_msg(option != NULL, "%s is missing", name);
        ck_assert_msg(llnet_option_is_defined(option), "%s", name);
        ck_assert_msg(llnet_option_get_number(option) == number, "%s", name);
    }
    pclose(python);
    if (count == 0)
        skip("no python3 here");
}
END_TEST

/* ---- asking the kernel --------------------------------------------------------------- */

START_TEST(an_option_of_another_platform_is_there_and_not_supported) {
    static const char *const names[] = {"SO_NOSIGPIPE",  "SO_USELOOPBACK", "SO_REUSEPORT_LB", "SO_ACCEPTFILTER",
                                        "TCP_KEEPALIVE", "IP_RECVDSTADDR", "IP_BOUND_IF",     "LOCAL_PEERCRED"};
    const llnet_option *option;
    size_t i;

    for (i = 0; i < COUNT(names); i++) {
        option = llnet_option_find(names[i]);
        ck_assert_ptr_nonnull(option);
        ck_assert(!llnet_option_is_defined(option));
        ck_assert_int_eq(llnet_option_get_level(option), -1);
        ck_assert_int_eq(llnet_option_get_number(option), -1);
        assert_error(llnet_option_probe(option), ENOTSUP);
    }
}
END_TEST

START_TEST(a_probe_tells_what_the_kernel_knows) {
    static const char *const known[] = {"SO_REUSEADDR", "SO_RCVTIMEO", "SO_PEERCRED", "SO_DETACH_FILTER",
                                        "IP_TTL",       "TCP_NODELAY", "TCP_INFO",    "IP_ADD_MEMBERSHIP",
                                        "SO_GET_FILTER"};
    size_t i;

    for (i = 0; i < COUNT(known); i++)
        assert_ok(llnet_option_probe(llnet_option_find(known[i])));
    if (have_ipv6()) {
        assert_ok(llnet_option_probe(llnet_option_find("IPV6_V6ONLY")));
        /* a control message only, which no kernel takes as an option */
        assert_error(llnet_option_probe(llnet_option_find("IPV6_HOPLIMIT")), ENOPROTOOPT);
    }
}
END_TEST

START_TEST(every_probe_answers_or_says_why_it_cannot) {
    const llnet_option *option;
    llnet_status status;
    size_t i;

    for (i = 0; (option = llnet_option_at(i)) != NULL; i++) {
        status = llnet_option_probe(option);
        ck_assert_msg((status == -ENOTSUP) == !llnet_option_is_defined(option), "%s",
                      llnet_option_get_name(option));
        ck_assert_msg(status == 0 || status == -ENOPROTOOPT || status == -ENOTSUP || status == -EPERM ||
                          status == -EAFNOSUPPORT || status == -EPROTONOSUPPORT || status == -ESOCKTNOSUPPORT,
                      "%s gave %d", llnet_option_get_name(option), status);
    }
}
END_TEST

/* ---- by number, and errors --------------------------------------------------------------------- */

static void open_inet(llnet_socket *sock, int type) {
    assert_ok(llnet_socket_open(sock, AF_INET, type, 0, 0));
}

START_TEST(raw_access_is_setsockopt_and_getsockopt) {
    llnet_socket sock;
    int on = 1, got = 0;
    char bytes[16];

    open_inet(&sock, SOCK_STREAM);
    assert_ok(llnet_socket_set_option_raw(&sock, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on));
    ck_assert_int_eq(llnet_socket_get_option_raw(&sock, IPPROTO_TCP, TCP_NODELAY, &got, sizeof got), sizeof got);
    ck_assert_int_eq(got, 1);
    memset(bytes, '#', sizeof bytes);
    ck_assert_int_eq(llnet_socket_get_option_raw(&sock, IPPROTO_TCP, TCP_NODELAY, bytes, sizeof bytes),
                     sizeof(int));
    ck_assert_mem_eq(bytes + sizeof(int), "####", 4);
    assert_error(llnet_socket_get_option_raw(&sock, SOL_SOCKET, 9999, bytes, sizeof bytes), ENOPROTOOPT);
    assert_error(llnet_socket_set_option_raw(&sock, SOL_SOCKET, 9999, &on, sizeof on), ENOPROTOOPT);
    assert_error(llnet_socket_set_option_raw(&sock, IPPROTO_TCP, TCP_NODELAY, &on, 1), EINVAL);
    if (SIZE_MAX > UINT32_MAX) {
        assert_error(llnet_socket_set_option_raw(&sock, IPPROTO_TCP, TCP_NODELAY, &on, SIZE_MAX), EINVAL);
        assert_error(llnet_socket_get_option_raw(&sock, IPPROTO_TCP, TCP_NODELAY, &on, SIZE_MAX), EINVAL);
    }
    assert_ok(llnet_socket_close(&sock));
}
END_TEST

/* error 0: success, whatever the count */
static void answers(const char *name, long result, int error) {
    ck_assert_msg(error == 0 ? result >= 0 : result == -(long)error, "%s gave %ld, not %d", name, result, -error);
}

/* One option through all six functions by name, and what each must answer. */
static void all_ways(const char *name, int set_int, int get_int_error, int set_data, int get_data, int set_addr,
                     int get_addr) {
    char bytes[256];
    llnet_socket sock;
    llnet_addr addr;
    int64_t value;

    open_inet(&sock, SOCK_STREAM);
    llnet_addr_init(&addr);
    answers(name, llnet_socket_set_option_int(&sock, name, 1), set_int);
    answers(name, llnet_socket_get_option_int(&sock, name, &value), get_int_error);
    answers(name, llnet_socket_set_option_data(&sock, name, "", 0), set_data);
    answers(name, llnet_socket_get_option_data(&sock, name, bytes, sizeof bytes), get_data);
    answers(name, llnet_socket_set_option_addr(&sock, name, &addr), set_addr);
    answers(name, llnet_socket_get_option_addr(&sock, name, &addr), get_addr);
    assert_ok(llnet_socket_close(&sock));
}

START_TEST(errors_come_in_order_name_type_direction_platform) {
    const int type = LLNET_ETYPE;
    /* ENOENT of the kernel: not redirected */
    const int original = llnet_option_probe(llnet_option_find("SO_ORIGINAL_DST")) == 0 ? ENOENT : ENOPROTOOPT;

    all_ways("SO_NONESUCH", ENOENT, ENOENT, ENOENT, ENOENT, ENOENT, ENOENT);
    all_ways(NULL, ENOENT, ENOENT, ENOENT, ENOENT, ENOENT, ENOENT);
    all_ways("SO_REUSEADDR", 0, 0, type, type, type, type);
    all_ways("SO_TYPE", EACCES, 0, type, type, type, type);
    all_ways("SO_SNDBUFFORCE", getuid() == 0 ? 0 : EPERM, EACCES, type, type, type, type);
    all_ways("SO_NOSIGPIPE", ENOTSUP, ENOTSUP, type, type, type, type);
    all_ways("SO_NREAD", EACCES, ENOTSUP, type, type, type, type);
    all_ways("SO_RCVTIMEO", 0, 0, type, type, type, type);
    all_ways("TCP_CC_INFO", type, type, EACCES, 0, type, type);
    all_ways("SO_LINGER", type, type, EINVAL, 0, type, type);
    all_ways("IP_ADD_MEMBERSHIP", type, type, EPROTO, EACCES, type, type);
    all_ways("SO_ORIGINAL_DST", type, type, type, type, EACCES, original);
    all_ways("IP_MSFILTER", type, type, EINVAL, EACCES, type, type);
}
END_TEST

/* Through all six functions by name. */
static void assert_closed_to(llnet_socket *self, const char *name, int64_t value) {
    llnet_addr addr;
    int64_t got = 7;
    char bytes[64];

    llnet_addr_init(&addr); /* of no family that an option takes */
    assert_error(llnet_socket_set_option_int(self, name, value), EBADF);
    assert_error(llnet_socket_get_option_int(self, name, &got), EBADF);
    assert_error(llnet_socket_set_option_data(self, name, "\0", 2), EBADF);
    assert_error(llnet_socket_get_option_data(self, name, bytes, sizeof bytes), EBADF);
    assert_error(llnet_socket_set_option_addr(self, name, &addr), EBADF);
    assert_error(llnet_socket_get_option_addr(self, name, &addr), EBADF);
    ck_assert_int_eq(got, 7);
}

START_TEST(a_closed_socket_answers_ebadf_whatever_it_is_asked) {
    /* there; of every other type; of no direction; of no platform; nowhere */
    static const char *const names[] = {
        "SO_REUSEADDR",    "SO_RCVTIMEO",    "SO_LINGER",     "TCP_CONGESTION", "IP_OPTIONS", "SO_TYPE",
        "IP_MULTICAST_IF", "SO_SNDBUFFORCE", "SO_GET_FILTER", "SO_NOSIGPIPE",   "NOPE",       NULL};
    static const int64_t values[] = {1, -1, INT64_MAX, INT64_MIN};
    static const size_t lens[] = {sizeof(int), 0, INT32_MAX, (size_t)INT32_MAX + 1, SIZE_MAX};
    llnet_socket sock;
    size_t i, j;
    int on = 1;

    llnet_socket_init(&sock);
    for (i = 0; i < COUNT(names); i++)
        for (j = 0; j < COUNT(values); j++)
            assert_closed_to(&sock, names[i], values[j]);
    for (i = 0; i < COUNT(lens); i++) {
        assert_error(llnet_socket_set_option_raw(&sock, SOL_SOCKET, SO_REUSEADDR, &on, lens[i]), EBADF);
        assert_error(llnet_socket_get_option_raw(&sock, SOL_SOCKET, SO_REUSEADDR, &on, lens[i]), EBADF);
    }
    ck_assert_int_eq(on, 1);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("option");
    TCase *catalogue = add_case(suite, "catalogue");
    TCase *errors = add_case(suite, "errors");

    tcase_add_test(catalogue, every_option_asked_for_is_there_with_the_systems_level_and_number);
    tcase_add_test(catalogue, entries_are_sorted_and_each_is_found_by_its_name);
    tcase_add_test(catalogue, names_that_are_not_options_are_not_found);
    tcase_add_test(catalogue, every_option_that_python_names_is_in_the_catalogue_with_its_number);
    tcase_add_test(catalogue, an_option_of_another_platform_is_there_and_not_supported);
    tcase_add_test(catalogue, a_probe_tells_what_the_kernel_knows);
    tcase_add_test(catalogue, every_probe_answers_or_says_why_it_cannot);
    tcase_add_test(errors, raw_access_is_setsockopt_and_getsockopt);
    tcase_add_test(errors, errors_come_in_order_name_type_direction_platform);
    tcase_add_test(errors, a_closed_socket_answers_ebadf_whatever_it_is_asked);
    return run_suite(suite);
}
