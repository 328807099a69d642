/* SPDX-License-Identifier: MIT */
/* poller/list_posix.c: the backends of a poller where only POSIX is known. */
#include "internal.h"
#include "backend.h"

const struct ll_poller_backend *const ll_poller_backends[] = {&ll_poller_poll, NULL};
