/* SPDX-License-Identifier: MIT */
/* llnet.h: the umbrella. It includes the header of each concern, in the
 * order in which one meets them, and holds nothing else. */
#ifndef LLNET_H
#define LLNET_H

#include <llnet/base.h>
#include <llnet/error.h>
#include <llnet/addr.h>
#include <llnet/buffer.h>
#include <llnet/socket.h>
#include <llnet/option.h>
#include <llnet/resolve.h>
#include <llnet/netdb.h>
#include <llnet/poller.h>
#include <llnet/message.h>
#include <llnet/batch.h>
#include <llnet/transfer.h>
#include <llnet/pool.h>
#include <llnet/inherit.h>
#include <llnet/feature.h>
#include <llnet/tuning.h>
#include <llnet/interface.h>

#endif
