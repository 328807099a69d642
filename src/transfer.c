/* SPDX-License-Identifier: MIT */
/* transfer.c: bytes that move between descriptors inside the kernel: files to sockets,
 * and by way of pipes; reading and writing what is no socket. */
#include "internal.h"
#include "sys.h"

#include <signal.h>
#include <unistd.h>

static bool sigpipe_is_ignored;

bool ll_sigpipe_is_ignored(void) {
    return __atomic_load_n(&sigpipe_is_ignored, __ATOMIC_RELAXED);
}

llnet_status llnet_ignore_sigpipe(void) {
    struct sigaction action = {.sa_handler = SIG_IGN};

    sigemptyset(&action.sa_mask);
    if (sigaction(SIGPIPE, &action, NULL) < 0)
        return -errno;
    __atomic_store_n(&sigpipe_is_ignored, true, __ATOMIC_RELAXED);
    return 0;
}

/* What moved; nothing where something was asked for is the end. */
static llnet_count moved(llnet_count n, size_t count) {
    return n == 0 && count > 0 ? -LLNET_ECLOSED : n;
}

llnet_count llnet_socket_sendfile(llnet_socket *self, intptr_t file, int64_t file_offset, size_t count) {
    int number = ll_descriptor(file);

    if (ll_socket_fd(self) < 0)
        return -EBADF;
    if (number < 0)
        return number;
    if (file_offset < -1)
        return -EINVAL;
    return moved(ll_sys_sendfile(ll_socket_fd(self), number, file_offset, count), count);
}

llnet_status llnet_socket_open_pipe(llnet_socket *out, llnet_socket *other, int flags) {
    int fds[2], result;

    llnet_socket_init(out);
    llnet_socket_init(other);
    if ((flags & ~(SOCK_NONBLOCK | SOCK_CLOEXEC)) != 0)
        return -EINVAL;
    result = ll_sys_pipe(fds, (flags & SOCK_NONBLOCK) != 0);
    if (result < 0)
        return result;
    llnet_socket_adopt(out, fds[0]);
    return llnet_socket_adopt(other, fds[1]);
}

llnet_count llnet_socket_splice(llnet_socket *self, llnet_socket *target, size_t count, int flags) {
    if (ll_socket_fd(self) < 0 || ll_socket_fd(target) < 0)
        return -EBADF;
    return moved(ll_sys_splice(ll_socket_fd(self), ll_socket_fd(target), count, flags), count);
}

llnet_count llnet_socket_tee(llnet_socket *self, llnet_socket *target, size_t count, int flags) {
    if (ll_socket_fd(self) < 0 || ll_socket_fd(target) < 0)
        return -EBADF;
    return moved(ll_sys_tee(ll_socket_fd(self), ll_socket_fd(target), count, flags), count);
}

llnet_count llnet_socket_read(llnet_socket *self, void *data, size_t len) {
    ssize_t n = read(ll_socket_fd(self), data, len);

    if (n != 0)
        return n < 0 ? ll_data_error() : n;
    /* what is no socket has an end */
    return len > 0 && ll_socket_learn_kind(self) != LL_SOCKET_RECORDS ? -LLNET_ECLOSED : 0;
}

llnet_count llnet_socket_write(llnet_socket *self, const void *data, size_t len) {
    if (ll_socket_fd(self) < 0)
        return -EBADF;
    return ll_sys_write(ll_socket_fd(self), data, len);
}
