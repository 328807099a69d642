/* SPDX-License-Identifier: MIT */
/* addr.c: a socket address by value: making it from parts, reading its parts,
 * comparing, hashing and classifying. Text is in addr_text.c, families that one
 * system alone has in addr_link_*.c. */
#include "internal.h"

#include <string.h>

#include <netinet/in.h>

LL_STATIC_ASSERT(sizeof(struct sockaddr_storage) <= LLNET_ADDR_BYTES_MAX, "any address fits");
/* and a path that fills sun_path is still followed by a NUL */
LL_STATIC_ASSERT(sizeof(struct sockaddr_un) < LLNET_ADDR_BYTES_MAX, "any Unix address fits");
LL_STATIC_ASSERT(sizeof(llnet_addr) == 8 + LLNET_ADDR_BYTES_MAX, "the layout is frozen");

enum {
    /* family, form, and the bytes of the longest address */
    KEY_MAX = 3 + LLNET_ADDR_BYTES_MAX
};

#ifdef __linux__
static const bool have_abstract_names = true;
#else
static const bool have_abstract_names = false;
#endif

/* ---- inside of the struct sockaddr -------------------------------------- */

static void set_len(llnet_addr *self, size_t len) {
    self->len = (uint32_t)len;
#ifdef HAVE_STRUCT_SOCKADDR_SA_LEN
    self->data.bytes[offsetof(struct sockaddr, sa_len)] = (unsigned char)len;
#endif
}

/* Makes the address all zero but for its family and length. */
static void clear(llnet_addr *self, int family, size_t len) {
    sa_family_t field = (sa_family_t)family;

    memset(self, 0, sizeof *self);
    memcpy(self->data.bytes + offsetof(struct sockaddr, sa_family), &field, sizeof field);
    set_len(self, len);
}

static int family_in(const unsigned char *bytes) {
    sa_family_t field;

    memcpy(&field, bytes + offsetof(struct sockaddr, sa_family), sizeof field);
    return field;
}

/* The least length with which an address of this family has all its parts. */
static size_t whole_len(int family) {
    switch (family) {
    case AF_INET:
        return sizeof(struct sockaddr_in);
    case AF_INET6:
        return sizeof(struct sockaddr_in6);
    default:
        return LL_ADDR_HEAD;
    }
}

/* Whether the address is one of this family with all its parts. */
static bool is_whole(const llnet_addr *self, int family) {
    return family_in(self->data.bytes) == family && ll_addr_len(self) >= whole_len(family);
}

static bool load_in(const llnet_addr *self, struct sockaddr_in *in) {
    if (!is_whole(self, AF_INET))
        return false;
    memcpy(in, self->data.bytes, sizeof *in);
    return true;
}

static bool load_in6(const llnet_addr *self, struct sockaddr_in6 *in6) {
    if (!is_whole(self, AF_INET6))
        return false;
    memcpy(in6, self->data.bytes, sizeof *in6);
    return true;
}

/* The name of a Unix address and its length. What follows the NUL that ends a
 * path is not part of it; the kernel may or may not count that NUL. */
static size_t unix_name(const llnet_addr *self, const unsigned char **name) {
    size_t len = ll_addr_len(self);
    size_t room = len > LL_UNIX_HEAD ? len - LL_UNIX_HEAD : 0;
    const unsigned char *end;

    *name = self->data.bytes + LL_UNIX_HEAD;
    if (room == 0 || ((*name)[0] == 0 && have_abstract_names))
        return room;
    end = memchr(*name, 0, room);
    return end != NULL ? (size_t)(end - *name) : room;
}

/* ---- making --------------------------------------------------------------- */

size_t llnet_addr_size(void) {
    return sizeof(llnet_addr);
}

void llnet_addr_init(llnet_addr *self) {
    clear(self, AF_UNSPEC, LL_ADDR_HEAD);
}

llnet_status llnet_addr_set_ip_bytes(llnet_addr *self, const void *data, size_t len, int port) {
    struct sockaddr_in in;
    struct sockaddr_in6 in6;

    if (port < 0 || port > 65535)
        return -EINVAL;
    /* the bytes may be the address's own: they are read before it is cleared */
    if (len == sizeof in.sin_addr) {
        memset(&in, 0, sizeof in);
        memcpy(&in.sin_addr, data, sizeof in.sin_addr);
        llnet_addr_set_family(self, AF_INET);
        memcpy(self->data.bytes + offsetof(struct sockaddr_in, sin_addr), &in.sin_addr, sizeof in.sin_addr);
    } else if (len == sizeof in6.sin6_addr) {
        memset(&in6, 0, sizeof in6);
        memcpy(&in6.sin6_addr, data, sizeof in6.sin6_addr);
        llnet_addr_set_family(self, AF_INET6);
        memcpy(self->data.bytes + offsetof(struct sockaddr_in6, sin6_addr), &in6.sin6_addr, sizeof in6.sin6_addr);
    } else {
        return -EINVAL;
    }
    return llnet_addr_set_port(self, port);
}

llnet_status llnet_addr_set_unix(llnet_addr *self, const void *data, size_t len) {
    const unsigned char *name = data;
    llnet_addr made;

    if (len > LL_UNIX_NAME_MAX)
        return -ENAMETOOLONG;
    clear(&made, AF_UNIX, LL_UNIX_HEAD + len);
    if (len > 0) {
        if (name[0] == 0 && !have_abstract_names)
            return -ENOTSUP;
        if (name[0] != 0 && memchr(name, 0, len) != NULL)
            return -EINVAL;
        memcpy(made.data.bytes + LL_UNIX_HEAD, name, len);
        /* a path's NUL counts, unless the path fills sun_path */
        if (name[0] != 0 && len < LL_UNIX_NAME_MAX)
            set_len(&made, LL_UNIX_HEAD + len + 1);
    }
    *self = made;
    return 0;
}

void ll_addr_received(llnet_addr *self, socklen_t len) {
    int family = len >= LL_ADDR_HEAD ? family_in(self->data.bytes) : AF_UNSPEC;

    if ((family == AF_INET && len == sizeof(struct sockaddr_in)) ||
        (family == AF_INET6 && len == sizeof(struct sockaddr_in6)))
        set_len(self, len);
    else
        ll_addr_assign(self, self->data.bytes, len);
}

void ll_addr_assign(llnet_addr *self, const void *bytes, socklen_t len) {
    size_t size = len > LLNET_ADDR_BYTES_MAX ? LLNET_ADDR_BYTES_MAX : (size_t)len;
    const unsigned char *name = (const unsigned char *)bytes + LL_UNIX_HEAD;
    llnet_addr made;

    llnet_addr_init(&made);
    if (size >= LL_ADDR_HEAD && family_in(bytes) != AF_UNSPEC) {
        /* Linux counts a NUL behind a path that fills sun_path, but takes no such length */
        if (family_in(bytes) == AF_UNIX && size == sizeof(struct sockaddr_un) + 1 && name[0] != 0 &&
            name[LL_UNIX_NAME_MAX] == 0)
            size--;
        memcpy(made.data.bytes, bytes, size);
        set_len(&made, size);
    }
    *self = made;
}

llnet_status llnet_addr_set_bytes(llnet_addr *self, const void *data, size_t len) {
    if (len < LL_ADDR_HEAD || len > LLNET_ADDR_BYTES_MAX || len < whole_len(family_in(data)))
        return -EINVAL;
    ll_addr_assign(self, data, (socklen_t)len);
    return 0;
}

llnet_status llnet_addr_set_family(llnet_addr *self, int family) {
    size_t len = sizeof(struct sockaddr);

    /* no narrower than the field: where that has 8 bits, 256 is no family */
    if (family < 0 || family > (sa_family_t)-1)
        return -EAFNOSUPPORT;
    if (family == AF_UNSPEC)
        len = LL_ADDR_HEAD;
    else if (family == AF_UNIX)
        len = LL_UNIX_HEAD;
    else if (family == AF_INET || family == AF_INET6)
        len = whole_len(family);
    clear(self, family, len);
    return 0;
}

/* ---- reading -------------------------------------------------------------- */

/* Hands out a part: its length, or ENOBUFS. */
static llnet_count give(const void *part, size_t len, void *bytes, size_t size) {
    if (size < len)
        return -ENOBUFS;
    if (len > 0)
        memcpy(bytes, part, len);
    return (llnet_count)len;
}

int llnet_addr_get_family(const llnet_addr *self) {
    return family_in(self->data.bytes);
}

llnet_count llnet_addr_get_port(const llnet_addr *self) {
    struct sockaddr_in in;
    struct sockaddr_in6 in6;

    if (load_in(self, &in))
        return ntohs(in.sin_port);
    if (load_in6(self, &in6))
        return ntohs(in6.sin6_port);
    return -EAFNOSUPPORT;
}

llnet_status llnet_addr_set_port(llnet_addr *self, int port) {
    in_port_t field = htons((uint16_t)port);
    size_t offset;

    if (is_whole(self, AF_INET))
        offset = offsetof(struct sockaddr_in, sin_port);
    else if (is_whole(self, AF_INET6))
        offset = offsetof(struct sockaddr_in6, sin6_port);
    else
        return -EAFNOSUPPORT;
    if (port < 0 || port > 65535)
        return -EINVAL;
    memcpy(self->data.bytes + offset, &field, sizeof field);
    return 0;
}

llnet_count llnet_addr_get_ip_bytes(const llnet_addr *self, void *bytes, size_t size) {
    struct sockaddr_in in;
    struct sockaddr_in6 in6;

    if (load_in(self, &in))
        return give(&in.sin_addr, sizeof in.sin_addr, bytes, size);
    if (load_in6(self, &in6))
        return give(&in6.sin6_addr, sizeof in6.sin6_addr, bytes, size);
    return -EAFNOSUPPORT;
}

llnet_status llnet_addr_get_scope_id(const llnet_addr *self, uint32_t *value) {
    struct sockaddr_in6 in6;

    if (!load_in6(self, &in6))
        return -EAFNOSUPPORT;
    *value = in6.sin6_scope_id;
    return 0;
}

llnet_status llnet_addr_set_scope_id(llnet_addr *self, uint32_t scope_id) {
    if (!is_whole(self, AF_INET6))
        return -EAFNOSUPPORT;
    memcpy(self->data.bytes + offsetof(struct sockaddr_in6, sin6_scope_id), &scope_id, sizeof scope_id);
    return 0;
}

llnet_status llnet_addr_get_flowinfo(const llnet_addr *self, uint32_t *value) {
    struct sockaddr_in6 in6;

    if (!load_in6(self, &in6))
        return -EAFNOSUPPORT;
    *value = ntohl(in6.sin6_flowinfo);
    return 0;
}

llnet_status llnet_addr_set_flowinfo(llnet_addr *self, uint32_t flowinfo) {
    uint32_t field = htonl(flowinfo);

    if (!is_whole(self, AF_INET6))
        return -EAFNOSUPPORT;
    memcpy(self->data.bytes + offsetof(struct sockaddr_in6, sin6_flowinfo), &field, sizeof field);
    return 0;
}

llnet_count llnet_addr_get_unix(const llnet_addr *self, void *bytes, size_t size) {
    const unsigned char *name;
    size_t len;

    if (!is_whole(self, AF_UNIX))
        return -EAFNOSUPPORT;
    len = unix_name(self, &name);
    return give(name, len, bytes, size);
}

llnet_count llnet_addr_get_bytes(const llnet_addr *self, void *bytes, size_t size) {
    return give(self->data.bytes, ll_addr_len(self), bytes, size);
}

void *llnet_addr_data(llnet_addr *self) {
    return self->data.bytes;
}

const void *llnet_addr_const_data(const llnet_addr *self) {
    return self->data.bytes;
}

size_t llnet_addr_get_size(const llnet_addr *self) {
    return ll_addr_len(self);
}

llnet_status llnet_addr_set_size(llnet_addr *self, size_t size) {
    if (size < LL_ADDR_HEAD || size > LLNET_ADDR_BYTES_MAX)
        return -LLNET_EBOUNDS;
    set_len(self, size);
    return 0;
}

/* ---- comparing ------------------------------------------------------------ */

static size_t put_bytes(unsigned char *key, size_t used, const void *bytes, size_t len) {
    memcpy(key + used, bytes, len);
    return used + len;
}

static size_t put_number(unsigned char *key, size_t used, uint32_t number) {
    uint32_t big_endian = htonl(number);
    return put_bytes(key, used, &big_endian, sizeof big_endian);
}

/* An address of a family that the system alone knows. What the kernel counts of
 * one differs: a packet(7) address has 12 bytes, 18 or 20, so the zero bytes at the
 * end don't count. False: it is none, or lacks bytes. */
static bool put_link(const llnet_addr *self, unsigned char *key, size_t *used) {
    size_t len = ll_addr_len(self), least = ll_addr_link_len(family_in(self->data.bytes));

    if (least == 0 || len < least)
        return false;
    *used = put_bytes(key, *used, self->data.bytes + LL_ADDR_HEAD, len - LL_ADDR_HEAD);
    while (*used > 3 && key[*used - 1] == 0)
        --*used;
    return true;
}

/* Writes what counts of an address, so that addresses are equal where their
 * keys are, and sort as their keys do byte by byte. The third byte tells an
 * address that lacks bytes (its key is what it has) from a whole one. */
static size_t make_key(const llnet_addr *self, unsigned char *key) {
    int family = family_in(self->data.bytes);
    struct sockaddr_in in;
    struct sockaddr_in6 in6;
    const unsigned char *name;
    size_t used = 3;

    key[0] = (unsigned char)(family >> 8);
    key[1] = (unsigned char)family;
    key[2] = 1;
    if (load_in(self, &in)) {
        used = put_bytes(key, used, &in.sin_addr, sizeof in.sin_addr);
        return put_bytes(key, used, &in.sin_port, sizeof in.sin_port);
    }
    if (load_in6(self, &in6)) {
        used = put_bytes(key, used, &in6.sin6_addr, sizeof in6.sin6_addr);
        used = put_number(key, used, in6.sin6_scope_id);
        used = put_bytes(key, used, &in6.sin6_flowinfo, sizeof in6.sin6_flowinfo);
        return put_bytes(key, used, &in6.sin6_port, sizeof in6.sin6_port);
    }
    if (family == AF_UNIX) {
        size_t len = unix_name(self, &name);
        return put_bytes(key, used, name, len);
    }
    if (put_link(self, key, &used))
        return used;
    key[2] = 0;
    if (family == AF_UNSPEC)
        return used;
    return put_bytes(key, used, self->data.bytes + LL_ADDR_HEAD, ll_addr_len(self) - LL_ADDR_HEAD);
}

int llnet_addr_compare(const llnet_addr *self, const llnet_addr *other) {
    unsigned char a[KEY_MAX], b[KEY_MAX];
    size_t a_len = make_key(self, a);
    size_t b_len = make_key(other, b);
    int order = memcmp(a, b, a_len < b_len ? a_len : b_len);

    if (order != 0)
        return order < 0 ? -1 : 1;
    return (a_len > b_len) - (a_len < b_len);
}

bool llnet_addr_equal(const llnet_addr *self, const llnet_addr *other) {
    return llnet_addr_compare(self, other) == 0;
}

uint32_t llnet_addr_hash(const llnet_addr *self) {
    unsigned char key[KEY_MAX];
    size_t len = make_key(self, key);
    uint32_t hash = 2166136261u; /* FNV-1a */

    for (size_t i = 0; i < len; i++)
        hash = (hash ^ key[i]) * 16777619u;
    /* FNV's low bits depend on the low bits of the input alone; this spreads all */
    hash = (hash ^ (hash >> 16)) * 0x85ebca6bu;
    hash = (hash ^ (hash >> 13)) * 0xc2b2ae35u;
    return hash ^ (hash >> 16);
}

/* ---- classifying ---------------------------------------------------------- */

/* The IP address to judge: 4 bytes (those inside of a v4-mapped one too), 16,
 * or 0 where there is none. */
static size_t judged_bytes(const llnet_addr *self, unsigned char ip[16]) {
    llnet_count len = llnet_addr_get_ip_bytes(self, ip, 16);

    if (len < 0)
        return 0;
    if (llnet_addr_is_v4_mapped(self)) {
        memmove(ip, ip + 12, 4);
        return 4;
    }
    return (size_t)len;
}

static bool is_zero(const unsigned char *bytes, size_t len) {
    unsigned char all = 0;

    for (size_t i = 0; i < len; i++)
        all |= bytes[i];
    return all == 0;
}

bool llnet_addr_is_any(const llnet_addr *self) {
    unsigned char ip[16];
    size_t len = judged_bytes(self, ip);
    return len != 0 && is_zero(ip, len);
}

bool llnet_addr_is_loopback(const llnet_addr *self) {
    unsigned char ip[16];
    size_t len = judged_bytes(self, ip);

    if (len == 4)
        return ip[0] == 127;
    return len == 16 && is_zero(ip, 15) && ip[15] == 1;
}

bool llnet_addr_is_multicast(const llnet_addr *self) {
    unsigned char ip[16];
    size_t len = judged_bytes(self, ip);

    if (len == 4)
        return (ip[0] & 0xf0) == 224;
    return len == 16 && ip[0] == 0xff;
}

bool llnet_addr_is_link_local(const llnet_addr *self) {
    unsigned char ip[16];
    size_t len = judged_bytes(self, ip);

    if (len == 4)
        return ip[0] == 169 && ip[1] == 254;
    return len == 16 && ip[0] == 0xfe && (ip[1] & 0xc0) == 0x80;
}

bool llnet_addr_is_private(const llnet_addr *self) {
    unsigned char ip[16];
    size_t len = judged_bytes(self, ip);

    if (len == 4)
        return ip[0] == 10 || (ip[0] == 172 && (ip[1] & 0xf0) == 16) || (ip[0] == 192 && ip[1] == 168);
    return len == 16 && (ip[0] & 0xfe) == 0xfc;
}

bool llnet_addr_is_v4_mapped(const llnet_addr *self) {
    struct sockaddr_in6 in6;
    return load_in6(self, &in6) && IN6_IS_ADDR_V4MAPPED(&in6.sin6_addr);
}
