/* SPDX-License-Identifier: MIT */
/* check_message_time.c: when a datagram came, the size of those that were joined, and how
 * many were dropped. Linux. */
#include "check_message.h"

#include <netinet/in.h>
#include <netinet/udp.h>
#include <poll.h>
#include <time.h>

#ifndef UDP_GRO
#define UDP_GRO 104
#endif

/* ---- time ----------------------------------------------------------------------------------- */

static int64_t now(void) {
    struct timespec time;

    ck_assert_int_eq(clock_gettime(CLOCK_REALTIME, &time), 0);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

START_TEST(the_time_of_receipt_is_between_before_and_after) {
    enum { TIMESTAMP_NEW = 63, TIMESTAMPNS_NEW = 64, TIMESTAMPING_NEW = 65, RX = 1 << 3, SOFTWARE = 1 << 4 };
    static const struct {
        int option, value;
        int64_t unit;
    } stamps[] = {
        {SO_TIMESTAMP, 1, 1000},  {SO_TIMESTAMPNS, 1, 1},  {SO_TIMESTAMPING, RX | SOFTWARE, 1},
        {TIMESTAMP_NEW, 1, 1000}, {TIMESTAMPNS_NEW, 1, 1}, {TIMESTAMPING_NEW, RX | SOFTWARE, 1},
    };
    llnet_socket a, b;
    llnet_addr a_addr, b_addr;
    struct inbox inbox;
    int64_t before, after, stamp = 0;
    llnet_status status;
    int64_t deadline = llnet_clock_now() + INT64_C(10000000000);

    open_udp_pair(&a, &a_addr, &b, &b_addr);
    if (!set_int(&b, SOL_SOCKET, stamps[_i].option, stamps[_i].value)) {
        close_two(&a, &b);
        skip("no such timestamps");
    }
    open_inbox(&inbox, LLNET_MESSAGE_CONTROL);
    /* the first of all such sockets of a system turns the stamping on a moment later */
    do {
        ck_assert_int_lt(llnet_clock_now(), deadline);
        before = now();
        ck_assert_int_eq(llnet_socket_sendto(&a, "x", 1, &b_addr, 0), 1);
        receive_from(&b, &inbox);
        after = now();
        status = llnet_message_get_timestamp(inbox.message, &stamp);
    } while (status == -ENOENT);
    assert_ok(status);
    ck_assert_int_ge(stamp, before / stamps[_i].unit * stamps[_i].unit);
    ck_assert_int_le(stamp, after);
    ck_assert_int_eq(stamp % stamps[_i].unit, 0);
    assert_error(llnet_message_get_hardware_timestamp(inbox.message, &stamp), ENOENT);
    close_inbox(&inbox);
    close_two(&a, &b);
}
END_TEST

/* ---- segments and drops ------------------------------------------------------------------------ */

START_TEST(a_message_is_cut_into_datagrams_and_joined_again) {
    llnet_socket a, b;
    llnet_addr a_addr, b_addr;
    struct inbox inbox;
    llnet_message *letter;
    char text[251];
    uint32_t size = 0;

    memset(text, 's', 250);
    text[250] = '\0';
    open_udp_pair(&a, &a_addr, &b, &b_addr);
    if (!set_int(&b, IPPROTO_UDP, UDP_GRO, 1)) {
        close_two(&a, &b);
        skip("no UDP_GRO");
    }
    open_inbox(&inbox, LLNET_MESSAGE_CONTROL);
    letter = new_letter(text, &b_addr);
    assert_ok(llnet_message_set_segment_size(letter, 100));
    ck_assert_int_eq(llnet_socket_send_message(&a, letter, 0), 250);
    receive_from(&b, &inbox);
    ck_assert_uint_eq(llnet_message_get_size(inbox.message), 250);
    assert_ok(llnet_message_get_segment_size(inbox.message, &size));
    ck_assert_uint_eq(size, 100);
    ck_assert(set_int(&b, IPPROTO_UDP, UDP_GRO, 0));
    ck_assert_int_eq(llnet_socket_send_message(&a, letter, 0), 250);
    for (int i = 0; i < 3; i++) {
        receive_from(&b, &inbox);
        ck_assert_uint_eq(llnet_message_get_size(inbox.message), i < 2 ? 100 : 50);
        assert_error(llnet_message_get_segment_size(inbox.message, &size), ENOENT);
    }
    llnet_message_free(letter);
    close_inbox(&inbox);
    close_two(&a, &b);
}
END_TEST

START_TEST(what_the_socket_dropped_is_counted) {
    llnet_socket a, b;
    llnet_addr a_addr, b_addr;
    struct inbox inbox;
    static char bytes[1000];
    uint32_t drops = 77;
    int sent = 0, received = 0;

    open_udp_pair(&a, &a_addr, &b, &b_addr);
    open_inbox(&inbox, LLNET_MESSAGE_CONTROL);
    ck_assert(set_int(&b, SOL_SOCKET, SO_RXQ_OVFL, 1));
    ck_assert(set_int(&b, SOL_SOCKET, SO_RCVBUF, 4096));
    for (; sent < 100; sent++)
        ck_assert_int_eq(llnet_socket_sendto(&a, bytes, sizeof bytes, &b_addr, 0), sizeof bytes);
    ck_assert_int_eq(llnet_socket_sendto(&a, "x", 1, &a_addr, 0), 1); /* comes behind the others */
    ck_assert_int_eq(llnet_socket_poll(&a, POLLIN, 5000), POLLIN);
    while (llnet_socket_recv_message(&b, inbox.message, MSG_DONTWAIT) >= 0)
        received++;
    ck_assert_int_lt(received, sent);
    ck_assert_int_eq(llnet_socket_sendto(&a, "x", 1, &b_addr, 0), 1);
    receive_from(&b, &inbox);
    assert_ok(llnet_message_get_drop_count(inbox.message, &drops));
    ck_assert_uint_eq(drops, (unsigned)(sent - received));
    close_inbox(&inbox);
    close_two(&a, &b);
}
END_TEST

void add_time_cases(Suite *suite) {
    TCase *tcase = add_case(suite, "time");

    tcase_add_loop_test(tcase, the_time_of_receipt_is_between_before_and_after, 0, 6);
    tcase_add_test(tcase, a_message_is_cut_into_datagrams_and_joined_again);
    tcase_add_test(tcase, what_the_socket_dropped_is_counted);
}
