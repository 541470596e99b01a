"""A project loaded and held against the rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from composecheck.diagnostic import ordered
from composecheck.errors import LoadError
from composecheck.loading import load_project
from composecheck.loading.options import Options
from composecheck.named import NamedTuple
from composecheck.provenance import traced

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from os import PathLike

    from composecheck.diagnostic import Diagnostic
    from composecheck.project import Project

# Where a part of the project could not be read at all, whatever refers to it would seem undefined.
_PARTIAL = frozenset(
    (
        "document-limit",
        "extends-cycle",
        "include-cycle",
        "invalid-encoding",
        "invalid-yaml",
        "missing-file",
        "remote-file",
        "undefined-extends",
        "unreadable-file",
    )
)
_NEED_ALL = (
    "missing-image",
    "undefined-build-context",
    "undefined-config",
    "undefined-dependency",
    "undefined-model",
    "undefined-network",
    "undefined-secret",
    "undefined-volume",
)


class Report(NamedTuple):
    """Everything that was found in a project, or in several, in order.

    A project of which nothing could be read is None. `owners` gives for each finding the number
    of its project; it is empty where there is only one.
    """

    projects: tuple[Project | None, ...]
    diagnostics: tuple[Diagnostic, ...]
    files: int
    owners: tuple[int, ...] = ()

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
) -> Report:
    """Return all that is wrong with a project; never raises for what is in a file.

    Without files, Compose's own are looked for from the current folder up. Raises UsageError for
    a path that does not exist.
    """
    return examine(
        _options(
            files,
            name=name,
            profiles=profiles,
            env_files=env_files,
            project_directory=project_directory,
            environment=environment,
        )
    )


def load(
    *files: str | PathLike[str],
    profiles: Sequence[str] = (),
    env_files: Sequence[str | PathLike[str]] = (),
    name: str | None = None,
    project_directory: str | PathLike[str] | None = None,
    environment: Mapping[str, str] | None = None,
) -> Project:
    """Return a project that docker compose accepts; LoadError with all findings where it does not.

    Takes what `check` takes, and raises UsageError as it does.
    """
    options = _options(
        files,
        name=name,
        profiles=profiles,
        env_files=env_files,
        project_directory=project_directory,
        environment=environment,
    )
    report = examine(options, refused_only=True)
    if report.project is None or report.count("error"):
        raise LoadError(report.diagnostics)
    return report.project


def examine(options: Options, *, refused_only: bool = False) -> Report:
    """Load a project and run the rules, or only those on what docker compose refuses."""
    project, diagnostics = load_project(options)
    if project is None:
        files = {diagnostic.span.source.path for diagnostic in diagnostics}
        return Report((None,), ordered(diagnostics), len(files))
    from composecheck.rules import Context, run

    partial = any(diagnostic.rule in _PARTIAL for diagnostic in diagnostics)
    found = run(Context(project), without=_NEED_ALL if partial else (), refused_only=refused_only)
    # What follows from a value that is wrong already is no finding of its own.
    faults = {_place(diagnostic) for diagnostic in diagnostics if diagnostic.severity == "error"}
    new = (diagnostic for diagnostic in found if _place(diagnostic) not in faults)
    findings = ordered(traced(project.node, (*diagnostics, *new)))
    return Report((project,), findings, len(project.files) + len(project.included))


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
