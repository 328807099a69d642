/* SPDX-License-Identifier: MIT */
/* sys/posix.c: making descriptors where only POSIX.1-2001 is known: fcntl sets
 * their flags afterwards. */
#include "internal.h"
#include "sys.h"

#include <fcntl.h>
#include <unistd.h>

/* What SOCK_NONBLOCK is worth; where there is none it cannot be asked for. */
#ifdef SOCK_NONBLOCK
#define FLAG_NONBLOCK SOCK_NONBLOCK
#else
#define FLAG_NONBLOCK 0
#endif

/* The switch of a socket that stands in for MSG_NOSIGNAL; 0 where there is none. */
#ifdef SO_NOSIGPIPE
#define OPTION_NOSIGPIPE SO_NOSIGPIPE
#else
#define OPTION_NOSIGPIPE 0
#endif

/* Sets the flags on a new descriptor, or closes it again. */
static int set_flags(int fd, bool nonblock) {
    int error;

    if (fcntl(fd, F_SETFD, FD_CLOEXEC) == 0) {
        int mode = fcntl(fd, F_GETFL);
        int wanted = nonblock ? mode | O_NONBLOCK : mode & ~O_NONBLOCK;
        if (mode >= 0 && (mode == wanted || fcntl(fd, F_SETFL, wanted) == 0))
            return fd;
    }
    error = errno;
    close(fd);
    return -error;
}

/* The same for two: both keep open, or none. */
static int set_both(const int fds[2], bool nonblock) {
    int first = set_flags(fds[0], nonblock), second = set_flags(fds[1], nonblock);

    if (first >= 0 && second >= 0)
        return 0;
    if (first >= 0)
        close(first);
    if (second >= 0)
        close(second);
    return first < 0 ? first : second;
}

/* A failure is nothing to lose a connection for: the peer of one that was just
 * accepted may be gone. */
static void silence(int fd) {
    const int on = 1;

    if (OPTION_NOSIGPIPE != 0)
        (void)setsockopt(fd, SOL_SOCKET, OPTION_NOSIGPIPE, &on, sizeof on);
}

int ll_sys_socket(int domain, int type, int protocol, int flags) {
    int fd = socket(domain, type, protocol);

    if (fd < 0)
        return -errno;
    silence(fd);
    return set_flags(fd, (flags & FLAG_NONBLOCK) != 0);
}

int ll_sys_socketpair(int domain, int type, int protocol, int flags, int fds[2]) {
    if (socketpair(domain, type, protocol, fds) < 0)
        return -errno;
    silence(fds[0]);
    silence(fds[1]);
    return set_both(fds, (flags & FLAG_NONBLOCK) != 0);
}

int ll_sys_accept(int fd, struct sockaddr *addr, socklen_t *len, int flags) {
    int accepted = accept(fd, addr, len);

    if (accepted < 0)
        return -errno;
    silence(accepted);
    return set_flags(accepted, (flags & FLAG_NONBLOCK) != 0);
}

int ll_sys_pipe(int fds[2], bool nonblock) {
    return pipe(fds) < 0 ? -errno : set_both(fds, nonblock);
}
