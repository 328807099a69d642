/* SPDX-License-Identifier: MIT */
/* option.c: getting and setting options by name, where the catalogue says how the
 * kernel holds the value, and by number. */
#include "internal.h"

#include <limits.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/time.h>

#include "option.h"

/* The kernel cuts names at this size without a word. */
enum { NAME_SIZE = 16 };

/* Room for a string from the kernel: security labels are the longest. */
enum { STRING_SIZE = 4096 };

/* Room for a list that comes as bits: 32767 numbers. */
enum { BITS_SIZE = 4096 };

/* An instruction of a socket filter: struct sock_filter. */
enum { INSTRUCTION_SIZE = 8 };

/* ---- by number ------------------------------------------------------------------ */

llnet_status ll_option_set(int fd, int level, int number, const void *data, size_t len) {
    if ((socklen_t)len != len)
        return -EINVAL;
    return setsockopt(fd, level, number, data, (socklen_t)len) < 0 ? -errno : 0;
}

/* The kernel writes as many elements as the record itself counts, whatever the
 * length: cut the count down to what there is room for. */
static void limit_list(const ll_record *list, void *data, size_t len) {
    size_t size, room;
    uint32_t counter;

    if (list->count == 0 || len < list->size)
        return;
    size = list->fields[list->count - 1].size;
    room = (len - list->size) / size;
    memcpy(&counter, (char *)data + list->counter, sizeof counter);
    if (counter > room) {
        counter = (uint32_t)room;
        memcpy((char *)data + list->counter, &counter, sizeof counter);
    }
}

/* SO_GET_FILTER alone has its length in instructions, and a length of 0 asks how
 * many there are. */
#ifdef SO_GET_FILTER
static bool is_filter(int level, int number) {
    return level == SOL_SOCKET && number == SO_GET_FILTER;
}
#else
static bool is_filter(int level, int number) {
    (void)level;
    (void)number;
    return false;
}
#endif

llnet_count ll_option_get(int fd, int level, int number, void *data, size_t len) {
    bool filter = is_filter(level, number);
    const ll_record *list = ll_option_list(level, number);
    size_t count;
    socklen_t given;

    if ((socklen_t)len != len)
        return -EINVAL;
    if (list != NULL)
        limit_list(list, data, len);
    given = filter ? (socklen_t)(len / INSTRUCTION_SIZE) : (socklen_t)len;
    if (getsockopt(fd, level, number, data, &given) < 0)
        return -errno;
    count = filter ? (size_t)given * INSTRUCTION_SIZE : given;
    if (filter && count > len)
        return -EINVAL;
    return (llnet_count)(count < len ? count : len);
}

llnet_status llnet_socket_set_option_raw(llnet_socket *self, int level, int number, const void *data, size_t len) {
    int fd = ll_socket_fd(self);

    return fd < 0 ? -EBADF : ll_option_set(fd, level, number, data, len);
}

llnet_count llnet_socket_get_option_raw(const llnet_socket *self, int level, int number, void *data, size_t len) {
    int fd = ll_socket_fd(self);

    return fd < 0 ? -EBADF : ll_option_get(fd, level, number, data, len);
}

/* ---- by name: what all have in common --------------------------------------------- */

/* The bit of a type, for a set of them. */
#define TYPE(name) (1u << LLNET_OPTION_##name)
#define DATA_TYPES (TYPE(STRING) | TYPE(BYTES) | TYPE(RECORD) | TYPE(PROGRAM) | TYPE(LIST))

static llnet_status check(const llnet_socket *self, const llnet_option *option, unsigned types,
                          unsigned direction) {
    if (ll_socket_fd(self) < 0)
        return -EBADF;
    if (option == NULL)
        return -ENOENT;
    if ((types & 1u << option->type) == 0)
        return -LLNET_ETYPE;
    if ((option->direction & direction) == 0)
        return -EACCES;
    return option->defined ? 0 : -ENOTSUP;
}

static llnet_status set_bytes(llnet_socket *self, const llnet_option *option, const void *data, size_t len) {
    return ll_option_set(ll_socket_fd(self), option->level, option->number, data, len);
}

static llnet_count get_bytes(const llnet_socket *self, const llnet_option *option, void *data, size_t len) {
    return ll_option_get(ll_socket_fd(self), option->level, option->number, data, len);
}

/* ---- numbers ------------------------------------------------------------------------ */

static llnet_status set_time(llnet_socket *self, const llnet_option *option, int64_t value) {
    struct timeval time;

    memset(&time, 0, sizeof time);
    time.tv_sec = (time_t)(value / 1000000);
    time.tv_usec = (suseconds_t)(value % 1000000);
    if (value < 0 || time.tv_sec != value / 1000000)
        return -ERANGE;
    return set_bytes(self, option, &time, sizeof time);
}

static llnet_status set_u32(llnet_socket *self, const llnet_option *option, int64_t value) {
    uint32_t number = (uint32_t)value;

    if (value < 0 || value > UINT32_MAX)
        return -ERANGE;
    if (option->form == LL_FORM_NET32)
        number = htonl(number);
    return set_bytes(self, option, &number, sizeof number);
}

static llnet_status set_ulong(llnet_socket *self, const llnet_option *option, int64_t value) {
    unsigned long number = (unsigned long)value;

    if (sizeof number < sizeof value && value != -1 && (value < 0 || (uint64_t)value > ULONG_MAX))
        return -ERANGE;
    return set_bytes(self, option, &number, sizeof number);
}

static llnet_status set_int(llnet_socket *self, const llnet_option *option, int64_t value) {
    int number = (int)value;

    if (value < INT_MIN || value > INT_MAX)
        return -ERANGE;
    if (option->type == LLNET_OPTION_FLAG && value != 0 && value != 1)
        return -ERANGE;
    return set_bytes(self, option, &number, sizeof number);
}

/* An interface by its index, where others give its address. */
static llnet_status set_interface(llnet_socket *self, const llnet_option *option, int64_t value) {
    char bytes[LLNET_OPTION_RECORD_MAX];
    llnet_count len = ll_option_interface(bytes, sizeof bytes, value);

    return len < 0 ? (llnet_status)len : set_bytes(self, option, bytes, (size_t)len);
}

llnet_status llnet_socket_set_option_int(llnet_socket *self, const char *option, int64_t value) {
    const llnet_option *entry = llnet_option_find(option);
    unsigned types = TYPE(FLAG) | TYPE(INTEGER) | TYPE(TIME);
    llnet_status status;

    if (entry != NULL && entry->form == LL_FORM_IN_ADDR)
        types |= TYPE(ADDRESS);
    status = check(self, entry, types, LL_OPTION_W);
    if (status != 0)
        return status;
    switch (entry->form) {
    case LL_FORM_TIMEVAL:
        return set_time(self, entry, value);
    case LL_FORM_U32:
    case LL_FORM_NET32:
        return set_u32(self, entry, value);
    case LL_FORM_ULONG:
        return set_ulong(self, entry, value);
    case LL_FORM_U64:
        return set_bytes(self, entry, &value, sizeof value);
    case LL_FORM_IN_ADDR:
        return set_interface(self, entry, value);
    default:
        return set_int(self, entry, value);
    }
}

static llnet_status get_time(const llnet_socket *self, const llnet_option *option, int64_t *value) {
    struct timeval time;
    llnet_count count;
    int64_t seconds;

    memset(&time, 0, sizeof time);
    count = get_bytes(self, option, &time, sizeof time);
    if (count < 0)
        return (llnet_status)count;
    seconds = time.tv_sec;
    if (seconds > INT64_MAX / 1000000 - 1)
        return -EOVERFLOW;
    *value = seconds * 1000000 + time.tv_usec;
    return 0;
}

/* A number of 4 bytes in the way that the option holds it. */
static int64_t widen(const llnet_option *option, uint32_t number) {
    switch (option->form) {
    case LL_FORM_NET32:
        return ntohl(number);
    case LL_FORM_ULONG: /* ULONG_MAX is -1 also where it has 4 bytes, or an old kernel gives that few */
        return number == UINT32_MAX ? -1 : (int64_t)number;
    case LL_FORM_U32:
    case LL_FORM_U64:
        return number;
    default:
        return (int32_t)number;
    }
}

/* The width of a number is for the kernel to say: some give a byte for an int. */
static llnet_status get_number(const llnet_socket *self, const llnet_option *option, int64_t *value) {
    union {
        uint64_t u64;
        uint32_t u32;
        uint8_t u8;
    } number = {0};
    size_t size = option->form == LL_FORM_U64 ? sizeof number.u64 : sizeof number.u32;
    llnet_count count;

    if (option->form == LL_FORM_ULONG)
        size = sizeof(unsigned long);
    count = get_bytes(self, option, &number, size);
    if (count < 0)
        return (llnet_status)count;
    if (count == sizeof number.u64)
        *value = (int64_t)number.u64;
    else if (count == sizeof number.u32)
        *value = widen(option, number.u32);
    else if (count == sizeof number.u8)
        *value = number.u8;
    else
        return -EPROTO;
    if (option->type == LLNET_OPTION_FLAG)
        *value = *value != 0;
    return 0;
}

llnet_status llnet_socket_get_option_int(const llnet_socket *self, const char *option, int64_t *value) {
    const llnet_option *entry = llnet_option_find(option);
    llnet_status status = check(self, entry, TYPE(FLAG) | TYPE(INTEGER) | TYPE(TIME), LL_OPTION_R);

    if (status != 0)
        return status;
    return entry->form == LL_FORM_TIMEVAL ? get_time(self, entry, value) : get_number(self, entry, value);
}

/* ---- bytes ---------------------------------------------------------------------------- */

static llnet_status set_string(llnet_socket *self, const llnet_option *option, const char *data, size_t len) {
    char name[NAME_SIZE] = {0};

    if (len >= sizeof name)
        return -ENAMETOOLONG;
    if (len > 0 && memchr(data, '\0', len) != NULL)
        return -EINVAL;
    if (len > 0)
        memcpy(name, data, len);
    return set_bytes(self, option, name, len);
}

/* A struct sock_fprog, which holds a pointer, of a program that comes as bytes. */
static llnet_status set_filter(llnet_socket *self, const llnet_option *option, const void *data, size_t len) {
    struct {
        unsigned short len;
        const void *filter;
    } program;

    if (len % INSTRUCTION_SIZE != 0 || len / INSTRUCTION_SIZE > USHRT_MAX)
        return -EINVAL;
    memset(&program, 0, sizeof program);
    program.len = (unsigned short)(len / INSTRUCTION_SIZE);
    program.filter = data;
    return set_bytes(self, option, &program, sizeof program);
}

/* As set_bytes, at the level of the IP version that the record's group is of. */
static llnet_status set_record(llnet_socket *self, const llnet_option *option, const void *data, size_t len) {
    int level = option->level;
    llnet_addr group;

    if (option->record->level_of_group && llnet_option_get_field_addr(option, 1, data, len, &group) == 0 &&
        llnet_addr_get_family(&group) == AF_INET6)
        level = IPPROTO_IPV6;
    return ll_option_set(ll_socket_fd(self), level, option->number, data, len);
}

llnet_status llnet_socket_set_option_data(llnet_socket *self, const char *option, const void *data, size_t len) {
    const llnet_option *entry = llnet_option_find(option);
    llnet_status status = check(self, entry, DATA_TYPES, LL_OPTION_W);

    if (status != 0)
        return status;
    switch (entry->form) {
    case LL_FORM_NAME:
        return set_string(self, entry, data, len);
    case LL_FORM_FILTER:
        return set_filter(self, entry, data, len);
    case LL_FORM_RECORD:
        return set_record(self, entry, data, len);
    default:
        return set_bytes(self, entry, data, len);
    }
}

/* Through a buffer of our own: the kernel refuses a size that is less than the
 * longest name, and adds a NUL or several. */
static llnet_count get_string(const llnet_socket *self, const llnet_option *option, void *bytes, size_t size) {
    char text[STRING_SIZE] = {0};
    llnet_count count = get_bytes(self, option, text, sizeof text);
    size_t len;

    if (count < 0)
        return count;
    len = strnlen(text, (size_t)count);
    if (len > size)
        return -ENOBUFS;
    if (len > 0)
        memcpy(bytes, text, len);
    return (llnet_count)len;
}

/* The kernel tells by ERANGE that the list is longer. */
static llnet_count get_numbers(const llnet_socket *self, const llnet_option *option, void *bytes, size_t size) {
    llnet_count count = get_bytes(self, option, bytes, size < INT_MAX ? size : INT_MAX);

    return count == -ERANGE ? -ENOBUFS : count;
}

/* Numbers of bits, the lowest of which stands for 1. */
static llnet_count get_bits(const llnet_socket *self, const llnet_option *option, void *bytes, size_t size) {
    uint32_t words[BITS_SIZE / sizeof(uint32_t)] = {0}, number;
    llnet_count count = get_bytes(self, option, words, sizeof words);
    size_t used = 0;

    if (count < 0)
        return count;
    if (count == sizeof words)
        return -ENOBUFS;
    for (number = 1; number <= (size_t)count / sizeof *words * 32; number++) {
        if ((words[(number - 1) / 32] >> (number - 1) % 32 & 1) == 0)
            continue;
        if (size - used < sizeof number)
            return -ENOBUFS;
        memcpy((char *)bytes + used, &number, sizeof number);
        used += sizeof number;
    }
    return (llnet_count)used;
}

llnet_count llnet_socket_get_option_data(const llnet_socket *self, const char *option, void *bytes, size_t size) {
    const llnet_option *entry = llnet_option_find(option);
    llnet_status status = check(self, entry, DATA_TYPES, LL_OPTION_R);

    if (status != 0)
        return status;
    switch (entry->form) {
    case LL_FORM_NAME:
        return get_string(self, entry, bytes, size);
    case LL_FORM_NUMBERS:
        return get_numbers(self, entry, bytes, size);
    case LL_FORM_BITS:
        return get_bits(self, entry, bytes, size);
    default:
        return get_bytes(self, entry, bytes, size < INT_MAX ? size : INT_MAX);
    }
}

/* ---- addresses -------------------------------------------------------------------------- */

llnet_status llnet_socket_set_option_addr(llnet_socket *self, const char *option, const llnet_addr *addr) {
    const llnet_option *entry = llnet_option_find(option);
    llnet_status status = check(self, entry, TYPE(ADDRESS), LL_OPTION_W);
    unsigned char ip[4];

    if (status != 0)
        return status;
    if (llnet_addr_get_family(addr) != (entry->form == LL_FORM_IN_ADDR ? AF_INET : AF_INET6))
        return -EAFNOSUPPORT;
    if (entry->form != LL_FORM_IN_ADDR)
        return set_bytes(self, entry, ll_addr_sockaddr(addr), ll_addr_len(addr));
    if (llnet_addr_get_ip_bytes(addr, ip, sizeof ip) != sizeof ip)
        return -EAFNOSUPPORT;
    return set_bytes(self, entry, ip, sizeof ip);
}

/* The kernel's answer may be as long as what was asked for. */
static size_t sockaddr_len(const struct sockaddr_storage *storage, size_t len) {
    size_t full = len;

    if (storage->ss_family == AF_INET)
        full = sizeof(struct sockaddr_in);
    if (storage->ss_family == AF_INET6)
        full = sizeof(struct sockaddr_in6);
    return full < len ? full : len;
}

llnet_status llnet_socket_get_option_addr(const llnet_socket *self, const char *option, llnet_addr *out) {
    const llnet_option *entry = llnet_option_find(option);
    llnet_status status = check(self, entry, TYPE(ADDRESS), LL_OPTION_R);
    struct sockaddr_storage storage;
    unsigned char ip[4] = {0};
    llnet_count count;

    if (status != 0)
        return status;
    if (entry->form == LL_FORM_IN_ADDR) {
        count = get_bytes(self, entry, ip, sizeof ip);
        return count < 0 ? (llnet_status)count : llnet_addr_set_ip_bytes(out, ip, sizeof ip, 0);
    }
    memset(&storage, 0, sizeof storage);
    count = get_bytes(self, entry, &storage, sizeof storage);
    if (count < 0)
        return (llnet_status)count;
    ll_addr_assign(out, &storage, (socklen_t)sockaddr_len(&storage, (size_t)count));
    return 0;
}
