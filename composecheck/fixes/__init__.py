"""Fixes made: chosen so that they do not overlap, applied in memory, proven, and only then written.

The proof is to load every project that reads a changed file once more. Its resolved model has to be
what it was but for what the fixes promise, the findings have to be gone, and no new one may be there;
a fix of which this is not true is refused.
"""

from __future__ import annotations

import os
import stat
from bisect import bisect_left, insort
from pathlib import Path

from composecheck.errors import UsageError
from composecheck.fixes.files import Changed
from composecheck.fixes.proof import kind_of, objection
from composecheck.named import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
    from typing import Any

    from composecheck.findings.diagnostic import Diagnostic, Fix
    from composecheck.fixes.proof import Kind
    from composecheck.lint import Report
    from composecheck.loading.options import Options
    from composecheck.model.project import Project
    from composecheck.text.source import Source

    # A file's path without links, two offsets in its text, and what comes between them.
    _Edit = tuple[str, int, int, str]

# A short list takes one pass to become long and another to get its conditions; each fix that is refused
# may take one more.
MAX_PASSES = 200


class Fixed(NamedTuple):
    """A finding of a project, by its number, that is mended; `line` is where it was before any fix."""

    project: int
    diagnostic: Diagnostic
    line: int


class Refused(NamedTuple):
    """A finding of a project, by its number, whose fix is not made, and why."""

    project: int
    diagnostic: Diagnostic
    reason: str


class Mended(NamedTuple):
    """What fixes make of projects: the reports of what remains, and the files that would change."""

    reports: tuple[Report, ...]
    fixed: tuple[Fixed, ...]
    refused: tuple[Refused, ...]
    files: tuple[Changed, ...]


def mend(
    projects: Sequence[Options], reports: Sequence[Report], examine: Callable[[Options], Report]
) -> Mended:
    """Return what all fixes that can be proven make of projects, of which `examine` gave the reports.

    Nothing is written.
    """
    return _Mending(projects, reports, examine).mended()


class _Candidate(NamedTuple):
    """A fix that can be tried, and the findings that it mends: one a project, or an entry, or more."""

    edits: tuple[_Edit, ...]
    members: list[tuple[int, Diagnostic, Fix]]


class _Mending:
    """Applies fixes in passes, until there is nothing more to mend."""

    def __init__(
        self, projects: Sequence[Options], reports: Sequence[Report], examine: Callable[[Options], Report]
    ) -> None:
        self._projects = projects
        self._reports = list(reports)
        self._examine = examine
        self._texts: dict[str, str] = {}
        self._sources: dict[str, Source] = {}  # as they were read
        self._numbers: dict[str, list[int]] = {}  # of each line the one that it was
        self._fixed: list[Fixed] = []
        self._refused: dict[tuple[int, Kind], Refused] = {}

    def mended(self) -> Mended:
        for _ in range(MAX_PASSES):
            chosen = self._chosen()
            if not chosen:
                break
            self._make(chosen)
        files = [
            Changed(path, self._sources[path], text)
            for path, text in self._texts.items()
            if text != self._sources[path].text
        ]
        files.sort(key=lambda file: file.source.shown)
        return Mended(tuple(self._reports), tuple(self._fixed), tuple(self._refused.values()), tuple(files))

    def _chosen(self) -> list[list[_Candidate]]:
        """Return fixes that leave each other alone; those that have an edit in common together."""
        candidates: dict[tuple[_Edit, ...], _Candidate] = {}
        for number, report in enumerate(self._reports):
            for diagnostic in report.diagnostics:
                if diagnostic.fix is None or (number, kind_of(diagnostic)) in self._refused:
                    continue
                fix = diagnostic.fix()
                if fix is None:
                    continue
                refusal = self._not_ours(number, fix)
                if refusal:
                    self._refuse([(number, diagnostic, fix)], refusal)
                    continue
                edits = tuple(_edit(edit.span, edit.text) for edit in fix.edits)
                candidates.setdefault(edits, _Candidate(edits, [])).members.append((number, diagnostic, fix))
        taken: dict[str, _Taken] = {}
        units = _Units()
        for candidate in candidates.values():
            if all(taken.setdefault(edit[0], _Taken()).free(edit) for edit in candidate.edits):
                for edit in candidate.edits:
                    taken[edit[0]].add(edit)
                units.add(candidate)
        return units.all()

    def _not_ours(self, number: int, fix: Fix) -> str:
        """Return why a file is not to be changed: it belongs to neither the project nor this folder."""
        project = self._reports[number].project
        if project is None:
            return "the project cannot be read"
        given = {source.real for source in project.files}
        folders = [os.path.realpath(project.folder), os.path.realpath(project.disk.folder)]
        for edit in fix.edits:
            source = edit.span.source
            if source.real not in given and not any(_is_below(source.real, folder) for folder in folders):
                return f"'{source.shown}' is outside the project's folder"
        return ""

    def _make(self, units: Sequence[Sequence[_Candidate]]) -> bool:
        """Apply the fixes that can be proven, and return whether there are any."""
        reason = self._try([candidate for unit in units for candidate in unit])
        if reason is None:
            return True
        if len(units) == 1 and len(units[0]) == 1:
            self._refuse(units[0][0].members, reason)
            return False
        parts = units if len(units) > 1 else [[candidate] for candidate in units[0]]
        half = len(parts) // 2
        # What the first ones move in the text is where the others no longer know it.
        return self._make(parts[:half]) or self._make(parts[half:])

    def _try(self, candidates: Sequence[_Candidate]) -> str | None:
        """Apply fixes together, or return why not."""
        edits: dict[str, list[_Edit]] = {}
        for edit in dict.fromkeys(edit for candidate in candidates for edit in candidate.edits):
            edits.setdefault(edit[0], []).append(edit)
        texts, numbers = dict(self._texts), dict(self._numbers)
        sources = self._open(edits.keys())
        for path, changes in edits.items():
            before = sources[path].text
            lines = numbers.get(path) or list(range(1, before.count("\n") + 2))
            texts[path], numbers[path] = _applied(before, lines, changes)
        reports = list(self._reports)
        for number, report in enumerate(reports):
            if report.project is None or sources.keys().isdisjoint(_paths(report.project)):
                continue
            members = [one for each in candidates for one in each.members if one[0] == number]
            after = self._examine(self._projects[number]._replace(disk=report.project.disk.over(texts)))
            reason = objection(report, after, members)
            if reason:
                return reason
            reports[number] = after
        for path, source in sources.items():
            self._sources.setdefault(path, source)
        for candidate in candidates:
            for number, diagnostic, _ in candidate.members:
                self._fixed.append(Fixed(number, diagnostic, self._line(diagnostic)))
        self._texts, self._numbers, self._reports = texts, numbers, reports
        return None

    def _open(self, paths: Collection[str]) -> dict[str, Source]:
        """Return files as the reports know them."""
        found: dict[str, Source] = {}
        for report in self._reports:
            if report.project is not None:
                for source in report.project.disk.sources:
                    if source.real in paths:
                        found.setdefault(source.real, source)
        return found

    def _line(self, diagnostic: Diagnostic) -> int:
        span = diagnostic.span
        lines = self._numbers.get(span.source.real)
        return lines[span.line - 1] if lines is not None and span.line <= len(lines) else span.line

    def _refuse(self, members: Iterable[tuple[int, Diagnostic, Fix]], reason: str) -> None:
        for number, diagnostic, _ in members:
            self._refused.setdefault((number, kind_of(diagnostic)), Refused(number, diagnostic, reason))


class _Taken:
    """The places of a file that edits take; what another edit touches there is not free."""

    def __init__(self) -> None:
        self._places: list[tuple[int, int]] = []
        self._edits: set[_Edit] = set()

    def free(self, edit: _Edit) -> bool:
        if edit in self._edits:
            return True
        at = bisect_left(self._places, edit[1:3])
        before, after = self._places[max(at - 1, 0) : at], self._places[at : at + 1]
        return not (before and before[0][1] >= edit[1]) and not (after and after[0][0] <= edit[2])

    def add(self, edit: _Edit) -> None:
        insort(self._places, edit[1:3])
        self._edits.add(edit)


class _Units:
    """Fixes, those together that have an edit in common: a healthcheck that several dependents ask for."""

    def __init__(self) -> None:
        self._members: dict[int, list[_Candidate]] = {}
        self._by_edit: dict[_Edit, int] = {}

    def add(self, candidate: _Candidate) -> None:
        met = {self._by_edit[edit] for edit in candidate.edits if edit in self._by_edit}
        number = min(met, default=len(self._by_edit))
        members = [one for each in sorted(met) for one in self._members.pop(each)]
        self._members[number] = [*members, candidate]
        for one in self._members[number] if len(met) > 1 else (candidate,):
            self._by_edit.update(dict.fromkeys(one.edits, number))

    def all(self) -> list[list[_Candidate]]:
        return list(self._members.values())


def _edit(span: Any, text: str) -> _Edit:
    starts = span.source.starts()
    start = starts[span.line - 1] + span.column - 1
    end = starts[span.end_line - 1] + span.end_column - 1
    return span.source.real, start, end, text


def _applied(text: str, lines: Sequence[int], edits: Sequence[_Edit]) -> tuple[str, list[int]]:
    """Return a text after edits, and of each of its lines which one it was."""
    parts: list[str] = []
    numbers: list[int] = []
    at, line = 0, 0
    for _, start, end, new in sorted(
        edits, key=lambda edit: edit[1:3]
    ):  # those at one place keep their order
        kept, gone = text[at:start], text[start:end]
        parts += (kept, new)
        passed = kept.count("\n")
        numbers += [*lines[line : line + passed], *[lines[line + passed]] * new.count("\n")]
        line += passed + gone.count("\n")
        at = end
    return "".join([*parts, text[at:]]), [*numbers, *lines[line:]]


def _paths(project: Project) -> Iterator[str]:
    for source in project.disk.sources:
        yield source.real


def check_readable_again(options: Options) -> None:
    """Raise UsageError for a project of which a file can be read only once."""
    folder = Path(options.folder or "")
    for file in (*options.files, *options.env_files):
        if file == "-":
            raise UsageError("fixes change files, and standard input is none")
        try:
            once = not stat.S_ISREG((folder / file).stat().st_mode)
        except (OSError, ValueError):
            continue
        if once:
            raise UsageError(f"fixes need files that can be read again, and '{file}' is none")


def _is_below(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)
