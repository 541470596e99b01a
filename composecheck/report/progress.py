"""A start as it happens, in plain lines, and its summary at the end: folds of Events."""

from __future__ import annotations

from typing import NamedTuple

from composecheck.named import TYPE_CHECKING
from composecheck.text.units import format_duration

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from composecheck.event import Event

# What a person wants to read of each kind; the engine's finer steps are left to the timeline.
WORDS = {
    "released": "starting",
    "started": "started",
    "ready": "ready",
    "completed": "completed",
    "failed": "failed",
    "blocked": "blocked",
    "exited": "exited",
    "refused": "refused",
}


class Plain:
    """Prints a line for each step of a start."""

    def __init__(self, services: Iterable[str], write: Callable[[str], object]) -> None:
        self._width = max((len(name) for name in services), default=0)
        self._write = write

    def progress(self, name: str, text: str) -> None:
        """Print a step before or after the start: an image pulled, a network made or removed."""
        self._write(f"         {name}  {text}")

    def found(self, text: str) -> None:
        """Print what was found before the start."""
        self._write(text)

    def event(self, event: Event) -> None:
        """Print one step of one service."""
        line = describe(event)
        if line:
            self._write(f"{event.time:7.2f}s  {event.service:{self._width}}  {line}")

    def __enter__(self) -> Plain:
        return self

    def __exit__(self, *_: object) -> None:
        """Leave nothing open."""


def describe(event: Event) -> str:
    """Return an Event in words, "" for one that a person need not see."""
    word = WORDS.get(event.kind, "")
    if event.kind == "created" and event.text not in ("", "unchanged"):
        word = "made anew"
    if not word or (event.kind == "started" and not event.text):
        return ""
    replica = f" #{event.replica}" if event.replica > 1 else ""
    code = f" with {event.exit_code}" if event.exit_code is not None else ""
    return f"{word}{replica}{code}" + (f": {event.text}" if event.text else "")


class Row(NamedTuple):
    """One service at the end of a start; times in seconds, None for what did not happen."""

    service: str
    state: str
    started: float | None
    ready: float | None
    addresses: Sequence[str]
    unchanged: bool


def rows(
    services: Iterable[str], events: Iterable[Event], addresses: Mapping[str, Sequence[str]]
) -> list[Row]:
    """Fold Events into a Row for each service."""
    folded = {name: Row(name, "created", None, None, addresses.get(name, ()), False) for name in services}
    for event in events:
        row = folded.get(event.service)
        if row is None:
            continue
        if event.kind == "started":
            began = row.started if row.started is not None else event.time
            # What ran before may have been seen to be ready by then.
            state = "started" if row.ready is None else row.state
            row = row._replace(state=state, started=began, unchanged=event.text == "running")
        elif event.kind in ("ready", "completed"):
            row = row._replace(state=event.kind, ready=event.time)
        elif event.kind in ("failed", "blocked"):
            row = row._replace(state=event.kind)
        folded[event.service] = row
    return list(folded.values())


def summary(table: Sequence[Row], total: float) -> list[str]:
    """Return the lines that end an `up`: every service's state, times and addresses."""
    if all(row.unchanged and row.state == "ready" for row in table):
        head = f"unchanged: all {len(table)} services were running already"
    else:
        head = f"ready in {format_duration(total)}"
    cells = [("service", "state", "started", "ready", "address")]
    cells += [
        (
            row.service,
            row.state + (" (unchanged)" if row.unchanged else ""),
            "-" if row.started is None else format_duration(row.started),
            "-" if row.ready is None else format_duration(row.ready),
            ", ".join(row.addresses) or "-",
        )
        for row in table
    ]
    widths = [max(len(row[column]) for row in cells) for column in range(4)]
    lines = [
        "  " + "  ".join([*(f"{cell:{width}}" for cell, width in zip(row, widths, strict=False)), row[4]])
        for row in cells
    ]
    return [*lines, head]
