/* SPDX-License-Identifier: MIT */
/* socket.c: opening, connecting and closing sockets, and asking for their
 * state. Data goes through socket_data.c, options through option.c. */
#include "internal.h"
#include "sys.h"

#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* The flags that open, pair and accept take; a platform without them has
 * nothing to ask for. */
#ifdef SOCK_NONBLOCK
#define FLAG_NONBLOCK SOCK_NONBLOCK
#define FLAG_CLOEXEC  SOCK_CLOEXEC
#else
#define FLAG_NONBLOCK 0
#define FLAG_CLOEXEC  0
#endif
#define ALL_FLAGS (FLAG_NONBLOCK | FLAG_CLOEXEC)

#define POLL_EVENTS (POLLIN | POLLOUT | POLLPRI | POLLRDHUP)

size_t llnet_socket_size(void) {
    return sizeof(llnet_socket);
}

void llnet_socket_init(llnet_socket *self) {
    memset(self, 0, sizeof *self);
}

static void fill(llnet_socket *self, int fd, uint32_t flags) {
    self->fd = fd;
    self->flags = LL_SOCKET_OPEN | flags;
    self->reserved = 0;
}

llnet_status llnet_socket_open(llnet_socket *out, int domain, int type, int protocol, int flags) {
    int bare = type & ~ALL_FLAGS;
    int fd;

    llnet_socket_init(out);
    if ((flags & ~ALL_FLAGS) != 0)
        return -EINVAL;
    fd = ll_sys_socket(domain, bare, protocol, flags | (type & ALL_FLAGS));
    if (fd < 0)
        return fd;
    fill(out, fd, ll_socket_kind(bare));
    return 0;
}

llnet_status llnet_socket_pair(llnet_socket *out, llnet_socket *other, int domain, int type, int protocol,
                               int flags) {
    int bare = type & ~ALL_FLAGS;
    int fds[2], status;

    llnet_socket_init(out);
    llnet_socket_init(other);
    if ((flags & ~ALL_FLAGS) != 0)
        return -EINVAL;
    status = ll_sys_socketpair(domain, bare, protocol, flags | (type & ALL_FLAGS), fds);
    if (status < 0)
        return status;
    fill(out, fds[0], ll_socket_kind(bare));
    fill(other, fds[1], ll_socket_kind(bare));
    return 0;
}

llnet_status llnet_socket_adopt(llnet_socket *out, intptr_t fd) {
    int descriptor = ll_descriptor(fd);

    llnet_socket_init(out);
    if (descriptor < 0)
        return descriptor;
    fill(out, descriptor, 0);
    return 0;
}

llnet_status llnet_socket_borrow(llnet_socket *out, intptr_t fd) {
    int status = llnet_socket_adopt(out, fd);

    if (status == 0)
        out->flags |= LL_SOCKET_BORROWED;
    return status;
}

llnet_count llnet_socket_detach(llnet_socket *self) {
    int fd = ll_socket_fd(self);

    if (fd < 0)
        return -EBADF;
    llnet_socket_init(self);
    return fd;
}

llnet_status llnet_socket_dup(const llnet_socket *self, llnet_socket *out) {
    uint32_t kind = ll_socket_flags(self) & LL_SOCKET_KIND;
    int fd = fcntl(ll_socket_fd(self), F_DUPFD_CLOEXEC, 0);

    llnet_socket_init(out);
    if (fd < 0)
        return -errno;
    fill(out, fd, kind);
    return 0;
}

llnet_status llnet_socket_close(llnet_socket *self) {
    uint32_t flags = self->flags;
    int fd = ll_socket_fd(self);

    llnet_socket_init(self);
    if (fd < 0 || (flags & LL_SOCKET_BORROWED) != 0)
        return 0;
    return close(fd) < 0 ? -errno : 0;
}

bool llnet_socket_is_open(const llnet_socket *self) {
    return ll_socket_fd(self) >= 0;
}

intptr_t llnet_socket_fileno(const llnet_socket *self) {
    return ll_socket_fd(self);
}

/* ---- connecting ---- */

llnet_status llnet_socket_bind(llnet_socket *self, const llnet_addr *addr) {
    return bind(ll_socket_fd(self), ll_addr_sockaddr(addr), ll_addr_len(addr)) < 0 ? -errno : 0;
}

llnet_status llnet_socket_bind_mode(llnet_socket *self, const llnet_addr *addr, int mode) {
    const struct sockaddr_un *name = (const struct sockaddr_un *)(const void *)ll_addr_sockaddr(addr);
    int fd = ll_socket_fd(self), status;

    if (fd < 0)
        return -EBADF;
    if (llnet_addr_get_family(addr) != AF_UNIX)
        return -EAFNOSUPPORT;
    if ((mode & ~0777) != 0 || ll_addr_len(addr) <= LL_UNIX_HEAD || name->sun_path[0] == '\0')
        return -EINVAL;
    status = ll_sys_set_mode(fd, mode);
    return status < 0 ? status : llnet_socket_bind(self, addr);
}

llnet_status llnet_socket_connect(llnet_socket *self, const llnet_addr *addr) {
    return connect(ll_socket_fd(self), ll_addr_sockaddr(addr), ll_addr_len(addr)) < 0 ? -errno : 0;
}

llnet_status llnet_socket_listen(llnet_socket *self, int backlog) {
    return listen(ll_socket_fd(self), backlog) < 0 ? -errno : 0;
}

llnet_status llnet_socket_accept(llnet_socket *self, llnet_socket *out, llnet_addr *peer, int flags) {
    llnet_addr addr;
    socklen_t len = sizeof addr.data.bytes;
    int listener = ll_socket_fd(self), fd;

    llnet_socket_init(out);
    if (listener < 0)
        return -EBADF; /* accept4(2) would look at the flags first */
    if ((flags & ~ALL_FLAGS) != 0)
        return -EINVAL;
    if (peer == NULL)
        fd = ll_sys_accept(listener, NULL, NULL, flags);
    else
        fd = ll_sys_accept(listener, (struct sockaddr *)(void *)addr.data.bytes, &len, flags);
    if (fd < 0)
        return fd;
    if (peer != NULL)
        ll_addr_assign(peer, addr.data.bytes, len);
    fill(out, fd, ll_socket_learn_kind(self)); /* a connection is of its listener's type */
    return 0;
}

llnet_status llnet_socket_shutdown(llnet_socket *self, int how) {
    return shutdown(ll_socket_fd(self), how) < 0 ? -errno : 0;
}

static llnet_status get_name(const llnet_socket *self, bool peer, llnet_addr *out) {
    llnet_addr addr;
    struct sockaddr *bytes = (struct sockaddr *)(void *)addr.data.bytes;
    socklen_t len = sizeof addr.data.bytes;
    int fd = ll_socket_fd(self);

    if ((peer ? getpeername(fd, bytes, &len) : getsockname(fd, bytes, &len)) < 0)
        return -errno;
    ll_addr_assign(out, bytes, len);
    return 0;
}

llnet_status llnet_socket_get_sockname(const llnet_socket *self, llnet_addr *out) {
    return get_name(self, false, out);
}

llnet_status llnet_socket_get_peername(const llnet_socket *self, llnet_addr *out) {
    return get_name(self, true, out);
}

/* ---- state ---- */

llnet_count llnet_socket_poll(const llnet_socket *self, int events, int timeout_ms) {
    struct pollfd entry;
    int ready;

    entry.fd = ll_socket_fd(self);
    if (entry.fd < 0)
        return -EBADF; /* poll(2) would sleep over it */
    if ((events & ~POLL_EVENTS) != 0)
        return -EINVAL;
    entry.events = (short)events;
    entry.revents = 0;
    ready = poll(&entry, 1, timeout_ms < 0 ? -1 : timeout_ms);
    if (ready < 0)
        return -errno;
    return (entry.revents & POLLNVAL) != 0 ? -EBADF : entry.revents;
}

llnet_status llnet_socket_take_error(llnet_socket *self) {
    int value = 0;
    socklen_t len = sizeof value;

    if (getsockopt(ll_socket_fd(self), SOL_SOCKET, SO_ERROR, &value, &len) < 0)
        return -errno;
    return ll_is_restart(value) ? -EINTR : -value;
}

/* Switches one flag of fcntl: reads before it writes, and writes only a change. */
static llnet_status switch_flag(const llnet_socket *self, int get, int set, int flag, bool on) {
    int fd = ll_socket_fd(self);
    int before = fcntl(fd, get);
    int after = on ? before | flag : before & ~flag;

    if (before < 0)
        return -errno;
    return before == after || fcntl(fd, set, after) == 0 ? 0 : -errno;
}

static llnet_status read_flag(const llnet_socket *self, int get, int flag, bool *value) {
    int flags = fcntl(ll_socket_fd(self), get);

    if (flags < 0)
        return -errno;
    *value = (flags & flag) != 0;
    return 0;
}

llnet_status llnet_socket_set_nonblock(llnet_socket *self, bool on) {
    return switch_flag(self, F_GETFL, F_SETFL, O_NONBLOCK, on);
}

llnet_status llnet_socket_get_nonblock(const llnet_socket *self, bool *value) {
    return read_flag(self, F_GETFL, O_NONBLOCK, value);
}

llnet_status llnet_socket_set_cloexec(llnet_socket *self, bool on) {
    return switch_flag(self, F_GETFD, F_SETFD, FD_CLOEXEC, on);
}

llnet_status llnet_socket_get_cloexec(const llnet_socket *self, bool *value) {
    return read_flag(self, F_GETFD, FD_CLOEXEC, value);
}

llnet_count llnet_socket_get_queued_in(const llnet_socket *self) {
    int value = 0;

    return ioctl(ll_socket_fd(self), FIONREAD, &value) < 0 ? -errno : value;
}

llnet_count llnet_socket_get_queued_out(const llnet_socket *self) {
    return ll_sys_queued_out(ll_socket_fd(self));
}

llnet_count llnet_socket_get_queued_unsent(const llnet_socket *self) {
    return ll_sys_queued_unsent(ll_socket_fd(self));
}

llnet_status llnet_socket_get_backlog(const llnet_socket *self, uint32_t *limit, uint32_t *waiting) {
    return ll_sys_backlog(ll_socket_fd(self), limit, waiting);
}

llnet_status llnet_socket_get_peer_pidfd(const llnet_socket *self, llnet_socket *out) {
    int fd = ll_sys_peer_pidfd(ll_socket_fd(self));

    llnet_socket_init(out);
    return fd < 0 ? fd : llnet_socket_adopt(out, fd);
}

llnet_status llnet_socket_at_mark(const llnet_socket *self, bool *value) {
    int mark = sockatmark(ll_socket_fd(self));

    if (mark < 0)
        return -errno;
    *value = mark != 0;
    return 0;
}
