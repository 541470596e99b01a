"""A folder of files, and `check --fix` in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pytest

from composecheck.cli import main

if TYPE_CHECKING:
    from pathlib import Path


class Outcome(NamedTuple):
    """What a command line came to."""

    code: int
    out: str
    err: str


class Folder:
    """Files in the current folder, by name."""

    def __init__(self, path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.path = path
        self._capsys = capsys

    def write(self, **files: str) -> None:
        for name, text in files.items():
            self[name.replace("_", ".")] = text

    def __setitem__(self, name: str, text: str | bytes) -> None:
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())

    def __getitem__(self, name: str) -> str:
        return (self.path / name).read_bytes().decode()

    def check(self, *arguments: str) -> Outcome:
        return self.run("--no-config", *arguments)

    def run(self, *arguments: str) -> Outcome:
        """Run a check with whatever configuration there is."""
        self._capsys.readouterr()
        code = main(["check", *arguments])
        return Outcome(code, *self._capsys.readouterr())

    def fixed(self, text: str, *arguments: str) -> str:
        """Return what `--fix` makes of a compose.yml, and hold that a second one changes nothing."""
        self["compose.yml"] = text
        self.check("--fix", *arguments)
        once = self["compose.yml"]
        again = self.check("--fix", *arguments)
        assert "\nfixed:" not in f"\n{again.out}"
        assert self["compose.yml"] == once
        return once


@pytest.fixture
def folder(tmp_path, monkeypatch, capsys):
    """The current folder, which is empty."""
    monkeypatch.chdir(tmp_path)
    for name in ("COMPOSE_FILE", "COMPOSE_PROFILES", "COMPOSE_PROJECT_NAME", "COMPOSE_ENV_FILES"):
        monkeypatch.delenv(name, raising=False)
    return Folder(tmp_path, capsys)
