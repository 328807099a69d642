/* SPDX-License-Identifier: MIT */
/* check_buffer_number.c: numbers in a buffer, against bytes written by hand from the
 * definitions: the order of bytes, two's complement, IEEE 754. */
#include "harness.h"

#include <math.h>

static llnet_buffer *buffer_of(const char *bytes, size_t len) {
    llnet_buffer *self;

    assert_ok(llnet_buffer_new(&self, 0));
    assert_ok(llnet_buffer_set_data(self, bytes, len));
    return self;
}

START_TEST(integers_are_read_in_either_order) {
    llnet_buffer *self = buffer_of("\x81\x02\x03\x04\x05\x06\x07\x88", 8);
    uint64_t bits;
    int64_t number;

    assert_ok(llnet_buffer_get_uint(self, 0, 1, LLNET_BIG_ENDIAN, &bits));
    ck_assert_uint_eq(bits, 0x81);
    assert_ok(llnet_buffer_get_uint(self, 0, 3, LLNET_BIG_ENDIAN, &bits));
    ck_assert_uint_eq(bits, 0x810203);
    assert_ok(llnet_buffer_get_uint(self, 0, 3, LLNET_LITTLE_ENDIAN, &bits));
    ck_assert_uint_eq(bits, 0x030281);
    assert_ok(llnet_buffer_get_uint(self, 0, 8, LLNET_BIG_ENDIAN, &bits));
    ck_assert_uint_eq(bits, UINT64_C(0x8102030405060788));
    assert_ok(llnet_buffer_get_uint(self, 0, 8, LLNET_LITTLE_ENDIAN, &bits));
    ck_assert_uint_eq(bits, UINT64_C(0x8807060504030281));
    assert_ok(llnet_buffer_get_int(self, 0, 1, LLNET_BIG_ENDIAN, &number));
    ck_assert_int_eq(number, -127);
    assert_ok(llnet_buffer_get_int(self, 1, 2, LLNET_BIG_ENDIAN, &number));
    ck_assert_int_eq(number, 0x0203);
    assert_ok(llnet_buffer_get_int(self, 0, 8, LLNET_LITTLE_ENDIAN, &number));
    ck_assert_int_eq(number, INT64_C(0x0807060504030281) - INT64_MAX - 1);
    llnet_buffer_free(self);
}
END_TEST

START_TEST(the_extremes_of_every_width_come_back_and_one_more_is_refused) {
    llnet_buffer *self = buffer_of("........", 8);
    size_t width = (size_t)_i + 1;
    uint64_t most = UINT64_MAX >> (64 - 8 * width), bits;
    int64_t least = -(int64_t)(most >> 1) - 1, number;

    for (int order = LLNET_BIG_ENDIAN; order <= LLNET_LITTLE_ENDIAN; order++) {
        assert_ok(llnet_buffer_set_uint(self, 0, most, width, order));
        assert_ok(llnet_buffer_get_uint(self, 0, width, order, &bits));
        ck_assert_uint_eq(bits, most);
        assert_ok(llnet_buffer_get_int(self, 0, width, order, &number));
        ck_assert_int_eq(number, -1);
        assert_ok(llnet_buffer_set_int(self, 0, least, width, order));
        assert_ok(llnet_buffer_get_int(self, 0, width, order, &number));
        ck_assert_int_eq(number, least);
        assert_ok(llnet_buffer_set_int(self, 0, (int64_t)(most >> 1), width, order));
        assert_ok(llnet_buffer_get_uint(self, 0, width, order, &bits));
        ck_assert_uint_eq(bits, most >> 1);
    }
    if (width < 8) {
        assert_error(llnet_buffer_set_uint(self, 0, most + 1, width, 0), LLNET_EBOUNDS);
        assert_error(llnet_buffer_set_int(self, 0, least - 1, width, 0), LLNET_EBOUNDS);
        assert_error(llnet_buffer_append_int(self, (int64_t)(most >> 1) + 1, width, 0), LLNET_EBOUNDS);
        assert_error(llnet_buffer_append_uint(self, most + 1, width, 0), LLNET_EBOUNDS);
    }
    ck_assert_uint_eq(llnet_buffer_get_size(self), 8);
    llnet_buffer_free(self);
}
END_TEST

START_TEST(floats_have_the_bits_of_ieee_754) {
    static const struct {
        double value;
        const char *four, *eight;
    } floats[] = {{1.5, "\x3f\xc0\x00\x00", "\x3f\xf8\x00\x00\x00\x00\x00\x00"},
                  {-2.25, "\xc0\x10\x00\x00", "\xc0\x02\x00\x00\x00\x00\x00\x00"},
                  {0.1, "\x3d\xcc\xcc\xcd", "\x3f\xb9\x99\x99\x99\x99\x99\x9a"},
                  {INFINITY, "\x7f\x80\x00\x00", "\x7f\xf0\x00\x00\x00\x00\x00\x00"},
                  {1e300, "\x7f\x80\x00\x00", "\x7e\x37\xe4\x3c\x88\x00\x75\x9c"},
                  {-0.0, "\x80\x00\x00\x00", "\x80\x00\x00\x00\x00\x00\x00\x00"}};
    llnet_buffer *self;
    double value;

    assert_ok(llnet_buffer_new(&self, 0));
    assert_ok(llnet_buffer_append_float(self, floats[_i].value, 4, LLNET_BIG_ENDIAN));
    assert_ok(llnet_buffer_append_float(self, floats[_i].value, 8, LLNET_BIG_ENDIAN));
    ck_assert_mem_eq(llnet_buffer_const_data(self), floats[_i].four, 4);
    ck_assert_mem_eq((const char *)llnet_buffer_const_data(self) + 4, floats[_i].eight, 8);
    assert_ok(llnet_buffer_get_float(self, 4, 8, LLNET_BIG_ENDIAN, &value));
    ck_assert_mem_eq(&value, &floats[_i].value, sizeof value);
    assert_ok(llnet_buffer_get_float(self, 0, 4, LLNET_BIG_ENDIAN, &value));
    ck_assert(value == (double)(float)floats[_i].value);
    assert_ok(llnet_buffer_set_float(self, 4, floats[_i].value, 8, LLNET_LITTLE_ENDIAN));
    assert_ok(llnet_buffer_get_float(self, 4, 8, LLNET_LITTLE_ENDIAN, &value));
    ck_assert_mem_eq(&value, &floats[_i].value, sizeof value);
    llnet_buffer_free(self);
}
END_TEST

START_TEST(what_lies_outside_is_out_of_bounds) {
    static const size_t widths[] = {0, 9, SIZE_MAX};
    llnet_buffer *self = buffer_of("12345678", 8);
    uint64_t bits = 7;
    double value = 7;

    for (size_t i = 0; i < 3; i++) {
        assert_error(llnet_buffer_get_uint(self, 0, widths[i], 0, &bits), LLNET_EBOUNDS);
        assert_error(llnet_buffer_set_uint(self, 0, 0, widths[i], 0), LLNET_EBOUNDS);
        assert_error(llnet_buffer_append_int(self, 0, widths[i], 0), LLNET_EBOUNDS);
        assert_error(llnet_buffer_get_float(self, 0, widths[i], 0, &value), LLNET_EBOUNDS);
        assert_error(llnet_buffer_append_float(self, 0, widths[i], 0), LLNET_EBOUNDS);
    }
    assert_error(llnet_buffer_get_uint(self, 8, 1, 0, &bits), LLNET_EBOUNDS);
    assert_error(llnet_buffer_get_uint(self, SIZE_MAX, 8, 0, &bits), LLNET_EBOUNDS);
    assert_error(llnet_buffer_get_uint(self, 5, 4, 0, &bits), LLNET_EBOUNDS);
    assert_error(llnet_buffer_set_uint(self, 5, 0, 4, 0), LLNET_EBOUNDS);
    assert_error(llnet_buffer_get_uint(self, 0, 4, 2, &bits), LLNET_EBOUNDS);
    assert_error(llnet_buffer_set_float(self, 0, 0, 3, 0), LLNET_EBOUNDS);
    assert_error(llnet_buffer_get_float(self, 5, 4, 0, &value), LLNET_EBOUNDS);
    assert_error(llnet_buffer_get_float(self, 0, 8, 2, &value), LLNET_EBOUNDS);
    assert_error(llnet_buffer_set_uint(self, 0, 0, 4, 2), LLNET_EBOUNDS);
    assert_error(llnet_buffer_append_uint(self, 0, 4, -1), LLNET_EBOUNDS);
    ck_assert(value == 7);
    ck_assert_uint_eq(llnet_buffer_get_size(self), 8);
    ck_assert_uint_eq(bits, 7);
    ck_assert_mem_eq(llnet_buffer_const_data(self), "12345678", 8);
    llnet_buffer_free(self);
}
END_TEST

START_TEST(a_byte_is_found_from_an_offset_on) {
    llnet_buffer *self = buffer_of("a\0b\xff"
                                   "a",
                                   5);

    ck_assert_int_eq(llnet_buffer_find_byte(self, 'a', 0), 0);
    ck_assert_int_eq(llnet_buffer_find_byte(self, 'a', 1), 4);
    ck_assert_int_eq(llnet_buffer_find_byte(self, 0, 0), 1);
    ck_assert_int_eq(llnet_buffer_find_byte(self, 255, 0), 3);
    assert_error(llnet_buffer_find_byte(self, 'b', 3), ENOENT);
    assert_error(llnet_buffer_find_byte(self, 'a', 5), ENOENT);
    assert_error(llnet_buffer_find_byte(self, 'a', 6), LLNET_EBOUNDS);
    assert_error(llnet_buffer_find_byte(self, 256, 0), LLNET_EBOUNDS);
    assert_error(llnet_buffer_find_byte(self, -1, 0), LLNET_EBOUNDS);
    llnet_buffer_free(self);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("buffer_number");
    TCase *numbers = add_case(suite, "numbers");

    tcase_add_test(numbers, integers_are_read_in_either_order);
    tcase_add_loop_test(numbers, the_extremes_of_every_width_come_back_and_one_more_is_refused, 0, 8);
    tcase_add_loop_test(numbers, floats_have_the_bits_of_ieee_754, 0, 6);
    tcase_add_test(numbers, what_lies_outside_is_out_of_bounds);
    tcase_add_test(numbers, a_byte_is_found_from_an_offset_on);
    return run_suite(suite);
}
