/* SPDX-License-Identifier: MIT */
/* check_message_hostile.c: control data that no kernel would send: random bytes, and true
 * ones with values changed. The decoder is compiled in; its close(2) is ours (close_logged,
 * by -Dclose=...), so that descriptors in the data are counted, not closed. For the
 * sanitizers. LLNET_SEED repeats a run. */
#include "harness.h"
#include "message.h"

#include <netinet/in.h>
#include <unistd.h>

enum { ROOM = 512, ROUNDS = 200000 };

/* ---- what stands in for close(2): unistd.h's declaration has this name, too ------ */

static size_t closes;

int close(int fd) {
    must(fd >= 0); /* -1 was taken */
    closes++;
    return 0;
}

/* ---- random numbers, the same on every system -------------------------------------- */

static uint64_t state;

static void seed(void) {
    const char *text = getenv("LLNET_SEED");

    state = text != NULL && *text != '\0' ? strtoull(text, NULL, 10) : 20261124;
    printf("# LLNET_SEED=%llu\n", (unsigned long long)state);
}

/* splitmix64 (Steele, Lea, Flood 2014) */
static uint32_t random_below(uint32_t n) {
    uint64_t z = state += 0x9e3779b97f4a7c15U;

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    return (uint32_t)((z ^ (z >> 31)) % n);
}

/* ---- the seam ------------------------------------------------------------------------ */

/* Makes this what the last receive brought. The room is exactly as long, so that the
 * sanitizers see a byte too far. */
static llnet_message *received(const unsigned char *bytes, size_t len) {
    llnet_message *self;

    assert_ok(llnet_message_new(&self, len));
    if (len > 0)
        memcpy(self->control, bytes, len);
    self->control_len = len;
    self->received = true;
    return self;
}

/* What a getter may answer. */
static bool may_be(llnet_status status) {
    return status == 0 || status == -ENOENT || status == -ENOTSUP;
}

static void read_numbers(const llnet_message *self) {
    int64_t pid, uid, gid, time;
    uint32_t number, other;
    int value, origin, type, code;
    bool copied;

    must(may_be(llnet_message_get_credentials(self, &pid, &uid, &gid)));
    must(may_be(llnet_message_get_interface(self, &number)));
    must(may_be(llnet_message_get_ttl(self, &value)));
    must(may_be(llnet_message_get_traffic_class(self, &value)));
    if (llnet_message_get_ecn(self, &value) == 0)
        must(value >= 0 && value <= 3);
    if (llnet_message_get_timestamp(self, &time) == 0)
        must(time > 0);
    if (llnet_message_get_hardware_timestamp(self, &time) == 0)
        must(time > 0);
    must(may_be(llnet_message_get_timestamp_key(self, &value, &number)));
    if (llnet_message_get_segment_size(self, &number) == 0)
        must(number > 0);
    must(may_be(llnet_message_get_drop_count(self, &number)));
    if (llnet_message_get_error(self, &value, &origin, &type, &code, &number) == 0)
        must(value >= 0);
    must(may_be(llnet_message_get_zerocopy(self, &number, &other, &copied)));
}

static void read_addresses(const llnet_message *self) {
    llnet_addr addr;
    char text[LLNET_ADDR_TEXT_MAX];

    llnet_addr_init(&addr);
    if (llnet_message_get_destination(self, &addr) == 0)
        must(llnet_addr_get_size(&addr) <= LLNET_ADDR_BYTES_MAX);
    if (llnet_message_get_original_destination(self, &addr) == 0)
        must(llnet_addr_get_size(&addr) <= LLNET_ADDR_BYTES_MAX);
    if (llnet_message_get_error_offender(self, &addr) == 0)
        must(llnet_addr_format(&addr, text, sizeof text) >= 0);
}

/* Reads the data as it is, and no more of it than there is. */
static void read_as_it_is(const llnet_message *self, size_t len) {
    size_t count = llnet_message_get_control_count(self), total = 0, i;
    unsigned char bytes[ROOM];
    int level, type;

    for (i = 0; i < count; i++) {
        llnet_count got = llnet_message_get_control_data(self, i, bytes, sizeof bytes);
        must(got >= 0);
        must(llnet_message_get_control_type(self, i, &level, &type) == 0);
        total += CMSG_LEN((size_t)got);
    }
    must(total <= len);
    must(llnet_message_get_control_type(self, count, &level, &type) == -LLNET_EBOUNDS);
}

/* Takes some of the descriptors, and frees: each is closed once or is the taker's. */
static void take_and_free(llnet_message *self) {
    size_t count = llnet_message_get_descriptor_count(self), taken = 0, pidfds = 0;
    llnet_socket socket;

    while (taken < count / 2 && llnet_message_take_descriptor(self, &socket) == 0) {
        must(llnet_socket_detach(&socket) >= 0);
        taken++;
    }
    must(taken == count / 2);
    must(llnet_message_get_descriptor_count(self) == count - taken);
    while (llnet_message_take_pidfd(self, &socket) == 0) {
        must(llnet_socket_detach(&socket) >= 0);
        pidfds++;
    }
    must(pidfds <= ROOM / sizeof(int));
    closes = 0;
    llnet_message_free(self);
    must(closes == count - taken);
}

static void decode(const unsigned char *bytes, size_t len) {
    llnet_message *self = received(bytes, len);

    read_numbers(self);
    read_addresses(self);
    read_as_it_is(self, len);
    take_and_free(self);
}

/* ---- the data --------------------------------------------------------------------------- */

/* Levels and types that the decoder knows, and lengths round those that it wants. */
static int pick_level(void) {
    static const int levels[] = {SOL_SOCKET, IPPROTO_IP, IPPROTO_IPV6, IPPROTO_UDP, 263};
    return levels[random_below(5)];
}

static int pick_type(void) {
    static const int types[] = {SCM_RIGHTS, 2,  4,  IP_TTL, IP_TOS, 8,  20, 11, 25, IPV6_HOPLIMIT, IPV6_TCLASS,
                                50,         74, 29, 35,     37,     63, 64, 65, 40, 104,           19};
    return types[random_below(sizeof types / sizeof *types)];
}

static const size_t lens[] = {0, 1, 2, 3, 4, 5, 8, 12, 15, 16, 20, 24, 28, 31, 32, 44, 48, 64};

/* Puts plausible control messages into the bytes; how long they are together. */
static size_t make_plausible(unsigned char *bytes) {
    size_t used = 0, len, i;
    struct cmsghdr header;

    while (random_below(5) != 0) {
        len = lens[random_below(sizeof lens / sizeof *lens)];
        if (used + CMSG_SPACE(len) > ROOM)
            break;
        memset(&header, 0, sizeof header);
        header.cmsg_len = CMSG_LEN(len);
        header.cmsg_level = pick_level();
        header.cmsg_type = pick_type();
        memcpy(bytes + used, &header, sizeof header);
        for (i = CMSG_LEN(0); i < CMSG_SPACE(len); i++)
            bytes[used + i] = (unsigned char)(random_below(3) == 0 ? random_below(256) : random_below(3));
        used += CMSG_SPACE(len);
    }
    return used;
}

/* Changes a length to one of those that overflow, or a byte to any. */
static void mutate(unsigned char *bytes, size_t len) {
    static const size_t lengths[] = {0,
                                     1,
                                     15,
                                     16,
                                     17,
                                     ROOM,
                                     ROOM + 1,
                                     INT32_MAX,
                                     UINT32_MAX,
                                     SIZE_MAX,
                                     SIZE_MAX - 7,
                                     SIZE_MAX - 15,
                                     SIZE_MAX / 2 + 1};
    size_t value = lengths[random_below(sizeof lengths / sizeof *lengths)];

    if (random_below(2) == 0 && len >= sizeof value)
        memcpy(bytes + random_below((uint32_t)((len - sizeof value) / 8 + 1)) * 8, &value, sizeof value);
    else if (len > 0)
        bytes[random_below((uint32_t)len)] = (unsigned char)random_below(256);
}

START_TEST(random_bytes_are_read_or_passed_over) {
    unsigned char bytes[ROOM];
    size_t len, i;

    seed();
    for (int round = 0; round < ROUNDS; round++) {
        len = random_below(ROOM + 1);
        for (i = 0; i < len; i++)
            bytes[i] = (unsigned char)(random_below(2) == 0 ? random_below(256) : 0);
        decode(bytes, len);
    }
}
END_TEST

START_TEST(plausible_bytes_with_values_changed_are_read_or_passed_over) {
    unsigned char bytes[ROOM];
    size_t len;

    seed();
    for (int round = 0; round < ROUNDS; round++) {
        len = make_plausible(bytes);
        for (uint32_t i = random_below(4); i > 0; i--)
            mutate(bytes, len);
        if (len > 0 && random_below(4) == 0)
            len -= random_below((uint32_t)len);
        decode(bytes, len);
    }
}
END_TEST

START_TEST(every_kind_cut_at_every_byte_is_read_or_passed_over) {
    unsigned char bytes[ROOM];
    struct cmsghdr header;
    size_t i, cut;

    seed();
    for (int round = 0; round < 2000; round++) {
        size_t len = lens[random_below(sizeof lens / sizeof *lens)];
        memset(&header, 0, sizeof header);
        header.cmsg_level = pick_level();
        header.cmsg_type = pick_type();
        for (i = 0; i < sizeof bytes; i++)
            bytes[i] = (unsigned char)random_below(256);
        for (cut = 0; cut <= CMSG_LEN(len); cut++) {
            header.cmsg_len = cut < CMSG_LEN(0) ? CMSG_LEN(len) : cut; /* as Linux cuts it */
            memcpy(bytes, &header, sizeof header);
            decode(bytes, cut);
        }
    }
}
END_TEST

START_TEST(control_data_is_put_together_at_random_within_its_room) {
    llnet_message *self;
    llnet_addr addr;

    seed();
    llnet_addr_init(&addr);
    for (int round = 0; round < 20000; round++) {
        size_t room = random_below(200);

        assert_ok(llnet_message_new(&self, room));
        for (uint32_t i = random_below(30); i > 0; i--) {
            assert_ok(llnet_addr_set_ip(&addr, random_below(2) == 0 ? "::1" : "127.0.0.1", 1));
            switch (random_below(9)) {
            case 0:
                llnet_message_set_ttl(self, (int)random_below(300));
                break;
            case 1:
                llnet_message_set_traffic_class(self, (int)random_below(300));
                break;
            case 2:
                llnet_message_set_source(self, &addr, random_below(9));
                break;
            case 3:
                llnet_message_set_credentials(self, random_below(9), 0, 0);
                break;
            case 4:
                llnet_message_set_segment_size(self, random_below(70000));
                break;
            case 5:
                llnet_message_set_txtime(self, 5);
                break;
            case 6:
                llnet_message_add_descriptor(self, (intptr_t)random_below(300));
                break;
            case 7:
                llnet_message_add_control(self, pick_level(), pick_type(), lens, random_below(40));
                break;
            default:
                if (random_below(9) == 0)
                    llnet_message_clear_control(self);
            }
            must(self->control_len <= room);
            read_as_it_is(self, room);
            must(llnet_message_get_descriptor_count(self) == 0);
        }
        closes = 0;
        llnet_message_free(self); /* what was to be sent is the caller's */
        must(closes == 0);
    }
}
END_TEST

int main(void) {
    Suite *suite = suite_create("message_hostile");
    TCase *tcase = add_case(suite, "hostile");

    tcase_set_timeout(tcase, 120);
    tcase_add_test(tcase, random_bytes_are_read_or_passed_over);
    tcase_add_test(tcase, plausible_bytes_with_values_changed_are_read_or_passed_over);
    tcase_add_test(tcase, every_kind_cut_at_every_byte_is_read_or_passed_over);
    tcase_add_test(tcase, control_data_is_put_together_at_random_within_its_room);
    return run_suite(suite);
}
