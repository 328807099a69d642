/* SPDX-License-Identifier: MIT */
/* llnet/feature.h: what this kernel and build support, found by trying.
 *
 * A feature is a name: "udp_segment", "sendmmsg", "epoll", "ipv6", "vsock", ...; the
 * manual page lists them. Trying one makes descriptors of its own, on the loopback
 * interface where it needs a network, closes them, and sends nothing to anybody
 * else; it waits a second at most. What it tells holds for this process: a sandbox or
 * a lacking privilege counts as it is met. The kernel may load modules for it. */
#ifndef LLNET_FEATURE_H
#define LLNET_FEATURE_H

#include <llnet/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The name of the feature at this index, sorted; NULL past the end. */
LLNET_API const char *llnet_feature_at(size_t index);

/* One line on what it is; NULL: there is no such feature. */
LLNET_API const char *llnet_feature_text(const char *name);

/* Tries it. 0: it works; ENOENT: no feature has this name; ENOTSUP: this build
 * has no such call; else the error that the kernel gave: EAFNOSUPPORT, ENOPROTOOPT,
 * EPERM, EACCES, ... */
LLNET_API llnet_status llnet_feature_probe(const char *name);

#ifdef __cplusplus
}
#endif
#endif
