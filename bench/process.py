# SPDX-License-Identifier: MIT
"""process.py: the processes that are measured and those that load them: started, asked, their
CPU time read, ended by their id."""
import os, select, subprocess, time

PATIENCE = 120  # seconds for an answer


class Failed(Exception):
    """A program ended, or did not do what it was asked."""


class Program:
    def __init__(self, name, command, environment, cpu=None, sampler=None):
        """sampler: the program that samples where it spends its time, if it is to be measured."""
        self.name, self.sampler = name, None
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment)
        if cpu is not None:
            os.sched_setaffinity(self.process.pid, [cpu])
        self.clock = ~self.process.pid << 3 | 2  # clock_getcpuclockid(3), which Python lacks
        if sampler is not None:
            self.watch(sampler, environment)

    def watch(self, sampler, environment):
        try:
            self.sampler = Program("samples of " + self.name, [sampler, str(self.process.pid)], environment)
            if self.sampler.read_line() != "ready":  # not allowed here
                self.sampler.stop()
                self.sampler = None
        except BaseException:
            self.stop()
            raise

    def status(self):
        """The fields of proc_pid_stat(5) from the third on, which is the first here."""
        with open("/proc/%d/stat" % self.process.pid) as file:
            return file.read().rpartition(")")[2].split()

    def cpu_time(self):
        """Nanoseconds, user and system, from the process's CPU clock. The kernel brings another
        process's clock up to date when that is taken off its processor, and else at an interrupt
        now and then: so it is settled first."""
        self.settle()
        return time.clock_gettime_ns(self.clock)

    def settle(self):
        """Returns when the program waits for something, or after a tenth of a second."""
        for _ in range(1000):
            if self.status()[0] != "R":
                break
            time.sleep(0.0001)

    def user_and_kernel(self):
        """Samples in user space and in the kernel; or ticks, that is where the kernel found it at
        its timer's interrupts."""
        if self.sampler is not None:
            user, kernel = self.sampler.ask("").split()
            return int(user), int(kernel)
        fields = self.status()
        return int(fields[11]), int(fields[12])

    def memory(self):
        """Bytes of its own memory that are in use."""
        with open("/proc/%d/status" % self.process.pid) as file:
            return next(int(line.split()[1]) * 1024 for line in file if line.startswith("RssAnon:"))

    def read_line(self):
        ready, _, _ = select.select([self.process.stdout], [], [], PATIENCE)
        if not ready:
            raise Failed("%s: no answer in %d seconds" % (self.name, PATIENCE))
        line = self.process.stdout.readline().decode()
        if not line:
            raise Failed("%s: it ended" % self.name)
        return line.strip()

    def ask(self, line):
        try:
            self.process.stdin.write(line.encode() + b"\n")
            self.process.stdin.flush()
        except OSError:
            raise Failed("%s: it ended" % self.name) from None
        return self.read_line()

    def end_input(self):
        """Of one that ends by itself then."""
        self.process.stdin.close()
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            raise Failed("%s: it does not end" % self.name) from None

    def stop(self):
        if self.sampler is not None:
            self.sampler.stop()
        self.process.kill()
        self.process.wait()
        for stream in self.process.stdin, self.process.stdout:
            try:
                stream.close()
            except OSError:
                pass  # what was not written yet


class Sample:
    """What a number of operations took: nanoseconds, and how often the program was found in user
    space and in the kernel."""

    def __init__(self, count, cpu, user, system, wall):
        self.count, self.cpu, self.user, self.system, self.wall = count, cpu, user, system, wall

    def cpu_each(self):
        return self.cpu / self.count

    def per_second(self):
        return self.count / self.wall * 1e9


class Meter:
    """CPU time of some programs from here to read."""

    def __init__(self, programs):
        self.programs = programs
        self.before = [program.user_and_kernel() for program in programs]
        self.wall = time.monotonic_ns()
        self.cpu = sum(program.cpu_time() for program in programs)

    def read(self, count, wall=None):
        cpu = sum(program.cpu_time() for program in self.programs) - self.cpu
        wall = wall or time.monotonic_ns() - self.wall
        pairs = [(program.user_and_kernel(), before) for program, before in zip(self.programs, self.before)]
        user, system = (sum(now[i] - before[i] for now, before in pairs) for i in (0, 1))
        return Sample(count, cpu, user, system, wall)
