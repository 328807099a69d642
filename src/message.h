/* SPDX-License-Identifier: MIT */
/* message.h: what the message sources share: the message itself, its control
 * data, and the steps of a send and a receive, which batches take too. */
#ifndef LL_MESSAGE_H
#define LL_MESSAGE_H

#include "internal.h"

#include <sys/uio.h>

/* Where some of the bytes are. */
struct ll_segment {
    void *data;           /* where buffer is NULL */
    llnet_buffer *buffer; /* held */
    size_t offset, count;
    bool constant; /* added by add_data */
};

struct llnet_message {
    unsigned holds; /* the creator's, and a batch's users' */
    int flags;      /* of the last receive */
    size_t size;    /* bytes that the last call moved */
    llnet_addr address;
    bool has_address;
    bool received; /* the control data came; what is to be sent has not been set since */
    struct ll_segment *segments;
    struct iovec *vector; /* as many */
    size_t segment_count, segment_room;
    unsigned char *control; /* aligned as cmsghdr wants */
    size_t control_size, control_len;
};

/* ---- message.c ---- */

llnet_message *ll_message_hold(llnet_message *self);

/* Fills a header for a send, and one for a receive; it points into the message. */
llnet_status ll_message_prepare_send(llnet_message *self, struct msghdr *header);
llnet_status ll_message_prepare_recv(llnet_message *self, struct msghdr *header);

/* Whether a receive asks for any byte at all. */
bool ll_message_has_room(const struct msghdr *header);

/* A receive's flags: with LL_CMSG_CLOEXEC, unless the socket refuses that. */
int ll_message_recv_flags(const llnet_socket *self, int flags);

/* Whether a receive that failed so is to be made again, with other flags: Linux's packet sockets
 * refuse LL_CMSG_CLOEXEC, and bring no descriptors. It is asked once for a socket. */
bool ll_message_refuses_cloexec(llnet_socket *self, llnet_count error);

/* Takes over what a receive of count bytes wrote; count 0 for one that brought
 * nothing, with header NULL. */
void ll_message_finish_recv(llnet_message *self, const struct msghdr *header, size_t count);

/* ---- message_control.c ---- */

/* A control message; data points into the message's room, and may not be aligned. */
struct ll_control {
    int level, type;
    unsigned char *data;
    size_t len;
};

/* The control message at *offset, which goes on to the next one. False: none lies there
 * wholly within what there is. */
bool ll_control_next(const llnet_message *self, size_t *offset, struct ll_control *out);

/* Copies the first len bytes of a control message of this kind that came with so many. */
bool ll_control_find(const llnet_message *self, int level, int type, size_t len, void *bytes);

/* Sets the one of this kind to be sent. -ENOBUFS. */
llnet_status ll_control_put(llnet_message *self, int level, int type, const void *data, size_t len);

/* Forgets the one of this kind that is to be sent. */
void ll_control_remove(llnet_message *self, int level, int type);

/* Closes the descriptors that came and were not taken, and forgets the control data. */
void ll_message_drop_control(llnet_message *self);

/* Makes the descriptors that came close-on-exec, where the receive could not. */
void ll_message_close_on_exec(llnet_message *self);

/* ---- message_linux.c or message_posix.c ---- */

/* Whether it carries the sender's process as a descriptor. */
bool ll_control_is_pidfd(const struct ll_control *control);

#endif
