/* SPDX-License-Identifier: MIT */
/* llnet/addr.h: a socket address by value.
 *
 * An llnet_addr lives in the caller's memory, owns nothing and may be copied
 * by assignment. Its layout is frozen, its fields are not API: use the
 * functions. An address of all zero bytes is valid and unspecified. No
 * function here makes a system call, except that scope names ("%eth0") are
 * looked up by if_nametoindex(3) and if_indextoname(3), which open a socket for
 * the moment.
 *
 * Text forms, as llnet_addr_parse reads and llnet_addr_format writes them:
 *
 *   127.0.0.1:80                          IPv4
 *   [::1]:80   [fe80::1%lo]:80            IPv6, scope by interface name or number
 *   [2001:db8::1]:80?flowinfo=0x12345     IPv6 with flow information
 *   unix:/run/x.sock                      Unix path
 *   unix:@name                            Unix abstract name (Linux)
 *   unix:                                 Unix, unnamed
 *   netlink:4711:0x1                      netlink port id and groups (netlink(7))
 *   packet:2:0x0800:aa:bb:cc:dd:ee:ff     link layer (packet(7)): interface's index,
 *                                         protocol, hardware address or nothing
 *   packet:2:0x0800:?type=4&hardware=1    and how and by what it came
 *   vsock:3:1024   vsock:any:1024         virtual machines (vsock(7)); PORT may be
 *                                         any, too
 *   unspec                                AF_UNSPEC
 *   family:16:00000000...                 any other family: its number, and the
 *                                         bytes after the family field in hex
 *
 * In Unix names a byte below 33, 127 and '%' are written as % and two hex
 * digits, and so is '@' where it starts a path. */
#ifndef LLNET_ADDR_H
#define LLNET_ADDR_H

#include <llnet/base.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
    /* Room for the bytes of any address. */
    LLNET_ADDR_BYTES_MAX = 128,
    /* Room for the text of any address, its closing NUL included. */
    LLNET_ADDR_TEXT_MAX = 512
};

typedef struct llnet_addr {
    uint32_t len, reserved;
    union {
        uint64_t align;
        unsigned char bytes[128];
    } data;
} llnet_addr;

/* sizeof(llnet_addr), for languages that cannot ask the compiler. */
LLNET_API size_t llnet_addr_size(void);

/* ---- making ---------------------------------------------------------- */

/* Makes the address unspecified: AF_UNSPEC, and its family field is all the
 * bytes it has. connect(2) to it dissolves a datagram socket's association. */
LLNET_API void llnet_addr_init(llnet_addr *self);

/* Sets an IP address from numeric text, "192.0.2.1", "::1" or "fe80::1%eth0"
 * (no name is looked up but the interface's), and a port in host order.
 * EINVAL: not a numeric address, or a port outside 0..65535; ENODEV: no such
 * interface; EMFILE, ENFILE: its name could not be looked up. On error the
 * address is left as it was. */
LLNET_API llnet_status llnet_addr_set_ip(llnet_addr *self, const char *ip, int port);

/* Sets an IP address from its bytes in network order: 4 bytes make IPv4, 16
 * IPv6 (flow information and scope 0). EINVAL: another length, bad port. */
LLNET_API llnet_status llnet_addr_set_ip_bytes(llnet_addr *self, const void *data, size_t len, int port);

/* Sets a Unix address (unix(7)) from its name. A name that starts with a NUL
 * byte is abstract and may hold further NUL bytes; the empty name makes an
 * unnamed address. ENAMETOOLONG: longer than sun_path holds (108 bytes on
 * Linux); EINVAL: a path with a NUL byte inside; ENOTSUP: an abstract name
 * where the platform has none. On error the address is left as it was. */
LLNET_API llnet_status llnet_addr_set_unix(llnet_addr *self, const void *data, size_t len);

/* Sets the address from the bytes of a struct sockaddr of any family; one of
 * AF_UNSPEC becomes what llnet_addr_init makes. EINVAL: shorter than a family
 * field, longer than LLNET_ADDR_BYTES_MAX, or too short for its family
 * (AF_INET, AF_INET6). On error the address is left as it was. */
LLNET_API llnet_status llnet_addr_set_bytes(llnet_addr *self, const void *data, size_t len);

/* Makes an address of this family with every other byte zero: the wildcard
 * address with port 0 for IP, the unnamed one for Unix, sizeof(struct
 * sockaddr) bytes for other families. EAFNOSUPPORT: not an address family
 * (outside 0..65535). */
LLNET_API llnet_status llnet_addr_set_family(llnet_addr *self, int family);

/* Parses one of the text forms above. A port is required for IP. EINVAL: bad
 * text; ENODEV, ENAMETOOLONG, ENOTSUP: as above. On error the address is left
 * as it was. */
LLNET_API llnet_status llnet_addr_parse(llnet_addr *self, const char *text);

/* ---- reading ---------------------------------------------------------- */

/* Writes the text form and a closing NUL; llnet_addr_parse of it gives an
 * equal address. Returns the length without the NUL. ENOBUFS: size is too
 * small (LLNET_ADDR_TEXT_MAX always suffices); nothing is cut. */
LLNET_API llnet_count llnet_addr_format(const llnet_addr *self, char *text, size_t size);

/* AF_INET, AF_INET6, AF_UNIX, ... or AF_UNSPEC. */
LLNET_API int llnet_addr_get_family(const llnet_addr *self);

/* The port in host order. EAFNOSUPPORT: neither IPv4 nor IPv6. */
LLNET_API llnet_count llnet_addr_get_port(const llnet_addr *self);
/* EINVAL: outside 0..65535. EAFNOSUPPORT: neither IPv4 nor IPv6. */
LLNET_API llnet_status llnet_addr_set_port(llnet_addr *self, int port);

/* The IP address as text, without the port, with the scope: "fe80::1%lo".
 * Returns its length. ENOBUFS, EAFNOSUPPORT. */
LLNET_API llnet_count llnet_addr_get_ip(const llnet_addr *self, char *text, size_t size);

/* The IP address's 4 or 16 bytes in network order. Returns how many.
 * ENOBUFS, EAFNOSUPPORT. */
LLNET_API llnet_count llnet_addr_get_ip_bytes(const llnet_addr *self, void *bytes, size_t size);

/* The IPv6 scope id: an interface index, or 0. EAFNOSUPPORT. */
LLNET_API llnet_status llnet_addr_get_scope_id(const llnet_addr *self, uint32_t *value);
LLNET_API llnet_status llnet_addr_set_scope_id(llnet_addr *self, uint32_t scope_id);

/* The IPv6 flow information (RFC 3493) in host order. EAFNOSUPPORT. */
LLNET_API llnet_status llnet_addr_get_flowinfo(const llnet_addr *self, uint32_t *value);
LLNET_API llnet_status llnet_addr_set_flowinfo(llnet_addr *self, uint32_t flowinfo);

/* The name of a Unix address as llnet_addr_set_unix takes it: a path, an
 * abstract name with its leading NUL, or nothing for an unnamed one. Returns
 * its length; no NUL is added. ENOBUFS, EAFNOSUPPORT. */
LLNET_API llnet_count llnet_addr_get_unix(const llnet_addr *self, void *bytes, size_t size);

/* A netlink address (netlink(7)): the port id, 0 for the kernel or for it to
 * choose, and the multicast groups as a mask. ENOTSUP: the platform has none. */
LLNET_API llnet_status llnet_addr_set_netlink(llnet_addr *self, uint32_t port_id, uint32_t groups);
/* EAFNOSUPPORT: of another family, or too short, here and below. */
LLNET_API llnet_status llnet_addr_get_netlink(const llnet_addr *self, uint32_t *port_id, uint32_t *groups);

/* A link-layer address (packet(7)): the interface's index, the Ethernet protocol
 * in host order (0x0800, or 3 for all), and the hardware address, at most 32 bytes
 * (8 have room in a struct sockaddr_ll, the kernel takes longer ones), or none.
 * EINVAL: more bytes, or a protocol outside 0..65535; ENOTSUP. On error the
 * address is left as it was. */
LLNET_API llnet_status llnet_addr_set_packet(llnet_addr *self, uint32_t ifindex, int ethertype, const void *data,
                                             size_t len);
/* Its parts; of one that came, packet_type tells how (PACKET_HOST, _BROADCAST,
 * _OUTGOING, ...) and hardware_type by what (ARPHRD_ETHER, ...). */
LLNET_API llnet_status llnet_addr_get_packet(const llnet_addr *self, uint32_t *ifindex, int *ethertype,
                                             int *packet_type, int *hardware_type);
/* Its hardware address; returns how many bytes. ENOBUFS. */
LLNET_API llnet_count llnet_addr_get_packet_hardware(const llnet_addr *self, void *bytes, size_t size);

/* An address of a virtual machine or its host (vsock(7)): context id (2 is the host,
 * 1 this machine, 4294967295 any) and port (4294967295 any). ENOTSUP. */
LLNET_API llnet_status llnet_addr_set_vsock(llnet_addr *self, uint32_t cid, uint32_t port);
LLNET_API llnet_status llnet_addr_get_vsock(const llnet_addr *self, uint32_t *cid, uint32_t *port);

/* The bytes of the struct sockaddr, whose length is the result. ENOBUFS. */
LLNET_API llnet_count llnet_addr_get_bytes(const llnet_addr *self, void *bytes, size_t size);

/* The struct sockaddr itself, for system calls that this library does not
 * make: LLNET_ADDR_BYTES_MAX bytes of room, of which llnet_addr_get_size count. A
 * call that writes it is followed by llnet_addr_set_size. */
LLNET_API void *llnet_addr_data(llnet_addr *self);
LLNET_API const void *llnet_addr_const_data(const llnet_addr *self);

/* How many bytes of the struct sockaddr count: what system calls take as
 * socklen_t. Bytes that a larger size brings in are those that stand there: zero,
 * or what an earlier address left. LLNET_EBOUNDS: shorter than a family field
 * or beyond LLNET_ADDR_BYTES_MAX. */
LLNET_API size_t llnet_addr_get_size(const llnet_addr *self);
LLNET_API llnet_status llnet_addr_set_size(llnet_addr *self, size_t size);

/* ---- comparing -------------------------------------------------------- */

/* A total order by family, then address, scope, flow information and port (Unix:
 * by name; others: by bytes): <0, 0 or >0. Padding does not count, nor do zero
 * bytes at the end of a netlink, packet or vsock address. */
LLNET_API int llnet_addr_compare(const llnet_addr *self, const llnet_addr *other);

/* Whether llnet_addr_compare gives 0. */
LLNET_API bool llnet_addr_equal(const llnet_addr *self, const llnet_addr *other);

/* A hash that is the same for equal addresses; it is not keyed, and so no
 * defence against chosen addresses. */
LLNET_API uint32_t llnet_addr_hash(const llnet_addr *self);

/* ---- classifying: false for what is not IP. An IPv4-mapped IPv6 address is
 * judged by the IPv4 address inside. ------------------------------------- */

/* 0.0.0.0 or :: */
LLNET_API bool llnet_addr_is_any(const llnet_addr *self);
/* 127.0.0.0/8 or ::1 */
LLNET_API bool llnet_addr_is_loopback(const llnet_addr *self);
/* 224.0.0.0/4 or ff00::/8 */
LLNET_API bool llnet_addr_is_multicast(const llnet_addr *self);
/* 169.254.0.0/16 (RFC 3927) or fe80::/10 (RFC 4291) */
LLNET_API bool llnet_addr_is_link_local(const llnet_addr *self);
/* 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16 (RFC 1918) or fc00::/7 (RFC 4193) */
LLNET_API bool llnet_addr_is_private(const llnet_addr *self);
/* ::ffff:0:0/96 (RFC 4291, 2.5.5.2) */
LLNET_API bool llnet_addr_is_v4_mapped(const llnet_addr *self);

#ifdef __cplusplus
}
#endif
#endif
