/* SPDX-License-Identifier: MIT */
/* check_socket.h: what the parts of check_socket share: their test cases, and
 * sockets of other kinds than those of the harness. */
#ifndef CHECK_SOCKET_H
#define CHECK_SOCKET_H

#include "harness.h"

void add_life_cases(Suite *suite);
void add_mode_cases(Suite *suite);
void add_connect_cases(Suite *suite);
void add_state_cases(Suite *suite);
void add_data_cases(Suite *suite);
void add_buffer_cases(Suite *suite);

/* Asserts that the socket is closed: that every call on it gives EBADF. */
void assert_closed(llnet_socket *self);

/* Two connected Unix sockets of a type. */
void open_unix_pair(llnet_socket *a, llnet_socket *b, int type);

/* Closes both. */
void close_both(llnet_socket *a, llnet_socket *b);

/* An address of 127.0.0.1 at which nobody listens; the bound socket holds the
 * port until it is closed. */
void open_deaf(llnet_socket *deaf, llnet_addr *addr);

/* An address whose bytes a call that fails must leave alone. */
llnet_addr marked_addr(void);
bool is_marked(const llnet_addr *self);

/* Sends this process a SIGALRM every 10 ms, so that a blocking call is
 * interrupted even if the first one came too early. */
void start_alarms(void);
void stop_alarms(void);

/* From here on this system call fails so when its first argument is fd, and does
 * nothing. False where the system cannot do that. Does not end before the process. */
bool break_system_call(int number, int fd, int error);

#endif
