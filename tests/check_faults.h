/* SPDX-License-Identifier: MIT */
/* check_faults.h: a public function that makes system calls, on objects that are ready for it
 * (the stage). A subject's run makes one call of its function between TRY's parentheses; what
 * else it needs stands beside it. */
#ifndef CHECK_FAULTS_H
#define CHECK_FAULTS_H

#include "faults.h"
#include "harness.h"

/* What the calls work on; after one that failed all of it must be as it was. */
struct stage {
    llnet_socket client, server, listener; /* TCP */
    llnet_socket udp, udp_peer;
    llnet_socket unix_a, unix_b, unix_name; /* a pair; one that is not bound */
    llnet_socket pipe_in, pipe_out, pipe_other_in, pipe_other_out;
    llnet_socket adopted;    /* of a descriptor of the pair's */
    llnet_socket out, other; /* closed between the calls */
    llnet_addr listener_addr, udp_addr, udp_peer_addr, path, addr;
    int64_t number;
    int value;
    bool flag;
    char bytes[64];
};

/* The rest of it, whose insides are not to be seen. */
extern struct stage *stage;
extern llnet_buffer *stage_buffer;   /* 4 bytes "abcd", room for 64 */
extern llnet_message *stage_message; /* a space of 4 bytes */
extern llnet_batch *stage_batch;     /* 2 messages of 4 bytes */
extern llnet_poller *stage_poller;
extern int stage_file; /* "abcd" */

void stage_open(void);
void stage_close(void);

/* Uncounted: waits until something can be read; sends a byte, which then waits at the other end;
 * takes all that a socket has; takes as many bytes, which may be on their way. */
void stage_await(const llnet_socket *self);
void stage_feed(const llnet_socket *from, const llnet_socket *to);
void stage_drain(const llnet_socket *self);
void stage_take(const llnet_socket *self, long count);

/* One call of the function under test. */
#define TRY(call) (stage_before(), stage_after((long)(call)))
void stage_before(void);
long stage_after(long result);

struct subject {
    const char *function; /* without "llnet_" */
    long (*run)(void);
    const char *argument; /* for runs that several subjects share */
};
extern const char *subject_argument;

/* What a fault gives where that is not its errno; the first line that fits counts. NULL and 0
 * stand for all. */
struct exception {
    const char *function, *call;
    int error;
    long result; /* or what is below */
};
enum {
    PASSES = 1000000, /* as if nothing had failed */
    ERRNO,            /* its errno after all */
    ANY               /* the subject's run looks at it */
};

/* By concern; each ends with a NULL. */
extern const struct subject socket_subjects[], data_subjects[], other_subjects[], memory_subjects[];
extern const struct exception exceptions[];

#endif
