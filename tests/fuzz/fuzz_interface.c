/* SPDX-License-Identifier: MIT */
/* fuzz_interface.c: what rtnetlink(7) may answer, any bytes: interface_linux.c makes a list of
 * them that holds together, or gives an error, and ends. It is compiled in, and asks
 * the input instead of the kernel. */
#include "fuzz.h"
#include "interface.h"
#include "sys.h"

#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sanitizer/asan_interface.h>
#include <unistd.h>

/* ---- what stands in for the kernel -----------------------------------------------------
 * An input is a list of pieces, as recvmsg(2) gives them: 2 bytes of length, 1 of what is
 * wrong with it, the bytes. */

enum { FORGED = 1, CUT = 2, INTERRUPTED = 4 };

static struct input input;
static struct {
    const uint8_t *bytes;
    size_t len;
    int faults;
    bool there;
} piece;
static unsigned char *poisoned; /* of the reader's room, what the piece did not fill */
static size_t poisoned_len;

static void take_piece_of_input(void) {
    size_t len = take_number(&input, 2);

    piece.faults = take_byte(&input);
    piece.len = take_bytes(&input, len, &piece.bytes);
    piece.there = true;
}

static ssize_t answer(int fd, struct msghdr *message, int flags) {
    struct iovec *room = message->msg_iov;
    struct sockaddr_nl sender = {.nl_family = AF_NETLINK, .nl_pid = (piece.faults & FORGED) != 0 ? 4711 : 0};
    size_t copied;

    (void)fd;
    ASAN_UNPOISON_MEMORY_REGION(poisoned, poisoned_len);
    poisoned_len = 0;
    if (!piece.there && input.size == 0) {
        errno = ENOBUFS;
        return -1;
    }
    if (!piece.there)
        take_piece_of_input();
    memcpy(message->msg_name, &sender, sizeof sender);
    copied = room->iov_len < piece.len ? room->iov_len : piece.len;
    if (copied > 0)
        memcpy(room->iov_base, piece.bytes, copied);
    if ((flags & MSG_PEEK) != 0)
        return (ssize_t)piece.len;
    piece.there = false;
    poisoned = (unsigned char *)room->iov_base + copied;
    poisoned_len = room->iov_len - copied;
    ASAN_POISON_MEMORY_REGION(poisoned, poisoned_len);
    if ((piece.faults & INTERRUPTED) != 0) {
        errno = EINTR;
        return -1;
    }
    return (piece.faults & CUT) != 0 ? (ssize_t)room->iov_len + 1 : (ssize_t)piece.len;
}

static int open_nothing(int domain, int type, int protocol, int flags) {
    must(domain == AF_NETLINK && type == SOCK_RAW && protocol == NETLINK_ROUTE && flags == 0);
    return 1 << 20; /* no process has so many */
}

static ssize_t take_question(int fd, const void *data, size_t len, int flags, const struct sockaddr *to,
                             socklen_t to_len) {
    (void)fd, (void)data, (void)flags, (void)to, (void)to_len;
    return (ssize_t)len;
}

static int close_nothing(int fd) {
    must(fd == 1 << 20);
    return 0;
}

#define recvmsg       answer
#define sendto        take_question
#define close         close_nothing
#define ll_sys_socket open_nothing
#include "interface_linux.c"
#undef close

/* ---- what must hold of a list ---------------------------------------------------------- */

static void check_address(const llnet_interfaces *list, size_t i, size_t address) {
    char text[LLNET_ADDR_TEXT_MAX];
    llnet_addr addr;
    llnet_count prefix = llnet_interfaces_get_prefix_length(list, i, address);

    must(llnet_interfaces_get_address(list, i, address, &addr) == 0);
    must(llnet_addr_get_port(&addr) == 0 && llnet_addr_format(&addr, text, sizeof text) > 0);
    must(prefix >= 0 && prefix <= 255);
    if (llnet_interfaces_get_broadcast(list, i, address, &addr) == 0)
        must(llnet_addr_get_port(&addr) == 0);
    if (llnet_interfaces_get_peer(list, i, address, &addr) == 0)
        must(llnet_addr_get_port(&addr) == 0);
}

static void check_interface(const llnet_interfaces *list, size_t i) {
    const char *name = llnet_interfaces_get_name(list, i), *counter;
    llnet_count count = llnet_interfaces_get_address_count(list, i);
    unsigned char hardware[LL_INTERFACE_HARDWARE_MAX];
    int64_t value;
    uint32_t flags;

    must(name != NULL && strlen(name) < LLNET_INTERFACE_NAME_MAX);
    must(llnet_interfaces_get_ifindex(list, i) > 0);
    must(llnet_interfaces_get_flags(list, i, &flags) == 0);
    must(llnet_interfaces_get_mtu(list, i) >= -ENOENT);
    must(llnet_interfaces_get_hardware_address(list, i, hardware, sizeof hardware) != -ENOBUFS);
    for (size_t k = 0; (counter = llnet_interfaces_counter_at(k)) != NULL; k++) {
        llnet_status status = llnet_interfaces_get_counter(list, i, counter, &value);
        must(status == 0 || status == -ENOENT);
    }
    must(count >= 0);
    for (size_t k = 0; k < (size_t)count; k++)
        check_address(list, i, k);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    llnet_interfaces *list = NULL;
    llnet_status status;

    input = (struct input){data, size};
    memset(&piece, 0, sizeof piece);
    poisoned_len = 0; /* that room was freed */
    status = llnet_interfaces_new(&list);
    must(status <= 0 && (status == 0) == (list != NULL));
    for (size_t i = 0; status == 0 && i < llnet_interfaces_get_count(list); i++) {
        check_interface(list, i);
        must(i == 0 || llnet_interfaces_get_ifindex(list, i - 1) <= llnet_interfaces_get_ifindex(list, i));
    }
    llnet_interfaces_free(list);
    return 0;
}
