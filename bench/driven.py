# SPDX-License-Identifier: MIT
"""driven.py: the workloads of one process that does by itself what a line of its input says: the
cost of a call, and datagrams, which one process both sends and receives: so none is lost for want
of room, and the kernel's work to deliver one is charged to the process that is measured."""
import subprocess

from process import Failed, Meter, Program
from result import Goal, Result, Row, overheads, ratios
from served import alternate, rows_of, stopping
from setting import HAND, LLNET, MAIN, PEERS, RAW, progress


class Driven(Program):
    def __init__(self, setting, library, runtime, part, *arguments):
        name = " ".join(filter(None, (runtime and runtime.name, library)))
        super().__init__(name, setting.command(library, runtime, part, *arguments), setting.environment,
                         setting.cpus[0], setting.sampler)
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


class Modes:
    """Measures the modes of some programs. share: of the seconds of a round, for one mode."""

    def __init__(self, setting, title, modes, trial, share):
        self.setting, self.title, self.modes, self.trial, self.share = setting, title, modes, trial, share
        self.counts, self.samples = {}, {mode: {} for mode in modes}

    def count_for(self, mode, program):
        """So many that a round of this program is as long as is wanted."""
        if mode not in self.counts:
            program.measure(mode, self.trial)
            each = program.measure(mode, self.trial).cpu_each()
            self.counts[mode] = max(self.trial, int(self.setting.seconds * self.share * 1e9 / each))
        return self.counts[mode]

    def measure(self, programs):
        """While these live."""
        for mode in self.modes:
            able = [program for program in programs if program.measure(mode, self.trial) is not None]
            if able:
                count = self.count_for(mode, able[min(1, len(able) - 1)])  # C's fileno is no call at all
                alternate(self.setting, "%s: %s" % (self.title, mode), able, lambda program, warm: program.measure(
                    mode, count // 5 + 1 if warm else count), self.samples[mode])

    def rows(self):
        """By mode."""
        return {mode: rows_of(samples) for mode, samples in self.samples.items() if samples}


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


def call_goals(result, runtime, rows, nothing, times):
    """rows: of this runtime alone, C's too; times: calls from Lua."""
    raw, hand, ours = (next((row for row in rows if row.library == library), None) for library in (RAW, HAND, LLNET))
    result.goals.append(Goal(runtime, "at most the hand-written binding's cost", ratios(ours, hand), 1.0))
    best = min((row for row in rows if row.library in PEERS), key=lambda row: row.median("cpu_ns"), default=None)
    if best is None:
        return
    result.goals.append(Goal(runtime, "beyond C at most half of the best peer (%s)" % best.library,
                             overheads(ours, best, raw), 0.5, judged=False))
    # no binding has less than Lua's own call of a C function
    result.goals.append(Goal(runtime, "beyond C and Lua's own call at most half of %s" % best.library,
                             overheads(ours, best, raw, more=times * nothing.median("cpu_ns")), 0.5, judged=False))


def calls(setting):
    results = {mode: Result(1, "cost of a call: " + title, "call", []) for mode, (title, _) in CALLS.items()}
    for runtime in setting.runtimes:
        modes = Modes(setting, "calls, " + runtime.name, [*CALLS, NOTHING], 2000, 0.25)
        for _ in range(setting.lives):
            with stopping([]) as running:
                start_calls(setting, runtime, running)
                modes.measure(running)
        rows = modes.rows()
        nothing = rows[NOTHING][0]
        nothing.library = "an empty function"
        for mode, result in results.items():
            rows[mode][0].runtime = runtime.name  # C, beside which this runtime's rows were measured
            call_goals(result, runtime.name, rows[mode], nothing, CALLS[mode][1])
            result.rows += rows[mode]
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
    modes = Modes(setting, "datagrams", DATAGRAMS, 1000, 1)
    for _ in range(setting.lives):
        with stopping([]) as running:
            for library, runtime in setting.subjects("datagrams"):
                running.append(Driven(setting, library, runtime, "datagrams"))
            modes.measure(running)
    rows = modes.rows()
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
    for runtime in setting.runtimes:
        values = {library: [] for library in (LLNET, *setting.installed[runtime.name])}
        for number in range(setting.rounds):
            progress("require, %s: round %d of %d" % (runtime.name, number + 1, setting.rounds))
            for library, figures in values.items():
                figures.append(require_once(setting, library, runtime))
        progress("")
        result.rows += [Row(library, runtime.name, {"cpu_ns": figures}) for library, figures in values.items()]
        result.goals.append(Goal(runtime.name, "at most 1 ms", [value / 1e6 for value in values[LLNET]], 1.0))
    return [result]
