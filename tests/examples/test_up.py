"""Every example on the real engine, with real PostgreSQL and Redis."""

from __future__ import annotations

import json
import re
import subprocess
import urllib.request
from datetime import datetime
from itertools import pairwise

import pytest

from composecheck import Stack

pytestmark = [pytest.mark.engine, pytest.mark.timeout(240)]

# Keeps PostgreSQL's temporary server up for longer; images that do not know the variable ignore it.
SLOW = "services: {db: {environment: {SLOW_INIT: '2'}}}\n"


def started(engine, project, service):
    """Return when a service's container was started, in seconds since the epoch."""
    state = engine.containers.get(f"{project}-{service}-1").attrs["State"]
    return moment(state["StartedAt"])


def moment(text):
    return datetime.fromisoformat(re.sub(r"(\.\d{6})\d*Z", r"\1+00:00", text)).timestamp()


def ready_for_connections(engine, project):
    """Return when the database itself says that it takes connections, for the last time."""
    log = engine.containers.get(f"{project}-db-1").logs(timestamps=True).decode()
    lines = [line for line in log.splitlines() if "database system is ready to accept connections" in line]
    return moment(lines[-1].split()[0])


def times(stack, kind):
    return {event.service: event.time for event in reversed(stack.events) if event.kind == kind}


def left(engine, project):
    ours = {"label": f"com.docker.compose.project={project}"}
    return [
        *engine.containers.list(all=True, filters=ours),
        *engine.networks.list(filters=ours),
        *engine.volumes.list(filters=ours),
    ]


def answer(stack, service):
    with urllib.request.urlopen(f"http://{stack[service].address(8000)}/health", timeout=5) as response:
        return response.status, response.read()


@pytest.mark.slow
def test_mended_stack_starts_the_api_when_database_and_cache_are_ready(
    examples, environment, docker_engine, project_name, docker_compose
):
    file = examples / "api-db-cache/compose.yml"
    stack = Stack(file, name=project_name, environment=environment).up(timeout=120)
    assert started(docker_engine, project_name, "api") > ready_for_connections(docker_engine, project_name)
    ready, begun = times(stack, "ready"), times(stack, "started")
    assert set(ready) == {"api", "cache", "db"}
    assert begun["api"] >= max(ready["db"], ready["cache"])
    assert answer(stack, "api") == (200, b'{"status": "ok"}')

    def compose(*command):
        command = [docker_compose, *command]
        return subprocess.run(command, check=True, capture_output=True, text=True, env=environment).stdout

    assert {"Name": project_name, "Status": "running(3)"}.items() <= next(
        entry for entry in json.loads(compose("ls", "--format", "json")) if entry["Name"] == project_name
    ).items()
    compose("-p", project_name, "down", "-v", "-t", "2")
    assert left(docker_engine, project_name) == []


@pytest.mark.slow
def test_racy_stack_starts_through_the_soft_wait(
    examples, environment, docker_engine, project_name, tmp_path
):
    (tmp_path / "slow.yml").write_text(SLOW)
    files = (examples / "api-db-cache-racy/compose.yml", tmp_path / "slow.yml")
    stack = Stack(*files, name=project_name, environment=environment).up(timeout=120, soft_wait=60)
    assert started(docker_engine, project_name, "api") > ready_for_connections(docker_engine, project_name)
    assert answer(stack, "api")[0] == 200
    stack.down(volumes=True, timeout=2)
    assert left(docker_engine, project_name) == []


@pytest.mark.slow
def test_racy_stack_fails_in_composes_own_order(
    examples, environment, docker_engine, project_name, tmp_path, docker_compose
):
    (tmp_path / "slow.yml").write_text(SLOW)
    files = [examples / "api-db-cache-racy/compose.yml", tmp_path / "slow.yml"]
    options = ["-p", project_name, *(part for file in files for part in ("-f", str(file)))]
    # The classic builder: the image made here is in the engine alone, and in no registry.
    classic = {**environment, "DOCKER_BUILDKIT": "0", "COMPOSE_BAKE": "false"}
    up = [docker_compose, *options, "up", "-d"]
    subprocess.run(up, check=True, capture_output=True, env=classic)
    api = docker_engine.containers.get(f"{project_name}-api-1")
    assert api.wait(timeout=60)["StatusCode"] == 1
    assert b"cannot reach the database" in api.logs()


@pytest.mark.slow
def test_chain_starts_each_link_once_the_one_before_is_ready(
    examples, bare_environment, docker_engine, project_name
):
    with Stack(examples / "chain/compose.yml", name=project_name, environment=bare_environment).up(
        timeout=120
    ) as stack:
        ready, begun = times(stack, "ready"), times(stack, "started")
        links = ["store", "stock", "orders", "shop", "edge"]
        for before, after in pairwise(links):
            assert begun[after] >= ready[before]
        assert answer(stack, "edge")[0] == 200
    assert left(docker_engine, project_name) == []


@pytest.mark.slow
def test_worker_starts_once_the_migration_has_completed(examples, environment, docker_engine, project_name):
    file = examples / "migration/compose.yml"
    with Stack(file, name=project_name, environment=environment).up(timeout=120) as stack:
        begun = times(stack, "started")
        assert begun["migrate"] >= times(stack, "ready")["db"]
        assert begun["worker"] >= times(stack, "completed")["migrate"]
        query = ["psql", "-h", "127.0.0.1", "-U", "postgres", "-Atc", "SELECT count(*) FROM visit"]
        code, output = stack["db"].exec(["env", "PGPASSWORD=example", *query])
        assert (code, output.strip()) == (0, "1")
    assert left(docker_engine, project_name) == []
