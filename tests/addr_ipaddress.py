# SPDX-License-Identifier: MIT
# addr_ipaddress.py LIBRARY DIFFERENCES: thousands of texts and bytes, random but repeatable, are IP
# addresses to libllnet just where they are to Python's ipaddress, the same ones, written alike
# and of the same kind; and each difference that the table tells is there. LLNET_SEED
# repeats a run, LLNET_ROUNDS scales it. Speaks TAP.
import ctypes
import ipaddress
import os
import platform
import random
import socket
import sys

SEED = int(os.environ.get("LLNET_SEED") or 20261127)
ROUNDS = int(os.environ.get("LLNET_ROUNDS") or 20000)
library = ctypes.CDLL(sys.argv[1])
library.llnet_error_name.restype = ctypes.c_char_p
for name in ("llnet_addr_get_ip", "llnet_addr_get_ip_bytes"):
    getattr(library, name).restype = ctypes.c_ssize_t
for name in ("any", "loopback", "multicast", "link_local"):
    getattr(library, "llnet_addr_is_" + name).restype = ctypes.c_bool
library.llnet_addr_set_ip_bytes.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t, ctypes.c_int]
addr = ctypes.create_string_buffer(library.llnet_addr_size())
room = ctypes.create_string_buffer(512)

# ---- both sides: bytes, text and kinds, or None ----------------------------------------------

KINDS = (("any", "is_unspecified"), ("loopback", "is_loopback"), ("multicast", "is_multicast"),
         ("link_local", "is_link_local"))


def describe():
    """What is in addr."""
    scope = ctypes.c_uint32(0)
    library.llnet_addr_get_scope_id(addr, ctypes.byref(scope))
    length = library.llnet_addr_get_ip_bytes(addr, room, ctypes.c_size_t(16))
    data = room.raw[:length]
    library.llnet_addr_get_ip(addr, room, ctypes.c_size_t(512))
    kinds = [kind for kind, _ in KINDS if getattr(library, "llnet_addr_is_" + kind)(addr)]
    return data, scope.value, room.value.decode(), kinds


def ask_llnet(text):
    status = library.llnet_addr_set_ip(addr, text.encode(), 0)
    return describe() if status == 0 else library.llnet_error_name(status).decode()


def ask_python(text):
    try:
        ip = ipaddress.ip_address(text)
    except ValueError:
        return None
    return describe_python(ip)


def describe_python(ip):
    plain = ip if ip.version == 4 else ipaddress.IPv6Address(ip.packed)
    judged = getattr(plain, "ipv4_mapped", None) or plain
    shown = str(plain)
    if ip.version == 6 and (ip.ipv4_mapped or 0xffff < int(plain) < 1 << 32):
        # the table's: with an IPv4 address at the end
        shown = ("::ffff:" if ip.ipv4_mapped else "::") + str(ipaddress.IPv4Address(int(plain) & 0xffffffff))
    return ip.packed, shown, [kind for kind, attribute in KINDS if getattr(judged, attribute)]


def differs(text):
    """What is wrong with what llnet makes of a text; None where nothing is."""
    ours, theirs = ask_llnet(text), ask_python(text)
    if isinstance(ours, str):
        if theirs is None or (ours == "ENODEV" and "%" in text):
            return None
        return f"{text!r}: {ours}, {theirs}"
    if theirs is None:
        return f"{text!r}: {ours}, refused"
    data, _, shown, kinds = ours
    if (data, shown.partition("%")[0], kinds) != theirs:
        return f"{text!r}: {ours}, {theirs}"
    return None


# ---- texts -----------------------------------------------------------------------------------

rng = random.Random(SEED)
PIECES = ["0", "1", "00", "01", "255", "256", "ffff", "FFFF", "10000", ":", "::", ".", "%", "%1", "%lo", " ", "-", "+",
          "0x1", "e", "g", "127.0.0.1", "::ffff:", "/64", "[", "]", "\u0661", "\n", "1e1", "_"]


def random_bytes():
    data = bytearray(rng.choice((0, 0, 0, 1, 255, rng.randrange(256))) for _ in range(rng.choice((4, 16))))
    if len(data) == 16 and rng.random() < 0.2:
        data[:12] = bytes(10) + rng.choice((b"\xff\xff", b"\0\0"))
    return bytes(data)


def random_text():
    """A true address in one of its forms, then changed in some places, or not."""
    ip = ipaddress.ip_address(random_bytes())
    text = rng.choice((str(ip), ip.exploded, str(ip).upper()))
    if ip.version == 6 and rng.random() < 0.2:
        text = ":".join(ip.exploded.split(":")[:6]) + ":" + str(ipaddress.IPv4Address(ip.packed[12:]))
    for _ in range(rng.choice((0, 0, 1, 1, 2, 4))):
        at, end = sorted((rng.randrange(len(text) + 1), rng.randrange(len(text) + 1)))
        kind = rng.randrange(3)
        text = text[:at] + (rng.choice(PIECES) if kind else "") + text[at if kind == 1 else min(end, at + 3):]
    return text


count = 0


def result(problems, what):
    global count
    count += 1
    print(f"{'not ok' if problems else 'ok'} {count} - {what}")
    for problem in problems[:20]:
        print("# " + problem)


def check_texts():
    texts = [random_text() for _ in range(ROUNDS)]
    taken = sum(not isinstance(ask_llnet(text), str) for text in texts)
    problems = [problem for problem in map(differs, texts) if problem]
    if not ROUNDS // 5 < taken < ROUNDS * 4 // 5:
        problems.append(f"{taken} of {ROUNDS} texts are addresses: too few or too many to show anything")
    result(problems, "a text is an IP address just where it is one to ipaddress, and the same")


def check_bytes():
    problems = []
    for _ in range(ROUNDS // 2):
        data = random_bytes()
        library.llnet_addr_set_ip_bytes(addr, data, len(data), 0)
        ours, theirs = describe(), describe_python(ipaddress.ip_address(data))
        if (ours[0], ours[2], ours[3]) != theirs:
            problems.append(f"{data.hex()}: {ours}, {theirs}")
    result(problems, "any bytes are written as ipaddress writes them, and are of the same kinds")


# ---- the table ---------------------------------------------------------------------------------

def say_witness(witness, text):
    if witness == "ipaddress":
        ip = ipaddress.ip_address(text)
        return "not loopback" if ip.version == 6 and ip.ipv4_mapped and ip.ipv4_mapped.is_loopback else str(ip)
    try:
        found = socket.getaddrinfo(text, 0, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)[0]
    except socket.gaierror:
        return "refused"
    if text == "*":
        return "loopback" if ipaddress.ip_address(found[4][0]).is_loopback else found[4][0]
    return socket.getnameinfo(found[4], socket.NI_NUMERICHOST | socket.NI_NUMERICSERV)[0]


def say_llnet(text):
    ours = ask_llnet(text)
    if isinstance(ours, str):
        return ours
    return "loopback" if "loopback" in ours[3] and ours[0].startswith(bytes(10) + b"\xff\xff") else ours[2]


def check_table():
    with open(sys.argv[2], encoding="utf-8") as table:
        rows = [line.rstrip("\n").split(" | ") for line in table if line.strip() and not line.startswith("#")]
    glibc = platform.libc_ver()[0] == "glibc"
    named = (1, "lo") in socket.if_nameindex()
    for witness, text, ours, theirs, _ in rows:
        if (witness != "ipaddress" and not glibc) or ("lo" in (ours + theirs).split("%") and not named):
            continue
        got = say_llnet(text), say_witness(witness, text)
        result([f"llnet: {got[0]}, not {ours}; {witness}: {got[1]}, not {theirs}"] if got != (ours, theirs) else [],
               f"{witness} differs on {text}, and as the table says")


print(f"# LLNET_SEED={SEED} LLNET_ROUNDS={ROUNDS}")
check_texts()
check_bytes()
check_table()
print(f"1..{count}")
