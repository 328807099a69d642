/* SPDX-License-Identifier: MIT */
/* check_tuning.h: what the tests of limits share: a made-up machine, whose files they write. */
#ifndef CHECK_TUNING_H
#define CHECK_TUNING_H

#include "harness.h"
#include "tuning.h"

/* A fixture: a fresh directory, the current one, is the machine's root; it is removed with all
 * in it. */
void make_root(void);
void remove_root(void);

/* Writes the file at this path of the machine, or that of this limit. */
void put_file(const char *path, const char *text);
void put_limit(const char *name, const char *text);

/* Its limits, to be freed. */
llnet_limits *read_machine(void);

/* The index and the verdict of a limit that there is. */
size_t index_of(const llnet_limits *limits, const char *name);
int verdict_of(const llnet_limits *limits, const char *name);

/* check_tuning_judge.c's part. */
void add_rules(Suite *suite);

#endif
