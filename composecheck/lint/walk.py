"""The projects in files and folders, each examined by itself, and what is found told as one."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

from composecheck.errors import SourceError, UsageError
from composecheck.findings.diagnostic import Diagnostic, sort_key
from composecheck.lint import Report, examine
from composecheck.loading.discover import FILES, OVERRIDES
from composecheck.loading.options import Options
from composecheck.named import TYPE_CHECKING
from composecheck.text.disk import Disk
from composecheck.text.source import Source, whole

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from os import PathLike

    from composecheck.settings import Settings

# What belongs to a tool and not to the project; hidden folders and virtual environments are known
# by their looks.
_FOREIGN = frozenset(("node_modules", "__pycache__"))
_ENVIRONMENT = "pyvenv.cfg"
# What the kernel shows of itself: without end, and nobody's project.
_KERNEL = ("/dev", "/proc", "/sys")


class Found(NamedTuple):
    """A project: a folder, as `docker compose` finds it from there, or a file alone."""

    path: str
    files: tuple[str, ...]  # in a folder the default one and its override
    is_folder: bool


class Walk(NamedTuple):
    """The projects that paths lead to, in their order, and the folders that cannot be searched."""

    projects: tuple[Found, ...]
    closed: tuple[str, ...]


def check_paths(
    *paths: str | PathLike[str],
    profiles: Sequence[str] = (),
    env_files: Sequence[str | PathLike[str]] = (),
    environment: Mapping[str, str] | None = None,
    config: str | PathLike[str] | Settings | None = None,
    texts: Mapping[str | PathLike[str], str] = {},
) -> Report:
    """Return all that is wrong with the projects that files and folders hold, as `check` does of one.

    A file is a project; a folder is searched for projects, and so are those in it. Raises
    UsageError for a path that does not exist and for a folder without any project.
    """
    disk = Disk(texts)
    options = Options(
        profiles=tuple(profiles),
        env_files=tuple(str(file) for file in env_files),
        environment=environment,
        disk=disk,
    )
    projects = walk([str(path) for path in paths], disk).projects
    return examine_all(projects, options, examine=lambda each: examine(each, config))


def walk(paths: Sequence[str], disk: Disk | None = None) -> Walk:
    """Return the projects in files and folders, none twice; UsageError for a path without any."""
    disk = disk or Disk()
    projects: dict[tuple[str, ...], Found] = {}
    closed: list[str] = []
    for path in paths:
        if disk.is_folder(path):
            found = list(_in_folder(path, disk, closed))
            if not found:
                names = ", ".join(FILES)
                raise UsageError(f"no Compose file in '{path}' or in a folder of it: looked for {names}")
        elif path == "-" or disk.exists(path):
            found = [Found(path, (path,), is_folder=False)]
        else:
            raise SourceError(path, "no such file or folder")
        for one in found:
            projects.setdefault(tuple(os.path.realpath(file) for file in one.files), one)
    return Walk(tuple(projects.values()), tuple(closed))


def _in_folder(top: str, disk: Disk, closed: list[str]) -> Iterator[Found]:
    """Yield the projects in a folder and in those below it.

    Links to folders are not followed, and what git ignores is left out, but the folder that is named.
    """
    from composecheck.text.ignored import Ignored

    absolute = os.path.abspath(top)
    ignored = Ignored.of(disk, absolute)
    if ignored(absolute, folder=True):
        ignored.only_below(absolute)
    waiting = [top]
    while waiting:
        folder = waiting.pop()
        at = os.path.abspath(folder)
        if _is_the_kernels(at):
            continue
        try:
            folders, files = disk.entries(folder)
        except OSError as error:
            closed.append(f"'{disk.shown(folder)}' is not searched: {(error.strerror or '').lower()}")
            continue
        if _ENVIRONMENT in files and folder != top:
            continue
        below = [name for name in folders if not name.startswith(".") and name not in _FOREIGN]
        waiting += [
            os.path.join(folder, name) for name in reversed(below) if not ignored.names(at, name, folder=True)
        ]
        base, override = (
            # A pipe or a link to nothing may have such a name as well.
            [
                path
                for name in names
                if name in files
                and disk.is_file(path := os.path.join(folder, name))
                and not ignored.names(at, name, folder=False)
            ]
            for names in (FILES, OVERRIDES)
        )
        if base:
            yield Found(folder, (*base[:1], *override[:1]), is_folder=True)


def _is_the_kernels(folder: str) -> bool:
    real = os.path.realpath(folder)
    return any(real == kernels or real.startswith(f"{kernels}/") for kernels in _KERNEL)


def examine_all(
    projects: Sequence[Found],
    options: Options,
    *,
    examine: Callable[[Options], Report] = examine,
    progress: Callable[[int, str], object] | None = None,
    mend: Callable[[Sequence[Options], Sequence[Report]], Sequence[Report]] | None = None,
) -> Report:
    """Return what `examine` finds in each project, as one report; repeats are told once.

    What keeps one from being loaded (its `.env` names a file that is not there) is a finding. What
    keeps all of them is a UsageError, since it is not theirs: an option, or the environment.
    `progress` is given how many are done, and which one is next; `mend` all projects and their reports,
    for those that are to be told.
    """
    every = [_options(project, options) for project in projects]
    reports: list[Report] = []
    failures: list[UsageError] = []
    for number, project in enumerate(projects):
        if progress is not None:
            progress(number, project.path)
        try:
            reports.append(examine(every[number]))
        except UsageError as error:
            failures.append(error)
            reports.append(_failed(project, error))
    if len(failures) == len(projects) and len({str(error) for error in failures}) == 1:
        raise failures[0]
    return _as_one(reports if mend is None else mend(every, reports))


def _options(project: Found, options: Options) -> Options:
    # Relative to the current folder, wherever the project is.
    env_files = tuple(str(Path(file).absolute()) for file in options.env_files)
    if not project.is_folder:
        return options._replace(files=project.files, env_files=env_files)
    # COMPOSE_FILE speaks of the project in the current folder; that of a folder's own `.env` counts.
    environment = dict(os.environ if options.environment is None else options.environment)
    environment.pop("COMPOSE_FILE", None)
    folder = Path(project.path).absolute()
    environment["PWD"] = str(folder)
    return options._replace(folder=folder, environment=environment, env_files=env_files)


def _failed(project: Found, error: UsageError) -> Report:
    if isinstance(error, SourceError):
        source = Source(error.path, "", shown=error.shown)
        reason, rule = f"'{error.shown}' cannot be read: {error.reason}", error.rule
    else:
        path = os.path.abspath(project.files[0])
        source = Source(path, "", shown=Disk().shown(path))
        reason, rule = str(error), "unreadable-file"
    return Report((None,), (Diagnostic(rule, "error", reason, whole(source)),), 1, exit_code=1)


def _as_one(reports: Sequence[Report]) -> Report:
    if len(reports) == 1:
        return reports[0]
    found: dict[tuple[str, int, int, str, str], tuple[Diagnostic, int]] = {}
    files: set[str] = set()
    for number, report in enumerate(reports):
        for diagnostic in report.diagnostics:
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
