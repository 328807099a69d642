/* SPDX-License-Identifier: MIT */
/* check_batch_count.c: what is counted while batches go and come: datagrams, by the kernel, and
 * allocations. */
#include "allocations.h"
#include "check_batch.h"
#include "udp_counters.h"

#include <netinet/in.h>

static void exchange_counted(void) {
    llnet_batch *batch = new_batch(COUNT, COUNT, 0);
    long out = udp_counter("OutDatagrams"), in = udp_counter("InDatagrams");
    llnet_addr a_addr, b_addr;
    llnet_socket a, b;

    open_udp_pair(&a, &a_addr, &b, &b_addr);
    fill_batch(batch, &b_addr);
    ck_assert_int_eq(llnet_socket_send_batch(&a, batch, 0, LLNET_ALL, 0), COUNT);
    ck_assert_int_eq(llnet_socket_recv_batch(&b, batch, LLNET_ALL, 0), COUNT);
    ck_assert_int_eq(udp_counter("OutDatagrams"), out + COUNT);
    ck_assert_int_eq(udp_counter("InDatagrams"), in + COUNT);
    llnet_batch_free(batch);
    close_both(&a, &b);
}

START_TEST(the_kernel_counts_as_many_datagrams_as_the_batch_has_messages) {
    if (!run_in_namespace(exchange_counted))
        skip("no network namespace may be made");
}
END_TEST

START_TEST(calls_take_no_memory) {
    llnet_batch *out = new_batch(4, 64, 128), *in = new_batch(4, 64, 128);
    llnet_addr a_addr, b_addr, from;
    int on = 1, failed = 0, traffic_class;
    llnet_message *messages[2][4];
    long before, after;
    llnet_socket a, b;

    open_udp_pair(&a, &a_addr, &b, &b_addr);
    ck_assert_int_eq(setsockopt(fd_of(&b), IPPROTO_IP, IP_RECVTOS, &on, sizeof on), 0);
    fill_batch(out, &b_addr);
    for (size_t i = 0; i < 4; i++) {
        messages[0][i] = message_at(out, i);
        messages[1][i] = message_at(in, i);
    }
    before = count_allocations();
    for (int i = 0; i < 50000; i++) { /* of each */
        size_t index = (size_t)i % 4;
        failed |= llnet_batch_set_data(out, index, "data", 4) < 0;
        failed |= llnet_message_set_traffic_class(messages[0][index], i % 256) < 0;
        failed |= llnet_socket_send_batch(&a, out, 0, LLNET_ALL, 0) != 4;
        failed |= llnet_socket_recv_batch(&b, in, LLNET_ALL, 0) != 4;
        failed |= llnet_batch_get_address(in, index, &from) < 0;
        failed |= llnet_message_get_traffic_class(messages[1][index], &traffic_class) < 0;
        failed |= traffic_class != i % 256;
    }
    after = count_allocations(); /* an assertion takes memory itself */
    ck_assert_int_eq(failed, 0);
    ck_assert_int_eq(after, before);
    llnet_batch_free(out);
    llnet_batch_free(in);
    close_both(&a, &b);
    if (before < 0)
        skip("allocations cannot be counted here");
}
END_TEST

void add_count_cases(Suite *suite) {
    TCase *tcase = add_case(suite, "counts");

    tcase_add_test(tcase, the_kernel_counts_as_many_datagrams_as_the_batch_has_messages);
    tcase_add_test(tcase, calls_take_no_memory);
    tcase_set_timeout(tcase, 60);
}
