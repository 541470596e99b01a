"""The Docker Engine with a hand on each of its requests."""

from __future__ import annotations

import pytest

from .bench import Bench


@pytest.fixture
def bench(tmp_path, docker_engine, project_name, python_image, monkeypatch) -> Bench:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    folder = tmp_path / "project"
    folder.mkdir()
    bench = Bench(folder, project_name, python_image)
    yield bench
    bench.end()


@pytest.fixture
def left(docker_engine, project_name):
    """Return a function that lists what the engine still has of this test's project."""

    def listing() -> list[str]:
        mine = {"label": f"com.docker.compose.project={project_name}"}
        return [
            *(c["Names"][0] for c in docker_engine.api.containers(all=True, filters=mine)),
            *(n["Name"] for n in docker_engine.api.networks(filters=mine)),
            *(v["Name"] for v in docker_engine.api.volumes(filters=mine)["Volumes"] or []),
        ]

    return listing
