/* SPDX-License-Identifier: MIT */
/* feature_posix.c: what feature_linux.c does, where none of its calls is made. */
#include "internal.h"

#include "feature.h"

llnet_status ll_feature_try_system(const char *name) {
    (void)name;
    return -ENOTSUP;
}
