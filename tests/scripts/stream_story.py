#!/usr/bin/env python3
"""Consumers of a stream wait while everything around them changes.

  tests/scripts/stream_story.py --binary PATH [--seconds N] [--seed N] [...]

Three processes read a stream through one consumer group (XREADGROUP BLOCK 2000 COUNT
1), a fourth adds entries (XADD MAXLEN 5000). Meanwhile consumers are killed and
started again, the group is destroyed and re-created, the key is deleted. In such a
situation servers have been seen to spin and to stop answering anyone.

Checked, per life of the group (from its creation to its end):
  - no entry is delivered twice;
  - an entry added while the group exists is delivered, or still undelivered at the
    group's end, or pending for a consumer that was killed before it could say so;
  - the group's lag, where the server gives one, is the number of undelivered entries;
  - when the disturbances stop, every entry arrives;
  - another client's PING stays fast and the server's CPU time low.
The exit code is 1 when one of these does not hold.
"""
import argparse
import collections
import contextlib
import multiprocessing
import os
import pathlib
import random
import signal
import sys
import time
import uuid
from dataclasses import dataclass, field

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tools/lib"))
import client_library  # noqa: E402
client_library.require()
import redis  # noqa: E402
import servers  # noqa: E402

STREAM, GROUP, MAXLEN = "tasks_queue", "test", 5000
# What a waiting reader may be told when the group or the key goes away.
EXPECTED_ERRORS = ("NOGROUP", "UNBLOCKED")
DRAIN_SECONDS = 10


def connect(socket_path):
    return redis.Redis(unix_socket_path=socket_path, decode_responses=True)


def append(log, *words):
    """One line in one write: a kill leaves whole lines."""
    os.write(log, (" ".join(map(str, words)) + "\n").encode())


def run_consumer(socket_path, name, log_path):
    """Reads entries for ever: notes each one before it acknowledges it."""
    log = os.open(log_path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    client = connect(socket_path)
    while True:
        try:
            reply = client.xreadgroup(GROUP, name, {STREAM: ">"}, count=1, block=2000)
        except redis.ResponseError as error:
            append(log, "error", str(error).replace("\n", " "))
            time.sleep(0.02)
            continue
        # RESP2 answers a list of pairs, RESP3 a map of lists.
        batches = reply.values() if isinstance(reply, dict) else [entries for _, entries in reply or ()]
        for entries in batches:
            while entries and isinstance(entries[0], list):
                entries = entries[0]
            for entry_id, fields in entries:
                append(log, "got", fields["n"], entry_id)
                client.xack(STREAM, GROUP, entry_id)


def run_feeder(socket_path, interval_s, log_path, stop):
    """Adds numbered entries until told to stop."""
    log = os.open(log_path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    client, number = connect(socket_path), 0
    while not stop.is_set():
        number += 1
        entry_id = client.xadd(STREAM, {"n": number, "task_uuid": str(uuid.uuid4())}, maxlen=MAXLEN,
                               approximate=False)
        append(log, "added", number, entry_id)
        time.sleep(interval_s)


def run_pinger(socket_path, log_path, stop):
    """Measures how long another client waits for its answer, in milliseconds."""
    log = os.open(log_path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    client = connect(socket_path)
    while not stop.is_set():
        started = time.monotonic()
        client.ping()
        append(log, "ping", (time.monotonic() - started) * 1000)
        time.sleep(0.002)


@dataclass
class Life:
    """One life of the group: entries numbered in (first, last] were added in it."""
    first: int
    last: int = 0
    pending: dict = field(default_factory=dict)      # entry id -> consumer
    undelivered: set = field(default_factory=set)
    lag: int = None
    kills: collections.Counter = field(default_factory=collections.Counter)


class Story:
    """The processes, the disturbances and what they left to check."""

    def __init__(self, server, arguments):
        self.server, self.arguments = server, arguments
        self.random = random.Random(arguments.seed)
        self.socket = str(server.unix)
        self.directory = server.directory
        self.processes = multiprocessing.get_context("fork")
        self.stop = self.processes.Event()
        self.client = connect(self.socket)
        self.consumers, self.lives = {}, []
        self.counts = collections.Counter()
        self.problems = []

    def log(self, name):
        return str(self.directory / (name + ".story"))

    def start(self, target, *args):
        process = self.processes.Process(target=target, args=args, daemon=True)
        process.start()
        return process

    def start_consumer(self, name):
        self.consumers[name] = self.start(run_consumer, self.socket, name, self.log(name))

    # ------------------------------------------------------------- disturbances

    def kill_consumer(self):
        name = self.random.choice(sorted(self.consumers))
        os.kill(self.consumers[name].pid, signal.SIGKILL)
        self.consumers[name].join()
        # What it hadn't noted yet may be from the life before.
        for life in self.lives[-2:]:
            life.kills[name] += 1
        self.counts["consumers killed"] += 1
        time.sleep(self.random.uniform(0, 0.2))
        self.start_consumer(name)

    def replace_group(self):
        self.end_life(lambda commands: commands.xgroup_destroy(STREAM, GROUP))
        self.counts["group re-created"] += 1
        self.begin_life()

    def delete_key(self):
        self.end_life(lambda commands: commands.delete(STREAM))
        self.counts["key deleted"] += 1
        self.begin_life()

    def begin_life(self):
        """Creates the group at the stream's end, noting which entry was the last."""
        time.sleep(self.random.choice((0, 0, 0.01, 0.05)))
        commands = self.client.pipeline(transaction=True)
        commands.xgroup_create(STREAM, GROUP, id="$", mkstream=True)
        commands.xrevrange(STREAM, count=1)
        newest = commands.execute()[1]
        before = self.lives[-1].last if self.lives else 0
        self.lives.append(Life(int(newest[0][1]["n"]) if newest else before))

    def end_life(self, finish=None):
        """Notes what the group still owes and, in the same transaction, ends it."""
        life = self.lives[-1]
        commands = self.client.pipeline(transaction=True)
        commands.xpending_range(STREAM, GROUP, "-", "+", 1_000_000)
        commands.xinfo_groups(STREAM)
        commands.xrange(STREAM)
        if finish:
            finish(commands)
        pending, groups, entries = commands.execute()[:3]
        delivered_up_to = _id(groups[0]["last-delivered-id"])
        life.undelivered = {int(fields["n"]) for entry_id, fields in entries if _id(entry_id) > delivered_up_to}
        life.last = max((int(fields["n"]) for _, fields in entries), default=life.first)
        life.pending = {entry["message_id"]: entry["consumer"] for entry in pending}
        life.lag = groups[0].get("lag")

    # ------------------------------------------------------------- the course

    def measure(self, name, seconds, during):
        """Runs `during` for some seconds; returns PING latencies (ms) and CPU (percent)."""
        stop, log = self.processes.Event(), self.log("pings-" + name)
        pinger = self.start(run_pinger, self.socket, log, stop)
        cpu, started = self.server.cpu_seconds(), time.monotonic()
        during(started + seconds)
        elapsed = time.monotonic() - started
        percent = 100 * (self.server.cpu_seconds() - cpu) / elapsed
        stop.set()
        pinger.join(30)
        if pinger.is_alive():
            self.problems.append("PING was not answered for 30 seconds")
        return [float(value) for _, value in read_log(log)], percent

    def disturb(self, until):
        disturbances = [self.kill_consumer] * 3 + [self.replace_group] * 2 + [self.delete_key]
        while time.monotonic() < until:
            time.sleep(self.random.uniform(0.05, 0.6))
            self.random.choice(disturbances)()

    def drain(self):
        """Without disturbances, everything added has to arrive."""
        deadline = time.monotonic() + DRAIN_SECONDS
        while time.monotonic() < deadline:
            last, group = self.client.xinfo_stream(STREAM)["last-generated-id"], self.client.xinfo_groups(STREAM)[0]
            if last == group["last-delivered-id"]:
                return
            time.sleep(0.05)
        self.problems.append("%d seconds after the last entry some are not delivered: group %s, stream ends at %s"
                             % (DRAIN_SECONDS, group, last))

    def settle(self):
        """Waits until what was delivered is acknowledged, and so noted, but for what killed consumers had."""
        deadline, kills = time.monotonic() + DRAIN_SECONDS, self.lives[-1].kills
        while time.monotonic() < deadline:
            pending = self.client.xpending(STREAM, GROUP)["consumers"] or ()
            if all(int(consumer["pending"]) <= kills[consumer["name"]] for consumer in pending):
                return
            time.sleep(0.05)

    def play(self):
        self.begin_life()
        idle = self.measure("idle", self.arguments.idle_seconds, _sleep_until)
        for index in range(self.arguments.consumers):
            self.start_consumer("testuser-%d" % index)
        feeder = self.start(run_feeder, self.socket, self.arguments.interval_ms / 1000, self.log("feeder"), self.stop)
        busy = self.measure("busy", self.arguments.seconds, self.disturb)
        self.stop.set()
        feeder.join(10)
        self.drain()
        self.settle()
        for process in self.consumers.values():
            process.terminate()
            process.join()
        self.end_life()
        return idle, busy

    # ------------------------------------------------------------- the checks

    def check(self):
        added = {int(n): entry_id for _, n, entry_id in read_log(self.log("feeder"))}
        delivered = collections.defaultdict(list)
        for name in self.consumers:
            for kind, *words in read_log(self.log(name)):
                if kind == "got":
                    delivered[int(words[0])].append(name)
                elif words[0] in EXPECTED_ERRORS:
                    self.counts["readers told of a lost group"] += 1
                else:
                    self.problems.append("%s was answered: %s" % (name, " ".join(words)))
        for number, names in sorted(delivered.items()):
            if len(names) > 1:
                self.problems.append("entry %d was delivered %d times: %s" % (number, len(names), ", ".join(names)))
        for index, life in enumerate(self.lives, 1):
            self.check_life(index, life, added, delivered)
        self.counts["entries added"] = len(added)
        self.counts["entries delivered"] = len(delivered)

    def check_life(self, index, life, added, delivered):
        unnoted = collections.Counter()
        for number in range(life.first + 1, life.last + 1):
            if number in life.undelivered:
                self.counts["undelivered at a group's end"] += 1
                if number in delivered:
                    self.problems.append("entry %d was delivered, but life %d of the group says it was not"
                                         % (number, index))
            elif number in delivered:
                continue
            elif added.get(number) in life.pending:
                unnoted[life.pending[added[number]]] += 1
            elif number in added:
                self.problems.append("entry %d (%s), added in life %d of the group, was never delivered"
                                     % (number, added[number], index))
        for name, times in unnoted.items():
            self.counts["lost with a killed consumer"] += times
            if times > life.kills[name]:
                self.problems.append("%s never saw %d entries pending for it in life %d, but was killed %d times"
                                     % (name, times, index, life.kills[name]))
        if life.lag is not None and life.lag != len(life.undelivered):
            self.problems.append("life %d ended with lag %d, but %d entries were undelivered"
                                 % (index, life.lag, len(life.undelivered)))


def _id(text):
    milliseconds, _, sequence = text.partition("-")
    return int(milliseconds), int(sequence)


def _sleep_until(deadline):
    time.sleep(max(0, deadline - time.monotonic()))


def read_log(path):
    """The words of each line of a log."""
    with contextlib.suppress(FileNotFoundError):
        return [line.split() for line in pathlib.Path(path).read_text().splitlines()]
    return []


def report(story, idle, busy):
    """Prints the table and returns the problems, those of speed included."""
    rows = [("PING p50, ms", "%.2f", lambda m: servers.percentile(m[0], 0.50)),
            ("PING p99, ms", "%.2f", lambda m: servers.percentile(m[0], 0.99)),
            ("PING longest, ms", "%.2f", lambda m: max(m[0])),
            ("server CPU, % of a core", "%.1f", lambda m: m[1])]
    print("%-34s%12s%12s" % ("", "idle", "the story"))
    for title, form, value in rows:
        print("%-34s%12s%12s" % (title, form % value(idle), form % value(busy)))
    for title, count in sorted(story.counts.items()):
        print("%-34s%24d" % (title, count))
    limits = story.arguments
    if servers.percentile(busy[0], 0.99) > limits.max_ping_ms:
        story.problems.append("PING p99 is above %g ms" % limits.max_ping_ms)
    if busy[1] > limits.max_cpu:
        story.problems.append("the server used more than %g %% of a core" % limits.max_cpu)
    return story.problems


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", required=True, help="the server to start")
    parser.add_argument("--seconds", type=float, default=20, help="how long to disturb (default: %(default)g)")
    parser.add_argument("--idle-seconds", type=float, default=2, help="how long to measure before that")
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32), help="of the disturbances")
    parser.add_argument("--consumers", type=int, default=3)
    parser.add_argument("--interval-ms", type=float, default=10, help="between entries (default: %(default)g)")
    parser.add_argument("--max-ping-ms", type=float, default=50, help="limit for PING's p99 (default: %(default)g)")
    parser.add_argument("--max-cpu", type=float, default=50, help="limit in percent of a core (default: %(default)g)")
    arguments = parser.parse_args()
    print("seed %d" % arguments.seed, flush=True)
    with servers.Server(arguments.binary) as server:
        story = Story(server, arguments)
        measured = story.play()
        if not server.running():
            sys.exit("FAILED: the server ended:\n" + server.log())
        story.check()
        problems = report(story, *measured)
    for problem in problems[:20]:
        print("FAILED: " + problem)
    print("stream story: %s" % ("%d problems" % len(problems) if problems else "holds"))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
