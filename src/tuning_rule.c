/* SPDX-License-Identifier: MIT */
/* tuning_rule.c: numbers that may be absurd, and how a verdict is said: see tuning_rule.h. */
#include "tuning_rule.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* ---- numbers ------------------------------------------------------------------------- */

int64_t ll_times(int64_t a, int64_t b) {
    if (a == 0)
        return 0;
    return b > INT64_MAX / a ? INT64_MAX : b < INT64_MIN / a ? INT64_MIN : a * b;
}

int64_t ll_plus(int64_t a, int64_t b) {
    return b > INT64_MAX - a ? INT64_MAX : a + b;
}

int64_t ll_larger(int64_t a, int64_t b) {
    return a > b ? a : b;
}

int64_t ll_divided(int64_t a, int64_t b) {
    return a / b + (a % b != 0);
}

int64_t ll_number_of(const llnet_limits *limits, const char *name, size_t number, int64_t otherwise) {
    const struct ll_limit *limit = ll_limits_get(limits, name);

    return limit->status < 0 ? otherwise : limit->numbers[number];
}

/* ---- what is said --------------------------------------------------------------------- */

void ll_say(char *line, size_t size, const char *format, ...) {
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(line, size, format, arguments);
    va_end(arguments);
}

void ll_want_text(struct ll_limit *limit, const char *wanted) {
    limit->verdict = LLNET_VERDICT_SHORT;
    SAY(limit->wanted, "%s", wanted);
    SAY(limit->setting, "%s", wanted);
    if (strchr(wanted, ' ') != NULL)
        SAY(limit->remedy, "sysctl -w %s='%s'", limit->kind->name, wanted);
    else
        SAY(limit->remedy, "sysctl -w %s=%s", limit->kind->name, wanted);
}

void ll_want_number(struct ll_limit *limit, int64_t wanted) {
    char text[32];

    SAY(text, NUMBER, wanted);
    if (limit->numbers[0] < wanted) {
        ll_want_text(limit, text);
    } else {
        limit->verdict = LLNET_VERDICT_OK;
        SAY(limit->wanted, "%s", text);
    }
}

void ll_want_switch(struct ll_limit *limit, int64_t wanted) {
    char text[32];

    SAY(text, NUMBER, wanted);
    ll_want_text(limit, text);
}
