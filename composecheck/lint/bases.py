"""The files that half a project may belong to: tried by loading them with it, the likeliest first."""

from __future__ import annotations

import os
import re

from composecheck.errors import SourceError, UsageError
from composecheck.facts import Facts
from composecheck.findings.catalogue import LACKS, NEEDS
from composecheck.findings.diagnostic import sort_key
from composecheck.lint.mentions import mentioned
from composecheck.loading import load_project
from composecheck.loading.discover import FILES, OVERRIDES, looks_like_compose
from composecheck.named import TYPE_CHECKING, NamedTuple
from composecheck.rules import run
from composecheck.text.disk import is_within

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from composecheck.findings.diagnostic import Diagnostic
    from composecheck.loading.options import Options
    from composecheck.model.project import Project, Service
    from composecheck.text.disk import Disk
    from composecheck.text.node import Origin
    from composecheck.text.source import Span

DEFINITIONS = frozenset(rule for rule, lack in LACKS.items() if lack == "definition")
_BASES = frozenset(("base", "common", "core", "default", "main", "shared"))
_EXTENSIONS = (".yml", ".yaml")
# A folder may have any number of files, and each takes two loads.
_MAX_TRIED = 12
_MAX_ABOVE = 5
_SEVERAL = 2  # things that are lacking, from which on several files may have them
_MAX_BYTES = 1_000_000


class Rest(NamedTuple):
    """Files that have what others lack, as absolute paths in their order.

    `reads` says that they include or extend the others; `left` is what these lack even so, and `choices`
    files each of which would do, where there is more than one.
    """

    files: tuple[str, ...]
    beside: bool = True
    reads: bool = False
    left: tuple[Diagnostic, ...] = ()
    choices: tuple[str, ...] = ()


class _Candidate(NamedTuple):
    """Files to try; `kin` says that their names, or where they are, make them likely."""

    files: tuple[str, ...]
    kin: bool
    beside: bool = True


def rest(
    project: Project, options: Options, lacking: Sequence[Diagnostic], *, usual: bool, apart: bool = False
) -> Rest | None:
    """Return the files that have what a project's files lack; None where none has at least half of it.

    `usual` says that these have a name that docker compose finds by itself: then nothing overrides it by its
    name, and a part of the rest proves nothing. What is `apart` defines none of their services.
    """
    wanted = DEFINITIONS.union(found.rule for found in lacking)
    # What is only tried belongs to no report: nothing of it is told, and it keeps nothing from being told.
    disk = project.disk.over({})
    options = options._replace(disk=disk)
    paths = tuple(source.path for source in project.files)
    ours = frozenset(source.real for source in project.files)
    parts = frozenset(source.real for source in project.included) if apart else frozenset()
    closest: Rest | None = None
    others: list[Rest] = []
    parts_beside: list[str] = []
    for candidate in _candidates(paths, disk, usual=usual):
        readable = all(
            os.path.realpath(path) not in parts and _is_readable(path, disk) for path in candidate.files
        )
        alone = _loaded(candidate.files, options, wanted) if readable else None
        if alone is None:
            continue
        if not ours.isdisjoint(source.real for source in alone[0].included):
            return Rest(candidate.files, candidate.beside, reads=True)
        if not _may_be_base(*alone, project, apart=apart):
            continue
        if candidate.beside and len(candidate.files) == 1 and _is_disjoint(project, alone[0]):
            parts_beside.append(candidate.files[0])
        together = _loaded((*candidate.files, *paths), options, wanted)
        if together is None:
            continue
        left = tuple(d for d in together[1] if d.span.source.real in ours)
        found = Rest(candidate.files, candidate.beside, left=left)
        if not left and candidate.kin:
            return found
        if not left:
            others.append(found)
        elif candidate.kin and not usual and 2 * len(left) <= len(lacking):
            closest = found if closest is None or len(left) < len(closest.left) else closest
    if len(others) > 1:
        return closest or Rest((), choices=tuple(one.files[0] for one in others))
    if others or usual or len(lacking) < _SEVERAL:
        return others[0] if others else closest
    return _several(paths, parts_beside, options, lacking) or closest


def _may_be_base(base: Project, lacking: Sequence[Diagnostic], project: Project, *, apart: bool) -> bool:
    """Whether a project is no half one itself; what is to be `apart` defines no service of the other."""
    if any(d.rule == "missing-image" for d in lacking):
        return False
    return not apart or base.services.keys().isdisjoint(project.services)


def _is_disjoint(project: Project, other: Project) -> bool:
    """Whether two projects have no service of which both say what it runs."""
    same = project.services.keys() & other.services.keys()
    return all(project.services[name].image is None and project.services[name].build is None for name in same)


def _several(
    paths: tuple[str, ...], parts: Sequence[str], options: Options, lacking: Sequence[Diagnostic]
) -> Rest | None:
    """Return several files that together have what others lack, each of them some of it; None for none."""
    wanted = DEFINITIONS.union(found.rule for found in lacking)
    ours = {os.path.realpath(path) for path in paths}
    chosen: tuple[str, ...] = ()
    most = len(lacking)
    for part in parts:
        together = _loaded((*chosen, part, *paths), options, wanted)
        left = [d for d in together[1] if d.span.source.real in ours] if together is not None else lacking
        if len(left) < most:
            chosen, most = (*chosen, part), len(left)
        if not left:
            return Rest(chosen)
    return None


def is_placed_above(project: Project) -> bool:
    """Return whether what a project builds from or mounts is where a project in a folder above has it.

    There `docker compose` looks for it where that project's file is given first.
    """
    disk, folder = project.disk.over({}), project.folder
    inside = os.path.join(folder, "")
    paths = {service.build.context for service in project.services.values() if service.build is not None}
    paths |= {
        m.source or "" for service in project.services.values() for m in service.mounts if m.type == "bind"
    }
    missing = [
        path.removeprefix(inside) for path in paths if path.startswith(inside) and not disk.exists(path)
    ]
    return bool(missing) and any(
        all(disk.exists(os.path.join(above, path)) for path in missing)
        for above in _above(folder, disk)
        if not set(FILES).isdisjoint(disk.names(above))
    )


def extended_here(service: Service) -> tuple[str, Span] | None:
    """Return the service of its own file that one extends, and where that is written; None for none."""
    for each in service.origins():
        origin: Origin | None = each
        while origin is not None:
            if origin.kind == "extends":
                name = re.fullmatch(r"""(?:\{?\s*service:\s*)?["']?([\w.-]+)["']?\s*\}?""", origin.span.text)
                return (name[1], origin.span) if name is not None else None
            origin = origin.before
    return None


def _is_readable(path: str, disk: Disk) -> bool:
    """Whether a file can be tried: no pipe, and not much larger than Compose files are."""
    if not disk.is_file(path):
        return False
    try:
        disk.read(path, limit=_MAX_BYTES)
    except SourceError:
        return False
    return True


def _loaded(
    files: tuple[str, ...], options: Options, wanted: frozenset[str]
) -> tuple[Project, list[Diagnostic]] | None:
    """Return a project of files, and what it lacks; None where nothing can be read."""
    try:
        project, diagnostics = load_project(options._replace(files=files))
    except UsageError:
        return None
    if project is None:
        return None
    found = run(Facts(project), without=NEEDS.keys() - wanted, refused_only=wanted <= DEFINITIONS)
    lacking = (
        d
        for d in (*diagnostics, *found)
        if d.rule in wanted
        and d.severity != "note"
        and not (d.rule == "missing-image" and project.blank(d.span))
    )
    return project, sorted(lacking, key=sort_key)


def _candidates(paths: tuple[str, ...], disk: Disk, *, usual: bool) -> Iterator[_Candidate]:
    folder, name = os.path.split(paths[0])
    given = {os.path.basename(path) for path in paths}
    there = [one for one in disk.names(folder) if one.endswith(_EXTENSIONS) and one not in given]
    kin = [
        one for stem in _stems(name) for extension in _EXTENSIONS if (one := f"{stem}{extension}") in there
    ]
    for files in mentioned(paths[0], _above(folder, disk), disk):
        others = tuple(one for one in files if one not in paths)
        if others:
            yield _Candidate(others, kin=True, beside=os.path.dirname(others[0]) == folder)
    tried: dict[tuple[str, ...], bool] = {(one,): True for one in kin}
    if len(kin) > 1:
        tried[tuple(reversed(kin))] = True
    if not usual:
        tried |= dict.fromkeys(_default(there), True)
    tried |= {(one,): True for one in there if _words(one)[-1] in _BASES}
    if not usual:
        tried = {(one,): False for one in there if looks_like_compose(one)} | tried
        tried = dict(sorted(tried.items(), key=lambda item: not item[1]))
    for names, likely in list(tried.items())[:_MAX_TRIED]:
        yield _Candidate(tuple(os.path.join(folder, one) for one in names), likely)
    for above in _above(folder, disk):
        for names in _default(disk.names(above)):
            yield _Candidate(tuple(os.path.join(above, one) for one in names), kin=True, beside=False)


def _default(names: list[str]) -> Iterator[tuple[str, ...]]:
    """Yield what docker compose finds among the files of a folder: the base, and with its override."""
    base, override = (next((one for one in usual if one in names), None) for usual in (FILES, OVERRIDES))
    if base is not None:
        yield (base,)
        if override is not None:
            yield (base, override)


def _above(folder: str, disk: Disk) -> list[str]:
    """Return the folders above one, up to the root of the repository or, in none, the current folder."""
    top = disk.repository(folder) or disk.folder
    folders: list[str] = []
    while top and folder != top and is_within(folder, top) and len(folders) < _MAX_ABOVE:
        folder = os.path.dirname(folder)
        folders.append(folder)
    return folders


def _stems(name: str) -> list[str]:
    """Return the names that a file's name begins with, the longest first: "compose.prod", "compose"."""
    stem = os.path.splitext(name)[0]
    return [stem[: match.start()] for match in reversed([*re.finditer(r"[._-]", stem)]) if match.start()]


def _words(name: str) -> list[str]:
    return re.split(r"[._-]", os.path.splitext(name)[0].lower())
