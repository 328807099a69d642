/* SPDX-License-Identifier: MIT */
/* faults.c: definitions of the system calls that stand before the C library's, the shared
 * library's calls included: see faults.h. */
#include "config.h"

#include "faults.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netdb.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <llnet/base.h>

/* What glibc has in the place of struct sockaddr *, and others have not. */
#ifndef __SOCKADDR_ARG
#define __SOCKADDR_ARG       struct sockaddr *restrict
#define __CONST_SOCKADDR_ARG const struct sockaddr *
#endif
/* glibc's are unions that stand for any of its pointers, which is no ISO C */
#pragma GCC diagnostic ignored "-Wpedantic"

/* X(result, failure, name, parameters, arguments): the calls that are handed on as they are.
 * failure is what they give when they fail, where errno says why; -1 unless it is said. */
#define PLAIN_CALLS(X) \
    X(int, -1, accept4, (int fd, __SOCKADDR_ARG addr, socklen_t *restrict len, int flags), (fd, addr, len, flags)) \
    X(int, -1, bind, (int fd, __CONST_SOCKADDR_ARG addr, socklen_t len), (fd, addr, len)) \
    X(int, -1, connect, (int fd, __CONST_SOCKADDR_ARG addr, socklen_t len), (fd, addr, len)) \
    X(int, -1, epoll_create1, (int flags), (flags)) \
    X(int, -1, epoll_ctl, (int fd, int operation, int other, struct epoll_event *event), \
      (fd, operation, other, event)) \
    X(int, -1, epoll_wait, (int fd, struct epoll_event *events, int most, int timeout), \
      (fd, events, most, timeout)) \
    X(int, -1, eventfd, (unsigned value, int flags), (value, flags)) \
    X(int, -1, fchmod, (int fd, mode_t mode), (fd, mode)) \
    X(int, -1, fstat, (int fd, struct stat *file), (fd, file)) \
    X(int, -1, getpeername, (int fd, __SOCKADDR_ARG addr, socklen_t *restrict len), (fd, addr, len)) \
    X(int, -1, getrlimit, (RESOURCE resource, struct rlimit * limit), (resource, limit)) \
    X(int, -1, getsockname, (int fd, __SOCKADDR_ARG addr, socklen_t *restrict len), (fd, addr, len)) \
    X(int, -1, getsockopt, (int fd, int level, int number, void *restrict data, socklen_t *restrict len), \
      (fd, level, number, data, len)) \
    X(char *, NULL, if_indextoname, (unsigned ifindex, char name ROOM), (ifindex, name)) \
    X(unsigned, 0, if_nametoindex, (const char *name), (name)) \
    X(int, -1, listen, (int fd, int backlog), (fd, backlog)) \
    X(int, -1, memfd_create, (const char *name, unsigned flags), (name, flags)) \
    X(int, -1, pipe2, (int fds[2], int flags), (fds, flags)) \
    X(int, -1, poll, (struct pollfd * fds, nfds_t count, int timeout), (fds, count, timeout)) \
    X(int, -1, ppoll, \
      (struct pollfd * fds, nfds_t count, const struct timespec *timeout, const sigset_t *signals), \
      (fds, count, timeout, signals)) \
    X(ssize_t, -1, read, (int fd, void *data, size_t len), (fd, data, len)) \
    X(int, -1, recvmmsg, \
      (int fd, struct mmsghdr *messages, unsigned count, FLAGS flags, struct timespec *timeout), \
      (fd, messages, count, flags, timeout)) \
    X(ssize_t, -1, sendfile, (int to, int from, off_t *offset, size_t count), (to, from, offset, count)) \
    X(int, -1, sendmmsg, (int fd, struct mmsghdr *messages, unsigned count, FLAGS flags), \
      (fd, messages, count, flags)) \
    X(int, -1, setsockopt, (int fd, int level, int number, const void *data, socklen_t len), \
      (fd, level, number, data, len)) \
    X(int, -1, shutdown, (int fd, int how), (fd, how)) \
    X(int, -1, sigaction, (int number, const struct sigaction *restrict action, struct sigaction *restrict old), \
      (number, action, old)) \
    X(int, -1, sockatmark, (int fd), (fd)) \
    X(int, -1, socket, (int domain, int type, int protocol), (domain, type, protocol)) \
    X(int, -1, socketpair, (int domain, int type, int protocol, int fds[2]), (domain, type, protocol, fds)) \
    X(ssize_t, -1, splice, \
      (int from, off64_t *from_offset, int to, off64_t *to_offset, size_t count, unsigned flags), \
      (from, from_offset, to, to_offset, count, flags)) \
    X(ssize_t, -1, tee, (int from, int to, size_t count, unsigned flags), (from, to, count, flags)) \
    X(int, -1, timerfd_create, (clockid_t clock, int flags), (clock, flags)) \
    X(ssize_t, -1, write, (int fd, const void *data, size_t len), (fd, data, len)) \
    /* these return what went wrong */ \
    X(int, failure(), getaddrinfo, \
      (const char *restrict host, const char *restrict service, const struct addrinfo *restrict hints, \
       struct addrinfo **restrict out), \
      (host, service, hints, out)) \
    X(int, failure(), getnameinfo, \
      (const struct sockaddr *restrict addr, socklen_t len, char *restrict host, socklen_t host_size, \
       char *restrict service, socklen_t service_size, int flags), \
      (addr, len, host, host_size, service, service_size, flags))

/* the same, where the C library has them */
#ifdef HAVE_GETPROTOBYNAME_R
#define PROTOCOL_CALLS(X) \
    X(int, failure(), getprotobyname_r, \
      (const char *restrict name, struct protoent *restrict room, char *restrict scratch, size_t size, \
       struct protoent **restrict out), \
      (name, room, scratch, size, out)) \
    X(int, failure(), getprotobynumber_r, \
      (int number, struct protoent *restrict room, char *restrict scratch, size_t size, \
       struct protoent **restrict out), \
      (number, room, scratch, size, out))
#else
#define PROTOCOL_CALLS(X)
#endif
#ifdef HAVE_GETSERVBYNAME_R
#define SERVICE_CALLS(X) \
    X(int, failure(), getservbyname_r, \
      (const char *restrict name, const char *restrict protocol, struct servent *restrict room, \
       char *restrict scratch, size_t size, struct servent **restrict out), \
      (name, protocol, room, scratch, size, out)) \
    X(int, failure(), getservbyport_r, \
      (int port, const char *restrict protocol, struct servent *restrict room, char *restrict scratch, \
       size_t size, struct servent **restrict out), \
      (port, protocol, room, scratch, size, out))
#else
#define SERVICE_CALLS(X)
#endif

/* as glibc declares them, and as musl does */
#ifdef __GLIBC__
#define RESOURCE __rlimit_resource_t
#define REQUEST  unsigned long
#define FLAGS    int
#define ROOM     [IF_NAMESIZE]
#else
#define RESOURCE int
#define REQUEST  int
#define FLAGS    unsigned
#define ROOM     []
#endif

/* ---- the plan -------------------------------------------------------------------- */

#define NAME(result, failure, name, parameters, arguments) #name,
static const char *const names[] = {PLAIN_CALLS(NAME) PROTOCOL_CALLS(NAME) SERVICE_CALLS(NAME) "calloc",
                                    "close",
                                    "fcntl",
                                    "ioctl",
                                    "malloc",
                                    "open",
                                    "realloc",
                                    "recv",
                                    "recvfrom",
                                    "recvmsg",
                                    "send",
                                    "sendmsg",
                                    "sendto",
                                    "syscall"};
enum { CALLS = sizeof names / sizeof names[0] };

static __thread bool inside;
static int counts[CALLS];
static const char *armed;
static int left, armed_error;
static bool fired;
static size_t most_bytes;
static faults_watcher *watcher;

void faults_begin(void) {
    inside = true;
}

void faults_end(void) {
    inside = false;
}

void faults_arm(const char *call, int at, int error) {
    armed = call;
    left = at;
    armed_error = error;
    fired = false;
}

bool faults_fired(void) {
    return fired;
}

const char *faults_call_at(size_t index) {
    return index < CALLS ? names[index] : NULL;
}

int faults_count_at(size_t index) {
    return counts[index];
}

void faults_forget(void) {
    memset(counts, 0, sizeof counts);
    faults_forget_memory();
}

void faults_limit(size_t most) {
    most_bytes = most;
}

void faults_watch(faults_watcher *new_watcher) {
    watcher = new_watcher;
}

bool faults_is_inside(void) {
    return inside;
}

bool faults_is_due(const char *name) {
    size_t i;

    if (!inside)
        return false;
    for (i = 0; strcmp(names[i], name) != 0; i++) {
    }
    counts[i]++;
    if (armed == NULL || strcmp(armed, name) != 0 || --left != 0)
        return false;
    fired = true;
    errno = armed_error;
    return true;
}

/* What a call gives that returns what went wrong. */
static int failure(void) {
    return armed_error;
}

/* The C library's, or who else stands behind us: a sanitizer. */
static void *find(const char *name) {
    void *found = NULL;

#if defined __USE_FILE_OFFSET64 && !defined __LP64__
    /* the headers gave our definitions, too, the names for large files */
    static const char *const large[][2] = {{"fcntl", "fcntl64"},
                                           {"fstat", "fstat64"},
                                           {"getrlimit", "getrlimit64"},
                                           {"open", "open64"},
                                           {"sendfile", "sendfile64"}};

    for (size_t i = 0; i < sizeof large / sizeof large[0]; i++)
        if (strcmp(large[i][0], name) == 0)
            found = dlsym(RTLD_NEXT, large[i][1]);
#endif
    if (found == NULL)
        found = dlsym(RTLD_NEXT, name);
    if (found == NULL)
        abort();
    return found;
}

#define REAL(pointer, name) ((pointer) == NULL ? (void)(*(void **)&(pointer) = find(name)) : (void)0)

static int real_fcntl(int fd, int command) {
    static int (*real)(int, int, ...);

    REAL(real, "fcntl");
    return real(fd, command);
}

/* The calls whose result is a descriptor. */
static const char *const makers[] = {"accept4", "epoll_create1", "eventfd",       "memfd_create",
                                     "open",    "socket",        "timerfd_create"};
static bool inheritable;

static void look_at(int fd) {
    if (inside && fd >= 0 && (real_fcntl(fd, F_GETFD) & FD_CLOEXEC) == 0)
        inheritable = true;
}

static void look_at_result(const char *name, intptr_t result) {
    int error = errno;

    for (size_t i = 0; inside && i < sizeof makers / sizeof makers[0]; i++)
        if (strcmp(makers[i], name) == 0)
            look_at((int)result);
    errno = error;
}

bool faults_saw_inheritable(void) {
    return inheritable;
}

static size_t shorten(size_t len) {
    return inside && most_bytes > 0 && len > most_bytes ? most_bytes : len;
}

static void watch(const struct msghdr *message) {
    if (inside && watcher != NULL)
        watcher(message);
}

/* ---- the calls -------------------------------------------------------------------- */

/* NOLINTBEGIN(bugprone-macro-parentheses): parameters brings its own */
#define DEFINE(result, failure, name, parameters, arguments) \
    LLNET_API result name parameters; \
    LLNET_API result name parameters { \
        static result(*real) parameters; \
        result made; \
        REAL(real, #name); \
        if (faults_is_due(#name)) \
            return failure; \
        made = real arguments; \
        look_at_result(#name, (intptr_t)made); \
        return made; \
    }
/* NOLINTEND(bugprone-macro-parentheses) */
PLAIN_CALLS(DEFINE)
PROTOCOL_CALLS(DEFINE)
SERVICE_CALLS(DEFINE)

LLNET_API int close(int fd) {
    static int (*real)(int);
    int result;

    REAL(real, "close");
    result = real(fd);
    return faults_is_due("close") ? -1 : result;
}

LLNET_API int fcntl(int fd, int command, ...) {
    static int (*real)(int, int, ...);
    va_list list;
    void *argument;

    va_start(list, command);
    argument = va_arg(list, void *);
    va_end(list);
    REAL(real, "fcntl");
    return faults_is_due("fcntl") ? -1 : real(fd, command, argument);
}

LLNET_API int ioctl(int fd, REQUEST request, ...) {
    static int (*real)(int, REQUEST, ...);
    va_list list;
    void *argument;

    va_start(list, request);
    argument = va_arg(list, void *);
    va_end(list);
    REAL(real, "ioctl");
    return faults_is_due("ioctl") ? -1 : real(fd, request, argument);
}

LLNET_API int open(const char *path, int flags, ...) {
    static int (*real)(const char *, int, ...);
    mode_t mode = 0;
    va_list list;
    int fd;

    if ((flags & O_CREAT) != 0) {
        va_start(list, flags);
        mode = va_arg(list, mode_t);
        va_end(list);
    }
    REAL(real, "open");
    if (faults_is_due("open"))
        return -1;
    fd = real(path, flags, mode);
    look_at_result("open", fd);
    return fd;
}

LLNET_API long syscall(long number, ...) {
    static long (*real)(long, ...);
    long arguments[6];
    va_list list;

    va_start(list, number);
    for (int i = 0; i < 6; i++)
        arguments[i] = va_arg(list, long);
    va_end(list);
    REAL(real, "syscall");
    if (faults_is_due("syscall"))
        return -1;
    return real(number, arguments[0], arguments[1], arguments[2], arguments[3], arguments[4], arguments[5]);
}

LLNET_API ssize_t recv(int fd, void *data, size_t len, int flags) {
    static ssize_t (*real)(int, void *, size_t, int);

    REAL(real, "recv");
    return faults_is_due("recv") ? -1 : real(fd, data, shorten(len), flags);
}

LLNET_API ssize_t recvfrom(int fd, void *restrict data, size_t len, int flags, __SOCKADDR_ARG from,
                           socklen_t *restrict from_len) {
    static ssize_t (*real)(int, void *restrict, size_t, int, __SOCKADDR_ARG, socklen_t *restrict);

    REAL(real, "recvfrom");
    return faults_is_due("recvfrom") ? -1 : real(fd, data, shorten(len), flags, from, from_len);
}

LLNET_API ssize_t recvmsg(int fd, struct msghdr *message, int flags) {
    static ssize_t (*real)(int, struct msghdr *, int);

    REAL(real, "recvmsg");
    return faults_is_due("recvmsg") ? -1 : real(fd, message, flags);
}

LLNET_API ssize_t send(int fd, const void *data, size_t len, int flags) {
    static ssize_t (*real)(int, const void *, size_t, int);

    REAL(real, "send");
    return faults_is_due("send") ? -1 : real(fd, data, shorten(len), flags);
}

LLNET_API ssize_t sendmsg(int fd, const struct msghdr *message, int flags) {
    static ssize_t (*real)(int, const struct msghdr *, int);

    REAL(real, "sendmsg");
    watch(message);
    return faults_is_due("sendmsg") ? -1 : real(fd, message, flags);
}

LLNET_API ssize_t sendto(int fd, const void *data, size_t len, int flags, __CONST_SOCKADDR_ARG to,
                         socklen_t to_len) {
    static ssize_t (*real)(int, const void *, size_t, int, __CONST_SOCKADDR_ARG, socklen_t);

    REAL(real, "sendto");
    return faults_is_due("sendto") ? -1 : real(fd, data, shorten(len), flags, to, to_len);
}
