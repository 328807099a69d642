/* SPDX-License-Identifier: MIT */
/* llnet/tuning.h: the limits of this machine that a loaded server or client meets, and
 * whether they are enough for a load.
 *
 * A list of limits is a snapshot: what they were when it was made, in this network
 * namespace and for this process. Limits count from 0, in an order that does not change
 * within a version of the library; past the end names and texts are NULL, statuses
 * LLNET_EBOUNDS. The limits are Linux', but for RLIMIT_NOFILE; elsewhere the others are
 * absent. */
#ifndef LLNET_TUNING_H
#define LLNET_TUNING_H

#include <llnet/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What llnet_limits_judge makes of a limit. */
enum {
    LLNET_VERDICT_NONE = 0,  /* nothing in this load depends on its value */
    LLNET_VERDICT_OK = 1,    /* enough */
    LLNET_VERDICT_SHORT = 2, /* the load needs another value */
    LLNET_VERDICT_ABSENT = 3 /* this kernel, or this namespace, does not have it, or it cannot be read */
};

typedef struct llnet_limits llnet_limits;

/* Reads all limits: files under /proc and /sys, getrlimit(2). A limit that cannot be read
 * is absent, which is no error: llnet_limits_get_status. ENOMEM; on error *out is NULL. */
LLNET_API llnet_status llnet_limits_new(llnet_limits **out);

/* Frees it; NULL is allowed. */
LLNET_API void llnet_limits_free(llnet_limits *self);

/* ---- the limits ------------------------------------------------------------------- */

/* How many there are. */
LLNET_API size_t llnet_limits_get_count(const llnet_limits *self);

/* The index of the limit of this name. ENOENT. */
LLNET_API llnet_count llnet_limits_find(const llnet_limits *self, const char *name);

/* Its name, as sysctl(8) has it: "net.core.somaxconn"; or "RLIMIT_NOFILE soft",
 * "RLIMIT_NOFILE hard", "memory.max" (of the process's cgroup, or the first above it that
 * has a limit). */
LLNET_API const char *llnet_limits_get_name(const llnet_limits *self, size_t index);

/* What it limits, in one line. */
LLNET_API const char *llnet_limits_get_meaning(const llnet_limits *self, size_t index);

/* What its numbers count: "connections", "bytes", "pages", "seconds", "ports", "files",
 * "packets", "entries", "switch", or "name" for a text. */
LLNET_API const char *llnet_limits_get_unit(const llnet_limits *self, size_t index);

/* Where it is read and set: the path of a file, or "setrlimit(2)". */
LLNET_API const char *llnet_limits_get_place(const llnet_limits *self, size_t index);

/* Whether each network namespace has its own. */
LLNET_API bool llnet_limits_is_per_netns(const llnet_limits *self, size_t index);

/* Whether it was read: 0. ENOENT: the kernel does not have it, or it belongs to the first
 * network namespace; EACCES; EBADMSG: the file has something else than was expected. */
LLNET_API llnet_status llnet_limits_get_status(const llnet_limits *self, size_t index);

/* Its present value as the system writes it, without the end of line; NULL where it is
 * absent. It lives as long as the list. */
LLNET_API const char *llnet_limits_get_text(const llnet_limits *self, size_t index);

/* One of its present numbers: most have one, which is number 0; tcp_mem, udp_mem, tcp_rmem
 * and tcp_wmem have three, ip_local_port_range two. No limit at all is INT64_MAX. ENOENT: it
 * has no such number, or is absent. */
LLNET_API llnet_status llnet_limits_get_number(const llnet_limits *self, size_t index, size_t number,
                                               int64_t *value);

/* How many ports connecting sockets can get, the reserved ones left out: so many
 * connections are possible from one address to one destination. ENOENT: the range is
 * absent. */
LLNET_API llnet_count llnet_limits_get_ports(const llnet_limits *self);

/* ---- the verdicts ------------------------------------------------------------------ */

/* Judges all limits for a load: at most so many connections at once, so many new ones and
 * so many datagrams in each second, for a process that is the "server", the "client" or
 * "both". May be called again for another load. What each limit must have, and why, is in
 * llnet_tuning(3). EINVAL: no such role, or a negative number. */
LLNET_API llnet_status llnet_limits_judge(llnet_limits *self, const char *role, int64_t connections,
                                          int64_t connections_per_second, int64_t datagrams_per_second);

/* How many limits fall short of the load. */
LLNET_API size_t llnet_limits_get_shortfalls(const llnet_limits *self);

/* One of LLNET_VERDICT_NONE, OK, SHORT and ABSENT. */
LLNET_API llnet_status llnet_limits_get_verdict(const llnet_limits *self, size_t index, int *value);

/* The value that the load needs at least; NULL where it needs none. It lives until the next
 * judgement, as do the following. */
LLNET_API const char *llnet_limits_get_wanted(const llnet_limits *self, size_t index);

/* Why, in one line; NULL before the first judgement. */
LLNET_API const char *llnet_limits_get_reason(const llnet_limits *self, size_t index);

/* Of a limit that falls short: the value to be written to its place; NULL where that is no
 * file, or no value is enough. */
LLNET_API const char *llnet_limits_get_setting(const llnet_limits *self, size_t index);

/* Of a limit that falls short: what to do, as a command where one does it. */
LLNET_API const char *llnet_limits_get_remedy(const llnet_limits *self, size_t index);

#ifdef __cplusplus
}
#endif
#endif
