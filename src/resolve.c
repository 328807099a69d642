/* SPDX-License-Identifier: MIT */
/* resolve.c: getaddrinfo(3) and getnameinfo(3), and where libc is careless with
 * what it is given. An llnet_addrinfo holds libc's own list; the addresses are
 * copied out of it one by one. */
#include "internal.h"

#include <netdb.h>
#include <stdlib.h>
#include <string.h>

struct llnet_addrinfo {
    struct addrinfo *list;
    const struct addrinfo *cursor; /* NULL past the end */
    size_t count;
    bool named; /* a canonical name was asked for; musl gives one at any time */
};

static size_t count_answers(const struct addrinfo *list) {
    size_t count = 0;

    for (; list != NULL; list = list->ai_next)
        count++;
    return count;
}

/* Whether a service is a number that no port can have: of 65616 glibc makes
 * port 80 (seen in 2.36). */
static bool is_beyond_ports(const char *service) {
    char *end;
    unsigned long number;

    if (service == NULL)
        return false;
    number = strtoul(service, &end, 10);
    return end != service && *end == 0 && number > 65535;
}

llnet_status llnet_addrinfo_new(llnet_addrinfo **out, const char *host, const char *service, int family,
                                int socktype, int protocol, int flags) {
    const struct addrinfo hints = {
        .ai_family = family, .ai_socktype = socktype, .ai_protocol = protocol, .ai_flags = flags};
    llnet_addrinfo *self;
    llnet_status status;

    *out = NULL;
    if (is_beyond_ports(service))
        return llnet_error_from_eai(EAI_SERVICE, 0);
    self = calloc(1, sizeof *self);
    if (self == NULL)
        return llnet_error_from_eai(EAI_MEMORY, 0);
    errno = 0; /* what EAI_SYSTEM refers to is not always set */
    status = getaddrinfo(host, service, &hints, &self->list);
    if (status != 0) {
        status = llnet_error_from_eai(status, errno);
        free(self);
        return status;
    }
    self->named = (flags & AI_CANONNAME) != 0;
    self->cursor = self->list;
    self->count = count_answers(self->list);
    *out = self;
    return 0;
}

void llnet_addrinfo_free(llnet_addrinfo *self) {
    if (self == NULL)
        return;
    if (self->list != NULL) /* not every freeaddrinfo(3) takes NULL */
        freeaddrinfo(self->list);
    free(self);
}

/* ---- the cursor ---------------------------------------------------------------- */

size_t llnet_addrinfo_get_count(const llnet_addrinfo *self) {
    return self->count;
}

bool llnet_addrinfo_first(llnet_addrinfo *self) {
    self->cursor = self->list;
    return self->cursor != NULL;
}

bool llnet_addrinfo_next(llnet_addrinfo *self) {
    if (self->cursor != NULL)
        self->cursor = self->cursor->ai_next;
    return self->cursor != NULL;
}

llnet_status llnet_addrinfo_get_addr(const llnet_addrinfo *self, llnet_addr *out) {
    if (self->cursor == NULL)
        return -ENOENT;
    return llnet_addr_set_bytes(out, self->cursor->ai_addr, self->cursor->ai_addrlen);
}

int llnet_addrinfo_get_family(const llnet_addrinfo *self) {
    return self->cursor != NULL ? self->cursor->ai_family : -1;
}

int llnet_addrinfo_get_socktype(const llnet_addrinfo *self) {
    return self->cursor != NULL ? self->cursor->ai_socktype : -1;
}

int llnet_addrinfo_get_protocol(const llnet_addrinfo *self) {
    return self->cursor != NULL ? self->cursor->ai_protocol : -1;
}

const char *llnet_addrinfo_get_canonname(const llnet_addrinfo *self) {
    /* it stands at the first answer, for all of them */
    return self->list != NULL && self->named ? self->list->ai_canonname : NULL;
}

/* ---- from addresses to names ------------------------------------------------------ */

/* A size as getnameinfo(3) takes it. */
static socklen_t room(const char *text, size_t size) {
    if (text == NULL)
        return 0;
    return size > LLNET_HOST_MAX ? LLNET_HOST_MAX : (socklen_t)size;
}

llnet_status llnet_addr_get_nameinfo(const llnet_addr *self, char *host, size_t host_size, char *service,
                                     size_t service_size, int flags) {
    /* libc reads a Unix path up to a NUL, whatever the length says: it gets a
     * copy in which one always follows */
    union {
        struct sockaddr_storage aligned;
        unsigned char bytes[LLNET_ADDR_BYTES_MAX + 1];
    } addr;
    const socklen_t len = ll_addr_len(self);
    int eai;

    memset(&addr, 0, sizeof addr);
    memcpy(addr.bytes, ll_addr_sockaddr(self), len);
    errno = 0;
    eai = getnameinfo((const struct sockaddr *)&addr.aligned, len, host, room(host, host_size), service,
                      room(service, service_size), flags);
    return llnet_error_from_eai(eai, errno);
}
