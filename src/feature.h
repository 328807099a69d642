/* SPDX-License-Identifier: MIT */
/* feature.h: what the feature sources share: the trials that feature.c's table
 * names, and the seam to those of one system. */
#ifndef LL_FEATURE_H
#define LL_FEATURE_H

#include "internal.h"

/* feature_trial.c: through the library's own calls, on every system. */
llnet_status ll_feature_ipv4(void);
llnet_status ll_feature_ipv6(void);
llnet_status ll_feature_unix(void);
llnet_status ll_feature_unix_abstract(void);
llnet_status ll_feature_unix_seqpacket(void);
llnet_status ll_feature_msg_trunc(void);
llnet_status ll_feature_attach_filter(void);
llnet_status ll_feature_reuseport_cbpf(void);
llnet_status ll_feature_udp_gro(void);
llnet_status ll_feature_udp_segment(void);
llnet_status ll_feature_txtime(void);
llnet_status ll_feature_tls_ulp(void);
llnet_status ll_feature_bindtodevice(void);
llnet_status ll_feature_transparent(void);
llnet_status ll_feature_freebind(void);
llnet_status ll_feature_mark(void);
llnet_status ll_feature_busy_poll(void);

/* A UDP socket on loopback that is connected to itself, and two ends of a TCP
 * connection; nothing on them waits for more than a second. */
llnet_status ll_feature_open_udp(llnet_socket *out);
llnet_status ll_feature_open_tcp(llnet_socket *out, llnet_socket *other);

/* feature_linux.c or feature_posix.c: tries a call that not every system has.
 * ENOTSUP: this one has it not. */
llnet_status ll_feature_try_system(const char *name);

#endif
