"""The second day of a stack: what has changed is made anew in readiness order, and what fails is undone."""

from __future__ import annotations

import signal
import time

import pytest

from .test_up import SLOW, moment, started, touched
from .test_up import state as of

pytestmark = pytest.mark.engine

READY = """{test: [CMD, python, -c, "open('/tmp/ready')"], interval: 200ms, timeout: 5s, retries: 50}"""
SLEEP = """[python, -c, "import time; time.sleep(600)"]"""
PAIR = f"""
services:
  web:
    image: ${{IMAGE}}
    init: true
    command: {SLEEP}
    environment: {{V: "1"}}
    depends_on: {{db: {{condition: service_healthy}}}}
  db:
    image: ${{IMAGE}}
    init: true
    command: {SLOW}
    environment: {{V: "1"}}
    healthcheck: {READY}
"""
CHANGED = PAIR.replace('V: "1"', 'V: "2"')
NEVER_READY = CHANGED.replace(READY, READY.replace("ready", "none"))


@pytest.fixture
def stands(folder, docker_engine, project_name):
    """A stack that stands; return a function that gives its containers."""
    assert folder.write(PAIR).run("up").returncode == 0
    return lambda: {name: of(docker_engine, project_name, name) for name in ("web", "db")}


def ids(containers: dict) -> dict[str, tuple[str, bool]]:
    return {name: (each["Id"], each["State"]["Running"]) for name, each in containers.items()}


@pytest.mark.slow
def test_what_has_changed_is_made_anew_once_its_dependencies_are_ready(folder, docker_engine, stands):
    before = stands()
    result = folder.write(CHANGED).run("up")
    assert result.returncode == 0
    assert "made anew: its configuration has changed" in result.stderr
    after = stands()
    assert not {each["Id"] for each in after.values()} & {each["Id"] for each in before.values()}
    assert started(after["web"]) > touched(docker_engine, after["db"])
    again = folder.run("up")
    assert "unchanged: all 2 services" in again.stdout


def test_only_what_has_changed_is_made_anew(folder, stands):
    before = stands()
    assert folder.write(PAIR.replace('V: "1"', 'V: "2"', 1)).run("up").returncode == 0
    after = stands()
    assert after["web"]["Id"] != before["web"]["Id"]
    assert after["db"]["Id"] == before["db"]["Id"]
    assert after["db"]["State"]["StartedAt"] == before["db"]["State"]["StartedAt"]


def test_a_start_that_fails_brings_back_what_it_had_replaced_and_says_so(folder, stands, project_name):
    before = stands()
    result = folder.write(NEVER_READY.replace("retries: 50", "retries: 2")).run("up")
    assert result.returncode == 1
    assert f"restored {project_name}-db-1: as before" in result.stderr
    after = stands()
    assert ids(after) == ids(before)
    assert after["web"]["State"]["StartedAt"] == before["web"]["State"]["StartedAt"], "its turn had not come"


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_start_brings_back_what_it_had_replaced(folder, stands, number):
    before = stands()
    process = folder.write(NEVER_READY).begin("up")
    for line in process.stderr:
        if "db" in line and "starting" in line:
            break
    process.send_signal(number)
    process.communicate(timeout=60)
    assert process.returncode == 128 + number
    assert ids(stands()) == ids(before)


@pytest.mark.slow_after(1)
@pytest.mark.parametrize("text", [PAIR, CHANGED], ids=["as before", "changed"])
def test_what_a_killed_start_had_replaced_is_seen_to_by_the_next_one(folder, left, stands, text):
    process = folder.write(NEVER_READY).begin("up")
    for line in process.stderr:
        if "db" in line and "starting" in line:
            break
    process.kill()
    process.communicate(timeout=60)
    assert folder.write(text).run("up").returncode == 0
    assert all(each["State"]["Running"] for each in stands().values())
    assert len(left()) == 3, "two containers and a network"
    assert "unchanged: all 2 services" in folder.run("up").stdout


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM], ids=["killed", "ended"])
@pytest.mark.parametrize("after", [0.6, 1.2, 1.8, 2.4, 3.0])
def test_a_start_that_is_struck_at_any_moment_leaves_one_container_each(folder, left, stands, after, number):
    before = ids(stands())
    process = folder.write(CHANGED).begin("up")
    time.sleep(after)
    process.send_signal(number)
    process.communicate(timeout=60)
    if number == signal.SIGTERM and process.returncode:
        assert ids(stands()) == before
    assert folder.run("up").returncode == 0
    assert all(each["State"]["Running"] for each in stands().values())
    assert len(left()) == 3, "two containers and a network"


@pytest.mark.slow
def test_former_runs_until_its_successor_may(folder, docker_engine, project_name, stands):
    before = stands()
    for each in before.values():
        docker_engine.api.update_container(each["Id"], restart_policy={"Name": "no"})
    process = folder.write(CHANGED).begin("up")
    events = docker_engine.api.events(
        decode=True, filters={"type": "container", "label": f"com.docker.compose.project={project_name}"}
    )
    for event in events:
        if event["Action"] == "die" and event["Actor"]["ID"] == before["web"]["Id"]:
            ended = event["timeNano"] / 1e9
            break
    process.communicate(timeout=60)
    assert ended > touched(docker_engine, stands()["db"])
    assert moment(stands()["web"]["State"]["StartedAt"]) > ended


@pytest.mark.slow
def test_a_service_whose_image_is_another_one_by_now_is_made_anew(folder, docker_engine, project_name):
    tag = f"{project_name}-image"
    docker_engine.api.tag(folder.environment["IMAGE"], tag)
    folder.write(f"services: {{a: {{image: {tag}, init: true, command: {SLEEP}}}}}")
    assert folder.run("up").returncode == 0
    made = docker_engine.api.create_container(folder.environment["IMAGE"], name=f"{project_name}-other")
    docker_engine.api.commit(made["Id"], tag, changes="LABEL other=1")
    docker_engine.api.remove_container(made["Id"])
    result = folder.run("up")
    assert "made anew: its image has changed" in result.stderr
    docker_engine.api.remove_image(tag, force=True)


def test_dry_run_tells_what_would_be_done_and_changes_nothing(folder, left, stands, markers, project_name):
    before, there = ids(stands()), left()
    folder.write(CHANGED.replace("web:", "front:").replace('V: "2"', 'V: "1"', 1))
    result = folder.run("up", "--dry-run", "--remove-orphans", "--scale", "front=2")
    assert result.returncode == 0
    assert [line.split(maxsplit=1) for line in result.stderr.splitlines()] == [
        [f"{project_name}-web-1", "would be removed: an orphan"],
        [f"{project_name}-db-1", "would be made anew: its configuration has changed"],
        [f"{project_name}-front-1", "would be created"],
        [f"{project_name}-front-2", "would be created"],
    ]
    assert result.stdout == "nothing was changed\n"
    assert (ids(stands()), left(), markers()) == (before, there, [])


@pytest.mark.slow
def test_no_start_has_the_new_containers_in_place_and_starts_none(folder, stands):
    before = stands()
    result = folder.write(CHANGED).run("up", "--no-start")
    assert (result.returncode, result.stdout) == (0, "created; nothing was started\n")
    after = stands()
    assert {each["State"]["Status"] for each in after.values()} == {"created"}
    assert not {each["Id"] for each in after.values()} & {each["Id"] for each in before.values()}
    assert folder.run("up").returncode == 0
    assert {name: each["Id"] for name, each in stands().items()} == {n: e["Id"] for n, e in after.items()}


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--force-recreate", "--no-recreate"), "--force-recreate and --no-recreate are incompatible"),
        (("--always-recreate-deps", "--no-recreate"), "--always-recreate-deps and --no-recreate are inc"),
        (("-V", "--no-recreate"), "--no-recreate and --renew-anon-volumes are incompatible"),
        (("--scale", "web"), "'web' is not SERVICE=NUM"),
        (("--scale", "web=-1"), "'web=-1' is not SERVICE=NUM"),
        (("--scale", "webb=2"), "no such service: 'webb'; did you mean 'web'?"),
        (
            ("--scale", "db=2"),
            "service 'db' has the container name 'fixed', which only one of its 2 containers",
        ),
        (("--timeout", "-1"), "-1"),
        (("--no-deps", "nope"), "no such service: 'nope'"),
    ],
)
def test_nonsense_is_refused_in_one_line(folder, left, options, words):
    result = folder.write(PAIR.replace("  db:\n", "  db:\n    container_name: fixed\n")).run("up", *options)
    assert result.returncode == 2
    assert words in result.stderr
    assert left() == []
