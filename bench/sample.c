/* SPDX-License-Identifier: MIT */
/* sample.c: where a process spends its CPU time, in user space or in the kernel: make bench.
 *
 *   sample PID
 *
 * For each line of its input it prints how many samples were taken in user space and how many in
 * the kernel since it was started: one each fifth of a millisecond of CPU time, by the kernel's
 * CPU clock (perf_event_open(2)), at each of which nothing else is done. The user and system
 * time of proc_pid_stat(5) come from the timer's interrupts: 50 times fewer.
 * It prints "ready", or why not: that is not allowed everywhere. */
#include "config.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { PERIOD = 199999 /* ns: no multiple of anything's period */, RING = 1 << 17 /* bytes: 3 s */ };

static void fail(const char *what) {
    printf("%s: %s\n", what, strerror(errno));
    exit(1);
}

static struct perf_event_mmap_page *watch(pid_t process, size_t page) {
    struct perf_event_attr attr = {.type = PERF_TYPE_SOFTWARE, .size = sizeof attr};
    void *memory;
    int fd;

    attr.config = PERF_COUNT_SW_CPU_CLOCK;
    attr.sample_period = PERIOD;
    fd = (int)syscall(SYS_perf_event_open, &attr, process, -1, -1, PERF_FLAG_FD_CLOEXEC);
    if (fd < 0)
        fail("perf_event_open");
    memory = mmap(NULL, page + RING, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (memory == MAP_FAILED)
        fail("mmap");
    return memory;
}

int main(int argc, char **argv) {
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    unsigned long user = 0, kernel = 0;
    struct perf_event_mmap_page *control;
    const char *ring;
    uint64_t taken = 0;
    char line[16];

    if (argc != 2) {
        fputs("sample PID: see sample.c\n", stderr);
        return 2;
    }
    control = watch((pid_t)strtol(argv[1], NULL, 10), page);
    ring = (const char *)control + page;
    puts("ready");
    fflush(stdout);
    while (fgets(line, sizeof line, stdin) != NULL) {
        uint64_t head = __atomic_load_n(&control->data_head, __ATOMIC_ACQUIRE);

        while (taken < head) {
            struct perf_event_header record;

            /* records are multiples of 8 bytes, as is this: it is never cut at the ring's end */
            memcpy(&record, ring + taken % RING, sizeof record);
            if (record.type == PERF_RECORD_SAMPLE) {
                bool in_user = (record.misc & PERF_RECORD_MISC_CPUMODE_MASK) == PERF_RECORD_MISC_USER;

                *(in_user ? &user : &kernel) += 1;
            }
            taken += record.size;
        }
        __atomic_store_n(&control->data_tail, taken, __ATOMIC_RELEASE);
        printf("%lu %lu\n", user, kernel);
        fflush(stdout);
    }
    return 0;
}
