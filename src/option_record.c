/* SPDX-License-Identifier: MIT */
/* option_record.c: the fields of a record that the caller holds, read and written
 * by the record's table. */
#include "internal.h"

#include <netinet/in.h>
#include <string.h>

#include "option.h"

static const ll_record *record_of(const llnet_option *self) {
    return self->record != NULL && self->record->count != 0 ? self->record : NULL;
}

size_t llnet_option_get_field_count(const llnet_option *self) {
    return self->record != NULL ? self->record->count : 0;
}

bool llnet_option_is_repeating(const llnet_option *self) {
    return self->record != NULL && self->record->repeating;
}

size_t llnet_option_get_record_size(const llnet_option *self) {
    return self->record != NULL ? self->record->size : 0;
}

const char *llnet_option_get_field_name(const llnet_option *self, size_t index) {
    return index < llnet_option_get_field_count(self) ? self->record->fields[index].name : NULL;
}

static int field_type(const ll_field *field) {
    switch (field->kind) {
    case LL_FIELD_FLAG:
        return LLNET_OPTION_FLAG;
    case LL_FIELD_SIGNED:
    case LL_FIELD_UNSIGNED:
        return LLNET_OPTION_INTEGER;
    default:
        return LLNET_OPTION_ADDRESS;
    }
}

int llnet_option_get_field_type(const llnet_option *self, size_t index) {
    return index < llnet_option_get_field_count(self) ? field_type(&self->record->fields[index]) : -1;
}

/* The field of this index, which is the last one for all elements of a list. */
static const ll_field *find_field(const llnet_option *self, size_t index) {
    const ll_record *record = record_of(self);

    if (record == NULL)
        return NULL;
    if (index < record->count)
        return &record->fields[index];
    return record->repeating ? &record->fields[record->count - 1] : NULL;
}

static bool is_element(const ll_record *record, size_t index) {
    return record->repeating && index >= (size_t)record->count - 1;
}

/* The offset of element number `element`, of which `counted` there may be. */
static llnet_count element_offset(const ll_record *record, size_t element, uint64_t counted, size_t record_len) {
    size_t size = record->fields[record->count - 1].size;

    if (element >= counted)
        return -LLNET_EBOUNDS;
    if ((record_len - record->size) / size <= element)
        return -ENODATA;
    return (llnet_count)(record->size + element * size);
}

static uint32_t get_counter(const ll_record *record, const void *data) {
    uint32_t counter;
    memcpy(&counter, (const char *)data + record->counter, sizeof counter);
    return counter;
}

/* Where the field is in a record of record_len bytes. more: elements that count
 * beyond those that are counted. */
static llnet_count field_offset(const ll_record *record, size_t index, const void *data, size_t record_len,
                                unsigned more) {
    const ll_field *field;

    if (is_element(record, index)) {
        if (record_len < record->size)
            return -ENODATA;
        return element_offset(record, index - (record->count - 1u), (uint64_t)get_counter(record, data) + more,
                              record_len);
    }
    field = &record->fields[index];
    return (size_t)field->offset + field->size > record_len ? -ENODATA : (llnet_count)field->offset;
}

/* ---- numbers ----------------------------------------------------------------- */

static uint64_t load_bits(const void *bytes, size_t size) {
    uint8_t u8;
    uint16_t u16;
    uint32_t u32;
    uint64_t u64;

    switch (size) {
    case 1:
        return memcpy(&u8, bytes, sizeof u8), u8;
    case 2:
        return memcpy(&u16, bytes, sizeof u16), u16;
    case 4:
        return memcpy(&u32, bytes, sizeof u32), u32;
    default:
        return memcpy(&u64, bytes, sizeof u64), u64;
    }
}

static void store_bits(void *bytes, size_t size, uint64_t value) {
    uint8_t u8 = (uint8_t)value;
    uint16_t u16 = (uint16_t)value;
    uint32_t u32 = (uint32_t)value;

    switch (size) {
    case 1:
        memcpy(bytes, &u8, sizeof u8);
        break;
    case 2:
        memcpy(bytes, &u16, sizeof u16);
        break;
    case 4:
        memcpy(bytes, &u32, sizeof u32);
        break;
    default:
        memcpy(bytes, &value, sizeof value);
        break;
    }
}

static unsigned width(const ll_field *field) {
    return field->bits != 0 ? field->bits : field->size * 8u;
}

static bool fits(const ll_field *field, int64_t value) {
    unsigned bits = width(field);

    if (field->kind == LL_FIELD_FLAG)
        return value == 0 || value == 1;
    if (bits == 64)
        return true;
    if (field->kind == LL_FIELD_SIGNED)
        return value >= -((int64_t)1 << (bits - 1)) && value < (int64_t)1 << (bits - 1);
    return value >= 0 && value < (int64_t)1 << bits;
}

/* The number in the width of its field as an int64_t. */
static int64_t widen(const ll_field *field, uint64_t raw) {
    unsigned bits = width(field);

    if (field->kind == LL_FIELD_FLAG)
        return raw != 0;
    if (field->kind == LL_FIELD_SIGNED && bits < 64 && raw >> (bits - 1) != 0)
        raw |= UINT64_MAX << bits;
    return (int64_t)raw;
}

static uint64_t mask(const ll_field *field) {
    return width(field) == 64 ? UINT64_MAX : ((uint64_t)1 << width(field)) - 1;
}

llnet_status llnet_option_get_field_int(const llnet_option *self, size_t index, const void *record,
                                        size_t record_len, int64_t *value) {
    const ll_field *field = find_field(self, index);
    llnet_count offset;

    if (field == NULL)
        return -LLNET_EBOUNDS;
    if (field_type(field) == LLNET_OPTION_ADDRESS)
        return -LLNET_ETYPE;
    offset = field_offset(self->record, index, record, record_len, 0);
    if (offset < 0)
        return (llnet_status)offset;
    *value = widen(field, load_bits((const char *)record + offset, field->size) >> field->shift & mask(field));
    return 0;
}

llnet_status llnet_option_set_field_int(const llnet_option *self, size_t index, void *record, size_t record_len,
                                        int64_t value) {
    const ll_field *field = find_field(self, index);
    llnet_count offset;
    uint64_t raw;

    if (field == NULL)
        return -LLNET_EBOUNDS;
    if (field_type(field) == LLNET_OPTION_ADDRESS)
        return -LLNET_ETYPE;
    offset = field_offset(self->record, index, record, record_len, 1);
    if (offset < 0)
        return (llnet_status)offset;
    if (!fits(field, value))
        return -ERANGE;
    raw = load_bits((char *)record + offset, field->size) & ~(mask(field) << field->shift);
    store_bits((char *)record + offset, field->size, raw | ((uint64_t)value & mask(field)) << field->shift);
    return 0;
}

/* ---- addresses --------------------------------------------------------------- */

static void load_sockaddr(const ll_field *field, const char *bytes, llnet_addr *out) {
    struct sockaddr_storage storage;
    socklen_t len = field->size;

    memset(&storage, 0, sizeof storage);
    memcpy(&storage, bytes, field->size);
    if (storage.ss_family == AF_INET)
        len = sizeof(struct sockaddr_in);
    if (storage.ss_family == AF_INET6)
        len = sizeof(struct sockaddr_in6);
    ll_addr_assign(out, &storage, len);
}

/* The length of a link-layer address stands in the two bytes in front of it. */
static llnet_status load_hardware(const ll_record *record, const char *data, size_t offset, size_t record_len,
                                  llnet_addr *out) {
    size_t end = record_len < record->size ? record_len : record->size;
    uint16_t len;

    memcpy(&len, data + offset - sizeof len, sizeof len);
    return len > end - offset ? -ENODATA : llnet_addr_set_packet(out, 0, 0, data + offset, len);
}

static llnet_status store_hardware(const ll_record *record, char *data, size_t offset, size_t record_len,
                                   const llnet_addr *addr) {
    size_t end = record_len < record->size ? record_len : record->size;
    unsigned char bytes[UINT8_MAX];
    llnet_count count = llnet_addr_get_packet_hardware(addr, bytes, sizeof bytes);
    uint16_t len = (uint16_t)count;

    if (count < 0)
        return -EAFNOSUPPORT;
    if (len > record->size - offset)
        return -ERANGE;
    if (len > end - offset)
        return -ENODATA;
    memset(data + offset, 0, end - offset);
    memcpy(data + offset - sizeof len, &len, sizeof len);
    memcpy(data + offset, bytes, len);
    return 0;
}

llnet_status llnet_option_get_field_addr(const llnet_option *self, size_t index, const void *record,
                                         size_t record_len, llnet_addr *out) {
    const ll_field *field = find_field(self, index);
    llnet_count offset;

    if (field == NULL)
        return -LLNET_EBOUNDS;
    if (field_type(field) != LLNET_OPTION_ADDRESS)
        return -LLNET_ETYPE;
    offset = field_offset(self->record, index, record, record_len, 0);
    if (offset < 0)
        return (llnet_status)offset;
    if (field->kind == LL_FIELD_HARDWARE)
        return load_hardware(self->record, record, (size_t)offset, record_len, out);
    if (field->kind != LL_FIELD_SOCKADDR)
        return llnet_addr_set_ip_bytes(out, (const char *)record + offset, field->size, 0);
    load_sockaddr(field, (const char *)record + offset, out);
    return 0;
}

static llnet_status store_addr(const ll_field *field, char *bytes, const llnet_addr *addr) {
    int family = llnet_addr_get_family(addr);
    socklen_t len = ll_addr_len(addr);

    if (field->kind != LL_FIELD_SOCKADDR) {
        if (family != (field->kind == LL_FIELD_IN_ADDR ? AF_INET : AF_INET6))
            return -EAFNOSUPPORT;
        return llnet_addr_get_ip_bytes(addr, bytes, field->size) < 0 ? -EAFNOSUPPORT : 0;
    }
    if (len > field->size || (field->size == sizeof(struct sockaddr_in6) && family != AF_INET6))
        return -EAFNOSUPPORT;
    memset(bytes, 0, field->size);
    memcpy(bytes, ll_addr_sockaddr(addr), len);
    return 0;
}

llnet_status llnet_option_set_field_addr(const llnet_option *self, size_t index, void *record, size_t record_len,
                                         const llnet_addr *addr) {
    const ll_field *field = find_field(self, index);
    llnet_count offset;
    llnet_status status;
    uint32_t counter;

    if (field == NULL)
        return -LLNET_EBOUNDS;
    if (field_type(field) != LLNET_OPTION_ADDRESS)
        return -LLNET_ETYPE;
    offset = field_offset(self->record, index, record, record_len, 1);
    if (offset < 0)
        return (llnet_status)offset;
    if (field->kind == LL_FIELD_HARDWARE)
        return store_hardware(self->record, record, (size_t)offset, record_len, addr);
    status = store_addr(field, (char *)record + offset, addr);
    if (status == 0 && is_element(self->record, index)) {
        counter = get_counter(self->record, record);
        if (index - (self->record->count - 1u) == counter) {
            counter++;
            memcpy((char *)record + self->record->counter, &counter, sizeof counter);
        }
    }
    return status;
}
