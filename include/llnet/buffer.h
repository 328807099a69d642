/* SPDX-License-Identifier: MIT */
/* llnet/buffer.h: a mutable byte buffer.
 *
 * A buffer has a size (the bytes it holds) and a capacity (the bytes it has
 * room for). Offsets count from 0. Memory beyond the size is zero or holds
 * bytes that the program itself put there, never what another use of the
 * memory left. Only functions that say so allocate. A buffer belongs to
 * whoever made it and is not locked: one thread at a time. Bytes that are put
 * into a buffer must not come from its own memory. */
#ifndef LLNET_BUFFER_H
#define LLNET_BUFFER_H

#include <llnet/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/* As a count: all bytes from the offset on. */
#define LLNET_ALL SIZE_MAX

typedef struct llnet_buffer llnet_buffer;

/* The order of a number's bytes: big-endian is the network's. */
enum { LLNET_BIG_ENDIAN = 0, LLNET_LITTLE_ENDIAN = 1 };

/* Makes an empty buffer with room for capacity bytes. Free it with
 * llnet_buffer_free. ENOMEM: *out is NULL. */
LLNET_API llnet_status llnet_buffer_new(llnet_buffer **out, size_t capacity);

/* Frees a buffer; NULL is allowed. */
LLNET_API void llnet_buffer_free(llnet_buffer *self);

/* How many bytes it holds. */
LLNET_API size_t llnet_buffer_get_size(const llnet_buffer *self);

/* How many bytes it has room for; never less than the size. */
LLNET_API size_t llnet_buffer_get_capacity(const llnet_buffer *self);

/* Sets the size. Beyond the capacity the buffer grows (realloc(3)), the new
 * bytes are zero. ENOMEM: nothing has changed. */
LLNET_API llnet_status llnet_buffer_set_size(llnet_buffer *self, size_t size);

/* Reallocates to exactly this capacity; a size beyond it is cut. 0 gives all
 * memory back. ENOMEM: nothing has changed. */
LLNET_API llnet_status llnet_buffer_set_capacity(llnet_buffer *self, size_t capacity);

/* Makes the size 0; the capacity stays, its bytes too. */
LLNET_API void llnet_buffer_reset(llnet_buffer *self);

/* The memory itself, capacity bytes of it: for C only. It moves when the
 * buffer grows. NULL where the capacity is 0. Until the capacity changes the
 * contents begin where it does, so that each consume has to move them. */
LLNET_API void *llnet_buffer_data(llnet_buffer *self);
LLNET_API const void *llnet_buffer_const_data(const llnet_buffer *self);

/* The byte at an offset, 0..255. LLNET_EBOUNDS: offset >= size. */
LLNET_API llnet_count llnet_buffer_get_byte(const llnet_buffer *self, size_t offset);
/* LLNET_EBOUNDS: offset >= size, or a value outside 0..255. */
LLNET_API llnet_status llnet_buffer_set_byte(llnet_buffer *self, size_t offset, int value);

/* Copies count bytes from offset on, or LLNET_ALL, into bytes, which has room
 * for size. Returns how many. LLNET_EBOUNDS: offset beyond the size, or fewer
 * bytes than count follow; ENOBUFS: size is less than that. */
LLNET_API llnet_count llnet_buffer_get_data(const llnet_buffer *self, size_t offset, size_t count, void *bytes,
                                            size_t size);

/* Replaces the contents; grows where needed. ENOMEM: nothing has changed. */
LLNET_API llnet_status llnet_buffer_set_data(llnet_buffer *self, const void *data, size_t len);

/* Overwrites bytes from offset on; the size does not change. LLNET_EBOUNDS:
 * offset + len lies beyond the size. */
LLNET_API llnet_status llnet_buffer_write(llnet_buffer *self, size_t offset, const void *data, size_t len);

/* Adds bytes at the end; grows at least by half where needed, so that many
 * appends cost time in proportion to their bytes. ENOMEM. */
LLNET_API llnet_status llnet_buffer_append(llnet_buffer *self, const void *data, size_t len);

/* Replaces the contents by count bytes of source from offset on, or LLNET_ALL;
 * source may be the buffer itself. LLNET_EBOUNDS, ENOMEM. */
LLNET_API llnet_status llnet_buffer_copy_buffer(llnet_buffer *self, const llnet_buffer *source, size_t offset,
                                                size_t count);

/* The same, added at the end. */
LLNET_API llnet_status llnet_buffer_append_buffer(llnet_buffer *self, const llnet_buffer *source, size_t offset,
                                                  size_t count);

/* Drops the first count bytes: what follows begins at offset 0. It costs time in
 * proportion to count: the rest moves later, when its room is needed. At once it
 * moves where the program has asked for the memory, where a slice or a message has
 * the buffer, and in a slice. LLNET_EBOUNDS: count is beyond the size. */
LLNET_API llnet_status llnet_buffer_consume(llnet_buffer *self, size_t count);

/* The offset of the first place at or after offset where the bytes stand;
 * the empty string stands everywhere. ENOENT: nowhere; LLNET_EBOUNDS: offset
 * is beyond the size. */
LLNET_API llnet_count llnet_buffer_find(const llnet_buffer *self, const void *data, size_t len, size_t offset);

/* The same for one byte. LLNET_EBOUNDS also outside 0..255. */
LLNET_API llnet_count llnet_buffer_find_byte(const llnet_buffer *self, int byte, size_t offset);

/* ---- numbers: width bytes of them at offset, 1 to 8, in either order. LLNET_EBOUNDS:
 * they don't all lie within the size, the width is another, or the value does not
 * fit. Signed numbers are two's complement; floats are IEEE 754, of width 4 or 8. */
LLNET_API llnet_status llnet_buffer_get_int(const llnet_buffer *self, size_t offset, size_t width, int order,
                                            int64_t *value);
LLNET_API llnet_status llnet_buffer_get_uint(const llnet_buffer *self, size_t offset, size_t width, int order,
                                             uint64_t *value);
LLNET_API llnet_status llnet_buffer_get_float(const llnet_buffer *self, size_t offset, size_t width, int order,
                                              double *value);
LLNET_API llnet_status llnet_buffer_set_int(llnet_buffer *self, size_t offset, int64_t number, size_t width,
                                            int order);
LLNET_API llnet_status llnet_buffer_set_uint(llnet_buffer *self, size_t offset, uint64_t number, size_t width,
                                             int order);
/* A number too large for a float of width 4 becomes infinite. */
LLNET_API llnet_status llnet_buffer_set_float(llnet_buffer *self, size_t offset, double number, size_t width,
                                              int order);

/* The same, added at the end, as append adds. ENOMEM. */
LLNET_API llnet_status llnet_buffer_append_int(llnet_buffer *self, int64_t number, size_t width, int order);
LLNET_API llnet_status llnet_buffer_append_uint(llnet_buffer *self, uint64_t number, size_t width, int order);
LLNET_API llnet_status llnet_buffer_append_float(llnet_buffer *self, double number, size_t width, int order);

/* ---- slices ----------------------------------------------------------- */

/* Makes a buffer that is a part of this one: count bytes of its room from offset on
 * (LLNET_ALL: to its capacity), without copying; what is written to the one is seen
 * in the other. Its size is that part of the parent's size which lies in it; it has
 * no room beyond its capacity: what would grow it gives ENOBUFS. It holds the parent,
 * whose memory stays until the last slice is freed, or its capacity set to 0, which lets
 * the parent go and leaves an empty buffer. While the parent's own capacity is cut, so is
 * the slice's. A slice of a slice is one of the same parent. LLNET_EBOUNDS: offset or
 * offset + count lies beyond the capacity; ENOMEM. */
LLNET_API llnet_status llnet_buffer_slice(llnet_buffer *self, size_t offset, size_t count, llnet_buffer **out);

/* Whether size and contents are the same. */
LLNET_API bool llnet_buffer_equal(const llnet_buffer *self, const llnet_buffer *other);

#ifdef __cplusplus
}
#endif
#endif
