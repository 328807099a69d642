/* SPDX-License-Identifier: MIT */
/* load_sockets.c: the load's connections: to a TCP port of loopback, from as many addresses of
 * it as their number needs, or to a Unix socket. */
#include "load.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* Ports from one address: the kernel's search for a free one gets slow beyond half of them. */
enum { PORTS_EACH = 4000 };

static int connect_unix(const char *path) {
    struct sockaddr_un addr = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    strncpy(addr.sun_path, path, sizeof addr.sun_path - 1);
    if (fd < 0 || connect(fd, (struct sockaddr *)&addr, sizeof addr) < 0)
        load_fail(path);
    return fd;
}

static int connect_port(unsigned port, long index) {
    struct sockaddr_in addr = {.sin_family = AF_INET}, from = {.sin_family = AF_INET};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;

    addr.sin_port = htons((uint16_t)port);
    addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    from.sin_addr.s_addr = htonl(INADDR_LOOPBACK + (in_addr_t)(index / PORTS_EACH));
    if (fd < 0)
        load_fail("socket");
#ifdef IP_BIND_ADDRESS_NO_PORT
    setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
#endif
    if (index >= PORTS_EACH && bind(fd, (struct sockaddr *)&from, sizeof from) < 0)
        load_fail("bind");
    if (connect(fd, (struct sockaddr *)&addr, sizeof addr) < 0)
        load_fail("connect");
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, "reno", 4); /* bbr would pace */
    return fd;
}

int load_connect(const char *address, long index) {
    return address[0] == '/' ? connect_unix(address) : connect_port((unsigned)strtoul(address, NULL, 10), index);
}

void load_disconnect(int fd) {
    struct linger reset = {1, 0};

    setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    close(fd);
}
