/* SPDX-License-Identifier: MIT */
/* tune_apply.c: what mends the limits that fall short: as a file for sysctl.d(5), or set
 * at once. */
#include "tune.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool is_short(const llnet_limits *limits, size_t index) {
    int verdict = LLNET_VERDICT_NONE;

    return llnet_limits_get_verdict(limits, index, &verdict) == 0 && verdict == LLNET_VERDICT_SHORT;
}

/* ---- as a file ------------------------------------------------------------------------------ */

int tune_sysctl(llnet_limits *limits, const struct tune_load *load) {
    size_t i, count = llnet_limits_get_count(limits), shortfalls = llnet_limits_get_shortfalls(limits);

    printf("# llnet-tune --role %s --connections %" PRId64 " --rate %" PRId64 " --datagrams %" PRId64 "\n",
           load->role, load->connections, load->rate, load->datagrams);
    if (shortfalls == 0)
        puts("# nothing falls short");
    for (i = 0; i < count; i++) {
        if (!is_short(limits, i))
            continue;
        printf("\n# %s; now %s\n", llnet_limits_get_reason(limits, i), llnet_limits_get_text(limits, i));
        if (llnet_limits_get_setting(limits, i) != NULL)
            printf("%s = %s\n", llnet_limits_get_name(limits, i), llnet_limits_get_setting(limits, i));
        else
            printf("# %s: no sysctl; %s\n", llnet_limits_get_name(limits, i), llnet_limits_get_remedy(limits, i));
    }
    return shortfalls == 0 ? TUNE_READY : TUNE_SHORT;
}

/* ---- at once -------------------------------------------------------------------------------- */

/* How many have a value that can be written; shows them. */
static size_t show_plan(const llnet_limits *limits) {
    size_t i, planned = 0;

    for (i = 0; i < llnet_limits_get_count(limits); i++) {
        if (!is_short(limits, i) || llnet_limits_get_setting(limits, i) == NULL)
            continue;
        printf("%s: %s -> %s\n", llnet_limits_get_name(limits, i), llnet_limits_get_text(limits, i),
               llnet_limits_get_setting(limits, i));
        planned++;
    }
    return planned;
}

static bool is_agreed(size_t planned) {
    char answer[16];

    printf("Set %s? [y/N] ", planned == 1 ? "it" : "these");
    fflush(stdout);
    if (fgets(answer, sizeof answer, stdin) == NULL)
        putchar('\n');
    else if (answer[0] == 'y' || answer[0] == 'Y')
        return true;
    puts("Nothing was changed.");
    return false;
}

/* Writes a value to a file of the kernel; 0 or an errno. */
static int write_value(const char *place, const char *value) {
    int fd = open(place, O_WRONLY | O_CLOEXEC), error = 0;

    if (fd < 0)
        return errno;
    if (write(fd, value, strlen(value)) < 0)
        error = errno;
    close(fd);
    return error;
}

/* Whether the value was taken; old and after may be asked of the two lists. */
static bool set_one(const llnet_limits *limits, size_t index) {
    const char *name = llnet_limits_get_name(limits, index);
    int error = write_value(llnet_limits_get_place(limits, index), llnet_limits_get_setting(limits, index));

    if (error == EACCES || error == EROFS)
        tune_complain("%s cannot be set here (%s): it belongs to the first network namespace, or to the host", name,
                      strerror(error));
    else if (error != 0)
        tune_complain("%s cannot be set: %s", name, strerror(error));
    return error == 0;
}

static void show_after(const llnet_limits *before, const llnet_limits *after, size_t index) {
    const char *now = llnet_limits_get_text(after, index);

    printf("set %s: before %s, after %s\n", llnet_limits_get_name(before, index),
           llnet_limits_get_text(before, index), now == NULL ? "-" : now);
}

/* The new list, judged for the same; NULL: it cannot be had. */
static llnet_limits *read_again(const struct tune_load *load) {
    llnet_limits *limits;
    llnet_status status = llnet_limits_new(&limits);

    if (status == 0)
        status = llnet_limits_judge(limits, load->role, load->connections, load->rate, load->datagrams);
    if (status < 0)
        tune_complain("the limits cannot be read again: %s", llnet_error_text(status));
    return limits;
}

static void show_undo(const llnet_limits *before, const bool *done) {
    puts("\nUntil the next boot. To keep it: llnet-tune --sysctl >/etc/sysctl.d/60-llnet.conf, before --apply.\n"
         "To undo it:");
    for (size_t i = 0; i < llnet_limits_get_count(before); i++)
        if (done[i])
            printf("    sysctl -w %s='%s'\n", llnet_limits_get_name(before, i), llnet_limits_get_text(before, i));
}

static void show_rest(const llnet_limits *after) {
    for (size_t i = 0; i < llnet_limits_get_count(after); i++)
        if (is_short(after, i))
            printf("still short: %s is %s, wanted %s: %s\n", llnet_limits_get_name(after, i),
                   llnet_limits_get_text(after, i), llnet_limits_get_wanted(after, i),
                   llnet_limits_get_remedy(after, i));
}

static int set_all(const llnet_limits *limits, const struct tune_load *load, bool *done) {
    size_t i, count = llnet_limits_get_count(limits), set = 0;
    llnet_limits *after;
    int result;

    for (i = 0; i < count; i++) {
        done[i] = is_short(limits, i) && llnet_limits_get_setting(limits, i) != NULL && set_one(limits, i);
        set += done[i];
    }
    after = read_again(load);
    if (after == NULL)
        return TUNE_FAILED;
    for (i = 0; i < count; i++)
        if (done[i])
            show_after(limits, after, i);
    if (set > 0)
        show_undo(limits, done);
    show_rest(after);
    result = llnet_limits_get_shortfalls(after) == 0 ? TUNE_READY : TUNE_SHORT;
    llnet_limits_free(after);
    return result;
}

int tune_apply(llnet_limits *limits, const struct tune_load *load, bool yes) {
    size_t planned = show_plan(limits);
    bool *done;
    int result;

    if (planned == 0) {
        puts("Nothing is to be set.");
        show_rest(limits);
        return llnet_limits_get_shortfalls(limits) == 0 ? TUNE_READY : TUNE_SHORT;
    }
    if (geteuid() != 0) {
        tune_complain("--apply: root alone may set these");
        return TUNE_FAILED;
    }
    if (!yes && !is_agreed(planned))
        return TUNE_SHORT;
    done = calloc(llnet_limits_get_count(limits), sizeof *done);
    if (done == NULL) {
        tune_complain("%s", strerror(ENOMEM));
        return TUNE_FAILED;
    }
    result = set_all(limits, load, done);
    free(done);
    return result;
}
