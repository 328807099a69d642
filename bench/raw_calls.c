/* SPDX-License-Identifier: MIT */
/* raw_calls.c: the yardstick for the cost of a call: the system calls alone, on a pair of Unix
 * sockets. For each line "MODE COUNT" it does that many, and answers; bench/peer/..._calls.lua are
 * the same through libraries. */
#include "config.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

enum { SIZE = 64 };

static int pair[2];
static char message[SIZE], room[SIZE];

/* What a program has of a descriptor that it keeps in memory. */
static volatile int kept;

static long descriptor(long count) {
    long sum = 0;

    for (long i = 0; i < count; i++)
        sum += kept;
    return sum / kept;
}

static long would_block(long count) {
    long done = 0;

    for (long i = 0; i < count; i++)
        done += recv(pair[0], room, sizeof room, 0) < 0;
    return done;
}

static long transfer(long count) {
    long done = 0;

    for (long i = 0; i < count; i++)
        if (send(pair[0], message, sizeof message, MSG_NOSIGNAL) == SIZE)
            done += recv(pair[1], room, sizeof room, 0) == SIZE;
    return done;
}

int main(void) {
    enum { MODES = 3 };
    static const struct {
        const char *name;
        long (*run)(long count);
    } modes[MODES] = {{"fileno", descriptor}, {"block", would_block}, {"transfer", transfer}};
    char name[16];
    long count;

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair) < 0)
        return 1;
    kept = pair[0];
    while (scanf("%15s %ld", name, &count) == 2) {
        size_t i = 0;

        while (i < MODES && strcmp(name, modes[i].name) != 0)
            i++;
        if (i < MODES)
            printf("%ld %ld\n", count, modes[i].run(count));
        else
            puts("unsupported");
        fflush(stdout);
    }
    return 0;
}
