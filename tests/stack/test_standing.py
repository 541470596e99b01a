"""What stands is waited for, stopped and started again, whoever started it; on the simulated engine."""

from __future__ import annotations

import pytest

from composecheck import Behaviour, DeadlineError, NotReadyError, Simulated, Stack, UsageError
from composecheck.engine.protocol import Status
from composecheck.engine.simulated import NEVER
from composecheck.stack.standing import as_it_stands, dependents_first

STACK = """
name: shop
services:
  api:
    image: example/api
    ports: ["80"]
    depends_on:
      db: {condition: service_healthy, restart: true}
      job: {condition: service_completed_successfully}
  job:
    image: example/job
    depends_on: {db: {condition: service_healthy}}
  db:
    image: example/db
    scale: 2
    healthcheck: {test: [CMD, "true"], interval: 2s, retries: 3}
"""


@pytest.fixture
def file(tmp_path):
    file = tmp_path / "compose.yml"
    file.write_text(STACK)
    return file


def kinds(stack, kind):
    return [event.service for event in stack.events if event.kind == kind]


def states(stack):
    return {each.name.removeprefix("shop-"): (each.state, each.exit_code) for each in stack.containers()}


def test_what_stands_is_ready_at_once_and_nothing_is_made_or_started(file):
    stack = Stack(file, engine="simulated").up()
    before, made = stack.containers(), stack.left()
    stack.wait()
    assert kinds(stack, "ready") == ["db", "api"]
    assert kinds(stack, "completed") == ["job"]
    assert (stack.containers(), stack.left()) == (before, made)


def test_wait_is_by_the_goals_of_an_up(file):
    stack = Stack(file, engine="simulated").up()
    stack["db"].stop()
    with pytest.raises(NotReadyError, match="service 'db' failed: exit code 143"):
        stack.wait(timeout=60)


def test_wait_has_one_deadline(file):
    stack = Stack(file, engine=Simulated({"job": Behaviour(exits=1, lives=1)})).up()
    stack["job"].stop()
    engine = stack.session
    engine._world.containers["job", 1].ended = None  # as it is before somebody starts it
    with pytest.raises(DeadlineError, match="not ready within 5s: 'job', 'api'"):
        stack.wait(timeout=5)


def test_a_project_that_does_not_stand_is_told_so(file):
    with pytest.raises(UsageError, match="project 'shop' does not stand; `composecheck up` starts it"):
        Stack(file, engine="simulated").wait()


def test_a_service_that_does_not_stand_is_named(file):
    stack = Stack(file, engine="simulated").up("db")
    with pytest.raises(UsageError, match="services 'job' and 'api' of project 'shop' have no container"):
        stack.wait()
    with pytest.raises(UsageError, match="no such service: 'dbb'; did you mean 'db'"):
        stack.wait("dbb")
    assert kinds(stack.wait("db"), "ready") == ["db"]


def test_number_of_containers_is_what_stands_and_what_does_not_stand_is_not_waited_for(file):
    stack = Stack(file, engine="simulated")
    standing = [Status(id=str(n), name=str(n), service=s, number=n, state="running")
                for n, s in ((1, "db"), (2, "db"), (3, "db"), (1, "api"))]  # fmt: skip
    project, names = as_it_stands(stack.project, ["api"], standing)
    assert names == ("db", "api")
    assert project.services["db"].replicas == 3
    assert list(project.services["api"].depends_on) == ["db"]


def test_restart_stops_dependents_that_ask_for_it_first_and_starts_them_when_the_dependency_is_ready(file):
    stack = Stack(file, engine="simulated").up()
    job, moment = states(stack)["job-1"], max(event.time for event in stack.events)
    stack["db"].restart()
    started = {e.service: e.time for e in stack.events if e.kind == "started" and e.text != "running"}
    assert started["db"] == moment
    assert started["api"] == moment + 2  # the interval of the healthcheck
    assert states(stack)["job-1"] == job  # no `restart: true` there
    assert states(stack)["api-1"] == ("running", None)


def test_stop_and_start_leave_the_others_alone(file):
    stack = Stack(file, engine="simulated").up()
    stack["api"].stop()
    assert states(stack)["api-1"] == ("exited", 143)
    assert states(stack)["db-2"] == ("running", None)
    stack["api"].start()
    assert states(stack)["api-1"] == ("running", None)
    assert stack["api"].address(80).host == "127.0.0.1"


def test_kill_ends_what_runs(file):
    stack = Stack(file, engine="simulated").up()
    stack["db"].kill("SIGHUP")
    assert states(stack)["db-1"][0] == "running"
    stack["db"].kill()
    assert [states(stack)[f"db-{n}"][0] for n in (1, 2)] == ["exited", "exited"]
    with pytest.raises(NotReadyError):
        stack.wait()


def test_one_that_never_becomes_ready_again_fails_a_restart(file):
    stack = Stack(file, engine=Simulated({"api": Behaviour(refused="")})).up()
    stack.session._world.containers["db", 1].behaviour = Behaviour(ready=NEVER)
    with pytest.raises(NotReadyError, match="unhealthy"):
        stack["db"].restart(timeout=60)


def test_dependents_come_first_and_what_is_apart_comes_together():
    standing = [
        Status(id=name, name=name, service=name, number=1, state="running", needs=needs)
        for name, needs in {"db": (), "api": ("db", "gone"), "web": ("api",), "cache": ()}.items()
    ]
    batches = [{each.service for each in batch} for batch in dependents_first(standing)]
    assert batches == [{"web", "cache"}, {"api"}, {"db"}]


def test_down_of_some_services_leaves_the_others(file):
    stack = Stack(file, engine="simulated").up()
    told = []
    stack.session.down("shop", asked=["api"], model=stack.project, progress=lambda *step: told.append(step))
    assert told == [("shop-api-1", "removed")]
    assert set(states(stack)) == {"db-1", "db-2", "job-1"}
