#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""tune.py: llnet-tune on its command line, and against the kernel in a network namespace of
its own: this program runs itself in one, by unshare(1). TAP on standard output. Environment:
srcdir, builddir, sanitizers."""
import contextlib
import errno
import json
import os
import pty
import re
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

BUILD = os.environ["builddir"]
TOOL = os.path.join(BUILD, "tools", "llnet-tune")
SLOW = os.environ.get("sanitizers", "no") != "no"
BACKLOG = """
local llnet = require "llnet"
local listener = assert(llnet.Socket("inet", "stream"))
assert(listener:bind(llnet.Addr("127.0.0.1", 0)))
assert(listener:listen(5000))
print((listener:get_backlog()))
"""

count = 0


def case(name):
    """Makes a test case of a function; what it raises is why it fails."""
    def decorate(function):
        global count
        count += 1
        why = None
        try:
            skipped = function()
        except Exception as error:  # pylint: disable=broad-except
            why = repr(error)
            if isinstance(error, AssertionError) and error.args:
                why = str(error)
        if why is None:
            print(f"ok {count} - {name}" + (f" # SKIP {skipped}" if skipped else ""), flush=True)
        else:
            print(f"not ok {count} - {name}", flush=True)
            for line in why.splitlines()[:30]:
                print("# " + line)
        return function
    return decorate


def equal(got, expected, *more):
    assert got == expected, "\n".join([f"got {got!r}", f"expected {expected!r}"] + [str(part) for part in more])


def run(*arguments, status=None, answer="", **more):
    """Runs the tool: its output and errors. status: what it must end with."""
    ended = subprocess.run([TOOL, *arguments], input=answer, capture_output=True, text=True, timeout=60, check=False,
                           **more)
    if status is not None:
        equal(ended.returncode, status, arguments, ended.stdout, ended.stderr)
    return ended.stdout, ended.stderr


def read(path):
    with open(path, encoding="ascii") as file:
        return " ".join(file.read().split())


def write(path, value):
    with open(path, "w", encoding="ascii") as file:
        file.write(value)


def judge(*arguments, status=None):
    """The limits by name, from --json."""
    said = json.loads(run("--json", *arguments, status=status)[0])
    return said, {limit["name"]: limit for limit in said["limits"]}


# ---- the command line -----------------------------------------------------------------------


def command_line():
    @case("--help and --version answer on standard output")
    def _():
        said, errors = run("--help", status=0)
        for word in ("usage:", "--role", "--connections", "--rate", "--datagrams", "--json", "--sysctl", "--apply",
                     "--yes", "listeners", "watch", "--count", "Exit status"):
            assert word in said, word
        equal(errors, "")
        assert re.fullmatch(r"llnet-tune \d+\.\d+\.\d+\n", run("--version", status=0)[0])

    @case("wrong usage is told on standard error, and ends with 2")
    def _():
        for arguments, message in [
            (["--nonsense"], "unrecognized option"), (["nonsense"], "'nonsense' is no command"),
            (["listeners", "twice"], "'twice' is no command"), (["--role", "waiter"], "'waiter' is none of"),
            (["--role"], "requires an argument"), (["--connections", "many"], "'many' is not a whole number"),
            (["--connections", "-1"], "'-1' is not a whole number"), (["--rate", "1.5"], "'1.5' is not"),
            (["--rate", ""], "'' is not"), (["--datagrams", "99999999999999999999"], "is not a whole number"),
            (["--connections", "1000000001"], "from 0 to 1000000000"), (["watch", "--count", "0"], "from 1 to"),
            (["--json", "--sysctl"], "exclude each other"), (["--yes"], "--yes is for --apply"),
            (["--count", "1"], "--count is for watch"), (["watch", "--json"], "does not take --json"),
            (["listeners", "--apply"], "does not take --apply"), (["watch", "--rate", "1"], "takes no load"),
            (["--all", "--json"], "--all is for the table"),
        ]:
            said, errors = run(*arguments, status=2)
            equal(said, "", arguments)
            assert message in errors, (arguments, errors)

    @case("the exit status tells whether something falls short")
    def _():
        assert "fall short" in run("--connections", "1000000000", status=1)[0]
        for output in ("--json", "--sysctl"):
            run(output, "--connections", "1000000000", status=1)

    @case("--json has what the kernel's files say")
    def _():
        said, limits = judge("--role", "both", "--connections", "10", "--rate", "5", "--datagrams", "7")
        equal([said[key] for key in ("role", "connections", "rate", "datagrams")], ["both", 10, 5, 7])
        equal(said["shortfalls"], sum(limit["verdict"] == "short" for limit in limits.values()))
        equal(said["ready"], said["shortfalls"] == 0)
        seen = 0
        for limit in limits.values():
            place = limit["place"]
            if not os.path.isfile(place):
                # a limit of the process; or this kernel, or this root without /sys, lacks the file
                equal(limit["now"] is None, place.startswith("/"), limit)
                continue
            value = read(place)
            if limit["name"] == "memory.max" and value.isdigit() and int(value) > 2**63 - 2**16:
                value = "max"  # as the first version of cgroups says it
            if "nf_conntrack_count" not in place:
                equal(limit["now"], value, limit)
            if limit["unit"] != "name":
                equal(limit["numbers"], [2**63 - 1 if number == "max" else int(number)
                                         for number in limit["now"].split()])
            seen += place.startswith("/proc/")
        assert seen >= 10, seen

    @case("--sysctl prints each setting that --json has, with why")
    def _():
        load = ["--role", "both", "--connections", "1000000", "--rate", "100000", "--datagrams", "1000000"]
        said = run("--sysctl", *load, status=1)[0]
        limits = judge(*load, status=1)[1]
        settings = dict(line.split(" = ") for line in said.splitlines() if line and not line.startswith("#"))
        equal(settings, {name: limit["setting"] for name, limit in limits.items() if limit["setting"]})
        for limit in limits.values():
            if limit["verdict"] == "short":
                assert limit["reason"] in said, limit

    @case("no colours but on a terminal without NO_COLOR, and lines of its width")
    def _():
        try:
            close_all(*(os.fdopen(number, "rb") for number in pty.openpty()))
        except OSError:
            return "no pseudo-terminals here"

        def on_terminal(**more):
            leader, follower = pty.openpty()
            # a test that runs below may have set either
            environment = {key: value for key, value in os.environ.items() if key not in ("NO_COLOR", "COLUMNS")}
            environment.update(TERM="xterm", **more)
            with subprocess.Popen([TOOL, "--connections", "1000000"], stdout=follower, env=environment) as process:
                os.close(follower)
                said = b""
                with contextlib.suppress(OSError):  # EIO at its end
                    while part := os.read(leader, 65536):
                        said += part
                process.wait(30)
            os.close(leader)
            return said.decode()

        assert "\033[" not in run("--connections", "1000000", status=1)[0]
        assert "\033[" in on_terminal()
        assert "\033[" not in on_terminal(NO_COLOR="1")
        for columns in (50, 100):
            lines = on_terminal(NO_COLOR="1", COLUMNS=str(columns)).splitlines()
            widths = [len(line) for line in lines if line.startswith(" " * 10) and "LIMIT" not in line]
            assert max(widths) <= columns, (columns, widths)
            assert max(widths) > columns - 25, (columns, widths)
        return None

    @case("output that cannot be written ends with 2")
    def _():
        if not os.path.exists("/dev/full"):
            return "no /dev/full"
        with open("/dev/full", "w", encoding="ascii") as full:
            ended = subprocess.run([TOOL], stdout=full, stderr=subprocess.PIPE, text=True, timeout=60, check=False)
        equal(ended.returncode, 2)
        assert "standard output" in ended.stderr, ended.stderr
        return None

    @case("--apply is root's")
    def _():
        if os.getuid() == 0:
            probe = [TOOL, "--version"]
            try:
                ended = subprocess.run(probe, user=65534, capture_output=True, timeout=60, check=False)
            except PermissionError:
                ended = None
            if ended is None or ended.returncode != 0:
                return "others may not run it here"
            more = {"user": 65534}
        else:
            more = {}
        said, errors = run("--apply", "--yes", "--connections", "10", "--rate", "1000000", status=2, **more)
        assert "root alone" in errors, (said, errors)
        return None

    @case("a run takes less than 50 ms (the best of 20)")
    def _():
        if SLOW:
            return "sanitizers are slow"
        program = os.path.join(BUILD, "tools", ".libs", "llnet-tune")  # behind libtool's script
        if not os.path.exists(program):
            program = TOOL
        environment = dict(os.environ, LD_LIBRARY_PATH=os.path.join(BUILD, "src", ".libs"))
        best = 9
        for _ in range(20):
            begun = time.monotonic()
            subprocess.run([program], stdout=subprocess.DEVNULL, env=environment, timeout=60, check=False)
            best = min(best, time.monotonic() - begun)
        print(f"# {best * 1000:.1f} ms")
        assert best < 0.05, best
        return None


# ---- in a network namespace -------------------------------------------------------------------


def counters(*names):
    """The kernel's, of this namespace."""
    with open("/proc/self/net/netstat", encoding="ascii") as file:
        lines = [line.split() for line in file if line.startswith("TcpExt:")]
    values = dict(zip(lines[0][1:], lines[1][1:]))
    return [int(values[name]) for name in names]


def lua_backlog():
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as file:
        file.write(BACKLOG)
        file.flush()
        environment = dict(os.environ)
        if SLOW and "address" in os.environ["sanitizers"]:
            libraries = [subprocess.check_output([os.environ.get("CC", "gcc"), f"-print-file-name={name}"], text=True).strip()
                         for name in ("libasan.so", "libubsan.so")]
            environment.update(LD_PRELOAD=" ".join(libraries), ASAN_OPTIONS="detect_leaks=0")
        return int(subprocess.check_output([os.path.join(BUILD, "run-in-place"), os.environ["lua"], file.name], text=True,
                                           timeout=60, env=environment))


def listener(backlog, port=0):
    server = socket.socket()
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.bind(("127.0.0.1", port))
    server.listen(backlog)
    return server


def begin_connecting(address, number):
    clients = []
    for _ in range(number):
        client = socket.socket()
        client.setblocking(False)
        client.connect_ex(address)
        clients.append(client)
    return clients


def close_all(*sockets):
    for one in sockets:
        one.close()


class Watch:
    """llnet-tune watch, which tells each line as it comes."""

    def __init__(self, seconds):
        self.process = subprocess.Popen([TOOL, "watch", "--count", str(seconds)], stdout=subprocess.PIPE, text=True)
        titles = self.process.stdout.readline().split()
        equal(titles, ["overflow/s", "drop/s", "cookie/s", "retrans/s", "rcvbuf/s", "tw-full/s", "TIME-WAIT",
                       "orphans", "ports"])

    def line(self):
        ready, _, _ = select.select([self.process.stdout], [], [], 30)
        assert ready, "watch says nothing"
        return self.process.stdout.readline()

    def end(self, status=0):
        rest = self.process.stdout.read().splitlines()
        self.process.stdout.close()
        equal(self.process.wait(30), status)
        return rest

    def stop(self, number=signal.SIGTERM):
        """Interrupts it while it sleeps: it looks once more, and says what came in all."""
        # libtool's script becomes the program: it has the same process id
        deadline = time.monotonic() + 30
        while read(f"/proc/{self.process.pid}/stat").rpartition(") ")[2][0] != "S":
            assert time.monotonic() < deadline, "watch does not sleep"
            time.sleep(0.01)
        self.process.send_signal(number)
        return self.end()


def in_namespace():
    somaxconn = "/proc/sys/net/core/somaxconn"
    load = ["--connections", "5000", "--rate", "5000"]

    @case("a fresh namespace is ready for little, and what it lacks is absent, not an error")
    def _():
        said, limits = judge("--connections", "10", "--rate", "10", status=0)
        equal(said["ready"], True)
        for name in ("net.ipv4.tcp_mem", "net.core.netdev_max_backlog", "net.ipv4.tcp_tw_recycle"):
            if not os.path.exists("/proc/sys/" + name.replace(".", "/")):
                equal([limits[name]["verdict"], limits[name]["now"]], ["absent", None])
        assert "ready for it" in run("--connections", "10", "--rate", "10", status=0)[0]
        assert re.search(r"absent +net\.ipv4\.tcp_tw_recycle", run("--connections", "1", "--rate", "1", "--all")[0])

    @case("a listen of 5000 is 128 where somaxconn is, says the library, and falls short, says the program")
    def _():
        write(somaxconn, "128")
        if os.environ.get("lua"):
            equal(lua_backlog(), 128)
        limits = judge(*load, status=1)[1]
        limit = limits["net.core.somaxconn"]
        equal([limit["verdict"], limit["now"], limit["wanted"], limit["setting"]], ["short", "128", "5000", "5000"])
        assert re.search(r"SHORT +net\.core\.somaxconn +128 +5000", run(*load, status=1)[0])

    @case("--apply asks first, and changes nothing without a yes")
    def _():
        for answer in ("", "n\n", "\n", "no\n"):
            said = run("--apply", *load, status=1, answer=answer)[0]
            assert "net.core.somaxconn: 128 -> 5000" in said and "Nothing was changed." in said, said
            equal(read(somaxconn), "128")

    @case("--apply sets what falls short, shows before and after, and a new listener gets what it asks")
    def _():
        sysctls = {limit["place"]: limit["now"] for limit in judge(*load)[1].values() if limit["place"][0] == "/"}
        said = run("--apply", *load, status=None, answer="y\n")[0]
        assert "set net.core.somaxconn: before 128, after 5000" in said, said
        assert "sysctl -w net.core.somaxconn='128'" in said, said
        equal(read(somaxconn), "5000")
        if os.environ.get("lua"):
            equal(lua_backlog(), 5000)
        changed = {place for place, before in sysctls.items()
                   if place.startswith("/proc/sys/net/") and before is not None and "count" not in place
                   and read(place) != before}
        equal(changed, {place for place in changed if f"set {place[10:].replace('/', '.')}: before" in said})
        assert somaxconn in changed and len(changed) <= 3, changed

    @case("--apply changes nothing that is enough")
    def _():
        said = run("--apply", "--yes", *load)[0]
        assert "Nothing is to be set." in said, said
        equal(read(somaxconn), "5000")

    @case("a listener that overflows is marked, and the drops are the kernel's")
    def _():
        server = listener(4)
        name = "%s:%d" % server.getsockname()
        assert re.search(r"^ +0 +4 +0 +" + re.escape(name), run("listeners", status=0)[0], re.MULTILINE)
        before = counters("ListenOverflows", "ListenDrops")
        begun = time.monotonic()
        watch = Watch(100)
        clients = begin_connecting(server.getsockname(), 20)
        while counters("ListenOverflows")[0] < before[0] + 15:
            assert time.monotonic() - begun < 30, counters("ListenOverflows")
            time.sleep(0.01)
        for client in clients:
            if client.connect_ex(server.getsockname()) == errno.EALREADY:
                client.close()  # it would try again each second, in between the looks that are compared
        lines = [watch.line()]
        low = [value - old for value, old in zip(counters("ListenOverflows", "ListenDrops"), before)]
        *more, total = watch.stop()
        seconds = time.monotonic() - begun
        high = [value - old for value, old in zip(counters("ListenOverflows", "ListenDrops"), before)]
        said = run("listeners", status=1)[0]
        marked = [line.split() for line in said.splitlines() if "overflows" in line]
        equal(len(marked), 1, said)
        equal(marked[0][:2] + marked[0][3:5], ["5", "4", "overflows", name], said)
        equal(marked[0][5], f"{read(f'/proc/{os.getpid()}/comm')}/{os.getpid()}", said)
        one = [entry for entry in json.loads(run("listeners", "--json", status=1)[0]) if entry["address"] == name]
        equal([one[0]["queue"], one[0]["limit"], one[0]["overflows"], one[0]["process"]], [5, 4, True, os.getpid()])
        counted = [int(word) for word in total.split()[:2]]
        for number, least, most in zip(counted, low, high):  # the kernel's, before the last look and after it
            assert 15 <= least <= number <= most, (low, counted, high, lines)
        # rates: none is of a longer time than all of it, and each is rounded
        lines += more
        rates = [int(line.split()[0]) for line in lines]
        assert (sum(rates) + len(rates) / 2) * seconds >= counted[0], (seconds, lines)
        # of the listener itself
        dropped = int(marked[0][2])
        now = counters("ListenDrops")[0] - before[1]
        assert high[1] <= dropped <= now, (high, dropped, now)
        close_all(server, *clients)

    @case("a listener that Unix sockets connect to is listed with its queue")
    def _():
        server = socket.socket(socket.AF_UNIX)
        server.bind(f"\0llnet-tune-{os.getpid()}")
        server.listen(7)
        clients = [socket.socket(socket.AF_UNIX) for _ in range(3)]
        for client in clients:
            client.connect(server.getsockname())
        said = run("listeners", status=0)[0]
        line = [line.split() for line in said.splitlines() if f"@llnet-tune-{os.getpid()}" in line]
        equal(line[0][:4], ["3", "7", "-", f"@llnet-tune-{os.getpid()}"], said)
        evil = socket.socket(socket.AF_UNIX)
        evil.bind("\0evil\033[31m\n")
        evil.listen(1)
        said = run("listeners", status=0)[0]
        assert "@evil?[31m?" in said and "\033" not in said, said
        assert any(entry["address"] == "@evil\033[31m\n" for entry in json.loads(run("listeners", "--json")[0]))
        evil.close()
        close_all(server, *clients)

    @case("100 ports are exhausted by the 100th connection to one destination")
    def _():
        write("/proc/sys/net/ipv4/ip_local_port_range", "40000 40099")
        server = listener(1000, 9000)
        watch = Watch(100)
        clients = [socket.create_connection(server.getsockname()) for _ in range(99)]
        lines = []
        while "99/100 to 127.0.0.1:9000" not in "".join(lines):
            lines.append(watch.line())
            assert lines[-1], lines
        assert "exhausted" not in "".join(lines), lines
        clients.append(socket.create_connection(server.getsockname()))
        refused = None
        try:
            clients.append(socket.create_connection(server.getsockname()))
        except OSError as error:
            refused = error.errno
        equal(refused, 99)  # EADDRNOTAVAIL
        while "100/100 to 127.0.0.1:9000 exhausted" not in "".join(lines):
            lines.append(watch.line())
            assert lines[-1], lines
        watch.stop()
        client = ["--role", "client", "--rate", "0", "--connections"]
        equal(judge(*client, "100")[1]["net.ipv4.ip_local_port_range"]["verdict"], "ok")
        limit = judge(*client, "101", status=1)[1]["net.ipv4.ip_local_port_range"]
        equal([limit["verdict"], limit["wanted"]], ["short", "101 ports"])
        close_all(server, *clients)
        write("/proc/sys/net/ipv4/ip_local_port_range", limit["setting"])
        equal(judge(*client, "101")[1]["net.ipv4.ip_local_port_range"]["verdict"], "ok")

    @case("watch counts what a full receive buffer drops, and connections in TIME-WAIT")
    def _():
        receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        receiver.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        receiver.bind(("127.0.0.1", 0))
        sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        server = listener(100)
        watch = Watch(100)
        for _ in range(1000):
            sender.sendto(b"x" * 1000, receiver.getsockname())
        held = 0
        receiver.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            while True:
                receiver.recv(2000)
                held += 1
        for _ in range(10):
            client = socket.create_connection(server.getsockname())
            client.close()
            server.accept()[0].close()
        *_, last, total = watch.stop()
        equal(int(total.split()[4]), 1000 - held, total)
        assert int(last.split()[6]) >= 10, last
        close_all(receiver, sender, server)

    @case("watch ends well when it is interrupted, and by itself after --count lines")
    def _():
        for number in (signal.SIGINT, signal.SIGTERM):
            watch = Watch(100)
            watch.line()
            assert "in all" in watch.stop(number)[-1]
        lines = Watch(2).end()
        equal(["in all" in line for line in lines], [False, False, True], lines)

    @case("what the rule for memory rests on: an idle connection takes no more than 4 KiB of the kernel's")
    def _():
        try:
            with open("/proc/slabinfo", encoding="ascii") as file:
                sizes = {line.split()[0]: int(line.split()[3]) for line in list(file)[2:]}
        except OSError:
            return "no /proc/slabinfo"
        names = ["TCPv6", "sock_inode_cache", "filp", "dentry", "eventpoll_epi"]
        if any(name not in sizes for name in names):
            return "this kernel merges its slabs"
        print("# " + ", ".join(f"{name} {sizes[name]}" for name in names))
        assert sum(sizes[name] for name in names) <= 4096
        return None


def main():
    if sys.argv[1:] == ["--in-namespace"]:
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
        in_namespace()
        print(f"1..{count}")
        return
    command_line()
    enter = ["unshare", "--net", sys.executable, os.path.abspath(__file__), "--in-namespace"]
    able = shutil.which("ip") and shutil.which("unshare") and \
        subprocess.run(["unshare", "--net", "true"], stderr=subprocess.DEVNULL, check=False).returncode == 0
    if not able:
        print(f"ok {count + 1} - in a network namespace # SKIP none can be made here")
        print(f"1..{count + 1}")
        return
    names = (("LUA51", "51"), ("LUA54", "54"), ("LUA53", "53"), ("LUA52", "52"))
    for variable, module in names:
        if os.environ.get(variable) and os.path.exists(os.path.join(BUILD, "swig", "lua" + module, "core.la")):
            os.environ.update(lua=os.environ[variable], LLNET_LUA=module)
            break
    last = count
    ended = subprocess.run(enter, capture_output=True, text=True, timeout=300, check=False)
    for line in ended.stdout.splitlines():
        found = re.match(r"(ok|not ok) (\d+) (.*)", line)
        if found:
            last = count + int(found[2])
            print(f"{found[1]} {last} {found[3]}")
        elif not line.startswith("1.."):
            print(line)
    if ended.returncode != 0 or last == count:
        last += 1
        print(f"not ok {last} - the tests in the namespace ended with {ended.returncode}")
        for line in ended.stderr.splitlines():
            print("# " + line)
    print(f"1..{last}")


main()
