/* SPDX-License-Identifier: MIT */
/* tuning.h: what the tuning sources share: the table of limits (tuning_list.c), how one is
 * kept and read (tuning.c), and the rules that judge it (tuning_judge.c, tuning_ports.c). */
#ifndef LL_TUNING_H
#define LL_TUNING_H

#include "internal.h"

enum { LL_LIMIT_NUMBERS = 3, LL_LIMIT_LINE = 256 };

struct ll_limit;

struct ll_load {
    bool server, client;
    int64_t connections, rate, datagrams; /* the latter two in a second */
};

typedef void ll_limit_rule(const llnet_limits *limits, struct ll_limit *limit, const struct ll_load *load);

/* A line of the table. */
struct ll_limit_kind {
    const char *name, *place, *unit;
    bool per_netns;
    size_t numbers; /* how many it must have; 0: a text */
    ll_limit_rule *judge;
    const char *meaning;
};

struct ll_limit {
    const struct ll_limit_kind *kind;
    const char *place; /* the kind's, or where it was found */
    char *found_place; /* NULL, or what place points to */
    llnet_status status;
    char *text; /* NULL: absent */
    int64_t numbers[LL_LIMIT_NUMBERS];
    int verdict;
    /* "" stands for none */
    char wanted[64], reason[LL_LIMIT_LINE], setting[64], remedy[LL_LIMIT_LINE];
};

struct llnet_limits {
    size_t count, shortfalls;
    struct ll_limit *items;
    int64_t files_open;      /* in the whole system */
    int64_t tracked;         /* connections that are tracked now */
    int64_t tracked_seconds; /* for how long after their end */
    int64_t memory;          /* of the machine, in bytes */
};

extern const struct ll_limit_kind ll_limit_kinds[];
extern const size_t ll_limit_kinds_count;

/* Where the table says so, the place is none of these files. */
extern const char ll_limit_place_rlimit[];

/* Reads all of them, with root before each path; "" is the system's. */
llnet_status ll_limits_read(llnet_limits **out, const char *root);

/* The limit of this name, which the table has. */
const struct ll_limit *ll_limits_get(const llnet_limits *self, const char *name);

/* The rules, by what they are about. */
ll_limit_rule ll_judge_none, ll_judge_somaxconn, ll_judge_syn_backlog, ll_judge_syncookies, ll_judge_tw_reuse,
    ll_judge_tw_recycle, ll_judge_fin_timeout, ll_judge_tw_buckets, ll_judge_orphans, ll_judge_abort_on_overflow,
    ll_judge_ports, ll_judge_reserved_ports, ll_judge_packets, ll_judge_receive_buffer, ll_judge_udp_memory,
    ll_judge_tcp_memory, ll_judge_tcp_buffer, ll_judge_tracked, ll_judge_tracked_buckets, ll_judge_nr_open,
    ll_judge_file_max, ll_judge_files, ll_judge_memory;

#endif
