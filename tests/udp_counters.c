/* SPDX-License-Identifier: MIT */
/* udp_counters.c: see udp_counters.h. Elsewhere than on Linux there is no such namespace,
 * and so no test that counts. */
#include "udp_counters.h"

#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CANNOT = 77 };

#ifdef __linux__
static bool enter_namespace(void) {
    struct ifreq request = {.ifr_name = "lo"};
    int fd, failed;

    if (unshare(CLONE_NEWNET) < 0 && unshare(CLONE_NEWUSER | CLONE_NEWNET) < 0)
        return false;
    fd = socket(AF_INET, SOCK_DGRAM, 0);
    failed = ioctl(fd, SIOCGIFFLAGS, &request) < 0;
    request.ifr_flags |= IFF_UP;
    failed |= ioctl(fd, SIOCSIFFLAGS, &request) < 0;
    close(fd);
    return !failed;
}
#else
static bool enter_namespace(void) {
    return false;
}
#endif

bool run_in_namespace(void (*body)(void)) {
    int status = 0;
    pid_t child;

    fflush(NULL);
    child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        if (!enter_namespace())
            _exit(CANNOT);
        body();
        _exit(0);
    }
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFEXITED(status));
    if (WEXITSTATUS(status) == CANNOT)
        return false;
    ck_assert_int_eq(WEXITSTATUS(status), 0);
    return true;
}

long udp_counter(const char *field) {
    static char names[1024], values[1024];
    char *name, *value, *names_rest = names, *values_rest = values;
    FILE *file = fopen("/proc/self/net/snmp", "r");
    long found = -1;

    ck_assert_ptr_nonnull(file);
    while (found < 0 && fgets(names, sizeof names, file) != NULL && fgets(values, sizeof values, file) != NULL) {
        if (strncmp(names, "Udp: ", 5) != 0)
            continue;
        names_rest = names;
        values_rest = values;
        while ((name = strtok_r(names_rest, " \n", &names_rest)) != NULL &&
               (value = strtok_r(values_rest, " \n", &values_rest)) != NULL)
            if (strcmp(name, field) == 0)
                found = strtol(value, NULL, 10);
    }
    fclose(file);
    ck_assert_int_ge(found, 0);
    return found;
}
