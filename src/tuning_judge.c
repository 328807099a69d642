/* SPDX-License-Identifier: MIT */
/* tuning_judge.c: what a load needs of each limit. A rule fills the limit's verdict, the
 * value that is wanted, and why; what it rests on is in llnet_tuning(3). */
#include "tuning.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    TIME_WAIT_SECONDS = 60, /* TCP_TIMEWAIT_LEN of the kernel, which nothing changes */
    PORT_FIRST = 1024,      /* those below are not given out (ports of privileged services) */
    PORT_LAST = 65535,
    FILES_BESIDE = 64,         /* listeners, logs, libraries, pipes of a process */
    PACKETS_OF_CONNECTION = 8, /* of a short one, in one direction */
    DATAGRAM_BYTES = 2304,     /* what a datagram of up to 1500 bytes counts in a buffer, at most */
    CONNECTION_BYTES = 4096    /* of the kernel for a connection that is idle, without data */
};

/* ---- numbers ------------------------------------------------------------------------- */

/* Loads may be absurd, and so may a file's number, which alone may be negative: what does not
 * fit is the largest number, or the least. */
static int64_t times(int64_t a, int64_t b) {
    if (a == 0)
        return 0;
    return b > INT64_MAX / a ? INT64_MAX : b < INT64_MIN / a ? INT64_MIN : a * b;
}

static int64_t plus(int64_t a, int64_t b) {
    return b > INT64_MAX - a ? INT64_MAX : a + b;
}

static int64_t larger(int64_t a, int64_t b) {
    return a > b ? a : b;
}

static int64_t divided(int64_t a, int64_t b) { /* rounded up */
    return a / b + (a % b != 0);
}

static int64_t number_of(const llnet_limits *limits, const char *name, size_t number, int64_t otherwise) {
    const struct ll_limit *limit = ll_limits_get(limits, name);

    return limit->status < 0 ? otherwise : limit->numbers[number];
}

/* ---- what is said --------------------------------------------------------------------- */

__attribute__((format(printf, 3, 4))) static void say(char *line, size_t size, const char *format, ...) {
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(line, size, format, arguments);
    va_end(arguments);
}

#define SAY(line, ...) say((line), sizeof(line), __VA_ARGS__)
#define REASON(...)    SAY(limit->reason, __VA_ARGS__)
#define NUMBER         "%" PRId64

/* A limit that must have this value: the remedy is to write it. */
static void want_text(struct ll_limit *limit, const char *wanted) {
    limit->verdict = LLNET_VERDICT_SHORT;
    SAY(limit->wanted, "%s", wanted);
    SAY(limit->setting, "%s", wanted);
    if (strchr(wanted, ' ') != NULL)
        SAY(limit->remedy, "sysctl -w %s='%s'", limit->kind->name, wanted);
    else
        SAY(limit->remedy, "sysctl -w %s=%s", limit->kind->name, wanted);
}

/* A limit whose one number must be at least this. */
static void want_number(struct ll_limit *limit, int64_t wanted) {
    char text[32];

    SAY(text, NUMBER, wanted);
    if (limit->numbers[0] < wanted) {
        want_text(limit, text);
    } else {
        limit->verdict = LLNET_VERDICT_OK;
        SAY(limit->wanted, "%s", text);
    }
}

/* A switch that must have this value, which it has not. */
static void want_switch(struct ll_limit *limit, int64_t wanted) {
    char text[32];

    SAY(text, NUMBER, wanted);
    want_text(limit, text);
}

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
    want_number(limit, load->rate > INT32_MAX ? INT32_MAX : load->rate);
    REASON("listen() is cut to this without a word: a server that pauses for a second meets " NUMBER
           " new connections",
           load->rate);
}

void ll_judge_syn_backlog(const llnet_limits *limits, struct ll_limit *limit, const struct ll_load *load) {
    int64_t cookies = number_of(limits, "net.ipv4.tcp_syncookies", 0, 1), wanted;

    if (!load->server || load->rate == 0) {
        REASON("%s", limit->kind->meaning);
    } else if (cookies != 0) {
        limit->verdict = LLNET_VERDICT_OK;
        REASON("SYN cookies are on: they take over where handshakes pile up");
    } else {
        wanted = divided(times(load->rate, 4), 3);
        want_number(limit, wanted > INT32_MAX ? INT32_MAX : wanted);
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
        want_switch(limit, 1);
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
        want_switch(limit, 0);
        REASON("clients of a full listener are reset instead of trying again");
    }
}

void ll_judge_orphans(const llnet_limits *limits, struct ll_limit *limit, const struct ll_load *load) {
    (void)limits;
    if (!load->server || load->rate == 0) {
        REASON("%s", limit->kind->meaning);
        return;
    }
    want_number(limit, load->rate > INT32_MAX ? INT32_MAX : load->rate);
    REASON("closed connections wait for their last bytes to be acknowledged: those of a second");
}

void ll_judge_fin_timeout(const llnet_limits *limits, struct ll_limit *limit, const struct ll_load *load) {
    (void)limits;
    (void)load;
    REASON("FIN-WAIT-2 alone: it does not shorten TIME-WAIT, which is always %d s", TIME_WAIT_SECONDS);
}

void ll_judge_packets(const llnet_limits *limits, struct ll_limit *limit, const struct ll_load *load) {
    int64_t packets = plus(load->datagrams, times(load->rate, PACKETS_OF_CONNECTION));

    (void)limits;
    if (packets == 0) {
        REASON("%s", limit->kind->meaning);
        return;
    }
    packets = divided(packets, 100);
    want_number(limit, packets > INT32_MAX ? INT32_MAX : packets);
    REASON(
        "packets of a hundredth of a second, which the processor may be away; /proc/net/softnet_stat counts drops");
}

/* ---- ports and TIME-WAIT ------------------------------------------------------------------ */

/* How many ports of a range are reserved; the text is "1,5-7,...". */
static int64_t count_reserved(const char *text, int64_t first, int64_t last) {
    int64_t from, to, count = 0;
    char *end;

    for (; text != NULL && *text != '\0'; text = end + (*end == ',')) {
        from = to = strtoll(text, &end, 10);
        if (end == text)
            break;
        if (*end == '-')
            to = strtoll(end + 1, &end, 10);
        from = larger(from, first);
        to = to < last ? to : last;
        if (to >= from)
            count += to - from + 1;
    }
    return count;
}

/* The port that there is next to a number. */
static int64_t port(int64_t number) {
    return number < 0 ? 0 : number > PORT_LAST ? PORT_LAST : number;
}

static int64_t reserved_in(const llnet_limits *limits, int64_t first, int64_t last) {
    return count_reserved(ll_limits_get(limits, "net.ipv4.ip_local_reserved_ports")->text, port(first), port(last));
}

/* For how many seconds a port is held after its connection ended. */
static int64_t held_seconds(const llnet_limits *limits) {
    return number_of(limits, "net.ipv4.tcp_tw_reuse", 0, 0) == 1 ? 1 : TIME_WAIT_SECONDS;
}

static int64_t ports_needed(const struct ll_load *load, int64_t seconds) {
    return plus(load->connections, times(load->rate, seconds));
}

llnet_count llnet_limits_get_ports(const llnet_limits *self) {
    const struct ll_limit *range = ll_limits_get(self, "net.ipv4.ip_local_port_range");
    int64_t first = port(range->numbers[0]), last = port(range->numbers[1]), ports;

    if (range->status < 0)
        return -ENOENT;
    ports = last - first + 1 - reserved_in(self, first, last);
    return ports < 0 ? 0 : (llnet_count)ports;
}

void ll_judge_ports(const llnet_limits *limits, struct ll_limit *limit, const struct ll_load *load) {
    int64_t first = limit->numbers[0], last = limit->numbers[1], seconds = held_seconds(limits);
    int64_t ports = llnet_limits_get_ports(limits), needed = ports_needed(load, seconds), from, missing;
    char text[64];

    if (!load->client) {
        REASON(NUMBER " ports for connections from one address to one destination", ports);
        return;
    }
    if (load->rate == 0)
        REASON(NUMBER " ports: as many connections at once from one address to one destination", ports);
    else if (ports <= load->connections)
        REASON(NUMBER " ports: the first " NUMBER " connections to one destination take them all", ports, ports);
    else if (ports < needed)
        REASON(NUMBER " ports, each held %d s after its connection: at " NUMBER
                      "/s to one destination they run out "
                      "after " NUMBER " s",
               ports, (int)seconds, load->rate, (ports - load->connections) / load->rate);
    else
        REASON(NUMBER " ports, each held %d s after its connection: " NUMBER "/s to one destination need " NUMBER,
               ports, (int)seconds, load->rate, needed);
    if (needed <= ports) {
        limit->verdict = LLNET_VERDICT_OK;
        SAY(limit->wanted, NUMBER " ports", needed);
        return;
    }
    /* the range grows downwards, to its largest at most */
    from = needed > PORT_LAST ? PORT_FIRST : PORT_LAST - needed + 1;
    while (from > PORT_FIRST) {
        missing = needed - (PORT_LAST - from + 1 - reserved_in(limits, from, PORT_LAST));
        if (missing <= 0)
            break;
        from -= missing;
    }
    from = from < PORT_FIRST ? PORT_FIRST : from < first ? from : first;
    SAY(text, NUMBER " %d", from, PORT_LAST);
    if (first > from || last < PORT_LAST) {
        want_text(limit, text);
    } else {
        limit->verdict = LLNET_VERDICT_SHORT;
        SAY(limit->remedy, "more addresses, of this machine or the destination, or connections that are kept open");
    }
    SAY(limit->wanted, NUMBER " ports", needed);
}

void ll_judge_reserved_ports(const llnet_limits *limits, struct ll_limit *limit, const struct ll_load *load) {
    int64_t first = number_of(limits, "net.ipv4.ip_local_port_range", 0, PORT_FIRST);
    int64_t last = number_of(limits, "net.ipv4.ip_local_port_range", 1, PORT_LAST);

    (void)load;
    REASON(NUMBER " ports of ip_local_port_range are not given out", reserved_in(limits, first, last));
}

void ll_judge_tw_reuse(const llnet_limits *limits, struct ll_limit *limit, const struct ll_load *load) {
    int64_t ports = PORT_LAST - PORT_FIRST + 1 - reserved_in(limits, PORT_FIRST, PORT_LAST);

    if (!load->client || load->rate == 0) {
        REASON("%s", load->client ? limit->kind->meaning : "for connecting alone: it does nothing for a server");
    } else if (ports_needed(load, TIME_WAIT_SECONDS) <= ports) {
        limit->verdict = LLNET_VERDICT_OK;
        REASON("not needed: there are ports enough for %d s of TIME-WAIT", TIME_WAIT_SECONDS);
    } else if (limit->numbers[0] == 1) {
        limit->verdict = LLNET_VERDICT_OK;
        SAY(limit->wanted, "1");
        REASON("a port can be taken again after a second, by timestamps");
    } else {
        want_switch(limit, 1);
        REASON("no range has " NUMBER " ports, as %d s of TIME-WAIT want; with 1 a port is free after a second",
               ports_needed(load, TIME_WAIT_SECONDS), TIME_WAIT_SECONDS);
    }
}

void ll_judge_tw_recycle(const llnet_limits *limits, struct ll_limit *limit, const struct ll_load *load) {
    (void)limits;
    (void)load;
    if (limit->numbers[0] == 0) {
        limit->verdict = LLNET_VERDICT_OK;
        SAY(limit->wanted, "0");
        REASON("never set it: it breaks clients behind address translation");
    } else {
        want_switch(limit, 0);
        REASON("it drops connections of clients behind address translation, without a word");
    }
}

void ll_judge_tw_buckets(const llnet_limits *limits, struct ll_limit *limit, const struct ll_load *load) {
    int64_t wanted = times(load->rate, TIME_WAIT_SECONDS);

    (void)limits;
    if (wanted == 0) {
        REASON("%s", limit->kind->meaning);
        return;
    }
    want_number(limit, wanted > INT32_MAX ? INT32_MAX : wanted);
    REASON(NUMBER "/s that end here first stay %d s in TIME-WAIT; further ones lose its protection", load->rate,
           TIME_WAIT_SECONDS);
}

/* ---- memory ---------------------------------------------------------------------------------- */

/* Three numbers of pages, of which the last must be at least this; the others grow with it,
 * about as the kernel has them: 1/2 and 3/4 of it. */
static void want_pages(struct ll_limit *limit, int64_t wanted) {
    char text[96];

    if (limit->numbers[2] >= wanted) {
        limit->verdict = LLNET_VERDICT_OK;
    } else {
        SAY(text, NUMBER " " NUMBER " " NUMBER, larger(limit->numbers[0], wanted / 2),
            larger(limit->numbers[1], wanted - wanted / 4), wanted);
        want_text(limit, text);
    }
    SAY(limit->wanted, "at most " NUMBER, wanted);
}

void ll_judge_tcp_memory(const llnet_limits *limits, struct ll_limit *limit, const struct ll_load *load) {
    (void)limits;
    if (load->connections == 0) {
        REASON("%s", limit->kind->meaning);
        return;
    }
    want_pages(limit, times(load->connections, 2));
    REASON(NUMBER " connections with one page to send and one received", load->connections);
}

void ll_judge_tcp_buffer(const llnet_limits *limits, struct ll_limit *limit, const struct ll_load *load) {
    (void)limits;
    REASON("%s; all " NUMBER " connections: " NUMBER " MiB at first", limit->kind->meaning, load->connections,
           times(load->connections, limit->numbers[1]) >> 20);
}

void ll_judge_udp_memory(const llnet_limits *limits, struct ll_limit *limit, const struct ll_load *load) {
    long page = sysconf(_SC_PAGESIZE);

    (void)limits;
    if (load->datagrams == 0) {
        REASON("%s", limit->kind->meaning);
        return;
    }
    want_pages(limit, divided(times(divided(load->datagrams, 10), DATAGRAM_BYTES), page > 0 ? page : 4096));
    REASON("datagrams of a tenth of a second, each counted as up to %d bytes", DATAGRAM_BYTES);
}

void ll_judge_receive_buffer(const llnet_limits *limits, struct ll_limit *limit, const struct ll_load *load) {
    int64_t wanted = times(divided(load->datagrams, 10), DATAGRAM_BYTES / 2);

    (void)limits;
    if (wanted == 0) {
        REASON("%s; TCP's grow by tcp_rmem instead", limit->kind->meaning);
        return;
    }
    want_number(limit, wanted > INT32_MAX / 2 ? INT32_MAX / 2 : wanted);
    REASON("datagrams of a tenth of a second in one socket, each counted as up to %d bytes of twice this; "
           "ask for it by SO_RCVBUF",
           DATAGRAM_BYTES);
}

void ll_judge_memory(const llnet_limits *limits, struct ll_limit *limit, const struct ll_load *load) {
    long page = sysconf(_SC_PAGESIZE);
    int64_t each = CONNECTION_BYTES + 2 * (int64_t)(page > 0 ? page : 4096);
    int64_t wanted = times(load->connections, each), limited = limit->numbers[0];

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
    int64_t wanted = plus(load->connections, times(load->rate, limits->tracked_seconds));

    if (limits->tracked == 0) { /* the module is there, but no rule of the firewall asks for it */
        REASON("nothing is tracked now, though the module is loaded");
        return;
    }
    want_number(limit, wanted > INT32_MAX ? INT32_MAX : wanted);
    REASON("entries stay " NUMBER " s after a connection's end; " NUMBER " are in use; a full table drops packets",
           limits->tracked_seconds, limits->tracked);
}

void ll_judge_tracked_buckets(const llnet_limits *limits, struct ll_limit *limit, const struct ll_load *load) {
    int64_t most = number_of(limits, "net.netfilter.nf_conntrack_max", 0, 0);

    (void)load;
    if (limit->numbers[0] > 0)
        REASON("up to " NUMBER " entries of nf_conntrack_max share a bucket", divided(most, limit->numbers[0]));
    else
        REASON("%s", limit->kind->meaning);
}

/* ---- files --------------------------------------------------------------------------------------- */

void ll_judge_nr_open(const llnet_limits *limits, struct ll_limit *limit, const struct ll_load *load) {
    (void)limits;
    want_number(limit, plus(load->connections, FILES_BESIDE));
    REASON("RLIMIT_NOFILE cannot be set higher: a file for each connection, and %d", FILES_BESIDE);
}

void ll_judge_file_max(const llnet_limits *limits, struct ll_limit *limit, const struct ll_load *load) {
    want_number(limit, plus(plus(load->connections, FILES_BESIDE), limits->files_open));
    REASON("a file for each connection, beside the " NUMBER " that the system has open", limits->files_open);
}

void ll_judge_files(const llnet_limits *limits, struct ll_limit *limit, const struct ll_load *load) {
    int64_t wanted = plus(load->connections, FILES_BESIDE);

    (void)limits;
    want_number(limit, wanted);
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
