/* SPDX-License-Identifier: MIT */
/* llnet/resolve.h: from names to addresses and back. These calls block: they
 * may ask DNS servers and take many seconds; run them before the event loop or
 * in a thread of their own. With AI_NUMERICHOST and AI_NUMERICSERV (and
 * NI_NUMERICHOST, NI_NUMERICSERV) they don't.
 *
 * An llnet_addrinfo is the list of answers with a cursor, made by new and
 * ended by free. Errors are resolver codes (LLNET_EAI_BASE + ..., named
 * "EAI_NONAME", ...); for EAI_SYSTEM the errno behind it. */
#ifndef LLNET_RESOLVE_H
#define LLNET_RESOLVE_H

#include <llnet/addr.h>
#include <llnet/base.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
    /* Room for any host and any service text, the closing NUL included. */
    LLNET_HOST_MAX = 1025,
    LLNET_SERVICE_MAX = 128
};

typedef struct llnet_addrinfo llnet_addrinfo;

/* Looks a host and a service up: getaddrinfo(3). host: a name or numeric
 * address, NULL for the wildcard (with AI_PASSIVE) or loopback address;
 * service: a name or port number as text, NULL for port 0 (EAI_SERVICE: a
 * number above 65535); one of them must be there. family: AF_UNSPEC for all.
 * socktype, protocol: 0 for all. flags: AI_PASSIVE, AI_CANONNAME,
 * AI_NUMERICHOST, ... The cursor stands at the first answer. On error *out is
 * NULL. */
LLNET_API llnet_status llnet_addrinfo_new(llnet_addrinfo **out, const char *host, const char *service, int family,
                                          int socktype, int protocol, int flags);

/* Frees the list; NULL is allowed. */
LLNET_API void llnet_addrinfo_free(llnet_addrinfo *self);

/* How many answers there are. */
LLNET_API size_t llnet_addrinfo_get_count(const llnet_addrinfo *self);

/* Puts the cursor on the first answer. False where there is none. */
LLNET_API bool llnet_addrinfo_first(llnet_addrinfo *self);

/* Moves the cursor on. False past the last answer. */
LLNET_API bool llnet_addrinfo_next(llnet_addrinfo *self);

/* The address at the cursor. ENOENT: past the end (out is as it was). */
LLNET_API llnet_status llnet_addrinfo_get_addr(const llnet_addrinfo *self, llnet_addr *out);

/* Family, socket type and protocol at the cursor; -1 past the end. */
LLNET_API int llnet_addrinfo_get_family(const llnet_addrinfo *self);
LLNET_API int llnet_addrinfo_get_socktype(const llnet_addrinfo *self);
LLNET_API int llnet_addrinfo_get_protocol(const llnet_addrinfo *self);

/* The canonical name of the host, asked for by AI_CANONNAME; NULL without.
 * Belongs to the list. */
LLNET_API const char *llnet_addrinfo_get_canonname(const llnet_addrinfo *self);

/* The host and service names of an address: getnameinfo(3). flags:
 * NI_NUMERICHOST, NI_NUMERICSERV, NI_NAMEREQD, NI_DGRAM, ... Each text gets
 * its closing NUL; one of them may be NULL, or have size 0, and is not wanted
 * then. EAI_OVERFLOW: too small. */
LLNET_API llnet_status llnet_addr_get_nameinfo(const llnet_addr *self, char *host, size_t host_size, char *service,
                                               size_t service_size, int flags);

#ifdef __cplusplus
}
#endif
#endif
