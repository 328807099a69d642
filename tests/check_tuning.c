/* SPDX-License-Identifier: MIT */
/* check_tuning.c: the machine's limits as they are read: those of this machine against what
 * the kernel says, and those of a made-up machine. The sources are compiled in, so that they
 * take its root. The rules are in check_tuning_judge.c, the program in tune.test. */
#include "check_tuning.h"

#include <ftw.h>
#include <inttypes.h>
#include <limits.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- a machine of the test's own --------------------------------------------------------- */

static char root[PATH_MAX];

void make_root(void) {
    const char *parent = getenv("TMPDIR");

    snprintf(root, sizeof root, "%s/llnet-check-XXXXXX", parent == NULL || *parent == '\0' ? "/tmp" : parent);
    ck_assert_ptr_nonnull(mkdtemp(root));
    ck_assert_int_eq(chdir(root), 0);
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *place) {
    (void)status;
    (void)type;
    (void)place;
    return remove(path);
}

void remove_root(void) {
    ck_assert_int_eq(chdir("/"), 0);
    ck_assert_int_eq(nftw(root, remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
}

/* The current directory is its root. */
void put_file(const char *path, const char *text) {
    char whole[256], *slash;
    FILE *file;

    ck_assert_int_lt(snprintf(whole, sizeof whole, "%s", path + 1), (int)sizeof whole);
    for (slash = strchr(whole, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(whole, 0700);
        *slash = '/';
    }
    file = fopen(whole, "w");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_ge(fputs(text, file), 0);
    ck_assert_int_eq(fclose(file), 0);
}

static const struct ll_limit_kind *kind_of(const char *name) {
    for (size_t i = 0; i < ll_limit_kinds_count; i++)
        if (strcmp(ll_limit_kinds[i].name, name) == 0)
            return &ll_limit_kinds[i];
    ck_abort_msg("no limit %s", name);
    return NULL;
}

void put_limit(const char *name, const char *text) {
    put_file(kind_of(name)->place, text);
}

llnet_limits *read_machine(void) {
    llnet_limits *limits;

    assert_ok(ll_limits_read(&limits, "."));
    return limits;
}

size_t index_of(const llnet_limits *limits, const char *name) {
    llnet_count index = llnet_limits_find(limits, name);

    ck_assert_int_ge(index, 0);
    return (size_t)index;
}

int verdict_of(const llnet_limits *limits, const char *name) {
    int verdict;

    assert_ok(llnet_limits_get_verdict(limits, index_of(limits, name), &verdict));
    return verdict;
}

/* ---- this machine -------------------------------------------------------------------------- */

START_TEST(each_limit_has_a_name_a_meaning_a_unit_and_a_place) {
    llnet_limits *limits;
    size_t i, count;

    assert_ok(llnet_limits_new(&limits));
    count = llnet_limits_get_count(limits);
    ck_assert_uint_eq(count, ll_limit_kinds_count);
    for (i = 0; i < count; i++) {
        ck_assert_int_eq(llnet_limits_find(limits, llnet_limits_get_name(limits, i)), (llnet_count)i);
        ck_assert_uint_gt(strlen(llnet_limits_get_meaning(limits, i)), 10);
        ck_assert_ptr_nonnull(llnet_limits_get_unit(limits, i));
        ck_assert_ptr_nonnull(llnet_limits_get_place(limits, i));
        ck_assert_ptr_null(llnet_limits_get_reason(limits, i));
    }
    assert_error(llnet_limits_find(limits, "net.core.nothing"), ENOENT);
    llnet_limits_free(limits);
}
END_TEST

START_TEST(past_the_end_there_is_nothing) {
    llnet_limits *limits;
    size_t count;
    int64_t number;
    int verdict;

    assert_ok(llnet_limits_new(&limits));
    count = llnet_limits_get_count(limits);
    ck_assert_ptr_null(llnet_limits_get_name(limits, count));
    ck_assert_ptr_null(llnet_limits_get_text(limits, SIZE_MAX));
    ck_assert_ptr_null(llnet_limits_get_wanted(limits, count));
    ck_assert(!llnet_limits_is_per_netns(limits, count));
    assert_error(llnet_limits_get_status(limits, count), LLNET_EBOUNDS);
    assert_error(llnet_limits_get_verdict(limits, count, &verdict), LLNET_EBOUNDS);
    assert_error(llnet_limits_get_number(limits, count, 0, &number), LLNET_EBOUNDS);
    assert_error(llnet_limits_get_number(limits, index_of(limits, "RLIMIT_NOFILE soft"), 1, &number), ENOENT);
    llnet_limits_free(limits);
    llnet_limits_free(NULL);
}
END_TEST

START_TEST(the_limits_of_files_are_the_kernels) {
    struct rlimit files;
    llnet_limits *limits;
    int64_t soft, hard;

    ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &files), 0);
    assert_ok(llnet_limits_new(&limits));
    assert_ok(llnet_limits_get_number(limits, index_of(limits, "RLIMIT_NOFILE soft"), 0, &soft));
    assert_ok(llnet_limits_get_number(limits, index_of(limits, "RLIMIT_NOFILE hard"), 0, &hard));
    ck_assert_int_eq(soft, files.rlim_cur == RLIM_INFINITY ? INT64_MAX : (int64_t)files.rlim_cur);
    ck_assert_int_eq(hard, files.rlim_max == RLIM_INFINITY ? INT64_MAX : (int64_t)files.rlim_max);
    llnet_limits_free(limits);
}
END_TEST

START_TEST(a_wrong_load_is_refused) {
    llnet_limits *limits;

    assert_ok(llnet_limits_new(&limits));
    assert_error(llnet_limits_judge(limits, "waiter", 1, 1, 1), EINVAL);
    assert_error(llnet_limits_judge(limits, "", 1, 1, 1), EINVAL);
    assert_error(llnet_limits_judge(limits, "server", -1, 1, 1), EINVAL);
    assert_error(llnet_limits_judge(limits, "server", 1, -1, 1), EINVAL);
    assert_error(llnet_limits_judge(limits, "server", 1, 1, INT64_MIN), EINVAL);
    llnet_limits_free(limits);
}
END_TEST

static size_t count_short(const llnet_limits *limits) {
    size_t count = 0;

    for (size_t i = 0; i < llnet_limits_get_count(limits); i++) {
        const char *name = llnet_limits_get_name(limits, i);
        int verdict = verdict_of(limits, name);

        ck_assert_msg(llnet_limits_get_reason(limits, i) != NULL, "%s has no reason", name);
        ck_assert_msg((verdict == LLNET_VERDICT_SHORT) == (llnet_limits_get_remedy(limits, i) != NULL), "%s", name);
        ck_assert_msg((verdict == LLNET_VERDICT_ABSENT) == (llnet_limits_get_status(limits, i) < 0), "%s", name);
        count += verdict == LLNET_VERDICT_SHORT;
    }
    return count;
}

START_TEST(no_load_is_too_absurd_to_be_judged) {
    const int64_t numbers[] = {0, 1, INT32_MAX, INT64_MAX / 2, INT64_MAX};
    const char *const roles[] = {"server", "client", "both"};
    const size_t count = sizeof numbers / sizeof *numbers;
    llnet_limits *limits;

    assert_ok(llnet_limits_new(&limits));
    for (size_t i = 0; i < 3 * count * count * count; i++) {
        assert_ok(llnet_limits_judge(limits, roles[i % 3], numbers[i / 3 % count], numbers[i / 3 / count % count],
                                     numbers[i / 3 / count / count]));
        ck_assert_uint_eq(count_short(limits), llnet_limits_get_shortfalls(limits));
    }
    llnet_limits_free(limits);
}
END_TEST

/* ---- reading --------------------------------------------------------------------------------- */

START_TEST(what_is_not_there_is_absent) {
    llnet_limits *limits = read_machine();
    int64_t number;

    for (size_t i = 0; i < llnet_limits_get_count(limits); i++) {
        if (strncmp(llnet_limits_get_name(limits, i), "RLIMIT", 6) == 0)
            continue;
        assert_error(llnet_limits_get_status(limits, i), ENOENT);
        assert_error(llnet_limits_get_number(limits, i, 0, &number), ENOENT);
        ck_assert_ptr_null(llnet_limits_get_text(limits, i));
    }
    assert_ok(llnet_limits_judge(limits, "both", 1000000, 10000, 10000));
    ck_assert_uint_le(llnet_limits_get_shortfalls(limits), 2); /* RLIMIT_NOFILE */
    ck_assert_uint_eq(count_short(limits), llnet_limits_get_shortfalls(limits));
    llnet_limits_free(limits);
}
END_TEST

static const struct {
    const char *text;
    llnet_status status;
    int64_t number;
} contents[] = {
    {"4096\n", 0, 4096},
    {"  7 \t\n", 0, 7},
    {"max\n", 0, INT64_MAX},
    {"-1\n", 0, -1},
    {"99999999999999999999999999\n", 0, INT64_MAX},
    {"", -EBADMSG, 0},
    {"\n", -EBADMSG, 0},
    {"abc\n", -EBADMSG, 0},
    {"12x\n", -EBADMSG, 0},
    {"1 2\n", -EBADMSG, 0},
    {"maximal\n", -EBADMSG, 0},
};

START_TEST(a_file_has_one_number_or_cannot_be_read) {
    llnet_limits *limits;
    int64_t number = 0;
    size_t index;

    put_limit("net.core.somaxconn", contents[_i].text);
    limits = read_machine();
    index = index_of(limits, "net.core.somaxconn");
    ck_assert_int_eq(llnet_limits_get_status(limits, index), contents[_i].status);
    ck_assert_int_eq(llnet_limits_get_number(limits, index, 0, &number), contents[_i].status == 0 ? 0 : -ENOENT);
    ck_assert_int_eq(number, contents[_i].number);
    assert_ok(llnet_limits_judge(limits, "server", 1, 1, 1));
    ck_assert_uint_eq(count_short(limits), llnet_limits_get_shortfalls(limits));
    llnet_limits_free(limits);
}
END_TEST

START_TEST(three_numbers_and_a_text_are_as_the_kernel_writes_them) {
    llnet_limits *limits;
    int64_t number;
    size_t index;

    put_limit("net.ipv4.tcp_mem", "1\t22\t333\n");
    put_limit("net.ipv4.tcp_congestion_control", "cubic\n");
    put_limit("net.ipv4.tcp_rmem", "1 2\n");
    mkdir("proc/sys/net/ipv4/tcp_wmem", 0700);
    limits = read_machine();
    index = index_of(limits, "net.ipv4.tcp_mem");
    ck_assert_str_eq(llnet_limits_get_text(limits, index), "1 22 333");
    assert_ok(llnet_limits_get_number(limits, index, 2, &number));
    ck_assert_int_eq(number, 333);
    assert_error(llnet_limits_get_number(limits, index, 3, &number), ENOENT);
    index = index_of(limits, "net.ipv4.tcp_congestion_control");
    ck_assert_str_eq(llnet_limits_get_text(limits, index), "cubic");
    assert_error(llnet_limits_get_number(limits, index, 0, &number), ENOENT);
    assert_error(llnet_limits_get_status(limits, index_of(limits, "net.ipv4.tcp_rmem")), EBADMSG);
    assert_error(llnet_limits_get_status(limits, index_of(limits, "net.ipv4.tcp_wmem")), EISDIR);
    llnet_limits_free(limits);
}
END_TEST

START_TEST(a_file_that_does_not_end_is_not_read_by_half) {
    static const char *const names[] = {"net.ipv4.ip_local_reserved_ports", "net.core.somaxconn"};
    static char text[300000];
    llnet_limits *limits;

    memset(text, '1', sizeof text - 1);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        text[i == 0 ? sizeof text - 1 : 9000] = '\0';
        put_limit(names[i], text);
    }
    limits = read_machine();
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        assert_error(llnet_limits_get_status(limits, index_of(limits, names[i])), EMSGSIZE);
    llnet_limits_free(limits);
}
END_TEST

static void expect_memory(int64_t expected) {
    llnet_limits *limits = read_machine();
    int64_t number;

    assert_ok(llnet_limits_get_number(limits, index_of(limits, "memory.max"), 0, &number));
    ck_assert_int_eq(number, expected);
    llnet_limits_free(limits);
}

START_TEST(the_least_limit_of_the_cgroups_above_counts) {
    llnet_limits *limits;

    put_file("/proc/self/cgroup", "0::/a/b\n");
    put_file("/sys/fs/cgroup/a/b/memory.max", "max\n");
    expect_memory(INT64_MAX);
    put_file("/sys/fs/cgroup/a/memory.max", "5000000\n");
    expect_memory(5000000);
    put_file("/sys/fs/cgroup/a/b/memory.max", "4000000\n");
    expect_memory(4000000);
    limits = read_machine();
    ck_assert_str_eq(llnet_limits_get_place(limits, index_of(limits, "memory.max")),
                     "/sys/fs/cgroup/a/b/memory.max");
    llnet_limits_free(limits);
    /* version 1, whose "none" is a very large number */
    put_file("/proc/self/cgroup", "9:name=systemd:/\n4:cpu,memory:/x\n0::/a/b\n");
    put_file("/sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
    expect_memory(INT64_MAX);
    put_file("/sys/fs/cgroup/memory/x/memory.limit_in_bytes", "3000000\n");
    expect_memory(3000000);
}
END_TEST

START_TEST(a_cgroup_file_of_nonsense_is_no_cgroup) {
    const char *const texts[] = {"", "\n\n", "nonsense\n", "0:\n", "1:cpu\n", "1:memoryx:/\n", ":::\n"};
    llnet_limits *limits;

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        put_file("/proc/self/cgroup", texts[i]);
        limits = read_machine();
        ck_assert_int_lt(llnet_limits_get_status(limits, index_of(limits, "memory.max")), 0);
        llnet_limits_free(limits);
    }
}
END_TEST

int main(void) {
    Suite *suite = suite_create("tuning");
    TCase *tcase = add_case(suite, "here"), *made_up = add_case(suite, "made_up");

    tcase_add_test(tcase, each_limit_has_a_name_a_meaning_a_unit_and_a_place);
    tcase_add_test(tcase, past_the_end_there_is_nothing);
    tcase_add_test(tcase, the_limits_of_files_are_the_kernels);
    tcase_add_test(tcase, a_wrong_load_is_refused);
    tcase_add_test(tcase, no_load_is_too_absurd_to_be_judged);
    tcase_add_checked_fixture(made_up, make_root, remove_root);
    tcase_add_test(made_up, what_is_not_there_is_absent);
    tcase_add_loop_test(made_up, a_file_has_one_number_or_cannot_be_read, 0,
                        (int)(sizeof contents / sizeof *contents));
    tcase_add_test(made_up, three_numbers_and_a_text_are_as_the_kernel_writes_them);
    tcase_add_test(made_up, a_file_that_does_not_end_is_not_read_by_half);
    tcase_add_test(made_up, the_least_limit_of_the_cgroups_above_counts);
    tcase_add_test(made_up, a_cgroup_file_of_nonsense_is_no_cgroup);
    add_rules(suite);
    return run_suite(suite);
}
