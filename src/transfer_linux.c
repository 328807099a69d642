/* SPDX-License-Identifier: MIT */
/* transfer_linux.c: bytes that move inside of Linux: sendfile(2), splice(2) and tee(2);
 * and write(2). They have no flag against SIGPIPE, which no call of the library raises: it is
 * blocked in the calling thread and taken off, unless the program ignores it. */
#include "internal.h"
#include "sys.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/sendfile.h>
#include <time.h>
#include <unistd.h>

/* No call takes more at once; more than a ssize_t would be an error. */
enum { MOST = 0x7ffff000 };

/* What was so of SIGPIPE before a call that may raise it. */
struct sigpipe {
    bool ignored; /* the rest is not set then */
    sigset_t mask;
    bool pending;
};

/* Blocks SIGPIPE in this thread: the mask of one thread is what Linux means here. */
static void hold_sigpipe(struct sigpipe *self) {
    sigset_t only, pending;

    self->ignored = ll_sigpipe_is_ignored();
    if (self->ignored)
        return;
    sigemptyset(&only);
    sigaddset(&only, SIGPIPE);
    sigprocmask(SIG_BLOCK, &only, &self->mask); /* NOLINT(concurrency-mt-unsafe): of this thread alone, on Linux */
    self->pending =
        sigismember(&self->mask, SIGPIPE) == 1 && sigpending(&pending) == 0 && sigismember(&pending, SIGPIPE) == 1;
}

/* Takes off the one that the call raised, and lets them through again. A call that moved
 * less than it should may have raised one too: it was at its next piece when the peer
 * went. The result is the call's. */
static llnet_count release_sigpipe(const struct sigpipe *self, ssize_t result, size_t count) {
    const struct timespec at_once = {0, 0};
    int error = errno;
    sigset_t only;

    if (self->ignored)
        return result < 0 ? ll_data_error() : result;
    sigemptyset(&only);
    sigaddset(&only, SIGPIPE);
    if ((result < 0 ? error == EPIPE : (size_t)result < count) && !self->pending)
        sigtimedwait(&only, NULL, &at_once);
    sigprocmask(SIG_SETMASK, &self->mask, NULL); /* NOLINT(concurrency-mt-unsafe): as above */
    errno = error;
    return result < 0 ? ll_data_error() : result;
}

llnet_count ll_sys_sendfile(int to, int file, int64_t file_offset, size_t count) {
    off_t offset = (off_t)file_offset;
    struct sigpipe before;

    if (count > MOST)
        count = MOST;
    if (offset != file_offset || file_offset > INT64_MAX - (int64_t)count)
        return -EOVERFLOW;
    hold_sigpipe(&before);
    return release_sigpipe(&before, sendfile(to, file, file_offset < 0 ? NULL : &offset, count), count);
}

llnet_count ll_sys_splice(int from, int to, size_t count, int flags) {
    struct sigpipe before;

    if (count > MOST)
        count = MOST;
    hold_sigpipe(&before);
    return release_sigpipe(&before, splice(from, NULL, to, NULL, count, (unsigned)flags), count);
}

llnet_count ll_sys_tee(int from, int to, size_t count, int flags) {
    struct sigpipe before;

    if (count > MOST)
        count = MOST;
    hold_sigpipe(&before);
    return release_sigpipe(&before, tee(from, to, count, (unsigned)flags), count);
}

llnet_count ll_sys_write(int to, const void *data, size_t len) {
    struct sigpipe before;

    hold_sigpipe(&before);
    return release_sigpipe(&before, write(to, data, len), len);
}
