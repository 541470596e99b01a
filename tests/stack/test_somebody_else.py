"""Somebody else is on the engine too: in the middle of a start, on its networks and volumes, by its names."""

from __future__ import annotations

import re
import subprocess
import sys
import time

import pytest
from docker.errors import NotFound

import composecheck

from .polling import until

pytestmark = pytest.mark.engine

# Seconds in which a start that can no longer succeed has ended and cleaned up.
SOON = 4
SLEEP = '[python, -c, "import time; time.sleep(600)"]'
APP = f"""
services:
  app:
    image: ${{IMAGE}}
    init: true
    command: {SLEEP}
"""
# The database is healthy once the folder has a file `ready`.
STACK = f"""
services:
  db:
    image: ${{IMAGE}}
    init: true
    command: {SLEEP}
    volumes: [{{type: bind, source: ., target: /here, read_only: true}}]
    healthcheck:
      test: [CMD, python, -c, "open('/here/ready')"]
      interval: 300ms
      timeout: 5s
      retries: 1000
  app:
    image: ${{IMAGE}}
    init: true
    command: {SLEEP}
    depends_on: {{db: {{condition: service_healthy}}}}
"""
# The database ends with 7 once the folder has a file `go`.
FAILS = """
services:
  db:
    image: ${IMAGE}
    init: true
    command:
      - python
      - -c
      - |
        import os, time
        while not os.path.exists("/here/go"): time.sleep(0.05)
        raise SystemExit(7)
    volumes: ["data:/data", {type: bind, source: ., target: /here, read_only: true}]
    x-readiness: {tcpSocket: {port: 9}, failureThreshold: 1000, periodSeconds: 1}
volumes: {data: }
"""

# The command line where each write takes a moment.
ON_A_SLOW_TERMINAL = """
import io, sys, time

class Slow(io.TextIOWrapper):
    def write(self, text):
        written = super().write(text)
        time.sleep(0.02)
        return written

sys.stderr = Slow(sys.stderr.buffer, line_buffering=True)
from composecheck.cli import main
sys.exit(main())
"""


@pytest.fixture
def stack(folder, monkeypatch):
    """Return a function that makes a Stack of the folder's file in this process."""
    for key in ("IMAGE", "COMPOSE_PROJECT_NAME", "XDG_STATE_HOME"):
        monkeypatch.setenv(key, folder.environment[key])
    return lambda: composecheck.Stack(folder.path / "compose.yml")


@pytest.fixture
def foreign(docker_engine, python_image, project_name):
    """Return a function that starts a container of no project on the network, and on the volume if asked.

    It is removed afterwards, if the test has not done so.
    """
    names = []

    def run(*, volume: bool = False) -> str:
        name = "ccforeign-" + project_name.removeprefix("cctest-")
        names.append(name)
        docker_engine.containers.run(
            python_image, ["python", "-c", "import time; time.sleep(600)"],
            detach=True, init=True, name=name, network=f"{project_name}_default",
            volumes={f"{project_name}_data": {"bind": "/v"}} if volume else {},
        )  # fmt: skip
        return name

    yield run
    for name in names:
        remove(docker_engine, name)


def remove(docker_engine, name: str) -> None:
    try:
        docker_engine.api.remove_container(name, force=True)
    except NotFound:
        return


def begin(folder, docker_engine, service: str = "db"):
    """Begin an `up` and return once a service's container runs, which the run then waits for."""

    def running() -> bool:
        assert process.poll() is None, process.communicate()
        try:
            return docker_engine.api.inspect_container(name)["State"]["Running"]
        except NotFound:
            return False

    name = f"{folder.project}-{service}-1"
    process = folder.begin("up", "--wait-timeout", "30")
    until(running)
    return process


def end(process) -> tuple[int, str, float]:
    """Return the exit code of an `up`, its stderr, and how many seconds that took from now."""
    begun = time.monotonic()
    try:
        _, err = process.communicate(timeout=60)
    finally:
        process.kill()
    print(err)
    return process.returncode, err, time.monotonic() - begun


def cause(err: str, service: str = "db") -> str:
    """Return what the report at the end says of a service, and the lines after it."""
    head = f"service '{service}' failed: "
    assert head in err
    return err[err.index(head) :]


# Somebody's container is on what the run made, and the run fails


def test_what_a_failed_start_cannot_remove_is_named_with_who_is_on_it(
    folder, left, docker_engine, project_name, foreign
):
    folder.write(FAILS)
    process = begin(folder, docker_engine)
    name = foreign(volume=True)
    (folder.path / "go").touch()
    code, err, _ = end(process)
    assert code == 1
    assert "removed  what this run created" not in err
    report = cause(err)
    assert "exit code 7" in report
    assert f"network {project_name}_default" in report
    assert f"volume {project_name}_data" in report
    assert name in report
    assert re.search("`(composecheck|docker) [^`]+`", report), "a command that removes them"
    assert sorted(left()) == [f"{project_name}_data", f"{project_name}_default"]


@pytest.mark.slow
@pytest.mark.parametrize("next_is", ["up", "down"])
def test_what_a_failed_start_could_not_remove_is_no_obstacle_later(
    folder, left, docker_engine, foreign, next_is
):
    folder.write(FAILS)
    process = begin(folder, docker_engine)
    name = foreign(volume=True)
    (folder.path / "go").touch()
    code, _, _ = end(process)
    assert code == 1
    remove(docker_engine, name)
    if next_is == "up":
        folder.write(STACK.replace("volumes: [", 'volumes: ["data:/data", ') + "volumes: {data: }\n")
        (folder.path / "ready").touch()
        assert folder.run("up").returncode == 0
    assert folder.run("down", "-v").returncode == 0
    assert left() == []


def test_python_is_told_what_a_failed_start_could_not_remove(
    folder, left, docker_engine, project_name, foreign, stack
):
    folder.write(FAILS)
    names = []

    def interfere(event: composecheck.Event) -> None:
        if event.kind == "started":
            names.append(foreign(volume=True))
            (folder.path / "go").touch()

    mine = stack()
    with pytest.raises(composecheck.NotReadyError) as caught:
        mine.up(timeout=60, on_event=interfere)
    said = "\n".join([str(caught.value), *getattr(caught.value, "__notes__", ())])
    print(said)
    assert "service 'db' failed: exit code 7" in str(caught.value)
    assert "removed  what this run created" not in said
    for name in (f"network {project_name}_default", f"volume {project_name}_data", names[0]):
        assert name in str(caught.value)
    assert sorted(mine.left()) == [f"network {project_name}_default", f"volume {project_name}_data"]
    remove(docker_engine, names[0])
    assert folder.run("down", "-v").returncode == 0
    assert left() == []


@pytest.mark.slow
def test_a_block_whose_network_somebody_is_on_ends_with_an_error_that_names_it(
    folder, left, docker_engine, project_name, foreign, stack
):
    folder.write(APP)
    mine, network = stack(), f"network {project_name}_default"
    names = []
    with pytest.raises(composecheck.EngineError) as caught, mine.up(timeout=60):
        names.append(foreign())
    assert network in str(caught.value)
    assert names[0] in str(caught.value)
    assert mine.left() == [network]
    remove(docker_engine, names[0])
    assert folder.run("up").returncode == 0
    assert folder.run("down").returncode == 0
    assert left() == []


@pytest.mark.slow
def test_an_exception_that_leaves_such_a_block_has_a_note_that_names_the_network(
    folder, left, docker_engine, project_name, foreign, stack
):
    folder.write(APP)
    mine, network = stack(), f"network {project_name}_default"
    names = []

    def block() -> None:
        with mine.up(timeout=60):
            names.append(foreign())
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError) as caught:
        block()
    assert network in "\n".join(getattr(caught.value, "__notes__", ()))
    assert mine.left() == [network]
    remove(docker_engine, names[0])
    assert folder.run("down").returncode == 0
    assert left() == []


# Somebody has a hand in a container that is waited for


@pytest.mark.slow_after(1)
@pytest.mark.parametrize("restart", ["no", "always"])
@pytest.mark.parametrize("deed", ["kill", "stop", "remove"])
def test_a_container_that_somebody_ends_fails_the_start_and_it_is_said_so(
    folder, left, docker_engine, deed, restart
):
    folder.write(STACK.replace("  db:\n", f"  db:\n    restart: '{restart}'\n"))
    process = begin(folder, docker_engine)
    name = f"{folder.project}-db-1"
    if deed == "kill":
        docker_engine.api.kill(name)
    elif deed == "stop":
        docker_engine.api.stop(name, timeout=0)
    else:
        docker_engine.api.remove_container(name, force=True)
    code, err, seconds = end(process)
    assert code == 1
    assert seconds < SOON
    assert "by someone else" in cause(err)
    assert "blocked  app" in err
    assert left() == []


@pytest.mark.slow
def test_a_dependency_that_somebody_restarts_is_waited_for(folder, left, docker_engine):
    folder.write(STACK)
    process = begin(folder, docker_engine)
    docker_engine.api.restart(f"{folder.project}-db-1", timeout=0)
    (folder.path / "ready").touch()
    code, _, _ = end(process)
    assert code == 0
    assert folder.run("down").returncode == 0
    assert left() == []


@pytest.mark.slow
def test_a_container_that_somebody_pauses_fails_the_start(folder, left, docker_engine):
    folder.write(STACK)
    process = begin(folder, docker_engine)
    docker_engine.api.pause(f"{folder.project}-db-1")
    code, err, seconds = end(process)
    assert code == 1
    assert seconds < 5
    assert "paused" in cause(err)
    assert left() == []


@pytest.mark.slow
def test_a_container_that_was_paused_for_a_moment_is_waited_for(folder, left, docker_engine):
    folder.write(STACK)
    process = begin(folder, docker_engine)
    docker_engine.api.pause(f"{folder.project}-db-1")
    time.sleep(0.3)
    docker_engine.api.unpause(f"{folder.project}-db-1")
    (folder.path / "ready").touch()
    code, _, _ = end(process)
    assert code == 0
    assert folder.run("down").returncode == 0
    assert left() == []


@pytest.mark.slow
def test_a_dependency_that_somebody_takes_off_its_network_is_waited_for(
    folder, left, docker_engine, project_name
):
    folder.write(STACK)
    process = begin(folder, docker_engine)
    docker_engine.api.disconnect_container_from_network(f"{project_name}-db-1", f"{project_name}_default")
    (folder.path / "ready").touch()
    code, _, _ = end(process)
    assert code == 0
    assert folder.run("down").returncode == 0
    assert left() == []


# Somebody has changed what stands


@pytest.mark.slow
@pytest.mark.parametrize("anew", [True, False], ids=["made anew", "removed"])
def test_a_stopped_container_whose_network_is_gone_is_made_anew(
    folder, left, docker_engine, project_name, anew
):
    folder.write(STACK)
    (folder.path / "ready").touch()
    assert folder.run("up").returncode == 0
    api, network = docker_engine.api, f"{project_name}_default"
    for name in ("db", "app"):
        api.stop(f"{project_name}-{name}-1", timeout=0)
    labels = api.inspect_network(network)["Labels"]
    api.remove_network(network)
    if anew:
        api.create_network(network, labels=labels)
    result = folder.run("up")
    assert result.returncode == 0
    assert f"made anew: it was connected to a network '{network}' that has been removed" in result.stderr
    for name in ("db", "app"):
        assert api.inspect_container(f"{project_name}-{name}-1")["State"]["Running"]
    assert folder.run("down").returncode == 0
    assert left() == []


@pytest.mark.slow
def test_a_container_whose_network_it_shares_with_one_that_is_gone_is_made_anew(
    folder, left, docker_engine, project_name
):
    folder.write(f"""{APP}
  sidecar: {{image: "${{IMAGE}}", init: true, command: {SLEEP}, network_mode: "service:app"}}
""")
    assert folder.run("up").returncode == 0
    docker_engine.api.remove_container(f"{project_name}-app-1", force=True)
    result = folder.run("up")
    assert result.returncode == 0
    assert re.search("sidecar +made anew: it shares the network of service 'app'", result.stderr)
    assert folder.run("down").returncode == 0
    assert left() == []


# Names


@pytest.mark.slow
def test_a_container_of_a_service_that_the_file_no_longer_has_is_told(folder, left, project_name):
    folder.write(f"""{APP}
  former: {{image: "${{IMAGE}}", init: true, command: {SLEEP}}}
""")
    assert folder.run("up").returncode == 0
    folder.write(APP)
    result = folder.run("up")
    assert result.returncode == 0
    assert f"{project_name}-former-1" in result.stderr
    assert f"/{project_name}-former-1" in left()
    assert folder.run("down", "--remove-orphans").returncode == 0
    assert left() == []


@pytest.mark.slow
def test_a_service_that_is_only_disabled_by_its_profile_is_no_orphan(folder, left, project_name):
    folder.write(f"""{APP}
  extra: {{image: "${{IMAGE}}", init: true, command: {SLEEP}, profiles: [extra]}}
""")
    assert folder.run("--profile", "extra", "up").returncode == 0
    assert f"/{project_name}-extra-1" in left()
    result = folder.run("up")
    assert result.returncode == 0
    assert "extra" not in result.stdout + result.stderr
    assert folder.run("down").returncode == 0
    assert left() == []


@pytest.mark.slow
@pytest.mark.slow_after(1)
@pytest.mark.parametrize("by_name", [False, True], ids=["by file", "by name"])
@pytest.mark.parametrize("kind", ["network", "volume"])
def test_two_projects_with_one_name_are_told_of_each_other_and_leave_nothing(
    folder, neighbour, left, docker_engine, project_name, kind, by_name
):
    shared = "ccshared-" + project_name.removeprefix("cctest-")
    text = f"""{APP}
    volumes: ["data:/data"]
networks: {{default: {{NETWORK}}}}
volumes: {{data: {{VOLUME}}}}
""".replace(kind.upper(), f"name: {shared}")
    text = text.replace("{NETWORK}", "").replace("{VOLUME}", "")
    folder.write(text)
    neighbour.write(text)
    assert folder.run("up").returncode == 0
    result = neighbour.run("up")
    assert result.returncode == 0
    assert [line for line in result.stderr.splitlines() if shared in line and project_name in line]
    first = folder.run("down", "-v")
    assert first.returncode == 0
    assert left() == [shared]
    assert [line for line in first.stderr.splitlines() if shared in line and "removed" not in line]
    named = ("-p", neighbour.project) if by_name else ()
    assert neighbour.run("down", *named, "-v").returncode == 0
    assert left() == []
    api = docker_engine.api
    theirs = {"label": f"com.docker.compose.project={neighbour.project}"}
    assert api.networks(filters=theirs) == []
    assert api.volumes(filters=theirs)["Volumes"] in (None, [])


@pytest.mark.slow
def test_down_leaves_a_network_that_somebody_is_on_and_names_who(
    folder, left, docker_engine, project_name, foreign
):
    folder.write(APP)
    assert folder.run("up").returncode == 0
    name = foreign()
    result = folder.run("down")
    assert result.returncode == 0
    assert left() == [f"{project_name}_default"]
    assert [line for line in result.stderr.splitlines() if f"{project_name}_default" in line and name in line]
    remove(docker_engine, name)
    assert folder.run("down").returncode == 0
    assert left() == []


@pytest.mark.slow
def test_down_leaves_a_volume_that_another_project_uses_and_says_so(folder, neighbour, left, project_name):
    volume = f"{project_name}_data"
    folder.write(f"""{APP}
    volumes: ["data:/data"]
volumes: {{data: }}
""")
    neighbour.write(f"""{APP}
    volumes: ["data:/data"]
volumes: {{data: {{external: true, name: {volume}}}}}
""")
    assert folder.run("up").returncode == 0
    assert neighbour.run("up").returncode == 0
    result = folder.run("down", "-v")
    assert result.returncode == 0
    assert left() == [volume]
    assert [line for line in result.stderr.splitlines() if volume in line and "removed" not in line]
    assert neighbour.run("down", "-v").returncode == 0
    assert left() == [volume], "what is external stays"
    assert folder.run("down", "-v").returncode == 0
    assert left() == []


# Not somebody else, but as hard to see


@pytest.mark.slow
def test_memory_is_said_to_be_the_cause_of_a_restart_loop(folder, left, docker_engine):
    if not docker_engine.info().get("MemoryLimit"):
        pytest.skip("needs an engine that can limit memory")
    folder.write("""
services:
  app:
    image: ${IMAGE}
    restart: always
    command: [python, -c, "x = bytearray(400_000_000); x[:] = b'1' * len(x)"]
    mem_limit: 30m
    memswap_limit: 30m
""")
    result = folder.run("up")
    assert result.returncode == 1
    assert "out of memory" in cause(result.stderr, "app")
    assert left() == []


@pytest.mark.slow
def test_lines_of_what_goes_side_by_side_do_not_run_together(folder, left):
    folder.write(f"""
services:
  app: {{image: "${{IMAGE}}", command: {SLEEP}, stop_signal: SIGKILL, scale: 8}}
""")
    assert folder.run("up").returncode == 0
    down = subprocess.run(
        [sys.executable, "-c", ON_A_SLOW_TERMINAL, "down"],
        cwd=folder.path, env=folder.environment, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert down.returncode == 0
    lines = down.stderr.splitlines()
    assert [line for line in lines if not re.fullmatch(r"\S+( \S+)?  (stopped|removed)", line)] == []
    assert len(lines) == len(set(lines)) == 17
    assert left() == []


SHARED = f"""{APP}
    volumes: ["data:/data"]
volumes: {{data: {{name: NAME}}}}
"""


@pytest.mark.slow
def test_a_volume_that_the_file_says_is_external_by_now_is_nobody_s_to_remove(folder, left, project_name):
    name = f"{project_name}-shared"
    folder.write(SHARED.replace("NAME", name))
    assert folder.run("up").returncode == 0
    folder.write(SHARED.replace("NAME", f"{name}, external: true"), "external.yml")
    assert folder.run("down", "-f", "external.yml", "-v").returncode == 0
    assert left() == [name]
    assert folder.run("up").returncode == 0
    assert folder.run("down", "-v").returncode == 0
    assert left() == []


@pytest.mark.slow
def test_a_volume_of_another_project_that_keeps_its_data_stays(folder, neighbour, left, project_name):
    name = f"{project_name}-shared"
    folder.write(SHARED.replace("NAME", name))
    neighbour.write(SHARED.replace("NAME", name))
    assert folder.run("up").returncode == 0
    assert folder.run("down").returncode == 0
    assert neighbour.run("up").returncode == 0
    result = neighbour.run("down", "-v")
    assert result.returncode == 0
    assert f"left: it belongs to project '{project_name}'" in result.stderr
    assert left() == [name]


@pytest.mark.slow
def test_an_anonymous_volume_that_somebody_has_is_told(folder, docker_engine, project_name, python_image):
    folder.write(FAILS.replace("data:/data", "/data").replace("volumes: {data: }", ""))
    process = begin(folder, docker_engine)
    visitor = docker_engine.containers.run(
        python_image, ["python", "-c", "import time; time.sleep(600)"], init=True, detach=True,
        name=f"{project_name}-visitor", volumes_from=[f"{project_name}-db-1"],
    )  # fmt: skip
    try:
        (folder.path / "go").touch()
        _, err, _ = end(process)
    finally:
        visitor.remove(force=True)
    (volume,) = re.findall("left     volume ([0-9a-f]{64}): container", err)
    assert "removed  what this run created" not in err
    docker_engine.api.remove_volume(volume)
