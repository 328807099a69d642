# SPDX-License-Identifier: MIT
"""bench.py: what llnet costs beside the raw system calls and other libraries: make bench.

    LUA51=lua5.1 ... python3 bench/bench.py BUILDDIR SRCDIR

In the environment: BENCH=2,5 takes some of the workloads (all), SECONDS is about how long each
program is measured (4), ROUNDS in how many rounds (40, or fewer so that one lasts a tenth of a
second), SMOKE=1 makes it short and fails where a ratio is worse than twice its goal even in its
best round, which is no noise.

A workload starts a process of each library and one of C on the system calls themselves, and
has them do the same number of things in turn (A B C, C B A, ...), while another process, the
same for all, is the load. Rounds are short and many, since a machine's speed changes from one
second to the next, by a third on a shared one. Figures are CPU time of the measured process for
one operation, medians of the rounds; a ratio is taken in each round, and its median counts."""
import sys

sys.dont_write_bytecode = True  # the source tree stays as it is

import contextlib, json, os, shutil, signal, tempfile, time

import driven, idle, interface, page, served, table
from machine import describe
from process import Failed
from result import as_json
from setting import Setting, step

WORKLOADS = {
    "1": ("cost of a call", driven.calls),
    "2": ("HTTP keep-alive", served.keep_alive),
    "3": ("a connection for each request", served.single_requests),
    "4": ("echo over TCP and Unix", served.echo),
    "5": ("datagrams", driven.datagrams),
    "6": ("a relay", served.relay),
    "7": ("idle connections beside", idle.beside),
    "8": ("memory of an idle connection", idle.memory),
    "9": ("require", driven.require),
    "10": ("accepts", served.accepts),
    "luasocket": ("LuaSocket's interface on LuaSocket and on llnet", interface.interface),
}


def selected():
    names = [name.strip() for name in (os.environ.get("BENCH") or ",".join(WORKLOADS)).split(",") if name.strip()]
    for name in names:
        if name not in WORKLOADS:
            sys.exit("bench.py: no workload '%s': %s" % (name, ", ".join(WORKLOADS)))
    return names


@contextlib.contextmanager
def temporary_directory():
    directory = tempfile.mkdtemp(prefix="llnet-bench-", dir="/tmp")  # short enough for a Unix socket's path
    try:
        yield directory
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def run(setting, names):
    """All results; a workload that a program broke is a failure, and the others go on."""
    results, failures = [], []
    for name in names:
        title, workload = WORKLOADS[name]
        started = time.monotonic()
        try:
            results += workload(setting)
        except Failed as problem:
            failures.append("workload %s: %s" % (name, problem))
        step("%2s  %s: %.0f s" % (name, title, time.monotonic() - started))
    return results, failures


def write(builddir, setting, results):
    directory = os.path.join(builddir, "bench")
    machine = describe(setting)
    with open(os.path.join(directory, "results.json"), "w") as file:
        json.dump({"machine": machine, "results": [as_json(result) for result in results]}, file, indent=1)
    with open(os.path.join(directory, "results.html"), "w") as file:
        file.write(page.render(machine, results))
    print("%s/results.json, results.html" % directory)


def main(builddir, srcdir):
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that all that was started is stopped
    smoke = os.environ.get("SMOKE", "") not in ("", "0")
    seconds = float(os.environ.get("SECONDS") or (0.15 if smoke else 4))
    rounds = int(os.environ.get("ROUNDS") or (3 if smoke else max(5, min(40, int(seconds / 0.1)))))
    with temporary_directory() as directory:
        setting = Setting(os.path.abspath(builddir), os.path.abspath(srcdir), directory, rounds, seconds / rounds, smoke)
        results, failures = run(setting, selected())
        print(table.render(results))
        write(builddir, setting, results)
    if smoke:
        failures += ["%s: %s: %s: %.3g" % (result.title, goal.runtime, goal.text, goal.figure())
                     for result in results for goal in result.goals if goal.is_far_off()]
    for failure in failures:
        print("FAILED: " + failure)
    sys.exit(1 if failures else 0)


main(*sys.argv[1:])
