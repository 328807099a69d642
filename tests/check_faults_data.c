/* SPDX-License-Identifier: MIT */
/* check_faults_data.c: the functions that send and receive: how check_faults calls them. What
 * was sent is taken off again, and each receive finds a byte; after a fault it is still there. */
#include "check_faults.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/uio.h>

/* ---- sending ---------------------------------------------------------------------- */

/* Takes off what a call has sent there: as many bytes as it gave. */
static long drained(const llnet_socket *there, long result) {
    stage_take(there, result);
    stage_drain(there);
    return result;
}

static long run_send(void) {
    return drained(&stage->server, TRY(llnet_socket_send(&stage->client, "x", 1, 0)));
}

static long run_sendto(void) {
    return drained(&stage->udp_peer, TRY(llnet_socket_sendto(&stage->udp, "x", 1, &stage->udp_peer_addr, 0)));
}

static long run_send_buffer(void) {
    return drained(&stage->server, TRY(llnet_socket_send_buffer(&stage->client, stage_buffer, 0, LLNET_ALL, 0)));
}

static long run_sendto_buffer(void) {
    return drained(&stage->udp_peer, TRY(llnet_socket_sendto_buffer(&stage->udp, stage_buffer, 0, LLNET_ALL,
                                                                    &stage->udp_peer_addr, 0)));
}

static long run_sendv(void) {
    char a[] = "a", b[] = "b";
    const struct iovec pieces[] = {{a, 1}, {b, 1}};

    return drained(&stage->server, TRY(llnet_socket_sendv(&stage->client, pieces, 2, 0)));
}

static long run_send_message(void) {
    long result = drained(&stage->server, TRY(llnet_socket_send_message(&stage->client, stage_message, 0)));

    must(llnet_message_get_size(stage_message) == (result < 0 ? 0 : 4));
    return result;
}

static long run_send_batch(void) {
    long result = TRY(llnet_socket_send_batch(&stage->udp, stage_batch, 0, LLNET_ALL, 0));

    drained(&stage->udp_peer, result < 0 ? result : 4 * result);
    for (size_t i = 0; i < 2; i++)
        must(llnet_batch_get_size(stage_batch, i) == (result < 0 ? 0 : 4));
    return result;
}

static long run_send_segments(void) {
    return drained(&stage->udp_peer,
                   TRY(llnet_socket_send_segments(&stage->udp, "abcdef", 6, 2, &stage->udp_peer_addr, 0)));
}

static long run_send_segments_buffer(void) {
    return drained(&stage->udp_peer, TRY(llnet_socket_send_segments_buffer(&stage->udp, stage_buffer, 0, LLNET_ALL,
                                                                           2, &stage->udp_peer_addr, 0)));
}

static long run_sendfile(void) {
    long result = drained(&stage->server, TRY(llnet_socket_sendfile(&stage->client, stage_file, 0, 4)));

    must(result < 0 || result == 4);
    return result;
}

static long run_ignore_sigpipe(void) {
    return TRY(llnet_ignore_sigpipe());
}

static long run_splice(void) {
    long result;

    stage_feed(&stage->pipe_out, &stage->pipe_in);
    result = TRY(llnet_socket_splice(&stage->pipe_in, &stage->client, 1, 0));
    stage_drain(&stage->pipe_in);
    return drained(&stage->server, result);
}

static long run_tee(void) {
    long result;

    stage_feed(&stage->pipe_out, &stage->pipe_in);
    result = TRY(llnet_socket_tee(&stage->pipe_in, &stage->pipe_other_out, 1, 0));
    stage_drain(&stage->pipe_in);
    stage_drain(&stage->pipe_other_in);
    return result;
}

static long run_write(void) {
    long result = TRY(llnet_socket_write(&stage->pipe_out, "x", 1));
    char bytes[4] = "....";

    must(llnet_socket_read(&stage->pipe_in, bytes, 4) == (result < 0 ? -EAGAIN : 1));
    must(memcmp(bytes, result < 0 ? "...." : "x...", 4) == 0);
    return result;
}

static long run_write_socket(void) {
    return drained(&stage->server, TRY(llnet_socket_write(&stage->client, "x", 1)));
}

static long run_send_all(void) {
    size_t progress = 99;
    long result = TRY(llnet_socket_send_all(&stage->client, "abcd", 4, LLNET_NEVER, &progress));

    drained(&stage->server, (long)progress);
    must(progress == (result < 0 ? 0 : 4));
    return result;
}

static long run_send_all_buffer(void) {
    size_t progress = 99;
    long result =
        TRY(llnet_socket_send_all_buffer(&stage->client, stage_buffer, 0, LLNET_ALL, LLNET_NEVER, &progress));

    drained(&stage->server, (long)progress);
    must(progress == (result < 0 ? 0 : 4));
    return result;
}

/* ---- receiving -------------------------------------------------------------------- */

/* What came, or after a fault still waits there, is one byte. */
static long received(llnet_socket *self, long result) {
    char byte = 0;

    must(result < 0 || result == 1);
    if (result < 0)
        must(llnet_socket_recv(self, &byte, 1, MSG_DONTWAIT) == 1 && byte == 'x');
    must(llnet_socket_recv(self, &byte, 1, MSG_DONTWAIT) == -EAGAIN);
    return result;
}

static void feed_udp(void) {
    must(llnet_socket_sendto(&stage->udp_peer, "x", 1, &stage->udp_addr, 0) == 1);
    stage_await(&stage->udp);
}

/* Into memory that is looked at: a byte comes only with success. */
static long run_recv(void) {
    char bytes[4] = "....";
    long result;

    stage_feed(&stage->client, &stage->server);
    result = received(&stage->server, TRY(llnet_socket_recv(&stage->server, bytes, 4, 0)));
    must(memcmp(bytes, result < 0 ? "...." : "x...", 4) == 0);
    return result;
}

static long run_recvfrom(void) {
    char byte;

    feed_udp();
    return received(&stage->udp, TRY(llnet_socket_recvfrom(&stage->udp, &byte, 1, &stage->addr, 0)));
}

/* An empty datagram on a socket whose type is not known yet: a getsockopt more. Where that
 * fails a 0 is no end. */
static long run_recv_adopted(void) {
    llnet_socket self;
    char byte;

    must(llnet_socket_sendto(&stage->udp_peer, "", 0, &stage->udp_addr, 0) == 0);
    stage_await(&stage->udp);
    assert_ok(llnet_socket_borrow(&self, llnet_socket_fileno(&stage->adopted)));
    {
        long result = TRY(llnet_socket_recv(&self, &byte, 1, 0));

        if (result < 0)
            must(llnet_socket_recv(&self, &byte, 1, MSG_DONTWAIT) == 0);
        return result;
    }
}

static long run_read(void) {
    char bytes[4] = "....", byte = 0;
    long result;

    stage_feed(&stage->pipe_out, &stage->pipe_in);
    result = TRY(llnet_socket_read(&stage->pipe_in, bytes, 4));
    must(memcmp(bytes, result < 0 ? "...." : "x...", 4) == 0);
    if (result < 0)
        must(llnet_socket_read(&stage->pipe_in, &byte, 1) == 1 && byte == 'x');
    must(llnet_socket_read(&stage->pipe_in, &byte, 1) == -EAGAIN);
    return result;
}

static long run_read_socket(void) {
    char byte;

    stage_feed(&stage->client, &stage->server);
    return received(&stage->server, TRY(llnet_socket_read(&stage->server, &byte, 1)));
}

/* An empty datagram, as above. Where it cannot be told that it is one, it is taken for an end:
 * what is no socket has one. */
static long run_read_adopted(void) {
    llnet_socket self;
    char byte;

    must(llnet_socket_sendto(&stage->udp_peer, "", 0, &stage->udp_addr, 0) == 0);
    stage_await(&stage->udp);
    assert_ok(llnet_socket_borrow(&self, llnet_socket_fileno(&stage->adopted)));
    {
        long result = TRY(llnet_socket_read(&self, &byte, 1));

        if (result < 0 && result != -LLNET_ECLOSED)
            must(llnet_socket_read(&self, &byte, 1) == 0);
        return result;
    }
}

static long run_recv_buffer(void) {
    stage_feed(&stage->client, &stage->server);
    return received(&stage->server, TRY(llnet_socket_recv_buffer(&stage->server, stage_buffer, 60, 4, 0)));
}

static long run_recvfrom_buffer(void) {
    feed_udp();
    return received(&stage->udp,
                    TRY(llnet_socket_recvfrom_buffer(&stage->udp, stage_buffer, 60, 4, &stage->addr, 0)));
}

static long run_recvv(void) {
    char a, b;
    const struct iovec pieces[] = {{&a, 1}, {&b, 1}};

    stage_feed(&stage->client, &stage->server);
    return received(&stage->server, TRY(llnet_socket_recvv(&stage->server, pieces, 2, 0)));
}

static long run_recv_message(void) {
    long result;

    stage_feed(&stage->client, &stage->server);
    result = received(&stage->server, TRY(llnet_socket_recv_message(&stage->server, stage_message, 0)));
    must(llnet_message_get_size(stage_message) == (result < 0 ? 0 : 1));
    must(llnet_message_get_control_count(stage_message) == 0);
    stage->bytes[0] = 0;
    return result;
}

static long run_recv_batch(void) {
    long result;

    feed_udp();
    result = received(&stage->udp, TRY(llnet_socket_recv_batch(&stage->udp, stage_batch, LLNET_ALL, MSG_DONTWAIT)));
    must(llnet_batch_get_size(stage_batch, 0) == (result < 0 ? 0 : 1));
    for (size_t i = 0; i < 2; i++) {
        assert_ok(llnet_batch_set_data(stage_batch, i, "abcd", 4));
        assert_ok(llnet_batch_set_address(stage_batch, i, &stage->udp_peer_addr));
    }
    return result;
}

static long run_recv_segments(void) {
    size_t segment_size = 99;
    char bytes[8];
    long result;

    feed_udp();
    result =
        received(&stage->udp,
                 TRY(llnet_socket_recv_segments(&stage->udp, bytes, sizeof bytes, &segment_size, &stage->addr, 0)));
    must(segment_size == (result < 0 ? 99 : 1));
    return result;
}

static long run_recv_segments_buffer(void) {
    size_t segment_size = 99;
    long result;

    feed_udp();
    result = received(&stage->udp, TRY(llnet_socket_recv_segments_buffer(&stage->udp, stage_buffer, 60, 4,
                                                                         &segment_size, &stage->addr, 0)));
    must(segment_size == (result < 0 ? 99 : 1));
    return result;
}

static long run_recv_exact(void) {
    size_t progress = 99;
    char byte;
    long result;

    stage_feed(&stage->client, &stage->server);
    result = TRY(llnet_socket_recv_exact(&stage->server, &byte, 1, LLNET_NEVER, &progress));
    must(progress == (result < 0 ? 0 : 1));
    stage_drain(&stage->server);
    return result;
}

static long run_recv_exact_buffer(void) {
    size_t progress = 99;
    long result;

    stage_feed(&stage->client, &stage->server);
    result = TRY(llnet_socket_recv_exact_buffer(&stage->server, stage_buffer, 60, 1, LLNET_NEVER, &progress));
    must(progress == (result < 0 ? 0 : 1));
    must(llnet_buffer_get_size(stage_buffer) == (result < 0 ? 4 : 61));
    assert_ok(llnet_buffer_set_size(stage_buffer, 4));
    stage_drain(&stage->server);
    return result;
}

static long run_recv_until(void) {
    long result;

    stage_feed(&stage->client, &stage->server);
    result = TRY(llnet_socket_recv_until(&stage->server, stage_buffer, "x", 1, 64, LLNET_NEVER));
    must(llnet_buffer_get_size(stage_buffer) == (result < 0 ? 4 : 5));
    assert_ok(llnet_buffer_set_size(stage_buffer, 4));
    stage_drain(&stage->server);
    return result;
}

/* The same where nothing is there yet: they wait, and the time passes. */
static long run_recv_waiting(void) {
    size_t progress = 99;
    char byte;
    long result;

    result = TRY(llnet_socket_recv_exact(&stage->server, &byte, 1, llnet_clock_now() + 100000, &progress));
    must(progress == 0);
    return result == -ETIMEDOUT ? 0 : result;
}

/* ---- messages that hold descriptors which nobody took ----------------------------------- */

/* A message with one; the descriptors that were open before it came. */
static llnet_message *receive_descriptor(int *before) {
    llnet_message *self;
    char byte;

    assert_ok(llnet_message_new(&self, 64));
    assert_ok(llnet_message_add_space(self, &byte, 1));
    assert_ok(llnet_message_add_descriptor(self, stage_file));
    must(llnet_socket_send_message(&stage->unix_a, self, 0) == 1);
    *before = count_descriptors();
    must(llnet_socket_recv_message(&stage->unix_b, self, 0) == 1);
    must(count_descriptors() == *before + 1);
    return self;
}

static long run_message_free(void) {
    int before;
    llnet_message *self = receive_descriptor(&before);

    faults_begin();
    llnet_message_free(self);
    faults_end();
    must(count_descriptors() == before);
    return 0;
}

static long drop(void (*how)(llnet_message *)) {
    int before;
    llnet_message *self = receive_descriptor(&before);

    faults_begin();
    how(self);
    faults_end();
    must(count_descriptors() == before && llnet_message_get_descriptor_count(self) == 0);
    llnet_message_free(self);
    return 0;
}

static long run_message_reset(void) {
    return drop(llnet_message_reset);
}

static long run_message_clear_control(void) {
    return drop(llnet_message_clear_control);
}

static long run_batch_free(void) {
    llnet_message *message;
    llnet_batch *self;
    int before;

    assert_ok(llnet_batch_new(&self, 1, 4, 64));
    assert_ok(llnet_batch_get_message(self, 0, &message));
    assert_ok(llnet_message_add_descriptor(message, stage_file));
    assert_ok(llnet_batch_set_data(self, 0, "abcd", 4));
    must(llnet_socket_send_batch(&stage->unix_a, self, 0, 1, 0) == 1);
    before = count_descriptors();
    must(llnet_socket_recv_batch(&stage->unix_b, self, 1, 0) == 1);
    must(count_descriptors() == before + 1);
    llnet_message_free(message);
    faults_begin();
    llnet_batch_free(self);
    faults_end();
    must(count_descriptors() == before);
    return 0;
}

const struct subject data_subjects[] = {
    {"message_free", run_message_free, NULL},
    {"message_reset", run_message_reset, NULL},
    {"message_clear_control", run_message_clear_control, NULL},
    {"batch_free", run_batch_free, NULL},
    {"socket_send", run_send, NULL},
    {"socket_sendto", run_sendto, NULL},
    {"socket_send_buffer", run_send_buffer, NULL},
    {"socket_sendto_buffer", run_sendto_buffer, NULL},
    {"socket_sendv", run_sendv, NULL},
    {"socket_send_message", run_send_message, NULL},
    {"socket_send_batch", run_send_batch, NULL},
    {"socket_send_segments", run_send_segments, NULL},
    {"socket_send_segments_buffer", run_send_segments_buffer, NULL},
    {"socket_sendfile", run_sendfile, NULL},
    {"ignore_sigpipe", run_ignore_sigpipe, NULL},
    {"socket_splice", run_splice, NULL},
    {"socket_tee", run_tee, NULL},
    {"socket_write", run_write, NULL},
    {"socket_write", run_write_socket, NULL},
    {"socket_send_all", run_send_all, NULL},
    {"socket_send_all_buffer", run_send_all_buffer, NULL},
    {"socket_recv", run_recv, NULL},
    {"socket_recv", run_recv_adopted, NULL},
    {"socket_read", run_read, NULL},
    {"socket_read", run_read_socket, NULL},
    {"socket_read", run_read_adopted, NULL},
    {"socket_recvfrom", run_recvfrom, NULL},
    {"socket_recv_buffer", run_recv_buffer, NULL},
    {"socket_recvfrom_buffer", run_recvfrom_buffer, NULL},
    {"socket_recvv", run_recvv, NULL},
    {"socket_recv_message", run_recv_message, NULL},
    {"socket_recv_batch", run_recv_batch, NULL},
    {"socket_recv_segments", run_recv_segments, NULL},
    {"socket_recv_segments_buffer", run_recv_segments_buffer, NULL},
    {"socket_recv_exact", run_recv_exact, NULL},
    {"socket_recv_exact", run_recv_waiting, NULL},
    {"socket_recv_exact_buffer", run_recv_exact_buffer, NULL},
    {"socket_recv_until", run_recv_until, NULL},
    {NULL, NULL, NULL},
};
