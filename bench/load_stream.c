/* SPDX-License-Identifier: MIT */
/* load_stream.c: the two ends of a relay: the first connection to it is where it reads, the
 * second where it writes. One process each, since each waits. */
#include "load.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PIECE = 262144 };

static char piece[PIECE];

static void feed(int fd, unsigned long long bytes) {
    while (bytes > 0) {
        size_t len = bytes < sizeof piece ? (size_t)bytes : sizeof piece;
        ssize_t n = send(fd, piece, len, MSG_NOSIGNAL);

        if (n < 0)
            load_fail("send");
        bytes -= (unsigned long long)n;
    }
    shutdown(fd, SHUT_WR);
}

static void drain(int fd, unsigned long long bytes) {
    unsigned long long came = 0;
    ssize_t n;

    while (came < bytes && (n = recv(fd, piece, sizeof piece, 0)) != 0) {
        if (n < 0)
            load_fail("recv");
        came += (unsigned long long)n;
    }
    if (came != bytes) {
        errno = EPROTO;
        load_fail("too little came through the relay");
    }
}

void load_relay(const char *address, unsigned long long bytes) {
    int source = load_connect(address, 0), sink = load_connect(address, 0);
    long long start;
    pid_t child;

    load_ready();
    start = load_now();
    child = fork();
    if (child < 0)
        load_fail("fork");
    if (child == 0) {
        feed(source, bytes);
        _exit(0);
    }
    drain(sink, bytes);
    printf("%lld\n", load_now() - start);
    waitpid(child, NULL, 0);
    close(source);
    close(sink);
}
