# SPDX-License-Identifier: MIT
# examples_faults.py: the example servers while strace(1) lets their system calls fail, with clients that check every
# byte of every answer. A case in which nothing was injected fails. Part of examples_faults.test:
#     examples_faults.py RUN-IN-PLACE LUA EXAMPLES
# Prints "ok - name" and "not ok - name" lines; every wait is bounded.
import concurrent.futures
import itertools
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import traceback

run_in_place, lua, examples = sys.argv[1:]
TIMEOUT = 30
CLIENTS = 12
signal.alarm(600)
directory = tempfile.mkdtemp()
ACCEPT = ("EINTR", "ECONNABORTED", "EMFILE", "ENFILE", "ENOBUFS", "ENOMEM", "EAGAIN")
FULL = ("EMFILE", "ENFILE", "ENOBUFS", "ENOMEM")


class Server:
    """An example under strace; inject is what strace's option takes, such as accept4:error=EMFILE:when=2."""

    numbers = itertools.count()

    def __init__(self, example, arguments, inject):
        self.log = os.path.join(directory, "log%d" % next(self.numbers))
        calls = "trace=accept4,epoll_wait,epoll_pwait2,epoll_ctl,poll,ppoll,recvfrom,sendto,sendfile,recvmsg,sendmsg,close"
        if example == "echo_server":
            command = [run_in_place, os.path.join(os.path.dirname(run_in_place), "examples/c/echo_server")]
        else:
            command = [run_in_place, lua, os.path.join(examples, example + ".lua")]
        self.process = subprocess.Popen(
            ["strace", "-f", "-qq", "-o", self.log, "-e", calls] + [w for i in inject for w in ("-e", "inject=" + i)]
            + command + arguments,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True)
        self.port = None

    def ready(self):
        line = self.process.stdout.readline()
        assert "listening on" in line, "it said %r, %r" % (line, self.process.stderr.read() if not line else "")
        self.port = int(re.search(r":(\d+)/?$", line.strip()).group(1))
        return self

    def stop(self):
        """Ends it; what it printed."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        said = self.process.communicate(timeout=TIMEOUT)
        return said[0] + said[1]

    def lines(self, pattern=""):
        with open(self.log, encoding="latin-1") as file:
            return [line for line in file if re.search(pattern, line)]

    def injected(self):
        return len(self.lines("INJECTED"))


def connect(server):
    s = socket.create_connection(("127.0.0.1", server.port), TIMEOUT)
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return s


def read(s, size):
    data = b""
    while len(data) < size:
        more = s.recv(size - len(data))
        if not more:
            raise ConnectionError("the end after %d bytes" % len(data))
        data += more
    return data


# ---- what each server must answer ------------------------------------------------------------

def ask_http(s, number):
    body = b"%d" % number * 100
    s.sendall(b"PUT /body HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
    answer = b""
    while b"\r\n\r\n" not in answer:
        answer += read(s, 1)
    assert answer.startswith(b"HTTP/1.1 200 "), answer
    length = int(re.search(rb"Content-Length: (\d+)", answer).group(1))
    expected = b"%d bytes came\n" % len(body)
    got = read(s, length)
    assert got == expected, (got, expected)


def ask_echo(s, number):
    request = (b"%08d" % number) * 8
    s.sendall(request)
    got = read(s, len(request))
    assert got == request, (got, request)


def ask_file(s, number):
    name = "file%d" % (number % 3)
    with open(os.path.join(directory, "files", name), "rb") as file:
        expected = file.read()
    s.sendall(b"GET /%s HTTP/1.0\r\n\r\n" % name.encode())
    answer = b""
    while True:
        more = s.recv(65536)
        if not more:
            break
        answer += more
    head, _, body = answer.partition(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.0 200 ") or body != expected:
        raise ConnectionError("%d bytes of %d" % (len(body), len(expected)))


def ask_worker(s, number):
    greeting = b""
    while not greeting.endswith(b"\n"):
        greeting += read(s, 1)
    expected = b" serves 127.0.0.1:%d\n" % s.getsockname()[1]
    assert greeting.endswith(expected), greeting
    ask_echo(s, number)


SERVERS = {  # arguments, what a client does, how often on one connection
    "http_server": (["--port", "0"], ask_http, 3),
    "req_resp_server": (["tcp:127.0.0.1:0"], ask_echo, 3),
    "echo_server": (["127.0.0.1:0"], ask_echo, 3),
    "send_descriptor": (["127.0.0.1:0"], ask_worker, 1),
    "file_server": (["--listen", "127.0.0.1:0", os.path.join(directory, "files")], ask_file, 1),
}


def load(server, ask, rounds, may_lose):
    """All clients at once; how many lost their connection."""
    sockets, lost = [connect(server) for _ in range(CLIENTS)], 0
    for number, s in enumerate(sockets):
        with s:
            try:
                for i in range(rounds):
                    ask(s, number * rounds + i)
            except ConnectionError:
                lost += 1
                assert may_lose, "a connection was lost"
    return lost


def survives(example, inject, may_lose=False):
    arguments, ask, rounds = SERVERS[example]
    server = Server(example, arguments, [inject])
    try:
        server.ready()
        lost = load(server, ask, rounds, may_lose)
        assert server.injected() > 0, "nothing was injected"
        assert lost <= server.injected(), "%d connections were lost by %d faults" % (lost, server.injected())
        if may_lose:  # the others are served
            assert lost < CLIENTS, "nobody was served"
        assert server.process.poll() is None, "it ended"
    finally:
        said = server.stop()
    assert "traceback" not in said, said


# ---- a full descriptor table -------------------------------------------------------------------

def does_not_spin(example, error):
    """While nobody can be accepted and somebody waits, those who are connected are served, and accept4 is not
    called again and again: a loop that did would call it at each turn."""
    arguments, ask, _ = SERVERS[example]
    server = Server(example, arguments, ["accept4:error=%s:when=3+" % error])
    turns = 100
    try:
        server.ready()
        with connect(server) as a:
            ask(a, 0)
            with connect(server) as b, connect(server) as c:
                c.settimeout(0)
                for i in range(turns):
                    ask(a, i)
                try:
                    c.recv(1)
                except BlockingIOError:
                    pass
                del b
        calls = len(server.lines(r"accept4\("))
        assert server.injected() > 0, "nothing was injected"
        # some for the first connections, and one in a second at most
        assert calls < turns / 2, "%d calls of accept4 in %d turns" % (calls, turns)
        assert server.process.poll() is None, "it ended"
    finally:
        server.stop()


def waits_between_tries(example):
    """Where there is nothing else to do, it waits for a while."""
    arguments, ask, _ = SERVERS[example]
    server = Server(example, arguments, ["accept4:error=EMFILE:when=1..2"])
    try:
        server.ready()
        with connect(server) as s:
            ask(s, 0)
        log = server.lines(r"accept4\(|poll\(|poll resumed|epoll_p?wait2?( resumed|\()")
        places = [i for i, line in enumerate(log) if "INJECTED" in line]
        assert len(places) == 2, places
        between = log[places[0] + 1:places[1]]
        assert any(re.search(r"poll.*\) += 0\b", line) for line in between), "it did not wait: %s" % between
    finally:
        server.stop()


# ---- tcp_server: it counts ---------------------------------------------------------------------

def counts_all(inject):
    server = Server("tcp_server", ["127.0.0.1:0"], [inject])
    block, total = bytes(10000), 0
    try:
        server.ready()
        for _ in range(CLIENTS):
            with connect(server) as s:
                s.sendall(block)
                total += len(block)
        expected = "%.1f MB in all" % (total / 1e6)
        said = ""
        while expected not in said:
            said = server.process.stdout.readline()
            assert said, server.process.stderr.read()
        assert "%d connections (0 open, 0 errors)" % CLIENTS in said or re.search(r"\(\d+ open, 0 errors\)", said), said
        assert server.injected() > 0, "nothing was injected"
    finally:
        server.stop()


# ---- coroutines: server and clients in one process ------------------------------------------------

def answers_all(inject):
    server = Server("coroutines", ["-c", "20", "-n", "3"], [inject])
    try:
        said = "".join(server.process.communicate(timeout=TIMEOUT))
        assert said.startswith("20 connections, 60 messages answered, "), said
        assert server.process.returncode == 0, server.process.returncode
        assert server.injected() > 0, "nothing was injected"
    finally:
        server.stop()


def coroutines_do_not_spin(error):
    """Five times in a row no descriptor is free: a loop that watches the listener meanwhile would arm it again."""
    server = Server("coroutines", ["-c", "20", "-n", "3"], ["accept4:error=%s:when=3..7" % error])
    try:
        said = "".join(server.process.communicate(timeout=TIMEOUT))
        assert said.startswith("20 connections, 60 messages answered, "), said
        log = server.lines(r"(accept4|epoll_ctl)\(")
        places = [i for i, line in enumerate(log) if "INJECTED" in line]
        assert len(places) == 5, places
        listener = re.search(r"accept4\((\d+)", log[places[0]]).group(1)
        armed = [line for line in log[places[0]:places[-1]] if re.search(r"epoll_ctl\(.*, %s," % listener, line)]
        assert not armed, armed
    finally:
        server.stop()


# ---- the cases -------------------------------------------------------------------------------------

def cases():
    for example in SERVERS:
        blocking = example in ("file_server", "send_descriptor")
        for error in ACCEPT if not blocking else ACCEPT[:-1]:
            yield ("%s: %s from accept4" % (example, error), survives, example, "accept4:error=%s:when=2..3" % error)
        if example == "send_descriptor":  # its workers' calls are not its own
            continue
        for call in ("recvfrom", "sendto"):
            for error in ("EINTR", "EAGAIN") if not blocking else ("EAGAIN",):
                yield ("%s: %s from %s" % (example, error, call), survives, example,
                       "%s:error=%s:when=2+5" % (call, error))
            for error in ("ECONNRESET", "EPIPE") if call == "sendto" else ("ECONNRESET",):
                yield ("%s: %s from %s" % (example, error, call), survives, example,
                       "%s:error=%s:when=2+9" % (call, error), True)
        if not blocking:
            yield ("%s: EINTR from epoll_wait" % example, survives, example, "epoll_wait:error=EINTR:when=2+3")
            yield ("%s: ENOSPC from epoll_ctl" % example, survives, example, "epoll_ctl:error=ENOSPC:when=5..6", True)
    yield ("file_server: EAGAIN from sendfile", survives, "file_server", "sendfile:error=EAGAIN:when=1+2")
    yield ("file_server: EINTR from sendfile", survives, "file_server", "sendfile:error=EINTR:when=1+2")
    yield ("file_server: ECONNRESET from sendfile", survives, "file_server", "sendfile:error=ECONNRESET:when=2+3", True)
    for error in FULL:
        for example in ("http_server", "req_resp_server", "echo_server"):
            yield ("%s: without a free descriptor (%s) it does not spin" % (example, error), does_not_spin, example,
                   error)
    for example in SERVERS:
        yield ("%s: without a free descriptor it waits between two tries" % example, waits_between_tries, example)
    for error in ACCEPT:
        yield ("tcp_server: %s from accept4" % error, counts_all, "accept4:error=%s:when=2" % error)
    for error in ("EINTR", "EAGAIN"):
        yield ("tcp_server: %s from recvfrom" % error, counts_all, "recvfrom:error=%s:when=2+3" % error)
    yield ("tcp_server: EINTR from epoll_wait", counts_all, "epoll_wait:error=EINTR:when=2+3")
    for error in ACCEPT:
        yield ("coroutines: %s from accept4" % error, answers_all, "accept4:error=%s:when=2+4" % error)
    for call in ("recvfrom", "sendto"):
        for error in ("EINTR", "EAGAIN"):
            yield ("coroutines: %s from %s" % (error, call), answers_all, "%s:error=%s:when=2+7" % (call, error))
    yield ("coroutines: EINTR from epoll_wait", answers_all, "epoll_wait:error=EINTR:when=2+3")
    yield ("coroutines: without a free descriptor it does not spin", coroutines_do_not_spin, "EMFILE")


def run(case):
    name, function, *arguments = case
    try:
        function(*arguments)
        return "ok - " + name
    except Exception:
        return "not ok - " + name + "\n# " + traceback.format_exc().replace("\n", "\n# ")


def main():
    os.mkdir(os.path.join(directory, "files"))
    for i in range(3):
        with open(os.path.join(directory, "files", "file%d" % i), "wb") as file:
            file.write(bytes(range(256)) * (4 ** i))
    wanted = [case for case in cases() if re.search(os.environ.get("FAULT_CASES", ""), case[0])]
    # most of them wait for a second to pass
    with concurrent.futures.ThreadPoolExecutor(4) as workers:
        for line in workers.map(run, wanted):
            print(line, flush=True)


try:
    main()
finally:
    shutil.rmtree(directory)
