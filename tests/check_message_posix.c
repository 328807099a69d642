/* SPDX-License-Identifier: MIT */
/* check_message_posix.c: messages as systems other than Linux have them: what they lack
 * answers ENOTSUP by name, the rest works; and descriptors are close-on-exec without the
 * flag that makes them so. src/message_posix.c is compiled in. */
#include "harness.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <unistd.h>

START_TEST(what_the_system_lacks_is_enotsup) {
    llnet_message *self;
    llnet_addr addr;
    int64_t number;
    uint32_t value, other;
    int small;
    bool truth;

    assert_ok(llnet_message_new(&self, LLNET_MESSAGE_CONTROL));
    llnet_addr_init(&addr);
    assert_ok(llnet_addr_set_ip(&addr, "127.0.0.1", 0));
    assert_error(llnet_message_set_credentials(self, 1, 1, 1), ENOTSUP);
    assert_error(llnet_message_get_credentials(self, &number, &number, &number), ENOTSUP);
    assert_error(llnet_message_set_source(self, &addr, 0), ENOTSUP);
    assert_error(llnet_message_get_destination(self, &addr), ENOTSUP);
    assert_error(llnet_message_get_interface(self, &value), ENOTSUP);
    assert_error(llnet_message_get_original_destination(self, &addr), ENOTSUP);
    assert_error(llnet_message_get_timestamp(self, &number), ENOTSUP);
    assert_error(llnet_message_get_hardware_timestamp(self, &number), ENOTSUP);
    assert_error(llnet_message_set_timestamping(self, 1), ENOTSUP);
    assert_error(llnet_message_set_txtime(self, 1), ENOTSUP);
    assert_error(llnet_message_set_segment_size(self, 1), ENOTSUP);
    assert_error(llnet_message_get_segment_size(self, &value), ENOTSUP);
    assert_error(llnet_message_get_drop_count(self, &value), ENOTSUP);
    assert_error(llnet_message_get_error(self, &small, &small, &small, &small, &value), ENOTSUP);
    assert_error(llnet_message_get_error_offender(self, &addr), ENOTSUP);
    assert_error(llnet_message_get_zerocopy(self, &value, &other, &truth), ENOTSUP);
    assert_error(llnet_message_get_timestamp_key(self, &small, &value), ENOTSUP);
    ck_assert_uint_eq(llnet_message_get_control_count(self), 0);
    llnet_message_free(self);
}
END_TEST

START_TEST(descriptors_that_came_are_close_on_exec_and_closed) {
    llnet_socket a, b, taken;
    llnet_message *out, *in;
    char byte;
    int before;

    assert_ok(llnet_socket_pair(&a, &b, AF_UNIX, SOCK_STREAM, 0, 0));
    assert_ok(llnet_message_new(&out, LLNET_MESSAGE_CONTROL));
    assert_ok(llnet_message_new(&in, LLNET_MESSAGE_CONTROL));
    assert_ok(llnet_message_add_data(out, "x", 1));
    assert_ok(llnet_message_add_space(in, &byte, 1));
    assert_ok(llnet_message_add_descriptor(out, 0));
    assert_ok(llnet_message_add_descriptor(out, 0));
    before = count_descriptors();
    ck_assert_int_eq(llnet_socket_send_message(&a, out, 0), 1);
    ck_assert_int_eq(llnet_socket_recv_message(&b, in, 0), 1);
    assert_error(llnet_message_take_pidfd(in, &taken), ENOENT);
    assert_ok(llnet_message_take_descriptor(in, &taken));
    ck_assert_int_eq(fcntl((int)llnet_socket_fileno(&taken), F_GETFD), FD_CLOEXEC);
    ck_assert_int_eq(llnet_socket_close(&taken), 0);
    llnet_message_free(in);
    llnet_message_free(out);
    ck_assert_int_eq(count_descriptors(), before);
    ck_assert_int_eq(llnet_socket_close(&a), 0);
    ck_assert_int_eq(llnet_socket_close(&b), 0);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("message_posix");
    TCase *tcase = add_case(suite, "posix");

    tcase_add_test(tcase, what_the_system_lacks_is_enotsup);
    tcase_add_test(tcase, descriptors_that_came_are_close_on_exec_and_closed);
    return run_suite(suite);
}
