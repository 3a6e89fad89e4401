#!/usr/bin/env python3
"""Random commands of many clients, the operator's among them, and then kill -9: the same data is there again.

  tests/scripts/random_load.py --binary PATH [--rounds 2] [--seconds 15] [--clients 10] [--workers 4] [--seed 1]

The clients send whatever COMMAND names with random words and few keys, in pipelines and
transactions, in both protocols. One of them meanwhile saves, rewrites, reloads, evicts,
flushes, swaps, pauses and kills. No order of two clients' commands is known, so that
there is nothing to compare replies with: what is looked for is a server that crashes or
doesn't answer any more, and an append-only file that tells of other data than there was.
Exit code 1 with the first such thing.
"""
import argparse
import pathlib
import random
import signal
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tools/lib"))
import servers  # noqa: E402

# What ends the connection's ordinary conversation, the server, or the test, or has messages for its
# reply; and what only the operator below sends.
LEFT_OUT = set("""acl auth client command config debug exec failover hello migrate monitor multi psubscribe psync punsubscribe quit
    replicaof reset save select shutdown slaveof ssubscribe subscribe sunsubscribe swapdb sync unsubscribe wait
    waitaof""".split())
# They wait, if the last word doesn't say for how long.
WAITING = set("blmove blmpop blpop brpop brpoplpush bzmpop bzpopmax bzpopmin".split())
EMPTYING = ("flushall", "flushdb")

KEYS = ["k%d" % number for number in range(12)] + ["{t}%d" % number for number in range(6)]
WORDS = """0 1 2 3 -1 5 10 100 3.5 a b c (1 [a + - * *a* inf -inf LIMIT WITHSCORES NX XX GT LT CH INCR EX PX GET SET KEEPTTL COUNT
    MATCH FIELDS MEMBERS STORE BY ASC DESC ALPHA LEFT RIGHT AND OR XOR NOT u8 i16 WEIGHTS AGGREGATE SUM MIN MAX BYSCORE BYLEX REV
    MAXLEN MINID ~ = STREAMS GROUP g $ > 1-1 0-0 NOMKSTREAM CREATE MKSTREAM BYRADIUS BYBOX FROMLONLAT km m 13.3 38.1 ANY
    WITHCOORD REPLACE ABSTTL""".split() + ["two words", "x" * 70, "y" * 3000]

OPERATOR = [line.split() for line in """BGSAVE
BGREWRITEAOF
SAVE
DEBUG RELOAD
DEBUG LOADAOF
DEBUG DIGEST
CONFIG SET appendfsync always
CONFIG SET appendfsync everysec
CONFIG SET maxmemory 3mb
CONFIG SET maxmemory 0
CONFIG SET maxmemory-policy allkeys-lru
CONFIG SET maxmemory-policy allkeys-lfu
CONFIG SET maxmemory-clients 10mb
CONFIG SET maxmemory-clients 0
CONFIG SET notify-keyspace-events KEA
CONFIG SET hash-max-listpack-entries 4
CONFIG SET hash-max-listpack-entries 128
FLUSHALL ASYNC
SWAPDB 0 1
CLIENT PAUSE 20 WRITE
CLIENT LIST
CLIENT KILL TYPE normal SKIPME yes
MEMORY STATS
MEMORY PURGE
INFO everything
HOTKEYS START METRICS 1 CPU""".splitlines()]

# Databases that hold data: those that SWAPDB swaps.
DATABASES = 2


class Connection(servers.Client):
    """Passes over messages that nobody has asked for."""

    def read(self):
        while self.file.peek(1)[:1] == b">":
            super().read()
        return super().read()


class Load:
    """The clients of one round."""

    def __init__(self, port, options, number):
        self.port, self.options, self.number = port, options, number
        self.end = time.monotonic() + options.seconds
        self.commands = 0
        self.failure = None
        first = servers.Client(port)
        self.names = [(row[0].decode(), row[1]) for row in first.call("COMMAND") if row[0].decode() not in LEFT_OUT]
        first.close()

    def run(self):
        threads = [threading.Thread(target=self.client, args=(number,)) for number in range(self.options.clients)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if self.failure:
            raise SystemExit("FAILED: %s" % self.failure)

    def client(self, number):
        """Client 0 is the operator as well."""
        choice = random.Random("%d/%d/%d" % (self.options.seed, self.number, number))
        connection = None
        while time.monotonic() < self.end and not self.failure:
            batch = [choice.choice(OPERATOR)] if number == 0 and choice.random() < 0.1 else self.batch(choice)
            try:
                connection = connection or self.connect(choice)
                self.commands += len(connection.pipeline(batch))
                if choice.random() < 0.01:
                    connection.close()
                    connection = None
            except TimeoutError:
                self.failure = "no reply to %r" % batch[:3]
            except (ConnectionError, ValueError, servers.ReplyError):
                # CLIENT KILL; or the server is gone, which connecting tells.
                connection = None

    def connect(self, choice):
        try:
            connection = Connection(self.port, timeout=120)
        except ConnectionRefusedError:
            self.failure = "the server is gone"
            raise
        if choice.random() < 0.5:
            connection.call("HELLO", 3)
        if choice.random() < 0.3:
            connection.call("CLIENT", "TRACKING", "ON")
        return connection

    def batch(self, choice):
        if choice.random() < 0.02:
            return [["SELECT", choice.randrange(DATABASES)]]
        if choice.random() < 0.15:
            return [["MULTI"], *(self.command(choice) for _ in range(choice.randint(1, 8))), ["EXEC"]]
        return [self.command(choice) for _ in range(choice.choice((1, 1, 5, 16, 60)))]

    def command(self, choice):
        name, arity = choice.choice(self.names)
        if name in EMPTYING and choice.random() < 0.97:
            return ["PING"]
        if name in ("xread", "xreadgroup"):
            group = ["GROUP", "g", "c"] if name == "xreadgroup" else []
            return [name, *group, "COUNT", 3, "STREAMS", choice.choice(KEYS), ">" if group else 0]
        more = 0 if arity > 0 else choice.choice((0, 0, 1, 2, 3, 4, 6))
        words = [choice.choice(KEYS if at == 0 or choice.random() < 0.25 else WORDS) for at in range(abs(arity) - 1 + more)]
        if name in WAITING:
            words[-1] = "0.01"
        return [name, *words]


def settle(client):
    """Lets nothing expire or be evicted any more. All that was written before is on the disk then."""
    client.pipeline([["CONFIG", "SET", "maxmemory", 0], ["CLIENT", "UNPAUSE"], ["CONFIG", "SET", "appendfsync", "always"]])
    client.call("SET", "last", "written")
    stay = {b"hash": (["HKEYS"], "HPERSIST", "FIELDS"), b"set": (["SMEMBERS"], "SPERSIST", "MEMBERS"),
            b"zset": (["ZRANGE", 0, -1], "ZPERSIST", "MEMBERS")}
    for key in client.call("KEYS", "*"):
        client.call("PERSIST", key)
        kind = client.call("TYPE", key)
        if kind in stay:
            (walk, *span), verb, word = stay[kind]
            names = client.call(walk, key, *span)
            if names:
                client.call(verb, key, word, len(names), *names)


def contents(client):
    """What each key holds."""
    found = {}
    for key in client.call("KEYS", "*"):
        found[key] = (client.call("TYPE", key), client.call("DEBUG", "DIGEST-VALUE", key)[0])
    return found


def look(port, prepare=lambda client: None):
    """What all databases hold."""
    client = servers.Client(port, timeout=None)
    found = {}
    for database in range(DATABASES):
        client.call("SELECT", database)
        prepare(client)
        found.update({(database, key): value for key, value in contents(client).items()})
    found["digest"] = client.call("DEBUG", "DIGEST")
    client.close()
    return found


def round_of(options, number):
    settings = ["--appendonly", "yes", "--enable-debug-command", "yes",
                "--io-threads", options.workers, "--hash-max-listpack-entries", 8]
    with servers.Server(options.binary, settings) as server:
        load = Load(server.port, options, number)
        try:
            load.run()
            before = look(server.port, settle)
        except (SystemExit, OSError):
            print(server.log(), file=sys.stderr)
            raise
        server.process.send_signal(signal.SIGKILL)
        server.process.wait()
        files = {}
        for path in (server.directory / "appendonlydir").iterdir():
            files[path.name] = path.read_bytes()
        after = reopened(options, settings, files)
    different = {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}
    for key in sorted(different, key=str)[:10]:
        print("%r: before %r, after %r" % (key, before.get(key), after.get(key)), file=sys.stderr)
    if different:
        raise SystemExit("FAILED: %d keys differ after the restart" % len(different))
    print("round %d: %d commands, %d keys: the same" % (number, load.commands, len(before) - 1), flush=True)


def reopened(options, settings, files):
    """What a server finds in these append-only files."""
    server = servers.Server(options.binary, settings)
    folder = server.directory / "appendonlydir"
    folder.mkdir()
    for name, content in files.items():
        (folder / name).write_bytes(content)
    with server:
        return look(server.port)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", required=True, type=pathlib.Path)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=15)
    parser.add_argument("--clients", type=int, default=10)
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    for number in range(1, options.rounds + 1):
        round_of(options, number)


if __name__ == "__main__":
    main()
