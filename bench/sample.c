/* SPDX-License-Identifier: MIT */
/* sample.c: where processes spend their CPU time, in user space or in the kernel: make bench.
 *
 *   sample PID ...
 *
 * For each line of its input it prints how many samples were taken in user space and how many in
 * the kernel since it was started: one each fifth of a millisecond of CPU time, by the kernel's
 * CPU clock (perf_event_open(2)), at each of which nothing else is done. The user and system
 * time of proc_pid_stat(5) come from the timer's interrupts: 50 times fewer.
 * It prints "ready", or why not: that is not allowed everywhere. */
#include "config.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { PROCESSES = 8, PERIOD = 199999 /* ns: no multiple of anything's period */, RING = 1 << 20 };

struct ring {
    struct perf_event_mmap_page *control; /* and a page behind it the records */
    uint64_t taken;
};

static struct ring rings[PROCESSES];
static size_t ring_count;
static unsigned long user, kernel;

static void fail(const char *what) {
    printf("%s: %s\n", what, strerror(errno));
    exit(1);
}

static void watch(pid_t process, struct ring *ring) {
    struct perf_event_attr attr = {.type = PERF_TYPE_SOFTWARE, .size = sizeof attr};
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    int fd;

    attr.config = PERF_COUNT_SW_CPU_CLOCK;
    attr.sample_period = PERIOD;
    fd = (int)syscall(SYS_perf_event_open, &attr, process, -1, -1, PERF_FLAG_FD_CLOEXEC);
    if (fd < 0)
        fail("perf_event_open");
    ring->control = mmap(NULL, page + RING, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (ring->control == MAP_FAILED)
        fail("mmap");
}

static void count(struct ring *ring) {
    const char *records = (const char *)ring->control + sysconf(_SC_PAGESIZE);
    uint64_t head = __atomic_load_n(&ring->control->data_head, __ATOMIC_ACQUIRE);

    while (ring->taken < head) {
        struct perf_event_header record;

        /* records are multiples of 8 bytes, as is this: it is never cut at the ring's end */
        memcpy(&record, records + ring->taken % RING, sizeof record);
        if (record.type == PERF_RECORD_SAMPLE) {
            if ((record.misc & PERF_RECORD_MISC_CPUMODE_MASK) == PERF_RECORD_MISC_USER)
                user++;
            else
                kernel++;
        }
        ring->taken += record.size;
    }
    __atomic_store_n(&ring->control->data_tail, ring->taken, __ATOMIC_RELEASE);
}

int main(int argc, char **argv) {
    char line[16];

    if (argc < 2 || argc > PROCESSES + 1) {
        fputs("sample PID ...: see sample.c\n", stderr);
        return 2;
    }
    while (ring_count < (size_t)argc - 1) {
        watch((pid_t)strtol(argv[ring_count + 1], NULL, 10), &rings[ring_count]);
        ring_count++;
    }
    puts("ready");
    fflush(stdout);
    while (fgets(line, sizeof line, stdin) != NULL) {
        for (size_t i = 0; i < ring_count; i++)
            count(&rings[i]);
        printf("%lu %lu\n", user, kernel);
        fflush(stdout);
    }
    return 0;
}
