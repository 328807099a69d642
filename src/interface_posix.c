/* SPDX-License-Identifier: MIT */
/* interface_posix.c: interfaces and addresses where only getifaddrs(3) is known, which
 * BSD, macOS, Solaris and glibc have: one entry for each address, and one for each
 * interface where the system has a family for its hardware address. No counters. */
#include "interface.h"
#include "sys.h"

#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#ifdef AF_LINK
#include <net/if_dl.h>
#endif
#ifdef AF_PACKET
#include <netpacket/packet.h>
#endif

/* ---- interfaces ----------------------------------------------------------------- */

/* An alias's name is the interface's, a colon and more. */
static void copy_name(char *out, size_t size, const char *name) {
    size_t len = strcspn(name, ":");

    if (len >= size)
        len = size - 1;
    memcpy(out, name, len);
    out[len] = '\0';
}

static ptrdiff_t ask_mtu(int fd, const char *name) {
    struct ifreq request;
    size_t len = strlen(name);

    if (len >= sizeof request.ifr_name)
        return LL_INTERFACE_UNKNOWN;
    memset(&request, 0, sizeof request);
    memcpy(request.ifr_name, name, len);
#ifdef SIOCGIFMTU
    if (ioctl(fd, SIOCGIFMTU, &request) == 0)
        return request.ifr_mtu;
#else
    (void)fd;
#endif
    return LL_INTERFACE_UNKNOWN;
}

/* Takes the hardware address, where this is an entry that has one. */
static void take_hardware(struct ll_interface *item, const struct sockaddr *addr) {
    const unsigned char *bytes = NULL;
    size_t len = 0;

#ifdef AF_LINK
    if (addr->sa_family == AF_LINK) {
        const struct sockaddr_dl *link = (const struct sockaddr_dl *)(const void *)addr;
        bytes = (const unsigned char *)LLADDR(link);
        len = link->sdl_alen;
    }
#endif
#ifdef AF_PACKET
    if (addr->sa_family == AF_PACKET) {
        const struct sockaddr_ll *link = (const struct sockaddr_ll *)(const void *)addr;
        bytes = link->sll_addr;
        len = link->sll_halen <= sizeof link->sll_addr ? link->sll_halen : 0;
    }
#endif
    if (bytes == NULL || len > sizeof item->hardware)
        return;
    memcpy(item->hardware, bytes, len);
    item->hardware_len = len;
}

/* The interface of this entry, which is added where it is new. NULL: no memory. */
static struct ll_interface *find_or_add(llnet_interfaces *self, const struct ifaddrs *entry, uint32_t ifindex,
                                        int fd) {
    struct ll_interface *item;
    size_t i;

    for (i = self->count; i > 0; i--) /* from the end: an interface's entries stand together */
        if (self->items[i - 1].ifindex == ifindex)
            return &self->items[i - 1];
    item = ll_interfaces_add(self, ifindex);
    if (item == NULL)
        return NULL;
    copy_name(item->name, sizeof item->name, entry->ifa_name);
    item->flags = entry->ifa_flags;
    item->mtu = ask_mtu(fd, item->name);
    return item;
}

/* ---- addresses ------------------------------------------------------------------ */

/* The bytes of an IP address; NULL for other families. */
static const void *ip_bytes(const struct sockaddr *addr, size_t *len) {
    if (addr != NULL && addr->sa_family == AF_INET) {
        *len = sizeof(struct in_addr);
        return &((const struct sockaddr_in *)(const void *)addr)->sin_addr;
    }
    if (addr != NULL && addr->sa_family == AF_INET6) {
        *len = sizeof(struct in6_addr);
        return &((const struct sockaddr_in6 *)(const void *)addr)->sin6_addr;
    }
    return NULL;
}

static bool take_addr(llnet_addr *out, const struct sockaddr *addr, uint32_t ifindex) {
    size_t len = 0;
    const void *bytes = ip_bytes(addr, &len);

    return bytes != NULL && ll_interface_set_addr(out, addr->sa_family, bytes, len, ifindex);
}

/* The leading ones of a netmask, whose family BSD leaves out. */
static int count_bits(const struct sockaddr *mask, int family) {
    unsigned char bytes[sizeof(struct in6_addr)];
    size_t i, len = family == AF_INET ? sizeof(struct in_addr) : sizeof(struct in6_addr);
    int bits = 0;

    if (mask == NULL)
        return (int)len * 8;
    if (family == AF_INET)
        memcpy(bytes, &((const struct sockaddr_in *)(const void *)mask)->sin_addr, len);
    else
        memcpy(bytes, &((const struct sockaddr_in6 *)(const void *)mask)->sin6_addr, len);
    for (i = 0; i < len * 8 && (bytes[i / 8] >> (7 - i % 8) & 1) != 0; i++)
        bits++;
    return bits;
}

static bool take_other(llnet_addr *out, const struct sockaddr *addr, const struct ll_interface_address *own) {
    return take_addr(out, addr, own->ifindex) && !llnet_addr_equal(out, &own->addr);
}

static llnet_status take_address(llnet_interfaces *self, const struct ifaddrs *entry, uint32_t ifindex) {
    struct ll_interface_address *address;
    llnet_addr addr;

    if (!take_addr(&addr, entry->ifa_addr, ifindex))
        return 0;
    address = ll_interfaces_add_address(self, ifindex);
    if (address == NULL)
        return -ENOMEM;
    address->addr = addr;
    address->prefix_length = count_bits(entry->ifa_netmask, entry->ifa_addr->sa_family);
    /* the two share a place in struct ifaddrs, where glibc puts the address itself if there
     * is neither */
    if ((entry->ifa_flags & IFF_POINTOPOINT) != 0)
        address->has_peer = take_other(&address->peer, entry->ifa_dstaddr, address);
    else if ((entry->ifa_flags & IFF_BROADCAST) != 0)
        address->has_broadcast = take_other(&address->broadcast, entry->ifa_broadaddr, address);
    return 0;
}

/* ---- all of them ---------------------------------------------------------------- */

static llnet_status take_entry(llnet_interfaces *self, const struct ifaddrs *entry, int fd) {
    char name[LLNET_INTERFACE_NAME_MAX];
    struct ll_interface *item;
    uint32_t ifindex;

    copy_name(name, sizeof name, entry->ifa_name);
    ifindex = if_nametoindex(name);
    if (ifindex == 0)
        return 0; /* it is gone by now */
    item = find_or_add(self, entry, ifindex, fd);
    if (item == NULL)
        return -ENOMEM;
    if (entry->ifa_addr == NULL)
        return 0;
    take_hardware(item, entry->ifa_addr);
    return take_address(self, entry, ifindex);
}

llnet_status ll_interfaces_collect(llnet_interfaces *self) {
    struct ifaddrs *entries, *entry;
    llnet_status status = 0;
    int fd = ll_sys_socket(AF_INET, SOCK_DGRAM, 0, 0); /* for the MTU */

    if (fd < 0)
        return fd;
    if (getifaddrs(&entries) < 0) {
        status = -errno;
        close(fd);
        return status;
    }
    for (entry = entries; entry != NULL && status == 0; entry = entry->ifa_next)
        status = take_entry(self, entry, fd);
    freeifaddrs(entries);
    close(fd);
    return status;
}
