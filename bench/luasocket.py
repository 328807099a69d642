# SPDX-License-Identifier: MIT
"""luasocket.py: what a program pays for LuaSocket's interface, on LuaSocket and on llnet in turn.

    LUA51=lua5.1 ... python3 bench/luasocket.py BUILDDIR SRCDIR

BENCH_ROUNDS and BENCH_LINES make it shorter or longer. bench/luasocket.lua is the program, once
for each library, over loopback against this script. A figure is CPU time (user and system)
of the program's process for what it did; a round measures both libraries in every mode, in
turn; figures are medians, ratios medians of the rounds' ratios. A goal that is missed is SHORT;
nothing here fails for being slow.
"""
import os, socket, statistics, subprocess, sys, time

MUCH = 8 << 20
LINE = b"x" * 63 + b"\n"
PATIENCE = 120


def echo(peer, count):
    stream = peer.makefile("rb")
    for _ in range(count):
        peer.sendall(LINE)
        if stream.readline() != LINE:
            raise ValueError("wrong line")


def send_lines(peer, count):
    for _ in range(count // 1000):
        peer.sendall(LINE * 1000)
    peer.sendall(LINE * (count % 1000))


def send_much(peer, count):
    for _ in range(count):
        peer.sendall(b"x" * MUCH)


def receive_much(peer, count):
    room, left = bytearray(1 << 20), count * MUCH
    while left > 0:
        n = peer.recv_into(room)
        if n == 0:
            raise ValueError("too little came")
        left -= n


# name: what this side does, how often for so many lines, what one of them is
MODES = {
    "echo": (echo, 1, "line"),
    "lines": (send_lines, 10, "line"),
    "receive 8 MB": (send_much, 1 / 2500, "transfer"),
    "receive all": (send_much, 1 / 2500, "transfer"),
    "send 8 MB": (receive_much, 1 / 2500, "transfer"),
}


class Program:
    def __init__(self, name, command, environment):
        self.name = name
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment)
        self.clock = ~self.process.pid << 3 | 2  # clock_getcpuclockid(3)

    def measure(self, listener, mode, count):
        """Nanoseconds of CPU time for each of count."""
        act = MODES[mode][0]
        before = time.clock_gettime(self.clock)
        self.process.stdin.write(f"{mode} {count} {listener.getsockname()[1]}\n".encode())
        self.process.stdin.flush()
        peer, _ = listener.accept()
        with peer:
            peer.settimeout(PATIENCE)
            peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            act(peer, count)
        if self.process.stdout.readline() != b"done\n":
            sys.exit(f"luasocket.py: {self.name}: {mode}: it ended")
        return (time.clock_gettime(self.clock) - before) / count * 1e9

    def stop(self):
        self.process.kill()
        self.process.wait()


def start(builddir, srcdir, lua):
    script = os.path.join(srcdir, "bench/luasocket.lua")
    run = os.path.join(builddir, "run-in-place")
    return [Program("LuaSocket", [lua, script], os.environ),
            Program("llnet", [run, lua, "-l", "llnet.luasocket.preload", script], os.environ)]


def spread(values, form):
    return "%s (%s to %s)" % tuple(form % value for value in (statistics.median(values), min(values), max(values)))


def measure(programs, listener, rounds, lines):
    figures = {}
    for number in range(-1, rounds):  # the first warms up
        for mode, (_, share, _) in MODES.items():
            for program in programs:
                if sys.stderr.isatty():
                    print("\rluasocket: round %d of %d: %-40s" % (number + 1, rounds, f"{program.name}, {mode}"), end="",
                          file=sys.stderr, flush=True)
                figure = program.measure(listener, mode, max(1, int(lines * share)))
                if number >= 0:
                    figures.setdefault((program.name, mode), []).append(figure)
    if sys.stderr.isatty():
        print("\r%70s\r" % "", end="", file=sys.stderr, flush=True)
    return figures


def main(builddir, srcdir):
    rounds, lines = int(os.environ.get("BENCH_ROUNDS") or 7), int(os.environ.get("BENCH_LINES") or 20000)
    for variable in "LUA51", "LUA52", "LUA53", "LUA54", "LUAJIT":
        lua = os.environ.get(variable)
        if not lua:
            continue
        if subprocess.run([lua, "-e", 'require "socket"'], stderr=subprocess.DEVNULL).returncode != 0:
            print(f"{lua}: LuaSocket is not installed (Debian: lua-socket): skipped")
            continue
        programs = start(builddir, srcdir, lua)
        try:
            with socket.create_server(("127.0.0.1", 0)) as listener:
                listener.settimeout(PATIENCE)
                figures = measure(programs, listener, rounds, lines)
        finally:
            for program in programs:
                program.stop()
        print(f"{os.path.basename(lua)}: CPU time through LuaSocket's interface; median of {rounds} rounds")
        for mode, (_, _, unit) in MODES.items():
            theirs, ours = figures["LuaSocket", mode], figures["llnet", mode]
            ratios = [a / b for a, b in zip(ours, theirs)]
            print("%-8s %-14s LuaSocket %9.0f ns, llnet %9.0f ns each %-9s llnet/LuaSocket %s" % (
                "ok" if statistics.median(ratios) <= 1 else "SHORT", mode, statistics.median(theirs),
                statistics.median(ours), unit, spread(ratios, "%.2f")))


main(*sys.argv[1:])
