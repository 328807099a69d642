/* SPDX-License-Identifier: MIT */
/* fuzz_addr.c: addresses: any text is parsed or refused, any bytes are formatted, and both
 * ways meet; IP addresses are compared with the C library's getaddrinfo(3),
 * getnameinfo(3), inet_pton(3) and inet_ntop(3), but for the differences of ../addr_differences. */
#include "fuzz.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>

/* ---- both ways ------------------------------------------------------------------- */

/* A refusal leaves the address as it was. */
static bool parse(llnet_addr *addr, const char *text) {
    llnet_addr before;
    llnet_status status;

    memset(addr, 0x5a, sizeof *addr);
    before = *addr;
    status = llnet_addr_parse(addr, text);
    must(status == 0 || status == -EINVAL || status == -ENODEV || status == -ENAMETOOLONG || status == -ENOTSUP);
    /* NOLINTNEXTLINE(bugprone-suspicious-memory-comparison,cert-exp42-c,cert-flp37-c): not a byte is written */
    must(status == 0 || memcmp(addr, &before, sizeof before) == 0);
    return status == 0;
}

/* What is written fits exactly, nothing smaller, and is read back as the same. */
static void check_text(const llnet_addr *addr) {
    char text[LLNET_ADDR_TEXT_MAX], again[LLNET_ADDR_TEXT_MAX], *exact;
    llnet_count len = llnet_addr_format(addr, text, sizeof text);
    llnet_addr back;

    must(len > 0 && (size_t)len == strlen(text));
    exact = malloc((size_t)len + 1);
    must(exact != NULL && llnet_addr_format(addr, exact, (size_t)len) == -ENOBUFS);
    must(llnet_addr_format(addr, exact, (size_t)len + 1) == len && strcmp(exact, text) == 0);
    free(exact);
    must(parse(&back, text));
    must(llnet_addr_equal(addr, &back) && llnet_addr_compare(&back, addr) == 0);
    must(llnet_addr_hash(addr) == llnet_addr_hash(&back));
    must(llnet_addr_format(&back, again, sizeof again) == len && strcmp(text, again) == 0);
}

/* The bytes of an address make the same one again, unless set_bytes refuses them. */
static void check_bytes(const llnet_addr *addr) {
    unsigned char bytes[LLNET_ADDR_BYTES_MAX];
    llnet_count len = llnet_addr_get_bytes(addr, bytes, sizeof bytes);
    llnet_addr back;

    must(len >= 2 && (size_t)len == llnet_addr_get_size(addr));
    if (llnet_addr_set_bytes(&back, bytes, (size_t)len) == 0)
        must(llnet_addr_equal(addr, &back));
}

/* An order is one from both sides, and equal addresses are found so. */
static void check_order(const llnet_addr *a, const llnet_addr *b) {
    int order = llnet_addr_compare(a, b), back = llnet_addr_compare(b, a);

    must((order < 0) == (back > 0) && (order == 0) == (back == 0));
    must(llnet_addr_equal(a, b) == (order == 0));
    if (order == 0)
        must(llnet_addr_hash(a) == llnet_addr_hash(b));
}

/* ---- beside the C library --------------------------------------------------------- */

/* inet_aton(3)'s forms, "127.1", "0x7f.0.0.1", "017700000001", and "*" for no host. */
static bool is_form_alone(const char *text) {
    unsigned char bytes[4];
    struct in_addr number;

    return strcmp(text, "*") == 0 || (inet_aton(text, &number) == 1 && inet_pton(AF_INET, text, bytes) != 1);
}

/* What the C library makes of a scope: only of a link-local address may it be a name, and
 * a number may have any count of digits. */
static bool is_scope_alone(const char *text, const llnet_addr *ours) {
    const char *scope = strchr(text, '%');

    if (scope == NULL)
        return false;
    if (ours == NULL)
        return strlen(scope + 1) > 10 && scope[1 + strspn(scope + 1, "0123456789")] == '\0';
    return !llnet_addr_is_link_local(ours) && !isdigit((unsigned char)scope[1]);
}

/* What getaddrinfo(3) makes of text: false where it is no numeric address to it. */
static bool ask_getaddrinfo(const char *text, llnet_addr *out) {
    struct addrinfo hints = {.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV, .ai_socktype = SOCK_STREAM}, *found;

    if (getaddrinfo(text, "80", &hints, &found) != 0)
        return false;
    must(llnet_addr_set_bytes(out, found->ai_addr, found->ai_addrlen) == 0);
    freeaddrinfo(found);
    return true;
}

static void compare_parsing(const char *text) {
    llnet_addr ours, theirs;
    llnet_status status = llnet_addr_set_ip(&ours, text, 80);
    bool taken = ask_getaddrinfo(text, &theirs);

    must(status == 0 || status == -EINVAL || status == -ENODEV);
    if (status == 0 && taken)
        must(llnet_addr_equal(&ours, &theirs));
    else if (status == 0)
        must(is_scope_alone(text, &ours));
    else if (taken)
        must(is_form_alone(text) || is_scope_alone(text, NULL));
}

/* Whether the C library writes this scope as a number where llnet writes a name. */
static bool is_named_here(const llnet_addr *addr) {
    char name[IF_NAMESIZE];
    uint32_t scope_id = 0;

    llnet_addr_get_scope_id(addr, &scope_id);
    return scope_id != 0 && !llnet_addr_is_link_local(addr) && if_indextoname(scope_id, name) != NULL;
}

static void compare_formatting(const llnet_addr *addr) {
    char ours[64], theirs[NI_MAXHOST];
    unsigned char ip[16];
    llnet_count len = llnet_addr_get_ip_bytes(addr, ip, sizeof ip);
    size_t plain;

    must(len == 4 || len == 16);
    must(llnet_addr_get_ip(addr, ours, sizeof ours) > 0);
    must(inet_ntop(len == 4 ? AF_INET : AF_INET6, ip, theirs, sizeof theirs) != NULL);
    plain = strcspn(ours, "%");
    must(strlen(theirs) == plain && memcmp(ours, theirs, plain) == 0);
    must(getnameinfo(llnet_addr_const_data(addr), (socklen_t)llnet_addr_get_size(addr), theirs, sizeof theirs, NULL,
                     0, NI_NUMERICHOST) == 0);
    if (!is_named_here(addr))
        must(strcmp(ours, theirs) == 0);
}

/* ---- one input ----------------------------------------------------------------------- */

/* A text that parses as IP:PORT has the port that the C library reads there. */
static void check_port(const llnet_addr *addr, const char *text) {
    const char *end = strrchr(text, ':');

    must(end != NULL && llnet_addr_get_port(addr) == strtol(end + 1, NULL, 10));
}

static void try_addr(const llnet_addr *addr) {
    llnet_addr moved = *addr;

    check_text(addr);
    check_bytes(addr);
    check_order(addr, &moved);
    if (llnet_addr_get_port(addr) < 0)
        return;
    compare_formatting(addr);
    must(llnet_addr_set_port(&moved, 65535 - (int)llnet_addr_get_port(addr)) == 0);
    must(!llnet_addr_equal(addr, &moved));
    check_order(addr, &moved);
}

static void try_bytes(const uint8_t *data, size_t size) {
    llnet_addr addr, other;
    uint8_t *bytes = copy_exactly(data, size);
    size_t half = size / 2;

    if (llnet_addr_set_bytes(&addr, bytes, size) == 0) {
        try_addr(&addr);
        if (llnet_addr_set_size(&addr, half) == 0)
            try_addr(&addr);
    }
    if (llnet_addr_set_bytes(&addr, bytes, half) == 0 && llnet_addr_set_bytes(&other, bytes + half, half) == 0)
        check_order(&addr, &other);
    if (llnet_addr_set_unix(&addr, bytes, size) == 0)
        try_addr(&addr);
    if (size > 8 && llnet_addr_set_packet(&addr, bytes[0], bytes[1], bytes + 2, size - 2) == 0)
        try_addr(&addr);
    free(bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *text = malloc(size + 1);
    llnet_addr addr;

    must(text != NULL);
    if (size > 0)
        memcpy(text, data, size);
    text[size] = '\0';
    if (parse(&addr, text)) {
        try_addr(&addr);
        /* where an IP address is given by its bytes, "family:10:...", its port is among them */
        if (llnet_addr_get_port(&addr) >= 0 && strchr(text, '?') == NULL && strncmp(text, "family:", 7) != 0)
            check_port(&addr, text);
    }
    compare_parsing(text);
    free(text);
    try_bytes(data, size);
    return 0;
}
