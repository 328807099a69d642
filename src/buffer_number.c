/* SPDX-License-Identifier: MIT */
/* buffer_number.c: numbers in a buffer: integers of 1 to 8 bytes and IEEE 754 floats, in
 * either order of bytes. */
#include "internal.h"

#include <float.h>
#include <string.h>

enum { WIDEST = 8 };

LL_STATIC_ASSERT(sizeof(float) == 4 && FLT_MANT_DIG == 24 && sizeof(double) == 8 && DBL_MANT_DIG == 53,
                 "float and double are IEEE 754's");

/* ---- bytes and bits ------------------------------------------------------------ */

static bool is_order(int order) {
    return order == LLNET_BIG_ENDIAN || order == LLNET_LITTLE_ENDIAN;
}

static uint64_t load(const unsigned char *bytes, size_t width, int order) {
    uint64_t bits = 0;
    size_t i;

    for (i = 0; i < width; i++)
        bits = bits << 8 | bytes[order == LLNET_BIG_ENDIAN ? i : width - 1 - i];
    return bits;
}

static void store(unsigned char *bytes, uint64_t bits, size_t width, int order) {
    size_t i;

    for (i = 0; i < width; i++, bits >>= 8)
        bytes[order == LLNET_BIG_ENDIAN ? width - 1 - i : i] = (unsigned char)bits;
}

/* How many bits a width does not have. */
static unsigned spare(size_t width) {
    return (unsigned)(64 - 8 * width);
}

static bool fits_uint(uint64_t number, size_t width) {
    return width == WIDEST || number >> (8 * width) == 0;
}

/* The largest and smallest numbers of a width have its highest bit as their sign. */
static bool fits_int(int64_t number, size_t width) {
    int64_t most = (int64_t)(UINT64_MAX >> 1 >> spare(width));

    return number <= most && number >= -most - 1;
}

static bool is_width(size_t width) {
    return width >= 1 && width <= WIDEST;
}

/* The bits of a float of that width, as IEEE 754 has them. */
static uint64_t float_bits(double number, size_t width) {
    float narrow = (float)number;
    uint32_t bits32;
    uint64_t bits64;

    memcpy(&bits32, &narrow, sizeof bits32);
    memcpy(&bits64, &number, sizeof bits64);
    return width == sizeof bits32 ? bits32 : bits64;
}

/* ---- reading ------------------------------------------------------------------------ */

static llnet_status get_bits(const llnet_buffer *self, size_t offset, size_t width, int order, uint64_t *value) {
    size_t size = llnet_buffer_get_size(self);

    if (!is_width(width) || !is_order(order) || offset > size || width > size - offset)
        return -LLNET_EBOUNDS;
    *value = load((const unsigned char *)ll_buffer_contents(self) + offset, width, order);
    return 0;
}

llnet_status llnet_buffer_get_uint(const llnet_buffer *self, size_t offset, size_t width, int order,
                                   uint64_t *value) {
    return get_bits(self, offset, width, order, value);
}

llnet_status llnet_buffer_get_int(const llnet_buffer *self, size_t offset, size_t width, int order,
                                  int64_t *value) {
    uint64_t bits, sign;
    llnet_status status = get_bits(self, offset, width, order, &bits);

    if (status < 0)
        return status;
    sign = UINT64_C(1) << (8 * width - 1);
    bits = (bits ^ sign) - sign;
    memcpy(value, &bits, sizeof bits); /* two's complement, whatever the compiler thinks */
    return 0;
}

llnet_status llnet_buffer_get_float(const llnet_buffer *self, size_t offset, size_t width, int order,
                                    double *value) {
    uint64_t bits;
    uint32_t bits32;
    float narrow;
    llnet_status status;

    if (width != sizeof bits32 && width != sizeof bits)
        return -LLNET_EBOUNDS;
    status = get_bits(self, offset, width, order, &bits);
    if (status < 0)
        return status;
    bits32 = (uint32_t)bits;
    memcpy(&narrow, &bits32, sizeof narrow);
    if (width == sizeof bits32)
        *value = narrow;
    else
        memcpy(value, &bits, sizeof bits);
    return 0;
}

/* ---- writing ------------------------------------------------------------------------ */

static llnet_status set_bits(llnet_buffer *self, size_t offset, uint64_t bits, size_t width, int order) {
    unsigned char bytes[WIDEST];

    if (!is_order(order))
        return -LLNET_EBOUNDS;
    store(bytes, bits, width, order);
    return llnet_buffer_write(self, offset, bytes, width);
}

static llnet_status append_bits(llnet_buffer *self, uint64_t bits, size_t width, int order) {
    unsigned char bytes[WIDEST];

    if (!is_order(order))
        return -LLNET_EBOUNDS;
    store(bytes, bits, width, order);
    return llnet_buffer_append(self, bytes, width);
}

llnet_status llnet_buffer_set_int(llnet_buffer *self, size_t offset, int64_t number, size_t width, int order) {
    if (!is_width(width) || !fits_int(number, width))
        return -LLNET_EBOUNDS;
    return set_bits(self, offset, (uint64_t)number, width, order);
}

llnet_status llnet_buffer_set_uint(llnet_buffer *self, size_t offset, uint64_t number, size_t width, int order) {
    if (!is_width(width) || !fits_uint(number, width))
        return -LLNET_EBOUNDS;
    return set_bits(self, offset, number, width, order);
}

llnet_status llnet_buffer_set_float(llnet_buffer *self, size_t offset, double number, size_t width, int order) {
    if (width != 4 && width != 8)
        return -LLNET_EBOUNDS;
    return set_bits(self, offset, float_bits(number, width), width, order);
}

llnet_status llnet_buffer_append_int(llnet_buffer *self, int64_t number, size_t width, int order) {
    if (!is_width(width) || !fits_int(number, width))
        return -LLNET_EBOUNDS;
    return append_bits(self, (uint64_t)number, width, order);
}

llnet_status llnet_buffer_append_uint(llnet_buffer *self, uint64_t number, size_t width, int order) {
    if (!is_width(width) || !fits_uint(number, width))
        return -LLNET_EBOUNDS;
    return append_bits(self, number, width, order);
}

llnet_status llnet_buffer_append_float(llnet_buffer *self, double number, size_t width, int order) {
    if (width != 4 && width != 8)
        return -LLNET_EBOUNDS;
    return append_bits(self, float_bits(number, width), width, order);
}
