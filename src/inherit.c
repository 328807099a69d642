/* SPDX-License-Identifier: MIT */
/* inherit.c: sockets that a service manager passed, by the environment variables of
 * sd_listen_fds(3). */
#include "internal.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* SD_LISTEN_FDS_START: behind standard input, output and error */
enum { FIRST = 3 };

/* A variable as a number from 0 to max; -ENOENT where it is not set, -EINVAL where
 * it is none. */
static llnet_count read_variable(const char *name, int64_t max) {
    const char *text = getenv(name); /* NOLINT(concurrency-mt-unsafe): no thread may change it meanwhile */
    int64_t number = 0;

    if (text == NULL)
        return -ENOENT;
    if (*text == '\0')
        return -EINVAL;
    for (; *text != '\0'; text++) {
        if (*text < '0' || *text > '9')
            return -EINVAL;
        number = number * 10 + (*text - '0');
        if (number > max)
            return -EINVAL;
    }
    return (llnet_count)number;
}

llnet_count llnet_inherit_count(void) {
    llnet_count pid = read_variable("LISTEN_PID", INT32_MAX), count;

    if (pid < 0 || pid != getpid())
        return pid == -EINVAL ? -EINVAL : 0;
    count = read_variable("LISTEN_FDS", INT32_MAX - FIRST);
    return count == -ENOENT ? 0 : count;
}

/* 0 where the index is that of a passed descriptor. */
static llnet_status check_index(size_t index) {
    llnet_count count = llnet_inherit_count();

    if (count < 0)
        return (llnet_status)count;
    return index < (size_t)count ? 0 : -LLNET_EBOUNDS;
}

llnet_status llnet_inherit_socket(size_t index, llnet_socket *out) {
    llnet_status status = check_index(index);
    int fd;

    llnet_socket_init(out);
    if (status < 0)
        return status;
    fd = FIRST + (int)index;
    if (fcntl(fd, F_SETFD, FD_CLOEXEC) < 0)
        return -errno;
    return llnet_socket_adopt(out, fd);
}

llnet_count llnet_inherit_name(size_t index, char *text, size_t size) {
    llnet_status status = check_index(index);
    const char *name = getenv("LISTEN_FDNAMES"); /* NOLINT(concurrency-mt-unsafe): as there */
    size_t len = 0;

    if (status < 0)
        return status;
    for (; name != NULL && index > 0; index--) {
        name = strchr(name, ':');
        if (name != NULL)
            name++;
    }
    if (name != NULL)
        len = strcspn(name, ":");
    if (size <= len)
        return -ENOBUFS;
    if (len > 0)
        memcpy(text, name, len);
    text[len] = '\0';
    return (llnet_count)len;
}

llnet_status llnet_inherit_clear(void) {
    static const char *const names[] = {"LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (unsetenv(names[i]) != 0) /* NOLINT(concurrency-mt-unsafe): the header says so */
            return -errno;
    return 0;
}
