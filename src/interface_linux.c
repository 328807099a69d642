/* SPDX-License-Identifier: MIT */
/* interface_linux.c: asks the kernel for interfaces and addresses over rtnetlink(7),
 * which also tells counters and the far ends of links. Every length in an answer is
 * checked before it is followed. */
#include "interface.h"
#include "sys.h"

#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    ROOM_LEAST = 32768,   /* what the kernel fills at most, unless one message alone is longer */
    ROOM_MOST = 16 << 20, /* no true message is so long */
    TRIES = 16            /* while interfaces come and go */
};

/* A conversation with the kernel. */
struct dialogue {
    llnet_interfaces *list;
    int fd;
    uint32_t sequence; /* of the question */
    unsigned char *room;
    size_t size;
    bool again; /* this answer is no snapshot: something changed meanwhile */
};

struct attribute {
    int type;
    const unsigned char *data;
    size_t len;
};

/* The attribute at *at, of which *left bytes follow; *at goes on to the next one. False:
 * there are no more. One whose length cannot be ends the list. */
static bool next_attribute(const unsigned char **at, size_t *left, struct attribute *out) {
    struct rtattr head;
    size_t whole;

    if (*left < sizeof head)
        return false;
    memcpy(&head, *at, sizeof head);
    if (head.rta_len < sizeof head || head.rta_len > *left)
        return false;
    out->type = head.rta_type & NLA_TYPE_MASK;
    out->data = *at + sizeof head;
    out->len = head.rta_len - sizeof head;
    whole = RTA_ALIGN((size_t)head.rta_len);
    if (whole > *left)
        whole = *left;
    *at += whole;
    *left -= whole;
    return true;
}

/* ---- interfaces ----------------------------------------------------------------- */

static void take_name(struct ll_interface *item, const struct attribute *attribute) {
    size_t len = attribute->len < sizeof item->name ? attribute->len : sizeof item->name - 1;

    memcpy(item->name, attribute->data, len);
    item->name[len] = '\0';
}

/* The counters are the first ones of a struct rtnl_link_stats64, which grows. */
static void take_counters(struct ll_interface *item, const struct attribute *attribute) {
    if (attribute->len < sizeof item->counters)
        return;
    memcpy(item->counters, attribute->data, sizeof item->counters);
    item->has_counters = true;
}
LL_STATIC_ASSERT(offsetof(struct rtnl_link_stats64, collisions) == (LL_INTERFACE_COUNTERS - 1) * sizeof(uint64_t),
                 "the counters are in the order of their names");

static void take_link_attribute(struct ll_interface *item, const struct attribute *attribute) {
    uint32_t mtu;

    switch (attribute->type) {
    case IFLA_IFNAME:
        take_name(item, attribute);
        break;
    case IFLA_MTU:
        if (attribute->len == sizeof mtu) {
            memcpy(&mtu, attribute->data, sizeof mtu);
            item->mtu = mtu <= INT32_MAX ? (ptrdiff_t)mtu : INT32_MAX;
        }
        break;
    case IFLA_ADDRESS:
        if (attribute->len <= sizeof item->hardware) {
            memcpy(item->hardware, attribute->data, attribute->len);
            item->hardware_len = attribute->len;
        }
        break;
    case IFLA_STATS64:
        take_counters(item, attribute);
        break;
    default:
        break;
    }
}

/* RTM_NEWLINK: struct ifinfomsg, then attributes */
static llnet_status take_link(llnet_interfaces *list, const unsigned char *data, size_t len) {
    struct ifinfomsg head;
    struct attribute attribute;
    struct ll_interface *item;

    if (len < sizeof head)
        return -EBADMSG;
    memcpy(&head, data, sizeof head);
    if (head.ifi_index <= 0)
        return -EBADMSG;
    item = ll_interfaces_add(list, (uint32_t)head.ifi_index);
    if (item == NULL)
        return -ENOMEM;
    item->flags = head.ifi_flags;
    data += sizeof head;
    len -= sizeof head;
    while (next_attribute(&data, &len, &attribute))
        take_link_attribute(item, &attribute);
    return 0;
}

/* ---- addresses ------------------------------------------------------------------ */

/* What an RTM_NEWADDR told: addresses by their IFA_ number. */
struct told {
    llnet_addr addr[IFA_BROADCAST + 1];
    bool has[IFA_BROADCAST + 1];
};

static void read_addresses(struct told *told, const struct ifaddrmsg *head, const unsigned char *data, size_t len) {
    struct attribute attribute;

    memset(told, 0, sizeof *told);
    while (next_attribute(&data, &len, &attribute))
        if (attribute.type == IFA_ADDRESS || attribute.type == IFA_LOCAL || attribute.type == IFA_BROADCAST)
            told->has[attribute.type] = ll_interface_set_addr(&told->addr[attribute.type], head->ifa_family,
                                                              attribute.data, attribute.len, head->ifa_index);
}

/* RTM_NEWADDR: struct ifaddrmsg, then attributes. IFA_ADDRESS is the interface's own
 * address, but the other end's where IFA_LOCAL is there and differs. */
static llnet_status take_address(llnet_interfaces *list, const unsigned char *data, size_t len) {
    struct ifaddrmsg head;
    struct ll_interface_address *address;
    struct told told;
    int own;

    if (len < sizeof head)
        return -EBADMSG;
    memcpy(&head, data, sizeof head);
    if (head.ifa_family != AF_INET && head.ifa_family != AF_INET6)
        return 0;
    read_addresses(&told, &head, data + sizeof head, len - sizeof head);
    own = told.has[IFA_LOCAL] ? IFA_LOCAL : IFA_ADDRESS;
    if (!told.has[own])
        return 0;
    address = ll_interfaces_add_address(list, head.ifa_index);
    if (address == NULL)
        return -ENOMEM;
    address->prefix_length = head.ifa_prefixlen;
    address->addr = told.addr[own];
    address->has_broadcast = told.has[IFA_BROADCAST];
    address->broadcast = told.addr[IFA_BROADCAST];
    address->has_peer = own == IFA_LOCAL && told.has[IFA_ADDRESS] &&
                        !llnet_addr_equal(&told.addr[IFA_ADDRESS], &told.addr[IFA_LOCAL]);
    address->peer = told.addr[IFA_ADDRESS];
    return 0;
}

/* ---- questions and answers ------------------------------------------------------ */

/* A dump's question: all of them, of any family. */
static llnet_status ask(struct dialogue *self, int type) {
    struct {
        struct nlmsghdr head;
        struct rtgenmsg body;
    } question;
    struct sockaddr_nl kernel;

    memset(&question, 0, sizeof question);
    question.head.nlmsg_len = NLMSG_LENGTH(sizeof question.body);
    question.head.nlmsg_type = (uint16_t)type;
    question.head.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
    question.head.nlmsg_seq = ++self->sequence;
    question.body.rtgen_family = AF_UNSPEC;
    memset(&kernel, 0, sizeof kernel);
    kernel.nl_family = AF_NETLINK;
    if (sendto(self->fd, &question, question.head.nlmsg_len, 0, (struct sockaddr *)&kernel, sizeof kernel) < 0)
        return -errno;
    return 0;
}

/* recvmsg(2); the sender's address goes to *sender. With MSG_TRUNC the result is the full
 * length, whatever the room. */
static llnet_count receive(struct dialogue *self, size_t room, int flags, struct sockaddr_nl *sender) {
    struct iovec part = {.iov_base = self->room, .iov_len = room};
    struct msghdr message = {.msg_name = sender, .msg_namelen = sizeof *sender, .msg_iov = &part, .msg_iovlen = 1};
    ssize_t n;

    memset(sender, 0, sizeof *sender);
    n = recvmsg(self->fd, &message, flags | MSG_TRUNC);
    return n < 0 ? -errno : n;
}

/* Makes room for a piece of this length. */
static llnet_status grow(struct dialogue *self, size_t wanted) {
    unsigned char *grown;

    if (wanted <= self->size)
        return 0;
    if (wanted > ROOM_MOST)
        return -EMSGSIZE;
    grown = realloc(self->room, wanted);
    if (grown == NULL)
        return -ENOMEM;
    self->room = grown;
    self->size = wanted;
    return 0;
}

/* A piece of an answer. Returns its length; 0: it is not the kernel's. One that was cut
 * may have lost the end of the answer, so its length is asked for first. */
static llnet_count receive_piece(struct dialogue *self) {
    struct sockaddr_nl sender;
    llnet_count n = receive(self, 0, MSG_PEEK, &sender);
    llnet_status status = n < 0 ? (llnet_status)n : grow(self, (size_t)n);

    if (status < 0)
        return status;
    n = receive(self, self->size, 0, &sender);
    if (n > (llnet_count)self->size)
        return -EMSGSIZE;
    return n >= 0 && sender.nl_pid != 0 ? 0 : n;
}

/* The error that NLMSG_ERROR and NLMSG_DONE begin with; 0 where there is none. */
static llnet_status read_error(const unsigned char *data, size_t len) {
    int error;

    if (len < sizeof error)
        return 0;
    memcpy(&error, data, sizeof error);
    return error < 0 && error > -4096 ? error : 0;
}

/* One message. 1: it was the last one. */
static llnet_status take_message(struct dialogue *self, const struct nlmsghdr *head, const unsigned char *data,
                                 size_t len) {
    llnet_status status;

    if (head->nlmsg_seq != self->sequence)
        return 0; /* the rest of an older answer */
    if ((head->nlmsg_flags & NLM_F_DUMP_INTR) != 0)
        self->again = true;
    switch (head->nlmsg_type) {
    case NLMSG_ERROR:
        status = read_error(data, len);
        return status < 0 ? status : -EBADMSG; /* a success says nothing about a dump */
    case NLMSG_DONE:
        status = read_error(data, len);
        return status < 0 ? status : 1;
    case NLMSG_OVERRUN:
        self->again = true;
        return 0;
    case RTM_NEWLINK:
        return take_link(self->list, data, len);
    case RTM_NEWADDR:
        return take_address(self->list, data, len);
    default:
        return 0;
    }
}

/* A piece of an answer: messages, one after the other. 1: the last one was among them. */
static llnet_status take_piece(struct dialogue *self, size_t left) {
    const unsigned char *at = self->room;
    struct nlmsghdr head;
    llnet_status status = 0;
    size_t whole;

    while (status == 0 && left >= sizeof head) {
        memcpy(&head, at, sizeof head);
        if (head.nlmsg_len < sizeof head || head.nlmsg_len > left)
            return -EBADMSG;
        status = take_message(self, &head, at + sizeof head, head.nlmsg_len - sizeof head);
        whole = NLMSG_ALIGN((size_t)head.nlmsg_len);
        if (whole > left)
            whole = left;
        at += whole;
        left -= whole;
    }
    return status;
}

static llnet_status dump(struct dialogue *self, int type) {
    llnet_status status = ask(self, type);

    while (status == 0) {
        llnet_count n = receive_piece(self);

        status = n < 0 ? (llnet_status)n : take_piece(self, (size_t)n);
    }
    return status < 0 ? status : 0;
}

/* Asks until both answers are whole. */
static llnet_status converse(struct dialogue *self) {
    llnet_status status = 0;
    int i;

    for (i = 0; i < TRIES; i++) {
        self->again = false;
        ll_interfaces_clear(self->list);
        status = dump(self, RTM_GETLINK);
        if (status == 0)
            status = dump(self, RTM_GETADDR);
        if (status < 0 || !self->again)
            return status;
    }
    return -EAGAIN;
}

llnet_status ll_interfaces_collect(llnet_interfaces *self) {
    struct dialogue dialogue = {.list = self, .size = ROOM_LEAST, .room = malloc(ROOM_LEAST)};
    llnet_status status;

    if (dialogue.room == NULL)
        return -ENOMEM;
    dialogue.fd = ll_sys_socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE, 0);
    status = dialogue.fd < 0 ? dialogue.fd : converse(&dialogue);
    if (dialogue.fd >= 0)
        close(dialogue.fd);
    free(dialogue.room);
    return status;
}
