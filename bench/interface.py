# SPDX-License-Identifier: MIT
"""interface.py: the workload "luasocket": what a program pays for LuaSocket's interface, on
LuaSocket and on llnet in turn. bench/peer/luasocket_interface.lua is the program for both, over
loopback against this process."""
import contextlib, os, socket

from process import PATIENCE, Failed, Meter, Program
from result import Goal, Result, ratios
from served import alternate, rows_of, stopping
from setting import LLNET, step

MUCH = 8 << 20
LINE = b"x" * 63 + b"\n"
LUASOCKET = "LuaSocket"


def echo(peer, count):
    stream = peer.makefile("rb")
    for _ in range(count):
        peer.sendall(LINE)
        if stream.readline() != LINE:
            raise Failed("luasocket: a wrong line came back")


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
            raise Failed("luasocket: too little came")
        left -= n


# name: what this side does, how many fit a second, what one of them is
MODES = {
    "echo": (echo, 20000, "line"),
    "lines": (send_lines, 400000, "line"),
    "receive 8 MB": (send_much, 30, "transfer"),
    "receive all": (send_much, 30, "transfer"),
    "send 8 MB": (receive_much, 30, "transfer"),
}


def start(setting, runtime, running):
    script = os.path.join(setting.srcdir, "bench/peer/luasocket_interface.lua")
    place = ["env", "LLNET_LUA=" + runtime.version, setting.builddir + "/run-in-place"]
    for library, command in ((LUASOCKET, [runtime.lua, script]),
                             (LLNET, place + [runtime.lua, "-l", "llnet.luasocket.preload", script])):
        running.append(Program("%s %s" % (runtime.name, library), command, setting.environment,
                               sampler=setting.sampler))
        running[-1].library, running[-1].runtime = library, runtime


def measure(listener, program, mode, count):
    meter = Meter([program])
    try:
        program.process.stdin.write(b"%s %d %d\n" % (mode.encode(), count, listener.getsockname()[1]))
        program.process.stdin.flush()
        peer, _ = listener.accept()
        with peer:
            peer.settimeout(PATIENCE)
            peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            MODES[mode][0](peer, count)
    except OSError as problem:
        raise Failed("%s: %s: %s" % (program.name, mode, problem)) from None
    if program.read_line() != "done":
        raise Failed("%s: %s" % (program.name, mode))
    return meter.read(count)


@contextlib.contextmanager
def apart(programs):
    """The programs on one processor, this process on the others: where the two ends of a
    connection share one, or not, makes a factor of three, and they would stay so for all rounds."""
    processors = os.sched_getaffinity(0)
    last = {max(processors)}
    if len(processors) > 1:
        for program in programs:
            os.sched_setaffinity(program.process.pid, last)
        os.sched_setaffinity(0, processors - last)
    try:
        yield
    finally:
        os.sched_setaffinity(0, processors)


def measure_runtime(setting, runtime, results):
    samples = {mode: {} for mode in MODES}
    for _ in range(setting.lives):
        with stopping([]) as running, socket.create_server(("127.0.0.1", 0)) as listener:
            listener.settimeout(PATIENCE)
            start(setting, runtime, running)
            measure_modes(setting, running, listener, samples)
    for mode, result in results.items():
        theirs, ours = sorted(rows_of(samples[mode]), key=lambda row: row.library != LUASOCKET)
        result.rows += [theirs, ours]
        result.goals.append(Goal(runtime.name, "at most LuaSocket's cost", ratios(ours, theirs), 1.0))


def measure_modes(setting, running, listener, samples):
    with apart(running):
        for mode, (_, rate, _) in MODES.items():
            count = max(1, int(rate * setting.seconds))
            alternate(setting, "luasocket: " + mode, running, lambda program, warm: measure(
                listener, program, mode, count // 5 + 1 if warm else count), samples[mode])


def interface(setting):
    results = {mode: Result("ls", "LuaSocket's interface: " + mode, unit, []) for mode, (_, _, unit) in MODES.items()}
    for runtime in setting.runtimes:
        if LUASOCKET in setting.installed[runtime.name]:
            measure_runtime(setting, runtime, results)
        else:
            step("luasocket: %s: LuaSocket is not installed: skipped" % runtime.name)
    return list(results.values())
