/* SPDX-License-Identifier: MIT */
/* llnet/base.h: what every other header stands on: the export mark, the
 * result types, the version and the clock. */
#ifndef LLNET_BASE_H
#define LLNET_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Marks what the shared library exports. */
#ifndef LLNET_API
#ifdef __GNUC__
#define LLNET_API __attribute__((visibility("default")))
#else
#define LLNET_API
#endif
#endif

#define LLNET_VERSION_MAJOR 0
#define LLNET_VERSION_MINOR 1
#define LLNET_VERSION_PATCH 0

#ifdef __cplusplus
extern "C" {
#endif

/* The result of a call that either works or fails: 0, or a negative error
 * code: -errno for what the system reported, or one of the codes of
 * llnet/error.h. errno itself carries no result of this library. */
typedef int llnet_status;

/* The result of a call that returns a number: the number, which is >= 0, or
 * a negative error code as in llnet_status. */
typedef ptrdiff_t llnet_count;

/* The version of the library that runs, as text: "0.1.0". The macros above
 * are the version of the header that a program was compiled with. */
LLNET_API const char *llnet_version(void);

/* The version of the library that runs, as one number to compare:
 * major * 10000 + minor * 100 + patch. */
LLNET_API int llnet_version_number(void);

/* The time of a clock that never jumps, in nanoseconds since some moment in the
 * past: clock_gettime(2) CLOCK_MONOTONIC. For deadlines and durations; differences
 * have a meaning, the number itself has none. */
LLNET_API int64_t llnet_clock_now(void);

#ifdef __cplusplus
}
#endif
#endif
