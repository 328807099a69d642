# SPDX-License-Identifier: MIT
# netns.py: network namespaces of the test's own, for those in Python: what netns.c is to those in C.
import fcntl
import os
import socket
import struct
import subprocess
import sys


def enter(mark):
    """This script once more in a namespace where its packets stay, with mark=alone in its environment: as
    root of a user namespace if it may, so that no capability reaches further. Returns if none can be had."""
    if os.environ.get(mark) == "alone":
        return True
    for how in ("-rn", "-n"):
        if subprocess.run(["unshare", how, "true"], stderr=subprocess.DEVNULL).returncode == 0:
            environment = dict(os.environ, **{mark: "alone"})
            os.execvpe("unshare", ["unshare", how, sys.executable] + sys.argv, environment)
    return False


def loopback_up():
    """SIOCSIFFLAGS, with IFF_UP."""
    with socket.socket() as s:
        fcntl.ioctl(s, 0x8914, struct.pack("16sh14x", b"lo", 1))


class Other:
    """One namespace more, which lives until close()."""

    def __init__(self):
        self.holder = subprocess.Popen(["unshare", "-n", "sh", "-c", "echo; exec cat"], stdin=subprocess.PIPE,
                                       stdout=subprocess.PIPE)
        self.holder.stdout.readline()
        self.pid = self.holder.pid
        self.enter = ["nsenter", "--net=/proc/%d/ns/net" % self.pid]

    def close(self):
        self.holder.stdin.close()
        self.holder.wait()
