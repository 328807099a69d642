/* SPDX-License-Identifier: MIT */
/* addr_link_posix.c: what addr_link_linux.c does, where none of its families is:
 * no address is made, and none is of such a family. */
#include "internal.h"

size_t ll_addr_link_len(int family) {
    (void)family;
    return 0;
}

llnet_status llnet_addr_set_netlink(llnet_addr *self, uint32_t port_id, uint32_t groups) {
    (void)self, (void)port_id, (void)groups;
    return -ENOTSUP;
}

llnet_status llnet_addr_get_netlink(const llnet_addr *self, uint32_t *port_id, uint32_t *groups) {
    (void)self, (void)port_id, (void)groups;
    return -EAFNOSUPPORT;
}

llnet_status llnet_addr_set_packet(llnet_addr *self, uint32_t ifindex, int ethertype, const void *data,
                                   size_t len) {
    (void)self, (void)ifindex, (void)ethertype, (void)data, (void)len;
    return -ENOTSUP;
}

llnet_status ll_addr_set_packet_types(llnet_addr *self, int packet_type, int hardware_type) {
    (void)self, (void)packet_type, (void)hardware_type;
    return -ENOTSUP;
}

llnet_status llnet_addr_get_packet(const llnet_addr *self, uint32_t *ifindex, int *ethertype, int *packet_type,
                                   int *hardware_type) {
    (void)self, (void)ifindex, (void)ethertype, (void)packet_type, (void)hardware_type;
    return -EAFNOSUPPORT;
}

llnet_count llnet_addr_get_packet_hardware(const llnet_addr *self, void *bytes, size_t size) {
    (void)self, (void)bytes, (void)size;
    return -EAFNOSUPPORT;
}

llnet_status llnet_addr_set_vsock(llnet_addr *self, uint32_t cid, uint32_t port) {
    (void)self, (void)cid, (void)port;
    return -ENOTSUP;
}

llnet_status llnet_addr_get_vsock(const llnet_addr *self, uint32_t *cid, uint32_t *port) {
    (void)self, (void)cid, (void)port;
    return -EAFNOSUPPORT;
}
