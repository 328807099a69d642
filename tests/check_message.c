/* SPDX-License-Identifier: MIT */
/* check_message.c: runs the tests of messages; has what they share, and the tests of a
 * message's life. */
#include "check_message.h"

#include <limits.h>
#include <poll.h>
#include <sys/uio.h>

/* ---- what the tests share --------------------------------------------------- */

void open_inbox(struct inbox *self, size_t control_size) {
    memset(self->bytes, 'z', sizeof self->bytes);
    assert_ok(llnet_message_new(&self->message, control_size));
    assert_ok(llnet_message_add_space(self->message, self->bytes, sizeof self->bytes));
}

void close_inbox(struct inbox *self) {
    llnet_message_free(self->message);
}

llnet_message *new_letter(const char *text, const llnet_addr *to) {
    llnet_message *self;

    assert_ok(llnet_message_new(&self, LLNET_MESSAGE_CONTROL));
    assert_ok(llnet_message_add_data(self, text, strlen(text)));
    llnet_message_set_address(self, to);
    return self;
}

bool set_int(const llnet_socket *self, int level, int option, int value) {
    return setsockopt((int)llnet_socket_fileno(self), level, option, &value, sizeof value) == 0;
}

void open_udp_at(llnet_socket *self, llnet_addr *addr, const char *host) {
    llnet_addr_init(addr);
    assert_ok(llnet_addr_set_ip(addr, host, 0));
    assert_ok(llnet_socket_open(self, llnet_addr_get_family(addr), SOCK_DGRAM, 0, 0));
    assert_ok(llnet_socket_bind(self, addr));
    assert_ok(llnet_socket_get_sockname(self, addr));
}

void open_unix(llnet_socket *a, llnet_socket *b, int type) {
    assert_ok(llnet_socket_pair(a, b, AF_UNIX, type, 0, 0));
}

void receive_from(llnet_socket *socket, struct inbox *inbox) {
    ck_assert_int_eq(llnet_socket_poll(socket, POLLIN, 5000), POLLIN);
    assert_ok(llnet_socket_recv_message(socket, inbox->message, 0));
}

void close_two(llnet_socket *a, llnet_socket *b) {
    ck_assert_int_eq(llnet_socket_close(a), 0);
    ck_assert_int_eq(llnet_socket_close(b), 0);
}

union room {
    char bytes[1024];
    struct cmsghdr align;
};

int raw_recv_control(const llnet_socket *self, int level, int type, void *data, size_t size) {
    union room room;
    char bytes[2048];
    struct iovec vector = {bytes, sizeof bytes};
    struct msghdr header = {.msg_iov = &vector, .msg_iovlen = 1};
    struct cmsghdr *control;
    size_t len;

    header.msg_control = room.bytes;
    header.msg_controllen = sizeof room.bytes;
    ck_assert_int_eq(llnet_socket_poll(self, POLLIN, 5000), POLLIN);
    ck_assert_int_ge(recvmsg((int)llnet_socket_fileno(self), &header, MSG_DONTWAIT), 0);
    for (control = CMSG_FIRSTHDR(&header); control != NULL; control = CMSG_NXTHDR(&header, control)) {
        if (control->cmsg_level != level || control->cmsg_type != type)
            continue;
        len = control->cmsg_len - CMSG_LEN(0);
        memcpy(data, CMSG_DATA(control), len < size ? len : size);
        return (int)len;
    }
    return -1;
}

void raw_send_control(const llnet_socket *self, const llnet_addr *to, int level, int type, const void *data,
                      size_t len) {
    union room room;
    char byte = 'r';
    struct iovec vector = {&byte, 1};
    struct msghdr header = {.msg_iov = &vector, .msg_iovlen = 1};
    struct cmsghdr *control;

    memset(&room, 0, sizeof room);
    header.msg_control = room.bytes;
    header.msg_controllen = CMSG_SPACE(len);
    control = CMSG_FIRSTHDR(&header);
    ck_assert_ptr_nonnull(control);
    control->cmsg_level = level;
    control->cmsg_type = type;
    control->cmsg_len = CMSG_LEN(len);
    memcpy(CMSG_DATA(control), data, len);
    if (to != NULL) {
        header.msg_name = (void *)(uintptr_t)llnet_addr_const_data(to);
        header.msg_namelen = (socklen_t)llnet_addr_get_size(to);
    }
    ck_assert_int_eq(sendmsg((int)llnet_socket_fileno(self), &header, 0), 1);
}

/* ---- life ---------------------------------------------------------------------- */

START_TEST(a_new_message_has_nothing) {
    const size_t sizes[] = {0, 1, LLNET_MESSAGE_CONTROL, 100000};
    llnet_message *self;
    llnet_addr addr;

    assert_ok(llnet_message_new(&self, sizes[_i]));
    ck_assert_uint_eq(llnet_message_get_segment_count(self), 0);
    assert_error(llnet_message_get_address(self, &addr), ENOENT);
    ck_assert_uint_eq(llnet_message_get_size(self), 0);
    ck_assert_int_eq(llnet_message_get_flags(self), 0);
    ck_assert_uint_eq(llnet_message_get_control_count(self), 0);
    ck_assert_uint_eq(llnet_message_get_descriptor_count(self), 0);
    llnet_message_free(self);
    llnet_message_free(NULL);
}
END_TEST

START_TEST(room_that_no_system_call_takes_is_enomem) {
    llnet_message *self = (llnet_message *)&self;

    assert_error(llnet_message_new(&self, (size_t)INT_MAX + 1), ENOMEM);
    ck_assert_ptr_null(self);
    self = (llnet_message *)&self;
    assert_error(llnet_message_new(&self, SIZE_MAX), ENOMEM);
    ck_assert_ptr_null(self);
}
END_TEST

START_TEST(reset_forgets_all_and_the_message_serves_again) {
    llnet_socket a, b;
    llnet_addr a_addr, b_addr, addr;
    llnet_message *self;
    char bytes[8];

    open_udp_pair(&a, &a_addr, &b, &b_addr);
    self = new_letter("first", &b_addr);
    assert_ok(llnet_message_set_ttl(self, 9));
    ck_assert_int_eq(llnet_socket_send_message(&a, self, 0), 5);
    ck_assert_uint_eq(llnet_message_get_size(self), 5);
    llnet_message_reset(self);
    ck_assert_uint_eq(llnet_message_get_segment_count(self), 0);
    ck_assert_uint_eq(llnet_message_get_size(self), 0);
    ck_assert_uint_eq(llnet_message_get_control_count(self), 0);
    assert_error(llnet_message_get_address(self, &addr), ENOENT);
    assert_error(llnet_socket_send_message(&a, self, 0), EDESTADDRREQ);
    assert_ok(llnet_message_add_data(self, "again", 5));
    llnet_message_set_address(self, &b_addr);
    ck_assert_int_eq(llnet_socket_send_message(&a, self, 0), 5);
    ck_assert_int_eq(llnet_socket_recv(&b, bytes, sizeof bytes, 0), 5);
    ck_assert_int_eq(llnet_socket_recv(&b, bytes, sizeof bytes, 0), 5);
    ck_assert_mem_eq(bytes, "again", 5);
    llnet_message_free(self);
    close_two(&a, &b);
}
END_TEST

static void add_life_cases(Suite *suite) {
    TCase *tcase = add_case(suite, "life");

    tcase_add_loop_test(tcase, a_new_message_has_nothing, 0, 4);
    tcase_add_test(tcase, room_that_no_system_call_takes_is_enomem);
    tcase_add_test(tcase, reset_forgets_all_and_the_message_serves_again);
}

int main(void) {
    Suite *suite = suite_create("message");

    add_life_cases(suite);
    add_call_cases(suite);
    add_descriptor_cases(suite);
    add_memory_cases(suite);
#ifdef __linux__
    add_field_cases(suite);
    add_time_cases(suite);
    add_queue_cases(suite);
#endif
    return run_suite(suite);
}
