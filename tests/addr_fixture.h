/* SPDX-License-Identifier: MIT */
/* addr_fixture.h: what the parts of check_addr share: addresses made in
 * one expression, random ones, and what holds of them. */
#ifndef ADDR_FIXTURE_H
#define ADDR_FIXTURE_H

#include "harness.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

enum {
    HEAD = offsetof(struct sockaddr, sa_data),
    UNIX_HEAD = offsetof(struct sockaddr_un, sun_path),
    UNIX_ROOM = sizeof(struct sockaddr_un) - UNIX_HEAD
};

/* The same random numbers in every run, on every machine. */
uint32_t random_number(void);
uint32_t random_below(uint32_t limit);
void random_bytes(void *bytes, size_t len);

/* An address of any kind, those that only bytes can make too. */
llnet_addr random_addr(void);

llnet_addr parsed(const char *text);
llnet_addr ip(const char *text, int port);
llnet_addr unix_named(const void *name, size_t len);

/* An address of what the kernel would write: these bytes, this long. */
llnet_addr from_bytes(const void *bytes, size_t len);

/* What holds of its text; of two that are equal; of two in this order. */
void assert_text(const llnet_addr *addr, const char *expected);
void assert_same(const llnet_addr *a, const llnet_addr *b);
void assert_before(const llnet_addr *a, const llnet_addr *b);

/* parse(format(a)) equals a, in exactly the room that the text takes. */
void assert_round_trip(const llnet_addr *addr);

#endif
