/* SPDX-License-Identifier: MIT */
/* fuzz_tuning.c: the kernel's files about its limits, any bytes: all are read and judged for
 * any load, and what is told holds together. tuning.c is compiled in, and opens the
 * input instead of files: its parts, divided by bytes of 255, in the order in which they are
 * asked for; first 17 bytes of the load. */
#include "fuzz.h"
#include "tuning.h"

#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <sys/resource.h>
#include <unistd.h>

/* ---- what stands in for the system's files ------------------------------------------------ */

enum { DIVIDER = 255, NOT_THERE = '!' };

static struct input files, opened; /* all that are left, and the one that is open */

static int open_part(const char *path, int flags) {
    const uint8_t *end;

    must(path[0] == '/' && (flags & O_ACCMODE) == O_RDONLY);
    end = files.size > 0 ? memchr(files.data, DIVIDER, files.size) : NULL;
    opened.size = take_bytes(&files, end != NULL ? (size_t)(end - files.data) : files.size, &opened.data);
    take_byte(&files);
    if (opened.size > 0 && opened.data[0] == NOT_THERE) {
        errno = opened.size == 1 ? ENOENT : EACCES;
        return -1;
    }
    return 3;
}

/* In pieces of 7 bytes at most. */
static ssize_t read_part(int fd, void *data, size_t len) {
    const uint8_t *bytes;

    must(fd == 3);
    len = take_bytes(&opened, len < 7 ? len : 7, &bytes);
    if (len > 0)
        memcpy(data, bytes, len);
    return (ssize_t)len;
}

static int close_part(int fd) {
    must(fd == 3);
    return 0;
}

#define open  open_part
#define read  read_part
#define close close_part
#include "tuning.c"

/* ---- what must hold ------------------------------------------------------------------------- */

static void check_limit(const llnet_limits *limits, size_t i) {
    llnet_status status = llnet_limits_get_status(limits, i);
    const char *text = llnet_limits_get_text(limits, i);
    int64_t number;
    int verdict;

    must(status <= 0 && (status == 0) == (text != NULL));
    must(text == NULL || strpbrk(text, "\t\n\r") == NULL);
    must(llnet_limits_get_name(limits, i) != NULL && llnet_limits_get_place(limits, i) != NULL);
    must(llnet_limits_find(limits, llnet_limits_get_name(limits, i)) == (llnet_count)i);
    must(llnet_limits_get_number(limits, i, LL_LIMIT_NUMBERS, &number) == -ENOENT);
    must(llnet_limits_get_verdict(limits, i, &verdict) == 0);
    must(status == 0 || verdict == LLNET_VERDICT_ABSENT);
    must(llnet_limits_get_reason(limits, i) != NULL);
    must(verdict == LLNET_VERDICT_SHORT || llnet_limits_get_setting(limits, i) == NULL);
}

static int64_t take_int64(struct input *input) {
    uint64_t low = take_number(input, 4), high = take_number(input, 4);

    return (int64_t)(high << 32 | low);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char *const roles[] = {"server", "client", "both"};
    struct input input = {data, size};
    const char *role = roles[take_byte(&input) % 3];
    int64_t connections = take_int64(&input), rate = take_int64(&input);
    llnet_limits *limits;
    llnet_status status;
    size_t i, shortfalls = 0;
    int verdict;

    files = input;
    must(ll_limits_read(&limits, "") == 0);
    must(llnet_limits_get_ports(limits) >= -ENOENT);
    status = llnet_limits_judge(limits, role, connections, rate, rate);
    must(status == (connections < 0 || rate < 0 ? -EINVAL : 0));
    for (i = 0; status == 0 && i < llnet_limits_get_count(limits); i++) {
        check_limit(limits, i);
        llnet_limits_get_verdict(limits, i, &verdict);
        shortfalls += verdict == LLNET_VERDICT_SHORT;
    }
    must(shortfalls == llnet_limits_get_shortfalls(limits));
    llnet_limits_free(limits);
    return 0;
}
