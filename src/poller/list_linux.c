/* SPDX-License-Identifier: MIT */
/* poller/list_linux.c: the backends of a poller on Linux, best first. */
#include "internal.h"
#include "backend.h"

const struct ll_poller_backend *const ll_poller_backends[] = {&ll_poller_epoll, &ll_poller_poll, NULL};
