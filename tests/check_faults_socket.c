/* SPDX-License-Identifier: MIT */
/* check_faults_socket.c: the functions that open, connect and ask sockets, and their options:
 * how check_faults calls them. */
#include "check_faults.h"

#include <netinet/in.h>
#include <poll.h>
#include <stdint.h>
#include <sys/socket.h>
#include <unistd.h>

/* What a call made is closed again. */
static long close_out(long result) {
    assert_ok(llnet_socket_close(&stage->out));
    assert_ok(llnet_socket_close(&stage->other));
    return result;
}

static long run_open(void) {
    return close_out(TRY(llnet_socket_open(&stage->out, AF_INET, SOCK_STREAM, 0, 0)));
}

static long run_pair(void) {
    return close_out(TRY(llnet_socket_pair(&stage->out, &stage->other, AF_UNIX, SOCK_STREAM, 0, 0)));
}

static long run_pipe(void) {
    return close_out(TRY(llnet_socket_open_pipe(&stage->out, &stage->other, 0)));
}

static long run_dup(void) {
    return close_out(TRY(llnet_socket_dup(&stage->client, &stage->out)));
}

/* The descriptor is gone whatever close(2) says. */
static long run_close(void) {
    int before = count_descriptors();
    llnet_socket self;
    long result;

    assert_ok(llnet_socket_open(&self, AF_INET, SOCK_DGRAM, 0, 0));
    faults_begin();
    result = llnet_socket_close(&self);
    faults_end();
    must(!llnet_socket_is_open(&self) && count_descriptors() == before);
    return result;
}

static long run_bind(void) {
    llnet_socket self;
    llnet_addr addr;
    long result;

    llnet_addr_init(&addr);
    assert_ok(llnet_addr_set_ip(&addr, "127.0.0.1", 0));
    assert_ok(llnet_socket_open(&self, AF_INET, SOCK_DGRAM, 0, 0));
    result = TRY(llnet_socket_bind(&self, &addr));
    assert_ok(llnet_socket_close(&self));
    return result;
}

/* A fault leaves a socket that can be bound; binding one for good takes a new one. */
static long run_bind_mode(void) {
    long result = TRY(llnet_socket_bind_mode(&stage->unix_name, &stage->path, 0600));

    if (result < 0) {
        must(access("path", F_OK) != 0);
        return result;
    }
    unlink("path");
    assert_ok(llnet_socket_close(&stage->unix_name));
    assert_ok(llnet_socket_open(&stage->unix_name, AF_UNIX, SOCK_STREAM, 0, 0));
    return result;
}

static void accept_rest(void) {
    llnet_socket accepted;

    while (llnet_socket_poll(&stage->listener, POLLIN, 0) == POLLIN) {
        assert_ok(llnet_socket_accept(&stage->listener, &accepted, NULL, 0));
        assert_ok(llnet_socket_close(&accepted));
    }
}

static long run_connect(void) {
    llnet_socket self;
    long result;

    assert_ok(llnet_socket_open(&self, AF_INET, SOCK_STREAM, 0, 0));
    result = TRY(llnet_socket_connect(&self, &stage->listener_addr));
    if (result < 0) /* it can be tried again */
        assert_ok(llnet_socket_connect(&self, &stage->listener_addr));
    assert_ok(llnet_socket_close(&self));
    accept_rest();
    return result;
}

static long run_connect_until(void) {
    bool nonblock = true;
    llnet_socket self;
    long result;

    assert_ok(llnet_socket_open(&self, AF_INET, SOCK_STREAM, 0, 0));
    result = TRY(llnet_socket_connect_until(&self, &stage->listener_addr, LLNET_NEVER));
    assert_ok(llnet_socket_get_nonblock(&self, &nonblock));
    /* only a fault of the fcntl that sets it back leaves it so */
    must(!nonblock || subject_argument != NULL || result < 0);
    assert_ok(llnet_socket_close(&self));
    accept_rest();
    return result;
}

static long run_listen(void) {
    return TRY(llnet_socket_listen(&stage->listener, 16));
}

/* What could not be accepted still waits. */
static long run_accept(void) {
    llnet_socket self;
    long result;

    assert_ok(llnet_socket_open(&self, AF_INET, SOCK_STREAM, 0, 0));
    assert_ok(llnet_socket_connect(&self, &stage->listener_addr));
    result = TRY(llnet_socket_accept(&stage->listener, &stage->out, &stage->addr, 0));
    if (result < 0)
        assert_ok(llnet_socket_accept(&stage->listener, &stage->out, NULL, 0));
    assert_ok(llnet_socket_close(&self));
    return close_out(result);
}

static long run_shutdown(void) {
    llnet_socket self;
    long result;

    assert_ok(llnet_socket_pair(&self, &stage->out, AF_UNIX, SOCK_STREAM, 0, 0));
    assert_ok(llnet_socket_close(&stage->out));
    result = TRY(llnet_socket_shutdown(&self, SHUT_WR));
    assert_ok(llnet_socket_close(&self));
    return result;
}

static long run_get_sockname(void) {
    return TRY(llnet_socket_get_sockname(&stage->client, &stage->addr));
}

static long run_get_peername(void) {
    return TRY(llnet_socket_get_peername(&stage->client, &stage->addr));
}

/* ---- state ------------------------------------------------------------------------ */

static long run_poll(void) {
    return TRY(llnet_socket_poll(&stage->client, POLLOUT, -1));
}

static long run_take_error(void) {
    return TRY(llnet_socket_take_error(&stage->client));
}

static long run_set_nonblock(void) {
    long result = TRY(llnet_socket_set_nonblock(&stage->client, true));
    bool on = false;

    assert_ok(llnet_socket_get_nonblock(&stage->client, &on));
    must(on == (result == 0));
    assert_ok(llnet_socket_set_nonblock(&stage->client, false));
    return result;
}

static long run_get_nonblock(void) {
    return TRY(llnet_socket_get_nonblock(&stage->client, &stage->flag));
}

static long run_set_cloexec(void) {
    long result = TRY(llnet_socket_set_cloexec(&stage->client, false));
    bool on = false;

    assert_ok(llnet_socket_get_cloexec(&stage->client, &on));
    must(on == (result < 0));
    assert_ok(llnet_socket_set_cloexec(&stage->client, true));
    return result;
}

static long run_get_cloexec(void) {
    return TRY(llnet_socket_get_cloexec(&stage->client, &stage->flag));
}

static long run_get_queued_in(void) {
    return TRY(llnet_socket_get_queued_in(&stage->client));
}

static long run_get_queued_out(void) {
    return TRY(llnet_socket_get_queued_out(&stage->client));
}

static long run_get_queued_unsent(void) {
    return TRY(llnet_socket_get_queued_unsent(&stage->client));
}

static long run_get_backlog(void) {
    uint32_t limit = 77, waiting = 78;
    long result = TRY(llnet_socket_get_backlog(&stage->listener, &limit, &waiting));

    must(result == 0 ? limit == 16 && waiting == 0 : limit == 77 && waiting == 78);
    return result;
}

static long run_get_peer_pidfd(void) {
    long result = TRY(llnet_socket_get_peer_pidfd(&stage->unix_a, &stage->out));

    close_out(result);
    return result == -ENOPROTOOPT && !faults_fired() ? 0 : result; /* Linux before 6.5 */
}

static long run_at_mark(void) {
    return TRY(llnet_socket_at_mark(&stage->client, &stage->flag));
}

/* ---- options ------------------------------------------------------------------------ */

static long run_probe(void) {
    return TRY(llnet_option_probe(llnet_option_find(subject_argument)));
}

static long run_set_option_int(void) {
    return TRY(llnet_socket_set_option_int(&stage->client, subject_argument, 1));
}

static long run_get_option_int(void) {
    return TRY(llnet_socket_get_option_int(&stage->client, subject_argument, &stage->number));
}

static long run_set_option_data(void) {
    return TRY(llnet_socket_set_option_data(&stage->client, "TCP_CONGESTION", "reno", 4));
}

static long run_get_option_data(void) {
    return TRY(llnet_socket_get_option_data(&stage->client, subject_argument, stage->bytes + 8, 56));
}

static long run_set_option_addr(void) {
    llnet_addr any;

    llnet_addr_init(&any);
    assert_ok(llnet_addr_set_ip(&any, "127.0.0.1", 0));
    return TRY(llnet_socket_set_option_addr(&stage->udp, "IP_MULTICAST_IF", &any));
}

static long run_get_option_addr(void) {
    return TRY(llnet_socket_get_option_addr(&stage->udp, "IP_MULTICAST_IF", &stage->addr));
}

static long run_set_option_raw(void) {
    const int on = 1;
    return TRY(llnet_socket_set_option_raw(&stage->client, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on));
}

static long run_get_option_raw(void) {
    return TRY(llnet_socket_get_option_raw(&stage->client, SOL_SOCKET, SO_TYPE, &stage->value, sizeof(int)));
}

const struct subject socket_subjects[] = {
    {"socket_open", run_open, NULL},
    {"socket_pair", run_pair, NULL},
    {"socket_open_pipe", run_pipe, NULL},
    {"socket_dup", run_dup, NULL},
    {"socket_close", run_close, NULL},
    {"socket_bind", run_bind, NULL},
    {"socket_bind_mode", run_bind_mode, NULL},
    {"socket_connect", run_connect, NULL},
    {"socket_connect_until", run_connect_until, NULL},
    {"socket_listen", run_listen, NULL},
    {"socket_accept", run_accept, NULL},
    {"socket_shutdown", run_shutdown, NULL},
    {"socket_get_sockname", run_get_sockname, NULL},
    {"socket_get_peername", run_get_peername, NULL},
    {"socket_poll", run_poll, NULL},
    {"socket_take_error", run_take_error, NULL},
    {"socket_set_nonblock", run_set_nonblock, NULL},
    {"socket_get_nonblock", run_get_nonblock, NULL},
    {"socket_set_cloexec", run_set_cloexec, NULL},
    {"socket_get_cloexec", run_get_cloexec, NULL},
    {"socket_get_queued_in", run_get_queued_in, NULL},
    {"socket_get_queued_out", run_get_queued_out, NULL},
    {"socket_get_queued_unsent", run_get_queued_unsent, NULL},
    {"socket_get_backlog", run_get_backlog, NULL},
    {"socket_get_peer_pidfd", run_get_peer_pidfd, NULL},
    {"socket_at_mark", run_at_mark, NULL},
    {"option_probe", run_probe, "SO_TYPE"},
    {"socket_set_option_int", run_set_option_int, "SO_KEEPALIVE"},
    {"socket_set_option_int", run_set_option_int, "SO_RCVTIMEO"},
    {"socket_set_option_int", run_set_option_int, "SO_MARK"},
    {"socket_get_option_int", run_get_option_int, "SO_KEEPALIVE"},
    {"socket_get_option_int", run_get_option_int, "SO_RCVTIMEO"},
    {"socket_set_option_data", run_set_option_data, NULL},
    {"socket_get_option_data", run_get_option_data, "TCP_CONGESTION"},
    {"socket_get_option_data", run_get_option_data, "SO_LINGER"},
    {"socket_set_option_addr", run_set_option_addr, NULL},
    {"socket_get_option_addr", run_get_option_addr, NULL},
    {"socket_set_option_raw", run_set_option_raw, NULL},
    {"socket_get_option_raw", run_get_option_raw, NULL},
    {NULL, NULL, NULL},
};
