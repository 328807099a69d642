/* SPDX-License-Identifier: MIT */
/* constants.h: the native numbers by name, AF_INET and its like, from one list
 * (constants.list) that the compiler guards; and names in the place of numbers:
 * "inet" for AF_INET. */

#include <fcntl.h>
#include <net/if.h>
#include <netdb.h>
#include <net/if_arp.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <poll.h>
#ifdef __linux__
#include "constants_enum.h"
#include <linux/can.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/vm_sockets.h>
#endif

/* Linux', in linux/if.h, which does not go with net/if.h */
#ifdef __linux__
#define IFF_LOWER_UP 0x10000
#define IFF_DORMANT  0x20000
#define IFF_ECHO     0x40000
#endif

typedef struct ll_lua_constant {
    const char *name;
    bool present;
    int64_t value;
} ll_lua_constant;

static const ll_lua_constant ll_lua_constants[] = {
#define PRESENT(name, value) {name, true, value},
#define ABSENT(name)         {name, false, 0},
#include "constants_list.h"
#undef PRESENT
#undef ABSENT
    {NULL, false, 0},
};

/* Whether name is prefix followed by text, in whatever case text is written. */
static bool ll_lua_is_named(const char *name, const char *prefix, const char *text) {
    size_t n = strlen(prefix);

    if (strncmp(name, prefix, n) != 0)
        return false;
    for (name += n; *name != '\0' && *text != '\0'; name++, text++) {
        char upper = *text;

        if (upper >= 'a' && upper <= 'z')
            upper = (char)(upper - 'a' + 'A');
        if (*name != upper)
            return false;
    }
    return *name == *text;
}

/* What stands for a name that this platform lacks; no number that the kernel knows. */
enum { LL_LUA_ABSENT = INT_MIN };

/* The number at index i, or that of a name: "inet" with the prefix "AF_". nil
 * gives 0 (AF_UNSPEC, any type, any protocol) where the number is not required. */
static int ll_lua_named(lua_State *L, int i, const char *prefix, const char *what, bool required) {
    const ll_lua_constant *constant;
    const char *text;

    if (required && lua_isnoneornil(L, i))
        return ll_lua_type_error(L, i, what);
    if (lua_type(L, i) != LUA_TSTRING)
        return ll_lua_opt_int(L, i, 0);
    text = ll_lua_text(L, i);
    for (constant = ll_lua_constants; constant->name != NULL; constant++)
        if (ll_lua_is_named(constant->name, prefix, text))
            return constant->present ? (int)constant->value : LL_LUA_ABSENT;
    return luaL_argerror(L, i, lua_pushfstring(L, "unknown %s '%s'", what, text));
}

/* shutdown(2)'s how: a number, "read", "write" or "both", or two booleans as the
 * predecessor had it: read, write. */
static int ll_lua_how(lua_State *L, int i) {
    static const char *const names[] = {"read", "write", "both", NULL};
    static const int values[] = {SHUT_RD, SHUT_WR, SHUT_RDWR};
    bool reading, writing;

    if (lua_type(L, i) == LUA_TNUMBER)
        return ll_lua_int(L, i);
    if (lua_type(L, i) == LUA_TSTRING)
        return values[luaL_checkoption(L, i, NULL, names)];
    reading = ll_lua_bool(L, i);
    writing = ll_lua_bool(L, i + 1);
    if (reading && writing)
        return SHUT_RDWR;
    return reading ? SHUT_RD : writing ? SHUT_WR : -1; /* -1: EINVAL */
}
