/* SPDX-License-Identifier: MIT */
/* allocations.h: how often this process has asked for memory. */
#ifndef ALLOCATIONS_H
#define ALLOCATIONS_H

/* malloc, calloc and realloc so far; -1 where they cannot be counted: the sanitizers have
 * their own, and other C libraries than glibc no second name for them. */
long count_allocations(void);

#endif
