# SPDX-License-Identifier: MIT
"""datagrams.py: datagrams per CPU second over loopback, of several programs in turn.

    LUA51=lua5.1 LUAJIT=luajit python3 bench/datagrams.py BUILDDIR SRCDIR

BENCH_ROUNDS and BENCH_DATAGRAMS (in a measurement of single calls) in the environment make it
shorter or longer. Every program is started once, reads lines "MODE COUNT", moves that many datagrams of 1,200
bytes and answers "SENT RECEIVED", or "unsupported". One process does both directions: it sends
a window (64 datagrams; 54 with offload, one call's worth), receives it, checks size and first
byte of each datagram, and goes on. So nothing can be lost for want of room, no process waits
for another, and what the kernel does to deliver a datagram (the softirq, which on loopback
runs at the end of the send) is charged to the process that is measured, in every mode.

With offload the kernel's part of a datagram costs about 150 ns, and looking at a byte from Lua
5.1 some 50 ns, whatever the library: so there are two modes. "offload" checks what each call
says (length, size of the datagrams) and the first and last datagram, in C as in Lua: the price
of the calls. "offload-each" looks at every datagram, which is what is compared with LuaSocket.

A figure is datagrams received / CPU time (user and system, by the process's CPU clock, which
wait4(2) would say at its end, but without the interpreter's start). A round measures every
program in every mode, in turn; figures are medians of the rounds, ratios medians of
the rounds' ratios. Nothing here fails for being slow: a goal that is missed is SHORT.
"""
import collections, os, select, statistics, subprocess, sys, time

SINGLE, BATCH, OFFLOAD, EACH = MODES = "single", "batch", "offload", "offload-each"
# a call moves more in these, so that a measurement takes about as long in each
MORE = {SINGLE: 1, BATCH: 2, OFFLOAD: 10, EACH: 10}
PATIENCE = 60  # seconds for a measurement
C, LUASOCKET, LLNET = "C", "LuaSocket", "llnet"
Figure = collections.namedtuple("Figure", "per_second lost")


class Peer:
    """A program that moves datagrams, running and waiting for its next line."""

    def __init__(self, library, runtime, modes, command, environment):
        self.name = " ".join(filter(None, (runtime, library)))
        self.library, self.runtime, self.modes = library, runtime, modes
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment)
        # clock_getcpuclockid(3), which Python lacks: Linux's number for it
        self.clock = ~self.process.pid << 3 | 2

    def answer(self, mode, count):
        self.process.stdin.write(b"%s %d\n" % (mode.encode(), count))
        self.process.stdin.flush()
        ready, _, _ = select.select([self.process.stdout], [], [], PATIENCE)
        line = self.process.stdout.readline().decode() if ready else "nothing in %d seconds" % PATIENCE
        if line == "unsupported\n":
            return None
        try:
            sent, received = map(int, line.split())
        except ValueError:
            sys.exit("datagrams.py: %s, %s: %s" % (self.name, mode, line.strip() or "it ended"))
        return sent, received

    def measure(self, mode, count):
        before = time.clock_gettime(self.clock)
        answer = self.answer(mode, count)
        if answer is None:
            return None
        sent, received = answer
        return Figure(received / (time.clock_gettime(self.clock) - before), sent - received)

    def stop(self):
        self.process.kill()
        self.process.wait()


def start(builddir, srcdir):
    """All peers that are here, C first."""
    script = os.path.join(srcdir, "bench/datagrams.lua")
    environment = dict(os.environ, LLNET_LUA="51")
    peers = [Peer(C, "", MODES, [os.path.join(builddir, "bench/datagrams")], environment)]
    for runtime, lua in ("Lua 5.1", os.environ.get("LUA51")), ("LuaJIT", os.environ.get("LUAJIT")):
        if not lua or not os.path.exists(os.path.join(builddir, "swig/lua51/core.la")):
            print("%s: not here, or no module for it: skipped" % runtime)
            continue
        in_place = [os.path.join(builddir, "run-in-place"), lua, script, "llnet"]
        peers.append(Peer(LLNET, runtime, MODES, in_place, environment))
        probe = subprocess.run([lua, "-e", 'require "socket"'], stderr=subprocess.DEVNULL)
        if probe.returncode == 0:
            peers.append(Peer(LUASOCKET, runtime, [SINGLE], [lua, script, "luasocket"], os.environ))
        else:
            print("%s: LuaSocket is not installed (Debian: lua-socket): skipped" % runtime)
    return peers


def measure(peers, rounds, count):
    """All figures: of each (peer, mode) that can be had a list, one entry a round."""
    figures = {}
    for mode in MODES:  # what is compared stands side by side
        for peer in peers:
            if mode in peer.modes and peer.answer(mode, count // 10 * MORE[mode] + 1) is not None:  # warms up
                figures[peer, mode] = []
    for number in range(rounds):
        for (peer, mode), rows in figures.items():
            progress("\rdatagrams: round %d of %d: %-30s" % (number + 1, rounds, peer.name + ", " + mode))
            rows.append(peer.measure(mode, count * MORE[mode]))
    progress("\r%70s\r" % "")
    return figures


def progress(text):
    if sys.stderr.isatty():
        print(text, end="", file=sys.stderr, flush=True)
    elif text.strip():
        print(text.strip(), file=sys.stderr, flush=True)


def ratios(rows, base):
    """Of datagrams per CPU second, round by round."""
    return [row.per_second / other.per_second for row, other in zip(rows, base)]


def spread(values, form):
    return "%s (%s to %s)" % tuple(form % value for value in (statistics.median(values), min(values), max(values)))


def find(figures, library, runtime, mode):
    return next((rows for (peer, its_mode), rows in figures.items()
                 if (peer.library, peer.runtime, its_mode) == (library, runtime, mode)), None)


def print_table(figures, rounds):
    print("datagrams of 1,200 bytes over loopback, sent and received, per CPU second; median of %d rounds" % rounds)
    line = "%-18s %-12s %-36s %8s  %-22s %-22s %s"
    print(line % ("", "", "datagrams per CPU second", "ns each", "cost: times C's", "times LuaSocket's", "lost"))
    for (peer, mode), rows in figures.items():
        per_second = [row.per_second for row in rows]
        raw = find(figures, C, "", mode)
        luasocket = find(figures, LUASOCKET, peer.runtime, SINGLE) if peer.library == LLNET else None
        print(line % (peer.name, mode, spread(per_second, "%.0f"), "%.0f" % (1e9 / statistics.median(per_second)),
                      spread(ratios(raw, rows), "%.2f") if raw and peer.library != C else "",
                      spread(ratios(rows, luasocket), "%.1f") if luasocket else "",
                      sum(row.lost for row in rows)))


def print_goal(text, rows, base, reached):
    if rows is None or base is None:
        print("skipped  %s" % text)
        return
    ratio = statistics.median(ratios(rows, base))
    print("%-8s %s: %.2f" % ("ok" if reached(ratio) else "SHORT", text, ratio))


def print_goals(figures):
    for runtime in "Lua 5.1", "LuaJIT":
        batch, offload, each = (find(figures, LLNET, runtime, mode) for mode in (BATCH, OFFLOAD, EACH))
        print_goal("%s: offload, each looked at, at least 20 times LuaSocket's datagrams" % runtime, each,
                   find(figures, LUASOCKET, runtime, SINGLE), lambda ratio: ratio >= 20)
        print_goal("%s: offload at most 1.2 times C's cost" % runtime, find(figures, C, "", OFFLOAD), offload,
                   lambda ratio: ratio <= 1.2)
        print_goal("%s: batches at most 1.2 times C's cost" % runtime, find(figures, C, "", BATCH), batch,
                   lambda ratio: ratio <= 1.2)


def main(builddir, srcdir):
    rounds, count = int(os.environ.get("BENCH_ROUNDS") or 9), int(os.environ.get("BENCH_DATAGRAMS") or 50000)
    peers = start(builddir, srcdir)
    try:
        figures = measure(peers, rounds, count)
    finally:
        for peer in peers:
            peer.stop()
    print_table(figures, rounds)
    print_goals(figures)


main(*sys.argv[1:])
