/* SPDX-License-Identifier: MIT */
/* interface.c: the list of interfaces and their addresses: how it is kept, sorted
 * and read. Who fills it is the platform's part: see interface.h. */
#include "interface.h"
#include "sys.h"

#include <net/if.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

LL_STATIC_ASSERT(IF_NAMESIZE <= LLNET_INTERFACE_NAME_MAX, "any name fits");

/* ---- one interface -------------------------------------------------------------- */

/* -errno of such a call. The C library opens a socket for it, and where it cannot it says
 * something else than why: so that is tried here. */
static int why(void) {
    int error = errno, fd;

    if (error != ENODEV && error != ENXIO) {
        fd = ll_sys_socket(AF_UNIX, SOCK_DGRAM, 0, SOCK_CLOEXEC);
        if (fd < 0)
            return fd;
        close(fd);
    }
    return -error;
}

llnet_count llnet_interface_name_to_index(const char *name) {
    unsigned ifindex = if_nametoindex(name);

    return ifindex == 0 ? why() : (llnet_count)ifindex;
}

llnet_count llnet_interface_index_to_name(uint32_t ifindex, char *text, size_t size) {
    char name[IF_NAMESIZE];
    size_t len;

    if (if_indextoname(ifindex, name) == NULL)
        return why();
    len = strlen(name);
    if (size <= len)
        return -ENOBUFS;
    memcpy(text, name, len + 1);
    return (llnet_count)len;
}

/* ---- making the list ------------------------------------------------------------ */

/* The array with room for one more, moved if need be; NULL: no memory, and all is as
 * it was. */
static void *reserve(void *array, size_t count, size_t *size, size_t item_size) {
    size_t wanted = *size < 8 ? 16 : *size * 2;
    void *grown;

    if (count < *size)
        return array;
    if (wanted > SIZE_MAX / item_size)
        return NULL;
    grown = realloc(array, wanted * item_size);
    if (grown != NULL)
        *size = wanted;
    return grown;
}

struct ll_interface *ll_interfaces_add(llnet_interfaces *self, uint32_t ifindex) {
    struct ll_interface *items = reserve(self->items, self->count, &self->size, sizeof *items), *item;

    if (items == NULL)
        return NULL;
    self->items = items;
    item = &items[self->count++];
    memset(item, 0, sizeof *item);
    item->ifindex = ifindex;
    item->mtu = LL_INTERFACE_UNKNOWN;
    return item;
}

struct ll_interface_address *ll_interfaces_add_address(llnet_interfaces *self, uint32_t ifindex) {
    struct ll_interface_address *addresses, *address;

    addresses = reserve(self->addresses, self->address_count, &self->address_size, sizeof *addresses);
    if (addresses == NULL)
        return NULL;
    self->addresses = addresses;
    address = &addresses[self->address_count];
    memset(address, 0, sizeof *address);
    address->ifindex = ifindex;
    address->order = self->address_count++;
    return address;
}

void ll_interfaces_clear(llnet_interfaces *self) {
    self->count = self->address_count = 0;
}

bool ll_interface_set_addr(llnet_addr *out, int family, const void *bytes, size_t len, uint32_t ifindex) {
    if (len != (family == AF_INET ? sizeof(struct in_addr) : sizeof(struct in6_addr)))
        return false;
    if (llnet_addr_set_ip_bytes(out, bytes, len, 0) < 0)
        return false;
    if (family == AF_INET6 && llnet_addr_is_link_local(out) && !llnet_addr_is_v4_mapped(out))
        llnet_addr_set_scope_id(out, ifindex);
    return true;
}

static int compare_interfaces(const void *a, const void *b) {
    const struct ll_interface *one = a, *two = b;

    return one->ifindex < two->ifindex ? -1 : one->ifindex > two->ifindex;
}

static int compare_addresses(const void *a, const void *b) {
    const struct ll_interface_address *one = a, *two = b;

    if (one->ifindex != two->ifindex)
        return one->ifindex < two->ifindex ? -1 : 1;
    return one->order < two->order ? -1 : one->order > two->order;
}

/* Sorts, and gives each interface its addresses. Those of an interface that is not
 * there came into being between two questions, and belong to nobody. */
static void complete(llnet_interfaces *self) {
    size_t i, next = 0;

    if (self->count > 0)
        qsort(self->items, self->count, sizeof *self->items, compare_interfaces);
    if (self->address_count > 0)
        qsort(self->addresses, self->address_count, sizeof *self->addresses, compare_addresses);
    for (i = 0; i < self->count; i++) {
        struct ll_interface *item = &self->items[i];

        while (next < self->address_count && self->addresses[next].ifindex < item->ifindex)
            next++;
        item->first_address = next;
        while (next < self->address_count && self->addresses[next].ifindex == item->ifindex)
            next++;
        item->address_count = next - item->first_address;
    }
}

llnet_status llnet_interfaces_new(llnet_interfaces **out) {
    llnet_interfaces *self = calloc(1, sizeof *self);
    llnet_status status;

    *out = NULL;
    if (self == NULL)
        return -ENOMEM;
    status = ll_interfaces_collect(self);
    if (status < 0) {
        llnet_interfaces_free(self);
        return status;
    }
    complete(self);
    *out = self;
    return 0;
}

void llnet_interfaces_free(llnet_interfaces *self) {
    if (self == NULL)
        return;
    free(self->items);
    free(self->addresses);
    free(self);
}

/* ---- reading it ----------------------------------------------------------------- */

static const struct ll_interface *find(const llnet_interfaces *self, size_t index) {
    return index < self->count ? &self->items[index] : NULL;
}

static const struct ll_interface_address *find_address(const llnet_interfaces *self, size_t index, size_t address) {
    const struct ll_interface *item = find(self, index);

    return item != NULL && address < item->address_count ? &self->addresses[item->first_address + address] : NULL;
}

size_t llnet_interfaces_get_count(const llnet_interfaces *self) {
    return self->count;
}

llnet_count llnet_interfaces_get_ifindex(const llnet_interfaces *self, size_t index) {
    const struct ll_interface *item = find(self, index);

    return item == NULL ? -LLNET_EBOUNDS : (llnet_count)item->ifindex;
}

const char *llnet_interfaces_get_name(const llnet_interfaces *self, size_t index) {
    const struct ll_interface *item = find(self, index);

    return item == NULL ? NULL : item->name;
}

llnet_status llnet_interfaces_get_flags(const llnet_interfaces *self, size_t index, uint32_t *value) {
    const struct ll_interface *item = find(self, index);

    if (item == NULL)
        return -LLNET_EBOUNDS;
    *value = item->flags;
    return 0;
}

llnet_count llnet_interfaces_get_mtu(const llnet_interfaces *self, size_t index) {
    const struct ll_interface *item = find(self, index);

    if (item == NULL)
        return -LLNET_EBOUNDS;
    return item->mtu == LL_INTERFACE_UNKNOWN ? -ENOENT : item->mtu;
}

llnet_count llnet_interfaces_get_hardware_address(const llnet_interfaces *self, size_t index, void *bytes,
                                                  size_t size) {
    const struct ll_interface *item = find(self, index);

    if (item == NULL)
        return -LLNET_EBOUNDS;
    if (item->hardware_len == 0)
        return -ENOENT;
    if (size < item->hardware_len)
        return -ENOBUFS;
    memcpy(bytes, item->hardware, item->hardware_len);
    return (llnet_count)item->hardware_len;
}

/* ---- counters ------------------------------------------------------------------- */

/* In the order in which Linux' struct rtnl_link_stats64 has them. */
static const char *const counter_names[] = {"rx_packets", "tx_packets", "rx_bytes",   "tx_bytes",  "rx_errors",
                                            "tx_errors",  "rx_dropped", "tx_dropped", "multicast", "collisions"};
LL_STATIC_ASSERT(sizeof counter_names / sizeof counter_names[0] == LL_INTERFACE_COUNTERS, "each has a name");

const char *llnet_interfaces_counter_at(size_t index) {
    return index < LL_INTERFACE_COUNTERS ? counter_names[index] : NULL;
}

llnet_status llnet_interfaces_get_counter(const llnet_interfaces *self, size_t index, const char *counter,
                                          int64_t *value) {
    const struct ll_interface *item = find(self, index);
    size_t i;

    if (item == NULL)
        return -LLNET_EBOUNDS;
    for (i = 0; i < LL_INTERFACE_COUNTERS && item->has_counters; i++) {
        if (strcmp(counter_names[i], counter) == 0) {
            *value = (int64_t)item->counters[i];
            return 0;
        }
    }
    return -ENOENT;
}

/* ---- addresses ------------------------------------------------------------------ */

llnet_count llnet_interfaces_get_address_count(const llnet_interfaces *self, size_t index) {
    const struct ll_interface *item = find(self, index);

    return item == NULL ? -LLNET_EBOUNDS : (llnet_count)item->address_count;
}

llnet_status llnet_interfaces_get_address(const llnet_interfaces *self, size_t index, size_t address,
                                          llnet_addr *out) {
    const struct ll_interface_address *found = find_address(self, index, address);

    if (found == NULL)
        return -LLNET_EBOUNDS;
    *out = found->addr;
    return 0;
}

llnet_count llnet_interfaces_get_prefix_length(const llnet_interfaces *self, size_t index, size_t address) {
    const struct ll_interface_address *found = find_address(self, index, address);

    return found == NULL ? -LLNET_EBOUNDS : (llnet_count)found->prefix_length;
}

llnet_status llnet_interfaces_get_broadcast(const llnet_interfaces *self, size_t index, size_t address,
                                            llnet_addr *out) {
    const struct ll_interface_address *found = find_address(self, index, address);

    if (found == NULL)
        return -LLNET_EBOUNDS;
    if (!found->has_broadcast)
        return -ENOENT;
    *out = found->broadcast;
    return 0;
}

llnet_status llnet_interfaces_get_peer(const llnet_interfaces *self, size_t index, size_t address,
                                       llnet_addr *out) {
    const struct ll_interface_address *found = find_address(self, index, address);

    if (found == NULL)
        return -LLNET_EBOUNDS;
    if (!found->has_peer)
        return -ENOENT;
    *out = found->peer;
    return 0;
}
