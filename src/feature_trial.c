/* SPDX-License-Identifier: MIT */
/* feature_trial.c: the trials that the library's own calls can make, and the sockets
 * that trials are made on. */
#include "internal.h"

#include <string.h>

#include "feature.h"

/* What nothing here waits longer for, in microseconds. */
enum { PATIENCE = 1000000 };

/* A call that gave another number than it must: the kernel took a switch and
 * ignored it. */
static llnet_status expect(llnet_count result, llnet_count expected) {
    if (result < 0)
        return (llnet_status)result;
    return result == expected ? 0 : -ENOPROTOOPT;
}

/* ---- sockets ----------------------------------------------------------------- */

/* A socket with a port of its own on loopback, and its address. */
static llnet_status open_bound(const char *ip, int type, llnet_socket *out, llnet_addr *addr) {
    llnet_status status = llnet_addr_set_ip(addr, ip, 0);

    llnet_socket_init(out);
    if (status == 0)
        status = llnet_socket_open(out, llnet_addr_get_family(addr), type, 0, 0);
    if (status == 0)
        status = llnet_socket_bind(out, addr);
    if (status == 0)
        status = llnet_socket_get_sockname(out, addr);
    if (status == 0)
        status = llnet_socket_set_option_int(out, "SO_RCVTIMEO", PATIENCE);
    if (status == 0)
        status = llnet_socket_set_option_int(out, "SO_SNDTIMEO", PATIENCE);
    if (status < 0)
        llnet_socket_close(out);
    return status;
}

llnet_status ll_feature_open_udp(llnet_socket *out) {
    llnet_addr addr;
    llnet_status status = open_bound("127.0.0.1", SOCK_DGRAM, out, &addr);

    if (status == 0)
        status = llnet_socket_connect(out, &addr);
    if (status < 0)
        llnet_socket_close(out);
    return status;
}

llnet_status ll_feature_open_tcp(llnet_socket *out, llnet_socket *other) {
    llnet_addr addr, own;
    llnet_socket listener;
    llnet_status status = open_bound("127.0.0.1", SOCK_STREAM, &listener, &addr);

    llnet_socket_init(out);
    llnet_socket_init(other);
    if (status == 0)
        status = llnet_socket_listen(&listener, 1);
    if (status == 0)
        status = open_bound("127.0.0.1", SOCK_STREAM, out, &own);
    if (status == 0)
        status = llnet_socket_connect(out, &addr);
    if (status == 0)
        status = llnet_socket_accept(&listener, other, NULL, 0);
    if (status < 0)
        llnet_socket_close(out);
    llnet_socket_close(&listener);
    return status;
}

static llnet_status try_loopback(const char *ip) {
    llnet_socket sock;
    llnet_addr addr;
    llnet_status status = open_bound(ip, SOCK_DGRAM, &sock, &addr);

    llnet_socket_close(&sock);
    return status;
}

llnet_status ll_feature_ipv4(void) {
    return try_loopback("127.0.0.1");
}

llnet_status ll_feature_ipv6(void) {
    return try_loopback("::1");
}

/* ---- Unix sockets --------------------------------------------------------------- */

static llnet_status try_unix_pair(int type, int flags, llnet_count expected) {
    llnet_socket one, two;
    llnet_status status = llnet_socket_pair(&one, &two, AF_UNIX, type, 0, 0);
    char bytes[3];

    if (status == 0)
        status = expect(llnet_socket_send(&one, "abc", 3, 0), 3);
    if (status == 0)
        status = expect(llnet_socket_recv(&two, bytes, 1, flags), expected);
    llnet_socket_close(&one);
    llnet_socket_close(&two);
    return status;
}

llnet_status ll_feature_unix(void) {
    return try_unix_pair(SOCK_STREAM, 0, 1);
}

llnet_status ll_feature_unix_seqpacket(void) {
    return try_unix_pair(SOCK_SEQPACKET, 0, 1);
}

llnet_status ll_feature_msg_trunc(void) {
    return try_unix_pair(SOCK_DGRAM, MSG_TRUNC, 3);
}

/* Bound to no name, a socket gets an abstract one that nobody has. */
llnet_status ll_feature_unix_abstract(void) {
    char name[LLNET_ADDR_BYTES_MAX] = "x";
    llnet_addr addr;
    llnet_socket sock;
    llnet_status status = llnet_socket_open(&sock, AF_UNIX, SOCK_DGRAM, 0, 0);

    llnet_addr_set_family(&addr, AF_UNIX);
    if (status == 0)
        status = llnet_socket_bind(&sock, &addr);
    if (status == 0)
        status = llnet_socket_get_sockname(&sock, &addr);
    if (status == 0 && (llnet_addr_get_unix(&addr, name, sizeof name) < 1 || name[0] != '\0'))
        status = -ENOTSUP;
    llnet_socket_close(&sock);
    return status;
}

/* ---- options that must be set to tell -------------------------------------------- */

/* Sets one on a UDP socket. */
static llnet_status try_number(const char *option, int64_t value) {
    llnet_socket sock;
    llnet_status status = llnet_socket_open(&sock, AF_INET, SOCK_DGRAM, 0, 0);

    if (status == 0)
        status = llnet_socket_set_option_int(&sock, option, value);
    llnet_socket_close(&sock);
    return status;
}

static llnet_status try_data(const char *option, const void *data, size_t len) {
    llnet_socket sock;
    llnet_status status = llnet_socket_open(&sock, AF_INET, SOCK_DGRAM, 0, 0);

    if (status == 0)
        status = llnet_socket_set_option_data(&sock, option, data, len);
    llnet_socket_close(&sock);
    return status;
}

llnet_status ll_feature_transparent(void) {
    return try_number("IP_TRANSPARENT", 1);
}

llnet_status ll_feature_freebind(void) {
    return try_number("IP_FREEBIND", 1);
}

llnet_status ll_feature_mark(void) {
    return try_number("SO_MARK", 1);
}

llnet_status ll_feature_busy_poll(void) {
    return try_number("SO_BUSY_POLL", 1);
}

llnet_status ll_feature_udp_gro(void) {
    return try_number("UDP_GRO", 1);
}

llnet_status ll_feature_bindtodevice(void) {
    return try_data("SO_BINDTODEVICE", "lo", 2);
}

llnet_status ll_feature_txtime(void) {
    /* the clock that asks for no privilege, CLOCK_MONOTONIC, and no flags */
    static const uint32_t record[2] = {1, 0};

    return try_data("SO_TXTIME", record, sizeof record);
}

/* BPF_RET | BPF_K, 0: nothing comes in; of several sockets the first one */
static const struct {
    uint16_t code;
    uint8_t jt, jf;
    uint32_t k;
} return_0 = {6, 0, 0, 0};

llnet_status ll_feature_attach_filter(void) {
    return try_data("SO_ATTACH_FILTER", &return_0, sizeof return_0);
}

llnet_status ll_feature_reuseport_cbpf(void) {
    llnet_socket sock;
    llnet_status status = llnet_socket_open(&sock, AF_INET, SOCK_DGRAM, 0, 0);

    if (status == 0)
        status = llnet_socket_set_option_int(&sock, "SO_REUSEPORT", 1);
    if (status == 0)
        status = llnet_socket_set_option_data(&sock, "SO_ATTACH_REUSEPORT_CBPF", &return_0, sizeof return_0);
    llnet_socket_close(&sock);
    return status;
}

llnet_status ll_feature_tls_ulp(void) {
    llnet_socket one, two;
    llnet_status status = ll_feature_open_tcp(&one, &two);

    if (status == 0)
        status = llnet_socket_set_option_data(&one, "TCP_ULP", "tls", 3);
    llnet_socket_close(&one);
    llnet_socket_close(&two);
    return status;
}

/* ---- segmentation ----------------------------------------------------------------- */

/* 8 bytes in segments of 4 come as two datagrams. */
llnet_status ll_feature_udp_segment(void) {
    char bytes[8];
    llnet_socket sock;
    llnet_status status = ll_feature_open_udp(&sock);

    if (status == 0)
        status = llnet_socket_set_option_int(&sock, "UDP_SEGMENT", 4);
    if (status == 0)
        status = expect(llnet_socket_send(&sock, "segments", 8, 0), 8);
    for (int i = 0; i < 2 && status == 0; i++)
        status = expect(llnet_socket_recv(&sock, bytes, sizeof bytes, 0), 4);
    llnet_socket_close(&sock);
    return status;
}
