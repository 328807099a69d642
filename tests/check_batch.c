/* SPDX-License-Identifier: MIT */
/* check_batch.c: batches of messages: what they hold, and what goes and comes, seen by
 * plain system calls at the other end and by the kernel's counters. */
#include "allocations.h"
#include "harness.h"
#include "udp_counters.h"

#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

enum { COUNT = 64 };

/* ---- what the tests share --------------------------------------------------------- */

static void open_pair(llnet_socket *a, llnet_addr *a_addr, llnet_socket *b, llnet_addr *b_addr, const char *host) {
    assert_ok(llnet_addr_set_ip(a_addr, host, 0));
    *b_addr = *a_addr;
    assert_ok(llnet_socket_open(a, llnet_addr_get_family(a_addr), SOCK_DGRAM, 0, 0));
    assert_ok(llnet_socket_open(b, llnet_addr_get_family(b_addr), SOCK_DGRAM, 0, 0));
    assert_ok(llnet_socket_bind(a, a_addr));
    assert_ok(llnet_socket_bind(b, b_addr));
    assert_ok(llnet_socket_get_sockname(a, a_addr));
    assert_ok(llnet_socket_get_sockname(b, b_addr));
}

static void close_both(llnet_socket *a, llnet_socket *b) {
    assert_ok(llnet_socket_close(a));
    assert_ok(llnet_socket_close(b));
}

static llnet_batch *new_batch(size_t capacity, size_t data_size, size_t control_size) {
    llnet_batch *batch;

    assert_ok(llnet_batch_new(&batch, capacity, data_size, control_size));
    return batch;
}

/* The index-th datagram: as many bytes as its index, of one value. */
static size_t make_datagram(unsigned char *bytes, size_t index) {
    memset(bytes, (int)('0' + index), index);
    return index;
}

/* Fills a batch with datagrams to an address. */
static void fill_batch(llnet_batch *batch, const llnet_addr *to) {
    unsigned char bytes[COUNT];

    for (size_t i = 0; i < llnet_batch_get_capacity(batch); i++) {
        assert_ok(llnet_batch_set_data(batch, i, bytes, make_datagram(bytes, i % COUNT)));
        assert_ok(llnet_batch_set_address(batch, i, to));
    }
}

/* A message of a batch, which stays the batch's alone. */
static llnet_message *message_at(llnet_batch *batch, size_t index) {
    llnet_message *message;

    assert_ok(llnet_batch_get_message(batch, index, &message));
    llnet_message_free(message);
    return message;
}

static llnet_buffer *buffer_at(llnet_batch *batch, size_t index) {
    llnet_buffer *buffer;

    assert_ok(llnet_batch_get_buffer(batch, index, &buffer));
    llnet_buffer_free(buffer);
    return buffer;
}

static int fd_of(const llnet_socket *self) {
    return (int)llnet_socket_fileno(self);
}

/* Asserts that the datagrams first to last come at a socket in order, from an address. */
static void assert_datagrams(const llnet_socket *self, size_t first, size_t last, const llnet_addr *from) {
    unsigned char bytes[COUNT + 1], expected[COUNT];
    struct sockaddr_storage sender;

    for (size_t i = first; i <= last; i++) {
        socklen_t len = sizeof sender;
        ck_assert_int_eq(recvfrom(fd_of(self), bytes, sizeof bytes, MSG_DONTWAIT, (struct sockaddr *)&sender, &len),
                         (int)make_datagram(expected, i));
        ck_assert(memcmp(bytes, expected, i) == 0);
        ck_assert_uint_eq(len, llnet_addr_get_size(from));
        ck_assert(memcmp(&sender, llnet_addr_const_data(from), len) == 0);
    }
    ck_assert_int_eq(recv(fd_of(self), bytes, sizeof bytes, MSG_DONTWAIT), -1);
}

/* Asserts that a message is as if nothing had ever come. */
static void assert_empty(llnet_batch *batch, size_t index) {
    llnet_addr addr;

    ck_assert_int_eq(llnet_batch_get_size(batch, index), 0);
    assert_error(llnet_batch_get_address(batch, index, &addr), ENOENT);
    ck_assert_int_eq(llnet_message_get_flags(message_at(batch, index)), 0);
    ck_assert_uint_eq(llnet_message_get_control_count(message_at(batch, index)), 0);
}

/* ---- what a batch holds -------------------------------------------------------------- */

START_TEST(a_batch_has_1_to_1024_messages) {
    llnet_batch *batch = (llnet_batch *)&batch;

    assert_error(llnet_batch_new(&batch, 0, 10, 0), EINVAL);
    ck_assert_ptr_null(batch);
    assert_error(llnet_batch_new(&batch, LLNET_BATCH_MAX + 1, 10, 0), EINVAL);
    ck_assert_ptr_null(batch);
    assert_error(llnet_batch_new(&batch, 2, SIZE_MAX, 0), ENOMEM);
    ck_assert_ptr_null(batch);
    assert_error(llnet_batch_new(&batch, 2, 1, SIZE_MAX), ENOMEM);
    ck_assert_ptr_null(batch);
    assert_ok(llnet_batch_new(&batch, LLNET_BATCH_MAX, 1, 0));
    ck_assert_uint_eq(llnet_batch_get_capacity(batch), 1024);
    llnet_batch_free(batch);
    llnet_batch_free(NULL);
}
END_TEST

START_TEST(messages_and_buffers_outlive_the_batch_where_somebody_holds_them) {
    llnet_batch *batch = new_batch(2, 16, 0);
    llnet_message *message, *same;
    llnet_buffer *buffer;

    assert_ok(llnet_batch_get_message(batch, 1, &message));
    assert_ok(llnet_batch_get_message(batch, 1, &same));
    ck_assert_ptr_eq(same, message);
    assert_ok(llnet_batch_get_buffer(batch, 1, &buffer));
    assert_ok(llnet_batch_set_data(batch, 1, "held", 4));
    llnet_message_free(same);
    llnet_batch_free(batch);
    ck_assert_uint_eq(llnet_message_get_segment_count(message), 1);
    llnet_message_free(message);
    ck_assert_uint_eq(llnet_buffer_get_size(buffer), 4);
    ck_assert_mem_eq(llnet_buffer_data(buffer), "held", 4);
    llnet_buffer_free(buffer);
}
END_TEST

START_TEST(an_index_beyond_the_capacity_is_out_of_bounds) {
    llnet_batch *batch = new_batch(2, 16, 0);
    llnet_message *message = (llnet_message *)&batch;
    llnet_buffer *buffer = (llnet_buffer *)&batch;
    llnet_addr addr;

    llnet_addr_init(&addr);
    assert_error(llnet_batch_get_message(batch, 2, &message), LLNET_EBOUNDS);
    ck_assert_ptr_null(message);
    assert_error(llnet_batch_get_buffer(batch, 2, &buffer), LLNET_EBOUNDS);
    ck_assert_ptr_null(buffer);
    assert_error(llnet_batch_set_data(batch, 2, "x", 1), LLNET_EBOUNDS);
    assert_error(llnet_batch_get_size(batch, SIZE_MAX), LLNET_EBOUNDS);
    assert_error(llnet_batch_set_address(batch, 2, &addr), LLNET_EBOUNDS);
    assert_error(llnet_batch_get_address(batch, 2, &addr), LLNET_EBOUNDS);
    llnet_batch_free(batch);
}
END_TEST

START_TEST(data_that_exceed_the_buffer_are_refused_whole) {
    llnet_batch *batch = new_batch(1, 4, 0);

    assert_ok(llnet_batch_set_data(batch, 0, "four", 4));
    assert_error(llnet_batch_set_data(batch, 0, "fives", 5), LLNET_EBOUNDS);
    ck_assert_uint_eq(llnet_buffer_get_size(buffer_at(batch, 0)), 4);
    ck_assert_mem_eq(llnet_buffer_data(buffer_at(batch, 0)), "four", 4);
    assert_ok(llnet_batch_set_data(batch, 0, NULL, 0));
    ck_assert_uint_eq(llnet_buffer_get_size(buffer_at(batch, 0)), 0);
    llnet_batch_free(batch);
}
END_TEST

START_TEST(without_a_data_size_there_are_no_buffers_and_no_segments) {
    llnet_batch *batch = new_batch(1, 0, 0);
    llnet_buffer *buffer = (llnet_buffer *)&batch;

    assert_error(llnet_batch_get_buffer(batch, 0, &buffer), ENOENT);
    ck_assert_ptr_null(buffer);
    assert_error(llnet_batch_set_data(batch, 0, "x", 1), ENOENT);
    ck_assert_uint_eq(llnet_message_get_segment_count(message_at(batch, 0)), 0);
    llnet_batch_free(batch);
}
END_TEST

/* ---- sending ----------------------------------------------------------------------------- */

static const char *const hosts[] = {"127.0.0.1", "::1"};

START_TEST(a_batch_goes_in_order_with_its_bytes_to_its_address) {
    llnet_socket a, b;
    llnet_addr a_addr, b_addr;
    llnet_batch *batch = new_batch(COUNT, COUNT, 0);

    if (_i % 2 == 1 && !have_ipv6()) {
        llnet_batch_free(batch);
        skip("no IPv6 on loopback");
    }
    open_pair(&a, &a_addr, &b, &b_addr, hosts[_i % 2]);
    fill_batch(batch, _i < 2 ? &b_addr : NULL);
    if (_i >= 2)
        assert_ok(llnet_socket_connect(&a, &b_addr));
    ck_assert_int_eq(llnet_socket_send_batch(&a, batch, 0, LLNET_ALL, 0), COUNT);
    for (int i = 0; i < COUNT; i++)
        ck_assert_int_eq(llnet_batch_get_size(batch, (size_t)i), i);
    assert_datagrams(&b, 0, COUNT - 1, &a_addr);
    ck_assert_int_eq(llnet_socket_send_batch(&a, batch, 10, 5, 0), 5); /* once more, a part */
    assert_datagrams(&b, 10, 14, &a_addr);
    ck_assert_int_eq(llnet_socket_send_batch(&a, batch, 60, 100, 0), 4);
    assert_datagrams(&b, 60, 63, &a_addr);
    llnet_batch_free(batch);
    close_both(&a, &b);
}
END_TEST

START_TEST(each_message_has_an_address_of_its_own) {
    llnet_socket a, b;
    llnet_addr a_addr, b_addr;
    llnet_batch *batch = new_batch(COUNT, COUNT, 0);

    open_udp_pair(&a, &a_addr, &b, &b_addr);
    fill_batch(batch, &b_addr);
    assert_ok(llnet_batch_set_address(batch, 7, &a_addr));
    ck_assert_int_eq(llnet_socket_send_batch(&a, batch, 5, 4, 0), 4);
    assert_datagrams(&a, 7, 7, &a_addr);
    char byte;
    for (int expected = 5; expected <= 8; expected += expected == 6 ? 2 : 1)
        ck_assert_int_eq(recv(fd_of(&b), &byte, 1, MSG_DONTWAIT | MSG_TRUNC), expected);
    llnet_batch_free(batch);
    close_both(&a, &b);
}
END_TEST

START_TEST(a_range_of_nothing_sends_nothing_and_one_beyond_is_out_of_bounds) {
    llnet_socket a, b;
    llnet_addr a_addr, b_addr;
    llnet_batch *batch = new_batch(2, 8, 0);

    open_udp_pair(&a, &a_addr, &b, &b_addr);
    fill_batch(batch, &b_addr);
    ck_assert_int_eq(llnet_socket_send_batch(&a, batch, 0, 0, 0), 0);
    ck_assert_int_eq(llnet_socket_send_batch(&a, batch, 2, LLNET_ALL, 0), 0);
    assert_error(llnet_socket_send_batch(&a, batch, 3, 1, 0), LLNET_EBOUNDS);
    assert_error(llnet_socket_send_batch(&a, batch, SIZE_MAX, LLNET_ALL, 0), LLNET_EBOUNDS);
    ck_assert_int_eq(llnet_socket_recv_batch(&b, batch, 0, 0), 0);
    llnet_message_clear_data(message_at(batch, 1));
    assert_ok(llnet_message_add_buffer(message_at(batch, 1), buffer_at(batch, 1), 0, 9));
    assert_error(llnet_socket_send_batch(&a, batch, 0, LLNET_ALL, 0), LLNET_EBOUNDS);
    assert_error(llnet_socket_recv(&b, &a_addr, 1, MSG_DONTWAIT), EAGAIN);
    close_both(&a, &b);
    assert_error(llnet_socket_send_batch(&a, batch, 3, 0, 0), EBADF);
    assert_error(llnet_socket_send_batch(&a, batch, 0, 0, 0), EBADF);
    llnet_batch_free(batch);
}
END_TEST

START_TEST(the_error_of_a_later_message_is_that_of_the_next_call) {
    llnet_socket a, b;
    llnet_addr a_addr, b_addr;
    llnet_batch *batch = new_batch(3, 65508, 0);

    open_udp_pair(&a, &a_addr, &b, &b_addr);
    fill_batch(batch, &b_addr);
    assert_ok(llnet_buffer_set_size(buffer_at(batch, 1), 65508));
    ck_assert_int_eq(llnet_socket_send_batch(&a, batch, 0, LLNET_ALL, 0), 1);
    ck_assert_int_eq(llnet_batch_get_size(batch, 1), 0);
    assert_error(llnet_socket_send_batch(&a, batch, 1, LLNET_ALL, 0), EMSGSIZE);
    ck_assert_int_eq(llnet_socket_send_batch(&a, batch, 2, LLNET_ALL, 0), 1);
    ck_assert_int_eq(llnet_batch_get_size(batch, 2), 2);
    char bytes[4];
    ck_assert_int_eq(recv(fd_of(&b), bytes, sizeof bytes, MSG_DONTWAIT), 0);
    ck_assert_int_eq(recv(fd_of(&b), bytes, sizeof bytes, MSG_DONTWAIT), 2);
    llnet_batch_free(batch);
    close_both(&a, &b);
}
END_TEST

START_TEST(what_a_full_queue_has_no_room_for_is_sent_by_the_next_call) {
    llnet_batch *batch = new_batch(LLNET_BATCH_MAX, 64, 0);
    llnet_socket a, b;
    llnet_count n, more, taken = 0;
    unsigned char byte;

    assert_ok(llnet_socket_pair(&a, &b, AF_UNIX, SOCK_DGRAM, 0, SOCK_NONBLOCK));
    for (size_t i = 0; i < LLNET_BATCH_MAX; i++)
        assert_ok(llnet_batch_set_data(batch, i, &(unsigned char){(unsigned char)i}, 1));
    n = llnet_socket_send_batch(&a, batch, 0, LLNET_ALL, 0);
    assert_ok(n);
    ck_assert_int_gt(n, 0);
    ck_assert_int_lt(n, LLNET_BATCH_MAX);
    ck_assert_int_eq(llnet_batch_get_size(batch, (size_t)n - 1), 1);
    ck_assert_int_eq(llnet_batch_get_size(batch, (size_t)n), 0);
    assert_error(llnet_socket_send_batch(&a, batch, (size_t)n, LLNET_ALL, 0), EAGAIN);
    for (; taken < n; taken++) {
        ck_assert_int_eq(recv(fd_of(&b), &byte, 1, 0), 1);
        ck_assert_uint_eq(byte, (unsigned char)taken);
    }
    ck_assert_int_eq(recv(fd_of(&b), &byte, 1, 0), -1);
    more = llnet_socket_send_batch(&a, batch, (size_t)n, 1, 0);
    ck_assert_int_eq(more, 1);
    ck_assert_int_eq(recv(fd_of(&b), &byte, 1, 0), 1);
    ck_assert_uint_eq(byte, (unsigned char)n);
    llnet_batch_free(batch);
    close_both(&a, &b);
}
END_TEST

/* ---- receiving ---------------------------------------------------------------------------- */

static void send_plain(const llnet_socket *self, const llnet_addr *to, size_t first, size_t last) {
    unsigned char bytes[COUNT];

    for (size_t i = first; i <= last; i++) {
        size_t len = make_datagram(bytes, i);
        ck_assert_int_eq(
            sendto(fd_of(self), bytes, len, 0, llnet_addr_const_data(to), (socklen_t)llnet_addr_get_size(to)),
            (int)len);
    }
}

START_TEST(datagrams_come_in_order_with_their_bytes_and_senders) {
    llnet_socket a, b;
    llnet_addr a_addr, b_addr, from;
    llnet_batch *batch = new_batch(COUNT, COUNT, 0);
    unsigned char expected[COUNT];

    if (_i == 1 && !have_ipv6()) {
        llnet_batch_free(batch);
        skip("no IPv6 on loopback");
    }
    open_pair(&a, &a_addr, &b, &b_addr, hosts[_i]);
    send_plain(&a, &b_addr, 0, 30);
    send_plain(&b, &b_addr, 31, 31); /* another sender among them */
    send_plain(&a, &b_addr, 32, COUNT - 1);
    ck_assert_int_eq(llnet_socket_recv_batch(&b, batch, LLNET_ALL, 0), COUNT);
    for (size_t i = 0; i < COUNT; i++) {
        size_t len = make_datagram(expected, i);
        ck_assert_int_eq(llnet_batch_get_size(batch, i), (int)len);
        ck_assert_uint_eq(llnet_buffer_get_size(buffer_at(batch, i)), len);
        ck_assert(memcmp(llnet_buffer_data(buffer_at(batch, i)), expected, len) == 0);
        assert_ok(llnet_batch_get_address(batch, i, &from));
        ck_assert(llnet_addr_equal(&from, i == 31 ? &b_addr : &a_addr));
    }
    /* what came goes back as it is */
    ck_assert_int_eq(llnet_socket_send_batch(&b, batch, 32, LLNET_ALL, 0), 32);
    assert_datagrams(&a, 32, 63, &b_addr);
    llnet_batch_free(batch);
    close_both(&a, &b);
}
END_TEST

START_TEST(fewer_than_asked_come_where_no_more_wait) {
    llnet_socket a, b;
    llnet_addr a_addr, b_addr;
    llnet_batch *batch = new_batch(8, COUNT, 64);

    open_udp_pair(&a, &a_addr, &b, &b_addr);
    for (size_t i = 0; i < 8; i++) /* what was there before is no longer */
        assert_ok(llnet_batch_set_data(batch, i, "old", 3));
    send_plain(&a, &b_addr, 1, 3);
    ck_assert_int_eq(llnet_socket_recv_batch(&b, batch, 2, MSG_WAITFORONE), 2);
    ck_assert_int_eq(llnet_socket_recv_batch(&b, batch, LLNET_ALL, _i == 0 ? MSG_WAITFORONE : MSG_DONTWAIT), 1);
    ck_assert_int_eq(llnet_batch_get_size(batch, 0), 3);
    for (size_t i = 1; i < 8; i++) {
        assert_empty(batch, i);
        ck_assert_uint_eq(llnet_buffer_get_size(buffer_at(batch, i)), 0);
    }
    assert_error(llnet_socket_recv_batch(&b, batch, LLNET_ALL, MSG_DONTWAIT), EAGAIN);
    assert_empty(batch, 0);
    ck_assert_uint_eq(llnet_buffer_get_size(buffer_at(batch, 0)), 0);
    llnet_batch_free(batch);
    close_both(&a, &b);
}
END_TEST

START_TEST(a_datagram_that_is_cut_says_so_and_the_others_do_not) {
    llnet_socket a, b;
    llnet_addr a_addr, b_addr;
    llnet_batch *batch = new_batch(3, 5, 0);

    open_udp_pair(&a, &a_addr, &b, &b_addr);
    send_plain(&a, &b_addr, 5, 7);
    ck_assert_int_eq(llnet_socket_recv_batch(&b, batch, LLNET_ALL, 0), 3);
    for (size_t i = 0; i < 3; i++) {
        ck_assert_int_eq(llnet_batch_get_size(batch, i), 5);
        ck_assert_int_eq(llnet_message_is_truncated(message_at(batch, i)), i > 0);
        ck_assert(!llnet_message_is_control_truncated(message_at(batch, i)));
    }
    llnet_batch_free(batch);
    close_both(&a, &b);
}
END_TEST

START_TEST(a_receive_that_a_segment_forbids_leaves_nothing_of_the_last_one) {
    llnet_socket a, b;
    llnet_addr a_addr, b_addr;
    llnet_batch *batch = new_batch(3, COUNT, 0);

    open_udp_pair(&a, &a_addr, &b, &b_addr);
    send_plain(&a, &b_addr, 1, 4);
    ck_assert_int_eq(llnet_socket_recv_batch(&b, batch, LLNET_ALL, 0), 3);
    assert_ok(llnet_message_add_data(message_at(batch, 1), "constant", 8));
    assert_error(llnet_socket_recv_batch(&b, batch, LLNET_ALL, 0), EFAULT);
    for (size_t i = 0; i < 3; i++)
        assert_empty(batch, i);
    llnet_message_clear_data(message_at(batch, 1));
    assert_ok(llnet_message_add_buffer(message_at(batch, 1), buffer_at(batch, 1), SIZE_MAX / 2, LLNET_ALL));
    assert_error(llnet_socket_recv_batch(&b, batch, LLNET_ALL, 0), LLNET_EBOUNDS);
    ck_assert_int_eq(llnet_socket_recv_batch(&b, batch, 1, 0), 1); /* the datagram waited */
    ck_assert_int_eq(llnet_batch_get_size(batch, 0), 4);
    close_both(&a, &b);
    assert_error(llnet_socket_recv_batch(&b, batch, LLNET_ALL, 0), EBADF);
    assert_empty(batch, 0);
    llnet_batch_free(batch);
}
END_TEST

START_TEST(the_end_of_a_stream_is_closed_where_it_comes_first) {
    const int types[] = {SOCK_STREAM, SOCK_SEQPACKET};
    llnet_batch *batch = new_batch(4, 8, 0);
    llnet_socket a, b;

    assert_ok(llnet_socket_pair(&a, &b, AF_UNIX, types[_i], 0, 0));
    ck_assert_int_eq(llnet_socket_send(&a, "xyz", 3, 0), 3);
    assert_ok(llnet_socket_close(&a));
    ck_assert_int_ge(llnet_socket_recv_batch(&b, batch, LLNET_ALL, 0), 1);
    ck_assert_int_eq(llnet_batch_get_size(batch, 0), 3);
    ck_assert_int_eq(llnet_batch_get_size(batch, 1), 0);
    assert_error(llnet_socket_recv_batch(&b, batch, LLNET_ALL, 0), LLNET_ECLOSED);
    assert_error(llnet_socket_recv_batch(&b, batch, 1, 0), LLNET_ECLOSED);
    assert_ok(llnet_buffer_set_capacity(buffer_at(batch, 0), 0)); /* then no byte was asked for */
    ck_assert_int_eq(llnet_socket_recv_batch(&b, batch, 1, 0), 1);
    llnet_batch_free(batch);
    assert_ok(llnet_socket_close(&b));
}
END_TEST

START_TEST(as_many_as_1024_go_and_come_in_one_call) {
    llnet_batch *batch = new_batch(LLNET_BATCH_MAX, 64, 0);
    int room = 2 << 20, got = 0;
    llnet_addr a_addr, b_addr;
    socklen_t len = sizeof got;
    llnet_socket a, b;

    open_udp_pair(&a, &a_addr, &b, &b_addr);
    ck_assert_int_eq(setsockopt(fd_of(&b), SOL_SOCKET, SO_RCVBUF, &room, sizeof room), 0);
    ck_assert_int_eq(getsockopt(fd_of(&b), SOL_SOCKET, SO_RCVBUF, &got, &len), 0);
    fill_batch(batch, &b_addr);
    if (got >= room) {
        ck_assert_int_eq(llnet_socket_send_batch(&a, batch, 0, LLNET_ALL, 0), 1024);
        ck_assert_int_eq(llnet_socket_recv_batch(&b, batch, LLNET_ALL, MSG_DONTWAIT), 1024);
        for (int i = 0; i < 1024; i++)
            ck_assert_int_eq(llnet_batch_get_size(batch, (size_t)i), i % COUNT);
    }
    llnet_batch_free(batch);
    close_both(&a, &b);
    if (got < room)
        skip("the receive buffer may not be as large as that");
}
END_TEST

/* ---- control data --------------------------------------------------------------------------- */

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

/* ---- the kernel's counters, and memory -------------------------------------------------------- */

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

int main(void) {
    Suite *suite = suite_create("batch");
    TCase *holds = add_case(suite, "holds"), *sends = add_case(suite, "sends");
    TCase *receives = add_case(suite, "receives"), *more = add_case(suite, "more");

    tcase_add_test(holds, a_batch_has_1_to_1024_messages);
    tcase_add_test(holds, messages_and_buffers_outlive_the_batch_where_somebody_holds_them);
    tcase_add_test(holds, an_index_beyond_the_capacity_is_out_of_bounds);
    tcase_add_test(holds, data_that_exceed_the_buffer_are_refused_whole);
    tcase_add_test(holds, without_a_data_size_there_are_no_buffers_and_no_segments);
    tcase_add_loop_test(sends, a_batch_goes_in_order_with_its_bytes_to_its_address, 0, 4);
    tcase_add_test(sends, each_message_has_an_address_of_its_own);
    tcase_add_test(sends, a_range_of_nothing_sends_nothing_and_one_beyond_is_out_of_bounds);
    tcase_add_test(sends, the_error_of_a_later_message_is_that_of_the_next_call);
    tcase_add_test(sends, what_a_full_queue_has_no_room_for_is_sent_by_the_next_call);
    tcase_add_loop_test(receives, datagrams_come_in_order_with_their_bytes_and_senders, 0, 2);
    tcase_add_loop_test(receives, fewer_than_asked_come_where_no_more_wait, 0, 2);
    tcase_add_test(receives, a_datagram_that_is_cut_says_so_and_the_others_do_not);
    tcase_add_test(receives, a_receive_that_a_segment_forbids_leaves_nothing_of_the_last_one);
    tcase_add_loop_test(receives, the_end_of_a_stream_is_closed_where_it_comes_first, 0, 2);
    tcase_add_test(receives, as_many_as_1024_go_and_come_in_one_call);
    tcase_add_test(more, each_datagram_has_control_data_of_its_own);
    tcase_add_test(more, descriptors_that_nobody_takes_are_closed_by_the_next_receive_and_the_end);
    tcase_add_test(more, the_kernel_counts_as_many_datagrams_as_the_batch_has_messages);
    tcase_add_test(more, calls_take_no_memory);
    tcase_set_timeout(more, 60);
    return run_suite(suite);
}
