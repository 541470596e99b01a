"""`composecheck demo`, for the first minute."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest


def demo(folder, *options, **environment):
    return subprocess.run(
        [sys.executable, "-m", "composecheck", "demo", *options],
        check=False,
        cwd=folder,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=100,
    )


def commands(output):
    return re.findall(r"^\$ composecheck -f (\w+)\.yml (\w+)", output, re.MULTILINE)


STORY = [
    ("racy", "check"),
    ("racy", "up"),
    ("mended", "check"),
    ("mended", "plan"),
    ("mended", "up"),
    ("mended", "down"),
]


@pytest.mark.engine
def test_demo_shows_the_race_and_its_mending_and_leaves_nothing(
    docker_engine, python_image, project_name, tmp_path
):
    done = demo(tmp_path, "-p", project_name)
    assert (done.returncode, commands(done.stdout)) == (0, STORY), done.stdout
    assert "unguarded-dependency" in done.stdout
    assert "cannot reach" in done.stdout, "the race is real: the api's own last words"
    assert "No Docker Engine" not in done.stdout
    ours = {"label": f"com.docker.compose.project={project_name}"}
    assert docker_engine.containers.list(all=True, filters=ours) == []
    assert docker_engine.networks.list(filters=ours) == []


def test_demo_without_an_engine_says_so_in_a_line_and_simulates(tmp_path):
    done = demo(tmp_path, DOCKER_HOST=f"unix://{tmp_path}/none.sock")
    assert (done.returncode, commands(done.stdout)) == (0, STORY), done.stdout
    first = done.stdout.lstrip().splitlines()[0]
    assert first.startswith("No Docker Engine, so the stack starts on the simulated one (")
    racy, mended = re.split(r"^5\. ", done.stdout, flags=re.MULTILINE)
    assert re.search(r"^ +[\d.]+s  api +failed", racy, re.MULTILINE)
    assert re.search(r"^ +[\d.]+s  api +ready", mended, re.MULTILINE)


def test_demo_ignores_the_users_own_project(tmp_path):
    (tmp_path / "compose.yml").write_text("services: []\n")
    done = demo(
        tmp_path,
        DOCKER_HOST=f"unix://{tmp_path}/none.sock",
        COMPOSE_FILE="nonsense.yml",
        COMPOSE_PROFILES="x",
    )
    assert done.returncode == 0, done.stdout
