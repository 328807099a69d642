/* SPDX-License-Identifier: MIT */
/* llnet/netdb.h: the system's tables of protocols (/etc/protocols) and
 * services (/etc/services), both ways. The calls read files, and may block
 * where the system is set up to ask elsewhere. All of them may be called from
 * any thread. EINVAL: the name is NULL. */
#ifndef LLNET_NETDB_H
#define LLNET_NETDB_H

#include <llnet/base.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
    /* Room for any usual name, its closing NUL included. */
    LLNET_NETDB_NAME_MAX = 512
};

/* The number of a protocol, "tcp" is 6; aliases are names too:
 * getprotobyname(3). ENOENT: unknown. */
LLNET_API llnet_count llnet_protocol_get_number(const char *name);

/* The official name of a protocol, 6 is "tcp": getprotobynumber(3). Returns
 * its length. ENOENT: unknown; ENOBUFS: size is too small. */
LLNET_API llnet_count llnet_protocol_get_name(int number, char *text, size_t size);

/* The service of this name by protocol "tcp", "udp", ..., or NULL for any:
 * getservbyname(3). name_text gets its official name, value its port in host
 * order, protocol_text the protocol that was found. ENOENT: unknown; ENOBUFS: a
 * size is too small. */
LLNET_API llnet_status llnet_service_by_name(const char *name, const char *protocol, char *name_text,
                                             size_t name_size, int *value, char *protocol_text,
                                             size_t protocol_size);

/* The same for the service on a port: getservbyport(3). EINVAL: a port outside
 * 0..65535. */
LLNET_API llnet_status llnet_service_by_port(int port, const char *protocol, char *name_text, size_t name_size,
                                             int *value, char *protocol_text, size_t protocol_size);

#ifdef __cplusplus
}
#endif
#endif
