# SPDX-License-Identifier: MIT
# clients.py: clients of examples/lua/http_server.lua of every habit; each answer is checked, byte by
# byte. A client raises where an answer is not what it must be.
import asyncio
import random
import socket
import struct

FILLER = b"0123456789abcdef"
BIG = FILLER * 4097 # any 64 KiB of it
BODY_MAX = 1048576
TIMEOUT = 120      # seconds for an answer: machines are busy


class Wrong(Exception):
    pass


def need(got, wanted, what):
    if got != wanted:
        raise Wrong("%s: got %r, wanted %r" % (what, got, wanted))


class Tally:
    def __init__(self):
        self.connections = self.answers = self.received = 0


class Connection:
    """One connection, from an address of loopback's many, so that ports do not run out."""

    def __init__(self, port, tally):
        self.port, self.tally = port, tally

    async def __aenter__(self):
        self.socket = socket.socket()
        self.socket.setblocking(False)
        self.socket.bind(("127.%d.%d.%d" % (random.randrange(1, 255), random.randrange(256), random.randrange(1, 255)), 0))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        await asyncio.get_running_loop().sock_connect(self.socket, ("127.0.0.1", self.port))
        self.reader, self.writer = await asyncio.open_connection(sock=self.socket)
        self.tally.connections += 1
        return self

    async def __aexit__(self, *_):
        self.writer.close()
        try:
            await self.writer.wait_closed()
        except OSError:
            pass

    def reset(self):
        """Closes by RST."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()

    async def send(self, data):
        self.writer.write(data)
        await self.writer.drain()

    async def answer(self, status, body, head_only=False):
        """Reads one answer, which must be this. Gives its headers."""
        head = await self.reader.readuntil(b"\r\n\r\n")
        lines = head.decode().split("\r\n")
        need(lines[0].split(" ")[:2], ["HTTP/1.1", str(status)], "status line")
        headers = dict(line.lower().split(": ", 1) for line in lines[1:-2])
        length = int(headers["content-length"])
        if not head_only:
            await self.body(length, body)
        self.tally.answers += 1
        return headers

    async def body(self, length, body):
        if isinstance(body, int):
            need(length, body, "length")
            at = 0
            while at < length:
                data = await self.reader.read(min(65536, length - at))
                if not data:
                    raise Wrong("a body of %d bytes ends after %d" % (length, at))
                if data != BIG[at % 16:at % 16 + len(data)]:
                    raise Wrong("bytes %d to %d are wrong" % (at, at + len(data)))
                at += len(data)
            self.tally.received += length
        elif body is not None:
            need(await self.reader.readexactly(length), body, "body")
            self.tally.received += length
        else:
            await self.reader.readexactly(length)

    async def end(self):
        need(await self.reader.read(), b"", "after the last answer")


def get(path, extra=b"", method=b"GET"):
    return method + b" " + path + b" HTTP/1.1\r\nHost: soak\r\n" + extra + b"\r\n"


def request():
    """A random request: its bytes, status, body, whether the answer has a head alone."""
    kind = random.randrange(10)
    if kind < 4:
        return get(b"/"), 200, b"Hello from llnet!\n", False
    if kind < 7:
        size = random.choice((0, 1, 100, 5000, 65536, 200000))
        return get(b"/big?bytes=%d" % size), 200, size, False
    if kind == 7:
        size = random.choice((0, 1, 1000, 100000))
        body = random.randbytes(size)
        return (get(b"/body", b"Content-Length: %d\r\n" % size, b"POST") + body, 200, b"%d bytes came\n" % size, False)
    if kind == 8:
        return get(b"/none"), 404, b"There is no such resource here.\n", False
    return get(b"/big?bytes=1000000", method=b"HEAD"), 200, None, True


# ---- habits -------------------------------------------------------------------------------

async def keeps_alive(port, tally):
    async with Connection(port, tally) as c:
        for _ in range(random.randrange(1, 40)):
            data, *wanted = request()
            await c.send(data)
            headers = await c.answer(*wanted)
            need(headers["connection"], "keep-alive", "connection")


async def connects_for_each(port, tally):
    for _ in range(10):
        async with Connection(port, tally) as c:
            await c.send(get(b"/", b"Connection: close\r\n"))
            headers = await c.answer(200, b"Hello from llnet!\n")
            need(headers["connection"], "close", "connection")
            await c.end()


async def pipelines(port, tally):
    async with Connection(port, tally) as c:
        several = [request() for _ in range(random.randrange(2, 20))]
        sending = asyncio.ensure_future(c.send(b"".join(one[0] for one in several)))
        for _, *wanted in several:
            await c.answer(*wanted)
        await sending


async def half_closes(port, tally):
    async with Connection(port, tally) as c:
        several = [request() for _ in range(3)]
        await c.send(b"".join(one[0] for one in several))
        c.writer.write_eof()
        for _, *wanted in several:
            await c.answer(*wanted)
        await c.end()


async def is_slow(port, tally):
    async with Connection(port, tally) as c:
        data, *wanted = get(b"/big?bytes=300000", b"Connection: close\r\n"), 200, 300000
        for i in range(0, len(data), 7):
            await c.send(data[i:i + 7])
            await asyncio.sleep(random.random() / 20)
        await asyncio.sleep(random.random() / 2)
        await c.answer(*wanted)
        await c.end()


async def downloads(port, tally):
    async with Connection(port, tally) as c:
        await c.send(get(b"/big?bytes=5000000"))
        await c.answer(200, 5000000)


async def uploads(port, tally):
    async with Connection(port, tally) as c:
        size = random.randrange(BODY_MAX // 2, BODY_MAX + 1)
        await c.send(get(b"/body", b"Content-Length: %d\r\nExpect: 100-continue\r\n" % size, b"PUT"))
        need(await c.reader.readuntil(b"\r\n\r\n"), b"HTTP/1.1 100 Continue\r\n\r\n", "interim answer")
        await c.send(bytes(size))
        await c.answer(200, b"%d bytes came\n" % size)


async def sends_nonsense(port, tally):
    async with Connection(port, tally) as c:
        data, status = random.choice(((b"GET\r\n\r\n", 400), (get(b"/", b"X: " + b"y" * 9000 + b"\r\n"), 431),
                                      (b"GET / HTTP/3.0\r\nHost: x\r\n\r\n", 505),
                                      (get(b"/body", b"Content-Length: 2000000\r\n", b"POST"), 413)))
        await c.send(data)
        headers = await c.answer(status, None)
        need(headers["connection"], "close", "connection")


async def aborts(port, tally):
    """At any point: before a byte, in a head, in a body, in the middle of an answer."""
    async with Connection(port, tally) as c:
        kind = random.randrange(4)
        if kind == 1:
            await c.send(b"GET / HT")
        elif kind == 2:
            await c.send(get(b"/body", b"Content-Length: 100000\r\n", b"POST") + bytes(50000))
        elif kind == 3:
            await c.send(get(b"/big?bytes=100000000"))
            await c.reader.read(100000)
        await asyncio.sleep(random.random() / 10)
        if random.randrange(2):
            c.reset()


async def stays_idle(port, tally):
    """Until the server has enough of it."""
    async with Connection(port, tally) as c:
        await c.send(random.choice((b"", b"GET / HT")))
        await c.end()


HABITS = {keeps_alive: 8, connects_for_each: 6, pipelines: 4, half_closes: 4, is_slow: 8, downloads: 2, uploads: 3,
          sends_nonsense: 3, aborts: 6, stays_idle: 6}
