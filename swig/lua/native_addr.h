/* SPDX-License-Identifier: MIT */
/* native_addr.h: what Lua addresses have that C has no function for:
 * construction, operators, and the predecessor's way of text. */

/* addr(): an unspecified one; the module's constructors fill it. */
static int ll_lua_addr_new(lua_State *L) {
    llnet_addr_init((llnet_addr *)ll_lua_new(L, &ll_class_addr));
    return 1;
}

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
    {"new", ll_lua_addr_new},       {"tostring", ll_lua_addr_tostring},     {"sockaddr", ll_lua_addr_sockaddr},
    {"__eq", ll_lua_addr_eq},       {"__lt", ll_lua_addr_lt},               {"__le", ll_lua_addr_le},
    {"__tostring", ll_lua_addr_tostring}, {NULL, NULL},
};
