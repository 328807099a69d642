/* SPDX-License-Identifier: MIT */
/* load.h: what the sources of the load share. */
#ifndef LOAD_H
#define LOAD_H

#include "config.h"

#include <stdbool.h>

/* Ends the program with what errno says. */
void load_fail(const char *what);

/* Nanoseconds of a clock that does not jump. */
long long load_now(void);

/* Says that the measurement may begin, and waits until it does. */
void load_ready(void);

/* A connection to a port of 127.0.0.1 or the path of a Unix socket. index: which of many, since
 * one address of ours has ports for so many only. */
int load_connect(const char *address, long index);

/* Closes with a reset, so that no port stays taken (TIME_WAIT). */
void load_disconnect(int fd);

/* Sends that many bytes into a relay and receives them behind it. */
void load_relay(const char *address, unsigned long long bytes);

#endif
