/* SPDX-License-Identifier: MIT */
/* check_buffer_model.c: random runs on a buffer, judged by a model that does everything
 * byte by byte in a fixed array: with its memory looked at all the time, and never. */
#include "harness.h"

enum { ROOM = 4096 };

/* What a buffer should hold; bytes that were never put there are zero. */
struct model {
    unsigned char bytes[ROOM];
    size_t size, capacity;
};

static void model_room(struct model *m, size_t capacity) {
    for (size_t i = capacity; i < ROOM; i++)
        m->bytes[i] = 0;
    m->capacity = capacity;
    if (m->size > capacity)
        m->size = capacity;
}

static void model_put(struct model *m, size_t at, const unsigned char *data, size_t len, bool by_half) {
    if (at + len > m->capacity) {
        size_t ample = m->capacity + m->capacity / 2;
        model_room(m, by_half && ample > at + len ? ample : at + len);
    }
    for (size_t i = 0; i < len; i++)
        m->bytes[at + i] = data[i];
    m->size = at + len;
}

static void assert_model(const llnet_buffer *buffer, const struct model *m, int step) {
    if (llnet_buffer_get_size(buffer) != m->size || llnet_buffer_get_capacity(buffer) != m->capacity)
        ck_abort_msg("step %d: size %zu, capacity %zu, not %zu, %zu", step, llnet_buffer_get_size(buffer),
                     llnet_buffer_get_capacity(buffer), m->size, m->capacity);
    if (m->capacity > 0 && memcmp(llnet_buffer_const_data(buffer), m->bytes, m->capacity) != 0)
        ck_abort_msg("step %d: other bytes", step);
}

/* Without a look at the memory, which would have it moved: what growth of the size brings
 * in is the buffer's own affair, so the model takes it over. */
static void assert_contents(const llnet_buffer *buffer, struct model *m, size_t grown_from, int step) {
    unsigned char bytes[ROOM];
    llnet_count n = llnet_buffer_get_data(buffer, 0, LLNET_ALL, bytes, sizeof bytes);

    if (n < 0 || (size_t)n != m->size || llnet_buffer_get_capacity(buffer) != m->capacity)
        ck_abort_msg("step %d: size %ld, capacity %zu, not %zu, %zu", step, (long)n,
                     llnet_buffer_get_capacity(buffer), m->size, m->capacity);
    for (size_t i = grown_from; i < m->size; i++)
        m->bytes[i] = bytes[i];
    if (memcmp(bytes, m->bytes, m->size) != 0)
        ck_abort_msg("step %d: other bytes", step);
}

static uint32_t random_below(uint32_t limit) {
    static uint32_t state = 20261123;
    state = state * 1664525u + 1013904223u;
    return (uint32_t)(((uint64_t)state * limit) >> 32);
}

/* Steps on both, with the data of len bytes or with count bytes of the buffer's
 * own from offset on. */
struct operands {
    unsigned char data[64], copy[ROOM]; /* of the contents before the step */
    size_t len, offset, count;
};

typedef void step_function(llnet_buffer *, struct model *, const struct operands *);

static void step_room(llnet_buffer *buffer, struct model *m, const struct operands *with) {
    assert_ok(llnet_buffer_set_capacity(buffer, with->len));
    model_room(m, with->len);
}

static void step_size(llnet_buffer *buffer, struct model *m, const struct operands *with) {
    assert_ok(llnet_buffer_set_size(buffer, with->len * 2));
    if (with->len * 2 > m->capacity)
        model_room(m, with->len * 2);
    m->size = with->len * 2;
}

static void step_replace(llnet_buffer *buffer, struct model *m, const struct operands *with) {
    assert_ok(llnet_buffer_set_data(buffer, with->data, with->len));
    model_put(m, 0, with->data, with->len, false);
}

static void step_write(llnet_buffer *buffer, struct model *m, const struct operands *with) {
    assert_ok(llnet_buffer_write(buffer, with->offset, with->data, with->count));
    memcpy(m->bytes + with->offset, with->data, with->count);
}

static void step_copy(llnet_buffer *buffer, struct model *m, const struct operands *with) {
    assert_ok(llnet_buffer_copy_buffer(buffer, buffer, with->offset, with->count));
    model_put(m, 0, with->copy + with->offset, with->count, false);
}

static void step_double(llnet_buffer *buffer, struct model *m, const struct operands *with) {
    assert_ok(llnet_buffer_append_buffer(buffer, buffer, with->offset, LLNET_ALL));
    model_put(m, m->size, with->copy + with->offset, m->size - with->offset, true);
}

static void step_consume(llnet_buffer *buffer, struct model *m, const struct operands *with) {
    assert_ok(llnet_buffer_consume(buffer, with->count));
    model_put(m, 0, with->copy + with->count, m->size - with->count, false);
}

static void step_append(llnet_buffer *buffer, struct model *m, const struct operands *with) {
    assert_ok(llnet_buffer_append(buffer, with->data, with->len));
    model_put(m, m->size, with->data, with->len, true);
}

/* One random step on both, and which it was; sizes shrink again before the model is full. */
static step_function *step(llnet_buffer *buffer, struct model *m) {
    static step_function *const steps[] = {step_room,   step_size,    step_replace, step_write, step_copy,
                                           step_double, step_consume, step_append,  step_append};
    struct operands with;
    step_function *one = steps[m->size > ROOM / 4 ? 0 : random_below(sizeof steps / sizeof *steps)];

    with.len = random_below(sizeof with.data);
    for (size_t i = 0; i < with.len; i++)
        with.data[i] = (unsigned char)random_below(256);
    with.offset = random_below((uint32_t)m->size + 1);
    with.count = m->size - with.offset < with.len ? m->size - with.offset : with.len;
    memcpy(with.copy, m->bytes, sizeof with.copy);
    one(buffer, m, &with);
    return one;
}

START_TEST(buffer_does_what_a_byte_by_byte_model_does) {
    struct model model = {{0}, 0, 0};
    llnet_buffer *buffer = NULL;

    assert_ok(llnet_buffer_new(&buffer, 0));
    for (int i = 0; i < 20000; i++) {
        step(buffer, &model);
        assert_model(buffer, &model, i);
    }
    llnet_buffer_free(buffer);
}
END_TEST

START_TEST(buffer_that_nobody_looks_into_does_so_too) {
    struct model model = {{0}, 0, 0};
    llnet_buffer *buffer = NULL;

    assert_ok(llnet_buffer_new(&buffer, 1000)); /* room for contents that wander through it */
    model.capacity = 1000;
    for (int i = 0; i < 40000; i++) {
        size_t before = model.size;
        bool sized = step(buffer, &model) == step_size;

        assert_contents(buffer, &model, sized ? before : model.size, i);
    }
    llnet_buffer_free(buffer);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("buffer model");
    TCase *tcase = add_case(suite, "model");

    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, buffer_does_what_a_byte_by_byte_model_does);
    tcase_add_test(tcase, buffer_that_nobody_looks_into_does_so_too);
    return run_suite(suite);
}
