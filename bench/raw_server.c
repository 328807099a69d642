/* SPDX-License-Identifier: MIT */
/* raw_server.c: the yardstick of make bench: a server on the system calls themselves, epoll and
 * one thread, without llnet. Servers of every library (bench/peer) do the same, and can do the
 * same: a request may come in pieces or several at once; a peer that does not read is dropped.
 *
 *   raw_server http|close|echo|accept ADDRESS      ADDRESS: a port of 127.0.0.1, or a path
 *
 * http: each head up to its empty line is answered; close: and the connection ends; echo: each
 * 64 bytes go back; accept: a connection ends at once. Prints its port when it listens. */
#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { EVENTS = 1024, ROOM = 8192, ECHO = 64, BACKLOG = 4096, DESCRIPTORS = 65536 };

static const char ANSWER[] =
    "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 18\r\n\r\nHello from bench!\n";

/* What has come of a request that is not whole; NULL where there is none. */
struct rest {
    size_t len;
    char data[ROOM];
};

static struct rest *rests[DESCRIPTORS];
static char room[2 * ROOM];
static int poller, listener;

static void fail(const char *what) {
    fprintf(stderr, "raw_server: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void end(int fd) {
    free(rests[fd]);
    rests[fd] = NULL;
    close(fd);
}

/* Receives behind what is left of before. The length of both in the room; 0: it is over. */
static size_t receive(int fd) {
    size_t before = rests[fd] == NULL ? 0 : rests[fd]->len;
    ssize_t n = recv(fd, room + before, ROOM, 0);

    if (n <= 0) {
        if (n == 0 || (errno != EAGAIN && errno != EINTR))
            end(fd);
        return 0;
    }
    if (before > 0) {
        memcpy(room, rests[fd]->data, before);
        free(rests[fd]);
        rests[fd] = NULL;
    }
    return before + (size_t)n;
}

static void keep_rest(int fd, const char *data, size_t len) {
    if (len == 0)
        return;
    rests[fd] = len > ROOM ? NULL : malloc(sizeof **rests);
    if (rests[fd] == NULL) {
        end(fd);
        return;
    }
    rests[fd]->len = len;
    memcpy(rests[fd]->data, data, len);
}

static bool send_whole(int fd, const char *data, size_t len) {
    if (send(fd, data, len, MSG_NOSIGNAL) == (ssize_t)len)
        return true;
    end(fd);
    return false;
}

static void on_http(int fd) {
    size_t len = receive(fd), at = 0;
    char *found;

    while (len > at && (found = memmem(room + at, len - at, "\r\n\r\n", 4)) != NULL) {
        at = (size_t)(found - room) + 4;
        if (!send_whole(fd, ANSWER, sizeof ANSWER - 1))
            return;
    }
    keep_rest(fd, room + at, len - at);
}

static void on_close(int fd) {
    size_t len = receive(fd);

    if (len == 0)
        return;
    if (memmem(room, len, "\r\n\r\n", 4) == NULL)
        keep_rest(fd, room, len);
    else if (send_whole(fd, ANSWER, sizeof ANSWER - 1))
        end(fd);
}

static void on_echo(int fd) {
    size_t len = receive(fd), whole = len - len % ECHO;

    if (whole == 0 || send_whole(fd, room, whole))
        keep_rest(fd, room + whole, len - whole);
}

static void on_listener(bool at_once) {
    for (;;) {
        int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        struct epoll_event event = {.events = EPOLLIN, .data = {.fd = fd}};

        if (fd < 0) {
            if (errno == ECONNABORTED)
                continue;
            if (errno == EAGAIN || errno == EINTR)
                return;
            fail("accept");
        }
        if (at_once || fd >= DESCRIPTORS)
            close(fd);
        else if (epoll_ctl(poller, EPOLL_CTL_ADD, fd, &event) < 0)
            fail("epoll_ctl");
    }
}

static void listen_unix(const char *path) {
    struct sockaddr_un addr = {.sun_family = AF_UNIX};

    strncpy(addr.sun_path, path, sizeof addr.sun_path - 1);
    listener = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (bind(listener, (struct sockaddr *)&addr, sizeof addr) < 0 || listen(listener, BACKLOG) < 0)
        fail(path);
    puts(path);
}

static void listen_port(unsigned port) {
    struct sockaddr_in addr = {.sin_family = AF_INET};
    socklen_t len = sizeof addr;
    int on = 1;

    addr.sin_port = htons((uint16_t)port);
    addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    setsockopt(listener, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
    setsockopt(listener, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on); /* accepted ones inherit it */
    if (bind(listener, (struct sockaddr *)&addr, len) < 0 || listen(listener, BACKLOG) < 0 ||
        getsockname(listener, (struct sockaddr *)&addr, &len) < 0)
        fail("listen");
    printf("%d\n", ntohs(addr.sin_port));
}

static void serve(void (*on_event)(int fd)) {
    struct epoll_event events[EVENTS], event = {.events = EPOLLIN, .data = {.fd = listener}};

    poller = epoll_create1(EPOLL_CLOEXEC);
    if (poller < 0 || epoll_ctl(poller, EPOLL_CTL_ADD, listener, &event) < 0)
        fail("epoll");
    for (;;) {
        int n = epoll_wait(poller, events, EVENTS, -1);

        for (int i = 0; i < n; i++)
            if (events[i].data.fd == listener)
                on_listener(on_event == NULL);
            else if (on_event != NULL)
                on_event(events[i].data.fd);
    }
}

int main(int argc, char **argv) {
    static const struct {
        const char *name;
        void (*on_event)(int fd); /* NULL: none is kept */
    } modes[] = {{"http", on_http}, {"close", on_close}, {"echo", on_echo}, {"accept", NULL}};

    if (argc > 2) {
        if (argv[2][0] == '/')
            listen_unix(argv[2]);
        else
            listen_port((unsigned)strtoul(argv[2], NULL, 10));
        fflush(stdout);
        for (size_t i = 0; i < sizeof modes / sizeof *modes; i++)
            if (strcmp(argv[1], modes[i].name) == 0)
                serve(modes[i].on_event);
    }
    fputs("raw_server http|close|echo|accept ADDRESS\n", stderr);
    return 2;
}
