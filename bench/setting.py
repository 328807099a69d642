# SPDX-License-Identifier: MIT
"""setting.py: what is measured where: the Luas and libraries of this machine, how each one's
programs are started, the processors, how long and how often."""
import os, resource, shutil, subprocess, sys

RAW, LLNET, HAND, EXAMPLE = "C", "llnet", "by hand", "llnet, the example"
PEERS = {  # library: (module, Debian's package)
    "LuaSocket": ("socket", "lua-socket"),
    "luv": ("luv", "lua-luv"),
    "cqueues": ("cqueues", "lua-cqueues"),
    "copas": ("copas", "lua-copas"),
}
RUNTIMES = {"LUA51": ("Lua 5.1", "51"), "LUA52": ("Lua 5.2", "52"), "LUA53": ("Lua 5.3", "53"),
            "LUA54": ("Lua 5.4", "54"), "LUAJIT": ("LuaJIT", "51")}
MAIN = "Lua 5.1", "LuaJIT"  # those that the goals name


class Runtime:
    def __init__(self, name, lua, version):
        self.name, self.lua, self.version = name, lua, version


class Setting:
    def __init__(self, builddir, srcdir, directory, rounds, seconds, smoke):
        self.builddir, self.srcdir, self.directory = builddir, srcdir, directory
        self.rounds, self.seconds, self.smoke = rounds, seconds, smoke
        # A program is started anew several times, since where a process has its memory makes a
        # difference, of a third at worst, that lasts as long as it does.
        self.lives = min(10, max(1, rounds // 2))
        self.rounds = -(-rounds // self.lives) * self.lives  # as many each time
        self.sampler = builddir + "/bench/sample"
        self.paths = 0
        self.environment = dict(os.environ)
        self.environment["LUA_PATH"] = "%s/bench/peer/?.lua;%s" % (srcdir, os.environ.get("LUA_PATH") or ";")
        for version in "5_2", "5_3", "5_4":
            self.environment.pop("LUA_PATH_" + version, None)
        self.runtimes = self.find_runtimes()
        self.installed = {runtime.name: self.find_peers(runtime) for runtime in self.runtimes}
        cpus = sorted(os.sched_getaffinity(0))
        # the server on one, the load on another: neither is moved about, and both go at once
        self.cpus = (cpus[0], cpus[1]) if len(cpus) > 1 else (None, None)
        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
        self.descriptors = most

    def find_runtimes(self):
        found = []
        for variable, (name, version) in RUNTIMES.items():
            lua = os.environ.get(variable)
            if lua and os.path.exists("%s/swig/lua%s/core.la" % (self.builddir, version)):
                found.append(Runtime(name, shutil.which(lua) or lua, version))
        return found

    def find_peers(self, runtime):
        found = []
        for library, (module, package) in PEERS.items():
            probe = subprocess.run([runtime.lua, "-e", 'require "%s"' % module], stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL, env=self.environment)
            if probe.returncode == 0:
                found.append(library)
            elif runtime.name in MAIN:
                print("%s: %s is not installed (Debian: %s): skipped" % (runtime.name, library, package),
                      file=sys.stderr)
        return found

    def main_runtimes(self):
        return [runtime for runtime in self.runtimes if runtime.name in MAIN]

    def path(self):
        """Of a Unix socket that is not there yet."""
        self.paths += 1
        return "%s/socket%d" % (self.directory, self.paths)

    def command(self, library, runtime, part, *arguments):
        """How the program of a library that does a part of the work is started."""
        if library == RAW:
            return ["%s/bench/raw_%s" % (self.builddir, part), *arguments]
        if library == EXAMPLE:
            return self.in_place(runtime, "examples/lua/http_server.lua", "--port", "0")
        script = "bench/peer/%s_%s.lua" % (library.lower().split()[-1], part)
        if library == LLNET:
            return self.in_place(runtime, script, *arguments)
        return [runtime.lua, os.path.join(self.srcdir, script), *arguments]

    def in_place(self, runtime, script, *arguments):
        return ["env", "LLNET_LUA=" + runtime.version, self.builddir + "/run-in-place", runtime.lua,
                os.path.join(self.srcdir, script), *arguments]

    def load_command(self, *arguments):
        return [self.builddir + "/bench/load", *map(str, arguments)]

    def has(self, library, runtime, part):
        """Whether there is such a program and the library for it."""
        if library == RAW:
            return True
        script = "%s/bench/peer/%s_%s.lua" % (self.srcdir, library.lower().split()[-1], part)
        return os.path.exists(script) and (library in (LLNET, HAND) or library in self.installed[runtime.name])

    def subjects(self, part, runtimes=None, libraries=(LLNET, *PEERS)):
        """All (library, runtime) that can do a part, C first."""
        found = [(RAW, None)]
        for runtime in self.main_runtimes() if runtimes is None else runtimes:
            found += [(library, runtime) for library in libraries if self.has(library, runtime, part)]
        return found


def progress(text):
    """One line that is overwritten, on a terminal; else nothing but what a step begins with."""
    if sys.stderr.isatty():
        print("\r\033[K" + text, end="", file=sys.stderr, flush=True)


def step(text):
    progress("")
    print(text, file=sys.stderr, flush=True)
