/* SPDX-License-Identifier: MIT */
/* check_message.h: what the parts of check_message share: their test cases, and
 * sockets and messages to send and to receive. */
#ifndef CHECK_MESSAGE_H
#define CHECK_MESSAGE_H

#include "harness.h"

#include <sys/socket.h>

void add_call_cases(Suite *suite);
void add_field_cases(Suite *suite);
void add_time_cases(Suite *suite);
void add_descriptor_cases(Suite *suite);
void add_queue_cases(Suite *suite);
void add_memory_cases(Suite *suite);

/* Memory to receive into, and the message that does. */
struct inbox {
    llnet_message *message;
    char bytes[256];
};
void open_inbox(struct inbox *self, size_t control_size);
void close_inbox(struct inbox *self);

/* A message that sends this text to an address; NULL: nowhere. */
llnet_message *new_letter(const char *text, const llnet_addr *to);

/* Sets an option to an int through the system itself. False where it has none. */
bool set_int(const llnet_socket *self, int level, int option, int value);

/* A UDP socket bound to a port of this numeric host, and its address. */
void open_udp_at(llnet_socket *self, llnet_addr *addr, const char *host);

/* Two connected Unix sockets of a type. */
void open_unix(llnet_socket *a, llnet_socket *b, int type);

void close_two(llnet_socket *a, llnet_socket *b);

/* Receives into it, as soon as something is there. */
void receive_from(llnet_socket *socket, struct inbox *inbox);

/* Receives one message with recvmsg(2) itself and copies the data of the control message of
 * this kind, at most size bytes; how many it has, -1: there is none. */
int raw_recv_control(const llnet_socket *self, int level, int type, void *data, size_t size);

/* Sends a byte with sendmsg(2) itself and one control message. */
void raw_send_control(const llnet_socket *self, const llnet_addr *to, int level, int type, const void *data,
                      size_t len);

#endif
