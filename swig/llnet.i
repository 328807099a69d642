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
/* raw memory */
%ignore llnet_message_add_space;
%ignore llnet_addr_data;
%ignore llnet_addr_const_data;
%ignore llnet_buffer_data;
%ignore llnet_buffer_const_data;
/* wait fills a table */
%ignore llnet_poller_get_event;
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
