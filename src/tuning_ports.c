/* SPDX-License-Identifier: MIT */
/* tuning_ports.c: what a load needs of the ports that connecting takes, and of the limits of
 * TIME-WAIT, which holds them after a connection has ended. */
#include "tuning_rule.h"

#include <stdlib.h>
#include <string.h>

enum {
    PORT_FIRST = 1024, /* those below are not given out (ports of privileged services) */
    PORT_LAST = 65535
};

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
        from = ll_larger(from, first);
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
    return ll_number_of(limits, "net.ipv4.tcp_tw_reuse", 0, 0) == 1 ? 1 : TIME_WAIT_SECONDS;
}

static int64_t ports_needed(const struct ll_load *load, int64_t seconds) {
    return ll_plus(load->connections, ll_times(load->rate, seconds));
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
        ll_want_text(limit, text);
    } else {
        limit->verdict = LLNET_VERDICT_SHORT;
        SAY(limit->remedy, "more addresses, of this machine or the destination, or connections that are kept open");
    }
    SAY(limit->wanted, NUMBER " ports", needed);
}

void ll_judge_reserved_ports(const llnet_limits *limits, struct ll_limit *limit, const struct ll_load *load) {
    int64_t first = ll_number_of(limits, "net.ipv4.ip_local_port_range", 0, PORT_FIRST);
    int64_t last = ll_number_of(limits, "net.ipv4.ip_local_port_range", 1, PORT_LAST);

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
        ll_want_switch(limit, 1);
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
        ll_want_switch(limit, 0);
        REASON("it drops connections of clients behind address translation, without a word");
    }
}

void ll_judge_tw_buckets(const llnet_limits *limits, struct ll_limit *limit, const struct ll_load *load) {
    int64_t wanted = ll_times(load->rate, TIME_WAIT_SECONDS);

    (void)limits;
    if (wanted == 0) {
        REASON("%s", limit->kind->meaning);
        return;
    }
    ll_want_number(limit, wanted > INT32_MAX ? INT32_MAX : wanted);
    REASON(NUMBER "/s that end here first stay %d s in TIME-WAIT; further ones lose its protection", load->rate,
           TIME_WAIT_SECONDS);
}
