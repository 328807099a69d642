/* SPDX-License-Identifier: MIT */
/* check_poller.h: what the files of the poller's tests share: a poller of the
 * backend that the loop is at, descriptors to watch, and what a wait must tell
 * of them. check_poller.c defines them. */
#ifndef CHECK_POLLER_H
#define CHECK_POLLER_H

#include "harness.h"

int count_backends(void);
llnet_poller *open_poller(int backend_index);
bool is_poll(const llnet_poller *poller);
int room_of(const llnet_poller *poller); /* the most that one wait reports */

void open_pipe(int fds[2]);
void open_sockets(int fds[2]); /* a pair of Unix stream sockets */
void close_both(const int fds[2]);
void put(int fd);  /* writes a byte */
void take(int fd); /* reads one */

/* The soft limit on descriptors, raised to `wanted` as far as the hard one
 * allows; never more than that. */
int raise_limit(int wanted);

/* A wait that only looks reports nothing; exactly this event; the last wait
 * reported this one at the index. */
void assert_nothing(llnet_poller *poller);
void assert_one(llnet_poller *poller, uint64_t token, int events);
void assert_event(const llnet_poller *poller, size_t index, uint64_t token, int events);

/* The test cases of the other files, for n backends. */
void add_stale_cases(Suite *suite, int n);
void add_life_cases(Suite *suite, int n);
void add_many_cases(Suite *suite, int n);
void add_timer_cases(Suite *suite, int n);

#endif
