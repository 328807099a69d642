/* SPDX-License-Identifier: MIT */
/* tune_diag_linux.c: what the kernel tells of its sockets over netlink, sock_diag(7), through the
 * library's own sockets; and which process holds one, from /proc. */
#include "tune.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <linux/unix_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    ANSWER_ROOM = 65536, /* more than a dump puts into one message */
    STATES_LISTEN = 1 << TCP_LISTEN,
    STATES_CONNECTED = 0xfff & ~(STATES_LISTEN | 1 << TCP_CLOSE | 1),
    UNIX_STATE_LISTEN = 10
};

/* ---- asking --------------------------------------------------------------------------------- */

typedef void read_answer(const struct nlmsghdr *header, tune_socket_seen *seen, void *context);

/* Reads the messages of one datagram: 1 at the end of the dump, 0 before it. */
static llnet_status read_messages(const void *answer, size_t len, read_answer *read_one, tune_socket_seen *seen,
                                  void *context) {
    const struct nlmsghdr *header;
    const struct nlmsgerr *error;
    size_t at, step;

    for (at = 0; len - at >= sizeof *header; at += step) {
        header = (const void *)((const char *)answer + at);
        if (header->nlmsg_len < sizeof *header || header->nlmsg_len > len - at)
            return -EBADMSG;
        step = NLMSG_ALIGN((size_t)header->nlmsg_len);
        if (step > len - at)
            step = len - at;
        if (header->nlmsg_type == NLMSG_DONE)
            return 1;
        if (header->nlmsg_type == NLMSG_ERROR) {
            error = NLMSG_DATA(header);
            return header->nlmsg_len < NLMSG_LENGTH(sizeof *error) ? -EBADMSG : error->error;
        }
        if (header->nlmsg_type == SOCK_DIAG_BY_FAMILY)
            read_one(header, seen, context);
    }
    return 0;
}

/* Asks for a dump, and reads the answers to its end. */
static llnet_status dump(const void *request, size_t len, read_answer *read_one, tune_socket_seen *seen,
                         void *context) {
    llnet_socket socket;
    llnet_count n = 0;
    llnet_status status = llnet_socket_open(&socket, AF_NETLINK, SOCK_RAW, NETLINK_SOCK_DIAG, 0);
    void *answer;

    if (status < 0)
        return status;
    answer = malloc(ANSWER_ROOM);
    if (answer == NULL)
        status = -ENOMEM;
    else
        n = llnet_socket_send(&socket, request, len, 0);
    while (status == 0 && n >= 0) {
        do {
            n = llnet_socket_recv(&socket, answer, ANSWER_ROOM, MSG_TRUNC);
        } while (n == -EINTR);
        if (n > ANSWER_ROOM)
            n = -EMSGSIZE;
        if (n >= 0)
            status = read_messages(answer, (size_t)n, read_one, seen, context);
    }
    free(answer);
    llnet_socket_close(&socket);
    return n < 0 ? (llnet_status)n : status < 0 ? status : 0;
}

/* The attributes behind a message's body, one after the other. */
struct attributes {
    const char *next;
    size_t left;
};

static bool find_attributes(const struct nlmsghdr *header, size_t body, struct attributes *attributes) {
    if (header->nlmsg_len < NLMSG_LENGTH(body))
        return false;
    attributes->next = (const char *)header + NLMSG_LENGTH(NLMSG_ALIGN(body));
    attributes->left = header->nlmsg_len - NLMSG_LENGTH(body);
    return true;
}

/* False at their end. */
static bool next_attribute(struct attributes *attributes, int *type, const void **data, size_t *len) {
    const struct nlattr *attribute = (const void *)attributes->next;
    size_t step;

    if (attributes->left < sizeof *attribute || attribute->nla_len < sizeof *attribute ||
        attribute->nla_len > attributes->left)
        return false;
    *type = attribute->nla_type;
    *data = attribute + 1;
    *len = attribute->nla_len - sizeof *attribute;
    step = ((size_t)attribute->nla_len + 3) & ~(size_t)3; /* NLA_ALIGN is an int's */
    step = step < attributes->left ? step : attributes->left;
    attributes->next += step;
    attributes->left -= step;
    return true;
}

/* ---- TCP ------------------------------------------------------------------------------------ */

static void read_addr(llnet_addr *addr, int family, const void *bytes, uint16_t port) {
    llnet_addr_init(addr);
    llnet_addr_set_ip_bytes(addr, bytes, family == AF_INET ? 4 : 16, ntohs(port));
}

static void read_tcp(const struct nlmsghdr *header, tune_socket_seen *seen, void *context) {
    const struct inet_diag_msg *message = NLMSG_DATA(header);
    struct attributes attributes;
    const void *data;
    int type;
    uint32_t memory[SK_MEMINFO_DROPS + 1];
    struct tune_socket socket;
    size_t len;

    if (!find_attributes(header, sizeof *message, &attributes))
        return;
    memset(&socket, 0, sizeof socket);
    read_addr(&socket.local, message->idiag_family, message->id.idiag_src, message->id.idiag_sport);
    read_addr(&socket.remote, message->idiag_family, message->id.idiag_dst, message->id.idiag_dport);
    socket.inode = message->idiag_inode;
    socket.queued = message->idiag_rqueue;
    socket.limit = message->idiag_wqueue;
    while (next_attribute(&attributes, &type, &data, &len)) {
        if (type == INET_DIAG_SKMEMINFO && len >= sizeof memory) {
            memcpy(memory, data, sizeof memory);
            socket.dropped = memory[SK_MEMINFO_DROPS];
        }
    }
    seen(context, &socket);
}

static llnet_status dump_tcp(uint32_t states, tune_socket_seen *seen, void *context) {
    const uint8_t families[] = {AF_INET, AF_INET6};
    struct {
        struct nlmsghdr header;
        struct inet_diag_req_v2 body;
    } request;
    llnet_status status = 0;

    for (size_t i = 0; i < sizeof families && status == 0; i++) {
        memset(&request, 0, sizeof request);
        request.header.nlmsg_len = sizeof request;
        request.header.nlmsg_type = SOCK_DIAG_BY_FAMILY;
        request.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
        request.body.sdiag_family = families[i];
        request.body.sdiag_protocol = IPPROTO_TCP;
        request.body.idiag_states = states;
        if (states == STATES_LISTEN)
            request.body.idiag_ext = 1 << (INET_DIAG_SKMEMINFO - 1);
        status = dump(&request, sizeof request, read_tcp, seen, context);
    }
    return status;
}

llnet_status tune_each_listener(tune_socket_seen *seen, void *context) {
    return dump_tcp(STATES_LISTEN, seen, context);
}

llnet_status tune_each_connection(tune_socket_seen *seen, void *context) {
    return dump_tcp(STATES_CONNECTED, seen, context);
}

/* ---- Unix sockets ----------------------------------------------------------------------------- */

static void read_unix(const struct nlmsghdr *header, tune_socket_seen *seen, void *context) {
    const struct unix_diag_msg *message = NLMSG_DATA(header);
    struct attributes attributes;
    const void *data;
    int type;
    struct unix_diag_rqlen queue;
    struct tune_socket socket;
    size_t len;

    if (!find_attributes(header, sizeof *message, &attributes) || message->udiag_state != UNIX_STATE_LISTEN)
        return;
    memset(&socket, 0, sizeof socket);
    llnet_addr_init(&socket.local);
    llnet_addr_init(&socket.remote);
    socket.inode = message->udiag_ino;
    while (next_attribute(&attributes, &type, &data, &len)) {
        if (type == UNIX_DIAG_RQLEN && len >= sizeof queue) {
            memcpy(&queue, data, sizeof queue);
            socket.queued = queue.udiag_rqueue;
            socket.limit = queue.udiag_wqueue;
        } else if (type == UNIX_DIAG_NAME) {
            len = len < sizeof socket.path ? len : sizeof socket.path - 1;
            memcpy(socket.path, data, len);
            if (socket.path[0] == '\0')
                socket.path[0] = '@';
        }
    }
    seen(context, &socket);
}

llnet_status tune_each_unix_listener(tune_socket_seen *seen, void *context) {
    struct {
        struct nlmsghdr header;
        struct unix_diag_req body;
    } request;

    memset(&request, 0, sizeof request);
    request.header.nlmsg_len = sizeof request;
    request.header.nlmsg_type = SOCK_DIAG_BY_FAMILY;
    request.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
    request.body.sdiag_family = AF_UNIX;
    request.body.udiag_states = 1U << UNIX_STATE_LISTEN;
    request.body.udiag_show = UDIAG_SHOW_NAME | UDIAG_SHOW_RQLEN;
    return dump(&request, sizeof request, read_unix, seen, context);
}

/* ---- processes -------------------------------------------------------------------------------- */

static int compare_holders(const void *a, const void *b) {
    const struct tune_holder *one = a, *two = b;

    return one->inode < two->inode ? -1 : one->inode > two->inode;
}

const struct tune_holder *tune_holder_of(const struct tune_holder *holders, size_t count, uint32_t inode) {
    struct tune_holder key = {.inode = inode};

    return count == 0 ? NULL : bsearch(&key, holders, count, sizeof *holders, compare_holders);
}

static void read_process_name(int64_t process, char *name, size_t size) {
    char path[64];
    FILE *file;

    name[0] = '\0';
    snprintf(path, sizeof path, "/proc/%lld/comm", (long long)process);
    file = fopen(path, "re");
    if (file == NULL)
        return;
    if (fgets(name, (int)size, file) == NULL)
        name[0] = '\0';
    name[strcspn(name, "\n")] = '\0';
    fclose(file);
}

/* Looks at all descriptors of one process. */
static void look_at_process(int64_t process, struct tune_holder *holders, size_t count) {
    char path[64], link[64];
    struct dirent *entry;
    struct tune_holder *holder;
    unsigned inode;
    ssize_t len;
    DIR *directory;

    snprintf(path, sizeof path, "/proc/%lld/fd", (long long)process);
    directory = opendir(path);
    if (directory == NULL) /* it is gone, or somebody else's */
        return;
    while ((entry = readdir(directory)) != NULL) {
        len = readlinkat(dirfd(directory), entry->d_name, link, sizeof link - 1);
        if (len < 0)
            continue;
        link[len] = '\0';
        if (strncmp(link, "socket:[", 8) != 0)
            continue;
        inode = (unsigned)strtoul(link + 8, NULL, 10);
        holder = (struct tune_holder *)(uintptr_t)tune_holder_of(holders, count, inode);
        if (holder == NULL || holder->process == process)
            continue;
        if (holder->process != 0) {
            holder->others++;
            continue;
        }
        holder->process = process;
        read_process_name(process, holder->name, sizeof holder->name);
    }
    closedir(directory);
}

void tune_find_holders(struct tune_holder *holders, size_t count) {
    struct dirent *entry;
    DIR *directory;

    if (count == 0)
        return;
    qsort(holders, count, sizeof *holders, compare_holders);
    directory = opendir("/proc");
    if (directory == NULL)
        return;
    while ((entry = readdir(directory)) != NULL)
        if (isdigit((unsigned char)entry->d_name[0]))
            look_at_process(strtoll(entry->d_name, NULL, 10), holders, count);
    closedir(directory);
}
