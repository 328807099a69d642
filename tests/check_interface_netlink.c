/* SPDX-License-Identifier: MIT */
/* check_interface_netlink.c: src/interface_linux.c against answers that no kernel gives:
 * cut, bent, forged, interrupted. recvmsg(2) is the linker's --wrap: it gets the kernel's
 * true answer, and hands on what the test makes of it. */
#include "harness.h"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

ssize_t __real_recvmsg(int fd, struct msghdr *message, int flags);
/* visible, because the sanitizers' libraries ask for recvmsg, too */
LLNET_API ssize_t __wrap_recvmsg(int fd, struct msghdr *message, int flags);

/* A piece of the kernel's answer, changed by `change`. */
static struct {
    unsigned char bytes[1 << 20];
    size_t len, claimed; /* claimed: what the system says the length is */
    uint32_t sender;
    bool there;
    int number; /* how many pieces came before */
} piece;
static void (*change)(void);

static ssize_t fetch(int fd) {
    struct iovec part = {.iov_base = piece.bytes, .iov_len = sizeof piece.bytes};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    /* where a change has lost the end of the answer, nothing more comes */
    ssize_t n = __real_recvmsg(fd, &message, MSG_DONTWAIT | MSG_TRUNC);

    if (n < 0)
        return n;
    piece.len = piece.claimed = (size_t)n;
    piece.sender = 0;
    piece.there = true;
    if (change != NULL)
        change();
    piece.number++;
    return n;
}

ssize_t __wrap_recvmsg(int fd, struct msghdr *message, int flags) {
    struct sockaddr_nl sender = {.nl_family = AF_NETLINK};
    size_t room = message->msg_iov[0].iov_len;

    if (!piece.there && fetch(fd) < 0)
        return -1;
    sender.nl_pid = piece.sender;
    memcpy(message->msg_name, &sender, sizeof sender);
    message->msg_namelen = sizeof sender;
    memcpy(message->msg_iov[0].iov_base, piece.bytes, room < piece.len ? room : piece.len);
    if ((flags & MSG_PEEK) == 0)
        piece.there = false;
    return (ssize_t)piece.claimed;
}

static struct nlmsghdr *head(void) {
    return (struct nlmsghdr *)(void *)piece.bytes;
}

static llnet_status list_with(void (*new_change)(void)) {
    llnet_interfaces *list;
    llnet_status status;

    change = new_change;
    piece.number = 0;
    piece.there = false;
    status = llnet_interfaces_new(&list);
    ck_assert((status == 0) == (list != NULL));
    llnet_interfaces_free(list);
    return status;
}

/* ---- answers that are not whole -------------------------------------------------- */

static int interruptions;

static void interrupt(void) {
    if (interruptions > 0 && head()->nlmsg_type == RTM_NEWLINK) {
        head()->nlmsg_flags |= NLM_F_DUMP_INTR;
        interruptions--;
    }
}

START_TEST(an_answer_during_which_something_changed_is_asked_for_again) {
    llnet_interfaces *list, *expected;
    int pieces;

    interruptions = 0;
    assert_ok(list_with(interrupt));
    pieces = piece.number;
    assert_ok(llnet_interfaces_new(&expected));
    interruptions = 1;
    piece.number = 0;
    assert_ok(llnet_interfaces_new(&list));
    ck_assert_int_gt(piece.number, pieces);
    ck_assert_uint_eq(llnet_interfaces_get_count(list), llnet_interfaces_get_count(expected));
    ck_assert_int_eq(llnet_interfaces_get_address_count(list, 0), llnet_interfaces_get_address_count(expected, 0));
    llnet_interfaces_free(list);
    llnet_interfaces_free(expected);
}
END_TEST

START_TEST(what_changes_all_the_while_is_eagain_not_an_endless_loop) {
    interruptions = INT32_MAX;
    assert_error(list_with(interrupt), EAGAIN);
    ck_assert_int_le(piece.number, 10000);
}
END_TEST

static size_t cut, whole;

static void cut_piece(void) {
    if (piece.number > 0)
        return;
    whole = piece.len;
    if (cut < piece.len)
        piece.len = piece.claimed = cut;
}

START_TEST(an_answer_cut_anywhere_is_an_error_or_lacks_what_was_cut) {
    cut = SIZE_MAX;
    assert_ok(list_with(cut_piece));
    ck_assert_uint_gt(whole, 100);
    for (cut = 0; cut < whole; cut++) {
        llnet_status status = list_with(cut_piece);

        /* 0: at a message's end; EAGAIN: the answer's own end was cut off */
        ck_assert(status == 0 || status == -EBADMSG || status == -EAGAIN);
    }
}
END_TEST

/* ---- answers that are wrong ------------------------------------------------------- */

static size_t bent;
static unsigned char bent_to;
static int bent_piece; /* 0: interfaces */

static void bend(void) {
    if (piece.number != bent_piece)
        return;
    whole = piece.len;
    if (bent < piece.len)
        piece.bytes[bent] = bent_to;
}

/* Any byte of the answer may be any other: nothing is read outside of it (which the
 * sanitizers see), and there is an end. */
START_TEST(an_answer_with_any_byte_bent_is_refused_or_survived) {
    static const unsigned char values[] = {0, 1, 4, 0x7f, 0x80, 0xff};

    bent_piece = _i / 6 * 2;
    bent_to = values[_i % 6];
    whole = 1;
    for (bent = 0; bent < whole && bent < 8192; bent++)
        ck_assert_int_le(list_with(bend), 0);
}
END_TEST

static uint32_t random_state = 20261123;

static uint32_t next_random(void) {
    random_state = (uint32_t)((uint64_t)random_state * 48271 % 2147483647);
    return random_state;
}

static void scramble(void) {
    int i;

    for (i = 0; i < 8 && piece.len > 0; i++)
        piece.bytes[next_random() % piece.len] = (unsigned char)next_random();
}

START_TEST(answers_with_random_bytes_in_them_are_refused_or_survived) {
    int i;

    for (i = 0; i < 3000; i++)
        ck_assert_int_le(list_with(scramble), 0);
}
END_TEST

static void forge_error(void) {
    struct nlmsgerr error = {.error = -EPERM};

    head()->nlmsg_type = NLMSG_ERROR;
    head()->nlmsg_len = NLMSG_LENGTH(sizeof error);
    memcpy(NLMSG_DATA(head()), &error, sizeof error);
    piece.len = piece.claimed = head()->nlmsg_len;
}

START_TEST(the_kernels_refusal_is_the_result) {
    assert_error(list_with(forge_error), EPERM);
}
END_TEST

static void forge_done(void) {
    int error = -ENOMEM;

    head()->nlmsg_type = NLMSG_DONE;
    head()->nlmsg_len = NLMSG_LENGTH(sizeof error);
    memcpy(NLMSG_DATA(head()), &error, sizeof error);
    piece.len = piece.claimed = head()->nlmsg_len;
}

START_TEST(an_error_at_the_end_of_an_answer_is_the_result) {
    assert_error(list_with(forge_done), ENOMEM);
}
END_TEST

static void forge_success(void) {
    forge_error();
    memset(NLMSG_DATA(head()), 0, sizeof(int));
}

START_TEST(a_success_without_an_answer_is_an_error) {
    assert_error(list_with(forge_success), EBADMSG);
}
END_TEST

/* ---- answers that are not the kernel's, or long ------------------------------------ */

static void forge_sender(void) {
    if (piece.number == 0)
        piece.sender = 4711;
}

START_TEST(what_another_process_sends_is_not_taken_for_the_kernels) {
    llnet_interfaces *list, *expected;
    llnet_status status;

    change = NULL;
    assert_ok(llnet_interfaces_new(&expected));
    change = forge_sender;
    piece.number = 0;
    status = llnet_interfaces_new(&list); /* without the first piece, and what it told */
    if (status == 0)
        ck_assert_uint_lt(llnet_interfaces_get_count(list), llnet_interfaces_get_count(expected));
    else
        assert_error(status, EAGAIN); /* it was the only piece */
    llnet_interfaces_free(list);
    llnet_interfaces_free(expected);
}
END_TEST

static unsigned char stash[sizeof piece.bytes];

/* A message of 100 kB before the true ones. */
static void lengthen(void) {
    const size_t more = 100000;

    if (piece.number > 0)
        return;
    memcpy(stash, piece.bytes, piece.len);
    memset(piece.bytes, 0xff, more);
    *head() = *(struct nlmsghdr *)(void *)stash;
    head()->nlmsg_len = (uint32_t)more;
    head()->nlmsg_type = NLMSG_NOOP;
    memcpy(piece.bytes + more, stash, piece.len);
    piece.len = piece.claimed = piece.len + more;
}

START_TEST(a_piece_longer_than_the_room_makes_the_room_grow) {
    llnet_interfaces *list;
    size_t count;

    change = NULL;
    assert_ok(llnet_interfaces_new(&list));
    count = llnet_interfaces_get_count(list);
    llnet_interfaces_free(list);
    change = lengthen;
    piece.number = 0;
    assert_ok(llnet_interfaces_new(&list));
    ck_assert_uint_eq(llnet_interfaces_get_count(list), count);
    llnet_interfaces_free(list);
}
END_TEST

static void claim(void) {
    piece.claimed = (size_t)1 << 30;
}

START_TEST(a_length_that_cannot_be_is_refused_before_it_is_allocated) {
    assert_error(list_with(claim), EMSGSIZE);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("interface_netlink");
    TCase *parts = add_case(suite, "answers that are not whole");
    TCase *wrong = add_case(suite, "answers that are wrong");
    TCase *others = add_case(suite, "answers that are not the kernel's, or long");

    tcase_set_timeout(parts, 60);
    tcase_set_timeout(wrong, 60);
    tcase_add_test(parts, an_answer_during_which_something_changed_is_asked_for_again);
    tcase_add_test(parts, what_changes_all_the_while_is_eagain_not_an_endless_loop);
    tcase_add_test(parts, an_answer_cut_anywhere_is_an_error_or_lacks_what_was_cut);
    tcase_add_loop_test(wrong, an_answer_with_any_byte_bent_is_refused_or_survived, 0, 12);
    tcase_add_test(wrong, answers_with_random_bytes_in_them_are_refused_or_survived);
    tcase_add_test(wrong, the_kernels_refusal_is_the_result);
    tcase_add_test(wrong, an_error_at_the_end_of_an_answer_is_the_result);
    tcase_add_test(wrong, a_success_without_an_answer_is_an_error);
    tcase_add_test(others, what_another_process_sends_is_not_taken_for_the_kernels);
    tcase_add_test(others, a_piece_longer_than_the_room_makes_the_room_grow);
    tcase_add_test(others, a_length_that_cannot_be_is_refused_before_it_is_allocated);
    return run_suite(suite);
}
