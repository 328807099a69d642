# SPDX-License-Identifier: MIT
"""served.py: the workloads of servers: a server's process is measured while the load's process
(bench/load.c) has it do a fixed number of things, the same for every library."""
import contextlib

from process import Failed, Meter, Program
from result import Goal, Result, Row, overheads, ratios
from setting import EXAMPLE, LLNET, MAIN, PEERS, RAW, progress

CPU_BOUND = {"Lua 5.1": 1.08, "LuaJIT": 1.04}


class Server:
    """A library's server, one process or several on one port."""

    def __init__(self, setting, library, runtime, part, mode, unix=False, processes=1):
        self.library, self.runtime = library, runtime
        self.name = " ".join(filter(None, (runtime and runtime.name, library)))
        self.address = setting.path() if unix else "0"
        self.programs = []
        try:
            for number in range(processes):
                command = setting.command(library, runtime, part, mode, self.address)
                program = Program(self.name, command, setting.environment, setting.cpus[number],
                                  setting.sampler)
                self.programs.append(program)
                self.address = program.read_line().rpartition("127.0.0.1:")[2].rstrip("/")
        except BaseException:
            self.stop()
            raise

    def stop(self):
        for program in self.programs:
            program.stop()


@contextlib.contextmanager
def stopping(items):
    """Stops all that is in the list at the end, the last one first."""
    try:
        yield items
    finally:
        for item in reversed(items):
            item.stop()


def run_load(setting, server, arguments, count):
    """One measurement: arguments are the load's, of which None stands for the count."""
    mode, *rest = (count if argument is None else argument for argument in arguments)
    # several servers have all processors, and so has their load
    cpu = setting.cpus[1] if len(server.programs) == 1 else None
    environment = setting.environment if cpu is None else {**setting.environment, "LOAD_SPINS": "1"}
    load = Program("load on " + server.name, setting.load_command(mode, server.address, *rest), environment, cpu)
    try:
        load.read_line()
        meter = Meter(server.programs)
        wall = int(load.ask("go"))
        sample = meter.read(count, wall)
        load.end_input()
        return sample
    finally:
        load.stop()
        for program in server.programs:
            program.settle()  # what is left of the load is not the next one's


def calibrate(setting, server, arguments, trial):
    """How many operations make a round as long as is wanted, with C. Its CPU time says that, half
    of a round, and no clock: the work is the same then, whatever else the machine does."""
    run_load(setting, server, arguments, trial)
    sample = run_load(setting, server, arguments, trial)
    return max(trial // 10, int(setting.seconds * 0.5e9 / sample.cpu_each()))


def alternate(setting, title, servers, measure, samples):
    """Adds to the samples of each (library, runtime): its program is measured in turn with the
    others, forth and back; the first turn warms up. Of all rounds one life's share."""
    before = len(next(iter(samples.values()), ()))
    for number in range(setting.rounds // setting.lives + 1):
        for server in servers if number % 2 else reversed(servers):
            progress("%s: round %d of %d: %s" % (title, before + number, setting.rounds, server.name))
            sample = measure(server, number == 0)
            if number > 0:
                samples.setdefault((server.library, server.runtime), []).append(sample)
    progress("")


def rows_of(samples):
    return [Row.of_samples(library, runtime and runtime.name, those) for (library, runtime), those in samples.items()]


def start(setting, part, mode, subjects, servers, **how):
    """Adds servers of all that can serve so; one that cannot says why, and is left out."""
    for library, runtime in subjects:
        try:
            servers.append(Server(setting, library, runtime, part, mode, **how))
        except Failed as problem:
            if library in (RAW, LLNET):
                raise
            progress("")
            print("%s: %s: left out" % (mode, problem))


def compare(setting, number, title, part, mode, arguments, trial=2000, subjects=None, unit="request", **how):
    """Rows of all libraries for one load."""
    samples, count = {}, None
    for _ in range(setting.lives):
        with stopping([]) as servers:
            start(setting, part, mode, subjects or setting.subjects(part), servers, **how)
            count = count or calibrate(setting, servers[0], arguments, trial)
            alternate(setting, title, servers, lambda server, warm: run_load(
                setting, server, arguments, count // 5 + 1 if warm else count), samples)
    return Result(number, title, unit, rows_of(samples))


# ---- 2, 3, 4: requests -----------------------------------------------------------------------


def add_request_goals(setting, result):
    raw = result.find(RAW)
    for runtime in MAIN:
        ours = result.find(LLNET, runtime)
        if ours is None:
            continue
        bound = CPU_BOUND[runtime]
        result.goals.append(Goal(runtime, "server CPU at most %.2f of C's" % bound, ratios(ours, raw), bound))
        peers = [row for row in result.rows if row.runtime == runtime and row.library in PEERS]
        best = min(peers, key=lambda row: row.median("user_ns"), default=None)
        known = best is not None and ours.has_user() and best.has_user()
        if setting.smoke and not known:
            continue
        of = "at most half of the best peer's (%s)" % (best.library if best else "none is here")
        values = ratios(ours, best, "user_ns") if known else []
        result.goals.append(Goal(runtime, "user CPU " + of, values, 0.5))
        # C's own is what entering the kernel costs, less of which no library has
        values = overheads(ours, best, raw, "user_ns") if known and raw.has_user() else []
        result.goals.append(Goal(runtime, "user CPU beyond C's " + of, values, 0.5, judged=False))
    return result


def keep_alive(setting):
    results = []
    for connections in 100, 1000:
        subjects = setting.subjects("server")
        subjects += [(EXAMPLE, runtime) for runtime in setting.main_runtimes()]
        if connections >= 1000:  # select(2) has no more than 1,024 descriptors, and its libraries some of them
            subjects = [subject for subject in subjects if subject[0] not in ("LuaSocket", "copas")]
        result = compare(setting, 2, "HTTP keep-alive, {:,} connections".format(connections), "server", "http",
                         ("keep", connections, None, "http"), max(2000, 2 * connections), subjects)
        results.append(add_request_goals(setting, result))
    return results


def single_requests(setting):
    return [add_request_goals(setting, compare(setting, 3, "HTTP, a connection for each request", "server", "close",
                                               ("close", 32, None, "http"), 1000))]


def echo(setting):
    results = []
    for name, unix in ("TCP", False), ("Unix", True):
        subjects = [subject for subject in setting.subjects("server") if not unix or subject[0] != "copas"]
        result = compare(setting, 4, "echo of 64 bytes over %s, 50 connections" % name, "server", "echo",
                         ("keep", 50, None, 64), 2000, subjects, "message", unix=unix)
        results.append(add_request_goals(setting, result))
    return results


# ---- 6: a relay --------------------------------------------------------------------------------


def relay(setting):
    results = []
    size = int((1 << 30) * min(1, setting.seconds))  # 4 GiB in all, unless asked otherwise
    for mode, title, bound in ("copy", "over Buffers", 0.95), ("splice", "by splice", 0.98):
        subjects = [subject for subject in setting.subjects("relay") if mode == "copy" or subject[0] in (RAW, LLNET)]
        title = "a relay, " + title
        samples = {}
        for _ in range(setting.lives):
            with stopping([]) as servers:
                start(setting, "relay", mode, subjects, servers)
                alternate(setting, title, servers, lambda server, warm: run_load(
                    setting, server, ("relay", None), size // 10 if warm else size), samples)
        result = Result(6, title, "byte", rows_of(samples), kind="per_second")
        for runtime in MAIN:
            ours = result.find(LLNET, runtime)
            if ours is not None:
                result.goals.append(Goal(runtime, "at least %.2f of C's throughput" % bound,
                                         ratios(ours, result.find(RAW), "per_second"), bound, at_most=False))
        results.append(result)
    return results


# ---- 10: accepts -------------------------------------------------------------------------------


def accepts(setting):
    results = []
    for processes in 1, 2:
        title = "accepts, %d process%s" % (processes, "es on SO_REUSEPORT" if processes > 1 else "")
        libraries = [library for library in (LLNET, *PEERS)
                     if processes == 1 or library in (LLNET, "LuaSocket", "cqueues")]
        result = compare(setting, 10, title, "server", "accept", ("close", 64, None, 0), 1000,
                         setting.subjects("server", libraries=libraries), "connection", processes=processes)
        result.kind = "per_second"
        for runtime in MAIN:
            ours = result.find(LLNET, runtime)
            if ours is not None:
                result.goals.append(Goal(runtime, "at least 0.90 of C's accepts per second",
                                         ratios(ours, result.find(RAW), "per_second"), 0.9, at_most=False))
        results.append(result)
    return results
