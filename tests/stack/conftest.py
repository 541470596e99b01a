"""A project folder whose command line runs as a user runs it, on the real engine."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import docker.errors
import pytest

from ..conftest import remove_project

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class Folder:
    """A folder with a compose.yml, and the command line in it."""

    def __init__(self, path: Path, project: str, image: str) -> None:
        self.path = path
        self.project = project
        self.environment = {**os.environ, "IMAGE": image, "COMPOSE_PROJECT_NAME": project, "NO_COLOR": "1"}

    def write(self, text: str, name: str = "compose.yml") -> Folder:
        target = self.path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
        return self

    def begin(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "composecheck", *arguments],
            cwd=self.path, env=self.environment, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip

    def run(self, *arguments: str, timeout: float = 90) -> subprocess.CompletedProcess[str]:
        process = self.begin(*arguments)
        out, err = process.communicate(timeout=timeout)
        print(out, err, sep="\n", file=sys.stderr)
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)


@pytest.fixture
def folder(tmp_path: Path, project_name: str, python_image: str) -> Folder:
    """The project's folder; its runs have their records in a place of their own."""
    folder = Folder(tmp_path, project_name, python_image)
    folder.environment["XDG_STATE_HOME"] = str(tmp_path / "state")
    return folder


@pytest.fixture
def neighbour(folder, docker_engine) -> Iterator[Folder]:
    """Another project of the same user; whatever carries its name is removed afterwards."""
    path = folder.path / "neighbour"
    path.mkdir()
    neighbour = Folder(path, folder.project.replace("cctest-", "ccnext-"), folder.environment["IMAGE"])
    neighbour.environment["XDG_STATE_HOME"] = folder.environment["XDG_STATE_HOME"]
    yield neighbour
    remove_project(docker_engine, neighbour.project)


@pytest.fixture
def state(docker_engine, project_name):
    """Return a function that gives the state of a service's container, {} where there is none."""

    def seen(service: str) -> dict:
        try:
            return docker_engine.api.inspect_container(f"{project_name}-{service}-1")["State"]
        except docker.errors.NotFound:
            return {}

    return seen


@pytest.fixture
def markers(tmp_path: Path):
    """Return a function that lists the files of the runs that have not ended."""
    runs = tmp_path / "state" / "composecheck" / "runs"
    return lambda: [path.name for path in runs.iterdir()] if runs.is_dir() else []


@pytest.fixture
def left(docker_engine, project_name: str):
    """Return a function that lists what the engine still has of this test's project."""

    def listing() -> list[str]:
        mine = {"label": f"com.docker.compose.project={project_name}"}
        return [
            *(c["Names"][0] for c in docker_engine.api.containers(all=True, filters=mine)),
            *(n["Name"] for n in docker_engine.api.networks(filters=mine)),
            *(v["Name"] for v in docker_engine.api.volumes(filters=mine)["Volumes"] or []),
        ]

    return listing
