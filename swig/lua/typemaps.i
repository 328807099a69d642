/* SPDX-License-Identifier: MIT */
/* typemaps.i: how results and arguments cross between C and Lua. They match on
 * the result types and parameter names that every header keeps to. All stand
 * before the first function, or SWIG would silently use its own. */

/* ---- results ---------------------------------------------------------------- */

%typemap(out) llnet_status %{
  if ($1 < 0) return ll_lua_error(L, $1);
  lua_pushboolean(L, 1); SWIG_arg = 1;
%}
%typemap(out) llnet_count %{
  if ($1 < 0) return ll_lua_error(L, $1);
  lua_pushinteger(L, (lua_Integer)$1); SWIG_arg = 1;
%}
/* the bytes come instead, below */
%typemap(out) llnet_count llnet_socket_recv, llnet_count llnet_socket_recvfrom, llnet_count llnet_socket_read
  "if ($1 < 0) return ll_lua_error(L, $1);"
%typemap(out) int, size_t, intptr_t, uint32_t %{ lua_pushinteger(L, (lua_Integer)$1); SWIG_arg = 1; %}
%typemap(out) int64_t "ll_lua_push_int64(L, $1); SWIG_arg = 1;"
%typemap(out) bool %{ lua_pushboolean(L, $1); SWIG_arg = 1; %}
%typemap(out) const char * %{ if ($1 != NULL) lua_pushstring(L, $1); else lua_pushnil(L); SWIG_arg = 1; %}
%typemap(out) void "lua_pushboolean(L, 1); SWIG_arg = 1;"

/* ---- objects ---------------------------------------------------------------- */

/* The struct is in the box. */
%define LLNET_VALUE_CLASS(TYPE, CLASS)
%typemap(in) TYPE *, const TYPE *, struct TYPE *, const struct TYPE * %{
  $1 = ($1_ltype)ll_lua_check(L, $input, &CLASS);
%}
/* made here: after the arguments are read, before the call */
%typemap(in, numinputs=0) TYPE *out "$1 = NULL;"
%typemap(check) TYPE *out "$1 = ($1_ltype)ll_lua_new(L, &CLASS);"
%typemap(argout) TYPE *out "lua_pop(L, SWIG_arg); SWIG_arg = 1;"
%enddef

/* A pointer is in the box. It is fetched when all arguments are read: to make a string of a
 * number may run a finalizer, and what that may not do to the object it can do all the same
 * through the debug library. Until then $1 is where the pointer stands. */
%define LLNET_POINTER_CLASS(TYPE, CLASS)
%typemap(in) TYPE *(int place), const TYPE *(int place), struct TYPE *(int place), const struct TYPE *(int place) %{
  place = $input;
  $1 = ($1_ltype)ll_lua_check(L, place, &CLASS);
%}
%typemap(check) TYPE *, const TYPE *, struct TYPE *, const struct TYPE * %{
  $1 = ($1_ltype)ll_lua_fetch(L, place$argnum, $1, &CLASS);
%}
%typemap(in, numinputs=0) TYPE **out "$1 = NULL;"
%typemap(check) TYPE **out "$1 = ($1_ltype)ll_lua_new(L, &CLASS);"
%typemap(argout) TYPE **out "lua_pop(L, SWIG_arg); SWIG_arg = 1;"
%enddef

LLNET_VALUE_CLASS(llnet_socket, ll_class_socket)
LLNET_VALUE_CLASS(llnet_addr, ll_class_addr)
LLNET_POINTER_CLASS(llnet_buffer, ll_class_buffer)
LLNET_POINTER_CLASS(llnet_addrinfo, ll_class_addrinfo)
LLNET_POINTER_CLASS(llnet_poller, ll_class_poller)
LLNET_POINTER_CLASS(llnet_message, ll_class_message)
LLNET_POINTER_CLASS(llnet_batch, ll_class_batch)
LLNET_POINTER_CLASS(llnet_interfaces, ll_class_interfaces)
LLNET_POINTER_CLASS(llnet_limits, ll_class_limits)

/* two sockets */
%typemap(in, numinputs=0) (llnet_socket *out, llnet_socket *other) "$1 = $2 = NULL;"
%typemap(check) (llnet_socket *out, llnet_socket *other) %{
  $1 = (llnet_socket *)ll_lua_new(L, &ll_class_socket);
  $2 = (llnet_socket *)ll_lua_new(L, &ll_class_socket);
%}
%typemap(argout) (llnet_socket *out, llnet_socket *other) "lua_pop(L, SWIG_arg); SWIG_arg = 2;"

/* get_sockname() makes an address, get_sockname(addr) fills that one */
%typemap(in) llnet_addr *out (int made) %{
  made = 0;
  $1 = lua_isnoneornil(L, $input) ? NULL : (llnet_addr *)ll_lua_check(L, $input, &ll_class_addr);
%}
%typemap(check) llnet_addr *out %{
  if ($1 == NULL) { $1 = (llnet_addr *)ll_lua_new(L, &ll_class_addr); made$argnum = lua_gettop(L); }
%}
%typemap(argout) llnet_addr *out %{ if (made$argnum != 0) { lua_pushvalue(L, made$argnum); SWIG_arg = 1; } %}

%typemap(in) (const llnet_addrinfo *self, llnet_addr *out) (int made, int place) %{
  place = $input;
  $1 = ($1_ltype)ll_lua_check(L, $input, &ll_class_addrinfo);
  $2 = lua_isnoneornil(L, $input + 1) ? NULL : (llnet_addr *)ll_lua_check(L, $input + 1, &ll_class_addr);
%}
%typemap(check) (const llnet_addrinfo *self, llnet_addr *out) %{
  made$argnum = 0;
  if ($2 == NULL) { $2 = (llnet_addr *)ll_lua_new(L, &ll_class_addr); made$argnum = lua_gettop(L); }
  $1 = ($1_ltype)ll_lua_fetch(L, place$argnum, $1, &ll_class_addrinfo);
%}
%typemap(argout) (const llnet_addrinfo *self, llnet_addr *out)
  %{ if (made$argnum != 0) { lua_pushvalue(L, made$argnum); SWIG_arg = 1; } %}

/* the same of one interface's addresses; the result is made before the list is fetched */
%typemap(in) (const llnet_interfaces *self, size_t index, size_t address, llnet_addr *out) (int made, int place) %{
  place = $input;
  $1 = ($1_ltype)ll_lua_check(L, $input, &ll_class_interfaces);
  $2 = ll_lua_size(L, $input + 1);
  $3 = ll_lua_size(L, $input + 2);
  $4 = lua_isnoneornil(L, $input + 3) ? NULL : (llnet_addr *)ll_lua_check(L, $input + 3, &ll_class_addr);
%}
%typemap(check) (const llnet_interfaces *self, size_t index, size_t address, llnet_addr *out) %{
  made$argnum = 0;
  if ($4 == NULL) { $4 = (llnet_addr *)ll_lua_new(L, &ll_class_addr); made$argnum = lua_gettop(L); }
  $1 = ($1_ltype)ll_lua_fetch(L, place$argnum, $1, &ll_class_interfaces);
%}
%typemap(argout) (const llnet_interfaces *self, size_t index, size_t address, llnet_addr *out)
  %{ if (made$argnum != 0) { lua_pushvalue(L, made$argnum); SWIG_arg = 1; } %}

/* nobody, or somebody */
%typemap(in) llnet_addr *peer, const llnet_addr *to %{
  $1 = lua_isnoneornil(L, $input) ? NULL : (llnet_addr *)ll_lua_check(L, $input, &ll_class_addr);
%}

/* An option is its name. */
%typemap(in) const llnet_option *self %{
  $1 = ($1_ltype)llnet_option_find(ll_lua_text(L, $input));
  if ($1 == NULL) return luaL_argerror(L, $input, lua_pushfstring(L, "unknown option '%s'", lua_tostring(L, $input)));
%}
%typemap(out) const llnet_option * %{
  if ($1 != NULL) lua_pushstring(L, llnet_option_get_name($1)); else lua_pushnil(L);
  SWIG_arg = 1;
%}

/* ---- numbers ---------------------------------------------------------------- */

%typemap(in) int "$1 = ll_lua_int(L, $input);"
%typemap(in) int flags "$1 = ll_lua_opt_int(L, $input, 0);"
%typemap(in) int timeout_ms "$1 = ll_lua_opt_timeout(L, $input);"
%typemap(in) int how "$1 = ll_lua_how(L, $input);"
/* Numbers that may be names. Of a socket, family and type are required: a constant
 * whose name is misspelt is nil. */
%define LLNET_NAMED(PARAMETER, PREFIX, WHAT, REQUIRED)
%typemap(in) int PARAMETER %{
  $1 = ll_lua_named(L, $input, PREFIX, WHAT, REQUIRED);
  if ($1 == LL_LUA_ABSENT) return ll_lua_error(L, -ENOTSUP);
%}
%enddef
LLNET_NAMED(domain, "AF_", "address family", true)
LLNET_NAMED(family, "AF_", "address family", false)
LLNET_NAMED(type, "SOCK_", "socket type", true)
LLNET_NAMED(socktype, "SOCK_", "socket type", false)
LLNET_NAMED(protocol, "IPPROTO_", "protocol", false)
%typemap(in) bool "luaL_checkany(L, $input); $1 = ll_lua_bool(L, $input);"
%typemap(in) size_t "$1 = ll_lua_size(L, $input);"
%typemap(in) size_t offset "$1 = ll_lua_opt_size(L, $input, 0);"
%typemap(in) size_t count %{ $1 = ll_lua_opt_size(L, $input, 0); if ($1 == 0) $1 = LLNET_ALL; %}
/* 0 is a count here, and there is no default */
%typemap(in) (llnet_buffer *self, size_t count) %{
  $1 = ($1_ltype)ll_lua_check_pointer(L, $input, &ll_class_buffer);
  $2 = ll_lua_size(L, $input + 1);
%}
%typemap(check) (llnet_buffer *self, size_t count) ""
%typemap(in) uint32_t "$1 = (uint32_t)ll_lua_range(L, $input, 0, UINT32_MAX);"
%typemap(in) int64_t deadline "$1 = ll_lua_opt_deadline(L, $input);"
%typemap(in) int64_t, uint64_t "$1 = ($1_ltype)ll_lua_int64(L, $input);"
%typemap(in) intptr_t "$1 = (intptr_t)ll_lua_range(L, $input, INTPTR_MIN, INTPTR_MAX);"

/* A number, a truth, given back by pointer, is the result. */
%typemap(in, numinputs=0) int *value (int value), uint32_t *value (uint32_t value), int64_t *value (int64_t value),
                          bool *value (bool value) "value = 0; $1 = &value;"
%typemap(argout) int64_t *value "ll_lua_push_int64(L, *$1); SWIG_arg = 1;"
%typemap(argout) int *value, uint32_t *value "lua_pushinteger(L, (lua_Integer)*$1); SWIG_arg = 1;"
%typemap(argout) bool *value "lua_pushboolean(L, *$1); SWIG_arg = 1;"

/* Several of them are several results. */
/* seconds and nanoseconds: together more than a Lua number may hold exactly */
%typemap(in, numinputs=0) int64_t *timestamp (int64_t value) "$1 = &value;"
%typemap(argout) int64_t *timestamp
  "ll_lua_push_int64(L, *$1 / 1000000000); ll_lua_push_int64(L, *$1 % 1000000000); SWIG_arg = 2;"
%typemap(in, numinputs=0) (int64_t *pid, int64_t *uid, int64_t *gid) (int64_t pid, int64_t uid, int64_t gid)
  "$1 = &pid; $2 = &uid; $3 = &gid;"
%typemap(argout) (int64_t *pid, int64_t *uid, int64_t *gid)
  "ll_lua_push_int64(L, *$1); ll_lua_push_int64(L, *$2); ll_lua_push_int64(L, *$3); SWIG_arg = 3;"
%typemap(in, numinputs=0) (int *kind, uint32_t *key) (int kind, uint32_t key) "$1 = &kind; $2 = &key;"
%typemap(argout) (int *kind, uint32_t *key)
  "lua_pushinteger(L, *$1); lua_pushinteger(L, (lua_Integer)*$2); SWIG_arg = 2;"
%typemap(in, numinputs=0) (int *level, int *control_type) (int level, int type) "$1 = &level; $2 = &type;"
%typemap(argout) (int *level, int *control_type)
  "lua_pushinteger(L, *$1); lua_pushinteger(L, *$2); SWIG_arg = 2;"
%typemap(in, numinputs=0) (uint32_t *first, uint32_t *last, bool *copied) (uint32_t first, uint32_t last, bool copied)
  "$1 = &first; $2 = &last; $3 = &copied;"
%typemap(argout) (uint32_t *first, uint32_t *last, bool *copied) %{
  lua_pushinteger(L, (lua_Integer)*$1); lua_pushinteger(L, (lua_Integer)*$2); lua_pushboolean(L, *$3);
  SWIG_arg = 3;
%}

/* Numbers in a buffer: get_uint(offset, width [, order]), set_uint(offset, number, width
 * [, order]), append_uint(number, width [, order]). */
%typemap(in) (size_t width, int order, int64_t *value) (int64_t value),
             (size_t width, int order, uint64_t *value) (uint64_t value),
             (size_t width, int order, double *value) (double value) %{
  $1 = ll_lua_size(L, $input);
  $2 = ll_lua_opt_order(L, $input + 1);
  $3 = &value;
%}
%typemap(argout) (size_t width, int order, int64_t *value) %{
  if (!ll_lua_push_exact(L, *$3)) return ll_lua_error(L, -ERANGE);
  SWIG_arg = 1;
%}
%typemap(argout) (size_t width, int order, uint64_t *value) %{
  if (!ll_lua_push_exact_unsigned(L, *$3)) return ll_lua_error(L, -ERANGE);
  SWIG_arg = 1;
%}
%typemap(argout) (size_t width, int order, double *value) "ll_lua_push_number(L, *$3); SWIG_arg = 1;"
%typemap(in) (int64_t number, size_t width, int order) %{
  $1 = ll_lua_int64(L, $input);
  $2 = ll_lua_size(L, $input + 1);
  $3 = ll_lua_opt_order(L, $input + 2);
%}
%typemap(in) (uint64_t number, size_t width, int order) %{
  $1 = ll_lua_uint64(L, $input);
  $2 = ll_lua_size(L, $input + 1);
  $3 = ll_lua_opt_order(L, $input + 2);
%}
%typemap(in) (double number, size_t width, int order) %{
  $1 = ll_lua_number(L, $input);
  $2 = ll_lua_size(L, $input + 1);
  $3 = ll_lua_opt_order(L, $input + 2);
%}
/* slice([offset [, count]]): the slice is the result */
%typemap(in) (llnet_buffer *self, size_t offset, size_t count, llnet_buffer **out) (int place) %{
  place = $input;
  $1 = ($1_ltype)ll_lua_check(L, place, &ll_class_buffer);
  $2 = ll_lua_opt_size(L, $input + 1, 0);
  $3 = ll_lua_opt_size(L, $input + 2, LLNET_ALL);
  $4 = NULL;
%}
%typemap(check) (llnet_buffer *self, size_t offset, size_t count, llnet_buffer **out) %{
  $4 = ($4_ltype)ll_lua_new(L, &ll_class_buffer);
  $1 = ($1_ltype)ll_lua_fetch(L, place$argnum, $1, &ll_class_buffer);
%}
%typemap(argout) (llnet_buffer *self, size_t offset, size_t count, llnet_buffer **out) "lua_pop(L, SWIG_arg); SWIG_arg = 1;"

/* port_id, groups = addr:get_netlink(); cid, port = addr:get_vsock();
 * limit, waiting = socket:get_backlog() */
%typemap(in, numinputs=0) (uint32_t *port_id, uint32_t *groups) (uint32_t first, uint32_t second),
                          (uint32_t *cid, uint32_t *port) (uint32_t first, uint32_t second),
                          (uint32_t *limit, uint32_t *waiting) (uint32_t first, uint32_t second)
  "first = second = 0; $1 = &first; $2 = &second;"
%typemap(argout) (uint32_t *port_id, uint32_t *groups), (uint32_t *cid, uint32_t *port),
                 (uint32_t *limit, uint32_t *waiting)
  "lua_pushinteger(L, (lua_Integer)*$1); lua_pushinteger(L, (lua_Integer)*$2); SWIG_arg = 2;"

/* ifindex, ethertype, packet_type, hardware_type = addr:get_packet() */
%typemap(in, numinputs=0) (uint32_t *ifindex, int *ethertype, int *packet_type, int *hardware_type)
  (uint32_t index, int ethertype, int packet_type, int hardware_type) %{
  index = 0; ethertype = packet_type = hardware_type = 0;
  $1 = &index; $2 = &ethertype; $3 = &packet_type; $4 = &hardware_type;
%}
%typemap(argout) (uint32_t *ifindex, int *ethertype, int *packet_type, int *hardware_type) %{
  lua_pushinteger(L, (lua_Integer)*$1); lua_pushinteger(L, *$2); lua_pushinteger(L, *$3); lua_pushinteger(L, *$4);
  SWIG_arg = 4;
%}

/* ---- text ------------------------------------------------------------------- */

%typemap(in) const char * "$1 = (char *)ll_lua_text(L, $input);"
%typemap(in) const char *service "$1 = (char *)ll_lua_opt_service(L, $input);"
%typemap(in) const char *host, const char *protocol, const char *backend
  "$1 = (char *)ll_lua_opt_text(L, $input);"

/* Text or bytes that the library sizes; the count is its length. */
%typemap(in, numinputs=0) (char *text, size_t size) (char text[LLNET_ADDR_TEXT_MAX]),
                          (void *bytes, size_t size) (char bytes[4096]) ""
%typemap(check) (char *text, size_t size) "$1 = text$argnum; $2 = sizeof text$argnum;"
%typemap(check) (void *bytes, size_t size) "$1 = bytes$argnum; $2 = sizeof bytes$argnum;"
%typemap(argout) (char *text, size_t size), (void *bytes, size_t size)
  "lua_pushlstring(L, (const char *)$1, (size_t)result); SWIG_arg = 1;"

/* host, service = addr:get_nameinfo(flags) */
%typemap(in, numinputs=0) (char *host, size_t host_size, char *service, size_t service_size)
  (char host[LLNET_HOST_MAX], char service[LLNET_SERVICE_MAX]) ""
%typemap(check) (char *host, size_t host_size, char *service, size_t service_size)
  "$1 = host$argnum; $2 = sizeof host$argnum; $3 = service$argnum; $4 = sizeof service$argnum;"
%typemap(argout) (char *host, size_t host_size, char *service, size_t service_size)
  "lua_pushstring(L, $1); lua_pushstring(L, $3); SWIG_arg = 2;"

/* name, port, protocol = llnet.service_by_name("http", "tcp") */
%typemap(in, numinputs=0) (char *name_text, size_t name_size, int *value, char *protocol_text, size_t protocol_size)
  (char name[LLNET_NETDB_NAME_MAX], int port, char protocol[LLNET_NETDB_NAME_MAX]) ""
%typemap(check) (char *name_text, size_t name_size, int *value, char *protocol_text, size_t protocol_size)
  "$1 = name$argnum; $2 = sizeof name$argnum; $3 = &port$argnum; $4 = protocol$argnum; $5 = sizeof protocol$argnum;"
%typemap(argout) (char *name_text, size_t name_size, int *value, char *protocol_text, size_t protocol_size)
  "lua_pushstring(L, $1); lua_pushinteger(L, *$3); lua_pushstring(L, $4); SWIG_arg = 3;"

/* ---- bytes ------------------------------------------------------------------ */

/* A typemap of several parameters takes one place in SWIG's count: where it reads
 * more than one argument it must go on to the last parameter, or the next
 * typemap reads an argument that was read. */

%typemap(in) (const void *data, size_t len) "$1 = (void *)luaL_checklstring(L, $input, &$2);"

/* set_packet(ifindex, ethertype [, hardware]) */
%typemap(in) (int ethertype, const void *data, size_t len) %{
  $1 = ll_lua_int(L, $input);
  $2 = (void *)luaL_optlstring(L, $input + 1, "", &$3);
%}

/* send(data, flags, offset, count): a part of a string without cutting it */
%typemap(in) (const void *data, size_t len, int flags) %{
  if (lua_gettop(L) <= $input) { /* nearly always */
    $1 = (void *)ll_lua_string(L, $input, &$2);
    $3 = 0;
  } else {
    $1 = (void *)ll_lua_part(L, $input, $input + 2, &$2);
    $3 = ll_lua_string_flags(L, $input + 1, $input);
  }
%}
%typemap(in) (const void *data, size_t len, const llnet_addr *to, int flags) %{
  $1 = (void *)ll_lua_part(L, $input, $input + 3, &$2);
  $3 = lua_isnoneornil(L, $input + 1) ? NULL : (llnet_addr *)ll_lua_check(L, $input + 1, &ll_class_addr);
  $4 = ll_lua_string_flags(L, $input + 2, $input);
%}

/* As many bytes as the script asks for, on the stack or in the scratch block,
 * whose index is kept. */
%typemap(in) (void *data, size_t len) (char room[LL_LUA_STACK], int block) "$2 = ll_lua_size(L, $input);"
%typemap(check) (void *data, size_t len) %{
  block$argnum = 0; $1 = room$argnum;
  if ($2 > sizeof room$argnum) { $1 = ll_lua_take_scratch(L, $2); block$argnum = lua_gettop(L); }
%}
%typemap(argout) (void *data, size_t len)
  "SWIG_arg = ll_lua_push_received(L, block$argnum, $1, $2, result, 0);"

%typemap(in) (void *data, size_t len, int flags) (char room[LL_LUA_STACK], int block) %{
  $2 = ll_lua_small_size(L, $input);
  $3 = ll_lua_opt_int(L, $input + 1, 0);
%}
%typemap(check) (void *data, size_t len, int flags) %{
  block$argnum = 0; $1 = room$argnum;
  if ($2 > sizeof room$argnum) { $1 = ll_lua_take_scratch(L, $2); block$argnum = lua_gettop(L); }
  if (($3 & MSG_TRUNC) != 0) memset($1, 0, $2);
%}
%typemap(argout) (void *data, size_t len, int flags)
  "SWIG_arg = ll_lua_push_received(L, block$argnum, $1, $2, result, $3);"

/* recvfrom(len, flags, addr), recvfrom(len, addr, flags): the address that is
 * given is filled, and without one a new one is the second result. */
%typemap(in) (void *data, size_t len, llnet_addr *from, int flags) (char room[LL_LUA_STACK], int block, int made) %{
  $2 = ll_lua_size(L, $input);
  $3 = ll_lua_from(L, $input + 1, &$4);
%}
%typemap(check) (void *data, size_t len, llnet_addr *from, int flags) %{
  made$argnum = 0; block$argnum = 0; $1 = room$argnum;
  if ($3 == NULL) { $3 = (llnet_addr *)ll_lua_new(L, &ll_class_addr); made$argnum = lua_gettop(L); }
  if ($2 > sizeof room$argnum) { $1 = ll_lua_take_scratch(L, $2); block$argnum = lua_gettop(L); }
  if (($4 & MSG_TRUNC) != 0) memset($1, 0, $2);
%}
%typemap(argout) (void *data, size_t len, llnet_addr *from, int flags) %{
  SWIG_arg = ll_lua_push_received(L, block$argnum, $1, $2, result, $4);
  if (made$argnum != 0) { lua_pushvalue(L, made$argnum); lua_insert(L, -SWIG_arg); SWIG_arg++; }
%}

/* The same into a buffer, whose default is the predecessor's 4096 bytes. To SWIG
 * such a group is one argument of the script, so it must reach to the last one. */
%typemap(in) (llnet_buffer *buffer, size_t offset, size_t count, int flags) %{
  $1 = ($1_ltype)ll_lua_check_pointer(L, $input, &ll_class_buffer);
  $2 = ll_lua_opt_size(L, $input + 1, 0);
  $3 = ll_lua_opt_size(L, $input + 2, 4096);
  if ($3 == 0) $3 = LLNET_ALL;
  $4 = ll_lua_opt_int(L, $input + 3, 0);
%}
%typemap(check) (llnet_buffer *buffer, size_t offset, size_t count, int flags) ""
%typemap(in) (llnet_buffer *buffer, size_t offset, size_t count, llnet_addr *from, int flags) (int made, int place) %{
  place = $input;
  $1 = ($1_ltype)ll_lua_check(L, $input, &ll_class_buffer);
  $2 = ll_lua_opt_size(L, $input + 1, 0);
  $3 = ll_lua_opt_size(L, $input + 2, 4096);
  if ($3 == 0) $3 = LLNET_ALL;
  $4 = ll_lua_from(L, $input + 3, &$5);
%}
%typemap(check) (llnet_buffer *buffer, size_t offset, size_t count, llnet_addr *from, int flags) %{
  made$argnum = 0;
  if ($4 == NULL) { $4 = (llnet_addr *)ll_lua_new(L, &ll_class_addr); made$argnum = lua_gettop(L); }
  $1 = ($1_ltype)ll_lua_fetch(L, place$argnum, $1, &ll_class_buffer);
%}
%typemap(argout) (llnet_buffer *buffer, size_t offset, size_t count, llnet_addr *from, int flags)
  "if (made$argnum != 0) { lua_pushvalue(L, made$argnum); SWIG_arg++; }"

/* ---- messages ----------------------------------------------------------------- */

%typemap(in) (llnet_message *message, int flags) (int place) %{
  place = $input;
  $1 = ($1_ltype)ll_lua_check(L, place, &ll_class_message);
  $2 = ll_lua_opt_int(L, $input + 1, 0);
  if (($2 & MSG_ZEROCOPY) != 0) ll_lua_refuse_strings(L, place, place);
%}
%typemap(check) (llnet_message *message, int flags) %{
  ll_lua_require_kept(L, place$argnum);
  $1 = ($1_ltype)ll_lua_fetch(L, place$argnum, $1, &ll_class_message);
%}
%typemap(in) (llnet_message *into, int flags) (int place) %{
  place = $input;
  $1 = ($1_ltype)ll_lua_check(L, place, &ll_class_message);
  $2 = ll_lua_opt_int(L, $input + 1, 0);
%}
%typemap(check) (llnet_message *into, int flags) %{
  ll_lua_forget_passed(L, place$argnum);
  $1 = ($1_ltype)ll_lua_fetch(L, place$argnum, $1, &ll_class_message);
%}

/* Where an object is made, the message is fetched only after that. */
%typemap(in) (llnet_message *self, llnet_socket *out) (int place) %{
  place = $input;
  $1 = ($1_ltype)ll_lua_check(L, place, &ll_class_message);
  $2 = NULL;
%}
%typemap(check) (llnet_message *self, llnet_socket *out) %{
  $2 = (llnet_socket *)ll_lua_new(L, &ll_class_socket);
  $1 = ($1_ltype)ll_lua_fetch(L, place$argnum, $1, &ll_class_message);
%}
%typemap(argout) (llnet_message *self, llnet_socket *out) "lua_pop(L, SWIG_arg); SWIG_arg = 1;"
%typemap(in) (const llnet_message *self, llnet_addr *out) (int made, int place) %{
  place = $input;
  $1 = ($1_ltype)ll_lua_check(L, place, &ll_class_message);
  $2 = lua_isnoneornil(L, $input + 1) ? NULL : (llnet_addr *)ll_lua_check(L, $input + 1, &ll_class_addr);
%}
%typemap(check) (const llnet_message *self, llnet_addr *out) %{
  made$argnum = 0;
  if ($2 == NULL) { $2 = (llnet_addr *)ll_lua_new(L, &ll_class_addr); made$argnum = lua_gettop(L); }
  $1 = ($1_ltype)ll_lua_fetch(L, place$argnum, $1, &ll_class_message);
%}
%typemap(argout) (const llnet_message *self, llnet_addr *out)
  %{ if (made$argnum != 0) { lua_pushvalue(L, made$argnum); SWIG_arg = 1; } %}

/* the interface is the kernel's choice */
%typemap(in) uint32_t ifindex "$1 = lua_isnoneornil(L, $input) ? 0 : (uint32_t)ll_lua_range(L, $input, 0, UINT32_MAX);"

/* send_batch(batch [, first [, limit [, flags]]]), recv_batch(batch [, limit [, flags]]) */
%typemap(in) (llnet_batch *batch, size_t first, size_t limit, int flags) (int place) %{
  place = $input;
  $1 = ($1_ltype)ll_lua_check(L, place, &ll_class_batch);
  $2 = ll_lua_opt_size(L, $input + 1, 0);
  $3 = ll_lua_opt_size(L, $input + 2, LLNET_ALL);
  $4 = ll_lua_opt_int(L, $input + 3, 0);
  if (($4 & MSG_ZEROCOPY) != 0) ll_lua_refuse_batch_strings(L, place);
%}
%typemap(in) (llnet_batch *batch, size_t limit, int flags) (int place) %{
  place = $input;
  $1 = ($1_ltype)ll_lua_check(L, place, &ll_class_batch);
  $2 = ll_lua_opt_size(L, $input + 1, LLNET_ALL);
  $3 = ll_lua_opt_int(L, $input + 2, 0);
%}
%typemap(check) (llnet_batch *batch, size_t first, size_t limit, int flags)
  "$1 = ($1_ltype)ll_lua_fetch(L, place$argnum, $1, &ll_class_batch);"
%typemap(check) (llnet_batch *batch, size_t limit, int flags) %{
  $1 = ($1_ltype)ll_lua_fetch(L, place$argnum, $1, &ll_class_batch);
  ll_lua_forget_batch_passed(L, place$argnum, $1, $2);
%}

%typemap(in) (const llnet_batch *self, size_t index, llnet_addr *out) (int made, int place) %{
  place = $input;
  $1 = ($1_ltype)ll_lua_check(L, $input, &ll_class_batch);
  $2 = ll_lua_size(L, $input + 1);
  $3 = lua_isnoneornil(L, $input + 2) ? NULL : (llnet_addr *)ll_lua_check(L, $input + 2, &ll_class_addr);
%}
%typemap(check) (const llnet_batch *self, size_t index, llnet_addr *out) %{
  made$argnum = 0;
  if ($3 == NULL) { $3 = (llnet_addr *)ll_lua_new(L, &ll_class_addr); made$argnum = lua_gettop(L); }
  $1 = ($1_ltype)ll_lua_fetch(L, place$argnum, $1, &ll_class_batch);
%}
%typemap(argout) (const llnet_batch *self, size_t index, llnet_addr *out)
  %{ if (made$argnum != 0) { lua_pushvalue(L, made$argnum); SWIG_arg = 1; } %}

/* send_segments(data, segment_size [, to [, flags]]) */
%typemap(in) (const void *data, size_t len, size_t segment_size, const llnet_addr *to, int flags) %{
  $1 = (void *)luaL_checklstring(L, $input, &$2);
  $3 = ll_lua_size(L, $input + 1);
  $4 = lua_isnoneornil(L, $input + 2) ? NULL : (llnet_addr *)ll_lua_check(L, $input + 2, &ll_class_addr);
  $5 = ll_lua_string_flags(L, $input + 3, $input);
%}

/* recv_segments(len, flags, addr) as recvfrom: the size of the datagrams comes after the bytes */
%typemap(in) (void *data, size_t len, size_t *segment_size, llnet_addr *from, int flags)
  (char room[LL_LUA_STACK], int block, int made, size_t segment_size) %{
  $2 = ll_lua_size(L, $input);
  $3 = &segment_size;
  $4 = ll_lua_from(L, $input + 1, &$5);
%}
%typemap(check) (void *data, size_t len, size_t *segment_size, llnet_addr *from, int flags) %{
  made$argnum = 0; block$argnum = 0; $1 = room$argnum;
  if ($4 == NULL) { $4 = (llnet_addr *)ll_lua_new(L, &ll_class_addr); made$argnum = lua_gettop(L); }
  if ($2 > sizeof room$argnum) { $1 = ll_lua_take_scratch(L, $2); block$argnum = lua_gettop(L); }
  if (($5 & MSG_TRUNC) != 0) memset($1, 0, $2);
%}
%typemap(argout) (void *data, size_t len, size_t *segment_size, llnet_addr *from, int flags) %{
  ll_lua_push_block(L, block$argnum, $1, (size_t)result < $2 ? (size_t)result : $2);
  lua_pushinteger(L, (lua_Integer)*$3);
  SWIG_arg = 2;
  if (made$argnum != 0) { lua_pushvalue(L, made$argnum); SWIG_arg++; }
  if (($5 & MSG_TRUNC) != 0) { lua_pushinteger(L, (lua_Integer)result); SWIG_arg++; }
%}
%typemap(in) (llnet_buffer *buffer, size_t offset, size_t count, size_t *segment_size, llnet_addr *from, int flags)
  (int made, int place, size_t segment_size) %{
  place = $input;
  $1 = ($1_ltype)ll_lua_check(L, $input, &ll_class_buffer);
  $2 = ll_lua_opt_size(L, $input + 1, 0);
  $3 = ll_lua_opt_size(L, $input + 2, 0);
  if ($3 == 0) $3 = LLNET_ALL;
  $4 = &segment_size;
  $5 = ll_lua_from(L, $input + 3, &$6);
%}
%typemap(check) (llnet_buffer *buffer, size_t offset, size_t count, size_t *segment_size, llnet_addr *from, int flags) %{
  made$argnum = 0;
  if ($5 == NULL) { $5 = (llnet_addr *)ll_lua_new(L, &ll_class_addr); made$argnum = lua_gettop(L); }
  $1 = ($1_ltype)ll_lua_fetch(L, place$argnum, $1, &ll_class_buffer);
%}
%typemap(argout) (llnet_buffer *buffer, size_t offset, size_t count, size_t *segment_size, llnet_addr *from, int flags) %{
  lua_pushinteger(L, (lua_Integer)*$4); SWIG_arg++;
  if (made$argnum != 0) { lua_pushvalue(L, made$argnum); SWIG_arg++; }
%}

/* ---- transfers ------------------------------------------------------------------ */

/* recv_until(buffer, delimiter [, limit [, deadline]]) */
%typemap(in) size_t limit "$1 = ll_lua_opt_size(L, $input, LLNET_ALL);"
