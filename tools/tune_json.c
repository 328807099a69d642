/* SPDX-License-Identifier: MIT */
/* tune_json.c: the judgement for programs. */
#include "tune.h"

#include <inttypes.h>

static const char *verdict_name(const llnet_limits *limits, size_t index) {
    int verdict = LLNET_VERDICT_NONE;

    llnet_limits_get_verdict(limits, index, &verdict);
    switch (verdict) {
    case LLNET_VERDICT_OK:
        return "ok";
    case LLNET_VERDICT_SHORT:
        return "short";
    case LLNET_VERDICT_ABSENT:
        return "absent";
    default:
        return "none";
    }
}

static void put_member(const char *name, const char *text) {
    printf(", \"%s\": ", name);
    tune_put_json(text);
}

static void put_numbers(const llnet_limits *limits, size_t index) {
    int64_t value;
    size_t i;

    fputs(", \"numbers\": [", stdout);
    for (i = 0; llnet_limits_get_number(limits, index, i, &value) == 0; i++)
        printf("%s%" PRId64, i > 0 ? ", " : "", value);
    putchar(']');
}

static void put_limit(const llnet_limits *limits, size_t index) {
    fputs("    {\"name\": ", stdout);
    tune_put_json(llnet_limits_get_name(limits, index));
    put_member("verdict", verdict_name(limits, index));
    put_member("now", llnet_limits_get_text(limits, index));
    put_numbers(limits, index);
    put_member("wanted", llnet_limits_get_wanted(limits, index));
    put_member("unit", llnet_limits_get_unit(limits, index));
    put_member("meaning", llnet_limits_get_meaning(limits, index));
    put_member("reason", llnet_limits_get_reason(limits, index));
    put_member("setting", llnet_limits_get_setting(limits, index));
    put_member("remedy", llnet_limits_get_remedy(limits, index));
    put_member("place", llnet_limits_get_place(limits, index));
    printf(", \"per_netns\": %s}", llnet_limits_is_per_netns(limits, index) ? "true" : "false");
}

int tune_json(llnet_limits *limits, const struct tune_load *load) {
    size_t i, count = llnet_limits_get_count(limits), shortfalls = llnet_limits_get_shortfalls(limits);

    printf("{\n  \"role\": \"%s\",\n  \"connections\": %" PRId64 ",\n  \"rate\": %" PRId64
           ",\n  \"datagrams\": %" PRId64 ",\n  \"ready\": %s,\n  \"shortfalls\": %zu,\n  \"limits\": [\n",
           load->role, load->connections, load->rate, load->datagrams, shortfalls == 0 ? "true" : "false",
           shortfalls);
    for (i = 0; i < count; i++) {
        put_limit(limits, i);
        puts(i + 1 < count ? "," : "");
    }
    puts("  ]\n}");
    return shortfalls == 0 ? TUNE_READY : TUNE_SHORT;
}
