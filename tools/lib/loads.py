"""What the side-by-side benchmark asks of a server: rows of commands, data to read them
from, consumers of a stream, and data to weigh."""
import csv
import io
import random
import resource
import subprocess
import time
from dataclasses import dataclass

import servers
import subscribers

VALUE_BYTES = 64
CLIENTS = 50
KEYS = 1_000_000


@dataclass(frozen=True)
class Row:
    """Commands of one kind. `command` is in valkey-benchmark's notation; `needs` names
    what has to be there first: one of FILLS, made once, or something that `prepare` makes
    for each run; the key of lists and streams is emptied before each run. While a row with
    subscribers runs, so many clients receive what is published."""
    name: str
    command: tuple
    needs: str = ""
    subscribers: int = 0


ROWS = (
    Row("GET", ("GET", "key:__rand_int__"), "keys"),
    Row("SET", ("SET", "key:__rand_int__", "__data__"), "keys"),
    Row("INCR", ("INCR", "counter:__rand_int__")),
    Row("LPUSH", ("LPUSH", "mylist", "__data__")),
    Row("RPOP", ("RPOP", "mylist"), "an element each"),
    Row("LPOP", ("LPOP", "mylist"), "an element each"),
    Row("MSET", ("MSET", *("key:__rand_int__", "__data__") * 10), "keys"),
    Row("XADD", ("XADD", "mystream", "*", "field", "__data__")),
    Row("LRANGE_100", ("LRANGE", "mylist", "0", "99"), "300 elements"),
    Row("LRANGE_600", ("LRANGE", "mylist", "0", "599"), "700 elements"),
    Row("ZADD", ("ZADD", "ranking", "__rand_int__", "member:__rand_int__"), "a ranking"),
    Row("ZRANK", ("ZRANK", "ranking", "member:__rand_int__"), "a ranking"),
    Row("ZRANGEBYSCORE", ("ZRANGEBYSCORE", "ranking", "__rand_int__", "+inf", "LIMIT", "0", "10"), "a ranking"),
    Row("GEOSEARCH", ("GEOSEARCH", "places", "FROMMEMBER", "place:__rand_int__", "BYRADIUS", "2", "km", "ASC"),
        "places"),
    Row("HSET", ("HSET", "myhash", "field:__rand_int__", "__data__"), "fields"),
    Row("HGET", ("HGET", "myhash", "field:__rand_int__"), "fields"),
    Row("SADD", ("SADD", "myset", "member:__rand_int__"), "members"),
    Row("SISMEMBER", ("SISMEMBER", "myset", "member:__rand_int__"), "members"),
    Row("SADD small", ("SADD", "set:__rand_int__", "element-__rand_int__")),
    Row("ZADD small", ("ZADD", "zset:__rand_int__", "__rand_int__", "element-00000001")),
    Row("SINTER", ("SINTER", "{tags}:1", "{tags}:2"), "two sets"),
    Row("BITCOUNT 1 MB", ("BITCOUNT", "{bits}:1"), "two bitmaps"),
    Row("BITOP AND 1 MB", ("BITOP", "AND", "{bits}:3", "{bits}:1", "{bits}:2"), "two bitmaps"),
    Row("PFADD", ("PFADD", "visitors", "visitor:__rand_int__")),
    Row("PUBLISH to 50", ("PUBLISH", subscribers.CHANNEL, "__data__"), subscribers=50),
)


def value():
    return b"v" * VALUE_BYTES


def load(server, commands, batch=1000):
    """Sends an iterable of encoded commands in batches, each with its replies awaited."""
    client, pending, count = server.client(timeout=120), [], 0

    def flush():
        client.socket.sendall(b"".join(pending))
        for _ in pending:
            reply = client.read()
            if isinstance(reply, servers.ReplyError):
                raise RuntimeError("%s refuses to be filled: %s" % (server.name, reply))
        pending.clear()

    for command in commands:
        pending.append(command)
        count += 1
        if len(pending) == batch:
            flush()
    flush()
    client.close()
    return count


def numbered(count, *command):
    """A command as many times, the row of # in it replaced by a number each time."""
    text = servers.encode(*command)
    marks = b"#" * text.count(b"#")
    text = text.replace(marks, b"%%0%dd" % len(marks))
    return (text % number for number in range(count))


def fill_keys(server, count):
    """The keys that GET, SET and MSET draw from."""
    load(server, numbered(count, "SET", "key:############", value()))


def fill_ranking(server, count):
    """A sorted set of so many members, each with a score of its own."""
    members = ("%012d" % number for number in range(count))
    load(server, (servers.encode("ZADD", "ranking", number, "member:" + number) for number in members))


def fill_places(server, count):
    """So many places, spread evenly over ten by ten degrees: about one per square kilometer if it is a million."""
    def place(number):
        # Multiples of irrational numbers fill a square evenly.
        longitude, latitude = 10 + 10 * (number * 0.754877666 % 1), 40 + 10 * (number * 0.569840291 % 1)
        return servers.encode("GEOADD", "places", "%.6f" % longitude, "%.6f" % latitude, "place:%012d" % number)
    load(server, (place(number) for number in range(count)))


def fill_fields(server, count):
    """The fields that HSET and HGET draw from: of one hash."""
    load(server, numbered(count, "HSET", "myhash", "field:############", value()))


def fill_members(server, count):
    """The members that SISMEMBER draws from, and half of those that SADD does."""
    load(server, numbered(count // 2, "SADD", "myset", "member:############"))


def fill_two_sets(server, _):
    """Two sets of 10,000 members; the half of each is in the other, too."""
    for number in range(2):
        members = [b"member:%012d" % (member + 5000 * number) for member in range(10_000)]
        load(server, [servers.encode("SADD", "{tags}:%d" % (number + 1), *members)])


def fill_two_bitmaps(server, _):
    """Two strings of a megabyte."""
    for number in range(2):
        text = random.Random(number).randbytes(1 << 20)
        load(server, [servers.encode("SET", "{bits}:%d" % (number + 1), text)])


# What rows need that stays there from one to the next.
FILLS = {"keys": fill_keys, "a ranking": fill_ranking, "places": fill_places, "fields": fill_fields,
         "members": fill_members, "two sets": fill_two_sets, "two bitmaps": fill_two_bitmaps}


def prepare(server, row, requests):
    """Makes the lists and streams of a row ready for so many requests."""
    client = server.client()
    client.call("DEL", "mylist", "mystream")
    client.close()
    elements = {"an element each": requests, "300 elements": 300, "700 elements": 700}.get(row.needs, 0)
    hundred = servers.encode("RPUSH", "mylist", *[value()] * 100)
    load(server, (hundred for _ in range(-(-elements // 100))), batch=20)


def run(benchmark, server, row, pipeline, requests, keys, cpus):
    """Runs valkey-benchmark; returns (requests per second, microseconds of the server's
    CPU time per command, percent of the time in which the generator was running). What is
    published counts when all subscribers have it."""
    argv = ["taskset", "-c", cpus, benchmark, "-p", str(server.port), "-c", str(CLIENTS), "-P", str(pipeline),
            "-n", str(requests), "-r", str(keys), "-d", str(VALUE_BYTES), "--csv", *row.command]
    if not row.subscribers:
        return _run(argv, server, row, requests, lambda: None)
    with subscribers.Subscribers(server, row.subscribers, value()) as listening:
        return _run(argv, server, row, requests, listening.wait)


def _run(argv, server, row, requests, wait):
    before, generator_before = server.cpu_seconds(), _children_seconds()
    done = subprocess.run(argv, capture_output=True, text=True, timeout=600)
    ended = time.monotonic()
    rows = [r for r in csv.reader(io.StringIO(done.stdout)) if len(r) > 2 and r[0] != "test"]
    if done.returncode != 0 or len(rows) != 1 or "rror" in done.stdout + done.stderr:
        raise RuntimeError("%s on %s: %s" % (row.name, server.name, (done.stdout + done.stderr)[-300:]))
    wait()
    seconds = requests / float(rows[0][1]) + (time.monotonic() - ended if row.subscribers else 0)
    busy = (_children_seconds() - generator_before) / seconds * 100
    return requests / seconds, (server.cpu_seconds() - before) / requests * 1e6, busy


def _children_seconds():
    """CPU time of the processes that were run and have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def consume(server, entries, consumers=10, count=10):
    """Ten consumers of one group read and acknowledge a stream, each acknowledging with
    the command that precedes its next read. Returns microseconds of the server's CPU
    time per entry."""
    control = server.client()
    control.call("DEL", "mystream")
    load(server, (servers.encode("XADD", "mystream", "*", "field", value()) for _ in range(entries)))
    control.call("XGROUP", "CREATE", "mystream", "group", "0")
    clients = [server.client() for _ in range(consumers)]
    acknowledged = [b""] * consumers
    seen, before = 0, server.cpu_seconds()
    while True:
        for number, client in enumerate(clients):
            client.socket.sendall(acknowledged[number] + servers.encode(
                "XREADGROUP", "GROUP", "group", "consumer%d" % number, "COUNT", count, "STREAMS", "mystream", ">"))
        received = 0
        for number, client in enumerate(clients):
            if acknowledged[number]:
                client.read()
            reply = client.read()
            ids = [entry[0] for entry in reply[0][1]] if reply else []
            acknowledged[number] = servers.encode("XACK", "mystream", "group", *ids) if ids else b""
            received += len(ids)
        seen += received
        if not received:
            break
    cpu = server.cpu_seconds() - before
    pending = control.call("XPENDING", "mystream", "group")[0]
    if seen != entries or pending:
        raise RuntimeError("%s delivered %d of %d entries and has %d pending" % (server.name, seen, entries, pending))
    for client in (*clients, control):
        client.close()
    return cpu / entries * 1e6


def fill_strings(server, count):
    fill_keys(server, count)
    return count


def fill_small_lists(server, count):
    """Lists of ten elements of 16 bytes; returns the number of lists."""
    return load(server, numbered(count, "RPUSH", "list:############", *[b"element-%08d" % n for n in range(10)]))


def fill_long_lists(server, count):
    """Lists of 10,000 elements of 16 bytes; returns the number of elements."""
    hundred = [b"element-%08d" % n for n in range(100)]
    commands = (servers.encode("RPUSH", "list:%d" % (number // 100), *hundred) for number in range(count // 100))
    return load(server, commands, batch=50) * 100


def weigh_ranking(server, count):
    """One sorted set; returns the number of members."""
    fill_ranking(server, count)
    return count


def fill_stream(server, count):
    """A stream whose entries have two fields; returns the number of entries."""
    return load(server, numbered(count, "XADD", "mystream", "*", "temperature", "21.5", "sensor", "########"))


def _fill_in_hundreds(server, count, command, key, element):
    """Values of 10,000 elements, which are a number put into each text of `element`;
    returns the number of elements."""
    def commands():
        for number in range(count // 100):
            elements = range(number * 100, number * 100 + 100)
            words = [text % at for at in elements for text in element]
            yield servers.encode(command, "%s:%d" % (key, number // 100), *words)
    return load(server, commands(), batch=50) * 100


def fill_small_hashes(server, count):
    """Hashes of five fields with values of eight bytes; returns the number of hashes."""
    pairs = [word for field in range(5) for word in (b"f%d" % field, b"value-%02d" % field)]
    return load(server, numbered(count, "HSET", "hash:############", *pairs))


def fill_large_hashes(server, count):
    """Hashes of 10,000 fields with values of 16 bytes; returns the number of fields."""
    return _fill_in_hundreds(server, count, "HSET", "hash", (b"field:%08d", b"element-%08d"))


def fill_small_sets(server, count):
    """Sets of ten members of 16 bytes; returns the number of sets."""
    return load(server, numbered(count, "SADD", "set:############", *[b"element-%08d" % n for n in range(10)]))


def fill_large_sets(server, count):
    """Sets of 10,000 members of 16 bytes; returns the number of members."""
    return _fill_in_hundreds(server, count, "SADD", "set", (b"element-%08d",))


# What is weighed: the name, how it is made, how many there are.
WEIGHTS = (
    ("string, key of 16 and value of 64 bytes", fill_strings, 1_000_000),
    ("list of ten elements of 16 bytes", fill_small_lists, 200_000),
    ("element of 16 bytes in a long list", fill_long_lists, 2_000_000),
    ("member of 19 bytes in a large sorted set", weigh_ranking, 1_000_000),
    ("hash of five fields with values of eight bytes", fill_small_hashes, 1_000_000),
    ("field of 14 and value of 16 bytes in a large hash", fill_large_hashes, 1_000_000),
    ("set of ten members of 16 bytes", fill_small_sets, 200_000),
    ("member of 16 bytes in a large set", fill_large_sets, 1_000_000),
    ("stream entry of two fields", fill_stream, 500_000),
)
