/* SPDX-License-Identifier: MIT */
/* echo_client.c: sends to an echo server, from standard input or messages of its
 * own making, and verifies what comes back. It shows a stream driven in both
 * directions at once by llnet_socket_poll, partial sends and receives, and the
 * half close that ends it.
 *
 *     echo_client 127.0.0.1:7777 <file           prints the echo
 *     echo_client -n 1000 -s 100 127.0.0.1:7777  1000 messages of 100 bytes
 */
#include <llnet.h>

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { SIZE_LIMIT = 1 << 20 };

static llnet_socket server;
static char out[SIZE_LIMIT], in[SIZE_LIMIT];

static void fail(const char *what, llnet_count result) {
    fprintf(stderr, "echo_client: %s: %s (%s)\n", what, llnet_error_text((int)result),
            llnet_error_name((int)result));
    exit(1);
}

/* The bytes that a call moved: none where it has to be made again later. */
static size_t moved(llnet_count result, const char *what) {
    if (result < 0 && result != -EAGAIN && result != -EINTR)
        fail(what, result);
    return result > 0 ? (size_t)result : 0;
}

/* Sends len bytes and receives as many. Were it to send them all first, it would
 * wait for ever for a server that waits to be read from. */
static void exchange(size_t len) {
    size_t sent = 0, received = 0;

    while (received < len) {
        int wanted = sent < len ? POLLIN | POLLOUT : POLLIN;
        llnet_count events = llnet_socket_poll(&server, wanted, -1);

        moved(events, "poll");
        if (events > 0 && (events & POLLOUT) != 0 && sent < len)
            sent += moved(llnet_socket_send(&server, out + sent, len - sent, 0), "send");
        if (events > 0 && (events & ~POLLOUT) != 0)
            received += moved(llnet_socket_recv(&server, in + received, len - received, 0), "receive");
    }
    if (memcmp(in, out, len) != 0) {
        fprintf(stderr, "echo_client: the echo differs\n");
        exit(1);
    }
}

static void echo_input(void) {
    ssize_t n;

    while ((n = read(STDIN_FILENO, out, sizeof out)) > 0) {
        exchange((size_t)n);
        if (fwrite(in, 1, (size_t)n, stdout) != (size_t)n || fflush(stdout) != 0)
            fail("write", -errno);
    }
    if (n < 0)
        fail("read", -errno);
}

static void echo_messages(long count, size_t size) {
    for (long i = 0; i < count; i++) {
        for (size_t k = 0; k < size; k++)
            out[k] = (char)(i + (long)k * 7);
        exchange(size);
    }
    printf("%ld messages of %zu bytes came back\n", count, size);
}

/* Tells the server that this was all, and sees that nothing more comes. */
static void end(void) {
    llnet_count n = llnet_socket_shutdown(&server, SHUT_WR);

    while (n >= 0 || n == -EAGAIN || n == -EINTR) {
        llnet_socket_poll(&server, POLLIN, -1);
        n = llnet_socket_recv(&server, in, 1, 0);
        if (n > 0) {
            fprintf(stderr, "echo_client: more came back than was sent\n");
            exit(1);
        }
    }
    if (n != -LLNET_ECLOSED)
        fail("end", n);
}

static long number(const char *text, long least, long most) {
    char *rest;
    long value;

    errno = 0;
    value = strtol(text, &rest, 10);
    if (rest == text || *rest != '\0' || errno != 0 || value < least || value > most) {
        fprintf(stderr, "echo_client: %s: not a number from %ld to %ld\n", text, least, most);
        exit(2);
    }
    return value;
}

static void connect_to(const char *text) {
    llnet_addr addr;
    llnet_status status;

    if ((status = llnet_addr_parse(&addr, text)) < 0)
        fail(text, status);
    if ((status = llnet_socket_open(&server, llnet_addr_get_family(&addr), SOCK_STREAM, 0, 0)) < 0)
        fail("open", status);
    if ((status = llnet_socket_connect(&server, &addr)) < 0)
        fail("connect", status);
    if ((status = llnet_socket_set_nonblock(&server, true)) < 0)
        fail("set_nonblock", status);
}

int main(int argc, char **argv) {
    long count = -1, size = 64;
    bool help = false, usage = false;
    int i;

    for (i = 1; i < argc && argv[i][0] == '-'; i++) {
        if (strcmp(argv[i], "-n") == 0 && i + 1 < argc)
            count = number(argv[++i], 0, LONG_MAX);
        else if (strcmp(argv[i], "-s") == 0 && i + 1 < argc)
            size = number(argv[++i], 1, SIZE_LIMIT);
        else if (strcmp(argv[i], "--help") == 0)
            help = true;
        else
            usage = true;
    }
    if (help || usage || i + 1 != argc) {
        fprintf(help ? stdout : stderr,
                "usage: echo_client [-n COUNT] [-s SIZE] ADDRESS\n"
                "Sends standard input, or COUNT messages of SIZE bytes (64), to an echo server\n"
                "and verifies the echo. ADDRESS: 127.0.0.1:7777, [::1]:7777, unix:/tmp/echo, unix:@echo\n"
                "Exit status: 0 all came back, 1 it did not, 2 wrong usage.\n");
        return help ? 0 : 2;
    }
    connect_to(argv[i]);
    if (count < 0)
        echo_input();
    else
        echo_messages(count, (size_t)size);
    end();
    return llnet_socket_close(&server) < 0;
}
