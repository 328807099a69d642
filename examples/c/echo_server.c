/* SPDX-License-Identifier: MIT */
/* echo_server.c: sends back what it receives, to many clients at once, with one
 * thread and one poller. It shows back-pressure (a client that does not read its
 * echo is not read from either), what to do when descriptors run out, and an end
 * by SIGINT or SIGTERM that first sends what is left to send.
 *
 *     echo_server 127.0.0.1:7777      or [::1]:7777, unix:/tmp/echo, unix:@echo
 *     echo_client 127.0.0.1:7777 <file
 */
#define _POSIX_C_SOURCE 200809L /* sigaction(2), also with -std=c99 */

#include <llnet.h>

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BUFFER_SIZE = 65536, RETRY_MS = 1000 };

struct client {
    llnet_socket socket;
    llnet_buffer *buffer; /* holds what came, of which the first bytes are sent */
    size_t sent;
    struct client *previous, *next;
};

static llnet_poller *poller;
static llnet_socket listener;
static bool accepting;
static struct client *clients;
static volatile sig_atomic_t stopping;

static void stop(int number) {
    (void)number;
    stopping = 1;
    llnet_poller_wake(poller);
}

static void check(llnet_count result, const char *what) {
    if (result >= 0)
        return;
    fprintf(stderr, "echo_server: %s: %s (%s)\n", what, llnet_error_text((int)result),
            llnet_error_name((int)result));
    exit(1);
}

/* The listener's token is 0, a client's its address. */
static void watch_listener(void) {
    check(llnet_poller_add(poller, llnet_socket_fileno(&listener), POLLIN, 0), "poller");
    accepting = true;
}

static void drop(struct client *self) {
    llnet_poller_remove(poller, llnet_socket_fileno(&self->socket));
    llnet_socket_close(&self->socket);
    llnet_buffer_free(self->buffer);
    *(self->previous != NULL ? &self->previous->next : &clients) = self->next;
    if (self->next != NULL)
        self->next->previous = self->previous;
    free(self);
    if (!accepting && !stopping)
        watch_listener(); /* a descriptor is free again */
}

static void accept_one(void) {
    struct client *self = calloc(1, sizeof *self);
    llnet_status status = self != NULL ? llnet_buffer_new(&self->buffer, BUFFER_SIZE) : -ENOMEM;

    if (status == 0)
        status = llnet_socket_accept(&listener, &self->socket, NULL, SOCK_NONBLOCK);
    if (status < 0) {
        llnet_buffer_free(self != NULL ? self->buffer : NULL);
        free(self);
        if (status == -EMFILE || status == -ENFILE || status == -ENOMEM || status == -ENOBUFS) {
            llnet_poller_remove(poller, llnet_socket_fileno(&listener)); /* it would stay ready */
            accepting = false;
        }
        return; /* EAGAIN, EINTR, ECONNABORTED: nobody there any more */
    }
    self->next = clients;
    if (clients != NULL)
        clients->previous = self;
    clients = self;
    if (llnet_poller_add(poller, llnet_socket_fileno(&self->socket), POLLIN, (uintptr_t)self) < 0)
        drop(self);
}

/* Reads when there is nothing to send, and sends. An error means that the client is done. */
static llnet_status serve(struct client *self) {
    intptr_t fd = llnet_socket_fileno(&self->socket);
    bool waited = llnet_buffer_get_size(self->buffer) > 0, waits;
    llnet_count n;

    if (!waited) {
        n = llnet_socket_recv_buffer(&self->socket, self->buffer, 0, LLNET_ALL, 0);
        if (n < 0)
            return n == -EAGAIN || n == -EINTR ? 0 : (llnet_status)n; /* LLNET_ECLOSED: the end */
        llnet_buffer_set_size(self->buffer, (size_t)n);
        self->sent = 0;
    }
    n = llnet_socket_send_buffer(&self->socket, self->buffer, self->sent, LLNET_ALL, 0);
    if (n < 0 && n != -EAGAIN && n != -EINTR)
        return (llnet_status)n;
    self->sent += n > 0 ? (size_t)n : 0;
    waits = self->sent < llnet_buffer_get_size(self->buffer);
    if (!waits) {
        llnet_buffer_reset(self->buffer);
        if (stopping)
            return -LLNET_ECLOSED;
    }
    return waits == waited ? 0 : llnet_poller_modify(poller, fd, waits ? POLLOUT : POLLIN, (uintptr_t)self);
}

/* No more clients; those that we owe nothing leave at once, the others when they have it. */
static void wind_up(void) {
    struct client *next;

    llnet_poller_remove(poller, llnet_socket_fileno(&listener));
    llnet_socket_close(&listener);
    for (struct client *self = clients; self != NULL; self = next) {
        next = self->next;
        if (llnet_buffer_get_size(self->buffer) == 0)
            drop(self);
    }
}

static void run(void) {
    while (!stopping || clients != NULL) {
        llnet_count count = llnet_poller_wait(poller, accepting || stopping ? -1 : RETRY_MS);
        uint64_t token;
        int events;

        if (count != -EINTR)
            check(count, "wait");
        if (count == 0 && !accepting && !stopping)
            watch_listener(); /* others may have given descriptors back */
        if (stopping && llnet_socket_is_open(&listener))
            wind_up();
        for (llnet_count i = 0; i < count; i++) {
            if (llnet_poller_get_event(poller, (size_t)i, &token, &events) < 0)
                continue; /* dropped since */
            if (token == 0)
                accept_one();
            else if (serve((struct client *)(uintptr_t)token) < 0)
                drop((struct client *)(uintptr_t)token);
        }
    }
}

static void catch_signals(void) {
    struct sigaction action;

    memset(&action, 0, sizeof action);
    action.sa_handler = stop;
    action.sa_flags = (int)SA_RESETHAND; /* so that a second one kills */
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

int main(int argc, char **argv) {
    bool help = argc == 2 && strcmp(argv[1], "--help") == 0;
    char text[LLNET_ADDR_TEXT_MAX], path[LLNET_ADDR_BYTES_MAX + 1] = "";
    llnet_addr addr;

    if (help || argc != 2) {
        fprintf(help ? stdout : stderr,
                "usage: echo_server ADDRESS\n"
                "Sends back what it receives until SIGINT or SIGTERM comes.\n"
                "ADDRESS: 127.0.0.1:7777 (port 0: any), [::1]:7777, unix:/tmp/echo, unix:@echo\n");
        return help ? 0 : 2;
    }
    check(llnet_addr_parse(&addr, argv[1]), argv[1]);
    check(llnet_socket_open(&listener, llnet_addr_get_family(&addr), SOCK_STREAM, 0, SOCK_NONBLOCK), "open");
    check(llnet_socket_bind(&listener, &addr), "bind");
    check(llnet_socket_listen(&listener, 1024), "listen");
    check(llnet_socket_get_sockname(&listener, &addr), "sockname");
    check(llnet_addr_format(&addr, text, sizeof text), "format");
    check(llnet_poller_new(&poller, NULL), "poller");
    watch_listener();
    catch_signals();
    printf("listening on %s\n", text);
    fflush(stdout);
    run();
    llnet_poller_free(poller);
    if (llnet_addr_get_unix(&addr, path, sizeof path - 1) > 0 && path[0] != '\0')
        unlink(path);
    return 0;
}
