/* SPDX-License-Identifier: MIT */
/* netdb.c: the system's tables of protocols and services. libc's reentrant
 * lookups are used where it has them, otherwise the plain ones under a lock. */
#include "internal.h"

#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum {
    SCRATCH_FIRST = 1024,      /* suffices for nearly every entry */
    SCRATCH_LAST = 1024 * 1024 /* an entry that needs more is refused: ENOMEM */
};

/* A lookup from begin to end. What it found stays valid until its end. */
struct lookup {
    struct protoent protocol;
    struct servent service;
    char *scratch, *grown; /* first, or what was allocated instead */
    size_t size;
    bool locked;
    char first[SCRATCH_FIRST];
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void begin(struct lookup *self) {
    self->scratch = self->first;
    self->grown = NULL;
    self->size = sizeof self->first;
    self->locked = false;
}

static void end(struct lookup *self) {
    free(self->grown);
    if (self->locked)
        pthread_mutex_unlock(&lock);
}

static bool grow(struct lookup *self) {
    size_t size = self->size * 4;
    char *scratch = size <= SCRATCH_LAST ? malloc(size) : NULL;

    if (scratch == NULL)
        return false;
    free(self->grown);
    self->grown = self->scratch = scratch;
    self->size = size;
    return true;
}

/* ---- libc's lookups: by name where there is one, else by number. 0 or an
 * errno; ERANGE: the scratch is too small. ------------------------------------- */

#ifdef HAVE_GETPROTOBYNAME_R
static int look_up_protocol(struct lookup *self, const char *name, int number, struct protoent **found) {
    if (name != NULL)
        return getprotobyname_r(name, &self->protocol, self->scratch, self->size, found);
    return getprotobynumber_r(number, &self->protocol, self->scratch, self->size, found);
}
#else
static int look_up_protocol(struct lookup *self, const char *name, int number, struct protoent **found) {
    pthread_mutex_lock(&lock);
    self->locked = true;
    *found = name != NULL ? getprotobyname(name) : getprotobynumber(number);
    return 0;
}
#endif

#ifdef HAVE_GETSERVBYNAME_R
static int look_up_service(struct lookup *self, const char *name, int port, const char *protocol,
                           struct servent **found) {
    if (name != NULL)
        return getservbyname_r(name, protocol, &self->service, self->scratch, self->size, found);
    return getservbyport_r(port, protocol, &self->service, self->scratch, self->size, found);
}
#else
static int look_up_service(struct lookup *self, const char *name, int port, const char *protocol,
                           struct servent **found) {
    pthread_mutex_lock(&lock);
    self->locked = true;
    *found = name != NULL ? getservbyname(name, protocol) : getservbyport(port, protocol);
    return 0;
}
#endif

/* ---- what they mean ------------------------------------------------------------ */

/* The result for an errno with which nothing was found. */
static llnet_status failure(int error) {
    switch (error) {
    case 0:
    case EINVAL: /* so musl says that it does not know the protocol of a service */
        return -ENOENT;
    case ERANGE:
        return -ENOMEM;
    default:
        return -error;
    }
}

static llnet_status find_protocol(struct lookup *self, const char *name, int number, struct protoent **found) {
    int error;

    do {
        *found = NULL;
        error = look_up_protocol(self, name, number, found);
    } while (error == ERANGE && grow(self));
    return error == 0 && *found != NULL ? 0 : failure(error);
}

static llnet_status find_service(struct lookup *self, const char *name, int port, const char *protocol,
                                 struct servent **found) {
    int error;

    do {
        *found = NULL;
        error = look_up_service(self, name, port, protocol, found);
    } while (error == ERANGE && grow(self));
    return error == 0 && *found != NULL ? 0 : failure(error);
}

/* Whether a text and its NUL fit. */
static bool fits(const char *from, const char *text, size_t size) {
    return text != NULL && strlen(from) < size;
}

/* ---- protocols ------------------------------------------------------------------ */

llnet_count llnet_protocol_get_number(const char *name) {
    struct lookup lookup;
    struct protoent *found;
    llnet_count result;

    if (name == NULL)
        return -EINVAL;
    begin(&lookup);
    result = find_protocol(&lookup, name, 0, &found);
    if (result == 0) /* a table may say anything: a negative number is none */
        result = found->p_proto >= 0 ? found->p_proto : -ENOENT;
    end(&lookup);
    return result;
}

llnet_count llnet_protocol_get_name(int number, char *text, size_t size) {
    struct lookup lookup;
    struct protoent *found;
    llnet_count result;

    begin(&lookup);
    result = find_protocol(&lookup, NULL, number, &found);
    if (result == 0) {
        if (fits(found->p_name, text, size)) {
            strcpy(text, found->p_name);
            result = (llnet_count)strlen(text);
        } else {
            result = -ENOBUFS;
        }
    }
    end(&lookup);
    return result;
}

/* ---- services -------------------------------------------------------------------- */

/* Where a service goes. */
struct answer {
    char *name_text, *protocol_text;
    size_t name_size, protocol_size;
    int *value;
};

static llnet_status fill(const struct answer *self, const struct servent *service) {
    if (!fits(service->s_name, self->name_text, self->name_size) ||
        !fits(service->s_proto, self->protocol_text, self->protocol_size))
        return -ENOBUFS;
    strcpy(self->name_text, service->s_name);
    strcpy(self->protocol_text, service->s_proto);
    *self->value = ntohs((uint16_t)service->s_port);
    return 0;
}

static llnet_status answer_with(const struct answer *self, const char *name, int port, const char *protocol) {
    struct lookup lookup;
    struct servent *found;
    llnet_status status;

    begin(&lookup);
    status = find_service(&lookup, name, port, protocol, &found);
    if (status == 0)
        status = fill(self, found);
    end(&lookup);
    return status;
}

llnet_status llnet_service_by_name(const char *name, const char *protocol, char *name_text, size_t name_size,
                                   int *value, char *protocol_text, size_t protocol_size) {
    const struct answer answer = {name_text, protocol_text, name_size, protocol_size, value};

    if (name == NULL)
        return -EINVAL;
    return answer_with(&answer, name, 0, protocol);
}

llnet_status llnet_service_by_port(int port, const char *protocol, char *name_text, size_t name_size, int *value,
                                   char *protocol_text, size_t protocol_size) {
    const struct answer answer = {name_text, protocol_text, name_size, protocol_size, value};

    if (port < 0 || port > 65535)
        return -EINVAL;
    return answer_with(&answer, NULL, htons((uint16_t)port), protocol);
}
