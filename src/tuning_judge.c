/* SPDX-License-Identifier: MIT */
/* tuning_judge.c: what a load needs of each limit, but for ports (tuning_ports.c). A rule fills
 * the limit's verdict, the value that is wanted, and why; what it rests on is in
 * llnet_tuning(3). */
#include "tuning_rule.h"

#include <string.h>
#include <unistd.h>

enum {
    FILES_BESIDE = 64,         /* listeners, logs, libraries, pipes of a process */
    PACKETS_OF_CONNECTION = 8, /* of a short one, in one direction */
    DATAGRAM_BYTES = 2304,     /* what a datagram of up to 1500 bytes counts in a buffer, at most */
    CONNECTION_BYTES = 4096    /* of the kernel for a connection that is idle, without data */
};

/* ---- servers ---------------------------------------------------------------------------- */

void ll_judge_none(const llnet_limits *limits, struct ll_limit *limit, const struct ll_load *load) {
    (void)limits;
    (void)load;
    REASON("%s", limit->kind->meaning);
}

void ll_judge_somaxconn(const llnet_limits *limits, struct ll_limit *limit, const struct ll_load *load) {
    (void)limits;
    if (!load->server || load->rate == 0) {
        REASON("listen() is cut to this without a word");
        return;
    }
    /* the kernel keeps an int */
    ll_want_number(limit, load->rate > INT32_MAX ? INT32_MAX : load->rate);
    REASON("listen() is cut to this without a word: a server that pauses for a second meets " NUMBER
           " new connections",
           load->rate);
}

void ll_judge_syn_backlog(const llnet_limits *limits, struct ll_limit *limit, const struct ll_load *load) {
    int64_t cookies = ll_number_of(limits, "net.ipv4.tcp_syncookies", 0, 1), wanted;

    if (!load->server || load->rate == 0) {
        REASON("%s", limit->kind->meaning);
    } else if (cookies != 0) {
        limit->verdict = LLNET_VERDICT_OK;
        REASON("SYN cookies are on: they take over where handshakes pile up");
    } else {
        wanted = ll_divided(ll_times(load->rate, 4), 3);
        ll_want_number(limit, wanted > INT32_MAX ? INT32_MAX : wanted);
        REASON("SYN cookies are off, and the last quarter is kept for known peers: handshakes of a second");
    }
}

void ll_judge_syncookies(const llnet_limits *limits, struct ll_limit *limit, const struct ll_load *load) {
    (void)limits;
    if (!load->server) {
        REASON("%s", limit->kind->meaning);
    } else if (limit->numbers[0] == 1) {
        limit->verdict = LLNET_VERDICT_OK;
        SAY(limit->wanted, "1");
        REASON("a flood of handshakes does not shut the listeners");
    } else {
        ll_want_switch(limit, 1);
        REASON(limit->numbers[0] == 0 ? "a flood of handshakes shuts the listeners"
                                      : "2 sends cookies always, which is for tests: options get lost");
    }
}

void ll_judge_abort_on_overflow(const llnet_limits *limits, struct ll_limit *limit, const struct ll_load *load) {
    (void)limits;
    if (!load->server) {
        REASON("%s", limit->kind->meaning);
    } else if (limit->numbers[0] == 0) {
        limit->verdict = LLNET_VERDICT_OK;
        SAY(limit->wanted, "0");
        REASON("a burst is waited out: clients of a full listener try again");
    } else {
        ll_want_switch(limit, 0);
        REASON("clients of a full listener are reset instead of trying again");
    }
}

void ll_judge_orphans(const llnet_limits *limits, struct ll_limit *limit, const struct ll_load *load) {
    (void)limits;
    if (!load->server || load->rate == 0) {
        REASON("%s", limit->kind->meaning);
        return;
    }
    ll_want_number(limit, load->rate > INT32_MAX ? INT32_MAX : load->rate);
    REASON("closed connections wait for their last bytes to be acknowledged: those of a second");
}

void ll_judge_fin_timeout(const llnet_limits *limits, struct ll_limit *limit, const struct ll_load *load) {
    (void)limits;
    (void)load;
    REASON("FIN-WAIT-2 alone: it does not shorten TIME-WAIT, which is always %d s", TIME_WAIT_SECONDS);
}

void ll_judge_packets(const llnet_limits *limits, struct ll_limit *limit, const struct ll_load *load) {
    int64_t packets = ll_plus(load->datagrams, ll_times(load->rate, PACKETS_OF_CONNECTION));

    (void)limits;
    if (packets == 0) {
        REASON("%s", limit->kind->meaning);
        return;
    }
    packets = ll_divided(packets, 100);
    ll_want_number(limit, packets > INT32_MAX ? INT32_MAX : packets);
    REASON(
        "packets of a hundredth of a second, which the processor may be away; /proc/net/softnet_stat counts drops");
}

/* ---- memory ---------------------------------------------------------------------------------- */

/* Three numbers of pages, of which the last must be at least this; the others grow with it,
 * about as the kernel has them: 1/2 and 3/4 of it. */
static void want_pages(struct ll_limit *limit, int64_t wanted) {
    char text[96];

    if (limit->numbers[2] >= wanted) {
        limit->verdict = LLNET_VERDICT_OK;
    } else {
        SAY(text, NUMBER " " NUMBER " " NUMBER, ll_larger(limit->numbers[0], wanted / 2),
            ll_larger(limit->numbers[1], wanted - wanted / 4), wanted);
        ll_want_text(limit, text);
    }
    SAY(limit->wanted, "at most " NUMBER, wanted);
}

void ll_judge_tcp_memory(const llnet_limits *limits, struct ll_limit *limit, const struct ll_load *load) {
    (void)limits;
    if (load->connections == 0) {
        REASON("%s", limit->kind->meaning);
        return;
    }
    want_pages(limit, ll_times(load->connections, 2));
    REASON(NUMBER " connections with one page to send and one received", load->connections);
}

void ll_judge_tcp_buffer(const llnet_limits *limits, struct ll_limit *limit, const struct ll_load *load) {
    (void)limits;
    REASON("%s; all " NUMBER " connections: " NUMBER " MiB at first", limit->kind->meaning, load->connections,
           ll_times(load->connections, limit->numbers[1]) >> 20);
}

void ll_judge_udp_memory(const llnet_limits *limits, struct ll_limit *limit, const struct ll_load *load) {
    long page = sysconf(_SC_PAGESIZE);

    (void)limits;
    if (load->datagrams == 0) {
        REASON("%s", limit->kind->meaning);
        return;
    }
    want_pages(limit,
               ll_divided(ll_times(ll_divided(load->datagrams, 10), DATAGRAM_BYTES), page > 0 ? page : 4096));
    REASON("datagrams of a tenth of a second, each counted as up to %d bytes", DATAGRAM_BYTES);
}

void ll_judge_receive_buffer(const llnet_limits *limits, struct ll_limit *limit, const struct ll_load *load) {
    int64_t wanted = ll_times(ll_divided(load->datagrams, 10), DATAGRAM_BYTES / 2);

    (void)limits;
    if (wanted == 0) {
        REASON("%s; TCP's grow by tcp_rmem instead", limit->kind->meaning);
        return;
    }
    ll_want_number(limit, wanted > INT32_MAX / 2 ? INT32_MAX / 2 : wanted);
    REASON("datagrams of a tenth of a second in one socket, each counted as up to %d bytes of twice this; "
           "ask for it by SO_RCVBUF",
           DATAGRAM_BYTES);
}

void ll_judge_memory(const llnet_limits *limits, struct ll_limit *limit, const struct ll_load *load) {
    long page = sysconf(_SC_PAGESIZE);
    int64_t each = CONNECTION_BYTES + 2 * (int64_t)(page > 0 ? page : 4096);
    int64_t wanted = ll_times(load->connections, each), limited = limit->numbers[0];

    if (limits->memory > 0 && limits->memory < limited)
        limited = limits->memory;
    SAY(limit->wanted, NUMBER, wanted);
    REASON(NUMBER " connections with " NUMBER " KiB of the kernel's memory each, beside what the program takes",
           load->connections, each / 1024);
    if (limited >= wanted) {
        limit->verdict = LLNET_VERDICT_OK;
        return;
    }
    limit->verdict = LLNET_VERDICT_SHORT;
    if (limited == limit->numbers[0])
        SAY(limit->remedy, "more for the cgroup: MemoryMax= of the service, --memory of the container");
    else
        SAY(limit->remedy, "the machine has " NUMBER " bytes: more memory, or fewer connections", limited);
}

/* ---- connection tracking ----------------------------------------------------------------------- */

void ll_judge_tracked(const llnet_limits *limits, struct ll_limit *limit, const struct ll_load *load) {
    int64_t wanted = ll_plus(load->connections, ll_times(load->rate, limits->tracked_seconds));

    if (limits->tracked == 0) { /* the module is there, but no rule of the firewall asks for it */
        REASON("nothing is tracked now, though the module is loaded");
        return;
    }
    ll_want_number(limit, wanted > INT32_MAX ? INT32_MAX : wanted);
    REASON("entries stay " NUMBER " s after a connection's end; " NUMBER " are in use; a full table drops packets",
           limits->tracked_seconds, limits->tracked);
}

void ll_judge_tracked_buckets(const llnet_limits *limits, struct ll_limit *limit, const struct ll_load *load) {
    int64_t most = ll_number_of(limits, "net.netfilter.nf_conntrack_max", 0, 0);

    (void)load;
    if (limit->numbers[0] > 0)
        REASON("up to " NUMBER " entries of nf_conntrack_max share a bucket", ll_divided(most, limit->numbers[0]));
    else
        REASON("%s", limit->kind->meaning);
}

/* ---- files --------------------------------------------------------------------------------------- */

void ll_judge_nr_open(const llnet_limits *limits, struct ll_limit *limit, const struct ll_load *load) {
    (void)limits;
    ll_want_number(limit, ll_plus(load->connections, FILES_BESIDE));
    REASON("RLIMIT_NOFILE cannot be set higher: a file for each connection, and %d", FILES_BESIDE);
}

void ll_judge_file_max(const llnet_limits *limits, struct ll_limit *limit, const struct ll_load *load) {
    ll_want_number(limit, ll_plus(ll_plus(load->connections, FILES_BESIDE), limits->files_open));
    REASON("a file for each connection, beside the " NUMBER " that the system has open", limits->files_open);
}

void ll_judge_files(const llnet_limits *limits, struct ll_limit *limit, const struct ll_load *load) {
    int64_t wanted = ll_plus(load->connections, FILES_BESIDE);

    (void)limits;
    ll_want_number(limit, wanted);
    REASON("a file for each connection, and %d; without one accept and connect fail with EMFILE", FILES_BESIDE);
    if (limit->verdict != LLNET_VERDICT_SHORT)
        return;
    limit->setting[0] = '\0'; /* no file */
    if (strstr(limit->kind->name, "soft") != NULL)
        SAY(limit->remedy, "ulimit -n " NUMBER " before the program starts; LimitNOFILE=" NUMBER " of a service",
            wanted, wanted);
    else
        SAY(limit->remedy, "root's ulimit -Hn " NUMBER ", or limits.conf(5); LimitNOFILE=" NUMBER " of a service",
            wanted, wanted);
}

/* ---- all of them ----------------------------------------------------------------------------------- */

/* A load for this role; false: there is no such. */
static bool set_role(struct ll_load *load, const char *role) {
    load->server = strcmp(role, "server") == 0 || strcmp(role, "both") == 0;
    load->client = strcmp(role, "client") == 0 || strcmp(role, "both") == 0;
    return load->server || load->client;
}

static void judge_absent(struct ll_limit *limit) {
    limit->verdict = LLNET_VERDICT_ABSENT;
    if (limit->status != -ENOENT)
        REASON("it cannot be read: %s", llnet_error_text(limit->status));
    else if (limit->kind->judge == ll_judge_tw_recycle)
        REASON("gone since Linux 4.12, as it should be: never set it");
    else if (strncmp(limit->kind->name, "net.netfilter.", 14) == 0)
        REASON("connections are not tracked here");
    else if (!limit->kind->per_netns)
        REASON("not to be seen here: the whole machine has one, in its first network namespace");
    else
        REASON("this kernel does not have it");
}

llnet_status llnet_limits_judge(llnet_limits *self, const char *role, int64_t connections,
                                int64_t connections_per_second, int64_t datagrams_per_second) {
    struct ll_load load = {
        .connections = connections, .rate = connections_per_second, .datagrams = datagrams_per_second};

    if (!set_role(&load, role) || connections < 0 || connections_per_second < 0 || datagrams_per_second < 0)
        return -EINVAL;
    self->shortfalls = 0;
    for (size_t i = 0; i < self->count; i++) {
        struct ll_limit *limit = &self->items[i];

        limit->verdict = LLNET_VERDICT_NONE;
        limit->wanted[0] = limit->reason[0] = limit->setting[0] = limit->remedy[0] = '\0';
        if (limit->status < 0)
            judge_absent(limit);
        else
            limit->kind->judge(self, limit, &load);
        self->shortfalls += limit->verdict == LLNET_VERDICT_SHORT;
    }
    return 0;
}
