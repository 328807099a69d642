# SPDX-License-Identifier: MIT
# network.py BUILDDIR SRCDIR LUA: the examples over a network that loses, delays, duplicates and reorders
# (relay.c), between two namespaces: what arrives is what was sent, byte by byte; slow clients, half-open
# and idle connections do not keep a server from answering others. NETWORK_SECONDS: rounds until then,
# one at least. NETWORK_SEED repeats what the relay does.
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(HERE))
import netns # noqa: E402
import parts # noqa: E402

seconds = float(os.environ.get("NETWORK_SECONDS") or 1)
seed = int(os.environ.get("NETWORK_SEED") or 20261127)
LOSS, DUPLICATION, REORDERING = 20, 15, 30   # frames of a thousand
DELAY, JITTER = 2000, 3000                   # microseconds each way
NAMES = "frames lost duplicated overtaking overflowed udp udp_lost udp_duplicated".split()


class Side:
    """What the relay counted of the frames from one side."""

    def __init__(self, numbers):
        for name, number in zip(NAMES, numbers):
            setattr(self, name, number)


class Network:
    client, server, mute = "10.9.0.1", "10.9.0.2", "10.9.0.66"

    def __init__(self, builddir, srcdir, lua, directory):
        self.builddir, self.srcdir, self.lua, self.directory = builddir, srcdir, lua, directory
        self.started = []
        self.other = netns.Other()
        self.relay = subprocess.Popen(
            [builddir + "/tests/network/relay"] + [str(argument) for argument in (
                self.other.pid, seed, LOSS, DUPLICATION, REORDERING, DELAY, JITTER, self.mute)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.made = self.relay.stdout.readline() == "ready\n"
        if self.made:
            self.configure()

    def configure(self):
        """Addresses, and the neighbours' once and for all: no address resolution gets lost."""
        sides = (([], self.client), (self.other.enter, self.server))
        hardware = []
        for enter, address in sides:
            self.run(enter + ["ip", "addr", "add", address + "/24", "dev", "relay"])
            self.run(enter + ["ip", "link", "set", "relay", "txqueuelen", "10000", "up"])
            text = self.run(enter + ["ip", "link", "show", "relay"])
            hardware.append(re.search(r"link/ether ([0-9a-f:]+)", text).group(1))
        self.run(["ip", "addr", "add", self.mute + "/24", "dev", "relay"])
        for (enter, _), address, its in ((sides[0], self.server, hardware[1]), (sides[1], self.client, hardware[0]),
                                         (sides[1], self.mute, hardware[0])):
            self.run(enter + ["ip", "neigh", "replace", address, "lladdr", its, "dev", "relay", "nud", "permanent"])

    def run(self, command):
        return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout

    def counts(self):
        """Of the frames from the client's side, and from the server's; and how many are under way."""
        self.relay.stdin.write("\n")
        self.relay.stdin.flush()
        numbers = [int(word) for word in self.relay.stdout.readline().split()]
        return Side(numbers[:8]), Side(numbers[8:16]), numbers[16]

    def example(self, name):
        return [self.builddir + "/run-in-place", self.lua, "%s/examples/lua/%s.lua" % (self.srcdir, name)]

    def serve(self, command):
        """Starts a server on the other side; its first line ends with its address, which this gives."""
        process = subprocess.Popen(self.other.enter + command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.started.append(process)
        process.address = process.stdout.readline().rstrip("\n").rpartition(" ")[2]
        process.port = int(process.address.rstrip("/").rpartition(":")[2])
        return process

    def stop(self, process):
        process.stdin.close()
        if process.poll() is None:
            process.terminate()
        process.wait(30)
        self.started.remove(process)

    def close(self):
        for process in list(self.started):
            process.kill()
            self.stop(process)
        self.relay.stdin.close()
        self.relay.wait()
        self.other.close()


class Results:
    def __init__(self):
        self.count, self.failed = 0, False

    def check(self, name, call):
        self.count += 1
        begun = time.monotonic()
        try:
            said = call()
            print("ok %d - network: %s" % (self.count, name))
            print("# %.1f s%s" % (time.monotonic() - begun, ": " + said if said else ""))
        except Exception as problem:
            self.failed = True
            print("not ok %d - network: %s" % (self.count, name))
            print("# %s: %s" % (type(problem).__name__, str(problem)[:2000].replace("\n", "\n# ")))
        sys.stdout.flush()


def it_was_hostile(network):
    """Else the rest would have shown nothing."""
    said = []
    for side in network.counts()[:2]:
        for name in "lost", "duplicated", "overtaking":
            parts.need(getattr(side, name) >= 10, "%s: %d of %d frames" % (name, getattr(side, name), side.frames))
        said.append("%d frames, %d lost, %d twice, %d overtook" % (side.frames, side.lost, side.duplicated, side.overtaking))
    return "; ".join(said)


def main():
    if not netns.enter("LLNET_NETWORK"):
        print("1..0 # SKIP no network namespace may be made")
        return 0
    for tool in "ip", "nsenter", "curl":
        if not shutil.which(tool):
            print("1..0 # SKIP no %s here" % tool)
            return 0
    netns.loopback_up()
    directory = tempfile.mkdtemp(prefix="network")
    network = Network(sys.argv[1], sys.argv[2], sys.argv[3], directory)
    try:
        if not network.made:
            print("1..0 # SKIP no TAP may be made")
            return 0
        print("# NETWORK_SEED=%d" % seed)
        results, end = Results(), time.monotonic() + seconds
        while True:
            for part in parts.PARTS:
                results.check(part.__doc__.rstrip("."), lambda: part(network))
            if time.monotonic() >= end or results.failed:
                break
        results.check("the network was as bad as it should be", lambda: it_was_hostile(network))
        print("1..%d" % results.count)
        return 1 if results.failed else 0
    finally:
        network.close()
        shutil.rmtree(directory)


sys.exit(main())
