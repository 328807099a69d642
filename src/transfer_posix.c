/* SPDX-License-Identifier: MIT */
/* transfer_posix.c: what transfer_linux.c does, on other systems: nothing moves bytes inside
 * of the kernel on all of them in one way. A write(2) that may raise SIGPIPE is made with
 * that blocked in the calling thread. */
#include "internal.h"
#include "sys.h"

#include <signal.h>
#include <unistd.h>

llnet_count ll_sys_sendfile(int to, int file, int64_t file_offset, size_t count) {
    (void)to, (void)file, (void)file_offset, (void)count;
    return -ENOTSUP;
}

llnet_count ll_sys_splice(int from, int to, size_t count, int flags) {
    (void)from, (void)to, (void)count, (void)flags;
    return -ENOTSUP;
}

llnet_count ll_sys_tee(int from, int to, size_t count, int flags) {
    (void)from, (void)to, (void)count, (void)flags;
    return -ENOTSUP;
}

static bool is_pending(void) {
    sigset_t pending;

    return sigpending(&pending) == 0 && sigismember(&pending, SIGPIPE) == 1;
}

/* Without sigtimedwait(2), which some lack: the signal of this thread's own write waits
 * already, so sigwait(3) does not. */
llnet_count ll_sys_write(int to, const void *data, size_t len) {
    bool ignored = ll_sigpipe_is_ignored(), pending = false;
    sigset_t only, before;
    int error, number;
    ssize_t n;

    sigemptyset(&only);
    sigaddset(&only, SIGPIPE);
    if (!ignored) {
        pthread_sigmask(SIG_BLOCK, &only, &before);
        pending = sigismember(&before, SIGPIPE) == 1 && is_pending();
    }
    n = write(to, data, len);
    error = errno;
    if (!ignored) {
        if ((n < 0 ? error == EPIPE : (size_t)n < len) && !pending && is_pending())
            sigwait(&only, &number);
        pthread_sigmask(SIG_SETMASK, &before, NULL);
    }
    errno = error;
    return n < 0 ? ll_data_error() : n;
}
