"""Docker Compose's `config` to hold ours to."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

import pytest

from composecheck.dump import service_hash
from composecheck.loading import Options, load_project

from .. import reference as recorded
from ..loading.documents import ENVIRONMENT

if TYPE_CHECKING:
    from pathlib import Path

MACHINE = recorded.MACHINE | ENVIRONMENT


class Case(NamedTuple):
    """Files that Docker Compose and we read alike, with all their profiles."""

    reference: recorded.Compose
    folder: Path
    files: tuple[str, ...]

    def config(self, *arguments):
        """Return what `config` prints; it has to accept the files."""
        answer = self.run(*arguments)
        assert answer.returncode == 0, answer.stderr
        return answer.stdout

    def run(self, *arguments):
        """Return the answer of `config`."""
        arguments = ("--profile", "*", "config", *arguments)
        return self.reference.config(self.folder, *arguments, files=self.files, environment=MACHINE)

    def json(self, *arguments):
        """Return the model that `config` prints as JSON."""
        return json.loads(self.config("--format", "json", *arguments))

    def hashes(self, project):
        """Return the hashes of the services: its own ones, and those of our project."""
        return hashes(self.run("--hash", "*"), project, self.folder)

    def project(self, **options):
        """Return our project, which has no error."""
        options = {"files": self.files, "folder": self.folder, "profiles": ("*",)} | options
        loaded = load_project(Options(environment=MACHINE, compose=self.reference.generation, **options))
        assert [str(d) for d in loaded.diagnostics if d.severity == "error"] == []
        return loaded.project


def hashes(answer, project, folder):
    """Return the hashes that `config --hash` answered, and ours, as if our folder were where it was asked."""
    assert answer.returncode == 0, answer.stderr
    with recorded.hashed_elsewhere(folder.parent, answer.parent):
        ours = {name: service_hash(project, service) for name, service in project.services.items()}
    return dict(line.split() for line in answer.stdout.splitlines()), ours


@pytest.fixture
def case(reference, tmp_path):
    """A function that makes a case of documents."""

    def case(*texts, files=None):
        folder = tmp_path / "project"
        folder.mkdir(exist_ok=True)
        for name, content in (files or {}).items():
            (folder / name).write_text(content)
        names = [f"{number}.yml" for number in range(len(texts))]
        for name, text in zip(names, texts, strict=True):
            (folder / name).write_text(text)
        return Case(reference, folder, tuple(names))

    return case
