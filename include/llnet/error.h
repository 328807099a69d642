/* SPDX-License-Identifier: MIT */
/* llnet/error.h: error codes by name and by text, both ways.
 *
 * One number space holds every error that the library returns (negated, as
 * an llnet_status or llnet_count):
 *
 *   1 .. 65535                  errno values of this platform
 *   LLNET_ECLOSED .. +255       the library's own codes, below
 *   LLNET_EAI_BASE .. +65535    resolver codes: the base plus the magnitude of
 *                               the platform's EAI_ value
 *
 * All functions take a code with either sign, so that a result can be passed
 * on as it is. The strings are constants: never freed, never translated. All
 * functions may be called from any thread. */
#ifndef LLNET_ERROR_H
#define LLNET_ERROR_H

#include <llnet/base.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
    /* The peer closed its sending side: the end of a stream. "CLOSED". */
    LLNET_ECLOSED = 0x10000,
    /* An offset, length, index or byte value is out of bounds: a fault of the
     * calling program, which script languages raise. "BOUNDS". */
    LLNET_EBOUNDS = 0x10001,
    /* The socket option holds a value of another type: a fault of the calling
     * program too. "TYPE". */
    LLNET_ETYPE = 0x10002,
    /* More datagrams, or more bytes, than one send with segmentation offload takes:
     * 64 and 65507. "SEGMENTS". */
    LLNET_ESEGMENTS = 0x10003,
    /* Resolver errors: LLNET_EAI_BASE + magnitude of EAI_NONAME, ... */
    LLNET_EAI_BASE = 0x20000
};

/* The symbolic name of an error: "ECONNREFUSED", "EAI_NONAME", "CLOSED"; NULL
 * where the number has none. Where two names share a number the more usual
 * one is given: EAGAIN, not EWOULDBLOCK. */
LLNET_API const char *llnet_error_name(int error);

/* One line of English on what the error means, as strerror(3) and
 * gai_strerror(3) have it in the C locale; "Unknown error" where the number
 * has no name. */
LLNET_API const char *llnet_error_text(int error);

/* The number (positive) of a symbolic name, of errno, resolver and library
 * errors alike. 0 where this platform has no such error. */
LLNET_API int llnet_error_number(const char *name);

/* The result for what getaddrinfo(3) returned: EAI_NONAME is -2 on some systems
 * and 8 on others, here -(LLNET_EAI_BASE + 2) or -(LLNET_EAI_BASE + 8); 0 for
 * 0. EAI_SYSTEM is no error of its own: the result is -system_errno. */
LLNET_API llnet_status llnet_error_from_eai(int eai, int system_errno);

/* The resolver's own number behind a code of either sign: EAI_NONAME again. 0
 * for a code that is not a resolver's. */
LLNET_API int llnet_error_to_eai(int error);

/* Walks all the errors that this platform has, in no particular order: the
 * number of the error at this index (errno and resolver errors and the
 * library's own, each name once, aliases too), 0 past the end. */
LLNET_API int llnet_error_at(size_t index);

/* The name at the same index, so that aliases (EWOULDBLOCK) are seen too;
 * NULL past the end. */
LLNET_API const char *llnet_error_name_at(size_t index);

#ifdef __cplusplus
}
#endif
#endif
