# SPDX-License-Identifier: MIT
# examples_http.py: what must hold of examples/lua/http_server.lua on the wire, byte by byte. Part of
# examples.test, which starts the server:   examples_http.py protocol|limit|idle|stop PORT PID
# Prints "ok - name" and "not ok - name" lines; every wait is bounded.
import os
import select
import socket
import sys
import traceback

part, port, pid = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
FILLER = b"0123456789abcdef"


def connect(rcvbuf=None):
    s = socket.socket()
    if rcvbuf:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, rcvbuf)
    s.settimeout(20)
    s.connect(("127.0.0.1", port))
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return s


def read_all(s):
    parts = []
    while True:
        data = s.recv(65536)
        if not data:
            return b"".join(parts)
        parts.append(data)


def talk(request, half_close=True):
    """All that comes until the server closes."""
    with connect() as s:
        s.sendall(request)
        if half_close:
            s.shutdown(socket.SHUT_WR)
        return read_all(s)


def split(data, has_body=True):
    """The first answer: status, headers, body; and what follows it."""
    head, _, rest = data.partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    version, status, _ = lines[0].split(b" ", 2)
    assert version == b"HTTP/1.1", lines[0]
    headers = dict(line.decode().lower().split(": ", 1) for line in lines[1:])
    length = int(headers["content-length"]) if has_body else 0
    assert len(rest) >= length, (len(rest), length)
    return int(status), headers, rest[:length], rest[length:]


def read_one(s):
    data = b""
    while b"\r\n\r\n" not in data:
        data += s.recv(65536)
    head, _, rest = data.partition(b"\r\n\r\n")
    length = [int(l[15:]) for l in head.split(b"\r\n") if l.lower().startswith(b"content-length:")][0]
    while len(rest) < length:
        rest += s.recv(65536)
    return split(head + b"\r\n\r\n" + rest)


def get(path, version=b"1.1", extra=b"", method=b"GET"):
    return method + b" " + path + b" HTTP/" + version + b"\r\nHost: x\r\n" + extra + b"\r\n"


def refused(request, status):
    """The one answer has this status, says close, and comes whole although the client sends on."""
    with connect() as s:
        try:
            s.sendall(request)
        except OSError as e:
            raise AssertionError("reset while sending: %s" % e)
        data = read_all(s)
    got, headers, _, rest = split(data)
    assert (got, headers["connection"], rest) == (status, "close", b""), (got, headers, rest, request[:60])


def equal(got, expected):
    assert got == expected, "got %r, expected %r" % (got, expected)


def filler(size):
    return (FILLER * (size // 16 + 1))[:size]


# ---- protocol -------------------------------------------------------------------------

def ten_pipelined_requests_in_one_write_are_answered_in_order():
    data = talk(b"".join(get(b"/big?bytes=%d" % n) for n in range(1, 11)))
    for n in range(1, 11):
        status, _, body, data = split(data)
        equal((status, body), (200, filler(n)))
    equal(data, b"")


def requests_that_come_byte_by_byte_are_answered():
    request = get(b"/body", method=b"POST", extra=b"Content-Length: 5\r\n") + b"hello" + get(b"/")
    with connect() as s:
        for i in range(len(request)):
            s.sendall(request[i:i + 1])
        s.shutdown(socket.SHUT_WR)
        _, _, body, rest = split(read_all(s))
    equal(body, b"5 bytes came\n")
    equal(split(rest)[2:], (b"Hello from llnet!\n", b""))


def malformed_requests_are_answered_with_400_and_close():
    for request in (b"GET\r\n\r\n", b"GET /\r\n\r\n", b"GET / HTTP/1.1\r\n\r\n", b"G@T / HTTP/1.1\r\nHost: x\r\n\r\n",
                    b"GET  / HTTP/1.1\r\nHost: x\r\n\r\n", b"GET / HTTP/1.1 \r\nHost: x\r\n\r\n",
                    b"GET / HTTP/1.1\nHost: x\n\n", b"GET / HTTP/1.1\r\nHost: x\n", b"GET none HTTP/1.1\r\nHost: x\r\n\r\n",
                    b"CONNECT x:80 HTTP/1.1\r\nHost: x\r\n\r\n", b"GET http:///x HTTP/1.1\r\nHost: x\r\n\r\n",
                    b"GET ?x HTTP/1.1\r\nHost: x\r\n\r\n", b"G(T / HTTP/1.1\r\nHost: x\r\n\r\n",
                    b"GET / HTTP/1.2\r\n\r\n", b"GET /a b HTTP/1.1\r\nHost: x\r\n\r\n",
                    get(b"/", extra=b"Name : value\r\n"), get(b"/", extra=b"Host: y\r\n"),
                    get(b"/", extra=b" folded\r\n"), get(b"/", extra=b"no colon\r\n"), get(b"/", extra=b": x\r\n"),
                    get(b"/", extra=b"A: a\0b\r\n"), get(b"/", extra=b"A: a\rb\r\n"),
                    get(b"/", extra=b"Content-Length: -1\r\n"), get(b"/", extra=b"Content-Length: +1\r\n"),
                    get(b"/", extra=b"Content-Length: 1, 1\r\n"), get(b"/", extra=b"Content-Length: \r\n"),
                    get(b"/", extra=b"Content-Length: 1\r\nContent-Length: 2\r\n"),
                    get(b"/", extra=b"Content-Length: 1\r\nTransfer-Encoding: chunked\r\n")):
        refused(request, 400)


def a_head_beyond_8_kib_is_answered_with_431_and_close():
    refused(get(b"/", extra=b"X: " + b"y" * 8192 + b"\r\n"), 431)
    refused(b"GET / HTTP/1.1\r\nX: " + b"y" * 9000, 431)
    refused(b"GET /" + b"y" * 200000, 431)
    refused(get(b"/", extra=b"A: b\r\n" * 10000), 431)


def a_head_of_just_under_8_kib_is_accepted():
    request = get(b"/", extra=b"Connection: close\r\nX: \r\n")
    request = request.replace(b"X: ", b"X: " + b"y" * (8192 - len(request)))
    equal(split(talk(request))[0], 200)


def head_gives_the_headers_of_get_and_no_body():
    data = talk(get(b"/big?bytes=1000", method=b"HEAD") + get(b"/"))
    status, headers, _, rest = split(data, has_body=False)
    equal((status, headers["content-length"]), (200, "1000"))
    equal(split(rest)[2:], (b"Hello from llnet!\n", b""))


def http_1_0_closes_unless_keep_alive_is_asked_for():
    data = talk(b"GET / HTTP/1.0\r\n\r\n", half_close=False)
    equal(split(data)[1]["connection"], "close")
    with connect() as s:
        for _ in range(3):
            s.sendall(get(b"/", b"1.0", b"Connection: Keep-Alive\r\n"))
            equal(read_one(s)[1]["connection"], "keep-alive")
        s.sendall(get(b"/", b"1.0"))
        equal(read_one(s)[1]["connection"], "close")
        equal(s.recv(1), b"")


def http_1_1_keeps_alive_unless_close_is_asked_for():
    with connect() as s:
        for _ in range(3):
            s.sendall(get(b"/"))
            equal(read_one(s)[0], 200)
        s.sendall(get(b"/", extra=b"Connection: foo, Close\r\n"))
        equal(read_one(s)[1]["connection"], "close")
        equal(s.recv(1), b"")


def nothing_after_a_request_with_close_is_answered():
    equal(split(talk(get(b"/", extra=b"Connection: close\r\n") + get(b"/")))[3], b"")


def other_versions_paths_and_methods_get_505_404_and_405_with_allow():
    refused(b"GET / HTTP/2.0\r\nHost: x\r\n\r\n", 505)
    refused(b"GET / HTTP/0.9\r\nHost: x\r\n\r\n", 505)
    # RFC 9110: 2.5, a higher minor version is read as 1.1; 5.6.2, what a method may be made of
    data = talk(get(b"/none") + get(b"/", method=b"DELETE") + get(b"/body") + get(b"/big?bytes=x")
                + get(b"*", method=b"OPTIONS") + get(b"ftp://x/") + get(b"/", method=b"!#$%&'*+-.^_`|~09azAZ")
                + get(b"/", version=b"1.2") + get(b"/", version=b"1.9"))
    expected = [(404, None), (405, "get, head"), (405, "post, put"), (400, None), (404, None), (404, None),
                (405, "get, head"), (200, None), (200, None)]
    for want in expected:
        status, headers, _, data = split(data)
        equal((status, headers.get("allow"), headers["connection"]), want + ("keep-alive",))
    equal(data, b"")


def bodies_are_read_and_the_next_request_is_understood():
    body = os.urandom(100000)
    data = talk(get(b"/body", method=b"PUT", extra=b"Content-Length: 100000\r\n") + body
                + get(b"/body", method=b"POST", extra=b"content-length:0\r\n")
                + get(b"/", extra=b"Content-Length: 3\r\n") + b"abc" + get(b"/none"))
    for want in ((200, b"100000 bytes came\n"), (200, b"0 bytes came\n"), (200, b"Hello from llnet!\n")):
        status, _, text, data = split(data)
        equal((status, text), want)
    equal(split(data)[0], 404)


def a_body_that_is_too_large_gets_413_though_the_client_sends_on():
    refused(get(b"/body", method=b"POST", extra=b"Content-Length: 1048577\r\n") + b"x" * 600000, 413)
    refused(get(b"/body", method=b"POST", extra=b"Content-Length: " + b"9" * 400 + b"\r\n"), 413)


def chunked_bodies_get_411_and_other_codings_501():
    refused(get(b"/body", method=b"POST", extra=b"Transfer-Encoding: chunked\r\n") + b"5\r\nhello\r\n0\r\n\r\n", 411)
    refused(get(b"/body", method=b"POST", extra=b"Transfer-Encoding: gzip, chunked\r\n"), 501)


def expect_100_continue_is_answered_before_the_body_comes():
    with connect() as s:
        s.sendall(get(b"/body", method=b"POST", extra=b"Content-Length: 5\r\nExpect: 100-Continue\r\n"))
        interim = b"HTTP/1.1 100 Continue\r\n\r\n"
        equal(s.recv(len(interim), socket.MSG_WAITALL), interim)
        s.sendall(b"hello")
        equal(read_one(s)[2], b"5 bytes came\n")


def absolute_targets_and_empty_lines_before_a_request_are_accepted():
    data = talk(b"\r\n\r\n" + get(b"http://x/big?bytes=3") + b"\r\n" + get(b"HTTP://x?y"))
    _, _, body, data = split(data)
    equal(body, b"012")
    equal(split(data)[2], b"Hello from llnet!\n")


def memory_kb():
    with open("/proc/%d/status" % pid) as f:
        return [int(line.split()[1]) for line in f if line.startswith("VmRSS")][0]


def those_who_do_not_read_cost_little_memory_and_delay_nobody():
    before = os.path.exists("/proc/%d/status" % pid) and memory_kb()
    idle = [connect(4096) for _ in range(20)]
    for s in idle:
        s.sendall(get(b"/big?bytes=1000000000") + get(b"/"))
    for _ in range(20):
        equal(split(talk(get(b"/")))[0], 200)
    if before:
        assert memory_kb() - before < 20000, (before, memory_kb())
    for s in idle:
        s.close()
    equal(split(talk(get(b"/")))[0], 200)


def a_slow_reader_gets_every_byte():
    with connect(4096) as s:
        s.sendall(get(b"/big?bytes=5000000", extra=b"Connection: close\r\n"))
        equal(split(talk(get(b"/")))[0], 200)
        body = split(read_all(s))[2]
    assert body == filler(5000000)


def the_server_stops_reading_while_answers_are_not_read():
    one = get(b"/big?bytes=4096")
    with connect(4096) as s:
        s.settimeout(1)
        sent, limit = 0, 10000000
        try:
            while sent < limit:
                sent += s.send((one * 1000)[sent % len(one):])
        except socket.timeout:
            pass
        assert sent < limit, "all was read"
        s.settimeout(20)
        received = 0
        s.shutdown(socket.SHUT_WR)
        while True:
            data = s.recv(1 << 20)
            if not data:
                break
            received += len(data)
    assert received >= sent // len(one) * 4096, (sent, received)


def a_head_takes_time_in_proportion_to_its_size():
    """Of any kind: 11 MB in heads of 8 KB, with one innocent request after each. In quadratic time
    that would take minutes."""
    blanks = b" " * 8000
    accepted = [get(b"/", extra=b"Connection: a" + blanks + b"b\r\n"), get(b"/", extra=b"Connection:" + blanks + b"\r\n"),
                get(b"/", extra=b"Connection: " + b"a," * 4000 + b"\r\n"), get(b"/" + b"?/" * 4000),
                get(b"http://" + b"a" * 8000), get(b"/", extra=b"a:\r\n" * 1600), get(b"/", method=b"A" * 8000)]
    malformed = [get(b"/", extra=b"X:" + blanks + b"\1\r\n"), get(b"/", extra=b"X" * 8000 + b"\r\n"),
                 get(b"a" * 4000 + b":" * 4000), b"GET" + blanks + b"\r\n\r\n", b"A" * 8000 + b"\r\n\r\n"]
    before = cpu_ticks()
    for request in accepted:
        with connect() as s:
            s.settimeout(60)
            for _ in range(20):
                s.sendall(request * 10)
                equal(split(talk(get(b"/")))[0], 200)
                for _ in range(10):
                    s.recv(1)
            s.shutdown(socket.SHUT_WR)
            read_all(s)
    for request in malformed:
        for _ in range(40):
            refused(request, 400)
    spent = (cpu_ticks() - before) / os.sysconf("SC_CLK_TCK")
    assert spent < 10, "%.1f s of processor time" % spent


# ---- descriptors, time, end -----------------------------------------------------------------

def cpu_ticks():
    with open("/proc/%d/stat" % pid) as f:
        fields = f.read().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def without_a_free_descriptor_the_server_waits_and_does_not_spin():
    sockets = [connect() for _ in range(100)]
    for s in sockets:
        s.sendall(get(b"/"))
    for s in sockets[:10]:
        equal(read_one(s)[0], 200)
    # now and then it looks whether there is one
    before = cpu_ticks()
    sockets[-1].settimeout(1)
    try:
        data = sockets[-1].recv(1)
        raise AssertionError("answered with no descriptor free: %r" % data)
    except socket.timeout:
        pass
    spent = cpu_ticks() - before
    assert spent < os.sysconf("SC_CLK_TCK") // 4, "%d ticks of processor time" % spent
    sockets[-1].settimeout(20)
    for s in sockets[:10]:
        s.close()
    for s in sockets[10:]: # each that is closed lets another one in
        equal(read_one(s)[0], 200)
        s.close()


def an_idle_connection_is_closed():
    with connect() as partial, connect() as kept, connect() as silent:
        partial.sendall(b"GET / HT")
        kept.sendall(get(b"/"))
        read_one(kept)
        for s in partial, kept, silent:
            equal(s.recv(1), b"")


def what_makes_progress_is_not_idle_and_a_trickle_is_no_progress():
    """All begin at the same time: the upload must outlive the two that send a byte at a time."""
    post = get(b"/body", method=b"POST", extra=b"Content-Length: 1000000\r\n")
    with connect() as upload, connect() as slow_head, connect() as slow_body:
        upload.sendall(post)
        slow_body.sendall(post)
        slow_head.sendall(b"GET / HTTP/1.1\r\nX: ")
        trickles, left = {slow_head, slow_body}, 1000000
        while trickles:
            upload.sendall(b"x" * 1100)
            left -= 1100
            assert left > 0, "a trickle is not idle"
            for s in select.select(trickles, [], [], 0.1)[0]:
                try:
                    equal(s.recv(1), b"")
                except ConnectionResetError: # a byte crossed the close
                    pass
                trickles.remove(s)
            for s in trickles:
                try:
                    s.sendall(b"x")
                except OSError: # the next look will tell
                    pass
        upload.sendall(b"x" * left)
        equal(read_one(upload)[2], b"1000000 bytes came\n")


def a_stop_finishes_what_is_under_way_and_closes_the_rest():
    idle, slow = connect(), connect(4096)
    idle.sendall(get(b"/"))
    equal(read_one(idle)[1]["connection"], "keep-alive")
    slow.sendall(get(b"/big?bytes=20000000"))
    slow.recv(1, socket.MSG_PEEK)
    status, headers, _, _ = split(talk(get(b"/")))
    equal((status, headers["connection"]), (200, "close"))
    equal(idle.recv(1), b"")
    body = split(read_all(slow))[2]
    assert body == filler(20000000)
    try:
        connect()
        raise AssertionError("still listening")
    except ConnectionRefusedError:
        pass


PARTS = {
    "protocol": (
        ten_pipelined_requests_in_one_write_are_answered_in_order,
        requests_that_come_byte_by_byte_are_answered,
        malformed_requests_are_answered_with_400_and_close,
        a_head_beyond_8_kib_is_answered_with_431_and_close,
        a_head_of_just_under_8_kib_is_accepted,
        head_gives_the_headers_of_get_and_no_body,
        http_1_0_closes_unless_keep_alive_is_asked_for,
        http_1_1_keeps_alive_unless_close_is_asked_for,
        nothing_after_a_request_with_close_is_answered,
        other_versions_paths_and_methods_get_505_404_and_405_with_allow,
        bodies_are_read_and_the_next_request_is_understood,
        a_body_that_is_too_large_gets_413_though_the_client_sends_on,
        chunked_bodies_get_411_and_other_codings_501,
        expect_100_continue_is_answered_before_the_body_comes,
        absolute_targets_and_empty_lines_before_a_request_are_accepted,
        those_who_do_not_read_cost_little_memory_and_delay_nobody,
        a_slow_reader_gets_every_byte,
        the_server_stops_reading_while_answers_are_not_read,
        a_head_takes_time_in_proportion_to_its_size,
    ),
    "limit": (without_a_free_descriptor_the_server_waits_and_does_not_spin,),
    "idle": (an_idle_connection_is_closed, what_makes_progress_is_not_idle_and_a_trickle_is_no_progress),
    "stop": (a_stop_finishes_what_is_under_way_and_closes_the_rest,),
}

failed = False
for test in PARTS[part]:
    name = test.__name__.replace("_", " ")
    try:
        test()
        print("ok - http_server: " + name)
    except Exception:
        failed = True
        print("not ok - http_server: " + name)
        print("# " + traceback.format_exc().replace("\n", "\n# "))
    sys.stdout.flush()
sys.exit(failed)
