/* SPDX-License-Identifier: MIT */
/* addr_text.c: socket addresses as text, both ways; the grammar is at the top
 * of llnet/addr.h. Built on the functions of addr.c only. */
#include "internal.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>

enum {
    /* the address, "%", and an interface's name or number */
    IP_TEXT_MAX = INET6_ADDRSTRLEN + 1 + (IF_NAMESIZE > 11 ? IF_NAMESIZE : 11)
};

/* ---- pieces of text ------------------------------------------------------- */

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static int hex_value(char c) {
    if (is_digit(c))
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

/* Two hex digits as a byte, -1 where there are none; reads no byte beyond a NUL. */
static int hex_byte(const char *text) {
    int high = hex_value(text[0]);
    int low = high < 0 ? -1 : hex_value(text[1]);
    return low < 0 ? -1 : high * 16 + low;
}

/* Reads 1 to max_digits digits of a base, leaves *text after them. False where
 * there are none, more, or a number over max. */
static bool read_number(const char **text, int base, int max_digits, uint32_t max, uint32_t *number) {
    uint64_t sum = 0;
    int digits = 0;

    for (;; digits++, (*text)++) {
        int value = hex_value(**text);
        if (value < 0 || value >= base)
            break;
        if (digits == max_digits)
            return false;
        sum = sum * (unsigned)base + (unsigned)value;
    }
    *number = (uint32_t)sum;
    return digits > 0 && sum <= max;
}

/* What stands after a prefix, or NULL where text begins otherwise. */
static const char *after(const char *text, const char *prefix) {
    size_t len = strlen(prefix);
    return strncmp(text, prefix, len) == 0 ? text + len : NULL;
}

/* ---- IP without the port -------------------------------------------------- */

/* A scope: digits are a number, all else an interface's name. */
static llnet_status read_scope(const char *text, uint32_t *scope_id) {
    const char *rest = text;
    llnet_count ifindex;

    if (read_number(&rest, 10, 10, UINT32_MAX, scope_id) && *rest == '\0')
        return 0;
    if (text[0] == '\0' || text[strspn(text, "0123456789")] == '\0')
        return -EINVAL;
    if (strlen(text) >= IF_NAMESIZE)
        return -ENODEV;
    ifindex = llnet_interface_name_to_index(text);
    if (ifindex < 0)
        return ifindex == -ENXIO ? -ENODEV : (llnet_status)ifindex; /* BSD's word for the same */
    *scope_id = (uint32_t)ifindex;
    return 0;
}

llnet_status llnet_addr_set_ip(llnet_addr *self, const char *ip, int port) {
    char number[INET6_ADDRSTRLEN];
    unsigned char bytes[16];
    uint32_t scope_id = 0;
    size_t len;
    const char *percent;

    if (ip == NULL || port < 0 || port > 65535)
        return -EINVAL;
    if (inet_pton(AF_INET, ip, bytes) == 1)
        return llnet_addr_set_ip_bytes(self, bytes, 4, port);
    /* some systems' inet_pton takes a scope for itself: it never sees one */
    percent = strchr(ip, '%');
    len = percent != NULL ? (size_t)(percent - ip) : strlen(ip);
    if (len >= sizeof number)
        return -EINVAL;
    memcpy(number, ip, len);
    number[len] = '\0';
    if (inet_pton(AF_INET6, number, bytes) != 1)
        return -EINVAL;
    if (percent != NULL) {
        llnet_status status = read_scope(percent + 1, &scope_id);
        if (status < 0)
            return status;
    }
    llnet_addr_set_ip_bytes(self, bytes, 16, port);
    return llnet_addr_set_scope_id(self, scope_id);
}

/* Whether text with this interface name in it is read back as it was meant. */
static bool is_plain_name(const char *name) {
    bool only_digits = true;

    for (const char *c = name; *c != '\0'; c++) {
        if (*c <= ' ' || *c >= 127 || strchr("%[]?", *c) != NULL)
            return false;
        only_digits = only_digits && is_digit(*c);
    }
    return !only_digits;
}

/* Writes the address and its scope, returns the length. */
static size_t put_ip(const llnet_addr *self, char text[IP_TEXT_MAX]) {
    unsigned char ip[16];
    char name[IF_NAMESIZE];
    uint32_t scope_id = 0;
    size_t used;
    bool is_v4 = llnet_addr_get_ip_bytes(self, ip, sizeof ip) == 4;

    inet_ntop(is_v4 ? AF_INET : AF_INET6, ip, text, INET6_ADDRSTRLEN);
    used = strlen(text);
    llnet_addr_get_scope_id(self, &scope_id);
    if (scope_id == 0)
        return used;
    if (if_indextoname(scope_id, name) != NULL && is_plain_name(name))
        return used + (size_t)snprintf(text + used, IP_TEXT_MAX - used, "%%%s", name);
    return used + (size_t)snprintf(text + used, IP_TEXT_MAX - used, "%%%" PRIu32, scope_id);
}

llnet_count llnet_addr_get_ip(const llnet_addr *self, char *text, size_t size) {
    char made[IP_TEXT_MAX];
    size_t len;

    if (llnet_addr_get_port(self) < 0)
        return -EAFNOSUPPORT;
    len = put_ip(self, made);
    if (size <= len)
        return -ENOBUFS;
    memcpy(text, made, len + 1);
    return (llnet_count)len;
}

/* ---- parsing -------------------------------------------------------------- */

/* ":80" */
static bool read_port(const char **text, int *port) {
    uint32_t number;

    if (**text != ':')
        return false;
    (*text)++;
    if (!read_number(text, 10, 5, 65535, &number))
        return false;
    *port = (int)number;
    return true;
}

/* 127.0.0.1:80 */
static llnet_status parse_v4(llnet_addr *self, const char *text) {
    char ip[INET_ADDRSTRLEN];
    size_t len = strcspn(text, ":");
    int port;

    if (len >= sizeof ip)
        return -EINVAL;
    memcpy(ip, text, len);
    ip[len] = '\0';
    text += len;
    /* a number that IPv6 would take does not come through: it has colons */
    if (!read_port(&text, &port) || *text != '\0')
        return -EINVAL;
    return llnet_addr_set_ip(self, ip, port);
}

/* ::1]:80, ::1%lo]:80, ::1]:80?flowinfo=0x12 */
static llnet_status parse_v6(llnet_addr *self, const char *text) {
    char ip[IP_TEXT_MAX];
    size_t len = strcspn(text, "]");
    uint32_t flowinfo = 0;
    int port;
    llnet_status status;
    const char *rest = text + len;

    if (*rest++ != ']' || memchr(text, ':', len) == NULL || !read_port(&rest, &port))
        return -EINVAL;
    if (*rest != '\0') {
        rest = after(rest, "?flowinfo=0x");
        if (rest == NULL || !read_number(&rest, 16, 8, UINT32_MAX, &flowinfo) || *rest != '\0')
            return -EINVAL;
    }
    if (len >= sizeof ip)
        return memchr(text, '%', len) != NULL ? -ENODEV : -EINVAL;
    memcpy(ip, text, len);
    ip[len] = '\0';
    status = llnet_addr_set_ip(self, ip, port);
    return status < 0 ? status : llnet_addr_set_flowinfo(self, flowinfo);
}

/* /run/x.sock, @name */
static llnet_status parse_unix(llnet_addr *self, const char *text) {
    unsigned char name[LL_UNIX_NAME_MAX];
    size_t len = 0;

    for (bool first = true; *text != '\0'; first = false, text++) {
        int byte = (unsigned char)*text;
        if (byte == '@' && first) {
            byte = 0;
        } else if (byte == '%') {
            byte = hex_byte(text + 1);
            if (byte < 0)
                return -EINVAL;
            text += 2;
        }
        if (len == sizeof name)
            return -ENAMETOOLONG;
        name[len++] = (unsigned char)byte;
    }
    return llnet_addr_set_unix(self, name, len);
}

/* A number in decimal, or after 0x in hexadecimal, and what stands behind it; an
 * end of '\0' also is the text's. */
static bool read_field(const char **text, uint32_t max, char end, uint32_t *number) {
    const char *hex = after(*text, "0x");
    bool good = hex != NULL ? read_number(&hex, 16, 8, max, number) : read_number(text, 10, 10, max, number);

    if (hex != NULL)
        *text = hex;
    if (!good || **text != end)
        return false;
    if (end != '\0')
        (*text)++;
    return true;
}

/* 4711:0x1 */
static llnet_status parse_netlink(llnet_addr *self, const char *text) {
    uint32_t port_id, groups;

    if (!read_field(&text, UINT32_MAX, ':', &port_id) || !read_field(&text, UINT32_MAX, '\0', &groups))
        return -EINVAL;
    return llnet_addr_set_netlink(self, port_id, groups);
}

/* As read_field, or "any", which is all bits set. */
static bool read_field_or_any(const char **text, char end, uint32_t *number) {
    const char *rest = after(*text, "any");

    if (rest == NULL)
        return read_field(text, UINT32_MAX, end, number);
    *number = UINT32_MAX;
    *text = rest + 1;
    return *rest == end;
}

/* 3:1024, any:1024 */
static llnet_status parse_vsock(llnet_addr *self, const char *text) {
    uint32_t cid, port;

    if (!read_field_or_any(&text, ':', &cid) || !read_field_or_any(&text, '\0', &port))
        return -EINVAL;
    return llnet_addr_set_vsock(self, cid, port);
}

/* aa:bb:cc, up to the end or "?"; -1: something else. */
static int read_hardware(const char **text, unsigned char bytes[LLNET_ADDR_BYTES_MAX]) {
    int len = 0;

    while (**text != '\0' && **text != '?') {
        int byte = hex_byte(*text);
        if (byte < 0 || len == LLNET_ADDR_BYTES_MAX)
            return -1;
        bytes[len++] = (unsigned char)byte;
        *text += 2;
        if (**text == ':' && hex_byte(*text + 1) >= 0)
            (*text)++;
        else if (**text != '\0' && **text != '?')
            return -1;
    }
    return len;
}

/* 2:0x0800:aa:bb:cc:dd:ee:ff?type=4&hardware=1 */
static llnet_status parse_packet(llnet_addr *self, const char *text) {
    uint32_t ifindex, ethertype, packet_type = 0, hardware_type = 0;
    unsigned char bytes[LLNET_ADDR_BYTES_MAX];
    llnet_status status;
    int len;

    if (!read_field(&text, UINT32_MAX, ':', &ifindex) || !read_field(&text, 65535, ':', &ethertype))
        return -EINVAL;
    len = read_hardware(&text, bytes);
    if (len < 0)
        return -EINVAL;
    if (*text != '\0') {
        text = after(text, "?type=");
        if (text == NULL || !read_field(&text, 255, '&', &packet_type))
            return -EINVAL;
        text = after(text, "hardware=");
        if (text == NULL || !read_field(&text, 65535, '\0', &hardware_type))
            return -EINVAL;
    }
    status = llnet_addr_set_packet(self, ifindex, (int)ethertype, bytes, (size_t)len);
    return status < 0 ? status : ll_addr_set_packet_types(self, (int)packet_type, (int)hardware_type);
}

/* 16:00000000: exactly these bytes, so that an address that set_bytes would
 * refuse but set_size can make is read back too. */
static llnet_status parse_family(llnet_addr *self, const char *text) {
    unsigned char bytes[LLNET_ADDR_BYTES_MAX];
    size_t len = LL_ADDR_HEAD;
    uint32_t family;
    llnet_addr made;

    if (!read_number(&text, 10, 5, 65535, &family) || *text++ != ':' ||
        llnet_addr_set_family(&made, (int)family) < 0)
        return -EINVAL;
    memcpy(bytes, llnet_addr_data(&made), LL_ADDR_HEAD);
    for (; *text != '\0'; text += 2) {
        int byte = hex_byte(text);
        if (byte < 0 || len == sizeof bytes)
            return -EINVAL;
        bytes[len++] = (unsigned char)byte;
    }
    ll_addr_assign(self, bytes, (socklen_t)len);
    return 0;
}

llnet_status llnet_addr_parse(llnet_addr *self, const char *text) {
    const char *rest;

    if (text == NULL)
        return -EINVAL;
    if ((rest = after(text, "unix:")) != NULL)
        return parse_unix(self, rest);
    if ((rest = after(text, "family:")) != NULL)
        return parse_family(self, rest);
    if ((rest = after(text, "netlink:")) != NULL)
        return parse_netlink(self, rest);
    if ((rest = after(text, "packet:")) != NULL)
        return parse_packet(self, rest);
    if ((rest = after(text, "vsock:")) != NULL)
        return parse_vsock(self, rest);
    if ((rest = after(text, "[")) != NULL)
        return parse_v6(self, rest);
    if (strcmp(text, "unspec") == 0) {
        llnet_addr_init(self);
        return 0;
    }
    return parse_v4(self, text);
}

/* ---- formatting ----------------------------------------------------------- */

/* Every form is shorter than LLNET_ADDR_TEXT_MAX: Unix 5 + 3 * 108, packet less
 * than 60 + 3 * 116, others 13 + 2 * 126. */
LL_STATIC_ASSERT(16 + 3 * LL_UNIX_NAME_MAX < LLNET_ADDR_TEXT_MAX, "any Unix name fits");
LL_STATIC_ASSERT(16 + 2 * LLNET_ADDR_BYTES_MAX < LLNET_ADDR_TEXT_MAX, "any bytes fit");

static size_t put(char *text, size_t used, const char *format, ...) __attribute__((format(printf, 3, 4)));

static size_t put(char *text, size_t used, const char *format, ...) {
    va_list args;
    int len;

    va_start(args, format);
    len = vsnprintf(text + used, LLNET_ADDR_TEXT_MAX - used, format, args);
    va_end(args);
    return used + (size_t)len;
}

static size_t format_ip(const llnet_addr *self, char *text) {
    bool is_v6 = llnet_addr_get_family(self) == AF_INET6;
    char ip[IP_TEXT_MAX];
    uint32_t flowinfo = 0;
    size_t used;

    put_ip(self, ip);
    used = put(text, 0, is_v6 ? "[%s]:%d" : "%s:%d", ip, (int)llnet_addr_get_port(self));
    llnet_addr_get_flowinfo(self, &flowinfo);
    return flowinfo == 0 ? used : put(text, used, "?flowinfo=0x%" PRIx32, flowinfo);
}

static size_t format_unix(char *text, const unsigned char *name, size_t len) {
    size_t used = put(text, 0, "unix:");

    for (size_t i = 0; i < len; i++) {
        unsigned char byte = name[i];
        if (byte == 0 && i == 0)
            text[used++] = '@';
        else if (byte < 33 || byte == 127 || byte == '%' || (byte == '@' && i == 0))
            used = put(text, used, "%%%02x", byte);
        else
            text[used++] = (char)byte;
    }
    return used;
}

static size_t put_or_any(char *text, size_t used, uint32_t number, const char *end) {
    return number == UINT32_MAX ? put(text, used, "any%s", end) : put(text, used, "%" PRIu32 "%s", number, end);
}

/* One of the families that the system alone knows; 0: of no such, or its bytes
 * are not all in the text. */
static size_t format_link(const llnet_addr *self, char *text) {
    unsigned char hardware[LLNET_ADDR_BYTES_MAX];
    llnet_count count = llnet_addr_get_packet_hardware(self, hardware, sizeof hardware);
    int ethertype, packet_type, hardware_type;
    uint32_t first, second;
    size_t used = 0;
    llnet_addr back;

    if (llnet_addr_get_netlink(self, &first, &second) == 0) {
        used = put(text, 0, "netlink:%" PRIu32 ":0x%" PRIx32, first, second);
    } else if (llnet_addr_get_vsock(self, &first, &second) == 0) {
        used = put_or_any(text, put_or_any(text, put(text, 0, "vsock:"), first, ":"), second, "");
    } else if (llnet_addr_get_packet(self, &first, &ethertype, &packet_type, &hardware_type) == 0) {
        used = put(text, 0, "packet:%" PRIu32 ":0x%04x:", first, (unsigned)ethertype);
        for (llnet_count i = 0; i < count; i++)
            used = put(text, used, i == 0 ? "%02x" : ":%02x", hardware[i]);
        if (packet_type != 0 || hardware_type != 0)
            used = put(text, used, "?type=%d&hardware=%d", packet_type, hardware_type);
    }
    return used > 0 && llnet_addr_parse(&back, text) == 0 && llnet_addr_equal(self, &back) ? used : 0;
}

static size_t format_family(const llnet_addr *self, char *text) {
    const unsigned char *bytes = llnet_addr_const_data(self);
    size_t used = put(text, 0, "family:%d:", llnet_addr_get_family(self));

    for (size_t i = LL_ADDR_HEAD; i < llnet_addr_get_size(self); i++)
        used = put(text, used, "%02x", bytes[i]);
    return used;
}

llnet_count llnet_addr_format(const llnet_addr *self, char *text, size_t size) {
    char made[LLNET_ADDR_TEXT_MAX];
    unsigned char name[LL_UNIX_NAME_MAX];
    llnet_count name_len = llnet_addr_get_unix(self, name, sizeof name);
    size_t len;

    if (llnet_addr_get_family(self) == AF_UNSPEC)
        len = put(made, 0, "unspec");
    else if (llnet_addr_get_port(self) >= 0)
        len = format_ip(self, made);
    else if (name_len >= 0)
        len = format_unix(made, name, (size_t)name_len);
    else if ((len = format_link(self, made)) == 0)
        len = format_family(self, made); /* a Unix name that no socket can have, too */
    if (size <= len)
        return -ENOBUFS;
    memcpy(text, made, len);
    text[len] = '\0';
    return (llnet_count)len;
}
