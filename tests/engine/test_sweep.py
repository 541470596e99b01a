"""What runs left whose process is gone: what nobody can have used goes, and the rest is told."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from composecheck.engine.moby.marker import folder

from .bench import hear

pytestmark = pytest.mark.engine

SLEEPER = """
    image: ${IMAGE}
    command: [python, -c, "import time; time.sleep(600)"]
    init: true
"""
STACK = f"services:\n  a:{SLEEPER}    volumes: [data:/data]\nvolumes: {{data: }}\n"
KILLED = """
import os, sys
sys.path.insert(0, {tests!r})
from pathlib import Path
from bench import Bench
bench = Bench(Path({folder!r}), {name!r}, {image!r})
session, _ = bench.up(bench.load(Path({file!r}).read_text()), settled=False)
session.hold()
os.kill(os.getpid(), 9)
"""


@pytest.fixture
def notices() -> list[str]:
    return []


@pytest.fixture
def sweep(bench, notices):
    """Return a function that sweeps for a project, the bench's own by default."""

    def sweeping(project=None):
        bench.session().sweep(project or bench.name, bench.tell, notices.append)

    return sweeping


def kill(session):
    """Drop the lock of a run, as the system does at a process's end, whichever way it ends."""
    session._runs.current.close()
    session._runs = None


def held(bench, text=STACK):
    """Bring a stack up in a block, and kill its run."""
    project = bench.load(text)
    session, _ = bench.up(project)
    session.hold()
    kill(session)
    return project


def containers(docker_engine, name):
    label = {"label": f"com.docker.compose.project={name}"}
    return docker_engine.api.containers(all=True, filters=label)


def test_what_a_killed_block_left_is_removed_by_the_project_s_next_run(bench, left, sweep, request):
    project = bench.load(STACK)
    code = KILLED.format(
        tests=str(request.path.parent),
        folder=str(bench.folder),
        name=bench.name,
        image=bench.environment["IMAGE"],
        file=str(bench.file),
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == -signal.SIGKILL
    assert len(left()) == 3
    sweep()
    assert (f"project {bench.name}", "removing what a run left that was killed") in bench.told
    assert left() == []
    _, events = bench.up(project)
    assert [event.kind for event in events] == ["created", "started"]


def test_another_project_s_run_leaves_a_volume_that_was_in_use_at_the_end(bench, left, sweep, notices):
    held(bench)
    sweep("another-project")
    assert left() == [f"{bench.name}_data"]
    assert f"to be rid of it: `docker volume rm {bench.name}_data` (its data)" in notices[0]


@pytest.mark.slow_but_every(5)
@pytest.mark.parametrize("project", [None, "another-project"])
@pytest.mark.parametrize("hand", ["exec", "restart", "stop", "foreign", "newcomer", "network", "another up"])
def test_a_killed_block_that_somebody_has_gone_on_with_stays(
    bench, left, sweep, notices, docker_engine, project, hand
):
    held(bench)
    api, name = docker_engine.api, f"{bench.name}-a-1"
    other = None
    if hand == "exec":
        api.exec_start(api.exec_create(name, ["python", "-c", ""])["Id"])
    elif hand in ("restart", "stop"):
        getattr(api, hand)(name, timeout=1)
    elif hand == "network":
        other = docker_engine.networks.create(f"{bench.name}-of-somebody")
        other.connect(name)
    elif hand == "another up":  # of a user who cannot see our records, nor we his
        with pytest.MonkeyPatch.context() as elsewhere:
            elsewhere.setenv("XDG_STATE_HOME", str(bench.folder / "elsewhere"))
            bench.up(bench.load(STACK))
    else:
        labels = {"com.docker.compose.project": bench.name} if hand == "newcomer" else {}
        volumes = {f"{bench.name}_data": {"bind": "/d"}} if hand == "foreign" else {}
        other = docker_engine.containers.create(
            bench.environment["IMAGE"], ["python"], labels=labels, volumes=volumes
        )
    before = left()
    try:
        sweep(project)
    finally:
        if hand == "network":
            other.disconnect(name)
            other.remove()
        elif other is not None:
            other.remove(force=True)
    assert left() == [each for each in before if other is None or other.name not in each]
    assert f"{name}, network {bench.name}_default, volume {bench.name}_data stay" in notices[0]
    assert f"composecheck down -p {bench.name}" in notices[0]
    assert not list(folder("runs").iterdir())  # told once; it is somebody's now
    sweep(project)
    assert len(notices) == 1


def test_a_volume_that_somebody_mounted_in_passing_stays(bench, left, sweep, notices, docker_engine):
    held(bench)
    docker_engine.containers.run(
        bench.environment["IMAGE"], ["python", "-c", "open('/d/x', 'w')"], remove=True,
        volumes={f"{bench.name}_data": {"bind": "/d"}},
    )  # fmt: skip
    before = left()
    sweep()
    assert left() == before
    assert f"another container had volume '{bench.name}_data'" in notices[0]


@pytest.mark.slow
def test_a_client_that_was_on_the_network_in_passing_is_a_sign(bench, left, sweep, notices, docker_engine):
    held(bench)
    docker_engine.containers.run(
        bench.environment["IMAGE"], ["python", "-c", ""], remove=True, network=f"{bench.name}_default"
    )
    before = left()
    sweep("another-project")
    assert left() == before
    assert f"another container was on network '{bench.name}_default'" in notices[0]


@pytest.mark.slow
def test_a_visitor_of_an_anonymous_volume_is_a_sign(bench, left, sweep, notices, docker_engine):
    held(bench, STACK.replace("data:/data", "/data").replace("volumes: {data: }", ""))
    docker_engine.containers.run(
        bench.environment["IMAGE"], ["python", "-c", "open('/data/x', 'w')"], remove=True,
        volumes_from=[f"{bench.name}-a-1"],
    )  # fmt: skip
    before = left()
    sweep()
    assert left() == before
    assert "another container had volume" in notices[0]


def test_what_somebody_copied_into_a_container_that_never_ran_stays(bench, left, sweep, docker_engine):
    project = bench.load(STACK)
    session = bench.prepared(project)
    bench.engine.create([project.services["a"]])
    hear(bench.engine, "a", {"created"})
    kill(session)
    data, _ = docker_engine.api.get_archive(f"{bench.name}-a-1", "/etc/hostname")
    docker_engine.api.put_archive(f"{bench.name}-a-1", "/data", b"".join(data))
    before = left()
    sweep()
    assert left() == before


def test_an_exec_of_the_healthcheck_is_nobody_s_hand(bench, left, sweep, docker_engine):
    text = STACK.replace(
        "    volumes:", "    healthcheck: {test: [CMD, python, -c, ''], interval: 200ms}\n    volumes:"
    )
    project = bench.load(text)
    session, _ = bench.up(project, settled=False)
    hear(bench.engine, "a", {"healthy"})
    session.hold()
    kill(session)
    for _ in docker_engine.api.events(filters={"event": "exec_die"}, decode=True):
        break  # the engine has gone on probing
    sweep()
    assert left() == []


def test_what_a_killed_up_had_started_is_left_to_who_goes_on_with_it(
    bench, left, sweep, notices, docker_engine
):
    project = bench.load(STACK)
    bench.up(project, settled=False)
    kill(bench.sessions[-1])
    docker_engine.api.kill(f"{bench.name}-a-1")
    before = left()
    sweep("another-project")
    assert (left(), notices) == (before, [])
    sweep()
    assert left() == before
    assert f"{bench.name}-a-1" in notices[0]
    assert not list(folder("runs").iterdir())


def test_what_a_killed_up_had_only_created_is_removed(bench, left, sweep):
    project = bench.load(STACK)
    session = bench.prepared(project)
    bench.engine.create([project.services["a"]])
    hear(bench.engine, "a", {"created"})
    kill(session)
    sweep()
    assert left() == []


def test_a_run_that_is_under_way_is_not_swept(bench, left, sweep):
    bench.up(bench.load(f"services:\n  a:{SLEEPER}"), settled=False)
    sweep()
    assert len(left()) == 2


def test_what_a_finished_run_left_standing_is_not_swept(bench, left, sweep):
    session, _ = bench.up(bench.load(f"services:\n  a:{SLEEPER}"))
    session.close()
    sweep()
    assert len(left()) == 2


def test_what_a_living_run_uses_is_not_swept(bench, left, sweep):
    project = held(bench)
    bench.up(project)
    before = left()
    sweep("another-project")
    sweep()
    assert left() == before


@pytest.mark.slow_after(1)
@pytest.mark.parametrize(
    ("text", "said"),
    [("", "is empty"), ("[]", "cannot be read"), ("no json", "cannot be read"), ("{}", "cannot")],
)
def test_a_broken_record_is_told_with_what_bears_its_name(bench, left, sweep, notices, text, said):
    bench.up(bench.load(STACK), settled=False)
    run = bench.sessions[-1]._runs.current.run
    kill(bench.sessions[-1])
    path = folder("runs") / run
    path.write_text(text)
    sweep("another-project")
    assert len(left()) == 3
    assert f"{path}: the record of a run {said}" in notices[0]
    assert f"{bench.name}-a-1, network {bench.name}_default, volume {bench.name}_data" in notices[0]
    assert f"`rm {path}` forgets it" in notices[0]
    assert path.exists()


def test_a_broken_record_of_nothing_is_told_once(bench, sweep, notices):
    path = folder("runs") / "gone"
    path.write_text("")
    sweep()
    sweep()
    assert notices == [f"{path}: the record of a run is empty, and the engine has nothing of it"]


def test_a_record_of_a_newer_form_is_told_and_left(bench, sweep, notices):
    path = folder("runs") / "newer"
    path.write_text('{"version": 99, "engine": "e"}\n')
    sweep()
    assert "only a newer composecheck reads" in notices[0]
    assert path.exists()


def test_a_record_is_whole_however_its_last_line_ended(bench, left, sweep):
    held(bench)
    (path,) = folder("runs").iterdir()
    with path.open("a") as file:
        file.write('{"state": "stan')
    os.utime(path)
    sweep()
    assert left() == []


def test_a_run_that_was_killed_before_it_began_leaves_no_file(bench, sweep, notices):
    path = folder("runs") / ".begun"
    path.write_text("")
    sweep()
    assert not path.exists()
    assert notices == []


@pytest.mark.parametrize(
    "head", [{"services": 5}, {"engine_time": "x"}, {"services": None, "engine_time": []}]
)
@pytest.mark.parametrize("more", ["", '{"state": 7}', '{"moment": "x"}', '{"state": [], "moment": {}}'])
def test_a_record_with_values_of_other_kinds_is_no_obstacle(bench, sweep, notices, docker_engine, head, more):
    path = folder("runs") / "odd"
    whole = {"version": 1, "engine": docker_engine.info()["ID"], "project": bench.name, **head}
    path.write_text(f"{json.dumps(whole)}\n{more}\n")
    sweep()
    sweep()
    assert not path.exists() or notices


def test_a_record_that_is_nested_too_deep_is_no_obstacle(bench, sweep, notices):
    (folder("runs") / "deep").write_text("[" * 100_000)
    sweep()
    assert "cannot be read" in notices[0]


def test_a_killed_block_that_an_up_has_taken_over_stays(bench, left, sweep, notices):
    project = bench.load(STACK)
    session, _ = bench.up(project)
    session.hold()
    bench.up(project)[0].close()  # "unchanged": it is to stand
    kill(session)
    before = left()
    sweep()
    assert left() == before
    assert "an `up` has taken it over" in notices[0]
    assert not list(folder("runs").iterdir())


@pytest.mark.slow
@pytest.mark.parametrize("project", [None, "another-project"])
def test_what_the_engine_has_forgotten_is_not_proven(bench, left, sweep, notices, docker_engine, project):
    held(bench)
    for _ in range(256):  # as many events as it remembers
        docker_engine.api.tag(bench.environment["IMAGE"], f"{bench.name}-forget", "1")
    try:
        before = left()
        sweep(project)
    finally:
        docker_engine.api.remove_image(f"{bench.name}-forget:1")
    assert left() == before
    assert "the engine has forgotten whether somebody has used it since" in notices[0]
    # Where the project does not go on with it, it is told again.
    assert bool(list(folder("runs").iterdir())) == (project is not None)


@pytest.mark.slow
def test_a_restart_by_its_policy_is_nobody_s_hand(bench, left, sweep, docker_engine):
    text = STACK.replace("time.sleep(600)", "time.sleep(1); exit(1)")
    held(bench, text.replace("init: true", "restart: always"))
    for event in docker_engine.api.events(filters={"event": "start", "container": f"{bench.name}-a-1"}):
        assert event
        break
    sweep()
    assert left() == []


@pytest.mark.slow
@pytest.mark.parametrize("restart", ["", "    restart: on-failure\n"])
def test_a_start_by_hand_of_what_had_ended_by_itself_is_a_sign(
    bench, left, sweep, notices, docker_engine, restart
):
    text = STACK.replace("time.sleep(600)", "time.sleep(1)").replace("    volumes:", f"{restart}    volumes:")
    held(bench, text)
    docker_engine.api.wait(f"{bench.name}-a-1")
    docker_engine.api.start(f"{bench.name}-a-1")
    before = left()
    sweep()
    assert left() == before
    assert "was started" in notices[0]


@pytest.mark.slow
def test_what_somebody_starts_after_an_undo_was_cut_short_is_his(bench, left, sweep, notices, docker_engine):
    project = bench.load(STACK)
    session, _ = bench.up(project)
    session._runs.current.enter("ending")
    docker_engine.api.kill(f"{bench.name}-a-1")  # as the undo did, in its last moment
    kill(session)
    time.sleep(1.5)  # what was under way then is over by now
    docker_engine.api.start(f"{bench.name}-a-1")
    before = left()
    sweep()
    assert left() == before
    assert f"{bench.name}-a-1 was started" in notices[0]
