/* SPDX-License-Identifier: MIT */
/* native_program.h: classic BPF programs, the values of SO_ATTACH_FILTER and its like,
 * as lists of instructions: { code, jt, jf, k }, or with these as names. */

/* struct sock_filter */
typedef struct ll_lua_instruction {
    uint16_t code;
    uint8_t jt, jf;
    uint32_t k;
} ll_lua_instruction;

/* No socket takes a longer program: the kernel's BPF_MAXINSNS. */
enum { LL_LUA_PROGRAM_MAX = 4096 };

static const char *const ll_lua_instruction_fields[] = {"code", "jt", "jf", "k"};

/* The field that the key at index -2 names, from 0 on, or raises. */
static int ll_lua_instruction_place(lua_State *L, const char *option, int number) {
    int64_t place;
    int i;

    if (lua_type(L, -2) == LUA_TNUMBER && ll_lua_to_int64(L, -2, &place) && place >= 1 && place <= 4)
        return (int)place - 1;
    for (i = 0; lua_type(L, -2) == LUA_TSTRING && i < 4; i++)
        if (strcmp(lua_tostring(L, -2), ll_lua_instruction_fields[i]) == 0)
            return i;
    lua_pushvalue(L, -2); /* a number that becomes text must not do so in its table */
    return luaL_error(L, "%s: instruction %d: no field '%s'", option, number,
                      lua_isstring(L, -1) ? lua_tostring(L, -1) : ll_lua_describe(L, lua_gettop(L)));
}

/* The number at index -1 as the field at this place, or raises. */
static uint32_t ll_lua_instruction_value(lua_State *L, const char *option, int number, int place) {
    static const int64_t most[] = {UINT16_MAX, UINT8_MAX, UINT8_MAX, UINT32_MAX};
    static const char *const wanted[] = {"0 to 65535", "0 to 255", "0 to 255", "-2147483648 to 4294967295"};
    int64_t value = 0, least = place == 3 ? INT32_MIN : 0;

    if (lua_type(L, -1) != LUA_TNUMBER || !ll_lua_to_int64(L, -1, &value) || value < least || value > most[place])
        luaL_error(L, "%s: instruction %d: '%s' wants an integer from %s, got %s", option, number,
                   ll_lua_instruction_fields[place], wanted[place],
                   lua_type(L, -1) == LUA_TNUMBER ? lua_tostring(L, -1) : ll_lua_describe(L, lua_gettop(L)));
    return (uint32_t)value;
}

/* The instruction on top of the stack, or raises. */
static ll_lua_instruction ll_lua_check_instruction(lua_State *L, const char *option, int number) {
    uint32_t fields[4] = {0};
    bool has_code = false;
    ll_lua_instruction instruction;

    if (lua_type(L, -1) != LUA_TTABLE)
        luaL_error(L, "%s: instruction %d: table expected, got %s", option, number,
                   ll_lua_describe(L, lua_gettop(L)));
    lua_pushnil(L);
    while (lua_next(L, -2) != 0) {
        int place = ll_lua_instruction_place(L, option, number);
        fields[place] = ll_lua_instruction_value(L, option, number, place);
        has_code = has_code || place == 0;
        lua_pop(L, 1);
    }
    if (!has_code)
        luaL_error(L, "%s: instruction %d: it has no 'code'", option, number);
    instruction.code = (uint16_t)fields[0];
    instruction.jt = (uint8_t)fields[1];
    instruction.jf = (uint8_t)fields[2];
    instruction.k = fields[3];
    return instruction;
}

/* Sets the option to the program at index 3: a list, or a string of the very bytes. */
static llnet_status ll_lua_set_program(lua_State *L, llnet_socket *self, const char *option) {
    ll_lua_instruction *program;
    size_t i, count, len;
    const char *data;

    if (lua_type(L, 3) == LUA_TSTRING) {
        data = lua_tolstring(L, 3, &len);
        return llnet_socket_set_option_data(self, option, data, len);
    }
    count = ll_lua_rawlen(L, 3);
    if (count > LL_LUA_PROGRAM_MAX)
        return -EINVAL;
    program = (ll_lua_instruction *)lua_newuserdata(L, (count + 1) * sizeof *program);
    for (i = 0; i < count; i++) {
        lua_rawgeti(L, 3, (int)i + 1);
        program[i] = ll_lua_check_instruction(L, option, (int)i + 1);
        lua_pop(L, 1);
    }
    return llnet_socket_set_option_data(self, option, program, count * sizeof *program);
}

/* Gives the option's program as a list of { code =, jt =, jf =, k = }. */
static int ll_lua_get_program(lua_State *L, const llnet_socket *self, const char *option) {
    size_t size = LL_LUA_PROGRAM_MAX * sizeof(ll_lua_instruction), i;
    ll_lua_instruction *program = (ll_lua_instruction *)lua_newuserdata(L, size);
    llnet_count len = llnet_socket_get_option_data(self, option, program, size);

    if (len < 0)
        return ll_lua_error(L, len);
    lua_newtable(L);
    for (i = 0; i < (size_t)len / sizeof *program; i++) {
        uint32_t fields[] = {program[i].code, program[i].jt, program[i].jf, program[i].k};
        int place;

        lua_newtable(L);
        for (place = 0; place < 4; place++) {
            lua_pushinteger(L, (lua_Integer)fields[place]);
            lua_setfield(L, -2, ll_lua_instruction_fields[place]);
        }
        lua_rawseti(L, -2, (int)i + 1);
    }
    return 1;
}
