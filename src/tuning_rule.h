/* SPDX-License-Identifier: MIT */
/* tuning_rule.h: what the rules share: numbers that may be absurd, and how a verdict is said. */
#ifndef LL_TUNING_RULE_H
#define LL_TUNING_RULE_H

#include "tuning.h"

#include <inttypes.h>

enum { TIME_WAIT_SECONDS = 60 /* TCP_TIMEWAIT_LEN of the kernel, which nothing changes */ };

/* Loads may be absurd, and so may a file's number, which alone may be negative: what does not
 * fit is the largest number, or the least. */
int64_t ll_times(int64_t a, int64_t b);
int64_t ll_plus(int64_t a, int64_t b);
int64_t ll_larger(int64_t a, int64_t b);

/* Rounded up. */
int64_t ll_divided(int64_t a, int64_t b);

/* A number of the limit of this name; otherwise where it is absent. */
int64_t ll_number_of(const llnet_limits *limits, const char *name, size_t number, int64_t otherwise);

/* A line of a limit, cut where it is too long. */
__attribute__((format(printf, 3, 4))) void ll_say(char *line, size_t size, const char *format, ...);

#define SAY(line, ...) ll_say((line), sizeof(line), __VA_ARGS__)
#define REASON(...)    SAY(limit->reason, __VA_ARGS__)
#define NUMBER         "%" PRId64

/* A limit that must have this value: the remedy is to write it. */
void ll_want_text(struct ll_limit *limit, const char *wanted);

/* A limit whose one number must be at least this. */
void ll_want_number(struct ll_limit *limit, int64_t wanted);

/* A switch that must have this value, which it has not. */
void ll_want_switch(struct ll_limit *limit, int64_t wanted);

#endif
