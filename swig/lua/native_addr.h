/* SPDX-License-Identifier: MIT */
/* native_addr.h: what Lua addresses have that C has no function for:
 * construction, operators, and the predecessor's way of text. */

static llnet_addr *ll_lua_new_addr(lua_State *L) {
    llnet_addr *addr = (llnet_addr *)ll_lua_new(L, &ll_class_addr);

    llnet_addr_init(addr);
    return addr;
}

/* The address on top is the result, followed by zeros in the predecessor's way. */
static int ll_lua_addr_made(lua_State *L, llnet_status status, int zeros) {
    int i;

    if (status < 0)
        return ll_lua_error(L, status);
    for (i = 0; i < zeros; i++)
        lua_pushinteger(L, 0);
    return 1 + zeros;
}

/* Addr.ip(ip, port) */
static int ll_lua_addr_from_ip(lua_State *L) {
    const char *ip = ll_lua_text(L, 1);
    int port = ll_lua_int(L, 2);

    return ll_lua_addr_made(L, llnet_addr_set_ip(ll_lua_new_addr(L), ip, port), 0);
}

/* Addr(): unspecified; Addr(ip, port) */
static int ll_lua_addr_new(lua_State *L) {
    if (!lua_isnoneornil(L, 1) || !lua_isnoneornil(L, 2))
        return ll_lua_addr_from_ip(L);
    ll_lua_new_addr(L);
    return ll_lua_addr_made(L, 0, 1);
}

/* Addr.ip_bytes(bytes, port) */
static int ll_lua_addr_from_ip_bytes(lua_State *L) {
    size_t len;
    const char *data = luaL_checklstring(L, 1, &len);
    int port = ll_lua_int(L, 2);

    return ll_lua_addr_made(L, llnet_addr_set_ip_bytes(ll_lua_new_addr(L), data, len, port), 0);
}

/* Addr.parse(text) */
static int ll_lua_addr_from_text(lua_State *L) {
    const char *text = ll_lua_text(L, 1);

    return ll_lua_addr_made(L, llnet_addr_parse(ll_lua_new_addr(L), text), 0);
}

/* Addr.bytes(sockaddr) */
static int ll_lua_addr_from_bytes(lua_State *L) {
    size_t len;
    const char *data = luaL_checklstring(L, 1, &len);

    return ll_lua_addr_made(L, llnet_addr_set_bytes(ll_lua_new_addr(L), data, len), 0);
}

/* Addr.unix(name): the predecessor cut a name that is too long; here that fails */
static int ll_lua_addr_from_unix(lua_State *L) {
    size_t len;
    const char *data = luaL_checklstring(L, 1, &len);

    return ll_lua_addr_made(L, llnet_addr_set_unix(ll_lua_new_addr(L), data, len), 2);
}

/* Addr.family(family) */
static int ll_lua_addr_from_family(lua_State *L) {
    int family = ll_lua_named(L, 1, "AF_", "address family", false);

    if (family == LL_LUA_ABSENT)
        return ll_lua_error(L, -ENOTSUP);
    return ll_lua_addr_made(L, llnet_addr_set_family(ll_lua_new_addr(L), family), 2);
}

/* Addr.netlink([port_id [, groups]]) */
static int ll_lua_addr_from_netlink(lua_State *L) {
    uint32_t port_id = lua_isnoneornil(L, 1) ? 0 : (uint32_t)ll_lua_range(L, 1, 0, UINT32_MAX);
    uint32_t groups = lua_isnoneornil(L, 2) ? 0 : (uint32_t)ll_lua_range(L, 2, 0, UINT32_MAX);

    return ll_lua_addr_made(L, llnet_addr_set_netlink(ll_lua_new_addr(L), port_id, groups), 0);
}

/* Addr.packet(ifindex, ethertype [, hardware]) */
static int ll_lua_addr_from_packet(lua_State *L) {
    uint32_t ifindex = (uint32_t)ll_lua_range(L, 1, 0, UINT32_MAX);
    int ethertype = ll_lua_int(L, 2);
    size_t len;
    const char *data = luaL_optlstring(L, 3, "", &len);

    return ll_lua_addr_made(L, llnet_addr_set_packet(ll_lua_new_addr(L), ifindex, ethertype, data, len), 0);
}

/* Addr.vsock(cid, port) */
static int ll_lua_addr_from_vsock(lua_State *L) {
    uint32_t cid = (uint32_t)ll_lua_range(L, 1, 0, UINT32_MAX);
    uint32_t port = (uint32_t)ll_lua_range(L, 2, 0, UINT32_MAX);

    return ll_lua_addr_made(L, llnet_addr_set_vsock(ll_lua_new_addr(L), cid, port), 0);
}

/* Addr.ip_port(ip, port): the predecessor's; bad text gives an unspecified address,
 * 0 and -1 */
static int ll_lua_addr_from_ip_port(lua_State *L) {
    const char *ip = ll_lua_text(L, 1);
    int port = ll_lua_int(L, 2);
    llnet_status status = llnet_addr_set_ip(ll_lua_new_addr(L), ip, port);

    lua_pushinteger(L, 0);
    lua_pushinteger(L, status < 0 ? -1 : 0);
    return 3;
}

/* The class table's functions; the methods are those that the objects have. */
static const luaL_Reg ll_lua_addr_constructors[] = {
    {"new", ll_lua_addr_new},
    {"ip", ll_lua_addr_from_ip},
    {"ip_bytes", ll_lua_addr_from_ip_bytes},
    {"parse", ll_lua_addr_from_text},
    {"bytes", ll_lua_addr_from_bytes},
    {"unix", ll_lua_addr_from_unix},
    {"family", ll_lua_addr_from_family},
    {"netlink", ll_lua_addr_from_netlink},
    {"packet", ll_lua_addr_from_packet},
    {"vsock", ll_lua_addr_from_vsock},
    {"ip_port", ll_lua_addr_from_ip_port},
    {NULL, NULL},
};

/* Another type is unequal, not an error. */
static int ll_lua_addr_eq(lua_State *L) {
    const llnet_addr *a = (const llnet_addr *)ll_lua_test(L, 1, &ll_class_addr);
    const llnet_addr *b = (const llnet_addr *)ll_lua_test(L, 2, &ll_class_addr);

    lua_pushboolean(L, a != NULL && b != NULL && llnet_addr_equal(a, b));
    return 1;
}

static int ll_lua_addr_lt(lua_State *L) {
    lua_pushboolean(L, llnet_addr_compare((const llnet_addr *)ll_lua_check(L, 1, &ll_class_addr),
                                          (const llnet_addr *)ll_lua_check(L, 2, &ll_class_addr)) < 0);
    return 1;
}

static int ll_lua_addr_le(lua_State *L) {
    lua_pushboolean(L, llnet_addr_compare((const llnet_addr *)ll_lua_check(L, 1, &ll_class_addr),
                                          (const llnet_addr *)ll_lua_check(L, 2, &ll_class_addr)) <= 0);
    return 1;
}

/* As format, but a Unix path bare: what print shows. */
static int ll_lua_addr_tostring(lua_State *L) {
    const llnet_addr *self = (const llnet_addr *)ll_lua_check(L, 1, &ll_class_addr);
    char text[LLNET_ADDR_TEXT_MAX];
    llnet_count n = llnet_addr_get_unix(self, text, sizeof text);

    if (n > 0 && text[0] != '\0') {
        lua_pushlstring(L, text, (size_t)n);
    } else {
        n = llnet_addr_format(self, text, sizeof text);
        lua_pushlstring(L, text, n > 0 ? (size_t)n : 0);
    }
    return 1;
}

/* The struct sockaddr as light userdata, for other C modules; it lives as long
 * as the address. */
static int ll_lua_addr_sockaddr(lua_State *L) {
    lua_pushlightuserdata(L, llnet_addr_data((llnet_addr *)ll_lua_check(L, 1, &ll_class_addr)));
    return 1;
}

static const luaL_Reg ll_lua_addr_natives[] = {
    {"tostring", ll_lua_addr_tostring},
    {"sockaddr", ll_lua_addr_sockaddr},
    {"__eq", ll_lua_addr_eq},
    {"__lt", ll_lua_addr_lt},
    {"__le", ll_lua_addr_le},
    {"__tostring", ll_lua_addr_tostring},
    {NULL, NULL},
};
