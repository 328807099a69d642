/* SPDX-License-Identifier: MIT */
/* check_option_tcp_info.c: TCP_INFO and MPTCP_INFO: their fields against the kernel's
 * headers, and what they tell of real sockets. */
#include "harness.h"

/* instead of netinet/tcp.h, whose struct tcp_info is older */
#include <linux/tcp.h>
#include <sys/socket.h>
#ifdef __GLIBC__
#include <linux/mptcp.h>
#endif

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const llnet_option *find(const char *name) {
    const llnet_option *option = llnet_option_find(name);
    ck_assert_ptr_nonnull(option);
    return option;
}

static size_t field(const llnet_option *option, const char *name) {
    const char *at;
    size_t i;

    for (i = 0; (at = llnet_option_get_field_name(option, i)) != NULL; i++)
        if (strcmp(at, name) == 0)
            return i;
    ck_abort_msg("%s has no field %s", llnet_option_get_name(option), name);
}

static int64_t get_field(const llnet_option *option, const char *name, const void *record, size_t len) {
    int64_t value = -99;
    assert_ok(llnet_option_get_field_int(option, field(option, name), record, len, &value));
    return value;
}

static void set_field(const llnet_option *option, const char *name, void *record, size_t len, int64_t value) {
    assert_ok(llnet_option_set_field_int(option, field(option, name), record, len, value));
}

static void same(const char *option, const void *record, size_t len, const char *name, uint64_t want) {
    ck_assert_msg((uint64_t)get_field(find(option), name, record, len) == want, "%s differs", name);
}

#define SAME(name, member) same("TCP_INFO", record, len, name, info.tcpi_##member)

START_TEST(the_fields_of_tcp_info_are_those_of_the_kernels_header) {
    unsigned char record[sizeof(struct tcp_info)] = {0};
    struct tcp_info info;
    size_t i, len = sizeof record;

    for (i = 0; i < len; i++) /* no two fields alike */
        record[i] = (unsigned char)(i * 37 + 11);
    memcpy(&info, record, len);
    SAME("state", state), SAME("ca_state", ca_state), SAME("retransmits", retransmits), SAME("probes", probes);
    SAME("backoff", backoff), SAME("options", options), SAME("snd_wscale", snd_wscale);
    SAME("rcv_wscale", rcv_wscale), SAME("delivery_rate_app_limited", delivery_rate_app_limited);
    SAME("fastopen_client_fail", fastopen_client_fail), SAME("rto_us", rto), SAME("ato_us", ato);
    SAME("snd_mss", snd_mss), SAME("rcv_mss", rcv_mss), SAME("unacked", unacked), SAME("sacked", sacked);
    SAME("lost", lost), SAME("retrans", retrans), SAME("fackets", fackets);
    SAME("last_data_sent_ms", last_data_sent), SAME("last_ack_sent_ms", last_ack_sent);
    SAME("last_data_recv_ms", last_data_recv), SAME("last_ack_recv_ms", last_ack_recv), SAME("pmtu", pmtu);
    SAME("rcv_ssthresh", rcv_ssthresh), SAME("rtt_us", rtt), SAME("rttvar_us", rttvar);
    SAME("snd_ssthresh", snd_ssthresh), SAME("snd_cwnd", snd_cwnd), SAME("advmss", advmss);
    SAME("reordering", reordering), SAME("rcv_rtt_us", rcv_rtt), SAME("rcv_space", rcv_space);
    SAME("total_retrans", total_retrans), SAME("pacing_rate", pacing_rate);
    SAME("max_pacing_rate", max_pacing_rate), SAME("bytes_acked", bytes_acked);
    SAME("bytes_received", bytes_received), SAME("segs_out", segs_out), SAME("segs_in", segs_in);
    SAME("notsent_bytes", notsent_bytes), SAME("min_rtt_us", min_rtt), SAME("data_segs_in", data_segs_in);
    SAME("data_segs_out", data_segs_out), SAME("delivery_rate", delivery_rate), SAME("busy_time_us", busy_time);
    SAME("rwnd_limited_us", rwnd_limited), SAME("sndbuf_limited_us", sndbuf_limited);
    SAME("delivered", delivered), SAME("delivered_ce", delivered_ce), SAME("bytes_sent", bytes_sent);
    SAME("bytes_retrans", bytes_retrans), SAME("dsack_dups", dsack_dups), SAME("reord_seen", reord_seen);
    SAME("rcv_ooopack", rcv_ooopack), SAME("snd_wnd", snd_wnd);
}
END_TEST

/* What Linux 6.18 has after the last field that older headers know. */
struct tail {
    uint32_t snd_wnd, rcv_wnd, rehash;
    uint16_t total_rto, total_rto_recoveries;
    uint32_t total_rto_time, received_ce;
    uint32_t delivered_e1_bytes, delivered_e0_bytes, delivered_ce_bytes;
    uint32_t received_e1_bytes, received_e0_bytes, received_ce_bytes;
};

#define SAME_TAIL(name, member) same("TCP_INFO", record, len, name, tail.member)

START_TEST(fields_newer_than_the_header_follow_it) {
    size_t i, start = offsetof(struct tcp_info, tcpi_snd_wnd), len = start + sizeof(struct tail);
    unsigned char record[LLNET_OPTION_RECORD_MAX];
    struct tail tail;

    for (i = 0; i < len; i++)
        record[i] = (unsigned char)(i * 37 + 11);
    memcpy(&tail, record + start, sizeof tail);
    SAME_TAIL("snd_wnd", snd_wnd), SAME_TAIL("rcv_wnd", rcv_wnd), SAME_TAIL("rehash", rehash);
    SAME_TAIL("total_rto", total_rto), SAME_TAIL("total_rto_recoveries", total_rto_recoveries);
    SAME_TAIL("total_rto_time_ms", total_rto_time), SAME_TAIL("received_ce", received_ce);
    SAME_TAIL("delivered_e1_bytes", delivered_e1_bytes), SAME_TAIL("delivered_e0_bytes", delivered_e0_bytes);
    SAME_TAIL("delivered_ce_bytes", delivered_ce_bytes), SAME_TAIL("received_e1_bytes", received_e1_bytes);
    SAME_TAIL("received_e0_bytes", received_e0_bytes), SAME_TAIL("received_ce_bytes", received_ce_bytes);
}
END_TEST

START_TEST(tcp_info_describes_a_connection) {
    const llnet_option *option = find("TCP_INFO");
    char record[LLNET_OPTION_RECORD_MAX], byte;
    llnet_socket client, server;
    llnet_count len;

    open_tcp_pair(&client, &server);
    ck_assert_int_eq(llnet_socket_send(&client, "x", 1, 0), 1);
    ck_assert_int_eq(llnet_socket_recv(&server, &byte, 1, 0), 1);
    len = llnet_socket_get_option_data(&client, "TCP_INFO", record, sizeof record);
    ck_assert_int_ge(len, 104);
    ck_assert_int_eq(get_field(option, "state", record, (size_t)len), 1); /* TCP_ESTABLISHED */
    ck_assert_int_gt(get_field(option, "rtt_us", record, (size_t)len), 0);
    ck_assert_int_gt(get_field(option, "snd_cwnd", record, (size_t)len), 0);
    if (len >= 216)
        ck_assert_int_eq(get_field(option, "bytes_sent", record, (size_t)len), 1);
    len = llnet_socket_get_option_data(&server, "TCP_INFO", record, sizeof record);
    if (len >= 136)
        ck_assert_int_eq(get_field(option, "bytes_received", record, (size_t)len), 1);
    assert_ok(llnet_socket_close(&client));
    assert_ok(llnet_socket_close(&server));
}
END_TEST

START_TEST(tcp_info_describes_a_listener) {
    const llnet_option *option = find("TCP_INFO");
    char record[LLNET_OPTION_RECORD_MAX];
    llnet_socket listener;
    llnet_addr addr;
    llnet_count len;

    open_listener(&listener, &addr);
    len = llnet_socket_get_option_data(&listener, "TCP_INFO", record, sizeof record);
    assert_ok(len);
    ck_assert_int_eq(get_field(option, "state", record, (size_t)len), 10);  /* TCP_LISTEN */
    ck_assert_int_eq(get_field(option, "sacked", record, (size_t)len), 16); /* the harness's backlog */
    assert_ok(llnet_socket_close(&listener));
}
END_TEST

START_TEST(an_older_kernels_record_lacks_the_newer_fields) {
    const llnet_option *option = find("TCP_INFO");
    char record[LLNET_OPTION_RECORD_MAX] = {0};
    int64_t value = 7;

    /* 104 bytes: Linux before 3.15 */
    assert_ok(llnet_option_get_field_int(option, field(option, "total_retrans"), record, 104, &value));
    ck_assert_int_eq(value, 0);
    assert_error(llnet_option_get_field_int(option, field(option, "total_retrans"), record, 103, &value), ENODATA);
    assert_error(llnet_option_get_field_int(option, field(option, "pacing_rate"), record, 104, &value), ENODATA);
    assert_error(llnet_option_get_field_int(option, field(option, "total_rto_time_ms"), record, 232, &value),
                 ENODATA);
}
END_TEST

START_TEST(bit_fields_leave_their_neighbours_alone) {
    const llnet_option *option = find("TCP_INFO");
    struct tcp_info info;

    memset(&info, 0, sizeof info);
    set_field(option, "snd_wscale", &info, sizeof info, 7);
    set_field(option, "rcv_wscale", &info, sizeof info, 9);
    set_field(option, "fastopen_client_fail", &info, sizeof info, 3);
    set_field(option, "delivery_rate_app_limited", &info, sizeof info, 1);
    set_field(option, "fastopen_client_fail", &info, sizeof info, 2);
    ck_assert_uint_eq(info.tcpi_snd_wscale, 7);
    ck_assert_uint_eq(info.tcpi_rcv_wscale, 9);
    ck_assert_uint_eq(info.tcpi_fastopen_client_fail, 2);
    ck_assert_uint_eq(info.tcpi_delivery_rate_app_limited, 1);
    assert_error(llnet_option_set_field_int(option, field(option, "snd_wscale"), &info, sizeof info, 16), ERANGE);
    assert_error(llnet_option_set_field_int(option, field(option, "state"), &info, sizeof info, 256), ERANGE);
    assert_error(llnet_option_set_field_int(option, field(option, "state"), &info, sizeof info, -1), ERANGE);
}
END_TEST

/* ---- MPTCP ---------------------------------------------------------------------- */

/* What Linux 6.18 has. */
struct mptcp {
    uint8_t subflows, add_addr_signal, add_addr_accepted, subflows_max, add_addr_signal_max, add_addr_accepted_max;
    uint32_t flags, token;
    uint64_t write_seq, snd_una, rcv_nxt;
    uint8_t local_addr_used, local_addr_max, csum_enabled;
    uint32_t retransmits;
    uint64_t bytes_retrans, bytes_sent, bytes_received, bytes_acked;
    uint8_t subflows_total, endp_laminar_max, endp_fullmesh_max, reserved;
    uint32_t last_data_sent, last_data_recv, last_ack_recv;
};

#define SAME_MPTCP(name, member) same("MPTCP_INFO", record, len, name, info.member)

START_TEST(the_fields_of_mptcp_info_are_those_of_the_kernel) {
    unsigned char record[sizeof(struct mptcp)] = {0};
    struct mptcp info;
    size_t i, len = sizeof record;

    ck_assert_uint_eq(llnet_option_get_record_size(find("MPTCP_INFO")), len);
    for (i = 0; i < len; i++) /* no two fields alike */
        record[i] = (unsigned char)(i * 37 + 11);
    memcpy(&info, record, len);
    SAME_MPTCP("subflows", subflows), SAME_MPTCP("add_addr_signal", add_addr_signal);
    SAME_MPTCP("add_addr_accepted", add_addr_accepted), SAME_MPTCP("subflows_max", subflows_max);
    SAME_MPTCP("add_addr_signal_max", add_addr_signal_max);
    SAME_MPTCP("add_addr_accepted_max", add_addr_accepted_max), SAME_MPTCP("flags", flags);
    SAME_MPTCP("token", token), SAME_MPTCP("write_seq", write_seq), SAME_MPTCP("snd_una", snd_una);
    SAME_MPTCP("rcv_nxt", rcv_nxt), SAME_MPTCP("local_addr_used", local_addr_used);
    SAME_MPTCP("local_addr_max", local_addr_max), SAME_MPTCP("csum_enabled", csum_enabled != 0);
    SAME_MPTCP("retransmits", retransmits), SAME_MPTCP("bytes_retrans", bytes_retrans);
    SAME_MPTCP("bytes_sent", bytes_sent), SAME_MPTCP("bytes_received", bytes_received);
    SAME_MPTCP("bytes_acked", bytes_acked), SAME_MPTCP("subflows_total", subflows_total);
    SAME_MPTCP("endp_laminar_max", endp_laminar_max), SAME_MPTCP("endp_fullmesh_max", endp_fullmesh_max);
    SAME_MPTCP("last_data_sent_ms", last_data_sent), SAME_MPTCP("last_data_recv_ms", last_data_recv);
    SAME_MPTCP("last_ack_recv_ms", last_ack_recv);
#ifdef __GLIBC__ /* and that header is older */
    ck_assert_uint_eq(offsetof(struct mptcp, csum_enabled), offsetof(struct mptcp_info, mptcpi_csum_enabled));
    ck_assert_uint_eq(offsetof(struct mptcp, add_addr_accepted_max),
                      offsetof(struct mptcp_info, mptcpi_add_addr_accepted_max));
    ck_assert_uint_eq(offsetof(struct mptcp, token), offsetof(struct mptcp_info, mptcpi_token));
    ck_assert_uint_eq(offsetof(struct mptcp, rcv_nxt), offsetof(struct mptcp_info, mptcpi_rcv_nxt));
    ck_assert_int_eq(llnet_option_get_number(find("MPTCP_INFO")), MPTCP_INFO);
#endif
}
END_TEST

START_TEST(an_mptcp_record_of_any_length_has_the_fields_that_are_whole) {
    static const struct {
        const char *name;
        size_t end;
    } ends[] = {{"subflows", 1},       {"flags", 12},       {"rcv_nxt", 40},        {"csum_enabled", 43},
                {"retransmits", 48},   {"bytes_acked", 80}, {"subflows_total", 81}, {"last_ack_recv_ms", 96},
                {"add_addr_signal", 2}};
    const llnet_option *option = find("MPTCP_INFO");
    int64_t value;
    size_t len, i;
    char *record;

    for (len = 0; len <= 96; len++) {
        record = calloc(1, len != 0 ? len : 1); /* the sanitizer sees the end */
        ck_assert_ptr_nonnull(record);
        for (i = 0; i < COUNT(ends); i++)
            ck_assert_int_eq(llnet_option_get_field_int(option, field(option, ends[i].name), record, len, &value),
                             ends[i].end <= len ? 0 : -ENODATA);
        free(record);
    }
}
END_TEST

/* A listener of this protocol, and a client of MPTCP and what it was accepted as. */
static void connect_mptcp(int protocol, llnet_socket *listener, llnet_socket *client, llnet_socket *server) {
    llnet_addr addr;

    assert_ok(llnet_addr_parse(&addr, "127.0.0.1:0"));
    assert_ok(llnet_socket_open(listener, AF_INET, SOCK_STREAM, protocol, 0));
    assert_ok(llnet_socket_bind(listener, &addr));
    assert_ok(llnet_socket_listen(listener, 1));
    assert_ok(llnet_socket_get_sockname(listener, &addr));
    assert_ok(llnet_socket_open(client, AF_INET, SOCK_STREAM, 262, 0));
    assert_ok(llnet_socket_connect(client, &addr));
    assert_ok(llnet_socket_accept(listener, server, NULL, 0));
}

/* Whether ss(8) tells this number of the connection from this port; true where there is no
 * such ss. */
static bool ss_shows(int port, const char *name, int64_t number) {
    char command[80], text[64], output[4096];
    const char *at;
    FILE *pipe;
    size_t len;

    snprintf(command, sizeof command, "ss -MHnie 'sport = :%d' 2>/dev/null", port);
    snprintf(text, sizeof text, " %s:%llx", name, (unsigned long long)number);
    pipe = popen(command, "r");
    ck_assert_ptr_nonnull(pipe);
    len = fread(output, 1, sizeof output - 1, pipe);
    output[len] = '\0';
    pclose(pipe);
    at = strstr(output, text);
    return strstr(output, "token:") == NULL || (at != NULL && strchr(" \n", at[strlen(text)]) != NULL);
}

START_TEST(mptcp_info_describes_a_connection) {
    static const char *const shown[] = {"token", "write_seq", "snd_una", "rcv_nxt"};
    const llnet_option *option = find("MPTCP_INFO");
    llnet_socket listener, client, server;
    char record[LLNET_OPTION_RECORD_MAX], bytes[1000] = {0};
    llnet_addr addr;
    llnet_count len;
    size_t i;
    int port;

    if (llnet_option_probe(option) != 0)
        skip("no MPTCP");
    connect_mptcp(262, &listener, &client, &server);
    ck_assert_int_eq(llnet_socket_send(&client, bytes, 1000, 0), 1000);
    ck_assert_int_eq(llnet_socket_recv(&server, bytes, 1000, MSG_WAITALL), 1000);
    ck_assert_int_eq(llnet_socket_send(&server, bytes, 10, 0), 10);
    ck_assert_int_eq(llnet_socket_recv(&client, bytes, 10, MSG_WAITALL), 10);
    len = llnet_socket_get_option_data(&client, "MPTCP_INFO", record, sizeof record);
    assert_ok(len);
    ck_assert_int_eq(get_field(option, "subflows", record, (size_t)len), 0);
    ck_assert_int_eq(get_field(option, "flags", record, (size_t)len) & 3, 2); /* no fallback; the peer's key */
    assert_ok(llnet_socket_get_sockname(&client, &addr));
    port = (int)llnet_addr_get_port(&addr);
    for (i = 0; i < COUNT(shown); i++)
        ck_assert(ss_shows(port, shown[i], get_field(option, shown[i], record, (size_t)len)));
    if (len >= 80) {
        ck_assert_int_eq(get_field(option, "bytes_sent", record, (size_t)len), 1000);
        ck_assert_int_eq(get_field(option, "bytes_received", record, (size_t)len), 10);
    }
    ck_assert_int_eq(llnet_socket_get_option_data(&client, "MPTCP_INFO", record, 7), 7);
    assert_error(llnet_socket_set_option_data(&client, "MPTCP_INFO", record, 7), EACCES);
    assert_ok(llnet_socket_close(&listener));
    assert_ok(llnet_socket_close(&client));
    assert_ok(llnet_socket_close(&server));
}
END_TEST

START_TEST(what_fell_back_to_tcp_has_no_mptcp_info) {
    llnet_socket listener, client, server;
    char record[LLNET_OPTION_RECORD_MAX];
    llnet_count len;

    if (llnet_option_probe(find("MPTCP_INFO")) != 0)
        skip("no MPTCP");
    connect_mptcp(0, &listener, &client, &server);
    len = llnet_socket_get_option_data(&client, "MPTCP_INFO", record, sizeof record);
    ck_assert_msg(len == -EOPNOTSUPP || len == -ENOPROTOOPT, "%ld", (long)len);
    len = llnet_socket_get_option_data(&server, "MPTCP_INFO", record, sizeof record);
    ck_assert_msg(len == -EOPNOTSUPP || len == -ENOPROTOOPT, "%ld", (long)len);
    assert_ok(llnet_socket_close(&listener));
    assert_ok(llnet_socket_close(&client));
    assert_ok(llnet_socket_close(&server));
}
END_TEST

int main(void) {
    Suite *suite = suite_create("option_tcp_info");
    TCase *tcp_info = add_case(suite, "tcp_info");
    TCase *mptcp = add_case(suite, "mptcp");

    tcase_add_test(tcp_info, the_fields_of_tcp_info_are_those_of_the_kernels_header);
    tcase_add_test(tcp_info, fields_newer_than_the_header_follow_it);
    tcase_add_test(tcp_info, tcp_info_describes_a_connection);
    tcase_add_test(tcp_info, tcp_info_describes_a_listener);
    tcase_add_test(tcp_info, an_older_kernels_record_lacks_the_newer_fields);
    tcase_add_test(tcp_info, bit_fields_leave_their_neighbours_alone);
    tcase_add_test(mptcp, the_fields_of_mptcp_info_are_those_of_the_kernel);
    tcase_add_test(mptcp, an_mptcp_record_of_any_length_has_the_fields_that_are_whole);
    tcase_add_test(mptcp, mptcp_info_describes_a_connection);
    tcase_add_test(mptcp, what_fell_back_to_tcp_has_no_mptcp_info);
    return run_suite(suite);
}
