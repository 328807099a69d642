/* SPDX-License-Identifier: MIT */
/* udp_counters.h: the kernel's own count of the datagrams that went and came, in a network
 * namespace where nobody else sends any. */
#ifndef UDP_COUNTERS_H
#define UDP_COUNTERS_H

#include "harness.h"

/* Runs the body in a child process with a network namespace of its own, whose loopback is
 * up, and asserts that it ended well. False: the system lets nobody make one. */
bool run_in_namespace(void (*body)(void));

/* A field of the line Udp of /proc/net/snmp, such as "OutDatagrams". */
long udp_counter(const char *field);

#endif
