"""`composecheck logs`."""

from __future__ import annotations

import argparse
import heapq
import queue
import re
import sys
import threading
import time
from contextlib import suppress
from datetime import datetime

from composecheck.cli import standing
from composecheck.cli.check import wants_color
from composecheck.errors import EngineError
from composecheck.named import TYPE_CHECKING
from composecheck.stack.standing import chosen
from composecheck.text.units import parse_duration

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from composecheck.engine.protocol import Session, Status

# Of a terminal's colours those that show on light and on dark, by turns.
_COLORS = (36, 33, 32, 35, 34, 96, 93, 92, 95, 94)
_PAINT = re.compile(r"(\x1b\[[\d;:]*m)")  # what only changes the colour of what follows
_LOOK = 1.0  # seconds between two looks at what runs


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of `logs`, as Compose names them."""
    standing.add_services(parser)
    parser._optionals.conflict_handler = "resolve"  # -f is a file before the command, and to follow here
    add = parser.add_argument
    add("-f", "--follow", action="store_true", help="go on with what comes, until all have ended")
    add("-n", "--tail", type=_tail, metavar="N", help="the last lines of each container, or 'all'")
    add("--since", type=_moment, metavar="TIME", help="what is not older: '10m', or 2030-01-31T12:00:00Z")
    add("-t", "--timestamps", action="store_true", help="each line with its time")
    add("--no-color", action="store_true", help="no colours, as where the output is no terminal")
    add("--no-log-prefix", action="store_true", help="lines without the container's name")


def run(arguments: argparse.Namespace) -> int:
    """Print what the containers of the project wrote, in the order of its time."""
    name, model = standing.meant(arguments)
    with standing.engine() as session:
        found = chosen(session, name, arguments.services, model, one_off=True)
        color = not arguments.no_color and wants_color(sys.stdout)
        lines = Lines(name, found, arguments, standing.masking(model), color=color)
        read = _Reading(session, name, arguments.tail, arguments.since)
        encoding = sys.stdout.encoding or "utf-8"
        written = read.so_far(found)
        if arguments.follow:
            written = read.on(found, arguments.services)
        for each, line in written:
            # A reader who went away (head, less) ends this: `say` would go on, for as long as they write.
            text = lines.of(each, line).encode(encoding, "backslashreplace").decode(encoding)
            print(text, flush=arguments.follow)
    return 0


class Lines:
    """How the lines of containers are shown; each begins with its time."""

    def __init__(
        self,
        project: str,
        found: Sequence[Status],
        arguments: argparse.Namespace,
        shown: Callable[[str], str],
        *,
        color: bool,
    ) -> None:
        self._start = re.compile(rf"{re.escape(project)}[-_]")
        self._width = max((len(self._name(each)) for each in found), default=0)
        self._colors: dict[str, int] = {}
        self._arguments = arguments
        self._shown = shown
        self._color = color

    def of(self, container: Status, line: str) -> str:
        """Return a line of a container as it is printed."""
        stamp, _, text = line.rstrip("\r").partition(" ")
        text = self._painted(text)
        if self._arguments.timestamps:
            text = f"{stamp} {text}"
        if self._arguments.no_log_prefix:
            return text
        prefix = f"{self._name(container):{self._width}} |"
        if self._color:
            number = self._colors.setdefault(container.name, _COLORS[len(self._colors) % len(_COLORS)])
            prefix = f"\x1b[{number}m{prefix}\x1b[0m"
        return f"{prefix} {text}"

    def _name(self, container: Status) -> str:
        return self._start.sub("", container.name, count=1)

    def _painted(self, text: str) -> str:
        """Return a text without secrets; of what steers a terminal only colours stay, where shown."""
        if "\x1b" not in text:
            return self._shown(text)
        parts = _PAINT.split(text)
        if not self._color:
            return self._shown("".join(parts[::2]))
        plain = [self._shown(part) if n % 2 == 0 else part for n, part in enumerate(parts)]
        return "".join(plain) + "\x1b[0m"


class _Reading:
    """What containers write, line by line, each with its time: the order of all of them."""

    def __init__(self, session: Session, project: str, tail: int | None, since: float | None) -> None:
        self._session = session
        self._project = project
        self._tail = tail
        self._since = since
        self._written: queue.SimpleQueue[tuple[Status, str] | EngineError | str] = queue.SimpleQueue()
        self._at_it = set[str]()  # the ids of the containers that are followed
        self._last: dict[str, str] = {}  # the time of the last line, by container

    def so_far(self, found: Sequence[Status]) -> Iterator[tuple[Status, str]]:
        """Yield what has been written by now."""
        logs = [self._lines(each, self._tail, self._since, on=False) for each in found]
        yield from heapq.merge(*logs, key=lambda pair: pair[1])

    def on(self, found: Sequence[Status], services: Sequence[str]) -> Iterator[tuple[Status, str]]:
        """Yield that and what comes, also of containers that are made or started meanwhile, until all end."""
        for each in found:
            self._begin(each, self._tail)
        looked = time.monotonic()
        while self._at_it:
            with suppress(queue.Empty):
                what = self._written.get(timeout=_LOOK)
                if isinstance(what, EngineError):
                    raise what
                if isinstance(what, tuple):
                    yield what
                else:
                    self._at_it.discard(what)
            if time.monotonic() - looked >= _LOOK or not self._at_it:
                looked = time.monotonic()
                for each in self._session.standing(self._project):
                    if (
                        each.runs
                        and each.id not in self._at_it
                        and (not services or each.service in services)
                    ):
                        self._begin(each, None)

    def _begin(self, container: Status, tail: int | None) -> None:
        self._at_it.add(container.id)
        threading.Thread(target=self._follow, args=(container, tail), daemon=True).start()

    def _follow(self, container: Status, tail: int | None) -> None:
        """Put what a container writes among what is written, and at the end its id."""
        seen = self._last.get(container.id, "")
        try:
            for pair in self._lines(container, tail, _seconds(seen) if seen else self._since, on=True):
                stamp = pair[1].partition(" ")[0]
                if stamp > seen:
                    self._last[container.id] = stamp
                    self._written.put(pair)
        except EngineError as error:
            if any(each.id == container.id for each in self._session.standing(self._project)):
                self._written.put(error)  # it has not just been removed
        self._written.put(container.id)

    def _lines(
        self, container: Status, tail: int | None, since: float | None, *, on: bool
    ) -> Iterator[tuple[Status, str]]:
        for line in self._session.follow(container.id, lines=tail, since=since, on=on, stamps=True):
            yield container, line


def _seconds(stamp: str) -> float:
    return datetime.fromisoformat(stamp).timestamp()


def _tail(text: str) -> int | None:
    if text == "all":
        return None
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is no number of lines, and not 'all'")
    return int(text)


def _moment(text: str) -> float:
    """Return a moment in seconds since 1970; a duration is before now."""
    try:
        return _seconds(text)
    except ValueError:
        pass
    try:
        return float(text) if text.replace(".", "", 1).isdecimal() else time.time() - parse_duration(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no time; a duration ('10m') or a moment (2030-01-31T12:00:00Z) is"
        ) from None
