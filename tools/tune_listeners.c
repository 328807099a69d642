/* SPDX-License-Identifier: MIT */
/* tune_listeners.c: the sockets that listen: queue, limit, what they dropped, process. */
#include "tune.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

struct list {
    struct tune_socket *sockets;
    size_t count, room;
    bool no_memory;
};

static void add(void *context, const struct tune_socket *socket) {
    struct list *list = context;
    size_t room = list->room == 0 ? 64 : list->room * 2;
    void *grown;

    if (list->count == list->room) {
        grown = list->no_memory ? NULL : realloc(list->sockets, room * sizeof *list->sockets);
        if (grown == NULL) {
            list->no_memory = true;
            return;
        }
        list->sockets = grown;
        list->room = room;
    }
    list->sockets[list->count++] = *socket;
}

/* Those that need a look first, then by address. */
static int compare(const void *a, const void *b) {
    const struct tune_socket *one = a, *two = b;
    bool one_full = one->queued > one->limit, two_full = two->queued > two->limit;

    if (one_full != two_full)
        return one_full ? -1 : 1;
    if (one->dropped != two->dropped)
        return one->dropped > two->dropped ? -1 : 1;
    if ((one->path[0] == '\0') != (two->path[0] == '\0'))
        return one->path[0] == '\0' ? -1 : 1;
    if (one->path[0] != '\0')
        return strcmp(one->path, two->path);
    return llnet_addr_compare(&one->local, &two->local);
}

/* "overflows": the queue has no room now; "dropped": it had none at some time. */
static const char *mark_of(const struct tune_socket *socket) {
    return socket->queued > socket->limit ? "overflows" : socket->dropped > 0 ? "dropped" : "";
}

static const char *address_of(const struct tune_socket *socket, char *text, size_t size) {
    if (socket->path[0] != '\0')
        return socket->path;
    if (llnet_addr_get_family(&socket->local) == AF_UNSPEC)
        return "(no name)";
    return llnet_addr_format(&socket->local, text, size) < 0 ? "?" : text;
}

/* Whoever names a socket or a process may not write to the terminal by that. */
static size_t put_harmless(const char *text) {
    size_t len = strlen(text);

    for (size_t i = 0; i < len; i++)
        putchar((unsigned char)text[i] < ' ' || (unsigned char)text[i] >= 127 ? '?' : text[i]);
    return len;
}

static void put_holder(const struct tune_holder *holder) {
    if (holder == NULL || holder->process == 0)
        fputs("-", stdout);
    else {
        put_harmless(holder->name);
        printf("/%" PRId64, holder->process);
        if (holder->others > 0)
            printf(" and %zu more", holder->others);
    }
}

static void put_table(const struct list *list, const struct tune_holder *holders) {
    char text[LLNET_ADDR_TEXT_MAX];
    const size_t address_width = 28;
    bool colours = tune_has_colours();
    size_t len;

    printf("%8s %8s %8s  %-9s  %-28s %s\n", "QUEUE", "LIMIT", "DROPPED", "", "ADDRESS", "PROCESS");
    for (size_t i = 0; i < list->count; i++) {
        const struct tune_socket *socket = &list->sockets[i];
        const char *mark = mark_of(socket);

        printf("%8" PRIu32 " %8" PRIu32 " ", socket->queued, socket->limit);
        if (socket->path[0] != '\0' || llnet_addr_get_family(&socket->local) == AF_UNSPEC)
            printf("%8s  ", "-"); /* the kernel does not count */
        else
            printf("%8" PRIu32 "  ", socket->dropped);
        printf(colours && *mark != '\0' ? "\033[1;31m%-9s\033[0m  " : "%-9s  ", mark);
        len = put_harmless(address_of(socket, text, sizeof text));
        printf("%*s ", len < address_width ? (int)(address_width - len) : 0, "");
        put_holder(tune_holder_of(holders, list->count, socket->inode));
        putchar('\n');
    }
}

static void put_json(const struct list *list, const struct tune_holder *holders) {
    char text[LLNET_ADDR_TEXT_MAX];
    const struct tune_holder *holder;

    puts("[");
    for (size_t i = 0; i < list->count; i++) {
        const struct tune_socket *socket = &list->sockets[i];

        holder = tune_holder_of(holders, list->count, socket->inode);
        fputs("  {\"address\": ", stdout);
        tune_put_json(address_of(socket, text, sizeof text));
        printf(", \"queue\": %" PRIu32 ", \"limit\": %" PRIu32 ", \"dropped\": %" PRIu32 ", \"overflows\": %s",
               socket->queued, socket->limit, socket->dropped, socket->queued > socket->limit ? "true" : "false");
        fputs(", \"process\": ", stdout);
        if (holder == NULL || holder->process == 0) {
            fputs("null, \"name\": null", stdout);
        } else {
            printf("%" PRId64 ", \"name\": ", holder->process);
            tune_put_json(holder->name);
        }
        printf("}%s\n", i + 1 < list->count ? "," : "");
    }
    puts("]");
}

static int show(struct list *list, bool json) {
    struct tune_holder *holders = calloc(list->count + 1, sizeof *holders);
    int result = TUNE_READY;

    if (holders == NULL) {
        tune_complain("%s", strerror(ENOMEM));
        return TUNE_FAILED;
    }
    for (size_t i = 0; i < list->count; i++) {
        holders[i].inode = list->sockets[i].inode;
        if (list->sockets[i].queued > list->sockets[i].limit || list->sockets[i].dropped > 0)
            result = TUNE_SHORT;
    }
    tune_find_holders(holders, list->count);
    if (list->count > 0)
        qsort(list->sockets, list->count, sizeof *list->sockets, compare);
    if (json)
        put_json(list, holders);
    else
        put_table(list, holders);
    free(holders);
    return result;
}

int tune_listeners(bool json) {
    struct list list = {NULL, 0, 0, false};
    llnet_status status = tune_each_listener(add, &list), unix_status;
    int result = TUNE_FAILED;

    if (status == 0) {
        unix_status = tune_each_unix_listener(add, &list);
        if (unix_status < 0) /* a module that not every kernel has */
            tune_complain("Unix sockets cannot be listed: %s", llnet_error_text(unix_status));
    }
    if (list.no_memory)
        status = -ENOMEM;
    if (status < 0)
        tune_complain("the sockets cannot be listed: %s", llnet_error_text(status));
    else
        result = show(&list, json);
    free(list.sockets);
    return result;
}
