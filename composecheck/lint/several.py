"""Several projects, each examined by itself, and what is found told as one."""

from __future__ import annotations

import os
from pathlib import Path

from composecheck.errors import SourceError, UsageError
from composecheck.findings.diagnostic import Diagnostic, sort_key
from composecheck.lint import Report, examine, with_more
from composecheck.lint.foreign import is_withheld, sheltered
from composecheck.lint.walk import Walk, here, walk
from composecheck.loading.discover import FILES, OVERRIDES
from composecheck.loading.findings import Findings
from composecheck.loading.options import Options
from composecheck.named import TYPE_CHECKING
from composecheck.text.disk import Disk
from composecheck.text.source import Source, whole
from composecheck.text.spelling import listed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from os import PathLike

    from composecheck.lint.walk import Found
    from composecheck.model.project import Project
    from composecheck.settings import Settings


def check_paths(
    *paths: str | PathLike[str],
    profiles: Sequence[str] = (),
    env_files: Sequence[str | PathLike[str]] = (),
    environment: Mapping[str, str] | None = None,
    config: str | PathLike[str] | Settings | None = None,
    texts: Mapping[str | PathLike[str], str] = {},
) -> Report:
    """Return all that is wrong with the projects that files and folders hold, as `check` does of one.

    A file is a project, but one that overrides a file beside it is checked with that; a folder is searched
    for projects, and so are those in it. Without paths it is the current folder's own, with what its
    configuration names. Raises UsageError for a path that does not exist, and for a folder without any
    project.
    """
    disk = Disk(texts)
    options = Options(
        profiles=tuple(profiles),
        env_files=tuple(str(file) for file in env_files),
        environment=environment,
        disk=disk,
    )
    found = walk([str(path) for path in paths], disk, config) if paths else here(disk.folder, disk, config)
    if found is None:
        return with_more(examine(options, config))
    return examine_all(found, options, examine=lambda each: examine(each, config))


def examine_all(
    found: Walk,
    options: Options,
    *,
    examine: Callable[[Options], Report] = examine,
    progress: Callable[[int, str], object] | None = None,
    mend: Callable[[Sequence[Options], Sequence[Report]], Sequence[Report]] | None = None,
) -> Report:
    """Return what `examine` finds in each project, as one report; repeats are told once.

    A file alone that is half a project is examined with what it is whole with; a folder's that another
    project includes is examined as part of that, and one that is no Compose file is left out, unless all
    are such. What keeps one from being loaded (its `.env` names a file that is not there) is a finding. What
    keeps all of them is a UsageError, since it is not theirs: an option, or the environment. `progress` is
    given how many are done, and which one is next; `mend` all projects and their reports, for those that are
    to be told.
    """
    told = _Told(found, options, examine)
    for number, project in enumerate(found.projects):
        if progress is not None:
            progress(number, project.path)
        told.take(project)
    told.settle()
    if found.wrong:
        told.every.append(options)
        sources = {d.span.source.real: d.span.source for d in found.wrong}.values()
        told.reports.append(sheltered(Report((None,), found.wrong, 1, exit_code=2), options, sources))
    report = _as_one(told.reports if mend is None else mend(told.every, told.reports))
    others = (stranger for _, stranger in told.strangers)
    return report._replace(
        remarks=tuple(told.remarks), more=tuple(_more(found.more, [*told.reports, *others]))
    )


class _Told:
    """What there is to tell of projects that are examined one after another.

    `strangers` are files of folders that are no Compose files: they are left out, unless all are such.
    """

    def __init__(self, found: Walk, options: Options, examine: Callable[[Options], Report]) -> None:
        self._options = options
        self._examine = examine
        self._seen = {_key(project.files) for project in found.projects}
        self._parts: set[str] = set()
        self._failures: list[UsageError] = []
        self.every: list[Options] = []
        self.reports: list[Report] = []
        self.remarks = [*found.remarks]
        self.strangers: list[tuple[Options, Report]] = []

    def take(self, project: Found) -> None:
        """Examine a project, unless another one has all of it."""
        if project.is_folder and self._parts.issuperset(_key(project.files)):
            return
        options = _options(project, self._options)
        try:
            examined = self._with_its_rest(project, options)
        except UsageError as error:
            self._failures.append(error)
            examined = options, _failed(project, error)
        if examined is None:
            return
        options, report = examined
        if project.is_folder and _is_of_another_kind(report):
            self.strangers.append((options, report))
            return
        self.every.append(options)
        self.reports.append(report)
        self._parts |= _parts(report.project)

    def _with_its_rest(self, project: Found, options: Options) -> tuple[Options, Report] | None:
        """Return what is found in a project, if it is half a one with the other half.

        None where that is another one of those that were given.
        """
        options = options._replace(guessed=_guessed(project, project.files))
        report = self._examine(options)
        if not project.alone or not (report.whole or len(project.files) > 1):
            return options, report
        self.remarks.append(_remark(project, report.whole or project.files))
        if not report.whole:
            return options, report
        options = options._replace(files=report.whole, guessed=_guessed(project, report.whole))
        if _key(options.files) in self._seen:
            return None
        self._seen.add(_key(options.files))
        return options, self._examine(options)

    def settle(self) -> None:
        """Take strangers for what they are; UsageError where one and the same keeps all from being loaded."""
        if not self.reports:
            self.every, self.reports = (
                [each for each, _ in self.strangers],
                [own for _, own in self.strangers],
            )
            self.strangers = []
        self.remarks += [_left_out(report.diagnostics[0]) for _, report in self.strangers]
        failures = self._failures
        if failures and len(failures) == len(self.reports) and len({str(each) for each in failures}) == 1:
            raise failures[0]


def _is_of_another_kind(report: Report) -> bool:
    """Return whether what was to be examined is no Compose file."""
    return report.project is None and {found.rule for found in report.diagnostics} == {"no-compose-file"}


def _key(files: Iterable[str]) -> tuple[str, ...]:
    return tuple(os.path.realpath(file) for file in files)


def _guessed(project: Found, files: Sequence[str]) -> tuple[str, ...]:
    """Return those of the files that a file alone is checked with of which nobody has said that they are its.

    Docker Compose itself says so of its default files.
    """
    named = {os.path.realpath(path) for path in (project.path, *project.named)}
    names = [os.path.basename(file) for file in files]
    if not project.alone or (len(names) == 2 and names[0] in FILES and names[1] in OVERRIDES):
        return ()
    return tuple(file for file in files if os.path.realpath(file) not in named)


def _parts(project: Project | None) -> set[str]:
    """Return the files that a project includes: what is extended alone keeps its name in another file."""
    if project is None or not project.included:
        return set()
    services = (*project.services.values(), *project.disabled.values())
    return {service.key_place().source.real for service in services}


def _remark(project: Found, whole: Sequence[str]) -> str:
    """Return what a file alone was checked with, and why."""
    own, disk = os.path.realpath(project.path), Disk()
    others = [disk.shown(file) for file in whole if os.path.realpath(file) != own]
    if len(others) == len(whole):
        return f"'{disk.shown(project.path)}' was checked as part of {listed(others)}, which reads it"
    return f"'{disk.shown(project.path)}' was checked with {listed(others)}, whose override it is"


def _left_out(found: Diagnostic) -> str:
    """Return that a file is not checked, and why."""
    return f"'{found.span.source.shown}' is not checked: {found.message}"


def _more(paths: Sequence[str], reports: Sequence[Report]) -> Iterator[str]:
    """Yield how files are shown that no project reads, where all of them could be known."""
    if not paths or any(report.exit_code == 2 for report in reports):
        return
    read = {
        source.real
        for report in reports
        for project in report.projects
        if project is not None
        for source in (*project.files, *project.included)
    }
    read |= {found.span.source.real for report in reports for found in report.diagnostics}
    disk = Disk()
    yield from (disk.shown(path) for path in dict.fromkeys(paths) if os.path.realpath(path) not in read)


def _options(project: Found, options: Options) -> Options:
    """Return what selects a project."""
    # Relative to the current folder, wherever the project is.
    env_files = tuple(str(Path(file).absolute()) for file in options.env_files)
    if not project.is_folder:
        return options._replace(files=project.files, env_files=env_files, named=project.named)
    # COMPOSE_FILE speaks of the project in the current folder; that of a folder's own `.env` counts.
    environment = dict(options.variables)
    environment.pop("COMPOSE_FILE", None)
    folder = Path(project.path).absolute()
    environment["PWD"] = str(folder)
    return options._replace(folder=folder, environment=environment, env_files=env_files, named=project.named)


def _failed(project: Found, error: UsageError) -> Report:
    findings = Findings()
    if isinstance(error, SourceError):
        findings.unreadable(error.rule, error)
    else:
        path = os.path.abspath(project.files[0])
        source = Source(path, "", shown=Disk().shown(path))
        findings.error("unreadable-file", str(error), whole(source))
    return Report((None,), tuple(findings.diagnostics), 1, exit_code=1)


def _as_one(reports: Sequence[Report]) -> Report:
    if len(reports) == 1:
        return reports[0]
    found: dict[tuple[str, int, int, str, str], tuple[Diagnostic, int]] = {}
    files: set[str] = set()
    # What one project may not tell the text of, another one may.
    plain = {_at(d) for report in reports for d in report.diagnostics if not is_withheld(d)}
    for number, report in enumerate(reports):
        for diagnostic in report.diagnostics:
            if not (is_withheld(diagnostic) and _at(diagnostic) in plain):
                found.setdefault(sort_key(diagnostic), (diagnostic, number))
        if report.project is not None:
            files.update(source.real for source in report.project.files)
        else:
            files.update(diagnostic.span.source.real for diagnostic in report.diagnostics)
    in_order = [found[key] for key in sorted(found)]
    suppressed = {sort_key(one.diagnostic): one for report in reports for one in report.suppressed}
    return Report(
        tuple(report.project for report in reports),
        tuple(diagnostic for diagnostic, _ in in_order),
        len(files),
        tuple(number for _, number in in_order),
        tuple(one for key, one in suppressed.items() if key not in found),
        max(report.exit_code for report in reports),
    )


def _at(diagnostic: Diagnostic) -> tuple[str, int, int, str]:
    """Return the place of a finding and its rule, whatever its words are."""
    return sort_key(diagnostic)[:4]
