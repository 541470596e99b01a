"""A start ends in time and with the truth about what stands, whatever the engine and the containers do."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time

import docker.errors
import pytest

from .polling import until
from .proxy import Proxy

pytestmark = pytest.mark.engine

SLEEP = "command: [python, -c, 'import time; time.sleep(600)']"
# One container whose healthcheck goes on failing, one that waits for it, a network and a volume.
AWAITED = f"""
services:
  db:
    image: ${{IMAGE}}
    init: true
    {SLEEP}
    volumes: [data:/data]
    healthcheck: {{test: [CMD, python, -c, "raise SystemExit(1)"], interval: 300ms, retries: 1000}}
  api:
    image: ${{IMAGE}}
    init: true
    {SLEEP}
    depends_on: {{db: {{condition: service_healthy}}}}
volumes: {{data: }}
"""
# Six more of them: what is asked of each must not add up.
MANY = AWAITED.replace(
    "services:",
    "services:"
    + "".join(
        f"\n  s{n}: {{image: '${{IMAGE}}', init: true, {SLEEP}, healthcheck: "
        "{test: [CMD, python, -c, 'exit(1)'], interval: 2s, retries: 1000}}"
        for n in range(6)
    ),
)
MENDED = AWAITED.replace("raise SystemExit(1)", "")
# Asked to stop before it is removed, since it may be writing to what was there before: it takes its grace.
STUBBORN = """
    stop_signal: SIGTERM
    volumes: [.:/here]
    command: [python, -c, "import signal, time; signal.signal(15, signal.SIG_IGN); time.sleep(600)"]
"""


@pytest.fixture
def proxy(folder):
    with Proxy() as between:
        folder.environment["DOCKER_HOST"] = between.url
        yield between


@pytest.fixture
def begin(folder):
    """Return a function that begins a command; what it has not ended by then is killed after the test."""
    begun = []

    def starting(*arguments):
        begun.append(folder.begin(*arguments))
        return begun[-1]

    yield starting
    for process in begun:
        process.kill()
        process.communicate()


def ended(process, seconds):
    """Wait for the end of a process, at most some seconds; return its exit code and its output."""
    late = False
    try:
        out, err = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        late = True
        process.kill()
        out, err = process.communicate()
    print(out, err, sep="\n", file=sys.stderr)
    assert not late, f"it did not end within {seconds:.1f} s"
    return process.returncode, out, err


def assert_told_to_stand(text, project, *names):
    """Each is named as left, apart from the steps that were told before, with a command that removes it."""
    assert "removed  what this run created" not in text
    told = "\n".join(line for line in text.splitlines() if not re.search(r"\d\.\d\ds  |  created$", line))
    assert re.search(r"still there|\bleft\b", told)
    commands = " ".join(re.findall("`([^`]*)`", told))
    whole = re.search(rf"composecheck (.* )?down (.* )?-p {project}\b", commands)
    for name in names:
        assert name in told
        assert whole or re.search(rf"docker (rm|network rm|volume rm) [^&]*{name}\b", commands)


def everything(project):
    return [f"{project}-db-1", f"{project}-api-1", f"{project}_default", f"{project}_data"]


def probing(state):
    """The healthcheck has been carried out, and is awaited."""
    return (state("db").get("Health") or {}).get("Log") and state("api")


def heal(folder, left):
    """The next start goes well, on the engine itself, and nothing stays."""
    folder.environment.pop("DOCKER_HOST")
    folder.environment.update({key: os.environ[key] for key in ("DOCKER_HOST",) if key in os.environ})
    folder.write(MENDED)
    assert folder.run("up").returncode == 0
    assert folder.run("down", "-v", "-t", "0").returncode == 0
    assert left() == []


@pytest.mark.slow
def test_engine_that_falls_silent_does_not_put_off_the_deadline(folder, left, begin, proxy, state):
    folder.write(MANY)
    began = time.monotonic()
    process = begin("up", "--wait-timeout", "5")
    until(lambda: probing(state))
    proxy.silence()
    code, _, err = ended(process, began + 25 - time.monotonic())
    assert code == 3
    others = [f"{folder.project}-s{n}-1" for n in range(6)]
    assert_told_to_stand(err, folder.project, *everything(folder.project), *others)
    heal(folder, left)


@pytest.mark.slow
def test_engine_that_falls_silent_does_not_put_off_an_interrupt(folder, left, begin, proxy, state):
    folder.write(AWAITED)
    process = begin("up")
    until(lambda: probing(state))
    proxy.silence()
    process.send_signal(signal.SIGINT)
    code, _, err = ended(process, 20)
    assert code == 130
    assert_told_to_stand(err, folder.project, *everything(folder.project))
    heal(folder, left)


@pytest.mark.slow
def test_removal_that_hangs_is_told_and_the_others_are_removed(
    folder, left, begin, proxy, state, docker_engine
):
    folder.write(AWAITED)
    process = begin("up")
    until(lambda: probing(state))
    name = f"{folder.project}-api-1"
    its_id = docker_engine.api.inspect_container(name)["Id"]
    proxy.silence(rf"^DELETE /containers/({its_id}|{name})\b")
    process.send_signal(signal.SIGINT)
    code, _, err = ended(process, 20)
    assert code == 130
    assert f"/{name}" in left()
    assert f"/{folder.project}-db-1" not in left()
    assert f"{folder.project}_data" not in left()
    assert_told_to_stand(err, folder.project, name)
    heal(folder, left)


@pytest.mark.slow
def test_grace_is_honoured_though_it_is_longer_than_the_engine_may_be_silent(folder, left, begin, state):
    folder.write(f"""
services:
  slow:
    image: ${{IMAGE}}
    stop_grace_period: 20s
    {STUBBORN}
    x-readiness: {{tcpSocket: {{port: 9}}}}
""")
    process = begin("up")
    until(lambda: state("slow").get("Running"))
    began = time.monotonic()
    process.send_signal(signal.SIGINT)
    code, _, err = ended(process, 40)
    assert code == 130
    assert time.monotonic() - began > 19
    assert "still there" not in err
    assert left() == []


@pytest.mark.slow
def test_block_whose_engine_falls_silent_ends_with_an_error_that_names_all(
    folder, left, proxy, docker_engine
):
    folder.write(MENDED)
    script = """
import composecheck, json, sys, time
stack = composecheck.Stack()
try:
    with stack.up():
        print("in the block", flush=True)
        sys.stdin.readline()
        began = time.monotonic()
except composecheck.EngineError as error:
    print(json.dumps([time.monotonic() - began, str(error), stack.left()]), flush=True)
"""
    process = subprocess.Popen(
        [sys.executable, "-c", script], cwd=folder.path, env=folder.environment, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    try:
        assert process.stdout.readline() == "in the block\n"
        proxy.silence()
        process.stdin.write("\n")
        process.stdin.flush()
        _, out, _ = ended(process, 45)  # the end of the process may be one more try
    finally:
        process.kill()
        process.communicate()
    took, error, stands = json.loads(out)
    assert took < 20
    for name in everything(folder.project):
        assert name in error
        assert any(name in each for each in stands)
    heal(folder, left)


@pytest.mark.slow
def test_engine_that_goes_away_is_told_with_what_stands(folder, left, begin, proxy, state):
    folder.write(AWAITED)
    process = begin("up")
    until(lambda: probing(state))
    proxy.refuse()
    code, out, err = ended(process, 15)
    assert code == 3
    assert_told_to_stand(err, folder.project, *everything(folder.project))
    assert "Traceback" not in err
    assert not re.search(r"\('|\(\d+, '|Error\(", out + err)  # as Python writes an exception's arguments
    heal(folder, left)


@pytest.mark.slow
@pytest.mark.parametrize("fault", ["refuse", "silence"])
def test_engine_that_is_lost_during_down_ends_it_with_what_stands(folder, left, begin, proxy, fault):
    folder.write(f"""
services:
  slow:
    image: ${{IMAGE}}
    stop_grace_period: 3s
{STUBBORN}
  app: {{image: "${{IMAGE}}", init: true, {SLEEP}, depends_on: [slow]}}
""")
    assert folder.run("up").returncode == 0
    process = begin("down")
    until(lambda: not any("-app-" in name for name in left()))
    getattr(proxy, fault)()
    code, _, err = ended(process, 25)
    assert code == 3
    assert "Traceback" not in err
    assert "still there" in err
    assert f"{folder.project}-slow-1" in err
    assert "once the engine answers" in err
    told = [line for line in err.splitlines() if line.startswith(f"{folder.project}-slow-1")]
    assert len(told) == len({line.split()[1] for line in told}), "nothing is named twice"
    proxy.mend()
    assert folder.run("down").returncode == 0
    assert left() == []


BACKTRACKING = """
services:
  app:
    image: ${IMAGE}
    init: true
    command: [python, -c, "import time; print('a' * 42 + '!'); time.sleep(600)"]
    x-readiness: {log: "^(a+)+$$", periodSeconds: 1, timeoutSeconds: 2, failureThreshold: 1000}
"""


@pytest.mark.slow
def test_expression_that_never_comes_to_an_end_does_not_put_off_the_deadline(folder, left, begin):
    folder.write(BACKTRACKING)
    code, _, err = ended(begin("up", "--wait-timeout", "3"), 8)
    assert code == 4
    assert "not ready within 3s" in err
    assert left() == []


@pytest.mark.slow
def test_expression_that_never_comes_to_an_end_does_not_put_off_an_interrupt(
    folder, left, begin, docker_engine
):
    folder.write(BACKTRACKING)
    process = begin("up")
    name = f"{folder.project}-app-1"

    def written():
        try:
            return b"aaa!" in docker_engine.api.logs(name)
        except docker.errors.NotFound:
            return False

    until(written)
    time.sleep(1)  # it looks at the log by now
    process.send_signal(signal.SIGINT)
    code, _, _ = ended(process, 8)
    assert code == 130
    assert left() == []


@pytest.mark.slow
def test_second_up_waits_for_nothing_that_the_first_has_waited_for(folder, left):
    folder.write(f"""
services:
  app: {{image: "${{IMAGE}}", init: true, {SLEEP}, depends_on: [db]}}
  db: {{image: "${{IMAGE}}", init: true, {SLEEP}, ports: ["127.0.0.1::9999"]}}
  plain: {{image: "${{IMAGE}}", init: true, {SLEEP}}}
  checked:
    image: ${{IMAGE}}
    init: true
    {SLEEP}
    healthcheck: {{test: [CMD, python, -c, ""], interval: 1s, timeout: 10s}}
""")
    assert folder.run("up").returncode == 0
    began = time.monotonic()
    again = folder.run("up")
    assert again.returncode == 0
    assert "unchanged" in again.stdout
    assert time.monotonic() - began < 3
    assert folder.run("up", "--wait-timeout", "1").returncode == 0
    assert folder.run("down", "-v").returncode == 0
    assert left() == []


@pytest.mark.slow
@pytest.mark.parametrize(
    "dependent",
    ["", "\n  app: {image: '${IMAGE}', depends_on: {job: {condition: service_completed_successfully}}}"],
    ids=["alone", "with-a-dependent"],
)
def test_job_has_the_attempts_that_its_policy_grants(folder, left, dependent):
    folder.write(f"""
services:{dependent}
  job:
    image: ${{IMAGE}}
    restart: "on-failure:5"
    command:
      - python
      - -c
      - "open('/tmp/tries', 'a').write('x'); raise SystemExit(len(open('/tmp/tries').read()) < 3)"
""")
    result = folder.run("up")
    assert result.returncode == 0
    assert re.search(r"job +completed", result.stdout)
    assert folder.run("down").returncode == 0
    assert left() == []


@pytest.mark.slow
def test_job_that_uses_up_its_attempts_fails(folder, left):
    folder.write("""
services:
  job: {image: "${IMAGE}", restart: "on-failure:3", command: [python, -c, "raise SystemExit(7)"]}
""")
    result = folder.run("up")
    assert result.returncode == 1
    assert "exit code 7" in result.stderr
    assert left() == []


@pytest.mark.slow
def test_crash_loop_of_what_is_always_restarted_fails(folder, left):
    command = "[python, -c, 'import time; time.sleep(0.3); raise SystemExit(7)']"
    folder.write(f"services: {{app: {{image: '${{IMAGE}}', restart: always, command: {command}}}}}")
    result = folder.run("up")
    assert result.returncode == 1
    assert "exit code 7" in result.stderr
    assert left() == []


def test_server_that_ends_with_0_before_its_port_answered_fails(folder, left):
    folder.write("""
services:
  web:
    image: ${IMAGE}
    command: [python, -c, "print('usage: server [OPTIONS]')"]
    ports: ["127.0.0.1::80"]
""")
    result = folder.run("up")
    assert result.returncode == 1
    assert "exit code 0" in result.stderr
    assert "usage: server [OPTIONS]" in result.stderr
    assert left() == []


def test_service_that_ends_with_0_before_its_readiness_answered_fails(folder, left):
    folder.write("""
services:
  web:
    image: ${IMAGE}
    command: [python, -c, "import time; time.sleep(0.5)"]
    x-readiness: {tcpSocket: {port: 80}, periodSeconds: 0.2, failureThreshold: 100}
""")
    result = folder.run("up")
    assert result.returncode == 1
    assert "exit code 0" in result.stderr
    assert left() == []


def test_job_without_ports_that_ends_with_0_is_completed(folder, left):
    folder.write("services: {job: {image: '${IMAGE}', command: [python, -c, '']}}")
    result = folder.run("up")
    assert result.returncode == 0
    assert "completed" in result.stdout
    assert folder.run("down").returncode == 0
    assert left() == []


@pytest.mark.slow_after(1)
@pytest.mark.parametrize("test", ["[CMD, no-such-program]", "[CMD-SHELL, no-such-program]"])
def test_healthcheck_whose_program_is_absent_is_not_told_to_need_time(folder, left, test):
    folder.write(f"""
services:
  db:
    image: ${{IMAGE}}
    init: true
    {SLEEP}
    healthcheck: {{test: {test}, interval: 300ms, timeout: 5s, retries: 2}}
""")
    result = folder.run("up")
    assert result.returncode == 1
    assert "no-such-program" in result.stderr
    assert "give it more time" not in result.stderr
    assert left() == []


def test_output_of_a_healthcheck_is_cut(folder, left):
    folder.write(f"""
services:
  db:
    image: ${{IMAGE}}
    init: true
    {SLEEP}
    healthcheck:
      test: [CMD, python, -c, "print('no answer ' * 100_000); raise SystemExit(1)"]
      interval: 300ms
      timeout: 10s
      retries: 2
""")
    result = folder.run("up")
    assert result.returncode == 1
    assert "no answer no answer" in result.stderr
    assert max(map(len, (result.stdout + result.stderr).splitlines())) <= 600
    assert left() == []
