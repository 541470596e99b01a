"""Our loader on documents given as texts."""

from __future__ import annotations

import pytest

from composecheck.loading import Options, load_project

from ..reference import MACHINE


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
