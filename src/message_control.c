/* SPDX-License-Identifier: MIT */
/* message_control.c: control messages: those to be sent are put together here, and
 * those that came are taken apart. Nothing about the latter's bytes is taken for
 * granted. */
#include "message.h"

#include <string.h>
#include <unistd.h>

/* Begins or goes on to a control message: *offset is where to look. NULL: there is none
 * that lies wholly within len bytes. */
static const struct cmsghdr *next_control(const llnet_message *self, size_t *offset) {
    const struct cmsghdr *header;
    size_t rest = self->control_len - *offset;

    if (*offset > self->control_len || rest < sizeof *header)
        return NULL;
    header = (const struct cmsghdr *)(const void *)(self->control + *offset);
    if (header->cmsg_len < CMSG_LEN(0) || header->cmsg_len > rest)
        return NULL;
    *offset += CMSG_SPACE(header->cmsg_len - CMSG_LEN(0));
    return header;
}

void ll_message_drop_control(llnet_message *self) {
    const struct cmsghdr *header;
    size_t offset = 0, i, count;
    int fd;

    while (self->received && (header = next_control(self, &offset)) != NULL) {
        if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS)
            continue;
        count = (header->cmsg_len - CMSG_LEN(0)) / sizeof fd;
        for (i = 0; i < count; i++) {
            memcpy(&fd, CMSG_DATA(header) + i * sizeof fd, sizeof fd);
            if (fd >= 0) /* -1: it was taken */
                close(fd);
        }
    }
    self->received = false;
    self->control_len = 0;
}
