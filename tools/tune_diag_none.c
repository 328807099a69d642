/* SPDX-License-Identifier: MIT */
/* tune_diag_none.c: for systems that do not tell of their sockets. */
#include "tune.h"

#include <errno.h>

llnet_status tune_each_listener(tune_socket_seen *seen, void *context) {
    (void)seen;
    (void)context;
    return -ENOTSUP;
}

llnet_status tune_each_connection(tune_socket_seen *seen, void *context) {
    (void)seen;
    (void)context;
    return -ENOTSUP;
}

llnet_status tune_each_unix_listener(tune_socket_seen *seen, void *context) {
    (void)seen;
    (void)context;
    return -ENOTSUP;
}

void tune_find_holders(struct tune_holder *holders, size_t count) {
    (void)holders;
    (void)count;
}

const struct tune_holder *tune_holder_of(const struct tune_holder *holders, size_t count, uint32_t inode) {
    (void)holders;
    (void)count;
    (void)inode;
    return NULL;
}
