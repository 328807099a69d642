/* SPDX-License-Identifier: MIT */
/* check_buffer.c: bounds, growth and contents of a buffer, and that memory
 * beyond the contents is zero or the program's own. A random run is in
 * check_buffer_model.c. */
#include "harness.h"

/* Makes a buffer with these contents. */
static llnet_buffer *filled(const char *text) {
    llnet_buffer *buffer = NULL;

    assert_ok(llnet_buffer_new(&buffer, 0));
    assert_ok(llnet_buffer_set_data(buffer, text, strlen(text)));
    return buffer;
}

static void assert_holds(const llnet_buffer *buffer, const char *text) {
    ck_assert_uint_eq(llnet_buffer_get_size(buffer), strlen(text));
    ck_assert_uint_ge(llnet_buffer_get_capacity(buffer), strlen(text));
    if (*text != '\0')
        ck_assert_mem_eq(llnet_buffer_const_data(buffer), text, strlen(text));
}

static void assert_zero(const llnet_buffer *buffer, size_t from, size_t to) {
    const unsigned char *bytes = llnet_buffer_const_data(buffer);

    for (size_t i = from; i < to; i++)
        if (bytes[i] != 0)
            ck_abort_msg("byte %zu is %d", i, bytes[i]);
}

/* Fills the heap's free blocks, so that memory that is not cleared shows. */
static void dirty_heap(void) {
    void *blocks[64];

    for (size_t i = 0; i < 64; i++) {
        blocks[i] = malloc(16 * i + 8);
        ck_assert_ptr_nonnull(blocks[i]);
        memset(blocks[i], 0xdd, 16 * i + 8);
    }
    for (size_t i = 0; i < 64; i++)
        free(blocks[i]);
}

/* ---- size and capacity ------------------------------------------------------------ */

START_TEST(new_buffer_is_empty_and_its_room_is_zero) {
    llnet_buffer *buffer = NULL;

    dirty_heap();
    assert_ok(llnet_buffer_new(&buffer, 500));
    ck_assert_uint_eq(llnet_buffer_get_size(buffer), 0);
    ck_assert_uint_eq(llnet_buffer_get_capacity(buffer), 500);
    ck_assert_ptr_eq(llnet_buffer_data(buffer), llnet_buffer_const_data(buffer));
    assert_zero(buffer, 0, 500);
    assert_ok(llnet_buffer_set_size(buffer, 500));
    ck_assert_int_eq(llnet_buffer_get_byte(buffer, 499), 0);
    llnet_buffer_free(buffer);
    llnet_buffer_free(NULL);
}
END_TEST

START_TEST(buffer_without_room_has_no_memory_and_still_works) {
    llnet_buffer *buffer = NULL, *other = NULL;

    assert_ok(llnet_buffer_new(&buffer, 0));
    assert_ok(llnet_buffer_new(&other, 8));
    ck_assert_ptr_null(llnet_buffer_data(buffer));
    ck_assert_ptr_null(llnet_buffer_const_data(buffer));
    ck_assert_uint_eq(llnet_buffer_get_capacity(buffer), 0);
    ck_assert_int_eq(llnet_buffer_get_data(buffer, 0, LLNET_ALL, NULL, 0), 0);
    assert_ok(llnet_buffer_set_data(buffer, NULL, 0));
    assert_ok(llnet_buffer_append(buffer, NULL, 0));
    assert_ok(llnet_buffer_write(buffer, 0, NULL, 0));
    assert_ok(llnet_buffer_copy_buffer(buffer, buffer, 0, LLNET_ALL));
    assert_ok(llnet_buffer_append_buffer(buffer, buffer, 0, 0));
    assert_ok(llnet_buffer_append_buffer(buffer, other, 0, LLNET_ALL));
    assert_ok(llnet_buffer_consume(buffer, 0));
    ck_assert_int_eq(llnet_buffer_find(buffer, NULL, 0, 0), 0);
    assert_error(llnet_buffer_find(buffer, "x", 1, 0), ENOENT);
    ck_assert(llnet_buffer_equal(buffer, other) && llnet_buffer_equal(other, buffer));
    assert_ok(llnet_buffer_set_size(buffer, 0));
    assert_ok(llnet_buffer_set_capacity(buffer, 0));
    ck_assert_ptr_null(llnet_buffer_data(buffer));
    llnet_buffer_free(buffer);
    llnet_buffer_free(other);
}
END_TEST

START_TEST(set_size_grows_exactly_and_with_zeros) {
    llnet_buffer *buffer = filled("abc");

    ck_assert_uint_eq(llnet_buffer_get_capacity(buffer), 3);
    dirty_heap();
    assert_ok(llnet_buffer_set_size(buffer, 301));
    ck_assert_uint_eq(llnet_buffer_get_size(buffer), 301);
    ck_assert_uint_eq(llnet_buffer_get_capacity(buffer), 301);
    ck_assert_mem_eq(llnet_buffer_const_data(buffer), "abc", 3);
    assert_zero(buffer, 3, 301);
    assert_ok(llnet_buffer_set_size(buffer, 2));
    ck_assert_uint_eq(llnet_buffer_get_capacity(buffer), 301);
    assert_holds(buffer, "ab");
    assert_ok(llnet_buffer_set_size(buffer, 3)); /* what the program put there is still there */
    assert_holds(buffer, "abc");
    llnet_buffer_free(buffer);
}
END_TEST

START_TEST(set_capacity_is_exact_cuts_the_size_and_gives_memory_back) {
    llnet_buffer *buffer = filled("abcdef");

    dirty_heap();
    assert_ok(llnet_buffer_set_capacity(buffer, 200));
    ck_assert_uint_eq(llnet_buffer_get_capacity(buffer), 200);
    assert_holds(buffer, "abcdef");
    assert_zero(buffer, 6, 200);
    assert_ok(llnet_buffer_set_capacity(buffer, 4));
    ck_assert_uint_eq(llnet_buffer_get_capacity(buffer), 4);
    assert_holds(buffer, "abcd");
    assert_ok(llnet_buffer_set_capacity(buffer, 8)); /* what was cut is gone */
    assert_zero(buffer, 4, 8);
    assert_ok(llnet_buffer_set_capacity(buffer, 0));
    ck_assert_ptr_null(llnet_buffer_data(buffer));
    assert_holds(buffer, "");
    assert_ok(llnet_buffer_append(buffer, "x", 1));
    assert_holds(buffer, "x");
    llnet_buffer_free(buffer);
}
END_TEST

START_TEST(large_room_begins_at_a_cache_line_and_bytes_move_with_it) {
    static const size_t capacities[] = {100, 4095, 4096, 5000, 4000, 300000, 4097, 10, 1000000, 70000};
    llnet_buffer *buffer;

    for (size_t i = 0; i < sizeof capacities / sizeof *capacities; i++) {
        assert_ok(llnet_buffer_new(&buffer, capacities[i]));
        for (size_t j = 0; j < sizeof capacities / sizeof *capacities; j++) {
            size_t capacity = capacities[j], size = llnet_buffer_get_size(buffer);
            unsigned char *bytes;

            dirty_heap();
            assert_ok(llnet_buffer_set_capacity(buffer, capacity));
            bytes = llnet_buffer_data(buffer);
            if (capacity >= 4096)
                ck_assert_uint_eq((uintptr_t)bytes % 64, 0);
            for (size_t k = 0; k < size && k < capacity; k++)
                if (bytes[k] != (unsigned char)(k % 251 + 1))
                    ck_abort_msg("byte %zu of %zu is %d", k, capacity, bytes[k]);
            assert_zero(buffer, size < capacity ? size : capacity, capacity);
            assert_ok(llnet_buffer_set_size(buffer, capacity));
            for (size_t k = 0; k < capacity; k++)
                bytes[k] = (unsigned char)(k % 251 + 1);
        }
        llnet_buffer_free(buffer);
    }
}
END_TEST

START_TEST(reset_keeps_capacity_and_bytes) {
    llnet_buffer *buffer = filled("abc");

    llnet_buffer_reset(buffer);
    ck_assert_uint_eq(llnet_buffer_get_capacity(buffer), 3);
    assert_holds(buffer, "");
    assert_error(llnet_buffer_get_byte(buffer, 0), LLNET_EBOUNDS);
    assert_ok(llnet_buffer_set_size(buffer, 3));
    assert_holds(buffer, "abc");
    llnet_buffer_free(buffer);
}
END_TEST

/* glibc and AddressSanitizer both refuse more than PTRDIFF_MAX; less than that is a
 * matter of the machine. The sanitizer has to be told not to stop. */
LLNET_API const char *__asan_default_options(void);

const char *__asan_default_options(void) {
    return "allocator_may_return_null=1";
}

START_TEST(what_cannot_be_allocated_is_enomem_and_changes_nothing) {
    static const size_t sizes[] = {PTRDIFF_MAX, (size_t)PTRDIFF_MAX + 1, SIZE_MAX - 1, SIZE_MAX};
    llnet_buffer *buffer = filled("abc"), *none;
    const void *before = llnet_buffer_data(buffer);

    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        none = buffer;
        assert_error(llnet_buffer_new(&none, sizes[i]), ENOMEM);
        ck_assert_ptr_null(none);
        assert_error(llnet_buffer_set_size(buffer, sizes[i]), ENOMEM);
        assert_error(llnet_buffer_set_capacity(buffer, sizes[i]), ENOMEM);
        assert_error(llnet_buffer_set_data(buffer, "x", sizes[i]), ENOMEM);
        assert_error(llnet_buffer_append(buffer, "x", sizes[i]), ENOMEM);
        assert_error(llnet_buffer_write(buffer, 1, "x", sizes[i]), LLNET_EBOUNDS);
        assert_error(llnet_buffer_find(buffer, "x", sizes[i], 1), ENOENT);
    }
    /* the sum of size and length is what does not fit */
    assert_error(llnet_buffer_append(buffer, "x", (size_t)PTRDIFF_MAX - 3), ENOMEM);
    assert_error(llnet_buffer_append(buffer, "x", (size_t)PTRDIFF_MAX - 2), ENOMEM);
    assert_error(llnet_buffer_append(buffer, "x", SIZE_MAX - 2), ENOMEM);
    assert_holds(buffer, "abc");
    ck_assert_uint_eq(llnet_buffer_get_capacity(buffer), 3);
    ck_assert_ptr_eq(llnet_buffer_data(buffer), before);
    llnet_buffer_free(buffer);
}
END_TEST

/* ---- bytes and ranges -------------------------------------------------------------- */

START_TEST(bytes_are_got_and_set_within_the_size) {
    llnet_buffer *buffer = filled("abc");

    ck_assert_int_eq(llnet_buffer_get_byte(buffer, 0), 'a');
    ck_assert_int_eq(llnet_buffer_get_byte(buffer, 2), 'c');
    assert_ok(llnet_buffer_set_byte(buffer, 1, 255));
    ck_assert_int_eq(llnet_buffer_get_byte(buffer, 1), 255);
    assert_ok(llnet_buffer_set_byte(buffer, 1, 0));
    ck_assert_int_eq(llnet_buffer_get_byte(buffer, 1), 0);
    assert_ok(llnet_buffer_set_capacity(buffer, 10)); /* room is not contents */
    assert_error(llnet_buffer_get_byte(buffer, 3), LLNET_EBOUNDS);
    assert_error(llnet_buffer_get_byte(buffer, SIZE_MAX), LLNET_EBOUNDS);
    assert_error(llnet_buffer_set_byte(buffer, 3, 1), LLNET_EBOUNDS);
    assert_error(llnet_buffer_set_byte(buffer, SIZE_MAX, 1), LLNET_EBOUNDS);
    assert_error(llnet_buffer_set_byte(buffer, 0, -1), LLNET_EBOUNDS);
    assert_error(llnet_buffer_set_byte(buffer, 0, 256), LLNET_EBOUNDS);
    assert_error(llnet_buffer_set_byte(buffer, 0, INT32_MIN), LLNET_EBOUNDS);
    ck_assert_mem_eq(llnet_buffer_const_data(buffer), "a\0c", 3);
    llnet_buffer_free(buffer);
}
END_TEST

START_TEST(get_data_copies_ranges_and_refuses_what_lies_outside) {
    llnet_buffer *buffer = filled("abcdef");
    char room[8] = "-------";

    ck_assert_int_eq(llnet_buffer_get_data(buffer, 0, LLNET_ALL, room, 6), 6);
    ck_assert_str_eq(room, "abcdef-");
    ck_assert_int_eq(llnet_buffer_get_data(buffer, 4, LLNET_ALL, room, 2), 2);
    ck_assert_str_eq(room, "efcdef-");
    ck_assert_int_eq(llnet_buffer_get_data(buffer, 1, 3, room, sizeof room), 3);
    ck_assert_str_eq(room, "bcddef-");
    ck_assert_int_eq(llnet_buffer_get_data(buffer, 6, LLNET_ALL, NULL, 0), 0);
    ck_assert_int_eq(llnet_buffer_get_data(buffer, 6, 0, NULL, 0), 0);
    assert_error(llnet_buffer_get_data(buffer, 7, LLNET_ALL, room, 8), LLNET_EBOUNDS);
    assert_error(llnet_buffer_get_data(buffer, 7, 0, room, 8), LLNET_EBOUNDS);
    assert_error(llnet_buffer_get_data(buffer, 6, 1, room, 8), LLNET_EBOUNDS);
    assert_error(llnet_buffer_get_data(buffer, 2, 5, room, 8), LLNET_EBOUNDS);
    assert_error(llnet_buffer_get_data(buffer, 2, SIZE_MAX - 1, room, 8), LLNET_EBOUNDS);
    assert_error(llnet_buffer_get_data(buffer, SIZE_MAX, 2, room, 8), LLNET_EBOUNDS);
    assert_error(llnet_buffer_get_data(buffer, 0, LLNET_ALL, room, 5), ENOBUFS);
    assert_error(llnet_buffer_get_data(buffer, 0, 1, NULL, 0), ENOBUFS);
    ck_assert_str_eq(room, "bcddef-");
    llnet_buffer_free(buffer);
}
END_TEST

START_TEST(set_data_replaces_and_write_overwrites) {
    llnet_buffer *buffer = filled("abcdef");

    assert_ok(llnet_buffer_write(buffer, 0, "AB", 2));
    assert_ok(llnet_buffer_write(buffer, 4, "EF", 2));
    assert_ok(llnet_buffer_write(buffer, 6, "", 0));
    assert_holds(buffer, "ABcdEF");
    assert_error(llnet_buffer_write(buffer, 5, "xy", 2), LLNET_EBOUNDS);
    assert_error(llnet_buffer_write(buffer, 7, "", 0), LLNET_EBOUNDS);
    assert_error(llnet_buffer_write(buffer, SIZE_MAX, "xy", 2), LLNET_EBOUNDS);
    assert_holds(buffer, "ABcdEF");
    assert_ok(llnet_buffer_set_data(buffer, "xyz", 3));
    assert_holds(buffer, "xyz");
    ck_assert_uint_eq(llnet_buffer_get_capacity(buffer), 6);
    assert_ok(llnet_buffer_set_data(buffer, "0123456", 7));
    assert_holds(buffer, "0123456");
    llnet_buffer_free(buffer);
}
END_TEST

START_TEST(append_grows_by_half_at_least) {
    llnet_buffer *buffer = NULL;
    unsigned grown = 0;

    assert_ok(llnet_buffer_new(&buffer, 0));
    for (size_t i = 0; i < 100000; i++) {
        unsigned char byte = (unsigned char)(i % 251);
        size_t before = llnet_buffer_get_capacity(buffer), after;

        if (llnet_buffer_append(buffer, &byte, 1) != 0)
            ck_abort_msg("append failed");
        after = llnet_buffer_get_capacity(buffer);
        if (after != before && after < before + before / 2)
            ck_abort_msg("grew from %zu to %zu", before, after);
        grown += after != before;
    }
    ck_assert_uint_lt(grown, 40); /* log 100000 / log 1.5 = 28.4, and the first few */
    ck_assert_uint_eq(llnet_buffer_get_size(buffer), 100000);
    for (size_t i = 0; i < 100000; i++)
        if (llnet_buffer_get_byte(buffer, i) != (llnet_count)(i % 251))
            ck_abort_msg("byte %zu is another", i);
    assert_zero(buffer, 100000, llnet_buffer_get_capacity(buffer));
    assert_ok(llnet_buffer_set_capacity(buffer, 0));
    assert_ok(llnet_buffer_append(buffer, "abcdefgh", 8));
    ck_assert_uint_eq(llnet_buffer_get_capacity(buffer), 8);
    assert_ok(llnet_buffer_append(buffer, "abcdefgh", 8)); /* more than half: as much as it takes */
    ck_assert_uint_eq(llnet_buffer_get_capacity(buffer), 16);
    assert_ok(llnet_buffer_append(buffer, "a", 1));
    ck_assert_uint_eq(llnet_buffer_get_capacity(buffer), 24);
    assert_holds(buffer, "abcdefghabcdefgha");
    llnet_buffer_free(buffer);
}
END_TEST

START_TEST(buffers_are_copied_and_appended_to_others_and_themselves) {
    llnet_buffer *a = filled("abcdef"), *b = filled("0123456789");

    assert_ok(llnet_buffer_copy_buffer(a, b, 7, LLNET_ALL));
    assert_holds(a, "789");
    assert_ok(llnet_buffer_append_buffer(a, b, 2, 3));
    assert_holds(a, "789234");
    assert_ok(llnet_buffer_copy_buffer(a, a, 1, 4));
    assert_holds(a, "8923");
    assert_ok(llnet_buffer_append_buffer(a, a, 0, LLNET_ALL)); /* moves its memory */
    assert_holds(a, "89238923");
    assert_ok(llnet_buffer_append_buffer(a, a, 7, 1));
    assert_holds(a, "892389233");
    assert_error(llnet_buffer_copy_buffer(a, b, 11, 0), LLNET_EBOUNDS);
    assert_error(llnet_buffer_copy_buffer(a, b, 11, LLNET_ALL), LLNET_EBOUNDS);
    assert_error(llnet_buffer_copy_buffer(a, b, 8, 3), LLNET_EBOUNDS);
    assert_error(llnet_buffer_append_buffer(a, b, 0, 11), LLNET_EBOUNDS);
    assert_error(llnet_buffer_append_buffer(a, a, 10, 0), LLNET_EBOUNDS);
    assert_error(llnet_buffer_append_buffer(a, b, 5, SIZE_MAX - 1), LLNET_EBOUNDS);
    assert_holds(a, "892389233");
    assert_holds(b, "0123456789");
    assert_ok(llnet_buffer_copy_buffer(a, b, 10, LLNET_ALL));
    assert_holds(a, "");
    assert_ok(llnet_buffer_copy_buffer(b, b, 0, LLNET_ALL));
    assert_holds(b, "0123456789");
    llnet_buffer_free(a);
    llnet_buffer_free(b);
}
END_TEST

START_TEST(consume_moves_the_rest_to_the_front) {
    llnet_buffer *buffer = filled("abcdef");

    assert_error(llnet_buffer_consume(buffer, 7), LLNET_EBOUNDS);
    assert_error(llnet_buffer_consume(buffer, SIZE_MAX), LLNET_EBOUNDS);
    assert_ok(llnet_buffer_consume(buffer, 0));
    assert_holds(buffer, "abcdef");
    assert_ok(llnet_buffer_consume(buffer, 2));
    assert_holds(buffer, "cdef");
    ck_assert_uint_eq(llnet_buffer_get_capacity(buffer), 6);
    assert_ok(llnet_buffer_consume(buffer, 4));
    assert_holds(buffer, "");
    assert_error(llnet_buffer_consume(buffer, 1), LLNET_EBOUNDS);
    llnet_buffer_free(buffer);
}
END_TEST

START_TEST(find_gives_the_first_place_from_the_offset_on) {
    llnet_buffer *buffer = filled("aabaabcaab");
    static const struct {
        const char *text;
        size_t offset;
        long place;
    } cases[] = {
        {"a", 0, 0},
        {"a", 2, 3},
        {"aab", 0, 0},
        {"aab", 1, 3},
        {"aab", 7, 7},
        {"aab", 8, -ENOENT},
        {"aabc", 0, 3},
        {"abaabc", 0, 1},
        {"caab", 0, 6},
        {"aabaabcaab", 0, 0},
        {"b", 9, 9},
        {"b", 10, -ENOENT},
        {"aabaabcaabx", 0, -ENOENT},
        {"x", 0, -ENOENT},
        {"caabx", 0, -ENOENT},
        {"", 0, 0},
        {"", 10, 10},
        {"", 11, -LLNET_EBOUNDS},
        {"a", 11, -LLNET_EBOUNDS},
        {"a", SIZE_MAX, -LLNET_EBOUNDS},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        ck_assert_int_eq(llnet_buffer_find(buffer, cases[i].text, strlen(cases[i].text), cases[i].offset),
                         cases[i].place);
    assert_ok(llnet_buffer_set_data(buffer, "GET\0/\r\n\r\nX", 10));
    ck_assert_int_eq(llnet_buffer_find(buffer, "\r\n\r\n", 4, 0), 5);
    ck_assert_int_eq(llnet_buffer_find(buffer, "\0/", 2, 0), 3);
    assert_ok(llnet_buffer_set_size(buffer, 8)); /* what stands beyond the size is not found */
    assert_error(llnet_buffer_find(buffer, "\r\n\r\n", 4, 0), ENOENT);
    llnet_buffer_free(buffer);
}
END_TEST

START_TEST(equal_buffers_have_the_same_contents_whatever_their_room) {
    llnet_buffer *a = filled("abc"), *b = filled("abcd");

    ck_assert(llnet_buffer_equal(a, a));
    ck_assert(!llnet_buffer_equal(a, b));
    ck_assert(!llnet_buffer_equal(b, a));
    assert_ok(llnet_buffer_set_size(b, 3));
    ck_assert(llnet_buffer_equal(a, b));
    assert_ok(llnet_buffer_set_byte(b, 2, 'C'));
    ck_assert(!llnet_buffer_equal(a, b));
    llnet_buffer_free(a);
    llnet_buffer_free(b);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("buffer");
    TCase *room = add_case(suite, "room"), *contents = add_case(suite, "contents");

    tcase_add_test(room, new_buffer_is_empty_and_its_room_is_zero);
    tcase_add_test(room, buffer_without_room_has_no_memory_and_still_works);
    tcase_add_test(room, set_size_grows_exactly_and_with_zeros);
    tcase_add_test(room, set_capacity_is_exact_cuts_the_size_and_gives_memory_back);
    tcase_add_test(room, large_room_begins_at_a_cache_line_and_bytes_move_with_it);
    tcase_add_test(room, reset_keeps_capacity_and_bytes);
    tcase_add_test(room, what_cannot_be_allocated_is_enomem_and_changes_nothing);
    tcase_add_test(contents, bytes_are_got_and_set_within_the_size);
    tcase_add_test(contents, get_data_copies_ranges_and_refuses_what_lies_outside);
    tcase_add_test(contents, set_data_replaces_and_write_overwrites);
    tcase_add_test(contents, append_grows_by_half_at_least);
    tcase_add_test(contents, buffers_are_copied_and_appended_to_others_and_themselves);
    tcase_add_test(contents, consume_moves_the_rest_to_the_front);
    tcase_add_test(contents, find_gives_the_first_place_from_the_offset_on);
    tcase_add_test(contents, equal_buffers_have_the_same_contents_whatever_their_room);
    return run_suite(suite);
}
