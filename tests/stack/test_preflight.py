"""What is in the way on a real engine is told before anything is created, by `check --live` and by `up`."""

from __future__ import annotations

import json
import os
import socket
from contextlib import contextmanager
from pathlib import Path

import pytest
from docker.types import IPAMConfig, IPAMPool
from docker.utils import version_lt

from composecheck import PreflightError, Stack

pytestmark = pytest.mark.engine

SLEEP = "init: true\n    command: [python, -c, 'import time; time.sleep(600)']"
WEB = f"services:\n  web:\n    image: ${{IMAGE}}\n    {SLEEP}\n"


@pytest.fixture
def told(folder, left):
    """Return a function that gives what both commands tell: rules, severities, lines, messages."""

    def both(text, *arguments, code=1):
        folder.write(text)
        check = folder.run(*arguments, "check", "--live", "--format", "json")
        assert check.returncode == code, check.stdout
        found = [
            (d["rule"], d["severity"], d["line"], d["message"])
            for d in json.loads(check.stdout)["diagnostics"]
        ]
        errors = [message for _, severity, _, message in found if severity == "error"]
        if errors:
            before = left()
            up = folder.run(*arguments, "up")
            assert up.returncode == 3
            assert all(message in up.stderr for message in errors)
            assert "nothing was started" in up.stderr
            assert left() == before
        return found

    return both


@pytest.fixture
def free_port():
    with socket.socket() as probe:
        probe.bind(("", 0))
        return probe.getsockname()[1]


@pytest.fixture
def holder(docker_engine, project_name, python_image):
    """Return a function that makes a container, by which others are held up."""
    made = []

    def make(*, running=True, **options):
        act = docker_engine.containers.run if running else docker_engine.containers.create
        command = ["python", "-c", "import time; time.sleep(600)"]
        more = {"detach": True} if running else {}
        made.append(act(python_image, command, name=f"{project_name}-holder", init=True, **more, **options))
        return made[-1]

    yield make
    for container in made:
        container.remove(force=True)


@contextmanager
def network(client, name, subnet=None):
    ipam = IPAMConfig(pool_configs=[IPAMPool(subnet=subnet)]) if subnet else None
    made = client.networks.create(name, ipam=ipam)
    try:
        yield made
    finally:
        made.remove()


def listening(kind=socket.SOCK_STREAM, family=socket.AF_INET, address="127.0.0.1"):
    """Return a socket of this process that has a port."""
    taken = socket.socket(family, kind)
    taken.bind((address, 0))
    if kind == socket.SOCK_STREAM:
        taken.listen()
    return taken


def this_process():
    return f"process '{Path('/proc/self/comm').read_text().strip()}' (pid {os.getpid()})"


@pytest.mark.slow
@pytest.mark.parametrize("address", ["", "127.0.0.1"])
def test_port_of_a_container(told, holder, free_port, project_name, address):
    holder(ports={"80/tcp": (address or "0.0.0.0", free_port)}, labels={  # noqa: S104 - where it publishes
        "com.docker.compose.project": "shop", "com.docker.compose.service": "api"
    })  # fmt: skip
    ((rule, severity, line, message),) = told(WEB + f'    ports: ["{free_port}:80"]\n')
    assert (rule, severity, line) == ("port-in-use", "error", 6)
    assert message == (
        f"service 'web': host port {free_port} is in use by container '{project_name}-holder' "
        "(service 'api' of project 'shop')"
    )


def test_port_of_this_process(told):
    with listening() as taken:
        port = taken.getsockname()[1]
        ((rule, _, _, message),) = told(WEB + f'    ports: ["{port}:80"]\n')
    assert rule == "port-in-use"
    assert message == f"service 'web': host port {port} is in use by {this_process()}"


@pytest.mark.slow
def test_port_of_this_process_by_udp_and_by_both_families(told):
    with listening(socket.SOCK_DGRAM) as datagrams, listening(family=socket.AF_INET6, address="::") as both:
        ports = [datagrams.getsockname()[1], both.getsockname()[1]]
        text = WEB + f'    ports: ["{ports[0]}:80/udp", "127.0.0.1:{ports[1]}:80"]\n'
        found = told(text)
    assert [line for _, _, line, _ in found] == [6, 6]
    assert all(this_process() in message for _, _, _, message in found)


def test_port_on_another_address_and_by_another_protocol_is_free(told):
    with listening() as taken:
        port = taken.getsockname()[1]
        text = WEB + f'    ports: ["127.0.0.2:{port}:80", "127.0.0.1:{port}:80/udp"]\n'
        assert told(text, code=0) == []


def test_socket_that_takes_ipv6_alone_leaves_ipv4_free(told):
    with socket.socket(socket.AF_INET6) as six:
        six.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        six.bind(("::", 0))
        six.listen()
        assert told(WEB + f'    ports: ["127.0.0.1:{six.getsockname()[1]}:80"]\n', code=0) == []


@pytest.mark.slow
def test_process_of_a_container_on_the_hosts_network_is_said_to_be_one(told, holder, project_name):
    program = "import socket,time; s=socket.create_server(('127.0.0.1', 18999)); time.sleep(600)"
    container = holder(running=False, network_mode="host", entrypoint=["python", "-c", program])
    container.start()
    for _ in range(100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", 18999)) == 0:
                break
    ((_, _, _, message),) = told(WEB + '    ports: ["18999:80"]\n')
    assert message.endswith(f"is in use by a process of container '{project_name}-holder'")


@pytest.mark.slow
def test_subnet_of_another_network(told, docker_engine, project_name):
    text = WEB + "    networks: [n]\nnetworks:\n  n: {ipam: {config: [{subnet: 10.213.7.0/24}]}}\n"
    with network(docker_engine, f"{project_name}-wide", "10.213.0.0/16"):
        ((rule, severity, line, message),) = told(text)
    assert (rule, severity, line) == ("subnet-in-use", "error", 8)
    assert message.endswith(f"overlaps with 10.213.0.0/16 of network '{project_name}-wide'")


def test_external_things_names_and_images_in_one_report(told, holder, project_name):
    holder(running=False)
    text = f"""
services:
  web:
    image: composecheck.invalid/none:1
    pull_policy: never
    container_name: {project_name}-holder
    networks: [n]
    volumes: [data:/data]
networks:
  n:
    external: true
    name: {project_name}-n
volumes:
  data: {{external: true}}
"""
    assert [(rule, severity, line) for rule, severity, line, _ in told(text)] == [
        ("image-not-available", "error", 4),
        ("container-name-in-use", "error", 6),
        ("missing-external-network", "error", 12),
        ("missing-external-volume", "error", 14),
    ]


@pytest.mark.slow
def test_own_running_stack_is_clean_and_up_leaves_it(folder, told, free_port):
    text = f"""
services:
  web:
    image: ${{IMAGE}}
    {SLEEP}
    container_name: {folder.project}-front
    ports: ["{free_port}:80", "127.0.0.1:{free_port}:80/udp"]
    networks: [n]
    volumes: [data:/data]
networks: {{n: {{ipam: {{config: [{{subnet: 10.214.7.0/24}}]}}}}}}
volumes: {{data: }}
"""
    folder.write(text)
    assert folder.run("up").returncode == 0
    assert told(text, code=0) == []
    again = folder.run("up")
    assert again.returncode == 0
    assert "unchanged" in again.stdout


@pytest.mark.slow
def test_key_that_the_engine_may_not_know_yet(folder, told, docker_engine):
    check = "{test: [CMD, python], start_period: 1s, start_interval: 1s, interval: 1s}"
    text = WEB + f"    healthcheck: {check}\n"
    if version_lt(docker_engine.api.api_version, "1.44"):
        ((rule, severity, line, _),) = told(text, "--compose", "2.40")
        assert (rule, severity, line) == ("engine-too-old", "error", 6)
        ((rule, severity, line, message),) = told(text)
        assert (rule, severity, line) == ("engine-too-old", "warning", 6)
        up = folder.run("up")
        assert up.returncode == 0
        assert message in up.stderr
    else:
        assert told(text, "--compose", "2.40", code=0) == []


@pytest.mark.slow
def test_ipv6_without_a_subnet_needs_an_engine_that_has_some(told, docker_engine):
    text = WEB + "    networks: [n]\nnetworks:\n  n: {enable_ipv6: true}\n"
    if version_lt(docker_engine.api.api_version, "1.46"):
        ((rule, severity, line, _),) = told(text)
        assert (rule, severity, line) == ("engine-too-old", "error", 8)
    else:
        assert told(text, code=0) == []


def test_comment_lets_a_start_try_all_the_same(folder, left):
    with listening() as taken:
        port = taken.getsockname()[1]
        mark = "# composecheck: ignore[port-in-use] it is stopped by then"
        folder.write(WEB + f'    ports: ["{port}:80"]  {mark}\n')
        assert folder.run("check", "--live").returncode == 0
        up = folder.run("up")
    assert up.returncode == 1  # the engine says it, then
    assert f"host port {port} is taken by another process" in up.stderr
    assert left() == []


def test_python_gets_an_error_with_every_finding(folder, left, monkeypatch):
    for key in ("IMAGE", "COMPOSE_PROJECT_NAME"):
        monkeypatch.setenv(key, folder.environment[key])
    with listening() as taken:
        port = taken.getsockname()[1]
        folder.write(
            WEB
            + f'    ports: ["{port}:80"]\n    volumes: [data:/data]\nvolumes: {{data: {{external: true}}}}\n'
        )
        with Stack(folder.path / "compose.yml") as stack, pytest.raises(PreflightError) as raised:
            stack.up()
    assert [d.rule for d in raised.value.diagnostics] == ["port-in-use", "missing-external-volume"]
    assert left() == []


def test_only_what_is_started_is_looked_at(folder, docker_engine, project_name):
    with listening() as taken:
        other = f'  other:\n    image: ${{IMAGE}}\n    {SLEEP}\n    ports: ["{taken.getsockname()[1]}:80"]\n'
        folder.write(WEB + other)
        assert folder.run("up", "web").returncode == 0


def test_several_projects_are_asked_about_in_one_go(folder, tmp_path):
    with listening() as taken:
        port = taken.getsockname()[1]
        for name in ("a", "b"):
            folder.write(WEB + f'    ports: ["{port}:80"]\n', f"{name}/compose.yml")
        del folder.environment["COMPOSE_PROJECT_NAME"]
        run = folder.run("check", "--live", "--format", "json", str(tmp_path))
    assert run.returncode == 1
    assert [Path(d["file"]).parts[-2] for d in json.loads(run.stdout)["diagnostics"]] == ["a", "b"]
