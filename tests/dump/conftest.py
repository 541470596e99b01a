"""Docker Compose's `config` to hold ours to."""

from __future__ import annotations

import json
import subprocess
from typing import NamedTuple

import pytest

from composecheck.loading import Options, load_project

from ..loading.documents import ENVIRONMENT

MACHINE = {"PATH": "/usr/bin:/bin", "HOME": "/root", **ENVIRONMENT}


class Compose(NamedTuple):
    """The binary, run from a folder on some of its files."""

    binary: str
    folder: object
    files: tuple[str, ...] = ()
    environment: dict[str, str] = MACHINE
    before: tuple[str, ...] = ()

    def config(self, *arguments):
        """Return what `config` prints; it has to accept the files."""
        process = self.run(*arguments)
        assert process.returncode == 0, process.stderr
        return process.stdout

    def run(self, *arguments):
        options = [part for file in self.files for part in ("-f", file)]
        return subprocess.run(
            [self.binary, *options, *self.before, "config", *arguments],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def json(self, *arguments):
        return json.loads(self.config("--format", "json", *arguments))

    def hashes(self, *arguments):
        return dict(line.split() for line in self.config("--hash", "*", *arguments).splitlines())


class Case(NamedTuple):
    """Files that Compose and we read alike."""

    compose: Compose
    folder: object

    def project(self, **options):
        """Return our project, which has no error."""
        profiles = ("*",) if "*" in self.compose.before else ()
        options = {"files": self.compose.files, "folder": self.folder, "profiles": profiles} | options
        loaded = load_project(Options(environment=self.compose.environment, compose="2.40", **options))
        assert [str(d) for d in loaded.diagnostics if d.severity == "error"] == []
        return loaded.project


@pytest.fixture
def case(docker_compose, tmp_path):
    """A function that makes a case of documents; all their profiles are on."""

    def case(*texts, files=None):
        folder = tmp_path / "project"
        folder.mkdir(exist_ok=True)
        for name, content in (files or {}).items():
            (folder / name).write_text(content)
        names = [f"{number}.yml" for number in range(len(texts))]
        for name, text in zip(names, texts, strict=True):
            (folder / name).write_text(text)
        compose = Compose(docker_compose, folder, tuple(names), before=("--profile", "*"))
        return Case(compose, folder)

    return case
