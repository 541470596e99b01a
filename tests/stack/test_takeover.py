"""A run is killed, and what it left stands: who goes on with it loses nothing, and what nobody wants goes."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
from contextlib import suppress

import pytest
from docker.errors import NotFound

from .polling import until

pytestmark = pytest.mark.engine

SLEEP = '[python, -c, "import time; time.sleep(600)"]'
# The database is healthy once the folder has a file `ready`. A short bind mount would have Compose
# make the container anew now and then: it gives that one of two hashes, as chance will have it.
STACK = f"""
services:
  db:
    image: ${{IMAGE}}
    init: true
    command: {SLEEP}
    volumes: ["data:/data", {{type: bind, source: ., target: /here, read_only: true}}]
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
volumes: {{data: }}
"""
CHANGED = STACK.replace("  app:", "  app:\n    hostname: changed")
JOB = """
  job:
    image: ${IMAGE}
    command: [python, -c, "print('migrated')"]
    depends_on: {db: {condition: service_healthy}}
volumes:"""
WITH_A_JOB = STACK.replace("\nvolumes:", JOB)
WITHOUT_A_VOLUME = WITH_A_JOB.replace('"data:/data", ', "").replace("volumes: {data: }", "")
ANOTHER = "services: {job: {image: '${IMAGE}', command: [python, -c, '']}}"
READ = "import os; print(open('/data/file').read() if os.path.exists('/data/file') else 'no file')"
WRITE = "open('/data/file', 'w').write('precious')"
BLOCK = """
import composecheck, os
with composecheck.Stack().up(timeout=60) as stack:
    {work}
    os.kill(os.getpid(), 9)
"""


@pytest.fixture
def another(neighbour):
    """Another project of the same user, of a job."""
    return neighbour.write(ANOTHER)


@pytest.fixture
def somebody(folder):
    """The same folder in the hands of another user, who sees none of the first one's markers."""
    somebody = type(folder)(folder.path, folder.project, folder.environment["IMAGE"])
    somebody.environment["HOME"] = str(folder.path / "home-of-somebody")
    somebody.environment["XDG_STATE_HOME"] = str(folder.path / "home-of-somebody" / "state")
    return somebody


@pytest.fixture
def compose(folder, docker_compose):
    """The real Docker Compose in the project's folder."""

    def run(*arguments: str) -> None:
        done = subprocess.run(
            [docker_compose, *arguments],
            cwd=folder.path, env=folder.environment, text=True, capture_output=True, timeout=60, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr

    return run


@pytest.fixture
def inside(docker_engine, project_name):
    """Run Python in the database's container, as `docker exec` does; return what it prints."""

    def run(script: str) -> str:
        container = docker_engine.containers.get(f"{project_name}-db-1")
        code, output = container.exec_run(["python", "-c", script])
        assert code == 0, output
        return output.decode().strip()

    return run


@pytest.fixture
def visitor(docker_engine, project_name, python_image):
    """Run Python in a container of no project on the volume, as `docker run --rm` does."""

    def run(script: str) -> None:
        docker_engine.containers.run(
            python_image, ["python", "-c", script],
            remove=True, name=f"{project_name}-visitor", volumes={f"{project_name}_data": {"bind": "/data"}},
        )  # fmt: skip

    return run


@pytest.fixture
def standing(docker_engine, project_name):
    """Return a function that gives what stands of the project, with what tells each thing from a new one."""
    mine = {"label": f"com.docker.compose.project={project_name}"}

    def listing() -> dict[str, tuple[str, ...]]:
        api = docker_engine.api
        found: dict[str, tuple[str, ...]] = {}
        for each in api.containers(all=True, filters=mine):
            with suppress(NotFound):  # an engine may list what it is about to make
                there = api.inspect_container(each["Id"])
                found[there["Name"]] = (there["Id"], there["State"]["Status"], there["State"]["StartedAt"])
        for each in api.networks(filters=mine):
            found[f"network {each['Name']}"] = (each["Id"],)
        for each in api.volumes(filters=mine)["Volumes"] or []:
            found[f"volume {each['Name']}"] = (each["CreatedAt"],)
        return found

    return listing


def kill_up(folder, standing) -> None:
    """Kill an `up` while the database is not healthy yet, and the other containers have never started."""

    def amid() -> bool:
        assert process.poll() is None, process.communicate()
        states = sorted(each[1] for name, each in standing().items() if name.startswith("/"))
        return states == ["created"] * (len(states) - 1) + ["running"] and len(states) == containers

    containers = (folder.path / "compose.yml").read_text().count("image:")
    process = folder.begin("up")
    try:
        until(amid)
    finally:
        process.kill()
        process.communicate()


def kill_block(folder, work: str = f"stack['db'].exec(['python', '-c', {WRITE!r}])") -> None:
    """Kill a program inside its block, after it wrote into the volume."""
    (folder.path / "ready").touch()
    script = BLOCK.format(work=work)
    killed = subprocess.run(
        [sys.executable, "-c", script], cwd=folder.path, env=folder.environment, check=False, timeout=90
    )
    assert killed.returncode == -signal.SIGKILL


def identities(standing) -> dict[str, str]:
    return {name: each[0] for name, each in standing().items() if name.startswith("/")}


def remedy(volume: str, err: str) -> str:
    """Return the line that says of a volume that it stays, if it has a command that removes it."""
    commands = ("composecheck down -p", "docker volume rm")
    lines = [line for line in err.splitlines() if volume in line and any(each in line for each in commands)]
    return "".join(lines)


# A killed `up`


@pytest.mark.slow
@pytest.mark.slow_after(1)
@pytest.mark.parametrize("since", ["down", "stop", "one stopped", "nothing"])
def test_data_written_after_a_killed_up_outlives_the_next_up(
    folder, standing, compose, inside, docker_engine, project_name, since
):
    folder.write(STACK)
    kill_up(folder, standing)
    (folder.path / "ready").touch()
    compose("up", "-d", "--wait")
    inside(WRITE)
    if since in {"down", "stop"}:
        compose(since, "-t", "0")
    elif since == "one stopped":
        docker_engine.api.stop(f"{project_name}-app-1", timeout=0)
    before = standing()
    result = folder.run("up")
    assert result.returncode == 0
    assert inside(READ) == "precious"
    if since == "nothing":
        assert standing() == before


@pytest.mark.slow
def test_what_stays_of_a_killed_up_is_named_with_the_command_that_removes_it(
    folder, standing, compose, project_name, left
):
    folder.write(STACK)
    kill_up(folder, standing)
    (folder.path / "ready").touch()
    compose("up", "-d", "--wait")
    result = folder.run("up")
    assert result.returncode == 0
    assert f"composecheck down -p {project_name}" in result.stderr
    again = folder.run("up")
    assert again.returncode == 0
    assert f"composecheck down -p {project_name}" not in again.stderr, "it is said once"
    assert folder.run("down", "-v").returncode == 0
    assert left() == []


@pytest.mark.slow
def test_a_stack_that_another_user_completed_and_took_down_keeps_its_data(folder, somebody, standing, inside):
    folder.write(WITH_A_JOB)
    kill_up(folder, standing)
    (folder.path / "ready").touch()
    assert somebody.run("up").returncode == 0
    inside(WRITE)
    assert somebody.run("down").returncode == 0
    assert folder.run("up").returncode == 0
    assert inside(READ) == "precious"


@pytest.mark.slow
def test_a_stack_that_another_user_completed_runs_on(folder, somebody, standing, inside, project_name):
    folder.write(WITH_A_JOB)
    kill_up(folder, standing)
    (folder.path / "ready").touch()
    assert somebody.run("up").returncode == 0
    inside(WRITE)
    before = standing()
    assert before[f"/{project_name}-job-1"][1] == "exited"
    assert folder.run("up").returncode == 0
    after = standing()
    assert {name: each[0] for name, each in after.items()} == {name: each[0] for name, each in before.items()}
    for name in ("db", "app"):  # the job is done once more, as with Compose
        assert after[f"/{project_name}-{name}-1"] == before[f"/{project_name}-{name}-1"]
    assert inside(READ) == "precious"


@pytest.mark.slow
def test_data_that_a_visitor_wrote_after_a_killed_up_outlives_the_next_up(folder, standing, visitor, inside):
    folder.write(STACK)
    kill_up(folder, standing)
    visitor(WRITE)
    (folder.path / "ready").touch()
    assert folder.run("up").returncode == 0
    assert inside(READ) == "precious"


@pytest.mark.slow
def test_a_container_that_a_killed_up_never_started_may_be_another_by_the_next_up(
    folder, standing, left, docker_engine, project_name
):
    folder.write(STACK)
    kill_up(folder, standing)
    (folder.path / "ready").touch()
    folder.write(CHANGED)
    assert folder.run("up").returncode == 0
    app = docker_engine.api.inspect_container(f"{project_name}-app-1")
    assert app["Config"]["Hostname"] == "changed"
    assert folder.run("down", "-v").returncode == 0
    assert left() == []


@pytest.mark.slow
@pytest.mark.parametrize("first", ["network", "volume", "container"])
def test_an_up_killed_as_soon_as_the_first_thing_exists_is_no_obstacle(folder, standing, left, first):
    def there() -> bool:
        assert process.poll() is None, process.communicate()
        return any(name.startswith(first.replace("container", "/")) for name in standing())

    folder.write(STACK)
    process = folder.begin("up")
    try:
        until(there)
    finally:
        process.kill()
        process.communicate()
    (folder.path / "ready").touch()
    folder.write(CHANGED)
    assert folder.run("up").returncode == 0
    assert folder.run("down", "-v").returncode == 0
    assert left() == []


# A killed block


@pytest.mark.slow
@pytest.mark.parametrize("by", ["the same project", "another project"])
def test_data_that_a_visitor_wrote_after_a_killed_block_outlives_the_next_up(
    folder, another, docker_engine, visitor, project_name, left, by
):
    folder.write(STACK)
    kill_block(folder)
    visitor(WRITE.replace("precious", "of a visitor"))
    result = (folder if by == "the same project" else another).run("up")
    assert result.returncode == 0
    assert f"{project_name}_data" in left()
    visitor("assert open('/data/file').read() == 'of a visitor'")
    assert remedy(f"{project_name}_data", result.stderr)
    assert folder.run("down", "-v").returncode == 0
    assert left() == []


@pytest.mark.slow
def test_a_killed_block_that_compose_went_on_with_is_left_by_another_project(
    folder, another, compose, standing, inside, docker_engine, project_name
):
    folder.write(STACK)
    kill_block(folder)
    docker_engine.api.stop(f"{project_name}-app-1", timeout=0)
    compose("up", "-d", "--wait")
    before = standing()
    result = another.run("up")
    assert result.returncode == 0
    assert standing() == before
    assert inside(READ) == "precious"
    assert f"composecheck down -p {project_name}" in result.stderr
    again = another.run("up")
    assert again.returncode == 0
    assert standing() == before
    assert project_name not in again.stderr, "it is said once"


@pytest.mark.slow
@pytest.mark.parametrize("deed", ["docker exec", "docker stop", "docker cp"])
def test_a_killed_block_that_somebody_had_a_hand_in_is_left_by_another_project(
    folder, another, standing, inside, docker_engine, project_name, deed
):
    folder.write(STACK)
    kill_block(folder)
    if deed == "docker exec":
        inside("print('looked')")
    elif deed == "docker stop":
        docker_engine.api.stop(f"{project_name}-app-1", timeout=0)
    else:
        stream, _ = docker_engine.api.get_archive(f"{project_name}-db-1", "/data/file")
        assert b"precious" in b"".join(stream)
    before = standing()
    result = another.run("up")
    assert result.returncode == 0
    assert standing() == before
    assert f"composecheck down -p {project_name}" in result.stderr


@pytest.mark.slow
@pytest.mark.parametrize("text", [STACK, WITH_A_JOB], ids=["services", "with a finished job"])
def test_a_killed_block_that_nobody_came_to_is_made_afresh(folder, standing, inside, left, text):
    folder.write(text)
    kill_block(folder)
    before = identities(standing)
    result = folder.run("up")
    assert result.returncode == 0
    after = identities(standing)
    assert after.keys() == before.keys()
    assert not set(after.values()) & set(before.values())
    assert inside(READ) == "no file"
    assert "unchanged" not in result.stdout
    assert folder.run("down", "-v").returncode == 0
    assert left() == []


@pytest.mark.slow
def test_a_killed_block_that_nobody_came_to_is_removed_by_another_project(folder, another, left):
    folder.write(WITHOUT_A_VOLUME)
    kill_block(folder, "pass")
    assert len(left()) == 4
    assert another.run("up").returncode == 0
    assert left() == []


@pytest.mark.slow
def test_a_volume_of_a_killed_block_goes_with_it_or_is_named(folder, another, left, project_name):
    folder.write(STACK)
    kill_block(folder)
    result = another.run("up")
    assert result.returncode == 0
    assert set(left()) <= {f"{project_name}_data"}
    for name in left():
        assert remedy(name, result.stderr)


# Markers that are broken


@pytest.mark.slow_after(1)
@pytest.mark.parametrize(
    "text",
    ["", "[]", "no json", json.dumps({"version": 99}), "\0\xff"],
    ids=["empty", "a list", "no json", "of a later version", "binary"],
)
def test_a_broken_marker_is_told_by_its_path(folder, text):
    folder.write(ANOTHER)
    marker = folder.path / "state" / "composecheck" / "runs" / "0123456789abcdef"
    marker.parent.mkdir(parents=True)
    marker.write_text(text, encoding="latin-1")
    result = folder.run("up")
    assert result.returncode == 0
    assert "Traceback" not in result.stderr
    assert str(marker) in result.stderr
    assert folder.run("down").returncode == 0


@pytest.mark.slow
@pytest.mark.parametrize("instead", ["a folder", "an object without fields"])
def test_what_is_there_in_place_of_a_marker_is_no_obstacle(folder, instead):
    folder.write(ANOTHER)
    marker = folder.path / "state" / "composecheck" / "runs" / "0123456789abcdef"
    marker.parent.mkdir(parents=True)
    if instead == "a folder":
        marker.mkdir()
    else:
        marker.write_text("{}")
    result = folder.run("up")
    assert result.returncode == 0
    assert "Traceback" not in result.stderr
    assert folder.run("down").returncode == 0


@pytest.mark.slow
def test_a_broken_marker_does_not_hide_a_killed_block(folder, another, left):
    folder.write(WITHOUT_A_VOLUME)
    kill_block(folder, "pass")
    runs = folder.path / "state" / "composecheck" / "runs"
    for number, text in enumerate(["", "[]", "no json"]):
        (runs / f"{number:016}").write_text(text)
    (runs / "0123456789abcdef").mkdir()
    assert another.run("up").returncode == 0
    assert left() == []
    shutil.rmtree(runs)
