"""What the engine refuses is told in clear words, and what cannot be done is refused before."""

from __future__ import annotations

import socket

import pytest

from composecheck.errors import EngineError, UnsupportedError

from .bench import hear

pytestmark = pytest.mark.engine

SLEEPER = """
    image: ${IMAGE}
    command: [python, -c, "import time; time.sleep(600)"]
    init: true
"""


@pytest.fixture
def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def refusal(bench, text: str) -> str:
    _, events = bench.up(bench.load(text))
    return next(event.text for event in events if event.kind == "refused")


def test_a_port_taken_by_a_container_names_it(bench, free_port):
    text = f"""services:
  a:{SLEEPER}
    ports: ["{free_port}:80"]
  b:{SLEEPER}
    ports: ["{free_port}:80"]
    depends_on: [a]
"""
    said = refusal(bench, text)
    assert said == (
        f"host port {free_port} is taken by container '{bench.name}-a-1' "
        f"(service 'a' of project '{bench.name}')"
    )


def test_a_port_taken_by_a_process_says_so(bench):
    with socket.socket() as taken:
        taken.bind(("", 0))
        taken.listen()
        port = taken.getsockname()[1]
        said = refusal(bench, f'services:\n  a:{SLEEPER}    ports: ["{port}:80"]\n')
    assert said == f"host port {port} is taken by another process on the engine's machine"


def test_a_name_that_is_taken_names_the_owner(bench, docker_engine):
    name = f"{bench.name}-taken"
    other = docker_engine.containers.create(bench.environment["IMAGE"], name=name)
    try:
        said = refusal(bench, f"services:\n  a:{SLEEPER}    container_name: {name}\n")
    finally:
        other.remove(force=True)
    assert said == f"the container name '{name}' is in use by a container that Compose did not make"


def test_a_mount_without_its_source_says_which(bench):
    text = f"""services:
  a:{SLEEPER}
    volumes: [{{type: bind, source: ./none, target: /x, bind: {{create_host_path: false}}}}]
"""
    said = refusal(bench, text)
    assert said == (
        f"the bind mount's source '{bench.folder}/none' does not exist, "
        "and 'create_host_path' does not create it"
    )


def test_a_command_that_is_not_there_says_which(bench):
    said = refusal(bench, "services:\n  a:\n    image: ${IMAGE}\n    command: [nosuch]\n")
    assert said == "its command 'nosuch' cannot be run: executable file not found in $PATH"


def test_a_namespace_of_a_container_that_is_not_up_names_its_service(bench):
    text = f"""services:
  a:
    image: ${{IMAGE}}
    command: ["true"]
  b:{SLEEPER}
    network_mode: service:a
"""
    project = bench.load(text.replace('["true"]', "[sh, -c, exit]"))
    bench.prepared(project)
    for name in ("a", "b"):
        bench.engine.create([project.services[name]])
        hear(bench.engine, name, {"created"})
    bench.engine.start(project.services["b"])
    event = hear(bench.engine, "b", {"refused"})[-1]
    assert event.text == f"it shares what container '{bench.name}-a-1' has, which does not run"


def test_what_depends_on_a_refused_container_is_refused_too(bench):
    text = f"""services:
  a:{SLEEPER}
    volumes: [{{type: bind, source: ./none, target: /x, bind: {{create_host_path: false}}}}]
  b:{SLEEPER}
    network_mode: service:a
"""
    project = bench.load(text)
    bench.prepared(project)
    bench.engine.create([project.services["a"]])
    bench.engine.create([project.services["b"]])
    event = hear(bench.engine, "b", {"refused"})[-1]
    assert event.text == "service 'a', which it needs, could not be created"


def test_an_image_that_may_not_be_pulled_and_is_absent(bench, left):
    project = bench.load("services:\n  a:\n    image: composecheck.invalid/none:1\n    pull_policy: never\n")
    with pytest.raises(
        EngineError, match=r"'composecheck\.invalid/none:1' of service 'a' is not on this engine"
    ):
        bench.begun(project).prepare(project, ["a"], bench.tell)
    assert left() == []


def test_an_image_that_cannot_be_pulled_names_it_and_its_place(bench, left):
    project = bench.load("services:\n  a:\n    image: 127.0.0.1:1/none:1\n")
    with pytest.raises(
        EngineError, match=r":3:12: image .127\.0\.0\.1:1/none:1. of service .a. cannot be pulled: "
    ):
        bench.begun(project).prepare(project, ["a"], bench.tell)
    assert left() == []


def test_external_networks_are_joined_and_never_removed(bench, docker_engine):
    network = docker_engine.networks.create(f"{bench.name}-n")
    try:
        text = f"""services:
  a:{SLEEPER}
    networks: [n]
networks: {{n: {{external: true, name: {network.name}}}}}
"""
        session, _ = bench.up(bench.load(text))
        network.reload()
        assert [each.name for each in network.containers] == [f"{bench.name}-a-1"]
        session.undo(bench.tell, everything=True)
        network.reload()
    finally:
        network.remove()


def test_a_foreign_network_of_the_same_name_is_refused(bench, docker_engine):
    network = docker_engine.networks.create(f"{bench.name}_default")
    try:
        with pytest.raises(UnsupportedError, match="is not this project's network 'default'"):
            bench.session().preflight(bench.load(f"services:\n  a:{SLEEPER}"), ["a"])
    finally:
        network.remove()


def test_everything_that_is_not_supported_is_refused_at_once_with_its_line(bench, left):
    text = f"""services:
  a:{SLEEPER}
    post_start: [{{command: [date]}}]
    volumes:
      - {{type: image, source: x, target: /x}}
  b:
    provider: {{type: x}}
"""
    with pytest.raises(UnsupportedError) as raised:
        bench.session().preflight(bench.load(text), ["a", "b"])
    lines = [line.partition("compose.yml:")[2] for line in str(raised.value).splitlines()]
    assert [line.partition(": ")[2] for line in lines] == [
        "service 'a': 'post_start' is not supported yet",
        "service 'a': a volume of type 'image' is not supported yet",
        "service 'b': 'provider' is run by a program of its own, which composecheck does not do",
    ]
    assert [int(line.partition(":")[0]) for line in lines] == [7, 9, 11]
    assert left() == []
