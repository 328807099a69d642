/* SPDX-License-Identifier: MIT */
/* udp_offload.c: sends and receives datagrams, up to 64 of them with one system call:
 * the kernel cuts one piece of memory into datagrams of a size (UDP_SEGMENT), and on
 * the other side joins those of one sender again (UDP_GRO). Whoever does without sees
 * the single datagrams.
 *
 *     udp_offload receive 127.0.0.1:7777
 *     udp_offload send 127.0.0.1:7777 1200 540
 */
#include <llnet.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { ROOM = 65535, CALL_MAX = 65507, RECEIVE_BUFFER = 4194304 };

static char data[ROOM];

static llnet_count check(llnet_count result, const char *what) {
    if (result >= 0)
        return result;
    fprintf(stderr, "udp_offload: %s: %s (%s)\n", what, llnet_error_text((int)result),
            llnet_error_name((int)result));
    exit(1);
}

/* Until an empty datagram comes. */
static void receive(llnet_socket *sock, llnet_addr *addr) {
    unsigned long long datagrams = 0, bytes = 0, calls = 0;
    char text[LLNET_ADDR_TEXT_MAX];
    size_t segment_size;
    llnet_count n;

    check(llnet_socket_bind(sock, addr), "bind");
    /* without it each datagram comes alone; so a kernel that lacks it is no error */
    llnet_socket_set_option_int(sock, "UDP_GRO", 1);
    llnet_socket_set_option_int(sock, "SO_RCVBUF", RECEIVE_BUFFER);
    check(llnet_socket_get_sockname(sock, addr), "sockname");
    check(llnet_addr_format(addr, text, sizeof text), "format");
    printf("listening on %s\n", text);
    fflush(stdout);
    for (;;) {
        n = check(llnet_socket_recv_segments(sock, data, sizeof data, &segment_size, NULL, 0), "receive");
        if (n == 0)
            break;
        calls++;
        bytes += (unsigned long long)n;
        datagrams += ((unsigned long long)n + segment_size - 1) / segment_size;
    }
    printf("%llu datagrams, %llu bytes, %llu calls\n", datagrams, bytes, calls);
}

/* As many datagrams in a call as fit: a limit of the kernel's and one of UDP's. An empty one
 * says that it was the last. */
static void transmit(llnet_socket *sock, const llnet_addr *addr, size_t size, unsigned long count) {
    size_t at_once = CALL_MAX / size < LLNET_SEGMENTS_MAX ? CALL_MAX / size : LLNET_SEGMENTS_MAX;
    unsigned long left, calls = 0;
    llnet_count n;

    check(llnet_socket_connect(sock, addr), "connect");
    for (left = count; left > 0; calls++) {
        if (at_once > left)
            at_once = left;
        /* where the kernel can't cut, llnet sends them one by one, and may be stopped midway */
        n = check(llnet_socket_send_segments(sock, data, at_once * size, size, NULL, 0), "send");
        left -= (unsigned long)n / size;
    }
    check(llnet_socket_send(sock, data, 0, 0), "send");
    printf("%lu datagrams, %lu bytes, %lu calls\n", count, (unsigned long)(count * size), calls);
}

/* The argument at i, or a default where it is left out; 0 where it is no number from 1 to most. */
static unsigned long number(int argc, char **argv, int i, unsigned long otherwise, unsigned long most) {
    char *end;
    unsigned long value;

    if (i >= argc)
        return otherwise;
    value = argv[i][0] >= '0' && argv[i][0] <= '9' ? strtoul(argv[i], &end, 10) : 0;
    return value > 0 && *end == '\0' && value <= most ? value : 0;
}

int main(int argc, char **argv) {
    bool help = argc == 2 && strcmp(argv[1], "--help") == 0;
    bool receives = argc == 3 && strcmp(argv[1], "receive") == 0;
    bool sends = argc >= 3 && argc <= 5 && strcmp(argv[1], "send") == 0;
    unsigned long size = number(argc, argv, 3, 1200, CALL_MAX), count = number(argc, argv, 4, 54, 1000000000);
    llnet_socket sock;
    llnet_addr addr;

    if (help || (!receives && !sends) || size == 0 || count == 0) {
        fprintf(help ? stdout : stderr,
                "usage: udp_offload receive ADDRESS\n"
                "       udp_offload send ADDRESS [SIZE [COUNT]]\n"
                "Receives datagrams until an empty one comes, or sends COUNT (54) of SIZE (1200) bytes and an\n"
                "empty one, many in a call; prints how many calls that took.\n"
                "ADDRESS: 127.0.0.1:7777 (port 0: any), [::1]:7777; SIZE: 1 to 65507\n");
        return help ? 0 : 2;
    }
    check(llnet_addr_parse(&addr, argv[2]), argv[2]);
    check(llnet_socket_open(&sock, llnet_addr_get_family(&addr), SOCK_DGRAM, 0, 0), "open");
    if (receives)
        receive(&sock, &addr);
    else
        transmit(&sock, &addr, size, count);
    return llnet_socket_close(&sock) < 0;
}
