"""Docker Compose itself as a reference, and our loader on documents given as texts."""

from __future__ import annotations

import json
import subprocess
from typing import NamedTuple

import pytest

from composecheck.dump import dump
from composecheck.loading import Options, load_project

from ..faults import put_right

MACHINE = {"PATH": "/usr/bin:/bin", "HOME": "/root"}


class Reference(NamedTuple):
    """The binary, and what it says."""

    binary: str

    def config(self, folder, *arguments, files=(), environment=None):
        """Run `docker-compose config` from a folder; returns its process."""
        options = [part for file in files for part in ("-f", file)]
        return subprocess.run(
            [self.binary, *options, *arguments, "config", "--format", "json"],
            cwd=folder,
            env=MACHINE | (environment or {}),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def model(self, process):
        """Return the model that `config` printed."""
        return put_right(json.loads(process.stdout))

    def differences(self, project, theirs):
        """Return where our model of a project differs from its own, a line each."""
        return list(differences(json.loads(dump(project, yaml=False)), theirs))


def differences(ours, theirs, path=""):
    """Yield where two models differ, a line each."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for key in sorted({*ours, *theirs}):
            if key not in ours or key not in theirs:
                whose = "theirs" if key in theirs else "ours"
                yield f"{path}.{key}: only {whose} has it: {(ours | theirs)[key]!r}"
            else:
                yield from differences(ours[key], theirs[key], f"{path}.{key}")
    elif isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        for index, (one, other) in enumerate(zip(ours, theirs, strict=True)):
            yield from differences(one, other, f"{path}[{index}]")
    elif ours != theirs:
        yield f"{path}: ours {ours!r}, theirs {theirs!r}"


@pytest.fixture
def reference(docker_compose):
    """Docker Compose's answers, or a skip."""
    return Reference(str(docker_compose))


@pytest.fixture
def load(tmp_path):
    """Load documents given as texts, with an environment of their own; returns what was loaded."""

    def load(*texts, environment=None, files=None, **options):
        folder = tmp_path / "project"
        folder.mkdir(exist_ok=True)
        for name, content in (files or {}).items():
            (folder / name).write_text(content)
        names = []
        for number, text in enumerate(texts):
            name = "compose.yml" if number == 0 else f"compose.{number}.yml"
            data = text if isinstance(text, bytes) else text.encode()
            (folder / name).write_bytes(data)
            names.append(name)
        return load_project(
            Options(
                files=tuple(names),
                folder=folder,
                environment=MACHINE | (environment or {}),
                **{"compose": "2.40", **options},  # which is the reference
            )
        )

    return load


@pytest.fixture
def service(load):
    """Load the body of one service; returns its model, which must be without an error."""

    def service(body, **options):
        text = "services:\n  s:\n    image: x\n" + "".join(
            f"    {line}\n" for line in body.strip("\n").split("\n")
        )
        loaded = load(text, **options)
        assert [d for d in loaded.diagnostics if d.severity == "error"] == []
        return loaded.project.services["s"]

    return service


@pytest.fixture
def findings(load):
    """Load documents; returns what was found, as (line, column, rule)."""

    def findings(*texts, **options):
        return [(d.span.line, d.span.column, d.rule) for d in load(*texts, **options).diagnostics]

    return findings
