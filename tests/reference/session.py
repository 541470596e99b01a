"""What a test run does about recorded answers, and what it asked for."""

from __future__ import annotations

from typing import Any

from . import store


class Lines:
    """The answers of a release to a test module: those recorded, and what a run asked for."""

    def __init__(self, recorded: dict[str, str], doubted: set[str]) -> None:
        self.recorded = recorded
        self.doubted = doubted  # those that the binary has to give again
        self.new: dict[str, str] = {}
        self.asked: set[str] = set()
        self.starts = 0
        self.verified = 0


class Session:
    """One run of tests, in one process: it uses what is recorded, or has it verified."""

    def __init__(self, *, verifies: bool = False, since: str = "") -> None:
        self.verifies = verifies
        self._since = since
        self.files: dict[tuple[str, str], Lines] = {}

    def lines(self, release: str, module: str) -> Lines:
        """Return the answers of a release to a test module, and which of them are to be verified."""
        if (release, module) not in self.files:
            recorded = store.lines(release, module)
            doubted = set(recorded) if self.verifies else set()
            if doubted and self._since:
                before = store.lines_at(self._since, release, module)
                doubted = {key for key, line in recorded.items() if before.get(key) != line}
            self.files[release, module] = Lines(recorded, doubted)
        return self.files[release, module]

    def summary(self) -> list[Any]:
        """Return what the run came to, as plain values: a worker of xdist sends it to its controller."""
        return [
            [*file, sorted(lines.asked), lines.new, lines.starts, lines.verified]
            for file, lines in self.files.items()
        ]


class Total:
    """What all processes of a run came to."""

    def __init__(self) -> None:
        self.asked: dict[tuple[str, str], set[str]] = {}
        self.new: dict[tuple[str, str], dict[str, str]] = {}
        self.starts = 0
        self.verified = 0

    def add(self, summary: list[Any]) -> None:
        """Add what one process came to."""
        for release, module, asked, new, starts, verified in summary:
            self.asked.setdefault((release, module), set()).update(asked)
            self.new.setdefault((release, module), {}).update(new)
            self.starts += starts
            self.verified += verified

    @property
    def unrecorded(self) -> int:
        """How many answers were asked for that are not recorded."""
        return sum(map(len, self.new.values()))

    @property
    def questions(self) -> int:
        """How many answers were asked for."""
        return sum(map(len, self.asked.values()))

    def record(self, partly: set[str], *, whole: bool) -> tuple[int, int]:
        """Write what is new, and drop what was not asked for; returns how many were written and dropped.

        Nothing is dropped of modules that were run partly, or where the run is no whole one.
        """
        dropped = 0
        for file, asked in self.asked.items():
            recorded = store.lines(*file)
            unasked = recorded.keys() - asked if whole and file[1] not in partly else set()
            dropped += len(unasked)
            kept = {key: line for key, line in recorded.items() if key not in unasked}
            store.write(*file, kept | self.new[file])
        store.forget_modules_that_are_gone()
        return self.unrecorded, dropped
