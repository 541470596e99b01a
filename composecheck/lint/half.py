"""Files that are half a project, such as an override without its base, and the files that make it whole."""

from __future__ import annotations

import os
import re

from composecheck.errors import UsageError
from composecheck.facts import Facts
from composecheck.findings.catalogue import ELSEWHERE, NEEDS
from composecheck.findings.diagnostic import sort_key
from composecheck.loading import load_project
from composecheck.loading.discover import FILES, looks_like_compose
from composecheck.named import TYPE_CHECKING, NamedTuple
from composecheck.rules import run
from composecheck.text.spelling import listed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from composecheck.findings.diagnostic import Diagnostic
    from composecheck.loading.options import Options
    from composecheck.model.project import Project
    from composecheck.text.disk import Disk

# What a file does not have that another one may.
LACKS = frozenset(
    (
        *("empty-project", "missing-image"),
        *("undefined-config", "undefined-dependency", "undefined-link", "undefined-model"),
        *("undefined-namespace", "undefined-network", "undefined-secret", "undefined-volume"),
        "undefined-volumes-from",
    )
)
_OTHERS = tuple(rule for rule in NEEDS if rule not in LACKS)
# What depends on the folder of the first file, which is not there.
_BESIDE = ("missing-env-file", "missing-file")
_BASES = frozenset(("base", "common", "core", "default", "main", "shared"))
_EXTENSIONS = (".yml", ".yaml")
# A folder may have any number of files, and each takes a load.
_MAX_TRIED = 12


class Half(NamedTuple):
    """What remains to be said of half a project, and the files that it is whole with, in their order.

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
    imageless = [d.service or "" for d in lacking if d.rule == "missing-image"]
    defined = project.services.keys() | project.disabled.keys()
    # That one service has no image is a mistake in a file of a usual name; that none has is not.
    if os.path.basename(paths[0]) in FILES and not (imageless and defined <= set(imageless)):
        return None
    whole = _whole(project, options, len(lacking))
    if not whole and not _surely(paths[0], lacking, len(imageless), len(defined)):
        return None
    loaded = (
        d for d in found if d.rule in ELSEWHERE and d.rule not in LACKS and (whole or d.rule not in _BESIDE)
    )
    first = next((d for d in lacking if d.rule == "missing-image"), lacking[0])
    finding = first._replace(
        severity="error" if any(d.severity == "error" for d in lacking) else "warning",
        message=f"'{project.files[0].shown}' is half a project: {_said(first, imageless, len(lacking))}",
        remedy=_remedy(paths, whole, project.disk, imageless=bool(imageless)),
    )
    return Half((*loaded, finding), whole)


def _surely(path: str, lacking: Sequence[Diagnostic], imageless: int, services: int) -> bool:
    """Return whether a file is half a project although the other half is not found.

    That is where half of the services have no image; in `docker-compose.prod.yml` and its like one is enough,
    or things of two kinds that are not defined, none of which is a slip of the pen.
    """
    if imageless and 2 * imageless >= services:
        return True
    slips = any(d.remedy.startswith("did you mean") for d in lacking)
    return _is_variant(path) and (imageless > 0 or (len({d.rule for d in lacking}) > 1 and not slips))


def _is_variant(path: str) -> bool:
    """Whether a file is by its name one of several Compose files of a folder: `docker-compose.prod.yml`."""
    name = os.path.basename(path)
    return name not in FILES and looks_like_compose(name)


def _said(first: Diagnostic, imageless: Sequence[str], number: int) -> str:
    """Return what the other half would have."""
    if len(imageless) == 1:
        return f"service '{imageless[0]}' has neither an image nor a build"
    if imageless:
        who = f"services {listed(imageless)}" if len(imageless) < 4 else f"{len(imageless)} services"
        return f"{who} have neither an image nor a build"
    return first.message + (f", and {number - 1} more like it" if number > 1 else "")


def _remedy(paths: Sequence[str], whole: Sequence[str], disk: Disk, *, imageless: bool) -> str:
    """Return which files to give."""
    own = " ".join(f"-f {disk.shown(path)}" for path in paths)
    if not whole:
        alone = "write 'image:' or 'build:'" if imageless else "define them"
        return (
            f"give the file that it overrides before it: -f ... {own}, or name both in 'projects' of the "
            f"configuration; if it is meant to be whole, {alone}"
        )
    names = listed([disk.shown(path) for path in whole if path not in paths])
    if not set(paths) <= set(whole):
        return f"check {names}, which reads it"
    return f"give {names} before it: {' '.join(f'-f {disk.shown(path)}' for path in whole)}"


def _whole(project: Project, options: Options, lacking: int) -> tuple[str, ...]:
    """Return the files that a project is whole with; none where nothing beside it has half of the rest."""
    paths = tuple(source.path for source in project.files)
    ours = frozenset(source.real for source in project.files)
    most = 0
    closest: tuple[str, ...] = ()
    for base in _bases(paths, project.disk):
        loaded = _loaded((*base, *paths), options)
        if loaded is None:
            continue
        together, found = loaded
        if not ours.isdisjoint(source.real for source in together.included):
            return base
        had = lacking - sum(d.rule in LACKS and d.span.source.real in ours for d in found)
        if had == lacking:
            return (*base, *paths)
        if had > most and _is_kin(base[0], paths[0]):
            most, closest = had, (*base, *paths)
    return closest if 2 * most >= lacking else ()


def _loaded(files: tuple[str, ...], options: Options) -> tuple[Project, list[Diagnostic]] | None:
    """Return a project of files, and what Compose refuses of it; None where nothing can be read."""
    try:
        project, diagnostics, _ = load_project(options._replace(files=files))
    except UsageError:
        return None
    if project is None:
        return None
    found = run(Facts(project), without=_OTHERS, refused_only=True)
    return project, [d for d in (*diagnostics, *found) if d.severity != "note"]


def _bases(paths: Sequence[str], disk: Disk) -> Iterator[tuple[str, ...]]:
    """Yield what may go before a file, the likeliest first: all lies beside it."""
    folder, name = os.path.split(paths[0])
    given = {os.path.basename(path) for path in paths}
    there = [one for one in disk.names(folder) if one.endswith(_EXTENSIONS) and one not in given]
    above = [f"{stem}{extension}" for stem in _stems(name) for extension in _EXTENSIONS]
    kin = [one for one in above if one in there]
    tried: dict[tuple[str, ...], None] = {(one,): None for one in kin}
    if len(kin) > 1:
        tried[tuple(reversed(kin))] = None
    if name not in FILES:
        tried |= {(one,): None for one in FILES if one in there}
    tried |= {(one,): None for one in there if _words(one)[-1] in _BASES}
    if name not in FILES:
        tried |= {(one,): None for one in there if looks_like_compose(one)}
    for names in list(tried)[:_MAX_TRIED]:
        yield tuple(os.path.join(folder, one) for one in names)


def _is_kin(base: str, path: str) -> bool:
    """Whether a file is by its name one that another is over."""
    name, stem = os.path.basename(base), os.path.splitext(os.path.basename(base))[0]
    return name in FILES or stem in _stems(os.path.basename(path))


def _stems(name: str) -> list[str]:
    """Return the names that a file's name begins with, the longest first: "compose.prod", "compose"."""
    stem = os.path.splitext(name)[0]
    return [stem[: match.start()] for match in reversed([*re.finditer(r"[._-]", stem)]) if match.start()]


def _words(name: str) -> list[str]:
    return re.split(r"[._-]", os.path.splitext(name)[0].lower())
