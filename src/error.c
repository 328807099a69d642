/* SPDX-License-Identifier: MIT */
/* error.c: the one table of error names and texts, made from error.list, and
 * the ways through it: by number, by name, by index. It also knows how resolver
 * codes are laid into the number space of all errors. */
#include "internal.h"

#include <limits.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>

struct entry {
    const char *name;
    int number; /* as the platform's header has it */
    const char *text;
};

/* The library's own come first, where the search that numbers outside of the
 * slots need finds them at once. */
static const struct entry entries[] = {
    {"CLOSED", LLNET_ECLOSED, "End of stream"},
    {"BOUNDS", LLNET_EBOUNDS, "Out of bounds"},
    {"TYPE", LLNET_ETYPE, "Value of another type"},
    {"SEGMENTS", LLNET_ESEGMENTS, "More than 64 segments or 65507 bytes in one send"},
#define PRESENT(name, number, text) {name, number, text},
#define ABSENT(name, text)
#include "error_list.h"
#undef PRESENT
#undef ABSENT
};

enum {
    ENTRY_COUNT = sizeof entries / sizeof entries[0],
    EAI_LIMIT = 0xffff, /* the largest magnitude that the number space has room for */
    ERRNO_SLOTS = 256,  /* errno is below 256 nearly everywhere */
    EAI_SLOTS = 128
};

/* One more than the index of the entry for a number, 0 where there is none.
 * Filled before main, then only read: no thread sees it change. Where it has
 * nothing the entries are searched, so that it need not be complete. */
static unsigned short slots[ERRNO_SLOTS + EAI_SLOTS];

/* The slot of a positive code; 0, which stays empty, where it has none. */
static int slot_of(int code) {
    if (code < ERRNO_SLOTS)
        return code;
    if (code >= LLNET_EAI_BASE && code < LLNET_EAI_BASE + EAI_SLOTS)
        return ERRNO_SLOTS + (code - LLNET_EAI_BASE);
    return 0;
}

/* The number of an entry in the library's number space. */
static int code_of(const struct entry *entry) {
    if (strncmp(entry->name, "EAI_", 4) == 0)
        return LLNET_EAI_BASE + abs(entry->number);
    return entry->number;
}

static void __attribute__((constructor)) fill_slots(void) {
    int i, slot;

    for (i = 0; i < ENTRY_COUNT; i++) {
        slot = slot_of(code_of(&entries[i]));
        if (slot > 0 && slots[slot] == 0)
            slots[slot] = (unsigned short)(i + 1);
    }
}

/* The code with a positive sign; 0 for INT_MIN, which has none. */
static int positive(int error) {
    if (error >= 0)
        return error;
    return error == INT_MIN ? 0 : -error;
}

static const struct entry *find(int error) {
    int code = positive(error), i = slots[slot_of(code)];

    if (i > 0)
        return &entries[i - 1];
    for (i = 0; i < ENTRY_COUNT; i++)
        if (code_of(&entries[i]) == code)
            return &entries[i];
    return NULL;
}

const char *llnet_error_name(int error) {
    const struct entry *entry = find(error);
    return entry != NULL ? entry->name : NULL;
}

const char *llnet_error_text(int error) {
    const struct entry *entry = find(error);
    return entry != NULL ? entry->text : "Unknown error";
}

int llnet_error_number(const char *name) {
    int i;

    for (i = 0; name != NULL && i < ENTRY_COUNT; i++)
        if (strcmp(entries[i].name, name) == 0)
            return code_of(&entries[i]);
    return 0;
}

llnet_status llnet_error_from_eai(int eai, int system_errno) {
    if (eai == 0)
        return 0;
    /* without an errno behind it EAI_SYSTEM is still an error */
    if (eai == EAI_SYSTEM && system_errno > 0)
        return -system_errno;
    if (eai < -EAI_LIMIT || eai > EAI_LIMIT)
        eai = EAI_FAIL;
    return -(LLNET_EAI_BASE + abs(eai));
}

int llnet_error_to_eai(int error) {
    int magnitude = positive(error) - LLNET_EAI_BASE;

    if (magnitude <= 0 || magnitude > EAI_LIMIT)
        return 0;
    return EAI_NONAME < 0 ? -magnitude : magnitude;
}

int llnet_error_at(size_t index) {
    return index < ENTRY_COUNT ? code_of(&entries[index]) : 0;
}

const char *llnet_error_name_at(size_t index) {
    return index < ENTRY_COUNT ? entries[index].name : NULL;
}
