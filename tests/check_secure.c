/* SPDX-License-Identifier: MIT */
/* check_secure.c: what holds without being asked for: no descriptor reaches a program that is
 * started, nothing raises SIGPIPE, no byte leaves the process that nobody wrote. */
#include "directory.h"
#include "faults.h"
#include "harness.h"
#include "netns.h"

#include <dirent.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#ifndef SO_PASSPIDFD
#define SO_PASSPIDFD 76
#endif

/* ---- close-on-exec -------------------------------------------------------------------------- */

enum { OBJECTS_MAX = 64 };

static llnet_socket objects[OBJECTS_MAX];
static int object_count;

static llnet_socket *next_object(void) {
    must(object_count < OBJECTS_MAX);
    return &objects[object_count++];
}

static bool had[1024]; /* by descriptor: who started the test may leave some open */

/* The descriptors that were not there before: how many, and how many of them are close-on-exec.
 * Where closing is NULL it notes those that are there. */
static int count_closing(int *closing) {
    DIR *dir = opendir("/proc/self/fd");
    struct dirent *entry;
    int count = 0;

    must(dir != NULL);
    while ((entry = readdir(dir)) != NULL) {
        int fd = atoi(entry->d_name);

        if (entry->d_name[0] == '.' || fd == dirfd(dir) || fd >= (int)(sizeof had / sizeof had[0]))
            continue;
        if (closing == NULL)
            had[fd] = true;
        else if (!had[fd]) {
            count++;
            *closing += (fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0;
        }
    }
    closedir(dir);
    return count;
}

static void make_pairs(int flags) {
    const int types[] = {SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET};
    llnet_socket listener, *client = next_object(), *out, *other;
    llnet_addr addr;

    open_listener(&listener, &addr);
    assert_ok(llnet_socket_open(client, AF_INET, SOCK_STREAM | flags, 0, 0));
    assert_ok(llnet_socket_set_nonblock(client, false));
    assert_ok(llnet_socket_connect(client, &addr));
    assert_ok(llnet_socket_accept(&listener, next_object(), &addr, flags));
    *next_object() = listener;
    for (int i = 0; i < 3; i++) {
        out = next_object();
        other = next_object();
        assert_ok(llnet_socket_pair(out, other, AF_UNIX, types[i], 0, flags));
    }
    out = next_object();
    other = next_object();
    assert_ok(llnet_socket_open_pipe(out, other, flags));
    assert_ok(llnet_socket_dup(client, next_object()));
}

/* Descriptors that come by a message: one that is taken, one that is left in it, and the
 * sender's process where the kernel tells it. */
static void receive_descriptors(llnet_message *into, llnet_batch *batch) {
    llnet_socket *a = next_object(), *b = next_object();
    llnet_message *sent;
    char byte[1] = "x";

    assert_ok(llnet_socket_pair(a, b, AF_UNIX, SOCK_DGRAM, 0, 0));
    (void)llnet_socket_set_option_raw(b, SOL_SOCKET, SO_PASSPIDFD, &(int){1}, sizeof(int));
    assert_ok(llnet_message_new(&sent, 64));
    assert_ok(llnet_message_add_data(sent, byte, 1));
    assert_ok(llnet_message_add_descriptor(sent, 0));
    assert_ok(llnet_message_add_descriptor(sent, 1));
    ck_assert_int_eq(llnet_socket_send_message(a, sent, 0), 1);
    ck_assert_int_eq(llnet_socket_send_message(a, sent, 0), 1);
    ck_assert_int_eq(llnet_socket_recv_message(b, into, 0), 1);
    assert_ok(llnet_message_take_descriptor(into, next_object()));
    if (llnet_message_take_pidfd(into, next_object()) < 0)
        object_count--;
    ck_assert_int_eq(llnet_socket_recv_batch(b, batch, 1, 0), 1);
    llnet_message_free(sent);
}

/* How many descriptors a program has that is started now. */
static long count_in_child(void) {
    char text[32];

    ck_assert_uint_gt(read_command("ls /proc/self/fd | wc -l", text, sizeof text), 0);
    return atol(text);
}

static void make_pollers(llnet_poller **pollers, int pollers_max) {
    for (int i = 0; i < pollers_max && llnet_poller_backend_at((size_t)i) != NULL; i++)
        assert_ok(llnet_poller_new(&pollers[i], llnet_poller_backend_at((size_t)i)));
}

/* What somebody else left open for us becomes so when it is taken over. */
static int inherit(void) {
    char pid[32], count[32];
    int fd = dup(0);

    snprintf(pid, sizeof pid, "%ld", (long)getpid());
    snprintf(count, sizeof count, "%d", fd - 2);
    must(setenv("LISTEN_PID", pid, 1) == 0 && setenv("LISTEN_FDS", count, 1) == 0);
    assert_ok(llnet_inherit_socket((size_t)fd - 3, next_object()));
    assert_ok(llnet_inherit_clear());
    return fd;
}

START_TEST(no_descriptor_of_the_library_reaches_a_program_that_is_started) {
    const int flags[] = {0, SOCK_NONBLOCK, SOCK_CLOEXEC, SOCK_NONBLOCK | SOCK_CLOEXEC};
    llnet_poller *pollers[4] = {NULL, NULL, NULL, NULL};
    llnet_message *into;
    llnet_batch *many;
    long before;
    int count, closing = 0;
    char byte;

    if (count_descriptors() < 0)
        skip("no /proc/self/fd");
    before = count_in_child();
    (void)count_closing(NULL);
    assert_ok(llnet_message_new(&into, 256));
    assert_ok(llnet_message_add_space(into, &byte, 1));
    assert_ok(llnet_batch_new(&many, 1, 16, 256));
    inherit();
    make_pairs(flags[_i]);
    make_pollers(pollers, 4);
    receive_descriptors(into, many);
    if (llnet_socket_get_peer_pidfd(&objects[4], next_object()) < 0)
        object_count--;
    count = count_closing(&closing);
    ck_assert_int_ge(count, 25);
    ck_assert_int_eq(closing, count);
    ck_assert_int_eq(count_in_child(), before);
    for (int i = 0; i < object_count; i++)
        assert_ok(llnet_socket_close(&objects[i]));
    for (int i = 0; i < 4; i++)
        llnet_poller_free(pollers[i]);
    llnet_message_free(into);
    llnet_batch_free(many);
    object_count = 0;
}
END_TEST

/* ---- SIGPIPE ---------------------------------------------------------------------------------- */

static llnet_socket broken, pipe_in, pipe_out;
static llnet_buffer *buffer;
static llnet_message *message;
static llnet_batch *batch;
static int file;

static long send_it(void) {
    return llnet_socket_send(&broken, "x", 1, 0);
}

static long sendto_it(void) {
    return llnet_socket_sendto(&broken, "x", 1, NULL, 0);
}

static long send_buffer(void) {
    return llnet_socket_send_buffer(&broken, buffer, 0, LLNET_ALL, 0);
}

static long sendto_buffer(void) {
    return llnet_socket_sendto_buffer(&broken, buffer, 0, LLNET_ALL, NULL, 0);
}

static long sendv(void) {
    char bytes[] = "x";
    const struct iovec piece = {bytes, 1};
    return llnet_socket_sendv(&broken, &piece, 1, 0);
}

static long send_message(void) {
    return llnet_socket_send_message(&broken, message, 0);
}

static long send_batch(void) {
    return llnet_socket_send_batch(&broken, batch, 0, 1, 0);
}

static long sendfile_it(void) {
    return llnet_socket_sendfile(&broken, file, 0, 1);
}

static long splice_it(void) {
    return llnet_socket_splice(&pipe_in, &broken, 1, 0);
}

static long tee_it(void) {
    llnet_socket in, out;
    long result;

    assert_ok(llnet_socket_open_pipe(&in, &out, 0));
    assert_ok(llnet_socket_close(&in)); /* nobody reads what is copied */
    result = llnet_socket_tee(&pipe_in, &out, 1, 0);
    assert_ok(llnet_socket_close(&out));
    return result;
}

static long write_it(void) {
    return llnet_socket_write(&broken, "x", 1);
}

static long write_pipe(void) {
    llnet_socket in, out;
    long result;

    assert_ok(llnet_socket_open_pipe(&in, &out, 0));
    assert_ok(llnet_socket_close(&in));
    result = llnet_socket_write(&out, "x", 1);
    assert_ok(llnet_socket_close(&out));
    return result;
}

static long send_all(void) {
    size_t progress;
    return llnet_socket_send_all(&broken, "x", 1, LLNET_NEVER, &progress);
}

static long send_all_buffer(void) {
    size_t progress;
    return llnet_socket_send_all_buffer(&broken, buffer, 0, LLNET_ALL, LLNET_NEVER, &progress);
}

static long (*const sends[])(void) = {
    send_it,     sendto_it, send_buffer, sendto_buffer, sendv,           send_message, send_batch,
    sendfile_it, splice_it, tee_it,      send_all,      send_all_buffer, write_it,     write_pipe,
};
enum { SENDS = sizeof sends / sizeof sends[0], TYPES = 3 };

/* One whose peer is gone, of each type that has a connection. */
static void open_broken(int type) {
    llnet_socket peer;

    if (type == 0)
        open_tcp_pair(&broken, &peer);
    else
        assert_ok(llnet_socket_pair(&broken, &peer, AF_UNIX, type == 1 ? SOCK_STREAM : SOCK_SEQPACKET, 0, 0));
    assert_ok(llnet_socket_shutdown(&broken, SHUT_WR));
    assert_ok(llnet_socket_close(&peer));
}

START_TEST(no_call_that_sends_raises_sigpipe) {
    sigset_t pending;

    signal(SIGPIPE, SIG_DFL); /* it would end this process */
    open_broken(_i % TYPES);
    assert_ok(llnet_socket_open_pipe(&pipe_in, &pipe_out, 0));
    must(write((int)llnet_socket_fileno(&pipe_out), "x", 1) == 1);
    assert_ok(llnet_buffer_new(&buffer, 4));
    assert_ok(llnet_buffer_set_data(buffer, "x", 1));
    assert_ok(llnet_message_new(&message, 0));
    assert_ok(llnet_message_add_data(message, "x", 1));
    assert_ok(llnet_batch_new(&batch, 1, 4, 0));
    assert_ok(llnet_batch_set_data(batch, 0, "x", 1));
    file = open("file", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    must(write(file, "x", 1) == 1);
    assert_error(sends[_i / TYPES](), EPIPE);
    assert_error(sends[_i / TYPES](), EPIPE);
    must(sigpending(&pending) == 0 && !sigismember(&pending, SIGPIPE));
    close(file);
    llnet_batch_free(batch);
    llnet_message_free(message);
    llnet_buffer_free(buffer);
    assert_ok(llnet_socket_close(&broken));
    assert_ok(llnet_socket_close(&pipe_in));
    assert_ok(llnet_socket_close(&pipe_out));
}
END_TEST

/* ---- bytes that nobody wrote --------------------------------------------------------------------
 * Each is made twice, in memory that was filled with one byte and with another: what differs was
 * never written. */

enum { SAMPLE = 1024 };

/* What an address is made of; its bytes are those that the system gets. */
static llnet_status make_address(int which, llnet_addr *self) {
    switch (which) {
    case 0:
        return llnet_addr_set_ip(self, "192.0.2.1", 80);
    case 1:
        return llnet_addr_set_ip(self, "2001:db8::1", 80);
    case 2:
        return llnet_addr_set_unix(self, "/tmp/socket", 11);
    case 3:
        return llnet_addr_set_unix(self, "\0name", 5);
    case 4:
        return llnet_addr_set_netlink(self, 1, 2);
    case 5:
        return llnet_addr_set_packet(self, 0x800, 1, "\1\2\3\4\5\6", 6);
    case 6:
        return llnet_addr_set_packet(self, 0x800, 1, "", 0);
    case 7:
        return llnet_addr_set_vsock(self, 2, 80);
    case 8:
        return llnet_addr_set_ip_bytes(self, "\1\2\3\4", 4, 80);
    case 9:
        return llnet_addr_parse(self, "[fe80::1%7]:80");
    case 10:
        return llnet_addr_set_family(self, AF_INET6);
    case 11:
        return llnet_addr_set_family(self, AF_UNSPEC);
    default:
        return llnet_addr_set_bytes(self, "\2\0\0\1\1\2\3\4\0\0\0\0\0\0\0\0", 16);
    }
}
enum { ADDRESSES = 13 };

START_TEST(no_byte_of_an_address_is_left_as_it_was) {
    llnet_addr zero, poisoned;

    memset(&zero, 0, sizeof zero);
    memset(&poisoned, 0xa5, sizeof poisoned);
    assert_ok(make_address(_i, &zero));
    assert_ok(make_address(_i, &poisoned));
    ck_assert_uint_eq(llnet_addr_get_size(&zero), llnet_addr_get_size(&poisoned));
    ck_assert_mem_eq(llnet_addr_const_data(&zero), llnet_addr_const_data(&poisoned), llnet_addr_get_size(&zero));
}
END_TEST

/* What went to sendmsg(2): address and control data. */
static unsigned char seen[SAMPLE];
static size_t seen_len;

static void take(const void *bytes, size_t len) {
    must(seen_len + len <= sizeof seen);
    if (len > 0)
        memcpy(seen + seen_len, bytes, len);
    seen_len += len;
}

static void watch(const struct msghdr *header) {
    take(header->msg_name, header->msg_namelen);
    take(header->msg_control, header->msg_controllen);
}

/* Leaves a stack full of this byte behind. */
static __attribute__((noinline)) void poison_stack(int byte) {
    volatile unsigned char bytes[8192];

    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (unsigned char)byte;
}

/* A message whose room for control data was full of this byte. */
static llnet_message *dirty_message(int byte) {
    char bytes[200];
    llnet_message *self;

    memset(bytes, byte, sizeof bytes);
    assert_ok(llnet_message_new(&self, 256));
    assert_ok(llnet_message_add_control(self, SOL_SOCKET, 99, bytes, sizeof bytes));
    llnet_message_clear_control(self);
    return self;
}

static void send_fields(llnet_socket *self, const llnet_addr *to, int byte) {
    llnet_message *sent = dirty_message(byte);
    llnet_addr source;

    llnet_addr_init(&source);
    assert_ok(llnet_addr_set_ip(&source, "127.0.0.1", 0));
    assert_ok(llnet_message_add_data(sent, "x", 1));
    llnet_message_set_address(sent, to);
    assert_ok(llnet_message_set_ttl(sent, 5));
    assert_ok(llnet_message_set_traffic_class(sent, 4));
    assert_ok(llnet_message_set_source(sent, &source, 0));
    assert_ok(llnet_message_set_segment_size(sent, 100));
    assert_ok(llnet_message_add_control(sent, IPPROTO_IP, IP_TTL, "\5\0\0\0", 4)); /* room beside it */
    poison_stack(byte);
    faults_begin();
    (void)llnet_socket_send_message(self, sent, 0);
    faults_end();
    llnet_message_free(sent);
}

static void send_descriptor(int byte) {
    llnet_message *sent = dirty_message(byte);
    llnet_socket a, b;

    assert_ok(llnet_socket_pair(&a, &b, AF_UNIX, SOCK_STREAM, 0, 0));
    assert_ok(llnet_message_add_data(sent, "x", 1));
    assert_ok(llnet_message_add_descriptor(sent, 0));
    assert_ok(llnet_message_set_credentials(sent, getpid(), getuid(), getgid()));
    poison_stack(byte);
    faults_begin();
    ck_assert_int_eq(llnet_socket_send_message(&a, sent, 0), 1);
    faults_end();
    llnet_message_free(sent);
    assert_ok(llnet_socket_close(&a));
    assert_ok(llnet_socket_close(&b));
}

static void send_all_kinds(int byte, unsigned char *out, size_t *out_len) {
    llnet_socket a, b;
    llnet_addr a_addr, b_addr;

    open_udp_pair(&a, &a_addr, &b, &b_addr);
    memset(&b_addr, byte, sizeof b_addr);
    assert_ok(llnet_addr_set_ip(&b_addr, "127.0.0.1", 9)); /* the same address each time */
    seen_len = 0;
    faults_watch(watch);
    send_fields(&a, &b_addr, byte);
    send_descriptor(byte);
    poison_stack(byte);
    faults_begin();
    (void)llnet_socket_send_segments(&a, "abcdef", 6, 2, &b_addr, 0);
    faults_end();
    faults_watch(NULL);
    memcpy(out, seen, seen_len);
    *out_len = seen_len;
    assert_ok(llnet_socket_close(&a));
    assert_ok(llnet_socket_close(&b));
}

START_TEST(no_byte_beside_the_data_is_sent_that_nobody_wrote) {
    static unsigned char one[SAMPLE], other[SAMPLE];
    size_t one_len, other_len;

    send_all_kinds(0x5a, one, &one_len);
    send_all_kinds(0xc3, other, &other_len);
    ck_assert_uint_eq(one_len, other_len);
    ck_assert_uint_gt(one_len, 200);
    for (size_t i = 0; i < one_len; i++)
        ck_assert_msg(one[i] == other[i], "byte %zu is %#x, then %#x", i, one[i], other[i]);
}
END_TEST

/* A buffer that grows without being written sends zeros: its memory was somebody's before. */
START_TEST(a_buffer_has_no_bytes_of_others) {
    enum { SIZE = 100000 };
    unsigned char *before = malloc(SIZE);
    const unsigned char *bytes;
    llnet_buffer *self;
    unsigned sum = 0;

    must(before != NULL);
    memset(before, 0xa5, SIZE);
    free(before);
    assert_ok(llnet_buffer_new(&self, (size_t)(_i == 0 ? 0 : SIZE)));
    assert_ok(llnet_buffer_set_size(self, SIZE));
    bytes = llnet_buffer_const_data(self);
    for (size_t i = 0; i < SIZE; i++)
        sum |= bytes[i];
    ck_assert_uint_eq(sum, 0);
    llnet_buffer_free(self);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("secure");
    TCase *descriptors = add_case(suite, "descriptors"), *sigpipe = add_case(suite, "sigpipe");
    TCase *unwritten = add_case(suite, "unwritten");

    use_directory(sigpipe);
    tcase_add_loop_test(descriptors, no_descriptor_of_the_library_reaches_a_program_that_is_started, 0, 4);
    tcase_add_loop_test(sigpipe, no_call_that_sends_raises_sigpipe, 0, SENDS * TYPES);
    tcase_add_loop_test(unwritten, no_byte_of_an_address_is_left_as_it_was, 0, ADDRESSES);
    tcase_add_test(unwritten, no_byte_beside_the_data_is_sent_that_nobody_wrote);
    tcase_add_loop_test(unwritten, a_buffer_has_no_bytes_of_others, 0, 2);
    return run_suite(suite);
}
