/* SPDX-License-Identifier: MIT */
/* llnet-tune.c: llnet-tune(8): its command line, and what its parts share. */
#include "tune.h"

#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

void tune_complain(const char *format, ...) {
    va_list arguments;

    fflush(stdout);
    fputs("llnet-tune: ", stderr);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
}

/* https://no-color.org: set and not empty */
bool tune_has_colours(void) {
    const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");

    return (no_color == NULL || *no_color == '\0') && (term == NULL || strcmp(term, "dumb") != 0) &&
           isatty(STDOUT_FILENO);
}

size_t tune_width(void) {
    const char *columns = getenv("COLUMNS");
    long asked = columns == NULL ? 0 : strtol(columns, NULL, 10);
    struct winsize size;

    if (asked <= 0)
        asked = ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
    return asked < 40 ? 40 : asked > 200 ? 200 : (size_t)asked;
}

void tune_put_json(const char *text) {
    if (text == NULL) {
        fputs("null", stdout);
        return;
    }
    putchar('"');
    for (; *text != '\0'; text++) {
        unsigned char byte = (unsigned char)*text;

        if (byte == '"' || byte == '\\')
            printf("\\%c", byte);
        else if (byte < ' ')
            printf("\\u%04x", byte);
        else
            putchar(byte < 127 ? byte : '?');
    }
    putchar('"');
}

/* ---- the command line -------------------------------------------------------------------- */

static const char usage[] =
    "usage: llnet-tune [--role server|client|both] [--connections N] [--rate N] [--datagrams N]\n"
    "                  [--all | --json | --sysctl | --apply [--yes]]\n"
    "       llnet-tune listeners [--json]\n"
    "       llnet-tune watch [--count N]\n";

static const char help[] =
    "\n"
    "Tells whether the kernel's limits suffice for a load, and how to raise those that do not.\n"
    "\n"
    "  -r, --role ROLE       server (the default), client (it connects), or both\n"
    "  -c, --connections N   at most so many at once (1000)\n"
    "  -R, --rate N          so many new ones each second (a tenth of --connections)\n"
    "  -d, --datagrams N     so many datagrams each second (0)\n"
    "  -a, --all             show also what nothing in this load depends on\n"
    "  -j, --json            print it for programs\n"
    "  -s, --sysctl          print what falls short as a file for sysctl.d(5)\n"
    "  -A, --apply           set what falls short now; root alone may\n"
    "  -y, --yes             do not ask before that\n"
    "  -h, --help            print this\n"
    "  -V, --version         print the version\n"
    "\n"
    "  listeners             list the sockets that listen, their queues and processes\n"
    "  watch                 show each second what overflows and runs out\n"
    "  -n, --count N         stop watching after N seconds\n"
    "\n"
    "Exit status: 0 ready, 1 something falls short or overflows, 2 wrong usage or no answer.\n";

static const struct option long_options[] = {
    {"role", required_argument, NULL, 'r'},
    {"connections", required_argument, NULL, 'c'},
    {"rate", required_argument, NULL, 'R'},
    {"datagrams", required_argument, NULL, 'd'},
    {"all", no_argument, NULL, 'a'},
    {"json", no_argument, NULL, 'j'},
    {"sysctl", no_argument, NULL, 's'},
    {"apply", no_argument, NULL, 'A'},
    {"yes", no_argument, NULL, 'y'},
    {"help", no_argument, NULL, 'h'},
    {"version", no_argument, NULL, 'V'},
    {"count", required_argument, NULL, 'n'},
    {NULL, 0, NULL, 0},
};

/* What the command line asks for. */
struct request {
    struct tune_load load;
    const char *command; /* NULL: the judgement */
    bool loaded, all, yes;
    int output; /* 0, or 'j', 's', 'A' */
    int64_t count;
};

static int refuse(void) {
    fputs(usage, stderr);
    fputs("Try 'llnet-tune --help'.\n", stderr);
    return TUNE_FAILED;
}

static bool read_count(const char *option, const char *text, int64_t least, int64_t *value) {
    const int64_t most = 1000000000;
    char *end;

    errno = 0;
    *value = strtoll(text, &end, 10);
    if (end != text && *end == '\0' && errno == 0 && *value >= least && *value <= most)
        return true;
    tune_complain("--%s: '%s' is not a whole number from %d to %d", option, text, (int)least, (int)most);
    return false;
}

static bool read_role(const char *text, const char **role) {
    *role = text;
    if (strcmp(text, "server") == 0 || strcmp(text, "client") == 0 || strcmp(text, "both") == 0)
        return true;
    tune_complain("--role: '%s' is none of server, client, both", text);
    return false;
}

static bool read_output(int output, struct request *request) {
    if (request->output != 0 && request->output != output) {
        tune_complain("--json, --sysctl and --apply exclude each other");
        return false;
    }
    request->output = output;
    return true;
}

/* One option; false: it was refused. */
static bool read_option(int option, struct request *request) {
    switch (option) {
    case 'r':
        return read_role(optarg, &request->load.role);
    case 'c':
        return read_count("connections", optarg, 0, &request->load.connections);
    case 'R':
        return read_count("rate", optarg, 0, &request->load.rate);
    case 'd':
        return read_count("datagrams", optarg, 0, &request->load.datagrams);
    case 'n':
        return read_count("count", optarg, 1, &request->count);
    case 'a':
        request->all = true;
        return true;
    case 'y':
        request->yes = true;
        return true;
    case 'j':
    case 's':
    case 'A':
        return read_output(option, request);
    default:
        return false;
    }
}

/* Whether the options go together with the command. */
static bool fits(const struct request *request) {
    bool judges = request->command == NULL;

    if (!judges && (request->loaded || request->all))
        tune_complain("%s takes no load, and not --all", request->command);
    else if (!judges && request->output != 0 && (request->output != 'j' || strcmp(request->command, "watch") == 0))
        tune_complain("%s does not take --%s", request->command,
                      request->output == 'j'   ? "json"
                      : request->output == 's' ? "sysctl"
                                               : "apply");
    else if (request->count != 0 && (judges || strcmp(request->command, "watch") != 0))
        tune_complain("--count is for watch");
    else if (request->yes && request->output != 'A')
        tune_complain("--yes is for --apply");
    else if (request->all && request->output != 0)
        tune_complain("--all is for the table: the others have all");
    else
        return true;
    return false;
}

static int judge(const struct request *request) {
    llnet_limits *limits;
    llnet_status status = llnet_limits_new(&limits);
    int result;

    if (status == 0)
        status = llnet_limits_judge(limits, request->load.role, request->load.connections, request->load.rate,
                                    request->load.datagrams);
    if (status < 0) {
        tune_complain("the limits cannot be read: %s", llnet_error_text(status));
        llnet_limits_free(limits);
        return TUNE_FAILED;
    }
    switch (request->output) {
    case 'j':
        result = tune_json(limits, &request->load);
        break;
    case 's':
        result = tune_sysctl(limits, &request->load);
        break;
    case 'A':
        result = tune_apply(limits, &request->load, request->yes);
        break;
    default:
        result = tune_table(limits, &request->load, request->all);
    }
    llnet_limits_free(limits);
    return result;
}

static int run(const struct request *request) {
    if (request->command == NULL)
        return judge(request);
    if (strcmp(request->command, "listeners") == 0)
        return tune_listeners(request->output == 'j');
    return tune_watch(request->count);
}

int main(int argc, char **argv) {
    struct request request = {.load = {.role = "server", .connections = 1000, .rate = -1}};
    int option, result;

    while ((option = getopt_long(argc, argv, "r:c:R:d:ajsAyhVn:", long_options, NULL)) != -1) {
        if (option == 'h') {
            fputs(usage, stdout);
            fputs(help, stdout);
            return TUNE_READY;
        }
        if (option == 'V') {
            printf("llnet-tune %s\n", llnet_version());
            return TUNE_READY;
        }
        if (option == '?' || !read_option(option, &request))
            return refuse();
        request.loaded = request.loaded || strchr("rcRd", option) != NULL;
    }
    if (request.load.rate < 0)
        request.load.rate = (request.load.connections + 9) / 10;
    if (optind < argc)
        request.command = argv[optind++];
    if (optind < argc || (request.command != NULL && strcmp(request.command, "listeners") != 0 &&
                          strcmp(request.command, "watch") != 0)) {
        tune_complain("'%s' is no command", optind < argc ? argv[optind] : request.command);
        return refuse();
    }
    if (!fits(&request))
        return refuse();
    result = run(&request);
    if (fflush(stdout) != 0 || ferror(stdout)) {
        tune_complain("standard output: %s", strerror(errno));
        return TUNE_FAILED;
    }
    return result;
}
