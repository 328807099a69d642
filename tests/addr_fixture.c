/* SPDX-License-Identifier: MIT */
/* addr_fixture.c: what the tests of addresses share, see addr_fixture.h. */
#include "addr_fixture.h"

static uint64_t random_state = 20261123;

/* xorshift64*: the same numbers everywhere */
uint32_t random_number(void) {
    random_state ^= random_state >> 12;
    random_state ^= random_state << 25;
    random_state ^= random_state >> 27;
    return (uint32_t)((random_state * 2685821657736338717u) >> 32);
}

uint32_t random_below(uint32_t limit) {
    return random_number() % limit;
}

void random_bytes(void *bytes, size_t len) {
    unsigned char *p = bytes;
    unsigned mask = random_below(2) ? 0xff : 0x03; /* few ones: runs of zeros, NULs */

    for (size_t i = 0; i < len; i++)
        p[i] = (unsigned char)(random_number() & mask);
}

llnet_addr parsed(const char *text) {
    llnet_addr addr = {0};
    assert_ok(llnet_addr_parse(&addr, text));
    return addr;
}

llnet_addr ip(const char *text, int port) {
    llnet_addr addr = {0};
    assert_ok(llnet_addr_set_ip(&addr, text, port));
    return addr;
}

llnet_addr unix_named(const void *name, size_t len) {
    llnet_addr addr = {0};
    assert_ok(llnet_addr_set_unix(&addr, name, len));
    return addr;
}

llnet_addr from_bytes(const void *bytes, size_t len) {
    llnet_addr addr = {0};
    memcpy(llnet_addr_data(&addr), bytes, len);
    assert_ok(llnet_addr_set_size(&addr, len));
    return addr;
}

void assert_text(const llnet_addr *addr, const char *expected) {
    char text[LLNET_ADDR_TEXT_MAX];
    llnet_count len = llnet_addr_format(addr, text, sizeof text);

    assert_ok(len);
    ck_assert_str_eq(text, expected);
    ck_assert_uint_eq((size_t)len, strlen(expected));
}

void assert_same(const llnet_addr *a, const llnet_addr *b) {
    ck_assert_int_eq(llnet_addr_compare(a, b), 0);
    ck_assert_int_eq(llnet_addr_compare(b, a), 0);
    ck_assert(llnet_addr_equal(a, b));
    ck_assert_uint_eq(llnet_addr_hash(a), llnet_addr_hash(b));
}

void assert_before(const llnet_addr *a, const llnet_addr *b) {
    ck_assert_int_lt(llnet_addr_compare(a, b), 0);
    ck_assert_int_gt(llnet_addr_compare(b, a), 0);
    ck_assert(!llnet_addr_equal(a, b));
}

/* Check notes every assertion in a file, so those here, which run half a million
 * times, are made only where they fail. */
void assert_round_trip(const llnet_addr *addr) {
    char text[LLNET_ADDR_TEXT_MAX] = "", exact[LLNET_ADDR_TEXT_MAX];
    llnet_count len = llnet_addr_format(addr, text, sizeof text);
    llnet_addr back;

    if (len <= 0 || strlen(text) != (size_t)len)
        ck_abort_msg("the text is %s, its length %ld", text, (long)len);
    if (llnet_addr_format(addr, exact, (size_t)len) != -ENOBUFS ||
        llnet_addr_format(addr, exact, (size_t)len + 1) != len)
        ck_abort_msg("%s does not take just its own room", text);
    memset(&back, 0xa5, sizeof back);
    back.len = LLNET_ADDR_BYTES_MAX;
    if (llnet_addr_parse(&back, text) != 0)
        ck_abort_msg("cannot parse %s", text);
    if (!llnet_addr_equal(addr, &back) || llnet_addr_hash(addr) != llnet_addr_hash(&back))
        ck_abort_msg("%s is parsed as another address", text);
}

/* Of the families that Linux alone has, whole, and most with all in the text. */
static llnet_addr random_link_addr(const unsigned char *bytes) {
    uint32_t first = random_number() >> random_below(32), second = random_below(4) ? random_number() : UINT32_MAX;
    llnet_addr addr = {0};
    unsigned char *inside = llnet_addr_data(&addr);

    switch (random_below(3)) {
    case 0:
        llnet_addr_set_netlink(&addr, first, second);
        break;
    case 1:
        llnet_addr_set_vsock(&addr, second, first);
        break;
    default:
        llnet_addr_set_packet(&addr, first, (int)random_below(65536), bytes, random_below(33));
        memcpy(inside + 8, bytes, random_below(4)); /* the types, in struct sockaddr_ll */
    }
    if (random_below(4) == 0)
        inside[HEAD + random_below(30)] ^= 1;
    if (random_below(4) == 0)
        llnet_addr_set_size(&addr, HEAD + random_below(40));
    return addr;
}

llnet_addr random_addr(void) {
    unsigned char bytes[LLNET_ADDR_BYTES_MAX];
    static const sa_family_t families[] = {AF_UNSPEC, AF_UNIX, AF_INET, AF_INET6, 16, 17, 40, 200};
    sa_family_t family = families[random_below(sizeof families / sizeof *families)];
    llnet_addr addr = {0};
    size_t len;

    random_bytes(bytes, sizeof bytes);
    switch (random_below(7)) {
    case 0:
        assert_ok(llnet_addr_set_ip_bytes(&addr, bytes, 4, (int)random_below(65536)));
        return addr;
    case 1:
        assert_ok(llnet_addr_set_ip_bytes(&addr, bytes, 16, (int)random_below(65536)));
        if (random_below(2))
            assert_ok(llnet_addr_set_scope_id(&addr, random_below(3) ? random_below(20) : random_number()));
        if (random_below(2))
            assert_ok(llnet_addr_set_flowinfo(&addr, random_number() >> random_below(32)));
        return addr;
    case 2:
        len = random_below(sizeof(struct sockaddr_un) - UNIX_HEAD + 1);
        for (size_t i = 0; i < len; i++)
            bytes[i] = bytes[i] != 0 ? bytes[i] : (unsigned char)"%@/ \n%"[random_below(6)];
        return unix_named(bytes, len);
#ifdef __linux__
    case 3:
        bytes[0] = 0;
        return unix_named(bytes, 1 + random_below(108));
#endif
    case 4:
        return random_link_addr(bytes);
    default:
        memcpy(bytes + offsetof(struct sockaddr, sa_family), &family, sizeof family);
        return from_bytes(bytes, HEAD + random_below(LLNET_ADDR_BYTES_MAX - HEAD + 1));
    }
}
