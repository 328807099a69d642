/* SPDX-License-Identifier: MIT */
/* base.c: the version of the library that runs, and the clock. */
#include "internal.h"

#include <time.h>

const char *llnet_version(void) {
    return PACKAGE_VERSION;
}

int llnet_version_number(void) {
    return LLNET_VERSION_MAJOR * 10000 + LLNET_VERSION_MINOR * 100 + LLNET_VERSION_PATCH;
}

int64_t llnet_clock_now(void) {
    struct timespec now = {0, 0};

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}
