/* SPDX-License-Identifier: MIT */
/* check_buffer_consume.c: what is consumed from the front costs time once, and pointers and
 * slices see the rest where it is said to be. */
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

/* Moved each time, the rest would be 8 TiB. */
START_TEST(consume_of_small_pieces_takes_time_for_the_whole_once) {
    enum { SIZE = 8 << 20, PIECE = 4 };
    llnet_buffer *buffer = NULL;
    uint64_t number;

    assert_ok(llnet_buffer_new(&buffer, SIZE));
    for (uint32_t i = 0; i < SIZE / PIECE; i++)
        if (llnet_buffer_append_uint(buffer, i, PIECE, LLNET_BIG_ENDIAN) != 0)
            ck_abort_msg("append failed");
    for (uint32_t i = 0; i < SIZE / PIECE; i++)
        if (llnet_buffer_get_uint(buffer, 0, PIECE, LLNET_BIG_ENDIAN, &number) != 0 || number != i ||
            llnet_buffer_consume(buffer, PIECE) != 0)
            ck_abort_msg("number %u is %lu", (unsigned)i, (unsigned long)number);
    ck_assert_uint_eq(llnet_buffer_get_size(buffer), 0);
    ck_assert_uint_eq(llnet_buffer_get_capacity(buffer), SIZE);
    llnet_buffer_free(buffer);
}
END_TEST

START_TEST(consumed_room_is_used_again_and_the_capacity_stays) {
    llnet_buffer *buffer = filled("0123456789"), *other = filled("other twelve");

    for (int i = 0; i < 100; i++) {
        unsigned char byte = (unsigned char)('0' + i % 10);

        ck_assert_int_eq(llnet_buffer_get_byte(buffer, 0), byte);
        assert_ok(llnet_buffer_consume(buffer, 1));
        assert_ok(llnet_buffer_append(buffer, &byte, 1));
        ck_assert_uint_eq(llnet_buffer_get_capacity(buffer), 10);
    }
    assert_ok(llnet_buffer_consume(buffer, 3));
    assert_ok(llnet_buffer_set_capacity(buffer, 7)); /* all that is there is kept */
    assert_holds(buffer, "3456789");
    assert_ok(llnet_buffer_set_capacity(buffer, 12));
    assert_ok(llnet_buffer_consume(buffer, 1));
    assert_ok(llnet_buffer_set_size(buffer, 7)); /* what stood there, not what stands behind */
    ck_assert_int_eq(llnet_buffer_get_byte(buffer, 6), '9');
    for (int i = 0; i < 2; i++) {
        assert_ok(llnet_buffer_consume(buffer, 1));
        if (i == 0)
            assert_ok(llnet_buffer_set_data(buffer, "all of 12 by", 12));
        else
            assert_ok(llnet_buffer_copy_buffer(buffer, other, 0, LLNET_ALL));
        ck_assert_uint_eq(llnet_buffer_get_capacity(buffer), 12);
    }
    assert_holds(buffer, "other twelve");
    llnet_buffer_free(other);
    llnet_buffer_free(buffer);
}
END_TEST

START_TEST(pointer_sees_the_contents_at_its_beginning_until_the_capacity_changes) {
    llnet_buffer *buffer = filled("0123456789"), *slice = NULL;
    const char *bytes;

    assert_ok(llnet_buffer_consume(buffer, 1));
    bytes = llnet_buffer_data(buffer);
    ck_assert_mem_eq(bytes, "123456789", 9);
    assert_ok(llnet_buffer_consume(buffer, 1));
    ck_assert_mem_eq(bytes, "23456789", 8);
    assert_ok(llnet_buffer_set_capacity(buffer, 20));
    assert_ok(llnet_buffer_consume(buffer, 1));
    assert_ok(llnet_buffer_slice(buffer, 0, LLNET_ALL, &slice));
    bytes = llnet_buffer_const_data(slice);
    ck_assert_uint_eq(llnet_buffer_get_capacity(slice), 20);
    assert_ok(llnet_buffer_consume(buffer, 1));
    ck_assert_mem_eq(bytes, "456789", 6);
    llnet_buffer_free(slice); /* the pointer holds on: it is the parent's memory */
    assert_ok(llnet_buffer_consume(buffer, 1));
    ck_assert_mem_eq(bytes, "56789", 5);
    llnet_buffer_free(buffer);
}
END_TEST

START_TEST(slice_lies_where_the_parent_has_it_whatever_was_consumed) {
    llnet_buffer *buffer = filled("0123456789"), *slice = NULL;
    char room[16] = "";

    assert_ok(llnet_buffer_consume(buffer, 2));
    assert_ok(llnet_buffer_slice(buffer, 1, 4, &slice));
    assert_ok(llnet_buffer_consume(buffer, 2));
    ck_assert_int_eq(llnet_buffer_get_data(slice, 0, LLNET_ALL, room, sizeof room), 4);
    ck_assert_str_eq(room, "5678");
    assert_ok(llnet_buffer_consume(slice, 3)); /* of the one, not of the other */
    ck_assert_int_eq(llnet_buffer_get_data(buffer, 0, LLNET_ALL, room, sizeof room), 6);
    ck_assert_str_eq(room, "486789");
    llnet_buffer_free(slice);
    assert_ok(llnet_buffer_set_capacity(buffer, 9));
    assert_ok(llnet_buffer_set_data(buffer, "486789---", 9));
    assert_ok(llnet_buffer_set_size(buffer, 6));
    assert_ok(llnet_buffer_slice(buffer, 0, 6, &slice));
    assert_ok(llnet_buffer_consume(buffer, 2)); /* its end stays where it was */
    ck_assert_int_eq(llnet_buffer_get_data(slice, 0, LLNET_ALL, room, sizeof room), 6);
    ck_assert_str_eq(room, "678989");
    llnet_buffer_free(slice);
    assert_ok(llnet_buffer_set_data(buffer, "x5678", 5));
    assert_ok(llnet_buffer_consume(buffer, 1));
    assert_ok(llnet_buffer_copy_buffer(buffer, buffer, 1, 3));
    assert_holds(buffer, "678");
    llnet_buffer_free(buffer);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("buffer consume");
    TCase *tcase = add_case(suite, "consume");

    tcase_add_test(tcase, consume_of_small_pieces_takes_time_for_the_whole_once);
    tcase_add_test(tcase, consumed_room_is_used_again_and_the_capacity_stays);
    tcase_add_test(tcase, pointer_sees_the_contents_at_its_beginning_until_the_capacity_changes);
    tcase_add_test(tcase, slice_lies_where_the_parent_has_it_whatever_was_consumed);
    return run_suite(suite);
}
