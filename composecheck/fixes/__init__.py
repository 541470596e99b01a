"""Fixes made: chosen so that they do not overlap, applied in memory, proven, and only then written.

The proof is to load every project that reads a changed file once more. Its resolved model has to be
what it was but for what the fixes promise, the findings have to be gone, and no new one may be there;
a fix of which this is not true is refused. What a fix has written is final: no other changes it, unless its
finding had been there before.
"""

from __future__ import annotations

import stat
from pathlib import Path

from composecheck.errors import UsageError
from composecheck.fixes.files import Changed
from composecheck.fixes.offers import Offers
from composecheck.fixes.places import Taken, Written, applied
from composecheck.fixes.proof import kind_of, mends_refused, objection
from composecheck.named import TYPE_CHECKING, NamedTuple
from composecheck.remedies.risky import is_decided, without_decision

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

    from composecheck.findings.diagnostic import Diagnostic, Edit, Fix
    from composecheck.fixes.places import Edited
    from composecheck.fixes.proof import Kind
    from composecheck.lint import Report
    from composecheck.loading.options import Options
    from composecheck.model.project import Project
    from composecheck.text.source import Source, Span

# A short list takes one pass to become long and another to get its conditions; each fix that is refused
# may take one more.
MAX_PASSES = 200


class Fixed(NamedTuple):
    """A finding of a project, by its number, that is mended; `line` is where it was before any fix."""

    project: int
    diagnostic: Diagnostic
    line: int
    fix: Fix


class Refused(NamedTuple):
    """A finding of a project, by its number, whose fix is not made, and why; its `line` before any fix."""

    project: int
    diagnostic: Diagnostic
    reason: str
    line: int


class Mended(NamedTuple):
    """What fixes make of projects: the reports of what remains, and the files that would change.

    A finding whose fix was refused has none in these reports.
    """

    reports: tuple[Report, ...]
    fixed: tuple[Fixed, ...]
    refused: tuple[Refused, ...]
    files: tuple[Changed, ...]


def mend(
    projects: Sequence[Options],
    reports: Sequence[Report],
    examine: Callable[[Options], Report],
    *,
    wanted: Callable[[Diagnostic, Fix], bool] = lambda _, fix: not fix.unsafe,
) -> Mended:
    """Return what all fixes that can be proven make of projects, of which `examine` gave the reports.

    `wanted` says which are to be made at all: the safe ones. Nothing is written.
    """
    return _Mending(projects, reports, examine, wanted).mended()


class _Candidate(NamedTuple):
    """A fix that can be tried, and the findings that it mends: one a project, or an entry, or more."""

    edits: tuple[Edited, ...]
    members: list[tuple[int, Diagnostic, Fix]]


class _Mending:
    """Applies fixes in passes, until there is nothing more to mend."""

    def __init__(
        self,
        projects: Sequence[Options],
        reports: Sequence[Report],
        examine: Callable[[Options], Report],
        wanted: Callable[[Diagnostic, Fix], bool],
    ) -> None:
        self._projects = projects
        self._reports = list(reports)
        self._examine = examine
        self._wanted = wanted
        self._texts: dict[str, str] = {}
        self._sources: dict[str, Source] = {}  # as they were read
        self._numbers: dict[str, list[int]] = {}  # of each line the one that it was
        self._fixed: list[Fixed] = []
        self._refused: dict[tuple[int, Kind], Refused] = {}
        # What may come right with another fix is refused for now.
        self._held: dict[tuple[int, Kind], Refused] = {}
        self._told: dict[tuple[int, Kind], int] = {}  # in which pass a finding was there first
        self._written: dict[str, Written] = {}
        self._decided: dict[tuple[int, Kind], bool] = {}

    def mended(self) -> Mended:
        tried = 0
        for number in range(MAX_PASSES):
            chosen = self._chosen(number)
            if not chosen and self._refused and len(self._fixed) > tried:
                # What stood in the way of one may be mended by now.
                tried = len(self._fixed)
                self._refused.clear()
                chosen = self._chosen(number)
            if not chosen:
                break
            self._make(chosen, number)
        refused = {**self._held, **self._refused}
        files = [
            Changed(path, self._sources[path], text)
            for path, text in self._texts.items()
            if text != self._sources[path].text
        ]
        files.sort(key=lambda file: file.source.shown)
        reports = without(self._reports, refused.values())
        return Mended(reports, tuple(self._fixed), tuple(refused.values()), tuple(files))

    def _chosen(self, pass_: int) -> list[list[_Candidate]]:
        """Return fixes that leave each other alone; those that have an edit in common together."""
        candidates: dict[tuple[Edited, ...], _Candidate] = {}
        self._held = {}
        for number, report in enumerate(self._reports):
            offers = Offers(report.project, report.diagnostics, self._line)
            for diagnostic in report.diagnostics:
                key = number, kind_of(diagnostic)
                told = self._told.setdefault(key, pass_)
                if diagnostic.fix is None or key in self._refused:
                    continue
                fix = diagnostic.fix()
                fix = self._allowed(key, diagnostic, fix) if fix is not None else None
                if fix is None:
                    continue
                edits = tuple(_edited(edit) for edit in fix.edits)
                against = offers.against(diagnostic, fix) or self._final(edits, told)
                if against:
                    self._held[key] = Refused(number, diagnostic, against, self._line(diagnostic.span))
                    continue
                candidates.setdefault(edits, _Candidate(edits, [])).members.append((number, diagnostic, fix))
        # What docker compose refuses comes first, and alone: then it shows what else there is.
        first = [
            one for one in candidates.values() if any(mends_refused(found) for _, found, _ in one.members)
        ]
        taken: dict[str, Taken] = {}
        units = _Units()
        for candidate in first or candidates.values():
            if all(taken.setdefault(edit[0], Taken()).free(edit) for edit in candidate.edits):
                for edit in candidate.edits:
                    taken[edit[0]].add(edit)
                units.add(candidate)
        return units.all()

    def _allowed(self, key: tuple[int, Kind], diagnostic: Diagnostic, fix: Fix) -> Fix | None:
        """Return a fix if it is to be made: a condition that this run has written is nobody's decision."""
        if not self._decided.setdefault(key, is_decided(fix)):
            fix = without_decision(fix)
        return fix if self._wanted(diagnostic, fix) else None

    def _final(self, edits: Iterable[Edited], told: int) -> str:
        """Return why a text stays: another fix has written it, for want of which there was no finding."""
        for edit in edits if told else ():
            written = self._written.get(edit[0])
            if written is not None and written.later(edit, told):
                return "another fix has just written this"
        return ""

    def _make(self, units: Sequence[Sequence[_Candidate]], pass_: int) -> bool:
        """Apply the fixes that can be proven, and return whether there are any."""
        reason = self._try([candidate for unit in units for candidate in unit], pass_)
        if reason is None:
            return True
        if len(units) == 1 and len(units[0]) == 1:
            self._refuse(units[0][0].members, reason)
            return False
        parts = units if len(units) > 1 else [[candidate] for candidate in units[0]]
        half = len(parts) // 2
        # What the first ones move in the text is where the others no longer know it.
        return self._make(parts[:half], pass_) or self._make(parts[half:], pass_)

    def _try(self, candidates: Sequence[_Candidate], pass_: int) -> str | None:
        """Apply fixes together, or return why not."""
        edits: dict[str, list[Edited]] = {}
        for edit in dict.fromkeys(edit for candidate in candidates for edit in candidate.edits):
            edits.setdefault(edit[0], []).append(edit)
        texts, numbers = dict(self._texts), dict(self._numbers)
        sources = self._open(edits.keys())
        for path, changes in edits.items():
            before = sources[path].text
            lines = numbers.get(path) or list(range(1, before.count("\n") + 2))
            texts[path], numbers[path] = applied(before, lines, changes)
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
            for number, diagnostic, fix in candidate.members:
                self._fixed.append(Fixed(number, diagnostic, self._line(diagnostic.span), fix))
        # What docker compose refused may be said more of once it is read.
        final = {
            edit
            for candidate in candidates
            if not all(mends_refused(diagnostic) for _, diagnostic, _ in candidate.members)
            for edit in candidate.edits
        }
        for path, changes in edits.items():
            self._written.setdefault(path, Written()).add(changes, pass_, final)
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

    def _line(self, span: Span) -> int:
        """Return the line of a place in the file as it was read, before any fix."""
        lines = self._numbers.get(span.source.real)
        return lines[span.line - 1] if lines is not None and span.line <= len(lines) else span.line

    def _refuse(self, members: Iterable[tuple[int, Diagnostic, Fix]], reason: str) -> None:
        for number, diagnostic, _ in members:
            refused = Refused(number, diagnostic, reason, self._line(diagnostic.span))
            self._refused.setdefault((number, kind_of(diagnostic)), refused)


class _Units:
    """Fixes, those together that have an edit in common: a healthcheck that several dependents ask for."""

    def __init__(self) -> None:
        self._members: dict[int, list[_Candidate]] = {}
        self._by_edit: dict[Edited, int] = {}

    def add(self, candidate: _Candidate) -> None:
        met = {self._by_edit[edit] for edit in candidate.edits if edit in self._by_edit}
        number = min(met, default=len(self._by_edit))
        members = [one for each in sorted(met) for one in self._members.pop(each)]
        self._members[number] = [*members, candidate]
        for one in self._members[number] if len(met) > 1 else (candidate,):
            self._by_edit.update(dict.fromkeys(one.edits, number))

    def all(self) -> list[list[_Candidate]]:
        return list(self._members.values())


def _edited(edit: Edit) -> Edited:
    span, starts = edit.span, edit.span.source.starts()
    start = starts[span.line - 1] + span.column - 1
    end = starts[span.end_line - 1] + span.end_column - 1
    return span.source.real, start, end, edit.text


def without(reports: Sequence[Report], refused: Iterable[Refused]) -> tuple[Report, ...]:
    """Return reports in which the findings whose fix was refused have none."""
    gone = {(project, kind_of(diagnostic)) for project, diagnostic, *_ in refused}
    if not gone:
        return tuple(reports)
    return tuple(
        report._replace(
            diagnostics=tuple(
                found._replace(fix=None) if (number, kind_of(found)) in gone else found
                for found in report.diagnostics
            )
        )
        for number, report in enumerate(reports)
    )


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
