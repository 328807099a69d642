/* SPDX-License-Identifier: MIT */
/* raw_relay.c: the yardstick of a relay: of each two connections the first is read until its
 * end and what came is sent to the second, through memory (copy) or a pipe (splice).
 *
 *   raw_relay copy|splice PORT       prints its port when it listens */
#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PIECE = 65536 };

static char piece[PIECE];

static void fail(const char *what) {
    fprintf(stderr, "raw_relay: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void relay_copy(int source, int sink) {
    ssize_t n, sent, part;

    while ((n = recv(source, piece, sizeof piece, 0)) > 0)
        for (sent = 0; sent < n; sent += part) {
            part = send(sink, piece + sent, (size_t)(n - sent), MSG_NOSIGNAL);
            if (part < 0)
                fail("send");
        }
    if (n < 0)
        fail("recv");
}

static void relay_splice(int source, int sink) {
    int ends[2];
    ssize_t n, part;

    if (pipe2(ends, O_CLOEXEC) < 0)
        fail("pipe2");
    while ((n = splice(source, NULL, ends[1], NULL, PIECE, 0)) > 0)
        for (; n > 0; n -= part) {
            part = splice(ends[0], NULL, sink, NULL, (size_t)n, 0);
            if (part < 0)
                fail("splice");
        }
    if (n < 0)
        fail("splice");
    close(ends[0]);
    close(ends[1]);
}

static int listen_port(unsigned port) {
    struct sockaddr_in addr = {.sin_family = AF_INET};
    socklen_t len = sizeof addr;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    setsockopt(listener, IPPROTO_TCP, TCP_CONGESTION, "reno", 4); /* bbr would pace */
    addr.sin_port = htons((uint16_t)port);
    addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(listener, (struct sockaddr *)&addr, len) < 0 || listen(listener, 2) < 0 ||
        getsockname(listener, (struct sockaddr *)&addr, &len) < 0)
        fail("listen");
    printf("%d\n", ntohs(addr.sin_port));
    fflush(stdout);
    return listener;
}

int main(int argc, char **argv) {
    int by_splice = argc > 2 && strcmp(argv[1], "splice") == 0, listener;

    if (argc < 3)
        return 2;
    listener = listen_port((unsigned)strtoul(argv[2], NULL, 10));
    for (;;) {
        int source = accept4(listener, NULL, NULL, SOCK_CLOEXEC),
            sink = accept4(listener, NULL, NULL, SOCK_CLOEXEC);

        if (source < 0 || sink < 0)
            fail("accept");
        (by_splice ? relay_splice : relay_copy)(source, sink);
        close(sink);
        close(source);
    }
}
