#!/usr/bin/env python3
"""Append-only files go from server to server, and back.

  tests/scripts/aof_files.py --binary PATH [--peers DIR] [--server NAME=PATH ...]

A directory of append-only files travels: one server fills it and is stopped or killed,
the next one loads it, adds changes, and so on, ours between two peers. Each server must
find the digest that the one before had. A line for each journey; `X` stands for a kill,
`b` for a rewrite under way before. --server names a further peer, such as an older Redis.
Needs no other Python packages.
"""
import argparse
import contextlib
import itertools
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tools/lib"))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import rdb_files  # noqa: E402
import servers  # noqa: E402

FAMILIES = [rdb_files.strings, rdb_files.lists, rdb_files.streams]
# What our server is told, beyond that it keeps a file.
OURS = (
    ["--appendfsync", "always"],
    ["--appendfsync", "everysec", "--aof-checksum", "yes", "--aof-timestamp-enabled", "yes"],
    ["--appendfsync", "no", "--aof-use-rdb-preamble", "no"],
)
# And the peers.
THEIRS = (["--aof-use-rdb-preamble", "yes"], ["--aof-use-rdb-preamble", "no", "--aof-timestamp-enabled", "yes"])


class Stay:
    """A server that works in the travelling directory, for use in a `with` statement."""

    def __init__(self, binary, directory, options):
        self.port = servers.free_port()
        argv = [binary, "--port", self.port, "--dir", directory, "--save", "", "--appendonly", "yes",
                "--enable-debug-command", "yes", "--logfile", directory / "log", *options]
        self.process = subprocess.Popen([str(part) for part in argv], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        self.log = directory / "log"

    def __enter__(self):
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline and self.process.poll() is None:
            with contextlib.suppress(OSError, ConnectionError, servers.ReplyError):
                client = servers.Client(self.port)
                client.call("DBSIZE")
                return client
            time.sleep(0.02)
        self.process.kill()
        raise RuntimeError("a server doesn't start:\n" + self.log.read_text(errors="replace")[-1500:])

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


def rewrite(client):
    client.call("BGREWRITEAOF")
    while True:
        info = client.info("persistence")
        if info["aof_rewrite_in_progress"] == info["aof_rewrite_scheduled"] == "0":
            break
        time.sleep(0.02)
    assert info["aof_last_bgrewrite_status"] == "ok", "the rewrite has failed"


def change(client, step):
    """Changes of a stay, in two databases and a transaction."""
    client.call("SELECT", step % 2)
    client.call("SET", "stay", step)
    client.call("RPUSH", "stays", *range(step * 10, step * 10 + 5))
    client.call("XADD", "stays-stream", "%d-1" % (step + 1), "field", "value %d" % step)
    client.pipeline([("MULTI",), ("INCR", "count"), ("LPOP", "stays"), ("EXEC",)])
    client.call("SELECT", 0)
    client.call("APPEND", "string", "x" * step)


def travel(stays, rewrites, kills):
    """Lets a directory travel through stays: (binary, options) each."""
    directory = pathlib.Path(tempfile.mkdtemp(prefix="redstart."))
    digest = None
    try:
        for step, (binary, options) in enumerate(stays):
            stay = Stay(binary, directory, options)
            with stay as client:
                if digest is None:
                    rdb_files.fill(client, FAMILIES)
                else:
                    found = client.call("DEBUG", "DIGEST")
                    assert found == digest, "step %d: other data than before" % step
                if rewrites:
                    rewrite(client)
                change(client, step)
                digest = client.call("DEBUG", "DIGEST")
                if kills:
                    # Where nobody waits for the disk, what was asked for is written a moment later.
                    while client.info("persistence")["aof_buffer_length"] != "0":
                        time.sleep(0.005)
                    stay.kill()
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", required=True, type=pathlib.Path)
    parser.add_argument("--peers", type=pathlib.Path)
    parser.add_argument("--server", action="append", default=[], metavar="NAME=PATH")
    options = parser.parse_args()
    ours = options.binary.resolve()
    peers = {name: (options.peers / "bin" / program).resolve() for name, program in rdb_files.PEERS.items()
             } if options.peers else {}
    peers.update(server.split("=", 1) for server in options.server)
    failures = 0
    journeys = itertools.product(peers.items(), OURS, THEIRS, (False, True), (False, True))
    for (name, peer), our_options, their_options, rewrites, kills in journeys:
        stays = [(ours, our_options), (peer, their_options), (ours, our_options), (peer, their_options)]
        label = "ours(%s) -> %s(%s)%s%s" % (" ".join(our_options[1::2]), name, " ".join(their_options[1::2]),
                                            " b" if rewrites else "", " X" if kills else "")
        try:
            travel(stays, rewrites, kills)
            print("ok     " + label, flush=True)
        except (AssertionError, RuntimeError, servers.ReplyError) as error:
            failures += 1
            print("FAILED %s: %s" % (label, error), flush=True)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
