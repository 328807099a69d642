/* SPDX-License-Identifier: MIT */
/* netns.h: a network namespace of the test's own, in which it may make interfaces.
 * The process stays in it, so a test that enters one runs in a process of its own,
 * as the harness's do unless CK_FORK=no. */
#ifndef NETNS_H
#define NETNS_H

#include <stdbool.h>
#include <stddef.h>

/* Enters a new namespace that has lo alone, which is down. False: it may not. */
bool enter_netns(void);

/* Whether a shell command succeeds; what it says is not shown. */
bool run_command(const char *command);

/* What a shell command prints, cut at size - 1 bytes; its length, or 0 where it fails. */
size_t read_command(const char *command, char *text, size_t size);

#endif
