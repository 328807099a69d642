# SPDX-License-Identifier: MIT
# examples_sockets.py: what must hold of the Lua examples that use more of sockets than HTTP does, as Python's
# socket module, ip(8) and /proc see it. Part of examples.test, which starts the servers:
#     examples_sockets.py PART PORT PID ARGUMENT...
# Prints "ok - name" and "not ok - name" lines; every wait is bounded.
import fcntl
import http.client
import json
import os
import pty
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import termios
import threading
import time
import traceback

part, port, pid, arguments = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4:]
TIMEOUT = 30


def equal(got, expected):
    assert got == expected, "got %.300r, expected %.300r" % (got, expected)


def until(condition, what):
    """For what another process does, and nothing tells when."""
    end = time.monotonic() + TIMEOUT
    while not condition():
        assert time.monotonic() < end, what
        os.sched_yield()


def connect():
    s = socket.create_connection(("127.0.0.1", port), TIMEOUT)
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return s


def descriptors(process):
    try:
        return [os.readlink("/proc/%d/fd/%s" % (process, fd)) for fd in os.listdir("/proc/%d/fd" % process)]
    except OSError:  # gone, or somebody else's
        return []


# ---- send_descriptor ------------------------------------------------------------------

def read(s, size):
    data = b""
    while len(data) < size:
        more = s.recv(size - len(data))
        assert more, data
        data += more
    return data


def worker_of(s):
    """Who serves this connection, by its greeting."""
    end = b" serves 127.0.0.1:%d\n" % s.getsockname()[1]
    greeting = read(s, len(b"worker 1") + len(end))
    equal(greeting[8:], end)
    s.sendall(b"hello")
    equal(read(s, 5), b"hello")
    return greeting[:8]


def holders(s):
    """The processes that have the server's side of this connection."""
    wanted = "0100007F:%04X 0100007F:%04X" % (port, s.getsockname()[1])
    with open("/proc/net/tcp") as table:
        rows = [line.split() for line in table]
    target = "socket:[%s]" % [row[9] for row in rows if "%s %s" % (row[1], row[2]) == wanted][0]
    return [int(name) for name in os.listdir("/proc") if name.isdigit() and target in descriptors(int(name))]


def a_worker_has_the_connection_and_the_parent_has_not():
    with connect() as s:
        worker_of(s)
        until(lambda: len(holders(s)) == 1 and holders(s) != [pid], "holders: %s" % holders(s))
        with open("/proc/%d/cmdline" % holders(s)[0], "rb") as file:
            assert b"--worker" in file.read().split(b"\0")


def two_connections_at_once_are_served_by_two_workers():
    with connect() as a, connect() as b:
        equal({worker_of(a), worker_of(b)}, {b"worker 1", b"worker 2"})


def sockets(process):
    return sum(target.startswith("socket:") for target in descriptors(process))


def no_process_keeps_a_descriptor_of_what_is_over():
    workers = [int(child) for child in open("/proc/%d/task/%d/children" % (pid, pid)).read().split()]
    equal(len(workers), 2)
    for _ in range(50):
        with connect() as s:
            worker_of(s)
    # the parent has the listening socket and an end of each pair, a worker the other end
    until(lambda: (sockets(pid), sockets(workers[0]), sockets(workers[1])) == (3, 1, 1), "descriptors are left open")
    with connect() as s:  # the last one, by --count
        worker_of(s)


# ---- udp_echo_batch -------------------------------------------------------------------

def udp(family=socket.AF_INET):
    s = socket.socket(family, socket.SOCK_DGRAM)
    s.settimeout(TIMEOUT)
    return s


def stopped():
    with open("/proc/%d/stat" % pid) as file:
        return file.read().rsplit(") ", 1)[1][0] == "T"


def datagrams_that_wait_take_one_call_each_way():
    with udp() as s:
        os.kill(pid, signal.SIGSTOP)
        try:
            until(stopped, "it does not stop")
            for i in range(64):
                s.sendto(b"%d" % i, ("127.0.0.1", port))
        finally:
            os.kill(pid, signal.SIGCONT)
        equal([s.recv(100) for i in range(64)], [b"%d" % i for i in range(64)])


def answers_come_from_the_address_that_was_asked():
    for address in "127.0.0.1", "127.0.0.2", "127.3.2.1":
        with udp() as s:
            s.sendto(b"who?", (address, port))
            equal(s.recvfrom(100), (b"who?", (address, port)))


def datagrams_of_all_sizes_come_back():
    with udp() as s:
        for size in 0, 1, 1200, 1500, 65507:
            data = os.urandom(size)
            s.sendto(data, ("127.0.0.1", port))
            equal(s.recv(65536), data)


def many_clients_get_their_own():
    clients = [udp() for i in range(20)]
    for turn in range(10):
        for i, s in enumerate(clients):
            s.sendto(b"%d %d" % (turn, i), ("127.0.0.1", port))
        for i, s in enumerate(clients):
            equal(s.recv(100), b"%d %d" % (turn, i))
    for s in clients:
        s.close()


def ipv6_and_ipv4_clients_of_one_socket_are_answered():
    with udp(socket.AF_INET6) as s:
        s.sendto(b"six", ("::1", port))
        equal(s.recvfrom(100)[1][:2], ("::1", port))
    with udp() as s:
        s.sendto(b"four", ("127.0.0.2", port))
        equal(s.recvfrom(100), (b"four", ("127.0.0.2", port)))


# ---- file_server: arguments: its directory, and the command that starts one without --listen --------

def talk(request):
    with connect() as s:
        s.sendall(request)
        data = b""
        while True:
            more = s.recv(65536)
            if not more:
                return data
            data += more


def get(path, method="GET"):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT)
    connection.request(method, path)
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, int(answer.headers["Content-Length"]), body


def write(name, data):
    with open(os.path.join(arguments[0], name), "wb") as file:
        file.write(data)
    return data


def files_come_as_they_are():
    for name, size in ("empty", 0), ("small", 1), ("large file", 5000000):
        data = write(name, os.urandom(size))
        equal(get("/" + name.replace(" ", "%20")), (200, size, data))
        equal(get("/" + name.replace(" ", "%20") + "?query", "HEAD"), (200, size, b""))


def what_is_no_file_here_is_refused():
    write("small", b"x")
    for path, status in (("/none", 404), ("/", 404), ("/../secret", 403), ("/%2e%2e/secret", 403), ("/small%00", 403),
                         ("/..", 403), ("/small/../small", 403), ("small", 400)):
        data = talk(b"GET " + path.encode() + b" HTTP/1.0\r\n\r\n")
        assert data.startswith(b"HTTP/1.0 %d " % status), (path, data)
    equal(get("/small", "POST")[0], 501)
    assert talk(b"nonsense\r\n\r\n").startswith(b"HTTP/1.0 400 ")
    # without a blank line; too long
    equal(talk(b"x" * 8192), b"")


def a_client_that_reads_nothing_is_left_at_its_deadline():
    data = write("large file", os.urandom(8000000))  # more than the kernel takes for who does not read
    with socket.socket() as s:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        s.connect(("127.0.0.1", port))
        s.sendall(b"GET /large%20file HTTP/1.0\r\n\r\n")
        equal(get("/large%20file"), (200, len(data), data))


def a_listening_socket_is_inherited():
    global port
    write("small", b"inherited")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        start = 'eval "exec 3<&$1"; shift; LISTEN_FDS=1 LISTEN_PID=$$ exec "$@"'
        process = subprocess.Popen(["sh", "-c", start, "sh", str(listener.fileno())] + arguments[1:] +
                                   ["--count", "1", arguments[0]], pass_fds=(listener.fileno(),), stdout=subprocess.PIPE)
        equal(process.stdout.readline(), b"listening on http://127.0.0.1:%d/\n" % port)
    equal(get("/small"), (200, 9, b"inherited"))
    equal(process.stdout.read(), b"1 served, 0 failed\n")
    equal(process.wait(TIMEOUT), 0)


# ---- interfaces: arguments: the command --------------------------------------------------

# ip(8) shows some of the others differently, or not at all
FLAGS = {"UP", "BROADCAST", "LOOPBACK", "POINTOPOINT", "NOARP", "PROMISC", "ALLMULTI", "MULTICAST"}


def run(*command):
    return subprocess.run(command, stdout=subprocess.PIPE, check=True, timeout=TIMEOUT).stdout.decode()


def shown():
    """What the example prints: of each interface index, flags, MTU, hardware address and addresses."""
    interfaces = {}
    for line in run(*arguments).splitlines():
        words = line.split()
        if not line.startswith(" "):
            addresses = []
            flags = FLAGS & set(words[2].strip("<>").split(","))
            interfaces[words[1].rstrip(":")] = [int(words[0].rstrip(":")), flags, int(words[4]), None, addresses]
            last = interfaces[words[1].rstrip(":")]
        elif words[0] == "link":
            last[3] = words[1]
        elif words[0] in ("inet", "inet6"):
            rest = dict(zip(words[2::2], words[3::2]))
            addresses.append((words[1], rest.get("broadcast"), rest.get("peer")))
    return interfaces


def expected():
    """The same from ip addr."""
    interfaces = {}
    for row in json.loads(run("ip", "-j", "addr")):
        addresses = []
        for address in row["addr_info"]:
            scope = "%" + row["ifname"] if address["local"].startswith("fe80:") else ""
            peer = address.get("address")
            addresses.append(("%s%s/%d" % (address["local"], scope, address["prefixlen"]), address.get("broadcast"), peer))
        interfaces[row["ifname"]] = [row["ifindex"], FLAGS & set(row["flags"]), row["mtu"], row.get("address"), addresses]
    return interfaces


def it_prints_what_ip_addr_does():
    got, wanted = shown(), expected()
    equal(sorted(got), sorted(wanted))
    for name, row in wanted.items():
        for a, b in zip(got[name], row):
            equal((name, a), (name, b))


def broadcast_and_peer_are_what_ip_addr_shows():
    """In a network namespace of its own, which this script then runs in once more."""
    setup = "ip addr add 10.1.1.1/24 brd + dev lo && ip addr add 10.2.2.1 peer 10.2.2.2/32 dev lo && exec "
    if subprocess.run(["unshare", "-rn", "sh", "-c", setup + "true"], stderr=subprocess.DEVNULL).returncode != 0:
        return "no namespace may be made"
    text = run("unshare", "-rn", "sh", "-c", setup + '"$@"', "sh", sys.executable, __file__, "interfaces_same", "0", "0",
               *arguments)
    equal(text, "ok - interfaces_same: it prints what ip addr does\n")
    text = run("unshare", "-rn", "sh", "-c", setup + '"$@"', "sh", *arguments)
    for line in "inet 10.1.1.1/24 broadcast 10.1.1.255", "inet 10.2.2.1/32 peer 10.2.2.2":
        assert "    %s\n" % line in text, text


def one_interface_can_be_asked_for():
    lines = [line for line in run(*arguments, "lo").splitlines() if not line.startswith(" ")]
    equal([line.split()[:2] for line in lines], [["1:", "lo:"]])


# ---- netcat: arguments: the command ------------------------------------------------------

MEGABYTE = 1 << 20


class Netcat:
    """The example, connected to a socket of ours: self.s."""

    def __init__(self, **options):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            listener.settimeout(TIMEOUT)
            command = arguments + ["localhost", str(listener.getsockname()[1])]
            self.process = subprocess.Popen(command, stderr=subprocess.PIPE, **options)
            self.s = listener.accept()[0]
        self.s.settimeout(TIMEOUT)

    def ends(self, status=0, said=b""):
        problems = self.process.stderr.read()
        equal(self.process.wait(TIMEOUT), status)
        assert problems == said or said and said in problems, problems
        self.s.close()
        self.process.stderr.close()
        for stream in self.process.stdin, self.process.stdout:
            if stream:
                stream.close()


def read_all(s):
    data = b""
    while True:
        more = s.recv(65536)
        if not more:
            return data
        data += more


def beside(function, *given):
    """Runs it in a thread; calling the result waits for it and gives what it returned."""
    results = []
    thread = threading.Thread(target=lambda: results.append(function(*given)), daemon=True)
    thread.start()

    def join():
        thread.join(TIMEOUT)
        assert results, "%s never ended" % function
        return results[0]
    return join


def feed(stream, data):
    stream.write(data)
    stream.close()


def a_megabyte_each_way_through_pipes_and_an_answer_after_the_end():
    there, back = os.urandom(MEGABYTE + 1), os.urandom(MEGABYTE + 2)
    nc = Netcat(stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    waits = [beside(feed, nc.process.stdin, there), beside(nc.s.sendall, back)]
    got = beside(nc.process.stdout.read)
    assert read_all(nc.s) == there  # to its end: half-closed
    for wait in waits:
        wait()
    nc.s.sendall(b"after your end")
    nc.s.close()
    assert got() == back + b"after your end"
    nc.ends()


def the_servers_end_leaves_the_other_direction_open():
    nc = Netcat(stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    nc.s.sendall(b"bye")
    nc.s.shutdown(socket.SHUT_WR)
    equal(nc.process.stdout.read(3), b"bye")
    data = os.urandom(MEGABYTE)
    feed(nc.process.stdin, data)
    assert read_all(nc.s) == data
    nc.ends()


def files_are_always_ready():
    there, back = os.urandom(MEGABYTE + 3), os.urandom(MEGABYTE + 4)
    with tempfile.TemporaryFile() as source, tempfile.TemporaryFile() as target:
        source.write(there)
        source.seek(0)
        nc = Netcat(stdin=source, stdout=target)
        wait = beside(nc.s.sendall, back)
        assert read_all(nc.s) == there
        wait()
        nc.s.close()
        nc.ends()
        target.seek(0)
        assert target.read() == back
    nc = Netcat(stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    equal(read_all(nc.s), b"")
    nc.s.sendall(back)
    nc.s.close()
    nc.ends()


def a_direction_that_stands_still_does_not_hold_the_other():
    """Nobody reads standard output, and the server sends more than all buffers hold."""
    nc = Netcat(stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    back, data = os.urandom(32 * MEGABYTE), os.urandom(MEGABYTE)
    wait = beside(nc.s.sendall, back)
    until(lambda: queued(nc.process.stdout) >= 60000, "standard output never filled")
    feed(nc.process.stdin, data)
    assert read_all(nc.s) == data
    got = beside(nc.process.stdout.read)
    wait()
    nc.s.close()
    assert got() == back
    nc.ends()


def queued(stream):
    return struct.unpack("i", fcntl.ioctl(stream, termios.FIONREAD, b"\0" * 4))[0]


def what_others_have_too_stays_blocking():
    """The descriptors are ours as well: netcat leaves their mode alone, and waits without spinning."""
    ends, out = os.pipe(), os.pipe()
    nc = Netcat(stdin=ends[0], stdout=out[1])
    nc.s.sendall(b"one")
    equal(os.read(out[0], 3), b"one")
    for fd in ends[0], out[1]:
        equal(fcntl.fcntl(fd, fcntl.F_GETFL) & os.O_NONBLOCK, 0)
    before = cpu(nc.process.pid)
    time.sleep(0.3)
    assert cpu(nc.process.pid) - before <= 5, "it spins"
    for fd in ends + out[1:]:
        os.close(fd)
    equal(read_all(nc.s), b"")
    before = cpu(nc.process.pid)
    os.close(out[0])  # nobody reads, and nothing is to be written
    time.sleep(0.3)
    assert cpu(nc.process.pid) - before <= 5, "it spins"
    nc.s.close()
    nc.ends()


def cpu(process):
    """Hundredths of a second."""
    with open("/proc/%d/stat" % process) as file:
        words = file.read().rsplit(")", 1)[1].split()
    return int(words[11]) + int(words[12])


def a_terminal_is_read_by_lines_to_its_end():
    try:
        master, slave = pty.openpty()
    except OSError as problem:
        return "no pseudo-terminals here: %s" % problem
    nc = Netcat(stdin=slave, stdout=slave)
    os.close(slave)
    os.write(master, b"typed\n")
    equal(read(nc.s, 6), b"typed\n")
    nc.s.sendall(b"answered\n")
    said = b""
    while b"answered" not in said:
        said += os.read(master, 100)
    os.write(master, b"\4")
    equal(read_all(nc.s), b"")
    nc.s.close()
    nc.ends()
    os.close(master)


def what_nobody_reads_is_an_error_and_no_signal():
    nc = Netcat(stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)  # with SIGPIPE's default
    nc.process.stdout.close()
    nc.process.stdout = None
    nc.s.sendall(b"x")
    nc.ends(1, b"netcat: standard output: Broken pipe (EPIPE)\n")
    # a server that is gone, while standard input is still open
    nc = Netcat(stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
    stdin, nc.process.stdin = nc.process.stdin, None
    nc.s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    nc.s.close()
    nc.ends(1, b"netcat: the server: Connection reset by peer (ECONNRESET)\n")
    stdin.close()


PARTS = {
    "netcat": (
        a_megabyte_each_way_through_pipes_and_an_answer_after_the_end,
        the_servers_end_leaves_the_other_direction_open,
        files_are_always_ready,
        a_direction_that_stands_still_does_not_hold_the_other,
        what_others_have_too_stays_blocking,
        a_terminal_is_read_by_lines_to_its_end,
        what_nobody_reads_is_an_error_and_no_signal,
    ),
    "send_descriptor": (
        a_worker_has_the_connection_and_the_parent_has_not,
        two_connections_at_once_are_served_by_two_workers,
        no_process_keeps_a_descriptor_of_what_is_over,
    ),
    "udp_echo_call": (datagrams_that_wait_take_one_call_each_way,),
    "udp_echo_batch": (
        answers_come_from_the_address_that_was_asked,
        datagrams_of_all_sizes_come_back,
        many_clients_get_their_own,
    ),
    "udp_echo_ipv6": (ipv6_and_ipv4_clients_of_one_socket_are_answered,),
    "file_server": (
        files_come_as_they_are,
        what_is_no_file_here_is_refused,
        a_client_that_reads_nothing_is_left_at_its_deadline,
        a_listening_socket_is_inherited,
    ),
    "interfaces": (
        it_prints_what_ip_addr_does,
        broadcast_and_peer_are_what_ip_addr_shows,
        one_interface_can_be_asked_for,
    ),
    "interfaces_same": (it_prints_what_ip_addr_does,),
}

failed = False
for test in PARTS[part]:
    name = "%s: %s" % (part, test.__name__.replace("_", " "))
    try:
        skipped = test()
        print("ok - " + name + (" # SKIP " + skipped if skipped else ""))
    except Exception:
        failed = True
        print("not ok - " + name)
        print("# " + traceback.format_exc().replace("\n", "\n# "))
    sys.stdout.flush()
sys.exit(failed)
