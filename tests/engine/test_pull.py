"""Missing images are pulled, from a registry on this machine."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
import uuid

import pytest

from composecheck.errors import EngineError

pytestmark = pytest.mark.engine


@pytest.fixture(scope="module")
def registry(tmp_path_factory):
    """The address of Debian's docker-registry on loopback, where engines take it without TLS."""
    program = shutil.which("docker-registry")
    if program is None:
        pytest.skip("needs Debian's package docker-registry")
    folder = tmp_path_factory.mktemp("registry")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{probe.getsockname()[1]}"
    config = folder / "config.yml"
    config.write_text(
        f"version: 0.1\nlog: {{level: error}}\nstorage: {{filesystem: {{rootdirectory: {folder}}}}}\n"
        f"http: {{addr: '{address}'}}\n"
    )
    process = subprocess.Popen([program, "serve", str(config)], stderr=subprocess.DEVNULL)
    host, _, port = address.partition(":")
    for _ in range(100):
        with socket.socket() as probe:
            if probe.connect_ex((host, int(port))) == 0:
                break
        time.sleep(0.05)
    yield address
    process.terminate()
    process.wait()


@pytest.fixture
def pushed(registry, docker_engine, python_image):
    """The name of an image that the registry has and the engine has not."""
    name = f"{registry}/{uuid.uuid4().hex[:8]}"
    docker_engine.images.get(python_image).tag(name, "1")
    *_, last = docker_engine.images.push(name, tag="1", stream=True, decode=True)
    assert "error" not in last
    docker_engine.images.remove(f"{name}:1")
    yield f"{name}:1"
    if docker_engine.images.list(name=name):
        docker_engine.images.remove(f"{name}:1", force=True)


def pull(bench, text: str) -> list[str]:
    bench.told.clear()
    project = bench.load(text)
    session = bench.begun(project)
    try:
        session.prepare(project, list(project.services), bench.tell)
    finally:
        session.settle(stands=True)
    return [text for name, text in bench.told if "/" in name]


def test_a_missing_image_is_pulled_once_for_all_who_run_it(bench, pushed):
    text = f"services:\n  a: {{image: '{pushed}'}}\n  b: {{image: '{pushed}'}}\n"
    told = pull(bench, text)
    assert told[-1] == "pulled"
    assert told.count("pulled") == 1
    assert pull(bench, text) == []


def test_pull_policy_always_pulls_again_and_never_does_not(bench, pushed):
    with pytest.raises(EngineError, match="pull_policy forbids"):
        pull(bench, f"services:\n  a: {{image: '{pushed}', pull_policy: never}}\n")
    always = f"services:\n  a: {{image: '{pushed}', pull_policy: always}}\n"
    assert pull(bench, always)[-1] == "pulled"
    assert pull(bench, always)[-1] == "pulled"


def test_a_refreshed_image_is_pulled_when_it_is_old_enough(bench, pushed):
    assert pull(bench, f"services:\n  a: {{image: '{pushed}', pull_policy: daily}}\n")[-1] == "pulled"
    assert pull(bench, f"services:\n  a: {{image: '{pushed}', pull_policy: daily}}\n") == []
    assert pull(bench, f"services:\n  a: {{image: '{pushed}', pull_policy: every_0s}}\n")[-1] == "pulled"


def test_an_image_that_the_registry_does_not_have(bench, registry, left):
    with pytest.raises(EngineError, match=r"of service 'a' cannot be pulled: .*not found"):
        pull(bench, f"services:\n  a: {{image: '{registry}/none:1'}}\n")
    assert left() == []


@pytest.mark.slow
def test_an_image_that_cannot_be_pulled_is_built_where_the_file_says_how(bench, registry, docker_engine):
    name = f"{registry}/{bench.name}:1"
    (bench.folder / "Dockerfile").write_text(f"FROM {bench.environment['IMAGE']}\n")
    try:
        told = pull(bench, f"services:\n  a: {{image: '{name}', build: .}}\n")
        assert "cannot be pulled, is built" in told
        assert told[-1] == "built"
    finally:
        docker_engine.images.remove(name, force=True)
