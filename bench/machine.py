# SPDX-License-Identifier: MIT
"""machine.py: where it was measured: processor, kernel, versions, and what else the machine did."""
import os, platform, re, subprocess, time

VERSIONS = {  # how a library says its version in Lua
    "LuaSocket": 'return require "socket"._VERSION',
    "luv": 'local luv = require "luv" return "libuv " .. luv.version_string()',
    "cqueues": 'return "cqueues " .. tostring(require "cqueues".VERSION)',
    "copas": 'return require "copas"._VERSION',
}


def output(command, environment=None):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment)
    return done.stdout.decode(errors="replace").strip()


def processor():
    with open("/proc/cpuinfo") as file:
        found = re.search(r"^model name\s*: (.*)$", file.read(), re.MULTILINE)
    return found.group(1) if found else platform.machine()


def version_of(runtime, library, environment):
    text = output([runtime.lua, "-e", "print((function() %s end)())" % VERSIONS[library]], environment)
    return text.splitlines()[-1] if text else library


def describe(setting):
    versions = {}
    for runtime in setting.runtimes:
        versions[runtime.name] = output([runtime.lua, "-v"]).split("  ")[0].split(" -- ")[0]
        for library in setting.installed[runtime.name]:
            if library not in versions:
                versions[library] = version_of(runtime, library, setting.environment)
    with open("/proc/sys/net/ipv4/tcp_congestion_control") as file:
        congestion = file.read().strip()
    return {
        "date": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()),
        "processor": processor(), "processors": os.cpu_count(),
        "kernel": "%s %s" % (platform.system(), platform.release()), "architecture": platform.machine(),
        "congestion_control": congestion,
        "versions": versions, "rounds": setting.rounds, "seconds_a_round": round(setting.seconds, 3),
        "load_average": os.getloadavg()[0],
    }
