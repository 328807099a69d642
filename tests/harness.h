/* SPDX-License-Identifier: MIT */
/* harness.h: what the C tests share: running a suite so that make check counts
 * each case, assertions on results, connected sockets on loopback, and the
 * check that a test leaked no descriptor. */
#ifndef HARNESS_H
#define HARNESS_H

/* config.h first: the tests see the same system as the library */
#include "config.h"

#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <llnet.h>

/* Runs the suite, prints TAP when all tests have ended; the result is main's. With
 * CK_FORK=no the tests run in this process, for a debugger, TAP comes at once, and
 * skipped tests count as passed. */
int run_suite(Suite *suite);

/* A test case whose every test must leave as many descriptors open as it found. */
TCase *add_case(Suite *suite, const char *name);

/* What holds of results; a failure names the error that came. */
#define assert_ok(call)           assert_ok_at(__FILE__, __LINE__, #call, (long)(call))
#define assert_error(call, error) assert_error_at(__FILE__, __LINE__, #call, (long)(call), (error))
void assert_ok_at(const char *file, int line, const char *call, long result);
void assert_error_at(const char *file, int line, const char *call, long result, int error);

/* A check for loops of many rounds: ck_assert does a system call at each pass. */
#define must(condition) ((condition) ? (void)0 : ck_abort_msg("%s", #condition))

/* Ends the running test, which then counts as skipped; says why it cannot run here. For
 * the body of a test alone: _i is its round, from 0, where it runs in a loop. */
#define skip(reason) \
    do { \
        skip_test(__func__, _i, (reason)); \
        return; \
    } while (0)
void skip_test(const char *function, int round, const char *reason);

/* How many descriptors this process has open; -1 where it cannot be told. */
int count_descriptors(void);

/* A listening TCP socket on an ephemeral port of 127.0.0.1, and its address. */
void open_listener(llnet_socket *listener, llnet_addr *addr);

/* Two connected sockets over TCP on loopback. */
void open_tcp_pair(llnet_socket *client, llnet_socket *server);

/* Two UDP sockets on loopback, and their addresses. */
void open_udp_pair(llnet_socket *a, llnet_addr *a_addr, llnet_socket *b, llnet_addr *b_addr);

/* Whether this machine has IPv6 on loopback. */
bool have_ipv6(void);

#endif
