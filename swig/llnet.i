/* SPDX-License-Identifier: MIT */
/* llnet.i: the script module, made from the public headers alone. This file
 * names the headers in order, and what scripts don't get and why; how a
 * language sees objects, results and arguments is in its own folder. */
%module llnet_core
%{
#include <llnet.h>
%}

/* ---- not for scripts. The test swig.test reads these lines: a function of the
 * headers is either here or in the module. -------------------------------- */

/* by-value structs are boxed by the binding, which knows their size */
%ignore llnet_addr;
%ignore llnet_socket;
%ignore llnet_addr_size;
%ignore llnet_socket_size;
/* a script's object is initialised when it is made; doing it again to an open
 * socket would lose the descriptor */
%ignore llnet_socket_init;
/* a script may still hold the object: the collector frees, close gives back */
%ignore llnet_addrinfo_free;
%ignore llnet_poller_free;
%ignore llnet_message_free;
%ignore llnet_batch_free;
%ignore llnet_interfaces_free;
%ignore llnet_limits_free;
/* scripts pool their own objects: llnet.Pool */
%ignore llnet_pool_new;
%ignore llnet_pool_free;
%ignore llnet_pool_take;
%ignore llnet_pool_give;
%ignore llnet_pool_get_count;
/* raw memory; Lua has sendv and recvv of lists */
%ignore llnet_socket_sendv;
%ignore llnet_socket_recvv;
%ignore llnet_message_add_space;
%ignore llnet_addr_data;
%ignore llnet_addr_const_data;
%ignore llnet_buffer_data;
%ignore llnet_buffer_const_data;
/* wait and poll_ns fill a table */
%ignore llnet_poll_ns;
%ignore llnet_poller_get_event;
/* by hand: a batch's message and buffer are the same objects each time */
%ignore llnet_batch_get_message;
%ignore llnet_batch_get_buffer;
/* by hand: the error is a table; what a whole transfer did before it failed is a result */
%ignore llnet_message_get_error;
%ignore llnet_socket_send_all;
%ignore llnet_socket_send_all_buffer;
%ignore llnet_socket_recv_exact;
%ignore llnet_socket_recv_exact_buffer;
/* records are tables: get_option and set_option */
%ignore llnet_option_get_field_int;
%ignore llnet_option_set_field_int;
%ignore llnet_option_get_field_addr;
%ignore llnet_option_set_field_addr;

#ifdef SWIGLUA
%include "lua/object.i"
%include "lua/typemaps.i"
%include "lua/native.i"
%include "lua/setup.i"
#endif

#define LLNET_API
%include <llnet/base.h>
%include <llnet/error.h>
%include <llnet/addr.h>
%include <llnet/buffer.h>
%include <llnet/socket.h>
%include <llnet/option.h>
%include <llnet/resolve.h>
%include <llnet/netdb.h>
%include <llnet/poller.h>
%include <llnet/message.h>
%include <llnet/batch.h>
%include <llnet/transfer.h>
%include <llnet/pool.h>
%include <llnet/inherit.h>
%include <llnet/feature.h>
%include <llnet/tuning.h>
%include <llnet/interface.h>
