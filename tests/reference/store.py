"""The recorded answers: a line of JSON each, in a file for each release and test module."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import NamedTuple

FOLDER = Path(__file__).parent / "answers"
TESTS = Path(__file__).parent.parent


class Recorded(NamedTuple):
    """What is kept of an answer: exit code, standard output (or a hash of it), standard error."""

    code: int
    out: str
    err: str


def file_of(release: str, module: str) -> Path:
    """Return the file with a release's answers to a test module, a path below the tests."""
    return FOLDER / release / Path(module).with_suffix(".jsonl")


def modules() -> dict[str, list[str]]:
    """Return the releases that have recorded answers, by test module."""
    found: dict[str, list[str]] = {}
    for path in sorted(FOLDER.glob("*/**/*.jsonl")):
        release, *module = path.relative_to(FOLDER).with_suffix(".py").parts
        found.setdefault("/".join(module), []).append(release)
    return found


def lines(release: str, module: str) -> dict[str, str]:
    """Return the lines of a file by the keys of their answers."""
    path = file_of(release, module)
    return _by_key(path.read_text("utf-8")) if path.exists() else {}


def write(release: str, module: str, by_key: dict[str, str]) -> None:
    """Write the lines of a file, in the order of their keys; none is no file."""
    path = file_of(release, module)
    if by_key:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(f"{by_key[key]}\n" for key in sorted(by_key)), "utf-8")
    else:
        path.unlink(missing_ok=True)


def forget_modules_that_are_gone() -> None:
    """Remove the files of test modules that no longer exist."""
    for module, releases in modules().items():
        if not (TESTS / module).exists():
            for release in releases:
                write(release, module, {})


def line(key: str, answer: Recorded) -> str:
    """Return an answer as a line."""
    return json.dumps([key, *answer], ensure_ascii=False)


def read(line: str) -> Recorded:
    """Return the answer of a line."""
    return Recorded(*json.loads(line)[1:])


def lines_at(revision: str, release: str, module: str) -> dict[str, str]:
    """Return the lines of a file as they were in a commit."""
    path = file_of(release, module).relative_to(TESTS.parent).as_posix()
    command = ["git", "show", f"{revision}:{path}"]
    shown = subprocess.run(command, cwd=TESTS.parent, capture_output=True, check=False)
    return _by_key(shown.stdout.decode()) if shown.returncode == 0 else {}


def _by_key(text: str) -> dict[str, str]:
    return {line[2 : line.index('"', 2)]: line for line in text.split("\n") if line}
