"""Nothing stands in the README that does not run."""

from __future__ import annotations

import html
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from composecheck.cli import COMMANDS
from composecheck.settings.read import read_settings
from composecheck.text.disk import Disk

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
BLOCKS = [(match[1], match[2]) for match in BLOCK.finditer(README)]


def sessions(text):
    """Return the commands of a console block, each with what it is said to print."""
    parts = re.split(r"^\$ (.*)\n", text, flags=re.MULTILINE)
    assert not parts[0], "a console block begins with a command"
    return list(zip(parts[1::2], parts[2::2], strict=True))


def test_console_blocks_print_what_they_say(tmp_path):
    ran = 0
    for language, text in BLOCKS:
        if language == "yaml":
            (tmp_path / "compose.yml").write_text(text)
        if language == "console":
            for command, printed in sessions(text):
                program, *arguments = shlex.split(command)
                assert program == "composecheck"
                done = subprocess.run(
                    [sys.executable, "-m", "composecheck", *arguments],
                    check=False,
                    capture_output=True,
                    text=True,
                    cwd=ROOT if "examples/" in command else tmp_path,
                    env={**os.environ, "COMPOSE_PROJECT_NAME": "shop"},
                )
                assert done.stdout + done.stderr == printed, command
                ran += 1
    assert ran >= 3


PROGRAMS = [text for language, text in BLOCKS if language == "python"]
SIMULATED = [text for text in PROGRAMS if "Simulated" in text]


def addresses(programs, **environment):
    """Run programs, and return what each says, an address."""
    for program in programs:
        done = subprocess.run(
            [sys.executable, "-c", program],
            check=False,
            capture_output=True,
            text=True,
            cwd=ROOT,
            env={**os.environ, **environment},
        )
        assert done.returncode == 0, done.stderr
        assert re.fullmatch(r"[\w.]+:\d+\n", done.stdout)
        yield done.stdout


@pytest.mark.slow
@pytest.mark.engine
@pytest.mark.timeout(240)
def test_python_blocks_run(project_name, python_image, postgres_image, redis_image, docker_engine):
    images = {"PYTHON_IMAGE": python_image, "POSTGRES_IMAGE": postgres_image, "REDIS_IMAGE": redis_image}
    programs = [text for text in PROGRAMS if text not in SIMULATED]
    assert list(addresses(programs, **images, COMPOSE_PROJECT_NAME=project_name))
    ours = {"label": f"com.docker.compose.project={project_name}"}
    assert docker_engine.containers.list(all=True, filters=ours) == []


def test_python_blocks_that_simulate_need_no_engine(tmp_path):
    assert list(addresses(SIMULATED, DOCKER_HOST=f"unix://{tmp_path}/none.sock"))


def test_its_configuration_is_one(tmp_path):
    [text] = re.findall(r"^```yaml \.composecheck\.yaml\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
    (tmp_path / ".composecheck.yaml").write_text(text)
    settings, wrong = read_settings([tmp_path / ".composecheck.yaml"], Disk())
    assert wrong == ()
    assert all((settings.ignore, settings.severity, settings.exceptions, settings.fail_on, settings.compose))


def test_commands_are_listed_with_what_help_says():
    rows = re.findall(r"^\| `composecheck (\w+)` \| (.*) \|$", README, re.MULTILINE)
    assert dict(rows) == COMMANDS


def test_the_two_commands_install_and_then_run_the_demo_and_the_tests():
    lines = [line for language, text in BLOCKS if language == "sh" for line in text.splitlines()]
    install = "python3 -m venv .venv && .venv/bin/pip install -q '.[test]' && .venv/bin/"
    assert lines == [f"{install}composecheck demo", f"{install}python -m pytest"]
    assert '/python" -m pytest' in (ROOT / ".ci/run").read_text("utf-8")


def test_its_links_lead_somewhere():
    links = re.findall(r"\]\(([^)#:]+)\)", README)
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_its_graphs_are_what_graph_draws():
    [block] = [text for language, text in BLOCKS if language == "mermaid"]
    assert block == graph("migration", "mermaid")
    assert (ROOT / "docs/graph.svg").read_text("utf-8") == graph("api-db-cache-racy", "svg")


def graph(example, form):
    # The images that the tests run with are not those that the examples name.
    environment = {name: value for name, value in os.environ.items() if not name.endswith("_IMAGE")}
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "composecheck",
            "-f",
            f"examples/{example}/compose.yml",
            "graph",
            "--format",
            form,
        ],
        check=True,
        capture_output=True,
        cwd=ROOT,
        env={**environment, "COMPOSE_PROJECT_NAME": "shop", "PYTHONUTF8": "1"},
    )
    return done.stdout.decode()


def test_its_picture_shows_what_check_prints():
    drawn = re.sub(r"<[^>]*>|\s", "", (ROOT / "docs/check.svg").read_text("utf-8").partition("</style>")[2])
    drawn = re.sub(r"\s", "", html.unescape(drawn))
    printed = next(sessions(text) for language, text in BLOCKS if language == "console")
    [(command, output)] = printed
    for line in [f"$ {command}", *output.splitlines()]:
        assert re.sub(r"\s", "", line) in drawn
