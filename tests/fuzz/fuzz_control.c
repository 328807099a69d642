/* SPDX-License-Identifier: MIT */
/* fuzz_control.c: control data that came with a message, any bytes: every getter answers or
 * passes over it, no descriptor among it is closed twice or lost. message_control.c is compiled
 * in, so that close(2) is ours: the numbers in the data are nobody's descriptors. */
#include "fuzz.h"
#include "message.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <unistd.h>

static size_t closes;

static int count_close(int fd) {
    must(fd >= 0); /* -1: it was taken */
    closes++;
    return 0;
}

#define close count_close
#include "message_control.c"
#undef close

static bool may_be(llnet_status status) {
    return status == 0 || status == -ENOENT || status == -ENOTSUP;
}

static void read_numbers(const llnet_message *self) {
    int64_t pid, uid, gid, time;
    uint32_t number, other;
    int value, origin, type, code;
    bool copied;

    must(may_be(llnet_message_get_credentials(self, &pid, &uid, &gid)));
    must(may_be(llnet_message_get_interface(self, &number)));
    must(may_be(llnet_message_get_ttl(self, &value)));
    must(may_be(llnet_message_get_traffic_class(self, &value)));
    must(llnet_message_get_ecn(self, &value) != 0 || (value >= 0 && value <= 3));
    must(llnet_message_get_timestamp(self, &time) != 0 || time > 0);
    must(llnet_message_get_hardware_timestamp(self, &time) != 0 || time > 0);
    must(may_be(llnet_message_get_timestamp_key(self, &value, &number)));
    must(llnet_message_get_segment_size(self, &number) != 0 || number > 0);
    must(may_be(llnet_message_get_drop_count(self, &number)));
    must(llnet_message_get_error(self, &value, &origin, &type, &code, &number) != 0 || value >= 0);
    must(may_be(llnet_message_get_zerocopy(self, &number, &other, &copied)));
}

static void read_addresses(const llnet_message *self) {
    llnet_status (*const getters[])(const llnet_message *, llnet_addr *) = {
        llnet_message_get_destination, llnet_message_get_original_destination, llnet_message_get_error_offender};
    char text[LLNET_ADDR_TEXT_MAX];
    llnet_addr addr;

    for (size_t i = 0; i < sizeof getters / sizeof *getters; i++) {
        memset(&addr, 0x5a, sizeof addr);
        if (getters[i](self, &addr) == 0) {
            must(llnet_addr_get_size(&addr) <= LLNET_ADDR_BYTES_MAX);
            must(llnet_addr_format(&addr, text, sizeof text) > 0);
        }
    }
}

/* What is told as it is lies within the data, and its bytes are those of the data. */
static void read_as_it_is(const llnet_message *self, const uint8_t *data, size_t size) {
    size_t count = llnet_message_get_control_count(self), offset = 0;
    int level, type;

    for (size_t i = 0; i < count; i++) {
        uint8_t *bytes = malloc(size + 1);
        llnet_count len = llnet_message_get_control_data(self, i, bytes, size);

        must(len >= 0 && offset + CMSG_LEN((size_t)len) <= size);
        must(memcmp(bytes, data + offset + CMSG_LEN(0), (size_t)len) == 0);
        must(len == 0 || llnet_message_get_control_data(self, i, bytes, (size_t)len - 1) == -ENOBUFS);
        must(llnet_message_get_control_type(self, i, &level, &type) == 0);
        offset += CMSG_SPACE((size_t)len);
        free(bytes);
    }
    must(llnet_message_get_control_type(self, count, &level, &type) == -LLNET_EBOUNDS);
}

/* Half of the descriptors are taken, the rest is closed once each. */
static void take_and_free(llnet_message *self) {
    size_t count = llnet_message_get_descriptor_count(self), taken;
    llnet_socket socket;

    for (taken = 0; taken < count / 2; taken++) {
        must(llnet_message_take_descriptor(self, &socket) == 0);
        must(llnet_socket_detach(&socket) >= 0);
    }
    must(llnet_message_get_descriptor_count(self) == count - taken);
    while (llnet_message_take_pidfd(self, &socket) == 0)
        must(llnet_socket_detach(&socket) >= 0);
    closes = 0;
    llnet_message_free(self);
    must(closes == count - taken);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    llnet_message *self;

    must(llnet_message_new(&self, size) == 0); /* room for exactly so much */
    if (size > 0)
        memcpy(self->control, data, size);
    self->control_len = size;
    self->received = true;
    read_numbers(self);
    read_addresses(self);
    read_as_it_is(self, data, size);
    take_and_free(self);
    return 0;
}
