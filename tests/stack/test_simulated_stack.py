"""A stack on the simulated engine: what uses a Stack is tested with no engine at all."""

from __future__ import annotations

import gc
import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest

from composecheck import (
    Behaviour,
    DeadlineError,
    EngineError,
    NotReadyError,
    PreflightError,
    Simulated,
    Stack,
    UsageError,
    load,
)
from composecheck.engine.simulated import NEVER
from composecheck.model.project import Healthcheck, Image
from composecheck.plan import plan
from composecheck.snapshot import Container, HeldPort, Snapshot
from composecheck.stack import _given

EXAMPLES = Path(__file__).parents[2] / "examples"

CHAIN = """
name: shop
services:
  api:
    image: example/api
    ports: ["8080:80", "9090-9099:90", "443", "127.0.0.2::444"]
    depends_on: {db: {condition: service_healthy}, job: {condition: service_completed_successfully}}
  job:
    image: example/job
    depends_on: {db: {condition: service_healthy}}
  db:
    image: postgres:16-alpine
    ports: ["5432"]
    volumes: [data:/var/lib/postgresql/data]
    healthcheck: {test: [CMD, pg_isready], interval: 2s, timeout: 1s, retries: 3}
volumes: {data: }
"""
MADE = ["shop-api-1", "shop-job-1", "shop-db-1", "network shop_default", "volume shop_data"]


@pytest.fixture
def file(tmp_path):
    """The chain: db is healthy, then job completes, then api is started."""
    return written(tmp_path, CHAIN)


def written(folder, text):
    file = folder / "compose.yml"
    file.write_text(text)
    return file


def moments(events, kind):
    return {event.service: event.time for event in events if event.kind == kind}


def kinds(events):
    return [(event.service, event.kind) for event in events]


# A start


def test_stack_is_ready_at_once_in_the_order_of_its_guards(file):
    stack = Stack(file, engine="simulated").up()
    assert moments(stack.events, "ready") == {"db": 2.0, "api": 2.0}
    assert moments(stack.events, "completed") == {"job": 2.0}
    assert [event.service for event in stack.events if event.kind == "started"] == ["db", "job", "api"]


@pytest.mark.parametrize("name", sorted(folder.name for folder in EXAMPLES.iterdir() if folder.is_dir()))
def test_each_example_is_ready_within_the_bounds_of_its_plan(name):
    file = EXAMPLES / name / "compose.yml"
    stack = Stack(file, engine="simulated").up()
    ready = {**moments(stack.events, "completed"), **moments(stack.events, "ready")}
    for step in plan(stack.project).steps:
        assert step.ready.earliest <= ready[step.service.name] <= step.ready.latest


def test_start_yields_each_event_that_up_tells(file):
    told = []
    Stack(file, engine="simulated").up(on_event=told.append)
    stack = Stack(file, engine="simulated")
    assert list(stack.start()) == told == stack.events


def test_service_behaves_as_it_is_told(file):
    engine = Simulated({"db": Behaviour(ready=5.0), "job": Behaviour(start=0.5, exits=0.25)})
    stack = Stack(file, engine=engine).up("job")
    assert moments(stack.events, "healthy") == {"db": 6.0}
    assert moments(stack.events, "completed") == {"job": 6.75}
    assert "api" not in moments(stack.events, "created")


def test_job_that_is_started_alone_ends_all_the_same(file):
    stack = Stack(file, engine="simulated").up("job")
    assert moments(stack.events, "completed") == {"job": 2.0}


def test_image_of_which_the_files_tell_nothing_has_the_healthcheck_that_is_waited_for(tmp_path):
    text = "services: {a: {image: x, depends_on: {b: {condition: service_healthy}}}, b: {image: y}}"
    file = written(tmp_path, text)
    assert moments(Stack(file, engine="simulated").up().events, "healthy") == {"b": 0.0}
    late = Stack(file, engine=Simulated({"b": Behaviour(ready=7.0)})).up()
    assert moments(late.events, "healthy") == {"b": 7.0}
    image = Image(Healthcheck(None, ("CMD", "check"), interval=4.0))
    told = Stack(file, engine=Simulated(images={"b": image})).up()
    assert moments(told.events, "healthy") == {"b": 4.0}


def test_healthcheck_that_nobody_has_told_has_neither_test_nor_times(tmp_path):
    text = "services: {a: {image: x, depends_on: {b: {condition: service_healthy}}}, b: {image: y}}"
    stack = Stack(written(tmp_path, text), engine="simulated").up()
    image = stack.session.image(stack.project.services["b"])
    assert image == Image(assumed=("healthcheck",))
    (step,) = [step for step in plan(stack.project).steps if step.service.name == "b"]
    assert (step.goal, step.ready) == ("image", (0.0, NEVER))


def test_project_that_is_loaded_already_starts_as_well(file):
    stack = Stack.of(load(file), engine="simulated")
    assert isinstance(stack, Stack)
    assert moments(stack.up().events, "ready")


def test_stack_of_a_subclass_is_one(file):
    class Shop(Stack):
        def shut(self):
            return self.up().left()

    shop = Shop.of(load(file), engine="simulated")
    assert type(shop) is Shop
    assert sorted(shop.shut()) == sorted(MADE)


def test_replicas_are_told_each_by_itself(tmp_path):
    file = written(tmp_path, "services: {a: {image: x, scale: 2}}")
    events = Stack(file, engine="simulated").up().events
    assert [e.replica for e in events if e.kind == "started"] == [1, 2]


# What goes wrong


def test_service_that_ends_fails_the_start_as_on_any_engine(file):
    stack = Stack(file, engine=Simulated({"job": Behaviour(exits=1.0, exit_code=3)}))
    with pytest.raises(NotReadyError) as caught:
        stack.up()
    first, *rest = str(caught.value).splitlines()
    assert first == f"{file}:8:3: service 'job' failed: exit code 3"
    assert "  blocked  api: needs 'job' (service_completed_successfully), which failed" in rest
    assert "  removed  what this run created; --keep leaves it for a look" in rest
    assert stack.left() == []


def test_unhealthy_service_fails_the_start(file):
    with pytest.raises(NotReadyError, match="its healthcheck says unhealthy"):
        Stack(file, engine=Simulated({"db": Behaviour(ready=NEVER)})).up()


def test_service_that_is_late_misses_the_deadline(file):
    stack = Stack(file, engine=Simulated({"job": Behaviour(exits=100.0)}))
    with pytest.raises(DeadlineError, match="not ready within 30s: 'job', 'api' had not become ready"):
        stack.up(timeout=30)
    assert stack.events[-1].time <= 30
    assert stack.left() == []


def test_start_that_would_wait_for_ever_is_over(file):
    with pytest.raises(DeadlineError, match="not ready as nothing more happens"):
        Stack(file, engine=Simulated({"job": Behaviour()})).up()


def test_refusal_of_the_engine_fails_the_start(file):
    with pytest.raises(NotReadyError, match="service 'db' failed: no room"):
        Stack(file, engine=Simulated({"db": Behaviour(refused="no room")})).up()


def test_what_is_in_the_way_is_found_before_the_start(file):
    taken = Snapshot(containers=(Container("front", ports=(HeldPort(8080),)),))
    stack = Stack(file, engine=Simulated(snapshot=taken))
    with pytest.raises(PreflightError, match="host port 8080 is in use by container 'front'"):
        stack.up()
    assert stack.events == []


def test_behaviour_of_a_service_that_there_is_not_is_refused(file):
    with pytest.raises(UsageError, match="no such service: 'dbb'"):
        Stack(file, engine=Simulated({"dbb": Behaviour()})).up()


def test_engine_that_there_is_not_is_refused(file):
    with pytest.raises(UsageError, match="no such engine: 'podman'"):
        Stack(file, engine="podman")


@pytest.mark.parametrize(
    "engine", [Simulated, 7, object(), ["simulated"]], ids=["a class", "7", "object", "list"]
)
def test_what_is_no_engine_is_refused_at_once(file, engine):
    with pytest.raises(UsageError, match=r"no engine: .*; 'engine' takes 'docker', 'simulated' or a Session"):
        Stack(file, engine=engine)


def test_docker_is_the_name_of_the_default(file):
    assert Stack(file, engine="docker").left() == Stack(file).left() == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            {"behaviours": {"db": {"ready": 3}}},
            r"'behaviours' has for 'db' what is no Behaviour: \{'ready': 3\}",
        ),
        ({"behaviours": ["db"]}, r"'behaviours' are by services' names: \['db'\]"),
        ({"images": {"db": "postgres"}}, "'images' has for 'db' what is no Image: 'postgres'"),
        ({"snapshot": {}}, r"'snapshot' is not a Snapshot: \{\}"),
    ],
)
def test_what_an_engine_is_told_is_checked_at_once(arguments, message):
    with pytest.raises(UsageError, match=message):
        Simulated(**arguments)


class Gone(Simulated):
    """One that cannot begin, and must not be asked for more."""

    def begin(self, _project, _names, _progress, _renewal):
        raise EngineError("the engine is gone")

    def undo(self, _progress, *, everything=False):  # noqa: ARG002
        raise AssertionError("nothing was begun")

    def settle(self, *, stands):  # noqa: ARG002
        raise AssertionError("nothing was begun")


def test_start_that_could_not_begin_is_not_settled(file):
    stack = Stack(file, engine=Gone())
    for _ in range(2):
        with pytest.raises(EngineError, match="the engine is gone"):
            stack.up()


# Several starts, several stacks


@pytest.mark.parametrize(
    "again", [lambda stack: stack.up(), lambda stack: next(stack.start("db"))], ids=["up", "start"]
)
def test_start_amid_a_start_is_refused_and_does_not_harm_it(file, again):
    stack = Stack(file, engine="simulated")
    events = stack.start()
    seen = [next(events)]
    with pytest.raises(UsageError, match="a start of project 'shop' is on"):
        again(stack)
    seen += events
    assert seen == stack.events
    assert seen[-1].kind == "ready"
    assert sorted(stack.left()) == sorted(MADE)
    again(stack)


def test_session_begins_one_start_at_a_time(file):
    session, project = Simulated(), load(file)
    session.begin(project, ["db"], print)
    with pytest.raises(UsageError, match="a start of project 'shop' is on already"):
        session.begin(project, ["db"], print)
    session.settle(stands=False)
    session.begin(project, ["db"], print)


def test_engine_is_one_stacks_own(file):
    engine = Simulated()
    stack = Stack(file, engine=engine)
    with pytest.raises(UsageError, match="this engine is another Stack's already"):
        Stack(file, engine=engine)
    with pytest.raises(UsageError, match="this engine is another Stack's already"):
        Stack.of(stack.project, engine=engine)


class Closing(Simulated):
    """One that notes whether it is closed."""

    closed = False

    def close(self):
        self.closed = True


def test_engine_that_was_given_is_its_givers_to_close(file):
    engine = Closing()
    stack = Stack(file, engine=engine)
    for _ in range(2):
        with stack.up():
            assert sorted(stack.left()) == sorted(MADE)
        assert stack.left() == []
        stack.close()
    assert not engine.closed


@pytest.mark.parametrize("how", ["closed", "the block's end"])
def test_start_that_is_on_ends_before_its_engine_is_let_go_of(file, how):
    order = []

    class Watched(Simulated):
        def settle(self, *, stands):
            order.append("settled")
            super().settle(stands=stands)

        def undo(self, progress, *, everything=False):
            order.append("undone")
            return super().undo(progress, everything=everything)

    stack = Stack(file, engine=Watched())
    events = stack.start()
    unbegun = stack.start()
    if how == "closed":
        next(events)
        stack.close()
    else:
        with stack:
            next(events)
    assert order == (["undone", "settled"] if how == "closed" else ["undone", "settled", "undone"])
    assert stack.left() == []
    assert list(events) == []
    assert list(unbegun)[-1].kind == "ready"


def test_up_that_a_callback_abandons_does_not_return_as_if_all_were_ready(file):
    stack = Stack(file, engine="simulated")
    with pytest.raises(NotReadyError, match="the start was abandoned before its end"):
        stack.up(on_event=lambda _: stack.close())
    assert stack.left() == []


def test_service_that_is_held_on_to_asks_the_engine_of_now(file):
    stack = Stack(file, engine="simulated")
    with stack.up():
        api = stack["api"]
    with pytest.raises(EngineError, match="service 'api' has no container 1 in this run"):
        api.address(80)
    with stack.up():
        assert str(api.address(80)) == "127.0.0.1:8080"


def test_kept_start_leaves_what_it_made(file):
    stack = Stack(file, engine=Simulated({"job": Behaviour(exits=0.0, exit_code=1)}))
    with pytest.raises(NotReadyError, match="kept     what this run created"):
        stack.up(keep=True)
    assert sorted(stack.left()) == sorted(MADE)


# Its end


def test_block_removes_what_was_made(file):
    with Stack(file, engine="simulated").up() as stack:
        assert sorted(stack.left()) == sorted(MADE)
    assert stack.left() == []
    with pytest.raises(EngineError, match="service 'api' has no container 1 in this run"):
        stack["api"].address(80)


def test_down_keeps_the_volumes_unless_it_is_told_otherwise(file):
    progress = []
    stack = Stack(file, engine="simulated").up()
    stack.down(on_progress=lambda *words: progress.append(words))
    assert ("shop-db-1", "removed") in progress
    assert stack.left() == ["volume shop_data"]
    stack.down(volumes=True)
    assert stack.left() == []


def test_second_up_takes_over_what_runs(file):
    stack = Stack(file, engine="simulated")
    with stack.up("db"):
        stack.up()
        told = [(e.service, e.kind, e.text) for e in stack.events]
        assert ("db", "created", "unchanged") in told
        assert ("db", "started", "running") in told
        assert ("api", "created", "") in told
        assert next(e.age for e in stack.events if e.text == "running") == 2.0
    assert stack.left() == []


def test_failed_second_up_leaves_what_the_first_one_made(file):
    engine = Simulated({"job": Behaviour(exits=0.0, exit_code=1)})
    with Stack(file, engine=engine).up("db") as stack:
        with pytest.raises(NotReadyError):
            stack.up()
        assert stack.left() == ["shop-db-1", "network shop_default", "volume shop_data"]
    assert stack.left() == []


@pytest.mark.parametrize("how", ["closed", "let go", "an error"])
def test_abandoned_start_removes_what_it_made(file, how):
    stack = Stack(file, engine="simulated")
    events = stack.start()
    assert next(events).kind == "created"
    assert stack.left()
    if how == "closed":
        events.close()
    elif how == "let go":
        del events
        gc.collect()
    else:
        with pytest.raises(ZeroDivisionError):
            events.throw(ZeroDivisionError())
    assert stack.ending
    assert stack.left() == []


def test_error_in_a_loop_over_the_events_ends_the_block(file):
    stack = Stack(file, engine="simulated")

    def broken():
        with stack:
            for _ in stack.start():
                raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        broken()
    assert stack.left() == []


@pytest.mark.parametrize("thread", [False, True], ids=["its thread", "another thread"])
def test_start_that_nobody_goes_on_with_ends_with_the_process(file, thread):
    script = f"""
import sys, threading
from composecheck import Stack
stack = Stack(sys.argv[1], engine="simulated")
events = stack.start(on_progress=print)
if {thread}:
    thread = threading.Thread(target=next, args=(events,))
    thread.start()
    thread.join()
else:
    next(events)
print("the end")
"""
    done = subprocess.run(
        [sys.executable, "-c", script, str(file)], capture_output=True, text=True, check=True, timeout=30
    )
    before, after = done.stdout.split("the end\n")
    assert "volume shop_data created" in before
    assert "volume shop_data removed" in after
    assert done.stderr == ""


def test_nothing_begins_before_the_first_event_is_asked_for(file):
    stack = Stack(file, engine="simulated")
    stack.start("nonsense")
    assert stack.left() == []


def test_callback_that_raises_ends_the_start(file):
    def told(event):
        if event.kind == "started":
            raise ZeroDivisionError

    stack = Stack(file, engine="simulated")
    with pytest.raises(ZeroDivisionError):
        stack.up(on_event=told)
    assert stack.left() == []


class Stubborn(Simulated):
    """One that cannot remove what it made."""

    def undo(self, progress, *, everything=False):
        left = dict.fromkeys(self.left(), "device busy")
        return super().undo(progress, everything=everything)._replace(things=left, command="rm it")


def test_what_an_abandoned_start_cannot_remove_is_logged(file, caplog):
    events = Stack(file, engine=Stubborn()).start()
    next(events)
    with caplog.at_level(logging.WARNING):
        events.close()
    assert "project shop: a start was abandoned" in caplog.text
    assert "left     shop-db-1: device busy" in caplog.text


def test_what_a_failed_start_cannot_remove_is_in_its_error(file):
    stack = Stack(file, engine=Stubborn({"job": Behaviour(exits=0.0, exit_code=1)}))
    with pytest.raises(NotReadyError, match="help     `rm it` removes it"):
        stack.up()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs a fork")
def test_fork_that_lets_go_of_a_start_ends_nothing(file, capfd):
    stack = Stack(file, engine="simulated")
    events = stack.start(on_progress=lambda *words: os.write(2, " ".join(words).encode()))
    next(events)
    capfd.readouterr()
    child = os.fork()
    if child == 0:
        events.close()
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert capfd.readouterr().err == ""
    assert len(list(events)) > 1


# One service of it


def test_address_is_the_number_of_the_file_or_one_of_its_own(file):
    with Stack(file, engine="simulated").up() as stack:
        api = stack["api"]
        assert [str(api.address(port)) for port in (80, 90, 443, 444)] == [
            "127.0.0.1:8080", "127.0.0.1:9090", "127.0.0.1:49152", "127.0.0.2:49153"
        ]  # fmt: skip
        assert str(stack["db"].address(5432)) == "127.0.0.1:49154"
        with pytest.raises(UsageError, match="does not publish port 81/tcp"):
            api.address(81)


def test_replicas_have_addresses_of_their_own(tmp_path):
    file = written(tmp_path, "services: {a: {image: x, scale: 2, ports: ['80', '9000-9009:90']}}")
    stack = Stack(file, engine="simulated").up()
    found = {str(stack["a"].address(port, replica=replica)) for port in (80, 90) for replica in (1, 2)}
    assert found == {f"127.0.0.1:{number}" for number in (49152, 49153, 9000, 9001)}


def test_simulated_service_writes_nothing_and_runs_nothing(file):
    stack = Stack(file, engine="simulated").up()
    assert stack["api"].logs() == ""
    with pytest.raises(UsageError, match=r"service 'api' is simulated, and runs nothing: 'ls /' needs"):
        stack["api"].exec(["ls", "/"])


def test_a_stack_is_made_of_texts_that_are_not_saved(tmp_path):
    file = tmp_path / "compose.yml"
    with Stack(file, texts={file: "services: {api: {image: example/api}}"}, engine="simulated").up() as stack:
        assert stack.project.services.keys() == {"api"}


# The second day


def again(file, engine: Simulated, text: str, **options) -> list[tuple[str, str, str]]:
    """Start a changed file on the same engine; return what happened to containers."""
    file.write_text(text)
    stack = Stack.of(load(file), engine=engine)
    try:
        stack.up(**options)
    finally:
        _given.pop(id(engine))  # as another day's Stack has it
    return [(e.service, e.kind, e.text) for e in stack.events if e.kind in ("created", "started")]


APP = "name: shop\nservices:\n  app: {image: a, environment: {V: '1'}}\n"


def test_a_changed_service_is_made_anew_on_the_simulated_engine_too(file):
    engine = Simulated()
    assert again(file, engine, APP) == [("app", "created", ""), ("app", "started", "")]
    assert again(file, engine, APP) == [("app", "created", "unchanged"), ("app", "started", "running")]
    changed = [("app", "created", "its configuration has changed"), ("app", "started", "")]
    assert again(file, engine, APP.replace("'1'", "'2'")) == changed
    assert again(file, engine, APP, no_recreate=True)[0] == ("app", "created", "unchanged")
    assert again(file, engine, APP, force_recreate=True)[0] == ("app", "created", "as asked for")
    assert sorted(engine.left()) == ["network shop_default", "shop-app-1"]


def test_a_failed_recreation_brings_the_former_one_back_on_the_simulated_engine_too(file):
    engine = Simulated()
    again(file, engine, APP)
    engine._behaviours = {"app": Behaviour(exits=0.0, exit_code=1)}
    with pytest.raises(NotReadyError, match="restored shop-app-1: as before"):
        again(file, engine, APP.replace("'1'", "'2'"))
    assert again(file, engine, APP) == [("app", "created", "unchanged"), ("app", "started", "running")]


def test_scale_goes_up_and_down_on_the_simulated_engine_too(file):
    engine = Simulated()
    again(file, engine, APP, scale={"app": 3})
    assert len(engine.left()) == 3 + 1
    assert [text for _, kind, text in again(file, engine, APP) if kind == "created"] == ["unchanged"]
    assert sorted(engine.left()) == ["network shop_default", "shop-app-1"]


def test_dry_run_changes_nothing_on_the_simulated_engine_either(file):
    engine, told = Simulated(), list[tuple[str, str]]()
    again(file, engine, APP)
    options = {"dry_run": True, "on_progress": lambda *what: told.append(what), "scale": {"app": 2}}
    assert again(file, engine, APP.replace("'1'", "'2'"), **options) == []
    assert told == [
        ("shop-app-1", "would be made anew: its configuration has changed"),
        ("shop-app-2", "would be created"),
    ]
    assert sorted(engine.left()) == ["network shop_default", "shop-app-1"]
