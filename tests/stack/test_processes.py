"""A Stack in a Python program, however the program ends, forks, or shares the stack with others."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from typing import NamedTuple

import docker.errors
import pytest

from .polling import until

pytestmark = pytest.mark.engine

SLEEP = "command: [python, -c, 'import time; time.sleep(600)']"
ONE = f"""
services: {{app: {{image: "${{IMAGE}}", init: true, {SLEEP}, volumes: [data:/data]}}}}
volumes: {{data: }}
"""
FAILING = ONE.replace("}}", "}, job: {image: '${IMAGE}', command: [python, -c, 'raise SystemExit(3)']}}", 1)
SLOW = """
services:
  app:
    image: ${IMAGE}
    init: true
    command: [python, -c, "import time; time.sleep(2); open('/tmp/ready', 'w'); time.sleep(600)"]
    healthcheck: {test: [CMD, python, -c, "open('/tmp/ready')"], interval: 300ms, retries: 1000}
"""
STUBBORN = """
services:
  app:
    image: ${IMAGE}
    stop_grace_period: 10s
    stop_signal: SIGTERM
    volumes: [.:/here]
    command: [python, -c, "import signal, time; signal.signal(15, signal.SIG_IGN); time.sleep(600)"]
"""
# What the scripts share: an answer of the container, and waiting for a file that this process writes.
HEAD = """
import os, sys, threading, time
from pathlib import Path

import composecheck

def say(*words):
    print(*words, flush=True)

def answer(stack):
    return stack["app"].exec(["python", "-c", "print(6 * 7)"])

def wait_for(name):
    for _ in range(600):
        if Path(name).exists():
            return
        time.sleep(0.05)
    sys.exit(f"nobody wrote {name}")
"""
ANSWER = str((0, "42\n"))


class Ended(NamedTuple):
    """A script's end, and how many seconds it took from its begin."""

    code: int
    out: str
    err: str
    took: float


class Script:
    """A script under way, in a session of its own; its output goes to files, which no child holds open."""

    def __init__(self, folder, text, number):
        self._files = [folder.path / f"{name}-{number}.txt" for name in ("out", "err")]
        self._begun = time.monotonic()
        with self._files[0].open("w") as out, self._files[1].open("w") as err:
            self.process = subprocess.Popen(
                [sys.executable, "-c", text], cwd=folder.path, env=folder.environment,
                stdout=out, stderr=err, start_new_session=True,
            )  # fmt: skip

    @property
    def out(self):
        return self._files[0].read_text()

    def says(self, word):
        """Wait until it has said a word; return the line."""
        lines = until(lambda: [line for line in self.out.splitlines(keepends=True) if word in line])
        until(lambda: self.out.endswith("\n"))
        return lines[0].strip()

    def ended(self, seconds=40):
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(seconds)
        took = time.monotonic() - self._begun
        late = self.process.poll() is None
        self.kill()
        err = self._files[1].read_text()
        print(self.out, err, sep="\n", file=sys.stderr)
        assert not late, f"it did not end within {seconds} s"
        return Ended(self.process.returncode, self.out, err, took)

    def kill(self):
        """End it, where it has not ended."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


@pytest.fixture
def begin(folder):
    """Return a function that begins a script; what it and its children have not ended is killed."""
    begun = []

    def starting(text, head=HEAD):
        begun.append(Script(folder, head + text, len(begun)))
        return begun[-1]

    yield starting
    for script in begun:
        with suppress(ProcessLookupError):
            os.killpg(script.process.pid, signal.SIGKILL)
        script.process.wait()


@pytest.fixture
def container(docker_engine, project_name):
    """Return a function that inspects a service's container, None where there is none."""

    def seen(service="app"):
        try:
            return docker_engine.api.inspect_container(f"{project_name}-{service}-1")
        except docker.errors.NotFound:
            return None

    return seen


def assert_well(ended, seconds=15):
    assert ended.code == 0
    assert "Traceback" not in ended.err
    assert "Exception ignored" not in ended.err
    assert ended.took < seconds


FORGOTTEN = {
    "a generator that is left open": """
def fixture():
    with composecheck.Stack().up() as stack:
        yield stack

held = fixture()
next(held)
""",
    "an ExitStack that is never closed": """
from contextlib import ExitStack

stacks = ExitStack()
stacks.enter_context(composecheck.Stack().up())
""",
    "an __enter__ without an __exit__": """
stack = composecheck.Stack()
stack.up().__enter__()
""",
    "an __enter__ whose stack nobody keeps": """
composecheck.Stack().up().__enter__()
""",
    "a __del__ that leaves the block": """
class Holder:
    def __init__(self):
        self.stack = composecheck.Stack().up().__enter__()

    def __del__(self):
        self.stack.__exit__(None, None, None)

holder = Holder()
""",
    "a callback at exit, registered after": """
import atexit

stack = composecheck.Stack().up().__enter__()
atexit.register(stack.__exit__, None, None, None)
""",
    "a thread that is never joined": """
def hold():
    with composecheck.Stack().up():
        inside.set()
        time.sleep(600)

inside = threading.Event()
threading.Thread(target=hold, daemon=True).start()
inside.wait(30)
""",
}


@pytest.mark.slow_after(1)
@pytest.mark.parametrize("script", FORGOTTEN.values(), ids=FORGOTTEN)
def test_block_that_is_never_left_ends_with_its_process(folder, left, begin, markers, script):
    folder.write(ONE)
    assert_well(begin(script).ended())
    assert left() == []
    assert markers() == []


@pytest.mark.slow
def test_callback_at_exit_from_before_the_import_may_leave_the_block(folder, left, begin, markers):
    """It is called last, when all that composecheck registered has been called."""
    folder.write(ONE)
    script = """
import atexit

held = []
atexit.register(lambda: [stack.__exit__(None, None, None) for stack in held])

import composecheck

held.append(composecheck.Stack().up().__enter__())
"""
    ended = begin(script, head="").ended()
    assert_well(ended)
    assert left() == []
    assert markers() == []


CHILDREN = {
    "exits": "sys.exit(0)",
    "falls out of the block": "pass",
    "raises": "os.close(2); raise ValueError",
    "uses the container": "say(answer(stack)); os._exit(0)",
    "uses the container and exits": "say(answer(stack)); sys.exit(0)",
}


@pytest.mark.slow
@pytest.mark.parametrize("child", CHILDREN.values(), ids=CHILDREN)
def test_forked_child_that_ends_takes_nothing_from_its_parent(folder, left, begin, child):
    folder.write(ONE)
    ended = begin(f"""
with composecheck.Stack().up() as stack:
    child = os.fork()
    if child == 0:
        {child}
    else:
        os.waitpid(child, 0)
        say("the parent:", answer(stack))
if child == 0:
    sys.exit(0)
say("left:", stack.left())
""").ended()
    assert_well(ended)
    assert f"the parent: {ANSWER}" in ended.out
    assert ended.out.count(ANSWER) == (2 if "answer" in child else 1)
    assert "left: []" in ended.out
    assert left() == []


@pytest.mark.slow
def test_process_of_multiprocessing_uses_the_container(folder, left, begin):
    folder.write(ONE)
    ended = begin("""
import multiprocessing

with composecheck.Stack().up() as stack:
    child = multiprocessing.get_context("fork").Process(target=lambda: say("the child:", answer(stack)))
    child.start()
    child.join()
    say("the parent:", child.exitcode, answer(stack))
""").ended()
    assert_well(ended)
    assert f"the child: {ANSWER}" in ended.out
    assert f"the parent: 0 {ANSWER}" in ended.out
    assert left() == []


@pytest.mark.slow
def test_child_that_lives_on_does_not_keep_alive_what_its_killed_parent_held(folder, left, begin, container):
    folder.write(ONE)
    script = begin("""
with composecheck.Stack().up() as stack:
    child = os.fork()
    if child == 0:
        time.sleep(20)
        os._exit(0)
    say("child", child)
    time.sleep(600)
""")
    child = int(script.says("child").split()[1])
    before = container()["Id"]
    script.kill()
    began = time.monotonic()
    result = folder.run("up", timeout=40)
    assert result.returncode == 0
    assert time.monotonic() - began < 15
    os.kill(child, 0)  # it has lived on until now
    assert container()["Id"] != before
    assert container()["State"]["Running"]
    assert folder.run("down", "-v").returncode == 0
    assert left() == []


@pytest.mark.slow
def test_child_of_a_fork_during_the_start_keeps_no_other_start_waiting(folder, left, begin):
    folder.write(SLOW)
    script = begin("""
def fork():
    under_way.wait(30)
    child = os.fork()
    if child == 0:
        time.sleep(20)
        os._exit(0)
    say("child", child)

under_way = threading.Event()
thread = threading.Thread(target=fork)
thread.start()
composecheck.Stack().up(on_event=lambda event: event.kind == "started" and under_way.set())
thread.join()
""")
    assert script.ended().code == 0
    child = int(script.says("child").split()[1])
    began = time.monotonic()
    result = folder.run("up", timeout=40)
    assert result.returncode == 0
    assert time.monotonic() - began < 10
    assert "waiting for another start" not in result.stderr
    os.kill(child, 0)
    assert folder.run("down").returncode == 0
    assert left() == []


HOLDING = """
with composecheck.Stack().up() as stack:
    say("inside")
    wait_for("NAME-answer")
    say(answer(stack))
    wait_for("NAME-leave")
"""


@pytest.mark.slow_after(1)
@pytest.mark.parametrize("leaving", [["a", "b"], ["b", "a"]], ids=["maker first", "maker last"])
def test_two_processes_share_a_project_until_the_last_one_leaves(folder, left, begin, container, leaving):
    folder.write(ONE)
    scripts = {}
    for name in "ab":
        scripts[name] = begin(HOLDING.replace("NAME", name))
        scripts[name].says("inside")
    made = container()
    first, last = leaving
    folder.write("", f"{first}-answer").write("", f"{first}-leave")
    assert_well(scripts[first].ended(20), 40)
    assert ANSWER in scripts[first].out
    assert container()["State"]["StartedAt"] == made["State"]["StartedAt"]
    folder.write("", f"{last}-answer")
    scripts[last].says(ANSWER)
    folder.write("", f"{last}-leave")
    assert_well(scripts[last].ended(20), 40)
    assert left() == []


THREADS = {
    "three stacks": "stacks = [composecheck.Stack() for _ in range(3)]",
    "one stack": "stacks = [composecheck.Stack()] * 2",
}


@pytest.mark.slow
@pytest.mark.parametrize("in_turn", [False, True], ids=["begun at once", "begun in turn"])
@pytest.mark.parametrize("stacks", THREADS.values(), ids=THREADS)
def test_threads_share_a_project_until_the_last_one_leaves(folder, left, begin, markers, stacks, in_turn):
    """Begun in turn, the one that made it all leaves first."""
    folder.write(ONE)
    ended = begin(f"""
def work(number, stack):
    try:
        with stack.up():
            inside.append(number)
            all_inside.wait(30)
            time.sleep(number * 0.7)
            say(answer(stack))
    except BaseException as error:
        all_inside.abort()
        say("failed:", repr(error))

{stacks}
inside = []
all_inside = threading.Barrier(len(stacks))
threads = [threading.Thread(target=work, args=each) for each in enumerate(stacks)]
for number, thread in enumerate(threads):
    thread.start()
    while {in_turn} and thread.is_alive() and number not in inside:
        time.sleep(0.05)
for thread in threads:
    thread.join()
say("left:", [stack.left() for stack in stacks if stack.left()])
""").ended()
    assert_well(ended, 30)
    assert "failed:" not in ended.out
    assert ended.out.count(ANSWER) == (3 if "3" in stacks else 2)
    assert "left: []" in ended.out
    assert left() == []
    assert markers() == []


@pytest.mark.slow
def test_stack_that_the_command_line_has_taken_over_outlives_the_block(folder, left, begin, container):
    folder.write(ONE)
    script = begin(HOLDING.replace("NAME", "it"))
    script.says("inside")
    made = container()
    assert folder.run("up").returncode == 0
    assert container()["Id"] == made["Id"]
    folder.write("", "it-answer").write("", "it-leave")
    assert_well(script.ended(), 40)
    assert container()["State"]["StartedAt"] == made["State"]["StartedAt"]
    assert container()["State"]["Running"]
    assert len(left()) == 3
    assert folder.run("down", "-v").returncode == 0
    assert left() == []


@pytest.mark.slow
def test_interrupt_while_the_block_is_cleaned_up_leaves_nothing_behind(folder, left, begin):
    folder.write(STUBBORN)
    script = begin("""
import docker

stack = composecheck.Stack()
try:
    with stack.up():
        say("leaving")
except KeyboardInterrupt:
    engine = docker.from_env()
    mine = {"label": "com.docker.compose.project=" + os.environ["COMPOSE_PROJECT_NAME"]}
    stand = [each["Names"][0] for each in engine.api.containers(all=True, filters=mine)]
    say("interrupted", bool(stand), bool(stack.left()))
""")
    script.says("leaving")
    time.sleep(1)
    began = time.monotonic()
    script.process.send_signal(signal.SIGINT)
    ended = script.ended()
    assert time.monotonic() - began < 25
    assert ended.code in (0, 130, -signal.SIGINT)
    assert "interrupted True False" not in ended.out
    assert left() == []


@pytest.mark.slow
def test_failed_second_up_leaves_what_the_first_one_made(folder, left, begin):
    folder.write(FAILING)
    ended = begin("""
stack = composecheck.Stack()
with stack.up("app"):
    try:
        stack.up()
    except composecheck.NotReadyError as error:
        say("failed:", "exit code 3" in str(error))
    say(answer(stack))
say("left:", stack.left())
""").ended()
    assert_well(ended)
    assert "failed: True" in ended.out
    assert ANSWER in ended.out
    assert "left: []" in ended.out
    assert left() == []


ENDS = {"SIGTERM": "os.kill(os.getpid(), 15)", "os._exit": "os._exit(0)"}


@pytest.mark.slow
@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
def test_what_a_process_left_by_a_hard_end_goes_with_any_projects_next_start(folder, left, begin, end):
    folder.write(ONE)
    script = begin(f"""
with composecheck.Stack().up():
    {end}
""")
    script.ended()
    volume = f"{folder.project}_data"
    assert len(left()) == 3
    folder.write("services: {job: {image: '${IMAGE}', command: [python, -c, '']}}")
    other = f"{folder.project}-other"
    try:
        assert folder.run("-p", other, "up").returncode == 0
        assert set(left()) <= {volume}  # whose container ran on, and may have written to it
    finally:
        assert folder.run("-p", other, "down").returncode == 0
    assert folder.run("down", "-v").returncode == 0
    assert left() == []


def test_start_that_fails_in_a_with_statement_raises_and_leaves_nothing(folder, left, begin, markers):
    folder.write(FAILING)
    ended = begin("""
import json

stack = composecheck.Stack()
try:
    with stack.up():
        say("never here")
except composecheck.NotReadyError as error:
    say(json.dumps([str(error), stack.left()]))
""").ended()
    assert_well(ended)
    error, stands = json.loads(ended.out)
    assert "service 'job' failed: exit code 3" in error
    assert stands == []
    assert left() == []
    assert markers() == []


@pytest.mark.slow
def test_last_one_ends_what_a_killed_one_had_made(folder, left, begin, markers):
    folder.write(ONE)
    first = begin("""
with composecheck.Stack().up() as stack:
    say("in")
    time.sleep(600)
""")
    first.says("in")
    second = begin("""
with composecheck.Stack().up() as stack:
    say("in")
    wait_for("go")
    say(answer(stack))
say("left:", stack.left())
""")
    second.says("in")
    first.kill()
    (folder.path / "go").touch()
    ended = second.ended()
    assert_well(ended)
    assert ANSWER in ended.out
    assert left() == []
    assert markers() == []


@pytest.mark.slow_after(2)
@pytest.mark.parametrize("then", ["", "events.close()", "del events", "sys.exit(0)"])
def test_start_that_nobody_goes_on_with_leaves_nothing(folder, left, begin, markers, then):
    folder.write(ONE)
    ended = begin(f"""
stack = composecheck.Stack()
events = stack.start()
for event in events:
    if event.kind == "started":
        break
say("left:", len(stack.left()))
{then}
""").ended()
    assert_well(ended)
    assert "left: 3" in ended.out
    assert left() == []
    assert markers() == []


def test_start_amid_a_start_is_refused_at_once(folder, left, begin, markers):
    folder.write(ONE)
    ended = begin("""
stack = composecheck.Stack()
events = stack.start()
next(events)
try:
    stack.up()
except composecheck.UsageError as error:
    say("refused:", error)
with stack:
    say("ends with", list(events)[-1].kind)
""").ended()
    assert_well(ended)
    assert "refused: a start of project" in ended.out
    assert "ends with ready" in ended.out
    assert left() == []
    assert markers() == []


@pytest.mark.slow
def test_session_that_is_given_serves_one_block_after_the_other(folder, left, begin, markers):
    """In between, the project is anybody's to start."""
    folder.write(ONE)
    ended = begin("""
from contextlib import closing
from composecheck.engine import connect

with closing(connect()) as session:
    stack = composecheck.Stack(engine=session)
    for _ in range(2):
        with stack.up():
            say(len(stack.left()))
        with composecheck.Stack().up() as other:
            say(len(other.left()))
""").ended()
    assert_well(ended, 60)
    assert ended.out.split() == ["3"] * 4
    assert left() == []
    assert markers() == []


def test_a_callback_that_raises_leaves_nothing(folder, left, begin, markers):
    folder.write(ONE)
    ended = begin("""
def told(name, text):
    raise ZeroDivisionError

stack = composecheck.Stack()
try:
    stack.up(on_progress=told)
except ZeroDivisionError:
    say("left:", stack.left())
""").ended()
    assert_well(ended)
    assert "left: []" in ended.out
    assert left() == []
    assert markers() == []


@pytest.mark.slow
@pytest.mark.parametrize("own", [False, True], ids=["somebody else's", "the block's own"])
def test_a_down_amid_a_block_that_keeps_the_volume_is_heeded_but_for_its_own(folder, left, begin, own):
    folder.write(ONE)
    script = begin(f"""
with composecheck.Stack().up() as stack:
    if {own}:
        stack.down()
    else:
        say("in")
        wait_for("go")
say("left:", stack.left())
""")
    if not own:
        script.says("in")
        assert folder.run("down").returncode == 0
        (folder.path / "go").touch()
    ended = script.ended()
    assert_well(ended)
    assert "left: []" in ended.out
    assert left() == ([] if own else [f"{folder.project}_data"])
    assert own or "somebody has taken it down and kept its data" in ended.err
    assert folder.run("up").returncode == 0
    assert folder.run("down", "-v").returncode == 0
    assert left() == []
