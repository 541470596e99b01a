"""The commands on a stack that Docker Compose or composecheck started, on the real engine."""

from __future__ import annotations

import json
import subprocess
import threading
import time

import jsonschema
import pytest

from composecheck.loading.schema_fast import read_schema

pytestmark = pytest.mark.engine

SLOW = """[python, -c, "import time; print('begins', flush=True); time.sleep(2); open('/tmp/ready', 'w'); \
time.sleep(600)"]"""
STACK = f"""
services:
  api:
    image: ${{IMAGE}}
    command: [python, -c, "import http.server as h; h.test(h.SimpleHTTPRequestHandler, port=8000)"]
    stop_grace_period: 1s
    ports: ["127.0.0.1::8000"]
    depends_on: {{db: {{condition: service_started, restart: true}}}}
  db:
    image: ${{IMAGE}}
    command: {SLOW}
    stop_grace_period: 1s
    volumes: [data:/data]
    healthcheck: {{test: [CMD, python, -c, "open('/tmp/ready')"], interval: 200ms, retries: 50}}
  job:
    image: ${{IMAGE}}
    command: [python, -c, "print('done')"]
    profiles: [later]
    depends_on: {{db: {{condition: service_healthy}}}}
  after:
    image: ${{IMAGE}}
    command: [python, -c, "import os; print('after', os.environ['GREETING'])"]
    environment: {{GREETING: hello}}
    ports: ["127.0.0.1:18799:8000"]
    profiles: [later]
    restart: always
    depends_on: {{job: {{condition: service_completed_successfully}}}}
volumes: {{data: }}
"""


@pytest.fixture
def standing(folder, docker_compose):
    """The stack as `docker compose up -d` leaves it: started, and not ready yet."""
    folder.write(STACK)
    started = [docker_compose, "up", "-d"]
    subprocess.run(started, cwd=folder.path, env=folder.environment, check=True, capture_output=True)
    return folder


@pytest.mark.timeout(120)
def test_what_docker_compose_started_is_waited_for_and_looked_at(standing, left):
    before = set(left())
    waited = standing.run("wait", "--wait-timeout", "60")
    assert waited.returncode == 0, waited.stderr
    assert "db   ready: its healthcheck says healthy" in waited.stderr
    assert "127.0.0.1:" in waited.stdout
    assert set(left()) == before

    listed = json.loads(standing.run("ps", "--format", "json").stdout)
    jsonschema.validate(listed, read_schema("containers.schema.json"))
    seen = {
        each["service"]: (each["ready_when"], each["state"], each["health"]) for each in listed["containers"]
    }
    assert seen == {"api": ("ports", "running", None), "db": ("healthcheck", "running", "healthy")}

    address = standing.run("port", "api", "8000").stdout
    assert address.startswith("127.0.0.1:")
    assert standing.run("logs", "db").stdout == "db-1 | begins\n"
    done = standing.run("exec", "-e", "A=1", "db", "sh", "-c", "echo $A; echo no >&2; exit 4")
    assert (done.returncode, done.stdout, done.stderr) == (4, "1\n", "no\n")


@pytest.mark.slow
@pytest.mark.timeout(120)
def test_logs_are_followed_over_a_restart_to_the_end(standing, docker_engine):
    following = standing.begin("logs", "-f", "db", "api")
    restarted = standing.run("restart", "-t", "0", "--no-deps", "db")
    assert restarted.returncode == 0, restarted.stderr
    stopping = threading.Thread(target=standing.run, args=("stop", "-t", "0"))
    stopping.start()
    out, _ = following.communicate(timeout=30)
    stopping.join()
    assert following.returncode == 0
    assert out.splitlines().count("db-1  | begins") == 2


@pytest.mark.slow
@pytest.mark.timeout(120)
def test_one_off_container_starts_when_its_conditions_hold(folder, docker_engine, project_name):
    folder.write(STACK)
    done = folder.run("run", "--rm", "-e", "GREETING=again", "after")
    assert (done.returncode, done.stdout) == (0, "after again\n"), done.stderr
    kept = folder.run("run", "--no-deps", "--entrypoint", "python -c", "after", "raise SystemExit(7)")
    assert kept.returncode == 7
    found = docker_engine.api.containers(
        all=True, filters={"label": f"com.docker.compose.project={project_name}"}
    )
    labels = {each["Names"][0].lstrip("/"): each["Labels"] for each in found}
    job = docker_engine.api.inspect_container(f"{project_name}-job-1")
    assert job["State"]["ExitCode"] == 0
    once = [name for name in labels if name.startswith(f"{project_name}-after-run-")]
    assert len(once) == 1  # the other one is removed
    assert labels[once[0]]["com.docker.compose.oneoff"] == "True"
    assert labels[once[0]]["com.docker.compose.slug"].startswith(once[0].rpartition("-")[2])
    host = docker_engine.api.inspect_container(once[0])["HostConfig"]
    assert (host["PortBindings"], host["RestartPolicy"]["Name"]) == ({}, "")


@pytest.mark.slow
@pytest.mark.timeout(120)
def test_restart_takes_what_asks_for_it_along_once_the_dependency_is_ready(standing):
    done = standing.run("restart", "-t", "0", "db")
    assert done.returncode == 0, done.stderr
    assert "api  starting: 'db' is ready" in done.stderr
    assert done.stderr.index("-api-1  stopped") < done.stderr.index("-db-1  stopping")


@pytest.mark.slow
@pytest.mark.timeout(120)
def test_down_of_a_service_leaves_the_rest_its_data_and_the_image(folder, left, project_name, docker_engine):
    copy = f"{project_name}-copy:1"  # `--rmi` removes what others use no more than the engine lets it
    docker_engine.images.get(folder.environment["IMAGE"]).tag(*copy.split(":"))
    folder.environment["IMAGE"] = copy
    folder.write(STACK)
    assert folder.run("up").returncode == 0
    gone = folder.run("down", "-v", "-t", "0", "--rmi", "all", "api")
    assert gone.returncode == 0, gone.stderr
    assert f"image {copy}  left: " in gone.stderr
    assert set(left()) == {f"/{project_name}-db-1", f"{project_name}_default", f"{project_name}_data"}
    assert folder.run("down", "-v", "-t", "0", "--rmi", "all").returncode == 0
    assert left() == []
    assert not docker_engine.images.list(f"{project_name}-copy")


@pytest.mark.timeout(60)
def test_a_signal_reaches_what_runs_once(folder, docker_engine):
    folder.write(STACK)
    script = (
        "import signal, time; signal.signal(signal.SIGTERM, lambda *_: exit(9)); "
        "print('on', flush=True); time.sleep(50)"
    )
    running = folder.begin("run", "--rm", "--no-deps", "db", "python", "-c", script)
    assert running.stdout is not None
    assert running.stdout.readline() == "on\n"
    time.sleep(0.2)
    running.terminate()
    running.communicate(timeout=30)
    assert running.returncode == 9


@pytest.mark.slow
@pytest.mark.timeout(60)
def test_what_stands_runs_on_where_a_one_off_container_needs_a_network_made_anew(folder, docker_engine):
    text = """
services:
  web:
    image: ${IMAGE}
    command: [python, -c, "import time; time.sleep(600)"]
    stop_grace_period: 0s
    networks: [front]
networks: {front: {labels: {made: once}}}
"""
    folder.write(text)
    assert folder.run("up").returncode == 0
    folder.write(text.replace("once", "again"))
    done = folder.run("run", "--rm", "web", "python", "-c", "print('hi')")
    assert (done.returncode, done.stdout) == (0, "hi\n"), done.stderr
    web = docker_engine.api.inspect_container(f"{folder.project}-web-1")
    assert web["State"]["Running"]
    aliases = web["NetworkSettings"]["Networks"][f"{folder.project}_front"]["Aliases"]
    assert {f"{folder.project}-web-1", "web"} < set(aliases)
