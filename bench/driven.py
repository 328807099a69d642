# SPDX-License-Identifier: MIT
"""driven.py: the workloads of one process that does by itself what a line of its input says: the
cost of a call, and datagrams, which one process both sends and receives: so none is lost for want
of room, and the kernel's work to deliver one is charged to the process that is measured."""
import statistics, subprocess

from process import Failed, Meter, Program
from result import Goal, Result, Row, ratios
from served import alternate, stopping
from setting import HAND, LLNET, MAIN, PEERS, RAW, progress


class Driven(Program):
    def __init__(self, setting, library, runtime, part, *arguments):
        name = " ".join(filter(None, (runtime and runtime.name, library)))
        super().__init__(name, setting.command(library, runtime, part, *arguments), setting.environment,
                         setting.cpus[0])
        self.library, self.runtime = library, runtime

    def measure(self, mode, count):
        """None: it has no such mode."""
        meter = Meter([self])
        answer = self.ask("%s %d" % (mode, count))
        if answer == "unsupported":
            return None
        asked, done = map(int, answer.split())
        # a datagram may be lost to somebody else's traffic, but not many
        if done < asked * 0.99:
            raise Failed("%s, %s: %d of %d" % (self.name, mode, done, asked))
        return meter.read(done)


def count_for(setting, program, mode, trial, share):
    program.measure(mode, trial)
    return max(trial, int(setting.seconds * share * 1e9 / program.measure(mode, trial).cpu_each()))


def measure_modes(setting, title, programs, modes, trial, share):
    """mode -> rows. share: of the seconds of a round."""
    found = {}
    for mode in modes:
        able = [program for program in programs if program.measure(mode, trial) is not None]
        if not able:
            continue
        count = count_for(setting, able[0], mode, trial, share)
        samples = alternate(setting, "%s: %s" % (title, mode), able, lambda program, warm: program.measure(
            mode, count // 5 + 1 if warm else count))
        found[mode] = [Row.of_samples(program.library, program.runtime and program.runtime.name, samples[program])
                       for program in able]
    return found


# ---- 1: calls ------------------------------------------------------------------------------------

# mode: (what it is, calls from Lua)
CALLS = {"fileno": ("fileno", 1), "block": ("recv that would block", 1), "transfer": ("send + recv of 64 bytes", 2)}
NOTHING = "nothing"


def start_calls(setting, runtime, running):
    running.append(Driven(setting, RAW, None, "calls"))
    for library in (HAND, LLNET, *PEERS):
        if setting.has(library, runtime, "calls"):
            argument = "%s/bench/lua%s/.libs/hand.so" % (setting.builddir, runtime.version) \
                if library == HAND else setting.path()
            running.append(Driven(setting, library, runtime, "calls", argument))
    return running


def overheads(row, raw, nothing, times):
    """What a library adds to the system calls and to the interpreter's own calls, round by round."""
    return [value - base - times * call for value, base, call in zip(
        row.figures["cpu_ns"], raw.figures["cpu_ns"], nothing.figures["cpu_ns"])]


def call_goals(result, runtime, nothing, times):
    raw, hand, ours = (result.find(*key) for key in ((RAW,), (HAND, runtime), (LLNET, runtime)))
    result.goals.append(Goal(runtime, "at most the hand-written binding's cost", ratios(ours, hand), 1.0))
    peers = [(row.library, overheads(row, raw, nothing, times)) for row in result.rows
             if row.library in PEERS and row.runtime == runtime]
    if peers:
        library, least = min(peers, key=lambda peer: statistics.median(peer[1]))
        values = [value / max(1, base) for value, base in zip(overheads(ours, raw, nothing, times), least)]
        result.goals.append(Goal(runtime, "beyond C and Lua's own call at most half of the best peer (%s)" % library,
                                 values, 0.5, judged=False))


def calls(setting):
    results = {mode: Result(1, "cost of a call: " + title, "call", []) for mode, (title, _) in CALLS.items()}
    for runtime in setting.runtimes:
        with stopping([]) as running:
            start_calls(setting, runtime, running)
            rows = measure_modes(setting, "calls, " + runtime.name, running, [*CALLS, NOTHING], 2000, 0.1)
        nothing = rows[NOTHING][0]
        nothing.library = "an empty function"
        for mode, result in results.items():
            # C's row of this runtime's rounds, against which its rows stand
            of_runtime = Result(1, "", "", rows[mode])
            call_goals(of_runtime, runtime.name, nothing, CALLS[mode][1])
            result.goals += of_runtime.goals
            result.rows += rows[mode][1:] if result.rows else rows[mode]
        results["fileno"].rows.append(nothing)
    return list(results.values())


# ---- 5: datagrams --------------------------------------------------------------------------------

# With offload the kernel's part of a datagram is small, and looking at a byte of it from Lua is
# not: "offload" checks what each call says and the first and last datagram, in C as in Lua, which
# is the price of the calls; "offload-each" looks at every datagram.
DATAGRAMS = {"single": "single", "batch": "in batches of 64", "offload": "offload",
             "offload-each": "offload, each looked at"}


def times_luasocket(setting, results, runtime):
    """Datagrams per CPU second: those of offload over those of LuaSocket, round by round."""
    ours = results["offload-each"].find(LLNET, runtime) if "offload-each" in results else None
    return ratios(results["single"].find("LuaSocket", runtime), ours)


def datagrams(setting):
    with stopping([]) as running:
        running.append(Driven(setting, RAW, None, "datagrams"))
        for library, runtime in setting.subjects("datagrams")[1:]:
            running.append(Driven(setting, library, runtime, "datagrams"))
        rows = measure_modes(setting, "datagrams", running, DATAGRAMS, 1000, 0.5)
    results = {mode: Result(5, "datagrams of 1,200 bytes, " + DATAGRAMS[mode], "datagram", rows[mode])
               for mode in rows}
    for runtime in MAIN:
        for mode in "batch", "offload":
            ours = results[mode].find(LLNET, runtime) if mode in results else None
            if ours:
                results[mode].goals.append(Goal(runtime, "at most 1.10 of C's cost",
                                                ratios(ours, results[mode].find(RAW)), 1.1))
        if "offload-each" in results:
            results["offload-each"].goals.append(Goal(runtime, "at least 20 times LuaSocket's datagrams per CPU second",
                                                      times_luasocket(setting, results, runtime), 20, at_most=False))
    return list(results.values())


# ---- 9: require ------------------------------------------------------------------------------------

REQUIRE = 'local clock = os.clock; local start = clock(); require "%s"; print(clock() - start)'


def require_once(setting, library, runtime):
    module = PEERS[library][0] if library in PEERS else "llnet"
    command = [runtime.lua, "-e", REQUIRE % module]
    if library == LLNET:
        command = ["env", "LLNET_LUA=" + runtime.version, setting.builddir + "/run-in-place", *command]
    done = subprocess.run(command, env=setting.environment, stdout=subprocess.PIPE)
    if done.returncode != 0:
        raise Failed("%s %s: require failed" % (runtime.name, library))
    return float(done.stdout) * 1e9


def require(setting):
    result = Result(9, "require", "require", [])
    each = 1 if setting.smoke else 5  # a round's figure is the median of so many processes
    for runtime in setting.runtimes:
        values = {library: [] for library in (LLNET, *setting.installed[runtime.name])}
        for number in range(setting.rounds):
            progress("require, %s: round %d of %d" % (runtime.name, number + 1, setting.rounds))
            for library, figures in values.items():
                tries = sorted(require_once(setting, library, runtime) for _ in range(each))
                figures.append(tries[each // 2])
        progress("")
        result.rows += [Row(library, runtime.name, {"cpu_ns": figures}) for library, figures in values.items()]
        result.goals.append(Goal(runtime.name, "at most 1 ms", [value / 1e6 for value in values[LLNET]], 1.0))
    return [result]
