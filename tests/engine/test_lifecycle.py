"""Containers come, live, are heard of, and go without a trace."""

from __future__ import annotations

import time

import pytest
import requests

from composecheck.errors import EngineError, UnsupportedError

from .bench import hear

pytestmark = pytest.mark.engine

SLEEPER = """
    image: ${IMAGE}
    command: [python, -c, "import time; time.sleep(600)"]
    init: true
"""


def kinds(events):
    return [(event.service, event.kind) for event in events]


def test_a_container_is_created_started_and_removed_with_all_that_was_made(bench, left):
    project = bench.load(
        f"services:\n  a:{SLEEPER}    volumes: [data:/data, /anonymous]\nvolumes: {{data: }}\n"
    )
    session, events = bench.up(project)
    assert kinds(events) == [("a", "created"), ("a", "started")]
    assert sorted(left()) == [f"/{bench.name}-a-1", f"{bench.name}_data", f"{bench.name}_default"]
    anonymous = {mount["Name"] for mount in session._client.inspect_container(f"{bench.name}-a-1")["Mounts"]}
    assert session.undo(bench.tell, everything=True).things == {}
    assert left() == []
    assert len(anonymous) == 2
    assert not anonymous & volumes(session), "the anonymous volume goes too"


def volumes(session):
    return {each["Name"] for each in session._client.volumes()["Volumes"] or []}


def test_an_end_is_told_with_its_exit_code(bench):
    project = bench.load("services:\n  a:\n    image: ${IMAGE}\n    command: [sh, -c, 'exit 7']\n")
    _, events = bench.up(project, settled=False)
    event = (events + hear(bench.engine, "a", {"exited"}))[-1]
    assert (event.kind, event.exit_code, event.text) == ("exited", 7, "")


def test_a_restart_by_policy_is_a_start_again(bench):
    text = (
        "services:\n  a:\n    image: ${IMAGE}\n    command: [sh, -c, 'exit 1']\n    restart: on-failure:1\n"
    )
    _, events = bench.up(bench.load(text), settled=False)
    events += hear(bench.engine, "a", {"exited"}) if events[-1].kind != "exited" else []
    events += hear(bench.engine, "a", {"exited"})
    assert kinds(events) == [("a", k) for k in ("created", "started", "exited", "started", "exited")]


def test_health_is_told_as_it_changes(bench):
    text = f"""services:
  a:{SLEEPER}
    healthcheck: {{test: [CMD, python, -c, "open('/tmp/ready')"], interval: 200ms, timeout: 5s, retries: 1}}
"""
    project = bench.load(text)
    session, _ = bench.up(project, settled=False)
    assert hear(bench.engine, "a", {"unhealthy"})
    trouble = session.trouble(project.services["a"], 1, 5)
    assert trouble.probes[-1].exit_code == 1
    assert "No such file" in trouble.probes[-1].output
    assert session.exec(project.services["a"], 1, ["python", "-c", "open('/tmp/ready', 'w')"]) == (0, "")
    assert hear(bench.engine, "a", {"healthy"})


def test_a_kill_for_memory_is_told(bench):
    text = """services:
  a:
    image: ${IMAGE}
    command: [python, -c, "x = bytearray(400_000_000); x[:] = b'1' * len(x)"]
    mem_limit: 30m
    memswap_limit: 30m
"""
    _, events = bench.up(bench.load(text), settled=False)
    event = (events + hear(bench.engine, "a", {"exited"}))[-1]
    assert (event.exit_code, event.text) == (137, "out of memory")


def test_events_that_fall_into_a_break_of_the_stream_are_told_all_the_same(bench):
    project = bench.load(f"services:\n  a:{SLEEPER}")
    session, _ = bench.up(project, settled=False)
    bench.engine._stream._response.close()
    session._client.kill(session._container(project.services["a"], 1))
    assert hear(bench.engine, "a", {"exited"})[-1].exit_code == 137


def test_a_second_run_leaves_alone_what_is_unchanged(bench, left):
    text = f"""services:
  a:{SLEEPER}
    healthcheck: {{test: ["CMD", "true"], interval: 200ms}}
  job:
    image: ${{IMAGE}}
    command: [sh, -c, exit]
    depends_on: [a]
"""
    project = bench.load(text.replace('"true"', "python, -c, pass"))
    first, _ = bench.up(project, settled=False)
    hear(bench.engine, "job", {"exited"})
    first.settle(stands=True)
    stood = sorted(left())
    second, events = bench.up(project, settled=False)
    told = [(e.service, e.kind, e.text) for e in events]
    assert ("a", "created", "unchanged") in told
    assert ("a", "started", "running") in told
    assert ("job", "started", "") in told, "what had ended is started again"
    assert "healthy" in [e.kind for e in events if e.service == "a"] or hear(bench.engine, "a", {"healthy"})
    assert second.undo(bench.tell).things == {}
    assert sorted(left()) == stood, "what stood before stands"


def test_a_changed_volume_is_refused_by_name(bench):
    text = f"services:\n  a:{SLEEPER}    volumes: [v:/v]\nvolumes:\n  v: {{labels: {{a: '1'}}}}\n"
    bench.up(bench.load(text.replace("[v:/v]", "[{type: volume, source: v, target: /v}]")))
    changed = bench.load(
        text.replace("[v:/v]", "[{type: volume, source: v, target: /v}]").replace("'1'", "'2'")
    )
    with pytest.raises(UnsupportedError, match=f"volume '{bench.name}_v' differs from the file"):
        bench.session().preflight(changed, ["a"])


def test_replicas_are_containers_of_their_own(bench, left):
    project = bench.load(f"services:\n  a:{SLEEPER}    scale: 2\n    ports: ['8000']\n")
    session, events = bench.up(project)
    assert sorted((e.kind, e.replica) for e in events) == [
        ("created", 1), ("created", 2), ("started", 1), ("started", 2)
    ]  # fmt: skip
    ports = [session.addresses(project.services["a"], replica) for replica in (1, 2)]
    assert [each[0][:3] for each in ports] == [(8000, "tcp", "127.0.0.1")] * 2
    assert ports[0][0][3] != ports[1][0][3]


def test_a_service_joins_the_namespaces_and_volumes_of_another(bench):
    text = f"""services:
  b:{SLEEPER}
    network_mode: service:a
    pid: service:a
    volumes_from: ["a:ro"]
  a:{SLEEPER}
    volumes: [/shared]
"""
    project = bench.load(text)
    session, _ = bench.up(project)
    first = session._container(project.services["a"], 1)
    host = session._client.inspect_container(session._container(project.services["b"], 1))["HostConfig"]
    assert host["NetworkMode"] == host["PidMode"] == f"container:{first}"
    assert host["VolumesFrom"] == [f"{first}:ro"]


def test_files_by_content_and_environment_are_there_before_the_process(bench):
    text = """services:
  a:
    image: ${IMAGE}
    command: [python, -c, "print(open('/c').read(), open('/run/secrets/s').read())"]
    configs: [{source: c, target: /c, mode: 0400}]
    secrets: [s]
configs: {c: {content: said}}
secrets: {s: {environment: HUSH}}
"""
    bench.environment["HUSH"] = "hidden"
    project = bench.load(text)
    session, _ = bench.up(project, settled=False)
    hear(bench.engine, "a", {"exited"})
    assert session.logs(project.services["a"], 1) == "said hidden\n"


def test_down_takes_dependents_first_and_volumes_when_asked(bench, left):
    text = f"""services:
  web:{SLEEPER}    depends_on: [db]
  db:{SLEEPER}    volumes: [data:/d]
volumes: {{data: }}
"""
    bench.up(bench.load(text))
    session = bench.session()
    assert session.down(bench.name, progress=bench.tell).things == {}
    removed = [name for name, text in bench.told if text == "removed"]
    assert removed == [f"{bench.name}-web-1", f"{bench.name}-db-1", f"network {bench.name}_default"]
    assert left() == [f"{bench.name}_data"]
    assert session.down(bench.name, volumes=True, progress=bench.tell).things == {}
    assert left() == []


def test_down_leaves_and_names_what_the_file_does_not_have(bench, left):
    bench.up(bench.load(f"services:\n  a:{SLEEPER}  old:{SLEEPER}"))
    bench.session().down(bench.name, services={"a"}, progress=bench.tell)
    assert (f"{bench.name}-old-1", "left: the file has no service 'old'") in bench.told
    assert f"/{bench.name}-old-1" in left()


def test_an_undo_amid_requests_leaves_nothing(bench, left):
    project = bench.load("services:\n" + "".join(f"  s{n}:{SLEEPER}" for n in range(6)))
    session = bench.prepared(project)
    for service in project.services.values():
        bench.engine.create([service])
    hear(bench.engine, "s0", {"created"})
    bench.engine.start(project.services["s0"])
    assert session.undo(bench.tell).things == {}
    assert left() == []
    assert session.left() == []


def test_an_engine_that_goes_away_is_an_error(bench):
    bench.up(bench.load(f"services:\n  a:{SLEEPER}"), settled=False)
    bench.engine._stream._lost(EOFError("gone"))
    with pytest.raises(EngineError, match="no longer answers: gone"):
        bench.engine.next_event(bench.engine.clock.now() + 5)


def test_a_connection_that_breaks_is_an_error_and_no_traceback(bench, monkeypatch):
    project = bench.load(f"services:\n  a:{SLEEPER}")
    session = bench.session()

    def broken(*_arguments, **_options):
        raise requests.ConnectionError("Connection aborted.")

    monkeypatch.setattr(session._client, "get", broken)
    with pytest.raises(EngineError, match="the engine does not answer: Connection aborted"):
        session.preflight(project, ["a"])
    assert session.undo(bench.tell).things == {}


def test_a_service_without_a_container_has_no_logs(bench):
    project = bench.load(f"services:\n  a:{SLEEPER}")
    session = bench.session()
    with pytest.raises(EngineError, match="service 'a' has no container 1 in this run"):
        session.logs(project.services["a"], 1)
    assert session.trouble(project.services["a"], 1, 5) is None


def test_an_undo_does_not_wait_for_what_waits_for_a_container(bench, left):
    project = bench.load(f"services:\n  a:{SLEEPER}  b:{SLEEPER}    network_mode: service:a\n")
    session = bench.prepared(project)
    bench.engine.create([project.services["b"]])
    begun = time.monotonic()
    assert session.undo(bench.tell).things == {}
    assert time.monotonic() - begun < 5
    assert left() == []


def test_a_container_that_somebody_stops_is_said_to_be_stopped(bench, docker_engine):
    project = bench.load(f"services:\n  a:{SLEEPER}    restart: always\n")
    bench.prepared(project)
    bench.engine.create([project.services["a"]])
    hear(bench.engine, "a", {"created"})
    bench.engine.start(project.services["a"])
    hear(bench.engine, "a", {"started"})
    docker_engine.api.stop(f"{bench.name}-a-1", timeout=1)
    told = hear(bench.engine, "a", {"exited", "stopped"})
    # An engine may tell the end of the process before the stop, or after it.
    told += hear(bench.engine, "a", {"exited", "stopped"} - {told[-1].kind})
    assert {event.kind for event in told} >= {"exited", "stopped"}
    docker_engine.api.remove_container(f"{bench.name}-a-1")
    assert hear(bench.engine, "a", {"removed"})


@pytest.mark.slow
def test_a_volume_that_is_only_borrowed_stays_without_a_word(bench, left, docker_engine):
    old = docker_engine.containers.create(
        bench.environment["IMAGE"], ["python"], name=f"{bench.name}-old", volumes=["/borrowed"]
    )
    try:
        (mount,) = docker_engine.api.inspect_container(old.id)["Mounts"]
        time.sleep(1.1)  # the engine's lists know whole seconds
        text = f"services:\n  a:{SLEEPER}    volumes_from: ['container:{old.name}']\n    volumes: [/own]\n"
        session, _ = bench.up(bench.load(text))
        assert session.undo(bench.tell, everything=True).things == {}
        assert mount["Name"] in volumes(session)
    finally:
        old.remove(v=True, force=True)
    assert left() == []
