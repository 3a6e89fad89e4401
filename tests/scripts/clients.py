#!/usr/bin/env python3
"""Real clients work with the server: command line tools, benchmarks and redis-py.

  tests/scripts/clients.py (--binary PATH | --port N) [--peers DIR]

DIR is what tools/peers filled: redis-cli, valkey-cli, redis-benchmark and
valkey-benchmark are taken from DIR/bin. Without it only redis-py is tried. Benchmarks
run briefly, with each of their default tests whose commands the server has.
The exit code is 1 when something does not work.
"""
import argparse
import contextlib
import pathlib
import subprocess
import sys
import threading
import traceback

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tools/lib"))
import client_library  # noqa: E402
client_library.require()
import redis  # noqa: E402
from redis.cache import CacheConfig  # noqa: E402
import servers  # noqa: E402

# The default tests of the benchmark tools, and the command each needs.
BENCHMARKS = {"ping_inline": "PING", "ping_mbulk": "PING", "set": "SET", "get": "GET", "incr": "INCR",
              "lpush": "LPUSH", "rpush": "RPUSH", "lpop": "LPOP", "rpop": "RPOP", "sadd": "SADD", "hset": "HSET",
              "spop": "SPOP", "zadd": "ZADD", "zpopmin": "ZPOPMIN", "lrange_100": "LRANGE", "lrange_300": "LRANGE",
              "lrange_500": "LRANGE", "lrange_600": "LRANGE", "mset": "MSET", "xadd": "XADD"}


def expect(actual, wanted):
    if actual != wanted:
        raise AssertionError("got %r, wanted %r" % (actual, wanted))


# ------------------------------------------------------------------ command line

class Tool:
    """redis-cli or valkey-cli against one port."""

    def __init__(self, program, port):
        self.argv = [program, "-p", str(port)]

    def run(self, *args, stdin=""):
        done = subprocess.run([*self.argv, *args], input=stdin, capture_output=True, text=True, timeout=60)
        if done.returncode != 0:
            raise AssertionError("%s ended with %d: %s" % (" ".join(args), done.returncode, done.stdout + done.stderr))
        return done.stdout

    def commands(self):
        expect(self.run("PING"), "PONG\n")
        expect(self.run("SET", "cli", "a value"), "OK\n")
        expect(self.run("--no-raw", "GET", "cli"), '"a value"\n')
        expect(self.run("-x", "SET", "cli", stdin="from stdin"), "OK\n")
        expect(self.run("GET", "cli"), "from stdin\n")
        expect(self.run("-n", "3", "EXISTS", "cli"), "0\n")
        expect(self.run("-r", "3", "INCR", "cli:n"), "1\n2\n3\n")

    def replies(self):
        self.run("RPUSH", "cli:list", "a", "b")
        expect(self.run("--no-raw", "LRANGE", "cli:list", "0", "-1"), '1) "a"\n2) "b"\n')
        expect(self.run("--csv", "LRANGE", "cli:list", "0", "-1"), '"a","b"\n')
        expect(self.run("--json", "LRANGE", "cli:list", "0", "-1"), '["a","b"]\n')
        expect(self.run("-3", "--no-raw", "GET", "cli:missing"), "(nil)\n")
        expect(self.run("-3", "--json", "XADD", "cli:stream", "1-1", "f", "v"), '"1-1"\n')
        expect(self.run("-3", "--json", "XREAD", "STREAMS", "cli:stream", "0"),
               '{"cli:stream":[["1-1",["f","v"]]]}\n')

    def script_on_stdin(self):
        expect(self.run(stdin="MULTI\nSET cli:m 1\nINCR cli:m\nEXEC\n"), "OK\nQUEUED\nQUEUED\nOK\n2\n")

    def mass_insertion(self):
        load = b"".join(servers.encode("SET", "cli:mass:%d" % n, n) for n in range(1000)).decode()
        expect("errors: 0, replies: 1000" in self.run("--pipe", stdin=load), True)

    def scanning(self):
        found = self.run("--scan", "--pattern", "cli:mass:*").split()
        expect(len(set(found)), 1000)
        expect("Biggest" in self.run("--bigkeys"), True)

    def introspection(self):
        expect("redis_version:" in self.run("INFO", "server"), True)
        expect("cmd=client" in self.run("CLIENT", "LIST"), True)


def benchmark(program, port, supported):
    tests = [test for test, command in BENCHMARKS.items() if command in supported]
    argv = [program, "-p", str(port), "-n", "2000", "-c", "10", "-P", "4", "-r", "1000", "--csv", "-t", ",".join(tests)]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=120)
    output = done.stdout + done.stderr
    if done.returncode != 0 or "rror" in output:
        raise AssertionError(output[-500:])
    rows = [line for line in done.stdout.splitlines() if line.startswith('"') and not line.startswith('"test"')]
    if len(rows) < len(tests):
        raise AssertionError("%d results for %d tests:\n%s" % (len(rows), len(tests), done.stdout))


# ------------------------------------------------------------------ redis-py

def strings(client):
    expect(client.set("py:s", "1", ex=100), True)
    expect(client.get("py:s"), "1")
    expect(client.incrby("py:s", 41), 42)
    expect(client.incrbyfloat("py:s", 0.5), 42.5)
    expect(client.append("py:a", "abc"), 3)
    expect(client.getrange("py:a", 1, -1), "bc")
    expect(client.set("py:s", "x", nx=True), None)
    expect(client.set("py:s", "new", get=True), "42.5")
    expect(client.mset({"py:1": "a", "py:2": "b"}), True)
    expect(client.mget("py:1", "py:2", "py:3"), ["a", "b", None])
    expect(client.getex("py:1", px=100000), "a")
    expect(0 < client.pttl("py:1") <= 100000, True)
    expect(client.getdel("py:2"), "b")
    expect(client.exists("py:1", "py:2"), 1)
    expect(client.type("py:1"), "string")
    expect(client.rename("py:1", "py:renamed"), True)
    expect(client.delete("py:renamed", "py:s", "py:a"), 3)


def wrong_type(client):
    client.rpush("py:list", "a")
    try:
        client.incr("py:list")
    except redis.ResponseError as error:
        expect(str(error), "WRONGTYPE Operation against a key holding the wrong kind of value")
    else:
        raise AssertionError("INCR of a list is no error")
    client.delete("py:list")


def lists(client):
    expect(client.rpush("py:l", *"abc"), 3)
    expect(client.lpush("py:l", "z"), 4)
    expect(client.lrange("py:l", 0, -1), ["z", "a", "b", "c"])
    expect(client.lmove("py:l", "py:l2", "LEFT", "RIGHT"), "z")
    expect(client.lpop("py:l", 2), ["a", "b"])
    expect(client.lpos("py:l", "c"), 0)
    expect(client.linsert("py:l", "BEFORE", "c", "b"), 2)
    expect(client.lmpop(2, "py:none", "py:l", direction="LEFT", count=10), ["py:l", ["b", "c"]])
    expect(client.rpop("py:l2"), "z")
    expect(client.exists("py:l", "py:l2"), 0)


def streams(client):
    first = client.xadd("py:x", {"f": "1"})
    second = client.xadd("py:x", {"f": "2"}, maxlen=10, approximate=True)
    expect(client.xlen("py:x"), 2)
    expect(client.xrange("py:x"), [(first, {"f": "1"}), (second, {"f": "2"})])
    expect(client.xgroup_create("py:x", "g", id="0"), True)
    reply = client.xreadgroup("g", "c", {"py:x": ">"}, count=1)
    entries = reply["py:x"][0] if isinstance(reply, dict) else reply[0][1]
    expect([tuple(entry) for entry in entries], [(first, {"f": "1"})])
    expect(client.xpending("py:x", "g")["pending"], 1)
    expect(client.xinfo_groups("py:x")[0]["lag"], 1)
    expect(client.xautoclaim("py:x", "g", "other", 0)[1], [(first, {"f": "1"})])
    expect(client.xack("py:x", "g", first), 1)
    expect(client.xinfo_stream("py:x")["length"], 2)
    expect(client.xdel("py:x", first), 1)
    expect(client.delete("py:x"), 1)


def pipelines(client):
    pipe = client.pipeline(transaction=False)
    for number in range(100):
        pipe.incr("py:p")
    pipe.lpop("py:p")
    replies = pipe.execute(raise_on_error=False)
    expect(replies[:100], list(range(1, 101)))
    expect(isinstance(replies[100], redis.ResponseError), True)
    client.delete("py:p")


def transactions(client):
    pipe = client.pipeline()
    expect(pipe.set("py:t", 1).incr("py:t").get("py:t").execute(), [True, 2, "2"])
    with client.pipeline() as watching:
        watching.watch("py:t")
        client.set("py:t", "changed by another")
        watching.multi()
        watching.set("py:t", "lost update")
        try:
            watching.execute()
            raise AssertionError("EXEC went through though the watched key changed")
        except redis.WatchError:
            pass
    expect(client.get("py:t"), "changed by another")
    client.delete("py:t")


def blocking(client):
    client.delete("py:b")
    waiting = []
    thread = threading.Thread(target=lambda: waiting.append(client.blpop(["py:none", "py:b"], timeout=20)))
    thread.start()
    while not client.info("clients")["blocked_clients"]:
        pass
    client.rpush("py:b", "pushed")
    thread.join(20)
    expect([tuple(reply) for reply in waiting], [("py:b", "pushed")])
    expect(client.brpop("py:b", timeout=0.05), None)
    expect(client.blmove("py:none", "py:b", 0.05), None)


def scanning(client):
    client.mset({"py:scan:%d" % n: n for n in range(2000)})
    expect(len(set(client.scan_iter("py:scan:*", count=50))), 2000)
    expect(sum(1 for _ in client.scan_iter("py:scan:*", _type="list")), 0)
    client.delete(*("py:scan:%d" % n for n in range(2000)))


def introspection(client):
    client.client_setname("smoke")
    mine = client.client_info()
    expect(mine["name"], "smoke")
    expect(mine["id"], client.client_id())
    expect(any(c["name"] == "smoke" for c in client.client_list()), True)
    expect("redis_version" in client.info(), True)
    expect(client.config_get("maxmemory"), {"maxmemory": "0"})
    expect(client.command_count() > 50, True)
    expect(client.object("ENCODING", "py:missing"), None)


def caching(client):
    """The library's own cache answers until the server says that a key has changed."""
    port = client.connection_pool.connection_kwargs["port"]
    calls = lambda: client.info("commandstats")["cmdstat_get"]["calls"]  # noqa: E731
    with redis.Redis(port=port, protocol=3, decode_responses=True, cache_config=CacheConfig()) as cached:
        client.set("py:c", "old")
        expect(cached.get("py:c"), "old")
        before = calls()
        expect([cached.get("py:c") for _ in range(10)], ["old"] * 10)
        expect(calls(), before)
        client.set("py:c", "new")
        while cached.get("py:c") == "old":
            pass
        expect(cached.get("py:c"), "new")
        client.flushdb()
        while cached.get("py:c") == "new":
            pass
        expect(cached.get("py:c"), None)


LIBRARY = (strings, wrong_type, lists, streams, pipelines, transactions, blocking, scanning, introspection, caching)


# ------------------------------------------------------------------ all of them

def checks(port, peers):
    """All checks as (name, function without arguments)."""
    for protocol in (2, 3):
        client = redis.Redis(port=port, protocol=protocol, decode_responses=True, single_connection_client=False)
        for check in LIBRARY:
            yield "redis-py RESP%d %s" % (protocol, check.__name__), lambda c=check, r=client: c(r)
    if not peers:
        return
    control = servers.Client(port)
    names = sorted(set(BENCHMARKS.values()))
    supported = {name for name, known in zip(names, control.call("COMMAND", "INFO", *names)) if known}
    for name in ("redis", "valkey"):
        tool = Tool(str(peers / ("bin/%s-cli" % name)), port)
        for check in (tool.commands, tool.replies, tool.script_on_stdin, tool.mass_insertion, tool.scanning,
                      tool.introspection):
            def run(check=check):
                control.call("FLUSHALL")
                # Scanning looks at what mass insertion left.
                if check.__name__ == "scanning":
                    check.__self__.mass_insertion()
                check()
            yield "%s-cli %s" % (name, check.__name__), run
    for name in ("redis", "valkey"):
        program = str(peers / ("bin/%s-benchmark" % name))
        yield "%s-benchmark (%d tests)" % (name, sum(c in supported for c in BENCHMARKS.values())), \
            lambda p=program: benchmark(p, port, supported)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--binary", help="the server to start")
    where.add_argument("--port", type=int, help="of a running server, which is emptied")
    parser.add_argument("--peers", type=pathlib.Path)
    arguments = parser.parse_args()
    failed = 0
    with contextlib.ExitStack() as stack:
        port = arguments.port or stack.enter_context(servers.Server(arguments.binary)).port
        for name, check in checks(port, arguments.peers):
            try:
                check()
                print("ok    ", name, flush=True)
            except Exception as error:
                failed += 1
                line = traceback.extract_tb(error.__traceback__)[1].lineno
                print("FAILED", name, "(line %d): %s" % (line, error), flush=True)
    print("clients: %s" % ("%d checks failed" % failed if failed else "all work"))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
