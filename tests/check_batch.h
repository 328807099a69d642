/* SPDX-License-Identifier: MIT */
/* check_batch.h: what the parts of check_batch share: their test cases, and sockets, batches
 * and datagrams that are known by their size. */
#ifndef CHECK_BATCH_H
#define CHECK_BATCH_H

#include "harness.h"

#include <sys/socket.h>

void add_send_cases(Suite *suite);
void add_recv_cases(Suite *suite);
void add_control_cases(Suite *suite);
void add_count_cases(Suite *suite);

enum { COUNT = 64 };

/* The hosts that tests loop over: IPv4, IPv6. */
extern const char *const hosts[2];

/* Two UDP sockets that are bound at a numeric host, and their addresses. */
void open_pair(llnet_socket *a, llnet_addr *a_addr, llnet_socket *b, llnet_addr *b_addr, const char *host);

void close_both(llnet_socket *a, llnet_socket *b);

llnet_batch *new_batch(size_t capacity, size_t data_size, size_t control_size);

/* The index-th datagram: as many bytes as its index, of one value. */
size_t make_datagram(unsigned char *bytes, size_t index);

/* Fills a batch with datagrams to an address. */
void fill_batch(llnet_batch *batch, const llnet_addr *to);

/* A message of a batch, which stays the batch's alone; and its buffer. */
llnet_message *message_at(llnet_batch *batch, size_t index);
llnet_buffer *buffer_at(llnet_batch *batch, size_t index);

int fd_of(const llnet_socket *self);

/* Asserts that the datagrams first to last come at a socket in order, from an address. */
void assert_datagrams(const llnet_socket *self, size_t first, size_t last, const llnet_addr *from);

#endif
