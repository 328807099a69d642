/* SPDX-License-Identifier: MIT */
/* fuzz.h: what the fuzz harnesses share: what must hold, and taking an input apart. Each
 * fuzz_NAME.c is a program of libFuzzer's: see fuzz.am. */
#ifndef FUZZ_H
#define FUZZ_H

#include "internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One input: 0 always, as libFuzzer wants it. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What must hold: its failure is a finding. */
#define must(condition) \
    ((condition) ? (void)0 : (fprintf(stderr, "%s:%d: must hold: %s\n", __FILE__, __LINE__, #condition), abort()))

/* What is left of an input. */
struct input {
    const uint8_t *data;
    size_t size;
};

static inline uint8_t take_byte(struct input *input) {
    if (input->size == 0)
        return 0;
    input->size--;
    return *input->data++;
}

/* Little-endian, zeros where the input ends. */
static inline uint32_t take_number(struct input *input, int bytes) {
    uint32_t number = 0;

    for (int i = 0; i < bytes; i++)
        number |= (uint32_t)take_byte(input) << (8 * i);
    return number;
}

/* Up to len bytes, how many is the result; *out points into the input. */
static inline size_t take_bytes(struct input *input, size_t len, const uint8_t **out) {
    if (len > input->size)
        len = input->size;
    *out = input->data;
    input->data += len;
    input->size -= len;
    return len;
}

/* A copy in memory of exactly this length, so that the sanitizers see a byte too far. */
static inline void *copy_exactly(const void *data, size_t len) {
    void *copy = malloc(len > 0 ? len : 1);

    must(copy != NULL);
    if (len > 0)
        memcpy(copy, data, len);
    return copy;
}

#endif
