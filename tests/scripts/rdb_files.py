#!/usr/bin/env python3
"""Values go from server to server as DUMP payloads and RDB files.

  tests/scripts/rdb_files.py --binary PATH [--peers DIR] [--server NAME=PATH ...]
  tests/scripts/rdb_files.py --record DIR [--peers DIR] [--server NAME=PATH ...]

With --binary: keys of each peer are restored in our server from what the peer's DUMP
answers, and from there in every peer; files that each peer saves are loaded by our
server, and files that our server saves are loaded by every peer. Everything that
clients can see of the keys must be the same, streams' groups and times to live
included, and so must DEBUG DIGEST. A line for each way: `->` stands for DUMP and
RESTORE, `=>` for a file.

With --record: each peer is filled with values of every type and encoding and saves
them. DIR gets its file, and a listing of what the peer says of each key: what the
tests of the crate rdb expect to find in the file. A file with forms of values that
servers wrote long ago is made by hand and loaded by the peers.

--server names a further peer, such as an older Redis. Needs no other Python packages.
"""
import argparse
import contextlib
import os
import pathlib
import random
import shutil
import struct
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tools/lib"))
import servers  # noqa: E402

PEERS = {"redis-8.0.6": "redis-server", "valkey-9.1.2": "valkey-server"}
# The year 2100: nothing expires while the tests live.
LATER_MS = 4102444800000
# The latest that old files can name: the year 2038, as for them time is a 32-bit number.
LATER_S = 0x7FFFFFFF
DATABASES = (0, 1, 9)
ACTIVE = ", active"
OPTIONS = ["--enable-debug-command", "yes"]
# Which bits of a key's use a peer is told to save.
POLICIES = {"redis-8.0.6": "allkeys-lru", "valkey-9.1.2": "allkeys-lfu"}
# The settings of rdb-version-compat under which a peer reads everything there is to know.
COMPATIBLE = {"redis-7.0": ["redis-7.0"], "redis-8.0": ["redis-7.2", "redis-7.4"], "valkey-9": ["redis-7.2", "valkey-9"]}
# The one that every peer reads, but that has no place for much that belongs to streams' groups.
OLDEST = "redis-6"


# ------------------------------------------------------------------------ values

def noise(length, seed):
    """Bytes that can't be compressed."""
    return random.Random(seed).randbytes(length)


def strings():
    yield "SET", "int", "-123456"
    yield "SET", "int8", "7"
    yield "SET", "int64", "9223372036854775807"
    yield "SET", "nearly-int", "007"
    yield "SET", "empty", ""
    yield "SET", "short", "hello"
    yield "SET", "repetitive", "some words, " * 150
    yield "SET", "noise", noise(1500, 1)
    yield "SET", "expiring", "text", "PXAT", LATER_MS
    yield "APPEND", "raw", "a few bytes"
    yield "SET", b"key \x00\xff\r\n", b"\x00\xff\r\n"


def lists():
    yield "RPUSH", "list", "a", "1", "-5000", "x" * 70, "9" * 19, ""
    yield "PEXPIREAT", "list", LATER_MS
    yield ("RPUSH", "long-list", *(str(number) * 5 for number in range(1500)))
    yield "RPUSH", "large-values", "before"
    yield "RPUSH", "large-values", "large " * 2000
    yield "RPUSH", "large-values", noise(9000, 2)
    yield "RPUSH", "large-values", "after"


def streams():
    for number in range(1, 251):
        fields = ["field", number, "other", "x" * (number % 50)][:2 + 2 * (number % 3 == 0)]
        yield ("XADD", "stream", "%d-%d" % (number // 3, number % 3 + 1), *fields)
    for number in range(10, 60, 7):
        yield "XDEL", "stream", "%d-1" % number
    yield "XTRIM", "stream", "MAXLEN", 200
    yield "XGROUP", "CREATE", "stream", "all", 0
    yield "XGROUP", "CREATE", "stream", "some", "40-2", "ENTRIESREAD", 77
    yield "XGROUP", "CREATE", "stream", "none", "$"
    for consumer, count in (("c1", 20), ("c2", 5), ("c1", 3)):
        yield "XREADGROUP", "GROUP", "all", consumer, "COUNT", count, "STREAMS", "stream", ">"
    yield "XREADGROUP", "GROUP", "some", "c3", "COUNT", 4, "STREAMS", "stream", ">"
    yield "XGROUP", "CREATECONSUMER", "stream", "some", "idle"
    yield "XACK", "stream", "all", "18-1", "19-1", "20-3"
    yield "XCLAIM", "stream", "all", "c4", 0, "19-2", "20-2", "RETRYCOUNT", 9
    yield "XDEL", "stream", "20-2"
    yield "XADD", "once-full", "5-5", "f", "v"
    yield "XDEL", "once-full", "5-5"
    yield "XGROUP", "CREATE", "made-by-group", "g", "3-3", "MKSTREAM"
    yield "XADD", "large-entry", "1-1", "f", "v" * 5000, "g", noise(500, 3)


def own_streams(client):
    """A stream that only our server has: it remembers producers, and has pending entries that are nobody's."""
    for number in range(8):
        client.call("XADD", "own", "IDMP", "producer", number, "*", "field", number)
    ids = [entry_id for entry_id, _ in client.call("XRANGE", "own", "-", "+")]
    client.call("XGROUP", "CREATE", "own", "group", 0)
    client.call("XREADGROUP", "GROUP", "group", "consumer", "COUNT", 6, "STREAMS", "own", ">")
    client.call("XNACK", "own", "group", "FAIL", "IDS", 2, ids[3], ids[1])


def sets():
    yield "SADD", "intset", 1, 2, -70000
    yield "SADD", "set-listpack", "a", "b", 3
    yield ("SADD", "set-table", *("member %d" % number for number in range(200)))


def hashes():
    yield "HSET", "hash-listpack", "field", "value", "other", 12
    yield ("HSET", "hash-table", *("word %d" % number for number in range(20)), "long", "x" * 100)


def sorted_sets():
    yield "ZADD", "zset-listpack", 1.5, "a", "-inf", "b", 3, "c"
    yield "ZADD", "zset-skiplist", *(word for number in range(150) for word in (number / 7, "m%d" % number))
    yield "PFADD", "hll", "a", "b", "c"


def newer():
    """What not every peer has: errors are fine."""
    yield "HPEXPIREAT", "hash-listpack", LATER_MS, "FIELDS", 1, "field"
    yield "HPEXPIREAT", "hash-table", LATER_MS, "FIELDS", 2, "word 0", "word 2"
    yield "FUNCTION", "LOAD", "#!lua name=lib\nredis.register_function('f', function() return 1 end)"
    yield "VADD", "vectors", "VALUES", 3, "0.1", "0.2", "0.3", "element"


def fill(client, families, optional=()):
    for index in DATABASES:
        client.call("SELECT", index)
        for command in (command for family in families for command in family()):
            # Fewer keys in the other databases.
            if index == 0 or command[1] in ("int", "list"):
                client.call(*command)
        client.pipeline(list(optional() if callable(optional) and index == 0 else ()) or [("PING",)])
    client.call("SELECT", 0)


# ----------------------------------------------------------- what old servers wrote

def string(data):
    """A string as it is, with its length."""
    data = data if isinstance(data, bytes) else str(data).encode()
    length = len(data)
    head = bytes([length]) if length < 64 else struct.pack(">H", 0x4000 | length)
    return (head if length < 1 << 14 else struct.pack(">BI", 0x80, length)) + data


def ziplist(values):
    """Values as servers stored them before they had listpacks: integers where they are ones."""
    entries, before, last = b"", 0, 10
    for value in values:
        last, start = 10 + len(entries), len(entries)
        entries += bytes([before]) if before < 254 else struct.pack("<BI", 254, before)
        entries += ziplist_integer(value) if isinstance(value, int) else ziplist_text(value)
        before = len(entries) - start
    return struct.pack("<IIH", 11 + len(entries), last, len(values)) + entries + b"\xff"


def ziplist_integer(value):
    if 0 <= value <= 12:
        return bytes([0xF1 + value])
    for marker, width in ((0xFE, 1), (0xC0, 2), (0xF0, 3), (0xD0, 4)):
        if -(1 << 8 * width - 1) <= value < 1 << 8 * width - 1:
            return bytes([marker]) + value.to_bytes(width, "little", signed=True)
    return b"\xe0" + struct.pack("<q", value)


def ziplist_text(text):
    text = text if isinstance(text, bytes) else text.encode()
    if len(text) < 64:
        return bytes([len(text)]) + text
    if len(text) < 1 << 14:
        return struct.pack(">H", 0x4000 | len(text)) + text
    return struct.pack(">BI", 0x80, len(text)) + text


def zipmap(pairs):
    """Field and value pairs as hashes were stored before they had ziplists."""
    out = bytes([len(pairs)])
    for field, value in pairs:
        out += bytes([len(field)]) + field + bytes([len(value), 0]) + value
    return out + b"\xff"


def many(items):
    """How many strings, and they."""
    return bytes([len(items)]) + b"".join(map(string, items))


def old_file():
    """A file of version 3 with every form that lists, sets, hashes and sorted sets have had until version 9."""
    values = ["a", 0, 12, 13, -128, 5000, -70000, 1 << 30, -(1 << 40), b"\x00\xff", "x" * 100, "y" * 17000, "last"]
    keys = [
        (0, "string", string("text")),
        (0, "int8", b"\xc0\x85"),
        (0, "int16", b"\xc1\x00\x80"),
        (0, "int32", b"\xc2\x00\x00\x00\x80"),
        (0, "compressed", b"\xc3\x09\x40\x64\x01aa\xe0\x57\x00\x01aa"),
        (1, "list", many(["a", "b", "17", ""])),
        (10, "list-ziplist", string(ziplist(values))),
        (14, "list-of-ziplists", many([ziplist([1, "a"]), ziplist(values), ziplist(["z"])])),
        (2, "set", many(["a", "b", "3"])),
        (11, "intset", string(struct.pack("<IIhh", 2, 2, -1, 7))),
        (3, "zset", b"\x03" + string("a") + b"\x031.5" + string("b") + b"\xff" + string("c") + b"\xfe"),
        (5, "zset-binary", b"\x01" + string("a") + struct.pack("<d", 2.25)),
        (12, "zset-ziplist", string(ziplist(["a", 1, "b", "2.5"]))),
        (4, "hash", b"\x01" + string("field") + string("value")),
        (9, "hash-zipmap", string(zipmap([(b"f", b"v"), (b"field", b"value")]))),
        (13, "hash-ziplist", string(ziplist(["f", "v", "g", 12]))),
    ]
    body = b"REDIS0003\xfe\x00\xfd" + struct.pack("<i", LATER_S)
    for kind, key, value in keys:
        body += bytes([kind]) + string(key) + value
    return body + b"\xff"


# ---------------------------------------------------------------------- listings

def quote(data):
    """Bytes as redis-cli prints them."""
    if isinstance(data, int):
        return str(data)
    special = {7: "\\a", 8: "\\b", 9: "\\t", 10: "\\n", 13: "\\r", 34: '\\"', 92: "\\\\"}
    printed = (special.get(byte) or (chr(byte) if 32 <= byte < 127 else "\\x%02x" % byte) for byte in data)
    return '"%s"' % "".join(printed)


def fields_of(reply):
    return dict(zip(reply[::2], reply[1::2]))


def describe_stream(client, key):
    """The lines about a stream: its counters, entries, groups, pending entries, consumers."""
    info = fields_of(client.call("XINFO", "STREAM", key, "FULL", "COUNT", 0))
    ids = [info[name].decode() for name in (b"last-generated-id", b"max-deleted-entry-id")]
    yield "  last %s, deleted %s, added %d" % (*ids, info[b"entries-added"])
    for entry_id, words in client.call("XRANGE", key, "-", "+"):
        yield "  %s %s" % (entry_id.decode(), " ".join(map(quote, words)))
    for group in map(fields_of, info[b"groups"]):
        read = group[b"entries-read"]
        last = group[b"last-delivered-id"].decode()
        yield "  group %s last %s, read %d" % (quote(group[b"name"]), last, -1 if read is None else read)
        for entry_id, consumer, time_ms, count in group[b"pending"]:
            yield "    %s of %s since %d, %d times" % (entry_id.decode(), quote(consumer), time_ms, count)
        for consumer in map(fields_of, group[b"consumers"]):
            seen = consumer[b"seen-time"]
            # Before Redis 7.2 there was one time, that stands for both.
            active = consumer.get(b"active-time", seen)
            yield "    consumer %s seen %d%s %d" % (quote(consumer[b"name"]), seen, ACTIVE, active)


def describe_hash(client, key):
    """The lines about a hash: fields with values, and when they expire."""
    lines = []
    for field, value in fields_of(client.call("HGETALL", key)).items():
        reply = client.pipeline([("HPEXPIRETIME", key, "FIELDS", 1, field)])[0]
        # Before Redis 7.4 there was no such command.
        expires = ", expires %d" % reply[0] if isinstance(reply, list) and reply[0] >= 0 else ""
        lines.append("  %s %s%s" % (quote(field), quote(value), expires))
    return sorted(lines)


def describe_value(client, key, kind):
    if kind == "string":
        yield "  " + quote(client.call("GET", key))
    elif kind == "list":
        yield from ("  " + quote(value) for value in client.call("LRANGE", key, 0, -1))
    elif kind == "set":
        yield from sorted("  " + quote(member) for member in client.call("SMEMBERS", key))
    elif kind == "hash":
        yield from describe_hash(client, key)
    elif kind == "zset":
        words = client.call("ZRANGE", key, 0, -1, "WITHSCORES")
        yield from ("  %s %s" % (quote(member), score.decode()) for member, score in zip(words[::2], words[1::2]))
    elif kind == "stream":
        yield from describe_stream(client, key)


def listing(client):
    """The lines about all keys."""
    for index in DATABASES:
        client.call("SELECT", index)
        for key in sorted(client.call("KEYS", "*")):
            kind = client.call("TYPE", key).decode()
            expiry_ms = client.call("PEXPIRETIME", key)
            expires = ", expires %d" % expiry_ms if expiry_ms >= 0 else ""
            yield "%d %s: %s%s" % (index, quote(key), kind, expires)
            yield from describe_value(client, key, kind)
    client.call("SELECT", 0)


# -------------------------------------------------------------------------- modes

def record(peers, directory):
    """Writes each peer's file and listing, and an old file with what all peers say of it."""
    (directory / "old.rdb").write_bytes(old_file())
    said = {}
    for name, binary in peers.items():
        options = ["--maxmemory-policy", POLICIES.get(name, "noeviction")]
        with servers.Server(binary, options, name=name) as server:
            client = server.client()
            fill(client, [strings, lists, streams, sets, hashes, sorted_sets], newer)
            client.call("SAVE")
            shutil.copy(server.directory / "dump.rdb", directory / (name + ".rdb"))
            # Looking at keys would have changed when they were used last.
            (directory / (name + ".txt")).write_text("\n".join(listing(client)) + "\n")
        with servers.Server(binary, name=name, files={"dump.rdb": old_file()}) as server:
            said[name] = "\n".join(listing(server.client())) + "\n"
        print("recorded", name)
    assert len(set(said.values())) == 1, "the peers say different things of the old file"
    (directory / "old.txt").write_text(said.popitem()[1])


def copy_keys(source, target):
    """Restores all keys of a server in another one."""
    target.call("FLUSHALL")
    for index in DATABASES:
        source.call("SELECT", index)
        target.call("SELECT", index)
        for key in source.call("KEYS", "*"):
            expiry_ms = max(0, source.call("PEXPIRETIME", key))
            target.call("RESTORE", key, expiry_ms, source.call("DUMP", key), "ABSTTL")
    source.call("SELECT", 0)
    target.call("SELECT", 0)


def differences(way, left, right, whole):
    """The lines in which two servers' keys differ, unless only data matters, and the digests if they do."""
    if whole:
        for lines in zip(listing(left), listing(right), strict=True):
            compared = [line.split(ACTIVE)[0] if "redis-7.0" in way else line for line in lines]
            if compared[0] != compared[1]:
                yield "%s\n      %s" % lines
    digests = [client.call("DEBUG", "DIGEST") for client in (left, right)]
    if digests[0] != digests[1]:
        yield "DEBUG DIGEST %s" % digests


def report(way, left, right, whole=True):
    """Prints what differs between two servers; returns whether anything does."""
    lines = list(differences(way, left, right, whole and OLDEST not in way))[:5]
    print("%-50s %s" % (way, "differ" if lines else "equal"))
    print("".join("    %s\n" % line for line in lines), end="")
    return bool(lines)


def settings_for(peer):
    """The settings of rdb-version-compat to write for a peer."""
    known = (settings for name, settings in COMPATIBLE.items() if peer.startswith(name))
    return [OLDEST, *next(known, ["redis-7.2"])]


def saved(server):
    """The file that a server saves."""
    server.client().call("SAVE")
    return (server.directory / "dump.rdb").read_bytes()


def report_loaded(way, left, path, name, file, whole=True):
    """Compares a server's keys with what another program loads from a file."""
    with servers.Server(path, OPTIONS, name=name, files={"dump.rdb": file}) as server:
        return report(way, left, server.client(), whole)


def compare_own(peers, binary):
    """Has files read by peers that hold more than the peers know of; returns how often something differed."""
    found = 0
    with servers.Server(binary, OPTIONS, name="redstart") as server:
        client = server.client()
        own_streams(client)
        for target, path in peers.items():
            for setting in settings_for(target):
                client.call("CONFIG", "SET", "rdb-version-compat", setting)
                file, way = saved(server), "redstart's own => %s, " + setting
                found += report_loaded(way % target, client, path, target, file, whole=False)
                # Even the oldest form keeps everything for us.
                with servers.Server(binary, OPTIONS, name="redstart", files={"dump.rdb": file}) as other:
                    same = own_state(other.client()) == own_state(client)
                found += not same
                print("%-50s %s" % (way % "redstart", "equal" if same else "differ"))
    return found


def own_state(client):
    """What only our server knows of its stream: whose entries are, and which entry was sent before."""
    pending = client.call("XPENDING", "own", "group", "-", "+", 9)
    sent_again = client.call("XADD", "own", "IDMP", "producer", 3, "*", "field", 3)
    # Without the time since a delivery, which goes on.
    return [[entry_id, consumer, times] for entry_id, consumer, _, times in pending], sent_again


def compare(peers, binary):
    """Takes keys from every peer through our server to every peer; returns how often something differed."""
    found = 0
    with contextlib.ExitStack() as stack:
        start = lambda path, name: stack.enter_context(servers.Server(path, OPTIONS, name=name))  # noqa: E731
        ours_server = start(binary, "redstart")
        ours = ours_server.client()
        running = {name: start(path, name) for name, path in peers.items()}
        for source, server in running.items():
            client = server.client()
            client.call("FLUSHALL")
            fill(client, [strings, lists, streams, sets, hashes])
            found += report_loaded("%s => redstart" % source, client, binary, "redstart", saved(server))
            copy_keys(client, ours)
            found += report("%s -> redstart" % source, client, ours)
            for target, other in running.items():
                for setting in settings_for(target):
                    ours.call("CONFIG", "SET", "rdb-version-compat", setting)
                    copy_keys(ours, other.client())
                    way = "%s %%s redstart %%s %s, %s" % (source, target, setting)
                    found += report(way % ("->", "->"), ours, other.client())
                    file = saved(ours_server)
                    found += report_loaded(way % ("->", "=>"), ours, peers[target], target, file)
    return found + compare_own(peers, binary)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", help="our server")
    parser.add_argument("--record", type=pathlib.Path, metavar="DIR", help="write files and listings there")
    parser.add_argument("--peers", default=os.environ.get("PEERS"), help="directory tools/peers filled")
    parser.add_argument("--server", action="append", default=[], metavar="NAME=PATH", help="a further peer")
    arguments = parser.parse_args()
    peers = {}
    if arguments.peers:
        peers = {name: pathlib.Path(arguments.peers) / "bin" / file for name, file in PEERS.items()}
    peers |= dict(server.split("=", 1) for server in arguments.server)
    if not peers or bool(arguments.binary) == bool(arguments.record):
        parser.error("give --binary or --record, and --peers or --server")
    if arguments.record:
        record(peers, arguments.record)
        return 0
    return min(1, compare(peers, arguments.binary))


if __name__ == "__main__":
    sys.exit(main())
