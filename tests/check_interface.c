/* SPDX-License-Identifier: MIT */
/* check_interface.c: the list of interfaces is what ip(8) tells, in namespaces of the
 * tests' own. Built twice: over the library, and with src/interface_posix.c in it (then
 * POSIX_INTERFACES is defined), which knows no counters. */
#include "harness.h"
#include "netns.h"

#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#ifdef POSIX_INTERFACES
static const bool have_counters = false;
#else
static const bool have_counters = true;
#endif

enum { TEXT_MAX = 256 * 1024 };

/* ---- what the tests share --------------------------------------------------------- */

static char expected[TEXT_MAX], got[TEXT_MAX];
static size_t got_len;

static void add_text(const char *text) {
    size_t len = strlen(text);

    ck_assert_uint_lt(got_len + len, sizeof got);
    memcpy(got + got_len, text, len + 1);
    got_len += len;
}

static void add_number(const char *format, long long number) {
    char text[64];

    snprintf(text, sizeof text, format, number);
    add_text(text);
}

static void add_hardware_address(const llnet_interfaces *list, size_t index) {
    unsigned char bytes[64];
    llnet_count i, n = llnet_interfaces_get_hardware_address(list, index, bytes, sizeof bytes);

    if (n < 0) {
        assert_error(n, ENOENT);
        add_text(" -");
    }
    for (i = 0; i < n; i++)
        add_number(i == 0 ? " %02llx" : ":%02llx", bytes[i]);
    add_text("\n");
}

static void add_addr(llnet_status status, const llnet_addr *addr) {
    char text[LLNET_ADDR_TEXT_MAX];

    if (status < 0) {
        assert_error(status, ENOENT);
        add_text(" -");
        return;
    }
    assert_ok(llnet_addr_get_port(addr) == 0 ? 0 : -EINVAL);
    assert_ok(llnet_addr_get_ip(addr, text, sizeof text));
    add_text(" ");
    add_text(text);
}

static void add_address(const llnet_interfaces *list, size_t index, size_t address) {
    llnet_addr addr, other;
    llnet_status status;

    status = llnet_interfaces_get_address(list, index, address, &addr);
    assert_ok(status);
    add_addr(status, &addr);
    add_number("/%lld", llnet_interfaces_get_prefix_length(list, index, address));
    add_addr(llnet_interfaces_get_broadcast(list, index, address, &other), &other);
    add_addr(llnet_interfaces_get_peer(list, index, address, &other), &other);
    add_text("\n");
}

static void add_counters(const llnet_interfaces *list, size_t index) {
    int64_t value;
    size_t i;

    for (i = 0; llnet_interfaces_counter_at(i) != NULL; i++) {
        value = -1;
        assert_ok(llnet_interfaces_get_counter(list, index, llnet_interfaces_counter_at(i), &value));
        add_number(" %lld", value);
    }
    add_text("\n");
}

/* Writes the list to `got` as interfaces.py does. */
static void describe(const llnet_interfaces *list, bool counters) {
    size_t i;
    llnet_count address, n;
    uint32_t flags;

    got_len = 0;
    for (i = 0; i < llnet_interfaces_get_count(list); i++) {
        const char *name = llnet_interfaces_get_name(list, i);

        ck_assert_ptr_nonnull(name);
        flags = 0;
        assert_ok(llnet_interfaces_get_flags(list, i, &flags));
        add_number("%lld ", llnet_interfaces_get_ifindex(list, i));
        add_text(name);
        add_number(" %#llx", flags);
        add_number(" %lld", llnet_interfaces_get_mtu(list, i));
        add_hardware_address(list, i);
        if (counters && strcmp(name, "lo") == 0)
            add_counters(list, i);
        n = llnet_interfaces_get_address_count(list, i);
        assert_ok(n);
        for (address = 0; address < n; address++)
            add_address(list, i, (size_t)address);
    }
}

/* What ip tells; false: there is no ip, or no Python. */
static bool ask_ip(bool counters) {
    const char *srcdir = getenv("srcdir");
    char command[4096];

    snprintf(command, sizeof command, "python3 '%s/tests/interfaces.py' %s 2>/dev/null",
             srcdir != NULL ? srcdir : ".", counters ? "counters" : "");
    return read_command(command, expected, sizeof expected) > 0;
}

/* Line by line, for Check's messages have an end. */
static void assert_expected(void) {
    const char *a = got, *b = expected;

    while (*a != '\0' || *b != '\0') {
        int a_len = (int)strcspn(a, "\n"), b_len = (int)strcspn(b, "\n");

        ck_assert_msg(a_len == b_len && memcmp(a, b, (size_t)a_len) == 0, "got '%.*s', expected '%.*s'", a_len, a,
                      b_len, b);
        a += a_len + (a[a_len] == '\n');
        b += b_len + (b[b_len] == '\n');
    }
}

/* The list, which is as ip tells; false as above. */
static bool compare_with_ip(llnet_interfaces **out, bool counters) {
    if (!ask_ip(counters))
        return false;
    assert_ok(llnet_interfaces_new(out));
    describe(*out, counters);
    assert_expected();
    return true;
}

static llnet_interfaces *new_list(void) {
    llnet_interfaces *list;

    assert_ok(llnet_interfaces_new(&list));
    return list;
}

/* ---- what ip tells -------------------------------------------------------------- */

START_TEST(a_new_namespace_has_lo_alone_which_is_down_and_without_addresses) {
    llnet_interfaces *list;
    unsigned char bytes[6], zero[6] = {0};
    uint32_t flags = 0;

    if (!enter_netns())
        skip("no namespace of its own");
    list = new_list();
    ck_assert_uint_eq(llnet_interfaces_get_count(list), 1);
    ck_assert_int_eq(llnet_interfaces_get_ifindex(list, 0), 1);
    ck_assert_str_eq(llnet_interfaces_get_name(list, 0), "lo");
    assert_ok(llnet_interfaces_get_flags(list, 0, &flags));
    ck_assert_uint_eq(flags, IFF_LOOPBACK);
    ck_assert_int_eq(llnet_interfaces_get_mtu(list, 0), 65536);
    ck_assert_int_eq(llnet_interfaces_get_hardware_address(list, 0, bytes, sizeof bytes), 6);
    ck_assert_mem_eq(bytes, zero, sizeof zero);
    ck_assert_int_eq(llnet_interfaces_get_address_count(list, 0), 0);
    llnet_interfaces_free(list);
}
END_TEST

/* Interfaces of several kinds; nothing of theirs changes by itself: v1 stays down, and
 * so there is no link. */
static const char make_zoo[] =
    "ip link set lo up && ip addr add 127.0.0.5/8 dev lo && "
    "ip link add v0 type veth peer name v1 && ip link set v0 address 02:42:ac:11:00:02 mtu 1400 up && "
    "ip addr add 192.0.2.1/24 broadcast 192.0.2.255 dev v0 && ip addr add 10.1.2.3/8 dev v0 && "
    "ip addr add 192.0.2.9/24 broadcast + label v0:1 dev v0 && "
    "ip addr add 2001:db8::1/64 dev v0 nodad && ip addr add fe80::5/64 dev v0 nodad && "
    "ip addr add 2001:db8::2/128 dev v0 nodad && ip link set v1 name with.dot@x";

/* The two ends of links, and an interface without a hardware address. */
static const char make_links[] = "ip tuntap add t0 mode tun && ip addr add 10.7.0.1 peer 10.7.0.2/32 dev t0 && "
                                 "ip addr add 10.7.0.5/24 dev t0 && ip link set t0 mtu 576 multicast off";

/* getifaddrs(3) cannot tell these from broadcast addresses. */
static const char make_peers[] = "ip addr add 10.9.0.1 peer 10.9.0.2/32 dev v0 && "
                                 "ip addr add 2001:db8:9::1 peer 2001:db8:9::2/128 dev v0";

START_TEST(names_flags_mtu_hardware_and_ip_addresses_are_those_that_ip_tells) {
    llnet_interfaces *list;
    bool links;

    if (!enter_netns() || !run_command(make_zoo))
        skip("no namespace with veth interfaces");
    links = run_command(make_links); /* /dev/net/tun may be missing */
    if (have_counters)
        ck_assert(run_command(make_peers));
    if (!compare_with_ip(&list, false))
        skip("no ip and python3");
    ck_assert_uint_eq(llnet_interfaces_get_count(list), links ? 4 : 3);
    ck_assert_ptr_nonnull(strstr(got, " 192.0.2.9/24 192.0.2.255 -\n"));
    ck_assert_ptr_nonnull(strstr(got, " v0 0x1003 1400 02:42:ac:11:00:02\n"));
    ck_assert_ptr_nonnull(strstr(got, " fe80::5%v0/64 - -\n"));
    if (links)
        ck_assert_ptr_nonnull(strstr(got, " t0 0x90 576 -\n 10.7.0.1/32 - 10.7.0.2\n 10.7.0.5/24 - -\n"));
    if (have_counters)
        ck_assert_ptr_nonnull(strstr(got, " 2001:db8:9::1/128 - 2001:db8:9::2\n"));
    llnet_interfaces_free(list);
}
END_TEST

START_TEST(two_hundred_interfaces_are_listed_by_index) {
    llnet_interfaces *list;
    size_t i;

    if (!enter_netns() ||
        !run_command("for i in $(seq 100); do echo link add a$i type veth peer name b$i; "
                     "echo addr add 10.1.$i.1/24 dev a$i; echo addr add 10.1.$i.2/24 dev a$i; done | ip -batch -"))
        skip("no namespace with veth interfaces");
    if (!compare_with_ip(&list, false))
        skip("no ip and python3");
    ck_assert_uint_eq(llnet_interfaces_get_count(list), 201);
    for (i = 1; i < 201; i++)
        ck_assert_int_gt(llnet_interfaces_get_ifindex(list, i), llnet_interfaces_get_ifindex(list, i - 1));
    llnet_interfaces_free(list);
}
END_TEST

START_TEST(two_thousand_addresses_keep_their_order) {
    llnet_interfaces *list;

    if (!enter_netns() ||
        !run_command("for i in $(seq 0 1999); do echo addr add 10.$((i % 7)).$((i / 250)).$((i % 250))/32 "
                     "dev lo; done | ip -batch -"))
        skip("no namespace of its own");
    if (!compare_with_ip(&list, false))
        skip("no ip and python3");
    ck_assert_int_eq(llnet_interfaces_get_address_count(list, 0), 2000);
    llnet_interfaces_free(list);
}
END_TEST

START_TEST(counters_are_those_that_ip_tells) {
    llnet_interfaces *list;
    llnet_socket a, b;
    llnet_addr a_addr, b_addr;
    int64_t packets = 0, bytes = 0;

    if (!have_counters)
        skip("getifaddrs(3) tells none");
    if (!enter_netns() || !run_command("ip link set lo up"))
        skip("no namespace of its own");
    open_udp_pair(&a, &a_addr, &b, &b_addr);
    ck_assert_int_eq(llnet_socket_sendto(&a, "12345", 5, &b_addr, 0), 5);
    ck_assert_int_eq(llnet_socket_sendto(&a, "1234567", 7, &b_addr, 0), 7);
    assert_ok(llnet_socket_close(&a));
    assert_ok(llnet_socket_close(&b));
    if (!compare_with_ip(&list, true))
        skip("no ip and python3");
    assert_ok(llnet_interfaces_get_counter(list, 0, "tx_packets", &packets));
    assert_ok(llnet_interfaces_get_counter(list, 0, "rx_bytes", &bytes));
    ck_assert_int_eq(packets, 2);
    ck_assert_int_eq(bytes, 5 + 7 + 2 * (20 + 8)); /* IP, UDP */
    llnet_interfaces_free(list);
}
END_TEST

START_TEST(this_machines_own_interfaces_can_be_listed) {
    llnet_interfaces *list = new_list();
    bool loopback = false;
    size_t i;

    for (i = 0; i < llnet_interfaces_get_count(list); i++) {
        const char *name = llnet_interfaces_get_name(list, i);
        uint32_t flags = 0;

        assert_ok(llnet_interfaces_get_flags(list, i, &flags));
        ck_assert_uint_eq(if_nametoindex(name), (unsigned)llnet_interfaces_get_ifindex(list, i));
        loopback = loopback || (flags & IFF_LOOPBACK) != 0;
    }
    ck_assert(loopback);
    llnet_interfaces_free(list);
}
END_TEST

/* ---- what there is not ------------------------------------------------------------ */

START_TEST(past_the_end_is_out_of_bounds) {
    llnet_interfaces *list = new_list();
    const size_t n = llnet_interfaces_get_count(list), indexes[] = {n, n + 1, SIZE_MAX};
    unsigned char bytes[64];
    llnet_addr addr;
    uint32_t flags;
    int64_t value;
    size_t i;

    for (i = 0; i < 3; i++) {
        size_t past = indexes[i];
        assert_error(llnet_interfaces_get_ifindex(list, past), LLNET_EBOUNDS);
        ck_assert_ptr_null(llnet_interfaces_get_name(list, past));
        assert_error(llnet_interfaces_get_flags(list, past, &flags), LLNET_EBOUNDS);
        assert_error(llnet_interfaces_get_mtu(list, past), LLNET_EBOUNDS);
        assert_error(llnet_interfaces_get_hardware_address(list, past, bytes, sizeof bytes), LLNET_EBOUNDS);
        assert_error(llnet_interfaces_get_counter(list, past, "rx_bytes", &value), LLNET_EBOUNDS);
        assert_error(llnet_interfaces_get_address_count(list, past), LLNET_EBOUNDS);
        assert_error(llnet_interfaces_get_address(list, past, 0, &addr), LLNET_EBOUNDS);
        assert_error(llnet_interfaces_get_prefix_length(list, past, 0), LLNET_EBOUNDS);
        assert_error(llnet_interfaces_get_broadcast(list, past, 0, &addr), LLNET_EBOUNDS);
        assert_error(llnet_interfaces_get_peer(list, past, 0, &addr), LLNET_EBOUNDS);
    }
    llnet_interfaces_free(list);
    llnet_interfaces_free(NULL);
}
END_TEST

START_TEST(of_one_interface_the_next_address_is_out_of_bounds) {
    llnet_interfaces *list;
    llnet_addr addr;
    const size_t indexes[] = {2, 3, SIZE_MAX};
    size_t i;

    if (!enter_netns() || !run_command("ip addr add 127.0.0.1/8 dev lo && ip addr add 127.0.0.2/32 dev lo"))
        skip("no namespace of its own");
    list = new_list();
    ck_assert_int_eq(llnet_interfaces_get_address_count(list, 0), 2);
    assert_ok(llnet_interfaces_get_address(list, 0, 1, &addr));
    for (i = 0; i < 3; i++) {
        assert_error(llnet_interfaces_get_address(list, 0, indexes[i], &addr), LLNET_EBOUNDS);
        assert_error(llnet_interfaces_get_prefix_length(list, 0, indexes[i]), LLNET_EBOUNDS);
        assert_error(llnet_interfaces_get_broadcast(list, 0, indexes[i], &addr), LLNET_EBOUNDS);
        assert_error(llnet_interfaces_get_peer(list, 0, indexes[i], &addr), LLNET_EBOUNDS);
    }
    assert_error(llnet_interfaces_get_broadcast(list, 0, 0, &addr), ENOENT);
    assert_error(llnet_interfaces_get_peer(list, 0, 0, &addr), ENOENT);
    llnet_interfaces_free(list);
}
END_TEST

START_TEST(too_little_room_for_a_hardware_address_is_enobufs_and_writes_nothing) {
    llnet_interfaces *list;
    unsigned char bytes[6] = "abcde";

    if (!enter_netns())
        skip("no namespace of its own");
    list = new_list();
    assert_error(llnet_interfaces_get_hardware_address(list, 0, bytes, 5), ENOBUFS);
    assert_error(llnet_interfaces_get_hardware_address(list, 0, NULL, 0), ENOBUFS);
    ck_assert_str_eq((const char *)bytes, "abcde");
    llnet_interfaces_free(list);
}
END_TEST

START_TEST(counters_have_names_and_no_others) {
    static const char *const names[] = {"rx_packets", "tx_packets", "rx_bytes",   "tx_bytes",  "rx_errors",
                                        "tx_errors",  "rx_dropped", "tx_dropped", "multicast", "collisions"};
    llnet_interfaces *list = new_list();
    int64_t value = -7;
    size_t i;

    for (i = 0; i < 10; i++)
        ck_assert_str_eq(llnet_interfaces_counter_at(i), names[i]);
    ck_assert_ptr_null(llnet_interfaces_counter_at(10));
    ck_assert_ptr_null(llnet_interfaces_counter_at(SIZE_MAX));
    assert_error(llnet_interfaces_get_counter(list, 0, "rx_byte", &value), ENOENT);
    assert_error(llnet_interfaces_get_counter(list, 0, "", &value), ENOENT);
    if (!have_counters)
        assert_error(llnet_interfaces_get_counter(list, 0, "rx_bytes", &value), ENOENT);
    ck_assert_int_eq(value, -7);
    llnet_interfaces_free(list);
}
END_TEST

START_TEST(without_free_descriptors_there_is_no_list) {
    struct rlimit old, limit;
    llnet_interfaces *list = (llnet_interfaces *)&list;
    llnet_status status;
    int lowest = dup(0);

    ck_assert_int_ge(lowest, 0);
    close(lowest);
    ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &old), 0);
    limit = old;
    limit.rlim_cur = (rlim_t)lowest;
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
    status = llnet_interfaces_new(&list);
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &old), 0);
    assert_error(status, EMFILE);
    ck_assert_ptr_null(list);
}
END_TEST

/* ---- names and indexes ------------------------------------------------------------ */

START_TEST(names_become_indexes_and_indexes_names) {
    char name[LLNET_INTERFACE_NAME_MAX];
    llnet_count index;

    if (!enter_netns() || !run_command("ip link add v0 index 77 type veth peer name fifteen.letters index 78"))
        skip("no namespace with veth interfaces");
    ck_assert_int_eq(llnet_interface_name_to_index("lo"), 1);
    ck_assert_int_eq(llnet_interface_name_to_index("v0"), 77);
    index = llnet_interface_name_to_index("fifteen.letters");
    ck_assert_int_eq(index, 78);
    ck_assert_int_eq(llnet_interface_index_to_name(77, name, sizeof name), 2);
    ck_assert_str_eq(name, "v0");
    ck_assert_int_eq(llnet_interface_index_to_name(78, name, 16), 15);
    ck_assert_str_eq(name, "fifteen.letters");
}
END_TEST

START_TEST(names_and_indexes_that_there_are_not_are_errors) {
    char name[8] = "kept";

    if (!enter_netns())
        skip("no namespace of its own");
    assert_error(llnet_interface_name_to_index("nosuch"), ENODEV);
    assert_error(llnet_interface_name_to_index(""), ENODEV);
    assert_error(llnet_interface_name_to_index("a name that is much longer than any interface's may be"), ENODEV);
    assert_error(llnet_interface_index_to_name(0, name, sizeof name), ENXIO);
    assert_error(llnet_interface_index_to_name(2, name, sizeof name), ENXIO);
    assert_error(llnet_interface_index_to_name(UINT32_MAX, name, sizeof name), ENXIO);
    assert_error(llnet_interface_index_to_name(1, name, 2), ENOBUFS);
    assert_error(llnet_interface_index_to_name(1, NULL, 0), ENOBUFS);
    ck_assert_str_eq(name, "kept");
    ck_assert_int_eq(llnet_interface_index_to_name(1, name, 3), 2);
    ck_assert_str_eq(name, "lo");
}
END_TEST

int main(void) {
    Suite *suite = suite_create("interface");
    TCase *told = add_case(suite, "what ip tells");
    TCase *missing = add_case(suite, "what there is not");
    TCase *names = add_case(suite, "names and indexes");

    tcase_set_timeout(told, 60);
    tcase_add_test(told, a_new_namespace_has_lo_alone_which_is_down_and_without_addresses);
    tcase_add_test(told, names_flags_mtu_hardware_and_ip_addresses_are_those_that_ip_tells);
    tcase_add_test(told, two_hundred_interfaces_are_listed_by_index);
    tcase_add_test(told, two_thousand_addresses_keep_their_order);
    tcase_add_test(told, counters_are_those_that_ip_tells);
    tcase_add_test(told, this_machines_own_interfaces_can_be_listed);
    tcase_add_test(missing, past_the_end_is_out_of_bounds);
    tcase_add_test(missing, of_one_interface_the_next_address_is_out_of_bounds);
    tcase_add_test(missing, too_little_room_for_a_hardware_address_is_enobufs_and_writes_nothing);
    tcase_add_test(missing, counters_have_names_and_no_others);
    tcase_add_test(missing, without_free_descriptors_there_is_no_list);
    tcase_add_test(names, names_become_indexes_and_indexes_names);
    tcase_add_test(names, names_and_indexes_that_there_are_not_are_errors);
    return run_suite(suite);
}
