"""Servers to test and measure: starting one, talking to it, reading its CPU time and
memory. Standard library only."""
import contextlib
import os
import pathlib
import random
import re
import shutil
import socket
import subprocess
import tempfile
import time


class ReplyError(Exception):
    """An error reply."""


class Client:
    """A blocking connection that speaks RESP2 and reads RESP3 as well."""

    def __init__(self, port=None, unix=None, timeout=30.0):
        if unix:
            self.socket = socket.socket(socket.AF_UNIX)
            self.socket.settimeout(timeout)
            self.socket.connect(str(unix))
        else:
            self.socket = socket.create_connection(("127.0.0.1", port), timeout=timeout)
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.file = self.socket.makefile("rb", buffering=1 << 16)

    def close(self):
        self.file.close()
        self.socket.close()

    def send(self, *args):
        self.socket.sendall(encode(*args))

    def call(self, *args):
        """Sends one command and returns its reply; raises ReplyError."""
        self.send(*args)
        reply = self.read()
        if isinstance(reply, ReplyError):
            raise reply
        return reply

    def pipeline(self, commands):
        """Sends all commands at once; returns their replies, errors among them."""
        self.socket.sendall(b"".join(encode(*command) for command in commands))
        return [self.read() for _ in commands]

    def read(self):
        """Reads one reply; an error reply is returned, not raised."""
        line = self.file.readline()
        if not line.endswith(b"\r\n"):
            raise ConnectionError("the server closed the connection")
        kind, rest = line[:1], line[1:-2]
        if kind == b"-":
            return ReplyError(rest.decode(errors="replace"))
        if kind in b":(":
            return int(rest)
        if kind in b"$=!":
            length = int(rest)
            return None if length < 0 else self.file.read(length + 2)[:-2]
        if kind in b"*~>":
            length = int(rest)
            return None if length < 0 else [self.read() for _ in range(length)]
        if kind == b"%":
            return [self.read() for _ in range(2 * int(rest))]
        if kind == b"_":
            return None
        if kind == b"#":
            return rest == b"t"
        if kind == b",":
            return float(rest)
        return rest

    def info(self, section):
        """The fields of one INFO section."""
        lines = self.call("INFO", section).decode(errors="replace").split("\r\n")
        return dict(line.split(":", 1) for line in lines if ":" in line and line[0] != "#")


def encode(*args):
    """One command as RESP."""
    parts = [b"*%d\r\n" % len(args)]
    for arg in args:
        data = arg if isinstance(arg, bytes) else str(arg).encode()
        parts.append(b"$%d\r\n%s\r\n" % (len(data), data))
    return b"".join(parts)


# Outgoing connections get ports above, tools/suite uses those in between.
SERVER_PORTS = range(10000, 20000)


def free_port():
    """A port of the loopback interface that nobody uses now: none of those from which the system
    takes one for any connection that is made between now and the server's start."""
    for port in random.SystemRandom().sample(SERVER_PORTS, len(SERVER_PORTS)):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise RuntimeError("no port is free")


class Server:
    """A running server in a scratch directory, for use in a `with` statement.

    binary: the program; options: further command line arguments; cpus: a CPU list as
    taskset takes it; files: what the directory holds at the start, name and bytes.
    Persistence is off unless the options say otherwise.
    """

    def __init__(self, binary, options=(), cpus=None, name=None, files=None):
        self.binary, self.options, self.cpus = os.path.abspath(binary), list(options), cpus
        self.name = name or pathlib.Path(binary).name
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="redstart."))
        for file, content in (files or {}).items():
            (self.directory / file).write_bytes(content)
        self.unix = self.directory / "socket"
        self.port = free_port()
        self.process = None

    def __enter__(self):
        argv = ["taskset", "-c", self.cpus] if self.cpus else []
        argv += [self.binary, "--port", self.port, "--bind", "127.0.0.1", "--dir", self.directory,
                 "--unixsocket", self.unix, "--save", "", "--appendonly", "no", *self.options]
        with open(self.directory / "log", "wb") as log:
            self.process = subprocess.Popen([str(part) for part in argv], stdin=subprocess.DEVNULL,
                                            stdout=log, stderr=subprocess.STDOUT)
        try:
            self._wait_until_it_answers()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(10)
            self.process.kill()
        self.process.wait()
        shutil.rmtree(self.directory, ignore_errors=True)

    def _wait_until_it_answers(self, seconds=20):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and self.process.poll() is None:
            with contextlib.suppress(OSError):
                client = Client(self.port, timeout=5)
                answer = client.pipeline([["PING"]])[0]
                client.close()
                if answer == b"PONG":
                    return
            time.sleep(0.02)
        raise RuntimeError("%s does not answer:\n%s" % (self.name, self.log()))

    def log(self):
        """The end of what the server wrote."""
        return (self.directory / "log").read_text(errors="replace")[-2000:]

    def running(self):
        return self.process.poll() is None

    def client(self, **options):
        return Client(self.port, **options)

    def cpu_seconds(self):
        """CPU time used so far by all threads, user and system, in seconds."""
        total_ns = 0
        for task in pathlib.Path("/proc/%d/task" % self.process.pid).iterdir():
            with contextlib.suppress(OSError):
                total_ns += int((task / "schedstat").read_text().split()[0])
        return total_ns / 1e9

    def resident_bytes(self):
        """Resident memory, without pages of the program: those come when a code path is first taken, weigh
        hundreds of kilobytes and belong to nobody's data."""
        found = re.search(r"^RssAnon:\s*(\d+)", pathlib.Path("/proc/%d/status" % self.process.pid).read_text(), re.M)
        if not found:
            raise RuntimeError("%s has no resident memory: it ended" % self.name)
        return int(found.group(1)) * 1024


def percentile(values, part):
    """The value below which `part` (0 to 1) of the values lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))]
