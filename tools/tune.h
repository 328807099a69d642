/* SPDX-License-Identifier: MIT */
/* tune.h: what the sources of llnet-tune share: how it ends, what it was asked, and what
 * the kernel tells of sockets (tune_diag_linux.c). */
#ifndef TUNE_H
#define TUNE_H

#include "config.h" /* first: it asks the system for all it has */

#include <llnet.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* The exit statuses. */
enum { TUNE_READY = 0, TUNE_SHORT = 1, TUNE_FAILED = 2 };

/* The load to judge for. */
struct tune_load {
    const char *role;
    int64_t connections, rate, datagrams;
};

/* Says what is wrong on standard error: "llnet-tune: ...". */
void tune_complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Whether standard output takes colours: a terminal, and no NO_COLOR. */
bool tune_has_colours(void);

/* How many columns a line may have. */
size_t tune_width(void);

/* A string as JSON has it, quoted; NULL is null. Bytes that are no UTF-8 text become "?". */
void tune_put_json(const char *text);

/* ---- what llnet-tune does, each with its exit status -------------------------------------- */

int tune_table(llnet_limits *limits, const struct tune_load *load, bool all);
int tune_json(llnet_limits *limits, const struct tune_load *load);
int tune_sysctl(llnet_limits *limits, const struct tune_load *load);
int tune_apply(llnet_limits *limits, const struct tune_load *load, bool yes);
int tune_listeners(bool json);
int tune_watch(int64_t count); /* 0: until interrupted */

/* ---- what the kernel tells of its sockets (sock_diag(7)) ------------------------------------ */

struct tune_socket {
    llnet_addr local, remote;
    uint32_t inode;
    uint32_t queued, limit; /* of a listener */
    uint32_t dropped;       /* connections that a listener could not take */
    char path[256];         /* of a Unix socket; "@name" is an abstract one */
};

typedef void tune_socket_seen(void *context, const struct tune_socket *socket);

/* Calls for each TCP listener, each TCP connection in any other state, each Unix socket that
 * listens. ENOTSUP: this system has no such call. */
llnet_status tune_each_listener(tune_socket_seen *seen, void *context);
llnet_status tune_each_connection(tune_socket_seen *seen, void *context);
llnet_status tune_each_unix_listener(tune_socket_seen *seen, void *context);

/* The processes that hold these sockets, by one walk through /proc. */
struct tune_holder {
    uint32_t inode;
    int64_t process; /* 0: nobody was found */
    size_t others;   /* further processes that hold it */
    char name[32];
};

/* Fills in who holds each; they are sorted by inode afterwards. */
void tune_find_holders(struct tune_holder *holders, size_t count);

/* The holder of this socket, among sorted ones; NULL: it is not among them. */
const struct tune_holder *tune_holder_of(const struct tune_holder *holders, size_t count, uint32_t inode);

#endif
