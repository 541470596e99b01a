"""What is said of files that are half a project, such as an override without its base."""

from __future__ import annotations

import os

from composecheck.findings.catalogue import ELSEWHERE, LACKS
from composecheck.findings.diagnostic import sort_key
from composecheck.lint.bases import DEFINITIONS, extended_here, is_placed_above, rest
from composecheck.loading.discover import FILES, looks_like_compose
from composecheck.loading.strays import among_services
from composecheck.named import TYPE_CHECKING, NamedTuple
from composecheck.text.spelling import listed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from composecheck.findings.diagnostic import Diagnostic, Severity
    from composecheck.lint.bases import Rest
    from composecheck.loading.options import Options
    from composecheck.model.project import Project
    from composecheck.text.disk import Disk

_CONFIGURE = "or name both in 'projects' of the configuration"


class Half(NamedTuple):
    """What remains to be said of half a project, and the files that it can be checked with, in their order.

    There are none where nothing beside it has the rest; of a file that another one includes or extends
    it is that one alone.
    """

    diagnostics: tuple[Diagnostic, ...]
    whole: tuple[str, ...]


def half(project: Project, options: Options, found: Sequence[Diagnostic]) -> Half | None:
    """Return what to say of files that are half a project, None for all others; `found` is all that is wrong.

    All that follows from the other half's absence is one finding.
    """
    paths = tuple(source.path for source in project.files)
    if not all(map(os.path.isabs, paths)):  # standard input has nothing beside it
        return None
    usual = os.path.basename(paths[0]) in FILES
    serious = sorted((d for d in found if d.severity != "note"), key=sort_key)
    unset = [d for d in serious if d.rule == "missing-image" and project.blank(d.span)]
    serious = [d for d in serious if d not in unset]  # that a variable has no value is no other file's matter
    lacking = [d for d in serious if d.rule in DEFINITIONS]
    if not lacking:
        return _perhaps(project, options, found, serious, usual=usual)
    if any(among_services(d.service or "") for d in lacking if d.rule == "missing-image"):
        return None
    imageless = {d.service for d in lacking if d.rule == "missing-image"}
    defined = project.services.keys() | project.disabled.keys()
    other = rest(project, options, lacking, usual=usual)
    if other is None and not _surely(paths[0], lacking, len(imageless), len(defined)):
        return None
    # What a file is to have beside it is not there, but where the first file is.
    hidden = ("definition",) if other is not None and other.beside else ("definition", "file")
    kept = (d for d in found if d.rule in ELSEWHERE and LACKS.get(d.rule) not in hidden)
    return Half((*kept, *unset, _finding(project, lacking, other)), _whole(paths, other))


def _perhaps(
    project: Project,
    options: Options,
    found: Sequence[Diagnostic],
    serious: Sequence[Diagnostic],
    *,
    usual: bool,
) -> Half | None:
    """Return what to say of files that define all that they use, and yet lack something that others have.

    A service's host may be another file's; and what is built or mounted may lie where that file is. Of a file
    with a usual name it takes one that defines none of its services. A build that says no context has that of
    the file that it overrides.
    """
    placed = is_placed_above(project)
    built = [] if usual else [d for d in serious if d.rule == "missing-dockerfile" and _is_part(project, d)]
    lacking = built or [d for d in serious if LACKS.get(d.rule) == ("path" if placed else "host")]
    if not lacking:
        return None
    placed = placed or bool(built)
    other = rest(project, options, lacking, usual=usual and placed, apart=usual and not placed)
    if other is None or other.left or other.choices:
        return None
    hidden = ("path", "file") if placed else ("host",)
    kept = (d for d in found if LACKS.get(d.rule) not in hidden)
    paths = tuple(source.path for source in project.files)
    return Half((*kept, _finding(project, lacking, other)), _whole(paths, other))


def _is_part(project: Project, found: Diagnostic) -> bool:
    """Whether what is found is of a service whose build says no context."""
    service = project.services.get(found.service or "")
    return service is not None and service.build is not None and not service.build.says("context")


def _finding(project: Project, lacking: Sequence[Diagnostic], other: Rest | None) -> Diagnostic:
    paths = tuple(source.path for source in project.files)
    name = project.files[0].shown
    severity: Severity = "error" if any(d.severity == "error" for d in lacking) else "warning"
    if other is not None and other.left:
        said = _own_bases(project, paths, other) or _left(name, paths, other, project.disk)
        return said._replace(severity=severity)
    first = next((d for d in lacking if d.rule == "missing-image"), lacking[0])
    return first._replace(
        severity=severity,
        message=f"'{name}' is half a project: {_said(lacking)}",
        remedy=_remedy(paths, other, project.disk, imageless=first.rule == "missing-image"),
        fix=None,
    )


def _whole(paths: tuple[str, ...], other: Rest | None) -> tuple[str, ...]:
    """Return the files that others can be checked with."""
    if other is None or other.left or not other.files or not (other.beside or other.reads):
        return ()
    return other.files if other.reads else (*other.files, *paths)


def _surely(path: str, lacking: Sequence[Diagnostic], imageless: int, services: int) -> bool:
    """Return whether a file is half a project although the other half is not found.

    That is where half of the services have no image, of a file with a usual name all, or some where other
    things are not defined either; in `docker-compose.prod.yml` and its like one is enough, or things of two
    kinds that are not defined, none of which is a slip of the pen.
    """
    name = os.path.basename(path)
    slips = any(d.remedy.startswith("did you mean") for d in lacking)
    several = len({d.rule for d in lacking}) > 1 and not slips
    if name in FILES:
        return imageless > 0 and (several or imageless == services)
    if imageless and 2 * imageless >= services:
        return True
    return looks_like_compose(name) and (imageless > 0 or several)


def _said(lacking: Sequence[Diagnostic]) -> str:
    """Return what the other half would have."""
    imageless = [d.service or "" for d in lacking if d.rule == "missing-image"]
    if len(imageless) == 1:
        return f"service '{imageless[0]}' has neither an image nor a build"
    if imageless:
        who = f"services {listed(imageless)}" if len(imageless) < 4 else f"{len(imageless)} services"
        return f"{who} have neither an image nor a build"
    return lacking[0].message + (f", and {len(lacking) - 1} more like it" if len(lacking) > 1 else "")


def _left(name: str, paths: Sequence[str], other: Rest, disk: Disk) -> Diagnostic:
    """Return what is said of a file that lacks something even with its base."""
    base = listed([disk.shown(path) for path in other.files])
    return other.left[0]._replace(
        message=f"'{name}' is half a project: even with {base} before it, {_said(other.left)}",
        remedy=f"give {base} before it ({_given((*other.files, *paths), disk)}), and define what is left, "
        f"or give what else it overrides, {_CONFIGURE.replace('both', 'all')}",
    )


def _own_bases(project: Project, paths: Sequence[str], other: Rest) -> Diagnostic | None:
    """Return what is said where all that is left are services that extend one of their own half file.

    `extends` without a file finds its service in its own one alone, before any files are put together.
    """
    names = [d.service for d in other.left if d.rule == "missing-image"]
    left = [project.services[name] for name in names if name in project.services]
    found = [extended_here(service) for service in left]
    bases = [base for base in found if base is not None and base[0] not in names]
    if not bases or len(bases) < len(other.left):
        return None
    base, span = bases[0]
    shown, file = project.disk.shown(other.files[0]), os.path.dirname(span.source.path)
    file = os.path.relpath(other.files[0], file)
    return other.left[0]._replace(
        span=span,
        message=f"service '{left[0].name}' extends '{base}' of its own file, '{span.source.shown}', where "
        "that has neither an image nor a build; what other files add to it comes too late",
        remedy=f"name the file that has it, 'extends: {{file: {file}, service: {base}}}', and give '{shown}' "
        f"first: {_given((*other.files, *paths), project.disk)}",
        service=left[0].name,
    )


def _remedy(paths: Sequence[str], other: Rest | None, disk: Disk, *, imageless: bool) -> str:
    """Return which files to give."""
    if other is None:
        alone = "write 'image:' or 'build:'" if imageless else "define them"
        return (
            f"give the file that it overrides before it: -f ... {_given(paths, disk)}, {_CONFIGURE}; "
            f"if it is meant to be whole, {alone}"
        )
    if other.choices:
        names = listed([disk.shown(path) for path in other.choices], "or")
        return f"give the file that it overrides before it, {names}, {_CONFIGURE}"
    names = listed([disk.shown(path) for path in other.files])
    if other.reads:
        return f"check {names}, which reads it"
    more = "" if other.beside else f", {_CONFIGURE}"
    return f"give {names} before it: {_given((*other.files, *paths), disk)}{more}"


def _given(paths: Sequence[str], disk: Disk) -> str:
    return " ".join(f"-f {disk.shown(path)}" for path in paths)
