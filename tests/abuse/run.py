# SPDX-License-Identifier: MIT
# run.py RUN_IN_PLACE LUA...: abuse/main.lua on each Lua, in a network namespace and a directory of
# their own, as many at a time as there are processors. ABUSE_CALLS is how many calls all
# make together. Who dies, hangs or finds fault is shown with its last calls, and how to
# repeat them: ABUSE_SEED, ABUSE_LUA, ABUSE_BATCH.
import concurrent.futures
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(HERE))
import netns # noqa: E402

STALL = 60       # seconds in which a call was not made
DESCRIPTORS = 512
SHOWN = 8        # last calls

run_in_place, luas = sys.argv[1], sys.argv[2:]
calls = int(os.environ.get("ABUSE_CALLS") or 100000)
seed = int(os.environ.get("ABUSE_SEED") or 20261127)
batch = os.environ.get("ABUSE_BATCH") or ""
chosen = os.environ.get("ABUSE_LUA") or ""


def limit():
    resource.setrlimit(resource.RLIMIT_NOFILE, (DESCRIPTORS, DESCRIPTORS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def abuse(lua, share):
    """Gives status, what was printed, the last calls, and the directory's other files."""
    directory = tempfile.mkdtemp(prefix="abuse")
    os.mkdir(directory + "/here")
    record, out = directory + "/record", directory + "/out"
    environment = dict(os.environ)
    if environment.get("LLNET_PRELOAD"):
        environment["LD_PRELOAD"] = environment["LLNET_PRELOAD"]
    command = [run_in_place, lua, HERE + "/main.lua", str(seed), str(share), record] + ([batch] if batch else [])
    try:
        with open(out, "wb") as output:
            process = subprocess.Popen(command, cwd=directory + "/here", env=environment, stdin=subprocess.DEVNULL,
                                       stdout=output, stderr=subprocess.STDOUT, preexec_fn=limit)
        status = watch(process, record)
        with open(out, errors="replace") as f: # absurd sizes are asked for on purpose
            said = [line for line in f.read().splitlines() if "AddressSanitizer failed to allocate" not in line]
        last = []
        if os.path.exists(record):
            with open(record, errors="replace") as f:
                last = f.read().splitlines()[-SHOWN:]
        return status, said, last
    finally:
        shutil.rmtree(directory)


def watch(process, record):
    """Its end, or "hangs" where the record has not grown for too long."""
    size, since = -1, time.monotonic()
    while True:
        try:
            return process.wait(1)
        except subprocess.TimeoutExpired:
            pass
        now = os.stat(record).st_mtime_ns if os.path.exists(record) else 0
        if now != size:
            size, since = now, time.monotonic()
        elif time.monotonic() - since > STALL:
            process.kill()
            process.wait()
            return "hangs"


def report(number, lua, status, said, last):
    name = os.path.basename(lua)
    if status == 0:
        print("ok %d - %s: %s" % (number, name, said[-1]))
        for line in said[:-1]:
            print("# " + line)
        return True
    if isinstance(status, int) and status < 0:
        status = signal.Signals(-status).name
    print("not ok %d - %s: random calls: ended with status %s" % (number, name, status))
    reports = [i for i, line in enumerate(said) if "ERROR: " in line or "runtime error: " in line]
    for line in said[reports[0]:reports[0] + 60] if reports else said[-60:]:
        print("# " + line[:1000])
    print("# the last calls:")
    for line in last:
        print("#   " + line[:500])
    where = last[-1].split(" ", 1)[0] if last else ""
    print("# make check-abuse ABUSE_SEED=%d ABUSE_LUA=%s ABUSE_BATCH=%s repeats them" % (seed, name, where))
    return False


def main():
    if not netns.enter("LLNET_ABUSE"):
        print("1..0 # SKIP no network namespace may be made")
        return 0
    netns.loopback_up()
    wanted = [lua for lua in luas if chosen in ("", os.path.basename(lua))]
    if not wanted:
        print("1..0 # SKIP no such Lua here: %s" % chosen)
        return 0
    print("1..%d" % len(wanted))
    print("# ABUSE_SEED=%d ABUSE_CALLS=%d" % (seed, calls))
    good = True
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        runs = [pool.submit(abuse, lua, -(-calls // len(wanted))) for lua in wanted]
        for number, (lua, run) in enumerate(zip(wanted, runs), 1):
            good = report(number, lua, *run.result()) and good
            sys.stdout.flush()
    return 0 if good else 1


sys.exit(main())
