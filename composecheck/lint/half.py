"""What is said of files that are half a project, such as an override without its base."""

from __future__ import annotations

import os

from composecheck.findings.catalogue import ELSEWHERE
from composecheck.findings.diagnostic import sort_key
from composecheck.lint.bases import LACKS, rest
from composecheck.loading.discover import FILES, looks_like_compose
from composecheck.named import TYPE_CHECKING, NamedTuple
from composecheck.text.spelling import listed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from composecheck.findings.diagnostic import Diagnostic, Severity
    from composecheck.lint.bases import Rest
    from composecheck.loading.options import Options
    from composecheck.model.project import Project
    from composecheck.text.disk import Disk

# What depends on the folder of the first file, which is not there.
_BESIDE = ("missing-env-file", "missing-file")
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
    lacking = sorted((d for d in found if d.rule in LACKS and d.severity != "note"), key=sort_key)
    paths = tuple(source.path for source in project.files)
    if not lacking or not all(map(os.path.isabs, paths)):  # standard input has nothing beside it
        return None
    imageless = {d.service for d in lacking if d.rule == "missing-image"}
    defined = project.services.keys() | project.disabled.keys()
    usual = os.path.basename(paths[0]) in FILES
    other = rest(project, options, len(lacking), usual=usual)
    if other is None and not _surely(paths[0], lacking, len(imageless), len(defined)):
        return None
    keep = other is not None and other.beside
    loaded = (
        d for d in found if d.rule in ELSEWHERE and d.rule not in LACKS and (keep or d.rule not in _BESIDE)
    )
    name = project.files[0].shown
    if other is not None and other.left:
        finding = _left(name, paths, other, project.disk)
    else:
        first = next((d for d in lacking if d.rule == "missing-image"), lacking[0])
        finding = first._replace(
            message=f"'{name}' is half a project: {_said(lacking)}",
            remedy=_remedy(paths, other, project.disk, imageless=bool(imageless)),
        )
    severity: Severity = "error" if any(d.severity == "error" for d in lacking) else "warning"
    whole: tuple[str, ...] = ()
    if other is not None and other.files and not other.left and (other.beside or other.reads):
        whole = other.files if other.reads else (*other.files, *paths)
    return Half((*loaded, finding._replace(severity=severity)), whole)


def _surely(path: str, lacking: Sequence[Diagnostic], imageless: int, services: int) -> bool:
    """Return whether a file is half a project although the other half is not found.

    That is where half of the services have no image, of a file with a usual name all; in
    `docker-compose.prod.yml` and its like one is enough, or things of two kinds that are not defined, none of
    which is a slip of the pen.
    """
    name = os.path.basename(path)
    if name in FILES:
        return imageless == services > 0
    if imageless and 2 * imageless >= services:
        return True
    slips = any(d.remedy.startswith("did you mean") for d in lacking)
    kinds = {d.rule for d in lacking}
    return looks_like_compose(name) and (imageless > 0 or (len(kinds) > 1 and not slips))


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
