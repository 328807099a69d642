/* SPDX-License-Identifier: MIT */
/* fuzz_diag.c: what sock_diag(7) may answer to llnet-tune, any bytes: each socket that is told
 * holds together, no byte beyond the answer is read. tune_diag_linux.c is compiled in. */
#include "fuzz.h"

#include <linux/netlink.h>

/* the answer comes from the input, in pieces: 2 bytes of length, then the bytes */
static struct input input;

static llnet_status open_nothing(llnet_socket *self, int family, int type, int protocol, int flags) {
    must(family == AF_NETLINK && type == SOCK_RAW && protocol == NETLINK_SOCK_DIAG && flags == 0);
    llnet_socket_init(self);
    return 0;
}

static llnet_count take_question(llnet_socket *self, const void *data, size_t len, int flags) {
    const struct nlmsghdr *header = data;

    must(self != NULL && flags == 0 && header->nlmsg_len == len);
    return (llnet_count)len;
}

static llnet_count receive_answer(llnet_socket *self, void *data, size_t len, int flags);

#define llnet_socket_open open_nothing
#define llnet_socket_send take_question
#define llnet_socket_recv receive_answer
#include "../../tools/tune_diag_linux.c"

#include <sanitizer/asan_interface.h>

static llnet_count receive_answer(llnet_socket *self, void *data, size_t len, int flags) {
    const uint8_t *bytes;
    size_t count;

    must(self != NULL && len == ANSWER_ROOM && flags == MSG_TRUNC);
    ASAN_UNPOISON_MEMORY_REGION(data, len);
    if (input.size == 0)
        return -ENOBUFS;
    count = take_bytes(&input, take_number(&input, 2), &bytes);
    if (count > 0)
        memcpy(data, bytes, count);
    ASAN_POISON_MEMORY_REGION((char *)data + count, len - count);
    return (llnet_count)count;
}

/* ---- what must hold of a socket that is told -------------------------------------------- */

static void seen(void *context, const struct tune_socket *socket) {
    char text[LLNET_ADDR_TEXT_MAX];
    size_t *count = context;

    must(llnet_addr_format(&socket->local, text, sizeof text) > 0);
    must(llnet_addr_format(&socket->remote, text, sizeof text) > 0);
    must(memchr(socket->path, '\0', sizeof socket->path) != NULL);
    ++*count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    llnet_status (*const dumps[])(tune_socket_seen *, void *) = {tune_each_listener, tune_each_connection,
                                                                 tune_each_unix_listener};
    size_t count = 0;
    uint8_t which;

    input = (struct input){data, size};
    which = take_byte(&input);
    must(dumps[which % 3](seen, &count) <= 0);
    must(count <= size / sizeof(struct nlmsghdr));
    return 0;
}
