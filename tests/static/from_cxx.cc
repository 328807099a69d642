// SPDX-License-Identifier: MIT
// from_cxx.cc: C++ links with the library: a datagram goes through a pair of sockets, and
// its bytes and an error come back as they do in C. make check-static builds and runs it.
#include <llnet.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <sys/socket.h>

static int failures = 0;

static void check(bool holds, const char *what) {
    if (!holds) {
        std::printf("from C++ this does not hold: %s\n", what);
        failures++;
    }
}

int main() {
    llnet_socket pair[2];
    llnet_addr addr;
    llnet_buffer *buffer = nullptr;
    char text[LLNET_ADDR_TEXT_MAX];

    check(llnet_socket_pair(&pair[0], &pair[1], AF_UNIX, SOCK_DGRAM, 0, 0) == 0, "a pair is made");
    check(llnet_socket_send(&pair[0], "four", 4, 0) == 4, "four bytes go");
    check(llnet_buffer_new(&buffer, 16) == 0, "a buffer is made");
    check(llnet_socket_recv(&pair[1], text, sizeof text, 0) == 4 && std::memcmp(text, "four", 4) == 0,
          "the four bytes come");
    check(llnet_socket_recv(&pair[1], text, sizeof text, MSG_DONTWAIT) == -EAGAIN, "no more than these");
    llnet_buffer_free(buffer);
    check(llnet_socket_close(&pair[0]) == 0 && llnet_socket_close(&pair[1]) == 0, "both are closed");
    check(llnet_addr_parse(&addr, "[::1]:80") == 0, "an address is read");
    check(llnet_addr_format(&addr, text, sizeof text) == 8 && std::strcmp(text, "[::1]:80") == 0, "and written");
    return failures == 0 ? 0 : 1;
}
