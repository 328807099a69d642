/* SPDX-License-Identifier: MIT */
/* check_faults_other.c: pollers, names, interfaces, limits, features: how check_faults calls
 * them, and what of them is not the errno of the call that failed. */
#include "check_faults.h"

#include <netdb.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

/* ---- pollers ---------------------------------------------------------------------- */

static long run_poller_new(void) {
    llnet_poller *self = stage_poller;
    long result = TRY(llnet_poller_new(&self, subject_argument));

    must((result < 0) == (self == NULL));
    llnet_poller_free(self);
    return result;
}

static long run_poller_end(void (*end)(llnet_poller *)) {
    int before = count_descriptors();
    llnet_poller *self;

    assert_ok(llnet_poller_new(&self, NULL));
    faults_begin();
    end(self);
    faults_end();
    must(count_descriptors() == before);
    return 0;
}

static void close_and_free(llnet_poller *self) {
    must(llnet_poller_close(self) == 0);
    faults_end();
    llnet_poller_free(self);
}

static long run_poller_free(void) {
    return run_poller_end(llnet_poller_free);
}

static long run_poller_close(void) {
    return run_poller_end(close_and_free);
}

/* The stage's, or one of the backend that the subject names. */
static llnet_poller *open_poller(void) {
    llnet_poller *self;

    assert_ok(llnet_poller_new(&self, subject_argument));
    assert_ok(llnet_poller_add(self, llnet_socket_fileno(&stage->server), POLLIN, 7));
    return self;
}

static void assert_watched(llnet_poller *self) {
    uint64_t token = 0;
    int events = 0;

    stage_feed(&stage->client, &stage->server);
    must(llnet_poller_wait(self, -1) == 1);
    assert_ok(llnet_poller_get_event(self, 0, &token, &events));
    must(token == 7 && events == POLLIN);
    stage_drain(&stage->server);
}

static long run_poller_add(void) {
    llnet_poller *self = open_poller();
    long result = TRY(llnet_poller_add(self, llnet_socket_fileno(&stage->udp), POLLIN, 8));

    assert_watched(self);
    must(llnet_poller_remove(self, llnet_socket_fileno(&stage->udp)) == (result < 0 ? -ENOENT : 0));
    llnet_poller_free(self);
    return result;
}

static long run_poller_modify(void) {
    llnet_poller *self = open_poller();
    long result = TRY(llnet_poller_modify(self, llnet_socket_fileno(&stage->server), POLLIN | POLLOUT, 7));

    /* EBADF, ENOENT: it was closed, and its events are the past's */
    if (result < 0 && result != -EBADF && result != -ENOENT && subject_argument[0] == 'e')
        assert_watched(self);
    llnet_poller_free(self);
    return result;
}

static long run_poller_remove(void) {
    llnet_poller *self = open_poller();
    long result = TRY(llnet_poller_remove(self, llnet_socket_fileno(&stage->server)));

    stage_feed(&stage->client, &stage->server); /* its token may be gone, whatever the system said */
    must(llnet_poller_wait(self, 0) == 0);
    stage_drain(&stage->server);
    llnet_poller_free(self);
    return result;
}

static long run_poller_wait(void) {
    llnet_poller *self = open_poller();
    long result;

    stage_feed(&stage->client, &stage->server);
    result = TRY(llnet_poller_wait(self, 1000));
    stage_drain(&stage->server);
    assert_watched(self);
    llnet_poller_free(self);
    return result;
}

static long run_poller_wait_ns(void) {
    llnet_poller *self = open_poller();
    long result;

    stage_feed(&stage->client, &stage->server);
    result = TRY(llnet_poller_wait_ns(self, 1000000001));
    stage_drain(&stage->server);
    assert_watched(self);
    llnet_poller_free(self);
    return result;
}

/* A wake, and the wait that it ends, whose read may fail. */
static long run_poller_wake(void) {
    long result = TRY(llnet_poller_wake(stage_poller));

    if (result == 0)
        result = TRY(llnet_poller_wait(stage_poller, 0));
    must(llnet_poller_wait(stage_poller, 0) == 0);
    return result;
}

static long run_poll_ns(void) {
    struct pollfd entry = {(int)llnet_socket_fileno(&stage->client), POLLOUT, 0};

    return TRY(llnet_poll_ns(&entry, 1, 1000000001));
}

static long run_poll_ms(void) {
    struct pollfd entry = {(int)llnet_socket_fileno(&stage->client), POLLOUT, 0};

    return TRY(llnet_poll_ns(&entry, 1, -1));
}

/* ---- names ------------------------------------------------------------------------ */

static long run_addrinfo_new(void) {
    llnet_addrinfo *self = NULL;
    long result = TRY(llnet_addrinfo_new(&self, "127.0.0.1", "80", AF_UNSPEC, SOCK_STREAM, 0, AI_NUMERICHOST));

    must((result < 0) == (self == NULL));
    llnet_addrinfo_free(self);
    return result;
}

static long run_get_nameinfo(void) {
    char host[64], service[32];

    return TRY(llnet_addr_get_nameinfo(&stage->listener_addr, host, sizeof host, service, sizeof service,
                                       NI_NUMERICHOST | NI_NUMERICSERV));
}

static long run_protocol_get_number(void) {
    return TRY(llnet_protocol_get_number("tcp"));
}

static long run_protocol_get_name(void) {
    char name[32];

    return TRY(llnet_protocol_get_name(6, name, sizeof name));
}

static long run_service_by_name(void) {
    char name[32], protocol[32];

    return TRY(llnet_service_by_name("http", "tcp", name, sizeof name, &stage->value, protocol, sizeof protocol));
}

static long run_service_by_port(void) {
    char name[32], protocol[32];

    return TRY(llnet_service_by_port(80, "tcp", name, sizeof name, &stage->value, protocol, sizeof protocol));
}

static long run_name_to_index(void) {
    return TRY(llnet_interface_name_to_index("lo"));
}

static long run_index_to_name(void) {
    char name[32] = "mark";
    long result = TRY(llnet_interface_index_to_name(1, name, sizeof name));

    must(strcmp(name, result < 0 ? "mark" : "lo") == 0);
    return result;
}

/* A name that cannot be had: the scope stays a number. */
static long run_addr_format(void) {
    llnet_addr addr;
    char text[64] = "";
    long result;

    llnet_addr_init(&addr);
    assert_ok(llnet_addr_set_ip(&addr, "fe80::1", 0));
    assert_ok(llnet_addr_set_scope_id(&addr, 1));
    result = TRY(llnet_addr_format(&addr, text, sizeof text));
    must(strstr(text, faults_fired() ? "fe80::1%1" : "fe80::1%lo") != NULL);
    return result;
}

static long run_addr_text(void) {
    return TRY(llnet_addr_parse(&stage->addr, "[fe80::1%lo]:80"));
}

static long run_addr_set_ip(void) {
    return TRY(llnet_addr_set_ip(&stage->addr, "fe80::1%lo", 80));
}

static long run_interfaces_new(void) {
    llnet_interfaces *self = NULL;
    long result = TRY(llnet_interfaces_new(&self));

    must((result < 0) == (self == NULL));
    llnet_interfaces_free(self);
    return result;
}

/* ---- limits, features, inherited descriptors -------------------------------------------- */

/* A limit that cannot be read is absent, with why; the others are there. */
static long run_limits_new(void) {
    llnet_limits *self = NULL;
    long result = TRY(llnet_limits_new(&self));
    size_t failed = 0;

    must(result == 0 || (result == -ENOMEM && faults_fired()));
    for (size_t i = 0; self != NULL && i < llnet_limits_get_count(self); i++)
        failed += llnet_limits_get_status(self, i) < 0;
    must(self == NULL || (llnet_limits_get_count(self) > 10 && failed < llnet_limits_get_count(self)));
    llnet_limits_free(self);
    return result;
}

static long run_feature_probe(void) {
    return TRY(llnet_feature_probe(subject_argument));
}

static long run_inherit_socket(void) {
    int third = (int)llnet_socket_fileno(&stage->listener);
    char pid[32], count[32];
    long result;

    snprintf(pid, sizeof pid, "%ld", (long)getpid());
    snprintf(count, sizeof count, "%d", third - 2);
    must(setenv("LISTEN_PID", pid, 1) == 0 && setenv("LISTEN_FDS", count, 1) == 0);
    result = TRY(llnet_inherit_socket((size_t)third - 3, &stage->out));
    if (result == 0) /* it is the stage's, too */
        must(llnet_socket_detach(&stage->out) == third);
    assert_ok(llnet_inherit_clear());
    return result;
}

const struct subject other_subjects[] = {
    {"poller_new", run_poller_new, "epoll"},
    {"poller_new", run_poller_new, "poll"},
    {"poller_free", run_poller_free, NULL},
    {"poller_close", run_poller_close, NULL},
    {"poller_add", run_poller_add, "epoll"},
    {"poller_add", run_poller_add, "poll"},
    {"poller_modify", run_poller_modify, "epoll"},
    {"poller_modify", run_poller_modify, "poll"},
    {"poller_remove", run_poller_remove, "epoll"},
    {"poller_remove", run_poller_remove, "poll"},
    {"poller_wait", run_poller_wait, "epoll"},
    {"poller_wait", run_poller_wait, "poll"},
    {"poller_wait_ns", run_poller_wait_ns, "epoll"},
    {"poller_wait_ns", run_poller_wait_ns, "poll"},
    {"poller_wake", run_poller_wake, NULL},
    {"poll_ns", run_poll_ns, NULL},
    {"poll_ns", run_poll_ms, NULL},
    {"addrinfo_new", run_addrinfo_new, NULL},
    {"addr_get_nameinfo", run_get_nameinfo, NULL},
    {"protocol_get_number", run_protocol_get_number, NULL},
    {"protocol_get_name", run_protocol_get_name, NULL},
    {"service_by_name", run_service_by_name, NULL},
    {"service_by_port", run_service_by_port, NULL},
    {"interface_name_to_index", run_name_to_index, NULL},
    {"interface_index_to_name", run_index_to_name, NULL},
    {"addr_format", run_addr_format, NULL},
    {"addr_parse", run_addr_text, NULL},
    {"addr_set_ip", run_addr_set_ip, NULL},
    {"interfaces_new", run_interfaces_new, NULL},
    {"limits_new", run_limits_new, NULL},
    {"feature_probe", run_feature_probe, NULL}, /* of each feature */
    {"inherit_socket", run_inherit_socket, NULL},
    {NULL, NULL, NULL},
};

/* Fallbacks, and calls whose failure is an answer. */
const struct exception exceptions[] = {
    /* the descriptor is gone; elsewhere it is one that the caller never saw */
    {"socket_close", "close", 0, ERRNO},
    {NULL, "close", 0, PASSES},
    /* whole transfers wait, and go on */
    {"socket_send_all", "send", EAGAIN, PASSES},
    {"socket_send_all_buffer", "send", EAGAIN, PASSES},
    {"socket_recv_exact", "recv", EAGAIN, PASSES},
    {"socket_recv_exact", NULL, ETIMEDOUT, ANY}, /* the deadline's, too */
    {"socket_recv_exact_buffer", "recv", EAGAIN, PASSES},
    {"socket_recv_until", "recv", EAGAIN, PASSES},
    {"socket_connect_until", "connect", EINPROGRESS, PASSES},
    {"socket_connect_until", "connect", EALREADY, PASSES},
    /* a socket whose type cannot be told has no end */
    {"socket_recv", "getsockopt", 0, PASSES},
    {"socket_read", "getsockopt", 0, -LLNET_ECLOSED}, /* but here it may be no socket at all */
    /* the kernel does not cut here, so the library does */
    {"socket_send_segments", "sendmsg", EINVAL, PASSES},
    {"socket_send_segments", "sendmsg", EIO, PASSES},
    {"socket_send_segments", "sendmsg", EMSGSIZE, PASSES},
    {"socket_send_segments", "sendmsg", EOPNOTSUPP, PASSES},
    {"socket_send_segments_buffer", "sendmsg", EINVAL, PASSES},
    {"socket_send_segments_buffer", "sendmsg", EIO, PASSES},
    {"socket_send_segments_buffer", "sendmsg", EMSGSIZE, PASSES},
    {"socket_send_segments_buffer", "sendmsg", EOPNOTSUPP, PASSES},
    /* not TCP */
    {"socket_get_backlog", "getsockopt", EOPNOTSUPP, -ENOTSUP},
    {"socket_get_backlog", "getsockopt", ENOPROTOOPT, -ENOTSUP},
    /* all else comes of a kernel that knows the option */
    {"option_probe", "getsockopt", ENOPROTOOPT, ERRNO},
    {"option_probe", "getsockopt", 0, PASSES},
    /* epoll_pwait2 is missing, or a sandbox has not heard of it */
    {"poller_wait_ns", "syscall", ENOSYS, PASSES},
    {"poller_wait_ns", "syscall", EPERM, PASSES},
    /* the alarm rings already; or it could not be read, and rings on */
    {"poller_wake", "write", EAGAIN, PASSES},
    {"poller_wake", "read", 0, PASSES},
    /* not there; more room */
    {"protocol_get_number", NULL, EINVAL, -ENOENT},
    {"protocol_get_name", NULL, EINVAL, -ENOENT},
    {"service_by_name", NULL, EINVAL, -ENOENT},
    {"service_by_port", NULL, EINVAL, -ENOENT},
    {"protocol_get_number", NULL, ERANGE, PASSES},
    {"protocol_get_name", NULL, ERANGE, PASSES},
    {"service_by_name", NULL, ERANGE, PASSES},
    {"service_by_port", NULL, ERANGE, PASSES},
    /* what glibc makes of it inside */
    {"protocol_get_number", "malloc", 0, ANY},
    {"protocol_get_name", "malloc", 0, ANY},
    {"service_by_name", "malloc", 0, ANY},
    {"service_by_port", "malloc", 0, ANY},
    /* the buffer is freed */
    {"pool_give", "realloc", 0, PASSES},
    /* a scope without a name is a number; BSD's word for no such interface */
    {"addr_format", "if_indextoname", 0, ANY},
    {"addr_parse", "if_nametoindex", ENXIO, -ENODEV},
    {"addr_set_ip", "if_nametoindex", ENXIO, -ENODEV},
    /* a limit that cannot be read is absent */
    {"limits_new", "malloc", 0, ERRNO},
    {"limits_new", "calloc", 0, ERRNO},
    {"limits_new", NULL, ENOMEM, ANY},
    {"limits_new", NULL, 0, PASSES},
    /* nobody connected, as it should be */
    {"feature_probe", "accept4", EAGAIN, PASSES},
    /* the time of a datagram may not be there yet: it is asked again */
    {"feature_probe", "recvmsg", ENOPROTOOPT, ANY},
    {"feature_probe", "send", ENOPROTOOPT, ANY},
    {NULL, NULL, 0, 0},
};
