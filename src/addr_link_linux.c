/* SPDX-License-Identifier: MIT */
/* addr_link_linux.c: addresses of the families that Linux alone lays out so:
 * netlink(7), packet(7), vsock(7). */
#include "internal.h"

#include <string.h>

#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <linux/netlink.h>
#include <linux/vm_sockets.h>

enum {
    /* where the hardware address begins; the kernel counts no more of an address without one */
    PACKET_HEAD = offsetof(struct sockaddr_ll, sll_addr),
    /* the kernel's MAX_ADDR_LEN; struct sockaddr_ll has room for less */
    HARDWARE_MAX = 32
};

size_t ll_addr_link_len(int family) {
    switch (family) {
    case AF_NETLINK:
        return sizeof(struct sockaddr_nl);
    case AF_PACKET:
        return PACKET_HEAD;
    case AF_VSOCK:
        return sizeof(struct sockaddr_vm);
    default:
        return 0;
    }
}

/* Copies the start of an address of this family, len bytes of it. */
static bool load(const llnet_addr *self, int family, void *part, size_t len) {
    if (llnet_addr_get_family(self) != family || ll_addr_len(self) < ll_addr_link_len(family))
        return false;
    memcpy(part, ll_addr_sockaddr(self), len);
    return true;
}

/* ---- netlink ---------------------------------------------------------------- */

llnet_status llnet_addr_set_netlink(llnet_addr *self, uint32_t port_id, uint32_t groups) {
    struct sockaddr_nl nl;

    memset(&nl, 0, sizeof nl);
    nl.nl_family = AF_NETLINK;
    nl.nl_pid = port_id;
    nl.nl_groups = groups;
    ll_addr_assign(self, &nl, sizeof nl);
    return 0;
}

llnet_status llnet_addr_get_netlink(const llnet_addr *self, uint32_t *port_id, uint32_t *groups) {
    struct sockaddr_nl nl;

    if (!load(self, AF_NETLINK, &nl, sizeof nl))
        return -EAFNOSUPPORT;
    *port_id = nl.nl_pid;
    *groups = nl.nl_groups;
    return 0;
}

/* ---- packet ------------------------------------------------------------------- */

llnet_status llnet_addr_set_packet(llnet_addr *self, uint32_t ifindex, int ethertype, const void *data,
                                   size_t len) {
    struct sockaddr_ll ll;
    unsigned char bytes[LLNET_ADDR_BYTES_MAX] = {0};
    size_t size = PACKET_HEAD + len;

    if (len > HARDWARE_MAX || ethertype < 0 || ethertype > 65535)
        return -EINVAL;
    memset(&ll, 0, sizeof ll);
    ll.sll_family = AF_PACKET;
    ll.sll_ifindex = (int)ifindex;
    ll.sll_protocol = htons((uint16_t)ethertype);
    ll.sll_halen = (unsigned char)len;
    memcpy(bytes, &ll, PACKET_HEAD);
    if (len > 0)
        memcpy(bytes + PACKET_HEAD, data, len);
    /* bind(2) takes nothing shorter than the whole structure */
    ll_addr_assign(self, bytes, (socklen_t)(size < sizeof ll ? sizeof ll : size));
    return 0;
}

llnet_status ll_addr_set_packet_types(llnet_addr *self, int packet_type, int hardware_type) {
    struct sockaddr_ll ll;

    if (!load(self, AF_PACKET, &ll, PACKET_HEAD))
        return -EAFNOSUPPORT;
    ll.sll_pkttype = (unsigned char)packet_type;
    ll.sll_hatype = (unsigned short)hardware_type;
    memcpy(llnet_addr_data(self), &ll, PACKET_HEAD);
    return 0;
}

llnet_status llnet_addr_get_packet(const llnet_addr *self, uint32_t *ifindex, int *ethertype, int *packet_type,
                                   int *hardware_type) {
    struct sockaddr_ll ll;

    if (!load(self, AF_PACKET, &ll, PACKET_HEAD))
        return -EAFNOSUPPORT;
    *ifindex = (uint32_t)ll.sll_ifindex;
    *ethertype = ntohs(ll.sll_protocol);
    *packet_type = ll.sll_pkttype;
    *hardware_type = ll.sll_hatype;
    return 0;
}

llnet_count llnet_addr_get_packet_hardware(const llnet_addr *self, void *bytes, size_t size) {
    struct sockaddr_ll ll;

    if (!load(self, AF_PACKET, &ll, PACKET_HEAD) || ll_addr_len(self) < PACKET_HEAD + (size_t)ll.sll_halen)
        return -EAFNOSUPPORT;
    if (size < ll.sll_halen)
        return -ENOBUFS;
    if (ll.sll_halen > 0)
        memcpy(bytes, (const char *)llnet_addr_const_data(self) + PACKET_HEAD, ll.sll_halen);
    return ll.sll_halen;
}

/* ---- vsock -------------------------------------------------------------------- */

llnet_status llnet_addr_set_vsock(llnet_addr *self, uint32_t cid, uint32_t port) {
    struct sockaddr_vm vm;

    memset(&vm, 0, sizeof vm);
    vm.svm_family = AF_VSOCK;
    vm.svm_cid = cid;
    vm.svm_port = port;
    ll_addr_assign(self, &vm, sizeof vm);
    return 0;
}

llnet_status llnet_addr_get_vsock(const llnet_addr *self, uint32_t *cid, uint32_t *port) {
    struct sockaddr_vm vm;

    if (!load(self, AF_VSOCK, &vm, sizeof vm))
        return -EAFNOSUPPORT;
    *cid = vm.svm_cid;
    *port = vm.svm_port;
    return 0;
}
