#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""luasocket.py: programs written for LuaSocket, each run by the genuine one and by
llnet.luasocket in its place, against real servers that are started here on free ports of
127.0.0.1. Both must print the same, and what is expected. TAP on standard output.

    luasocket.py RUN-IN-PLACE LUA [...]
"""
import base64
import contextlib
import http.server
import os
import resource
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "luasocket")
SECONDS = 120  # no program may take longer

count = 0


def result(ok, name, *why):
    global count
    count += 1
    print(f"{'ok' if ok else 'not ok'} {count} - {name}", flush=True)
    if not ok:
        for line in "\n".join(str(part) for part in why).splitlines()[:60]:
            print("# " + line)


def skip(name, why):
    global count
    count += 1
    print(f"ok {count} - {name} # SKIP {why}", flush=True)


# ---- servers -----------------------------------------------------------------------


class Pages(http.server.BaseHTTPRequestHandler):
    """What http.lua and luasec.lua ask for."""

    protocol_version = "HTTP/1.1"

    def answer(self, code, body, kind="text/plain", **headers):
        self.send_response(code)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def do_GET(self):
        if self.path == "/hello":
            self.answer(200, b"hello\n")
        elif self.path == "/redirect":
            self.answer(302, b"", Location="/hello")
        elif self.path == "/empty":
            self.answer(200, b"")
        elif self.path == "/large":
            self.answer(200, b"0123456789abcdef" * (8 << 16), "application/octet-stream")
        elif self.path == "/slow":
            time.sleep(10)  # a daemon thread: nobody waits for it
            self.answer(200, b"late")
        elif self.path == "/chunked":
            self.send_response(200)
            self.send_header("Content-Type", "text/plain")
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            for size in (1, 10, 3000):
                self.wfile.write(b"%x\r\n%s\r\n" % (size, b"c" * size))
            self.wfile.write(b"0\r\n\r\n")
        else:
            self.answer(404, b"nothing here\n")

    do_HEAD = do_GET

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.answer(200, body, self.headers.get("Content-Type", "application/octet-stream"))

    do_PUT = do_POST

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_):
        pass  # clients that leave early


@contextlib.contextmanager
def web_server(context=None):
    server = Server(("127.0.0.1", 0), Pages)
    if context:
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def serve_lines(listener, context):
    """Sends lines back in capitals, until "quit"."""
    while True:
        try:
            raw, _ = listener.accept()
        except OSError:
            return
        try:
            with context.wrap_socket(raw, server_side=True) as connection, connection.makefile("rwb") as stream:
                for line in stream:
                    stream.write(line.upper())
                    stream.flush()
                    if line == b"quit\n":
                        break
        except (OSError, ValueError):
            raw.close()


@contextlib.contextmanager
def line_server(context):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve_lines, args=(listener, context))
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()


@contextlib.contextmanager
def ftp_server(directory):
    from pyftpdlib.authorizers import DummyAuthorizer
    from pyftpdlib.handlers import FTPHandler
    from pyftpdlib.servers import ThreadedFTPServer
    import logging

    logger = logging.getLogger("pyftpdlib")
    logger.addHandler(logging.NullHandler())
    logger.propagate = False
    authorizer = DummyAuthorizer()
    authorizer.add_user("user", "secret", directory, perm="elradfmw")
    handler = type("Handler", (FTPHandler,), {"authorizer": authorizer, "auth_failed_timeout": 0})
    server = ThreadedFTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"timeout": 0.05, "handle_exit": False})
    thread.start()
    try:
        yield server.address[1]
    finally:
        server.close_all()
        thread.join()


class Letters:
    """Keeps what is delivered."""

    def __init__(self):
        self.came = []

    async def handle_RCPT(self, _server, _session, envelope, address, _options):
        if address.endswith("refused.example"):
            return "550 not here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server, _session, envelope):
        self.came.append((envelope.mail_from, list(envelope.rcpt_tos), envelope.content))
        return "250 OK"


@contextlib.contextmanager
def mail_server(letters):
    from aiosmtpd.controller import Controller

    # the controller wants to know its port: one that was free a moment ago, and may not be any more
    for attempt in range(5):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = listener.getsockname()[1]
        controller = Controller(letters, hostname="127.0.0.1", port=port, ready_timeout=20)
        try:
            controller.start()
            break
        except OSError:
            if attempt == 4:
                raise
    try:
        yield port
    finally:
        controller.stop()


@contextlib.contextmanager
def redis_server(directory):
    path = os.path.join(directory, "redis.log")
    for _ in range(5):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = listener.getsockname()[1]
        with open(path, "wb") as log:
            process = subprocess.Popen(
                ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no",
                 "--dir", directory],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline and process.poll() is None:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1) as probe:
                probe.sendall(b"PING\r\n")
                if probe.recv(5) == b"+PONG":
                    break
            time.sleep(0.02)
        else:
            process.kill()
            process.wait()
            continue
        break
    else:
        raise OSError("redis-server does not start: " + open(path, errors="replace").read()[-300:])
    try:
        yield port
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


def make_certificate(directory):
    certificate, key = os.path.join(directory, "certificate.pem"), os.path.join(directory, "key.pem")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", certificate, "-days", "2",
         "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"],
        check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return certificate, context


# ---- programs ------------------------------------------------------------------------


class Runs:
    """One Lua: runs programs with either library."""

    def __init__(self, run_in_place, lua, directory):
        self.run_in_place, self.lua, self.directory = run_in_place, lua, directory
        self.name = os.path.basename(lua)

    def command(self, library, program, arguments):
        path = os.path.join(HERE, program + ".lua")
        if library == "luasocket":
            return [self.lua, path, *arguments]
        return [self.run_in_place, self.lua, "-l", "llnet.luasocket.preload", path, *arguments]

    @staticmethod
    def environment(library):
        """What llnet needs of the sanitizers' runtime must be there before Lua is."""
        preload = os.environ.get("LLNET_PRELOAD") if library == "llnet" else None
        return {**os.environ, "LD_PRELOAD": preload} if preload else None

    def run(self, library, program, *arguments):
        """What it printed, or an exception's text."""
        done = subprocess.run(self.command(library, program, [str(a) for a in arguments]), cwd=self.directory,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              timeout=SECONDS, errors="replace", env=self.environment(library))
        return done.stdout + (f"exit status {done.returncode}\n" if done.returncode else "")

    def has(self, *modules):
        script = "".join(f"require {module!r} " for module in modules)
        return subprocess.run([self.lua, "-e", script], cwd=self.directory, stdin=subprocess.DEVNULL,
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0

    def both(self, name, program, expected, *arguments, modules=()):
        """Runs a program with each library: the same is printed, and each line of expected."""
        name = f"{self.name}: {name}"
        if not self.has("socket", *modules):
            return skip(name, "not installed for it: " + " ".join(("socket", *modules)))
        genuine = self.run("luasocket", program, *arguments)
        ours = self.run("llnet", program, *arguments)
        missing = [line for line in expected if line not in ours.splitlines()]
        result(genuine == ours and not missing, name, "LuaSocket:", genuine, "llnet:", ours, "missing:", *missing)
        return None


LARGE = 8 << 20


def web_programs(runs):
    with web_server() as port:
        runs.both("socket.http against a server", "http",
                  ["get\thello", "large\t%d\ttrue" % LARGE, "put\ttrue\t50000\ttrue", "chunked\t3011\tnil",
                   "timeout\tnil\ttimeout"], f"http://127.0.0.1:{port}", modules=("socket.http",))


def ftp_programs(runs, directory):
    if not has_python("pyftpdlib"):
        return skip(f"{runs.name}: socket.ftp against a server", "no pyftpdlib here")
    with tempfile.TemporaryDirectory(dir=directory) as files, ftp_server(files) as port:
        runs.both("socket.ftp against a server", "ftp", ["get\ttrue\tnil"], port, modules=("socket.ftp",))
    return None


def mail_programs(runs):
    name = f"{runs.name}: what socket.smtp sent has arrived"
    if not has_python("aiosmtpd"):
        return skip(name, "no aiosmtpd here")
    letters = Letters()
    with mail_server(letters) as port:
        runs.both("socket.smtp against a server", "smtp", ["plain\t1", "parts\t1"], port, modules=("socket.smtp",))
    if not runs.has("socket.smtp"):
        return skip(name, "no LuaSocket for it")
    ok = len(letters.came) == 4 and letters.came[0][1] == ["one@example.org", "two@example.org"]
    ok = ok and letters.came[0][2].endswith(b"\r\n\r\nhello\r\n.leading dot\r\n\r\n")
    for letter in letters.came[1::2]:
        ok = ok and base64.b64encode(b"\0\1\2\3" * 1000)[:76] in letter[2]
    result(ok, name, letters.came)
    return None


def tls_programs(runs, certificate, context):
    with web_server(context) as port, line_server(context) as lines:
        runs.both("LuaSec's ssl.https and ssl.wrap", "luasec",
                  ["large\t1\t200\t%d" % LARGE, "receive\tA LINE\tnil\tnil", "nothing\twantread"],
                  f"https://127.0.0.1:{port}", certificate, lines, modules=("ssl.https",))


def redis_programs(runs, directory):
    name = "lua-redis against redis-server"
    if not shutil.which("redis-server"):
        return skip(f"{runs.name}: {name}", "no redis-server here")
    with redis_server(directory) as port:
        runs.both(name, "redis", ["ping\ttrue", "large\ttrue\ttrue"], port, modules=("redis",))
    return None


def many_sockets(runs):
    name = f"{runs.name}: 5,000 sockets in one select"
    if resource.getrlimit(resource.RLIMIT_NOFILE)[0] < 5100:
        return skip(name, "no 5,100 descriptors")
    ours = runs.run("llnet", "many", 5000)
    result(ours == "sockets\t5000\nselect\t0\ttimeout\nready\t2500\t5000\tnil\nafter\t0\ttimeout\n", name, ours)
    name = f"{runs.name}: 900 sockets in one select, and LuaSocket's end of it"
    if runs.has("socket"):
        few = [runs.run(library, "many", 900) for library in ("luasocket", "llnet")]
        many = runs.run("luasocket", "many", 5000)
        result(few[0] == few[1] and "descriptor too large for set size" in many, name, *few, many)
    else:
        skip(name, "no LuaSocket for it")
    return None


def memory(runs):
    name = f"{runs.name}: memory of an idle connected socket"
    sanitized = os.environ.get("LLNET_PRELOAD")
    ours = runs.run("llnet", "memory", 2000)
    lua_bytes, private = (int(number) for number in ours.split())
    print(f"# llnet: {lua_bytes} bytes of Lua's memory for a socket, {private} of the process's")
    if runs.has("socket"):
        print("# LuaSocket: %s bytes of Lua's memory for a socket, %s of the process's" %
              tuple(runs.run("luasocket", "memory", 2000).split()))
    if sanitized:
        return skip(name, "sanitizers have their own memory")
    result(lua_bytes <= 1000 and private <= 1000, f"{name} is at most 1,000 bytes", ours)
    return None


def has_python(module):
    with contextlib.suppress(ImportError):
        __import__(module)
        return True
    return False


def main():
    run_in_place, luas = os.path.abspath(sys.argv[1]), sys.argv[2:]
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, 20000)), hard))
    with tempfile.TemporaryDirectory() as directory:
        certificate, context = make_certificate(directory) if shutil.which("openssl") else (None, None)
        for lua in luas:
            runs = Runs(run_in_place, lua, directory)
            runs.both("the answers to some 300 calls", "same", [], "here")
            web_programs(runs)
            ftp_programs(runs, directory)
            mail_programs(runs)
            runs.both("copas with 300 clients at once", "copas",
                      ["answered\t1500\tof\t1500\tat once\t300", "left\t0"], modules=("copas",))
            if certificate:
                tls_programs(runs, certificate, context)
            else:
                skip(f"{runs.name}: LuaSec's ssl.https and ssl.wrap", "no openssl here")
            redis_programs(runs, directory)
            many_sockets(runs)
            memory(runs)
    print(f"1..{count}")


main()
