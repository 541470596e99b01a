"""A project held against the rules, and the findings that its settings and comments let through."""

from __future__ import annotations

import os
from functools import partial

from composecheck.errors import UsageError
from composecheck.findings.catalogue import LACKS, LIVE, MENDED, NEEDS, ON_VALUES, PARTIAL, REFUSED, WHOLE
from composecheck.findings.diagnostic import ordered
from composecheck.loading import load_project
from composecheck.loading.discover import discover
from composecheck.loading.findings import Findings
from composecheck.loading.options import Loaded, Options
from composecheck.model.project import Project
from composecheck.named import TYPE_CHECKING, NamedTuple
from composecheck.settings import Settings, settle
from composecheck.text.disk import Disk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from os import PathLike

    from composecheck.facts import Facts
    from composecheck.findings.diagnostic import Diagnostic, Fix
    from composecheck.lint.half import Half
    from composecheck.lint.suppression import Suppressed
    from composecheck.text.source import Source, Span

    # What an engine says of a project beforehand, None where it could not be asked.
    Live = Callable[[Facts], Iterable[Diagnostic] | None]

_SEVERITIES = ("error", "warning", "note")
# What a file has to hold for a comment in it to suppress anything.
_MARK = "composecheck:"


class Report(NamedTuple):
    """Everything that was found in a project, or in several, in order.

    A project of which nothing could be read is None. `owners` gives for each finding the number
    of its project; it is empty where there is only one. `suppressed` is what a comment or an
    exception keeps from being told; a rule that does not run has findings in neither.
    `exit_code` is that of a check: 1 for a finding as severe as the settings say, 2 for a wrong
    configuration. `settings` are those that decided, `facts` what the rules found out about a project.
    Where the files are half a project, `whole` are those that it is whole with, if they were found.
    `remarks` are what else there is to know of the check, a line each; `more` are files in the folders
    that were looked at which look like Compose files and belong to none of the projects. `options` are what
    one project was selected with.
    """

    projects: tuple[Project | None, ...]
    diagnostics: tuple[Diagnostic, ...]
    files: int
    owners: tuple[int, ...] = ()
    suppressed: tuple[Suppressed, ...] = ()
    exit_code: int = 0
    settings: Settings = Settings()
    facts: Facts | None = None
    whole: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    more: tuple[str, ...] = ()
    options: Options | None = None

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
    texts: Mapping[str | PathLike[str], str] = {},
) -> Report:
    """Return all that is wrong with a project; never raises for what is in a file.

    Without files, Compose's own are looked for from the current folder up. `config` is the path of
    a configuration or the settings themselves; by None the project's own is looked for, and
    `Settings()` is none. `texts` are read in place of what files hold, by their paths, as an editor has
    them before they are saved: of Compose files, `.env`, Dockerfiles, the configuration and all others.
    Raises UsageError for a path that does not exist. Of thousands of services, the command line takes a
    third off by switching the garbage collector off: that is left to the caller here.
    """
    options = options_of(
        files,
        name=name,
        profiles=profiles,
        env_files=env_files,
        project_directory=project_directory,
        environment=environment,
        texts=texts,
    )
    report = examine(options, config)
    return report if files else with_more(report)


def load(
    *files: str | PathLike[str],
    profiles: Sequence[str] = (),
    env_files: Sequence[str | PathLike[str]] = (),
    name: str | None = None,
    project_directory: str | PathLike[str] | None = None,
    environment: Mapping[str, str] | None = None,
    config: str | PathLike[str] | Settings | None = None,
    texts: Mapping[str | PathLike[str], str] = {},
) -> Project:
    """Return a project that docker compose accepts; LoadError with all findings where it does not.

    Takes what `check` takes, and raises UsageError as it does. Of the configuration only the
    generation of Docker Compose matters: what that refuses, no comment and no setting can mend.
    """
    options = options_of(
        files,
        name=name,
        profiles=profiles,
        env_files=env_files,
        project_directory=project_directory,
        environment=environment,
        texts=texts,
    )
    return accepted(options, config)[0]


def examine(
    options: Options,
    config: str | PathLike[str] | Settings | None = None,
    given: Settings | None = None,
    *,
    live: Live | None = None,
) -> Report:
    """Return everything that is wrong with a project, as far as its settings and comments let it be told.

    No rule is run where variables stand as they are written. `live` gives what an engine says of the
    project beforehand, None where it could not be asked.
    """
    return _of_its_own(
        options, config, given, lambda settings, options, loaded: _examined(settings, options, loaded, live)
    )


def with_more(report: Report) -> Report:
    """Return the report on a project, with what else in its folder looks like a Compose file."""
    project = report.project
    if project is None:
        return report
    folder = os.path.dirname(project.files[0].path)
    read = {os.path.basename(source.path) for source in (*project.files, *project.included)}
    names = [name for name in project.disk.names(folder) if "compose" in name and name not in read]
    if not any(name.endswith((".yml", ".yaml")) for name in names):
        return report
    from composecheck.lint.walk import alike

    real = {source.real for source in (*project.files, *project.included)}
    paths = [path for path in alike(folder, names, project.disk) if os.path.realpath(path) not in real]
    return report._replace(more=tuple(map(project.disk.shown, paths)))


def accepted(
    options: Options,
    config: str | PathLike[str] | Settings | None = None,
    given: Settings | None = None,
) -> tuple[Project, Report]:
    """Return a project that docker compose accepts; RefusedError with all that it refuses.

    This is the one door to whatever works on a project: no comment and no setting opens it. Of the
    settings only the generation of Docker Compose matters.
    """
    return _let_in(verdict(options, config, given))


def verdict(
    options: Options,
    config: str | PathLike[str] | Settings | None = None,
    given: Settings | None = None,
) -> Report:
    """Return what docker compose says of a project: it refuses one with an error."""
    return _of_its_own(options, config, given, _verdict)


def startable(
    options: Options,
    config: str | PathLike[str] | Settings | None = None,
    given: Settings | None = None,
) -> tuple[Project, Report]:
    """Return a project that is accepted and of which a check tells no error, and what it does tell.

    RefusedError with all that a check tells, and all that docker compose refuses, where there is an error.
    """
    return _let_in(_of_its_own(options, config, given, _judged))


def _judged(settings: Settings, options: Options, loaded: Loaded) -> Report:
    """Return what a check tells of a project, and what docker compose refuses of one that it may not take."""
    report = _examined(settings, options, loaded, None)
    if report.project is not None and report.project.accepted:
        return report
    errors = [d for d in _verdict(settings, options, loaded).diagnostics if d.severity == "error"]
    # Of two that are the same the later one stays, whatever severity the settings gave the first.
    return report._replace(diagnostics=ordered((*report.diagnostics, *errors)))


def require_accepted(project: Project) -> None:
    """Raise UsageError unless a project came through one of the doors, or a check found that it may."""
    if not isinstance(project, Project):
        raise UsageError(f"a Project is wanted, as 'load' returns one, and not {project!r}")
    if not project.accepted:
        raise UsageError(
            f"project '{project.name}' is not known to be one that docker compose accepts; "
            "'load' returns one that is, and tells what is wrong with it otherwise"
        )


def _let_in(report: Report) -> tuple[Project, Report]:
    """Return the project of a report without errors as an accepted one; RefusedError for another report."""
    project = report.project
    if project is None or report.count("error"):
        from composecheck.lint.refused import RefusedError

        raise RefusedError(report)
    # Where variables stand as they are written, no rule has been asked.
    project = project._replace(accepted=project.interpolated)
    return project, report._replace(projects=(project,))


def _of_its_own(
    options: Options,
    config: str | PathLike[str] | Settings | None,
    given: Settings | None,
    judge: Callable[[Settings, Options, Loaded], Report],
) -> Report:
    """Return what is said of a project, with no text but of files that are its own or that the user named."""
    if options.disk is None:
        options = options._replace(disk=Disk())
    try:
        settings, options, loaded = _load(options, config, given)
        report = judge(settings, options, loaded) if isinstance(loaded, Loaded) else loaded
    except UsageError as error:
        from composecheck.lint.foreign import sheltered_error

        raise sheltered_error(error, options) from None
    report = report._replace(options=options)
    if not report.diagnostics and not report.suppressed:
        return report
    if options.guessed:
        from composecheck.lint.guessed import cautious

        report = cautious(report, options)
    from composecheck.lint.foreign import sheltered

    return sheltered(report, options)


def _load(
    options: Options, config: str | PathLike[str] | Settings | None, given: Settings | None
) -> tuple[Settings, Options, Loaded | Report]:
    """Return the settings of a project, the options, and what is loaded.

    That is a Report where the configuration is wrong.
    """
    findings = Findings()
    # Where a configuration is named, it is what can be wrong first.
    selection = discover(options, findings) if config is None else None
    settings, wrong = settle(options, config, given, None if selection is None else selection.directory)
    if wrong:
        return settings, options, Report((None,), wrong, 1, exit_code=2)
    if settings.compose is not None:
        options = options._replace(compose=settings.compose)
    loaded = load_project(options, selection, findings)
    if loaded.project is not None and settings.images:
        loaded = loaded._replace(project=loaded.project._replace(families=settings.images))
    return settings, options, loaded


def _verdict(settings: Settings, options: Options, loaded: Loaded) -> Report:
    project, diagnostics = loaded
    if project is not None and project.interpolated:
        facts = _facts(project, settings, disabled=False)
        found = _new(loaded, _run(facts, loaded, refused_only=True))
        diagnostics = (*_explained(project, [*diagnostics, *found]),)
        part = _half(project, options, diagnostics)
        diagnostics = diagnostics if part is None else part.diagnostics
    return _report(project, _traced(project, diagnostics), _count(project, diagnostics))


def _half(project: Project, options: Options, diagnostics: Sequence[Diagnostic]) -> Half | None:
    """Return what there is to say of half a project, None where it is whole."""
    if not any(d.rule in LACKS and d.severity != "note" for d in diagnostics):
        return None
    from composecheck.lint.half import half

    return half(project, options, diagnostics)


def _examined(settings: Settings, options: Options, loaded: Loaded, live: Live | None) -> Report:
    project, diagnostics = loaded
    if project is not None and diagnostics:
        diagnostics = _mendable(project, diagnostics)
    if project is None:
        return _of_none(settings, diagnostics)
    if not project.interpolated:
        return _report(project, diagnostics, _count(project, diagnostics))
    off = [rule for rule in NEEDS if not settings.enabled(rule)]
    facts = _facts(project, settings)
    every = _explained(project, [*diagnostics, *_new(loaded, _run(facts, loaded, without=off))])
    every = [*_unless_said(every)]
    templates = _templates(project, every)
    if templates:
        return _of_none(settings, templates)
    complete = not any(diagnostic.severity == "error" for diagnostic in diagnostics)
    refused = any(d.severity == "error" and d.rule in REFUSED for d in every)
    if complete and not refused and REFUSED.isdisjoint(off):
        project = project._replace(accepted=True)
    part = _half(project, options, every)
    if part is not None:
        every, complete = [*part.diagnostics], False
    asked = live(facts) if live is not None and part is None else None
    if asked is not None:
        every = [each for each in every if not _decided(project, each)]
    every += asked or ()
    told, suppressed = _told(
        _traced(project, every), settings, project, complete=complete, live=asked is not None
    )
    report = _report(project, told, _count(project, diagnostics), suppressed, settings)
    return report._replace(facts=facts, whole=() if part is None else part.whole)


def _of_none(settings: Settings, diagnostics: Sequence[Diagnostic]) -> Report:
    """Return the report on files that are no project."""
    told, suppressed = _told(diagnostics, settings, None)
    return _report(None, told, _count(None, diagnostics), suppressed, settings)


def _templates(project: Project, found: Sequence[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Return what is to be said of files of which a Compose file is yet to be made."""
    if all(each.severity == "note" for each in found):
        return ()
    from composecheck.loading.kinds import template_of

    return tuple(each for source in project.files if (each := template_of(source, found)) is not None)


def _decided(project: Project, found: Diagnostic) -> bool:
    """Whether a finding is of a service that is started, and an engine decides it anew."""
    return found.rule in LIVE and found.service in project.services


def _mendable(project: Project, diagnostics: Sequence[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Return the findings of the loader, each with its fix, which is made when somebody asks for it."""

    def fix_of(diagnostic: Diagnostic) -> Fix | None:
        from composecheck.remedies.edits.loaded import fix_of

        return fix_of(diagnostic, project)

    return tuple(
        found._replace(fix=partial(fix_of, found)) if found.rule in MENDED else found for found in diagnostics
    )


def _facts(project: Project, settings: Settings, *, disabled: bool = True) -> Facts:
    from composecheck.facts import Facts

    return Facts(project, budget=settings.budget, disabled=disabled)


def _run(
    facts: Facts, loaded: Loaded, *, without: Iterable[str] = (), refused_only: bool = False
) -> Iterator[Diagnostic]:
    """Yield the findings of the rules, without those that a part which could not be read would mislead."""
    from composecheck.rules import run

    partial = any(diagnostic.rule in PARTIAL for diagnostic in loaded.diagnostics)
    return run(facts, without={*without, *(WHOLE if partial else ())}, refused_only=refused_only)


def _new(loaded: Loaded, found: Iterable[Diagnostic]) -> Iterator[Diagnostic]:
    """Yield findings, without those that follow from a value that is wrong already."""
    faults = {_place(diagnostic) for diagnostic in loaded.diagnostics if diagnostic.severity == "error"}
    raw: dict[tuple[str, int], list[Span]] = {}
    for span in loaded.project.raw if loaded.project is not None else ():
        for line in range(span.line, span.end_line + 1):
            raw.setdefault((span.source.real, line), []).append(span)
    for diagnostic in found:
        at = _place(diagnostic)
        if at not in faults and not any(one[1:3] <= at[1:] < one[3:5] for one in raw.get(at[:2], ())):
            yield diagnostic


def _explained(project: Project, diagnostics: list[Diagnostic]) -> list[Diagnostic]:
    """Return findings, each with the variable without a value that brings it about, where one does."""
    if not project.blanks or all(diagnostic.rule not in ON_VALUES for diagnostic in diagnostics):
        return diagnostics
    from composecheck.findings.blank import explained
    from composecheck.text.samples import settings

    return explained(ordered(diagnostics), project.blank, settings(project.folder, project.disk))


def _unless_said(diagnostics: Sequence[Diagnostic]) -> Iterator[Diagnostic]:
    """Yield findings without the notes on variables that an error in their very place is about."""
    unset = {_place(d) for d in diagnostics if d.rule == "unset-variable" and d.severity == "note"}
    told = {_place(d) for d in diagnostics if d.severity == "error"} & unset
    yield from (d for d in diagnostics if d.rule != "unset-variable" or _place(d) not in told)


def _traced(project: Project | None, diagnostics: Sequence[Diagnostic]) -> Sequence[Diagnostic]:
    """Return findings with where their values came from: anchors, variables, other files."""
    if project is None or not diagnostics:
        return diagnostics
    from composecheck.findings.provenance import traced

    return traced(project.node, diagnostics)


def _count(project: Project | None, diagnostics: Iterable[Diagnostic]) -> int:
    """Return how many files a project has; of one that cannot be read, how many are wrong."""
    if project is None:
        return len({diagnostic.span.source.real for diagnostic in diagnostics})
    return len(project.files) + len(project.included)


def live_report(project: Project, diagnostics: Iterable[Diagnostic], settings: Settings) -> Report:
    """Return the report of what an engine says of a project beforehand, by its settings and comments."""
    found = [*diagnostics]
    told, suppressed = _told(_traced(project, found), settings, project)
    # What is wrong with the comments themselves is told by a check.
    asked = {diagnostic.rule for diagnostic in found}
    told = [diagnostic for diagnostic in told if diagnostic.rule in asked]
    return _report(project, told, _count(project, told), suppressed, settings)


def _told(
    diagnostics: Sequence[Diagnostic],
    settings: Settings,
    project: Project | None,
    *,
    complete: bool = False,
    live: bool = False,
) -> tuple[Sequence[Diagnostic], tuple[Suppressed, ...]]:
    """Return the findings that the settings and the comments of the files let be told, and the others."""
    sources: Iterable[Source] = (
        (*project.files, *project.included)
        if project is not None
        else {found.span.source.real: found.span.source for found in diagnostics}.values()
    )
    dockerfiles = project.builds.dockerfiles if project is not None else ()
    comments = (
        [source for source in sources if _MARK in source.text],
        [dockerfile for dockerfile in dockerfiles if _MARK in dockerfile.text],
    )
    if not any(comments) and not settings.hides:
        return diagnostics, ()
    from composecheck.lint.filtering import filtered

    return filtered(diagnostics, settings, project, comments, complete=complete, live=live)


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
    return span.source.real, span.line, span.column


def options_of(
    files: Sequence[str | PathLike[str]],
    *,
    name: str | None,
    profiles: Sequence[str],
    env_files: Sequence[str | PathLike[str]],
    project_directory: str | PathLike[str] | None,
    environment: Mapping[str, str] | None,
    texts: Mapping[str | PathLike[str], str] = {},
) -> Options:
    """Return what `check`, `load` and `Stack` are asked for, as the loader takes it."""
    return Options(
        files=tuple(str(file) for file in files),
        name=name,
        env_files=tuple(str(file) for file in env_files),
        profiles=tuple(profiles),
        project_directory=None if project_directory is None else str(project_directory),
        environment=environment,
        disk=Disk(texts),
    )
