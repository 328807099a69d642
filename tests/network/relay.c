/* SPDX-License-Identifier: MIT */
/* relay.c: a bad network between two network namespaces: joins a TAP of this one with one of
 * another's, and loses, delays, duplicates and reorders frames, by a seed.
 *
 *   relay PID SEED LOSS DUPLICATION REORDERING DELAY JITTER [MUTE]
 *
 * PID's namespace gets the other TAP; both are called "relay". LOSS, DUPLICATION and REORDERING are
 * frames of a thousand, DELAY and JITTER microseconds. What goes to the IPv4 address MUTE never
 * comes there. Says "ready"; then answers each line of its standard input with its counts, and ends
 * with it. */
#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

enum { FRAME_MAX = 2048, QUEUE_MAX = 4096 };

typedef struct frame {
    int64_t due; /* nanoseconds */
    int to;      /* which side */
    size_t len;
    unsigned char bytes[FRAME_MAX];
} frame;

/* Of the frames that came from a side: all, and those of UDP. */
typedef struct counts {
    unsigned long frames, lost, duplicated, overtaking, overflowed;
    unsigned long udp, udp_lost, udp_duplicated;
} counts;

typedef struct relay {
    int taps[2];
    counts of[2];
    int64_t last_due[2];     /* of the frames to a side: what doesn't overtake comes after */
    frame *queue[QUEUE_MAX]; /* a heap, by due */
    size_t queued;
    uint64_t random;
    unsigned loss, duplication, reordering;
    int64_t delay, jitter;
    uint32_t mute; /* in the network's order; 0: nobody */
} relay;

static void fail(const char *what) {
    fprintf(stderr, "relay: %s: %s\n", what, strerror(errno));
    exit(1);
}

static int64_t now_ns(void) {
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* xorshift64*, its upper half: below n */
static uint64_t below(relay *self, uint64_t n) {
    self->random ^= self->random >> 12;
    self->random ^= self->random << 25;
    self->random ^= self->random >> 27;
    return ((self->random * UINT64_C(2685821657736338717)) >> 32) % n;
}

static bool happens(relay *self, unsigned permille) {
    return below(self, 1000) < permille;
}

/* ---- the queue ------------------------------------------------------------------ */

static void swap(frame **a, frame **b) {
    frame *kept = *a;

    *a = *b;
    *b = kept;
}

static void push(relay *self, frame *added) {
    size_t i = self->queued++;

    self->queue[i] = added;
    for (; i > 0 && self->queue[i]->due < self->queue[(i - 1) / 2]->due; i = (i - 1) / 2)
        swap(&self->queue[i], &self->queue[(i - 1) / 2]);
}

static frame *pop(relay *self) {
    frame *first = self->queue[0];
    size_t i = 0, child;

    self->queue[0] = self->queue[--self->queued];
    while ((child = 2 * i + 1) < self->queued) {
        if (child + 1 < self->queued && self->queue[child + 1]->due < self->queue[child]->due)
            child++;
        if (self->queue[i]->due <= self->queue[child]->due)
            break;
        swap(&self->queue[i], &self->queue[child]);
        i = child;
    }
    return first;
}

/* ---- frames --------------------------------------------------------------------- */

/* Offsets in an Ethernet frame that carries IPv4. */
enum { ETHER_TYPE = 12, IP_FRAGMENT = 20, IP_PROTOCOL = 23, IP_TO = 30, IP_END = 34 };

static bool is_ipv4(const frame *one) {
    return one->len >= IP_END && one->bytes[ETHER_TYPE] == 8 && one->bytes[ETHER_TYPE + 1] == 0;
}

static bool is_udp(const frame *one) {
    return is_ipv4(one) && one->bytes[IP_PROTOCOL] == 17;
}

static void enqueue(relay *self, const frame *model) {
    counts *of = &self->of[!model->to];
    frame *one = self->queued < QUEUE_MAX ? (frame *)malloc(sizeof *one) : NULL;

    if (one == NULL) {
        of->overflowed++;
        return;
    }
    memcpy(one, model, sizeof *one);
    one->due = now_ns() + self->delay + (int64_t)below(self, (uint64_t)self->jitter + 1);
    if (happens(self, self->reordering)) {
        of->overtaking++;
        one->due -= self->delay;
    } else {
        if (one->due < self->last_due[one->to])
            one->due = self->last_due[one->to];
        self->last_due[one->to] = one->due;
    }
    push(self, one);
}

static void receive(relay *self, int from) {
    frame one = {0, !from, 0, {0}};
    counts *of = &self->of[from];
    uint32_t address;
    ssize_t n = read(self->taps[from], one.bytes, sizeof one.bytes);
    bool lost, duplicated;

    if (n <= 0)
        return;
    one.len = (size_t)n;
    lost = happens(self, self->loss);
    if (is_ipv4(&one)) {
        memcpy(&address, one.bytes + IP_TO, sizeof address);
        lost = lost || (self->mute != 0 && address == self->mute);
    }
    duplicated = !lost && happens(self, self->duplication);
    of->frames++;
    of->lost += lost;
    of->duplicated += duplicated;
    if (is_udp(&one)) {
        of->udp++;
        of->udp_lost += lost;
        of->udp_duplicated += duplicated;
    }
    if (!lost)
        enqueue(self, &one);
    if (duplicated)
        enqueue(self, &one);
}

static void send_due(relay *self) {
    frame *one;

    while (self->queued > 0 && self->queue[0]->due <= now_ns()) {
        one = pop(self);
        if (write(self->taps[one->to], one->bytes, one->len) < 0)
            self->of[!one->to].overflowed++;
        free(one);
    }
}

/* ---- namespaces, the loop --------------------------------------------------------- */

static int open_tap(void) {
    struct ifreq request;
    int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);

    memset(&request, 0, sizeof request);
    request.ifr_flags = IFF_TAP | IFF_NO_PI;
    strcpy(request.ifr_name, "relay");
    if (fd < 0 || ioctl(fd, TUNSETIFF, &request) < 0)
        fail("/dev/net/tun");
    return fd;
}

static void enter(const char *pid) {
    char path[64];
    int fd;

    snprintf(path, sizeof path, "/proc/%s/ns/net", pid);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || setns(fd, CLONE_NEWNET) < 0)
        fail(path);
    close(fd);
}

static void report(const relay *self) {
    int side;

    for (side = 0; side < 2; side++) {
        const counts *of = &self->of[side];

        printf("%lu %lu %lu %lu %lu %lu %lu %lu ", of->frames, of->lost, of->duplicated, of->overtaking,
               of->overflowed, of->udp, of->udp_lost, of->udp_duplicated);
    }
    printf("%zu\n", self->queued);
    fflush(stdout);
}

/* False at the end of standard input. */
static bool turn(relay *self) {
    struct pollfd watched[] = {{self->taps[0], POLLIN, 0}, {self->taps[1], POLLIN, 0}, {STDIN_FILENO, POLLIN, 0}};
    struct timespec wait = {1, 0};
    int64_t left;
    char line[64];
    int i;

    if (self->queued > 0) {
        left = self->queue[0]->due - now_ns();
        wait.tv_sec = 0;
        wait.tv_nsec = left < 0 ? 0 : left > 999999999 ? 999999999 : (long)left;
    }
    if (ppoll(watched, 3, &wait, NULL) < 0 && errno != EINTR)
        fail("ppoll");
    for (i = 0; i < 2; i++)
        if (watched[i].revents != 0)
            receive(self, i);
    send_due(self);
    if (watched[2].revents == 0)
        return true;
    if (read(STDIN_FILENO, line, sizeof line) <= 0)
        return false;
    report(self);
    return true;
}

int main(int argc, char **argv) {
    static relay self;

    if (argc < 8 || argc > 9) {
        fprintf(stderr, "usage: relay PID SEED LOSS DUPLICATION REORDERING DELAY JITTER [MUTE]\n");
        return 2;
    }
    self.random = strtoull(argv[2], NULL, 10) * 2 + 1;
    self.loss = (unsigned)strtoul(argv[3], NULL, 10);
    self.duplication = (unsigned)strtoul(argv[4], NULL, 10);
    self.reordering = (unsigned)strtoul(argv[5], NULL, 10);
    self.delay = strtol(argv[6], NULL, 10) * 1000;
    self.jitter = strtol(argv[7], NULL, 10) * 1000;
    if (argc == 9 && inet_pton(AF_INET, argv[8], &self.mute) != 1)
        return 2;
    self.taps[0] = open_tap();
    enter(argv[1]);
    self.taps[1] = open_tap();
    puts("ready");
    fflush(stdout);
    while (turn(&self))
        ;
    return 0;
}
