/* SPDX-License-Identifier: MIT */
/* option_catalogue.c: the table of options, made of option.list; lookup by name,
 * what an entry tells, and the question to the kernel whether it knows one. */
#include "internal.h"

#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "option.h"
#include "sys.h"
#ifdef __linux__
#include "option_linux.h"
#endif

/* The level of Unix sockets' own options, where BSDs don't name it. */
#ifndef SOL_LOCAL
#define SOL_LOCAL 0
#endif

/* Sockets to try an option on. */
#define SOCKET_TCP         AF_INET, SOCK_STREAM, 0
#define SOCKET_MPTCP       AF_INET, SOCK_STREAM, IPPROTO_MPTCP
#define SOCKET_UDP         AF_INET, SOCK_DGRAM, 0
#define SOCKET_RAW         AF_INET, SOCK_RAW, IPPROTO_RAW
#define SOCKET_ICMP        AF_INET, SOCK_RAW, IPPROTO_ICMP
#define SOCKET_UDPLITE     AF_INET, SOCK_DGRAM, IPPROTO_UDPLITE
#define SOCKET_TCP6        AF_INET6, SOCK_STREAM, 0
#define SOCKET_UDP6        AF_INET6, SOCK_DGRAM, 0
#define SOCKET_RAW6        AF_INET6, SOCK_RAW, IPPROTO_RAW
#define SOCKET_ICMP6       AF_INET6, SOCK_RAW, IPPROTO_ICMPV6
#define SOCKET_UNIX_STREAM AF_UNIX, SOCK_STREAM, 0
#define SOCKET_UNIX_DGRAM  AF_UNIX, SOCK_DGRAM, 0
#define SOCKET_VSOCK       AF_VSOCK, SOCK_STREAM, 0
#define SOCKET_CAN_RAW     AF_CAN, SOCK_RAW, 1
#define SOCKET_CAN_J1939   AF_CAN, SOCK_DGRAM, 7
#define SOCKET_NETLINK     AF_NETLINK, SOCK_RAW, NETLINK_ROUTE
#define SOCKET_PACKET      AF_PACKET, SOCK_DGRAM, 0
#define SOCKET_ALG         AF_ALG, SOCK_SEQPACKET, 0
#define SOCKET_TIPC        AF_TIPC, SOCK_STREAM, 0
#define SOCKET_DCCP        AF_INET, SOCK_DCCP, IPPROTO_DCCP

/* The list's fourth column, and what it means for a type. */
#define FORM_FLAG(form)      LL_FORM_##form
#define FORM_INTEGER(form)   LL_FORM_##form
#define FORM_TIME(form)      LL_FORM_##form
#define FORM_STRING(form)    LL_FORM_##form
#define FORM_BYTES(form)     LL_FORM_##form
#define FORM_ADDRESS(form)   LL_FORM_##form
#define FORM_RECORD(form)    LL_FORM_RECORD
#define FORM_PROGRAM(form)   LL_FORM_##form
#define FORM_LIST(form)      LL_FORM_##form
#define LAYOUT_FLAG(form)    NULL
#define LAYOUT_INTEGER(form) NULL
#define LAYOUT_TIME(form)    NULL
#define LAYOUT_STRING(form)  NULL
#define LAYOUT_BYTES(form)   NULL
#define LAYOUT_ADDRESS(form) NULL
#define LAYOUT_RECORD(form)  &ll_record_##form
#define LAYOUT_PROGRAM(form) NULL
#define LAYOUT_LIST(form)    NULL

#define PRESENT(name, number, level, type, form, direction, socket) \
    {name, \
     level, \
     number, \
     LLNET_OPTION_##type, \
     FORM_##type(form), \
     LL_OPTION_##direction, \
     true, \
     LAYOUT_##type(form), \
     SOCKET_##socket},
#define ABSENT(name, level, type, form, direction, socket) \
    {name, -1, -1, LLNET_OPTION_##type, FORM_##type(form), LL_OPTION_##direction, false, LAYOUT_##type(form), \
     0,    0,  0},

static const llnet_option options[] = {
#include "option_list.h"
};

enum { OPTION_COUNT = sizeof options / sizeof options[0] };

const llnet_option *llnet_option_at(size_t index) {
    return index < OPTION_COUNT ? &options[index] : NULL;
}

static int compare_name(const void *name, const void *option) {
    return strcmp(name, ((const llnet_option *)option)->name);
}

const llnet_option *llnet_option_find(const char *name) {
    if (name == NULL)
        return NULL;
    return bsearch(name, options, OPTION_COUNT, sizeof options[0], compare_name);
}

const char *llnet_option_get_name(const llnet_option *self) {
    return self->name;
}

int llnet_option_get_level(const llnet_option *self) {
    return self->level;
}

int llnet_option_get_number(const llnet_option *self) {
    return self->number;
}

int llnet_option_get_type(const llnet_option *self) {
    return self->type;
}

const char *llnet_option_get_type_name(const llnet_option *self) {
    static const char *const names[] = {"",      "flag",    "integer", "time",    "string",
                                        "bytes", "address", "record",  "program", "list"};
    return names[self->type];
}

bool llnet_option_is_defined(const llnet_option *self) {
    return self->defined;
}

bool llnet_option_is_readable(const llnet_option *self) {
    return (self->direction & LL_OPTION_R) != 0;
}

bool llnet_option_is_writable(const llnet_option *self) {
    return (self->direction & LL_OPTION_W) != 0;
}

const ll_record *ll_option_list(int level, int number) {
    if (level != IPPROTO_IP && level != IPPROTO_IPV6)
        return NULL;
#ifdef IP_MSFILTER
    if (level == IPPROTO_IP && number == IP_MSFILTER)
        return &ll_record_ip_msfilter;
#endif
#ifdef MCAST_MSFILTER
    if (number == MCAST_MSFILTER)
        return &ll_record_group_filter;
#endif
    (void)number;
    return NULL;
}

/* ---- asking the kernel --------------------------------------------------------- */

static llnet_status try_get(const llnet_option *self, int fd) {
    char value[LLNET_OPTION_RECORD_MAX] = {0};
    llnet_count count = ll_option_get(fd, self->level, self->number, value, sizeof value);
    return count < 0 ? (llnet_status)count : 0;
}

static llnet_status try_set(const llnet_option *self, int fd) {
    static const char zeros[LLNET_OPTION_RECORD_MAX];
    size_t len = self->record != NULL && self->record->size != 0 ? self->record->size : sizeof(int);
    return ll_option_set(fd, self->level, self->number, zeros, len);
}

llnet_status llnet_option_probe(const llnet_option *self) {
    llnet_status status = -ENOPROTOOPT;
    int fd;

    if (!self->defined)
        return -ENOTSUP;
    fd = ll_sys_socket(self->domain, self->socktype, self->protocol, 0);
    if (fd < 0)
        return fd;
    if (llnet_option_is_readable(self))
        status = try_get(self, fd);
    if (status == -ENOPROTOOPT && llnet_option_is_writable(self))
        status = try_set(self, fd);
    close(fd);
    /* Any other error is of a kernel that knows the option and dislikes the value
     * or the socket's state. */
    return status == -ENOPROTOOPT ? status : 0;
}
