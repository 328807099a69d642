/* SPDX-License-Identifier: MIT */
/* check_message_memory.c: messages that are used again take no memory: the allocator is
 * counted, where the C library lets a program stand before it. */
#include "check_message.h"

#include <netinet/in.h>

/* the sanitizers stand there themselves */
#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
#define COUNTED 0
#elif defined __has_feature
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define COUNTED 0
#endif
#endif
#if !defined COUNTED && defined __GLIBC__
#define COUNTED 1
#elif !defined COUNTED
#define COUNTED 0
#endif

static volatile size_t allocations;

#if COUNTED
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);

void *malloc(size_t size) {
    allocations++;
    return __libc_malloc(size);
}

void *calloc(size_t count, size_t size) {
    allocations++;
    return __libc_calloc(count, size);
}

void *realloc(void *old, size_t size) {
    allocations++;
    return __libc_realloc(old, size);
}
#endif

/* One datagram there, with all that a program may want to know of it. */
static void exchange(llnet_socket *a, llnet_socket *b, llnet_message *out, llnet_message *in, llnet_addr *to) {
    llnet_addr addr;
    int ttl = -1;

    llnet_message_clear_data(out);
    llnet_message_set_address(out, to);
    if (llnet_message_add_data(out, "0123", 4) < 0 || llnet_message_add_data(out, "4567", 4) < 0 ||
        llnet_message_set_ttl(out, 5) < 0 || llnet_socket_send_message(a, out, 0) != 8 ||
        llnet_socket_recv_message(b, in, 0) != 8 || llnet_message_get_address(in, &addr) < 0)
        ck_abort_msg("the exchange failed");
#ifdef __linux__
    if (llnet_message_get_ttl(in, &ttl) < 0 || ttl != 5 || llnet_message_get_destination(in, &addr) < 0)
        ck_abort_msg("the fields are missing");
#else
    (void)ttl;
#endif
}

START_TEST(a_hundred_thousand_exchanges_take_no_memory) {
    llnet_socket a, b;
    llnet_addr a_addr, b_addr;
    llnet_message *out, *in;
    llnet_buffer *buffer;
    size_t before, after;

    if (!COUNTED)
        skip("the allocator cannot be counted here");
    open_udp_pair(&a, &a_addr, &b, &b_addr);
#ifdef __linux__
    ck_assert(set_int(&b, IPPROTO_IP, IP_RECVTTL, 1) && set_int(&b, IPPROTO_IP, IP_PKTINFO, 1));
#endif
    assert_ok(llnet_message_new(&out, LLNET_MESSAGE_CONTROL));
    assert_ok(llnet_message_new(&in, LLNET_MESSAGE_CONTROL));
    assert_ok(llnet_buffer_new(&buffer, 64));
    assert_ok(llnet_message_add_buffer(in, buffer, 0, LLNET_ALL));
    exchange(&a, &b, out, in, &b_addr);
    before = allocations;
    for (int i = 0; i < 100000; i++)
        exchange(&a, &b, out, in, &b_addr);
    after = allocations; /* the assertions themselves allocate */
    ck_assert_uint_gt(before, 0);
    ck_assert_uint_eq(after, before);
    ck_assert_uint_eq(llnet_buffer_get_size(buffer), 8);
    llnet_message_free(out);
    llnet_message_free(in);
    llnet_buffer_free(buffer);
    close_two(&a, &b);
}
END_TEST

void add_memory_cases(Suite *suite) {
    TCase *tcase = add_case(suite, "memory");

    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, a_hundred_thousand_exchanges_take_no_memory);
}
