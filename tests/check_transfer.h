/* SPDX-License-Identifier: MIT */
/* check_transfer.h: what the parts of check_transfer share: pairs of sockets, files. */
#ifndef CHECK_TRANSFER_H
#define CHECK_TRANSFER_H

#include "harness.h"

void add_read_cases(Suite *suite);

enum { PAIR = 2 };

int fd_of(const llnet_socket *self);

void close_pair(llnet_socket pair[PAIR]);

/* A file that has these bytes, open at its beginning, in the test's own directory. */
int make_file(const void *bytes, size_t size);

#endif
