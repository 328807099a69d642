/* SPDX-License-Identifier: MIT */
/* llnet/interface.h: the machine's network interfaces and their addresses.
 *
 * A list is a snapshot: what the kernel said when it was made. Interfaces are
 * counted from 0, in the order of their index; each one's addresses too. All
 * functions with an index give LLNET_EBOUNDS where there is no such. ENOENT:
 * the interface, or the address, has nothing of the kind. */
#ifndef LLNET_INTERFACE_H
#define LLNET_INTERFACE_H

#include <llnet/addr.h>
#include <llnet/base.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
    /* Room for the name of an interface, its closing NUL included. */
    LLNET_INTERFACE_NAME_MAX = 64
};

/* The index of the interface of this name: if_nametoindex(3). ENODEV. */
LLNET_API llnet_count llnet_interface_name_to_index(const char *name);

/* The name of the interface of this index: if_indextoname(3). Returns its length.
 * ENXIO: there is none; ENOBUFS. */
LLNET_API llnet_count llnet_interface_index_to_name(uint32_t ifindex, char *text, size_t size);

typedef struct llnet_interfaces llnet_interfaces;

/* Asks for all interfaces and addresses of this network namespace: rtnetlink(7) on
 * Linux (socket, two dumps, close; asked again where something changed meanwhile),
 * getifaddrs(3) elsewhere, which tells no counters, and of a point-to-point link no
 * broadcast address. EMFILE, ENOMEM; EAGAIN: it changed all the while; on error *out
 * is NULL. */
LLNET_API llnet_status llnet_interfaces_new(llnet_interfaces **out);

/* Frees it; NULL is allowed. */
LLNET_API void llnet_interfaces_free(llnet_interfaces *self);

/* How many interfaces there are. */
LLNET_API size_t llnet_interfaces_get_count(const llnet_interfaces *self);

/* Its index in the system, which is not that in the list: 1, ... */
LLNET_API llnet_count llnet_interfaces_get_ifindex(const llnet_interfaces *self, size_t index);

/* Its name; NULL past the end. It lives as long as the list. */
LLNET_API const char *llnet_interfaces_get_name(const llnet_interfaces *self, size_t index);

/* IFF_UP, IFF_RUNNING, IFF_LOOPBACK, ... or'ed (netdevice(7)). */
LLNET_API llnet_status llnet_interfaces_get_flags(const llnet_interfaces *self, size_t index, uint32_t *value);

/* The largest packet that it carries (MTU), in bytes. ENOENT: not known. */
LLNET_API llnet_count llnet_interfaces_get_mtu(const llnet_interfaces *self, size_t index);

/* Its hardware address, for Ethernet 6 bytes; returns how many. ENOENT: it has
 * none; ENOBUFS. */
LLNET_API llnet_count llnet_interfaces_get_hardware_address(const llnet_interfaces *self, size_t index, void *bytes,
                                                            size_t size);

/* One of its counters since it was made, by name: "rx_packets", "tx_packets",
 * "rx_bytes", "tx_bytes", "rx_errors", "tx_errors", "rx_dropped", "tx_dropped",
 * "multicast", "collisions". ENOENT: no such counter here. */
LLNET_API llnet_status llnet_interfaces_get_counter(const llnet_interfaces *self, size_t index, const char *counter,
                                                    int64_t *value);

/* The name of the counter at this index, NULL past the end. */
LLNET_API const char *llnet_interfaces_counter_at(size_t index);

/* How many IP addresses it has. */
LLNET_API llnet_count llnet_interfaces_get_address_count(const llnet_interfaces *self, size_t index);

/* One of them, with port 0; link-local IPv6 ones have their scope. */
LLNET_API llnet_status llnet_interfaces_get_address(const llnet_interfaces *self, size_t index, size_t address,
                                                    llnet_addr *out);

/* How many bits of it are the network's. */
LLNET_API llnet_count llnet_interfaces_get_prefix_length(const llnet_interfaces *self, size_t index,
                                                         size_t address);

/* The broadcast address of its network, and the other end of a point-to-point
 * link. ENOENT. */
LLNET_API llnet_status llnet_interfaces_get_broadcast(const llnet_interfaces *self, size_t index, size_t address,
                                                      llnet_addr *out);
LLNET_API llnet_status llnet_interfaces_get_peer(const llnet_interfaces *self, size_t index, size_t address,
                                                 llnet_addr *out);

#ifdef __cplusplus
}
#endif
#endif
