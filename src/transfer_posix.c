/* SPDX-License-Identifier: MIT */
/* transfer_posix.c: what transfer_linux.c does, on other systems: nothing moves bytes inside
 * of the kernel on all of them in one way. */
#include "internal.h"
#include "sys.h"

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
