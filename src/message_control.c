/* SPDX-License-Identifier: MIT */
/* message_control.c: control messages: the way through them, putting together those that
 * are to be sent, and the descriptors that came. Nothing about the bytes of what came is
 * taken for granted. What single systems have is in message_linux.c, message_posix.c. */
#include "message.h"
#include "sys.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <string.h>
#include <unistd.h>

/* ---- the way through -------------------------------------------------------- */

/* The bytes of a control message, and its length without them and with them padded. */
#define HEAD      CMSG_LEN(0)
#define PADDED(n) CMSG_SPACE(n)

bool ll_control_next(const llnet_message *self, size_t *offset, struct ll_control *out) {
    struct cmsghdr header;
    size_t rest;

    if (*offset > self->control_len || self->control_len - *offset < sizeof header)
        return false;
    rest = self->control_len - *offset;
    memcpy(&header, self->control + *offset, sizeof header);
    if (header.cmsg_len < HEAD || header.cmsg_len > rest)
        return false;
    out->level = header.cmsg_level;
    out->type = header.cmsg_type;
    out->data = self->control + *offset + HEAD;
    out->len = header.cmsg_len - HEAD;
    *offset += PADDED(out->len);
    return true;
}

bool ll_control_find(const llnet_message *self, int level, int type, size_t len, void *bytes) {
    struct ll_control control;
    size_t offset = 0;

    while (self->received && ll_control_next(self, &offset, &control)) {
        if (control.level == level && control.type == type && control.len >= len) {
            memcpy(bytes, control.data, len);
            return true;
        }
    }
    return false;
}

static bool is_rights(const struct ll_control *control) {
    return control->level == SOL_SOCKET && control->type == SCM_RIGHTS;
}

/* ---- putting together ------------------------------------------------------- */

/* The place of the control message of this kind; SIZE_MAX: there is none. */
static size_t find_place(const llnet_message *self, int level, int type, struct ll_control *out) {
    size_t offset = 0, place;

    for (place = 0; ll_control_next(self, &offset, out); place = offset)
        if (out->level == level && out->type == type)
            return place;
    return SIZE_MAX;
}

/* Closes the gap that a control message leaves. */
static void cut(llnet_message *self, size_t place, size_t len) {
    size_t after = place + PADDED(len);

    memmove(self->control + place, self->control + after, self->control_len - after);
    self->control_len -= PADDED(len);
}

/* What is to be sent begins anew after a receive. */
static void begin(llnet_message *self) {
    if (self->received)
        ll_message_drop_control(self);
}

/* Writes a control message at the end, for which there is room. */
static void append(llnet_message *self, int level, int type, const void *data, size_t len) {
    unsigned char *place = self->control + self->control_len;
    struct cmsghdr header;

    memset(&header, 0, sizeof header);
    memset(place, 0, PADDED(len));
    header.cmsg_len = CMSG_LEN(len);
    header.cmsg_level = level;
    header.cmsg_type = type;
    memcpy(place, &header, sizeof header);
    if (len > 0)
        memcpy(place + HEAD, data, len);
    self->control_len += PADDED(len);
}

static bool has_room(const llnet_message *self, size_t padded) {
    return padded <= self->control_size - self->control_len;
}

/* How many bytes more one of this kind and length takes: none where it is there. One of
 * another length, which add_control put there, keeps its own until it is replaced. */
static size_t missing_room(llnet_message *self, int level, int type, size_t len) {
    struct ll_control old;
    size_t place = find_place(self, level, type, &old);

    return place != SIZE_MAX && old.len == len ? 0 : PADDED(len);
}

llnet_status ll_control_put(llnet_message *self, int level, int type, const void *data, size_t len) {
    struct ll_control old;
    size_t place;

    begin(self);
    place = find_place(self, level, type, &old);
    if (place != SIZE_MAX && old.len == len) {
        memcpy(self->control + place + HEAD, data, len);
        return 0;
    }
    if (!has_room(self, PADDED(len)))
        return -ENOBUFS;
    if (place != SIZE_MAX)
        cut(self, place, old.len);
    append(self, level, type, data, len);
    return 0;
}

void ll_control_remove(llnet_message *self, int level, int type) {
    struct ll_control old;
    size_t place;

    begin(self);
    place = find_place(self, level, type, &old);
    if (place != SIZE_MAX)
        cut(self, place, old.len);
}

/* The same number for both families, of which the kernel takes its own: all or nothing. */
static llnet_status put_both(llnet_message *self, int type4, int type6, int value) {
    begin(self);
    if (!has_room(self, missing_room(self, IPPROTO_IP, type4, sizeof value) +
                            missing_room(self, IPPROTO_IPV6, type6, sizeof value)))
        return -ENOBUFS;
    ll_control_put(self, IPPROTO_IP, type4, &value, sizeof value);
    return ll_control_put(self, IPPROTO_IPV6, type6, &value, sizeof value);
}

llnet_status llnet_message_set_ttl(llnet_message *self, int ttl) {
    return ttl < 1 || ttl > 255 ? -EINVAL : put_both(self, IP_TTL, IPV6_HOPLIMIT, ttl);
}

llnet_status llnet_message_set_traffic_class(llnet_message *self, int traffic_class) {
    if (traffic_class < 0 || traffic_class > 255)
        return -EINVAL;
    return put_both(self, IP_TOS, IPV6_TCLASS, traffic_class);
}

llnet_status llnet_message_add_control(llnet_message *self, int level, int control_type, const void *data,
                                       size_t len) {
    begin(self);
    if (len > self->control_size || !has_room(self, PADDED(len)))
        return -ENOBUFS;
    append(self, level, control_type, data, len);
    return 0;
}

/* All descriptors are in one control message, the last: adding makes that longer. */
llnet_status llnet_message_add_descriptor(llnet_message *self, intptr_t fd) {
    int number = ll_descriptor(fd), all[LLNET_MESSAGE_DESCRIPTORS_MAX + 1];
    struct ll_control old = {.len = 0};
    size_t place, len = sizeof number;

    if (number < 0)
        return number;
    begin(self);
    place = find_place(self, SOL_SOCKET, SCM_RIGHTS, &old);
    if (place != SIZE_MAX) {
        if (old.len > LLNET_MESSAGE_DESCRIPTORS_MAX * sizeof number)
            return -E2BIG; /* put there by add_control, as this may be: */
        if (old.len % sizeof number != 0)
            return -EINVAL;
        memcpy(all, old.data, old.len);
        len = old.len + sizeof number;
    }
    if (len > LLNET_MESSAGE_DESCRIPTORS_MAX * sizeof number)
        return -E2BIG;
    all[len / sizeof number - 1] = number;
    if (self->control_len + PADDED(len) - (place == SIZE_MAX ? 0 : PADDED(old.len)) > self->control_size)
        return -ENOBUFS;
    if (place != SIZE_MAX)
        cut(self, place, old.len);
    append(self, SOL_SOCKET, SCM_RIGHTS, all, len);
    return 0;
}

/* ---- what came --------------------------------------------------------------- */

void ll_message_drop_control(llnet_message *self) {
    struct ll_control control;
    size_t offset = 0, i;
    int fd;

    while (self->received && ll_control_next(self, &offset, &control)) {
        if (!is_rights(&control) && !ll_control_is_pidfd(&control))
            continue;
        for (i = 0; i + sizeof fd <= control.len; i += sizeof fd) {
            memcpy(&fd, control.data + i, sizeof fd);
            if (fd >= 0) /* -1: it was taken */
                close(fd);
        }
    }
    self->received = false;
    self->control_len = 0;
}

void ll_message_close_on_exec(llnet_message *self) {
    struct ll_control control;
    size_t offset = 0, i;
    int fd;

    while (self->received && ll_control_next(self, &offset, &control)) {
        for (i = 0; is_rights(&control) && i + sizeof fd <= control.len; i += sizeof fd) {
            memcpy(&fd, control.data + i, sizeof fd);
            fcntl(fd, F_SETFD, FD_CLOEXEC);
        }
    }
}

void llnet_message_clear_control(llnet_message *self) {
    ll_message_drop_control(self);
}

/* The first descriptor in a control message that was not taken; taking it leaves -1. */
static int first_descriptor(const struct ll_control *control, bool take) {
    const int taken = -1;
    size_t i;
    int fd;

    for (i = 0; i + sizeof fd <= control->len; i += sizeof fd) {
        memcpy(&fd, control->data + i, sizeof fd);
        if (fd >= 0) {
            if (take)
                memcpy(control->data + i, &taken, sizeof taken);
            return fd;
        }
    }
    return -1;
}

size_t llnet_message_get_descriptor_count(const llnet_message *self) {
    struct ll_control control;
    size_t offset = 0, count = 0, i;
    int fd;

    while (self->received && ll_control_next(self, &offset, &control)) {
        for (i = 0; is_rights(&control) && i + sizeof fd <= control.len; i += sizeof fd) {
            memcpy(&fd, control.data + i, sizeof fd);
            if (fd >= 0)
                count++;
        }
    }
    return count;
}

llnet_status llnet_message_take_descriptor(llnet_message *self, llnet_socket *out) {
    struct ll_control control;
    size_t offset = 0;

    while (self->received && ll_control_next(self, &offset, &control))
        if (is_rights(&control) && first_descriptor(&control, false) >= 0)
            return llnet_socket_adopt(out, first_descriptor(&control, true));
    llnet_socket_init(out);
    return -ENOENT;
}

llnet_status llnet_message_take_pidfd(llnet_message *self, llnet_socket *out) {
    struct ll_control control;
    size_t offset = 0;

    while (self->received && ll_control_next(self, &offset, &control))
        if (ll_control_is_pidfd(&control) && first_descriptor(&control, false) >= 0)
            return llnet_socket_adopt(out, first_descriptor(&control, true));
    llnet_socket_init(out);
    return -ENOENT;
}

/* A number of one byte, as IPv4 gives them on some systems, or an int. */
static bool find_number(const llnet_message *self, int level, int type, int *value) {
    struct ll_control control;
    size_t offset = 0;

    while (self->received && ll_control_next(self, &offset, &control)) {
        if (control.level != level || control.type != type || control.len == 0)
            continue;
        if (control.len >= sizeof *value)
            memcpy(value, control.data, sizeof *value);
        else
            *value = control.data[0];
        return true;
    }
    return false;
}

llnet_status llnet_message_get_ttl(const llnet_message *self, int *value) {
    if (find_number(self, IPPROTO_IP, IP_TTL, value) || find_number(self, IPPROTO_IPV6, IPV6_HOPLIMIT, value))
        return 0;
#ifdef IP_RECVTTL
    if (find_number(self, IPPROTO_IP, IP_RECVTTL, value)) /* as BSD calls it */
        return 0;
#endif
    return -ENOENT;
}

llnet_status llnet_message_get_traffic_class(const llnet_message *self, int *value) {
    if (find_number(self, IPPROTO_IP, IP_TOS, value) || find_number(self, IPPROTO_IPV6, IPV6_TCLASS, value))
        return 0;
#ifdef IP_RECVTOS
    if (find_number(self, IPPROTO_IP, IP_RECVTOS, value))
        return 0;
#endif
    return -ENOENT;
}

llnet_status llnet_message_get_ecn(const llnet_message *self, int *value) {
    llnet_status status = llnet_message_get_traffic_class(self, value);

    if (status == 0)
        *value &= 3;
    return status;
}

/* ---- as it is ------------------------------------------------------------------ */

/* The index-th control message. */
static bool at(const llnet_message *self, size_t index, struct ll_control *out) {
    size_t offset = 0;

    while (ll_control_next(self, &offset, out))
        if (index-- == 0)
            return true;
    return false;
}

size_t llnet_message_get_control_count(const llnet_message *self) {
    struct ll_control control;
    size_t count = 0, offset = 0;

    while (ll_control_next(self, &offset, &control))
        count++;
    return count;
}

llnet_status llnet_message_get_control_type(const llnet_message *self, size_t index, int *level,
                                            int *control_type) {
    struct ll_control control;

    if (!at(self, index, &control))
        return -LLNET_EBOUNDS;
    *level = control.level;
    *control_type = control.type;
    return 0;
}

llnet_count llnet_message_get_control_data(const llnet_message *self, size_t index, void *bytes, size_t size) {
    struct ll_control control;

    if (!at(self, index, &control))
        return -LLNET_EBOUNDS;
    if (control.len > size)
        return -ENOBUFS;
    if (control.len > 0)
        memcpy(bytes, control.data, control.len);
    return (llnet_count)control.len;
}
