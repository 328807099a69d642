# SPDX-License-Identifier: MIT
# make_corpus.py DIRECTORY: writes the binary seeds of the harnesses: what a kernel sends, put
# together from the headers' structures (little-endian, 64 bits; elsewhere they are only
# less apt). Run again after a change here: make_corpus.py tests/fuzz/corpus
import os
import socket
import struct
import sys

AF_INET, AF_INET6, AF_UNIX = 2, 10, 1


def write(harness, name, data):
    directory = os.path.join(sys.argv[1], harness)
    os.makedirs(directory, exist_ok=True)
    with open(os.path.join(directory, name), "wb") as file:
        file.write(data)


# ---- control data (cmsg(3)) -------------------------------------------------------------


def control(level, kind, data):
    return (struct.pack("=Qii", 16 + len(data), level, kind) + data).ljust(16 + (len(data) + 7) // 8 * 8, b"\0")


SOL_SOCKET, SOL_IP, SOL_UDP, SOL_IPV6 = 1, 0, 17, 41
LOOPBACK6 = socket.inet_pton(socket.AF_INET6, "::1")
NAME4 = struct.pack("=H", AF_INET) + struct.pack("!H", 80) + bytes([127, 0, 0, 1]) + bytes(8)
NAME6 = struct.pack("=H", AF_INET6) + struct.pack("!HI", 80, 0) + LOOPBACK6 + bytes(4)
ERROR = struct.pack("=IBBBBII", 111, 2, 3, 3, 0, 0, 0)

CONTROLS = {
    "rights": control(SOL_SOCKET, 1, struct.pack("=iii", 3, 4, 5)),
    "credentials_pidfd": control(SOL_SOCKET, 2, struct.pack("=III", 1, 0, 0)) + control(SOL_SOCKET, 4, b"\3\0\0\0"),
    "pktinfo": control(SOL_IP, 8, struct.pack("=I", 1) + bytes([127, 0, 0, 1]) * 2),
    "pktinfo6": control(SOL_IPV6, 50, LOOPBACK6 + struct.pack("=I", 1)),
    "ttl_tos": control(SOL_IP, 2, b"\x40\0\0\0") + control(SOL_IP, 1, b"\x03"),
    "hoplimit_tclass": control(SOL_IPV6, 52, b"\x40\0\0\0") + control(SOL_IPV6, 67, b"\x03\0\0\0"),
    "timestamps": control(SOL_SOCKET, 35, struct.pack("=qq", 1700000000, 5))
    + control(SOL_SOCKET, 29, struct.pack("=qq", 1700000000, 5)),
    "timestamping": control(SOL_SOCKET, 37, struct.pack("=6q", 1700000000, 5, 0, 0, 1, 2)),
    "gro_drops": control(SOL_UDP, 104, struct.pack("=i", 1000)) + control(SOL_SOCKET, 40, b"\7\0\0\0"),
    "error": control(SOL_IP, 11, ERROR + NAME4),
    "error6": control(SOL_IPV6, 25, ERROR + NAME6),
    "zerocopy": control(SOL_IP, 11, struct.pack("=IBBBBII", 0, 5, 0, 1, 0, 1, 9) + bytes(16)),
    "original": control(SOL_IP, 20, NAME4) + control(SOL_IPV6, 74, NAME6),
}
for name, data in CONTROLS.items():
    write("control", name, data)

# ---- netlink(7) ------------------------------------------------------------------------------

DONE, ERROR_MESSAGE, NEWLINK, NEWADDR, BY_FAMILY = 3, 2, 16, 20, 20


def attribute(kind, data):
    return (struct.pack("=HH", 4 + len(data), kind) + data).ljust((4 + len(data) + 3) // 4 * 4, b"\0")


def message(kind, sequence, body, flags=2):
    return (struct.pack("=IHHII", 16 + len(body), kind, flags, sequence, 0) + body).ljust(
        (16 + len(body) + 3) // 4 * 4, b"\0")


def piece(data, faults=None):
    return struct.pack("=H", len(data)) + (b"" if faults is None else bytes([faults])) + data


def link(sequence, flags=2):
    return message(NEWLINK, sequence, struct.pack("=BBHiII", 0, 0, 1, 2, 0x11043, 0) + attribute(3, b"eth0\0")
                   + attribute(4, struct.pack("=I", 1500)) + attribute(1, b"\xaa\xbb\xcc\xdd\xee\xff")
                   + attribute(23, struct.pack("=10Q", *range(10)) + bytes(16)), flags)


def address(sequence, family, data, further=b""):
    return message(NEWADDR, sequence, struct.pack("=BBBBI", family, 24, 0, 0, 2) + attribute(1, data) + further)


IP4 = bytes([192, 0, 2, 1])
LINK_LOCAL = socket.inet_pton(socket.AF_INET6, "fe80::1")


def done(sequence):
    return message(DONE, sequence, struct.pack("=i", 0))


write("interface", "whole", piece(link(1), 0) + piece(done(1), 0) + piece(
    address(2, AF_INET, IP4, attribute(2, IP4) + attribute(4, bytes([192, 0, 2, 255])))
    + address(2, AF_INET6, LINK_LOCAL), 0) + piece(done(2), 0))
write("interface", "peer", piece(link(1) + done(1), 0) + piece(
    address(2, AF_INET, bytes([10, 0, 0, 2]), attribute(2, IP4)) + done(2), 0))
write("interface", "interrupted", piece(link(1, 0x12) + done(1), 0) + piece(done(2), 0) + piece(link(3) + done(3), 0)
      + piece(done(4), 0))
write("interface", "refused", piece(message(ERROR_MESSAGE, 1, struct.pack("=i", -13) + bytes(16)), 0))
write("interface", "forged", piece(link(1), 1) + piece(link(1) + done(1), 2))
write("interface", "cut", piece(link(1)[:60], 0))


def inet_socket(family, source):
    body = struct.pack("=BBBB", family, 10, 0, 0) + struct.pack("!HH", 80, 0) + source.ljust(16, b"\0") + bytes(16)
    body += struct.pack("=III", 0, 1, 1) + struct.pack("=IIIII", 0, 3, 128, 0, 4711)
    return message(BY_FAMILY, 0, body + attribute(7, struct.pack("=9I", *range(9))))


def unix_socket(path):
    return message(BY_FAMILY, 0, struct.pack("=BBBBIII", AF_UNIX, 1, 10, 0, 4711, 1, 1) + attribute(0, path)
                   + attribute(4, struct.pack("=II", 1, 128)))


write("diag", "listeners", b"\0" + piece(inet_socket(AF_INET, bytes([127, 0, 0, 1])) + done(0))
      + piece(inet_socket(AF_INET6, LOOPBACK6)) + piece(done(0)))
write("diag", "connections", b"\1" + piece(inet_socket(AF_INET, IP4) + done(0)) + piece(done(0)))
write("diag", "unix", b"\2" + piece(unix_socket(b"/run/x") + unix_socket(b"\0name") + unix_socket(b"x" * 300)
                                     + done(0)))
write("diag", "refused", b"\0" + piece(message(ERROR_MESSAGE, 0, struct.pack("=i", -2) + bytes(16))))
write("diag", "cut", b"\0" + piece(inet_socket(AF_INET, IP4)[:80]))

# ---- options: number of the option, 0 record or 1 socket, what it takes -------------------------

for index in (0, 20, 60, 100, 140, 180, 220):
    write("option", "socket_%d" % index, struct.pack("=HBB", index, 1, index % 6) + bytes([2, 0, 0, 0, 16])
          + NAME4 + b"\x10")
    write("option", "record_%d" % index, struct.pack("=HB", index, 0) + b"\x80" + bytes(range(256)))

# ---- tuning: the load, then files --------------------------------------------------------------


def tuning(role, connections, rate, files):
    return bytes([role]) + struct.pack("=qq", connections, rate) + b"\xff".join(files)


write("tuning", "numbers", tuning(0, 10000, 1000, [b"4096\n"] * 45))
write("tuning", "triples", tuning(1, 50000, 5000, [b"4096\t131072\t6291456\n"] * 45))
write("tuning", "pairs", tuning(2, 50000, 5000, [b"32768\t60999\n", b"1-5,80,40000-50000\n"] * 22))
write("tuning", "cgroup", tuning(0, 100000, 5000, [b"0::/user.slice/a\n", b"max\n", b"1073741824\n",
                                                   b"9:cpu,memory:/b\n", b"MemTotal: 16000000 kB\n"] * 9))
write("tuning", "absent", tuning(0, 1, 1, [b"!", b"!x", b"", b"-1", b"99999999999999999999"] * 9))
