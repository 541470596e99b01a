"""Runs under way, so that the next run cleans up after one that was killed.

A file for each run, locked for as long as its process lives: the system drops the lock however the
process ends, so a file that nobody locks is a run that was killed. Labels cannot say this, since
they never change once a thing exists, and a process id may be anybody's by the next boot.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

if sys.platform != "win32":
    import fcntl


class Marker:
    """The file of this run; it names the engine, since only there can its things be."""

    def __init__(self, run: str, engine: str, project: str) -> None:
        self._path = _folder("runs") / run
        self._descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        self._said = {"engine": engine, "project": project, "held": False, "pid": os.getpid()}
        fcntl.flock(self._descriptor, fcntl.LOCK_EX)
        self._write()

    def hold(self) -> None:
        """Say that what the run made is to go with its process, in whatever state it is by then."""
        self._said["held"] = True
        self._write()

    def _write(self) -> None:
        os.ftruncate(self._descriptor, 0)
        os.pwrite(self._descriptor, json.dumps(self._said).encode(), 0)

    def remove(self) -> None:
        """Say that the run has ended, well or with everything cleaned."""
        if self._descriptor >= 0:
            self._path.unlink(missing_ok=True)
            os.close(self._descriptor)
            self._descriptor = -1


class Killed(NamedTuple):
    """A run whose process is gone."""

    run: str
    path: Path
    project: str
    held: bool


def killed_runs(engine: str) -> Iterator[Killed]:
    """Yield the runs on this engine that were killed; their files stay locked while one is looked at."""
    for path in sorted(_folder("runs").iterdir()):
        try:
            descriptor = os.open(path, os.O_RDWR)
        except OSError:
            continue
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            said = json.loads(os.read(descriptor, 4096))
            if said.get("engine") == engine:
                yield Killed(path.name, path, str(said.get("project")), bool(said.get("held")))
        except (OSError, ValueError):
            continue  # under way, or not yet written
        finally:
            os.close(descriptor)


class Turn:
    """The right to start a project on an engine: one run at a time, the others wait."""

    def __init__(self, engine: str, project: str, waiting: Callable[[], object]) -> None:
        name = hashlib.sha256(f"{engine}\n{project}".encode()).hexdigest()[:16]
        self._descriptor = os.open(_folder("projects") / name, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            try:
                fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                waiting()
                fcntl.flock(self._descriptor, fcntl.LOCK_EX)
        except BaseException:  # an interrupt, say
            os.close(self._descriptor)
            raise

    def end(self) -> None:
        """Let the next one begin."""
        os.close(self._descriptor)


def _folder(kind: str) -> Path:
    """Return the folder of the files: of the user's state, or where that cannot be, of temporary files."""
    state = os.environ.get("XDG_STATE_HOME")
    home = Path(state) if state else Path.home() / ".local" / "state"
    temporary = Path(tempfile.gettempdir(), f"composecheck-{os.getuid()}")
    for folder in (home / "composecheck" / kind, temporary / kind):
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError:
            continue
        if os.access(folder, os.W_OK | os.X_OK):
            return folder
    return temporary / kind
