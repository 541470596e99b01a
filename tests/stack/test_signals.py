"""Signals that come in pairs, that are ignored, or while it waits; and streams that nobody reads."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from .polling import until

pytestmark = pytest.mark.engine

SLEEP = "command: [python, -c, 'import time; time.sleep(600)']"
NEVER_READY = f"""
services:
  db:
    image: ${{IMAGE}}
    {SLEEP}
    volumes: [data:/data]
    healthcheck: {{test: [CMD, python, -c, ""], interval: 1s}}
  api:
    image: ${{IMAGE}}
    {SLEEP}
    depends_on: {{db: {{condition: service_healthy}}}}
    x-readiness: {{tcpSocket: {{port: 9}}}}
volumes: {{data: }}
"""
ONE = f"services: {{app: {{image: '${{IMAGE}}', init: true, {SLEEP}}}}}"
JOB = "services: {job: {image: '${IMAGE}', command: [python, -c, '']}}"
IGNORING = """
import os, signal, sys
signal.signal(int(sys.argv[1]), signal.SIG_IGN)
os.execv(sys.argv[2], sys.argv[2:])
"""


def stubborn(grace):
    """One that holds what was there before, so it is asked to stop first: the undo takes its grace."""
    return f"""
services:
  slow:
    image: ${{IMAGE}}
    stop_grace_period: {grace}
    stop_signal: SIGTERM
    volumes: [.:/here]
    command: [python, -c, "import signal, time; signal.signal(15, signal.SIG_IGN); time.sleep(600)"]
    x-readiness: {{tcpSocket: {{port: 9}}}}
"""


class Begun:
    """A command line under way, whose output goes to files: no pipe fills, none keeps anybody waiting."""

    def __init__(self, folder, command, number):
        self._files = [folder.path / f"{name}-{number}.txt" for name in ("out", "err")]
        with self._files[0].open("w") as out, self._files[1].open("w") as err:
            self.process = subprocess.Popen(
                command, cwd=folder.path, env=folder.environment, stdout=out, stderr=err
            )

    @property
    def out(self):
        return self._files[0].read_text()

    @property
    def err(self):
        return self._files[1].read_text()

    def ended(self, seconds=60):
        """Wait for its end; return its exit code."""
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
        print(self.out, self.err, sep="\n", file=sys.stderr)
        assert self.process.wait() != -signal.SIGKILL, f"it did not end within {seconds} s"
        return self.process.returncode


@pytest.fixture
def begin(folder):
    """Return a function that begins a command line, behind `before`; what has not ended is killed."""
    begun = []

    def starting(*arguments, before=()):
        command = [*before, sys.executable, "-m", "composecheck", *arguments]
        begun.append(Begun(folder, command, len(begun)))
        return begun[-1]

    yield starting
    for each in begun:
        each.process.kill()
        each.process.wait()


@pytest.mark.slow_after(1)
@pytest.mark.parametrize(
    ("moment", "gap"), [(0.4, 0), (0.8, 0.0001), (1.2, 0.0003), (1.6, 0.001), (2.0, 0.003), (2.5, 0.01)]
)
def test_signal_sent_twice_at_once_counts_as_one(folder, left, begin, markers, moment, gap):
    """As GNU timeout does: it signals its child, and then the group that the child is in."""
    folder.write(NEVER_READY)
    begun = begin("up")
    time.sleep(moment)
    begun.process.send_signal(signal.SIGTERM)
    time.sleep(gap)
    begun.process.send_signal(signal.SIGTERM)
    # Before the program has begun its work, the signal ends it as it ends any program.
    assert begun.ended() in (143, -signal.SIGTERM)
    assert left() == []
    assert markers() == []


@pytest.mark.slow
@pytest.mark.parametrize("moment", [0.4, 0.8, 1.2, 1.6, 2.0, 2.5])
def test_other_signal_right_after_the_first_counts_as_one(folder, left, begin, markers, moment):
    folder.write(NEVER_READY)
    begun = begin("up")
    time.sleep(moment)
    begun.process.send_signal(signal.SIGTERM)
    time.sleep(0.1)
    begun.process.send_signal(signal.SIGINT)
    assert begun.ended() in (143, -signal.SIGTERM)
    assert left() == []
    assert markers() == []


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_second_signal_a_second_later_ends_at_once_and_says_what_stands(folder, left, begin, state, number):
    folder.write(stubborn("30s"))
    begun = begin("up")
    until(lambda: state("slow").get("Running"))
    begun.process.send_signal(number)
    time.sleep(1)
    assert begun.process.poll() is None
    begun.process.send_signal(number)
    assert begun.ended(2) == 128 + number
    told = begun.err[begun.err.index("still there") :]
    assert f"{folder.project}-slow-1" in told
    assert f"{folder.project}_default" in told
    assert folder.run("down", "-v", "-t", "0").returncode == 0
    assert left() == []


@pytest.mark.slow
def test_what_the_engine_stops_after_the_second_signal_is_still_the_killed_runs(folder, left, begin, state):
    """The engine goes on with the stop it was asked for: its kill and the end come after the run's end."""
    folder.write(stubborn("4s"))
    begun = begin("up")
    until(lambda: state("slow").get("Running"))
    begun.process.send_signal(signal.SIGINT)
    time.sleep(1)
    begun.process.send_signal(signal.SIGINT)
    assert begun.ended(2) == 130
    until(lambda: not state("slow").get("Running"))
    folder.write(JOB)
    assert folder.run("up").returncode == 0
    assert not any("slow" in name for name in left())
    assert folder.run("down").returncode == 0
    assert left() == []


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGINT])
def test_signal_that_was_ignored_before_stays_ignored(folder, left, begin, state, number):
    """As of `nohup`, and of what a script begins in the background."""
    folder.write(f"""
services:
  app:
    image: ${{IMAGE}}
    init: true
    command: [python, -c, "import time; time.sleep(2); open('/tmp/ready', 'w'); time.sleep(600)"]
    healthcheck: {{test: [CMD, python, -c, "open('/tmp/ready')"], interval: 300ms, retries: 1000}}
  next: {{image: "${{IMAGE}}", init: true, {SLEEP}, depends_on: {{app: {{condition: service_healthy}}}}}}
""")
    begun = begin("up", before=(sys.executable, "-c", IGNORING, str(int(number))))
    until(lambda: state("app").get("Running"))
    begun.process.send_signal(number)
    assert begun.ended() == 0
    assert state("app")["Running"]
    assert state("next")["Running"]
    assert folder.run("down").returncode == 0
    assert left() == []


STREAMS = ["2>&-", ">&-", ">&- 2>&-", "<&- >&- 2>&-", "2>/dev/full", ">/dev/full", ">/dev/full 2>/dev/full"]


def redirected(streams):
    if "/dev/full" in streams and not Path("/dev/full").exists():
        pytest.skip("needs /dev/full")
    return ("sh", "-c", f'exec "$0" "$@" {streams}')


@pytest.mark.slow
@pytest.mark.parametrize("streams", STREAMS)
def test_streams_that_take_nothing_stop_neither_up_nor_down(folder, left, begin, state, streams):
    folder.write(ONE)
    assert begin("up", before=redirected(streams)).ended() == 0
    assert state("app")["Running"]
    assert len(left()) == 2
    assert begin("down", before=redirected(streams)).ended() == 0
    assert left() == []


@pytest.mark.slow_after(1)
@pytest.mark.parametrize("streams", ["2>&-", ">&- 2>&-", "2>/dev/full"])
def test_start_that_fails_with_nobody_to_tell_is_undone_as_any(folder, left, begin, markers, streams):
    folder.write(ONE.replace("}}", "}, job: {image: '${IMAGE}', command: [python, -c, 'exit(3)']}}"))
    assert begin("up", before=redirected(streams)).ended() == 1
    assert left() == []
    assert markers() == []


def test_interrupt_while_it_waits_for_another_start_ends_it_at_once(folder, left, begin, state):
    folder.write(NEVER_READY)
    first = begin("up")
    until(lambda: state("db").get("Running"))
    second = begin("up")
    until(lambda: "waiting for another start" in second.err)
    second.process.send_signal(signal.SIGINT)
    assert second.ended(2) == 130
    assert "removing what this run created" not in second.err
    assert "Traceback" not in second.err
    assert first.process.poll() is None
    assert state("db")["Running"]
    os.kill(first.process.pid, signal.SIGINT)
    assert first.ended() == 130
    assert left() == []
