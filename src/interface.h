/* SPDX-License-Identifier: MIT */
/* interface.h: what the interface sources share: the list while it is made, and
 * the platform's part (interface_linux.c or interface_posix.c) that fills it. */
#ifndef LL_INTERFACE_H
#define LL_INTERFACE_H

#include "internal.h"

enum {
    LL_INTERFACE_COUNTERS = 10,     /* as many as llnet_interfaces_counter_at has names */
    LL_INTERFACE_HARDWARE_MAX = 32, /* bytes of a hardware address: Linux' MAX_ADDR_LEN */
    LL_INTERFACE_UNKNOWN = -1       /* a number that the system did not tell */
};

struct ll_interface {
    uint32_t ifindex;
    uint32_t flags;
    char name[LLNET_INTERFACE_NAME_MAX];
    ptrdiff_t mtu;
    unsigned char hardware[LL_INTERFACE_HARDWARE_MAX];
    size_t hardware_len;                      /* 0: none */
    uint64_t counters[LL_INTERFACE_COUNTERS]; /* in the order of their names */
    bool has_counters;
    size_t first_address, address_count; /* once the list is complete */
};

struct ll_interface_address {
    uint32_t ifindex;
    size_t order; /* in which the system told them */
    int prefix_length;
    llnet_addr addr, broadcast, peer;
    bool has_broadcast, has_peer;
};

struct llnet_interfaces {
    struct ll_interface *items;
    size_t count, size;
    struct ll_interface_address *addresses;
    size_t address_count, address_size;
};

/* A new one, all zero but for its index; NULL: no memory. What an earlier call gave
 * may have moved. */
struct ll_interface *ll_interfaces_add(llnet_interfaces *self, uint32_t ifindex);

/* A new address of this interface, which may be added before or after. NULL: no memory. */
struct ll_interface_address *ll_interfaces_add_address(llnet_interfaces *self, uint32_t ifindex);

/* Forgets all of them. */
void ll_interfaces_clear(llnet_interfaces *self);

/* Makes *out of an address's bytes; a link-local one gets its scope. False: they are
 * of no length that the family has. */
bool ll_interface_set_addr(llnet_addr *out, int family, const void *bytes, size_t len, uint32_t ifindex);

/* The platform's: adds all interfaces and addresses, in any order. */
llnet_status ll_interfaces_collect(llnet_interfaces *self);

#endif
