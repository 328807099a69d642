/* SPDX-License-Identifier: MIT */
/* check_netdb.c: the tables of protocols and services against libc's own calls
 * and against what IANA assigned; odd tables, which a mount namespace brings. */
#include "directory.h"

#include <limits.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <unistd.h>

enum { TEXT = LLNET_NETDB_NAME_MAX, THREADS = 8, ROUNDS = 200 };

static const char protocols[] = "/etc/protocols", services[] = "/etc/services";

#define need(path) \
    if (access(path, R_OK) != 0) \
    skip("this machine has no such table")

/* ---- protocols --------------------------------------------------------------- */

START_TEST(a_protocol_has_the_number_that_iana_gave_it) {
    need(protocols);
    ck_assert_int_eq(llnet_protocol_get_number("icmp"), 1);
    ck_assert_int_eq(llnet_protocol_get_number("tcp"), 6);
    ck_assert_int_eq(llnet_protocol_get_number("udp"), 17);
    ck_assert_int_eq(llnet_protocol_get_number("ipv6-icmp"), 58);
}
END_TEST

START_TEST(an_alias_is_a_name_of_a_protocol_too) {
    need(protocols);
    if (getprotobyname("TCP") == NULL)
        skip("this libc has no aliases of protocols");
    ck_assert_int_eq(llnet_protocol_get_number("TCP"), 6);
    ck_assert_int_eq(llnet_protocol_get_number("UDP"), 17);
}
END_TEST

START_TEST(a_number_has_the_official_name_of_its_protocol) {
    char text[TEXT];

    need(protocols);
    ck_assert_int_eq(llnet_protocol_get_name(6, text, sizeof text), 3);
    ck_assert_str_eq(text, "tcp");
    ck_assert_int_eq(llnet_protocol_get_name(17, text, sizeof text), 3);
    ck_assert_str_eq(text, "udp");
}
END_TEST

START_TEST(every_protocol_of_the_table_is_found_as_libc_finds_it) {
    struct protoent *entry, *one;
    char names[512][64], text[TEXT];
    int count = 0, i, number;

    need(protocols);
    setprotoent(1);
    while (count < 512 && (entry = getprotoent()) != NULL)
        snprintf(names[count++], sizeof names[0], "%s", entry->p_name);
    endprotoent();
    ck_assert_int_gt(count, 0);
    for (i = 0; i < count; i++) {
        one = getprotobyname(names[i]);
        ck_assert_ptr_nonnull(one);
        number = one->p_proto;
        ck_assert_int_eq(llnet_protocol_get_number(names[i]), number);
        one = getprotobynumber(number);
        ck_assert_int_eq(llnet_protocol_get_name(number, text, sizeof text), (int)strlen(one->p_name));
        ck_assert_str_eq(text, one->p_name);
    }
}
END_TEST

START_TEST(an_unknown_protocol_is_an_error) {
    char text[TEXT] = "untouched", name[5000];

    memset(name, 'x', sizeof name - 1);
    name[sizeof name - 1] = 0;
    assert_error(llnet_protocol_get_number("no-such-protocol"), ENOENT);
    assert_error(llnet_protocol_get_number(""), ENOENT);
    assert_error(llnet_protocol_get_number("%s%n"), ENOENT);
    assert_error(llnet_protocol_get_number(name), ENOENT);
    assert_error(llnet_protocol_get_number(NULL), EINVAL);
    assert_error(llnet_protocol_get_name(-1, text, sizeof text), ENOENT);
    assert_error(llnet_protocol_get_name(99999, text, sizeof text), ENOENT);
    assert_error(llnet_protocol_get_name(INT_MIN, text, sizeof text), ENOENT);
    assert_error(llnet_protocol_get_name(INT_MAX, text, sizeof text), ENOENT);
    assert_error(llnet_protocol_get_name(99999, NULL, 0), ENOENT);
    ck_assert_str_eq(text, "untouched");
}
END_TEST

START_TEST(a_protocols_name_is_never_cut) {
    char text[TEXT] = "untouched";

    need(protocols);
    assert_error(llnet_protocol_get_name(6, NULL, 0), ENOBUFS);
    assert_error(llnet_protocol_get_name(6, text, 0), ENOBUFS);
    assert_error(llnet_protocol_get_name(6, text, 1), ENOBUFS);
    assert_error(llnet_protocol_get_name(6, text, 3), ENOBUFS);
    ck_assert_str_eq(text, "untouched");
    ck_assert_int_eq(llnet_protocol_get_name(6, text, 4), 3);
    ck_assert_mem_eq(text, "tcp\0uched", 10);
}
END_TEST

/* ---- services ---------------------------------------------------------------- */

static llnet_status by_name(const char *name, const char *protocol, char text[TEXT], int *port, char found[TEXT]) {
    return llnet_service_by_name(name, protocol, text, TEXT, port, found, TEXT);
}

static llnet_status by_port(int port, const char *protocol, char text[TEXT], int *value, char found[TEXT]) {
    return llnet_service_by_port(port, protocol, text, TEXT, value, found, TEXT);
}

static void expect_service(const char *name, const char *protocol, int port, const char *official) {
    char text[TEXT], found[TEXT];
    int value = -1;

    assert_ok(by_name(name, protocol, text, &value, found));
    ck_assert_str_eq(text, official);
    ck_assert_int_eq(value, port);
    ck_assert_str_eq(found, protocol);
    value = -1;
    assert_ok(by_port(port, protocol, text, &value, found));
    ck_assert_str_eq(text, official);
    ck_assert_int_eq(value, port);
    ck_assert_str_eq(found, protocol);
}

START_TEST(a_service_has_the_port_that_iana_gave_it) {
    need(services);
    expect_service("http", "tcp", 80, "http");
    expect_service("domain", "udp", 53, "domain");
    expect_service("domain", "tcp", 53, "domain");
    expect_service("ssh", "tcp", 22, "ssh");
    expect_service("https", "tcp", 443, "https");
}
END_TEST

START_TEST(without_a_protocol_any_will_do) {
    char text[TEXT], found[TEXT];
    struct servent *theirs;
    int value = -1;

    need(services);
    theirs = getservbyname("domain", NULL);
    assert_ok(by_name("domain", NULL, text, &value, found));
    ck_assert_int_eq(value, 53);
    ck_assert_str_eq(found, theirs->s_proto);
    theirs = getservbyport(htons(53), NULL);
    value = -1;
    assert_ok(by_port(53, NULL, text, &value, found));
    ck_assert_int_eq(value, 53);
    ck_assert_str_eq(text, "domain");
    ck_assert_str_eq(found, theirs->s_proto);
}
END_TEST

START_TEST(every_service_of_the_table_is_found_as_libc_finds_it) {
    static char names[1024][64], kinds[1024][16];
    char text[TEXT], found[TEXT];
    struct servent *one;
    int count = 0, i, port, value;

    need(services);
    setservent(1);
    while (count < 1024 && (one = getservent()) != NULL) {
        snprintf(names[count], sizeof names[0], "%s", one->s_name);
        snprintf(kinds[count++], sizeof kinds[0], "%s", one->s_proto);
    }
    endservent();
    if (count == 0)
        skip("libc does not walk through /etc/services");
    for (i = 0; i < count; i++) {
        one = getservbyname(names[i], kinds[i]);
        ck_assert_ptr_nonnull(one);
        port = ntohs((uint16_t)one->s_port);
        assert_ok(by_name(names[i], kinds[i], text, &value, found));
        ck_assert_int_eq(value, port);
        ck_assert_str_eq(text, one->s_name);
        ck_assert_str_eq(found, kinds[i]);
        one = getservbyport(htons((uint16_t)port), kinds[i]);
        assert_ok(by_port(port, kinds[i], text, &value, found));
        ck_assert_int_eq(value, port);
        ck_assert_str_eq(text, one->s_name);
        ck_assert_str_eq(found, kinds[i]);
    }
}
END_TEST

START_TEST(an_unknown_service_is_an_error) {
    char text[TEXT] = "untouched", found[TEXT] = "untouched";
    int value = -1;

    assert_error(by_name("no-such-service", "tcp", text, &value, found), ENOENT);
    assert_error(by_name("no-such-service", NULL, text, &value, found), ENOENT);
    assert_error(by_name("http", "no-such-protocol", text, &value, found), ENOENT);
    assert_error(by_name("http", "", text, &value, found), ENOENT);
    assert_error(by_name("", NULL, text, &value, found), ENOENT);
    assert_error(by_name(NULL, "tcp", text, &value, found), EINVAL);
    assert_error(by_name(NULL, NULL, text, &value, found), EINVAL);
    assert_error(by_port(0, "tcp", text, &value, found), ENOENT);
    assert_error(by_port(65535, "tcp", text, &value, found), ENOENT);
    assert_error(by_port(65535, NULL, text, &value, found), ENOENT);
    assert_error(by_port(80, "no-such-protocol", text, &value, found), ENOENT);
    ck_assert_str_eq(text, "untouched");
    ck_assert_str_eq(found, "untouched");
    ck_assert_int_eq(value, -1);
}
END_TEST

START_TEST(a_number_that_is_no_port_is_refused) {
    char text[TEXT], found[TEXT];
    int value = -1;

    assert_error(by_port(-1, "tcp", text, &value, found), EINVAL);
    assert_error(by_port(65536, "tcp", text, &value, found), EINVAL);
    assert_error(by_port(65536 + 80, "tcp", text, &value, found), EINVAL);
    assert_error(by_port(INT_MIN, NULL, text, &value, found), EINVAL);
    assert_error(by_port(INT_MAX, NULL, text, &value, found), EINVAL);
    ck_assert_int_eq(value, -1);
}
END_TEST

START_TEST(a_services_names_are_never_cut) {
    char text[TEXT] = "untouched", found[TEXT] = "untouched";
    int value = -1;

    need(services);
    assert_error(llnet_service_by_name("http", "tcp", text, 4, &value, found, TEXT), ENOBUFS);
    assert_error(llnet_service_by_name("http", "tcp", text, TEXT, &value, found, 3), ENOBUFS);
    assert_error(llnet_service_by_name("http", "tcp", NULL, 0, &value, found, TEXT), ENOBUFS);
    assert_error(llnet_service_by_name("http", "tcp", text, TEXT, &value, NULL, 0), ENOBUFS);
    assert_error(llnet_service_by_port(80, "tcp", text, 4, &value, found, TEXT), ENOBUFS);
    assert_error(llnet_service_by_port(80, "tcp", text, TEXT, &value, found, 3), ENOBUFS);
    ck_assert_str_eq(text, "untouched");
    ck_assert_str_eq(found, "untouched");
    ck_assert_int_eq(value, -1);
    assert_ok(llnet_service_by_port(80, "tcp", text, 5, &value, found, 4));
    ck_assert_mem_eq(text, "http\0ched", 10);
    ck_assert_mem_eq(found, "tcp\0uched", 10);
    ck_assert_int_eq(value, 80);
}
END_TEST

/* ---- threads ----------------------------------------------------------------- */

/* Each asks for other entries than its neighbours; returns how often it got
 * anything but the right answer. */
static void *ask(void *arg) {
    static const struct {
        const char *protocol, *service;
        int number, port;
    } known[] = {{"tcp", "http", 6, 80}, {"udp", "domain", 17, 53}, {"tcp", "ssh", 6, 22}, {"tcp", "smtp", 6, 25}};
    const size_t i = *(const size_t *)arg % 4;
    char text[TEXT], found[TEXT];
    size_t wrong = 0;
    int round, value;

    for (round = 0; round < ROUNDS; round++) {
        wrong += llnet_protocol_get_number(known[i].protocol) != known[i].number;
        wrong += llnet_protocol_get_name(known[i].number, text, sizeof text) != 3 ||
                 strcmp(text, known[i].protocol) != 0;
        wrong += by_name(known[i].service, known[i].protocol, text, &value, found) != 0 || value != known[i].port ||
                 strcmp(text, known[i].service) != 0 || strcmp(found, known[i].protocol) != 0;
        wrong += by_port(known[i].port, known[i].protocol, text, &value, found) != 0 || value != known[i].port ||
                 strcmp(text, known[i].service) != 0 || strcmp(found, known[i].protocol) != 0;
        wrong += llnet_protocol_get_number("no-such-protocol") != -ENOENT;
    }
    *(size_t *)arg = wrong;
    return NULL;
}

START_TEST(eight_threads_all_get_their_own_answers) {
    pthread_t threads[THREADS];
    size_t args[THREADS], i;

    need(protocols);
    need(services);
    for (i = 0; i < THREADS; i++) {
        args[i] = i;
        ck_assert_int_eq(pthread_create(&threads[i], NULL, ask, &args[i]), 0);
    }
    for (i = 0; i < THREADS; i++) {
        ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
        ck_assert_uint_eq(args[i], 0);
    }
}
END_TEST

/* ---- odd tables, and none ------------------------------------------------------ */

/* Lays a file over another, for this process alone. False where that is not
 * allowed here. */
#ifdef CLONE_NEWNS
static bool cover(const char *path, const char *with) {
    if (unshare(CLONE_NEWNS) != 0 && unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0)
        return false;
    return mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 && mount(with, path, NULL, MS_BIND, NULL) == 0;
}
#else
static bool cover(const char *path, const char *with) {
    (void)path, (void)with;
    return false;
}
#endif

/* Replaces a table of the system by one of two entries, the first with this
 * many aliases. False where that is not allowed here. */
static bool replace_table(const char *path, const char *big, const char *small, int aliases) {
    FILE *file = fopen("table", "w");
    bool done;
    int i;

    ck_assert_ptr_nonnull(file);
    fputs(big, file);
    for (i = 0; i < aliases; i++)
        fprintf(file, " alias%d", i);
    fprintf(file, "\n%s\n", small);
    ck_assert_int_eq(fclose(file), 0);
    done = cover(path, "table");
    unlink("table");
    return done;
}

static const char no_namespace[] = "no mount namespace may be made here";
static const char built_in[] = "this libc does not read such a table";

START_TEST(a_protocol_with_many_aliases_is_found) {
    char text[TEXT];

    need(protocols);
    if (!replace_table(protocols, "big 200", "small 201 Small", 5000))
        skip(no_namespace);
    if (getprotobyname("alias4999") == NULL)
        skip(built_in);
    ck_assert_int_eq(llnet_protocol_get_number("big"), 200);
    ck_assert_int_eq(llnet_protocol_get_number("alias4999"), 200);
    ck_assert_int_eq(llnet_protocol_get_name(200, text, sizeof text), 3);
    ck_assert_str_eq(text, "big");
    ck_assert_int_eq(llnet_protocol_get_number("Small"), 201);
    assert_error(llnet_protocol_get_number("tcp"), ENOENT);
}
END_TEST

START_TEST(a_service_with_many_aliases_is_found) {
    char text[TEXT], found[TEXT];
    int value = -1;

    need(services);
    if (!replace_table(services, "big 65535/udp", "small 2/udp Small", 5000))
        skip(no_namespace);
    if (getservbyname("alias4999", NULL) == NULL)
        skip(built_in);
    assert_ok(by_name("alias4999", NULL, text, &value, found));
    ck_assert_str_eq(text, "big");
    ck_assert_str_eq(found, "udp");
    ck_assert_int_eq(value, 65535);
    assert_ok(by_port(65535, "udp", text, &value, found));
    ck_assert_str_eq(text, "big");
    assert_error(by_port(65535, "tcp", text, &value, found), ENOENT);
    assert_ok(by_port(2, NULL, text, &value, found));
    ck_assert_str_eq(text, "small");
}
END_TEST

START_TEST(an_entry_beyond_all_bounds_is_refused) {
#if defined(__GLIBC__) && defined(HAVE_GETPROTOBYNAME_R)
    need(protocols);
    if (!replace_table(protocols, "big 200", "small 201", 200000))
        skip(no_namespace);
    assert_error(llnet_protocol_get_number("big"), ENOMEM);
#else
    skip("the lookups of this libc keep the memory for themselves");
#endif
}
END_TEST

START_TEST(a_name_longer_than_the_room_for_it_is_not_cut) {
    static char line[1000];
    char text[TEXT] = "untouched";

    need(protocols);
    memset(line, 'n', LLNET_NETDB_NAME_MAX);
    strcpy(line + LLNET_NETDB_NAME_MAX, " 200");
    if (!replace_table(protocols, line, "small 201", 0))
        skip(no_namespace);
    if (getprotobyname("small") == NULL)
        skip(built_in);
    assert_error(llnet_protocol_get_name(200, text, sizeof text), ENOBUFS);
    ck_assert_str_eq(text, "untouched");
    ck_assert_int_eq(llnet_protocol_get_name(200, line, sizeof line), LLNET_NETDB_NAME_MAX);
}
END_TEST

START_TEST(a_table_that_cannot_be_opened_says_why) {
#if defined(__GLIBC__) && defined(HAVE_GETPROTOBYNAME_R)
    struct rlimit before, none;
    llnet_count result;

    need(protocols);
    ck_assert_int_eq(llnet_protocol_get_number("tcp"), 6); /* libc has read its own files now */
    ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &before), 0);
    none = before;
    none.rlim_cur = 0;
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &none), 0);
    result = llnet_protocol_get_number("tcp");
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &before), 0);
    assert_error(result, EMFILE);
    ck_assert_int_eq(llnet_protocol_get_number("tcp"), 6);
#else
    skip("the lookups of this libc do not say why");
#endif
}
END_TEST

int main(void) {
    Suite *suite = suite_create("netdb");
    TCase *protocol = add_case(suite, "protocols"), *service = add_case(suite, "services");
    TCase *threads = add_case(suite, "threads"), *tables = add_case(suite, "tables");

    use_directory(tables);
    tcase_add_test(protocol, a_protocol_has_the_number_that_iana_gave_it);
    tcase_add_test(protocol, an_alias_is_a_name_of_a_protocol_too);
    tcase_add_test(protocol, a_number_has_the_official_name_of_its_protocol);
    tcase_add_test(protocol, every_protocol_of_the_table_is_found_as_libc_finds_it);
    tcase_add_test(protocol, an_unknown_protocol_is_an_error);
    tcase_add_test(protocol, a_protocols_name_is_never_cut);
    tcase_add_test(service, a_service_has_the_port_that_iana_gave_it);
    tcase_add_test(service, without_a_protocol_any_will_do);
    tcase_add_test(service, every_service_of_the_table_is_found_as_libc_finds_it);
    tcase_add_test(service, an_unknown_service_is_an_error);
    tcase_add_test(service, a_number_that_is_no_port_is_refused);
    tcase_add_test(service, a_services_names_are_never_cut);
    tcase_add_test(threads, eight_threads_all_get_their_own_answers);
    tcase_add_test(tables, a_protocol_with_many_aliases_is_found);
    tcase_add_test(tables, a_service_with_many_aliases_is_found);
    tcase_add_test(tables, an_entry_beyond_all_bounds_is_refused);
    tcase_add_test(tables, a_name_longer_than_the_room_for_it_is_not_cut);
    tcase_add_test(tables, a_table_that_cannot_be_opened_says_why);
    return run_suite(suite);
}
