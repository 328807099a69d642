/* SPDX-License-Identifier: MIT */
/* directory.c: a directory for the files of a test case, see directory.h. */
#include "directory.h"

#include <dirent.h>
#include <limits.h>
#include <unistd.h>

static char before[PATH_MAX], directory[PATH_MAX];

static void enter_directory(void) {
    const char *parent = getenv("TMPDIR");

    if (parent == NULL || *parent == '\0')
        parent = "/tmp";
    ck_assert_int_lt(snprintf(directory, sizeof directory, "%s/llnet-check-XXXXXX", parent), (int)sizeof directory);
    ck_assert_ptr_nonnull(getcwd(before, sizeof before));
    ck_assert_msg(mkdtemp(directory) != NULL, "no directory in %s: %s", parent, strerror(errno));
    ck_assert_int_eq(chdir(directory), 0);
}

static void remove_directory(void) {
    DIR *files = opendir(".");
    struct dirent *file;

    while (files != NULL && (file = readdir(files)) != NULL)
        if (strcmp(file->d_name, ".") != 0 && strcmp(file->d_name, "..") != 0)
            unlink(file->d_name);
    if (files != NULL)
        closedir(files);
    if (chdir(before) != 0 || rmdir(directory) != 0)
        fprintf(stderr, "%s was not removed: %s\n", directory, strerror(errno));
}

void use_directory(TCase *tcase) {
    tcase_add_unchecked_fixture(tcase, enter_directory, remove_directory);
}
