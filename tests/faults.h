/* SPDX-License-Identifier: MIT */
/* faults.h: the system calls that libllnet makes go through the test program, where the test
 * lets them fail, cuts them short, or counts them. Only those of the thread and of the moment
 * that the test means: between faults_begin and faults_end. */
#ifndef FAULTS_H
#define FAULTS_H

#include <stdbool.h>
#include <stddef.h>

void faults_begin(void);
void faults_end(void);

/* The at-th of these calls from now on, counted from 1, fails with this errno (of the
 * resolver's: with that code), and does nothing; close(2) closes all the same, as Linux's
 * does. NULL: none fails. */
void faults_arm(const char *call, int at, int error);

/* Counts a call; whether it is the one that fails, with errno set. For the calls' definitions. */
bool faults_is_due(const char *call);
bool faults_is_inside(void);

/* Whether it has failed since. */
bool faults_fired(void);

/* The call at an index, NULL past the last one; and how many of it were counted since the
 * last faults_forget. */
const char *faults_call_at(size_t index);
int faults_count_at(size_t index);
void faults_forget(void);

/* malloc, calloc and realloc are calls, too: how many of those counted gave what is not freed;
 * -1 where they cannot be made to fail. */
long faults_live_memory(void);
void faults_forget_memory(void);

/* Whether a call made a descriptor that a program started at this moment would inherit. */
bool faults_saw_inheritable(void);

/* A send or receive moves no more than so many bytes; 0: as many as it likes. */
void faults_limit(size_t most);

/* What sendmsg is given goes to the watcher first. NULL: none. */
struct msghdr;
typedef void faults_watcher(const struct msghdr *message);
void faults_watch(faults_watcher *watcher);

#endif
