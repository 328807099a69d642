/* SPDX-License-Identifier: MIT */
/* llnet/option.h: socket options by name, through a catalogue that knows each
 * one's level, number, type and direction; and by number for the rest.
 *
 * The catalogue lists the options of all platforms; llnet_option_is_defined
 * tells which this platform's headers have, llnet_option_probe which the
 * running kernel accepts. Entries are constants, never freed. All functions
 * may be called from any thread.
 *
 * Values by type:
 *
 *   FLAG     on or off                      ..._option_int, 0 or 1
 *   INTEGER  a number                       ..._option_int
 *   TIME     a duration (struct timeval)    ..._option_int, in microseconds
 *   STRING   text without a NUL             ..._option_data
 *   BYTES    bytes as the kernel has them   ..._option_data
 *   ADDRESS  an address                     ..._option_addr
 *   RECORD   named fields (struct linger)   ..._option_data, and the
 *                                           llnet_option_..._field_... calls
 *   PROGRAM  a classic BPF program, as an   ..._option_data
 *            array of struct sock_filter
 *   LIST     numbers (groups), as an        ..._option_data
 *            array of uint32_t
 *
 * Errors of every get and set by name, in this order: EBADF: the socket is
 * closed; ENOENT: the catalogue has no option of
 * this name; LLNET_ETYPE: it is of another type; EACCES: it cannot be read, or
 * cannot be written; ENOTSUP: this platform's headers lack it; ENOPROTOOPT: the
 * kernel lacks it; else what getsockopt(2) or setsockopt(2) answers.
 *
 * Unsigned 64-bit values of the kernel come and go as two's complement: -1 is
 * all bits set ("unlimited" in SO_MAX_PACING_RATE). */
#ifndef LLNET_OPTION_H
#define LLNET_OPTION_H

#include <llnet/addr.h>
#include <llnet/base.h>
#include <llnet/socket.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
    LLNET_OPTION_FLAG = 1,
    LLNET_OPTION_INTEGER = 2,
    LLNET_OPTION_TIME = 3,
    LLNET_OPTION_STRING = 4,
    LLNET_OPTION_BYTES = 5,
    LLNET_OPTION_ADDRESS = 6,
    LLNET_OPTION_RECORD = 7,
    LLNET_OPTION_PROGRAM = 8,
    LLNET_OPTION_LIST = 9
};

enum {
    /* Room for any RECORD that is not a list. */
    LLNET_OPTION_RECORD_MAX = 1024
};

typedef struct llnet_option llnet_option;

/* ---- the catalogue ---------------------------------------------------- */

/* The entry at this index, sorted by name; NULL past the end. */
LLNET_API const llnet_option *llnet_option_at(size_t index);

/* The entry of this name, "SO_REUSEADDR"; NULL where the catalogue has none. */
LLNET_API const llnet_option *llnet_option_find(const char *name);

/* "SO_REUSEADDR" */
LLNET_API const char *llnet_option_get_name(const llnet_option *self);

/* The level (SOL_SOCKET, IPPROTO_IP, ...) and number for setsockopt(2); -1
 * where this platform does not define the option. */
LLNET_API int llnet_option_get_level(const llnet_option *self);
LLNET_API int llnet_option_get_number(const llnet_option *self);

/* LLNET_OPTION_FLAG, ...; and its name: "flag", "integer", "time", "string", "bytes",
 * "address", "record", "program", "list". */
LLNET_API int llnet_option_get_type(const llnet_option *self);
LLNET_API const char *llnet_option_get_type_name(const llnet_option *self);

/* Whether this platform's headers define it, and which way it goes. */
LLNET_API bool llnet_option_is_defined(const llnet_option *self);
LLNET_API bool llnet_option_is_readable(const llnet_option *self);
LLNET_API bool llnet_option_is_writable(const llnet_option *self);

/* Asks the running kernel whether it knows the option, by trying it on a
 * socket made for the purpose: socket(2), getsockopt(2) or setsockopt(2),
 * close(2). 0: it does; ENOPROTOOPT: it does not; ENOTSUP: the platform
 * has no such option; else the reason why it could not be tried. */
LLNET_API llnet_status llnet_option_probe(const llnet_option *self);

/* ---- values by name --------------------------------------------------- */

/* FLAG, INTEGER and TIME (microseconds); set alone also takes the interface
 * index for an ADDRESS that may be given so (IP_MULTICAST_IF). ERANGE: the
 * option's own integer cannot hold the value, a flag that is not 0 or 1, a
 * negative time. */
LLNET_API llnet_status llnet_socket_set_option_int(llnet_socket *self, const char *option, int64_t value);
LLNET_API llnet_status llnet_socket_get_option_int(const llnet_socket *self, const char *option, int64_t *value);

/* STRING, BYTES, RECORD, PROGRAM and LIST as bytes; of a PROGRAM to set, EINVAL: a length
 * that is no whole number of instructions. ENAMETOOLONG: a string to set that the
 * kernel would cut; EINVAL: one with a NUL byte inside. get returns how many
 * bytes there are; a string comes without its NUL. ENOBUFS: size is too small for
 * the string or the LIST. Other values the kernel may cut to size without a word: a result
 * equal to size may be part of a longer value; 4096 is enough for all but lists in
 * records.
 * Some kernel errors look like those above: TCP_CONGESTION gives ENOENT for an
 * algorithm that is not there. */
LLNET_API llnet_status llnet_socket_set_option_data(llnet_socket *self, const char *option, const void *data,
                                                    size_t len);
LLNET_API llnet_count llnet_socket_get_option_data(const llnet_socket *self, const char *option, void *bytes,
                                                   size_t size);

/* ADDRESS. EAFNOSUPPORT: an address of another family than the option's. */
LLNET_API llnet_status llnet_socket_set_option_addr(llnet_socket *self, const char *option, const llnet_addr *addr);
LLNET_API llnet_status llnet_socket_get_option_addr(const llnet_socket *self, const char *option, llnet_addr *out);

/* ---- values by number ------------------------------------------------- */

/* setsockopt(2) and getsockopt(2) as they are. EBADF: the socket is closed;
 * EINVAL also where len is more than a socklen_t holds. get returns how many
 * bytes the kernel gave, at most len. */
LLNET_API llnet_status llnet_socket_set_option_raw(llnet_socket *self, int level, int number, const void *data,
                                                   size_t len);
LLNET_API llnet_count llnet_socket_get_option_raw(const llnet_socket *self, int level, int number, void *data,
                                                  size_t len);

/* ---- the fields of a RECORD ------------------------------------------- */

/* How many fields the record has; 0 for other types. Where
 * llnet_option_is_repeating, the last one is a list: further indexes are its
 * further elements (IP_MSFILTER's sources). */
LLNET_API size_t llnet_option_get_field_count(const llnet_option *self);
LLNET_API bool llnet_option_is_repeating(const llnet_option *self);

/* The bytes that the record takes, its list empty; all zero bytes are its start.
 * A list takes more for each element: what llnet_option_set_field_addr, which
 * answers ENODATA while record_len is too small, is content with. 0 for other
 * types. */
LLNET_API size_t llnet_option_get_record_size(const llnet_option *self);

/* "rtt_us"; NULL past the end. Names carry their unit where there is one. */
LLNET_API const char *llnet_option_get_field_name(const llnet_option *self, size_t index);

/* LLNET_OPTION_FLAG, _INTEGER or _ADDRESS; -1 past the end. */
LLNET_API int llnet_option_get_field_type(const llnet_option *self, size_t index);

/* Reads and writes a FLAG or INTEGER field of a record that the caller holds,
 * record_len bytes of it. ENODATA: the record is too short to have the field;
 * LLNET_ETYPE: a field of another type; LLNET_EBOUNDS: no such field; ERANGE:
 * the value does not fit. */
LLNET_API llnet_status llnet_option_get_field_int(const llnet_option *self, size_t index, const void *record,
                                                  size_t record_len, int64_t *value);
LLNET_API llnet_status llnet_option_set_field_int(const llnet_option *self, size_t index, void *record,
                                                  size_t record_len, int64_t value);

/* The same for an ADDRESS field. EAFNOSUPPORT: an address of another family;
 * ERANGE: a link-layer one longer than 32 bytes. Of that the hardware's bytes are
 * the field (PACKET_ADD_MEMBERSHIP), and all that is read back.
 * Setting an element of a list also counts it: set them in order, from the
 * first on. */
LLNET_API llnet_status llnet_option_get_field_addr(const llnet_option *self, size_t index, const void *record,
                                                   size_t record_len, llnet_addr *out);
LLNET_API llnet_status llnet_option_set_field_addr(const llnet_option *self, size_t index, void *record,
                                                   size_t record_len, const llnet_addr *addr);

#ifdef __cplusplus
}
#endif
#endif
