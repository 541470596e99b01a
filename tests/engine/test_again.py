"""What becomes of a stack that stands: kept, made anew, brought back, scaled."""

from __future__ import annotations

from unittest.mock import Mock

import pytest

from composecheck import identity
from composecheck.engine.docker.formers import restore
from composecheck.engine.moby.marker import Retired
from composecheck.engine.protocol import Renewal
from composecheck.errors import EngineError, UnsupportedError

from .bench import hear

pytestmark = pytest.mark.engine

SLEEPER = """
    image: ${IMAGE}
    command: [python, -c, "import time; time.sleep(600)"]
    init: true
    stop_grace_period: 0s
"""


@pytest.fixture
def api(docker_engine):
    return docker_engine.api


def found(api, bench, service: str, number: int = 1) -> dict:
    return api.inspect_container(f"{bench.name}-{service}-{number}")


def standing(api, bench) -> dict[str, str]:
    """Return the state of each container of the project by its name."""
    mine = {"label": f"{identity.PROJECT}={bench.name}"}
    return {each["Names"][0].lstrip("/"): each["State"] for each in api.containers(all=True, filters=mine)}


def test_a_changed_container_is_made_anew_and_keeps_its_anonymous_volume(bench, api):
    text = f"services:\n  a:{SLEEPER}    volumes: [/anonymous]\n"
    first, _ = bench.up(bench.load(text))
    first.close()
    before = found(api, bench, "a")
    second, events = bench.up(bench.load(text + "    environment: {NEW: 1}\n"), settled=False)
    assert [(e.kind, e.text) for e in events] == [
        ("created", "its configuration has changed"), ("started", "")
    ]  # fmt: skip
    after = found(api, bench, "a")
    assert after["Id"] != before["Id"]
    assert after["Config"]["Labels"][identity.REPLACE] == "a-1"
    assert after["Config"]["Labels"][identity.NUMBER] == "1"
    assert after["Mounts"][0]["Name"] == before["Mounts"][0]["Name"]
    second.settle(stands=True)
    second.close()
    assert standing(api, bench) == {f"{bench.name}-a-1": "running"}
    third, events = bench.up(bench.load(text + "    environment: {NEW: 1}\n"))
    assert [e.text for e in events] == ["unchanged", "running"]
    third.close()


def test_a_failed_recreation_brings_the_former_container_back(bench, api):
    text = f"services:\n  a:{SLEEPER}    volumes: [/anonymous]\n"
    bench.up(bench.load(text))[0].close()
    before = found(api, bench, "a")
    changed = bench.load(text.replace("time.sleep(600)", "0") + "    environment: {NEW: 1}\n")
    session, _ = bench.up(changed, settled=False)
    hear(bench.engine, "a", {"exited"})
    assert session.undo(bench.tell).restored == (f"{bench.name}-a-1",)
    after = found(api, bench, "a")
    assert after["Id"] == before["Id"]
    assert after["State"]["Running"]
    assert after["Mounts"] == before["Mounts"], "its volume has not gone with the new one"
    assert standing(api, bench) == {f"{bench.name}-a-1": "running"}


@pytest.mark.slow
def test_a_former_container_that_had_ended_is_brought_back_as_it_was(bench, api):
    text = f"services:\n  a:{SLEEPER}"
    bench.up(bench.load(text))[0].close()
    api.stop(f"{bench.name}-a-1", timeout=0)
    before = found(api, bench, "a")
    session, _ = bench.up(bench.load(text + "    environment: {NEW: 1}\n"), settled=False)
    session.undo(bench.tell)
    after = found(api, bench, "a")
    assert (after["Id"], after["State"]["Status"]) == (before["Id"], "exited")


@pytest.mark.slow
def test_what_a_block_has_replaced_is_back_at_its_end(bench, api):
    text = f"services:\n  a:{SLEEPER}"
    bench.up(bench.load(text))[0].close()
    before = found(api, bench, "a")
    session, _ = bench.up(bench.load(text + "    environment: {NEW: 1}\n"))
    session.hold()
    assert found(api, bench, "a")["Id"] != before["Id"]
    assert session.undo(bench.tell, everything=True).restored == (f"{bench.name}-a-1",)
    after = found(api, bench, "a")
    assert (after["Id"], after["State"]["Running"]) == (before["Id"], True)


@pytest.mark.slow
def test_the_sharer_of_a_recreated_namespace_is_made_anew_and_a_dependent_restarted(bench, api):
    text = f"""services:
  web:{SLEEPER}    depends_on: {{owner: {{condition: service_started, restart: true}}}}
  sharer:{SLEEPER}    network_mode: service:owner
  alone:{SLEEPER}    depends_on: [owner]
  owner:{SLEEPER}"""
    bench.up(bench.load(text))[0].close()
    names = ("web", "sharer", "alone", "owner")
    before = {name: found(api, bench, name) for name in names}
    session, events = bench.up(bench.load(text + "    environment: {NEW: 1}\n"))
    session.close()
    after = {name: found(api, bench, name) for name in names}
    assert [name for name in names if after[name]["Id"] != before[name]["Id"]] == ["sharer", "owner"]
    assert after["sharer"]["HostConfig"]["NetworkMode"] == f"container:{after['owner']['Id']}"
    assert after["alone"]["State"]["StartedAt"] == before["alone"]["State"]["StartedAt"]
    assert after["web"]["State"]["StartedAt"] > after["owner"]["State"]["StartedAt"]
    assert not [e for e in events if e.kind in ("signalled", "stopped", "exited")], "that was our own doing"


@pytest.mark.slow_after(1)
@pytest.mark.parametrize("order", [("sharer", "owner"), ("owner", "sharer")])
def test_the_sharer_of_a_namespace_is_brought_back_after_its_owner(bench, api, order):
    text = f"services:\n  sharer:{SLEEPER}    network_mode: service:owner\n  owner:{SLEEPER}"
    bench.up(bench.load(text))[0].close()
    before = {name: found(api, bench, name)["Id"] for name in order}
    retired = [Retired(before[n], f"{bench.name}-{n}-1", n, "", ran=True, goes=True) for n in order]
    for name in ("sharer", "owner"):
        api.stop(before[name], timeout=0)
    removal = Mock(bring_back=lambda _, step: step())
    restore(removal, api, retired, ())
    assert standing(api, bench) == {each.name: "running" for each in retired}


def test_a_port_goes_from_one_service_to_another(bench, api):
    text = "services:\n  a:{0}    ports: ['{1}']\n  b:{0}    ports: ['{2}']\n    depends_on: [a]\n"
    bench.up(bench.load(text.format(SLEEPER, "27341:80", "27342:80")))[0].close()
    session, events = bench.up(bench.load(text.format(SLEEPER, "27342:80", "27341:80")))
    session.close()
    assert "refused" not in {e.kind for e in events}
    assert standing(api, bench) == {f"{bench.name}-a-1": "running", f"{bench.name}-b-1": "running"}


@pytest.mark.slow
def test_numbers_are_those_that_compose_gives(bench, api):
    text = f"services:\n  a:{SLEEPER}    scale: "
    bench.up(bench.load(text + "3\n"))[0].close()
    api.remove_container(f"{bench.name}-a-1", force=True)
    bench.up(bench.load(text + "3\n"))[0].close()
    assert sorted(standing(api, bench)) == [f"{bench.name}-a-{number}" for number in (2, 3, 4)]
    session, _ = bench.up(bench.load(text + "1\n"))
    assert list(session.replicas(bench.engine.project.services["a"])) == [2]
    session.close()
    assert standing(api, bench) == {f"{bench.name}-a-2": "running"}


def test_surplus_comes_back_where_the_start_fails(bench, api):
    text = f"services:\n  a:{SLEEPER}    scale: "
    bench.up(bench.load(text + "2\n"))[0].close()
    session, _ = bench.up(bench.load(text + "1\n"), settled=False)
    assert sorted(standing(api, bench).values()) == ["exited", "running"]
    session.undo(bench.tell)
    assert standing(api, bench) == {f"{bench.name}-a-{number}": "running" for number in (1, 2)}


@pytest.mark.slow
def test_orphans_go_where_that_is_asked_for(bench, api):
    both, one = f"services:\n  a:{SLEEPER}  b:{SLEEPER}", f"services:\n  a:{SLEEPER}"
    bench.up(bench.load(both))[0].close()
    bench.up(bench.load(one))[0].close()
    assert len(standing(api, bench)) == 2
    project = bench.load(one)
    session = bench.session()
    session.begin(project, ["a"], bench.tell, Renewal(remove_orphans=True))
    session.prepare(project, ["a"], bench.tell)
    session.settle(stands=True)
    session.close()
    assert standing(api, bench) == {f"{bench.name}-a-1": "running"}


@pytest.mark.slow_after(1)
@pytest.mark.parametrize("release", ["2.40.3", "5.6.1"])
def test_the_generation_is_that_of_what_stands(bench, api, release):
    text = f"services:\n  a:{SLEEPER}  b:{SLEEPER}    volumes: ['.:/here']\n"
    project = bench.load(text)
    dialect = identity.generation([release], project.dialect)
    bench.up(project._replace(dialect=dialect))[0].close()
    api.remove_container(f"{bench.name}-b-1", force=True)
    _, events = bench.up(project)
    assert ("a", "unchanged") in [(e.service, e.text) for e in events]
    labels = found(api, bench, "b")["Config"]["Labels"]
    assert labels[identity.VERSION] == release
    assert labels[identity.CONFIG_HASH] == identity.service_hash(
        project, project.services["b"], None, dialect
    )


@pytest.mark.slow_after(1)
@pytest.mark.parametrize("started", [False, True])
def test_a_start_that_is_killed_amid_a_recreation_leaves_one_container(bench, api, started):
    text = f"services:\n  a:{SLEEPER}"
    bench.up(bench.load(text))[0].close()
    before = found(api, bench, "a")
    project = bench.load(text + "    environment: {NEW: 1}\n")
    session = bench.prepared(project)
    bench.engine.create([project.services["a"]])
    hear(bench.engine, "a", {"created"})
    if started:
        bench.engine.start(project.services["a"])
        hear(bench.engine, "a", {"started"})
    else:
        bench.engine._creation.take_place(project.services["a"], 1)
    new = found(api, bench, "a")
    bench.engine.end()
    session._runs.current.close()  # as a process does that is killed
    session._runs.end_turn()
    bench.sessions.remove(session)
    bench.begun(project).preflight(project, ["a"], bench.tell)
    after = found(api, bench, "a")
    assert after["Id"] == (new if started else before)["Id"]
    assert after["State"]["Running"]
    assert standing(api, bench) == {f"{bench.name}-a-1": "running"}


NETWORK = f"""services:
  a:{SLEEPER}    networks: {{n: {{aliases: [aa]}}, m: }}
  b:{SLEEPER}    networks: [n]
networks: {{n: {{labels: {{x: "1"}}}}, m: }}
"""


def ends(api, bench, service: str) -> dict[str, tuple[str, set[str]]]:
    """Return the networks that a container is on, each with its id and the container's names there."""
    container = found(api, bench, service)
    return {
        name.removeprefix(f"{bench.name}_"): (end["NetworkID"], {*end["Aliases"]} - {container["Id"][:12]})
        for name, end in container["NetworkSettings"]["Networks"].items()
    }


def test_a_changed_network_is_made_anew_under_the_containers_that_are_on_it(bench, api):
    bench.up(bench.load(NETWORK))[0].close()
    before, wired = {name: found(api, bench, name) for name in "ab"}, ends(api, bench, "a")
    session, _ = bench.up(bench.load(NETWORK.replace('"1"', '"2"')))
    session.close()
    network = api.inspect_network(f"{bench.name}_n")
    assert network["Labels"]["x"] == "2"
    assert {name: found(api, bench, name)["Id"] for name in "ab"} == {n: c["Id"] for n, c in before.items()}
    assert ends(api, bench, "a")["n"] == (network["Id"], wired["n"][1]), "its names there are the same"
    assert ends(api, bench, "a")["m"] == wired["m"]
    _, events = bench.up(bench.load(NETWORK.replace('"1"', '"2"')))
    assert {e.text for e in events} == {"unchanged", "running"}


@pytest.mark.slow
def test_a_changed_network_is_back_where_the_start_fails(bench, api):
    bench.up(bench.load(NETWORK))[0].close()
    before, wired = {name: found(api, bench, name) for name in "ab"}, ends(api, bench, "a")
    text = NETWORK.replace('"1"', '"2"').replace("  b:", "  b:\n    environment: {NEW: 1}")
    session, _ = bench.up(bench.load(text), settled=False)
    assert session.undo(bench.tell).things == {}
    session.settle(stands=False)
    assert api.inspect_network(f"{bench.name}_n")["Labels"]["x"] == "1"
    after = {name: found(api, bench, name) for name in "ab"}
    assert {n: (c["Id"], c["State"]["Running"]) for n, c in after.items()} == {
        n: (c["Id"], True) for n, c in before.items()
    }
    assert ends(api, bench, "a")["n"][1] == wired["n"][1]
    _, events = bench.up(bench.load(NETWORK))
    assert {e.text for e in events} == {"unchanged", "running"}


def test_a_changed_network_that_somebody_else_is_on_is_refused(bench, api, docker_engine):
    bench.up(bench.load(NETWORK))[0].close()
    other = docker_engine.containers.create(bench.environment["IMAGE"], network=f"{bench.name}_n")
    try:
        with pytest.raises(
            UnsupportedError, match=f"container '{other.name}', which this start is not about"
        ):
            bench.session().preflight(bench.load(NETWORK.replace('"1"', '"2"')), ["a", "b"])
    finally:
        other.remove(force=True)


def test_a_changed_network_that_what_run_made_is_on_is_refused(bench, docker_engine):
    bench.up(bench.load(NETWORK))[0].close()
    labels = {"project": bench.name, "service": "a", "oneoff": "True", "config-hash": "x"}
    once = docker_engine.containers.create(
        bench.environment["IMAGE"],
        network=f"{bench.name}_n",
        labels={f"com.docker.compose.{key}": value for key, value in labels.items()},
    )
    try:
        with pytest.raises(UnsupportedError, match=f"container '{once.name}', which this start is not about"):
            bench.session().preflight(bench.load(NETWORK.replace('"1"', '"2"')), ["a", "b"])
    finally:
        once.remove(force=True)


@pytest.mark.slow
def test_what_was_on_a_network_that_could_not_go_is_back_on_it(bench, api, docker_engine, monkeypatch):
    bench.up(bench.load(NETWORK))[0].close()
    wired = ends(api, bench, "a")
    monkeypatch.setattr("composecheck.engine.docker.session.occupied", lambda *_: ())
    other = docker_engine.containers.create(
        bench.environment["IMAGE"], ["python", "-c", "import time; time.sleep(60)"], network=f"{bench.name}_n"
    )
    other.start()  # it came after the look at who is there
    try:
        with pytest.raises(EngineError, match="active endpoints"):
            bench.up(bench.load(NETWORK.replace('"1"', '"2"')))
        assert bench.sessions[-1].undo(bench.tell).things == {}
    finally:
        other.remove(force=True)
    assert ends(api, bench, "a") == wired
    assert found(api, bench, "a")["State"]["Running"]


def test_a_changed_volume_is_refused_with_the_command_to_type(bench):
    text = f"services:\n  a:{SLEEPER}    volumes: [vv:/v]\nvolumes:\n  vv: {{labels: {{a: '1'}}}}\n"
    bench.up(bench.load(text))[0].close()
    name = f"{bench.name}_vv"
    with pytest.raises(
        UnsupportedError, match=f"`composecheck down -p {bench.name} && docker volume rm {name}`"
    ):
        bench.session().preflight(bench.load(text.replace("'1'", "'2'")), ["a"])
