/* SPDX-License-Identifier: MIT */
/* directory.h: a directory for the files of a test case. */
#ifndef DIRECTORY_H
#define DIRECTORY_H

#include "harness.h"

/* Runs the case's tests in a fresh directory ($TMPDIR's, else /tmp's) as their
 * current one. After the last test it is removed with its files, whether or
 * not the tests succeeded. Names relative to it fit into a Unix address however
 * long its own is. One case at a time has one. */
void use_directory(TCase *tcase);

#endif
