/* SPDX-License-Identifier: MIT */
/* tuning.c: the list of limits: how it is read and kept. What each must be is judged in
 * tuning_judge.c. */
#include "tuning.h"

#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/* ---- reading files ------------------------------------------------------------------ */

/* The longest list is of every other port. The kernel gives a list to the first read alone: what
 * does not fit is cut without a word. */
enum { TEXT_MAX = 8192, LIST_MAX = 1 << 18, PATH_ROOM = 4096 };

/* The beginning of a file, with a NUL: its length. EMSGSIZE: there is more of it. */
static llnet_count read_file(const char *root, const char *path, char *text, size_t size) {
    char whole[PATH_ROOM];
    size_t len = 0;
    ssize_t n = 0;
    int fd, error = 0;

    if ((size_t)snprintf(whole, sizeof whole, "%s%s", root, path) >= sizeof whole)
        return -ENAMETOOLONG;
    fd = open(whole, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    do {
        n = read(fd, text + len, size - 1 - len);
        if (n > 0)
            len += (size_t)n;
        else if (n < 0 && errno != EINTR)
            error = errno;
    } while ((n > 0 || (n < 0 && error == 0)) && len < size - 1);
    close(fd);
    text[len] = '\0';
    if (error != 0)
        return -error;
    return len == size - 1 ? -EMSGSIZE : (llnet_count)len;
}

/* Cuts space at the end, tabs become single spaces. */
static void tidy(char *text) {
    char *to = text, *from;

    for (from = text; *from != '\0'; from++)
        if (strchr(" \t\n\r", *from) == NULL)
            *to++ = *from;
        else if (to > text && to[-1] != ' ')
            *to++ = ' ';
    if (to > text && to[-1] == ' ')
        to--;
    *to = '\0';
}

/* Reads as many numbers as there must be, and no more. "max" is no limit, and so is what is
 * too large. */
static bool read_numbers(const char *text, int64_t *numbers, size_t count) {
    char *end;

    for (size_t i = 0; i < count; i++) {
        if (strncmp(text, "max", 3) == 0) {
            numbers[i] = INT64_MAX;
            end = (char *)text + 3;
        } else {
            errno = 0;
            numbers[i] = strtoll(text, &end, 10);
            if (end == text)
                return false;
            if (errno == ERANGE)
                numbers[i] = numbers[i] < 0 ? INT64_MIN : INT64_MAX;
        }
        text = end;
    }
    return *text == '\0';
}

/* One number of a file that is no limit itself; otherwise where it is not to be had. */
static int64_t read_number(const char *root, const char *path, const char *format, int64_t otherwise) {
    char text[TEXT_MAX];
    const char *place = text;
    int64_t number;
    char *end;

    if (read_file(root, path, text, sizeof text) < 0)
        return otherwise;
    if (*format != '\0') {
        place = strstr(text, format);
        if (place == NULL)
            return otherwise;
        place += strlen(format);
    }
    number = strtoll(place, &end, 10);
    return end != place ? number : otherwise;
}

/* ---- reading one limit ---------------------------------------------------------------- */

static llnet_status set_text(struct ll_limit *limit, char *text) {
    tidy(text);
    if (limit->kind->numbers > 0 && !read_numbers(text, limit->numbers, limit->kind->numbers))
        return -EBADMSG;
    limit->text = strdup(text);
    return limit->text == NULL ? -ENOMEM : 0;
}

static llnet_status read_limit_file(struct ll_limit *limit, const char *root) {
    size_t size = limit->kind->numbers > 0 ? TEXT_MAX : LIST_MAX;
    char *text = malloc(size);
    llnet_count len = text == NULL ? -ENOMEM : read_file(root, limit->place, text, size);
    llnet_status status = len < 0 ? (llnet_status)len : set_text(limit, text);

    free(text);
    return status;
}

static llnet_status read_rlimit(struct ll_limit *limit) {
    struct rlimit value;
    rlim_t one;
    char text[32];

    if (getrlimit(RLIMIT_NOFILE, &value) < 0)
        return -errno;
    one = strstr(limit->kind->name, "soft") != NULL ? value.rlim_cur : value.rlim_max;
    if (one == RLIM_INFINITY)
        snprintf(text, sizeof text, "max");
    else
        snprintf(text, sizeof text, "%ju", (uintmax_t)one);
    return set_text(limit, text);
}

/* The cgroup of this process in the hierarchy, from /proc/self/cgroup: "0::/path" in version
 * 2, "4:cpu,memory:/path" in version 1. */
static bool find_cgroup(char *lines, const char **base, const char **file, char **path) {
    char *line, *rest = lines, *controllers;

    while ((line = strtok_r(rest, "\n", &rest)) != NULL) {
        controllers = strchr(line, ':');
        *path = controllers == NULL ? NULL : strchr(controllers + 1, ':');
        if (*path == NULL)
            continue;
        *(*path)++ = '\0';
        controllers++;
        if (*controllers == '\0') {
            *base = "/sys/fs/cgroup";
            *file = "memory.max";
            return true;
        }
        for (char *one = controllers; one != NULL; one = strchr(one, ',')) {
            one += *one == ',';
            if (strncmp(one, "memory", 6) == 0 && (one[6] == '\0' || one[6] == ',')) {
                *base = "/sys/fs/cgroup/memory";
                *file = "memory.limit_in_bytes";
                return true;
            }
        }
    }
    return false;
}

/* The least limit from there up to the top. Version 1 has a very large number for none. A
 * container may see its own cgroup at the top, wherever /proc says that it is. */
static llnet_status read_memory(struct ll_limit *limit, const char *root) {
    const char *base, *file;
    char lines[TEXT_MAX], place[PATH_ROOM], *path, *end;
    llnet_count len = read_file(root, "/proc/self/cgroup", lines, sizeof lines);
    int64_t least = INT64_MAX, one;
    bool found = false;

    if (len < 0)
        return (llnet_status)len;
    if (!find_cgroup(lines, &base, &file, &path))
        return -ENOENT;
    for (;;) {
        end = path + strlen(path);
        while (end > path && end[-1] == '/')
            *--end = '\0';
        if ((size_t)snprintf(place, sizeof place, "%s%s/%s", base, path, file) >= sizeof place)
            return -ENAMETOOLONG;
        one = read_number(root, place, "", -1);
        if (one < 0) {
            char text[16];
            if (read_file(root, place, text, sizeof text) > 0 && strncmp(text, "max", 3) == 0)
                one = INT64_MAX;
        }
        if (one >= INT64_MAX - 65536)
            one = INT64_MAX;
        if (one >= 0 && (!found || one < least)) {
            found = true;
            least = one;
            free(limit->found_place);
            limit->found_place = strdup(place);
            if (limit->found_place == NULL)
                return -ENOMEM;
            limit->place = limit->found_place;
        }
        end = strrchr(path, '/');
        if (end == NULL)
            break;
        *end = '\0';
    }
    if (!found)
        return -ENOENT;
    if (least == INT64_MAX)
        snprintf(lines, sizeof lines, "max");
    else
        snprintf(lines, sizeof lines, "%" PRId64, least);
    return set_text(limit, lines);
}

static llnet_status read_limit(struct ll_limit *limit, const char *root) {
    if (limit->place == ll_limit_place_rlimit)
        return read_rlimit(limit);
    if (strcmp(limit->kind->name, "memory.max") == 0)
        return read_memory(limit, root);
    return read_limit_file(limit, root);
}

static llnet_status take_limit(struct ll_limit *limit, const struct ll_limit_kind *kind, const char *root) {
    limit->kind = kind;
    limit->place = kind->place;
    limit->status = read_limit(limit, root);
    if (limit->status < 0)
        memset(limit->numbers, 0, sizeof limit->numbers);
    limit->verdict = limit->status < 0 ? LLNET_VERDICT_ABSENT : LLNET_VERDICT_NONE;
    return limit->status;
}

/* ---- the list --------------------------------------------------------------------------- */

llnet_status ll_limits_read(llnet_limits **out, const char *root) {
    llnet_limits *self = calloc(1, sizeof *self);
    int64_t kib;

    *out = NULL;
    if (self == NULL)
        return -ENOMEM;
    self->items = calloc(ll_limit_kinds_count, sizeof *self->items);
    if (self->items == NULL) {
        llnet_limits_free(self);
        return -ENOMEM;
    }
    self->count = ll_limit_kinds_count;
    for (size_t i = 0; i < ll_limit_kinds_count; i++)
        if (take_limit(&self->items[i], &ll_limit_kinds[i], root) == -ENOMEM) {
            llnet_limits_free(self);
            return -ENOMEM;
        }
    self->files_open = read_number(root, "/proc/sys/fs/file-nr", "", 0);
    self->tracked = read_number(root, "/proc/sys/net/netfilter/nf_conntrack_count", "", 0);
    self->tracked_seconds =
        read_number(root, "/proc/sys/net/netfilter/nf_conntrack_tcp_timeout_time_wait", "", 120);
    kib = read_number(root, "/proc/meminfo", "MemTotal:", 0);
    self->memory = kib < 0 || kib > INT64_MAX / 1024 ? 0 : kib * 1024;
    *out = self;
    return 0;
}

llnet_status llnet_limits_new(llnet_limits **out) {
    return ll_limits_read(out, "");
}

void llnet_limits_free(llnet_limits *self) {
    if (self == NULL)
        return;
    for (size_t i = 0; i < self->count; i++) {
        free(self->items[i].text);
        free(self->items[i].found_place);
    }
    free(self->items);
    free(self);
}

/* ---- what is told -------------------------------------------------------------------------- */

size_t llnet_limits_get_count(const llnet_limits *self) {
    return self->count;
}

llnet_count llnet_limits_find(const llnet_limits *self, const char *name) {
    for (size_t i = 0; i < self->count; i++)
        if (strcmp(self->items[i].kind->name, name) == 0)
            return (llnet_count)i;
    return -ENOENT;
}

const struct ll_limit *ll_limits_get(const llnet_limits *self, const char *name) {
    return &self->items[llnet_limits_find(self, name)];
}

static const struct ll_limit *at(const llnet_limits *self, size_t index) {
    return index < self->count ? &self->items[index] : NULL;
}

/* "" stands for none */
static const char *line_or_null(const char *line) {
    return *line == '\0' ? NULL : line;
}

const char *llnet_limits_get_name(const llnet_limits *self, size_t index) {
    return at(self, index) == NULL ? NULL : at(self, index)->kind->name;
}

const char *llnet_limits_get_meaning(const llnet_limits *self, size_t index) {
    return at(self, index) == NULL ? NULL : at(self, index)->kind->meaning;
}

const char *llnet_limits_get_unit(const llnet_limits *self, size_t index) {
    return at(self, index) == NULL ? NULL : at(self, index)->kind->unit;
}

const char *llnet_limits_get_place(const llnet_limits *self, size_t index) {
    return at(self, index) == NULL ? NULL : at(self, index)->place;
}

bool llnet_limits_is_per_netns(const llnet_limits *self, size_t index) {
    return at(self, index) != NULL && at(self, index)->kind->per_netns;
}

llnet_status llnet_limits_get_status(const llnet_limits *self, size_t index) {
    return at(self, index) == NULL ? -LLNET_EBOUNDS : at(self, index)->status;
}

const char *llnet_limits_get_text(const llnet_limits *self, size_t index) {
    return at(self, index) == NULL ? NULL : at(self, index)->text;
}

llnet_status llnet_limits_get_number(const llnet_limits *self, size_t index, size_t number, int64_t *value) {
    const struct ll_limit *limit = at(self, index);

    if (limit == NULL)
        return -LLNET_EBOUNDS;
    if (limit->text == NULL || number >= limit->kind->numbers)
        return -ENOENT;
    *value = limit->numbers[number];
    return 0;
}

size_t llnet_limits_get_shortfalls(const llnet_limits *self) {
    return self->shortfalls;
}

llnet_status llnet_limits_get_verdict(const llnet_limits *self, size_t index, int *value) {
    if (at(self, index) == NULL)
        return -LLNET_EBOUNDS;
    *value = at(self, index)->verdict;
    return 0;
}

const char *llnet_limits_get_wanted(const llnet_limits *self, size_t index) {
    return at(self, index) == NULL ? NULL : line_or_null(at(self, index)->wanted);
}

const char *llnet_limits_get_reason(const llnet_limits *self, size_t index) {
    return at(self, index) == NULL ? NULL : line_or_null(at(self, index)->reason);
}

const char *llnet_limits_get_setting(const llnet_limits *self, size_t index) {
    return at(self, index) == NULL ? NULL : line_or_null(at(self, index)->setting);
}

const char *llnet_limits_get_remedy(const llnet_limits *self, size_t index) {
    return at(self, index) == NULL ? NULL : line_or_null(at(self, index)->remedy);
}
