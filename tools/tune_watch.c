/* SPDX-License-Identifier: MIT */
/* tune_watch.c: each second what overflowed, was dropped or sent again in it, and what is
 * in use: the kernel's counters of this network namespace, and its TCP sockets. */
#include "tune.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* ---- the kernel's counters ----------------------------------------------------------------------- */

enum { COUNTERS = 6, FILE_ROOM = 65536 };

static const struct {
    const char *title, *path, *group, *name;
} counters[COUNTERS] = {
    {"overflow", "/proc/self/net/netstat", "TcpExt:", "ListenOverflows"},
    {"drop", "/proc/self/net/netstat", "TcpExt:", "ListenDrops"},
    {"cookie", "/proc/self/net/netstat", "TcpExt:", "SyncookiesSent"},
    {"retrans", "/proc/self/net/snmp", "Tcp:", "RetransSegs"},
    {"rcvbuf", "/proc/self/net/snmp", "Udp:", "RcvbufErrors"},
    {"tw-full", "/proc/self/net/netstat", "TcpExt:", "TCPTimeWaitOverflow"},
};

/* What one look finds. */
struct look {
    int64_t time; /* in milliseconds */
    uint64_t values[COUNTERS];
    bool known[COUNTERS];
    int64_t time_wait, orphans;
};

static bool read_file(const char *path, char *text, size_t size) {
    FILE *file = fopen(path, "re");
    size_t len;

    if (file == NULL) {
        tune_complain("%s: %s", path, strerror(errno));
        return false;
    }
    len = fread(text, 1, size - 1, file);
    text[len] = '\0';
    fclose(file);
    return true;
}

/* Two lines begin with the group: one has the names, the next the values. */
static bool find_counter(const char *text, const char *group, const char *name, uint64_t *value) {
    const char *names = text, *values, *next;
    size_t group_len = strlen(group), name_len = strlen(name), len;

    for (; names != NULL; names = strchr(names, '\n'), names = names == NULL ? NULL : names + 1)
        if (strncmp(names, group, group_len) == 0)
            break;
    values = names == NULL ? NULL : strchr(names, '\n');
    if (values == NULL || strncmp(++values, group, group_len) != 0)
        return false;
    names += group_len;
    values += group_len;
    while (*names == ' ' && *values == ' ') {
        names++;
        values++;
        len = strcspn(names, " \n");
        next = values + strcspn(values, " \n");
        if (len == name_len && memcmp(names, name, len) == 0) {
            *value = strtoull(values, NULL, 10);
            return true;
        }
        names += len;
        values = next;
    }
    return false;
}

static int64_t find_number(const char *text, const char *line, const char *word) {
    const char *place = strstr(text, line);
    const char *end = place == NULL ? NULL : strchr(place, '\n');

    place = place == NULL ? NULL : strstr(place, word);
    return place == NULL || (end != NULL && place > end) ? -1 : strtoll(place + strlen(word), NULL, 10);
}

static bool take_look(struct look *look) {
    static char text[FILE_ROOM];
    const char *path = "";
    size_t i;

    memset(look, 0, sizeof *look);
    look->time = llnet_clock_now() / 1000000;
    for (i = 0; i < COUNTERS; i++) {
        if (strcmp(path, counters[i].path) != 0) {
            path = counters[i].path;
            if (!read_file(path, text, sizeof text))
                return false;
        }
        look->known[i] = find_counter(text, counters[i].group, counters[i].name, &look->values[i]);
    }
    if (!read_file("/proc/self/net/sockstat", text, sizeof text))
        return false;
    look->time_wait = find_number(text, "TCP:", " tw ");
    look->orphans = find_number(text, "TCP:", " orphan ");
    return true;
}

/* ---- ports ----------------------------------------------------------------------------------------- */

/* The connections whose port here is of the range, by where they lead. */
struct way {
    llnet_addr local, remote; /* local without its port */
};

struct ports {
    int64_t first, last, room;
    struct way *ways;
    size_t count, size;
    bool no_memory;
};

static void add_connection(void *context, const struct tune_socket *socket) {
    struct ports *ports = context;
    llnet_count port = llnet_addr_get_port(&socket->local);
    size_t size = ports->size == 0 ? 1024 : ports->size * 2;
    void *grown;

    if (port < ports->first || port > ports->last)
        return;
    if (ports->count == ports->size) {
        grown = ports->no_memory ? NULL : realloc(ports->ways, size * sizeof *ports->ways);
        if (grown == NULL) {
            ports->no_memory = true;
            return;
        }
        ports->ways = grown;
        ports->size = size;
    }
    ports->ways[ports->count].local = socket->local;
    ports->ways[ports->count].remote = socket->remote;
    llnet_addr_set_port(&ports->ways[ports->count++].local, 0);
}

static int compare_ways(const void *a, const void *b) {
    const struct way *one = a, *two = b;
    int order = llnet_addr_compare(&one->remote, &two->remote);

    return order != 0 ? order : llnet_addr_compare(&one->local, &two->local);
}

/* The way that most connections share, and how many. */
static size_t find_busiest(struct ports *ports, llnet_addr *remote) {
    size_t i, run = 0, most = 0;

    if (ports->count > 0)
        qsort(ports->ways, ports->count, sizeof *ports->ways, compare_ways);
    for (i = 0; i < ports->count; i++) {
        run = i > 0 && compare_ways(&ports->ways[i - 1], &ports->ways[i]) == 0 ? run + 1 : 1;
        if (run > most) {
            most = run;
            *remote = ports->ways[i].remote;
        }
    }
    return most;
}

/* The range may change while it is watched. */
static bool read_range(struct ports *ports) {
    llnet_limits *limits;
    llnet_count range;
    bool found;

    if (llnet_limits_new(&limits) < 0)
        return false;
    range = llnet_limits_find(limits, "net.ipv4.ip_local_port_range");
    found = range >= 0 && llnet_limits_get_number(limits, (size_t)range, 0, &ports->first) == 0 &&
            llnet_limits_get_number(limits, (size_t)range, 1, &ports->last) == 0;
    ports->room = llnet_limits_get_ports(limits);
    llnet_limits_free(limits);
    return found;
}

static void put_ports(void) {
    struct ports ports = {.ways = NULL};
    char text[LLNET_ADDR_TEXT_MAX];
    llnet_addr remote;
    size_t most;

    llnet_addr_init(&remote);
    if (!read_range(&ports) || tune_each_connection(add_connection, &ports) < 0 || ports.no_memory) {
        printf("  %s", "?");
    } else {
        most = find_busiest(&ports, &remote);
        printf("  %zu/%" PRId64, most, ports.room);
        if (most > 0 && llnet_addr_format(&remote, text, sizeof text) > 0)
            printf(" to %s", text);
        if ((int64_t)most >= ports.room)
            fputs(tune_has_colours() ? " \033[1;31mexhausted\033[0m" : " exhausted", stdout);
    }
    free(ports.ways);
}

/* ---- each second ------------------------------------------------------------------------------------- */

static volatile sig_atomic_t interrupted;

static void interrupt(int number) {
    (void)number;
    interrupted = 1;
}

static void put_titles(void) {
    for (size_t i = 0; i < COUNTERS; i++)
        printf("%7s/s ", counters[i].title);
    printf("%9s %8s  %s\n", "TIME-WAIT", "orphans", "ports");
}

static void put_number(int64_t value, int width) {
    if (value < 0)
        printf("%*s ", width, "-");
    else
        printf("%*" PRId64 " ", width, value);
}

static void put_line(const struct look *before, const struct look *now) {
    int64_t elapsed = now->time - before->time;
    uint64_t change;

    for (size_t i = 0; i < COUNTERS; i++) {
        change = now->values[i] - before->values[i];
        if (!now->known[i] || !before->known[i])
            printf("%9s ", "-");
        else if (elapsed <= 0)
            printf("%9" PRIu64 " ", change);
        else
            printf("%9.0f ", (double)change * 1000 / (double)elapsed);
    }
    put_number(now->time_wait, 9);
    put_number(now->orphans, 8);
    put_ports();
    putchar('\n');
    fflush(stdout);
}

/* What came in all: rates are rounded, this is not. */
static void put_total(const struct look *first, const struct look *last) {
    for (size_t i = 0; i < COUNTERS; i++) {
        if (first->known[i] && last->known[i])
            printf("%9" PRIu64 " ", last->values[i] - first->values[i]);
        else
            printf("%9s ", "-");
    }
    printf("in all, in %" PRId64 " s\n", (last->time - first->time + 500) / 1000);
}

/* Until this time, in milliseconds; a signal ends it. */
static void wait_for_second(int64_t second) {
    int64_t left = second - llnet_clock_now() / 1000000;
    struct timespec pause;

    if (left <= 0 || interrupted)
        return;
    pause.tv_sec = (time_t)(left / 1000);
    pause.tv_nsec = (long)(left % 1000 * 1000000);
    nanosleep(&pause, NULL);
}

int tune_watch(int64_t count) {
    const int lines_of_a_page = 20;
    struct sigaction action;
    struct look first, before, now;
    int64_t line;

    memset(&action, 0, sizeof action);
    action.sa_handler = interrupt;
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    if (!take_look(&first))
        return TUNE_FAILED;
    before = now = first;
    for (line = 0; (count == 0 || line < count) && !interrupted && ferror(stdout) == 0; line++) {
        if (line % lines_of_a_page == 0) {
            put_titles();
            fflush(stdout);
        }
        wait_for_second(first.time + (line + 1) * 1000);
        if (!take_look(&now))
            return TUNE_FAILED;
        put_line(&before, &now);
        before = now;
    }
    put_total(&first, &now);
    return TUNE_READY;
}
