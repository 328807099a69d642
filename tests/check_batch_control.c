/* SPDX-License-Identifier: MIT */
/* check_batch_control.c: control data of a batch's messages: fields and descriptors. */
#include "check_batch.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>

START_TEST(each_datagram_has_control_data_of_its_own) {
    llnet_batch *out = new_batch(8, 8, 128), *in = new_batch(8, 8, 128);
    llnet_addr a_addr, b_addr;
    int on = 1, ecn, traffic_class;
    llnet_socket a, b;

    open_udp_pair(&a, &a_addr, &b, &b_addr);
    ck_assert_int_eq(setsockopt(fd_of(&b), IPPROTO_IP, IP_RECVTOS, &on, sizeof on), 0);
    fill_batch(out, &b_addr);
    for (int i = 0; i < 8; i++)
        assert_ok(llnet_message_set_traffic_class(message_at(out, (size_t)i), 32 * i + i % 4));
    ck_assert_int_eq(llnet_socket_send_batch(&a, out, 0, LLNET_ALL, 0), 8);
    for (int i = 0; i < 4; i++) { /* by a plain system call */
        union {
            struct cmsghdr header;
            char bytes[64];
        } control;
        struct msghdr message = {.msg_control = &control, .msg_controllen = sizeof control};
        ck_assert_int_eq(recvmsg(fd_of(&b), &message, 0), 0);
        ck_assert_int_eq(control.header.cmsg_level, IPPROTO_IP);
        ck_assert_int_eq(control.header.cmsg_type, IP_TOS);
        ck_assert_uint_eq(*CMSG_DATA(&control.header), 32 * (unsigned)i + (unsigned)i % 4);
    }
    ck_assert_int_eq(llnet_socket_sendto(&a, "x", 1, &a_addr, 0), 1); /* comes behind the others */
    ck_assert_int_eq(llnet_socket_poll(&a, POLLIN, 5000), POLLIN);
    ck_assert_int_eq(llnet_socket_recv_batch(&b, in, LLNET_ALL, MSG_DONTWAIT), 4);
    for (int i = 0; i < 4; i++) {
        assert_ok(llnet_message_get_ecn(message_at(in, (size_t)i), &ecn));
        ck_assert_int_eq(ecn, i);
        assert_ok(llnet_message_get_traffic_class(message_at(in, (size_t)i), &traffic_class));
        ck_assert_int_eq(traffic_class, 32 * (i + 4) + i);
    }
    assert_error(llnet_message_get_ecn(message_at(in, 4), &ecn), ENOENT);
    llnet_batch_free(out);
    llnet_batch_free(in);
    close_both(&a, &b);
}
END_TEST

START_TEST(descriptors_that_nobody_takes_are_closed_by_the_next_receive_and_the_end) {
    llnet_batch *out = new_batch(2, 8, 128), *in = new_batch(2, 8, 128);
    int before, i;
    llnet_socket a, b, taken;

    assert_ok(llnet_socket_pair(&a, &b, AF_UNIX, SOCK_DGRAM, 0, 0));
    before = count_descriptors();
    for (i = 0; i < 2; i++) {
        assert_ok(llnet_batch_set_data(out, (size_t)i, "x", 1));
        assert_ok(llnet_message_add_descriptor(message_at(out, (size_t)i), llnet_socket_fileno(&a)));
    }
    for (i = 0; i < 2; i++) {
        ck_assert_int_eq(llnet_socket_send_batch(&a, out, 0, LLNET_ALL, 0), 2);
        ck_assert_int_eq(llnet_socket_recv_batch(&b, in, LLNET_ALL, 0), 2);
        ck_assert_int_eq(count_descriptors(), before + 2);
    }
    assert_ok(llnet_message_take_descriptor(message_at(in, 1), &taken));
    ck_assert_int_eq(fcntl(fd_of(&taken), F_GETFD), FD_CLOEXEC);
    llnet_batch_free(in);
    ck_assert_int_eq(count_descriptors(), before + 1);
    llnet_batch_free(out);
    assert_ok(llnet_socket_close(&taken));
    close_both(&a, &b);
}
END_TEST

void add_control_cases(Suite *suite) {
    TCase *tcase = add_case(suite, "control");

    tcase_add_test(tcase, each_datagram_has_control_data_of_its_own);
    tcase_add_test(tcase, descriptors_that_nobody_takes_are_closed_by_the_next_receive_and_the_end);
    tcase_set_timeout(tcase, 60);
}
