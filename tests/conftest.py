"""What tests share: an engine, images, a project name of their own, the reference, the corpus."""

from __future__ import annotations

import os
import signal
import time
import uuid
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from .reference import Compose, binary, missing
from .reference.plugin import NAME, Plugin, add_options, module_of, session

if TYPE_CHECKING:
    from collections.abc import Iterator

    import docker

NO_SKIP = os.environ.get("COMPOSECHECK_NO_SKIP") == "1"
_REPEATS = frozenset(("slow_after", "slow_but_every", "sweep_but_every"))


def pytest_addoption(parser):
    """Add the options about recorded answers of Docker Compose."""
    add_options(parser)


def pytest_configure(config):
    """Gather what this run asks Docker Compose for; commands can be interrupted though the run cannot."""
    config.pluginmanager.register(Plugin(config), NAME)
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as in the background of a shell
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """Mark as slow, or as part of a sweep, what a test repeats with most of its parameters."""
    numbers = Counter()
    for item in items:
        marks = {mark.name: mark.args[0] for mark in item.iter_markers() if mark.name in _REPEATS}
        if marks:
            test = (item.path, item.originalname)
            number, every = numbers[test], marks.get("slow_but_every")
            numbers[test] += 1
            if number >= marks.get("slow_after", number + 1) or (every and number % every):
                skipped = marks.get("sweep_but_every")
                item.add_marker(pytest.mark.sweep if skipped and number % skipped else pytest.mark.slow)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Make a skip a failure where the machine promises that everything is there."""
    report = yield
    return _unskipped(report) if NO_SKIP else report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector):
    """Do so for a module that is skipped as a whole."""
    report = yield
    return _unskipped(report) if NO_SKIP else report


def _unskipped(report):
    if report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"{reason}\n(COMPOSECHECK_NO_SKIP is set: nothing may be skipped here)"
    return report


@pytest.fixture(scope="session")
def docker_engine() -> Iterator[docker.DockerClient]:
    """A client of the engine, or a skip."""
    import docker

    try:
        client = docker.from_env()
        client.ping()
    except docker.errors.DockerException as error:
        pytest.skip(f"needs a Docker Engine: {error}")
    yield client
    client.close()


@pytest.fixture(scope="session")
def python_image(docker_engine) -> str:
    """The tag of the image made from the running interpreter: `python` and `sh`, no entrypoint."""
    from composecheck.demo.image import ensure_image

    return ensure_image() or pytest.skip(
        "needs an engine of this machine's own kind, for the image made here"
    )


@pytest.fixture(scope="session")
def postgres_image(docker_engine) -> str:
    """A PostgreSQL image that the engine has or can pull, or a skip."""
    return _image(docker_engine, "POSTGRES_IMAGE", "postgres:16-alpine")


@pytest.fixture(scope="session")
def redis_image(docker_engine) -> str:
    """A Redis image that the engine has or can pull, or a skip."""
    return _image(docker_engine, "REDIS_IMAGE", "redis:7-alpine")


@pytest.fixture(scope="session")
def nginx_image(docker_engine) -> str:
    """An nginx image that the engine has or can pull, or a skip."""
    return _image(docker_engine, "NGINX_IMAGE", "nginx:1-alpine")


def _image(client: docker.DockerClient, variable: str, default: str) -> str:
    import docker

    tag = os.environ.get(variable) or default
    try:
        client.images.get(tag)
    except docker.errors.ImageNotFound:
        try:
            client.images.pull(tag)
        except docker.errors.APIError as error:
            pytest.skip(
                f"needs the image {tag}, which cannot be pulled ({error.explanation}); "
                f"{variable} may name another"
            )
    return tag


@pytest.fixture
def project_name(request) -> Iterator[str]:
    """A project name of this test alone; whatever carries it is removed afterwards."""
    name = f"cctest-{uuid.uuid4().hex[:10]}"
    yield name
    if "docker_engine" in request.fixturenames:
        remove_project(request.getfixturevalue("docker_engine"), name)


def remove_project(client: docker.DockerClient, name: str) -> None:
    """Remove whatever carries a project's label."""
    import docker

    ours = {"label": f"com.docker.compose.project={name}"}
    for container in client.containers.list(all=True, filters=ours, ignore_removed=True):
        for _ in range(50):
            try:
                container.remove(force=True, v=True)
            except docker.errors.NotFound:
                break
            except docker.errors.APIError as error:
                if "in progress" not in str(error.explanation):
                    raise
                time.sleep(0.1)  # of a program that died in the middle of it
    for network in client.networks.list(filters=ours):
        network.remove()
    for volume in client.volumes.list(filters=ours):
        volume.remove(force=True)
    for (
        image
    ) in client.api.images():  # images.list() looks at each, and another test may remove one meanwhile
        for tag in image["RepoTags"] or ():
            if tag.startswith(f"{name}-"):
                client.images.remove(tag, force=True)


@pytest.fixture(scope="module", params=["2.40", "5"])
def reference(request) -> Compose:
    """Docker Compose, as far as it needs no engine: recorded answers, or its binary."""
    return Compose(request.param, session(request.config), module_of(request.path))


@pytest.fixture(scope="session")
def docker_compose() -> str:
    """The path of the real Docker Compose 2.40, for what is done on an engine, or a skip."""
    return binary("2.40") or pytest.skip(missing("2.40"))


@pytest.fixture(scope="session")
def corpus() -> Path:
    """The folder of real Compose files and what Docker Compose says of each, or a skip."""
    folder = os.environ.get("COMPOSECHECK_CORPUS")
    if not folder or not (Path(folder) / "VERDICTS.tsv").is_file():
        pytest.skip("needs COMPOSECHECK_CORPUS, a folder of Compose files with VERDICTS.tsv")
    return Path(folder)
