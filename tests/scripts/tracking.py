#!/usr/bin/env python3
"""Client-side caching works as in Redis: the same random requests to both, the same
replies and messages from both, in the same order on each connection.

  tests/scripts/tracking.py --binary PATH --peers DIR [--cases N] [--seed N]

Two clients turn CLIENT TRACKING on and off in all its modes, read and write; a third one
writes; two more, of either protocol, are told in their place (REDIRECT) and may leave.
A case that differs is shortened and printed. What is known to differ doesn't count: where
the messages of FLUSHALL to its own client stand (docs/differences.md). DIR is what
tools/peers filled. The exit code is 1 when something differs.
"""
import argparse
import contextlib
import pathlib
import random
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tools/lib"))
import servers  # noqa: E402

# Connections and their protocols. What comes for `old` are messages of a channel.
CLIENTS = {"one": 3, "two": 3, "writer": 2, "new": 3, "old": 2}
TARGETS = ("new", "old")
INVALIDATE = "__redis__:invalidate"
KEYS = ["a", "ab", "b", "bc"]
MARK = b"mark"
STEPS = 60
# Ids of clients are greater, other numbers in replies aren't.
LEAST_ID = 200

MODES = ("", "", "", "NOLOOP", "OPTIN", "OPTOUT", "OPTIN NOLOOP", "OPTOUT NOLOOP", "BCAST", "BCAST NOLOOP",
         "BCAST PREFIX a", "BCAST PREFIX a PREFIX b", "BCAST PREFIX b NOLOOP", "BCAST PREFIX a PREFIX ab",
         "OPTIN OPTOUT", "BCAST OPTIN", "PREFIX a", "BCAST BCAST", "WRONG")
READS = ("GET $k", "GET $k", "MGET $k $k", "STRLEN $k", "EXISTS $k $k", "TYPE $k", "HGETALL $h", "HGET $h f",
         "HMGET $h f g", "GETRANGE $k 0 1", "OBJECT ENCODING $k", "HLEN $h", "DBSIZE")
WRITES = ("SET $k 1", "SET $k 1", "SET $k 1 EX 100000000", "SET $k 1 GET", "SETNX $k 1", "DEL $k", "UNLINK $k $k", "APPEND $k 1",
          "INCR $k", "MSET $k 1 $k 2", "EXPIRE $k 100000000", "PERSIST $k", "PEXPIREAT $k 1", "RENAME $k $k", "COPY $k $k REPLACE",
          "GETDEL $k", "GETEX $k EX 100000000", "GETSET $k 1", "HSET $h f 1", "HDEL $h f", "HINCRBY $h f 1", "SETRANGE $k 0 x",
          "FLUSHDB", "FLUSHALL", "MOVE $k 1", "SWAPDB 0 1", "LPUSH $k 1")
ABOUT = ("CLIENT TRACKINGINFO", "CLIENT GETREDIR", "CLIENT TRACKING OFF", "CLIENT TRACKING ON", "CLIENT CACHING YES",
         "CLIENT CACHING NO", "CLIENT CACHING MAYBE")


class Connection(servers.Client):
    """One client of one server, and all that has come for it."""

    def __init__(self, port, protocol):
        super().__init__(port)
        if protocol == 3:
            self.call("HELLO", "3")
        self.id = self.call("CLIENT", "ID")
        self.seen = []

    def next(self):
        """What comes next: its kind and its value."""
        kind = self.file.peek(1)[:1]
        return kind, self.read()

    def ask(self, command):
        """Sends a command and takes everything up to its reply. That of FLUSHALL counts as
        coming first, and what comes with it as without order."""
        self.send(*command)
        came = [self.next()]
        while came[-1][0] == b">":
            came.append(self.next())
        if command[0].startswith("FLUSH") and came[-1][1] == b"OK":
            self.seen += came[-1:]
            self.seen += sorted(came[:-1] + self.caught_up(), key=str)
        else:
            self.seen += came

    def caught_up(self):
        """Everything that has been sent."""
        self.send("PING", MARK)
        came = [self.next()]
        while came[-1][1] not in (MARK, [b"pong", MARK]):
            came.append(self.next())
        return came[:-1]


class Side:
    """One of the two servers with its clients."""

    def __init__(self, server):
        self.port, self.clients, self.names = server.port, {}, {}
        for name in CLIENTS:
            self.connect(name)
        self.control = server.client()
        self.control.call("FLUSHALL")

    def connect(self, name):
        self.clients[name] = Connection(self.port, CLIENTS[name])
        self.names[self.clients[name].id] = "@" + name
        if name == "old":
            self.clients[name].call("SUBSCRIBE", INVALIDATE)

    def close(self):
        for client in (self.control, *self.clients.values()):
            client.close()

    def take(self, name, command):
        """Does a step; a command without words has a target leave and come back."""
        if not command:
            self.clients[name].close()
            # It has left when the server says so.
            while self.control.call("CLIENT", "LIST", "ID", self.clients[name].id):
                pass
            self.connect(name)
            return
        words = [self.clients[word[1:]].id if word[:1] == "@" else word for word in command]
        self.clients[name].ask(words)

    def shown(self):
        """What has come for each client, ids replaced by names."""
        return {name: [(kind, self.named(value)) for kind, value in client.seen] for name, client in self.clients.items()}

    def named(self, value):
        if isinstance(value, list):
            return [self.named(item) for item in value]
        if isinstance(value, servers.ReplyError):
            return str(value)
        return self.names.get(value, value) if isinstance(value, int) and value > LEAST_ID else value


def fill(rng, pattern):
    words = {"$k": lambda: rng.choice(KEYS), "$h": lambda: rng.choice(["ah", "bh"])}
    return [words.get(word, lambda word=word: word)() for word in pattern.split()]


def draw(seed):
    """The steps of a case: a client's name and its command."""
    rng, steps, open_transactions = random.Random(seed), [], set()
    for _ in range(STEPS):
        name = rng.choice(["one", "one", "two", "writer"])
        chance = rng.random()
        if name in open_transactions and chance < 0.4:
            open_transactions.discard(name)
            steps.append((name, [rng.choice(["EXEC", "EXEC", "DISCARD"])]))
        elif chance < 0.12 and name != "writer":
            target = rng.choice(["", "", "REDIRECT @%s" % rng.choice(TARGETS), "REDIRECT 999999", "REDIRECT @one"])
            steps.append((name, ["CLIENT", "TRACKING", "ON", *target.split(), *rng.choice(MODES).split()]))
        elif chance < 0.22 and name != "writer" and name not in open_transactions:
            steps.append((name, rng.choice(ABOUT).split()))
        elif chance < 0.25:
            steps.append((rng.choice(TARGETS), []))
        elif chance < 0.30 and name not in open_transactions:
            open_transactions.add(name)
            steps.append((name, ["MULTI"]))
        elif chance < 0.65 and name != "writer":
            steps.append((name, fill(rng, rng.choice(READS))))
        else:
            steps.append((name, fill(rng, rng.choice(WRITES))))
    return steps


def run(pair, steps):
    """What both servers have sent in the end, or at the first difference."""
    sides = [Side(server) for server in pair]
    try:
        for number, (name, command) in enumerate(steps):
            for side in sides:
                side.take(name, command)
                if number + 1 == len(steps):
                    for client in side.clients:
                        if not pending(steps, client):
                            side.clients[client].seen += side.clients[client].caught_up()
        return [side.shown() for side in sides]
    finally:
        for side in sides:
            side.close()


def pending(steps, name):
    """Whether a client's transaction is open in the end."""
    opened = False
    for who, command in steps:
        if who == name and command and command[0] in ("MULTI", "EXEC", "DISCARD"):
            opened = command[0] == "MULTI"
    return opened


def same(shown):
    return normal(shown[0]) == normal(shown[1])


def normal(shown):
    """Without what has no order."""
    return {name: [(kind, sorted_keys(value)) for kind, value in seen] for name, seen in shown.items()}


def sorted_keys(value):
    """The keys of one message of BCAST have no order."""
    if isinstance(value, list) and value and value[0] in (b"invalidate", b"message") and isinstance(value[-1], list):
        return [*value[:-1], sorted(value[-1])]
    return value


def shorten(pair, steps):
    """Leaves out what can be left out without the servers agreeing."""
    at = len(steps) - 1
    while at >= 0:
        fewer = steps[:at] + steps[at + 1:]
        if fewer and not same(run(pair, fewer)):
            steps = fewer
        at -= 1
    return steps


def report(seed, steps, shown, names):
    print("=== case %d" % seed)
    for name, command in steps:
        print("  %-7s %s" % (name, " ".join(command) or "(leaves and comes back)"))
    for client in CLIENTS:
        left, right = (normal(one)[client] for one in shown)
        if left != right:
            for name, seen in zip(names, (left, right)):
                print("--- %s, what came for %s" % (name, client))
                for kind, value in seen:
                    print("    %s %r" % (kind.decode(), value))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", required=True)
    parser.add_argument("--peers", type=pathlib.Path, required=True)
    parser.add_argument("--cases", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    binaries = [arguments.binary, arguments.peers / "bin/redis-server"]
    different = 0
    with contextlib.ExitStack() as stack:
        pair = [stack.enter_context(servers.Server(binary)) for binary in binaries]
        for server in pair:
            while (client := server.client()).call("CLIENT", "ID") <= LEAST_ID:
                client.close()
            client.close()
        for seed in range(arguments.seed, arguments.seed + arguments.cases):
            steps = draw(seed)
            if not same(run(pair, steps)):
                steps = shorten(pair, steps)
                report(seed, steps, run(pair, steps), [server.name for server in pair])
                different += 1
                if different == 5:
                    break
    print("tracking: %d cases of %d requests, %d differ" % (arguments.cases, STEPS, different))
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
