# SPDX-License-Identifier: MIT
# interfaces.py [counters]: what ip(8) tells of interfaces and addresses, a line each; the
# tests write what llnet tells in the same way. With "counters" also those of lo, where
# nothing else changes them.
import json
import subprocess
import sys

FLAGS = {"UP": 0x1, "BROADCAST": 0x2, "DEBUG": 0x4, "LOOPBACK": 0x8, "POINTOPOINT": 0x10, "NOARP": 0x80,
         "PROMISC": 0x100, "ALLMULTI": 0x200, "MASTER": 0x400, "SLAVE": 0x800, "MULTICAST": 0x1000,
         "DYNAMIC": 0x8000, "LOWER_UP": 0x10000, "DORMANT": 0x20000, "ECHO": 0x40000}


def number(names):
    # ip does not print RUNNING, but NO-CARRIER where an interface is up without
    value = sum(FLAGS.get(name, 0) for name in names)
    return value | 0x40 if "UP" in names and "NO-CARRIER" not in names else value


for link in json.loads(subprocess.check_output(["ip", "-s", "-json", "addr"])):
    if not link:
        continue
    print(link["ifindex"], link["ifname"], "%#x" % number(link["flags"]), link["mtu"], link.get("address", "-"))
    if "counters" in sys.argv[1:] and link["ifname"] == "lo":
        rx, tx = link["stats64"]["rx"], link["stats64"]["tx"]
        print("", rx["packets"], tx["packets"], rx["bytes"], tx["bytes"], rx["errors"], tx["errors"], rx["dropped"],
              tx["dropped"], rx["multicast"], tx["collisions"])
    for addr in link["addr_info"]:
        scope = "%" + link["ifname"] if addr["family"] == "inet6" and addr["scope"] == "link" else ""
        print("", "%s%s/%d" % (addr["local"], scope, addr["prefixlen"]), addr.get("broadcast", "-"),
              addr.get("address", "-"))
