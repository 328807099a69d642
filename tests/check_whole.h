/* SPDX-License-Identifier: MIT */
/* check_whole.h: what the parts of check_whole share: a pair of sockets, bytes, alarms. */
#ifndef CHECK_WHOLE_H
#define CHECK_WHOLE_H

#include "harness.h"

void add_record_cases(Suite *suite);

enum { PAIR = 2, BIG = 4 * 1024 * 1024, MS = 1000000 };

extern llnet_socket pair[PAIR];
extern llnet_buffer *buffer;

int fd_of(const llnet_socket *self);

void open_pair_nonblock(bool nonblock);
void close_pair(void);

/* A deadline so many milliseconds from now. */
int64_t in_ms(int ms);

/* BIG bytes, which the caller frees. */
char *make_bytes(void);

/* SIGALRM every 10 ms, so that one comes during the call however late that begins. */
void set_alarms(bool on);

/* A thread: sends its text a byte at a time, each when the one before it was read. */
void *send_bytes(void *context);

#endif
