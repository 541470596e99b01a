"""Runs, each with a file that outlives it: what it made and when, who is at it, and how it ended.

The file is locked for as long as its process lives: the system drops the lock however the process
ends, so a file that nobody locks is of a run whose process is gone. Labels cannot say this, since
they never change once a thing exists, and a process id may be anybody's by the next boot.

A file is a line of JSON for the run, and one for each thing that happened to it. A line is written
at once and never changed, so whatever ends the process leaves the lines before it whole.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Literal, NamedTuple, cast, get_args

from composecheck import identity
from composecheck.errors import UsageError
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator
    from typing import Any

if sys.platform != "win32":
    import fcntl

# The form of the file; what another form says is not guessed.
VERSION = 1
# How often a run says that it is alive: the moment of its end is known no finer.
_BEAT = 0.25

# What a run is at:
#   starting  an `up` is under way
#   standing  it has ended well, and what it made is to stand
#   held      what it made goes with its process, however that ends
#   ending    what it made is being removed
#   passed    it has ended, and others still use what it made: the last of them removes it
State = Literal["starting", "standing", "held", "ending", "passed"]

# The descriptors of all locks of this process. A fork would inherit them, and outlive us with them.
_LOCKS: set[int] = set()


def _forget_locks() -> None:
    for descriptor in tuple(_LOCKS):
        os.close(descriptor)
    _LOCKS.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_locks)


class Retired(NamedTuple):
    """A container that stood before a run and gives way to it, stopped, and under the name `aside` if any.

    It `goes` with the run's good end, where the run does not start it again itself.
    """

    id: str
    name: str
    service: str
    aside: str
    ran: bool
    goes: bool


class Rewired(NamedTuple):
    """A network that a run has made anew: as it was, and how which containers were on it.

    That is not in the record: what is on a network that is gone gets a successor.
    """

    network: dict[str, Any]
    ends: list[tuple[str, dict[str, Any]]]


class Marker:
    """The record of one run, in its file and here.

    It names the engine, since only there can its things be; `engine_time` is the engine's clock less
    this machine's, in seconds. `made` are the names of what it asked for and has not removed again.
    """

    def __init__(
        self, run: str, engine: str, project: str, services: Collection[str], engine_time: float
    ) -> None:
        self.run = run
        self.made: list[str] = []
        self.containers = set[str]()
        self.retired: dict[str, Retired] = {}
        self.rewired: list[Rewired] = []
        self.state: State = "starting"
        self._process = os.getpid()
        self._path = folder("runs") / run
        beside = self._path.with_name(f".{run}")
        head = {
            "version": VERSION,
            "engine": engine,
            "project": project,
            "services": sorted(services),
            "pid": self._process,
            "engine_time": engine_time,
        }
        self._descriptor = -1
        self._closed = threading.Event()
        self._closing = threading.Lock()  # a number that is free again may be another file's
        try:
            self._descriptor = os.open(beside, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
            _LOCKS.add(self._descriptor)
            fcntl.flock(self._descriptor, fcntl.LOCK_EX)
            self._append(head)
            beside.rename(self._path)  # with its first line in it, or not at all
        except OSError as error:
            beside.unlink(missing_ok=True)
            self.close()
            raise _unwritable(beside, error) from None
        # It must not keep a record alive that nobody has any more.
        beating = (self._descriptor, self._closed, self._closing)
        with suppress(RuntimeError):  # at the interpreter's end no thread begins
            threading.Thread(target=_go_on_beating, args=beating, daemon=True).start()

    @property
    def labels(self) -> dict[str, str]:
        """The labels of what it makes: the run, and the process that is at it."""
        return {identity.RUN: self.run, identity.OWNER: f"{os.getpid()}@{os.uname().nodename}"}

    def makes(self, name: str) -> None:
        """Note what is about to be made."""
        self.made.append(name)
        self._say({"makes": name})

    def has_made(self, container: str) -> None:
        """Note the id of a container that has been made."""
        self.containers.add(container)
        self._say({"made": container})

    def retires(self, former: Retired) -> None:
        """Note a container that is about to give way."""
        self.retired[former.id] = former
        self._say({"retires": list(former)})

    def has_started(self, container: str, moment: float) -> None:
        """Note that a container was started, at a moment of the engine's clock."""
        self._say({"started": container, "moment": moment})

    def forget(self, gone: Callable[[str], bool]) -> None:
        """Forget what is gone again, or is not there for us to remove."""
        self.made = [name for name in self.made if not gone(name)]

    def beat(self) -> None:
        """Note that the run is alive at this moment."""
        if self._mine:
            _beat(self._descriptor)

    def enter(self, state: State) -> None:
        """Note what the run is at from now on."""
        self.state = state
        self._say({"state": state})

    def remove(self) -> None:
        """Say that nothing is left to be said: the file goes."""
        if self._mine:
            self._path.unlink(missing_ok=True)
        self.close()

    def close(self) -> None:
        """Let go of the file, which stays as it is."""
        if self._mine:
            with self._closing:
                self._closed.set()
                descriptor, self._descriptor = self._descriptor, -1
                _LOCKS.discard(descriptor)
                os.close(descriptor)

    @property
    def _mine(self) -> bool:
        """Whether the file is open, in the process that opened it: a fork has nothing to say."""
        return self._descriptor >= 0 and self._process == os.getpid()

    def _say(self, said: dict[str, Any]) -> None:
        if not self._mine:
            return
        with suppress(OSError):  # a full disk: what is not in the file can be proven by nobody, and stays
            self._append({**said, "at": time.time()})
        self.beat()

    def _append(self, said: dict[str, Any]) -> None:
        line = json.dumps(said).encode() + b"\n"
        if os.write(self._descriptor, line) != len(line):
            raise OSError(28, "No space left on device")


def _beat(descriptor: int) -> None:
    now = time.time_ns()  # the kernel's own time of a file is up to a few milliseconds late
    with suppress(OSError):
        os.utime(descriptor, ns=(now, now))


def _go_on_beating(descriptor: int, closed: threading.Event, closing: threading.Lock) -> None:
    while not closed.wait(_BEAT):
        with closing:
            if not closed.is_set():
                _beat(descriptor)


class Record(NamedTuple):
    """A run as others see it; times are seconds on its engine's clock."""

    path: Path
    run: str
    engine: str
    project: str
    services: frozenset[str]
    state: State
    live: bool  # its process is there
    end: float  # the last moment at which it is known to have been alive
    containers: frozenset[str]  # the ids of those that it made
    retired: tuple[Retired, ...]  # what gave way to it, in this order

    @property
    def is_user(self) -> bool:
        """Whether it is alive, and needs the services that it named."""
        return self.live and self.state != "ending"

    @property
    def is_to_go(self) -> bool:
        """Whether its process is gone, and what it made was to go with it."""
        return not self.live and self.state in ("held", "ending", "passed")


class Broken(NamedTuple):
    """A file that tells nothing of its run but the name."""

    path: Path
    run: str
    why: str
    newer: bool = False  # it is not broken, but of a composecheck that knows more


def records(engine: str) -> Iterator[Record | Broken]:
    """Yield what is known of the runs on an engine, this process' own among them, and the broken files."""
    runs = folder("runs")
    for path in sorted(runs.iterdir()) if runs.is_dir() else ():
        try:
            descriptor = os.open(path, os.O_RDONLY)
        except FileNotFoundError:
            continue  # its run has ended just now
        except OSError as error:
            yield Broken(path, path.name, (error.strerror or str(error)).lower())
            continue
        try:
            live = not _unlocked(descriptor)
            if path.name.startswith("."):
                if not live:
                    path.unlink(missing_ok=True)  # a run that was killed before it began
                continue
            found = _known(path, descriptor, live=live)
        finally:
            os.close(descriptor)
        if isinstance(found, Broken) and live:
            continue
        if isinstance(found, Broken) or found.engine == engine:
            yield found


def _unlocked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)  # shared: two may look at once
    except OSError:
        return False
    return True


def _known(path: Path, descriptor: int, *, live: bool) -> Record | Broken:
    try:
        return _read(path, descriptor, live=live)
    except (TypeError, ValueError, AttributeError, RecursionError):  # values of other kinds than ours
        return Broken(path, path.name, "cannot be read")


def _read(path: Path, descriptor: int, *, live: bool) -> Record | Broken:
    run = path.name
    try:
        with open(descriptor, "rb", closefd=False) as file:
            first, *rest = file.read().split(b"\n")
    except OSError as error:
        return Broken(path, run, (error.strerror or str(error)).lower())
    head = _json(first)
    if not isinstance(head, dict) or not isinstance(head.get("version"), int):
        return Broken(path, run, "is empty" if not first else "cannot be read")
    if head["version"] != VERSION:
        return Broken(path, run, f"has the form {head['version']}", newer=head["version"] > VERSION)
    state: State = "starting"
    containers = set[str]()
    retired: dict[str, Retired] = {}
    # The kernel keeps the time of a file; the engine's own word counts where that is later.
    end = os.fstat(descriptor).st_mtime + float(head.get("engine_time") or 0.0)
    for said in map(_json, rest):
        if isinstance(said, dict):
            state = _state(said.get("state", state))
            end = max(end, float(said.get("moment") or 0.0))
            containers |= {str(said["made"])} if "made" in said else set()
            if "retires" in said:
                former = Retired(*said["retires"])
                retired[former.id] = former
    services = frozenset(map(str, head.get("services") or ()))
    return Record(
        path, run, str(head.get("engine")), str(head.get("project")), services, state, live, end,
        frozenset(containers), tuple(retired.values()),
    )  # fmt: skip


def _state(said: object) -> State:
    if said not in get_args(State):
        raise ValueError(said)
    return cast("State", said)


def _json(line: bytes) -> Any:
    try:
        return json.loads(line)
    except ValueError:
        return None


class Turn:
    """The right to start a project on an engine, or to end a start of it: one run at a time.

    `waiting` is called once where another has it; without, TurnTakenError is raised there.
    """

    def __init__(self, engine: str, project: str, waiting: Callable[[], object] | None) -> None:
        name = hashlib.sha256(f"{engine}\n{project}".encode()).hexdigest()[:16]
        self._process = os.getpid()
        path = folder("projects") / name
        try:
            self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise _unwritable(path, error) from None
        _LOCKS.add(self._descriptor)
        try:
            try:
                fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if waiting is None:
                    raise TurnTakenError from None
                waiting()
                fcntl.flock(self._descriptor, fcntl.LOCK_EX)
        except BaseException:  # an interrupt, say
            self.end()
            raise

    def end(self) -> None:
        """Let the next one begin."""
        if self._descriptor >= 0 and self._process == os.getpid():
            descriptor, self._descriptor = self._descriptor, -1
            _LOCKS.discard(descriptor)
            os.close(descriptor)


class TurnTakenError(Exception):
    """Another run has the turn."""


class Wishes:
    """Volumes whose project asked for their removal while another one used them, on an engine."""

    def __init__(self, engine: str) -> None:
        self._engine = engine

    def _path(self, volume: str) -> Path:
        return folder("wishes") / hashlib.sha256(f"{self._engine}\n{volume}".encode()).hexdigest()[:16]

    def note(self, volume: str) -> None:
        """Note that a volume is to go with the last who uses it."""
        with suppress(OSError):
            self._path(volume).touch()

    def forget(self, volume: str) -> None:
        """Note that a volume is in use again, or gone."""
        with suppress(OSError):
            self._path(volume).unlink(missing_ok=True)

    def has(self, volume: str) -> bool:
        """Return whether a volume is to go."""
        return self._path(volume).exists()


def _unwritable(path: Path, error: OSError) -> UsageError:
    reason = (error.strerror or str(error)).lower()
    return UsageError(f"cannot write '{path}': {reason}; XDG_STATE_HOME names another folder")


def folder(kind: str) -> Path:
    """Return the folder of the files: of the user's state, or where that cannot be, of temporary files."""
    state = os.environ.get("XDG_STATE_HOME")
    home = Path(state) if state else Path.home() / ".local" / "state"
    temporary = Path(tempfile.gettempdir(), f"composecheck-{os.getuid()}")
    for each in (home / "composecheck" / kind, temporary / kind):
        try:
            each.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError:
            continue
        if os.access(each, os.W_OK | os.X_OK):
            return each
    return temporary / kind
