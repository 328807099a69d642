/* SPDX-License-Identifier: MIT */
/* faults_stage.c: the objects that check_faults calls functions on, and what must hold of them
 * when a call has failed: see check_faults.h. */
#include "check_faults.h"

#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

static struct stage on_stage, before;
struct stage *stage = &on_stage;
llnet_buffer *stage_buffer;
llnet_message *stage_message;
llnet_batch *stage_batch;
llnet_poller *stage_poller;
int stage_file;
static int descriptors;

static void open_sockets(void) {
    open_listener(&stage->listener, &stage->listener_addr);
    open_tcp_pair(&stage->client, &stage->server);
    open_udp_pair(&stage->udp, &stage->udp_addr, &stage->udp_peer, &stage->udp_peer_addr);
    assert_ok(llnet_socket_pair(&stage->unix_a, &stage->unix_b, AF_UNIX, SOCK_STREAM, 0, 0));
    assert_ok(llnet_socket_open(&stage->unix_name, AF_UNIX, SOCK_STREAM, 0, 0));
    assert_ok(llnet_socket_open_pipe(&stage->pipe_in, &stage->pipe_out, SOCK_NONBLOCK));
    assert_ok(llnet_socket_open_pipe(&stage->pipe_other_in, &stage->pipe_other_out, SOCK_NONBLOCK));
    assert_ok(llnet_socket_adopt(&stage->adopted, dup((int)llnet_socket_fileno(&stage->udp))));
    assert_ok(llnet_addr_set_unix(&stage->path, "path", 4));
}

void stage_open(void) {
    memset(stage, 0, sizeof *stage);
    open_sockets();
    assert_ok(llnet_buffer_new(&stage_buffer, 64));
    assert_ok(llnet_buffer_set_data(stage_buffer, "abcd", 4));
    assert_ok(llnet_message_new(&stage_message, 256));
    assert_ok(llnet_message_add_space(stage_message, stage->bytes, 4));
    assert_ok(llnet_batch_new(&stage_batch, 2, 4, 64));
    for (size_t i = 0; i < 2; i++) {
        assert_ok(llnet_batch_set_data(stage_batch, i, "abcd", 4));
        assert_ok(llnet_batch_set_address(stage_batch, i, &stage->udp_peer_addr));
    }
    assert_ok(llnet_poller_new(&stage_poller, NULL));
    assert_ok(llnet_poller_add(stage_poller, llnet_socket_fileno(&stage->server), POLLIN, 7));
    stage_file = memfd_create("stage", MFD_CLOEXEC);
    ck_assert_int_eq(write(stage_file, "abcd", 4), 4);
}

void stage_close(void) {
    llnet_socket *const sockets[] = {
        &stage->client,        &stage->server,         &stage->listener,  &stage->udp,     &stage->udp_peer,
        &stage->unix_a,        &stage->unix_b,         &stage->unix_name, &stage->pipe_in, &stage->pipe_out,
        &stage->pipe_other_in, &stage->pipe_other_out, &stage->adopted,   &stage->out,     &stage->other,
    };

    for (size_t i = 0; i < sizeof sockets / sizeof sockets[0]; i++)
        assert_ok(llnet_socket_close(sockets[i]));
    llnet_buffer_free(stage_buffer);
    llnet_message_free(stage_message);
    llnet_batch_free(stage_batch);
    llnet_poller_free(stage_poller);
    close(stage_file);
    ck_assert_int_le(faults_live_memory(), 0); /* all of it was freed, or -1 */
}

void stage_await(const llnet_socket *self) {
    struct pollfd entry = {(int)llnet_socket_fileno(self), POLLIN, 0};

    must(poll(&entry, 1, 5000) == 1);
}

void stage_feed(const llnet_socket *from, const llnet_socket *to) {
    must(write((int)llnet_socket_fileno(from), "x", 1) == 1);
    stage_await(to);
}

void stage_drain(const llnet_socket *self) {
    struct pollfd entry = {(int)llnet_socket_fileno(self), POLLIN, 0};
    char bytes[256];

    while (poll(&entry, 1, 0) == 1)
        must(read(entry.fd, bytes, sizeof bytes) > 0);
}

void stage_take(const llnet_socket *self, long count) {
    char bytes[256];

    while (count > 0) {
        ssize_t n;

        stage_await(self);
        n = read((int)llnet_socket_fileno(self), bytes, sizeof bytes);
        must(n > 0 && n <= count);
        count -= n;
    }
}

/* Marks of what is not to be written on error. */
void stage_before(void) {
    memset(&stage->addr, 0x5a, sizeof stage->addr);
    stage->addr.len = 16;
    stage->number = 77;
    stage->value = 78;
    stage->flag = true;
    before = on_stage;
    descriptors = count_descriptors();
    faults_begin();
}

/* A socket may have learned its type meanwhile; its descriptor is the same. */
static void assert_same(const llnet_socket *a, const llnet_socket *b) {
    must(llnet_socket_fileno(a) == llnet_socket_fileno(b));
}

long stage_after(long result) {
    const llnet_socket *now = &on_stage.client, *then = &before.client;
    size_t sockets = offsetof(struct stage, out) / sizeof *now;

    faults_end();
    must(!faults_saw_inheritable());
    if (result >= 0 || !faults_fired())
        return result;
    for (size_t i = 0; i < sockets; i++)
        assert_same(&now[i], &then[i]);
    must(!llnet_socket_is_open(&stage->out) && !llnet_socket_is_open(&stage->other));
    /* NOLINTNEXTLINE(bugprone-suspicious-memory-comparison,cert-exp42-c,cert-flp37-c): not a byte is written */
    must(memcmp(&stage->listener_addr, &before.listener_addr,
                sizeof *stage - offsetof(struct stage, listener_addr)) == 0);
    must(llnet_buffer_get_size(stage_buffer) == 4 && llnet_buffer_get_capacity(stage_buffer) >= 64);
    must(memcmp(llnet_buffer_const_data(stage_buffer), "abcd", 4) == 0);
    must(llnet_message_get_segment_count(stage_message) == 1);
    must(count_descriptors() == descriptors);
    return result;
}
