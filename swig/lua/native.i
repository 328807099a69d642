/* SPDX-License-Identifier: MIT */
/* native.i: the functions that are written by hand on the public C API, because
 * their Lua form is not that of one C function. They take the place of generated
 * ones of the same name. */
%{
#include "native_addr.h"
#include "native_buffer.h"
#include "native_program.h"
#include "native_option.h"
#include "native_poller.h"
#include "native_poll.h"
#include "native_module.h"
#include "native_message.h"
#include "native_batch.h"
#include "native_transfer.h"
#include "native_socket.h"
#include "internal_epoll.h"
#include "internal_front.h"
#include "internal_luasocket_receive.h"
#include "internal_luasocket_method.h"
#include "internal_luasocket.h"
%}
