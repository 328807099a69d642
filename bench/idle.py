# SPDX-License-Identifier: MIT
"""idle.py: the workloads of connections on which nothing happens: what they cost the requests
of others, and in memory."""
from process import Program
from result import Goal, Result, Row, ratios
from served import Server, alternate, calibrate, rows_of, run_load, stopping
from setting import LLNET, MAIN, PEERS, RAW, step

IDLE = 10, 1000, 15000
ACTIVE = 10
SELECT_MOST = 900  # of select(2)'s 1,024 descriptors
SPARE = 100  # descriptors that a process has beside its connections
LIBRARIES = LLNET, "luv", "cqueues"  # what can have so many


class Holder:
    """Idle connections to a server, while it lasts."""

    def __init__(self, setting, server, count):
        self.program = Program("idle connections to " + server.name,
                               setting.load_command("idle", server.address, count), setting.environment)
        try:
            self.program.read_line()
        except BaseException:
            self.program.stop()
            raise

    def stop(self):
        try:
            self.program.end_input()  # closes, so that no port stays taken
        finally:
            self.program.stop()


def cost_beside(setting, library, runtime, counts, how_many):
    """Rows of one library, one for each number of idle connections."""
    arguments, samples = ("keep", ACTIVE, None, "http"), {}
    for _ in range(setting.lives):
        with stopping([]) as running:
            servers = []
            for count in counts:
                server = Server(setting, library, runtime, "server", "http")
                running.append(server)
                server.library = "%s, %s idle" % (library, format(count, ","))
                servers.append(server)
                # the idle ones first, so that the kernel has them in the same order everywhere
                running.append(Holder(setting, server, count))
            how_many = how_many or calibrate(setting, servers[0], arguments, 2000)
            alternate(setting, "idle connections beside", servers, lambda server, warm: run_load(
                setting, server, arguments, how_many // 5 + 1 if warm else how_many), samples)
    return how_many, rows_of(samples)


def beside(setting):
    counts = [count for count in IDLE if count + SPARE <= setting.descriptors]
    if len(counts) < len(IDLE):
        step("idle connections beside: at most %d descriptors here: no more than %d" % (
            setting.descriptors, counts[-1]))
    result = Result(7, "a request beside idle connections", "request", [])
    number = None
    libraries = (LLNET,) if setting.smoke else LIBRARIES
    for library, runtime in setting.subjects("server", libraries=libraries):
        number, rows = cost_beside(setting, library, runtime, counts, number)
        result.rows += rows
        for row in rows[1:] if library == LLNET else ():
            result.goals.append(Goal(row.runtime, "%s: at most 1.10 of the cost with %d" % (
                row.library.partition(", ")[2], IDLE[0]), ratios(row, rows[0]), 1.1))
    return [result]


def memory(setting):
    """User memory for each connection: what the process has more of when they are there."""
    result = Result(8, "memory of an idle connection", "connection", [], kind="bytes")
    most = min(3000 if setting.smoke else 10000, setting.descriptors - SPARE)
    for library, runtime in setting.subjects("server"):
        count = SELECT_MOST if library in PEERS and library not in LIBRARIES else most
        values = []
        for _ in range(1 if setting.smoke else 5):
            with stopping([]) as running:
                server = Server(setting, library, runtime, "server", "http")
                running.append(server)
                run_load(setting, server, ("keep", 10, None, "http"), 100)
                before = server.programs[0].memory()
                running.append(Holder(setting, server, count))
                run_load(setting, server, ("keep", 1, None, "http"), 1)  # all before it are accepted
                values.append(max(0, server.programs[0].memory() - before) / count)
        result.rows.append(Row(library, runtime and runtime.name, {"bytes": values}))
        if library == LLNET:
            result.goals.append(Goal(runtime.name, "at most 300 bytes", values, 300))
    return [result]
