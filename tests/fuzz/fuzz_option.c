/* SPDX-License-Identifier: MIT */
/* fuzz_option.c: socket options: records of any bytes and any length are read and written
 * within their bounds; options are set and got by name, by the wrong getter too, with any
 * value, on sockets of several kinds, in a network namespace of the program's own. */
#include "fuzz.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <unistd.h>

/* ---- records --------------------------------------------------------------------------------- */

static bool may_be(llnet_status status) {
    return status == 0 || status == -ENODATA || status == -LLNET_ETYPE || status == -LLNET_EBOUNDS ||
           status == -ERANGE || status == -EAFNOSUPPORT;
}

/* A field that was written reads back, and one that was refused left the record alone. */
static void write_number(const llnet_option *option, size_t index, uint8_t *record, size_t len, int64_t value) {
    uint8_t *before = copy_exactly(record, len);
    llnet_status status = llnet_option_set_field_int(option, index, record, len, value);
    int64_t back = 0;

    must(may_be(status));
    if (status < 0)
        must(memcmp(before, record, len) == 0);
    else if (llnet_option_get_field_int(option, index, record, len, &back) == 0)
        must(back == value);
    free(before);
}

static void write_addr(const llnet_option *option, size_t index, uint8_t *record, size_t len,
                       const llnet_addr *addr) {
    uint8_t *before = copy_exactly(record, len);
    llnet_status status = llnet_option_set_field_addr(option, index, record, len, addr);
    llnet_addr back;

    must(may_be(status));
    if (status < 0)
        must(memcmp(before, record, len) == 0);
    else
        must(may_be(llnet_option_get_field_addr(option, index, record, len, &back)));
    free(before);
}

static void try_field(const llnet_option *option, size_t index, struct input *input, uint8_t *record, size_t len) {
    static const char *const addresses[] = {"127.0.0.1:5", "[::1]:5", "unix:x", "unspec",
                                            "packet:1:0x0003:01:02:03:04:05:06"};
    int64_t value = -1;
    llnet_addr addr;
    char text[LLNET_ADDR_TEXT_MAX];
    int type = llnet_option_get_field_type(option, index);
    llnet_status status = llnet_option_get_field_int(option, index, record, len, &value);

    must(may_be(status));
    must(type != LLNET_OPTION_FLAG || status < 0 || value == 0 || value == 1);
    if (llnet_option_get_field_addr(option, index, record, len, &addr) == 0)
        must(llnet_addr_format(&addr, text, sizeof text) > 0);
    write_number(option, index, record, len, (int64_t)take_number(input, 4) - 5);
    must(llnet_addr_parse(&addr, addresses[take_byte(input) % 5]) == 0);
    write_addr(option, index, record, len, &addr);
}

static void try_record(const llnet_option *option, struct input *input) {
    struct input values = *input;
    const uint8_t *bytes;
    size_t len = take_bytes(input, take_byte(input) * 2u, &bytes), i;
    uint8_t *record = copy_exactly(bytes, len);

    for (i = 0; i < llnet_option_get_field_count(option) + 3; i++)
        try_field(option, i, &values, record, len);
    free(record);
}

/* ---- sockets ----------------------------------------------------------------------------------- */

/* A network of its own, so that joining a group sends nothing to anybody. */
static bool alone(void) {
    static int state; /* 1: it is, -1: it cannot be */

    if (state == 0)
        state = unshare(CLONE_NEWNET) == 0 || unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0 ? 1 : -1;
    return state == 1;
}

static void set_any(llnet_socket *socket, const char *name, struct input *input) {
    int64_t number = (int64_t)take_number(input, 4) - 1;
    const uint8_t *bytes;
    size_t len = take_bytes(input, take_byte(input), &bytes);
    void *copy = copy_exactly(bytes, len);
    llnet_addr addr;

    must(llnet_socket_set_option_int(socket, name, number) <= 0);
    must(llnet_socket_set_option_data(socket, name, copy, len) <= 0);
    if (llnet_addr_set_bytes(&addr, copy, len) == 0)
        must(llnet_socket_set_option_addr(socket, name, &addr) <= 0);
    free(copy);
}

static void get_any(llnet_socket *socket, const char *name, size_t len) {
    char *bytes = malloc(len + 1), text[LLNET_ADDR_TEXT_MAX];
    llnet_count count = llnet_socket_get_option_data(socket, name, bytes, len);
    llnet_addr addr;
    int64_t value;

    must(count <= (llnet_count)len);
    must(llnet_socket_get_option_int(socket, name, &value) <= 0);
    if (llnet_socket_get_option_addr(socket, name, &addr) == 0)
        must(llnet_addr_format(&addr, text, sizeof text) > 0);
    free(bytes);
}

static void try_socket(const llnet_option *option, struct input *input) {
    static const int kinds[][2] = {{AF_INET, SOCK_STREAM},   {AF_INET, SOCK_DGRAM},  {AF_INET6, SOCK_STREAM},
                                   {AF_INET6, SOCK_DGRAM},   {AF_UNIX, SOCK_DGRAM},  {AF_INET, SOCK_RAW},
                                   {AF_NETLINK, SOCK_DGRAM}, {AF_PACKET, SOCK_DGRAM}};
    const int *kind = kinds[take_byte(input) % 8];
    llnet_socket socket;

    if (!alone() || llnet_socket_open(&socket, kind[0], kind[1], kind[1] == SOCK_RAW ? IPPROTO_UDP : 0, 0) != 0)
        return;
    set_any(&socket, llnet_option_get_name(option), input);
    get_any(&socket, llnet_option_get_name(option), take_byte(input));
    must(llnet_socket_close(&socket) == 0);
}

static size_t count_options(void) {
    size_t count = 0;

    while (llnet_option_at(count) != NULL)
        count++;
    return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct input input = {data, size};
    const llnet_option *option = llnet_option_at(take_number(&input, 2) % count_options());

    if ((take_byte(&input) & 1) != 0 || llnet_option_get_field_count(option) == 0)
        try_socket(option, &input);
    else
        try_record(option, &input);
    return 0;
}
