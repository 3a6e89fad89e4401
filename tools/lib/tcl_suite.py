"""Runs one file of the upstream Tcl test suite against a server binary and reads
what it reports, test by test.

The suite starts `src/redis-server` from its own directory, so each run gets an
overlay: a scratch directory that links the suite's files and has our binary under
that name. Runs share nothing (overlay, ports, `tests/tmp`) and may go in parallel.
"""
import contextlib
import os
import pathlib
import pty
import re
import select
import shutil
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass, field

OK, FAILED, RAISED, SKIPPED, IGNORED = "ok", "failed", "raised", "skipped", "ignored"

_MARK_LINE = re.compile(r"\[(ok|err|skip|ignore|exception|ready|TIMEOUT|\d+/\d+ done)\]: ")
_ERR_HEAD = re.compile(r"(.*) in tests/\S+\.tcl$")
_IN_PROGRESS = re.compile(r"=> \(IN PROGRESS\) (.*)$", re.M)
_LOGGED_TEST = re.compile(r"^### Starting (?:test|server for test) (.*) in tests/\S+\.tcl$", re.M)
# A Tcl error carries a trace, a failed assertion does not.
_TRACE = re.compile(r"^    (while executing|invoked from within)$", re.M)


@dataclass
class Result:
    """What the suite said about one test. `status` is one of the constants above:
    FAILED is an assertion that did not hold, RAISED any other Tcl error."""
    name: str
    status: str
    detail: str = ""


@dataclass
class Run:
    """One run of one file. `ended` is "complete", "stalled" (no progress), "timeout"
    or "died"; `running` names the test in progress when it ended early, if known;
    `outside` holds errors raised outside of any test."""
    results: list = field(default_factory=list)
    outside: list = field(default_factory=list)
    ended: str = "died"
    running: str = None
    seconds: float = 0.0
    output: str = ""


@dataclass
class Suite:
    """Where the suite and the binaries are, and the limits of one run in seconds."""
    directory: pathlib.Path
    binary: pathlib.Path
    tools: pathlib.Path
    stall: int
    timeout: int
    sessions: set = field(default_factory=set)
    stopping: bool = False

    def stop(self):
        """Ends every run that goes on; no new one starts."""
        self.stopping = True
        for leader in list(self.sessions):
            _kill_session(leader)

    def overlay(self, parent):
        """Makes the scratch copy of the suite below `parent`; returns its path."""
        if self.stopping:
            raise RuntimeError("interrupted")
        # Short: a socket's path inside has to fit into 108 bytes.
        top = pathlib.Path(tempfile.mkdtemp(prefix="f", dir=parent))
        for entry in ("runtest", "redis.conf", "utils"):
            (top / entry).symlink_to(self.directory / entry)
        (top / "tests").mkdir()
        for entry in (self.directory / "tests").iterdir():
            if entry.name != "tmp":
                (top / "tests" / entry.name).symlink_to(entry)
        (top / "tests/tmp").mkdir()
        (top / "src").mkdir()
        # The binary is what it is called as.
        for name in ("redis-server", "redis-check-aof", "redis-check-rdb"):
            (top / "src" / name).symlink_to(self.binary)
        for tool in ("redis-cli", "redis-benchmark"):
            (top / "src" / tool).symlink_to(self.tools / tool)
        return top

    def run(self, unit, overlay, ports, skip=(), only=(), options=(), echo=None):
        """Runs the tests of `unit` ("unit/type/list"). `ports` is (first, count),
        `skip` and `only` are test names, `options` further arguments of the suite;
        `echo` is called with each line."""
        skipfile = overlay / "skip"
        skipfile.write_text("\n".join(map(_exactly, skip)))
        # --durable: an error inside one test ends that test, not the file.
        argv = ["./runtest", "--single", unit, "--clients", "1", "--durable", "--dont-clean",
                "--baseport", str(ports[0]), "--portcount", str(ports[1]),
                "--timeout", str(self.stall), "--skipfile", "skip", *options]
        for name in only:
            argv += ["--only", _exactly(name)]
        started = time.monotonic()
        output, in_time = self._capture(argv, overlay, echo)
        run = parse(output)
        run.seconds = time.monotonic() - started
        if not in_time:
            run.ended = "timeout"
        if run.ended != "complete" and run.running is None:
            run.running = _last_logged_test(overlay)
        return run

    def _capture(self, argv, directory, echo):
        """Runs argv in a session of its own; returns (its output, whether it ended in
        time). Its output is a terminal, because Tcl buffers a pipe and would lose what
        it had to say when killed. Whatever the session leaves behind is killed."""
        master, slave = pty.openpty()
        process = subprocess.Popen(argv, cwd=directory, stdin=subprocess.DEVNULL, stdout=slave, stderr=slave,
                                   start_new_session=True, env={**os.environ, "TERM": "dumb"})
        os.close(slave)
        self.sessions.add(process.pid)
        deadline = time.monotonic() + self.timeout
        output = _read_until_closed(master, process, deadline, echo)
        in_time = time.monotonic() < deadline
        _kill_session(process.pid)
        process.wait()
        self.sessions.discard(process.pid)
        os.close(master)
        return output, in_time


def _exactly(name):
    """A test name as the suite's options take it: a leading slash means a pattern."""
    return "/^" + re.escape(name) + "$" if name.startswith("/") else name


def _read_until_closed(master, process, deadline, echo):
    """Reads the terminal until nobody has it open, the process is gone and silent, or
    the deadline (monotonic seconds) passed. Returns the text without carriage returns."""
    chunks, line = [], b""
    while (left := deadline - time.monotonic()) > 0:
        if not select.select([master], [], [], min(left, 1.0))[0]:
            if process.poll() is not None:
                break
            continue
        try:
            chunk = os.read(master, 65536).replace(b"\r", b"")
        except OSError:     # EIO: the last process closed the terminal
            break
        chunks.append(chunk)
        *lines, line = (line + chunk).split(b"\n")
        for full in lines if echo else ():
            echo(full.decode(errors="replace"))
    return b"".join(chunks).decode(errors="replace")


def _kill_session(leader):
    """Ends every process of the session `leader` leads, servers included."""
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            with contextlib.suppress(OSError, ValueError):
                if os.getsid(int(entry)) == leader:
                    os.kill(int(entry), signal.SIGKILL)


def _last_logged_test(overlay):
    """The test whose start was logged last: the suite writes each test's name into
    the logs of the servers that are up."""
    logs = sorted(overlay.glob("tests/tmp/server.*/stdout"), key=lambda p: p.stat().st_mtime)
    for log in reversed(logs):
        names = _LOGGED_TEST.findall(log.read_text(errors="replace"))
        if names:
            return names[-1]
    return None


def parse(output):
    """Reads the output of one `runtest` into a Run (without `seconds`)."""
    run = Run(output=output)
    # Everything from the closing report on repeats what was said before.
    body, closing, _ = output.partition("\n                   The End\n")
    for kind, text in _messages(body):
        if kind == "ok":
            run.results.append(Result(text.rpartition(" (")[0], OK))
        elif kind == "skip":
            run.results.append(Result(text, SKIPPED))
        elif kind == "ignore" and ": " in text:     # without a name it speaks of a whole block
            name, _, why = text.rpartition(": ")
            run.results.append(Result(name, IGNORED, why))
        elif kind == "err":
            _add_error(run, text)
        elif kind == "exception":
            run.outside.append(text)
        elif kind == "TIMEOUT":
            run.ended = "stalled"
            found = _IN_PROGRESS.search(text)
            run.running = found and found.group(1)
    if closing and run.ended != "stalled":
        run.ended = "complete"
    return run


def _messages(body):
    """Splits the output into (kind, text) pairs. Errors go on over several lines, the
    other kinds are one line each."""
    kind, lines = None, []
    for line in body.split("\n"):
        mark = _MARK_LINE.match(line)
        if mark:
            if kind:
                yield kind, "\n".join(lines)
            kind, lines = mark.group(1), [line[mark.end():]]
        elif kind in ("err", "exception", "TIMEOUT"):
            lines.append(line)
    if kind:
        yield kind, "\n".join(lines)


def _add_error(run, text):
    head, _, detail = text.partition("\n")
    name = _ERR_HEAD.match(head)
    if not name:
        run.outside.append(text.strip())
    elif _TRACE.search(detail):
        run.results.append(Result(name.group(1), RAISED, _without_torso(detail).strip()))
    else:
        run.results.append(Result(name.group(1), FAILED, detail.strip()))


def _without_torso(detail):
    """The suite says an error's message twice, first without its leading ten characters
    (an assertion's prefix): leaves out the first."""
    at = detail.find("\n")
    while at >= 0:
        torso, rest = detail[:at], detail[at + 1:]
        if rest[10:].startswith(torso):
            return rest
        at = detail.find("\n", at + 1)
    return detail


def remove(overlay):
    """Deletes an overlay; the links in it are not followed."""
    shutil.rmtree(overlay, ignore_errors=True)
