"""`composecheck config` from the outside."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import NamedTuple

import pytest

from composecheck.cli import main

from ..imports import of_argparse

ENVIRONMENT = {"PATH": "/bin", "HOME": "/root"}
PROJECT = """
services:
  web: {image: web, depends_on: [db, cache], profiles: [front, all], networks: [net], volumes: ['data:/d']}
  db: {build: ., profiles: [all, front]}
  cache: {image: cache, profiles: [all, front]}
  alone: {image: x, volumes: ['more:/m'], depends_on: {web: {condition: service_started, required: false}}}
  also: {image: x, network_mode: 'service:alone'}
networks: {net: {name: real}, unused: {}}
volumes: {data: {}, more: {name: m}, unused: {}}
"""


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "compose.yml").write_text(PROJECT)
    return folder


class Done(NamedTuple):
    """A command that has run."""

    returncode: int
    stdout: str
    stderr: str


@pytest.fixture
def config(folder, monkeypatch, capsys):
    """A function that runs `composecheck config` in the folder, with nothing in the environment."""
    for name in tuple(os.environ):
        monkeypatch.delenv(name)
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(folder)

    def config(*arguments, before=()):
        return Done(main([*before, "config", *arguments]), *capsys.readouterr())

    return config


SELECTIONS = [
    (), ("alone",), ("web",), ("also",), ("al*",), ("alone", "web"), ("--format", "json"),
    ("web", "--format", "json"), ("-q",), ("--profiles",), ("--profiles", "web"), ("--networks",),
    ("--volumes",), ("--services",), ("--hash", "*"), ("--hash", "also,alone"),
]  # fmt: skip


@pytest.mark.parametrize("arguments", SELECTIONS, ids=" ".join)
@pytest.mark.parametrize("profiles", [(), ("--profile", "front"), ("--profile", "*")], ids=" ".join)
def test_prints_what_docker_compose_prints(config, folder, reference, arguments, profiles):
    theirs = reference.run(*profiles, "config", *arguments, folder=folder, environment=ENVIRONMENT)
    ours = config("--compose", reference.generation, *arguments, before=profiles)
    assert (ours.returncode, theirs.returncode) == (0, 0), (ours.stderr, theirs.stderr)
    printed = ours.stdout.removesuffix("\n") if "json" in arguments else ours.stdout
    # The reference prints some lists in the random order of its maps.
    in_order = not {"--volumes", "--networks", "--services"} & set(arguments)
    lines, others = printed.splitlines(), theirs.stdout.splitlines()
    assert lines == others if in_order else sorted(lines) == sorted(others)


@pytest.mark.parametrize("names", [(), ("web",), ("alone",)])
def test_images_are_those_of_docker_compose(config, folder, reference, names):
    theirs = reference.run("config", "--images", *names, folder=folder, environment=ENVIRONMENT)
    assert sorted(config("--images", *names).stdout.split()) == sorted(theirs.stdout.split())


def test_services_are_listed_after_what_they_depend_on(config):
    listed = config("--services", before=("--profile", "*")).stdout.split()
    assert listed.index("db") < listed.index("web") < listed.index("alone") < listed.index("also")


def test_lists_and_models_are_the_same_bytes_every_time(folder):
    script = f"from composecheck.cli import main\nfor each in {SELECTIONS}: main(['config', *each])"

    def printed(seed):
        path = os.pathsep.join(path for path in sys.path if path)
        return subprocess.run(
            [sys.executable, "-c", script], cwd=folder, capture_output=True, check=True,
            env=ENVIRONMENT | {"PYTHONPATH": path, "PYTHONHASHSEED": seed},
        ).stdout  # fmt: skip

    assert printed("1") == printed("2")


def test_output_is_a_file(config, folder):
    done = config("-o", "out.yml")
    assert (done.returncode, done.stdout) == (0, "")
    assert (folder / "out.yml").read_text() == config().stdout


def test_an_output_that_cannot_be_written_is_a_usage_error(config):
    done = config("-o", "no/such/folder")
    assert done.returncode == 2
    assert done.stderr == "composecheck: cannot write 'no/such/folder': no such file or directory\n"


def test_quiet_says_nothing_of_a_valid_project(config, folder):
    done = config("-q")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("arguments", [(), ("-q",), ("--services",)])
def test_a_project_with_errors_is_refused_with_its_findings(config, folder, arguments):
    (folder / "compose.yml").write_text("services: {a: {image: x, portz: [1], depends_on: [b]}}\n")
    done = config(*arguments)
    assert (done.returncode, done.stdout) == (1, "")
    assert "portz" in done.stderr
    assert "'b'" in done.stderr


def test_what_only_composecheck_finds_fault_with_is_printed(config, folder):
    (folder / "compose.yml").write_text("services: {a: {image: x, depends_on: [b]}, b: {image: y}}\n")
    done = config()
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("arguments", [("nope",), ("--hash", "nope"), ("--hash", "web")])
def test_a_service_that_is_not_there_is_a_usage_error(config, arguments):
    done = config(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert f"'{arguments[-1]}'" in done.stderr


def test_dollar_signs_are_doubled_so_that_the_output_can_be_read_again(config, folder):
    (folder / "compose.yml").write_text("services: {a: {image: x, environment: {A: 'a$$b'}}}\n")
    printed = config().stdout
    assert "A: a$$b\n" in printed
    (folder / "compose.yml").write_text(printed)
    assert config().stdout == printed


def test_json_is_json(config):
    assert list(json.loads(config("--format", "json").stdout)) == ["name", "networks", "services", "volumes"]


def test_nothing_heavy_is_imported(folder):
    script = "import sys; from composecheck.cli import main; main(['config'])"
    script += "; print(*sys.modules, file=sys.stderr)"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=folder, capture_output=True, text=True, check=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
    )  # fmt: skip
    heavy = {"docker", "jsonschema", "networkx", "rich", "tenacity", "dataclasses", "inspect", "asyncio"}
    assert not heavy & set(done.stderr.split()) - of_argparse()
