#!/usr/bin/env python3
"""redis-py's own test suite passes against the server, in RESP2 and in RESP3.

  tests/scripts/redis_py.py --binary PATH [--home DIR] [FILE...]

Fetches redis-py's source distribution, which carries the suite, and what the suite
needs into DIR (default: in the temporary directory; kept for the next time). Runs the
FILEs that are about a single server (as the suite names them, default: FILES below).

tests/redis_py/expected.toml names the tests that fail, with what they wait for or why
they differ on purpose. The exit code is 1 when another test fails, when one of these
passes, or when one of these doesn't exist.
"""
import argparse
import os
import pathlib
import subprocess
import sys
import tarfile
import tempfile
import tomllib
import xml.etree.ElementTree

REPO = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPO / "tools/lib"))
import servers  # noqa: E402

VERSION = "8.1.0"
NEEDS = ["pytest", "pytest-asyncio", "pytest-timeout", "packaging", "cryptography", "numpy"]
FILES = ["commands", "pipeline", "pubsub", "keyspace_notifications", "monitor", "lock", "scripting", "encoding", "hash",
         "cache", "asyncio/commands", "asyncio/pubsub"]
# Tests that need other servers than one of ours.
NOT = ["onlycluster", "redismod", "ssl", "replica", "cp_integration", "multidb_integration"]
EXPECTED = REPO / "tests/redis_py/expected.toml"
TIMEOUT_S, TEST_TIMEOUT_S = 400, 30


def install(home):
    """The interpreter and the directory of the sources."""
    source, python = home / ("redis-" + VERSION), home / "venv/bin/python"
    if not (home / "ready").exists():
        pip = [python, "-m", "pip", "--quiet", "--disable-pip-version-check"]
        requirement = "redis==" + VERSION
        subprocess.run([sys.executable, "-m", "venv", "--clear", home / "venv"], check=True)
        subprocess.run([*pip, "install", requirement, *NEEDS], check=True)
        subprocess.run([*pip, "download", "--no-deps", "--no-binary", "redis", "--dest", home, requirement], check=True)
        with tarfile.open(home / ("redis-%s.tar.gz" % VERSION)) as archive:
            archive.extractall(home, filter="data")
        (home / "ready").touch()
    return python, source


def path_of(file):
    """Where a file of tests is: that of `asyncio/pubsub` is tests/test_asyncio/test_pubsub.py."""
    return "tests/" + "/".join("test_" + part for part in file.split("/")) + ".py"


def run(python, source, port, protocol, what, skipped, report):
    """The outcome of each test of some files, or of tests by their names: passed, failed or skipped."""
    argv = [python, "-m", "pytest", "-q", "--tb=line", "--timeout", TEST_TIMEOUT_S, "-p", "no:warnings",
            "-o", "addopts=", "-o", "log_cli=false", "-m", " and ".join("not " + mark for mark in NOT),
            "--redis-url", "redis://127.0.0.1:%d/0" % port, "--protocol", protocol, "--junitxml", report]
    argv += ["--deselect=" + name for name in skipped]
    argv += what
    done = subprocess.run([str(part) for part in argv], cwd=source, timeout=TIMEOUT_S, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode not in (0, 1):
        sys.exit("FAILED: pytest ended with %d\n%s" % (done.returncode, done.stdout))
    outcomes = {}
    for case in xml.etree.ElementTree.parse(report).iter("testcase"):
        module, _, group = case.get("classname").rpartition(".")
        if group.startswith("test_"):
            module, group = case.get("classname"), None
        # What varies between the runs of one test isn't a part of its name.
        parts = [module.replace(".", "/") + ".py", group, case.get("name").partition("[")[0]]
        name = "::".join(part for part in parts if part)
        kinds = {child.tag for child in case}
        outcome = "failed" if kinds & {"failure", "error"} else "skipped" if "skipped" in kinds else "passed"
        # One name may stand for several runs: one that fails counts.
        if outcomes.get(name) != "failed" and not (outcome == "skipped" and name in outcomes):
            outcomes[name] = outcome
    return outcomes, done.stdout


def read_expected():
    """The names of tests that fail, and of those that are not tried."""
    expected, skipped = set(), set()
    for group in tomllib.loads(EXPECTED.read_text())["expected"]:
        (expected if group.get("run", True) else skipped).update(group["tests"])
    return expected, skipped


def verdict(protocol, outcomes, output, expected):
    """Prints what is wrong; answers whether anything is."""
    by_outcome = lambda wanted: {name for name, outcome in outcomes.items() if outcome == wanted}  # noqa: E731
    failed, passed = by_outcome("failed"), by_outcome("passed")
    wrong = [("failed", failed - expected), ("passes now, though expected to fail", passed & expected),
             ("expected to fail, but there is no such test", expected - outcomes.keys())]
    for what, names in wrong:
        for name in sorted(names):
            print("%s: %s" % (what, name))
    if failed - expected:
        print(output[-8000:])
    print("redis-py %s, RESP%d: %d passed, %d failed as expected, %d skipped by the suite itself"
          % (VERSION, protocol, len(passed), len(failed & expected), len(by_outcome("skipped"))), flush=True)
    return any(names for _, names in wrong)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", required=True)
    parser.add_argument("--home", type=pathlib.Path,
                        default=pathlib.Path(tempfile.gettempdir()) / ("redstart-redis-py-%d" % os.getuid()))
    parser.add_argument("files", nargs="*", metavar="FILE", default=FILES)
    arguments = parser.parse_args()
    home = arguments.home.absolute()
    home.mkdir(parents=True, exist_ok=True)
    python, source = install(home)
    expected, skipped = read_expected()
    wrong = False
    for protocol in (2, 3):
        # The asynchronous client speaks to the server as the other one does: once is enough.
        files = [file for file in arguments.files if protocol == 3 or not file.startswith("asyncio/")]
        if not files:
            continue
        fail = {name for name in expected if name.partition("::")[0] in map(path_of, files)}
        with servers.Server(arguments.binary, ["--enable-debug-command", "yes"]) as server:
            report = home / ("resp%d.xml" % protocol)
            outcomes, output = run(python, source, server.port, protocol, map(path_of, files), skipped, report)
            again = sorted(name for name, outcome in outcomes.items() if outcome == "failed" and name not in fail)
            if again:
                # Some of them measure time: one that fails a second time has failed.
                print("tried once more: " + ", ".join(again), flush=True)
                second, output = run(python, source, server.port, protocol, again, skipped, report)
                outcomes.update(second)
            wrong |= verdict(protocol, outcomes, output, fail)
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
