/* SPDX-License-Identifier: MIT */
/* message_posix.c: what systems other than Linux have of message_linux.c's control
 * messages: by these names, nothing. llnet_message_add_control and get_control_data
 * reach what they have under their own. */
#include "message.h"

bool ll_control_is_pidfd(const struct ll_control *control) {
    (void)control;
    return false;
}

llnet_status llnet_message_set_credentials(llnet_message *self, int64_t pid, int64_t uid, int64_t gid) {
    (void)self, (void)pid, (void)uid, (void)gid;
    return -ENOTSUP;
}

llnet_status llnet_message_get_credentials(const llnet_message *self, int64_t *pid, int64_t *uid, int64_t *gid) {
    (void)self, (void)pid, (void)uid, (void)gid;
    return -ENOTSUP;
}

llnet_status llnet_message_set_source(llnet_message *self, const llnet_addr *addr, uint32_t ifindex) {
    (void)self, (void)addr, (void)ifindex;
    return -ENOTSUP;
}

llnet_status llnet_message_get_destination(const llnet_message *self, llnet_addr *out) {
    (void)self, (void)out;
    return -ENOTSUP;
}

llnet_status llnet_message_get_interface(const llnet_message *self, uint32_t *value) {
    (void)self, (void)value;
    return -ENOTSUP;
}

llnet_status llnet_message_get_original_destination(const llnet_message *self, llnet_addr *out) {
    (void)self, (void)out;
    return -ENOTSUP;
}

llnet_status llnet_message_get_timestamp(const llnet_message *self, int64_t *value) {
    (void)self, (void)value;
    return -ENOTSUP;
}

llnet_status llnet_message_get_hardware_timestamp(const llnet_message *self, int64_t *value) {
    (void)self, (void)value;
    return -ENOTSUP;
}

llnet_status llnet_message_set_timestamping(llnet_message *self, uint32_t timestamping) {
    (void)self, (void)timestamping;
    return -ENOTSUP;
}

llnet_status llnet_message_set_txtime(llnet_message *self, int64_t txtime) {
    (void)self, (void)txtime;
    return -ENOTSUP;
}

llnet_status llnet_message_set_segment_size(llnet_message *self, size_t segment_size) {
    (void)self, (void)segment_size;
    return -ENOTSUP;
}

llnet_status llnet_message_get_segment_size(const llnet_message *self, uint32_t *value) {
    (void)self, (void)value;
    return -ENOTSUP;
}

llnet_status llnet_message_get_drop_count(const llnet_message *self, uint32_t *value) {
    (void)self, (void)value;
    return -ENOTSUP;
}

llnet_status llnet_message_get_error(const llnet_message *self, int *error, int *origin, int *type, int *code,
                                     uint32_t *info) {
    (void)self, (void)error, (void)origin, (void)type, (void)code, (void)info;
    return -ENOTSUP;
}

llnet_status llnet_message_get_error_offender(const llnet_message *self, llnet_addr *out) {
    (void)self, (void)out;
    return -ENOTSUP;
}

llnet_status llnet_message_get_zerocopy(const llnet_message *self, uint32_t *first, uint32_t *last, bool *copied) {
    (void)self, (void)first, (void)last, (void)copied;
    return -ENOTSUP;
}

llnet_status llnet_message_get_timestamp_key(const llnet_message *self, int *kind, uint32_t *key) {
    (void)self, (void)kind, (void)key;
    return -ENOTSUP;
}
