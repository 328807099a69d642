/* SPDX-License-Identifier: MIT */
/* llnet/inherit.h: sockets that a service manager opened before the program
 * started, as sd_listen_fds(3) has it: descriptors from 3 on, LISTEN_FDS of them,
 * for the process that LISTEN_PID names, called what LISTEN_FDNAMES says. systemd
 * socket units, and any program that sets the three variables, pass them.
 *
 * Nothing is remembered: each call reads the environment, so it must not run
 * beside setenv(3). */
#ifndef LLNET_INHERIT_H
#define LLNET_INHERIT_H

#include <llnet/base.h>
#include <llnet/socket.h>

#ifdef __cplusplus
extern "C" {
#endif

/* How many there are; 0: none, or they are for another process. EINVAL: the
 * variables are no numbers, or too large. */
LLNET_API llnet_count llnet_inherit_count(void);

/* Takes one over, counted from 0, and makes it close-on-exec (fcntl(2)): closing
 * the socket closes it. Take each once. LLNET_EBOUNDS: there are fewer; EBADF:
 * it was not passed after all, or was closed. */
LLNET_API llnet_status llnet_inherit_socket(size_t index, llnet_socket *out);

/* Its name: "" where there are no names; returns its length. LLNET_EBOUNDS,
 * ENOBUFS. */
LLNET_API llnet_count llnet_inherit_name(size_t index, char *text, size_t size);

/* Removes the three variables, so that programs started from here don't take the
 * descriptors for theirs: unsetenv(3). The descriptors stay. */
LLNET_API llnet_status llnet_inherit_clear(void);

#ifdef __cplusplus
}
#endif
#endif
