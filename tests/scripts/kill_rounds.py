#!/usr/bin/env python3
"""What was acknowledged survives kill -9.

  tests/scripts/kill_rounds.py --binary PATH [--rounds 200] [--policy always|everysec|no] [--writers 50]
                               [--seconds 0.5] [--seed 1] [--keep DIR]

Writers send pipelines of SET, RPUSH, XADD and of transactions, each with the next
number of the writer, while one client asks for BGREWRITEAOF now and then. Then the
server is killed and started again with the same files. Afterwards, for each writer:

  always       every number that was acknowledged is there, in each of its keys
  everysec     no more is missing than what was acknowledged in the last two seconds
  no           the same: what the process has written outlives it
  in any case  what is there is a beginning of what was sent, without a gap, and each
               transaction is there as a whole or not at all

The files grow from round to round: one server's life with many crashes. Exit code 1
with the first thing that is wrong; --keep names a directory to work in that stays.
"""
import argparse
import contextlib
import pathlib
import random
import selectors
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tools/lib"))
import servers  # noqa: E402

PIPELINE = 16
# What may be missing where nobody waits for the disk: so long a write waits for a disk that stalls.
MAY_MISS_S = 2.0
# So often a rewrite is waited for, so that there aren't ever more files.
REWRITE_EVERY = 8


class Writer:
    """Sends numbered commands in pipelines, and knows which have been acknowledged when."""

    def __init__(self, name):
        self.name, self.sent, self.acknowledged = name, 0, 0
        # The last number that the server had when it started, and when others were acknowledged: (moment, number), in order.
        self.loaded, self.history = 0, []
        self.socket, self.replies, self.expected = None, b"", []

    def connect(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.replies, self.expected = b"", []

    def send(self):
        parts = []
        for _ in range(PIPELINE):
            self.sent += 1
            parts.append(self.commands(self.sent))
        self.socket.sendall(b"".join(parts))

    def commands(self, number):
        """The commands with this number; the writer knows how many replies they get."""
        key, encode = self.name, servers.encode
        kind = number % 4
        if kind == 0:
            self.expected.append((number, 5))
            return b"".join([encode("MULTI"), encode("SET", "a:" + key, number), encode("SET", "b:" + key, number),
                             encode("RPUSH", "t:" + key, number), encode("EXEC")])
        self.expected.append((number, 1))
        if kind == 1:
            return encode("SET", "s:" + key, number)
        if kind == 2:
            return encode("RPUSH", "l:" + key, number)
        return encode("XADD", "x:" + key, "%d-1" % number, "n", number)

    def receive(self):
        """Counts replies; answers whether the pipeline is complete. An error reply is a failure of the test."""
        data = self.socket.recv(1 << 16)
        if not data:
            raise ConnectionError
        self.replies += data
        while self.expected:
            number, replies = self.expected[0]
            end = whole_replies(self.replies, replies)
            if end is None:
                return False
            if b"-ERR" in self.replies[:end] or b"-MISCONF" in self.replies[:end]:
                sys.exit("FAILED: an error: %r" % self.replies[:end])
            self.replies = self.replies[end:]
            self.expected.pop(0)
            self.acknowledged = number
        self.history.append((time.monotonic(), self.acknowledged))
        return True

    def safe_at(self, moment):
        """What had been acknowledged by then, or had been loaded at the start."""
        numbers = [number for at, number in self.history if at <= moment]
        return numbers[-1] if numbers else self.loaded


def whole_replies(data, count):
    """Where the first replies end, of the forms that there are here; None if they aren't all there."""
    at = 0
    while count:
        end = data.find(b"\r\n", at)
        if end < 0:
            return None
        kind, rest, at = data[at:at + 1], data[at + 1:end], end + 2
        count -= 1
        if kind == b"*":
            count += int(rest)
        elif kind == b"$":
            at += int(rest) + 2
            if at > len(data):
                return None
    return at


class Run:
    """The server and its writers over all rounds."""

    def __init__(self, options, directory):
        self.options, self.directory = options, directory
        self.writers = [Writer(str(number)) for number in range(options.writers)]
        self.random = random.Random(options.seed)
        self.rewrites = 0

    def start(self):
        self.port = servers.free_port()
        argv = [self.options.binary, "--port", self.port, "--dir", self.directory, "--save", "", "--appendonly", "yes",
                "--appendfsync", self.options.policy, "--logfile", self.directory / "log",
                "--aof-checksum", "yes" if self.random.random() < 0.5 else "no",
                "--aof-timestamp-enabled", "yes" if self.random.random() < 0.5 else "no"]
        self.process = subprocess.Popen([str(part) for part in argv], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        while self.process.poll() is None:
            with contextlib.suppress(OSError, ConnectionError, servers.ReplyError):
                # However long a reply takes.
                client = servers.Client(self.port, timeout=None)
                client.call("DBSIZE")
                return client
            time.sleep(0.01)
        sys.exit("FAILED: the server doesn't start (%s):\n%s" % (
            self.process.returncode, (self.directory / "log").read_text()[-3000:]))

    def write(self, control):
        """One round's writing; ends with the kill."""
        selector = selectors.DefaultSelector()
        for writer in self.writers:
            writer.connect(self.port)
            selector.register(writer.socket, selectors.EVENT_READ, writer)
            writer.send()
        end = time.monotonic() + self.options.seconds * self.random.uniform(0.3, 1.5)
        rewrite_at = time.monotonic() + self.options.seconds * self.random.uniform(0, 1.5)
        while time.monotonic() < end:
            if time.monotonic() > rewrite_at:
                rewrite_at = end
                control.send("BGREWRITEAOF")
                self.rewrites += 1
            for event, _ in selector.select(0.01):
                if event.data.receive():
                    event.data.send()
        killed = time.monotonic()
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        # What was on its way to the writers was acknowledged too.
        for writer in self.writers:
            with contextlib.suppress(ConnectionError, OSError):
                while True:
                    writer.receive()
            writer.socket.close()
        return killed

    def check(self, control, killed):
        """Compares what is there with what was acknowledged; the writers go on from there."""
        missing = 0
        for writer in self.writers:
            there = self.last_numbers(control, writer.name)
            if self.options.policy == "always":
                safe = writer.acknowledged
            else:
                safe = writer.safe_at(killed - MAY_MISS_S)
            last = max(there.values())
            for kind, number in there.items():
                kinds = {"s": 1, "l": 2, "x": 3, "t": 0}[kind]
                wanted = safe - (safe - kinds) % 4
                if number < wanted:
                    self.fail("writer %s: %s ends at %d, %d was acknowledged" % (writer.name, kind, number, wanted))
                # Without a gap: a later number is there only if the earlier ones are.
                if last - number > 3 and number < last - (last - kinds) % 4:
                    self.fail("writer %s: %s ends at %d though %d is there" % (writer.name, kind, number, last))
            if last > writer.sent:
                self.fail("writer %s: %d is there, %d was sent" % (writer.name, last, writer.sent))
            missing = max(missing, writer.acknowledged - last)
            writer.sent = writer.acknowledged = last
            writer.loaded, writer.history = last, []
        return missing

    def last_numbers(self, control, name):
        a, b, s, t, l, x = control.pipeline([
            ["GET", "a:" + name], ["GET", "b:" + name], ["GET", "s:" + name], ["LRANGE", "t:" + name, -1, -1],
            ["LRANGE", "l:" + name, -1, -1], ["XREVRANGE", "x:" + name, "+", "-", "COUNT", 1]])
        number = lambda value: int(value or 0)
        t = number(t[0]) if t else 0
        if not number(a) == number(b) == t:
            self.fail("writer %s: half a transaction: %r %r %r" % (name, a, b, t))
        return {"s": number(s), "l": number(l[0]) if l else 0, "x": number(x[0][1][1]) if x else 0, "t": t}

    def check_all(self, control):
        """Every element of every list and stream, at the end."""
        for writer in self.writers:
            for kind, first in (("l", 2), ("t", 4)):
                found = [int(value) for value in control.call("LRANGE", kind + ":" + writer.name, 0, -1)]
                if found != list(range(first, found[-1] + 1 if found else first, 4)):
                    self.fail("writer %s: %s has a gap" % (writer.name, kind))
            found = [int(entry[0].split(b"-")[0]) for entry in control.call("XRANGE", "x:" + writer.name, "-", "+")]
            if found != list(range(3, found[-1] + 1 if found else 3, 4)):
                self.fail("writer %s: x has a gap" % writer.name)

    def fail(self, text):
        sys.exit("FAILED: %s\n%s" % (text, (self.directory / "log").read_text()[-2000:]))

    def run(self):
        control, total = self.start(), 0
        for number in range(1, self.options.rounds + 1):
            before = sum(writer.sent for writer in self.writers)
            killed = self.write(control)
            control = self.start()
            missing = self.check(control, killed)
            if number % REWRITE_EVERY == 0:
                # The rewrites of the rounds hardly ever come to their end.
                control.call("BGREWRITEAOF")
                while control.info("persistence")["aof_rewrite_in_progress"] == "1":
                    time.sleep(0.01)
            written = sum(writer.sent for writer in self.writers) - before
            total += written
            if number % max(1, self.options.rounds // 10) == 0:
                print("round %d: %d commands, at most %d acknowledged ones of a writer missing" % (number, written, missing),
                      flush=True)
        self.check_all(control)
        self.process.kill()
        self.process.wait()
        print("%d rounds, %d commands, %d rewrites: ok" % (self.options.rounds, total, self.rewrites))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", required=True, type=pathlib.Path)
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--policy", choices=("always", "everysec", "no"), default="always")
    parser.add_argument("--writers", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=0.5)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=pathlib.Path)
    options = parser.parse_args()
    options.binary = options.binary.resolve()
    directory = options.keep or pathlib.Path(tempfile.mkdtemp(prefix="redstart."))
    directory.mkdir(parents=True, exist_ok=True)
    run = Run(options, directory)
    try:
        run.run()
    finally:
        if getattr(run, "process", None) and run.process.poll() is None:
            run.process.kill()
        if not options.keep:
            shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    main()
