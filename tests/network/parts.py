# SPDX-License-Identifier: MIT
# parts.py: what must hold of the examples over a bad network, part by part: each raises where it doesn't.
import concurrent.futures
import filecmp
import hashlib
import os
import random
import re
import select
import socket
import subprocess
import time

LIMIT = 90          # seconds for anything that a client does


def need(good, what):
    if not good:
        raise AssertionError(what)


def client(command):
    """What a client prints; it must succeed."""
    done = subprocess.run(["timeout", "-k", "5", str(LIMIT)] + command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    said = done.stdout[-500:], done.stderr[-500:]
    need(done.returncode == 0, "%s: status %d: %s %s" % ((command, done.returncode) + said))
    return done.stdout


def loaded(network, url, *options):
    """The example client, which must get all that it asks for."""
    said = client(network.example("http_client") + list(options) + [url]).decode()
    wanted = options[options.index("-n") + 1]
    need("%s succeeded, 0 failed, 0 errored" % wanted in said, said)
    return said.splitlines()[0]


def same_time(*calls):
    with concurrent.futures.ThreadPoolExecutor(len(calls)) as pool:
        runs = [pool.submit(*call) for call in calls]
        return "; ".join(str(run.result()) for run in runs)


def file_of(network, size):
    path = "%s/served/%d" % (network.directory, size)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    if not os.path.exists(path):
        with open(path, "wb") as f:
            f.write(random.Random(size).randbytes(size))
    return path


# ---- transfers -----------------------------------------------------------------------------

def fetch_files(network):
    sizes = (0, 1, 1447, 65537, 4000000)
    paths = [file_of(network, size) for size in sizes]
    server = network.serve(network.example("file_server") + ["--listen", network.server + ":0", "--seconds", str(LIMIT),
                                                             "--count", str(len(sizes)), os.path.dirname(paths[0])])
    for size, path in zip(sizes, paths):
        got = client(["curl", "-sSf", server.address + os.path.basename(path)])
        with open(path, "rb") as f:
            need(hashlib.sha256(got).digest() == hashlib.sha256(f.read()).digest(), "%d of %d bytes came" % (len(got), size))
    need(server.stdout.read() == "%d served, 0 failed\n" % len(sizes), "the server counts what it served")
    network.stop(server)
    return "%d bytes in %d files" % (sum(sizes), len(sizes))


def get_filler(network, url):
    size = 4000003
    got = client(["curl", "-sSf", url + "big?bytes=%d" % size])
    need(got == (b"0123456789abcdef" * (size // 16 + 1))[:size], "%d of %d bytes came" % (len(got), size))
    return "%d bytes" % size


def post(network, url):
    size = 1000001
    said = client(["curl", "-sSf", "--data-binary", "@" + file_of(network, size), url + "body"])
    need(said == b"%d bytes came\n" % size, said)
    return "%d bytes up" % size


def echo(network):
    """Up and down again at once."""
    size = 2000009
    server = network.serve([network.builddir + "/examples/c/echo_server", network.server + ":0"])
    back = "%s/echo" % network.directory
    with open(file_of(network, size), "rb") as source, open(back, "wb") as target:
        done = subprocess.run(["timeout", str(LIMIT), network.builddir + "/examples/c/echo_client",
                               "%s:%d" % (network.server, server.port)], stdin=source, stdout=target)
    need(done.returncode == 0, "echo_client: status %d" % done.returncode)
    came = os.path.getsize(back)
    need(filecmp.cmp(file_of(network, size), back, shallow=False), "%d of %d bytes came back" % (came, size))
    network.stop(server)
    return "%d bytes up and down" % size


def transfers(network):
    """What is transferred arrives whole: files, bodies up and down, an echo, many requests."""
    server = network.serve(network.example("http_server") + ["--listen", network.server + ":0", "--stop-on-eof"])
    url = server.address
    said = same_time((fetch_files, network), (get_filler, network, url), (post, network, url), (echo, network),
                     (loaded, network, url + "big?bytes=10000", "-k", "-c", "20", "-n", "200"),
                     (loaded, network, url, "-c", "20", "-n", "100"))
    network.stop(server)
    return said


# ---- datagrams --------------------------------------------------------------------------------

def datagram(number):
    """Its number, and bytes that follow from it; most of one frame, which the relay then counts one to one."""
    source = random.Random(number)
    return b"%08d" % number + source.randbytes(source.choice((0, 1, 100, 500, 1000, 1464)))


def receive_errors(enter):
    """What a full socket has dropped, from the namespace's /proc/net/snmp."""
    text = subprocess.run(enter + ["cat", "/proc/self/net/snmp"], check=True, stdout=subprocess.PIPE, text=True).stdout
    names, numbers = [line.split()[1:] for line in text.splitlines() if line.startswith("Udp: ")]
    return int(dict(zip(names, numbers))["RcvbufErrors"])


class Datagrams:
    COUNT = 1500
    PACE = 0.001         # seconds between two

    def __init__(self, network):
        self.network, self.received, self.numbers = network, 0, set()
        self.before = network.counts()
        self.dropped_before = self.dropped()

    def dropped(self):
        return receive_errors([]), receive_errors(self.network.other.enter)

    def receive(self, s, wait):
        while select.select([s], [], [], wait)[0]:
            data, peer = s.recvfrom(65536)
            number = int(data[:8])
            need(peer[0] == self.network.server and number < self.COUNT, "not asked for: %r from %s" % (data[:20], peer))
            need(data == datagram(number), "datagram %d came back changed" % number)
            self.received += 1
            self.numbers.add(number)

    def expected(self):
        """By the relay's counts: what must have reached the server, what it must have sent, what we must have got."""
        now = self.network.counts()
        there, back = [{name: getattr(now[side], name) - getattr(self.before[side], name) for name in vars(now[side])}
                       for side in (0, 1)]
        ours, theirs = [after - before for after, before in zip(self.dropped(), self.dropped_before)]
        at_server = there["udp"] - there["udp_lost"] + there["udp_duplicated"] - theirs
        return there, back, at_server, back["udp"] - back["udp_lost"] + back["udp_duplicated"] - ours


def datagrams(network):
    """Of the datagrams that are echoed in batches each arrives as it was, or is among the lost."""
    server = network.serve(network.example("udp_echo_batch") + [network.server + ":0"])
    run = Datagrams(network)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        for number in range(run.COUNT):
            s.sendto(datagram(number), (network.server, server.port))
            run.receive(s, run.PACE)
        end = time.monotonic() + 20
        while time.monotonic() < end:
            run.receive(s, 0.05)
            there, back, at_server, at_client = run.expected()
            if (there["udp"], back["udp"], run.received) == (run.COUNT, at_server, at_client):
                break
    network.stop(server)
    need(there["udp"] == run.COUNT, "%d datagrams left of %d" % (there["udp"], run.COUNT))
    # what a machine too busy made the relay drop: nothing as a rule
    slack = there["overflowed"] + back["overflowed"]
    need(abs(back["udp"] - at_server) <= slack, "%d reached the server, which sent %d" % (at_server, back["udp"]))
    need(abs(run.received - at_client) <= slack, "%d of %d came" % (run.received, at_client))
    missing = run.COUNT - len(run.numbers)
    need(missing <= there["udp_lost"] + back["udp_lost"] + sum(run.dropped()) - sum(run.dropped_before) + slack,
         "%d are missing" % missing)
    twice = run.received - len(run.numbers)
    return "%d sent, %d came back, %d of them twice, %d lost" % (run.COUNT, run.received, twice, missing)


# ---- those who hold a server up -------------------------------------------------------------------

def connections(network, port, count, address):
    """Begun, not waited for."""
    made = []
    for _ in range(count):
        s = socket.socket()
        s.setblocking(False)
        s.bind((address, 0))
        s.connect_ex((network.server, port))
        made.append(s)
    return made


def established(sockets):
    """Those that are by now: a peer's name tells."""
    count = 0
    for s in sockets:
        try:
            s.getpeername()
            count += 1
        except OSError:
            pass
    return count


def wait_until(condition, what):
    end = time.monotonic() + LIMIT
    while not condition():
        need(time.monotonic() < end, what)
        time.sleep(0.05)


def http_server(network, idle):
    return network.serve(network.example("http_server") + ["--listen", network.server + ":0", "--stop-on-eof",
                                                           "--idle", idle])


def dribble(sockets, stop):
    """A byte now and then, on each of them."""
    source = random.Random(1)
    sent = 0
    while not stop.done():
        for s in source.sample(sockets, len(sockets) // 10):
            try:
                sent += s.send(b"x")
            except OSError:
                pass
        time.sleep(0.05)
    return sent


def slow_clients(network):
    """Hundreds that send a byte now and then do not starve others."""
    server = http_server(network, "3600")
    slow = connections(network, server.port, 400, network.client)
    wait_until(lambda: established(slow) == len(slow), "%d are connected" % established(slow))
    for s in slow:
        s.send(b"GET / HTTP/1.1\r\nX: ")
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        fast = pool.submit(loaded, network, server.address, "-k", "-c", "5", "-n", "300")
        sent = dribble(slow, fast)
        said = fast.result()
    need(sent >= len(slow) / 4, "they sent %d bytes alone" % sent)
    # all are still there, and are answered once they are done
    for s in slow:
        s.setblocking(True)
        s.settimeout(LIMIT)
        s.sendall(b"\r\nHost: x\r\nConnection: close\r\n\r\n")
    for s in slow:
        need(s.recv(12, socket.MSG_WAITALL) == b"HTTP/1.1 200", "a slow one is answered")
        s.close()
    network.stop(server)
    return "%d slow ones sent %d bytes; %s" % (len(slow), sent, said)


def half_open(network, port):
    """How many the server has: their SYN came, the last ACK did not."""
    text = network.run(network.other.enter + ["ss", "-Htan", "state", "syn-recv"])
    return len(re.findall(r":%d\s" % port, text))


def floods(network):
    """A flood of half-open connections and of idle ones leaves the server answering."""
    server = http_server(network, "3600")
    idle = connections(network, server.port, 600, network.client)
    wait_until(lambda: established(idle) == len(idle), "%d are connected" % established(idle))
    flood = connections(network, server.port, 400, network.mute)
    wait_until(lambda: half_open(network, server.port) >= len(flood) // 2, "too few are half open")
    before = half_open(network, server.port)
    said = same_time((loaded, network, server.address, "-c", "10", "-n", "100"),
                     (loaded, network, server.address, "-k", "-c", "5", "-n", "300"))
    need(established(flood) == 0 and half_open(network, server.port) > 0, "they did not stay half open")
    for s in idle[:20]: # as good as new
        s.setblocking(True)
        s.settimeout(LIMIT)
        s.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        need(s.recv(12, socket.MSG_WAITALL) == b"HTTP/1.1 200", "an idle one is answered")
    for s in idle + flood:
        s.close()
    network.stop(server)
    return "%d idle, %d half open; %s" % (len(idle), before, said)


PARTS = (transfers, datagrams, slow_clients, floods)
