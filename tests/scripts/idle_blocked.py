#!/usr/bin/env python3
"""Clients that wait must cost nothing.

  tests/scripts/idle_blocked.py --binary PATH [--clients 1000] [--seconds 5]

Connects many clients that block for ever, half of them in BLPOP on a list, half in
XREAD on a stream (some on one shared key, some on a key of their own), and measures
the server's CPU time while nothing happens. Then wakes them all and checks that each
one is answered. The exit code is 1 when the server used more than --max-ms-per-s or a
client was not served.
"""
import argparse
import pathlib
import resource
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tools/lib"))
import servers  # noqa: E402


def raise_file_limit(needed):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < needed:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(needed, hard), hard))


def blocking_command(number):
    """What client `number` waits with, and the commands that wake it."""
    shared = number % 4 < 2
    key = "%s:%s" % ("list" if number % 2 else "stream", "shared" if shared else number)
    if number % 2:
        return ("BLPOP", key, "0"), ("RPUSH", key, "x")
    return ("XREAD", "BLOCK", "0", "STREAMS", key, "$"), ("XADD", key, "*", "f", "x")


def wait_until_blocked(client, expected, seconds=30):
    deadline = time.monotonic() + seconds
    while int(client.info("clients")["blocked_clients"]) < expected:
        if time.monotonic() > deadline:
            sys.exit("FAILED: only %s of %d clients block" % (client.info("clients")["blocked_clients"], expected))
        time.sleep(0.05)


def unserved(clients, control):
    """Wakes every client; returns how many got no proper answer."""
    woken = set()
    for number in range(len(clients)):
        wake = blocking_command(number)[1]
        # One entry reaches all readers of a stream, one element a single BLPOP.
        if wake[0] == "RPUSH" or wake[1] not in woken:
            control.call(*wake)
            woken.add(wake[1])
    missing = 0
    for client in clients:
        try:
            missing += not isinstance(client.read(), list)
        except (OSError, ConnectionError):
            missing += 1
    return missing


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", required=True)
    parser.add_argument("--clients", type=int, default=1000)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--max-ms-per-s", type=float, default=20)
    arguments = parser.parse_args()
    raise_file_limit(arguments.clients + 100)
    with servers.Server(arguments.binary) as server:
        control = server.client()
        clients = []
        for number in range(arguments.clients):
            clients.append(server.client())
            clients[-1].send(*blocking_command(number)[0])
        wait_until_blocked(control, arguments.clients)
        time.sleep(0.5)
        before = server.cpu_seconds()
        time.sleep(arguments.seconds)
        used_ms = 1000 * (server.cpu_seconds() - before)
        missing = unserved(clients, control)
    per_second = used_ms / arguments.seconds
    print("%d blocked clients: %.1f ms of CPU in %g s (%.1f ms per second), %d of them not served"
          % (arguments.clients, used_ms, arguments.seconds, per_second, missing))
    if per_second > arguments.max_ms_per_s or missing:
        print("FAILED: at most %g ms per second are allowed, and every client has to be served"
              % arguments.max_ms_per_s)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
