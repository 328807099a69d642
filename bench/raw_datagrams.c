/* SPDX-License-Identifier: MIT */
/* raw_datagrams.c: the yardstick for datagrams: over loopback by the system calls
 * themselves, without llnet. For each line "MODE COUNT" that it reads it moves that
 * many datagrams and answers "SENT RECEIVED"; bench/peer/datagrams.lua says what the
 * programs through libraries have in common with it. */
#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif
#ifndef UDP_GRO
#define UDP_GRO 104
#endif

enum { SIZE = 1200, BATCH = 64, RUN = 54, ROOM = 65535 };

/* The n-th datagram of a window begins with the byte n. */
static unsigned char payload[BATCH * SIZE];
static unsigned char room[BATCH][SIZE + 1], run_room[ROOM];
static struct mmsghdr to_send[BATCH], to_receive[BATCH];
static struct sockaddr_storage senders[BATCH];

static void fail(const char *what) {
    fprintf(stderr, "datagrams: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void check(const unsigned char *data, long size, long index) {
    if (size == SIZE && data[0] == index)
        return;
    fprintf(stderr, "datagrams: datagram %ld has %ld bytes and begins with %d\n", index, size, data[0]);
    exit(1);
}

/* Nothing came in a second: it is lost. */
static int nothing_came(ssize_t result) {
    if (result < 0 && errno != EAGAIN && errno != EINTR)
        fail("receive");
    return result < 0;
}

static void send_single(int fd) {
    for (int i = 0; i < BATCH; i++)
        if (send(fd, payload + i * SIZE, SIZE, MSG_NOSIGNAL) != SIZE)
            fail("send");
}

static long receive_single(int fd) {
    for (int i = 0; i < BATCH; i++) {
        ssize_t n = recv(fd, room[0], sizeof room[0], 0);

        if (nothing_came(n))
            return i;
        check(room[0], n, i);
    }
    return BATCH;
}

static void send_batch(int fd) {
    for (int sent = 0; sent < BATCH;) {
        int n = sendmmsg(fd, to_send + sent, (unsigned)(BATCH - sent), MSG_NOSIGNAL);

        if (n < 0)
            fail("sendmmsg");
        sent += n;
    }
}

static long receive_batch(int fd) {
    long received = 0;

    while (received < BATCH) {
        int n;

        for (int i = 0; i < BATCH; i++)
            to_receive[i].msg_hdr.msg_namelen = sizeof senders[i];
        n = recvmmsg(fd, to_receive, (unsigned)(BATCH - received), MSG_CMSG_CLOEXEC, NULL);
        if (nothing_came(n))
            break;
        for (int i = 0; i < n; i++)
            check(room[i], to_receive[i].msg_len, received + i);
        received += n;
    }
    return received;
}

static void send_offload(int fd) {
    char control[CMSG_SPACE(sizeof(uint16_t))];
    struct iovec iov = {payload, RUN * SIZE};
    struct msghdr msg = {
        .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
    struct cmsghdr *cmsg = CMSG_FIRSTHDR(&msg);
    uint16_t size = SIZE;

    cmsg->cmsg_level = IPPROTO_UDP;
    cmsg->cmsg_type = UDP_SEGMENT;
    cmsg->cmsg_len = CMSG_LEN(sizeof size);
    memcpy(CMSG_DATA(cmsg), &size, sizeof size);
    if (sendmsg(fd, &msg, MSG_NOSIGNAL) != RUN * SIZE)
        fail("sendmsg");
}

static int segment_size(struct msghdr *msg, int size) {
    for (struct cmsghdr *cmsg = CMSG_FIRSTHDR(msg); cmsg != NULL; cmsg = CMSG_NXTHDR(msg, cmsg))
        if (cmsg->cmsg_level == IPPROTO_UDP && cmsg->cmsg_type == UDP_GRO)
            memcpy(&size, CMSG_DATA(cmsg), sizeof size);
    return size;
}

/* step: from one datagram to the next that is looked at; 0: from the first to the last. */
static long look(const unsigned char *data, ssize_t n, int size, int step, long index) {
    if (size != SIZE || n % SIZE != 0)
        check(data, n % SIZE, index);
    if (step == 0)
        step = n > SIZE ? (int)n - SIZE : SIZE;
    for (ssize_t at = 0; at < n; at += step)
        check(data + at, SIZE, index + at / SIZE);
    return n / SIZE;
}

static long receive_run(int fd, int step) {
    long received = 0;

    while (received < RUN) {
        char control[CMSG_SPACE(sizeof(int))];
        struct iovec iov = {run_room, sizeof run_room};
        struct msghdr msg = {.msg_name = &senders[0],
                             .msg_namelen = sizeof senders[0],
                             .msg_iov = &iov,
                             .msg_iovlen = 1,
                             .msg_control = control,
                             .msg_controllen = sizeof control};
        ssize_t n = recvmsg(fd, &msg, MSG_CMSG_CLOEXEC);

        if (nothing_came(n))
            break;
        received += look(run_room, n, segment_size(&msg, (int)n), step, received);
    }
    return received;
}

static long receive_offload(int fd) {
    return receive_run(fd, 0);
}

static long receive_offload_each(int fd) {
    return receive_run(fd, SIZE);
}

static const struct mode {
    const char *name;
    long window; /* datagrams that are sent before they are received */
    void (*send)(int fd);
    long (*receive)(int fd);
} modes[] = {
    {"single", BATCH, send_single, receive_single},
    {"batch", BATCH, send_batch, receive_batch},
    {"offload", RUN, send_offload, receive_offload},
    {"offload-each", RUN, send_offload, receive_offload_each},
};

static void open_sockets(int *sender, int *receiver) {
    struct timeval second = {1, 0};
    struct sockaddr_in addr = {.sin_family = AF_INET};
    socklen_t len = sizeof addr;

    addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    *sender = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    *receiver = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (*sender < 0 || *receiver < 0 || bind(*receiver, (struct sockaddr *)&addr, len) < 0 ||
        getsockname(*receiver, (struct sockaddr *)&addr, &len) < 0 ||
        connect(*sender, (struct sockaddr *)&addr, len) < 0 ||
        setsockopt(*receiver, SOL_SOCKET, SO_RCVTIMEO, &second, sizeof second) < 0)
        fail("socket");
}

static void run(const struct mode *mode, long count) {
    int sender, receiver, on = 1;
    long sent = 0, received = 0, n;

    open_sockets(&sender, &receiver);
    if (mode->window == RUN && setsockopt(receiver, IPPROTO_UDP, UDP_GRO, &on, sizeof on) < 0) {
        puts("unsupported");
    } else {
        do {
            mode->send(sender);
            sent += mode->window;
            n = mode->receive(receiver);
            received += n;
        } while (n == mode->window && sent < count);
        printf("%ld %ld\n", sent, received);
    }
    fflush(stdout);
    close(sender);
    close(receiver);
}

static void prepare(void) {
    static struct iovec parts[BATCH], rooms[BATCH];

    for (int i = 0; i < BATCH; i++) {
        payload[i * SIZE] = (unsigned char)i;
        parts[i] = (struct iovec){payload + i * SIZE, SIZE};
        rooms[i] = (struct iovec){room[i], sizeof room[i]};
        to_send[i].msg_hdr = (struct msghdr){.msg_iov = &parts[i], .msg_iovlen = 1};
        to_receive[i].msg_hdr = (struct msghdr){.msg_name = &senders[i], .msg_iov = &rooms[i], .msg_iovlen = 1};
    }
}

int main(void) {
    char name[16];
    long count;

    prepare();
    while (scanf("%15s %ld", name, &count) == 2)
        for (size_t i = 0; i < sizeof modes / sizeof *modes; i++)
            if (strcmp(name, modes[i].name) == 0)
                run(&modes[i], count);
    return 0;
}
