/* SPDX-License-Identifier: MIT */
/* tune_table.c: the judgement for people: a table, and why and what to do below each line
 * that falls short. */
#include "tune.h"

#include <inttypes.h>
#include <string.h>

enum { MARK_WIDTH = 8, GAP = 2, VALUE_MAX = 28 };

struct columns {
    bool colours;
    size_t width, name, now;
};

static const struct {
    const char *mark, *colour;
} verdicts[] = {
    [LLNET_VERDICT_NONE] = {"-", "2"},
    [LLNET_VERDICT_OK] = {"ok", "32"},
    [LLNET_VERDICT_SHORT] = {"SHORT", "1;31"},
    [LLNET_VERDICT_ABSENT] = {"absent", "2"},
};

static int verdict_of(const llnet_limits *limits, size_t index) {
    int verdict = LLNET_VERDICT_NONE;

    llnet_limits_get_verdict(limits, index, &verdict);
    return verdict;
}

static bool is_shown(const llnet_limits *limits, size_t index, bool all) {
    int verdict = verdict_of(limits, index);

    return all || verdict == LLNET_VERDICT_OK || verdict == LLNET_VERDICT_SHORT;
}

static size_t at_most(size_t n, size_t most) {
    return n < most ? n : most;
}

static size_t larger(size_t a, size_t b) {
    return a > b ? a : b;
}

/* What the "now" column says: empty texts and absent limits have a sign, too. */
static const char *now_of(const llnet_limits *limits, size_t index) {
    const char *text = llnet_limits_get_text(limits, index);

    return text == NULL ? "-" : *text == '\0' ? "(none)" : text;
}

static void measure(const llnet_limits *limits, bool all, struct columns *columns) {
    size_t i, count = llnet_limits_get_count(limits);

    columns->colours = tune_has_colours();
    columns->width = tune_width();
    columns->name = strlen("LIMIT");
    columns->now = strlen("NOW");
    for (i = 0; i < count; i++) {
        if (!is_shown(limits, i, all))
            continue;
        columns->name = larger(columns->name, strlen(llnet_limits_get_name(limits, i)));
        columns->now = larger(columns->now, at_most(strlen(now_of(limits, i)), VALUE_MAX));
    }
}

/* A text in a column, cut with dots where it is too long. */
static void put_cell(const char *text, size_t width) {
    size_t len = strlen(text);

    if (len > width && width > 3)
        printf("%.*s...", (int)(width - 3), text);
    else
        printf("%-*s", (int)width, text);
    printf("%*s", GAP, "");
}

/* A text below the name, broken between words. */
static void put_paragraph(const struct columns *columns, const char *colour, const char *text) {
    size_t room = columns->width - MARK_WIDTH - GAP, len, cut;

    while (*text != '\0') {
        len = strlen(text);
        cut = len;
        if (len > room) {
            for (cut = room; cut > 0 && text[cut] != ' '; cut--)
                ;
            if (cut == 0)
                cut = room;
        }
        printf("%*s", MARK_WIDTH + GAP, "");
        if (columns->colours)
            printf("\033[%sm%.*s\033[0m\n", colour, (int)cut, text);
        else
            printf("%.*s\n", (int)cut, text);
        text += cut;
        while (*text == ' ')
            text++;
    }
}

static void put_row(const llnet_limits *limits, size_t index, const struct columns *columns, bool all) {
    int verdict = verdict_of(limits, index);
    const char *wanted = llnet_limits_get_wanted(limits, index);

    if (columns->colours)
        printf("\033[%sm%-*s\033[0m", verdicts[verdict].colour, MARK_WIDTH, verdicts[verdict].mark);
    else
        printf("%-*s", MARK_WIDTH, verdicts[verdict].mark);
    printf("%*s", GAP, "");
    put_cell(llnet_limits_get_name(limits, index), columns->name);
    put_cell(now_of(limits, index), columns->now);
    printf("%s\n", wanted == NULL ? "-" : wanted);
    if (verdict == LLNET_VERDICT_SHORT || all)
        put_paragraph(columns, "2", llnet_limits_get_reason(limits, index));
    if (verdict == LLNET_VERDICT_SHORT)
        put_paragraph(columns, "36", llnet_limits_get_remedy(limits, index));
}

int tune_table(llnet_limits *limits, const struct tune_load *load, bool all) {
    size_t i, count = llnet_limits_get_count(limits), shortfalls = llnet_limits_get_shortfalls(limits);
    struct columns columns;

    measure(limits, all, &columns);
    printf("%s: %" PRId64 " connections, %" PRId64 " new ones and %" PRId64 " datagrams a second\n\n", load->role,
           load->connections, load->rate, load->datagrams);
    printf("%-*s%*s", MARK_WIDTH, "", GAP, "");
    put_cell("LIMIT", columns.name);
    put_cell("NOW", columns.now);
    puts("WANTED");
    for (i = 0; i < count; i++)
        if (is_shown(limits, i, all))
            put_row(limits, i, &columns, all);
    if (shortfalls == 0)
        puts("\nThis machine is ready for it.");
    else
        printf("\n%zu limit%s short. --sysctl prints what mends it, --apply sets it now.\n", shortfalls,
               shortfalls == 1 ? " falls" : "s fall");
    return shortfalls == 0 ? TUNE_READY : TUNE_SHORT;
}
