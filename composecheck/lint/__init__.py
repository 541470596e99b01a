"""A project loaded and held against the rules, and what of it the settings and comments let be told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from composecheck.findings.diagnostic import ordered
from composecheck.findings.errors import LoadError
from composecheck.loading import load_project
from composecheck.loading.options import Options
from composecheck.named import NamedTuple
from composecheck.settings import Settings, settle

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from os import PathLike

    from composecheck.findings.diagnostic import Diagnostic
    from composecheck.lint.suppression import Suppressed
    from composecheck.model.project import Project
    from composecheck.text.source import Source

    # What an engine says of a project beforehand, None where it could not be asked.
    Live = Callable[[Project], Iterable[Diagnostic] | None]

# Where a part of the project could not be read, whatever refers to it would seem undefined.
_NEED_ALL = (
    "missing-image",
    "undefined-build-context",
    "undefined-config",
    "undefined-dependency",
    "undefined-link",
    "undefined-model",
    "undefined-namespace",
    "undefined-network",
    "undefined-secret",
    "undefined-volume",
    "undefined-volumes-from",
    "unknown-host",
)


_SEVERITIES = ("error", "warning", "note")
# What a file has to hold for a comment in it to suppress anything.
_MARK = "composecheck:"


class Report(NamedTuple):
    """Everything that was found in a project, or in several, in order.

    A project of which nothing could be read is None. `owners` gives for each finding the number
    of its project; it is empty where there is only one. `suppressed` is what a comment or an
    exception keeps from being told; what was found by rules that do not run is in neither.
    `exit_code` is that of a check: 1 for a finding as severe as the settings say, 2 for a wrong
    configuration. `settings` are those that decided.
    """

    projects: tuple[Project | None, ...]
    diagnostics: tuple[Diagnostic, ...]
    files: int
    owners: tuple[int, ...] = ()
    suppressed: tuple[Suppressed, ...] = ()
    exit_code: int = 0
    settings: Settings = Settings()

    @property
    def project(self) -> Project | None:
        """The project, the first of several; None: nothing of it could be read."""
        return self.projects[0] if self.projects else None

    @property
    def services(self) -> int:
        """How many services the projects have."""
        return sum(len(project.services) for project in self.projects if project is not None)

    def count(self, severity: str) -> int:
        """Return how many findings have this severity."""
        return sum(diagnostic.severity == severity for diagnostic in self.diagnostics)


def check(
    *files: str | PathLike[str],
    profiles: Sequence[str] = (),
    env_files: Sequence[str | PathLike[str]] = (),
    name: str | None = None,
    project_directory: str | PathLike[str] | None = None,
    environment: Mapping[str, str] | None = None,
    config: str | PathLike[str] | Settings | None = None,
) -> Report:
    """Return all that is wrong with a project; never raises for what is in a file.

    Without files, Compose's own are looked for from the current folder up. `config` is the path of
    a configuration or the settings themselves; by None the project's own is looked for, and
    `Settings()` is none. Raises UsageError for a path that does not exist.
    """
    options = _options(
        files,
        name=name,
        profiles=profiles,
        env_files=env_files,
        project_directory=project_directory,
        environment=environment,
    )
    return examine(options, config)


def load(
    *files: str | PathLike[str],
    profiles: Sequence[str] = (),
    env_files: Sequence[str | PathLike[str]] = (),
    name: str | None = None,
    project_directory: str | PathLike[str] | None = None,
    environment: Mapping[str, str] | None = None,
    config: str | PathLike[str] | Settings | None = None,
) -> Project:
    """Return a project that docker compose accepts; LoadError with all findings where it does not.

    Takes what `check` takes, and raises UsageError as it does. Of the configuration only the
    generation of Docker Compose matters: what that refuses, no comment and no setting can mend.
    """
    options = _options(
        files,
        name=name,
        profiles=profiles,
        env_files=env_files,
        project_directory=project_directory,
        environment=environment,
    )
    report = examine(options, config, refused_only=True)
    if report.project is None or report.count("error"):
        raise LoadError(report.diagnostics)
    return report.project


def examine(
    options: Options,
    config: str | PathLike[str] | Settings | None = None,
    given: Settings | None = None,
    *,
    refused_only: bool = False,
    starting: bool = False,
    live: Live | None = None,
) -> Report:
    """Load a project and run the rules, or only those on what docker compose refuses.

    For a project that is `starting`, what docker compose refuses is told whatever the comments and
    the settings say. No rule is run where variables stand as they are written. `live` gives what an
    engine says of the project beforehand, None where it could not be asked.
    """
    settings, wrong = settle(options, config, given)
    if wrong:
        return Report((None,), wrong, 1, exit_code=2)
    if settings.compose is not None:
        options = options._replace(compose=settings.compose)
    project, diagnostics = load_project(options)
    if project is None:
        files = len({diagnostic.span.source.path for diagnostic in diagnostics})
        told, suppressed = _told(diagnostics, settings, None)
        return _report(None, told, files, suppressed, settings)
    if not project.interpolated:
        return _report(project, diagnostics, len(project.files) + len(project.included))
    from composecheck.rules import CHECKS, PARTIAL, Context, run

    partial = any(diagnostic.rule in PARTIAL for diagnostic in diagnostics)
    without = {*(_NEED_ALL if partial else ())}
    if not refused_only:
        off = [rule for rule in CHECKS if not settings.enabled(rule)]
        if off and starting:
            from composecheck.lint.filtering import refused

            off = [rule for rule in off if not refused(rule)]
        without.update(off)
    found = run(
        Context(project, settings.knowledge(), budget=settings.budget, disabled=not refused_only),
        without=without,
        refused_only=refused_only,
    )
    # What follows from a value that is wrong already is no finding of its own.
    faults = {_place(diagnostic) for diagnostic in diagnostics if diagnostic.severity == "error"}
    new = (diagnostic for diagnostic in found if _place(diagnostic) not in faults)
    every = [*diagnostics, *new]
    asked = live(project) if live is not None else None
    every += asked or ()
    if every:
        from composecheck.findings.provenance import traced

        every = traced(project.node, every)
    files = len(project.files) + len(project.included)
    if refused_only:
        return _report(project, every, files)
    told, suppressed = _told(
        every, settings, project, starting=starting, complete=not faults, live=asked is not None
    )
    return _report(project, told, files, suppressed, settings)


def tell_live(project: Project, found: Iterable[Diagnostic], settings: Settings) -> Report:
    """Return the report of what an engine says of a project beforehand, by its settings and comments."""
    from composecheck.rules import LIVE

    every = list(found)
    if every:
        from composecheck.findings.provenance import traced

        every = traced(project.node, every)
    told, suppressed = _told(every, settings, project)
    told = [found for found in told if found.rule in LIVE]  # the comments' own faults are told by a check
    return _report(project, told, len(project.files) + len(project.included), suppressed, settings)


def _told(
    diagnostics: Sequence[Diagnostic],
    settings: Settings,
    project: Project | None,
    *,
    starting: bool = False,
    complete: bool = False,
    live: bool = False,
) -> tuple[Sequence[Diagnostic], tuple[Suppressed, ...]]:
    """Return the findings that the settings and the comments of the files let be told, and the others."""
    sources: Iterable[Source] = (
        (*project.files, *project.included)
        if project is not None
        else {found.span.source.path: found.span.source for found in diagnostics}.values()
    )
    commented = [source for source in sources if _MARK in source.text]
    if not commented and settings[:5] == Settings()[:5]:
        return diagnostics, ()
    from composecheck.lint.filtering import tell

    return tell(diagnostics, settings, project, commented, starting=starting, complete=complete, live=live)


def _report(
    project: Project | None,
    told: Iterable[Diagnostic],
    files: int,
    suppressed: tuple[Suppressed, ...] = (),
    settings: Settings | None = None,
) -> Report:
    fail_on = (settings.fail_on if settings is not None else None) or "warning"
    failing = () if fail_on == "never" else _SEVERITIES[: _SEVERITIES.index(fail_on) + 1]
    findings = ordered(told)
    failed = any(diagnostic.severity in failing for diagnostic in findings)
    return Report(
        (project,),
        findings,
        files,
        suppressed=suppressed,
        exit_code=int(failed),
        settings=settings or Settings(),
    )


def _place(diagnostic: Diagnostic) -> tuple[str, int, int]:
    span = diagnostic.span
    return span.source.path, span.line, span.column


def _options(
    files: Sequence[str | PathLike[str]],
    *,
    name: str | None,
    profiles: Sequence[str],
    env_files: Sequence[str | PathLike[str]],
    project_directory: str | PathLike[str] | None,
    environment: Mapping[str, str] | None,
) -> Options:
    return Options(
        files=tuple(str(file) for file in files),
        name=name,
        env_files=tuple(str(file) for file in env_files),
        profiles=tuple(profiles),
        project_directory=None if project_directory is None else str(project_directory),
        environment=environment,
    )
