/* SPDX-License-Identifier: MIT */
/* load.c: the load of make bench, the same for every server: a fixed number of requests, so
 * that all do equal work. Closed loop: a connection sends its next request when the answer to
 * its last one is whole. load_sockets.c opens the connections, load_stream.c feeds a relay.
 *
 *   load keep   ADDRESS CONNECTIONS COUNT http|SIZE   requests on open connections
 *   load close  ADDRESS CONNECTIONS COUNT http|0      a connection for each
 *   load idle   ADDRESS CONNECTIONS                   open, until standard input ends
 *   load relay  ADDRESS BYTES                         through a relay
 *
 * ADDRESS is a port of 127.0.0.1 or the path of a Unix socket. When all is open and warm it
 * prints "ready", waits for a line, does its work, prints the nanoseconds that it took, and
 * closes when its input ends. */
#include "load.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { EVENTS = 256, ROOM = 65536, REQUEST_MAX = 4096 };

static const char HTTP_REQUEST[] =
    "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: llnet-bench\r\nAccept: */*\r\n\r\n";

static char request[REQUEST_MAX], room[ROOM];
static size_t request_len, answer_len;

struct connection {
    int fd;
    size_t got; /* of the answer */
};

static struct connection *connections;
static long connection_count, to_send, to_finish;
static const char *address;

void load_fail(const char *what) {
    fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void load_error(const char *what) {
    fprintf(stderr, "load: %s\n", what);
    exit(1);
}

static void send_request(struct connection *self) {
    self->got = 0;
    if (request_len > 0 && send(self->fd, request, request_len, MSG_NOSIGNAL) != (ssize_t)request_len)
        load_fail("send");
}

/* ---- open connections ------------------------------------------------------------------ */

/* How long an answer is whose first len bytes are in the room; 0: not known yet. */
static size_t http_answer_len(size_t len) {
    const char *end, *length;

    room[len] = 0;
    end = strstr(room, "\r\n\r\n");
    length = strstr(room, "Content-Length: ");
    if (end == NULL)
        return 0;
    if (strncmp(room, "HTTP/1.1 200 ", 13) != 0 || length == NULL || length > end)
        load_error("not an answer to be measured");
    return (size_t)(end - room) + 4 + strtoul(length + 16, NULL, 10);
}

/* Takes the answer to a request on a blocking connection. The first says how long all are. */
static void take_answer(const struct connection *self) {
    size_t len = 0;

    while (answer_len == 0 || len < answer_len) {
        ssize_t n = recv(self->fd, room + len, sizeof room - 1 - len, 0);

        if (n <= 0)
            load_fail("no answer");
        len += (size_t)n;
        if (answer_len == 0)
            answer_len = http_answer_len(len);
    }
    if (len != answer_len)
        load_error("an answer of another length");
}

static void watch(int poller, struct connection *self) {
    struct epoll_event event = {.events = EPOLLIN, .data = {.ptr = self}};

    if (epoll_ctl(poller, EPOLL_CTL_ADD, self->fd, &event) < 0)
        load_fail("epoll_ctl");
}

static void on_kept(struct connection *self) {
    ssize_t n = recv(self->fd, room, sizeof room, 0);

    if (n <= 0)
        load_fail("the server closed");
    self->got += (size_t)n;
    if (self->got < answer_len)
        return;
    if (self->got > answer_len)
        load_error("an answer of another length");
    to_finish--;
    if (to_send > 0) {
        to_send--;
        send_request(self);
    }
}

/* ---- a connection for each ---------------------------------------------------------------- */

static void begin(int poller, struct connection *self) {
    self->fd = load_connect(address, 0);
    send_request(self);
    watch(poller, self);
}

static int poller;

static void on_single(struct connection *self) {
    ssize_t n = recv(self->fd, room, sizeof room, 0);

    if (n > 0) {
        self->got += (size_t)n;
        return;
    }
    /* a server that closes without reading all resets: what has come counts */
    if (n < 0 && errno != ECONNRESET)
        load_fail("recv");
    if (self->got != answer_len)
        load_error("an answer of another length");
    load_disconnect(self->fd);
    to_finish--;
    if (to_send > 0) {
        to_send--;
        begin(poller, self);
    }
}

/* The length of an answer up to the connection's end. */
static void probe_single(void) {
    struct connection one = {load_connect(address, 0), 0};
    ssize_t n;

    send_request(&one);
    while ((n = recv(one.fd, room, sizeof room, 0)) > 0)
        answer_len += (size_t)n;
    load_disconnect(one.fd);
    if ((answer_len == 0) != (request_len == 0))
        load_error("no answer");
}

/* ---- the run ------------------------------------------------------------------------------- */

long long load_now(void) {
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000000LL + now.tv_nsec;
}

void load_ready(void) {
    puts("ready");
    fflush(stdout);
    if (fgets(room, sizeof room, stdin) == NULL)
        exit(1);
}

static void wait_for_end(void) {
    int byte;

    do
        byte = getchar();
    while (byte != EOF);
}

/* Waits without sleeping where it has a processor to itself. Else whether a server's send has to
 * wake this process, which costs the sender a microsecond, would depend on which of the two is
 * the slower one: a server that is slower would pay more for the same work. */
static void loop(void (*on_event)(struct connection *)) {
    int patience = getenv("LOAD_SPINS") != NULL ? 0 : -1;
    struct epoll_event events[EVENTS];

    while (to_finish > 0) {
        int n = epoll_wait(poller, events, EVENTS, patience);

        if (n < 0 && errno != EINTR)
            load_fail("epoll_wait");
        for (int i = 0; i < n; i++)
            on_event(events[i].data.ptr);
    }
}

/* Opens all connections, each with a request that has been answered. */
static void open_all(void) {
    long i;

    for (i = 0; i < connection_count; i++) {
        connections[i].fd = load_connect(address, i);
        send_request(&connections[i]);
    }
    for (i = 0; i < connection_count; i++) {
        take_answer(&connections[i]);
        watch(poller, &connections[i]);
    }
}

static void run(bool kept, long count) {
    long long start;
    long i;

    poller = epoll_create1(EPOLL_CLOEXEC);
    if (kept)
        open_all();
    else
        probe_single();
    load_ready();
    start = load_now();
    to_send = to_finish = count;
    for (i = 0; i < connection_count && to_send > 0; i++, to_send--)
        if (kept)
            send_request(&connections[i]);
        else
            begin(poller, &connections[i]);
    loop(kept ? on_kept : on_single);
    printf("%lld\n", load_now() - start);
    fflush(stdout);
    wait_for_end(); /* what closing costs the server is not measured */
    for (i = 0; kept && i < connection_count; i++)
        load_disconnect(connections[i].fd);
}

static void hold(void) {
    for (long i = 0; i < connection_count; i++)
        connections[i].fd = load_connect(address, i);
    puts("ready");
    fflush(stdout);
    wait_for_end();
    for (long i = 0; i < connection_count; i++)
        load_disconnect(connections[i].fd);
}

static void set_request(const char *what) {
    if (strcmp(what, "http") == 0) {
        request_len = sizeof HTTP_REQUEST - 1;
        memcpy(request, HTTP_REQUEST, request_len);
        return;
    }
    request_len = answer_len = strtoul(what, NULL, 10);
    if (request_len > sizeof request)
        load_error("too large a request");
    memset(request, 'x', request_len);
}

int main(int argc, char **argv) {
    const char *mode = argc > 3 ? argv[1] : "";
    bool kept = strcmp(mode, "keep") == 0;

    if (argc > 3) {
        address = argv[2];
        connection_count = strtol(argv[3], NULL, 10);
    }
    if (strcmp(mode, "relay") == 0) {
        load_relay(address, strtoull(argv[3], NULL, 10));
        return 0;
    }
    connections = calloc((size_t)connection_count + 1, sizeof *connections);
    if (connections == NULL)
        load_fail("memory");
    if (strcmp(mode, "idle") == 0) {
        hold();
    } else if ((kept || strcmp(mode, "close") == 0) && argc > 5) {
        set_request(argv[5]);
        run(kept, strtol(argv[4], NULL, 10));
    } else {
        fputs("load keep|close|idle|relay ...: see load.c\n", stderr);
        return 2;
    }
    free(connections);
    return 0;
}
