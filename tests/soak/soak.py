# SPDX-License-Identifier: MIT
# soak.py RUN_IN_PLACE LUA EXAMPLES: clients of every habit (clients.py) on http_server.lua for
# SOAK_SECONDS; every answer is right, and memory and descriptors of the server stay flat.
import asyncio
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
import clients # noqa: E402

run_in_place, lua, examples = sys.argv[1:4]
HERE = os.path.dirname(os.path.abspath(__file__))
seconds = int(os.environ.get("SOAK_SECONDS") or 60)
seed = int(os.environ.get("SOAK_SEED") or 20261127)
ANSWERS_MAX = 3000          # in a second, on the average
IDLE = min(10, max(3, seconds // 4)) # seconds after which the server closes; a busy machine makes anybody slow
INTERVAL = 0.25             # seconds between two looks at the server

count = failed = 0


def result(good, name):
    global count, failed
    count += 1
    failed += not good
    print("%sok %d - soak: %s" % ("" if good else "not ", count, name))
    sys.stdout.flush()


class Server:
    def __init__(self, directory):
        self.report = directory + "/heap"
        environment = dict(os.environ)
        if environment.get("LLNET_PRELOAD"):
            environment["LD_PRELOAD"] = environment["LLNET_PRELOAD"]
        self.process = subprocess.Popen(
            [run_in_place, lua, HERE + "/server.lua", examples + "/http_server.lua", self.report, "--port", "0", "--idle",
             str(IDLE), "--stop-on-eof"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment)
        line = self.process.stdout.readline().decode()
        self.port = int(line.rstrip("/\n").rpartition(":")[2])

    def resident(self):
        with open("/proc/%d/status" % self.process.pid) as f:
            return [int(line.split()[1]) for line in f if line.startswith("VmRSS")][0]

    def descriptors(self):
        return len(os.listdir("/proc/%d/fd" % self.process.pid))

    def heap(self):
        """KiB after the last full collection."""
        with open(self.report) as f:
            whole = f.read().rpartition("\n")[0].splitlines()
        return float(whole[-1]) if whole else 0

    def look(self):
        return {"resident KiB": self.resident(), "Lua KiB": self.heap(), "descriptors": self.descriptors()}

    def stop(self):
        """Asks it to end: status, and its last words."""
        try:
            said = self.process.communicate(timeout=60)[0].decode().strip() # closes its standard input
        except subprocess.TimeoutExpired:
            self.process.kill()
            return None, "it does not end"
        return self.process.returncode, said


class Load:
    def __init__(self, server):
        self.server, self.tally, self.problems, self.runs = server, clients.Tally(), [], {}
        self.end = self.begin = time.monotonic()

    async def client(self, habit):
        """One that does the same again and again, while it can be done with in time."""
        end = self.end - (IDLE if habit is clients.stays_idle else 0)
        while time.monotonic() < end and len(self.problems) < 20:
            try:
                await asyncio.wait_for(habit(self.server.port, self.tally), clients.TIMEOUT)
                self.runs[habit.__name__] = self.runs.get(habit.__name__, 0) + 1
            except Exception as e: # what an abort looks like to its own side is no problem
                if habit is not clients.aborts:
                    self.problems.append("%s: %s: %s" % (habit.__name__, type(e).__name__, e))
            over = self.tally.answers - ANSWERS_MAX * (time.monotonic() - self.begin)
            await asyncio.sleep(random.random() / 50 + max(0, over / ANSWERS_MAX))

    async def run(self, duration):
        self.begin, self.end = time.monotonic(), time.monotonic() + duration
        self.tally.answers = 0
        habits = [habit for habit, times in clients.HABITS.items() for _ in range(times)]
        await asyncio.gather(*(self.client(habit) for habit in habits), self.watch())

    async def watch(self):
        self.samples = []
        while time.monotonic() < self.end:
            self.samples.append(self.server.look())
            await asyncio.sleep(INTERVAL)


def quiet(server):
    """What the server has when all clients are gone: the least of what it has in three seconds, as its
    heap is written once a second."""
    looks = []
    for _ in range(30):
        looks.append(server.look())
        time.sleep(0.1)
    return {key: min(look[key] for look in looks) for key in looks[0]}


def judge_flat(samples, key, least):
    """The medians of the second and the last quarter: they may differ by what one look differs from the
    next, which a steady growth hardly adds to, and by the least that means anything."""
    values = [sample[key] for sample in samples]
    quarter = len(values) // 4
    second, last = values[quarter:2 * quarter], values[3 * quarter:]
    spread = statistics.quantiles([after - before for before, after in zip(second, second[1:])], n=4)
    bound = max(least, 3 * (spread[2] - spread[0]))
    before, after = statistics.median(second), statistics.median(last)
    result(after - before <= bound, "%s are flat: %.0f in the second quarter, %.0f in the last (at most %.0f more)" % (
        key, before, after, bound))


def main():
    random.seed(seed)
    with tempfile.TemporaryDirectory() as directory:
        server = Server(directory)
        load = Load(server)
        try:
            asyncio.run(load.run(3)) # what is made once is made
            before = quiet(server)
            asyncio.run(load.run(seconds))
            after = quiet(server)
        finally:
            status, said = server.stop()
    print("# SOAK_SECONDS=%d SOAK_SEED=%d %s" % (seconds, seed, os.path.basename(lua)))
    print("# %d answers on %d connections in %d s, %.0f MB checked" % (load.tally.answers, load.tally.connections, seconds,
                                                                    load.tally.received / 1e6))
    print("# " + ", ".join("%s %d" % item for item in sorted(load.runs.items())))
    for problem in load.problems:
        print("# " + problem)
    result(not load.problems and load.tally.answers > 10 * seconds, "each of %d answers is right" % load.tally.answers)
    result(len(load.runs) == len(clients.HABITS), "clients of all %d habits were served" % len(clients.HABITS))
    judge_flat(load.samples, "resident KiB", 2048)
    judge_flat(load.samples, "Lua KiB", 256)
    judge_flat(load.samples, "descriptors", 8)
    for key, more in (("descriptors", 0), ("Lua KiB", 64), ("resident KiB", 8192)):
        name = "%s when all are gone: %.0f before, %.0f after" % (key, before[key], after[key])
        result(after[key] <= before[key] + more, name)
    result(status == 0 and " requests, " in said, "the server stops when asked: %s" % said)
    print("1..%d" % count)
    return 1 if failed else 0


sys.exit(main())
