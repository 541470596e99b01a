"""A stack comes up in readiness order on the real engine, and goes without a trace."""

from __future__ import annotations

import json
import subprocess
import threading
import time
from datetime import datetime
from pathlib import Path

import pytest

import composecheck

pytestmark = pytest.mark.engine

SERVER = """[python, -c, "import http.server as h; h.test(h.SimpleHTTPRequestHandler, port=8000)"]"""
# A service that is ready a while after its start: /tmp/ready is there from then on.
SLOW = """[python, -c, "import time; time.sleep(0.7); open('/tmp/ready', 'w'); time.sleep(600)"]"""
READY = """{test: [CMD, python, -c, "open('/tmp/ready')"], interval: 200ms, timeout: 5s, retries: 50}"""

CHAIN = f"""
services:
  api:
    image: ${{IMAGE}}
    command: {SERVER}
    ports: ["127.0.0.1::8000"]
    depends_on: {{db: {{condition: service_healthy}}, job: {{condition: service_completed_successfully}}}}
    x-readiness: {{httpGet: {{path: /, port: 8000}}, periodSeconds: 0.2}}
  job:
    image: ${{IMAGE}}
    command: [python, -c, "print('migrated')"]
    depends_on: {{db: {{condition: service_healthy}}}}
  db:
    image: ${{IMAGE}}
    command: {SLOW}
    volumes: [data:/data]
    healthcheck: {READY}
volumes: {{data: }}
"""


def state(docker_engine, project: str, service: str) -> dict:
    labels = [f"com.docker.compose.project={project}", f"com.docker.compose.service={service}"]
    found = docker_engine.api.containers(all=True, filters={"label": labels})
    assert len(found) == 1, found
    return docker_engine.api.inspect_container(found[0]["Id"])


def moment(text: str) -> float:
    """Seconds since the epoch of one of the engine's times; it has nine digits of a second."""
    return datetime.fromisoformat(text[:26] + "+00:00").timestamp()


def started(container: dict) -> float:
    return moment(container["State"]["StartedAt"])


def touched(docker_engine, container: dict) -> float:
    """When a SLOW service became ready, by the clock that the engine goes by as well."""
    api = docker_engine.api
    script = "import os; print(os.stat('/tmp/ready').st_mtime)"
    return float(api.exec_start(api.exec_create(container["Id"], ["python", "-c", script])["Id"]))


def test_dependents_start_only_when_their_guards_hold(folder, left, docker_engine, project_name):
    folder.write(CHAIN)
    result = folder.run("up")
    assert result.returncode == 0, result.stderr
    db, job, api = (state(docker_engine, project_name, name) for name in ("db", "job", "api"))
    assert started(job) > touched(docker_engine, db)
    assert started(api) > moment(job["State"]["FinishedAt"])
    assert "127.0.0.1:" in result.stdout
    assert "ready in" in result.stdout
    again = folder.run("up")
    assert again.returncode == 0
    assert "unchanged" in again.stdout
    assert state(docker_engine, project_name, "db")["Id"] == db["Id"]
    assert state(docker_engine, project_name, "db")["State"]["StartedAt"] == db["State"]["StartedAt"]
    assert folder.run("down", "-v").returncode == 0
    assert left() == []


@pytest.mark.slow
def test_only_the_named_service_and_what_it_needs_is_started(folder, left, docker_engine, project_name):
    folder.write(CHAIN)
    assert folder.run("up", "-d", "--wait", "job").returncode == 0
    names = " ".join(left())
    assert "job" in names
    assert "db" in names
    assert "api" not in names
    assert folder.run("down").returncode == 0
    assert left() == [f"{project_name}_data"]
    assert folder.run("down", "-v").returncode == 0
    assert left() == []


def test_failure_removes_only_what_this_run_created(folder, left, docker_engine, project_name):
    folder.write(CHAIN)
    assert folder.run("up", "db").returncode == 0
    stands = set(left())
    broken = CHAIN.replace("print('migrated')", "raise SystemExit(4)")
    folder.write(broken)
    failed = folder.run("up")
    assert failed.returncode == 1
    assert "job" in failed.stderr
    assert "blocked  api" in failed.stderr
    assert set(left()) == stands
    assert state(docker_engine, project_name, "db")["State"]["Running"]
    assert folder.run("down", "-v").returncode == 0


def test_keep_leaves_a_failed_start_for_a_look(folder, left):
    folder.write("services: {job: {image: '${IMAGE}', command: [python, -c, 'raise SystemExit(4)']}}")
    failed = folder.run("up", "--keep")
    assert failed.returncode == 1
    assert any("job" in name for name in left())
    assert "kept" in failed.stderr
    assert folder.run("down", "-v").returncode == 0
    assert left() == []


@pytest.mark.slow
def test_unguarded_dependency_is_waited_for_a_little_and_said(folder, docker_engine, project_name):
    folder.write(f"""
services:
  api:
    image: ${{IMAGE}}
    command: {SERVER}
    depends_on: [db]
  db:
    image: ${{IMAGE}}
    command: {SLOW}
    healthcheck: {READY}
""")
    result = folder.run("up")
    assert result.returncode == 0
    db, api = (state(docker_engine, project_name, name) for name in ("db", "api"))
    assert started(api) > touched(docker_engine, db)
    folder.run("down", "-v")
    folder.write((folder.path / "compose.yml").read_text().replace("sleep(0.7)", "sleep(5)"))
    composes_order = folder.run("up", "--soft-wait", "0")
    assert composes_order.returncode == 0
    db, api = (state(docker_engine, project_name, name) for name in ("db", "api"))
    assert started(api) < touched(docker_engine, db)
    assert folder.run("down", "-v").returncode == 0


@pytest.mark.slow
def test_soft_wait_ends_and_starts_the_dependent_all_the_same(folder):
    folder.write(f"""
services:
  api: {{image: "${{IMAGE}}", command: {SERVER}, depends_on: [db]}}
  db:
    image: ${{IMAGE}}
    command: [python, -c, "import time; time.sleep(2); open('/tmp/ready', 'w'); time.sleep(600)"]
    healthcheck: {READY}
""")
    result = folder.run("up", "--soft-wait", "500ms")
    assert result.returncode == 0
    starting = next(line for line in result.stderr.splitlines() if " api " in line and "starting" in line)
    assert "db" in starting
    assert folder.run("down", "-v").returncode == 0


@pytest.mark.slow
def test_job_that_ends_with_0_and_has_no_dependent_is_completed(folder):
    folder.write("services: {job: {image: '${IMAGE}', command: [python, -c, 'print(1)']}}")
    result = folder.run("up", "--wait")
    assert result.returncode == 0
    assert "completed" in result.stdout
    assert folder.run("down").returncode == 0


@pytest.mark.slow
def test_docker_compose_sees_our_stack_and_takes_it_down(folder, left, docker_compose, project_name):
    folder.write(CHAIN)
    assert folder.run("up").returncode == 0

    def compose(*arguments: str) -> str:
        done = subprocess.run(
            [docker_compose, *arguments],
            cwd=folder.path, env=folder.environment, text=True, capture_output=True, timeout=60, check=True,
        )  # fmt: skip
        return done.stdout + done.stderr

    listed = json.loads(compose("ls", "--format", "json"))
    mine = next(row for row in listed if row["Name"] == project_name)
    assert mine["Status"].startswith("running(2)")
    assert mine["ConfigFiles"] == str(folder.path / "compose.yml")
    assert project_name in compose("ps", "-a")
    assert "migrated" in compose("logs", "job")
    compose("down", "-v")
    assert left() == []


@pytest.mark.slow
def test_we_take_down_a_stack_that_docker_compose_started(folder, left, docker_compose):
    folder.write(CHAIN)
    subprocess.run(
        [docker_compose, "up", "-d"], cwd=folder.path, env=folder.environment, capture_output=True, check=True
    )
    assert len(left()) == 5
    assert folder.run("down", "-v").returncode == 0
    assert left() == []


@pytest.mark.slow
def test_file_that_docker_compose_refuses_is_taken_down_all_the_same(folder, left):
    def written(networks, *names):
        services = [f"  {name}: {{image: '${{IMAGE}}', command: {SERVER}{networks}}}" for name in names]
        folder.write("\n".join(["services:", *services]))

    written("", "a", "b")
    assert folder.run("up").returncode == 0
    written(", networks: [backnd]", "a")
    assert folder.run("up").returncode == 2
    result = folder.run("down")
    assert result.returncode == 0
    assert "left: the file has no service 'b'" in result.stderr
    assert folder.run("down", "--remove-orphans").returncode == 0
    assert left() == []


@pytest.mark.slow
def test_external_network_and_volume_must_exist_and_stay(folder, left, docker_engine, project_name):
    folder.write(f"""
services:
  job:
    image: ${{IMAGE}}
    command: [python, -c, "open('/data/here', 'w')"]
    networks: [outside]
    volumes: [kept:/data]
networks: {{outside: {{external: true, name: {project_name}-outside}}}}
volumes: {{kept: {{external: true, name: {project_name}-kept}}}}
""")
    absent = folder.run("up")
    assert absent.returncode == 3
    assert f"{project_name}-outside" in absent.stderr
    network = docker_engine.networks.create(f"{project_name}-outside")
    volume = docker_engine.volumes.create(f"{project_name}-kept")
    try:
        assert folder.run("up").returncode == 0
        assert folder.run("down", "-v").returncode == 0
        assert left() == []
        network.reload()
        volume.reload()
    finally:
        network.remove()
        volume.remove()


def test_python_stack_gives_addresses_and_removes_itself(folder, left, monkeypatch):
    folder.write(CHAIN)
    for key in ("IMAGE", "COMPOSE_PROJECT_NAME"):
        monkeypatch.setenv(key, folder.environment[key])
    from urllib.request import urlopen

    with composecheck.Stack(folder.path / "compose.yml").up(timeout=60) as stack:
        address = stack["api"].address(8000)
        assert urlopen(f"http://{address}/").status == 200
        assert stack["job"].logs().strip() == "migrated"
        assert stack["db"].exec(["python", "-c", "print(6 * 7)"]) == (0, "42\n")
        with pytest.raises(composecheck.UsageError, match="does not publish port 9000/tcp"):
            stack["api"].address(9000)
    assert left() == []


@pytest.mark.slow
def test_stack_that_stood_before_is_left_when_the_block_ends(folder, left, monkeypatch):
    folder.write(CHAIN)
    for key in ("IMAGE", "COMPOSE_PROJECT_NAME"):
        monkeypatch.setenv(key, folder.environment[key])
    assert folder.run("up", "db").returncode == 0
    stands = set(left())
    with composecheck.Stack(folder.path / "compose.yml").up(timeout=60):
        assert set(left()) > stands
    assert set(left()) == stands
    assert folder.run("down", "-v").returncode == 0


@pytest.mark.slow
def test_stack_that_has_ended_holds_no_connection_and_no_thread(folder, monkeypatch):
    folder.write("services: {job: {image: '${IMAGE}', command: [python, -c, 'print(1)']}}")
    for key in ("IMAGE", "COMPOSE_PROJECT_NAME"):
        monkeypatch.setenv(key, folder.environment[key])

    def held() -> tuple[int, int]:
        sockets = [link for link in Path("/proc/self/fd").iterdir() if "socket" in _target(link)]
        return len(sockets), threading.active_count()

    before = held()
    for _ in range(3):
        with composecheck.Stack(folder.path / "compose.yml").up(timeout=60):
            assert held() > before
    deadline = time.monotonic() + 10  # threads that wait for an answer end with it
    while held() > before and time.monotonic() < deadline:
        time.sleep(0.05)
    assert held() <= before


def _target(link: Path) -> str:
    try:
        return str(link.readlink())
    except OSError:
        return ""


@pytest.mark.slow
def test_project_of_several_files_comes_up_as_one(folder, left, docker_engine, project_name):
    """The database is included from a folder of its own, with its own `.env`; the api extends a base."""
    folder.write(
        """
include: [database/compose.yml]
services:
  api:
    extends: {file: common/base.yml, service: server}
    depends_on: {db: {condition: service_healthy}}
"""
    )
    folder.write(
        f"services:\n  server: {{image: '${{IMAGE}}', command: {SERVER}, volumes: ['./site:/site:ro']}}\n",
        "common/base.yml",
    )
    folder.write("here", "common/site/index.html")
    folder.write(
        f"services:\n  db: {{image: '${{IMAGE}}', command: {SLOW}, labels: [$KIND], healthcheck: {READY}}}\n",
        "database/compose.yml",
    )
    folder.write("KIND=kind=database\n", "database/.env")
    result = folder.run("up")
    assert result.returncode == 0, result.stderr
    db, api = (state(docker_engine, project_name, name) for name in ("db", "api"))
    assert started(api) > touched(docker_engine, db)
    assert db["Config"]["Labels"]["kind"] == "database"
    assert [mount["Source"] for mount in api["Mounts"]] == [str(folder.path / "common/site")]
    assert folder.run("down").returncode == 0
    assert left() == []
