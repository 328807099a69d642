/* SPDX-License-Identifier: MIT */
/* check_pool.c: slices of buffers, who holds what, and pools of buffers. */
#include "harness.h"

static llnet_buffer *buffer_of(const char *text) {
    llnet_buffer *self;

    assert_ok(llnet_buffer_new(&self, 0));
    assert_ok(llnet_buffer_set_data(self, text, strlen(text)));
    return self;
}

static llnet_buffer *slice_of(llnet_buffer *parent, size_t offset, size_t count) {
    llnet_buffer *self;

    assert_ok(llnet_buffer_slice(parent, offset, count, &self));
    return self;
}

static void assert_text(const llnet_buffer *self, const char *text) {
    ck_assert_uint_eq(llnet_buffer_get_size(self), strlen(text));
    if (text[0] != '\0')
        ck_assert_mem_eq(llnet_buffer_const_data(self), text, strlen(text));
}

/* ---- slices ----------------------------------------------------------------- */

START_TEST(a_slice_is_the_same_memory_and_cannot_grow) {
    llnet_buffer *parent = buffer_of("hello world"), *slice = slice_of(parent, 6, LLNET_ALL), *none = parent;

    assert_text(slice, "world");
    assert_ok(llnet_buffer_write(slice, 0, "W", 1));
    assert_text(parent, "hello World");
    assert_error(llnet_buffer_append(slice, "!", 1), ENOBUFS);
    assert_error(llnet_buffer_append(slice, "!", SIZE_MAX), ENOBUFS);
    assert_error(llnet_buffer_set_size(slice, 6), ENOBUFS);
    assert_error(llnet_buffer_set_data(slice, "longer", 6), ENOBUFS);
    assert_error(llnet_buffer_set_capacity(slice, 6), ENOBUFS);
    assert_error(llnet_buffer_slice(parent, 12, 0, &none), LLNET_EBOUNDS);
    ck_assert_ptr_eq(none, NULL);
    assert_error(llnet_buffer_slice(parent, 6, 6, &none), LLNET_EBOUNDS);
    assert_text(slice, "World");
    llnet_buffer_free(slice);
    llnet_buffer_free(parent);
}
END_TEST

START_TEST(a_parent_lives_as_long_as_its_slices) {
    llnet_buffer *parent = buffer_of("0123456789"), *slice = slice_of(parent, 2, 6), *part = slice_of(slice, 2, 3);

    llnet_buffer_free(parent);
    assert_text(slice, "234567");
    llnet_buffer_free(slice);
    assert_text(part, "456");
    llnet_buffer_free(part);
}
END_TEST

START_TEST(a_parent_that_moves_or_shrinks_takes_its_slices_along) {
    llnet_buffer *parent = buffer_of("0123456789"), *slice = slice_of(parent, 4, 4);

    assert_ok(llnet_buffer_set_capacity(parent, 1 << 20));
    assert_text(slice, "4567");
    assert_ok(llnet_buffer_set_capacity(parent, 6));
    assert_text(slice, "45");
    ck_assert_uint_eq(llnet_buffer_get_capacity(slice), 2);
    assert_ok(llnet_buffer_set_capacity(parent, 0));
    ck_assert_uint_eq(llnet_buffer_get_size(slice), 0);
    ck_assert_ptr_eq(llnet_buffer_data(slice), NULL);
    assert_error(llnet_buffer_get_byte(slice, 0), LLNET_EBOUNDS);
    llnet_buffer_free(slice);
    llnet_buffer_free(parent);
}
END_TEST

START_TEST(a_slice_cut_to_nothing_is_a_buffer_of_its_own) {
    llnet_buffer *parent = buffer_of("parent"), *slice = slice_of(parent, 3, 3), *part;

    assert_ok(llnet_buffer_set_capacity(slice, 0));
    llnet_buffer_free(parent);
    assert_ok(llnet_buffer_set_data(slice, "0123456789", 10));
    part = slice_of(slice, 0, LLNET_ALL);
    assert_text(part, "0123456789");
    llnet_buffer_free(part);
    llnet_buffer_free(slice);
}
END_TEST

START_TEST(slices_that_overlap_are_copied_right) {
    llnet_buffer *parent = buffer_of("abcdefgh--------"), *left = slice_of(parent, 0, 8);
    llnet_buffer *right = slice_of(parent, 4, 12);

    assert_ok(llnet_buffer_set_size(right, 0));
    assert_ok(llnet_buffer_append_buffer(right, left, 0, LLNET_ALL));
    assert_text(parent, "abcdabcdefgh----");
    assert_ok(llnet_buffer_copy_buffer(left, right, 2, 6));
    assert_text(left, "cdefgh");
    assert_ok(llnet_buffer_append_buffer(parent, right, 0, LLNET_ALL)); /* which moves it */
    ck_assert_uint_eq(llnet_buffer_get_size(parent), 24);
    llnet_buffer_free(left);
    llnet_buffer_free(right);
    llnet_buffer_free(parent);
}
END_TEST

START_TEST(slices_are_as_a_plain_array_at_random) {
    char model[64];
    uint32_t seed = 20261124;
    llnet_buffer *parent = buffer_of("................................................................");

    memset(model, '.', sizeof model);
    for (int round = 0; round < 5000; round++) {
        size_t offset, count, at, len;
        llnet_buffer *slice;
        char text[64];

        seed = seed * 1664525 + 1013904223;
        offset = (seed >> 8) % 65;
        count = (seed >> 16) % (65 - offset);
        at = (seed >> 20) % (count + 1);
        len = (seed >> 24) % (count - at + 1);
        slice = slice_of(parent, offset, count);
        memset(text, 'a' + round % 26, sizeof text);
        assert_ok(llnet_buffer_write(slice, at, text, len));
        memset(model + offset + at, 'a' + round % 26, len);
        if (round % 100 == 0) {
            assert_ok(llnet_buffer_set_capacity(parent, 64 + (seed >> 20)));
            assert_ok(llnet_buffer_set_size(parent, 64));
        }
        ck_assert_mem_eq(llnet_buffer_const_data(parent), model, sizeof model);
        llnet_buffer_free(slice);
    }
    llnet_buffer_free(parent);
}
END_TEST

/* ---- pools -------------------------------------------------------------------- */

START_TEST(a_buffer_that_was_given_is_taken_again_and_empty) {
    llnet_pool *pool;
    llnet_buffer *first, *second;

    assert_ok(llnet_pool_new(&pool, 100, 2));
    ck_assert_uint_eq(llnet_pool_get_count(pool), 0);
    assert_ok(llnet_pool_take(pool, &first));
    ck_assert_uint_eq(llnet_buffer_get_capacity(first), 100);
    assert_ok(llnet_buffer_append(first, "used", 4));
    llnet_pool_give(pool, first);
    ck_assert_uint_eq(llnet_pool_get_count(pool), 1);
    assert_ok(llnet_pool_take(pool, &second));
    ck_assert_ptr_eq(second, first);
    ck_assert_uint_eq(llnet_buffer_get_size(second), 0);
    llnet_pool_give(pool, second);
    llnet_pool_give(pool, NULL);
    llnet_pool_free(pool);
    llnet_pool_free(NULL);
}
END_TEST

START_TEST(a_pool_keeps_no_more_than_its_limit_and_nothing_that_was_changed) {
    llnet_pool *pool;
    llnet_buffer *buffers[40], *slice;

    assert_ok(llnet_pool_new(&pool, 10, 30));
    for (int i = 0; i < 40; i++)
        assert_ok(llnet_pool_take(pool, &buffers[i]));
    assert_ok(llnet_buffer_set_capacity(buffers[0], 20));
    slice = slice_of(buffers[1], 0, 10);
    llnet_pool_give(pool, buffers[0]);
    llnet_pool_give(pool, buffers[1]); /* which the slice holds */
    llnet_pool_give(pool, slice);
    ck_assert_uint_eq(llnet_pool_get_count(pool), 0);
    for (int i = 2; i < 40; i++)
        llnet_pool_give(pool, buffers[i]);
    ck_assert_uint_eq(llnet_pool_get_count(pool), 30);
    llnet_pool_free(pool);
}
END_TEST

START_TEST(a_buffer_that_a_message_holds_is_not_kept) {
    llnet_pool *pool;
    llnet_buffer *buffer;
    llnet_message *message;

    assert_ok(llnet_pool_new(&pool, 10, 5));
    assert_ok(llnet_message_new(&message, 0));
    assert_ok(llnet_pool_take(pool, &buffer));
    assert_ok(llnet_message_add_buffer(message, buffer, 0, LLNET_ALL));
    llnet_pool_give(pool, buffer);
    ck_assert_uint_eq(llnet_pool_get_count(pool), 0);
    llnet_message_free(message);
    llnet_pool_free(pool);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("pool");
    TCase *slices = add_case(suite, "slices"), *pools = add_case(suite, "pools");

    tcase_add_test(slices, a_slice_is_the_same_memory_and_cannot_grow);
    tcase_add_test(slices, a_parent_lives_as_long_as_its_slices);
    tcase_add_test(slices, a_parent_that_moves_or_shrinks_takes_its_slices_along);
    tcase_add_test(slices, a_slice_cut_to_nothing_is_a_buffer_of_its_own);
    tcase_add_test(slices, slices_that_overlap_are_copied_right);
    tcase_add_test(slices, slices_are_as_a_plain_array_at_random);
    tcase_add_test(pools, a_buffer_that_was_given_is_taken_again_and_empty);
    tcase_add_test(pools, a_pool_keeps_no_more_than_its_limit_and_nothing_that_was_changed);
    tcase_add_test(pools, a_buffer_that_a_message_holds_is_not_kept);
    return run_suite(suite);
}
